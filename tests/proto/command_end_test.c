/* The same: how commands and shells are ended, kept alive and limited; requests without a shell. */
#include "commands.h"

/* --- cancel ----------------------------------------------------------------------------------- */

/* Cancels while the request is under way; the answer comes later or never. */
static void cancel_at(const char *action, const char *log)
{
    wsc_command *c;
    uint64_t before;

    life_open(&l, NULL);
    spoil(action, "hold", 0);
    c = run(NULL);
    on_all(c, &l.h);
    run_for(&l, 100);
    CHECK_EQ(l.h.exits, 0);
    before = l.p.d.now;
    CHECK_EQ(wsc_command_cancel(c), WSC_OK);
    CHECK_EQ(l.h.exits, 0); /* not inline */
    CHECK_EQ(wsc_ctx_step(l.ctx), WSC_OK);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    CHECK_EQ(l.p.d.now, before);
    CHECK_EQ(wsc_command_cancel(c), WSC_OK); /* again: nothing */
    run_out(&l);
    CHECK(l.p.d.now - before <= 10000 + 1); /* cancel-timeout */
    CHECK_EQ(l.h.exits, 1);
    if (!CHECK_STR(peer_log(&l.p), log))
        printf("# canceled at %s\n", action);
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

static void cancel_in_every_state(void)
{
    cancel_at("Create", "Create");
    cancel_at("Command", "Create Command Delete");
    cancel_at("Receive", "Create Command Receive Signal Delete");
}

static void cancel_while_command_is_answered(void)
{
    wsc_command *c;

    /* The Command is answered after the cancel: then the server is told to terminate it. */
    life_open(&l, NULL);
    c = run(NULL);
    on_all(c, &l.h);
    while (!strstr(l.p.log, "Command"))
        wsc_ctx_wait(l.ctx, 0);
    CHECK_EQ(wsc_command_cancel(c), WSC_OK); /* the answer lies on the wire */
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Signal Delete");
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    wsc_command_unref(c);
    life_close(&l);
}

static void cancel_while_create_is_answered(void)
{
    wsc_command *c;

    life_open(&l, NULL);
    c = run(NULL);
    on_all(c, &l.h);
    while (!strstr(l.p.log, "Create"))
        wsc_ctx_wait(l.ctx, 0);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Delete");
    CHECK_EQ(l.h.exits, 0); /* the handle was given back: nobody is told */
    CHECK_EQ(l.h.frees, 2);
    life_close(&l);
}

static void cancel_timeout(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static const char *const list[] = { "cancel-timeout", "700", NULL };
    wsc_command *c;
    uint64_t before;

    life_open(&l, list);
    spoil("Signal", "hold", 0);
    STEPS(steps);
    c = run(NULL);
    on_all(c, &l.h);
    run_for(&l, 100);
    CHECK_EQ(wsc_command_cancel(c), WSC_OK);
    before = l.p.d.now;
    run_out(&l);
    CHECK(l.p.d.now - before <= 701); /* Signal and Delete together */
    CHECK_STR(peer_log(&l.p), "Create Command Receive Signal Delete");
    wsc_command_unref(c);
    life_close(&l);
}

static void delete_timeout(void)
{
    static const char *const list[] = { "cancel-timeout", "700", NULL };
    wsc_shell *s;
    wsc_op *op = NULL;
    uint64_t before;

    life_open(&l, list);
    spoil("Delete", "hold", 0);
    s = open_shell(NULL);
    before = l.p.d.now;
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_TIMEOUT);
    CHECK_EQ(l.p.d.now - before, 700);
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    wsc_op_unref(op);
    wsc_shell_unref(s);
    life_close(&l);
}

static void deadline_of_a_command(void)
{
    static const struct peer_step steps[] = { { .out = "x" }, { .hold = 1 } };
    static const char *const list[] = { "deadline", "5000", NULL };
    wsc_command *c;
    char buf[8];
    size_t n;
    uint64_t before;

    life_open(&l, NULL);
    STEPS(steps);
    before = l.p.d.now;
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_DEADLINE);
    CHECK_EQ(l.p.d.now - before, 5000);
    CHECK_EQ(wsc_command_read(c, NULL, buf, sizeof buf, &n, 0),
             WSC_OK); /* what came is handed out first */
    CHECK(n == 1 && buf[0] == 'x');
    CHECK_EQ(wsc_command_read(c, NULL, buf, sizeof buf, &n, 0), WSC_E_DEADLINE);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Signal Delete");
    life_close(&l);
}

static void deadline_before_the_shell(void)
{
    static const char *const list[] = { "deadline", "5000", NULL };
    wsc_command *c;

    life_open(&l, NULL);
    spoil("Create", "hold", 0);
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_DEADLINE);
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

static void shell_closed_under_commands(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    wsc_command *c[3];
    wsc_shell *s;
    wsc_op *op = NULL, *op2 = NULL;
    int i;

    life_open(&l, NULL);
    STEPS(steps);
    s = open_shell(NULL);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(wsc_shell_run(&c[i], s, "p", NULL, 0, NULL), WSC_OK);
        on_all(c[i], &l.h);
    }
    run_for(&l, 100);
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    CHECK_EQ(wsc_shell_close(&op2, s), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(wsc_op_wait(op2, -1), WSC_OK);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.exits, 3);
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    CHECK(strstr(peer_log(&l.p), "Signal Signal Signal Delete") != NULL);
    for (i = 0; i < 3; i++)
        wsc_command_unref(c[i]);
    wsc_op_unref(op);
    wsc_op_unref(op2);
    wsc_shell_unref(s);
    life_close(&l);
}

static void close_while_opening(void)
{
    wsc_shell *s = NULL;
    wsc_op *op = NULL;

    life_open(&l, NULL);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h, NULL), WSC_OK);
    until_asked(&l, 1);
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_STR(peer_log(&l.p), "Create Delete");
    wsc_ctx_step(l.ctx);
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    CHECK_EQ(l.h.states[WSC_SHELL_CLOSED], 1);
    wsc_op_unref(op);
    wsc_shell_unref(s);
    life_close(&l);
}

/* As long as Create has not gone out, there is nothing to wait for, whatever hangs. */
static void close_before_create(void)
{
    wsc_shell *s = NULL;
    wsc_op *op = NULL;

    life_open(&l, NULL);
    l.p.d.auto_net = false; /* the name is looked up for ever */
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h, NULL), WSC_OK);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, 0), WSC_OK);
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.states[WSC_SHELL_CLOSED], 1);
    CHECK_STR(peer_log(&l.p), "");
    wsc_op_unref(op);
    wsc_shell_unref(s);
    life_close(&l);
}

static void close_twice_waits_for_create(void)
{
    wsc_shell *s = NULL;

    /* close_wanted, and Create never answered: cancel-timeout ends it */
    life_open(&l, NULL);
    spoil("Create", "hold", 0);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_close(NULL, s), WSC_OK);
    CHECK_EQ(wsc_shell_close(NULL, s), WSC_OK);
    run_out(&l);
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    wsc_shell_unref(s);
    life_close(&l);
}

/* --- keep-alive ------------------------------------------------------------------------------- */

static void keep_alive(void)
{
    static const char *const list[] = { "output-limit", "4096", NULL };
    static char big[8001];
    struct peer_step steps[] = { { .out = big }, { .out = "end", .done = 1, .exit = 0 } };
    wsc_command *c;
    int gets;

    memset(big, 'x', 8000);
    life_open(&l, NULL);
    l.p.idle = "PT60.000S";
    STEPS(steps);
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_LIMIT);
    run_for(&l, 300000); /* nobody reads for five minutes */
    gets = times(peer_log(&l.p), "Get");
    CHECK(gets >= 9 && gets <= 11); /* every 30 s */
    on_all(c, &l.h);
    run_out(&l);
    CHECK_EQ(l.h.status, WSC_OK);
    CHECK_EQ(l.h.out_len, 8003);
    wsc_command_unref(c);
    life_close(&l);
}

static void keep_alive_before_reading(void)
{
    wsc_command *c;

    life_open(&l, NULL);
    l.p.idle = "PT60.000S";
    c = run(NULL); /* receive-start=auto: it rests until somebody reads */
    run_for(&l, 100000);
    CHECK_STR(peer_log(&l.p), "Create Command Get Get Get");
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(c);
    life_close(&l);
}

static void keep_alive_finds_it_gone(void)
{
    wsc_command *c;

    life_open(&l, NULL);
    spoil("Get", NULL, PEER_GONE);
    l.p.idle = "PT60.000S";
    c = run(NULL);
    CHECK_EQ(wsc_command_on_exit(c, heard_exit, &l.h, NULL), WSC_OK);
    run_for(&l, 100000);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_SHELL_GONE);
    wsc_command_unref(c);
    life_close(&l);
}

static void slow_get(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (!strcmp(q->action, "Get"))
        a->after_ms = 500;
}

/* On another connection the Get might come in behind the Delete. */
static void delete_waits_for_keep_alive(void)
{
    wsc_command *c;

    life_open(&l, NULL);
    l.p.idle = "PT60.000S";
    l.p.change = slow_get;
    c = run(NULL); /* receive-start=auto: it rests until somebody reads */
    run_for(&l, 30100);
    CHECK_STR(peer_log(&l.p), "Create Command Get");
    wsc_command_unref(c);
    run_for(&l, 300);
    CHECK_STR(peer_log(&l.p), "Signal");
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Delete");
    life_close(&l);
}

/* --- limits ----------------------------------------------------------------------------------- */

static wsc_command *watched;
static size_t most;

static void watch_buffers(struct drv *d, void *ud)
{
    size_t n = watched ? wsc__output_size(&watched->out) : 0, i;

    (void)ud;
    for (i = 0; i < d->nconns; i++) {
        if (d->conns[i]->conn)
            n += d->conns[i]->conn->rest_body.len + d->conns[i]->conn->rest_raw.len;
    }
    if (n > most)
        most = n;
}

static void output_limit(void)
{
    static const char *const list[] = { "output-limit", "100000", NULL };
    static char big[400001];
    struct peer_step steps[] = { { .out = big }, { .out = big, .done = 1, .exit = 0 } };
    static char buf[3000];
    size_t total = 0, n = 0;
    wsc_command *c;
    int stream, i;

    for (i = 0; i < 400000; i++)
        big[i] = (char)('a' + i % 19);
    life_open(&l, NULL);
    l.p.d.chunk = 65536;
    l.p.d.after = watch_buffers;
    STEPS(steps);
    most = 0;
    watched = run(list);
    CHECK_EQ(wsc_command_wait(watched, -1), WSC_E_LIMIT);
    run_for(&l, 100000);
    for (;;) {
        stream = 0;
        if (!CHECK_EQ(wsc_command_read(watched, &stream, buf, sizeof buf, &n, -1), WSC_OK) || !n)
            break;
        for (i = 0; i < (int)n; i++) {
            if (buf[i] != big[(total + (size_t)i) % 400000])
                FAIL("the bytes are those that were sent");
        }
        total += n;
    }
    CHECK_EQ(total, 800000);
    CHECK(most <= 100000 + 65536);
    printf("# most buffered: %zu\n", most);
    c = watched;
    watched = NULL;
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

static void received_limit(void)
{
    static const struct peer_step steps[] = { { .out = "0123456789" } };
    static const char *const list[] = { "received-limit", "25", NULL };
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_LIMIT);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Signal Delete");
    life_close(&l);
}

static void held_output(void)
{
    static const struct peer_step steps[] = { { .out = "hello" },
                                              { .out = "world", .done = 1, .exit = 3 } };
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(NULL);
    l.h.take = 2;
    on_all(c, &l.h);
    run_for(&l, 1000);
    CHECK_EQ(l.h.out_len, 2); /* it took less: nothing more until resume */
    CHECK_EQ(l.h.exits, 0);
    l.h.stop = 1;
    CHECK_EQ(wsc_command_resume(c), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(l.h.out_len, 2);
    l.h.stop = 0;
    while (l.h.out_len < 10) {
        CHECK_EQ(l.h.exits, 0);
        CHECK_EQ(wsc_command_resume(c), WSC_OK);
        wsc_ctx_step(l.ctx);
    }
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK(!memcmp(l.h.out, "helloworld", 10));
    wsc_command_unref(c);
    life_close(&l);
}

static void other_stream(void)
{
    static const char *const list[] = { "output-limit", "4096", NULL };
    static char big[8001];
    struct peer_step steps[] = { { .err = big }, { .out = "out", .done = 1, .exit = 0 } };
    wsc_command *c;
    static char buf[9000];
    size_t n, total = 0;
    int stream;

    memset(big, 'e', 8000);
    life_open(&l, NULL);
    STEPS(steps);
    c = run(list);
    stream = WSC_STDOUT;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_E_OTHER_STREAM);
    while (total < 8000) {
        stream = WSC_STDERR;
        if (!CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK))
            break;
        total += n;
    }
    stream = WSC_STDOUT;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK);
    CHECK(n == 3);
    stream = WSC_STDOUT;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK);
    CHECK_EQ(n, 0);
    wsc_command_unref(c);
    life_close(&l);
}

/* --- requests --------------------------------------------------------------------------------- */

static void identify(void)
{
    wsc_op *op = NULL;
    const char *s = NULL;

    life_open(&l, NULL);
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_get_str(op, "product-vendor", &s), WSC_E_AGAIN);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(wsc_op_get_str(op, "product-vendor", &s), WSC_OK);
    CHECK_STR(s, "V");
    CHECK_EQ(wsc_op_get_str(op, "security-profiles", &s), WSC_OK);
    CHECK_STR(s, "a b");
    wsc_op_unref(op);
    life_close(&l);
}

static void op_ends(void)
{
    static const char *const list[] = { "deadline", "900", NULL };
    wsc_params *p = options(list);
    wsc_op *op = NULL;
    uint64_t before;

    life_open(&l, NULL);
    spoil("Identify", "hold", 0);
    before = l.p.d.now;
    CHECK_EQ(wsc_identify(&op, l.client, p), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, heard_done, &l.h, heard_free), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_DEADLINE);
    CHECK_STR(wsc_error_text(wsc_op_error(op)), "no answer within the deadline of 900 ms");
    CHECK_EQ(l.p.d.now - before, 900);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.dones, 1);
    wsc_op_unref(op);
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, heard_done, &l.h2, heard_free), WSC_OK);
    run_for(&l, 10);
    CHECK_EQ(wsc_op_cancel(op), WSC_OK);
    CHECK_EQ(l.h2.dones, 0);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h2.dones, 1);
    CHECK_EQ(l.h2.done_status, WSC_E_CANCELED);
    CHECK_EQ(wsc_op_cancel(op), WSC_OK);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h2.dones, 1);
    wsc_op_unref(op);
    CHECK_EQ(l.h2.frees, 1);
    wsc_params_unref(p);
    life_close(&l);
}

static void detach(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static const char *const list[] = { "detach-on-unref", "true", NULL };
    wsc_command *c;
    wsc_shell *s;
    wsc_params *p = options(list);

    life_open(&l, NULL);
    STEPS(steps);
    s = open_shell(NULL);
    CHECK_EQ(wsc_shell_run(&c, s, "p", NULL, 0, p), WSC_OK);
    on_all(c, &l.h);
    run_for(&l, 100);
    wsc_command_unref(c);
    run_for(&l, 100);
    CHECK_STR(peer_log(&l.p), "Create Command Receive");
    wsc_shell_unref(s);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Delete");
    wsc_params_unref(p);
    life_close(&l);
}

/* A command whose shell handle is given back at once goes on; the shell closes after it. */
static void shell_handle_first(void)
{
    wsc_command *c = NULL;
    wsc_shell *s = NULL;

    life_open(&l, NULL);
    STEPS(hello);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_run(&c, s, "p", NULL, 0, NULL), WSC_OK);
    on_all(c, &l.h);
    wsc_shell_unref(s);
    wsc_client_unref(l.client);
    l.client = NULL;
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_OK);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
    wsc_command_unref(c);
    life_close(&l);
}

static void close_of_the_context(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    wsc_command *c;
    wsc_op *op = NULL;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(NULL);
    on_all(c, &l.h);
    run_for(&l, 100);
    CHECK_EQ(wsc_ctx_close(l.ctx, -1), WSC_OK);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Signal Delete");
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_E_USAGE);
    wsc_command_unref(c);
    life_close(&l);
}

static void unref_of_the_context(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    wsc_command *c;
    wsc_shell *s;
    wsc_op *op = NULL;

    life_open(&l, NULL);
    STEPS(steps);
    s = open_shell(NULL);
    CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h, heard_free), WSC_OK);
    CHECK_EQ(wsc_shell_run(&c, s, "p", NULL, 0, NULL), WSC_OK);
    on_all(c, &l.h);
    run_for(&l, 100);
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, heard_done, &l.h, heard_free), WSC_OK);
    wsc_ctx_unref(l.ctx);
    l.ctx = NULL;
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_CANCELED);
    CHECK_EQ(l.h.dones, 1);
    CHECK_EQ(l.h.done_status, WSC_E_CANCELED);
    CHECK_EQ(l.h.states[WSC_SHELL_LOST] + l.h.states[WSC_SHELL_CLOSED], 1);
    CHECK_STR(peer_log(&l.p), "Create Command Receive");
    CHECK_EQ(wsc_command_cancel(c), WSC_E_USAGE);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_USAGE);
    wsc_op_unref(op);
    wsc_shell_unref(s);
    wsc_command_unref(c);
    CHECK_EQ(l.h.frees, 4);
    life_close(&l);
}

static const struct test tests[] = {
    { "cancel_in_every_state", cancel_in_every_state },
    { "cancel_while_command_is_answered", cancel_while_command_is_answered },
    { "cancel_while_create_is_answered", cancel_while_create_is_answered },
    { "cancel_timeout", cancel_timeout },
    { "delete_timeout", delete_timeout },
    { "deadline_of_a_command", deadline_of_a_command },
    { "deadline_before_the_shell", deadline_before_the_shell },
    { "shell_closed_under_commands", shell_closed_under_commands },
    { "close_while_opening", close_while_opening },
    { "close_before_create", close_before_create },
    { "close_twice_waits_for_create", close_twice_waits_for_create },
    { "keep_alive", keep_alive },
    { "keep_alive_before_reading", keep_alive_before_reading },
    { "keep_alive_finds_it_gone", keep_alive_finds_it_gone },
    { "delete_waits_for_keep_alive", delete_waits_for_keep_alive },
    { "output_limit", output_limit },
    { "received_limit", received_limit },
    { "held_output", held_output },
    { "other_stream", other_stream },
    { "identify", identify },
    { "op_ends", op_ends },
    { "detach", detach },
    { "shell_handle_first", shell_handle_first },
    { "close_of_the_context", close_of_the_context },
    { "unref_of_the_context", unref_of_the_context },
};

TEST_MAIN(tests)
