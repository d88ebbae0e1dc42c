/* A configuration that was saved: XML, or JSON, of which the same tree is made. */
#include "config.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MOST 32
#define FILE_MOST  16777216

/* --- JSON ------------------------------------------------------------------------------------- */

struct reading {
    const char *p;
    bool bad;
    char *text; /* of the last string */
    size_t cap;
};

static void blanks(struct reading *r)
{
    r->p += strspn(r->p, " \t\r\n");
}

static bool take(struct reading *r, char c)
{
    blanks(r);
    if (r->bad || *r->p != c)
        return false;
    r->p++;
    return true;
}

static unsigned hex4(struct reading *r)
{
    char digits[5] = "";
    size_t n = 0;

    while (n < 4 && r->p[n] && strchr("0123456789abcdefABCDEF", r->p[n])) {
        digits[n] = r->p[n];
        n++;
    }
    r->bad |= n < 4;
    r->p += n;
    return (unsigned)strtoul(digits, NULL, 16);
}

static size_t utf8(char *out, unsigned c)
{
    static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };
    size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

    for (i = n - 1; i > 0; i--, c >>= 6)
        out[i] = (char)(0x80 | (c & 0x3f));
    out[0] = (char)(n == 1 ? c : first[n - 1] | c);
    return n;
}

/* Behind the backslash; out has room for what it becomes. */
static size_t escape(struct reading *r, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at = *r->p ? strchr(from, *r->p) : NULL;
    unsigned c;

    if (at) {
        r->p++;
        *out = to[at - from];
        return 1;
    }
    r->bad |= *r->p != 'u';
    if (r->bad)
        return 0;
    r->p++;
    c = hex4(r);
    if (c >= 0xd800 && c < 0xdc00 && r->p[0] == '\\' && r->p[1] == 'u') {
        unsigned low;

        r->p += 2;
        low = hex4(r);
        r->bad |= low < 0xdc00 || low > 0xdfff;
        c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
    }
    r->bad |= c == 0;
    return utf8(out, c);
}

/* Into r->text. */
static bool string(struct reading *r)
{
    size_t n = 0;

    if (!take(r, '"'))
        return false;
    while (!r->bad && *r->p != '"') {
        if (n + 8 > r->cap) {
            char *more = realloc(r->text, r->cap * 2 + 64);

            r->bad |= !more;
            if (!more)
                break;
            r->text = more;
            r->cap = r->cap * 2 + 64;
        }
        if ((unsigned char)*r->p < ' ') {
            r->bad = true;
        } else if (*r->p == '\\') {
            r->p++;
            n += escape(r, r->text + n);
        } else {
            r->text[n++] = *r->p++;
        }
    }
    r->bad |= *r->p != '"';
    if (r->bad)
        return false;
    r->p++;
    if (!r->text && !(r->text = malloc(r->cap = 64)))
        r->bad = true;
    else
        r->text[n] = '\0';
    return !r->bad;
}

static void value(struct reading *r, wsc_value *into, const char *name, unsigned depth);

/* "NAME@ATTRIBUTE" of the element NAME that was read before, "@ATTRIBUTE" of this one. */
static void attribute(struct reading *r, wsc_value *of, char *name, char *at)
{
    *at = '\0';
    if (at != name)
        of = value_own(wsc_value_find(of, name, 0));
    if (!string(r) || !of || wsc_value_set_attr(of, NULL, at + 1, r->text) != WSC_OK)
        r->bad = true;
}

static void object(struct reading *r, wsc_value *into, unsigned depth)
{
    if (take(r, '}'))
        return;
    do {
        char *name = string(r) ? strdup(r->text) : NULL, *at = name ? strchr(name, '@') : NULL;

        if (!name || !take(r, ':'))
            r->bad = true;
        else if (at)
            attribute(r, into, name, at);
        else
            value(r, into, name, depth);
        free(name);
    } while (take(r, ','));
    r->bad |= !take(r, '}');
}

/* An array is elements of one name; at the top they are the elements of a section. */
static void array(struct reading *r, wsc_value *into, const char *name, unsigned depth)
{
    if (depth == 0) {
        if (wsc_value_add(into, NULL, name, "", &into) != WSC_OK)
            r->bad = true;
        name = "Item";
    }
    if (take(r, ']'))
        return;
    do
        value(r, into, name, depth + 1);
    while (take(r, ','));
    r->bad |= !take(r, ']');
}

static void word(struct reading *r, wsc_value *into, const char *name)
{
    size_t len = strcspn(r->p, ",]} \t\r\n");
    char text[64];

    if (!len || len >= sizeof text) {
        r->bad = true;
        return;
    }
    memcpy(text, r->p, len);
    text[len] = '\0';
    if (strcmp(text, "true") && strcmp(text, "false") && strcmp(text, "null") &&
        strspn(text, "0123456789+-.eE") != len)
        r->bad = true;
    else if (wsc_value_add(into, NULL, name, strcmp(text, "null") ? text : NULL, NULL) != WSC_OK)
        r->bad = true;
    r->p += r->bad ? 0 : len;
}

static void value(struct reading *r, wsc_value *into, const char *name, unsigned depth)
{
    wsc_value *child = NULL;

    r->bad |= depth > DEPTH_MOST;
    if (take(r, '{')) {
        if (wsc_value_add(into, NULL, name, "", &child) != WSC_OK)
            r->bad = true;
        else
            object(r, child, depth + 1);
    } else if (take(r, '[')) {
        array(r, into, name, depth);
    } else if (!r->bad && *r->p == '"') {
        if (!string(r) || wsc_value_add(into, NULL, name, r->text, NULL) != WSC_OK)
            r->bad = true;
    } else if (!r->bad) {
        word(r, into, name);
    }
}

bool config_from_json(wsc_value **out, const char *text, size_t *at)
{
    struct reading r = { text, false, NULL, 0 };
    wsc_value *v = NULL;

    *at = utf8_bad_at(text, strlen(text));
    if (text[*at])
        return false;
    r.bad = wsc_value_new(&v, "", "Configuration") != WSC_OK || !take(&r, '{');
    if (!r.bad)
        object(&r, v, 0);
    blanks(&r);
    r.bad |= *r.p != '\0';
    free(r.text);
    if (r.bad) {
        *at = (size_t)(r.p - text);
        wsc_value_unref(v);
        return false;
    }
    *out = v;
    return true;
}

/* --- files ------------------------------------------------------------------------------------ */

static int unread(const char *name, const char *why)
{
    say("OTHER: %s cannot be read: %s", in_short(name), why);
    return EXIT_USAGE;
}

static char *whole(const char *name, int *error)
{
    FILE *f = fopen(name, "rb");
    char *text = f ? malloc(FILE_MOST + 1) : NULL;
    size_t n;

    *error = f && text ? 0 : errno;
    if (!*error) {
        n = fread(text, 1, FILE_MOST + 1, f);
        *error = ferror(f) ? errno : n > FILE_MOST ? EFBIG : 0;
        text[*error ? 0 : n] = '\0';
    }
    if (f)
        fclose(f);
    if (!*error)
        return text;
    free(text);
    return NULL;
}

int config_load(struct config_doc *d, const char *name)
{
    size_t at = 0, line = 1, begin, i;
    int error = 0;
    char *text = whole(name, &error);
    bool good;

    if (!text)
        return unread(name, strerror(error));
    begin = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    begin += strspn(text + begin, " \t\r\n");
    if (text[begin] == '<')
        good = wsc_value_parse(&d->value, text + begin, strlen(text + begin), &at) == WSC_OK;
    else
        good = config_from_json(&d->value, text + begin, &at);
    for (i = 0; i < begin + at; i++)
        line += text[i] == '\n';
    if (!good) {
        say("OTHER: %s, line %zu: neither XML nor JSON of `wsc config show`", in_short(name), line);
        show_caret(stderr, text, begin + at);
    } else if (!config_section(d, 0)) {
        say("OTHER: %s holds no configuration", in_short(name));
        fprintf(stderr, "  try: wsc config show --json HOST > %s\n", in_short(name));
        good = false;
    }
    free(text);
    return good ? 0 : EXIT_USAGE;
}
