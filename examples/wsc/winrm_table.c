/* What winrm.cmd takes, and what that is here. */
#include "winrm.h"

#include <string.h>
#include <strings.h>

#define LISTS   CMD_ENUMERATE
#define CHANGES CMD_CHANGES
#define REMOTE  (CMD_VERBS | CMD_IDENTIFY)

const struct winrm_verb winrm_verbs[] = {
    { { "get", "g" }, CMD_GET, "RESOURCE [SWITCH...]", "read a resource" },
    { { "set", "s" }, CMD_SET, "RESOURCE @{NAME=\"value\";...} [SWITCH...]", "change a resource" },
    { { "create", "c" },
      CMD_CREATE,
      "RESOURCE @{NAME=\"value\";...} [SWITCH...]",
      "make a resource" },
    { { "delete", "d" }, CMD_DELETE, "RESOURCE [SWITCH...]", "remove a resource" },
    { { "enumerate", "enum", "e" }, CMD_ENUMERATE, "RESOURCE [SWITCH...]", "list instances" },
    { { "invoke", "i" },
      CMD_INVOKE,
      "METHOD RESOURCE [@{NAME=\"value\";...}] [SWITCH...]",
      "call a method" },
    { { "identify", "id" }, CMD_IDENTIFY, "[SWITCH...]", "ask who the server is" },
    { { "helpmsg" }, CMD_EXPLAIN, "CODE", "what an error code means, and what helps" },
    { { "quickconfig", "qc" }, 0, NULL, NULL },
    { { "configsddl" }, 0, NULL, NULL },
    { { NULL }, 0, NULL, NULL },
};

const struct winrm_switch winrm_switches[] = {
    { "remote", 1, "HOST", WINRM_REMOTE, NULL, REMOTE, "the host: HOST, HOST:PORT or a URL" },
    { "username", 1, "NAME", WINRM_OPTION, "--user", REMOTE, "user name, DOMAIN\\name too" },
    { "password", 1, "...", WINRM_PASSWORD, NULL, REMOTE,
      "refused: --password-file FILE, --password-fd N or WSC_PASSWORD" },
    { "authentication", 1, "SCHEME", WINRM_AUTH, NULL, REMOTE,
      "None, Basic, Negotiate, Kerberos or Certificate; Digest and CredSSP are not there" },
    { "certificate", 11, "THUMBPRINT", WINRM_CERTIFICATE, NULL, REMOTE,
      "refused: --cert FILE, there is no certificate store here" },
    { "usessl", 6, NULL, WINRM_FIXED, "--https", REMOTE, "https" },
    { "port", 4, "N", WINRM_SETTING, "port", REMOTE, "port, where -remote names none" },
    { "unencrypted", 2, NULL, WINRM_UNENCRYPTED, NULL, REMOTE,
      "no encryption over http: everybody on the way can read along" },
    { "skipCAcheck", 11, NULL, WINRM_FIXED, "--set=insecure-skip-ca-check=true", REMOTE,
      "any authority may have signed the server's certificate: others can pose as the server" },
    { "skipCNcheck", 11, NULL, WINRM_FIXED, "--set=insecure-skip-name-check=true", REMOTE,
      "the server's certificate may have any name: others can pose as the server" },
    { "skipRevocationcheck", 19, NULL, WINRM_FIXED, NULL, REMOTE,
      "nothing: lists of revoked certificates are only looked at with --set tls-crl-file=FILE" },
    { "defaultCreds", 12, NULL, WINRM_FIXED, NULL, REMOTE,
      "nothing: without -username the Kerberos tickets of kinit log in" },
    { "SPNport", 7, NULL, WINRM_FIXED, "--spn-port", REMOTE,
      "ask for the service name with its port" },
    { "timeout", 7, "MS", WINRM_TIMEOUT, "operation-timeout", REMOTE,
      "how long the server may take for an operation, in milliseconds" },
    { "encoding", 8, "NAME", WINRM_ENCODING, NULL, REMOTE,
      "utf-8 or utf-16: requests are UTF-8, replies may be either" },
    { "format", 1, "FORMAT", WINRM_FORMAT, NULL, CMD_VERBS, "text, xml, or pretty: indented XML" },
    { "dialect", 7, "WORD", WINRM_OPTION, "--dialect", LISTS,
      "the language of -filter: wql, selector, association, or a URI" },
    { "filter", 2, "TEXT", WINRM_OPTION, "--filter", LISTS, "which instances" },
    { "returntype", 10, "WHAT", WINRM_RETURNTYPE, NULL, LISTS, "object, epr or objectandepr" },
    { "associations", 12, NULL, WINRM_ASSOCIATIONS, NULL, LISTS,
      "with -dialect:association the links themselves, not what they lead to" },
    { "basepropertiesonly", 18, NULL, WINRM_FIXED,
      "--set=polymorphism-mode=exclude-sub-class-properties", LISTS,
      "of derived classes only what the class itself has" },
    { "shallow", 7, NULL, WINRM_FIXED, "--set=polymorphism-mode=none", LISTS,
      "no instances of derived classes" },
    { "fragment", 8, "PATH", WINRM_OPTION, "--fragment", CMD_GET | CMD_SET,
      "only this part of the resource" },
    { "options", 7, "{NAME=\"value\";...}", WINRM_OPTIONS, "--option", CMD_VERBS,
      "options for the provider on the server" },
    { "file", 4, "FILE", WINRM_OPTION, "--file", CHANGES,
      "the values, as XML or as @{...}; - is stdin" },
    { "?", 1, NULL, WINRM_HELP, NULL, CMD_ALL, "this help" },
    { "help", 1, NULL, WINRM_HELP, NULL, CMD_ALL, "the same" },
    { NULL, 0, NULL, WINRM_HELP, NULL, 0, NULL },
};

const char *winrm_verb_at(size_t i)
{
    return winrm_verbs[i].names[0];
}

const struct winrm_verb *winrm_verb(const char *word)
{
    const struct winrm_verb *v;
    size_t i;

    for (v = winrm_verbs; v->names[0]; v++)
        for (i = 0; i < 3 && v->names[i]; i++)
            if (strcasecmp(v->names[i], word) == 0)
                return v;
    return NULL;
}

const char *winrm_switch_at(size_t i)
{
    return winrm_switches[i].name;
}

const struct winrm_switch *winrm_switch_of(const char *name, size_t len)
{
    const struct winrm_switch *s, *found = NULL;

    for (s = winrm_switches; s->name; s++) {
        if (len > strlen(s->name) || strncasecmp(name, s->name, len) != 0)
            continue;
        if (len == strlen(s->name))
            return s;
        if (len >= s->least && (!found || s->least > found->least))
            found = s;
    }
    return found;
}
