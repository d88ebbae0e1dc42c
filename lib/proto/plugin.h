/* What a program brings itself, a transport or an encoder: its table of functions, kept until the
 * last one who uses it is gone. */
#ifndef WSC_PROTO_PLUGIN_H
#define WSC_PROTO_PLUGIN_H

#include "proto/core.h"

struct wsc__plugin {
    struct wsc__core *core;
    struct wsc__link in_dropped;
    unsigned refs;
    uint64_t serial; /* part of the pools' keys */
    void *user_data;
    void (*free_fn)(void *user_data);
    size_t size;
    max_align_t ops[]; /* a copy of the program's table */
};

/* ops: have bytes of the program, of which at most size are known; what it does not have is NULL.
 * On failure the caller still owns user_data. */
struct wsc__plugin *wsc__plugin_new(struct wsc__core *core, const void *ops, size_t have,
                                    size_t size, void *user_data, void (*free_fn)(void *user_data));
struct wsc__plugin *wsc__plugin_ref(struct wsc__plugin *p); /* NULL is fine */
/* The program's free_fn runs when the context gets to it (core->dropped), for this may be called in
 * the middle of anything. */
void wsc__plugin_unref(struct wsc__plugin *p);
void wsc__plugin_free(struct wsc__plugin *p); /* of core->dropped */

#endif
