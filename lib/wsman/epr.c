#include "wsman/epr.h"

#include "base/codes.h"
#include "base/str.h"
#include "wsman/ns.h"
#include "xml/xml_writer.h"

#include <string.h>

int wsc__epr_new(struct wsc_epr **out, const struct wsc__mem *mem, const char *uri)
{
    struct wsc_epr *e;

    if (!*uri || !wsc__xml_text_ok(uri))
        return WSC_E_USAGE;
    e = wsc__zalloc(mem, sizeof *e);
    if (!e)
        return WSC_E_NOMEM;
    e->mem = mem;
    e->uri = wsc__strdup(mem, uri);
    if (!e->uri) {
        wsc__epr_free(e);
        return WSC_E_NOMEM;
    }
    *out = e;
    return WSC_OK;
}

void wsc__epr_free(struct wsc_epr *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->n; i++) {
        wsc__free(e->mem, e->selectors[i].name);
        wsc__free(e->mem, e->selectors[i].value);
        wsc__epr_free(e->selectors[i].nested);
    }
    wsc__free(e->mem, e->selectors);
    wsc__free(e->mem, e->uri);
    wsc__free(e->mem, e->inside);
    wsc__free(e->mem, e);
}

static const struct wsc__selector *find(const struct wsc_epr *e, const char *name)
{
    for (size_t i = 0; i < e->n; i++) {
        if (wsc__ieq(e->selectors[i].name, name))
            return &e->selectors[i];
    }
    return NULL;
}

/* How many references are within each other, this one included. */
static unsigned depth(const struct wsc_epr *e)
{
    unsigned most = 0;

    for (size_t i = 0; i < e->n; i++) {
        unsigned d = e->selectors[i].nested ? depth(e->selectors[i].nested) : 0;

        most = d > most ? d : most;
    }
    return most + 1;
}

/* A selector of which one of value and nested is there. */
static int add(struct wsc_epr *e, const char *name, const char *value, const struct wsc_epr *nested)
{
    struct wsc__selector s = { NULL, NULL, NULL }, *more;
    int rc = WSC_OK;

    if (!*name || !wsc__xml_text_ok(name) || find(e, name))
        return WSC_E_USAGE;
    more = wsc__realloc_array(e->mem, e->selectors, e->n + 1, sizeof *more);
    if (!more)
        return WSC_E_NOMEM;
    e->selectors = more;
    s.name = wsc__strdup(e->mem, name);
    if (nested)
        rc = wsc__epr_copy(&s.nested, e->mem, nested);
    else
        s.value = wsc__strdup(e->mem, value);
    if (!s.name || (!s.value && !s.nested)) {
        wsc__free(e->mem, s.name);
        wsc__free(e->mem, s.value);
        wsc__epr_free(s.nested);
        return rc ? rc : WSC_E_NOMEM;
    }
    e->selectors[e->n++] = s;
    return WSC_OK;
}

int wsc__epr_add(struct wsc_epr *e, const char *name, const char *value)
{
    return wsc__xml_text_ok(value) ? add(e, name, value, NULL) : WSC_E_USAGE;
}

int wsc__epr_add_nested(struct wsc_epr *e, const char *name, const struct wsc_epr *value)
{
    return depth(value) < WSC__EPR_DEPTH ? add(e, name, NULL, value) : WSC_E_USAGE;
}

int wsc__epr_copy(struct wsc_epr **out, const struct wsc__mem *mem, const struct wsc_epr *e)
{
    struct wsc_epr *copy = NULL;
    int rc = wsc__epr_new(&copy, mem, e->uri);

    for (size_t i = 0; !rc && i < e->n; i++) {
        const struct wsc__selector *s = &e->selectors[i];

        rc = add(copy, s->name, s->value, s->nested);
    }
    if (rc) {
        wsc__epr_free(copy);
        return rc;
    }
    *out = copy;
    return WSC_OK;
}

static bool same_value(const struct wsc__selector *a, const struct wsc__selector *b)
{
    if (a->nested && b->nested)
        return wsc__epr_equal(a->nested, b->nested);
    return !a->nested && !b->nested && wsc__ieq(a->value, b->value);
}

bool wsc__epr_equal(const struct wsc_epr *a, const struct wsc_epr *b)
{
    if (a->n != b->n || !wsc__ieq(a->uri, b->uri))
        return false;
    for (size_t i = 0; i < a->n; i++) { /* none is there twice, so one direction is enough */
        const struct wsc__selector *s = find(b, a->selectors[i].name);

        if (!s || !same_value(&a->selectors[i], s))
            return false;
    }
    return true;
}

/* --- as XML ----------------------------------------------------------------------------------- */

static void put_selector(struct wsc__xml_writer *w, const struct wsc__selector *s)
{
    wsc__xml_start(w, "w:Selector");
    wsc__xml_attr(w, "Name", s->name);
    if (s->nested) {
        wsc__xml_start(w, "a:EndpointReference");
        wsc__epr_write(s->nested, w);
        wsc__xml_end(w, "a:EndpointReference");
    } else {
        wsc__xml_text(w, s->value);
    }
    wsc__xml_end(w, "w:Selector");
}

void wsc__selectors_write(const struct wsc__selector *s, size_t n, struct wsc__xml_writer *w)
{
    if (!n)
        return;
    wsc__xml_start(w, "w:SelectorSet");
    for (size_t i = 0; i < n; i++)
        put_selector(w, &s[i]);
    wsc__xml_end(w, "w:SelectorSet");
}

void wsc__epr_write(const struct wsc_epr *e, struct wsc__xml_writer *w)
{
    wsc__xml_elem(w, "a:Address", WSC__ANONYMOUS);
    wsc__xml_start(w, "a:ReferenceParameters");
    wsc__xml_elem(w, "w:ResourceURI", e->uri);
    wsc__selectors_write(e->selectors, e->n, w);
    wsc__xml_end(w, "a:ReferenceParameters");
}
