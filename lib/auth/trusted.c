#include "auth/trusted.h"

#include "base/str.h"

#include <string.h>

enum kind { WRONG, EXACT, SUFFIX, PREFIX, LOCAL };

struct entry {
    enum kind kind;
    const char *text; /* without star and brackets */
    size_t len;
    const char *bad, *why; /* of WRONG */
};

static struct entry wrong(const char *at, const char *why)
{
    struct entry e = { .kind = WRONG, .bad = at, .why = why };

    return e;
}

static bool is_host_char(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           strchr("-._:%~[]", c);
}

static void strip_brackets(const char **s, size_t *len)
{
    if (*len >= 2 && **s == '[' && (*s)[*len - 1] == ']') {
        ++*s;
        *len -= 2;
    }
}

static bool all_digits(const char *s, const char *end)
{
    while (s < end && *s >= '0' && *s <= '9')
        s++;
    return s == end;
}

/* What may not stand in text, a pattern without its star. */
static struct entry check(const char *s, size_t len, enum kind kind)
{
    struct entry e = { .kind = kind, .text = s, .len = len };
    const char *colon = NULL;
    size_t colons = 0;

    for (size_t i = 0; i < len; i++) {
        if (s[i] == '*')
            return wrong(s + i, "a star is only possible at one end of an entry");
        if (s[i] == '[' || s[i] == ']')
            return wrong(s + i, "brackets only stand around the whole of an address");
        if (!s[i] || !is_host_char(s[i]))
            return wrong(s + i, wsc__is_space(s[i]) ? "put a comma between two entries"
                                                    : "a character that no host name has");
        if (s[i] == ':') {
            colon = s + i;
            colons++;
        }
    }
    if (kind == EXACT && colons == 1 && all_digits(colon + 1, s + len))
        return wrong(colon, "hosts are listed without port");
    return e;
}

/* One entry, without the blanks around it; only: it is all of the list. */
static struct entry read_entry(const char *s, size_t len, bool only)
{
    struct entry all = { .kind = PREFIX, .text = s };
    const char *text = s;
    size_t text_len = len;

    if (!len)
        return wrong(s, "an empty entry");
    if (wsc__ieqn(s, len, "<local>")) {
        all.kind = LOCAL;
        return all;
    }
    if (len == 1 && *s == '*')
        return only ? all : wrong(s, "a star that stands for every host must be the whole list");
    if (*s == '*')
        return check(s + 1, len - 1, SUFFIX);
    if (s[len - 1] == '*')
        return check(s, len - 1, PREFIX);
    strip_brackets(&text, &text_len);
    return text_len ? check(text, text_len, EXACT) : wrong(s, "brackets without an address");
}

/* The entry at *s, which moves behind its comma, to NULL at the end. */
static struct entry next_entry(const char *list, const char **s)
{
    const char *text = *s;
    size_t len = strcspn(text, ",");
    bool last = !text[len], only = text == list && last;

    *s = last ? NULL : text + len + 1;
    wsc__trim(&text, &len);
    return read_entry(text, len, only);
}

static bool is_empty(const char *list)
{
    while (list && wsc__is_space(*list))
        list++;
    return !list || !*list;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static bool equal(const char *a, const char *b, size_t len)
{
    size_t i = 0;

    while (i < len && lower(a[i]) == lower(b[i]))
        i++;
    return i == len;
}

static bool matches(const struct entry *e, const char *host, size_t len)
{
    switch (e->kind) {
    case EXACT:
        return len == e->len && equal(host, e->text, len);
    case SUFFIX:
        return len >= e->len && equal(host + len - e->len, e->text, e->len);
    case PREFIX:
        return len >= e->len && equal(host, e->text, e->len);
    case LOCAL: /* an IPv6 address has no dot, but is no name */
        return !memchr(host, '.', len) && !memchr(host, ':', len);
    default:
        return false;
    }
}

bool wsc__trusted_host(const char *list, const char *host)
{
    size_t len = host ? strlen(host) : 0;
    const char *s = list;

    if (!len || is_empty(list))
        return false;
    strip_brackets(&host, &len);
    while (s && len) {
        struct entry e = next_entry(list, &s);

        if (matches(&e, host, len))
            return true;
    }
    return false;
}

bool wsc__trusted_valid(const char *list, size_t *bad_at, const char **why)
{
    const char *s = is_empty(list) ? NULL : list;

    while (s) {
        struct entry e = next_entry(list, &s);

        if (e.kind == WRONG) {
            *bad_at = (size_t)(e.bad - list);
            *why = e.why;
            return false;
        }
    }
    return true;
}
