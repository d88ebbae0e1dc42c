#include "wsc.h"

const char help_title[] = "run commands on Windows machines by WinRM";

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
    { "options", CMD_OPTIONS, "[--json] [NAME]", "list the library's options",
      "With NAME only that one. They are given by --set NAME=VALUE." },
    { "explain", CMD_EXPLAIN, "[--json] CODE|NAME", "what an error code means, and what helps",
      "CODE may be decimal, signed or hexadecimal, or a status of HTTP, as 401 or HTTP 401." },
    { NULL, CMD_RUN, NULL, NULL, NULL },
};

const struct help_note help_notes[] = {
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
      "not begin. Of the others: 0 good, 1 other "
      "failure, 2 usage, 3 name or network, 4 time-out, 5 TLS, 6 authentication, 7 access denied, "
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
    "wsc options tls",
    "wsc explain 2150858793",
    NULL,
};
