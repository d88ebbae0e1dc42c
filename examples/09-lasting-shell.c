/* A command that outlives the program that started it: one run starts it and leaves its shell on
 * the server, another one, on any machine, takes it up within the shell's idle time (two hours, or
 * the option idle-timeout) and collects what it said.
 *
 * usage: 09-lasting-shell HOST USER start COMMAND resource-uri=URI [OPTION=VALUE...]
 *        09-lasting-shell HOST USER collect SHELL ID resource-uri=URI [OPTION=VALUE...]
 * password: $WSC_PASSWORD. start prints SHELL and ID. The option resource-uri, the same for both,
 * names a kind of shell that can be disconnected; that of cmd, which is the default, cannot. The
 * test endpoint has urn:libwsman-client:shell:lasting. */
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

static int start(wsc_ctx *ctx, wsc_client *host, const char *program)
{
    const char *shell_id = "", *command_id = "";
    wsc_shell *shell = NULL;
    wsc_command *cmd = NULL;
    wsc_op *leaving = NULL;
    int rc = 0;

    if (wsc_shell_open(&shell, host, NULL) != WSC_OK ||
        wsc_shell_run(&cmd, shell, program, NULL, 0, NULL) != WSC_OK ||
        wsc_command_write_eof(cmd) != WSC_OK || /* it gets no input */
        wsc_shell_disconnect(&leaving, shell, NULL) != WSC_OK || wsc_op_wait(leaving, -1) != WSC_OK)
        rc = fail("start", wsc_ctx_error(ctx));
    else if (wsc_shell_get_str(shell, "id", &shell_id) == WSC_OK &&
             wsc_command_get_str(cmd, "id", &command_id) == WSC_OK)
        printf("%s %s\n", shell_id, command_id);
    wsc_op_unref(leaving);
    wsc_command_unref(cmd);
    wsc_shell_unref(shell); /* disconnected: it stays */
    return rc;
}

static int collect(wsc_ctx *ctx, wsc_client *host, const char *shell_id, const char *command_id)
{
    wsc_shell *shell = NULL;
    wsc_command *cmd = NULL;
    int64_t code = 0;
    int rc = 0, stream = 0;
    char buf[16384];
    size_t n = 1;

    if (wsc_shell_connect(&shell, host, shell_id, NULL) != WSC_OK ||
        wsc_shell_connect_command(&cmd, shell, command_id, NULL) != WSC_OK)
        rc = fail("collect", wsc_ctx_error(ctx));
    while (rc == 0 && n > 0) {
        stream = 0;
        if (wsc_command_read(cmd, &stream, buf, sizeof buf, &n, -1) != WSC_OK)
            rc = fail("collect", wsc_ctx_error(ctx));
        else
            fwrite(buf, 1, n, stream == WSC_STDERR ? stderr : stdout);
    }
    if (rc == 0 && wsc_command_exit_code(cmd, &code) == WSC_OK)
        rc = code >= 0 && code < 254 ? (int)code : 254;
    else if (wsc_shell_state(shell) == WSC_SHELL_OPEN) /* for another try */
        wsc_shell_disconnect(NULL, shell, NULL);
    wsc_command_unref(cmd);
    wsc_shell_unref(shell); /* closed, in the background */
    return rc;
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
    int starts = argc > 4 && strcmp(argv[3], "start") == 0;
    int collects = argc > 5 && strcmp(argv[3], "collect") == 0;
    int rc = 255;
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;

    if ((!starts && !collects) || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 09-lasting-shell HOST USER start COMMAND | collect SHELL ID "
              "resource-uri=URI [OPTION=VALUE...]\n",
              stderr);
        return 255;
    }
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + (starts ? 5 : 6));
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK)
        fail(argv[1], wsc_ctx_error(ctx));
    else
        rc = starts ? start(ctx, host, argv[4]) : collect(ctx, host, argv[4], argv[5]);
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_close(ctx, 2000);
    wsc_ctx_unref(ctx);
    return rc;
}
