/* A login by Kerberos with a real KDC (with_kdc.py), and Heimdal's acceptor in this process. Jobs
 * run where they are asked for: what threads add is tests/io/job_test.c. Include it once per
 * program. */
#ifndef WSC_TEST_KERBEROS_H
#define WSC_TEST_KERBEROS_H

#include "test.h"

#include "auth/krb5_private.h"

#include <pthread.h>
#include <time.h>

/* --- the surroundings ------------------------------------------------------------------------- */

#define SPN "HTTP/localhost"
#define NOW (INT64_C(1000) * time(NULL))

static inline const char *env(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static inline struct wsc__krb5_config settings(const struct wsc__mem *mem)
{
    return (struct wsc__krb5_config){ .mem = mem,
                                      .user = "alice",
                                      .password = "secret",
                                      .password_len = 6,
                                      .config = env("KDC_CONFIG"),
                                      .realm = env("KDC_REALM"),
                                      .timeout_ms = 20000 };
}

static inline struct wsc__krb5 *tickets_of(const struct wsc__krb5_config *c)
{
    struct wsc__krb5 *k = NULL;

    CHECK_EQ(wsc__krb5_new(&k, c), WSC_OK);
    return k;
}

static int jobs_run;

static inline void do_job(struct wsc__job *job)
{
    job->given = true;
    job->ops->run(job);
    job->ops->finish(job, true);
    job->ops->free(job);
    jobs_run++;
}

static inline struct wsc__mech *new_mech(struct wsc__krb5 *k, const struct wsc__mem *mem,
                                         int64_t now)
{
    struct wsc__auth_input in;
    struct wsc_error *err = NULL;
    struct wsc__mech *m = NULL;

    memset(&in, 0, sizeof in);
    in.mem = mem;
    in.krb5 = k;
    in.spn = SPN;
    in.unix_ms = now;
    if (wsc__mech_krb5.begin(&m, &in, &err) != WSC_OK)
        wsc__error_unref(err);
    return m;
}

/* Steps until there is something else to do than a job. */
static inline enum wsc__auth_step step(struct wsc__mech *m, const uint8_t *token, size_t len,
                                       struct wsc__buf *out, struct wsc_error **err)
{
    for (int i = 0; i < 5; i++) {
        struct wsc__job *job = NULL;
        enum wsc__auth_step s = m->ops->step(m, token, len, out, &job, err);

        if (s != WSC__AUTH_NEED_JOB)
            return s;
        CHECK(job && !out->len);
        do_job(job);
    }
    FAIL("jobs end");
    return WSC__AUTH_FAILED;
}

/* What a login without a server comes to: WSC_OK, or the code of the error. */
static inline uint32_t first_token(struct wsc__krb5 *k, char *text, size_t cap)
{
    struct wsc__mech *m = new_mech(k, &wsc__mem_libc, NOW);
    struct wsc_error *err = NULL;
    struct wsc__buf out;
    uint32_t code = 0;

    wsc__buf_init(&out, &wsc__mem_libc, 1 << 20);
    if (step(m, NULL, 0, &out, &err) == WSC__AUTH_FAILED) {
        code = wsc__error_fault_code(err);
        if (!code)
            code = (uint32_t)wsc__error_code(err);
        if (text)
            snprintf(text, cap, "%s", wsc__error_text(err));
        wsc__error_unref(err);
    } else {
        CHECK(out.len > 100 && *wsc__buf_data(&out) == 0x60);
    }
    wsc__buf_free(&out);
    m->ops->free(m);
    return code;
}

/* --- both ends -------------------------------------------------------------------------------- */

struct ends {
    struct wsc__mech *m;
    gss_ctx_id_t far;
    struct wsc__buf reply; /* of the acceptor: AP-REP */
};

static inline bool accept_token(struct ends *e, const struct wsc__buf *token)
{
    gss_buffer_desc in = { token->len, (void *)(uintptr_t)wsc__buf_data(token) };
    gss_buffer_desc out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major;

    major = gss_accept_sec_context(&minor, &e->far, GSS_C_NO_CREDENTIAL, &in,
                                   GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &out, NULL, NULL, NULL);
    if (out.length)
        CHECK_EQ(wsc__buf_append(&e->reply, out.value, out.length), WSC_OK);
    (void)gss_release_buffer(&minor, &out);
    return CHECK_EQ(major, GSS_S_COMPLETE);
}

/* Up to the acceptor's answer, which is not taken yet. */
static inline bool half_way(struct ends *e, struct wsc__krb5 *k, const struct wsc__mem *mem)
{
    struct wsc_error *err = NULL;
    struct wsc__buf out;
    bool good;

    memset(e, 0, sizeof *e);
    wsc__buf_init(&e->reply, &wsc__mem_libc, 1 << 20);
    e->m = new_mech(k, mem, NOW);
    if (!e->m)
        return false;
    wsc__buf_init(&out, mem, 1 << 20);
    good = step(e->m, NULL, 0, &out, &err) == WSC__AUTH_TOKEN && accept_token(e, &out);
    wsc__error_unref(err);
    wsc__buf_free(&out);
    return good;
}

static inline void part(struct ends *e)
{
    OM_uint32 minor;

    if (e->m)
        e->m->ops->free(e->m);
    if (e->far)
        (void)gss_delete_sec_context(&minor, &e->far, GSS_C_NO_BUFFER);
    wsc__buf_free(&e->reply);
}

static inline enum wsc__auth_step take_reply(struct ends *e, const uint8_t *p, size_t len,
                                             struct wsc_error **err)
{
    struct wsc__buf out;
    enum wsc__auth_step s;

    wsc__buf_init(&out, &wsc__mem_libc, 1 << 20);
    s = step(e->m, p, len, &out, err);
    CHECK(s == WSC__AUTH_FAILED || !out.len);
    wsc__buf_free(&out);
    return s;
}

static inline bool meet(struct ends *e, struct wsc__krb5 *k)
{
    struct wsc_error *err = NULL;
    bool good =
        CHECK(half_way(e, k, &wsc__mem_libc)) &&
        CHECK_EQ(take_reply(e, wsc__buf_data(&e->reply), e->reply.len, &err), WSC__AUTH_DONE);

    wsc__error_unref(err);
    return good;
}

/* Outside of a KDC's reach: skipped. */
static inline int krb5_main(const struct test *tests, size_t n, int argc, char **argv)
{
    if (!*env("KDC_CONFIG")) {
        printf("skipped: run it by with_kdc.py\n");
        return 77;
    }
    setenv("KRB5_CONFIG", "/dev/null", 1); /* this process's own Kerberos is another one */
    setenv("KRB5CCNAME", "FILE:/nowhere/cc", 1);
    gsskrb5_register_acceptor_identity(env("KDC_KEYTAB"));
    return test_main(tests, n, argc, argv);
}

#endif
