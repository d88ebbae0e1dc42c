/* Authentication as a token machine, one per connection or per exchange. It does no I/O and
 * knows neither HTTP nor TLS: it is given what it may need, it gives header values and jobs. */
#ifndef WSC_AUTH_AUTH_H
#define WSC_AUTH_AUTH_H

#include "base/buf.h"
#include "base/err.h"
#include "base/job.h"
#include "base/uuid.h"

#include <stdbool.h>

enum {
    WSC__AUTH_CONN_BOUND = 1,  /* the proof belongs to the connection (Negotiate, NTLM, CredSSP) */
    WSC__AUTH_WRAPS_BODY = 4,  /* messages are sealed with wrap and unwrap */
    WSC__AUTH_NEEDS_TLS = 8,   /* sends something that must not travel in clear */
    WSC__AUTH_PREEMPTIVE = 16, /* the first request may carry the token, with its body */
    WSC__AUTH_IN_TLS = 32,     /* TLS does the proof: there is no such thing over plain HTTP */
    WSC__AUTH_PADS = 64, /* what is sealed may be longer than the plain text, by its padding */
    WSC__AUTH_BY_PASSWORD = 128, /* a mechanism whose last token proves that we know it */
    WSC__AUTH_MUTUAL = 256,      /* it proves who the server is */
    WSC__AUTH_OWN = 512,         /* the program's (auth/own.h) */
    WSC__AUTH_RENEWS = 1024      /* a refusal says nothing of the next try */
};

enum wsc__auth_step {
    WSC__AUTH_DONE,     /* nothing more to send; the next answer decides */
    WSC__AUTH_TOKEN,    /* send `out` and come back with the answer's challenge */
    WSC__AUTH_NEED_JOB, /* nothing was taken; the same call again when job has run on a worker */
    WSC__AUTH_FAILED    /* *err says why */
};

/* Who we are: shared by clients; secrets are wiped with the last reference. */
struct wsc__credentials {
    const char *user; /* as given: name, DOMAIN\name, name@realm; NULL = none (implicit) */
    const void *password;
    size_t password_len;
};

struct wsc__mech_ops; /* auth/mech.h */
struct wsc__krb5;     /* auth/krb5.h */
struct wsc__auth_ops;
struct wsc__auth_input {
    const struct wsc__auth_ops *ops; /* the table that begin is called through */
    const struct wsc__mem *mem;
    const struct wsc__credentials *credentials;
    const char *host; /* as typed */
    uint16_t port;
    const char *spn;         /* "HTTP/srv": the service that is asked for */
    const char *workstation; /* our own name for the server's log, or NULL */
    int tls;                 /* below us */
    const uint8_t *binding;  /* tls-server-end-point: the hash alone, or NULL */
    size_t binding_len;
    const uint8_t *peer_key; /* SubjectPublicKey of the server (CredSSP), or NULL */
    size_t peer_key_len;
    /* most wanted first: what Negotiate offers, and the one that Kerberos and NTLM carry */
    const struct wsc__mech_ops *const *mechs;
    size_t nmechs;
    struct wsc__krb5 *krb5;      /* the identity's tickets, or NULL */
    int delegate;                /* let the server act for us (Kerberos) */
    const char *method, *target; /* of the HTTP request (Digest) */
    uint64_t now_ms;             /* monotonic */
    int64_t unix_ms;             /* wall clock */
    struct wsc__rng rng;
};

/* A sealed message, or a part of one: header and data stand one behind the other. */
struct wsc__sealed {
    size_t header_len, data_len;
    size_t plain_len; /* what goes into Length= (one more than the plain text for RC4 Kerberos) */
};

struct wsc__auth;
struct wsc__auth_ops {
    const char *name;     /* "Basic": for messages, and the scheme word on the wire */
    const char *wire;     /* that word, where it is another one; or NULL */
    const char *protocol; /* of multipart/encrypted, or NULL */
    unsigned flags;
    size_t max_plain; /* most plain text that one part carries (16384 for CredSSP), 0 = any */
    int (*begin)(struct wsc__auth **out, const struct wsc__auth_input *in, struct wsc_error **err);
    /* challenge: what followed the scheme word in WWW-Authenticate, NULL on the first call; empty
     * when nothing followed it, which behind a token of ours is a refusal.
     * out: what goes behind the scheme word in Authorization (a secret buffer). */
    enum wsc__auth_step (*step)(struct wsc__auth *a, const char *challenge, size_t len,
                                struct wsc__buf *out, struct wsc__job **job,
                                struct wsc_error **err);
    /* The server accepted (any status but 401); the last challenge went through step before, if it
     * had a token: here one without is none (OMI sends it), not a refusal. */
    int (*accepted)(struct wsc__auth *a, struct wsc_error **err);
    /* Once accepted. Appends header and data of the sealed form of at most max_plain bytes. */
    int (*wrap)(struct wsc__auth *a, const uint8_t *plain, size_t len, struct wsc__buf *out,
                struct wsc__sealed *sealed, struct wsc_error **err);
    /* message: header and data, which may be overwritten. *plain: borrowed until the next call or
     * as long as message stands; good only when this gives WSC_OK. */
    int (*unwrap)(struct wsc__auth *a, uint8_t *message, const struct wsc__sealed *sealed,
                  const uint8_t **plain, size_t *plain_len, struct wsc_error **err);
    void (*free)(struct wsc__auth *a);
    /* What a final 401 or 403 means; asked: the server asked for our certificate. NULL: nothing
     * that the scheme alone knows. */
    struct wsc_error *(*refused)(const struct wsc__mem *mem, int status, int asked);
    /* Does the token that step has just made let the server judge a password? Such a one waits for
     * the verdict over another's, for each wrong one counts. NULL: every token does. */
    bool (*proves)(const struct wsc__auth *a);
    /* Once accepted: can the server act for us elsewhere? NULL: no. */
    bool (*delegated)(const struct wsc__auth *a);
    /* What would have been before it, and why it failed; NULL: nothing did. NULL: it has none. */
    const char *(*left_out)(const struct wsc__auth *a);
    /* The mechanism in use ("NTLM"), NULL as long as none is. NULL: the scheme has none. */
    const char *(*mechanism)(const struct wsc__auth *a);
};
struct wsc__auth {
    const struct wsc__auth_ops *ops;
};

/* The scheme word of Authorization and WWW-Authenticate. */
static inline const char *wsc__auth_word(const struct wsc__auth_ops *ops)
{
    return ops->wire ? ops->wire : ops->name;
}

extern const struct wsc__auth_ops wsc__auth_basic;
extern const struct wsc__auth_ops wsc__auth_certificate;

#endif
