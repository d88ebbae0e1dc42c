#include "base/b64.h"

#include "base/b64_avx2.h"
#include "base/codes.h"

#include <string.h>

/* --- decoding --------------------------------------------------------------------------------- */

/* clang-format off */

/* the 64 characters of RFC 4648 section 4 and their values */
#define ALPHABET(E)                                                                               \
    E('A', 0) E('B', 1) E('C', 2) E('D', 3) E('E', 4) E('F', 5) E('G', 6) E('H', 7)               \
    E('I', 8) E('J', 9) E('K', 10) E('L', 11) E('M', 12) E('N', 13) E('O', 14) E('P', 15)         \
    E('Q', 16) E('R', 17) E('S', 18) E('T', 19) E('U', 20) E('V', 21) E('W', 22) E('X', 23)       \
    E('Y', 24) E('Z', 25) E('a', 26) E('b', 27) E('c', 28) E('d', 29) E('e', 30) E('f', 31)       \
    E('g', 32) E('h', 33) E('i', 34) E('j', 35) E('k', 36) E('l', 37) E('m', 38) E('n', 39)       \
    E('o', 40) E('p', 41) E('q', 42) E('r', 43) E('s', 44) E('t', 45) E('u', 46) E('v', 47)       \
    E('w', 48) E('x', 49) E('y', 50) E('z', 51) E('0', 52) E('1', 53) E('2', 54) E('3', 55)       \
    E('4', 56) E('5', 57) E('6', 58) E('7', 59) E('8', 60) E('9', 61) E('+', 62) E('/', 63)

/* What a character adds to its group of four, by its place in it: the three bytes of the group, the
 * first one lowest, as little-endian machines store them. All bits are turned around, so that what
 * is not in the tables leaves no bit of a group standing. */
#define FIRST(c, v) [c] = ~(v##u << 2),
#define SECOND(c, v) [c] = ~(v##u >> 4 | (v##u & 15) << 12),
#define THIRD(c, v) [c] = ~(v##u >> 2 << 8 | (v##u & 3) << 22),
#define FOURTH(c, v) [c] = ~(v##u << 16),

static const uint32_t first[256] = { ALPHABET(FIRST) };
static const uint32_t second[256] = { ALPHABET(SECOND) };
static const uint32_t third[256] = { ALPHABET(THIRD) };
static const uint32_t fourth[256] = { ALPHABET(FOURTH) };

/* clang-format on */

enum { PAD_NONE, PAD_ONE_MORE, PAD_DONE };

void wsc__b64_decoder_init(struct wsc__b64_decoder *d)
{
    memset(d, 0, sizeof *d);
}

/* The first byte lowest; on most machines that is one move. */
static void store64(uint8_t *out, uint64_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(out, &v, sizeof v);
#else
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
#endif
}

static void store32(uint8_t *out, uint32_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(out, &v, sizeof v);
#else
    for (unsigned i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (8 * i));
#endif
}

/* Above the three bytes of a group: not all of its characters are letters. */
#define WRONG 0xff000000u

static uint32_t group(const uint8_t *s)
{
    return ~(first[s[0]] & second[s[1]] & third[s[2]] & fourth[s[3]]);
}

/* Four groups to twelve bytes; when it returns false, what was written is worth nothing. */
static bool decode_groups(const uint8_t *s, uint8_t *out)
{
    uint32_t a = group(s), b = group(s + 4), c = group(s + 8), d = group(s + 12);

    store64(out, a | (uint64_t)b << 24 | (uint64_t)c << 48);
    store32(out + 8, c >> 16 | d << 8);
    return !((a | b | c | d) & WRONG);
}

/* Whole groups without white space, as long as all characters are valid. */
static void decode_run(const uint8_t **in, size_t *len, uint8_t **out, size_t *room)
{
    const uint8_t *s = *in;
    uint8_t *o = *out;
    size_t fast = wsc__b64_avx2(s, *len, o, *room), groups;

    s += fast;
    o += fast / 4 * 3;
    groups = (*len - fast) / 4;
    if (groups > (*room - fast / 4 * 3) / 3)
        groups = (*room - fast / 4 * 3) / 3;
    for (; groups >= 4 && decode_groups(s, o); groups -= 4) {
        s += 16;
        o += 12;
    }
    for (; groups && !(group(s) & WRONG); groups--) {
        uint32_t v = group(s);

        for (unsigned i = 0; i < 3; i++)
            *o++ = (uint8_t)(v >> (8 * i));
        s += 4;
    }
    *len -= (size_t)(s - *in);
    *room -= (size_t)(o - *out);
    *in = s;
    *out = o;
}

enum one { ONE_TAKEN, ONE_FULL, ONE_FOREIGN };

/* One character, whatever it is; writes 0 to 3 bytes. */
static enum one decode_one(struct wsc__b64_decoder *d, uint8_t c, uint8_t **out, size_t *room)
{
    bool equals = c == '=';
    unsigned n;

    if (c == ' ' || c == '\t' || c == '\r' || c == '\n')
        return ONE_TAKEN;
    if (d->pad != PAD_NONE) {
        if (!equals || d->pad == PAD_DONE)
            return ONE_FOREIGN;
    } else if (equals ? d->have < 2 : !first[c]) {
        return ONE_FOREIGN;
    }
    if (equals && d->pad == PAD_NONE && d->have == 2) {
        d->pad = PAD_ONE_MORE;
        return ONE_TAKEN;
    }
    if ((equals || d->have == 3) && *room < 3)
        return ONE_FULL;
    if (!equals) {
        d->acc |= (~first[c] >> 2) << (18 - 6 * d->have);
        if (++d->have < 4)
            return ONE_TAKEN;
    }
    n = d->have - 1u;
    for (unsigned i = 0; i < n; i++)
        (*out)[i] = (uint8_t)(d->acc >> (16 - 8 * i));
    *out += n;
    *room -= n;
    d->acc = 0;
    d->have = 0;
    d->pad = equals ? PAD_DONE : PAD_NONE;
    return ONE_TAKEN;
}

bool wsc__b64_decode(struct wsc__b64_decoder *d, const char *in, size_t len, size_t *used,
                     uint8_t *out, size_t out_cap, size_t *made)
{
    const uint8_t *s = (const uint8_t *)in;
    size_t left = len, room = out_cap;
    enum one step = ONE_TAKEN;

    while (left && step == ONE_TAKEN) {
        if (!d->have && !d->pad && left >= 4)
            decode_run(&s, &left, &out, &room);
        if (!left)
            break;
        step = decode_one(d, *s, &out, &room);
        if (step == ONE_TAKEN) {
            s++;
            left--;
        }
    }
    *used = len - left;
    *made = out_cap - room;
    return step != ONE_FOREIGN;
}

bool wsc__b64_decoder_done(const struct wsc__b64_decoder *d)
{
    return !d->have && d->pad != PAD_ONE_MORE;
}

/* --- encoding --------------------------------------------------------------------------------- */

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static uint32_t encode_group(uint32_t v)
{
    return (uint32_t)(uint8_t)letters[v >> 18 & 63] |
           (uint32_t)(uint8_t)letters[v >> 12 & 63] << 8 |
           (uint32_t)(uint8_t)letters[v >> 6 & 63] << 16 | (uint32_t)(uint8_t)letters[v & 63] << 24;
}

static uint32_t three(const uint8_t *s)
{
    return (uint32_t)s[0] << 16 | (uint32_t)s[1] << 8 | s[2];
}

static void encode_last(uint8_t *o, const uint8_t *s, size_t len)
{
    uint32_t v = encode_group((uint32_t)s[0] << 16 | (len > 1 ? (uint32_t)s[1] << 8 : 0) |
                              (len > 2 ? s[2] : 0));

    for (unsigned i = 0; i < 4; i++)
        o[i] = (uint8_t)(v >> (8 * i));
    if (len < 3)
        o[3] = '=';
    if (len < 2)
        o[2] = '=';
}

int wsc__b64_encode(struct wsc__buf *out, const void *data, size_t len)
{
    const uint8_t *s = data;
    size_t total, groups = len / 3 + (len % 3 != 0);
    uint8_t *o;
    int rc;

    if (!len)
        return WSC_OK;
    if (groups > SIZE_MAX / 4)
        return WSC_E_LIMIT;
    total = groups * 4;
    rc = wsc__buf_reserve(out, total, &o);
    if (rc)
        return rc;
    for (; len >= 6; len -= 6, s += 6, o += 8)
        store64(o, encode_group(three(s)) | (uint64_t)encode_group(three(s + 3)) << 32);
    for (; len; o += 4) {
        size_t n = len < 3 ? len : 3;

        encode_last(o, s, n);
        s += n;
        len -= n;
    }
    wsc__buf_added(out, total);
    return WSC_OK;
}
