/* TCP as a transport: a socket, and libuv tells when it is ready. */
#include "io/io_private.h"

#include "base/process.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct tcp {
    uv_poll_t poll;
    struct wsc__io *io;
    struct wsc_stream *handle; /* NULL once closed */
    int fd, error;             /* errno of the last call that failed */
    int wanted, armed;         /* events; what libuv waits for */
    int wake_at;               /* ready to be read with so many bytes */
};

static int failed(struct tcp *t, int error, int status)
{
    t->error = error;
    return status;
}

static void on_closed(uv_handle_t *h)
{
    struct tcp *t = h->data;
    struct wsc__io *io = t->io;

    wsc__free(&io->mem, t);
    wsc__io_handle_gone(io);
}

static void arm(struct tcp *t);

static void on_poll(uv_poll_t *p, int status, int events)
{
    struct tcp *t = p->data;
    struct wsc__io *io = t->io;

    (void)events;
    if (!wsc__process_is(io->bell.process)) {
        uv_poll_stop(p); /* what comes is the parent's */
        return;
    }
    if (!t->handle)
        return;
    if (status < 0)
        t->armed = 0; /* libuv has stopped it: read and write will say why */
    wsc__stream_ready(t->handle);
    if (status < 0 && t->handle)
        arm(t);
    wsc__io_turned(io);
}

static void arm(struct tcp *t)
{
    if (t->armed == t->wanted)
        return;
    if (t->wanted)
        uv_poll_start(&t->poll, t->wanted, on_poll);
    else
        uv_poll_stop(&t->poll);
    t->armed = t->wanted;
}

static void tcp_want(void *stream, int what)
{
    struct tcp *t = stream;

    t->wanted =
        (what & WSC_WANT_READ ? UV_READABLE : 0) | (what & WSC_WANT_WRITE ? UV_WRITABLE : 0);
    arm(t);
}

/* --- connect ---------------------------------------------------------------------------------- */

static int address(const char *host, int port, struct sockaddr_in6 *out, socklen_t *len)
{
    memset(out, 0, sizeof *out);
    *len = sizeof(struct sockaddr_in);
    if (uv_ip4_addr(host, port, (struct sockaddr_in *)(void *)out) == 0)
        return 0;
    *len = sizeof *out;
    return uv_ip6_addr(host, port, out);
}

static int begin(struct tcp *t, const char *host, int port)
{
    struct sockaddr_in6 addr;
    socklen_t len;
    int one = 1, rc = address(host, port, &addr, &len);

    if (rc)
        return -rc;
    t->fd = socket(addr.sin6_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (t->fd < 0)
        return errno;
    (void)setsockopt(t->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    rc = uv_poll_init(t->io->loop, &t->poll, t->fd);
    if (rc) {
        close(t->fd);
        t->fd = -1;
        return -rc;
    }
    t->poll.data = t;
    t->io->handles++;
    if (t->io->borrowed)
        uv_unref((uv_handle_t *)&t->poll);
    do {
        rc = connect(t->fd, (const struct sockaddr *)&addr, len);
    } while (rc && errno == EINTR);
    return rc && errno != EINPROGRESS ? errno : 0;
}

static int tcp_connect(void **stream, const char *host, int port, wsc_stream *handle,
                       void *user_data)
{
    struct wsc__io *io = user_data;
    struct tcp *t = *stream;
    socklen_t len = sizeof t->error;
    int rc;

    if (t) {
        if (getsockopt(t->fd, SOL_SOCKET, SO_ERROR, &t->error, &len))
            t->error = errno;
        return t->error ? WSC_E_CONNECT : WSC_OK;
    }
    t = wsc__zalloc(&io->mem, sizeof *t);
    if (!t)
        return WSC_E_NOMEM;
    *stream = t;
    t->io = io;
    t->handle = handle;
    t->fd = -1;
    t->wake_at = 1;
    rc = begin(t, host, port);
    return rc ? failed(t, rc, WSC_E_CONNECT) : WSC_E_AGAIN;
}

static void tcp_close(void *stream)
{
    struct tcp *t = stream;

    t->handle = NULL;
    if (t->fd < 0) {
        wsc__free(&t->io->mem, t);
        return;
    }
    uv_close((uv_handle_t *)&t->poll, on_closed); /* takes the descriptor out of the poll set */
    close(t->fd);
}

/* --- bytes ------------------------------------------------------------------------------------ */

static int tcp_read(void *stream, void *buf, size_t cap, size_t *n)
{
    struct tcp *t = stream;
    ssize_t got;

    do {
        got = recv(t->fd, buf, cap, 0);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? WSC_E_AGAIN
                                                       : failed(t, errno, WSC_E_CONNECTION_LOST);
    *n = (size_t)got;
    return WSC_OK;
}

static int tcp_write(void *stream, const void *buf, size_t len, size_t *n)
{
    struct tcp *t = stream;
    ssize_t sent;

    do {
        sent = send(t->fd, buf, len, MSG_NOSIGNAL);
    } while (sent < 0 && errno == EINTR);
    if (sent < 0)
        return errno == EAGAIN || errno == EWOULDBLOCK ? WSC_E_AGAIN
                                                       : failed(t, errno, WSC_E_CONNECTION_LOST);
    *n = (size_t)sent;
    return WSC_OK;
}

static const char *tcp_error(void *stream, int *system_code)
{
    struct tcp *t = stream;

    *system_code = t ? t->error : ENOMEM;
    return uv_strerror(-*system_code);
}

const wsc_transport wsc__tcp = { sizeof wsc__tcp, tcp_connect, tcp_read, tcp_write,
                                 tcp_close,       tcp_want,    tcp_error };

void wsc__tcp_wake_at(void *stream, int bytes)
{
    struct tcp *t = stream;

    if (bytes == t->wake_at)
        return;
    t->wake_at = bytes;
    (void)setsockopt(t->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes);
}
