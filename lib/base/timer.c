#include "base/timer.h"

#include <stddef.h>

/* Joins two heaps; either may be NULL. The roots have neither next nor prev. */
static struct wsc__timer *meld(struct wsc__timer *a, struct wsc__timer *b)
{
    struct wsc__timer *low;

    if (!a)
        return b;
    if (!b)
        return a;
    low = b->at < a->at ? b : a;
    if (low == b) {
        b = a;
        a = low;
    }
    b->next = a->child;
    if (b->next)
        b->next->prev = b;
    b->prev = a;
    a->child = b;
    return a;
}

/* Two passes over the children: pair from the left, then join the pairs from the right. */
static struct wsc__timer *meld_children(struct wsc__timer *first)
{
    struct wsc__timer *pairs = NULL, *root = NULL;

    while (first) {
        struct wsc__timer *a = first, *b = a->next;

        first = b ? b->next : NULL;
        a->next = a->prev = NULL;
        if (b)
            b->next = b->prev = NULL;
        a = meld(a, b);
        a->next = pairs;
        pairs = a;
    }
    while (pairs) {
        struct wsc__timer *a = pairs;

        pairs = a->next;
        a->next = NULL;
        root = meld(root, a);
    }
    return root;
}

static void cut(struct wsc__timers *ts, struct wsc__timer *t)
{
    struct wsc__timer *rest = meld_children(t->child);

    if (t == ts->root) {
        ts->root = rest;
    } else if (t == ts->due) {
        ts->due = rest;
    } else {
        struct wsc__timer *with = t->next;

        if (rest) { /* due no earlier than t, so it may stand in its place, whichever heap it is */
            rest->next = t->next;
            if (rest->next)
                rest->next->prev = rest;
            with = rest;
        }
        if (with)
            with->prev = t->prev;
        if (t->prev->child == t)
            t->prev->child = with;
        else
            t->prev->next = with;
    }
    t->child = t->next = t->prev = NULL;
    t->armed = false;
}

void wsc__timer_set(struct wsc__timers *ts, struct wsc__timer *t, uint64_t at)
{
    wsc__timer_clear(ts, t);
    t->child = t->next = t->prev = NULL;
    t->at = at;
    t->armed = true;
    ts->root = meld(ts->root, t);
}

void wsc__timer_clear(struct wsc__timers *ts, struct wsc__timer *t)
{
    if (t->armed)
        cut(ts, t);
}

void wsc__timers_run(struct wsc__timers *ts, uint64_t now)
{
    /* What is due moves to a heap of its own first: a timer armed while these fire goes to the
     * other heap and waits for the next call, one cleared meanwhile is taken out of either. */
    while (ts->root && ts->root->at <= now) {
        struct wsc__timer *t = ts->root;

        cut(ts, t);
        t->armed = true;
        ts->due = meld(ts->due, t);
    }
    while (ts->due) {
        struct wsc__timer *t = ts->due;

        cut(ts, t);
        t->fire(t, now);
    }
}

int64_t wsc__timers_next(const struct wsc__timers *ts, uint64_t now)
{
    uint64_t wait;

    if (ts->due)
        return 0;
    if (!ts->root)
        return -1;
    if (ts->root->at <= now)
        return 0;
    wait = ts->root->at - now;
    return wait > INT64_MAX ? INT64_MAX : (int64_t)wait;
}
