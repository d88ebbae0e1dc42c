/* Numbers with a fraction, as XML Schema and CIM write them, in the C locale whatever the
 * program's is. */
#define _GNU_SOURCE 1 /* strtod_l */
#include "base/str.h"

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool wsc__parse_double(const char *s, size_t len, double *out)
{
    char text[400]; /* the longest exact decimals have some 770 digits; nobody writes them */
    locale_t c;
    char *end;

    if (wsc__ieqn(s, len, "INF") || wsc__ieqn(s, len, "-INF")) {
        *out = *s == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (wsc__ieqn(s, len, "NaN")) {
        *out = (double)NAN;
        return true;
    }
    if (!len || len >= sizeof text)
        return false;
    memcpy(text, s, len);
    text[len] = '\0';
    if (strspn(text, "0123456789.eE+-") < len)
        return false; /* no hexadecimal, no words */
    c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    if (!c)
        return false;
    *out = strtod_l(text, &end, c);
    freelocale(c);
    return end == text + len;
}
