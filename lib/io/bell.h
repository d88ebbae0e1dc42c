/* Wakes the loop from any thread, for one call of its own in a later turn however often it was
 * rung. Not uv_async_t: that lets the loop spin until the sender is back from its write, which with
 * a worker of lower priority takes as many turns of the scheduler as there are others. */
#ifndef WSC_IO_BELL_H
#define WSC_IO_BELL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <uv.h>

struct wsc__bell {
    uv_poll_t poll;
    unsigned process; /* a child has the pipe, too, and may not read what is for us */
    uv_file ends[2];
    atomic_bool rung;
    void (*heard)(void *ud);
    void *ud;
};

int wsc__bell_init(struct wsc__bell *b, uv_loop_t *loop, void (*heard)(void *ud),
                   void *ud);                              /* a code of uv's */
void wsc__bell_ring(struct wsc__bell *b);                  /* any thread, until it is closed */
void wsc__bell_close(struct wsc__bell *b, uv_close_cb cb); /* the loop's thread */
void wsc__bell_abandon(struct wsc__bell *b); /* the child of a fork: what no handle closes */

#endif
