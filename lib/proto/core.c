#include "proto/core.h"

#include "proto/conn.h"
#include "proto/pool.h"

#include <string.h>

int wsc__core_new(struct wsc__core **out, const struct wsc__mem *mem, const struct wsc__rng *rng)
{
    struct wsc__core *core = wsc__zalloc(mem, sizeof *core);

    if (!core)
        return WSC_E_NOMEM;
    core->mem = *mem;
    core->rng = *rng;
    core->refs = 1;
    wsc__table_init(&core->pools, &core->mem);
    wsc__list_init(&core->dirty);
    wsc__list_init(&core->idle);
    wsc__list_init(&core->hungry);
    wsc__list_init(&core->starved);
    wsc__list_init(&core->objects);
    wsc__list_init(&core->ready);
    wsc__list_init(&core->dropped);
    *out = core;
    return WSC_OK;
}

struct wsc__core *wsc__core_ref(struct wsc__core *core)
{
    core->refs++;
    return core;
}

void wsc__core_unref(struct wsc__core *core)
{
    struct wsc__mem mem;

    if (!core || --core->refs)
        return;
    mem = core->mem;
    wsc__tls_store_unref(core->tls_store);
    wsc__optset_unref(core->params);
    wsc__table_free(&core->pools);
    wsc__decoder_spare_free(core->spare);
    wsc__buf_free(&core->spare_sealed);
    wsc__free(&mem, core);
}

void wsc__core_shut(struct wsc__core *core)
{
    struct wsc__entry *e, *next;

    core->dead = true;
    for (e = wsc__table_next(&core->pools, NULL); e; e = next) {
        struct wsc__pool *p = WSC__OF(e, struct wsc__pool, entry);

        wsc__pool_ref(p);
        wsc__pool_shut(p);
        next = wsc__table_next(&core->pools, e);
        wsc__pool_unref(p);
    }
}

void wsc__core_tick(struct wsc__core *core, uint64_t now)
{
    core->now = now;
    wsc__timers_run(&core->timers, now);
}

int64_t wsc__core_timeout(const struct wsc__core *core)
{
    return wsc__timers_next(&core->timers, core->now);
}

bool wsc__core_next_action(struct wsc__core *core, struct wsc__action *out)
{
    for (;;) {
        struct wsc__link *n;
        struct wsc__conn *c;

        while ((n = wsc__list_pop(&core->hungry)))
            wsc__pool_pump(WSC__OF(n, struct wsc__pool, in_hungry));
        n = wsc__list_first(&core->dirty);
        if (!n)
            return false;
        c = WSC__OF(n, struct wsc__conn, in_dirty);
        if (wsc__conn_next(c, out)) {
            out->conn = c;
            return true;
        }
        wsc__list_remove(n);
        wsc__conn_reap(c);
    }
}

int wsc__core_guid(struct wsc__core *core, char out[WSC__UUID_LEN + 1])
{
    if (core->random_left < 16) {
        int rc = core->rng.fill(core->random, sizeof core->random, core->rng.user_data);

        if (rc != WSC_OK)
            return rc;
        core->random_left = sizeof core->random;
    }
    core->random_left -= 16;
    wsc__uuid_format(core->random + core->random_left, out);
    return WSC_OK;
}

int wsc__core_check_text(struct wsc__core *core, const char *what, const char *text,
                         struct wsc_error **err)
{
    size_t len = strlen(text), at = wsc__utf8_bad_at(text, len, true);

    if (at == len)
        return WSC_OK;
    *err = wsc__error_new(&core->mem, WSC_E_USAGE,
                          "%s holds text that XML cannot carry, at offset %zu", what, at);
    wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)at);
    return WSC_E_USAGE;
}

/* --- objects ---------------------------------------------------------------------------------- */

void wsc__object_init(struct wsc__object *o, struct wsc__core *core, enum wsc__object_type type)
{
    o->core = wsc__core_ref(core);
    o->type = type;
    o->refs = 1; /* the user's */
    o->user = true;
    wsc__list_push(&core->objects, &o->in_objects);
}

void wsc__object_ref(struct wsc__object *o)
{
    o->refs++;
}

void wsc__object_unref(struct wsc__object *o)
{
    struct wsc__core *core = o->core;

    if (--o->refs)
        return;
    wsc__list_remove(&o->in_ready);
    wsc__list_remove(&o->in_queue);
    if (!o->ended)
        wsc__object_end(o);
    o->destroy(o);
    wsc__core_unref(core);
}

void wsc__object_tell(struct wsc__object *o, int event)
{
    if (!o->user)
        return;
    o->tell |= WSC__TELL(event);
    if (!wsc__linked(&o->in_ready))
        wsc__list_push(&o->core->ready, &o->in_ready);
}

void wsc__object_busy(struct wsc__object *o, bool busy)
{
    if (o->busy == busy)
        return;
    o->busy = busy;
    if (busy)
        o->core->pending++;
    else
        o->core->pending--;
}

void wsc__object_end(struct wsc__object *o)
{
    if (o->ended)
        return;
    o->ended = true;
    wsc__object_busy(o, false);
    wsc__list_remove(&o->in_objects);
}

static void release(struct wsc__callback *cb, void *ud, wsc_free_fn free_fn)
{
    if (!free_fn)
        return;
    if (cb->running && !cb->old_free) {
        cb->old_ud = ud;
        cb->old_free = free_fn;
    } else {
        free_fn(ud);
    }
}

void wsc__callback_set(struct wsc__callback *cb, void (*fn)(void), void *ud, wsc_free_fn free_fn)
{
    struct wsc__callback old = *cb;

    cb->fn = fn;
    cb->ud = ud;
    cb->free_fn = free_fn;
    release(cb, old.ud, old.free_fn); /* last: it may set the callback itself */
}

void wsc__callback_drop(struct wsc__callback *cb)
{
    wsc__callback_set(cb, NULL, NULL, NULL);
}

struct wsc__callback wsc__callback_begin(struct wsc__callback *cb)
{
    cb->running = true;
    return *cb;
}

void wsc__callback_end(struct wsc__callback *cb)
{
    void *ud = cb->old_ud;
    wsc_free_fn free_fn = cb->old_free;

    cb->running = false;
    cb->old_ud = NULL;
    cb->old_free = NULL;
    if (free_fn)
        free_fn(ud);
}
