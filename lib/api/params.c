/* Options from outside: bags, layers, the table. */
#include "api/api.h"

#include <string.h>

int wsc_params_new(wsc_params **out)
{
    const struct wsc__mem *mem = &wsc__mem_libc;
    wsc_params *p;
    int rc;

    if (!out)
        return WSC_E_USAGE;
    p = wsc__zalloc(mem, sizeof *p);
    if (!p)
        return WSC_E_NOMEM;
    rc = wsc__optset_new(&p->set, mem);
    if (rc != WSC_OK) {
        wsc__free(mem, p);
        return rc;
    }
    *out = p;
    return WSC_OK;
}

void wsc_params_unref(wsc_params *p)
{
    if (!p)
        return;
    wsc__optset_unref(p->set);
    wsc__error_unref(p->error);
    wsc__free(&wsc__mem_libc, p);
}

/* The first failure stays: one look at wsc_params_error after all setters is enough. */
static int latch(wsc_params *p, int rc, struct wsc_error *err)
{
    if (rc == WSC_OK)
        return rc;
    if (!err)
        err = rc == WSC_E_NOMEM ? wsc__error_nomem()
                                : wsc__error_new(&wsc__mem_libc, rc, "the option cannot be set");
    if (p->error)
        wsc__error_unref(err);
    else
        p->error = err;
    return rc;
}

int wsc_params_set_str(wsc_params *p, const char *name, const char *value)
{
    struct wsc_error *err = NULL;
    int rc;

    if (!p || !name)
        return WSC_E_USAGE;
    rc = wsc__optset_set_text(p->set, name, value, &err);
    return latch(p, rc, err);
}

int wsc_params_set_int(wsc_params *p, const char *name, int64_t value)
{
    struct wsc_error *err = NULL;
    int rc;

    if (!p || !name)
        return WSC_E_USAGE;
    rc = wsc__optset_set_int(p->set, name, value, &err);
    return latch(p, rc, err);
}

int wsc_params_set_bytes(wsc_params *p, const char *name, const void *data, size_t len)
{
    struct wsc_error *err = NULL;
    int rc;

    if (!p || !name || (!data && len))
        return WSC_E_USAGE;
    rc = wsc__optset_set_bytes(p->set, name, data, len, &err);
    return latch(p, rc, err);
}

int wsc_params_add(wsc_params *p, const char *name, const char *key, const char *value)
{
    struct wsc_error *err = NULL;
    int rc;

    if (!p || !name || !key || !value)
        return WSC_E_USAGE;
    rc = wsc__optset_add(p->set, name, key, value, &err);
    return latch(p, rc, err);
}

const wsc_error *wsc_params_error(const wsc_params *p)
{
    return p ? p->error : NULL;
}

int wsc__layer_of(struct wsc__optset **out, struct wsc__core *core, const wsc_params *params,
                  struct wsc__optset *parent, enum wsc__layer layer, int scope,
                  struct wsc_error **err)
{
    if (params && params->error) {
        *err = wsc__error_ref(params->error);
        return wsc__error_code(params->error);
    }
    if (!params && parent) {
        *out = wsc__optset_ref(parent);
        return WSC_OK;
    }
    return wsc__optset_freeze(out, &core->mem, params ? params->set : NULL, parent, layer, scope,
                              err);
}

int wsc__op_layer(struct wsc__optset **out, struct wsc__core *core, const wsc_params *params,
                  struct wsc__optset *parent, struct wsc_error **err)
{
    return wsc__layer_of(out, core, params, parent, WSC__LAYER_OP, WSC__SCOPE_OP, err);
}
