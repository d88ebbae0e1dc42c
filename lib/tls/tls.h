/* TLS as a filter on buffers: cipher text in, cipher text out, no socket. One vtable, so that conn
 * does not know which library does it and tests can put a plain one in its place. */
#ifndef WSC_TLS_TLS_H
#define WSC_TLS_TLS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/uuid.h"

/* Settings of one origin, made once per client and shared by its connections: trust (loaded once
 * per context for the system's CAs), own CA, pins, client certificate, versions, resumption. */
struct wsc__tls_config;

/* Our own certificate and its key, loaded once and shared by settings: a token is slow, and so is
 * the password of a PKCS#12 file. */
struct wsc__tls_own;
struct wsc__tls_own_options {
    /* PEM or PKCS#12 file, or a URL of GnuTLS's (pkcs11:); key_file NULL = both in cert_file */
    const char *cert_file, *key_file;
    const void *key_password; /* of the key or the PKCS#12 file, PIN of the token; or NULL */
    size_t key_password_len;
    const struct wsc__log *log;
};
int wsc__tls_own_new(struct wsc__tls_own **out, const struct wsc__mem *mem,
                     const struct wsc__tls_own_options *o, struct wsc_error **err);
struct wsc__tls_own *wsc__tls_own_ref(struct wsc__tls_own *own);
void wsc__tls_own_unref(struct wsc__tls_own *own);

struct wsc__tls_options {
    const char *ca_file; /* PEM; NULL = the system's trust store */
    /* "sha256:<hash>" of the server's public key (SPKI) or "cert-sha256:<hash>" of its certificate,
     * hexadecimal or base64; several with ','. A match settles it without CA, name and dates; with
     * ca_file set, both must hold. */
    const char *pin;
    const char *verify_name;  /* host name to check instead of the URL's */
    int verify_chain;         /* 0 only by the option that names the risk */
    int verify_host;          /* the same */
    struct wsc__tls_own *own; /* our certificate, or NULL */
    const char *crl_file;     /* lists of revoked certificates, PEM or DER, or NULL */
    const char *keylog_file;  /* the secrets of all sessions are appended to it; or NULL */
    int min_version;          /* 10 .. 13 */
    int resume;               /* keep session tickets for the next connection */
};

/* The system's CAs, loaded on first use, one per context. */
struct wsc__tls_store;
struct wsc__tls_store *wsc__tls_store_new(const struct wsc__mem *mem);
void wsc__tls_store_unref(struct wsc__tls_store *s);

int wsc__tls_config_new(struct wsc__tls_config **out, const struct wsc__mem *mem,
                        struct wsc__tls_store *store, const struct wsc__tls_options *o,
                        struct wsc_error **err);
struct wsc__tls_config *wsc__tls_config_ref(struct wsc__tls_config *c);
void wsc__tls_config_unref(struct wsc__tls_config *c);

/* Plain text that a filter has made, in memory that is its until it is let go. */
struct wsc__plain {
    const uint8_t *data;
    size_t len; /* 0: the orderly end */
    void *keep;
};

struct wsc__filter;
struct wsc__filter_ops {
    /* Cipher text from the peer: takes all of it or fails. After each feed call read until
     * WSC_E_AGAIN, then keep, and only then let go of data. */
    int (*feed)(struct wsc__filter *f, const uint8_t *data, size_t len, struct wsc_error **err);
    /* The next record, to be let go after use; WSC_E_AGAIN = needs more cipher text. Whatever it
     * returns, *out is set, and may be let go. */
    int (*read)(struct wsc__filter *f, struct wsc__plain *out, struct wsc_error **err);
    void (*let_go)(struct wsc__plain *p); /* the filter may be gone by then */
    /* Takes plain text, appends cipher text to what pull gives. Only after the handshake. */
    int (*write)(struct wsc__filter *f, const uint8_t *data, size_t len, struct wsc_error **err);
    /* Drives the handshake: WSC_OK = done (also when it was done before), WSC_E_AGAIN = go on after
     * feed. */
    int (*handshake)(struct wsc__filter *f, struct wsc_error **err);
    /* Cipher text to send: appends to out what is pending (handshake, data, alerts). */
    int (*pull)(struct wsc__filter *f, struct wsc__buf *out);
    /* The peer's end of file: WSC_OK after close_notify, else WSC_E_CONNECTION_LOST (truncation).
     */
    int (*eof)(struct wsc__filter *f, struct wsc_error **err);
    void (*bye)(struct wsc__filter *f); /* close_notify into pull */
    /* tls-server-end-point bytes (RFC 5929 4.1), or 0 */
    size_t (*binding)(struct wsc__filter *f, uint8_t *buf, size_t cap);
    void (*free)(struct wsc__filter *f);
    /* Did the server ask for our certificate, now or when the resumed session was made? */
    bool (*asked)(struct wsc__filter *f);
    /* Copies what it could not use yet of the bytes fed last. */
    int (*keep)(struct wsc__filter *f, struct wsc_error **err);
};
struct wsc__filter {
    const struct wsc__filter_ops *ops;
};

/* A client session to this host (name for SNI and the check, as typed). */
int wsc__tls_client_new(struct wsc__filter **out, const struct wsc__mem *mem,
                        struct wsc__tls_config *config, const char *host,
                        const struct wsc__log *log, struct wsc_error **err);

#endif
