/* Shells that are left and taken up again, and a server that answers with faults; one of another
 * process, when memory runs out. (scenarios.h has the rest.) */
#include "each.h"

static const struct peer_step steps[] = {
    { .out = "one " },
    { .hold = 1 },
    { .out = "three", .done = 1, .exit = 3 },
};

static int told(wsc_op **op, int rc)
{
    if (rc != WSC_OK)
        return rc;
    rc = wsc_op_wait(*op, 300000);
    CHECK(rc != WSC_E_AGAIN);
    wsc_op_unref(*op);
    *op = NULL;
    return rc;
}

/* Of another process: connected to, used, left again. */
static bool connecting(long k)
{
    wsc_shell *shell = NULL;
    wsc_command *c = NULL;
    int rc;

    if (!begin(k) || !client(NULL))
        return finish();
    STEPS(steps);
    l.p.away = true;
    l.p.at[7] = 2;
    rc = wsc_shell_connect(&shell, l.client, "5E000000-0000-4000-8000-000000000009", NULL);
    if (rc == WSC_OK)
        rc = wsc_shell_connect_command(&c, shell, "C0000000-0000-4000-8000-000000000007", NULL);
    if (rc == WSC_OK)
        rc = wsc_command_wait(c, -1);
    CHECK(fits(rc, WSC_OK));
    if (shell)
        wsc_shell_disconnect(NULL, shell, NULL);
    wsc_command_unref(c);
    wsc_shell_unref(shell);
    return finish();
}

EACH(connecting)

/* --- every fault in the place of each answer -------------------------------------------------- */

enum { AT_DISCONNECT, AT_RECONNECT, AT_COMMAND, AT_CONNECT, AT_COMMANDS_CONNECT, PLACES };

static struct {
    int place;
    uint32_t code;
} put;

static void put_fault(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    static const char *const action[PLACES] = { "Disconnect", "Reconnect", "Reconnect", "Connect",
                                                "Connect" };
    bool of_command = put.place == AT_COMMAND || put.place == AT_COMMANDS_CONNECT;

    (void)p;
    if (strcmp(q->action, action[put.place]) != 0 || of_command != (*q->command != '\0'))
        return;
    free(a->body);
    a->body = peer_fault(put.code);
    a->status = 500;
}

static bool is_gone(const struct wsc__fault_info *f)
{
    return f->wsc == WSC_E_SHELL_GONE && f->code != 0x8033814F && f->code != 0x803381CC &&
           f->code != 0x80540BBD;
}

static bool is_away(uint32_t code)
{
    return code == 0x803381C4 || code == 0x803381DE;
}

/* What the moves say, and where the shell is then. */
static void expected_of_move(const struct wsc__fault_info *f, int *rc, int *state)
{
    *rc = f->wsc;
    if (is_gone(f))
        *state = WSC_SHELL_LOST;
    else if (put.place == AT_DISCONNECT)
        *state = WSC_SHELL_OPEN;
    else
        *state = WSC_SHELL_DISCONNECTED;
    if (put.place == AT_DISCONNECT && (is_away(f->code) || f->code == 0x803381CF)) {
        *rc = WSC_OK;
        *state = WSC_SHELL_DISCONNECTED;
    } else if (put.place == AT_DISCONNECT && f->code == 0x803381CE) {
        *state = WSC_SHELL_DISCONNECTED;
    } else if (put.place == AT_RECONNECT && f->code == 0x803381D0) {
        *rc = WSC_OK;
        *state = WSC_SHELL_OPEN;
    }
}

static void check_move(const struct wsc__fault_info *f)
{
    static const struct peer_step silent[] = { { .out = "one " }, { .fault = PEER_TIMEOUT } };
    wsc_shell *shell = NULL;
    wsc_command *c = NULL;
    wsc_op *op = NULL;
    int rc, state, got;

    STEPS(silent);
    l.p.unheard = true;
    CHECK_EQ(wsc_shell_open(&shell, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(shell, heard_state, &l.h, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&c, shell, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, heard_exit, &l.h, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_wait(shell, -1), WSC_OK);
    got = told(&op, wsc_shell_disconnect(&op, shell, NULL));
    if (put.place == AT_RECONNECT) {
        CHECK_EQ(got, WSC_OK);
        got = told(&op, wsc_shell_reconnect(&op, shell, NULL));
    }
    expected_of_move(f, &rc, &state);
    CHECK_EQ(got, rc);
    CHECK_EQ(wsc_shell_state(shell), state);
    CHECK_EQ(l.h.exits, state == WSC_SHELL_LOST);
    wsc_shell_close(NULL, shell);
    run_for(&l, 20000);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.states[WSC_SHELL_CLOSED] + l.h.states[WSC_SHELL_LOST], 1);
    wsc_command_unref(c);
    wsc_shell_unref(shell);
}

/* A command's own Reconnect or Connect, or the Connect of its shell. */
static void check_command(const struct wsc__fault_info *f)
{
    static const struct peer_step rest[] = { { .out = "rest", .done = 1 } };
    bool well = f->code == 0x803381D3 && put.place != AT_CONNECT;
    wsc_shell *shell = NULL;
    wsc_command *c = NULL;
    wsc_op *op = NULL;

    STEPS(rest);
    l.p.unheard = true;
    if (put.place == AT_COMMAND) {
        CHECK_EQ(wsc_shell_open(&shell, l.client, NULL), WSC_OK);
        CHECK_EQ(wsc_shell_run(&c, shell, "prog", NULL, 0, NULL), WSC_OK);
        CHECK_EQ(told(&op, wsc_shell_disconnect(&op, shell, NULL)), WSC_OK);
        CHECK_EQ(wsc_shell_reconnect(NULL, shell, NULL), WSC_OK);
    } else {
        l.p.away = true;
        CHECK_EQ(wsc_shell_connect(&shell, l.client, "5E000000-0000-4000-8000-000000000009", NULL),
                 WSC_OK);
        CHECK_EQ(wsc_shell_connect_command(&c, shell, "C0000000-0000-4000-8000-000000000007", NULL),
                 WSC_OK);
    }
    CHECK_EQ(wsc_command_on_exit(c, heard_exit, &l.h, NULL), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, 300000), well ? WSC_OK : f->wsc);
    if (put.place == AT_COMMAND && is_away(f->code)) { /* it rests, and so does its shell */
        CHECK_EQ(l.h.exits, 0);
        CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_DISCONNECTED);
    } else if (put.place == AT_CONNECT || is_gone(f)) {
        CHECK_EQ(wsc_shell_state(shell), WSC_SHELL_LOST);
    } else {
        CHECK_EQ(wsc_shell_state(shell),
                 is_away(f->code) ? WSC_SHELL_DISCONNECTED : WSC_SHELL_OPEN);
    }
    wsc_shell_close(NULL, shell);
    run_for(&l, 20000);
    CHECK_EQ(l.h.exits, 1);
    wsc_command_unref(c);
    wsc_shell_unref(shell);
}

static void every_fault(void)
{
    const struct wsc__fault_info *f;
    size_t i;

    for (put.place = 0; put.place < PLACES; put.place++) {
        for (i = 0; (f = wsc__fault_at(i)) && test_failures < 60; i++) {
            int before = test_failures;

            put.code = f->code;
            life_open(&l, NULL);
            l.p.change = put_fault;
            if (put.place == AT_DISCONNECT || put.place == AT_RECONNECT)
                check_move(f);
            else
                check_command(f);
            run_for(&l, 20000);
            CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
            life_close(&l);
            if (test_failures > before)
                printf("# %s (0x%08lX) at %d\n", f->name, (unsigned long)f->code, put.place);
        }
        CHECK(i > 600);
    }
}

static const struct test tests[] = {
    { "connecting", test_connecting },
    { "every_fault", every_fault },
};

TEST_MAIN(tests)
