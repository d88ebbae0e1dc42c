#define HOST "server"

#include "script_tls.h"

#include <errno.h>
#include <gnutls/abstract.h>
#include <unistd.h>

#include "../unit/tls_peer.h"

struct end {
    struct server s;
    struct drv_conn *c;
};

static bool wants_certificate;

/* What the server has for the client. */
static void flush(struct end *e)
{
    drv_bytes_add(&e->c->in, wsc__buf_data(&e->s.out), e->s.out.len);
    wsc__buf_consume(&e->s.out, e->s.out.len);
    if (e->c->d->told)
        e->c->d->told(e->c);
}

static struct end *end_of(struct drv_conn *c)
{
    struct end *e = c->tls;

    if (e)
        return e;
    e = calloc(1, sizeof *e);
    if (!e)
        abort();
    server_init(&e->s, &leaf, true, TLS13);
    if (wants_certificate)
        gnutls_certificate_server_set_request(e->s.s, GNUTLS_CERT_REQUIRE);
    e->c = c;
    c->tls = e;
    return e;
}

static void take(struct drv_conn *c, const void *data, size_t len)
{
    struct end *e = end_of(c);
    char plain[16384];
    ssize_t n;

    wsc__buf_append(&e->s.in, data, len);
    if (!e->s.done) {
        e->s.done = gnutls_handshake(e->s.s) == 0;
        flush(e);
    }
    if (!e->s.done)
        return;
    while ((n = gnutls_record_recv(e->s.s, plain, sizeof plain)) > 0)
        drv_bytes_add(&c->sent, plain, (size_t)n);
}

static void give(struct drv_conn *c, const void *data, size_t len)
{
    struct end *e = end_of(c);

    while (len) {
        ssize_t n = gnutls_record_send(e->s.s, data, len);

        if (n <= 0)
            abort();
        data = (const char *)data + n;
        len -= (size_t)n;
    }
    flush(e);
}

static void drop_end(struct drv_conn *c)
{
    struct end *e = c->tls;

    server_free(&e->s);
    free(e);
    c->tls = NULL;
}

static char own_path[64];

static void write_pem(FILE *f, gnutls_datum_t *pem)
{
    if (!f || fwrite(pem->data, 1, pem->size, f) != pem->size)
        abort();
    gnutls_free(pem->data);
}

static void write_own(void)
{
    struct ident own = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "someone", NO_PURPOSE, &ca);
    gnutls_datum_t pem;
    FILE *f;

    snprintf(own_path, sizeof own_path, "/tmp/wsc-tls-own-%ld.pem", (long)getpid());
    f = fopen(own_path, "w");
    gnutls_x509_crt_export2(own.crt, GNUTLS_X509_FMT_PEM, &pem);
    write_pem(f, &pem);
    gnutls_x509_privkey_export2_pkcs8(own.key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem);
    write_pem(f, &pem);
    fclose(f);
    drop(&own);
}

void script_tls_make(void)
{
    peers_make();
    write_own();
    if (test_failures)
        abort();
}

void script_tls_drop(void)
{
    unlink(own_path);
    peers_drop();
}

const char *script_tls_own(void)
{
    return own_path;
}

const char *script_tls_ca(void)
{
    return ca_path;
}

void script_tls_use(struct drv *d, bool certificate)
{
    static const struct drv_tls tls = { take, give, drop_end };

    wants_certificate = certificate;
    d->tls = &tls;
}
