#include "auth/auth.h"

#include "test.h"

static struct wsc__auth_input input(const struct wsc__mem *mem, const struct wsc__credentials *c)
{
    struct wsc__auth_input in = { .mem = mem, .credentials = c, .host = "srv", .tls = 1 };

    return in;
}

static int token(const struct wsc__mem *mem, const char *user, const char *password, char *out,
                 bool twice)
{
    struct wsc__credentials c = { user, password, password ? strlen(password) : 0 };
    struct wsc__auth_input in = input(mem, &c);
    struct wsc__auth *a = NULL;
    struct wsc__job *job = NULL;
    struct wsc_error *err = NULL;
    struct wsc__buf b;
    int rc = wsc__auth_basic.begin(&a, &in, &err);

    wsc__buf_init(&b, mem, 20000);
    b.secret = 1;
    if (!rc) {
        enum wsc__auth_step step = a->ops->step(a, NULL, 0, &b, &job, &err);

        if (step == WSC__AUTH_TOKEN && twice)
            step = a->ops->step(a, "realm=\"x\"", 9, &b, &job, &err);
        if (step == WSC__AUTH_FAILED)
            rc = wsc__error_code(err);
        else
            snprintf(out, 100, "%s", wsc__buf_cstr(&b) ? wsc__buf_cstr(&b) : "");
        CHECK_EQ(a->ops->accepted(a, &err), WSC_OK);
        a->ops->free(a);
    }
    wsc__error_unref(err);
    wsc__buf_free(&b);
    return rc;
}

static void tokens(void)
{
    char out[100];

    CHECK_EQ(token(&wsc__mem_libc, "Aladdin", "open sesame", out, false), 0);
    CHECK_STR(out, "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="); /* RFC 7617 section 2 */
    CHECK_EQ(token(&wsc__mem_libc, "test", "123\xc2\xa3", out, false), 0);
    CHECK_STR(out, "dGVzdDoxMjPCow=="); /* RFC 7617 section 2.1 */
    CHECK_EQ(token(&wsc__mem_libc, "CORP\\u", "", out, false), 0);
    CHECK_STR(out, "Q09SUFx1Og==");
    CHECK_EQ(token(&wsc__mem_libc, "u", "a:b", out, false), 0);
}

static void refused(void)
{
    char out[100];

    CHECK_EQ(token(&wsc__mem_libc, NULL, "p", out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "", "p", out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "u", NULL, out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "u:v", "p", out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "u\n", "p", out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "u", "p\r\n", out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "\xff", "p", out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "u", "\xe4", out, false), WSC_E_AUTH);
    CHECK_EQ(token(&wsc__mem_libc, "u", "p", out, true), WSC_E_AUTH); /* never sent twice */
}

static void colon(void)
{
    struct wsc__credentials c = { "u:SECRET", "p", 1 };
    struct wsc__auth_input in = input(&wsc__mem_libc, &c);
    struct wsc__auth *a = NULL;
    struct wsc_error *err = NULL;

    CHECK_EQ(wsc__auth_basic.begin(&a, &in, &err), WSC_E_AUTH);
    CHECK(strstr(wsc__error_str(err, WSC__ES_CAUSE), "with a colon") != NULL);
    CHECK(strstr(wsc__error_str(err, WSC__ES_REMEDY), "option password") != NULL);
    CHECK(!strstr(wsc__error_text(err), "SECRET"));
    wsc__error_unref(err);
}

static void nul_in_password(void)
{
    struct wsc__credentials c = { "u", "a\0b", 3 };
    struct wsc__auth_input in = input(&wsc__mem_libc, &c);
    struct wsc__auth *a = NULL;
    struct wsc_error *err = NULL;

    CHECK_EQ(wsc__auth_basic.begin(&a, &in, &err), WSC_E_AUTH);
    CHECK(a == NULL && err != NULL);
    wsc__error_unref(err);
}

static void flags(void)
{
    CHECK_STR(wsc__auth_basic.name, "Basic");
    CHECK_EQ(wsc__auth_basic.flags, WSC__AUTH_NEEDS_TLS | WSC__AUTH_PREEMPTIVE);
    wsc__auth_basic.free(NULL);
}

static int once(const struct wsc__mem *mem)
{
    char out[100];
    int rc = token(mem, "user", "password", out, false);

    CHECK(rc == WSC_OK || rc == WSC_E_NOMEM);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(once);
}

static const struct test tests[] = {
    { "tokens", tokens }, { "refused", refused },
    { "colon", colon },   { "nul_in_password", nul_in_password },
    { "flags", flags },   { "out_of_memory", out_of_memory },
};

TEST_MAIN(tests)
