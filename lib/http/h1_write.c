#include "http/h1.h"

#include "base/str.h"

#include <string.h>

static bool clean(const char *value)
{
    return !value || !value[strcspn(value, "\r\n")];
}

/* Method and target end at a blank (RFC 9112 3). */
static bool clean_word(const char *value)
{
    if (!value || !*value)
        return false;
    for (; *value; value++) {
        if ((unsigned char)*value <= 0x20 || *value == 0x7f)
            return false;
    }
    return true;
}

/* Whole lines only, each with its CRLF, no empty one: it would end the head. */
static bool clean_lines(const char *lines)
{
    while (lines && *lines) {
        size_t n = strcspn(lines, "\r\n");

        if (!n || lines[n] != '\r' || lines[n + 1] != '\n')
            return false;
        lines += n + 2;
    }
    return true;
}

size_t wsc__h1_name_len(const char *name)
{
    return strspn(name, "!#$%&'*+-.^_`|~0123456789"
                        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

bool wsc__h1_owns(const char *name)
{
    static const char *const own[] = {
        "Host",   "Connection", "User-Agent",        "Accept-Encoding", "Content-Type",
        "Cookie", "Expect",     "Transfer-Encoding", "Content-Length",  "Content-Encoding",
        "TE",     "Trailer",    "Keep-Alive",        "Upgrade",         "WSMANIDENTIFY",
    };

    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (wsc__ieq(name, own[i]))
            return true;
    return false;
}

static int header(struct wsc__buf *out, const char *name, const char *value)
{
    int rc;

    if (!value)
        return WSC_OK;
    if ((rc = wsc__buf_puts(out, name)) || (rc = wsc__buf_puts(out, ": ")) ||
        (rc = wsc__buf_puts(out, value)))
        return rc;
    return wsc__buf_puts(out, "\r\n");
}

static int authorization(struct wsc__buf *out, const struct wsc__h1_request *r, bool mask)
{
    int rc;

    if (!r->auth_scheme)
        return WSC_OK;
    if ((rc = wsc__buf_puts(out, "Authorization: ")) || (rc = wsc__buf_puts(out, r->auth_scheme)))
        return rc;
    if (r->auth_token &&
        ((rc = wsc__buf_putc(out, ' ')) || (rc = wsc__buf_puts(out, mask ? "***" : r->auth_token))))
        return rc;
    return wsc__buf_puts(out, "\r\n");
}

static int content_length(struct wsc__buf *out, size_t length)
{
    int rc;

    if ((rc = wsc__buf_puts(out, "Content-Length: ")) || (rc = wsc__buf_put_u64(out, length)))
        return rc;
    return wsc__buf_puts(out, "\r\n");
}

/* Further lines, the user's own: in a log they lose their values, any of which may be a key. */
static int extra_lines(struct wsc__buf *out, const char *lines, bool mask)
{
    static const char plain[] = "WSMANIDENTIFY:";
    int rc;

    if (!lines || !mask)
        return lines ? wsc__buf_puts(out, lines) : WSC_OK;
    while (*lines) {
        size_t n = strcspn(lines, "\n") + 1, name = strcspn(lines, ":\n") + 1;
        bool whole = wsc__istarts(lines, n, plain);

        rc = wsc__buf_append(out, lines, whole ? n : name);
        if (!rc && !whole)
            rc = wsc__buf_puts(out, " ***\r\n");
        if (rc)
            return rc;
        lines += n;
    }
    return WSC_OK;
}

static int write_head(struct wsc__buf *out, const struct wsc__h1_request *r, bool mask)
{
    int rc;

    if ((rc = wsc__buf_puts(out, r->method)) || (rc = wsc__buf_putc(out, ' ')) ||
        (rc = wsc__buf_puts(out, r->target)) || (rc = wsc__buf_puts(out, " HTTP/1.1\r\n")))
        return rc;
    if ((rc = header(out, "Host", r->host)) || (rc = header(out, "Connection", "Keep-Alive")) ||
        (rc = header(out, "User-Agent", r->user_agent)) ||
        (rc = header(out, "Accept-Encoding", "identity")) ||
        (rc = header(out, "Content-Type", r->content_type)) ||
        (rc = content_length(out, r->content_length)))
        return rc;
    if ((rc = authorization(out, r, mask)) ||
        (rc = header(out, "Cookie", r->cookie && mask ? "***" : r->cookie)) ||
        (rc = extra_lines(out, r->extra, mask)))
        return rc;
    return wsc__buf_puts(out, "\r\n");
}

static int write_whole(struct wsc__buf *out, const struct wsc__h1_request *r, bool mask)
{
    size_t before = out->len;
    int rc;

    if (!clean_word(r->method) || !clean_word(r->target) || !r->host || !clean(r->host) ||
        !clean(r->user_agent) || !clean(r->content_type) || !clean(r->auth_scheme) ||
        !clean(r->auth_token) || !clean(r->cookie) || !clean_lines(r->extra))
        return WSC_E_USAGE;
    rc = write_head(out, r, mask);
    if (rc)
        out->len = before; /* all or nothing */
    return rc;
}

int wsc__h1_write(struct wsc__buf *out, const struct wsc__h1_request *r)
{
    return write_whole(out, r, false);
}

int wsc__h1_write_masked(struct wsc__buf *out, const struct wsc__h1_request *r)
{
    return write_whole(out, r, true);
}
