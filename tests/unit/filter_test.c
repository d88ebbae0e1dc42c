#include "wsman/epr.h"

#include "base/codes.h"
#include "xml/xml_writer.h"

#include "test.h"

/* --- the hash syntax -------------------------------------------------------------------------- */

/* text, the pairs as name=value| */
static const struct {
    const char *text, *pairs;
} hashes[] = {
    { "{}", "" },
    { "@{}", "" },
    { " @{ } ", "" },
    { "{;}", "" },
    { "{A=\"b\"}", "A=b|" },
    { "@{A=\"b\"}", "A=b|" },
    { "@{TrustedHosts=\"*.contoso.com\"}", "TrustedHosts=*.contoso.com|" },
    { "{A=\"b\";C=\"d\"}", "A=b|C=d|" },
    { "{A='b';C='d'}", "A=b|C=d|" },
    { "{A=b;C=d}", "A=b|C=d|" },
    { "{A=b;}", "A=b|" },
    { "{;;A=b;;C=d;;}", "A=b|C=d|" },
    { " {\tA = \"b\" ;\r\n C = d e ; } \n", "A=b|C=d e|" },
    { "@{\n  A=\"b\"\n  C='d'\n  E=f\n}", "A=b|C=d|E=f|" },
    { "@{\r\nA=b\r\nC=d\r\n}", "A=b|C=d|" },
    { "{A=\nC=d}", "A=|C=d|" },
    { "{A=}", "A=|" },
    { "{A=;B=\"\"}", "A=|B=|" },
    { "{A=\"b;c}=d\"}", "A=b;c}=d|" },
    { "{A=\"b\nc\td\"}", "A=b\nc\td|" },
    { "{A=\"b\"\"c\"}", "A=b\"c|" },
    { "{A='b''c'}", "A=b'c|" },
    { "{A=\"b'c\";D='e\"f'}", "A=b'c|D=e\"f|" },
    { "{A=\"\"\"\"}", "A=\"|" },
    { "{A=\" b \"}", "A= b |" },
    { "{A=b\"c\"}", "A=b\"c\"|" },
    { "{A=b=c}", "A=b=c|" },
    { "{A=a,b,c}", "A=a,b,c|" },
    { "{A=C:\\x (y)}", "A=C:\\x (y)|" },
    { "{A=$null;B=$NULL}", "A=NULL|B=NULL|" },
    { "{A=\"$null\"}", "A=$null|" },
    { "{A=$nullx}", "A=$nullx|" },
    { "{Basic=$true;Digest=$False}", "Basic=true|Digest=False|" },
    { "{A=\"$true\"}", "A=$true|" },
    { "{A=(\"b\",\"c\")}", "A=b|A=c|" },
    { "{A=@(\"b\",'c',d)}", "A=b|A=c|A=d|" },
    { "{A=( \"b\" ,\n c\n, $null )\n;D=e}", "A=b|A=c|A=NULL|D=e|" },
    { "{A=(b)}", "A=b|" },
    { "{A=(b;c)}", "A=b;c|" },
    { "{A=1;a=2;A=3}", "A=1|a=2|A=3|" },
    { "{\"A B\"='c';'D''E'=f}", "A B=c|D'E=f|" },
    { "{\"A\" = b}", "A=b|" },
    { "{x:A.b-c_d=1}", "x:A.b-c_d=1|" },
    { "{\xc3\xa4=\xc3\xb6}", "\xc3\xa4=\xc3\xb6|" },
};

static const struct {
    const char *text;
    size_t at;
    const char *why;
} no_hashes[] = {
    { "", 0, "begins with" },
    { " A=b", 1, "begins with" },
    { "@", 1, "begins with" },
    { "@A", 1, "begins with" },
    { "@ {}", 1, "begins with" },
    { "{", 1, "} is missing" },
    { "{ ", 2, "} is missing" },
    { "{A=b", 4, "} is missing" },
    { "{A=b;", 5, "} is missing" },
    { "{A=\"b\"", 6, "} is missing" },
    { "{}x", 2, "may follow" },
    { "{A=b}}", 5, "may follow" },
    { "{A=b} {C=d}", 6, "may follow" },
    { "{A}", 2, "= is missing" },
    { "{A;B=c}", 2, "= is missing" },
    { "{A B=c}", 3, "= is missing" },
    { "{A", 2, "= is missing" },
    { "{A\"=c}", 2, "= is missing" },
    { "{A=b;c;D=e}", 6, "= is missing" },
    { "{A=x\ny;B=z}", 6, "= is missing" },
    { "{=b}", 1, "name is missing" },
    { "{(a)=b}", 1, "name is missing" },
    { "{\"\"=b}", 1, "name is empty" },
    { "{\"A=b}", 1, "never closed" },
    { "{A=\"b}", 3, "never closed" },
    { "{A='b\"}", 3, "never closed" },
    { "{A=\"b\"c}", 6, "; is missing" },
    { "{A=\"b\" C=d}", 7, "; is missing" },
    { "{A=\"b\",\"c\"}", 6, "; is missing" },
    { "{A={B=c}}", 3, "within another" },
    { "{A=@{B=c}}", 3, "within another" },
    { "{A=(@{B=c})}", 4, "within another" },
    { "{A=()}", 4, "value is missing" },
    { "{A=(b,)}", 6, "value is missing" },
    { "{A=(,b)}", 4, "value is missing" },
    { "{A=(b", 3, "array is never" },
    { "{A=@(", 3, "array is never" },
    { "{A=(b}", 3, "array is never" },
    { "{A=(b\nc)}", 6, ", is missing" },
    { "{A=(\"b\"c)}", 7, ", is missing" },
    { "{A=(b)c}", 6, "; is missing" },
    { "{A=\x02}", 3, "XML" },
    { "{A=\"\xff\"}", 4, "XML" },
};

struct seen {
    char text[200];
    size_t len;
    int rc;    /* what to return */
    int calls; /* from this one on, counted from 1 */
    size_t at, *bad_at;
};

static int see(void *ud, const char *name, const char *value)
{
    struct seen *s = ud;

    s->len += (size_t)snprintf(s->text + s->len, sizeof s->text - s->len, "%s=%s|", name,
                               value ? value : "NULL");
    s->at = s->bad_at ? *s->bad_at : 0;
    return s->rc && --s->calls <= 0 ? s->rc : WSC_OK;
}

static void pairs(void)
{
    for (size_t i = 0; i < sizeof hashes / sizeof *hashes; i++) {
        struct seen s = { .len = 0 };
        const char *why = "";
        size_t at = 0;

        if (!CHECK_EQ(wsc__hash_parse(&wsc__mem_libc, hashes[i].text, see, &s, &at, &why), 0) ||
            !CHECK_STR(s.text, hashes[i].pairs))
            printf("# of %s: at %zu: %s\n", hashes[i].text, at, why);
    }
}

static void no_pairs(void)
{
    for (size_t i = 0; i < sizeof no_hashes / sizeof *no_hashes; i++) {
        struct seen s = { .len = 0 };
        const char *why = "";
        size_t at = 99;

        if (!CHECK_EQ(wsc__hash_parse(&wsc__mem_libc, no_hashes[i].text, see, &s, &at, &why),
                      WSC_E_USAGE) ||
            !CHECK_EQ(at, no_hashes[i].at) || !CHECK(strstr(why, no_hashes[i].why)))
            printf("# of %s: at %zu: %s\n", no_hashes[i].text, at, why);
        CHECK_EQ(s.len, 0); /* nothing is told of what is wrong further on */
        CHECK_EQ(wsc__hash_parse(&wsc__mem_libc, no_hashes[i].text, see, &s, NULL, NULL),
                 WSC_E_USAGE);
    }
}

static void stopped(void)
{
    struct seen s = { .rc = WSC_E_LIMIT, .calls = 2 };
    const char *why = NULL;
    size_t at = 99;

    s.bad_at = &at;
    CHECK_EQ(wsc__hash_parse(&wsc__mem_libc, "{A=1; BC=(2,3);D=4}", see, &s, &at, &why),
             WSC_E_LIMIT);
    CHECK_STR(s.text, "A=1|BC=2|");
    CHECK_EQ(s.at, 6); /* of the name */
    s = (struct seen){ .rc = WSC_E_USAGE, .calls = 1 };
    CHECK_EQ(wsc__hash_parse(&wsc__mem_libc, "{ \"A\"=1}", see, &s, &at, &why), WSC_E_USAGE);
    CHECK_EQ(at, 2);
    CHECK(why);
}

/* --- filters ---------------------------------------------------------------------------------- */

#define WMI            "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2"
#define WQL            "http://schemas.microsoft.com/wbem/wsman/1/WQL"
#define SEL            "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter"
#define ASSOC          "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter"
#define XPATH          "http://www.w3.org/TR/1999/REC-xpath-19991116"
#define CQL            "http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf"
#define EVENT          "http://schemas.microsoft.com/win/2004/08/events/eventquery"
#define F(uri, inside) "<w:Filter Dialect=\"" uri "\">" inside "</w:Filter>"
#define B(name, inside)                                                                            \
    F(ASSOC, "<b:" name " xmlns:b=\"http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd\">" inside \
             "</b:" name ">")
#define OBJ(uri, selectors)                                                                        \
    "<b:Object><a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"         \
    "</a:Address><a:ReferenceParameters><w:ResourceURI>" uri "</w:ResourceURI>" selectors          \
    "</a:ReferenceParameters></b:Object>"
#define SET1(n, v) "<w:SelectorSet><w:Selector Name=\"" n "\">" v "</w:Selector></w:SelectorSet>"
#define SERVICE    OBJ(WMI "/Win32_Service", SET1("Name", "WinRM"))
#define CHANNEL(n)                                                                                 \
    F(EVENT, "<QueryList><Query Id=\"0\"><Select Path=\"" n "\">*</Select></Query></QueryList>")

static const struct {
    const char *dialect, *text, *resource, *xml;
} filters[] = {
    { "wql", "select * from Win32_Service", NULL, F(WQL, "select * from Win32_Service") },
    { "WQL", "a < 'b' & \"c\"", NULL, F(WQL, "a &lt; 'b' &amp; \"c\"") },
    { NULL, "x", NULL, F(WQL, "x") },
    { "", "x", NULL, F(WQL, "x") },
    { WQL, "x", NULL, F(WQL, "x") },
    { "wql", "<x/>", NULL, F(WQL, "&lt;x/&gt;") },
    { "xpath", "a/b", NULL, F(XPATH, "a/b") },
    { "XPath", "*[a>1]", NULL, F(XPATH, "*[a&gt;1]") },
    { "cql", "x", NULL, F(CQL, "x") },
    { "http://x/y?a&b", "{x}", NULL, F("http://x/y?a&amp;b", "{x}") },
    { "urn:x", " x ", NULL, F("urn:x", " x ") },
    /* selectors */
    { "selector", "{State=\"Running\"}", NULL, F(SEL, SET1("State", "Running")) },
    { "Selector", "@{ State = Running }", NULL, F(SEL, SET1("State", "Running")) },
    { SEL, "{A=\"<\";B=''}", NULL,
      F(SEL, "<w:SelectorSet><w:Selector Name=\"A\">&lt;</w:Selector><w:Selector Name=\"B\"/>"
             "</w:SelectorSet>") },
    { "HTTP://schemas.dmtf.org/wbem/wsman/1/wsman/selectorfilter", "{A=b}", NULL,
      F("HTTP://schemas.dmtf.org/wbem/wsman/1/wsman/selectorfilter", SET1("A", "b")) },
    { "selector", " <w:SelectorSet/>", NULL, F(SEL, "<w:SelectorSet/>") },
    /* associations */
    { "association", "{Object=wmicimv2/Win32_Service?Name=WinRM}", NULL,
      B("AssociatedInstances", SERVICE) },
    { "Associations", "@{object=\"" WMI "/Win32_Service?Name=WinRM\"}", NULL,
      B("AssociatedInstances", SERVICE) },
    { ASSOC, "{Object='wmicimv2/Win32_Service?Name=\"WinRM\"'}", NULL,
      B("AssociatedInstances", SERVICE) },
    { "association", "{Object=Win32_Service?Name=WinRM}", WMI "/*",
      B("AssociatedInstances", SERVICE) },
    { "association", "{Object= Win32_Service}", WMI "/Win32_X",
      B("AssociatedInstances", OBJ(WMI "/Win32_Service", "")) },
    { "association", "{Object=http://x/y}", WMI "/*",
      B("AssociatedInstances", OBJ("http://x/y", "")) },
    { "association", "{Object=wmi/root/a/B}", WMI "/*",
      B("AssociatedInstances", OBJ("http://schemas.microsoft.com/wbem/wsman/1/wmi/root/a/B", "")) },
    { "association",
      "{Object=Win32_Service?Name=WinRM;AssociationClassName=Win32_DependentService;"
      "ResultClassName=win32_service;ResultRole=antecedent;Role=dependent}",
      WMI "/*",
      B("AssociatedInstances",
        SERVICE "<b:AssociationClassName>Win32_DependentService</b:AssociationClassName>"
                "<b:Role>dependent</b:Role><b:ResultClassName>win32_service</b:ResultClassName>"
                "<b:ResultRole>antecedent</b:ResultRole>") },
    { "association",
      "{IncludeResultProperty=(\"A\",\"B<\");AssociationInstances=false;"
      "Object=wmicimv2/Win32_Service?Name=WinRM;includeresultproperty=C}",
      NULL,
      B("AssociatedInstances", SERVICE "<b:IncludeResultProperty>A</b:IncludeResultProperty>"
                                       "<b:IncludeResultProperty>B&lt;</b:IncludeResultProperty>"
                                       "<b:IncludeResultProperty>C</b:IncludeResultProperty>") },
    { "association",
      "{AssociationInstances=TRUE;Object=wmicimv2/Win32_Service?Name=WinRM;Role=x;"
      "ResultClassName=Y;IncludeResultProperty=z}",
      NULL,
      B("AssociationInstances", SERVICE "<b:Role>x</b:Role><b:ResultClassName>Y</b:ResultClassName>"
                                        "<b:IncludeResultProperty>z</b:IncludeResultProperty>") },
    { "association", "<b:x xmlns:b=\"y\"/>", NULL, F(ASSOC, "<b:x xmlns:b=\"y\"/>") },
    /* events */
    { "event", "System", NULL, CHANNEL("System") },
    { "EVENTS", " Microsoft-Windows-WinRM/Operational\n", NULL,
      CHANNEL("Microsoft-Windows-WinRM/Operational") },
    { "eventquery", "Windows PowerShell", NULL, CHANNEL("Windows PowerShell") },
    { EVENT, "<QueryList><Query><Select Path=\"a\">*[b&lt;1]</Select></Query></QueryList>", NULL,
      F(EVENT, "<QueryList><Query><Select Path=\"a\">*[b&lt;1]</Select></Query></QueryList>") },
    { "event", "\n <QueryList/>\n", NULL, F(EVENT, "<QueryList/>\n") },
};

#define ANYWHERE 98 /* where libxml2 finds it */
static const struct {
    const char *dialect, *text, *resource;
    size_t at;
    const char *why;
} no_filters[] = {
    { "sql", "x", NULL, 0, "no such dialect" },
    { "wql2", "x", NULL, 0, "no such dialect" },
    { "http:", "x", NULL, 0, "no such dialect" },
    { ":x", "x", NULL, 0, "no such dialect" },
    { "http://x y", "x", NULL, 0, "no such dialect" },
    { "http://x\xff", "x", NULL, 0, "no such dialect" },
    { "http://x\x01", "x", NULL, 0, "no such dialect" },
    { "wql", "", NULL, 0, "empty" },
    { "wql", " \n", NULL, 0, "empty" },
    { "wql", "a\x01", NULL, 1, "XML" },
    { "xpath", "a\xff", NULL, 1, "XML" },
    { "selector", "{A=b\x01}", NULL, 4, "XML" },
    { "selector", "{}", NULL, 0, "selector is missing" },
    { "selector", "State=x", NULL, 0, "begins with" },
    { "selector", "{State=a;B=c;state=d}", NULL, 13, "already" },
    { "selector", "{A=(b,c)}", NULL, 1, "already" },
    { "selector", "{B=c;A=$null}", NULL, 5, "$null" },
    { "selector", " <a>", NULL, 4, "not well-formed" },
    { "association", "{}", NULL, 0, "Object is missing" },
    { "association", "{Role=x}", NULL, 0, "Object is missing" },
    { "association", "{Object=wmicimv2/X;Objekt=y}", NULL, 19, "no such name" },
    { "association", "{Object=wmicimv2/X;object=wmicimv2/Y}", NULL, 19, "already" },
    { "association", "{Object=wmicimv2/X;Role=a;Role=b}", NULL, 26, "already" },
    { "association", "{Object=wmicimv2/X;Role=}", NULL, 19, "value is missing" },
    { "association", "{Object=wmicimv2/X;Role=$null}", NULL, 19, "value is missing" },
    { "association", "{Object=wmicimv2/X;AssociationInstances=1}", NULL, 19, "true or false" },
    { "association", "{Object=wmicimv2/X;AssociationClassName=y;AssociationInstances=true}", NULL,
      19, "does not go" },
    { "association", "{Object=wmicimv2/X;AssociationInstances=true;ResultRole=y}", NULL, 45,
      "does not go" },
    { "association", "{Object=wmcimv2/X}", NULL, 8, "\"wmicimv2\"" },
    { "association", "{Object=Win32_Service?Name=x}", NULL, 8, "wmicimv2/" },
    { "association", "{Object=@x?}", NULL, 8, "neither" },
    { "association", "{Object=@( \"x://y?a\")}", NULL, 18, "Name=value" },
    { "association", "{ Object = \" wmicimv2/X Y\"}", NULL, 23, "blanks" },
    { "association", "{Object=Win32_Service?Name=x+y}", WMI "/*", 29, "needs quotes" },
    { "association", "{Object=winrm/config/client/TrustedHosts}", NULL, 28, "inside" },
    { "association", "<a></b>", NULL, ANYWHERE, "not well-formed" },
    { "event", "System: *", NULL, 6, "neither" },
    { "event", "*[System]", NULL, 0, "neither" },
    { "event", "a\nb", NULL, 1, "neither" },
    { "event", "<QueryList>", NULL, 11, "not well-formed" },
    { "event", "<a/></w:Filter><b>", NULL, ANYWHERE, "not well-formed" },
};

static int write(struct wsc__buf *b, const struct wsc__mem *mem, const char *dialect,
                 const char *text, const char *resource, const char **uri, size_t *at,
                 const char **why)
{
    struct wsc__xml_writer w;

    wsc__xml_init(&w, b);
    return wsc__filter_write(&w, mem, dialect, text, resource, uri, at, why);
}

static void written(void)
{
    for (size_t i = 0; i < sizeof filters / sizeof *filters; i++) {
        const char *uri = NULL, *why = "";
        struct wsc__buf b;
        size_t at = 0;

        wsc__buf_init(&b, &wsc__mem_libc, 10000);
        if (!CHECK_EQ(write(&b, &wsc__mem_libc, filters[i].dialect, filters[i].text,
                            filters[i].resource, &uri, &at, &why),
                      0) ||
            !CHECK_STR(wsc__buf_cstr(&b), filters[i].xml))
            printf("# of %s: at %zu: %s\n", filters[i].text, at, why);
        CHECK(uri && (strchr(uri, '&') || strstr(filters[i].xml, uri)));
        wsc__buf_free(&b);
    }
}

static void refused(void)
{
    for (size_t i = 0; i < sizeof no_filters / sizeof *no_filters; i++) {
        const char *uri = NULL, *why = "";
        struct wsc__buf b;
        size_t at = 99;
        int rc = strcmp(no_filters[i].why, "no such dialect") ? WSC_E_USAGE : WSC_E_OPTION;

        wsc__buf_init(&b, &wsc__mem_libc, 10000);
        if (!CHECK_EQ(write(&b, &wsc__mem_libc, no_filters[i].dialect, no_filters[i].text,
                            no_filters[i].resource, &uri, &at, &why),
                      rc) ||
            !CHECK(at == no_filters[i].at || (no_filters[i].at == ANYWHERE && at < 99)) ||
            !CHECK(strstr(why, no_filters[i].why)))
            printf("# of %s: at %zu: %s\n", no_filters[i].text, at, why);
        CHECK(!b.len && !uri);
        CHECK_EQ(write(&b, &wsc__mem_libc, no_filters[i].dialect, no_filters[i].text,
                       no_filters[i].resource, NULL, NULL, NULL),
                 rc);
        wsc__buf_free(&b);
    }
}

static void too_long(void)
{
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 30);
    CHECK_EQ(write(&b, &wsc__mem_libc, "wql", "select", NULL, NULL, NULL, NULL), WSC_E_LIMIT);
    wsc__buf_free(&b);
}

/* --- memory ----------------------------------------------------------------------------------- */

static int one_filter(const struct wsc__mem *mem, const char *dialect, const char *text)
{
    struct wsc__buf b;
    int rc;

    wsc__buf_init(&b, mem, 10000);
    rc = write(&b, mem, dialect, text, WMI "/*", NULL, NULL, NULL);
    CHECK(!rc || rc == WSC_E_NOMEM);
    wsc__buf_free(&b);
    return rc;
}

static int one_selector(const struct wsc__mem *mem)
{
    return one_filter(mem, "selector", "{A=b;C=(\"d\");'E'=f}");
}

static int one_association(const struct wsc__mem *mem)
{
    return one_filter(mem, "association",
                      "{Object=Win32_Service?Name=x;Role=a;ResultClassName=b;"
                      "IncludeResultProperty=(c,d)}");
}

static int one_channel(const struct wsc__mem *mem)
{
    return one_filter(mem, "event", "System");
}

static int one_query(const struct wsc__mem *mem)
{
    return one_filter(mem, "event", "<QueryList/>");
}

static int one_hash(const struct wsc__mem *mem)
{
    struct seen s = { .len = 0 };
    int rc = wsc__hash_parse(mem,
                             "{A=\"a value that is longer than a first block of memory is, "
                             "so that it has to grow\";B=c}",
                             see, &s, NULL, NULL);

    CHECK(!rc || rc == WSC_E_NOMEM);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(one_selector);
    test_each_failure(one_association);
    test_each_failure(one_channel);
    test_each_failure(one_query);
    test_each_failure(one_hash);
}

static const struct test tests[] = {
    { "pairs", pairs },
    { "no_pairs", no_pairs },
    { "stopped", stopped },
    { "written", written },
    { "refused", refused },
    { "too_long", too_long },
    { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
