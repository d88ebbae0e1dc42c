/* The connection machine: its states, what it wants of io, and its end. */
#include "proto/conn.h"

#include "proto/pool.h"

#include <string.h>

/* A program that did not step in all that time has not seen the server close the connection. */
#define LOOK_AFTER_MS 50

void wsc__conn_to(struct wsc__conn *c, enum wsc__conn_state s)
{
    static const enum wsc__stat phases[] = {
        [WSC__CONN_NEW] = WSC__STATS,
        [WSC__CONN_RESOLVING] = WSC__STAT_RESOLVE_MS,
        [WSC__CONN_CONNECTING] = WSC__STAT_CONNECT_MS,
        [WSC__CONN_HANDSHAKE] = WSC__STAT_TLS_MS,
        [WSC__CONN_LOGIN] = WSC__STAT_LOGIN_MS,
        [WSC__CONN_IDLE] = WSC__STATS,
        [WSC__CONN_BUSY] = WSC__STAT_WAIT_MS,
        [WSC__CONN_CLOSED] = WSC__STATS,
    };

    wsc__machine_moves(c->core, &wsc__conn_machine, c->pool->authority, c->state, s);
    c->state = s;
    if (c->x && phases[s] != WSC__STATS)
        wsc__xchg_phase(c->x, phases[s], c->core->now);
}

void wsc__conn_dirty(struct wsc__conn *c)
{
    if (!wsc__linked(&c->in_dirty))
        wsc__list_push(&c->core->dirty, &c->in_dirty);
}

/* --- deadlines -------------------------------------------------------------------------------- */

static void on_timer(struct wsc__timer *t, uint64_t now)
{
    struct wsc__conn *c = WSC__OF(t, struct wsc__conn, timer);
    const struct wsc__mem *mem = &c->core->mem;
    struct wsc_error *e;

    (void)now;
    if (c->state == WSC__CONN_IDLE) {
        wsc__conn_fail(c, NULL);
        return;
    }
    if (c->state == WSC__CONN_BUSY || c->state == WSC__CONN_LOGIN) {
        const char *what = wsc__linked(&c->in_waiting)   ? "no verdict over another's login"
                           : c->job_runs                 ? "no ticket from a KDC"
                           : c->state == WSC__CONN_LOGIN ? "no complete answer to the login"
                                                         : "no complete answer";

        e = wsc__error_new(mem, WSC_E_TIMEOUT, "%s within %lld ms", what,
                           (long long)c->x->reply_ms);
        wsc__error_set_str(e, WSC__ES_OPTION, "operation-timeout");
        wsc__error_set_int(e, WSC__EI_LIMIT, c->x->reply_ms);
    } else {
        e = wsc__error_new(mem, WSC_E_TIMEOUT, "no connection within %lld ms (%s)",
                           (long long)c->x->open_ms, wsc__conn_state_name(c->state));
        wsc__error_set_str(e, WSC__ES_OPTION, "open-timeout");
        wsc__error_set_int(e, WSC__EI_LIMIT, c->x->open_ms);
        if (c->connect_error) /* the attempt that failed says more than the silence */
            wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, wsc__error_text(c->connect_error));
    }
    wsc__conn_fail(c, e);
}

static void on_attempt(struct wsc__timer *t, uint64_t now)
{
    struct wsc__conn *c = WSC__OF(t, struct wsc__conn, attempt);
    struct wsc__event ev;

    (void)now;
    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_REFUSED;
    ev.slot = -1; /* nobody refused: time for the next address */
    wsc__conn_open_event(c, &ev);
}

/* --- life ------------------------------------------------------------------------------------- */

int wsc__conn_new(struct wsc__conn **out, struct wsc__pool *pool)
{
    struct wsc__core *core = pool->core;
    struct wsc__conn *c = wsc__zalloc(&core->mem, sizeof *c);
    int i;

    if (!c)
        return WSC_E_NOMEM;
    c->core = wsc__core_ref(core);
    c->pool = pool;
    c->timer.fire = on_timer;
    c->attempt.fire = on_attempt;
    for (i = 0; i < WSC__CONN_SLOTS; i++)
        c->ask_connect[i] = -1;
    wsc__buf_init(&c->out, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->rest_body, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->rest_raw, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->challenge, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->leg, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->held, &core->mem, SIZE_MAX / 2);
    c->leg.secret = c->held.secret = 1;
    wsc__buf_init(&c->sealed, &core->mem, SIZE_MAX / 2);
    wsc__pool_ref(pool);
    wsc__list_push(&pool->conns, &c->in_pool);
    pool->nconns++;
    core->nconns++;
    *out = c;
    return WSC_OK;
}

void wsc__conn_reap(struct wsc__conn *c)
{
    struct wsc__core *core = c->core;
    struct wsc__pool *pool = c->pool;

    if (c->state != WSC__CONN_CLOSED || !c->closed)
        return;
    wsc__free(&core->mem, c);
    wsc__pool_unref(pool);
    wsc__core_unref(core);
}

static void free_parts(struct wsc__conn *c)
{
    struct wsc__core *core = c->core;

    wsc__timer_clear(&core->timers, &c->timer);
    wsc__timer_clear(&core->timers, &c->attempt);
    wsc__conn_reply_over(c);
    wsc__conn_logout(c);
    if (c->tls) {
        c->tls->ops->free(c->tls);
        c->tls = NULL;
    }
    wsc__error_unref(c->connect_error);
    c->connect_error = NULL;
    wsc__free(&core->mem, c->addrs);
    c->addrs = NULL;
    wsc__buf_free(&c->out);
    wsc__buf_free(&c->rest_body);
    wsc__buf_free(&c->rest_raw);
    wsc__buf_free(&c->challenge);
}

/* Leaves the pool and lets io know; c itself stays until io has taken the CLOSE. */
static void shut(struct wsc__conn *c)
{
    struct wsc__buf farewell;

    wsc__buf_init(&farewell, &c->core->mem, SIZE_MAX / 2);
    if (c->state == WSC__CONN_IDLE && c->tls) { /* close_notify; else what was sent is cut anyway */
        c->tls->ops->bye(c->tls);
        (void)c->tls->ops->pull(c->tls, &farewell);
    }
    wsc__conn_to(c, WSC__CONN_CLOSED);
    c->paused = c->want_read = false;
    free_parts(c);
    c->out = farewell;
    c->ask_resolve = false;
    wsc__list_remove(&c->in_idle);
    wsc__list_remove(&c->in_pool);
    c->core->nconns--;
    wsc__conn_dirty(c);
    wsc__pool_conn_gone(c->pool);
}

void wsc__conn_fail(struct wsc__conn *c, struct wsc_error *err)
{
    struct wsc__pool *pool = c->pool;
    struct wsc__xchg *x = c->x;
    bool handshake =
        x && c->state == WSC__CONN_HANDSHAKE && !x->second_try &&
        wsc__error_code(err) == WSC_E_TLS &&
        wsc__error_retriable(err); /* a saved session that the server no longer takes */
    bool told = c->state == WSC__CONN_LOGIN &&
                ((c->reply && c->reply->head_seen) || wsc__error_code(err) == WSC_E_TIMEOUT);
    bool waited = x && c->state == WSC__CONN_LOGIN && !c->reply && !x->second_try &&
                  wsc__error_code(err) == WSC_E_CONNECTION_LOST; /* longer than the server did */
    bool again = x && !x->sent && !c->proved && !told && (c->reused || handshake || waited);

    if (c->state == WSC__CONN_CLOSED) {
        wsc__error_unref(err);
        return;
    }
    wsc__pool_ref(pool);
    c->x = NULL;
    if (x)
        x->conn = NULL;
    shut(c);
    if (!x) {
        wsc__error_unref(err);
    } else if (again && !pool->core->dead) {
        /* a kept connection ended before a byte of the request was written: nothing was sent twice
         */
        wsc__error_unref(err);
        x->second_try |= handshake || waited;
        x->reconnects = true;
        wsc__pool_requeue(pool, x);
    } else {
        wsc__pool_exchange_over(pool, x);
        x->ops->done(x, err);
    }
    wsc__pool_hungry(pool);
    wsc__pool_unref(pool);
}

void wsc__conn_submit(struct wsc__conn *c, struct wsc__xchg *x)
{
    c->x = x;
    x->conn = c;
    wsc__list_remove(&c->in_idle);
    if (c->state == WSC__CONN_IDLE) {
        wsc__timer_clear(&c->core->timers, &c->timer);
        x->reconnects = false;
        c->look = c->core->now >= c->idle_since + LOOK_AFTER_MS;
        wsc__conn_send(c);
    } else {
        wsc__timer_set(&c->core->timers, &c->timer, c->core->now + (uint64_t)x->open_ms);
        wsc__conn_open(c);
    }
}

/* --- what io is asked to do ------------------------------------------------------------------- */

static bool next_opening(struct wsc__conn *c, struct wsc__action *out)
{
    int i;

    if (c->ask_resolve) {
        c->ask_resolve = false;
        c->resolving = true;
        out->kind = WSC__ACT_RESOLVE;
        out->host = c->pool->dial;
        out->port = c->pool->url.port;
        return true;
    }
    for (i = 0; i < WSC__CONN_SLOTS; i++) {
        if (c->drop_slot[i]) {
            c->drop_slot[i] = false;
            out->kind = WSC__ACT_CLOSE_SLOT;
            out->slot = i;
            return true;
        }
        if (c->ask_connect[i] >= 0) {
            out->kind = WSC__ACT_CONNECT;
            out->slot = i;
            if (c->addrs)
                out->addr = c->addrs[c->ask_connect[i]];
            c->ask_connect[i] = -1;
            return true;
        }
    }
    return false;
}

static void write_out(struct wsc__conn *c, struct wsc__action *out)
{
    c->writing = true;
    if (c->x)
        wsc__xchg_count(c->x, WSC__STAT_BYTES_SENT, c->out.len);
    out->kind = WSC__ACT_WRITE;
    out->buf = c->out;
    wsc__buf_init(&c->out, &c->core->mem, SIZE_MAX / 2);
}

bool wsc__conn_next(struct wsc__conn *c, struct wsc__action *out)
{
    if (c->closed)
        return false;
    if (c->let_in)
        wsc__conn_let_in(c);
    if (c->state == WSC__CONN_CLOSED) {
        if (c->resolving) {
            c->resolving = false;
            out->kind = WSC__ACT_CANCEL_RESOLVE;
            return true;
        }
        if (c->job_runs) {
            c->job_runs = false;
            out->kind = WSC__ACT_CANCEL_JOB;
            return true;
        }
        if (c->out.len && !c->writing) {
            write_out(c, out);
            return true;
        }
        wsc__buf_free(&c->out);
        c->closed = true;
        out->kind = WSC__ACT_CLOSE;
        return true;
    }
    if (next_opening(c, out))
        return true;
    if (c->job) {
        out->kind = WSC__ACT_RUN_JOB;
        out->job = c->job;
        c->job = NULL;
        c->job_runs = true;
        return true;
    }
    if (c->state == WSC__CONN_CONNECTING)
        return false;
    if (c->out.len && !c->writing && c->look && c->reads) {
        c->look = false;
        out->kind = WSC__ACT_LOOK;
        return true;
    }
    if (c->out.len && !c->writing) {
        if (c->x && c->state == WSC__CONN_BUSY && !c->x->sent) {
            c->x->sent = true;
            wsc__xchg_count(c->x, WSC__STAT_REQUESTS, 1);
        } else if (c->state == WSC__CONN_LOGIN) {
            c->login_asked = true;
        }
        write_out(c, out);
        return true;
    }
    if (c->want_read != c->reads) {
        c->reads = c->want_read;
        out->kind = c->reads ? WSC__ACT_READ_START : WSC__ACT_READ_STOP;
        return true;
    }
    return false;
}

/* --- what io tells ---------------------------------------------------------------------------- */

void wsc__conn_flush_tls(struct wsc__conn *c)
{
    if (c->tls->ops->pull(c->tls, &c->out) != WSC_OK)
        wsc__conn_fail(c, wsc__error_nomem());
    else if (c->out.len)
        wsc__conn_dirty(c);
}

static void drain_tls(struct wsc__conn *c)
{
    const struct wsc__filter_ops *ops = c->tls ? c->tls->ops : NULL;
    struct wsc_error *err = NULL;
    struct wsc__plain plain;
    int rc = WSC_OK;

    while (
        c->tls && !c->paused &&
        (c->state == WSC__CONN_LOGIN || c->state == WSC__CONN_BUSY || c->state == WSC__CONN_IDLE)) {
        rc = ops->read(c->tls, &plain, &err);
        if (rc != WSC_OK || !plain.len)
            break;
        wsc__conn_plain(c, plain.data, plain.len); /* which may be the end of c->tls */
        ops->let_go(&plain);
    }
    if (!c->tls || c->paused || c->state == WSC__CONN_CLOSED)
        return;
    if (rc == WSC_E_AGAIN)
        wsc__conn_flush_tls(c); /* an answer to a key update, say */
    else if (rc == WSC_OK)
        wsc__conn_end_of_input(c);
    else
        wsc__conn_fail(c, err);
}

static void on_bytes(struct wsc__conn *c, const uint8_t *data, size_t len)
{
    struct wsc_error *err = NULL;

    if (!c->tls) {
        if (!c->paused)
            wsc__conn_plain(c, data, len);
        else if (wsc__buf_append(&c->rest_raw, data, len) != WSC_OK)
            wsc__conn_fail(c, wsc__error_nomem());
        return;
    }
    if (c->tls->ops->feed(c->tls, data, len, &err) != WSC_OK) {
        wsc__conn_fail(c, err);
        return;
    }
    if (c->state != WSC__CONN_HANDSHAKE || wsc__conn_handshake(c) == WSC_OK)
        drain_tls(c);
    if (c->tls && c->tls->ops->keep(c->tls, &err) != WSC_OK)
        wsc__conn_fail(c, err);
}

static void on_eof(struct wsc__conn *c)
{
    struct wsc_error *err = NULL;

    c->want_read = false;
    if (c->paused) {
        c->eof = true; /* what arrived before comes first */
        return;
    }
    if (c->tls && c->tls->ops->eof(c->tls, &err) != WSC_OK) {
        if (c->state == WSC__CONN_IDLE) {
            wsc__error_unref(err);
            err = NULL;
        }
        wsc__conn_fail(c, err);
        return;
    }
    wsc__conn_end_of_input(c);
}

void wsc__conn_resume(struct wsc__conn *c)
{
    struct wsc__buf body = c->rest_body, raw = c->rest_raw;
    struct wsc__core *core = c->core;

    if (!c->paused)
        return;
    c->paused = false;
    wsc__pool_park(c->pool, c->x, false);
    wsc__xchg_phase(c->x, WSC__STAT_RECEIVE_MS, core->now);
    wsc__buf_init(&c->rest_body, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->rest_raw, &core->mem, SIZE_MAX / 2);
    wsc__timer_set(&core->timers, &c->timer, core->now + (uint64_t)c->reply_left);
    if (body.len)
        wsc__conn_body(c, wsc__buf_data(&body), body.len);
    if (c->paused) {
        if (raw.len && wsc__buf_append(&c->rest_raw, wsc__buf_data(&raw), raw.len) != WSC_OK)
            wsc__conn_fail(c, wsc__error_nomem());
    } else if (c->state == WSC__CONN_BUSY && c->complete) {
        wsc__conn_reply_done(c, raw.len);
    } else if (c->state == WSC__CONN_BUSY) {
        wsc__conn_plain(c, wsc__buf_data(&raw), raw.len);
    }
    wsc__buf_free(&body);
    wsc__buf_free(&raw);
    if (c->tls && !c->paused)
        drain_tls(c);
    if (c->paused || c->state == WSC__CONN_CLOSED)
        return;
    if (c->eof) {
        c->eof = false;
        on_eof(c);
        return;
    }
    c->want_read = true;
    wsc__conn_dirty(c);
}

static void lost(struct wsc__conn *c, const struct wsc__event *ev)
{
    struct wsc_error *e = c->x ? wsc__net_error(c, ev, "connection lost") : NULL;

    if (e && ev->net == WSC__NET_RESET)
        wsc__conn_hint_tls(c, e);
    wsc__conn_fail(c, e);
}

bool wsc__conn_reads_on(struct wsc__conn *c)
{
    if (c->state != WSC__CONN_CLOSED)
        c->reads = c->want_read;
    return c->state != WSC__CONN_CLOSED && c->want_read;
}

uint64_t wsc__conn_awaits(const struct wsc__conn *c)
{
    return c->state == WSC__CONN_BUSY && c->reply ? wsc__h1_awaits(c->reply) : 0;
}

void wsc__conn_feed(struct wsc__conn *c, const struct wsc__event *ev)
{
    if (c->state == WSC__CONN_CLOSED)
        return;
    switch (ev->kind) {
    case WSC__EV_RESOLVED:
    case WSC__EV_CONNECTED:
    case WSC__EV_REFUSED:
        wsc__conn_open_event(c, ev);
        break;
    case WSC__EV_BYTES:
        if (c->x)
            wsc__xchg_count(c->x, WSC__STAT_BYTES_RECEIVED, ev->len);
        on_bytes(c, ev->data, ev->len);
        break;
    case WSC__EV_WRITTEN:
        c->writing = false;
        break;
    case WSC__EV_EOF:
        on_eof(c);
        break;
    case WSC__EV_ERROR:
        lost(c, ev);
        break;
    case WSC__EV_JOB_DONE:
        c->job_runs = false;
        wsc__conn_job_done(c);
        break;
    }
    wsc__conn_dirty(c);
}
