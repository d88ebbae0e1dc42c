#include "base/table.h"

#include "base/codes.h"

#include <string.h>

static uint32_t hash_text(const char *s)
{
    uint32_t h = 2166136261u; /* FNV-1a: keys are a few dozen bytes */

    for (; *s; s++)
        h = (h ^ (uint8_t)*s) * 16777619u;
    return h;
}

void wsc__table_init(struct wsc__table *t, const struct wsc__mem *mem)
{
    memset(t, 0, sizeof *t);
    t->mem = mem;
}

void wsc__table_free(struct wsc__table *t)
{
    wsc__free(t->mem, t->buckets);
    wsc__table_init(t, t->mem);
}

struct wsc__entry *wsc__table_find(const struct wsc__table *t, const char *key)
{
    uint32_t h = hash_text(key);
    struct wsc__entry *e;

    if (!t->nbuckets)
        return NULL;
    for (e = t->buckets[h & (t->nbuckets - 1)]; e; e = e->next) {
        if (e->hash == h && strcmp(e->key, key) == 0)
            return e;
    }
    return NULL;
}

static int grow(struct wsc__table *t)
{
    size_t n = t->nbuckets ? t->nbuckets * 2 : 8, i;
    struct wsc__entry **b = wsc__zalloc_array(t->mem, n, sizeof *b);

    if (!b)
        return t->nbuckets ? WSC_OK : WSC_E_NOMEM; /* longer chains are no failure */
    for (i = 0; i < t->nbuckets; i++) {
        struct wsc__entry *e = t->buckets[i], *next;

        for (; e; e = next) {
            next = e->next;
            e->next = b[e->hash & (n - 1)];
            b[e->hash & (n - 1)] = e;
        }
    }
    wsc__free(t->mem, t->buckets);
    t->buckets = b;
    t->nbuckets = n;
    return WSC_OK;
}

int wsc__table_add(struct wsc__table *t, struct wsc__entry *e)
{
    if (t->count >= t->nbuckets && grow(t) != WSC_OK)
        return WSC_E_NOMEM;
    e->hash = hash_text(e->key);
    e->next = t->buckets[e->hash & (t->nbuckets - 1)];
    t->buckets[e->hash & (t->nbuckets - 1)] = e;
    t->count++;
    return WSC_OK;
}

void wsc__table_remove(struct wsc__table *t, struct wsc__entry *e)
{
    struct wsc__entry **p;

    if (!t->nbuckets)
        return;
    for (p = &t->buckets[e->hash & (t->nbuckets - 1)]; *p; p = &(*p)->next) {
        if (*p == e) {
            *p = e->next;
            t->count--;
            return;
        }
    }
}

struct wsc__entry *wsc__table_next(const struct wsc__table *t, const struct wsc__entry *e)
{
    size_t i = e ? (e->hash & (t->nbuckets - 1)) + 1 : 0;

    if (e && e->next)
        return e->next;
    while (i < t->nbuckets && !t->buckets[i])
        i++;
    return i < t->nbuckets ? t->buckets[i] : NULL;
}
