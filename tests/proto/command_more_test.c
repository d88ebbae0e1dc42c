/* The same: ends, callbacks and answers that went wrong once. */
#include "commands.h"

#include "api/api.h"

/* --- the end is told once, though nobody takes the output ------------------------------------- */

static const struct peer_step said[] = { { .out = "hello", .done = 1, .exit = 0 } };

/* The server is done with it, and on_output holds what it said. */
static wsc_command *held_command(void)
{
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(said);
    c = run(NULL);
    l.h.stop = 1;
    on_all(c, &l.h);
    run_for(&l, 1000);
    CHECK_EQ(l.h.exits, 0);
    return c;
}

static void exit_after_on_output_is_unset(void)
{
    wsc_command *c = held_command();
    char buf[16];
    size_t n = 0;

    CHECK_EQ(wsc_command_on_output(c, NULL, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_read(c, NULL, buf, sizeof buf, &n, 0), WSC_OK);
    CHECK(n == 5 && !memcmp(buf, "hello", 5));
    run_for(&l, 1000);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_OK);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.frees, 2);
    life_close(&l);
}

static void exit_after_cancel(void)
{
    wsc_command *c = held_command();

    CHECK_EQ(wsc_command_cancel(c), WSC_OK);
    CHECK_EQ(l.h.exits, 0); /* not inline */
    run_for(&l, 1000);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_OK); /* it had ended by itself */
    CHECK_EQ(wsc_command_cancel(c), WSC_OK);
    run_for(&l, 1000);
    wsc_command_unref(c);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.frees, 2);
    life_close(&l);
}

static void exit_at_close(void)
{
    wsc_command *c = held_command();

    CHECK_EQ(wsc_ctx_close(l.ctx, -1), WSC_OK);
    CHECK_EQ(l.h.exits, 1);
    wsc_command_unref(c);
    life_close(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.frees, 2);
}

static void exit_when_the_context_goes(void)
{
    wsc_command *c = held_command();

    wsc_ctx_unref(l.ctx);
    l.ctx = NULL;
    CHECK_EQ(l.h.exits, 1);
    wsc_command_unref(c);
    life_close(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.frees, 2);
}

/* --- callbacks that change callbacks ---------------------------------------------------------- */

static struct {
    const void *running; /* the user data of the callback that is at work */
    int calls, frees, early;
    char got[64];
} self;

static void self_free(void *ud)
{
    self.early += ud == self.running; /* its callback still works with it */
    self.frees++;
    free(ud);
}

static void self_exit(wsc_command *c, int status, void *ud)
{
    (void)status;
    self.running = ud;
    self.calls++;
    CHECK_EQ(wsc_command_on_exit(c, self_exit, strdup("new"), self_free), WSC_OK);
    CHECK_STR((char *)ud, "old");
    self.running = NULL;
}

static size_t self_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    (void)stream;
    (void)data;
    self.running = ud;
    if (!self.calls++)
        CHECK_STR((char *)ud, "old");
    CHECK_EQ(wsc_command_on_output(c, self_output, strdup("new"), self_free), WSC_OK);
    CHECK_EQ(wsc_command_on_output(c, self_output, strdup("newer"), self_free), WSC_OK);
    CHECK(strlen(ud) >= 3);
    self.running = NULL;
    return len;
}

static void self_done(wsc_op *op, int status, void *ud)
{
    (void)status;
    self.running = ud;
    self.calls++;
    CHECK_EQ(wsc_op_on_done(op, self_done, strdup("new"), self_free), WSC_OK);
    CHECK_STR((char *)ud, "old");
    self.running = NULL;
}

static void self_state(wsc_shell *s, int state, void *ud)
{
    (void)state;
    self.running = ud;
    self.calls++;
    CHECK_EQ(wsc_shell_on_state(s, self_state, strdup("new"), self_free), WSC_OK);
    CHECK(strlen(ud) == 3);
    self.running = NULL;
}

static void callback_replaces_itself(void)
{
    wsc_command *c;
    wsc_shell *s = NULL;
    wsc_op *op = NULL;

    memset(&self, 0, sizeof self);
    life_open(&l, NULL);
    STEPS(said);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(s, self_state, strdup("old"), self_free), WSC_OK);
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_OK);
    run_for(&l, 10);
    wsc_shell_unref(s);
    run_out(&l);
    CHECK(self.calls >= 1 && self.frees == self.calls + 1);

    self.calls = self.frees = 0;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, self_done, strdup("old"), self_free), WSC_OK);
    run_out(&l);
    wsc_op_unref(op);
    CHECK(self.calls == 1 && self.frees == 2);

    self.calls = self.frees = 0;
    c = run(NULL);
    CHECK_EQ(wsc_command_on_output(c, self_output, strdup("old"), self_free), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    run_for(&l, 10);
    CHECK(self.calls == 1 && self.frees == 2);
    CHECK_EQ(wsc_command_on_exit(c, self_exit, strdup("old"), self_free), WSC_OK);
    wsc_command_unref(c);
    run_out(&l);

    self.calls = self.frees = 0;
    c = run(NULL);
    CHECK_EQ(wsc_command_on_exit(c, self_exit, strdup("old"), self_free), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    run_for(&l, 10);
    wsc_command_unref(c);
    run_out(&l);
    CHECK(self.calls == 1 && self.frees == 2);
    CHECK_EQ(self.early, 0);
    life_close(&l);
}

static size_t reads_inside(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    char buf[32];
    size_t n = 0;
    int s = 0;

    (void)ud;
    (void)stream;
    if (self.calls++) {
        strncat(self.got, data, len);
        return len;
    }
    CHECK_EQ(wsc_command_on_output(c, NULL, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_read(c, &s, buf, sizeof buf, &n, 0), WSC_OK);
    strncat(self.got, buf, n);
    CHECK_EQ(wsc_command_on_output(c, reads_inside, NULL, NULL), WSC_OK);
    return len; /* of what was shown, and read since: not of what comes next */
}

/* --- answers ---------------------------------------------------------------------------------- */

static const char *receive_says; /* the body of every answer to Receive */

static void says(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Receive") || !receive_says)
        return;
    free(a->body);
    a->body = strdup(receive_says);
}

#define STATE(name, more)                                                                          \
    "<rsp:CommandState State=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"           \
    "CommandState/" name "\">" more "</rsp:CommandState>"

static void read_in_on_output(void)
{
    wsc_command *c;

    receive_says =
        "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\">QUFB</rsp:Stream>"
        "<rsp:Stream Name=\"stderr\">Qg==</rsp:Stream>"
        "<rsp:Stream Name=\"stdout\">Q0ND</rsp:Stream>" STATE("Done", "") "</rsp:ReceiveResponse>";
    memset(&self, 0, sizeof self);
    life_open(&l, NULL);
    l.p.change = says;
    c = run(NULL);
    CHECK_EQ(wsc_command_on_output(c, reads_inside, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, heard_exit, &l.h, NULL), WSC_OK);
    run_for(&l, 1000);
    CHECK_STR(self.got, "AAABCCC");
    CHECK_EQ(l.h.exits, 1);
    receive_says = NULL;
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

/* End="true" stands before the data of the element, which may be in a later packet. */
static void end_of_a_stream_comes_after_its_data(void)
{
    size_t chunk;

    receive_says = "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\" End=\"true\">aGVsbG8gd29ybGQ="
                   "</rsp:Stream><rsp:Stream Name=\"stderr\" End=\"true\"/>" STATE(
                       "Done", "<rsp:ExitCode>0</rsp:ExitCode>") "</rsp:ReceiveResponse>";
    for (chunk = 1; chunk < 400; chunk = chunk * 3 + 1) {
        char got[32] = "", buf[32];
        size_t n = 0, total = 0;
        wsc_command *c;
        int stream;

        life_open(&l, NULL);
        l.p.change = says;
        l.p.d.chunk = chunk;
        c = run(NULL);
        do {
            stream = WSC_STDOUT;
            if (!CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK))
                break;
            if (total + n < sizeof got)
                memcpy(got + total, buf, n);
            total += n;
        } while (n);
        if (!CHECK_EQ(total, 11) || !CHECK_STR(got, "hello world"))
            printf("# in pieces of %zu\n", chunk);
        wsc_command_unref(c);
        run_out(&l);
        life_close(&l);
    }
    receive_says = NULL;
}

static unsigned one_gone;

static void first_is_gone(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Receive") || strcmp(q->command + strlen(q->command) - 2, "01"))
        return;
    p->held_count--; /* answered at once, this one */
    a->hold = false;
    free(a->body);
    a->body = peer_fault(one_gone);
    a->status = 500;
}

/* A fault about one command is not about its shell. */
static void fault_of_one_command(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static const unsigned codes[] = { 0x8033814Fu, 0x80540BBDu };
    static const char *const now[] = { "receive-start", "now", NULL };
    struct peer_step last = { .out = "second", .done = 1, .exit = 5 };
    wsc_params *p = options(now);
    wsc_command *c[2];
    wsc_shell *s;
    int64_t code = -1;
    size_t i, k;

    for (i = 0; i < 2; i++) {
        const char *log;

        one_gone = codes[i];
        life_open(&l, NULL);
        STEPS(steps);
        l.p.change = first_is_gone;
        s = open_shell(NULL);
        for (k = 0; k < 2; k++)
            CHECK_EQ(wsc_shell_run(&c[k], s, "p", NULL, 0, p), WSC_OK);
        CHECK_EQ(wsc_command_wait(c[0], -1), WSC_E_SHELL_GONE);
        run_for(&l, 1000);
        CHECK_EQ(wsc_shell_state(s), WSC_SHELL_OPEN);
        CHECK(peer_answer(&l.p, &last));
        CHECK_EQ(wsc_command_wait(c[1], -1), WSC_OK);
        CHECK_EQ(wsc_command_exit_code(c[1], &code), WSC_OK);
        CHECK_EQ(code, 5);
        wsc_command_unref(c[0]);
        wsc_command_unref(c[1]);
        wsc_shell_unref(s);
        run_out(&l);
        log = peer_log(&l.p);
        CHECK_EQ(times(log, "Signal"), 2);
        CHECK(strlen(log) > 6 && !strcmp(log + strlen(log) - 6, "Delete"));
        life_close(&l);
    }
    wsc_params_unref(p);
}

static char redirect_body[1024];

static void redirects(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Receive") || q->nth != 1)
        return;
    free(a->body);
    a->body = strdup(redirect_body);
    a->status = 500;
}

#define REDIRECT                                                                                   \
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang=\"\">use "    \
    "http://other/wsman</s:Text></s:Reason><s:Detail><w:FaultDetail>x</w:FaultDetail>"             \
    "<f:WSManFault Code=\"2150859161\" Machine=\"m\"><f:Message>use http://other/wsman"            \
    "</f:Message></f:WSManFault></s:Detail></s:Fault>"

/* What came before the fault was handed on: asked again elsewhere, it would come twice. */
static void redirect_after_output(void)
{
    static const char *const follow[] = { "follow-redirects", "2", NULL };
    int after;

    for (after = 0; after < 2; after++) {
        const void *data;
        wsc_command *c;
        size_t n = 0;

        snprintf(redirect_body, sizeof redirect_body, "%s%s",
                 after ? "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\">REFUQQ==</rsp:Stream>"
                         "</rsp:ReceiveResponse>"
                       : "",
                 REDIRECT);
        life_open(&l, follow);
        STEPS(said);
        l.p.change = redirects;
        c = run(NULL);
        CHECK_EQ(wsc_command_wait(c, -1), after ? WSC_E_REDIRECT : WSC_OK);
        CHECK_EQ(wsc_command_output(c, WSC_STDOUT, &data, &n), WSC_OK);
        CHECK(after ? n == 4 && !memcmp(data, "DATA", 4) : n == 5 && !memcmp(data, "hello", 5));
        wsc_command_unref(c);
        run_out(&l);
        life_close(&l);
    }
}

static void redirect_to_plain_text(void)
{
    static const char *const lax[] = { "insecure-skip-ca-check", "true", NULL };
    wsc_params *p = client_options(lax);
    struct wsc_error *err = NULL;
    wsc_client *c = NULL;

    life_open(&l, NULL);
    CHECK_EQ(wsc_client_new(&c, l.ctx, "https://server", NULL, p), WSC_OK);
    CHECK_EQ(wsc__client_move(&c->c, "http://server:5985/wsman", &err), WSC_E_REDIRECT);
    CHECK_EQ(wsc_error_code(err), WSC_E_REDIRECT);
    wsc__error_unref(err);
    err = NULL;
    CHECK_STR(c->c.to, "https://server:5986/wsman"); /* as it was */
    CHECK(c->c.pool->url.tls);
    CHECK_EQ(wsc__client_move(&c->c, "https://other:5986/wsman", &err), WSC_OK);
    CHECK_STR(c->c.to, "https://other:5986/wsman");
    wsc_client_unref(c);
    wsc_params_unref(p);
    life_close(&l);
}

/* --- bounds ----------------------------------------------------------------------------------- */

static void deadline_of_open(void)
{
    static const char *const list[] = { "deadline", "1000", NULL };
    wsc_params *p = options(list);
    wsc_shell *s = NULL;
    uint64_t before;

    life_open(&l, NULL);
    spoil("Create", "hold", 0);
    before = l.p.d.now;
    CHECK_EQ(wsc_shell_open(&s, l.client, p), WSC_OK);
    CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_E_DEADLINE);
    CHECK_EQ(l.p.d.now - before, 1000);
    run_for(&l, 10);
    CHECK_EQ(l.h.states[WSC_SHELL_LOST], 1);
    wsc_shell_unref(s);
    run_out(&l);
    wsc_params_unref(p);
    life_close(&l);
}

static wsc_command *watched;
static size_t most;

static void watch_memory(struct drv *d, void *ud)
{
    const struct wsc__output *o = watched ? &watched->out : NULL;
    size_t n = o ? o->data[0].cap + o->data[1].cap + o->cap * sizeof *o->runs : 0;

    (void)d;
    (void)ud;
    if (n > most)
        most = n;
}

#define PAIRS 20000

/* One byte of stdout, one of stderr, and so on: the order in which they came costs memory too. */
static void output_limit_counts_the_order(void)
{
    static const char *const list[] = { "output-limit", "65536", NULL };
    static const char pair[] = "<rsp:Stream Name=\"stdout\">YQ==</rsp:Stream>"
                               "<rsp:Stream Name=\"stderr\">Yg==</rsp:Stream>";
    char *text = malloc(PAIRS * sizeof pair + 1024), *at = text, buf[64];
    size_t total[3] = { 0, 0, 0 }, n = 0;
    wsc_command *c;
    int i, stream;

    if (!text)
        abort();
    at += sprintf(at, "<rsp:ReceiveResponse>");
    for (i = 0; i < PAIRS; i++, at += sizeof pair - 1)
        memcpy(at, pair, sizeof pair - 1);
    sprintf(at, "%s</rsp:ReceiveResponse>", STATE("Done", ""));
    receive_says = text;
    life_open(&l, NULL);
    l.p.change = says;
    l.p.d.chunk = 4096;
    l.p.d.after = watch_memory;
    most = 0;
    c = watched = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_LIMIT);
    run_for(&l, 10000);
    for (;;) {
        stream = 0;
        if (!CHECK_EQ(wsc_command_read(c, &stream, buf, sizeof buf, &n, -1), WSC_OK) || !n)
            break;
        CHECK(buf[0] == (stream == WSC_STDOUT ? 'a' : 'b'));
        CHECK(total[WSC_STDOUT] + total[WSC_STDERR] == 0 || n == 1); /* in the order they came */
        total[stream] += n;
    }
    CHECK_EQ(total[WSC_STDOUT], PAIRS);
    CHECK_EQ(total[WSC_STDERR], PAIRS);
    CHECK(most <= 3 * 65536); /* buffers grow by doubling */
    printf("# most memory: %zu\n", most);
    watched = NULL;
    receive_says = NULL;
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
    free(text);
}

static void keep_alive_is_not_hurried(void)
{
    wsc_command *c;
    int gets;

    life_open(&l, NULL);
    l.p.idle = "PT0.002S";
    c = run(NULL); /* receive-start=auto: it rests until somebody reads */
    run_for(&l, 10000);
    gets = times(peer_log(&l.p), "Get");
    CHECK(gets >= 1 && gets <= 10);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

/* --- left on the server ----------------------------------------------------------------------- */

static void detached_with_its_shell(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static const char *const list[] = { "detach-on-unref", "true", NULL };
    wsc_command *c;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(list);
    on_all(c, &l.h);
    run_for(&l, 100);
    wsc_command_unref(c);
    run_for(&l, 100);
    CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
    CHECK_EQ(wsc_ctx_close(l.ctx, -1), WSC_OK);
    CHECK_STR(peer_log(&l.p), "Create Command Receive");
    CHECK_EQ(l.h.frees, 2);
    life_close(&l);
}

static void shell_is_kept(void)
{
    static const char *const list[] = { "keep-on-unref", "true", NULL };
    wsc_command *c = NULL;
    wsc_shell *s;
    long live;
    int i;

    life_open(&l, NULL);
    STEPS(said);
    s = open_shell(list);
    CHECK_EQ(wsc_shell_run(&c, s, "p", NULL, 0, NULL), WSC_OK);
    wsc_shell_unref(s);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK); /* goes on without the handle */
    wsc_command_unref(c);
    run_out(&l);
    live = l.p.d.mem.live;
    for (i = 0; i < 8; i++) { /* what is left there is forgotten here */
        wsc_shell_unref(open_shell(list));
        run_out(&l);
        CHECK(l.p.d.mem.live <= live);
    }
    s = open_shell(list);
    CHECK_EQ(wsc_ctx_close(l.ctx, -1), WSC_OK);
    wsc_shell_unref(s);
    CHECK(!strstr(peer_log(&l.p), "Delete"));
    life_close(&l);
}

/* --- options ---------------------------------------------------------------------------------- */

static int option_in_create, option_in_command;

static void look_for_option(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)a;
    if (strcmp(q->action, "Create") == 0)
        option_in_create += strstr(q->r->body, "MYOPT") != NULL;
    else if (strcmp(q->action, "Command") == 0)
        option_in_command += strstr(q->r->body, "MYOPT") != NULL;
}

/* An option goes out with what it was given to, whenever the shell's handle is given back. */
static void options_once(void)
{
    int to_shell, early;

    for (to_shell = 0; to_shell < 2; to_shell++) {
        for (early = 0; early < 2; early++) {
            wsc_command *c = NULL;
            wsc_shell *s = NULL;
            wsc_params *p = NULL;

            option_in_create = option_in_command = 0;
            life_open(&l, NULL);
            STEPS(said);
            l.p.change = look_for_option;
            CHECK_EQ(wsc_params_new(&p), WSC_OK);
            CHECK_EQ(wsc_params_add(p, "option", "MYOPT", "1"), WSC_OK);
            CHECK_EQ(wsc_shell_open(&s, l.client, to_shell ? p : NULL), WSC_OK);
            CHECK_EQ(wsc_shell_run(&c, s, "p", NULL, 0, to_shell ? NULL : p), WSC_OK);
            if (early)
                wsc_shell_unref(s);
            CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
            if (!early)
                wsc_shell_unref(s);
            CHECK_EQ(option_in_create, to_shell);
            CHECK_EQ(option_in_command, !to_shell);
            wsc_command_unref(c);
            wsc_params_unref(p);
            run_out(&l);
            life_close(&l);
        }
    }
}

static void options_of_a_private_shell(void)
{
    wsc_command *c = NULL;
    wsc_params *p = NULL;

    option_in_create = option_in_command = 0;
    life_open(&l, NULL);
    STEPS(said);
    l.p.change = look_for_option;
    CHECK_EQ(wsc_params_new(&p), WSC_OK);
    CHECK_EQ(wsc_params_add(p, "option", "MYOPT", "1"), WSC_OK);
    CHECK_EQ(wsc_client_run(&c, l.client, "p", NULL, 0, p), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    CHECK_EQ(option_in_create, 1);
    CHECK_EQ(option_in_command, 0);
    wsc_command_unref(c);
    wsc_params_unref(p);
    run_out(&l);
    life_close(&l);
}

/* --- what must not be told -------------------------------------------------------------------- */

static void password_in_a_url(void)
{
    static const char *const hosts[] = { "http://bob:hunter2@server", "bob:hunter2@server",
                                         "https://hunter2@server:1/x", "http://a:b@hunter2@server",
                                         "http://bob:hunter2@" };
    size_t i;

    life_open(&l, NULL);
    for (i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        static const char *const names[] = { "target", "cause", "remedy", "detail" };
        const wsc_error *e;
        wsc_client *c = NULL;
        size_t k;

        CHECK_EQ(wsc_client_new(&c, l.ctx, hosts[i], NULL, NULL), WSC_E_USAGE);
        e = wsc_ctx_error(l.ctx);
        if (!CHECK(e != NULL))
            continue;
        CHECK(!strstr(wsc_error_text(e), "hunter2"));
        for (k = 0; k < 4; k++) {
            const char *v = NULL;

            if (wsc_error_get_str(e, names[k], &v) == WSC_OK && v)
                CHECK(!strstr(v, "hunter2"));
        }
    }
    life_close(&l);
}

static struct {
    int lines, secret, name;
} logged;

static void hear_log(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)level;
    (void)component;
    (void)len;
    (void)ud;
    logged.lines++;
    logged.secret += strstr(msg, "TOPSECRET") != NULL;
    logged.name += strstr(msg, "X-Auth-Token") != NULL;
}

static int sent_secret;

static void see_header(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)a;
    sent_secret += strstr(q->r->head, "X-Auth-Token: TOPSECRET") != NULL;
}

static void header_values_are_masked(void)
{
    const char *value = NULL, *layer = NULL;
    wsc_params *p = NULL;
    wsc_client *c = NULL;
    wsc_op *op = NULL;

    memset(&logged, 0, sizeof logged);
    sent_secret = 0;
    life_open(&l, NULL);
    l.p.change = see_header;
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, hear_log, NULL, NULL), WSC_OK);
    p = client_options(NULL);
    CHECK_EQ(wsc_params_add(p, "header", "X-Auth-Token", "TOPSECRET1"), WSC_OK);
    CHECK_EQ(wsc_params_add(p, "header", "X-Other", "TOPSECRET2"), WSC_OK);
    CHECK_EQ(wsc_client_new(&c, l.ctx, "server", NULL, p), WSC_OK);
    CHECK_EQ(wsc_client_option(c, NULL, "header", &value, &layer), WSC_OK);
    CHECK(value && strstr(value, "X-Auth-Token") && strstr(value, "***"));
    CHECK(value && !strstr(value, "TOPSECRET"));
    CHECK_STR(layer, "client");
    CHECK_EQ(wsc_identify(&op, c, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(sent_secret, 1);
    CHECK(logged.name >= 1);
    CHECK_EQ(logged.secret, 0);
    wsc_op_unref(op);
    wsc_client_unref(c);
    wsc_params_unref(p);
    life_close(&l);
}

static const struct test tests[] = {
    { "exit_after_on_output_is_unset", exit_after_on_output_is_unset },
    { "exit_after_cancel", exit_after_cancel },
    { "exit_at_close", exit_at_close },
    { "exit_when_the_context_goes", exit_when_the_context_goes },
    { "callback_replaces_itself", callback_replaces_itself },
    { "read_in_on_output", read_in_on_output },
    { "end_of_a_stream_comes_after_its_data", end_of_a_stream_comes_after_its_data },
    { "fault_of_one_command", fault_of_one_command },
    { "redirect_after_output", redirect_after_output },
    { "redirect_to_plain_text", redirect_to_plain_text },
    { "deadline_of_open", deadline_of_open },
    { "output_limit_counts_the_order", output_limit_counts_the_order },
    { "keep_alive_is_not_hurried", keep_alive_is_not_hurried },
    { "detached_with_its_shell", detached_with_its_shell },
    { "shell_is_kept", shell_is_kept },
    { "options_once", options_once },
    { "options_of_a_private_shell", options_of_a_private_shell },
    { "password_in_a_url", password_in_a_url },
    { "header_values_are_masked", header_values_are_masked },
};

TEST_MAIN(tests)
