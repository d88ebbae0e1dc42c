#include "base/err.h"

#include "test.h"

static void code_table(void)
{
    const struct wsc__code *c;
    size_t i;

    for (i = 0; (c = wsc__code_at(i)) != NULL; i++) {
        CHECK(wsc__code_find_name(c->name) == c);
        CHECK_EQ(c->code, -(int)i - 1);
        CHECK(wsc__code_find(c->code) == c);
        CHECK(!strncmp(c->name, "WSC_E_", 6));
        CHECK(*c->cls && *c->text);
    }
    CHECK_EQ(i, -WSC_E_IO);
    CHECK_STR(wsc__code_find(WSC_OK)->name, "WSC_OK");
    CHECK(!wsc__code_find(1));
    CHECK(!wsc__code_find(-1000));
    CHECK(!wsc__code_find(INT32_MIN));
}

static bool ends_well(const char *s)
{
    return !s || (*s && (s[strlen(s) - 1] == '.' || s[strlen(s) - 1] == '`'));
}

static void fault_table(void)
{
    const struct wsc__fault_info *f, *last = NULL;

    for (size_t i = 0; (f = wsc__fault_at(i)) != NULL; i++) {
        CHECK(!last || last->code < f->code);
        CHECK(wsc__fault_find(f->code) == f);
        CHECK(wsc__fault_find_name(f->name) == f);
        CHECK(wsc__code_find(f->wsc) != NULL);
        CHECK(f->meaning || (!f->cause && !f->remedy && !f->subcode));
        CHECK(!f->detail || f->subcode);
        CHECK(ends_well(f->meaning) && ends_well(f->cause) && ends_well(f->remedy));
        if (f->subcode)
            CHECK_STR(wsc__fault_find_subcode(f->subcode, f->detail)->subcode, f->subcode);
        last = f;
    }
    CHECK(wsc__code_find_name("WSC_OK") == wsc__code_find(WSC_OK));
    CHECK(!wsc__code_find_name("WSC_E_") && !wsc__code_find_name(NULL));
    CHECK(!wsc__fault_find(0));
    CHECK(!wsc__fault_find(0xffffffffu));
    CHECK(!wsc__fault_find_name("NO_SUCH"));
    CHECK(!wsc__fault_find_name(NULL));
}

static void all_of_wsman(void)
{
    for (uint32_t n = 0; n < 0x200; n++)
        if (!CHECK(wsc__fault_find(0x80338000u + n) != NULL))
            printf("# 0x%08lX\n", 0x80338000ul + n);
}

static void wrapped_codes(void)
{
    CHECK_STR(wsc__fault_find(0x80070005u)->name, "ERROR_ACCESS_DENIED");
    CHECK_STR(wsc__fault_find(0x800703FAu)->name, "ERROR_KEY_DELETED");
    CHECK_STR(wsc__fault_find(0xD000006Du)->name, "STATUS_LOGON_FAILURE");
    CHECK_STR(wsc__fault_find(0x8029)->name, "ERROR_WSMAN_OPERATION_TIMEDOUT");
    CHECK_STR(wsc__fault_find(32768)->name, "ERROR_WSMAN_RESOURCE_NOT_FOUND");
    CHECK(!wsc__fault_find(0x8200));
    CHECK(!wsc__fault_find(0x8007ffffu));
}

static void mapping(void)
{
    static const struct {
        uint32_t code;
        int wsc;
        enum wsc__advice advice;
    } cases[] = {
        { 5, WSC_E_ACCESS_DENIED, WSC__ADVICE_NONE },
        { 0x80070005u, WSC_E_ACCESS_DENIED, WSC__ADVICE_NONE },
        { 0x80041003u, WSC_E_ACCESS_DENIED, WSC__ADVICE_NONE },
        { 1326, WSC_E_AUTH, WSC__ADVICE_NONE },
        { 0x8009030Cu, WSC_E_AUTH, WSC__ADVICE_NONE },
        { 995, WSC_E_ABORTED, WSC__ADVICE_SHELL_GONE },
        { 0x8033805Bu, WSC_E_SHELL_GONE, WSC__ADVICE_SHELL_GONE },
        { 0x800703FAu, WSC_E_SHELL_GONE, WSC__ADVICE_SHELL_GONE },
        { 0x8033814Au, WSC_E_SHELL_GONE, WSC__ADVICE_SHELL_GONE },
        { 0x80540FA1u, WSC_E_SHELL_GONE, WSC__ADVICE_SHELL_GONE },
        { 0x80338029u, WSC_E_TIMEOUT, WSC__ADVICE_REPEAT },
        { 0x8033801Cu, WSC_E_TIMEOUT, WSC__ADVICE_REPEAT },
        { 0x8033803Fu, WSC_E_BUSY, WSC__ADVICE_BACKOFF },
        { 0x803381A5u, WSC_E_BUSY, WSC__ADVICE_RELEASE },
        { 0x803381A6u, WSC_E_BUSY, WSC__ADVICE_RELEASE },
        { 0x803381E4u, WSC_E_BUSY, WSC__ADVICE_RELEASE },
        { 0x803381E9u, WSC_E_BUSY, WSC__ADVICE_RELEASE },
        { 0x803381A8u, WSC_E_BUSY, WSC__ADVICE_BACKOFF },
        { 0x8033816Eu, WSC_E_BUSY, WSC__ADVICE_BACKOFF },
        { 0x80338199u, WSC_E_REDIRECT, WSC__ADVICE_NONE },
        { 0x8033803Bu, WSC_E_NOT_FOUND, WSC__ADVICE_NONE },
        { 0x80338000u, WSC_E_NOT_FOUND, WSC__ADVICE_NONE },
        { 0x80338042u, WSC_E_UNSUPPORTED, WSC__ADVICE_NONE },
        { 0x80338012u, WSC_E_CONNECT, WSC__ADVICE_BACKOFF },
        { 0x80338041u, WSC_E_FAULT, WSC__ADVICE_NONE },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct wsc__fault_info *f = wsc__fault_find(cases[i].code);

        if (!CHECK(f != NULL))
            continue;
        if (!CHECK_EQ(f->wsc, cases[i].wsc) || !CHECK_EQ(f->advice, cases[i].advice))
            printf("# %s\n", f->name);
    }
    CHECK_EQ(wsc__fault_find_subcode("w:QuotaLimit", NULL)->code, 0x8033803Fu);
    CHECK_EQ(wsc__fault_find_subcode("w:InvalidSelectors", "UnexpectedSelectors")->code,
             0x8033805Bu);
    CHECK_EQ(wsc__fault_find_subcode("w:InvalidSelectors", "Other")->code, 0x8033803Du);
    CHECK_EQ(wsc__fault_find_subcode("w:AccessDenied", NULL)->code, 5);
    CHECK(!wsc__fault_find_subcode("w:Nonsense", NULL));
    CHECK(!wsc__fault_find_subcode(NULL, NULL));
}

static void values(void)
{
    struct wsc_error *e =
        wsc__error_new(&wsc__mem_libc, WSC_E_CONNECT, "cannot reach %s:%d", "h", 5985);
    const char *s = NULL;
    int64_t v = 0;

    CHECK_STR(wsc__error_text(e), "cannot reach h:5985");
    CHECK_EQ(wsc__error_code(e), WSC_E_CONNECT);
    CHECK_STR(wsc__error_class(e), "network");
    CHECK(wsc__error_retriable(e));
    CHECK(wsc__error_by_name(e, "name", &s));
    CHECK_STR(s, "WSC_E_CONNECT");
    CHECK(wsc__error_by_name(e, "cause", &s));
    CHECK(wsc__error_by_name(e, "remedy", &s));
    CHECK(!wsc__error_by_name(e, "target", &s));
    CHECK(!wsc__error_by_name(e, "nonsense", &s));
    CHECK(wsc__error_has_str("target") && !wsc__error_has_str("nonsense") &&
          wsc__error_has_str("class"));
    CHECK(wsc__error_has_int("limit") && !wsc__error_has_int("cause") &&
          wsc__error_has_int("code"));
    wsc__error_setf(e, WSC__ES_TARGET, "%s", "[::1]:5985");
    wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, 111);
    CHECK(wsc__error_by_name(e, "target", &s));
    CHECK_STR(s, "[::1]:5985");
    CHECK(wsc__error_int_by_name(e, "system-code", &v) && v == 111);
    CHECK(!wsc__error_int_by_name(e, "offset", &v));
    CHECK(wsc__error_int_by_name(e, "code", &v) && v == WSC_E_CONNECT);
    wsc__error_set_str(e, WSC__ES_CAUSE, "because");
    CHECK_STR(wsc__error_str(e, WSC__ES_CAUSE), "because");
    wsc__error_set_str(e, WSC__ES_CAUSE, NULL);
    CHECK(!wsc__error_str(e, WSC__ES_CAUSE));
    wsc__error_set_text(e, "other");
    CHECK_STR(wsc__error_text(e), "other");
    CHECK(wsc__error_ref(e) == e);
    wsc__error_unref(e);
    CHECK_STR(wsc__error_text(e), "other");
    wsc__error_unref(e);
    wsc__error_unref(NULL);
    CHECK_EQ(wsc__error_code(NULL), WSC_OK);
    CHECK(wsc__error_text(NULL) != NULL);
    e = wsc__error_fault(&wsc__mem_libc, 0x80338029u, NULL);
    CHECK(strstr(wsc__error_text(e), "OperationTimeout") != NULL);
    wsc__error_unref(e);
    e = wsc__error_fault(&wsc__mem_libc, 0x12345678u, NULL);
    CHECK_EQ(wsc__error_code(e), WSC_E_FAULT);
    CHECK(strstr(wsc__error_text(e), "0x12345678") != NULL);
    wsc__error_unref(e);
}

/* What comes from servers and files, and what a cut leaves. */
static void texts_are_utf8(void)
{
    struct wsc_error *e =
        wsc__error_new(&wsc__mem_libc, WSC_E_HTTP, "\xff\xfe|%.3s|\xc3\xa4", "ab\xc3\xa4");

    CHECK_STR(wsc__error_text(e), "??|ab?|\xc3\xa4");
    wsc__error_set_text(e, "\xc3(");
    CHECK_STR(wsc__error_text(e), "?(");
    wsc__error_set_str(e, WSC__ES_LOCATION, "/\xe4\xe2\x82");
    CHECK_STR(wsc__error_str(e, WSC__ES_LOCATION), "/???");
    wsc__error_setf(e, WSC__ES_CAUSE, "%s", "\xe2\x82\xac\x80");
    CHECK_STR(wsc__error_str(e, WSC__ES_CAUSE), "\xe2\x82\xac?");
    wsc__error_unref(e);
    e = wsc__error_fault(&wsc__mem_libc, 5, "%s", "\xe4");
    CHECK_STR(wsc__error_text(e), "?");
    wsc__error_unref(e);
}

static void no_memory(void)
{
    struct test_mem m;

    for (long k = 0; k < 4; k++) {
        struct wsc_error *e;

        test_mem_init(&m, k);
        e = wsc__error_new(&m.mem, WSC_E_TLS, "x %d", 1);
        wsc__error_set_str(e, WSC__ES_TARGET, "t");
        wsc__error_setf(e, WSC__ES_SCHEME, "%s", "t");
        wsc__error_set_int(e, WSC__EI_LIMIT, 1);
        wsc__error_set_text(e, "y");
        wsc__error_set_retriable(e, true);
        CHECK_EQ(wsc__error_code(e), k < 2 ? WSC_E_NOMEM : WSC_E_TLS);
        CHECK(wsc__error_text(e) && wsc__error_class(e) && wsc__error_str(e, WSC__ES_CAUSE));
        CHECK(k >= 2 || wsc__error_ref(e) == e);
        wsc__error_unref(e);
        CHECK_EQ(m.live, 0);
        test_mem_init(&m, k);
        e = wsc__error_fault(&m.mem, 5, NULL);
        CHECK_EQ(wsc__error_code(e), k < 2 ? WSC_E_NOMEM : WSC_E_ACCESS_DENIED);
        wsc__error_unref(e);
        CHECK_EQ(m.live, 0);
    }
    CHECK(wsc__error_new(&wsc__mem_libc, WSC_E_NOMEM, "x") == wsc__error_nomem());
}

static int own_with(const struct wsc__mem *mem)
{
    struct wsc_error *e = wsc__error_fault(mem, 0x8009030c, "no"), *same, *copy;
    int rc;

    wsc__error_set_str(e, WSC__ES_TARGET, "http://a");
    same = wsc__error_own(e);
    CHECK(same == e); /* nobody else has it */
    copy = wsc__error_own(wsc__error_ref(e));
    CHECK(copy != e || wsc__error_code(e) == WSC_E_NOMEM);
    rc = wsc__error_code(copy) == WSC_E_NOMEM ? WSC_E_NOMEM : WSC_OK;
    if (!rc) {
        CHECK_STR(wsc__error_text(copy), "no");
        CHECK_STR(wsc__error_str(copy, WSC__ES_FAULT_NAME), "SEC_E_LOGON_DENIED");
        wsc__error_set_str(copy, WSC__ES_TARGET, "http://b");
        if (wsc__error_str(e, WSC__ES_TARGET))
            CHECK_STR(wsc__error_str(e, WSC__ES_TARGET), "http://a");
    }
    wsc__error_unref(copy);
    wsc__error_unref(e);
    return rc;
}

static void own(void)
{
    CHECK_EQ(own_with(&wsc__mem_libc), WSC_OK);
    test_each_failure(own_with);
}

static const struct test tests[] = {
    { "own", own },
    { "code_table", code_table },
    { "fault_table", fault_table },
    { "all_of_wsman", all_of_wsman },
    { "wrapped_codes", wrapped_codes },
    { "mapping", mapping },
    { "values", values },
    { "texts_are_utf8", texts_are_utf8 },
    { "no_memory", no_memory },
};
TEST_MAIN(tests)
