/* The twelve rules of the public header, on real sockets. */
#include "api.h"

#include <poll.h>
#include <pthread.h>
#include <sys/wait.h>

/* --- a server that never answers, or refuses
 * ------------------------------------------------------------- */

static int silent = -1;
static char silent_url[64], refused_url[64];

/* Listens and accepts nothing: connections stand in its backlog. */
static void silent_server(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    int other = socket(AF_INET, SOCK_STREAM, 0);

    if (silent >= 0) {
        close(other);
        return;
    }
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    silent = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(bind(silent, (struct sockaddr *)&a, sizeof a), 0);
    CHECK_EQ(listen(silent, 100), 0);
    CHECK_EQ(getsockname(silent, (struct sockaddr *)&a, &n), 0);
    snprintf(silent_url, sizeof silent_url, "http://127.0.0.1:%d/wsman", ntohs(a.sin_port));
    a.sin_port = 0;
    CHECK_EQ(bind(other, (struct sockaddr *)&a, sizeof a),
             0); /* bound, not listening, and kept: nobody takes the port */
    CHECK_EQ(getsockname(other, (struct sockaddr *)&a, &n), 0);
    snprintf(refused_url, sizeof refused_url, "http://127.0.0.1:%d/wsman", ntohs(a.sin_port));
}

static void setup_at(const char *url, const char *const *list)
{
    wsc_params *p = params_of(list);

    CHECK_EQ(wsc_ctx_new(&ctx), WSC_OK);
    CHECK_EQ(wsc_client_new(&client, ctx, url, NULL, p), WSC_OK);
    wsc_params_unref(p);
}

/* --- what callbacks hear
 * --------------------------------------------------------------------------------- */

struct ear {
    int done, exit, output, writable, state[8], frees;
    int status;
    bool inside; /* a call is under way that must not call back */
    bool inline_seen;
};

static void hear(struct ear *e)
{
    e->inline_seen |= e->inside;
}

static void on_done(wsc_op *op, int status, void *ud)
{
    struct ear *e = ud;

    (void)op;
    hear(e);
    e->done++;
    e->status = status;
}

static void on_exit_(wsc_command *c, int status, void *ud)
{
    struct ear *e = ud;

    (void)c;
    hear(e);
    e->exit++;
    e->status = status;
}

static size_t on_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    struct ear *e = ud;

    (void)c;
    (void)stream;
    (void)data;
    hear(e);
    e->output++;
    return len;
}

static void on_writable(wsc_command *c, void *ud)
{
    struct ear *e = ud;

    (void)c;
    hear(e);
    e->writable++;
}

static void on_state(wsc_shell *s, int state, void *ud)
{
    struct ear *e = ud;

    (void)s;
    hear(e);
    e->state[state]++;
}

static void on_free(void *ud)
{
    ((struct ear *)ud)->frees++;
}

static void listen_to(wsc_command *c, struct ear *e)
{
    CHECK_EQ(wsc_command_on_output(c, on_output, e, on_free), WSC_OK);
    CHECK_EQ(wsc_command_on_writable(c, on_writable, e, on_free), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, on_exit_, e, on_free), WSC_OK);
}

/* --- 1, 3, 4: arguments, callbacks, one end
 * --------------------------------------------------------------- */

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

/* --- 2: nothing is inline
 * ---------------------------------------------------------------------------------- */

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

/* --- 5: re-entrancy
 * ------------------------------------------------------------------------------------------ */

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

/* --- 6: queue or callback
 * -------------------------------------------------------------------------------------- */

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

/* --- handles in every order
 * ---------------------------------------------------------------------------------------- */

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
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

/* --- 7: cancel, close
 * ---------------------------------------------------------------------------------------------- */

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

/* --- 8: bytes before the error
 * ------------------------------------------------------------------------------------- */

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

/* --- 10: time
 * -------------------------------------------------------------------------------------------------------
 */

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

/* --- 11: fork
 * --------------------------------------------------------------------------------------------------------
 */

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

/* --- 12: SIGPIPE
 * -------------------------------------------------------------------------------------------------------
 */

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

/* --- threads
 * ---------------------------------------------------------------------------------------------------------------
 */

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

/* --- log, options
 * ------------------------------------------------------------------------------------------------------------
 */

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

static const struct test tests[] = {
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
    { "rule10_time", rule10_time },
    { "open_timeout_in_tls", open_timeout_in_tls },
    { "foreign_loop", foreign_loop },
    { "rule11_fork", rule11_fork },
    { "rule12_sigpipe", rule12_sigpipe },
    { "wakeup_from_a_thread", wakeup_from_a_thread },
    { "two_contexts_in_two_threads", two_contexts_in_two_threads },
    { "two_contexts_in_one_thread", two_contexts_in_one_thread },
    { "log_keeps_secrets", log_keeps_secrets },
    { "option_layers", option_layers },
    { "rule5_op_and_command_go_under_their_wait", rule5_op_and_command_go_under_their_wait },
    { "rule5_shell_goes_under_its_wait", rule5_shell_goes_under_its_wait },
};

TEST_MAIN(tests)
