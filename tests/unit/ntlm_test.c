/* NTLM: known answers, names, challenges of every kind. What follows a login is in
 * ntlm_session_test.c. */
#include "ntlm.h"

#include "test.h"

/* Vectors in hexadecimal, with spaces; static, so good until the next eight. */
static const uint8_t *hex(const char *text, size_t *len)
{
    static uint8_t rooms[8][1000];
    static unsigned turn;
    uint8_t *out = rooms[turn++ % 8];
    size_t n = 0;
    unsigned v;

    for (; *text; text += *text == ' ' ? 1 : 2) {
        if (*text != ' ' && n < 1000 && sscanf(text, "%2x", &v) == 1)
            out[n++] = (uint8_t)v;
    }
    *len = n;
    return out;
}

static bool is_hex(const void *data, size_t len, const char *text)
{
    size_t want_len;
    const uint8_t *want = hex(text, &want_len);

    if (len == want_len && !memcmp(data, want, len))
        return true;
    printf("# is");
    for (size_t i = 0; i < len && i < 400; i++)
        printf(" %02x", ((const uint8_t *)data)[i]);
    printf("\n");
    return false;
}

#define TYPE1 "4e544c4d5353500001000000378208e2000000002800000000000000280000000a007c4f0000000f"
#define TYPE2                                                                                      \
    "4e544c4d53535000020000000c000c003800000037828ae20123456789abcdef000000000000000030003000"     \
    "440000000a007c4f0000000f 530065007200760065007200 02000c0044006f006d00610069006e00"           \
    "01000c00530065007200760065007200 0700080000 0000eeffc0d901 00000000"
#define NAMES "02000c0044006f006d00610069006e00 01000c00530065007200760065007200"

static const char certificate_hash[] =
    "03d66dd08835c1ca3f128cceacd1f31ac94163096b20f445ae84285bc0832d72";

/* --- known answers ---------------------------------------------------------------------------- */

/* MS-NLMP 4.2.4 */
static void keys(void)
{
    static const uint8_t zeros[8];
    size_t len;
    const uint8_t *nonce = hex("0123456789abcdef", &len), *aa = hex("aaaaaaaaaaaaaaaa", &len);
    const uint8_t *user = hex("5500530045005200", &len);
    const uint8_t *domain = hex("44006f006d00610069006e00", &len);
    const uint8_t *names = hex(NAMES " 00000000", &len);
    struct wsc__ntlm_part who[] = { { user, 8 }, { domain, 12 } };
    struct wsc__ntlm_part temp[] = { { nonce, 8 }, { "\1\1\0\0\0\0\0", 8 }, { zeros, 8 }, { aa, 8 },
                                     { zeros, 4 }, { names, len },          { zeros, 4 } };
    struct wsc__ntlm_part lm[] = { { nonce, 8 }, { aa, 8 } };
    uint8_t key[16], proof[16], out[16], session[16];
    struct wsc__ntlm_part proved = { proof, 16 };

    wsc__ntlm_owf(key, "Password", 8);
    CHECK(is_hex(key, 16, "a4f49c406510bdcab6824ee7c30fd852"));
    wsc__ntlm_hmac(key, key, who, 2);
    CHECK(is_hex(key, 16, "0c868a403bfd7a93a3001ef22ef02e3f"));
    wsc__ntlm_hmac(proof, key, temp, 7);
    CHECK(is_hex(proof, 16, "68cd0ab851e51c96aabc927bebef6a1c"));
    wsc__ntlm_hmac(out, key, lm, 2);
    CHECK(is_hex(out, 16, "86c35097ac9cec102554764a57cccc19"));
    wsc__ntlm_hmac(key, key, &proved, 1);
    CHECK(is_hex(key, 16, "8de40ccadbc14a82f15cb0ad0de95ca3"));
    memset(session, 0x55, sizeof session);
    wsc__ntlm_rc4(session, key, session, sizeof session);
    CHECK(is_hex(session, 16, "c5dad2544fc9799094ce1ce90bc9d03e"));
}

static void seal(struct wsc__ntlm_side *side, const char *cipher, const char *sign)
{
    size_t len;
    const uint8_t *plain = hex("50006c00610069006e007400650078007400", &len);
    uint8_t out[18], signature[16];

    wsc__ntlm_crypt(side, out, plain, len);
    wsc__ntlm_sign(side, plain, len, false, signature);
    CHECK(is_hex(out, len, cipher));
    CHECK(is_hex(signature, 16, sign));
}

/* MS-NLMP 4.2.4.4 and what follows it */
static void sealing(void)
{
    struct wsc__ntlm_side side;
    uint8_t key[16];

    memset(key, 0x55, sizeof key);
    wsc__ntlm_side_init(&side, key, true);
    CHECK(is_hex(side.sign_key, 16, "4788dc861b4782f35d43fd98fe1a2d39"));
    seal(&side, "54e50165bf1936dc996020c1811b0f06fb5f", "010000007fb38ec5c55d497600000000");
    seal(&side, "64c308e09ea236e7f4232553c94a01e700fa", "01000000255405955d31d8c401000000");
    wsc__ntlm_side_init(&side, key, false);
    CHECK(is_hex(side.sign_key, 16, "d04d6f10741041d1d246d64188d7a8ad"));
    seal(&side, "160871b730ba74e946c453d7465b54278dd0", "01000000b298b847ce7c580700000000");
}

static void binding(void)
{
    size_t len;
    const uint8_t *hash = hex(certificate_hash, &len);
    uint8_t out[16];

    wsc__ntlm_binding(out, hash, len);
    CHECK(is_hex(out, 16, "a8398e96473163fef6cae76013e8ab5a"));
}

static void set_binding(struct ntlm_login *l)
{
    static uint8_t hash[32];
    size_t len;

    memcpy(hash, hex(certificate_hash, &len), sizeof hash);
    l->in.binding = hash;
    l->in.binding_len = sizeof hash;
}

static bool run_hex(struct ntlm_login *l, const char *challenge)
{
    size_t len;
    const uint8_t *token = hex(challenge, &len);

    return CHECK_EQ(ntlm_login_run(l, token, len), WSC_OK);
}

/* A whole exchange with MIC, binding and service name */
static void exchange(void)
{
    struct ntlm_login l;
    size_t len;
    const uint8_t *type2;

    ntlm_login_init(&l, &wsc__mem_libc, "Domain\\User", "Password");
    set_binding(&l);
    CHECK_EQ(ntlm_login_begin(&l), WSC_OK);
    CHECK_EQ(ntlm_login_step(&l, NULL, 0), WSC__AUTH_TOKEN);
    CHECK(is_hex(wsc__buf_data(&l.out), l.out.len, TYPE1));
    type2 = hex(TYPE2, &len);
    CHECK_EQ(len, 116);
    CHECK_EQ(ntlm_login_step(&l, type2, len), WSC__AUTH_DONE);
    CHECK(is_hex(
        wsc__buf_data(&l.out), l.out.len,
        "4e544c4d5353500003000000180018005800000096009600700000000c000c0006010000080008001201"
        "0000100010001a010000100010002a01000037828ae20a007c4f0000000f"
        "3e129d643123cee28946e02993ff67a7"
        "000000000000000000000000000000000000000000000000"
        "f0680b96d57ba4bcd4e41c98b054461f 0101000000000000 000000eeffc0d901 aaaaaaaaaaaaaaaa"
        "00000000" NAMES "07000800000000eeffc0d901"
        "0a001000a8398e96473163fef6cae76013e8ab5a"
        "0900160048005400540050002f00730065007200760065007200 0600040002000000 00000000"
        "00000000 44006f006d00610069006e00 5500730065007200 43004f004d0050005500540045005200"
        "0df5cb89538d5b5e499578d4ee323901"));
    CHECK_EQ(l.out.len, 314);
    CHECK(l.mech->ops->wants_mic(l.mech));
    ntlm_login_free(&l);
}

static void wrap_hex(struct ntlm_login *l, const char *want)
{
    struct wsc__sealed s;

    wsc__buf_reset(&l->out);
    CHECK_EQ(
        l->mech->ops->wrap(l->mech, (const uint8_t *)"<s:Envelope/>", 13, &l->out, &s, &l->err),
        WSC_OK);
    CHECK_EQ(s.header_len, 16);
    CHECK_EQ(s.data_len, 13);
    CHECK_EQ(s.plain_len, 13);
    CHECK(is_hex(wsc__buf_data(&l->out), l->out.len, want));
}

static void messages(void)
{
    struct ntlm_login l;

    ntlm_login_init(&l, &wsc__mem_libc, "Domain\\User", "Password");
    if (run_hex(&l, TYPE2)) {
        wrap_hex(&l, "01000000b41d13116965b03d00000000 38965720b06f3ab0981031eeda");
        wrap_hex(&l, "01000000944c2b64c702e53701000000 a844314f1142a6088f8fc770d9");
    }
    ntlm_login_free(&l);
}

/* MS-SPNG: a signature for the list of mechanisms counts, but the stream goes on from before it. */
static void mic_leaves_stream(void)
{
    struct ntlm_login l;
    size_t len;
    const uint8_t *list = hex("300c060a2b06010401823702020a", &len);

    CHECK(is_hex(wsc__mech_ntlm.oid, wsc__mech_ntlm.oid_len, "2b06010401823702020a"));
    ntlm_login_init(&l, &wsc__mem_libc, "Domain\\User", "Password");
    if (run_hex(&l, TYPE2)) {
        wsc__buf_reset(&l.out);
        CHECK_EQ(l.mech->ops->mic(l.mech, list, len, &l.out, &l.err), WSC_OK);
        CHECK(is_hex(wsc__buf_data(&l.out), l.out.len, "0100000022a3984fefbb9c3200000000"));
        wrap_hex(&l, "0100000015187cb834471a7601000000 38965720b06f3ab0981031eeda");
    }
    ntlm_login_free(&l);
}

/* --- what goes into AUTHENTICATE -------------------------------------------------------------- */

static bool field_is(const struct ntlm_login *l, int i, const char *want)
{
    size_t len;
    const uint8_t *p = ntlm_field(&l->out, i, &len);

    return p && is_hex(p, len, want);
}

/* The pairs of our response, with the one that ends them. */
static bool info_is(const struct ntlm_login *l, const char *want)
{
    size_t len;
    const uint8_t *p = ntlm_field(&l->out, WSC__NTLM_NT, &len);

    return p && len >= 48 && is_hex(p + 44, len - 48, want);
}

static bool run_info(struct ntlm_login *l, const char *info)
{
    uint8_t challenge[600];
    size_t len;
    const uint8_t *pairs = hex(info, &len);

    len = ntlm_challenge(challenge, NTLM_FLAGS, pairs, len);
    return CHECK_EQ(ntlm_login_run(l, challenge, len), WSC_OK);
}

static void no_timestamp(void)
{
    static const uint8_t none[16];
    struct ntlm_login l;
    size_t len;

    ntlm_login_init(&l, &wsc__mem_libc, "Domain\\User", "Password");
    if (run_info(&l, NAMES "00000000")) {
        CHECK(field_is(&l, WSC__NTLM_LM, "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa"));
        CHECK(!memcmp(wsc__buf_data(&l.out) + WSC__NTLM_MIC_AT, none, sizeof none));
        CHECK(!l.mech->ops->wants_mic(l.mech));
        CHECK(info_is(&l, NAMES "0900160048005400540050002f00730065007200760065007200 00000000"));
    }
    ntlm_login_free(&l);
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    l.in.unix_ms = INT64_C(1700000000123);
    l.in.spn = l.in.workstation = NULL;
    if (run_info(&l, NAMES "00000000")) {
        const uint8_t *nt = ntlm_field(&l.out, WSC__NTLM_NT, &len);

        CHECK(nt && is_hex(nt + 24, 8, "b0c47fc64717da01"));
        CHECK(info_is(&l, NAMES "09000000 00000000"));
        CHECK(field_is(&l, WSC__NTLM_WORKSTATION, ""));
    }
    ntlm_login_free(&l);
}

/* Unknown pairs are kept, in their order; ours replace the server's; what stands behind the last
 * one is not for us. */
static void pairs(void)
{
    struct ntlm_login l;

    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    l.in.spn = "a\xc3\xa4";
    set_binding(&l);
    if (run_info(&l, "0600040005000000" NAMES "ff0f0300010203 09000200ffff"
                     "0a001000000102030405060708090a0b0c0d0e0f 08000000 070008000102030405060708"
                     "06000400f0000000 00000000 050002004100")) {
        CHECK(info_is(&l, NAMES "ff0f0300010203 08000000 070008000102030405060708"
                                "0a001000a8398e96473163fef6cae76013e8ab5a 090004006100e400"
                                "0600040007000000 00000000"));
        CHECK(field_is(&l, WSC__NTLM_LM, "000000000000000000000000000000000000000000000000"));
    }
    ntlm_login_free(&l);
    /* nobody binds to what the server says, and nobody claims a MIC that is not there */
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    l.in.spn = NULL;
    l.in.binding = (const uint8_t *)"";
    if (run_info(&l, NAMES "0a001000000102030405060708090a0b0c0d0e0f 0600040003000000 00000000"))
        CHECK(info_is(&l, NAMES "09000000 0600040001000000 00000000"));
    ntlm_login_free(&l);
}

/* user and domain as they are sent, key as the server finds it */
static void name(const char *given, const char *user, const char *upper, const char *domain)
{
    struct ntlm_login l;
    size_t len, upper_len, domain_len;
    const uint8_t *nt, *upper_text = hex(upper, &upper_len),
                       *domain_text = hex(domain, &domain_len);
    struct wsc__ntlm_part who[] = { { upper_text, upper_len }, { domain_text, domain_len } };
    uint8_t key[16], proof[16];

    ntlm_login_init(&l, &wsc__mem_libc, given, "p\xc3\xa4ss\xf0\x9f\x98\x80");
    if (run_info(&l, NAMES "00000000") && CHECK(field_is(&l, WSC__NTLM_USER, user)) &&
        CHECK(field_is(&l, WSC__NTLM_DOMAIN, domain))) {
        nt = ntlm_field(&l.out, WSC__NTLM_NT, &len);
        if (CHECK(nt && len > 16)) {
            struct wsc__ntlm_part text[] = { { "\x01\x23\x45\x67\x89\xab\xcd\xef", 8 },
                                             { nt + 16, len - 16 } };

            wsc__ntlm_owf(key, "p\xc3\xa4ss\xf0\x9f\x98\x80", 9);
            CHECK(is_hex(key, 16, "6595470c5638e22b494e1ab0029899ad"));
            wsc__ntlm_hmac(key, key, who, 2);
            wsc__ntlm_hmac(proof, key, text, 2);
            CHECK(!memcmp(nt, proof, 16));
        }
    }
    ntlm_login_free(&l);
}

static void names(void)
{
    name("ab", "61006200", "41004200", "");
    name("Dom\\ab", "61006200", "41004200", "44006f006d00");
    name("ab@Dom", "6100620040004400 6f006d00", "4100420040004400 4f004d00", "");
    name(".\\ab", "61006200", "41004200", "530065007200760065007200"); /* the server's own name */
    name("\xc3\xa4\\\xc3\xa4\xc3\x9f\xc4\xb1", "e400df003101", "c400df003101", "e400");
    name("\xf0\x90\x90\xa8", "01d828dc", "01d828dc", "");
}

/* Who we are on the network is not worth a failure. */
static void workstation(void)
{
    char longest[257];
    struct ntlm_login l;

    memset(longest, 'w', 256);
    longest[256] = '\0';
    for (int i = 0; i < 2; i++) {
        ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
        l.in.workstation = i ? longest : "\xff";
        if (run_info(&l, NAMES "00000000"))
            CHECK(field_is(&l, WSC__NTLM_WORKSTATION, ""));
        ntlm_login_free(&l);
    }
}

/* --- what is refused -------------------------------------------------------------------------- */

static uint32_t fault(const struct ntlm_login *l)
{
    return wsc__error_fault_code(l->err);
}

/* The context is dead after a failure. */
static void check_dead(struct ntlm_login *l)
{
    const struct wsc__mech_ops *ops = l->mech->ops;
    struct wsc__sealed s = { 16, 0, 0 };
    const uint8_t *plain = NULL;
    uint8_t text[16] = { 1 };
    size_t len = 0;

    CHECK_STR(wsc__error_str(l->err, WSC__ES_SCHEME), "NTLM");
    CHECK_STR(wsc__error_str(l->err, WSC__ES_IDENTITY), l->credentials.user);
    wsc__error_unref(l->err);
    l->err = NULL;
    for (int i = 0; i < 6; i++) {
        int failed = 0;

        switch (i) {
        case 0:
            failed = ops->mic(l->mech, text, 4, &l->out, &l->err);
            break;
        case 1:
            failed = ops->verify_mic(l->mech, text, 4, text, 16, &l->err);
            break;
        case 2:
            failed = ops->wrap(l->mech, text, 4, &l->out, &s, &l->err);
            break;
        case 3:
            failed = ops->unwrap(l->mech, text, &s, &plain, &len, &l->err);
            break;
        case 4:
            failed = ntlm_login_step(l, text, 4) == WSC__AUTH_FAILED ? WSC_E_AUTH : 0;
            break;
        case 5:
            failed = ntlm_login_step(l, NULL, 0) == WSC__AUTH_FAILED ? WSC_E_AUTH : 0;
            break;
        }
        CHECK_EQ(failed, WSC_E_AUTH);
        CHECK(l->err != NULL && l->out.len == 0 && plain == NULL);
        wsc__error_unref(l->err);
        l->err = NULL;
    }
}

/* A challenge of exactly this size, so that a sanitizer sees a byte too far. */
static int run_exact(struct ntlm_login *l, const uint8_t *challenge, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);
    int rc;

    if (!exact)
        return WSC_E_NOMEM;
    memcpy(exact, challenge, len);
    ntlm_login_init(l, &wsc__mem_libc, "Domain\\User", "Password");
    rc = ntlm_login_run(l, exact, len);
    free(exact);
    return rc;
}

static void refuse_info(const char *info)
{
    uint8_t challenge[600];
    size_t len;
    const uint8_t *list = hex(info, &len);
    struct ntlm_login l;

    len = ntlm_challenge(challenge, NTLM_FLAGS, list, len);
    CHECK_EQ(run_exact(&l, challenge, len), WSC_E_AUTH);
    CHECK_EQ(fault(&l), 0x80090308);
    CHECK_EQ(l.out.len, 0);
    check_dead(&l);
    ntlm_login_free(&l);
}

static void torn(void)
{
    refuse_info("");
    refuse_info(NAMES);                             /* no end */
    refuse_info(NAMES "000000");                    /* half an end */
    refuse_info(NAMES "0000010041");                /* an end with something in it */
    refuse_info(NAMES "ff0f0500000000000000 0000"); /* longer than what there is */
    refuse_info(NAMES "ff0fffff00000000");
    refuse_info(NAMES "ff0f050000000000");
    refuse_info(NAMES "07000700000000000000000000000000");
    refuse_info(NAMES "070009000000000000000000 0000000000");
    refuse_info(NAMES "060003000000000000 00");
    refuse_info("02000300440044 0100040041004200 00000000"); /* half a unit of UTF-16 */
    refuse_info("0200020044000100030041004200000000");
    refuse_info("02000c0044006f006d00610069006e0000000000"); /* no computer */
    refuse_info("01000c0053006500720076006500720000000000"); /* no domain */
}

static void flags(void)
{
    static const struct {
        uint32_t flag, code;
    } needed[] = {
        { WSC__NTLM_UNICODE, 0x80090302 }, { WSC__NTLM_ESS, 0x8009030A },
        { WSC__NTLM_128, 0x8009030A },     { WSC__NTLM_KEY_EXCH, 0x8009030A },
        { WSC__NTLM_SIGN, 0x8009030A },    { WSC__NTLM_SEAL, 0x8009030A },
    };
    uint8_t challenge[600];
    size_t len, info_len;
    const uint8_t *info = hex(NAMES "00000000", &info_len);
    struct ntlm_login l;

    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
        len = ntlm_challenge(challenge, NTLM_FLAGS & ~needed[i].flag, info, info_len);
        ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
        CHECK_EQ(ntlm_login_run(&l, challenge, len), WSC_E_AUTH);
        CHECK_EQ(fault(&l), needed[i].code);
        CHECK(wsc__error_str(l.err, WSC__ES_CAUSE) && wsc__error_str(l.err, WSC__ES_REMEDY));
        check_dead(&l);
        ntlm_login_free(&l);
    }
    /* what was not asked for is not agreed to; without VERSION there is none */
    len = ntlm_challenge(challenge, ~WSC__NTLM_VERSION, info, info_len);
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    if (CHECK_EQ(ntlm_login_run(&l, challenge, len), WSC_OK)) {
        CHECK_EQ(ntlm_get(wsc__buf_data(&l.out) + 60, 4), 0xE08B8237);
        CHECK_EQ(ntlm_get(wsc__buf_data(&l.out) + 64, 4), 0);
    }
    ntlm_login_free(&l);
}

static void truncated(void)
{
    struct ntlm_login l;
    size_t whole;
    const uint8_t *type2 = hex(TYPE2, &whole);

    for (size_t len = 0; len < whole; len++) {
        CHECK_EQ(run_exact(&l, type2, len), WSC_E_AUTH);
        CHECK_EQ(fault(&l), 0x80090308);
        CHECK_EQ(l.out.len, 0);
        check_dead(&l);
        ntlm_login_free(&l);
    }
}

/* Whatever is accepted asks for no less, and is covered by a MIC if there was a time. */
static void mutated(void)
{
    static const uint32_t needed = WSC__NTLM_UNICODE | WSC__NTLM_ESS | WSC__NTLM_128 |
                                   WSC__NTLM_KEY_EXCH | WSC__NTLM_SIGN | WSC__NTLM_SEAL;
    uint8_t challenge[200], key[16], mic[16], sent[16];
    size_t len;
    int accepted = 0;

    memcpy(challenge, hex(TYPE2, &len), 116);
    memset(key, 0x55, sizeof key);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        struct ntlm_login l;

        challenge[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (run_exact(&l, challenge, len)) {
            CHECK_EQ(l.out.len, 0);
            check_dead(&l);
        } else {
            uint8_t *out = l.out.base + l.out.start;
            struct wsc__ntlm_part all[] = { { wsc__ntlm_negotiate, 40 },
                                            { challenge, len },
                                            { out, l.out.len } };

            accepted++;
            CHECK_EQ(ntlm_get(out + 60, 4) & needed, needed);
            memcpy(sent, out + WSC__NTLM_MIC_AT, 16);
            memset(out + WSC__NTLM_MIC_AT, 0, 16);
            wsc__ntlm_hmac(mic, key, all, 3);
            CHECK_EQ(!memcmp(mic, sent, 16), l.mech->ops->wants_mic(l.mech));
        }
        ntlm_login_free(&l);
        challenge[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK(accepted >= 288 && accepted < 700); /* names, nonce, reserved bytes, version */
}

/* 64 KiB of challenge; and what is read may still be too much for an answer. */
static void too_long(void)
{
    static const struct {
        size_t len;
        int rc;
    } cases[] = { { 1000, WSC_OK },
                  { 65300, WSC_OK },
                  { WSC__NTLM_CHALLENGE_MAX, WSC_E_LIMIT },
                  { WSC__NTLM_CHALLENGE_MAX + 1, WSC_E_AUTH } };
    uint8_t *challenge = calloc(1, 80000), *info = calloc(1, 80000);
    struct ntlm_login l;
    size_t names_len;

    if (!CHECK(challenge && info))
        return;
    memcpy(info, hex(NAMES, &names_len), 32);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t info_len = cases[i].len - 56, pair = info_len - names_len - 8;

        info[names_len] = 0xff;
        info[names_len + 2] = (uint8_t)pair;
        info[names_len + 3] = (uint8_t)(pair >> 8);
        CHECK_EQ(ntlm_challenge(challenge, NTLM_FLAGS, info, info_len), cases[i].len);
        CHECK_EQ(run_exact(&l, challenge, cases[i].len), cases[i].rc);
        if (l.err)
            check_dead(&l);
        ntlm_login_free(&l);
    }
    free(challenge);
    free(info);
}

/* Fields of the challenge lie inside, behind its head. */
static void offsets(void)
{
    static const uint32_t wrong[] = { 0, 47, 109, 116, 117, 0x7fffffff, 0xfffffff8, 0xffffffff };
    uint8_t type2[200];
    struct ntlm_login l;
    size_t len;

    memcpy(type2, hex(TYPE2, &len), 116);
    type2[12] = 8; /* the target's name, of which we want nothing */
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ntlm_put32(type2 + 16, wrong[i]);
        CHECK_EQ(run_exact(&l, type2, len), WSC_E_AUTH);
        CHECK_EQ(fault(&l), 0x80090308);
        ntlm_login_free(&l);
    }
    type2[12] = 0; /* then it does not matter */
    CHECK_EQ(run_exact(&l, type2, len), WSC_OK);
    ntlm_login_free(&l);
}

static void long_field(void)
{
    uint8_t *data = calloc(1, 65536);
    struct wsc__ntlm_part fields[WSC__NTLM_FIELDS] = { { data, 65535 } };
    struct wsc__buf b;

    if (!CHECK(data != NULL))
        return;
    wsc__buf_init(&b, &wsc__mem_libc, 1u << 20);
    CHECK_EQ(wsc__ntlm_write_authenticate(&b, NTLM_FLAGS, fields), WSC_OK);
    CHECK_EQ(b.len, 88 + 65535);
    fields[0].len++;
    CHECK_EQ(wsc__ntlm_write_authenticate(&b, NTLM_FLAGS, fields), WSC_E_LIMIT);
    wsc__buf_free(&b);
    free(data);
}

static void order(void)
{
    struct ntlm_login l;
    uint8_t type2[200];
    size_t len;

    memcpy(type2, hex(TYPE2, &len), 116);
    /* a token before ours */
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    CHECK_EQ(ntlm_login_begin(&l), WSC_OK);
    CHECK_EQ(ntlm_login_step(&l, type2, len), WSC__AUTH_FAILED);
    CHECK_EQ(fault(&l), 0x80090308);
    check_dead(&l);
    ntlm_login_free(&l);
    /* none behind ours */
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    CHECK_EQ(ntlm_login_begin(&l), WSC_OK);
    CHECK_EQ(ntlm_login_step(&l, NULL, 0), WSC__AUTH_TOKEN);
    CHECK_EQ(ntlm_login_step(&l, NULL, 0), WSC__AUTH_FAILED);
    CHECK_EQ(fault(&l), 0x80090308);
    check_dead(&l);
    ntlm_login_free(&l);
    /* too early */
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    CHECK_EQ(ntlm_login_begin(&l), WSC_OK);
    CHECK_EQ(l.mech->ops->mic(l.mech, type2, len, &l.out, &l.err), WSC_E_AUTH);
    CHECK(!l.mech->ops->wants_mic(l.mech));
    check_dead(&l);
    ntlm_login_free(&l);
    /* a second challenge, or anything else */
    for (size_t n = 0; n < 3; n++) {
        ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
        CHECK_EQ(ntlm_login_run(&l, type2, len), WSC_OK);
        CHECK_EQ(ntlm_login_step(&l, n ? type2 : NULL, n == 1 ? len : 0), WSC__AUTH_FAILED);
        CHECK_EQ(fault(&l), 0x80090308);
        check_dead(&l);
        ntlm_login_free(&l);
    }
}

static void refuse_login(const char *user, const char *password, uint32_t code, const char *option,
                         int64_t offset)
{
    struct ntlm_login l;
    int64_t at = -1;

    ntlm_login_init(&l, &wsc__mem_libc, user, password);
    CHECK_EQ(ntlm_login_begin(&l), WSC_E_AUTH);
    CHECK_EQ(fault(&l), code);
    CHECK(l.mech == NULL);
    CHECK_STR(wsc__error_str(l.err, WSC__ES_SCHEME), "NTLM");
    CHECK_STR(wsc__error_str(l.err, WSC__ES_OPTION), option);
    (void)wsc__error_int(l.err, WSC__EI_OFFSET, &at);
    CHECK_EQ(at, offset);
    if (offset < 0)
        CHECK(wsc__error_str(l.err, WSC__ES_REMEDY) != NULL);
    CHECK(!password || !*password || !strstr(wsc__error_text(l.err), password));
    ntlm_login_free(&l);
}

static void logins(void)
{
    struct ntlm_login l;

    refuse_login(NULL, "Password", 0x803380B0, "username", -1);
    refuse_login("", "Password", 0x803380B0, "username", -1);
    refuse_login("User", NULL, 0x803380B0, "password", -1);
    refuse_login("User", "", 0x52F, "password", -1);
    refuse_login("Us\xe4r", "Password", 0, "username", 2);
    refuse_login("User", "Passw\xf6rt", 0, "password", 5);
    refuse_login("Domain\\", "Password", 0x8009030D, "username", -1);
    ntlm_login_init(&l, &wsc__mem_libc, "User", "");
    CHECK_EQ(ntlm_login_begin(&l), WSC_E_AUTH);
    CHECK(strstr(wsc__error_str(l.err, WSC__ES_CAUSE), "LimitBlankPasswordUse") != NULL);
    CHECK_STR(wsc__error_str(l.err, WSC__ES_IDENTITY), "User");
    ntlm_login_free(&l);
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    l.in.spn = "HTTP/\xff";
    CHECK_EQ(ntlm_login_begin(&l), WSC_E_AUTH);
    ntlm_login_free(&l);
    ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
    l.in.credentials = NULL;
    CHECK_EQ(ntlm_login_begin(&l), WSC_E_AUTH);
    ntlm_login_free(&l);
    wsc__mech_ntlm.free(NULL);
}

static int no_chance(void *buf, size_t len, void *user_data)
{
    int *left = user_data;

    memset(buf, 0xaa, len);
    return (*left)-- > 0 ? 0 : WSC_E_IO;
}

static void without_chance(void)
{
    uint8_t type2[200];
    size_t len;

    memcpy(type2, hex(TYPE2, &len), 116);
    for (int given = 0; given < 2; given++) {
        struct ntlm_login l;
        int left = given;

        ntlm_login_init(&l, &wsc__mem_libc, "User", "Password");
        l.in.rng.fill = no_chance;
        l.in.rng.user_data = &left;
        CHECK_EQ(ntlm_login_run(&l, type2, len), WSC_E_IO);
        check_dead(&l);
        ntlm_login_free(&l);
    }
}

static void without_room(void)
{
    uint8_t type2[200];
    size_t len;

    memcpy(type2, hex(TYPE2, &len), 116);
    for (size_t max = 39; max < 314; max += 274) {
        struct ntlm_login l;

        ntlm_login_init(&l, &wsc__mem_libc, "Domain\\User", "Password");
        set_binding(&l);
        l.out.max = max;
        CHECK_EQ(ntlm_login_run(&l, type2, len), WSC_E_LIMIT);
        check_dead(&l);
        ntlm_login_free(&l);
    }
}

static const struct test tests[] = {
    { "keys", keys },
    { "sealing", sealing },
    { "binding", binding },
    { "exchange", exchange },
    { "messages", messages },
    { "mic_leaves_stream", mic_leaves_stream },
    { "no_timestamp", no_timestamp },
    { "pairs", pairs },
    { "names", names },
    { "workstation", workstation },
    { "torn", torn },
    { "flags", flags },
    { "truncated", truncated },
    { "mutated", mutated },
    { "too_long", too_long },
    { "offsets", offsets },
    { "long_field", long_field },
    { "order", order },
    { "logins", logins },
    { "without_chance", without_chance },
    { "without_room", without_room },
};

TEST_MAIN(tests)
