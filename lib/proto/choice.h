/* What auth/policy.h says of an identity, a URL and the options of a client. */
#ifndef WSC_PROTO_CHOICE_H
#define WSC_PROTO_CHOICE_H

#include "base/url.h"
#include "proto/identity.h"

int wsc__choose(struct wsc__policy *out, const struct wsc__identity *id, const struct wsc__url *url,
                const struct wsc__optset *params, struct wsc_error **err);

/* Appends the name of the service that a login asks for. */
int wsc__choice_spn(struct wsc__buf *out, const struct wsc__url *url,
                    const struct wsc__optset *params, struct wsc_error **err);

/* The mechanisms of a policy, most wanted first; out: room for WSC__MECHS. */
size_t wsc__choice_mechs(const struct wsc__mech_ops **out, const struct wsc__policy *policy);

#endif
