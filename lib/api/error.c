#include "api/api.h"

int wsc_error_code(const wsc_error *e)
{
    return wsc__error_code(e);
}

const char *wsc_error_text(const wsc_error *e)
{
    return e ? wsc__error_text(e) : "no error";
}

int wsc_error_get_str(const wsc_error *e, const char *name, const char **out)
{
    if (!e || !name || !out)
        return WSC_E_USAGE;
    if (wsc__error_by_name(e, name, out))
        return WSC_OK;
    return wsc__error_has_str(name) ? WSC_E_AGAIN : WSC_E_USAGE;
}

int wsc_error_get_int(const wsc_error *e, const char *name, int64_t *out)
{
    if (!e || !name || !out)
        return WSC_E_USAGE;
    if (wsc__error_int_by_name(e, name, out))
        return WSC_OK;
    return wsc__error_has_int(name) ? WSC_E_AGAIN : WSC_E_USAGE;
}

const char *wsc_code_name(int code)
{
    const struct wsc__code *c = wsc__code_find(code);
    const struct wsc__fault_info *f;

    if (c)
        return c->name;
    f = wsc__fault_find((uint32_t)code);
    return f ? f->name : "unknown";
}
