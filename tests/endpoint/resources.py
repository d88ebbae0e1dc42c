"""Identify, and the configuration as cfg: XML."""

from soap import NS, xml_text

CONFIG = "http://schemas.microsoft.com/wbem/wsman/1/config"
PROFILES = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/"
SDDL = "O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)"


def identify(config, authenticated):
    """Return the envelope of an IdentifyResponse."""
    version = "OS: 0.0.0 SP: 0.0 Stack: 3.0"
    profiles = ""
    if authenticated:
        version = "OS: %s SP: 0.0 Stack: 3.0" % config.os_version
        names = []
        if config.basic:
            names = ["https/basic"]
            if config.allow_unencrypted:
                names.insert(0, "http/basic")
        profiles = ("<wsmid:SecurityProfiles>%s</wsmid:SecurityProfiles>"
                    % "".join("<wsmid:SecurityProfileName>%s%s"
                              "</wsmid:SecurityProfileName>" % (PROFILES, n)
                              for n in names))
    return ('<s:Envelope xml:lang="en-US" xmlns:s="%s"><s:Header/><s:Body>'
            '<wsmid:IdentifyResponse xmlns:wsmid="%s">'
            "<wsmid:ProtocolVersion>%s</wsmid:ProtocolVersion>"
            "<wsmid:ProductVendor>Microsoft Corporation"
            "</wsmid:ProductVendor>"
            "<wsmid:ProductVersion>%s</wsmid:ProductVersion>%s"
            "</wsmid:IdentifyResponse></s:Body></s:Envelope>"
            % (NS["s"], NS["wsmid"], NS["w"], version, profiles))


def config_tree(config):
    """Return the whole configuration as nested dicts."""
    ports = {"HTTP": 5985, "HTTPS": 5986}
    client = {
        "NetworkDelayms": 5000, "URLPrefix": "wsman",
        "AllowUnencrypted": False,
        "Auth": {"Basic": True, "Digest": True, "Kerberos": True,
                 "Negotiate": True, "Certificate": True, "CredSSP": False},
        "DefaultPorts": ports, "TrustedHosts": ""}
    service = {
        "RootSDDL": SDDL, "MaxConcurrentOperations": 4294967295,
        "MaxConcurrentOperationsPerUser": config.max_operations_per_user,
        "EnumerationTimeoutms": 240000,
        "MaxConnections": config.max_connections,
        "MaxPacketRetrievalTimeSeconds": config.packet_timeout,
        "AllowUnencrypted": config.allow_unencrypted,
        "Auth": {"Basic": config.basic, "Kerberos": False,
                 "Negotiate": config.offer_negotiate, "Certificate": False,
                 "CredSSP": False, "CbtHardeningLevel": "Relaxed"},
        "DefaultPorts": ports, "IPv4Filter": "*", "IPv6Filter": "*",
        "EnableCompatibilityHttpListener": False,
        "EnableCompatibilityHttpsListener": False,
        "CertificateThumbprint": "", "AllowRemoteAccess": True}
    winrs = {
        "AllowRemoteShellAccess": True, "IdleTimeout": config.idle_timeout,
        "MaxConcurrentUsers": 2147483647, "MaxShellRunTime": 2147483647,
        "MaxProcessesPerShell": config.max_processes_per_shell,
        "MaxMemoryPerShellMB": 2147483647,
        "MaxShellsPerUser": config.max_shells_per_user}
    return {"MaxEnvelopeSizekb": config.max_envelope_kb,
            "MaxTimeoutms": config.operation_timeout_max,
            "MaxBatchItems": 32000, "MaxProviderRequests": 4294967295,
            "Client": client, "Service": service, "Winrs": winrs}


# Resource URI: (name of the root element, path into the tree)
CONFIG_URIS = {CONFIG: ("Config", ()), CONFIG + "/winrs": ("Winrs",
                                                           ("Winrs",))}
for _side in ("Client", "Service"):
    _uri = "%s/%s" % (CONFIG, _side.lower())
    CONFIG_URIS[_uri] = (_side, (_side,))
    CONFIG_URIS[_uri + "/auth"] = ("Auth", (_side, "Auth"))
    CONFIG_URIS[_uri + "/defaultports"] = ("DefaultPorts",
                                           (_side, "DefaultPorts"))


def config_xml(uri, config):
    """Return the configuration element of a resource URI."""
    name, path = CONFIG_URIS[uri]
    tree = config_tree(config)
    for step in path:
        tree = tree[step]
    return '<cfg:%s xmlns:cfg="%s">%s</cfg:%s>' % (name, uri, _xml(tree),
                                                   name)


def _xml(tree):
    parts = []
    for name, value in tree.items():
        if isinstance(value, dict):
            text = _xml(value)
        elif isinstance(value, bool):
            text = "true" if value else "false"
        else:
            text = xml_text(value)
        parts.append("<cfg:%s>%s</cfg:%s>" % (name, text, name))
    return "".join(parts)
