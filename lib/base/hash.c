#include "base/hash.h"

#include <string.h>

#define P1 UINT64_C(0x9E3779B97F4A7C15) /* odd, near 2^64 / golden ratio */
#define P2 UINT64_C(0xD6E8FEB86659FD93)
#define P3 UINT64_C(0xA3B195354A39B70D)

static uint64_t rotl(uint64_t v, unsigned n)
{
    return v << n | v >> (64 - n);
}

static uint64_t load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v); /* host order: a value never leaves the process */
    return v;
}

static void block(uint64_t s[2], const uint8_t *p)
{
    s[0] = rotl(s[0] + load(p) * P2, 29) * P1;
    s[1] = rotl(s[1] + load(p + 8) * P1, 33) * P3;
}

static uint64_t finish(uint64_t v)
{
    v ^= v >> 32;
    v *= P2;
    v ^= v >> 29;
    v *= P3;
    return v ^ v >> 32;
}

void wsc__hash_init(struct wsc__hash *h)
{
    memset(h, 0, sizeof *h);
    h->state[0] = P3;
    h->state[1] = P2;
}

void wsc__hash_add(struct wsc__hash *h, const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t have = h->count % sizeof h->tail;
    uint64_t s[2];

    if (!len)
        return;
    h->count += len;
    if (have + len < sizeof h->tail) {
        memcpy(h->tail + have, p, len);
        return;
    }
    s[0] = h->state[0];
    s[1] = h->state[1];
    if (have) {
        size_t take = sizeof h->tail - have;

        memcpy(h->tail + have, p, take);
        block(s, h->tail);
        p += take;
        len -= take;
    }
    for (; len >= 16; p += 16, len -= 16)
        block(s, p);
    memcpy(h->tail, p, len);
    h->state[0] = s[0];
    h->state[1] = s[1];
}

uint64_t wsc__hash_value(const struct wsc__hash *h)
{
    uint64_t s[2] = { h->state[0], h->state[1] };
    size_t have = h->count % sizeof h->tail;
    uint8_t last[16] = { 0 };

    if (have) {
        memcpy(last, h->tail, have);
        block(s, last);
    }
    /* the count tells a short tail from one with zero bytes */
    return finish(finish(s[0] ^ h->count) + rotl(s[1], 17));
}
