/* Bytes as tests write them. */
#ifndef WSC_TEST_HEX_H
#define WSC_TEST_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HEX_MAX 400

static inline size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    unsigned byte;

    for (; *hex && n < HEX_MAX; hex += 2) {
        while (*hex == ' ')
            hex++;
        if (sscanf(hex, "%2x", &byte) == 1)
            out[n++] = (uint8_t)byte;
    }
    return n;
}

#endif
