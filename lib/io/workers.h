/* Detached threads for what blocks, with a mailbox for what is done. Nobody ever waits for one (but
 * for its last ring, when the owner leaves):
 * what still runs when its owner leaves ends by itself, and may outlive the context. */
#ifndef WSC_IO_WORKERS_H
#define WSC_IO_WORKERS_H

#include "base/job.h"

#include <stdbool.h>
#include <stddef.h>

struct wsc__workers;

/* wake: from a worker: something may be done; must be callable until wsc__workers_leave returned.
 * stack: of each thread, bytes. humble: they compute, and let the loop's thread go first. */
int wsc__workers_new(struct wsc__workers **out, void (*wake)(void *ud), void *ud, size_t stack,
                     bool humble);
/* The task is the workers' until it is taken; it may come back as one that never ran. Neither call
 * waits for a worker: what cannot go in or come out now does in a later one, for which the owner is
 * woken. */
void wsc__workers_give(struct wsc__workers *w, struct wsc__task *t, unsigned max_threads);
struct wsc__task *wsc__workers_take(struct wsc__workers *w); /* one that is done, or NULL */
/* Stops what runs and frees what waits, later and elsewhere. */
void wsc__workers_leave(struct wsc__workers *w);

#endif
