#include "base/opts_table.h"

#include "base/str.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct value {
    int id;
    int64_t num;
    char *str; /* strings, bytes, words; terminated */
    size_t len;
};

struct pair {
    int id;
    char *key, *value;
};

/* Few options are set in any layer, so they stand in the order given and are found by looking
 * through them. */
struct wsc__optset {
    struct wsc__mem mem;
    unsigned refs;
    enum wsc__layer layer;
    struct wsc__optset *parent;
    struct value *values;
    size_t nvalues;
    struct pair *pairs;
    size_t npairs;
};

int wsc__optset_new(struct wsc__optset **out, const struct wsc__mem *mem)
{
    struct wsc__optset *s = wsc__zalloc(mem, sizeof *s);

    if (!s)
        return WSC_E_NOMEM;
    s->mem = *mem;
    s->refs = 1;
    *out = s;
    return WSC_OK;
}

struct wsc__optset *wsc__optset_ref(struct wsc__optset *s)
{
    if (s)
        s->refs++;
    return s;
}

/* Any text may be a secret (a header, an environment variable), so all are wiped. */
static void drop_text(const struct wsc__mem *mem, char *s, size_t len)
{
    wsc__free_secret(mem, s, s ? len + 1 : 0);
}

static void drop_pair(const struct wsc__mem *mem, struct pair *p)
{
    drop_text(mem, p->key, p->key ? strlen(p->key) : 0);
    drop_text(mem, p->value, p->value ? strlen(p->value) : 0);
}

void wsc__optset_unref(struct wsc__optset *s)
{
    while (s && !--s->refs) {
        struct wsc__optset *parent = s->parent;
        struct wsc__mem mem = s->mem;
        size_t i;

        for (i = 0; i < s->nvalues; i++)
            drop_text(&mem, s->values[i].str, s->values[i].len);
        for (i = 0; i < s->npairs; i++)
            drop_pair(&mem, &s->pairs[i]);
        wsc__free(&mem, s->values);
        wsc__free(&mem, s->pairs);
        wsc__free(&mem, s);
        s = parent;
    }
}

static struct value *find_value(const struct wsc__optset *s, int id)
{
    size_t i;

    for (i = 0; i < s->nvalues; i++)
        if (s->values[i].id == id)
            return &s->values[i];
    return NULL;
}

static int nomem(struct wsc_error **err)
{
    return wsc__opt_fail(err, wsc__error_nomem());
}

/* Stores a value that was checked; str is copied, NULL = none. */
static int put(struct wsc__optset *s, int id, int64_t num, const char *str, size_t len,
               struct wsc_error **err)
{
    struct value *v = find_value(s, id), *more;
    char *copy = NULL;

    if (str) {
        copy = wsc__strndup(&s->mem, str, len);
        if (!copy)
            return nomem(err);
    }
    if (!v) {
        more = wsc__realloc_array(&s->mem, s->values, s->nvalues + 1, sizeof *more);
        if (!more) {
            drop_text(&s->mem, copy, len);
            return nomem(err);
        }
        s->values = more;
        v = &more[s->nvalues++];
    } else {
        drop_text(&s->mem, v->str, v->len);
    }
    *v = (struct value){ id, num, copy, len };
    return WSC_OK;
}

static void take_out(struct wsc__optset *s, int id)
{
    struct value *v = find_value(s, id);
    size_t i, n = 0;

    if (v) {
        drop_text(&s->mem, v->str, v->len);
        *v = s->values[--s->nvalues];
    }
    for (i = 0; i < s->npairs; i++) {
        if (s->pairs[i].id == id)
            drop_pair(&s->mem, &s->pairs[i]);
        else
            s->pairs[n++] = s->pairs[i];
    }
    s->npairs = n;
}

static int wrong_setter(struct wsc__optset *s, int id, const char *what, struct wsc_error **err)
{
    const struct wsc__opt_info *o = wsc__opt_info((size_t)id);
    struct wsc_error *e = wsc__error_new(&s->mem, WSC_E_OPTION, "%s takes %s", o->name, what);

    wsc__error_set_str(e, WSC__ES_OPTION, o->name);
    return wsc__opt_fail(err, e);
}

static const char *wants(const struct wsc__opt_info *o)
{
    switch (o->type) {
    case WSC__OPT_MAP:
        return "pairs of name and value, one at a time";
    case WSC__OPT_ENUM:
        return "one of its words, as text";
    case WSC__OPT_STRING:
    case WSC__OPT_BYTES:
        return "text";
    case WSC__OPT_BOOL:
        return "a switch";
    case WSC__OPT_INT:
    case WSC__OPT_SIZE:
    case WSC__OPT_DURATION:
        break;
    }
    return "a number";
}

static bool keeps_text(const struct wsc__opt_info *o)
{
    return o->type == WSC__OPT_STRING || o->type == WSC__OPT_BYTES || o->type == WSC__OPT_ENUM;
}

static int need(struct wsc__optset *s, const char *name, int *id, struct wsc_error **err)
{
    struct wsc_error *e = NULL;

    *id = wsc__opt_need(&s->mem, name, &e);
    return *id < 0 ? wsc__opt_fail(err, e) : WSC_OK;
}

static int set_octets(struct wsc__optset *s, int id, const char *text, size_t len,
                      struct wsc_error **err)
{
    const struct wsc__opt_info *o = wsc__opt_info((size_t)id);
    int64_t num;
    int rc;

    if (o->type == WSC__OPT_MAP)
        return wrong_setter(s, id, wants(o), err);
    rc = wsc__opt_parse(&s->mem, id, text, len, &num, err);
    if (rc)
        return rc;
    return put(s, id, num, keeps_text(o) ? text : NULL, len, err);
}

int wsc__optset_set_text(struct wsc__optset *s, const char *name, const char *value,
                         struct wsc_error **err)
{
    int id, rc = need(s, name, &id, err);

    if (rc)
        return rc;
    if (!value) {
        take_out(s, id);
        return WSC_OK;
    }
    return set_octets(s, id, value, strlen(value), err);
}

int wsc__optset_set_int(struct wsc__optset *s, const char *name, int64_t value,
                        struct wsc_error **err)
{
    const struct wsc__opt_info *o;
    int id, rc = need(s, name, &id, err);

    if (rc)
        return rc;
    o = wsc__opt_info((size_t)id);
    if (keeps_text(o) || o->type == WSC__OPT_MAP)
        return wrong_setter(s, id, wants(o), err);
    rc = wsc__opt_range(&s->mem, id, value, err);
    return rc ? rc : put(s, id, value, NULL, 0, err);
}

int wsc__optset_set_bytes(struct wsc__optset *s, const char *name, const void *data, size_t len,
                          struct wsc_error **err)
{
    const struct wsc__opt_info *o;
    int id, rc = need(s, name, &id, err);

    if (rc)
        return rc;
    o = wsc__opt_info((size_t)id);
    if (o->type != WSC__OPT_STRING && o->type != WSC__OPT_BYTES)
        return wrong_setter(s, id, wants(o), err);
    return set_octets(s, id, data ? data : "", data ? len : 0, err);
}

/* Names of environment variables, headers and WSMan options are all compared without case. */
static struct pair *find_pair(const struct wsc__optset *s, int id, const char *key)
{
    size_t i;

    for (i = 0; i < s->npairs; i++)
        if (s->pairs[i].id == id && wsc__ieq(s->pairs[i].key, key))
            return &s->pairs[i];
    return NULL;
}

static int put_pair(struct wsc__optset *s, int id, const char *key, const char *value,
                    struct wsc_error **err)
{
    struct pair *p = find_pair(s, id, key);
    struct pair made = { id, wsc__strdup(&s->mem, key), wsc__strdup(&s->mem, value) };

    if (!made.key || !made.value)
        goto failed;
    if (p) {
        drop_pair(&s->mem, p);
        *p = made;
        return WSC_OK;
    }
    p = wsc__realloc_array(&s->mem, s->pairs, s->npairs + 1, sizeof *p);
    if (!p)
        goto failed;
    s->pairs = p;
    p[s->npairs++] = made;
    return WSC_OK;
failed:
    drop_pair(&s->mem, &made);
    return nomem(err);
}

int wsc__optset_add(struct wsc__optset *s, const char *name, const char *key, const char *value,
                    struct wsc_error **err)
{
    int id, rc = need(s, name, &id, err);
    int64_t num;

    if (rc)
        return rc;
    if (wsc__opt_info((size_t)id)->type != WSC__OPT_MAP)
        return wrong_setter(s, id, "one value, not pairs", err);
    if (!key || !*key || !value)
        return wrong_setter(s, id, "a name that is not empty, and a value", err);
    rc = wsc__opt_parse(&s->mem, id, key, strlen(key), &num, err);
    if (!rc)
        rc = wsc__opt_parse(&s->mem, id, value, strlen(value), &num, err);
    return rc ? rc : put_pair(s, id, key, value, err);
}

/* --- freezing --------------------------------------------------------------------------------- */

static int check_scope(const struct wsc__mem *mem, int id, int scope, enum wsc__layer layer,
                       struct wsc_error **err)
{
    const struct wsc__opt_info *o = wsc__opt_info((size_t)id);
    struct wsc_error *e;

    if (o->scope & scope)
        return WSC_OK;
    e = wsc__error_new(mem, WSC_E_OPTION, "%s is an option of the %s and cannot be given for %s",
                       o->name, o->scope & WSC__SCOPE_CLIENT ? "client" : "context",
                       scope == WSC__SCOPE_IDENTITY ? "an identity"
                       : layer == WSC__LAYER_CLIENT ? "a client"
                                                    : "an operation");
    wsc__error_set_str(e, WSC__ES_OPTION, o->name);
    return wsc__opt_fail(err, e);
}

int wsc__optset_freeze(struct wsc__optset **out, const struct wsc__mem *mem,
                       const struct wsc__optset *from, struct wsc__optset *parent,
                       enum wsc__layer layer, int scope, struct wsc_error **err)
{
    struct wsc__optset *s = NULL;
    size_t i;
    int rc = wsc__optset_new(&s, mem);

    if (rc)
        return nomem(err);
    s->layer = layer;
    for (i = 0; from && !rc && i < from->nvalues; i++) {
        const struct value *v = &from->values[i];

        rc = check_scope(mem, v->id, scope, layer, err);
        if (!rc)
            rc = put(s, v->id, v->num, v->str, v->len, err);
    }
    for (i = 0; from && !rc && i < from->npairs; i++) {
        const struct pair *p = &from->pairs[i];

        rc = check_scope(mem, p->id, scope, layer, err);
        if (!rc)
            rc = put_pair(s, p->id, p->key, p->value, err);
    }
    if (rc) {
        wsc__optset_unref(s);
        return rc;
    }
    s->parent = wsc__optset_ref(parent);
    *out = s;
    return WSC_OK;
}

/* --- effective values ------------------------------------------------------------------------- */

const char *wsc__layer_name(enum wsc__layer layer)
{
    static const char *const names[] = { "default", "context", "client", "operation" };

    return names[layer];
}

static const struct value *effective(const struct wsc__optset *s, int id)
{
    for (; s; s = s->parent) {
        const struct value *v = find_value(s, id);

        if (v)
            return v;
    }
    return NULL;
}

int64_t wsc__opt_int(const struct wsc__optset *s, enum wsc__opt id)
{
    const struct value *v = effective(s, (int)id);

    return v ? v->num : wsc__opt_default((int)id);
}

const char *wsc__opt_str(const struct wsc__optset *s, enum wsc__opt id)
{
    const struct value *v = effective(s, (int)id);
    const struct wsc__opt_info *o = wsc__opt_info((size_t)id);

    if (v)
        return v->str;
    return keeps_text(o) ? o->def : NULL;
}

bool wsc__opt_bytes(const struct wsc__optset *s, enum wsc__opt id, const void **data, size_t *len)
{
    const struct value *v = effective(s, (int)id);
    const char *text = wsc__opt_str(s, id);

    if (!text)
        return false;
    *data = text;
    *len = v ? v->len : strlen(text);
    return true;
}

static bool has_pair(const struct wsc__optset *s, int id)
{
    size_t i;

    for (i = 0; i < s->npairs; i++)
        if (s->pairs[i].id == id)
            return true;
    return false;
}

enum wsc__layer wsc__opt_layer(const struct wsc__optset *s, enum wsc__opt id)
{
    for (; s; s = s->parent)
        if (find_value(s, (int)id) || has_pair(s, (int)id))
            return s->layer;
    return WSC__LAYER_DEFAULT;
}

bool wsc__opt_is_set(const struct wsc__optset *s, enum wsc__opt id)
{
    for (; s; s = s->parent)
        if (find_value(s, (int)id) || has_pair(s, (int)id))
            return true;
    return false;
}

static const struct pair *pair_above(const struct wsc__optset *s, int id, const char *key)
{
    const struct pair *p = NULL;

    for (; s && !p; s = s->parent)
        p = find_pair(s, id, key);
    return p;
}

/* Walks the layers from the farthest. *i counts down to the pair that is wanted. */
static const struct pair *nth_pair(const struct wsc__optset *s, int id, size_t *i)
{
    const struct pair *p;
    size_t k;

    if (!s)
        return NULL;
    p = nth_pair(s->parent, id, i);
    for (k = 0; !p && k < s->npairs; k++) {
        if (s->pairs[k].id != id || pair_above(s->parent, id, s->pairs[k].key))
            continue; /* the farther layer has told its place already */
        if (!*i)
            p = &s->pairs[k];
        else
            --*i;
    }
    return p;
}

bool wsc__opt_pair(const struct wsc__optset *s, enum wsc__opt id, size_t i, const char **key,
                   const char **value)
{
    const struct pair *p = nth_pair(s, (int)id, &i);

    if (!p)
        return false;
    *key = p->key;
    *value = pair_above(s, (int)id, p->key)->value;
    return true;
}

static const char *pairs_text(const struct wsc__optset *s, enum wsc__opt id, char *buf, size_t cap)
{
    const char *key, *value;
    size_t i, at = 0;

    buf[0] = '\0';
    for (i = 0; wsc__opt_pair(s, id, i, &key, &value); i++) {
        /* a header's value may be a key */
        const char *shown = id == WSC__O_HEADER ? "***" : value;
        int n = snprintf(buf + at, cap - at, "%s%s=%s", i ? ", " : "", key, shown);

        if (n < 0 || (size_t)n >= cap - at)
            break;
        at += (size_t)n;
    }
    return i ? buf : NULL;
}

const char *wsc__opt_text(const struct wsc__optset *s, enum wsc__opt id, char *buf, size_t cap)
{
    const struct wsc__opt_info *o = wsc__opt_info((size_t)id);

    if (!cap || (o->type != WSC__OPT_MAP && !o->def && !wsc__opt_is_set(s, id)))
        return NULL;
    if (o->type == WSC__OPT_MAP)
        return pairs_text(s, id, buf, cap);
    if (o->secret)
        snprintf(buf, cap, "***");
    else if (keeps_text(o))
        return wsc__opt_str(s, id);
    else if (o->type == WSC__OPT_BOOL)
        snprintf(buf, cap, "%s", wsc__opt_int(s, id) ? "true" : "false");
    else
        snprintf(buf, cap, "%" PRId64, wsc__opt_int(s, id));
    return buf;
}
