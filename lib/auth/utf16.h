/* UTF-16LE, in which Windows hashes and sends names and passwords. */
#ifndef WSC_AUTH_UTF16_H
#define WSC_AUTH_UTF16_H

#include "base/buf.h"

#include <stdbool.h>

/* One character of text that has passed wsc__utf8_bad_at: gives its bytes in UTF-8, and in *n the 2
 * or 4 bytes in UTF-16LE. len is not 0. upper: as Windows writes a user name before it hashes it.
 */
size_t wsc__utf16_char(const char *s, size_t len, bool upper, uint8_t out[4], size_t *n);
/* Appends all of it. WSC_E_NOMEM, WSC_E_LIMIT */
int wsc__utf16_append(struct wsc__buf *b, const char *s, size_t len, bool upper);

#endif
