/* Rules 10 to 12 of the public header: time, fork, signals; threads, log and options. */
#include "ears.h"

#include <poll.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* --- 10: time --------------------------------------------------------------------------------- */

static void rule10_time(void)
{
    wsc_op *op = NULL;
    int64_t begin;

    silent_server();
    setup_at(silent_url, NULL);
    CHECK_EQ(wsc_ctx_step(ctx),
             WSC_OK); /* the first one makes the descriptor known to the system */
    CHECK_EQ(wsc_ctx_timeout(ctx), -1);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    begin = now_ms();
    CHECK_EQ(wsc_op_wait(op, 0), WSC_E_AGAIN);
    CHECK(now_ms() - begin < 1000);
    CHECK_EQ(wsc_op_wait(op, 120), WSC_E_AGAIN);
    CHECK(now_ms() - begin >= 120);
    CHECK(wsc_ctx_timeout(ctx) > 0); /* its reply's time-out */
    CHECK_EQ(wsc_op_cancel(op), WSC_OK);
    CHECK_EQ(wsc_ctx_timeout(ctx), 0);
    CHECK_EQ(wsc_ctx_step(ctx), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_CANCELED);
    wsc_op_unref(op);
    teardown();
}

static void open_timeout_in_tls(void)
{
    static const char *const list[] = { "open-timeout", "200", NULL };
    const char *option = NULL;
    char url[80];
    wsc_op *op = NULL;
    int64_t begin;

    silent_server();
    snprintf(url, sizeof url, "https%s", silent_url + 4);
    setup_at(url, list);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    begin = now_ms();
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_E_TIMEOUT); /* the handshake is never answered */
    CHECK(now_ms() - begin >= 190);
    CHECK_EQ(wsc_error_get_str(wsc_op_error(op), "option", &option), WSC_OK);
    CHECK_STR(option, "open-timeout");
    wsc_op_unref(op);
    teardown();
}

static void foreign_loop(void)
{
    struct ear e = { 0 };
    int64_t end = now_ms() + FOR_EVER;
    int turns = 0;
    wsc_command *c;

    setup(NULL);
    c = sh("printf hello");
    listen_to(c, &e);
    CHECK(wsc_ctx_fd(ctx) >= 0);
    while (!e.exit && now_ms() < end) {
        struct pollfd p = { wsc_ctx_fd(ctx), POLLIN, 0 };

        poll(&p, 1, wsc_ctx_timeout(ctx));
        CHECK_EQ(wsc_ctx_step(ctx), WSC_OK);
        turns++;
    }
    CHECK_EQ(e.exit, 1);
    CHECK(turns < 200); /* it does not spin */
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

/* --- 11: fork --------------------------------------------------------------------------------- */

static int child_calls(wsc_shell *s, wsc_command *c, wsc_op *op)
{
    wsc_op *o = NULL;
    wsc_shell *sh2 = NULL;
    wsc_command *c2 = NULL;
    wsc_client *cl = NULL;
    wsc_identity *id = NULL;
    const char *text;
    char buf[8];
    size_t n;
    int i = 0, bad = 0;

#define REFUSED(call)                                                                              \
    do {                                                                                           \
        i++;                                                                                       \
        if ((call) != WSC_E_USAGE) {                                                               \
            printf("# in the child: not refused: %s\n", #call);                                    \
            bad++;                                                                                 \
        }                                                                                          \
    } while (0)
    REFUSED(wsc_ctx_step(ctx));
    REFUSED(wsc_ctx_wait(ctx, 10));
    REFUSED(wsc_ctx_close(ctx, 10));
    REFUSED(wsc_ctx_set_params(ctx, NULL));
    REFUSED(wsc_ctx_set_log(ctx, WSC_LOG_NONE, NULL, NULL, NULL));
    REFUSED(wsc_ctx_wakeup(ctx));
    REFUSED(wsc_identity_new(&id, ctx, NULL));
    REFUSED(wsc_client_new(&cl, ctx, "h", NULL, NULL));
    REFUSED(wsc_client_option(client, NULL, "locale", &text, NULL));
    REFUSED(wsc_shell_open(&sh2, client, NULL));
    REFUSED(wsc_shell_close(NULL, s));
    REFUSED(wsc_shell_wait(s, 10));
    REFUSED(wsc_shell_on_state(s, NULL, NULL, NULL));
    REFUSED(wsc_client_run(&c2, client, "x", NULL, 0, NULL));
    REFUSED(wsc_shell_run(&c2, s, "x", NULL, 0, NULL));
    REFUSED(wsc_command_on_output(c, NULL, NULL, NULL));
    REFUSED(wsc_command_on_writable(c, NULL, NULL, NULL));
    REFUSED(wsc_command_on_exit(c, NULL, NULL, NULL));
    REFUSED(wsc_command_resume(c));
    REFUSED(wsc_command_read(c, NULL, buf, sizeof buf, &n, 0));
    REFUSED(wsc_command_write(c, "x", 1, &n, 0));
    REFUSED(wsc_command_write_eof(c));
    REFUSED(wsc_command_signal(NULL, c, "ctrl-c"));
    REFUSED(wsc_command_cancel(c));
    REFUSED(wsc_command_wait(c, 0));
    REFUSED(wsc_identify(&o, client, NULL));
    REFUSED(wsc_request(&o, client, "http://x", NULL, NULL, 0, NULL));
    REFUSED(wsc_op_on_done(op, NULL, NULL, NULL));
    REFUSED(wsc_op_wait(op, 0));
    REFUSED(wsc_op_cancel(op));
#undef REFUSED
    if (wsc_ctx_next_event(ctx))
        bad++;
    fflush(stdout);
    return bad;
}

static pid_t forked = -1;

static void fork_in_done(wsc_op *op, int status, void *ud)
{
    (void)op;
    (void)status;
    (void)ud;
    fflush(stdout);
    forked = fork();
}

/* The child comes back from the callback, into a wait that the parent has begun. */
static void rule11_fork_in_a_callback(void)
{
    wsc_op *op = NULL, *other = NULL;
    wsc_command *c;
    int status = -1, rc;

    setup(NULL);
    c = sh("sleep 0.3; echo over");
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, fork_in_done, NULL, NULL), WSC_OK);
    rc = wsc_command_wait(c, FOR_EVER);
    if (forked == 0)
        _exit(rc == WSC_E_USAGE && wsc_identify(&other, client, NULL) == WSC_E_USAGE ? 0 : 1);
    CHECK_EQ(waitpid(forked, &status, 0), forked);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 0);
    CHECK_EQ(rc, WSC_OK); /* the parent goes on unharmed */
    wsc_op_unref(op);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

static int handler_saw = -2;

static void child_handler(void)
{
    handler_saw = ctx ? wsc_ctx_step(ctx) : -2;
}

/* It runs before any other code of a child. */
static void __attribute__((constructor)) register_handler(void)
{
    pthread_atfork(NULL, NULL, child_handler);
}

/* What runs in a child before any other code of it; and children that no handler hears of. */
static void rule11_other_forks(void)
{
    wsc_ctx *own = NULL;
    int status, how;

    setup(NULL);
    for (how = 0; how < 3; how++) {
        pid_t pid = how == 1 ? (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0) : fork();

        if (pid == 0) {
            bool good =
                wsc_ctx_step(ctx) == WSC_E_USAGE && (how == 1 || handler_saw == WSC_E_USAGE);

            if (how == 2) { /* one of its own is good there, and not in its child */
                good = good && wsc_ctx_new(&own) == WSC_OK && wsc_ctx_step(own) == WSC_OK &&
                       wsc_ctx_step(ctx) == WSC_E_USAGE;
                pid = fork();
                if (pid == 0)
                    _exit(wsc_ctx_step(own) == WSC_E_USAGE && wsc_ctx_step(ctx) == WSC_E_USAGE ? 0
                                                                                               : 1);
                good = good && waitpid(pid, &status, 0) == pid && status == 0 &&
                       wsc_ctx_step(own) == WSC_OK;
                wsc_ctx_unref(own);
            }
            _exit(good ? 0 : 1);
        }
        status = -1;
        CHECK_EQ(waitpid(pid, &status, 0), pid);
        CHECK(WIFEXITED(status));
        CHECK_EQ(WEXITSTATUS(status), 0);
    }
    CHECK_EQ(wsc_ctx_step(ctx), WSC_OK);
    teardown();
    service_is_clean();
}

static void rule11_fork(void)
{
    wsc_shell *s = NULL;
    wsc_command *c = NULL;
    wsc_op *op = NULL;
    struct ear e = { 0 };
    size_t n;
    pid_t pid;
    int status = -1;

    setup(NULL);
    CHECK_EQ(wsc_shell_open(&s, client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&c, s, "cat", NULL, 0, NULL), WSC_OK);
    listen_to(c, &e);
    CHECK_EQ(wsc_shell_wait(s, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    fflush(stdout);
    pid = fork();
    if (pid == 0) {
        int bad = child_calls(s, c, op);

        wsc_op_unref(op);
        wsc_command_unref(c);
        wsc_shell_unref(s);
        wsc_client_unref(client);
        wsc_ctx_unref(ctx);
        _exit(bad > 100 ? 100 : bad);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK(WIFEXITED(status));
    CHECK_EQ(WEXITSTATUS(status), 0);
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_OK); /* the parent goes on unharmed */
    CHECK_EQ(wsc_command_write(c, "hello", 5, &n, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    wsc_ctx_step(ctx);
    CHECK_EQ(e.exit, 1);
    CHECK(e.output >= 1);
    wsc_op_unref(op);
    wsc_command_unref(c);
    wsc_shell_unref(s);
    teardown();
    service_is_clean();
}

/* --- 12: SIGPIPE ------------------------------------------------------------------------------ */

static void rule12_sigpipe(void)
{
    static char block[200000];
    struct sigaction old;
    sigset_t mask, pending;
    wsc_command *c;
    size_t n;
    int i;

    signal(SIGPIPE, SIG_DFL);
    for (i = 0; i < 5; i++) {
        setup(NULL);
        inject("[{\"action\": \"Send\", \"nth\": 1, \"count\": -1, \"effect\": "
               "\"close-before-reply\", \"how\": \"rst\"}]");
        c = sh_opts("cat", (const char *const[]){ "max-envelope-size", "512000", NULL });
        while (wsc_command_write(c, block, sizeof block, &n, FOR_EVER) == WSC_OK)
            continue;
        CHECK(wsc_command_wait(c, FOR_EVER) != WSC_OK);
        wsc_command_unref(c);
        CHECK(control("POST", "/_control/drop", NULL, NULL,
                      0)); /* and all connections, while requests go out */
        {
            wsc_op *op[10];
            int k;

            for (k = 0; k < 10; k++)
                CHECK_EQ(wsc_identify(&op[k], client, NULL), WSC_OK);
            CHECK(control("POST", "/_control/drop", NULL, NULL, 0));
            for (k = 0; k < 10; k++) {
                (void)wsc_op_wait(op[k], FOR_EVER);
                wsc_op_unref(op[k]);
            }
        }
        teardown();
        CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
    }
    CHECK_EQ(sigaction(SIGPIPE, NULL, &old), 0);
    CHECK(old.sa_handler == SIG_DFL);
    CHECK_EQ(pthread_sigmask(SIG_BLOCK, NULL, &mask), 0);
    CHECK_EQ(sigismember(&mask, SIGPIPE), 0);
    CHECK_EQ(sigpending(&pending), 0);
    CHECK_EQ(sigismember(&pending, SIGPIPE), 0);
}

/* --- threads ---------------------------------------------------------------------------------- */

static void *wake(void *arg)
{
    CHECK_EQ(wsc_ctx_wakeup(arg), WSC_OK);
    return NULL;
}

static void wakeup_from_a_thread(void)
{
    pthread_t t;
    int i;

    setup(NULL);
    for (i = 0; i < 100; i++) {
        CHECK_EQ(pthread_create(&t, NULL, wake, ctx), 0);
        CHECK_EQ(wsc_ctx_wait(ctx, -1), WSC_OK);
        CHECK_EQ(pthread_join(t, NULL), 0);
    }
    teardown();
}

static void wake_handler(int number)
{
    (void)number;
    wsc_ctx_wakeup(ctx);
}

static void *send_signal(void *arg)
{
    pthread_kill(*(pthread_t *)arg, SIGUSR1);
    return NULL;
}

/* A signal handler ends the wait for a command; the command goes on. */
static void wakeup_ends_any_wait(void)
{
    struct sigaction act, old;
    pthread_t t, self = pthread_self();
    wsc_command *c;

    memset(&act, 0, sizeof act);
    act.sa_handler = wake_handler;
    CHECK_EQ(sigaction(SIGUSR1, &act, &old), 0);
    setup(NULL);
    c = sh("read x; exit 4");
    CHECK_EQ(pthread_create(&t, NULL, send_signal, &self), 0);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_AGAIN);
    CHECK_EQ(pthread_join(t, NULL), 0);
    CHECK_EQ(wsc_ctx_wakeup(ctx), WSC_OK); /* before the wait: it ends that */
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_AGAIN);
    CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_ctx_wakeup(ctx), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK); /* it is done: nothing is waited for */
    wsc_command_unref(c);
    wsc_ctx_step(ctx);
    teardown();
    CHECK_EQ(sigaction(SIGUSR1, &old, NULL), 0);
    service_is_clean();
}

static void *own_context(void *arg)
{
    int *good = arg, i;
    wsc_ctx *c = NULL;
    wsc_client *cl;

    if (wsc_ctx_new(&c) != WSC_OK)
        return NULL;
    cl = client_of(c, NULL);
    for (i = 0; i < 10; i++) {
        wsc_command *cmd = NULL;
        int64_t code = -1;

        if (wsc_client_run(&cmd, cl, "exit 5", NULL, 0, NULL) == WSC_OK &&
            wsc_command_wait(cmd, FOR_EVER) == WSC_OK &&
            wsc_command_exit_code(cmd, &code) == WSC_OK && code == 5)
            ++*good;
        wsc_command_unref(cmd);
    }
    wsc_client_unref(cl);
    wsc_ctx_close(c, FOR_EVER);
    wsc_ctx_unref(c);
    return NULL;
}

static void two_contexts_in_two_threads(void)
{
    int good[2] = { 0, 0 };
    pthread_t t[2];
    int i;

    for (i = 0; i < 2; i++)
        CHECK_EQ(pthread_create(&t[i], NULL, own_context, &good[i]), 0);
    for (i = 0; i < 2; i++)
        CHECK_EQ(pthread_join(t[i], NULL), 0);
    CHECK_EQ(good[0], 10);
    CHECK_EQ(good[1], 10);
    service_is_clean();
}

static struct second {
    wsc_ctx *ctx;
    wsc_client *client;
    int rc;
} second;

static void step_other(wsc_op *op, int status, void *ud)
{
    wsc_op *o = NULL;

    (void)op;
    (void)status;
    (void)ud;
    second.rc = wsc_identify(&o, second.client, NULL);
    if (second.rc == WSC_OK)
        second.rc =
            wsc_op_wait(o, FOR_EVER); /* another context may wait: this one is not entered */
    wsc_op_unref(o);
}

static void two_contexts_in_one_thread(void)
{
    wsc_op *op = NULL;

    setup(NULL);
    CHECK_EQ(wsc_ctx_new(&second.ctx), WSC_OK);
    second.client = client_of(second.ctx, NULL);
    second.rc = 1;
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, step_other, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_OK);
    wsc_ctx_step(ctx);
    CHECK_EQ(second.rc, WSC_OK);
    wsc_op_unref(op);
    wsc_client_unref(second.client);
    wsc_ctx_unref(second.ctx);
    teardown();
}

/* --- log, options ----------------------------------------------------------------------------- */

static struct {
    char *text;
    size_t len;
    int highest, lines, frees;
} journal;

static void keep_log(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)ud;
    (void)component;
    journal.lines++;
    if (level > journal.highest)
        journal.highest = level;
    journal.text = realloc(journal.text, journal.len + len + 2);
    if (!journal.text)
        abort();
    memcpy(journal.text + journal.len, msg, len);
    journal.len += len;
    journal.text[journal.len++] = '\n';
    journal.text[journal.len] = '\0';
}

static void free_log(void *ud)
{
    (void)ud;
    journal.frees++;
}

static void basic_token(char *out)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char plain[256];
    size_t i, n = (size_t)snprintf(plain, sizeof plain, "%s:%s", env("WSC_ENDPOINT_USER"),
                                   env("WSC_ENDPOINT_PASSWORD"));

    for (i = 0; i + 2 < n; i += 3) { /* whole groups only: enough to find it */
        unsigned v = (unsigned)(uint8_t)plain[i] << 16 | (unsigned)(uint8_t)plain[i + 1] << 8 |
                     (uint8_t)plain[i + 2];

        *out++ = digits[v >> 18];
        *out++ = digits[v >> 12 & 63];
        *out++ = digits[v >> 6 & 63];
        *out++ = digits[v & 63];
    }
    *out = '\0';
}

static void log_keeps_secrets(void)
{
    int level;
    char token[512];

    basic_token(token);
    for (level = WSC_LOG_NONE; level <= WSC_LOG_TRACE; level++) {
        static const char *const list[] = { "trace-bodies", "true", NULL };
        wsc_command *c;
        wsc_params *bad;
        wsc_client *cl = NULL;
        wsc_op *op = NULL;

        memset(&journal, 0, sizeof journal);
        setup(list);
        CHECK_EQ(wsc_ctx_set_log(ctx, level, keep_log, NULL, free_log), WSC_OK);
        c = sh("printf some-output");
        CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
        wsc_command_unref(c);
        bad = login(NULL);
        wsc_params_set_str(bad, "password", "Wrong-secret-0815");
        CHECK_EQ(wsc_client_new(&cl, ctx, env("WSC_ENDPOINT_URL"), NULL, bad), WSC_OK);
        wsc_params_unref(bad);
        CHECK_EQ(wsc_identify(&op, cl, NULL), WSC_OK);
        CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_E_AUTH);
        wsc_op_unref(op);
        wsc_client_unref(cl);
        teardown();
        CHECK(journal.highest <= level);
        CHECK(level < WSC_LOG_DEBUG || journal.highest == level);
        CHECK(level != WSC_LOG_NONE || !journal.lines);
        CHECK_EQ(journal.frees, 1);
        if (level == WSC_LOG_TRACE) {
            CHECK(strstr(journal.text, "Authorization: Basic") != NULL);
            CHECK(strstr(journal.text, "CommandLine") != NULL);
        }
        if (journal.text) {
            CHECK(strstr(journal.text, env("WSC_ENDPOINT_PASSWORD")) == NULL);
            CHECK(strstr(journal.text, "Wrong-secret-0815") == NULL);
            CHECK(strstr(journal.text, token) == NULL);
            CHECK(level == WSC_LOG_TRACE || strstr(journal.text, "some-output") == NULL);
        }
        free(journal.text);
    }
    service_is_clean();
}

static void option_layers(void)
{
    static const char *const of_ctx[] = { "locale", "de-DE", "operation-timeout", "20s", NULL };
    static const char *const of_client[] = { "operation-timeout", "30s", NULL };
    static const char *const of_op[] = { "open-timeout", "5s", NULL };
    wsc_params *p = params_of(of_ctx), *q = params_of(of_op), *wrong = NULL;
    const char *value = NULL, *layer = NULL;

    CHECK_EQ(wsc_ctx_new(&ctx), WSC_OK);
    CHECK_EQ(wsc_ctx_set_params(ctx, p), WSC_OK);
    client = client_of(ctx, of_client);
#define LAYER(params, name, v, l)                                                                  \
    CHECK_EQ(wsc_client_option(client, params, name, &value, &layer), WSC_OK);                     \
    CHECK_STR(value, v);                                                                           \
    CHECK_STR(layer, l)
    LAYER(NULL, "locale", "de-DE", "context");
    LAYER(NULL, "operation-timeout", "30000", "client");
    LAYER(NULL, "open-timeout", "30000", "default");
    LAYER(q, "open-timeout", "5000", "operation");
    LAYER(q, "operation-timeout", "30000", "client");
    LAYER(NULL, "password", "***", "client");
    CHECK_EQ(wsc_client_option(client, NULL, "opne-timeout", &value, &layer), WSC_E_OPTION);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(ctx)), "open-timeout") != NULL);
    CHECK_EQ(wsc_params_new(&wrong), WSC_OK);
    CHECK_EQ(wsc_params_set_str(wrong, "locael", "x"), WSC_E_OPTION);
    CHECK(strstr(wsc_error_text(wsc_params_error(wrong)), "locale") != NULL);
    CHECK_EQ(wsc_params_set_str(wrong, "locale", "x"), WSC_OK);
    CHECK_EQ(wsc_client_option(client, wrong, "locale", &value, &layer),
             WSC_E_OPTION); /* the first failure is kept */
    wsc_params_unref(wrong);
    wsc_params_unref(p);
    wsc_params_unref(q);
    teardown();
}

static const struct test tests[] = {
    { "rule10_time", rule10_time },
    { "open_timeout_in_tls", open_timeout_in_tls },
    { "foreign_loop", foreign_loop },
    { "rule11_fork", rule11_fork },
    { "rule11_other_forks", rule11_other_forks },
    { "rule11_fork_in_a_callback", rule11_fork_in_a_callback },
    { "rule12_sigpipe", rule12_sigpipe },
    { "wakeup_from_a_thread", wakeup_from_a_thread },
    { "wakeup_ends_any_wait", wakeup_ends_any_wait },
    { "two_contexts_in_two_threads", two_contexts_in_two_threads },
    { "two_contexts_in_one_thread", two_contexts_in_one_thread },
    { "log_keeps_secrets", log_keeps_secrets },
    { "option_layers", option_layers },
};

TEST_MAIN(tests)
