/* A bounded, growable byte queue: append at the end, consume at the front.
 *
 * The ceiling is a constructor argument: growing past it is WSC_E_LIMIT, running out of memory
 * WSC_E_NOMEM; a failed append changes nothing. */
#ifndef WSC_BASE_BUF_H
#define WSC_BASE_BUF_H

#include "base/mem.h"

#include <stdint.h>

struct wsc__buf {
    const struct wsc__mem *mem;
    uint8_t *base; /* the allocation */
    size_t cap;    /* its size */
    size_t start;  /* first byte in use */
    size_t len;    /* bytes in use */
    size_t max;    /* ceiling of len */
    int secret;    /* wiped before every free and move */
};

void wsc__buf_init(struct wsc__buf *b, const struct wsc__mem *mem, size_t max);
void wsc__buf_free(struct wsc__buf *b);  /* back to the state after init */
void wsc__buf_reset(struct wsc__buf *b); /* empty, keeps the allocation */
const uint8_t *wsc__buf_data(const struct wsc__buf *b);
/* Room for n more bytes behind the data; *out points there. Follow with wsc__buf_added. */
int wsc__buf_reserve(struct wsc__buf *b, size_t n, uint8_t **out);
void wsc__buf_added(struct wsc__buf *b, size_t n);
int wsc__buf_append(struct wsc__buf *b, const void *data, size_t len);
int wsc__buf_puts(struct wsc__buf *b, const char *s);
int wsc__buf_putc(struct wsc__buf *b, char c);
int wsc__buf_put_u64(struct wsc__buf *b, uint64_t v); /* decimal, no locale */
/* NUL-terminated view of the content (the NUL is not counted in len); NULL when out of memory */
const char *wsc__buf_cstr(struct wsc__buf *b);
void wsc__buf_consume(struct wsc__buf *b, size_t n);

#endif
