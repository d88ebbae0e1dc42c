#include "base/str.h"
#include "base/uuid.h"

#include "test.h"

static void comparing(void)
{
    const char *s = " \t a b \r\n";
    size_t len = strlen(s);

    CHECK(wsc__ieq("Negotiate", "nEGOTIATE"));
    CHECK(!wsc__ieq("a", "ab") && !wsc__ieq("ab", "a"));
    CHECK(wsc__ieq(NULL, NULL) && !wsc__ieq(NULL, "") && !wsc__ieq("", NULL));
    CHECK(wsc__ieqn("Basic realm", 5, "basic") && !wsc__ieqn("Basi", 4, "basic"));
    CHECK(!wsc__ieq("\xc4", "\xe4")); /* ASCII only */
    CHECK(!wsc__ieq("[", "{"));
    CHECK(wsc__istarts("HTTP/1.1", 8, "http/") && !wsc__istarts("HTT", 3, "http"));
    wsc__trim(&s, &len);
    CHECK(len == 3 && !memcmp(s, "a b", 3));
    CHECK(wsc__equal_secret("abc", "abc", 3) && !wsc__equal_secret("abc", "abd", 3));
}

static void numbers(void)
{
    uint64_t u = 7;
    int64_t i = 7;

    CHECK(wsc__parse_u64("18446744073709551615", 20, &u) && u == UINT64_MAX);
    u = 7;
    CHECK(!wsc__parse_u64("18446744073709551616", 20, &u));
    CHECK(!wsc__parse_u64("", 0, &u) && !wsc__parse_u64("1 ", 2, &u) &&
          !wsc__parse_u64("-1", 2, &u));
    CHECK(!wsc__parse_u64("+1", 2, &u) && !wsc__parse_u64("1a", 2, &u) && u == 7);
    CHECK(wsc__parse_hex("fF", 2, &u) && u == 255);
    CHECK(wsc__parse_hex("ffffffffffffffff", 16, &u) && u == UINT64_MAX);
    CHECK(!wsc__parse_hex("10000000000000000", 17, &u) && !wsc__parse_hex("0x1", 3, &u));
    CHECK(wsc__parse_i64("-9223372036854775808", 20, &i) && i == INT64_MIN);
    CHECK(wsc__parse_i64("9223372036854775807", 19, &i) && i == INT64_MAX);
    CHECK(!wsc__parse_i64("9223372036854775808", 19, &i) && !wsc__parse_i64("-", 1, &i));
    CHECK(!wsc__parse_i64("-9223372036854775809", 20, &i) && !wsc__parse_i64("", 0, &i));
}

static int64_t duration(const char *s)
{
    int64_t ms = -1;

    return wsc__parse_duration_ms(s, strlen(s), &ms) ? ms : -1;
}

static void durations(void)
{
    static const char *const wrong[] = {
        "", "s", "1x", "1.5s", "-1", "1 s", "99999999999999999999d", "106751991168d", "1S"
    };

    CHECK_EQ(duration("240000"), 240000);
    CHECK_EQ(duration("500ms"), 500);
    CHECK_EQ(duration("30s"), 30000);
    CHECK_EQ(duration("4m"), 240000);
    CHECK_EQ(duration("2h"), 7200000);
    CHECK_EQ(duration("1d"), 86400000);
    CHECK_EQ(duration("0"), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_EQ(duration(wrong[i]), -1);
}

static size_t bad_at(const char *s, bool xml)
{
    return wsc__utf8_bad_at(s, strlen(s), xml);
}

static void utf8(void)
{
    static const char *const wrong[] = { "\x80",
                                         "\xc0\x80",
                                         "\xc1\xbf",
                                         "\xc3",
                                         "\xe0\x80\x80",
                                         "\xe2\x82",
                                         "\xed\xa0\x80",
                                         "\xf0\x80\x80\x80",
                                         "\xf4\x90\x80\x80",
                                         "\xf5\x80\x80\x80",
                                         "\xff",
                                         "\xe2\x28\xa1" };
    char text[40];

    CHECK_EQ(bad_at("", true), 0);
    CHECK_EQ(bad_at("gr\xc3\xbc\xc3\x9f \xe2\x82\xac \xf0\x9f\x98\x80", true), 15);
    CHECK_EQ(bad_at("\xf4\x8f\xbf\xbf", true), 4);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        for (size_t at = 0; at < 20; at++) { /* at every distance from the word border */
            memset(text, 'a', at);
            strcpy(text + at, wrong[i]);
            CHECK_EQ(bad_at(text, false), at);
        }
    }
    for (int c = 0; c < 0x80; c++) {
        bool good = c >= 0x20 || c == '\t' || c == '\n' || c == '\r';

        memset(text, 'a', 20);
        text[9] = (char)c;
        CHECK_EQ(wsc__utf8_bad_at(text, 20, true), good ? 20 : 9);
        CHECK_EQ(wsc__utf8_bad_at(text, 20, false), 20);
    }
    CHECK_EQ(bad_at("abc\xef\xbf\xbe", true), 3);
    CHECK_EQ(bad_at("abc\xef\xbf\xbf", true), 3);
    CHECK_EQ(bad_at("abc\xef\xbf\xbe", false), 6);
    CHECK_EQ(bad_at("abc\xef\xbf\xbd", true), 6);
}

static void distances(void)
{
    CHECK_EQ(wsc__distance("timeout", "timeout", 3), 0);
    CHECK_EQ(wsc__distance("Timeout", "timeuot", 3), 2);
    CHECK_EQ(wsc__distance("kitten", "sitting", 3), 3);
    CHECK_EQ(wsc__distance("kitten", "sitting", 2), 3);
    CHECK_EQ(wsc__distance("", "abc", 5), 3);
    CHECK_EQ(wsc__distance("a", "abcdefgh", 2), 3);
}

static void uuids(void)
{
    uint8_t raw[16];
    char text[WSC__UUID_LEN + 1];

    memset(raw, 0xff, sizeof raw);
    wsc__uuid_format(raw, text);
    CHECK_STR(text, "FFFFFFFF-FFFF-4FFF-BFFF-FFFFFFFFFFFF");
    CHECK(wsc__uuid_valid(text));
    memset(raw, 0, sizeof raw);
    wsc__uuid_format(raw, text);
    CHECK_STR(text, "00000000-0000-4000-8000-000000000000");
    CHECK(wsc__uuid_valid("67a74734-dd32-4f10-89de-49a060483810"));
    CHECK(!wsc__uuid_valid("67a74734-dd32-4f10-89de-49a06048381"));
    CHECK(!wsc__uuid_valid("67a74734-dd32-4f10-89de-49a0604838100"));
    CHECK(!wsc__uuid_valid("67a74734add32-4f10-89de-49a060483810"));
    CHECK(!wsc__uuid_valid("") && !wsc__uuid_valid(NULL));
}

static const struct test tests[] = {
    { "comparing", comparing }, { "numbers", numbers },     { "durations", durations },
    { "utf8", utf8 },           { "distances", distances }, { "uuids", uuids },
};

TEST_MAIN(tests)
