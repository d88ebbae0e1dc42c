#include "base/hash.h"

#include <string.h>

#define P1 UINT64_C(0x9E3779B97F4A7C15) /* odd, near 2^64 / golden ratio */
#define P2 UINT64_C(0xD6E8FEB86659FD93)
#define P3 UINT64_C(0xA3B195354A39B70D)

static uint64_t load(const uint8_t *p)
{
    uint64_t v;

    memcpy(&v, p, sizeof v); /* host order: a value never leaves the process */
    return v;
}

/* The low half of a product and the high one, by halves of the factors. */
uint64_t wsc__hash_fold(uint64_t a, uint64_t b)
{
    uint64_t al = (uint32_t)a, ah = a >> 32, bl = (uint32_t)b, bh = b >> 32;
    uint64_t low = al * bl, mid = ah * bl + (low >> 32), mid2 = al * bh + (uint32_t)mid;

    return (mid2 << 32 | (uint32_t)low) ^ (ah * bh + (mid >> 32) + (mid2 >> 32));
}

static uint64_t fold(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    __extension__ typedef unsigned __int128 wide;
    wide p = (wide)a * b;

    return (uint64_t)p ^ (uint64_t)(p >> 64);
#else
    return wsc__hash_fold(a, b);
#endif
}

/* A change of either factor spreads in a way that depends on the other one, so that what comes next
 * does not cancel it by chance; the factors themselves, so that a zero does not swallow the other.
 * There is no seed: who sets out to can make two texts that have one value. */
static uint64_t mix(uint64_t a, uint64_t b)
{
    return fold(a, b) ^ a ^ b;
}

static void block(uint64_t s[WSC__HASH_LANES], const uint8_t *p)
{
    for (unsigned i = 0; i < WSC__HASH_LANES; i++)
        s[i] = mix(load(p + 16 * i) ^ s[i], load(p + 16 * i + 8) ^ P1);
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
    for (unsigned i = 0; i < WSC__HASH_LANES; i++)
        h->state[i] = P3 * (i + 1);
}

void wsc__hash_add(struct wsc__hash *h, const void *data, size_t len)
{
    const uint8_t *p = data;
    size_t have = h->count % sizeof h->tail;
    uint64_t s[WSC__HASH_LANES];

    if (!len)
        return;
    h->count += len;
    if (have + len < sizeof h->tail) {
        memcpy(h->tail + have, p, len);
        return;
    }
    memcpy(s, h->state, sizeof s);
    if (have) {
        size_t take = sizeof h->tail - have;

        memcpy(h->tail + have, p, take);
        block(s, h->tail);
        p += take;
        len -= take;
    }
    for (; len >= sizeof h->tail; p += sizeof h->tail, len -= sizeof h->tail)
        block(s, p);
    memcpy(h->tail, p, len);
    memcpy(h->state, s, sizeof s);
}

uint64_t wsc__hash_value(const struct wsc__hash *h)
{
    size_t have = h->count % sizeof h->tail;
    uint8_t last[sizeof h->tail] = { 0 };
    uint64_t s[WSC__HASH_LANES], v;

    memcpy(s, h->state, sizeof s);
    if (have) {
        memcpy(last, h->tail, have);
        block(s, last);
    }
    v = finish(h->count); /* tells a short tail from one with zero bytes */
    for (unsigned i = 0; i < WSC__HASH_LANES; i++)
        v = finish(v ^ s[i]) + P1;
    return v;
}
