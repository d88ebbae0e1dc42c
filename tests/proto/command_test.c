/* Shells and commands against a peer of canned envelopes, on virtual time: life, answers, input. */
#include "commands.h"

/* --- the whole life --------------------------------------------------------------------------- */

static void private_shell(void)
{
    wsc_command *c;
    const void *data;
    size_t len;
    int64_t code = -1;

    life_open(&l, NULL);
    STEPS(hello);
    c = run(NULL);
    CHECK_EQ(wsc_command_exit_code(c, &code), WSC_E_AGAIN);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    CHECK_EQ(wsc_command_exit_code(c, &code), WSC_OK);
    CHECK_EQ(code, 7);
    CHECK_EQ(wsc_command_output(c, WSC_STDOUT, &data, &len), WSC_OK);
    CHECK(len == 11 && !memcmp(data, "hello world", 11));
    CHECK_EQ(wsc_command_output(c, WSC_STDERR, &data, &len), WSC_OK);
    CHECK(len == 2 && !memcmp(data, "oh", 2));
    wsc_command_unref(c);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
    life_close(&l);
}

static void own_shell(void)
{
    wsc_command *c = NULL;
    wsc_shell *s = NULL;
    wsc_op *op = NULL;
    char buf[64];
    size_t n;
    int stream;

    life_open(&l, NULL);
    STEPS(hello);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h, heard_free), WSC_OK);
    CHECK_EQ(wsc_shell_run(&c, s, "prog", NULL, 0, NULL), WSC_OK); /* it waits for the shell */
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_OK);
    stream = 0;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK);
    CHECK(stream == WSC_STDOUT && n == 6);
    stream = 0;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK);
    CHECK(stream == WSC_STDERR && n == 2);
    stream = 0;
    CHECK_EQ(wsc_command_read(c, &stream, buf, 2, &n, -1), WSC_OK);
    CHECK(stream == WSC_STDOUT && n == 2 && !memcmp(buf, "wo", 2));
    stream = 0;
    CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK);
    CHECK(n == 3 && !memcmp(buf, "rld", 3));
    CHECK_EQ(wsc_command_read(c, NULL, buf, sizeof buf, &n, -1), WSC_OK);
    CHECK_EQ(n, 0);
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.states[WSC_SHELL_OPEN], 1);
    CHECK_EQ(l.h.states[WSC_SHELL_CLOSING], 1);
    CHECK_EQ(l.h.states[WSC_SHELL_CLOSED], 1);
    CHECK_EQ(l.h.states[WSC_SHELL_LOST], 0);
    CHECK(!l.h.late);
    wsc_op_unref(op);
    wsc_command_unref(c);
    wsc_shell_unref(s);
    CHECK_EQ(l.h.frees, 1);
    life_close(&l);
}

/* Every reply cut in every way: what is heard is the same. */
static void any_cut(void)
{
    size_t cut;

    for (cut = 1; cut < 1500; cut += cut < 20 ? 1 : 7) {
        wsc_command *c;

        life_open(&l, NULL);
        STEPS(hello);
        if (cut < 20)
            l.p.d.chunk = cut;
        else
            l.p.d.split = cut;
        c = run(NULL);
        on_all(c, &l.h);
        run_out(&l);
        CHECK_EQ(l.h.exits, 1);
        CHECK_EQ(l.h.status, WSC_OK);
        CHECK(l.h.out_len == 11 && !memcmp(l.h.out, "hello world", 11));
        CHECK(l.h.err_len == 2 && !l.h.late);
        wsc_command_unref(c);
        CHECK_EQ(l.h.frees, 2);
        run_out(&l);
        CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
        life_close(&l);
        if (test_failures)
            return;
    }
}

static void no_exit_code(void)
{
    static const struct peer_step steps[] = { { .done = 1, .exit = -1 } };
    wsc_command *c;
    int64_t code;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(NULL);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    CHECK_EQ(wsc_command_exit_code(c, &code), WSC_E_PROTOCOL);
    wsc_command_unref(c);
    life_close(&l);
}

/* --- a Receive that is repeated --------------------------------------------------------------- */

static int receive_again(const struct peer_step *second, size_t cut, enum drv_end how, size_t chunk,
                         int exits)
{
    struct peer_step steps[3] = {
        { .out = "abcdefghijklmnop", .err = "ABCDEFGH", .cut = cut, .how = how },
        { .done = 1 },
        { .done = 1 },
    };
    wsc_command *c;
    int status;

    life_open(&l, NULL);
    l.p.d.chunk = chunk;
    steps[1] = *second;
    STEPS(steps);
    c = run(NULL);
    on_all(c, &l.h);
    run_out(&l);
    CHECK_EQ(l.h.exits, exits);
    status = l.h.status;
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
    return status;
}

static void repeated_receive(void)
{
    const struct peer_step same = { .out = "abcdefghijklmnop", .err = "ABCDEFGH", .done = 1 };
    const struct peer_step longer = { .out = "abcdefghijklmnopqrs", .err = "ABCDEFGHI", .done = 1 };
    const struct peer_step shorter = { .out = "abc", .err = "", .done = 1 };
    const struct peer_step other = { .out = "abcdefghijklmnoX", .err = "ABCDEFGH", .done = 1 };
    const struct peer_step other_first = { .out = "Xbcdefghijklmnop",
                                           .err = "ABCDEFGH",
                                           .done = 1 };
    size_t cut;

    for (cut = 1;; cut += cut < 600 ? 31 : 3) {
        enum drv_end how = cut & 1 ? DRV_EOF : DRV_RESET;
        bool all;
        int rc = receive_again(&same, cut, how, 0, 1);

        if (l.p.uncut)
            return;
        CHECK_EQ(rc, WSC_OK);
        CHECK(l.h.out_len == 16 && !memcmp(l.h.out, "abcdefghijklmnop", 16));
        CHECK(l.h.err_len == 8 && !memcmp(l.h.err, "ABCDEFGH", 8));
        CHECK_EQ(receive_again(&longer, cut, how, 5, 1), WSC_OK);
        CHECK(l.h.out_len == 19 && !memcmp(l.h.out, "abcdefghijklmnopqrs", 19));
        CHECK(l.h.err_len == 9 && !memcmp(l.h.err, "ABCDEFGHI", 9));
        /* what was delivered before is not contradicted, or it is an error */
        rc = receive_again(&shorter, cut, how, 0, 1);
        CHECK(rc == WSC_OK || rc == WSC_E_OUTPUT_LOST);
        CHECK(rc != WSC_OK || l.h.out_len == 3);
        rc = receive_again(&other, cut, how, 3, 1);
        CHECK(rc == WSC_OK || rc == WSC_E_OUTPUT_LOST);
        all = l.h.out_len < 16 ||
              !memcmp(l.h.out, rc == WSC_OK ? "abcdefghijklmnoX" : "abcdefghijklmnop", 16);
        CHECK(all);
        rc = receive_again(&other_first, cut, how, 0, 1);
        CHECK(rc == WSC_OK || rc == WSC_E_OUTPUT_LOST);
        CHECK(rc == WSC_OK ? l.h.out[0] == 'X' : l.h.out[0] == 'a');
        if (test_failures)
            return;
    }
}

static void shorter_is_lost(void)
{
    static const struct peer_step shorter = { .out = "abc", .done = 1 };
    static const struct peer_step other = { .out = "abcdefghijklmnoX", .done = 1 };
    static const struct peer_step timeout = { .fault = PEER_TIMEOUT };
    size_t cut = 0, k;

    /* the first cut at which all of stdout was delivered */
    for (k = 600; k < 1400 && !cut; k++) {
        static const struct peer_step none = { .fault = PEER_GONE };

        receive_again(&none, k, DRV_RESET, 0, 1);
        if (l.h.out_len == 16)
            cut = k;
    }
    CHECK(cut != 0);
    CHECK_EQ(receive_again(&shorter, cut, DRV_RESET, 0, 1), WSC_E_OUTPUT_LOST);
    CHECK_EQ(receive_again(&other, cut, DRV_RESET, 0, 1), WSC_E_OUTPUT_LOST);
    CHECK_EQ(receive_again(&timeout, cut, DRV_RESET, 0, 1), WSC_E_OUTPUT_LOST);
    CHECK_EQ(l.h.out_len, 16);
}

static uint64_t asked[64];

static void note_time(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)a;
    if (!strcmp(q->action, "Receive") && q->nth <= 64)
        asked[q->nth - 1] = p->d.now;
}

/* A server that has nothing to tell and says so at once is not asked as fast as the network goes.
 */
static void hasty_server(void)
{
    struct peer_step steps[51];
    wsc_command *c;
    int i;

    memset(steps, 0, sizeof steps);
    for (i = 0; i < 40; i += 3)
        steps[i].fault = PEER_TIMEOUT;
    steps[40].out = "x";
    steps[50].done = 1;
    memset(asked, 0, sizeof asked);
    life_open(&l, NULL);
    STEPS(steps);
    l.p.change = note_time;
    c = run(NULL);
    on_all(c, &l.h);
    run_out(&l);
    CHECK_EQ(l.h.status, WSC_OK);
    CHECK(l.h.out_len == 1);
    CHECK_EQ(asked[7], asked[0]);
    for (i = 8; i < 40; i++)
        CHECK_EQ(asked[i] - asked[i - 1], 1u << (i < 15 ? i - 8 : 7));
    CHECK_EQ(asked[48], asked[40]); /* it had something to tell */
    CHECK_EQ(asked[50] - asked[48], 1 + 2);
    wsc_command_unref(c);
    life_close(&l);
}

/* It may go, and the command may, while the next Receive waits to be sent. */
static void hasty_and_gone(void)
{
    struct peer_step steps[20];
    wsc_command *c;
    int how;

    memset(steps, 0, sizeof steps);
    for (how = 0; how < 3; how++) {
        life_open(&l, NULL);
        STEPS(steps);
        c = run(NULL);
        on_all(c, &l.h);
        CHECK_EQ(wsc_command_wait(c, 5), WSC_E_AGAIN);
        if (how == 0)
            wsc_command_cancel(c);
        else if (how == 1)
            wsc_command_unref(c);
        else
            wsc_ctx_close(l.ctx, 1000);
        run_out(&l);
        if (how == 0)
            CHECK_EQ(l.h.status, WSC_E_CANCELED);
        if (how != 1)
            wsc_command_unref(c);
        life_close(&l);
    }
}

/* It breaks off again while repeating, and the count of the first one still holds. */
static void repeated_twice(void)
{
    size_t cut, again;

    for (cut = 650; cut < 1000; cut += 41) {
        for (again = 650; again < 1000; again += 23) {
            const struct peer_step steps[] = {
                { .out = "abcdefghijklmnop", .err = "ABCDEFGH", .cut = cut, .how = DRV_RESET },
                { .out = "abcdefghijklmnop", .err = "ABCDEFGH", .cut = again, .how = DRV_EOF },
                { .out = "abcdefghijklmnop", .err = "ABCDEFGH", .cut = again - 50, .how = DRV_EOF },
                { .out = "abcdefghijklmnop", .err = "ABCDEFGH", .cut = again + 20, .how = DRV_EOF },
                { .out = "abcdefghijklmnop", .err = "ABCDEFGH", .done = 1 },
            };
            wsc_command *c;

            life_open(&l, NULL);
            STEPS(steps);
            c = run(NULL);
            on_all(c, &l.h);
            run_out(&l);
            CHECK_EQ(l.h.status, WSC_OK);
            CHECK(l.h.out_len == 16 && !memcmp(l.h.out, "abcdefghijklmnop", 16));
            CHECK(l.h.err_len == 8 && !memcmp(l.h.err, "ABCDEFGH", 8));
            wsc_command_unref(c);
            life_close(&l);
            if (test_failures) {
                printf("# cut %zu, again %zu\n", cut, again);
                return;
            }
        }
    }
}

static void retries_end(void)
{
    static const struct peer_step steps[] = { { .out = "x", .cut = 10, .how = DRV_RESET } };
    static const char *const list[] = { "receive-retries", "3", NULL };
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_CONNECTION_LOST);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
    life_close(&l);
}

/* Output that fills output-limit just as the connection breaks: nothing is lost, nothing comes
 * twice. */
static void repeated_while_paused(void)
{
    static char big[20001];
    struct peer_step steps[2] = { { .cut = 15000, .how = DRV_RESET }, { .done = 1 } };
    static const char *const list[] = { "output-limit", "4096", NULL };
    wsc_command *c;
    size_t i;

    for (i = 0; i < 20000; i++)
        big[i] = (char)('a' + i % 23);
    steps[0].out = steps[1].out = big;
    life_open(&l, NULL);
    STEPS(steps);
    l.p.d.chunk = 1000;
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_LIMIT); /* nobody reads */
    on_all(c, &l.h);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_OK);
    CHECK(l.h.out_len == 20000 && !memcmp(l.h.out, big, 20000));
    wsc_command_unref(c);
    life_close(&l);
}

/* --- answers that are wrong ------------------------------------------------------------------- */

static int spoiled(const char *action, const char *how, unsigned fault, const char *log)
{
    wsc_command *c;
    int rc;

    life_open(&l, NULL);
    spoil(action, how, fault);
    c = run(NULL);
    on_all(c, &l.h);
    rc = wsc_command_wait(c, 600000);
    if (rc != WSC_OK) {
        CHECK_EQ(wsc_error_code(wsc_command_error(c)), rc);
        CHECK(strlen(wsc_error_text(wsc_command_error(c))) > 10);
    }
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.exits, 1);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    if (log && !CHECK_STR(peer_log(&l.p), log))
        printf("# %s %s %u\n", action, how ? how : "fault", fault);
    wsc_command_unref(c);
    CHECK_EQ(l.h.frees, 2);
    life_close(&l);
    return rc;
}

static void wrong_relation(void)
{
    CHECK_EQ(spoiled("Create", "relates", 0, "Create"), WSC_E_PROTOCOL);
    CHECK_EQ(spoiled("Create", "unrelated", 0, "Create"), WSC_E_PROTOCOL);
    CHECK_EQ(spoiled("Command", "relates", 0, "Create Command Delete"), WSC_E_PROTOCOL);
    CHECK_EQ(spoiled("Command", "unrelated", 0, "Create Command Delete"), WSC_E_PROTOCOL);
    CHECK_EQ(spoiled("Receive", "relates", 0, "Create Command Receive Signal Delete"),
             WSC_E_PROTOCOL);
    CHECK_EQ(spoiled("Receive", "unrelated", 0, "Create Command Receive Signal Delete"),
             WSC_E_PROTOCOL);
    CHECK_EQ(spoiled("Signal", "relates", 0, "Create Command Receive Signal Delete"), WSC_OK);
    CHECK_EQ(spoiled("Delete", "unrelated", 0, "Create Command Receive Signal Delete"), WSC_OK);
}

static void wrong_answers(void)
{
    static const char *const actions[] = { "Create", "Command", "Receive", "Signal", "Delete" };
    static const char *const logs[] = { "Create", "Create Command Delete",
                                        "Create Command Receive Signal Delete",
                                        "Create Command Receive Signal Delete",
                                        "Create Command Receive Signal Delete" };
    size_t i;

    for (i = 0; i < 5; i++) {
        bool late = i > 2; /* the command is done by then */

        CHECK_EQ(spoiled(actions[i], "type", 0, logs[i]), late ? WSC_OK : WSC_E_HTTP);
        CHECK(spoiled(actions[i], "status", 0, logs[i]) != WSC_OK || late);
        CHECK(spoiled(actions[i], "500", 0, logs[i]) != WSC_OK || late);
        CHECK_EQ(spoiled(actions[i], "xml", 0, logs[i]), late ? WSC_OK : WSC_E_PROTOCOL);
        CHECK_EQ(spoiled(actions[i], "hold", 0, logs[i]), late ? WSC_OK : WSC_E_TIMEOUT);
        if (i != 2) /* a Receive is repeated */
            CHECK_EQ(spoiled(actions[i], "lost", 0, logs[i]),
                     late ? WSC_OK : WSC_E_CONNECTION_LOST);
        CHECK_EQ(spoiled(actions[i], "close", 0, "Create Command Receive Signal Delete"), WSC_OK);
        CHECK_EQ(spoiled(actions[i], "chunked", 0, "Create Command Receive Signal Delete"), WSC_OK);
        CHECK_EQ(spoiled(actions[i], NULL, 2150859173u /* INVALID_SELECTORS or the like */, NULL) ==
                     WSC_OK,
                 late);
        CHECK_EQ(spoiled(actions[i], NULL, 5, logs[i]), late ? WSC_OK : WSC_E_ACCESS_DENIED);
    }
    CHECK(spoiled("Create", "empty", 0, "Create") != WSC_OK);
    CHECK(spoiled("Command", "empty", 0, "Create Command Delete") != WSC_OK);
    CHECK_EQ(spoiled("Receive", "empty", 0, "Create Command Receive Signal Delete"),
             WSC_E_PROTOCOL);
}

/* The first answers say nothing, as one may that came before there was any output. */
static void nothing_yet(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Receive") || q->nth > 2)
        return;
    p->at[1] = 0;
    free(a->body);
    a->body = strdup(q->nth == 1 ? "<rsp:ReceiveResponse/>"
                                 : "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\"/>"
                                   "</rsp:ReceiveResponse>");
}

static void answers_without_output(void)
{
    static const struct peer_step steps[] = { { .out = "said", .done = 1 } };
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(steps);
    l.p.change = nothing_yet;
    c = run(NULL);
    on_all(c, &l.h);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Signal Delete");
    CHECK_EQ(l.h.out_len, 4);
    wsc_command_unref(c);
    life_close(&l);
}

static void gone_at_every_step(void)
{
    CHECK_EQ(spoiled("Command", NULL, PEER_GONE, "Create Command"), WSC_E_SHELL_GONE);
    CHECK_EQ(spoiled("Receive", NULL, PEER_GONE, "Create Command Receive"), WSC_E_SHELL_GONE);
    CHECK_EQ(spoiled("Signal", NULL, PEER_GONE, "Create Command Receive Signal Delete"), WSC_OK);
    CHECK_EQ(spoiled("Delete", NULL, PEER_GONE, "Create Command Receive Signal Delete"), WSC_OK);
}

/* --- several commands ------------------------------------------------------------------------- */

static void shell_gone_ends_all(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static const struct peer_step gone = { .fault = PEER_GONE };
    wsc_command *c[4];
    wsc_shell *s;
    int i;

    life_open(&l, NULL);
    STEPS(steps);
    s = open_shell(NULL);
    CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h2, NULL), WSC_OK);
    for (i = 0; i < 4; i++) {
        CHECK_EQ(wsc_shell_run(&c[i], s, "p", NULL, 0, NULL), WSC_OK);
        CHECK_EQ(wsc_command_on_exit(c[i], heard_exit, &l.h, NULL), WSC_OK);
        CHECK_EQ(wsc_command_read(c[i], NULL, l.h.out, 1, &l.h.out_len, 0),
                 WSC_E_AGAIN); /* somebody reads */
    }
    run_for(&l, 1000);
    CHECK_EQ(l.p.held_count, 4);
    CHECK(peer_answer(&l.p, &gone));
    run_out(&l);
    CHECK_EQ(l.h.exits, 4);
    CHECK_EQ(l.h.status, WSC_E_SHELL_GONE);
    CHECK_EQ(l.h2.states[WSC_SHELL_LOST], 1);
    CHECK_EQ(wsc_error_code(wsc_shell_error(s)), WSC_E_SHELL_GONE);
    for (i = 0; i < 4; i++) {
        CHECK_EQ(wsc_error_code(wsc_command_error(c[i])), WSC_E_SHELL_GONE);
        wsc_command_unref(c[i]);
    }
    wsc_shell_unref(s);
    run_out(&l);
    CHECK(strstr(peer_log(&l.p), "Signal") == NULL);
    life_close(&l);
}

static void commands_in_one_shell(void)
{
    static const struct peer_step steps[] = { { .out = "1" },
                                              { .out = "2" },
                                              { .out = "3", .done = 1, .exit = 0 } };
    static struct heard h[8];
    wsc_command *c[8];
    wsc_shell *s = NULL;
    int i;

    memset(h, 0, sizeof h);
    life_open(&l, NULL);
    STEPS(steps);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    for (i = 0; i < 8; i++) {
        CHECK_EQ(wsc_shell_run(&c[i], s, "p", NULL, 0, NULL), WSC_OK);
        on_all(c[i], &h[i]);
    }
    run_out(&l);
    for (i = 0; i < 8; i++) {
        CHECK_EQ(h[i].exits, 1);
        CHECK_EQ(h[i].status, WSC_OK);
        CHECK(h[i].out_len == 3 && !memcmp(h[i].out, "123", 3));
        wsc_command_unref(c[i]);
    }
    wsc_shell_unref(s);
    run_out(&l);
    CHECK_EQ(l.p.commands, 8);
    life_close(&l);
}

static void create_fails_with_commands(void)
{
    wsc_command *c[3], *late = NULL;
    wsc_shell *s = NULL;
    int i;

    life_open(&l, NULL);
    spoil("Create", NULL, 5);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(wsc_shell_run(&c[i], s, "p", NULL, 0, NULL), WSC_OK);
        CHECK_EQ(wsc_command_on_exit(c[i], heard_exit, &l.h, NULL), WSC_OK);
    }
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_E_ACCESS_DENIED);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.exits, 3);
    CHECK_EQ(l.h.status, WSC_E_ACCESS_DENIED);
    CHECK_EQ(wsc_shell_run(&late, s, "p", NULL, 0, NULL), WSC_E_ACCESS_DENIED);
    CHECK(late == NULL);
    for (i = 0; i < 3; i++)
        wsc_command_unref(c[i]);
    wsc_shell_unref(s);
    life_close(&l);
}

/* --- input ------------------------------------------------------------------------------------ */

static unsigned sends_open, sends_most;

static void watch_sends(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)a;
    if (strcmp(q->action, "Send"))
        return;
    if (++sends_open > sends_most)
        sends_most = sends_open;
}

static void input(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static const struct peer_step done = { .done = 1 };
    static const char *const list[] = { "input-limit", "300000", NULL };
    static uint8_t data[1000000];
    size_t i, at = 0, taken = 0;
    wsc_command *c;

    for (i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i * 31 + i / 251);
    sends_open = sends_most = 0;
    life_open(&l, NULL);
    l.p.change = watch_sends;
    STEPS(steps);
    c = run(list);
    while (at < sizeof data) {
        int rc = wsc_command_write(c, data + at, sizeof data - at, &taken, -1);

        if (!CHECK_EQ(rc, WSC_OK))
            break;
        CHECK(taken <= 300000);
        at += taken;
        CHECK(at - (l.p.input.len - l.p.input.at) <= 300000);
    }
    CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    CHECK_EQ(wsc_command_write(c, data, 1, &taken, 0), WSC_E_USAGE);
    run_for(&l, 1000);
    CHECK(l.p.input_eof);
    CHECK(l.p.input.len == sizeof data && !memcmp(l.p.input.p, data, sizeof data));
    CHECK(peer_answer(&l.p, &done));
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    CHECK_EQ(wsc_command_write(c, data, 1, &taken, 0), WSC_E_USAGE);
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

static void hold_sends(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Send") == 0) {
        sends_open++;
        a->hold = true;
    }
}

static void writable_seen(wsc_command *c, void *ud)
{
    (void)c;
    ++*(int *)ud;
}

static void one_send_at_a_time(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static const char *const list[] = { "input-limit", "4096", NULL };
    static const char data[5000];
    wsc_params *p = options(list);
    wsc_command *c[3];
    wsc_shell *s;
    size_t taken = 0;
    int i, writable = 0;

    sends_open = 0;
    life_open(&l, NULL);
    l.p.change = hold_sends;
    STEPS(steps);
    s = open_shell(NULL);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(wsc_shell_run(&c[i], s, "p", NULL, 0, p), WSC_OK);
        CHECK_EQ(wsc_command_on_writable(c[i], writable_seen, &writable, NULL), WSC_OK);
        CHECK_EQ(wsc_command_write(c[i], data, 5000, &taken, 0), WSC_OK);
        CHECK_EQ(taken, 4096);
        CHECK_EQ(wsc_command_write(c[i], data, 1, &taken, 0), WSC_E_AGAIN);
    }
    run_for(&l, 1000);
    CHECK_EQ(sends_open, 1);
    CHECK_EQ(writable, 0);
    CHECK_EQ(wsc_command_write(c[0], data, 1, &taken, 0), WSC_E_AGAIN); /* in flight counts */
    wsc_command_unref(c[0]); /* its Send is waited for, a while: never two at once */
    run_for(&l, 1000);
    CHECK_EQ(sends_open, 1);
    run_for(&l, 10000); /* cancel-timeout */
    CHECK_EQ(sends_open, 2);
    for (i = 1; i < 3; i++)
        wsc_command_unref(c[i]);
    wsc_shell_unref(s);
    wsc_params_unref(p);
    run_out(&l);
    life_close(&l);
}

static void send_fails(void)
{
    static const struct peer_step steps[] = { { .out = "all the same", .done = 1, .exit = 3 } };
    wsc_command *c;
    int64_t code = 0;
    size_t taken;

    life_open(&l, NULL);
    spoil("Send", NULL, 5);
    STEPS(steps);
    c = run(NULL);
    on_all(c, &l.h);
    CHECK_EQ(wsc_command_write(c, "x", 1, &taken, -1), WSC_OK);
    /* the server's no to input does not cost the output */
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    CHECK_EQ(wsc_command_exit_code(c, &code), WSC_OK);
    CHECK_EQ(code, 3);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_STR(peer_log(&l.p), "Create Command Send Receive Signal Delete");
    wsc_command_unref(c);
    life_close(&l);
}

static const struct test tests[] = {
    { "private_shell", private_shell },
    { "own_shell", own_shell },
    { "any_cut", any_cut },
    { "no_exit_code", no_exit_code },
    { "repeated_receive", repeated_receive },
    { "shorter_is_lost", shorter_is_lost },
    { "hasty_server", hasty_server },
    { "hasty_and_gone", hasty_and_gone },
    { "repeated_twice", repeated_twice },
    { "retries_end", retries_end },
    { "repeated_while_paused", repeated_while_paused },
    { "wrong_relation", wrong_relation },
    { "wrong_answers", wrong_answers },
    { "answers_without_output", answers_without_output },
    { "gone_at_every_step", gone_at_every_step },
    { "shell_gone_ends_all", shell_gone_ends_all },
    { "commands_in_one_shell", commands_in_one_shell },
    { "create_fails_with_commands", create_fails_with_commands },
    { "input", input },
    { "one_send_at_a_time", one_send_at_a_time },
    { "send_fails", send_fails },
};

TEST_MAIN(tests)
