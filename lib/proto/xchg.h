/* An exchange: one HTTP request and its reply, carried by a connection of a pool. */
#ifndef WSC_PROTO_XCHG_H
#define WSC_PROTO_XCHG_H

#include "base/err.h"
#include "base/list.h"
#include "http/h1.h"
#include "proto/stats.h"

struct wsc__pool;
struct wsc__conn;
struct wsc__xchg;

/* Who may use how many of the connections to a host: see pool.c. */
enum wsc__lane {
    WSC__LANE_WAIT, /* Receive, a subscription's Pull: hold their connection until there is
                       something */
    WSC__LANE_NORMAL,
    WSC__LANE_URGENT, /* Signal, Delete, Release, Unsubscribe: never behind the others */
    WSC__LANES
};

struct wsc__xchg_ops {
    /* Status and headers of the reply, and the media type of its body, which for a sealed one is
     * that of what was sealed (NULL: none); another status than WSC_OK, with *err, ends the
     * exchange. */
    int (*head)(struct wsc__xchg *x, const struct wsc__h1_reply *reply, const char *type,
                struct wsc_error **err);
    /* A piece of the body. WSC__PAUSE: took *used bytes, and wants no more until wsc__xchg_resume.
     */
    int (*body)(struct wsc__xchg *x, const uint8_t *data, size_t len, size_t *used,
                struct wsc_error **err);
    /* The end, exactly once; err (NULL = the reply is complete) is the callee's. */
    void (*done)(struct wsc__xchg *x, struct wsc_error *err);
};

struct wsc__xchg {
    const struct wsc__xchg_ops *ops;
    struct wsc__link link;  /* in the pool's queue */
    struct wsc__pool *pool; /* while submitted */
    struct wsc__conn *conn; /* while carried */
    enum wsc__lane lane;
    const char *path; /* request target */
    const char *content_type;
    const struct wsc__buf *body; /* the owner keeps it until done: it may have to be sent anew */
    const char *user_agent, *extra_headers;
    char *const *cookie;           /* the client's, as it is when the request goes out ... */
    struct wsc__pool *const *home; /* ... if it is still at home with the client */
    bool anonymous;                /* no credentials (unauthenticated Identify) */
    bool proving;                  /* the pool's first login rides on it */
    bool running;                  /* counted by the pool ... */
    bool parked;                   /* ... but not while it pauses: its reader may sleep for ever */
    bool relogged;                 /* the server asked for a new login once */
    bool second_try; /* its first connection failed with an error that a new one may not have */
    bool sent;       /* a byte of it may have reached the server */
    bool trace_bodies;
    struct wsc__stats *stats; /* the client's, or NULL */
    enum wsc__stat phase;     /* it is in, to be counted; WSC__STATS = none */
    bool reconnects;          /* its connection ended: another one is made for it */
    uint64_t since;           /* the phase began */
    uint64_t queued_at;
    int64_t reply_ms;   /* time for the reply once it is sent */
    int64_t open_ms;    /* time for making the connection */
    size_t reply_limit; /* largest body that is kept until it is whole */
};

static inline void wsc__xchg_count(struct wsc__xchg *x, enum wsc__stat what, uint64_t n)
{
    if (x->stats)
        x->stats->n[what] += n;
}

/* Ends the phase that it is in; WSC__STATS = no other one follows. */
static inline void wsc__xchg_phase(struct wsc__xchg *x, enum wsc__stat next, uint64_t now)
{
    if (x->phase != WSC__STATS)
        wsc__xchg_count(x, x->phase, now - x->since);
    x->phase = next;
    x->since = now;
}

static inline void wsc__xchg_queued(struct wsc__xchg *x, uint64_t now)
{
    x->phase = WSC__STATS;
    wsc__xchg_phase(x, WSC__STAT_QUEUE_MS, now);
}

#endif
