#include "proto/lockout.h"

#include "auth/sec_e.h"
#include "proto/conn.h"
#include "proto/pool.h"

/* Proofs of a login without a verdict, before there has ever been one. */
#define LOST_MAX 2
/* What a host has accepted longer ago is proved by one login again before others follow: the
 * password may have been changed. */
#define FRESH_MS 60000

/* Those who wait go on in the next turn: all when there is a verdict, else one, who tries. */
static void wake(struct wsc__identity *id)
{
    struct wsc__link *n;

    while (id->first != WSC__GATE_PROVING && (n = wsc__list_pop(&id->waiting))) {
        struct wsc__conn *c = WSC__OF(n, struct wsc__conn, in_waiting);

        c->let_in = true;
        wsc__conn_dirty(c);
        if (id->first == WSC__GATE_UNTRIED)
            return;
    }
}

static void close_gate(struct wsc__conn *c, const char *why)
{
    struct wsc__identity *id = c->pool->identity;

    id->first = WSC__GATE_REFUSED;
    id->prover = NULL;
    wsc__error_unref(id->refused);
    id->refused =
        wsc__error_fault(&c->core->mem, SEC_E_LOGON_DENIED, "%s: %s", c->pool->authority, why);
    wsc__error_set_str(id->refused, WSC__ES_SCHEME, c->pool->auth->name);
    wsc__error_set_str(id->refused, WSC__ES_IDENTITY, wsc__identity_name(id));
}

void wsc__lockout_accepted(struct wsc__conn *c)
{
    struct wsc__identity *id = c->pool->identity;

    id->proven = true;
    id->accepted_at = c->core->now;
    id->denials = id->lost = 0;
    id->first = WSC__GATE_OPEN;
    id->prover = NULL;
    wake(id);
}

/* For all, or, where others have accepted it, until the next one has its say. */
void wsc__lockout_denied(struct wsc__conn *c)
{
    struct wsc__identity *id = c->pool->identity;

    if (!id->one_try)
        return;
    if (id->prover == c)
        id->prover = NULL;
    if (++id->denials > 1 || !id->proven)
        close_gate(c, "the login was refused; it is not tried at another host");
    else if (!id->prover)
        id->first = WSC__GATE_UNTRIED;
    wake(id);
}

/* The one who tries ends without a verdict. */
static void unheard(struct wsc__conn *c)
{
    struct wsc__identity *id = c->pool->identity;

    if (id->prover != c)
        return;
    id->prover = NULL;
    id->first = WSC__GATE_UNTRIED;
    if (c->proved && !id->proven && ++id->lost >= LOST_MAX)
        close_gate(c, "the login got no answer, as others before it; it is not tried again");
    wake(id);
}

bool wsc__lockout_shuts_out(struct wsc__conn *c)
{
    const struct wsc__identity *id = c->pool->identity;

    if (!id->one_try || id->first != WSC__GATE_REFUSED)
        return false;
    wsc__conn_fail(c, wsc__error_ref(id->refused));
    return true;
}

bool wsc__lockout_admits(struct wsc__conn *c)
{
    struct wsc__identity *id = c->pool->identity;

    if (id->first == WSC__GATE_OPEN && c->core->now > id->accepted_at + FRESH_MS)
        id->first = WSC__GATE_UNTRIED;
    if (!id->one_try || id->first == WSC__GATE_OPEN || id->prover == c)
        return true;
    if (wsc__lockout_shuts_out(c))
        return false;
    if (id->first == WSC__GATE_UNTRIED) {
        id->first = WSC__GATE_PROVING;
        id->prover = c;
        return true;
    }
    wsc__list_push(&id->waiting, &c->in_waiting);
    wsc__timer_set(&c->core->timers, &c->timer, c->core->now + (uint64_t)c->x->reply_ms);
    return false;
}

void wsc__lockout_leave(struct wsc__conn *c)
{
    struct wsc__identity *id = c->pool->identity;

    unheard(c);
    wsc__list_remove(&c->in_waiting);
    if (c->let_in && id->first == WSC__GATE_UNTRIED)
        wake(id); /* it was to try */
    c->let_in = false;
}
