/* What administrators type: a byte that picks a dialect, then a text that is read as a resource, as
 * properties and as a filter. What was understood can be written out and read again, in any case of
 * letters; what was not has a reason and its place. */
#include "wsman/epr.h"

#include "base/codes.h"
#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

#include "input.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT_MAX 1000

static void turn_case(char *s)
{
    for (; *s; s++)
        if ((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z'))
            *s = (char)(*s ^ 0x20);
}

static void put(struct wsc__buf *b, const char *s)
{
    must(wsc__buf_puts(b, s) == WSC_OK, "room");
}

static void put_quoted(struct wsc__buf *b, const char *s)
{
    put(b, "\"");
    for (; *s; s++) {
        if (*s == '"')
            put(b, "\"");
        must(wsc__buf_putc(b, *s) == WSC_OK, "room");
    }
    put(b, "\"");
}

static void good_xml(struct wsc__buf *b)
{
    size_t at = 0;

    must(wsc__xml_check_fragment(&wsc__mem_libc, "the body", (const char *)wsc__buf_data(b), b->len,
                                 &at, NULL) == WSC_OK,
         "well-formed");
}

static void refused(int rc, const char *text, size_t at, const char *why)
{
    must(rc == WSC_E_USAGE, "nothing but the text is wrong");
    must(at <= strlen(text) && why && *why, "a reason and its place");
}

/* --- resources -------------------------------------------------------------------------------- */

static void again(const struct wsc_epr *e, const char *text)
{
    struct wsc_epr *other = NULL;
    size_t at = 0;

    must(wsc__epr_parse(&other, &wsc__mem_libc, text, &at, NULL) == WSC_OK, "read again");
    must(wsc__epr_equal(e, other) && wsc__epr_equal(other, e), "the same again");
    wsc__epr_free(other);
}

static void understood(const struct wsc_epr *e)
{
    struct wsc_epr *copy = NULL;
    struct wsc__xml_writer w;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, SIZE_MAX / 2);
    must(strstr(e->uri, "://") && !strpbrk(e->uri, " \t\r\n?"), "a full URI");
    put(&b, e->uri);
    for (size_t i = 0; i < e->n; i++) {
        put(&b, i ? "+" : "?");
        put(&b, e->selectors[i].name);
        put(&b, "=");
        put_quoted(&b, e->selectors[i].value);
    }
    again(e, wsc__buf_cstr(&b));
    wsc__buf_reset(&b);
    must(wsc__epr_copy(&copy, &wsc__mem_libc, e) == WSC_OK && wsc__epr_equal(e, copy), "a copy");
    must(wsc__epr_add_nested(copy, "\xc2\xa7", e) == WSC_OK || copy->n == e->n, "nested");
    wsc__xml_init(&w, &b);
    wsc__epr_write(copy, &w);
    must(w.err == WSC_OK, "written");
    good_xml(&b);
    wsc__epr_free(copy);
    wsc__buf_free(&b);
}

static void resource(const char *text)
{
    char other[TEXT_MAX + 8], *inside = NULL, *inside_too = NULL;
    struct wsc_epr *e = NULL, *same = NULL;
    const char *why = NULL, *why_too = NULL;
    size_t at = 0, at_too = 0;
    bool blank = !text[strspn(text, " \t\r\n")]; /* told at its end */
    int rc = wsc__epr_parse_path(&e, &wsc__mem_libc, text, &inside, &at, &why);
    int plain = wsc__epr_parse(&same, &wsc__mem_libc, text, &at_too, &why_too);

    if (rc)
        refused(rc, text, at, why);
    else
        understood(e);
    if (plain)
        refused(plain, text, at_too, why_too);
    must(!plain == (!rc && !inside), "without a rest it is the same");
    must(plain || wsc__epr_equal(e, same), "the same");
    wsc__epr_free(same);
    same = NULL;
    snprintf(other, sizeof other, " \t%s\r\n", text);
    turn_case(other);
    must(wsc__epr_parse_path(&same, &wsc__mem_libc, other, &inside_too, &at_too, &why_too) == rc,
         "in any case");
    must(rc ? at_too == at + 2 || blank : wsc__epr_equal(e, same), "the same in any case");
    must(!inside == !inside_too, "and what is inside");
    must(!inside || (*inside && *inside != '/' && inside[strlen(inside) - 1] != '/' &&
                     !strstr(inside, "//")),
         "names, and none of them empty");
    wsc__free(&wsc__mem_libc, inside);
    wsc__free(&wsc__mem_libc, inside_too);
    wsc__epr_free(e);
    wsc__epr_free(same);
}

/* --- properties ------------------------------------------------------------------------------- */

static int pair(void *ud, const char *name, const char *value)
{
    struct wsc__buf *b = ud;

    must(*name, "a name");
    put(b, b->len ? ";" : "{");
    put_quoted(b, name);
    put(b, "=");
    if (value)
        put_quoted(b, value);
    else
        put(b, "$null");
    return WSC_OK;
}

static void properties(const char *text)
{
    struct wsc__buf once, twice;
    const char *why = NULL;
    size_t at = 0;
    int rc;

    wsc__buf_init(&once, &wsc__mem_libc, SIZE_MAX / 2);
    wsc__buf_init(&twice, &wsc__mem_libc, SIZE_MAX / 2);
    rc = wsc__hash_parse(&wsc__mem_libc, text, pair, &once, &at, &why);
    if (rc) {
        refused(rc, text, at, why);
        must(!once.len, "nothing told");
    } else {
        put(&once, once.len ? "}" : "{}");
        must(wsc__hash_parse(&wsc__mem_libc, wsc__buf_cstr(&once), pair, &twice, &at, &why) ==
                 WSC_OK,
             "read again");
        put(&twice, twice.len ? "}" : "{}");
        must(!strcmp(wsc__buf_cstr(&once), wsc__buf_cstr(&twice)), "the same pairs");
    }
    wsc__buf_free(&once);
    wsc__buf_free(&twice);
}

/* --- filters ---------------------------------------------------------------------------------- */

static void filter(unsigned pick, const char *text)
{
    static const char *const dialects[] = { "wql", "selector", "association", "xpath",
                                            "cql", "event",    "urn:x",       "none" };
    const char *resource =
        pick & 8 ? "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/x/*" : NULL;
    const char *uri = NULL, *why = NULL;
    struct wsc__xml_writer w;
    struct wsc__buf b;
    size_t at = 0;
    int rc;

    wsc__buf_init(&b, &wsc__mem_libc, SIZE_MAX / 2);
    wsc__xml_init(&w, &b);
    rc = wsc__filter_write(&w, &wsc__mem_libc, dialects[pick & 7], text, resource, &uri, &at, &why);
    if (rc == WSC_E_OPTION) {
        must((pick & 7) == 7 && why && !b.len && !uri, "an unknown dialect alone");
    } else if (rc) {
        refused(rc, text, at, why);
        must(!b.len && !uri, "nothing written");
    } else {
        good_xml(&b);
        must(!strncmp(wsc__buf_cstr(&b), "<w:Filter Dialect=\"", 19), "the element");
        must(uri && strchr(uri, ':'), "a full URI");
    }
    wsc__buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX + 1];

    if (!size || size > TEXT_MAX || memchr(data + 1, 0, size - 1))
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    resource(text);
    properties(text);
    filter(data[0], text);
    return 0;
}
