/* WWW-Authenticate (RFC 9110 11.3, 11.6), media types (8.3.1), and the masked head for the log. */
#include "http/h1_fields.h"

#include "base/str.h"
#include "base/url.h"

#include <string.h>

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Does this list element begin a challenge ("Negotiate", "Basic realm=..."), or is it one more
 * parameter of the challenge before it ("realm=...")? */
static bool begins_challenge(const char *s, size_t len, size_t *scheme)
{
    size_t n = wsc__h1_token(s, len), at = n;

    while (at < len && blank(s[at]))
        at++;
    *scheme = n;
    if (!n || (at == n && at < len))
        return false;
    /* blanks may stand around the sign of a parameter (RFC 9110 11.2), but "NTLM ==" is a token */
    return at == len || s[at] != '=';
}

/* The i-th challenge of one header value; *i is lowered by those passed over. */
static bool challenge_in(const char *value, unsigned *i, struct wsc__challenge *out)
{
    const char *s = value, *item, *end = NULL;
    size_t left = strlen(value), len, scheme;
    bool found = false;

    while (wsc__h1_next_element(&s, &left, &item, &len)) {
        if (begins_challenge(item, len, &scheme)) {
            if (found)
                break;
            if ((*i)-- == 0) {
                found = true;
                out->scheme = item;
                out->scheme_len = scheme;
            }
        }
        if (found && len)
            end = item + len;
    }
    if (!found)
        return false;
    out->rest = out->scheme + out->scheme_len;
    out->rest_len = (size_t)(end - out->rest);
    wsc__trim(&out->rest, &out->rest_len);
    return true;
}

bool wsc__h1_challenge(const struct wsc__h1_reply *r, const char *header, unsigned i,
                       struct wsc__challenge *out)
{
    const char *value;

    for (unsigned n = 0; (value = wsc__h1_header(r, header, n)); n++) {
        if (challenge_in(value, &i, out))
            return true;
    }
    return false;
}

/* --- media types ------------------------------------------------------------------------------ */

bool wsc__h1_media_is(const char *content_type, const char *media)
{
    size_t len;

    if (!content_type)
        return false;
    len = strcspn(content_type, ";");
    wsc__trim(&content_type, &len);
    return wsc__ieqn(content_type, len, media);
}

/* The value of a parameter, a token or a quoted string; *s moves behind it. */
static bool param_value(const char **s, char *buf, size_t cap)
{
    const char *p = *s;
    bool quoted = *p == '"', fits = true;
    size_t n = 0;

    if (quoted)
        p++;
    while (*p && (quoted ? *p != '"' : *p != ';' && !wsc__is_space(*p))) {
        if (quoted && *p == '\\' && p[1])
            p++;
        if (n + 1 < cap)
            buf[n++] = *p;
        else
            fits = false;
        p++;
    }
    if (quoted && *p == '"')
        p++;
    else if (quoted)
        fits = false; /* never closed */
    buf[n] = '\0';
    *s = p;
    return fits;
}

bool wsc__h1_media_param(const char *content_type, const char *name, char *buf, size_t cap)
{
    char value[256];
    const char *s = content_type;

    if (!s)
        return false;
    s += strcspn(s, ";");
    while (*s == ';') {
        const char *key;
        size_t len;
        bool ok;

        do {
            s++;
        } while (wsc__is_space(*s));
        key = s;
        len = wsc__h1_token(s, strlen(s));
        s += len;
        while (wsc__is_space(*s))
            s++;
        if (*s == '=') {
            s++;
            while (wsc__is_space(*s))
                s++;
            ok = param_value(&s, value, sizeof value);
            if (ok && wsc__ieqn(key, len, name) && strlen(value) < cap) {
                memcpy(buf, value, strlen(value) + 1);
                return true;
            }
        }
        s += strcspn(s, ";");
    }
    return false;
}

/* --- the head for the log --------------------------------------------------------------------- */

/* RFC 9110 11.2: what a security token is written in; parameters have a quote or an inner '='. */
static bool is_token68(const char *s, size_t len)
{
    size_t n = 0;

    while (n < len && (wsc__h1_is_token_char(s[n]) || s[n] == '/'))
        n++;
    while (n < len && s[n] == '=')
        n++;
    return len && n == len;
}

static int masked_challenges(struct wsc__buf *out, const char *value)
{
    struct wsc__challenge c;
    int rc;

    for (unsigned i = 0;; i++) {
        unsigned at = i;

        if (!challenge_in(value, &at, &c))
            return WSC_OK;
        if ((i && (rc = wsc__buf_puts(out, ", "))) ||
            (rc = wsc__buf_append(out, c.scheme, c.scheme_len)))
            return rc;
        if (!c.rest_len)
            continue;
        if ((rc = wsc__buf_putc(out, ' ')))
            return rc;
        rc = is_token68(c.rest, c.rest_len) ? wsc__buf_puts(out, "***")
                                            : wsc__buf_append(out, c.rest, c.rest_len);
        if (rc)
            return rc;
    }
}

static int masked_cookie(struct wsc__buf *out, const char *value)
{
    size_t name = strcspn(value, "=;");
    int rc = wsc__buf_append(out, value, name);

    return rc ? rc : wsc__buf_puts(out, "=***");
}

static int masked_location(struct wsc__buf *out, const char *value)
{
    const char *shown = wsc__url_without_user(value);
    int rc = shown == value ? WSC_OK : wsc__buf_puts(out, "***@");

    return rc ? rc : wsc__buf_puts(out, shown);
}

static int masked_line(struct wsc__buf *out, const char *name, const char *value)
{
    int rc;

    if ((rc = wsc__buf_puts(out, name)) || (rc = wsc__buf_puts(out, ": ")))
        return rc;
    if (wsc__ieq(name, "WWW-Authenticate") || wsc__ieq(name, "Proxy-Authenticate"))
        rc = masked_challenges(out, value);
    else if (wsc__ieq(name, "Authentication-Info") || wsc__ieq(name, "Proxy-Authentication-Info"))
        rc = wsc__buf_puts(out, "***");
    else if (wsc__ieq(name, "Set-Cookie"))
        rc = masked_cookie(out, value);
    else if (wsc__ieq(name, "Location"))
        rc = masked_location(out, value);
    else
        rc = wsc__buf_puts(out, value);
    return rc ? rc : wsc__buf_puts(out, "\r\n");
}

int wsc__h1_reply_masked(const struct wsc__h1_reply *r, struct wsc__buf *out)
{
    const char *at = (const char *)wsc__buf_data(&r->head), *end = at + r->head.len;
    size_t before = out->len;
    int rc;

    if ((rc = wsc__buf_puts(out, r->http10 ? "HTTP/1.0 " : "HTTP/1.1 ")) ||
        (rc = wsc__buf_put_u64(out, (uint64_t)r->status)) || (rc = wsc__buf_puts(out, "\r\n")))
        goto done;
    while (at < end) {
        const char *value = at + strlen(at) + 1;

        rc = masked_line(out, at, value);
        if (rc)
            goto done;
        at = value + strlen(value) + 1;
    }
done:
    if (rc)
        out->len = before;
    return rc;
}
