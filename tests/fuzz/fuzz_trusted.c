/* A line with a list of trusted hosts, and a host. Trust does not depend on case, brackets, blanks
 * or the order of a good list, and more entries never mean less; the SPN of the host is one. */
#include "auth/spn.h"
#include "auth/trusted.h"

#include "input.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 400

static void turn_case(char *s)
{
    for (; *s; s++)
        if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
            *s = (char)(*s ^ 0x20);
}

static void trust(const char *list, const char *host)
{
    char text[2 * TEXT_MAX + 8];
    bool trusted = wsc__trusted_host(list, host);
    size_t bad_at = 0, len = strlen(host);
    const char *why = NULL;
    bool valid = wsc__trusted_valid(list, &bad_at, &why);
    bool all = strspn(list, " \t\r\n*") == strlen(list) && strchr(list, '*');

    must(valid || (bad_at <= strlen(list) && why), "a reason and its place");
    snprintf(text, sizeof text, "%s", host);
    turn_case(text);
    must(wsc__trusted_host(list, text) == trusted, "any case of the host");
    snprintf(text, sizeof text, "%s", list);
    turn_case(text);
    must(wsc__trusted_host(text, host) == trusted, "any case of the list");
    if (len && *host != '[') {
        snprintf(text, sizeof text, "[%s]", host);
        must(wsc__trusted_host(list, text) == trusted, "brackets are not part of a host");
    }
    snprintf(text, sizeof text, " %s\t", list);
    must(wsc__trusted_host(text, host) == trusted, "blanks around");
    if (all)
        return; /* a star is not one entry of several */
    snprintf(text, sizeof text, "%s,x.invalid", list);
    must(!trusted || wsc__trusted_host(text, host), "more entries");
    snprintf(text, sizeof text, "x.invalid,%s", list);
    must(!trusted || wsc__trusted_host(text, host), "in any order");
    snprintf(text, sizeof text, "%s,%s", list, host);
    must(!wsc__trusted_valid(host, &bad_at, &why) || strchr(host, ',') || strchr(host, '*') ||
             strchr(host, '<') || strspn(host, " \t\r\n") == len || wsc__trusted_host(text, host) ||
             strpbrk(host, " \t\r\n"),
         "a host that is listed is trusted");
    must(!trusted || *list, "an empty list trusts nobody");
}

static void name(const char *prefix, const char *host, uint16_t port)
{
    struct wsc__spn spn = { prefix, host, NULL, port };
    struct wsc_error *err = NULL;
    struct wsc__buf b;
    const char *text;

    wsc__buf_init(&b, &wsc__mem_libc, 2000);
    if (wsc__spn_put(&b, &spn, &err)) {
        must(err && !b.len, "an error, and no SPN");
    } else {
        text = wsc__buf_cstr(&b);
        must(strlen(text) == b.len && !strpbrk(text, " \r\n\t@\\[]"), "no foreign character");
        must(strchr(text, '/') && strchr(text, '/') == strrchr(text, '/'), "two parts");
        must(text[0] != '/' && strchr(text, '/')[1], "none of them empty");
        if (*prefix)
            must(strncmp(text, prefix, strlen(prefix)) == 0, "begins with the prefix");
        else
            must(strncmp(text, "HTTP/", 5) == 0, "begins with HTTP");
    }
    wsc__error_unref(err);
    wsc__buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char list[TEXT_MAX + 1], *host;

    if (size > TEXT_MAX)
        return 0;
    if (size)
        memcpy(list, data, size);
    list[size] = '\0';
    host = strchr(list, '\n');
    if (!host)
        return 0;
    *host++ = '\0';
    trust(list, host);
    name(list, host, (uint16_t)size);
    name("", host, 0);
    return 0;
}
