#include "wsc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static const struct {
    const char *name;
    enum command command;
    const char *usage, *what;
} commands[] = {
    { "run", CMD_RUN, "[OPTION...] HOST COMMAND [ARGUMENT...]",
      "run a command; its exit code is ours" },
    { "shell", CMD_SHELL, "[OPTION...] HOST", "run cmd.exe line by line" },
    { "identify", CMD_IDENTIFY, "[OPTION...] HOST", "ask who the server is" },
    { "options", CMD_OPTIONS, "[--json] [NAME]", "list the library's options" },
    { "explain", CMD_EXPLAIN, "[--json] CODE|NAME", "what an error code means, and what helps" },
};

const char *command_name_at(size_t i)
{
    return i < sizeof commands / sizeof commands[0] ? commands[i].name : NULL;
}

enum command command_by_name(const char *name)
{
    size_t i;

    for (i = 0; command_name_at(i); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].command;
    return (enum command)0;
}

int screen_width(void)
{
    const char *columns = getenv("COLUMNS");
    int width = columns ? atoi(columns) : 0;
#ifdef TIOCGWINSZ
    struct winsize size;

    if (width <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
#endif
    if (width <= 0)
        width = 80;
    return width < 40 ? 40 : width > 120 ? 120 : width;
}

/* From the current line on; later lines are indented. */
void wrap_text(FILE *out, const char *text, int indent, int width)
{
    int at = indent;

    while (*text) {
        int len = (int)strcspn(text, " ");

        if (at > indent && at + 1 + len > width) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", len, text);
        at += len;
        text += len;
        while (*text == ' ')
            text++;
    }
    fputc('\n', out);
}

void help_main(FILE *out)
{
    size_t i;

    fputs("wsc - run commands on Windows machines by WinRM\n\nusage:\n", out);
    for (i = 0; command_name_at(i); i++)
        fprintf(out, "  wsc %-8s %s\n               %s\n", commands[i].name, commands[i].usage,
                commands[i].what);
    fputs("  wsc help [COMMAND]    wsc --version\n"
          "\n"
          "HOST is a name, name:port, an address, [IPv6], or a URL.\n"
          "\n"
          "Passwords come from --password-file, --password-fd, the environment variable\n"
          "WSC_PASSWORD, or are asked for on the terminal; never from the command line,\n"
          "which other users can read. Over plain http Basic needs\n"
          "--set allow-unencrypted=true: everybody on the way can read the password then.\n"
          "Better use --https. A server's certificate is always checked; there is no\n"
          "switch to turn that off, only the options insecure-skip-ca-check and\n"
          "insecure-skip-name-check for --set, each of which lets others pose as the\n"
          "server. tls-pin trusts one certificate without a CA.\n"
          "\n"
          "Exit codes of run and shell: the remote one, 254 when it is not in 0..253 (the\n"
          "true one is told on stderr and by --json), 255 for every failure of ours.\n"
          "Of the others: 0 good, 1 other failure, 2 usage, 3 name or network, 4 time-out,\n"
          "5 TLS, 6 authentication, 7 access denied, 8 fault of the server, 9 HTTP or\n"
          "protocol, 10 limit or memory. Of all: 128 + signal when one ended us: 130 second\n"
          "Ctrl+C, 141 stdout closed, 143 SIGTERM.\n",
          out);
}

static void help_option(FILE *out, const struct opt_def *def, int width)
{
    char head[64];
    int n;

    n = snprintf(head, sizeof head, "  %c%c%s --%s%s%s", def->letter ? '-' : ' ',
                 def->letter ? def->letter : ' ', def->letter ? "," : " ", def->name,
                 def->arg ? " " : "", def->arg ? def->arg : "");
    fprintf(out, "%-30s", head);
    if (n >= 30)
        fprintf(out, "\n%30s", "");
    wrap_text(out, def->help, 30, width);
}

static const char *more_help(enum command command)
{
    switch (command) {
    case CMD_RUN:
        return "Arguments reach the server as they are, joined by blanks: quote for the remote "
               "shell, or use "
               "--set quoting=argv or cmd. Options end at COMMAND. Stdin is passed on unless it is "
               "a terminal. "
               "Ctrl+C goes to the remote command; a second one ends it, a third one gives up the "
               "clean-up. --json "
               "holds all output in memory, up to --set received-limit (64 MiB unless given).";
    case CMD_SHELL:
        return "Lines go to the program, its output comes back. Ctrl+C goes to the program, Ctrl+D "
               "ends its "
               "input, Ctrl+\\ ends it.";
    case CMD_IDENTIFY:
        return "Many servers answer --anonymous, which shows whether WinRM is there at all.";
    case CMD_OPTIONS:
        return "With NAME only that one. They are given by --set NAME=VALUE.";
    case CMD_EXPLAIN:
        return "CODE may be decimal, signed or hexadecimal.";
    }
    return "";
}

void help_command(FILE *out, enum command command)
{
    int width = screen_width();
    size_t i;

    for (i = 0; command_name_at(i); i++)
        if (commands[i].command == command)
            fprintf(out, "usage: wsc %s %s\n       %s\n\n", commands[i].name, commands[i].usage,
                    commands[i].what);
    for (i = 0; i < opt_table_len; i++)
        if (opt_table[i].commands & (unsigned)command)
            help_option(out, &opt_table[i], width);
    fputc('\n', out);
    wrap_text(out, more_help(command), 0, width);
    fputs("See `wsc help` for hosts, passwords and exit codes.\n", out);
}
