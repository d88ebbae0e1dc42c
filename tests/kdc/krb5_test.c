/* Tickets: from what they are made, how often, and why there are none. */
#include "kerberos.h"

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

/* The whole name counts, not its first part. */
static void cache_of_a_service(void)
{
    static const struct {
        const char *user;
        uint32_t code;
    } cases[] = { { "backup/host", 0 }, { "backup", 0x8033810c } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__krb5_config c = settings(&wsc__mem_libc);
        struct wsc__krb5 *k;

        c.user = cases[i].user;
        c.password = NULL;
        c.ccache = env("KDC_SERVICE_CCACHE");
        k = tickets_of(&c);
        CHECK_EQ(first_token(k, NULL, 0), cases[i].code);
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

    c.config = env("KDC_CONFIG_HOLE");
    k = tickets_of(&c);
    m = new_mech(k, &wsc__mem_libc, NOW);
    wsc__buf_init(&out, &wsc__mem_libc, 1 << 20);
    CHECK_EQ(m->ops->step(m, NULL, 0, &out, &job, &err), WSC__AUTH_NEED_JOB);
    job->ops->stop(job);
    do_job(job);
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

/* Of the login that a ticket is asked for with there is a new one by the time that it is asked. */
static void renewed_meanwhile(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    struct wsc__krb5_ticket *t = NULL;
    struct wsc__krb5_seen seen = { false, 0, 0 }, other = { false, 0, 0 };
    struct wsc__job *login = NULL, *service = NULL;
    struct wsc_error *err = NULL;
    int64_t now = NOW;

    CHECK_EQ(wsc__krb5_get(k, SPN, now, &seen, &t, &login, &err), WSC__AUTH_NEED_JOB);
    do_job(login);
    CHECK_EQ(wsc__krb5_get(k, SPN, now, &seen, &t, &service, &err), WSC__AUTH_NEED_JOB);
    CHECK_EQ(wsc__krb5_get(k, "HTTP/other", now + 86400000, &other, &t, &login, &err),
             WSC__AUTH_NEED_JOB);
    CHECK(login != service);
    do_job(login);
    do_job(service);
    CHECK_EQ(wsc__krb5_get(k, SPN, now, &seen, &t, &service, &err), WSC__AUTH_DONE);
    wsc__krb5_ticket_unref(t);
    wsc__error_unref(err);
    wsc__krb5_free(k);
}

/* The clock here is days away from the KDC's: tickets live as long as it says all the same. */
static void another_clock(void)
{
    for (int days = -3; days <= 3; days += 3) {
        struct wsc__krb5_config c = settings(&wsc__mem_libc);
        struct wsc__krb5 *k = tickets_of(&c);
        struct wsc__krb5_ticket *t = NULL;
        struct wsc__krb5_seen seen = { false, 0, 0 };
        struct wsc__job *job = NULL;
        struct wsc_error *err = NULL;
        int64_t now = NOW + days * INT64_C(86400000);

        jobs_run = 0;
        while (jobs_run < 5 &&
               wsc__krb5_get(k, SPN, now, &seen, &t, &job, &err) == WSC__AUTH_NEED_JOB)
            do_job(job);
        CHECK_EQ(jobs_run, 2);
        if (CHECK(t != NULL)) /* the KDC gives them a day */
            CHECK(t->ends > now / 1000 && t->ends <= now / 1000 + 86400);
        wsc__krb5_ticket_unref(t);
        wsc__error_unref(err);
        wsc__krb5_free(k);
    }
}

/* A service that could not read a ticket may have another key by now: there is a new one, in time.
 */
static void doubted(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    struct ends e;

    CHECK(meet(&e, k)); /* one who got in is no reason */
    part(&e);
    for (int minutes = 0; minutes < 3; minutes++) {
        struct wsc__krb5_seen seen = { false, 0, 0 };
        struct wsc__krb5_ticket *t = NULL;
        struct wsc__job *job = NULL;
        struct wsc_error *err = NULL;
        enum wsc__auth_step s = wsc__krb5_get(k, SPN, NOW + minutes * 60000, &seen, &t, &job, &err);

        CHECK_EQ(s, minutes == 2 ? WSC__AUTH_NEED_JOB : WSC__AUTH_DONE);
        wsc__krb5_ticket_unref(t);
        if (minutes == 1) { /* but one who did not */
            CHECK(half_way(&e, k, &wsc__mem_libc));
            part(&e);
        }
    }
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

/* It is the client who finds out: a refusal all the same. */
static void refused_without_preauth(void)
{
    static const struct {
        const char *password;
        uint32_t code;
        int jobs;
    } cases[] = { { "secret", 0x80090303, 2 }, { "wrong", 0x8009030c, 1 } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__krb5_config c = settings(&wsc__mem_libc);
        struct wsc__krb5 *k;

        c.password = cases[i].password;
        c.password_len = strlen(c.password);
        c.realm = "LAX.TEST";
        c.config = env("KDC_CONFIG_LAX");
        k = tickets_of(&c);
        jobs_run = 0;
        CHECK_EQ(first_token(k, NULL, 0), cases[i].code);
        CHECK_EQ(jobs_run, cases[i].jobs);
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
        { "alice", "secret", NULL, NULL, NULL, "/nowhere/krb5.conf", (uint32_t)WSC_E_IO,
          "/nowhere/krb5.conf" },
        { "alice", NULL, "/nowhere/keytab", NULL, NULL, NULL, (uint32_t)WSC_E_IO,
          "/nowhere/keytab" },
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

/* Every login fails by the file that is missing: none goes on with the system's settings. */
static void missing_config_stays_missing(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;

    c.config = "/nowhere/krb5.conf";
    k = tickets_of(&c);
    for (int i = 0; i < 4; i++) {
        char text[300] = "";

        CHECK_EQ(first_token(k, text, sizeof text), (uint32_t)WSC_E_IO);
        CHECK(strstr(text, "/nowhere/krb5.conf") != NULL);
    }
    wsc__krb5_free(k);
}

/* The file goes when there is a ticket for tickets: the job for the service fails, with a copy of
 * that. */
static void config_that_goes(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    char dir[] = "/tmp/wsc-krb5-XXXXXX", file[sizeof dir + 10], text[300] = "";
    struct wsc__krb5_seen seen = { false, 0, 0 };
    struct wsc__krb5_ticket *t = NULL;
    struct wsc__job *job = NULL;
    struct wsc_error *err = NULL;
    struct wsc__krb5 *k;

    if (!CHECK(mkdtemp(dir) != NULL))
        return;
    snprintf(file, sizeof file, "%s/krb5.conf", dir);
    CHECK_EQ(symlink(env("KDC_CONFIG"), file), 0);
    c.config = file;
    k = tickets_of(&c);
    CHECK_EQ(wsc__krb5_get(k, SPN, NOW, &seen, &t, &job, &err), WSC__AUTH_NEED_JOB);
    do_job(job);
    CHECK_STR(wsc__krb5_name(k), "alice@WSMAN.TEST");
    CHECK_EQ(unlink(file), 0);
    CHECK_EQ(first_token(k, text, sizeof text), (uint32_t)WSC_E_IO);
    CHECK(strstr(text, file) != NULL);
    CHECK_EQ(rmdir(dir), 0);
    wsc__krb5_free(k);
}

/* Within its time, whoever else may wait. */
static void silent_kdc(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;
    uint64_t from = wsc__krb5_now_ms();
    char text[300];

    c.config = env("KDC_CONFIG_HOLE");
    c.timeout_ms = 400;
    k = tickets_of(&c);
    CHECK_EQ(first_token(k, text, sizeof text), 0x80090311);
    CHECK(strstr(text, "answers in time") != NULL);
    CHECK(wsc__krb5_now_ms() - from >= 400);
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

#if !defined(__SANITIZE_ADDRESS__) /* what is freed may not be read then */
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
    char masked[19], *password;
    size_t len;

    if (getenv("WSC_TEST_UNDER")) { /* valgrind lets nobody look at what was never written */
        printf("# skipped: not under another program\n");
        return;
    }
    password = strdup("Zebra-crossing-4711");
    len = strlen(password);
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
#endif

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

static void no_user_name(void)
{
    static const char *const names[] = { "@WSMAN.TEST", "WSMAN\\", "a\\b\\c", "alice@" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct wsc__krb5_config c = settings(&wsc__mem_libc);
        struct wsc__krb5 *k;

        c.user = names[i];
        k = tickets_of(&c);
        CHECK_EQ(first_token(k, NULL, 0), 0x8009030d); /* SEC_E_UNKNOWN_CREDENTIALS */
        wsc__krb5_free(k);
    }
}

/* Heimdal would take what stands before it. */
static void nul_in_password(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;
    char text[300] = "";

    c.password = "secret\0more";
    c.password_len = 11;
    k = tickets_of(&c);
    CHECK_EQ(first_token(k, text, sizeof text), (uint32_t)WSC_E_AUTH);
    CHECK(strstr(text, "NUL") != NULL);
    wsc__krb5_free(k);
}

static const struct test tests[] = {
    { "no_user_name", no_user_name },
    { "nul_in_password", nul_in_password },
    { "every_credential", every_credential },
    { "cache_of_a_service", cache_of_a_service },
    { "default_cache", default_cache },
    { "fetched_once", fetched_once },
    { "fetched_for_all", fetched_for_all },
    { "abandoned", abandoned },
    { "stopped", stopped },
    { "renewed", renewed },
    { "renewed_meanwhile", renewed_meanwhile },
    { "another_clock", another_clock },
    { "doubted", doubted },
    { "forgotten", forgotten },
    { "refusals", refusals },
    { "refused_without_preauth", refused_without_preauth },
    { "nothing_to_log_in_with", nothing_to_log_in_with },
    { "missing_config_stays_missing", missing_config_stays_missing },
    { "config_that_goes", config_that_goes },
    { "silent_kdc", silent_kdc },
    { "expired_cache", expired_cache },
#if !defined(__SANITIZE_ADDRESS__)
    { "password_gone", password_gone },
#endif
    { "out_of_memory", out_of_memory },
};

int main(int argc, char **argv)
{
    return krb5_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
