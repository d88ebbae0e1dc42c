/* Our own certificate and its key: PEM or PKCS#12 files, or URLs of tokens (PKCS#11). */
#include "tls/tls_internal.h"

#include "base/str.h"

#include <gnutls/abstract.h>
#include <gnutls/pkcs12.h>

#include <string.h>

#define COMPONENT "tls"
#define CERT_MAX  16384 /* what Windows takes */
#define OWN_MAX   WSC__CHAIN_MAX

struct own {
    const struct wsc__mem *mem;
    struct wsc__tls_own *made;
    const struct wsc__tls_own_options *o;
    char *password; /* or NULL */
    gnutls_x509_crt_t *chain;
    unsigned n;
    gnutls_privkey_t key;
    bool packed; /* PKCS#12: the key came along */
};

static const char remedy_text[] = "Give tls-cert-file a PEM file with the certificate, and "
                                  "tls-key-file one with its key (or both "
                                  "in one file), a PKCS#12 file (.pfx, .p12), or pkcs11: URLs.";

static int refuse(const struct own *w, struct wsc_error **err, const char *option, const char *path,
                  const char *text, const char *remedy)
{
    *err = wsc__error_new(w->mem, WSC_E_TLS, "%s: %.1000s: %s", option, path, text);
    wsc__error_set_str(*err, WSC__ES_OPTION, option);
    wsc__error_set_str(*err, WSC__ES_SYSTEM_TEXT, text);
    wsc__error_set_str(*err, WSC__ES_REMEDY, remedy);
    return wsc__error_code(*err);
}

static int wrong_password(const struct own *w, struct wsc_error **err, const char *option,
                          const char *path)
{
    int rc = refuse(w, err, option, path,
                    w->password ? "the password is wrong"
                                : "it is encrypted, and there is no "
                                  "password",
                    "Give the password with tls-key-password or tls-key-password-file.");

    wsc__error_set_str(*err, WSC__ES_OPTION, "tls-key-password");
    return rc;
}

/* --- tokens ----------------------------------------------------------------------------------- */

static bool is_url(const char *s)
{
    return wsc__istarts(s, strlen(s), "pkcs11:") || gnutls_url_is_supported(s);
}

/* Texts and logs show the URL, so that a PIN must not stand in it (RFC 7512 2.4 allows it). */
static int check_url(const struct own *w, const char *option, const char *url,
                     struct wsc_error **err)
{
    if (!strstr(url, "pin-value"))
        return WSC_OK;
    *err = wsc__error_new(w->mem, WSC_E_OPTION, "%s: a URL may not hold the PIN", option);
    wsc__error_set_str(*err, WSC__ES_OPTION, option);
    wsc__error_set_str(*err, WSC__ES_REMEDY,
                       "Take pin-value out of the URL and give the PIN with tls-key-password or "
                       "tls-key-password-file.");
    return wsc__error_code(*err);
}

/* Once only: a token locks itself after a few wrong ones. */
static int give_pin(void *ud, int attempt, const char *url, const char *label, unsigned flags,
                    char *out, size_t cap)
{
    const struct wsc__tls_own *own = ud;

    (void)url;
    (void)label;
    if (!own->pin || attempt || (flags & GNUTLS_PIN_WRONG) || own->pin_len > cap)
        return -1;
    memcpy(out, own->pin, own->pin_len);
    return 0;
}

static int url_failed(const struct own *w, int rc, struct wsc_error **err, const char *option,
                      const char *url)
{
    int code;

    if (rc == GNUTLS_E_PKCS11_PIN_ERROR || rc == GNUTLS_E_PKCS11_PIN_LOCKED) {
        code =
            wsc__tls_file_failed(w->mem, rc, err, option, url,
                                 w->password ? "The PIN is wrong, or the token has locked itself."
                                             : "The token wants its PIN, and there is none.",
                                 "Give the PIN with tls-key-password or tls-key-password-file.");
        wsc__error_set_str(*err, WSC__ES_OPTION, "tls-key-password");
        return code;
    }
    return wsc__tls_file_failed(
        w->mem, rc, err, option, url,
        "No token holds such an object, or no module for it is set up.",
        "`p11tool --list-tokens` and `p11tool --login --list-all URL` show what is there; the "
        "certificate and its key have URLs of their own.");
}

static int keep_pin(struct own *w, struct wsc_error **err)
{
    struct wsc__tls_own *own = w->made;

    if (!w->password || own->pin)
        return WSC_OK;
    own->pin_len = strlen(w->password) + 1;
    own->pin = wsc__memdup(w->mem, w->password, own->pin_len);
    if (own->pin)
        return WSC_OK;
    *err = wsc__error_nomem();
    return WSC_E_NOMEM;
}

static int cert_from_url(struct own *w, struct wsc_error **err)
{
    const char *url = w->o->cert_file;
    int rc = check_url(w, "tls-cert-file", url, err);

    if (!rc)
        rc = keep_pin(w, err);
    if (rc)
        return rc;
    rc = gnutls_x509_crt_list_import_url(&w->chain, &w->n, url, give_pin, w->made, 0);
    if (rc < 0) {
        w->chain = NULL;
        w->n = 0;
        return url_failed(w, rc, err, "tls-cert-file", url);
    }
    return WSC_OK;
}

static int key_from_url(struct own *w, const char *option, const char *url, struct wsc_error **err)
{
    int rc = check_url(w, option, url, err);

    if (!rc)
        rc = keep_pin(w, err);
    if (rc)
        return rc;
    gnutls_privkey_set_pin_function(w->key, give_pin, w->made);
    rc = gnutls_privkey_import_url(w->key, url, 0);
    return rc < 0 ? url_failed(w, rc, err, option, url) : WSC_OK;
}

/* --- files ------------------------------------------------------------------------------------ */

/* gnutls_load_file puts a zero behind what it has read. */
static bool has(const gnutls_datum_t *d, const char *word)
{
    return d->size && strstr((const char *)d->data, word) != NULL;
}

/* By content: DER that begins as a PFX does (RFC 7292 4: a SEQUENCE, then version 3), or PEM. */
static bool is_pkcs12(const gnutls_datum_t *d, gnutls_x509_crt_fmt_t *format)
{
    *format = GNUTLS_X509_FMT_DER;
    if (d->size > 16 && d->data[0] == 0x30) {
        unsigned skip = d->data[1] < 0x80 || d->data[1] == 0x80 ? 2 : 2u + (d->data[1] & 0x7f);

        return skip < 8 && !memcmp(d->data + skip, "\x02\x01\x03", 3);
    }
    *format = GNUTLS_X509_FMT_PEM;
    return has(d, "-----BEGIN PKCS12-----");
}

static int unpack(struct own *w, gnutls_pkcs12_t p12, gnutls_x509_privkey_t *key)
{
    /* an empty password and none are different things in PKCS#12, and both are used */
    const char *password = w->password ? w->password : "";
    int rc = gnutls_pkcs12_verify_mac(p12, password);

    if (rc == GNUTLS_E_MAC_VERIFY_FAILED && !w->password) {
        password = NULL;
        rc = gnutls_pkcs12_verify_mac(p12, NULL);
    }
    if (rc == GNUTLS_E_MAC_VERIFY_FAILED)
        return GNUTLS_E_DECRYPTION_FAILED;
    return gnutls_pkcs12_simple_parse(p12, password, key, &w->chain, &w->n, NULL, NULL, NULL, 0);
}

static int from_pkcs12(struct own *w, const gnutls_datum_t *data, gnutls_x509_crt_fmt_t format,
                       struct wsc_error **err)
{
    gnutls_x509_privkey_t key = NULL;
    gnutls_pkcs12_t p12;
    int rc = gnutls_pkcs12_init(&p12);

    if (rc)
        return wsc__tls_failed(w->mem, rc, err, NULL, "PKCS#12");
    rc = gnutls_pkcs12_import(p12, data, format, 0);
    if (!rc)
        rc = unpack(w, p12, &key);
    if (rc >= 0 && key)
        rc = gnutls_privkey_import_x509(w->key, key, GNUTLS_PRIVKEY_IMPORT_COPY);
    if (key)
        gnutls_x509_privkey_deinit(key);
    gnutls_pkcs12_deinit(p12);
    w->packed = true;
    if (rc == GNUTLS_E_DECRYPTION_FAILED)
        return wrong_password(w, err, "tls-cert-file", w->o->cert_file);
    if (rc >= 0 && (!key || !w->n))
        rc = GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE;
    if (rc < 0)
        return wsc__tls_file_failed(w->mem, rc, err, "tls-cert-file", w->o->cert_file,
                                    "The PKCS#12 file is damaged, or holds no certificate with "
                                    "its key.",
                                    remedy_text);
    return WSC_OK;
}

static int cert_from_file(struct own *w, struct wsc_error **err)
{
    const char *path = w->o->cert_file;
    gnutls_x509_crt_fmt_t format;
    gnutls_datum_t data;
    int rc = wsc__tls_load(path, &data);

    if (!rc && is_pkcs12(&data, &format)) {
        rc = from_pkcs12(w, &data, format, err);
        wsc__tls_unload(&data);
        return rc;
    }
    if (!rc) {
        rc = gnutls_x509_crt_list_import2(&w->chain, &w->n, &data, GNUTLS_X509_FMT_PEM, 0);
        if (rc < 0) {
            w->chain = NULL;
            w->n = 0;
        }
    }
    wsc__tls_unload(&data);
    if (rc < 0)
        return wsc__tls_file_failed(w->mem, rc, err, "tls-cert-file", path,
                                    "The file holds no certificate in the form PEM or PKCS#12.",
                                    remedy_text);
    return WSC_OK;
}

/* A PKCS#12 file has its certificate with it: only tls-cert-file can name one. */
static int key_from_file(struct own *w, const char *option, const char *path,
                         struct wsc_error **err)
{
    gnutls_x509_crt_fmt_t format;
    gnutls_datum_t data;
    bool encrypted = false, packed = false, none = false;
    int rc = wsc__tls_load(path, &data);

    if (!rc)
        packed = w->o->key_file && is_pkcs12(&data, &format);
    if (!rc && !packed) {
        encrypted = has(&data, "BEGIN ENCRYPTED") || has(&data, "Proc-Type: 4,ENCRYPTED");
        none = !has(&data, "PRIVATE KEY-----");
        rc = gnutls_privkey_import_x509_raw(w->key, &data, GNUTLS_X509_FMT_PEM, w->password, 0);
    }
    wsc__tls_unload(&data);
    if (packed)
        return refuse(w, err, option, path, "a PKCS#12 file belongs into tls-cert-file",
                      "Give the file with tls-cert-file alone.");
    /* a wrong password also shows as a key that makes no sense */
    if (rc < 0 && encrypted && rc != GNUTLS_E_MEMORY_ERROR)
        return wrong_password(w, err, option, path);
    if (rc < 0 && none && rc != GNUTLS_E_MEMORY_ERROR)
        return refuse(w, err, option, path,
                      w->o->key_file
                          ? "the file holds no private key in the form PEM"
                          : "the file holds no private key, and no tls-key-file is given",
                      remedy_text);
    if (rc < 0)
        return wsc__tls_file_failed(w->mem, rc, err, option, path,
                                    "The private key in the file cannot be used.", remedy_text);
    return WSC_OK;
}

/* --- all together ----------------------------------------------------------------------------- */

static int load_key(struct own *w, struct wsc_error **err)
{
    const char *path = w->o->key_file ? w->o->key_file : w->o->cert_file;
    const char *option = w->o->key_file ? "tls-key-file" : "tls-cert-file";

    return is_url(path) ? key_from_url(w, option, path, err) : key_from_file(w, option, path, err);
}

/* What Windows would refuse, and what the server may: the first is an error, the rest a warning. */
static int look_at(struct own *w, gnutls_pcert_st *leaf, struct wsc_error **err)
{
    const char *path = w->o->cert_file;
    gnutls_x509_crt_t crt;
    time_t now = time(NULL), from, until;
    char when[64];

    if (leaf->cert.size > CERT_MAX) {
        *err = wsc__error_new(w->mem, WSC_E_LIMIT,
                              "tls-cert-file: %s: the certificate has %u bytes; Windows takes "
                              "%d (16 KB) at most",
                              path, leaf->cert.size, CERT_MAX);
        wsc__error_set_str(*err, WSC__ES_OPTION, "tls-cert-file");
        wsc__error_set_int(*err, WSC__EI_LIMIT, CERT_MAX);
        wsc__error_set_str(*err, WSC__ES_REMEDY,
                           "Use a certificate with fewer names and extensions.");
        return wsc__error_code(*err);
    }
    if (gnutls_pcert_export_x509(leaf, &crt))
        return WSC_OK;
    from = gnutls_x509_crt_get_activation_time(crt);
    until = gnutls_x509_crt_get_expiration_time(crt);
    wsc__tls_put_time(when, sizeof when, until < now ? until : from);
    if (until < now || from > now)
        wsc__logf(w->o->log, WSC_LOG_WARN, COMPONENT, "tls-cert-file: %s: the certificate %s %s",
                  path, until < now ? "expired on" : "is not valid before", when);
    if (!gnutls_x509_crt_check_key_purpose(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0))
        wsc__logf(w->o->log, WSC_LOG_WARN, COMPONENT,
                  "tls-cert-file: %s: the certificate is not meant for client authentication",
                  path);
    gnutls_x509_crt_deinit(crt);
    return WSC_OK;
}

static int use(struct own *w, gnutls_pcert_st *certs, unsigned n, struct wsc_error **err)
{
    int rc = look_at(w, &certs[0], err);

    if (rc)
        return rc;
    rc = gnutls_certificate_set_key(w->made->cred, NULL, 0, certs, (int)n, w->key);
    if (rc >= 0) {
        w->key = NULL; /* it is the credentials' now, as are the contents of certs */
        return WSC_OK;
    }
    if (rc == GNUTLS_E_CERTIFICATE_KEY_MISMATCH)
        return refuse(w, err, w->o->key_file ? "tls-key-file" : "tls-cert-file",
                      w->o->key_file ? w->o->key_file : w->o->cert_file,
                      "the key does not belong to the certificate",
                      "Give the key that the certificate was made for.");
    return wsc__tls_file_failed(w->mem, rc, err, "tls-cert-file", w->o->cert_file,
                                "GnuTLS does not take the certificate with this key.", remedy_text);
}

static bool belongs(gnutls_x509_crt_t crt, const uint8_t *id, size_t len)
{
    uint8_t of_crt[32];
    size_t n = sizeof of_crt;

    return !gnutls_x509_crt_get_key_id(crt, GNUTLS_KEYID_USE_SHA256, of_crt, &n) && n == len &&
           !memcmp(of_crt, id, n);
}

/* In files made of several the CA's certificate may come first; GnuTLS wants ours there. */
static void put_ours_first(struct own *w)
{
    uint8_t id[32];
    size_t len = sizeof id;
    gnutls_pubkey_t key;

    if (w->n < 2 || gnutls_pubkey_init(&key))
        return;
    if (!gnutls_pubkey_import_privkey(key, w->key, 0, 0) &&
        !gnutls_pubkey_get_key_id(key, GNUTLS_KEYID_USE_SHA256, id, &len)) {
        for (unsigned i = 0; i < w->n; i++) {
            gnutls_x509_crt_t crt = w->chain[i];

            if (!belongs(crt, id, len))
                continue;
            w->chain[i] = w->chain[0];
            w->chain[0] = crt;
            break;
        }
    }
    gnutls_pubkey_deinit(key);
}

static int assemble(struct own *w, struct wsc_error **err)
{
    gnutls_pcert_st certs[OWN_MAX];
    unsigned n = w->n < OWN_MAX ? w->n : OWN_MAX;
    int rc;

    put_ours_first(w);
    rc = gnutls_pcert_import_x509_list(certs, w->chain, &n, GNUTLS_X509_CRT_LIST_SORT);
    if (rc == GNUTLS_E_CERTIFICATE_LIST_UNSORTED || rc == GNUTLS_E_UNIMPLEMENTED_FEATURE) {
        n = 1; /* no chain: the rest is of no use to the server */
        rc = gnutls_pcert_import_x509_list(certs, w->chain, &n, 0);
    }
    if (rc)
        return wsc__tls_file_failed(w->mem, rc, err, "tls-cert-file", w->o->cert_file,
                                    "The certificate can not be used.", remedy_text);
    rc = use(w, certs, n, err);
    if (rc) {
        for (unsigned i = 0; i < n; i++)
            gnutls_pcert_deinit(&certs[i]);
    }
    return rc;
}

static int load(struct own *w, struct wsc_error **err)
{
    int rc = wsc__tls_credentials(&w->made->cred, w->mem, err);

    if (rc)
        return rc;
    rc = gnutls_privkey_init(&w->key);
    if (rc) {
        w->key = NULL;
        return wsc__tls_failed(w->mem, rc, err, NULL, "the key of the client certificate");
    }
    rc = is_url(w->o->cert_file) ? cert_from_url(w, err) : cert_from_file(w, err);
    if (!rc && !w->packed)
        rc = load_key(w, err);
    return rc ? rc : assemble(w, err);
}

static void clean(struct own *w)
{
    for (unsigned i = 0; i < w->n; i++)
        gnutls_x509_crt_deinit(w->chain[i]);
    gnutls_free(w->chain);
    if (w->key)
        gnutls_privkey_deinit(w->key);
    if (w->password)
        wsc__free_secret(w->mem, w->password, strlen(w->password) + 1);
    wsc__tls_own_unref(w->made);
}

int wsc__tls_own_new(struct wsc__tls_own **out, const struct wsc__mem *mem,
                     const struct wsc__tls_own_options *o, struct wsc_error **err)
{
    struct own w = { .mem = mem, .o = o };
    int rc = WSC_E_NOMEM;

    w.made = wsc__zalloc(mem, sizeof *w.made);
    if (w.made) {
        w.made->mem = mem;
        w.made->refs = 1;
        if (o->key_password)
            w.password = wsc__strndup(mem, o->key_password, o->key_password_len);
        if (!o->key_password || w.password)
            rc = load(&w, err);
    }
    if (rc == WSC_E_NOMEM && !*err)
        *err = wsc__error_nomem();
    if (rc == WSC_OK) {
        *out = w.made;
        w.made = NULL;
    }
    clean(&w);
    return rc;
}

struct wsc__tls_own *wsc__tls_own_ref(struct wsc__tls_own *own)
{
    if (own)
        own->refs++;
    return own;
}

void wsc__tls_own_unref(struct wsc__tls_own *own)
{
    if (!own || --own->refs)
        return;
    if (own->cred)
        gnutls_certificate_free_credentials(own->cred);
    wsc__free_secret(own->mem, own->pin, own->pin_len);
    wsc__free(own->mem, own);
}
