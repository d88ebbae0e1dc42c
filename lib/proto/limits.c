/* What the server takes: read from its configuration (MS-WSMV 2.2.4.7, MaxEnvelopeSizekb), and used
 * by what is asked of the client later. */
#include "proto/verbs.h"

#include <string.h>

static int64_t bounded(int64_t v, enum wsc__opt option)
{
    const struct wsc__opt_info *o = wsc__opt_info(option);

    return v < o->min ? o->min : v > o->max ? o->max : v;
}

/* One more layer above the client's own; what the program has set itself stays. */
static int use(struct wsc__client *c, int64_t bytes, struct wsc_error **err)
{
    static const enum wsc__opt options[] = { WSC__O_MAX_ENVELOPE, WSC__O_MAX_REQUEST };
    int64_t most = wsc__opt_int(c->params, WSC__O_ENVELOPE_LIMIT);
    struct wsc__optset *own;
    struct wsc__optset *made = NULL, *set = NULL;
    size_t i;
    int rc = wsc__optset_new(&made, &c->core->mem);

    if (bytes > most)
        bytes = most;
    if (!c->given)
        c->given = wsc__optset_ref(c->params);
    own = c->given;
    for (i = 0; i < 2 && rc == WSC_OK; i++) {
        if (!wsc__opt_is_set(own, options[i]))
            rc = wsc__optset_set_int(made, wsc__opt_info(options[i])->name,
                                     bounded(bytes, options[i]), err);
    }
    if (rc == WSC_OK)
        rc = wsc__optset_freeze(&set, &c->core->mem, made, own, WSC__LAYER_CLIENT,
                                WSC__SCOPE_CLIENT, err);
    wsc__optset_unref(made);
    if (rc != WSC_OK)
        return rc;
    wsc__optset_unref(c->params);
    c->params = set;
    return WSC_OK;
}

static struct wsc_error *learn(struct wsc_op *op, struct wsc__client *c)
{
    const struct wsc__mem *mem = &c->core->mem;
    const struct wsc_value *v =
        op->value ? wsc__value_child(op->value, "MaxEnvelopeSizekb", 0) : NULL;
    struct wsc_error *err = NULL;
    int64_t kilobytes = 0;

    if (!v || wsc__value_int(v, &kilobytes) != WSC_OK || kilobytes < 1)
        return wsc__error_new(mem, WSC_E_PROTOCOL,
                              "the configuration of the server names no MaxEnvelopeSizekb");
    if (kilobytes > INT64_MAX / 1024)
        kilobytes = INT64_MAX / 1024;
    if (use(c, kilobytes * 1024, &err) != WSC_OK && !err)
        err = wsc__error_nomem();
    return err;
}

static void on_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_op *op = owner;
    struct wsc_error *e = NULL;

    if (!err)
        err = e = learn(op, r->client);
    wsc__op_finish(op, err);
    wsc__error_unref(e);
}

int wsc__op_learn(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                  struct wsc_error **err)
{
    static const struct wsc__req_ops ops = { .value = wsc__op_keep_value, .done = on_done };
    struct wsc__req_spec spec;
    struct wsc_op *op = NULL;
    int rc = wsc__op_new(&op, c->core, NULL);

    memset(&spec, 0, sizeof spec);
    spec.action = WSC__ACTION_GET;
    spec.resource_uri = WSC__NS_CONFIG;
    spec.value = true;
    if (rc == WSC_OK)
        rc = wsc__op_ask(op, c, params, &spec, &ops, err);
    return wsc__op_made(out, op, rc, err);
}
