/* Every allocation fails in turn: whatever was asked ends once, with WSC_E_NOMEM or well, and all
 * memory comes back. */
#include "each.h"
#include "encoder.h"

#include <unistd.h>

/* --- scenarios -------------------------------------------------------------------------------- */

static const struct peer_step hello[] = {
    { .out = "hello ", .err = "oh" },
    { .fault = PEER_TIMEOUT },
    { .out = "world", .done = 1, .exit = 7 },
};

static const char *const rich[] = {
    "operation-timeout", "20s", "user-agent", "me", "locale", "de-DE", NULL
};

static bool run_callbacks(long k)
{
    static const char *const args[] = { "a b", "c" };
    static const char *const list[] = { "quoting",  "argv", "command-id", "auto",
                                        "shell-id", "auto", NULL };
    wsc_params *p;
    wsc_command *c = NULL;
    int rc;

    if (!begin(k))
        return finish();
    if (!client(rich))
        return finish();
    STEPS(hello);
    p = options(list);
    wsc_params_add(p, "env", "A", "b");
    wsc_params_add(p, "option", "O", "p");
    rc = wsc_client_run(&c, l.client, "prog", args, 2, p);
    wsc_params_unref(p);
    CHECK(fits(rc, WSC_OK));
    CHECK((rc == WSC_OK) == (c != NULL));
    if (rc != WSC_OK)
        CHECK_EQ(wsc_error_code(wsc_ctx_error(l.ctx)), rc);
    if (c) {
        on_all(c, &l.h);
        run_for(&l, 100000);
        CHECK_EQ(l.h.exits, 1);
        CHECK(fits(l.h.status, WSC_OK));
        CHECK_EQ(wsc_error_code(wsc_command_error(c)), l.h.status);
        CHECK(!l.h.late);
        if (l.h.status == WSC_OK)
            CHECK(l.h.out_len == 11 && !memcmp(l.h.out, "hello world", 11) && l.h.err_len == 2);
        else
            CHECK(l.h.out_len <= 11 && !memcmp(l.h.out, "hello world", l.h.out_len));
        wsc_command_unref(c);
        CHECK_EQ(l.h.frees, 2);
    }
    return finish();
}

static int take_all(wsc_command *c)
{
    char buf[4];
    size_t n = 1, total = 0;
    int rc = WSC_OK;

    while (rc == WSC_OK && n) {
        int stream = 0;

        rc = wsc_command_read(c, &stream, buf, sizeof buf, &n, 600000);
        total += rc == WSC_OK ? n : 0;
    }
    if (rc == WSC_OK)
        CHECK_EQ(total, 13);
    return rc;
}

static void use_shell(wsc_shell *s)
{
    wsc_command *c = NULL;
    wsc_op *op = NULL;
    size_t taken = 0;
    int rc = wsc_shell_run(&c, s, "prog", NULL, 0, NULL);

    CHECK(fits(rc, WSC_OK));
    CHECK((rc == WSC_OK) == (c != NULL));
    if (!c)
        return;
    CHECK_EQ(wsc_command_on_exit(c, heard_exit, &l.h, heard_free), WSC_OK);
    CHECK(fits(wsc_command_write(c, "input", 5, &taken, 600000), WSC_OK));
    wsc_command_write_eof(c);
    rc = wsc_command_signal(&op, c, "ctrl-c");
    CHECK(fits(rc, WSC_E_USAGE)); /* it is not running when it failed */
    CHECK((rc == WSC_OK) == (op != NULL));
    if (op) {
        CHECK_EQ(wsc_op_on_done(op, heard_done, &l.h, heard_free), WSC_OK);
        CHECK(fits(wsc_op_wait(op, 600000), WSC_OK));
        wsc_ctx_step(l.ctx);
        CHECK_EQ(l.h.dones, 1);
        wsc_op_unref(op);
        CHECK_EQ(l.h.frees, 1);
    }
    rc = take_all(c);
    CHECK(fits(rc, WSC_OK));
    wsc_ctx_step(l.ctx);
    wsc_ctx_step(l.ctx);
    CHECK_EQ(l.h.exits, 1);
    wsc_command_unref(c);
}

static bool shell_reads(long k)
{
    wsc_shell *s = NULL;
    wsc_op *op = NULL;
    int rc;

    if (!begin(k) || !client(NULL))
        return finish();
    STEPS(hello);
    rc = wsc_shell_open(&s, l.client, NULL);
    CHECK(fits(rc, WSC_OK));
    CHECK((rc == WSC_OK) == (s != NULL));
    if (!s)
        return finish();
    CHECK_EQ(wsc_shell_on_state(s, heard_state, &l.h2, heard_free), WSC_OK);
    rc = wsc_shell_wait(s, 600000);
    CHECK(fits(rc, WSC_OK));
    if (rc == WSC_OK)
        use_shell(s);
    rc = wsc_shell_close(&op, s);
    CHECK(fits(rc, WSC_OK));
    if (rc == WSC_OK) {
        CHECK(fits(wsc_op_wait(op, 600000), WSC_OK));
        wsc_op_unref(op);
        wsc_ctx_step(l.ctx);
        wsc_ctx_step(l.ctx);
        CHECK_EQ(l.h2.states[WSC_SHELL_CLOSED] + l.h2.states[WSC_SHELL_LOST], 1);
    }
    wsc_shell_unref(s);
    CHECK_EQ(l.h2.frees, 1);
    return finish();
}

static void one_op(int rc, wsc_op *op, int also)
{
    struct heard h;

    memset(&h, 0, sizeof h);
    CHECK(fits(rc, WSC_OK));
    CHECK((rc == WSC_OK) == (op != NULL));
    if (!op)
        return;
    CHECK_EQ(wsc_op_on_done(op, heard_done, &h, heard_free), WSC_OK);
    rc = wsc_op_wait(op, 600000);
    CHECK(fits(rc, also));
    wsc_ctx_step(l.ctx);
    CHECK_EQ(h.dones, 1);
    CHECK_EQ(h.done_status, rc);
    wsc_op_unref(op);
    CHECK_EQ(h.frees, 1);
}

static bool requests(long k)
{
    wsc_epr *epr = NULL;
    wsc_op *op = NULL;
    int rc;

    if (!begin(k) || !client(rich))
        return finish();
    rc = wsc_identify(&op, l.client, NULL);
    one_op(rc, op, WSC_OK);
    CHECK_EQ(wsc_epr_new(&epr, "http://r"), WSC_OK);
    CHECK_EQ(wsc_epr_add_selector(epr, "Name", "Value"), WSC_OK);
    op = NULL;
    rc = wsc_request(&op, l.client, "http://x/Get", epr, "<a xmlns=\"b\"/>", 14, NULL);
    one_op(rc, op, WSC_OK);
    wsc_epr_unref(epr);
    return finish();
}

static bool several_options(long k)
{
    const char *value = NULL, *layer = NULL;
    wsc_params *p = options(rich);
    wsc_identity *id = NULL;
    wsc_params *who;
    static const char *const names[] = { "username", "u",     "password", "secret",
                                         "auth",     "basic", NULL };
    int rc;

    if (!begin(k)) {
        wsc_params_unref(p);
        return finish();
    }
    wsc_params_add(p, "header", "X-A", "b");
    rc = wsc_ctx_set_params(l.ctx, p);
    CHECK(fits(rc, WSC_OK));
    who = options(names);
    rc = wsc_identity_new(&id, l.ctx, who);
    CHECK(fits(rc, WSC_OK));
    wsc_params_unref(who);
    if (id) {
        wsc_params_set_str(p, "allow-unencrypted", "true");
        wsc_params_set_str(p, "trusted-hosts", "*");
        rc = wsc_client_new(&l.client, l.ctx, "host:1", id, p);
        CHECK(fits(rc, WSC_OK));
        wsc_identity_unref(id);
    }
    if (l.client) {
        rc = wsc_client_option(l.client, NULL, "locale", &value, &layer);
        CHECK(fits(rc, WSC_OK));
        if (rc == WSC_OK)
            CHECK_STR(value, "de-DE");
        rc = wsc_client_option(l.client, NULL, "nonsense", &value, &layer);
        CHECK(rc == WSC_E_OPTION || rc == WSC_E_NOMEM);
    }
    wsc_params_unref(p);
    return finish();
}

static const char *error_kind;

static void make_error(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)q;
    if (strcmp(error_kind, "fault") == 0) {
        free(a->body);
        a->body = peer_fault(5);
        a->status = 500;
    } else if (strcmp(error_kind, "401") == 0) {
        a->status = 401;
        a->header = "WWW-Authenticate: Negotiate\r\nWWW-Authenticate: Kerberos\r\n";
    } else if (strcmp(error_kind, "html") == 0) {
        a->type = "text/html";
        a->status = 502;
    } else if (strcmp(error_kind, "redirect") == 0) {
        a->status = 302;
        a->header = "Location: http://elsewhere/wsman\r\n";
    } else if (strcmp(error_kind, "relates") == 0) {
        a->relates = "uuid:1";
    } else if (strcmp(error_kind, "lost") == 0) {
        a->cut_at_all = true;
        a->cut = 300;
        a->how = DRV_EOF;
    }
}

static bool errors(long k, int also)
{
    wsc_op *op = NULL;
    int rc;

    if (!begin(k) || !client(NULL))
        return finish();
    l.p.change = make_error;
    rc = wsc_identify(&op, l.client, NULL);
    one_op(rc, op, also);
    op = NULL;
    rc = wsc_request(&op, l.client, "http://x/Get", NULL, NULL, 0, NULL);
    one_op(rc, op, also);
    return finish();
}

static bool e_fault(long k)
{
    error_kind = "fault";
    return errors(k, WSC_E_ACCESS_DENIED);
}

static bool e_401(long k)
{
    error_kind = "401";
    return errors(k, WSC_E_AUTH);
}

static bool e_html(long k)
{
    error_kind = "html";
    return errors(k, WSC_E_HTTP);
}

static bool e_redirect(long k)
{
    error_kind = "redirect";
    return errors(k, WSC_E_REDIRECT);
}

static bool e_lost(long k)
{
    error_kind = "lost";
    return errors(k, WSC_E_CONNECTION_LOST);
}

/* Credentials, and a Receive that breaks off and is repeated. */
static bool repeated(long k)
{
    static const struct peer_step steps[] = {
        { .out = "abcdefgh", .cut = 900, .how = DRV_RESET },
        { .out = "abcdefgh", .done = 1, .exit = 0 },
    };
    static const char *const list[] = { "username",          "u", "password", "secret",
                                        "allow-unencrypted", "1", NULL };
    wsc_command *c = NULL;
    int rc;

    if (!begin(k) || !client(list))
        return finish();
    STEPS(steps);
    rc = wsc_client_run(&c, l.client, "prog", NULL, 0, NULL);
    CHECK(fits(rc, WSC_OK));
    if (c) {
        on_all(c, &l.h);
        run_for(&l, 100000);
        CHECK_EQ(l.h.exits, 1);
        CHECK(fits(l.h.status, WSC_OK));
        CHECK(!memcmp(l.h.out, "abcdefgh", l.h.out_len < 8 ? l.h.out_len : 8) && l.h.out_len <= 8);
        wsc_command_unref(c);
    }
    return finish();
}

/* The handle is given back in the middle: nobody is told, everything is freed. */
static bool let_go(long k)
{
    static const struct peer_step steps[] = { { .hold = 1 } };
    wsc_command *c = NULL;
    wsc_shell *s = NULL;

    if (!begin(k) || !client(NULL))
        return finish();
    STEPS(steps);
    wsc_shell_open(&s, l.client, NULL);
    if (s) {
        wsc_shell_run(&c, s, "prog", NULL, 0, NULL);
        if (c)
            on_all(c, &l.h);
        run_for(&l, 100);
        wsc_command_unref(c);
        wsc_shell_unref(s);
    }
    return finish();
}

/* An encoder of the program's. */
static bool own_encoder(long k)
{
    static const wsc_encoder e = { sizeof e, encode_more };
    wsc_op *op = NULL;
    int rc;

    if (!begin(k) || !client(NULL))
        return finish();
    rc = wsc_client_set_encoder(l.client, &e, NULL, NULL);
    CHECK(fits(rc, WSC_OK));
    rc = wsc_identify(&op, l.client, NULL);
    one_op(rc, op, WSC_OK);
    op = NULL;
    rc = wsc_request(&op, l.client, "http://x/Get", NULL, NULL, 0, NULL);
    one_op(rc, op, WSC_OK);
    return finish();
}

/* The callback-free path, and the end with work under way. */
static bool queue_and_end(long k)
{
    static const char *const list[] = { "want-events", "true", NULL };
    static const struct peer_step steps[] = { { .out = "x" }, { .hold = 1 } };
    wsc_params *p;
    wsc_command *c = NULL;
    const wsc_event *e;
    int exits = 0, rc;

    if (!begin(k) || !client(NULL))
        return finish();
    STEPS(steps);
    p = options(list);
    rc = wsc_client_run(&c, l.client, "prog", NULL, 0, p);
    wsc_params_unref(p);
    run_for(&l, 1000);
    rc = wsc_ctx_close(l.ctx, -1);
    CHECK(fits(rc, WSC_OK));
    while ((e = wsc_ctx_next_event(l.ctx)))
        exits += wsc_event_kind(e) == WSC_EVENT_EXIT && wsc_event_command(e) == c;
    CHECK_EQ(exits, c ? 1 : 0);
    wsc_command_unref(c);
    return finish();
}

/* A client certificate and its key, encrypted, for nobody and nothing (openssl req -x509). */
static const char own_pem[] = "-----BEGIN CERTIFICATE-----\n"
                              "MIIBTDCB8qADAgECAhR8L54qEw3DmC7vlImTy9DzGWd3PjAKBggqhkjOPQQDAjAT\n"
                              "MREwDwYDVQQDDAhzb21lYm9keTAgFw0yNjExMjExODM0MjBaGA8yMTI2MTAyODE4\n"
                              "MzQyMFowEzERMA8GA1UEAwwIc29tZWJvZHkwWTATBgcqhkjOPQIBBggqhkjOPQMB\n"
                              "BwNCAARC1Q9OnJW+qpwz/EhBe4n+MxlDG4ph0oeVjDQWl+bHgRhK/Dr9xjrLvzC4\n"
                              "ZySztAKT3t95dqWnm3VY50YnLjiFoyIwIDATBgNVHSUEDDAKBggrBgEFBQcDAjAJ\n"
                              "BgNVHRMEAjAAMAoGCCqGSM49BAMCA0kAMEYCIQCLhPdaxyaiL7iPrIXjVJ2u4SXA\n"
                              "DRCm5Dd14F05AmZwDwIhAI8LXZEWD6Fg6ztaSG+LTgQZqA5oAo2TcaAxuFVJiKgF\n"
                              "-----END CERTIFICATE-----\n"
                              "-----BEGIN EC PRIVATE KEY-----\n"
                              "Proc-Type: 4,ENCRYPTED\n"
                              "DEK-Info: AES-128-CBC,06DDEFDCF09E5287038016D84B36A1E2\n"
                              "\n"
                              "hIVOaf5/XyVSfoqSyOTHd2RM0UT6IFpjvprwS2IJkaoylRuiwCYxH+hhROa0rVlx\n"
                              "G7VQCtHvG/57xNIumelQpw4mqAocraze/GvHQF9qKq3ZVNpCl7NYESWiCXQounnA\n"
                              "hlGFMqDPrEQ1XhiltlhgfIH/ariw4t2Z+lSUAGfp7ss=\n"
                              "-----END EC PRIVATE KEY-----\n";

/* Everything that the settings of TLS hold, up to the client; no connection. */
static bool tls_settings(long k)
{
    static char path[64], secret[64];
    const char *list[] = { "tls",
                           "true",
                           "tls-cert-file",
                           path,
                           "tls-key-file",
                           path,
                           "tls-key-password-file",
                           secret,
                           "tls-min-version",
                           "1.3",
                           "tls-keylog-file",
                           "/dev/null",
                           "tls-pin",
                           "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                           NULL };
    FILE *f;

    if (!k) {
        snprintf(path, sizeof path, "/tmp/wsc-alloc-%ld.pem", (long)getpid());
        snprintf(secret, sizeof secret, "/tmp/wsc-alloc-%ld.txt", (long)getpid());
        CHECK((f = fopen(path, "w")) && fputs(own_pem, f) >= 0 && !fclose(f));
        CHECK((f = fopen(secret, "w")) && fputs("geheim\n", f) >= 0 && !fclose(f));
    }
    if (begin(k) && client(list)) {
        unlink(path); /* the last turn */
        unlink(secret);
    }
    return finish();
}

EACH(run_callbacks)
EACH(shell_reads)
EACH(requests)
EACH(several_options)
EACH(e_fault)
EACH(e_401)
EACH(e_html)
EACH(e_redirect)
EACH(e_lost)
EACH(repeated)
EACH(let_go)
EACH(own_encoder)
EACH(queue_and_end)
EACH(tls_settings)

static const struct test tests[] = {
    { "run_callbacks", test_run_callbacks },
    { "shell_reads", test_shell_reads },
    { "requests", test_requests },
    { "several_options", test_several_options },
    { "e_fault", test_e_fault },
    { "e_401", test_e_401 },
    { "e_html", test_e_html },
    { "e_redirect", test_e_redirect },
    { "e_lost", test_e_lost },
    { "repeated", test_repeated },
    { "let_go", test_let_go },
    { "own_encoder", test_own_encoder },
    { "queue_and_end", test_queue_and_end },
    { "tls_settings", test_tls_settings },
};

TEST_MAIN(tests)
