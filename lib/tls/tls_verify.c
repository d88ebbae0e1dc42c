/* Is this the server that was asked for? Pins, chain, name, and why not. */
#include "tls/tls_internal.h"

#include "base/b64.h"
#include "base/str.h"
#include "base/url.h"

#include <gnutls/crypto.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define NAMES_MAX 10
#define TEXT_MAX  1024

struct peer {
    gnutls_x509_crt_t crt[WSC__CHAIN_MAX];
    unsigned n;
    const gnutls_datum_t *der; /* of the server's own certificate */
};

static void refuse(struct wsc__tls *t, struct wsc_error *e)
{
    wsc__error_unref(t->verdict);
    t->verdict = e;
    wsc__error_set_str(e, WSC__ES_TARGET, t->host);
}

/* --- texts ------------------------------------------------------------------------------------ */

void wsc__tls_put_time(char *out, size_t cap, time_t at)
{
    struct tm tm;

    if (at == (time_t)-1 || !gmtime_r(&at, &tm) ||
        !strftime(out, cap, "%Y-%m-%d %H:%M:%S UTC", &tm))
        snprintf(out, cap, "an unknown date");
}

/* Names come from a certificate that nobody vouches for: nothing but printable ASCII is repeated.
 */
static bool add_name(char *out, size_t cap, const char *name, size_t len)
{
    size_t at = strlen(out);

    if (at + len + 3 > cap)
        return false;
    if (at) {
        out[at++] = ',';
        out[at++] = ' ';
    }
    for (size_t i = 0; i < len; i++)
        out[at++] = name[i] > 0x20 && name[i] < 0x7f ? name[i] : '?';
    out[at] = '\0';
    return true;
}

static void add_ip(char *out, size_t cap, const uint8_t *ip, size_t len)
{
    char text[48];
    size_t at = 0;

    if (len == 4) {
        snprintf(text, sizeof text, "%u.%u.%u.%u", ip[0], ip[1], ip[2], ip[3]);
    } else if (len == 16) {
        for (size_t i = 0; i < 16; i += 2)
            at += (size_t)snprintf(text + at, sizeof text - at, "%s%x", i ? ":" : "",
                                   (unsigned)(ip[i] << 8 | ip[i + 1]));
    } else {
        return;
    }
    add_name(out, cap, text, strlen(text));
}

/* An address that stands there as a name is a frequent mistake, and counts for nothing. */
static void add_dns(char *out, size_t cap, const char *name, size_t len)
{
    static const char note[] = " (as a DNS name, not as an address)";
    uint8_t ip[16];
    size_t ip_len;

    if (add_name(out, cap, name, len) && wsc__ip_parse(name, len, ip, &ip_len) &&
        strlen(out) + sizeof note <= cap)
        memcpy(out + strlen(out), note, sizeof note);
}

/* All names that the certificate is valid for. */
static void put_names(char *out, size_t cap, gnutls_x509_crt_t crt)
{
    char name[256];
    size_t len;

    out[0] = '\0';
    for (unsigned i = 0; i < NAMES_MAX; i++) {
        int type;

        len = sizeof name;
        type = gnutls_x509_crt_get_subject_alt_name(crt, i, name, &len, NULL);
        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        if (type == GNUTLS_SAN_DNSNAME)
            add_dns(out, cap, name, strnlen(name, len));
        else if (type == GNUTLS_SAN_IPADDRESS)
            add_ip(out, cap, (const uint8_t *)name, len);
    }
    len = sizeof name;
    if (!*out && !gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &len))
        add_name(out, cap, name, strnlen(name, len));
    if (!*out)
        snprintf(out, cap, "no name at all");
}

void wsc__tls_put_dn(char *out, size_t cap, gnutls_x509_crt_t crt, bool issuer)
{
    char name[256];
    size_t len = sizeof name;
    int rc = issuer ? gnutls_x509_crt_get_issuer_dn(crt, name, &len)
                    : gnutls_x509_crt_get_dn(crt, name, &len);

    out[0] = '\0';
    for (size_t i = 0; !rc && i < len && name[i] && i + 1 < cap; i++) {
        out[i] = name[i] >= 0x20 && name[i] < 0x7f ? name[i] : '?';
        out[i + 1] = '\0';
    }
    if (!*out)
        snprintf(out, cap, "(no name)");
}

static bool key_hash(gnutls_x509_crt_t crt, uint8_t out[WSC__PIN_LEN])
{
    size_t len = WSC__PIN_LEN;

    return !gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, out, &len) &&
           len == WSC__PIN_LEN;
}

static void put_pin(char out[2 * WSC__PIN_LEN + 8], gnutls_x509_crt_t crt)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t hash[WSC__PIN_LEN];
    char *at = out + 7;

    memcpy(out, "sha256:", 8);
    if (!key_hash(crt, hash))
        return;
    for (size_t i = 0; i < WSC__PIN_LEN; i++) {
        *at++ = hex[hash[i] >> 4];
        *at++ = hex[hash[i] & 15];
    }
    *at = '\0';
}

/* --- pins ------------------------------------------------------------------------------------- */

static bool pinned(const struct wsc__tls_rules *c, const struct peer *p)
{
    uint8_t key[WSC__PIN_LEN], cert[WSC__PIN_LEN];
    bool hit = false;

    if (!key_hash(p->crt[0], key) ||
        gnutls_hash_fast(GNUTLS_DIG_SHA256, p->der->data, p->der->size, cert))
        return false;
    for (unsigned i = 0; i < c->npins; i++)
        hit |= !memcmp(c->pins[i].hash, c->pins[i].whole_cert ? cert : key, WSC__PIN_LEN);
    return hit;
}

static void refuse_pin(struct wsc__tls *t, const struct peer *p)
{
    char pin[2 * WSC__PIN_LEN + 8];
    struct wsc_error *e;

    put_pin(pin, p->crt[0]);
    e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "the key of %s is not the pinned one: it is %s",
                       t->host, pin);
    wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, pin);
    wsc__error_set_str(e, WSC__ES_OPTION, "tls-pin");
    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "the server has a new certificate, or this is another server");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "compare the key on the server itself, and pin the new one if it is the "
                       "server's");
    refuse(t, e);
}

/* --- chain ------------------------------------------------------------------------------------ */

static struct wsc_error *date_error(struct wsc__tls *t, const struct peer *p, bool expired)
{
    time_t now = time(NULL), at = (time_t)-1;
    char when[64], dn[256];
    struct wsc_error *e;
    unsigned i;

    for (i = 0; i < p->n; i++) {
        at = expired ? gnutls_x509_crt_get_expiration_time(p->crt[i])
                     : gnutls_x509_crt_get_activation_time(p->crt[i]);
        if (expired ? at < now : at > now)
            break;
    }
    wsc__tls_put_time(when, sizeof when, i < p->n ? at : (time_t)-1);
    wsc__tls_put_dn(dn, sizeof dn, p->crt[i < p->n ? i : 0], false);
    if (i == 0)
        e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "the certificate of %s %s %s", t->host,
                           expired ? "expired on" : "is not valid before", when);
    else
        e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "a certificate in the chain of %s (%s) %s %s",
                           t->host, dn, expired ? "expired on" : "is not valid before", when);
    wsc__error_set_str(
        e, WSC__ES_CAUSE,
        expired ? "the certificate was not renewed, or the clock of this machine is wrong"
                : "the clock of this machine or of the server is wrong");
    wsc__error_set_str(
        e, WSC__ES_REMEDY,
        expired ? "renew the certificate and give it to the WinRM listener; check the clock"
                : "check the clocks");
    return e;
}

static struct wsc_error *issuer_error(struct wsc__tls *t, const struct peer *p, int cas)
{
    bool self_signed = gnutls_x509_crt_check_issuer(p->crt[0], p->crt[0]);
    char pin[2 * WSC__PIN_LEN + 8], dn[256];
    struct wsc_error *e;

    put_pin(pin, p->crt[0]);
    wsc__tls_put_dn(dn, sizeof dn, p->crt[p->n - 1], true);
    if (self_signed)
        e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY,
                           "the certificate of %s is self-signed and not trusted", t->host);
    else
        e = wsc__error_new(
            t->mem, WSC_E_TLS_VERIFY,
            "the certificate of %s was issued by an authority that is not trusted: %s", t->host,
            dn);
    if (!cas)
        wsc__error_set_str(e, WSC__ES_CAUSE, "this system has no trusted CAs installed");
    else
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           self_signed ? "WinRM listeners often have a self-signed certificate"
                                       : "the CA of the organisation is not known here, or the "
                                         "server does not send the intermediate certificate");
    wsc__error_setf(
        e, WSC__ES_REMEDY,
        "give the CA with tls-ca-file, or, after comparing it on the server, tls-pin=%s", pin);
    return e;
}

static struct wsc_error *other_error(struct wsc__tls *t, unsigned status)
{
    static const struct {
        unsigned bit;
        const char *text, *cause, *remedy;
    } list[] = {
        { GNUTLS_CERT_REVOKED, "was revoked", "its issuer withdrew the certificate",
          "give the server a new certificate" },
        { GNUTLS_CERT_INSECURE_ALGORITHM, "is signed with, or has a key of, a weak algorithm",
          "it is signed with MD5 or SHA-1, or its key is too short",
          "give the server a certificate with SHA-256 and an RSA key of 2048 bits or more" },
        { GNUTLS_CERT_PURPOSE_MISMATCH, "is not meant for a TLS server",
          "its extended key usage lacks server authentication",
          "give the WinRM listener a certificate with the purpose \"server authentication\"" },
        { GNUTLS_CERT_SIGNER_NOT_CA, "was issued by a certificate that may not issue any",
          "a certificate in the chain is no CA", "give the CA itself with tls-ca-file" },
        { GNUTLS_CERT_SIGNER_CONSTRAINTS_FAILURE, "breaks the constraints of its CA",
          "the CA may not issue certificates for this name", NULL },
        { GNUTLS_CERT_SIGNATURE_FAILURE, "has a wrong signature", "it was altered", NULL },
    };
    struct wsc_error *e;

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        if (!(status & list[i].bit))
            continue;
        e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "the certificate of %s %s", t->host,
                           list[i].text);
        wsc__error_set_str(e, WSC__ES_CAUSE, list[i].cause);
        if (list[i].remedy)
            wsc__error_set_str(e, WSC__ES_REMEDY, list[i].remedy);
        return e;
    }
    return wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "the certificate of %s can not be verified",
                          t->host);
}

static void refuse_chain(struct wsc__tls *t, const struct peer *p, unsigned status, int cas)
{
    const unsigned graver =
        GNUTLS_CERT_REVOKED | GNUTLS_CERT_INSECURE_ALGORITHM | GNUTLS_CERT_SIGNATURE_FAILURE;
    gnutls_datum_t text = { NULL, 0 };
    struct wsc_error *e;

    if (status & graver)
        e = other_error(t, status);
    else if (status & (GNUTLS_CERT_EXPIRED | GNUTLS_CERT_NOT_ACTIVATED))
        e = date_error(t, p, (status & GNUTLS_CERT_EXPIRED) != 0);
    else if (status & GNUTLS_CERT_SIGNER_NOT_FOUND)
        e = issuer_error(t, p, cas);
    else
        e = other_error(t, status);
    if (!gnutls_certificate_verification_status_print(status, GNUTLS_CRT_X509, &text, 0)) {
        size_t n = strlen((const char *)text.data);

        while (n && text.data[n - 1] == ' ') /* after each of its sentences */
            text.data[--n] = '\0';
        wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, (const char *)text.data);
    }
    wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, status);
    gnutls_free(text.data);
    refuse(t, e);
}

static int verify_chain(struct wsc__tls *t, struct peer *p)
{
    static char purpose[] = GNUTLS_KP_TLS_WWW_SERVER;
    gnutls_typed_vdata_st data = { GNUTLS_DT_KEY_PURPOSE_OID, (unsigned char *)purpose, 0 };
    gnutls_x509_trust_list_t list = t->config->rules->own_cas;
    unsigned status = 0;
    int rc, cas = 1;

    if (!list && t->config->rules->store)
        list = wsc__tls_store_list(t->config->rules->store, &cas);
    if (!list) {
        refuse(t,
               wsc__error_new(t->mem, WSC_E_TLS_VERIFY,
                              "the certificate of %s can not be verified: no list of trusted CAs",
                              t->host));
        return -1;
    }
    rc = gnutls_x509_trust_list_verify_crt2(
        list, p->crt, p->n, &data, 1, GNUTLS_PROFILE_TO_VFLAGS(GNUTLS_PROFILE_LOW), &status, NULL);
    if (rc < 0) {
        refuse(t, wsc__error_new(t->mem, WSC_E_TLS_VERIFY,
                                 "the certificate of %s can not be verified: %s", t->host,
                                 gnutls_strerror(rc)));
        wsc__error_set_str(t->verdict, WSC__ES_SYSTEM_TEXT, gnutls_strerror(rc));
        return -1;
    }
    if (!status)
        return 0;
    refuse_chain(t, p, status, cas);
    return -1;
}

/* --- name ------------------------------------------------------------------------------------- */

static int verify_host(struct wsc__tls *t, const struct peer *p)
{
    const char *name = t->config->rules->verify_name ? t->config->rules->verify_name : t->host;
    char names[TEXT_MAX];
    uint8_t ip[16];
    size_t ip_len;
    struct wsc_error *e;
    bool good;

    if (wsc__ip_parse(name, strlen(name), ip, &ip_len))
        good = gnutls_x509_crt_check_ip(p->crt[0], ip, (unsigned)ip_len, 0);
    else
        good = gnutls_x509_crt_check_hostname(p->crt[0], name);
    if (good)
        return 0;
    put_names(names, sizeof names, p->crt[0]);
    e = wsc__error_new(t->mem, WSC_E_TLS_VERIFY,
                       "the certificate of %s does not carry the name %s, but: %s", t->host, name,
                       names);
    wsc__error_setf(e, WSC__ES_SYSTEM_TEXT, "names in the certificate: %s", names);
    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "the server was addressed by an alias, a short name or an IP address, or "
                       "this is another server");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "use a name that the certificate carries, or give it with tls-verify-name");
    wsc__error_set_str(e, WSC__ES_OPTION, "tls-verify-name");
    refuse(t, e);
    return -1;
}

/* --- all together ----------------------------------------------------------------------------- */

static int judge(struct wsc__tls *t, struct peer *p)
{
    const struct wsc__tls_rules *c = t->config->rules;
    struct wsc_error *revoked = c->ncrls ? wsc__tls_revoked(t, p->crt, p->n) : NULL;

    if (revoked) { /* whatever else speaks for it */
        refuse(t, revoked);
        return -1;
    }
    if (c->npins) {
        if (!pinned(c, p)) {
            refuse_pin(t, p);
            return -1;
        }
        /* The pin names this very key: no third party, name or date has a say in it. With a CA file
         * of its own the user asked for both. */
        if (!c->own_cas)
            return 0;
    }
    if (c->verify_chain && verify_chain(t, p))
        return -1;
    if (c->verify_host && verify_host(t, p))
        return -1;
    return 0;
}

int wsc__tls_verify(struct wsc__tls *t)
{
    unsigned n = 0;
    const gnutls_datum_t *der = gnutls_certificate_get_peers(t->session, &n);
    struct peer p = { .n = 0 };
    int rc = -1;

    if (!der || !n || gnutls_certificate_type_get(t->session) != GNUTLS_CRT_X509) {
        refuse(t, wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "%s sent no certificate", t->host));
        return -1;
    }
    p.der = der;
    for (; p.n < n && p.n < WSC__CHAIN_MAX; p.n++) {
        if (gnutls_x509_crt_init(&p.crt[p.n]))
            break;
        if (gnutls_x509_crt_import(p.crt[p.n], &der[p.n], GNUTLS_X509_FMT_DER)) {
            gnutls_x509_crt_deinit(p.crt[p.n]);
            break;
        }
    }
    if (p.n)
        rc = judge(t, &p);
    else
        refuse(t, wsc__error_new(t->mem, WSC_E_TLS_VERIFY, "the certificate of %s can not be read",
                                 t->host));
    for (unsigned i = 0; i < p.n; i++)
        gnutls_x509_crt_deinit(p.crt[i]);
    return rc;
}
