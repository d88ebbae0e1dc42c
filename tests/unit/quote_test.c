#include "wsman/shell.h"

#include "base/codes.h"

#include "test.h"

static void check(const char *arg, enum wsc__quoting how, const char *expect)
{
    const char *why = NULL;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 4096);
    CHECK_EQ(wsc__quote_argument(&b, arg, how, &why), 0);
    CHECK_STR(wsc__buf_cstr(&b), expect);
    wsc__buf_free(&b);
}

static void none(void)
{
    check("", WSC__QUOTE_NONE, "");
    check("a b\"c\\", WSC__QUOTE_NONE, "a b\"c\\");
}

static void argv_rules(void)
{
    check("plain", WSC__QUOTE_ARGV, "plain");
    check("", WSC__QUOTE_ARGV, "\"\"");
    check("C:\\dir\\", WSC__QUOTE_ARGV, "C:\\dir\\");
    check("a b", WSC__QUOTE_ARGV, "\"a b\"");
    check("a\tb", WSC__QUOTE_ARGV, "\"a\tb\"");
    check("C:\\a b\\", WSC__QUOTE_ARGV, "\"C:\\a b\\\\\"");
    check("say \"hi\"", WSC__QUOTE_ARGV, "\"say \\\"hi\\\"\"");
    check("a\\\\\"b", WSC__QUOTE_ARGV, "\"a\\\\\\\\\\\"b\"");
    check("\"", WSC__QUOTE_ARGV, "\"\\\"\"");
    check("\\\\", WSC__QUOTE_ARGV, "\\\\");
    check("a&b", WSC__QUOTE_ARGV, "a&b");
}

static void cmd_rules(void)
{
    check("plain", WSC__QUOTE_CMD, "plain");
    check("", WSC__QUOTE_CMD, "^\"^\"");
    check("a&b|c<d>e(f)g%h!i^j", WSC__QUOTE_CMD, "a^&b^|c^<d^>e^(f^)g^%h^!i^^j");
    check("a b & \"c\"", WSC__QUOTE_CMD, "^\"a b ^& \\^\"c\\^\"^\"");
}

static void refused(void)
{
    const char *why = NULL;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 8);
    CHECK_EQ(wsc__quote_argument(&b, "a\nb", WSC__QUOTE_CMD, &why), WSC_E_USAGE);
    CHECK(why != NULL);
    CHECK_EQ(wsc__quote_argument(&b, "a\r", WSC__QUOTE_CMD, &why), WSC_E_USAGE);
    CHECK_EQ(wsc__quote_argument(&b, "123 567", WSC__QUOTE_ARGV, &why), WSC_E_LIMIT);
    CHECK_EQ(b.len, 0); /* a failed one leaves nothing behind */
    wsc__buf_free(&b);
}

/* The reading side, after the rules that Microsoft documents for CommandLineToArgvW. */
static void parse_one(const char *line, char *out)
{
    bool quoted = false;
    size_t slashes = 0;

    for (; *line && (quoted || (*line != ' ' && *line != '\t')); line++) {
        if (*line == '\\') {
            slashes++;
            continue;
        }
        if (*line == '"') {
            for (size_t i = 0; i < slashes / 2; i++)
                *out++ = '\\';
            if (slashes % 2)
                *out++ = '"';
            else
                quoted = !quoted;
        } else {
            for (size_t i = 0; i < slashes; i++)
                *out++ = '\\';
            *out++ = *line;
        }
        slashes = 0;
    }
    while (slashes--)
        *out++ = '\\';
    *out = '\0';
}

static void round_trip(void)
{
    uint64_t seed = 1;

    for (int k = 0; k < 20000; k++) {
        char arg[12], back[40];
        const char *why = NULL;
        struct wsc__buf b;
        size_t n = test_random(&seed) % 10, i;

        for (i = 0; i < n; i++)
            arg[i] = "\\\\\\\"\" ab\t"[test_random(&seed) % 9];
        arg[n] = '\0';
        wsc__buf_init(&b, &wsc__mem_libc, 4096);
        CHECK_EQ(wsc__quote_argument(&b, arg, WSC__QUOTE_ARGV, &why), 0);
        parse_one(wsc__buf_cstr(&b), back);
        CHECK_STR(back, arg);
        wsc__buf_free(&b);
    }
}

static int quote_all(const struct wsc__mem *mem)
{
    const char *why = NULL;
    struct wsc__buf b;
    int rc;

    wsc__buf_init(&b, mem, 4096);
    rc = wsc__quote_argument(&b, "a b\"c", WSC__QUOTE_CMD, &why);
    wsc__buf_free(&b);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(quote_all);
}

static const struct test tests[] = {
    { "none", none },       { "argv_rules", argv_rules }, { "cmd_rules", cmd_rules },
    { "refused", refused }, { "round_trip", round_trip }, { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
