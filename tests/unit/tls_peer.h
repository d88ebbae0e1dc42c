/* What the TLS tests need around the filter: certificates made on the spot, a GnuTLS server in
 * memory, one connection between the two. */
#ifndef WSC_TLS_PEER_H
#define WSC_TLS_PEER_H

#include "test.h"

#include "tls/tls.h"

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/* --- certificates ----------------------------------------------------------------------------- */

struct ident {
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
};

enum { CA = 1, NO_PURPOSE = 2, EXPIRED = 4, FUTURE = 8, PSS = 16 };

static inline struct ident make(gnutls_pk_algorithm_t pk, gnutls_digest_algorithm_t dig,
                                const char *name, unsigned what, const struct ident *issuer)
{
    struct ident id;
    time_t now = time(NULL), day = 86400;
    time_t from = now - (what & EXPIRED ? 20 : what & FUTURE ? -5 : 1) * day;
    unsigned bits = pk == GNUTLS_PK_RSA || pk == GNUTLS_PK_RSA_PSS ? 2048
                    : pk == GNUTLS_PK_ECDSA ? GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)
                                            : 0;
    unsigned flags = 0;

    gnutls_x509_privkey_init(&id.key);
    CHECK_EQ(gnutls_x509_privkey_generate(id.key, pk, bits, 0), 0);
    gnutls_x509_crt_init(&id.crt);
    gnutls_x509_crt_set_version(id.crt, 3);
    gnutls_x509_crt_set_serial(id.crt, what & CA ? "\x01" : "\x02", 1);
    gnutls_x509_crt_set_key(id.crt, id.key);
    gnutls_x509_crt_set_activation_time(id.crt, from);
    gnutls_x509_crt_set_expiration_time(id.crt, from + 10 * day);
    gnutls_x509_crt_set_dn_by_oid(id.crt, GNUTLS_OID_X520_COMMON_NAME, 0, name,
                                  (unsigned)strlen(name));
    gnutls_x509_crt_set_basic_constraints(id.crt, what & CA ? 1 : 0, -1);
    if (what & CA) {
        gnutls_x509_crt_set_key_usage(id.crt, GNUTLS_KEY_KEY_CERT_SIGN);
    } else {
        gnutls_x509_crt_set_subject_alt_name(id.crt, GNUTLS_SAN_DNSNAME, name,
                                             (unsigned)strlen(name), GNUTLS_FSAN_SET);
        gnutls_x509_crt_set_subject_alt_name(id.crt, GNUTLS_SAN_IPADDRESS, "\xc0\x00\x02\x07", 4,
                                             GNUTLS_FSAN_APPEND);
        gnutls_x509_crt_set_key_purpose_oid(
            id.crt, what & NO_PURPOSE ? GNUTLS_KP_TLS_WWW_CLIENT : GNUTLS_KP_TLS_WWW_SERVER, 0);
    }
    if (pk == GNUTLS_PK_RSA_PSS || (what & PSS))
        flags = GNUTLS_PRIVKEY_SIGN_FLAG_RSA_PSS;
    CHECK_EQ(gnutls_x509_crt_sign2(id.crt, issuer ? issuer->crt : id.crt,
                                   issuer ? issuer->key : id.key, dig, flags),
             0);
    return id;
}

static inline void drop(struct ident *id)
{
    gnutls_x509_crt_deinit(id->crt);
    gnutls_x509_privkey_deinit(id->key);
}

static struct ident ca, other_ca, leaf;
static char ca_path[64];

static inline void write_ca(void)
{
    gnutls_datum_t pem;
    FILE *f;

    snprintf(ca_path, sizeof ca_path, "/tmp/wsc-tls-test-%ld.pem", (long)getpid());
    gnutls_x509_crt_export2(ca.crt, GNUTLS_X509_FMT_PEM, &pem);
    f = fopen(ca_path, "w");
    if (f) {
        fwrite(pem.data, 1, pem.size, f);
        fclose(f);
    }
    gnutls_free(pem.data);
}

/* --- the server ------------------------------------------------------------------------------- */

struct server {
    gnutls_session_t s;
    gnutls_certificate_credentials_t cred;
    struct wsc__buf in, out;
    bool done;
};

static gnutls_datum_t ticket_key;

static inline ssize_t server_push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
    struct server *s = p;

    wsc__buf_append(&s->out, data, len);
    return (ssize_t)len;
}

static inline ssize_t server_pull(gnutls_transport_ptr_t p, void *data, size_t cap)
{
    struct server *s = p;
    size_t n = s->in.len < cap ? s->in.len : cap;

    if (!n) {
        gnutls_transport_set_errno(s->s, EAGAIN);
        return -1;
    }
    memcpy(data, wsc__buf_data(&s->in), n);
    wsc__buf_consume(&s->in, n);
    return (ssize_t)n;
}

static inline int server_wait(gnutls_transport_ptr_t p, unsigned ms)
{
    (void)ms;
    return ((struct server *)p)->in.len > 0;
}

static inline void server_init(struct server *s, const struct ident *id, bool with_ca,
                               const char *priority)
{
    gnutls_x509_crt_t chain[2] = { id->crt, ca.crt };

    memset(s, 0, sizeof *s);
    wsc__buf_init(&s->in, &wsc__mem_libc, 1 << 24);
    wsc__buf_init(&s->out, &wsc__mem_libc, 1 << 24);
    gnutls_certificate_allocate_credentials(&s->cred);
    CHECK_EQ(gnutls_certificate_set_x509_key(s->cred, chain, with_ca ? 2 : 1, id->key), 0);
    gnutls_init(&s->s,
                GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_POST_HANDSHAKE_AUTH);
    CHECK_EQ(gnutls_priority_set_direct(s->s, priority, NULL), 0);
    gnutls_credentials_set(s->s, GNUTLS_CRD_CERTIFICATE, s->cred);
    gnutls_session_ticket_enable_server(s->s, &ticket_key);
    gnutls_transport_set_ptr(s->s, s);
    gnutls_transport_set_push_function(s->s, server_push);
    gnutls_transport_set_pull_function(s->s, server_pull);
    gnutls_transport_set_pull_timeout_function(s->s, server_wait);
}

static inline void server_free(struct server *s)
{
    gnutls_deinit(s->s);
    gnutls_certificate_free_credentials(s->cred);
    wsc__buf_free(&s->in);
    wsc__buf_free(&s->out);
}

#define TLS12 "NORMAL:-VERS-ALL:+VERS-TLS1.2"
#define TLS13 "NORMAL:-VERS-ALL:+VERS-TLS1.3"

/* --- one connection --------------------------------------------------------------------------- */

static inline struct wsc__tls_options options(void)
{
    struct wsc__tls_options o = {
        .ca_file = ca_path, .verify_chain = 1, .verify_host = 1, .min_version = 12, .resume = 1
    };

    return o;
}

static inline struct wsc__tls_config *config(const struct wsc__tls_options *o)
{
    struct wsc__tls_config *c = NULL;
    struct wsc_error *err = NULL;

    if (!CHECK_EQ(wsc__tls_config_new(&c, &wsc__mem_libc, NULL, o, &err), 0))
        printf("# %s\n", wsc__error_text(err));
    return c;
}

/* Moves what the client has for the server. */
static inline void to_server(struct wsc__filter *f, struct server *s)
{
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 1 << 24);
    CHECK_EQ(f->ops->pull(f, &b), 0);
    wsc__buf_append(&s->in, wsc__buf_data(&b), b.len);
    wsc__buf_free(&b);
}

static inline void keep(struct wsc__filter *f, int *rc, struct wsc_error **err)
{
    int kept = *rc == WSC_OK || *rc == WSC_E_AGAIN ? f->ops->keep(f, err) : WSC_OK;

    if (kept)
        *rc = kept;
}

/* Gives the client what the server has, in pieces; the handshake is driven after each. */
static inline int to_client(struct wsc__filter *f, struct server *s, size_t step,
                            struct wsc_error **err)
{
    int rc = WSC_E_AGAIN;

    while (s->out.len && (rc == WSC_E_AGAIN || rc == WSC_OK)) {
        size_t n = s->out.len < step ? s->out.len : step;

        rc = f->ops->feed(f, wsc__buf_data(&s->out), n, err);
        wsc__buf_consume(&s->out, n);
        if (!rc)
            rc = f->ops->handshake(f, err);
        keep(f, &rc, err);
    }
    return rc;
}

static inline int shake(struct wsc__filter *f, struct server *s, size_t step,
                        struct wsc_error **err)
{
    int rc = f->ops->handshake(f, err), idle = 0;

    while ((rc == WSC_E_AGAIN || (rc == WSC_OK && !s->done)) && idle++ < 20) {
        to_server(f, s);
        if (!s->done)
            s->done = gnutls_handshake(s->s) == 0;
        if (s->out.len)
            rc = to_client(f, s, step, err);
    }
    to_server(f, s);
    return rc;
}

static inline int client_reads(struct wsc__filter *f, struct server *s, size_t step, char *buf,
                               size_t cap, struct wsc_error **err)
{
    struct wsc__plain p = { NULL, 0, NULL };
    size_t got = 0, n;
    int rc = WSC_E_AGAIN;

    do {
        size_t k = s->out.len < step ? s->out.len : step;

        if (k) {
            rc = f->ops->feed(f, wsc__buf_data(&s->out), k, err);
            wsc__buf_consume(&s->out, k);
        }
        do {
            rc = f->ops->read(f, &p, err);
            n = p.len;
            CHECK(n < cap - got);
            if (n && n < cap - got)
                memcpy(buf + got, p.data, n);
            got += n;
            f->ops->let_go(&p);
        } while (rc == WSC_OK && n);
        keep(f, &rc, err);
    } while (s->out.len && rc == WSC_E_AGAIN);
    buf[got] = '\0';
    return rc;
}

static inline void echo(struct wsc__filter *f, struct server *s, size_t step)
{
    struct wsc_error *err = NULL;
    char buf[100];
    ssize_t n;

    CHECK_EQ(f->ops->write(f, (const uint8_t *)"question", 8, &err), 0);
    to_server(f, s);
    do { /* a key update alone counts as "again" */
        n = gnutls_record_recv(s->s, buf, sizeof buf);
    } while (n == GNUTLS_E_AGAIN && s->in.len);
    CHECK_EQ(n, 8);
    CHECK(!memcmp(buf, "question", 8));
    CHECK_EQ(gnutls_record_send(s->s, "answer", 6), 6);
    CHECK_EQ(client_reads(f, s, step, buf, sizeof buf, &err), WSC_E_AGAIN);
    CHECK_STR(buf, "answer");
    wsc__error_unref(err);
}

/* A whole connection: the handshake's result; the error's text in `text`, its parts checked. */
static inline int attempt(const struct wsc__tls_options *o, const char *host,
                          const struct ident *id, const char *priority, char *text, size_t cap)
{
    struct wsc__tls_config *c = config(o);
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;
    int rc;

    text[0] = '\0';
    if (!c)
        return -1;
    server_init(&s, id, id == &leaf, priority);
    CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, host, NULL, &err), 0);
    rc = shake(f, &s, 100000, &err);
    if (rc == WSC_OK) {
        echo(f, &s, 7);
    } else if (err) {
        CHECK_EQ(wsc__error_code(err), rc);
        snprintf(text, cap, "%s | %s", wsc__error_text(err),
                 wsc__error_str(err, WSC__ES_REMEDY) ? wsc__error_str(err, WSC__ES_REMEDY) : "");
        if (CHECK(wsc__error_str(err, WSC__ES_SYSTEM_TEXT) != NULL)) {
            const char *said = wsc__error_str(err, WSC__ES_SYSTEM_TEXT);

            CHECK(*said && said[strlen(said) - 1] != ' ');
        }
        if (rc == WSC_E_TLS_VERIFY) { /* the server is told */
            gnutls_handshake(s.s);
            CHECK(s.in.len == 0 || !s.done);
        }
        wsc__error_unref(err);
        err = NULL;
        CHECK(f->ops->handshake(f, &err) == WSC_E_TLS);
        wsc__error_unref(err);
    }
    f->ops->free(f);
    server_free(&s);
    wsc__tls_config_unref(c);
    return rc;
}

static char text[2000];

static inline void refuses(const struct wsc__tls_options *o, const char *host,
                           const struct ident *id, int code, const char *word)
{
    CHECK_EQ(attempt(o, host, id, TLS13, text, sizeof text), code);
    if (!CHECK(strstr(text, word) != NULL))
        printf("# text: %s\n", text);
    CHECK_EQ(attempt(o, host, id, TLS12, text, sizeof text), code);
}

/* For test_each_failure: a handshake that is refused, or runs out of memory. */
static inline int refused_once(const struct wsc__mem *mem, const struct wsc__tls_options *o,
                               const char *host)
{
    struct wsc__tls_config *c = NULL;
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;
    int rc = wsc__tls_config_new(&c, mem, NULL, o, &err);

    server_init(&s, &leaf, true, TLS13);
    if (!rc)
        rc = wsc__tls_client_new(&f, mem, c, host, NULL, &err);
    if (!rc)
        rc = shake(f, &s, 100000, &err);
    CHECK(rc == WSC_E_TLS_VERIFY || rc == WSC_E_NOMEM);
    if (f)
        f->ops->free(f);
    wsc__error_unref(err);
    wsc__tls_config_unref(c);
    server_free(&s);
    return 0;
}

/* What all of it needs; to be called around test_main. */
static inline void peers_make(void)
{
    ca = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "Test CA", CA, NULL);
    other_ca = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "Other CA", CA, NULL);
    leaf = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, HOST, 0, &ca);
    gnutls_session_ticket_key_generate(&ticket_key);
    write_ca();
}

static inline void peers_drop(void)
{
    unlink(ca_path);
    gnutls_free(ticket_key.data);
    drop(&leaf);
    drop(&other_ca);
    drop(&ca);
}

#endif
