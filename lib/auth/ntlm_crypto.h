/* What NTLMv2 computes (MS-NLMP 3.3.2, 3.4), without its messages. */
#ifndef WSC_AUTH_NTLM_CRYPTO_H
#define WSC_AUTH_NTLM_CRYPTO_H

#include <nettle/arcfour.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WSC__NTLM_KEY_LEN  16
#define WSC__NTLM_SIGN_LEN 16

/* A text in pieces. */
struct wsc__ntlm_part {
    const void *data;
    size_t len;
};

/* NTOWFv1: MD4 of the password (UTF-8, valid) as UTF-16LE */
void wsc__ntlm_owf(uint8_t out[WSC__NTLM_KEY_LEN], const char *password, size_t len);
/* HMAC-MD5; out may be key. */
void wsc__ntlm_hmac(uint8_t out[WSC__NTLM_KEY_LEN], const uint8_t key[WSC__NTLM_KEY_LEN],
                    const struct wsc__ntlm_part *parts, size_t n);
/* RC4 with a key of its own; out may be data. */
void wsc__ntlm_rc4(uint8_t *out, const uint8_t key[WSC__NTLM_KEY_LEN], const uint8_t *data,
                   size_t len);
/* MD5 of gss_channel_bindings_struct around tls-server-end-point (MS-NLMP 2.2.2.1, RFC 5929 4) */
void wsc__ntlm_binding(uint8_t out[WSC__NTLM_KEY_LEN], const uint8_t *hash, size_t len);

/* One direction of session security (3.4): extended session security, 128 bits, key exchange. A
 * secret. */
struct wsc__ntlm_side {
    uint8_t sign_key[WSC__NTLM_KEY_LEN];
    struct arcfour_ctx stream;
    uint32_t sequence;
};

/* key: the exported session key */
void wsc__ntlm_side_init(struct wsc__ntlm_side *side, const uint8_t key[WSC__NTLM_KEY_LEN],
                         bool to_server);
/* out may be data. */
void wsc__ntlm_crypt(struct wsc__ntlm_side *side, uint8_t *out, const uint8_t *data, size_t len);
/* The signature of plain text; behind the cipher text of the same message. The receiver computes
 * the same and compares. keep_stream: the stream is left as it was. */
void wsc__ntlm_sign(struct wsc__ntlm_side *side, const uint8_t *plain, size_t len, bool keep_stream,
                    uint8_t out[WSC__NTLM_SIGN_LEN]);

#endif
