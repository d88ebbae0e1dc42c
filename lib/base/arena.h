/* Memory that is given back all at once: small pieces from large blocks, with a ceiling. */
#ifndef WSC_BASE_ARENA_H
#define WSC_BASE_ARENA_H

#include "base/mem.h"

struct wsc__arena_block;

struct wsc__arena {
    struct wsc__mem mem; /* a copy: the arena may outlive who made it */
    struct wsc__arena_block *blocks;
    size_t used, cap; /* of the newest block */
    size_t bytes;     /* of all blocks */
    size_t first;     /* size of the first block; 0 = a small one */
    size_t max;
};

void wsc__arena_init(struct wsc__arena *a, const struct wsc__mem *mem, size_t max);
void wsc__arena_free(struct wsc__arena *a);
/* n bytes, aligned for pointers and numbers, not zeroed. WSC_E_LIMIT or WSC_E_NOMEM. */
int wsc__arena_alloc(struct wsc__arena *a, size_t n, void **out);
size_t wsc__arena_used(const struct wsc__arena *a); /* bytes that were asked for, or nearly */
int wsc__arena_strndup(struct wsc__arena *a, const char *s, size_t len, const char **out);

#endif
