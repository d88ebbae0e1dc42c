/* Between the files of Kerberos. */
#ifndef WSC_AUTH_KRB5_PRIVATE_H
#define WSC_AUTH_KRB5_PRIVATE_H

#include "auth/krb5.h"
#include "base/table.h"

#include <gssapi/gssapi.h>
#include <gssapi/gssapi_krb5.h>
#include <krb5.h>
#include <stdatomic.h>

#define WSC__KRB5_BINDING_MAX 64 /* SHA-512 */

/* --- a job: worker thread --------------------------------------------------------------------- */

enum wsc__krb5_kind {
    WSC__KRB5_LOGIN,   /* a ticket for tickets: AS exchange, or what a cache has */
    WSC__KRB5_SERVICE, /* a ticket for a service: TGS exchange */
    WSC__KRB5_FORWARD  /* a first token with a ticket that the server may use: one more TGS exchange
                        */
};

/* The KDC that answered last: it is asked first. */
struct wsc__krb5_kdc {
    char realm[128]; /* empty: none has */
    uint8_t address[128];
    unsigned len;
    bool udp;
};

struct wsc__krb5_job {
    struct wsc__job base;
    enum wsc__krb5_kind kind;
    void *owner; /* who is told of its end, or NULL; not the worker's business */
    void (*tell)(struct wsc__krb5_job *job, bool ran);

    /* what for; copies, the password wiped at the end */
    char *name, *domain; /* of the user; NULL: whoever cache or keytab have */
    bool upn;
    char *password, *realm, *keytab, *ccache, *config;
    char *spn; /* "HTTP/srv"; to forward, with its realm */
    uint64_t timeout_ms;
    uint8_t binding[WSC__KRB5_BINDING_MAX];
    size_t binding_len;

    atomic_bool stop; /* is asked for */
    bool stopped;     /* by that */
    uint64_t deadline;
    krb5_context context; /* borrowed from the owner, or made here; goes to the owner */
    struct wsc__krb5_kdc kdc;
    char unreached[160]; /* why no KDC answered: Heimdal has but one text for it */
    bool proves;         /* the request that is sent proves the password */
    unsigned proofs;     /* how many did */
    krb5_data refused;   /* the KDC's answer to a wrong password, for it is not asked twice */

    /* what came of it: code 0 = all is well */
    krb5_error_code code;
    char text[256], tried[512];
    const char *option; /* whose file cannot be read, where code is one of errno's */
    krb5_ccache cache;
    char *client, *service; /* Heimdal's */
    gss_cred_id_t cred;
    gss_name_t target;
    gss_ctx_id_t security;
    gss_buffer_desc token;
    OM_uint32 flags;
    int64_t left; /* seconds of the ticket's life */
};

/* Not given to anybody yet. NULL: no memory. */
struct wsc__krb5_job *wsc__krb5_job_new(enum wsc__krb5_kind kind);
void wsc__krb5_job_free(struct wsc__krb5_job *job);
/* It has its own copy of what it needs of login (the ticket for tickets, and what there may be for
 * spn) and of ticket (all of it, or NULL), for caches are never used by two threads. On the
 * context's thread. */
bool wsc__krb5_job_take(struct wsc__krb5_job *job, krb5_context context, krb5_ccache login,
                        krb5_ccache ticket);
/* Frees what has come of it and nobody took, while it has its context. */
void wsc__krb5_job_drop(struct wsc__krb5_job *job);
/* Copies into libc's memory; false when that runs out. */
bool wsc__krb5_copy(char **out, const char *s, size_t len);
uint64_t wsc__krb5_now_ms(void); /* monotonic: a worker's own clock */
/* One exchange with a KDC of the realm: within the job's time, until it is stopped. */
krb5_error_code wsc__krb5_send(struct wsc__krb5_job *job, krb5_const_realm realm,
                               const krb5_data *in, krb5_data *out);
/* All that Heimdal sends on this thread goes through wsc__krb5_send of this job; NULL: nothing may
 * be sent from here. */
void wsc__krb5_sends_for(struct wsc__krb5_job *job);
void wsc__krb5_sends_no_more(void);
bool wsc__krb5_hook(void); /* once per process; false when memory or descriptors run out */

/* --- tickets: the context's thread ------------------------------------------------------------ */

/* Never changed; a new one takes its place. */
struct wsc__krb5_ticket {
    struct wsc__krb5 *owner;
    unsigned refs;
    krb5_ccache cache;
    char *service; /* Heimdal's: "HTTP/srv@REALM" */
    gss_cred_id_t cred;
    gss_name_t target;
    bool doubted; /* somebody did not get in with it: the service may have another key by now */
    int64_t left, since,
        ends; /* seconds; the last two by our clock, since it was first looked at */
};

/* How often a fetch had failed when somebody began to wait: a failure since then is his. */
struct wsc__krb5_seen {
    bool set;
    unsigned login, service;
};

/* DONE: *out is a reference. NEED_JOB; FAILED. */
enum wsc__auth_step wsc__krb5_get(struct wsc__krb5 *k, const char *spn, int64_t unix_ms,
                                  struct wsc__krb5_seen *seen, struct wsc__krb5_ticket **out,
                                  struct wsc__job **job, struct wsc_error **err);
void wsc__krb5_ticket_unref(struct wsc__krb5_ticket *t);
/* For a first token with which the ticket goes on to the server: like any job of these tickets, for
 * whoever is told. NULL: as with wsc__krb5_job_new. */
struct wsc__krb5_job *wsc__krb5_forward(struct wsc__krb5_ticket *t, const uint8_t *binding,
                                        size_t binding_len);
/* What nobody took of it is freed, and its context goes back to the others. */
void wsc__krb5_give_back(struct wsc__krb5 *k, struct wsc__krb5_job *job);
/* The next token of a security context, the first one when *security is NULL (RFC 2743 2.2.1). */
OM_uint32 wsc__krb5_token(OM_uint32 *minor, gss_cred_id_t cred, gss_ctx_id_t *security,
                          gss_name_t target, OM_uint32 more, const uint8_t *binding,
                          size_t binding_len, gss_buffer_t in, gss_buffer_t out, OM_uint32 *flags);

/* --- errors ----------------------------------------------------------------------------------- */

/* From Heimdal's code and text. */
struct wsc_error *wsc__krb5_error(const struct wsc__mem *mem, krb5_error_code code,
                                  const char *text);
/* Why a job came to nothing; ran: as its tell has it. */
struct wsc_error *wsc__krb5_failure(const struct wsc__mem *mem, const struct wsc__krb5_job *job,
                                    bool ran);
/* The credentials themselves are refused: neither again, nor by another mechanism. */
bool wsc__krb5_refuses(krb5_error_code code);
extern const gss_OID_desc wsc__krb5_oid;

#endif
