#include "base/b64.h"

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

/* the same once more, each behind a given first one: a macro can not expand inside itself */
#define WITH_EACH(E, c, v)                                              \
    E(c, v, 'A', 0) E(c, v, 'B', 1) E(c, v, 'C', 2) E(c, v, 'D', 3)     \
    E(c, v, 'E', 4) E(c, v, 'F', 5) E(c, v, 'G', 6) E(c, v, 'H', 7)     \
    E(c, v, 'I', 8) E(c, v, 'J', 9) E(c, v, 'K', 10) E(c, v, 'L', 11)   \
    E(c, v, 'M', 12) E(c, v, 'N', 13) E(c, v, 'O', 14) E(c, v, 'P', 15) \
    E(c, v, 'Q', 16) E(c, v, 'R', 17) E(c, v, 'S', 18) E(c, v, 'T', 19) \
    E(c, v, 'U', 20) E(c, v, 'V', 21) E(c, v, 'W', 22) E(c, v, 'X', 23) \
    E(c, v, 'Y', 24) E(c, v, 'Z', 25) E(c, v, 'a', 26) E(c, v, 'b', 27) \
    E(c, v, 'c', 28) E(c, v, 'd', 29) E(c, v, 'e', 30) E(c, v, 'f', 31) \
    E(c, v, 'g', 32) E(c, v, 'h', 33) E(c, v, 'i', 34) E(c, v, 'j', 35) \
    E(c, v, 'k', 36) E(c, v, 'l', 37) E(c, v, 'm', 38) E(c, v, 'n', 39) \
    E(c, v, 'o', 40) E(c, v, 'p', 41) E(c, v, 'q', 42) E(c, v, 'r', 43) \
    E(c, v, 's', 44) E(c, v, 't', 45) E(c, v, 'u', 46) E(c, v, 'v', 47) \
    E(c, v, 'w', 48) E(c, v, 'x', 49) E(c, v, 'y', 50) E(c, v, 'z', 51) \
    E(c, v, '0', 52) E(c, v, '1', 53) E(c, v, '2', 54) E(c, v, '3', 55) \
    E(c, v, '4', 56) E(c, v, '5', 57) E(c, v, '6', 58) E(c, v, '7', 59) \
    E(c, v, '8', 60) E(c, v, '9', 61) E(c, v, '+', 62) E(c, v, '/', 63)

#define GOOD 0x80
#define LETTER(c, v) [c] = GOOD | (v),

static const uint8_t letter[256] = { ALPHABET(LETTER) };

/* Two characters at a time: seven bits of each make the index, twelve bits of data come out, and
 * the top bit says that both are in the alphabet. 32 KiB, of which a third is ever touched. */
#define GOOD_PAIR 0x8000u
#define PAIR(c, v, c2, v2) [(c) | (c2) << 7] = GOOD_PAIR | (v) << 6 | (v2),
#define PAIRS(c, v) WITH_EACH(PAIR, c, v)

static const uint16_t pair[1 << 14] = { ALPHABET(PAIRS) };

/* clang-format on */

enum { PAD_NONE, PAD_ONE_MORE, PAD_DONE };

void wsc__b64_decoder_init(struct wsc__b64_decoder *d)
{
    memset(d, 0, sizeof *d);
}

/* Eight bytes as a number, the first one lowest; on most machines that is one move. */
static uint64_t load(const uint8_t *in)
{
    uint64_t v;

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(&v, in, sizeof v);
#else
    v = 0;
    for (unsigned i = 0; i < 8; i++)
        v |= (uint64_t)in[i] << (8 * i);
#endif
    return v;
}

static void store(uint8_t *out, uint64_t v)
{
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    memcpy(out, &v, sizeof v);
#else
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (8 * i));
#endif
}

/* The same with the highest byte first. */
static void store_swapped(uint8_t *out, uint64_t v)
{
#if defined(__GNUC__)
    store(out, __builtin_bswap64(v));
#else
    for (unsigned i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (56 - 8 * i));
#endif
}

#define LANES(v) ((uint64_t)(v)*UINT64_C(0x0001000100010001))

/* Eight characters to six bytes, written with two more behind them; false: not all are letters. */
static bool decode_eight(const uint8_t *in, uint8_t *out)
{
    uint64_t x = load(in);
    uint64_t at = (x & LANES(0x7f)) | (x & LANES(0x7f00)) >> 1;
    uint32_t a = pair[at & 0x3fff], b = pair[at >> 16 & 0x3fff];
    uint32_t c = pair[at >> 32 & 0x3fff], d = pair[at >> 48];

    if (!(a & b & c & d & GOOD_PAIR) || (x & LANES(0x8080)))
        return false;
    store_swapped(out, (uint64_t)(a & 0xfff) << 52 | (uint64_t)(b & 0xfff) << 40 |
                           (uint64_t)(c & 0xfff) << 28 | (uint64_t)(d & 0xfff) << 16);
    return true;
}

/* Whole groups without white space, as long as all characters are valid. */
static void decode_run(const uint8_t **in, size_t *len, uint8_t **out, size_t *room)
{
    const uint8_t *s = *in;
    uint8_t *o = *out;
    size_t turns = *len / 8, fits = *room / 6;

    /* the last store reaches two bytes past what it makes */
    if (fits && *room - fits * 6 < 2)
        fits--;
    if (turns > fits)
        turns = fits;
    for (; turns > 1 && decode_eight(s, o) && decode_eight(s + 8, o + 6); turns -= 2) {
        s += 16;
        o += 12;
    }
    if (turns && decode_eight(s, o)) {
        s += 8;
        o += 6;
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
    } else if (equals ? d->have < 2 : !(letter[c] & GOOD)) {
        return ONE_FOREIGN;
    }
    if (equals && d->pad == PAD_NONE && d->have == 2) {
        d->pad = PAD_ONE_MORE;
        return ONE_TAKEN;
    }
    if ((equals || d->have == 3) && *room < 3)
        return ONE_FULL;
    if (!equals) {
        d->acc |= (uint32_t)(letter[c] & 63) << (18 - 6 * d->have);
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
        if (!d->have && !d->pad && left >= 8)
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
        store(o, encode_group(three(s)) | (uint64_t)encode_group(three(s + 3)) << 32);
    for (; len; o += 4) {
        size_t n = len < 3 ? len : 3;

        encode_last(o, s, n);
        s += n;
        len -= n;
    }
    wsc__buf_added(out, total);
    return WSC_OK;
}
