#include "wsc.h"

#include <inttypes.h>
#include <string.h>

/* Length of the valid UTF-8 character at p, 0 = none. */
static size_t utf8_len(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0x80                   ? 1
               : p[0] >= 0xc2 && p[0] < 0xe0 ? 2
               : (p[0] & 0xf0) == 0xe0       ? 3
               : p[0] >= 0xf0 && p[0] < 0xf5 ? 4
                                             : 0;
    size_t i;

    if (!n || n > left)
        return 0;
    for (i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80)
            return 0;
    if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) || /* overlong; surrogate */
        (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
        return 0;
    return n;
}

size_t utf8_bad_at(const void *data, size_t len)
{
    const unsigned char *p = data;
    size_t i = 0, n;

    while (i < len && (n = utf8_len(p + i, len - i)) != 0)
        i += n;
    return i;
}

static void json_char(FILE *out, const unsigned char *p, size_t n)
{
    static const char from[] = "\"\\\n\r\t", to[] = "\"\\nrt";
    const char *at = strchr(from, p[0]);

    if (p[0] && at)
        fprintf(out, "\\%c", to[at - from]);
    else if (p[0] < ' ' || p[0] == 127)
        fprintf(out, "\\u%04x", (unsigned)p[0]);
    else if (p[0] == 0xc2 && p[1] < 0xa0) /* C1 controls drive terminals, too */
        fprintf(out, "\\u%04x", (unsigned)p[1]);
    else
        fwrite(p, 1, n, out);
}

/* What is not UTF-8 becomes U+FFFD. */
static void json_string(FILE *out, const void *data, size_t len)
{
    const unsigned char *p = data;
    size_t i, n;

    fputc('"', out);
    for (i = 0; i < len; i += n ? n : 1) {
        n = utf8_len(p + i, len - i);
        if (n)
            json_char(out, p + i, n);
        else
            fputs("\\ufffd", out);
    }
    fputc('"', out);
}

void json_text(FILE *out, const char *s)
{
    if (s)
        json_string(out, s, strlen(s));
    else
        fputs("null", out);
}

static void base64(FILE *out, const unsigned char *p, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i;

    fputc('"', out);
    for (i = 0; i < len; i += 3) {
        size_t left = len - i;
        unsigned long v = (unsigned long)p[i] << 16 |
                          (left > 1 ? (unsigned long)p[i + 1] << 8 : 0) | (left > 2 ? p[i + 2] : 0);

        fputc(digits[v >> 18], out);
        fputc(digits[v >> 12 & 63], out);
        fputc(left > 1 ? digits[v >> 6 & 63] : '=', out);
        fputc(left > 2 ? digits[v & 63] : '=', out);
    }
    fputc('"', out);
}

/* "name": "...", "name_encoding": "utf-8" or "base64" */
void json_bytes(FILE *out, const char *name, const void *data, size_t len)
{
    bool text = utf8_bad_at(data, len) == len;

    fprintf(out, "\"%s\": ", name);
    if (text)
        json_string(out, data, len);
    else
        base64(out, data, len);
    fprintf(out, ", \"%s_encoding\": \"%s\"", name, text ? "utf-8" : "base64");
}

static void json_error(FILE *out, const wsc_error *e)
{
    static const char *const texts[] = {
        "class",         "cause",         "remedy",       "machine",     "fault-name",
        "soap-code",     "soap-subcode",  "fault-detail", "server-text", "provider",
        "provider-path", "provider-text", "target",       "address",     "option",
        "location",      "offered",       "scheme",       "mechanism",   "spn",
        "identity",      "system-text"
    };
    static const char *const numbers[] = { "code",       "http-status",
                                           "fault-code", "outer-fault-code",
                                           "cim-status", "system-code",
                                           "offset",     "limit" };
    const char *s = NULL;
    int64_t n = 0;
    size_t i;

    if (!e) {
        fputs("null", out);
        return;
    }
    fputs("{\"name\": ", out);
    json_text(out, wsc_code_name(wsc_error_code(e)));
    fputs(", \"text\": ", out);
    json_text(out, error_text(e));
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (wsc_error_get_str(e, texts[i], &s) == WSC_OK) {
            fprintf(out, ", \"%s\": ", texts[i]);
            json_text(out, s);
        }
    }
    for (i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
        if (wsc_error_get_int(e, numbers[i], &n) == WSC_OK)
            fprintf(out, ", \"%s\": %" PRId64, numbers[i], n);
    fprintf(out, ", \"retriable\": %s}",
            wsc_error_get_int(e, "retriable", &n) == WSC_OK && n ? "true" : "false");
}

void json_begin(FILE *out, const char *host)
{
    fputs("{\"host\": ", out);
    json_text(out, host);
}

void json_end_own(FILE *out, int code, const char *text)
{
    const char *cls = "";

    wsc_code_get(code, "class", &cls);
    fputs(", \"error\": {\"name\": ", out);
    json_text(out, wsc_code_name(code));
    fputs(", \"text\": ", out);
    json_text(out, text);
    fputs(", \"class\": ", out);
    json_text(out, cls);
    fprintf(out, ", \"code\": %d, \"retriable\": false}}\n", code);
}

static void json_login(FILE *out, const wsc_client *client)
{
    static const char *const parts[] = { "scheme", "mechanism", "identity", "spn" };
    size_t i;

    for (i = 0; i < sizeof parts / sizeof *parts; i++) {
        fprintf(out, "%s\"%s\": ", i ? ", " : ", \"login\": {", parts[i]);
        json_text(out, client_text(client, parts[i]));
    }
    fputc('}', out);
}

void json_stats(FILE *out, const wsc_client *client)
{
    const char *name = NULL;
    int64_t n = 0;
    size_t i;

    fputs(", \"stats\": ", out);
    if (!client) {
        fputs("null, \"login\": null", out);
        return;
    }
    for (i = 0; wsc_stat_get(i, "name", &name) == WSC_OK; i++)
        if (wsc_client_get_int(client, name, &n) == WSC_OK)
            fprintf(out, "%s\"%s\": %" PRId64, i ? ", " : "{", name, n);
    fputc('}', out);
    json_login(out, client);
}

void json_end(FILE *out, const wsc_error *e)
{
    fputs(", \"error\": ", out);
    json_error(out, e);
    fputs("}\n", out);
}
