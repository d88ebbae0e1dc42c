/* Intrusive doubly linked queue. */
#ifndef WSC_BASE_LIST_H
#define WSC_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct wsc__link {
    struct wsc__link *prev, *next; /* both NULL: in no list */
};

struct wsc__list {
    struct wsc__link head;
};

#define WSC__OF(ptr, type, member) ((type *)(void *)((char *)(ptr)-offsetof(type, member)))

static inline void wsc__list_init(struct wsc__list *l)
{
    l->head.prev = l->head.next = &l->head;
}

static inline bool wsc__list_empty(const struct wsc__list *l)
{
    return l->head.next == &l->head;
}

static inline bool wsc__linked(const struct wsc__link *n)
{
    return n->next != NULL;
}

static inline void wsc__list_insert(struct wsc__link *before, struct wsc__link *n)
{
    n->prev = before->prev;
    n->next = before;
    before->prev->next = n;
    before->prev = n;
}

static inline void wsc__list_push(struct wsc__list *l, struct wsc__link *n) /* at the end */
{
    wsc__list_insert(&l->head, n);
}

static inline void wsc__list_push_front(struct wsc__list *l, struct wsc__link *n)
{
    wsc__list_insert(l->head.next, n);
}

static inline void wsc__list_remove(struct wsc__link *n) /* fine when in no list */
{
    if (!n->next)
        return;
    n->prev->next = n->next;
    n->next->prev = n->prev;
    n->prev = n->next = NULL;
}

static inline struct wsc__link *wsc__list_first(const struct wsc__list *l)
{
    return wsc__list_empty(l) ? NULL : l->head.next;
}

static inline struct wsc__link *wsc__list_pop(struct wsc__list *l)
{
    struct wsc__link *n = wsc__list_first(l);

    if (n)
        wsc__list_remove(n);
    return n;
}

/* All of from goes to the end of to. */
static inline void wsc__list_move(struct wsc__list *to, struct wsc__list *from)
{
    struct wsc__link *first = from->head.next, *last = from->head.prev;

    if (wsc__list_empty(from))
        return;
    first->prev = to->head.prev;
    to->head.prev->next = first;
    last->next = &to->head;
    to->head.prev = last;
    wsc__list_init(from);
}

#endif
