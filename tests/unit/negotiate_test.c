/* Negotiate, Kerberos and NTLM over mechanisms that are fakes, against a server of the test's own.
 */
#include "auth/negotiate.h"
#include "auth/spnego.h"
#include "base/b64.h"

#include "fake_acceptor.h"
#include "hex.h"
#include "test.h"

FAKE_MECH(k, "Kerberos", WSC__OID_KERBEROS)
FAKE_MECH(n, "NTLM", WSC__OID_NTLM)

static const struct wsc__mech_ops *const both[] = { &mech_k, &mech_n };
static const struct wsc__mech_ops *const only_k[] = { &mech_k };
static const struct wsc__mech_ops *const only_n[] = { &mech_n };

static void reset(void)
{
    fake_k = fake_kerberos();
    fake_n = fake_ntlm();
}

/* What is done to one token of the server. */
struct mutation {
    int message; /* counted from 0; -1: none */
    long bit;    /* turned around, or */
    long cut;    /* cut off here; -1: not */
};

struct result {
    int code; /* 0: accepted */
    uint32_t fault;
    char text[300], cause[300], mechanism[20];
    int messages;
    size_t lens[10]; /* of the server's tokens */
    struct token first;
};

static void note(struct result *r, struct wsc_error *err)
{
    r->code = wsc__error_code(err);
    r->fault = wsc__error_fault_code(err);
    snprintf(r->text, sizeof r->text, "%s", wsc__error_text(err));
    if (wsc__error_str(err, WSC__ES_CAUSE))
        snprintf(r->cause, sizeof r->cause, "%s", wsc__error_str(err, WSC__ES_CAUSE));
    wsc__error_unref(err);
}

static enum wsc__auth_step step(struct wsc__auth *a, const char *challenge, size_t len,
                                struct wsc__buf *out, struct wsc_error **err)
{
    struct wsc__job *job = NULL;
    enum wsc__auth_step s;

    for (int i = 0; i < 20; i++) {
        s = a->ops->step(a, challenge, len, out, &job, err);
        if (s != WSC__AUTH_NEED_JOB)
            return s;
        CHECK(job && out->len == 0);
        job->ops->run(job);
        job->ops->finish(job, true);
        job->ops->free(job);
        job = NULL;
    }
    FAIL("jobs end");
    return WSC__AUTH_FAILED;
}

static void from_b64(const struct wsc__buf *in, struct token *out)
{
    struct wsc__b64_decoder d;
    size_t used;

    wsc__b64_decoder_init(&d);
    CHECK(wsc__b64_decode(&d, (const char *)wsc__buf_data(in), in->len, &used, out->p,
                          sizeof out->p, &out->len));
    CHECK(used == in->len && wsc__b64_decoder_done(&d));
}

static void mutate(const struct mutation *how, int message, struct token *t)
{
    if (!how || how->message != message)
        return;
    if (how->cut >= 0 && (size_t)how->cut < t->len)
        t->len = (size_t)how->cut;
    if (how->bit >= 0 && (size_t)how->bit / 8 < t->len)
        t->p[how->bit / 8] ^= (uint8_t)(1 << how->bit % 8);
}

/* One login. */
static void talk(struct wsc__auth *a, const struct wsc__mem *mem, struct acceptor *acc,
                 const struct mutation *how, struct result *r)
{
    struct wsc__buf out, challenge;
    struct wsc_error *err = NULL;
    struct token t = { .len = 0 };
    int status = 401;

    wsc__buf_init(&out, mem, 100000);
    wsc__buf_init(&challenge, &wsc__mem_libc, 100000);
    out.secret = 1;
    for (r->messages = 0; r->messages < 9; r->messages++) {
        enum wsc__auth_step s;
        bool last = status == 200;

        wsc__buf_reset(&out);
        if (last && !challenge.len) {
            s = WSC__AUTH_DONE;
        } else {
            s = step(a, r->messages ? (const char *)wsc__buf_data(&challenge) : NULL, challenge.len,
                     &out, &err);
        }
        if (s == WSC__AUTH_FAILED)
            break;
        if (last) {
            if (a->ops->accepted(a, &err) == WSC_OK)
                r->code = 0;
            break;
        }
        if (s == WSC__AUTH_DONE) {
            CHECK_EQ(out.len, 0);
            r->code = WSC_E_AUTH; /* a 401 that nothing follows */
            break;
        }
        from_b64(&out, &t);
        if (!r->messages)
            r->first = t;
        {
            struct token sent = t;

            status = acceptor_step(acc, sent.p, sent.len, &t);
        }
        mutate(how, r->messages, &t);
        r->lens[r->messages] = t.len;
        wsc__buf_reset(&challenge);
        CHECK_EQ(wsc__b64_encode(&challenge, t.p, t.len), 0);
    }
    CHECK(r->messages < 9);
    if (a->ops->mechanism(a))
        snprintf(r->mechanism, sizeof r->mechanism, "%s", a->ops->mechanism(a));
    if (err)
        note(r, err);
    wsc__buf_free(&out);
    wsc__buf_free(&challenge);
}

static struct result login_with(const struct wsc__mem *mem, const struct wsc__auth_ops *scheme,
                                const struct wsc__mech_ops *const *mechs, size_t nmechs,
                                struct acceptor acc, const struct mutation *how)
{
    struct wsc__auth_input in = { .mem = mem, .host = "srv", .spn = "HTTP/srv" };
    struct result r = { .code = WSC_E_AUTH };
    struct wsc__auth *a = NULL;
    struct wsc_error *err = NULL;

    in.mechs = mechs;
    in.nmechs = nmechs;
    if (scheme->begin(&a, &in, &err)) {
        CHECK(!a);
        note(&r, err);
    } else {
        talk(a, mem, &acc, how, &r);
        a->ops->free(a);
    }
    CHECK_EQ(fake_k.live + fake_n.live, 0);
    return r;
}

#define ACCEPTOR(id, oid_, ...)                                                                    \
    (struct acceptor)                                                                              \
    {                                                                                              \
        .mech = &fake_##id, .oid = oid_, __VA_ARGS__                                               \
    }
#define LOGIN(mechs, acc)                                                                          \
    login_with(&wsc__mem_libc, &wsc__auth_negotiate, mechs, sizeof(mechs) / sizeof *(mechs), acc,  \
               NULL)

/* --- good ones -------------------------------------------------------------------------------- */

static void kerberos_first(void)
{
    struct result r;

    reset();
    r = LOGIN(both, ACCEPTOR(k, WSC__OID_KERBEROS, .no_state = false));
    CHECK_EQ(r.code, 0);
    CHECK_STR(r.mechanism, "Kerberos");
    CHECK_EQ(fake_k.mics_made + fake_k.mics_good, 0); /* not needed */
    r = LOGIN(both, ACCEPTOR(k, WSC__OID_KERBEROS_MS, .no_state = false));
    CHECK_EQ(r.code, 0);
    r = LOGIN(only_k, ACCEPTOR(k, NULL, .no_state = true)); /* says as little as it can */
    CHECK_EQ(r.code, 0);
    r = LOGIN(both, ACCEPTOR(k, WSC__OID_KERBEROS, .requests_mic = true, .wants_mic = true));
    CHECK_EQ(r.code, 0);
    CHECK_EQ(fake_k.mics_made, 1);
    CHECK_EQ(fake_k.mics_good, 1);
}

static void ntlm_alone(void)
{
    struct result r;

    reset();
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
    CHECK_EQ(r.code, 0);
    CHECK_STR(r.mechanism, "NTLM");
    CHECK(fake_n.mics_made == 1 && fake_n.mics_good == 1);
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true, .says_mech_again = true));
    CHECK_EQ(r.code, 0);
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true, .repeats_token_as_mic = true));
    CHECK_EQ(r.code, 0);
    fake_n.wants_mic = false; /* an old server */
    fake_n.mics_made = 0;
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = false));
    CHECK(r.code == 0 && fake_n.mics_made == 0);
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .no_last_token = true));
    CHECK_EQ(r.code, 0);
}

static void other_choice(void)
{
    struct result r;

    reset();
    fake_n.wants_mic = false; /* the change alone makes it due */
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .wants_mic = true));
    CHECK_EQ(r.code, 0);
    CHECK_STR(r.mechanism, "NTLM");
    CHECK(fake_n.mics_made == 1 && fake_n.mics_good == 1);
    reset();
    fake_n.jobs = fake_k.jobs = true;
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .wants_mic = true,
                             .requests_mic = true));
    CHECK_EQ(r.code, 0);
    CHECK(fake_k.jobs_run == 1 && fake_n.jobs_run == 2);
    CHECK(fake_n.mics_made == 1 && fake_n.mics_good == 1);
}

/* Kerberos behind NTLM: the server's check value comes first. */
static void other_way_round(void)
{
    static const struct wsc__mech_ops *const turned[] = { &mech_n, &mech_k };
    struct result r;

    reset();
    r = LOGIN(turned, ACCEPTOR(k, WSC__OID_KERBEROS, .switches = true, .wants_mic = true));
    CHECK_EQ(r.code, 0);
    CHECK(fake_k.mics_made == 1 && fake_k.mics_good == 1);
    r = LOGIN(turned, ACCEPTOR(k, WSC__OID_KERBEROS, .switches = true));
    CHECK(r.code == WSC_E_AUTH && r.fault == 0x80090350); /* no check value */
    r = LOGIN(turned,
              ACCEPTOR(k, WSC__OID_KERBEROS, .switches = true, .wants_mic = true, .hurries = true));
    CHECK(r.code == WSC_E_AUTH && strstr(r.text, "did not wait"));
}

static void without_spnego(void)
{
    struct result r;

    reset();
    r = login_with(&wsc__mem_libc, &wsc__auth_kerberos, only_k, 1,
                   ACCEPTOR(k, NULL, .plain = true, .bare = true), NULL);
    CHECK_EQ(r.code, 0);
    CHECK(r.first.len == 4 && memcmp(r.first.p, "K-c0", 4) == 0);
    r = login_with(&wsc__mem_libc, &wsc__auth_ntlm, only_n, 1,
                   ACCEPTOR(n, NULL, .plain = true, .bare = true, .no_last_token = true), NULL);
    CHECK(r.code == 0 && fake_n.mics_made == 0);
    CHECK_STR(r.mechanism, "NTLM");
    CHECK_STR(wsc__auth_ntlm.wire, "Negotiate");
    CHECK(!wsc__auth_ntlm_word.wire && !wsc__auth_kerberos.wire && !wsc__auth_negotiate.wire);
    CHECK_STR(wsc__auth_kerberos.protocol, "application/HTTP-Kerberos-session-encrypted");
    CHECK_STR(wsc__auth_ntlm_word.protocol, "application/HTTP-SPNEGO-session-encrypted");
    CHECK_STR(wsc__auth_negotiate.protocol, "application/HTTP-SPNEGO-session-encrypted");
    r = login_with(&wsc__mem_libc, &wsc__auth_ntlm_word, only_n, 1,
                   ACCEPTOR(n, NULL, .plain = true, .bare = true), NULL);
    CHECK_EQ(r.code, 0);
    r = login_with(&wsc__mem_libc, &wsc__auth_kerberos, only_k, 1,
                   ACCEPTOR(k, NULL, .plain = true, .bare = true, .no_last_token = true), NULL);
    CHECK(r.code == WSC_E_AUTH && strstr(r.text, "before Kerberos was complete"));
}

/* --- NTLM's own bytes ------------------------------------------------------------------------- */

static const char type1[] =
    "4e544c4d5353500001000000378208e2000000002800000000000000280000000a007c4f0000000f";
static const char type2[] = "4e544c4d53535000020000000c000c003800000037828ae20123456789abcdef000000"
                            "00000000003000300044000000"
                            "0a007c4f0000000f53006500720076006500720002000c0044006f006d00610069006e"
                            "0001000c005300650072007600"
                            "6500720007000800000000eeffc0d90100000000";
static const char type3[] =
    "4e544c4d5353500003000000180018005800000096009600700000000c000c00060100000800080012010000100010"
    "001a"
    "010000100010002a01000037828ae20a007c4f0000000f3e129d643123cee28946e02993ff67a7"
    "000000000000000000000000000000000000000000000000f0680b96d57ba4bcd4e41c98b054461f01010000000000"
    "00"
    "000000eeffc0d901aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e0001000c0053006500720076"
    "006500"
    "720007000800000000eeffc0d9010a001000a8398e96473163fef6cae76013e8ab5a0900160048005400540050002f"
    "007300"
    "650072007600650072000600040002000000000000000000000044006f006d00610069006e00550073006500720043"
    "00"
    "4f004d00500055005400450052000df5cb89538d5b5e499578d4ee323901";

static void real_tokens(void)
{
    static const char offer[] =
        "604806062b0601050502a03e303ca00e300c060a2b06010401823702020aa22a0428";
    uint8_t one[HEX_MAX], two[HEX_MAX], three[HEX_MAX], head[HEX_MAX];
    struct fake_bytes ours[2], theirs[1];
    struct result r;

    ours[0] = (struct fake_bytes){ one, from_hex(type1, one) };
    ours[1] = (struct fake_bytes){ three, from_hex(type3, three) };
    theirs[0] = (struct fake_bytes){ two, from_hex(type2, two) };
    CHECK(ours[0].len == 40 && ours[1].len == 314 && theirs[0].len == 116);
    reset();
    fake_n.ours = ours;
    fake_n.theirs = theirs;
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
    CHECK_EQ(r.code, 0);
    CHECK_EQ(r.first.len, 74);
    CHECK(memcmp(r.first.p, head, from_hex(offer, head)) == 0);
    CHECK(memcmp(r.first.p + 34, one, 40) == 0);
    /* a server that does not know SPNEGO answers with NTLM alone: no check value, and none sent */
    fake_n.mics_made = 0;
    r = LOGIN(only_n, ACCEPTOR(n, NULL, .bare = true));
    CHECK(r.code == 0 && fake_n.mics_made == 0);
    /* but not when something better was offered */
    r = LOGIN(both, ACCEPTOR(n, NULL, .bare = true));
    CHECK_EQ(r.code, WSC_E_UNSUPPORTED);
}

/* The server chooses NTLM, and then leaves SPNEGO so that nobody asks for the list. */
static void bare_in_the_middle(void)
{
    static const char *const answers[] = { "a1153013a0030a0101a10c060a2b06010401823702020a",
                                           type2 };
    struct wsc__auth_input in = { .mem = &wsc__mem_libc, .mechs = both, .nmechs = 2 };
    struct wsc__auth *a = NULL;
    struct wsc_error *err = NULL;
    struct wsc__buf out, challenge;
    uint8_t raw[HEX_MAX], two[HEX_MAX];
    struct fake_bytes theirs[1];

    theirs[0] = (struct fake_bytes){ two, from_hex(type2, two) };
    reset();
    fake_n.theirs = theirs;
    wsc__buf_init(&out, &wsc__mem_libc, 10000);
    wsc__buf_init(&challenge, &wsc__mem_libc, 10000);
    CHECK_EQ(wsc__auth_negotiate.begin(&a, &in, &err), 0);
    CHECK_EQ(step(a, NULL, 0, &out, &err), WSC__AUTH_TOKEN);
    for (int i = 0; i < 2; i++) {
        wsc__buf_reset(&challenge);
        CHECK_EQ(wsc__b64_encode(&challenge, raw, from_hex(answers[i], raw)), 0);
        CHECK_EQ(step(a, (const char *)wsc__buf_data(&challenge), challenge.len, &out, &err),
                 i ? WSC__AUTH_FAILED : WSC__AUTH_TOKEN);
    }
    CHECK_EQ(wsc__error_fault_code(err), 0x80090350);
    wsc__error_unref(err);
    a->ops->free(a);
    wsc__buf_free(&out);
    wsc__buf_free(&challenge);
}

/* What comes when Kerberos was wanted most and the server speaks NTLM without SPNEGO. */
static void bare_downgrade(void)
{
    static const char *const answers[] = { type2, "a1143012a0030a0101a10b06092a864886f712010201" };

    for (size_t i = 0; i < 2; i++) {
        struct wsc__auth_input in = { .mem = &wsc__mem_libc };
        struct wsc__auth *a = NULL;
        struct wsc_error *err = NULL;
        struct wsc__buf out, challenge;
        uint8_t raw[HEX_MAX];

        reset();
        wsc__buf_init(&out, &wsc__mem_libc, 10000);
        wsc__buf_init(&challenge, &wsc__mem_libc, 10000);
        CHECK_EQ(wsc__negotiate_begin(&a, both, 2, &in, &err), 0);
        CHECK(!a->ops->mechanism(a));
        CHECK_EQ(step(a, NULL, 0, &out, &err), WSC__AUTH_TOKEN);
        CHECK_EQ(wsc__b64_encode(&challenge, raw, from_hex(answers[i], raw)), 0);
        wsc__buf_reset(&out);
        CHECK_EQ(step(a, (const char *)wsc__buf_data(&challenge), challenge.len, &out, &err),
                 WSC__AUTH_FAILED);
        CHECK_EQ(wsc__error_fault_code(err), i ? 0x80090308 : 0x80090350);
        CHECK(!i || strstr(wsc__error_text(err), "(1.2.840.113554.1.2.1)"));
        CHECK_STR(wsc__error_str(err, WSC__ES_SCHEME), "Negotiate");
        wsc__error_unref(err);
        a->ops->free(a);
        wsc__buf_free(&out);
        wsc__buf_free(&challenge);
    }
}

/* --- refused ---------------------------------------------------------------------------------- */

static void refused(void)
{
    struct result r;

    reset();
    /* the list is not confirmed, though NTLM has protected its own messages */
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true, .hides_mic = true));
    CHECK(r.code == WSC_E_AUTH && r.fault == 0x80090350);
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true, .no_last_token = true));
    CHECK(r.code == WSC_E_AUTH && r.fault == 0x80090350);
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true, .wrong_mic = true));
    CHECK(r.code == WSC_E_AUTH && strstr(r.text, "a wrong check value"));
    /* an attacker makes the server choose the weaker one */
    fake_n.wants_mic = false;
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .hides_mic = true));
    CHECK(r.code == WSC_E_AUTH && r.fault == 0x80090350);
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .no_last_token = true));
    CHECK(r.code == WSC_E_AUTH && r.fault == 0x80090350);
    /* nothing proves who the server is */
    r = LOGIN(both, ACCEPTOR(k, WSC__OID_KERBEROS, .no_last_token = true));
    CHECK(r.code == WSC_E_AUTH && strstr(r.text, "has not proved"));
    /* asks for a check value and sends none; asks when it is too late */
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .requests_mic = true));
    CHECK(r.code == WSC_E_AUTH && r.fault == 0x80090350);
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .late_request = true));
    CHECK(r.code == WSC_E_AUTH && strstr(r.text, "too late"));
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .later_oid = WSC__OID_KERBEROS));
    CHECK(r.code == WSC_E_AUTH && r.fault == 0x80090350);
    r = LOGIN(only_n, ACCEPTOR(k, WSC__OID_KERBEROS, .switches = true));
    CHECK(r.code == WSC_E_AUTH && strstr(r.text, "not offered (1.2.840.113554.1.2.2)"));
}

/* --- mechanisms that can not be used ---------------------------------------------------------- */

static void left_out(void)
{
    struct result r;

    reset();
    fake_k.fails_at = 0;
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
    CHECK_EQ(r.code, 0); /* NTLM is the first of the list then, and alone in it */
    CHECK_EQ(r.first.len, 0x1c + 10);
    reset();
    fake_k.fails_to_begin = true;
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true, .wrong_mic = true));
    CHECK(strstr(r.text, "a wrong check value") && strstr(r.cause, "Kerberos: it can not begin"));
    fake_n.fails_at = 0;
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
    CHECK_EQ(r.code, WSC_E_AUTH);
    CHECK_STR(r.text, "Kerberos: it can not begin; NTLM: no ticket");
    reset();
    fake_k.fails_to_begin = fake_n.fails_to_begin = true;
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
    CHECK_STR(r.text, "Kerberos: it can not begin; NTLM: it can not begin");
    /* out of memory is no reason to take the weaker one */
    reset();
    fake_k.out_of_memory = true;
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
    CHECK_EQ(r.code, WSC_E_NOMEM);
    reset();
    r = login_with(&wsc__mem_libc, &wsc__auth_negotiate, both, 0, ACCEPTOR(n, NULL, .bare = false),
                   NULL);
    CHECK(r.code == WSC_E_UNSUPPORTED && r.fault == 0x80090305);
    fake_n.fails_at = 1; /* in the middle it is an end */
    r = LOGIN(only_n, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
    CHECK_EQ(r.code, WSC_E_AUTH);
    fake_k.fails_at = -1;
    fake_n.fails_at = 0; /* chosen by the server, and then without a token */
    r = LOGIN(both, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .wants_mic = true));
    CHECK(r.code == WSC_E_AUTH && strstr(r.text, "no ticket"));
}

/* --- answers by hand -------------------------------------------------------------------------- */

/* After the offer of K and N; h: hexadecimal, "" is a challenge without a token. */
static void by_hand(void)
{
    static const struct {
        const char *hex;
        enum wsc__auth_step step;
        uint32_t fault;
        const char *text;
    } cases[] = {
        /* accept-completed, K-s0 */
        { "a10f300da0030a0100a20604044b2d7330", WSC__AUTH_DONE, 0, NULL },
        /* the same with an extension [4] */
        { "a1133011a0030a0100a20604044b2d7330a4020500", WSC__AUTH_DONE, 0, NULL },
        /* longer lengths than needed */
        { "a1820011308100a0", WSC__AUTH_FAILED, 0x80090308, "damaged" },
        { "a1820010300ea0030a0100a281060404"
          "4b2d7330",
          WSC__AUTH_DONE, 0, NULL },
        /* accept-incomplete with K-s0 only: it waits for a check value */
        { "a10f300da0030a0101a20604044b2d7330", WSC__AUTH_TOKEN, 0, NULL },
        /* a check value that repeats the token is none */
        { "a1173015a0030a0100a20604044b2d7330a30604044b2d7330", WSC__AUTH_DONE, 0, NULL },
        { "a1173015a0030a0100a20604044b2d7330a30604044b2d7331", WSC__AUTH_FAILED, 0,
          "check value" },
        /* completed without a token */
        { "a1073005a0030a0100", WSC__AUTH_FAILED, 0x80090308, "no token" },
        /* rejected, also with a token that says why */
        { "a1073005a0030a0102", WSC__AUTH_FAILED, 0x80090305, "does not take Kerberos" },
        { "a10f300da0030a0102a20604044b2d7330", WSC__AUTH_FAILED, 0x8009030c, "refused" },
        { "a10f300da0030a0102a20604044b2d7339", WSC__AUTH_FAILED, 0, "a wrong token" },
        { "", WSC__AUTH_FAILED, 0x80090305, "does not take Kerberos" },
        /* states and fields that are not there */
        { "a1073005a0030a0104", WSC__AUTH_FAILED, 0x80090308, "unknown state" },
        { "a1073005a0030a01ff", WSC__AUTH_FAILED, 0x80090308, "unknown state" },
        { "a10430020500", WSC__AUTH_FAILED, 0x80090308, "belongs" },
        { "a10f300da20604044b2d7330a0030a0100", WSC__AUTH_FAILED, 0x80090308, "belongs" },
        { "a111300fa0030a0100a0030a0100a203040178", WSC__AUTH_FAILED, 0x80090308, "belongs" },
        { "a10d300ba0030a0100a20402024b2d", WSC__AUTH_FAILED, 0x80090308, "octet string" },
        { "a10b3009a0030a0101a1020500", WSC__AUTH_FAILED, 0x80090308, "object identifier" },
        { "a1023000", WSC__AUTH_FAILED, 0x80090308, "no token" },
        { "a1020500", WSC__AUTH_FAILED, 0x80090308, "sequence" },
        { "a10f300da0030a0100a20604044b2d733000", WSC__AUTH_FAILED, 0x80090308, "cut off" },
        { "a1803000", WSC__AUTH_FAILED, 0x80090308, "cut off" },
        { "ff", WSC__AUTH_FAILED, 0x80090308, "cut off" },
        { "61023000", WSC__AUTH_FAILED, 0x80090308, "cut off" },
        /* an offer in answer to ours */
        { "601c06062b0601050502a0123010a00e300c060a2b06010401823702020a", WSC__AUTH_FAILED,
          0x80090308, "with an offer" },
        { "600806062b0601050502", WSC__AUTH_FAILED, 0x80090308, "no offer" },
        { "600506032b0601", WSC__AUTH_FAILED, 0x80090308, "unknown mechanism" },
        { "60020500", WSC__AUTH_FAILED, 0x80090308, "without a mechanism" },
        /* Kerberos without SPNEGO: the mechanism sees the whole of it */
        { "601106092a864886f712010202010000000000", WSC__AUTH_FAILED, 0, "a wrong token" },
        /* NTLM, with and without a token; a state that asks for a check value */
        { "a1173015a0030a0101a10e060c2b06010401823702020a0000", WSC__AUTH_FAILED, 0x80090308,
          "not offered" },
        { "a1153013a0030a0101a10c060a2b06010401823702020a", WSC__AUTH_TOKEN, 0, NULL },
        { "a11d301ba0030a0103a10c060a2b06010401823702020aa2060404586d7330", WSC__AUTH_TOKEN, 0,
          NULL },
        /* the same with a check value that nothing can have made */
        { "a11a3018a0030a0101a10c060a2b06010401823702020aa303040178", WSC__AUTH_FAILED, 0x80090308,
          "before there was a key" },
        { "a1153013a0030a0100a10c060a2b06010401823702020a", WSC__AUTH_FAILED, 0x80090308,
          "has ended before" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__auth_input in = { .mem = &wsc__mem_libc, .mechs = both, .nmechs = 2 };
        struct wsc__auth *a = NULL;
        struct wsc_error *err = NULL;
        struct wsc__buf out, challenge;
        uint8_t raw[HEX_MAX];
        bool good = true;

        reset();
        wsc__buf_init(&out, &wsc__mem_libc, 10000);
        wsc__buf_init(&challenge, &wsc__mem_libc, 10000);
        CHECK_EQ(wsc__auth_negotiate.begin(&a, &in, &err), 0);
        CHECK_EQ(step(a, NULL, 0, &out, &err), WSC__AUTH_TOKEN);
        CHECK_EQ(wsc__b64_encode(&challenge, raw, from_hex(cases[i].hex, raw)), 0);
        wsc__buf_reset(&out);
        good &=
            CHECK_EQ(step(a, (const char *)wsc__buf_data(&challenge), challenge.len, &out, &err),
                     cases[i].step);
        good &= CHECK_EQ(wsc__error_fault_code(err), cases[i].fault);
        if (cases[i].text)
            good &= CHECK(strstr(wsc__error_text(err), cases[i].text));
        if (!good)
            printf("# %s: %s\n", cases[i].hex, err ? wsc__error_text(err) : "no error");
        wsc__error_unref(err);
        a->ops->free(a);
        wsc__buf_free(&out);
        wsc__buf_free(&challenge);
    }
}

/* --- before, behind and beside it ------------------------------------------------------------- */

static void sealing(void)
{
    struct wsc__auth_input in = { .mem = &wsc__mem_libc, .mechs = only_n, .nmechs = 1 };
    static const char *const challenges[] = { "Ti1zMA==" /* N-s0 */, "not base64!", "Ti1z", "Ti" };

    for (size_t i = 0; i < 4; i++) {
        struct wsc__auth *a = NULL;
        struct wsc_error *err = NULL;
        struct wsc__sealed sealed;
        struct wsc__buf out;
        const uint8_t *plain;
        uint8_t message[4] = "Hxyz";
        size_t len;

        reset();
        wsc__buf_init(&out, &wsc__mem_libc, 1000);
        CHECK_EQ(wsc__auth_ntlm.begin(&a, &in, &err), 0);
        CHECK_EQ(a->ops->wrap(a, message, 3, &out, &sealed, &err), WSC_E_USAGE);
        wsc__error_unref(err);
        CHECK_EQ(step(a, NULL, 0, &out, &err), WSC__AUTH_TOKEN);
        CHECK_STR(wsc__buf_cstr(&out), "Ti1jMA==");
        wsc__buf_reset(&out);
        err = NULL;
        CHECK_EQ(step(a, challenges[i], strlen(challenges[i]), &out, &err),
                 i ? WSC__AUTH_FAILED : WSC__AUTH_TOKEN);
        wsc__error_unref(err);
        err = NULL;
        wsc__buf_reset(&out);
        CHECK_EQ(a->ops->unwrap(a, message, &sealed, &plain, &len, &err), WSC_E_USAGE);
        wsc__error_unref(err);
        err = NULL;
        CHECK_EQ(a->ops->accepted(a, &err), i ? WSC_E_AUTH : 0);
        wsc__error_unref(err);
        err = NULL;
        if (!i) {
            CHECK_EQ(a->ops->wrap(a, (const uint8_t *)"abc", 3, &out, &sealed, &err), 0);
            CHECK(out.len == 4 && sealed.header_len == 1 && sealed.data_len == 3);
            memcpy(message, wsc__buf_data(&out), 4);
            CHECK_EQ(a->ops->unwrap(a, message, &sealed, &plain, &len, &err), 0);
            CHECK(len == 3 && memcmp(plain, "abc", 3) == 0);
            /* no token any more, and no sealing behind one */
            CHECK_EQ(step(a, "Ti1zMA==", 8, &out, &err), WSC__AUTH_FAILED);
            wsc__error_unref(err);
            CHECK_EQ(a->ops->wrap(a, message, 3, &out, &sealed, &err), WSC_E_USAGE);
            wsc__error_unref(err);
        }
        a->ops->free(a);
        wsc__buf_free(&out);
    }
    wsc__auth_negotiate.free(NULL);
}

static void ended(void)
{
    struct wsc__auth_input in = { .mem = &wsc__mem_libc, .mechs = only_k, .nmechs = 1 };
    static const char last[] = "oQ8wDaADCgEAogYEBEstczA="; /* accept-completed, K-s0 */
    struct wsc__auth *a = NULL;
    struct wsc_error *err = NULL;
    struct wsc__buf out;

    for (int i = 0; i < 2; i++) {
        reset();
        wsc__buf_init(&out, &wsc__mem_libc, i ? 10 : 1000);
        CHECK_EQ(wsc__auth_negotiate.begin(&a, &in, &err), 0);
        CHECK_EQ(step(a, NULL, 0, &out, &err), i ? WSC__AUTH_FAILED : WSC__AUTH_TOKEN);
        CHECK_EQ(wsc__error_code(err), i ? WSC_E_LIMIT : 0);
        wsc__error_unref(err);
        err = NULL;
        wsc__buf_reset(&out);
        for (int k = 0; !i && k < 2; k++)
            CHECK_EQ(step(a, last, sizeof last - 1, &out, &err),
                     k ? WSC__AUTH_FAILED : WSC__AUTH_DONE);
        CHECK(i || strstr(wsc__error_text(err), "all had ended"));
        wsc__error_unref(err);
        err = NULL;
        a->ops->free(a);
        wsc__buf_free(&out);
    }
}

/* --- every change of every token -------------------------------------------------------------- */

struct flow {
    const struct wsc__mech_ops *const *mechs;
    size_t nmechs;
    bool wants_mic; /* NTLM does */
    struct acceptor acc;
};

static struct result run_flow(const struct flow *f, const struct mutation *how)
{
    reset();
    fake_n.wants_mic = f->wants_mic;
    return login_with(&wsc__mem_libc, &wsc__auth_negotiate, f->mechs, f->nmechs, f->acc, how);
}

/* Accepted: only by a mechanism that stands, and with the list confirmed where that is due. */
static void must_hold(const struct flow *f, const struct result *r)
{
    bool ntlm = strcmp(r->mechanism, "NTLM") == 0;
    const struct fake_script *used = ntlm ? &fake_n : &fake_k;

    if (r->code)
        return;
    CHECK(used->stands && !used->mics_bad);
    if (f->mechs[0] != (ntlm ? &mech_n : &mech_k) || used->wants_mic)
        CHECK(used->mics_good == 1 && used->mics_made == 1);
}

static void mutate_flow(const struct flow *f, long *runs, long *accepted)
{
    struct result whole = run_flow(f, NULL), r;

    CHECK_EQ(whole.code, 0);
    must_hold(f, &whole);
    for (int m = 0; m < whole.messages; m++) {
        for (long i = 0; i < 8 * (long)whole.lens[m]; i++) {
            struct mutation turned = { m, i, -1 }, cut = { m, -1, i / 8 };

            r = run_flow(f, &turned);
            must_hold(f, &r);
            *accepted += !r.code;
            ++*runs;
            if (i % 8)
                continue;
            r = run_flow(f, &cut);
            must_hold(f, &r);
            if (r.code == 0) /* only a last token that is not there at all can be done without */
                CHECK(i == 0 && m + 1 == whole.messages);
            ++*runs;
        }
    }
}

static void mutations(void)
{
    static const struct wsc__mech_ops *const turned[] = { &mech_n, &mech_k };
    const struct flow flows[] = {
        { both, 2, true, ACCEPTOR(k, WSC__OID_KERBEROS, .bare = false) },
        { both, 2, true, ACCEPTOR(k, WSC__OID_KERBEROS, .requests_mic = true, .wants_mic = true) },
        { both, 2, true, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .wants_mic = true) },
        { both, 2, false,
          ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .wants_mic = true, .requests_mic = true) },
        { only_n, 1, true, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true) },
        { only_n, 1, false, ACCEPTOR(n, WSC__OID_NTLM, .bare = false) },
        { turned, 2, true, ACCEPTOR(k, WSC__OID_KERBEROS, .switches = true, .wants_mic = true) },
    };
    long runs = 0, accepted = 0;

    for (size_t i = 0; i < sizeof flows / sizeof *flows; i++)
        mutate_flow(&flows[i], &runs, &accepted);
    printf("# %ld changed logins, %ld accepted\n", runs, accepted);
    CHECK(runs > 3000);
}

/* --- memory ----------------------------------------------------------------------------------- */

static int memory_in(const struct wsc__mem *mem, const struct wsc__mech_ops *const *mechs,
                     size_t nmechs, struct acceptor acc)
{
    struct result r = login_with(mem, &wsc__auth_negotiate, mechs, nmechs, acc, NULL);

    CHECK(r.code == 0 || r.code == WSC_E_NOMEM);
    return r.code;
}

static int switching(const struct wsc__mem *mem)
{
    reset();
    return memory_in(mem, both, 2, ACCEPTOR(n, WSC__OID_NTLM, .switches = true, .wants_mic = true));
}

static int falling_back(const struct wsc__mem *mem)
{
    reset();
    fake_k.fails_at = 0;
    return memory_in(mem, both, 2, ACCEPTOR(n, WSC__OID_NTLM, .wants_mic = true));
}

static int first_choice(const struct wsc__mem *mem)
{
    reset();
    return memory_in(mem, both, 2,
                     ACCEPTOR(k, WSC__OID_KERBEROS, .requests_mic = true, .wants_mic = true));
}

static void out_of_memory(void)
{
    test_each_failure(switching);
    test_each_failure(falling_back);
    test_each_failure(first_choice);
}

static const struct test tests[] = {
    { "kerberos_first", kerberos_first },
    { "ntlm_alone", ntlm_alone },
    { "other_choice", other_choice },
    { "other_way_round", other_way_round },
    { "without_spnego", without_spnego },
    { "real_tokens", real_tokens },
    { "bare_downgrade", bare_downgrade },
    { "bare_in_the_middle", bare_in_the_middle },
    { "refused", refused },
    { "left_out", left_out },
    { "by_hand", by_hand },
    { "sealing", sealing },
    { "ended", ended },
    { "mutations", mutations },
    { "out_of_memory", out_of_memory },
};

TEST_MAIN(tests)
