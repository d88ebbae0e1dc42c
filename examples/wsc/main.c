#include "winrm.h"

#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* A socket must not come to be our stdout because that was closed; what is written there fails. */
static void open_standard(void)
{
    int fd;

    for (fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_RDWR) < 0)
            _exit(EXIT_OTHER);
}

static int version(void)
{
    printf("wsc %s\n", wsc_version_string());
    return finish_stdout();
}

static int unknown_command(const char *word)
{
    const char *near = nearest(word, command_name_at);

    say("unknown command \"%s\"", in_short(word));
    if (strcmp(word, "-V") == 0 || strcasecmp(word, "version") == 0)
        fputs("  try: wsc --version\n", stderr);
    else if (near)
        fprintf(stderr, "  try: wsc %s\n", near);
    else
        fputs("  try: wsc help\n", stderr);
    return EXIT_USAGE;
}

static int help(const char *word)
{
    if (!word || strcmp(word, "help") == 0)
        help_main(stdout);
    else if (command_by_name(word))
        help_command(stdout, command_by_name(word));
    else
        return unknown_command(word);
    return finish_stdout();
}

static int dispatch(const struct options *o)
{
    switch (o->command) {
    case CMD_RUN:
        return o->hosts_file ? cmd_hosts(o) : cmd_run(o);
    case CMD_SHELL:
        return cmd_shell(o);
    case CMD_IDENTIFY:
        return cmd_identify(o);
    case CMD_OPTIONS:
        return cmd_options(o);
    case CMD_EXPLAIN:
        return cmd_explain(o);
    case CMD_CONFIG:
        return cmd_config(o);
    case CMD_SHELLS:
        return cmd_shells(o);
    case CMD_SUBSCRIBE:
        return o->hosts_file ? cmd_events(o) : cmd_subscribe(o);
    case CMD_INVOKE:
        return o->filter ? cmd_invoke_each(o) : cmd_verbs(o);
    default:
        return cmd_verbs(o);
    }
}

static int run(enum command command, char **argv)
{
    bool ours = command == CMD_RUN || command == CMD_SHELL;
    struct options o;
    int rc;

    memset(&o, 0, sizeof o);
    o.command = command;
    rc = options_parse(&o, argv);
    if (rc == 0 && o.help) {
        help_command(stdout, command);
        rc = finish_stdout();
    } else if (rc == 0 && o.version) {
        rc = version();
    } else {
        if (rc == 0 && o.hosts_file && o.password_fd != 0)
            rc = hosts_load(&o);
        if (rc == 0)
            rc = password_get(&o);
        if (rc == 0 && o.hosts_file && o.password_fd == 0) /* its first line is the password */
            rc = hosts_load(&o);
        if (rc == 0) {
            rc = dispatch(&o);
            ours = false;
        }
    }
    if (ours && rc && rc < EXIT_SIGNAL)
        rc = EXIT_OURS; /* codes of remote commands stay apart */
    options_free(&o);
    return rc;
}

static int winrm(char **argv)
{
    struct winrm_line line;
    bool done = false;
    int rc;

    if (argv[0] && strcmp(argv[0], "--help") == 0)
        return help("winrm");
    memset(&line, 0, sizeof line);
    rc = winrm_read(&line, argv, &done);
    if (rc == 0 && !done)
        rc = run(line.command, line.argv);
    winrm_free(&line);
    return rc;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : NULL;

    open_standard();
    signals_install();
    if (!word) {
        help_main(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return help(argv[2]);
    if (strcmp(word, "--version") == 0)
        return version();
    if (!command_by_name(word))
        return unknown_command(word);
    return command_by_name(word) == CMD_WINRM ? winrm(argv + 2)
                                              : run(command_by_name(word), argv + 2);
}
