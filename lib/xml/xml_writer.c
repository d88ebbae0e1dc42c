#include "xml/xml_writer.h"

#include "base/b64.h"
#include "base/codes.h"
#include "base/str.h"

#include <string.h>

void wsc__xml_init(struct wsc__xml_writer *w, struct wsc__buf *out)
{
    memset(w, 0, sizeof *w);
    w->out = out;
}

static void put(struct wsc__xml_writer *w, const char *s, size_t len)
{
    if (!w->err)
        w->err = wsc__buf_append(w->out, s, len);
}

static void puts_(struct wsc__xml_writer *w, const char *s)
{
    put(w, s, strlen(s));
}

/* a, the name, b: in one go */
static void put_around(struct wsc__xml_writer *w, const char *a, const char *qname, const char *b)
{
    size_t alen = strlen(a), len = strlen(qname), blen = strlen(b);
    uint8_t *p;

    if (!w->err)
        w->err = wsc__buf_reserve(w->out, alen + len + blen, &p);
    if (w->err)
        return;
    memcpy(p, a, alen);
    memcpy(p + alen, qname, len);
    memcpy(p + alen + len, b, blen);
    wsc__buf_added(w->out, alen + len + blen);
}

static void close_tag(struct wsc__xml_writer *w)
{
    if (w->open)
        put(w, ">", 1);
    w->open = false;
}

void wsc__xml_start(struct wsc__xml_writer *w, const char *qname)
{
    put_around(w, w->open ? "><" : "<", qname, "");
    w->open = true;
}

void wsc__xml_start_raw(struct wsc__xml_writer *w, const char *xml, size_t len)
{
    put(w, xml, len);
    w->open = true;
}

/* How much at the beginning is printable ASCII that stands for itself, in text and attributes. */
static size_t plain_part(const char *s, size_t len)
{
#define EIGHT(at) [at] = 1, 1, 1, 1, 1, 1, 1, 1
    static const bool plain[256] = {
        /* all but '"' (34), '&' (38), '<' (60), '>' (62) and DEL */
        [32] = 1,  1,         [35] = 1,  1,         1,         [39] = 1,   EIGHT(40),
        EIGHT(48), [56] = 1,  1,         1,         1,         [61] = 1,   [63] = 1,
        EIGHT(64), EIGHT(72), EIGHT(80), EIGHT(88), EIGHT(96), EIGHT(104), EIGHT(112),
        [120] = 1, 1,         1,         1,         1,         1,          1,
    };
#undef EIGHT
    size_t i = 0;

    while (i < len && plain[(unsigned char)s[i]])
        i++;
    return i;
}

/* What a character becomes, or NULL when it stands for itself. White space in attributes would
 * otherwise be read as blanks, and CR in text as LF (XML 1.0, 2.11 and 3.3.3). */
static const char *escape(char c, bool attr)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;"; /* "]]>" may not stand in text */
    case '\r':
        return "&#13;";
    case '"':
        return attr ? "&quot;" : NULL;
    case '\n':
        return attr ? "&#10;" : NULL;
    case '\t':
        return attr ? "&#9;" : NULL;
    default:
        return NULL;
    }
}

static void put_escaped(struct wsc__xml_writer *w, const char *s, size_t len, bool attr)
{
    size_t i, from = 0, bad;

    if (w->err)
        return;
    if (plain_part(s, len) == len) { /* nearly always */
        put(w, s, len);
        return;
    }
    bad = wsc__utf8_bad_at(s, len, true);
    if (bad < len) {
        w->err = WSC_E_USAGE;
        w->bad_at = bad;
        return;
    }
    for (i = 0; i < len; i++) {
        const char *e = escape(s[i], attr);

        if (!e)
            continue;
        put(w, s + from, i - from);
        puts_(w, e);
        from = i + 1;
    }
    put(w, s + from, len - from);
}

void wsc__xml_attr(struct wsc__xml_writer *w, const char *qname, const char *value)
{
    put_around(w, " ", qname, "=\"");
    put_escaped(w, value, strlen(value), true);
    put(w, "\"", 1);
}

void wsc__xml_text_n(struct wsc__xml_writer *w, const char *text, size_t len)
{
    if (!len)
        return;
    close_tag(w);
    put_escaped(w, text, len, false);
}

void wsc__xml_text(struct wsc__xml_writer *w, const char *text)
{
    wsc__xml_text_n(w, text, strlen(text));
}

void wsc__xml_int(struct wsc__xml_writer *w, int64_t v)
{
    close_tag(w);
    if (v < 0)
        put(w, "-", 1);
    if (!w->err)
        w->err = wsc__buf_put_u64(w->out, v < 0 ? 0 - (uint64_t)v : (uint64_t)v);
}

void wsc__xml_base64(struct wsc__xml_writer *w, const void *data, size_t len)
{
    if (!len)
        return;
    close_tag(w);
    if (!w->err)
        w->err = wsc__b64_encode(w->out, data, len);
}

void wsc__xml_raw(struct wsc__xml_writer *w, const void *xml, size_t len)
{
    if (!len)
        return;
    close_tag(w);
    put(w, xml, len);
}

void wsc__xml_end(struct wsc__xml_writer *w, const char *qname)
{
    if (w->open) {
        put(w, "/>", 2);
        w->open = false;
        return;
    }
    put_around(w, "</", qname, ">");
}

void wsc__xml_elem(struct wsc__xml_writer *w, const char *qname, const char *text)
{
    if (!text)
        return;
    wsc__xml_start(w, qname);
    wsc__xml_text(w, text);
    wsc__xml_end(w, qname);
}
