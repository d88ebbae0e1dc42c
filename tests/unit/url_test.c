#include "base/codes.h"
#include "base/url.h"

#include "test.h"

static void good_ones(void)
{
    static const struct {
        const char *in;
        bool tls_default;
        const char *text, *authority;
        bool literal;
        const char *zone;
    } cases[] = {
        { "srv", false, "http://srv:5985/wsman", "srv:5985", false, NULL },
        { "srv", true, "https://srv:5986/wsman", "srv:5986", false, NULL },
        { "SRV01.Corp.example.", false, "http://SRV01.Corp.example.:5985/wsman",
          "SRV01.Corp.example.:5985", false, NULL },
        { "srv:5986", false, "https://srv:5986/wsman", "srv:5986", false, NULL },
        { "srv:80", false, "http://srv:80/wsman", "srv:80", false, NULL },
        { "srv:5985", true, "https://srv:5985/wsman", "srv:5985", false, NULL },
        { "srv/other", false, "http://srv:5985/other", "srv:5985", false, NULL },
        { "HTTP://srv", true, "http://srv:5985/wsman", "srv:5985", false, NULL },
        { "https://srv", false, "https://srv:5986/wsman", "srv:5986", false, NULL },
        { "https://srv:443/", false, "https://srv:443/wsman", "srv:443", false, NULL },
        { "https://srv/powershell?a=b", false, "https://srv:5986/powershell?a=b", "srv:5986", false,
          NULL },
        { "http://srv:5986", false, "http://srv:5986/wsman", "srv:5986", false, NULL },
        { "192.0.2.7", false, "http://192.0.2.7:5985/wsman", "192.0.2.7:5985", true, NULL },
        { "192.0.2.7:81", false, "http://192.0.2.7:81/wsman", "192.0.2.7:81", true, NULL },
        { "2001:db8::1", false, "http://[2001:db8::1]:5985/wsman", "[2001:db8::1]:5985", true,
          NULL },
        { "[2001:db8::1]:5986", false, "https://[2001:db8::1]:5986/wsman", "[2001:db8::1]:5986",
          true, NULL },
        { "fe80::1%eth0", false, "http://[fe80::1]:5985/wsman", "[fe80::1]:5985", true, "eth0" },
        { "[fe80::1%25]", false, "http://[fe80::1]:5985/wsman", "[fe80::1]:5985", true, "25" },
        { "http://[fe80::1%25eth0]/x", false, "http://[fe80::1]:5985/x", "[fe80::1]:5985", true,
          "eth0" },
        { "::ffff:192.0.2.1", false, "http://[::ffff:192.0.2.1]:5985/wsman",
          "[::ffff:192.0.2.1]:5985", true, NULL },
        { "a_b-1.x2", false, "http://a_b-1.x2:5985/wsman", "a_b-1.x2:5985", false, NULL },
        { "srv/a://b", false, "http://srv:5985/a://b", "srv:5985", false, NULL },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__url u;
        size_t at = 0;
        const char *why = "";
        char *text, *authority;

        if (!CHECK_EQ(
                wsc__url_parse(&u, &wsc__mem_libc, cases[i].in, cases[i].tls_default, &at, &why),
                0)) {
            printf("# %s: %s at %zu\n", cases[i].in, why, at);
            continue;
        }
        text = wsc__url_text(&u, &wsc__mem_libc);
        authority = wsc__url_authority(&u, &wsc__mem_libc);
        CHECK_STR(text, cases[i].text);
        CHECK_STR(authority, cases[i].authority);
        CHECK_EQ(u.literal, cases[i].literal);
        CHECK_STR(u.zone, cases[i].zone);
        wsc__free(&wsc__mem_libc, text);
        wsc__free(&wsc__mem_libc, authority);
        wsc__url_free(&u, &wsc__mem_libc);
    }
}

static void bad_ones(void)
{
    static const struct {
        const char *in;
        size_t at;
    } cases[] = {
        { "", 0 },
        { "http://", 7 },
        { "ftp://srv", 0 },
        { ":5985", 0 },
        { "srv:", 4 },
        { "srv:0", 4 },
        { "srv:65536", 4 },
        { "srv:x", 4 },
        { "srv:80x", 4 },
        { "user@srv", 4 },
        { "https://u:p@srv/", 11 },
        { "srv name", 3 },
        { "a..b", 2 },
        { ".a", 0 },
        { "s\xc3\xbc"
          "d",
          1 },
        { "1.2.3", 0 },
        { "1.2.3.256", 0 },
        { "01.2.3.4", 0 },
        { "12345", 0 },
        { "0x7f000001", 0 },
        { "0x7f.0X1", 0 },
        { "a.0x", 0 },
        { "127.0.0.0x1.", 0 },
        { "1.2.3.4.", 0 },
        { "[::1", 0 },
        { "[::1]x", 5 },
        { "[::1%]", 5 },
        { "1::2::3", 0 },
        { "[12345::]", 1 },
        { "[1.2.3.4]", 1 },
        { "[:1]", 1 },
        { "1:2:3:4:5:6:7", 0 },
        { "[::1%e/h]", 0 },
        { "[fe80::1%e(0]", 10 },
        { "[fe80::1%a123456789b123456789c123456789d123456789e123456789f123456789g123456789]", 9 },
        { "srv/a b", 5 },
        { "srv/a#b", 5 },
        { "srv?x", 3 },
        { "srv/\x01", 4 },
        { "http:///x", 7 },
        { "srv/\r\nX: y", 4 },
        { "[]", 1 },
        { "1:2:3:4:5:6:7:8:9", 0 },
        { "::1:", 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__url u;
        size_t at = 999;
        const char *why = NULL;

        if (!CHECK_EQ(wsc__url_parse(&u, &wsc__mem_libc, cases[i].in, false, &at, &why),
                      WSC_E_USAGE)) {
            printf("# accepted: %s\n", cases[i].in);
            wsc__url_free(&u, &wsc__mem_libc);
            continue;
        }
        if (!CHECK_EQ(at, cases[i].at))
            printf("# %s: %s\n", cases[i].in, why);
        CHECK(why != NULL);
    }
}

static void long_ones(void)
{
    char text[4096];
    struct wsc__url u;
    size_t at;
    const char *why;

    memset(text, 'a', sizeof text);
    text[63] = '\0';
    CHECK_EQ(wsc__url_parse(&u, &wsc__mem_libc, text, false, &at, &why), 0);
    wsc__url_free(&u, &wsc__mem_libc);
    text[63] = 'a';
    text[64] = '\0';
    CHECK_EQ(wsc__url_parse(&u, &wsc__mem_libc, text, false, &at, &why), WSC_E_USAGE);
    for (int i = 0; i < 4095; i++)
        text[i] = i % 50 == 49 ? '.' : 'a';
    text[255] = '\0';
    CHECK_EQ(wsc__url_parse(&u, &wsc__mem_libc, text, false, &at, &why), 0);
    wsc__url_free(&u, &wsc__mem_libc);
    text[255] = 'a';
    text[256] = '\0';
    CHECK_EQ(wsc__url_parse(&u, &wsc__mem_libc, text, false, &at, &why), WSC_E_USAGE);
    memset(text, 'a', sizeof text);
    text[1] = '/';
    text[4095] = '\0';
    CHECK_EQ(wsc__url_parse(&u, &wsc__mem_libc, text, false, &at, &why), WSC_E_USAGE);
}

static void addresses(void)
{
    uint8_t ip[16];
    size_t len = 0;

    CHECK(wsc__ip_parse("10.0.0.255", 10, ip, &len) && len == 4 && ip[3] == 255);
    CHECK(wsc__ip_parse("::", 2, ip, &len) && len == 16 && !ip[15]);
    CHECK(wsc__ip_parse("1::", 3, ip, &len) && ip[1] == 1 && !ip[15]);
    CHECK(wsc__ip_parse("1:2:3:4:5:6:7:8", 15, ip, &len) && ip[15] == 8);
    CHECK(wsc__ip_parse("::8", 3, ip, &len) && ip[15] == 8);
    CHECK(wsc__ip_parse("64:ff9b::192.0.2.33", 19, ip, &len) && ip[12] == 192 && ip[1] == 0x64);
    CHECK(!wsc__ip_parse("srv", 3, ip, &len) && !wsc__ip_parse("", 0, ip, &len));
    CHECK(!wsc__ip_parse("1:2:3:4:5:6:7:1.2.3.4", 21, ip, &len));
}

static void users(void)
{
    CHECK_STR(wsc__url_without_user("http://me:pass@word@srv/x"), "srv/x");
    CHECK_STR(wsc__url_without_user("me@"), "");
    CHECK_STR(wsc__url_without_user("http://srv/x"), "http://srv/x");
}

/* RFC 9110 10.2.2, RFC 3986 5.4 as far as HTTP's Location goes */
static void locations(void)
{
    static const struct {
        const char *said, *is;
    } cases[] = {
        { "http://other:5985/moved", "http://other:5985/moved" },
        { "HTTPS://Other/PowerShell?x=1#part", "https://Other:443/PowerShell?x=1" },
        { "http://other", "http://other:80" },
        { "http://other:/x", "http://other:80/x" },
        { "https://[::1]/x", "https://[::1]:443/x" },
        { "https://[::1]:5986", "https://[::1]:5986" },
        { "http://10.0.0.1/a@b:1", "http://10.0.0.1:80/a@b:1" },
        { "http://me:pass@word@other/x", "http://other:80/x" },
        { "http://me:1@other", "http://other:80" },
        { "//other/x", "https://other:443/x" },
        { "//me:secret@other:1/x", "https://other:1/x" },
        { "/elsewhere#here", "https://[fe80::1%25eth0]:5986/elsewhere" },
        { "elsewhere", "elsewhere" },
        { "login?return=me@http://evil", "" },
        { "http://other?x=1", "http://other:80/?x=1" },
        { "http://u:pa/ss@host/x", "" },
        { "\\a@http://x", "" },
        { "http://", "http://" },
        { "http://:80/", "http://:80/" },
        { "http://[::1", "http://[::1" },
        { "http://a:b/", "http://a:b/" },
        { "ftp://me:secret@other/x", "" },
        { "", "" },
        { "http://::1/x", "http://::1/x" }, /* where would its port be? */
        { "http://fe80::1:5985/x", "http://fe80::1:5985/x" },
        { "//::1", "//::1" },
        { "http://me:secret@::1/x", "" },
        { "http://[::1]x/", "http://[::1]x/" },
        { "http://other/a b", "http://other/a b" },
        { "http://http://u:S3CR@h/", "" },
        { "http://HTTPS:/x", "http://HTTPS:/x" },
        { "http://u:/S3CR@h/", "" },
        { "http:\\\\u:S3CR@h/", "" },
        { "http:/u:S3CR@h/", "" },
    };
    struct wsc__url base, u;
    const char *why, *wrong;
    size_t i, at;
    char *is;

    CHECK_EQ(
        wsc__url_parse(&base, &wsc__mem_libc, "https://[fe80::1%eth0]/wsman", false, &at, &why), 0);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        wrong = "?";
        is = wsc__url_location(&wsc__mem_libc, &base, cases[i].said, &wrong);
        CHECK_STR(is, cases[i].is);
        CHECK_EQ(!wrong, i < 12 || i == 14);
        if (!wrong && CHECK_EQ(wsc__url_parse(&u, &wsc__mem_libc, is, false, &at, &why), 0)) {
            CHECK(u.port_given);
            wsc__url_free(&u, &wsc__mem_libc);
        }
        wsc__free(&wsc__mem_libc, is);
    }
    is = wsc__url_location(&wsc__mem_libc, NULL, "/elsewhere", &wrong); /* of what? */
    CHECK_STR(is, "/elsewhere");
    CHECK(wrong != NULL);
    wsc__free(&wsc__mem_libc, is);
    wsc__url_free(&base, &wsc__mem_libc);
}

static void reasons(void)
{
    static const struct {
        const char *said, *why;
    } cases[] = {
        { "http://::1/x", "in brackets" },
        { "http://::1/x#frag", "in brackets" },
        { "http://::1?x", "in brackets" },
        { "http://fe80::1:5985#x", "in brackets" },
        { "http://a:b://c", "not an IPv6 address" },
        { "http://a:b", "the port must be a number" },
        { "http://a:b?x#y", "the port must be a number" },
        { "http://http://x", "the port must be a number" },
        { "http://u:/S3CR@h/", "the port must be a number" },
        { "http://a:65536", "the port must be a number" },
        { "http://#x", "the host is missing" },
        { "http://me@?x", "the host is missing" },
        { "http://:80?x", "the host is missing" },
        { "http://[::1#]", "the bracket is not closed" },
        { "http://[::1]x/", "expected a colon" },
        { "http://a_b!/#x", "that no host name has" },
        { "http://a/b c#d", "percent-encoded" },
        { "a://b", "does not begin with http" },
    };
    const char *why;
    size_t i;
    char *is;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        why = NULL;
        is = wsc__url_location(&wsc__mem_libc, NULL, cases[i].said, &why);
        if (!CHECK(why && strstr(why, cases[i].why)))
            printf("# %s: %s\n", cases[i].said, why ? why : "none");
        wsc__free(&wsc__mem_libc, is);
    }
}

/* A link-local address is on the link on which it was told; no other takes a zone. */
static void zones(void)
{
    static const struct {
        const char *base, *said, *is;
    } cases[] = {
        { "http://[fe80::2%25eth0]:5985", "//[fe80::2]:5985/o", "http://[fe80::2%25eth0]:5985/o" },
        { "http://[fe80::2%25eth0]:5985", "http://[FEBF::3]/o", "http://[FEBF::3%25eth0]:80/o" },
        { "http://[fe80::2%25eth0]:5985", "https://u:p@[fe80::3]", "https://[fe80::3%25eth0]:443" },
        { "http://[fe80::2%25eth0]:5985", "http://[fe80::2%25lo]/o", "http://[fe80::2%25lo]:80/o" },
        { "http://[fe80::2%25eth0]:5985", "http://[fec0::2]/o", "http://[fec0::2]:80/o" },
        { "http://[fe80::2%25eth0]:5985", "http://[::1]/o", "http://[::1]:80/o" },
        { "http://[fe80::2%25eth0]:5985", "http://fe80/o", "http://fe80:80/o" },
        { "http://[fe80::2]:5985", "http://[fe80::2]:1/o", "http://[fe80::2]:1/o" },
        { "http://[ff02::2%25eth0]:5985", "http://[fe80::2]:1/o", "http://[fe80::2]:1/o" },
    };
    struct wsc__url base;
    const char *why;
    size_t i, at;
    char *is;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_EQ(wsc__url_parse(&base, &wsc__mem_libc, cases[i].base, false, &at, &why), 0);
        is = wsc__url_location(&wsc__mem_libc, &base, cases[i].said, &why);
        CHECK_STR(is, cases[i].is);
        CHECK(!why);
        wsc__free(&wsc__mem_libc, is);
        wsc__url_free(&base, &wsc__mem_libc);
    }
}

/* In what a server says. */
static void users_in_texts(void)
{
    static const struct {
        const char *said, *is;
    } cases[] = {
        { "go to http://me:PASSWORD@other/x.", "go to http://other/x." },
        { "(https://me@other) or http://a:1/b@c", "(https://other) or http://a:1/b@c" },
        { "http://u:pa/ss@host/x ftp://me:x@y", "http://host/x ftp://y" },
        { "http://u:p'w@other", "http://other" },
        { "http://u:p@w@other", "http://other" },
        { "http://[::1]:5985/x, mail me@there", "http://[::1]:5985/x, mail me@there" },
        { "http:\\\\u:S3CR@h/", "http:\\\\h/" },
        { "http:\\/\\/u:S3CR@h\\/", "http:\\/\\/h\\/" },
        { "http:/u:S3CR@h/ http:///u:S3CR@h/", "http:/h/ http:///h/" },
        { "<http://u:S3CR\"x@h/>, <http://u:S3CR<@h/>", "<http://h/>, <http://h/>" },
        { "http://u:S3CR>@h <a@b>", "http://h <a@b>" },
        { "http://http://u:S3CR@h/", "http://h/" },
        { "http://u:/S3CR@h/", "http://h/" },
        { "http:/u@/v@//w@h/", "http:////h/" },
        { "http://u@me:S3CR/x@h", "http://h" },
        { "(C:\\Users\\me@corp) http://a/http://u:S3CR@h",
          "(C:\\Users\\me@corp) http://a/http://h" },
        { "http://@", "http://" },
        { "://", "://" },
        { "", "" },
    };
    char text[100];
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        strcpy(text, cases[i].said);
        wsc__url_hide_users(text);
        CHECK_STR(text, cases[i].is);
    }
}

/* The square of such a text would take hours. */
static void long_texts(void)
{
    static const char *const cases[] = { "://",      ":\\\\",           "://@",
                                         ":\\\\a@ ", ":\\\\[",          "://[",
                                         "a@://b/c", "http://u@a:1/b ", ":\\\\[0]:1\\\\" };
    static char text[1048576 + 8];
    size_t i, at, n;

    for (i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        const char *piece = cases[i / 2];

        n = strlen(piece);
        for (at = 0; at + n < 1048576; at += n)
            memcpy(text + at, piece, n);
        strcpy(text + at, i % 2 ? "]/a@b" : "");
        wsc__url_hide_users(text);
        CHECK(strlen(text) < at + 6);
    }
}

static int locate_once(const struct wsc__mem *mem)
{
    struct wsc__url base = { .tls = true,
                             .v6 = true,
                             .host = (char[]){ "fe80::1" },
                             .zone = (char[]){ "eth0" },
                             .port = 5986 };
    const char *why;
    char *a = wsc__url_location(mem, &base, "//[fe80::2]/x", &why);
    char *b = wsc__url_location(mem, &base, "/x", &why);
    int rc = a && b ? WSC_OK : WSC_E_NOMEM;

    wsc__free(mem, a);
    wsc__free(mem, b);
    return rc;
}

static int parse_once(const struct wsc__mem *mem)
{
    struct wsc__url u;
    size_t at;
    const char *why;
    char *text;
    int rc = wsc__url_parse(&u, mem, "[fe80::1%eth0]:5986/x", false, &at, &why);

    if (rc) {
        CHECK_EQ(rc, WSC_E_NOMEM);
        return rc;
    }
    text = wsc__url_text(&u, mem);
    if (!text)
        rc = WSC_E_NOMEM;
    wsc__free(mem, text);
    wsc__url_free(&u, mem);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(parse_once);
    test_each_failure(locate_once);
}

static const struct test tests[] = {
    { "good_ones", good_ones },
    { "bad_ones", bad_ones },
    { "long_ones", long_ones },
    { "addresses", addresses },
    { "users", users },
    { "locations", locations },
    { "reasons", reasons },
    { "zones", zones },
    { "out_of_memory", out_of_memory },
    { "users_in_texts", users_in_texts },
    { "long_texts", long_texts },
};

TEST_MAIN(tests)
