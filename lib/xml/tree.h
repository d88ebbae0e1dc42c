/* Values: elements of XML as a tree that a program walks. A tree is made by the reader's events or
 * by hand; all its parts lie in its arena, and a reference to any of them keeps the whole. */
#ifndef WSC_XML_TREE_H
#define WSC_XML_TREE_H

#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

#define WSC__NAME_MAX 1024
#define WSC__NS_XSI   "http://www.w3.org/2001/XMLSchema-instance"

#define WSC__TREE_DEPTH 64 /* elements within elements */

struct wsc__value_attr {
    struct wsc__value_attr *next;
    const char *ns, *name, *text;
};

struct wsc_value {
    struct wsc__tree *tree;
    const char *ns, *name;      /* NULL where the maker left them to the resource */
    const char *prefix;         /* as it was written; "" */
    const char *type_ns, *type; /* xsi:type, or NULL */
    const char *text;           /* terminated; NULL with nil, or where nothing was said */
    size_t text_len;
    struct wsc_value *first, *last, *next, *prev;
    size_t count;
    struct wsc__value_attr *attrs; /* xsi:type, xsi:nil and declarations are not among them */
    unsigned depth;                /* the root is 0 */
    bool nil;
};

/* --- by hand ---------------------------------------------------------------------------------- */

/* max: bytes that the arena may have; mem is copied. */
int wsc__value_new(struct wsc_value **out, const struct wsc__mem *mem, size_t max, const char *ns,
                   const char *name);
/* Texts are copied. text NULL: null. WSC_E_USAGE for what is no name and for text that XML cannot
 * carry, WSC_E_LIMIT when it is too deep or too much. */
int wsc__value_add(struct wsc_value *v, const char *ns, const char *name, const char *text,
                   struct wsc_value **child);
int wsc__value_add_copy(struct wsc_value *v, const struct wsc_value *other,
                        struct wsc_value **child);
/* As it was, when only elements have been added at its end since. */
void wsc__value_rewind(struct wsc_value *v, const struct wsc_value *before);
/* A copy in a tree of its own. */
int wsc__value_copy(struct wsc_value **out, const struct wsc__mem *mem, size_t max,
                    const struct wsc_value *v);
int wsc__value_set_text(struct wsc_value *v, const char *text);
int wsc__value_set_attr(struct wsc_value *v, const char *ns, const char *name, const char *text);
/* Those of another one, too. */
int wsc__value_take_attrs(struct wsc_value *v, const struct wsc_value *other);
int wsc__value_set_type(struct wsc_value *v, const char *ns, const char *type);
/* Gets text and elements of another one, and its attributes and type where it has some. */
int wsc__value_become(struct wsc_value *v, const struct wsc_value *other);
/* One more behind `after`, with its name, and text and elements of another one. */
int wsc__value_insert(struct wsc_value *parent, struct wsc_value *after,
                      const struct wsc_value *other);
int wsc__value_remove(struct wsc_value *v, size_t index); /* WSC_E_AGAIN past the last */
/* Those behind the first one that have its name. */
void wsc__value_remove_same(struct wsc_value *v, struct wsc_value *first);
void wsc__value_ref(const struct wsc_value *v);
void wsc__value_unref(const struct wsc_value *v);   /* NULL is fine */
bool wsc__value_frozen(const struct wsc_value *v);  /* it is a reply's */
size_t wsc__value_bytes(const struct wsc_value *v); /* of its arena */
const struct wsc__mem *wsc__value_mem(const struct wsc_value *v);
const struct wsc_value *wsc__value_at(const struct wsc_value *v, size_t index);
/* The nth element within that has this name in any namespace, letters' case ignored. */
const struct wsc_value *wsc__value_child(const struct wsc_value *v, const char *name, size_t nth);
const char *wsc__value_attr(const struct wsc_value *v, const char *ns, const char *name);

bool wsc__xml_name_ok(const char *name); /* without a prefix */
/* Writes it, declaring what it needs. ns, name: for a root and children that have none. */
void wsc__value_write(const struct wsc_value *v, struct wsc__xml_writer *w, const char *ns,
                      const char *name);
/* The same into the tree's own memory, once. */
int wsc__value_xml(const struct wsc_value *v, const char **out, size_t *len);

/* --- from the reader -------------------------------------------------------------------------- */

struct wsc__tree_builder {
    struct wsc__mem mem;
    size_t max;
    size_t hint;            /* what the last one took: the next is likely to take as much */
    struct wsc_value *root; /* under way, or whole */
    struct wsc_value *open[WSC__TREE_DEPTH];
    unsigned depth;
    struct wsc__buf text; /* of the element under way */
};

void wsc__tree_builder_init(struct wsc__tree_builder *b, const struct wsc__mem *mem, size_t max);
void wsc__tree_builder_free(struct wsc__tree_builder *b);
/* WSC_OK, WSC_E_NOMEM, or WSC_E_LIMIT */
int wsc__tree_start(struct wsc__tree_builder *b, const struct wsc__xml_reader *r,
                    const struct wsc__xml_elem *e);
int wsc__tree_text(struct wsc__tree_builder *b, const char *text, size_t len);
/* *whole: the root has ended; it is the caller's then. */
int wsc__tree_end(struct wsc__tree_builder *b, struct wsc_value **whole);
/* From text; WSC_E_USAGE with the offset of what is not well-formed. */
int wsc__value_parse(struct wsc_value **out, const struct wsc__mem *mem, const void *xml,
                     size_t len, size_t *bad_at);

#endif
