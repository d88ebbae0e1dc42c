/* Values: XML that is read and walked through; what each text means; changes put into another one;
 * and what is written is read as the same again. The input: a value, and after a NUL changes. */
#include "base/codes.h"
#include "wsman/epr.h"
#include "wsman/typed.h"
#include "wsman/merge.h"
#include "wsman/verbs.h"

#include <stdlib.h>
#include <string.h>

static const struct wsc__mem *const mem = &wsc__mem_libc;

static void look(const struct wsc_value *v)
{
    uint8_t bytes[16];
    struct wsc_epr *e = NULL;
    int64_t i;
    uint64_t u;
    double d;
    bool b;
    int32_t offset;
    size_t len;

    (void)wsc__value_int(v, &i);
    (void)wsc__value_uint(v, &u);
    (void)wsc__value_double(v, &d);
    (void)wsc__value_bool(v, &b);
    (void)wsc__value_time(v, &i, &offset);
    (void)wsc__value_duration(v, &i);
    (void)wsc__value_bytes_of(v, bytes, sizeof bytes, &len);
    if (wsc__value_epr(v, mem, &e) == WSC_OK) {
        struct wsc_value *w = NULL;
        struct wsc_epr *back = NULL;

        if (wsc__value_new(&w, mem, 1u << 20, NULL, "w") || wsc__value_add_epr(w, "", "ref", e) ||
            wsc__value_epr(w->first, mem, &back) || !wsc__epr_equal(e, back))
            abort();
        wsc__epr_free(back);
        wsc__value_unref(w);
        wsc__epr_free(e);
    }
}

static void walk(const struct wsc_value *v)
{
    const struct wsc_value *n;
    size_t i = 0;

    look(v);
    for (n = v->first; n; n = n->next) {
        if (wsc__value_at(v, i++) != n || n->depth != v->depth + 1)
            abort();
        walk(n);
    }
    if (i != v->count || wsc__value_at(v, i))
        abort();
}

/* Reads it once more. */
static void check(const struct wsc_value *v)
{
    struct wsc_value *again = NULL;
    const char *xml, *twice;
    size_t len, at;

    if (wsc__value_xml(v, &xml, &len) != WSC_OK)
        return; /* more prefixes than it declares */
    if (wsc__value_parse(&again, mem, xml, len, &at))
        abort();
    if (wsc__value_xml(again, &twice, NULL) || strcmp(xml, twice))
        abort();
    wsc__value_unref(again);
}

static void change(struct wsc_value *v, const char *text, size_t len)
{
    struct wsc_value *changes = NULL, *copy = NULL;
    struct wsc__misfit which = { .change = NULL };
    size_t at;

    if (wsc__value_parse(&changes, mem, text, len, &at))
        return;
    if (wsc__value_copy(&copy, mem, 1u << 22, v))
        abort();
    check(copy);
    if (wsc__merge(copy, changes, &which) == WSC_OK)
        walk(copy);
    check(copy);
    (void)wsc__value_add_copy(copy, copy, NULL);
    walk(copy);
    check(copy);
    while (wsc__value_remove(copy, 0) == WSC_OK)
        ;
    if (copy->count || copy->first || copy->last)
        abort();
    wsc__value_unref(copy);
    wsc__value_unref(changes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *nul = memchr(text, 0, size);
    size_t len = nul ? (size_t)(nul - text) : size, at = 0;
    struct wsc_value *v = NULL;
    char path[32];

    if (size > 65536 || wsc__value_parse(&v, mem, text, len, &at))
        return at > len ? (abort(), 0) : 0;
    walk(v);
    check(v);
    if (nul) {
        at = size - len - 1 < sizeof path - 1 ? size - len - 1 : sizeof path - 1;
        memcpy(path, nul + 1, at);
        path[at] = '\0';
        (void)wsc__value_find(v, path, 1);
        change(v, nul + 1, size - len - 1);
    }
    wsc__value_unref(v);
    return 0;
}
