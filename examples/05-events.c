/* Several commands in one shell without a callback: the context's queue tells what happened, as a
 * binding for another language would use it.
 *
 * usage: 05-events HOST USER COMMAND... [-- OPTION=VALUE...]     password: $WSC_PASSWORD */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsman-client/wsman-client.h>

static int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
}

static void print_output(wsc_command *cmd, const char *name)
{
    char buf[16384];
    size_t n = 0;
    int stream = 0;

    while (wsc_command_read(cmd, &stream, buf, sizeof buf, &n, 0) == WSC_OK && n > 0) {
        printf("%s| %.*s", name, (int)n, buf);
        stream = 0; /* again: whichever comes next */
    }
}

/* Returns 1 when the event was the end of a command. */
static int handle(const wsc_event *event, int *failed)
{
    wsc_command *cmd = wsc_event_command(event);
    const char *name = wsc_event_user_data(event);
    int64_t code = -1;

    if (wsc_event_kind(event) == WSC_EVENT_OUTPUT)
        print_output(cmd, name);
    if (wsc_event_kind(event) != WSC_EVENT_EXIT)
        return 0;
    print_output(cmd, name);
    if (wsc_command_exit_code(cmd, &code) == WSC_OK)
        printf("%s: exit code %lld\n", name, (long long)code);
    else
        fail(name, wsc_command_error(cmd));
    *failed |= code != 0;
    wsc_command_unref(cmd);
    return 1;
}

/* Returns how many were started. */
static int start(wsc_shell *shell, wsc_ctx *ctx, char **commands, int n, int *failed)
{
    int i, running = 0;

    for (i = 0; i < n; i++) {
        wsc_command *cmd = NULL;

        if (wsc_shell_run(&cmd, shell, commands[i], NULL, 0, NULL) == WSC_OK) {
            wsc_command_set_user_data(cmd, commands[i]);
            wsc_command_write_eof(cmd); /* they get no input */
            running++;
        } else {
            *failed = fail(commands[i], wsc_ctx_error(ctx));
        }
    }
    return running;
}

static void set_options(wsc_params *p, char **list)
{
    for (; *list; list++) {
        char *value = strchr(*list, '=');

        if (value)
            *value++ = '\0';
        wsc_params_set_str(p, *list, value ? value : "true");
    }
}

int main(int argc, char **argv)
{
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    wsc_shell *shell = NULL;
    const wsc_event *event;
    int failed = 0, running = 0, end = 3;

    while (end < argc && strcmp(argv[end], "--") != 0)
        end++;
    if (end <= 3 || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 05-events HOST USER COMMAND... [-- OPTION=VALUE...]\n", stderr);
        return 255;
    }
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    wsc_params_set_str(p, "want-events", "true"); /* output is asked for, and told in the queue */
    if (end < argc)
        set_options(p, argv + end + 1);
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK ||
        wsc_shell_open(&shell, host, NULL) != WSC_OK)
        failed = fail(argv[1], wsc_ctx_error(ctx));
    else
        running = start(shell, ctx, argv + 3, end - 3, &failed);
    while (running > 0) {
        wsc_ctx_wait(ctx, -1);
        while ((event = wsc_ctx_next_event(ctx)) != NULL)
            running -= handle(event, &failed);
    }
    wsc_shell_unref(shell); /* closes it, in the background */
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_close(ctx, 2000); /* gives that time to happen */
    wsc_ctx_unref(ctx);
    return failed != 0;
}
