/* Header lines: syntax (RFC 9112 5), and what they say of the body and the connection. */
#include "http/h1_fields.h"

#include "base/str.h"

#include <inttypes.h>
#include <string.h>

bool wsc__h1_is_token_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c && strchr("!#$%&'*+-.^_`|~", c));
}

size_t wsc__h1_token(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && wsc__h1_is_token_char(s[n]))
        n++;
    return n;
}

void wsc__h1_excerpt(const uint8_t *data, size_t len, char *out, size_t cap)
{
    static const char hex[] = "0123456789abcdef";
    size_t at = 0;

    for (size_t i = 0; i < len && at + 5 < cap; i++) {
        uint8_t c = data[i];

        if (c >= 0x20 && c < 0x7f) {
            out[at++] = (char)c;
            continue;
        }
        out[at++] = '\\';
        out[at++] = 'x';
        out[at++] = hex[c >> 4];
        out[at++] = hex[c & 15];
    }
    out[at] = '\0';
}

static int broken(struct wsc__h1_reply *r, struct wsc_error **err, const char *what,
                  const void *data, size_t len)
{
    char text[100];

    wsc__h1_excerpt(data, len, text, sizeof text);
    *err = wsc__error_new(r->mem, WSC_E_PROTOCOL, "the HTTP reply is malformed: %s: \"%s\"", what,
                          text);
    return WSC_E_PROTOCOL;
}

/* RFC 9110 5.5: visible characters, blanks, tabs, and obs-text. */
static bool value_ok(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static int failed(int rc, struct wsc__h1_reply *r, struct wsc_error **err)
{
    if (rc == WSC_E_NOMEM)
        *err = wsc__error_nomem();
    else
        *err = wsc__error_new(r->mem, rc, "the headers of the HTTP reply do not fit");
    return rc;
}

/* RFC 9112 5.2: a folded line continues the value before it, the fold counts as one blank. */
static int folded(struct wsc__h1_reply *r, const char *s, size_t len, bool keep,
                  struct wsc_error **err)
{
    size_t before = r->head.len;
    int rc;

    if (!r->nheaders)
        return broken(r, err, "a folded line without a header before it", s, len);
    wsc__trim(&s, &len);
    if (!value_ok(s, len))
        return broken(r, err, "a control character in a header", s, len);
    if (!keep)
        return WSC_OK;
    r->head.len--; /* over the NUL of the value so far */
    if ((rc = wsc__buf_putc(&r->head, ' ')) || (rc = wsc__buf_append(&r->head, s, len)) ||
        (rc = wsc__buf_putc(&r->head, '\0'))) {
        r->head.len = before;
        return failed(rc, r, err);
    }
    return WSC_OK;
}

int wsc__h1_field_line(struct wsc__h1_reply *r, const uint8_t *line, size_t len, bool keep,
                       struct wsc_error **err)
{
    const char *s = (const char *)line, *value;
    size_t name, value_len, before = r->head.len;
    int rc;

    if (*s == ' ' || *s == '\t')
        return folded(r, s, len, keep, err);
    name = wsc__h1_token(s, len);
    /* no blank may stand before the colon (RFC 9112 5.1) */
    if (!name || name == len || s[name] != ':')
        return broken(r, err, "not a header line", s, len);
    value = s + name + 1;
    value_len = len - name - 1;
    wsc__trim(&value, &value_len);
    if (!value_ok(value, value_len))
        return broken(r, err, "a control character in a header", s, len);
    if (r->nheaders >= r->limits.headers) {
        *err = wsc__error_new(r->mem, WSC_E_LIMIT, "the HTTP reply has more than %u headers",
                              r->limits.headers);
        wsc__error_set_int(*err, WSC__EI_LIMIT, r->limits.headers);
        return WSC_E_LIMIT;
    }
    r->nheaders++;
    if (!keep)
        return WSC_OK;
    if ((rc = wsc__buf_append(&r->head, s, name)) || (rc = wsc__buf_putc(&r->head, '\0')) ||
        (rc = wsc__buf_append(&r->head, value, value_len)) ||
        (rc = wsc__buf_putc(&r->head, '\0'))) {
        r->head.len = before;
        return failed(rc, r, err);
    }
    return WSC_OK;
}

const char *wsc__h1_header(const struct wsc__h1_reply *r, const char *name, unsigned n)
{
    const char *at = (const char *)wsc__buf_data(&r->head), *end = at + r->head.len;

    while (at < end) {
        const char *value = at + strlen(at) + 1;

        if (wsc__ieq(at, name) && n-- == 0)
            return value;
        at = value + strlen(value) + 1;
    }
    return NULL;
}

bool wsc__h1_next_element(const char **s, size_t *left, const char **item, size_t *len)
{
    bool quoted = false;
    size_t n = 0;

    if (!*left)
        return false;
    for (; n < *left && (quoted || (*s)[n] != ','); n++) {
        if (quoted && (*s)[n] == '\\' && n + 1 < *left)
            n++;
        else if ((*s)[n] == '"')
            quoted = !quoted;
    }
    *item = *s;
    *len = n;
    wsc__trim(item, len);
    if (n < *left)
        n++;
    *s += n;
    *left -= n;
    return true;
}

/* Does any such header hold this word as an element of its list? */
static bool has_word(const struct wsc__h1_reply *r, const char *header, const char *word)
{
    const char *value;

    for (unsigned i = 0; (value = wsc__h1_header(r, header, i)); i++) {
        size_t left = strlen(value), len;
        const char *item;

        while (wsc__h1_next_element(&value, &left, &item, &len)) {
            if (wsc__ieqn(item, len, word))
                return true;
        }
    }
    return false;
}

/* RFC 9112 6.3: the same number may come twice, two different ones are an attack or a fault. */
static int read_length(struct wsc__h1_reply *r, struct wsc_error **err)
{
    const char *value;

    for (unsigned i = 0; (value = wsc__h1_header(r, "Content-Length", i)); i++) {
        size_t left = strlen(value), len;
        const char *whole = value, *item;
        uint64_t n;

        if (!left || value[left - 1] == ',')
            return broken(r, err, "an empty Content-Length", whole, left);
        while (wsc__h1_next_element(&value, &left, &item, &len)) {
            if (!wsc__parse_u64(item, len, &n))
                return broken(r, err, "Content-Length is not a number", whole, strlen(whole));
            if (r->has_length && n != r->length)
                return broken(r, err, "two different values of Content-Length", whole,
                              strlen(whole));
            r->has_length = true;
            r->length = n;
        }
    }
    return WSC_OK;
}

/* RFC 9112 6.1, 7: chunked, once, and nothing else: no other coding was asked for. */
static int read_codings(struct wsc__h1_reply *r, struct wsc_error **err)
{
    const char *value;

    for (unsigned i = 0; (value = wsc__h1_header(r, "Transfer-Encoding", i)); i++) {
        size_t left = strlen(value), len;
        const char *whole = value, *item;

        if (!left)
            return broken(r, err, "an empty Transfer-Encoding", whole, 0);
        while (wsc__h1_next_element(&value, &left, &item, &len)) {
            if (r->chunked || !wsc__ieqn(item, len, "chunked"))
                return broken(r, err, "a Transfer-Encoding that was not asked for", whole,
                              strlen(whole));
            r->chunked = true;
        }
    }
    return WSC_OK;
}

int wsc__h1_framing(struct wsc__h1_reply *r, struct wsc_error **err)
{
    int rc;

    r->keep_alive = !has_word(r, "Connection", "close") &&
                    (!r->http10 || has_word(r, "Connection", "keep-alive"));
    r->no_body = r->status == 204 || r->status == 304;
    if (r->connect && r->status >= 200 && r->status < 300) {
        r->no_body = true; /* RFC 9110 9.3.6: both headers are ignored here */
        return WSC_OK;
    }
    if ((rc = read_length(r, err)) || (rc = read_codings(r, err)))
        return rc;
    if (r->chunked && r->has_length)
        return broken(r, err, "both Transfer-Encoding and Content-Length", NULL, 0);
    if (r->chunked && r->http10)
        return broken(r, err, "Transfer-Encoding in an HTTP/1.0 reply", NULL, 0);
    if (r->no_body) {
        r->chunked = false;
        return WSC_OK;
    }
    if (r->has_length && r->length > r->limits.body) {
        *err = wsc__error_new(r->mem, WSC_E_LIMIT,
                              "the body of the HTTP reply has %" PRIu64
                              " bytes, more than the %" PRIu64 " allowed",
                              r->length, r->limits.body);
        wsc__error_set_int(*err, WSC__EI_LIMIT, (int64_t)r->limits.body);
        return WSC_E_LIMIT;
    }
    r->left = r->length;
    r->until_close = !r->chunked && !r->has_length;
    if (r->until_close)
        r->keep_alive = false;
    return WSC_OK;
}
