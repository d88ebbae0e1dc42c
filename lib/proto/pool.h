/* The connections to one origin as one identity, and the exchanges that wait for one. */
#ifndef WSC_PROTO_POOL_H
#define WSC_PROTO_POOL_H

#include "base/url.h"
#include "proto/choice.h"
#include "proto/core.h"
#include "proto/identity.h"
#include "proto/plugin.h"
#include "proto/xchg.h"

struct wsc__pool {
    struct wsc__core *core;
    struct wsc__entry entry; /* in core->pools */
    struct wsc__link in_starved, in_hungry;
    unsigned refs;
    char *key;
    struct wsc__url url; /* host, zone, port, tls; the path is the exchange's */
    char *authority;     /* Host header, and name in texts */
    char *dial;          /* host with zone, for the resolver */
    struct wsc__identity *identity;
    struct wsc__plugin *transport; /* NULL: TCP */
    struct wsc__tls_config *tls;
    struct wsc__policy policy;
    const struct wsc__auth_ops *auth; /* the policy's; NULL = none */
    /* beneath auth, most wanted first */
    const struct wsc__mech_ops *mechs[WSC__MECHS];
    size_t nmechs;
    bool delegate;          /* the server may act for us */
    char *spn;              /* the service that auth asks for */
    const char *mechanism;  /* of the newest login; NULL: none yet, or its scheme has none */
    bool let_in;            /* somebody, once */
    bool seals;             /* messages, once logged in */
    bool binds;             /* the login to the server's certificate */
    struct wsc__gate *gate; /* of the first login; the identity's */
    struct wsc__link at_gate;
    unsigned limit;
    int64_t idle_ms;
    struct wsc__list conns;
    unsigned nconns, busy, waiting; /* connections; carrying an exchange; of these, a Receive */
    struct wsc__list queue[WSC__LANES];
    unsigned users; /* clients: with the last one idle connections close */
    bool listed;    /* in core->pools */
    bool fed;       /* was starved: room has come up */
    bool unproved;  /* a first login ended without a verdict */
};

/* Finds or makes the pool; key parts: url, tls settings text, identity, scheme with its mechanisms,
 * transport. */
int wsc__pool_get(struct wsc__pool **out, struct wsc__core *core, const struct wsc__url *url,
                  const struct wsc__optset *params, struct wsc__identity *identity,
                  const struct wsc__policy *policy, struct wsc__plugin *transport,
                  struct wsc_error **err);
void wsc__pool_ref(struct wsc__pool *p);
void wsc__pool_unref(struct wsc__pool *p);
void wsc__pool_users(struct wsc__pool *p, int delta);
void wsc__pool_shut(struct wsc__pool *p);

/* Puts an exchange in the queue. It ends by ops->done, never before this call has returned to a
 * caller that checks the status: WSC_E_CANCELED when the context is gone. */
int wsc__xchg_submit(struct wsc__xchg *x, struct wsc__pool *p);
void wsc__xchg_resume(struct wsc__xchg *x);
void wsc__xchg_cancel(struct wsc__xchg *x); /* done is not called any more */

/* for conn */
void wsc__pool_conn_idle(struct wsc__pool *p, struct wsc__conn *c);
void wsc__pool_conn_gone(struct wsc__pool *p);
void wsc__pool_park(struct wsc__pool *p, struct wsc__xchg *x, bool parked);
void wsc__pool_exchange_over(struct wsc__pool *p, struct wsc__xchg *x);
void wsc__pool_requeue(struct wsc__pool *p, struct wsc__xchg *x);
void wsc__pool_verdict(struct wsc__pool *p, struct wsc__xchg *x, struct wsc_error *refused);
void wsc__pool_hungry(struct wsc__pool *p); /* pump it before the next action */
void wsc__pool_pump(struct wsc__pool *p);

#endif
