/* The loop: our own or a borrowed one, its one timer, wake-ups, and the end. */
#include "io/io_private.h"

#include "base/process.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

uint64_t wsc__io_now(void)
{
    return uv_hrtime() / 1000000;
}

int64_t wsc__io_wall(void)
{
    uv_timeval64_t t;

    return uv_gettimeofday(&t) ? 0 : t.tv_sec * 1000 + t.tv_usec / 1000;
}

int wsc__io_fill_random(void *buf, size_t len, void *ud)
{
    (void)ud;
    return uv_random(NULL, NULL, buf, len, 0, NULL) ? WSC_E_DESCRIPTORS : WSC_OK;
}

/* below: whoever ends a turn, or collects for one, acts */
static bool flush(struct wsc__io *io);
static void end_turn(struct wsc__io *io);

/* --- events ----------------------------------------------------------------------------------- */

void wsc__io_tell(struct wsc__io *io, struct wsc__conn *c, struct wsc__event *ev)
{
    io->core->now = wsc__io_now();
    wsc__conn_feed(c, ev);
}

bool wsc__io_spent(uint64_t *end)
{
    uint64_t now = uv_hrtime();

    if (!*end)
        *end = now + WSC__SLICE_NS;
    return now >= *end;
}

void wsc__io_turned(struct wsc__io *io)
{
    if (!io->borrowed || io->closing)
        return; /* an own loop does it once, after uv_run */
    end_turn(io);
    if (io->turn)
        io->turn(io->turn_ud);
}

static void on_answer(struct wsc__waiter *w, struct wsc__event *ev, void *ud)
{
    struct wsc__io_conn *ic = WSC__OF(w, struct wsc__io_conn, waiter);

    wsc__io_tell(ud, ic->conn, ev);
}

static void on_job(struct wsc__job_waiter *w, void *ud)
{
    struct wsc__io_conn *ic = WSC__OF(w, struct wsc__io_conn, job_waiter);
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_JOB_DONE;
    wsc__io_tell(ud, ic->conn, &ev);
}

static void on_wake(void *ud)
{
    wsc__io_wakeup(ud);
}

static void on_prepare(uv_prepare_t *p)
{
    struct wsc__io *io = p->data;

    io->events_end = io->acts_end = 0;
}

/* One of each kind in any turn, so that none waits for the others to end. */
static void collect(struct wsc__io *io)
{
    uint64_t *end = &io->events_end;

    (void)wsc__io_spent(end); /* it begins here at the latest */
    while (wsc__resolver_collect(io->resolver, wsc__io_now()) && !wsc__io_spent(end))
        continue;
    /* whom this turn has sent to wait for a job joins it before it ends */
    while (flush(io) && wsc__jobs_collect(io->jobs) && !wsc__io_spent(end))
        continue;
    wsc__streams_collect(io);
    if (wsc__io_spent(end))
        wsc__bell_ring(&io->bell); /* there may be more */
}

static void on_bell(void *ud)
{
    struct wsc__io *io = ud;

    if (io->closing)
        return;
    collect(io);
    wsc__io_turned(io);
}

static void on_timer(uv_timer_t *t)
{
    struct wsc__io *io = t->data;

    if (!wsc__process_is(io->bell.process))
        return;
    io->timer_at = 0;
    if (!io->borrowed)
        uv_stop(io->loop); /* it may have come before the loop waits: now it does not */
    wsc__io_turned(io);
}

/* --- making ----------------------------------------------------------------------------------- */

int wsc__io_new(struct wsc__io **out, struct wsc__core *core, void *loop, void (*turn)(void *ud),
                void *ud)
{
    struct wsc__io *io = wsc__zalloc(&core->mem, sizeof *io);
    struct wsc__resolver_config rc;
    const struct wsc__jobs_config jc = { on_wake, on_job, io };
    int status = WSC_E_NOMEM;

    if (!io)
        return WSC_E_NOMEM;
    io->core = wsc__core_ref(core);
    io->mem = core->mem;
    io->turn = turn;
    io->turn_ud = ud;
    io->borrowed = loop != NULL;
    io->loop = loop ? loop : &io->own;
    memset(&rc, 0, sizeof rc);
    rc.mem = &core->mem;
    rc.wake = on_wake;
    rc.answer = on_answer;
    rc.ud = io;
    wsc__list_init(&io->ready);
    wsc__list_init(&io->lumps);
    pthread_mutex_init(&io->lock, NULL);
    io->read_buf = wsc__malloc(&core->mem, WSC__READ_SIZE);
    if (!io->read_buf || wsc__resolver_new(&io->resolver, &rc) != WSC_OK ||
        wsc__jobs_new(&io->jobs, &core->mem, &jc) != WSC_OK)
        goto failed;
    status = WSC_E_DESCRIPTORS;
    if (!loop && uv_loop_init(&io->own))
        goto failed;
    if (wsc__bell_init(&io->bell, io->loop, on_bell, io)) {
        if (!loop)
            uv_loop_close(&io->own);
        goto failed;
    }
    uv_timer_init(io->loop, &io->timer);
    uv_prepare_init(io->loop, &io->prepare);
    uv_prepare_start(&io->prepare, on_prepare);
    uv_unref((uv_handle_t *)&io->prepare);
    io->timer.data = io->prepare.data = io;
    io->handles = 3;
    if (io->borrowed) {
        uv_unref((uv_handle_t *)&io->timer);
        uv_unref((uv_handle_t *)&io->bell.poll);
    }
    *out = io;
    return WSC_OK;
failed:
    if (io->resolver)
        wsc__resolver_close(io->resolver);
    if (io->jobs)
        wsc__jobs_close(io->jobs);
    pthread_mutex_destroy(&io->lock);
    wsc__free(&core->mem, io->read_buf);
    wsc__free(&core->mem, io);
    wsc__core_unref(core);
    return status;
}

int wsc__io_fd(const struct wsc__io *io)
{
    return io->borrowed ? -1 : uv_backend_fd(io->loop);
}

bool wsc__io_borrowed(const struct wsc__io *io)
{
    return io->borrowed;
}

int wsc__io_timeout(struct wsc__io *io)
{
    uv_update_time(io->loop); /* it stands still between turns */
    return uv_backend_timeout(io->loop);
}

/* --- running ---------------------------------------------------------------------------------- */

/* An early turn costs less than moving the timer at every request. */
static void arm_for(struct wsc__io *io, uint64_t now, uint64_t wait)
{
    if (io->timer_at && io->timer_at <= now + wait)
        return;
    io->timer_at = now + wait;
    uv_update_time(io->loop);
    uv_timer_start(&io->timer, on_timer, wait, 0);
}

static void arm(struct wsc__io *io)
{
    int64_t wait = wsc__core_timeout(io->core), lumps = wsc__streams_hasten(io);

    if (lumps >= 0 && (wait < 0 || lumps < wait))
        wait = lumps;
    if (wait >= 0) {
        arm_for(io, io->core->now, (uint64_t)wait);
    } else if (io->timer_at) {
        uv_timer_stop(&io->timer);
        io->timer_at = 0;
    }
}

/* A borrowed loop is kept alive only while there is work. */
static void hold_loop(struct wsc__io *io, bool more)
{
    bool busy = more || io->core->pending > 0 || !wsc__list_empty(&io->core->ready);

    if (!io->borrowed || busy == io->held)
        return;
    io->held = busy;
    if (busy)
        uv_ref((uv_handle_t *)&io->bell.poll);
    else
        uv_unref((uv_handle_t *)&io->bell.poll);
}

/* False: the slice is over, and some of what the core asks waits for the next turn. */
static bool act(struct wsc__io *io)
{
    struct wsc__action a;

    memset(&a, 0, sizeof a);
    while (wsc__core_next_action(io->core, &a)) {
        wsc__io_act(io, &a);
        if (wsc__io_spent(&io->acts_end)) {
            wsc__bell_ring(&io->bell);
            return false;
        }
    }
    return true;
}

/* False: not all is done. */
static bool flush(struct wsc__io *io)
{
    bool all;

    if (io->flushing || io->closing)
        return false;
    io->flushing = true;
    io->core->now = wsc__io_now();
    all = act(io);
    io->flushing = false;
    arm(io);
    hold_loop(io, !all);
    if (io->borrowed && !wsc__list_empty(&io->core->ready))
        wsc__bell_ring(&io->bell); /* told in a turn of the loop, never inside this call */
    return all;
}

void wsc__io_flush(struct wsc__io *io)
{
    io->acts_end = 0; /* the program's own call takes its own time */
    (void)flush(io);
}

void wsc__io_go_on(struct wsc__io *io)
{
    (void)flush(io);
}

static void end_turn(struct wsc__io *io)
{
    wsc__core_tick(io->core, wsc__io_now());
    (void)flush(io);
}

void wsc__io_step(struct wsc__io *io)
{
    uv_run(io->loop, UV_RUN_NOWAIT);
    end_turn(io);
}

void wsc__io_wait(struct wsc__io *io, int timeout_ms)
{
    struct pollfd p;
    int t = wsc__io_timeout(io);

    if (timeout_ms >= 0 && (t < 0 || t > timeout_ms))
        t = timeout_ms;
    if (t) {
        p.fd = uv_backend_fd(io->loop);
        p.events = POLLIN;
        p.revents = 0;
        poll(&p, 1, t);
    }
    wsc__io_step(io);
}

void wsc__io_run(struct wsc__io *io, int timeout_ms)
{
    if (timeout_ms > 0)
        arm_for(io, wsc__io_now(), (uint64_t)timeout_ms);
    uv_run(io->loop, timeout_ms ? UV_RUN_ONCE : UV_RUN_NOWAIT);
    end_turn(io);
}

void wsc__io_wakeup(struct wsc__io *io)
{
    wsc__bell_ring(&io->bell);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void free_io(struct wsc__io *io)
{
    struct wsc__core *core = io->core;
    void (*closed)(void *ud) = io->closed;
    void *ud = io->closed_ud;

    if (!io->borrowed)
        uv_loop_close(&io->own);
    pthread_mutex_destroy(&io->lock);
    wsc__free(&core->mem, io->read_buf);
    wsc__free(&core->mem, io);
    wsc__core_unref(core);
    if (closed)
        closed(ud);
}

void wsc__io_handle_gone(struct wsc__io *io)
{
    if (--io->handles == 0 && io->borrowed)
        free_io(io);
}

static void on_handle_closed(uv_handle_t *h)
{
    wsc__io_handle_gone(h->data);
}

static void on_bell_closed(uv_handle_t *h)
{
    wsc__io_handle_gone(WSC__OF(h, struct wsc__io, bell.poll));
}

void wsc__io_close(struct wsc__io *io, void (*closed)(void *ud), void *ud)
{
    struct wsc__action a;

    memset(&a, 0, sizeof a);
    while (wsc__core_next_action(io->core, &a))
        wsc__io_act(io, &a); /* every connection is closed by now: these are their CLOSEs */
    wsc__resolver_close(io->resolver);
    io->resolver = NULL;
    wsc__jobs_close(io->jobs);
    io->jobs = NULL;
    io->closing = true;
    io->closed = closed;
    io->closed_ud = ud;
    if (io->borrowed)
        uv_ref((uv_handle_t *)&io->bell.poll); /* the loop turns until the handles are closed */
    uv_close((uv_handle_t *)&io->timer, on_handle_closed);
    uv_close((uv_handle_t *)&io->prepare, on_handle_closed);
    wsc__bell_close(&io->bell, on_bell_closed);
    if (io->borrowed)
        return;
    while (io->handles)
        uv_run(io->loop, UV_RUN_NOWAIT);
    free_io(io);
}

/* Only descriptors: the loop's state belongs to the parent, too. */
static void close_fd(uv_handle_t *h, void *arg)
{
    uv_os_fd_t fd;

    (void)arg;
    if (uv_fileno(h, &fd) == 0)
        close(fd);
}

void wsc__io_abandon(struct wsc__io *io)
{
    if (io->borrowed)
        return;
    uv_walk(io->loop, close_fd, NULL);
    wsc__bell_abandon(&io->bell);
    close(uv_backend_fd(io->loop));
}
