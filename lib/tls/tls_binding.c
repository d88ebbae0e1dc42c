/* tls-server-end-point (RFC 5929 4.1): the hash of the server's certificate as it was sent. */
#include "tls/tls_internal.h"

#include <gnutls/crypto.h>

/* The hash of the certificate's own signature, save that MD5 and SHA-1 stand for SHA-256. Where the
 * signature names no hash of its own (EdDSA) or one that is not known, the peers use SHA-256. */
static gnutls_digest_algorithm_t binding_hash(const gnutls_datum_t *der)
{
    gnutls_digest_algorithm_t hash = GNUTLS_DIG_SHA256;
    gnutls_x509_crt_t crt;
    int sign;

    if (gnutls_x509_crt_init(&crt))
        return hash;
    if (gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER))
        goto done;
    sign = gnutls_x509_crt_get_signature_algorithm(crt);
    if (sign <= 0 || sign == GNUTLS_SIGN_EDDSA_ED25519 || sign == GNUTLS_SIGN_EDDSA_ED448)
        goto done;
    switch (gnutls_sign_get_hash_algorithm((gnutls_sign_algorithm_t)sign)) {
    case GNUTLS_DIG_SHA224:
        hash = GNUTLS_DIG_SHA224;
        break;
    case GNUTLS_DIG_SHA384:
        hash = GNUTLS_DIG_SHA384;
        break;
    case GNUTLS_DIG_SHA512:
        hash = GNUTLS_DIG_SHA512;
        break;
    case GNUTLS_DIG_SHA3_256:
        hash = GNUTLS_DIG_SHA3_256;
        break;
    case GNUTLS_DIG_SHA3_384:
        hash = GNUTLS_DIG_SHA3_384;
        break;
    case GNUTLS_DIG_SHA3_512:
        hash = GNUTLS_DIG_SHA3_512;
        break;
    default:
        break;
    }
done:
    gnutls_x509_crt_deinit(crt);
    return hash;
}

size_t wsc__tls_binding(gnutls_session_t session, uint8_t *buf, size_t cap)
{
    unsigned n = 0;
    const gnutls_datum_t *certs = gnutls_certificate_get_peers(session, &n);
    gnutls_digest_algorithm_t hash;
    size_t len;

    if (!certs || !n || gnutls_certificate_type_get(session) != GNUTLS_CRT_X509)
        return 0;
    hash = binding_hash(&certs[0]);
    len = gnutls_hash_get_len(hash);
    if (!len || len > cap || gnutls_hash_fast(hash, certs[0].data, certs[0].size, buf))
        return 0;
    return len;
}
