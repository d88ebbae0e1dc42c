/* Shells that the server disconnects, and answers that come late. */
#include "lasting.h"

/* --- the server leaves ------------------------------------------------------------------------ */

static void by_the_server(void)
{
    begin_waiting();
    CHECK(peer_answer(&l.p, &(struct peer_step){ .fault = 0x803381C4 }));
    run_for(&l, 60000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK_EQ(l.h.states[WSC_SHELL_DISCONNECTED], 1);
    CHECK_STR(peer_log(&l.p), "");
    l.p.steps = rest_of_it;
    l.p.nsteps = 1;
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    read_all("one three");
    end_all();
}

/* Nobody could reconnect it: the command fails, and the shell is closed. */
static void by_the_server_unheld(void)
{
    begin_waiting();
    wsc_shell_unref(shell);
    shell = NULL;
    CHECK(peer_answer(&l.p, &(struct peer_step){ .fault = 0x803381C4 }));
    CHECK(says_disconnected(wsc_command_wait(command, -1)));
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_STR(peer_log(&l.p), "Signal Delete");
    end_all();
}

static unsigned sends;

static void first_send_fails(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Send") != 0 || sends++)
        return;
    p->input.len = 0; /* it was not taken */
    p->input_eof = false;
    free(a->body);
    a->body = peer_fault(0x803381C4);
    a->status = 500;
}

static void input_goes_again(void)
{
    size_t taken = 0;

    sends = 0;
    begin_waiting();
    l.p.change = first_send_fails;
    CHECK_EQ(wsc_command_write(command, "input", 5, &taken, 0), WSC_OK);
    CHECK_EQ(wsc_command_write_eof(command), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK(peer_answer(&l.p, &(struct peer_step){ .fault = 0x803381C4 }));
    run_for(&l, 1000);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(l.p.input.len, 5);
    CHECK(l.p.input_eof);
    CHECK_EQ(sends, 2);
    end_all();
}

/* The keep-alive is under way, and its answer is the first to tell. */
static void keep_alive_tells(void)
{
    static const char *const asleep[] = {
        "resource-uri", "http://x/l", "idle-timeout", "60s", "output-limit", "4096", NULL
    };
    static char text[9000];
    static struct peer_step much[] = { { .out = text }, { .out = "end", .done = 1 } };
    wsc_op *op = NULL;

    memset(text, 'x', sizeof text - 1);
    begin_with(asleep, much, 2);
    l.p.idle = "PT60.000S";
    CHECK_EQ(wsc_command_wait(command, 1000), WSC_E_LIMIT); /* nobody reads */
    spoil("Get", "", 0x803381C4);
    run_for(&l, 29000);
    while (!strstr(peer_log(&l.p), "Get"))
        wsc_ctx_wait(l.ctx, 100);
    CHECK_EQ(wsc_shell_disconnect(&op, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, 5000), WSC_OK);
    wsc_op_unref(op);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    end_all();
}

static int own_reconnects;

static void hold_own_reconnect(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Reconnect") == 0 && *q->command)
        a->hold = own_reconnects++ == 0;
}

/* A command's Reconnect is under way while its shell goes and comes once more. */
static void reconnect_that_lags(void)
{
    wsc_command *other = NULL;

    own_reconnects = 0;
    begin_waiting();
    CHECK_EQ(wsc_shell_run(&other, shell, "prog", NULL, 0, NULL), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    l.p.change = hold_own_reconnect;
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(wsc_command_cancel(command), WSC_OK);
    CHECK_EQ(wsc_command_cancel(other), WSC_OK);
    run_out(&l);
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(shell->clean_up, 0);
    wsc_command_unref(other);
    end_all();
}

/* What was asked before the shell was left says nothing of it once it is back. */
static void answer_of_before(void)
{
    wsc_command *other = NULL;

    begin_waiting();
    CHECK_EQ(wsc_shell_run(&other, shell, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_wait(other, 1000), WSC_E_AGAIN);
    CHECK_EQ(l.p.held_count, 2);
    CHECK(peer_answer(&l.p, &(struct peer_step){ .fault = 0x803381C4 }));
    run_for(&l, 1000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK(peer_answer(&l.p, &(struct peer_step){ .fault = 0x803381C4 })); /* the other's */
    run_for(&l, 1000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    CHECK_EQ(l.h.states[WSC_SHELL_DISCONNECTED], 1);
    CHECK_EQ(l.h.exits, 0);
    wsc_command_unref(other);
    end_all();
}

static void refused_and_given_back(void)
{
    begin_waiting();
    spoil("Disconnect", "", 0x803381C5);
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_OK);
    wsc_command_unref(command);
    wsc_shell_unref(shell);
    command = NULL;
    shell = NULL;
    run_out(&l);
    CHECK(times(l.p.log, "Delete") == 1);
    end_all();
}

/* The Signal is answered before Disconnect goes out, or its op was canceled. */
static void signal_is_answered_first(bool canceled)
{
    wsc_op *signal = NULL, *op = NULL;

    begin_waiting();
    spoil("Signal", "hold", 0);
    CHECK_EQ(wsc_command_signal(&signal, command, "ctrl-c"), WSC_OK);
    CHECK_EQ(wsc_shell_disconnect(&op, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, 5000), WSC_E_AGAIN);
    CHECK_STR(peer_log(&l.p), "Signal");
    if (canceled)
        CHECK_EQ(wsc_op_cancel(signal), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(wsc_op_wait(signal, 0), canceled ? WSC_E_CANCELED : WSC_E_TIMEOUT);
    CHECK_EQ(times(peer_log(&l.p), "Disconnect"), 1);
    wsc_op_unref(signal);
    wsc_op_unref(op);
    end_all();
}

static void signal_answered(void)
{
    signal_is_answered_first(false);
}

static void signal_canceled(void)
{
    signal_is_answered_first(true);
}

static void event_after_the_return(void)
{
    static const char *const events[] = { "want-events", "true", "resource-uri", "http://x/l",
                                          NULL };
    const wsc_event *e;
    int outputs = 0;
    char buf[8];
    size_t n;

    begin_with(events, waits, sizeof waits / sizeof *waits);
    run_for(&l, 1000);
    CHECK_EQ(wsc_command_read(command, NULL, buf, sizeof buf, &n, 0), WSC_OK);
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    while (wsc_ctx_next_event(l.ctx))
        ;
    CHECK(says_disconnected(wsc_command_read(command, NULL, buf, sizeof buf, &n, 0)));
    STEPS(rest_of_it);
    l.p.at[1] = 0;
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_for(&l, 1000);
    while ((e = wsc_ctx_next_event(l.ctx)))
        outputs += wsc_event_kind(e) == WSC_EVENT_OUTPUT;
    CHECK_EQ(outputs, 1);
    end_all();
}

/* What a Receive was to say goes down with its connection, and it cannot be repeated. */
static void lost_and_disconnected(void)
{
    static const struct peer_step broken[] = {
        { .out = "one " },
        { .out = "two ", .cut = 300, .how = DRV_EOF },
        { .fault = 0x803381C4 },
        { .out = "three", .done = 1 },
    };

    begin_with(lasting, broken, sizeof broken / sizeof *broken);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_E_OUTPUT_LOST);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK_EQ(l.h.exits, 1);
    end_all();
}

static void terminate_is_refused(void)
{
    begin_waiting();
    l.p.away = l.p.unheard = true;
    CHECK_EQ(wsc_command_cancel(command), WSC_OK);
    run_for(&l, 20000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK_STR(peer_log(&l.p), "Signal");
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Reconnect Signal");
    end_all();
}

/* An old Receive brings the end before the command's Reconnect is answered. */
static void end_outruns_the_reconnect(void)
{
    size_t taken = 0;

    own_reconnects = 0;
    sends = 0;
    begin_waiting();
    l.p.change = first_send_fails;
    CHECK_EQ(wsc_command_write(command, "x", 1, &taken, 0), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    l.p.change = hold_own_reconnect;
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_for(&l, 1000);
    CHECK(peer_answer(&l.p, rest_of_it));
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_OK);
    CHECK_EQ(shell->clean_up, 0);
    end_all();
}

static const struct test tests[] = {
    { "signal_answered", signal_answered },
    { "signal_canceled", signal_canceled },
    { "event_after_the_return", event_after_the_return },
    { "lost_and_disconnected", lost_and_disconnected },
    { "terminate_is_refused", terminate_is_refused },
    { "end_outruns_the_reconnect", end_outruns_the_reconnect },
    { "by_the_server", by_the_server },
    { "by_the_server_unheld", by_the_server_unheld },
    { "input_goes_again", input_goes_again },
    { "keep_alive_tells", keep_alive_tells },
    { "reconnect_that_lags", reconnect_that_lags },
    { "answer_of_before", answer_of_before },
    { "refused_and_given_back", refused_and_given_back },
};

TEST_MAIN(tests)
