/* What the tool reads and repeats, by the first byte: a list of hosts, a configuration that was
 * saved, or a host's output as JSON and as lines. */
#include "config.h"

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

/* Nothing that could drive a terminal; one row is one line. */
static void shown(const struct config_doc *d)
{
    struct table table = { .n = 0 };
    char *out = NULL;
    size_t len = 0, i, lines = 0;
    FILE *f = open_memstream(&out, &len);

    must(f && table_add(&table, f, d->value, NULL));
    table_end(&table, f);
    table_free(&table);
    fflush(f);
    for (i = 0; i < len; i++)
        lines += out[i] == '\n';
    must(lines <= 2);
    config_text(f, d);
    fclose(f);
    for (i = 0; i < len; i++)
        must((unsigned char)out[i] >= ' ' || out[i] == '\n' || out[i] == '\t');
    free(out);
}

/* What is read is written so that it can be read again. */
static void saved(const uint8_t *data, size_t size)
{
    struct config_doc d = { .value = NULL }, again = { .value = NULL };
    struct settings x = { NULL, 0, 0 }, y = { NULL, 0, 0 };
    char *text = malloc(size + 1), *out = NULL;
    size_t len = 0, at = 0;
    FILE *f;

    must(text);
    memcpy(text, data, size);
    text[size] = '\0';
    if (config_from_json(&d.value, text, &at)) {
        f = open_memstream(&out, &len);
        must(f);
        json_begin(f, "h");
        config_json(f, &d);
        json_end(f, NULL);
        fclose(f);
        must(config_from_json(&again.value, out, &at));
        must(settings_of(&x, &d, &again) && settings_of(&y, &again, &d));
        shown(&d);
        free(out);
    } else {
        must(at <= size);
    }
    settings_free(&x);
    settings_free(&y);
    config_free(&d);
    config_free(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sink whole = { .fd = -1 }, cut = { .fd = -1 };

    if (size < 2 || size > 60000) /* so that no sink is full */
        return 0;
    if (data[0] == 0x7e) { /* '~' */
        saved(data + 1, size - 1);
        return 0;
    }
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
