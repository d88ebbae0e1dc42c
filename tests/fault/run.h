/* One run through everything that a client does for a host: Identify, a request of one's own, a
 * shell, a command with input, output and a signal, the end. It takes whatever comes; what came is
 * kept for the test to judge. */
#ifndef WSC_TEST_RUN_H
#define WSC_TEST_RUN_H

#include "../proto/life.h"

enum { R_IDENTIFY, R_ASK, R_SIGNAL, R_CLOSE, R_OPS };

struct run_op {
    wsc_op *op;
    int rc; /* what the call said */
    int dones, status, frees;
};

struct run {
    struct run_op op[R_OPS];
    wsc_shell *shell;
    int shell_rc, opens, partings, closings, ends, shell_frees;
    wsc_command *command;
    int command_rc, exits, status, command_frees;
    int write_rc[2];
    char out[32];
    size_t out_len, err_len;
    bool late, sets; /* something came after the end; callbacks were set */
};

/* What the command says. In the middle it is silent, until its input has ended. */
static const struct peer_step run_steps[] = {
    { .out = "hello ", .err = "oh" },
    { .hold = 1 },
    { .out = "world", .done = 1, .exit = 7 },
};

static wsc_shell *run_parted; /* the server has disconnected it: it is taken up again */

static inline void run_done(wsc_op *op, int status, void *ud)
{
    struct run_op *o = ud;

    o->dones++;
    o->status = status;
    CHECK_EQ(wsc_error_code(wsc_op_error(op)), status);
}

static inline void run_op_free(void *ud)
{
    ((struct run_op *)ud)->frees++;
}

static inline void run_state(wsc_shell *s, int state, void *ud)
{
    struct run *r = ud;

    r->late |= r->ends != 0;
    run_parted = state == WSC_SHELL_DISCONNECTED ? s : NULL;
    r->partings += state == WSC_SHELL_DISCONNECTED;
    r->opens += state == WSC_SHELL_OPEN;
    r->closings += state == WSC_SHELL_CLOSING;
    r->ends += state == WSC_SHELL_CLOSED || state == WSC_SHELL_LOST;
}

static inline void run_shell_free(void *ud)
{
    ((struct run *)ud)->shell_frees++;
}

static inline size_t run_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    struct run *r = ud;

    (void)c;
    r->late |= r->exits != 0;
    if (stream == WSC_STDERR) {
        r->err_len += len;
    } else if (CHECK(r->out_len + len <= sizeof r->out)) {
        memcpy(r->out + r->out_len, data, len);
        r->out_len += len;
    }
    return len;
}

static inline void run_exit(wsc_command *c, int status, void *ud)
{
    struct run *r = ud;

    r->exits++;
    r->status = status;
    CHECK_EQ(wsc_error_code(wsc_command_error(c)), status);
}

static inline void run_command_free(void *ud)
{
    ((struct run *)ud)->command_frees++;
}

/* A server says from time to time that there is nothing new; the silence goes on. */
static inline void run_turn(void)
{
    static const struct peer_step nothing_new = { .fault = PEER_TIMEOUT };

    wsc_ctx_wait(l.ctx, 1000);
    if (run_parted)
        CHECK_EQ(wsc_shell_reconnect(NULL, run_parted, NULL), WSC_OK);
    run_parted = NULL;
    if (l.p.d.now >= l.p.held_at + 50000 && peer_answer(&l.p, &nothing_new))
        l.p.at[1]--;
}

/* Turns until it is so; the test fails where that never comes. */
#define RUN_TURNS 5000
#define UNTIL(cond)                                                                                \
    do {                                                                                           \
        int turns_ = 0;                                                                            \
        while (!(cond) && turns_++ < RUN_TURNS)                                                    \
            run_turn();                                                                            \
        CHECK(turns_ < RUN_TURNS);                                                                 \
    } while (0)

/* rc and op are what the call gave. */
static inline void run_op_made(struct run_op *o, int rc, wsc_op *op)
{
    o->rc = rc;
    o->op = op;
    CHECK((rc == WSC_OK) == (op != NULL));
    if (op)
        CHECK_EQ(wsc_op_on_done(op, run_done, o, run_op_free), WSC_OK);
}

static inline bool run_taken(const struct run *r)
{
    const char *left = "";

    return r->exits || (wsc_command_get_str(r->command, "input-pending", &left) == WSC_OK &&
                        strcmp(left, "0") == 0);
}

static inline bool run_running(const struct run *r)
{
    const char *state = "";

    return r->exits || (wsc_command_get_str(r->command, "state", &state) == WSC_OK &&
                        strcmp(state, "running") == 0);
}

static inline void run_the_command(struct run *r)
{
    static const struct peer_step nothing_new = { .fault = PEER_TIMEOUT };
    wsc_op *op = NULL;
    size_t n = 0;
    int rc;

    CHECK_EQ(wsc_command_on_output(r->command, run_output, r, run_command_free), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(r->command, run_exit, r, run_command_free), WSC_OK);
    r->write_rc[0] = wsc_command_write(r->command, "input", 5, &n, 0);
    UNTIL(run_running(r));
    rc = wsc_command_signal(&op, r->command, "ctrl-c");
    run_op_made(&r->op[R_SIGNAL], rc, op);
    UNTIL(run_taken(r));
    r->write_rc[1] = wsc_command_write(r->command, "more", 4, &n, 0);
    CHECK_EQ(wsc_command_write_eof(r->command), WSC_OK);
    UNTIL(run_taken(r) && r->op[R_SIGNAL].dones == !r->op[R_SIGNAL].rc);
    UNTIL(r->exits || peer_answer(&l.p, &nothing_new));
    UNTIL(r->exits);
}

/* The client is there, the peer says run_steps. */
static inline void run_all(struct run *r)
{
    wsc_op *op = NULL;
    int rc;

    memset(r, 0, sizeof *r);
    STEPS(run_steps);
    l.p.replays = true;
    rc = wsc_identify(&op, l.client, NULL);
    run_op_made(&r->op[R_IDENTIFY], rc, op);
    UNTIL(r->op[R_IDENTIFY].dones == !rc);
    op = NULL;
    rc = wsc_request(&op, l.client, "http://x/Ask", NULL, NULL, 0, NULL);
    run_op_made(&r->op[R_ASK], rc, op);
    UNTIL(r->op[R_ASK].dones == !rc);
    r->shell_rc = wsc_shell_open(&r->shell, l.client, NULL);
    CHECK((r->shell_rc == WSC_OK) == (r->shell != NULL));
    if (!r->shell)
        return;
    CHECK_EQ(wsc_shell_on_state(r->shell, run_state, r, run_shell_free), WSC_OK);
    r->command_rc = wsc_shell_run(&r->command, r->shell, "prog", NULL, 0, NULL);
    CHECK((r->command_rc == WSC_OK) == (r->command != NULL));
    if (r->command)
        run_the_command(r);
    op = NULL;
    rc = wsc_shell_close(&op, r->shell);
    run_op_made(&r->op[R_CLOSE], rc, op);
    UNTIL(r->op[R_CLOSE].dones == !rc && (rc || r->ends));
}

/* Everything is given back; one end for each. */
static inline void run_drop(struct run *r)
{
    int i;

    UNTIL(!wsc_ctx_pending(l.ctx));
    for (i = 0; i < R_OPS; i++) {
        struct run_op *o = &r->op[i];

        CHECK_EQ(o->dones, o->op != NULL);
        wsc_op_unref(o->op);
        CHECK_EQ(o->frees, o->op != NULL);
    }
    CHECK_EQ(r->exits, r->command != NULL);
    CHECK(!r->late);
    wsc_command_unref(r->command);
    CHECK_EQ(r->command_frees, r->command ? 2 : 0);
    if (r->op[R_CLOSE].op)
        CHECK_EQ(r->ends, 1);
    CHECK(r->ends <= 1 && r->opens <= 1 + r->partings && r->closings <= 1);
    wsc_shell_unref(r->shell);
    CHECK_EQ(r->shell_frees, r->shell != NULL);
}

#endif
