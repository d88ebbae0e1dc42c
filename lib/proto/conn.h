/* One connection to a server: name, addresses, TCP, TLS, then one exchange after the other. */
#ifndef WSC_PROTO_CONN_H
#define WSC_PROTO_CONN_H

#include "proto/core.h"
#include "proto/xchg.h"

#define WSC__CONN_SLOTS 2

enum wsc__conn_state {
#define WSC__CONN_STATE(id, name) WSC__CONN_##id,
#include "proto/states.def"
#undef WSC__CONN_STATE
};

struct wsc__conn {
    struct wsc__core *core;
    struct wsc__pool *pool;
    struct wsc__link in_pool, in_idle, in_dirty;
    struct wsc__link in_waiting; /* for the verdict over another's first login */
    enum wsc__conn_state state;
    struct wsc__xchg *x;
    struct wsc__filter *tls;
    struct wsc__h1_reply *reply; /* only during an exchange */
    struct wsc__auth *auth;      /* of a scheme bound to the connection: its context */
    struct wsc__buf challenge;   /* of the reply under way, while logging in */
    struct wsc__buf leg;         /* what was sent, for the log to hide it (secret) */
    struct wsc__buf sealed;      /* body of a sealed reply, until it is whole */
    struct wsc__buf held;        /* a proof that waits for the verdict over another's (secret) */
    unsigned legs;               /* of the login, sent */
    struct wsc__job *job;        /* to be run for it, until io has it */
    size_t job_left;             /* bytes behind the reply that waits for it */
    uint8_t binding[64];         /* tls-server-end-point */
    size_t binding_len;
    struct wsc__buf out;       /* to be written next */
    struct wsc__buf rest_body; /* of the reply's body, not yet taken by the exchange */
    struct wsc__buf rest_raw;  /* plain text behind it, not yet parsed */
    struct wsc__addr *addrs;   /* only while connecting */
    size_t naddrs, next_addr;
    struct wsc_error *connect_error; /* of the attempt that failed last */
    struct wsc__timer timer;         /* of the state: opening, reply, idle */
    struct wsc__timer attempt;       /* the next address joins the race */
    uint64_t idle_since;
    int64_t reply_left;               /* of the reply's time, while paused */
    int ask_connect[WSC__CONN_SLOTS]; /* address to try, or -1 */
    bool attempting[WSC__CONN_SLOTS], drop_slot[WSC__CONN_SLOTS];
    bool ask_resolve, resolving;
    bool want_read, reads; /* wanted, and what io does */
    bool look;             /* before the first byte: it was idle for a while */
    bool writing;
    bool paused;
    bool job_runs;        /* the login waits for a job */
    bool proved;          /* a token by which the password can be judged went out */
    bool logged_in;       /* auth stands */
    bool counted;         /* and the server has said so */
    bool let_in;          /* waits no longer */
    bool login_asked;     /* the leg of the login that waits for its answer went out */
    bool challenged;      /* there is a challenge, be it empty */
    bool login_again;     /* after this reply */
    bool is_sealed;       /* the reply */
    bool complete;        /* it is all there; its plain text may still pause */
    bool eof;             /* the peer ended while we paused */
    bool reused;          /* carried an exchange before */
    bool closed;          /* CLOSE was taken */
    uint8_t racing_older; /* slot of the attempt that makes room */
    uint8_t winner;       /* slot of the connected socket */
    void *io;             /* io's side */
};

int wsc__conn_new(struct wsc__conn **out, struct wsc__pool *pool);
/* Gives it an exchange: the first one makes it connect. */
void wsc__conn_submit(struct wsc__conn *c, struct wsc__xchg *x);
void wsc__conn_resume(struct wsc__conn *c);
/* Ends it; the exchange, if any, ends with err, which is taken over. NULL where there is none. */
void wsc__conn_fail(struct wsc__conn *c, struct wsc_error *err);
void wsc__conn_feed(struct wsc__conn *c, const struct wsc__event *ev);
/* Asked by io after every BYTES, for it may read on before it takes the next action: false = stop
 * now. */
bool wsc__conn_reads_on(struct wsc__conn *c);
/* So many bytes of the reply that is being read were not seen yet. */
uint64_t wsc__conn_awaits(const struct wsc__conn *c);
bool wsc__conn_next(struct wsc__conn *c, struct wsc__action *out);
void wsc__conn_reap(struct wsc__conn *c); /* frees it when it is closed and io has let go */
const char *wsc__conn_state_name(enum wsc__conn_state s);

/* conn_open.c: from the first exchange to the first byte of it */
void wsc__conn_open(struct wsc__conn *c);
void wsc__conn_opened(struct wsc__conn *c); /* TCP stands */
void wsc__conn_open_event(struct wsc__conn *c, const struct wsc__event *ev);
int wsc__conn_handshake(struct wsc__conn *c); /* WSC_E_AGAIN = goes on after more bytes */
struct wsc_error *wsc__net_error(struct wsc__conn *c, const struct wsc__event *ev,
                                 const char *doing);
/* conn_auth.c: who we are, once per connection or with every request */
bool wsc__conn_must_login(const struct wsc__conn *c);
void wsc__conn_login(struct wsc__conn *c);
int wsc__conn_login_head(struct wsc__conn *c);                /* of the reply to a leg */
void wsc__conn_login_reply(struct wsc__conn *c, size_t left); /* which is whole now */
void wsc__conn_job_done(struct wsc__conn *c);
void wsc__conn_logout(struct wsc__conn *c);
void wsc__conn_accepted(struct wsc__conn *c); /* the server's word on a login that stands */
void wsc__conn_let_in(struct wsc__conn *c);
/* What goes behind the scheme word of a request that is no part of a login. */
int wsc__conn_credentials(struct wsc__conn *c, struct wsc__buf *token, struct wsc_error **err);
/* What a final 401 means; and what the scheme knows of a refusal (401, 403), or NULL. */
struct wsc_error *wsc__conn_unauthorized(struct wsc__conn *c);
struct wsc_error *wsc__conn_refusal(const struct wsc__conn *c, int status);
/* conn_seal.c: messages that only the two ends can read */
bool wsc__conn_seals(const struct wsc__conn *c);
int wsc__conn_seal(struct wsc__conn *c, struct wsc__buf *type, struct wsc__buf *body,
                   struct wsc_error **err);
int wsc__conn_seal_head(struct wsc__conn *c, struct wsc_error **err); /* sets is_sealed */
void wsc__conn_seal_over(struct wsc__conn *c); /* lets go of what was sealed */
void wsc__conn_seal_body(struct wsc__conn *c, const uint8_t *data, size_t len);
int wsc__conn_unseal(struct wsc__conn *c, char *type, size_t cap, const uint8_t **plain,
                     size_t *len, struct wsc_error **err);
/* conn_exchange.c: one request and its reply */
void wsc__conn_send(struct wsc__conn *c); /* what the connection was opened for */
/* A request head with this body, token and the exchange's own lines into c->out. */
int wsc__conn_write(struct wsc__conn *c, const char *type, const struct wsc__buf *body,
                    const char *scheme, struct wsc__buf *token, struct wsc_error **err);
int wsc__conn_expect(struct wsc__conn *c); /* a reply, in its time */
void wsc__conn_not_sent(struct wsc__conn *c, int rc, struct wsc_error *err);
/* Its reply is whole: may the connection carry more? */
bool wsc__conn_keeps(const struct wsc__conn *c, size_t left);
void wsc__conn_reply_done(struct wsc__conn *c, size_t left); /* and left bytes behind it */
void wsc__conn_reply_over(struct wsc__conn *c);              /* lets go of it */
void wsc__conn_body(struct wsc__conn *c, const uint8_t *data, size_t len);
void wsc__conn_plain(struct wsc__conn *c, const uint8_t *data, size_t len);
void wsc__conn_hint_tls(struct wsc__conn *c, struct wsc_error *err);
void wsc__conn_end_of_input(struct wsc__conn *c);
/* conn.c, for its two other parts */
void wsc__conn_to(struct wsc__conn *c, enum wsc__conn_state s);
void wsc__conn_dirty(struct wsc__conn *c);
void wsc__conn_flush_tls(struct wsc__conn *c);

#endif
