/* Shells that another client has left: Connect, or Reconnect in the same session. */
#include "lasting.h"

#define ID      "5E000000-0000-4000-8000-000000000009"
#define COMMAND "C0000000-0000-4000-8000-000000000007"

static const struct peer_step kept[] = { { .out = "rest ", .err = "no" },
                                         { .out = "end", .done = 1, .exit = 3 } };

static void begin(const char *const *list)
{
    wsc_params *p = options(list);

    life_open(&l, NULL);
    STEPS(kept);
    l.p.away = true;
    CHECK_EQ(wsc_shell_connect(&shell, l.client, ID, p), WSC_OK);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPENING);
    wsc_params_unref(p);
    CHECK_EQ(wsc_shell_connect_command(&command, shell, COMMAND, NULL), WSC_OK);
}

static void check_bodies(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)a;
    CHECK(strstr(q->r->body, "Name=\"ShellId\">" ID) != NULL);
    if (strcmp(q->action, "Connect") == 0 && !*q->command)
        CHECK(strstr(q->r->body, "<rsp:BufferMode>Block</rsp:BufferMode>") != NULL);
    if (strcmp(q->action, "Receive") == 0) /* the stream that the answer to Connect names */
        CHECK(strstr(q->r->body, "CommandId=\"" COMMAND "\">stdout</rsp:DesiredStream>") != NULL);
    if (*q->command)
        CHECK_STR(q->command, COMMAND);
}

static void command_of_another(void)
{
    static const char *const block[] = { "buffer-mode", "block", NULL };
    const char *id = NULL;
    int64_t code = 0;

    begin(block);
    l.p.change = check_bodies;
    CHECK_EQ(wsc_shell_get_str(shell, "id", &id), WSC_OK);
    CHECK_STR(id, ID);
    CHECK_EQ(wsc_command_get_str(command, "id", &id), WSC_OK);
    CHECK_STR(id, COMMAND);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    CHECK_EQ(wsc_command_exit_code(command, &code), WSC_OK);
    CHECK_EQ(code, 3);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    CHECK_EQ(wsc_shell_close(NULL, shell), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Connect Get Connect Receive Receive Signal Delete");
    end_all();
}

static void in_the_same_session(void)
{
    static const char *const same[] = { "same-session", "true", NULL };

    begin(same);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Reconnect Get Reconnect Receive Receive Signal");
    end_all();
}

/* It serves as any other: a new command, and it is left again. */
static void as_any_other(void)
{
    wsc_op *op = NULL;

    begin(NULL);
    CHECK_EQ(wsc_shell_wait(shell, -1), WSC_OK);
    wsc_command_unref(command);
    CHECK_EQ(wsc_shell_run(&command, shell, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    CHECK_EQ(wsc_shell_disconnect(&op, shell, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    peer_log(&l.p);
    wsc_shell_unref(shell);
    shell = NULL;
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "");
    end_all();
}

static void refused(void)
{
    int64_t code = 0;

    begin(NULL);
    spoil("Connect", "", 0x803381CD);
    CHECK_EQ(wsc_shell_wait(shell, -1), WSC_E_FAULT);
    CHECK_EQ(wsc_error_get_int(wsc_shell_error(shell), "fault-code", &code), WSC_OK);
    CHECK_EQ(code, 0x803381CD);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_LOST);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_E_FAULT);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Connect");
    end_all();
}

static void spoil_command(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Connect") != 0 || !*q->command)
        return;
    free(a->body);
    a->body = peer_fault(0x8033814F);
    a->status = 500;
}

static void no_such_command(void)
{
    begin(NULL);
    l.p.change = spoil_command;
    CHECK_EQ(wsc_command_wait(command, -1), WSC_E_SHELL_GONE);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_OPEN);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Connect Get Connect"); /* nothing to terminate */
    end_all();
}

static void hollow_command(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (*q->command)
        spoil_reply(p, q, a);
}

/* Without ConnectResponse neither the shell nor the command is taken for ours; the answer to
 * Reconnect is empty on Windows. */
static void hollow_answers(void)
{
    static const char *const same[] = { "same-session", "true", NULL };
    int64_t code = 0;
    int of_command;

    for (of_command = 0; of_command < 2; of_command++) {
        begin(NULL);
        spoil("Connect", "empty", 0);
        if (of_command)
            l.p.change = hollow_command;
        CHECK_EQ(wsc_command_wait(command, -1), WSC_E_PROTOCOL);
        CHECK_EQ(wsc_error_get_int(wsc_command_error(command), "fault-code", &code), WSC_OK);
        CHECK_EQ(code, 0x803381CB);
        CHECK_EQ(wsc_shell_state(shell), of_command ? WSC_SHELL_OPEN : WSC_SHELL_LOST);
        run_out(&l);
        CHECK_STR(peer_log(&l.p), of_command ? "Connect Get Connect" : "Connect");
        end_all();
    }
    begin(same);
    spoil("Reconnect", "empty", 0);
    CHECK_EQ(wsc_command_wait(command, -1), WSC_OK);
    end_all();
}

static void canceled(void)
{
    begin(NULL);
    spoil("Connect", "hold", 0);
    run_for(&l, 1000);
    CHECK_EQ(wsc_command_cancel(command), WSC_OK);
    CHECK_EQ(wsc_shell_close(NULL, shell), WSC_OK);
    run_out(&l);
    CHECK_EQ(wsc_command_wait(command, 0), WSC_E_CANCELED);
    CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_CLOSED);
    end_all();
}

static void wrong_use(void)
{
    static const char *const colour[] = { "buffer-mode", "blue", NULL };
    wsc_params *p = NULL;

    life_open(&l, NULL);
    CHECK_EQ(wsc_params_new(&p), WSC_OK);
    CHECK_EQ(wsc_params_set_str(p, colour[0], colour[1]), WSC_E_OPTION);
    wsc_params_unref(p);
    CHECK_EQ(wsc_shell_connect(NULL, l.client, ID, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_connect(&shell, NULL, ID, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_connect(&shell, l.client, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_connect(&shell, l.client, "", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_connect(&shell, l.client, "a\001b", NULL), WSC_E_USAGE);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "shell_id") != NULL);
    CHECK(shell == NULL);
    shell = open_shell(NULL);
    CHECK_EQ(wsc_shell_connect_command(&command, shell, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_connect_command(NULL, shell, COMMAND, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_connect_command(&command, shell, "\xff", NULL), WSC_E_USAGE);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "command_id") != NULL);
    CHECK(command == NULL);
    end_all();
}

static const struct test tests[] = {
    { "command_of_another", command_of_another },
    { "in_the_same_session", in_the_same_session },
    { "as_any_other", as_any_other },
    { "refused", refused },
    { "no_such_command", no_such_command },
    { "hollow_answers", hollow_answers },
    { "canceled", canceled },
    { "wrong_use", wrong_use },
};

TEST_MAIN(tests)
