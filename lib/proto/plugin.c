#include "proto/plugin.h"

#include <string.h>

struct wsc__plugin *wsc__plugin_new(struct wsc__core *core, const void *ops, size_t have,
                                    size_t size, void *user_data, void (*free_fn)(void *user_data))
{
    struct wsc__plugin *p = wsc__zalloc(&core->mem, sizeof *p + size);

    if (!p)
        return NULL;
    p->core = wsc__core_ref(core);
    p->refs = 1;
    p->serial = ++core->serial;
    p->user_data = user_data;
    p->free_fn = free_fn;
    p->size = size;
    memcpy(p->ops, ops, have < size ? have : size);
    return p;
}

struct wsc__plugin *wsc__plugin_ref(struct wsc__plugin *p)
{
    if (p)
        p->refs++;
    return p;
}

void wsc__plugin_unref(struct wsc__plugin *p)
{
    if (!p || --p->refs)
        return;
    if (p->core->host)
        wsc__list_push(&p->core->dropped, &p->in_dropped);
    else
        wsc__plugin_free(p);
}

void wsc__plugin_free(struct wsc__plugin *p)
{
    struct wsc__core *core = p->core;
    void (*free_fn)(void *user_data) = p->free_fn;
    void *user_data = p->user_data;

    wsc__free(&core->mem, p);
    if (free_fn)
        free_fn(user_data);
    wsc__core_unref(core);
}
