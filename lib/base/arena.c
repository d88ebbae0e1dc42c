#include "base/arena.h"

#include "base/codes.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#define FIRST 1024
#define LARGE 65536 /* blocks double up to this */

struct wsc__arena_block {
    struct wsc__arena_block *next;
    alignas(8) unsigned char bytes[];
};

void wsc__arena_init(struct wsc__arena *a, const struct wsc__mem *mem, size_t max)
{
    memset(a, 0, sizeof *a);
    a->mem = *mem;
    a->max = max;
}

void wsc__arena_free(struct wsc__arena *a)
{
    struct wsc__arena_block *b;

    while ((b = a->blocks)) {
        a->blocks = b->next;
        wsc__free(&a->mem, b);
    }
    a->used = a->cap = a->bytes = 0;
}

static int more(struct wsc__arena *a, size_t n)
{
    size_t size = a->cap ? a->cap * 2 : a->first ? a->first : FIRST;
    struct wsc__arena_block *b;

    if (size > LARGE)
        size = LARGE;
    if (size < n)
        size = n;
    if (size > a->max - a->bytes)
        size = n;
    if (size > a->max - a->bytes)
        return WSC_E_LIMIT;
    b = wsc__malloc(&a->mem, sizeof *b + size);
    if (!b)
        return WSC_E_NOMEM;
    b->next = a->blocks;
    a->blocks = b;
    a->used = 0;
    a->cap = size;
    a->bytes += size;
    return WSC_OK;
}

static int take(struct wsc__arena *a, size_t n, void **out)
{
    if (n > a->cap - a->used) {
        int rc = more(a, n);

        if (rc != WSC_OK)
            return rc;
    }
    *out = a->blocks->bytes + a->used;
    a->used += n;
    return WSC_OK;
}

int wsc__arena_alloc(struct wsc__arena *a, size_t n, void **out)
{
    size_t gap = (8 - a->used % 8) % 8;

    if (n > SIZE_MAX / 2)
        return WSC_E_LIMIT;
    if (gap <= a->cap - a->used)
        a->used += gap;
    return take(a, n, out);
}

size_t wsc__arena_used(const struct wsc__arena *a)
{
    return a->bytes - (a->cap - a->used);
}

int wsc__arena_strndup(struct wsc__arena *a, const char *s, size_t len, const char **out)
{
    void *p;
    int rc = len < SIZE_MAX / 2 ? take(a, len + 1, &p) : WSC_E_LIMIT;

    if (rc != WSC_OK)
        return rc;
    if (len)
        memcpy(p, s, len);
    ((char *)p)[len] = '\0';
    *out = p;
    return WSC_OK;
}
