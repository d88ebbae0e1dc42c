/* A byte of what is offered, then the server's tokens: a byte that is even for 401, one of length,
 * the token. A login is accepted only when its mechanism stands and its list is confirmed where
 * that is due; jobs in between change nothing. */
#include "auth/negotiate.h"
#include "auth/spnego.h"
#include "base/b64.h"

#include "fake_mech.h"
#include "input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

FAKE_MECH(k, "Kerberos", WSC__OID_KERBEROS)
FAKE_MECH(n, "NTLM", WSC__OID_NTLM)

static const struct wsc__mech_ops *const orders[][2] = {
    { &mech_k, &mech_n }, { &mech_n, &mech_k }, { &mech_k, NULL }, { &mech_n, NULL }
};

enum { ORDER = 3, WANTS_MIC = 4, BARE = 8, FIRST_FAILS = 16 };

struct outcome {
    int code, messages;
    struct wsc__buf sent;
    char mechanism[16];
};

static enum wsc__auth_step step(struct wsc__auth *a, const struct wsc__buf *challenge, bool first,
                                struct wsc__buf *out, struct wsc_error **err)
{
    struct wsc__job *job = NULL;
    enum wsc__auth_step s;
    int turns = 0;

    do {
        must(turns++ < 10, "jobs end");
        s = a->ops->step(a, first ? NULL : (const char *)wsc__buf_data(challenge), challenge->len,
                         out, &job, err);
    } while (s == WSC__AUTH_NEED_JOB);
    must((s == WSC__AUTH_FAILED) == (*err != NULL), "an error when it fails");
    must(s != WSC__AUTH_DONE || !out->len, "nothing is sent at the end");
    return s;
}

/* Accepted: what has to be so. */
static void look(const struct wsc__auth *a, uint8_t how, bool spnego)
{
    const struct wsc__mech_ops *first = orders[how & ORDER][0];
    const char *name = a->ops->mechanism(a);
    const struct fake_script *used;

    if (how & FIRST_FAILS && orders[how & ORDER][1])
        first = orders[how & ORDER][1];
    must(name != NULL, "some mechanism is in use");
    used = strcmp(name, "NTLM") == 0 ? &fake_n : &fake_k;
    must(used->stands && !used->mics_bad, "its context stands");
    if (strcmp(first->name, name) != 0 || (used->wants_mic && spnego))
        must(used->mics_good && used->mics_made, "the list is confirmed by both");
    must(!(how & BARE) || !used->mics_made, "no check value without SPNEGO");
}

static void talk(struct wsc__auth *a, struct input *in, uint8_t how, struct outcome *o)
{
    struct wsc__buf out, challenge;
    struct wsc_error *err = NULL;
    enum wsc__auth_step s;
    bool last = false, spnego = !(how & BARE);

    wsc__buf_init(&out, &wsc__mem_libc, 1u << 20);
    wsc__buf_init(&challenge, &wsc__mem_libc, 1u << 20);
    out.secret = 1;
    for (;; o->messages++) {
        uint8_t len;

        wsc__buf_reset(&out);
        s = last && !challenge.len ? WSC__AUTH_DONE : step(a, &challenge, !o->messages, &out, &err);
        if (s == WSC__AUTH_FAILED)
            break;
        must(wsc__buf_append(&o->sent, wsc__buf_data(&out), out.len) == 0, "memory");
        if (last && a->ops->accepted(a, &err) == WSC_OK) {
            o->code = 0;
            look(a, how, spnego);
        }
        if (last || s == WSC__AUTH_DONE || !in->left)
            break;
        last = next(in) & 1;
        len = next(in);
        if (len > in->left)
            len = (uint8_t)in->left;
        wsc__buf_reset(&challenge);
        must(wsc__b64_encode(&challenge, in->p, len) == 0, "memory");
        if (!o->messages && len >= 8 && (memcmp(in->p, "NTLMSSP", 8) == 0 || *in->p == 0x60))
            spnego = false;
        in->p += len;
        in->left -= len;
    }
    if (err)
        o->code = wsc__error_code(err);
    wsc__error_unref(err);
    wsc__buf_free(&out);
    wsc__buf_free(&challenge);
}

static struct outcome login(struct input in, bool jobs)
{
    uint8_t how = next(&in);
    const struct wsc__mech_ops *const *mechs = orders[how & ORDER];
    struct wsc__auth_input input = { .mem = &wsc__mem_libc,
                                     .mechs = mechs,
                                     .nmechs = mechs[1] ? 2 : 1 };
    struct outcome o = { .code = WSC_E_AUTH };
    const struct wsc__auth_ops *scheme = how & BARE ? &wsc__auth_kerberos : &wsc__auth_negotiate;
    struct wsc__auth *a = NULL;
    struct wsc_error *err = NULL;

    fake_k = fake_kerberos();
    fake_n = fake_ntlm();
    fake_n.wants_mic = how & WANTS_MIC;
    fake_k.jobs = fake_n.jobs = jobs;
    if (how & FIRST_FAILS)
        *(mechs[0] == &mech_k ? &fake_k.fails_at : &fake_n.fails_at) = 0;
    wsc__buf_init(&o.sent, &wsc__mem_libc, 1u << 20);
    if (scheme->begin(&a, &input, &err) == WSC_OK) {
        talk(a, &in, how, &o);
        if (a->ops->mechanism(a))
            snprintf(o.mechanism, sizeof o.mechanism, "%s", a->ops->mechanism(a));
        a->ops->free(a);
    }
    wsc__error_unref(err);
    must(fake_k.live == 0 && fake_n.live == 0, "what was begun is freed");
    return o;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    struct outcome one, two;

    if (size > 2000)
        return 0;
    one = login(in, false);
    two = login(in, true);
    must(one.code == two.code && one.messages == two.messages &&
             strcmp(one.mechanism, two.mechanism) == 0,
         "jobs change no outcome");
    must(one.sent.len == two.sent.len &&
             memcmp(wsc__buf_data(&one.sent), wsc__buf_data(&two.sent), one.sent.len) == 0,
         "and nothing that is sent");
    wsc__buf_free(&one.sent);
    wsc__buf_free(&two.sent);
    return 0;
}
