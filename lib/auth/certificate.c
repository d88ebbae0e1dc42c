/* Client certificate (MS-WSMV 2.2.4.3): TLS does the proof; the header only says that it is meant
 * to count. */
#include "auth/auth.h"

#define PROFILE "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual"

struct certificate {
    struct wsc__auth base;
    const struct wsc__mem *mem;
};

static int cert_begin(struct wsc__auth **out, const struct wsc__auth_input *in,
                      struct wsc_error **err)
{
    struct certificate *c = wsc__zalloc(in->mem, sizeof *c);

    if (!c) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    c->base.ops = &wsc__auth_certificate;
    c->mem = in->mem;
    *out = &c->base;
    return WSC_OK;
}

static enum wsc__auth_step cert_step(struct wsc__auth *a, const char *challenge, size_t len,
                                     struct wsc__buf *out, struct wsc__job **job,
                                     struct wsc_error **err)
{
    (void)len;
    (void)out;
    (void)job;
    if (!challenge)
        return WSC__AUTH_DONE;
    *err = wsc__auth_certificate.refused(((struct certificate *)a)->mem, 401, 1);
    return WSC__AUTH_FAILED;
}

static int cert_accepted(struct wsc__auth *a, struct wsc_error **err)
{
    (void)a;
    (void)err;
    return WSC_OK;
}

static void cert_free(struct wsc__auth *a)
{
    struct certificate *c = (struct certificate *)a;

    if (c)
        wsc__free(c->mem, c);
}

static struct wsc_error *cert_refused(const struct wsc__mem *mem, int status, int asked)
{
    struct wsc_error *e;

    if (asked) {
        e = wsc__error_fault(mem, 1326, "the server refused the client certificate (HTTP %d)",
                             status);
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "No entry in certmapping fits the certificate and the CA that issued "
                           "it, the account in the entry is gone or has a new password, or the "
                           "service does not take certificates.");
    } else {
        e = wsc__error_new(mem, WSC_E_AUTH,
                           "the server did not ask for the client certificate (HTTP %d)", status);
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "Authentication by certificate is switched off in the service's "
                           "configuration, or something on the way ends TLS.");
    }
    wsc__error_set_str(
        e, WSC__ES_REMEDY,
        "An administrator of the server runs: winrm set winrm/config/service/auth "
        "@{Certificate=\"true\"} and winrm create "
        "winrm/config/service/certmapping?Issuer=THUMBPRINT+Subject=NAME@localhost+URI=* "
        "@{UserName=\"USER\";Password=\"...\"} for a local account, where THUMBPRINT is that of "
        "the issuing CA and NAME@localhost the principal name in the certificate; the CA has to be "
        "in the computer's trusted roots.");
    wsc__error_set_str(e, WSC__ES_SCHEME, "Certificate");
    wsc__error_set_int(e, WSC__EI_HTTP_STATUS, status);
    return e;
}

const struct wsc__auth_ops wsc__auth_certificate = {
    .name = "Certificate",
    .wire = PROFILE,
    .flags = WSC__AUTH_NEEDS_TLS | WSC__AUTH_PREEMPTIVE | WSC__AUTH_IN_TLS,
    .begin = cert_begin,
    .step = cert_step,
    .accepted = cert_accepted,
    .refused = cert_refused,
    .free = cert_free,
};
