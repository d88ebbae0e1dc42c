#include "wsman/envelope.h"
#include "wsman/shell.h"

#include "base/codes.h"

#include "test.h"

#define NAMESPACES                                                                                 \
    " xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""                                         \
    " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""                                \
    " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""                                  \
    " xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\""                             \
    " xmlns:rsp=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell\""                       \
    " xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\""                                  \
    " xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\""                               \
    " xmlns:e=\"http://schemas.xmlsoap.org/ws/2004/08/eventing\""

static const struct wsc__selector selectors[] = { { .name = "ShellId", .value = "S<1>" } };
static const struct wsc__pair options[] = {
    { .name = "WINRS_NOPROFILE", .value = "TRUE", .must_comply = true },
    { .name = "WINRS_CODEPAGE", .value = "65001" }
};

static struct wsc__message full(void)
{
    return (struct wsc__message){
        .action = WSC__ACTION_CREATE,
        .to = "http://h:5985/wsman?a&b",
        .message_id = "uuid:M",
        .resource_uri = WSC__NS_SHELL "/cmd",
        .session_id = "SID",
        .operation_id = "OID",
        .locale = "en-US",
        .data_locale = "de-DE",
        .max_envelope = 153600,
        .operation_timeout_ms = 60007,
        .selectors = selectors,
        .nselectors = 1,
        .options = options,
        .noptions = 2,
        .body = "<rsp:Shell/>",
        .body_len = 12,
    };
}

static int encode(const struct wsc__message *m, struct wsc__buf *b, struct wsc_error **err)
{
    return wsc__encode(&wsc__encoder_wsman, NULL, m, b, err);
}

static void whole_header(void)
{
    struct wsc__message m = full();
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 153600);
    CHECK_EQ(encode(&m, &b, NULL), 0);
    CHECK_STR(wsc__buf_cstr(&b),
              "<s:Envelope" NAMESPACES
              " xml:lang=\"en-US\"><s:Header><a:To>http://h:5985/wsman?a&amp;b</a:To>"
              "<a:ReplyTo><a:Address "
              "s:mustUnderstand=\"true\">http://schemas.xmlsoap.org/ws/2004/08/addressing/role/"
              "anonymous</a:Address></a:ReplyTo>"
              "<a:Action "
              "s:mustUnderstand=\"true\">http://schemas.xmlsoap.org/ws/2004/09/transfer/Create</"
              "a:Action><a:MessageID>uuid:M</a:MessageID>"
              "<w:ResourceURI "
              "s:mustUnderstand=\"true\">http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"
              "cmd</w:ResourceURI>"
              "<w:SelectorSet><w:Selector Name=\"ShellId\">S&lt;1&gt;</w:Selector></w:SelectorSet>"
              "<w:OptionSet s:mustUnderstand=\"true\"><w:Option Name=\"WINRS_NOPROFILE\" "
              "MustComply=\"true\">TRUE</w:Option><w:Option "
              "Name=\"WINRS_CODEPAGE\">65001</w:Option></w:OptionSet>"
              "<w:MaxEnvelopeSize "
              "s:mustUnderstand=\"true\">153600</w:MaxEnvelopeSize><w:OperationTimeout>PT60.007S</"
              "w:OperationTimeout>"
              "<w:Locale xml:lang=\"en-US\" s:mustUnderstand=\"false\"/><p:DataLocale "
              "xml:lang=\"de-DE\" s:mustUnderstand=\"false\"/>"
              "<p:SessionId s:mustUnderstand=\"false\">uuid:SID</p:SessionId><p:OperationID "
              "s:mustUnderstand=\"false\">uuid:OID</p:OperationID>"
              "<p:SequenceId "
              "s:mustUnderstand=\"false\">1</p:SequenceId></s:Header><s:Body><rsp:Shell/></"
              "s:Body></s:Envelope>");
    wsc__buf_free(&b);
}

static void identify(void)
{
    struct wsc__message m = { .identify = true };
    struct wsc__xml_writer w;
    struct wsc__buf b, body;

    wsc__buf_init(&body, &wsc__mem_libc, 1000);
    wsc__xml_init(&w, &body);
    wsc__body_identify(&w);
    m.body = wsc__buf_data(&body);
    m.body_len = body.len;
    wsc__buf_init(&b, &wsc__mem_libc, 153600);
    CHECK_EQ(encode(&m, &b, NULL), 0);
    CHECK_STR(wsc__buf_cstr(&b),
              "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header/><s:Body>"
              "<wsmid:Identify "
              "xmlns:wsmid=\"http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd\"/></"
              "s:Body></s:Envelope>");
    wsc__buf_free(&b);
    wsc__buf_free(&body);
}

static void failures(void)
{
    struct wsc__message m = full();
    struct wsc_error *err = NULL;
    struct wsc__buf b;
    int64_t v = 0;

    wsc__buf_init(&b, &wsc__mem_libc, 153600);
    wsc__buf_puts(&b, "before");
    m.to = "a\x01";
    CHECK_EQ(encode(&m, &b, &err), WSC_E_USAGE);
    CHECK(wsc__error_int(err, WSC__EI_OFFSET, &v) && v == 1);
    CHECK_STR(wsc__buf_cstr(&b), "before");
    wsc__error_unref(err);
    wsc__buf_free(&b);
    m = full();
    wsc__buf_init(&b, &wsc__mem_libc, 1000);
    CHECK_EQ(encode(&m, &b, &err), WSC_E_LIMIT);
    CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), "max-request-size");
    CHECK_EQ(b.len, 0);
    wsc__error_unref(err);
    wsc__buf_free(&b);
}

static void body_is(struct wsc__buf *b, struct wsc__xml_writer *w, const char *expect)
{
    CHECK_EQ(w->err, 0);
    CHECK_STR(wsc__buf_cstr(b), expect);
    wsc__buf_reset(b);
    wsc__xml_init(w, b);
}

static void bodies(void)
{
    static const struct wsc__pair env[] = { { .name = "A&", .value = "1<" },
                                            { .name = "B", .value = "" } };
    static const char *const args[] = { "/all", "", "a b" };
    struct wsc__shell_spec s = { .shell_id = "ID",
                                 .name = "n",
                                 .working_directory = "C:\\",
                                 .input_streams = "stdin",
                                 .output_streams = "stdout stderr",
                                 .lifetime_ms = 1500,
                                 .idle_timeout_ms = 180000,
                                 .env = env,
                                 .nenv = 2 };
    struct wsc__shell_spec none = { 0 };
    struct wsc__xml_writer w;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 10000);
    wsc__xml_init(&w, &b);
    wsc__body_create(&w, &s);
    body_is(&b, &w,
            "<rsp:Shell ShellId=\"ID\"><rsp:Name>n</rsp:Name><rsp:Environment><rsp:Variable "
            "Name=\"A&amp;\">1&lt;</rsp:Variable><rsp:Variable Name=\"B\"/></rsp:Environment>"
            "<rsp:WorkingDirectory>C:\\</rsp:WorkingDirectory><rsp:Lifetime>PT1.500S</"
            "rsp:Lifetime><rsp:IdleTimeOut>PT180.000S</rsp:IdleTimeOut>"
            "<rsp:InputStreams>stdin</rsp:InputStreams><rsp:OutputStreams>stdout "
            "stderr</rsp:OutputStreams></rsp:Shell>");
    wsc__body_create(&w, &none);
    body_is(&b, &w, "<rsp:Shell/>");
    wsc__body_command(&w, "C", "ipconfig", args, 3);
    body_is(&b, &w,
            "<rsp:CommandLine "
            "CommandId=\"C\"><rsp:Command>ipconfig</rsp:Command><rsp:Arguments>/all</"
            "rsp:Arguments><rsp:Arguments/><rsp:Arguments>a b</rsp:Arguments></rsp:CommandLine>");
    wsc__body_command(&w, NULL, "x", NULL, 0);
    body_is(&b, &w, "<rsp:CommandLine><rsp:Command>x</rsp:Command></rsp:CommandLine>");
    wsc__body_receive(&w, "C", "stdout stderr");
    body_is(&b, &w,
            "<rsp:Receive><rsp:DesiredStream CommandId=\"C\">stdout "
            "stderr</rsp:DesiredStream></rsp:Receive>");
    wsc__body_send(&w, "C", "stdin", "hi", 2, false);
    body_is(&b, &w,
            "<rsp:Send><rsp:Stream Name=\"stdin\" CommandId=\"C\">aGk=</rsp:Stream></rsp:Send>");
    wsc__body_send(&w, "C", "stdin", NULL, 0, true);
    body_is(&b, &w,
            "<rsp:Send><rsp:Stream Name=\"stdin\" CommandId=\"C\" End=\"true\"/></rsp:Send>");
    wsc__body_signal(&w, "C", wsc__signal_uri("ctrl-c"));
    body_is(&b, &w,
            "<rsp:Signal "
            "CommandId=\"C\"><rsp:Code>http://schemas.microsoft.com/wbem/wsman/1/windows/shell/"
            "signal/ctrl_c</rsp:Code></rsp:Signal>");
    CHECK_STR(wsc__signal_uri("terminate"), WSC__NS_SHELL "/signal/terminate");
    CHECK_STR(wsc__signal_uri("ctrl-break"), WSC__NS_SHELL "/signal/ctrl_break");
    CHECK_STR(wsc__signal_uri("urn:x"), "urn:x");
    CHECK(!wsc__signal_uri("kill"));
    CHECK(!wsc__signal_uri(NULL));
    wsc__buf_free(&b);
}

static int one_envelope(const struct wsc__mem *mem)
{
    struct wsc__message m = full();
    struct wsc_error *err = NULL;
    struct wsc__buf b;
    int rc;

    wsc__buf_init(&b, mem, 153600);
    rc = encode(&m, &b, &err);
    CHECK_EQ(wsc__error_code(err), rc);
    wsc__error_unref(err);
    wsc__buf_free(&b);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(one_envelope);
}

static const struct test tests[] = {
    { "whole_header", whole_header },   { "identify", identify },
    { "failures", failures },           { "bodies", bodies },
    { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
