#include "auth/spn.h"

#include "auth/sec_e.h"
#include "base/codes.h"
#include "base/str.h"
#include "base/url.h"

#include <stdio.h>
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

/* --- what helps where the name was wrong ------------------------------------------------------ */

/* An SPN, taken apart. */
struct parts {
    char prefix[TEXT_MAX + 1], host[TEXT_MAX + 1];
    char computer[16]; /* its account, as it is named most often: the first label */
    bool has_port;
};

static bool ends_in_port(const char *host, const char *colon)
{
    return colon && colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1) &&
           !memchr(host, ':', (size_t)(colon - host)); /* else an IPv6 address */
}

static bool take_apart(struct parts *p, const char *spn)
{
    const char *slash = spn ? strchr(spn, '/') : NULL;
    const char *colon = slash ? strrchr(slash, ':') : NULL;
    size_t len, i;
    uint8_t address[16];

    if (!slash)
        return false;
    p->has_port = ends_in_port(slash + 1, colon);
    len = p->has_port ? (size_t)(colon - slash - 1) : strlen(slash + 1);
    snprintf(p->prefix, sizeof p->prefix, "%.*s", (int)(slash - spn), spn);
    snprintf(p->host, sizeof p->host, "%.*s", (int)len, slash + 1);
    memcpy(p->computer, "COMPUTER", sizeof "COMPUTER");
    if (wsc__ip_parse(p->host, strlen(p->host), address, &i))
        return true;
    for (i = 0; i < 15 && p->host[i] && p->host[i] != '.'; i++) {
        char c = p->host[i];

        p->computer[i] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    p->computer[i] = '\0';
    return true;
}

/* Other names that the server may have, and how they are asked for. */
static int others(char *out, size_t cap, const struct parts *p, uint16_t port)
{
    static const char *const prefixes[] = { "HTTP", "WSMAN", "HOST" };
    int n = snprintf(out, cap, "%s/%s%s", p->prefix, p->host, p->has_port ? "" : ":");

    if (!p->has_port)
        n += snprintf(out + n, cap - (size_t)n, "%u (option spn-port)", (unsigned)port);
    else
        n += snprintf(out + n, cap - (size_t)n, " (without the option spn-port)");
    for (size_t i = 0; i < 3; i++) {
        if (!wsc__ieq(prefixes[i], p->prefix))
            n += snprintf(out + n, cap - (size_t)n, ", %s/%s (option spn-prefix %s)", prefixes[i],
                          p->host, prefixes[i]);
    }
    return n;
}

static void set_remedy(struct wsc_error *e, const char *spn, const struct parts *p, uint16_t port)
{
    char names[5 * (TEXT_MAX + 40)];

    others(names, sizeof names, p, port);
    wsc__error_setf(
        e, WSC__ES_REMEDY,
        "Look who has the name: `setspn -q %s`. The computer may have another one: %s; or another "
        "host name (option spn-host), as `setspn -l %s` lists them. Or an administrator of the "
        "domain gives it one: `setspn -s HTTP/%s:%u %s` (then set the option spn-port), or `setspn "
        "-s WSMAN/%s %s` (then set spn-prefix to WSMAN). A machine that is joined to Entra ID "
        "alone has no names in a domain, and the Entra account itself does not log on this way: "
        "try spn-prefix HOST, or log in with a local account.",
        spn, names, p->computer, p->host, (unsigned)port, p->computer, p->host, p->computer);
}

void wsc__spn_remedy(struct wsc_error *e, const char *spn, uint16_t port)
{
    struct parts p;

    if (take_apart(&p, spn))
        set_remedy(e, spn, &p, port);
}

void wsc__spn_explain(struct wsc_error *e, const char *spn, uint16_t port)
{
    uint32_t code = wsc__error_fault_code(e);
    struct parts p;

    if ((code != SEC_E_TARGET_UNKNOWN && code != SEC_E_WRONG_PRINCIPAL) || !take_apart(&p, spn))
        return;
    wsc__error_setf(
        e, WSC__ES_CAUSE,
        code == SEC_E_TARGET_UNKNOWN
            ? "No account of the domain has the name %s that was asked for: the host was given by "
              "an alias, a short name or an address, or is in another domain."
            : "The name %s that was asked for belongs to another account than the one the service "
              "runs as: that of a web application, or two accounts have it, or DNS leads to "
              "another computer.",
        spn);
    set_remedy(e, spn, &p, port);
    wsc__error_set_str(e, WSC__ES_OPTION,
                       code == SEC_E_WRONG_PRINCIPAL ? "spn-prefix" : "spn-host");
}
