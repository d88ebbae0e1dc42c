/* A text with the character pointed at that is wrong in it. */
#include "verbs.h"

#include <string.h>

#define BEFORE 60 /* bytes that are shown of a long line */
#define BEHIND 16

static bool inside(const char *text, size_t i)
{
    return ((unsigned char)text[i] & 0xc0) == 0x80;
}

/* What could drive the terminal becomes a question mark. */
static size_t show(FILE *out, const char *text, size_t begin, size_t end)
{
    size_t width = 0, i;

    for (i = begin; i < end; i++) {
        unsigned char c = (unsigned char)text[i];
        bool control = c < ' ' || c == 127;

        if (c == 0xc2 && (unsigned char)text[i + 1] >= 0x80 && (unsigned char)text[i + 1] < 0xa0) {
            control = true;
            i++;
        }
        fputc(control ? '?' : c, out);
        width += !inside(text, i) || control;
    }
    return width;
}

void show_caret(FILE *out, const char *text, size_t at)
{
    size_t len = strlen(text), begin, end, width;

    at = at < len ? at : len;
    if (behind_userinfo(text) && strchr(text, ':'))
        return; /* there may be a password */
    begin = at;
    while (begin > 0 && text[begin - 1] != '\n' && at - begin < BEFORE)
        begin--;
    while (begin < at && inside(text, begin))
        begin++;
    while (at > begin && inside(text, at))
        at--;
    end = at;
    while (text[end] && text[end] != '\n' && (end - at < BEHIND || inside(text, end)))
        end++;
    fputs("  ", out);
    width = show(out, text, begin, at);
    show(out, text, at, end);
    fprintf(out, "\n  %*s^\n", (int)width, "");
}

int fail_at(const struct options *o, const char *host, const wsc_error *e, const char *text)
{
    int code = fail_with(o, host, e);
    int64_t at = 0;

    if (text && !o->quiet && wsc_error_code(e) == WSC_E_USAGE &&
        wsc_error_get_int(e, "offset", &at) == WSC_OK && at >= 0)
        show_caret(stderr, text, (size_t)at);
    return code;
}
