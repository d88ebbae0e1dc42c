/* One request and its reply: reads the WinRM configuration of a host as XML.
 *
 * usage: 06-get-config HOST USER [OPTION=VALUE...]     password: $WSC_PASSWORD */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsman-client/wsman-client.h>

#define CONFIG "http://schemas.microsoft.com/wbem/wsman/1/config"
#define GET    "http://schemas.xmlsoap.org/ws/2004/09/transfer/Get"

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

int main(int argc, char **argv)
{
    const char *body = NULL;
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
        wsc_epr_new(&config, CONFIG) != WSC_OK)
        goto done;
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + 3);
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK ||
        wsc_request(&op, host, GET, config, NULL, 0, NULL) != WSC_OK ||
        wsc_op_wait(op, -1) != WSC_OK) {
        rc = fail(argv[1], wsc_ctx_error(ctx));
    } else if (wsc_op_get_str(op, "body", &body) == WSC_OK) {
        printf("%s\n", body);
        rc = 0;
    }
done:
    wsc_op_unref(op);
    wsc_epr_unref(config);
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_unref(ctx);
    return rc;
}
