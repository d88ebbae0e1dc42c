/* The log function is a callback too (rule 5): at every line in turn it cancels or gives back what
 * there is. */
#include "../proto/life.h"

static struct life l;

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
    act_now();
}

static void on_log_free(void *ud)
{
    (void)ud;
    g.frees++;
}

static const struct peer_step steps[] = { { .out = "hello" }, { .out = "world", .done = 1 } };

static bool run(enum act act, long at)
{
    memset(&g, 0, sizeof g);
    g.act = act;
    life_open(&l, NULL);
    l.p.steps = steps;
    l.p.nsteps = 2;
    CHECK_EQ(wsc_shell_open(&g.shell, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&g.command, g.shell, "prog", NULL, 0, NULL), WSC_OK);
    on_all(g.command, &l.h);
    CHECK_EQ(wsc_identify(&g.op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(g.op, heard_done, &l.h2, heard_free), WSC_OK);
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, on_log, NULL, on_log_free), WSC_OK);
    g.at = at;
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

static void at_every_line(enum act act)
{
    long at;

    for (at = 1; at < 1000; at++) {
        int before = test_failures;
        bool fired = run(act, at);

        if (test_failures > before)
            printf("# line %ld\n", at);
        if (!fired || test_failures > 20) {
            CHECK(at > 5);
            return;
        }
    }
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
};

TEST_MAIN(tests)
