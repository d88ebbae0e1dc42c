#include "wsman/epr.h"

#include "base/codes.h"
#include "xml/xml_writer.h"

#include "test.h"

#define SERVICE "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/Win32_Service"
#define ADDRESS                                                                                    \
    "<a:Address>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address>"

static struct wsc_epr *epr(const char *uri)
{
    struct wsc_epr *e = NULL;

    CHECK_EQ(wsc__epr_new(&e, &wsc__mem_libc, uri), 0);
    return e;
}

static struct wsc_epr *with(const char *uri, const char *name, const char *value)
{
    struct wsc_epr *e = epr(uri);

    CHECK_EQ(wsc__epr_add(e, name, value), 0);
    return e;
}

static void made(void)
{
    struct wsc_epr *e = epr(SERVICE), *other = e;

    CHECK_STR(e->uri, SERVICE);
    CHECK_EQ(e->n, 0);
    CHECK_EQ(wsc__epr_add(e, "Name", "WinRM"), 0);
    CHECK_EQ(wsc__epr_add(e, "Other", ""), 0);
    CHECK_EQ(e->n, 2);
    CHECK_STR(e->selectors[0].name, "Name");
    CHECK_STR(e->selectors[0].value, "WinRM");
    CHECK_STR(e->selectors[1].value, "");
    CHECK(!e->selectors[1].nested);
    /* refused, and nothing changed */
    CHECK_EQ(wsc__epr_new(&other, &wsc__mem_libc, ""), WSC_E_USAGE);
    CHECK_EQ(wsc__epr_new(&other, &wsc__mem_libc, "http://a\x01"), WSC_E_USAGE);
    CHECK_EQ(wsc__epr_new(&other, &wsc__mem_libc, "http://\xff"), WSC_E_USAGE);
    CHECK(other == e);
    CHECK_EQ(wsc__epr_add(e, "", "v"), WSC_E_USAGE);
    CHECK_EQ(wsc__epr_add(e, "a\x02", "v"), WSC_E_USAGE);
    CHECK_EQ(wsc__epr_add(e, "a", "v\xc0"), WSC_E_USAGE);
    CHECK_EQ(wsc__epr_add(e, "NAME", "v"), WSC_E_USAGE);
    CHECK_EQ(wsc__epr_add_nested(e, "name", e), WSC_E_USAGE);
    CHECK_EQ(wsc__epr_add_nested(e, "", e), WSC_E_USAGE);
    CHECK_EQ(e->n, 2);
    wsc__epr_free(e);
    wsc__epr_free(NULL);
}

static void nested(void)
{
    struct wsc_epr *e = with(SERVICE, "Name", "x"), *copy = NULL;
    unsigned i;

    CHECK_EQ(wsc__epr_add_nested(e, "Self", e), 0); /* as it was before */
    CHECK_EQ(e->n, 2);
    CHECK_EQ(e->selectors[1].nested->n, 1);
    CHECK(!e->selectors[1].value);
    CHECK_EQ(wsc__epr_copy(&copy, &wsc__mem_libc, e), 0);
    CHECK(wsc__epr_equal(e, copy));
    CHECK(copy->selectors[1].nested != e->selectors[1].nested);
    wsc__epr_free(e);
    CHECK_STR(copy->selectors[1].nested->selectors[0].value, "x");
    wsc__epr_free(copy);
    /* not without end */
    e = epr("http://x");
    for (i = 1; i < WSC__EPR_DEPTH; i++) {
        copy = epr("http://x");
        CHECK_EQ(wsc__epr_add_nested(copy, "In", e), 0);
        wsc__epr_free(e);
        e = copy;
    }
    copy = epr("http://x");
    CHECK_EQ(wsc__epr_add_nested(copy, "In", e), WSC_E_USAGE);
    CHECK_EQ(copy->n, 0);
    wsc__epr_free(copy);
    wsc__epr_free(e);
}

static bool equal(struct wsc_epr *a, struct wsc_epr *b)
{
    bool one = wsc__epr_equal(a, b), other = wsc__epr_equal(b, a);

    CHECK_EQ(one, other);
    CHECK(wsc__epr_equal(a, a));
    wsc__epr_free(a);
    wsc__epr_free(b);
    return one;
}

static void compared(void)
{
    struct wsc_epr *a, *b;

    CHECK(equal(epr("http://x/A"), epr("HTTP://X/a")));
    CHECK(!equal(epr("http://x/A"), epr("http://x/B")));
    CHECK(!equal(epr("http://x/A"), epr("http://x/A/")));
    CHECK(equal(with("http://x", "Name", "WinRM"), with("http://x", "NAME", "winrm")));
    CHECK(!equal(with("http://x", "Name", "WinRM"), with("http://x", "Name", "winrm ")));
    CHECK(!equal(with("http://x", "Name", "WinRM"), with("http://x", "Nam", "WinRM")));
    CHECK(!equal(with("http://x", "Name", "WinRM"), epr("http://x")));
    /* in any order */
    a = with("http://x", "Address", "*");
    b = with("http://x", "transport", "https");
    CHECK_EQ(wsc__epr_add(a, "Transport", "HTTPS"), 0);
    CHECK_EQ(wsc__epr_add(b, "ADDRESS", "*"), 0);
    CHECK(equal(a, b));
    /* a reference is none of its parts */
    a = epr("http://x");
    b = epr("http://x");
    CHECK_EQ(wsc__epr_add_nested(a, "In", b), 0);
    CHECK_EQ(wsc__epr_add(b, "In", "http://x"), 0);
    CHECK(!equal(a, b));
    a = epr("http://x");
    b = epr("http://x");
    CHECK_EQ(wsc__epr_add_nested(a, "In", b), 0);
    CHECK_EQ(wsc__epr_add_nested(b, "IN", b), 0);
    CHECK(equal(a, b));
}

static void written(void)
{
    struct wsc_epr *e = epr(SERVICE), *in = with("http://x?a&b", "Name", "");
    struct wsc__xml_writer w;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 10000);
    wsc__xml_init(&w, &b);
    wsc__selectors_write(e->selectors, e->n, &w);
    CHECK_EQ(b.len, 0);
    wsc__epr_write(e, &w);
    CHECK_STR(wsc__buf_cstr(&b), ADDRESS "<a:ReferenceParameters><w:ResourceURI>" SERVICE
                                         "</w:ResourceURI></a:ReferenceParameters>");
    wsc__buf_reset(&b);
    CHECK_EQ(wsc__epr_add(e, "A\"<", "1 < 2 & \"3\""), 0);
    CHECK_EQ(wsc__epr_add_nested(e, "Antecedent", in), 0);
    wsc__selectors_write(e->selectors, e->n, &w);
    CHECK_EQ(w.err, 0);
    CHECK_STR(wsc__buf_cstr(&b),
              "<w:SelectorSet><w:Selector Name=\"A&quot;&lt;\">1 &lt; 2 &amp; \"3\"</w:Selector>"
              "<w:Selector Name=\"Antecedent\"><a:EndpointReference>" ADDRESS
              "<a:ReferenceParameters><w:ResourceURI>http://x?a&amp;b</w:ResourceURI>"
              "<w:SelectorSet><w:Selector Name=\"Name\"/></w:SelectorSet>"
              "</a:ReferenceParameters></a:EndpointReference></w:Selector></w:SelectorSet>");
    wsc__buf_free(&b);
    wsc__epr_free(e);
    wsc__epr_free(in);
}

static int whole(const struct wsc__mem *mem)
{
    struct wsc_epr *e = NULL, *copy = NULL;
    size_t before = 0;
    int rc = wsc__epr_new(&e, mem, SERVICE);

    if (!rc)
        rc = wsc__epr_add(e, "Name", "x");
    if (!rc)
        rc = wsc__epr_add_nested(e, "Self", e);
    if (!rc) {
        before = e->n;
        rc = wsc__epr_add_nested(e, "Again", e);
        CHECK_EQ(e->n, before + !rc);
    }
    if (!rc)
        rc = wsc__epr_copy(&copy, mem, e);
    CHECK(!rc || rc == WSC_E_NOMEM);
    CHECK(rc ? !copy : wsc__epr_equal(e, copy));
    wsc__epr_free(copy);
    wsc__epr_free(e);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(whole);
}

static const struct test tests[] = {
    { "made", made },
    { "nested", nested },
    { "compared", compared },
    { "written", written },
    { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
