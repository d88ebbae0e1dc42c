#include "base/datetime.h"

#include "base/codes.h"
#include "base/str.h"

#include "test.h"

#define SECOND INT64_C(10000000)

static void points(void)
{
    static const struct {
        const char *text;
        int64_t ticks;
        int32_t offset;
    } good[] = {
        { "1970-01-01T00:00:00Z", 0, 0 },
        { "1970-01-01T00:00:00", 0, WSC__NO_OFFSET },
        { "1970-01-01", 0, WSC__NO_OFFSET },
        { "1970-01-02Z", 86400 * SECOND, 0 },
        { "2000-02-29T12:34:56.5+01:00", INT64_C(951824096) * SECOND + SECOND / 2, 60 },
        { "2020-01-01T00:00:00.000000-08:00", INT64_C(1577865600) * SECOND, -480 },
        { "2026-11-30T20:13:35.1234567Z", INT64_C(1796069615) * SECOND + 1234567, 0 },
        { "2026-11-30T20:13:35.12345678999Z", INT64_C(1796069615) * SECOND + 1234567, 0 },
        { "0001-01-01T00:00:00Z", INT64_C(-62135596800) * SECOND, 0 },
        { "9999-12-31T23:59:59Z", INT64_C(253402300799) * SECOND, 0 },
        { "20200101000000.000000-480", INT64_C(1577865600) * SECOND, -480 },
        { "20200101000000.000000+000", INT64_C(1577836800) * SECOND, 0 },
        { "20200101000000.500000+***", INT64_C(1577836800) * SECOND + SECOND / 2, WSC__NO_OFFSET },
        { "20200101000000.******+000", INT64_C(1577836800) * SECOND, 0 },
    };
    static const char *const bad[] = {
        "",
        "now",
        "1970",
        "1970-1-1",
        "1970-13-01",
        "1970-00-01",
        "1970-01-32",
        "2100-02-29",
        "2023-02-29",
        "1970-01-01T",
        "1970-01-01T25:00:00",
        "1970-01-01T00:60:00",
        "1970-01-01T00:00",
        "1970-01-01T00:00:00.",
        "1970-01-01T00:00:00+1",
        "1970-01-01T00:00:00Zx",
        "1970-01-01T00:00:00+15:00",
        "1970-01-01T24:00:01Z",
        "1970-01-01T00:00:00+14:30",
        "1970-01-01 00:00:00",
        "0000-01-01",
        "-0001-01-01",
        "20200101000000.000000-48",
        "20201301000000.000000+000",
        "2020010100000a.000000+000",
        "20200101000000,000000+000",
        "1970-01-01T00:00:00--1:00",
    };
    int32_t offset = 7;
    int64_t t;
    size_t i;

    for (i = 0; i < sizeof good / sizeof *good; i++) {
        t = -1;
        if (!CHECK(wsc__parse_datetime(good[i].text, strlen(good[i].text), &t, &offset)))
            printf("%s\n", good[i].text);
        if (!CHECK_EQ(t, good[i].ticks) || !CHECK_EQ(offset, good[i].offset))
            printf("%s\n", good[i].text);
    }
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (!CHECK(!wsc__parse_datetime(bad[i], strlen(bad[i]), &t, &offset)))
            printf("%s\n", bad[i]);
    }
}

static void durations(void)
{
    static const struct {
        const char *text;
        int64_t ticks;
    } good[] = {
        { "PT0S", 0 },
        { "PT60.000S", 60 * SECOND },
        { "PT0.0000001S", 1 },
        { "P1DT2H3M4.5S", (((24 + 2) * 60 + 3) * 60 + 4) * SECOND + SECOND / 2 },
        { "P0DT0H0M0S", 0 },
        { "P0Y0M1DT0H0M0S", 86400 * SECOND },
        { "-PT1M", -60 * SECOND },
        { "PT2H", 7200 * SECOND },
        { "P7D", 7 * 86400 * SECOND },
        { "00000001020304.000005:000", ((24 + 2) * 3600 + 3 * 60 + 4) * SECOND + 50 },
        { "00000000000000.000000:000", 0 },
    };
    static const char *const bad[] = {
        "",
        "P",
        "PT",
        "60",
        "PT60",
        "P1Y",
        "P1M",
        "PT1S1M",
        "P1H",
        "PT1D",
        "PT1.5H",
        "PT1.0H",
        "PT1.*S",
        "PT-1S",
        "PT1SS",
        "PT.5S",
        "PT1.S",
        "pt1s",
        "P99999999999999999999Y1D",
        "PT99999999999999999999S1S",
        "PT99999999999999999999",
        "0000000102030a.000005:000",
        "00000001250304.000005:000",
        "00000001020304.000005+000",
        "99999999255959.999999:000",
    };
    static const char *const large[] = { "PT99999999999999999999S", "-PT99999999999999999999.5S",
                                         "PT9223372036854775807S",  "P0Y10675200DT1S",
                                         "P1DT922337203685.5S",     "99999999235959.999999:000" };
    int64_t t;
    size_t i;

    for (i = 0; i < sizeof good / sizeof *good; i++) {
        t = -1;
        if (!CHECK_EQ(wsc__parse_duration_ticks(good[i].text, strlen(good[i].text), &t), WSC_OK) ||
            !CHECK_EQ(t, good[i].ticks))
            printf("%s\n", good[i].text);
    }
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (!CHECK_EQ(wsc__parse_duration_ticks(bad[i], strlen(bad[i]), &t), WSC_E_PROTOCOL))
            printf("%s\n", bad[i]);
    }
    for (i = 0; i < sizeof large / sizeof *large; i++) {
        if (!CHECK_EQ(wsc__parse_duration_ticks(large[i], strlen(large[i]), &t), WSC_E_LIMIT))
            printf("%s\n", large[i]);
    }
}

static int64_t ms_of(const char *s)
{
    int64_t ms = -1;

    return wsc__parse_xs_duration_ms(s, strlen(s), &ms) ? ms : -1;
}

static void milliseconds(void)
{
    static const char *const wrong[] = { "",
                                         "P",
                                         "PT",
                                         "P1DT",
                                         "60",
                                         "PT60",
                                         "PT1H2",
                                         "P1H",
                                         "PT1D",
                                         "PT1S1M",
                                         "-PT1S",
                                         "PT.5S",
                                         "PT1.S",
                                         "PT1.5M",
                                         "P1DT1HT1S",
                                         "PT1S1S",
                                         "P106751991168D",
                                         "pt1s",
                                         "PT1S " };

    CHECK_EQ(ms_of("PT60S"), 60000);
    CHECK_EQ(ms_of("PT7200.000S"), 7200000);
    CHECK_EQ(ms_of("P0DT0H0M0S"), 0);
    CHECK_EQ(ms_of("P0DT1H30M12.345678S"), 5412345);
    CHECK_EQ(ms_of("PT0.5S"), 500);
    CHECK_EQ(ms_of("P1Y"), INT64_C(365) * 86400000);
    CHECK_EQ(ms_of("P0Y0M1D"), 86400000);
    CHECK_EQ(ms_of("PT2M"), 120000);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        CHECK_EQ(ms_of(wrong[i]), -1);
}

static void fractions(void)
{
    static const char *const bad[] = { "", "x", "1x", "0x10", "inf", "1,5", "1e", "--1", "nan(1)" };
    double d = 7;
    size_t i;

    CHECK(wsc__parse_double("1.5", 3, &d) && d > 1.49 && d < 1.51);
    CHECK(wsc__parse_double("-2e3", 4, &d) && d < -1999 && d > -2001);
    CHECK(wsc__parse_double("-INF", 4, &d) && d < -1e300);
    CHECK(wsc__parse_double("NaN", 3, &d) && !(d > 0) && !(d < 1));
    CHECK(wsc__parse_double("1e999", 5, &d) && d > 1e300);
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        CHECK(!wsc__parse_double(bad[i], strlen(bad[i]), &d) || !strcmp(bad[i], "inf"));
}

static const struct test tests[] = {
    { "points", points },
    { "durations", durations },
    { "milliseconds", milliseconds },
    { "fractions", fractions },
};

TEST_MAIN(tests)
