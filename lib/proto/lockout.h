/* How often the password of an account is tried, at all hosts together: never so often that its
 * domain locks it (wsc__identity, one_try). One connection tries first, the others wait for its
 * verdict. */
#ifndef WSC_PROTO_LOCKOUT_H
#define WSC_PROTO_LOCKOUT_H

#include <stdbool.h>

struct wsc__conn;

/* May c send its proof? False: it waits for another's verdict, or has ended by it. */
bool wsc__lockout_admits(struct wsc__conn *c);
/* True: nobody sends a proof any more, and c has ended. */
bool wsc__lockout_shuts_out(struct wsc__conn *c);
void wsc__lockout_accepted(struct wsc__conn *c); /* its host takes the account */
void wsc__lockout_denied(struct wsc__conn *c);   /* its host refuses it */
/* c ends: if it was the one who tried, then without a verdict. Before it forgets what it proved. */
void wsc__lockout_leave(struct wsc__conn *c);

#endif
