/* The log function is a callback too (rule 5): at every line in turn it cancels or gives back what
 * there is. So is the free_fn of a callback. */
#include "../proto/life.h"

#include <wsman-client/uv.h>

enum act { CANCEL, UNREF_COMMAND, UNREF_SHELL, UNREF_OP, UNREF_CLIENT, UNREF_CTX, ACTS };

static struct {
    long line, at;
    enum act act;
    wsc_command *command;
    wsc_shell *shell;
    wsc_op *op;
    bool fired, ctx_gone;
    int frees;
} g;

static void act_now(void)
{
    switch (g.act) {
    case CANCEL:
        if (g.command)
            wsc_command_cancel(g.command);
        if (g.shell)
            wsc_shell_close(NULL, g.shell);
        if (g.op)
            wsc_op_cancel(g.op);
        break;
    case UNREF_COMMAND:
        wsc_command_unref(g.command);
        g.command = NULL;
        break;
    case UNREF_SHELL:
        wsc_shell_unref(g.shell);
        g.shell = NULL;
        break;
    case UNREF_OP:
        wsc_op_unref(g.op);
        g.op = NULL;
        break;
    case UNREF_CLIENT:
        wsc_client_unref(l.client);
        l.client = NULL;
        break;
    default:
        g.ctx_gone = true;
        wsc_ctx_unref(l.ctx);
        break;
    }
}

static void on_log_free(void *ud)
{
    (void)ud;
    g.frees++;
}

static void on_log(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)level;
    (void)component;
    (void)msg;
    (void)len;
    (void)ud;
    if (g.fired || ++g.line != g.at)
        return;
    g.fired = true;
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_NONE, NULL, NULL, NULL), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_on_closed(l.ctx, on_log_free, NULL), WSC_E_REENTRANT);
    act_now();
}

static const struct peer_step steps[] = { { .out = "hello" }, { .out = "world", .done = 1 } };

/* to_the_end: the log function goes on to act while the context goes. */
static bool run(enum act act, long at, bool to_the_end)
{
    memset(&g, 0, sizeof g);
    g.act = act;
    life_open(&l, NULL);
    STEPS(steps);
    CHECK_EQ(wsc_shell_open(&g.shell, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&g.command, g.shell, "prog", NULL, 0, NULL), WSC_OK);
    on_all(g.command, &l.h);
    CHECK_EQ(wsc_identify(&g.op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(g.op, heard_done, &l.h2, heard_free), WSC_OK);
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, on_log, NULL, on_log_free), WSC_OK);
    g.at = at;
    if (to_the_end) { /* everything is under way */
        run_for(&l, 1);
        wsc_ctx_unref(l.ctx);
        g.ctx_gone = true;
    }
    while (!g.ctx_gone && wsc_ctx_pending(l.ctx) && l.p.d.now < 500000)
        wsc_ctx_wait(l.ctx, 1000);
    CHECK(l.h.exits <= 1 && l.h2.dones <= 1 && !l.h.late);
    if (g.command)
        CHECK_EQ(l.h.exits, 1);
    if (g.op)
        CHECK_EQ(l.h2.dones, 1);
    g.at = -1; /* what follows is the end, not the test */
    wsc_op_unref(g.op);
    wsc_command_unref(g.command);
    wsc_shell_unref(g.shell);
    wsc_client_unref(l.client);
    l.client = NULL;
    if (!g.ctx_gone)
        wsc_ctx_unref(l.ctx);
    l.ctx = NULL;
    CHECK_EQ(g.frees, 1);
    CHECK_EQ(l.h.frees, 2);
    CHECK_EQ(l.h2.frees, 1);
    life_close(&l);
    return g.fired;
}

static void at_every_line_of(enum act act, bool to_the_end)
{
    long at;

    for (at = 1; at < 1000; at++) {
        int before = test_failures;
        bool fired = run(act, at, to_the_end);

        if (test_failures > before)
            printf("# line %ld\n", at);
        if (!fired || test_failures > 20) {
            CHECK(at > 5);
            return;
        }
    }
}

static void at_every_line(enum act act)
{
    at_every_line_of(act, false);
    if (act != UNREF_CTX)
        at_every_line_of(act, true);
}

/* in a call that fails */
static void context_goes_in_a_failure(void)
{
    wsc_command *c = NULL;

    memset(&g, 0, sizeof g);
    g.act = UNREF_CTX;
    life_open(&l, NULL);
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, on_log, NULL, on_log_free), WSC_OK);
    g.at = 1;
    CHECK_EQ(wsc_client_run(&c, l.client, "", NULL, 0, NULL), WSC_E_USAGE);
    CHECK(g.ctx_gone);
    wsc_client_unref(l.client);
    l.client = NULL;
    l.ctx = NULL;
    CHECK_EQ(g.frees, 1);
    life_close(&l);
}

/* outside step: in the call that makes an op */
static void context_goes_in_a_call(void)
{
    wsc_op *op = NULL;

    memset(&g, 0, sizeof g);
    g.act = UNREF_CTX;
    life_open(&l, NULL);
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, on_log, NULL, on_log_free), WSC_OK);
    g.at = 1;
    (void)wsc_identify(&op, l.client, NULL);
    CHECK(g.ctx_gone);
    wsc_op_unref(op);
    wsc_client_unref(l.client);
    l.client = NULL;
    l.ctx = NULL;
    CHECK_EQ(g.frees, 1); /* it is gone */
    life_close(&l);
}

/* outside step: in the setter, which sees that the deadline is over */
static void context_goes_in_a_setter(void)
{
    static const char *const list[] = { "deadline", "100", NULL };
    wsc_params *p = options(list);

    memset(&g, 0, sizeof g);
    g.act = UNREF_CTX;
    life_open(&l, NULL);
    CHECK_EQ(wsc_client_run(&g.command, l.client, "prog", NULL, 0, p), WSC_OK);
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, on_log, NULL, on_log_free), WSC_OK);
    l.p.d.now += 200;
    g.at = 1;
    CHECK_EQ(wsc_command_on_output(g.command, heard_output, &l.h, heard_free), WSC_OK);
    CHECK(g.ctx_gone);
    wsc_command_unref(g.command);
    wsc_params_unref(p);
    wsc_client_unref(l.client);
    l.client = NULL;
    l.ctx = NULL;
    CHECK_EQ(l.h.frees, 1);
    CHECK_EQ(g.frees, 1);
    life_close(&l);
}

/* --- free functions --------------------------------------------------------------------------- */

/* A binding's closure that holds the last reference of something. */
static void free_acts(void *ud)
{
    (void)ud;
    CHECK(!g.fired);
    g.fired = true;
    act_now();
    if (!g.ctx_gone)
        CHECK_EQ(wsc_ctx_step(l.ctx), WSC_E_REENTRANT);
}

static int set_one(int which, bool first)
{
    wsc_free_fn f = first ? free_acts : NULL;

    switch (which) {
    case 0:
        return wsc_op_on_done(g.op, first ? heard_done : NULL, &l.h2, f);
    case 1:
        return wsc_shell_on_state(g.shell, first ? heard_state : NULL, &l.h, f);
    case 2:
        return wsc_command_on_output(g.command, first ? heard_output : NULL, &l.h, f);
    case 3:
        return wsc_command_on_writable(g.command, NULL, NULL, f);
    case 4:
        return wsc_command_on_exit(g.command, first ? heard_exit : NULL, &l.h, f);
    default:
        return wsc_ctx_set_log(l.ctx, WSC_LOG_ERROR, NULL, NULL, f);
    }
}

static void give_one_back(int which)
{
    wsc_op *op = g.op;
    wsc_shell *s = g.shell;
    wsc_command *c = g.command;

    switch (which) {
    case 0:
        g.op = NULL;
        wsc_op_unref(op);
        break;
    case 1:
        g.shell = NULL;
        wsc_shell_unref(s);
        break;
    default:
        g.command = NULL;
        wsc_command_unref(c);
        break;
    }
}

static void free_function(int which, enum act act, long wait, bool replaced)
{
    memset(&g, 0, sizeof g);
    g.act = act;
    life_open(&l, NULL);
    STEPS(steps);
    CHECK_EQ(wsc_shell_open(&g.shell, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&g.command, g.shell, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_identify(&g.op, l.client, NULL), WSC_OK);
    run_for(&l, (uint64_t)wait);
    CHECK_EQ(set_one(which, true), WSC_OK);
    if (replaced)
        CHECK_EQ(set_one(which, false), WSC_OK);
    else
        give_one_back(which);
    CHECK(g.fired);
    wsc_op_unref(g.op);
    wsc_command_unref(g.command);
    wsc_shell_unref(g.shell);
    wsc_client_unref(l.client);
    l.client = NULL;
    if (!g.ctx_gone)
        wsc_ctx_unref(l.ctx);
    l.ctx = NULL;
    if (!life_close(&l))
        printf("# setter %d, act %d, after %ld ms, %s\n", which, (int)act, wait,
               replaced ? "replaced" : "given back");
}

static void free_functions(void)
{
    int which, act, wait;

    for (wait = 0; wait <= 1000; wait += 500) {
        for (act = 0; act < ACTS; act++) {
            for (which = 0; which < 6; which++)
                free_function(which, (enum act)act, wait, true);
            for (which = 0; which < 5; which++)
                free_function(which, (enum act)act, wait, false);
        }
    }
}

/* --- tests ------------------------------------------------------------------------------------ */

static void cancel(void)
{
    at_every_line(CANCEL);
}

static void unref_command(void)
{
    at_every_line(UNREF_COMMAND);
}

static void unref_shell(void)
{
    at_every_line(UNREF_SHELL);
}

static void unref_op(void)
{
    at_every_line(UNREF_OP);
}

static void unref_client(void)
{
    at_every_line(UNREF_CLIENT);
}

static void unref_ctx(void)
{
    at_every_line(UNREF_CTX);
}

static const struct test tests[] = {
    { "cancel", cancel },
    { "unref_command", unref_command },
    { "unref_shell", unref_shell },
    { "unref_op", unref_op },
    { "unref_client", unref_client },
    { "unref_ctx", unref_ctx },
    { "context_goes_in_a_call", context_goes_in_a_call },
    { "context_goes_in_a_failure", context_goes_in_a_failure },
    { "context_goes_in_a_setter", context_goes_in_a_setter },
    { "free_functions", free_functions },
};

TEST_MAIN(tests)
