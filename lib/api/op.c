#include "api/api.h"

/* The op of a call: handed to the user, or let go where none is wanted. */
int wsc__give_op(wsc_ctx *ctx, wsc_op **out, struct wsc_op *op)
{
    if (out)
        *out = op;
    else
        wsc_op_unref(op);
    return wsc__leave(ctx, WSC_OK);
}

int wsc_op_on_done(wsc_op *op, wsc_op_fn fn, void *user_data, wsc_free_fn free_fn)
{
    return op ? wsc__set_callback(&op->o, WSC_EVENT_DONE, &op->on_done, (void (*)(void))fn,
                                  user_data, free_fn)
              : WSC_E_USAGE;
}

static bool done(void *ud)
{
    const wsc_op *op = ud;

    return op->done;
}

int wsc_op_wait(wsc_op *op, int timeout_ms)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!op)
        return WSC_E_USAGE;
    rc = wsc__enter(op->o.core, timeout_ms ? WSC__MAY_WAIT : 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__object_ref(&op->o);
    rc = wsc__wait_until(ctx, timeout_ms, done, op);
    if (rc == WSC_OK && op->err)
        rc = wsc__record_as(ctx, op->err);
    wsc__object_unref(&op->o);
    return wsc__leave(ctx, rc);
}

int wsc_op_cancel(wsc_op *op)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!op)
        return WSC_E_USAGE;
    rc = wsc__enter(op->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__op_cancel(op);
    return wsc__leave(ctx, WSC_OK);
}

int wsc_op_get_str(const wsc_op *op, const char *name, const char **out)
{
    const char *value;

    if (!op || !name || !out)
        return WSC_E_USAGE;
    value = op->err ? NULL : wsc__op_get(op, name);
    if (!value)
        return WSC_E_AGAIN;
    *out = value;
    return WSC_OK;
}

const wsc_value *wsc_op_value(const wsc_op *op)
{
    return op && op->done && !op->err ? op->value : NULL;
}

int wsc_op_get_epr(const wsc_op *op, wsc_epr **out)
{
    const wsc_value *v;

    if (!op || !out)
        return WSC_E_USAGE;
    v = !op->done || op->err ? NULL : op->epr ? op->epr : op->value;
    if (!v || (v == op->value && !wsc__ieq(v->name, "ResourceCreated")))
        return WSC_E_AGAIN;
    return wsc__value_epr(v, &wsc__mem_libc, out);
}

const wsc_error *wsc_op_error(const wsc_op *op)
{
    return op ? op->err : NULL;
}

void wsc_op_set_user_data(wsc_op *op, void *user_data)
{
    if (op)
        op->o.user_data = user_data;
}

void *wsc_op_user_data(const wsc_op *op)
{
    return op ? op->o.user_data : NULL;
}

void wsc_op_unref(wsc_op *op)
{
    if (op)
        wsc__give_back(&op->o);
}
