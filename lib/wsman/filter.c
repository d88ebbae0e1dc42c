/* Filters of enumerations and subscriptions (DSP0226 8.3, DSP0227 for associations), from the
 * text that the winrm tool takes for them ("winrm help filters"). */
#include "wsman/epr.h"

#include "base/codes.h"
#include "base/str.h"
#include "wsman/ns.h"
#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

#include <string.h>

enum kind { TEXT, SELECTOR, ASSOCIATION, EVENT };

static const struct dialect {
    const char *names[3], *uri;
    enum kind kind;
} dialects[] = {
    { { "wql" }, "http://schemas.microsoft.com/wbem/wsman/1/WQL", TEXT },
    { { "selector" }, "http://schemas.dmtf.org/wbem/wsman/1/wsman/SelectorFilter", SELECTOR },
    { { "association", "associations" },
      "http://schemas.dmtf.org/wbem/wsman/1/cimbinding/associationFilter",
      ASSOCIATION },
    { { "xpath" }, "http://www.w3.org/TR/1999/REC-xpath-19991116", TEXT },
    { { "cql" }, "http://schemas.dmtf.org/wbem/cql/1/dsp0202.pdf", TEXT },
    { { "event", "events", "eventquery" },
      "http://schemas.microsoft.com/win/2004/08/events/eventquery",
      EVENT },
};

/* What an association filter has, in the order of its schema (DSP0227); the links themselves take
 * fewer. */
enum { OBJECT, ASSOCIATION_CLASS, ROLE, RESULT_CLASS, RESULT_ROLE, PROPERTY, LINKS, NKEYS };
static const struct {
    const char *name, *element;
    bool of_links;
} keys[NKEYS] = {
    { "Object", "b:Object", true },
    { "AssociationClassName", "b:AssociationClassName", false },
    { "Role", "b:Role", true },
    { "ResultClassName", "b:ResultClassName", true },
    { "ResultRole", "b:ResultRole", false },
    { "IncludeResultProperty", "b:IncludeResultProperty", true },
    { "AssociationInstances", NULL, true },
};

struct filter {
    const struct wsc__mem *mem;
    const char *text, *resource;
    size_t bad_at;
    const char *why;
    struct wsc_epr *epr;      /* of selectors only these count; of associations it is Object */
    char *values[NKEYS];      /* of associations; all but Object and PROPERTY */
    size_t at[NKEYS];         /* where each was named */
    bool given[NKEYS], links; /* links: AssociationInstances=true */
    struct wsc__buf properties;
    const char *xml; /* as it was given, or NULL */
};

static int refuse(struct filter *f, size_t at, const char *why)
{
    f->bad_at = at;
    f->why = why;
    return WSC_E_USAGE;
}

/* --- selectors -------------------------------------------------------------------------------- */

static int take_selector(void *ud, const char *name, const char *value)
{
    struct filter *f = ud;
    int rc = value ? wsc__epr_add(f->epr, name, value) : WSC_E_USAGE;

    if (rc == WSC_E_USAGE)
        f->why = value ? "this selector is there already" : "a selector cannot be $null";
    return rc;
}

static int read_selectors(struct filter *f)
{
    int rc = wsc__epr_new(&f->epr, f->mem, "*");

    if (!rc)
        rc = wsc__hash_parse(f->mem, f->text, take_selector, f, &f->bad_at, &f->why);
    if (!rc && !f->epr->n)
        rc = refuse(f, 0, "a selector is missing: {Name=\"value\"}");
    return rc;
}

/* --- associations ----------------------------------------------------------------------------- */

/* Where the value of the name at an offset begins, for its own offsets. */
static size_t value_at(const struct filter *f, size_t name_at)
{
    const char *s = strchr(f->text + name_at, '=');

    if (!s)
        return name_at;
    s += 1 + strspn(s + 1, " \t");
    if (*s == '(' || !strncmp(s, "@(", 2)) { /* an array of one */
        s = strchr(s, '(') + 1;
        s += strspn(s, " \t\r\n");
    }
    s += *s == '"' || *s == '\'';
    return (size_t)(s - f->text);
}

/* A class alone, as in winrm's own examples, is beside what is enumerated: takes the place of the
 * star. Gives how much was put in front. */
static int beside(const struct filter *f, const char *value, struct wsc__buf *out, size_t *before)
{
    size_t word = strcspn(value, "/\\:?");
    const char *last = f->resource ? strrchr(f->resource, '/') : NULL;
    bool alone = word && (!value[word] || value[word] == '?') && !wsc__alias(value, word);
    int rc = WSC_OK;

    *before = alone && last ? (size_t)(last + 1 - f->resource) : 0;
    if (*before)
        rc = wsc__buf_append(out, f->resource, *before);
    return rc ? rc : wsc__buf_puts(out, value);
}

static int take_object(struct filter *f, const char *value, size_t name_at)
{
    size_t at = 0, before = 0, blanks = strspn(value, " \t\r\n");
    struct wsc__buf b;
    const char *text;
    int rc;

    wsc__buf_init(&b, f->mem, SIZE_MAX / 2);
    rc = beside(f, value + blanks, &b, &before);
    text = rc ? NULL : wsc__buf_cstr(&b);
    rc = text ? wsc__epr_parse(&f->epr, f->mem, text, &at, &f->why) : WSC_E_NOMEM;
    if (rc == WSC_E_USAGE)
        f->bad_at = value_at(f, name_at) + blanks + (at > before ? at - before : 0);
    wsc__buf_free(&b);
    return rc;
}

static int take_property(struct filter *f, const char *value)
{
    struct wsc__xml_writer w;

    wsc__xml_init(&w, &f->properties);
    wsc__xml_elem(&w, keys[PROPERTY].element, value);
    return w.err;
}

static int take_links(struct filter *f, const char *value)
{
    f->links = wsc__ieq(value, "true");
    return f->links || wsc__ieq(value, "false")
               ? WSC_OK
               : refuse(f, f->bad_at, "AssociationInstances is true or false");
}

static int take_key(void *ud, const char *name, const char *value)
{
    struct filter *f = ud;
    size_t at = f->bad_at, i = 0; /* bad_at: of the name, while this runs */

    while (i < NKEYS && !wsc__ieq(name, keys[i].name))
        i++;
    if (i == NKEYS)
        return refuse(f, at,
                      "no such name: Object, AssociationClassName, Role, ResultClassName, "
                      "ResultRole, IncludeResultProperty, AssociationInstances");
    if (f->given[i] && i != PROPERTY)
        return refuse(f, at, "this is there already");
    if (!value || !*value)
        return refuse(f, at, "its value is missing");
    f->given[i] = true;
    f->at[i] = at;
    if (i == OBJECT)
        return take_object(f, value, at);
    if (i == PROPERTY)
        return take_property(f, value);
    if (i == LINKS)
        return take_links(f, value);
    f->values[i] = wsc__strdup(f->mem, value);
    return f->values[i] ? WSC_OK : WSC_E_NOMEM;
}

static int read_association(struct filter *f)
{
    int rc = wsc__hash_parse(f->mem, f->text, take_key, f, &f->bad_at, &f->why);

    if (rc)
        return rc;
    if (!f->epr)
        return refuse(f, 0, "Object is missing: {Object=wmicimv2/Win32_Service?Name=WinRM}");
    for (size_t i = 0; f->links && i < NKEYS; i++) {
        if (f->given[i] && !keys[i].of_links)
            return refuse(f, f->at[i], "AssociationInstances=true does not go with this");
    }
    return WSC_OK;
}

static void write_association(const struct filter *f, struct wsc__xml_writer *w)
{
    const char *name = f->links ? "b:AssociationInstances" : "b:AssociatedInstances";

    wsc__xml_start(w, name);
    wsc__xml_attr(w, "xmlns:b", WSC__NS_BINDING);
    wsc__xml_start(w, keys[OBJECT].element);
    wsc__epr_write(f->epr, w);
    wsc__xml_end(w, keys[OBJECT].element);
    for (size_t i = ASSOCIATION_CLASS; i < PROPERTY; i++)
        wsc__xml_elem(w, keys[i].element, f->values[i]);
    wsc__xml_raw(w, wsc__buf_data(&f->properties), f->properties.len);
    wsc__xml_end(w, name);
}

/* --- events ----------------------------------------------------------------------------------- */

static int read_xml(struct filter *f, const char *s)
{
    size_t at = 0;
    int rc = wsc__xml_check_fragment(f->mem, "the filter", s, strlen(s), &at, NULL);

    f->xml = s;
    return rc == WSC_E_USAGE ? refuse(f, (size_t)(s - f->text) + at, "the XML is not well-formed")
                             : rc;
}

/* What stands for a channel: its name, in which these never are. */
static int read_channel(struct filter *f)
{
    size_t len = strlen(f->text);
    const char *s = f->text;

    wsc__trim(&s, &len);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] < 0x20 || strchr("<>&\"|\\:`?*", s[i]))
            return refuse(f, (size_t)(s + i - f->text),
                          "this is neither the name of a channel nor XML: "
                          "<QueryList><Query Id=\"0\">...");
    }
    return WSC_OK;
}

static void write_channel(const struct filter *f, struct wsc__xml_writer *w)
{
    const char *s = f->text;
    size_t len = strlen(s);
    char *name;

    wsc__trim(&s, &len);
    name = wsc__strndup(f->mem, s, len);
    if (!name) {
        w->err = w->err ? w->err : WSC_E_NOMEM;
        return;
    }
    wsc__xml_start(w, "QueryList");
    wsc__xml_start(w, "Query");
    wsc__xml_attr(w, "Id", "0");
    wsc__xml_start(w, "Select");
    wsc__xml_attr(w, "Path", name);
    wsc__xml_text(w, "*");
    wsc__xml_end(w, "Select");
    wsc__xml_end(w, "Query");
    wsc__xml_end(w, "QueryList");
    wsc__free(f->mem, name);
}

/* --- all of them ------------------------------------------------------------------------------ */

/* A scheme and a colon, and nothing that a URI has not (RFC 3986 3.1). */
static bool is_uri(const char *s)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    return n && s[n] == ':' && s[n + 1] && !strpbrk(s, " \t\r\n") && wsc__xml_text_ok(s);
}

static int find_dialect(struct filter *f, const char *name, const char **uri, enum kind *kind)
{
    if (!name || !*name)
        name = "wql";
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++) {
        bool known = wsc__ieq(name, dialects[i].uri);

        *uri = known ? name : dialects[i].uri;
        *kind = dialects[i].kind;
        for (size_t k = 0; k < 3 && dialects[i].names[k]; k++)
            known |= wsc__ieq(name, dialects[i].names[k]);
        if (known)
            return WSC_OK;
    }
    *uri = name;
    *kind = TEXT;
    if (is_uri(name))
        return WSC_OK;
    (void)refuse(f, 0,
                 "no such dialect: wql, selector, association, xpath, cql, event, or a full URI");
    return WSC_E_OPTION;
}

static int read_filter(struct filter *f, enum kind kind)
{
    size_t len = strlen(f->text), bad = wsc__utf8_bad_at(f->text, len, true);
    const char *s = f->text + strspn(f->text, " \t\r\n");

    if (bad < len)
        return refuse(f, bad, "a character that XML cannot carry, or no UTF-8");
    if (!*s)
        return refuse(f, 0, "the filter is empty");
    if (kind != TEXT && *s == '<')
        return read_xml(f, s);
    switch (kind) {
    case SELECTOR:
        return read_selectors(f);
    case ASSOCIATION:
        return read_association(f);
    case EVENT:
        return read_channel(f);
    default:
        return WSC_OK;
    }
}

static void write_filter(const struct filter *f, struct wsc__xml_writer *w, enum kind kind,
                         const char *uri)
{
    wsc__xml_start(w, "w:Filter");
    wsc__xml_attr(w, "Dialect", uri);
    if (f->xml)
        wsc__xml_raw(w, f->xml, strlen(f->xml));
    else if (kind == SELECTOR)
        wsc__selectors_write(f->epr->selectors, f->epr->n, w);
    else if (kind == ASSOCIATION)
        write_association(f, w);
    else if (kind == EVENT)
        write_channel(f, w);
    else
        wsc__xml_text(w, f->text);
    wsc__xml_end(w, "w:Filter");
}

int wsc__filter_write(struct wsc__xml_writer *w, const struct wsc__mem *mem, const char *dialect,
                      const char *text, const char *resource, const char **uri, size_t *bad_at,
                      const char **why)
{
    struct filter f = { .mem = mem, .text = text, .resource = resource };
    const char *full = NULL;
    enum kind kind = TEXT;
    int rc;

    wsc__buf_init(&f.properties, mem, SIZE_MAX / 2);
    rc = find_dialect(&f, dialect, &full, &kind);
    if (!rc)
        rc = read_filter(&f, kind);
    if (!rc) {
        write_filter(&f, w, kind, full);
        rc = w->err;
    } else if (rc == WSC_E_USAGE || rc == WSC_E_OPTION) {
        if (bad_at)
            *bad_at = f.bad_at;
        if (why)
            *why = f.why;
    }
    if (!rc && uri)
        *uri = full;
    wsc__epr_free(f.epr);
    for (size_t i = 0; i < NKEYS; i++)
        wsc__free(mem, f.values[i]);
    wsc__buf_free(&f.properties);
    return rc;
}
