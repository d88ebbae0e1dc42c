#include "auth/utf16.h"

#include "base/codes.h"

#include <unicase.h>

/* Windows maps one unit of UTF-16 to one unit by a table of its own, whatever the locale. That is
 * Unicode's simple mapping where it leads back to the letter (not from dotless i, long s, the micro
 * sign, title case), for the final sigma besides, and for no letter that was given a capital later
 * than Windows its table. */
static uint32_t upper_case(uint32_t c)
{
    uint32_t up = c < 0x10000 ? uc_toupper(c) : c;
    bool cherokee = up >= 0x13a0 && up <= 0x13f5, georgian = up >= 0x1c90 && up <= 0x1cbf;
    bool back = uc_tolower(up) == c || c == 0x03c2;

    return up < 0x10000 && back && !cherokee && !georgian ? up : c;
}

static void put_unit(uint8_t out[2], uint32_t unit)
{
    out[0] = (uint8_t)unit;
    out[1] = (uint8_t)(unit >> 8);
}

size_t wsc__utf16_char(const char *s, size_t len, bool upper, uint8_t out[4], size_t *n)
{
    const uint8_t *p = (const uint8_t *)s;
    size_t used = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
    uint32_t c = used == 1 ? p[0] : p[0] & (0x7fu >> used);

    if (used > len)
        used = len;
    for (size_t i = 1; i < used; i++)
        c = c << 6 | (p[i] & 0x3f);
    if (upper)
        c = upper_case(c);
    if (c < 0x10000) {
        put_unit(out, c);
        *n = 2;
    } else {
        put_unit(out, 0xd800 + ((c - 0x10000) >> 10));
        put_unit(out + 2, 0xdc00 + (c & 0x3ff));
        *n = 4;
    }
    return used;
}

int wsc__utf16_append(struct wsc__buf *b, const char *s, size_t len, bool upper)
{
    while (len) {
        uint8_t unit[4];
        size_t n, used = wsc__utf16_char(s, len, upper, unit, &n);
        int rc = wsc__buf_append(b, unit, n);

        if (rc)
            return rc;
        s += used;
        len -= used;
    }
    return WSC_OK;
}
