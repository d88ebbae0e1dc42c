/* What tree.c and tree_write.c share. */
#ifndef WSC_XML_TREE_PRIVATE_H
#define WSC_XML_TREE_PRIVATE_H

#include "base/arena.h"
#include "xml/tree.h"

struct wsc__tree {
    struct wsc__arena arena;
    unsigned refs;
    bool frozen;
    struct wsc__buf xml; /* of xml_of, for who asked for it */
    const struct wsc_value *xml_of;
    /* where somebody who goes through the elements of a value one by one is */
    const struct wsc_value *at_parent, *at;
    size_t at_index;
};

#endif
