/* The resumable reader of replies (RFC 9112). Lines that arrive whole are read where they are; only
 * an unfinished one is kept. Body bytes are never copied. */
#include "http/h1_fields.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>

enum state {
    S_STATUS,
    S_HEADERS,
    S_BODY, /* counted by `left` */
    S_TO_CLOSE,
    S_CHUNK_SIZE,
    S_CHUNK_DATA, /* counted by `left` */
    S_CHUNK_END,  /* the line end behind the data */
    S_TRAILERS,
    S_DONE,
    S_FAILED
};

#define CHUNK_LINE_MAX 1024

/* One call's input and output, so that the steps need few arguments. */
struct feed {
    const uint8_t *in;
    size_t len, used;
    const uint8_t **data;
    size_t *data_len;
    struct wsc_error **err;
};

void wsc__h1_reply_init(struct wsc__h1_reply *r, const struct wsc__mem *mem,
                        const struct wsc__h1_limits *limits, bool connect_method)
{
    size_t head = limits->head < SIZE_MAX / 4 ? limits->head : SIZE_MAX / 4;

    memset(r, 0, sizeof *r);
    r->mem = mem;
    r->limits = *limits;
    r->connect = connect_method;
    r->state = S_STATUS;
    wsc__buf_init(&r->line, mem, (head > CHUNK_LINE_MAX ? head : CHUNK_LINE_MAX) + 2);
    /* two NULs for each line, where the line had a colon and a line end */
    wsc__buf_init(&r->head, mem, 2 * head + 2);
}

void wsc__h1_reply_free(struct wsc__h1_reply *r)
{
    wsc__buf_free(&r->head);
    wsc__buf_free(&r->line);
}

/* --- failures --------------------------------------------------------------------------------- */

static enum wsc__h1_event fail(struct wsc__h1_reply *r, struct wsc_error **err,
                               struct wsc_error *what)
{
    r->state = S_FAILED;
    r->keep_alive = false;
    *err = what;
    return WSC__H1_ERROR;
}

static enum wsc__h1_event fail_limit(struct wsc__h1_reply *r, struct wsc_error **err,
                                     const char *what, uint64_t limit)
{
    struct wsc_error *e = wsc__error_new(
        r->mem, WSC_E_LIMIT, "the %s of the HTTP reply exceed the limit of %" PRIu64, what, limit);

    wsc__error_set_int(e, WSC__EI_LIMIT, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
    return fail(r, err, e);
}

static enum wsc__h1_event fail_text(struct wsc__h1_reply *r, struct wsc_error **err,
                                    const char *what, const uint8_t *data, size_t len)
{
    char text[100];

    wsc__h1_excerpt(data, len, text, sizeof text);
    return fail(r, err,
                wsc__error_new(r->mem, WSC_E_PROTOCOL, "the HTTP reply is malformed: %s: \"%s\"",
                               what, text));
}

/* What came is no HTTP at all: say what it looks like. */
static enum wsc__h1_event fail_not_http(struct wsc__h1_reply *r, struct wsc_error **err,
                                        const uint8_t *data, size_t len)
{
    struct wsc_error *e;
    char text[100];

    wsc__h1_excerpt(data, len < 40 ? len : 40, text, sizeof text);
    e = wsc__error_new(r->mem, WSC_E_PROTOCOL, "the answer is not HTTP: it begins with \"%s\"",
                       text);
    if (data[0] == 0x15 || data[0] == 0x16) {
        wsc__error_set_str(e, WSC__ES_CAUSE, "the port speaks TLS, and was asked in plain HTTP");
        wsc__error_set_str(e, WSC__ES_REMEDY, "use https (port 5986 by default)");
    } else if (len >= 4 && !memcmp(data, "SSH-", 4)) {
        wsc__error_set_str(e, WSC__ES_CAUSE, "an SSH server listens on this port");
    } else if (len >= 4 && !memcmp(data, "220 ", 4)) {
        wsc__error_set_str(e, WSC__ES_CAUSE, "a mail or FTP server listens on this port");
    } else if (!data[0] || data[0] >= 0x80) {
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "a service with a binary protocol listens on this port");
    }
    return fail(r, err, e);
}

/* --- lines ------------------------------------------------------------------------------------ */

/* The most bytes that the current line may have, its line end counted. */
static size_t line_room(const struct wsc__h1_reply *r)
{
    size_t rest = r->limits.head > r->head_seen ? r->limits.head - r->head_seen : 0;

    if (r->state == S_CHUNK_END)
        return 2;
    if (r->state == S_CHUNK_SIZE)
        return CHUNK_LINE_MAX;
    return rest;
}

static enum wsc__h1_event line_too_long(struct wsc__h1_reply *r, struct wsc_error **err)
{
    if (r->state == S_CHUNK_END)
        return fail_text(r, err, "no line end behind a chunk", wsc__buf_data(&r->line),
                         r->line.len);
    if (r->state == S_CHUNK_SIZE)
        return fail_limit(r, err, "bytes of a chunk's size line", CHUNK_LINE_MAX);
    return fail_limit(r, err,
                      r->state == S_TRAILERS ? "bytes of the trailers" : "bytes of the head",
                      r->limits.head);
}

/* The status line is judged by its first bytes: what is not HTTP may never send a line end. */
static bool looks_like_http(const uint8_t *s, size_t len)
{
    return !memcmp(s, "HTTP/", len < 5 ? len : 5);
}

/* Takes input up to the line end. WSC__H1_HEAD here means: *line is complete, without its end. */
static enum wsc__h1_event take_line(struct wsc__h1_reply *r, struct feed *f, const uint8_t **line,
                                    size_t *len)
{
    const uint8_t *from = f->in + f->used, *nl;
    size_t left = f->len - f->used, take, whole;
    int rc;

    nl = left ? memchr(from, '\n', left) : NULL;
    take = nl ? (size_t)(nl - from) + 1 : left;
    whole = r->line.len + take;
    if (whole > line_room(r)) {
        size_t keep = line_room(r) - (r->line.len < line_room(r) ? r->line.len : line_room(r));

        (void)wsc__buf_append(&r->line, from, keep); /* for the message only */
        if (r->state == S_STATUS && r->line.len &&
            !looks_like_http(wsc__buf_data(&r->line), r->line.len))
            return fail_not_http(r, f->err, wsc__buf_data(&r->line), r->line.len);
        return line_too_long(r, f->err);
    }
    f->used += take;
    if (nl && !r->line.len) { /* whole, in one piece */
        *line = from;
        *len = take;
    } else {
        rc = wsc__buf_append(&r->line, from, take);
        if (rc)
            return fail(r, f->err,
                        rc == WSC_E_NOMEM
                            ? wsc__error_nomem()
                            : wsc__error_new(r->mem, rc, "a line of the HTTP reply is too long"));
        *line = wsc__buf_data(&r->line);
        *len = r->line.len;
    }
    if (r->state == S_STATUS && *len && !looks_like_http(*line, *len))
        return fail_not_http(r, f->err, *line, *len);
    if (!nl)
        return WSC__H1_MORE;
    r->line.len = 0; /* its bytes stay where they are until the next line */
    if (r->state != S_CHUNK_SIZE && r->state != S_CHUNK_END)
        r->head_seen += whole;
    (*len)--;
    if (*len && (*line)[*len - 1] == '\r')
        (*len)--;
    return WSC__H1_HEAD;
}

/* --- head ------------------------------------------------------------------------------------- */

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* RFC 9112 4; the blank and the reason may be missing. */
static enum wsc__h1_event status_line(struct wsc__h1_reply *r, struct feed *f, const uint8_t *s,
                                      size_t len)
{
    if (len < 12 || memcmp(s, "HTTP/1.", 7) || !is_digit(s[7]) || s[8] != ' ' || !is_digit(s[9]) ||
        !is_digit(s[10]) || !is_digit(s[11]) || (len > 12 && s[12] != ' '))
        return fail_text(r, f->err, "its status line", s, len);
    for (size_t i = 12; i < len; i++) {
        if ((s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
            return fail_text(r, f->err, "a control character in the status line", s, len);
    }
    r->http10 = s[7] == '0';
    r->status = (s[9] - '0') * 100 + (s[10] - '0') * 10 + (s[11] - '0');
    if (r->status < 100 || r->status > 599)
        return fail_text(r, f->err, "its status", s, len);
    r->state = S_HEADERS;
    return WSC__H1_MORE;
}

/* An interim reply is over (RFC 9110 15.2): forget it and read the next one. */
static enum wsc__h1_event interim(struct wsc__h1_reply *r, struct feed *f)
{
    if (r->status == 101)
        return fail(r, f->err,
                    wsc__error_new(r->mem, WSC_E_PROTOCOL,
                                   "the server switches protocols (status 101) unasked"));
    if (r->interim++ >= r->limits.interim)
        return fail_limit(r, f->err, "interim (1xx) parts", r->limits.interim);
    wsc__buf_reset(&r->head);
    r->nheaders = 0;
    r->status = 0;
    r->state = S_STATUS;
    return WSC__H1_MORE;
}

static enum wsc__h1_event head_complete(struct wsc__h1_reply *r, struct feed *f)
{
    if (r->status < 200)
        return interim(r, f);
    if (wsc__h1_framing(r, f->err)) {
        r->state = S_FAILED;
        r->keep_alive = false;
        return WSC__H1_ERROR;
    }
    wsc__buf_free(&r->line);
    r->head_seen = 0; /* from here on it counts chunk extensions and trailers */
    if (r->no_body || (r->has_length && !r->length))
        r->state = S_DONE;
    else if (r->chunked)
        r->state = S_CHUNK_SIZE;
    else
        r->state = r->until_close ? S_TO_CLOSE : S_BODY;
    return WSC__H1_HEAD;
}

static enum wsc__h1_event header_line(struct wsc__h1_reply *r, struct feed *f, const uint8_t *s,
                                      size_t len)
{
    bool trailer = r->state == S_TRAILERS;

    if (!len && trailer) {
        r->state = S_DONE;
        wsc__buf_free(&r->line);
        return WSC__H1_MORE;
    }
    if (!len)
        return head_complete(r, f);
    if (wsc__h1_field_line(r, s, len, !trailer, f->err)) {
        r->state = S_FAILED;
        r->keep_alive = false;
        return WSC__H1_ERROR;
    }
    return WSC__H1_MORE;
}

/* --- body ------------------------------------------------------------------------------------- */

/* RFC 9112 7.1: size in hexadecimal, then extensions, which mean nothing to us. */
static enum wsc__h1_event chunk_size(struct wsc__h1_reply *r, struct feed *f, const uint8_t *s,
                                     size_t len)
{
    size_t digits = 0, at;
    uint64_t size;

    while (digits < len &&
           (is_digit(s[digits]) || ((s[digits] | 0x20) >= 'a' && (s[digits] | 0x20) <= 'f')))
        digits++;
    for (at = digits; at < len && (s[at] == ' ' || s[at] == '\t'); at++)
        ;
    if (!wsc__parse_hex((const char *)s, digits, &size) || (at < len && s[at] != ';'))
        return fail_text(r, f->err, "the size of a chunk", s, len);
    for (; at < len; at++) {
        if ((s[at] < 0x20 && s[at] != '\t') || s[at] == 0x7f)
            return fail_text(r, f->err, "a control character behind the size of a chunk", s, len);
    }
    r->head_seen += len - digits;
    if (r->head_seen > r->limits.head)
        return fail_limit(r, f->err, "chunk extensions", r->limits.head);
    if (size > r->limits.body || r->body_seen > r->limits.body - size)
        return fail_limit(r, f->err, "bytes of the body", r->limits.body);
    r->left = size;
    r->nheaders = size ? r->nheaders : 0;
    r->state = size ? S_CHUNK_DATA : S_TRAILERS;
    return WSC__H1_MORE;
}

static enum wsc__h1_event body(struct wsc__h1_reply *r, struct feed *f)
{
    size_t n = f->len - f->used;

    if (!n)
        return WSC__H1_MORE;
    if (r->state == S_TO_CLOSE) {
        if (n > r->limits.body - r->body_seen)
            return fail_limit(r, f->err, "bytes of the body", r->limits.body);
    } else {
        if (n > r->left)
            n = (size_t)r->left;
        r->left -= n;
        if (!r->left)
            r->state = r->state == S_BODY ? S_DONE : S_CHUNK_END;
    }
    r->body_seen += n;
    *f->data = f->in + f->used;
    *f->data_len = n;
    f->used += n;
    return WSC__H1_BODY;
}

static enum wsc__h1_event one_line(struct wsc__h1_reply *r, struct feed *f)
{
    const uint8_t *line = NULL;
    size_t len = 0;
    enum wsc__h1_event ev = take_line(r, f, &line, &len);

    if (ev != WSC__H1_HEAD)
        return ev;
    switch (r->state) {
    case S_STATUS:
        return status_line(r, f, line, len);
    case S_CHUNK_SIZE:
        return chunk_size(r, f, line, len);
    case S_CHUNK_END:
        if (len)
            return fail_text(r, f->err, "no line end behind a chunk", line, len);
        r->state = S_CHUNK_SIZE;
        return WSC__H1_MORE;
    default:
        return header_line(r, f, line, len);
    }
}

enum wsc__h1_event wsc__h1_read(struct wsc__h1_reply *r, const uint8_t *in, size_t len,
                                size_t *used, const uint8_t **data, size_t *data_len,
                                struct wsc_error **err)
{
    struct feed f = { in, len, 0, data, data_len, err };
    enum wsc__h1_event ev = WSC__H1_MORE;

    while (ev == WSC__H1_MORE) {
        if (r->state == S_DONE) {
            ev = WSC__H1_DONE;
        } else if (r->state == S_FAILED) {
            ev = fail(r, err,
                      wsc__error_new(r->mem, WSC_E_PROTOCOL, "the HTTP reply failed before"));
        } else if (f.used == len) {
            break;
        } else if (r->state == S_BODY || r->state == S_TO_CLOSE || r->state == S_CHUNK_DATA) {
            ev = body(r, &f);
        } else {
            ev = one_line(r, &f);
        }
    }
    *used = f.used;
    return ev;
}

uint64_t wsc__h1_awaits(const struct wsc__h1_reply *r)
{
    return r->state == S_BODY || r->state == S_CHUNK_DATA ? r->left : 0;
}

enum wsc__h1_event wsc__h1_eof(struct wsc__h1_reply *r, struct wsc_error **err)
{
    const char *where = "in the middle of the headers of an HTTP reply";

    if (r->state == S_TO_CLOSE)
        r->state = S_DONE;
    if (r->state == S_DONE) {
        r->keep_alive = false;
        return WSC__H1_DONE;
    }
    if (r->state == S_FAILED)
        return fail(r, err, wsc__error_new(r->mem, WSC_E_PROTOCOL, "the HTTP reply failed before"));
    if (r->state == S_BODY)
        return fail(r, err,
                    wsc__error_new(r->mem, WSC_E_CONNECTION_LOST,
                                   "the server closed the connection after %" PRIu64 " of %" PRIu64
                                   " bytes of an HTTP reply",
                                   r->body_seen, r->length));
    if (r->state == S_STATUS)
        where = r->line.len  ? "in the middle of a status line"
                : r->interim ? "after an interim reply"
                             : "without an answer";
    else if (r->state != S_HEADERS)
        where = "in the middle of a chunked HTTP reply";
    return fail(r, err,
                wsc__error_new(r->mem, WSC_E_CONNECTION_LOST, "the server closed the connection %s",
                               where));
}
