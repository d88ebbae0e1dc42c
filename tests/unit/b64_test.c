#include "base/b64.h"
#include "base/codes.h"

#include "test.h"

/* Decodes s fed in pieces of `step`, with `room` bytes of output at a time; -1 = refused. */
static long decode(const char *s, size_t len, size_t step, size_t room, uint8_t *out, bool *done)
{
    struct wsc__b64_decoder d;
    size_t at = 0, total = 0;
    uint8_t piece[512];

    wsc__b64_decoder_init(&d);
    while (at < len) {
        size_t n = len - at < step ? len - at : step, used, made;
        bool ok = wsc__b64_decode(&d, s + at, n, &used, piece, room, &made);

        CHECK(used <= n && made <= room);
        memcpy(out + total, piece, made);
        total += made;
        at += used;
        if (!ok)
            return -1;
        if (!used && !made) {
            FAIL("moves on");
            return -1;
        }
    }
    *done = wsc__b64_decoder_done(&d);
    return (long)total;
}

static void vectors(void)
{
    /* RFC 4648 section 10 */
    static const char *const pairs[][2] = { { "", "" },
                                            { "f", "Zg==" },
                                            { "fo", "Zm8=" },
                                            { "foo", "Zm9v" },
                                            { "foob", "Zm9vYg==" },
                                            { "fooba", "Zm9vYmE=" },
                                            { "foobar", "Zm9vYmFy" } };
    struct wsc__buf b;
    uint8_t out[64];
    bool done = true;

    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        wsc__buf_init(&b, &wsc__mem_libc, 100);
        CHECK_EQ(wsc__b64_encode(&b, pairs[i][0], strlen(pairs[i][0])), 0);
        CHECK_STR(wsc__buf_cstr(&b), pairs[i][1]);
        CHECK_EQ(decode(pairs[i][1], strlen(pairs[i][1]), 100, 64, out, &done),
                 strlen(pairs[i][0]));
        CHECK(!memcmp(out, pairs[i][0], strlen(pairs[i][0])) && done);
        wsc__buf_free(&b);
    }
}

static void every_cut(void)
{
    uint64_t seed = 1;
    uint8_t data[700], out[1024];
    struct wsc__buf b;

    for (size_t len = 0; len < 700; len += len < 40 ? 1 : 37) {
        bool done = true;

        for (size_t i = 0; i < len; i++)
            data[i] = (uint8_t)test_random(&seed);
        wsc__buf_init(&b, &wsc__mem_libc, 2000);
        CHECK_EQ(wsc__b64_encode(&b, data, len), 0);
        for (size_t step = 1; step < 60; step += 3) {
            for (size_t room = 3; room < 40; room += 5) {
                long n = decode((const char *)wsc__buf_data(&b), b.len, step, room, out, &done);

                CHECK_EQ(n, len);
                CHECK(done && !memcmp(out, data, len));
            }
        }
        wsc__buf_free(&b);
    }
}

static void white_space(void)
{
    const char *s = " Zm 9v\r\nYm\tFyZ\nm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFyZm9vYmFy\r\nZg = =\n ";
    uint8_t out[64];
    bool done = false;

    for (size_t step = 1; step < 70; step++) {
        CHECK_EQ(decode(s, strlen(s), step, 48, out, &done), 37);
        CHECK(done && !memcmp(out, "foobarfoobarfoobar", 18) && out[36] == 'f');
    }
}

static void refused(void)
{
    static const struct {
        const char *text;
        size_t at;
    } cases[] = { { "Zm9v<", 4 },
                  { "Zm9v=", 4 },
                  { "Z===", 1 },
                  { "Zg==Zg==", 4 },
                  { "Zg=A", 3 },
                  { "Zm8=A", 4 },
                  { "Zm-v", 2 },
                  { "Zm9vZm9vZm9vZm9vZm9v&", 20 },
                  { "Zm9vZm9v_m9vZm9vZm9v", 8 },
                  { "Zm9vZm9vZm9vZm9\xff", 15 },
                  { "=", 0 },
                  { "Zm8==", 4 } };
    static const char *const unfinished[] = { "Z", "Zm", "Zm9", "Zg=", "Zm9vZ" };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__b64_decoder d;
        uint8_t out[64];
        size_t used, made;

        wsc__b64_decoder_init(&d);
        CHECK(!wsc__b64_decode(&d, cases[i].text, strlen(cases[i].text), &used, out, 64, &made));
        CHECK_EQ(used, cases[i].at);
    }
    for (size_t i = 0; i < sizeof unfinished / sizeof *unfinished; i++) {
        uint8_t out[64];
        bool done = true;

        CHECK(decode(unfinished[i], strlen(unfinished[i]), 9, 64, out, &done) >= 0);
        CHECK(!done);
    }
}

static void every_byte(void)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char text[81];

    for (int at = 0; at < 80; at++) { /* the fast path and the slow one agree on each byte */
        for (int c = 1; c < 256; c++) {
            bool good = strchr(alphabet, c) || c == ' ' || c == '\t' || c == '\r' || c == '\n';
            struct wsc__b64_decoder d;
            uint8_t out[128];
            size_t used, made;

            memset(text, 'A', 80);
            text[at] = (char)c;
            if (c == '=')
                continue;
            wsc__b64_decoder_init(&d);
            CHECK_EQ(wsc__b64_decode(&d, text, 80, &used, out, 128, &made), good);
            CHECK_EQ(used, good ? 80 : at);
        }
    }
}

/* Each letter at each place has its value, by whichever path: compared with one letter at a time.
 */
static void every_letter(void)
{
    char text[97];

    for (unsigned turn = 0; turn < 64; turn++) {
        static const char alphabet[] =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        uint8_t whole[128], single[128], tables[128];
        bool done;

        for (unsigned i = 0; i < 96; i++)
            text[i] = alphabet[(i * 7 + turn) % 64];
        CHECK_EQ(decode(text, 96, 96, 128, whole, &done), 72);
        CHECK_EQ(decode(text, 96, 1, 128, single, &done), 72);
        CHECK_EQ(decode(text, 96, 96, 24, tables, &done), 72); /* too little room for shuffles */
        CHECK(!memcmp(whole, single, 72) && !memcmp(whole, tables, 72));
    }
}

static void output_is_not_overrun(void)
{
    char text[400];
    uint8_t out[400];

    memset(text, 'Q', sizeof text);
    for (size_t room = 3; room < 300; room++) {
        struct wsc__b64_decoder d;
        size_t used, made;

        memset(out, 0xee, sizeof out);
        wsc__b64_decoder_init(&d);
        CHECK(wsc__b64_decode(&d, text, sizeof text, &used, out, room, &made));
        CHECK_EQ(made, room / 3 * 3);
        CHECK_EQ(out[room], 0xee);
    }
}

static int encode_some(const struct wsc__mem *mem)
{
    struct wsc__buf b;
    int rc;

    wsc__buf_init(&b, mem, 1000);
    rc = wsc__b64_encode(&b, "some bytes", 10);
    wsc__buf_free(&b);
    return rc;
}

static void limits(void)
{
    struct wsc__buf b;

    test_each_failure(encode_some);
    wsc__buf_init(&b, &wsc__mem_libc, 7);
    CHECK_EQ(wsc__b64_encode(&b, "foobar", 6), WSC_E_LIMIT);
    CHECK_EQ(b.len, 0);
    wsc__buf_free(&b);
}

static const struct test tests[] = {
    { "vectors", vectors },           { "every_cut", every_cut },
    { "white_space", white_space },   { "refused", refused },
    { "every_byte", every_byte },     { "output_is_not_overrun", output_is_not_overrun },
    { "every_letter", every_letter }, { "limits", limits },
};

TEST_MAIN(tests)
