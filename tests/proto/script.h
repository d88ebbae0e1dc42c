/* A world without sockets for the core: a virtual clock, random numbers that repeat, an allocator
 * that counts and fails on demand, and an io that takes the core's actions and feeds its events.
 *
 * It is used in two ways: with struct drv alone, where a table of {time, event, actions} drives
 * connections and pools, and below the public API, with script_io.c as what lib/io would be
 * (io/io.h): then time runs on whenever a call waits and nothing else can happen. */
#ifndef WSC_TEST_SCRIPT_H
#define WSC_TEST_SCRIPT_H

#include "io/io.h"
#include "proto/conn.h"
#include "proto/pool.h"

#include "../unit/fakes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct drv;

enum drv_slot { DRV_FREE, DRV_TRYING, DRV_OPEN };
enum drv_end { DRV_GOES_ON, DRV_EOF, DRV_RESET };

/* Bytes that either side has not taken yet. */
struct drv_bytes {
    uint8_t *p;
    size_t len, at, cap;
};

void drv_bytes_add(struct drv_bytes *b, const void *data, size_t len);

struct drv_conn {
    struct drv *d;
    struct wsc__conn *conn; /* NULL once CLOSE was taken */
    unsigned id;            /* in the order in which they showed */
    enum drv_slot slot[2];
    bool connecting[2]; /* auto_net: the answer is due */
    bool resolving, open, reading, writing;
    struct wsc__job *job; /* that it waits for */
    int winner;
    struct drv_bytes sent; /* by the client, not yet read as a request */
    struct drv_bytes in;   /* for the client */
    size_t in_fed;         /* bytes of the present reply that were fed */
    enum drv_end end;      /* after them */
    bool ended;            /* that was told */
    const char *endless;   /* comes again and again after what is in `in` */
    uint64_t due, drip_ms; /* nothing before that time; byte by byte, so far apart */
    bool torn;             /* it was cut: what is said from now on is lost */
    void *tls;             /* of drv.tls */
};

struct drv_request {
    const char *head, *body; /* NUL-terminated */
    size_t body_len;
};

/* TLS at the far end (script_tls.c). */
struct drv_tls {
    void (*take)(struct drv_conn *c, const void *data, size_t len); /* to c->sent */
    void (*give)(struct drv_conn *c, const void *data, size_t len); /* to c->in */
    void (*drop)(struct drv_conn *c);
};

#define DRV_CONNS 1024

struct drv {
    struct test_mem mem;
    struct wsc__core *core;
    uint64_t now;
    uint64_t random;
    struct drv_conn *conns[DRV_CONNS];
    size_t nconns;
    size_t turn;         /* whose event comes next */
    bool auto_net;       /* look-ups, connects and writes succeed by themselves */
    bool inline_written; /* EV_WRITTEN inside the WRITE, as a socket with room does */
    bool hold_jobs;      /* they do not get done */
    bool rude;           /* BYTES come although reading was stopped */
    size_t chunk;        /* bytes per BYTES event, 0 = all there are */
    size_t split;        /* the first piece of a reply, 0 = not cut */
    /* a complete request; NULL: they stay in sent */
    void (*serve)(struct drv_conn *c, const struct drv_request *r, void *ud);
    void (*after)(struct drv *d, void *ud); /* after every event: for invariants */
    void *ud;
    long actions, break_at; /* the break_at-th action (from 0) breaks its connection */
    enum drv_end break_how;
    /* the connection at hand is cut after so many bytes of all; -1: not, or it was */
    long cut_up, cut_down;
    enum drv_end cut_how;
    size_t up, down; /* bytes so far */
    const struct drv_tls *tls;
    void (*told)(struct drv_conn *c); /* there is something for the client */
    char trace[32768];                /* actions and ends, blank-separated */
    size_t trace_len;
    char broken[256]; /* the first breach of the rules of event.h */
};

/* mem_fail: the allocation that fails, or -1. Makes no core. */
void drv_init(struct drv *d, long mem_fail);
int drv_core(struct drv *d); /* for tests without the API */
/* Lets go of everything; with a core of its own also that. False when a rule was broken or memory
 * leaked (told on stdout). */
bool drv_free(struct drv *d);

void drv_tell(struct drv *d, const char *fmt, ...) WSC__PRINTF(2, 3);
const char *drv_take_trace(struct drv *d); /* valid until the next thing is told */

void drv_flush(struct drv *d);              /* due timers and all actions */
bool drv_event(struct drv *d);              /* one event; false: there is none */
void drv_until(struct drv *d, uint64_t at); /* time passes, every timer at its own time */
int64_t drv_timeout(struct drv *d);         /* ms until something happens by itself; -1: never */
bool drv_job(struct drv *d);                /* one job runs to its end; false: there is none */
void drv_settle(struct drv *d);             /* events until there are none; time stands still */

/* events by hand */
void drv_resolved(struct drv_conn *c,
                  const char *families); /* "46": one IPv4, one IPv6; "": no such name */
void drv_connected(struct drv_conn *c, int slot);
void drv_refused(struct drv_conn *c, int slot, enum wsc__net net);
void drv_written(struct drv_conn *c);
void drv_broken(struct drv_conn *c);                              /* EV_ERROR at once */
void drv_reply(struct drv_conn *c, const void *data, size_t len); /* cut as chunk and split say */
void drv_reply_end(struct drv_conn *c, enum drv_end how);
/* Of the reply that was just given: it comes later, or a byte at a time. */
void drv_reply_slow(struct drv_conn *c, uint64_t after_ms, uint64_t drip_ms);
void drv_reply_endless(struct drv_conn *c, const char *again); /* static text */

/* For streams that somebody else drives: the far end takes bytes, and gives them. False: cut. */
bool drv_take(struct drv_conn *c, const void *data, size_t len, size_t *n);
size_t drv_give(struct drv_conn *c, void *buf, size_t cap);

/* for script_io.c */
extern struct drv *drv_world; /* the one that wsc__io_new takes */
int drv_fill_random(void *buf, size_t len, void *ud);
void drv_check_states(struct drv *d, const struct wsc__core *core);

#endif
