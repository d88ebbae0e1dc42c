#ifndef WSC_IO_PRIVATE_H
#define WSC_IO_PRIVATE_H

#include "io/bell.h"
#include "io/io.h"
#include "io/job.h"
#include "io/resolve.h"
#include "proto/conn.h"

#include <pthread.h>
#include <uv.h>
#include <wsman-client/sys/transport.h>

#define WSC__READ_SIZE 65536
/* What there is to do beyond this waits for the next turn, so that a program's own work, or its
 * other connections, never wait for a thousand connections that became ready at once. */
#define WSC__SLICE_NS 500000

struct wsc__io_conn;

struct wsc__io {
    struct wsc__core *core;
    struct wsc__mem mem;
    uv_loop_t own;
    uv_loop_t *loop;
    bool borrowed, closing, flushing, held;
    uv_timer_t timer;
    uint64_t timer_at;             /* 0 = not armed */
    uv_prepare_t prepare;          /* a turn begins */
    uint64_t events_end, acts_end; /* of this turn's slices, ns; 0 = not begun */
    struct wsc__bell bell; /* wakeup, results of workers, streams that are ready, more to do */
    struct wsc__resolver *resolver;
    struct wsc__jobs *jobs;
    uint8_t *read_buf; /* one for all connections */
    unsigned handles;  /* open, ours included */
    pthread_mutex_t lock;
    struct wsc__list ready; /* streams, told by any thread; under the lock */
    bool late;              /* some of them wait for this turn: whoever comes stands behind them */
    struct wsc__list lumps; /* streams that wake the loop for a whole read alone, oldest first */
    void (*turn)(void *ud);
    void *turn_ud;
    void (*closed)(void *ud);
    void *closed_ud;
};

/* One attempt to connect; the winner stays. */
struct wsc_stream {
    struct wsc__io *io;
    struct wsc__io_conn *owner;
    const wsc_transport *ops;
    void *stream;
    struct wsc__link in_ready, in_lumps;
    uint64_t lump_at;    /* since when */
    struct wsc__buf out; /* what write did not take yet */
    int slot, wants;
    bool connected, reads;
};

struct wsc__io_conn {
    struct wsc__conn *conn;
    struct wsc__io *io;
    struct wsc_stream *slots[WSC__CONN_SLOTS];
    struct wsc__waiter waiter;
    struct wsc__job_waiter job_waiter;
};

void wsc__io_tell(struct wsc__io *io, struct wsc__conn *c, struct wsc__event *ev);
/* The slice that ends there is over; its first call begins it. */
bool wsc__io_spent(uint64_t *end);
void wsc__io_turned(struct wsc__io *io); /* at the end of every callback of uv's */
void wsc__io_handle_gone(struct wsc__io *io);
enum wsc__net wsc__io_net(int uv_status);

/* stream.c */
void wsc__io_act(struct wsc__io *io, struct wsc__action *a);
void wsc__stream_ready(struct wsc_stream *s); /* now, on the loop's thread */
void wsc__streams_collect(struct wsc__io *io);
/* Ends what has waited for a whole read too long; gives when to look again, -1: not at all. */
int64_t wsc__streams_hasten(struct wsc__io *io);

/* tcp.c: the transport of our own; user_data is the wsc__io, host an address as text */
extern const wsc_transport wsc__tcp;
void wsc__tcp_wake_at(void *stream, int bytes); /* it is ready to be read when so many are there */

#endif
