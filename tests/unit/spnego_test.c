#include "auth/spnego.h"

#include "hex.h"
#include "test.h"

static void spnego_tokens(void)
{
    static const struct {
        const char *hex;
        bool good;
        size_t types, token, mic;
    } cases[] = {
        /* NegTokenInit2 of a file server: hints in [3], with and without a check value in [4] */
        { "603e06062b0601050502a0343032a00e300c060a2b06010401823702020aa320301ea01c1b1a"
          "6e6f745f646566696e65645f696e5f5246433431373840706c65617365",
          false, 0, 0, 0 }, /* cut off */
        { "602a06062b0601050502a0203"
          "01ea00e300c060a2b06010401823702020aa306"
          "3004a0021b00a4040402abcd",
          true, 12, 0, 2 },
        { "a020301ea00e300c060a2b06010401823702020aa3063004a0021b00a4040402abcd", true, 12, 0, 2 },
        { "a01a3018a00e300c060a2b06010401823702020aa2060404aabbccdd", true, 12, 4, 0 },
        { "a01e301ca00e300c060a2b06010401823702020aa2040402abcda3040402abce", true, 12, 2, 2 },
        { "a01e301ca00e300c060a2b06010401823702020aa2040402abcda3040402abcd", true, 12, 2, 0 },
        { "a0063004a0023000", true, 0, 0, 0 },
        { "a0083006a00430020500", false, 0, 0, 0 },
        { "a0043002a000", false, 0, 0, 0 },
        { "a0023000", false, 0, 0, 0 },
        { "a0020500", false, 0, 0, 0 },
        { "a0163014a00e300c060a2b06010401823702020aa2020500", false, 0, 0, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__spnego_token t;
        uint8_t raw[HEX_MAX];
        const char *why = NULL;
        bool good = true;

        good &=
            CHECK_EQ(wsc__spnego_read(raw, from_hex(cases[i].hex, raw), &t, &why), cases[i].good);
        good &= CHECK(cases[i].good == !why);
        if (cases[i].good) {
            good &= CHECK_EQ(t.kind, WSC__SPNEGO_OFFER);
            good &= CHECK_EQ(t.mech_types.len, cases[i].types);
            good &= CHECK_EQ(t.token.len, cases[i].token);
            good &= CHECK_EQ(t.mic.len, cases[i].mic);
            good &= CHECK(!t.token.p == !t.token.len && !t.mic.p == !t.mic.len);
        }
        if (!good)
            printf("# %s: %s\n", cases[i].hex, why ? why : "good");
    }
}

static int answers(const struct wsc__mem *mem)
{
    struct wsc__der token = { (const uint8_t *)"\1\2\3", 3 }, none = { NULL, 0 };
    struct wsc__buf b;
    uint8_t good[HEX_MAX];
    size_t len = from_hex("a10e300ca0030a0101a2050403010203", good);
    int rc;

    wsc__buf_init(&b, mem, 1000);
    rc = wsc__spnego_put_answer(&b, token, none);
    if (!rc)
        CHECK(b.len == len && memcmp(wsc__buf_data(&b), good, len) == 0);
    wsc__buf_free(&b);
    return rc;
}

static void answer_bytes(void)
{
    CHECK_EQ(answers(&wsc__mem_libc), 0);
    test_each_failure(answers);
}

static const struct test tests[] = {
    { "spnego_tokens", spnego_tokens },
    { "answer_bytes", answer_bytes },
};

TEST_MAIN(tests)
