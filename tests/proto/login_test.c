/* A scheme that is bound to its connection: legs, sealed messages, new logins. */
#include "commands.h"
#include "login.h"

#include "api/api.h"
#include "proto/identity.h"

/* --- the tests -------------------------------------------------------------------------------- */

static const char *const who[] = { "username", "u", "password", "p", "auth", "negotiate", NULL };
static const char *const trusted[] = { "trusted-hosts", "server,other,third", NULL };
static wsc_client *other, *third; /* other hosts, as the same identity */

/* False: no memory, where that is what is tried. */
static bool begin(long fail_at, const char *const *list)
{
    wsc_params *me = options(who), *p = options(list ? list : trusted);
    wsc_identity *id = NULL;
    int rc;

    memset(&l, 0, sizeof l);
    peer_init(&l.p, fail_at);
    login_far_begin(&l.p.d, &l.p);
    rc = wsc_ctx_new_with_alloc(&l.ctx, test_mem_fn, &l.p.d.mem);
    if (rc == WSC_OK)
        rc = wsc_identity_new(&id, l.ctx, me);
    if (rc == WSC_OK) {
        ((struct wsc__identity *)(void *)id)->who.brought = &login_scheme;
        rc = wsc_client_new(&l.client, l.ctx, "server", id, p);
    }
    other = third = NULL;
    if (rc == WSC_OK)
        rc = wsc_client_new(&other, l.ctx, "other", id, p);
    if (rc == WSC_OK)
        rc = wsc_client_new(&third, l.ctx, "third", id, p);
    wsc_identity_unref(id);
    wsc_params_unref(me);
    wsc_params_unref(p);
    CHECK(rc == WSC_OK || (fail_at >= 0 && rc == WSC_E_NOMEM));
    return rc == WSC_OK;
}

static void end(void)
{
    wsc_client_unref(other);
    wsc_client_unref(third);
    life_close(&l);
    CHECK_EQ(login_contexts, 0);
}

static bool fault_is(uint32_t want)
{
    int64_t code = 0;

    return CHECK_EQ(wsc_error_get_int(wsc_ctx_error(l.ctx), "fault-code", &code), WSC_OK) &&
           CHECK_EQ(code, want);
}

static void a_command(void)
{
    CHECK(begin(-1, NULL));
    CHECK_EQ(run_hello(l.client), WSC_OK);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
    CHECK_EQ(login_far.legs, 2 * stat_of(l.client, "connections"));
    CHECK_EQ(login_far.sealed, 8);
    CHECK_EQ(login_far.clear, 0);
    CHECK_EQ(stat_of(l.client, "logins"), stat_of(l.client, "connections"));
    end();
}

static void in_pieces(void)
{
    for (size_t n = 1; n < 40; n++) {
        CHECK(begin(-1, NULL));
        l.p.d.chunk = n % 2 ? n : 0;
        l.p.d.split = n;
        CHECK_EQ(run_hello(l.client), WSC_OK);
        end();
    }
}

static void refused_once(bool closes)
{
    const char *scheme = NULL, *spn = NULL;

    CHECK(begin(-1, NULL));
    login_far.refuse_at = 2;
    login_far.close_at = closes ? 2 : 0;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    fault_is(0x8009030c);
    CHECK_EQ(wsc_error_get_str(wsc_ctx_error(l.ctx), "scheme", &scheme), WSC_OK);
    CHECK_STR(scheme, "Fake");
    CHECK_EQ(wsc_error_get_str(wsc_ctx_error(l.ctx), "spn", &spn), WSC_OK);
    CHECK_STR(spn, "HTTP/server");
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH); /* without asking the server */
    CHECK_EQ(login_far.legs, 2);
    end();
}

static void refused(void)
{
    refused_once(false);
    refused_once(true); /* and hangs up */
}

static const struct peer_step done_at_once[] = { { .done = 1 } };

static wsc_command *start_on(wsc_client *client)
{
    wsc_command *c = NULL;

    STEPS(done_at_once);
    CHECK_EQ(wsc_client_run(&c, client, "prog", NULL, 0, NULL), WSC_OK);
    return c;
}

static int three_hosts(void)
{
    wsc_client *clients[] = { l.client, other, third };
    int good = 0;

    for (size_t i = 0; i < 3; i++) {
        wsc_command *c = start_on(clients[i]);

        good += wsc_command_wait(c, -1) == WSC_OK;
        wsc_command_unref(c);
    }
    return good;
}

/* However it is said, one proof is enough. */
static void refused_in_any_way(void)
{
    static const char *const ways[] = { NULL, "WWW-Authenticate: Basic realm=\"x\"", "X-Nothing: x",
                                        "WWW-Authenticate: Fake no" };

    for (size_t i = 0; i < 8; i++) {
        CHECK(begin(-1, NULL));
        login_far.refuse_proofs = true;
        login_far.refuse_with = ways[i / 2];
        login_far.close_at = i % 2 ? -1 : 0;
        CHECK_EQ(three_hosts() + three_hosts() + three_hosts(), 0);
        CHECK_EQ(login_far.proofs, 1);
        fault_is(0x8009030c);
        end();
    }
}

/* What was accepted is refused from now on: the second refusal counts for all. */
static void password_changes(void)
{
    for (int close = 0; close < 2; close++) {
        CHECK(begin(-1, NULL));
        CHECK_EQ(three_hosts(), 3);
        run_out(&l);
        login_far.proofs = 0;
        login_far.refuse_proofs = true;
        login_far.close_at = close ? -1 : 0;
        login_far.forget_at = login_far.sealed + 1;
        login_far.forgets = 1000;
        CHECK_EQ(three_hosts() + three_hosts() + three_hosts(), 0);
        CHECK_EQ(login_far.proofs, 2);
        end();
    }
}

/* The same, asked for at once, some time after the last login. */
static void password_changes_for_all(void)
{
    wsc_client *clients[3];
    wsc_command *c[3];

    CHECK(begin(-1, NULL));
    CHECK_EQ(three_hosts(), 3);
    run_for(&l, 61000);
    login_far.proofs = 0;
    login_far.refuse_proofs = true;
    login_far.forget_at = login_far.sealed + 1;
    login_far.forgets = 1000;
    clients[0] = l.client;
    clients[1] = other;
    clients[2] = third;
    for (int round = 0; round < 3; round++) { /* the first finds that the logins are forgotten */
        for (int i = 0; i < 3; i++)
            c[i] = start_on(clients[i]);
        for (int i = 0; i < 3; i++) {
            CHECK(wsc_command_wait(c[i], -1) != WSC_OK);
            wsc_command_unref(c[i]);
        }
    }
    CHECK_EQ(login_far.proofs, 2);
    end();
}

/* Two refusals end what has yet to log in, and nothing else. */
static void sessions_go_on(void)
{
    static const struct peer_step waits_first[] = { { .hold = 1 } };
    wsc_command *a = NULL, *b, *c;

    CHECK(begin(-1, NULL));
    STEPS(waits_first);
    CHECK_EQ(wsc_client_run(&a, l.client, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_wait(a, 1000), WSC_E_AGAIN);
    login_far.refuse_proofs = true;
    b = start_on(other);
    c = start_on(third);
    CHECK_EQ(wsc_command_wait(b, -1), WSC_E_AUTH);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_AUTH);
    wsc_command_unref(b);
    wsc_command_unref(c);
    CHECK(peer_answer(&l.p, done_at_once));
    CHECK_EQ(wsc_command_wait(a, -1), WSC_OK);
    wsc_command_unref(a);
    run_out(&l);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Signal Delete");
    end();
}

/* One after the other gets no answer to its proof. */
static void given_up(void)
{
    CHECK(begin(-1, NULL));
    login_far.lost_at = 2;
    CHECK_EQ(run_hello(l.client), WSC_E_CONNECTION_LOST);
    login_far.lost_at = 4;
    CHECK_EQ(run_hello(l.client), WSC_E_CONNECTION_LOST);
    CHECK_EQ(three_hosts(), 0);
    CHECK_EQ(login_far.proofs, 2);
    end();
}

/* Each has an error of its own, which stays as it was. */
static void errors_of_their_own(void)
{
    wsc_command *a, *b, *c;
    const char *before = NULL, *after = NULL;

    CHECK(begin(-1, NULL));
    login_far.refuse_proofs = true;
    a = start_on(l.client);
    b = start_on(other);
    CHECK_EQ(wsc_command_wait(a, -1), WSC_E_AUTH);
    CHECK_EQ(wsc_command_wait(b, -1), WSC_E_AUTH);
    CHECK_EQ(wsc_error_get_str(wsc_command_error(b), "target", &before), WSC_OK);
    c = start_on(third);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_AUTH);
    CHECK_EQ(wsc_error_get_str(wsc_command_error(b), "target", &after), WSC_OK);
    CHECK(before == after && strstr(before, "//other") != NULL);
    CHECK_EQ(wsc_error_get_str(wsc_command_error(c), "target", &after), WSC_OK);
    CHECK(strstr(after, "//third") != NULL);
    wsc_command_unref(a);
    wsc_command_unref(b);
    wsc_command_unref(c);
    end();
}

/* Both begin at once, and the third leg is the proof of the first one: the other one waits for its
 * verdict. */
static void two_hosts(void)
{
    static const struct {
        int refuse_at, lost_at, silent_at, legs, first, second;
    } cases[] = {
        { 0, 0, 0, 4, WSC_OK, WSC_OK },
        { 3, 0, 0, 3, WSC_E_AUTH, WSC_E_AUTH },
        { 1, 0, 0, 3, WSC_E_UNSUPPORTED, WSC_OK }, /* no verdict over the password */
        { 0, 1, 0, 3, WSC_E_CONNECTION_LOST, WSC_OK },
        { 0, 3, 0, 4, WSC_E_CONNECTION_LOST, WSC_OK },
        { 0, 0, 1, 0, WSC_E_TIMEOUT, WSC_OK }, /* who says nothing at all holds up nobody */
        { 0, 0, 3, 0, WSC_E_TIMEOUT, WSC_OK },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        wsc_command *a, *b;

        CHECK(begin(-1, NULL));
        login_far.refuse_at = cases[i].refuse_at;
        login_far.lost_at = cases[i].lost_at;
        login_far.silent_at = cases[i].silent_at;
        a = start_on(l.client);
        b = start_on(other);
        CHECK_EQ(wsc_command_wait(a, -1), cases[i].first);
        /* who waits as long as an answer may take gets none */
        if (cases[i].silent_at == 3)
            CHECK(wsc_command_wait(b, -1) == WSC_OK || wsc_command_wait(b, -1) == WSC_E_TIMEOUT);
        else
            CHECK_EQ(wsc_command_wait(b, -1), cases[i].second);
        if (!cases[i].silent_at)
            CHECK_EQ(login_far.legs, cases[i].legs);
        wsc_command_unref(a);
        wsc_command_unref(b);
        end();
    }
}

/* Who waits for another's verdict has asked its own server nothing. */
static void pushed(void)
{
    static const char *const texts[] = { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "x" };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        wsc_command *a, *b;

        CHECK(begin(-1, NULL));
        login_far.silent_at = 3;
        a = start_on(l.client);
        b = start_on(other);
        CHECK_EQ(wsc_command_wait(b, 100), WSC_E_AGAIN);
        CHECK_EQ(login_far.legs, 3);
        login_far_push(texts[i]);
        CHECK_EQ(wsc_command_wait(b, -1), WSC_E_PROTOCOL);
        CHECK_EQ(login_far.proofs, 1);
        wsc_command_unref(a);
        wsc_command_unref(b);
        end();
    }
}

static void refused_for_all_hosts(void)
{
    wsc_command *c;

    CHECK(begin(-1, NULL));
    login_far.refuse_at = 2;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    c = start_on(other);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_AUTH);
    CHECK(strstr(wsc_error_text(wsc_command_error(c)), "not tried at another host") != NULL);
    CHECK_EQ(login_far.legs, 2);
    wsc_command_unref(c);
    end();
    CHECK(begin(-1, NULL)); /* but what one has accepted another one may refuse for itself */
    CHECK_EQ(run_hello(l.client), WSC_OK);
    login_far.refuse_at = login_far.legs + 2;
    c = start_on(other);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_AUTH);
    wsc_command_unref(c);
    CHECK_EQ(run_hello(l.client), WSC_OK);
    end();
}

/* The one who tries is given up: the next one does. */
static void prover_leaves(void)
{
    wsc_command *a, *b, *c;

    CHECK(begin(-1, NULL));
    login_far.silent_at = 3;
    a = start_on(l.client);
    b = start_on(other);
    CHECK_EQ(wsc_command_wait(b, 100), WSC_E_AGAIN);
    CHECK_EQ(login_far.legs, 3);
    wsc_command_unref(a);
    CHECK_EQ(wsc_command_wait(b, -1), WSC_OK);
    wsc_command_unref(b);
    end();
    CHECK(begin(-1, NULL)); /* and so does one who was waiting */
    login_far.silent_at = 3;
    a = start_on(l.client);
    b = start_on(other);
    c = start_on(other);
    CHECK_EQ(wsc_command_wait(b, 100), WSC_E_AGAIN);
    wsc_command_unref(b);
    wsc_command_unref(a);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(c);
    end();
}

/* The time of the one who tries and of the first who waits is up at once: the second one's is not.
 */
static void silence(void)
{
    wsc_command *a, *b, *c;

    CHECK(begin(-1, NULL));
    login_far.silent_at = 3;
    a = start_on(l.client);
    b = start_on(other);
    CHECK_EQ(wsc_command_wait(b, 1000), WSC_E_AGAIN);
    c = start_on(third);
    CHECK_EQ(wsc_command_wait(a, -1), WSC_E_TIMEOUT);
    CHECK_EQ(wsc_command_wait(b, -1), WSC_E_TIMEOUT);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(a);
    wsc_command_unref(b);
    wsc_command_unref(c);
    end();
}

/* Who waits longer than the server likes connects once more. */
static void hung_up_on(void)
{
    wsc_command *a, *b;

    CHECK(begin(-1, NULL));
    login_far.silent_at = 3;
    a = start_on(l.client);
    b = start_on(other);
    CHECK_EQ(wsc_command_wait(b, 1000), WSC_E_AGAIN);
    CHECK_EQ(l.p.d.nconns, 2);
    drv_reply_end(l.p.d.conns[1], DRV_EOF);
    CHECK_EQ(wsc_command_wait(b, 1000), WSC_E_AGAIN);
    CHECK_EQ(l.p.d.nconns, 3);
    drv_reply_end(l.p.d.conns[2], DRV_EOF);
    CHECK_EQ(wsc_command_wait(b, -1), WSC_E_CONNECTION_LOST); /* but not for ever */
    wsc_command_unref(a);
    wsc_command_unref(b);
    end();
}

/* No verdict over the password: the next one may try. */
static void unwanted(void)
{
    CHECK(begin(-1, NULL));
    login_far.refuse_at = 1;
    CHECK_EQ(run_hello(l.client), WSC_E_UNSUPPORTED);
    fault_is(0x80090305);
    CHECK_EQ(run_hello(l.client), WSC_OK);
    end();
}

static void closes_in_the_middle(void)
{
    for (int at = 1; at <= 2; at++) {
        CHECK(begin(-1, NULL));
        login_far.close_at = at;
        CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
        CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "closes the connection") != NULL);
        end();
    }
}

static void accepts_without_proof(void)
{
    CHECK(begin(-1, NULL));
    login_far.lies = true;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    fault_is(0x80090308);
    CHECK_EQ(login_far.sealed + login_far.clear, 0);
    end();
}

/* MS-NTHT 2.2.2: what is no 401 says that we are in, if it is the service that speaks; a proof that
 * somebody else has answered is not tried again by itself. */
static void answered_otherwise(void)
{
    static const struct {
        int at;
        const char *status;
        int rc, legs;
    } cases[] = {
        { 2, "200", WSC_OK, 0 },
        { 2, "400", WSC_OK, 0 },
        { 2, "500", WSC_OK, 0 },
        { 2, "403", WSC_E_ACCESS_DENIED, 2 },
        { 2, "404", WSC_E_HTTP, 2 },
        { 2, "503", WSC_E_BUSY, 2 },
        { 1, "200", WSC_E_AUTH, 1 }, /* nobody has proved anything yet */
        { 1, "400", WSC_E_AUTH, 1 },
        { 1, "500", WSC_E_AUTH, 1 },
        { 1, "403", WSC_E_ACCESS_DENIED, 1 },
        { 1, "503", WSC_E_BUSY, 1 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int rc;

        CHECK(begin(-1, NULL));
        login_far.status_at = cases[i].at;
        login_far.status = cases[i].status;
        rc = run_hello(l.client);
        if (!CHECK_EQ(rc, cases[i].rc))
            printf("# leg %d, %s: %s\n", cases[i].at, cases[i].status,
                   wsc_error_text(wsc_ctx_error(l.ctx)));
        if (cases[i].legs)
            CHECK_EQ(login_far.legs, cases[i].legs);
        if (rc != WSC_OK)
            CHECK_EQ(login_far.sealed + login_far.clear, 0);
        login_far.status_at = 0; /* it was no verdict over the password */
        CHECK_EQ(run_hello(l.client), WSC_OK);
        end();
    }
}

/* Over plain HTTP nobody knows who says so, nor what has become of the request: only a Receive goes
 * again. */
static void asked_again(void)
{
    for (int at = 1; at <= 8; at++) {
        bool receive = at >= 3 && at <= 6;

        CHECK(begin(-1, NULL));
        l.p.replays = true;
        login_far.forget_at = at;
        login_far.forgets = 1;
        CHECK_EQ(run_hello(l.client), at < 3 ? WSC_E_CONNECTION_LOST : WSC_OK);
        run_out(&l);
        CHECK_EQ(l.p.repeats, 0);
        if (receive)
            CHECK_EQ(login_far.sealed, 9);
        else
            CHECK(login_far.sealed <= 8);
        CHECK_EQ(run_hello(l.client), WSC_OK); /* it says nothing of the password */
        end();
    }
}

static void in_clear(void)
{
    static const struct {
        const char *reply;
        int status;
    } cases[] = {
        { "HTTP/1.1 200 X\r\nContent-Type: application/soap+xml\r\nContent-Length: 1\r\n\r\nx",
          WSC_E_AUTH },
        { "HTTP/1.1 200 X\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx", WSC_E_AUTH },
        { "HTTP/1.1 200 X\r\nContent-Length: 0\r\n\r\n", WSC_E_AUTH },
        { "HTTP/1.1 500 X\r\nContent-Type: application/soap+xml\r\nContent-Length: 1\r\n\r\nx",
          WSC_E_AUTH },
        { "HTTP/1.1 503 X\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx", WSC_E_BUSY },
        { "HTTP/1.1 404 X\r\nContent-Type: text/html\r\nContent-Length: 1\r\n\r\nx", WSC_E_HTTP },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(begin(-1, NULL));
        login_far.in_clear = cases[i].reply;
        CHECK_EQ(run_hello(l.client), cases[i].status);
        end();
    }
    CHECK(begin(-1, NULL));
    login_far.alter_at = 1;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    fault_is(0x8009030f);
    end();
}

/* The reply is there, but nobody reads. */
static void slow_reader(void)
{
    static const char *const small[] = { "trusted-hosts", "*", "output-limit", "4096", NULL };
    static char big[20001];
    struct peer_step steps[] = { { .out = big }, { .out = "end", .done = 1 } };
    wsc_command *c = NULL;
    char buf[1000];
    size_t n = 1, all = 0;

    memset(big, 'a', 20000);
    CHECK(begin(-1, small));
    STEPS(steps);
    CHECK_EQ(wsc_client_run(&c, l.client, "prog", NULL, 0, NULL), WSC_OK);
    while (wsc_command_read(c, NULL, buf, sizeof buf, &n, -1) == WSC_OK && n)
        all += n;
    CHECK_EQ(all, 20003);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    wsc_command_unref(c);
    end();
}

static void too_long(void)
{
    static const char *const small[] = { "trusted-hosts", "*", "envelope-limit", "8192", NULL };
    static char big[200001];
    struct peer_step steps[] = { { .out = big, .done = 1 } };
    wsc_command *c = NULL;
    const char *option = NULL;

    memset(big, 'a', 200000);
    CHECK(begin(-1, small));
    STEPS(steps);
    CHECK_EQ(wsc_client_run(&c, l.client, "prog", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_E_LIMIT);
    CHECK_EQ(wsc_error_get_str(wsc_command_error(c), "option", &option), WSC_OK);
    CHECK_STR(option, "envelope-limit");
    wsc_command_unref(c);
    end();
}

/* Who must not be known stays off the connection that is somebody's. */
static void anonymous(void)
{
    static const char *const list[] = { "identify-unauthenticated", "true", NULL };
    wsc_params *p = options(list);
    wsc_op *op = NULL;

    CHECK(begin(-1, NULL));
    CHECK_EQ(run_hello(l.client), WSC_OK);
    run_out(&l);
    CHECK_EQ(wsc_identify(&op, l.client, p), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(login_far.clear, 1);
    wsc_op_unref(op);
    wsc_params_unref(p);
    end();
}

static void not_trusted(void)
{
    static const char *const none[] = { "username", "u", "password", "p", "auth", "ntlm", NULL };
    static const char *const bare[] = { "username",      "u",         "password",   "p",
                                        "auth",          "negotiate", "encryption", "never",
                                        "trusted-hosts", "*",         NULL };
    const char *const *lists[] = { none, bare };
    const uint32_t codes[] = { 0x803380e4, 0x803380de };

    for (int i = 0; i < 2; i++) {
        wsc_params *p = options(lists[i]);
        wsc_client *c = NULL;

        CHECK(begin(-1, NULL));
        CHECK(wsc_client_new(&c, l.ctx, "server", NULL, p) != WSC_OK);
        fault_is(codes[i]);
        CHECK_EQ(wsc_client_new(&c, l.ctx, "https://server", NULL, p), WSC_OK);
        wsc_client_unref(c);
        wsc_params_unref(p);
        end();
    }
}

/* Steps that wait for a job, each by itself and all of them. */
static void with_jobs(void)
{
    for (login_jobs = 1; login_jobs < 8; login_jobs++) {
        a_command();
        CHECK(login_jobs_done > 0);
        in_pieces();
        refused();
    }
    login_jobs = 0;
}

/* A KDC that does not answer: nobody waits longer than he wants to. */
static void job_hangs(void)
{
    wsc_command *c;

    for (login_jobs = 1; login_jobs < 8; login_jobs *= 2) {
        CHECK(begin(-1, NULL)); /* for its time */
        l.p.d.hold_jobs = true;
        CHECK_EQ(run_hello(l.client), WSC_E_TIMEOUT);
        CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "no ticket from a KDC") != NULL);
        CHECK_EQ(login_contexts, 0);
        CHECK(strstr(drv_take_trace(&l.p.d), ":unjob ") != NULL);
        l.p.d.hold_jobs = false;
        CHECK_EQ(run_hello(l.client), WSC_OK);
        end();
        CHECK(begin(-1, NULL)); /* until it is given up */
        l.p.d.hold_jobs = true;
        c = start_on(l.client);
        CHECK_EQ(wsc_command_wait(c, 100), WSC_E_AGAIN);
        wsc_command_unref(c);
        end();
        CHECK(begin(-1, NULL)); /* or the context goes first */
        l.p.d.hold_jobs = true;
        c = start_on(l.client);
        CHECK_EQ(wsc_command_wait(c, 100), WSC_E_AGAIN);
        wsc_ctx_unref(l.ctx);
        l.ctx = NULL;
        CHECK_EQ(wsc_command_wait(c, -1), WSC_E_USAGE);
        CHECK_EQ(login_contexts, 0);
        wsc_command_unref(c);
        end();
    }
    login_jobs = 0;
}

/* Kerberos alone was offered, because the host is not trusted: that is why it failed, unless it is
 * the password. */
static void kerberos_alone(void)
{
    for (int at = 1; at <= 2; at++) {
        const char *remedy = NULL;

        CHECK(begin(-1, NULL));
        l.client->c.pool->policy.kerberos_alone = true;
        login_far.refuse_at = at;
        CHECK(run_hello(l.client) != WSC_OK);
        fault_is(at == 1 ? 0x803380E4 : 0x8009030c);
        CHECK_EQ(wsc_error_get_str(wsc_ctx_error(l.ctx), "remedy", &remedy), WSC_OK);
        CHECK_EQ(strstr(remedy, "trusted-hosts to server") != NULL, at == 1);
        end();
    }
}

/* Cut after every byte of the login and some more: one end, nothing of the request twice. */
static void cut(bool up)
{
    bool good = false;
    long at;

    for (at = 0; at < 20000 && !good; at += at < 1500 ? 1 : 97) {
        CHECK(begin(-1, NULL));
        *(up ? &l.p.d.cut_up : &l.p.d.cut_down) = at;
        l.p.replays = true;
        l.p.d.cut_how = at % 2 ? DRV_EOF : DRV_RESET;
        good = run_hello(l.client) == WSC_OK && (up ? l.p.d.cut_up : l.p.d.cut_down) >= 0;
        end();
    }
    CHECK(good);
}

static void cut_up(void)
{
    cut(true);
    login_jobs = 7;
    cut(true);
    login_jobs = 0;
}

static void cut_down(void)
{
    cut(false);
    login_jobs = 7;
    cut(false);
    login_jobs = 0;
}

static void no_memory(void)
{
    bool good = false;
    long at;

    for (at = 0; at < 3000 && !good; at++) {
        if (begin(at, NULL))
            good = run_hello(l.client) == WSC_OK && l.p.d.mem.calls <= l.p.d.mem.fail_at;
        end();
    }
    CHECK(good);
}

static void out_of_memory(void)
{
    no_memory();
    login_jobs = 7;
    no_memory();
    login_jobs = 0;
}

static const struct test tests[] = {
    { "a_command", a_command },
    { "in_pieces", in_pieces },
    { "refused", refused },
    { "refused_in_any_way", refused_in_any_way },
    { "password_changes", password_changes },
    { "password_changes_for_all", password_changes_for_all },
    { "sessions_go_on", sessions_go_on },
    { "given_up", given_up },
    { "errors_of_their_own", errors_of_their_own },
    { "two_hosts", two_hosts },
    { "pushed", pushed },
    { "refused_for_all_hosts", refused_for_all_hosts },
    { "prover_leaves", prover_leaves },
    { "silence", silence },
    { "hung_up_on", hung_up_on },
    { "unwanted", unwanted },
    { "closes_in_the_middle", closes_in_the_middle },
    { "accepts_without_proof", accepts_without_proof },
    { "answered_otherwise", answered_otherwise },
    { "asked_again", asked_again },
    { "in_clear", in_clear },
    { "slow_reader", slow_reader },
    { "too_long", too_long },
    { "anonymous", anonymous },
    { "not_trusted", not_trusted },
    { "with_jobs", with_jobs },
    { "job_hangs", job_hangs },
    { "kerberos_alone", kerberos_alone },
    { "cut_up", cut_up },
    { "cut_down", cut_down },
    { "out_of_memory", out_of_memory },
};

TEST_MAIN(tests)
