/* What the text of a value means (DSP0230, XML Schema part 2). */
#include "wsman/typed.h"

#include "base/b64.h"
#include "base/str.h"
#include "wsman/epr.h"
#include "wsman/ns.h"

#include <string.h>

/* --- paths ------------------------------------------------------------------------------------ */

static bool fits(const struct wsc_value *v, const char *step, size_t len)
{
    return (len == 1 && *step == '*') || (v->name && wsc__ieqn(step, len, v->name));
}

/* Of the first step of a path. (strcspn makes a table for each call.) */
static size_t length_of(const char *path)
{
    const char *slash = strchr(path, '/');

    return slash ? (size_t)(slash - path) : strlen(path);
}

/* Down as deep as the path is long, and back up where it leads nowhere. */
const struct wsc_value *wsc__value_find(const struct wsc_value *v, const char *path, size_t nth)
{
    const struct wsc_value *at[WSC__TREE_DEPTH + 1];
    const char *step[WSC__TREE_DEPTH + 1];
    size_t length[WSC__TREE_DEPTH + 1];
    unsigned level = 0, known = 0; /* so far the path has been taken apart */

    if (!strchr(path, '/') && strcmp(path, "*") != 0)
        return wsc__value_child(v, path, nth);
    at[0] = v->first;
    step[0] = path;
    length[0] = length_of(path);
    for (;;) {
        const struct wsc_value *n = at[level];
        size_t len = length[level];

        if (!n) {
            if (!level--)
                return NULL;
            continue;
        }
        at[level] = n->next;
        if (!fits(n, step[level], len))
            continue;
        if (step[level][len]) {
            at[++level] = n->first;
            if (level > known) {
                step[level] = step[level - 1] + len + 1;
                length[level] = length_of(step[level]);
                known = level;
            }
        } else if (!nth--) {
            return n;
        }
    }
}

/* --- the drive's paths ------------------------------------------------------------------------ */

static const struct wsc_value *step_down(const struct wsc_value *v, const char *step, size_t len)
{
    const struct wsc_value *n;

    for (n = v->first; n; n = n->next) {
        if (n->name && wsc__ieqn(step, len, n->name))
            return n;
    }
    for (n = v->first; n; n = n->next) { /* a parameter, a plug-in, a listener */
        const char *name = wsc__value_attr(n, NULL, "Name");

        if (name && wsc__ieqn(step, len, name))
            return n;
    }
    return NULL;
}

static const char *attribute(const struct wsc_value *v, const char *name)
{
    const struct wsc__value_attr *a;

    for (a = v->attrs; a; a = a->next) {
        if (wsc__ieq(a->name, name))
            return a->text;
    }
    return NULL;
}

const char *wsc__value_text_at(const struct wsc_value *v, const char *path)
{
    const char *value;

    for (;;) {
        size_t len = strcspn(path, "/");
        const struct wsc_value *n = step_down(v, path, len);

        if (!n)
            return path[len] ? NULL : attribute(v, path);
        v = n;
        if (!path[len])
            break;
        path += len + 1;
    }
    value = attribute(v, "Value");
    return value && !v->first ? value : v->nil ? NULL : v->text ? v->text : "";
}

/* --- texts ------------------------------------------------------------------------------------ */

static int text_of(const struct wsc_value *v, const char **s, size_t *len)
{
    if (v->nil)
        return WSC_E_AGAIN;
    if (!v->text)
        return WSC_E_PROTOCOL;
    *s = v->text;
    *len = v->text_len;
    wsc__trim(s, len);
    return WSC_OK;
}

/* The digits of a whole number, behind '-' where it has one. */
static int number_of(const struct wsc_value *v, const char **s, size_t *len)
{
    int rc = text_of(v, s, len);
    size_t i;

    if (rc != WSC_OK)
        return rc;
    i = *len && (**s == '-' || **s == '+');
    if (i == *len || strspn(*s + i, "0123456789") < *len - i)
        return WSC_E_PROTOCOL;
    if (**s == '+') {
        (*s)++;
        (*len)--;
    }
    return WSC_OK;
}

int wsc__value_int(const struct wsc_value *v, int64_t *out)
{
    const char *s;
    size_t len;
    int rc = number_of(v, &s, &len);

    return rc != WSC_OK ? rc : wsc__parse_i64(s, len, out) ? WSC_OK : WSC_E_LIMIT;
}

int wsc__value_uint(const struct wsc_value *v, uint64_t *out)
{
    const char *s;
    size_t len;
    int rc = number_of(v, &s, &len);

    return rc != WSC_OK ? rc : wsc__parse_u64(s, len, out) ? WSC_OK : WSC_E_LIMIT;
}

int wsc__value_double(const struct wsc_value *v, double *out)
{
    const char *s;
    size_t len;
    int rc = text_of(v, &s, &len);

    if (rc != WSC_OK)
        return rc;
    return wsc__parse_double(s, len, out) ? WSC_OK : WSC_E_PROTOCOL;
}

int wsc__value_bool(const struct wsc_value *v, bool *out)
{
    const char *s;
    size_t len;
    int rc = text_of(v, &s, &len);

    if (rc != WSC_OK)
        return rc;
    if (wsc__ieqn(s, len, "true") || wsc__ieqn(s, len, "1"))
        *out = true;
    else if (wsc__ieqn(s, len, "false") || wsc__ieqn(s, len, "0"))
        *out = false;
    else
        return WSC_E_PROTOCOL;
    return WSC_OK;
}

/* A cimDateTime holds its text in an element of its own (DSP0230 9.5). */
static const struct wsc_value *inner(const struct wsc_value *v)
{
    return v->count == 1 ? v->first : v;
}

int wsc__value_time(const struct wsc_value *v, int64_t *ticks, int32_t *offset)
{
    const char *s;
    size_t len;
    int rc = text_of(inner(v), &s, &len);

    if (rc != WSC_OK)
        return rc;
    return wsc__parse_datetime(s, len, ticks, offset) ? WSC_OK : WSC_E_PROTOCOL;
}

int wsc__value_duration(const struct wsc_value *v, int64_t *ticks)
{
    const char *s;
    size_t len;
    int rc = text_of(inner(v), &s, &len);

    if (rc != WSC_OK)
        return rc;
    return wsc__parse_duration_ticks(s, len, ticks);
}

/* Writes what fits; *len: how many there are. */
static int decode(const char *s, size_t n, uint8_t *out, size_t cap, size_t *len)
{
    struct wsc__b64_decoder d;
    size_t total = 0, used, made;
    uint8_t piece[256];

    wsc__b64_decoder_init(&d);
    while (n) {
        bool good = wsc__b64_decode(&d, s, n, &used, piece, sizeof piece, &made);

        if (made && total < cap)
            memcpy(out + total, piece, made < cap - total ? made : cap - total);
        total += made;
        s += used;
        n -= used;
        if (!good && n)
            return WSC_E_PROTOCOL;
    }
    *len = total;
    return wsc__b64_decoder_done(&d) ? WSC_OK : WSC_E_PROTOCOL;
}

int wsc__value_bytes_of(const struct wsc_value *v, void *buf, size_t cap, size_t *len)
{
    size_t n, total;
    const char *s;
    int rc = text_of(v, &s, &n);

    if (rc == WSC_OK)
        rc = decode(s, n, NULL, 0, &total); /* first whether it is any */
    if (rc != WSC_OK)
        return rc;
    *len = total;
    return total <= cap ? decode(s, n, buf, cap, len) : WSC_E_LIMIT;
}

/* --- references: written ---------------------------------------------------------------------- */

#define NS_A WSC__NS_ADDRESSING
#define NS_W WSC__NS_WSMAN

static int put_epr(struct wsc_value *v, const struct wsc_epr *e, unsigned depth)
{
    struct wsc_value *p = NULL, *set = NULL, *s;
    size_t i;
    int rc = wsc__value_add(v, NS_A, "Address", WSC__ANONYMOUS, NULL);

    if (rc == WSC_OK)
        rc = wsc__value_add(v, NS_A, "ReferenceParameters", "", &p);
    if (rc == WSC_OK)
        rc = wsc__value_add(p, NS_W, "ResourceURI", e->uri, NULL);
    if (rc == WSC_OK && e->n)
        rc = wsc__value_add(p, NS_W, "SelectorSet", "", &set);
    for (i = 0; i < e->n && rc == WSC_OK; i++) {
        const struct wsc__selector *from = &e->selectors[i];

        rc = wsc__value_add(set, NS_W, "Selector", from->value ? from->value : "", &s);
        if (rc == WSC_OK)
            rc = wsc__value_set_attr(s, "", "Name", from->name);
        if (rc == WSC_OK && from->nested)
            rc = depth < WSC__EPR_DEPTH ? wsc__value_add(s, NS_A, "EndpointReference", "", &s)
                                        : WSC_E_LIMIT;
        if (rc == WSC_OK && from->nested)
            rc = put_epr(s, from->nested, depth + 1);
    }
    return rc;
}

int wsc__value_add_epr(struct wsc_value *v, const char *ns, const char *name,
                       const struct wsc_epr *epr)
{
    const struct wsc_value before = *v;
    struct wsc_value *made = NULL;
    int rc = wsc__value_add(v, ns, name, "", &made);

    if (rc != WSC_OK)
        return rc;
    rc = put_epr(made, epr, 0);
    if (rc != WSC_OK)
        wsc__value_rewind(v, &before);
    return rc;
}

/* --- properties ------------------------------------------------------------------------------- */

static int check_pair(void *ud, const char *name, const char *value)
{
    (void)ud;
    (void)value;
    return wsc__xml_name_ok(name) ? WSC_OK : WSC_E_USAGE;
}

static int add_pair(void *ud, const char *name, const char *value)
{
    return wsc__value_add(ud, NULL, name, value, NULL);
}

int wsc__value_add_hash(struct wsc_value *v, const char *text, size_t *bad_at, const char **why)
{
    const struct wsc__mem *mem = wsc__value_mem(v);
    const struct wsc_value before = *v;
    const char *reason = "a name here is none that XML allows";
    size_t at = 0;
    int rc = wsc__hash_parse(mem, text, check_pair, NULL, &at, &reason);

    if (rc == WSC_OK)
        rc = wsc__hash_parse(mem, text, add_pair, v, &at, &reason);
    else if (rc == WSC_E_USAGE && bad_at)
        *bad_at = at;
    if (rc == WSC_E_USAGE && why)
        *why = reason;
    if (rc != WSC_OK && v->count > before.count)
        wsc__value_rewind(v, &before);
    return rc;
}

/* --- references ------------------------------------------------------------------------------- */

#define SELECTORS 1000 /* each is compared with all before it */

/* Where the parameters stand; they may be wrapped in an EndpointReference. */
static const struct wsc_value *parameters_of(const struct wsc_value *v)
{
    const struct wsc_value *p;

    for (;;) {
        p = wsc__value_child(v, "ReferenceParameters", 0);
        if (!p)
            p = wsc__value_child(v, "ReferenceProperties", 0);
        if (p)
            return p;
        v = wsc__value_child(v, "EndpointReference", 0);
        if (!v)
            return NULL;
    }
}

static const char *trimmed(const struct wsc__mem *mem, const struct wsc_value *v, char **made)
{
    const char *s = "";
    size_t len = 0;

    (void)text_of(v, &s, &len);
    *made = wsc__strndup(mem, s, len);
    return *made;
}

static int read_epr(const struct wsc_value *v, const struct wsc__mem *mem, unsigned depth,
                    struct wsc_epr **out);

static int add_selector(struct wsc_epr *e, const struct wsc_value *v, unsigned depth)
{
    const char *name = wsc__value_attr(v, NULL, "Name");
    struct wsc_epr *nested = NULL;
    char *text;
    int rc;

    if (!name || v->nil)
        return WSC_E_PROTOCOL;
    if (!v->first) { /* blanks may belong to it */
        text = wsc__strndup(e->mem, v->text ? v->text : "", v->text_len);
        rc = text ? wsc__epr_add(e, name, text) : WSC_E_NOMEM;
        wsc__free(e->mem, text);
        return rc;
    }
    rc = read_epr(v, e->mem, depth + 1, &nested);
    if (rc == WSC_OK)
        rc = wsc__epr_add_nested(e, name, nested);
    wsc__epr_free(nested);
    return rc;
}

static int read_epr(const struct wsc_value *v, const struct wsc__mem *mem, unsigned depth,
                    struct wsc_epr **out)
{
    const struct wsc_value *p = parameters_of(v);
    const struct wsc_value *uri = p ? wsc__value_child(p, "ResourceURI", 0) : NULL;
    const struct wsc_value *set = p ? wsc__value_child(p, "SelectorSet", 0) : NULL;
    struct wsc_epr *e = NULL;
    char *text;
    int rc;

    if (!uri || depth > WSC__EPR_DEPTH)
        return WSC_E_PROTOCOL;
    rc = trimmed(mem, uri, &text) ? wsc__epr_new(&e, mem, text) : WSC_E_NOMEM;
    wsc__free(mem, text);
    if (set && set->count > SELECTORS)
        rc = rc == WSC_OK ? WSC_E_LIMIT : rc;
    for (v = set ? set->first : NULL; v && rc == WSC_OK; v = v->next) {
        if (wsc__ieq(v->name, "Selector"))
            rc = add_selector(e, v, depth);
    }
    if (rc == WSC_OK)
        *out = e;
    else
        wsc__epr_free(e);
    return rc == WSC_E_USAGE ? WSC_E_PROTOCOL : rc;
}

int wsc__value_epr(const struct wsc_value *v, const struct wsc__mem *mem, struct wsc_epr **out)
{
    return v->nil ? WSC_E_AGAIN : read_epr(v, mem, 0, out);
}
