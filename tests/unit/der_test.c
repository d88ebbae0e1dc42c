#include "auth/der.h"
#include "base/codes.h"

#include "test.h"

static struct wsc__der bytes(const void *p, size_t len)
{
    struct wsc__der d = { p, len };

    return d;
}

#define LITERAL(text) bytes(text, sizeof(text) - 1)

static void takes(void)
{
    static const struct {
        const char *in;
        size_t len;
        uint8_t tag;
        size_t at, content;
    } good[] = {
        { "\x04\x00", 2, 0x04, 2, 0 },
        { "\x04\x03xyz", 5, 0x04, 2, 3 },
        { "\x04\x03xyzrest", 9, 0x04, 2, 3 },
        { "\x30\x81\x01x", 4, 0x30, 3, 1 }, /* longer than needed */
        { "\x30\x84\0\0\0\x01x", 7, 0x30, 6, 1 },
        { "\xa0\x82\0\x02xy", 6, 0xa0, 4, 2 },
        { "\x60\x01z", 3, 0x60, 2, 1 },
    };

    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct wsc__der in = bytes(good[i].in, good[i].len), content;
        uint8_t tag = 0;

        CHECK(wsc__der_next(&in, &tag, &content));
        CHECK_EQ(tag, good[i].tag);
        CHECK(content.p == (const uint8_t *)good[i].in + good[i].at);
        CHECK_EQ(content.len, good[i].content);
        CHECK(in.p == content.p + content.len);
        CHECK_EQ(in.len, good[i].len - good[i].at - good[i].content);
    }
}

static void refuses(void)
{
    static const struct {
        const char *in;
        size_t len;
    } bad[] = {
        { "", 0 },
        { "\x04", 1 },
        { "\x04\x01", 2 },              /* cut off */
        { "\x04\x80x\0\0", 5 },         /* indefinite */
        { "\x04\x81", 2 },              /* length cut off */
        { "\x04\x82\x01", 3 },          /* the same */
        { "\x04\x81\x02x", 4 },         /* content cut off */
        { "\x04\x85\0\0\0\0\x01x", 8 }, /* too many octets */
        { "\x04\xff\0\0\0\0\x01x", 8 }, /* reserved */
        { "\x1f\x01x", 3 },             /* tag of several octets */
        { "\xbf\x81\x01\0", 4 },        /* the same */
        { "\x04\x84\xff\xff\xff\xff", 6 },
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wsc__der in = bytes(bad[i].in, bad[i].len), content = { NULL, 7 };
        uint8_t tag = 1;

        CHECK(!wsc__der_next(&in, &tag, &content));
        CHECK(in.p == (const uint8_t *)bad[i].in && in.len == bad[i].len);
        CHECK(tag == 1 && !content.p && content.len == 7);
    }
}

static void exact(void)
{
    struct wsc__der in = LITERAL("\x04\x01x\x02\x01\x05"), content = { NULL, 0 };

    CHECK(!wsc__der_take(&in, WSC__DER_INTEGER, &content));
    CHECK(!wsc__der_only(in, WSC__DER_OCTETS, &content));
    CHECK(wsc__der_take(&in, WSC__DER_OCTETS, &content));
    CHECK(wsc__der_equal(content, "x", 1) && !wsc__der_equal(content, "y", 1));
    CHECK(!wsc__der_equal(content, "xy", 2));
    CHECK(wsc__der_only(in, WSC__DER_INTEGER, &content));
    CHECK(wsc__der_equal(content, "\x05", 1));
    CHECK(!wsc__der_equal(bytes(NULL, 0), "", 0)); /* absent is not empty */
}

static void numbers(void)
{
    uint32_t v = 9;

    CHECK(wsc__der_u32(LITERAL("\0"), &v) && v == 0);
    CHECK(wsc__der_u32(LITERAL("\x7f"), &v) && v == 127);
    CHECK(wsc__der_u32(LITERAL("\x00\xc0\x00\x00\x6d"), &v) && v == 0xc000006d);
    CHECK(wsc__der_u32(LITERAL("\0\0\0\0\0\0\x01"), &v) && v == 1);
    v = 9;
    CHECK(!wsc__der_u32(LITERAL(""), &v));
    CHECK(!wsc__der_u32(LITERAL("\xff"), &v));
    CHECK(!wsc__der_u32(LITERAL("\x01\0\0\0\0"), &v));
    CHECK_EQ(v, 9);
}

static void oids(void)
{
    char text[64], small[6];

    wsc__der_oid_text(LITERAL("\x2b\x06\x01\x05\x05\x02"), text, sizeof text);
    CHECK_STR(text, "1.3.6.1.5.5.2");
    wsc__der_oid_text(LITERAL("\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"), text, sizeof text);
    CHECK_STR(text, "1.2.840.113554.1.2.2");
    wsc__der_oid_text(LITERAL("\x88\x37\x03"), text, sizeof text);
    CHECK_STR(text, "2.999.3");
    wsc__der_oid_text(LITERAL(""), text, sizeof text);
    CHECK_STR(text, "");
    wsc__der_oid_text(LITERAL("\x2b\x06\x01\x05\x05\x02"), small, sizeof small);
    CHECK_STR(small, "1.3.6");
    wsc__der_oid_text(LITERAL("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"), text,
                      sizeof text);
    CHECK(strlen(text) > 2);
}

/* Every length around the changes of form comes back as it was written, in the fewest octets. */
static void lengths(void)
{
    static const size_t sizes[] = { 0, 1, 127, 128, 255, 256, 65535, 65536, 70000 };
    static const size_t heads[] = { 2, 2, 2, 3, 3, 4, 4, 5, 5 };
    static uint8_t data[70000];

    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct wsc__buf b;
        struct wsc__der content;

        data[0] = (uint8_t)i;
        wsc__buf_init(&b, &wsc__mem_libc, 80000);
        CHECK_EQ(wsc__buf_puts(&b, "before"), 0);
        CHECK_EQ(wsc__der_put(&b, WSC__DER_OCTETS, data, sizes[i]), 0);
        CHECK_EQ(b.len, 6 + heads[i] + sizes[i]);
        CHECK(memcmp(wsc__buf_data(&b), "before", 6) == 0);
        CHECK(wsc__der_only(bytes(wsc__buf_data(&b) + 6, b.len - 6), WSC__DER_OCTETS, &content));
        CHECK(wsc__der_equal(content, data, sizes[i]));
        wsc__buf_free(&b);
    }
}

/* The list of Kerberos and NTLM, and a TSRequest with token and nonce, byte for byte. */
static int nested(const struct wsc__mem *mem)
{
    static const char list[] = "\x30\x17\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02"
                               "\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
    static const char request[] = "\x30\x12\xa0\x03\x02\x01\x06\xa1\x0b\x30\x09\x30\x07\xa0\x05"
                                  "\x04\x03\x01\x02\x03";
    struct wsc__buf b;
    size_t from;
    int rc;

    wsc__buf_init(&b, mem, 1000);
    if ((rc = wsc__der_put(&b, WSC__DER_OID, "\x2a\x86\x48\x86\xf7\x12\x01\x02\x02", 9)) ||
        (rc = wsc__der_put(&b, WSC__DER_OID, "\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a", 10)) ||
        (rc = wsc__der_wrap(&b, 0, WSC__DER_SEQUENCE)))
        goto done;
    CHECK(wsc__der_equal(bytes(wsc__buf_data(&b), b.len), list, sizeof list - 1));
    wsc__buf_reset(&b);
    if ((rc = wsc__der_put(&b, WSC__DER_INTEGER, "\x06", 1)) ||
        (rc = wsc__der_wrap(&b, 0, WSC__DER_CONTEXT)))
        goto done;
    from = b.len;
    if ((rc = wsc__der_put(&b, WSC__DER_OCTETS, "\x01\x02\x03", 3)) ||
        (rc = wsc__der_wrap(&b, from, WSC__DER_CONTEXT)) ||
        (rc = wsc__der_wrap(&b, from, WSC__DER_SEQUENCE)) ||
        (rc = wsc__der_wrap(&b, from, WSC__DER_SEQUENCE)) ||
        (rc = wsc__der_wrap(&b, from, WSC__DER_CONTEXT + 1)) ||
        (rc = wsc__der_wrap(&b, 0, WSC__DER_SEQUENCE)))
        goto done;
    CHECK(wsc__der_equal(bytes(wsc__buf_data(&b), b.len), request, sizeof request - 1));
done:
    wsc__buf_free(&b);
    return rc;
}

static void vectors(void)
{
    CHECK_EQ(nested(&wsc__mem_libc), 0);
    test_each_failure(nested);
}

static void full(void)
{
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 5);
    CHECK_EQ(wsc__der_put(&b, WSC__DER_OCTETS, "abcd", 4), WSC_E_LIMIT);
    CHECK_EQ(b.len, 0);
    CHECK_EQ(wsc__der_put(&b, WSC__DER_OCTETS, "abc", 3), 0);
    CHECK_EQ(wsc__der_wrap(&b, 0, WSC__DER_SEQUENCE), WSC_E_LIMIT);
    CHECK(b.len == 5 && memcmp(wsc__buf_data(&b),
                               "\x04\x03"
                               "abc",
                               5) == 0);
    wsc__buf_free(&b);
}

static const struct test tests[] = {
    { "takes", takes }, { "refuses", refuses }, { "exact", exact },     { "numbers", numbers },
    { "oids", oids },   { "lengths", lengths }, { "vectors", vectors }, { "full", full },
};

TEST_MAIN(tests)
