/* Reads the WinRM configuration of a host, and walks through what came.
 *
 * usage: 06-get-config HOST USER [OPTION=VALUE...]     password: $WSC_PASSWORD */
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

static void show(const wsc_value *v, int depth)
{
    size_t i, n = wsc_value_count(v);
    const char *text = wsc_value_text(v, NULL);

    printf("%*s%s%s%s\n", 4 * depth, "", wsc_value_name(v), n ? "" : " = ",
           n      ? ""
           : text ? text
                  : "(null)");
    for (i = 0; i < n; i++)
        show(wsc_value_at(v, i), depth + 1);
}

int main(int argc, char **argv)
{
    int64_t kilobytes = 0;
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    wsc_epr *config = NULL;
    wsc_op *op = NULL;
    int rc = 1;

    if (argc < 3) {
        fputs("usage: 06-get-config HOST USER [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    if (wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK ||
        wsc_epr_parse(&config, "winrm/config", NULL, NULL) != WSC_OK)
        goto done;
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + 3);
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK ||
        wsc_get(&op, host, config, NULL) != WSC_OK || wsc_op_wait(op, -1) != WSC_OK) {
        rc = fail(argv[1], wsc_ctx_error(ctx));
    } else {
        const wsc_value *value = wsc_op_value(op); /* the op's, as long as that is kept */

        show(value, 0);
        rc = wsc_value_get_int(wsc_value_find(value, "MaxEnvelopeSizekb", 0), &kilobytes);
        if (rc == WSC_OK)
            printf("envelopes may have %d KB\n", (int)kilobytes);
    }
done:
    wsc_op_unref(op);
    wsc_epr_unref(config);
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_unref(ctx);
    return rc;
}
