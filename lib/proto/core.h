/* The core of a context: what its connections, pools and objects share. No I/O, no clock, no
 * randomness, no allocation of its own: all four come in. */
#ifndef WSC_PROTO_CORE_H
#define WSC_PROTO_CORE_H

#include "base/err.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/opts.h"
#include "base/str.h"
#include "base/table.h"
#include "base/timer.h"
#include "base/uuid.h"
#include "proto/event.h"
#include "proto/states.h"
#include "tls/tls.h"
#include "wsman/envelope.h"

struct wsc__core {
    struct wsc__mem mem;
    struct wsc__log log;
    struct wsc__rng rng;
    int64_t (*wall)(void); /* ms since 1970, or NULL */
    unsigned refs;         /* the context, and every object made from it */
    uint64_t now;          /* monotonic milliseconds, set by whoever enters */
    struct wsc__timers timers;
    struct wsc__table pools;  /* by key */
    struct wsc__list dirty;   /* connections with actions to take */
    struct wsc__list idle;    /* unused connections, longest unused first */
    struct wsc__list hungry;  /* pools whose queues may go on */
    struct wsc__list starved; /* pools that wait for connections-limit */
    struct wsc__list objects; /* all objects that have not ended */
    struct wsc__list ready;   /* objects with something to tell */
    struct wsc__list dropped; /* plugins that nobody uses any more */
    size_t nconns;
    uint64_t serial;            /* of identities and plugins: part of the pools' keys */
    size_t pending;             /* work under way, clean-up included */
    struct wsc__optset *params; /* the context layer, or NULL */
    struct wsc__tls_store *tls_store;
    struct wsc__buf
        spare_sealed; /* room for the next sealed reply: a stream has one after the other */
    struct wsc__xml_reader *spare; /* a parser that waits for the next reply, or NULL */
    uint8_t random[256];           /* for identifiers, fetched in one go */
    size_t random_left;
    struct {
        const struct wsc__machine *machine; /* NULL = none */
        unsigned from, to;
    } strange; /* the last transition that states.def does not have */
    bool
        in_program; /* a function of the program runs in the middle of things: no calls, no unref */
    bool closing;   /* wsc_ctx_close: no new work */
    bool dead;      /* the context is gone */
    void *host;     /* the wsc_ctx, or NULL once it is gone */
};

int wsc__core_new(struct wsc__core **out, const struct wsc__mem *mem, const struct wsc__rng *rng);
struct wsc__core *wsc__core_ref(struct wsc__core *core);
void wsc__core_unref(struct wsc__core *core);
/* Closes every connection; for the end of the context, after its objects have ended. */
void wsc__core_shut(struct wsc__core *core);
/* Deadlines that have passed. */
void wsc__core_tick(struct wsc__core *core, uint64_t now);
/* Milliseconds until wsc__core_tick has something to do; -1 = never. */
int64_t wsc__core_timeout(const struct wsc__core *core);
/* The next thing io has to do; false when there is nothing. Connections that are closed and done
 * with are freed here. */
bool wsc__core_next_action(struct wsc__core *core, struct wsc__action *out);
/* A new random GUID. errors: those of the random numbers. */
int wsc__core_guid(struct wsc__core *core, char out[WSC__UUID_LEN + 1]);
/* Text that is to go into XML: WSC_E_USAGE, with what it is and the offset, where it cannot. */
int wsc__core_check_text(struct wsc__core *core, const char *what, const char *text,
                         struct wsc_error **err);

/* --- objects: what users hold ----------------------------------------------------------------- */

enum wsc__object_type { WSC__OBJ_OP, WSC__OBJ_SHELL, WSC__OBJ_COMMAND, WSC__OBJ_ITEMS };

/* Events as bits; the numbers are 1 << WSC_EVENT_*. */
#define WSC__TELL(event) (1u << (event))

struct wsc__object {
    struct wsc__core *core;
    struct wsc__link in_objects;
    struct wsc__link in_ready; /* something is to be told by callback or queue */
    struct wsc__link in_queue; /* of wsc_ctx_next_event */
    enum wsc__object_type type;
    unsigned refs;
    unsigned tell;   /* events not told yet */
    unsigned queued; /* events in the queue */
    bool user;       /* the user still holds the handle */
    bool ended;      /* done, exit, closed or lost */
    bool busy;       /* counted in core->pending */
    void *user_data;
    void (*cancel)(struct wsc__object *o); /* end it now; the context goes */
    void (*destroy)(struct wsc__object *o);
};

void wsc__object_init(struct wsc__object *o, struct wsc__core *core, enum wsc__object_type type);
void wsc__object_ref(struct wsc__object *o);
void wsc__object_unref(struct wsc__object *o);
void wsc__object_tell(struct wsc__object *o, int event);
void wsc__object_busy(struct wsc__object *o, bool busy);
void wsc__object_end(struct wsc__object *o); /* leaves the list of live objects; once */

/* A callback of the user with what belongs to it. */
struct wsc__callback {
    void (*fn)(void); /* cast to its type by the caller */
    void *ud;
    wsc_free_fn free_fn;
    bool running;
    void *old_ud; /* of the one that was replaced while it ran */
    wsc_free_fn old_free;
};
/* Around every call of fn: what is replaced or dropped meanwhile is freed at the end. */
struct wsc__callback wsc__callback_begin(struct wsc__callback *cb);
void wsc__callback_end(struct wsc__callback *cb);
void wsc__callback_set(struct wsc__callback *cb, void (*fn)(void), void *ud, wsc_free_fn free_fn);
void wsc__callback_drop(struct wsc__callback *cb);

#endif
