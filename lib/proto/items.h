/* Enumerations and subscriptions: items that come until there are no more. */
#ifndef WSC_PROTO_ITEMS_H
#define WSC_PROTO_ITEMS_H

#include "proto/haste.h"
#include "proto/req.h"
#include "wsman/typed.h"
#include "wsman/verbs.h"

enum wsc__items_state {
#define WSC__ITEMS_STATE(id, name) WSC__ITEMS_##id,
#include "proto/states.def"
#undef WSC__ITEMS_STATE
};

struct wsc__item {
    struct wsc__item *next;
    struct wsc_value *value;
    char *bookmark; /* that stands behind it, or NULL */
};

/* What a subscription has besides (subscribe.c). */
struct wsc__subscription {
    char *identifier; /* in the manager's reference, or NULL; the server's, until it is given up */
    char *behind;     /* the bookmark of the answer under way */
    char *bookmark;   /* behind what has been handed out */
};

struct wsc_items {
    struct wsc__object o;
    struct wsc__callback on_item;
    enum wsc__items_state state;
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
    struct wsc__subscription *sub;  /* or NULL: an enumeration */
    struct wsc__timer deadline;
    struct wsc__haste haste;
    bool told_any; /* the answer under way has held items */
    bool all_told; /* and EndOfSequence */
    /* the reader's own, whatever the state: he may be slow, and come late to the end */
    bool held;  /* on_item wants no more for now */
    bool armed; /* tell WSC_EVENT_ITEM */
    bool over;  /* the end has been told by callback */
};

int wsc__items_enumerate(struct wsc_items **out, struct wsc__client *c, struct wsc__optset *params,
                         const struct wsc_epr *epr, struct wsc_error **err);
/* The next one that has come; the reference is the caller's. NULL: none now. */
struct wsc_value *wsc__items_take(struct wsc_items *it);
/* The reader has its end, behind what waits. */
bool wsc__items_ended(const struct wsc_items *it);
/* All items have been taken, and no more come. */
bool wsc__items_over(const struct wsc_items *it);
/* Until that has been told, too, it can still be canceled. */
void wsc__items_check_over(struct wsc_items *it);
void wsc__items_cancel(struct wsc_items *it);
/* "bookmark", "context"; NULL: there is none. */
const char *wsc__items_get(const struct wsc_items *it, const char *name);

/* --- between items.c and subscribe.c ---------------------------------------------------------- */

/* A new one, that has asked for nothing yet. NULL: no memory. */
struct wsc_items *wsc__items_new(struct wsc__client *c, struct wsc__optset *params,
                                 const struct wsc_epr *epr);
/* The end of its maker: rc tells whether its first request went out. */
int wsc__items_made(struct wsc_items **out, struct wsc_items *it, int rc, struct wsc_error **err);
/* Sends spec as its request under way; resource and selectors are filled in. */
int wsc__items_ask(struct wsc_items *it, struct wsc__req_spec *spec, struct wsc_error **err);
/* Sends spec in the background, when all has ended. */
void wsc__items_clean_up(struct wsc_items *it, struct wsc__req_spec *spec);
/* w:Filter of the options, appended to out; nothing where none is given. */
int wsc__items_filter(struct wsc_items *it, struct wsc__buf *out, struct wsc_error **err);

/* subscribe.c */
int wsc__items_subscribe(struct wsc_items **out, struct wsc__client *c, struct wsc__optset *params,
                         const struct wsc_epr *epr, struct wsc_error **err);
int wsc__items_renew(struct wsc_op **out, struct wsc_items *it, struct wsc__optset *params,
                     struct wsc_error **err);
/* The answer to Subscribe, or a bookmark. */
int wsc__subscription_told(struct wsc_items *it, struct wsc_value *v, enum wsc__told what);
bool wsc__subscription_beats(const struct wsc_value *v); /* it is no event, but a sign of life */
/* The answer is whole, or failed: then it was perhaps not ours. */
void wsc__subscription_answered(struct wsc_items *it, bool good);
/* It is handed out, or dropped: then the reader is not behind it. */
void wsc__subscription_passed(struct wsc_items *it, struct wsc__item *i, bool read);
struct wsc_error *wsc__subscription_lost(const struct wsc_items *it); /* the server has ended it */
void wsc__subscription_end(struct wsc_items *it);                     /* Unsubscribe */
void wsc__subscription_forget(struct wsc_items *it); /* the server has it no more */
void wsc__subscription_free(struct wsc_items *it);

#endif
