/* An authentication scheme of one's own: a gateway in front of the host wants a token, which
 * another program renews in a file, so it is read anew for every request.
 *
 * usage: 10-own-auth TOKENFILE HOST COMMAND [OPTION=VALUE...] */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <wsman-client/sys/auth.h>

static int bearer_step(void *path, wsc_login *login, const char *challenge, size_t len)
{
    char token[4096], why[300];
    FILE *f = fopen(path, "r");
    int rc;

    (void)challenge; /* this scheme has none */
    (void)len;
    if (!f || !fgets(token, sizeof token, f)) {
        snprintf(why, sizeof why, "%s: %s", (char *)path,
                 f ? "there is no token" : strerror(errno));
        rc = wsc_login_fail(login, WSC_E_AUTH, why, "Let the gateway's login write a token there.");
    } else {
        rc = wsc_login_put(login, token, strcspn(token, "\r\n"));
    }
    if (f)
        fclose(f);
    return rc;
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
    wsc_auth bearer = { 0 };
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_identity *who = NULL;
    wsc_client *host = NULL;
    int code;

    bearer.struct_size = sizeof bearer;
    /* who sees the token can use it; one that has run out is replaced by whoever writes the file */
    bearer.flags = WSC_AUTH_NEEDS_TLS | WSC_AUTH_RENEWS;
    bearer.name = "Bearer";
    bearer.step = bearer_step;
    if (argc < 4 || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 10-own-auth TOKENFILE HOST COMMAND [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    set_options(p, argv + 4);
    if (wsc_identity_new_with_auth(&who, ctx, NULL, &bearer, argv[1], NULL) != WSC_OK ||
        wsc_client_new(&host, ctx, argv[2], who, p) != WSC_OK)
        code = fail(argv[2], wsc_ctx_error(ctx));
    else
        code = run(ctx, host, argv[2], argv[3]);
    wsc_client_unref(host);
    wsc_identity_unref(who);
    wsc_params_unref(p);
    wsc_ctx_close(ctx, 2000);
    wsc_ctx_unref(ctx);
    return code;
}
