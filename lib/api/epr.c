/* EPRs: references to resources. They belong to no context. */
#include "api/api.h"

static const struct wsc__mem *const mem = &wsc__mem_libc;

int wsc_epr_new(wsc_epr **out, const char *resource_uri)
{
    return out && resource_uri ? wsc__epr_new(out, mem, resource_uri) : WSC_E_USAGE;
}

int wsc_epr_parse(wsc_epr **out, const char *text, size_t *bad_at, const char **why)
{
    return out && text ? wsc__epr_parse(out, mem, text, bad_at, why) : WSC_E_USAGE;
}

int wsc_epr_parse_path(wsc_epr **out, const char *text, size_t *bad_at, const char **why)
{
    char *inside = NULL;
    int rc;

    if (!out || !text)
        return WSC_E_USAGE;
    rc = wsc__epr_parse_path(out, mem, text, &inside, bad_at, why);
    if (rc == WSC_OK)
        (*out)->inside = inside;
    return rc;
}

const char *wsc_epr_inside(const wsc_epr *epr)
{
    return epr ? epr->inside : NULL;
}

int wsc_epr_add_selector(wsc_epr *epr, const char *name, const char *value)
{
    return epr && name && value ? wsc__epr_add(epr, name, value) : WSC_E_USAGE;
}

int wsc_epr_add_selector_epr(wsc_epr *epr, const char *name, const wsc_epr *value)
{
    return epr && name && value ? wsc__epr_add_nested(epr, name, value) : WSC_E_USAGE;
}

const char *wsc_epr_uri(const wsc_epr *epr)
{
    return epr ? epr->uri : NULL;
}

int wsc_epr_selector_at(const wsc_epr *epr, size_t index, const char **name, const char **value,
                        const wsc_epr **reference)
{
    if (!epr)
        return WSC_E_USAGE;
    if (index >= epr->n)
        return WSC_E_AGAIN;
    if (name)
        *name = epr->selectors[index].name;
    if (value)
        *value = epr->selectors[index].value;
    if (reference)
        *reference = epr->selectors[index].nested;
    return WSC_OK;
}

void wsc_epr_unref(wsc_epr *epr)
{
    wsc__epr_free(epr);
}
