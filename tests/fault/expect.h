/* What has to come of a run when the reply to one of its requests is not what it should be. */
#ifndef WSC_TEST_EXPECT_H
#define WSC_TEST_EXPECT_H

#include "run.h"

enum { N_IDENTIFY, N_ASK, N_CREATE, N_COMMAND, N_SEND, N_RECEIVE, N_SIGNAL, N_DELETE, ACTIONS };

static const char *const actions[ACTIONS] = { "Identify", "Ask",     "Create", "Command",
                                              "Send",     "Receive", "Signal", "Delete" };

/* A request of a run. */
struct target {
    const char *action;
    unsigned nth;
};

static const struct target targets[] = {
    { "Identify", 1 }, { "Ask", 1 },     { "Create", 1 },  { "Command", 1 }, { "Send", 1 },
    { "Send", 3 },     { "Receive", 1 }, { "Receive", 3 }, { "Signal", 1 }, /* the user's */
    { "Signal", 2 }, /* the one that is owed at the end */
    { "Delete", 1 },
};

#define TARGETS (sizeof targets / sizeof *targets)

enum answer {
    GOOD,    /* after all */
    REFUSED, /* by a fault */
    GONE,    /* a fault: the shell is no more */
    AWAY,    /* a fault: the shell is disconnected, and goes on when it is connected again */
    AGAIN,   /* to be asked once more, if it is a Receive; else as REFUSED */
    BROKEN   /* not an answer to use */
};

struct expected {
    int op[R_OPS]; /* status */
    int shell, command, write;
    bool no_op[R_OPS]; /* the call is refused */
    unsigned asked[ACTIONS];
    bool slow; /* a Receive may time out meanwhile */
};

/* The shell is gone with what is in it: nothing more is told to the server. */
static inline void expect_gone(struct expected *e, int status)
{
    e->shell = e->command = status;
    e->asked[N_DELETE] = 0;
}

static inline void expect_start(struct expected *e, bool create, enum answer how, int status)
{
    e->command = e->write = status;
    if (create || how == GONE)
        expect_gone(e, status);
    e->no_op[R_SIGNAL] = true;
    e->asked[N_COMMAND] = !create;
    e->asked[N_SEND] = e->asked[N_RECEIVE] = e->asked[N_SIGNAL] = 0;
}

static inline void expect_input(struct expected *e, unsigned nth, enum answer how, int status)
{
    if (how == AWAY) {
        e->asked[N_SEND] += nth == 1; /* the command ends before the last one goes again */
        e->slow = true;
        return;
    }
    e->write = nth == 1 ? status : WSC_OK;
    e->asked[N_SEND] = nth;
    if (how == GONE || how == BROKEN) {
        e->command = status;
        e->asked[N_RECEIVE] = nth == 1 ? 1 : 3;
    }
    if (how == GONE) {
        expect_gone(e, status);
        e->asked[N_SIGNAL] = 1;
    }
}

static inline void expect_output(struct expected *e, unsigned nth, enum answer how, int status)
{
    if (how == AGAIN || how == AWAY) {
        e->asked[N_RECEIVE]++;
        return;
    }
    e->command = status;
    e->asked[N_SEND] = nth == 1 ? 2 : 3;
    e->asked[N_RECEIVE] = nth;
    if (how == GONE) {
        expect_gone(e, status);
        e->asked[N_SIGNAL] = 1;
    }
}

static inline void expect(struct expected *e, const struct target *t, enum answer how, int status)
{
    static const struct expected good = { .asked = { 1, 1, 1, 1, 3, 3, 2, 1 } };

    *e = good;
    if (how == GOOD)
        return;
    if (!strcmp(t->action, "Identify"))
        e->op[R_IDENTIFY] = status;
    else if (!strcmp(t->action, "Ask"))
        e->op[R_ASK] = status;
    else if (!strcmp(t->action, "Create") || !strcmp(t->action, "Command"))
        expect_start(e, !strcmp(t->action, "Create"), how, status);
    else if (!strcmp(t->action, "Send"))
        expect_input(e, t->nth, how, status);
    else if (!strcmp(t->action, "Receive"))
        expect_output(e, t->nth, how, status);
    else if (!strcmp(t->action, "Signal") && t->nth == 1)
        e->op[R_SIGNAL] = status;
    else if (!strcmp(t->action, "Delete"))
        e->op[R_CLOSE] = status == WSC_E_SHELL_GONE || status == WSC_E_ABORTED ? WSC_OK : status;
}

/* The error that the run has brought, if any. */
static inline const wsc_error *check_expected(const struct run *r, const struct expected *e)
{
    const wsc_error *err = NULL;
    int i;

    for (i = 0; i < R_OPS; i++) {
        if (!CHECK_EQ(r->op[i].rc, e->no_op[i] ? WSC_E_USAGE : WSC_OK) ||
            !CHECK_EQ(r->op[i].status, e->op[i]))
            printf("# operation %d\n", i);
        if (r->op[i].status)
            err = wsc_op_error(r->op[i].op);
    }
    CHECK_EQ(r->status, e->command);
    CHECK_EQ(wsc_error_code(wsc_shell_error(r->shell)), e->shell);
    if (e->command)
        err = wsc_command_error(r->command);
    CHECK_EQ(r->write_rc[0], WSC_OK);
    CHECK_EQ(r->write_rc[1], e->write);
    if (!e->command)
        CHECK(r->out_len == 11 && !memcmp(r->out, "hello world", 11) && r->err_len == 2);
    for (i = 0; i < ACTIONS; i++) {
        if (i == N_RECEIVE && e->slow)
            CHECK(peer_asked(&l.p, actions[i]) >= e->asked[i]);
        else if (!CHECK_EQ(peer_asked(&l.p, actions[i]), e->asked[i]))
            printf("# %s\n", actions[i]);
    }
    return err;
}

#endif
