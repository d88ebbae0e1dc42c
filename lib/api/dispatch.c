/* What happened is told here, and only here: by callback, or by the queue of wsc_ctx_next_event. */
#include "api/api.h"

bool wsc__has_work(const wsc_ctx *ctx)
{
    return !wsc__list_empty(&ctx->core->ready);
}

static void enqueue(wsc_ctx *ctx, struct wsc__object *o, int event)
{
    o->queued |= WSC__TELL(event);
    if (!wsc__linked(&o->in_queue))
        wsc__list_push(&ctx->events, &o->in_queue);
}

static void tell_op(wsc_ctx *ctx, struct wsc_op *op)
{
    struct wsc__callback cb;

    if (!op->on_done.fn) {
        enqueue(ctx, &op->o, WSC_EVENT_DONE);
        return;
    }
    cb = wsc__callback_begin(&op->on_done);
    ((wsc_op_fn)cb.fn)(op, wsc__error_code(op->err), cb.ud);
    wsc__callback_end(&op->on_done);
}

static void tell_shell(wsc_ctx *ctx, struct wsc_shell *s)
{
    int state;

    if (!s->on_state.fn) {
        s->untold = 0;
        enqueue(ctx, &s->o, WSC_EVENT_SHELL);
        return;
    }
    for (state = WSC_SHELL_OPENING; state <= WSC_SHELL_LOST; state++) {
        struct wsc__callback cb;

        if (!(s->untold & (1u << state)) || !s->o.user)
            continue;
        if (!s->on_state.fn) { /* taken back inside the one before */
            s->untold = 0;
            enqueue(ctx, &s->o, WSC_EVENT_SHELL);
            return;
        }
        s->untold &= ~(1u << state);
        cb = wsc__callback_begin(&s->on_state);
        ((wsc_shell_fn)cb.fn)(s, state, cb.ud);
        wsc__callback_end(&s->on_state);
    }
}

static void tell_output(wsc_ctx *ctx, struct wsc_command *c)
{
    const uint8_t *data;
    size_t len, took;
    int stream;

    if (!c->on_output.fn) {
        if (!c->armed_output)
            return;
        c->armed_output = false;
        enqueue(ctx, &c->o, WSC_EVENT_OUTPUT);
        return;
    }
    while (c->on_output.fn && c->o.user && !c->held && !c->over &&
           (stream = wsc__output_next(&c->out, 0, &data, &len))) {
        struct wsc__callback cb = wsc__callback_begin(&c->on_output);
        uint64_t before = c->out.taken;

        took = ((wsc_output_fn)cb.fn)(c, stream, data, len, cb.ud);
        wsc__callback_end(&c->on_output);
        if (took > len)
            took = len;
        if (c->out.taken != before)
            continue; /* it was read inside the callback: what was shown is gone */
        if (took)
            wsc__output_take(&c->out, stream, took);
        c->held = took < len;
        if (c->state != WSC__COMMAND_DONE)
            wsc__command_drained(c);
    }
    wsc__command_check_exit(c);
}

static void tell_writable(wsc_ctx *ctx, struct wsc_command *c)
{
    struct wsc__callback cb;

    if (!c->on_writable.fn) {
        enqueue(ctx, &c->o, WSC_EVENT_WRITABLE);
        return;
    }
    cb = wsc__callback_begin(&c->on_writable);
    ((wsc_ready_fn)cb.fn)(c, cb.ud);
    wsc__callback_end(&c->on_writable);
}

static void tell_exit(wsc_ctx *ctx, struct wsc_command *c)
{
    struct wsc__callback cb;

    if (!c->on_exit.fn) {
        enqueue(ctx, &c->o, WSC_EVENT_EXIT);
        return;
    }
    c->over = true;
    cb = wsc__callback_begin(&c->on_exit);
    ((wsc_exit_fn)cb.fn)(c, wsc__error_code(c->err), cb.ud);
    wsc__callback_end(&c->on_exit);
}

static void tell_command(wsc_ctx *ctx, struct wsc_command *c, unsigned what)
{
    if (what & WSC__TELL(WSC_EVENT_OUTPUT))
        tell_output(ctx, c);
    if ((what & WSC__TELL(WSC_EVENT_WRITABLE)) && c->o.user)
        tell_writable(ctx, c);
    if ((what & WSC__TELL(WSC_EVENT_EXIT)) && c->o.user)
        tell_exit(ctx, c);
}

/* What is left of the callback's wishes: more items, or the end. */
static void tell_items(wsc_ctx *ctx, struct wsc_items *it)
{
    struct wsc__callback cb;
    struct wsc_value *v;

    if (!it->on_item.fn) {
        if (it->armed)
            enqueue(ctx, &it->o, WSC_EVENT_ITEM);
        it->armed = false;
        return;
    }
    while (it->on_item.fn && it->o.user && !it->held && (v = wsc__items_take(it))) {
        cb = wsc__callback_begin(&it->on_item);
        it->held = true; /* a cancel or a resume within says otherwise */
        if (((wsc_item_fn)cb.fn)(it, v, WSC_OK, cb.ud) == WSC_OK)
            it->held = false;
        wsc__callback_end(&it->on_item);
        wsc__value_unref(v);
    }
    if (!it->on_item.fn || !it->o.user || it->held || it->over || !wsc__items_over(it))
        return;
    it->over = true;
    wsc__items_check_over(it);
    cb = wsc__callback_begin(&it->on_item);
    ((wsc_item_fn)cb.fn)(it, NULL, wsc__error_code(it->err), cb.ud);
    wsc__callback_end(&it->on_item);
}

static void drop_callbacks(struct wsc__object *o)
{
    wsc_ctx *ctx = o->core->host;
    struct wsc_command *c;

    if (ctx)
        ctx->depth++; /* what a free_fn gives back goes after it */
    switch (o->type) {
    case WSC__OBJ_OP:
        wsc__callback_drop(&WSC__OF(o, struct wsc_op, o)->on_done);
        break;
    case WSC__OBJ_SHELL:
        wsc__callback_drop(&WSC__OF(o, struct wsc_shell, o)->on_state);
        break;
    case WSC__OBJ_ITEMS:
        wsc__callback_drop(&WSC__OF(o, struct wsc_items, o)->on_item);
        break;
    case WSC__OBJ_COMMAND:
        c = WSC__OF(o, struct wsc_command, o);
        wsc__callback_drop(&c->on_output);
        wsc__callback_drop(&c->on_writable);
        wsc__callback_drop(&c->on_exit);
        break;
    }
    if (ctx)
        ctx->depth--;
}

static void tell(wsc_ctx *ctx, struct wsc__object *o)
{
    unsigned what = o->tell;

    o->tell = 0;
    if (!o->user)
        return;
    switch (o->type) {
    case WSC__OBJ_OP:
        tell_op(ctx, WSC__OF(o, struct wsc_op, o));
        break;
    case WSC__OBJ_SHELL:
        tell_shell(ctx, WSC__OF(o, struct wsc_shell, o));
        break;
    case WSC__OBJ_ITEMS:
        tell_items(ctx, WSC__OF(o, struct wsc_items, o));
        break;
    case WSC__OBJ_COMMAND:
        tell_command(ctx, WSC__OF(o, struct wsc_command, o), what);
        break;
    }
}

void wsc__dispatch(wsc_ctx *ctx)
{
    struct wsc__list now;
    struct wsc__link *n;

    wsc__list_init(&now);
    wsc__list_move(&now, &ctx->core->ready); /* what callbacks cause waits for the next turn */
    ctx->depth++;
    while ((n = wsc__list_pop(&now))) {
        struct wsc__object *o = WSC__OF(n, struct wsc__object, in_ready);

        wsc__object_ref(o);
        tell(ctx, o);
        if (wsc__forked(ctx->core))
            return; /* the child has come back from a callback: nothing here is its own */
        wsc__object_unref(o);
    }
    ctx->depth--;
    wsc__release_all(ctx);
    wsc__io_go_on(ctx->io);
}

/* --- giving back ------------------------------------------------------------------------------ */

static void release(struct wsc__object *o)
{
    struct wsc__core *core = o->core;

    drop_callbacks(o);
    if (!core->dead && !o->ended) {
        core->now = wsc__io_now();
        if (o->type == WSC__OBJ_SHELL)
            wsc__shell_let_go(WSC__OF(o, struct wsc_shell, o));
        else if (o->type == WSC__OBJ_COMMAND)
            wsc__command_let_go(WSC__OF(o, struct wsc_command, o));
        else if (o->type == WSC__OBJ_ITEMS)
            wsc__items_cancel(WSC__OF(o, struct wsc_items, o));
    }
    wsc__object_unref(o);
}

void wsc__release_all(wsc_ctx *ctx)
{
    struct wsc__link *n;

    while (!ctx->core->in_program && !ctx->depth && (n = wsc__list_pop(&ctx->released)))
        release(WSC__OF(n, struct wsc__object, in_queue));
    while (!ctx->core->in_program && !ctx->depth && (n = wsc__list_pop(&ctx->clients)))
        wsc__client_unref(WSC__OF(n, struct wsc__client, in_released));
    while (!ctx->core->in_program && !ctx->depth && (n = wsc__list_pop(&ctx->core->dropped))) {
        ctx->depth++;
        wsc__plugin_free(WSC__OF(n, struct wsc__plugin, in_dropped));
        ctx->depth--;
    }
}

void wsc__give_back(struct wsc__object *o)
{
    wsc_ctx *ctx = o->core->host;

    if (wsc__forked(o->core))
        return; /* it belongs to the parent, too */
    o->user = false;
    o->tell = o->queued = 0;
    wsc__list_remove(&o->in_queue);
    wsc__list_remove(&o->in_ready);
    if (ctx && (ctx->core->in_program || ctx->depth)) {
        wsc__list_push(&ctx->released, &o->in_queue);
        return;
    }
    release(o);
    if (ctx)
        wsc__leave(ctx, WSC_OK);
}

/* --- the queue -------------------------------------------------------------------------------- */

const wsc_event *wsc_ctx_next_event(wsc_ctx *ctx)
{
    struct wsc__object *old;
    struct wsc__link *n;
    int event = 0;

    if (!ctx || wsc__forked(ctx->core))
        return NULL;
    old = ctx->event.object;
    ctx->event.object = NULL;
    n = wsc__list_first(&ctx->events);
    if (n) {
        struct wsc__object *o = WSC__OF(n, struct wsc__object, in_queue);

        while (!(o->queued & WSC__TELL(event)))
            event++;
        o->queued &= ~WSC__TELL(event);
        if (!o->queued)
            wsc__list_remove(n);
        wsc__object_ref(o);
        ctx->event.kind = event;
        ctx->event.object = o;
    }
    if (old)
        wsc__object_unref(old);
    return n ? &ctx->event : NULL;
}

int wsc_event_kind(const wsc_event *e)
{
    return e ? e->kind : 0;
}

wsc_op *wsc_event_op(const wsc_event *e)
{
    return e && e->object->type == WSC__OBJ_OP ? WSC__OF(e->object, struct wsc_op, o) : NULL;
}

wsc_shell *wsc_event_shell(const wsc_event *e)
{
    return e && e->object->type == WSC__OBJ_SHELL ? WSC__OF(e->object, struct wsc_shell, o) : NULL;
}

wsc_command *wsc_event_command(const wsc_event *e)
{
    return e && e->object->type == WSC__OBJ_COMMAND ? WSC__OF(e->object, struct wsc_command, o)
                                                    : NULL;
}

wsc_items *wsc_event_items(const wsc_event *e)
{
    return e && e->object->type == WSC__OBJ_ITEMS ? WSC__OF(e->object, struct wsc_items, o) : NULL;
}

void *wsc_event_user_data(const wsc_event *e)
{
    return e ? e->object->user_data : NULL;
}
