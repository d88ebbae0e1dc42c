/* Who we are: user name and secret, shared by any number of clients. */
#ifndef WSC_PROTO_IDENTITY_H
#define WSC_PROTO_IDENTITY_H

#include "auth/krb5.h"
#include "auth/own.h"
#include "auth/policy.h"
#include "proto/core.h"
#include "tls/tls.h"

struct wsc__conn;
struct wsc__plugin;

/* Of the first login: a wrong password is tried once, not once per connection. */
enum wsc__gate_state {
    WSC__GATE_OPEN /* proved */,
    WSC__GATE_UNTRIED,
    WSC__GATE_PROVING,
    WSC__GATE_REFUSED
};

/* One per identity, origin and scheme, as long as the identity lives. */
struct wsc__gate {
    struct wsc__entry entry; /* in the identity's table */
    char *key;
    enum wsc__gate_state state;
    struct wsc_error *refused;
    struct wsc__list pools; /* that wait at it */
};

struct wsc__identity {
    struct wsc__table gates; /* by origin */
    struct wsc__core *core;
    unsigned refs;
    uint64_t serial; /* part of the pools' key */
    struct wsc__credentials credentials;
    char *user;
    uint8_t *password;
    size_t password_len;
    char *realm, *keytab, *ccache, *krb5_config; /* as the options have them, or NULL */
    struct wsc__krb5 *krb5;                      /* tickets */
    char *cert_file, *key_file;                  /* of the client certificate, or NULL */
    uint8_t *key_password;                       /* until it is loaded */
    size_t key_password_len;
    struct wsc__tls_own *own;     /* what was loaded */
    struct wsc__policy_who who;   /* what was given of all that */
    struct wsc__plugin *scheme;   /* the program's own, or NULL ... */
    struct wsc__auth_own plugged; /* ... and what stands before it */
    /* Where the account may be a domain's, what one host refuses is not tried at another. */
    bool one_try;
    bool proven;                /* a host has accepted it */
    uint64_t accepted_at;       /* when one did last */
    unsigned denials, lost;     /* since then: refusals, and proofs of which nothing was heard */
    enum wsc__gate_state first; /* the first login anywhere, or the first one after a refusal */
    struct wsc__conn *prover;   /* tries it */
    struct wsc__list waiting;   /* connections that wait for its verdict */
    struct wsc_error *refused;  /* what they end with */
};

/* What was read from files that options name; NULL = take the options' own. */
struct wsc__secrets {
    const void *password, *key_password;
    size_t password_len, key_password_len;
};

/* scheme: a wsc_auth in the place of what params say, or NULL; a reference is taken. */
int wsc__identity_new(struct wsc__identity **out, struct wsc__core *core,
                      const struct wsc__optset *params, const struct wsc__secrets *secrets,
                      struct wsc__plugin *scheme, struct wsc_error **err);
/* The client certificate, loaded when it is asked for first; NULL where there is none. */
int wsc__identity_own(struct wsc__tls_own **out, struct wsc__identity *id, struct wsc_error **err);
/* The gate of an origin and scheme ("https srv:5986 Basic"); made when it is asked for first, and
 * open where there is nothing to prove. */
int wsc__identity_gate(struct wsc__gate **out, struct wsc__identity *id, const char *origin,
                       bool proves);
/* For texts: the user, or where else it is written who we are; NULL: nowhere. */
const char *wsc__identity_name(const struct wsc__identity *id);
/* Whom a server knows it as that has let it in by this mechanism (or NULL); may be NULL. */
const char *wsc__identity_known_as(const struct wsc__identity *id, const char *mechanism);
void wsc__identity_ref(struct wsc__identity *id);
void wsc__identity_unref(struct wsc__identity *id);

#endif
