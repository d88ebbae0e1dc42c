/* Who we are: with every request (Basic), or once per connection, by legs without a body (RFC 4559;
 * MS-WSMV 3.1.4.1.31). */
#include "proto/conn.h"

#include "auth/krb5.h"
#include "auth/negotiate.h"
#include "auth/sec_e.h"
#include "auth/spn.h"

#include "base/str.h"
#include "proto/lockout.h"
#include "proto/pool.h"

#include <string.h>

/* NTLM takes two, Kerberos one or two. */
#define LEGS_MAX 10

static void input(struct wsc__conn *c, struct wsc__auth_input *in)
{
    struct wsc__pool *p = c->pool;

    memset(in, 0, sizeof *in);
    in->ops = p->auth;
    in->mechs = p->mechs;
    in->nmechs = p->nmechs;
    in->krb5 = p->identity->krb5;
    in->delegate = p->delegate;
    in->mem = &c->core->mem;
    in->credentials = &p->identity->credentials;
    in->host = p->url.host;
    in->port = p->url.port;
    in->spn = p->spn;
    in->tls = c->tls != NULL;
    in->now_ms = c->core->now;
    in->unix_ms = c->core->wall ? c->core->wall() : 0;
    in->rng = c->core->rng;
    if (c->tls && p->binds && !c->binding_len)
        c->binding_len = c->tls->ops->binding(c->tls, c->binding, sizeof c->binding);
    if (c->binding_len) {
        in->binding = c->binding;
        in->binding_len = c->binding_len;
    }
}

int wsc__conn_credentials(struct wsc__conn *c, struct wsc__buf *token, struct wsc_error **err)
{
    struct wsc__auth_input in;
    struct wsc__auth *auth = NULL;
    struct wsc__job *job = NULL;
    enum wsc__auth_step step;
    int rc;

    input(c, &in);
    rc = c->pool->auth->begin(&auth, &in, err);
    if (rc != WSC_OK)
        return rc;
    step = auth->ops->step(auth, NULL, 0, token, &job, err);
    auth->ops->free(auth);
    return step == WSC__AUTH_FAILED ? wsc__error_code(*err) : WSC_OK;
}

/* --- refusals --------------------------------------------------------------------------------- */

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

/* What Windows' own schemes would want of an administrator is not said of a program's. */
static struct wsc_error *not_offered(struct wsc__conn *c)
{
    const struct wsc__auth_ops *auth = c->pool->auth;
    struct wsc_error *e = wsc__error_new(
        &c->core->mem, WSC_E_AUTH, "the server does not accept %s authentication", auth->name);

    if (auth->flags & WSC__AUTH_OWN) {
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Log in by a scheme that the server offers, or have this one switched "
                           "on there.");
        return e;
    }
    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "The scheme is switched off in the service's configuration, or the "
                       "server only takes it over HTTPS.");
    if ((auth->flags & WSC__AUTH_CONN_BOUND) && scheme_offered(c, "Negotiate")) {
        wsc__error_set_str(
            e, WSC__ES_REMEDY,
            c->pool->policy.implicit
                ? "Set the option auth to negotiate, which the server offers, and name the tickets "
                  "by the option ccache: Negotiate does not take those of kinit by itself."
                : "Set the option auth to negotiate, which the server offers; the option "
                  "mechanisms can keep it to Kerberos.");
        return e;
    }
    if (auth == &wsc__auth_negotiate && scheme_offered(c, "Kerberos")) {
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Set the option auth to kerberos, which the server offers.");
        return e;
    }
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       auth->flags & WSC__AUTH_CONN_BOUND
                           ? (scheme_offered(c, "Basic")
                                  ? "For a local account, set the option auth to basic, which "
                                    "the server offers. Else an administrator of the server "
                                    "runs: winrm set winrm/config/service/auth "
                                    "@{Negotiate=\"true\";Kerberos=\"true\"}"
                                  : "An administrator of the server runs: winrm set "
                                    "winrm/config/service/auth "
                                    "@{Negotiate=\"true\";Kerberos=\"true\"}")
                           : "For Basic, an administrator of the server runs: winrm set "
                             "winrm/config/service/auth @{Basic=\"true\"} "
                             "and, to allow it over plain HTTP, winrm set winrm/config/service "
                             "@{AllowUnencrypted=\"true\"}; better use HTTPS.");
    return e;
}

struct wsc_error *wsc__conn_unauthorized(struct wsc__conn *c)
{
    const struct wsc__mem *mem = &c->core->mem;
    struct wsc__pool *p = c->pool;
    struct wsc_error *e = wsc__conn_refusal(c, 401);

    if (e) { /* the scheme's own */
    } else if (!p->auth || c->x->anonymous) {
        e = wsc__error_new(mem, WSC_E_AUTH, "the server wants credentials and none were given");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Give a user name and a password (options username and password).");
    } else if (!scheme_offered(c, wsc__auth_word(p->auth))) {
        e = not_offered(c);
    } else if (p->auth->flags & WSC__AUTH_OWN) {
        e = wsc__auth_own_refused(mem, p->auth);
    } else {
        e = wsc__error_fault(mem, 1326, "user name or password refused (%s)", p->auth->name);
    }
    if (p->auth && !c->x->anonymous) {
        wsc__error_set_str(e, WSC__ES_SCHEME, p->auth->name);
        wsc__error_set_str(e, WSC__ES_IDENTITY, wsc__identity_name(p->identity));
    }
    wsc__error_set_int(e, WSC__EI_HTTP_STATUS, 401);
    offered(c, e);
    return e;
}

/* --- the login of a connection ---------------------------------------------------------------- */

bool wsc__conn_must_login(const struct wsc__conn *c)
{
    const struct wsc__auth_ops *auth = c->pool->auth;

    return auth && (auth->flags & WSC__AUTH_CONN_BOUND) && !c->x->anonymous && !c->logged_in;
}

void wsc__conn_accepted(struct wsc__conn *c)
{
    if (c->counted)
        return;
    c->counted = true;
    wsc__lockout_accepted(c);
    wsc__pool_verdict(c->pool, c->x, NULL);
}

void wsc__conn_logout(struct wsc__conn *c)
{
    if (c->auth)
        c->auth->ops->free(c->auth);
    c->auth = NULL;
    c->job = NULL;
    c->logged_in = c->counted = false;
    wsc__lockout_leave(c);
    c->legs = 0;
    c->proved = false;
    wsc__buf_free(&c->leg);
    wsc__buf_free(&c->held);
}

/* The verdict counts for all that wait behind this login. */
static void refuse(struct wsc__conn *c, struct wsc_error *err)
{
    wsc__lockout_denied(c);
    wsc__pool_verdict(c->pool, c->x, err);
    wsc__conn_fail(c, err);
}

/* What every error of a login tells. */
static struct wsc_error *explained(struct wsc__conn *c, struct wsc_error *err)
{
    const struct wsc__identity *id = c->pool->identity;

    if (!wsc__error_str(err, WSC__ES_SCHEME))
        wsc__error_set_str(err, WSC__ES_SCHEME, c->pool->auth->name);
    if (wsc__identity_name(id))
        wsc__error_set_str(err, WSC__ES_IDENTITY, wsc__identity_name(id));
    wsc__error_set_str(err, WSC__ES_SPN, c->pool->spn);
    if (c->auth && c->auth->ops->mechanism)
        wsc__error_set_str(err, WSC__ES_MECHANISM, c->auth->ops->mechanism(c->auth));
    wsc__spn_explain(err, c->pool->spn, c->pool->url.port);
    return err;
}

/* What the scheme found. */
static struct wsc_error *failed(struct wsc__conn *c, struct wsc_error *err)
{
    const struct wsc__policy *policy = &c->pool->policy;

    err = explained(c, err);
    if (policy->kerberos_alone)
        return wsc__policy_untrusted(&c->core->mem, c->pool->url.host, err);
    wsc__policy_tell_left_out(policy, err);
    return err;
}

static void send_leg(struct wsc__conn *c, struct wsc__buf *token)
{
    struct wsc_error *err = NULL;
    int rc;

    wsc__conn_reply_over(c); /* to the leg before */
    rc = wsc__conn_expect(c);
    c->login_asked = false;
    c->legs++;
    wsc__buf_reset(&c->leg);
    if (rc == WSC_OK && wsc__log_on(&c->core->log, WSC_LOG_TRACE)) /* to be hidden in the answer */
        rc = wsc__buf_append(&c->leg, wsc__buf_data(token), token->len);
    if (rc == WSC_OK)
        rc = wsc__conn_write(c, c->x->content_type, NULL,
                             token->len ? wsc__auth_word(c->pool->auth) : NULL, token, &err);
    if (rc != WSC_OK)
        wsc__conn_not_sent(c, rc, err);
}

/* The same step again when its job is done. What follows a reply is not read meanwhile. */
static void wait_for_job(struct wsc__conn *c, struct wsc__job *job)
{
    c->job = job;
    c->login_asked = false;
    if (c->reply)
        c->want_read = false;
    wsc__timer_set(&c->core->timers, &c->timer, c->core->now + (uint64_t)c->x->reply_ms);
    wsc__conn_dirty(c);
}

static bool is_refusal(const struct wsc__conn *c, const struct wsc_error *err, size_t len)
{
    if (c->proved && !len)
        return true;
    return c->pool->auth->flags & WSC__AUTH_OWN ? c->proved && wsc__error_code(err) == WSC_E_AUTH
                                                : wsc__error_fault_code(err) == SEC_E_LOGON_DENIED;
}

/* One step of the scheme; false: it is not over yet, or the connection may be. */
static bool take_step(struct wsc__conn *c, const char *challenge, size_t len,
                      struct wsc__buf *token)
{
    struct wsc__job *job = NULL;
    struct wsc_error *err = NULL;
    enum wsc__auth_step step = c->auth->ops->step(c->auth, challenge, len, token, &job, &err);

    if (step == WSC__AUTH_NEED_JOB) {
        wait_for_job(c, job);
        return false;
    }
    if (step != WSC__AUTH_FAILED)
        return true;
    if (c->reply) {
        wsc__error_set_int(err, WSC__EI_HTTP_STATUS, c->reply->status);
        offered(c, err);
    }
    if (is_refusal(c, err, len))
        refuse(c, failed(c, err)); /* it is not tried again */
    else
        wsc__conn_fail(c, failed(c, err));
    return false;
}

static bool proves(const struct wsc__conn *c)
{
    return !c->auth->ops->proves || c->auth->ops->proves(c->auth);
}

/* Or keeps it until it may go out. The reply before is done with. */
static void send_proof(struct wsc__conn *c, struct wsc__buf *token)
{
    wsc__conn_reply_over(c);
    if (wsc__lockout_admits(c)) {
        c->proved = true;
        send_leg(c, token);
    } else if (c->state == WSC__CONN_LOGIN) {
        c->login_asked = false;
        c->held = *token;
        wsc__buf_init(token, &c->core->mem, SIZE_MAX / 2);
    }
}

static void send_next(struct wsc__conn *c, struct wsc__buf *token, bool closes)
{
    if (token->len && closes)
        wsc__conn_fail(c, explained(c, wsc__error_new(&c->core->mem, WSC_E_AUTH,
                                                      "the server closes the connection in the "
                                                      "middle of the login")));
    else if (token->len && proves(c))
        send_proof(c, token);
    else if (token->len || !c->legs) /* nothing: the server is to speak first */
        send_leg(c, token);
    else
        wsc__conn_fail(c, explained(c, wsc__error_fault(&c->core->mem, SEC_E_INVALID_TOKEN,
                                                        "the server goes on with the login, but "
                                                        "there is nothing left to say")));
}

/* closes: the connection does not last for an answer. */
static void next_leg(struct wsc__conn *c, const char *challenge, size_t len, bool closes)
{
    struct wsc__buf token;

    wsc__buf_init(&token, &c->core->mem, SIZE_MAX / 2);
    token.secret = 1;
    if (take_step(c, challenge, len, &token))
        send_next(c, &token, closes);
    wsc__buf_free(&token);
}

void wsc__conn_login(struct wsc__conn *c)
{
    struct wsc__auth_input in;
    struct wsc_error *err = NULL;

    wsc__conn_to(c, WSC__CONN_LOGIN);
    c->login_asked = false;
    if (wsc__lockout_shuts_out(c))
        return;
    input(c, &in);
    if (c->pool->auth->begin(&c->auth, &in, &err) != WSC_OK)
        wsc__conn_fail(c, failed(c, err));
    else
        next_leg(c, NULL, 0, false);
}

void wsc__conn_let_in(struct wsc__conn *c)
{
    struct wsc__buf token = c->held;

    c->let_in = false;
    if (c->state != WSC__CONN_LOGIN)
        return;
    wsc__buf_init(&c->held, &c->core->mem, SIZE_MAX / 2);
    send_proof(c, &token);
    wsc__buf_free(&token);
}

int wsc__conn_login_head(struct wsc__conn *c)
{
    struct wsc__challenge ch;
    unsigned i;

    wsc__buf_reset(&c->challenge);
    c->challenged = false;
    for (i = 0; wsc__h1_challenge(c->reply, "WWW-Authenticate", i, &ch); i++) {
        if (c->challenge.len || !wsc__ieqn(ch.scheme, ch.scheme_len, wsc__auth_word(c->pool->auth)))
            continue;
        c->challenged = true;
        if (wsc__buf_append(&c->challenge, ch.rest, ch.rest_len) != WSC_OK) {
            wsc__conn_fail(c, wsc__error_nomem());
            return WSC_E_NOMEM;
        }
    }
    return WSC_OK;
}

/* Refused before anything of the password was sent. */
static struct wsc_error *unwanted(struct wsc__conn *c)
{
    bool own = c->pool->auth->flags & WSC__AUTH_OWN;
    bool kerberos = !own && c->pool->nmechs && c->pool->mechs[0] == &wsc__mech_krb5;
    struct wsc_error *e =
        wsc__error_fault(&c->core->mem, SEC_E_SECPKG_NOT_FOUND,
                         "the server does not take what %s offers", c->pool->auth->name);
    const char *names;

    if (kerberos) {
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           c->tls && !c->pool->binds
                               ? "The server does not let the account in, it wants a channel "
                                 "binding (the option channel-binding is never), it cannot read "
                                 "the ticket (another account has its name), or Kerberos is "
                                 "forbidden there."
                               : "The server does not let the account in, it cannot read the "
                                 "ticket (another account has its name; another domain, clock or "
                                 "key), Kerberos is forbidden there, or a proxy in front of it "
                                 "does not keep connections apart.");
        wsc__spn_remedy(e, c->pool->spn, c->pool->url.port);
        if ((names = wsc__error_str(e, WSC__ES_REMEDY)))
            wsc__error_setf(e, WSC__ES_REMEDY,
                            "Look in the server's Security log (event 4625) why; the account has "
                            "to be in Administrators or Remote Management Users there. Else it is "
                            "the name. %s",
                            names);
    } else if (!own) {
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "NTLM is forbidden there, or a proxy in front of the server does not "
                           "keep connections apart.");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Set the option auth to a scheme that the server takes.");
    }
    wsc__error_set_int(e, WSC__EI_HTTP_STATUS, 401);
    offered(c, e);
    return failed(c, e);
}

static void goes_on(struct wsc__conn *c, size_t left)
{
    bool closes = !wsc__conn_keeps(c, left), own = c->pool->auth->flags & WSC__AUTH_OWN;

    /* nothing of the password was sent yet */
    if (!c->challenge.len && (own ? !c->proved : c->legs == 1)) {
        wsc__conn_fail(c, c->challenged ? unwanted(c) : explained(c, wsc__conn_unauthorized(c)));
        return;
    }
    if (c->legs >= LEGS_MAX) {
        wsc__conn_fail(c, explained(c, wsc__error_fault(&c->core->mem, SEC_E_INVALID_TOKEN,
                                                        "the login does not come to an end")));
        return;
    }
    next_leg(c, c->challenge.len ? (const char *)wsc__buf_data(&c->challenge) : "",
             c->challenge.len, closes);
}

/* Something else than the service has answered, or the service something else. */
static void answered(struct wsc__conn *c, size_t left)
{
    struct wsc_error *err = NULL;

    wsc__conn_to(c, WSC__CONN_BUSY);
    wsc__conn_logout(c);
    if (c->x->ops->head(c->x, c->reply, NULL, &err) != WSC_OK) /* its body is gone */
        wsc__conn_fail(c, err);
    else
        wsc__conn_reply_done(c, left);
}

/* An HTTP error with which nothing goes on is no acceptance: HTTP.sys and front ends have it for a
 * token that is too long for them. */
static struct wsc_error *not_taken(struct wsc__conn *c)
{
    struct wsc_error *e = wsc__error_fault(&c->core->mem, SEC_E_INVALID_TOKEN,
                                           "%s: the server answers a token of the login with HTTP "
                                           "%d",
                                           c->pool->auth->name, c->reply->status);

    wsc__error_set_int(e, WSC__EI_HTTP_STATUS, c->reply->status);
    return e;
}

static struct wsc_error *not_kept(struct wsc__conn *c)
{
    struct wsc_error *e = wsc__error_new(&c->core->mem, WSC_E_AUTH,
                                         "the server closes the connection that it has just "
                                         "accepted the login on");

    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "The login is the connection's, and lost with it. A proxy, or a web server "
                       "in front of the service, does not keep connections.");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Go to the service directly, or let what is in front of it keep "
                       "connections.");
    return e;
}

static void tell_success(struct wsc__conn *c)
{
    const struct wsc__auth_ops *ops = c->auth->ops;
    const char *mechanism = ops->mechanism ? ops->mechanism(c->auth) : NULL;
    const char *who = wsc__identity_known_as(c->pool->identity, mechanism);
    bool more = mechanism && strcmp(mechanism, ops->name) != 0;
    const char *why;

    c->pool->mechanism = mechanism;
    c->pool->let_in = true;
    wsc__logf(&c->core->log, WSC_LOG_INFO, "auth", "%s: logged in as %s by %s%s%s (%s)",
              c->pool->authority, who ? who : "whom the tickets name", ops->name, more ? ", " : "",
              more ? mechanism : "", c->pool->spn);
    if (ops->left_out && (why = ops->left_out(c->auth)))
        wsc__logf(&c->core->log, WSC_LOG_WARN, "auth", "%s: not by what comes first: %s",
                  c->pool->authority, why);
    if (c->pool->delegate && !(ops->delegated && ops->delegated(c->auth)))
        wsc__logf(&c->core->log, WSC_LOG_WARN, "auth",
                  "%s: no ticket goes on with the login (delegate): the KDC does not let it, or it "
                  "was not by Kerberos",
                  c->pool->authority);
}

static void accepted(struct wsc__conn *c, size_t left)
{
    bool failure = c->reply->status >= 400;
    struct wsc__buf token;
    struct wsc_error *err = NULL;

    wsc__buf_init(&token, &c->core->mem, SIZE_MAX / 2);
    token.secret = 1;
    if (c->challenge.len &&
        !take_step(c, (const char *)wsc__buf_data(&c->challenge), c->challenge.len, &token)) {
        wsc__buf_free(&token);
        return;
    }
    wsc__buf_free(&token); /* the server has accepted: it waits for nothing more */
    if (c->auth->ops->accepted(c->auth, &err) != WSC_OK) {
        if (failure && !c->challenge.len) {
            wsc__error_unref(err);
            err = not_taken(c);
        }
        wsc__conn_fail(c, explained(c, err));
        return;
    }
    if (!wsc__conn_keeps(c, left)) {
        wsc__conn_fail(c, explained(c, failure ? not_taken(c) : not_kept(c)));
        return;
    }
    c->logged_in = true;
    wsc__xchg_count(c->x, WSC__STAT_LOGINS, 1);
    tell_success(c);
    c->legs = 0;
    c->proved = false;
    wsc__buf_free(&c->leg);
    if (c->reply->status < 300)
        wsc__conn_accepted(c); /* else a front end may have spoken: the first good reply tells */
    wsc__conn_reply_over(c);
    wsc__buf_free(&c->challenge);
    wsc__conn_send(c);
}

void wsc__conn_job_done(struct wsc__conn *c)
{
    if (c->state != WSC__CONN_LOGIN || !c->auth)
        return;
    if (!c->reply) {
        next_leg(c, NULL, 0, false);
        return;
    }
    c->want_read = true;
    wsc__conn_login_reply(c, c->job_left);
}

void wsc__conn_login_reply(struct wsc__conn *c, size_t left)
{
    int status = c->reply->status;

    c->job_left = left;
    if (status == 401)
        goes_on(c, left);
    else if ((status >= 200 && status < 300) || status == 500 || status == 400)
        accepted(c,
                 left); /* MS-NTHT 2.2.2: whatever is no 401 (an empty body may be a bad request) */
    else
        answered(c, left);
}
