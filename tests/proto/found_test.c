/* What hostile servers and callers had found, each held here. */
#include "commands.h"

#include "api/api.h"

/* --- redirects -------------------------------------------------------------------------------- */

static char heads[1024];
static const char *redirect_to;

static void see_heads(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    const char *host = strstr(q->r->head, "Host: "), *to = strstr(q->r->body, "<a:To>http://");
    size_t n = strlen(heads);

    (void)p;
    if (host && to)
        CHECK(!strncmp(to + 13, host + 6, strcspn(host + 6, "\r")));
    snprintf(heads + n, sizeof heads - n, "%.*s@%.*s ", (int)strcspn(q->r->head + 5, " "),
             q->r->head + 5, host ? (int)strcspn(host + 6, "\r") : 0, host ? host + 6 : "");
    if (strstr(heads, "other:5985"))
        return;
    if (q->all == 1) {
        a->status = 307;
        a->type = "text/plain";
        a->header = redirect_to;
    }
}

/* What waited for the first server goes there, with the path and cookie of that one. */
static void redirect_of_the_first(void)
{
    static const char *const list[] = { "follow-redirects", "2", "connections-per-host", "3",
                                        NULL };
    wsc_op *ops[4] = { NULL };
    int i;

    heads[0] = '\0';
    redirect_to = "Location: http://other:5985/moved\r\n";
    life_open(&l, list);
    l.p.change = see_heads;
    for (i = 0; i < 4; i++)
        CHECK_EQ(wsc_identify(&ops[i], l.client, NULL), WSC_OK);
    for (i = 0; i < 4; i++) {
        CHECK_EQ(wsc_op_wait(ops[i], -1), WSC_OK);
        wsc_op_unref(ops[i]);
    }
    CHECK_EQ(times(heads, "/wsman@server:5985 "), 4);
    CHECK_EQ(times(heads, "/moved@other:5985 "), 1);
    CHECK_EQ(times(heads, "@"), 5);
    life_close(&l);
}

static char seen[1024];

static void moves_on(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    const char *to = strstr(q->r->body, "<a:To>"), *host = strstr(q->r->head, "Host: ");
    size_t n = strlen(seen);

    if (CHECK(to && host))
        snprintf(seen + n, sizeof seen - n, "%.*s %.*s\n", (int)strcspn(host + 6, "\r"), host + 6,
                 (int)strcspn(to + 6, "<"), to + 6);
    if (q->all > 3)
        return;
    p->nseen = 0; /* it does not do what it sends elsewhere */
    a->status = 302;
    a->type = "text/html";
    a->header = q->all == 1   ? "Location: /else&where\r\n"
                : q->all == 2 ? "Location: http://me:secret@other/third\r\n"
                              : "Location: //fourth:1/\r\n";
}

/* Every form that a Location may have (RFC 9110 10.2.2); a:To says where the request goes. */
static void redirects_of_all_forms(void)
{
    static const char *const list[] = { "follow-redirects", "3", NULL };
    static const char *const stay[] = { "follow-redirects", "1", NULL };
    const char *where = NULL;
    wsc_shell *s = NULL;

    seen[0] = '\0';
    life_open(&l, list);
    l.p.change = moves_on;
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_OK);
    CHECK_STR(seen, "server:5985 http://server:5985/wsman\n"
                    "server:5985 http://server:5985/else&amp;where\n"
                    "other:80 http://other:80/third\n"
                    "fourth:1 http://fourth:1/wsman\n");
    wsc_shell_unref(s);
    life_close(&l);

    seen[0] = '\0';
    life_open(&l, stay);
    l.p.change = moves_on;
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_E_REDIRECT);
    CHECK_EQ(wsc_error_get_str(wsc_ctx_error(l.ctx), "location", &where), WSC_OK);
    CHECK_STR(where, "http://other:80/third"); /* and no password in it */
    wsc_shell_unref(s);
    life_close(&l);
}

static void redirect_both(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    see_heads(p, q, a);
    if (q->all > 2)
        return;
    a->status = 307;
    a->type = "text/plain";
    a->header = q->all == 1 ? "Location: http://other:5985/moved\r\n"
                            : "Location: http://third:5985/wsman\r\n";
    a->after_ms = q->all == 1 ? 0 : 5000;
}

/* The client has moved: where the first server sends another request is not where it goes now. */
static void late_redirect(void)
{
    static const char *const list[] = { "follow-redirects", "3", NULL };
    wsc_op *a = NULL, *b = NULL;

    heads[0] = '\0';
    life_open(&l, list);
    l.p.change = redirect_both;
    CHECK_EQ(wsc_identify(&a, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_identify(&b, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(a, -1), WSC_OK);
    CHECK_EQ(wsc_op_wait(b, -1), WSC_OK);
    CHECK_EQ(times(heads, "@third"), 0);
    CHECK_EQ(times(heads, "/wsman@server:5985 "), 2);
    CHECK_EQ(times(heads, "@other:5985 "), 2);
    wsc_op_unref(a);
    wsc_op_unref(b);
    life_close(&l);
}

static int cookies;

static void old_cookie(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strstr(q->r->head, "Host: other:5985"))
        cookies += strstr(q->r->head, "Cookie:") != NULL;
    else if (q->all == 1)
        see_heads(p, q, a);
    else
        a->header = "Set-Cookie: MS-WSMAN=old; Path=/wsman\r\n";
}

/* The first server still answers what was asked of it when the client has moved on. */
static void cookie_of_the_first(void)
{
    static const char *const list[] = { "follow-redirects", "2", NULL };
    wsc_op *ops[3] = { NULL };
    int i;

    heads[0] = '\0';
    cookies = 0;
    redirect_to = "Location: http://other:5985/moved\r\n";
    life_open(&l, list);
    l.p.change = old_cookie;
    for (i = 0; i < 3; i++)
        CHECK_EQ(wsc_identify(&ops[i], l.client, NULL), WSC_OK);
    for (i = 0; i < 3; i++) {
        CHECK_EQ(wsc_op_wait(ops[i], -1), WSC_OK);
        wsc_op_unref(ops[i]);
    }
    CHECK_EQ(wsc_identify(&ops[0], l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(ops[0], -1), WSC_OK);
    wsc_op_unref(ops[0]);
    CHECK_EQ(cookies, 0);
    life_close(&l);
}

static void lose_and_move(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    bool identify = strcmp(q->action, "Identify") == 0;

    if (strcmp(q->action, "Receive") == 0 && q->nth <= 2) {
        a->cut_at_all = true;
        a->how = DRV_EOF;
    } else if (identify || strcmp(q->action, "Receive") == 0) {
        struct peer_request first = *q;

        first.all = identify ? 1 : 2;
        see_heads(p, &first, a);
    }
}

/* A Receive that is about to be repeated when the client moves goes where the client goes. */
static void receive_that_moves(void)
{
    static const char *const list[] = { "follow-redirects", "2", NULL };
    wsc_command *c;
    wsc_op *op = NULL;

    heads[0] = '\0';
    redirect_to = "Location: http://other:5985/moved\r\n";
    life_open(&l, list);
    STEPS(hello);
    l.p.change = lose_and_move;
    c = run(NULL);
    on_all(c, &l.h);
    run_for(&l, 100);
    CHECK_EQ(stat_of(l.client, "repeats"), 2);
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    CHECK_EQ(times(heads, "/wsman@server:5985 "), 1);
    CHECK_EQ(times(heads, "/moved@other:5985 "), 3); /* Identify, and two Receives */
    CHECK_EQ(times(heads, "@"), 4);
    wsc_op_unref(op);
    wsc_command_unref(c);
    life_close(&l);
}

static void redirect_is_shown_without_password(void)
{
    wsc_op *op = NULL;

    heads[0] = '\0';
    redirect_to = "Location: http://me:PASSWORD@other:5985/moved\r\n";
    life_open(&l, NULL);
    l.p.change = see_heads;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_REDIRECT);
    CHECK(strstr(wsc_error_text(wsc_op_error(op)), "other:5985/moved") != NULL);
    CHECK(strstr(wsc_error_text(wsc_op_error(op)), "PASSWORD") == NULL);
    wsc_op_unref(op);
    life_close(&l);
}

/* An address without brackets is no URL: where it ends and a port begins, nobody knows. */
static void redirect_to_no_url(void)
{
    static const char *const list[] = { "follow-redirects", "2", NULL };
    const char *text = NULL;
    wsc_op *op = NULL;

    heads[0] = '\0';
    redirect_to = "Location: http://::1/x\r\n";
    life_open(&l, list);
    l.p.change = see_heads;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_REDIRECT);
    CHECK_EQ(times(heads, "@"), 1);
    CHECK(strstr(wsc_error_text(wsc_op_error(op)), "http://::1/x, which is no URL") != NULL);
    CHECK_EQ(wsc_error_get_str(wsc_op_error(op), "cause", &text), WSC_OK);
    CHECK(strstr(text, "brackets") != NULL);
    CHECK(wsc_error_get_str(wsc_op_error(op), "location", &text) != WSC_OK);
    wsc_op_unref(op);
    life_close(&l);
}

static void redirect_fails(char *text, size_t cap)
{
    const char *location = NULL;
    wsc_op *op = NULL;

    heads[0] = '\0';
    life_open(&l, NULL);
    l.p.change = see_heads;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_REDIRECT);
    snprintf(text, cap, "%s", wsc_error_text(wsc_op_error(op)));
    CHECK(wsc_error_get_str(wsc_op_error(op), "location", &location) != WSC_OK);
    wsc_op_unref(op);
    life_close(&l);
}

/* A header may hold any byte; no text of an error does, and none is cut inside a character. */
static void redirect_to_no_text(void)
{
    char header[700], text[1000];
    size_t n = strlen("Location: ");

    redirect_to = "Location: \xff\xfe\r\n";
    redirect_fails(text, sizeof text);
    CHECK_STR(text, "the server redirects to ??, which is no URL (HTTP 307)");
    redirect_to = "Location: http://me:SECRET@::1/x\r\n"; /* withheld */
    redirect_fails(text, sizeof text);
    CHECK_STR(text, "the server redirects to what is no URL (HTTP 307)");
    redirect_to = "X-Location: /x\r\n";
    redirect_fails(text, sizeof text);
    CHECK_STR(text, "the server redirects to nowhere (HTTP 307)");
    memset(header, 'a', sizeof header);
    memcpy(header, "Location: ", n);
    strcpy(header + n + 499, "\xc3\xa4\xc3\xa4\r\n");
    redirect_to = header;
    redirect_fails(text, sizeof text);
    CHECK_EQ(wsc__utf8_bad_at(text, strlen(text), false), strlen(text));
    CHECK(strstr(text, "aaa..., which is no URL") != NULL);
}

/* fe80::1 is another host on every interface. */
static void zone_stays(void)
{
    static const char *const list[] = { "follow-redirects", "2", NULL };
    struct wsc_error *err = NULL;
    wsc_params *p = client_options(list);
    wsc_client *c = NULL;
    wsc_op *op = NULL;

    heads[0] = '\0';
    redirect_to = "Location: /moved\r\n";
    life_open(&l, NULL);
    l.p.change = see_heads;
    CHECK_EQ(wsc_client_new(&c, l.ctx, "fe80::1%eth0", NULL, p), WSC_OK);
    CHECK_STR(c->c.pool->dial, "fe80::1%eth0");
    CHECK_EQ(wsc__client_transport(&c->c, NULL, &err), WSC_OK);
    CHECK_STR(c->c.pool->dial, "fe80::1%eth0");
    CHECK_EQ(wsc_identify(&op, c, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_STR(heads, "/wsman@[fe80::1]:5985 /moved@[fe80::1]:5985 ");
    CHECK_STR(c->c.pool->dial, "fe80::1%eth0");
    CHECK_STR(c->c.to, "http://[fe80::1]:5985/moved");
    wsc_op_unref(op);
    heads[0] = '\0';
    redirect_to = "Location: http://[fe80::1]:5985/absolute\r\n";
    l.p.requests = 0;
    CHECK_EQ(wsc_identify(&op, c, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_STR(heads, "/moved@[fe80::1]:5985 /absolute@[fe80::1]:5985 ");
    CHECK_STR(c->c.pool->dial, "fe80::1%eth0");
    wsc_op_unref(op);
    wsc_client_unref(c);
    wsc_params_unref(p);
    life_close(&l);
}

/* --- input ------------------------------------------------------------------------------------ */

static void hold_later_sends(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    a->hold = strcmp(q->action, "Send") == 0 && q->nth > 1;
}

/* The one whose turn comes cannot be written: the next one goes, and nobody beside it. */
static void one_send_at_a_time(void)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    static char locale[5051]; /* a Command fits into max-request-size with it, a Send does not */
    static char data[700];
    const char *list[] = { "locale", locale, NULL }, *option = NULL;
    wsc_params *p;
    wsc_command *c[4];
    wsc_shell *s;
    size_t n;
    int i;

    memset(locale, 'x', sizeof locale - 1);
    life_open(&l, NULL);
    STEPS(steps);
    l.p.change = hold_later_sends;
    s = open_shell(NULL);
    for (i = 0; i < 4; i++) {
        static const char *const small[] = { "max-envelope-size", "12000", NULL };

        p = i == 1 ? options(list) : options(small);
        if (i == 1)
            wsc_params_set_str(p, "max-request-size", "12000");
        CHECK_EQ(wsc_shell_run(&c[i], s, "prog", NULL, 0, p), WSC_OK);
        wsc_params_unref(p);
    }
    run_for(&l, 100);
    peer_log(&l.p);
    for (i = 0; i < 4; i++)
        CHECK_EQ(wsc_command_write(c[i], data, sizeof data, &n, 0), WSC_OK);
    run_for(&l, 100);
    CHECK_EQ(wsc_error_code(wsc_command_error(c[1])), WSC_E_LIMIT);
    CHECK_EQ(wsc_error_get_str(wsc_command_error(c[1]), "option", &option), WSC_OK);
    CHECK_STR(option, "max-request-size");
    CHECK_EQ(times(peer_log(&l.p), "Send"), 2); /* the first, answered, and one more */
    for (i = 0; i < 4; i++)
        wsc_command_unref(c[i]);
    wsc_shell_unref(s);
    life_close(&l);
}

/* A command that pauses for lack of a reader waits for its Send, and nobody sends beside it. */
static void cancel_of_one_who_pauses(void)
{
    static const char *const list[] = { "output-limit", "4096", NULL };
    static char much[9000];
    static const struct peer_step steps[] = { { .out = much } };
    wsc_params *p = options(list);
    wsc_command *a = NULL, *b = NULL;
    wsc_shell *s;
    size_t n;

    memset(much, 'x', sizeof much - 1);
    life_open(&l, NULL);
    STEPS(steps);
    spoil("Send", "hold", 0);
    s = open_shell(NULL);
    CHECK_EQ(wsc_shell_run(&a, s, "prog", NULL, 0, p), WSC_OK);
    CHECK_EQ(wsc_shell_run(&b, s, "prog", NULL, 0, p), WSC_OK);
    CHECK_EQ(wsc_command_wait(a, 1000), WSC_E_LIMIT); /* it pauses */
    CHECK_EQ(wsc_command_write(a, "abc", 3, &n, 0), WSC_OK);
    CHECK_EQ(wsc_command_write(b, "abc", 3, &n, 0), WSC_OK);
    run_for(&l, 100);
    peer_log(&l.p);
    CHECK_EQ(wsc_command_cancel(a), WSC_OK);
    run_for(&l, 100);
    CHECK_EQ(times(peer_log(&l.p), "Send"), 0); /* a's has no answer yet */
    wsc_command_unref(a);
    wsc_command_unref(b);
    wsc_shell_unref(s);
    wsc_params_unref(p);
    life_close(&l);
}

/* --- callbacks -------------------------------------------------------------------------------- */

static wsc_op *the_op;
static int inner;

static void free_sets_again(void *ud)
{
    heard_free(ud);
    inner = wsc_op_on_done(the_op, heard_done, &l.h2, heard_free);
}

static void free_function_sets_the_callback(void)
{
    life_open(&l, NULL);
    inner = -1;
    CHECK_EQ(wsc_identify(&the_op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(the_op, heard_done, &l.h, free_sets_again), WSC_OK);
    CHECK_EQ(wsc_op_on_done(the_op, heard_done, &l.h, heard_free), WSC_OK);
    CHECK_EQ(inner, WSC_OK);
    CHECK_EQ(l.h.frees, 2); /* the first, and the one that the inner call replaced */
    run_out(&l);
    CHECK_EQ(l.h.dones, 0);
    CHECK_EQ(l.h2.dones, 1);
    wsc_op_unref(the_op);
    CHECK_EQ(l.h2.frees, 1);
    life_close(&l);
}

/* The event waits in the queue already: it goes to the callback, and only there (rule 6). */
static void callback_after_the_event(void)
{
    static const char *const list[] = { "want-events", "true", NULL };
    wsc_params *p = options(list);
    wsc_op *op = NULL;

    life_open(&l, NULL);
    CHECK_EQ(wsc_identify(&op, l.client, p), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(wsc_op_on_done(op, heard_done, &l.h, heard_free), WSC_OK);
    CHECK_EQ(l.h.dones, 0); /* not inline */
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.dones, 1);
    CHECK(wsc_ctx_next_event(l.ctx) == NULL);
    wsc_op_unref(op);
    wsc_params_unref(p);
    life_close(&l);
}

static int seen_state;

static void state_once(wsc_shell *s, int state, void *ud)
{
    (void)ud;
    seen_state = state;
    if (state == WSC_SHELL_CLOSING)
        CHECK_EQ(wsc_shell_on_state(s, NULL, NULL, NULL), WSC_OK);
}

/* Both states are due at once, and the callback goes in the first: the second is in the queue. */
static void state_callback_taken_back(void)
{
    const wsc_event *e;
    wsc_shell *s;
    wsc_op *op = NULL;
    int events = 0;

    life_open(&l, NULL);
    s = open_shell(NULL);
    CHECK_EQ(wsc_shell_on_state(s, state_once, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    drv_settle(&l.p.d); /* the answer is there before anybody is told */
    wsc_ctx_step(l.ctx);
    CHECK_EQ(wsc_op_wait(op, 0), WSC_OK);
    CHECK_EQ(seen_state, WSC_SHELL_CLOSING);
    CHECK_EQ(wsc_shell_state(s), WSC_SHELL_CLOSED);
    while ((e = wsc_ctx_next_event(l.ctx)))
        events += wsc_event_shell(e) == s;
    CHECK_EQ(events, 1);
    wsc_op_unref(op);
    wsc_shell_unref(s);
    life_close(&l);
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Whether there is a shell nobody knows: who closes it hears that. */
static void close_of_a_lost_create(void)
{
    wsc_shell *s = NULL;
    wsc_op *op = NULL;

    life_open(&l, NULL);
    spoil("Create", "lost", 0);
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    until_asked(&l, 1);
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_CONNECTION_LOST);
    wsc_op_unref(op);
    wsc_shell_unref(s);
    life_close(&l);
    life_open(&l, NULL);
    spoil("Create", NULL, 5); /* it was refused: there is none */
    CHECK_EQ(wsc_shell_open(&s, l.client, NULL), WSC_OK);
    until_asked(&l, 1);
    CHECK_EQ(wsc_shell_close(&op, s), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    wsc_shell_unref(s);
    life_close(&l);
}

static const char *odd_action, *odd_body, *odd_header;

static void odd(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, odd_action))
        return;
    a->header = odd_header;
    if (!odd_body)
        return;
    free(a->body);
    a->body = strdup(odd_body);
}

static void ids_that_are_empty(void)
{
    wsc_command *c;

    odd_header = NULL;
    odd_action = "Create";
    odd_body = "<rsp:Shell><rsp:ShellId></rsp:ShellId></rsp:Shell>";
    life_open(&l, NULL);
    l.p.change = odd;
    c = run(NULL);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_PROTOCOL);
    wsc_command_unref(c);
    life_close(&l);
    odd_action = "Command";
    odd_body = "<rsp:CommandResponse><rsp:CommandId></rsp:CommandId></rsp:CommandResponse>";
    life_open(&l, NULL);
    l.p.change = odd;
    c = run(NULL);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_PROTOCOL);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Delete");
    wsc_command_unref(c);
    life_close(&l);
}

static void ids_that_are_too_long(void)
{
    static const char open[] = "<rsp:CommandResponse><rsp:CommandId>";
    static char body[70200];
    wsc_command *c;

    odd_header = NULL;
    odd_action = "Command";
    memset(body, 'a', 70000);
    memcpy(body, open, sizeof open - 1);
    strcpy(body + 70000, "</rsp:CommandId></rsp:CommandResponse>");
    odd_body = body;
    life_open(&l, NULL);
    l.p.change = odd;
    c = run(NULL);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_LIMIT);
    CHECK(strstr(wsc_error_text(wsc_command_error(c)), "too long") != NULL);
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

static void compressed(void)
{
    wsc_op *op = NULL;
    const char *value = NULL;

    odd_action = "Identify";
    odd_body = NULL;
    odd_header = "Content-Encoding: gzip\r\n";
    life_open(&l, NULL);
    l.p.change = odd;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_PROTOCOL);
    CHECK(strstr(wsc_error_text(wsc_op_error(op)), "gzip") != NULL);
    CHECK_EQ(wsc_op_get_str(op, "product-vendor", &value), WSC_E_AGAIN); /* it failed */
    wsc_op_unref(op);
    life_close(&l);
}

static void headers_that_are_no_text(void)
{
    static const char *const list[] = {
        "Content-Encoding: \xe4zip\r\n",
        "Content-Encoding: 123456789012345678901234567890123456789\xc3\xa4\r\n",
    };
    const char *text;
    wsc_op *op = NULL;
    size_t i;

    odd_action = "Identify";
    odd_body = NULL;
    for (i = 0; i < sizeof list / sizeof *list; i++) {
        odd_header = list[i];
        life_open(&l, NULL);
        l.p.change = odd;
        CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
        CHECK_EQ(wsc_op_wait(op, -1), WSC_E_PROTOCOL);
        text = wsc_error_text(wsc_op_error(op));
        CHECK(strstr(text, "compressed") != NULL);
        CHECK_EQ(wsc__utf8_bad_at(text, strlen(text), false), strlen(text));
        wsc_op_unref(op);
        life_close(&l);
    }
}

static int leaks;

static void watch_log(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)level;
    (void)component;
    (void)len;
    (void)ud;
    leaks += strstr(msg, "correct horse") || strstr(msg, "bWU6Y29ycmVjdCBob3JzZQ==") ||
             strstr(msg, "me:PASSWORD");
}

/* A server that sends back what it was told. */
static void secrets_that_come_back(void)
{
    static const char *const list[] = { "username",          "me",   "password", "correct horse",
                                        "allow-unencrypted", "true", NULL };
    wsc_params *p = client_options(list);
    wsc_client *c = NULL;
    wsc_op *op = NULL;

    odd_action = "Identify";
    odd_body = NULL;
    odd_header = "X-Echo: Basic bWU6Y29ycmVjdCBob3JzZQ==\r\nX-Two: me/correct horse/\r\n"
                 "Location: http://me:PASSWORD@x/\r\n";
    leaks = 0;
    life_open(&l, NULL);
    l.p.change = odd;
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, watch_log, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_client_new(&c, l.ctx, "server", NULL, p), WSC_OK);
    CHECK_EQ(wsc_identify(&op, c, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(leaks, 0);
    wsc_op_unref(op);
    wsc_client_unref(c);
    wsc_params_unref(p);
    life_close(&l);
}

/* What a call returns is the code of the error that tells why. */
static void status_is_that_of_the_error(void)
{
    static const char *const wrong[][7] = {
        { "auth", "none", "username", "u", NULL },
        { "auth", "basic", "username", "u", NULL },
        { "auth", "basic", NULL },
        { "auth", "certificate", NULL },
        { "auth", "certificate", "username", "u", NULL },
    };
    wsc_client *c = NULL;
    wsc_params *p;
    size_t i;
    int rc;

    life_open(&l, NULL);
    for (i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        p = options(wrong[i]);
        rc = wsc_client_new(&c, l.ctx, "server", NULL, p);
        CHECK_EQ(rc, WSC_E_AUTH);
        CHECK_EQ(wsc_error_code(wsc_ctx_error(l.ctx)), rc);
        wsc_params_unref(p);
    }
    life_close(&l);
}

/* The wait of a write is woken in the very turn in which there is room again. */
static size_t output_that_wakes(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    (void)c;
    (void)stream;
    (void)data;
    (void)ud;
    CHECK_EQ(wsc_ctx_wakeup(l.ctx), WSC_OK);
    return len;
}

static void writable_that_wakes(wsc_command *c, void *ud)
{
    output_that_wakes(c, 0, NULL, 0, ud);
}

static void woken_write(void)
{
    static const char *const small[] = { "input-limit", "4096", NULL };
    static const struct peer_step steps[] = { { .out = "x" }, { .hold = 1 } };
    char full[4096] = { 0 };
    wsc_command *c;
    size_t n = 0;

    life_open(&l, NULL);
    STEPS(steps);
    c = run(small);
    CHECK_EQ(wsc_command_on_output(c, output_that_wakes, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_writable(c, writable_that_wakes, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_write(c, full, sizeof full, &n, 0), WSC_OK);
    while (wsc_command_write(c, "ef", 2, &n, 1000) == WSC_E_AGAIN)
        ;
    CHECK_EQ(n, 2);
    run_for(&l, 1000);
    CHECK_EQ(l.p.input.len, sizeof full + 2);
    wsc_command_cancel(c);
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

static const struct test tests[] = {
    { "woken_write", woken_write },
    { "redirect_of_the_first", redirect_of_the_first },
    { "redirects_of_all_forms", redirects_of_all_forms },
    { "late_redirect", late_redirect },
    { "cookie_of_the_first", cookie_of_the_first },
    { "receive_that_moves", receive_that_moves },
    { "redirect_is_shown_without_password", redirect_is_shown_without_password },
    { "redirect_to_no_url", redirect_to_no_url },
    { "redirect_to_no_text", redirect_to_no_text },
    { "zone_stays", zone_stays },
    { "one_send_at_a_time", one_send_at_a_time },
    { "cancel_of_one_who_pauses", cancel_of_one_who_pauses },
    { "free_function_sets_the_callback", free_function_sets_the_callback },
    { "callback_after_the_event", callback_after_the_event },
    { "state_callback_taken_back", state_callback_taken_back },
    { "close_of_a_lost_create", close_of_a_lost_create },
    { "ids_that_are_empty", ids_that_are_empty },
    { "ids_that_are_too_long", ids_that_are_too_long },
    { "compressed", compressed },
    { "headers_that_are_no_text", headers_that_are_no_text },
    { "secrets_that_come_back", secrets_that_come_back },
    { "status_is_that_of_the_error", status_is_that_of_the_error },
};

TEST_MAIN(tests)
