/* The Kerberos mechanism (RFC 4121, MS-KILE): tokens by Heimdal's krb5 mechanism, from tickets that
 * are there already, so that nothing here waits for anybody. */
#include "auth/krb5_private.h"

#include "auth/der.h"
#include "auth/sec_e.h"
#include "auth/spnego.h"

#include <string.h>

#define FLAGS                                                                                      \
    (GSS_C_MUTUAL_FLAG | GSS_C_REPLAY_FLAG | GSS_C_SEQUENCE_FLAG | GSS_C_CONF_FLAG |               \
     GSS_C_INTEG_FLAG)
#define HEADER_MAX 128 /* 60 to 72 for AES, 45 to 48 for RC4 */

const gss_OID_desc wsc__krb5_oid = { 9, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02" };

struct krb5 {
    struct wsc__mech base;
    const struct wsc__mem *mem;
    enum { BEGUN, ASKED, STANDS, DEAD } state;
    struct wsc__krb5 *tickets;
    const char *spn; /* the caller's */
    const uint8_t *binding;
    size_t binding_len;
    int64_t unix_ms;
    bool delegate;
    struct wsc__krb5_seen seen;
    struct wsc__krb5_ticket *ticket;
    struct wsc__krb5_job *forward; /* that makes the first token */
    struct wsc_error *why;
    gss_ctx_id_t security;
    OM_uint32 flags;
    gss_buffer_desc plain; /* of the last unwrap */
};

OM_uint32 wsc__krb5_token(OM_uint32 *minor, gss_cred_id_t cred, gss_ctx_id_t *security,
                          gss_name_t target, OM_uint32 more, const uint8_t *binding,
                          size_t binding_len, gss_buffer_t in, gss_buffer_t out, OM_uint32 *flags)
{
    static const char prefix[] = "tls-server-end-point:"; /* RFC 5929 4.1 */
    uint8_t data[sizeof prefix - 1 + WSC__KRB5_BINDING_MAX];
    struct gss_channel_bindings_struct b;

    memset(&b, 0, sizeof b); /* no addresses: GSS_C_AF_UNSPEC */
    if (binding) {
        memcpy(data, prefix, sizeof prefix - 1);
        memcpy(data + sizeof prefix - 1, binding, binding_len);
    }
    b.application_data.length = sizeof prefix - 1 + binding_len;
    b.application_data.value = data;
    return gss_init_sec_context(minor, cred, security, target, (gss_OID)(uintptr_t)&wsc__krb5_oid,
                                FLAGS | more, 0, binding ? &b : GSS_C_NO_CHANNEL_BINDINGS, in, NULL,
                                out, flags, NULL);
}

/* --- errors ----------------------------------------------------------------------------------- */

static int die(struct krb5 *k, struct wsc_error **err, struct wsc_error *e)
{
    k->state = DEAD;
    wsc__error_set_str(e, WSC__ES_SCHEME, k->base.ops->name);
    wsc__error_set_str(e, WSC__ES_SPN, k->spn);
    *err = e;
    return wsc__error_code(e);
}

/* What Heimdal's mechanism says of minor. */
static struct wsc_error *gss_error(const struct krb5 *k, OM_uint32 minor)
{
    OM_uint32 more = 0, ignored;
    gss_buffer_desc text = GSS_C_EMPTY_BUFFER;
    char copy[256] = "unknown error";
    size_t n;

    if (gss_display_status(&ignored, minor, GSS_C_MECH_CODE, (gss_OID)(uintptr_t)&wsc__krb5_oid,
                           &more, &text) == GSS_S_COMPLETE) {
        n = text.length < sizeof copy - 1 ? text.length : sizeof copy - 1;
        memcpy(copy, text.value, n);
        copy[n] = '\0';
        (void)gss_release_buffer(&ignored, &text);
    }
    return wsc__krb5_error(k->mem, (krb5_error_code)minor, copy);
}

static int must_stand(struct krb5 *k, struct wsc_error **err)
{
    if (k->state == STANDS)
        return WSC_OK;
    return die(
        k, err,
        wsc__error_new(k->mem, WSC_E_AUTH, "Kerberos: %s",
                       k->state == DEAD ? "it has failed before" : "it is not complete yet"));
}

/* --- begin and end ---------------------------------------------------------------------------- */

/* Asking a KDC with it would count towards a lock-out. */
static struct wsc_error *empty_password(const struct wsc__auth_input *in)
{
    const struct wsc__credentials *c = in->credentials;
    struct wsc_error *e;

    if (!c || !c->user || !c->password || c->password_len)
        return NULL;
    e = wsc__error_fault(in->mem, 0x0000052F, /* ERROR_ACCOUNT_RESTRICTION */
                         "Kerberos: the password is empty");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Set the option password; look whether a variable or file for it is empty.");
    wsc__error_set_str(e, WSC__ES_OPTION, "password");
    return e;
}

static int krb5_begin(struct wsc__mech **out, const struct wsc__auth_input *in,
                      struct wsc_error **err)
{
    struct krb5 *k;

    *err = empty_password(in);
    if (*err)
        return wsc__error_code(*err);
    k = wsc__zalloc(in->mem, sizeof *k);
    if (!k) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    k->base.ops = &wsc__mech_krb5;
    k->mem = in->mem;
    k->tickets = in->krb5;
    k->spn = in->spn;
    if (in->binding_len <= WSC__KRB5_BINDING_MAX) { /* a hash */
        k->binding = in->binding;
        k->binding_len = in->binding_len;
    }
    k->unix_ms = in->unix_ms;
    k->delegate = in->delegate;
    *out = &k->base;
    return WSC_OK;
}

static void drop_plain(struct krb5 *k)
{
    OM_uint32 minor;

    if (!k->plain.value)
        return;
    wsc__wipe(k->plain.value, k->plain.length);
    (void)gss_release_buffer(&minor, &k->plain);
}

static void krb5_free(struct wsc__mech *m)
{
    struct krb5 *k = (struct krb5 *)m;
    OM_uint32 minor;

    if (!k)
        return;
    drop_plain(k);
    if (k->security)
        (void)gss_delete_sec_context(&minor, &k->security, GSS_C_NO_BUFFER);
    if (k->forward) {
        k->forward->owner = NULL;
        wsc__job_let_go(&k->forward->base);
    }
    wsc__error_unref(k->why);
    if (k->ticket && k->state != BEGUN && k->state != STANDS)
        k->ticket->doubted = true; /* a token went out, and came to nothing */
    wsc__krb5_ticket_unref(k->ticket);
    wsc__free(k->mem, k);
}

/* --- tokens ----------------------------------------------------------------------------------- */

static enum wsc__auth_step fail(struct krb5 *k, struct wsc_error **err, struct wsc_error *e)
{
    die(k, err, e);
    return WSC__AUTH_FAILED;
}

/* What the context must be able to do. */
static enum wsc__auth_step completed(struct krb5 *k, struct wsc_error **err)
{
    if ((k->flags & FLAGS) != FLAGS)
        return fail(k, err,
                    wsc__error_fault(k->mem, SEC_E_QOP_NOT_SUPPORTED,
                                     "Kerberos: the context cannot prove or seal all that it has "
                                     "to (flags 0x%x)",
                                     (unsigned)k->flags));
    k->state = STANDS;
    return WSC__AUTH_DONE;
}

static enum wsc__auth_step take_token(struct krb5 *k, OM_uint32 major, OM_uint32 minor,
                                      gss_buffer_t token, struct wsc__buf *out,
                                      struct wsc_error **err)
{
    OM_uint32 ignored;
    int rc = WSC_OK;

    if (token->length)
        rc = wsc__buf_append(out, token->value, token->length);
    if (token->value) {
        wsc__wipe(token->value, token->length);
        (void)gss_release_buffer(&ignored, token);
    }
    if (GSS_ERROR(major))
        return fail(k, err, gss_error(k, minor));
    if (rc)
        return fail(k, err, wsc__error_nomem());
    if (major == GSS_S_COMPLETE)
        return completed(k, err);
    k->state = ASKED;
    return WSC__AUTH_TOKEN;
}

static void forwarded(struct wsc__krb5_job *job, bool ran)
{
    struct krb5 *k = job->owner;

    k->forward = NULL;
    if (!ran || job->code) {
        k->why = wsc__krb5_failure(k->mem, job, ran);
    } else {
        k->security = job->security;
        k->plain = job->token; /* until it is sent */
        k->flags = job->flags;
        job->security = GSS_C_NO_CONTEXT;
        job->token.value = NULL;
    }
    if (ran)
        wsc__krb5_give_back(k->tickets, job);
}

/* The first token, which needs the KDC once more. */
static enum wsc__auth_step forward(struct krb5 *k, struct wsc__buf *out, struct wsc__job **job,
                                   struct wsc_error **err)
{
    gss_buffer_desc token = k->plain;
    struct wsc_error *why = k->why;

    if (why) {
        k->why = NULL;
        return fail(k, err, why);
    }
    if (k->security) {
        k->plain.value = NULL;
        return take_token(k, GSS_S_CONTINUE_NEEDED, 0, &token, out, err);
    }
    if (!k->forward)
        k->forward = wsc__krb5_forward(k->ticket, k->binding, k->binding_len);
    if (!k->forward)
        return fail(k, err, wsc__error_nomem());
    k->forward->owner = k;
    k->forward->tell = forwarded;
    *job = &k->forward->base;
    return WSC__AUTH_NEED_JOB;
}

static enum wsc__auth_step token(struct krb5 *k, const uint8_t *in, size_t len,
                                 struct wsc__buf *out, struct wsc_error **err)
{
    gss_buffer_desc i = { len, (void *)(uintptr_t)in }, o = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0, major;

    wsc__krb5_sends_for(NULL);
    major = wsc__krb5_token(&minor, k->ticket->cred, &k->security, k->ticket->target, 0, k->binding,
                            k->binding_len, in ? &i : GSS_C_NO_BUFFER, &o, &k->flags);
    wsc__krb5_sends_no_more();
    return take_token(k, major, minor, &o, out, err);
}

/* The answer in the frame that it must have (RFC 4121 4.1: AP-REP or KRB-ERROR), written anew: what
 * has another one Heimdal (7.8) decodes from memory that it has not set. */
static bool reframe(struct wsc__buf *out, const uint8_t *in, size_t len)
{
    struct wsc__der all = { in, len }, inside, oid;

    return wsc__der_only(all, WSC__DER_APPLICATION, &inside) &&
           wsc__der_take(&inside, WSC__DER_OID, &oid) &&
           wsc__der_equal(oid, wsc__krb5_oid.elements, wsc__krb5_oid.length) && inside.len > 2 &&
           (inside.p[0] == 2 || inside.p[0] == 3) && !inside.p[1] &&
           wsc__der_put(out, WSC__DER_OID, oid.p, oid.len) == WSC_OK &&
           wsc__buf_append(out, inside.p, inside.len) == WSC_OK &&
           wsc__der_wrap(out, 0, WSC__DER_APPLICATION) == WSC_OK;
}

static enum wsc__auth_step answer(struct krb5 *k, const uint8_t *in, size_t len,
                                  struct wsc__buf *out, struct wsc_error **err)
{
    enum wsc__auth_step step;
    struct wsc__buf framed;

    wsc__buf_init(&framed, k->mem, SIZE_MAX / 2);
    if (reframe(&framed, in, len))
        step = token(k, wsc__buf_data(&framed), framed.len, out, err);
    else
        step = fail(k, err,
                    wsc__error_fault(k->mem, SEC_E_INVALID_TOKEN,
                                     "Kerberos: the server's answer is no token of Kerberos"));
    wsc__buf_free(&framed);
    return step;
}

static enum wsc__auth_step krb5_step(struct wsc__mech *m, const uint8_t *in, size_t len,
                                     struct wsc__buf *out, struct wsc__job **job,
                                     struct wsc_error **err)
{
    struct krb5 *k = (struct krb5 *)m;
    enum wsc__auth_step step;

    if (k->state == ASKED && in)
        return answer(k, in, len, out, err);
    if (k->state != BEGUN)
        return fail(
            k, err,
            wsc__error_fault(k->mem, SEC_E_INVALID_TOKEN, "Kerberos: nothing is waited for"));
    if (!k->ticket) {
        step = wsc__krb5_get(k->tickets, k->spn, k->unix_ms, &k->seen, &k->ticket, job, err);
        if (step == WSC__AUTH_FAILED)
            return fail(k, err, *err);
        if (step != WSC__AUTH_DONE)
            return step;
    }
    return k->delegate ? forward(k, out, job, err) : token(k, NULL, 0, out, err);
}

/* --- the context stands ----------------------------------------------------------------------- */

static bool krb5_wants_mic(const struct wsc__mech *m)
{
    (void)m;
    return false; /* RFC 4178 5: the first choice, complete, needs none */
}

static bool krb5_delegated(const struct wsc__mech *m)
{
    return ((const struct krb5 *)m)->flags & GSS_C_DELEG_FLAG;
}

static int krb5_mic(struct wsc__mech *m, const uint8_t *text, size_t len, struct wsc__buf *out,
                    struct wsc_error **err)
{
    struct krb5 *k = (struct krb5 *)m;
    gss_buffer_desc t = { len, (void *)(uintptr_t)text }, mic = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor = 0;
    int rc = must_stand(k, err);

    if (rc != WSC_OK)
        return rc;
    if (gss_get_mic(&minor, k->security, GSS_C_QOP_DEFAULT, &t, &mic) != GSS_S_COMPLETE)
        return die(k, err, gss_error(k, minor));
    rc = wsc__buf_append(out, mic.value, mic.length);
    (void)gss_release_buffer(&minor, &mic);
    return rc == WSC_OK ? WSC_OK : die(k, err, wsc__error_nomem());
}

static int altered(struct krb5 *k, struct wsc_error **err, const char *what)
{
    return die(k, err,
               wsc__error_fault(k->mem, SEC_E_MESSAGE_ALTERED,
                                "Kerberos: the signature of %s is wrong", what));
}

static int krb5_verify_mic(struct wsc__mech *m, const uint8_t *text, size_t len, const uint8_t *mic,
                           size_t mic_len, struct wsc_error **err)
{
    struct krb5 *k = (struct krb5 *)m;
    gss_buffer_desc t = { len, (void *)(uintptr_t)text };
    gss_buffer_desc c = { mic_len, (void *)(uintptr_t)mic };
    OM_uint32 minor = 0;
    int rc = must_stand(k, err);

    if (rc != WSC_OK)
        return rc;
    if (gss_verify_mic(&minor, k->security, &t, &c, NULL) != GSS_S_COMPLETE)
        return altered(k, err, "the list of mechanisms");
    return WSC_OK;
}

/* Header, data, padding, one behind the other: as SSPI has them (MS-KILE 3.4.5.4.1), without a
 * trailer, whose part is rotated into the header. */
static int krb5_wrap(struct wsc__mech *m, const uint8_t *plain, size_t len, struct wsc__buf *out,
                     struct wsc__sealed *sealed, struct wsc_error **err)
{
    struct krb5 *k = (struct krb5 *)m;
    gss_iov_buffer_desc v[3] = {
        { GSS_IOV_BUFFER_TYPE_HEADER, { 0, NULL } },
        { GSS_IOV_BUFFER_TYPE_DATA, { len, NULL } },
        { GSS_IOV_BUFFER_TYPE_PADDING, { 0, NULL } },
    };
    OM_uint32 minor = 0, major;
    size_t header, padding;
    uint8_t *room;
    int conf = 0, rc = must_stand(k, err);

    if (rc != WSC_OK)
        return rc;
    major = gss_wrap_iov_length(&minor, k->security, 1, GSS_C_QOP_DEFAULT, &conf, v, 3);
    if (major != GSS_S_COMPLETE)
        return die(k, err, gss_error(k, minor));
    header = v[0].buffer.length;
    padding = v[2].buffer.length;
    rc = wsc__buf_reserve(out, header + len + padding, &room);
    if (rc != WSC_OK)
        return die(k, err, wsc__error_nomem());
    if (len)
        memcpy(room + header, plain, len);
    v[0].buffer.value = room;
    v[1].buffer.value = room + header;
    v[2].buffer.value = room + header + len;
    conf = 0;
    major = gss_wrap_iov(&minor, k->security, 1, GSS_C_QOP_DEFAULT, &conf, v, 3);
    if (major != GSS_S_COMPLETE || !conf || v[0].buffer.length != header ||
        v[2].buffer.length != padding) {
        wsc__wipe(room, header + len + padding);
        return die(k, err, gss_error(k, minor));
    }
    wsc__buf_added(out, header + len + padding);
    *sealed = (struct wsc__sealed){ header, len + padding, len + padding };
    return WSC_OK;
}

static int krb5_unwrap(struct wsc__mech *m, uint8_t *message, const struct wsc__sealed *sealed,
                       const uint8_t **plain, size_t *plain_len, struct wsc_error **err)
{
    struct krb5 *k = (struct krb5 *)m;
    gss_buffer_desc in = { sealed->header_len + sealed->data_len, message };
    OM_uint32 minor = 0, major;
    int conf = 0, rc = must_stand(k, err);

    if (rc != WSC_OK)
        return rc;
    drop_plain(k);
    major = gss_unwrap(&minor, k->security, &in, &k->plain, &conf, NULL);
    if (major != GSS_S_COMPLETE || !conf) /* also what came twice or out of order */
        return altered(k, err, "a message");
    *plain = k->plain.value;
    *plain_len = k->plain.length;
    return WSC_OK;
}

const struct wsc__mech_ops wsc__mech_krb5 = {
    .name = "Kerberos",
    .oid = (const uint8_t *)WSC__OID_KERBEROS,
    .oid_len = sizeof WSC__OID_KERBEROS - 1,
    .flags = WSC__AUTH_PADS,
    .begin = krb5_begin,
    .step = krb5_step,
    .wants_mic = krb5_wants_mic,
    .mic = krb5_mic,
    .verify_mic = krb5_verify_mic,
    .wrap = krb5_wrap,
    .unwrap = krb5_unwrap,
    .delegated = krb5_delegated,
    .free = krb5_free,
};
