/* Connections over transports: the actions of the core, and what comes back. */
#include "io/io_private.h"

#include "proto/pool.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>

#define LUMP_MS       100
#define READS_AT_ONCE 16 /* of one stream before the others have their turn */

enum wsc__net wsc__io_net(int status)
{
    switch (status) {
    case UV_ECONNREFUSED:
        return WSC__NET_REFUSED;
    case UV_EHOSTUNREACH:
    case UV_ENETUNREACH:
    case UV_EADDRNOTAVAIL:
        return WSC__NET_UNREACHABLE;
    case UV_ETIMEDOUT:
        return WSC__NET_TIMEDOUT;
    case UV_ECONNRESET:
    case UV_EPIPE:
    case UV_ECONNABORTED:
        return WSC__NET_RESET;
    case UV_EMFILE:
    case UV_ENFILE:
    case UV_ENOBUFS:
    case UV_ENOMEM:
        return WSC__NET_DESCRIPTORS;
    default:
        return WSC__NET_OTHER;
    }
}

static void tell(struct wsc_stream *s, struct wsc__event *ev)
{
    ev->slot = s->slot;
    wsc__io_tell(s->io, s->owner->conn, ev);
}

/* What a transport says of its failure; status where it says nothing. */
static void fill_error(struct wsc__event *ev, const wsc_transport *ops, void *stream, int status)
{
    const char *text = NULL;
    int code = 0;

    if (ops->error_text)
        text = ops->error_text(stream, &code);
    ev->sys = code > 0 ? -code : code;
    ev->net = wsc__io_net(ev->sys);
    ev->text = text ? text : wsc__code_find(status) ? wsc__code_find(status)->text : NULL;
    if (ev->net != WSC__NET_OTHER)
        return;
    if (status == WSC_E_DESCRIPTORS || status == WSC_E_NOMEM)
        ev->net = WSC__NET_DESCRIPTORS;
    else if (status == WSC_E_RESOLVE)
        ev->net = WSC__NET_NO_NAME;
}

static void broken(struct wsc_stream *s, int status)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_ERROR;
    fill_error(&ev, s->ops, s->stream, status);
    tell(s, &ev);
}

/* --- ready ------------------------------------------------------------------------------------ */

void wsc__io_stream_ready(struct wsc_stream *s)
{
    struct wsc__io *io = s->io;

    pthread_mutex_lock(&io->lock);
    if (!wsc__linked(&s->in_ready))
        wsc__list_push(&io->ready, &s->in_ready);
    pthread_mutex_unlock(&io->lock);
    wsc__bell_ring(&io->bell);
}

static void want(struct wsc_stream *s, int what)
{
    if (what == s->wants)
        return;
    s->wants = what;
    if (s->ops->want)
        s->ops->want(s->stream, what);
}

static void update_wants(struct wsc_stream *s)
{
    want(s, !s->connected ? WSC_WANT_WRITE
                          : (s->reads ? WSC_WANT_READ : 0) | (s->out.len ? WSC_WANT_WRITE : 0));
}

/* --- bytes ------------------------------------------------------------------------------------ */

static void read_some(struct wsc_stream *s)
{
    struct wsc__io *io = s->io;
    int i;

    for (i = 0; i < READS_AT_ONCE; i++) {
        struct wsc__event ev;
        size_t n = 0;
        int rc = s->ops->read(s->stream, io->read_buf, WSC__READ_SIZE, &n);

        if (rc == WSC_E_AGAIN)
            return;
        if (rc != WSC_OK || n > WSC__READ_SIZE) {
            s->reads = false;
            broken(s, rc < 0 ? rc : WSC_E_IO);
            return;
        }
        memset(&ev, 0, sizeof ev);
        ev.kind = n ? WSC__EV_BYTES : WSC__EV_EOF;
        ev.data = io->read_buf;
        ev.len = n;
        tell(s, &ev);
        if (!n || !wsc__conn_reads_on(s->owner->conn)) {
            s->reads = false;
            return;
        }
        if (s->ops->want && n < WSC__READ_SIZE)
            return; /* told again if there is more */
    }
    if (!s->ops->want)
        wsc__io_stream_ready(s); /* there may be more: the others have their turn */
}

/* In the middle of a long reply a whole read is worth waking for, not each packet; but not for
 * long: the server may stop, or the way may be slow. */
static void read_on(struct wsc_stream *s)
{
    struct wsc__io *io = s->io;
    bool long_one;

    read_some(s);
    if (s->ops != &wsc__tcp)
        return;
    long_one = wsc__conn_awaits(s->owner->conn) >= 2 * WSC__READ_SIZE;
    wsc__tcp_wake_at(s->stream, long_one ? WSC__READ_SIZE : 1);
    wsc__list_remove(&s->in_lumps);
    if (!long_one)
        return;
    s->lump_at = io->core->now;
    wsc__list_push(&io->lumps, &s->in_lumps);
}

int64_t wsc__streams_hasten(struct wsc__io *io)
{
    struct wsc__link *n;

    while ((n = wsc__list_first(&io->lumps))) {
        struct wsc_stream *s = WSC__OF(n, struct wsc_stream, in_lumps);
        uint64_t for_ms = io->core->now - s->lump_at;

        if (for_ms < LUMP_MS)
            return (int64_t)(LUMP_MS - for_ms);
        wsc__list_remove(n);
        wsc__tcp_wake_at(s->stream, 1); /* what is there is told at once */
    }
    return -1;
}

/* What the stream takes at once needs no second turn of the loop. */
static void write_on(struct wsc_stream *s)
{
    struct wsc__event ev;

    while (s->out.len) {
        size_t n = 0;
        int rc = s->ops->write(s->stream, wsc__buf_data(&s->out), s->out.len, &n);

        if (rc == WSC_E_AGAIN || (rc == WSC_OK && n == 0))
            return;
        if (rc != WSC_OK || n > s->out.len) {
            wsc__buf_free(&s->out);
            s->reads = false;
            broken(s, rc < 0 ? rc : WSC_E_IO);
            return;
        }
        wsc__buf_consume(&s->out, n);
    }
    wsc__buf_free(&s->out);
    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_WRITTEN;
    tell(s, &ev);
}

/* --- slots ------------------------------------------------------------------------------------ */

static void close_slot(struct wsc__io_conn *ic, int slot)
{
    struct wsc_stream *s = ic->slots[slot];
    struct wsc__io *io = ic->io;

    if (!s)
        return;
    ic->slots[slot] = NULL;
    if (s->stream)
        s->ops->close(s->stream);
    pthread_mutex_lock(&io->lock);
    wsc__list_remove(&s->in_ready);
    pthread_mutex_unlock(&io->lock);
    wsc__list_remove(&s->in_lumps);
    wsc__buf_free(&s->out);
    wsc__free(&io->mem, s);
}

static struct wsc_stream *winner(struct wsc__conn *c)
{
    struct wsc__io_conn *ic = c->io;

    return ic->slots[c->winner];
}

/* --- connect ---------------------------------------------------------------------------------- */

static void refused(struct wsc_stream *s, int status)
{
    struct wsc__io_conn *ic = s->owner;
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_REFUSED;
    fill_error(&ev, s->ops, s->stream, status);
    tell(s, &ev);
    close_slot(ic, s->slot);
}

/* host: NULL = once more. False: the stream is gone. */
static bool try_connect(struct wsc_stream *s, const char *host, int port, void *user_data)
{
    struct wsc__event ev;
    int rc = s->ops->connect(&s->stream, host, port, s, user_data);

    if (rc == WSC_E_AGAIN) {
        update_wants(s);
        return true;
    }
    if (rc != WSC_OK) {
        refused(s, rc);
        return false;
    }
    s->connected = true;
    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_CONNECTED;
    tell(s, &ev);
    return true;
}

static void go_on(struct wsc_stream *s)
{
    if (!s->connected && (!try_connect(s, NULL, 0, NULL) || !s->connected))
        return;
    if (s->out.len)
        write_on(s);
    if (s->reads)
        read_on(s);
    update_wants(s);
}

void wsc__stream_ready(struct wsc_stream *s)
{
    if (!s->io->late && !wsc__io_spent(&s->io->events_end)) {
        go_on(s);
        return;
    }
    s->io->late = true;
    want(s, 0); /* or the poll would tell it again in every turn until its own comes */
    wsc__io_stream_ready(s);
}

static struct wsc_stream *next_ready(struct wsc__io *io)
{
    struct wsc__link *n;

    pthread_mutex_lock(&io->lock);
    n = wsc__list_pop(&io->ready);
    pthread_mutex_unlock(&io->lock);
    return n ? WSC__OF(n, struct wsc_stream, in_ready) : NULL;
}

void wsc__streams_collect(struct wsc__io *io)
{
    struct wsc_stream *s;

    do {
        s = next_ready(io);
        if (s)
            go_on(s);
    } while (s && !wsc__io_spent(&io->events_end));
    io->late = s != NULL;
}

static void do_connect(struct wsc__io_conn *ic, struct wsc__action *a)
{
    struct wsc__io *io = ic->io;
    struct wsc__pool *pool = a->conn->pool;
    struct wsc_stream *s = wsc__zalloc(&io->mem, sizeof *s);
    struct wsc__event ev;
    char host[80] = "";

    if (!s) {
        memset(&ev, 0, sizeof ev);
        ev.kind = WSC__EV_REFUSED;
        ev.slot = a->slot;
        ev.net = WSC__NET_DESCRIPTORS;
        ev.sys = UV_ENOMEM;
        ev.text = uv_strerror(UV_ENOMEM);
        wsc__io_tell(io, a->conn, &ev);
        return;
    }
    s->io = io;
    s->owner = ic;
    s->slot = a->slot;
    s->ops =
        pool->transport ? (const wsc_transport *)(const void *)pool->transport->ops : &wsc__tcp;
    wsc__buf_init(&s->out, &io->mem, SIZE_MAX / 2);
    ic->slots[a->slot] = s;
    if (pool->transport) {
        try_connect(s, pool->dial, pool->url.port, pool->transport->user_data);
        return;
    }
    /* the zone goes with the address: fe80::1%eth0 */
    getnameinfo((const struct sockaddr *)(const void *)a->addr.bytes, a->addr.len, host,
                sizeof host, NULL, 0, NI_NUMERICHOST);
    try_connect(s, host, pool->url.port, io);
}

/* --- actions ---------------------------------------------------------------------------------- */

static struct wsc__io_conn *io_conn(struct wsc__io *io, struct wsc__conn *c)
{
    struct wsc__io_conn *ic = c->io;

    if (!ic) {
        ic = wsc__zalloc(&io->mem, sizeof *ic);
        if (!ic)
            return NULL;
        ic->conn = c;
        ic->io = io;
        c->io = ic;
    }
    return ic;
}

static void do_close(struct wsc__io *io, struct wsc__conn *c)
{
    struct wsc__io_conn *ic = c->io;
    int i;

    if (!ic)
        return;
    wsc__resolver_cancel(&ic->waiter);
    wsc__list_remove(&ic->job_waiter.link);
    for (i = 0; i < WSC__CONN_SLOTS; i++)
        close_slot(ic, i);
    c->io = NULL;
    wsc__free(&io->mem, ic);
}

static void do_resolve(struct wsc__io_conn *ic, const struct wsc__action *a)
{
    struct wsc__io *io = ic->io;
    const struct wsc__optset *o = io->core->params;

    wsc__resolver_ask(io->resolver, &ic->waiter, a->host, a->port,
                      (unsigned)wsc__opt_int(o, WSC__O_RESOLVER_WORKERS), io->core->now,
                      (uint64_t)wsc__opt_int(o, WSC__O_DNS_CACHE));
}

static void do_read(struct wsc_stream *s, bool on)
{
    s->reads = on;
    update_wants(s);
    if (on && !s->ops->want)
        wsc__io_stream_ready(s); /* looked at once, in the next turn */
}

static void do_write(struct wsc_stream *s, struct wsc__action *a)
{
    s->out = a->buf;
    write_on(s);
    update_wants(s);
}

static void no_memory(struct wsc__io *io, struct wsc__conn *c)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_ERROR;
    ev.net = WSC__NET_DESCRIPTORS;
    ev.sys = UV_ENOMEM;
    ev.text = uv_strerror(UV_ENOMEM);
    wsc__io_tell(io, c, &ev);
}

void wsc__io_act(struct wsc__io *io, struct wsc__action *a)
{
    struct wsc__io_conn *ic;

    if (a->kind == WSC__ACT_CLOSE) {
        do_close(io, a->conn);
        return;
    }
    ic = io_conn(io, a->conn);
    if (!ic) {
        no_memory(io, a->conn);
        return;
    }
    switch (a->kind) {
    case WSC__ACT_RESOLVE:
        do_resolve(ic, a);
        break;
    case WSC__ACT_CANCEL_RESOLVE:
        wsc__resolver_cancel(&ic->waiter);
        break;
    case WSC__ACT_CONNECT:
        do_connect(ic, a);
        break;
    case WSC__ACT_CLOSE_SLOT:
        close_slot(ic, a->slot);
        break;
    case WSC__ACT_READ_START:
        do_read(winner(a->conn), true);
        break;
    case WSC__ACT_READ_STOP:
        do_read(winner(a->conn), false);
        break;
    case WSC__ACT_LOOK:
        read_on(winner(a->conn));
        update_wants(winner(a->conn));
        break;
    case WSC__ACT_WRITE:
        do_write(winner(a->conn), a);
        break;
    case WSC__ACT_RUN_JOB:
        wsc__jobs_run(io->jobs, &ic->job_waiter, a->job);
        break;
    case WSC__ACT_CANCEL_JOB:
        wsc__jobs_cancel(&ic->job_waiter);
        break;
    case WSC__ACT_CLOSE:
        break;
    }
}
