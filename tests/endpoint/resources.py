"""Identify."""

from soap import NS

PROFILES = "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/"


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
