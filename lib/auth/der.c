#include "auth/der.h"

#include "base/codes.h"

#include <string.h>

/* --- reading ---------------------------------------------------------------------------------- */

/* Octets of length behind the first one; lengths beyond 32 bits are no token of ours. */
#define LENGTH_MAX 4

bool wsc__der_next(struct wsc__der *in, uint8_t *tag, struct wsc__der *content)
{
    const uint8_t *p = in->p;
    size_t head = 2, n;

    if (in->len < 2 || (p[0] & 0x1f) == 0x1f)
        return false;
    n = p[1];
    if (n & 0x80) {
        size_t octets = n & 0x7f;

        if (!octets || octets > LENGTH_MAX || octets > in->len - 2)
            return false;
        n = 0;
        for (; octets; octets--)
            n = n << 8 | p[head++];
    }
    if (n > in->len - head)
        return false;
    *tag = p[0];
    content->p = p + head;
    content->len = n;
    in->p = p + head + n;
    in->len -= head + n;
    return true;
}

bool wsc__der_take(struct wsc__der *in, uint8_t tag, struct wsc__der *content)
{
    struct wsc__der at = *in, found;
    uint8_t is;

    if (!wsc__der_next(&at, &is, &found) || is != tag)
        return false;
    *in = at;
    *content = found;
    return true;
}

bool wsc__der_only(struct wsc__der in, uint8_t tag, struct wsc__der *content)
{
    struct wsc__der found;

    if (!wsc__der_take(&in, tag, &found) || in.len)
        return false;
    *content = found;
    return true;
}

bool wsc__der_u32(struct wsc__der content, uint32_t *out)
{
    uint32_t v = 0;
    size_t zeros = 0;

    if (!content.len || content.p[0] & 0x80)
        return false;
    while (zeros < content.len && !content.p[zeros])
        zeros++;
    if (content.len - zeros > sizeof v)
        return false;
    for (; zeros < content.len; zeros++)
        v = v << 8 | content.p[zeros];
    *out = v;
    return true;
}

bool wsc__der_equal(struct wsc__der a, const void *bytes, size_t len)
{
    return a.p && a.len == len && (!len || memcmp(a.p, bytes, len) == 0);
}

struct text {
    char *at, *end; /* the last byte stays for the NUL */
};

static void put_char(struct text *t, char c)
{
    if (t->at < t->end)
        *t->at++ = c;
}

static void put_arc(struct text *t, uint64_t v)
{
    char digits[20];
    size_t n = 0;

    do {
        digits[n++] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    while (n)
        put_char(t, digits[--n]);
}

void wsc__der_oid_text(struct wsc__der oid, char *out, size_t cap)
{
    struct text t = { out, out + cap - 1 };
    uint64_t v = 0;
    bool first = true;

    for (size_t i = 0; i < oid.len; i++) {
        v = (v & (UINT64_MAX >> 8)) << 7 | (oid.p[i] & 0x7f);
        if (oid.p[i] & 0x80)
            continue;
        if (first) { /* X.690 8.19.4: two arcs in one number */
            uint64_t top = v < 80 ? v / 40 : 2;

            put_arc(&t, top);
            v -= 40 * top;
        }
        put_char(&t, '.');
        put_arc(&t, v);
        first = false;
        v = 0;
    }
    *t.at = '\0';
}

/* --- writing ---------------------------------------------------------------------------------- */

/* Tag and length, in as few octets as they need: at most 2 + LENGTH_MAX. */
static size_t make_head(uint8_t head[2 + LENGTH_MAX], uint8_t tag, size_t len)
{
    size_t octets = 0;

    head[0] = tag;
    head[1] = (uint8_t)len;
    if (len < 0x80)
        return 2;
    while (octets < LENGTH_MAX && len >> (8 * octets))
        octets++;
    head[1] = (uint8_t)(0x80 | octets);
    for (size_t i = 0; i < octets; i++)
        head[2 + i] = (uint8_t)(len >> (8 * (octets - 1 - i)));
    return 2 + octets;
}

int wsc__der_wrap(struct wsc__buf *b, size_t from, uint8_t tag)
{
    uint8_t head[2 + LENGTH_MAX], *end;
    size_t len = b->len - from, n;
    int rc;

    if (len > UINT32_MAX)
        return WSC_E_LIMIT;
    n = make_head(head, tag, len);
    rc = wsc__buf_reserve(b, n, &end);
    if (rc)
        return rc;
    memmove(end - len + n, end - len, len);
    memcpy(end - len, head, n);
    wsc__buf_added(b, n);
    return WSC_OK;
}

int wsc__der_put(struct wsc__buf *b, uint8_t tag, const void *content, size_t len)
{
    size_t from = b->len;
    int rc = wsc__buf_append(b, content, len);

    if (!rc && (rc = wsc__der_wrap(b, from, tag)))
        b->len = from;
    return rc;
}
