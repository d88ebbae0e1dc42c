/* Shells and commands against a peer of canned envelopes, on virtual time. */
#include "life.h"

static struct life l;

#define STEPS(list) (l.p.steps = (list), l.p.nsteps = sizeof(list) / sizeof *(list))

static wsc_command *run(const char *const *list)
{
    static const char *const args[] = { "a", "b" };
    wsc_params *p = options(list);
    wsc_command *c = NULL;

    CHECK_EQ(wsc_client_run(&c, l.client, "prog", args, 2, p), WSC_OK);
    wsc_params_unref(p);
    return c;
}

static wsc_shell *open_shell(const char *const *list)
{
    wsc_params *p = options(list);
    wsc_shell *s = NULL;

    CHECK_EQ(wsc_shell_open(&s, l.client, p), WSC_OK);
    wsc_params_unref(p);
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_OK);
    return s;
}

/* --- the whole life
 * ---------------------------------------------------------------------------------- */

static const struct peer_step hello[] = {
    { .out = "hello ", .err = "oh" },
    { .fault = PEER_TIMEOUT },
    { .out = "" },
    { .out = "world", .done = 1, .exit = 7 },
};

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

/* --- a Receive that is repeated
 * ------------------------------------------------------------------------ */

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

/* --- answers that are wrong
 * ---------------------------------------------------------------------------- */

static const char *spoil_action, *spoil_how;
static unsigned spoil_fault;

static void spoil(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, spoil_action))
        return;
    if (spoil_fault) {
        free(a->body);
        a->body = peer_fault(spoil_fault);
        a->status = 500;
    } else if (strcmp(spoil_how, "relates") == 0) {
        a->relates = "uuid:00000000-0000-4000-8000-000000000000";
    } else if (strcmp(spoil_how, "unrelated") == 0) {
        a->relates = "";
    } else if (strcmp(spoil_how, "type") == 0) {
        a->type = "text/html";
    } else if (strcmp(spoil_how, "status") == 0) {
        a->status = 503;
        a->type = "text/plain";
    } else if (strcmp(spoil_how, "500") == 0) {
        a->status = 500;
    } else if (strcmp(spoil_how, "empty") == 0) {
        free(a->body);
        a->body = calloc(1, 1);
    } else if (strcmp(spoil_how, "xml") == 0) {
        free(a->body);
        a->body = calloc(1, 16);
        strcpy(a->body, "</s:Body>");
    } else if (strcmp(spoil_how, "hold") == 0) {
        a->hold = true;
    } else if (strcmp(spoil_how, "lost") == 0) {
        a->cut_at_all = true;
        a->how = DRV_EOF;
    } else if (strcmp(spoil_how, "close") == 0) {
        a->close = true;
    } else if (strcmp(spoil_how, "chunked") == 0) {
        a->chunked = true;
    }
}

static int spoiled(const char *action, const char *how, unsigned fault, const char *log)
{
    wsc_command *c;
    int rc;

    spoil_action = action;
    spoil_how = how;
    spoil_fault = fault;
    life_open(&l, NULL);
    l.p.change = spoil;
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
}

static void gone_at_every_step(void)
{
    CHECK_EQ(spoiled("Command", NULL, PEER_GONE, "Create Command"), WSC_E_SHELL_GONE);
    CHECK_EQ(spoiled("Receive", NULL, PEER_GONE, "Create Command Receive"), WSC_E_SHELL_GONE);
    CHECK_EQ(spoiled("Signal", NULL, PEER_GONE, "Create Command Receive Signal Delete"), WSC_OK);
    CHECK_EQ(spoiled("Delete", NULL, PEER_GONE, "Create Command Receive Signal Delete"), WSC_OK);
}

/* --- several commands
 * ---------------------------------------------------------------------------------- */

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

    spoil_action = "Create";
    spoil_fault = 5;
    life_open(&l, NULL);
    l.p.change = spoil;
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

/* --- input
 * --------------------------------------------------------------------------------------------- */

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
    static const struct peer_step steps[] = { { .hold = 1 } };
    wsc_command *c;
    size_t taken;

    spoil_action = "Send";
    spoil_fault = 5;
    life_open(&l, NULL);
    l.p.change = spoil;
    STEPS(steps);
    c = run(NULL);
    on_all(c, &l.h);
    CHECK_EQ(wsc_command_write(c, "x", 1, &taken, -1), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_ACCESS_DENIED);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_STR(peer_log(&l.p), "Create Command Send Receive Signal Delete");
    wsc_command_unref(c);
    life_close(&l);
}

/* --- cancel
 * -------------------------------------------------------------------------------------------- */

static const char *cancel_hold; /* the request that is not answered when cancel comes */

static void hold_one(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, cancel_hold) == 0)
        a->hold = true;
}

/* Cancels while the request is under way; the answer comes later or never. */
static void cancel_at(const char *action, const char *log)
{
    wsc_command *c;
    uint64_t before;

    cancel_hold = action;
    life_open(&l, NULL);
    l.p.change = hold_one;
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
    while (!strstr(l.p.log, "Command")) {
        wsc_ctx_wait(l.ctx, 0);
        l.p.log[l.p.log_len] = '\0';
    }
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
    while (!strstr(l.p.log, "Create")) {
        wsc_ctx_wait(l.ctx, 0);
        l.p.log[l.p.log_len] = '\0';
    }
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

    cancel_hold = "Signal";
    life_open(&l, list);
    l.p.change = hold_one;
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

    cancel_hold = "Delete";
    life_open(&l, list);
    l.p.change = hold_one;
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

    cancel_hold = "Create";
    life_open(&l, NULL);
    l.p.change = hold_one;
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

static void close_twice_waits_for_create(void)
{
    wsc_shell *s = NULL;

    /* close_wanted, and Create never answered: cancel-timeout ends it */
    cancel_hold = "Create";
    life_open(&l, NULL);
    l.p.change = hold_one;
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_close(NULL, s), WSC_OK);
    CHECK_EQ(wsc_shell_close(NULL, s), WSC_OK);
    run_out(&l);
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    wsc_shell_unref(s);
    life_close(&l);
}

/* --- keep-alive
 * ---------------------------------------------------------------------------------------- */

static void keep_alive(void)
{
    static const char *const list[] = { "output-limit", "4096", NULL };
    static char big[8001];
    struct peer_step steps[] = { { .out = big }, { .out = "end", .done = 1, .exit = 0 } };
    wsc_command *c;
    const char *log, *p;
    int gets = 0;

    memset(big, 'x', 8000);
    life_open(&l, NULL);
    l.p.idle = "PT60.000S";
    STEPS(steps);
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_LIMIT);
    run_for(&l, 300000); /* nobody reads for five minutes */
    log = peer_log(&l.p);
    for (p = log; (p = strstr(p, "Get")); p += 3)
        gets++;
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
    const char *log;

    life_open(&l, NULL);
    l.p.idle = "PT60.000S";
    c = run(NULL); /* receive-start=auto: it rests until somebody reads */
    run_for(&l, 100000);
    log = peer_log(&l.p);
    CHECK_STR(log, "Create Command Get Get Get");
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(c);
    life_close(&l);
}

static void keep_alive_finds_it_gone(void)
{
    wsc_command *c;

    spoil_action = "Get";
    spoil_fault = PEER_GONE;
    life_open(&l, NULL);
    l.p.change = spoil;
    l.p.idle = "PT60.000S";
    c = run(NULL);
    CHECK_EQ(wsc_command_on_exit(c, heard_exit, &l.h, NULL), WSC_OK);
    run_for(&l, 100000);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_E_SHELL_GONE);
    wsc_command_unref(c);
    life_close(&l);
}

/* --- limits
 * -------------------------------------------------------------------------------------------- */

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
    int stream, i;

    for (i = 0; i < 400000; i++)
        big[i] = (char)('a' + i % 19);
    life_open(&l, NULL);
    l.p.d.chunk = 65536;
    l.p.d.after = watch_buffers;
    STEPS(steps);
    most = 0;
    watched = NULL;
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
    wsc_command_unref(watched);
    watched = NULL;
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

/* --- requests
 * ------------------------------------------------------------------------------------------ */

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
    cancel_hold = "Identify";
    l.p.change = hold_one;
    before = l.p.d.now;
    CHECK_EQ(wsc_identify(&op, l.client, p), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, heard_done, &l.h, heard_free), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_DEADLINE);
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
    { "private_shell", private_shell },
    { "own_shell", own_shell },
    { "any_cut", any_cut },
    { "no_exit_code", no_exit_code },
    { "repeated_receive", repeated_receive },
    { "shorter_is_lost", shorter_is_lost },
    { "repeated_twice", repeated_twice },
    { "retries_end", retries_end },
    { "repeated_while_paused", repeated_while_paused },
    { "wrong_relation", wrong_relation },
    { "wrong_answers", wrong_answers },
    { "gone_at_every_step", gone_at_every_step },
    { "shell_gone_ends_all", shell_gone_ends_all },
    { "commands_in_one_shell", commands_in_one_shell },
    { "create_fails_with_commands", create_fails_with_commands },
    { "input", input },
    { "one_send_at_a_time", one_send_at_a_time },
    { "send_fails", send_fails },
    { "cancel_in_every_state", cancel_in_every_state },
    { "cancel_while_command_is_answered", cancel_while_command_is_answered },
    { "cancel_while_create_is_answered", cancel_while_create_is_answered },
    { "cancel_timeout", cancel_timeout },
    { "delete_timeout", delete_timeout },
    { "deadline_of_a_command", deadline_of_a_command },
    { "deadline_before_the_shell", deadline_before_the_shell },
    { "shell_closed_under_commands", shell_closed_under_commands },
    { "close_while_opening", close_while_opening },
    { "close_twice_waits_for_create", close_twice_waits_for_create },
    { "keep_alive", keep_alive },
    { "keep_alive_before_reading", keep_alive_before_reading },
    { "keep_alive_finds_it_gone", keep_alive_finds_it_gone },
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
