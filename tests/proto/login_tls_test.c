/* The same scheme inside of TLS: messages sealed only when asked for, replies in clear, new logins
 * on the same connection. */
#include "commands.h"
#include "login.h"
#include "script_tls.h"

#include "proto/identity.h"

static void begin(const char *encryption)
{
    static const char *const who[] = {
        "username", "u", "password", "p", "auth", "negotiate", NULL
    };
    wsc_params *me = options(who), *p = NULL;
    wsc_identity *id = NULL;

    memset(&l, 0, sizeof l);
    peer_init(&l.p, -1);
    script_tls_use(&l.p.d, false);
    login_far_begin(&l.p.d, &l.p);
    CHECK_EQ(wsc_params_new(&p), WSC_OK);
    CHECK_EQ(wsc_params_set_str(p, "tls-ca-file", script_tls_ca()), WSC_OK);
    CHECK_EQ(wsc_params_set_str(p, "encryption", encryption), WSC_OK);
    CHECK_EQ(wsc_ctx_new_with_alloc(&l.ctx, test_mem_fn, &l.p.d.mem), WSC_OK);
    CHECK_EQ(wsc_identity_new(&id, l.ctx, me), WSC_OK);
    ((struct wsc__identity *)(void *)id)->who.brought = &login_scheme;
    CHECK_EQ(wsc_client_new(&l.client, l.ctx, "https://server", id, p), WSC_OK);
    wsc_identity_unref(id);
    wsc_params_unref(me);
    wsc_params_unref(p);
}

static void end(void)
{
    life_close(&l);
    CHECK_EQ(login_contexts, 0);
}

/* What nobody asked for comes while a job runs, or behind the last answer. */
static void more_than_asked(void)
{
    for (int at = 1; at < 3; at++) {
        for (int jobs = 0; jobs < 8; jobs++) {
            begin("always");
            login_jobs = jobs;
            login_far.more_at = at;
            CHECK(run_hello(l.client) != WSC_OK);
            end();
        }
    }
    login_jobs = 0;
}

static void always(void)
{
    begin("always");
    CHECK_EQ(run_hello(l.client), WSC_OK);
    run_out(&l);
    CHECK_EQ(login_far.sealed, 8);
    CHECK_EQ(login_far.clear, 0);
    CHECK_EQ(login_far.legs, 2 * stat_of(l.client, "connections"));
    end();
}

/* Some servers do not seal theirs: TLS has protected it. */
static void clear_replies(void)
{
    for (int at = 1; at <= 8; at++) {
        begin("always");
        login_far.clear_at = at;
        CHECK_EQ(run_hello(l.client), WSC_OK);
        run_out(&l);
        CHECK_EQ(login_far.sealed, 8);
        CHECK_EQ(stat_of(l.client, "reconnects"), 0);
        end();
    }
}

static void altered(void)
{
    begin("always");
    login_far.alter_at = 1;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    end();
}

/* The server wants to hear once more who we are, before it has done anything: on the connection
 * that stands, and the request goes again. */
static void asked_again(void)
{
    for (int at = 1; at <= 8; at++) {
        int64_t connections;

        begin("always");
        l.p.replays = true;
        login_far.forget_at = at;
        login_far.forgets = 1;
        CHECK_EQ(run_hello(l.client), WSC_OK);
        run_out(&l);
        CHECK_EQ(login_far.sealed, 9);
        CHECK_EQ(l.p.repeats, 0);
        connections = stat_of(l.client, "connections");
        CHECK_EQ(login_far.legs, 2 * (connections + 1));
        CHECK_EQ(stat_of(l.client, "logins"), connections + 1);
        CHECK_EQ(stat_of(l.client, "reconnects"), 0);
        end();
    }
}

/* But not for ever. */
static void asked_again_and_again(void)
{
    begin("always");
    login_far.forget_at = 1;
    login_far.forgets = 1000;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "again and again") != NULL);
    CHECK_EQ(login_far.proofs, 2);
    end();
}

/* The new login is refused: that is a verdict. */
static void refused_then(void)
{
    begin("always");
    login_far.forget_at = 2;
    login_far.forgets = 1;
    login_far.refuse_at = 4;
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_EQ(login_far.proofs, 2);
    CHECK_EQ(run_hello(l.client), WSC_E_AUTH);
    CHECK_EQ(login_far.proofs, 2);
    end();
}

static const struct test tests[] = {
    { "more_than_asked", more_than_asked }, { "always", always },
    { "clear_replies", clear_replies },     { "altered", altered },
    { "asked_again", asked_again },         { "asked_again_and_again", asked_again_and_again },
    { "refused_then", refused_then },
};

int main(int argc, char **argv)
{
    int rc;

    script_tls_make();
    rc = test_main(tests, sizeof tests / sizeof *tests, argc, argv);
    script_tls_drop();
    return rc;
}
