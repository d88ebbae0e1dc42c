/* A host or URL. What is accepted must survive its own text. */
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
        wsc__url_free(&u, &wsc__mem_libc);
    } else if (!why || at > strlen(text)) {
        abort();
    }
    wsc__free(&wsc__mem_libc, text);
    return 0;
}
