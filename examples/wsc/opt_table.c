#include "wsc.h"

const struct opt_def opt_table[] = {
    { OPT_USER, 'u', "user", "NAME", CMD_NET, NULL, NULL, "user name; without one no credentials are sent" },
    { OPT_PARAM, 0, "password-file", "FILE", CMD_NET, "password-file", NULL, "file whose first line is the password" },
    { OPT_PASSWORD_FD, 0, "password-fd", "N", CMD_NET, NULL, NULL,
      "open file descriptor from which the password is read, up to the end of a line" },
    { OPT_PARAM, 0, "auth", "SCHEME", CMD_NET, "auth", NULL, "authentication scheme, see `wsc options auth`" },
    { OPT_PARAM, 0, "https", NULL, CMD_NET, "tls", "true", "use https, port 5986 where HOST names none" },
    { OPT_PARAM, 0, "ca", "FILE", CMD_NET, "tls-ca-file", NULL,
      "PEM file with the certification authorities to trust in place of the system's" },
    { OPT_PARAM, 0, "timeout", "DURATION", CMD_NET, "deadline", NULL, "end it after that long, as 90s or 5m" },
    { OPT_ENV, 'e', "env", "NAME=VALUE", CMD_RUN | CMD_SHELL, NULL, NULL,
      "environment variable of the remote shell; may be given several times" },
    { OPT_PARAM, 'C', "directory", "DIR", CMD_RUN | CMD_SHELL, "working-directory", NULL,
      "directory in which the remote command starts" },
    { OPT_INTERACTIVE, 'i', "interactive", NULL, CMD_RUN, NULL, NULL, "pass stdin on though it is a terminal" },
    { OPT_NO_STDIN, 'n', "no-stdin", NULL, CMD_RUN, NULL, NULL, "the remote command gets no input" },
    { OPT_PROGRAM, 0, "program", "PROGRAM", CMD_SHELL, NULL, NULL, "what to run in place of cmd.exe" },
    { OPT_ANONYMOUS, 0, "anonymous", NULL, CMD_IDENTIFY, NULL, NULL, "ask without credentials" },
    { OPT_SET, 0, "set", "NAME=VALUE", CMD_NET, NULL, NULL,
      "any option of the library, see `wsc options`; env, header and option take NAME=KEY=VALUE" },
    { OPT_JSON, 0, "json", NULL, CMD_ALL & ~(unsigned)CMD_SHELL, NULL, NULL, "the result as one JSON object on stdout" },
    { OPT_QUIET, 'q', "quiet", NULL, CMD_NET, NULL, NULL, "say nothing of our own on stderr" },
    { OPT_VERBOSE, 'v', "verbose", NULL, CMD_NET, NULL, NULL, "log on stderr what happens; -vv: in detail" },
    { OPT_TRACE, 0, "trace", NULL, CMD_NET, NULL, NULL,
      "log every message on stderr; credentials are masked, but commands and their output are shown" },
    { OPT_HELP, 'h', "help", NULL, CMD_ALL, NULL, NULL, "show this help" },
    { OPT_VERSION, 0, "version", NULL, CMD_ALL, NULL, NULL, "show the version" },
};

const size_t opt_table_len = sizeof opt_table / sizeof opt_table[0];
