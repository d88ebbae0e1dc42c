/* What is within a value, as the formats need it: grouped by name, references known as such. */
#include "values.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CIM "http://schemas.dmtf.org/wbem/wscim/1/common"

/* --- names ------------------------------------------------------------------------------------ */

bool same_name(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool names_have(const struct names *n, const char *name)
{
    size_t i;

    for (i = 0; n && i < n->n; i++)
        if (same_name(n->at[i], name))
            return true;
    return !n || !n->n;
}

const char *value_attribute(const wsc_value *value, const char *name)
{
    const char *own = NULL, *text = NULL;
    size_t i;

    for (i = 0; wsc_value_attr_at(value, i, NULL, &own, &text) == WSC_OK; i++)
        if (same_name(own, name))
            return text;
    return NULL;
}

static const wsc_value *among; /* for name_at */

/* Elements, or parameters by their Names; then attributes. */
static const char *name_at(size_t i)
{
    size_t n = wsc_value_count(among);
    const char *name = NULL;

    if (i < n) {
        name = value_attribute(wsc_value_at(among, i), "Name");
        return name ? name : wsc_value_name(wsc_value_at(among, i));
    }
    return wsc_value_attr_at(among, i - n, NULL, &name, NULL) == WSC_OK ? name : NULL;
}

const char *value_nearest(const wsc_value *value, const char *word)
{
    const char *found;

    among = value;
    found = nearest(word, name_at);
    among = NULL;
    return found;
}

wsc_value *value_own(const wsc_value *value)
{
    wsc_value *own = wsc_value_ref(value);

    wsc_value_unref(own);
    return own;
}

static bool add_name(struct names *n, const char *name, size_t len)
{
    char **more = realloc(n->at, (n->n + 1) * sizeof *more);

    if (!more)
        return false;
    n->at = more;
    more[n->n] = strndup(name, len);
    if (!more[n->n])
        return false;
    n->n++;
    return true;
}

bool names_add(struct names *n, const char *name)
{
    return add_name(n, name, strlen(name));
}

bool names_read(struct names *n, const char *list)
{
    while (list && *list) {
        size_t len;

        list += strspn(list, ", \t\n");
        len = strcspn(list, ", \t\n");
        if (len && !add_name(n, list, len))
            return false;
        list += len;
    }
    return true;
}

void names_free(struct names *n)
{
    size_t i;

    for (i = 0; i < n->n; i++)
        free(n->at[i]);
    free(n->at);
    memset(n, 0, sizeof *n);
}

/* --- groups ----------------------------------------------------------------------------------- */

static int by_index(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int by_name(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    int order = strcmp(wsc_value_name(x->value), wsc_value_name(y->value));

    return order ? order : by_index(x->index, y->index);
}

static int by_first(const void *a, const void *b)
{
    const struct group *x = a, *y = b;
    int order = by_index(x->first, y->first);

    return order ? order : by_index(x->index, y->index);
}

/* By sorting: a reply may have a hundred thousand elements side by side. */
bool groups_make(struct groups *g, const wsc_value *value)
{
    size_t n = wsc_value_count(value), i;

    g->n = 0;
    g->at = n ? calloc(n, sizeof *g->at) : NULL;
    if (n && !g->at)
        return false;
    for (i = 0; i < n; i++) {
        g->at[i].value = wsc_value_at(value, i);
        g->at[i].index = i;
    }
    g->n = n;
    if (n > 1)
        qsort(g->at, n, sizeof *g->at, by_name);
    for (i = 0; i < n; i++) {
        bool same =
            i && !strcmp(wsc_value_name(g->at[i].value), wsc_value_name(g->at[i - 1].value));

        g->at[i].first = same ? g->at[i - 1].first : g->at[i].index;
    }
    if (n > 1)
        qsort(g->at, n, sizeof *g->at, by_first);
    return true;
}

void groups_select(struct groups *g, const struct names *names)
{
    size_t kept = 0, i, k;

    if (!names || !names->n)
        return;
    for (i = 0; i < g->n; i++) {
        for (k = 0; k < names->n && !same_name(names->at[k], wsc_value_name(g->at[i].value)); k++)
            ;
        if (k == names->n)
            continue;
        g->at[kept] = g->at[i];
        g->at[kept++].first = k;
    }
    g->n = kept;
    if (kept > 1)
        qsort(g->at, kept, sizeof *g->at, by_first);
}

size_t groups_count(const struct groups *g, size_t at)
{
    size_t n = 1;

    while (at + n < g->n && g->at[at + n].first == g->at[at].first)
        n++;
    return n;
}

void groups_free(struct groups *g)
{
    free(g->at);
    g->at = NULL;
    g->n = 0;
}

/* --- what a value is -------------------------------------------------------------------------- */

/* cim:Datetime, cim:Interval and the like: the only one within (DSP0230). */
static const wsc_value *time_within(const wsc_value *value)
{
    static const char *const names[] = { "Datetime", "Interval", "Date", "Time", "CIM_DateTime" };
    const wsc_value *only = wsc_value_count(value) == 1 ? wsc_value_at(value, 0) : NULL;
    size_t i;

    if (!only || wsc_value_count(only) || strcmp(wsc_value_ns(only), CIM) != 0)
        return NULL;
    for (i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(wsc_value_name(only), names[i]) == 0)
            return only;
    return NULL;
}

const char *value_leaf(const wsc_value *value, bool *null)
{
    const wsc_value *time = time_within(value);
    const char *text = wsc_value_text(time ? time : value, NULL);

    *null = !text;
    return wsc_value_count(value) && !time ? NULL : text;
}

wsc_epr *value_reference(const wsc_value *value)
{
    const wsc_value *only = wsc_value_count(value) == 1 ? wsc_value_at(value, 0) : NULL;
    const char *type = wsc_value_type(value);
    wsc_epr *epr = NULL;

    if (!wsc_value_count(value) ||
        !(wsc_value_find(value, "ReferenceParameters", 0) ||
          (only && strcmp(wsc_value_name(only), "EndpointReference") == 0) ||
          (type && strcmp(type, "cimReference") == 0)))
        return NULL;
    return wsc_value_get_epr(value, &epr) == WSC_OK ? epr : NULL;
}

void value_parts(const wsc_value *item, const wsc_value **object, const wsc_value **epr)
{
    const wsc_value *second = wsc_value_at(item, 1);

    *object = item;
    *epr = NULL;
    if (strcmp(wsc_value_name(item), "Item") != 0 || wsc_value_count(item) != 2 ||
        strcmp(wsc_value_name(second), "EndpointReference") != 0)
        return;
    *object = wsc_value_at(item, 0);
    *epr = second;
}

bool value_in_attributes(const wsc_value *value)
{
    const char *name = NULL, *text = wsc_value_text(value, NULL);
    size_t i;

    if (wsc_value_count(value) || !text || text[strspn(text, " \t\r\n")])
        return false;
    for (i = 0; wsc_value_attr_at(value, i, NULL, &name, NULL) == WSC_OK; i++)
        if (strcmp(name, "Source") != 0)
            return true;
    return false;
}

/* Quotes only where they have to be. */
static void selector_text(FILE *out, const char *text)
{
    if (*text && !strpbrk(text, "+\" \t\r\n")) {
        clean_text(out, text, "");
        return;
    }
    fputc('"', out);
    for (; *text; text += strcspn(text, "\"") ? strcspn(text, "\"") : 1) {
        if (*text == '"')
            fputs("\"\"", out);
        else
            clean_bytes(out, text, strcspn(text, "\""), "");
    }
    fputc('"', out);
}

void epr_text(FILE *out, const wsc_epr *epr)
{
    const char *name = NULL, *value = NULL;
    const wsc_epr *reference = NULL;
    size_t i;

    clean_text(out, wsc_epr_uri(epr), "");
    for (i = 0; wsc_epr_selector_at(epr, i, &name, &value, &reference) == WSC_OK; i++) {
        fputc(i ? '+' : '?', out);
        clean_text(out, name, "");
        fputc('=', out);
        if (value) {
            selector_text(out, value);
        } else {
            fputc('{', out);
            epr_text(out, reference);
            fputc('}', out);
        }
    }
}
