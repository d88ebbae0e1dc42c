/* One exchange on an open connection: the request out, the reply in. */
#include "proto/conn.h"

#include "proto/pool.h"

#include <string.h>

#define HEAD_SIZE 512 /* of a request, about */

static const struct wsc__h1_limits reply_limits = { 65536, 200, 20, UINT64_MAX };

/* --- request ---------------------------------------------------------------------------------- */

static int credentials(struct wsc__conn *c, struct wsc__buf *token, struct wsc_error **err)
{
    struct wsc__pool *p = c->pool;
    struct wsc__auth_input in;
    struct wsc__auth *auth = NULL;
    struct wsc__auth_job *job = NULL;
    enum wsc__auth_step step;
    int rc;

    memset(&in, 0, sizeof in);
    in.mem = &c->core->mem;
    in.credentials = &p->identity->credentials;
    in.host = p->url.host;
    in.port = p->url.port;
    in.tls = c->tls != NULL;
    in.now_ms = c->core->now;
    in.rng = c->core->rng;
    rc = p->auth->begin(&auth, &in, err);
    if (rc != WSC_OK)
        return rc;
    step = auth->ops->step(auth, NULL, 0, token, &job, err);
    auth->ops->free(auth);
    return step == WSC__AUTH_FAILED ? wsc__error_code(*err) : WSC_OK;
}

static int write_head(struct wsc__conn *c, struct wsc__buf *out, struct wsc_error **err)
{
    const struct wsc__log *log = &c->core->log;
    struct wsc__xchg *x = c->x;
    struct wsc__h1_request r;
    struct wsc__buf token;
    int rc = WSC_OK;

    memset(&r, 0, sizeof r);
    r.method = "POST";
    r.target = x->path;
    r.host = c->pool->authority;
    r.user_agent = x->user_agent;
    r.content_type = x->content_type;
    r.content_length = x->body->len;
    r.cookie = *x->home == c->pool ? *x->cookie : NULL;
    r.extra = x->extra_headers;
    wsc__buf_init(&token, &c->core->mem, SIZE_MAX / 2);
    token.secret = 1;
    if (c->pool->auth && !x->anonymous) {
        rc = credentials(c, &token, err);
        r.auth_scheme = c->pool->auth->wire ? c->pool->auth->wire : c->pool->auth->name;
        if (rc == WSC_OK && token.len && !(r.auth_token = wsc__buf_cstr(&token)))
            rc = WSC_E_NOMEM;
    }
    if (rc == WSC_OK)
        rc = wsc__h1_write(out, &r);
    if (rc == WSC_OK && wsc__log_on(log, WSC_LOG_TRACE)) {
        struct wsc__buf text;

        wsc__buf_init(&text, &c->core->mem, SIZE_MAX / 2);
        if (wsc__h1_write_masked(&text, &r) == WSC_OK)
            wsc__log_text(log, WSC_LOG_TRACE, "http", (const char *)wsc__buf_data(&text), text.len);
        wsc__buf_free(&text);
        if (x->trace_bodies)
            wsc__log_text(log, WSC_LOG_TRACE, "body>", (const char *)wsc__buf_data(x->body),
                          x->body->len);
    }
    wsc__buf_free(&token);
    return rc;
}

static int write_request(struct wsc__conn *c, struct wsc_error **err)
{
    const struct wsc__buf *body = c->x->body;
    struct wsc__buf plain;
    uint8_t *room;
    int rc;

    wsc__buf_init(&plain, &c->core->mem, SIZE_MAX / 2);
    plain.secret = 1; /* credentials */
    rc = wsc__buf_reserve(&plain, body->len + HEAD_SIZE, &room);
    if (rc == WSC_OK)
        rc = write_head(c, &plain, err);
    if (rc == WSC_OK)
        rc = wsc__buf_append(&plain, wsc__buf_data(body), body->len);
    if (rc == WSC_OK && c->tls) {
        rc = c->tls->ops->write(c->tls, wsc__buf_data(&plain), plain.len, err);
        if (rc == WSC_OK)
            rc = c->tls->ops->pull(c->tls, &c->out);
    } else if (rc == WSC_OK && !c->out.len) {
        wsc__buf_free(&c->out);
        c->out = plain;
        return WSC_OK;
    } else if (rc == WSC_OK) {
        rc = wsc__buf_append(&c->out, wsc__buf_data(&plain), plain.len);
    }
    wsc__buf_free(&plain);
    return rc;
}

void wsc__conn_send(struct wsc__conn *c)
{
    struct wsc__core *core = c->core;
    struct wsc_error *err = NULL;
    int rc;

    wsc__conn_to(c, WSC__CONN_BUSY);
    c->reply = wsc__malloc(&core->mem, sizeof *c->reply);
    if (!c->reply) {
        wsc__conn_fail(c, wsc__error_nomem());
        return;
    }
    wsc__h1_reply_init(c->reply, &core->mem, &reply_limits, false);
    rc = write_request(c, &err);
    if (rc != WSC_OK) {
        if (!err)
            err = rc == WSC_E_NOMEM
                      ? wsc__error_nomem()
                      : wsc__error_new(&core->mem, rc,
                                       "a request header holds a character that cannot be sent");
        wsc__conn_fail(c, err);
        return;
    }
    wsc__timer_set(&core->timers, &c->timer, core->now + (uint64_t)c->x->reply_ms);
    c->want_read = true;
    wsc__conn_dirty(c);
}

/* --- reply ------------------------------------------------------------------------------------ */

/* The schemes of a 401, as "Negotiate, Basic". */
static void offered(struct wsc__conn *c, struct wsc_error *e)
{
    struct wsc__challenge ch;
    struct wsc__buf list;
    unsigned i;
    int rc = WSC_OK;

    wsc__buf_init(&list, &c->core->mem, 1024);
    for (i = 0; rc == WSC_OK && wsc__h1_challenge(c->reply, "WWW-Authenticate", i, &ch); i++) {
        rc = i ? wsc__buf_puts(&list, ", ") : WSC_OK;
        if (rc == WSC_OK)
            rc = wsc__buf_append(&list, ch.scheme, ch.scheme_len);
    }
    if (list.len)
        wsc__error_set_str(e, WSC__ES_OFFERED, wsc__buf_cstr(&list));
    wsc__buf_free(&list);
}

static bool scheme_offered(struct wsc__conn *c, const char *name)
{
    struct wsc__challenge ch;
    unsigned i;

    for (i = 0; wsc__h1_challenge(c->reply, "WWW-Authenticate", i, &ch); i++) {
        if (wsc__ieqn(ch.scheme, ch.scheme_len, name))
            return true;
    }
    return false;
}

struct wsc_error *wsc__conn_refusal(const struct wsc__conn *c, int status)
{
    const struct wsc__auth_ops *auth = c->pool->auth;

    if (!auth || !auth->refused || c->x->anonymous)
        return NULL;
    return auth->refused(&c->core->mem, status,
                         c->tls && c->tls->ops->asked && c->tls->ops->asked(c->tls));
}

static struct wsc_error *unauthorized(struct wsc__conn *c)
{
    const struct wsc__mem *mem = &c->core->mem;
    struct wsc__pool *p = c->pool;
    struct wsc_error *e = wsc__conn_refusal(c, 401);

    if (e) { /* the scheme's own */
    } else if (!p->auth || c->x->anonymous) {
        e = wsc__error_new(mem, WSC_E_AUTH, "the server wants credentials and none were given");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Give a user name and a password (options username and password).");
    } else if (!scheme_offered(c, p->auth->name)) {
        e = wsc__error_new(mem, WSC_E_AUTH, "the server does not accept %s authentication",
                           p->auth->name);
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "The scheme is switched off in the service's configuration, or the "
                           "server only takes it over HTTPS.");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "For Basic, an administrator of the server runs: winrm set "
                           "winrm/config/service/auth @{Basic=\"true\"} "
                           "and, to allow it over plain HTTP, winrm set winrm/config/service "
                           "@{AllowUnencrypted=\"true\"}; better use HTTPS.");
    } else {
        e = wsc__error_fault(mem, 1326, "user name or password refused (%s)", p->auth->name);
    }
    if (p->auth && !c->x->anonymous) {
        wsc__error_set_str(e, WSC__ES_SCHEME, p->auth->name);
        wsc__error_set_str(e, WSC__ES_IDENTITY,
                           p->identity->user ? p->identity->user : p->identity->cert_file);
    }
    wsc__error_set_int(e, WSC__EI_HTTP_STATUS, 401);
    offered(c, e);
    return e;
}

/* A proxy's or front end's answer says nothing about the password. */
static bool proves_login(const struct wsc__h1_reply *r)
{
    return (r->status >= 200 && r->status < 300) ||
           wsc__h1_media_is(wsc__h1_header(r, "Content-Type", 0), "application/soap+xml");
}

/* A server may send back what it was told: our secrets are not for the log there either. */
static void scrub(struct wsc__buf *text, const char *secret, size_t len)
{
    uint8_t *p = (uint8_t *)(uintptr_t)wsc__buf_data(text), *end = p + text->len;

    if (!secret || len < 4)
        return; /* shorter ones are everywhere */
    for (; (size_t)(end - p) >= len; p++)
        if (!memcmp(p, secret, len))
            memset(p, '*', len);
}

static void scrub_all(struct wsc__conn *c, struct wsc__buf *text)
{
    const struct wsc__credentials *cred = &c->pool->identity->credentials;
    struct wsc_error *err = NULL;
    struct wsc__buf token;

    scrub(text, (const char *)cred->password, cred->password_len);
    wsc__buf_init(&token, &c->core->mem, SIZE_MAX / 2);
    token.secret = 1;
    if (c->pool->auth && !c->x->anonymous && credentials(c, &token, &err) == WSC_OK)
        scrub(text, (const char *)wsc__buf_data(&token), token.len);
    wsc__error_unref(err);
    wsc__buf_free(&token);
}

static int on_head(struct wsc__conn *c)
{
    const struct wsc__log *log = &c->core->log;
    struct wsc__xchg *x = c->x;
    struct wsc_error *err = NULL;

    if (wsc__log_on(log, WSC_LOG_TRACE)) {
        struct wsc__buf text;

        wsc__buf_init(&text, &c->core->mem, SIZE_MAX / 2);
        if (wsc__h1_reply_masked(c->reply, &text) == WSC_OK) {
            scrub_all(c, &text);
            wsc__log_text(log, WSC_LOG_TRACE, "http", (const char *)wsc__buf_data(&text), text.len);
        }
        wsc__buf_free(&text);
    }
    if (c->reply->status == 401) {
        err = unauthorized(c);
        wsc__pool_verdict(c->pool, x, err);
        wsc__conn_fail(c, err);
        return WSC_E_AUTH;
    }
    if (proves_login(c->reply))
        wsc__pool_verdict(c->pool, x, NULL);
    /* the server has answered; the body gets as much time again */
    wsc__timer_set(&c->core->timers, &c->timer, c->core->now + (uint64_t)x->reply_ms);
    if (x->ops->head(x, c->reply, &err) != WSC_OK) {
        wsc__conn_fail(c, err);
        return WSC_E_PROTOCOL;
    }
    return WSC_OK;
}

static void pause_reading(struct wsc__conn *c)
{
    uint64_t now = c->core->now, at = c->timer.at;

    c->paused = true;
    c->want_read = false;
    c->reply_left = at > now ? (int64_t)(at - now) : 0;
    wsc__timer_clear(&c->core->timers, &c->timer);
    wsc__pool_park(c->pool, c->x, true);
    wsc__xchg_phase(c->x, WSC__STAT_PAUSE_MS, now);
    wsc__conn_dirty(c);
}

void wsc__conn_body(struct wsc__conn *c, const uint8_t *data, size_t len)
{
    struct wsc__xchg *x = c->x;
    struct wsc_error *err = NULL;
    size_t used = 0;
    int rc;

    if (x->trace_bodies && wsc__log_on(&c->core->log, WSC_LOG_TRACE))
        wsc__log_text(&c->core->log, WSC_LOG_TRACE, "body<", (const char *)data, len);
    rc = x->ops->body(x, data, len, &used, &err);
    if (rc == WSC__PAUSE) {
        pause_reading(c);
        if (wsc__buf_append(&c->rest_body, data + used, len - used) != WSC_OK)
            wsc__conn_fail(c, wsc__error_nomem());
    } else if (rc != WSC_OK) {
        wsc__conn_fail(c, err ? err : wsc__error_nomem());
    }
}

/* The reply is complete; `left` bytes came behind it, which nobody asked for. */
static void reply_done(struct wsc__conn *c, size_t left)
{
    struct wsc__xchg *x = c->x;
    struct wsc__pool *pool = c->pool;
    bool keep =
        c->reply->keep_alive && !left && !c->writing && !c->out.len && !c->eof && !c->core->dead;

    wsc__pool_ref(pool);
    wsc__timer_clear(&c->core->timers, &c->timer);
    wsc__h1_reply_free(c->reply);
    wsc__free(&c->core->mem, c->reply);
    c->reply = NULL;
    c->x = NULL;
    x->conn = NULL;
    c->reused = true;
    wsc__pool_exchange_over(pool, x);
    if (keep) {
        wsc__conn_to(c, WSC__CONN_IDLE);
        c->idle_since = c->core->now;
        wsc__pool_conn_idle(pool, c);
        wsc__timer_set(&c->core->timers, &c->timer, c->core->now + (uint64_t)pool->idle_ms);
    } else {
        wsc__conn_fail(c, NULL);
    }
    x->ops->done(x, NULL);
    wsc__pool_unref(pool);
}

void wsc__conn_plain(struct wsc__conn *c, const uint8_t *data, size_t len)
{
    const uint8_t *piece = NULL;
    struct wsc_error *err = NULL;
    struct wsc__xchg *x = c->x;
    size_t used = 0, n = 0;

    if (c->state == WSC__CONN_IDLE && len) {
        wsc__logf(&c->core->log, WSC_LOG_WARN, "http",
                  "%s: bytes without a request; connection closed", c->pool->authority);
        wsc__conn_fail(c, NULL);
        return;
    }
    if (c->state == WSC__CONN_BUSY && !x->sent && len) { /* no answer to what was not asked yet */
        wsc__conn_fail(c, wsc__error_new(&c->core->mem, WSC_E_PROTOCOL,
                                         "the server answered before it was asked"));
        return;
    }
    if (c->state == WSC__CONN_BUSY && len && x->phase == WSC__STAT_WAIT_MS)
        wsc__xchg_phase(x, WSC__STAT_RECEIVE_MS, c->core->now);
    while (c->state == WSC__CONN_BUSY && c->x == x) {
        enum wsc__h1_event ev = wsc__h1_read(c->reply, data, len, &used, &piece, &n, &err);

        data += used;
        len -= used;
        if (ev == WSC__H1_MORE)
            return;
        if (ev == WSC__H1_HEAD) {
            if (on_head(c) != WSC_OK)
                return;
        } else if (ev == WSC__H1_BODY) {
            wsc__conn_body(c, piece, n);
            if (c->paused) {
                if (wsc__buf_append(&c->rest_raw, data, len) != WSC_OK)
                    wsc__conn_fail(c, wsc__error_nomem());
                return;
            }
        } else if (ev == WSC__H1_DONE) {
            reply_done(c, len);
            return;
        } else {
            wsc__conn_fail(c, err);
            return;
        }
    }
}

/* The first bytes of plain HTTP are nothing that a TLS server answers. */
void wsc__conn_hint_tls(struct wsc__conn *c, struct wsc_error *err)
{
    if (c->tls || c->reused || !c->reply || c->reply->head_seen)
        return;
    wsc__error_set_str(
        err, WSC__ES_CAUSE,
        "The connection ended before the first byte of an answer; a port that speaks TLS does so.");
    wsc__error_set_str(err, WSC__ES_REMEDY, "If this is the https port (5986), use https.");
}

void wsc__conn_end_of_input(struct wsc__conn *c)
{
    struct wsc_error *err = NULL;

    c->eof = true;
    if (c->state != WSC__CONN_BUSY) {
        if (c->state == WSC__CONN_HANDSHAKE)
            err = wsc__error_new(&c->core->mem, WSC_E_CONNECTION_LOST,
                                 "the server closed the connection during the TLS handshake");
        wsc__conn_fail(c, err);
        return;
    }
    if (wsc__h1_eof(c->reply, &err) == WSC__H1_DONE) {
        reply_done(c, 0);
        return;
    }
    wsc__conn_hint_tls(c, err);
    wsc__conn_fail(c, err);
}
