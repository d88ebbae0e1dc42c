#include "api/api.h"

#include <string.h>

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
    const char *name;

    return wsc_code_get(code, "name", &name) == WSC_OK ? name : "unknown";
}

int wsc_code_find(const char *name, int *code)
{
    const struct wsc__code *c = wsc__code_find_name(name);
    const struct wsc__fault_info *f = c ? NULL : wsc__fault_find_name(name);

    if (!name || !code)
        return WSC_E_USAGE;
    if (!c && !f)
        return WSC_E_AGAIN;
    *code = c ? c->code : (int)f->code;
    return WSC_OK;
}
