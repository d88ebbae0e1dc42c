/* Values made by hand and by the reader. Writing them is in tree_write.c. */
#include "xml/tree.h"

#include "xml/tree_private.h"

#include "base/str.h"

#include <limits.h>
#include <string.h>

/* --- memory ----------------------------------------------------------------------------------- */

static int new_node(struct wsc__tree *t, struct wsc_value **out)
{
    void *p;
    int rc = wsc__arena_alloc(&t->arena, sizeof **out, &p);

    if (rc != WSC_OK)
        return rc;
    *out = p;
    memset(*out, 0, sizeof **out);
    (*out)->tree = t;
    (*out)->prefix = "p";
    return WSC_OK;
}

static void free_tree(struct wsc__tree *t)
{
    struct wsc__mem mem = t->arena.mem;

    wsc__buf_free(&t->xml);
    wsc__arena_free(&t->arena);
    wsc__free(&mem, t);
}

static int new_tree(struct wsc_value **root, const struct wsc__mem *mem, size_t max, size_t first)
{
    struct wsc__tree *t = wsc__zalloc(mem, sizeof *t);
    int rc;

    if (!t)
        return WSC_E_NOMEM;
    wsc__arena_init(&t->arena, mem, max);
    t->arena.first = first;
    wsc__buf_init(&t->xml, &t->arena.mem, SIZE_MAX / 2);
    t->refs = 1;
    rc = new_node(t, root);
    if (rc != WSC_OK)
        free_tree(t);
    return rc;
}

static int dup(struct wsc__tree *t, const char *s, const char **out)
{
    return wsc__arena_strndup(&t->arena, s, strlen(s), out);
}

void wsc__value_ref(const struct wsc_value *v)
{
    v->tree->refs++;
}

void wsc__value_unref(const struct wsc_value *v)
{
    if (v && !--v->tree->refs)
        free_tree(v->tree);
}

bool wsc__value_frozen(const struct wsc_value *v)
{
    return v->tree->frozen;
}

size_t wsc__value_bytes(const struct wsc_value *v)
{
    return sizeof *v->tree + v->tree->arena.bytes;
}

const struct wsc__mem *wsc__value_mem(const struct wsc_value *v)
{
    return &v->tree->arena.mem;
}

/* --- by hand ---------------------------------------------------------------------------------- */

static struct wsc__tree_cursor *cursor_of(const struct wsc_value *v)
{
    return &v->tree->cursors[v->depth % WSC__TREE_CURSORS];
}

static void changed(struct wsc_value *v)
{
    wsc__buf_free(&v->tree->xml);
    v->tree->xml_of = NULL;
    cursor_of(v)->parent = NULL;
    v->tree->named.parent = NULL;
}

static void append(struct wsc_value *parent, struct wsc_value *child)
{
    if (parent->last)
        parent->last->next = child;
    else
        parent->first = child;
    child->prev = parent->last;
    parent->last = child;
    child->depth = parent->depth + 1;
    parent->count++;
    parent->nil = false;
    parent->text = NULL; /* what is mixed has no text */
    parent->text_len = 0;
}

static bool good_ns(const char *ns)
{
    return wsc__xml_text_ok(ns) && strcmp(ns, "http://www.w3.org/2000/xmlns/") != 0;
}

int wsc__value_new(struct wsc_value **out, const struct wsc__mem *mem, size_t max, const char *ns,
                   const char *name)
{
    struct wsc_value *v = NULL;
    int rc;

    if ((name && !wsc__xml_name_ok(name)) || (ns && !good_ns(ns)))
        return WSC_E_USAGE;
    rc = new_tree(&v, mem, max, 0);
    if (rc == WSC_OK && ns)
        rc = dup(v->tree, ns, &v->ns);
    if (rc == WSC_OK && name)
        rc = dup(v->tree, name, &v->name);
    if (rc == WSC_OK)
        *out = v;
    else
        wsc__value_unref(v);
    return rc;
}

static int put_text(struct wsc_value *v, const char *text)
{
    v->nil = !text;
    v->text = NULL;
    v->text_len = text ? strlen(text) : 0;
    return text ? wsc__arena_strndup(&v->tree->arena, text, v->text_len, &v->text) : WSC_OK;
}

int wsc__value_add(struct wsc_value *v, const char *ns, const char *name, const char *text,
                   struct wsc_value **child)
{
    struct wsc_value *made;
    int rc;

    if (!wsc__xml_name_ok(name) || (ns && !good_ns(ns)) || (text && !wsc__xml_text_ok(text)))
        return WSC_E_USAGE;
    rc = v->depth + 1 < WSC__TREE_DEPTH ? new_node(v->tree, &made) : WSC_E_LIMIT;
    if (rc == WSC_OK && !ns)
        made->ns = v->ns;
    else if (rc == WSC_OK)
        rc = dup(v->tree, ns, &made->ns);
    if (rc == WSC_OK)
        rc = dup(v->tree, name, &made->name);
    if (rc == WSC_OK)
        rc = put_text(made, text);
    if (rc != WSC_OK)
        return rc;
    changed(v);
    append(v, made);
    if (child)
        *child = made;
    return WSC_OK;
}

static int dup_or_null(struct wsc__tree *t, const char *s, const char **out)
{
    *out = NULL;
    return s ? dup(t, s, out) : WSC_OK;
}

static struct wsc__value_attr **find_attr(struct wsc_value *v, const char *ns, const char *name)
{
    struct wsc__value_attr **p = &v->attrs;

    while (*p && (strcmp((*p)->name, name) != 0 || strcmp((*p)->ns, ns) != 0))
        p = &(*p)->next;
    return p;
}

static int add_attr(struct wsc__tree *t, struct wsc__value_attr **end, const char *ns,
                    const char *name, const char *text)
{
    struct wsc__value_attr *a;
    void *mem;
    int rc = wsc__arena_alloc(&t->arena, sizeof *a, &mem);

    if (rc != WSC_OK)
        return rc;
    a = mem;
    memset(a, 0, sizeof *a);
    rc = dup(t, ns, &a->ns);
    if (rc == WSC_OK)
        rc = dup(t, name, &a->name);
    if (rc == WSC_OK)
        rc = dup(t, text, &a->text);
    if (rc == WSC_OK)
        *end = a;
    return rc;
}

static int put_attr(struct wsc_value *v, const char *ns, const char *name, const char *text)
{
    struct wsc__value_attr **p = find_attr(v, ns, name);

    return *p ? dup(v->tree, text, &(*p)->text) : add_attr(v->tree, p, ns, name, text);
}

/* Their names are what libxml2 has let pass, which is more than what a program may write. */
int wsc__value_take_attrs(struct wsc_value *v, const struct wsc_value *other)
{
    struct wsc__value_attr **end = &v->attrs;
    const struct wsc__value_attr *a;
    bool none = !v->attrs;
    int rc = WSC_OK;

    for (a = other->attrs; a && rc == WSC_OK; a = a->next) {
        rc = none ? add_attr(v->tree, end, a->ns, a->name, a->text)
                  : put_attr(v, a->ns, a->name, a->text);
        if (rc == WSC_OK && none)
            end = &(*end)->next;
    }
    changed(v);
    return rc;
}

/* All but the elements within. */
static int copy_node(struct wsc_value *to, const struct wsc_value *from)
{
    struct wsc__tree *t = to->tree;
    int rc = dup_or_null(t, from->ns, &to->ns);

    if (rc == WSC_OK)
        rc = dup_or_null(t, from->name, &to->name);
    if (rc == WSC_OK)
        rc = dup(t, from->prefix, &to->prefix);
    if (rc == WSC_OK)
        rc = dup_or_null(t, from->type_ns, &to->type_ns);
    if (rc == WSC_OK)
        rc = dup_or_null(t, from->type, &to->type);
    if (rc == WSC_OK && from->text)
        rc = wsc__arena_strndup(&t->arena, from->text, from->text_len, &to->text);
    to->text_len = from->text_len;
    to->nil = from->nil;
    return rc == WSC_OK ? wsc__value_take_attrs(to, from) : rc;
}

/* Without recursion; no tree is deeper than WSC__TREE_DEPTH. */
static int copy_within(struct wsc_value *to, const struct wsc_value *from)
{
    const struct wsc_value *left[WSC__TREE_DEPTH + 1]; /* to be copied, at each level */
    struct wsc_value *into[WSC__TREE_DEPTH + 1];
    unsigned level = 0;

    left[0] = from->first;
    into[0] = to;
    for (;;) {
        const struct wsc_value *n = left[level];
        struct wsc_value *made;
        int rc;

        if (!n) {
            if (!level--)
                return WSC_OK;
            continue;
        }
        if (into[level]->depth + 1 >= WSC__TREE_DEPTH)
            return WSC_E_LIMIT;
        rc = new_node(to->tree, &made);
        if (rc == WSC_OK)
            rc = copy_node(made, n);
        if (rc != WSC_OK)
            return rc;
        if (!made->ns) /* so had its parent none */
            made->ns = into[level]->ns;
        append(into[level], made);
        left[level] = n->next;
        left[++level] = n->first;
        into[level] = made;
    }
}

int wsc__value_copy(struct wsc_value **out, const struct wsc__mem *mem, size_t max,
                    const struct wsc_value *v)
{
    struct wsc_value *made = NULL;
    int rc = new_tree(&made, mem, max, 0);

    if (rc == WSC_OK)
        rc = copy_node(made, v);
    if (rc == WSC_OK)
        rc = copy_within(made, v);
    if (rc == WSC_OK)
        *out = made;
    else
        wsc__value_unref(made);
    return rc;
}

/* Of itself, too: what is made is none of it until it is appended. */
int wsc__value_add_copy(struct wsc_value *v, const struct wsc_value *other,
                        struct wsc_value **child)
{
    struct wsc_value *made = NULL;
    int rc;

    if (!other->name)
        return WSC_E_USAGE;
    rc = v->depth + 1 < WSC__TREE_DEPTH ? new_node(v->tree, &made) : WSC_E_LIMIT;
    if (rc == WSC_OK)
        rc = copy_node(made, other);
    if (rc != WSC_OK)
        return rc;
    if (!made->ns)
        made->ns = v->ns;
    made->depth = v->depth + 1;
    rc = copy_within(made, other);
    if (rc != WSC_OK)
        return rc;
    changed(v);
    append(v, made);
    if (child)
        *child = made;
    return WSC_OK;
}

void wsc__value_rewind(struct wsc_value *v, const struct wsc_value *before)
{
    *v = *before;
    if (v->last)
        v->last->next = NULL;
    changed(v);
}

int wsc__value_set_text(struct wsc_value *v, const char *text)
{
    struct wsc_value before = *v;
    int rc;

    if (text && !wsc__xml_text_ok(text))
        return WSC_E_USAGE;
    rc = put_text(v, text);
    if (rc != WSC_OK) {
        *v = before;
        return rc;
    }
    v->first = v->last = NULL;
    v->count = 0;
    changed(v);
    return WSC_OK;
}

int wsc__value_set_attr(struct wsc_value *v, const char *ns, const char *name, const char *text)
{
    struct wsc__value_attr **p;
    int rc = WSC_OK;

    ns = ns ? ns : "";
    if (!*ns && strcmp(name, "xmlns") == 0)
        return WSC_E_USAGE; /* it would be a declaration */
    if (strcmp(ns, WSC__NS_XSI) == 0 && (!strcmp(name, "nil") || !strcmp(name, "type")))
        return WSC_E_USAGE; /* they have functions of their own */
    if (!wsc__xml_name_ok(name) || !good_ns(ns) || (text && !wsc__xml_text_ok(text)))
        return WSC_E_USAGE;
    if (text) {
        rc = put_attr(v, ns, name, text);
    } else {
        p = find_attr(v, ns, name);
        *p = *p ? (*p)->next : NULL;
    }
    if (rc == WSC_OK)
        changed(v);
    return rc;
}

int wsc__value_set_type(struct wsc_value *v, const char *ns, const char *type)
{
    const char *kept_ns = NULL, *kept = NULL;
    int rc = WSC_OK;

    if (type && (!ns || !good_ns(ns) || !wsc__xml_name_ok(type)))
        return WSC_E_USAGE;
    if (type)
        rc = dup(v->tree, ns, &kept_ns);
    if (rc == WSC_OK)
        rc = dup_or_null(v->tree, type, &kept);
    if (rc != WSC_OK)
        return rc;
    v->type_ns = kept_ns;
    v->type = kept;
    changed(v);
    return WSC_OK;
}

int wsc__value_become(struct wsc_value *v, const struct wsc_value *other)
{
    struct wsc_value made = *v;
    int rc = put_text(&made, other->nil ? NULL : other->text ? other->text : "");

    made.first = made.last = NULL;
    made.count = 0;
    if (rc == WSC_OK && other->type)
        rc = dup(v->tree, other->type_ns, &made.type_ns);
    if (rc == WSC_OK && other->type)
        rc = dup(v->tree, other->type, &made.type);
    if (other->attrs)
        made.attrs = NULL;
    if (rc == WSC_OK)
        rc = wsc__value_take_attrs(&made, other);
    if (rc == WSC_OK)
        rc = copy_within(&made, other);
    if (rc != WSC_OK)
        return rc;
    *v = made;
    changed(v);
    return WSC_OK;
}

int wsc__value_insert(struct wsc_value *parent, struct wsc_value *after,
                      const struct wsc_value *other)
{
    struct wsc_value *made;
    int rc = new_node(parent->tree, &made);

    if (rc != WSC_OK)
        return rc;
    *made = *after;
    made->attrs = NULL;
    rc = wsc__value_become(made, other);
    if (rc != WSC_OK)
        return rc;
    made->prev = after;
    after->next = made;
    if (made->next)
        made->next->prev = made;
    else
        parent->last = made;
    parent->count++;
    changed(parent);
    return WSC_OK;
}

void wsc__value_remove_same(struct wsc_value *v, struct wsc_value *first)
{
    struct wsc_value *after = first, *n;

    while ((n = after->next)) {
        if (!wsc__ieq(n->name, first->name)) {
            after = n;
            continue;
        }
        after->next = n->next;
        if (n->next)
            n->next->prev = after;
        v->count--;
    }
    v->last = after;
    changed(v);
}

static size_t apart(size_t a, size_t b)
{
    return a < b ? b - a : a - b;
}

/* There is one. From where it is not far: the first, the last, or where somebody is. */
static struct wsc_value *seek(const struct wsc_value *v, size_t index)
{
    const struct wsc__tree_cursor *c = cursor_of(v);
    struct wsc_value *n = v->first;
    size_t i = 0;

    if (c->parent == v && apart(c->index, index) < index) {
        n = c->at;
        i = c->index;
    }
    if (v->count - 1 - index < apart(i, index)) {
        n = v->last;
        i = v->count - 1;
    }
    for (; i < index; i++)
        n = n->next;
    for (; i > index; i--)
        n = n->prev;
    return n;
}

int wsc__value_remove(struct wsc_value *v, size_t index)
{
    struct wsc_value *n;

    if (index >= v->count)
        return WSC_E_AGAIN;
    n = seek(v, index);
    *(n->prev ? &n->prev->next : &v->first) = n->next;
    *(n->next ? &n->next->prev : &v->last) = n->prev;
    v->count--;
    changed(v);
    if (n->next) /* who goes through them goes on there */
        *cursor_of(v) = (struct wsc__tree_cursor){ v, n->next, index };
    return WSC_OK;
}

/* --- looking ---------------------------------------------------------------------------------- */

const struct wsc_value *wsc__value_at(const struct wsc_value *v, size_t index)
{
    if (index >= v->count)
        return NULL;
    *cursor_of(v) = (struct wsc__tree_cursor){ v, seek(v, index), index };
    return cursor_of(v)->at;
}

const struct wsc_value *wsc__value_child(const struct wsc_value *v, const char *name, size_t nth)
{
    struct wsc__tree_cursor *c = &v->tree->named;
    bool on = nth && c->parent == v && c->index <= nth && wsc__ieq(c->at->name, name);
    struct wsc_value *n = on ? c->at : v->first;
    size_t i = on ? c->index : 0;

    for (; n; n = n->next) {
        if (!n->name || !wsc__ieq(n->name, name) || i++ < nth)
            continue;
        *c = (struct wsc__tree_cursor){ v, n, nth };
        return n;
    }
    return NULL;
}

const char *wsc__value_attr(const struct wsc_value *v, const char *ns, const char *name)
{
    const struct wsc__value_attr *a;

    for (a = v->attrs; a; a = a->next) {
        if (strcmp(a->name, name) == 0 && (!ns || strcmp(a->ns, ns) == 0))
            return a->text;
    }
    return NULL;
}

/* --- from the reader -------------------------------------------------------------------------- */

void wsc__tree_builder_init(struct wsc__tree_builder *b, const struct wsc__mem *mem, size_t max)
{
    memset(b, 0, sizeof *b);
    b->mem = *mem;
    b->max = max;
    wsc__buf_init(&b->text, &b->mem, max);
}

void wsc__tree_builder_free(struct wsc__tree_builder *b)
{
    wsc__value_unref(b->root);
    b->root = NULL;
    b->depth = 0;
    wsc__buf_free(&b->text);
}

/* libxml2 leaves '&' as "&#38;" in a namespace that it has read. */
static int dup_ns(struct wsc__tree *t, const char *ns, const char **out)
{
    const char *amp = strstr(ns, "&#38;");
    char *to;
    int rc = dup(t, ns, out);

    if (rc != WSC_OK || !amp)
        return rc;
    to = (char *)(uintptr_t)*out + (amp - ns);
    while (*amp) {
        *to++ = *amp;
        amp += strncmp(amp, "&#38;", 5) == 0 ? 5 : 1;
    }
    *to = '\0';
    return WSC_OK;
}

/* "p:Win32_Service_Type"; a prefix that nobody declared is left where it is. */
static int take_type(struct wsc_value *v, const struct wsc__xml_reader *r, const char *qname,
                     size_t len)
{
    const char *colon, *ns;
    size_t before;
    int rc;

    wsc__trim(&qname, &len);
    colon = memchr(qname, ':', len);
    before = colon ? (size_t)(colon - qname) : 0;
    ns = wsc__xml_resolve(r, qname, before);
    rc = dup_ns(v->tree, ns ? ns : "", &v->type_ns);
    if (rc == WSC_OK && ns && colon) {
        qname = colon + 1;
        len -= before + 1;
    }
    return rc ? rc : wsc__arena_strndup(&v->tree->arena, qname, len, &v->type);
}

static int take_attrs(struct wsc_value *v, const struct wsc__xml_reader *r,
                      const struct wsc__xml_elem *e)
{
    unsigned i;
    int rc = WSC_OK;

    for (i = 0; i < e->nattrs && rc == WSC_OK; i++) {
        const struct wsc__xml_attr *from = &e->attrs[i];
        bool xsi = !strcmp(from->ns, WSC__NS_XSI);
        struct wsc__value_attr **at;

        if (xsi && !strcmp(from->name, "type")) {
            rc = take_type(v, r, from->value, from->value_len);
            continue;
        }
        if (xsi && !strcmp(from->name, "nil")) {
            v->nil = !strcmp(from->value, "true") || !strcmp(from->value, "1");
            continue;
        }
        at = find_attr(v, from->ns, from->name);
        if (!*at) /* libxml2 lets it be there twice, under two prefixes */
            rc = add_attr(v->tree, at, from->ns, from->name, from->value);
        if (rc == WSC_OK && strchr(from->ns, '&'))
            rc = dup_ns(v->tree, from->ns, &(*at)->ns);
    }
    return rc;
}

/* Names that the parent has, too, are not copied again. */
static int name_it(struct wsc_value *v, const struct wsc_value *parent,
                   const struct wsc__xml_elem *e)
{
    int rc = WSC_OK;

    v->ns = parent ? parent->ns : NULL;
    v->prefix = parent ? parent->prefix : "";
    v->depth = parent ? parent->depth + 1 : 0;
    if (!v->ns || strcmp(v->ns, e->ns) != 0)
        rc = *e->ns ? dup_ns(v->tree, e->ns, &v->ns) : (v->ns = "", WSC_OK);
    if (rc == WSC_OK && strcmp(v->prefix, e->prefix) != 0)
        rc = dup(v->tree, e->prefix, &v->prefix);
    return rc == WSC_OK ? dup(v->tree, e->name, &v->name) : rc;
}

int wsc__tree_start(struct wsc__tree_builder *b, const struct wsc__xml_reader *r,
                    const struct wsc__xml_elem *e)
{
    struct wsc_value *parent = b->depth ? b->open[b->depth - 1] : NULL;
    struct wsc_value *v;
    int rc;

    if (b->depth == WSC__TREE_DEPTH)
        return WSC_E_LIMIT;
    if (parent) {
        rc = new_node(parent->tree, &v);
    } else {
        rc = new_tree(&v, &b->mem, b->max, b->hint);
        if (rc == WSC_OK) {
            v->tree->frozen = true;
            b->root = v;
        }
    }
    if (rc == WSC_OK)
        rc = name_it(v, parent, e);
    if (rc == WSC_OK && e->nattrs)
        rc = take_attrs(v, r, e);
    if (rc != WSC_OK)
        return rc;
    if (parent)
        append(parent, v);
    wsc__buf_reset(&b->text); /* text before an element is not kept */
    b->open[b->depth++] = v;
    return WSC_OK;
}

int wsc__tree_text(struct wsc__tree_builder *b, const char *text, size_t len)
{
    const struct wsc_value *v = b->open[b->depth - 1];

    return v->first ? WSC_OK : wsc__buf_append(&b->text, text, len);
}

int wsc__tree_end(struct wsc__tree_builder *b, struct wsc_value **whole)
{
    struct wsc_value *v = b->open[--b->depth];
    const char *text = (const char *)wsc__buf_data(&b->text);
    size_t len = b->text.len;
    int rc = WSC_OK;

    *whole = NULL;
    if (v->nil)
        wsc__trim(&text, &len); /* a null that is written on several lines */
    if (!v->first && (len || !v->nil)) {
        v->nil = false;
        v->text_len = len;
        rc = wsc__arena_strndup(&v->tree->arena, text, len, &v->text);
    }
    wsc__buf_reset(&b->text);
    if (rc == WSC_OK && !b->depth) {
        b->hint = wsc__arena_used(&v->tree->arena);
        *whole = b->root;
        b->root = NULL;
    }
    return rc;
}

/* --- from text -------------------------------------------------------------------------------- */

struct parse {
    struct wsc__tree_builder builder;
    struct wsc__xml_reader *reader;
    struct wsc_value *whole;
};

static int on_start(void *ud, const struct wsc__xml_elem *e)
{
    struct parse *p = ud;

    return wsc__tree_start(&p->builder, p->reader, e);
}

static int on_text(void *ud, const char *text, size_t len)
{
    struct parse *p = ud;

    return p->builder.depth ? wsc__tree_text(&p->builder, text, len) : WSC_OK;
}

static int on_end(void *ud, const char *ns, const char *name)
{
    struct parse *p = ud;

    (void)ns;
    (void)name;
    return wsc__tree_end(&p->builder, &p->whole);
}

int wsc__value_parse(struct wsc_value **out, const struct wsc__mem *mem, const void *xml,
                     size_t len, size_t *bad_at)
{
    static const struct wsc__xml_handler handler = { on_start, on_text, NULL, on_end };
    struct wsc__xml_limits limits = wsc__xml_limits_default;
    struct parse p = { .whole = NULL };
    size_t used = 0;
    int rc;

    *bad_at = 0;
    wsc__tree_builder_init(&p.builder, mem, SIZE_MAX / 4);
    limits.name = WSC__NAME_MAX;
    limits.bytes = len;
    limits.elements = UINT_MAX;
    rc = wsc__xml_reader_new(&p.reader, NULL, mem, &limits, &handler, &p);
    if (rc == WSC_OK)
        rc = wsc__xml_feed(p.reader, xml, len, &used, NULL);
    if (rc == WSC_OK)
        rc = wsc__xml_finish(p.reader, NULL);
    if (rc == WSC_E_PROTOCOL) {
        *bad_at = wsc__xml_bad_at(p.reader);
        rc = WSC_E_USAGE;
    }
    wsc__xml_reader_free(p.reader);
    wsc__tree_builder_free(&p.builder);
    if (rc == WSC_OK) {
        p.whole->tree->frozen = false;
        *out = p.whole;
    } else {
        wsc__value_unref(p.whole);
    }
    return rc;
}
