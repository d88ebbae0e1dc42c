#include "base/str.h"

#include <string.h>

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool wsc__ieq(const char *a, const char *b)
{
    if (!a || !b)
        return a == b;
    while (*a && (*a == *b || lower(*a) == lower(*b))) { /* mostly the case is the same, too */
        a++;
        b++;
    }
    return !*a && !*b;
}

bool wsc__ieqn(const char *a, size_t alen, const char *b)
{
    if (!a || !b)
        return a == b;
    for (size_t i = 0; i < alen; i++) {
        if (!b[i] || lower(a[i]) != lower(b[i]))
            return false;
    }
    return b[alen] == '\0';
}

bool wsc__istarts(const char *s, size_t len, const char *prefix)
{
    for (size_t i = 0; prefix[i]; i++) {
        if (i >= len || lower(s[i]) != lower(prefix[i]))
            return false;
    }
    return true;
}

bool wsc__is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

void wsc__trim(const char **s, size_t *len)
{
    while (*len && wsc__is_space(**s)) {
        (*s)++;
        (*len)--;
    }
    while (*len && wsc__is_space((*s)[*len - 1]))
        (*len)--;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static int digit(char c, unsigned base)
{
    int v = -1;

    if (c >= '0' && c <= '9')
        v = c - '0';
    else if (lower(c) >= 'a' && lower(c) <= 'f')
        v = lower(c) - 'a' + 10;
    return v < (int)base ? v : -1;
}

static bool parse_unsigned(const char *s, size_t len, unsigned base, uint64_t *out)
{
    uint64_t v = 0;

    if (!len)
        return false;
    for (size_t i = 0; i < len; i++) {
        int d = digit(s[i], base);

        if (d < 0 || v > (UINT64_MAX - (unsigned)d) / base)
            return false;
        v = v * base + (unsigned)d;
    }
    *out = v;
    return true;
}

bool wsc__parse_u64(const char *s, size_t len, uint64_t *out)
{
    return parse_unsigned(s, len, 10, out);
}

bool wsc__parse_hex(const char *s, size_t len, uint64_t *out)
{
    return parse_unsigned(s, len, 16, out);
}

bool wsc__parse_i64(const char *s, size_t len, int64_t *out)
{
    bool minus = len && *s == '-';
    uint64_t v, top = (uint64_t)INT64_MAX + minus;

    if (!parse_unsigned(s + minus, len - minus, 10, &v) || v > top)
        return false;
    *out = minus ? (v == top ? INT64_MIN : -(int64_t)v) : (int64_t)v;
    return true;
}

/* *sum += v * unit; false when that is more than an int64_t holds. */
static bool add_units(uint64_t *sum, uint64_t v, uint64_t unit)
{
    if (v > ((uint64_t)INT64_MAX - *sum) / unit)
        return false;
    *sum += v * unit;
    return true;
}

#define MS_SECOND UINT64_C(1000)
#define MS_MINUTE (60 * MS_SECOND)
#define MS_HOUR   (60 * MS_MINUTE)
#define MS_DAY    (24 * MS_HOUR)

bool wsc__parse_duration_ms(const char *s, size_t len, int64_t *out)
{
    static const struct {
        const char *word;
        uint64_t unit;
    } units[] = { { "", 1 },          { "ms", 1 },      { "s", MS_SECOND },
                  { "m", MS_MINUTE }, { "h", MS_HOUR }, { "d", MS_DAY } };
    size_t digits = 0;
    uint64_t v, sum = 0;

    while (digits < len && s[digits] >= '0' && s[digits] <= '9')
        digits++;
    if (!wsc__parse_u64(s, digits, &v))
        return false;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t n = strlen(units[i].word);

        if (len - digits != n || memcmp(s + digits, units[i].word, n))
            continue;
        if (!add_units(&sum, v, units[i].unit))
            return false;
        *out = (int64_t)sum;
        return true;
    }
    return false;
}

/* --- UTF-8 ------------------------------------------------------------------------------------ */

#define BYTES(b) (UINT64_C(0x0101010101010101) * (b))

/* No byte of the word above 0x7f and, when xml is set, none below 0x20. */
static bool plain_word(const char *s, bool xml)
{
    uint64_t w;

    memcpy(&w, s, sizeof w);
    if (w & BYTES(0x80))
        return false;
    /* all bytes are below 0x80 here: adding 0x60 sets the top bit of those from 0x20 up */
    return !xml || ((w + BYTES(0x60)) & BYTES(0x80)) == BYTES(0x80);
}

/* Length of the well-formed character at s (Unicode table 3-7), 0 for none; its value in *cp. */
static size_t utf8_char(const unsigned char *s, size_t len, uint32_t *cp)
{
    unsigned char c = s[0];
    size_t n = c < 0x80 ? 1 : c < 0xc2 ? 0 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : c < 0xf5 ? 4 : 0;
    uint32_t v;

    if (!n || n > len)
        return 0;
    v = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        v = v << 6 | (s[i] & 0x3fu);
    }
    if ((n == 3 && v < 0x800) || (n == 4 && (v < 0x10000 || v > 0x10ffff)) ||
        (v >= 0xd800 && v <= 0xdfff))
        return 0;
    *cp = v;
    return n;
}

size_t wsc__utf8_bad_at(const char *s, size_t len, bool xml)
{
    size_t at = 0;

    while (at < len) {
        uint32_t cp;
        size_t n;

        if (len - at >= 8 && plain_word(s + at, xml)) {
            at += 8;
            continue;
        }
        n = utf8_char((const unsigned char *)s + at, len - at, &cp);
        if (!n)
            return at;
        if (xml && ((cp < 0x20 && !wsc__is_space((char)cp)) || cp == 0xfffe || cp == 0xffff))
            return at;
        at += n;
    }
    return len;
}

bool wsc__xml_text_ok(const char *s)
{
    size_t len = strlen(s);

    return wsc__utf8_bad_at(s, len, true) == len;
}

/* --- names and secrets ------------------------------------------------------------------------ */

#define WORD_MAX 64

unsigned wsc__distance(const char *a, const char *b, unsigned max)
{
    size_t alen = strlen(a), blen = strlen(b);
    size_t diff = alen > blen ? alen - blen : blen - alen;
    unsigned row[WORD_MAX + 1];

    if (diff > max || blen > WORD_MAX || alen > WORD_MAX)
        return max + 1;
    for (unsigned j = 0; j <= blen; j++)
        row[j] = j;
    for (unsigned i = 1; i <= alen; i++) {
        unsigned diagonal = row[0]; /* the row before, one to the left */

        row[0] = i;
        for (size_t j = 1; j <= blen; j++) {
            unsigned same = diagonal + (lower(a[i - 1]) != lower(b[j - 1]));
            unsigned gap = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;

            diagonal = row[j];
            row[j] = same < gap ? same : gap;
        }
    }
    return row[blen] > max ? max + 1 : row[blen];
}

bool wsc__equal_secret(const void *a, const void *b, size_t len)
{
    const volatile unsigned char *x = a, *y = b;
    unsigned char differ = 0;

    for (size_t i = 0; i < len; i++)
        differ = (unsigned char)(differ | (x[i] ^ y[i]));
    return !differ;
}

void wsc__copy_text(char *out, size_t cap, const char *s)
{
    size_t n = strlen(s);

    if (n >= cap)
        n = cap - 1;
    memcpy(out, s, n);
    out[n] = '\0';
}

const char *wsc__show_text(char *out, size_t cap, const char *text, size_t len)
{
    size_t n = len < cap - 4 ? len : cap - 4, i;

    while (n && n < len && (text[n] & 0xc0) == 0x80) /* not through a character of UTF-8 */
        n--;
    for (i = 0; i < n; i++)
        out[i] = (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? '?' : text[i];
    memcpy(out + n, n < len ? "..." : "", n < len ? 4 : 1);
    return out;
}
