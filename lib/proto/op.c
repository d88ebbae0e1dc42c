#include "proto/op.h"

#include "wsman/typed.h"

#include <string.h>

static void cancel_object(struct wsc__object *o)
{
    wsc__op_cancel(WSC__OF(o, struct wsc_op, o));
}

static void destroy(struct wsc__object *o)
{
    struct wsc_op *op = WSC__OF(o, struct wsc_op, o);
    const struct wsc__mem *mem = &o->core->mem;
    size_t i;

    wsc__callback_drop(&op->on_done);
    wsc__error_unref(op->err);
    for (i = 0; i < op->nresults; i++)
        wsc__free(mem, op->results[i].value);
    wsc__free(mem, op->results);
    wsc__value_unref(op->value);
    wsc__value_unref(op->epr);
    if (op->holds)
        wsc__object_unref(op->holds);
    wsc__free(mem, op);
}

int wsc__op_new(struct wsc_op **out, struct wsc__core *core, struct wsc__object *holds)
{
    struct wsc_op *op = wsc__zalloc(&core->mem, sizeof *op);

    if (!op)
        return WSC_E_NOMEM;
    wsc__object_init(&op->o, core, WSC__OBJ_OP);
    op->o.cancel = cancel_object;
    op->o.destroy = destroy;
    wsc__object_busy(&op->o, true);
    wsc__object_ref(&op->o); /* the work's, until it is finished */
    if (holds) {
        op->holds = holds;
        wsc__object_ref(holds);
    }
    *out = op;
    return WSC_OK;
}

int wsc__op_result(struct wsc_op *op, const char *name, const char *value, size_t len)
{
    const struct wsc__mem *mem = &op->o.core->mem;
    struct wsc__result *r = wsc__realloc_array(mem, op->results, op->nresults + 1, sizeof *r);

    if (!r)
        return WSC_E_NOMEM;
    op->results = r;
    r[op->nresults].name = name;
    r[op->nresults].value = wsc__strndup(mem, value, len);
    if (!r[op->nresults].value)
        return WSC_E_NOMEM;
    op->nresults++;
    return WSC_OK;
}

static int keep(struct wsc_op *op, const char *name, const char *value)
{
    return value && *value ? wsc__op_result(op, name, value, strlen(value)) : WSC_OK;
}

int wsc__op_keep_value(void *owner, struct wsc_value *v, enum wsc__told what)
{
    struct wsc_op *op = owner;
    struct wsc_value **to = what == WSC__TOLD_BODY  ? &op->value
                            : what == WSC__TOLD_EPR ? &op->epr
                                                    : NULL;

    if (to && !*to) {
        wsc__value_ref(v);
        *to = v;
    }
    return WSC_OK;
}

int wsc__op_keep_head(struct wsc_op *op, const struct wsc__req *r)
{
    int rc = keep(op, "action", r->reply_action);

    if (rc == WSC_OK)
        rc = keep(op, "message-id", r->reply_id);
    return rc == WSC_OK ? keep(op, "relates-to", r->relates_to) : rc;
}

const char *wsc__op_get(const struct wsc_op *op, const char *name)
{
    size_t i;

    for (i = 0; i < op->nresults; i++) {
        if (strcmp(op->results[i].name, name) == 0)
            return op->results[i].value;
    }
    return NULL;
}

void wsc__op_finish(struct wsc_op *op, struct wsc_error *err)
{
    if (op->done)
        return;
    op->done = true;
    op->req = NULL;
    op->err = err ? wsc__error_ref(err) : NULL;
    wsc__list_remove(&op->link);
    wsc__object_end(&op->o);
    wsc__object_tell(&op->o, WSC_EVENT_DONE);
    wsc__object_unref(&op->o);
}

void wsc__op_cancel(struct wsc_op *op)
{
    struct wsc_error *e;

    if (op->done)
        return;
    wsc__req_cancel(op->req);
    if (op->dropped)
        op->dropped(op);
    e = wsc__error_new(&op->o.core->mem, WSC_E_CANCELED, "the operation was canceled");
    wsc__op_finish(op, e);
    wsc__error_unref(e);
}

int wsc__op_made(struct wsc_op **out, struct wsc_op *op, int rc, struct wsc_error **err)
{
    if (rc == WSC_OK) {
        *out = op;
        return rc;
    }
    if (!*err)
        *err = wsc__error_nomem();
    if (op) {
        op->o.user = false;
        wsc__op_finish(op, *err);
        wsc__object_unref(&op->o);
    }
    return rc;
}

/* --- its request ------------------------------------------------------------------------------ */

int wsc__op_ask(struct wsc_op *op, struct wsc__client *c, struct wsc__optset *params,
                struct wsc__req_spec *spec, const struct wsc__req_ops *ops, struct wsc_error **err)
{
    spec->lane = WSC__LANE_NORMAL;
    spec->total_option = "deadline";
    if (!spec->total_ms)
        spec->total_ms = wsc__opt_int(params, WSC__O_DEADLINE);
    return wsc__req_start(&op->req, c, params, spec, ops, op, err);
}

static void on_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_op *op = owner;

    if (!err && wsc__op_keep_head(op, r) != WSC_OK)
        err = wsc__error_nomem();
    wsc__op_finish(op, err);
}

const struct wsc__req_ops wsc__op_reply = { .value = wsc__op_keep_value, .done = on_done };
