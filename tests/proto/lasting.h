/* A shell that can be left, with a command whose Receive waits. */
#ifndef WSC_TEST_LASTING_H
#define WSC_TEST_LASTING_H

#include "commands.h"

static const char *const lasting[] = { "resource-uri", "http://x/lasting", NULL };
static const struct peer_step waits[] = { { .out = "one " }, { .hold = 1 } };
static const struct peer_step rest_of_it[] = { { .out = "three", .done = 1, .exit = 3 } };

static wsc_shell *shell;
static wsc_command *command;

/* A shell with a command that has said something, and whose next Receive waits. */
static inline void begin_with(const char *const *list, const struct peer_step *steps, size_t n)
{
    life_open(&l, NULL);
    l.p.steps = steps;
    l.p.nsteps = n;
    shell = open_shell(list);
    CHECK_EQ(wsc_shell_on_state(shell, heard_state, &l.h, heard_free), WSC_OK);
    CHECK_EQ(wsc_shell_run(&command, shell, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(command, heard_exit, &l.h, NULL), WSC_OK);
}

static inline void begin_waiting(void)
{
    begin_with(lasting, waits, sizeof waits / sizeof *waits);
    CHECK_EQ(wsc_command_wait(command, 1000), WSC_E_AGAIN);
    CHECK_EQ(l.p.held_count, 1);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive");
}

static inline void end_all(void)
{
    wsc_command_unref(command);
    wsc_shell_unref(shell);
    command = NULL;
    shell = NULL;
    life_close(&l);
}

/* Both moves, waited for. */
static inline int move(int (*fn)(wsc_op **out, wsc_shell *s, const wsc_params *params))
{
    wsc_op *op = NULL;
    int rc = fn(&op, shell, NULL);

    if (rc == WSC_OK)
        rc = wsc_op_wait(op, -1);
    wsc_op_unref(op);
    return rc;
}

static inline bool says_disconnected(int rc)
{
    int64_t code = 0;

    return rc == WSC_E_FAULT &&
           wsc_error_get_int(wsc_ctx_error(l.ctx), "fault-code", &code) == WSC_OK &&
           code == 0x803381C4;
}

static inline void read_all(const char *want)
{
    char buf[64];
    size_t n = 0, all = 0;

    while (wsc_command_read(command, NULL, buf + all, sizeof buf - all, &n, 0) == WSC_OK && n)
        all += n;
    CHECK_EQ(all, strlen(want));
    CHECK(!memcmp(buf, want, strlen(want)));
}

#endif
