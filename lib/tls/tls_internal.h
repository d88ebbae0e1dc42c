/* Inside tls/ only: the session, its settings, and what the files of this folder ask each other. */
#ifndef WSC_TLS_INTERNAL_H
#define WSC_TLS_INTERNAL_H

#include "base/table.h"
#include "tls/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <time.h>

#define WSC__PIN_MAX   16
#define WSC__PIN_LEN   32
#define WSC__CHAIN_MAX 16

struct wsc__pin {
    bool whole_cert; /* else of the SubjectPublicKeyInfo */
    uint8_t hash[WSC__PIN_LEN];
};

struct wsc__tls_own {
    const struct wsc__mem *mem;
    unsigned refs;
    gnutls_certificate_credentials_t cred;
    char *pin; /* of the token with the key, which may ask anew at each signature */
    size_t pin_len;
};

/* What origins with the same options share. */
struct wsc__tls_rules {
    const struct wsc__mem *mem;
    unsigned refs;
    struct wsc__tls_store *store; /* or NULL */
    struct wsc__entry entry;      /* in the store, by the options; no key: not in it */
    struct wsc__tls_own *own;     /* its credentials are used then */
    gnutls_certificate_credentials_t cred;
    gnutls_priority_t priority;
    gnutls_x509_trust_list_t own_cas; /* NULL: the system's */
    struct wsc__pin pins[WSC__PIN_MAX];
    unsigned npins;
    char *verify_name;
    gnutls_x509_crl_t *crls;
    unsigned ncrls;
    int min_version;
    int keylog; /* descriptor, or -1 */
    bool verify_chain, verify_host, resume;
};

struct wsc__tls_config {
    const struct wsc__mem *mem;
    unsigned refs;
    struct wsc__tls_rules *rules;
    /* the session of the last connection; taken by the next one, put back when that has one */
    char *saved_host;
    uint8_t *saved;
    size_t saved_len;
    bool saved_asked;
};

struct wsc__tls {
    struct wsc__filter base;
    const struct wsc__mem *mem;
    struct wsc__tls_config *config;
    const struct wsc__log *log;
    gnutls_session_t session;
    char *host;              /* as typed, without a final dot */
    struct wsc__buf in, out; /* cipher text from the peer, as far as kept, and to it */
    const uint8_t *fed;      /* behind that: the caller's */
    size_t fed_len;
    struct wsc__buf held;      /* plain text that waits for the end of a rehandshake */
    struct wsc_error *verdict; /* why the certificate was refused */
    uint8_t first[24];         /* what the peer sent first, for messages */
    size_t nfirst;
    unsigned rehandshakes;
    bool done, closed, failed, nomem, shaking, saved;
    bool offered; /* a saved session */
    bool asked;   /* for our certificate */
    bool offered_asked;
    bool driving; /* gnutls_handshake is at work */
    size_t left;  /* of the record that GnuTLS is reading */
};

/* The system's CAs, loaded now if they were not before; NULL when that fails. *count: how many. */
gnutls_x509_trust_list_t wsc__tls_store_list(struct wsc__tls_store *s, int *count);

/* The saved session for this host is handed over (freed by the caller as a secret), or NULL. */
uint8_t *wsc__tls_config_take(struct wsc__tls_config *c, const char *host, size_t *len,
                              bool *asked);
void wsc__tls_config_save(struct wsc__tls_config *c, const char *host, const void *data, size_t len,
                          bool asked);

/* "option: what: GnuTLS's text"; code WSC_E_NOMEM or WSC_E_TLS, which is also returned. option may
 * be NULL. */
int wsc__tls_failed(const struct wsc__mem *mem, int rc, struct wsc_error **err, const char *option,
                    const char *what);
/* The same about a file, or WSC_E_IO when it cannot be read; cause and remedy are for a content
 * that is wrong. */
int wsc__tls_file_failed(const struct wsc__mem *mem, int rc, struct wsc_error **err,
                         const char *option, const char *path, const char *cause,
                         const char *remedy);
/* The whole file; wiped and freed by wsc__tls_unload. 0 or a GnuTLS error. */
int wsc__tls_load(const char *path, gnutls_datum_t *out);
void wsc__tls_unload(gnutls_datum_t *data);

/* Credentials that judge the server by the settings of the session; *out untouched on failure. */
int wsc__tls_credentials(gnutls_certificate_credentials_t *out, const struct wsc__mem *mem,
                         struct wsc_error **err);

/* tls_revoked.c */
int wsc__tls_crls_load(struct wsc__tls_rules *c, const char *path, struct wsc_error **err);
void wsc__tls_crls_free(struct wsc__tls_rules *c);
/* NULL, or why this chain is refused: a certificate is on a list, or the list is out of date. */
struct wsc_error *wsc__tls_revoked(struct wsc__tls *t, gnutls_x509_crt_t *crt, unsigned n);

/* tls_keylog.c */
int wsc__tls_keylog_open(struct wsc__tls_rules *c, const char *path, struct wsc_error **err);
/* Sets the session's key log, or none: left alone GnuTLS would heed SSLKEYLOGFILE. */
void wsc__tls_keylog_set(struct wsc__tls *t);

/* What messages say of a certificate (printable ASCII only). */
void wsc__tls_put_time(char *out, size_t cap, time_t at);
void wsc__tls_put_dn(char *out, size_t cap, gnutls_x509_crt_t crt, bool issuer);

/* Judges the peer's certificates: 0, or -1 with t->verdict set. */
int wsc__tls_verify(struct wsc__tls *t);

size_t wsc__tls_binding(gnutls_session_t session, uint8_t *buf, size_t cap);

#endif
