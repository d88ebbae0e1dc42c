/* Values written as XML that can stand alone: every prefix is declared where it is first needed. */
#include "base/str.h"
#include "xml/tree_private.h"

#include <libxml/tree.h>

#include <stdio.h>
#include <string.h>

#define SCOPE      64 /* declarations in scope */
#define PREFIX_MAX 60
#define QNAME      (PREFIX_MAX + WSC__NAME_MAX + 2)
#define NS_XML     "http://www.w3.org/XML/1998/namespace"

struct writer {
    struct wsc__xml_writer *w;
    const char *root_ns, *root_name; /* for what has none */
    struct {
        const char *prefix, *ns;
        unsigned depth;
    } scope[SCOPE];
    unsigned n;
    char own[SCOPE][16]; /* prefixes of ours, each at the place of its declaration */
    /* the elements that are open, the root at 0 */
    const struct wsc_value *open[WSC__TREE_DEPTH];
    const char *prefix[WSC__TREE_DEPTH];
    unsigned depth; /* of the one under way */
};

bool wsc__xml_name_ok(const char *name)
{
    return strlen(name) <= WSC__NAME_MAX && wsc__xml_text_ok(name) &&
           xmlValidateNCName((const xmlChar *)name, 0) == 0;
}

static const char *qname(char out[QNAME], const char *prefix, const char *name)
{
    snprintf(out, QNAME, "%s%s%s", prefix, *prefix ? ":" : "", name);
    return out;
}

static const char *bound(const struct writer *x, const char *prefix)
{
    unsigned i;

    for (i = x->n; i-- > 0;) {
        if (strcmp(x->scope[i].prefix, prefix) == 0)
            return x->scope[i].ns;
    }
    return !*prefix ? "" : strcmp(prefix, "xml") == 0 ? NS_XML : NULL;
}

/* A prefix that means ns here, not hidden by another one; NULL = none. */
static const char *prefix_of(const struct writer *x, const char *ns)
{
    unsigned i;

    if (strcmp(ns, NS_XML) == 0)
        return "xml";
    for (i = x->n; i-- > 0;) {
        const char *p = x->scope[i].prefix;

        if (*p && strcmp(x->scope[i].ns, ns) == 0 && bound(x, p) == x->scope[i].ns)
            return p;
    }
    return NULL;
}

static void fail(struct writer *x)
{
    if (!x->w->err)
        x->w->err = WSC_E_LIMIT;
}

static void declare(struct writer *x, const char *prefix, const char *ns)
{
    char attr[QNAME];

    if (x->n == SCOPE) {
        fail(x);
        return;
    }
    wsc__xml_attr(x->w, *prefix ? qname(attr, "xmlns", prefix) : "xmlns", ns);
    x->scope[x->n].prefix = prefix;
    x->scope[x->n].ns = ns;
    x->scope[x->n++].depth = x->depth;
}

/* It means something here, for which the element under way may have used it already. */
static bool taken(const struct writer *x, const char *prefix)
{
    return bound(x, prefix) || strcmp(x->prefix[x->depth], prefix) == 0;
}

/* A prefix for ns on the element under way: one in scope, else the wanted one, else a new one. */
static const char *need(struct writer *x, const char *ns, const char *wanted)
{
    const char *p = prefix_of(x, ns);
    unsigned i;

    if (p)
        return p;
    for (i = x->n; x->n < SCOPE && taken(x, wanted); i++) {
        snprintf(x->own[x->n], sizeof x->own[0], "ns%u", i);
        wanted = x->own[x->n];
    }
    declare(x, wanted, ns);
    return wanted;
}

static void put_attr(struct writer *x, const char *ns, const char *wanted, const char *name,
                     const char *text)
{
    char q[QNAME];

    wsc__xml_attr(x->w, qname(q, *ns ? need(x, ns, wanted) : "", name), text);
}

static void put_type(struct writer *x, const struct wsc_value *v)
{
    char q[QNAME];

    if (!v->type)
        return;
    qname(q, *v->type_ns ? need(x, v->type_ns, "t") : "", v->type);
    put_attr(x, WSC__NS_XSI, "xsi", "type", q);
}

static const char *ns_of(const struct writer *x, const struct wsc_value *v)
{
    return v->ns ? v->ns : x->root_ns;
}

static const char *name_of(const struct writer *x, const struct wsc_value *v)
{
    return v->name ? v->name : x->root_name;
}

/* A type of no namespace would get that of a default one. */
static bool bare_type(const struct wsc_value *v)
{
    return v->type && !*v->type_ns;
}

static const char *prefix_for(const struct wsc_value *v, const char *ns)
{
    if (strcmp(ns, NS_XML) == 0)
        return "xml";
    if (!*ns)
        return "";
    return strlen(v->prefix) > PREFIX_MAX || (!*v->prefix && bare_type(v)) ? "p" : v->prefix;
}

static void open_element(struct writer *x, const struct wsc_value *v)
{
    const struct wsc__value_attr *a;
    const char *ns = ns_of(x, v), *prefix = prefix_for(v, ns), *is = bound(x, prefix);
    char q[QNAME];

    x->open[x->depth] = v;
    x->prefix[x->depth] = prefix;
    wsc__xml_start(x->w, qname(q, prefix, name_of(x, v)));
    if (!is || strcmp(is, ns) != 0)
        declare(x, prefix, ns);
    if (bare_type(v) && *bound(x, ""))
        declare(x, "", "");
    put_type(x, v);
    if (v->nil)
        put_attr(x, WSC__NS_XSI, "xsi", "nil", "true");
    for (a = v->attrs; a; a = a->next)
        put_attr(x, a->ns, "a", a->name, a->text);
    if (v->text && !v->nil)
        wsc__xml_text_n(x->w, v->text, v->text_len);
}

static void close_element(struct writer *x)
{
    char q[QNAME];

    wsc__xml_end(x->w, qname(q, x->prefix[x->depth], name_of(x, x->open[x->depth])));
    while (x->n && x->scope[x->n - 1].depth >= x->depth)
        x->n--;
}

void wsc__value_write(const struct wsc_value *v, struct wsc__xml_writer *w, const char *ns,
                      const char *name)
{
    struct writer x = { .w = w, .root_ns = ns, .root_name = name };

    open_element(&x, v);
    while (!w->err) {
        const struct wsc_value *next = x.open[x.depth]->first;

        while (!next) { /* up until there is a neighbour */
            close_element(&x);
            if (!x.depth)
                return;
            next = x.open[x.depth--]->next;
        }
        x.depth++;
        open_element(&x, next);
    }
}

int wsc__value_xml(const struct wsc_value *v, const char **out, size_t *len)
{
    struct wsc__tree *t = v->tree;
    struct wsc__xml_writer w;

    if (t->xml_of != v) {
        t->xml_of = NULL;
        wsc__buf_reset(&t->xml);
        wsc__xml_init(&w, &t->xml);
        wsc__value_write(v, &w, "", "value");
        if (w.err || !wsc__buf_cstr(&t->xml))
            return w.err ? w.err : WSC_E_NOMEM;
        t->xml_of = v;
    }
    *out = wsc__buf_cstr(&t->xml);
    if (len)
        *len = t->xml.len;
    return WSC_OK;
}
