/* What the tool reads and repeats, by the first byte: a list of hosts, or a host's output as JSON
 * and as lines. */
#include "wsc.h"

#include "base/str.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool cond)
{
    if (!cond)
        abort();
}

static void list_of_hosts(const uint8_t *data, size_t size, bool https)
{
    struct options o = { .https = https };
    FILE *f = fmemopen((void *)(uintptr_t)data, size, "r");
    size_t line = 0, i;

    must(f && hosts_read(&o.hosts, &o, f));
    for (i = 0; i < o.hosts.n; i++) {
        const struct host_line *h = &o.hosts.hosts[i];
        const char *p = h->name;

        must(h->line > line);
        line = h->line;
        for (; !h->bad && *p; p++)
            must((unsigned char)*p >= ' ' && *p != 127);
        must(h->bad || (h->name[0] && !strchr(" #", h->name[0])));
    }
    hosts_free(&o.hosts);
    fclose(f);
}

/* Is it one string of JSON, in UTF-8? */
static void a_string(const char *s, size_t len)
{
    size_t i;

    must(len >= 2 && s[0] == '"' && s[len - 1] == '"');
    for (i = 1; i < len - 1; i++) {
        must((unsigned char)s[i] >= ' ' && s[i] != '"');
        if (s[i] == '\\')
            must(strchr("\"\\nrtu", s[++i]) && i < len - 1);
    }
    must(wsc__utf8_bad_at(s, len, false) == len);
}

static void as_json(const uint8_t *data, size_t size)
{
    char *out = NULL, *text = malloc(size + 1), *comma;
    size_t len = 0;
    FILE *f = open_memstream(&out, &len);

    must(f && text);
    memcpy(text, data, size);
    text[size] = '\0';
    json_text(f, text);
    fflush(f);
    a_string(out, len);
    rewind(f);
    json_bytes(f, "x", data, size);
    fclose(f);
    comma = strstr(out, ", \"x_encoding\": \"");
    for (; comma && strstr(comma + 1, ", \"x_encoding\": \""); comma++) /* the last one */
        comma = strstr(comma + 1, ", \"x_encoding\": \"") - 1;
    must(comma && strncmp(out, "\"x\": ", 5) == 0);
    a_string(out + 5, (size_t)(comma - out) - 5);
    free(out);
    free(text);
}

static void as_lines(const uint8_t *data, size_t size, size_t step, struct sink *to)
{
    struct bytes begun = { NULL, 0, 0 };
    size_t at = 0;

    while (at < size) {
        size_t n = size - at < step ? size - at : step;
        size_t took = lines_take(&begun, "h", to, (const char *)data + at, n);

        must(took <= n && (took == n || sink_full(to)));
        at += took;
        if (took < n)
            break;
    }
    lines_end(&begun, "h", to);
    must(!to->failed);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sink whole = { .fd = -1 }, cut = { .fd = -1 };

    if (size < 2 || size > 60000) /* so that no sink is full */
        return 0;
    if (data[0] & 1) {
        list_of_hosts(data + 1, size - 1, (data[0] & 2) != 0);
        return 0;
    }
    as_json(data + 1, size - 1);
    as_lines(data + 1, size - 1, size, &whole);
    as_lines(data + 1, size - 1, 1 + (data[0] >> 1), &cut);
    must(sink_full(&whole) ||
         (whole.wait.len == cut.wait.len && !memcmp(whole.wait.data, cut.wait.data, cut.wait.len)));
    bytes_free(&whole.wait);
    bytes_free(&cut.wait);
    return 0;
}
