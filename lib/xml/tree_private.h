/* What tree.c and tree_write.c share. */
#ifndef WSC_XML_TREE_PRIVATE_H
#define WSC_XML_TREE_PRIVATE_H

#include "base/arena.h"
#include "xml/tree.h"

/* Where somebody who goes through the elements of a value one by one is. */
struct wsc__tree_cursor {
    const struct wsc_value *parent;
    struct wsc_value *at;
    size_t index;
};

#define WSC__TREE_CURSORS 4 /* by depth: for loops within loops */

struct wsc__tree {
    struct wsc__arena arena;
    unsigned refs;
    bool frozen;
    struct wsc__buf xml; /* of xml_of, for who asked for it */
    const struct wsc_value *xml_of;
    struct wsc__tree_cursor cursors[WSC__TREE_CURSORS];
    struct wsc__tree_cursor named; /* of who asks for the elements of one name */
};

#endif
