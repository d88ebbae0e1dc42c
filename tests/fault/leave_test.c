/* Shells that are left and taken up again, when memory runs out and when connections end: every op
 * and every command ends once, and everything is given back. */
#include "each.h"

static const struct peer_step steps[] = {
    { .out = "one " },
    { .hold = 1 },
    { .out = "three", .done = 1, .exit = 3 },
};
static const struct peer_step parting = { .out = "two " };

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

/* There, canceled half-way (a Signal is then owed), and back. */
static int there_and_back(wsc_shell *shell, wsc_command *canceled)
{
    wsc_op *op = NULL;
    int rc = told(&op, wsc_shell_disconnect(&op, shell, NULL));

    if (canceled)
        wsc_command_cancel(canceled);
    return rc == WSC_OK ? told(&op, wsc_shell_reconnect(&op, shell, NULL)) : rc;
}

/* One life. The first command's end, or what the shell ended with. */
static int leaving_life(bool two)
{
    static const char *const lasting[] = { "resource-uri", "http://x/lasting", NULL };
    wsc_command *c = NULL, *canceled = NULL;
    wsc_params *p = options(lasting);
    wsc_shell *shell = NULL;
    size_t taken;
    int rc;

    STEPS(steps);
    l.p.parting = &parting;
    l.p.replays = l.p.unheard = true;
    rc = wsc_shell_open(&shell, l.client, p);
    wsc_params_unref(p);
    if (rc == WSC_OK)
        rc = wsc_shell_run(&c, shell, "prog", NULL, 0, NULL);
    if (rc == WSC_OK)
        on_all(c, &l.h);
    if (rc == WSC_OK && two)
        rc = wsc_shell_run(&canceled, shell, "prog", NULL, 0, NULL);
    if (rc == WSC_OK)
        rc = wsc_command_write(c, "in", 2, &taken, 0);
    if (rc == WSC_OK)
        run_for(&l, 2000);
    if (rc == WSC_OK)
        rc = there_and_back(shell, canceled);
    if (rc == WSC_OK)
        rc = wsc_command_wait(c, 300000);
    CHECK(rc != WSC_E_AGAIN);
    wsc_command_unref(canceled);
    wsc_shell_unref(shell);
    run_for(&l, 300000);
    if (c && wsc_command_error(c))
        rc = wsc_error_code(wsc_command_error(c));
    wsc_command_unref(c);
    run_for(&l, 300000);
    return rc;
}

/* Where Disconnect was not answered the peer may still wait, or take the shell for disconnected. */
static bool expected(int rc)
{
    return rc == WSC_OK || rc == WSC_E_CONNECTION_LOST || rc == WSC_E_OUTPUT_LOST ||
           rc == WSC_E_TIMEOUT || rc == WSC_E_CANCELED || rc == WSC_E_FAULT;
}

static bool memory(long k)
{
    int rc;

    if (begin(k) && client(NULL)) {
        rc = leaving_life(true);
        CHECK(rc == WSC_E_NOMEM || expected(rc));
    }
    return finish();
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

EACH(memory)
EACH(connecting)

/* --- the connection ends at every byte -------------------------------------------------------- */

static unsigned cut_request;
static size_t cut_at;
static enum drv_end cut_how;

static void cut_reply(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (q->all != cut_request)
        return;
    p->uncut |= a->hold; /* it is answered later, by another hand */
    a->cut_at_all = true;
    a->cut = cut_at;
    a->how = cut_how;
}

static void cut_everywhere(enum drv_end how)
{
    unsigned requests = 0;
    bool uncut;
    int rc;

    for (cut_request = 0; cut_request <= requests; cut_request++) {
        cut_at = 0;
        cut_how = how;
        do {
            int before = test_failures;

            life_open(&l, NULL);
            l.p.change = cut_reply;
            rc = leaving_life(false);
            if (!cut_request)
                CHECK_EQ(rc, WSC_OK);
            CHECK(expected(rc));
            CHECK_EQ(l.h.exits, l.h.frees ? 1 : 0);
            CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
            if (!cut_request)
                requests = l.p.requests;
            uncut = l.p.uncut;
            life_close(&l);
            if (test_failures > before)
                printf("# request %u, byte %zu: %d\n", cut_request, cut_at, rc);
            cut_at++;
        } while (cut_request && !uncut && test_failures < 60);
    }
    CHECK(requests >= 8);
}

static void eof_at_every_byte(void)
{
    cut_everywhere(DRV_EOF);
}

static void reset_at_every_byte(void)
{
    cut_everywhere(DRV_RESET);
}

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
    { "memory", test_memory },
    { "connecting", test_connecting },
    { "eof_at_every_byte", eof_at_every_byte },
    { "reset_at_every_byte", reset_at_every_byte },
    { "every_fault", every_fault },
};

TEST_MAIN(tests)
