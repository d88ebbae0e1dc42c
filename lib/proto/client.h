/* One host as one identity: what its shells and requests share. */
#ifndef WSC_PROTO_CLIENT_H
#define WSC_PROTO_CLIENT_H

#include "proto/pool.h"

struct wsc__client {
    struct wsc__core *core;
    struct wsc__link in_released; /* api: given back in the log function */
    unsigned refs;
    struct wsc__pool *pool;
    struct wsc__policy policy; /* how the pool logs in */
    /* Why nobody can log in there, or NULL: then only an unauthenticated Identify goes. */
    struct wsc_error *unable;
    struct wsc__identity *identity;
    struct wsc__plugin *transport; /* NULL: TCP */
    struct wsc__plugin *encoder;   /* NULL: the library's */
    struct wsc__optset *params;
    struct wsc__optset *given; /* params before more was learnt (limits.c), or NULL */
    char *to;                  /* a:To, the URL as asked */
    unsigned moves;            /* how often a redirect has changed it */
    char *path;                /* request target */
    char *extra_headers;       /* complete lines, or NULL */
    char *anonymous_headers;   /* the same, for an unauthenticated Identify */
    char *cookie;              /* MS-WSMAN=..., as the server set it, or NULL */
    char session_id[WSC__UUID_LEN + 1];
    void *user_data;
    struct wsc__stats stats;
    struct wsc__optset *shown; /* of wsc_client_option, with its text */
    char *text;                /* made when it is asked for */
};

int wsc__client_new(struct wsc__client **out, struct wsc__core *core, const char *host,
                    struct wsc__identity *identity, struct wsc__optset *params,
                    struct wsc_error **err);
void wsc__client_ref(struct wsc__client *c);
void wsc__client_unref(struct wsc__client *c);
/* Goes on at another URL (a redirect that was allowed). */
int wsc__client_move(struct wsc__client *c, const char *url, struct wsc_error **err);
/* What its next connections are made by; NULL = TCP. */
int wsc__client_transport(struct wsc__client *c, struct wsc__plugin *transport,
                          struct wsc_error **err);
void wsc__client_cookie(struct wsc__client *c, const char *set_cookie);

/* The error of what was not done within the deadline that params give. */
struct wsc_error *wsc__client_deadline(const struct wsc__client *c,
                                       const struct wsc__optset *params);

#endif
