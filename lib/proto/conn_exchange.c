/* One exchange on an open connection: the request out, the reply in. */
#include "proto/conn.h"

#include "proto/pool.h"

#include <string.h>

#define HEAD_SIZE 512 /* of a request, about */

static const struct wsc__h1_limits reply_limits = { 65536, 200, 20, UINT64_MAX };

/* --- request ---------------------------------------------------------------------------------- */

static void trace_request(struct wsc__conn *c, const struct wsc__h1_request *r)
{
    const struct wsc__log *log = &c->core->log;
    struct wsc__buf text;

    wsc__buf_init(&text, &c->core->mem, SIZE_MAX / 2);
    if (wsc__h1_write_masked(&text, r) == WSC_OK)
        wsc__log_text(log, WSC_LOG_TRACE, "http", (const char *)wsc__buf_data(&text), text.len);
    wsc__buf_free(&text);
    if (c->x->trace_bodies && r->content_length) /* as it is before it is sealed */
        wsc__log_text(log, WSC_LOG_TRACE, "body>", (const char *)wsc__buf_data(c->x->body),
                      c->x->body->len);
}

static int write_head(struct wsc__conn *c, struct wsc__buf *out, const char *type, size_t length,
                      const char *scheme, struct wsc__buf *token)
{
    struct wsc__xchg *x = c->x;
    struct wsc__h1_request r;
    int rc;

    memset(&r, 0, sizeof r);
    r.method = "POST";
    r.target = x->path;
    r.host = c->pool->authority;
    r.user_agent = x->user_agent;
    r.content_type = type;
    r.content_length = length;
    r.auth_scheme = scheme;
    r.cookie = *x->home == c->pool ? *x->cookie : NULL;
    r.extra = x->extra_headers;
    if (token->len && !(r.auth_token = wsc__buf_cstr(token)))
        return WSC_E_NOMEM;
    rc = wsc__h1_write(out, &r);
    if (rc == WSC_OK && wsc__log_on(&c->core->log, WSC_LOG_TRACE))
        trace_request(c, &r);
    return rc;
}

int wsc__conn_write(struct wsc__conn *c, const char *type, const struct wsc__buf *body,
                    const char *scheme, struct wsc__buf *token, struct wsc_error **err)
{
    size_t len = body ? body->len : 0;
    struct wsc__buf plain;
    uint8_t *room;
    int rc;

    wsc__buf_init(&plain, &c->core->mem, SIZE_MAX / 2);
    plain.secret = 1; /* credentials */
    rc = wsc__buf_reserve(&plain, len + token->len + HEAD_SIZE, &room);
    if (rc == WSC_OK)
        rc = write_head(c, &plain, type, len, scheme, token);
    if (rc == WSC_OK && len)
        rc = wsc__buf_append(&plain, wsc__buf_data(body), len);
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

int wsc__conn_expect(struct wsc__conn *c)
{
    struct wsc__core *core = c->core;

    c->reply = wsc__malloc(&core->mem, sizeof *c->reply);
    if (!c->reply)
        return WSC_E_NOMEM;
    wsc__h1_reply_init(c->reply, &core->mem, &reply_limits, false);
    wsc__timer_set(&core->timers, &c->timer, core->now + (uint64_t)c->x->reply_ms);
    c->want_read = true;
    wsc__conn_dirty(c);
    return WSC_OK;
}

void wsc__conn_not_sent(struct wsc__conn *c, int rc, struct wsc_error *err)
{
    if (!err)
        err = rc == WSC_E_NOMEM
                  ? wsc__error_nomem()
                  : wsc__error_new(&c->core->mem, rc,
                                   "a request header holds a character that cannot be sent");
    c->reused = false; /* it is not the connection's fault: another one would do no better */
    wsc__conn_fail(c, err);
}

static int write_request(struct wsc__conn *c, struct wsc_error **err)
{
    const struct wsc__auth_ops *auth = c->x->anonymous ? NULL : c->pool->auth;
    const char *type = c->x->content_type, *scheme = NULL;
    const struct wsc__buf *body = c->x->body;
    struct wsc__buf token, sealed, sealed_type;
    int rc = WSC_OK;

    wsc__buf_init(&token, &c->core->mem, SIZE_MAX / 2);
    wsc__buf_init(&sealed, &c->core->mem, SIZE_MAX / 2);
    wsc__buf_init(&sealed_type, &c->core->mem, SIZE_MAX / 2);
    token.secret = 1;
    if (wsc__conn_seals(c)) {
        rc = wsc__conn_seal(c, &sealed_type, &sealed, err);
        if (rc == WSC_OK && !(type = wsc__buf_cstr(&sealed_type)))
            rc = WSC_E_NOMEM;
        body = &sealed;
    } else if (auth && !(auth->flags & WSC__AUTH_CONN_BOUND)) {
        rc = wsc__conn_credentials(c, &token, err);
        if (token.len || !(auth->flags & WSC__AUTH_OWN))
            scheme = wsc__auth_word(auth);
        wsc__buf_reset(&c->leg);
        if (rc == WSC_OK && wsc__log_on(&c->core->log, WSC_LOG_TRACE)) /* hidden in the answer */
            rc = wsc__buf_append(&c->leg, wsc__buf_data(&token), token.len);
    }
    if (rc == WSC_OK)
        rc = wsc__conn_write(c, type, body, scheme, &token, err);
    wsc__buf_free(&sealed_type);
    wsc__buf_free(&sealed);
    wsc__buf_free(&token);
    return rc;
}

void wsc__conn_send(struct wsc__conn *c)
{
    struct wsc_error *err = NULL;
    int rc;

    if (wsc__conn_must_login(c)) {
        wsc__conn_login(c);
        return;
    }
    wsc__conn_to(c, WSC__CONN_BUSY);
    rc = wsc__conn_expect(c);
    if (rc == WSC_OK)
        rc = write_request(c, &err);
    if (rc != WSC_OK)
        wsc__conn_not_sent(c, rc, err);
}

/* --- reply ------------------------------------------------------------------------------------ */

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

    scrub(text, (const char *)cred->password, cred->password_len);
    scrub(text, (const char *)wsc__buf_data(&c->leg), c->leg.len);
}

static void trace_reply(struct wsc__conn *c)
{
    const struct wsc__log *log = &c->core->log;
    struct wsc__buf text;

    wsc__buf_init(&text, &c->core->mem, SIZE_MAX / 2);
    if (wsc__h1_reply_masked(c->reply, &text) == WSC_OK) {
        scrub_all(c, &text);
        wsc__log_text(log, WSC_LOG_TRACE, "http", (const char *)wsc__buf_data(&text), text.len);
    }
    wsc__buf_free(&text);
}

/* The exchange learns of its reply: one that is sealed when it is whole. */
static int tell_head(struct wsc__conn *c, const char *type)
{
    struct wsc_error *err = NULL;
    int rc = c->x->ops->head(c->x, c->reply, type, &err);

    if (rc != WSC_OK)
        wsc__conn_fail(c, err);
    return rc;
}

/* The server wants to hear once more who we are. Who has sealed over plain HTTP cannot know that it
 * is the server that says so, nor what has become of the request; and it is no word on the
 * password. */
static int forgotten(struct wsc__conn *c)
{
    if (wsc__conn_seals(c) && !c->tls) {
        wsc__conn_fail(c, wsc__error_new(&c->core->mem, WSC_E_CONNECTION_LOST,
                                         "the login of the connection is forgotten; whether the "
                                         "request was carried out is not known"));
    } else if (c->x->relogged) {
        struct wsc_error *e = wsc__error_new(&c->core->mem, WSC_E_AUTH,
                                             "the server asks for a new login again and again");

        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "A proxy in front of the server does not keep connections apart.");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Go to the service directly, or let what is in front of it keep a login "
                           "for the connection (Apache: GssapiConnectionBound On).");
        wsc__conn_fail(c, e);
    } else {
        c->x->relogged = c->login_again = true; /* refused before anything was done with it */
        return WSC_OK;
    }
    return WSC_E_AUTH;
}

static int on_head(struct wsc__conn *c)
{
    struct wsc__xchg *x = c->x;
    struct wsc_error *err = NULL;

    if (wsc__log_on(&c->core->log, WSC_LOG_TRACE))
        trace_reply(c);
    /* the server has answered; the body gets as much time again */
    wsc__timer_set(&c->core->timers, &c->timer, c->core->now + (uint64_t)x->reply_ms);
    if (c->state == WSC__CONN_LOGIN)
        return wsc__conn_login_head(c);
    if (c->reply->status == 401 && c->logged_in && !x->anonymous)
        return forgotten(c);
    if (c->reply->status == 401) {
        err = wsc__conn_unauthorized(c);
        wsc__pool_verdict(c->pool, x, err);
        wsc__conn_fail(c, err);
        return WSC_E_AUTH;
    }
    if (wsc__conn_seal_head(c, &err) != WSC_OK) {
        wsc__conn_fail(c, err);
        return WSC_E_AUTH;
    }
    if (c->is_sealed)
        return WSC_OK;
    if (proves_login(c->reply) && c->logged_in)
        wsc__conn_accepted(c);
    else if (proves_login(c->reply))
        wsc__pool_verdict(c->pool, x, NULL);
    return tell_head(c, wsc__h1_header(c->reply, "Content-Type", 0));
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

void wsc__conn_reply_over(struct wsc__conn *c)
{
    if (c->reply) {
        wsc__h1_reply_free(c->reply);
        wsc__free(&c->core->mem, c->reply);
    }
    c->reply = NULL;
    wsc__conn_seal_over(c);
    c->is_sealed = c->complete = false;
}

bool wsc__conn_keeps(const struct wsc__conn *c, size_t left)
{
    return c->reply->keep_alive && !left && !c->writing && !c->out.len && !c->eof && !c->core->dead;
}

/* The reply is complete; `left` bytes came behind it, which nobody asked for. */
void wsc__conn_reply_done(struct wsc__conn *c, size_t left)
{
    struct wsc__xchg *x = c->x;
    struct wsc__pool *pool = c->pool;
    bool keep = wsc__conn_keeps(c, left);

    wsc__pool_ref(pool);
    wsc__timer_clear(&c->core->timers, &c->timer);
    wsc__conn_reply_over(c);
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

/* The server forgot who we are, or wants to hear it again. */
static void login_again(struct wsc__conn *c, size_t left)
{
    bool keep = wsc__conn_keeps(c, left);

    c->login_again = c->x->sent = false;
    wsc__conn_logout(c);
    wsc__conn_reply_over(c);
    if (keep) {
        wsc__conn_login(c);
    } else {
        c->reused = true; /* a new connection is made for it */
        wsc__conn_fail(c, NULL);
    }
}

static void unseal(struct wsc__conn *c)
{
    struct wsc_error *err = NULL;
    const uint8_t *plain = NULL;
    size_t len = 0;
    char type[100];

    if (wsc__conn_unseal(c, type, sizeof type, &plain, &len, &err) != WSC_OK) {
        wsc__conn_fail(c, err);
        return;
    }
    c->complete = true;
    wsc__conn_accepted(c);
    if (tell_head(c, type) == WSC_OK)
        wsc__conn_body(c, plain, len);
}

/* The whole of a reply has come, and `left` bytes behind it. */
static void reply_whole(struct wsc__conn *c, const uint8_t *data, size_t left)
{
    struct wsc__xchg *x = c->x;

    if (c->state == WSC__CONN_LOGIN) {
        wsc__conn_login_reply(c, left);
        return;
    }
    if (c->login_again) {
        login_again(c, left);
        return;
    }
    if (c->is_sealed)
        unseal(c);
    if (c->state != WSC__CONN_BUSY || c->x != x)
        return;
    if (!c->paused)
        wsc__conn_reply_done(c, left);
    else if (wsc__buf_append(&c->rest_raw, data, left) != WSC_OK)
        wsc__conn_fail(c, wsc__error_nomem());
}

static void on_body(struct wsc__conn *c, const uint8_t *data, size_t len)
{
    if (c->state == WSC__CONN_LOGIN || c->login_again)
        return; /* nobody reads it */
    if (!c->is_sealed)
        wsc__conn_body(c, data, len);
    else
        wsc__conn_seal_body(c, data, len);
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
    if (c->state == WSC__CONN_LOGIN ? !c->login_asked
                                    : c->state == WSC__CONN_BUSY && !x->sent && len) {
        /* no answer to what was not asked yet */
        wsc__conn_fail(c, wsc__error_new(&c->core->mem, WSC_E_PROTOCOL,
                                         "the server answered before it was asked"));
        return;
    }
    if (c->state == WSC__CONN_BUSY && len && x->phase == WSC__STAT_WAIT_MS)
        wsc__xchg_phase(x, WSC__STAT_RECEIVE_MS, c->core->now);
    while ((c->state == WSC__CONN_BUSY || c->state == WSC__CONN_LOGIN) && c->x == x) {
        enum wsc__h1_event ev = wsc__h1_read(c->reply, data, len, &used, &piece, &n, &err);

        data += used;
        len -= used;
        if (ev == WSC__H1_MORE)
            return;
        if (ev == WSC__H1_HEAD) {
            if (on_head(c) != WSC_OK)
                return;
        } else if (ev == WSC__H1_BODY) {
            on_body(c, piece, n);
            if (c->paused) {
                if (wsc__buf_append(&c->rest_raw, data, len) != WSC_OK)
                    wsc__conn_fail(c, wsc__error_nomem());
                return;
            }
        } else if (ev == WSC__H1_DONE) {
            reply_whole(c, data, len);
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
    if (c->state != WSC__CONN_BUSY && c->state != WSC__CONN_LOGIN) {
        if (c->state == WSC__CONN_HANDSHAKE)
            err = wsc__error_new(&c->core->mem, WSC_E_CONNECTION_LOST,
                                 "the server closed the connection during the TLS handshake");
        wsc__conn_fail(c, err);
        return;
    }
    if (!c->reply) { /* it waited for another's login, or for a ticket */
        wsc__conn_fail(c, wsc__error_new(&c->core->mem, WSC_E_CONNECTION_LOST,
                                         "the server closed the connection before the login"));
        return;
    }
    if (wsc__h1_eof(c->reply, &err) == WSC__H1_DONE) {
        reply_whole(c, NULL, 0);
        return;
    }
    wsc__conn_hint_tls(c, err);
    wsc__conn_fail(c, err);
}
