/* Base64 (RFC 4648, with padding), whole and as a stream. */
#ifndef WSC_BASE_B64_H
#define WSC_BASE_B64_H

#include "base/buf.h"

#include <stdbool.h>

/* Decodes text that arrives in pieces cut anywhere. White space between characters is skipped. */
struct wsc__b64_decoder {
    uint32_t acc;
    uint8_t have; /* characters in acc, 0..3 */
    uint8_t pad;  /* '=' seen */
};

void wsc__b64_decoder_init(struct wsc__b64_decoder *d);
/* Decodes until the input ends, out is full, or a foreign byte: *used is what was taken, *made what
 * was written. Returns false at a foreign byte (in[*used]) or misplaced padding. out_cap >= 3.
 * Must be fast on long runs: goal well over 1.5 GB of output per second, also by tables alone. */
bool wsc__b64_decode(struct wsc__b64_decoder *d, const char *in, size_t len, size_t *used,
                     uint8_t *out, size_t out_cap, size_t *made);
/* false when the text ended in the middle of a group (a partial group without padding) */
bool wsc__b64_decoder_done(const struct wsc__b64_decoder *d);

/* Appends the encoding of data. */
int wsc__b64_encode(struct wsc__buf *out, const void *data, size_t len);

#endif
