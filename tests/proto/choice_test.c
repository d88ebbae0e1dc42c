/* Which login a client gets, and that those who may not have one send nothing. */
#include "commands.h"

#include "auth/mech.h"
#include "auth/negotiate.h"

#include "api/api.h"

static bool fault_is(uint32_t want)
{
    int64_t code = 0;

    return CHECK_EQ(wsc_error_get_int(wsc_ctx_error(l.ctx), "fault-code", &code), WSC_OK) &&
           CHECK_EQ(code, want);
}

static const char *detail(const char *name)
{
    const char *s = NULL;

    (void)wsc_error_get_str(wsc_ctx_error(l.ctx), name, &s);
    return s;
}

/* A client of these options alone. */
static wsc_client *client(const char *host, wsc_identity *id, const char *const *list)
{
    wsc_params *p = options(list);
    wsc_client *c = NULL;

    (void)wsc_client_new(&c, l.ctx, host, id, p);
    wsc_params_unref(p);
    return c;
}

static int anonymous(wsc_client *c)
{
    static const char *const list[] = { "identify-unauthenticated", "yes", NULL };
    wsc_params *p = options(list);
    wsc_op *op = NULL;
    int rc = wsc_identify(&op, c, p);

    wsc_params_unref(p);
    if (rc == WSC_OK)
        rc = wsc_op_wait(op, -1);
    wsc_op_unref(op);
    return rc;
}

/* Where nobody is named and there is no way to log in, only who is to be known cannot go. */
static void nobody_named(void)
{
    wsc_command *cmd = NULL;
    wsc_shell *shell = NULL;
    wsc_op *op = NULL;
    wsc_client *c;

    life_open(&l, NULL);
    c = client("10.0.0.1", NULL, NULL);
    CHECK(c != NULL);
    CHECK_EQ(wsc_identify(&op, c, NULL), WSC_E_AUTH);
    fault_is(0x8033810B);
    CHECK_STR(detail("target"), "http://10.0.0.1:5985/wsman");
    CHECK_STR(detail("scheme"), "Kerberos");
    CHECK_STR(detail("spn"), "HTTP/10.0.0.1");
    CHECK_EQ(wsc_client_run(&cmd, c, "x", NULL, 0, NULL), WSC_E_AUTH);
    fault_is(0x8033810B);
    CHECK_EQ(wsc_shell_open(&shell, c, NULL), WSC_E_AUTH);
    CHECK(!op && !cmd && !shell);
    CHECK_EQ(l.p.requests, 0);
    CHECK_EQ(anonymous(c), WSC_OK);
    CHECK_EQ(l.p.requests, 1);
    wsc_client_unref(c);
    c = client("[::1]", NULL, NULL);
    CHECK_EQ(wsc_identify(&op, c, NULL), WSC_E_AUTH);
    fault_is(0x803380E5);
    wsc_client_unref(c);
    c = client("srv", NULL, NULL); /* whether there is a ticket is found out later */
    CHECK(c != NULL && c->c.pool->auth == &wsc__auth_kerberos);
    CHECK_EQ(anonymous(c), WSC_OK);
    wsc_client_unref(c);
    life_close(&l);
}

/* A word on how to log in is judged when the client is made. */
static void said_otherwise(void)
{
    static const char *const cases[][10] = {
        { "auth", "negotiate" },
        { "auth", "ntlm", "username", "u", "password", "p" },
        { "auth", "basic", "username", "u", "password", "p", "allow-unencrypted", "1" },
        { "auth", "kerberos", "spn-host", "" },
        { "auth", "basic", "username", "u", "password", "p" },
        { "username", ".\\u", "password", "p" },
        { "username", "u", "password", "p", "mechanisms", "ntlm" },
        { "username", "u", "password", "p", "mechanisms", "nothing" },
    };
    static const uint32_t codes[] = { 0x803380E5, 0x803380E4, 0x803380E4, 0x8033810B,
                                      0x803380DE, 0x803380E4, 0x803380E4, 0 };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        life_open(&l, NULL);
        CHECK(client("10.0.0.1", NULL, cases[i]) == NULL);
        if (codes[i])
            fault_is(codes[i]);
        CHECK(detail("target") && strstr(detail("target"), "10.0.0.1"));
        CHECK(detail("option") != NULL);
        CHECK_EQ(l.p.requests, 0);
        CHECK_EQ(l.p.d.nconns, 0);
        life_close(&l);
    }
}

/* --- redirects -------------------------------------------------------------------------------- */

static int asked_other;

static void redirect(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    asked_other += strstr(q->r->head, "\r\nHost: other") != NULL;
    a->status = 302;
    a->header = "Location: http://other:5985/moved\r\n";
}

/* Who was trusted with a password does not hand it on. */
static void redirect_is_judged(void)
{
    static const char *const list[] = { "username",
                                        "u",
                                        "password",
                                        "p",
                                        "auth",
                                        "basic",
                                        "trusted-hosts",
                                        "server",
                                        "allow-unencrypted",
                                        "1",
                                        "follow-redirects",
                                        "3",
                                        NULL };
    wsc_op *op = NULL;

    asked_other = 0;
    life_open(&l, list);
    l.p.change = redirect;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_REDIRECT);
    CHECK_EQ(l.p.requests, 1);
    CHECK_EQ(asked_other, 0);
    wsc_op_unref(op);
    life_close(&l);
}

/* --- pools ------------------------------------------------------------------------------------ */

static bool offers(const wsc_client *c, const struct wsc__mech_ops *mech)
{
    for (size_t i = 0; i < c->c.pool->nmechs; i++) {
        if (c->c.pool->mechs[i] == mech)
            return true;
    }
    return false;
}

/* Nobody comes onto a connection whose login he would not have allowed. */
static void pools_apart(void)
{
    static const char *const who[] = { "username", "u", "password", "p", NULL };
    static const char *const lists[][3] = {
        { NULL }, { "trusted-hosts", "srv" }, { "mechanisms", "kerberos" }, { "delegate", "yes" }
    };
    wsc_params *me = options(who);
    wsc_identity *id = NULL;
    wsc_client *c[4], *same;

    life_open(&l, NULL);
    CHECK_EQ(wsc_identity_new(&id, l.ctx, me), WSC_OK);
    for (int i = 0; i < 4; i++) {
        c[i] = client("srv", id, lists[i]);
        CHECK(c[i] && c[i]->c.pool->auth == &wsc__auth_negotiate);
        CHECK_EQ(offers(c[i], &wsc__mech_ntlm), i == 1);
        CHECK_EQ(c[i]->c.pool->policy.kerberos_alone, i == 0 || i == 3);
        CHECK_EQ(c[i]->c.pool->delegate, i == 3);
        for (int j = 0; j < i; j++)
            CHECK(c[j]->c.pool != c[i]->c.pool);
    }
    same = client("SRV", id, lists[1]);
    CHECK(same && same->c.pool == c[1]->c.pool);
    wsc_client_unref(same);
    for (int i = 0; i < 4; i++)
        wsc_client_unref(c[i]);
    wsc_identity_unref(id);
    wsc_params_unref(me);
    life_close(&l);
}

static const struct test tests[] = {
    { "nobody_named", nobody_named },
    { "said_otherwise", said_otherwise },
    { "redirect_is_judged", redirect_is_judged },
    { "pools_apart", pools_apart },
};

TEST_MAIN(tests)
