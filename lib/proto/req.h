/* A request: one envelope out, one envelope (or fault) in. Shells, commands and ops are made of
 * them. */
#ifndef WSC_PROTO_REQ_H
#define WSC_PROTO_REQ_H

#include "proto/client.h"
#include "wsman/envelope.h"

struct wsc__req;

/* What the maker of a request wants to know; all but done may be NULL. */
struct wsc__req_ops {
    int (*field)(void *owner, enum wsc__field f, const char *value);
    int (*stream_start)(void *owner, const char *name, const char *command_id, bool end);
    int (*stream)(void *owner, const uint8_t *data, size_t len);
    int (*stream_end)(void *owner);
    /* a value; an item may be answered with WSC__PAUSE, until wsc__req_resume */
    int (*value)(void *owner, struct wsc_value *v, enum wsc__told what);
    int (*command_state)(void *owner, const char *command_id, enum wsc__state state, bool has_exit,
                         int64_t exit_code);
    /* a lost connection: the same request goes out again; forget what this reply has told so far */
    void (*again)(void *owner);
    /* The end, exactly once. err: NULL = done; borrowed. The request is freed when this returns. */
    void (*done)(void *owner, struct wsc__req *r, struct wsc_error *err);
};

struct wsc__req_spec {
    const char *action;
    const char *resource_uri;
    const struct wsc__selector *selectors; /* borrowed for the call, as all of it */
    size_t nselectors;
    const struct wsc__pair *options; /* before those of the params */
    size_t noptions;
    const struct wsc__buf *body;    /* content of s:Body, or NULL */
    const struct wsc__buf *headers; /* more header blocks, or NULL */
    enum wsc__lane lane;
    const struct wsc__response *response; /* what the answer has to hold; NULL: whatever comes */
    bool identify;
    bool anonymous;
    bool capture;             /* keep the reply's body as XML */
    bool value;               /* tell it as a value */
    bool repeatable;          /* a Receive: the same again after a lost connection */
    bool no_user_options;     /* the params' option pairs belong to another request */
    int64_t pause_ms;         /* before it goes out */
    int64_t total_ms;         /* for everything, queue and connection included; 0 = no bound */
    const char *total_option; /* that sets it */
};

struct wsc__req {
    struct wsc__xchg x;
    struct wsc__core *core;
    struct wsc__client *client;
    struct wsc__optset *params;
    const struct wsc__req_ops *ops;
    void *owner;
    char *path; /* request target */
    struct wsc__buf envelope;
    struct wsc__decoder *decoder;
    struct wsc_error *err;   /* found while reading the reply */
    struct wsc__timer timer; /* pause before it goes out, or goes out again */
    struct wsc__timer total;
    int64_t total_ms;
    const char *total_option;
    char message_id[5 + WSC__UUID_LEN + 1];
    char *reply_action, *reply_id, *relates_to;
    const struct wsc__response *response;
    bool identify, capture, value, repeatable;
    bool related;   /* RelatesTo was right */
    bool timed_out; /* the fault that means: ask again */
    bool told;      /* the owner has heard something of this reply */
    bool soap;      /* the body is an envelope */
    bool ended;
    int status;
    char media[64]; /* of a reply that is not SOAP */
    unsigned repeats, hops;
    unsigned moves;                /* of the client, when a:To was written */
    const struct wsc__pool *asked; /* it last went to; never looked into */
    unsigned epoch;                /* of the shell, when it went out */
    uint64_t dropped;              /* bytes of a body that is not SOAP */
};

/* Encodes and submits. On success the request belongs to itself until done. */
int wsc__req_start(struct wsc__req **out, struct wsc__client *client, struct wsc__optset *params,
                   const struct wsc__req_spec *spec, const struct wsc__req_ops *ops, void *owner,
                   struct wsc_error **err);
void wsc__req_resume(struct wsc__req *r);
/* Another end for it: at most total_ms from now, and no repetition. */
void wsc__req_bound(struct wsc__req *r, int64_t total_ms, const char *option);
int64_t wsc__req_limit(const struct wsc__optset *params); /* bytes of an envelope */
bool wsc__req_unsent(const struct wsc__req *r);           /* no server has seen any of it */
void wsc__req_cancel(struct wsc__req *r);                 /* done is not called */

#endif
