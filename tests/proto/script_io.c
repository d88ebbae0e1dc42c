/* io/io.h on script.h: what lib/io would be, in virtual time. */
#include "script.h"

#include <stdio.h>
#include <stdlib.h>

struct wsc__io {
    struct drv *d;
    struct wsc__core *core;
    bool flushing;
};

int wsc__io_new(struct wsc__io **out, struct wsc__core *core, void *loop, void (*turn)(void *ud),
                void *ud)
{
    struct wsc__io *io = wsc__zalloc(&core->mem, sizeof *io);

    (void)loop;
    (void)turn;
    (void)ud;
    if (!io)
        return WSC_E_NOMEM;
    io->d = drv_world;
    io->core = core;
    io->d->core = core;
    *out = io;
    return WSC_OK;
}

uint64_t wsc__io_now(void)
{
    return drv_world ? drv_world->now : 0;
}

int64_t wsc__io_wall(void)
{
    return 1700000000000; /* 2023-11-14 */
}

int wsc__io_fill_random(void *buf, size_t len, void *ud)
{
    (void)ud;
    return drv_fill_random(buf, len, drv_world);
}

int wsc__io_fd(const struct wsc__io *io)
{
    (void)io;
    return -1;
}

int wsc__io_timeout(struct wsc__io *io)
{
    return (int)wsc__core_timeout(io->core);
}

bool wsc__io_borrowed(const struct wsc__io *io)
{
    (void)io;
    return false;
}

void wsc__io_go_on(struct wsc__io *io)
{
    wsc__io_flush(io);
}

void wsc__io_flush(struct wsc__io *io)
{
    if (io->flushing)
        return;
    io->flushing = true;
    drv_flush(io->d);
    io->flushing = false;
}

void wsc__io_step(struct wsc__io *io)
{
    drv_event(io->d);
    wsc__io_flush(io);
}

#define STUCK_AT (UINT64_C(100) * 24 * 3600 * 1000) /* a call that waits longer is stuck */

void wsc__io_wait(struct wsc__io *io, int timeout_ms)
{
    struct drv *d = io->d;
    int64_t wait;

    wsc__io_flush(io);
    if (drv_event(d) || !wsc__list_empty(&io->core->ready)) {
        wsc__io_flush(io);
        return;
    }
    wait = drv_timeout(d);
    if (wait < 0 || (timeout_ms >= 0 && wait > timeout_ms))
        wait = timeout_ms;
    if (wait < 0 || d->now + (uint64_t)wait > STUCK_AT) {
        printf("# stuck: a call waits for ever; last: %s\n", drv_take_trace(d));
        fflush(stdout);
        abort();
    }
    d->now += (uint64_t)wait;
    wsc__io_flush(io);
}

void wsc__io_run(struct wsc__io *io, int timeout_ms)
{
    wsc__io_wait(io, timeout_ms);
}

void wsc__io_stream_ready(struct wsc_stream *s)
{
    (void)s;
    abort(); /* there are no transports here */
}

void wsc__io_wakeup(struct wsc__io *io)
{
    (void)io;
}

void wsc__io_close(struct wsc__io *io, void (*closed)(void *ud), void *ud)
{
    struct wsc__core *core = io->core;

    drv_flush(io->d);
    drv_check_states(io->d, core);
    io->d->core = NULL;
    wsc__free(&core->mem, io);
    if (closed)
        closed(ud);
}

void wsc__io_abandon(struct wsc__io *io)
{
    (void)io;
}
