/* Values as lines: Name = value, and what is within another one indented below it. */
#include "values.h"

#include <string.h>

#define STEP       4
#define NAME_MOST  40 /* longer names put nobody else's '=' to the right */
#define LINE_MOST  72 /* of an array on one line */
#define INDENT_MAX 320

static bool with_sddl;

void value_text_sddl(bool on)
{
    with_sddl = on;
}

/* names: NULL = all. */
static void attributes(FILE *out, const wsc_value *value, const struct names *names)
{
    const char *name = NULL, *text = NULL;
    size_t i;

    for (i = 0; wsc_value_attr_at(value, i, NULL, &name, &text) == WSC_OK; i++) {
        if (!names_have(names, name))
            continue;
        fputs(" [", out);
        clean_text(out, name, "");
        fputs("=\"", out);
        clean_text(out, text, "");
        fputs("\"]", out);
    }
}

static bool has_attributes(const wsc_value *value)
{
    return wsc_value_attr_at(value, 0, NULL, NULL, NULL) == WSC_OK;
}

/* Does it stand on a line, behind a '='? */
static bool is_leaf(const wsc_value *value)
{
    bool null;
    wsc_epr *epr = value_reference(value);
    bool is = epr || (!value_in_attributes(value) && (value_leaf(value, &null) || null));

    wsc_epr_unref(epr);
    return is;
}

static void leaf(FILE *out, const wsc_value *value, const char *indent)
{
    wsc_epr *epr = value_reference(value);
    bool null = false;
    const char *text = epr ? NULL : value_leaf(value, &null);

    if (epr)
        epr_text(out, epr);
    else if (text)
        clean_text(out, text, indent);
    else if (null)
        fputs(NULL_TEXT, out);
    wsc_epr_unref(epr);
}

/* "a, b" where that says the same as a line for each of them. */
static bool fits_a_line(const struct group *g, size_t n)
{
    size_t len = 0, i;

    for (i = 0; i < n; i++) {
        const char *text = wsc_value_text(g[i].value, NULL);

        if (!text || !*text || wsc_value_count(g[i].value) || has_attributes(g[i].value) ||
            strpbrk(text, ",\n"))
            return false;
        len += strlen(text) + 2;
        if (len > LINE_MOST)
            return false;
    }
    return true;
}

static void name_and_sign(FILE *out, const wsc_value *value, int indent, int width)
{
    const char *name = wsc_value_name(value);
    int pad = width - (int)strlen(name);

    fprintf(out, "%*s", indent, "");
    clean_text(out, name, "");
    fprintf(out, "%*s = ", pad > 0 ? pad : 0, "");
}

/* How wide the names are that stand before a '='. */
static int width_of(const struct groups *g)
{
    size_t most = 0, len, i;

    for (i = 0; i < g->n; i++) {
        len = strlen(wsc_value_name(g->at[i].value));
        if (len > most && len <= NAME_MOST && is_leaf(g->at[i].value))
            most = len;
    }
    return (int)most;
}

static void within(FILE *out, const wsc_value *value, const struct names *names, int indent)
{
    struct groups g = { NULL, 0 };
    char blanks[INDENT_MAX + NAME_MOST];
    size_t i, k, n;
    int width;

    if (!groups_make(&g, value))
        fputs(" ...", out); /* out of memory */
    groups_select(&g, names);
    width = width_of(&g);
    for (i = 0; i < g.n; i += n) {
        n = groups_count(&g, i);
        if (n > 1 && fits_a_line(&g.at[i], n)) {
            name_and_sign(out, g.at[i].value, indent, width);
            for (k = 0; k < n; k++) {
                fputs(k ? ", " : "", out);
                leaf(out, g.at[i + k].value, "");
            }
            fputc('\n', out);
            continue;
        }
        for (k = i; k < i + n; k++) {
            if (!is_leaf(g.at[k].value)) {
                value_text(out, g.at[k].value, NULL, indent);
                continue;
            }
            snprintf(blanks, sizeof blanks, "%*s", indent + width + 3, "");
            name_and_sign(out, g.at[k].value, indent, width);
            leaf(out, g.at[k].value, blanks);
            attributes(out, g.at[k].value, NULL);
            fputc('\n', out);
            if (with_sddl)
                value_sddl(out, g.at[k].value, indent + STEP);
        }
    }
    groups_free(&g);
}

void value_text(FILE *out, const wsc_value *value, const struct names *names, int indent)
{
    bool part = strcmp(wsc_value_name(value), "XmlFragment") == 0;
    const wsc_value *object, *epr;

    value_parts(value, &object, &epr);
    if (epr) {
        value_text(out, object, names, indent);
        fprintf(out, "%*s", indent + STEP, "");
        leaf(out, epr, "");
        fputc('\n', out);
    } else if (part && !wsc_value_count(value)) {
        leaf(out, value, "");
        fputc('\n', out);
    } else if (part) {
        within(out, value, names, indent);
    } else if (is_leaf(value) && *wsc_value_name(value)) {
        name_and_sign(out, value, indent, 0);
        leaf(out, value, "");
        attributes(out, value, NULL);
        fputc('\n', out);
    } else {
        fprintf(out, "%*s", indent, "");
        clean_text(out, wsc_value_name(value), "");
        attributes(out, value, names);
        fputc('\n', out);
        if (with_sddl)
            value_sddl(out, value, indent + STEP);
        within(out, value, names, indent + STEP);
    }
}

void value_line(FILE *out, const wsc_value *value)
{
    size_t n = wsc_value_count(value), i;

    if (is_leaf(value)) {
        leaf(out, value, "");
        return;
    }
    fputc('{', out);
    for (i = 0; i < n; i++) {
        fputs(i ? "; " : "", out);
        clean_text(out, wsc_value_name(wsc_value_at(value, i)), "");
        fputc('=', out);
        value_line(out, wsc_value_at(value, i));
    }
    fputc('}', out);
}
