#include "xml/xml_writer.h"

#include "base/codes.h"
#include "xml/xml_reader.h"

#include "test.h"

static void shapes(void)
{
    struct wsc__xml_writer w;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 4096);
    wsc__xml_init(&w, &b);
    wsc__xml_start(&w, "a:b");
    wsc__xml_attr(&w, "x", "1\"<&>\t\n\r'");
    wsc__xml_elem(&w, "c", "t<>&\"\r\n\t");
    wsc__xml_elem(&w, "none", NULL);
    wsc__xml_elem(&w, "empty", "");
    wsc__xml_start(&w, "i");
    wsc__xml_int(&w, INT64_MIN);
    wsc__xml_end(&w, "i");
    wsc__xml_start(&w, "d");
    wsc__xml_base64(&w, "hello", 5);
    wsc__xml_end(&w, "d");
    wsc__xml_start(&w, "r");
    wsc__xml_raw(&w, "<q/>", 4);
    wsc__xml_text_n(&w, "abc", 2);
    wsc__xml_end(&w, "r");
    wsc__xml_start(&w, "z");
    wsc__xml_raw(&w, "", 0);
    wsc__xml_text(&w, "");
    wsc__xml_base64(&w, NULL, 0);
    wsc__xml_end(&w, "z");
    wsc__xml_end(&w, "a:b");
    CHECK_EQ(w.err, 0);
    CHECK_STR(
        wsc__buf_cstr(&b),
        "<a:b x=\"1&quot;&lt;&amp;&gt;&#9;&#10;&#13;'\"><c>t&lt;&gt;&amp;\"&#13;\n\t</c><empty/>"
        "<i>-9223372036854775808</i><d>aGVsbG8=</d><r><q/>ab</r><z/></a:b>");
    wsc__buf_free(&b);
}

static void refused_text(void)
{
    struct wsc__xml_writer w;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 4096);
    wsc__xml_init(&w, &b);
    wsc__xml_elem(&w, "a", "ab\x01");
    CHECK_EQ(w.err, WSC_E_USAGE);
    CHECK_EQ(w.bad_at, 2);
    wsc__xml_elem(&w, "a", "\x02"); /* the first failure is kept */
    CHECK_EQ(w.bad_at, 2);
    wsc__xml_init(&w, &b);
    wsc__xml_elem(&w, "a", "x\xc3(");
    CHECK_EQ(w.err, WSC_E_USAGE);
    CHECK_EQ(w.bad_at, 1);
    wsc__buf_free(&b);
    wsc__buf_init(&b, &wsc__mem_libc, 5);
    wsc__xml_init(&w, &b);
    wsc__xml_elem(&w, "abc", "x");
    CHECK_EQ(w.err, WSC_E_LIMIT);
    wsc__buf_free(&b);
}

struct seen {
    char attr[600], text[600];
    size_t len;
};

static int see_start(void *ud, const struct wsc__xml_elem *e)
{
    struct seen *s = ud;

    memcpy(s->attr, e->attrs[0].value, e->attrs[0].value_len + 1);
    return WSC_OK;
}

static int see_text(void *ud, const char *text, size_t len)
{
    struct seen *s = ud;

    memcpy(s->text + s->len, text, len);
    s->len += len;
    return WSC_OK;
}

/* What is written reads back as it was: every character of ASCII and some beyond. */
static void there_and_back(const char *text)
{
    static const struct wsc__xml_handler h = { see_start, see_text, NULL, NULL };
    struct wsc__xml_reader *r = NULL;
    struct wsc__xml_writer w;
    struct seen s = { .len = 0 };
    struct wsc__buf b;
    size_t used;

    wsc__buf_init(&b, &wsc__mem_libc, 8192);
    wsc__xml_init(&w, &b);
    wsc__xml_start(&w, "a");
    wsc__xml_attr(&w, "b", text);
    wsc__xml_text(&w, text);
    wsc__xml_end(&w, "a");
    CHECK_EQ(wsc__xml_reader_new(&r, NULL, &wsc__mem_libc, NULL, &h, &s), 0);
    CHECK_EQ(wsc__xml_feed(r, wsc__buf_data(&b), b.len, &used, NULL), 0);
    CHECK_EQ(wsc__xml_finish(r, NULL), 0);
    s.text[s.len] = '\0';
    CHECK_STR(s.text, text);
    CHECK_STR(s.attr, text);
    wsc__xml_reader_free(r);
    wsc__buf_free(&b);
}

static void round_trip(void)
{
    char text[300], one[2] = "";
    size_t n = 0;

    for (int c = 1; c < 128; c++) {
        if (c < 32 && c != '\t' && c != '\n' && c != '\r')
            continue;
        text[n++] = one[0] = (char)c;
        there_and_back(one); /* alone: what else a text holds decides how it is written */
    }
    strcpy(text + n, "]]>\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\r\n");
    there_and_back(text);
    there_and_back("]]>");
}

static int write_some(const struct wsc__mem *mem)
{
    struct wsc__xml_writer w;
    struct wsc__buf b;
    char data[500] = { 0 };

    wsc__buf_init(&b, mem, 4096);
    wsc__xml_init(&w, &b);
    wsc__xml_start(&w, "a");
    wsc__xml_base64(&w, data, sizeof data);
    wsc__xml_end(&w, "a");
    wsc__xml_elem(&w, "b", "c");
    wsc__buf_free(&b);
    return w.err;
}

static void out_of_memory(void)
{
    test_each_failure(write_some);
}

static const struct test tests[] = {
    { "shapes", shapes },
    { "refused_text", refused_text },
    { "round_trip", round_trip },
    { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
