/* Running 64-bit hash of a byte stream, the same for every way of cutting it. Not cryptographic:
 * it proves that a repeated reply begins with what was delivered before. Several GB/s. */
#ifndef WSC_BASE_HASH_H
#define WSC_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define WSC__HASH_LANES 4 /* a processor does their multiplications side by side */

struct wsc__hash {
    uint64_t state[WSC__HASH_LANES];
    uint64_t count;
    uint8_t tail[16 * WSC__HASH_LANES];
};

void wsc__hash_init(struct wsc__hash *h);
void wsc__hash_add(struct wsc__hash *h, const void *data, size_t len);
uint64_t wsc__hash_value(const struct wsc__hash *h); /* may be asked at any time, changes nothing */
/* The halves of a product, one by the other: for machines without so wide a type, and the test. */
uint64_t wsc__hash_fold(uint64_t a, uint64_t b);

#endif
