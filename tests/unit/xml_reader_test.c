#include "xml/xml_reader.h"

#include "base/codes.h"

#include "test.h"

#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>

/* The events of a document as text: (name a=v;text)  with raw elements marked by '!'. */
struct rec {
    struct wsc__buf out;
    struct wsc__xml_reader *r;
    const char *raw;  /* elements of this name ask for raw text */
    const char *stop; /* elements of this name stop the reader */
    int pause_every;  /* text calls that answer with a pause */
    int texts;
    size_t text_calls;
    struct wsc__xml_reader **spare;
};

static int rec_start(void *ud, const struct wsc__xml_elem *e)
{
    struct rec *c = ud;

    if (c->stop && !strcmp(c->stop, e->name))
        return WSC_E_CANCELED;
    wsc__buf_putc(&c->out, '(');
    if (*e->ns) {
        wsc__buf_putc(&c->out, '{');
        wsc__buf_puts(&c->out, e->ns);
        wsc__buf_putc(&c->out, '}');
    }
    if (wsc__buf_puts(&c->out, e->name))
        return WSC_E_NOMEM;
    for (unsigned i = 0; i < e->nattrs; i++) {
        wsc__buf_putc(&c->out, ' ');
        wsc__buf_puts(&c->out, e->attrs[i].ns);
        wsc__buf_puts(&c->out, e->attrs[i].name);
        wsc__buf_putc(&c->out, '=');
        wsc__buf_puts(&c->out, e->attrs[i].value);
        CHECK_EQ(strlen(e->attrs[i].value), e->attrs[i].value_len);
    }
    wsc__buf_putc(&c->out, ';');
    return c->raw && !strcmp(c->raw, e->name) ? WSC__XML_RAW : WSC_OK;
}

static int rec_text(void *ud, const char *text, size_t len)
{
    struct rec *c = ud;

    c->text_calls++;
    if (wsc__buf_append(&c->out, text, len))
        return WSC_E_NOMEM;
    return c->pause_every && ++c->texts % c->pause_every == 0 ? WSC__PAUSE : WSC_OK;
}

/* Takes letters and line ends. */
static int rec_raw(void *ud, const char *text, size_t len, size_t *used)
{
    size_t n = 0;

    while (n < len && ((text[n] >= 'A' && text[n] <= 'z' && text[n] != ']') || text[n] == '\n'))
        n++;
    *used = n;
    return n ? rec_text(ud, text, n) : WSC_OK;
}

static int rec_end(void *ud, const char *ns, const char *name)
{
    struct rec *c = ud;

    (void)ns;
    (void)name;
    return wsc__buf_putc(&c->out, ')') ? WSC_E_NOMEM : WSC_OK;
}

static const struct wsc__xml_handler handler = { rec_start, rec_text, rec_raw, rec_end };

static int feed_all(struct rec *c, const char *p, size_t len, struct wsc_error **err)
{
    while (len) {
        size_t used = 0;
        int rc = wsc__xml_feed(c->r, p, len, &used, err);

        if (rc && rc != WSC__PAUSE)
            return rc;
        CHECK(used <= len);
        CHECK(used == len || rc == WSC__PAUSE);
        p += used;
        len -= used;
    }
    return WSC_OK;
}

/* Feeds the document in two pieces cut at `cut`, or byte by byte with cut = SIZE_MAX. */
static int run_cut(struct rec *c, const struct wsc__mem *mem, const struct wsc__xml_limits *limits,
                   const char *xml, size_t len, size_t cut, struct wsc_error **err)
{
    int rc;

    wsc__buf_init(&c->out, mem, 1u << 26);
    rc = wsc__xml_reader_new(&c->r, c->spare, mem, limits, &handler, c);
    if (rc)
        return rc;
    if (cut == SIZE_MAX) {
        for (size_t i = 0; !rc && i < len; i++)
            rc = feed_all(c, xml + i, 1, err);
    } else {
        rc = feed_all(c, xml, cut, err);
        if (!rc)
            rc = feed_all(c, xml + cut, len - cut, err);
    }
    if (!rc)
        rc = wsc__xml_finish(c->r, err);
    wsc__xml_reader_free(c->r);
    return rc;
}

static struct wsc__xml_reader *worn; /* has read what came before */

/* Every way of cutting gives the same, with a reader that has read before; returns the result code
 * of the whole. */
static int same_every_way(const char *xml, size_t len, const char *raw, const char *expect)
{
    struct rec whole = { .raw = raw };
    struct wsc_error *err = NULL;
    int rc = run_cut(&whole, &wsc__mem_libc, NULL, xml, len, len, &err);
    size_t step = len > 3000 ? 7 : 1;

    wsc__error_unref(err);
    if (expect)
        CHECK_STR(wsc__buf_cstr(&whole.out), expect);
    for (size_t cut = 0; cut <= len + step; cut += step) {
        size_t at = cut > len ? SIZE_MAX : cut;

        for (int pause = 0; pause < 2; pause++) {
            struct rec c = { .raw = raw, .pause_every = pause, .spare = &worn };
            int got;

            err = NULL;
            got = run_cut(&c, &wsc__mem_libc, NULL, xml, len, at, &err);
            CHECK_EQ(got, rc);
            CHECK_EQ(err != NULL, rc != 0);
            wsc__error_unref(err);
            if (!rc && !CHECK(c.out.len == whole.out.len &&
                              !memcmp(wsc__buf_data(&c.out), wsc__buf_data(&whole.out), c.out.len)))
                printf("# cut at %zu of %zu, pause %d\n", at, len, pause);
            wsc__buf_free(&c.out);
        }
    }
    wsc__buf_free(&whole.out);
    return rc;
}

static int same(const char *xml, const char *raw, const char *expect)
{
    return same_every_way(xml, strlen(xml), raw, expect);
}

static void plain_documents(void)
{
    CHECK_EQ(same("<a/>", NULL, "(a;)"), 0);
    CHECK_EQ(same("<a b='1' c=\"x&lt;&#65;>\">t&amp;u<d/>v</a>", NULL, "(a b=1 c=x<A>;t&u(d;)v)"),
             0);
    CHECK_EQ(same("<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<a>x<!-- > < --><?p > "
                  "?><![CDATA[<&>]]></a>\n",
                  NULL, "(a;x<&>)"),
             0);
    CHECK_EQ(same("<a b='&amp;#38;&#38;&amp;' c='&lt;'/>", NULL, "(a b=&#38;&& c=<;)"), 0);
    CHECK_EQ(same("<p:a xmlns:p='urn:p' xmlns='urn:d' p:q='1' r='2'><b xmlns=''/></p:a>", NULL,
                  "({urn:p}a urn:pq=1 r=2;(b;))"),
             0);
    CHECK_EQ(same("\xef\xbb\xbf<a>\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80</a>", NULL,
                  "(a;\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80)"),
             0);
    CHECK_EQ(same("  \n<a/>", NULL, "(a;)"), 0);
}

static void raw_text(void)
{
    CHECK_EQ(same("<a><s n='>'>QUJD</s><s>RE\nVG</s><t>x</t></a>", "s",
                  "(a;(s n=>;QUJD)(s;RE\nVG)(t;x))"),
             0);
    CHECK_EQ(same("<s>ab&#67;d&amp;e<!-- > -->f<![CDATA[>g]]>h<?x y>?>i<u>j</u>k</s>", "s",
                  "(s;abCd&ef>ghi(u;j)k)"),
             0);
    CHECK_EQ(same("<s/>", "s", "(s;)"), 0);
    CHECK_EQ(same("<a><s></s>t<s> > </s></a>", "s", "(a;(s;)t(s; > ))"), 0);
    CHECK_EQ(same("<s><s>A</s>B<s>C</s></s>", "s", "(s;(s;A)B(s;C))"), 0);
}

static char *long_text(const char *head, size_t n, const char *fill, const char *tail)
{
    size_t h = strlen(head), f = strlen(fill), t = strlen(tail);
    char *s = malloc(h + n * f + t + 1);

    memcpy(s, head, h);
    for (size_t i = 0; i < n; i++)
        memcpy(s + h + i * f, fill, f);
    memcpy(s + h + n * f, tail, t + 1);
    return s;
}

static void long_runs(void)
{
    char *s = long_text("<a><s>", 200, "QUJDREVG", "</s><t>&lt;</t></a>");

    CHECK_EQ(same(s, "s", NULL), 0);
    CHECK_EQ(same(s, NULL, NULL), 0);
    free(s);
    s = long_text("<a><s x='>'>", 120, "QUJDREVG&#65;", "</s></a>");
    CHECK_EQ(same(s, "s", NULL), 0);
    free(s);
    s = long_text("<a>", 250, "\xe2\x82\xac\xc3\xa4>", "</a>"); /* characters cut anywhere */
    CHECK_EQ(same(s, NULL, NULL), 0);
    free(s);
    s = long_text("<a><s>", 100, "QUJDREVG\xe2\x82\xac->", "</s></a>"); /* what raw does not take */
    CHECK_EQ(same(s, "s", NULL), 0);
    free(s);
    s = long_text("<s>", 200, "QUJDREVG", "\x01</s>"); /* and what nobody may */
    CHECK_EQ(same(s, "s", NULL), WSC_E_PROTOCOL);
    free(s);
    s = long_text("<s>", 200, "QUJDREVG", "]]></s>");
    CHECK_EQ(same(s, "s", NULL), WSC_E_PROTOCOL);
    free(s);
    s = long_text("<s>", 300, "abcdef", "<![CDATA[ ]]>"); /* ends too early */
    CHECK_EQ(same(s, "s", NULL), WSC_E_PROTOCOL);
    free(s);
}

static void bypass_is_used(void)
{
    char *s = long_text("<a><s>", 20000, "QUJDREVG", "</s></a>");
    struct rec c = { .raw = "s" };

    CHECK_EQ(run_cut(&c, &wsc__mem_libc, NULL, s, strlen(s), strlen(s), NULL), 0);
    CHECK_EQ(c.text_calls, 1);
    wsc__buf_free(&c.out);
    free(s);
}

static size_t to_utf16(const char *ascii, bool little, bool bom, char *out)
{
    size_t n = 0;

    if (bom) {
        out[n++] = little ? '\xff' : '\xfe';
        out[n++] = little ? '\xfe' : '\xff';
    }
    for (; *ascii; ascii++) {
        /* '#' stands for U+1F600 and '~' for U+20AC */
        const char *be = *ascii == '#' ? "\xd8\x3d\xde\x00" : *ascii == '~' ? "\x20\xac" : NULL;
        char one[2] = { 0, *ascii };
        size_t len = *ascii == '#' ? 4 : 2;

        if (!be)
            be = one;
        for (size_t i = 0; i < len; i++)
            out[n++] = be[little ? i ^ 1 : i];
    }
    return n;
}

static void utf16(void)
{
    static const char doc[] = "<?xml version='1.0' encoding='utf-16'?><a b='~'>x#y<s>QUJD</s></a>";
    char buf[400];

    for (int i = 0; i < 4; i++) {
        size_t n = to_utf16(doc, i & 1, i & 2, buf);

        CHECK_EQ(same_every_way(buf, n, "s", "(a b=\xe2\x82\xac;x\xf0\x9f\x98\x80y(s;QUJD))"), 0);
    }
    CHECK_EQ(same_every_way("\xff\xfe<\0a\0/\0>\0x", 11, NULL, NULL), WSC_E_PROTOCOL);
    CHECK_EQ(same_every_way("\xff\xfe<\0a\0>\0\x00\xdc", 10, NULL, NULL), WSC_E_PROTOCOL);
}

static void refused(void)
{
    static const char *const bad[] = {
        "",
        " ",
        "x",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a>&nbsp;</a>",
        "<p:a/>",
        "<a p:b='1'/>",
        "<a b='1' b='2'/>",
        "<a>\x01</a>",
        "<a>\xff</a>",
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<a>\xc3</a>",
        "<a",
        "\x4c\x6f\xa7\x94",
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (!CHECK_EQ(same(bad[i], NULL, NULL), WSC_E_PROTOCOL))
            printf("# %s\n", bad[i]);
}

static void limit(struct wsc__xml_limits l, const char *xml, int expect)
{
    struct rec c = { 0 };
    struct wsc_error *err = NULL;
    int rc = run_cut(&c, &wsc__mem_libc, &l, xml, strlen(xml), strlen(xml), &err);

    CHECK_EQ(rc, expect);
    CHECK_EQ(wsc__error_code(err), expect);
    wsc__error_unref(err);
    wsc__buf_free(&c.out);
}

/* So many elements, none with the name of another. */
static char *new_names(unsigned n)
{
    char *s = malloc(n * 16u + 16), *at = s;
    unsigned i;

    at += sprintf(at, "<a>");
    for (i = 0; i < n; i++)
        at += sprintf(at, "<e%u/>", i);
    sprintf(at, "</a>");
    return s;
}

static void limits(void)
{
    struct wsc__xml_limits l = wsc__xml_limits_default;
    char *s;

    l.depth = 2;
    limit(l, "<a><b/></a>", 0);
    limit(l, "<a><b><c/></b></a>", WSC_E_LIMIT);
    l = wsc__xml_limits_default;
    l.elements = 2;
    limit(l, "<a><b/><b/></a>", WSC_E_LIMIT);
    l = wsc__xml_limits_default;
    l.attributes = 1;
    limit(l, "<a b='' xmlns='u'/>", WSC_E_LIMIT);
    l = wsc__xml_limits_default;
    l.attribute = 3;
    limit(l, "<a b='123'/>", 0);
    limit(l, "<a b='1234'/>", WSC_E_LIMIT);
    l = wsc__xml_limits_default;
    l.name = 3;
    limit(l, "<abc/>", 0);
    limit(l, "<abcd/>", WSC_E_LIMIT);
    l = wsc__xml_limits_default;
    l.bytes = 10;
    limit(l, "<a>123</a>", 0);
    limit(l, "<a>1234</a>", WSC_E_LIMIT);
    s = long_text("<a><!--", 40000, "xxxxxx", "");
    limit(wsc__xml_limits_default, s, WSC_E_LIMIT);
    free(s);
    s = new_names(199000);
    limit(wsc__xml_limits_default, s, WSC_E_LIMIT);
    free(s);
    s = new_names(20000);
    limit(wsc__xml_limits_default, s, 0);
    free(s);
}

/* `depth` elements inside each other (0: beside each other), each with n namespaces of its own. */
static char *with_namespaces(unsigned depth, unsigned beside, unsigned n)
{
    unsigned times = depth ? depth : beside, i, k;
    size_t cap = (size_t)times * (n * 24 + 16) + 64, o = 0;
    char *s = malloc(cap);

    if (!s)
        abort();
    o += (size_t)snprintf(s + o, cap - o, "<r>");
    for (i = 0; i < times; i++) {
        o += (size_t)snprintf(s + o, cap - o, "<a");
        for (k = 0; k < n; k++)
            o += (size_t)snprintf(s + o, cap - o, " xmlns:n%u='u%u'", i * n + k, k);
        o += (size_t)snprintf(s + o, cap - o, depth ? ">" : "/>");
    }
    for (i = 0; i < depth; i++)
        o += (size_t)snprintf(s + o, cap - o, "</a>");
    snprintf(s + o, cap - o, "</r>");
    return s;
}

/* Every element that is cut out of a reply declares all that is in scope: without a bound a small
 * reply would keep the reader busy for minutes. */
static void namespaces_in_scope(void)
{
    static const struct {
        unsigned depth, beside, n;
        int rc;
    } cases[] = {
        { 1, 0, 64, 0 }, { 2, 0, 32, 0 },  { 2, 0, 33, WSC_E_LIMIT }, { 20, 0, 64, WSC_E_LIMIT },
        { 40, 0, 1, 0 }, { 0, 50, 40, 0 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *s = with_namespaces(cases[i].depth, cases[i].beside, cases[i].n);

        limit(wsc__xml_limits_default, s, cases[i].rc);
        free(s);
    }
}

static void handler_stops(void)
{
    struct rec c = { .stop = "b" };
    struct wsc_error *err = NULL;

    CHECK_EQ(run_cut(&c, &wsc__mem_libc, NULL, "<a><b/></a>", 11, 11, &err), WSC_E_CANCELED);
    CHECK(!err);
    CHECK_STR(wsc__buf_cstr(&c.out), "(a;");
    wsc__buf_free(&c.out);
}

static int check_scope(void *ud, const struct wsc__xml_elem *e)
{
    struct wsc__xml_reader *r = *(struct wsc__xml_reader **)ud;
    const char *prefix, *ns;
    unsigned n = 0, hidden = 0;

    if (!strcmp(e->name, "b")) {
        CHECK_STR(wsc__xml_resolve(r, "p", 1), "urn:2");
        CHECK_STR(wsc__xml_resolve(r, "q", 1), "urn:q");
        CHECK_STR(wsc__xml_resolve(r, "", 0), "urn:d");
        CHECK(!wsc__xml_resolve(r, "z", 1));
        while (wsc__xml_scope(r, n, &prefix, &ns))
            hidden += wsc__xml_hidden(r, n++);
        CHECK_EQ(n - hidden, 3);
    } else if (!strcmp(e->name, "c")) {
        CHECK_STR(wsc__xml_resolve(r, "p", 1), "urn:1");
        CHECK(!wsc__xml_resolve(r, "q", 1));
    }
    return 0;
}

static void scope(void)
{
    static const struct wsc__xml_handler h = { check_scope, NULL, NULL, NULL };
    static const char doc[] =
        "<a xmlns:p='urn:1' xmlns='urn:d'><b xmlns:p='urn:2' xmlns:q='urn:q'/><c/></a>";
    struct wsc__xml_reader *r;
    size_t used;

    CHECK_EQ(wsc__xml_reader_new(&r, NULL, &wsc__mem_libc, NULL, &h, &r), 0);
    CHECK_EQ(wsc__xml_feed(r, doc, sizeof doc - 1, &used, NULL), 0);
    CHECK_EQ(wsc__xml_finish(r, NULL), 0);
    wsc__xml_reader_free(r);
}

/* What is left of a reader waits for the next document, unless it might matter to it. */
static void again(void)
{
    static const char good[] = "<a xmlns='urn:a' b='c'>text</a>";
    static const char *const bad[] = { "<a", "<a>", "<a></b>", "<a/><b/>", "<!DOCTYPE a><a/>" };
    struct wsc__xml_reader *spare = NULL, *kept;
    struct wsc__xml_limits limits = wsc__xml_limits_default;
    struct rec c = { .spare = &spare }, d = { .spare = &spare, .stop = "a" };
    struct wsc_error *err = NULL;
    struct wsc__buf names;

    CHECK_EQ(run_cut(&c, &wsc__mem_libc, NULL, good, sizeof good - 1, 5, &err), 0);
    wsc__buf_free(&c.out);
    kept = spare;
    CHECK(kept != NULL);
    limits.depth = 1;
    CHECK_EQ(run_cut(&c, &wsc__mem_libc, &limits, good, sizeof good - 1, 5, &err), 0);
    wsc__buf_free(&c.out);
    CHECK(spare == kept);
    CHECK_EQ(run_cut(&c, &wsc__mem_libc, NULL, "<a><b/></a>", 11, 5, &err),
             0); /* any depth again */
    CHECK_STR(wsc__buf_cstr(&c.out), "(a;(b;))");
    wsc__buf_free(&c.out);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_EQ(run_cut(&c, &wsc__mem_libc, NULL, good, sizeof good - 1, 5, &err), 0);
        wsc__buf_free(&c.out);
        CHECK(spare != NULL);
        CHECK(run_cut(&c, &wsc__mem_libc, NULL, bad[i], strlen(bad[i]), 1, &err) < 0);
        wsc__buf_free(&c.out);
        CHECK(!spare);
        wsc__error_unref(err);
        err = NULL;
    }
    CHECK_EQ(run_cut(&d, &wsc__mem_libc, NULL, good, sizeof good - 1, 5, &err), WSC_E_CANCELED);
    wsc__buf_free(&d.out);
    CHECK(!spare);
    wsc__buf_init(&names, &wsc__mem_libc, 1u << 20); /* a good one of many names */
    wsc__buf_puts(&names, "<r>");
    for (unsigned i = 0; i < 3000; i++) {
        wsc__buf_puts(&names, "<name-that-nobody-needs-again-");
        wsc__buf_put_u64(&names, i);
        wsc__buf_puts(&names, "/>");
    }
    wsc__buf_puts(&names, "</r>");
    CHECK_EQ(
        run_cut(&c, &wsc__mem_libc, NULL, wsc__buf_cstr(&names), names.len, names.len / 2, &err),
        0);
    wsc__buf_free(&c.out);
    wsc__buf_free(&names);
    CHECK(!spare);
}

/* A mark, and then something that libxml2 would take for one more, or for another encoding. */
static void beginnings(void)
{
    static const struct {
        const char *xml;
        size_t len;
    } cases[] = {
        { "\xef\xbb\xbf\xef\xbb\xbf<a/>", 10 },
        { "\xef\xbb\xbf\xff\xfe<a/>", 9 },
        { "\xef\xbb\xbf"
          "a",
          4 },
        { "\xef\xbb\xbf\0\0\0<a", 8 },
        { "\xff\xfe\xff\xfe<\0a\0/\0>\0", 12 },
        { "\xff\xfe"
          "a\0<\0",
          6 },
        { "\xfe\xff\0L\0o", 6 },
        { "<\0\0\0\0\0\0\0", 8 },
        { "\xff\xfe<\0\0\0\0\0", 8 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (!CHECK_EQ(same_every_way(cases[i].xml, cases[i].len, NULL, NULL), WSC_E_PROTOCOL))
            printf("# case %zu\n", i);
}

static void silent(void *ud, const char *fmt, ...)
{
    (void)ud;
    (void)fmt;
}

static long left_to_give = -1;

static void *some_malloc(size_t n)
{
    return left_to_give && left_to_give-- ? malloc(n) : NULL;
}

static void *some_realloc(void *p, size_t n)
{
    return left_to_give && left_to_give-- ? realloc(p, n) : NULL;
}

static char *some_strdup(const char *s)
{
    return left_to_give && left_to_give-- ? strdup(s) : NULL;
}

/* libxml2's own memory runs out, once and for all, at each allocation in turn. */
static void no_memory_in_libxml2(void)
{
    static const char doc[] = "<a xmlns='urn:a' b='c &amp;'><d>text</d></a>";
    struct wsc__xml_reader *spare = NULL;
    int fresh;
    long k;

    wsc__xml_prepare();
    xmlSetGenericErrorFunc(NULL, silent); /* it tells this one thing to nobody else */
    CHECK_EQ(xmlMemSetup(free, some_malloc, some_realloc, some_strdup), 0);
    for (fresh = 0; fresh < 2; fresh++) {
        int rc = WSC_E_NOMEM;

        for (k = 0; rc != WSC_OK && k < 200; k++) {
            struct rec c = { .spare = &spare };
            struct wsc_error *err = NULL;

            if (fresh) {
                wsc__xml_spare_free(spare);
                spare = NULL;
            } else if (!spare) { /* one that has read */
                CHECK_EQ(run_cut(&c, &wsc__mem_libc, NULL, doc, sizeof doc - 1, 9, &err), WSC_OK);
                wsc__buf_free(&c.out);
            }
            left_to_give = k;
            rc = run_cut(&c, &wsc__mem_libc, NULL, doc, sizeof doc - 1, 9, &err);
            left_to_give = -1;
            CHECK(rc == WSC_OK || rc == WSC_E_NOMEM || rc == WSC_E_PROTOCOL);
            wsc__error_unref(err);
            wsc__buf_free(&c.out);
        }
        CHECK_EQ(rc, WSC_OK);
        CHECK(k > 3);
    }
    wsc__xml_spare_free(spare);
    CHECK_EQ(xmlMemSetup(free, malloc, realloc, strdup), 0);
    xmlSetGenericErrorFunc(NULL, NULL);
}

/* Two at a time: the second makes a parser of its own. */
static void two_at_a_time(void)
{
    struct wsc__xml_reader *spare = NULL;
    struct rec a = { .spare = &spare }, b = { .spare = &spare };
    struct wsc_error *err = NULL;

    wsc__buf_init(&a.out, &wsc__mem_libc, 1000);
    CHECK_EQ(wsc__xml_reader_new(&a.r, &spare, &wsc__mem_libc, NULL, &handler, &a), 0);
    CHECK_EQ(feed_all(&a, "<x><y>", 6, &err), 0);
    CHECK_EQ(run_cut(&b, &wsc__mem_libc, NULL, "<z/>", 4, 2, &err), 0);
    CHECK_STR(wsc__buf_cstr(&b.out), "(z;)");
    CHECK(spare == b.r);
    CHECK_EQ(feed_all(&a, "</y></x>", 8, &err), 0);
    CHECK_EQ(wsc__xml_finish(a.r, &err), 0);
    CHECK_STR(wsc__buf_cstr(&a.out), "(x;(y;))");
    wsc__xml_reader_free(a.r); /* there is one already */
    CHECK(spare == b.r);
    wsc__buf_free(&a.out);
    wsc__buf_free(&b.out);
    wsc__xml_spare_free(spare);
}

static void fragments(void)
{
    static const struct {
        const char *xml;
        int rc;
    } cases[] = {
        { "", 0 },
        { "<a/>", 0 },
        { "<a/><b/>text", 0 },
        { "<rsp:x xmlns:q='u'><q:y/></rsp:x>", 0 },
        { "<a>", WSC_E_USAGE },
        { "</b><b>", WSC_E_USAGE },
        { "</b><!--", WSC_E_USAGE },
        { "<z:a/>", WSC_E_USAGE },
        { "<?xml version='1.0'?><a/>", WSC_E_USAGE },
        { "<!DOCTYPE a><a/>", WSC_E_USAGE },
        { "a\x01", WSC_E_USAGE },
        { "\xc3(", WSC_E_USAGE },
        { "&foo;", WSC_E_USAGE },
        { "<a><b></a>", WSC_E_USAGE },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc_error *err = NULL;
        size_t at = 999;
        int rc = wsc__xml_check_fragment(&wsc__mem_libc, "the body", cases[i].xml,
                                         strlen(cases[i].xml), &at, &err);

        if (!CHECK_EQ(rc, cases[i].rc))
            printf("# %s\n", cases[i].xml);
        CHECK_EQ(wsc__error_code(err), cases[i].rc);
        CHECK(rc ? at <= strlen(cases[i].xml) : at == 999);
        wsc__error_unref(err);
    }
}

static int one_parse(const struct wsc__mem *mem)
{
    static const char doc[] = "<p:a xmlns:p='u' b='1'><s>QUJD</s><c d='e' f='g'/></p:a>";
    struct rec c = { .raw = "s" };
    struct wsc_error *err = NULL;
    int rc = run_cut(&c, mem, NULL, doc, sizeof doc - 1, 5, &err);

    CHECK_EQ(wsc__error_code(err) == 0 || rc == wsc__error_code(err), 1);
    wsc__error_unref(err);
    wsc__buf_free(&c.out);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(one_parse);
}

static const struct test tests[] = {
    { "plain_documents", plain_documents },
    { "raw_text", raw_text },
    { "long_runs", long_runs },
    { "bypass_is_used", bypass_is_used },
    { "utf16", utf16 },
    { "refused", refused },
    { "limits", limits },
    { "handler_stops", handler_stops },
    { "scope", scope },
    { "again", again },
    { "beginnings", beginnings },
    { "no_memory_in_libxml2", no_memory_in_libxml2 },
    { "two_at_a_time", two_at_a_time },
    { "fragments", fragments },
    { "out_of_memory", out_of_memory },
    { "namespaces_in_scope", namespaces_in_scope },
};
TEST_MAIN(tests)
