/* Lists of revoked certificates (RFC 5280 5), from a file that the user answers for: their
 * signatures are not checked, for they may be the only thing known of the issuer. */
#include "tls/tls_internal.h"

#include <string.h>

int wsc__tls_crls_load(struct wsc__tls_rules *c, const char *path, struct wsc_error **err)
{
    gnutls_datum_t data;
    int rc = wsc__tls_load(path, &data);

    if (!rc) { /* Windows writes DER */
        bool der = data.size && data.data[0] == 0x30;

        rc = gnutls_x509_crl_list_import2(&c->crls, &c->ncrls, &data,
                                          der ? GNUTLS_X509_FMT_DER : GNUTLS_X509_FMT_PEM, 0);
        if (rc < 0) {
            c->crls = NULL;
            c->ncrls = 0;
        } else if (!c->ncrls) {
            rc = GNUTLS_E_NO_CERTIFICATE_FOUND;
        }
    }
    wsc__tls_unload(&data);
    if (rc >= 0)
        return WSC_OK;
    return wsc__tls_file_failed(c->mem, rc, err, "tls-crl-file", path,
                                "The file holds no list of revoked certificates.",
                                "Give the path of a file with lists in the form PEM "
                                "(-----BEGIN X509 CRL-----), or with one in the form DER.");
}

void wsc__tls_crls_free(struct wsc__tls_rules *c)
{
    for (unsigned i = 0; i < c->ncrls; i++)
        gnutls_x509_crl_deinit(c->crls[i]);
    gnutls_free(c->crls);
    c->crls = NULL;
    c->ncrls = 0;
}

static struct wsc_error *revoked_error(struct wsc__tls *t, gnutls_x509_crt_t crt, bool leaf)
{
    struct wsc_error *e;
    char dn[256];

    wsc__tls_put_dn(dn, sizeof dn, crt, false);
    if (leaf)
        e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "the certificate of %s was revoked", t->host);
    else
        e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY,
                           "a certificate in the chain of %s was revoked: %s", t->host, dn);
    wsc__error_setf(e, WSC__ES_SYSTEM_TEXT, "%s is on the list in tls-crl-file", dn);
    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "its issuer withdrew the certificate: it was replaced, or its key is known "
                       "to others, who can pose as the server");
    wsc__error_set_str(e, WSC__ES_REMEDY, "give the server a new certificate");
    return e;
}

static struct wsc_error *stale_error(struct wsc__tls *t, gnutls_x509_crt_t crt, time_t next)
{
    struct wsc_error *e;
    char dn[256], when[64];

    wsc__tls_put_dn(dn, sizeof dn, crt, true);
    wsc__tls_put_time(when, sizeof when, next);
    e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY,
                       "the certificate of %s can not be checked: the list of revoked "
                       "certificates of %s is out of date since %s",
                       t->host, dn, when);
    wsc__error_setf(e, WSC__ES_SYSTEM_TEXT, "next update was due on %s", when);
    wsc__error_set_str(e, WSC__ES_CAUSE, "what was revoked since then is not on the list");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "fetch the issuer's new list into the file of tls-crl-file");
    return e;
}

/* Is the list the one of this certificate's issuer? */
static bool covers(gnutls_x509_crl_t crl, gnutls_x509_crt_t crt)
{
    gnutls_datum_t a = { NULL, 0 }, b = { NULL, 0 };
    bool same = !gnutls_x509_crl_get_raw_issuer_dn(crl, &a) &&
                !gnutls_x509_crt_get_raw_issuer_dn(crt, &b) && a.size == b.size &&
                !memcmp(a.data, b.data, a.size);

    gnutls_free(a.data);
    gnutls_free(b.data);
    return same;
}

static struct wsc_error *check(struct wsc__tls *t, gnutls_x509_crt_t crt, bool leaf, time_t now)
{
    const struct wsc__tls_rules *c = t->config->rules;
    time_t newest = 0;
    bool covered = false, undated = false;

    for (unsigned i = 0; i < c->ncrls; i++) {
        time_t next = gnutls_x509_crl_get_next_update(c->crls[i]);

        if (!covers(c->crls[i], crt))
            continue;
        if (gnutls_x509_crt_check_revocation(crt, &c->crls[i], 1))
            return revoked_error(t, crt, leaf);
        covered = true;
        undated |= next == (time_t)-1;
        if (next > newest)
            newest = next;
    }
    return covered && !undated && newest < now ? stale_error(t, crt, newest) : NULL;
}

struct wsc_error *wsc__tls_revoked(struct wsc__tls *t, gnutls_x509_crt_t *crt, unsigned n)
{
    struct wsc_error *e = NULL;
    time_t now = time(NULL);

    for (unsigned i = 0; i < n && !e; i++)
        e = check(t, crt[i], i == 0, now);
    return e;
}
