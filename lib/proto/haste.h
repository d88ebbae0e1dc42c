/* A server holds a request until there is something to tell. One that does not would be asked as
 * fast as the network goes: it is asked less and less often, until it tells something. */
#ifndef WSC_PROTO_HASTE_H
#define WSC_PROTO_HASTE_H

#include <stdbool.h>
#include <stdint.h>

struct wsc__haste {
    uint64_t asked_at; /* when the request went out, or will */
    unsigned n;        /* answers in a row that came at once and told nothing */
};

/* A request is made now: how long it shall wait before it goes out, in ms. */
int64_t wsc__haste_asks(struct wsc__haste *h, uint64_t now);
/* It has been answered. */
void wsc__haste_judge(struct wsc__haste *h, uint64_t now, bool told_something);

#endif
