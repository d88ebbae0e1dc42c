#include "user.h"

#include <string.h>

struct world w;

void user_in_callback(void)
{
    if (w.depth == 2 || next(&w.in) < 192)
        return;
    w.depth++;
    user_act();
    w.depth--;
}

/* Of an answer to somebody else, or that does not say whose it is, nothing is told. */
void user_check_error(const wsc_error *e)
{
    int64_t code = 0;

    must(!e || wsc_error_get_int(e, "fault-code", &code) != WSC_OK || code != OTHERS_FAULT,
         "no fault is told that was somebody else's");
}

void user_check_text(const char *text)
{
    must(!strstr(text, OTHERS_WORD) && !strstr(text, OTHERS_ID),
         "nothing is told that was somebody else's");
}

int user_said(int rc)
{
    if (rc != WSC_OK)
        hostile_say(&w.h, "  is %s", wsc_code_name(rc));
    if (rc != WSC_OK && rc != WSC_E_AGAIN && w.ctx) {
        int code = wsc_error_code(wsc_ctx_error(w.ctx));

        must(code == rc || (code == WSC_E_NOMEM && !w.h.strict), "a status is that of its error");
        user_check_error(wsc_ctx_error(w.ctx));
    }
    return rc;
}

/* --- what is told ----------------------------------------------------------------------------- */

static void check_done(struct user_op *o)
{
    const char *text = NULL;

    must(o->dones++ == 0, "an op is done once");
    user_check_error(wsc_op_error(o->op));
    user_take_value(o->op);
    if (wsc_op_get_str(o->op, "body", &text) == WSC_OK)
        user_check_text(text);
}

static void on_done(wsc_op *op, int status, void *ud)
{
    struct user_op *o = ud;

    hostile_say(&w.h, "op %d: %d", (int)(o - w.ops), status);
    must(o->op == op, "no op is told of that was given back");
    check_done(o);
    must(wsc_error_code(wsc_op_error(op)) == status, "its status is that of its error");
    user_in_callback();
}

static void on_state(wsc_shell *s, int state, void *ud)
{
    struct user_shell *u = ud;

    hostile_say(&w.h, "shell %d: state %d", (int)(u - w.shells), state);
    must(u->s == s, "no shell is told of that was given back");
    must(!u->ends, "nothing is told behind the end of a shell");
    u->ends += state >= WSC_SHELL_CLOSED;
    must(state != WSC_SHELL_LOST || wsc_shell_error(s), "a lost shell says why");
    user_check_error(wsc_shell_error(s));
    user_in_callback();
}

static void check_exit(struct user_command *u, int status)
{
    int64_t code = 0;

    hostile_say(&w.h, "command %d: exit %d", (int)(u - w.commands), status);
    must(u->exits++ == 0, "a command ends once");
    must(wsc_error_code(wsc_command_error(u->c)) == status, "its status is that of its error");
    user_check_error(wsc_command_error(u->c));
    must(wsc_command_exit_code(u->c, &code) != WSC_OK || code == 0, "the exit code is its own");
    u->status = status;
}

static void on_exit_(wsc_command *c, int status, void *ud)
{
    struct user_command *u = ud;

    must(u->c == c, "no command is told of that was given back");
    check_exit(u, status);
    user_in_callback();
}

unsigned user_number(const struct user_command *u)
{
    const char *id = "";

    must(wsc_command_get_str(u->c, "id", &id) == WSC_OK, "who has output has an id");
    return hostile_number(id);
}

static void take_output(struct user_command *u, int stream, const uint8_t *data, size_t len)
{
    uint64_t *at = &u->got[stream - 1];
    size_t i;

    for (i = 0; i < len; i++, ++*at)
        must(data[i] == hostile_output(user_number(u), stream - 1, *at),
             "output comes once, and in its order");
}

static size_t on_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    struct user_command *u = ud;
    uint8_t less = next(&w.in);
    size_t n = less < 224 ? len : len * (less & 31) / 32;

    must(u->c == c, "no command is told of that was given back");
    must(!u->exits || u->canceled || u->relistened || w.closes,
         "no output is told behind the exit");
    take_output(u, stream, data, n);
    user_in_callback();
    return n;
}

static void on_writable(wsc_command *c, void *ud)
{
    must(((struct user_command *)ud)->c == c, "no command is told of that was given back");
    user_in_callback();
}

void user_events(void)
{
    const wsc_event *e;

    while (w.ctx && (e = wsc_ctx_next_event(w.ctx))) {
        int kind = wsc_event_kind(e);

        if (kind == WSC_EVENT_EXIT)
            check_exit(wsc_event_user_data(e),
                       wsc_error_code(wsc_command_error(wsc_event_command(e))));
        else if (kind == WSC_EVENT_DONE)
            check_done(wsc_event_user_data(e));
        else if (kind == WSC_EVENT_ITEM)
            must(wsc_event_items(e) && wsc_event_user_data(e), "an event has its object");
    }
}

/* --- what is called --------------------------------------------------------------------------- */

/* NULL: there is none */
#define PICK(type, list, count, handle)                                                            \
    static struct type *pick_##type(void)                                                          \
    {                                                                                              \
        unsigned i, from = next(&w.in);                                                            \
                                                                                                   \
        for (i = 0; i < w.count; i++)                                                              \
            if (w.list[(from + i) % w.count].handle)                                               \
                return &w.list[(from + i) % w.count];                                              \
        return NULL;                                                                               \
    }

PICK(user_shell, shells, nshells, s)
PICK(user_command, commands, ncommands, c)
PICK(user_op, ops, nops, op)

static const char *const choices[][2] = {
    { "output-limit", "4096" },
    { "input-limit", "4096" },
    { "receive-start", "now" },
    { "want-events", "true" },
    { "keep-on-unref", "true" },
    { "detach-on-unref", "true" },
    { "deadline", "700" },
    { "deadline", "30000" },
    { "idle-timeout", "60000" },
    { "buffer-mode", "drop" },
    { "same-session", "true" },
    { "received-limit", "300" },
    { "receive-retries", "0" },
    { "cancel-timeout", "100" },
    { "stderr", "discard" },
    { "operation-timeout", "30s" },
    { "max-envelope-size", "4096" },
    { "command-id", "none" },
    { "resource-uri", "http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd" },
};

#define CHOICES (sizeof choices / sizeof *choices)

/* Some of them, or NULL; discards: output may be dropped. */
static wsc_params *some_options(bool *discards)
{
    unsigned n = next(&w.in) % 5;
    wsc_params *p = NULL;

    if (wsc_params_new(&p) != WSC_OK)
        return NULL;
    wsc_params_set_str(p, "resource-uri", "http://x/lasting");
    for (; n > 1; n--) {
        size_t i = next(&w.in) % CHOICES;

        wsc_params_set_str(p, choices[i][0], choices[i][1]);
        *discards |= !strcmp(choices[i][0], "stderr");
    }
    return p;
}

static void add_shell(wsc_shell *s, bool discards)
{
    struct user_shell *u = &w.shells[w.nshells++];

    memset(u, 0, sizeof *u);
    u->s = s;
    u->discards = discards;
    wsc_shell_set_user_data(s, u);
    if (next(&w.in) & 1)
        u->listens = user_said(wsc_shell_on_state(s, on_state, u, NULL)) == WSC_OK;
}

static void add_command(wsc_command *c, bool discards)
{
    struct user_command *u = &w.commands[w.ncommands++];
    uint8_t how = next(&w.in);

    memset(u, 0, sizeof *u);
    u->c = c;
    u->discards = discards;
    wsc_command_set_user_data(c, u);
    if (how & 1)
        u->listens = user_said(wsc_command_on_exit(c, on_exit_, u, NULL)) == WSC_OK;
    if (how & 2)
        user_said(wsc_command_on_output(c, on_output, u, NULL));
    if (how & 4)
        user_said(wsc_command_on_writable(c, on_writable, u, NULL));
}

/* Where the op goes; NULL: nobody wants it. */
wsc_op **user_op_place(wsc_op **op)
{
    *op = NULL;
    return w.nops < OPS && next(&w.in) & 1 ? op : NULL;
}

void user_add_op(int rc, wsc_op **place)
{
    struct user_op *o = &w.ops[w.nops];

    user_said(rc);
    if (!place)
        return;
    must((rc == WSC_OK) == (*place != NULL), "a call that fails leaves its out parameter alone");
    if (!*place)
        return;
    w.nops++;
    memset(o, 0, sizeof *o);
    o->op = *place;
    wsc_op_set_user_data(o->op, o);
    if (next(&w.in) & 1)
        o->listens = user_said(wsc_op_on_done(o->op, on_done, o, NULL)) == WSC_OK;
}

static void call_open(void)
{
    bool discards = false;
    wsc_params *p = some_options(&discards);
    wsc_shell *s = NULL;
    int rc;

    if (w.client && w.nshells < SHELLS && w.opened < SHELLS) {
        rc = user_said(wsc_shell_open(&s, w.client, p));
        must((rc == WSC_OK) == (s != NULL), "a call that fails leaves its out parameter alone");
        w.opened += rc == WSC_OK;
        if (s)
            add_shell(s, discards);
    }
    wsc_params_unref(p);
}

static void call_connect(void)
{
    bool discards = false;
    wsc_params *p = some_options(&discards);
    wsc_shell *s = NULL;
    int rc;

    if (w.client && w.nshells < SHELLS) {
        rc = user_said(wsc_shell_connect(&s, w.client, "5E000000-0000-4000-8000-000000000009", p));
        must((rc == WSC_OK) == (s != NULL), "a call that fails leaves its out parameter alone");
        if (s)
            add_shell(s, discards);
    }
    wsc_params_unref(p);
}

enum { IN_SHELL, ALONE, OF_OTHERS };

static void start(int how)
{
    static const char *const args[] = { "one", "two" };
    bool discards = false;
    struct user_shell *u = how == ALONE ? NULL : pick_user_shell();
    wsc_params *p = some_options(&discards);
    wsc_command *c = NULL;
    char id[64];
    int rc = WSC_E_USAGE;

    if (w.ncommands < COMMANDS && (u || (how == ALONE && w.client && w.opened < SHELLS))) {
        snprintf(id, sizeof id, PEER_COMMAND, HOSTILE_OTHERS + w.ncommands);
        if (how == IN_SHELL)
            rc = user_said(wsc_shell_run(&c, u->s, "prog", args, next(&w.in) % 3, p));
        else if (how == ALONE)
            rc = user_said(wsc_client_run(&c, w.client, "prog", args, next(&w.in) % 3, p));
        else
            rc = user_said(wsc_shell_connect_command(&c, u->s, id, p));
        w.opened += how == ALONE && rc == WSC_OK;
        must((rc == WSC_OK) == (c != NULL), "a call that fails leaves its out parameter alone");
        if (c)
            add_command(c, discards || (u && u->discards));
    }
    wsc_params_unref(p);
}

static void call_run(void)
{
    start(IN_SHELL);
}

static void call_run_alone(void)
{
    start(ALONE);
}

static void call_connect_command(void)
{
    start(OF_OTHERS);
}

static void move(int (*fn)(wsc_op **out, wsc_shell *s, const wsc_params *params))
{
    struct user_shell *u = pick_user_shell();
    bool discards = false;
    wsc_params *p = some_options(&discards);
    wsc_op *op, **place = user_op_place(&op);

    if (u)
        user_add_op(fn(place, u->s, next(&w.in) & 1 ? p : NULL), place);
    wsc_params_unref(p);
}

static void call_disconnect(void)
{
    move(wsc_shell_disconnect);
}

static void call_reconnect(void)
{
    move(wsc_shell_reconnect);
}

static void call_close_shell(void)
{
    struct user_shell *u = pick_user_shell();
    wsc_op *op, **place = user_op_place(&op);

    if (u)
        user_add_op(wsc_shell_close(place, u->s), place);
}

static void call_signal(void)
{
    struct user_command *u = pick_user_command();
    wsc_op *op, **place = user_op_place(&op);

    if (u)
        user_add_op(wsc_command_signal(place, u->c, next(&w.in) & 1 ? "ctrl-c" : "ctrl-break"),
                    place);
}

static void call_identify(void)
{
    wsc_op *op, **place = user_op_place(&op);

    if (w.client)
        user_add_op(wsc_identify(place, w.client, NULL), place);
}

static void call_request(void)
{
    wsc_op *op, **place = user_op_place(&op);

    if (w.client)
        user_add_op(wsc_request(place, w.client, "http://x/Ask", NULL, NULL, 0, NULL), place);
}

static void call_cancel(void)
{
    struct user_command *u = pick_user_command();

    if (u && user_said(wsc_command_cancel(u->c)) == WSC_OK)
        u->canceled = true;
}

int user_waits(void)
{
    return w.depth || next(&w.in) & 1 ? 0 : next(&w.in) * 50;
}

static void call_write(void)
{
    struct user_command *u = pick_user_command();
    uint8_t data[2048], size = next(&w.in);
    size_t i, n = size & 128 ? (size & 127) * 16u : size, taken = 0;

    if (!u)
        return;
    for (i = 0; i < n; i++)
        data[i] = hostile_input(u->given + i);
    if (user_said(wsc_command_write(u->c, data, n, &taken, user_waits())) == WSC_OK)
        u->given += taken;
    must(taken <= n, "no more is taken than was given");
}

static void call_write_eof(void)
{
    struct user_command *u = pick_user_command();

    if (u)
        user_said(wsc_command_write_eof(u->c));
}

/* false: there was nothing */
bool user_read(struct user_command *u, int stream, size_t cap, int timeout_ms)
{
    uint8_t data[4096];
    size_t n = 0;
    wsc_command *c = u->c;

    if (user_said(wsc_command_read(c, &stream, data, cap, &n, timeout_ms)) != WSC_OK || !n)
        return false;
    if (u->c == c) /* it may have been given back meanwhile */
        take_output(u, stream, data, n);
    return true;
}

static void call_read(void)
{
    struct user_command *u = pick_user_command();
    int stream = next(&w.in) % 3;
    size_t cap = 1 + next(&w.in) * 16u;

    if (u)
        user_read(u, stream, cap, user_waits());
}

static void call_resume(void)
{
    struct user_command *u = pick_user_command();

    if (u)
        user_said(wsc_command_resume(u->c));
}

static void call_getters(void)
{
    static const char *const names[] = { "id", "state", "input-pending", "owner", "idle-timeout" };
    const char *name = names[next(&w.in) % 5], *text = NULL;
    struct user_command *u = pick_user_command();
    struct user_shell *s = pick_user_shell();
    const void *data = NULL;
    int64_t code = 0;
    size_t n = 0;

    if (u) {
        if (wsc_command_get_str(u->c, name, &text) == WSC_OK) {
            must(strlen(text) < 100, "a property is a text");
            user_check_text(text);
        }
        if (wsc_command_output(u->c, WSC_STDOUT, &data, &n) == WSC_OK && n && !w.depth)
            must(*(const uint8_t *)data == hostile_output(user_number(u), 0, u->got[0]),
                 "what is buffered is what comes next");
        must(wsc_command_exit_code(u->c, &code) != WSC_OK || code == 0, "the exit code");
    }
    if (s && wsc_shell_get_str(s->s, name, &text) == WSC_OK) {
        must(strlen(text) < 100, "a property is a text");
        user_check_text(text);
    }
    if (w.client)
        must(wsc_client_get_int(w.client, "requests", &code) == WSC_OK, "statistics are there");
}

static void call_listen(void)
{
    struct user_command *u = pick_user_command();
    struct user_shell *s = pick_user_shell();
    struct user_op *o = pick_user_op();
    uint8_t how = next(&w.in);

    if (u && how & 1) {
        u->relistened = true;
        user_said(wsc_command_on_output(u->c, how & 2 ? on_output : NULL, u, NULL));
    }
    if (u && how & 4) {
        u->listens = false;
        user_said(wsc_command_on_exit(u->c, how & 2 ? on_exit_ : NULL, u, NULL));
    }
    if (s && how & 8) {
        s->listens = false;
        user_said(wsc_shell_on_state(s->s, how & 2 ? on_state : NULL, s, NULL));
    }
    if (o && how & 16) {
        o->listens = false;
        user_said(wsc_op_on_done(o->op, how & 2 ? on_done : NULL, o, NULL));
    }
}

static void call_cancel_op(void)
{
    struct user_op *o = pick_user_op();

    if (o)
        user_said(wsc_op_cancel(o->op));
}

static void call_unref_command(void)
{
    struct user_command *u = pick_user_command();
    wsc_command *c = u ? u->c : NULL;

    if (u)
        u->c = NULL;
    wsc_command_unref(c);
}

static void call_unref_shell(void)
{
    struct user_shell *u = pick_user_shell();
    wsc_shell *s = u ? u->s : NULL;

    if (u)
        u->s = NULL;
    wsc_shell_unref(s);
}

static void call_unref_op(void)
{
    struct user_op *o = pick_user_op();
    wsc_op *op = o ? o->op : NULL;

    if (o)
        o->op = NULL;
    wsc_op_unref(op);
}

static void call_wait(void)
{
    struct user_command *u = pick_user_command();
    struct user_shell *s = pick_user_shell();
    struct user_op *o = pick_user_op();
    int ms = user_waits();

    switch (next(&w.in) % 3) {
    case 0:
        if (u)
            user_said(wsc_command_wait(u->c, ms));
        break;
    case 1:
        if (s)
            user_said(wsc_shell_wait(s->s, ms));
        break;
    default:
        if (o)
            user_said(wsc_op_wait(o->op, ms));
        break;
    }
}

static void call_events(void)
{
    if (!w.depth)
        user_events();
}

static void call_wakeup(void)
{
    if (w.ctx)
        must(wsc_ctx_wakeup(w.ctx) == WSC_OK, "a wake-up is legal everywhere");
}

static void call_close(void)
{
    if (!w.ctx || next(&w.in) < 224)
        return;
    w.closes = true;
    user_said(wsc_ctx_close(w.ctx, w.depth ? 0 : next(&w.in) * 100));
}

/* It goes when the callback has returned; handles stay. */
static void call_unref_ctx(void)
{
    wsc_ctx *ctx = w.ctx;

    if (next(&w.in) < 240)
        return;
    w.ctx = NULL;
    wsc_ctx_unref(ctx);
}

static void call_unref_client(void)
{
    wsc_client *c = w.client;

    if (next(&w.in) < 240)
        return;
    w.client = NULL;
    wsc_client_unref(c);
}

static void call_turn(void)
{
    unsigned n = next(&w.in) % 64 + 1;

    while (!w.depth && w.ctx && n--)
        user_said(wsc_ctx_step(w.ctx));
}

static void call_time(void)
{
    static const int ms[] = { 1, 100, 1000, 11000, 61000, 200000 };
    uint64_t end = w.h.p.d.now + (uint64_t)ms[next(&w.in) % 6];

    while (!w.depth && w.ctx && w.h.p.d.now < end)
        user_said(wsc_ctx_wait(w.ctx, (int)(end - w.h.p.d.now)));
}

static void call_answer(void)
{
    hostile_answer(&w.h);
}

static void call_part(void)
{
    hostile_part(&w.h);
}

static const struct call {
    const char *name;
    void (*fn)(void);
} calls[] = {
    { "open", call_open },
    { "run", call_run },
    { "run alone", call_run_alone },
    { "connect", call_connect },
    { "connect command", call_connect_command },
    { "disconnect", call_disconnect },
    { "reconnect", call_reconnect },
    { "close shell", call_close_shell },
    { "signal", call_signal },
    { "identify", call_identify },
    { "request", call_request },
    { "cancel", call_cancel },
    { "write", call_write },
    { "write eof", call_write_eof },
    { "read", call_read },
    { "resume", call_resume },
    { "getters", call_getters },
    { "listen", call_listen },
    { "cancel op", call_cancel_op },
    { "unref command", call_unref_command },
    { "unref shell", call_unref_shell },
    { "unref op", call_unref_op },
    { "wait", call_wait },
    { "events", call_events },
    { "wake-up", call_wakeup },
    { "close", call_close },
    { "unref context", call_unref_ctx },
    { "unref client", call_unref_client },
    { "part", call_part },
    { "turn", call_turn },
    { "time", call_time },
    { "answer", call_answer },
    /* later ones, so that older inputs mean what they meant */
    { "enumerate", user_enumerate },
    { "subscribe", user_subscribe },
    { "next item", user_next_item },
    { "resume items", user_resume_items },
    { "listen to items", user_listen_items },
    { "cancel items", user_cancel_items },
    { "unref items", user_unref_items },
    { "items getters", user_items_getters },
    { "renew", user_renew },
    { "verb", user_verb },
    { "value", user_value },
};

#define CALLS (sizeof calls / sizeof *calls)
#define FIRST 32 /* the calls that older inputs know */

static unsigned called[CALLS][2]; /* outside, and in a callback */

void user_act(void)
{
    uint8_t op = next(&w.in);
    size_t more = CALLS - FIRST, i = FIRST - 3 + op % 3; /* mostly the world goes on */

    if (op < 2 * FIRST)
        i = op % FIRST;
    else if (op < 2 * CALLS)
        i = FIRST + op % more;

    called[i][w.depth != 0]++;
    hostile_say(&w.h, "%s%s", w.depth ? "  in a callback: " : "", calls[i].name);
    calls[i].fn();
    if (w.ctx)
        must(wsc_ctx_pending(w.ctx) < 500, "what is pending is bounded");
    user_check_items();
}

int user_uncalled(void)
{
    int missing = 0;
    size_t i;

    for (i = 0; i < CALLS; i++) {
        if (called[i][0] && called[i][1])
            continue;
        printf("not called%s: %s\n", called[i][0] ? " in a callback" : "", calls[i].name);
        missing++;
    }
    return missing;
}
