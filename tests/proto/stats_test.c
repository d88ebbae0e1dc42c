/* The numbers of a client by name, through the public API. */
#include "commands.h"

static void names(void)
{
    const char *text = NULL;
    int64_t n = -7;
    size_t i;

    life_open(&l, NULL);
    for (i = 0; wsc_stat_get(i, "name", &text) == WSC_OK; i++) {
        CHECK_EQ(stat_of(l.client, text), 0);
        CHECK_EQ(wsc_stat_get(i, "unit", &text), WSC_OK);
        CHECK(!*text || !strcmp(text, "ms") || !strcmp(text, "bytes"));
        CHECK_EQ(wsc_stat_get(i, "doc", &text), WSC_OK);
        CHECK_EQ(wsc_stat_get(i, "nonsense", &text), WSC_E_USAGE);
        CHECK(*text);
    }
    CHECK_EQ(i, 16);
    CHECK_EQ(wsc_stat_get(i, "name", &text), WSC_E_AGAIN);
    CHECK_EQ(wsc_stat_get(0, NULL, &text), WSC_E_USAGE);
    CHECK_EQ(wsc_stat_get(0, "name", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_client_get_int(l.client, "nonsense", &n), WSC_E_USAGE);
    CHECK_EQ(wsc_client_get_int(l.client, "Requests", &n), WSC_E_USAGE);
    CHECK_EQ(wsc_client_get_int(NULL, "requests", &n), WSC_E_USAGE);
    CHECK_EQ(wsc_client_get_int(l.client, NULL, &n), WSC_E_USAGE);
    CHECK_EQ(wsc_client_get_int(l.client, "requests", NULL), WSC_E_USAGE);
    CHECK_EQ(n, -7);
    life_close(&l);
}

/* Create, Command, Receive, Signal, Delete; the clean-up counts as well. */
static void one_run(void)
{
    static const struct peer_step steps[] = { { .out = "x", .done = 1 } };
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(NULL);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_EQ(stat_of(l.client, "requests"), l.p.requests);
    CHECK_EQ(stat_of(l.client, "connections"), l.p.d.nconns);
    CHECK_EQ(stat_of(l.client, "repeats"), 0);
    CHECK_EQ(stat_of(l.client, "reconnects"), 0);
    CHECK(stat_of(l.client, "bytes-sent") > 5 * 500);
    CHECK(stat_of(l.client, "bytes-received") > 5 * 300);
    life_close(&l);
}

/* A client counts its own requests, also where it shares the connection of another. */
static void clients_apart(void)
{
    wsc_identity *id = NULL;
    wsc_client *a = NULL, *b = NULL;
    wsc_op *op = NULL;
    static const char *const nobody[] = { "auth", "none", NULL };
    wsc_params *p = options(nobody);
    int i;

    life_open(&l, NULL);
    CHECK_EQ(wsc_identity_new(&id, l.ctx, p), WSC_OK);
    wsc_params_unref(p);
    CHECK_EQ(wsc_client_new(&a, l.ctx, "server", id, NULL), WSC_OK);
    CHECK_EQ(wsc_client_new(&b, l.ctx, "server", id, NULL), WSC_OK);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(wsc_identify(&op, i ? b : a, NULL), WSC_OK);
        CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
        wsc_op_unref(op);
    }
    CHECK_EQ(l.p.d.nconns, 1);
    CHECK_EQ(stat_of(a, "requests"), 1);
    CHECK_EQ(stat_of(b, "requests"), 2);
    CHECK_EQ(stat_of(a, "connections"), 1);
    CHECK_EQ(stat_of(b, "connections"), 0);
    CHECK_EQ(stat_of(b, "bytes-received"), 2 * stat_of(a, "bytes-received"));
    CHECK_EQ(stat_of(b, "bytes-sent"), 2 * stat_of(a, "bytes-sent"));
    CHECK_EQ(stat_of(l.client, "requests"), 0);
    wsc_client_unref(a);
    wsc_client_unref(b);
    wsc_identity_unref(id);
    life_close(&l);
}

static void repeated_receive(void)
{
    static const struct peer_step steps[] = {
        { .out = "hello", .cut = 40, .how = DRV_RESET },
        { .out = "world", .done = 1 },
    };
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(steps);
    l.p.replays = true;
    c = run(NULL);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_EQ(stat_of(l.client, "repeats"), 1);
    CHECK_EQ(stat_of(l.client, "requests"), l.p.requests);
    CHECK_EQ(stat_of(l.client, "connections"), l.p.d.nconns);
    CHECK_EQ(stat_of(l.client, "reconnects"), 1);
    life_close(&l);
}

static void to_other(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (q->all == 1) {
        a->status = 307;
        a->type = "text/plain";
        a->header = "Location: http://other:5985/moved\r\n";
    }
}

static void redirect(void)
{
    static const char *const list[] = { "follow-redirects", "1", NULL };
    wsc_op *op = NULL;

    life_open(&l, list);
    l.p.change = to_other;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    CHECK_EQ(stat_of(l.client, "redirects"), 1);
    CHECK_EQ(stat_of(l.client, "requests"), 2);
    CHECK_EQ(stat_of(l.client, "connections"), 2);
    CHECK_EQ(stat_of(l.client, "reconnects"), 0);
    life_close(&l);
}

/* The context is gone: the numbers stay. */
static void after_the_end(void)
{
    wsc_op *op = NULL;

    life_open(&l, NULL);
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    wsc_ctx_unref(l.ctx);
    l.ctx = NULL;
    CHECK_EQ(stat_of(l.client, "requests"), 1);
    life_close(&l);
}

static const struct test tests[] = {
    { "names", names },
    { "one_run", one_run },
    { "clients_apart", clients_apart },
    { "repeated_receive", repeated_receive },
    { "redirect", redirect },
    { "after_the_end", after_the_end },
};

TEST_MAIN(tests)
