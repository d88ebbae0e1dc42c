/* Elements of a reply written down again with the prefixes they use, so that the text can stand
 * alone. Prefixes stay as they were: QNames in the content refer to them. */
#include "wsman/decode.h"

#include <stdio.h>
#include <string.h>

struct wsc__capture_ns {
    char *prefix, *uri;
    unsigned level; /* of the element that declares it */
};

void wsc__capture_init(struct wsc__capture *c, const struct wsc__mem *mem, size_t max)
{
    memset(c, 0, sizeof *c);
    c->mem = mem;
    wsc__buf_init(&c->out, mem, max);
    wsc__buf_init(&c->names, mem, WSC__REPLY_DEPTH * (2 * WSC__REPLY_NAME + 2));
    wsc__xml_init(&c->writer, &c->out);
}

static void drop_from(struct wsc__capture *c, unsigned level)
{
    while (c->nns && c->ns[c->nns - 1].level >= level) {
        c->nns--;
        wsc__free(c->mem, c->ns[c->nns].prefix);
        wsc__free(c->mem, c->ns[c->nns].uri);
    }
}

void wsc__capture_free(struct wsc__capture *c)
{
    if (!c->mem)
        return;
    drop_from(c, 0);
    wsc__free(c->mem, c->ns);
    wsc__buf_free(&c->out);
    wsc__buf_free(&c->names);
}

static const char *declared(const struct wsc__capture *c, const char *prefix)
{
    size_t i;

    for (i = c->nns; i-- > 0;)
        if (!strcmp(c->ns[i].prefix, prefix))
            return c->ns[i].uri;
    return "";
}

static bool qname(char out[2 * WSC__REPLY_NAME + 2], const char *prefix, const char *name)
{
    int n = snprintf(out, 2 * WSC__REPLY_NAME + 2, "%s%s%s", prefix, *prefix ? ":" : "", name);

    return n >= 0 && n < 2 * WSC__REPLY_NAME + 2;
}

static int declare(struct wsc__capture *c, const char *prefix, const char *uri)
{
    struct wsc__capture_ns made = { wsc__strdup(c->mem, prefix), wsc__strdup(c->mem, uri),
                                    c->open };
    struct wsc__capture_ns *more = NULL;
    char attr[2 * WSC__REPLY_NAME + 2];

    if (made.prefix && made.uri)
        more = wsc__realloc_array(c->mem, c->ns, c->nns + 1, sizeof *more);
    if (!more) {
        wsc__free(c->mem, made.prefix);
        wsc__free(c->mem, made.uri);
        return WSC_E_NOMEM;
    }
    c->ns = more;
    c->ns[c->nns++] = made;
    if (*prefix ? !qname(attr, "xmlns", prefix) : !qname(attr, "", "xmlns"))
        return WSC_E_PROTOCOL;
    wsc__xml_attr(&c->writer, attr, uri);
    return c->writer.err;
}

/* The reader tells the namespace of an attribute but not its prefix; any for it will do. */
static const char *prefix_for(const struct wsc__xml_reader *r, const char *ns)
{
    const char *prefix, *uri;
    unsigned i;

    if (!strcmp(ns, "http://www.w3.org/XML/1998/namespace"))
        return "xml";
    for (i = 0; *ns && wsc__xml_scope(r, i, &prefix, &uri); i++)
        if (*prefix && !strcmp(uri, ns) && !wsc__xml_hidden(r, i))
            return prefix;
    return "";
}

int wsc__capture_start(struct wsc__capture *c, const struct wsc__xml_reader *r,
                       const struct wsc__xml_elem *e)
{
    char name[2 * WSC__REPLY_NAME + 2];
    const char *prefix, *uri;
    unsigned i;
    int rc;

    if (c->open >= WSC__REPLY_DEPTH || !qname(name, e->prefix, e->name))
        return WSC_E_PROTOCOL;
    wsc__xml_start(&c->writer, name);
    c->name_at[c->open] = c->names.len;
    rc = wsc__buf_append(&c->names, name, strlen(name) + 1);
    for (i = 0; !rc && wsc__xml_scope(r, i, &prefix, &uri); i++)
        if (!wsc__xml_hidden(r, i) && strcmp(declared(c, prefix), uri))
            rc = declare(c, prefix, uri);
    c->open++;
    for (i = 0; !rc && i < e->nattrs; i++) {
        if (!qname(name, prefix_for(r, e->attrs[i].ns), e->attrs[i].name))
            return WSC_E_PROTOCOL;
        wsc__xml_attr(&c->writer, name, e->attrs[i].value);
    }
    return rc ? rc : c->writer.err;
}

int wsc__capture_text(struct wsc__capture *c, const char *text, size_t len)
{
    wsc__xml_text_n(&c->writer, text, len);
    return c->writer.err;
}

int wsc__capture_end(struct wsc__capture *c)
{
    size_t at;

    if (!c->open)
        return WSC_OK;
    at = c->name_at[--c->open];
    wsc__xml_end(&c->writer, (const char *)wsc__buf_data(&c->names) + at);
    c->names.len = at;
    drop_from(c, c->open);
    return c->writer.err;
}
