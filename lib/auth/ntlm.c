/* NTLM (MS-NLMP), version 2 and nothing older: three messages, then signed and sealed ones. Every
 * failure is the end of it: the keys are gone, and every further call is refused. */
#include "auth/mech.h"

#include "auth/ntlm_message.h"
#include "auth/sec_e.h"
#include "auth/user.h"
#include "auth/utf16.h"
#include "base/str.h"

#include <string.h>

#define WORKSTATION_MAX 255
#define NAME_MAX_LEN    65534 /* of a name in AUTHENTICATE */
#define RESPONSE_MAX    65535
#define MESSAGE_MAX     262144

struct ntlm {
    struct wsc__mech base;
    const struct wsc__mem *mem;
    enum { BEGUN, ASKED, STANDS, DEAD } state;
    const char *spn, *workstation; /* the caller's, as is what user points into */
    const uint8_t *binding;
    size_t binding_len;
    uint64_t now; /* FILETIME */
    struct wsc__rng rng;
    struct wsc__user user;
    uint8_t hash[WSC__NTLM_KEY_LEN]; /* of the password, until it was used */
    bool has_mic;
    struct wsc__ntlm_side send, receive;
};

/* --- errors ----------------------------------------------------------------------------------- */

static void forget(struct ntlm *n)
{
    wsc__wipe(n->hash, sizeof n->hash);
    wsc__wipe(&n->send, sizeof n->send);
    wsc__wipe(&n->receive, sizeof n->receive);
}

/* Takes e. */
static int die(struct ntlm *n, struct wsc_error **err, struct wsc_error *e)
{
    forget(n);
    n->state = DEAD;
    wsc__error_set_str(e, WSC__ES_SCHEME, n->base.ops->name);
    wsc__error_set_str(e, WSC__ES_IDENTITY, n->user.whole);
    *err = e;
    return wsc__error_code(e);
}

static int die_of(struct ntlm *n, struct wsc_error **err, int rc, const char *what)
{
    if (rc == WSC_E_NOMEM)
        return die(n, err, wsc__error_nomem());
    return die(n, err, wsc__error_new(n->mem, rc, "NTLM: %s", what));
}

static int die_altered(struct ntlm *n, struct wsc_error **err, const char *what)
{
    return die(n, err,
               wsc__error_fault(n->mem, SEC_E_MESSAGE_ALTERED, "NTLM: the signature of %s is wrong",
                                what));
}

static int must_stand(struct ntlm *n, struct wsc_error **err)
{
    if (n->state == STANDS)
        return WSC_OK;
    return die_of(n, err, WSC_E_AUTH,
                  n->state == DEAD ? "it has failed before" : "it is not complete yet");
}

/* --- begin ------------------------------------------------------------------------------------ */

static int refuse_login(struct wsc_error **err, struct wsc_error *e, const char *option)
{
    wsc__error_set_str(e, WSC__ES_SCHEME, wsc__mech_ntlm.name);
    wsc__error_set_str(e, WSC__ES_OPTION, option);
    *err = e;
    return wsc__error_code(e);
}

static int refuse_empty_password(const struct wsc__auth_input *in, struct wsc_error **err)
{
    struct wsc_error *e = wsc__error_fault(in->mem, 0x0000052F, /* ERROR_ACCOUNT_RESTRICTION */
                                           "NTLM: the password is empty");

    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "Windows does not let accounts with an empty password in over the network "
                       "(LimitBlankPasswordUse), so nothing was sent.");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Give the account a password (`net user NAME *` on the server) and set the "
                       "option password; look whether a variable or file for it is empty.");
    wsc__error_set_str(e, WSC__ES_IDENTITY, in->credentials->user);
    return refuse_login(err, e, "password");
}

static int check_password(const struct wsc__auth_input *in, struct wsc_error **err)
{
    const struct wsc__credentials *c = in->credentials;
    size_t bad;
    struct wsc_error *e;

    if (!c->password_len)
        return refuse_empty_password(in, err);
    bad = wsc__utf8_bad_at(c->password, c->password_len, false);
    if (bad == c->password_len)
        return WSC_OK;
    e = wsc__error_new(in->mem, WSC_E_AUTH, "the password is not UTF-8 at offset %zu", bad);
    wsc__error_set_int(e, WSC__EI_OFFSET, (int64_t)bad);
    wsc__error_set_str(e, WSC__ES_IDENTITY, c->user);
    return refuse_login(err, e, "password");
}

static int check(const struct wsc__auth_input *in, struct wsc__user *user, struct wsc_error **err)
{
    const struct wsc__credentials *c = in->credentials;
    bool has_user = c && c->user && *c->user;
    int rc;

    if (!has_user || !c->password) {
        struct wsc_error *e = wsc__error_fault(
            in->mem, 0x803380B0,
            "NTLM authentication needs a user name and a password; the %s is missing",
            has_user ? "password" : "user name");

        if (has_user)
            wsc__error_set_str(e, WSC__ES_IDENTITY, c->user);
        return refuse_login(err, e, has_user ? "password" : "username");
    }
    rc = wsc__user_split(user, in->mem, c->user, err);
    if (rc) {
        wsc__error_set_str(*err, WSC__ES_SCHEME, wsc__mech_ntlm.name);
        return rc;
    }
    rc = check_password(in, err);
    if (!rc && in->spn && wsc__utf8_bad_at(in->spn, strlen(in->spn), false) < strlen(in->spn))
        rc = refuse_login(
            err, wsc__error_new(in->mem, WSC_E_AUTH, "the name of the service is not UTF-8"), NULL);
    return rc;
}

/* It is for the server's log only. */
static const char *good_workstation(const char *name)
{
    size_t len = name ? strlen(name) : 0;

    return len && len <= WORKSTATION_MAX && wsc__utf8_bad_at(name, len, false) == len ? name : "";
}

static int ntlm_begin(struct wsc__mech **out, const struct wsc__auth_input *in,
                      struct wsc_error **err)
{
    struct wsc__user user;
    struct ntlm *n;
    int rc = check(in, &user, err);

    if (rc)
        return rc;
    n = wsc__zalloc(in->mem, sizeof *n);
    if (!n) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    n->base.ops = &wsc__mech_ntlm;
    n->mem = in->mem;
    n->spn = in->spn;
    n->workstation = good_workstation(in->workstation);
    n->binding = in->binding;
    n->binding_len = in->binding_len;
    n->now = ((uint64_t)in->unix_ms + UINT64_C(11644473600000)) * 10000; /* since 1601, in 100 ns */
    n->rng = in->rng;
    n->user = user;
    wsc__ntlm_owf(n->hash, in->credentials->password, in->credentials->password_len);
    *out = &n->base;
    return WSC_OK;
}

static void ntlm_free(struct wsc__mech *m)
{
    struct ntlm *n = (struct ntlm *)m;

    if (n)
        wsc__free_secret(n->mem, n, sizeof *n);
}

/* --- CHALLENGE to AUTHENTICATE ------------------------------------------------------------------
 */

/* What AUTHENTICATE is made of; secrets among it. */
struct answer {
    struct wsc__buf domain, user, workstation, nt, message;
    uint8_t lm[24];
    uint8_t key[WSC__NTLM_KEY_LEN];      /* NTOWFv2 */
    uint8_t base_key[WSC__NTLM_KEY_LEN]; /* SessionBaseKey, which is KeyExchangeKey */
    uint8_t session_key[WSC__NTLM_KEY_LEN];
    uint8_t sent_key[WSC__NTLM_KEY_LEN]; /* session_key, encrypted */
    uint8_t client_nonce[WSC__NTLM_NONCE_LEN];
};

static void answer_init(struct answer *a, const struct wsc__mem *mem)
{
    memset(a, 0, sizeof *a);
    wsc__buf_init(&a->domain, mem, NAME_MAX_LEN);
    wsc__buf_init(&a->user, mem, NAME_MAX_LEN);
    wsc__buf_init(&a->workstation, mem, NAME_MAX_LEN);
    wsc__buf_init(&a->nt, mem, RESPONSE_MAX);
    wsc__buf_init(&a->message, mem, MESSAGE_MAX);
    a->nt.secret = a->message.secret = 1;
}

static void answer_free(struct answer *a)
{
    wsc__buf_free(&a->domain);
    wsc__buf_free(&a->user);
    wsc__buf_free(&a->workstation);
    wsc__buf_free(&a->nt);
    wsc__buf_free(&a->message);
    wsc__wipe(a, sizeof *a);
}

static struct wsc__ntlm_part part(const struct wsc__buf *b)
{
    struct wsc__ntlm_part p = { wsc__buf_data(b), b->len };

    return p;
}

/* The names, and with them the key NTOWFv2 (3.3.2): user in upper case, domain as it is sent. */
static int put_names(const struct ntlm *n, const struct wsc__ntlm_challenge *c, struct answer *a)
{
    const struct wsc__user *u = &n->user;
    bool upn = u->form == WSC__USER_UPN;
    const char *name = upn ? u->whole : u->name;
    size_t len = upn ? u->whole_len : u->name_len;
    struct wsc__buf upper;
    int rc;

    wsc__buf_init(&upper, n->mem, NAME_MAX_LEN);
    rc = wsc__utf16_append(&upper, name, len, true);
    if (!rc)
        rc = wsc__utf16_append(&a->user, name, len, false);
    if (!rc && u->form == WSC__USER_LOCAL)
        rc = wsc__buf_append(&a->domain, c->computer, c->computer_len);
    else if (!rc && !upn) /* the server finds the domain of a UPN itself */
        rc = wsc__utf16_append(&a->domain, u->domain, u->domain_len, false);
    if (!rc)
        rc = wsc__utf16_append(&a->workstation, n->workstation, strlen(n->workstation), false);
    if (!rc) {
        struct wsc__ntlm_part names[] = { part(&upper), part(&a->domain) };

        wsc__ntlm_hmac(a->key, n->hash, names, 2);
    }
    wsc__buf_free(&upper);
    return rc;
}

static int put_time(const struct ntlm *n, const struct wsc__ntlm_challenge *c, struct wsc__buf *b)
{
    uint8_t now[8];

    for (int i = 0; i < 8; i++)
        now[i] = (uint8_t)(n->now >> (8 * i));
    return wsc__buf_append(b, c->time ? c->time : now, sizeof now);
}

/* NTLMv2_CLIENT_CHALLENGE (2.2.2.7) behind room for the proof. */
static int put_client_challenge(const struct ntlm *n, const struct wsc__ntlm_challenge *c,
                                struct answer *a)
{
    static const uint8_t room[WSC__NTLM_KEY_LEN], head[8] = { 1, 1 }, zeros[4];
    uint8_t binding[WSC__NTLM_KEY_LEN];
    struct wsc__ntlm_target target = { n->spn, NULL, n->has_mic };
    int rc = wsc__buf_append(&a->nt, room, sizeof room);

    if (n->binding && n->binding_len) {
        wsc__ntlm_binding(binding, n->binding, n->binding_len);
        target.binding = binding;
    }
    if (!rc)
        rc = wsc__buf_append(&a->nt, head, sizeof head);
    if (!rc)
        rc = put_time(n, c, &a->nt);
    if (!rc)
        rc = wsc__buf_append(&a->nt, a->client_nonce, sizeof a->client_nonce);
    if (!rc)
        rc = wsc__buf_append(&a->nt, zeros, sizeof zeros);
    if (!rc)
        rc = wsc__ntlm_write_info(&a->nt, c, &target);
    return rc ? rc : wsc__buf_append(&a->nt, zeros, sizeof zeros);
}

/* The responses and the keys (3.3.2, 3.1.5.1.2). */
static int respond(const struct ntlm *n, const struct wsc__ntlm_challenge *c, struct answer *a)
{
    uint8_t *proof;
    int rc = put_client_challenge(n, c, a);

    if (rc)
        return rc;
    proof = a->nt.base + a->nt.start;
    {
        struct wsc__ntlm_part text[] = { { c->nonce, WSC__NTLM_NONCE_LEN },
                                         { proof + WSC__NTLM_KEY_LEN,
                                           a->nt.len - WSC__NTLM_KEY_LEN } };
        struct wsc__ntlm_part lm[] = { { c->nonce, WSC__NTLM_NONCE_LEN },
                                       { a->client_nonce, WSC__NTLM_NONCE_LEN } };
        struct wsc__ntlm_part proved = { proof, WSC__NTLM_KEY_LEN };

        wsc__ntlm_hmac(proof, a->key, text, 2);
        wsc__ntlm_hmac(a->base_key, a->key, &proved, 1);
        if (!c->time) { /* else zeros */
            wsc__ntlm_hmac(a->lm, a->key, lm, 2);
            memcpy(a->lm + WSC__NTLM_KEY_LEN, a->client_nonce, WSC__NTLM_NONCE_LEN);
        }
    }
    wsc__ntlm_rc4(a->sent_key, a->base_key, a->session_key, WSC__NTLM_KEY_LEN);
    return WSC_OK;
}

/* The message and, over all three as they travel, its MIC. */
static int write_message(const struct ntlm *n, const struct wsc__ntlm_challenge *c,
                         const struct wsc__ntlm_part *challenge, struct answer *a)
{
    struct wsc__ntlm_part fields[WSC__NTLM_FIELDS] = {
        [WSC__NTLM_LM] = { a->lm, sizeof a->lm },
        [WSC__NTLM_NT] = part(&a->nt),
        [WSC__NTLM_DOMAIN] = part(&a->domain),
        [WSC__NTLM_USER] = part(&a->user),
        [WSC__NTLM_WORKSTATION] = part(&a->workstation),
        [WSC__NTLM_SESSION_KEY] = { a->sent_key, sizeof a->sent_key },
    };
    int rc = wsc__ntlm_write_authenticate(&a->message, c->flags, fields);

    if (!rc && n->has_mic) {
        struct wsc__ntlm_part all[] = { { wsc__ntlm_negotiate, sizeof wsc__ntlm_negotiate },
                                        *challenge,
                                        part(&a->message) };
        uint8_t mic[WSC__NTLM_KEY_LEN];

        wsc__ntlm_hmac(mic, a->session_key, all, 3);
        memcpy(a->message.base + a->message.start + WSC__NTLM_MIC_AT, mic, sizeof mic);
    }
    return rc;
}

static int draw(const struct ntlm *n, struct answer *a)
{
    int rc = n->rng.fill(a->client_nonce, sizeof a->client_nonce, n->rng.user_data);

    return rc ? rc : n->rng.fill(a->session_key, sizeof a->session_key, n->rng.user_data);
}

static int answer_challenge(struct ntlm *n, const struct wsc__ntlm_challenge *c,
                            const struct wsc__ntlm_part *challenge, struct wsc__buf *out,
                            struct wsc_error **err)
{
    const char *what = "there are no random numbers";
    struct answer a;
    int rc;

    n->has_mic = c->time != NULL;
    answer_init(&a, n->mem);
    rc = draw(n, &a);
    if (!rc) {
        what = "the answer to the server's challenge does not fit into a message";
        rc = put_names(n, c, &a);
    }
    if (!rc)
        rc = respond(n, c, &a);
    if (!rc)
        rc = write_message(n, c, challenge, &a);
    if (!rc)
        rc = wsc__buf_append(out, wsc__buf_data(&a.message), a.message.len);
    if (!rc) {
        wsc__ntlm_side_init(&n->send, a.session_key, true);
        wsc__ntlm_side_init(&n->receive, a.session_key, false);
        wsc__wipe(n->hash, sizeof n->hash);
        n->state = STANDS;
    }
    answer_free(&a);
    return rc ? die_of(n, err, rc, what) : WSC_OK;
}

/* What a challenge lacks is not made up for: what would follow is weaker than what was asked for.
 */
static int check_flags(struct ntlm *n, uint32_t flags, struct wsc_error **err)
{
    static const struct {
        uint32_t flag;
        uint32_t code;
        const char *name;
    } needed[] = {
        { WSC__NTLM_UNICODE, SEC_E_UNSUPPORTED_FUNCTION, "Unicode" },
        { WSC__NTLM_ESS, SEC_E_QOP_NOT_SUPPORTED, "extended session security" },
        { WSC__NTLM_128, SEC_E_QOP_NOT_SUPPORTED, "128-bit keys" },
        { WSC__NTLM_KEY_EXCH, SEC_E_QOP_NOT_SUPPORTED, "key exchange" },
        { WSC__NTLM_SIGN, SEC_E_QOP_NOT_SUPPORTED, "signatures" },
        { WSC__NTLM_SEAL, SEC_E_QOP_NOT_SUPPORTED, "encryption" },
    };

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        struct wsc_error *e;

        if (flags & needed[i].flag)
            continue;
        e = wsc__error_fault(n->mem, needed[i].code, "the server's NTLM challenge is without %s",
                             needed[i].name);
        wsc__error_set_str(
            e, WSC__ES_CAUSE,
            "The server knows only an old form of NTLM, or the challenge was changed "
            "on the way.");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Connect without a proxy, or use another authentication scheme.");
        return die(n, err, e);
    }
    return WSC_OK;
}

static int take_challenge(struct ntlm *n, const uint8_t *token, size_t len, struct wsc__buf *out,
                          struct wsc_error **err)
{
    struct wsc__ntlm_part challenge = { token, len };
    struct wsc__ntlm_challenge c;
    const char *wrong = token && len ? wsc__ntlm_challenge_read(&c, token, len) : "there is none";
    int rc;

    if (wrong)
        return die(n, err,
                   wsc__error_fault(n->mem, SEC_E_INVALID_TOKEN, "the server's NTLM challenge: %s",
                                    wrong));
    rc = check_flags(n, c.flags, err);
    return rc ? rc : answer_challenge(n, &c, &challenge, out, err);
}

static enum wsc__auth_step ntlm_step(struct wsc__mech *m, const uint8_t *token, size_t len,
                                     struct wsc__buf *out, struct wsc__job **job,
                                     struct wsc_error **err)
{
    struct ntlm *n = (struct ntlm *)m;
    int rc;

    (void)job;
    if (n->state == ASKED)
        return take_challenge(n, token, len, out, err) ? WSC__AUTH_FAILED : WSC__AUTH_DONE;
    if (n->state == DEAD) {
        (void)must_stand(n, err);
        return WSC__AUTH_FAILED;
    }
    if (n->state == STANDS || token) {
        (void)die(n, err,
                  wsc__error_fault(n->mem, SEC_E_INVALID_TOKEN,
                                   "NTLM: a token of the server where none can be"));
        return WSC__AUTH_FAILED;
    }
    rc = wsc__buf_append(out, wsc__ntlm_negotiate, sizeof wsc__ntlm_negotiate);
    if (rc) {
        (void)die_of(n, err, rc, "the first message has no room");
        return WSC__AUTH_FAILED;
    }
    n->state = ASKED;
    return WSC__AUTH_TOKEN;
}

/* --- messages --------------------------------------------------------------------------------- */

static bool ntlm_wants_mic(const struct wsc__mech *m)
{
    return ((const struct ntlm *)m)->has_mic;
}

static int ntlm_mic(struct wsc__mech *m, const uint8_t *text, size_t len, struct wsc__buf *out,
                    struct wsc_error **err)
{
    struct ntlm *n = (struct ntlm *)m;
    uint8_t *p;
    int rc = must_stand(n, err);

    if (rc)
        return rc;
    rc = wsc__buf_reserve(out, WSC__NTLM_SIGN_LEN, &p);
    if (rc)
        return die_of(n, err, rc, "a signature has no room");
    wsc__ntlm_sign(&n->send, text, len, true, p);
    wsc__buf_added(out, WSC__NTLM_SIGN_LEN);
    return WSC_OK;
}

static int ntlm_verify_mic(struct wsc__mech *m, const uint8_t *text, size_t len, const uint8_t *mic,
                           size_t mic_len, struct wsc_error **err)
{
    struct ntlm *n = (struct ntlm *)m;
    uint8_t right[WSC__NTLM_SIGN_LEN];
    bool good;
    int rc = must_stand(n, err);

    if (rc)
        return rc;
    wsc__ntlm_sign(&n->receive, text, len, true, right);
    good = mic_len == sizeof right && wsc__equal_secret(mic, right, sizeof right);
    wsc__wipe(right, sizeof right);
    return good ? WSC_OK : die_altered(n, err, "the list of mechanisms");
}

static int ntlm_wrap(struct wsc__mech *m, const uint8_t *plain, size_t len, struct wsc__buf *out,
                     struct wsc__sealed *sealed, struct wsc_error **err)
{
    struct ntlm *n = (struct ntlm *)m;
    uint8_t *p;
    int rc = must_stand(n, err);

    if (rc)
        return rc;
    rc = len > SIZE_MAX - WSC__NTLM_SIGN_LEN ? WSC_E_LIMIT
                                             : wsc__buf_reserve(out, WSC__NTLM_SIGN_LEN + len, &p);
    if (rc)
        return die_of(n, err, rc, "a sealed message has no room");
    wsc__ntlm_crypt(&n->send, p + WSC__NTLM_SIGN_LEN, plain, len);
    wsc__ntlm_sign(&n->send, plain, len, false, p);
    wsc__buf_added(out, WSC__NTLM_SIGN_LEN + len);
    sealed->header_len = WSC__NTLM_SIGN_LEN;
    sealed->data_len = sealed->plain_len = len;
    return WSC_OK;
}

static int ntlm_unwrap(struct wsc__mech *m, uint8_t *message, const struct wsc__sealed *sealed,
                       const uint8_t **plain, size_t *plain_len, struct wsc_error **err)
{
    struct ntlm *n = (struct ntlm *)m;
    uint8_t right[WSC__NTLM_SIGN_LEN], *data = message + WSC__NTLM_SIGN_LEN;
    bool good;
    int rc = must_stand(n, err);

    if (rc)
        return rc;
    if (sealed->header_len != WSC__NTLM_SIGN_LEN)
        return die_altered(n, err, "a message of the server");
    wsc__ntlm_crypt(&n->receive, data, data, sealed->data_len);
    wsc__ntlm_sign(&n->receive, data, sealed->data_len, false, right);
    good = wsc__equal_secret(message, right, sizeof right);
    wsc__wipe(right, sizeof right);
    if (!good) {
        wsc__wipe(data, sealed->data_len);
        return die_altered(n, err, "a message of the server");
    }
    *plain = data;
    *plain_len = sealed->data_len;
    return WSC_OK;
}

/* 1.3.6.1.4.1.311.2.2.10 */
static const uint8_t oid[] = { 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a };

const struct wsc__mech_ops wsc__mech_ntlm = {
    .name = "NTLM",
    .oid = oid,
    .oid_len = sizeof oid,
    .flags = WSC__AUTH_BY_PASSWORD,
    .begin = ntlm_begin,
    .step = ntlm_step,
    .wants_mic = ntlm_wants_mic,
    .mic = ntlm_mic,
    .verify_mic = ntlm_verify_mic,
    .wrap = ntlm_wrap,
    .unwrap = ntlm_unwrap,
    .free = ntlm_free,
};
