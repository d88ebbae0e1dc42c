/* Hash table by text, intrusive: entries live in their owners and carry their key. */
#ifndef WSC_BASE_TABLE_H
#define WSC_BASE_TABLE_H

#include "base/mem.h"

#include <stdint.h>

struct wsc__entry {
    struct wsc__entry *next;
    const char *key; /* the owner's, unchanged while in the table */
    uint32_t hash;
};

struct wsc__table {
    const struct wsc__mem *mem;
    struct wsc__entry **buckets;
    size_t nbuckets, count;
};

void wsc__table_init(struct wsc__table *t, const struct wsc__mem *mem);
void wsc__table_free(struct wsc__table *t); /* the entries are their owners' */
struct wsc__entry *wsc__table_find(const struct wsc__table *t, const char *key);
int wsc__table_add(struct wsc__table *t, struct wsc__entry *e); /* WSC_E_NOMEM */
void wsc__table_remove(struct wsc__table *t, struct wsc__entry *e);
/* The first one for NULL, NULL after the last; in no order. Ask before e is removed or freed, and
 * add nothing meanwhile. */
struct wsc__entry *wsc__table_next(const struct wsc__table *t, const struct wsc__entry *e);

#endif
