#ifndef WSC_IO_PRIVATE_H
#define WSC_IO_PRIVATE_H

#include "io/io.h"
#include "io/resolve.h"
#include "proto/conn.h"

#include <uv.h>

#define WSC__READ_SIZE 65536

struct wsc__io_conn;

struct wsc__io {
    struct wsc__core *core;
    struct wsc__mem mem;
    uv_loop_t own;
    uv_loop_t *loop;
    bool borrowed, closing, flushing, async_ref;
    uv_timer_t timer;
    uint64_t timer_at; /* 0 = not armed */
    uv_async_t async;  /* wakeup, and results of workers */
    struct wsc__resolver *resolver;
    uint8_t *read_buf; /* one for all connections */
    unsigned handles;  /* open, ours included */
    unsigned writes;   /* that uv_run may go on with */
    void (*turn)(void *ud);
    void *turn_ud;
    void (*closed)(void *ud);
    void *closed_ud;
};

/* One connection attempt; the winner stays. */
struct wsc__io_slot {
    uv_tcp_t tcp;
    uv_connect_t connect;
    struct wsc__io_conn *owner; /* NULL once closed */
    struct wsc__io *io;
    int slot;
};

struct wsc__io_conn {
    struct wsc__conn *conn;
    struct wsc__io *io;
    struct wsc__io_slot *slots[WSC__CONN_SLOTS];
    struct wsc__waiter waiter;
};

void wsc__io_tell(struct wsc__io *io, struct wsc__conn *c, struct wsc__event *ev);
void wsc__io_turned(struct wsc__io *io); /* at the end of every callback of uv's */
void wsc__io_handle_gone(struct wsc__io *io);
enum wsc__net wsc__io_net(int uv_status);

/* uv_tcp.c */
void wsc__io_act(struct wsc__io *io, struct wsc__action *a);

/* SIGPIPE of our own writes is blocked and eaten: the program's disposition is not ours to change.
 */
struct wsc__sigpipe {
    bool was_pending, was_blocked;
};
void wsc__sigpipe_hold(struct wsc__sigpipe *s);
void wsc__sigpipe_release(const struct wsc__sigpipe *s);

#endif
