/* Values as XML, as it came or indented. */
#include "values.h"

#include <stdlib.h>
#include <string.h>

#define STEP 2

/* Behind the end of a tag; a > within quotes is none. */
static const char *tag_end(const char *p, const char *end)
{
    char quote = '\0';

    for (; p < end; p++) {
        if (quote)
            quote = *p == quote ? '\0' : quote;
        else if (*p == '"' || *p == '\'')
            quote = *p;
        else if (*p == '>')
            return p + 1;
    }
    return end;
}

/* A line for each tag, but what has text stays together. */
static void indented(FILE *out, const char *p, size_t len)
{
    const char *end = p + len, *next;
    bool after_tag = false, after_open = false;
    int depth = 0;

    for (; p < end; p = next) {
        bool close = p + 1 < end && p[1] == '/';

        if (*p != '<') {
            next = memchr(p, '<', (size_t)(end - p));
            next = next ? next : end;
            fwrite(p, 1, (size_t)(next - p), out);
            after_tag = false;
            continue;
        }
        next = tag_end(p, end);
        depth -= close;
        if (after_tag && !(close && after_open))
            fprintf(out, "\n%*s", depth > 0 ? STEP * depth : 0, "");
        fwrite(p, 1, (size_t)(next - p), out);
        after_tag = true;
        after_open = !close && next - p > 2 && next[-2] != '/';
        depth += after_open;
    }
}

bool value_xml(FILE *out, const wsc_value *value, bool pretty, bool clean)
{
    const char *text = NULL;
    char *lines = NULL;
    size_t len = 0, n = 0;
    FILE *f;

    if (wsc_value_get_xml(value, &text, &len) != WSC_OK)
        return false;
    if (pretty) {
        f = open_memstream(&lines, &n);
        if (!f)
            return false;
        indented(f, text, len);
        if (fclose(f) != 0) {
            free(lines);
            return false;
        }
        text = lines;
        len = n;
    }
    if (clean)
        clean_bytes(out, text, len, "");
    else
        fwrite(text, 1, len, out);
    fputc('\n', out);
    free(lines);
    return true;
}
