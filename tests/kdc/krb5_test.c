/* The Kerberos mechanism and its tickets, with a real KDC (with_kdc.py) and Heimdal's acceptor in
 * this process. Jobs run where they are asked for: what threads add is tests/io/job_test.c. */
#include "test.h"

#include "auth/krb5_private.h"

#include <pthread.h>
#include <time.h>

/* --- the surroundings ------------------------------------------------------------------------- */

#define SPN "HTTP/localhost"
#define NOW (INT64_C(1000) * time(NULL))

static const char *env(const char *name)
{
    const char *value = getenv(name);

    return value ? value : "";
}

static struct wsc__krb5_config settings(const struct wsc__mem *mem)
{
    return (struct wsc__krb5_config){ .mem = mem,
                                      .user = "alice",
                                      .password = "secret",
                                      .password_len = 6,
                                      .config = env("KDC_CONFIG"),
                                      .realm = env("KDC_REALM"),
                                      .timeout_ms = 20000 };
}

static struct wsc__krb5 *tickets_of(const struct wsc__krb5_config *c)
{
    struct wsc__krb5 *k = NULL;

    CHECK_EQ(wsc__krb5_new(&k, c), WSC_OK);
    return k;
}

static int jobs_run;

static void do_job(struct wsc__job *job)
{
    job->given = true;
    job->ops->run(job);
    job->ops->finish(job, true);
    job->ops->free(job);
    jobs_run++;
}

static struct wsc__mech *new_mech(struct wsc__krb5 *k, const struct wsc__mem *mem, int64_t now)
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
static enum wsc__auth_step step(struct wsc__mech *m, const uint8_t *token, size_t len,
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
static uint32_t first_token(struct wsc__krb5 *k, char *text, size_t cap)
{
    struct wsc__mech *m = new_mech(k, &wsc__mem_libc, NOW);
    struct wsc_error *err = NULL;
    struct wsc__buf out;
    uint32_t code = 0;

    wsc__buf_init(&out, &wsc__mem_libc, 1 << 20);
    if (step(m, NULL, 0, &out, &err) == WSC__AUTH_FAILED) {
        code = wsc__error_fault_code(err);
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

static bool accept_token(struct ends *e, const struct wsc__buf *token)
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
static bool half_way(struct ends *e, struct wsc__krb5 *k, const struct wsc__mem *mem)
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

static void part(struct ends *e)
{
    OM_uint32 minor;

    if (e->m)
        e->m->ops->free(e->m);
    if (e->far)
        (void)gss_delete_sec_context(&minor, &e->far, GSS_C_NO_BUFFER);
    wsc__buf_free(&e->reply);
}

static enum wsc__auth_step take_reply(struct ends *e, const uint8_t *p, size_t len,
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

static bool meet(struct ends *e, struct wsc__krb5 *k)
{
    struct wsc_error *err = NULL;
    bool good =
        CHECK(half_way(e, k, &wsc__mem_libc)) &&
        CHECK_EQ(take_reply(e, wsc__buf_data(&e->reply), e->reply.len, &err), WSC__AUTH_DONE);

    wsc__error_unref(err);
    return good;
}

/* --- logins ----------------------------------------------------------------------------------- */

static void every_credential(void)
{
    const struct {
        const char *user, *password, *keytab, *ccache, *realm;
    } cases[] = {
        { "alice", "secret", NULL, NULL, env("KDC_REALM") },
        { "alice", "secret", NULL, NULL, NULL }, /* default_realm */
        { "alice@wsman.test", "secret", NULL, NULL, NULL },
        { "WSMAN\\alice", "secret", NULL, NULL, env("KDC_REALM") },
        { "wsman.test\\alice", "secret", NULL, NULL, NULL },
        { "alice", NULL, env("KDC_USER_KEYTAB"), NULL, NULL },
        { "alice@WSMAN.TEST", NULL, env("KDC_USER_KEYTAB"), NULL, NULL },
        { NULL, NULL, env("KDC_USER_KEYTAB"), NULL, NULL },
        { NULL, NULL, NULL, env("KDC_CCACHE"), NULL },
        { "Alice", NULL, NULL, env("KDC_CCACHE"), NULL },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__krb5_config c = settings(&wsc__mem_libc);
        struct wsc__krb5 *k;
        char text[300] = "";

        c.user = cases[i].user;
        c.password = cases[i].password;
        c.password_len = c.password ? strlen(c.password) : 0;
        c.keytab = cases[i].keytab;
        c.ccache = cases[i].ccache;
        c.realm = cases[i].realm;
        k = tickets_of(&c);
        CHECK_STR(wsc__krb5_name(k), NULL);
        CHECK_EQ(first_token(k, text, sizeof text), 0);
        CHECK_STR(text, "");
        CHECK_STR(wsc__krb5_name(k), "alice@WSMAN.TEST");
        wsc__krb5_free(k);
    }
}

static void default_cache(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;

    c.user = c.password = NULL;
    setenv("KRB5CCNAME", env("KDC_CCACHE"), 1);
    k = tickets_of(&c);
    CHECK_EQ(first_token(k, NULL, 0), 0);
    wsc__krb5_free(k);
    setenv("KRB5CCNAME", "FILE:/nowhere/cc", 1);
    k = tickets_of(&c);
    CHECK_EQ(first_token(k, NULL, 0), 0x8033810c);
    wsc__krb5_free(k);
}

/* One AS exchange for the identity, one TGS exchange for the service. */
static void fetched_once(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    struct ends e;

    jobs_run = 0;
    for (int i = 0; i < 30; i++) {
        CHECK(meet(&e, k));
        part(&e);
    }
    CHECK_EQ(jobs_run, 2);
    wsc__krb5_free(k);
}

/* All wait for the same job, and the one who was first may go. */
static void fetched_for_all(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    struct wsc__mech *m[3];
    struct wsc__job *job[3] = { NULL, NULL, NULL };
    struct wsc_error *err = NULL;
    struct wsc__buf out;

    wsc__buf_init(&out, &wsc__mem_libc, 1 << 20);
    for (int i = 0; i < 3; i++)
        m[i] = new_mech(k, &wsc__mem_libc, NOW);
    for (int leg = 0; leg < 2; leg++) {
        for (int i = leg; i < 3; i++)
            CHECK_EQ(m[i]->ops->step(m[i], NULL, 0, &out, &job[i], &err), WSC__AUTH_NEED_JOB);
        CHECK(job[1] == job[2] && (leg || job[0] == job[1]));
        if (!leg)
            m[0]->ops->free(m[0]);
        do_job(job[1]);
    }
    for (int i = 1; i < 3; i++) {
        CHECK_EQ(m[i]->ops->step(m[i], NULL, 0, &out, &job[i], &err), WSC__AUTH_TOKEN);
        m[i]->ops->free(m[i]);
    }
    wsc__buf_free(&out);
    wsc__krb5_free(k);
}

/* The tickets go while a job for them is under way. */
static void abandoned(void)
{
    for (int given = 0; given < 2; given++) {
        struct wsc__krb5_config c = settings(&wsc__mem_libc);
        struct wsc__krb5 *k = tickets_of(&c);
        struct wsc__mech *m = new_mech(k, &wsc__mem_libc, NOW);
        struct wsc__job *job = NULL;
        struct wsc_error *err = NULL;
        struct wsc__buf out;

        wsc__buf_init(&out, &wsc__mem_libc, 1 << 20);
        CHECK_EQ(m->ops->step(m, NULL, 0, &out, &job, &err), WSC__AUTH_NEED_JOB);
        job->given = given;
        m->ops->free(m);
        wsc__krb5_free(k);
        if (given)
            do_job(job);
    }
}

/* Stopped in the middle: at once, and no failure that others would be told. */
static void stopped(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;
    struct wsc__mech *m;
    struct wsc__job *job = NULL;
    struct wsc_error *err = NULL;
    struct wsc__buf out;
    uint64_t from = wsc__krb5_now_ms();

    c.config = env("KDC_CONFIG_HOLE");
    k = tickets_of(&c);
    m = new_mech(k, &wsc__mem_libc, NOW);
    wsc__buf_init(&out, &wsc__mem_libc, 1 << 20);
    CHECK_EQ(m->ops->step(m, NULL, 0, &out, &job, &err), WSC__AUTH_NEED_JOB);
    job->ops->stop(job);
    do_job(job);
    CHECK(wsc__krb5_now_ms() - from < 10000); /* of 20 s */
    CHECK_EQ(m->ops->step(m, NULL, 0, &out, &job, &err), WSC__AUTH_NEED_JOB);
    m->ops->free(m);
    wsc__krb5_free(k);
}

/* Fetched anew some time before the end, and the old one is used as long as that fails. */
static void renewed(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    struct wsc__krb5_ticket *t = NULL;
    struct wsc__krb5_seen seen = { false, 0, 0 };
    struct wsc__job *job = NULL;
    struct wsc_error *err = NULL;
    int64_t now = NOW;

    while (wsc__krb5_get(k, SPN, now, &seen, &t, &job, &err) == WSC__AUTH_NEED_JOB)
        do_job(job);
    CHECK(t != NULL);
    now = 1000 * (t->ends - 30);
    wsc__krb5_ticket_unref(t);
    seen.set = false;
    CHECK_EQ(wsc__krb5_get(k, SPN, now, &seen, &t, &job, &err), WSC__AUTH_NEED_JOB);
    for (int i = 0; i < 2; i++) { /* the login; then, with the old login, the service */
        job->given = true;
        job->ops->finish(job, false); /* there was no thread for it */
        job->ops->free(job);
        CHECK_EQ(wsc__krb5_get(k, SPN, now, &seen, &t, &job, &err),
                 i ? WSC__AUTH_DONE : WSC__AUTH_NEED_JOB);
    }
    wsc__krb5_ticket_unref(t);
    CHECK_EQ(wsc__krb5_get(k, SPN, now + 60000, &seen, &t, &job, &err), WSC__AUTH_FAILED);
    wsc__error_unref(err);
    wsc__krb5_free(k);
}

/* Services that were asked for once are forgotten in time. */
static void forgotten(void)
{
    struct test_mem mem;
    struct wsc__mem m = { test_mem_fn, &mem };
    struct wsc__krb5_config c = settings(&m);
    struct wsc__krb5 *k;
    char spn[40];

    test_mem_init(&mem, -1);
    k = tickets_of(&c);
    for (int i = 0; i < 1000; i++) { /* none of them is there */
        struct wsc__krb5_seen seen = { false, 0, 0 };
        struct wsc__krb5_ticket *t = NULL;
        struct wsc__job *job = NULL;
        struct wsc_error *err = NULL;

        snprintf(spn, sizeof spn, "HTTP/host%d", i);
        while (wsc__krb5_get(k, spn, NOW, &seen, &t, &job, &err) == WSC__AUTH_NEED_JOB)
            do_job(job);
        CHECK_EQ(wsc__error_fault_code(err), 0x80090303);
        wsc__error_unref(err);
        CHECK(mem.live < 1000);
    }
    wsc__krb5_free(k);
    CHECK_EQ(mem.live, 0);
}

/* --- failures --------------------------------------------------------------------------------- */

static void refusals(void)
{
    static const struct {
        const char *user, *password;
        uint32_t code;
        bool for_good;
    } cases[] = {
        { "alice", "wrong", 0x8009030c, true }, /* SEC_E_LOGON_DENIED */
        { "alice@WSMAN.TEST", "wrong", 0x8009030c, true },
        { "nobody", "secret", 0xc0000064, false }, /* STATUS_NO_SUCH_USER */
        { "nobody@WSMAN.TEST", "secret", 0xc0000064, false },
        { "locked", "secret", 0xc000006e, true }, /* STATUS_ACCOUNT_RESTRICTION: Heimdal's word */
        { "gone", "secret", 0xc0000193, true },   /* STATUS_ACCOUNT_EXPIRED */
        { "stale", "secret", 0xc0000071, true },  /* STATUS_PASSWORD_EXPIRED */
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__krb5_config c = settings(&wsc__mem_libc);
        struct wsc__krb5 *k;

        c.user = cases[i].user;
        c.password = cases[i].password;
        c.password_len = strlen(c.password);
        k = tickets_of(&c);
        CHECK_EQ(first_token(k, NULL, 0), cases[i].code);
        jobs_run = 0;
        CHECK_EQ(first_token(k, NULL, 0), cases[i].code);
        CHECK_EQ(jobs_run, !cases[i].for_good); /* the KDC is not asked again */
        wsc__krb5_free(k);
    }
}

static void nothing_to_log_in_with(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    static const struct {
        const char *user, *password, *keytab, *ccache, *realm, *config;
        uint32_t code;
        const char *text;
    } cases[] = {
        { "alice", "secret", NULL, NULL, NULL, "/dev/null", 0x8033810c, "no realm" },
        { "alice", "secret", NULL, NULL, "NOWHERE.TEST", "/dev/null", 0x80090311,
          "no KDC is known" },
        { "alice", "secret", NULL, NULL, NULL, "/nowhere/krb5.conf", 0x8009030e,
          "/nowhere/krb5.conf" },
        { "alice", NULL, "/nowhere/keytab", NULL, NULL, NULL, 0x8009030e, "/nowhere/keytab" },
        { "bob", NULL, NULL, "", NULL, NULL, 0x8033810c, "alice@WSMAN.TEST, not of bob" },
        { NULL, NULL, NULL, "/nowhere/cc", NULL, NULL, 0x8033810c, "/nowhere/cc" },
        { NULL, NULL, NULL, "ODD:cc", NULL, NULL, 0x8033810c, "ODD" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__krb5 *k;
        char text[400] = "";

        c = settings(&wsc__mem_libc);
        c.user = cases[i].user;
        c.password = cases[i].password;
        c.keytab = cases[i].keytab;
        c.ccache = cases[i].ccache && !*cases[i].ccache ? env("KDC_CCACHE") : cases[i].ccache;
        c.realm = cases[i].realm;
        if (cases[i].config)
            c.config = cases[i].config;
        k = tickets_of(&c);
        CHECK_EQ(first_token(k, text, sizeof text), cases[i].code);
        if (!strstr(text, cases[i].text))
            CHECK_STR(text, cases[i].text);
        wsc__krb5_free(k);
    }
}

/* Within its time, whoever else may wait. */
static void silent_kdc(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;
    uint64_t from = wsc__krb5_now_ms();
    char text[300];

    c.config = env("KDC_CONFIG_HOLE");
    c.timeout_ms = 1500;
    k = tickets_of(&c);
    CHECK_EQ(first_token(k, text, sizeof text), 0x80090311);
    CHECK(strstr(text, "answers in time") != NULL);
    CHECK(wsc__krb5_now_ms() - from >= 1500);
    wsc__krb5_free(k);
}

static void expired_cache(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    uint32_t code = 0;
    char text[300];

    c.user = c.password = NULL;
    c.ccache = env("KDC_OLD_CCACHE"); /* of a second's life, made before this began */
    for (int i = 0; i < 100000 && !code; i++) {
        struct wsc__krb5 *k = tickets_of(&c);

        code = first_token(k, text, sizeof text);
        wsc__krb5_free(k);
    }
    CHECK_EQ(code, 0x8033810c);
    CHECK(strstr(text, "have expired") != NULL);
}

/* --- messages --------------------------------------------------------------------------------- */

static void one_message(struct ends *e, size_t len, size_t header, size_t padding)
{
    uint8_t *plain = calloc(1, len + 1);
    struct wsc__sealed sealed;
    struct wsc_error *err = NULL;
    struct wsc__buf b;
    gss_buffer_desc in, out = GSS_C_EMPTY_BUFFER;
    const uint8_t *back = NULL;
    size_t back_len = 0;
    OM_uint32 minor;
    int conf = 0;

    memset(plain, 'p', len);
    wsc__buf_init(&b, &wsc__mem_libc, 1 << 24);
    CHECK_EQ(e->m->ops->wrap(e->m, plain, len, &b, &sealed, &err), WSC_OK);
    CHECK_EQ(sealed.data_len, len + padding);
    CHECK_EQ(sealed.plain_len, len + padding);
    CHECK(sealed.header_len >= header && sealed.header_len <= header + (padding ? 3 : 0));
    in = (gss_buffer_desc){ b.len, (void *)(uintptr_t)wsc__buf_data(&b) };
    CHECK_EQ(gss_unwrap(&minor, e->far, &in, &out, &conf, NULL), GSS_S_COMPLETE);
    CHECK(conf && out.length == len && !memcmp(out.value, plain, len));
    (void)gss_release_buffer(&minor, &out);
    wsc__buf_free(&b);

    in = (gss_buffer_desc){ len, plain };
    CHECK_EQ(gss_wrap(&minor, e->far, 1, 0, &in, &conf, &out), GSS_S_COMPLETE);
    sealed = (struct wsc__sealed){ header, out.length - header, len };
    CHECK_EQ(e->m->ops->unwrap(e->m, out.value, &sealed, &back, &back_len, &err), WSC_OK);
    CHECK(back_len == len && !memcmp(back, plain, len));
    (void)gss_release_buffer(&minor, &out);
    free(plain);
}

static const struct kind {
    const char *config;
    size_t header, padding;
} kinds[] = {
    { "KDC_CONFIG_AES256", 60, 0 },      { "KDC_CONFIG_AES128", 60, 0 },
    { "KDC_CONFIG_AES256_SHA2", 72, 0 }, { "KDC_CONFIG_AES128_SHA2", 64, 0 },
    { "KDC_CONFIG_RC4", 45, 1 },
};

struct errand {
    void (*fn)(const struct kind *kind, struct wsc__krb5 *k);
    const struct kind *kind;
};

static void *run_errand(void *arg)
{
    const struct errand *r = arg;
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;

    c.config = env(r->kind->config);
    k = tickets_of(&c);
    r->fn(r->kind, k);
    wsc__krb5_free(k);
    return NULL;
}

/* GSSAPI takes the types of keys from the configuration that it has read for this thread. */
static void with_every_key(void (*fn)(const struct kind *kind, struct wsc__krb5 *k))
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct errand r = { fn, &kinds[i] };
        pthread_t t;

        setenv("KRB5_CONFIG", env(kinds[i].config), 1);
        CHECK_EQ(pthread_create(&t, NULL, run_errand, &r), 0);
        pthread_join(t, NULL);
    }
    setenv("KRB5_CONFIG", "/dev/null", 1);
}

static void seal(const struct kind *kind, struct wsc__krb5 *k)
{
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 50, 1000, 70000 };
    struct ends e;

    if (meet(&e, k)) {
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
            one_message(&e, lengths[n], kind->header, kind->padding);
    }
    part(&e);
}

static void sealed_with_every_key(void)
{
    with_every_key(seal);
}

static gss_buffer_desc sealed_by_far(struct ends *e, const char *text)
{
    gss_buffer_desc in = { strlen(text), (void *)(uintptr_t)text }, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    CHECK_EQ(gss_wrap(&minor, e->far, 1, 0, &in, NULL, &out), GSS_S_COMPLETE);
    return out;
}

static int unseal(struct ends *e, const void *p, size_t len)
{
    uint8_t *copy = malloc(len + 1);
    const struct wsc__sealed sealed = { len < 60 ? len : 60, len < 60 ? 0 : len - 60, 0 };
    struct wsc_error *err = NULL;
    const uint8_t *plain;
    size_t n;
    int rc;

    memcpy(copy, p, len);
    rc = e->m->ops->unwrap(e->m, copy, &sealed, &plain, &n, &err);
    wsc__error_unref(err);
    free(copy);
    return rc;
}

/* Each byte changed, each end cut off, twice, out of order: refused, and that is the end of it. */
static void alter(const struct kind *kind, struct wsc__krb5 *k)
{
    struct ends e;
    OM_uint32 minor;
    size_t len = 1;

    (void)kind;
    for (size_t at = 0; at < 2 * len; at++) {
        gss_buffer_desc b;

        if (!meet(&e, k))
            break;
        b = sealed_by_far(&e, "a text");
        len = b.length;
        if (at < len)
            ((uint8_t *)b.value)[at] ^= (uint8_t)(1 << at % 8);
        CHECK(unseal(&e, b.value, at < len ? len : at - len) != WSC_OK);
        if (at < len)
            ((uint8_t *)b.value)[at] ^= (uint8_t)(1 << at % 8);
        CHECK(unseal(&e, b.value, len) != WSC_OK);
        (void)gss_release_buffer(&minor, &b);
        part(&e);
    }
    for (int order = 0; order < 2; order++) {
        gss_buffer_desc a, b;

        CHECK(meet(&e, k));
        a = sealed_by_far(&e, "one");
        b = sealed_by_far(&e, "two");
        CHECK_EQ(unseal(&e, order ? b.value : a.value, order ? b.length : a.length) == WSC_OK,
                 !order);
        CHECK(unseal(&e, a.value, a.length) != WSC_OK);
        (void)gss_release_buffer(&minor, &a);
        (void)gss_release_buffer(&minor, &b);
        part(&e);
    }
}

static void altered_messages(void)
{
    with_every_key(alter);
}

/* Of the acceptor's proof, each bit is one, and so is its end. */
static void altered_reply(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    size_t len = 1, taken = 0;

    for (size_t at = 0; at < 9 * len; at++) {
        struct wsc_error *err = NULL;
        struct ends e;
        uint8_t *p;

        if (!CHECK(half_way(&e, k, &wsc__mem_libc)))
            break;
        len = e.reply.len;
        p = malloc(len);
        memcpy(p, wsc__buf_data(&e.reply), len);
        if (at < 8 * len)
            p[at / 8] ^= (uint8_t)(1 << at % 8);
        if (take_reply(&e, p, at < 8 * len ? len : at - 8 * len, &err) == WSC__AUTH_DONE) {
            gss_buffer_desc b = sealed_by_far(&e, "a text");
            OM_uint32 minor;

            taken++; /* what nothing depends on: the keys are the same */
            CHECK_EQ(unseal(&e, b.value, b.length), WSC_OK);
            (void)gss_release_buffer(&minor, &b);
        }
        wsc__error_unref(err);
        free(p);
        part(&e);
    }
    CHECK(taken < 40); /* of some 1,300: the version of the key in the clear part, say */
    printf("# of %zu changes of the proof, %zu change nothing\n", 9 * len, taken);
    wsc__krb5_free(k);
}

static void list_of_mechanisms(void)
{
    static const uint8_t list[] = "list of mechanisms";
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    size_t len = 1;

    for (size_t at = 0; at <= len; at++) {
        gss_buffer_desc text = { sizeof list, (void *)(uintptr_t)list }, mic = GSS_C_EMPTY_BUFFER;
        struct wsc_error *err = NULL;
        struct wsc__buf ours;
        struct ends e;
        OM_uint32 minor;

        if (!meet(&e, k))
            break;
        wsc__buf_init(&ours, &wsc__mem_libc, 1 << 20);
        CHECK_EQ(e.m->ops->mic(e.m, list, sizeof list, &ours, &err), WSC_OK);
        mic = (gss_buffer_desc){ ours.len, (void *)(uintptr_t)wsc__buf_data(&ours) };
        CHECK_EQ(gss_verify_mic(&minor, e.far, &text, &mic, NULL), GSS_S_COMPLETE);
        wsc__buf_free(&ours);
        CHECK_EQ(gss_get_mic(&minor, e.far, 0, &text, &mic), GSS_S_COMPLETE);
        len = mic.length;
        if (at < len)
            ((uint8_t *)mic.value)[at] ^= 1;
        CHECK_EQ(e.m->ops->verify_mic(e.m, list, sizeof list, mic.value, mic.length, &err) ==
                     WSC_OK,
                 at == len);
        wsc__error_unref(err);
        (void)gss_release_buffer(&minor, &mic);
        part(&e);
    }
    wsc__krb5_free(k);
}

/* How often it stands in memory that can be written. */
static size_t copies_of(const char *masked, size_t len)
{
    FILE *f = fopen("/proc/self/maps", "r");
    char line[400];
    size_t found = 0;

    while (f && fgets(line, sizeof line, f)) {
        unsigned long from, to;
        char mode[8];

        if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || strncmp(mode, "rw", 2) != 0 ||
            strstr(line, "[v"))
            continue;
        for (const char *p = (const char *)from; p + len <= (const char *)to; p++) {
            size_t i = 0;

            while (i < len && (p[i] ^ 0x5a) == masked[i])
                i++;
            found += i == len;
        }
    }
    if (f)
        fclose(f);
    return found;
}

/* Neither the job's copy nor the config's stays; what Heimdal keeps of its own is told. */
static void password_gone(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;
    char masked[19], *password = strdup("Zebra-crossing-4711");
    size_t len = strlen(password);

    for (size_t i = 0; i < len; i++)
        masked[i] = (char)(password[i] ^ 0x5a);
    c.user = "zebra";
    c.password = password;
    c.password_len = len;
    k = tickets_of(&c);
    CHECK_EQ(first_token(k, NULL, 0), 0);
    CHECK_EQ(copies_of(masked, len), 1); /* ours: nobody else's, and it would be found */
    wsc__wipe(password, len);
    free(password);
    printf("# %zu copies of the password while the tickets are there\n", copies_of(masked, len));
    wsc__krb5_free(k);
    CHECK_EQ(copies_of(masked, len), 0);
}

/* Each allocation of ours fails in turn. */
static void out_of_memory(void)
{
    bool good = false;

    for (long at = 0; at < 200 && !good; at++) {
        struct test_mem mem;
        struct wsc__mem m = { test_mem_fn, &mem };
        struct wsc__krb5_config c = settings(&m);
        struct wsc__krb5 *k = NULL;
        struct ends e;

        test_mem_init(&mem, at);
        if (wsc__krb5_new(&k, &c) == WSC_OK) {
            good = half_way(&e, k, &m) && mem.calls <= at;
            part(&e);
        }
        wsc__krb5_free(k);
        CHECK_EQ(mem.live, 0);
    }
    CHECK(good);
}

static const struct test tests[] = {
    { "every_credential", every_credential },
    { "default_cache", default_cache },
    { "fetched_once", fetched_once },
    { "fetched_for_all", fetched_for_all },
    { "abandoned", abandoned },
    { "stopped", stopped },
    { "renewed", renewed },
    { "forgotten", forgotten },
    { "refusals", refusals },
    { "nothing_to_log_in_with", nothing_to_log_in_with },
    { "silent_kdc", silent_kdc },
    { "expired_cache", expired_cache },
    { "sealed_with_every_key", sealed_with_every_key },
    { "altered_messages", altered_messages },
    { "altered_reply", altered_reply },
    { "list_of_mechanisms", list_of_mechanisms },
#if !defined(__SANITIZE_ADDRESS__) /* what is freed may not be read then */
    { "password_gone", password_gone },
#endif
    { "out_of_memory", out_of_memory },
};

int main(int argc, char **argv)
{
    if (!*env("KDC_CONFIG")) {
        printf("skipped: run it by with_kdc.py\n");
        return 77;
    }
    setenv("KRB5_CONFIG", "/dev/null", 1); /* this process's own Kerberos is another one */
    setenv("KRB5CCNAME", "FILE:/nowhere/cc", 1);
    gsskrb5_register_acceptor_identity(env("KDC_KEYTAB"));
    return test_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
