#include "canned_ntlm.h"

#include <ctype.h>
#include <nettle/arcfour.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define USER     "BENCH" /* in upper case, as it goes into the key */
#define PASSWORD "bench"
#define TOKEN    4096

struct side {
    struct arcfour_ctx stream;
    struct hmac_md5_ctx mac; /* keyed; nothing in it between two messages */
    uint32_t sequence;
};

struct canned_ntlm {
    struct side from_client, to_client;
};

static const uint8_t server_challenge[8] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };

static void put32(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

static size_t wide(uint8_t *out, const char *text)
{
    size_t n = 0;

    for (; *text; text++) {
        out[n++] = (uint8_t)*text;
        out[n++] = 0;
    }
    return n;
}

/* --- the login (MS-NLMP 3.3.2) ---------------------------------------------------------------- */

/* The field whose length and place stand at `at`; NULL: outside. */
static const uint8_t *field(const uint8_t *m, size_t len, size_t at, size_t *n)
{
    size_t offset = m[at + 4] | (size_t)m[at + 5] << 8 | (size_t)m[at + 6] << 16;

    *n = m[at] | (size_t)m[at + 1] << 8;
    return offset <= len && *n <= len - offset ? m + offset : NULL;
}

static void response_key(uint8_t key[16], const uint8_t *domain, size_t len)
{
    uint8_t text[64];
    struct md4_ctx md4;
    struct hmac_md5_ctx hmac;
    size_t n = wide(text, PASSWORD);

    md4_init(&md4);
    md4_update(&md4, n, text);
    md4_digest(&md4, 16, key);
    hmac_md5_set_key(&hmac, 16, key);
    n = wide(text, USER);
    hmac_md5_update(&hmac, n, text);
    hmac_md5_update(&hmac, len, domain);
    hmac_md5_digest(&hmac, 16, key);
}

static void derive(uint8_t out[16], const uint8_t key[16], const char *text)
{
    struct md5_ctx md5;

    md5_init(&md5);
    md5_update(&md5, 16, key);
    md5_update(&md5, strlen(text) + 1, (const uint8_t *)text);
    md5_digest(&md5, 16, out);
}

static void start_side(struct side *s, const uint8_t key[16], const char *sign, const char *seal)
{
    uint8_t derived[16];

    derive(derived, key, sign);
    hmac_md5_set_key(&s->mac, 16, derived);
    derive(derived, key, seal);
    arcfour_set_key(&s->stream, 16, derived);
    s->sequence = 0;
}

static struct canned_ntlm *prove(const uint8_t *m, size_t len)
{
    size_t domain_len, nt_len, key_len;
    const uint8_t *domain, *nt, *sent;
    uint8_t key[16], proof[16], session[16];
    struct hmac_md5_ctx hmac;
    struct arcfour_ctx rc4;
    struct canned_ntlm *n;

    if (len < 64 || !(nt = field(m, len, 20, &nt_len)) ||
        !(domain = field(m, len, 28, &domain_len)) || !(sent = field(m, len, 52, &key_len)) ||
        nt_len < 44 || key_len != 16)
        return NULL;
    response_key(key, domain, domain_len);
    hmac_md5_set_key(&hmac, 16, key);
    hmac_md5_update(&hmac, sizeof server_challenge, server_challenge);
    hmac_md5_update(&hmac, nt_len - 16, nt + 16);
    hmac_md5_digest(&hmac, 16, proof);
    if (memcmp(proof, nt, 16))
        return NULL;
    hmac_md5_update(&hmac, 16, proof);
    hmac_md5_digest(&hmac, 16, key);
    arcfour_set_key(&rc4, 16, key);
    arcfour_crypt(&rc4, 16, session, sent);
    n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    start_side(&n->from_client, session,
               "session key to client-to-server signing key magic constant",
               "session key to client-to-server sealing key magic constant");
    start_side(&n->to_client, session, "session key to server-to-client signing key magic constant",
               "session key to server-to-client sealing key magic constant");
    return n;
}

int canned_ntlm_step(struct canned_ntlm **n, const char *token, size_t len)
{
    uint8_t m[TOKEN];
    struct base64_decode_ctx b64;
    size_t got = sizeof m;

    base64_decode_init(&b64);
    if (len > BASE64_ENCODE_RAW_LENGTH(sizeof m - 3) ||
        !base64_decode_update(&b64, &got, m, len, token) || !base64_decode_final(&b64) ||
        got < 12 || memcmp(m, "NTLMSSP", 8))
        return -1;
    if (m[8] == 1)
        return 0;
    canned_ntlm_free(*n);
    *n = prove(m, got);
    return *n ? 1 : -1;
}

/* --- messages (3.4.4.2) ----------------------------------------------------------------------- */

static void begin_mac(struct side *s)
{
    uint8_t number[4];

    put32(number, s->sequence);
    hmac_md5_update(&s->mac, sizeof number, number);
}

static void sign(struct side *s, uint8_t out[CANNED_NTLM_SIGNATURE])
{
    uint8_t mac[16];

    hmac_md5_digest(&s->mac, sizeof mac, mac);
    put32(out, 1);
    arcfour_crypt(&s->stream, 8, out + 4, mac);
    put32(out + 12, s->sequence++);
}

bool canned_ntlm_unseal(struct canned_ntlm *n, unsigned char *message, size_t len)
{
    struct side *s = &n->from_client;
    uint8_t *data = message + CANNED_NTLM_SIGNATURE, right[CANNED_NTLM_SIGNATURE];

    arcfour_crypt(&s->stream, len, data, data);
    begin_mac(s);
    hmac_md5_update(&s->mac, len, data);
    sign(s, right);
    return !memcmp(right, message, sizeof right);
}

void canned_ntlm_seal_begin(struct canned_ntlm *n)
{
    begin_mac(&n->to_client);
}

void canned_ntlm_seal(struct canned_ntlm *n, unsigned char *out, const void *plain, size_t len)
{
    hmac_md5_update(&n->to_client.mac, len, plain);
    arcfour_crypt(&n->to_client.stream, len, out, plain);
}

void canned_ntlm_seal_end(struct canned_ntlm *n, unsigned char signature[CANNED_NTLM_SIGNATURE])
{
    sign(&n->to_client, signature);
}

void canned_ntlm_free(struct canned_ntlm *n)
{
    free(n);
}
