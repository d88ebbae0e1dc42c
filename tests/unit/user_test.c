#include "auth/user.h"
#include "auth/utf16.h"

#include "test.h"

static bool same(const char *a, size_t len, const char *b)
{
    return len == strlen(b) && !memcmp(a, b, len);
}

static void form(const char *given, enum wsc__user_form want, const char *name, const char *domain)
{
    struct wsc__user u;
    struct wsc_error *err = NULL;

    if (!CHECK(wsc__user_split(&u, &wsc__mem_libc, given, &err) == WSC_OK)) {
        wsc__error_unref(err);
        return;
    }
    CHECK_EQ(u.form, want);
    CHECK(same(u.name, u.name_len, name));
    CHECK(same(u.domain, u.domain_len, domain));
    CHECK(u.whole == given && u.whole_len == strlen(given));
}

static void forms(void)
{
    form("user", WSC__USER_ALONE, "user", "");
    form("\\user", WSC__USER_ALONE, "user", "");
    form("CORP\\user", WSC__USER_DOMAIN, "user", "CORP");
    form("CORP\\user@x", WSC__USER_DOMAIN, "user@x", "CORP");
    form(".\\user", WSC__USER_LOCAL, "user", "");
    form("..\\user", WSC__USER_DOMAIN, "user", "..");
    form("user@corp.example", WSC__USER_UPN, "user", "corp.example");
    form("user@mail@CORP.EXAMPLE", WSC__USER_UPN, "user@mail", "CORP.EXAMPLE");
    form("J\xc3\xbcrgen@b\xc3\xbcro", WSC__USER_UPN, "J\xc3\xbcrgen", "b\xc3\xbcro");
}

static void domains(void)
{
    static const struct {
        const char *given, *domain;
        bool realm;
    } rows[] = {
        { "user", "", false },
        { ".\\user", "", false },
        { "Corp\\user", "CORP", false },
        { "corp.example\\user", "CORP.EXAMPLE", true },
        { "user@corp.example", "CORP.EXAMPLE", true },
        { "user@corp", "CORP", true },
        { "user@", "", false }, /* not to be taken apart */
        { NULL, "", false },
    };
    char text[16];

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CHECK_EQ(wsc__user_names_realm(&wsc__mem_libc, rows[i].given), rows[i].realm);
        wsc__user_domain(text, sizeof text, &wsc__mem_libc, rows[i].given);
        CHECK_STR(text, rows[i].domain);
    }
    wsc__user_domain(text, 5, &wsc__mem_libc, "user@corp.example");
    CHECK_STR(text, "CORP");
}

static void refuse(const char *given, int64_t offset)
{
    struct wsc__user u = { WSC__USER_ALONE, "untouched", 9, "", 0, "", 0 };
    struct wsc_error *err = NULL;
    int64_t at = -1;

    CHECK_EQ(wsc__user_split(&u, &wsc__mem_libc, given, &err), WSC_E_AUTH);
    CHECK_STR(u.whole, "untouched");
    CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), "username");
    (void)wsc__error_int(err, WSC__EI_OFFSET, &at);
    CHECK_EQ(at, offset);
    CHECK(offset >= 0 || wsc__error_str(err, WSC__ES_REMEDY) != NULL);
    wsc__error_unref(err);
}

static void refused(void)
{
    char *longest = malloc(WSC__USER_MAX + 2);

    refuse("", -1);
    refuse("CORP\\", -1);
    refuse("\\", -1);
    refuse("@corp", -1);
    refuse("user@", -1);
    refuse("a\\b\\c", -1);
    refuse("user\xff", 4);
    refuse("\xed\xa0\x80", 0); /* half of a surrogate pair */
    refuse("ab\xc3", 2);
    if (!CHECK(longest != NULL))
        return;
    memset(longest, 'u', WSC__USER_MAX + 1);
    longest[WSC__USER_MAX + 1] = '\0';
    refuse(longest, -1);
    longest[WSC__USER_MAX] = '\0';
    form(longest, WSC__USER_ALONE, longest, "");
    free(longest);
}

static void utf16(const char *text, bool upper, const char *want, size_t want_len)
{
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 1000);
    CHECK_EQ(wsc__utf16_append(&b, text, strlen(text), upper), WSC_OK);
    CHECK_EQ(b.len, want_len);
    CHECK(b.len == want_len && !memcmp(wsc__buf_data(&b), want, want_len));
    wsc__buf_free(&b);
}
#define UTF16(text, want)       utf16(text, false, want, sizeof(want) - 1)
#define UTF16_UPPER(text, want) utf16(text, true, want, sizeof(want) - 1)

static void encoded(void)
{
    struct wsc__buf b;

    UTF16("", "");
    UTF16("aZ", "a\0Z\0");
    UTF16("\xc3\xa4\xdf\xbf", "\xe4\0\xff\x07");
    UTF16("\xe0\xa0\x80\xe2\x82\xac\xef\xbf\xbf", "\x00\x08\xac\x20\xff\xff");
    UTF16("\xf0\x90\x80\x80\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf",
          "\x00\xd8\x00\xdc\x3d\xd8\x00\xde\xff\xdb\xff\xdf");
    wsc__buf_init(&b, &wsc__mem_libc, 3);
    CHECK_EQ(wsc__utf16_append(&b, "ab", 2, false), WSC_E_LIMIT);
    wsc__buf_free(&b);
}

static void upper_case(void)
{
    UTF16_UPPER("User1@x", "U\0S\0E\0R\0001\0@\0X\0");
    UTF16_UPPER("\xc3\xa4\xc3\xbf", "\xc4\0\x78\x01"); /* a umlaut, y diaeresis */
    UTF16_UPPER("\xc3\x9f", "\xdf\0");                 /* sharp s has no capital */
    UTF16_UPPER("\xce\xb1\xcf\x82\xcf\x83", "\x91\x03\xa3\x03\xa3\x03"); /* alpha, two sigmas */
    UTF16_UPPER("\xd0\xb6", "\x16\x04");                                 /* zhe */
    UTF16_UPPER("i\xc4\xb1\xc4\xb0", "I\0\x31\x01\x30\x01");             /* no Turkish rules */
    UTF16_UPPER("\xc5\xbf", "\x7f\x01");                                 /* long s */
    UTF16_UPPER("\xc7\x85\xc7\x86", "\xc5\x01\xc4\x01");               /* title case, lower case */
    UTF16_UPPER("\xc2\xb5\xcf\x90\xce\xbc", "\xb5\0\xd0\x03\x9c\x03"); /* micro, beta symbol, mu */
    UTF16_UPPER("\xe1\x83\x90\xea\xad\xb0", "\xd0\x10\x70\xab");       /* Georgian, Cherokee */
    UTF16_UPPER("\xe1\xb8\x81", "\x00\x1e");                           /* a with ring below */
    UTF16_UPPER("\xf0\x90\x90\xa8", "\x01\xd8\x28\xdc"); /* beyond the first plane: Deseret */
}

static const struct test tests[] = {
    { "forms", forms },     { "domains", domains },       { "refused", refused },
    { "encoded", encoded }, { "upper_case", upper_case },
};

TEST_MAIN(tests)
