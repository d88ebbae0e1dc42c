/* Names to addresses: getaddrinfo (for nsswitch and /etc/hosts count) on a few detached threads
 * that may outlive the context. Equal names are looked up once; answers are kept a short while. */
#ifndef WSC_IO_RESOLVE_H
#define WSC_IO_RESOLVE_H

#include "base/list.h"
#include "base/mem.h"
#include "proto/event.h"

struct wsc__resolver;

struct wsc__waiter {
    struct wsc__link link;
};

struct wsc__resolver_config {
    const struct wsc__mem *mem;
    void (*wake)(void *ud); /* from a worker: results are there; must be callable until
                               wsc__resolver_close returned */
    /* an answer for one waiter; ev is a RESOLVED event */
    void (*answer)(struct wsc__waiter *w, struct wsc__event *ev, void *ud);
    void *ud;
};

int wsc__resolver_new(struct wsc__resolver **out, const struct wsc__resolver_config *config);
/* Starts a look-up, or joins one. Literals and kept answers are told at once. */
void wsc__resolver_ask(struct wsc__resolver *r, struct wsc__waiter *w, const char *host,
                       uint16_t port, unsigned max_workers, uint64_t now, uint64_t keep_ms);
void wsc__resolver_cancel(struct wsc__waiter *w);
/* Takes a result that is there, or tells it to one who waits; false: there is none. */
bool wsc__resolver_collect(struct wsc__resolver *r, uint64_t now);
void wsc__resolver_close(struct wsc__resolver *r); /* never waits for what a worker does */

#endif
