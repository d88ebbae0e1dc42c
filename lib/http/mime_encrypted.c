#include "http/mime_encrypted.h"

#include "base/codes.h"
#include "base/str.h"
#include "http/h1.h"

#include <string.h>

#define ONE      "multipart/encrypted"
#define MANY     "multipart/x-multi-encrypted"
#define BOUNDARY "Encrypted Boundary"
#define OCTETS   "application/octet-stream"

/* --- writing ---------------------------------------------------------------------------------- */

static int put_all(struct wsc__buf *out, const char *const *texts, size_t n)
{
    size_t before = out->len;
    int rc = WSC_OK;

    for (size_t i = 0; !rc && i < n; i++)
        rc = wsc__buf_puts(out, texts[i]);
    if (rc)
        out->len = before;
    return rc;
}

#define PUT(out, ...)                                                                              \
    put_all(out, (const char *const[]){ __VA_ARGS__ },                                             \
            sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(const char *))

int wsc__mime_begin(struct wsc__buf *out, struct wsc__mime_mark *mark, const char *protocol,
                    const char *type, size_t plain_len)
{
    size_t before = out->len;
    int rc = PUT(out, "--", BOUNDARY, "\r\n\tContent-Type: ", protocol,
                 "\r\n\tOriginalContent: type=", type, ";Length=");

    mark->plain_at = out->len;
    if (!rc)
        rc = wsc__buf_put_u64(out, plain_len);
    mark->plain_digits = out->len - mark->plain_at;
    if (!rc)
        rc = PUT(out, "\r\n--", BOUNDARY, "\r\n\tContent-Type: ", OCTETS, "\r\n");
    mark->header_at = out->len;
    if (!rc)
        rc = wsc__buf_append(out, "\0\0\0", 4);
    if (rc)
        out->len = before;
    return rc;
}

int wsc__mime_sealed(struct wsc__buf *out, const struct wsc__mime_mark *mark, size_t header_len,
                     size_t plain_len)
{
    char digits[20];
    size_t n = sizeof digits, behind = mark->plain_at + mark->plain_digits;
    uint8_t *more, *base;
    uint64_t v = plain_len;
    int rc;

    if (header_len > UINT32_MAX || header_len > out->len - mark->header_at - 4)
        return WSC_E_USAGE;
    do {
        digits[--n] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    n = sizeof digits - n;
    rc = wsc__buf_reserve(out, n > mark->plain_digits ? n - mark->plain_digits : 0, &more);
    if (rc)
        return rc;
    base = more - out->len;
    for (unsigned i = 0; i < 4; i++)
        base[mark->header_at + i] = (uint8_t)(header_len >> (8 * i));
    if (n != mark->plain_digits)
        memmove(base + mark->plain_at + n, base + behind, out->len - behind);
    memcpy(base + mark->plain_at, digits + sizeof digits - n, n);
    out->len = out->len + n - mark->plain_digits;
    return WSC_OK;
}

int wsc__mime_end(struct wsc__buf *out)
{
    return wsc__buf_puts(out, "--" BOUNDARY "--\r\n");
}

int wsc__mime_content_type(struct wsc__buf *out, const char *protocol, bool many)
{
    return PUT(out, many ? MANY : ONE, ";protocol=\"", protocol, "\";boundary=\"" BOUNDARY "\"");
}

/* --- reading ---------------------------------------------------------------------------------- */

bool wsc__mime_is_sealed(const char *content_type)
{
    return wsc__h1_media_is(content_type, ONE) || wsc__h1_media_is(content_type, MANY);
}

static int bad(const struct wsc__mime_reader *r, size_t at, struct wsc_error **err,
               const char *what)
{
    *err = wsc__error_new(r->mem, WSC_E_PROTOCOL, "the sealed reply is damaged: %s (byte %zu)",
                          what, at);
    wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)at);
    return WSC_E_PROTOCOL;
}

/* The next parameter behind a ';' at *s, with its quotes off; false at the end. */
static bool next_param(const char **s, const char *end, const char **key, size_t *key_len,
                       const char **value, size_t *value_len)
{
    const char *p = *s, *stop;

    if (p == end || *p != ';')
        return false;
    *key = ++p;
    while (p < end && *p != '=' && *p != ';')
        p++;
    *key_len = (size_t)(p - *key);
    wsc__trim(key, key_len);
    p += p < end && *p == '=';
    while (p < end && wsc__is_space(*p))
        p++;
    *value = p;
    stop = p < end && *p == '"' ? memchr(p + 1, '"', (size_t)(end - p - 1)) : NULL;
    if (stop) {
        *value = p + 1;
        *value_len = (size_t)(stop - *value);
        p = stop;
    }
    while (p < end && *p != ';')
        p++;
    if (!stop) {
        *value_len = (size_t)(p - *value);
        wsc__trim(value, value_len);
    }
    *s = p;
    return true;
}

int wsc__mime_open(struct wsc__mime_reader *r, const struct wsc__mem *mem, const char *content_type,
                   enum wsc__mime_rule rule, const uint8_t *body, size_t len,
                   struct wsc_error **err)
{
    const char *s = content_type + strcspn(content_type, ";"), *end = s + strlen(s);
    const char *key, *value;
    size_t key_len, value_len;

    memset(r, 0, sizeof *r);
    r->mem = mem;
    r->rule = rule;
    r->body = body;
    r->len = len;
    /* a boundary with a blank in it, though without quotes, is what was meant */
    while (next_param(&s, end, &key, &key_len, &value, &value_len)) {
        if (!wsc__ieqn(key, key_len, "boundary"))
            continue;
        if (!value_len || value_len >= sizeof r->boundary)
            break;
        memcpy(r->boundary, value, value_len);
        return WSC_OK;
    }
    *err = wsc__error_new(mem, WSC_E_PROTOCOL, "the reply is sealed, but its type has no boundary");
    return WSC_E_PROTOCOL;
}

static bool blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* A boundary line at r->at, with or without blanks behind its dashes: its length, 0 when there is
 * none. The closing one may stand at the end of the body without a line end. */
static size_t boundary_line(const struct wsc__mime_reader *r, bool *closing)
{
    const uint8_t *p = r->body + r->at;
    size_t left = r->len - r->at, n = 2, len = strlen(r->boundary);

    *closing = false;
    if (left < 2 || p[0] != '-' || p[1] != '-')
        return 0;
    while (n < left && blank(p[n]))
        n++;
    if (left - n < len || !wsc__ieqn((const char *)p + n, len, r->boundary))
        return 0;
    n += len;
    *closing = left - n >= 2 && p[n] == '-' && p[n + 1] == '-';
    n += *closing ? 2 : 0;
    if (*closing && n == left)
        return n;
    return left - n >= 2 && p[n] == '\r' && p[n + 1] == '\n' ? n + 2 : 0;
}

/* The name and value of a header line at r->at, which moves behind it. */
static bool header_line(struct wsc__mime_reader *r, const char **name, size_t *name_len,
                        const char **value, size_t *value_len)
{
    const char *line = (const char *)r->body + r->at, *colon;
    const char *end = memchr(line, '\n', r->len - r->at);
    size_t len;

    if (!end || end == line || end[-1] != '\r')
        return false;
    len = (size_t)(end - 1 - line);
    colon = memchr(line, ':', len);
    if (!colon)
        return false;
    *name = line;
    *name_len = (size_t)(colon - line);
    while (*name_len && blank((uint8_t) * *name)) {
        ++*name;
        --*name_len;
    }
    *value = colon + 1;
    *value_len = len - (size_t)(*value - line);
    wsc__trim(value, value_len);
    r->at += len + 2;
    return true;
}

/* application/HTTP-...-session-encrypted */
static bool is_protocol(const char *value, size_t len)
{
    static const char head[] = "application/HTTP-", tail[] = "-session-encrypted";
    size_t least = sizeof head - 1 + sizeof tail - 1;

    return len > least && wsc__ieqn(value, sizeof head - 1, head) &&
           wsc__ieqn(value + len - (sizeof tail - 1), sizeof tail - 1, tail);
}

/* type=application/soap+xml;charset=UTF-8;Length=13 */
static bool read_original(struct wsc__mime_part *part, const char *value, size_t len)
{
    const char *s = value, *end = value + len, *key, *text;
    size_t key_len, text_len;
    uint64_t length;
    bool known = false;

    if (len < 5 || !wsc__ieqn(value, 5, "type="))
        return false;
    part->type = s += 5;
    while (s < end && *s != ';')
        s++;
    part->type_len = (size_t)(s - part->type);
    wsc__trim(&part->type, &part->type_len);
    while (next_param(&s, end, &key, &key_len, &text, &text_len)) {
        if (wsc__ieqn(key, key_len, "charset")) {
            part->charset = text;
            part->charset_len = text_len;
        } else if (wsc__ieqn(key, key_len, "Length")) {
            if (known || !wsc__parse_u64(text, text_len, &length) || length > SIZE_MAX)
                return false;
            part->plain_len = (size_t)length;
            known = true;
        }
    }
    return known && part->type_len;
}

/* What the part says of itself, up to the boundary in front of what is sealed. */
static int read_description(struct wsc__mime_reader *r, struct wsc__mime_part *part,
                            struct wsc_error **err)
{
    const char *name, *value;
    size_t name_len, value_len, n;
    bool protocol = false, original = false, closing;

    while (!(n = boundary_line(r, &closing))) {
        size_t at = r->at;

        if (at == r->len)
            return bad(r, at, err, "it ends in the headers of a part");
        if (!header_line(r, &name, &name_len, &value, &value_len))
            return bad(r, at, err, "a line that is neither header nor boundary");
        if (wsc__ieqn(name, name_len, "Content-Type") && !protocol) {
            protocol = is_protocol(value, value_len);
            if (!protocol)
                return bad(r, at, err, "the type of a part is not that of sealed messages");
        } else if (wsc__ieqn(name, name_len, "OriginalContent") && !original) {
            original = read_original(part, value, value_len);
            if (!original)
                return bad(r, at, err,
                           "OriginalContent without type or length, or with a wrong one");
        } else {
            return bad(r, at, err, "a header that does not belong there, or for the second time");
        }
    }
    if (closing)
        return bad(r, r->at, err, "the boundary of the end where the sealed message should be");
    if (!protocol || !original)
        return bad(r, r->at, err, "a part has no Content-Type or no OriginalContent");
    r->at += n;
    return WSC_OK;
}

/* Bytes before the closing boundary, which stands at the very end; false when it does not. */
static bool before_end(const struct wsc__mime_reader *r, size_t *left)
{
    struct wsc__mime_reader at = *r;
    size_t len = strlen(r->boundary), end = r->len;
    bool closing;

    if (end - r->at >= 2 && memcmp(r->body + end - 2, "\r\n", 2) == 0)
        end -= 2;
    if (end - r->at < len + 4)
        return false;
    end -= len + 2;
    while (end > r->at && blank(r->body[end - 1]))
        end--;
    if (end - r->at < 2)
        return false;
    at.at = end - 2;
    *left = end - 2 - r->at;
    return boundary_line(&at, &closing) == r->len - at.at && closing;
}

/* RFC 5246 6.2.1: type, version, length; a boundary begins with no such byte. */
static size_t tls_records(const uint8_t *p, size_t left)
{
    size_t n = 0;

    while (left - n >= 5 && p[n] >= 20 && p[n] <= 23 && p[n + 1] == 3) {
        size_t len = 5 + ((size_t)p[n + 3] << 8 | p[n + 4]);

        if (len > left - n)
            break;
        n += len;
    }
    return n;
}

/* Header and data at r->at; which moves behind them. */
static int read_message(struct wsc__mime_reader *r, struct wsc__mime_part *part,
                        struct wsc_error **err)
{
    const uint8_t *p = r->body + r->at;
    size_t left = r->len - r->at, all = 0;

    if (left < 4)
        return bad(r, r->at, err, "it ends in the length of the security header");
    part->header_len = p[0] | (size_t)p[1] << 8 | (size_t)p[2] << 16 | (size_t)p[3] << 24;
    part->at = r->at += 4;
    left -= 4;
    if (part->header_len > left)
        return bad(r, r->at - 4, err, "the security header is longer than what is left");
    if (r->rule == WSC__MIME_BY_LENGTH) {
        if (part->plain_len > left - part->header_len)
            return bad(r, r->at, err, "it ends in the sealed message");
        all = part->header_len + part->plain_len;
    } else if (r->rule == WSC__MIME_TLS_RECORDS) {
        all = tls_records(p + 4, left);
    } else if (!before_end(r, &all)) {
        return bad(r, r->at, err, "no boundary at its end");
    }
    if (all < part->header_len || all < part->plain_len)
        return bad(r, r->at, err, "the sealed message is shorter than it says");
    part->data_len = all - part->header_len;
    r->at += all;
    return WSC_OK;
}

/* The boundary behind a message: of the next part, which is not taken, or of the end. */
static int read_end(struct wsc__mime_reader *r, struct wsc_error **err)
{
    bool closing;
    size_t n = boundary_line(r, &closing);

    if (!n)
        return bad(r, r->at, err, "no boundary behind the sealed message");
    if (!closing)
        return WSC_OK;
    r->at += n;
    r->ended = true;
    return r->at == r->len ? WSC_OK : bad(r, r->at, err, "something follows the last boundary");
}

int wsc__mime_next(struct wsc__mime_reader *r, struct wsc__mime_part *part, struct wsc_error **err)
{
    struct wsc__mime_part found = { 0 };
    const char *name, *value;
    size_t name_len, value_len, n, at;
    bool closing;
    int rc;

    if (r->ended)
        return 0;
    n = boundary_line(r, &closing);
    if (!n || closing)
        return bad(r, r->at, err, "it does not begin with its boundary");
    r->at += n;
    rc = read_description(r, &found, err);
    if (rc)
        return rc;
    at = r->at;
    if (!header_line(r, &name, &name_len, &value, &value_len) ||
        !wsc__ieqn(name, name_len, "Content-Type") || !wsc__ieqn(value, value_len, OCTETS))
        return bad(r, at, err, "the sealed message is not of type " OCTETS);
    if ((rc = read_message(r, &found, err)) || (rc = read_end(r, err)))
        return rc;
    *part = found;
    return 1;
}
