/* A host or URL. What is accepted must survive its own text; what it means as a Location is found
 * once. */
#include "base/url.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void again(const struct wsc__url *u)
{
    char *text = wsc__url_text(u, &wsc__mem_libc);
    char *authority = wsc__url_authority(u, &wsc__mem_libc);
    struct wsc__url v;
    size_t at;
    const char *why;

    if (!text || !authority || !strstr(text, authority))
        abort();
    if (wsc__url_parse(&v, &wsc__mem_libc, text, !u->tls, &at, &why))
        abort();
    if (v.tls != u->tls || v.port != u->port || v.literal != u->literal || v.v6 != u->v6 ||
        v.zone || strcmp(v.host, u->host) || strcmp(v.path, u->path))
        abort();
    wsc__url_free(&v, &wsc__mem_libc);
    wsc__free(&wsc__mem_libc, text);
    wsc__free(&wsc__mem_libc, authority);
}

static bool absolute(const char *text)
{
    return !strncmp(text, "http://", 7) || !strncmp(text, "https://", 8);
}

static void parse(struct wsc__url *u, const char *text)
{
    size_t at;
    const char *why;

    if (wsc__url_parse(u, &wsc__mem_libc, text, false, &at, &why))
        abort();
}

static const char *host_of(const char *text)
{
    return absolute(text) ? strstr(text, "://") + 3 : text;
}

/* What stands before an '@' of a result is path, or else it may be a password. */
static void without_user(const char *text)
{
    const char *host = host_of(text);

    if (strchr(text, '@') && (host == text || strcspn(host, "@") < strcspn(host, "/")))
        abort();
}

/* base: what was asked, or NULL */
static void location(const char *base, const char *text)
{
    bool path = base && text[0] == '/' && text[1] != '/', good;
    struct wsc__url from = { 0 }, u = { 0 };
    char *there, *same;
    const char *wrong, *still;

    if (base)
        parse(&from, base);
    there = wsc__url_location(&wsc__mem_libc, base ? &from : NULL, text, &wrong);
    same = there ? wsc__url_location(&wsc__mem_libc, base ? &from : NULL, there, &still) : NULL;
    if (!same || strcmp(there, same) || !wrong != !still)
        abort();
    without_user(there);
    good = !wrong;
    if (good)
        parse(&u, there);
    /* an address without brackets, as a user may write it, is no URL of HTTP */
    if (good && (!absolute(there) || !u.port_given || (u.v6 && *host_of(there) != '[')))
        abort();
    if (good && path && (u.tls != from.tls || u.port != from.port || strcmp(u.host, from.host)))
        abort();
    wsc__url_free(&u, &wsc__mem_libc);
    wsc__url_free(&from, &wsc__mem_libc);
    wsc__free(&wsc__mem_libc, there);
    wsc__free(&wsc__mem_libc, same);
}

/* What is hidden once is hidden, and nothing is added. */
static void hidden(const char *text)
{
    char *once = wsc__strdup(&wsc__mem_libc, text), *twice = NULL;

    if (once)
        wsc__url_hide_users(once);
    twice = wsc__strdup(&wsc__mem_libc, once);
    if (!twice)
        abort();
    wsc__url_hide_users(twice);
    if (strcmp(once, twice) || strlen(once) > strlen(text) ||
        (strstr(text, ":/") && !strstr(once, ":/") && !strstr(once, ":\\")))
        abort();
    wsc__free(&wsc__mem_libc, once);
    wsc__free(&wsc__mem_libc, twice);
}

/* A path of a server is on that server. */
static void stays(const struct wsc__url *base)
{
    const char *why = NULL;
    char *there = wsc__url_location(&wsc__mem_libc, base, "/other", &why);
    struct wsc__url u;

    if (!there || why)
        abort();
    parse(&u, there);
    if (u.tls != base->tls || u.port != base->port || strcmp(u.host, base->host) ||
        strcmp(u.path, "/other") || !u.zone != !base->zone ||
        (u.zone && strcmp(u.zone, base->zone)))
        abort();
    wsc__url_free(&u, &wsc__mem_libc);
    wsc__free(&wsc__mem_libc, there);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = wsc__strndup(&wsc__mem_libc, (const char *)data, size);
    struct wsc__url u;
    size_t at = SIZE_MAX;
    const char *why = NULL;

    if (!text)
        return 0;
    if (!wsc__url_parse(&u, &wsc__mem_libc, text, size & 1, &at, &why)) {
        again(&u);
        stays(&u);
        wsc__url_free(&u, &wsc__mem_libc);
    } else if (!why || at > strlen(text)) {
        abort();
    }
    hidden(text);
    location(NULL, text);
    location("https://srv:81/wsman", text);
    location("fe80::1%251", text);
    location("https://[fe80::1%25eth0]", text);
    wsc__free(&wsc__mem_libc, text);
    return 0;
}
