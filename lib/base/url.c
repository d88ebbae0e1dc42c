#include "base/url.h"

#include "base/buf.h"
#include "base/codes.h"
#include "base/str.h"

#include <string.h>

#define HOST_MAX       255
#define LABEL_MAX      63
#define PATH_MAX_BYTES 2048
#define PORT_HTTP      5985
#define PORT_TLS       5986

/* --- addresses -------------------------------------------------------------------------------- */

static bool parse_v4(const char *s, size_t len, uint8_t out[4])
{
    size_t at = 0;

    for (int i = 0; i < 4; i++) {
        size_t from;
        unsigned v = 0;

        if (i && (at >= len || s[at++] != '.'))
            return false;
        from = at;
        for (; at < len && s[at] >= '0' && s[at] <= '9' && at - from < 3; at++)
            v = v * 10 + (unsigned)(s[at] - '0');
        /* 010 is eight to some resolvers and ten to others */
        if (at == from || v > 255 || (s[from] == '0' && at - from > 1))
            return false;
        out[i] = (uint8_t)v;
    }
    return at == len;
}

/* RFC 4291 2.2: groups of four hexadecimal digits, one "::", an IPv4 tail. */
static bool parse_v6(const char *s, size_t len, uint8_t out[16])
{
    uint8_t b[16] = { 0 };
    size_t at = 0, n = 0, gap = SIZE_MAX;

    if (len >= 2 && s[0] == ':' && s[1] == ':') {
        gap = 0;
        at = 2;
    }
    while (at < len) {
        size_t end = at;
        uint64_t v;

        while (end < len && s[end] != ':' && s[end] != '.')
            end++;
        if (end < len && s[end] == '.') {
            if (n > 12 || !parse_v4(s + at, len - at, b + n))
                return false;
            n += 4;
            break;
        }
        if (n > 14 || end - at > 4 || !wsc__parse_hex(s + at, end - at, &v))
            return false;
        b[n++] = (uint8_t)(v >> 8);
        b[n++] = (uint8_t)v;
        at = end;
        if (at == len)
            break;
        if (++at == len) /* a single colon at the end */
            return false;
        if (s[at] == ':') {
            if (gap != SIZE_MAX)
                return false;
            gap = n;
            at++;
        }
    }
    if (gap == SIZE_MAX ? n != 16 : n > 14)
        return false;
    if (gap == SIZE_MAX)
        gap = n;
    memset(out, 0, 16);
    memcpy(out, b, gap);
    memcpy(out + 16 - (n - gap), b + gap, n - gap);
    return true;
}

bool wsc__ip_parse(const char *s, size_t len, uint8_t out[16], size_t *out_len)
{
    uint8_t b[16];

    if (parse_v4(s, len, b))
        *out_len = 4;
    else if (parse_v6(s, len, b))
        *out_len = 16;
    else
        return false;
    memcpy(out, b, *out_len);
    return true;
}

/* --- pieces of the text ----------------------------------------------------------------------- */

struct parts {
    const char *text;
    size_t at, end; /* what is still to be read */
    bool scheme, tls, literal, v6;
    const char *host, *zone, *path;
    size_t host_len, zone_len, path_len;
    uint64_t port;
    size_t bad_at;
    const char *why;
};

static bool bad(struct parts *p, size_t at, const char *why)
{
    p->bad_at = at;
    p->why = why;
    return false;
}

static bool is_alnum(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool take_scheme(struct parts *p)
{
    const char *mark = strstr(p->text, "://");
    size_t n = mark ? (size_t)(mark - p->text) : 0;

    if (!mark || memchr(p->text, '/', n) || memchr(p->text, '?', n))
        return true; /* "://" further on belongs to the path */
    if (wsc__ieqn(p->text, n, "https"))
        p->tls = true;
    else if (!wsc__ieqn(p->text, n, "http"))
        return bad(p, 0, "the scheme must be http or https");
    p->scheme = true;
    p->at = n + 3;
    return true;
}

/* Cuts the path off the end; what stays between at and end is the authority. */
static bool take_path(struct parts *p)
{
    size_t slash = p->at + strcspn(p->text + p->at, "/?#");

    for (size_t i = slash; i < p->end; i++) {
        char c = p->text[i];

        if (c == '#')
            return bad(p, i, "a fragment (#) has no meaning here");
        if (c <= 0x20 || c >= 0x7f || strchr("\"<>\\^`{|}", c))
            return bad(p, i, "a character that must be percent-encoded in a path");
    }
    if (p->end - slash > PATH_MAX_BYTES)
        return bad(p, slash + PATH_MAX_BYTES, "the path is too long");
    if (slash < p->end && p->text[slash] == '?')
        return bad(p, slash, "a query needs a path before it");
    p->path = "/wsman";
    p->path_len = 6;
    if (p->end - slash > 1) {
        p->path = p->text + slash;
        p->path_len = p->end - slash;
    }
    p->end = slash;
    return true;
}

static bool take_zone(struct parts *p, size_t from, size_t end)
{
    /* RFC 6874: inside a URL the percent sign is itself encoded */
    if (p->scheme && end - from > 2 && p->text[from] == '2' && p->text[from + 1] == '5')
        from += 2;
    if (from == end)
        return bad(p, from, "the zone after % is empty");
    for (size_t i = from; i < end; i++) {
        if (!is_alnum(p->text[i]) && !strchr("-._~", p->text[i]))
            return bad(p, i, "a character that no interface name has");
    }
    if (end - from > LABEL_MAX)
        return bad(p, from, "the zone is too long");
    p->zone = p->text + from;
    p->zone_len = end - from;
    return true;
}

static bool take_v6(struct parts *p, size_t from, size_t end)
{
    const char *percent = memchr(p->text + from, '%', end - from);
    size_t stop = percent ? (size_t)(percent - p->text) : end;
    uint8_t raw[16];

    if (!parse_v6(p->text + from, stop - from, raw))
        return bad(p, from, "not an IPv6 address");
    p->host = p->text + from;
    p->host_len = stop - from;
    p->literal = p->v6 = true;
    return !percent || take_zone(p, stop + 1, end);
}

/* Is the last part of a name a number in hexadecimal? */
static bool ends_in_hex(const char *s, size_t len)
{
    size_t n = 0;
    uint64_t v;

    if (len && s[len - 1] == '.')
        len--;
    while (n < len && s[len - n - 1] != '.')
        n++;
    s += len - n;
    return n >= 2 && s[0] == '0' && (s[1] | 0x20) == 'x' &&
           (n == 2 || n > 18 || wsc__parse_hex(s + 2, n - 2, &v));
}

/* RFC 1123 2.1 with the underscore that Windows machines may have in their names. */
static bool check_name(struct parts *p, size_t from, size_t end)
{
    size_t label = from;
    bool digits = true; /* the last label so far */
    uint8_t raw[16];

    for (size_t i = from; i < end; i++) {
        char c = p->text[i];

        if (c == '.') {
            if (i == label)
                return bad(p, i, "an empty part of the host name");
            label = i + 1;
            digits = label < end ? true : digits;
        } else if ((unsigned char)c >= 0x80) {
            return bad(p, i, "write an international name in its xn-- form");
        } else if (!is_alnum(c) && c != '-' && c != '_') {
            return bad(p, i, "a character that no host name has");
        } else {
            digits = digits && c >= '0' && c <= '9';
        }
        if (i - label >= LABEL_MAX && i >= label)
            return bad(p, i, "a part of the host name is longer than 63 characters");
    }
    if (end - from > HOST_MAX)
        return bad(p, from + HOST_MAX, "the host name is longer than 255 characters");
    if (ends_in_hex(p->text + from, end - from))
        return bad(p, from, "not an IPv4 address (four decimal numbers from 0 to 255)");
    if (digits) { /* resolvers take "127.1" and "2130706433" for addresses: say it in full */
        if (!parse_v4(p->text + from, end - from, raw))
            return bad(p, from, "not an IPv4 address (four numbers from 0 to 255)");
        p->literal = true;
    }
    p->host = p->text + from;
    p->host_len = end - from;
    return true;
}

static bool take_port(struct parts *p, size_t at)
{
    if (at == p->end)
        return true;
    if (p->text[at] != ':')
        return bad(p, at, "expected a colon and the port");
    if (!wsc__parse_u64(p->text + at + 1, p->end - at - 1, &p->port) || !p->port ||
        p->port > UINT16_MAX) {
        p->port = 0;
        return bad(p, at + 1, "the port must be a number from 1 to 65535");
    }
    return true;
}

static bool take_authority(struct parts *p)
{
    const char *s = p->text, *hit;
    size_t i;

    for (i = p->at; i < p->end; i++) {
        if (s[i] == '@')
            return bad(p, i, "user name and password are options, not part of the host");
    }
    if (p->at == p->end)
        return bad(p, p->at, "the host is missing");
    if (s[p->at] == '[') {
        hit = memchr(s + p->at, ']', p->end - p->at);
        if (!hit)
            return bad(p, p->at, "the bracket is not closed");
        i = (size_t)(hit - s);
        return take_v6(p, p->at + 1, i) && take_port(p, i + 1);
    }
    hit = memchr(s + p->at, ':', p->end - p->at);
    i = hit ? (size_t)(hit - s) : p->end;
    if (hit && memchr(hit + 1, ':', p->end - i - 1)) /* two colons: an address without brackets */
        return take_v6(p, p->at, p->end);
    if (i == p->at)
        return bad(p, i, "the host is missing");
    return check_name(p, p->at, i) && take_port(p, i);
}

int wsc__url_parse(struct wsc__url *out, const struct wsc__mem *mem, const char *text,
                   bool tls_default, size_t *bad_at, const char **why)
{
    struct parts p = { .text = text, .end = strlen(text) };
    struct wsc__url u = { 0 };

    if (!take_scheme(&p) || !take_path(&p) || !take_authority(&p)) {
        *bad_at = p.bad_at;
        *why = p.why;
        return WSC_E_USAGE;
    }
    u.tls = p.scheme ? p.tls : tls_default || p.port == PORT_TLS;
    u.port_given = p.port != 0;
    u.port = p.port ? (uint16_t)p.port : u.tls ? PORT_TLS : PORT_HTTP;
    u.literal = p.literal;
    u.v6 = p.v6;
    u.host = wsc__strndup(mem, p.host, p.host_len);
    u.zone = p.zone ? wsc__strndup(mem, p.zone, p.zone_len) : NULL;
    u.path = wsc__strndup(mem, p.path, p.path_len);
    if (!u.host || !u.path || (p.zone && !u.zone)) {
        wsc__url_free(&u, mem);
        return WSC_E_NOMEM;
    }
    *out = u;
    return WSC_OK;
}

void wsc__url_free(struct wsc__url *u, const struct wsc__mem *mem)
{
    wsc__free(mem, u->host);
    wsc__free(mem, u->zone);
    wsc__free(mem, u->path);
    memset(u, 0, sizeof *u);
}

/* path NULL: host and port alone */
static char *join(const struct wsc__url *u, const struct wsc__mem *mem, const char *zone,
                  const char *path, size_t path_len)
{
    struct wsc__buf b;
    char *text = NULL;

    wsc__buf_init(&b, mem, SIZE_MAX / 2);
    if (path && wsc__buf_puts(&b, u->tls ? "https://" : "http://"))
        goto done;
    if (u->v6 && wsc__buf_putc(&b, '['))
        goto done;
    if (wsc__buf_puts(&b, u->host))
        goto done;
    if (zone && (wsc__buf_puts(&b, "%25") || wsc__buf_puts(&b, zone)))
        goto done;
    if ((u->v6 && wsc__buf_putc(&b, ']')) || wsc__buf_putc(&b, ':') ||
        wsc__buf_put_u64(&b, u->port))
        goto done;
    if (path && wsc__buf_append(&b, path, path_len))
        goto done;
    text = wsc__strndup(mem, (const char *)wsc__buf_data(&b), b.len);
done:
    wsc__buf_free(&b);
    return text;
}

char *wsc__url_text(const struct wsc__url *u, const struct wsc__mem *mem)
{
    return join(u, mem, NULL, u->path, strlen(u->path));
}

char *wsc__url_authority(const struct wsc__url *u, const struct wsc__mem *mem)
{
    return join(u, mem, NULL, NULL, 0);
}

const char *wsc__url_without_user(const char *text)
{
    const char *at = strrchr(text, '@');

    return at ? at + 1 : text;
}

/* Host and port of an authority without user information; false when it is none. */
static bool has_form(const char *s, size_t len, bool *port)
{
    size_t at = 0, digits;

    if (len && *s == '[')
        while (at < len && s[at] != ']' && s[at] != '\\')
            at++;
    if (at == len || s[at] == '\\')
        return false;
    while (at < len && s[at] != ':')
        at++;
    digits = at + 1;
    while (digits < len && s[digits] >= '0' && s[digits] <= '9')
        digits++;
    *port = digits > at + 1 && digits == len;
    return at && (digits >= len);
}

/* NULL, or why it is no URL that is followed */
static const char *check_location(const char *text)
{
    struct parts p = { .text = text, .end = strlen(text) };

    if (take_scheme(&p) && take_path(&p) && take_authority(&p) && p.v6 && text[p.at] != '[')
        p.why = "an IPv6 address in a URL stands in brackets"; /* only users may leave them out */
    return p.why;
}

/* fe80::/10, RFC 4291 2.4 */
static bool link_local(const char *s, size_t len)
{
    uint8_t raw[16];

    return parse_v6(s, len, raw) && raw[0] == 0xfe && (raw[1] & 0xc0) == 0x80;
}

/* An authority. A server knows no zone of ours: one that is link-local means the link on which it
 * was asked. */
static int put_authority(struct wsc__buf *b, const struct wsc__url *base, const char *s, size_t len)
{
    const char *end = *s == '[' ? memchr(s, ']', len) : NULL;
    size_t n = end ? (size_t)(end - s) : 0;
    int rc;

    if (!end || !base || !base->zone || !link_local(s + 1, n - 1) ||
        !link_local(base->host, strlen(base->host)))
        return wsc__buf_append(b, s, len);
    if ((rc = wsc__buf_append(b, s, n)) || (rc = wsc__buf_puts(b, "%25")) ||
        (rc = wsc__buf_puts(b, base->zone)))
        return rc;
    return wsc__buf_append(b, s + n, len - n);
}

/* s: behind "//". What is no URL is written as well: check_location finds it. NULL: no memory. */
static char *absolute(const struct wsc__mem *mem, const struct wsc__url *base, bool tls,
                      const char *s)
{
    size_t len = strcspn(s, "/?#"), i;
    const char *path = s + len;
    char *text = NULL;
    struct wsc__buf b;
    bool port = false, bare;

    for (i = len; i > 0 && s[i - 1] != '@'; i--)
        ;
    s += i;
    len -= i;
    bare = has_form(s, len, &port) && !port;
    if (bare && s[len - 1] == ':') {
        /* the same as none, unless a user or a second scheme was meant */
        if (strchr(path, '@') || wsc__ieqn(s, len - 1, "http") || wsc__ieqn(s, len - 1, "https"))
            bare = false;
        else
            len--;
    }
    wsc__buf_init(&b, mem, SIZE_MAX / 2);
    if (wsc__buf_puts(&b, tls ? "https://" : "http://") || put_authority(&b, base, s, len))
        goto done;
    if (bare && wsc__buf_puts(&b, tls ? ":443" : ":80"))
        goto done;
    if (*path == '?' && wsc__buf_putc(&b, '/'))
        goto done;
    if (wsc__buf_append(&b, path, strcspn(path, "#")))
        goto done;
    text = wsc__strndup(mem, (const char *)wsc__buf_data(&b), b.len);
done:
    wsc__buf_free(&b);
    return text;
}

static bool slash(char c)
{
    return c == '/' || c == '\\'; /* people write that one, too, and JSON before the other */
}

/* The length of what may be user information at s; at: behind the last '@' of this word, or s. */
static size_t user_info(const char *s, const char *at)
{
    size_t len = (size_t)(at - s), end = 0, i;
    bool port;

    while (end < len && !strchr("/?#", s[end]))
        end++;
    if (end == len)
        return len;
    for (i = end; i > 0 && s[i - 1] != '@'; i--)
        ;
    if (i)
        return i;
    /* in the path, unless that is part of a password: then no host stands before it */
    return has_form(s, end, &port) && s[end - 1] != ':' ? 0 : len;
}

void wsc__url_hide_users(char *text)
{
    const char *in = text, *stop = text, *at = text; /* at: behind the last '@' before stop */
    char *out = text;

    while (*in) {
        bool mark = *in == ':' && (in[1] == '/' || (in[1] == '\\' && slash(in[2])));

        *out++ = *in++;
        while (mark) {
            size_t n;

            while (slash(*in))
                *out++ = *in++;
            if (in >= stop) {
                stop = in + strcspn(in, " \t\r\n");
                for (at = stop; at > in && at[-1] != '@'; at--)
                    ;
            }
            n = at > in ? user_info(in, at) : 0;
            in += n;
            mark = n > 0;
        }
    }
    *out = '\0';
}

char *wsc__url_location(const struct wsc__mem *mem, const struct wsc__url *base, const char *text,
                        const char **why)
{
    const char *rest = NULL, *wrong = NULL;
    size_t len = strlen(text);
    bool tls = false;
    char *whole = NULL;

    if (wsc__istarts(text, len, "http://")) {
        rest = text + 7;
    } else if (wsc__istarts(text, len, "https://")) {
        rest = text + 8;
        tls = true;
    } else if (base && wsc__istarts(text, len, "//")) {
        rest = text + 2;
        tls = base->tls;
    }
    if (rest)
        whole = absolute(mem, base, tls, rest);
    else if (base && *text == '/')
        whole = join(base, mem, base->zone, text, strcspn(text, "#"));
    else
        wrong = "it does not begin with http:// or https://";
    if (whole) {
        wrong = check_location(whole);
        wsc__url_hide_users(whole);
    }
    if (wrong) {
        wsc__free(mem, whole);
        /* what stands behind an '@' in such a text might look like a URL of somebody else's choice
         */
        whole = wsc__strdup(mem, strchr(text, '@') ? "" : text);
    }
    if (whole)
        *why = wrong;
    return whole;
}
