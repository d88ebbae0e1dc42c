/* Deadlines in virtual or real milliseconds: an intrusive pairing heap, so that arming, moving and
 * cancelling a timer allocates nothing. Time is an argument everywhere. */
#ifndef WSC_BASE_TIMER_H
#define WSC_BASE_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct wsc__timer {
    struct wsc__timer *child, *next, *prev; /* prev: left sibling, or the parent of a first child */
    uint64_t at;
    bool armed;
    void (*fire)(struct wsc__timer *t, uint64_t now);
};

struct wsc__timers { /* all zero: empty */
    struct wsc__timer *root;
    struct wsc__timer *due; /* private: what a running wsc__timers_run has still to fire */
};

/* Arms, or moves an armed timer. */
void wsc__timer_set(struct wsc__timers *ts, struct wsc__timer *t, uint64_t at);
void wsc__timer_clear(struct wsc__timers *ts, struct wsc__timer *t); /* fine when not armed */
/* Fires what is due, earliest first; a timer is disarmed before its function runs, which may arm
 * or clear any timer. Timers armed for `now` by such a function wait for the next call. */
void wsc__timers_run(struct wsc__timers *ts, uint64_t now);
/* Milliseconds until the next one: 0 when due, -1 when there is none. */
int64_t wsc__timers_next(const struct wsc__timers *ts, uint64_t now);

#endif
