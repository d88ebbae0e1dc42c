/* Lines: the values of WWW-Authenticate headers, the last one a Content-Type. Challenges stand
 * where they were found, and each one alone is the same challenge. */
#include "http/h1.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(struct wsc__buf *b, const char *text, size_t len)
{
    if (wsc__buf_append(b, text, len))
        abort();
}

static void puts_to(struct wsc__buf *b, const char *text)
{
    put(b, text, strlen(text));
}

/* false: no reply. r keeps the head. */
static bool read_head(struct wsc__h1_reply *r, const struct wsc__buf *head)
{
    static const struct wsc__h1_limits limits = { 100000, 100, 3, 20000 };
    const uint8_t *in = wsc__buf_data(head), *body;
    size_t at = 0, used, got;
    enum wsc__h1_event ev = WSC__H1_MORE;
    struct wsc_error *err = NULL;

    wsc__h1_reply_init(r, &wsc__mem_libc, &limits, false);
    while (at < head->len && ev == WSC__H1_MORE) {
        ev = wsc__h1_read(r, in + at, head->len - at, &used, &body, &got, &err);
        at += used;
    }
    wsc__error_unref(err);
    return ev == WSC__H1_HEAD;
}

static void head_begin(struct wsc__buf *head)
{
    wsc__buf_init(head, &wsc__mem_libc, 1u << 20);
    puts_to(head, "HTTP/1.1 401 No\r\n");
}

static bool inside(const struct wsc__h1_reply *r, const struct wsc__challenge *c)
{
    const char *value;

    for (unsigned n = 0; (value = wsc__h1_header(r, "WWW-Authenticate", n)); n++)
        if (c->scheme >= value && c->rest >= c->scheme + c->scheme_len &&
            c->rest + c->rest_len <= value + strlen(value))
            return true;
    return false;
}

static void alone(const struct wsc__challenge *c)
{
    struct wsc__h1_reply r;
    struct wsc__challenge same, none;
    struct wsc__buf head;

    head_begin(&head);
    puts_to(&head, "WWW-Authenticate: ");
    put(&head, c->scheme, c->scheme_len);
    puts_to(&head, " ");
    put(&head, c->rest, c->rest_len);
    puts_to(&head, "\r\n\r\n");
    if (!read_head(&r, &head) || !wsc__h1_challenge(&r, "WWW-Authenticate", 0, &same) ||
        wsc__h1_challenge(&r, "WWW-Authenticate", 1, &none) || same.scheme_len != c->scheme_len ||
        memcmp(same.scheme, c->scheme, c->scheme_len) != 0 || same.rest_len != c->rest_len ||
        memcmp(same.rest, c->rest, c->rest_len) != 0)
        abort();
    wsc__h1_reply_free(&r);
    wsc__buf_free(&head);
}

static void look(const struct wsc__h1_reply *r)
{
    static const char *const names[] = { "charset", "boundary", "protocol" };
    const char *type = wsc__h1_header(r, "Content-Type", 0);
    struct wsc__challenge c;
    struct wsc__buf masked;
    char text[40];

    for (unsigned i = 0; wsc__h1_challenge(r, "WWW-Authenticate", i, &c); i++) {
        if (!c.scheme_len || !inside(r, &c))
            abort();
        alone(&c);
    }
    (void)wsc__h1_media_is(type, "application/soap+xml");
    for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
        if (wsc__h1_media_param(type, names[i], text, sizeof text) && strlen(text) >= sizeof text)
            abort();
    wsc__buf_init(&masked, &wsc__mem_libc, 1u << 20);
    if (wsc__h1_reply_masked(r, &masked))
        abort();
    wsc__buf_free(&masked);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *line = (const char *)data, *end = line + size;
    struct wsc__buf head;
    struct wsc__h1_reply r;

    if (!size || size > 50000)
        return 0;
    head_begin(&head);
    while (line < end) {
        const char *next = memchr(line, '\n', (size_t)(end - line));
        size_t len = (size_t)((next ? next : end) - line);

        puts_to(&head, next ? "WWW-Authenticate: " : "Content-Type: ");
        put(&head, line, len);
        puts_to(&head, "\r\n");
        line += len + 1;
    }
    puts_to(&head, "\r\n");
    if (read_head(&r, &head))
        look(&r);
    wsc__h1_reply_free(&r);
    wsc__buf_free(&head);
    return 0;
}
