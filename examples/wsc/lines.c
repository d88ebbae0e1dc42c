/* Whole lines from many hosts to our stdout and stderr, and a line that tells how far we are. */
#include "wsc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINE_LIMIT 65536  /* of a line that has not ended */
#define SINK_LIMIT 262144 /* more is not taken while it is not written */
#define CUT        "[...]"
#define ERASE      "\r\033[K"

/* --- bytes ------------------------------------------------------------------------------------ */

bool bytes_add(struct bytes *b, const void *data, size_t len)
{
    if (b->cap - b->len < len) {
        size_t cap = (b->cap + len) * 2;
        char *p = realloc(b->data, cap);

        if (!p)
            return false;
        b->data = p;
        b->cap = cap;
    }
    if (len)
        memcpy(b->data + b->len, data, len);
    b->len += len;
    return true;
}

void bytes_free(struct bytes *b)
{
    free(b->data);
    memset(b, 0, sizeof *b);
}

/* --- sinks ------------------------------------------------------------------------------------ */

void sink_add(struct sink *s, const void *data, size_t len)
{
    if (!s->failed && !bytes_add(&s->wait, data, len))
        s->failed = ENOMEM;
}

size_t sink_pending(const struct sink *s)
{
    return s->wait.len - s->sent;
}

bool sink_full(const struct sink *s)
{
    return sink_pending(s) >= SINK_LIMIT;
}

/* A stderr that is gone is no reason to stop. */
void sink_flush(struct sink *s, struct progress *p)
{
    while (sink_pending(s) && !s->failed) {
        ssize_t n;

        progress_erase(p, s->fd);
        n = write_some(s->fd, s->wait.data + s->sent, sink_pending(s));
        if (n == 0)
            break;
        if (n > 0)
            s->sent += (size_t)n;
        else if (s->fd == STDOUT_FILENO)
            s->failed = errno;
        else
            s->sent = s->wait.len;
    }
    if (s->failed || s->sent == s->wait.len) {
        s->sent = s->wait.len = 0;
    } else if (s->sent > s->wait.len / 2) {
        memmove(s->wait.data, s->wait.data + s->sent, sink_pending(s));
        s->wait.len -= s->sent;
        s->sent = 0;
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

static void put_line(struct sink *to, const char *host, const struct bytes *begun, const char *data,
                     size_t len, const char *end)
{
    sink_add(to, host, strlen(host));
    sink_add(to, ": ", 2);
    sink_add(to, begun->data, begun->len);
    sink_add(to, data, len);
    sink_add(to, end, strlen(end));
}

size_t lines_take(struct bytes *begun, const char *host, struct sink *to, const char *data,
                  size_t len)
{
    size_t at = 0;

    while (at < len && !sink_full(to)) {
        const char *end = memchr(data + at, '\n', len - at);
        size_t n = end ? (size_t)(end - data) - at : len - at;
        bool cut = begun->len + n > LINE_LIMIT;

        if (cut)
            n = LINE_LIMIT - begun->len;
        if (!end && !cut) {
            if (!bytes_add(begun, data + at, n))
                to->failed = ENOMEM;
            return len;
        }
        put_line(to, host, begun, data + at, n, cut ? CUT "\n" : "\n");
        begun->len = 0;
        at += n + !cut;
    }
    return at;
}

void lines_end(struct bytes *begun, const char *host, struct sink *to)
{
    if (begun->len)
        put_line(to, host, begun, NULL, 0, "\n");
    bytes_free(begun);
}

/* --- progress --------------------------------------------------------------------------------- */

void progress_init(struct progress *p, bool wanted)
{
    const char *term = getenv("TERM");

    memset(p, 0, sizeof *p);
    p->on = wanted && isatty(STDERR_FILENO) && term && *term && strcmp(term, "dumb") != 0;
    p->beside = isatty(STDOUT_FILENO);
}

void progress_erase(struct progress *p, int fd)
{
    if (!*p->shown || (fd == STDOUT_FILENO && !p->beside))
        return;
    if (write_some(STDERR_FILENO, ERASE, strlen(ERASE)) != 0)
        *p->shown = '\0';
}

void progress_draw(struct progress *p, const char *text)
{
    char line[sizeof p->shown + sizeof ERASE];
    int n;

    if (!p->on || strcmp(text, p->shown) == 0)
        return;
    n = snprintf(line, sizeof line, ERASE "%s", text);
    if (n > 0 && (size_t)n < sizeof line && write_some(STDERR_FILENO, line, (size_t)n) > 0)
        snprintf(p->shown, sizeof p->shown, "%s", text);
}
