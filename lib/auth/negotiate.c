#include "auth/negotiate.h"

#include "auth/sec_e.h"
#include "auth/spnego.h"
#include "base/b64.h"

#include <string.h>

#define MECHS_MAX 4
#define TOKEN_MAX (128u << 10) /* Windows takes tickets of up to 64 KiB */

struct negotiate {
    struct wsc__auth base;
    struct wsc__auth_ops ops; /* the scheme's, with what the mechanism in use adds to its flags */
    const struct wsc__mem *mem;
    struct wsc__mech *mechs[MECHS_MAX]; /* that can be used, most wanted first */
    size_t nmechs, chosen;
    struct wsc_error *why;    /* of the first one that was left out */
    struct wsc__buf left_out; /* all of them: "Kerberos: ...; NTLM: ..." */
    struct wsc__buf list;     /* MechTypeList as offered */
    bool bare;                /* tokens travel without SPNEGO */
    bool failed;
    bool sent;     /* our first token was */
    bool answered; /* the server's first answer was taken */
    bool started;  /* the chosen mechanism has made a token */
    bool stands;   /* and its context stands */
    bool mic_due;  /* the server's check value over the list must come, ours must go */
    bool mic_sent, mic_good;
    bool ended; /* the server said so */
    bool good;  /* accepted */
};

static struct negotiate *self(struct wsc__auth *a)
{
    return (struct negotiate *)a;
}

static struct wsc__mech *mech_of(const struct negotiate *n)
{
    return n->mechs[n->chosen];
}

/* --- errors ----------------------------------------------------------------------------------- */

static struct wsc_error *invalid(const struct negotiate *n, const char *text)
{
    return wsc__error_fault(n->mem, SEC_E_INVALID_TOKEN, "%s: %s", n->ops.name, text);
}

static struct wsc_error *downgrade(const struct negotiate *n, const char *text)
{
    struct wsc_error *e =
        wsc__error_fault(n->mem, SEC_E_DOWNGRADE_DETECTED, "%s: %s", n->ops.name, text);

    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "Something on the way changed what client and server agreed on, or the "
                       "server does not protect it.");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Use https and no proxy, or ask for one mechanism instead of leaving the "
                       "choice to the server.");
    return e;
}

static struct wsc_error *no_room(const struct negotiate *n, int rc)
{
    return rc == WSC_E_LIMIT
               ? wsc__error_new(n->mem, rc, "%s: the authentication token is too long", n->ops.name)
               : wsc__error_nomem();
}

static enum wsc__auth_step fail(struct negotiate *n, struct wsc_error *e, struct wsc_error **err)
{
    const char *left_out = n->left_out.len ? wsc__buf_cstr(&n->left_out) : NULL;
    const char *cause = wsc__error_str(e, WSC__ES_CAUSE);

    n->failed = true;
    n->good = false;
    wsc__error_set_str(e, WSC__ES_SCHEME, n->ops.name);
    if (left_out && n->nmechs)
        wsc__error_setf(e, WSC__ES_CAUSE, "%s%sNot offered to the server: %s.", cause ? cause : "",
                        cause ? " " : "", left_out);
    *err = e;
    return WSC__AUTH_FAILED;
}

/* Takes why over. */
static int leave_out(struct negotiate *n, const char *name, struct wsc_error *why)
{
    const char *text = wsc__error_text(why);
    int rc = wsc__error_code(why) == WSC_E_NOMEM ? WSC_E_NOMEM : WSC_OK;

    if (!rc && n->left_out.len)
        rc = wsc__buf_puts(&n->left_out, "; ");
    if (!rc && strncmp(text, name, strlen(name)) != 0 && !(rc = wsc__buf_puts(&n->left_out, name)))
        rc = wsc__buf_puts(&n->left_out, ": ");
    if (!rc)
        rc = wsc__buf_puts(&n->left_out, text);
    if (!rc && !n->why)
        n->why = why;
    else
        wsc__error_unref(why);
    return rc;
}

/* The error of the first, with the texts of all. */
static struct wsc_error *none_left(struct negotiate *n)
{
    struct wsc_error *e = n->why;
    const char *all = n->left_out.len ? wsc__buf_cstr(&n->left_out) : NULL;

    n->why = NULL;
    if (!e)
        return wsc__error_fault(n->mem, SEC_E_SECPKG_NOT_FOUND, "%s: there is no mechanism for it",
                                n->ops.name);
    wsc__error_set_text(e, all);
    return e;
}

/* --- begin and end ---------------------------------------------------------------------------- */

static void negotiate_free(struct wsc__auth *a)
{
    struct negotiate *n = self(a);

    if (!n)
        return;
    for (size_t i = 0; i < n->nmechs; i++)
        n->mechs[i]->ops->free(n->mechs[i]);
    wsc__error_unref(n->why);
    wsc__buf_free(&n->left_out);
    wsc__buf_free(&n->list);
    wsc__free(n->mem, n);
}

static struct wsc_error *begin_mechs(struct negotiate *n, const struct wsc__mech_ops *const *mechs,
                                     size_t nmechs, const struct wsc__auth_input *in)
{
    for (size_t i = 0; i < nmechs && n->nmechs < MECHS_MAX; i++) {
        struct wsc_error *why = NULL;
        struct wsc__mech *m = NULL;

        if (mechs[i]->begin(&m, in, &why) == WSC_OK)
            n->mechs[n->nmechs++] = m;
        else if (leave_out(n, mechs[i]->name, why))
            return wsc__error_nomem();
    }
    return n->nmechs ? NULL : none_left(n);
}

static int begin(struct wsc__auth **out, const struct wsc__auth_ops *ops, bool bare,
                 const struct wsc__mech_ops *const *mechs, size_t nmechs,
                 const struct wsc__auth_input *in, struct wsc_error **err)
{
    struct negotiate *n = wsc__zalloc(in->mem, sizeof *n);
    struct wsc_error *e;

    if (!n) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    n->base.ops = &n->ops;
    n->ops = *ops;
    n->mem = in->mem;
    n->bare = bare;
    wsc__buf_init(&n->left_out, in->mem, TOKEN_MAX);
    wsc__buf_init(&n->list, in->mem, TOKEN_MAX);
    e = begin_mechs(n, mechs, nmechs, in);
    if (e) {
        fail(n, e, err);
        negotiate_free(&n->base);
        return wsc__error_code(*err);
    }
    *out = &n->base;
    return WSC_OK;
}

/* --- the first token -------------------------------------------------------------------------- */

static int put_list(struct negotiate *n)
{
    int rc = WSC_OK;

    for (size_t i = 0; !rc && i < n->nmechs; i++)
        rc = wsc__der_put(&n->list, WSC__DER_OID, n->mechs[i]->ops->oid, n->mechs[i]->ops->oid_len);
    return rc ? rc : wsc__der_wrap(&n->list, 0, WSC__DER_SEQUENCE);
}

static struct wsc__der bytes_of(const struct wsc__buf *b)
{
    struct wsc__der d = { b->len ? wsc__buf_data(b) : NULL, b->len };

    return d;
}

/* The most wanted mechanism whose first step succeeds; those above it are left out. */
static enum wsc__auth_step first_step(struct negotiate *n, struct wsc__buf *token,
                                      struct wsc__job **job, struct wsc_error **err)
{
    while (n->nmechs) {
        struct wsc__mech *m = n->mechs[0];
        struct wsc_error *why = NULL;
        enum wsc__auth_step step = m->ops->step(m, NULL, 0, token, job, &why);
        int rc;

        if (step != WSC__AUTH_FAILED)
            return step;
        if (wsc__login_is_final(wsc__error_fault_code(why)))
            return fail(n, why, err);
        wsc__buf_reset(token);
        rc = leave_out(n, m->ops->name, why);
        m->ops->free(m);
        n->nmechs--;
        memmove(n->mechs, n->mechs + 1, n->nmechs * sizeof *n->mechs);
        if (rc)
            return fail(n, wsc__error_nomem(), err);
    }
    return fail(n, none_left(n), err);
}

static enum wsc__auth_step first_leg(struct negotiate *n, struct wsc__buf *out,
                                     struct wsc__job **job, struct wsc_error **err)
{
    struct wsc__buf token;
    enum wsc__auth_step step;
    int rc = WSC_OK;

    wsc__buf_init(&token, n->mem, TOKEN_MAX);
    token.secret = 1;
    step = first_step(n, &token, job, err);
    if (step == WSC__AUTH_NEED_JOB || step == WSC__AUTH_FAILED)
        goto done;
    n->sent = n->started = true;
    n->stands = step == WSC__AUTH_DONE;
    step = WSC__AUTH_TOKEN;
    if (n->bare)
        rc = wsc__buf_append(out, wsc__buf_data(&token), token.len);
    else if (!(rc = put_list(n)))
        rc = wsc__spnego_put_offer(out, bytes_of(&n->list), bytes_of(&token));
    if (rc)
        step = fail(n, no_room(n, rc), err);
done:
    wsc__buf_free(&token);
    return step;
}

/* --- the server's answers --------------------------------------------------------------------- */

static bool same_mech(const struct wsc__mech *m, struct wsc__der oid)
{
    const struct wsc__mech_ops *ops = m->ops;

    if (wsc__der_equal(oid, WSC__OID_KERBEROS_MS, strlen(WSC__OID_KERBEROS_MS)))
        oid.p = (const uint8_t *)WSC__OID_KERBEROS; /* of the same length */
    return wsc__der_equal(oid, ops->oid, ops->oid_len);
}

static struct wsc_error *judge_bare(struct negotiate *n, enum wsc__spnego_kind kind)
{
    const char *oid = kind == WSC__SPNEGO_BARE_NTLM ? WSC__OID_NTLM : WSC__OID_KERBEROS;
    struct wsc__der is = { (const uint8_t *)oid, strlen(oid) };

    /* Nothing protects the choice any more, so it can only be what we wanted most. */
    if (n->answered || n->mic_due || n->chosen || !same_mech(mech_of(n), is))
        return downgrade(n, "the server answered with a token of another mechanism, or left "
                            "SPNEGO in the middle");
    n->bare = true;
    return NULL;
}

static struct wsc_error *judge_choice(struct negotiate *n, struct wsc__der oid)
{
    char text[64];
    size_t i = 0;

    while (i < n->nmechs && !same_mech(n->mechs[i], oid))
        i++;
    if (i == n->nmechs) {
        wsc__der_oid_text(oid, text, sizeof text);
        return wsc__error_fault(n->mem, SEC_E_INVALID_TOKEN,
                                "%s: the server chose a mechanism that was not offered (%s)",
                                n->ops.name, text);
    }
    if (i == n->chosen)
        return NULL;
    if (n->answered)
        return downgrade(n, "the server changed the mechanism in the middle");
    n->chosen = i;
    n->started = n->stands = false;
    n->mic_due = true;
    return NULL;
}

/* Takes choice and wishes of an answer; doing it twice, behind a job, does no more. */
static struct wsc_error *judge(struct negotiate *n, const struct wsc__spnego_token *t)
{
    struct wsc_error *e;

    if (t->kind == WSC__SPNEGO_OFFER)
        return invalid(n, "the server answered the offer with an offer");
    if (t->kind != WSC__SPNEGO_ANSWER)
        return judge_bare(n, t->kind);
    if (t->mech.p && (e = judge_choice(n, t->mech)))
        return e;
    if (t->state == WSC__SPNEGO_REQUEST_MIC) {
        if (n->answered)
            return invalid(n, "the server asks for a check value too late");
        n->mic_due = true;
    }
    return NULL;
}

static enum wsc__auth_step refused(struct negotiate *n, struct wsc_error **err)
{
    const char *name = mech_of(n)->ops->name;

    if (!n->stands) /* nothing of a password was sent yet */
        return fail(
            n,
            wsc__error_fault(n->mem, SEC_E_SECPKG_NOT_FOUND, "the server does not take %s", name),
            err);
    return fail(
        n,
        wsc__error_fault(n->mem, SEC_E_LOGON_DENIED, "the server refused the login with %s", name),
        err);
}

/* Gives the mechanism what it waits for; DONE when its context stands. */
static enum wsc__auth_step run_mech(struct negotiate *n, const struct wsc__spnego_token *t,
                                    struct wsc__buf *token, struct wsc__job **job,
                                    struct wsc_error **err)
{
    struct wsc__mech *m = mech_of(n);
    struct wsc_error *e = NULL;
    enum wsc__auth_step step;

    if (n->stands) {
        if (t->token.p && t->state != WSC__SPNEGO_REJECT)
            return fail(n, invalid(n, "a token came when the mechanism had ended"), err);
        return WSC__AUTH_DONE;
    }
    if (n->started && !t->token.p)
        return t->state == WSC__SPNEGO_REJECT
                   ? refused(n, err)
                   : fail(n, invalid(n, "the answer has no token for the mechanism"), err);
    /* what comes with the choice of another mechanism can not belong to it */
    step = n->started ? m->ops->step(m, t->token.p, t->token.len, token, job, &e)
                      : m->ops->step(m, NULL, 0, token, job, &e);
    if (step == WSC__AUTH_FAILED)
        return fail(n, e, err);
    if (step == WSC__AUTH_NEED_JOB)
        return step;
    n->started = true;
    n->stands = step == WSC__AUTH_DONE;
    return step;
}

/* Is the server's part of protecting the choice as it must be? */
static struct wsc_error *check_mic(struct negotiate *n, const struct wsc__spnego_token *t)
{
    struct wsc__mech *m = mech_of(n);
    struct wsc_error *e = NULL;
    bool due;

    n->mic_due |= n->stands && m->ops->wants_mic(m);
    due = n->mic_due;
    if (t->mic.p) {
        if (!n->stands)
            return invalid(n, "a check value came before there was a key for it");
        if (m->ops->verify_mic(m, wsc__buf_data(&n->list), n->list.len, t->mic.p, t->mic.len, &e))
            return e;
        n->mic_due = n->mic_good = true;
    }
    if (t->state != WSC__SPNEGO_COMPLETED)
        return NULL;
    n->ended = true;
    /* whether it has confirmed the list is asked when it is accepted */
    if (due && !n->mic_sent)
        return downgrade(n, "the server did not wait until we confirm the list of mechanisms");
    return NULL;
}

/* Writes what is to be sent, if anything. */
static enum wsc__auth_step reply(struct negotiate *n, const struct wsc__spnego_token *t,
                                 const struct wsc__buf *token, struct wsc__buf *out,
                                 struct wsc_error **err)
{
    struct wsc__mech *m = mech_of(n);
    struct wsc_error *e = NULL;
    struct wsc__buf mic;
    /* it waits, and there is nothing else to wait for */
    bool waits = t->state == WSC__SPNEGO_INCOMPLETE && !token->len;
    int rc = WSC_OK;

    wsc__buf_init(&mic, n->mem, TOKEN_MAX);
    if (n->stands && !n->mic_sent && !n->ended && (n->mic_due || waits)) {
        if (m->ops->mic(m, wsc__buf_data(&n->list), n->list.len, &mic, &e)) {
            wsc__buf_free(&mic);
            return fail(n, e, err);
        }
        n->mic_sent = true;
    }
    if (token->len || mic.len || !n->stands)
        rc = wsc__spnego_put_answer(out, bytes_of(token), bytes_of(&mic));
    wsc__buf_free(&mic);
    if (rc)
        return fail(n, no_room(n, rc), err);
    return out->len ? WSC__AUTH_TOKEN : WSC__AUTH_DONE;
}

static enum wsc__auth_step take(struct negotiate *n, const struct wsc__spnego_token *t,
                                struct wsc__buf *token, struct wsc__buf *out, struct wsc__job **job,
                                struct wsc_error **err)
{
    struct wsc_error *e;
    enum wsc__auth_step step;
    bool stood = n->stands;
    int rc;

    step = run_mech(n, t, token, job, err);
    if (step == WSC__AUTH_FAILED || step == WSC__AUTH_NEED_JOB)
        return step;
    n->answered = true;
    if (t->state == WSC__SPNEGO_REJECT)
        return refused(n, err);
    if (t->state == WSC__SPNEGO_COMPLETED && (!n->stands || token->len))
        return fail(n, invalid(n, "the server has ended before the mechanism"), err);
    if (n->bare) {
        rc = wsc__buf_append(out, wsc__buf_data(token), token->len);
        if (rc)
            return fail(n, no_room(n, rc), err);
        return token->len ? WSC__AUTH_TOKEN : step;
    }
    if (stood && !t->mic.p && t->state == WSC__SPNEGO_NO_STATE)
        return fail(n, invalid(n, "an answer that says nothing"), err);
    e = check_mic(n, t);
    return e ? fail(n, e, err) : reply(n, t, token, out, err);
}

static enum wsc__auth_step next_leg(struct negotiate *n, struct wsc__der in, struct wsc__buf *out,
                                    struct wsc__job **job, struct wsc_error **err)
{
    struct wsc__spnego_token t = { .state = WSC__SPNEGO_NO_STATE, .token = in };
    struct wsc_error *e = NULL;
    struct wsc__buf token;
    enum wsc__auth_step step;
    const char *why;

    if (n->ended)
        return fail(n, invalid(n, "a token came when all had ended"), err);
    if (!n->bare) {
        if (!wsc__spnego_read(in.p, in.len, &t, &why))
            e = wsc__error_fault(n->mem, SEC_E_INVALID_TOKEN,
                                 "%s: the server's token is damaged: %s", n->ops.name, why);
        else if (t.state != WSC__SPNEGO_REJECT)
            e = judge(n, &t);
    }
    if (e)
        return fail(n, e, err);
    wsc__buf_init(&token, n->mem, TOKEN_MAX);
    token.secret = 1;
    step = take(n, &t, &token, out, job, err);
    wsc__buf_free(&token);
    return step;
}

/* --- base64 ----------------------------------------------------------------------------------- */

static int decode(struct wsc__buf *out, const char *text, size_t len)
{
    struct wsc__b64_decoder d;
    size_t used, made;
    uint8_t *room;
    int rc = wsc__buf_reserve(out, len / 4 * 3 + 6, &room);

    if (rc)
        return rc;
    wsc__b64_decoder_init(&d);
    if (!wsc__b64_decode(&d, text, len, &used, room, len / 4 * 3 + 6, &made) || used != len ||
        !wsc__b64_decoder_done(&d))
        return WSC_E_PROTOCOL;
    wsc__buf_added(out, made);
    return WSC_OK;
}

static enum wsc__auth_step any_leg(struct negotiate *n, const char *challenge, size_t len,
                                   struct wsc__buf *out, struct wsc__job **job,
                                   struct wsc_error **err)
{
    struct wsc__buf in;
    enum wsc__auth_step step;
    int rc;

    /* a server that speaks first (NegTokenInit2) gives hints that nothing protects: not looked at
     */
    if (!n->sent)
        return first_leg(n, out, job, err);
    if (!challenge || !len)
        return refused(n, err);
    wsc__buf_init(&in, n->mem, TOKEN_MAX);
    in.secret = 1;
    rc = decode(&in, challenge, len);
    if (rc == WSC_E_PROTOCOL)
        step = fail(n, invalid(n, "the server's token is not base64"), err);
    else if (rc)
        step = fail(n, no_room(n, rc), err);
    else
        step = next_leg(n, bytes_of(&in), out, job, err);
    wsc__buf_free(&in);
    return step;
}

static enum wsc__auth_step negotiate_step(struct wsc__auth *a, const char *challenge, size_t len,
                                          struct wsc__buf *out, struct wsc__job **job,
                                          struct wsc_error **err)
{
    struct negotiate *n = self(a);
    struct wsc__buf raw;
    enum wsc__auth_step step;
    int rc = WSC_OK;

    if (n->failed || n->good)
        return fail(n, invalid(n, "a token came when all had ended"), err);
    wsc__buf_init(&raw, n->mem, TOKEN_MAX);
    raw.secret = 1;
    step = any_leg(n, challenge, len, &raw, job, err);
    if (step == WSC__AUTH_TOKEN)
        rc = wsc__b64_encode(out, wsc__buf_data(&raw), raw.len);
    wsc__buf_free(&raw);
    return rc ? fail(n, no_room(n, rc), err) : step;
}

/* --- the context stands ----------------------------------------------------------------------- */

static int negotiate_accepted(struct wsc__auth *a, struct wsc_error **err)
{
    struct negotiate *n = self(a);
    struct wsc_error *e = NULL;

    if (n->failed || !n->sent)
        e = invalid(n, "no login was completed");
    else if (!n->stands)
        e = wsc__error_fault(n->mem, SEC_E_INVALID_TOKEN,
                             "%s: the server accepted the login before %s was complete, so it has "
                             "not proved who it is",
                             n->ops.name, mech_of(n)->ops->name);
    else if (!n->bare && n->mic_due && !n->mic_good)
        e = downgrade(n, "the server does not confirm the list of mechanisms");
    if (e) {
        fail(n, e, err);
        return wsc__error_code(*err);
    }
    n->good = true;
    n->ops.flags |= mech_of(n)->ops->flags & WSC__AUTH_PADS;
    return WSC_OK;
}

static int not_yet(const struct negotiate *n, struct wsc_error **err)
{
    *err = wsc__error_new(n->mem, WSC_E_USAGE, "%s: the login is not complete", n->ops.name);
    return WSC_E_USAGE;
}

static int negotiate_wrap(struct wsc__auth *a, const uint8_t *plain, size_t len,
                          struct wsc__buf *out, struct wsc__sealed *sealed, struct wsc_error **err)
{
    struct negotiate *n = self(a);
    struct wsc__mech *m = mech_of(n);

    return n->good ? m->ops->wrap(m, plain, len, out, sealed, err) : not_yet(n, err);
}

static int negotiate_unwrap(struct wsc__auth *a, uint8_t *message, const struct wsc__sealed *sealed,
                            const uint8_t **plain, size_t *plain_len, struct wsc_error **err)
{
    struct negotiate *n = self(a);
    struct wsc__mech *m = mech_of(n);

    return n->good ? m->ops->unwrap(m, message, sealed, plain, plain_len, err) : not_yet(n, err);
}

static bool negotiate_proves(const struct wsc__auth *a)
{
    const struct negotiate *n = (const struct negotiate *)a;

    return n->stands && (mech_of(n)->ops->flags & WSC__AUTH_BY_PASSWORD);
}

static bool negotiate_delegated(const struct wsc__auth *a)
{
    const struct wsc__mech *m = mech_of((const struct negotiate *)a);

    return m->ops->delegated && m->ops->delegated(m);
}

static const char *negotiate_left_out(const struct wsc__auth *a)
{
    struct negotiate *n = (struct negotiate *)(uintptr_t)a;

    return n->left_out.len ? wsc__buf_cstr(&n->left_out) : NULL;
}

static const char *negotiate_mechanism(const struct wsc__auth *a)
{
    const struct negotiate *n = (const struct negotiate *)a;

    return n->sent ? mech_of(n)->ops->name : NULL;
}

/* --- the schemes ------------------------------------------------------------------------------ */

int wsc__negotiate_begin(struct wsc__auth **out, const struct wsc__mech_ops *const *mechs,
                         size_t nmechs, const struct wsc__auth_input *in, struct wsc_error **err)
{
    return begin(out, &wsc__auth_negotiate, false, mechs, nmechs, in, err);
}

static int begin_offer(struct wsc__auth **out, const struct wsc__auth_input *in,
                       struct wsc_error **err)
{
    return begin(out, &wsc__auth_negotiate, false, in->mechs, in->nmechs, in, err);
}

static int begin_kerberos(struct wsc__auth **out, const struct wsc__auth_input *in,
                          struct wsc_error **err)
{
    return begin(out, &wsc__auth_kerberos, true, in->mechs, in->nmechs, in, err);
}

static int begin_ntlm(struct wsc__auth **out, const struct wsc__auth_input *in,
                      struct wsc_error **err)
{
    return begin(out, &wsc__auth_ntlm, true, in->mechs, in->nmechs, in, err);
}

static int begin_ntlm_word(struct wsc__auth **out, const struct wsc__auth_input *in,
                           struct wsc_error **err)
{
    return begin(out, &wsc__auth_ntlm_word, true, in->mechs, in->nmechs, in, err);
}

#define SCHEME(name_, wire_, protocol_, begin_)                                                    \
    {                                                                                              \
        .name = name_, .wire = wire_,                                                              \
        .protocol = "application/HTTP-" protocol_ "-session-encrypted",                            \
        .flags = WSC__AUTH_CONN_BOUND | WSC__AUTH_WRAPS_BODY, .begin = begin_,                     \
        .step = negotiate_step, .accepted = negotiate_accepted, .wrap = negotiate_wrap,            \
        .unwrap = negotiate_unwrap, .free = negotiate_free, .mechanism = negotiate_mechanism,      \
        .left_out = negotiate_left_out, .proves = negotiate_proves,                                \
        .delegated = negotiate_delegated                                                           \
    }

const struct wsc__auth_ops wsc__auth_negotiate = SCHEME("Negotiate", NULL, "SPNEGO", begin_offer);
const struct wsc__auth_ops wsc__auth_kerberos =
    SCHEME("Kerberos", NULL, "Kerberos", begin_kerberos);
const struct wsc__auth_ops wsc__auth_ntlm = SCHEME("NTLM", "Negotiate", "SPNEGO", begin_ntlm);
const struct wsc__auth_ops wsc__auth_ntlm_word = SCHEME("NTLM", NULL, "SPNEGO", begin_ntlm_word);
