/* The connection ends or breaks at every byte of every reply, and at every action: whatever was
 * asked ends once and with the right class of error; only a Receive is sent twice (the peer
 * watches). */
#include "../proto/life.h"

static unsigned cut_request; /* the how-manieth reply is cut */
static size_t cut_at;
static enum drv_end cut_how;
static char cut_action[32];

static void cut_reply(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (q->all != cut_request)
        return;
    snprintf(cut_action, sizeof cut_action, "%s", q->action);
    a->cut_at_all = true;
    a->cut = cut_at;
    a->how = cut_how;
}

static const struct peer_step steps[] = {
    { .out = "hello ", .err = "oh" },
    { .out = "world", .done = 1, .exit = 7 },
};

static bool lost(int status)
{
    return status == WSC_E_CONNECTION_LOST || status == WSC_E_CONNECT || status == WSC_E_RESOLVE;
}

/* One life of a command with input; the status it ended with. */
static int whole_life(void)
{
    wsc_command *c = NULL;
    size_t taken;
    int rc;

    STEPS(steps);
    l.p.replays = true;
    if (!CHECK_EQ(wsc_client_run(&c, l.client, "prog", NULL, 0, NULL), WSC_OK))
        return WSC_E_USAGE;
    on_all(c, &l.h);
    rc = wsc_command_write(c, "input", 5, &taken, 0);
    CHECK(rc == WSC_OK || lost(rc));
    CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    run_for(&l, 300000);
    CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
    CHECK_EQ(l.h.exits, 1);
    CHECK(!l.h.late);
    CHECK_EQ(wsc_error_code(wsc_command_error(c)), l.h.status);
    CHECK(l.h.out_len <= 11 && !memcmp(l.h.out, "hello world", l.h.out_len));
    if (l.h.status == WSC_OK)
        CHECK(l.h.out_len == 11 && l.h.err_len == 2);
    wsc_command_unref(c);
    CHECK_EQ(l.h.frees, 2);
    return l.h.status;
}

static void cut_replies(enum drv_end how, size_t chunk)
{
    for (cut_request = 1;; cut_request++) {
        bool any = false;

        for (cut_at = 0;; cut_at++) {
            int before = test_failures, status;
            bool uncut;

            cut_action[0] = '\0';
            cut_how = how;
            life_open(&l, NULL);
            l.p.change = cut_reply;
            l.p.d.chunk = chunk;
            status = whole_life();
            any |= cut_action[0] != 0;
            uncut = l.p.uncut || !cut_action[0];
            if (uncut || !strcmp(cut_action, "Receive") || !strcmp(cut_action, "Signal") ||
                !strcmp(cut_action, "Delete"))
                CHECK_EQ(status, WSC_OK);
            else
                CHECK(lost(status));
            life_close(&l);
            if (test_failures > before)
                printf("# reply %u (%s) cut at %zu\n", cut_request, cut_action, cut_at);
            if (uncut || test_failures > 30)
                break;
        }
        if (!any || test_failures > 30)
            break;
    }
    CHECK(cut_request > 6);
}

static void eof_at_every_byte(void)
{
    cut_replies(DRV_EOF, 0);
}

static void reset_at_every_byte(void)
{
    cut_replies(DRV_RESET, 0);
}

static void reset_in_pieces(void)
{
    cut_replies(DRV_RESET, 100);
}

static void every_action(void)
{
    enum drv_end how;
    int inl;

    for (how = DRV_EOF; how <= DRV_RESET; how++) {
        for (inl = 0; inl < 2; inl++) {
            long k, actions = 1;

            for (k = 0; k < actions; k++) {
                int before = test_failures, status;

                life_open(&l, NULL);
                l.p.d.break_at = k;
                l.p.d.break_how = how;
                l.p.d.inline_written = inl;
                status = whole_life();
                CHECK(status == WSC_OK || lost(status));
                actions = l.p.d.actions > actions ? l.p.d.actions : actions;
                life_close(&l);
                if (test_failures > before)
                    printf("# action %ld, %s\n", k, how == DRV_EOF ? "eof" : "reset");
                if (test_failures > 30)
                    return;
            }
            CHECK(actions > 6);
        }
    }
}

/* The kept connection goes while nobody uses it: the next request takes a new one. */
static void between_requests(void)
{
    size_t n;

    for (n = 1; n < 12; n++) {
        wsc_op *op = NULL;
        size_t i;

        life_open(&l, NULL);
        for (i = 0; i < n; i++) {
            CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
            CHECK_EQ(wsc_op_wait(op, 100000), WSC_OK);
            wsc_op_unref(op);
            if (i % 3 == 0)
                drv_reply_end(l.p.d.conns[l.p.d.nconns - 1], i & 1 ? DRV_EOF : DRV_RESET);
            run_for(&l, 10);
        }
        CHECK_EQ(l.p.requests, n);
        life_close(&l);
    }
}

/* The context goes at every moment of a life. */
static void unref_at_every_event(void)
{
    long at;

    for (at = 0; at < 400; at++) {
        int before = test_failures;
        wsc_command *c = NULL;
        wsc_shell *s = NULL;
        wsc_op *op = NULL;
        long i;
        bool over;

        life_open(&l, NULL);
        l.p.steps = steps;
        l.p.nsteps = 2;
        CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
        CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h2, heard_free), WSC_OK);
        CHECK_EQ(wsc_shell_run(&c, s, "prog", NULL, 0, NULL), WSC_OK);
        on_all(c, &l.h);
        for (i = 0; i < at && wsc_ctx_pending(l.ctx); i++) {
            wsc_ctx_wait(l.ctx, 10);
            if (l.h.exits && !op)
                CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
        }
        over = i < at;
        wsc_ctx_unref(l.ctx);
        l.ctx = NULL;
        CHECK_EQ(l.h.exits, 1);
        CHECK(l.h.status == WSC_OK || l.h.status == WSC_E_CANCELED);
        CHECK(!l.h2.late);
        wsc_op_unref(op);
        wsc_shell_unref(s);
        wsc_command_unref(c);
        CHECK_EQ(l.h.frees, 2);
        CHECK_EQ(l.h2.frees, 1);
        life_close(&l);
        if (test_failures > before)
            printf("# unref at event %ld\n", at);
        if (over || test_failures > 30)
            return;
    }
}

static const struct test tests[] = {
    { "eof_at_every_byte", eof_at_every_byte }, { "reset_at_every_byte", reset_at_every_byte },
    { "reset_in_pieces", reset_in_pieces },     { "every_action", every_action },
    { "between_requests", between_requests },   { "unref_at_every_event", unref_at_every_event },
};

TEST_MAIN(tests)
