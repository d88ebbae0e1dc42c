#include "io/bell.h"

#include "base/process.h"

#include <errno.h>
#include <unistd.h>

static void on_poll(uv_poll_t *p, int status, int events)
{
    struct wsc__bell *b = p->data;
    char byte[8];

    (void)status;
    (void)events;
    if (!wsc__process_is(b->process)) {
        uv_poll_stop(p);
        return;
    }
    while (read(b->ends[0], byte, sizeof byte) < 0 && errno == EINTR)
        continue;
    atomic_store(&b->rung, false); /* after the read: whoever rings from here on writes anew */
    b->heard(b->ud);
}

static void close_ends(struct wsc__bell *b)
{
    close(b->ends[0]);
    close(b->ends[1]);
}

int wsc__bell_init(struct wsc__bell *b, uv_loop_t *loop, void (*heard)(void *ud), void *ud)
{
    int rc = uv_pipe(b->ends, UV_NONBLOCK_PIPE, UV_NONBLOCK_PIPE);

    if (rc)
        return rc;
    rc = uv_poll_init(loop, &b->poll, b->ends[0]);
    if (rc) {
        close_ends(b);
        return rc;
    }
    uv_poll_start(&b->poll, UV_READABLE, on_poll);
    b->poll.data = b;
    b->process = wsc__process_new();
    b->heard = heard;
    b->ud = ud;
    atomic_init(&b->rung, false);
    return 0;
}

void wsc__bell_ring(struct wsc__bell *b)
{
    if (atomic_exchange(&b->rung, true))
        return;
    while (write(b->ends[1], "", 1) < 0 && errno == EINTR)
        continue; /* one byte at most is in it: there is room */
}

void wsc__bell_abandon(struct wsc__bell *b)
{
    close(b->ends[1]);
}

void wsc__bell_close(struct wsc__bell *b, uv_close_cb cb)
{
    uv_close((uv_handle_t *)&b->poll, cb);
    close_ends(b);
}
