/* The context: made, stepped, closed. */
#include "api/api.h"

#include "wsman-client/uv.h"
#include "xml/xml_reader.h"

#include <pthread.h>
#include <string.h>

/* --- making ----------------------------------------------------------------------------------- */

static void turn(void *ud)
{
    wsc_ctx *ctx = ud;

    if (ctx->depth)
        return;
    wsc__dispatch(ctx);
    wsc__leave(ctx, WSC_OK);
}

static pthread_once_t prepared = PTHREAD_ONCE_INIT;

int wsc__ctx_make(wsc_ctx **out, wsc_alloc_fn fn, void *ud, void *loop)
{
    const struct wsc__rng rng = { wsc__io_fill_random, NULL };
    struct wsc__mem mem = wsc__mem_libc;
    wsc_ctx *ctx;
    int rc;

    if (!out)
        return WSC_E_USAGE;
    if (fn) {
        mem.fn = fn;
        mem.user_data = ud;
    }
    pthread_once(&prepared, wsc__xml_prepare);
    ctx = wsc__zalloc(&mem, sizeof *ctx);
    if (!ctx)
        return WSC_E_NOMEM;
    ctx->process = wsc__process_new();
    wsc__list_init(&ctx->events);
    wsc__list_init(&ctx->released);
    wsc__list_init(&ctx->clients);
    rc = wsc__core_new(&ctx->core, &mem, &rng);
    if (rc == WSC_OK) {
        ctx->core->host = ctx;
        ctx->core->now = wsc__io_now();
        ctx->core->wall = wsc__io_wall;
        rc = wsc__io_new(&ctx->io, ctx->core, loop, turn, ctx);
        if (rc != WSC_OK)
            wsc__core_unref(ctx->core);
    }
    if (rc != WSC_OK) {
        wsc__free(&mem, ctx);
        return rc;
    }
    *out = ctx;
    return WSC_OK;
}

int wsc_ctx_new(wsc_ctx **out)
{
    return wsc__ctx_make(out, NULL, NULL, NULL);
}

int wsc_ctx_new_with_alloc(wsc_ctx **out, wsc_alloc_fn fn, void *user_data)
{
    return fn ? wsc__ctx_make(out, fn, user_data, NULL) : WSC_E_USAGE;
}

int wsc_ctx_new_on_uv(wsc_ctx **out, uv_loop_t *loop)
{
    if (!loop || uv_version() >> 16 != UV_VERSION_MAJOR)
        return WSC_E_USAGE; /* another major version lays out its handles differently */
    return wsc__ctx_make(out, NULL, NULL, loop);
}

int wsc_ctx_on_closed(wsc_ctx *ctx, wsc_free_fn fn, void *user_data)
{
    int rc;

    if (!ctx || !fn)
        return WSC_E_USAGE;
    rc = wsc__enter(ctx->core, 0, &ctx);
    if (rc == WSC_OK)
        wsc__callback_set(&ctx->closed, (void (*)(void))fn, user_data, NULL);
    return rc;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void cancel_all(wsc_ctx *ctx)
{
    struct wsc__list rest;
    struct wsc__link *n;

    wsc__list_init(&rest);
    while ((n = wsc__list_pop(&ctx->core->objects))) {
        struct wsc__object *o = WSC__OF(n, struct wsc__object, in_objects);

        wsc__list_push(&rest, n); /* stays there when clean-up goes on */
        wsc__object_ref(o);
        o->cancel(o);
        wsc__object_unref(o);
    }
    wsc__list_move(&ctx->core->objects, &rest);
}

static void on_io_closed(void *ud)
{
    wsc_ctx *ctx = ud;
    struct wsc__core *core = ctx->core;
    struct wsc__callback cb = ctx->closed;

    wsc__callback_drop(&ctx->log);
    wsc__error_unref(ctx->error);
    wsc__free(&core->mem, ctx);
    wsc__core_unref(core);
    if (cb.fn)
        ((wsc_free_fn)cb.fn)(cb.ud);
}

void wsc__ctx_teardown(wsc_ctx *ctx)
{
    struct wsc__core *core = ctx->core;
    struct wsc__link *n;

    ctx->unref_wanted = false;
    wsc__release_all(ctx);
    core->dead = true; /* nothing is started any more */
    cancel_all(ctx);
    wsc__core_shut(core);
    while (wsc__has_work(ctx))
        wsc__dispatch(ctx);
    while ((n = wsc__list_pop(&ctx->events)))
        WSC__OF(n, struct wsc__object, in_queue)->queued = 0;
    if (ctx->event.object)
        wsc__object_unref(ctx->event.object);
    wsc__release_all(ctx);
    core->host = NULL;
    memset(&core->log, 0, sizeof core->log);
    wsc__io_close(ctx->io, on_io_closed, ctx);
}

void wsc_ctx_unref(wsc_ctx *ctx)
{
    if (!ctx)
        return;
    if (wsc__forked(ctx->core))
        wsc__io_abandon(ctx->io); /* all else belongs to the parent, too */
    else if (ctx->depth || ctx->running || ctx->core->in_program)
        ctx->unref_wanted = true;
    else
        wsc__ctx_teardown(ctx);
}

static bool nothing_pending(void *ud)
{
    const wsc_ctx *ctx = ud;

    return ctx->core->pending == 0 && !wsc__has_work(ctx);
}

int wsc_ctx_close(wsc_ctx *ctx, int timeout_ms)
{
    wsc_ctx *same = NULL;
    int rc;

    if (!ctx)
        return WSC_E_USAGE;
    rc = wsc__enter(ctx->core, timeout_ms ? WSC__MAY_WAIT : 0, &same);
    if (rc != WSC_OK)
        return rc;
    if (ctx->depth)
        return wsc__refuse(ctx, WSC_E_REENTRANT, "not from a callback");
    ctx->core->closing = true;
    cancel_all(ctx);
    wsc__io_flush(ctx->io);
    rc = wsc__wait_until(ctx, timeout_ms, nothing_pending, ctx);
    return wsc__leave(ctx, rc);
}

/* --- stepping --------------------------------------------------------------------------------- */

int wsc_ctx_fd(const wsc_ctx *ctx)
{
    return ctx ? wsc__io_fd(ctx->io) : -1;
}

int wsc_ctx_timeout(wsc_ctx *ctx)
{
    if (!ctx)
        return -1;
    if (wsc__has_work(ctx))
        return 0;
    return wsc__io_timeout(ctx->io);
}

static int step(wsc_ctx *ctx, int timeout_ms)
{
    wsc_ctx *same = NULL;
    int rc;

    if (!ctx)
        return WSC_E_USAGE;
    rc = wsc__enter(ctx->core, WSC__MAY_WAIT, &same);
    if (rc != WSC_OK)
        return rc;
    ctx->running = true;
    if (timeout_ms && !wsc__has_work(ctx))
        wsc__io_wait(ctx->io, timeout_ms);
    else
        wsc__io_step(ctx->io);
    wsc__dispatch(ctx);
    ctx->running = false;
    atomic_store(&ctx->woken, 0); /* it has ended this wait */
    return wsc__leave_turn(ctx, WSC_OK);
}

int wsc_ctx_step(wsc_ctx *ctx)
{
    return step(ctx, 0);
}

int wsc_ctx_wait(wsc_ctx *ctx, int timeout_ms)
{
    uint64_t before = wsc__io_now();
    int rc = step(ctx, timeout_ms);

    if (rc == WSC_OK && timeout_ms > 0 && wsc__io_now() - before >= (uint64_t)timeout_ms)
        return WSC_E_AGAIN;
    return rc;
}

int wsc_ctx_wakeup(wsc_ctx *ctx)
{
    if (!ctx || wsc__forked(ctx->core))
        return WSC_E_USAGE; /* the descriptor is the parent's, too */
    atomic_store(&ctx->woken, 1);
    wsc__io_wakeup(ctx->io);
    return WSC_OK;
}

/* --- settings --------------------------------------------------------------------------------- */

int wsc_ctx_set_params(wsc_ctx *ctx, const wsc_params *params)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_ctx *same = NULL;
    int rc;

    if (!ctx)
        return WSC_E_USAGE;
    rc = wsc__enter(ctx->core, 0, &same);
    if (rc != WSC_OK)
        return rc;
    if (params)
        rc = wsc__layer_of(&set, ctx->core, params, NULL, WSC__LAYER_CTX, WSC__SCOPE_CTX, &err);
    if (rc != WSC_OK)
        return wsc__fail(ctx, rc, err);
    wsc__optset_unref(ctx->core->params);
    ctx->core->params = set;
    return WSC_OK;
}

/* Traced text is cut out of buffers; a binding that takes msg for a C string must not read on. */
static void log_line(int level, const char *component, const char *msg, size_t len, void *ud)
{
    wsc_ctx *ctx = ud;
    char *copy = level == WSC_LOG_TRACE ? wsc__strndup(&ctx->core->mem, msg, len) : NULL;

    if (!ctx->core->in_program && (copy || level != WSC_LOG_TRACE)) {
        struct wsc__callback cb = wsc__callback_begin(&ctx->log);

        ctx->core->in_program = true;
        ((wsc_log_fn)cb.fn)(level, component, copy ? copy : msg, len, cb.ud);
        ctx->core->in_program = false;
        wsc__callback_end(&ctx->log);
    }
    wsc__free(&ctx->core->mem, copy);
}

int wsc_ctx_set_log(wsc_ctx *ctx, int level, wsc_log_fn fn, void *user_data, wsc_free_fn free_fn)
{
    int rc;

    if (!ctx || level < WSC_LOG_NONE || level > WSC_LOG_TRACE)
        return WSC_E_USAGE;
    rc = wsc__enter(ctx->core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    ctx->core->log.level = WSC_LOG_NONE; /* nothing is told while they change */
    wsc__replace_callback(ctx, &ctx->log, (void (*)(void))fn, user_data, free_fn);
    ctx->core->log.level = fn ? level : WSC_LOG_NONE;
    ctx->core->log.fn = log_line;
    ctx->core->log.user_data = ctx;
    return wsc__leave(ctx, WSC_OK);
}

const wsc_error *wsc_ctx_error(const wsc_ctx *ctx)
{
    return ctx ? ctx->error : NULL;
}

size_t wsc_ctx_pending(const wsc_ctx *ctx)
{
    return ctx ? ctx->core->pending + (wsc__has_work(ctx) ? 1 : 0) : 0;
}
