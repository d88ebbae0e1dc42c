/* Enumerations. */
#include "api/api.h"

#include <string.h>

static int begin(wsc_items **out, wsc_client *client, const wsc_epr *epr, const wsc_params *params,
                 bool subscribes)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!out || !client || !epr)
        return WSC_E_USAGE;
    rc = wsc__enter(client->c.core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    rc = wsc__op_layer(&set, ctx->core, params, client->c.params, &err);
    if (rc == WSC_OK)
        rc = subscribes ? wsc__items_subscribe(out, &client->c, set, epr, &err)
                        : wsc__items_enumerate(out, &client->c, set, epr, &err);
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__leave(ctx, rc) : wsc__fail(ctx, rc, err);
}

int wsc_enumerate(wsc_items **out, wsc_client *client, const wsc_epr *epr, const wsc_params *params)
{
    return begin(out, client, epr, params, false);
}

int wsc_subscribe(wsc_items **out, wsc_client *client, const wsc_epr *epr, const wsc_params *params)
{
    return begin(out, client, epr, params, true);
}

int wsc_items_renew(wsc_op **out, wsc_items *items, const wsc_params *params)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    struct wsc_op *op = NULL;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!items)
        return WSC_E_USAGE;
    rc = wsc__enter(items->o.core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    if (!items->sub || wsc__items_ended(items) || !items->context)
        return wsc__refuse(ctx, WSC_E_USAGE, "there is no subscription to renew");
    rc = wsc__op_layer(&set, ctx->core, params, items->params, &err);
    if (rc == WSC_OK)
        rc = wsc__items_renew(&op, items, set, &err);
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__give_op(ctx, out, op) : wsc__fail(ctx, rc, err);
}

int wsc_items_get_str(const wsc_items *items, const char *name, const char **out)
{
    const char *value;

    if (!items || !name || !out || (strcmp(name, "bookmark") && strcmp(name, "context")))
        return WSC_E_USAGE;
    value = wsc__items_get(items, name);
    if (!value)
        return WSC_E_AGAIN;
    *out = value;
    return WSC_OK;
}

static bool readable(void *ud)
{
    const wsc_items *it = ud;

    return it->first || wsc__items_ended(it);
}

/* The one shown before goes. */
static int take(wsc_ctx *ctx, wsc_items *it, const wsc_value **out)
{
    wsc__value_unref(it->shown);
    it->shown = wsc__items_take(it);
    if (!it->shown && it->err)
        return wsc__record_as(ctx, it->err);
    *out = it->shown;
    return WSC_OK;
}

int wsc_items_next(wsc_items *items, const wsc_value **out, int timeout_ms)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!items || !out)
        return WSC_E_USAGE;
    rc = wsc__enter(items->o.core, timeout_ms ? WSC__MAY_WAIT : 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__object_ref(&items->o);
    rc = wsc__wait_until(ctx, timeout_ms, readable, items);
    if (rc == WSC_OK)
        rc = take(ctx, items, out);
    else if (rc == WSC_E_AGAIN)
        items->armed = true;
    wsc__object_unref(&items->o);
    return wsc__leave(ctx, rc);
}

static void tell_of_more(wsc_items *it)
{
    if (wsc__items_over(it) || it->first)
        wsc__object_tell(&it->o, WSC_EVENT_ITEM);
}

int wsc_items_on_item(wsc_items *items, wsc_item_fn fn, void *user_data, wsc_free_fn free_fn)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!items)
        return WSC_E_USAGE;
    rc = wsc__enter(items->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__replace_callback(ctx, &items->on_item, (void (*)(void))fn, user_data, free_fn);
    wsc__items_check_over(items);
    wsc__retell(&items->o, WSC_EVENT_ITEM);
    items->armed |= !fn; /* what the callback was to tell is the queue's again */
    tell_of_more(items);
    return wsc__leave(ctx, WSC_OK);
}

int wsc_items_resume(wsc_items *items)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!items)
        return WSC_E_USAGE;
    rc = wsc__enter(items->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    items->held = false;
    tell_of_more(items);
    return wsc__leave(ctx, WSC_OK);
}

int wsc_items_cancel(wsc_items *items)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!items)
        return WSC_E_USAGE;
    rc = wsc__enter(items->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__items_cancel(items);
    return wsc__leave(ctx, WSC_OK);
}

const wsc_error *wsc_items_error(const wsc_items *items)
{
    return items ? items->err : NULL;
}

void wsc_items_set_user_data(wsc_items *items, void *user_data)
{
    if (items)
        items->o.user_data = user_data;
}

void *wsc_items_user_data(const wsc_items *items)
{
    return items ? items->o.user_data : NULL;
}

void wsc_items_unref(wsc_items *items)
{
    if (items)
        wsc__give_back(&items->o);
}
