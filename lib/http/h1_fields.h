/* Inside http/ only: what the reader, the header lines and the challenges share. */
#ifndef WSC_HTTP_H1_FIELDS_H
#define WSC_HTTP_H1_FIELDS_H

#include "http/h1.h"

bool wsc__h1_is_token_char(char c); /* RFC 9110 5.6.2 */
/* Length of the token at s. */
size_t wsc__h1_token(const char *s, size_t len);

/* One header line without its line end: into r->head, or only checked (trailers). Returns WSC_OK,
 * or a code with *err set. */
int wsc__h1_field_line(struct wsc__h1_reply *r, const uint8_t *line, size_t len, bool keep,
                       struct wsc_error **err);
/* The head is complete: how the body is framed, and whether the connection stays. */
int wsc__h1_framing(struct wsc__h1_reply *r, struct wsc_error **err);

/* The next element of a comma-separated list, quoted strings left whole; false at the end. */
bool wsc__h1_next_element(const char **s, size_t *left, const char **item, size_t *len);

/* The bytes as text for messages: what is not printable as \xNN. Always terminated. */
void wsc__h1_excerpt(const uint8_t *data, size_t len, char *out, size_t cap);

#endif
