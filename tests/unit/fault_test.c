#include "wsman/envelope.h"

#include "base/codes.h"

#include "test.h"

struct got {
    const struct wsc__mem *mem;
    struct wsc_error *e;
    struct wsc__fault f; /* numbers only */
    bool timeout;
    int count;
};

static int on_fault(void *ud, const struct wsc__fault *f)
{
    struct got *g = ud;

    g->count++;
    g->timeout = wsc__fault_is_timeout(f);
    g->f.fault_code = f->fault_code;
    g->f.outer_code = f->outer_code;
    g->f.has_code = f->has_code;
    wsc__error_unref(g->e);
    g->e = wsc__fault_error(g->mem, f, 500);
    return WSC_OK;
}

static const struct wsc__sink sink = { .fault = on_fault };

static int decode(struct got *g, const struct wsc__mem *mem, const char *xml, size_t cut)
{
    struct wsc__decoder_options o = { .max_bytes = 1u << 20 };
    struct wsc__decoder *d;
    size_t len = strlen(xml), used, i;
    int rc;

    memset(g, 0, sizeof *g);
    g->mem = mem;
    rc = wsc__decoder_new(&d, mem, &o, &sink, g);
    if (rc)
        return rc;
    if (cut > len) {
        for (i = 0; !rc && i < len; i++)
            rc = wsc__decoder_feed(d, xml + i, 1, &used, NULL);
    } else {
        rc = wsc__decoder_feed(d, xml, cut, &used, NULL);
        if (!rc)
            rc = wsc__decoder_feed(d, xml + cut, len - cut, &used, NULL);
    }
    if (!rc)
        rc = wsc__decoder_finish(d, NULL);
    wsc__decoder_free(d);
    return rc;
}

#define FAULT(sub, reason, detail)                                                                 \
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "                             \
    "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "                                \
    "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" "                                  \
    "xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\" "                               \
    "xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\">"                                  \
    "<s:Header/><s:Body><s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>" sub    \
    "</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang=\"en-US\">" reason                  \
    "</s:Text></s:Reason><s:Detail>" detail "</s:Detail></s:Fault></s:Body></s:Envelope>"
#define WSMAN(code, machine, message)                                                              \
    "<f:WSManFault xmlns:f=\"http://schemas.microsoft.com/wbem/wsman/1/wsmanfault\" Code=\"" code  \
    "\" Machine=\"" machine "\"><f:Message>" message "</f:Message></f:WSManFault>"

static const char *str(struct got *g, enum wsc__err_str what)
{
    return wsc__error_str(g->e, what);
}

/* Decodes it whole, byte by byte and cut everywhere; leaves the last result in *g. */
static void every_way(struct got *g, const char *xml)
{
    char *text = NULL;

    for (size_t cut = 0; cut <= strlen(xml) + 1; cut++) {
        CHECK_EQ(decode(g, &wsc__mem_libc, xml, cut), 0);
        CHECK_EQ(g->count, 1);
        if (!text)
            text = wsc__strdup(&wsc__mem_libc, wsc__error_text(g->e));
        CHECK_STR(wsc__error_text(g->e), text);
        if (cut <= strlen(xml))
            wsc__error_unref(g->e);
    }
    free(text);
}

static void plain(void)
{
    struct got g;

    every_way(&g, FAULT("w:TimedOut", "Too slow.",
                        "<w:FaultDetail>http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"
                        "OperationTimeout</w:FaultDetail>" WSMAN("2150858793", "srv",
                                                                 " It took too long. ")));
    CHECK(g.timeout);
    CHECK_EQ(wsc__error_code(g.e), WSC_E_TIMEOUT);
    CHECK(wsc__error_retriable(g.e));
    CHECK_STR(str(&g, WSC__ES_SOAP_CODE), "s:Receiver");
    CHECK_STR(str(&g, WSC__ES_SOAP_SUBCODE), "w:TimedOut");
    CHECK_STR(str(&g, WSC__ES_FAULT_DETAIL), "OperationTimeout");
    CHECK_STR(str(&g, WSC__ES_FAULT_NAME), "ERROR_WSMAN_OPERATION_TIMEDOUT");
    CHECK_STR(str(&g, WSC__ES_MACHINE), "srv");
    CHECK_STR(str(&g, WSC__ES_SERVER_TEXT), "It took too long.");
    CHECK_STR(wsc__error_text(g.e),
              "ERROR_WSMAN_OPERATION_TIMEDOUT (0x80338029): It took too long.");
    wsc__error_unref(g.e);
}

static void provider(void)
{
    struct got g;
    int64_t v = 0;

    every_way(&g, FAULT("w:InternalError", "r",
                        WSMAN("2150858755", "srv",
                              "before <f:ProviderFault provider=\"P\" path=\"C:\\p.dll\">one "
                              "<f:WSManFault Code=\"-2147024891\" "
                              "Machine=\"inner\"><f:Message>two</f:Message></f:WSManFault> three"
                              "<f:ExtendedError><q:__ExtendedStatus "
                              "xmlns:q=\"u\">no</q:__ExtendedStatus></f:ExtendedError></"
                              "f:ProviderFault> after")));
    CHECK_EQ(wsc__error_code(g.e), WSC_E_ACCESS_DENIED);
    CHECK_EQ(g.f.fault_code, 0x80070005u);
    CHECK_EQ(g.f.outer_code, 0x80338003u);
    CHECK(wsc__error_int(g.e, WSC__EI_OUTER_FAULT_CODE, &v) && v == 0x80338003);
    CHECK(wsc__error_int(g.e, WSC__EI_FAULT_CODE, &v) && v == 0x80070005);
    CHECK_STR(str(&g, WSC__ES_PROVIDER), "P");
    CHECK_STR(str(&g, WSC__ES_PROVIDER_PATH), "C:\\p.dll");
    CHECK_STR(str(&g, WSC__ES_PROVIDER_TEXT), "one two three");
    CHECK_STR(str(&g, WSC__ES_SERVER_TEXT), "before after");
    CHECK_STR(str(&g, WSC__ES_MACHINE), "srv");
    CHECK_STR(str(&g, WSC__ES_FAULT_NAME), "ERROR_ACCESS_DENIED");
    wsc__error_unref(g.e);
    /* an inner 0 does not count; text of the provider stands in for an empty message */
    every_way(
        &g,
        FAULT("w:InternalError", "r",
              WSMAN("0x803381A5", "",
                    "<f:ProviderFault><f:WSManFault "
                    "Code=\"0\"><f:Message>full</f:Message></f:WSManFault></f:ProviderFault>")));
    CHECK_EQ(g.f.fault_code, 0x803381A5u);
    CHECK_EQ(g.f.outer_code, 0);
    CHECK_EQ(wsc__error_code(g.e), WSC_E_BUSY);
    CHECK(!str(&g, WSC__ES_MACHINE));
    CHECK_STR(str(&g, WSC__ES_SERVER_TEXT), "full");
    wsc__error_unref(g.e);
}

static void wmi(void)
{
    struct got g;
    int64_t v = 0;

    every_way(
        &g,
        FAULT("w:QuotaLimit", "r",
              "<p:MSFT_WmiError "
              "xmlns:p=\"http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2/"
              "MSFT_WmiError\"><p:CIMStatusCode>27</p:CIMStatusCode>"
              "<p:Message>too many</p:Message><p:MessageID>HRESULT "
              "0x803381a5</p:MessageID><p:error_Code>2150859174</p:error_Code></p:MSFT_WmiError>"));
    CHECK_EQ(wsc__error_code(g.e), WSC_E_BUSY);
    CHECK_STR(str(&g, WSC__ES_FAULT_NAME), "ERROR_WSMAN_QUOTA_MAX_OPERATIONS");
    CHECK_STR(str(&g, WSC__ES_SERVER_TEXT), "too many");
    CHECK(wsc__error_int(g.e, WSC__EI_CIM_STATUS, &v) && v == 27);
    wsc__error_unref(g.e);
    every_way(&g, FAULT("w:QuotaLimit", "r",
                        "<p:CIM_Error xmlns:p=\"u\"><p:MessageID>HRESULT "
                        "0x803381a5</p:MessageID></p:CIM_Error>"));
    CHECK_STR(str(&g, WSC__ES_FAULT_NAME), "ERROR_WSMAN_QUOTA_MAX_SHELLS");
    wsc__error_unref(g.e);
    every_way(
        &g, FAULT("w:InternalError", "r",
                  "<p:CIM_Error xmlns:p=\"u\"><p:CIMStatusCode>5</p:CIMStatusCode></p:CIM_Error>"));
    CHECK_EQ(wsc__error_code(g.e), WSC_E_NOT_FOUND);
    wsc__error_unref(g.e);
}

static void subcodes_only(void)
{
    static const struct {
        const char *xml;
        int code;
        const char *subcode;
        bool timeout;
    } cases[] = {
        { FAULT("w:TimedOut", "r", ""), WSC_E_TIMEOUT, "w:TimedOut", true },
        { FAULT("n:TimedOut", "r", ""), WSC_E_TIMEOUT, "n:TimedOut", true },
        { FAULT("q:TimedOut", "r", ""), WSC_E_FAULT, "q:TimedOut", false },
        { FAULT("wsman:TimedOut", "r", ""), WSC_E_TIMEOUT, "w:TimedOut", true },
        { FAULT("x:InvalidRepresentation", "r", ""), WSC_E_FAULT, "t:InvalidRepresentation",
          false },
        { FAULT("w:AccessDenied", "r", ""), WSC_E_ACCESS_DENIED, "w:AccessDenied", false },
        { FAULT("a:DestinationUnreachable", "r",
                "<w:FaultDetail>wsman:faultDetail/InvalidResourceURI</w:FaultDetail>"),
          WSC_E_NOT_FOUND, "a:DestinationUnreachable", false },
        { FAULT("w:InvalidSelectors", "r",
                "<w:FaultDetail>http://x/faultDetail/UnexpectedSelectors</w:FaultDetail>"),
          WSC_E_SHELL_GONE, "w:InvalidSelectors", false },
        { FAULT("w:Strange", "r", ""), WSC_E_FAULT, "w:Strange", false },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct got g;

        every_way(&g, cases[i].xml);
        CHECK_EQ(wsc__error_code(g.e), cases[i].code);
        CHECK_STR(str(&g, WSC__ES_SOAP_SUBCODE), cases[i].subcode);
        CHECK_EQ(g.timeout, cases[i].timeout);
        CHECK_STR(str(&g, WSC__ES_SERVER_TEXT), "r");
        wsc__error_unref(g.e);
    }
}

static void old_and_redirect(void)
{
    struct got g;

    every_way(&g, FAULT("w:InternalError", "r", WSMAN("32809", "m", "t"))); /* 0x8029 */
    CHECK_STR(str(&g, WSC__ES_FAULT_NAME), "ERROR_WSMAN_OPERATION_TIMEDOUT");
    wsc__error_unref(g.e);
    every_way(&g, FAULT("w:InternalError", "r",
                        WSMAN("2150859161", "m", "go to (https://other.example:444/p?a=b).")));
    CHECK_EQ(wsc__error_code(g.e), WSC_E_REDIRECT);
    CHECK_STR(str(&g, WSC__ES_LOCATION), "https://other.example:444/p?a=b");
    wsc__error_unref(g.e);
    every_way(&g,
              FAULT("w:InternalError", "r",
                    "<q:RedirectLocation xmlns:q=\"u\"> http://x/wsman </q:RedirectLocation>" WSMAN(
                        "2150859161", "m", "see http://no/")));
    CHECK_STR(str(&g, WSC__ES_LOCATION), "http://x:80/wsman");
    wsc__error_unref(g.e);
    every_way(&g,
              FAULT("w:InternalError", "r", WSMAN("2150859161", "m", "at Http, HTTP://Other/p")));
    CHECK_STR(str(&g, WSC__ES_LOCATION), "http://Other:80/p"); /* as with a header */
    wsc__error_unref(g.e);
    every_way(&g, FAULT("w:InternalError", "r", WSMAN("2150859161", "m", "http://::1/x")));
    CHECK(!str(&g, WSC__ES_LOCATION));
    CHECK(strstr(str(&g, WSC__ES_CAUSE), "brackets") != NULL);
    wsc__error_unref(g.e);
    every_way(&g, FAULT("w:InternalError", "see http://me:PASSWORD@y/",
                        WSMAN("2150859161", "m", "see http://me:PASSWORD@x/")));
    CHECK_STR(str(&g, WSC__ES_LOCATION), "http://x:80/");
    CHECK_STR(str(&g, WSC__ES_SERVER_TEXT), "see http://x/");
    CHECK(!strstr(wsc__error_text(g.e), "PASSWORD"));
    wsc__error_unref(g.e);
    every_way(&g,
              FAULT("w:InternalError", "at http:\\\\u:S3CR@h/ or http://u:S3CR&lt;@h/",
                    WSMAN("2150859161", "m", "HTTP://http://u:S3CR@h/ http://u:S3CR&quot;x@h/")));
    CHECK(!str(&g, WSC__ES_LOCATION));
    CHECK_STR(str(&g, WSC__ES_SERVER_TEXT), "HTTP://h/ http://h/");
    CHECK(!strstr(wsc__error_text(g.e), "S3CR"));
    wsc__error_unref(g.e);
    every_way(&g, FAULT("w:InternalError", "", WSMAN("3735928559", "m", "")));
    CHECK_EQ(wsc__error_code(g.e), WSC_E_FAULT);
    CHECK_STR(wsc__error_text(g.e), "fault 0xDEADBEEF");
    wsc__error_unref(g.e);
}

/* Every number of the table from the wire to the error value. */
static void whole_table(void)
{
    const struct wsc__fault_info *info;
    char xml[1500];
    size_t i;

    for (i = 0; (info = wsc__fault_at(i)) != NULL; i++) {
        struct got g;
        int64_t v = 0;

        snprintf(xml, sizeof xml, FAULT("w:InternalError", "text", WSMAN("%lu", "srv", "said")),
                 (unsigned long)info->code);
        CHECK_EQ(decode(&g, &wsc__mem_libc, xml, i % 500), 0);
        CHECK_EQ(wsc__error_code(g.e), info->wsc);
        CHECK_STR(str(&g, WSC__ES_FAULT_NAME), info->name);
        CHECK(wsc__error_int(g.e, WSC__EI_FAULT_CODE, &v) && v == info->code);
        CHECK(strstr(wsc__error_text(g.e), info->name) && strstr(wsc__error_text(g.e), "said"));
        if (info->meaning)
            CHECK_STR(str(&g, WSC__ES_CAUSE), info->cause ? info->cause : info->meaning);
        if (info->remedy)
            CHECK_STR(str(&g, WSC__ES_REMEDY), info->remedy);
        CHECK_EQ(wsc__error_retriable(g.e), info->advice == WSC__ADVICE_REPEAT ||
                                                info->advice == WSC__ADVICE_BACKOFF ||
                                                info->advice == WSC__ADVICE_RELEASE);
        wsc__error_unref(g.e);
    }
    CHECK(i > 580);
}

static void http(void)
{
    static const struct {
        int status, code;
        const char *type;
    } cases[] = {
        { 400, WSC_E_HTTP, NULL },
        { 401, WSC_E_AUTH, NULL },
        { 403, WSC_E_ACCESS_DENIED, "text/html" },
        { 404, WSC_E_HTTP, NULL },
        { 413, WSC_E_HTTP, NULL },
        { 503, WSC_E_BUSY, "text/html; charset=us-ascii" },
        { 302, WSC_E_REDIRECT, "" },
        { 200, WSC_E_HTTP, "text/html" },
        { 200, WSC_E_HTTP, NULL },
        { 599, WSC_E_HTTP, NULL },
        { 407, WSC_E_AUTH, NULL },
        { 500, WSC_E_HTTP, NULL },
        { 429, WSC_E_BUSY, NULL },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc_error *e = wsc__http_error(&wsc__mem_libc, cases[i].status, cases[i].type);
        int64_t v = 0;

        CHECK_EQ(wsc__error_code(e), cases[i].code);
        CHECK(wsc__error_int(e, WSC__EI_HTTP_STATUS, &v) && v == cases[i].status);
        CHECK(wsc__error_str(e, WSC__ES_CAUSE) != NULL);
        CHECK(wsc__error_str(e, WSC__ES_REMEDY) != NULL);
        wsc__error_unref(e);
    }
}

static int one_fault(const struct wsc__mem *mem)
{
    static const char xml[] =
        FAULT("w:TimedOut", "r",
              "<w:FaultDetail>http://x/y</w:FaultDetail>" WSMAN(
                  "5", "m", "a<f:ProviderFault provider=\"p\" path=\"q\">b</f:ProviderFault>c"));
    struct got g;
    int rc = decode(&g, mem, xml, 700);

    if (!rc && wsc__error_code(g.e) == WSC_E_NOMEM)
        rc = WSC_E_NOMEM;
    wsc__error_unref(g.e);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(one_fault);
}

static const struct test tests[] = {
    { "plain", plain },
    { "provider", provider },
    { "wmi", wmi },
    { "subcodes_only", subcodes_only },
    { "old_and_redirect", old_and_redirect },
    { "whole_table", whole_table },
    { "http", http },
    { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
