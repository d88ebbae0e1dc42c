/* The scheme of client certificates: a header, and what its refusal means. */
#include "auth/auth.h"

#include "test.h"

static int whole(const struct wsc__mem *mem)
{
    const struct wsc__auth_ops *ops = &wsc__auth_certificate;
    struct wsc__auth_input in = { .mem = mem, .host = "h", .tls = 1 };
    struct wsc__auth *a = NULL;
    struct wsc__job *job = NULL;
    struct wsc_error *err = NULL;
    struct wsc__buf out;
    int rc = ops->begin(&a, &in, &err);

    if (rc) {
        CHECK(rc == WSC_E_NOMEM && wsc__error_code(err) == rc && !a);
        return rc;
    }
    wsc__buf_init(&out, mem, 100);
    CHECK_EQ(ops->step(a, NULL, 0, &out, &job, &err), WSC__AUTH_DONE);
    CHECK_EQ(out.len, 0); /* nothing behind the word */
    CHECK_EQ(ops->accepted(a, &err), WSC_OK);
    CHECK_EQ(ops->step(a, "", 0, &out, &job, &err), WSC__AUTH_FAILED);
    CHECK(wsc__error_code(err) == WSC_E_AUTH || wsc__error_code(err) == WSC_E_NOMEM);
    rc = wsc__error_code(err) == WSC_E_NOMEM ? WSC_E_NOMEM : WSC_OK;
    wsc__error_unref(err);
    wsc__buf_free(&out);
    ops->free(a);
    return rc;
}

static void header(void)
{
    CHECK_STR(wsc__auth_certificate.wire,
              "http://schemas.dmtf.org/wbem/wsman/1/wsman/secprofile/https/mutual");
    CHECK(wsc__auth_certificate.flags & WSC__AUTH_IN_TLS);
    CHECK_EQ(whole(&wsc__mem_libc), 0);
}

static void out_of_memory(void)
{
    test_each_failure(whole);
}

static void refusals(void)
{
    for (int asked = 0; asked < 2; asked++) {
        struct wsc_error *e = wsc__auth_certificate.refused(&wsc__mem_libc, 403, asked);
        int64_t status = 0;

        CHECK_EQ(wsc__error_code(e), WSC_E_AUTH);
        CHECK(strstr(wsc__error_text(e), asked ? "refused the client" : "did not ask") != NULL);
        CHECK(strstr(wsc__error_str(e, WSC__ES_REMEDY), "certmapping") != NULL);
        CHECK(wsc__error_int(e, WSC__EI_HTTP_STATUS, &status) && status == 403);
        CHECK(!wsc__error_retriable(e));
        wsc__error_unref(e);
    }
}

static const struct test tests[] = {
    { "header", header },
    { "out_of_memory", out_of_memory },
    { "refusals", refusals },
};

TEST_MAIN(tests)
