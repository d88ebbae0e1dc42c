#include "auth/spn.h"

#include "base/codes.h"

#include <string.h>

#define DEFAULT_PREFIX "HTTP"
#define TEXT_MAX       255

/* Neither a second part nor a realm, and no character that ends a name or is an escape in one. */
static bool good_char(char c)
{
    return (unsigned char)c > ' ' && c != 0x7f && !strchr("/\\@[]", c);
}

static int check(const struct wsc__mem *mem, const char *what, const char *s, size_t len,
                 struct wsc_error **err)
{
    size_t i = 0;

    while (i < len && good_char(s[i]))
        i++;
    if (len && len <= TEXT_MAX && i == len)
        return WSC_OK;
    if (!len)
        *err = wsc__error_new(mem, WSC_E_OPTION, "the %s of the SPN is empty", what);
    else if (len > TEXT_MAX)
        *err = wsc__error_new(mem, WSC_E_OPTION, "the %s of the SPN is longer than %d bytes", what,
                              TEXT_MAX);
    else
        *err = wsc__error_new(mem, WSC_E_OPTION,
                              "a character in the %s of the SPN that does not belong there (byte "
                              "%zu)",
                              what, i);
    if (len && len <= TEXT_MAX)
        wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)i);
    return wsc__error_code(*err);
}

int wsc__spn_put(struct wsc__buf *out, const struct wsc__spn *spn, struct wsc_error **err)
{
    bool other = spn->instead && *spn->instead;
    const char *prefix = spn->prefix && *spn->prefix ? spn->prefix : DEFAULT_PREFIX;
    const char *host = other ? spn->instead : spn->host, *zone;
    size_t before = out->len, len = strlen(host);
    int rc;

    if (len >= 2 && *host == '[' && host[len - 1] == ']') {
        host++;
        len -= 2;
    }
    zone = memchr(host, ':', len) ? memchr(host, '%', len) : NULL;
    if (zone) /* of an IPv6 address; it means something on this machine only */
        len = (size_t)(zone - host);
    if ((rc = check(out->mem, "prefix", prefix, strlen(prefix), err)) ||
        (rc = check(out->mem, "host", host, len, err)))
        return rc;
    if ((rc = wsc__buf_puts(out, prefix)) || (rc = wsc__buf_putc(out, '/')) ||
        (rc = wsc__buf_append(out, host, len)))
        goto done;
    if (spn->port && !(rc = wsc__buf_putc(out, ':')))
        rc = wsc__buf_put_u64(out, spn->port);
done:
    if (rc) {
        out->len = before;
        *err = rc == WSC_E_LIMIT ? wsc__error_new(out->mem, rc, "the SPN is too long")
                                 : wsc__error_nomem();
    }
    return rc;
}
