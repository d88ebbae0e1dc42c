/* Strings without locale: ASCII case, numbers, durations, UTF-8, nearest names. */
#ifndef WSC_BASE_STR_H
#define WSC_BASE_STR_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool wsc__ieq(const char *a, const char *b);               /* ASCII case ignored; NULL != "" */
bool wsc__ieqn(const char *a, size_t alen, const char *b); /* a[0..alen) against all of b */
bool wsc__istarts(const char *s, size_t len, const char *prefix);
bool wsc__is_space(char c);
void wsc__trim(const char **s, size_t *len); /* white space of XML and HTTP at both ends */

/* Whole text or nothing: false for empty text, overflow or a foreign character. */
bool wsc__parse_u64(const char *s, size_t len, uint64_t *out);
bool wsc__parse_i64(const char *s, size_t len, int64_t *out);
/* Too large a one is infinite. */
bool wsc__parse_double(const char *s, size_t len, double *out);
bool wsc__parse_hex(const char *s, size_t len, uint64_t *out);
/* 240000, 500ms, 30s, 4m, 2h, 1d -> milliseconds */
bool wsc__parse_duration_ms(const char *s, size_t len, int64_t *out);

/* Offset of the first byte that is not valid UTF-8, or that starts a character which XML 1.0
 * cannot carry (2.2 [2] Char) when xml is set; len when all is well. */
size_t wsc__utf8_bad_at(const char *s, size_t len, bool xml);
/* All of it can stand in XML. */
bool wsc__xml_text_ok(const char *s);

/* Copies what fits, always terminated. */
void wsc__copy_text(char *out, size_t cap, const char *s);

/* A piece of foreign text fit to stand in an error: cut to cap (5 at least) with "..." at its end,
 * and without control characters. Returns out. */
#define WSC__SHOWN 104 /* cap enough for a name, a value or a host that somebody mistyped */
const char *wsc__show_text(char *out, size_t cap, const char *text, size_t len);

/* Levenshtein distance with case ignored, for "did you mean"; capped at max + 1. */
unsigned wsc__distance(const char *a, const char *b, unsigned max);

/* Constant-time comparison. */
bool wsc__equal_secret(const void *a, const void *b, size_t len);

#endif
