/* The command's output to ours, one piece at a time: while ours is full, nothing more is read. */
#include "wsc.h"

#include <errno.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE 4096 /* a pipe that is ready takes that much without blocking us */

static int fd_of(const struct output *out)
{
    return out->stream == WSC_STDERR ? STDERR_FILENO : STDOUT_FILENO;
}

int output_fd(const struct output *out)
{
    return out->sent < out->have ? fd_of(out) : -1;
}

/* How much may be written now without being blocked; 0 = nothing. */
static size_t room(int fd, size_t want)
{
    struct pollfd p;
    struct stat st;

    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return want;
    p.fd = fd;
    p.events = POLLOUT;
    if (poll(&p, 1, 0) <= 0)
        return 0;
    return want < PIECE ? want : PIECE;
}

ssize_t write_some(int fd, const void *data, size_t len)
{
    size_t n = room(fd, len);
    ssize_t done = n ? write(fd, data, n) : 0;

    return done < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : done;
}

/* WSC_OK when all is written */
static int flush(struct output *out)
{
    int fd = fd_of(out);

    while (out->sent < out->have) {
        ssize_t done = write_some(fd, out->buf + out->sent, out->have - out->sent);

        if (done == 0)
            return WSC_E_AGAIN;
        if (done < 0 && fd == STDOUT_FILENO) {
            out->failed = errno;
            return WSC_E_IO;
        }
        out->sent = done < 0
                        ? out->have
                        : out->sent + (size_t)done; /* a stderr that is gone is no reason to stop */
    }
    return WSC_OK;
}

static int keep(struct output *out)
{
    if (!bytes_add(&out->kept[out->stream == WSC_STDERR], out->buf, out->have)) {
        out->failed = ENOMEM;
        return WSC_E_IO;
    }
    out->sent = out->have;
    return WSC_OK;
}

int output_pump(struct output *out, wsc_command *cmd)
{
    int rc;

    for (;;) {
        rc = out->sent == out->have ? WSC_OK : out->keep ? keep(out) : flush(out);
        if (rc != WSC_OK)
            return rc;
        out->sent = out->have = 0;
        out->stream = 0; /* whichever comes next: the order is kept */
        rc = wsc_command_read(cmd, &out->stream, out->buf, sizeof out->buf, &out->have, 0);
        if (rc != WSC_OK || out->have == 0)
            return rc;
    }
}

void output_free(struct output *out)
{
    bytes_free(&out->kept[0]);
    bytes_free(&out->kept[1]);
}
