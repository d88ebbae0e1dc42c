#include "wsman/envelope.h"

#include "base/b64.h"
#include "base/codes.h"
#include "wsman/shell.h"
#include "xml/xml_reader.h"

#include "test.h"

/* What a decoder told, line by line. Stream data are gathered, so that cuts do not show. */
struct log {
    struct wsc__buf out;
    struct wsc__buf data;
    bool pause;
    int stop_at_head;
    struct wsc__decoder *d;
};

static int line(struct log *l, const char *a, const char *b, const char *c)
{
    const char *const parts[] = { a, b, c, "\n" };

    for (int i = 0; i < 4; i++)
        if (wsc__buf_puts(&l->out, parts[i]))
            return WSC_E_NOMEM;
    return WSC_OK;
}

static int on_head(void *ud, const struct wsc__reply_head *h)
{
    struct log *l = ud;

    if (l->stop_at_head)
        return l->stop_at_head;
    return line(l, "head ", h->action, "") || line(l, "id ", h->message_id, "") ||
                   line(l, "re ", h->relates_to, "")
               ? WSC_E_NOMEM
               : WSC_OK;
}

static int on_field(void *ud, enum wsc__field f, const char *value)
{
    char n[16];

    snprintf(n, sizeof n, "field %d ", (int)f);
    return line(ud, n, value, "");
}

static int on_stream_start(void *ud, const char *name, const char *id, bool end)
{
    return line(ud, "stream ", name, "") || line(ud, " of ", id, end ? " end" : "") ? WSC_E_NOMEM
                                                                                    : WSC_OK;
}

static int on_stream(void *ud, const uint8_t *data, size_t len)
{
    struct log *l = ud;

    if (wsc__buf_append(&l->data, data, len))
        return WSC_E_NOMEM;
    return l->pause ? WSC__PAUSE : WSC_OK;
}

static int on_stream_end(void *ud)
{
    struct log *l = ud;
    int rc = wsc__buf_append(&l->out, wsc__buf_data(&l->data), l->data.len);

    wsc__buf_reset(&l->data);
    return rc ? rc : line(l, "", "", "");
}

static int on_state(void *ud, const char *id, enum wsc__state state, const char *uri, bool has_exit,
                    int64_t code)
{
    char n[64];

    (void)uri;
    snprintf(n, sizeof n, " %d exit %d %lld", (int)state, has_exit, (long long)code);
    return line(ud, "state ", id, n);
}

static int on_fault(void *ud, const struct wsc__fault *f)
{
    char n[80];

    snprintf(n, sizeof n, " %d %lu", f->has_code, (unsigned long)f->fault_code);
    return line(ud, "fault ", f->subcode ? f->subcode : "-", n);
}

static const struct wsc__sink sink = { on_head,   on_field,      on_stream_start,
                                       on_stream, on_stream_end, on_state,
                                       NULL,      on_fault };

static int feed(struct log *l, const char *p, size_t len, struct wsc_error **err)
{
    while (len) {
        size_t used = 0;
        int rc = wsc__decoder_feed(l->d, p, len, &used, err);

        if (rc && rc != WSC__PAUSE)
            return rc;
        p += used;
        len -= used;
    }
    return WSC_OK;
}

static int run(struct log *l, const struct wsc__mem *mem, const struct wsc__decoder_options *o,
               const char *xml, size_t len, size_t cut, struct wsc_error **err)
{
    int rc;

    wsc__buf_init(&l->out, mem, 1u << 26);
    wsc__buf_init(&l->data, mem, 1u << 26);
    rc = wsc__decoder_new(&l->d, mem, o, &sink, l);
    if (rc)
        return rc;
    if (cut == SIZE_MAX) {
        for (size_t i = 0; !rc && i < len; i++)
            rc = feed(l, xml + i, 1, err);
    } else {
        rc = feed(l, xml, cut, err);
        if (!rc)
            rc = feed(l, xml + cut, len - cut, err);
    }
    if (!rc)
        rc = wsc__decoder_finish(l->d, err);
    if (!rc && o->capture) {
        const char *body = wsc__decoder_body(l->d);

        rc = body ? line(l, "body ", body, "") : WSC_E_NOMEM;
    }
    CHECK(rc || wsc__decoder_complete(l->d));
    return rc;
}

static void drop(struct log *l)
{
    wsc__decoder_free(l->d);
    wsc__buf_free(&l->out);
    wsc__buf_free(&l->data);
}

static int every_way(const char *xml, bool capture, const char *expect)
{
    struct wsc__decoder_options o = { .max_bytes = 1u << 20, .capture = capture };
    size_t len = strlen(xml), cut;
    struct wsc_error *err = NULL;
    struct log whole = { 0 };
    int rc = run(&whole, &wsc__mem_libc, &o, xml, len, len, &err);

    if (rc)
        CHECK_EQ(wsc__error_code(err), rc);
    wsc__error_unref(err);
    if (expect)
        CHECK_STR(wsc__buf_cstr(&whole.out), expect);
    for (cut = 0; cut <= len + 1; cut++) {
        struct log l = { .pause = cut & 1 };
        int got;

        err = NULL;
        got = run(&l, &wsc__mem_libc, &o, xml, len, cut > len ? SIZE_MAX : cut, &err);
        CHECK_EQ(got, rc);
        wsc__error_unref(err);
        if (!CHECK(rc || !strcmp(wsc__buf_cstr(&l.out), wsc__buf_cstr(&whole.out))))
            printf("# cut at %zu\n", cut);
        drop(&l);
    }
    drop(&whole);
    return rc;
}

#define ENV                                                                                        \
    "<s:Envelope xml:lang=\"en-US\" xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "          \
    "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "                                \
    "xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\" "                                  \
    "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" "                                  \
    "xmlns:rsp=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell\">"
#define HEAD                                                                                       \
    ENV "<s:Header><a:Action>urn:act</a:Action><a:MessageID>uuid:M</a:MessageID>"                  \
        "<a:To>urn:to</a:To><a:RelatesTo> uuid:R\n</a:RelatesTo></s:Header><s:Body>"
#define TAIL "</s:Body></s:Envelope>"
#define TOLD "head urn:act\nid uuid:M\nre uuid:R\n"

static void create_response(void)
{
    CHECK_EQ(
        every_way(
            HEAD
            "<x:ResourceCreated><a:Address>http://h:5985/wsman</a:Address><a:ReferenceParameters>"
            "<w:ResourceURI>urn:cmd</w:ResourceURI><w:SelectorSet><w:Selector "
            "Name=\"Other\">o</w:Selector>"
            "<w:Selector "
            "Name=\"ShellID\">S-1</w:Selector></w:SelectorSet></a:ReferenceParameters></"
            "x:ResourceCreated>"
            "<rsp:Shell><rsp:ShellId> S-1 </rsp:ShellId><rsp:Name>n &amp; "
            "m</rsp:Name><rsp:ResourceUri>urn:cmd</rsp:ResourceUri>"
            "<rsp:Owner>D\\u</rsp:Owner><rsp:ClientIP>1.2.3.4</"
            "rsp:ClientIP><rsp:IdleTimeOut>PT7200.000S</rsp:IdleTimeOut>"
            "<rsp:MaxIdleTimeOut>PT1S</rsp:MaxIdleTimeOut><rsp:InputStreams>stdin</"
            "rsp:InputStreams>"
            "<rsp:OutputStreams>stdout "
            "stderr</rsp:OutputStreams><rsp:State>Connected</"
            "rsp:State><rsp:ShellRunTime>P0DT0H0M0S</rsp:ShellRunTime></rsp:Shell>" TAIL,
            false,
            TOLD "field 0 S-1\nfield 1 S-1\nfield 2 n & m\nfield 6 urn:cmd\nfield 4 D\\u\nfield 5 "
                 "1.2.3.4\n"
                 "field 7 PT7200.000S\nfield 8 PT1S\nfield 9 stdin\nfield 10 stdout stderr\nfield "
                 "3 Connected\n"),
        0);
}

static void command_response(void)
{
    CHECK_EQ(
        every_way(
            HEAD
            "<rsp:CommandResponse>\n<rsp:CommandId>C-1</rsp:CommandId></rsp:CommandResponse>" TAIL,
            false, TOLD "field 11 C-1\n"),
        0);
    CHECK_EQ(every_way(HEAD "<rsp:SignalResponse/>" TAIL, false, TOLD), 0);
    CHECK_EQ(every_way(HEAD TAIL, false, TOLD), 0);
    CHECK_EQ(every_way(ENV "<s:Body/></s:Envelope>", false, "head \nid \nre \n"), 0);
}

static void receive_response(void)
{
    CHECK_EQ(
        every_way(
            HEAD
            "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\" "
            "CommandId=\"C\">aGVs\r\nbG8=</rsp:Stream>"
            "<rsp:Stream Name=\"stderr\" CommandId=\"C\">IQ==</rsp:Stream><rsp:Stream "
            "Name=\"stdout\" CommandId=\"C\" End=\"True\"/>"
            "<rsp:Stream Name=\"stderr\" CommandId=\"C\" End=\"true\"></rsp:Stream>"
            "<rsp:CommandState CommandId=\"C\" "
            "State=\"http://x/CommandState/Running\"><rsp:ExitCode>0</rsp:ExitCode></"
            "rsp:CommandState>"
            "<rsp:CommandState CommandId=\"C\" State=\"http://x/commandstate/DONE\"><rsp:ExitCode> "
            "-1073741510 </rsp:ExitCode></rsp:CommandState>"
            "</rsp:ReceiveResponse>" TAIL,
            false,
            TOLD "stream stdout\n of C\nhello\nstream stderr\n of C\n!\nstream stdout\n of C "
                 "end\n\nstream stderr\n of C end\n\n"
                 "state C 1 exit 0 0\nstate C 3 exit 1 3221225786\n"),
        0);
    CHECK_EQ(every_way(HEAD
                       "<rsp:ReceiveResponse><rsp:CommandState "
                       "State=\"u/Pending\"/><rsp:CommandState CommandId=\"C\"/>"
                       "<rsp:CommandState CommandId=\"C\" State=\"u/Done\"/><rsp:CommandState "
                       "State=\"Done\"><rsp:ExitCode>3221225786</rsp:ExitCode></rsp:CommandState>"
                       "<rsp:CommandState "
                       "State=\"Done\"><rsp:ExitCode>many</rsp:ExitCode></rsp:CommandState></"
                       "rsp:ReceiveResponse>" TAIL,
                       false,
                       TOLD "state  2 exit 0 0\nstate C 0 exit 0 0\nstate C 3 exit 0 0\nstate  3 "
                            "exit 1 3221225786\nstate  3 exit 0 0\n"),
             0);
    /* white space, references and sections inside base64 */
    CHECK_EQ(every_way(HEAD "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\">\n aG&#86;s<!-- x "
                            "-->bG<![CDATA[8=]]>\t</rsp:Stream></rsp:ReceiveResponse>" TAIL,
                       false, TOLD "stream stdout\n of \nhello\n"),
             0);
}

/* What does not fit into 32 bits is no exit code: cut down to them it might read 0, success. */
static void exit_codes_out_of_range(void)
{
    static const struct {
        const char *text, *told;
    } cases[] = {
        { "4294967295", "exit 1 4294967295" },
        { "-2147483648", "exit 1 2147483648" },
        { "4294967296", "exit 0 0" },
        { "-4294967296", "exit 0 0" },
        { "8589934592", "exit 0 0" },
        { "-2147483649", "exit 0 0" },
        { "18446744073709551616", "exit 0 0" },
        { "-", "exit 0 0" },
        { "0x10", "exit 0 0" },
        { "", "exit 0 0" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char doc[2048], told[256];

        snprintf(doc, sizeof doc,
                 "%s<rsp:ReceiveResponse><rsp:CommandState CommandId=\"C\" State=\"u/Done\">"
                 "<rsp:ExitCode>%s</rsp:ExitCode></rsp:CommandState></rsp:ReceiveResponse>%s",
                 HEAD, cases[i].text, TAIL);
        snprintf(told, sizeof told, "%sstate C 3 %s\n", TOLD, cases[i].told);
        if (!CHECK_EQ(every_way(doc, false, told), 0))
            printf("# %s\n", cases[i].text);
    }
}

static void other_prefixes(void)
{
    CHECK_EQ(
        every_way(
            "<Envelope xmlns=\"http://www.w3.org/2003/05/soap-envelope\"><Header>"
            "<wsa:RelatesTo "
            "xmlns:wsa=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\">uuid:R</wsa:RelatesTo>"
            "<Action "
            "xmlns=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\">urn:act</"
            "Action><Action>no</Action></Header><Body>"
            "<ReceiveResponse "
            "xmlns=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell\"><Stream "
            "Name=\"stdout\" CommandId=\"C\">aGk=</Stream>"
            "<CommandState CommandId=\"C\" "
            "State=\"u/Done\"><ExitCode>7</ExitCode></CommandState></ReceiveResponse></Body></"
            "Envelope>",
            false, "head urn:act\nid \nre uuid:R\nstream stdout\n of C\nhi\nstate C 3 exit 1 7\n"),
        0);
}

static void identify(void)
{
    CHECK_EQ(
        every_way(
            "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header/><s:Body>"
            "<wsmid:IdentifyResponse "
            "xmlns:wsmid=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\">"
            "<wsmid:ProtocolVersion>urn:p</wsmid:ProtocolVersion><wsmid:ProductVendor>V</"
            "wsmid:ProductVendor>"
            "<wsmid:ProductVersion>OS: 10 Stack: 3.0</wsmid:ProductVersion><wsmid:SecurityProfiles>"
            "<wsmid:SecurityProfileName>a</wsmid:SecurityProfileName><wsmid:SecurityProfileName>b</"
            "wsmid:SecurityProfileName>"
            "</wsmid:SecurityProfiles></wsmid:IdentifyResponse></s:Body></s:Envelope>",
            false,
            "head \nid \nre \nfield 12 urn:p\nfield 13 V\nfield 14 OS: 10 Stack: 3.0\nfield 15 "
            "a\nfield 15 b\n"),
        0);
}

static void bad_replies(void)
{
    static const char *const bad[] = {
        "<a/>",
        "<html><body>no</body></html>",
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body/></s:Envelope>",
        ENV "<s:Header/></s:Envelope>",
        ENV "<s:Body/><s:Body/></s:Envelope>",
        HEAD "<rsp:ReceiveResponse><rsp:Stream "
             "Name=\"stdout\">aG*s</rsp:Stream></rsp:ReceiveResponse>" TAIL,
        HEAD "<rsp:ReceiveResponse><rsp:Stream "
             "Name=\"stdout\">aGVsb</rsp:Stream></rsp:ReceiveResponse>" TAIL,
        HEAD "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\">aGVsbG8=",
        HEAD,
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!CHECK_EQ(every_way(bad[i], false, NULL), WSC_E_PROTOCOL))
            printf("# case %zu\n", i);
}

static bool answered(const char *xml, const struct wsc__response *response, bool capture)
{
    struct wsc__decoder_options o = { .max_bytes = 1u << 20, .capture = capture };
    struct wsc_error *err = NULL;
    struct log l = { 0 };
    bool is;

    o.response = response;
    CHECK_EQ(run(&l, &wsc__mem_libc, &o, xml, strlen(xml), SIZE_MAX, &err), WSC_OK);
    is = wsc__decoder_answered(l.d);
    wsc__error_unref(err);
    drop(&l);
    return is;
}

/* The element has to be the one, of the right namespace, and stand in s:Body itself. */
static void what_answers(void)
{
    static const struct {
        const char *xml;
        bool is;
    } cases[] = {
        { HEAD "<rsp:ReceiveResponse/>" TAIL, true },
        { HEAD " <x:Other/><rsp:ReceiveResponse> </rsp:ReceiveResponse>" TAIL, true },
        { HEAD "<r:receiveresponse xmlns:r=\"http://schemas.microsoft.com/wbem/wsman/1/windows/"
               "shell\"/>" TAIL,
          true },
        { HEAD TAIL, false },
        { HEAD "<rsp:SendResponse/>" TAIL, false },
        { HEAD "<x:ReceiveResponse/>" TAIL, false },
        { HEAD "<x:Other><rsp:ReceiveResponse/></x:Other>" TAIL, false },
        { ENV "<s:Header><rsp:ReceiveResponse/></s:Header><s:Body/></s:Envelope>", false },
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(answered(cases[i].xml, NULL, false));
        if (!CHECK_EQ(answered(cases[i].xml, &wsc__receive_response, false), cases[i].is) ||
            !CHECK_EQ(answered(cases[i].xml, &wsc__receive_response, true), cases[i].is))
            printf("# case %zu\n", i);
    }
}

static void captured(void)
{
    CHECK_EQ(every_way(HEAD "<q:a xmlns:q=\"urn:q\" q:at=\"1\" xml:lang=\"de\" "
                            "b=\"&quot;&lt;\">t&amp;u<b xmlns=\"urn:d\"><c xmlns=\"\"/>"
                            "</b><rsp:Stream/>\xc3\xa4</q:a> <x:z/>" TAIL,
                       true,
                       TOLD
                       "body <q:a xmlns:q=\"urn:q\" "
                       "xmlns:rsp=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell\" "
                       "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" "
                       "xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\" "
                       "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
                       "xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
                       "q:at=\"1\" xml:lang=\"de\" b=\"&quot;&lt;\">t&amp;u<b xmlns=\"urn:d\"><c "
                       "xmlns=\"\"/></b><rsp:Stream/>\xc3\xa4</q:a> "
                       "<x:z xmlns:rsp=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell\" "
                       "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" "
                       "xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\" "
                       "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
                       "xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"/>\n"),
             0);
    CHECK_EQ(every_way(HEAD "<rsp:ReceiveResponse><rsp:Stream "
                            "Name=\"stdout\">aGk=</rsp:Stream></rsp:ReceiveResponse>" TAIL,
                       true, NULL),
             0);
    CHECK_EQ(every_way(HEAD TAIL, true, TOLD "body \n"), 0);
}

static void head_stops(void)
{
    struct wsc__decoder_options o = { .max_bytes = 1u << 20 };
    struct log l = { .stop_at_head = WSC_E_PROTOCOL };
    struct wsc_error *err = NULL;
    const char *doc =
        HEAD "<rsp:CommandResponse><rsp:CommandId>C</rsp:CommandId></rsp:CommandResponse>" TAIL;

    CHECK_EQ(run(&l, &wsc__mem_libc, &o, doc, strlen(doc), 300, &err), WSC_E_PROTOCOL);
    CHECK(!err); /* the sink knows why */
    CHECK_EQ(l.out.len, 0);
    drop(&l);
}

static void too_large(void)
{
    struct wsc__decoder_options o = { .max_bytes = 300 };
    struct log l = { 0 };
    struct wsc_error *err = NULL;
    const char *doc = HEAD TAIL;

    CHECK_EQ(run(&l, &wsc__mem_libc, &o, doc, strlen(doc), 0, &err), WSC_E_LIMIT);
    CHECK_EQ(wsc__error_code(err), WSC_E_LIMIT);
    wsc__error_unref(err);
    drop(&l);
}

/* Output of some size in pieces of every kind, with pauses: every byte comes once. */
static void large_streams(void)
{
    static uint8_t data[200000];
    struct wsc__decoder_options o = { .max_bytes = 1u << 22 };
    struct wsc__buf doc;
    uint64_t seed = 7;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)test_random(&seed);
    wsc__buf_init(&doc, &wsc__mem_libc, 1u << 22);
    wsc__buf_puts(&doc, HEAD "<rsp:ReceiveResponse>");
    for (int i = 0; i < 3; i++) {
        wsc__buf_puts(&doc, "<rsp:Stream Name=\"stdout\" CommandId=\"C\">");
        wsc__b64_encode(&doc, data + i * 66000, 66000);
        wsc__buf_puts(&doc, "</rsp:Stream>");
    }
    wsc__buf_puts(&doc, "</rsp:ReceiveResponse>" TAIL);
    for (size_t step = 1; step < 70000; step = step * 3 + 1) {
        struct log l = { .pause = step & 1 };
        const char *p = (const char *)wsc__buf_data(&doc);
        size_t left = doc.len, got;
        int rc;

        wsc__buf_init(&l.out, &wsc__mem_libc, 1u << 22);
        wsc__buf_init(&l.data, &wsc__mem_libc, 1u << 22);
        rc = wsc__decoder_new(&l.d, &wsc__mem_libc, &o, &sink, &l);
        for (; !rc && left; left -= got, p += got) {
            got = left < step ? left : step;
            rc = feed(&l, p, got, NULL);
        }
        CHECK_EQ(rc, 0);
        CHECK_EQ(wsc__decoder_finish(l.d, NULL), 0);
        for (size_t i = 0; i < 3; i++) {
            const uint8_t *o8 = wsc__buf_data(&l.out);
            const char *at = "stream stdout\n of C\n";
            size_t skip = strlen(TOLD) + i * (strlen(at) + 66001) + strlen(at);

            CHECK(l.out.len >= skip + 66000 && !memcmp(o8 + skip, data + i * 66000, 66000));
        }
        drop(&l);
    }
    wsc__buf_free(&doc);
}

static int one_reply(const struct wsc__mem *mem)
{
    static const char doc[] =
        HEAD "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\" "
             "CommandId=\"C\">aGk=</rsp:Stream><rsp:CommandState CommandId=\"C\" State=\"u/Done\">"
             "<rsp:ExitCode>7</rsp:ExitCode></rsp:CommandState></rsp:ReceiveResponse><q:n "
             "xmlns:q=\"u\"/><rsp:CommandResponse><rsp:CommandId>C</rsp:CommandId></"
             "rsp:CommandResponse>" TAIL;
    struct wsc__decoder_options o = { .max_bytes = 1u << 20, .capture = true };
    struct log l = { 0 };
    struct wsc_error *err = NULL;
    int rc = run(&l, mem, &o, doc, sizeof doc - 1, 500, &err);

    wsc__error_unref(err);
    drop(&l);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(one_reply);
}

static const struct test tests[] = {
    { "create_response", create_response },
    { "command_response", command_response },
    { "receive_response", receive_response },
    { "other_prefixes", other_prefixes },
    { "identify", identify },
    { "bad_replies", bad_replies },
    { "what_answers", what_answers },
    { "captured", captured },
    { "head_stops", head_stops },
    { "too_large", too_large },
    { "large_streams", large_streams },
    { "out_of_memory", out_of_memory },
    { "exit_codes_out_of_range", exit_codes_out_of_range },
};
TEST_MAIN(tests)
