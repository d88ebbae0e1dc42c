/* Shells that are left and taken up again: Disconnect and Reconnect. */
#include "lasting.h"

/* --- there and back --------------------------------------------------------------------------- */

static void there_and_back(void)
{
    static const struct peer_step parting = { .out = "two " };
    char buf[8];
    size_t n;

    begin_waiting();
    l.p.parting = &parting;
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    CHECK_STR(peer_log(&l.p), "Disconnect");
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
    read_all("one two ");
    CHECK(says_disconnected(wsc_command_read(command, NULL, buf, sizeof buf, &n, -1)));
    CHECK(says_disconnected(wsc_command_wait(command, -1)));
    CHECK(says_disconnected(wsc_command_signal(NULL, command, "ctrl-c")));
    CHECK(says_disconnected(wsc_shell_wait(shell, -1)));
    run_for(&l, 3 * 3600 * 1000); /* nothing is kept alive */
    CHECK_STR(peer_log(&l.p), "");
    STEPS(rest_of_it);
    l.p.at[1] = 0;
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    read_all("three");
    CHECK_EQ(l.h.states[WSC_SHELL_DISCONNECTED], 1);
    CHECK_EQ(l.h.states[WSC_SHELL_OPEN], 1); /* the first one was before the callback was set */
    CHECK_EQ(l.h.exits, 1);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Reconnect Reconnect Receive Signal");
    end_all();
}

static void body_of_disconnect(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)a;
    if (strcmp(q->action, "Disconnect") == 0)
        CHECK(strstr(q->r->body, "<rsp:Disconnect><rsp:IdleTimeOut>PT3600.000S</rsp:IdleTimeOut>"
                                 "<rsp:BufferMode>Drop</rsp:BufferMode></rsp:Disconnect>") != NULL);
    if (strcmp(q->action, "Reconnect") == 0 && !*q->command)
        CHECK(strstr(q->r->body, "<rsp:Reconnect></rsp:Reconnect>") ||
              strstr(q->r->body, "<rsp:Reconnect/>"));
    if (strcmp(q->action, "Create") == 0)
        CHECK(strstr(q->r->body, "ShellId=\"") != NULL);
}

static void what_is_asked(void)
{
    static const char *const how[] = { "idle-timeout", "1h", "buffer-mode", "drop",
                                       "deadline",     "5s", NULL };
    wsc_params *p = options(how);
    const char *idle = NULL;
    wsc_op *op = NULL;

    life_open(&l, NULL);
    l.p.change = body_of_disconnect;
    shell = open_shell(lasting);
    CHECK_EQ(wsc_shell_disconnect(&op, shell, p), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    wsc_params_unref(p);
    run_for(&l, 20000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED); /* the deadline was the op's */
    CHECK_EQ(wsc_shell_get_str(shell, "idle-timeout", &idle), WSC_OK);
    CHECK_STR(idle, "3600000");
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    end_all();
}

/* Asked for in one breath, before anything is answered. */
static void after_what_is_on_its_way(void)
{
    wsc_params *p = options(lasting);
    wsc_command *later = NULL;
    wsc_op *op = NULL;
    size_t taken = 0;

    life_open(&l, NULL);
    STEPS(rest_of_it);
    CHECK_EQ(wsc_shell_open(&shell, l.client, p), WSC_OK);
    wsc_params_unref(p);
    CHECK_EQ(wsc_shell_run(&command, shell, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_write(command, "input", 5, &taken, 0), WSC_OK);
    CHECK_EQ(wsc_shell_disconnect(&op, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&later, shell, "later", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    CHECK_STR(peer_log(&l.p), "Create Command Disconnect");
    CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
    CHECK_EQ(wsc_shell_reconnect(NULL, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    CHECK_EQ(wsc_command_wait(later, -1), WSC_OK);
    CHECK_EQ(l.p.input.len, 5);
    CHECK_EQ(times(l.p.log, "Command"), 1);
    wsc_command_unref(later);
    end_all();
}

static void send_is_answered_first(void)
{
    size_t taken = 0;
    wsc_op *op = NULL;

    begin_waiting();
    spoil("Send", "hold", 0);
    CHECK_EQ(wsc_command_write(command, "input", 5, &taken, 0), WSC_OK);
    CHECK_EQ(wsc_shell_disconnect(&op, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, 5000), WSC_E_AGAIN);
    CHECK_STR(peer_log(&l.p), "Send");
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    wsc_op_unref(op);
    CHECK_EQ(wsc_shell_close(NULL, shell), WSC_OK);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    end_all();
}

/* The Send is not answered: the shell stays. With last, the Receive is not. */
static void deadline_of_leaving(bool last)
{
    static const char *const soon[] = { "deadline", "5s", NULL };
    wsc_params *p = options(soon);
    wsc_op *op = NULL;
    size_t taken = 0;

    begin_waiting();
    if (!last)
        spoil("Send", "hold", 0);
    CHECK_EQ(wsc_command_write(command, "input", 5, &taken, 0), WSC_OK);
    run_for(&l, last ? 1000 : 0);
    l.p.held_count = last ? 0 : l.p.held_count; /* nobody will answer it */
    CHECK_EQ(wsc_shell_disconnect(&op, shell, p), WSC_OK);
    wsc_params_unref(p);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_DEADLINE);
    wsc_op_unref(op);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    CHECK_STR(peer_log(&l.p), last ? "Send Disconnect" : "Send");
    run_for(&l, 600000);
    if (last)
        CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    else
        CHECK_EQ(l.h.states[WSC_SHELL_DISCONNECTED], 0);
    l.p.unheard = true;
    end_all();
}

/* A reply that rests because nobody reads is read to its end. */
static void full_output(void)
{
    static const char *const small[] = {
        "output-limit", "4096", "receive-start", "now", "resource-uri", "http://x/l", NULL
    };
    static char text[20000];
    static struct peer_step much[] = { { .out = text }, { .out = "end", .done = 1 } };
    char *buf = malloc(sizeof text);
    size_t n = 0, all = 0;

    memset(text, 'x', sizeof text - 1);
    begin_with(small, much, 2);
    l.p.d.chunk = 500;
    run_for(&l, 1000);
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    while (wsc_command_read(command, NULL, buf + all, sizeof text - all, &n, 0) == WSC_OK && n)
        all += n;
    CHECK_EQ(all, sizeof text - 1);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    free(buf);
    end_all();
}

/* --- what happens meanwhile ------------------------------------------------------------------- */

static void canceled_meanwhile(void)
{
    begin_waiting();
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    CHECK_EQ(wsc_command_cancel(command), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    CHECK_STR(peer_log(&l.p), "Disconnect");
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Reconnect Signal");
    end_all();
}

static void given_back_meanwhile(void)
{
    begin_waiting();
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    wsc_command_unref(command);
    command = NULL;
    run_for(&l, 1000);
    CHECK_STR(peer_log(&l.p), "Disconnect");
    wsc_shell_unref(shell);
    shell = NULL;
    run_for(&l, 1000);
    CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
    CHECK_STR(peer_log(&l.p), ""); /* it stays there */
    end_all();
}

/* The last Receive brings the end: the Signal that is owed waits for the return. */
static void done_while_leaving(void)
{
    begin_waiting();
    l.p.parting = rest_of_it;
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_OK);
    CHECK_EQ(wsc_command_wait(command, 0), WSC_OK);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Disconnect Reconnect Signal");
    end_all();
}

static void closed_meanwhile(void)
{
    wsc_op *op = NULL;

    begin_waiting();
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    CHECK_EQ(wsc_shell_close(&op, shell), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    CHECK_STR(peer_log(&l.p), "Disconnect Delete");
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.states[WSC_SHELL_CLOSED], 1);
    CHECK_EQ(wsc_shell_reconnect(NULL, shell, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_E_USAGE);
    end_all();
}

static void closed_on_the_way(const char *which,
                              int (*fn)(wsc_op **, wsc_shell *, const wsc_params *))
{
    wsc_op *op = NULL;

    begin_waiting();
    if (fn == wsc_shell_reconnect)
        CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    spoil(which, "hold", 0);
    CHECK_EQ(fn(&op, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, 1000), WSC_E_AGAIN);
    CHECK_EQ(wsc_shell_close(NULL, shell), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_CANCELED);
    run_out(&l);
    CHECK_EQ(times(l.p.log, "Delete"), 1);
    CHECK_EQ(l.h.exits, 1);
    wsc_op_unref(op);
    end_all();
}

/* Create is never answered: the closing has its own time. */
static void closed_before_it_is_open(void)
{
    wsc_op *leaving = NULL, *closing = NULL;

    life_open(&l, NULL);
    spoil("Create", "hold", 0);
    CHECK_EQ(wsc_shell_open(&shell, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_reconnect(NULL, shell, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_disconnect(&leaving, shell, NULL), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(wsc_shell_close(&closing, shell), WSC_OK);
    CHECK_EQ(wsc_op_wait(leaving, -1), WSC_E_CANCELED);
    CHECK_EQ(wsc_op_wait(closing, 11000), WSC_E_TIMEOUT);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_CLOSED);
    wsc_op_unref(leaving);
    wsc_op_unref(closing);
    end_all();
}

static void unreferenced_on_the_way(void)
{
    begin_waiting();
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_OK);
    wsc_shell_unref(shell);
    shell = NULL;
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Disconnect");
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    CHECK_EQ(l.h.exits, 1);
    end_all();
}

static void context_closes(bool there)
{
    begin_waiting();
    if (there)
        CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    else
        CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_ctx_close(l.ctx, -1), WSC_OK);
    CHECK_STR(peer_log(&l.p), "Disconnect"); /* no Signal, no Delete */
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_LOST);
    CHECK_EQ(l.h.exits, 1);
    end_all();
}

/* What the last Receive brings is not lost: it is told before the end. */
static void context_closes_with_output(void)
{
    static const struct peer_step parting = { .out = "two " };

    begin_waiting();
    l.p.parting = &parting;
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_ctx_close(l.ctx, -1), WSC_OK);
    CHECK_EQ(command->received, strlen("one two "));
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    end_all();
}

static void context_closes_and_it_stays(bool given_back)
{
    begin_waiting();
    spoil("Disconnect", "", 0x803381C5);
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_OK);
    if (given_back) {
        wsc_shell_unref(shell);
        wsc_command_unref(command);
        shell = NULL;
        command = NULL;
    }
    CHECK_EQ(wsc_ctx_close(l.ctx, -1), WSC_OK);
    CHECK_STR(peer_log(&l.p), "Disconnect Signal Delete");
    CHECK_EQ(l.h.exits, !given_back);
    end_all();
}

static void stays_held(void)
{
    context_closes_and_it_stays(false);
}

static void stays_given_back(void)
{
    context_closes_and_it_stays(true);
}

static void context_goes(void)
{
    begin_waiting();
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    wsc_ctx_unref(l.ctx);
    l.ctx = NULL;
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.states[WSC_SHELL_LOST], 1);
    end_all();
}

static void past_its_deadline(void)
{
    static const char *const soon[] = { "deadline", "60s", NULL };
    wsc_params *p = options(soon);
    wsc_command *c = NULL;

    begin_waiting();
    CHECK_EQ(wsc_shell_run(&c, shell, "prog", NULL, 0, p), WSC_OK);
    wsc_params_unref(p);
    run_for(&l, 1000);
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    run_for(&l, 61000);
    CHECK_EQ(wsc_command_wait(c, 0), WSC_E_DEADLINE);
    peer_log(&l.p);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(times(l.p.log, "Signal"), 1);
    wsc_command_unref(c);
    end_all();
}

/* --- noes ------------------------------------------------------------------------------------- */

static void refused(void)
{
    begin_waiting();
    spoil("Disconnect", "", 0x803381C5);
    CHECK_EQ(move(wsc_shell_disconnect), WSC_E_UNSUPPORTED);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    CHECK_EQ(l.h.states[WSC_SHELL_DISCONNECTED], 0);
    CHECK(peer_answer(&l.p, rest_of_it));
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    CHECK_EQ(wsc_command_signal(NULL, command, "ctrl-c"), WSC_E_USAGE); /* done */
    end_all();
}

/* Input that came meanwhile goes on, and a command that was to wait starts. */
static void refused_with_work(void)
{
    wsc_command *later = NULL;
    size_t taken = 0;

    begin_waiting();
    spoil("Disconnect", "", 0x803381C5);
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_command_write(command, "x", 1, &taken, 0), WSC_OK);
    CHECK_EQ(wsc_shell_run(&later, shell, "later", NULL, 0, NULL), WSC_OK);
    run_for(&l, 1000);
    CHECK_STR(peer_log(&l.p), "Disconnect Send Command");
    CHECK_EQ(l.p.input.len, 1);
    wsc_command_unref(later);
    end_all();
}

static void not_gracefully(void)
{
    begin_waiting();
    spoil("Disconnect", "", 0x803381CE);
    l.p.steps = rest_of_it;
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_OK);
    run_for(&l, 1000);
    CHECK(peer_answer(&l.p, &(struct peer_step){ .fault = 995 }));
    run_for(&l, 1000);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK_EQ(l.h.exits, 0);
    end_all();
}

static void gone(const char *which)
{
    begin_waiting();
    if (strcmp(which, "Reconnect") == 0)
        CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    spoil(which, "", PEER_GONE);
    CHECK_EQ(move(strcmp(which, "Reconnect") ? wsc_shell_disconnect : wsc_shell_reconnect),
             WSC_E_SHELL_GONE);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_LOST);
    CHECK_EQ(l.h.status, WSC_E_SHELL_GONE);
    CHECK_EQ(l.h.exits, 1);
    end_all();
}

static void reconnect_refused(void)
{
    begin_waiting();
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    spoil("Reconnect", "", 0x803381C6);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_E_FAULT);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    CHECK_EQ(l.h.exits, 0);
    l.p.change = NULL;
    l.p.steps = rest_of_it;
    l.p.nsteps = 1;
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    end_all();
}

static unsigned command_fault;

static void spoil_command(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Reconnect") != 0 || !*q->command)
        return;
    free(a->body);
    a->body = peer_fault(command_fault);
    a->status = 500;
}

static void command_refused(unsigned code, bool goes_on)
{
    begin_waiting();
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK);
    command_fault = code;
    l.p.change = spoil_command;
    l.p.steps = rest_of_it;
    l.p.nsteps = 1;
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(wsc_command_wait(command, -1), goes_on ? WSC_OK : WSC_E_SHELL_GONE);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    CHECK_EQ(l.h.exits, 1);
    end_all();
}

/* --- use -------------------------------------------------------------------------------------- */

static void asked_twice(void)
{
    wsc_op *a = NULL, *b = NULL;

    begin_waiting();
    CHECK_EQ(wsc_shell_disconnect(&a, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_disconnect(&b, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_reconnect(NULL, shell, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_op_wait(a, -1), WSC_OK);
    CHECK_EQ(wsc_op_wait(b, 0), WSC_OK);
    wsc_op_unref(a);
    wsc_op_unref(b);
    CHECK_EQ(move(wsc_shell_disconnect), WSC_OK); /* it is */
    CHECK_EQ(wsc_shell_reconnect(NULL, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_disconnect(NULL, shell, NULL), WSC_E_USAGE);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK);
    CHECK_EQ(move(wsc_shell_reconnect), WSC_OK); /* it is open */
    run_for(&l, 1000);
    CHECK_STR(peer_log(&l.p), "Disconnect Reconnect Reconnect Receive");
    CHECK_EQ(wsc_shell_disconnect(NULL, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_reconnect(NULL, NULL, NULL), WSC_E_USAGE);
    end_all();
}

static void op_canceled(void)
{
    wsc_op *op = NULL;

    begin_waiting();
    CHECK_EQ(wsc_shell_disconnect(&op, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, heard_done, &l.h, NULL), WSC_OK);
    CHECK_EQ(wsc_op_cancel(op), WSC_OK);
    run_for(&l, 1000);
    wsc_op_unref(op);
    CHECK_EQ(l.h.dones, 1);
    CHECK_EQ(l.h.done_status, WSC_E_CANCELED);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED); /* that goes on */
    end_all();
}

static void closed_on_the_way_disconnect(void)
{
    closed_on_the_way("Disconnect", wsc_shell_disconnect);
}

static void closed_on_the_way_reconnect(void)
{
    closed_on_the_way("Reconnect", wsc_shell_reconnect);
}

static void context_closes_when_it_is_there(void)
{
    context_closes(true);
}

static void context_closes_on_its_way(void)
{
    context_closes(false);
}

static void gone_disconnect(void)
{
    gone("Disconnect");
}

static void gone_reconnect(void)
{
    gone("Reconnect");
}

static void command_refused_as_connected(void)
{
    command_refused(0x803381D3, true);
}

static void command_refused_as_gone(void)
{
    command_refused(0x8033814F, false);
}

static void deadline_before_disconnect(void)
{
    deadline_of_leaving(false);
}

static void deadline_after_disconnect(void)
{
    deadline_of_leaving(true);
}

static const struct test tests[] = {
    { "there_and_back", there_and_back },
    { "what_is_asked", what_is_asked },
    { "after_what_is_on_its_way", after_what_is_on_its_way },
    { "send_is_answered_first", send_is_answered_first },
    { "deadline_before_disconnect", deadline_before_disconnect },
    { "deadline_after_disconnect", deadline_after_disconnect },
    { "full_output", full_output },
    { "canceled_meanwhile", canceled_meanwhile },
    { "given_back_meanwhile", given_back_meanwhile },
    { "done_while_leaving", done_while_leaving },
    { "closed_meanwhile", closed_meanwhile },
    { "closed_on_the_way_disconnect", closed_on_the_way_disconnect },
    { "closed_on_the_way_reconnect", closed_on_the_way_reconnect },
    { "closed_before_it_is_open", closed_before_it_is_open },
    { "unreferenced_on_the_way", unreferenced_on_the_way },
    { "context_closes_when_it_is_there", context_closes_when_it_is_there },
    { "context_closes_on_its_way", context_closes_on_its_way },
    { "context_closes_with_output", context_closes_with_output },
    { "stays_held", stays_held },
    { "stays_given_back", stays_given_back },
    { "context_goes", context_goes },
    { "past_its_deadline", past_its_deadline },
    { "refused", refused },
    { "refused_with_work", refused_with_work },
    { "not_gracefully", not_gracefully },
    { "gone_disconnect", gone_disconnect },
    { "gone_reconnect", gone_reconnect },
    { "reconnect_refused", reconnect_refused },
    { "command_refused_as_connected", command_refused_as_connected },
    { "command_refused_as_gone", command_refused_as_gone },
    { "asked_twice", asked_twice },
    { "op_canceled", op_canceled },
};

TEST_MAIN(tests)
