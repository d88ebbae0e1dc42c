/* The parts of a SOAP fault, as Windows (MS-WSMV 2.2.4.43), WMI, OMI and openwsman send them. */
#include "wsman/decode.h"

#include "base/str.h"
#include "base/url.h"

#include <stddef.h>
#include <string.h>

static int keep(char **slot, const struct wsc__mem *mem, const char *text, size_t len)
{
    char *copy = wsc__strndup(mem, text, len);

    if (!copy)
        return WSC_E_NOMEM;
    wsc__free(mem, *slot);
    *slot = copy;
    return WSC_OK;
}

/* Pieces of mixed content, with a blank between them. */
#define MAX_MESSAGE 16384

static int append(char **slot, const struct wsc__mem *mem, const char *text, size_t len)
{
    size_t have = *slot ? strlen(*slot) : 0;
    char *more;

    if (!have)
        return keep(slot, mem, text, len);
    if (have + len > MAX_MESSAGE)
        return WSC_OK; /* nobody reads on, and joining costs the square of it */
    more = wsc__realloc(mem, *slot, have + len + 2);
    if (!more)
        return WSC_E_NOMEM;
    more[have] = ' ';
    memcpy(more + have + 1, text, len);
    more[have + 1 + len] = '\0';
    *slot = more;
    return WSC_OK;
}

static int first(char **slot, const struct wsc__mem *mem, const char *text, size_t len)
{
    return *slot ? WSC_OK : keep(slot, mem, text, len);
}

const char *wsc__attr(const struct wsc__xml_elem *e, const char *name)
{
    unsigned i;

    for (i = 0; i < e->nattrs; i++)
        if (!*e->attrs[i].ns && wsc__ieq(e->attrs[i].name, name))
            return e->attrs[i].value;
    return NULL;
}

/* Unsigned or signed decimal, or hexadecimal; kept as 32 bits. */
static bool parse_code(const char *s, size_t len, uint32_t *out)
{
    uint64_t u;
    int64_t v;

    wsc__trim(&s, &len);
    if (len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        if (!wsc__parse_hex(s + 2, len - 2, &u))
            return false;
        *out = (uint32_t)u;
        return true;
    }
    if (!wsc__parse_i64(s, len, &v))
        return false;
    *out = (uint32_t)v;
    return true;
}

/* The innermost code that is not 0 counts; the first one is kept beside it. */
static void take_code(struct wsc__fault *f, const char *s, size_t len)
{
    uint32_t code;

    if (!parse_code(s, len, &code) || !code)
        return;
    if (f->has_code && f->fault_code != code && !f->outer_code)
        f->outer_code = f->fault_code;
    f->fault_code = code;
    f->has_code = true;
}

int wsc__fault_open(struct wsc__fault *f, const struct wsc__mem *mem, enum wsc__kind kind,
                    const struct wsc__xml_elem *e)
{
    const char *v;
    int rc = WSC_OK;

    if (kind == WSC__K_F_WSMAN || kind == WSC__K_F_INNER) {
        v = wsc__attr(e, "Code");
        if (v)
            take_code(f, v, strlen(v));
        v = wsc__attr(e, "Machine");
        if (v && *v)
            rc = first(&f->machine, mem, v, strlen(v));
    } else if (kind == WSC__K_F_PROVIDER) {
        v = wsc__attr(e, "provider");
        if (v && *v)
            rc = keep(&f->provider, mem, v, strlen(v));
        v = wsc__attr(e, "path");
        if (!rc && v && *v)
            rc = keep(&f->provider_path, mem, v, strlen(v));
    }
    return rc;
}

/* --- QNames ----------------------------------------------------------------------------------- */

static const struct {
    const char *ns, *prefix;
} canonical[] = {
    { WSC__NS_SOAP, "s" },
    { WSC__NS_WSMAN, "w" },
    { WSC__NS_ADDRESSING, "a" },
    { "http://www.w3.org/2005/08/addressing", "a" },
    { WSC__NS_ENUMERATION, "n" },
    { WSC__NS_TRANSFER, "t" },
    { WSC__NS_EVENTING, "e" },
    { WSC__NS_WSMV, "p" },
    { "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd", "wsse" },
};

/* Prefixes by custom, for servers that forget to declare them. */
static const struct {
    const char *prefix, *usual;
} customary[] = {
    { "wsman", "w" }, { "wsa", "a" },      { "wsen", "n" }, { "wst", "t" },
    { "x", "t" },     { "wse", "e" },      { "wsmv", "p" }, { "env", "s" },
    { "soap", "s" },  { "SOAP-ENV", "s" }, { "wxf", "t" },
};

static const char *usual_prefix(const struct wsc__xml_reader *r, const char *prefix, size_t len)
{
    const char *ns = wsc__xml_resolve(r, prefix, len);
    size_t i;

    for (i = 0; ns && i < sizeof canonical / sizeof canonical[0]; i++)
        if (!strcmp(ns, canonical[i].ns))
            return canonical[i].prefix;
    for (i = 0; !ns && i < sizeof customary / sizeof customary[0]; i++)
        if (wsc__ieqn(prefix, len, customary[i].prefix))
            return customary[i].usual;
    return NULL;
}

static int keep_qname(char **slot, const struct wsc__mem *mem, const struct wsc__xml_reader *r,
                      const char *text, size_t len)
{
    const char *colon = memchr(text, ':', len);
    size_t plen = colon ? (size_t)(colon - text) : 0, at = colon ? plen + 1 : 0, ulen;
    const char *usual = usual_prefix(r, text, plen);
    char *out;

    if (*slot)
        return WSC_OK;
    if (!usual)
        return keep(slot, mem, text, len);
    ulen = strlen(usual);
    out = wsc__malloc(mem, ulen + 1 + (len - at) + 1);
    if (!out)
        return WSC_E_NOMEM;
    memcpy(out, usual, ulen);
    out[ulen] = ':';
    memcpy(out + ulen + 1, text + at, len - at);
    out[ulen + 1 + len - at] = '\0';
    *slot = out;
    return WSC_OK;
}

static int keep_detail(struct wsc__fault *f, const struct wsc__mem *mem, const char *s, size_t len)
{
    size_t from = len;

    while (from && s[from - 1] != '/' && s[from - 1] != ':')
        from--;
    return len > from ? first(&f->detail, mem, s + from, len - from) : WSC_OK;
}

/* "HRESULT 0x803381a5": only where error_Code is missing, which comes after it */
static void take_message_id(struct wsc__fault *f, const char *s, size_t len)
{
    uint32_t code;

    if (f->has_code || len < 10 || !wsc__istarts(s, len, "HRESULT "))
        return;
    if (parse_code(s + 8, len - 8, &code) && code) {
        f->fault_code = code;
        f->has_code = true;
    }
}

int wsc__fault_text(struct wsc__fault *f, const struct wsc__mem *mem, enum wsc__kind kind,
                    const struct wsc__xml_reader *r, const char *text, size_t len)
{
    switch (kind) {
    case WSC__K_F_CODE_VALUE:
        return keep_qname(&f->code, mem, r, text, len);
    case WSC__K_F_SUBCODE_VALUE:
        return keep_qname(&f->subcode, mem, r, text, len);
    case WSC__K_F_REASON_TEXT:
        return first(&f->reason, mem, text, len);
    case WSC__K_F_FAULT_DETAIL:
        return keep_detail(f, mem, text, len);
    case WSC__K_F_LOCATION:
        return first(&f->location, mem, text, len);
    case WSC__K_F_MESSAGE:
        return append(&f->message, mem, text, len);
    case WSC__K_F_PROVIDER:
    case WSC__K_F_PROVIDER_MESSAGE:
        return append(&f->provider_text, mem, text, len);
    case WSC__K_F_WMI_MESSAGE:
        return first(&f->wmi_message, mem, text, len);
    case WSC__K_F_WMI_MESSAGE_ID:
        take_message_id(f, text, len);
        break;
    case WSC__K_F_WMI_STATUS:
        f->has_cim = parse_code(text, len, &f->cim_status) || f->has_cim;
        break;
    case WSC__K_F_WMI_CODE:
        take_code(f, text, len);
        break;
    default:
        break;
    }
    return WSC_OK;
}

/* Exchange names the place of a redirect in the text alone. */
static int location_in(struct wsc__fault *f, const struct wsc__mem *mem, const char *text)
{
    const char *p = text ? text : "", *end = p + strlen(p);
    size_t len;

    for (; p < end; p++) {
        len = (size_t)(end - p);
        if (!wsc__istarts(p, len, "http://") && !wsc__istarts(p, len, "https://"))
            continue;
        len = strcspn(p, " \t\r\n\"'<>");
        while (len && strchr(".,;)", p[len - 1]))
            len--;
        return first(&f->location, mem, p, len);
    }
    return WSC_OK;
}

static const size_t slots[] = {
    offsetof(struct wsc__fault, code),          offsetof(struct wsc__fault, subcode),
    offsetof(struct wsc__fault, reason),        offsetof(struct wsc__fault, detail),
    offsetof(struct wsc__fault, machine),       offsetof(struct wsc__fault, message),
    offsetof(struct wsc__fault, provider),      offsetof(struct wsc__fault, provider_path),
    offsetof(struct wsc__fault, provider_text), offsetof(struct wsc__fault, wmi_message),
    offsetof(struct wsc__fault, location),
};
#define SLOTS (sizeof slots / sizeof *slots)

static char **slot(struct wsc__fault *f, size_t i)
{
    return (char **)(void *)((char *)f + slots[i]);
}

static int take_location(struct wsc__fault *f, const struct wsc__mem *mem)
{
    char *location = wsc__url_location(mem, NULL, f->location, &f->astray);

    if (!location)
        return WSC_E_NOMEM;
    wsc__free(mem, f->location);
    f->location = f->astray ? NULL : location;
    if (f->astray)
        wsc__free(mem, location);
    return WSC_OK;
}

int wsc__fault_close(struct wsc__fault *f, const struct wsc__mem *mem)
{
    int rc = WSC_OK;
    size_t i;

    if (f->has_code && f->fault_code == 0x80338199u && !f->location) {
        rc = location_in(f, mem, f->message);
        if (!rc)
            rc = location_in(f, mem, f->provider_text);
        if (!rc)
            rc = location_in(f, mem, f->reason);
    }
    if (!rc && f->location)
        rc = take_location(f, mem);
    for (i = 0; i < SLOTS; i++)
        if (*slot(f, i))
            wsc__url_hide_users(*slot(f, i));
    return rc;
}

void wsc__fault_clear(struct wsc__fault *f, const struct wsc__mem *mem)
{
    size_t i;

    for (i = 0; i < SLOTS; i++)
        wsc__free(mem, *slot(f, i));
    memset(f, 0, sizeof *f);
}
