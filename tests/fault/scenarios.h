/* Everything that a client can do, each as one scenario that lives through anything: a handle ends
 * once, with what the test allows, and is given back. */
#ifndef WSC_TEST_SCENARIOS_H
#define WSC_TEST_SCENARIOS_H

#include "../proto/script_tls.h"
#include "encoder.h"
#include "run.h"

#include <unistd.h>

struct feature {
    const char *name;
    const char *const *options; /* of the client */
    void (*go)(void);
    bool tls;
    int step; /* cuts are so many bytes apart, where not all are tried */
};

/* --- what the test allows --------------------------------------------------------------------- */

static bool out_of_memory, cut; /* what may happen */
static int also;                /* and this, as the end of a request */
static int troubles;            /* how often something did not end well */
/* a program's own transport, or NULL */
static int (*prepare_client)(wsc_client *c);

static inline bool may(int status)
{
    if (status == WSC_OK || (also && status == also))
        return true;
    if (out_of_memory && (status == WSC_E_NOMEM || status == WSC_E_DESCRIPTORS))
        return true;
    return cut && (status == WSC_E_CONNECTION_LOST || status == WSC_E_CONNECT);
}

#define MAY(status) check_may((status), #status, __LINE__)

static inline bool check_may(int status, const char *text, int line)
{
    troubles += status != WSC_OK;
    if (!may(status))
        printf("# %s is %d (%s)\n", text, status, wsc_code_name(status));
    return test_check(may(status), __FILE__, line, text);
}

/* --- the world -------------------------------------------------------------------------------- */

static inline wsc_client *feature_client(const struct feature *f, const char *host)
{
    wsc_params *p = client_options(f->options);
    wsc_client *c = NULL;
    int rc;

    if (f->tls) {
        CHECK_EQ(wsc_params_set_str(p, "tls-ca-file", script_tls_ca()), WSC_OK);
        host = "https://server";
    }
    rc = wsc_client_new(&c, l.ctx, host, NULL, p);
    wsc_params_unref(p);
    CHECK(rc == WSC_OK || (out_of_memory && rc == WSC_E_NOMEM));
    CHECK((rc == WSC_OK) == (c != NULL));
    if (c && prepare_client) {
        rc = prepare_client(c);
        CHECK(rc == WSC_OK || (out_of_memory && rc == WSC_E_NOMEM));
        if (rc == WSC_OK)
            return c;
        wsc_client_unref(c);
        return NULL;
    }
    return c;
}

/* The world's allocation mem_fail fails; false: the context could not be made. */
static inline bool feature_begin(const struct feature *f, long mem_fail)
{
    int rc;

    memset(&l.h, 0, sizeof l.h);
    memset(&l.h2, 0, sizeof l.h2);
    l.ctx = NULL;
    l.client = NULL;
    peer_init(&l.p, mem_fail);
    if (f->tls)
        script_tls_use(&l.p.d, !strcmp(f->name, "certificate"));
    rc = wsc_ctx_new_with_alloc(&l.ctx, test_mem_fn, &l.p.d.mem);
    CHECK(rc == WSC_OK || (out_of_memory && rc == WSC_E_NOMEM));
    return rc == WSC_OK;
}

/* Nothing is pending, nothing is left. */
static inline void feature_end(void)
{
    if (l.ctx) {
        UNTIL(!wsc_ctx_pending(l.ctx));
        while (wsc_ctx_next_event(l.ctx))
            ;
    }
    wsc_client_unref(l.client);
    wsc_ctx_unref(l.ctx);
    CHECK(peer_free(&l.p));
}

/* A whole life; false: what was to fail did not come. */
static inline void feature_life(const struct feature *f, long mem_fail)
{
    also = WSC_OK;
    if (feature_begin(f, mem_fail)) {
        l.client = feature_client(f, "server");
        if (l.client)
            f->go();
    }
    feature_end();
}

/* --- scenarios -------------------------------------------------------------------------------- */

static inline void go_run(void)
{
    static const struct {
        const char *action;
        unsigned most;
    } asked[] = { { "Identify", 1 }, { "Ask", 1 },    { "Create", 1 }, { "Command", 1 },
                  { "Send", 3 },     { "Signal", 2 }, { "Delete", 1 } };
    static struct run r;
    size_t i;

    run_all(&r);
    for (i = 0; i < R_OPS; i++) {
        CHECK(may(r.op[i].rc) || (i == R_SIGNAL && r.op[i].rc == WSC_E_USAGE));
        MAY(r.op[i].status);
    }
    MAY(r.shell_rc);
    MAY(r.command_rc);
    MAY(r.status);
    CHECK(r.out_len <= 11 && !memcmp(r.out, "hello world", r.out_len));
    if (r.command && r.status == WSC_OK)
        CHECK(r.out_len == 11 && r.err_len == 2);
    for (i = 0; i < sizeof asked / sizeof *asked; i++)
        CHECK(peer_asked(&l.p, asked[i].action) <= asked[i].most);
    run_drop(&r);
}

/* How one request ended; the handle is given back. */
static inline int op_over(int rc, wsc_op *op)
{
    static struct run_op o;
    int status;

    memset(&o, 0, sizeof o);
    run_op_made(&o, rc, op);
    MAY(rc);
    UNTIL(o.dones == !rc);
    status = rc == WSC_OK ? o.status : rc;
    MAY(status);
    wsc_op_unref(op);
    CHECK_EQ(o.frees, rc == WSC_OK);
    return status;
}

static inline int identify_over(wsc_client *c)
{
    wsc_op *op = NULL;
    int rc = wsc_identify(&op, c, NULL);

    return op_over(rc, op);
}

struct told {
    wsc_command *c;
    int exits, status, frees;
    size_t bytes;
};

static inline size_t told_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    struct told *t = ud;

    (void)c;
    (void)stream;
    (void)data;
    CHECK(!t->exits);
    t->bytes += len;
    return len;
}

static inline void told_exit(wsc_command *c, int status, void *ud)
{
    struct told *t = ud;

    CHECK_EQ(wsc_error_code(wsc_command_error(c)), status);
    t->exits++;
    t->status = status;
}

static inline void told_free(void *ud)
{
    ((struct told *)ud)->frees++;
}

static inline void listen_to(struct told *t, int rc, wsc_command *c)
{
    memset(t, 0, sizeof *t);
    MAY(rc);
    CHECK((rc == WSC_OK) == (c != NULL));
    t->c = c;
    if (!c)
        return;
    CHECK_EQ(wsc_command_on_output(c, told_output, t, told_free), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, told_exit, t, told_free), WSC_OK);
}

static const struct peer_step three_words[] = {
    { .out = "a" },
    { .fault = PEER_TIMEOUT },
    { .out = "bc", .done = 1, .exit = 0 },
};

/* It ends, and is given back. */
static inline void command_over(struct told *t)
{
    if (!t->c)
        return;
    UNTIL(t->exits);
    MAY(t->status);
    CHECK(t->status == WSC_OK ? t->bytes == 3 : t->bytes <= 3);
    wsc_command_unref(t->c);
    CHECK_EQ(t->exits, 1);
    CHECK_EQ(t->frees, 2);
}

static inline void private_command(wsc_client *client)
{
    wsc_command *c = NULL;
    struct told t;
    int rc = wsc_client_run(&c, client, "prog", NULL, 0, NULL);

    listen_to(&t, rc, c);
    command_over(&t);
}

#define THREE 3

/* Commands side by side in one shell, all with input. */
static inline void go_commands(void)
{
    static struct told t[THREE];
    wsc_shell *s = NULL;
    wsc_op *op = NULL;
    int i, rc = wsc_shell_open(&s, l.client, NULL);

    STEPS(three_words);
    l.p.replays = true;
    MAY(rc);
    for (i = 0; s && i < THREE; i++) {
        wsc_command *c = NULL;
        size_t n;

        rc = wsc_shell_run(&c, s, "prog", NULL, 0, NULL);
        listen_to(&t[i], rc, c);
        if (c)
            MAY(wsc_command_write(c, "input", 5, &n, 0));
    }
    for (i = 0; s && i < THREE; i++)
        command_over(&t[i]);
    if (!s)
        return;
    rc = wsc_shell_close(&op, s);
    op_over(rc, op);
    wsc_shell_unref(s);
    CHECK(peer_asked(&l.p, "Create") <= 1 && peer_asked(&l.p, "Command") <= THREE);
    CHECK(peer_asked(&l.p, "Send") <= THREE && peer_asked(&l.p, "Delete") <= 1);
}

/* Everything that comes to the first host is sent on. */
static inline void send_on(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (!strstr(q->r->head, "Host: server"))
        return;
    p->nseen -= *q->id != 0;
    p->shells -= !strcmp(q->action, "Create");
    a->status = 307;
    a->type = "text/plain";
    a->header = "Location: http://other:5985/moved\r\n";
}

static inline void go_redirect(void)
{
    STEPS(three_words);
    l.p.replays = true;
    l.p.change = send_on;
    private_command(l.client);
    identify_over(l.client);
}

static int logins, refusals; /* requests with credentials; of these, refused */
static bool refuse_all;

static inline void at_the_door(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    CHECK(strstr(q->r->head, "Authorization: Basic dTpzZWNyZXQ=\r\n") != NULL);
    logins++;
    if (!refuse_all)
        return;
    refusals++;
    a->status = 401;
    a->type = "text/plain";
    a->header = "WWW-Authenticate: Basic realm=\"x\"\r\n";
}

#define LOGINS 4

/* Several at once behind the first login. */
static inline void log_in(bool refused)
{
    static struct run_op o[LOGINS];
    int i;

    memset(o, 0, sizeof o);
    refuse_all = refused;
    also = refused ? WSC_E_AUTH : WSC_OK;
    logins = refusals = 0;
    STEPS(three_words);
    l.p.replays = true;
    l.p.change = at_the_door;
    for (i = 0; i < LOGINS; i++) {
        wsc_op *op = NULL;
        int rc = wsc_identify(&op, l.client, NULL);

        run_op_made(&o[i], rc, op);
        MAY(rc);
    }
    for (i = 0; i < LOGINS; i++) {
        UNTIL(o[i].dones == !o[i].rc);
        MAY(o[i].status);
        CHECK_EQ(o[i].dones, o[i].op != NULL);
        wsc_op_unref(o[i].op);
    }
    private_command(l.client);
    if (refused && !cut && !out_of_memory)
        CHECK_EQ(refusals, 1);
}

static inline void go_login(void)
{
    log_in(false);
}

/* A password that was refused is not offered again: two wrong ones may lock the account. An answer
 * that did not come is no refusal. */
static inline void go_refused(void)
{
    log_in(true);
    CHECK(refusals <= 1 + (cut || out_of_memory));
}

static int encoders;

static inline void encoder_free(void *ud)
{
    (void)ud;
    encoders--;
}

static inline void go_encoder(void)
{
    static const wsc_encoder e = { sizeof e, encode_more };
    int rc;

    encoders = 1;
    rc = wsc_client_set_encoder(l.client, &e, NULL, encoder_free);
    MAY(rc);
    STEPS(three_words);
    l.p.replays = true;
    private_command(l.client);
    identify_over(l.client);
    UNTIL(!wsc_ctx_pending(l.ctx));
    wsc_client_unref(l.client);
    l.client = NULL;
    CHECK_EQ(encoders, rc == WSC_OK ? 0 : 1);
}

/* Without callbacks: events are pulled, output is read, numbers are asked for. */
static inline void go_events(void)
{
    static const char *const list[] = { "want-events", "true", NULL };
    wsc_params *p = options(list);
    wsc_command *c = NULL;
    int turns, exits = 0, rc = wsc_client_run(&c, l.client, "prog", NULL, 0, p);
    size_t n, total = 0;
    char buf[2];

    MAY(rc);
    STEPS(three_words);
    l.p.replays = true;
    wsc_params_unref(p);
    for (turns = 0; c && !exits && turns < RUN_TURNS; turns++) {
        const wsc_event *e;

        run_turn();
        while ((e = wsc_ctx_next_event(l.ctx))) {
            exits += wsc_event_kind(e) == WSC_EVENT_EXIT;
            CHECK(wsc_event_command(e) == c);
        }
        while (wsc_command_read(c, NULL, buf, sizeof buf, &n, 0) == WSC_OK && n)
            total += n;
    }
    CHECK_EQ(exits, c != NULL);
    if (c) {
        MAY(wsc_error_code(wsc_command_error(c)));
        CHECK(total <= 3 && (wsc_command_error(c) || total == 3));
    }
    wsc_command_unref(c);
    CHECK(stat_of(l.client, "requests") >= (int64_t)l.p.requests);
}

/* Verbs with values, one after the other. */
static inline void go_verbs(void)
{
    static const char *const part[] = { "fragment", "A", NULL };
    wsc_params *p = options(part);
    wsc_value *v = NULL;
    wsc_epr *e = NULL;
    wsc_op *op = NULL;
    int rc;

    CHECK_EQ(wsc_value_new(&v, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_value_add_text(v, "{A=7}", NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_epr_parse(&e, "winrm/config?Name=x", NULL, NULL), WSC_OK);
    rc = wsc_get(&op, l.client, e, p);
    op_over(rc, op);
    op = NULL;
    rc = wsc_update(&op, l.client, e, v, NULL);
    op_over(rc, op);
    op = NULL;
    rc = wsc_invoke(&op, l.client, e, "Restore", v, NULL);
    op_over(rc, op);
    op = NULL;
    also = WSC_E_PROTOCOL; /* the peer names no limit */
    rc = wsc_client_learn_limits(&op, l.client, NULL);
    op_over(rc, op);
    wsc_params_unref(p);
    wsc_value_unref(v);
    wsc_epr_unref(e);
    CHECK(peer_asked(&l.p, "Put") <= 1 && peer_asked(&l.p, "Restore") <= 1);
    CHECK(peer_asked(&l.p, "Get") <= 3);
}

struct items_seen {
    unsigned items, ends, frees, stop_at;
    int status;
};

static inline int seen_item(wsc_items *it, const wsc_value *v, int status, void *ud)
{
    struct items_seen *s = ud;

    CHECK(!s->ends);
    if (!v) {
        CHECK_EQ(wsc_error_code(wsc_items_error(it)), status);
        s->ends++;
        s->status = status;
        return WSC_OK;
    }
    if (++s->items == s->stop_at)
        CHECK_EQ(wsc_items_cancel(it), WSC_OK);
    return WSC_OK;
}

static inline void seen_free(void *ud)
{
    ((struct items_seen *)ud)->frees++;
}

/* One that is read to its end, one that is given up. */
static inline void go_enumerate(void)
{
    static struct items_seen s;
    wsc_epr *e = NULL;
    int i, rc;

    CHECK_EQ(wsc_epr_parse(&e, "wmicimv2/Test_Item", NULL, NULL), WSC_OK);
    for (i = 0; i < 2; i++) {
        wsc_items *it = NULL;

        memset(&s, 0, sizeof s);
        s.stop_at = i ? 3 : 0;
        also = i ? WSC_E_CANCELED : WSC_OK;
        l.p.items = 7;
        l.p.batch = 2;
        rc = wsc_enumerate(&it, l.client, e, NULL);
        MAY(rc);
        CHECK((rc == WSC_OK) == (it != NULL));
        if (!it)
            continue;
        CHECK_EQ(wsc_items_on_item(it, seen_item, &s, seen_free), WSC_OK);
        UNTIL(s.ends);
        MAY(s.status);
        CHECK(i ? s.items <= 3 : s.status == WSC_OK ? s.items == 7 : s.items <= 7);
        wsc_items_unref(it);
        CHECK_EQ(s.frees, 1);
        UNTIL(!wsc_ctx_pending(l.ctx));
        CHECK(peer_asked(&l.p, "Enumerate") <= (unsigned)i + 1);
        CHECK(peer_asked(&l.p, "Release") <= (unsigned)i + 1);
        l.p.enumerating = false;
    }
    also = WSC_E_CANCELED;
    wsc_epr_unref(e);
    if (cut || out_of_memory) /* the context that is released may not be the one that the lost
                                 answer told */
        *l.p.wrong = '\0';
}

/* A subscription that is read for a while, renewed and given up. */
static inline void go_subscribe(void)
{
    static const char *const list[] = { "bookmark", "<m>1</m>", "heartbeats", "60s", NULL };
    static struct items_seen s;
    wsc_params *p = options(list);
    wsc_items *it = NULL;
    wsc_epr *e = NULL;
    wsc_op *op = NULL;
    int rc;

    CHECK_EQ(wsc_epr_parse(&e, "wsman/windows/EventLog", NULL, NULL), WSC_OK);
    memset(&s, 0, sizeof s);
    s.stop_at = 5;
    l.p.items = 1000;
    l.p.batch = 2;
    also = WSC_E_CANCELED;
    rc = wsc_subscribe(&it, l.client, e, p);
    MAY(rc);
    if (it) {
        CHECK_EQ(wsc_items_on_item(it, seen_item, &s, seen_free), WSC_OK);
        UNTIL(s.ends || s.items > 1);
        rc = wsc_items_renew(&op, it, p);
        CHECK(rc == WSC_E_USAGE || may(rc));
        UNTIL(s.ends);
        MAY(s.status);
        wsc_op_unref(op);
        wsc_items_unref(it);
        CHECK_EQ(s.frees, 1);
        UNTIL(!wsc_ctx_pending(l.ctx));
    }
    CHECK(peer_asked(&l.p, "Subscribe") <= 1 && peer_asked(&l.p, "Unsubscribe") <= 1);
    wsc_params_unref(p);
    wsc_epr_unref(e);
    if (cut || out_of_memory)
        *l.p.wrong = '\0';
}

#define HOSTS 5

/* --- a shell that is left --------------------------------------------------------------------- */

/* Where Disconnect was not answered the peer may take the shell for disconnected, or lost output.
 */
static inline bool may_leave(int status)
{
    return may(status) || status == WSC_E_FAULT || status == WSC_E_OUTPUT_LOST;
}

static inline bool move_over(int rc, wsc_op *op)
{
    static struct run_op o;

    memset(&o, 0, sizeof o);
    run_op_made(&o, rc, op);
    MAY(rc);
    UNTIL(o.dones == !rc);
    troubles += o.status != WSC_OK;
    CHECK(may_leave(o.status));
    wsc_op_unref(op);
    return rc == WSC_OK && o.status == WSC_OK;
}

static inline bool there_and_back(wsc_shell *s, struct told *canceled)
{
    wsc_op *op = NULL;
    int rc = wsc_shell_disconnect(&op, s, NULL);
    bool good = move_over(rc, op);

    if (canceled->c)
        wsc_command_cancel(canceled->c);
    if (!good)
        return false;
    op = NULL;
    rc = wsc_shell_reconnect(&op, s, NULL);
    return move_over(rc, op);
}

static inline unsigned lives(const struct told *t)
{
    return t->c && !t->exits;
}

static inline bool leave_with(wsc_shell *s, struct told *t)
{
    wsc_command *c;
    size_t n;
    int i, rc;

    for (i = 0; i < 2; i++) {
        c = NULL;
        rc = wsc_shell_run(&c, s, "prog", NULL, 0, NULL);
        listen_to(&t[i], rc, c);
        if (c)
            MAY(wsc_command_write(c, "in", 2, &n, 0));
    }
    UNTIL(l.p.held_count >= lives(&t[0]) + lives(&t[1]));
    return there_and_back(s, &t[1]);
}

/* One command goes on after the return, the other one is canceled in between. */
static inline void go_leave(void)
{
    static const char *const lasting[] = { "resource-uri", "http://x/lasting", NULL };
    static const struct peer_step steps[] = { { .out = "a" },
                                              { .hold = 1 },
                                              { .out = "bc", .done = 1 } };
    static struct told t[2];
    wsc_params *p = options(lasting);
    wsc_shell *s = NULL;
    int i, rc = wsc_shell_open(&s, l.client, p);

    wsc_params_unref(p);
    memset(t, 0, sizeof t);
    STEPS(steps);
    l.p.replays = l.p.unheard = true;
    MAY(rc);
    if (s && !leave_with(s, t))
        wsc_shell_close(NULL, s);
    for (i = 0; i < 2; i++) {
        if (!t[i].c)
            continue;
        UNTIL(t[i].exits);
        troubles += t[i].status != WSC_OK;
        CHECK(may_leave(t[i].status) || t[i].status == WSC_E_CANCELED);
        CHECK(t[i].status == WSC_OK ? t[i].bytes == 3 : t[i].bytes <= 3);
        wsc_command_unref(t[i].c);
        CHECK_EQ(t[i].frees, 2);
    }
    CHECK(out_of_memory || cut || t[0].status == WSC_OK);
    wsc_shell_unref(s);
}

static const struct feature many_hosts;

/* More hosts than connections: they take turns. */
static inline void go_hosts(void)
{
    static const char *const two[] = { "connections-limit", "2", NULL };
    static struct told t[HOSTS];
    wsc_client *c[HOSTS] = { NULL };
    wsc_params *p = options(two);
    int i, rc = wsc_ctx_set_params(l.ctx, p);

    wsc_params_unref(p);
    MAY(rc);
    STEPS(three_words);
    l.p.replays = true;
    for (i = 0; i < HOSTS; i++) {
        char name[8];
        wsc_command *command = NULL;

        snprintf(name, sizeof name, "h%d", i);
        memset(&t[i], 0, sizeof t[i]);
        c[i] = feature_client(&many_hosts, name);
        if (!c[i])
            continue;
        rc = wsc_client_run(&command, c[i], "prog", NULL, 0, NULL);
        listen_to(&t[i], rc, command);
    }
    rc = WSC_OK;
    for (i = 0; i < HOSTS; i++) {
        command_over(&t[i]);
        rc += t[i].status != WSC_OK || !t[i].c;
        wsc_client_unref(c[i]);
    }
    CHECK(!cut || rc <= 1); /* what befalls one host is nothing to the others */
}

static inline void go_identify(void)
{
    if (identify_over(l.client) == WSC_OK)
        identify_over(l.client);
}

/* --- the list --------------------------------------------------------------------------------- */

static const char *const follow_one[] = { "follow-redirects", "1", NULL };
static const char *const basic[] = {
    "username", "u", "password", "secret", "allow-unencrypted", "1", "cancel-timeout", "80", NULL
};
static const char *const quick[] = { "cancel-timeout", "80", NULL };

static const struct feature many_hosts = { "hosts", quick, go_hosts, false, 1 };

#endif
