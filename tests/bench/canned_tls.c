#include "canned_tls.h"

#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct canned_tls {
    gnutls_session_t session;
    bool ready;
};

static gnutls_certificate_credentials_t credentials;
static gnutls_datum_t ticket_key;

static void must(int rc, const char *what)
{
    if (rc >= 0)
        return;
    fprintf(stderr, "canned: %s: %s\n", what, gnutls_strerror(rc));
    exit(1);
}

static void self_sign(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
    time_t now = time(NULL);

    must(gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA,
                                      GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0),
         "key");
    gnutls_x509_crt_set_version(crt, 3);
    gnutls_x509_crt_set_serial(crt, "\x01", 1);
    gnutls_x509_crt_set_activation_time(crt, now - 3600);
    gnutls_x509_crt_set_expiration_time(crt, now + 86400);
    gnutls_x509_crt_set_dn(crt, "CN=" CANNED_TLS_NAME, NULL);
    gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, CANNED_TLS_NAME,
                                         sizeof CANNED_TLS_NAME - 1, GNUTLS_FSAN_SET);
    gnutls_x509_crt_set_key(crt, key);
    must(gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0), "certificate");
}

void canned_tls_init(const char *pem_file)
{
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t crt;
    gnutls_datum_t pem;
    FILE *f;

    must(gnutls_x509_privkey_init(&key), "key");
    must(gnutls_x509_crt_init(&crt), "certificate");
    self_sign(crt, key);
    must(gnutls_certificate_allocate_credentials(&credentials), "credentials");
    must(gnutls_certificate_set_x509_key(credentials, &crt, 1, key), "credentials");
    must(gnutls_session_ticket_key_generate(&ticket_key), "ticket key");
    must(gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &pem), "certificate");
    f = fopen(pem_file, "w");
    if (!f || fwrite(pem.data, 1, pem.size, f) != pem.size || fclose(f)) {
        perror(pem_file);
        exit(1);
    }
    gnutls_free(pem.data);
    gnutls_x509_crt_deinit(crt);
    gnutls_x509_privkey_deinit(key);
}

struct canned_tls *canned_tls_new(int fd)
{
    struct canned_tls *t = calloc(1, sizeof *t);

    if (!t)
        return NULL;
    if (gnutls_init(&t->session, GNUTLS_SERVER | GNUTLS_NONBLOCK)) {
        free(t);
        return NULL;
    }
    /* the server's order decides, so that all clients get the same cipher */
    if (gnutls_set_default_priority_append(t->session, "%SERVER_PRECEDENCE", NULL, 0) ||
        gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, credentials) ||
        gnutls_session_ticket_enable_server(t->session, &ticket_key)) {
        canned_tls_free(t);
        return NULL;
    }
    gnutls_transport_set_int(t->session, fd);
    return t;
}

void canned_tls_free(struct canned_tls *t)
{
    if (!t)
        return;
    gnutls_deinit(t->session);
    free(t);
}

static ssize_t result(ssize_t rc)
{
    if (rc >= 0)
        return rc;
    errno = rc == GNUTLS_E_AGAIN ? EAGAIN : rc == GNUTLS_E_INTERRUPTED ? EINTR : EIO;
    return -1;
}

ssize_t canned_tls_read(struct canned_tls *t, void *buf, size_t cap)
{
    int rc;

    if (!t->ready) {
        do {
            rc = gnutls_handshake(t->session);
        } while (rc < 0 && rc != GNUTLS_E_AGAIN && !gnutls_error_is_fatal(rc));
        if (rc < 0)
            return result(rc);
        t->ready = true;
    }
    return result(gnutls_record_recv(t->session, buf, cap));
}

ssize_t canned_tls_write(struct canned_tls *t, const void *buf, size_t len)
{
    return result(gnutls_record_send(t->session, buf, len));
}
