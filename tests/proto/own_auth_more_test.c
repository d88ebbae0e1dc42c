/* Schemes of a program's own that are said with every request, and that let the server begin; wrong
 * tables, and the rules of plain HTTP. */
#include "own_auth.h"

static wsc_op *op;

/* --- said with every request ------------------------------------------------------------------ */

static int tokens, refuse_from; /* the n-th is refused */
static const char *challenge;   /* in that answer */
static char logged[200000];

static int bearer_step(void *state, wsc_login *login, const char *text, size_t len)
{
    char token[40];

    CHECK(state == mine && !text && !len);
    if (w.amid)
        w.amid();
    snprintf(token, sizeof token, "token-%d", ++tokens);
    if (w.fail_step)
        return w.fail_step;
    return w.mute ? WSC_OK : wsc_login_put(login, token, strlen(token));
}

static void at_the_door(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    char want[80];

    (void)p;
    snprintf(want, sizeof want, "Authorization: Bearer token-%d\r\n", tokens);
    CHECK((strstr(q->r->head, want) != NULL) == !w.mute);
    CHECK(!w.mute || !strstr(q->r->head, "Authorization"));
    if (!refuse_from || tokens < refuse_from)
        return;
    a->status = 401;
    a->type = "text/plain";
    a->header = challenge;
}

static void log_all(int level, const char *component, const char *msg, size_t len, void *ud)
{
    size_t n = strlen(logged);

    (void)level;
    (void)component;
    (void)ud;
    snprintf(logged + n, sizeof logged - n, "%.*s\n", (int)len, msg);
}

static wsc_auth bearer(void)
{
    wsc_auth a = { sizeof a, WSC_AUTH_NEEDS_TLS, "Bearer", NULL, NULL, bearer_step, NULL, NULL,
                   NULL,     fake_close };

    return a; /* no begin: the state is user_data, and not to be closed */
}

static void begin_bearer(void)
{
    static const char *const clear[] = { "allow-unencrypted", "true", "trusted-hosts", "*", NULL };
    wsc_auth a = bearer();

    CHECK(world(-1));
    tokens = refuse_from = 0;
    challenge = "WWW-Authenticate: Bearer realm=\"x\"\r\n";
    logged[0] = '\0';
    l.p.change = at_the_door;
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, log_all, NULL, NULL), WSC_OK);
    CHECK_EQ(make(&a, NULL, clear), WSC_OK);
}

static void every_request(void)
{
    begin_bearer();
    CHECK_EQ(run_hello(l.client), WSC_OK);
    run_out(&l);
    CHECK_EQ(tokens, 8);
    CHECK_EQ(w.closes, 0);
    CHECK(strstr(logged, "Authorization: Bearer ***") != NULL);
    CHECK(!strstr(logged, "token-"));
    end();
    begin_bearer(); /* nothing to say is nothing said */
    w.mute = true;
    CHECK_EQ(run_hello(l.client), WSC_OK);
    end();
}

static void echoes(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)q;
    a->header = "X-Echo: token-1 token-2 token-3\r\n";
}

/* A server may send back what it was told. */
static void hidden_in_answers(void)
{
    begin_bearer();
    l.p.change = echoes;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    CHECK(strstr(logged, "X-Echo: ******* token-2") != NULL);
    CHECK_EQ(tokens, 1); /* the log asks for none of its own */
    end();
}

static void every_request_refused(void)
{
    begin_bearer();
    refuse_from = 1;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_STR(text_of_error(), "the server refused the login by Bearer");
    CHECK_STR(detail("offered"), "Bearer");
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_EQ(tokens, 1);
    end();
    begin_bearer();
    refuse_from = 1;
    challenge = "WWW-Authenticate: Basic realm=\"x\"\r\n";
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_STR(text_of_error(), "the server does not accept Bearer authentication");
    CHECK(!strstr(detail("remedy"), "winrm"));
    end();
    begin_bearer();
    w.fail_step = WSC_E_IO;
    CHECK_EQ(run_hello(l.client), WSC_E_IO);
    w.fail_step = 0; /* that was no verdict of the server's */
    CHECK_EQ(run_hello(l.client), WSC_OK);
    end();
}

static int line_end(void *state, wsc_login *login, const char *text, size_t len)
{
    (void)state;
    (void)text;
    (void)len;
    return wsc_login_put(login, "a\r\nX: y", 7);
}

/* Nobody smuggles a header in. */
static void bad_text(void)
{
    wsc_auth a = bearer();
    static const char *const clear[] = { "allow-unencrypted", "true", "trusted-hosts", "*", NULL };

    a.step = line_end;
    CHECK(world(-1));
    CHECK_EQ(make(&a, NULL, clear), WSC_OK);
    CHECK_EQ(run_hello(l.client), WSC_E_USAGE);
    CHECK_EQ(l.p.requests, 0);
    end();
}

/* --- the server begins ------------------------------------------------------------------------ */

static int legs;

static int count_step(void *state, wsc_login *login, const char *text, size_t len)
{
    (void)state;
    if (!text)
        return WSC_OK;
    if (len == 3 && !memcmp(text, "n=5", 3))
        return wsc_login_put(login, "n=6", 3);
    return wsc_login_fail(login, WSC_E_AUTH, "it counts in another way", NULL);
}

static bool bare;  /* its first answer has no challenge */
static bool fresh; /* its second one has another */

static void counts(struct drv_conn *c, const struct drv_request *r, void *ud)
{
    static const char form[] = "HTTP/1.1 %s X\r\n%sContent-Length: 0\r\n\r\n";
    char text[200];
    struct peer_request q;
    struct peer_reply a;

    if (r->body_len) {
        memset(&a, 0, sizeof a);
        peer_read(ud, c, r, &q);
        peer_good(ud, &q, &a);
        peer_send(ud, &q, &a);
        free(a.body);
        return;
    }
    legs++;
    if (strstr(r->head, "Authorization: Count n=6\r\n") && !fresh)
        snprintf(text, sizeof text, form, "200", "");
    else
        snprintf(text, sizeof text, form, "401",
                 bare        ? "WWW-Authenticate: Count\r\n"
                 : legs == 1 ? "WWW-Authenticate: Count n=5\r\n"
                             : "WWW-Authenticate: Count n=7\r\n");
    CHECK(legs > 1 || !strstr(r->head, "Authorization"));
    drv_reply(c, text, strlen(text));
}

static void begin_count(void)
{
    static const char *const clear[] = { "allow-unencrypted", "true", "trusted-hosts", "*", NULL };
    wsc_auth a = { sizeof a, WSC_AUTH_CONNECTION | WSC_AUTH_MUTUAL,
                   "Count",  NULL,
                   NULL,     count_step,
                   NULL,     NULL,
                   NULL,     NULL };

    CHECK(world(-1));
    l.p.d.serve = counts;
    legs = 0;
    bare = fresh = false;
    CHECK_EQ(make(&a, NULL, clear), WSC_OK);
}

static int identify(void)
{
    int rc = wsc_identify(&op, l.client, NULL);

    if (rc == WSC_OK)
        rc = wsc_op_wait(op, -1);
    wsc_op_unref(op);
    return rc;
}

static void server_begins(void)
{
    begin_count();
    CHECK_EQ(identify(), WSC_OK);
    CHECK_EQ(legs, 2);
    CHECK_EQ(identify(), WSC_OK); /* on the same connection */
    CHECK_EQ(legs, 2);
    end();
    begin_count();
    bare = true; /* nothing was said that could be refused */
    CHECK_EQ(identify(), WSC_E_UNSUPPORTED);
    CHECK_EQ(legs, 1);
    CHECK_EQ(identify(), WSC_E_UNSUPPORTED);
    CHECK_EQ(legs, 2);
    end();
    begin_count();
    fresh = true; /* a new challenge behind the proof is a refusal, when the scheme says so */
    CHECK_EQ(identify(), WSC_E_AUTH);
    CHECK_STR(text_of_error(), "it counts in another way");
    CHECK_EQ(identify(), WSC_E_AUTH);
    CHECK_EQ(legs, 2);
    end();
}

/* --- tables and rules ------------------------------------------------------------------------- */

static void wrong_tables(void)
{
    wsc_auth good = fake(), bad[10];
    size_t i;

    CHECK(world(-1));
    for (i = 0; i < sizeof bad / sizeof *bad; i++)
        bad[i] = good;
    bad[0].struct_size = 8;
    bad[1].name = NULL;
    bad[2].name = "";
    bad[3].name = "a b";
    bad[4].step = NULL;
    bad[5].flags |= 1024;
    bad[6].wrap = NULL;
    bad[7].seal = NULL;
    bad[8].flags = 0;
    bad[9].seal = "x y";
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ(wsc_identity_new_with_auth(&identity, l.ctx, NULL, &bad[i], mine, freed),
                 WSC_E_USAGE);
        CHECK(identity == NULL && w.frees == 0);
        CHECK(wsc_ctx_error(l.ctx) != NULL);
    }
    CHECK_EQ(wsc_identity_new_with_auth(&identity, l.ctx, NULL, NULL, mine, freed), WSC_E_USAGE);
    CHECK_EQ(wsc_identity_new_with_auth(NULL, l.ctx, NULL, &good, mine, freed), WSC_E_USAGE);
    CHECK_EQ(wsc_identity_new_with_auth(&identity, NULL, NULL, &good, mine, freed), WSC_E_USAGE);
    CHECK_EQ(wsc_login_put(NULL, "", 0), WSC_E_USAGE);
    CHECK_EQ(wsc_login_fail(NULL, WSC_E_AUTH, "", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_login_get_str(NULL, "host", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_login_get_int(NULL, "port", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_login_get_bytes(NULL, "password", NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(w.frees, 0);
    w.frees = 1;
    end();
}

/* Over plain HTTP: nothing in clear without a word, and no proof for who is not known. */
static void rules(void)
{
    static const char *const clear[] = { "allow-unencrypted", "true", NULL };
    static const char *const trusted[] = { "trusted-hosts", "*", NULL };
    static const char *const both[] = { "allow-unencrypted", "true", "trusted-hosts", "*", NULL };
    static const char *const unsealed[] = { "encryption", "never", NULL };
    static const struct {
        int flags;
        bool seals;
        const char *const *list;
        int rc;
    } cases[] = {
        { 0, false, NULL, WSC_E_UNENCRYPTED },
        { 0, false, trusted, WSC_E_UNENCRYPTED },
        { 0, false, clear, WSC_E_AUTH },
        { 0, false, both, WSC_OK },
        { WSC_AUTH_MUTUAL, false, clear, WSC_OK },
        { WSC_AUTH_NEEDS_TLS, false, NULL, WSC_E_UNENCRYPTED },
        { WSC_AUTH_MUTUAL, false, NULL, WSC_E_UNENCRYPTED },
        { WSC_AUTH_CONNECTION, false, clear, WSC_E_AUTH },
        { WSC_AUTH_CONNECTION, true, NULL, WSC_E_AUTH },
        { WSC_AUTH_CONNECTION, true, trusted, WSC_OK },
        { WSC_AUTH_CONNECTION | WSC_AUTH_MUTUAL, true, NULL, WSC_OK },
        { WSC_AUTH_CONNECTION | WSC_AUTH_MUTUAL, true, unsealed, WSC_E_UNENCRYPTED },
        { WSC_AUTH_CONNECTION | WSC_AUTH_MUTUAL | WSC_AUTH_NEEDS_TLS, true, NULL,
          WSC_E_UNENCRYPTED },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wsc_auth a = cases[i].seals ? fake() : bearer();
        wsc_client *c = NULL;

        CHECK(world(-1));
        a.flags = cases[i].flags;
        CHECK_EQ(make(&a, NULL, cases[i].list), cases[i].rc);
        CHECK_EQ(wsc_client_new(&c, l.ctx, "https://server", identity, NULL), WSC_OK);
        wsc_client_unref(c);
        end();
    }
}

/* One table, two contexts, each with its own. */
static void two_contexts(void)
{
    struct peer far;
    wsc_ctx *ctx = NULL;
    wsc_identity *id = NULL;
    wsc_client *c = NULL;
    static const char *const clear[] = { "allow-unencrypted", "true", "trusted-hosts", "*", NULL };
    wsc_params *p = options(clear);
    wsc_auth a = bearer();

    begin_bearer();
    l.p.change = NULL;
    peer_init(&far, -1);
    CHECK_EQ(wsc_ctx_new_with_alloc(&ctx, test_mem_fn, &far.d.mem), WSC_OK);
    CHECK_EQ(wsc_identity_new_with_auth(&id, ctx, NULL, &a, mine, freed), WSC_OK);
    CHECK_EQ(wsc_client_new(&c, l.ctx, "server", id, p), WSC_E_USAGE); /* another's identity */
    CHECK_EQ(wsc_client_new(&c, ctx, "server", id, p), WSC_OK);
    wsc_identity_unref(id);
    CHECK_EQ(identify(), WSC_OK);
    CHECK_EQ(tokens, 1);
    CHECK_EQ(wsc_identify(&op, c, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    CHECK_EQ(tokens, 2);
    wsc_client_unref(c);
    CHECK_EQ(w.frees, 0); /* its connection is still closing */
    wsc_ctx_unref(ctx);
    CHECK_EQ(w.frees, 1);
    CHECK(peer_free(&far));
    w.frees = 0;
    CHECK_EQ(identify(), WSC_OK);
    wsc_params_unref(p);
    end();
}

static const struct test tests[] = {
    { "every_request", every_request },
    { "hidden_in_answers", hidden_in_answers },
    { "every_request_refused", every_request_refused },
    { "bad_text", bad_text },
    { "server_begins", server_begins },
    { "wrong_tables", wrong_tables },
    { "rules", rules },
    { "two_contexts", two_contexts },
};

TEST_MAIN(tests)
