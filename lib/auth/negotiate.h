/* The schemes that carry a security mechanism over HTTP (RFC 4559): Negotiate, in which SPNEGO
 * (RFC 4178, MS-SPNG) picks it, and those in which it is known from the start. */
#ifndef WSC_AUTH_NEGOTIATE_H
#define WSC_AUTH_NEGOTIATE_H

#include "auth/mech.h"

/* Each takes its mechanisms from in->mechs. A mechanism that fails in begin or in its first step is
 * left out; what it said is told when the login fails. */
extern const struct wsc__auth_ops wsc__auth_negotiate;
/* Without SPNEGO, with one mechanism: */
extern const struct wsc__auth_ops wsc__auth_kerberos;
extern const struct wsc__auth_ops wsc__auth_ntlm;      /* the word on the wire is Negotiate */
extern const struct wsc__auth_ops wsc__auth_ntlm_word; /* it is NTLM */

/* As wsc__auth_negotiate.begin, with these mechanisms. */
int wsc__negotiate_begin(struct wsc__auth **out, const struct wsc__mech_ops *const *mechs,
                         size_t nmechs, const struct wsc__auth_input *in, struct wsc_error **err);

#endif
