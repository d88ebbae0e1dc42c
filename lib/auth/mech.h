/* A security mechanism (NTLM, Kerberos) beneath the schemes that carry its tokens over HTTP: bytes
 * in, bytes out, no base64 and no SPNEGO. One per connection, on the context's thread. */
#ifndef WSC_AUTH_MECH_H
#define WSC_AUTH_MECH_H

#include "auth/auth.h"

#include <stdbool.h>

struct wsc__mech;
struct wsc__mech_ops {
    const char *name;   /* "NTLM", "Kerberos": for messages */
    const uint8_t *oid; /* contents of the DER OBJECT IDENTIFIER */
    size_t oid_len;
    unsigned flags; /* WSC__AUTH_PADS, _BY_PASSWORD */
    /* in: its strings and bytes outlive the mechanism, the structure itself need not. */
    int (*begin)(struct wsc__mech **out, const struct wsc__auth_input *in, struct wsc_error **err);
    /* token: NULL on the first call, then what the peer sent. out: gets what is to be sent.
     * WSC__AUTH_TOKEN: an answer with a token is needed; WSC__AUTH_DONE: the context stands, out
     * may hold a last token; WSC__AUTH_NEED_JOB: nothing was taken, the same call again after the
     * job. */
    enum wsc__auth_step (*step)(struct wsc__mech *m, const uint8_t *token, size_t len,
                                struct wsc__buf *out, struct wsc__job **job,
                                struct wsc_error **err);
    /* All that follows needs a context that stands.
     * wants_mic: the mechanism has protected its own messages, so SPNEGO has to protect its list
     * of mechanisms, too (MS-SPNG 3.3.5.1). */
    bool (*wants_mic)(const struct wsc__mech *m);
    /* The check value of text that goes beside the messages (SPNEGO's mechListMIC): takes a
     * sequence number, but moves no cipher stream. */
    int (*mic)(struct wsc__mech *m, const uint8_t *text, size_t len, struct wsc__buf *out,
               struct wsc_error **err);
    int (*verify_mic)(struct wsc__mech *m, const uint8_t *text, size_t len, const uint8_t *mic,
                      size_t mic_len, struct wsc_error **err);
    /* as in struct wsc__auth_ops */
    int (*wrap)(struct wsc__mech *m, const uint8_t *plain, size_t len, struct wsc__buf *out,
                struct wsc__sealed *sealed, struct wsc_error **err);
    int (*unwrap)(struct wsc__mech *m, uint8_t *message, const struct wsc__sealed *sealed,
                  const uint8_t **plain, size_t *plain_len, struct wsc_error **err);
    bool (*delegated)(const struct wsc__mech *m); /* or NULL */
    void (*free)(struct wsc__mech *m);
};
struct wsc__mech {
    const struct wsc__mech_ops *ops;
};

extern const struct wsc__mech_ops wsc__mech_ntlm;

#endif
