/* Inside tls/ only: the session, its settings, and what the files of this folder ask each other. */
#ifndef WSC_TLS_INTERNAL_H
#define WSC_TLS_INTERNAL_H

#include "tls/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#define WSC__PIN_MAX   16
#define WSC__PIN_LEN   32
#define WSC__CHAIN_MAX 16

struct wsc__pin {
    bool whole_cert; /* else of the SubjectPublicKeyInfo */
    uint8_t hash[WSC__PIN_LEN];
};

struct wsc__tls_config {
    const struct wsc__mem *mem;
    unsigned refs;
    struct wsc__tls_store *store;
    gnutls_certificate_credentials_t cred;
    gnutls_priority_t priority;
    gnutls_x509_trust_list_t own_cas; /* NULL: the system's */
    struct wsc__pin pins[WSC__PIN_MAX];
    unsigned npins;
    char *verify_name;
    bool verify_chain, verify_host, resume, client_cert;
    /* the session of the last connection; taken by the next one, put back when that has one */
    char *saved_host;
    uint8_t *saved;
    size_t saved_len;
};

struct wsc__tls {
    struct wsc__filter base;
    const struct wsc__mem *mem;
    struct wsc__tls_config *config;
    const struct wsc__log *log;
    gnutls_session_t session;
    char *host;                /* as typed, without a final dot */
    struct wsc__buf in, out;   /* cipher text from and to the peer */
    struct wsc__buf held;      /* plain text that waits for the end of a rehandshake */
    struct wsc_error *verdict; /* why the certificate was refused */
    uint8_t first[24];         /* what the peer sent first, for messages */
    size_t nfirst;
    unsigned rehandshakes;
    bool done, closed, failed, nomem, shaking, saved;
    bool offered; /* a saved session */
};

/* The system's CAs, loaded now if they were not before; NULL when that fails. *count: how many. */
gnutls_x509_trust_list_t wsc__tls_store_list(struct wsc__tls_store *s, int *count);

/* The saved session for this host is handed over (freed by the caller as a secret), or NULL. */
uint8_t *wsc__tls_config_take(struct wsc__tls_config *c, const char *host, size_t *len);
void wsc__tls_config_save(struct wsc__tls_config *c, const char *host, const void *data,
                          size_t len);

/* Judges the peer's certificates: 0, or -1 with t->verdict set. */
int wsc__tls_verify(struct wsc__tls *t);

size_t wsc__tls_binding(gnutls_session_t session, uint8_t *buf, size_t cap);

#endif
