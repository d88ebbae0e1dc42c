/* SPNEGO tokens (RFC 4178 4.2, MS-SPNG 2.2), written and read; what they mean is judged in
 * negotiate.c. */
#ifndef WSC_AUTH_SPNEGO_H
#define WSC_AUTH_SPNEGO_H

#include "auth/der.h"

/* Contents of OBJECT IDENTIFIERs. */
#define WSC__OID_KERBEROS    "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
#define WSC__OID_KERBEROS_MS "\x2a\x86\x48\x82\xf7\x12\x01\x02\x02" /* of Windows 2000 */
#define WSC__OID_NTLM        "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a"

enum wsc__spnego_state {
    WSC__SPNEGO_COMPLETED = 0,
    WSC__SPNEGO_INCOMPLETE = 1,
    WSC__SPNEGO_REJECT = 2,
    WSC__SPNEGO_REQUEST_MIC = 3,
    WSC__SPNEGO_NO_STATE = 4 /* not in the token */
};

enum wsc__spnego_kind {
    WSC__SPNEGO_ANSWER,    /* NegTokenResp */
    WSC__SPNEGO_OFFER,     /* NegTokenInit, NegTokenInit2: only mech_types, token and mic */
    WSC__SPNEGO_BARE_NTLM, /* the mechanism's own token; only token */
    WSC__SPNEGO_BARE_KERBEROS
};

struct wsc__spnego_token {
    enum wsc__spnego_kind kind;
    enum wsc__spnego_state state;
    struct wsc__der mech_types; /* content of the list */
    struct wsc__der mech;       /* supportedMech: content of its OID; p is NULL when absent */
    struct wsc__der token;      /* absent when empty */
    struct wsc__der mic;        /* absent when it only repeats token, as old servers do */
};

/* Any token that a server may send; parts point into it. On failure *why says what is wrong. */
bool wsc__spnego_read(const uint8_t *in, size_t len, struct wsc__spnego_token *out,
                      const char **why);

/* NegTokenInit as a GSS token. list: the DER of MechTypeList, over which a mechListMIC is made. */
int wsc__spnego_put_offer(struct wsc__buf *out, struct wsc__der list, struct wsc__der token);
/* NegTokenResp, accept-incomplete; token and mic may be absent. */
int wsc__spnego_put_answer(struct wsc__buf *out, struct wsc__der token, struct wsc__der mic);

#endif
