/* Encoders of a program's own. */
#include "commands.h"

#include <wsman-client/sys/encoder.h>

static char bodies[65536]; /* the envelopes that went out */

static void see(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    size_t n = strlen(bodies);

    (void)p;
    (void)a;
    snprintf(bodies + n, sizeof bodies - n, "%s\n", q->r->body);
}

static int frees;

static void freed(void *ud)
{
    (void)ud;
    frees++;
}

typedef int (*encode_fn)(const wsc_message *m, wsc_writer *w, void *ud);

static wsc_encoder encoder(encode_fn fn)
{
    wsc_encoder e = { sizeof e, fn };

    return e;
}

/* One Identify, or request, with the encoder. */
static int one(encode_fn fn, bool identify)
{
    wsc_encoder e = encoder(fn);
    wsc_op *op = NULL;
    int rc;

    bodies[0] = '\0';
    frees = 0;
    life_open(&l, NULL);
    l.p.change = see;
    CHECK_EQ(wsc_client_set_encoder(l.client, &e, bodies, freed), WSC_OK);
    rc = identify ? wsc_identify(&op, l.client, NULL)
                  : wsc_request(&op, l.client, "http://x/Get", NULL, "<x/>", 4, NULL);
    if (rc == WSC_OK)
        rc = wsc_op_wait(op, -1);
    wsc_op_unref(op);
    CHECK_EQ(frees, 0);
    return rc;
}

static void over(void)
{
    wsc_client_unref(l.client);
    l.client = NULL;
    wsc_ctx_step(l.ctx);
    CHECK_EQ(frees, 1);
    life_close(&l);
}

/* --- a block ---------------------------------------------------------------------------------- */

static char names[1024];

static int blocks(const wsc_message *m, const char *name, wsc_writer *w, void *ud)
{
    CHECK(m != NULL && ud == bodies);
    strcat(names, name ? name : "end");
    strcat(names, " ");
    if (name && strcmp(name, "a:ReplyTo") == 0)
        return WSC_OK;
    if (name && strcmp(name, "p:SessionId") == 0) {
        CHECK_EQ(wsc_writer_start(w, "p:SessionId"), WSC_OK);
        CHECK_EQ(wsc_writer_text(w, "mine & yours"), WSC_OK);
        return wsc_writer_end(w, "p:SessionId");
    }
    if (name)
        return WSC_E_AGAIN;
    CHECK_EQ(wsc_writer_start(w, "t:More"), WSC_OK);
    CHECK_EQ(wsc_writer_attr(w, "xmlns:t", "urn:t"), WSC_OK);
    CHECK_EQ(wsc_writer_xml(w, "<t:raw/>", 8), WSC_OK);
    return wsc_writer_end(w, "t:More");
}

static int with_blocks(const wsc_message *m, wsc_writer *w, void *ud)
{
    names[0] = '\0';
    return wsc_write_envelope(m, w, blocks, ud);
}

static void blocks_are_added_and_changed(void)
{
    CHECK_EQ(one(with_blocks, false), WSC_OK);
    CHECK_STR(names, "a:To a:ReplyTo a:Action a:MessageID w:MaxEnvelopeSize w:OperationTimeout "
                     "w:Locale p:DataLocale p:SessionId end ");
    CHECK(!strstr(bodies, "ReplyTo"));
    CHECK(strstr(bodies, "<p:SessionId>mine &amp; yours</p:SessionId>") != NULL);
    CHECK(strstr(bodies, "<t:More xmlns:t=\"urn:t\"><t:raw/></t:More></s:Header>") != NULL);
    CHECK(strstr(bodies, "<s:Body><x/></s:Body>") != NULL);
    over();
    CHECK_EQ(one(with_blocks, true), WSC_OK);
    CHECK_STR(names, "end ");
    CHECK(strstr(bodies, "<t:raw/></t:More></s:Header>") != NULL);
    over();
}

/* --- all of it -------------------------------------------------------------------------------- */

static int by_hand(const wsc_message *m, wsc_writer *w, void *ud)
{
    const char *id = NULL, *text = NULL, *key, *value;
    const char *a = "<i xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\">";
    const void *xml;
    int64_t n = -1;
    size_t len;

    (void)ud;
    CHECK_EQ(wsc_message_get_str(m, "message-id", &id), WSC_OK);
    CHECK_EQ(wsc_message_get_str(m, "action", &text), WSC_OK);
    CHECK_STR(text, "http://x/Get");
    CHECK_EQ(wsc_message_get_str(m, "resource-uri", &text), WSC_E_AGAIN);
    CHECK_EQ(wsc_message_get_str(m, "nonsense", &text), WSC_E_USAGE);
    CHECK_EQ(wsc_message_get_int(m, "max-envelope-size", &n), WSC_OK);
    CHECK_EQ(n, 512000);
    CHECK_EQ(wsc_message_get_int(m, "operation-timeout", &n), WSC_OK);
    CHECK_EQ(n, 60000);
    CHECK_EQ(wsc_message_get_int(m, "identify", &n), WSC_OK);
    CHECK_EQ(n, 0);
    CHECK_EQ(wsc_message_get_int(m, "nonsense", &n), WSC_E_USAGE);
    CHECK_EQ(wsc_message_get_pair(m, "selector", 0, &key, &value), WSC_E_AGAIN);
    CHECK_EQ(wsc_message_get_pair(m, "option", 0, &key, &value), WSC_E_AGAIN);
    CHECK_EQ(wsc_message_get_pair(m, "nonsense", 0, &key, &value), WSC_E_USAGE);
    CHECK_EQ(wsc_message_body(m, &xml, &len), WSC_OK);
    CHECK(len == 4 && !memcmp(xml, "<x/>", 4));
    wsc_writer_start(w, "E");
    wsc_writer_attr(w, "xmlns", "http://www.w3.org/2003/05/soap-envelope");
    wsc_writer_start(w, "m");
    wsc_writer_text(w, "<a:MessageID>");
    wsc_writer_end(w, "m");
    wsc_writer_xml(w, a, strlen(a));
    wsc_writer_start(w, "a:MessageID");
    wsc_writer_text(w, id);
    wsc_writer_end(w, "a:MessageID");
    wsc_writer_xml(w, "</i>", 4);
    return wsc_writer_end(w, "E");
}

static void envelope_by_hand(void)
{
    CHECK_EQ(one(by_hand, false), WSC_OK);
    CHECK(strstr(bodies, "<m>&lt;a:MessageID&gt;</m><i xmlns:a=") != NULL);
    over();
}

/* --- what goes wrong -------------------------------------------------------------------------- */

static int writes_nothing(const wsc_message *m, wsc_writer *w, void *ud)
{
    (void)m;
    (void)w;
    (void)ud;
    return WSC_OK;
}

static int torn(const wsc_message *m, wsc_writer *w, void *ud)
{
    (void)m;
    (void)ud;
    return wsc_writer_xml(w, "<a><b></a>", 10);
}

static int refuses(const wsc_message *m, wsc_writer *w, void *ud)
{
    (void)m;
    (void)w;
    (void)ud;
    return WSC_E_ACCESS_DENIED;
}

static int bad_name(const wsc_message *m, wsc_writer *w, void *ud)
{
    (void)m;
    (void)ud;
    CHECK_EQ(wsc_writer_start(w, "a b"), WSC_E_USAGE);
    CHECK_EQ(wsc_writer_start(w, "a"), WSC_E_USAGE); /* the first failure is kept */
    return WSC_OK;
}

static int bad_text(const wsc_message *m, wsc_writer *w, void *ud)
{
    (void)ud;
    (void)m;
    wsc_writer_start(w, "a");
    CHECK_EQ(wsc_writer_text(w, "ab\x01"), WSC_E_USAGE);
    return wsc_writer_end(w, "a");
}

static int bad_header(const wsc_message *m, const char *name, wsc_writer *w, void *ud)
{
    (void)m;
    (void)w;
    (void)ud;
    return name && !strcmp(name, "a:Action") ? WSC_E_UNSUPPORTED : WSC_E_AGAIN;
}

static int with_bad_header(const wsc_message *m, wsc_writer *w, void *ud)
{
    CHECK_EQ(wsc_write_envelope(m, w, bad_header, ud), WSC_E_UNSUPPORTED);
    return WSC_OK; /* forgotten: the writer knows */
}

static void failures(void)
{
    static const struct {
        encode_fn fn;
        int rc;
    } cases[] = {
        { writes_nothing, WSC_E_USAGE },  { torn, WSC_E_USAGE },
        { refuses, WSC_E_ACCESS_DENIED }, { bad_name, WSC_E_USAGE },
        { bad_text, WSC_E_USAGE },        { with_bad_header, WSC_E_UNSUPPORTED },
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK_EQ(one(cases[i].fn, false), cases[i].rc);
        CHECK_STR(bodies, ""); /* nothing was sent */
        over();
    }
}

static void wrong_tables(void)
{
    wsc_encoder e = encoder(NULL);

    life_open(&l, NULL);
    frees = 0;
    CHECK_EQ(wsc_client_set_encoder(l.client, &e, NULL, freed), WSC_E_USAGE);
    e = encoder(torn);
    e.struct_size = 8;
    CHECK_EQ(wsc_client_set_encoder(l.client, &e, NULL, freed), WSC_E_USAGE);
    CHECK_EQ(wsc_client_set_encoder(NULL, &e, NULL, freed), WSC_E_USAGE);
    CHECK_EQ(frees, 0);
    e = encoder(torn);
    CHECK_EQ(wsc_client_set_encoder(l.client, &e, NULL, freed), WSC_OK);
    CHECK_EQ(wsc_client_set_encoder(l.client, NULL, NULL, NULL), WSC_OK); /* the library's again */
    CHECK_EQ(frees, 1);
    CHECK_EQ(wsc_write_envelope(NULL, NULL, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_message_get_str(NULL, "to", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_message_get_int(NULL, "identify", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_message_get_pair(NULL, "option", 0, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_message_body(NULL, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_writer_start(NULL, "a"), WSC_E_USAGE);
    CHECK_EQ(wsc_writer_attr(NULL, "a", "b"), WSC_E_USAGE);
    CHECK_EQ(wsc_writer_text(NULL, "a"), WSC_E_USAGE);
    CHECK_EQ(wsc_writer_xml(NULL, "a", 1), WSC_E_USAGE);
    CHECK_EQ(wsc_writer_end(NULL, "a"), WSC_E_USAGE);
    life_close(&l);
}

/* A whole command with an encoder. */
static void command(void)
{
    wsc_encoder e = encoder(with_blocks);
    wsc_command *c;

    bodies[0] = '\0';
    frees = 0;
    life_open(&l, NULL);
    STEPS(hello);
    l.p.change = see;
    CHECK_EQ(wsc_client_set_encoder(l.client, &e, bodies, freed), WSC_OK);
    c = run(NULL);
    on_all(c, &l.h);
    run_out(&l);
    CHECK_EQ(l.h.exits, 1);
    CHECK_EQ(l.h.status, WSC_OK);
    CHECK_EQ(times(bodies, "</t:More></s:Header>"), 8);
    CHECK_STR(peer_log(&l.p), "Create Command Receive Receive Receive Receive Signal Delete");
    wsc_command_unref(c);
    over();
}

static const struct test tests[] = {
    { "blocks_are_added_and_changed", blocks_are_added_and_changed },
    { "envelope_by_hand", envelope_by_hand },
    { "failures", failures },
    { "wrong_tables", wrong_tables },
    { "command", command },
};

TEST_MAIN(tests)
