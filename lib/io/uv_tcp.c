/* Sockets: the actions of connections, and what comes back. */
#include "io/io_private.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

struct write_job {
    uv_write_t req;
    struct wsc__io_slot *slot;
    struct wsc__io *io;
    struct wsc__buf buf;
};

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

static void fill_error(struct wsc__event *ev, int status)
{
    ev->net = wsc__io_net(status);
    ev->sys = status;
    ev->text = uv_strerror(status);
}

static void tell(struct wsc__io_slot *s, struct wsc__event *ev)
{
    ev->slot = s->slot;
    wsc__io_tell(s->io, s->owner->conn, ev);
}

/* --- slots ------------------------------------------------------------------------------------ */

static void on_slot_closed(uv_handle_t *h)
{
    struct wsc__io_slot *s = h->data;
    struct wsc__io *io = s->io;

    wsc__free(&io->mem, s);
    wsc__io_handle_gone(io);
}

static void close_slot(struct wsc__io_conn *ic, int slot)
{
    struct wsc__io_slot *s = ic->slots[slot];

    if (!s)
        return;
    ic->slots[slot] = NULL;
    s->owner = NULL;
    uv_close((uv_handle_t *)&s->tcp, on_slot_closed);
}

static struct wsc__io_slot *winner(struct wsc__conn *c)
{
    struct wsc__io_conn *ic = c->io;

    return ic->slots[c->winner];
}

/* --- connect ---------------------------------------------------------------------------------- */

static void on_connect(uv_connect_t *req, int status)
{
    struct wsc__io_slot *s = req->data;
    struct wsc__io *io = s->io;
    struct wsc__event ev;

    if (!s->owner)
        return;
    memset(&ev, 0, sizeof ev);
    if (status) {
        struct wsc__conn *c = s->owner->conn;
        int slot = s->slot;

        close_slot(s->owner, slot);
        ev.kind = WSC__EV_REFUSED;
        ev.slot = slot;
        fill_error(&ev, status);
        wsc__io_tell(io, c, &ev);
    } else {
        uv_tcp_nodelay(&s->tcp, 1);
        ev.kind = WSC__EV_CONNECTED;
        tell(s, &ev);
    }
    wsc__io_turned(io);
}

static int open_slot(struct wsc__io_conn *ic, int slot, struct wsc__addr *addr)
{
    struct wsc__io *io = ic->io;
    struct wsc__io_slot *s = wsc__zalloc(&io->mem, sizeof *s);
    int rc;

    if (!s)
        return UV_ENOMEM;
    s->io = io;
    s->owner = ic;
    s->slot = slot;
    rc = uv_tcp_init_ex(io->loop, &s->tcp, addr->v6 ? AF_INET6 : AF_INET);
    if (rc) {
        wsc__free(&io->mem, s);
        return rc;
    }
    io->handles++;
    s->tcp.data = s;
    s->connect.data = s;
    if (io->borrowed)
        uv_unref((uv_handle_t *)&s->tcp);
    ic->slots[slot] = s;
    rc = uv_tcp_connect(&s->connect, &s->tcp, (const struct sockaddr *)(void *)addr->bytes,
                        on_connect);
    if (rc)
        close_slot(ic, slot);
    return rc;
}

static void do_connect(struct wsc__io_conn *ic, struct wsc__action *a)
{
    struct wsc__event ev;
    int rc = open_slot(ic, a->slot, &a->addr);

    if (!rc)
        return;
    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_REFUSED;
    ev.slot = a->slot;
    fill_error(&ev, rc);
    wsc__io_tell(ic->io, a->conn, &ev);
}

/* --- read ------------------------------------------------------------------------------------- */

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf)
{
    struct wsc__io_slot *s = h->data;

    (void)suggested;
    *buf = uv_buf_init((char *)s->io->read_buf, WSC__READ_SIZE);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct wsc__io_slot *s = stream->data;
    struct wsc__io *io = s->io;
    struct wsc__event ev;

    if (n == 0 || !s->owner)
        return;
    memset(&ev, 0, sizeof ev);
    if (n > 0) {
        ev.kind = WSC__EV_BYTES;
        ev.data = (const uint8_t *)buf->base;
        ev.len = (size_t)n;
    } else {
        uv_read_stop(stream);
        ev.kind = n == UV_EOF ? WSC__EV_EOF : WSC__EV_ERROR;
        if (n != UV_EOF)
            fill_error(&ev, (int)n);
    }
    tell(s, &ev);
    if (n > 0 && s->owner && !wsc__conn_reads_on(s->owner->conn))
        uv_read_stop(stream); /* libuv would read on before it returns to us */
    wsc__io_turned(io);
}

/* --- write ------------------------------------------------------------------------------------ */

static void written(struct wsc__io *io, struct wsc__conn *c, int status)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = status ? WSC__EV_ERROR : WSC__EV_WRITTEN;
    if (status)
        fill_error(&ev, status);
    wsc__io_tell(io, c, &ev);
}

static void on_write(uv_write_t *req, int status)
{
    struct write_job *w = req->data;
    struct wsc__io_slot *s = w->slot;
    struct wsc__io *io = w->io;

    io->writes--;
    wsc__buf_free(&w->buf);
    wsc__free(&io->mem, w);
    if (s->owner && status != UV_ECANCELED) {
        written(io, s->owner->conn, status);
        wsc__io_turned(io);
    }
}

/* What the socket takes at once needs no request and no second turn of the loop. */
static size_t try_send(struct wsc__io_slot *s, const struct wsc__buf *b)
{
    uv_os_fd_t fd;
    ssize_t n;

    if (uv_fileno((uv_handle_t *)&s->tcp, &fd))
        return 0;
    do {
        n = send(fd, wsc__buf_data(b), b->len, MSG_NOSIGNAL | MSG_DONTWAIT);
    } while (n < 0 && errno == EINTR);
    return n > 0 ? (size_t)n : 0;
}

static void do_write(struct wsc__io *io, struct wsc__action *a)
{
    struct wsc__io_slot *s = winner(a->conn);
    size_t n = try_send(s, &a->buf);
    struct wsc__sigpipe hold;
    struct write_job *w;
    uv_buf_t buf;
    int rc;

    if (n == a->buf.len) {
        wsc__buf_free(&a->buf);
        written(io, a->conn, 0);
        return;
    }
    w = wsc__zalloc(&io->mem, sizeof *w);
    if (!w) {
        wsc__buf_free(&a->buf);
        written(io, a->conn, UV_ENOMEM);
        return;
    }
    wsc__buf_consume(&a->buf, n);
    w->buf = a->buf;
    w->slot = s;
    w->io = io;
    w->req.data = w;
    buf = uv_buf_init((char *)(uintptr_t)wsc__buf_data(&w->buf), (unsigned)w->buf.len);
    wsc__sigpipe_hold(&hold);
    rc = uv_write(&w->req, (uv_stream_t *)&s->tcp, &buf, 1, on_write);
    wsc__sigpipe_release(&hold);
    if (!rc) {
        io->writes++;
    } else {
        wsc__buf_free(&w->buf);
        wsc__free(&io->mem, w);
        written(io, a->conn, rc);
    }
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

void wsc__io_act(struct wsc__io *io, struct wsc__action *a)
{
    struct wsc__io_conn *ic;

    if (a->kind == WSC__ACT_CLOSE) {
        do_close(io, a->conn);
        return;
    }
    ic = io_conn(io, a->conn);
    if (!ic) {
        written(io, a->conn, UV_ENOMEM);
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
        uv_read_start((uv_stream_t *)&winner(a->conn)->tcp, on_alloc, on_read);
        break;
    case WSC__ACT_READ_STOP:
        uv_read_stop((uv_stream_t *)&winner(a->conn)->tcp);
        break;
    case WSC__ACT_WRITE:
        do_write(io, a);
        break;
    case WSC__ACT_CLOSE:
        break;
    }
}
