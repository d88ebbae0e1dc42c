#include "base/uuid.h"

void wsc__uuid_format(const uint8_t random[16], char out[WSC__UUID_LEN + 1])
{
    static const char hex[] = "0123456789ABCDEF";
    size_t at = 0;

    for (size_t i = 0; i < 16; i++) {
        uint8_t b = random[i];

        if (i == 6)
            b = (uint8_t)(0x40 | (b & 0x0f)); /* version 4 */
        if (i == 8)
            b = (uint8_t)(0x80 | (b & 0x3f)); /* variant of RFC 4122 4.1.1 */
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[b >> 4];
        out[at++] = hex[b & 15];
    }
    out[at] = '\0';
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool wsc__uuid_valid(const char *s)
{
    if (!s)
        return false;
    for (size_t i = 0; i < WSC__UUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? s[i] != '-' : !is_hex(s[i]))
            return false; /* also at an early NUL */
    }
    return s[WSC__UUID_LEN] == '\0';
}
