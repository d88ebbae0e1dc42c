#include "base/b64_avx2.h"

#if defined(__GNUC__) && defined(__x86_64__)

#include <immintrin.h>

#define TWICE(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__) /* the halves are shuffled alike */

/* W. Mula and D. Lemire, Faster Base64 Encoding and Decoding Using AVX2 Instructions (2018).
 * False: one of the 32 is no letter; then nothing is written. */
__attribute__((target("avx2"))) static int decode32(const uint8_t *in, uint8_t *out)
{
    /* by the halves of a character: what is no letter has a bit that stands in both tables */
    const __m256i low_bits = TWICE(0x15, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x11, 0x13,
                                   0x1a, 0x1b, 0x1b, 0x1b, 0x1a);
    const __m256i high_bits = TWICE(0x10, 0x10, 0x01, 0x02, 0x04, 0x08, 0x04, 0x08, 0x10, 0x10,
                                    0x10, 0x10, 0x10, 0x10, 0x10, 0x10);
    /* from a character to its value, by its upper half; '/' has the place of 1 */
    const __m256i offsets = TWICE(0, 16, 19, 4, -65, -65, -71, -71, 0, 0, 0, 0, 0, 0, 0, 0);
    const __m256i order = TWICE(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const __m256i slash = _mm256_set1_epi8(0x2f); /* as a mask: a half, and a bit that is ignored */
    __m256i s = _mm256_loadu_si256((const __m256i *)(const void *)in);
    __m256i high = _mm256_and_si256(_mm256_srli_epi32(s, 4), slash);

    if (!_mm256_testz_si256(_mm256_shuffle_epi8(low_bits, _mm256_and_si256(s, slash)),
                            _mm256_shuffle_epi8(high_bits, high)))
        return 0;
    high = _mm256_add_epi8(high, _mm256_cmpeq_epi8(s, slash));
    s = _mm256_add_epi8(s, _mm256_shuffle_epi8(offsets, high));
    /* 6 + 6 bits to 12, twice 12 to 24, those in the order of memory, and the halves together */
    s = _mm256_madd_epi16(_mm256_maddubs_epi16(s, _mm256_set1_epi32(0x01400140)),
                          _mm256_set1_epi32(0x00011000));
    s = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(s, order),
                                    _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)(void *)out, s);
    return 1;
}

__attribute__((target("avx2"))) static size_t decode(const uint8_t *in, size_t len, uint8_t *out,
                                                     size_t room)
{
    size_t at = 0;

    for (; len - at >= 32 && room >= 32 && decode32(in + at, out); at += 32) {
        out += 24;
        room -= 24;
    }
    return at;
}

size_t wsc__b64_avx2(const uint8_t *in, size_t len, uint8_t *out, size_t room)
{
    return __builtin_cpu_supports("avx2") ? decode(in, len, out, room) : 0;
}

#else

size_t wsc__b64_avx2(const uint8_t *in, size_t len, uint8_t *out, size_t room)
{
    (void)in;
    (void)len;
    (void)out;
    (void)room;
    return 0;
}

#endif
