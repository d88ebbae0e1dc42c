/* Values: elements of XML as a tree. They belong to no context. */
#include "api/api.h"

#include "wsman/sddl.h"
#include "wsman/typed.h"
#include "xml/tree.h"

#include <string.h>

#define MAX_BYTES (SIZE_MAX / 4)

static const struct wsc__mem *const mem = &wsc__mem_libc;

/* --- making ----------------------------------------------------------------------------------- */

int wsc_value_new(wsc_value **out, const char *ns, const char *name)
{
    return out ? wsc__value_new(out, mem, MAX_BYTES, ns, name) : WSC_E_USAGE;
}

int wsc_value_parse(wsc_value **out, const void *xml, size_t len, size_t *bad_at)
{
    size_t at = 0;
    int rc;

    if (!out || !xml)
        return WSC_E_USAGE;
    rc = wsc__value_parse(out, mem, xml, len, &at);
    if (rc == WSC_E_USAGE && bad_at)
        *bad_at = at;
    return rc;
}

int wsc_value_parse_sddl(wsc_value **out, const char *sddl, size_t *bad_at, const char **why)
{
    return out && sddl ? wsc__sddl_parse(out, mem, sddl, bad_at, why) : WSC_E_USAGE;
}

int wsc_value_copy(wsc_value **out, const wsc_value *value)
{
    return out && value ? wsc__value_copy(out, mem, MAX_BYTES, value) : WSC_E_USAGE;
}

static bool changeable(const wsc_value *v)
{
    return v && !wsc__value_frozen(v);
}

int wsc_value_add(wsc_value *value, const char *ns, const char *name, const char *text,
                  wsc_value **child)
{
    return changeable(value) && name ? wsc__value_add(value, ns, name, text, child) : WSC_E_USAGE;
}

int wsc_value_add_value(wsc_value *value, const wsc_value *other, wsc_value **child)
{
    return changeable(value) && other ? wsc__value_add_copy(value, other, child) : WSC_E_USAGE;
}

int wsc_value_add_epr(wsc_value *value, const char *ns, const char *name, const wsc_epr *epr)
{
    return changeable(value) && name && epr ? wsc__value_add_epr(value, ns, name, epr)
                                            : WSC_E_USAGE;
}

int wsc_value_add_text(wsc_value *value, const char *text, size_t *bad_at, const char **why)
{
    return changeable(value) && text ? wsc__value_add_hash(value, text, bad_at, why) : WSC_E_USAGE;
}

int wsc_value_set_text(wsc_value *value, const char *text)
{
    return changeable(value) ? wsc__value_set_text(value, text) : WSC_E_USAGE;
}

int wsc_value_set_attr(wsc_value *value, const char *ns, const char *name, const char *text)
{
    return changeable(value) && name ? wsc__value_set_attr(value, ns, name, text) : WSC_E_USAGE;
}

int wsc_value_set_type(wsc_value *value, const char *ns, const char *type)
{
    return changeable(value) ? wsc__value_set_type(value, ns, type) : WSC_E_USAGE;
}

int wsc_value_remove(wsc_value *value, size_t index)
{
    return changeable(value) ? wsc__value_remove(value, index) : WSC_E_USAGE;
}

wsc_value *wsc_value_ref(const wsc_value *value)
{
    if (value)
        wsc__value_ref(value);
    return (wsc_value *)(uintptr_t)value; /* what is a reply's refuses to be changed */
}

void wsc_value_unref(wsc_value *value)
{
    wsc__value_unref(value);
}

/* --- looking ---------------------------------------------------------------------------------- */

size_t wsc_value_count(const wsc_value *value)
{
    return value ? value->count : 0;
}

const wsc_value *wsc_value_at(const wsc_value *value, size_t index)
{
    return value ? wsc__value_at(value, index) : NULL;
}

const wsc_value *wsc_value_find(const wsc_value *value, const char *path, size_t nth)
{
    return value && path ? wsc__value_find(value, path, nth) : NULL;
}

int wsc_value_get_str(const wsc_value *value, const char *path, const char **out)
{
    const char *text;

    if (!value || !path || !out)
        return WSC_E_USAGE;
    text = wsc__value_text_at(value, path);
    if (!text)
        return WSC_E_AGAIN;
    *out = text;
    return WSC_OK;
}

const char *wsc_value_name(const wsc_value *value)
{
    return value && value->name ? value->name : "";
}

const char *wsc_value_ns(const wsc_value *value)
{
    return value && value->ns ? value->ns : "";
}

const char *wsc_value_type(const wsc_value *value)
{
    return value ? value->type : NULL;
}

const char *wsc_value_type_ns(const wsc_value *value)
{
    return value ? value->type_ns : NULL;
}

const char *wsc_value_text(const wsc_value *value, size_t *len)
{
    if (!value || value->nil)
        return NULL;
    if (len)
        *len = value->text_len;
    return value->text ? value->text : "";
}

const char *wsc_value_attr(const wsc_value *value, const char *ns, const char *name)
{
    return value && name ? wsc__value_attr(value, ns, name) : NULL;
}

int wsc_value_attr_at(const wsc_value *value, size_t index, const char **ns, const char **name,
                      const char **text)
{
    const struct wsc__value_attr *a = value ? value->attrs : NULL;

    if (!value)
        return WSC_E_USAGE;
    for (; a && index; index--)
        a = a->next;
    if (!a)
        return WSC_E_AGAIN;
    if (ns)
        *ns = a->ns;
    if (name)
        *name = a->name;
    if (text)
        *text = a->text;
    return WSC_OK;
}

/* --- meaning ---------------------------------------------------------------------------------- */

int wsc_value_get_int(const wsc_value *value, int64_t *out)
{
    return value && out ? wsc__value_int(value, out) : WSC_E_USAGE;
}

int wsc_value_get_uint(const wsc_value *value, uint64_t *out)
{
    return value && out ? wsc__value_uint(value, out) : WSC_E_USAGE;
}

int wsc_value_get_double(const wsc_value *value, double *out)
{
    return value && out ? wsc__value_double(value, out) : WSC_E_USAGE;
}

int wsc_value_get_bool(const wsc_value *value, int *out)
{
    bool b = false;
    int rc;

    if (!value || !out)
        return WSC_E_USAGE;
    rc = wsc__value_bool(value, &b);
    if (rc == WSC_OK)
        *out = b;
    return rc;
}

int wsc_value_get_time(const wsc_value *value, int64_t *out, int *offset)
{
    int64_t ticks = 0;
    int32_t minutes = 0;
    int rc;

    if (!value || !out)
        return WSC_E_USAGE;
    rc = wsc__value_time(value, &ticks, &minutes);
    if (rc != WSC_OK)
        return rc;
    *out = ticks;
    if (offset)
        *offset = minutes == WSC__NO_OFFSET ? WSC_NO_OFFSET : minutes;
    return WSC_OK;
}

int wsc_value_get_duration(const wsc_value *value, int64_t *out)
{
    return value && out ? wsc__value_duration(value, out) : WSC_E_USAGE;
}

int wsc_value_get_bytes(const wsc_value *value, void *buf, size_t cap, size_t *len)
{
    return value && len && (buf || !cap) ? wsc__value_bytes_of(value, buf, cap, len) : WSC_E_USAGE;
}

int wsc_value_get_epr(const wsc_value *value, wsc_epr **out)
{
    return value && out ? wsc__value_epr(value, mem, out) : WSC_E_USAGE;
}

int wsc_value_get_xml(const wsc_value *value, const char **out, size_t *len)
{
    return value && out ? wsc__value_xml(value, out, len) : WSC_E_USAGE;
}
