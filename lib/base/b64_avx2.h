/* Base64 32 characters at a time, for x86 processors that shuffle bytes (AVX2, since 2013); all
 * others decode by the tables of b64.c. */
#ifndef WSC_BASE_B64_AVX2_H
#define WSC_BASE_B64_AVX2_H

#include <stddef.h>
#include <stdint.h>

/* Decodes from the front while 32 letters follow one another and out has room for 32 bytes, of
 * which 24 count. Returns how many characters it took, a multiple of 32; 0 where there is no AVX2.
 */
size_t wsc__b64_avx2(const uint8_t *in, size_t len, uint8_t *out, size_t room);

#endif
