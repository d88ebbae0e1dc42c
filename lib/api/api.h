/* What the files of api share: the context, the guard at every entry, telling what happened. */
#ifndef WSC_API_API_H
#define WSC_API_API_H

#include "base/process.h"
#include "io/io.h"
#include "proto/command.h"
#include "proto/items.h"
#include "proto/verbs.h"

#include <stdatomic.h>

struct wsc_event {
    int kind;
    struct wsc__object *object; /* a reference is held until the next event */
};

struct wsc_ctx {
    struct wsc__core *core;
    struct wsc__io *io;
    struct wsc_error *error; /* of the last call */
    struct wsc__list events; /* objects with events for wsc_ctx_next_event */
    struct wsc_event event;  /* the one handed out last */
    struct wsc__callback log;
    struct wsc__callback closed; /* on_closed */
    unsigned process;            /* in which it was made */
    atomic_int woken; /* wsc_ctx_wakeup: the wait that is under way ends, or the next one */
    struct wsc__list released; /* objects given back inside a callback */
    struct wsc__list clients;  /* given back inside the log function */
    unsigned depth;            /* callbacks under way */
    bool running;              /* in step, wait, close or a call that waits */
    bool unref_wanted;
};

struct wsc_params {
    struct wsc__optset *set;
    struct wsc_error *error;
};

struct wsc_client {
    struct wsc__client c; /* nothing of ours: the handle is the machine */
};

enum { WSC__MAY_WAIT = 1, WSC__NEW_WORK = 2 };

/* guard.c: at the entry of every call but the getters. On failure nothing may be touched. */
int wsc__enter(struct wsc__core *core, unsigned flags, wsc_ctx **out);
/* At the exit: does what the call asked of the network, and what callbacks put off. The context may
 * be gone after it. */
int wsc__leave(wsc_ctx *ctx, int rc);
/* That of a turn, at whose end wsc__dispatch has done what there is to do. */
int wsc__leave_turn(wsc_ctx *ctx, int rc);
/* Sets wsc_ctx_error: err (may be NULL) is taken over. Gives rc. */
int wsc__record(wsc_ctx *ctx, int rc, struct wsc_error *err);
/* The same with the error that a handle keeps, and its code; with one made of a text. */
int wsc__record_as(wsc_ctx *ctx, struct wsc_error *err);
int wsc__record_text(wsc_ctx *ctx, int rc, const char *why);
/* WSC_OK, or why nothing more can be asked of it. */
int wsc__shell_usable(wsc_ctx *ctx, const wsc_shell *shell);
int wsc__record_away(wsc_ctx *ctx, const wsc_shell *shell); /* that it is disconnected */
/* wsc__record, or wsc__record_text, and the exit. */
int wsc__fail(wsc_ctx *ctx, int rc, struct wsc_error *err);
int wsc__refuse(wsc_ctx *ctx, int rc, const char *why);
/* Sets a callback; the free_fn of the one before runs as in a callback. */
void wsc__replace_callback(wsc_ctx *ctx, struct wsc__callback *cb, void (*fn)(void), void *ud,
                           wsc_free_fn free_fn);
/* The whole of a call that does only that, for the callback of an event. */
int wsc__set_callback(struct wsc__object *o, int event, struct wsc__callback *cb, void (*fn)(void),
                      void *ud, wsc_free_fn free_fn);
/* An event that waits in the queue is told by the callback that there is now. */
void wsc__retell(struct wsc__object *o, int event);
bool wsc__forked(const struct wsc__core *core);
/* Runs the loop until done(ud) says so, or the time is up (WSC_E_AGAIN). */
int wsc__wait_until(wsc_ctx *ctx, int timeout_ms, bool (*done)(void *ud), void *ud);

/* dispatch.c */
void wsc__dispatch(wsc_ctx *ctx);
bool wsc__has_work(const wsc_ctx *ctx);

/* ctx.c */
void wsc__ctx_teardown(wsc_ctx *ctx);
int wsc__ctx_make(wsc_ctx **out, wsc_alloc_fn fn, void *ud, void *loop);

/* params.c: the layer of a call above that of a client; NULL params = the client's own set */
int wsc__layer_of(struct wsc__optset **out, struct wsc__core *core, const wsc_params *params,
                  struct wsc__optset *parent, enum wsc__layer layer, int scope,
                  struct wsc_error **err);

/* The same for one operation. */
int wsc__op_layer(struct wsc__optset **out, struct wsc__core *core, const wsc_params *params,
                  struct wsc__optset *parent, struct wsc_error **err);

/* client.c: the end of a call that makes an identity; scheme: a wsc_auth, or NULL */
int wsc__identity_with(wsc_identity **out, wsc_ctx *ctx, const wsc_params *params,
                       struct wsc__plugin *scheme);

/* op.c: the end of a call that made an op; out NULL = nobody wants it */
int wsc__give_op(wsc_ctx *ctx, wsc_op **out, struct wsc_op *op);

/* The user's handle goes: what runs is ended in the background, unless an option says otherwise. */
void wsc__give_back(struct wsc__object *o);
void wsc__release_all(wsc_ctx *ctx);

#endif
