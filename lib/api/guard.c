/* Who may call what from where. */
#include "api/api.h"

bool wsc__forked(const struct wsc__core *core)
{
    const wsc_ctx *ctx = core->host;

    return ctx && !wsc__process_is(ctx->process);
}

int wsc__enter(struct wsc__core *core, unsigned flags, wsc_ctx **out)
{
    wsc_ctx *ctx = core->host;

    if (!ctx || wsc__forked(core))
        return WSC_E_USAGE;
    if (ctx->core->in_program)
        return WSC_E_REENTRANT; /* the log function, or a scheme of its own */
    if (core->dead)
        return WSC_E_USAGE;
    wsc__error_unref(ctx->error);
    ctx->error = NULL;
    if (flags & WSC__MAY_WAIT) {
        if (ctx->depth || ctx->running)
            return wsc__refuse(ctx, WSC_E_REENTRANT,
                               "not from a callback: the loop is running already");
        if (wsc__io_borrowed(ctx->io))
            return wsc__refuse(ctx, WSC_E_USAGE,
                               "the loop is borrowed: the program runs it, calls cannot wait");
    }
    if ((flags & WSC__NEW_WORK) && core->closing)
        return wsc__refuse(ctx, WSC_E_USAGE, "the context is closing: no new work");
    core->now = wsc__io_now();
    *out = ctx;
    return WSC_OK;
}

int wsc__leave(wsc_ctx *ctx, int rc)
{
    if (!wsc__forked(ctx->core)) {
        wsc__release_all(ctx);
        wsc__io_flush(ctx->io);
    }
    return wsc__leave_turn(ctx, rc);
}

int wsc__leave_turn(wsc_ctx *ctx, int rc)
{
    if (wsc__forked(ctx->core))
        return WSC_E_USAGE; /* in a callback, and the child has come back from it */
    if (ctx->unref_wanted && !ctx->depth && !ctx->running)
        wsc__ctx_teardown(ctx);
    return rc;
}

int wsc__record(wsc_ctx *ctx, int rc, struct wsc_error *err)
{
    wsc__error_unref(ctx->error);
    ctx->error = err ? err
                 : rc == WSC_E_NOMEM
                     ? wsc__error_nomem()
                     : wsc__error_new(&ctx->core->mem, rc,
                                      "the call is wrong: an argument is missing or bad");
    return rc;
}

int wsc__record_as(wsc_ctx *ctx, struct wsc_error *err)
{
    return wsc__record(ctx, wsc__error_code(err), wsc__error_ref(err));
}

int wsc__record_text(wsc_ctx *ctx, int rc, const char *why)
{
    return wsc__record(ctx, rc, wsc__error_new(&ctx->core->mem, rc, "%s", why));
}

int wsc__record_away(wsc_ctx *ctx, const wsc_shell *shell)
{
    struct wsc_error *e = wsc__shell_away_error(shell);

    return wsc__record(ctx, wsc__error_code(e), e);
}

int wsc__fail(wsc_ctx *ctx, int rc, struct wsc_error *err)
{
    return wsc__leave(ctx, wsc__record(ctx, rc, err));
}

int wsc__refuse(wsc_ctx *ctx, int rc, const char *why)
{
    return wsc__leave(ctx, wsc__record_text(ctx, rc, why));
}

void wsc__replace_callback(wsc_ctx *ctx, struct wsc__callback *cb, void (*fn)(void), void *ud,
                           wsc_free_fn free_fn)
{
    ctx->depth++;
    wsc__callback_set(cb, fn, ud, free_fn);
    ctx->depth--;
}

void wsc__retell(struct wsc__object *o, int event)
{
    if (!(o->queued & WSC__TELL(event)))
        return;
    o->queued &= ~WSC__TELL(event);
    if (!o->queued)
        wsc__list_remove(&o->in_queue);
    wsc__object_tell(o, event);
}

int wsc__set_callback(struct wsc__object *o, int event, struct wsc__callback *cb, void (*fn)(void),
                      void *ud, wsc_free_fn free_fn)
{
    wsc_ctx *ctx = NULL;
    int rc = wsc__enter(o->core, 0, &ctx);

    if (rc != WSC_OK)
        return rc;
    wsc__replace_callback(ctx, cb, fn, ud, free_fn);
    if (cb->fn)
        wsc__retell(o, event);
    return wsc__leave(ctx, WSC_OK);
}

int wsc__wait_until(wsc_ctx *ctx, int timeout_ms, bool (*done)(void *ud), void *ud)
{
    uint64_t end = ctx->core->now + (uint64_t)(timeout_ms > 0 ? timeout_ms : 0);
    bool over = done(ud); /* what it asks for may be done by asking: never twice */
    int rc = WSC_OK;

    if (over)
        return WSC_OK;
    if (timeout_ms == 0)
        return WSC_E_AGAIN;
    wsc__io_flush(ctx->io);
    over = done(ud);
    ctx->running = true;
    while (!over) {
        uint64_t now = wsc__io_now();
        int left = timeout_ms < 0 ? -1 : now < end ? (int)(end - now) : 0;

        if (ctx->unref_wanted) {
            rc = WSC_E_CANCELED;
            break;
        }
        if (left == 0) {
            rc = WSC_E_AGAIN;
            break;
        }
        wsc__io_run(ctx->io, wsc__has_work(ctx) ? 0 : left);
        wsc__dispatch(ctx);
        if (wsc__forked(ctx->core))
            return WSC_E_USAGE;
        over = done(ud);
        if (atomic_exchange(&ctx->woken, 0) && !over) {
            rc = WSC_E_AGAIN;
            break;
        }
    }
    ctx->running = false;
    return rc;
}
