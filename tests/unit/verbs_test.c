/* Bodies of the verbs, names of resources, and changes put into what was read. */
#include "wsman/merge.h"
#include "wsman/verbs.h"

#include "base/codes.h"
#include "wsman/typed.h"

#include "test.h"

#define CONFIG  "http://schemas.microsoft.com/wbem/wsman/1/config"
#define SERVICE "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Service"

static const struct wsc__mem *const mem = &wsc__mem_libc;

static struct wsc_value *parse(const char *xml)
{
    struct wsc_value *v = NULL;
    size_t at = 0;

    if (!CHECK_EQ(wsc__value_parse(&v, mem, xml, strlen(xml), &at), WSC_OK))
        printf("%s\n", xml);
    return v;
}

static void names(void)
{
    static const struct {
        const char *uri, *ns, *name;
    } cases[] = {
        { CONFIG, CONFIG, "Config" },
        { CONFIG "/Client", CONFIG "/Client", "Client" },
        { CONFIG "/service/auth", CONFIG "/service/auth", "Auth" },
        { CONFIG "/Listener", CONFIG "/Listener", "Listener" },
        { CONFIG "/service/certmapping", CONFIG "/service/certmapping", "certmapping" },
        { CONFIG "/plugin", CONFIG "/PluginConfiguration", "PlugInConfiguration" },
        { SERVICE, SERVICE, "Win32_Service" },
        { "urn:x", "urn:x", NULL },
        { "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*",
          "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/*", NULL },
    };
    const char *ns, *name;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        bool named = wsc__resource_element(cases[i].uri, &ns, &name);

        CHECK_EQ(named, cases[i].name != NULL);
        CHECK_STR(ns, cases[i].ns);
        if (named && cases[i].name)
            CHECK_STR(name, cases[i].name);
    }
}

static struct wsc__buf body;
static struct wsc__xml_writer w;

static void begin(void)
{
    wsc__buf_init(&body, mem, 100000);
    wsc__xml_init(&w, &body);
}

static void is(const char *xml)
{
    CHECK_EQ(w.err, WSC_OK);
    CHECK_STR(wsc__buf_cstr(&body), xml);
    wsc__buf_free(&body);
}

static void bodies(void)
{
    struct wsc__enumerate_spec e = { .optimize = true, .max_elements = 50 };
    struct wsc_value *v = NULL;
    struct wsc__buf filter;

    CHECK_EQ(wsc__value_new(&v, mem, 10000, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc__value_add(v, NULL, "A", "1", NULL), WSC_OK);
    begin();
    wsc__body_resource(&w, v, "urn:r", "R");
    is("<p:R xmlns:p=\"urn:r\"><p:A>1</p:A></p:R>");
    begin();
    wsc__body_invoke(&w, SERVICE, "StopService", v);
    is("<p:StopService_INPUT xmlns:p=\"" SERVICE "\"><p:A xmlns:p=\"" SERVICE
       "\">1</p:A></p:StopService_INPUT>");
    begin();
    wsc__body_invoke(&w, SERVICE, "StopService", NULL);
    is("<p:StopService_INPUT xmlns:p=\"" SERVICE "\"/>");
    begin();
    wsc__body_fragment(&w, v, "urn:r");
    is("<w:XmlFragment><p:A xmlns:p=\"urn:r\">1</p:A></w:XmlFragment>");
    begin();
    wsc__body_fragment(&w, NULL, "urn:r");
    is("<w:XmlFragment/>");
    CHECK_EQ(wsc__value_set_text(v, "just text"), WSC_OK);
    begin();
    wsc__body_fragment(&w, v, "urn:r");
    is("<w:XmlFragment>just text</w:XmlFragment>");
    wsc__value_unref(v);
    begin();
    wsc__header_fragment(&w, "Name/text()", NULL);
    is("<w:FragmentTransfer s:mustUnderstand=\"true\">Name/text()</w:FragmentTransfer>");
    begin();
    wsc__body_enumerate(&w, &e);
    is("<n:Enumerate><w:OptimizeEnumeration/><w:MaxElements>50</w:MaxElements></n:Enumerate>");
    wsc__buf_init(&filter, mem, 1000);
    CHECK_EQ(wsc__buf_puts(&filter, "<f/>"), WSC_OK);
    e = (struct wsc__enumerate_spec){ .mode = "EnumerateEPR",
                                      .polymorphism = "None",
                                      .filter = &filter };
    begin();
    wsc__body_enumerate(&w, &e);
    is("<n:Enumerate><w:EnumerationMode>EnumerateEPR</w:EnumerationMode><b:PolymorphismMode "
       "xmlns:b=\"http://schemas.dmtf.org/wbem/wsman/1/cimbinding.xsd\">None</b:PolymorphismMode>"
       "<f/></n:Enumerate>");
    wsc__buf_free(&filter);
    begin();
    wsc__body_pull(&w, "uuid:1", 7, 1500);
    is("<n:Pull><n:EnumerationContext>uuid:1</n:EnumerationContext><n:MaxTime>PT1.500S</n:MaxTime>"
       "<n:MaxElements>7</n:MaxElements></n:Pull>");
    begin();
    wsc__body_release(&w, "a&b");
    is("<n:Release><n:EnumerationContext>a&amp;b</n:EnumerationContext></n:Release>");
}

static const char resource[] =
    "<c:Client xmlns:c=\"urn:c\"><c:A>1</c:A><c:Auth><c:Basic>true</c:Basic><c:Digest "
    "Source=\"GPO\">true</c:Digest></c:Auth><c:L>1</c:L><c:L>2</c:L><c:L>3</c:L><c:Z/"
    "><c:Ref><ReferenceParameters><ResourceURI>o</ResourceURI>"
    "</ReferenceParameters></c:Ref><c:When><m:Datetime xmlns:m=\"" WSC__NS_CIM "\">2020"
    "</m:Datetime></c:When><c:P/><c:P Source=\"GPO\"/><c:Quotas MaxShells=\"30\" "
    "Idle=\"1\"/></c:Client>";

static const char plugin[] =
    "<PlugInConfiguration xmlns='urn:p' Name='x'><InitializationParameters><Param Name='PSMax' "
    "Value='1'/><Param Name='Fixed' Value='1' Source='GPO'/><Param Name='Param' Value='1'/><Param "
    "Name='None'/><Param Name='Text'>1</Param><Param xmlns:q='urn:q' q:Name='z' Name='q' "
    "q:Value='7' Value='1'/><Param name='small' value='1'/><Param Name='two' Value='1'/><Param "
    "Name='Two' Value='2'/><Param Name='half' Value='1'/><Param Name='half' Value='1' "
    "Source='gpo'/>"
    "</InitializationParameters><Resources>"
    "<Resource Name='one'><Deep>1</Deep></Resource></Resources></PlugInConfiguration>";
static const char bare[] = "<PlugInConfiguration xmlns='urn:p' Name='x'/>";

struct merge_case {
    const char *changes;
    int rc;
    const char *at, *result; /* of the elements */
};

static void merge(const char *into, const struct merge_case *cases, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++) {
        struct wsc_value *v = parse(into), *changes = parse(cases[i].changes);
        struct wsc__misfit at = { .change = NULL };
        const char *xml = NULL;

        if (!CHECK_EQ(wsc__merge(v, changes, &at), cases[i].rc))
            printf("%s\n", cases[i].changes);
        if (cases[i].at)
            CHECK_STR(at.path, cases[i].at);
        CHECK_EQ(wsc__value_xml(v, &xml, NULL), WSC_OK);
        if (cases[i].result && !CHECK(strstr(xml, cases[i].result)))
            printf("%s gives %s\n", cases[i].changes, xml);
        wsc__value_unref(changes);
        wsc__value_unref(v);
    }
}

static void plugins(void)
{
    static const struct merge_case cases[] = {
        { "<x><InitializationParameters><psmax>5</psmax></InitializationParameters></x>", 0, NULL,
          "<Param Name=\"PSMax\" Value=\"5\"/><Param Name=\"Fixed\"" },
        { "<x><InitializationParameters><New>5</New></InitializationParameters></x>", 0, NULL,
          "Source=\"gpo\"/><Param Name=\"New\" Value=\"5\"/></Init" },
        { "<x><InitializationParameters><param>5</param></InitializationParameters></x>", 0, NULL,
          "<Param Name=\"Param\" Value=\"5\"/><Param Name=\"None\"/>" },
        { "<x><InitializationParameters><none>5</none></InitializationParameters></x>", 0, NULL,
          "<Param Name=\"None\" Value=\"5\"/>" },
        { "<x><InitializationParameters><text>5</text></InitializationParameters></x>", 0, NULL,
          "<Param Name=\"Text\">5</Param>" },
        { "<x><InitializationParameters><q>5</q></InitializationParameters></x>", 0, NULL,
          "Value=\"7\" Value=\"5\"/>" },
        { "<x><InitializationParameters><small>5</small></InitializationParameters></x>", 0, NULL,
          "<Param name=\"small\" value=\"5\"/>" },
        { "<x><InitializationParameters><two>5</two></InitializationParameters></x>", 0, NULL,
          "<Param Name=\"two\" Value=\"5\"/><Param Name=\"Two\" Value=\"5\"/>" },
        { "<x><InitializationParameters><half>5</half></InitializationParameters></x>",
          WSC_E_ACCESS_DENIED, "InitializationParameters/half", NULL },
        { "<x><InitializationParameters><Param Name='a' Value='b'/></InitializationParameters></x>",
          WSC_E_ACCESS_DENIED, "InitializationParameters/Param", NULL },
        { "<x><InitializationParameters><fixed>5</fixed></InitializationParameters></x>",
          WSC_E_ACCESS_DENIED, "InitializationParameters/fixed", NULL },
        { "<x><InitializationParameters><New><a/></New></InitializationParameters></x>",
          WSC_E_NOT_FOUND, "InitializationParameters/New", NULL },
        { "<x><Resources><one><deep>2</deep></one></Resources></x>", 0, NULL, "<Deep>2</Deep>" },
        { "<x><Resources><one><no>2</no></one></Resources></x>", WSC_E_NOT_FOUND,
          "Resources/one/no", NULL },
        { "<x><Resources><one>2</one></Resources></x>", WSC_E_NOT_FOUND, "Resources/one", NULL },
    }, onto_bare[] = {
        { "<x><initializationparameters><New>5</New></initializationparameters></x>", 0, NULL,
          "<InitializationParameters><Param Name=\"New\" Value=\"5\"/></Init" },
        { "<x><InitializationParameters>5</InitializationParameters></x>", WSC_E_NOT_FOUND,
          "InitializationParameters", NULL },
    };

    merge(plugin, cases, sizeof cases / sizeof *cases);
    merge(bare, onto_bare, sizeof onto_bare / sizeof *onto_bare);
}

static void merges(void)
{
    static const struct merge_case cases[] = {
        { "<x><a>2</a></x>", 0, NULL, "<c:A>2</c:A>" },
        { "<x><Auth><basic>false</basic></Auth></x>", 0, NULL,
          "<c:Basic>false</c:Basic><c:Digest" },
        { "<x><Auth><Digest>false</Digest></Auth></x>", WSC_E_ACCESS_DENIED, "Auth/Digest", NULL },
        { "<x><P>1</P></x>", WSC_E_ACCESS_DENIED, "P", NULL },
        { "<x><Nope>1</Nope></x>", WSC_E_NOT_FOUND, "Nope", NULL },
        { "<x><Auth><Nope>1</Nope></Auth></x>", WSC_E_NOT_FOUND, "Auth/Nope", NULL },
        { "<x><L>9</L></x>", 0, NULL, "</c:Auth><c:L>9</c:L><c:Z/>" },
        { "<x><L>9</L><A>3</A><L>8</L><L>7</L><L>6</L></x>", 0, NULL,
          "</c:Auth><c:L>9</c:L><c:L>8</c:L><c:L>7</c:L><c:L>6</c:L><c:Z/>" },
        { "<x><Z>1</Z><Z>2</Z></x>", 0, NULL, "<c:Z>1</c:Z><c:Z>2</c:Z><c:Ref>" },
        { "<x><Z><In k=\"v\">1</In></Z></x>", 0, NULL, "<c:Z><In k=\"v\">1</In></c:Z>" },
        { "<x><A xmlns:i='" WSC__NS_XSI "' i:nil='true'/></x>", 0, NULL,
          "<c:A xmlns:xsi=\"" WSC__NS_XSI "\" xsi:nil=\"true\"/>" },
        { "<x Enabled='no'/>", 0, NULL, " Enabled=\"no\"" },
        { "<x><A k='v'>4</A></x>", 0, NULL, "<c:A k=\"v\">4</c:A>" },
        { "<x><Ref><ReferenceParameters><ResourceURI>r</ResourceURI><SelectorSet><Selector "
          "Name='a'>1</Selector><Selector Name='b'>2</Selector></SelectorSet>"
          "</ReferenceParameters></Ref></x>",
          0, NULL, "<Selector Name=\"a\">1</Selector><Selector Name=\"b\">2</Selector>" },
        { "<x><When><m:Interval xmlns:m='" WSC__NS_CIM "'>P1D</m:Interval></When></x>", 0, NULL,
          "P1D</m:Interval></c:When>" },
        { "<x><Quotas><maxshells>5</maxshells></Quotas></x>", 0, NULL,
          "<c:Quotas MaxShells=\"5\" Idle=\"1\"/>" },
        { "<x><Quotas><idle>5</idle><Idle>6</Idle></Quotas></x>", WSC_E_USAGE, "Quotas/idle",
          NULL },
        { "<x><Quotas><Max>5</Max></Quotas></x>", WSC_E_NOT_FOUND, "Quotas/Max", NULL },
        { "<x/>", 0, NULL, "<c:A>1</c:A>" },
    };

    merge(resource, cases, sizeof cases / sizeof *cases);
}

/* A large resource, and many changes: the one is not walked for each of the other. */
static void large(void)
{
    enum { MANY = 50000 };
    struct wsc_value *v = NULL, *changes = NULL;
    struct wsc__misfit at = { .change = NULL };
    size_t i;

    CHECK_EQ(wsc__value_new(&v, mem, SIZE_MAX / 4, NULL, "R"), WSC_OK);
    CHECK_EQ(wsc__value_new(&changes, mem, SIZE_MAX / 4, NULL, "x"), WSC_OK);
    for (i = 0; i < 2 * MANY; i++)
        CHECK_EQ(wsc__value_add(v, NULL, i < MANY ? "Other" : "L", "1", NULL), WSC_OK);
    for (i = 0; i < MANY / 2; i++)
        CHECK_EQ(wsc__value_add(changes, NULL, "l", "2", NULL), WSC_OK);
    CHECK_EQ(wsc__merge(v, changes, &at), WSC_OK);
    CHECK_EQ(v->count, MANY + MANY / 2);
    CHECK(!strcmp(v->last->name, "L") && !strcmp(v->last->text, "2") && !v->last->next);
    wsc__value_unref(changes);
    wsc__value_unref(v);
}

static const struct test tests[] = { { "names", names },
                                     { "bodies", bodies },
                                     { "merges", merges },
                                     { "plugins", plugins },
                                     { "large", large } };

TEST_MAIN(tests)
