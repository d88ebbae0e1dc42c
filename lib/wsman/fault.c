/* From what a server said to an error value. */
#include "wsman/envelope.h"

#include "base/str.h"

#include <string.h>

#define TIMED_OUT 0x80338029u

bool wsc__fault_is_timeout(const struct wsc__fault *f)
{
    if (f->has_code)
        return wsc__fault_code(f->fault_code) == TIMED_OUT ||
               wsc__fault_code(f->outer_code) == TIMED_OUT;
    return f->subcode && (wsc__ieq(f->subcode, "w:TimedOut") || wsc__ieq(f->subcode, "n:TimedOut"));
}

/* WMI puts CIM status codes in place of numbers of its own (DSP0200 5.1.2). */
static const struct {
    uint32_t status;
    uint32_t code; /* the fault that says the same */
} cim_codes[] = {
    { 2, 5 },
    { 3, 0x8004100Eu },
    { 4, 0x80041008u },
    { 5, 0x80041010u },
    { 6, 0x80041002u },
    { 7, 0x80338042u },
    { 15, 0x80041017u },
    { 16, 0x80338013u },
    { 17, 0x80338013u },
    { 21, 0x8033801Bu },
    { 27, 0x8033803Fu },
};

/* The table's entry for the fault: by number, by subcode, by CIM status. */
static const struct wsc__fault_info *find_info(const struct wsc__fault *f, uint32_t *code)
{
    const struct wsc__fault_info *info = NULL;
    size_t i;

    *code = f->has_code ? f->fault_code : 0;
    if (f->has_code) {
        info = wsc__fault_find(f->fault_code);
        if (!info && f->outer_code) /* an inner number of a provider that nobody knows */
            info = wsc__fault_find(f->outer_code);
        return info;
    }
    for (i = 0; f->has_cim && i < sizeof cim_codes / sizeof cim_codes[0]; i++)
        if (cim_codes[i].status == f->cim_status)
            return wsc__fault_find(cim_codes[i].code);
    info = wsc__fault_find_subcode(f->subcode, f->detail);
    return info ? info : wsc__fault_find_subcode(f->code, f->detail); /* SOAP's own: s:... */
}

/* Message, else what the provider said, else Reason: the order in which other clients read them. */
static const char *server_text(const struct wsc__fault *f)
{
    const char *const texts[] = { f->message, f->provider_text, f->wmi_message, f->reason };
    size_t i;

    for (i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i] && *texts[i])
            return texts[i];
    return NULL;
}

static void set_details(struct wsc_error *e, const struct wsc__fault *f, const char *said)
{
    wsc__error_set_str(e, WSC__ES_SOAP_CODE, f->code);
    wsc__error_set_str(e, WSC__ES_SOAP_SUBCODE, f->subcode);
    wsc__error_set_str(e, WSC__ES_FAULT_DETAIL, f->detail);
    wsc__error_set_str(e, WSC__ES_MACHINE, f->machine);
    wsc__error_set_str(e, WSC__ES_SERVER_TEXT, said);
    wsc__error_set_str(e, WSC__ES_PROVIDER, f->provider);
    wsc__error_set_str(e, WSC__ES_PROVIDER_PATH, f->provider_path);
    wsc__error_set_str(e, WSC__ES_PROVIDER_TEXT, f->provider_text);
    wsc__error_set_str(e, WSC__ES_LOCATION, f->location);
    if (f->has_code)
        wsc__error_set_int(e, WSC__EI_FAULT_CODE, f->fault_code);
    if (f->outer_code)
        wsc__error_set_int(e, WSC__EI_OUTER_FAULT_CODE, f->outer_code);
    if (f->has_cim)
        wsc__error_set_int(e, WSC__EI_CIM_STATUS, f->cim_status);
}

static struct wsc_error *make(const struct wsc__mem *mem, const struct wsc__fault *f,
                              const struct wsc__fault_info *info, uint32_t code, const char *said)
{
    const char *colon = said ? ": " : "";

    if (!said)
        said = "";
    if (info && code)
        return wsc__error_fault(mem, info->code, "%s (0x%08lX)%s%s", info->name,
                                (unsigned long)code, colon, said);
    if (info)
        return wsc__error_fault(mem, info->code, "%s%s%s", f->subcode ? f->subcode : info->name,
                                colon, said);
    if (code)
        return wsc__error_new(mem, WSC_E_FAULT, "fault 0x%08lX%s%s", (unsigned long)code, colon,
                              said);
    return wsc__error_new(mem, WSC_E_FAULT, "fault %s%s%s",
                          f->subcode ? f->subcode
                          : f->code  ? f->code
                                     : "without a code",
                          colon, said);
}

void wsc__fault_astray(struct wsc_error *e, const char *why)
{
    wsc__error_setf(e, WSC__ES_CAUSE, "Where the server points is no URL to follow: %s.", why);
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Correct the address that the server gives, or connect to where it should "
                       "lead.");
}

struct wsc_error *wsc__fault_error(const struct wsc__mem *mem, const struct wsc__fault *f,
                                   int http_status)
{
    uint32_t code;
    const struct wsc__fault_info *info = find_info(f, &code);
    const char *said = server_text(f);
    struct wsc_error *e = make(mem, f, info, code, said);

    set_details(e, f, said);
    if (f->astray && wsc__error_code(e) == WSC_E_REDIRECT)
        wsc__fault_astray(e, f->astray);
    if (http_status > 0)
        wsc__error_set_int(e, WSC__EI_HTTP_STATUS, http_status);
    return e;
}

/* --- answers that are no envelopes ------------------------------------------------------------ */

static const struct http_case {
    int status;
    int code;
    bool retriable;
    const char *text, *cause, *remedy;
} http_cases[] = {
    { 400, WSC_E_HTTP, false, "the server calls the request malformed",
      "Headers that are too long (a large Kerberos ticket), a Host that the server does not "
      "expect, or a server that is not WinRM.",
      "If tickets are large, raise MaxFieldLength and MaxRequestBytes under "
      "HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters on the server." },
    { 401, WSC_E_AUTH, false, "the credentials were refused or are missing",
      "User name or password are wrong, the server does not offer the scheme, or it allows no "
      "Basic without encryption.",
      "On the server run `winrm get winrm/config/service`. Basic works for local accounts only and "
      "needs `winrm set winrm/config/service/auth @{Basic=\"true\"}`; over http it also needs "
      "AllowUnencrypted." },
    { 403, WSC_E_ACCESS_DENIED, false, "the web server refuses access",
      "A URL reservation or an address filter of HTTP.sys, or a client certificate is wanted.",
      "On the server look at `netsh http show urlacl` and at IPv4Filter and IPv6Filter in `winrm "
      "get winrm/config/service`." },
    { 404, WSC_E_HTTP, false, "there is no WinRM service under that path",
      "The path is not /wsman, or another web server listens on the port.",
      "Check URL and port; `winrm enumerate winrm/config/listener` on the server shows Port and "
      "URLPrefix." },
    { 405, WSC_E_HTTP, false, "the server takes no POST here",
      "Another web server listens on the port.",
      "Check URL and port (5985 for http, 5986 for https)." },
    { 407, WSC_E_AUTH, false, "a proxy wants authentication",
      "An HTTP proxy stands between client and server.", "Connect without the proxy." },
    { 408, WSC_E_TIMEOUT, true, "the server waited too long for the request",
      "The request did not arrive within MaxPacketRetrievalTimeSeconds.",
      "Try again; look for losses on the network path." },
    { 411, WSC_E_HTTP, false, "the server wants a Content-Length",
      "A proxy turned the request into chunks.", "Connect without the proxy." },
    { 413, WSC_E_HTTP, false, "the request is larger than the server takes",
      "It exceeds MaxEnvelopeSizekb of the server.",
      "Lower max-request-size, or raise the limit: `winrm set winrm/config "
      "@{MaxEnvelopeSizekb=\"2048\"}`." },
    { 415, WSC_E_HTTP, false, "the server does not take SOAP 1.2 here", "It is not WinRM.",
      "Check URL and port." },
    { 425, WSC_E_BUSY, true, "the server asks to try again", "A front end is busy.",
      "Try again later." },
    { 429, WSC_E_BUSY, true, "too many requests", "A front end limits their rate.",
      "Send fewer at a time and try again later." },
    { 500, WSC_E_HTTP, false, "the server failed without saying why",
      "The command line was too long, or the service is out of order.",
      "Keep command lines under 8191 characters; on the server look at the event log "
      "Microsoft-Windows-WinRM/Operational." },
    { 502, WSC_E_HTTP, true, "a proxy could not reach the server",
      "An HTTP proxy stands between client and server.",
      "Connect without the proxy, or repair its way to the server." },
    { 503, WSC_E_BUSY, true, "the service is not available",
      "WinRM is not running, its queue is full, or the application pool stopped.",
      "On the server run `Get-Service WinRM` and `Start-Service WinRM`; try again later." },
    { 504, WSC_E_HTTP, true, "a proxy waited too long for the server",
      "An HTTP proxy gives up before operation-timeout has passed.",
      "Lower operation-timeout, or connect without the proxy." },
};

static const struct http_case *find_case(int status)
{
    size_t i;

    for (i = 0; i < sizeof http_cases / sizeof http_cases[0]; i++)
        if (http_cases[i].status == status)
            return &http_cases[i];
    return NULL;
}

struct wsc_error *wsc__http_error(const struct wsc__mem *mem, int status, const char *content_type)
{
    const struct http_case *c = find_case(status);
    bool html = content_type && wsc__istarts(content_type, strlen(content_type), "text/html");
    struct wsc_error *e;

    if (c) {
        e = wsc__error_new(mem, c->code, "HTTP %d: %s", status, c->text);
        wsc__error_set_str(e, WSC__ES_CAUSE, c->cause);
        wsc__error_set_str(e, WSC__ES_REMEDY, c->remedy);
        wsc__error_set_retriable(e, c->retriable);
    } else if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308) {
        e = wsc__error_new(mem, WSC_E_REDIRECT, "HTTP %d: the server points to another URL",
                           status);
    } else if (status >= 200 && status < 300) {
        e = wsc__error_new(mem, WSC_E_HTTP, "HTTP %d with %s in place of a SOAP envelope", status,
                           html           ? "an HTML page"
                           : content_type ? content_type
                                          : "no content");
    } else {
        e = wsc__error_new(mem, WSC_E_HTTP, "HTTP %d without a SOAP envelope", status);
    }
    wsc__error_set_int(e, WSC__EI_HTTP_STATUS, status);
    return e;
}
