/* For tests of NTLM: a login with known time and chance, and the other end of it. */
#ifndef WSC_TEST_NTLM_H
#define WSC_TEST_NTLM_H

#include "auth/mech.h"
#include "auth/ntlm_message.h"

#include <string.h>

/* Chance: client challenge 8 x aa, session key 16 x 55, as in MS-NLMP 4.2.1. */
static inline int ntlm_known_chance(void *buf, size_t len, void *user_data)
{
    (void)user_data;
    memset(buf, len == WSC__NTLM_NONCE_LEN ? 0xaa : 0x55, len);
    return 0;
}

/* Our end, and as the server has the keys from the exchange, the server's. */
struct ntlm_login {
    struct wsc__credentials credentials;
    struct wsc__auth_input in;
    struct wsc__mech *mech;
    struct wsc__buf out; /* the last token */
    struct wsc_error *err;
    struct wsc__ntlm_side from_us, to_us;
};

static inline void ntlm_login_init(struct ntlm_login *l, const struct wsc__mem *mem,
                                   const char *user, const char *password)
{
    uint8_t key[WSC__NTLM_KEY_LEN];

    memset(l, 0, sizeof *l);
    l->credentials.user = user;
    l->credentials.password = password;
    l->credentials.password_len = password ? strlen(password) : 0;
    l->in.mem = mem;
    l->in.credentials = &l->credentials;
    l->in.host = "server";
    l->in.spn = "HTTP/server";
    l->in.workstation = "COMPUTER";
    l->in.unix_ms = -INT64_C(11644473600000); /* FILETIME 0 */
    l->in.rng.fill = ntlm_known_chance;
    wsc__buf_init(&l->out, mem, 1u << 22);
    memset(key, 0x55, sizeof key);
    wsc__ntlm_side_init(&l->from_us, key, true);
    wsc__ntlm_side_init(&l->to_us, key, false);
}

static inline int ntlm_login_begin(struct ntlm_login *l)
{
    return wsc__mech_ntlm.begin(&l->mech, &l->in, &l->err);
}

/* out holds what this step gave. */
static inline enum wsc__auth_step ntlm_login_step(struct ntlm_login *l, const void *token,
                                                  size_t len)
{
    struct wsc__job *job = NULL;

    wsc__buf_reset(&l->out);
    return l->mech->ops->step(l->mech, token, len, &l->out, &job, &l->err);
}

/* As far as to an answer to the challenge; 0 or the error's code. */
static inline int ntlm_login_run(struct ntlm_login *l, const void *challenge, size_t len)
{
    int rc = ntlm_login_begin(l);

    if (!rc && ntlm_login_step(l, NULL, 0) != WSC__AUTH_TOKEN)
        rc = wsc__error_code(l->err);
    if (!rc && ntlm_login_step(l, challenge, len) != WSC__AUTH_DONE)
        rc = wsc__error_code(l->err);
    return rc;
}

static inline void ntlm_login_free(struct ntlm_login *l)
{
    wsc__mech_ntlm.free(l->mech);
    wsc__buf_free(&l->out);
    wsc__error_unref(l->err);
}

/* --- messages --------------------------------------------------------------------------------- */

#define NTLM_FLAGS 0xE28A8237u

static inline void ntlm_put32(uint8_t *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

static inline uint32_t ntlm_get(const uint8_t *p, int bytes)
{
    uint32_t v = 0;

    while (bytes--)
        v = v << 8 | p[bytes];
    return v;
}

/* A CHALLENGE with these AV pairs (the last of them included); its length. */
static inline size_t ntlm_challenge(uint8_t *out, uint32_t flags, const void *info, size_t info_len)
{
    static const uint8_t nonce[8] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };

    memset(out, 0, 56);
    memcpy(out, "NTLMSSP", 8);
    out[8] = 2;
    out[16] = 56;
    ntlm_put32(out + 20, flags);
    memcpy(out + 24, nonce, sizeof nonce);
    out[40] = out[42] = (uint8_t)info_len;
    out[41] = out[43] = (uint8_t)(info_len >> 8);
    out[44] = 56;
    memcpy(out + 56, info, info_len);
    return 56 + info_len;
}

/* Field i (WSC__NTLM_LM, ...) of an AUTHENTICATE of ours; NULL when it is not inside. */
static inline const uint8_t *ntlm_field(const struct wsc__buf *b, int i, size_t *len)
{
    const uint8_t *msg = wsc__buf_data(b);
    size_t offset;

    *len = 0;
    if (b->len < 88)
        return NULL;
    *len = ntlm_get(msg + 12 + 8 * i, 2);
    offset = ntlm_get(msg + 16 + 8 * i, 4);
    return offset < 88 || offset > b->len || *len > b->len - offset ? NULL : msg + offset;
}

#endif
