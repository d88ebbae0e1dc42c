/* The only vocabulary between proto and io: events in, actions out. Deadlines are not in it: the
 * core keeps them in one heap and asks for one wake-up time (wsc__core_timeout). */
#ifndef WSC_PROTO_EVENT_H
#define WSC_PROTO_EVENT_H

#include "base/buf.h"

struct wsc__conn;
struct wsc__job; /* base/job.h */

/* A socket address as the system writes it; proto never looks inside but for the family. */
struct wsc__addr {
    uint8_t bytes[28]; /* sockaddr_in6 is the largest */
    uint8_t len;
    uint8_t v6;
};

/* What went wrong below, in words that no system's errno is needed for. */
enum wsc__net {
    WSC__NET_OTHER,
    WSC__NET_REFUSED,
    WSC__NET_UNREACHABLE,
    WSC__NET_TIMEDOUT,
    WSC__NET_RESET,
    WSC__NET_DESCRIPTORS, /* EMFILE, ENFILE, ENOBUFS, ENOMEM */
    WSC__NET_NO_NAME,     /* resolver: no such name */
    WSC__NET_TRY_AGAIN    /* resolver: no answer now */
};

enum wsc__event_kind {
    WSC__EV_RESOLVED,  /* addrs, naddrs (0: net, sys, text) */
    WSC__EV_CONNECTED, /* slot */
    WSC__EV_REFUSED,   /* slot, net, sys, text: this attempt failed */
    WSC__EV_BYTES,     /* data, len: borrowed for the call */
    WSC__EV_WRITTEN,   /* the buffer of the last WRITE is out */
    WSC__EV_EOF,
    WSC__EV_ERROR,   /* net, sys, text: the connection broke */
    WSC__EV_JOB_DONE /* that of the last RUN_JOB */
};

struct wsc__event {
    enum wsc__event_kind kind;
    int slot;
    const uint8_t *data;
    size_t len;
    const struct wsc__addr *addrs;
    size_t naddrs;
    enum wsc__net net;
    int sys;
    const char *text;
};

enum wsc__action_kind {
    WSC__ACT_RESOLVE, /* host, port */
    WSC__ACT_CANCEL_RESOLVE,
    WSC__ACT_CONNECT,    /* slot (0 or 1), addr (none where the pool has a transport) */
    WSC__ACT_CLOSE_SLOT, /* slot: the attempt lost the race */
    WSC__ACT_READ_START,
    WSC__ACT_READ_STOP,
    WSC__ACT_LOOK,  /* reading: is there something to read, or the end? Told before this returns */
    WSC__ACT_WRITE, /* buf: now io's, to be freed by it; then EV_WRITTEN */
    WSC__ACT_RUN_JOB, /* job: on a worker; others may wait for the same one */
    WSC__ACT_CANCEL_JOB,
    WSC__ACT_CLOSE /* nothing of this connection is told any more */
};

struct wsc__action {
    enum wsc__action_kind kind;
    struct wsc__conn *conn;
    int slot;
    const char *host;
    uint16_t port;
    struct wsc__addr addr;
    struct wsc__buf buf;
    struct wsc__job *job;
};

#endif
