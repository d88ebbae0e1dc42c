/* Output, input and exit codes of commands on the test service. */
#include "api.h"

static void output_and_exit(void)
{
    static const int codes[] = { 0, 1, 3, 255 };
    size_t i;

    setup(NULL);
    for (i = 0; i < 4; i++) {
        char line[64];
        const void *data;
        size_t len;
        int64_t code = -1;
        wsc_command *c;

        snprintf(line, sizeof line, "printf out; printf err >&2; exit %d", codes[i]);
        c = sh(line);
        CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
        CHECK_EQ(wsc_command_exit_code(c, &code), WSC_OK);
        CHECK_EQ(code, codes[i]);
        CHECK_EQ(wsc_command_output(c, WSC_STDOUT, &data, &len), WSC_OK);
        CHECK(len == 3 && !memcmp(data, "out", 3));
        CHECK_EQ(wsc_command_output(c, WSC_STDERR, &data, &len), WSC_OK);
        CHECK(len == 3 && !memcmp(data, "err", 3));
        wsc_command_unref(c);
    }
    teardown();
    service_is_clean();
}

/* --- 5 MB through cat ------------------------------------------------------------------------- */

#define MUCH (5 * 1024 * 1024)

static uint8_t much[MUCH];

static void fill_much(void)
{
    uint64_t r = 7;
    size_t i;

    for (i = 0; i < MUCH; i++)
        much[i] = (uint8_t)test_random(&r);
}

static void echo_with_back_pressure(void)
{
    static const char *const list[] = {
        "input-limit", "200000", "output-limit", "100000", "max-envelope-size", "512000", NULL
    };
    static uint8_t buf[30000];
    size_t in = 0, out = 0, n;
    bool same = true, eof = false;
    wsc_command *c;
    int rc = WSC_OK;

    fill_much();
    setup(NULL);
    c = sh_opts("cat", list);
    while (rc == WSC_OK) {
        int stream = 0;

        while (in < MUCH && (rc = wsc_command_write(c, much + in, MUCH - in, &n, 0)) == WSC_OK)
            in += n;
        if (in == MUCH && !eof) {
            CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
            eof = true;
        }
        rc = wsc_command_read(c, &stream, buf, sizeof buf, &n, eof ? FOR_EVER : 0);
        if (rc == WSC_E_AGAIN) {
            rc = wsc_ctx_wait(ctx, FOR_EVER);
            continue;
        }
        if (rc != WSC_OK || !n)
            break;
        same = same && out + n <= MUCH && !memcmp(buf, much + out, n);
        out += n;
    }
    CHECK_EQ(rc, WSC_OK);
    CHECK_EQ(in, MUCH);
    CHECK_EQ(out, MUCH);
    CHECK(same);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

/* The same by callbacks, which take little at a time and rest in between. */
struct pump {
    size_t in, out;
    int rests, exits, status;
    bool same, eof;
};

static void feed(wsc_command *c, void *ud)
{
    struct pump *p = ud;
    size_t n;
    int rc = WSC_OK;

    while (p->in < MUCH / 4 &&
           (rc = wsc_command_write(c, much + p->in, MUCH / 4 - p->in, &n, 0)) == WSC_OK)
        p->in += n;
    if (p->in == MUCH / 4 && !p->eof) {
        p->eof = true;
        CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    }
}

static size_t drain(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    struct pump *p = ud;
    size_t n = len > 5000 ? 5000 : len;

    (void)c;
    (void)stream;
    p->same = p->same && p->out + n <= MUCH && !memcmp(data, much + p->out, n);
    p->out += n;
    p->rests += n < len;
    return n;
}

static void pump_exit(wsc_command *c, int status, void *ud)
{
    struct pump *p = ud;

    (void)c;
    p->exits++;
    p->status = status;
}

static void echo_by_callbacks(void)
{
    static const char *const list[] = { "input-limit", "100000", "output-limit", "50000", NULL };
    struct pump p = { .same = true };
    int64_t end = now_ms() + FOR_EVER;
    wsc_command *c;

    fill_much();
    setup(NULL);
    c = sh_opts("cat", list);
    CHECK_EQ(wsc_command_on_output(c, drain, &p, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_writable(c, feed, &p, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, pump_exit, &p, NULL), WSC_OK);
    feed(c, &p);
    while (!p.exits && now_ms() < end) {
        wsc_ctx_wait(ctx, 1000);
        CHECK_EQ(wsc_command_resume(c), WSC_OK);
    }
    CHECK_EQ(p.exits, 1);
    CHECK_EQ(p.status, WSC_OK);
    CHECK_EQ(p.out, MUCH / 4);
    CHECK(p.same && p.rests > 10);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

/* --- two streams ------------------------------------------------------------------------------ */

#define FLOOD "i=0; while [ $i -lt 300 ]; do printf '%1000s' x >&2; i=$((i+1)); done; printf done"

static void other_stream_fills(void)
{
    static const char *const list[] = { "output-limit", "8192", NULL };
    static char buf[400000];
    size_t n = 0, total = 0;
    int stream = WSC_STDOUT, rc;
    wsc_command *c;

    setup(NULL);
    c = sh_opts(FLOOD, list);
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, FOR_EVER), WSC_E_OTHER_STREAM);
    CHECK_EQ(wsc_error_code(wsc_ctx_error(ctx)), WSC_E_OTHER_STREAM);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_E_LIMIT);
    do {
        stream = 0;
        rc = wsc_command_read(c, &stream, buf, sizeof buf, &n, FOR_EVER);
        total += rc == WSC_OK ? n : 0;
    } while (rc == WSC_OK && n);
    CHECK_EQ(rc, WSC_OK);
    CHECK_EQ(total, 300004);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

static void merge_and_discard(void)
{
    static const char *const merge[] = { "stderr", "merge", NULL };
    static const char *const discard[] = { "stderr", "discard", NULL };
    const void *data;
    size_t len;
    wsc_command *c;

    setup(NULL);
    c = sh_opts("printf a; printf b >&2", merge);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_command_output(c, WSC_STDOUT, &data, &len), WSC_OK);
    CHECK_EQ(len, 2);
    CHECK_EQ(wsc_command_output(c, WSC_STDERR, &data, &len), WSC_OK);
    CHECK_EQ(len, 0);
    wsc_command_unref(c);
    c = sh_opts(FLOOD, discard);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_command_output(c, WSC_STDOUT, &data, &len), WSC_OK);
    CHECK(len == 4 && !memcmp(data, "done", 4));
    CHECK_EQ(wsc_command_output(c, WSC_STDERR, &data, &len), WSC_OK);
    CHECK_EQ(len, 0);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

static void again_is_not_the_end(void)
{
    char buf[16];
    size_t n = 99, taken;
    int stream = 0;
    wsc_command *c;

    setup(NULL);
    c = sh("cat");
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, 0), WSC_E_AGAIN);
    CHECK_EQ(n, 99); /* untouched */
    CHECK_EQ(stream, 0);
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, 20), WSC_E_AGAIN);
    CHECK_EQ(n, 99);
    CHECK_EQ(wsc_command_write(c, "x", 1, &taken, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, FOR_EVER), WSC_OK);
    CHECK(n == 1 && stream == WSC_STDOUT && buf[0] == 'x');
    CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    stream = WSC_STDERR;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, FOR_EVER), WSC_OK);
    CHECK_EQ(n, 0);
    stream = 0;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, FOR_EVER), WSC_OK);
    CHECK_EQ(n, 0);
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, FOR_EVER),
             WSC_OK); /* the end stays the end */
    CHECK_EQ(n, 0);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

/* --- many ------------------------------------------------------------------------------------- */

#define MANY 100

static void many_at_once(void)
{
    wsc_command *c[MANY];
    char line[64], want[16];
    const void *data;
    size_t len;
    int i;

    setup(NULL);
    for (i = 0; i < MANY; i++) {
        snprintf(line, sizeof line, "printf %d", i);
        c[i] = sh(line);
    }
    for (i = MANY - 1; i >= 0; i--) {
        snprintf(want, sizeof want, "%d", i);
        CHECK_EQ(wsc_command_wait(c[i], FOR_EVER), WSC_OK);
        CHECK_EQ(wsc_command_output(c[i], WSC_STDOUT, &data, &len), WSC_OK);
        CHECK(len == strlen(want) && !memcmp(data, want, len));
    }
    for (i = 0; i < MANY; i++)
        wsc_command_unref(c[i]);
    teardown();
    service_is_clean();
}

static void many_in_one_shell(void)
{
    wsc_command *c[MANY];
    wsc_shell *s = NULL;
    int i;

    setup(NULL);
    CHECK_EQ(wsc_shell_open(&s, client, NULL), WSC_OK);
    for (i = 0; i < MANY; i++) {
        static const char *const args[] = { "-c", "exit 4" };

        CHECK_EQ(wsc_shell_run(&c[i], s, "exit 4", args, 0, NULL), WSC_OK);
    }
    wsc_shell_unref(s); /* they go on */
    for (i = 0; i < MANY; i++) {
        int64_t code = -1;

        CHECK_EQ(wsc_command_wait(c[i], FOR_EVER), WSC_OK);
        CHECK_EQ(wsc_command_exit_code(c[i], &code), WSC_OK);
        CHECK_EQ(code, 4);
        wsc_command_unref(c[i]);
    }
    teardown();
    service_is_clean();
}

static void over_tls(void)
{
    const char *list[] = { "tls-ca-file", NULL, NULL };
    wsc_params *p;
    wsc_command *c = NULL;
    const void *data;
    size_t len;

    if (!getenv("WSC_ENDPOINT_HTTPS_URL"))
        return;
    list[1] = env("WSC_ENDPOINT_CA");
    CHECK_EQ(wsc_ctx_new(&ctx), WSC_OK);
    p = login(list);
    CHECK_EQ(wsc_client_new(&client, ctx, env("WSC_ENDPOINT_HTTPS_URL"), NULL, p), WSC_OK);
    wsc_params_unref(p);
    c = sh("printf '%70000s' x");
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_command_output(c, WSC_STDOUT, &data, &len), WSC_OK);
    CHECK_EQ(len, 70000);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

static const struct test tests[] = {
    { "output_and_exit", output_and_exit },
    { "echo_with_back_pressure", echo_with_back_pressure },
    { "echo_by_callbacks", echo_by_callbacks },
    { "other_stream_fills", other_stream_fills },
    { "merge_and_discard", merge_and_discard },
    { "again_is_not_the_end", again_is_not_the_end },
    { "many_at_once", many_at_once },
    { "many_in_one_shell", many_in_one_shell },
    { "over_tls", over_tls },
};

TEST_MAIN(tests)
