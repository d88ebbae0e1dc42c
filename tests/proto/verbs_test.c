/* Get, Put, updates, Create, Delete and methods: what goes out, what comes back. */
#include "commands.h"

#define SERVICE "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Service"

static char last[65536]; /* the envelope that went out last */
static char action[200];

static void see(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)a;
    snprintf(last, sizeof last, "%s", q->r->body);
    snprintf(action, sizeof action, "%s", q->action);
}

static wsc_epr *epr_of(const char *text)
{
    wsc_epr *e = NULL;

    CHECK_EQ(wsc_epr_parse(&e, text, NULL, NULL), WSC_OK);
    return e;
}

static wsc_value *bag(const char *text)
{
    wsc_value *v = NULL;

    CHECK_EQ(wsc_value_new(&v, NULL, NULL), WSC_OK);
    if (text)
        CHECK_EQ(wsc_value_add_text(v, text, NULL, NULL), WSC_OK);
    return v;
}

static void begin(void)
{
    life_open(&l, NULL);
    l.p.change = see;
    *last = '\0';
}

/* How it ended. */
static int over(int rc, wsc_op **op, bool keep)
{
    CHECK_EQ(rc, WSC_OK);
    CHECK(!wsc_op_value(*op));
    if (rc == WSC_OK)
        rc = wsc_op_wait(*op, -1);
    if (!keep) {
        wsc_op_unref(*op);
        *op = NULL;
    }
    return rc;
}

static void reads(void)
{
    static const char *const part[] = { "fragment", "A", "fragment-dialect", "urn:d", NULL };
    wsc_epr *e = epr_of("winrm/config/listener?Address=*+Transport=HTTPS");
    wsc_params *p = options(part);
    const char *id = NULL;
    wsc_op *op = NULL;
    int64_t n = 0;

    begin();
    CHECK_EQ(over(wsc_get(&op, l.client, e, NULL), &op, true), WSC_OK);
    CHECK_STR(wsc_value_name(wsc_op_value(op)), "Config");
    CHECK_EQ(wsc_value_get_int(wsc_value_find(wsc_op_value(op), "a", 0), &n), WSC_OK);
    CHECK_EQ(n, 1);
    CHECK(wsc_op_get_str(op, "relates-to", &id) == WSC_OK && !strncmp(id, "uuid:", 5));
    CHECK_EQ(wsc_op_get_str(op, "body", &id), WSC_E_AGAIN);
    CHECK(strstr(last, "<w:Selector Name=\"Transport\">HTTPS</w:Selector>"));
    CHECK(strstr(last, "/wsman/1/config/listener</w:ResourceURI>"));
    CHECK(!strstr(last, "Fragment"));
    wsc_op_unref(op);
    CHECK_EQ(over(wsc_get(&op, l.client, e, p), &op, false), WSC_OK);
    CHECK(
        strstr(last, "<w:FragmentTransfer s:mustUnderstand=\"true\" Dialect=\"urn:d\">A</w:Frag"));
    wsc_params_unref(p);
    wsc_epr_unref(e);
    life_close(&l);
}

static void writes(void)
{
    static const char *const part[] = { "fragment", "A", NULL };
    wsc_epr *e = epr_of("winrm/config/client"), *star = epr_of("wmicimv2/*");
    wsc_value *v = bag("{TrustedHosts=\"a,b\"}");
    wsc_params *p = options(part);
    wsc_op *op = NULL;

    begin();
    CHECK_EQ(over(wsc_put(&op, l.client, e, v, NULL), &op, true), WSC_OK);
    CHECK_STR(wsc_value_text(wsc_value_find(wsc_op_value(op), "A", 0), NULL), "3");
    CHECK(strstr(last,
                 "<p:Client xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/config/client\">"
                 "<p:TrustedHosts>a,b</p:TrustedHosts></p:Client>"));
    wsc_op_unref(op);
    CHECK_EQ(over(wsc_put(&op, l.client, e, v, p), &op, false), WSC_OK);
    CHECK(strstr(last, "<w:XmlFragment><p:TrustedHosts "));
    CHECK_EQ(over(wsc_put(&op, l.client, e, NULL, p), &op, false), WSC_OK);
    CHECK(strstr(last, "<w:XmlFragment/>"));
    CHECK_EQ(over(wsc_create(&op, l.client, e, v, NULL), &op, false), WSC_OK);
    CHECK(strstr(last, "<p:Client ") && !strcmp(action, "Create"));
    CHECK_EQ(over(wsc_delete(&op, l.client, e, NULL), &op, false), WSC_OK);
    CHECK_STR(action, "Delete");
    /* what has no name, and no resource that gives one */
    CHECK_EQ(wsc_put(&op, l.client, star, v, NULL), WSC_E_USAGE);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "needs a name"));
    wsc_params_unref(p);
    wsc_value_unref(v);
    wsc_epr_unref(star);
    wsc_epr_unref(e);
    life_close(&l);
}

static void methods(void)
{
    wsc_epr *e = epr_of("wmicimv2/Win32_Service?Name=spooler"), *inner = NULL;
    wsc_value *v = bag("@{Mode=\"Manual\";N=$null}");
    wsc_op *op = NULL;

    begin();
    CHECK_EQ(over(wsc_invoke(&op, l.client, e, "ChangeStartMode", v, NULL), &op, false), WSC_OK);
    CHECK(strstr(last, ">" SERVICE "/ChangeStartMode</a:Action>"));
    CHECK(strstr(last, "<p:ChangeStartMode_INPUT xmlns:p=\"" SERVICE "\">"));
    CHECK(strstr(last, ">Manual</p:Mode>") && strstr(last, "xsi:nil=\"true\"/>"));
    CHECK_EQ(over(wsc_invoke(&op, l.client, e, "StopService", NULL, NULL), &op, false), WSC_OK);
    CHECK(strstr(last, "<p:StopService_INPUT xmlns:p=\"" SERVICE "\"/>"));
    CHECK_EQ(wsc_invoke(&op, l.client, e, "", NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_invoke(&op, l.client, e, "a b", NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_invoke(&op, l.client, e, NULL, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_invoke(&op, l.client, NULL, "M", NULL, NULL), WSC_E_USAGE);
    /* a selector that is a reference */
    CHECK_EQ(wsc_epr_new(&inner, "urn:i"), WSC_OK);
    CHECK_EQ(wsc_epr_add_selector_epr(inner, "Of", e), WSC_OK);
    CHECK_EQ(over(wsc_get(&op, l.client, inner, NULL), &op, false), WSC_OK);
    CHECK(strstr(last, "<w:Selector Name=\"Of\"><a:EndpointReference><a:Address>"));
    CHECK(strstr(last, "<w:Selector Name=\"Name\">spooler</w:Selector>"));
    wsc_epr_unref(inner);
    wsc_value_unref(v);
    wsc_epr_unref(e);
    life_close(&l);
}

static void updates(void)
{
    static const struct {
        const char *changes;
        int status;
        unsigned puts;
        const char *part, *text;
    } cases[] = {
        { "{a=9}", WSC_OK, 1, "<c:A>9</c:A><c:B Source=\"GPO\">2</c:B>", NULL },
        { "{B=9}", WSC_E_ACCESS_DENIED, 0, NULL, "B is set by a policy" },
        { "{C=9}", WSC_E_NOT_FOUND, 0, NULL, "Config has no C" },
    };
    wsc_epr *e = epr_of("winrm/config");
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        wsc_value *v = bag(cases[i].changes);
        wsc_op *op = NULL;
        int64_t code = 0;

        begin();
        CHECK_EQ(over(wsc_update(&op, l.client, e, v, NULL), &op, true), cases[i].status);
        wsc_value_unref(v);
        CHECK_EQ(peer_asked(&l.p, "Get"), 1);
        CHECK_EQ(peer_asked(&l.p, "Put"), cases[i].puts);
        if (cases[i].part)
            CHECK(strstr(last, cases[i].part));
        if (cases[i].text && CHECK(strstr(wsc_error_text(wsc_op_error(op)), cases[i].text)) && !i)
            CHECK(wsc_error_get_int(wsc_op_error(op), "fault-code", &code) == WSC_OK);
        CHECK((wsc_op_value(op) != NULL) == (cases[i].status == WSC_OK));
        wsc_op_unref(op);
        life_close(&l);
    }
    wsc_epr_unref(e);
}

static void odd(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    see(p, q, a);
    if (strcmp(q->action, "Get"))
        return;
    free(a->body);
    a->body = strdup("<c:Config xmlns:c='urn:c' c:x:y='1' c:2='2'><c:A :z='3'>1</c:A></c:Config>");
}

/* Names that no program may give, but that libxml2 lets pass in what it reads. */
static void odd_names(void)
{
    wsc_epr *e = epr_of("winrm/config");
    wsc_value *v = bag("{A=9}"), *copy = NULL;
    wsc_op *op = NULL;

    begin();
    l.p.change = odd;
    CHECK_EQ(over(wsc_update(&op, l.client, e, v, NULL), &op, false), WSC_OK);
    CHECK(strstr(last, ":x:y=\"1\"") && strstr(last, ":2=\"2\"><c:A :z=\"3\">9</c:A>"));
    CHECK_EQ(over(wsc_get(&op, l.client, e, NULL), &op, true), WSC_OK);
    CHECK_EQ(wsc_value_copy(&copy, wsc_op_value(op)), WSC_OK);
    CHECK_STR(wsc_value_attr(copy, "urn:c", "x:y"), "1");
    wsc_value_unref(copy);
    wsc_value_unref(v);
    wsc_op_unref(op);
    wsc_epr_unref(e);
    life_close(&l);
}

static void service(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Get"))
        return;
    free(a->body);
    a->body = strdup("<c:Config xmlns:c='urn:c'><c:Service><c:Auth><c:Basic Source='GPO'>1"
                     "</c:Basic></c:Auth><c:Mine Source='GPO'/></c:Service></c:Config>");
}

/* Where it is set is told, of what is in the table. */
static void policies(void)
{
    static const struct {
        const char *changes, *cause;
    } cases[] = {
        { "<x><Service><Auth><basic>0</basic></Auth></Service></x>",
          "WinRM Service: Allow Basic authentication." },
        { "<x><Service><Mine>0</Mine></Service></x>", "or Windows Remote Shell." },
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        wsc_epr *e = epr_of("winrm/config");
        wsc_value *v = NULL;
        wsc_op *op = NULL;
        const char *cause = "";

        begin();
        l.p.change = service;
        CHECK_EQ(wsc_value_parse(&v, cases[i].changes, strlen(cases[i].changes), NULL), WSC_OK);
        CHECK_EQ(over(wsc_update(&op, l.client, e, v, NULL), &op, true), WSC_E_ACCESS_DENIED);
        CHECK_EQ(wsc_error_get_str(wsc_op_error(op), "cause", &cause), WSC_OK);
        if (!CHECK(strstr(cause, cases[i].cause)))
            printf("%s\n", cause);
        wsc_op_unref(op);
        wsc_value_unref(v);
        wsc_epr_unref(e);
        life_close(&l);
    }
}

/* An update that is canceled, or given back, or whose context goes, at every step. */
static void update_ends(void)
{
    wsc_epr *e = epr_of("winrm/config");
    wsc_value *v = bag("{A=9}");
    int when, steps;

    for (when = 0; when < 3; when++) {
        for (steps = 0; steps < 30; steps++) {
            wsc_op *op = NULL;
            int i, rc;

            begin();
            CHECK_EQ(wsc_update(&op, l.client, e, v, NULL), WSC_OK);
            for (i = 0; i < steps; i++)
                wsc_ctx_step(l.ctx);
            if (when == 0) {
                CHECK_EQ(wsc_op_cancel(op), WSC_OK);
                rc = wsc_op_wait(op, -1);
                CHECK(rc == WSC_E_CANCELED || rc == WSC_OK);
            } else if (when == 1) {
                wsc_op_unref(op);
                op = NULL;
                run_out(&l);
                CHECK_EQ(peer_asked(&l.p, "Put"), 1);
            } else {
                wsc_ctx_unref(l.ctx);
                l.ctx = NULL;
            }
            wsc_op_unref(op);
            life_close(&l);
        }
    }
    wsc_value_unref(v);
    wsc_epr_unref(e);
}

static void names_it(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    see(p, q, a);
    a->headers =
        "<w:RequestedEPR><a:EndpointReference><a:Address>x</a:Address><a:ReferenceParameters>"
        "<w:ResourceURI>urn:named</w:ResourceURI></a:ReferenceParameters>"
        "</a:EndpointReference></w:RequestedEPR>";
}

static void requested(void)
{
    static const char *const asks[] = { "request-epr", "true", NULL };
    wsc_epr *e = epr_of("winrm/config"), *named = NULL;
    wsc_params *p = options(asks);
    wsc_op *op = NULL;

    begin();
    CHECK_EQ(over(wsc_get(&op, l.client, e, NULL), &op, true), WSC_OK);
    CHECK_EQ(wsc_op_get_epr(op, &named), WSC_E_AGAIN);
    CHECK_EQ(wsc_op_get_epr(NULL, &named), WSC_E_USAGE);
    wsc_op_unref(op);
    op = NULL;
    l.p.change = names_it;
    CHECK_EQ(over(wsc_get(&op, l.client, e, p), &op, true), WSC_OK);
    CHECK(strstr(last, "<w:RequestEPR/>"));
    CHECK_STR(wsc_value_name(wsc_op_value(op)), "Config");
    CHECK_EQ(wsc_op_get_epr(op, &named), WSC_OK);
    CHECK_STR(wsc_epr_uri(named), "urn:named");
    wsc_epr_unref(named);
    wsc_op_unref(op);
    wsc_epr_unref(e);
    wsc_params_unref(p);
    life_close(&l);
}

static int kilobytes = 300;

static void config(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    see(p, q, a);
    if (strcmp(q->action, "Get") || strstr(q->r->body, "no-limit"))
        return;
    free(a->body);
    a->body = calloc(1, 200);
    snprintf(a->body, 200,
             "<c:Config xmlns:c='urn:c'><c:MaxEnvelopeSizekb> %d </c:MaxEnvelopeSizekb></c:Config>",
             kilobytes);
}

static const char *option_of(const char *name)
{
    const char *value = NULL;

    CHECK_EQ(wsc_client_option(l.client, NULL, name, &value, NULL), WSC_OK);
    return value;
}

static void limits(void)
{
    static const char *const own[] = { "max-envelope-size", "200000", NULL };
    static const char *const none[] = { "locale", "no-limit", NULL };
    wsc_params *p = options(none);
    wsc_op *op = NULL;

    begin();
    l.p.change = config;
    CHECK_STR(option_of("max-request-size"), "153600");
    CHECK_EQ(over(wsc_client_learn_limits(&op, l.client, p), &op, true), WSC_E_PROTOCOL);
    CHECK(strstr(wsc_error_text(wsc_op_error(op)), "MaxEnvelopeSizekb"));
    wsc_op_unref(op);
    op = NULL;
    CHECK_STR(option_of("max-request-size"), "153600");
    CHECK_EQ(over(wsc_client_learn_limits(&op, l.client, NULL), &op, true), WSC_OK);
    CHECK_STR(wsc_value_name(wsc_op_value(op)), "Config");
    wsc_op_unref(op);
    op = NULL;
    CHECK_STR(option_of("max-request-size"), "307200");
    CHECK_STR(option_of("max-envelope-size"), "307200");
    CHECK_EQ(over(wsc_client_learn_limits(&op, l.client, NULL), &op, false), WSC_OK);
    CHECK(strstr(last, ">307200</w:MaxEnvelopeSize>"));
    kilobytes = 64; /* it has changed */
    CHECK_EQ(over(wsc_client_learn_limits(&op, l.client, NULL), &op, false), WSC_OK);
    CHECK_STR(option_of("max-request-size"), "65536");
    kilobytes = 300;
    wsc_params_unref(p);
    life_close(&l);
    life_open(&l, own);
    l.p.change = config;
    CHECK_EQ(over(wsc_client_learn_limits(&op, l.client, NULL), &op, false), WSC_OK);
    CHECK_STR(option_of("max-request-size"), "307200");
    CHECK_STR(option_of("max-envelope-size"), "200000");
    CHECK_EQ(wsc_client_learn_limits(&op, NULL, NULL), WSC_E_USAGE);
    life_close(&l);
}

static const struct test tests[] = {
    { "reads", reads },     { "writes", writes },       { "methods", methods },
    { "updates", updates }, { "policies", policies },   { "update_ends", update_ends },
    { "limits", limits },   { "requested", requested }, { "odd_names", odd_names },
};

TEST_MAIN(tests)
