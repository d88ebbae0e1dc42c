#include "auth/spn.h"
#include "base/codes.h"

#include "test.h"

static const char longest[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

static void texts(void)
{
    static const struct {
        struct wsc__spn spn;
        const char *text; /* or NULL: what the error says */
        const char *error;
    } cases[] = {
        { { NULL, "srv", NULL, 0 }, "HTTP/srv", NULL },
        { { "", "srv", "", 0 }, "HTTP/srv", NULL },
        { { NULL, "srv", NULL, 5985 }, "HTTP/srv:5985", NULL },
        { { "WSMAN", "srv", NULL, 0 }, "WSMAN/srv", NULL },
        { { "HOST", "Srv.Corp.Example", NULL, 65535 }, "HOST/Srv.Corp.Example:65535", NULL },
        { { NULL, "10.0.0.1", "srv.corp.example", 0 }, "HTTP/srv.corp.example", NULL },
        { { NULL, "10.0.0.1", "srv", 1 }, "HTTP/srv:1", NULL },
        { { NULL, "a/b", "srv", 0 }, "HTTP/srv", NULL }, /* only what is used counts */
        { { NULL, "::1", NULL, 0 }, "HTTP/::1", NULL },
        { { NULL, "[2001:db8::1]", NULL, 0 }, "HTTP/2001:db8::1", NULL },
        { { NULL, "[2001:db8::1]", NULL, 5986 }, "HTTP/2001:db8::1:5986", NULL },
        { { NULL, "fe80::1%eth0", NULL, 0 }, "HTTP/fe80::1", NULL },
        { { NULL, "[fe80::1%eth0]", NULL, 0 }, "HTTP/fe80::1", NULL },
        { { NULL, "x", "[::2]", 0 }, "HTTP/::2", NULL },
        { { NULL, "srv\xc3\xa4", NULL, 0 }, "HTTP/srv\xc3\xa4", NULL },
        { { NULL, "", NULL, 0 }, NULL, "host of the SPN is empty" },
        { { NULL, "[]", NULL, 0 }, NULL, "host of the SPN is empty" },
        { { NULL, "a/b", NULL, 0 }, NULL, "host of the SPN that does not belong there (byte 1)" },
        { { NULL, "a b", NULL, 0 }, NULL, "(byte 1)" },
        { { NULL, "[a:]:b", NULL, 0 }, NULL, "(byte 0)" },
        { { NULL, "%eth0:", NULL, 0 }, NULL, "empty" },
        { { NULL, "srv\n", NULL, 0 }, NULL, "(byte 3)" },
        { { NULL, "srv\x7f", NULL, 0 }, NULL, "(byte 3)" },
        { { NULL, "srv@REALM", NULL, 0 }, NULL, "(byte 3)" },
        { { NULL, "a\\b", NULL, 0 }, NULL, "(byte 1)" },
        { { NULL, "srv", "\tx", 0 }, NULL, "host of the SPN that does not belong there (byte 0)" },
        { { "HTTP/", "srv", NULL, 0 }, NULL, "prefix of the SPN that does not belong" },
        { { "a b", "srv", NULL, 0 }, NULL, "prefix" },
        { { "a\r", "srv", NULL, 0 }, NULL, "prefix" },
        { { NULL, longest, NULL, 0 }, NULL, "longer than 255" },
        { { longest, "srv", NULL, 0 }, NULL, "prefix of the SPN is longer" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__buf b;
        struct wsc_error *err = NULL;
        int rc;

        wsc__buf_init(&b, &wsc__mem_libc, 600);
        rc = wsc__spn_put(&b, &cases[i].spn, &err);
        if (cases[i].text) {
            CHECK(rc == 0 && !err);
            CHECK_STR(wsc__buf_cstr(&b), cases[i].text);
        } else {
            CHECK_EQ(rc, WSC_E_OPTION);
            CHECK_EQ(b.len, 0);
            if (!CHECK(strstr(wsc__error_text(err), cases[i].error)))
                printf("# %s\n", wsc__error_text(err));
        }
        wsc__error_unref(err);
        wsc__buf_free(&b);
    }
    CHECK_STR(longest + 256, "");
}

static int once(const struct wsc__mem *mem)
{
    static const struct wsc__spn good = { "WSMAN", longest + 1, NULL, 5985 };
    static const struct wsc__spn wrong = { NULL, "a b", NULL, 0 };
    struct wsc_error *err = NULL;
    struct wsc__buf b;
    int rc;

    wsc__buf_init(&b, mem, 600);
    rc = wsc__spn_put(&b, &good, &err);
    CHECK(rc == 0 || (rc == WSC_E_NOMEM && b.len == 0));
    wsc__error_unref(err);
    err = NULL;
    if (!rc && wsc__spn_put(&b, &wrong, &err) == WSC_E_NOMEM)
        rc = WSC_E_NOMEM;
    wsc__error_unref(err);
    wsc__buf_free(&b);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(once);
}

static void full(void)
{
    static const struct wsc__spn spn = { NULL, "srv", NULL, 5985 };

    for (size_t max = 0; max < 14; max++) {
        struct wsc_error *err = NULL;
        struct wsc__buf b;
        int rc;

        wsc__buf_init(&b, &wsc__mem_libc, max);
        rc = wsc__spn_put(&b, &spn, &err);
        CHECK_EQ(rc, max < 13 ? WSC_E_LIMIT : 0);
        CHECK_EQ(b.len, rc ? 0 : 13);
        wsc__error_unref(err);
        wsc__buf_free(&b);
    }
}

/* What helps where the name was wrong. */
static void explained(void)
{
    static const struct {
        const char *spn;
        uint16_t port;
        const char *has[6];
        const char *has_not;
    } cases[] = {
        { "HTTP/srv.corp.example",
          5985,
          { "`setspn -q HTTP/srv.corp.example`", "HTTP/srv.corp.example:5985 (option spn-port), ",
            "WSMAN/srv.corp.example (option spn-prefix WSMAN), HOST/srv.corp.example (option "
            "spn-prefix HOST); ",
            "`setspn -s HTTP/srv.corp.example:5985 SRV` ", "`setspn -s WSMAN/srv.corp.example SRV`",
            "Entra" },
          "HTTP/srv.corp.example (option spn-prefix" },
        { "WSMAN/web-1:5986",
          5986,
          { "`setspn -q WSMAN/web-1:5986`", "WSMAN/web-1 (without the option spn-port), ",
            "HTTP/web-1 (option spn-prefix HTTP)", "`setspn -s HTTP/web-1:5986 WEB-1`",
            "`setspn -s WSMAN/web-1 WEB-1`", "`setspn -l WEB-1`" },
          "WSMAN/web-1 (option spn-prefix" },
        { "http/a-name-of-more-than-15.example",
          1,
          { "http/a-name-of-more-than-15.example:1", " A-NAME-OF-MORE-`" },
          "option spn-prefix HTTP" },
        { "HTTP/10.0.0.1", 5985, { "`setspn -s HTTP/10.0.0.1:5985 COMPUTER`" }, " 10`" },
        { "HTTP/2001:db8::1",
          5985,
          { "HTTP/2001:db8::1:5985 (option spn-port)", "WSMAN/2001:db8::1 COMPUTER`" },
          "without" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (int other = 0; other < 2; other++) {
            struct wsc_error *e =
                wsc__error_fault(&wsc__mem_libc, other ? 0x80090322 : 0x80090303, "x");
            const char *remedy;

            wsc__spn_explain(e, cases[i].spn, cases[i].port);
            remedy = wsc__error_str(e, WSC__ES_REMEDY);
            CHECK(strstr(wsc__error_str(e, WSC__ES_CAUSE), cases[i].spn) != NULL);
            for (size_t j = 0; j < 6 && cases[i].has[j]; j++) {
                if (!CHECK(strstr(remedy, cases[i].has[j]) != NULL))
                    printf("# %s: %s\n", cases[i].has[j], remedy);
            }
            CHECK(!strstr(remedy, cases[i].has_not));
            wsc__error_unref(e);
        }
    }
}

static void not_explained(void)
{
    static const struct {
        uint32_t code;
        const char *spn;
    } cases[] = { { 0x8009030c, "HTTP/srv" }, { 0x80090303, "srv" }, { 0x80090322, NULL } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc_error *e = wsc__error_fault(&wsc__mem_libc, cases[i].code, "x");

        wsc__error_set_str(e, WSC__ES_REMEDY, "as it was");
        wsc__spn_explain(e, cases[i].spn, 5985);
        CHECK_STR(wsc__error_str(e, WSC__ES_REMEDY), "as it was");
        wsc__error_unref(e);
    }
    wsc__spn_explain(wsc__error_nomem(), "HTTP/srv", 1);
}

static void explained_at_length(void)
{
    char spn[600];
    struct wsc_error *e = wsc__error_fault(&wsc__mem_libc, 0x80090303, "x");

    snprintf(spn, sizeof spn, "%.255s/%.255s:5985", longest + 1, longest + 1);
    wsc__spn_explain(e, spn, 65535);
    CHECK(strstr(wsc__error_str(e, WSC__ES_REMEDY), "(option spn-prefix HOST)") != NULL);
    wsc__error_unref(e);
}

static const struct test tests[] = {
    { "texts", texts },
    { "out_of_memory", out_of_memory },
    { "full", full },
    { "explained", explained },
    { "not_explained", not_explained },
    { "explained_at_length", explained_at_length },
};

TEST_MAIN(tests)
