/* Runs a command on one host and prints what it said: blocking, no callback.
 *
 * usage: 01-run-sync HOST USER COMMAND [OPTION=VALUE...]     password: $WSC_PASSWORD, or
 * password-file=FILE */
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

static void set_options(wsc_params *p, char **list)
{
    for (; *list; list++) {
        char *value = strchr(*list, '=');

        if (value)
            *value++ = '\0';
        wsc_params_set_str(p, *list, value ? value : "true");
    }
}

static void print_output(wsc_command *cmd)
{
    const void *data = NULL;
    size_t len = 0;

    if (wsc_command_output(cmd, WSC_STDOUT, &data, &len) == WSC_OK)
        fwrite(data, 1, len, stdout);
    if (wsc_command_output(cmd, WSC_STDERR, &data, &len) == WSC_OK)
        fwrite(data, 1, len, stderr);
}

int main(int argc, char **argv)
{
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    wsc_command *cmd = NULL;
    int64_t code = 255;

    if (argc < 4) {
        fputs("usage: 01-run-sync HOST USER COMMAND [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    if (wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        wsc_ctx_unref(ctx);
        return 255;
    }
    wsc_params_set_str(p, "username", argv[2]); /* the first failure is kept: one check is enough */
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    wsc_params_set_str(p, "deadline", "1m");
    set_options(p, argv + 4);
    if (wsc_params_error(p))
        fail("options", wsc_params_error(p));
    else if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK ||
             wsc_client_run(&cmd, host, argv[3], NULL, 0, NULL) != WSC_OK ||
             wsc_command_write_eof(cmd) != WSC_OK) /* it gets no input, and does not wait for any */
        fail(argv[1], wsc_ctx_error(ctx));
    else if (wsc_command_wait(cmd, -1) != WSC_OK)
        fail(argv[1], wsc_ctx_error(ctx));
    else if (wsc_command_exit_code(cmd, &code) != WSC_OK)
        fprintf(stderr, "%s: the command ended without an exit code\n", argv[1]);
    print_output(cmd); /* of a failed command too: what came before the failure */
    wsc_command_unref(cmd);
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_close(ctx, 2000); /* lets Signal and Delete get out */
    wsc_ctx_unref(ctx);
    return code >= 0 && code < 254 ? (int)code : code == 255 ? 255 : 254; /* 256 is no success */
}
