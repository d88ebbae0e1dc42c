/* What a program brings itself: <wsman-client/sys/...>. */
#include "api/api.h"

#include <string.h>
#include <wsman-client/sys/transport.h>

int wsc_client_set_transport(wsc_client *client, const wsc_transport *ops, void *user_data,
                             wsc_free_fn free_fn)
{
    struct wsc__plugin *p = NULL;
    struct wsc_error *err = NULL;
    wsc_ctx *ctx = NULL;
    wsc_transport copy;
    int rc;

    if (!client)
        return WSC_E_USAGE;
    rc = wsc__enter(client->c.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    if (ops) {
        if (ops->struct_size < sizeof copy)
            return wsc__refuse(ctx, WSC_E_USAGE, "the transport's struct_size is too small");
        memcpy(&copy, ops, sizeof copy);
        if (!copy.connect || !copy.read || !copy.write || !copy.close)
            return wsc__refuse(ctx, WSC_E_USAGE,
                               "a transport needs connect, read, write and close");
        p = wsc__plugin_new(ctx->core, &copy, sizeof copy, user_data, free_fn);
        if (!p)
            return wsc__fail(ctx, WSC_E_NOMEM, NULL);
    }
    rc = wsc__client_transport(&client->c, p, &err);
    if (rc != WSC_OK) {
        if (p)
            p->free_fn = NULL; /* still the caller's */
        wsc__plugin_unref(p);
        return wsc__fail(ctx, rc, err);
    }
    wsc__plugin_unref(p);
    return wsc__leave(ctx, rc);
}

void wsc_transport_ready(wsc_stream *handle)
{
    if (handle)
        wsc__io_stream_ready(handle);
}
