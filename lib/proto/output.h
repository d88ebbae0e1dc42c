/* What a command has said and nobody has read yet: two streams, and the order in which they came.
 */
#ifndef WSC_PROTO_OUTPUT_H
#define WSC_PROTO_OUTPUT_H

#include "base/buf.h"

struct wsc__run { /* so many bytes of one stream */
    uint32_t len;
    int stream;
};

struct wsc__output {
    const struct wsc__mem *mem;
    struct wsc__buf data[2]; /* stdout, stderr */
    struct wsc__run *runs;   /* in the order of production */
    size_t first, nruns, cap;
    uint64_t taken; /* in all: tells whether somebody has read meanwhile */
};

void wsc__output_init(struct wsc__output *o, const struct wsc__mem *mem);
void wsc__output_free(struct wsc__output *o);
int wsc__output_add(struct wsc__output *o, int stream, const void *data, size_t len);
size_t
wsc__output_size(const struct wsc__output *o); /* of both streams, with what the order costs */
/* The next piece of one stream (1, 2) or of whichever comes next (0): its stream, or 0 when there
 * is none. */
int wsc__output_next(const struct wsc__output *o, int stream, const uint8_t **data, size_t *len);
void wsc__output_take(struct wsc__output *o, int stream,
                      size_t len); /* stream as wsc__output_next gave it */

#endif
