/* Rules 1 to 8 of the public header, on real sockets. */
#include "ears.h"

/* --- 1, 3, 4: arguments, callbacks, one end --------------------------------------------------- */

static void rule1_arguments(void)
{
    wsc_op *op = (wsc_op *)&op;
    wsc_shell *s = (wsc_shell *)&s;
    wsc_command *c = (wsc_command *)&c;
    wsc_client *cl = (wsc_client *)&cl;
    int64_t n = 42;
    const char *text = "untouched";

    setup(NULL);
    CHECK_EQ(wsc_identify(&op, NULL, NULL), WSC_E_USAGE);
    CHECK(op == (wsc_op *)&op);
    CHECK_EQ(wsc_shell_open(&s, NULL, NULL), WSC_E_USAGE);
    CHECK(s == (wsc_shell *)&s);
    CHECK_EQ(wsc_client_run(&c, client, "", NULL, 0, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_client_run(&c, client, "a\x01", NULL, 0, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_error_get_int(wsc_ctx_error(ctx), "offset", &n), WSC_OK);
    CHECK_EQ(n, 1);
    CHECK(c == (wsc_command *)&c);
    CHECK_EQ(wsc_client_new(&cl, ctx, "a b", NULL, NULL), WSC_E_USAGE);
    CHECK(cl == (wsc_client *)&cl);
    CHECK_EQ(wsc_client_get_str(client, "nonsense", &text), WSC_E_USAGE);
    CHECK_STR(text, "untouched");
    CHECK_EQ(wsc_ctx_pending(ctx), 0);
    wsc_op_unref(NULL);
    wsc_shell_unref(NULL);
    wsc_command_unref(NULL);
    wsc_client_unref(NULL);
    wsc_params_unref(NULL);
    wsc_epr_unref(NULL);
    wsc_identity_unref(NULL);
    wsc_ctx_unref(NULL);
    teardown();
}

static void rule3_replaced_callbacks(void)
{
    struct ear a = { 0 }, b = { 0 }, c = { 0 };
    wsc_op *op = NULL;

    setup(NULL);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, on_done, &a, on_free), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, on_done, &b, on_free), WSC_OK);
    CHECK_EQ(a.frees, 1);
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_OK);
    CHECK_EQ(a.done, 0);
    wsc_ctx_step(ctx);
    CHECK_EQ(b.done, 1);
    CHECK_EQ(wsc_op_on_done(op, on_done, &c, on_free),
             WSC_OK); /* after the end: never called, freed once */
    CHECK_EQ(b.frees, 1);
    wsc_op_unref(op);
    CHECK_EQ(c.done, 0);
    CHECK(a.frees == 1 && b.frees == 1 && c.frees == 1);
    CHECK_EQ(wsc_op_on_done(NULL, on_done, &c, on_free), WSC_E_USAGE);
    CHECK_EQ(c.frees, 1); /* the caller still owns it */
    teardown();
}

static void rule4_cancel_and_unref(void)
{
    struct ear e = { 0 };
    wsc_op *op = NULL;
    wsc_shell *s = NULL;
    wsc_command *c = NULL;
    int64_t begin = now_ms();

    silent_server();
    setup_at(silent_url, NULL);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, on_done, &e, on_free), WSC_OK);
    CHECK_EQ(wsc_shell_open(&s, client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(s, on_state, &e, on_free), WSC_OK);
    CHECK_EQ(wsc_shell_run(&c, s, "x", NULL, 0, NULL), WSC_OK);
    listen_to(c, &e);
    wsc_ctx_step(ctx);
    CHECK_EQ(wsc_op_cancel(op), WSC_OK);
    CHECK_EQ(wsc_ctx_step(ctx), WSC_OK);
    CHECK_EQ(e.done, 1);
    CHECK_EQ(e.status, WSC_E_CANCELED);
    wsc_ctx_unref(ctx); /* never waits */
    CHECK(now_ms() - begin < 5000);
    CHECK_EQ(e.exit, 1);
    CHECK_EQ(e.status, WSC_E_CANCELED);
    CHECK_EQ(e.state[WSC_SHELL_LOST] + e.state[WSC_SHELL_CLOSED], 1);
    CHECK_EQ(e.done, 1);
    wsc_client_unref(client);
    wsc_shell_unref(s);
    wsc_command_unref(c);
    wsc_op_unref(op);
    CHECK_EQ(e.frees, 5);
}

/* --- 2: nothing is inline --------------------------------------------------------------------- */

#define QUIET(e, call)                                                                             \
    do {                                                                                           \
        (e)->inside = true;                                                                        \
        (void)(call);                                                                              \
        (e)->inside = false;                                                                       \
        CHECK(!(e)->inline_seen);                                                                  \
    } while (0)

static void quiet_life(const char *url)
{
    struct ear e = { 0 };
    wsc_op *op = NULL, *op2 = NULL;
    wsc_shell *s = NULL;
    wsc_command *c = NULL;
    int64_t end = now_ms() + FOR_EVER;
    size_t taken;
    int i;

    if (url)
        setup_at(url, NULL);
    else
        setup(NULL);
    CHECK_EQ(wsc_shell_open(&s, client, NULL), WSC_OK);
    QUIET(&e, wsc_shell_on_state(s, on_state, &e, NULL));
    QUIET(&e, wsc_shell_run(&c, s, "cat", NULL, 0, NULL));
    if (!c)
        CHECK_EQ(wsc_shell_state(s), WSC_SHELL_LOST);
    for (i = 0; c && i < 40 && now_ms() < end; i++) {
        QUIET(&e, wsc_command_on_output(c, on_output, &e, NULL));
        QUIET(&e, wsc_command_on_exit(c, on_exit_, &e, NULL));
        QUIET(&e, wsc_command_on_writable(c, on_writable, &e, NULL));
        QUIET(&e, wsc_command_write(c, "abc", 3, &taken, 0));
        QUIET(&e, wsc_command_resume(c));
        QUIET(&e, wsc_command_wait(c, 0));
        QUIET(&e, wsc_identify(&op, client, NULL));
        if (op)
            QUIET(&e, wsc_op_on_done(op, on_done, &e, NULL));
        QUIET(&e, wsc_op_wait(op, 0));
        wsc_op_unref(op);
        op = NULL;
        QUIET(&e, wsc_ctx_timeout(ctx));
        QUIET(&e, wsc_ctx_next_event(ctx));
        wsc_ctx_wait(ctx, 5);
    }
    if (c)
        QUIET(&e, wsc_command_cancel(c));
    QUIET(&e, wsc_shell_close(&op2, s));
    if (op2)
        QUIET(&e, wsc_op_on_done(op2, on_done, &e, NULL));
    wsc_op_wait(op2, FOR_EVER);
    wsc_ctx_step(ctx);
    QUIET(&e, (wsc_command_unref(c), 0));
    QUIET(&e, (wsc_op_unref(op2), 0));
    QUIET(&e, (wsc_shell_unref(s), 0));
    CHECK_EQ(e.state[WSC_SHELL_LOST] + e.state[WSC_SHELL_CLOSED], 1);
    teardown();
}

static void rule2_nothing_inline(void)
{
    silent_server();
    quiet_life(NULL);
    quiet_life(refused_url);
    service_is_clean();
}

/* --- 5: re-entrancy --------------------------------------------------------------------------- */

enum what { OP, SHELL, COMMAND, CLIENT, CTX, ALL, WHATS };
enum where { IN_DONE, IN_STATE, IN_OUTPUT, IN_WRITABLE, IN_EXIT, IN_LOG, WHERES };

static struct nest {
    wsc_op *op;
    wsc_shell *shell;
    wsc_command *command;
    enum where where;
    enum what what;
    bool fired, ctx_gone;
    int after; /* callbacks of an object whose handle was given back */
    int refused;
} nest;

static void refuse_all(void)
{
    char buf[4];
    size_t n;

    if (nest.ctx_gone)
        return;
    CHECK_EQ(wsc_ctx_step(ctx), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_wait(ctx, 0), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_wait(ctx, 5), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_close(ctx, 0), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_close(ctx, 5), WSC_E_REENTRANT);
    CHECK_EQ(wsc_error_code(wsc_ctx_error(ctx)), WSC_E_REENTRANT);
    if (nest.op)
        CHECK_EQ(wsc_op_wait(nest.op, -1), WSC_E_REENTRANT);
    if (nest.shell)
        CHECK_EQ(wsc_shell_wait(nest.shell, 1), WSC_E_REENTRANT);
    if (nest.command) {
        CHECK_EQ(wsc_command_wait(nest.command, 1), WSC_E_REENTRANT);
        CHECK_EQ(wsc_command_read(nest.command, NULL, buf, 4, &n, 1), WSC_E_REENTRANT);
        CHECK_EQ(wsc_command_write(nest.command, buf, 1, &n, 1), WSC_E_REENTRANT);
    }
    nest.refused++;
}

static void give_back(enum what w)
{
    if ((w == OP || w == ALL) && nest.op) {
        wsc_op_unref(nest.op);
        nest.op = NULL;
    }
    if ((w == SHELL || w == ALL) && nest.shell) {
        wsc_shell_unref(nest.shell);
        nest.shell = NULL;
    }
    if ((w == COMMAND || w == ALL) && nest.command) {
        wsc_command_unref(nest.command);
        nest.command = NULL;
    }
    if ((w == CLIENT || w == ALL) && client) {
        wsc_client_unref(client);
        client = NULL;
    }
    if ((w == CTX || w == ALL) && !nest.ctx_gone) {
        wsc_ctx_unref(ctx);
        nest.ctx_gone = true;
    }
}

static void at(enum where w)
{
    if (w != nest.where || nest.fired)
        return;
    nest.fired = true;
    refuse_all();
    give_back(nest.what);
}

static void n_done(wsc_op *op, int status, void *ud)
{
    (void)status;
    (void)ud;
    nest.after += op != nest.op;
    at(IN_DONE);
}

static void n_state(wsc_shell *s, int state, void *ud)
{
    (void)state;
    (void)ud;
    nest.after += s != nest.shell;
    at(IN_STATE);
}

static size_t n_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    (void)stream;
    (void)data;
    (void)ud;
    nest.after += c != nest.command;
    at(IN_OUTPUT);
    return len;
}

static void n_writable(wsc_command *c, void *ud)
{
    (void)ud;
    nest.after += c != nest.command;
    at(IN_WRITABLE);
}

static void n_exit(wsc_command *c, int status, void *ud)
{
    (void)status;
    (void)ud;
    nest.after += c != nest.command;
    at(IN_EXIT);
}

static void n_log(int level, const char *component, const char *msg, size_t len, void *ud)
{
    char line[200];

    (void)level;
    (void)ud;
    snprintf(line, sizeof line, "%.*s", (int)len, msg);
    if (nest.where == IN_LOG && !nest.fired && strcmp(component, "command") == 0 &&
        strstr(line, "-> running")) {
        nest.fired = true;
        CHECK_EQ(wsc_ctx_step(ctx), WSC_E_REENTRANT);
        CHECK_EQ(wsc_ctx_wait(ctx, 1), WSC_E_REENTRANT);
        CHECK_EQ(wsc_ctx_close(ctx, 1), WSC_E_REENTRANT);
        nest.refused++;
    }
}

static void nested(enum where where, enum what what)
{
    int64_t end = now_ms() + FOR_EVER;
    size_t taken;
    static const char block[200000];

    memset(&nest, 0, sizeof nest);
    nest.where = where;
    nest.what = what;
    setup(NULL);
    CHECK_EQ(wsc_ctx_set_log(ctx, WSC_LOG_DEBUG, n_log, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_open(&nest.shell, client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(nest.shell, n_state, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_identify(&nest.op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(nest.op, n_done, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&nest.command, nest.shell, "cat", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_output(nest.command, n_output, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_writable(nest.command, n_writable, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(nest.command, n_exit, NULL, NULL), WSC_OK);
    while (wsc_command_write(nest.command, block, sizeof block, &taken, 0) == WSC_OK)
        continue;
    while (!nest.fired && !nest.ctx_gone && now_ms() < end) {
        wsc_ctx_wait(ctx, 1000);
        if (where == IN_EXIT && nest.command)
            wsc_command_write_eof(nest.command);
    }
    CHECK(nest.fired);
    CHECK_EQ(nest.refused, 1);
    if (!nest.ctx_gone) {
        wsc_ctx_step(ctx);
        wsc_ctx_step(ctx);
    }
    CHECK_EQ(nest.after, 0);
    give_back(ALL);
    CHECK_EQ(nest.after, 0);
}

static void rule5_everything_in_every_callback(void)
{
    int where, what;

    for (where = 0; where < WHERES; where++) {
        for (what = 0; what < WHATS; what++) {
            int before = test_failures;

            nested((enum where)where, (enum what)what);
            if (test_failures > before)
                printf("# callback %d, given back %d\n", where, what);
        }
    }
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

/* The context is given back in a callback while a blocking call waits. */
static void drop_ctx(wsc_op *op, int status, void *ud)
{
    (void)op;
    (void)status;
    (void)ud;
    wsc_ctx_unref(ctx);
}

static void rule5_ctx_goes_under_a_wait(void)
{
    struct ear e = { 0 };
    wsc_op *op = NULL;
    wsc_command *c = NULL;
    int rc;

    setup(NULL);
    CHECK_EQ(wsc_client_run(&c, client, "sleep 100", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, on_exit_, &e, on_free), WSC_OK);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, drop_ctx, NULL, NULL), WSC_OK);
    rc = wsc_command_wait(c, FOR_EVER);
    CHECK_EQ(rc, WSC_E_CANCELED);
    CHECK_EQ(e.exit, 1);
    CHECK_EQ(wsc_command_wait(c, 0), WSC_E_USAGE);
    wsc_op_unref(op);
    wsc_command_unref(c);
    wsc_client_unref(client);
    CHECK_EQ(e.frees, 1);
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

/* --- 6: queue or callback --------------------------------------------------------------------- */

static void rule6_queue(void)
{
    static const char *const list[] = { "want-events", "true", NULL };
    struct ear e = { 0 };
    int outputs = 0, exits = 0, others = 0, dones = 0;
    char buf[4], text[64] = "";
    size_t n, at_ = 0;
    wsc_command *c, *d;
    wsc_op *op = NULL;
    int64_t end = now_ms() + FOR_EVER;

    setup(NULL);
    c = sh_opts("printf hello", list);
    wsc_command_set_user_data(c, &at_);
    d = sh_opts("printf other", list);
    listen_to(d, &e);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    while ((!exits || !e.exit || !dones) && now_ms() < end) {
        const wsc_event *ev;

        wsc_ctx_wait(ctx, 1000);
        while ((ev = wsc_ctx_next_event(ctx))) {
            int stream = 0;

            if (wsc_event_op(ev)) {
                CHECK(wsc_event_op(ev) == op && wsc_event_kind(ev) == WSC_EVENT_DONE);
                dones++;
                continue;
            }
            others += wsc_event_command(ev) != c;
            CHECK(wsc_event_user_data(ev) == &at_);
            CHECK(wsc_event_shell(ev) == NULL);
            if (wsc_event_kind(ev) == WSC_EVENT_EXIT) {
                exits++;
            } else if (wsc_event_kind(ev) == WSC_EVENT_OUTPUT) {
                outputs++;
                while (wsc_command_read(c, &stream, buf, sizeof buf, &n, 0) == WSC_OK && n) {
                    memcpy(text + at_, buf, n);
                    at_ += n;
                    stream = 0;
                }
            }
        }
    }
    CHECK_EQ(exits, 1);
    CHECK_EQ(dones, 1);
    CHECK(outputs >= 1);
    CHECK_EQ(others, 0);
    CHECK_STR(text, "hello");
    CHECK_EQ(e.exit, 1);
    CHECK(e.output >= 1);
    wsc_command_unref(c);
    wsc_command_unref(d);
    wsc_op_unref(op);
    teardown();
    service_is_clean();
}

/* A callback that is set while the event already stands in the queue gets it; the queue does not.
 */
static void rule6_callback_set_late(void)
{
    struct ear e = { 0 };
    const wsc_event *ev;
    wsc_op *op = NULL;
    int dones = 0;

    setup(NULL);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_OK);
    wsc_ctx_step(ctx);
    CHECK_EQ(wsc_op_on_done(op, on_done, &e, on_free), WSC_OK);
    wsc_ctx_step(ctx);
    while ((ev = wsc_ctx_next_event(ctx)))
        dones += wsc_event_op(ev) == op;
    CHECK_EQ(dones + e.done, 1); /* told exactly once */
    wsc_op_unref(op);
    teardown();
}

static void rule6_event_outlives_its_object(void)
{
    const wsc_event *ev;
    wsc_op *op = NULL;

    setup(NULL);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_OK);
    wsc_ctx_step(ctx);
    ev = wsc_ctx_next_event(ctx);
    CHECK(ev != NULL);
    wsc_op_unref(op); /* the event is borrowed until the next one */
    CHECK_EQ(wsc_event_kind(ev), WSC_EVENT_DONE);
    CHECK(wsc_ctx_next_event(ctx) == NULL);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_OK);
    wsc_ctx_step(ctx);
    wsc_op_unref(op); /* in the queue: gone with the handle */
    CHECK(wsc_ctx_next_event(ctx) == NULL);
    teardown();
}

/* --- handles in every order ------------------------------------------------------------------- */

static void rule1_every_order(void)
{
    int order[5], i, k, perm;

    for (perm = 0; perm < 120; perm++) {
        int pool[5] = { OP, SHELL, COMMAND, CLIENT, CTX }, left = 5, p = perm;

        for (i = 0; i < 5; i++) {
            k = p % left;
            p /= left;
            order[i] = pool[k];
            pool[k] = pool[--left];
        }
        memset(&nest, 0, sizeof nest);
        nest.where = WHERES;
        setup(NULL);
        CHECK_EQ(wsc_shell_open(&nest.shell, client, NULL), WSC_OK);
        CHECK_EQ(wsc_identify(&nest.op, client, NULL), WSC_OK);
        CHECK_EQ(wsc_shell_run(&nest.command, nest.shell, "echo x", NULL, 0, NULL), WSC_OK);
        for (k = 0; k < perm % 13; k++)
            wsc_ctx_wait(ctx, 50);
        for (i = 0; i < 5; i++) {
            give_back((enum what)order[i]);
            if (!nest.ctx_gone)
                wsc_ctx_step(ctx);
        }
    }
    CHECK(control("GET", "/_control/wait?connections=1&timeout_ms=20000", NULL, NULL, 0));
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

/* --- 7: cancel, close ------------------------------------------------------------------------- */

static void rule7_close_waits(void)
{
    struct ear e = { 0 };
    wsc_command *c;
    wsc_op *op = NULL;

    setup(NULL);
    c = sh("sleep 100");
    listen_to(c, &e);
    while (wsc_ctx_pending(ctx) &&
           !control("GET", "/_control/wait?receiving=1&timeout_ms=1", NULL, NULL, 0))
        wsc_ctx_wait(ctx, 20);
    CHECK_EQ(wsc_command_cancel(c), WSC_OK);
    CHECK_EQ(e.exit, 0);
    CHECK_EQ(wsc_ctx_step(ctx), WSC_OK);
    CHECK_EQ(e.exit, 1);
    CHECK_EQ(e.status, WSC_E_CANCELED);
    CHECK(wsc_ctx_pending(ctx) > 0); /* Signal and Delete are under way */
    CHECK_EQ(wsc_ctx_close(ctx, 0), WSC_E_AGAIN);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_ctx_close(ctx, FOR_EVER), WSC_OK);
    CHECK_EQ(wsc_ctx_pending(ctx), 0);
    CHECK_EQ(e.exit, 1);
    wsc_command_unref(c);
    teardown();
    service_is_clean();
}

static void rule7_cancel_timeout(void)
{
    static const char *const list[] = { "cancel-timeout", "300", NULL };
    wsc_shell *s = NULL;
    int64_t begin;

    silent_server();
    setup_at(silent_url, list);
    CHECK_EQ(wsc_shell_open(&s, client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_wait(s, 30), WSC_E_AGAIN);
    begin = now_ms();
    CHECK_EQ(wsc_ctx_close(ctx, -1), WSC_OK);
    CHECK(now_ms() - begin >= 250 && now_ms() - begin < 5000);
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    wsc_shell_unref(s);
    teardown();
}

/* --- 8: bytes before the error ---------------------------------------------------------------- */

static void rule8_bytes_first(void)
{
    char buf[16];
    size_t n = 0;
    wsc_command *c;
    static const char *const list[] = { "receive-retries", "0", NULL };

    setup(NULL);
    inject("[{\"action\": \"Receive\", \"nth\": 2, \"count\": -1, \"effect\": "
           "\"close-before-reply\"}]");
    c = sh_opts("printf abc; sleep 20", list);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_E_CONNECTION_LOST);
    CHECK_EQ(wsc_command_read(c, NULL, buf, sizeof buf, &n, 0), WSC_OK);
    CHECK(n == 3 && !memcmp(buf, "abc", 3));
    CHECK_EQ(wsc_command_read(c, NULL, buf, sizeof buf, &n, 0), WSC_E_CONNECTION_LOST);
    wsc_command_unref(c);
    teardown();
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

/* --- 5 again: what a wait stands on ----------------------------------------------------------- */

/* The handle is given back in a callback while a blocking call on it waits. */
static void drop_shell(wsc_shell *s, int state, void *ud)
{
    (void)state;
    (void)ud;
    wsc_shell_unref(s);
}

static void rule5_shell_goes_under_its_wait(void)
{
    wsc_shell *s = NULL;

    silent_server();
    setup_at(refused_url, NULL);
    CHECK_EQ(wsc_shell_open(&s, client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(s, drop_shell, NULL, NULL), WSC_OK);
    CHECK(wsc_shell_wait(s, FOR_EVER) != WSC_OK);
    teardown();
}

static void drop_op(wsc_op *op, int status, void *ud)
{
    (void)status;
    (void)ud;
    wsc_op_unref(op);
}

static void drop_command(wsc_command *c, int status, void *ud)
{
    (void)status;
    (void)ud;
    wsc_command_unref(c);
}

static void rule5_op_and_command_go_under_their_wait(void)
{
    wsc_op *op = NULL;
    wsc_command *c = NULL;
    char buf[4];
    size_t n;

    silent_server();
    setup_at(refused_url, NULL);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, drop_op, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, FOR_EVER), WSC_E_CONNECT);
    wsc_ctx_step(ctx);
    CHECK_EQ(wsc_client_run(&c, client, "x", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, drop_command, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_E_CONNECT);
    wsc_ctx_step(ctx);
    CHECK_EQ(wsc_client_run(&c, client, "x", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, drop_command, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_read(c, NULL, buf, sizeof buf, &n, FOR_EVER), WSC_E_CONNECT);
    wsc_ctx_step(ctx);
    teardown();
}

/* --- what belongs to another context ---------------------------------------------------------- */

static void identity_of_another_context(void)
{
    static const char *const user[] = { "username", "u", "password", "p", NULL };
    static const char *const clear[] = { "allow-unencrypted", "true", NULL };
    wsc_params *p = params_of(user), *q = params_of(clear);
    wsc_identity *id = NULL;
    wsc_client *c = NULL;
    wsc_ctx *other = NULL;

    setup(NULL);
    CHECK_EQ(wsc_ctx_new(&other), WSC_OK);
    CHECK_EQ(wsc_identity_new(&id, other, p), WSC_OK);
    CHECK_EQ(wsc_client_new(&c, ctx, env("WSC_ENDPOINT_URL"), id, q), WSC_E_USAGE);
    CHECK(c == NULL);
    CHECK(wsc_ctx_error(ctx) != NULL);
    wsc_identity_unref(id);
    wsc_ctx_unref(other);
    wsc_params_unref(p);
    wsc_params_unref(q);
    teardown();
}

static const struct test tests[] = {
    { "identity_of_another_context", identity_of_another_context },
    { "rule1_arguments", rule1_arguments },
    { "rule1_every_order", rule1_every_order },
    { "rule2_nothing_inline", rule2_nothing_inline },
    { "rule3_replaced_callbacks", rule3_replaced_callbacks },
    { "rule4_cancel_and_unref", rule4_cancel_and_unref },
    { "rule5_everything_in_every_callback", rule5_everything_in_every_callback },
    { "rule5_ctx_goes_under_a_wait", rule5_ctx_goes_under_a_wait },
    { "rule6_queue", rule6_queue },
    { "rule6_callback_set_late", rule6_callback_set_late },
    { "rule6_event_outlives_its_object", rule6_event_outlives_its_object },
    { "rule7_close_waits", rule7_close_waits },
    { "rule7_cancel_timeout", rule7_cancel_timeout },
    { "rule8_bytes_first", rule8_bytes_first },
    { "rule5_op_and_command_go_under_their_wait", rule5_op_and_command_go_under_their_wait },
    { "rule5_shell_goes_under_its_wait", rule5_shell_goes_under_its_wait },
};

TEST_MAIN(tests)
