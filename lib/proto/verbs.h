/* Operations on resources: Get, Put, Create, Delete, methods; and enumerations. */
#ifndef WSC_PROTO_VERBS_H
#define WSC_PROTO_VERBS_H

#include "proto/op.h"
#include "wsman/verbs.h"

enum wsc__verb { WSC__GET, WSC__PUT, WSC__UPDATE, WSC__CREATE, WSC__DELETE, WSC__INVOKE };

/* value: what is written, the changes, or the arguments; or NULL. Everything is copied. */
int wsc__op_verb(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                 enum wsc__verb verb, const struct wsc_epr *epr, const char *method,
                 const struct wsc_value *value, struct wsc_error **err);

/* The selectors of an EPR as a request takes them: borrowed from it; the array is the caller's. */
int wsc__selectors_of(const struct wsc_epr *epr, const struct wsc__mem *mem,
                      struct wsc__pair **out);

/* --- items.c ---------------------------------------------------------------------------------- */

struct wsc_items {
    struct wsc__object o;
    struct wsc__callback on_item;
    struct wsc__client *client;
    struct wsc__optset *params;
    struct wsc_epr *epr;
    char *context;        /* the server's, until it has told the end */
    char *next_context;   /* of the answer under way */
    struct wsc__req *req; /* Enumerate or Pull under way */
    struct wsc_error *err;
    struct wsc__item *first, *last; /* that wait for their reader */
    size_t bytes, limit;            /* of them */
    struct wsc_value *shown;        /* what wsc_items_next gave last */
    struct wsc__timer deadline;
    uint64_t asked_at;     /* the last Pull went out */
    unsigned hasty;        /* answers in a row that came at once and held nothing */
    bool pulls;            /* Enumerate is behind us */
    bool told_any;         /* the answer under way has held items */
    bool all_told;         /* and EndOfSequence */
    bool ended;            /* the server has no more, or it failed, or was canceled */
    bool net_paused;       /* the reply is stopped in the middle */
    bool waits_to_release; /* ended, but Enumerate is still to be answered */
    bool held;             /* on_item wants no more for now */
    bool armed;            /* tell WSC_EVENT_ITEM */
    bool over;             /* the end has been told by callback */
};

int wsc__items_enumerate(struct wsc_items **out, struct wsc__client *c, struct wsc__optset *params,
                         const struct wsc_epr *epr, struct wsc_error **err);
/* The next one that has come; the reference is the caller's. NULL: none now. */
struct wsc_value *wsc__items_take(struct wsc_items *it);
/* All items have been taken, and no more come. */
bool wsc__items_over(const struct wsc_items *it);
void wsc__items_cancel(struct wsc_items *it);

#endif
