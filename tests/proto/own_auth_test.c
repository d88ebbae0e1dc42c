/* Schemes of a program's own that are bound to the connection: legs, refusals, seals, and what
 * their functions may do. */
#include "own_auth.h"

/* --- bound to the connection ------------------------------------------------------------------ */

static void a_command(void)
{
    CHECK(begin(-1));
    wsc_identity_unref(identity); /* the clients have it */
    identity = NULL;
    CHECK_EQ(run_hello(l.client), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
    CHECK_EQ(login_far.legs, 2 * stat_of(l.client, "connections"));
    CHECK_EQ(login_far.sealed, 8);
    CHECK_EQ(login_far.clear, 0);
    CHECK_STR(w.seen, "server 5985 0 HTTP/server u p");
    CHECK_EQ(w.frees, 0);
    end();
}

static void in_pieces(void)
{
    for (size_t n = 1; n < 40; n += 3) {
        CHECK(begin(-1));
        l.p.d.chunk = n % 2 ? n : 0;
        l.p.d.split = n;
        CHECK_EQ(run_hello(l.client), WSC_OK);
        end();
    }
}

/* However it is said: once for all connections and hosts, for the account may get locked. */
static void refused(void)
{
    static const char *const ways[] = { NULL, "WWW-Authenticate: Basic realm=\"x\"", "X-Nothing: x",
                                        "WWW-Authenticate: Fake no" };

    for (size_t i = 0; i < 8; i++) {
        CHECK(begin(-1));
        login_far.refuse_at = 1 + (int)(i % 2); /* the first token may be a proof already */
        login_far.refuse_with = ways[i / 2];
        CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
        CHECK_STR(detail("scheme"), "Fake");
        CHECK_STR(detail("identity"), "u");
        CHECK_STR(detail("spn"), "HTTP/server");
        CHECK(!strstr(detail("remedy"), "winrm"));
        if (i / 2 == 0)
            CHECK_STR(text_of_error(), "the server refused the login by Fake");
        if (i / 2 == 3)
            CHECK_STR(text_of_error(), "the fake says no");
        CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
        CHECK_EQ(run_hello(other), WSC_E_AUTH);
        CHECK_EQ(login_far.legs, 1 + (int)(i % 2));
        end();
    }
}

/* What is made anew each time may be right the next time. */
static void refused_once(void)
{
    more_flags = WSC_AUTH_RENEWS;
    CHECK(begin(-1));
    login_far.refuse_at = 2;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_EQ(run_hello(l.client), WSC_OK);
    CHECK_EQ(run_hello(other), WSC_OK);
    end();
    more_flags = 0;
}

static void failures(void)
{
    static const struct {
        int *where, at, status, is;
        const char *text;
    } cases[] = {
        { &w.fail_begin, 0, WSC_E_IO, WSC_E_IO, "the fake says no" },
        { &w.fail_begin, 0, WSC_E_NOMEM, WSC_E_NOMEM, NULL },
        { &w.fail_step, 1, WSC_E_AUTH, WSC_E_AUTH, "the fake says no" },
        { &w.fail_step, 2, WSC_E_PROTOCOL, WSC_E_PROTOCOL, "the fake says no" },
        { &w.fail_step, 2, WSC_E_AUTH, WSC_E_AUTH, "the fake says no" },
        { &w.fail_step, 3, WSC_E_UNSUPPORTED, WSC_E_UNSUPPORTED, "the fake says no" },
        { &w.fail_step, 1, WSC_E_AGAIN, WSC_E_USAGE, NULL },
        { &w.fail_step, 1, 7, WSC_E_USAGE, NULL },
        { &w.fail_accepted, 0, WSC_E_AUTH, WSC_E_AUTH, "the fake says no" },
        { &w.fail_wrap, 0, WSC_E_IO, WSC_E_IO, "the fake says no" },
        { &w.fail_unwrap, 0, WSC_E_AUTH, WSC_E_AUTH, "the fake says no" },
    };

    for (size_t i = 0; i < 2 * sizeof cases / sizeof *cases; i++) {
        CHECK(begin(-1));
        w.mute = i % 2;
        w.at_step = cases[i / 2].at;
        *cases[i / 2].where = cases[i / 2].status;
        CHECK_EQ(run_hello(l.client), cases[i / 2].is);
        if (cases[i / 2].is != WSC_E_NOMEM)
            CHECK_STR(detail("scheme"), "Fake");
        if (cases[i / 2].text && !w.mute) {
            CHECK_STR(text_of_error(), cases[i / 2].text);
            CHECK_STR(detail("remedy"), "Ask it nicely.");
        } else if (cases[i / 2].is != WSC_E_NOMEM) {
            CHECK(strstr(text_of_error(), "the scheme Fake has failed in ") != NULL);
        }
        *cases[i / 2].where = 0; /* nobody has refused a password, or it is not tried again */
        CHECK_EQ(run_hello(l.client),
                 cases[i / 2].at == 2 && cases[i / 2].is == WSC_E_AUTH ? WSC_E_AUTH : WSC_OK);
        end();
    }
}

static void misuse(void)
{
    CHECK(begin(-1));
    w.misuse = true;
    CHECK_EQ(run_hello(l.client), WSC_E_USAGE); /* begin puts */
    CHECK_STR(text_of_error(), "the scheme Fake has failed in begin");
    CHECK_EQ(w.closes, 1);
    end();
}

static void set_misuse(void)
{
    w.misuse = true;
}

static void misuse_of_seals(void)
{
    CHECK(begin(-1));
    w.amid = set_misuse; /* later than begin */
    CHECK_EQ(run_hello(l.client), WSC_E_USAGE);
    CHECK(strstr(text_of_error(), "data of another length") != NULL);
    end();
}

static void accepts_without_proof(void)
{
    CHECK(begin(-1));
    login_far.lies = true;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_STR(text_of_error(), "the server has not proved itself");
    CHECK_EQ(login_far.sealed + login_far.clear, 0);
    end();
}

static void altered(void)
{
    CHECK(begin(-1));
    login_far.alter_at = 1;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_STR(text_of_error(), "the fake says no");
    end();
}

static void out_of_memory(void)
{
    bool good = false;
    long at;

    for (at = 0; at < 3000 && !good; at++) {
        if (begin(at))
            good = run_hello(l.client) == WSC_OK && l.p.d.mem.calls <= l.p.d.mem.fail_at;
        end();
    }
    CHECK(good);
    printf("# %ld allocations\n", at);
}

static void cut(void)
{
    bool good = false;
    long at;

    for (at = 0; at < 20000 && !good; at += at < 600 ? 7 : 197) {
        CHECK(begin(-1));
        l.p.d.cut_down = at;
        l.p.replays = true;
        l.p.d.cut_how = at % 2 ? DRV_EOF : DRV_RESET;
        good = run_hello(l.client) == WSC_OK && l.p.d.cut_down >= 0;
        end();
    }
    CHECK(good);
}

/* --- what a function may not do, and may ------------------------------------------------------ */

static wsc_op *op;
static int64_t amids;

static void calls_all(void)
{
    wsc_op *out = NULL;
    wsc_client *c = NULL;
    size_t before = wsc_ctx_pending(l.ctx);

    amids++;
    CHECK_EQ(wsc_identify(&out, l.client, NULL), WSC_E_REENTRANT);
    CHECK_EQ(wsc_client_new(&c, l.ctx, "x", NULL, NULL), WSC_E_REENTRANT);
    CHECK_EQ(wsc_op_cancel(op), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_step(l.ctx), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_close(l.ctx, 0), WSC_E_REENTRANT);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_REENTRANT);
    CHECK_EQ(wsc_ctx_pending(l.ctx), before); /* a getter */
    CHECK(wsc_op_error(op) == NULL);
}

static void calls(void)
{
    CHECK(begin(-1));
    amids = 0;
    w.amid = calls_all;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    CHECK_EQ(amids, 3);
    end();
}

static void lets_go(void)
{
    if (amids++)
        return;
    wsc_op_unref(op);
    wsc_client_unref(l.client);
    wsc_identity_unref(identity);
    l.client = NULL;
    identity = NULL;
}

static void unrefs(void)
{
    CHECK(begin(-1));
    amids = 0;
    w.amid = lets_go;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    run_out(&l); /* it goes on, nobody hears of it */
    CHECK(amids > 0);
    end();
}

static void lets_the_context_go(void)
{
    if (!amids++)
        wsc_ctx_unref(l.ctx);
}

static void unref_of_the_context(void)
{
    CHECK(begin(-1));
    amids = 0;
    w.amid = lets_the_context_go;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_CANCELED);
    wsc_op_unref(op);
    l.ctx = NULL;
    end();
}

static const struct test tests[] = {
    { "a_command", a_command },
    { "in_pieces", in_pieces },
    { "refused", refused },
    { "refused_once", refused_once },
    { "failures", failures },
    { "misuse", misuse },
    { "misuse_of_seals", misuse_of_seals },
    { "accepts_without_proof", accepts_without_proof },
    { "altered", altered },
    { "out_of_memory", out_of_memory },
    { "cut", cut },
    { "calls", calls },
    { "unrefs", unrefs },
    { "unref_of_the_context", unref_of_the_context },
};

TEST_MAIN(tests)
