/* The three messages of NTLM (MS-NLMP 2.2.1): NEGOTIATE and AUTHENTICATE are written, CHALLENGE is
 * read. */
#ifndef WSC_AUTH_NTLM_MESSAGE_H
#define WSC_AUTH_NTLM_MESSAGE_H

#include "auth/ntlm_crypto.h"
#include "base/buf.h"

/* Flags (2.2.2.5) */
#define WSC__NTLM_UNICODE     0x00000001u
#define WSC__NTLM_SIGN        0x00000010u
#define WSC__NTLM_SEAL        0x00000020u
#define WSC__NTLM_ESS         0x00080000u /* extended session security */
#define WSC__NTLM_TARGET_INFO 0x00800000u
#define WSC__NTLM_VERSION     0x02000000u
#define WSC__NTLM_128         0x20000000u
#define WSC__NTLM_KEY_EXCH    0x40000000u
/* 56, KEY_EXCH, 128, VERSION, ESS, ALWAYS_SIGN, NTLM, SEAL, SIGN, REQUEST_TARGET, OEM, UNICODE */
#define WSC__NTLM_ASKED 0xE2088237u

#define WSC__NTLM_NEGOTIATE_LEN 40
#define WSC__NTLM_CHALLENGE_MAX 65536
#define WSC__NTLM_NONCE_LEN     8
#define WSC__NTLM_MIC_AT        72 /* in AUTHENTICATE */

extern const uint8_t wsc__ntlm_negotiate[WSC__NTLM_NEGOTIATE_LEN];

/* A CHALLENGE; points into the message. */
struct wsc__ntlm_challenge {
    uint32_t flags;
    const uint8_t *nonce; /* ServerChallenge */
    const uint8_t *info;  /* TargetInfo: AV pairs up to and without the one that ends them */
    size_t info_len;
    const uint8_t *computer; /* NbComputerName, UTF-16LE; NULL = none */
    size_t computer_len;
    const uint8_t *domain; /* NbDomainName, or NULL */
    size_t domain_len;
    const uint8_t *time; /* FILETIME, or NULL */
    uint32_t av_flags;   /* MsvAvFlags */
};

/* NULL when all is well, else what is wrong with it. Its flags are not judged. */
const char *wsc__ntlm_challenge_read(struct wsc__ntlm_challenge *out, const uint8_t *msg,
                                     size_t len);

/* What we say in the AV pairs of our response. */
struct wsc__ntlm_target {
    const char *spn;        /* UTF-8, valid; NULL = none */
    const uint8_t *binding; /* WSC__NTLM_KEY_LEN bytes, or NULL */
    bool mic;
};
/* Appends the challenge's pairs with ours in place of its own, and the one that ends them. What we
 * do not know is kept. WSC_E_NOMEM, WSC_E_LIMIT */
int wsc__ntlm_write_info(struct wsc__buf *b, const struct wsc__ntlm_challenge *c,
                         const struct wsc__ntlm_target *t);

/* In the order in which they stand behind the head; the order of their fields in it is the same. */
enum {
    WSC__NTLM_LM,
    WSC__NTLM_NT,
    WSC__NTLM_DOMAIN,
    WSC__NTLM_USER,
    WSC__NTLM_WORKSTATION,
    WSC__NTLM_SESSION_KEY,
    WSC__NTLM_FIELDS
};
/* AUTHENTICATE with a MIC of zeros. challenge_flags: what is to be agreed to is taken from them.
 * WSC_E_NOMEM, WSC_E_LIMIT (a field of more than 65535 bytes, too) */
int wsc__ntlm_write_authenticate(struct wsc__buf *b, uint32_t challenge_flags,
                                 const struct wsc__ntlm_part fields[WSC__NTLM_FIELDS]);

#endif
