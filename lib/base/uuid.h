#ifndef WSC_BASE_UUID_H
#define WSC_BASE_UUID_H

/* Identifiers of messages, sessions, shells and commands. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WSC__UUID_LEN 36

/* Fills buf with len random bytes; returns 0, or a negative code. Injected: no layer calls the
 * system's generator by itself. */
struct wsc__rng {
    int (*fill)(void *buf, size_t len, void *user_data);
    void *user_data;
};

/* RFC 4122 version 4, upper case as Windows writes it, NUL-terminated. */
void wsc__uuid_format(const uint8_t random[16], char out[WSC__UUID_LEN + 1]);
/* 8-4-4-4-12 hexadecimal digits, any case, no braces */
bool wsc__uuid_valid(const char *s);

#endif
