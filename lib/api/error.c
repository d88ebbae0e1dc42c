#include "api/api.h"

int wsc_error_code(const wsc_error *e)
{
    return wsc__error_code(e);
}

const char *wsc_error_text(const wsc_error *e)
{
    return e ? wsc__error_text(e) : "no error";
}

/* A known name without a value is something else than a name that does not exist. */
static int missing(const char *name, const char *const *names, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (wsc__ieq(names[i], name))
            return WSC_E_AGAIN;
    }
    return WSC_E_USAGE;
}

int wsc_error_get_str(const wsc_error *e, const char *name, const char **out)
{
    static const char *const names[] = {
#define X(id, name) name,
        WSC__ERR_STRS(X)
#undef X
    };

    if (!e || !name || !out)
        return WSC_E_USAGE;
    if (wsc__error_by_name(e, name, out))
        return WSC_OK;
    return missing(name, names, sizeof names / sizeof *names);
}

int wsc_error_get_int(const wsc_error *e, const char *name, int64_t *out)
{
    static const char *const names[] = {
#define X(id, name) name,
        WSC__ERR_INTS(X)
#undef X
    };

    if (!e || !name || !out)
        return WSC_E_USAGE;
    if (wsc__error_int_by_name(e, name, out))
        return WSC_OK;
    return missing(name, names, sizeof names / sizeof *names);
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
