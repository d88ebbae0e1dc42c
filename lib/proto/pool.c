/* The connections to one origin and the queues in front of them.
 *
 * Of connections-per-host (N), Receives may hold N - 2, everything but Signal and Delete N - 1, so
 * that input goes on while output is waited for, and cleaning up never waits behind both. */
#include "proto/pool.h"

#include "proto/conn.h"

#include <stdio.h>
#include <string.h>

/* --- making ----------------------------------------------------------------------------------- */

/* Nobody gets onto a connection that was made by mechanisms that he does not want. */
static int put_policy(struct wsc__buf *b, const struct wsc__policy *policy)
{
    int rc = wsc__buf_puts(b, policy->auth ? policy->auth->name : "none");

    for (size_t i = 0; rc == WSC_OK && i < policy->nmechs; i++) {
        if ((rc = wsc__buf_putc(b, '+')) == WSC_OK)
            rc = wsc__buf_puts(b, wsc__mech_name(policy->mechs[i]));
    }
    if (rc == WSC_OK && policy->kerberos_alone)
        rc = wsc__buf_puts(b, " alone");
    return rc;
}

static int put_origin(struct wsc__buf *b, const struct wsc__url *url)
{
    int rc = wsc__buf_puts(b, url->tls ? "https " : "http ");
    size_t i;

    for (i = 0; rc == WSC_OK && url->host[i]; i++) {
        char c = url->host[i];

        rc = wsc__buf_putc(b, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
    }
    if (rc == WSC_OK && url->zone && (rc = wsc__buf_putc(b, '%')) == WSC_OK)
        rc = wsc__buf_puts(b, url->zone);
    if (rc == WSC_OK && (rc = wsc__buf_putc(b, ' ')) == WSC_OK)
        rc = wsc__buf_put_u64(b, url->port);
    return rc;
}

static char *make_key(struct wsc__core *core, const struct wsc__url *url,
                      const struct wsc__optset *o, const struct wsc__identity *id,
                      const struct wsc__policy *policy, const struct wsc__plugin *transport)
{
    /* the client certificate is the identity's */
    static const enum wsc__opt texts[] = { WSC__O_TLS_CA_FILE,     WSC__O_TLS_PIN,
                                           WSC__O_TLS_VERIFY_NAME, WSC__O_TLS_CRL_FILE,
                                           WSC__O_TLS_KEYLOG_FILE, WSC__O_SPN_PREFIX,
                                           WSC__O_SPN_HOST };
    static const enum wsc__opt numbers[] = {
        WSC__O_TLS_NO_CA,  WSC__O_TLS_NO_NAME,          WSC__O_TLS_MIN_VERSION,
        WSC__O_TLS_RESUME, WSC__O_CONNECTIONS_PER_HOST, WSC__O_CONNECTION_IDLE,
        WSC__O_ENCRYPTION, WSC__O_CHANNEL_BINDING,      WSC__O_SPN_PORT,
        WSC__O_DELEGATE
    };
    struct wsc__buf b;
    char *key = NULL;
    size_t i;
    int rc;

    wsc__buf_init(&b, &core->mem, SIZE_MAX / 2);
    rc = put_origin(&b, url);
    if (rc == WSC_OK && (rc = wsc__buf_putc(&b, ' ')) == WSC_OK)
        rc = put_policy(&b, policy);
    if (rc == WSC_OK && (rc = wsc__buf_putc(&b, ' ')) == WSC_OK)
        rc = wsc__buf_put_u64(&b, id->serial);
    if (rc == WSC_OK && (rc = wsc__buf_putc(&b, ' ')) == WSC_OK)
        rc = wsc__buf_put_u64(&b, transport ? transport->serial : 0);
    for (i = 0; rc == WSC_OK && i < sizeof numbers / sizeof *numbers; i++) {
        if ((rc = wsc__buf_putc(&b, ' ')) == WSC_OK)
            rc = wsc__buf_put_u64(&b, (uint64_t)wsc__opt_int(o, numbers[i]));
    }
    for (i = 0; rc == WSC_OK && i < sizeof texts / sizeof *texts; i++) {
        const char *s = wsc__opt_str(o, texts[i]);

        if ((rc = wsc__buf_putc(&b, '\n')) == WSC_OK && s)
            rc = wsc__buf_puts(&b, s);
    }
    if (rc == WSC_OK)
        key = wsc__strndup(&core->mem, (const char *)wsc__buf_data(&b), b.len);
    wsc__buf_free(&b);
    return key;
}

static int make_tls(struct wsc__pool *p, const struct wsc__optset *o, struct wsc_error **err)
{
    struct wsc__core *core = p->core;
    struct wsc__tls_options t;
    int rc;

    memset(&t, 0, sizeof t);
    t.ca_file = wsc__opt_str(o, WSC__O_TLS_CA_FILE);
    t.pin = wsc__opt_str(o, WSC__O_TLS_PIN);
    t.verify_name = wsc__opt_str(o, WSC__O_TLS_VERIFY_NAME);
    t.verify_chain = !wsc__opt_int(o, WSC__O_TLS_NO_CA);
    t.verify_host = !wsc__opt_int(o, WSC__O_TLS_NO_NAME);
    t.crl_file = wsc__opt_str(o, WSC__O_TLS_CRL_FILE);
    t.keylog_file = wsc__opt_str(o, WSC__O_TLS_KEYLOG_FILE);
    t.min_version = 10 + (int)wsc__opt_int(o, WSC__O_TLS_MIN_VERSION); /* "1.0" is the first word */
    t.resume = (int)wsc__opt_int(o, WSC__O_TLS_RESUME);
    if (t.keylog_file)
        wsc__logf(&core->log, WSC_LOG_WARN, "tls",
                  "%s: the secrets of all sessions are written to %s", p->authority, t.keylog_file);
    if (!core->tls_store && !(core->tls_store = wsc__tls_store_new(&core->mem)))
        return WSC_E_NOMEM;
    rc = wsc__identity_own(&t.own, p->identity, err);
    if (rc != WSC_OK)
        return rc;
    return wsc__tls_config_new(&p->tls, &core->mem, core->tls_store, &t, err);
}

static char *make_dial(struct wsc__core *core, const struct wsc__url *url)
{
    size_t n = strlen(url->host), z = url->zone ? strlen(url->zone) + 1 : 0;
    char *s = wsc__malloc(&core->mem, n + z + 1);

    if (!s)
        return NULL;
    memcpy(s, url->host, n + 1);
    if (z) {
        s[n] = '%';
        memcpy(s + n + 1, url->zone, z);
    }
    return s;
}

static int copy_url(struct wsc__pool *p, const struct wsc__url *url)
{
    const struct wsc__mem *mem = &p->core->mem;

    p->url = *url;
    p->url.path = NULL;
    p->url.host = wsc__strdup(mem, url->host);
    p->url.zone = wsc__strdup(mem, url->zone);
    p->authority = wsc__url_authority(url, mem);
    p->dial = make_dial(p->core, url);
    return p->url.host && !p->url.zone == !url->zone && p->authority && p->dial ? WSC_OK
                                                                                : WSC_E_NOMEM;
}

/* MS-WSMV 2.2.9.1: over plain HTTP always, over TLS by the option alone. */
static bool must_seal(const struct wsc__auth_ops *auth, bool tls, const struct wsc__optset *o)
{
    enum { AUTO, ALWAYS, NEVER };
    int64_t how = wsc__opt_int(o, WSC__O_ENCRYPTION);

    return auth && (auth->flags & WSC__AUTH_WRAPS_BODY) && (how == ALWAYS || (how == AUTO && !tls));
}

static int prepare_login(struct wsc__pool *p, const struct wsc__optset *o, struct wsc_error **err)
{
    struct wsc__buf text;
    int rc;

    if (p->policy.unproven)
        wsc__logf(&p->core->log, WSC_LOG_WARN, "auth",
                  "%s is in trusted-hosts: nothing proves over plain HTTP that it is who answers",
                  p->authority);
    if (!p->auth || !(p->auth->flags & (WSC__AUTH_CONN_BOUND | WSC__AUTH_OWN)))
        return WSC_OK;
    p->delegate = wsc__opt_int(o, WSC__O_DELEGATE) != 0;
    p->seals = must_seal(p->auth, p->url.tls, o);
    p->binds = wsc__opt_int(o, WSC__O_CHANNEL_BINDING) == 0; /* auto */
    wsc__buf_init(&text, &p->core->mem, SIZE_MAX / 2);
    rc = wsc__choice_spn(&text, &p->url, o, err);
    if (rc == WSC_OK) {
        p->spn = wsc__strndup(&p->core->mem, (const char *)wsc__buf_data(&text), text.len);
        rc = p->spn ? WSC_OK : WSC_E_NOMEM;
    }
    wsc__buf_free(&text);
    return rc;
}

static int stand_at_gate(struct wsc__pool *p)
{
    char origin[340];
    int rc;

    snprintf(origin, sizeof origin, "%s %s %.30s", p->url.tls ? "https" : "http", p->authority,
             p->auth ? p->auth->name : "none");
    rc = wsc__identity_gate(&p->gate, p->identity, origin, p->auth != NULL);
    if (rc == WSC_OK)
        wsc__list_push(&p->gate->pools, &p->at_gate);
    return rc;
}

static int new_pool(struct wsc__pool **out, struct wsc__core *core, const struct wsc__url *url,
                    const struct wsc__optset *o, struct wsc__identity *id,
                    const struct wsc__policy *policy, char *key, struct wsc_error **err)
{
    struct wsc__pool *p = wsc__zalloc(&core->mem, sizeof *p);
    int rc = WSC_E_NOMEM, i;

    if (!p) {
        wsc__free(&core->mem, key);
        return WSC_E_NOMEM;
    }
    p->core = wsc__core_ref(core);
    p->refs = 1;
    p->key = key;
    p->identity = id;
    p->auth = policy->auth;
    p->nmechs = wsc__choice_mechs(p->mechs, policy);
    p->policy = *policy;
    p->limit = (unsigned)wsc__opt_int(o, WSC__O_CONNECTIONS_PER_HOST);
    p->idle_ms = wsc__opt_int(o, WSC__O_CONNECTION_IDLE);
    wsc__identity_ref(id);
    wsc__list_init(&p->conns);
    for (i = 0; i < WSC__LANES; i++)
        wsc__list_init(&p->queue[i]);
    rc = copy_url(p, url);
    if (rc == WSC_OK)
        rc = prepare_login(p, o, err);
    if (rc == WSC_OK)
        rc = stand_at_gate(p);
    if (rc == WSC_OK && url->tls)
        rc = make_tls(p, o, err);
    if (rc == WSC_OK) {
        p->entry.key = p->key;
        rc = wsc__table_add(&core->pools, &p->entry);
        p->listed = rc == WSC_OK;
    }
    if (rc != WSC_OK) {
        wsc__pool_unref(p);
        return rc;
    }
    *out = p;
    return WSC_OK;
}

int wsc__pool_get(struct wsc__pool **out, struct wsc__core *core, const struct wsc__url *url,
                  const struct wsc__optset *params, struct wsc__identity *identity,
                  const struct wsc__policy *policy, struct wsc__plugin *transport,
                  struct wsc_error **err)
{
    char *key = make_key(core, url, params, identity, policy, transport);
    struct wsc__entry *e;
    int rc;

    if (!key)
        return WSC_E_NOMEM;
    e = wsc__table_find(&core->pools, key);
    if (!e) {
        rc = new_pool(out, core, url, params, identity, policy, key, err);
        if (rc == WSC_OK)
            (*out)->transport = wsc__plugin_ref(transport);
        return rc;
    }
    wsc__free(&core->mem, key);
    *out = WSC__OF(e, struct wsc__pool, entry);
    wsc__pool_ref(*out);
    return WSC_OK;
}

void wsc__pool_ref(struct wsc__pool *p)
{
    p->refs++;
}

/* The last user of a pool goes: idle connections hold a reference too, and are closed by then. */
static void free_pool(struct wsc__pool *p)
{
    struct wsc__core *core = p->core;

    if (p->listed)
        wsc__table_remove(&core->pools, &p->entry);
    wsc__list_remove(&p->in_starved);
    wsc__list_remove(&p->in_hungry);
    wsc__list_remove(&p->at_gate);
    wsc__plugin_unref(p->transport);
    wsc__tls_config_unref(p->tls);
    wsc__identity_unref(p->identity);
    wsc__url_free(&p->url, &core->mem);
    wsc__free(&core->mem, p->authority);
    wsc__free(&core->mem, p->dial);
    wsc__free(&core->mem, p->spn);
    wsc__free(&core->mem, p->key);
    wsc__free(&core->mem, p);
    wsc__core_unref(core);
}

void wsc__pool_unref(struct wsc__pool *p)
{
    if (p && --p->refs == 0)
        free_pool(p);
}

static void close_idle(struct wsc__pool *p)
{
    struct wsc__link *n, *next;

    for (n = p->conns.head.next; n != &p->conns.head; n = next) {
        struct wsc__conn *c = WSC__OF(n, struct wsc__conn, in_pool);

        next = n->next;
        if (c->state == WSC__CONN_IDLE)
            wsc__conn_fail(c, NULL);
    }
}

void wsc__pool_users(struct wsc__pool *p, int delta)
{
    p->users = (unsigned)((int)p->users + delta);
    if (!p->users && !p->core->dead)
        close_idle(p);
}

void wsc__pool_shut(struct wsc__pool *p)
{
    struct wsc_error *e = wsc__error_new(&p->core->mem, WSC_E_CANCELED, "the context was closed");
    struct wsc__link *n;
    int lane;

    wsc__pool_ref(p);
    for (lane = 0; lane < WSC__LANES; lane++) {
        while ((n = wsc__list_pop(&p->queue[lane]))) {
            struct wsc__xchg *x = WSC__OF(n, struct wsc__xchg, link);

            wsc__pool_exchange_over(p, x);
            x->ops->done(x, wsc__error_ref(e));
        }
    }
    while ((n = wsc__list_first(&p->conns)))
        wsc__conn_fail(WSC__OF(n, struct wsc__conn, in_pool), wsc__error_ref(e));
    wsc__error_unref(e);
    wsc__pool_unref(p);
}

/* --- who may go ------------------------------------------------------------------------------- */

static bool allowed(const struct wsc__pool *p, enum wsc__lane lane)
{
    switch (lane) {
    case WSC__LANE_WAIT:
        return p->waiting < p->limit - 2 && p->busy < p->limit - 1;
    case WSC__LANE_NORMAL:
        return p->busy < p->limit - 1;
    default:
        return p->busy < p->limit;
    }
}

static struct wsc__conn *idle_conn(const struct wsc__pool *p, const struct wsc__xchg *x)
{
    struct wsc__link *n;

    /* the one used last: the others may reach their idle time */
    for (n = p->conns.head.prev; n != &p->conns.head; n = n->prev) {
        struct wsc__conn *c = WSC__OF(n, struct wsc__conn, in_pool);

        if (c->state == WSC__CONN_IDLE && !(c->logged_in && x->anonymous))
            return c; /* who must not be known stays off a connection that is somebody's */
    }
    return NULL;
}

/* A connection for the next exchange, or NULL: *rc is then WSC_E_AGAIN (wait) or WSC_E_NOMEM. */
static struct wsc__conn *conn_for(struct wsc__pool *p, const struct wsc__xchg *x, int *rc)
{
    struct wsc__core *core = p->core;
    int64_t max = wsc__opt_int(core->params, WSC__O_CONNECTIONS);
    struct wsc__conn *c = idle_conn(p, x);
    struct wsc__link *n;

    *rc = WSC_E_AGAIN;
    if (c)
        return c;
    if (max && core->nconns >= (size_t)max) {
        n = wsc__list_first(&core->idle); /* another host's connection that nobody needs now */
        if (!n) {
            if (!wsc__linked(&p->in_starved))
                wsc__list_push(&core->starved, &p->in_starved);
            return NULL;
        }
        wsc__conn_fail(WSC__OF(n, struct wsc__conn, in_idle), NULL);
    }
    *rc = wsc__conn_new(&c, p);
    return *rc == WSC_OK ? c : NULL;
}

static void feed_starved(struct wsc__core *core)
{
    struct wsc__link *n = wsc__list_pop(&core->starved);
    struct wsc__pool *p;

    if (!n)
        return;
    p = WSC__OF(n, struct wsc__pool, in_starved);
    p->fed = true;
    wsc__pool_hungry(p);
}

/* What one who waits ends with; NULL = it waits on. */
typedef struct wsc_error *(*sentence_fn)(const struct wsc__pool *p, const struct wsc__xchg *x);

static struct wsc_error *login_refused(const struct wsc__pool *p, const struct wsc__xchg *x)
{
    (void)x;
    return wsc__error_ref(p->gate->refused ? p->gate->refused : p->identity->refused);
}

/* Who has waited behind a first login for as long as an answer may take gets none: the silence of
 * the server counts once for all of them, not once for each. */
static struct wsc_error *login_unanswered(const struct wsc__pool *p, const struct wsc__xchg *x)
{
    struct wsc_error *e;

    if (p->core->now < x->queued_at + (uint64_t)x->reply_ms)
        return NULL;
    e = wsc__error_new(&p->core->mem, WSC_E_TIMEOUT,
                       "the server did not answer the first login within %lld ms",
                       (long long)x->reply_ms);
    wsc__error_set_str(e, WSC__ES_OPTION, "operation-timeout");
    wsc__error_set_int(e, WSC__EI_LIMIT, x->reply_ms);
    return e;
}

/* Ends those who wait for a login; done may put new ones into the queue, which are not looked at.
 */
static void end_waiting(struct wsc__pool *p, sentence_fn sentence)
{
    int lane;

    for (lane = WSC__LANES - 1; lane >= 0; lane--) {
        struct wsc__list ours;
        struct wsc__link *n;

        wsc__list_init(&ours);
        wsc__list_move(&ours, &p->queue[lane]);
        while ((n = wsc__list_pop(&ours))) {
            struct wsc__xchg *x = WSC__OF(n, struct wsc__xchg, link);
            struct wsc_error *e = x->anonymous ? NULL : sentence(p, x);

            if (e) {
                wsc__pool_exchange_over(p, x);
                x->ops->done(x, e);
            } else {
                wsc__list_push(&p->queue[lane], n);
            }
        }
    }
}

static struct wsc__xchg *next_in(const struct wsc__pool *p, enum wsc__lane lane)
{
    struct wsc__link *n;

    for (n = p->queue[lane].head.next; n != &p->queue[lane].head; n = n->next) {
        struct wsc__xchg *x = WSC__OF(n, struct wsc__xchg, link);

        if (x->anonymous || p->gate->state == WSC__GATE_OPEN || p->gate->state == WSC__GATE_UNTRIED)
            return x;
    }
    return NULL;
}

static void count(struct wsc__pool *p, const struct wsc__xchg *x, int delta)
{
    p->busy = (unsigned)((int)p->busy + delta);
    if (x->lane == WSC__LANE_WAIT)
        p->waiting = (unsigned)((int)p->waiting + delta);
}

static void start(struct wsc__pool *p, struct wsc__conn *c, struct wsc__xchg *x)
{
    wsc__list_remove(&x->link);
    if (!x->anonymous && p->gate->state == WSC__GATE_UNTRIED) {
        p->gate->state = WSC__GATE_PROVING;
        x->proving = true;
    }
    count(p, x, 1);
    x->running = true;
    x->sent = false;
    wsc__conn_submit(c, x);
}

/* Pumping waits until io asks what to do: so it never runs inside an exchange's own end. */
void wsc__pool_hungry(struct wsc__pool *p)
{
    if (!wsc__linked(&p->in_hungry))
        wsc__list_push(&p->core->hungry, &p->in_hungry);
}

void wsc__pool_pump(struct wsc__pool *p)
{
    int lane, rc = WSC_OK;
    bool fed = p->fed, started = false;

    p->fed = false;
    if (p->core->dead)
        return;
    wsc__pool_ref(p);
    if (p->gate->state == WSC__GATE_REFUSED ||
        (p->identity->first == WSC__GATE_REFUSED && !p->nconns)) /* sessions that stand go on */
        end_waiting(p, login_refused);
    if (p->unproved)
        end_waiting(p, login_unanswered);
    p->unproved = false;
    for (lane = WSC__LANES - 1; lane >= 0; lane--) {
        struct wsc__xchg *x;

        while (rc == WSC_OK && allowed(p, (enum wsc__lane)lane) &&
               (x = next_in(p, (enum wsc__lane)lane))) {
            struct wsc__conn *c = conn_for(p, x, &rc);

            if (c) {
                rc = WSC_OK;
                started = true;
                start(p, c, x);
            } else if (rc == WSC_E_NOMEM) {
                rc = WSC_OK;
                wsc__list_remove(&x->link);
                wsc__pool_exchange_over(p, x);
                x->ops->done(x, wsc__error_nomem());
            }
        }
    }
    if (fed && !started && !wsc__linked(&p->in_starved))
        feed_starved(p->core); /* it no longer needs the room: somebody else may */
    wsc__pool_unref(p);
}

/* --- exchanges -------------------------------------------------------------------------------- */

int wsc__xchg_submit(struct wsc__xchg *x, struct wsc__pool *p)
{
    if (p->core->dead)
        return WSC_E_CANCELED;
    wsc__pool_ref(p);
    x->pool = p;
    x->conn = NULL;
    x->proving = x->running = x->sent = x->relogged = false;
    x->queued_at = p->core->now;
    wsc__xchg_queued(x, p->core->now);
    wsc__list_push(&p->queue[x->lane], &x->link);
    wsc__pool_hungry(p);
    return WSC_OK;
}

void wsc__pool_requeue(struct wsc__pool *p, struct wsc__xchg *x)
{
    wsc__pool_exchange_over(p, x);
    wsc__pool_ref(p);
    x->pool = p;
    wsc__xchg_queued(x, p->core->now);
    wsc__list_push_front(&p->queue[x->lane], &x->link);
}

static void set_gate(struct wsc__gate *g, enum wsc__gate_state state)
{
    struct wsc__link *n;

    if (g->state == state)
        return;
    g->state = state;
    for (n = g->pools.head.next; n != &g->pools.head; n = n->next)
        wsc__pool_hungry(WSC__OF(n, struct wsc__pool, at_gate));
}

/* Those who pause must not keep the others from a host: they are not counted, and their connections
 * come on top of its limit. */
void wsc__pool_park(struct wsc__pool *p, struct wsc__xchg *x, bool parked)
{
    if (!x->running || x->parked == parked)
        return;
    x->parked = parked;
    count(p, x, parked ? -1 : 1);
    wsc__pool_hungry(p);
}

/* The exchange leaves its connection: the counts, and the gate that its login may have held. */
void wsc__pool_exchange_over(struct wsc__pool *p, struct wsc__xchg *x)
{
    if (x->running && !x->parked)
        count(p, x, -1);
    x->parked = false;
    if (x->proving && p->gate->state == WSC__GATE_PROVING) {
        set_gate(p->gate, WSC__GATE_UNTRIED); /* it ended without a verdict: the next one tries */
        p->unproved = true;
    }
    x->running = x->proving = false;
    wsc__xchg_phase(x, WSC__STATS, p->core->now);
    x->pool = NULL;
    wsc__pool_hungry(p);
    wsc__pool_unref(p); /* the caller holds one of its own */
}

void wsc__xchg_resume(struct wsc__xchg *x)
{
    if (x->conn)
        wsc__conn_resume(x->conn);
}

void wsc__xchg_cancel(struct wsc__xchg *x)
{
    struct wsc__pool *p = x->pool;
    struct wsc__conn *c = x->conn;

    if (!p)
        return;
    wsc__list_remove(&x->link);
    x->conn = NULL;
    if (c)
        c->x = NULL;
    wsc__pool_ref(p);
    wsc__pool_exchange_over(p, x);
    if (c)
        wsc__conn_fail(c, NULL); /* its reply may still come: of no more use */
    wsc__pool_unref(p);
}

/* --- what connections tell -------------------------------------------------------------------- */

void wsc__pool_conn_idle(struct wsc__pool *p, struct wsc__conn *c)
{
    wsc__list_remove(&c->in_pool);
    wsc__list_push(&p->conns, &c->in_pool); /* the last one is the one to use again */
    wsc__list_push(&p->core->idle, &c->in_idle);
    feed_starved(p->core); /* it may have this connection closed for one of its own */
}

void wsc__pool_conn_gone(struct wsc__pool *p)
{
    p->nconns--;
    feed_starved(p->core);
}

void wsc__pool_verdict(struct wsc__pool *p, struct wsc__xchg *x, struct wsc_error *refused)
{
    p->let_in |= p->auth && !x->anonymous && !refused;
    if (x->anonymous || !p->auth || (p->auth->flags & WSC__AUTH_RENEWS) ||
        (p->gate->state == WSC__GATE_REFUSED && !refused))
        return;
    if (refused) {
        wsc__error_unref(p->gate->refused);
        p->gate->refused = wsc__error_ref(refused);
    }
    x->proving = false;
    set_gate(p->gate, refused ? WSC__GATE_REFUSED : WSC__GATE_OPEN);
}
