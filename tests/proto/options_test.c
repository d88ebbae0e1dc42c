/* Options that show on the wire, and those that are refused before anything is sent. */
#include "commands.h"

#define GUID "0123ABCD-0000-4000-8000-00000000000F"

static char told[4][4096]; /* heads and bodies of requests */
static const char *set_cookie;

static void note(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (q->all <= 4)
        snprintf(told[q->all - 1], sizeof told[0], "%.1000s\n%s", q->r->head, q->r->body);
    a->header = set_cookie;
}

static void begin(const char *const *list)
{
    memset(told, 0, sizeof told);
    set_cookie = NULL;
    life_open(&l, list);
    l.p.change = note;
}

static void identify(const char *const *list)
{
    wsc_params *p = options(list);
    wsc_op *op = NULL;

    CHECK_EQ(wsc_identify(&op, l.client, p), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    wsc_op_unref(op);
    wsc_params_unref(p);
}

/* --- the cookie ------------------------------------------------------------------------------- */

/* MS-WSMV 3.1.4.1.31.4 */
static void cookie_goes_back(void)
{
    begin(NULL);
    set_cookie = "Set-Cookie: other=1\r\nSet-Cookie: MS-WSMAN=first; Path=/wsman\r\n";
    identify(NULL);
    CHECK(!strstr(told[0], "Cookie:"));
    set_cookie = "Set-Cookie: MS-WSMAN=second\r\n";
    identify(NULL);
    CHECK(strstr(told[1], "\r\nCookie: MS-WSMAN=first\r\n") != NULL);
    set_cookie = NULL;
    identify(NULL);
    identify(NULL);
    CHECK(strstr(told[2], "\r\nCookie: MS-WSMAN=second\r\n") != NULL);
    CHECK(strstr(told[3], "\r\nCookie: MS-WSMAN=second\r\n") != NULL);
    for (int i = 0; i < 4; i++)
        CHECK(!strstr(told[i], "other=1"));
    life_close(&l);
}

/* --- what is sent ----------------------------------------------------------------------------- */

static void port_of_the_option(void)
{
    static const char *const list[] = { "port", "4711", NULL };

    begin(list);
    identify(NULL);
    CHECK(strstr(told[0], "\r\nHost: server:4711\r\n") != NULL);
    life_close(&l);
}

static void ids(void)
{
    static const char *const list[] = { "session-id", "uuid:" GUID, NULL };
    static const char *const op_list[] = { "operation-id", "FEDC3210-0000-4000-8000-000000000001",
                                           NULL };
    const char *id = NULL;
    wsc_params *p = options(op_list);
    wsc_op *op = NULL;

    begin(list);
    CHECK_EQ(wsc_client_get_str(l.client, "session-id", &id), WSC_OK);
    CHECK_STR(id, GUID);
    CHECK_EQ(wsc_request(&op, l.client, "urn:any", NULL, NULL, 0, p), WSC_OK);
    (void)wsc_op_wait(op, -1); /* the peer may not know the action */
    CHECK(strstr(told[0], "uuid:" GUID) != NULL);
    CHECK(strstr(told[0], "FEDC3210-0000-4000-8000-000000000001") != NULL);
    wsc_op_unref(op);
    wsc_params_unref(p);
    life_close(&l);
}

static void options_of_the_shell(void)
{
    static const char *const list[] = { "profile", "no", "console-mode", "no", NULL };
    wsc_command *c;

    begin(NULL);
    STEPS(hello);
    c = run(list);
    CHECK_EQ(wsc_command_wait(c, -1), WSC_OK);
    CHECK(strstr(told[0], "\"WINRS_NOPROFILE\">TRUE<") != NULL);
    CHECK(strstr(told[1], "\"WINRS_CONSOLEMODE_STDIN\">FALSE<") != NULL);
    wsc_command_unref(c);
    run_out(&l);
    life_close(&l);
}

/* --- what is refused -------------------------------------------------------------------------- */

static void refused_client(const char *const *list, const char *key, const char *value, int code,
                           const char *option)
{
    wsc_params *p = options(list);
    wsc_client *c = NULL;
    const char *s = NULL;

    if (key)
        CHECK_EQ(wsc_params_add(p, "header", key, value), WSC_OK);
    CHECK_EQ(wsc_client_new(&c, l.ctx, "server", NULL, p), code);
    CHECK(c == NULL);
    CHECK_EQ(wsc_error_code(wsc_ctx_error(l.ctx)), code);
    CHECK_EQ(wsc_error_get_str(wsc_ctx_error(l.ctx), "option", &s), WSC_OK);
    CHECK_STR(s, option);
    wsc_params_unref(p);
}

static void clients(void)
{
    static const char *const session[] = { "session-id", "uuid:1234", NULL };
    static const char *const none[] = { "auth", "none", "username", "u", NULL };
    static const char *const no_password[] = { "auth", "basic", "username", "u", NULL };
    static const char *const no_name[] = { "auth", "basic", "password", "p", NULL };

    begin(NULL);
    refused_client(session, NULL, NULL, WSC_E_OPTION, "session-id");
    refused_client(none, NULL, NULL, WSC_E_AUTH, "auth");
    refused_client(no_password, NULL, NULL, WSC_E_AUTH, "password");
    refused_client(no_name, NULL, NULL, WSC_E_AUTH, "username");
    CHECK_EQ(l.p.requests, 0);
    life_close(&l);
}

static void headers(void)
{
    static const char *const clear[] = { "allow-unencrypted", "yes", NULL };
    static const char *const user[] = { "allow-unencrypted", "yes", "username", "u",
                                        "password",          "p",   NULL };
    static const struct {
        const char *const *list;
        const char *name, *value, *text;
    } cases[] = {
        { clear, "X-A:", "b", "header: a colon in the name, behind \"X-A\"" },
        { clear, "Bad Name", "x", "header: a blank in the name, behind \"Bad\"" },
        { clear, "Key: SECRET", "", "header: a colon in the name, behind \"Key\"" },
        { clear, "X(y", "b", "header: a character that no name has, behind \"X\"" },
        { clear, "user-agent", "b", "header: an option of its own stands for \"user-agent\"" },
        { clear, "Host", "b", "header: the library itself decides on \"Host\"" },
        { clear, "CONTENT-length", "0",
          "header: the library itself decides on \"CONTENT-length\"" },
        { clear, "Cookie", "a=b", "header: the library itself decides on \"Cookie\"" },
        { clear, "Transfer-Encoding", "chunked",
          "header: the library itself decides on \"Transfer-Encoding\"" },
        { user, "authorization", "Bearer x",
          "header: the credentials given write \"authorization\"" },
    };

    begin(NULL);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *remedy = NULL;

        refused_client(cases[i].list, cases[i].name, cases[i].value, WSC_E_OPTION, "header");
        CHECK_STR(wsc_error_text(wsc_ctx_error(l.ctx)), cases[i].text);
        CHECK_EQ(wsc_error_get_str(wsc_ctx_error(l.ctx), "remedy", &remedy), WSC_OK);
    }
    CHECK_EQ(l.p.requests, 0);
    life_close(&l);
}

/* Where there are no credentials of ours; an anonymous request stays one. */
static void own_authorization(void)
{
    static const char *const clear[] = { "allow-unencrypted", "yes", NULL };
    static const char *const anonymous[] = { "identify-unauthenticated", "yes", NULL };
    wsc_params *p = options(clear);

    CHECK_EQ(wsc_params_add(p, "header", "Authorization", "Bearer x"), WSC_OK);
    CHECK_EQ(wsc_params_add(p, "header", "X-A", "b"), WSC_OK);
    begin(NULL);
    wsc_client_unref(l.client);
    l.client = NULL;
    CHECK_EQ(wsc_client_new(&l.client, l.ctx, "server", NULL, p), WSC_OK);
    wsc_params_unref(p);
    identify(NULL);
    CHECK(strstr(told[0], "\r\nAuthorization: Bearer x\r\nX-A: b\r\n") != NULL);
    identify(anonymous);
    CHECK(!strstr(told[1], "Authorization") && strstr(told[1], "\r\nX-A: b\r\n"));
    life_close(&l);
}

static void calls(void)
{
    static const char *const id[] = { "operation-id", "not one", NULL };
    static const char *const args[] = { "a", NULL };
    wsc_params *p = options(id);
    wsc_command *c = NULL;
    wsc_op *op = NULL;
    int64_t at = -1;

    begin(NULL);
    CHECK_EQ(wsc_request(&op, l.client, "urn:any", NULL, NULL, 0, p), WSC_E_OPTION);
    CHECK_EQ(wsc_request(&op, l.client, "urn:\x01", NULL, NULL, 0, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_error_get_int(wsc_ctx_error(l.ctx), "offset", &at), WSC_OK);
    CHECK_EQ(at, 4);
    CHECK_EQ(wsc_request(&op, l.client, "", NULL, NULL, 0, NULL), WSC_E_USAGE);
    CHECK(op == NULL);
    CHECK_EQ(wsc_client_run(&c, l.client, "prog", args, 2, NULL), WSC_E_USAGE);
    CHECK(c == NULL);
    CHECK_EQ(l.p.requests, 0);
    wsc_params_unref(p);
    life_close(&l);
}

/* --- a reply that is too large ---------------------------------------------------------------- */

static void swell(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    size_t len = strlen(a->body), more = 100000;
    char *body = malloc(len + more + 1);

    (void)p;
    (void)q;
    if (!body)
        return;
    memcpy(body, a->body, len + 1);
    memset(body + len, ' ', more);
    body[len + more] = '\0';
    free(a->body);
    a->body = body;
}

static void too_large(void)
{
    static const char *const list[] = { "envelope-limit", "65536", NULL };
    const char *option = NULL;
    wsc_op *op = NULL;
    int64_t limit = 0;

    begin(list);
    l.p.change = swell;
    CHECK_EQ(wsc_identify(&op, l.client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_LIMIT);
    CHECK_EQ(wsc_error_get_str(wsc_op_error(op), "option", &option), WSC_OK);
    CHECK_STR(option, "envelope-limit");
    CHECK_EQ(wsc_error_get_int(wsc_op_error(op), "limit", &limit), WSC_OK);
    CHECK_EQ(limit, 65536);
    wsc_op_unref(op);
    life_close(&l);
}

static unsigned elements;

static void many_elements(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    unsigned i;

    (void)p;
    (void)q;
    free(a->body);
    a->body = malloc(elements * 4 + 16);
    if (!a->body)
        abort();
    strcpy(a->body, "<r>");
    for (i = 0; i < elements; i++)
        memcpy(a->body + 3 + 4 * i, "<a/>", 4);
    strcpy(a->body + 3 + 4 * elements, "</r>");
}

/* A value takes what its document may eight times over, as allocated, and no more. */
static void value_too_large(void)
{
    static const char *const list[] = { "envelope-limit", "65536", NULL };
    wsc_epr *e = NULL;

    begin(list);
    l.p.change = many_elements;
    CHECK_EQ(wsc_epr_parse(&e, "winrm/config", NULL, NULL), WSC_OK);
    for (elements = 1000; elements <= 10000; elements += 9000) { /* of 40 kB at most */
        const char *option = NULL;
        wsc_op *op = NULL;
        int64_t limit = 0;

        CHECK_EQ(wsc_get(&op, l.client, e, NULL), WSC_OK);
        if (elements == 1000) {
            CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
            CHECK_EQ(wsc_value_count(wsc_op_value(op)), 1000);
        } else {
            CHECK_EQ(wsc_op_wait(op, -1), WSC_E_LIMIT);
            CHECK_EQ(wsc_error_get_str(wsc_op_error(op), "option", &option), WSC_OK);
            CHECK_STR(option, "envelope-limit");
            CHECK_EQ(wsc_error_get_int(wsc_op_error(op), "limit", &limit), WSC_OK);
            CHECK_EQ(limit, 65536);
        }
        wsc_op_unref(op);
    }
    wsc_epr_unref(e);
    life_close(&l);
}

static const struct test tests[] = {
    { "cookie_goes_back", cookie_goes_back },
    { "port_of_the_option", port_of_the_option },
    { "ids", ids },
    { "options_of_the_shell", options_of_the_shell },
    { "clients", clients },
    { "headers", headers },
    { "own_authorization", own_authorization },
    { "calls", calls },
    { "too_large", too_large },
    { "value_too_large", value_too_large },
};

TEST_MAIN(tests)
