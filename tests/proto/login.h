/* A scheme that is bound to its connection, and the service's side of it in front of a peer: legs,
 * and messages that are sealed by something that looks like it. So what goes wrong is the machines'
 * doing, and not a token's. */
#ifndef WSC_TEST_LOGIN_H
#define WSC_TEST_LOGIN_H

#include "script.h"

#include "auth/auth.h"

extern const struct wsc__auth_ops login_scheme; /* "Fake": one, two, three, four */
extern int login_contexts;                      /* alive */
extern int login_jobs;      /* that the n-th step needs one: 1, 2, 4; for all that follows */
extern int login_jobs_done; /* since login_far_begin */

struct login_far {
    void (*serve)(struct drv_conn *c, const struct drv_request *r,
                  void *ud); /* what is behind it */
    void *ud;
    bool in[DRV_CONNS + 1];
    uint8_t up[DRV_CONNS + 1], down[DRV_CONNS + 1];
    int replies;             /* sealed */
    int legs, sealed, clear; /* requests of each kind */
    int proofs;              /* legs that hold one */
    int refuse_at;           /* the n-th leg is refused with a 401 without a token */
    bool refuse_proofs;      /* every one */
    const char *refuse_with; /* its headers; NULL: the scheme, bare */
    int close_at;            /* the answer to it says that the connection ends */
    int forget_at, forgets;  /* the n-th sealed request is a stranger's, and so many behind it */
    const char *in_clear;    /* the answer to the third sealed request */
    int alter_at;            /* a byte of the n-th sealed reply */
    int clear_at;            /* the n-th reply is not sealed */
    int status_at;           /* the n-th leg is answered with this status, with its challenge */
    const char *status;
    bool lies;     /* accepts without proof */
    int silent_at; /* the n-th leg gets no answer */
    int lost_at;   /* or its connection breaks */
    int more_at;   /* bytes come behind the answer to it */
};
extern struct login_far login_far;

/* Stands itself before d->serve, and inside of TLS, if d->tls is set. */
void login_far_begin(struct drv *d, void *ud);
/* Unasked, on every connection that had a leg. */
void login_far_push(const char *text);

#endif
