#include "base/datetime.h"

#include "base/codes.h"

#include <string.h>

#define TICKS_PER_SECOND INT64_C(10000000)

struct cursor {
    const char *s, *end;
    bool bad;
    bool large; /* of the right form, but more than 64 bits of ticks */
};

static char peek(const struct cursor *c)
{
    return c->s < c->end ? *c->s : '\0';
}

static bool take(struct cursor *c, char what)
{
    if (peek(c) != what)
        return false;
    c->s++;
    return true;
}

static void want(struct cursor *c, char what)
{
    if (!take(c, what))
        c->bad = true;
}

/* Exactly n digits, in min..max. */
static int digits(struct cursor *c, int n, int min, int max)
{
    int v = 0, i;

    for (i = 0; i < n; i++) {
        char d = peek(c);

        if (d < '0' || d > '9') {
            c->bad = true;
            return min;
        }
        v = v * 10 + (d - '0');
        c->s++;
    }
    if (v < min || v > max)
        c->bad = true;
    return v;
}

/* Digits of a fraction of a second; more than seven are cut off. stars: CIM's "not known". */
static int64_t fraction(struct cursor *c, bool stars)
{
    int64_t v = 0, unit = TICKS_PER_SECOND;
    bool any = false;
    char d;

    for (; d = peek(c), (d >= '0' && d <= '9') || (stars && d == '*'); c->s++) {
        any = true;
        unit /= 10;
        v += d == '*' ? 0 : unit * (d - '0');
    }
    if (!any)
        c->bad = true;
    return v;
}

/* Days since 1970-01-01 in the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
    int y = month <= 2 ? year - 1 : year;
    int era = y / 400, of_era = y % 400; /* years are positive */
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return (int64_t)era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int month_length(int year, int month)
{
    static const int length[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return month == 2 && leap ? 29 : length[month - 1];
}

static int64_t date(struct cursor *c, bool dashes)
{
    int year, month, day;

    year = digits(c, 4, 1, 9999);
    if (dashes)
        want(c, '-');
    month = digits(c, 2, 1, 12);
    if (dashes)
        want(c, '-');
    day = digits(c, 2, 1, 31);
    if (c->bad || day > month_length(year, month)) {
        c->bad = true;
        return 0;
    }
    return days_of(year, month, day) * 86400;
}

static int64_t time_of_day(struct cursor *c, bool colons)
{
    int64_t hour, minute, second;

    hour = digits(c, 2, 0, 24);
    if (colons)
        want(c, ':');
    minute = digits(c, 2, 0, 59);
    if (colons)
        want(c, ':');
    second = digits(c, 2, 0, 60); /* 60: a leap second */
    if (hour == 24 && (minute || second))
        c->bad = true;
    return hour * 3600 + minute * 60 + second;
}

static int32_t zone(struct cursor *c)
{
    int sign = peek(c) == '-' ? -1 : 1, minutes;

    if (take(c, 'Z'))
        return 0;
    if (c->s == c->end)
        return WSC__NO_OFFSET;
    if (!take(c, '-'))
        want(c, '+');
    minutes = digits(c, 2, 0, 14) * 60;
    want(c, ':');
    minutes += digits(c, 2, 0, 59);
    if (minutes > 14 * 60)
        c->bad = true;
    return sign * minutes;
}

static int32_t cim_zone(struct cursor *c)
{
    int sign = peek(c) == '-' ? -1 : 1;

    if (!take(c, '-'))
        want(c, '+');
    if (c->end - c->s == 3 && !memcmp(c->s, "***", 3)) {
        c->s += 3;
        return WSC__NO_OFFSET;
    }
    return sign * digits(c, 3, 0, 999);
}

bool wsc__parse_datetime(const char *s, size_t len, int64_t *ticks, int32_t *offset)
{
    struct cursor c = { .s = s, .end = s + len };
    bool cim = len == 25 && s[14] == '.';
    int64_t seconds = date(&c, !cim), rest = 0;

    if (cim) {
        seconds += time_of_day(&c, false);
        want(&c, '.');
        rest = fraction(&c, true);
        *offset = cim_zone(&c);
    } else {
        if (take(&c, 'T')) {
            seconds += time_of_day(&c, true);
            if (take(&c, '.'))
                rest = fraction(&c, false);
        }
        *offset = zone(&c);
    }
    if (c.bad || c.s != c.end)
        return false;
    if (*offset != WSC__NO_OFFSET)
        seconds -= *offset * 60;
    *ticks = seconds * TICKS_PER_SECOND + rest;
    return true;
}

/* --- durations -------------------------------------------------------------------------------- */

static void add(struct cursor *c, int64_t *sum, int64_t v, int64_t unit)
{
    if (v > INT64_MAX / unit || *sum > INT64_MAX - v * unit)
        c->large = true;
    else
        *sum += v * unit;
}

static int64_t number(struct cursor *c)
{
    int64_t v = 0;
    const char *from = c->s;
    char d;

    for (; d = peek(c), d >= '0' && d <= '9'; c->s++) {
        c->large |= v > (INT64_MAX - 9) / 10;
        v = c->large ? 0 : v * 10 + (d - '0');
    }
    if (c->s == from)
        c->bad = true;
    return v;
}

static int64_t cim_interval(struct cursor *c)
{
    int64_t days = digits(c, 8, 0, 99999999);
    int64_t hours = digits(c, 2, 0, 23), minutes = digits(c, 2, 0, 59);
    int64_t seconds = digits(c, 2, 0, 59), ticks;

    want(c, '.');
    ticks = fraction(c, true);
    if (c->end - c->s != 4 || memcmp(c->s, ":000", 4) != 0)
        c->bad = true;
    seconds += ((days * 24 + hours) * 60 + minutes) * 60;
    add(c, &ticks, seconds, TICKS_PER_SECOND); /* CIM's days go further than ticks */
    return ticks;
}

static const struct {
    char letter;
    bool time;
    int64_t seconds;
} units[] = { { 'Y', false, 365 * 86400 }, { 'M', false, 30 * 86400 }, { 'D', false, 86400 },
              { 'H', true, 3600 },         { 'M', true, 60 },          { 'S', true, 1 } };
enum { DAYS = 2, SECONDS = 5, NUNITS };

/* One "12H" after the other, in the order of the units, each at most once. */
static int64_t parts(struct cursor *c, size_t from)
{
    bool time = false, any = false;
    int64_t sum = 0;
    size_t i = from;

    while (c->s < c->end && !c->bad) {
        int64_t v, rest = 0;
        bool point;

        if (!time && take(c, 'T'))
            time = true;
        v = number(c);
        point = take(c, '.');
        if (point)
            rest = fraction(c, false);
        while (i < NUNITS && (units[i].letter != peek(c) || units[i].time != time))
            i++;
        any = !c->bad && i < NUNITS && (!point || i == SECONDS);
        if (!any)
            break;
        add(c, &sum, v, units[i].seconds * TICKS_PER_SECOND);
        add(c, &sum, rest, 1);
        c->s++;
        i++;
    }
    c->bad |= !any;
    return sum;
}

int wsc__parse_duration_ticks(const char *s, size_t len, int64_t *ticks)
{
    struct cursor c = { .s = s, .end = s + len };
    int64_t sum;
    bool minus = false;

    if (len == 25 && s[14] == '.') {
        sum = cim_interval(&c);
    } else {
        minus = take(&c, '-');
        want(&c, 'P');
        /* zero in units that have no fixed length says nothing */
        if (c.end - c.s >= 2 && !memcmp(c.s, "0Y", 2))
            c.s += 2;
        if (c.end - c.s >= 2 && !memcmp(c.s, "0M", 2))
            c.s += 2;
        sum = parts(&c, DAYS);
    }
    if (c.bad || c.large)
        return c.bad ? WSC_E_PROTOCOL : WSC_E_LIMIT;
    *ticks = minus ? -sum : sum;
    return WSC_OK;
}

bool wsc__parse_xs_duration_ms(const char *s, size_t len, int64_t *out)
{
    struct cursor c = { .s = s, .end = s + len };
    int64_t sum;

    want(&c, 'P');
    sum = parts(&c, 0);
    if (c.bad || c.large)
        return false;
    *out = sum / (TICKS_PER_SECOND / 1000);
    return true;
}
