#include "wsc.h"

const char help_title[] = "run commands on Windows machines, and manage them, by WinRM";

const struct command_def command_table[] = {
    { "run", CMD_RUN, "[OPTION...] HOST|--hosts FILE COMMAND [ARGUMENT...]",
      "run a command; its exit code is ours",
      "Arguments reach the server as they are, joined by blanks: quote for the remote shell, or "
      "use --set quoting=argv or cmd. Options end at COMMAND. Stdin is passed on unless it is a "
      "terminal. Ctrl+C goes to the remote command; a second one ends it, a third one gives up the "
      "clean-up. --json holds all output in memory, up to --set received-limit (64 MiB unless "
      "given; with --hosts 8 MiB for each). With --hosts each line of output begins with its host, "
      "or with --json there is an object, a line, for each host; "
      "stdin, up to 64 MiB, goes to every host; the first Ctrl+C goes to the commands, and no "
      "further host begins." },
    { "shell", CMD_SHELL, "[OPTION...] HOST", "run cmd.exe line by line",
      "Lines go to the program, its output comes back. Ctrl+C goes to the program, Ctrl+D ends its "
      "input, Ctrl+\\ ends it." },
    { "identify", CMD_IDENTIFY, "[OPTION...] HOST", "ask who the server is",
      "Many servers answer --anonymous, which shows whether WinRM is there at all." },
    { "get", CMD_GET, "[OPTION...] HOST|--hosts FILE RESOURCE", "read a resource",
      "RESOURCE is an alias or a full URI, with its selectors behind it: "
      "winrm/config/listener?Address=*+Transport=HTTP, wmicimv2/Win32_Service?Name=WinRM; see "
      "RESOURCES in `man wsc`. It may name one setting of a configuration, whose text is shown "
      "alone: WSMan:\\localhost\\Client\\TrustedHosts, winrm/config/service/MaxConnections." },
    { "enumerate", CMD_ENUMERATE, "[OPTION...] HOST|--hosts FILE RESOURCE",
      "list instances; enum for short",
      "They are shown as they arrive. With a query RESOURCE is wmicimv2/*: --filter \"select Name "
      "from Win32_Service where State='Running'\". --dialect selector takes {State=Running}, "
      "association {Object=Win32_Service?Name=WinRM}. With --json there is a line for each "
      "instance, and one more, with the error, where it fails; with --stats or --hosts the last "
      "one tells how many there were. A table has the columns of the first instance, or those of "
      "--properties; only its last column may be wider than 48 characters. XML is one document, "
      "whose end is missing where the list is not complete." },
    { "set", CMD_SET, "[OPTION...] HOST|--hosts FILE RESOURCE NAME=VALUE...", "change a resource",
      "It is read, changed and written; --replace writes what is given as the whole. NAME=VALUE "
      "may be A/B=VALUE for what is inside A. NAME= makes it empty, a NAME given twice is an "
      "array, "
      "and @{Name=$null} makes it null; @{Name=\"value\";Other=\"x\"} is as winrm takes it. With "
      "--fragment PATH only that part is written, and without values it is emptied." },
    { "invoke", CMD_INVOKE, "[OPTION...] HOST|--hosts FILE METHOD RESOURCE [NAME=VALUE...]",
      "call a method",
      "RESOURCE with selectors is an instance, without the class. The values are its parameters, "
      "given as for set. A ReturnValue other than 0 is told on stderr, and the exit code is 1. "
      "With "
      "--filter the method is called of each instance that RESOURCE and the filter select, one "
      "after "
      "the other, when all are known (10,000 at most); one that fails does not stop the others, "
      "and "
      "the exit code is 1 then. --dry-run lists them alone." },
    { "create", CMD_CREATE, "[OPTION...] HOST|--hosts FILE RESOURCE NAME=VALUE...",
      "make a resource",
      "Values are given as for set. The reference to the new resource is shown, to be used as "
      "RESOURCE." },
    { "delete", CMD_DELETE, "[OPTION...] HOST|--hosts FILE RESOURCE", "remove a resource",
      "At once; without asking, but for a listener that this program may be calling, which needs "
      "--force where there is no terminal to ask on." },
    { "config", CMD_CONFIG, "show|set|diff|reset [OPTION...] HOST|--hosts FILE [...]",
      "see, change and compare the configuration of WinRM",
      "show HOST: all of it, with listeners, certificate mappings and plug-ins; below a security "
      "descriptor who may do what. set HOST "
      "PATH=VALUE...: PATH (they are told by `wsc winrm help config`) is Service/Auth/Basic, "
      "service.auth.basic or "
      "WSMan:\\localhost\\Service\\Auth\\Basic; of a plug-in Plugin/NAME/Quotas/MaxShells, of a "
      "listener Listener/Port?Address=*+Transport=HTTP. diff HOST OTHER: what differs, the exit "
      "code is 1 then, and 8 where a host would not tell all of it; OTHER is a host, or a file "
      "that `config show --json` or --format xml has written. "
      "reset HOST: all settings as they were after the installation. With --hosts each line begins "
      "with its host. What may cut off our own "
      "access asks before, once for all hosts; where there is no terminal to ask on it needs "
      "--force." },
    { "shells", CMD_SHELLS, "[OPTION...] HOST|--hosts FILE",
      "list the shells on a host, or what runs in one, or remove one",
      "Those of others are shown to administrators alone. --commands ID: the commands in a "
      "shell." },
    { "subscribe", CMD_SUBSCRIBE, "[OPTION...] HOST|--hosts FILE [RESOURCE]",
      "show events as they come",
      "RESOURCE is wsman/windows/EventLog unless given. --filter is a channel (System), or a "
      "QueryList "
      "in XML, from @FILE, too. In text an event is a line: time, level, source, number, and the "
      "first line of what it says; --json has all of it. Ctrl+C ends it. --bookmark FILE goes on "
      "where the last call was, so that nothing is missed in between; the file is written when the "
      "events before are printed, so that some may come twice, but none is left out. A "
      "subscription "
      "that is lost ends with its error, unless --retry asks again from there. With --hosts all "
      "are "
      "asked at once, and each line begins with its host." },
    { "winrm", CMD_WINRM, "get|set|enumerate|invoke|... [WORD...] -remote:HOST",
      "the same as winrm.cmd of Windows takes it",
      "winrm get winrm/config -r:HOST, winrm set winrm/config/winrs @{MaxShellsPerUser=\"40\"} "
      "-r:HOST -u:NAME, winrm enumerate winrm/config/listener -r:HOST -usessl -format:pretty, "
      "winrm "
      "id -r:HOST -a:none. The switches: `wsc winrm help switches`; other topics: `wsc winrm "
      "help`. "
      "Quote @{...} for the shell. Options with two dashes are those of wsc's own commands." },
    { "options", CMD_OPTIONS, "[--json] [NAME]", "list the library's options",
      "With NAME only that one. They are given by --set NAME=VALUE." },
    { "explain", CMD_EXPLAIN, "[--json] CODE|NAME", "what an error code means, and what helps",
      "CODE may be decimal, signed or hexadecimal, or a status of HTTP, as 401 or HTTP 401." },
    { NULL, CMD_RUN, NULL, NULL, NULL },
};

const struct help_note help_notes[] = {
    { "RESOURCES",
      "RESOURCE begins with an alias or is a full URI: winrm/config... (the configuration), "
      "wmicimv2/CLASS (WMI in root/cimv2), wmi/root/NAMESPACE/CLASS, cimv2/CLASS, shell, or "
      "WSMan:\\localhost\\PATH. Selectors follow a ?, with + between them: "
      "?Address=*+Transport=HTTPS; a value that holds a + stands in quotes. Null is shown as "
      "$null, "
      "and a value that a policy has set is followed by [Source=\"GPO\"]." },
    { "JSON",
      "In JSON values are text, as in the replies of WMI, which give them no type; what has one "
      "(xsi:type) is a number, true or false. Null is null, several elements of one name are an "
      "array (a "
      "single one stands alone), "
      "those within another one an object, references {\"resource\": ..., \"selectors\": ...}. An "
      "attribute is \"NAME@ATTRIBUTE\" beside a text and \"@ATTRIBUTE\" in an object." },
    { "HOST", "HOST is a name, name:port, an address, [IPv6], or a URL. It is called by http, at "
              "port 5985, unless --https or the URL says https, at 5986." },
    { "LOGIN",
      "With a user name --auth is negotiate: Kerberos for the account of a domain "
      "(user@example.com, DOMAIN\\user) where it can be, else NTLM (also for .\\user, an account "
      "of "
      "the server). Without one it is kerberos, with --keytab, --ccache or the tickets of kinit. "
      "Over plain http NTLM and Basic do not prove who the server is: they go to --trusted-hosts "
      "alone, and Basic needs --set allow-unencrypted=true, too, for everybody on the way can read "
      "the password then. Better use --https." },
    { "PASSWORDS",
      "Passwords come from --password-file, --password-fd, the environment variable WSC_PASSWORD "
      "(empty is the same as unset), or are asked for on the terminal; never from the command "
      "line, which other users can read. "
      "A server's certificate is always checked; there is no "
      "switch to turn that off, only the options insecure-skip-ca-check and "
      "insecure-skip-name-check for --set, each of which lets others pose as the server. tls-pin "
      "trusts one certificate without a CA." },
    { "EXIT STATUS",
      "Exit codes of run and shell: the remote one, 254 when it is not in 0..253 (the true one is "
      "told on stderr and by --json), 255 for every failure of ours. Of run --hosts: how many "
      "hosts failed or had another exit code than 0, 100 for that many or more; 255 when it could "
      "not begin. Of the others with --hosts: how many hosts failed, 100 for that many or more. Of "
      "the others: 0 good, 1 other "
      "failure (and a ReturnValue that is not 0), 2 usage, 3 name or network, 4 time-out, 5 TLS, 6 "
      "authentication, 7 access denied, "
      "8 "
      "fault of the server, 9 HTTP or protocol, 10 limit or memory. Of all: 128 + signal when one "
      "ended us: 130 second Ctrl+C, 141 stdout closed, 143 SIGTERM." },
    { NULL, NULL },
};

const char *const help_examples[] = {
    "wsc identify --anonymous https://srv1",
    "wsc run -u Administrator https://srv1 ipconfig /all",
    "wsc run -u Administrator https://srv1 'powershell -Command \"Get-Date\"'",
    "wsc run -u Administrator https://srv1 'sort /R' < names.txt",
    "wsc run srv1.example.com hostname",
    "wsc run -u Administrator --https --hosts servers.txt hostname",
    "wsc shell -u Administrator https://srv1",
    "wsc get srv1.example.com winrm/config/service",
    "wsc get srv1 wmicimv2/Win32_Service?Name=WinRM",
    "wsc get srv1 'WSMan:\\localhost\\Client\\TrustedHosts'",
    "wsc enumerate --format table --properties Name,State srv1 \\",
    "    wmicimv2/Win32_Service",
    "wsc enum --json srv1 wmicimv2/* \\",
    "    --filter \"select * from Win32_Process where Name='cmd.exe'\"",
    "wsc set srv1 winrm/config/winrs MaxShellsPerUser=40",
    "wsc invoke srv1 StopService wmicimv2/Win32_Service?Name=Spooler",
    "wsc invoke srv1 Create wmicimv2/Win32_Process 'CommandLine=notepad.exe'",
    "wsc invoke srv1 StopService wmicimv2/* --dry-run \\",
    "    --filter \"select * from Win32_Service where Name like 'Xbl%'\"",
    "wsc create srv1 winrm/config/listener?Address=*+Transport=HTTPS \\",
    "    CertificateThumbprint=...",
    "wsc config show --json srv1 > srv1.json",
    "wsc config diff srv2 srv1.json",
    "wsc config set srv1 Service/MaxConnections=500",
    "wsc shells srv1",
    "wsc subscribe --bookmark srv1.mark --filter System srv1",
    "wsc winrm enumerate winrm/config/listener -r:srv1",
    "wsc winrm set winrm/config/winrs '@{MaxShellsPerUser=\"40\"}' -r:srv1",
    "wsc options tls",
    "wsc explain 2150858793",
    NULL,
};
