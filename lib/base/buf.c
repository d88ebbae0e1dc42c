#include "base/buf.h"

#include "base/codes.h"

#include <string.h>

/* the first allocation; smaller appends are rounded up to it */
#define FIRST_CAP 64

void wsc__buf_init(struct wsc__buf *b, const struct wsc__mem *mem, size_t max)
{
    memset(b, 0, sizeof *b);
    b->mem = mem;
    /* one byte of address space stays free for the NUL of wsc__buf_cstr */
    b->max = max < SIZE_MAX ? max : SIZE_MAX - 1;
}

static void drop(struct wsc__buf *b)
{
    if (b->secret)
        wsc__free_secret(b->mem, b->base, b->cap);
    else
        wsc__free(b->mem, b->base);
}

void wsc__buf_free(struct wsc__buf *b)
{
    if (!b->mem)
        return; /* never initialised, only zeroed */
    drop(b);
    b->base = NULL;
    b->cap = b->start = b->len = 0;
}

void wsc__buf_reset(struct wsc__buf *b)
{
    if (b->secret && b->base)
        wsc__wipe(b->base, b->cap);
    b->start = b->len = 0;
}

const uint8_t *wsc__buf_data(const struct wsc__buf *b)
{
    static const uint8_t none[1];

    return b->base ? b->base + b->start : none;
}

static void compact(struct wsc__buf *b)
{
    if (!b->start || !b->base)
        return;
    memmove(b->base, b->base + b->start, b->len);
    if (b->secret)
        wsc__wipe(b->base + b->len, b->start);
    b->start = 0;
}

static int grow(struct wsc__buf *b, size_t need, size_t top)
{
    size_t cap = b->cap > top / 2 ? top : 2 * b->cap;
    uint8_t *p;

    if (cap < FIRST_CAP)
        cap = FIRST_CAP < top ? FIRST_CAP : top;
    if (cap < need)
        cap = need;
    if (b->start || b->secret) { /* copy only what is in use, and leave no old secret behind */
        p = wsc__malloc(b->mem, cap);
        if (!p)
            return WSC_E_NOMEM;
        if (b->len && b->base)
            memcpy(p, b->base + b->start, b->len);
        drop(b);
        b->start = 0;
    } else {
        p = wsc__realloc(b->mem, b->base, cap);
        if (!p)
            return WSC_E_NOMEM;
    }
    b->base = p;
    b->cap = cap;
    return WSC_OK;
}

/* Makes room for `need` bytes in all, counted from the first byte in use, where there is none. */
static int make_room(struct wsc__buf *b, size_t need)
{
    size_t top = b->max + 1;

    /* moving down is paid for by the bytes consumed before, or it is all that can be done */
    if (b->cap >= need && (b->start >= b->len || b->cap >= top)) {
        compact(b);
        return WSC_OK;
    }
    return grow(b, need, top);
}

static inline int fit(struct wsc__buf *b, size_t need)
{
    return b->base && b->cap - b->start >= need ? WSC_OK : make_room(b, need);
}

int wsc__buf_reserve(struct wsc__buf *b, size_t n, uint8_t **out)
{
    int rc;

    if (n > b->max || b->len > b->max - n)
        return WSC_E_LIMIT;
    rc = fit(b, n ? b->len + n : b->len + 1);
    if (rc)
        return rc;
    *out = b->base + b->start + b->len;
    return WSC_OK;
}

void wsc__buf_added(struct wsc__buf *b, size_t n)
{
    b->len += n;
}

int wsc__buf_append(struct wsc__buf *b, const void *data, size_t len)
{
    uint8_t *p;
    int rc;

    if (!len)
        return WSC_OK;
    rc = wsc__buf_reserve(b, len, &p);
    if (rc)
        return rc;
    memcpy(p, data, len);
    b->len += len;
    return WSC_OK;
}

int wsc__buf_puts(struct wsc__buf *b, const char *s)
{
    return wsc__buf_append(b, s, strlen(s));
}

int wsc__buf_putc(struct wsc__buf *b, char c)
{
    return wsc__buf_append(b, &c, 1);
}

int wsc__buf_put_u64(struct wsc__buf *b, uint64_t v)
{
    char text[20];
    size_t at = sizeof text;

    do {
        text[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return wsc__buf_append(b, text + at, sizeof text - at);
}

const char *wsc__buf_cstr(struct wsc__buf *b)
{
    if (fit(b, b->len + 1))
        return NULL;
    b->base[b->start + b->len] = '\0';
    return (const char *)(b->base + b->start);
}

void wsc__buf_consume(struct wsc__buf *b, size_t n)
{
    if (n >= b->len) {
        wsc__buf_reset(b);
        return;
    }
    b->start += n;
    b->len -= n;
}
