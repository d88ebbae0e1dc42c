/* A program of somebody else: headers, link line and a few calls that need no network. */
#include <stdio.h>
#include <string.h>
#include <wsman-client/sys/transport.h>
#include <wsman-client/version.h>
#include <wsman-client/wsman-client.h>

int main(void)
{
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    int good;

    if (wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK)
        return 1;
    good = wsc_version_number() == WSC_VERSION_NUMBER &&
           wsc_params_set_str(p, "no-such-option", "x") == WSC_E_OPTION &&
           wsc_client_new(&host, ctx, "https://host.example", NULL, NULL) == WSC_OK &&
           wsc_ctx_pending(ctx) == 0;
    printf("%s %s\n", wsc_version_string(), wsc_error_text(wsc_params_error(p)));
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_unref(ctx);
    return good ? 0 : 1;
}
