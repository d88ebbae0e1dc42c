/* An encoder of one's own: every request carries a header block that tells where it comes from, and
 * none names the session.
 *
 * usage: 08-own-encoder HOST USER COMMAND [OPTION=VALUE...]     password: $WSC_PASSWORD */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsman-client/sys/encoder.h>

struct trace {
    const char *from;
    unsigned requests;
};

static int header(const wsc_message *m, const char *name, wsc_writer *out, void *user_data)
{
    struct trace *t = user_data;
    char number[16];

    (void)m;
    if (name && strcmp(name, "p:SessionId") == 0)
        return WSC_OK; /* left out */
    if (name)
        return WSC_E_AGAIN; /* as usual */
    snprintf(number, sizeof number, "%u", ++t->requests);
    wsc_writer_start(out, "t:Origin");
    wsc_writer_attr(out, "xmlns:t", "urn:example:trace");
    wsc_writer_attr(out, "Number", number);
    wsc_writer_text(out, t->from);
    return wsc_writer_end(out, "t:Origin"); /* the first failure of them all */
}

static int encode(const wsc_message *m, wsc_writer *out, void *user_data)
{
    return wsc_write_envelope(m, out, header, user_data);
}

static int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
}

static int run(wsc_ctx *ctx, wsc_client *host, const char *name, const char *text)
{
    wsc_command *cmd = NULL;
    const void *data;
    int64_t code = 255;
    size_t len;

    if (wsc_client_run(&cmd, host, text, NULL, 0, NULL) != WSC_OK ||
        wsc_command_write_eof(cmd) != WSC_OK || wsc_command_wait(cmd, -1) != WSC_OK) {
        code = fail(name, wsc_ctx_error(ctx));
    } else {
        wsc_command_output(cmd, WSC_STDOUT, &data, &len);
        fwrite(data, 1, len, stdout);
        wsc_command_exit_code(cmd, &code);
    }
    wsc_command_unref(cmd);
    return code >= 0 && code < 254 ? (int)code : code == 255 ? 255 : 254; /* 256 is no success */
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
    static const wsc_encoder ours = { sizeof ours, encode };
    struct trace trace = { "08-own-encoder", 0 };
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    int code;

    if (argc < 4 || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 08-own-encoder HOST USER COMMAND [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + 4);
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK ||
        wsc_client_set_encoder(host, &ours, &trace, NULL) != WSC_OK)
        code = fail(argv[1], wsc_ctx_error(ctx));
    else
        code = run(ctx, host, argv[1], argv[3]);
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_close(ctx, 2000);
    wsc_ctx_unref(ctx);
    fprintf(stderr, "%u request%s\n", trace.requests, trace.requests == 1 ? "" : "s");
    return code;
}
