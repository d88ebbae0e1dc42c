/* Trees of values, by hand and from XML, and what their texts mean. */
#include "wsman/epr.h"
#include "wsman/typed.h"
#include "xml/tree_private.h"

#include "test.h"

#include <limits.h>

static const struct wsc__mem *const mem = &wsc__mem_libc;

static struct wsc_value *parse(const char *xml)
{
    struct wsc_value *v = NULL;
    size_t at = 0;

    if (!CHECK_EQ(wsc__value_parse(&v, mem, xml, strlen(xml), &at), WSC_OK))
        printf("%s\n", xml);
    return v;
}

static const char *xml_of(const struct wsc_value *v)
{
    const char *s = NULL;
    size_t len = 0;

    CHECK_EQ(wsc__value_xml(v, &s, &len), WSC_OK);
    CHECK_EQ(strlen(s), len);
    return s;
}

/* --- reading and writing ---------------------------------------------------------------------- */

static void read_and_written(void)
{
    static const char *const same[] = {
        "<a/>",
        "<a>text &lt;&amp;&gt;</a>",
        "<p:a xmlns:p=\"urn:1\"><p:b>1</p:b><p:b>2</p:b></p:a>",
        "<a xmlns=\"urn:1\"><b xmlns=\"\"/><c/></a>",
        "<p:a xmlns:p=\"urn:1\"><p:b xmlns:p=\"urn:2\"/><p:c/></p:a>",
        "<p:a xmlns:p=\"urn:1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xsi:nil=\"true\"/>",
        "<p:a xmlns:p=\"urn:1\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
        "xsi:type=\"p:T\"><p:b xsi:nil=\"true\"/></p:a>",
        "<a one=\"1\" two=\"&quot;2&quot;\"/>",
        "<a xmlns:a=\"urn:x\" a:one=\"1\"><b a:two=\"2\"/></a>",
        "<a xml:lang=\"en\"/>",
    };
    size_t i;

    for (i = 0; i < sizeof same / sizeof *same; i++) {
        struct wsc_value *v = parse(same[i]);

        if (v)
            CHECK_STR(xml_of(v), same[i]);
        wsc__value_unref(v);
    }
}

static void read(void)
{
    struct wsc_value *v =
        parse("<p:S xmlns:p='urn:s' xmlns:i='" WSC__NS_XSI "' xmlns:c='urn:c' "
              "i:type='p:S_Type'>\n <p:Name>WinRM </p:Name>\n <p:No i:nil='1'>\n</p:No>"
              "<p:Yes i:nil='true'>x</p:Yes><p:D i:type='c:T'><c:In>7</c:In></p:D>"
              "<p:U i:type='u:T'/><p:Name k='v'>two</p:Name></p:S>");
    const struct wsc_value *n;

    CHECK_STR(v->name, "S");
    CHECK_STR(v->ns, "urn:s");
    CHECK_STR(v->type, "S_Type");
    CHECK_STR(v->type_ns, "urn:s");
    CHECK_EQ(v->count, 6);
    CHECK(!v->text);
    n = wsc__value_at(v, 0);
    CHECK_STR(n->text, "WinRM ");
    CHECK_EQ(n->text_len, 6);
    CHECK(n->ns == v->ns);
    CHECK(wsc__value_at(v, 1)->nil && !wsc__value_at(v, 1)->text);
    CHECK(!wsc__value_at(v, 2)->nil); /* it has a content, whatever it says */
    CHECK_STR(wsc__value_find(v, "d/in", 0)->text, "7");
    CHECK_STR(wsc__value_at(v, 3)->type_ns, "urn:c");
    CHECK_STR(wsc__value_at(v, 4)->type, "u:T"); /* nobody declared u */
    CHECK_STR(wsc__value_child(v, "NAME", 1)->text, "two");
    CHECK_STR(wsc__value_attr(wsc__value_child(v, "Name", 1), NULL, "k"), "v");
    CHECK(!wsc__value_attr(wsc__value_child(v, "Name", 1), "urn:s", "k"));
    CHECK(!wsc__value_child(v, "Name", 2));
    CHECK(!wsc__value_at(v, 6));
    CHECK(wsc__value_at(v, 5) == v->last && wsc__value_at(v, 0) == v->first);
    wsc__value_unref(v);
}

static void refused(void)
{
    static const struct {
        const char *xml;
        size_t at;
    } bad[] = {
        { "", 0 },         { "text", 0 },   { "<a>", 3 },         { "<a></b>", 7 },
        { "<a/><b/>", 4 }, { "<p:a/>", 0 }, { "<a>\x01</a>", 3 }, { "<!DOCTYPE a><a/>", 0 },
    };
    size_t i, at;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wsc_value *v = NULL;

        at = 77;
        if (!CHECK_EQ(wsc__value_parse(&v, mem, bad[i].xml, strlen(bad[i].xml), &at),
                      WSC_E_USAGE) ||
            !CHECK(at <= strlen(bad[i].xml)))
            printf("%s: %zu\n", bad[i].xml, at);
        CHECK(!v);
    }
}

/* --- by hand ---------------------------------------------------------------------------------- */

static struct wsc_value *made(const char *ns, const char *name)
{
    struct wsc_value *v = NULL;

    CHECK_EQ(wsc__value_new(&v, mem, SIZE_MAX / 4, ns, name), WSC_OK);
    return v;
}

static void by_hand(void)
{
    struct wsc_value *v = made("urn:s", "S"), *c = NULL, *copy = NULL;

    CHECK_EQ(wsc__value_add(v, NULL, "Text", "a<b", NULL), WSC_OK);
    CHECK_EQ(wsc__value_add(v, NULL, "Null", NULL, NULL), WSC_OK);
    CHECK_EQ(wsc__value_add(v, "urn:o", "In", "", &c), WSC_OK);
    CHECK_EQ(wsc__value_set_type(c, "urn:t", "T"), WSC_OK);
    CHECK_EQ(wsc__value_set_attr(c, NULL, "k", "v"), WSC_OK);
    CHECK_EQ(wsc__value_set_attr(c, "urn:k", "k", "w"), WSC_OK);
    CHECK_EQ(wsc__value_add(c, NULL, "Deep", "1", NULL), WSC_OK);
    CHECK_STR(xml_of(v),
              "<p:S xmlns:p=\"urn:s\"><p:Text>a&lt;b</p:Text><p:Null "
              "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/>"
              "<p:In xmlns:p=\"urn:o\" xmlns:t=\"urn:t\" "
              "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"t:T\" k=\"v\" "
              "xmlns:a=\"urn:k\" a:k=\"w\"><p:Deep>1</p:Deep></p:In></p:S>");
    CHECK_EQ(wsc__value_copy(&copy, mem, SIZE_MAX / 4, v), WSC_OK);
    /* changes are seen, and only where they are made */
    CHECK_EQ(wsc__value_set_text(c, "now"), WSC_OK);
    CHECK_EQ(wsc__value_set_attr(c, "urn:k", "k", NULL), WSC_OK);
    CHECK_EQ(wsc__value_set_attr(c, NULL, "k", "x"), WSC_OK);
    CHECK_EQ(wsc__value_set_type(c, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc__value_remove(v, 0), WSC_OK);
    CHECK_EQ(wsc__value_remove(v, 2), WSC_E_AGAIN);
    CHECK_STR(xml_of(c), "<p:In xmlns:p=\"urn:o\" k=\"x\">now</p:In>");
    CHECK_EQ(wsc__value_remove(v, 1), WSC_OK);
    CHECK_EQ(wsc__value_add(v, NULL, "Last", "z", NULL), WSC_OK);
    CHECK_STR(wsc__value_at(v, 1)->name, "Last");
    CHECK_STR(wsc__value_find(copy, "In/Deep", 0)->text, "1");
    CHECK_STR(wsc__value_find(copy, "*/*", 0)->text, "1");
    CHECK(!wsc__value_find(copy, "In/Deep/More", 0) && !wsc__value_find(copy, "", 0));
    /* a value within itself */
    CHECK_EQ(wsc__value_add_copy(copy, copy, &c), WSC_OK);
    CHECK_EQ(c->count, 3);
    CHECK_EQ(copy->count, 4);
    CHECK_STR(wsc__value_find(copy, "S/In/Deep", 0)->text, "1");
    wsc__value_ref(c);
    wsc__value_unref(copy);
    CHECK_STR(c->first->text, "a<b"); /* any part keeps the whole */
    wsc__value_unref(c);
    wsc__value_unref(v);
}

/* Each attribute, and the type, stays in its namespace. */
static void attributes(void)
{
    static const struct {
        const char *given, *same;
    } cases[] = {
        { "<a xmlns:p='urn:1' xmlns:q='urn:1' p:x='1' q:x='2'/>",
          "<a xmlns:a=\"urn:1\" a:x=\"1\"/>" },
        { "<p:a xmlns:p='urn:?a&amp;b'/>", "<p:a xmlns:p=\"urn:?a&amp;b\"/>" },
        { "<a xmlns:p='urn:?a&amp;b&amp;' p:x='&amp;'/>",
          "<a xmlns:a=\"urn:?a&amp;b&amp;\" a:x=\"&amp;\"/>" },
        { "<a xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:type=' T\n'/>",
          "<a xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"T\"/>" },
        { "<xml:a><b/></xml:a>", "<xml:a><b/></xml:a>" },
    };
    struct wsc_value *v = made("urn:s", "S"), *c, *again;
    size_t i;

    CHECK_EQ(wsc__value_set_attr(v, "urn:1", "x", "1"), WSC_OK);
    CHECK_EQ(wsc__value_add(v, NULL, "c", "", &c), WSC_OK);
    CHECK_EQ(wsc__value_set_attr(c, "urn:1", "x", "1"), WSC_OK);
    CHECK_EQ(wsc__value_set_attr(c, "urn:2", "y", "2"), WSC_OK);
    CHECK_EQ(wsc__value_set_type(c, "urn:1", "T"), WSC_OK);
    again = parse(xml_of(v));
    CHECK_STR(wsc__value_attr(again->first, "urn:1", "x"), "1");
    CHECK_STR(wsc__value_attr(again->first, "urn:2", "y"), "2");
    CHECK_STR(again->first->type_ns, "urn:1");
    wsc__value_unref(again);
    CHECK_EQ(wsc__value_set_type(c, "", "T"), WSC_OK); /* a default namespace is not to take it */
    again = parse(xml_of(v));
    CHECK_STR(again->first->type_ns, "");
    CHECK_STR(again->first->ns, "urn:s");
    wsc__value_unref(again);
    /* what would be a declaration */
    CHECK_EQ(wsc__value_set_attr(v, NULL, "xmlns", "urn:2"), WSC_E_USAGE);
    CHECK_EQ(wsc__value_set_attr(v, "http://www.w3.org/2000/xmlns/", "x", ""), WSC_E_USAGE);
    wsc__value_unref(v);
    v = made("http://www.w3.org/XML/1998/namespace", "S");
    CHECK_STR(xml_of(v), "<xml:S/>");
    wsc__value_unref(v);
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        v = parse(cases[i].given);
        if (v)
            CHECK_STR(xml_of(v), cases[i].same);
        wsc__value_unref(v);
    }
}

/* One foreign namespace after the other: prefixes are free again when their element has ended. */
static void drive_paths(void)
{
    static const struct {
        const char *path, *text;
    } cases[] = {
        { "Quotas/MaxShells", "30" },
        { "quotas/maxshells", "30" },
        { "Enabled", "true" },
        { "InitializationParameters/PSVersion", "5.1" },
        { "Resources/Resource/Security/Sddl", "O:BA" },
        { "Client/TrustedHosts", "a,b" },
        { "Client", "" },
        { "Null", NULL },
        { "Nope", NULL },
        { "Client/Nope", NULL },
        { "Nope/X", NULL },
        { "", NULL },
        { "Quotas/", NULL },
    };
    struct wsc_value *v = parse(
        "<P Enabled='true'><Quotas MaxShells='30'/><InitializationParameters><Param "
        "Name='PSVersion' "
        "Value='5.1'/></InitializationParameters><Resources><Resource><Security "
        "Sddl='O:BA'/></Resource>"
        "</Resources><Client><TrustedHosts>a,b</TrustedHosts></Client><Null xmlns:i='" WSC__NS_XSI
        "' i:nil='true'/></P>");
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *text = wsc__value_text_at(v, cases[i].path);

        if (!CHECK((text != NULL) == (cases[i].text != NULL)) ||
            (text && !CHECK_STR(text, cases[i].text)))
            printf("%s\n", cases[i].path);
    }
    wsc__value_unref(v);
}

static void many_namespaces(void)
{
    struct wsc_value *v = made("urn:s", "S"), *c, *again;
    char ns[32];
    unsigned i;

    for (i = 0; i < 300; i++) {
        CHECK_EQ(wsc__value_add(v, NULL, "c", "", &c), WSC_OK);
        snprintf(ns, sizeof ns, "urn:one:%u", i);
        CHECK_EQ(wsc__value_set_attr(c, ns, "k", "v"), WSC_OK);
        snprintf(ns, sizeof ns, "urn:two:%u", i);
        CHECK_EQ(wsc__value_set_attr(c, ns, "k", "v"), WSC_OK);
    }
    again = parse(xml_of(v));
    CHECK_EQ(again->count, 300);
    CHECK_STR(wsc__value_attr(again->last, "urn:two:299", "k"), "v");
    wsc__value_unref(again);
    wsc__value_unref(v);
    /* more at once than are declared is refused, not written wrongly */
    v = made(NULL, "S");
    for (i = 0; i < 70; i++) {
        snprintf(ns, sizeof ns, "urn:%u", i);
        CHECK_EQ(wsc__value_set_attr(v, ns, "k", "v"), WSC_OK);
    }
    {
        const char *xml = NULL;

        CHECK_EQ(wsc__value_xml(v, &xml, NULL), WSC_E_LIMIT);
    }
    wsc__value_unref(v);
}

/* Rows and columns of a large table, one by one: its size does not count twice. */
static void large(void)
{
    enum { ROWS = 100000 };
    struct wsc_value *v = made("urn:s", "S"), *row = NULL, *in = NULL;
    size_t i, k, n = 0;

    for (i = 0; i < ROWS; i++) {
        CHECK_EQ(wsc__value_add(v, NULL, "Row", "", &row), WSC_OK);
        for (k = 0; k < 2; k++)
            CHECK_EQ(wsc__value_add(row, NULL, "Cell", "", NULL), WSC_OK);
    }
    for (i = 0; i < ROWS; i++) {
        const struct wsc_value *r = wsc__value_at(v, i);

        for (k = 0; k < 2; k++)
            n += wsc__value_at(r, k)->depth == 2;
    }
    CHECK_EQ(n, 2 * ROWS);
    for (i = ROWS; i > 0; i--) /* backwards, too, and gone from either end */
        n -= wsc__value_at(v, i - 1)->depth;
    CHECK_EQ(n, ROWS);
    for (i = 0; i < ROWS / 2; i++) {
        CHECK_EQ(wsc__value_remove(v, ROWS - 1 - 2 * i), WSC_OK);
        CHECK_EQ(wsc__value_remove(v, 0), WSC_OK);
    }
    CHECK(!v->count && !v->first && !v->last);
    wsc__value_unref(v);
    /* a copy without a namespace takes that of where it goes, with all that is within */
    v = made("urn:s", "S");
    in = made(NULL, "In");
    CHECK_EQ(wsc__value_add(in, NULL, "Deep", "1", NULL), WSC_OK);
    CHECK_EQ(wsc__value_add_copy(v, in, NULL), WSC_OK);
    CHECK_STR(xml_of(v), "<p:S xmlns:p=\"urn:s\"><p:In><p:Deep>1</p:Deep></p:In></p:S>");
    wsc__value_unref(in);
    wsc__value_unref(v);
}

/* Both ways through what is within, after every kind of change. */
static bool linked(const struct wsc_value *v)
{
    const struct wsc_value *n, *before = NULL;
    size_t count = 0;

    for (n = v->first; n && n->prev == before; n = n->next, count++)
        before = n;
    return !n && before == v->last && count == v->count;
}

static void links(void)
{
    static const char order[] = "ABCDEF";
    struct wsc_value *v, *other, *n;
    char name[2] = "";
    size_t i, k;

    for (i = 0; i < 6; i++) {
        v = made("urn:s", "S");
        for (k = 0; k < 6; k++) {
            name[0] = order[k];
            CHECK_EQ(wsc__value_add(v, NULL, name, "", NULL), WSC_OK);
        }
        (void)wsc__value_at(v, 5 - i); /* from there it is found, too */
        CHECK_EQ(wsc__value_remove(v, i), WSC_OK);
        CHECK(linked(v));
        for (k = 0; k < 5; k++)
            CHECK_EQ(wsc__value_at(v, k)->name[0], order[k < i ? k : k + 1]);
        n = v->first;
        for (k = 0; k < i && n->next; k++)
            n = n->next;
        other = made("urn:s", "O");
        CHECK_EQ(wsc__value_insert(v, n, other), WSC_OK);
        CHECK(linked(v) && v->count == 6 && n->next && !strcmp(n->next->name, n->name));
        CHECK_EQ(wsc__value_add_copy(v, v, NULL), WSC_OK);
        CHECK(linked(v) && linked(v->last));
        wsc__value_remove_same(v, n);
        CHECK(linked(v) && v->count == 6);
        CHECK_EQ(wsc__value_become(other, v), WSC_OK);
        CHECK(linked(other) && other->count == 6);
        wsc__value_unref(other);
        wsc__value_unref(v);
    }
}

/* More selectors than any resource has are compared with each other no more. */
static void many_selectors(void)
{
    struct wsc_value *v = NULL, *p = NULL, *set = NULL, *s = NULL;
    struct wsc_epr *e = NULL;
    char name[32];
    size_t i, at = 0;

    CHECK_EQ(wsc__value_parse(&v, mem, "<E><ReferenceParameters/></E>", 29, &at), WSC_OK);
    p = v->first;
    CHECK_EQ(wsc__value_add(p, NULL, "ResourceURI", "urn:r", NULL), WSC_OK);
    CHECK_EQ(wsc__value_add(p, NULL, "SelectorSet", "", &set), WSC_OK);
    for (i = 0; i < 2000; i++) {
        snprintf(name, sizeof name, "n%zu", i);
        CHECK_EQ(wsc__value_add(set, NULL, "Selector", "", &s), WSC_OK);
        CHECK_EQ(wsc__value_set_attr(s, NULL, "Name", name), WSC_OK);
    }
    CHECK_EQ(wsc__value_epr(v, mem, &e), WSC_E_LIMIT);
    while (set->count > 1000)
        CHECK_EQ(wsc__value_remove(set, 0), WSC_OK);
    CHECK_EQ(wsc__value_epr(v, mem, &e), WSC_OK);
    CHECK_EQ(e->n, 1000);
    wsc__epr_free(e);
    wsc__value_unref(v);
}

static void wrong_use(void)
{
    struct wsc_value *v = made(NULL, NULL), *c = v, *deep = v;
    unsigned i;

    CHECK_EQ(wsc__value_new(&c, mem, 100000, NULL, "1a"), WSC_E_USAGE);
    CHECK_EQ(wsc__value_new(&c, mem, 100000, "\xff", "a"), WSC_E_USAGE);
    CHECK_EQ(wsc__value_add(v, NULL, "a:b", "", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc__value_add(v, NULL, "", "", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc__value_add(v, NULL, "Transpor\xe2", "", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc__value_add(v, NULL, "a", "\x01", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc__value_set_attr(v, NULL, "a b", "x"), WSC_E_USAGE);
    CHECK_EQ(wsc__value_set_attr(v, NULL, "gone", NULL), WSC_OK);
    CHECK_EQ(wsc__value_set_type(v, NULL, "T"), WSC_E_USAGE);
    CHECK_EQ(wsc__value_set_text(v, "\xc0"), WSC_E_USAGE);
    CHECK_EQ(wsc__value_add_copy(v, v, NULL), WSC_E_USAGE); /* it has no name */
    CHECK(c == v);
    CHECK_EQ(v->count, 0);
    for (i = 1; i < WSC__TREE_DEPTH; i++)
        CHECK_EQ(wsc__value_add(deep, NULL, "d", "", &deep), WSC_OK);
    CHECK_EQ(wsc__value_add(deep, NULL, "d", "", NULL), WSC_E_LIMIT);
    CHECK_EQ(wsc__value_add_copy(deep, v->first, NULL), WSC_E_LIMIT);
    CHECK_EQ(wsc__value_add_copy(v, v->first, NULL), WSC_OK);
    CHECK_EQ(wsc__value_add_copy(v->first, v->first, NULL), WSC_E_LIMIT);
    CHECK_EQ(v->first->count, 1);
    CHECK(strlen(xml_of(v)) > 2 * 63 * 3);
    wsc__value_unref(v);
    /* a ceiling */
    CHECK_EQ(wsc__value_new(&v, mem, 2000, NULL, "a"), WSC_OK);
    for (i = 0; i < 100 && wsc__value_add(v, NULL, "b", "0123456789", NULL) == WSC_OK; i++)
        ;
    CHECK(i > 5 && i < 30);
    CHECK_EQ(v->count, i);
    CHECK_EQ(wsc__value_add(v, NULL, "b", "0123456789", NULL), WSC_E_LIMIT);
    wsc__value_unref(v);
}

/* --- meanings --------------------------------------------------------------------------------- */

static struct wsc_value *text(const char *s)
{
    struct wsc_value *v = made(NULL, "x");

    CHECK_EQ(wsc__value_set_text(v, s), WSC_OK);
    return v;
}

static void numbers(void)
{
    static const struct {
        const char *text;
        int rc, urc;
        int64_t i;
    } cases[] = {
        { "0", 0, 0, 0 },
        { " 42\n", 0, 0, 42 },
        { "+7", 0, 0, 7 },
        { "-7", 0, WSC_E_LIMIT, -7 },
        { "9223372036854775807", 0, 0, INT64_MAX },
        { "-9223372036854775808", 0, WSC_E_LIMIT, INT64_MIN },
        { "9223372036854775808", WSC_E_LIMIT, 0, 0 },
        { "99999999999999999999", WSC_E_LIMIT, WSC_E_LIMIT, 0 },
        { NULL, WSC_E_AGAIN, WSC_E_AGAIN, 0 },
        { "", WSC_E_PROTOCOL, WSC_E_PROTOCOL, 0 },
        { "1.0", WSC_E_PROTOCOL, WSC_E_PROTOCOL, 0 },
        { "0x1", WSC_E_PROTOCOL, WSC_E_PROTOCOL, 0 },
        { "-", WSC_E_PROTOCOL, WSC_E_PROTOCOL, 0 },
        { "+-1", WSC_E_PROTOCOL, WSC_E_PROTOCOL, 0 },
    };
    size_t n;

    for (n = 0; n < sizeof cases / sizeof *cases; n++) {
        struct wsc_value *v = text(cases[n].text);
        uint64_t u = 5;
        int64_t i = 0;

        if (!CHECK_EQ(wsc__value_int(v, &i), cases[n].rc) ||
            !CHECK_EQ(wsc__value_uint(v, &u), cases[n].urc) || !CHECK_EQ(i, cases[n].i))
            printf("%s\n", cases[n].text ? cases[n].text : "null");
        wsc__value_unref(v);
    }
}

static void other_types(void)
{
    static const uint8_t bytes[] = { 0, 1, 2, 255 };
    struct wsc_value *v = text("true");
    uint8_t out[8] = { 0 };
    int32_t offset = 0;
    size_t len = 0;
    int64_t t = 0;
    bool b = false;
    double d = 0;

    CHECK(wsc__value_bool(v, &b) == WSC_OK && b);
    CHECK_EQ(wsc__value_time(v, &t, &offset), WSC_E_PROTOCOL);
    CHECK_EQ(wsc__value_double(v, &d), WSC_E_PROTOCOL);
    CHECK_EQ(wsc__value_set_text(v, " 0 "), WSC_OK);
    CHECK(wsc__value_bool(v, &b) == WSC_OK && !b);
    CHECK_EQ(wsc__value_set_text(v, "yes"), WSC_OK);
    CHECK_EQ(wsc__value_bool(v, &b), WSC_E_PROTOCOL);
    CHECK_EQ(wsc__value_set_text(v, "-1.25E2"), WSC_OK);
    CHECK(wsc__value_double(v, &d) == WSC_OK && d < -124.9 && d > -125.1);
    CHECK_EQ(wsc__value_set_text(v, "AAEC/w=="), WSC_OK);
    CHECK_EQ(wsc__value_bytes_of(v, out, sizeof out, &len), WSC_OK);
    CHECK(len == 4 && !memcmp(out, bytes, 4));
    CHECK_EQ(wsc__value_bytes_of(v, out, 3, &len), WSC_E_LIMIT);
    CHECK_EQ(len, 4);
    CHECK_EQ(wsc__value_bytes_of(v, NULL, 0, &len), WSC_E_LIMIT);
    CHECK_EQ(wsc__value_set_text(v, "AAE"), WSC_OK);
    CHECK_EQ(wsc__value_bytes_of(v, out, sizeof out, &len), WSC_E_PROTOCOL);
    CHECK_EQ(wsc__value_set_text(v, "AA!="), WSC_OK);
    CHECK_EQ(wsc__value_bytes_of(v, out, sizeof out, &len), WSC_E_PROTOCOL);
    CHECK_EQ(wsc__value_set_text(v, ""), WSC_OK);
    CHECK(wsc__value_bytes_of(v, NULL, 0, &len) == WSC_OK && !len);
    CHECK_EQ(wsc__value_add(v, NULL, "Interval", "PT1M", NULL), WSC_OK);
    CHECK(wsc__value_duration(v, &t) == WSC_OK && t == 600000000);
    CHECK_EQ(wsc__value_set_text(v->first, "P99999999999999D"), WSC_OK);
    CHECK_EQ(wsc__value_duration(v, &t), WSC_E_LIMIT);
    CHECK_EQ(t, 600000000);
    CHECK_EQ(wsc__value_int(v, &t), WSC_E_PROTOCOL); /* an element is within */
    CHECK_EQ(wsc__value_set_text(v->first, "1970-01-01T00:00:01Z"), WSC_OK);
    CHECK(wsc__value_time(v, &t, &offset) == WSC_OK && t == 10000000 && !offset);
    CHECK_EQ(wsc__value_set_text(v, NULL), WSC_OK);
    CHECK_EQ(wsc__value_bool(v, &b), WSC_E_AGAIN);
    CHECK_EQ(wsc__value_bytes_of(v, out, 8, &len), WSC_E_AGAIN);
    wsc__value_unref(v);
}

static void references(void)
{
    static const char *const good[] = {
        "<E xmlns:a='urn:a'><a:Address>x</a:Address><a:ReferenceParameters><ResourceURI> urn:r\n"
        "</ResourceURI><SelectorSet><Selector Name='k'> v </Selector><Selector Name='in'>"
        "<EndpointReference><ReferenceProperties><ResourceURI>urn:q</ResourceURI>"
        "</ReferenceProperties></EndpointReference></Selector></SelectorSet>"
        "</a:ReferenceParameters></E>",
        "<Item><Obj/><EndpointReference><ReferenceParameters><ResourceURI>urn:r</ResourceURI>"
        "<SelectorSet><Selector Name='k'> v </Selector><Selector Name='in'><EndpointReference>"
        "<ReferenceParameters><ResourceURI>urn:q</ResourceURI></ReferenceParameters>"
        "</EndpointReference></Selector></SelectorSet></ReferenceParameters></EndpointReference>"
        "</Item>",
    };
    static const char *const bad[] = {
        "<a/>",
        "<a><ReferenceParameters/></a>",
        "<a>text</a>",
        "<a><ReferenceParameters><ResourceURI/></ReferenceParameters></a>",
        "<a><ReferenceParameters><ResourceURI>u</ResourceURI><SelectorSet><Selector>x</Selector>"
        "</SelectorSet></ReferenceParameters></a>",
        "<a><ReferenceParameters><ResourceURI>u</ResourceURI><SelectorSet><Selector Name='a'/>"
        "<Selector Name='A'/></SelectorSet></ReferenceParameters></a>",
    };
    struct wsc_epr *e = NULL, *again = NULL;
    struct wsc_value *v, *w;
    size_t i;

    for (i = 0; i < sizeof good / sizeof *good; i++) {
        v = parse(good[i]);
        if (CHECK_EQ(wsc__value_epr(v, mem, &e), WSC_OK)) {
            CHECK_STR(e->uri, "urn:r");
            CHECK_STR(e->selectors[0].value, " v ");
            CHECK_STR(e->selectors[1].nested->uri, "urn:q");
            w = made("urn:w", "W");
            CHECK_EQ(wsc__value_add_epr(w, NULL, "Ref", e), WSC_OK);
            CHECK_EQ(wsc__value_epr(w->first, mem, &again), WSC_OK);
            CHECK(wsc__epr_equal(e, again));
            wsc__epr_free(again);
            wsc__epr_free(e);
            wsc__value_unref(w);
        }
        wsc__value_unref(v);
    }
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        v = parse(bad[i]);
        if (!CHECK_EQ(wsc__value_epr(v, mem, &e), WSC_E_PROTOCOL))
            printf("%s\n", bad[i]);
        wsc__value_unref(v);
    }
}

/* --- memory ----------------------------------------------------------------------------------- */

static int all_of_it(const struct wsc__mem *m)
{
    static const char xml[] =
        "<p:a xmlns:p='urn:1' k='v'><p:b>1</p:b><p:b xmlns:t='urn:t' xmlns:i='" WSC__NS_XSI
        "' i:type='t:T'/></p:a>";
    struct wsc_value *v = NULL, *copy = NULL, *n = NULL;
    struct wsc_epr *e = NULL, *back = NULL;
    const char *s;
    size_t at;
    int rc = wsc__value_parse(&v, m, xml, sizeof xml - 1, &at);

    if (rc == WSC_OK)
        rc = wsc__value_copy(&copy, m, 100000, v);
    if (rc == WSC_OK)
        rc = wsc__value_add(copy, "urn:n", "n", "text", &n);
    if (rc == WSC_OK)
        rc = wsc__value_set_attr(n, "urn:k", "k", "v");
    if (rc == WSC_OK)
        rc = wsc__value_set_type(n, "urn:t", "T");
    if (rc == WSC_OK)
        rc = wsc__value_add_copy(copy, v, NULL);
    if (rc == WSC_OK)
        rc = wsc__epr_new(&e, m, "urn:r");
    if (rc == WSC_OK)
        rc = wsc__epr_add(e, "k", "v");
    if (rc == WSC_OK)
        rc = wsc__value_add_epr(copy, NULL, "Ref", e);
    if (rc == WSC_OK)
        rc = wsc__value_epr(wsc__value_child(copy, "Ref", 0), m, &back);
    if (rc == WSC_OK)
        rc = wsc__value_xml(copy, &s, NULL);
    wsc__epr_free(back);
    wsc__epr_free(e);
    wsc__value_unref(copy);
    wsc__value_unref(v);
    return rc;
}

static void no_memory(void)
{
    test_each_failure(all_of_it);
}

static const struct test tests[] = {
    { "read_and_written", read_and_written },
    { "read", read },
    { "refused", refused },
    { "by_hand", by_hand },
    { "drive_paths", drive_paths },
    { "many_namespaces", many_namespaces },
    { "attributes", attributes },
    { "large", large },
    { "links", links },
    { "many_selectors", many_selectors },
    { "wrong_use", wrong_use },
    { "numbers", numbers },
    { "other_types", other_types },
    { "references", references },
    { "no_memory", no_memory },
};

TEST_MAIN(tests)
