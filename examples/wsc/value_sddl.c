/* A security descriptor for people: who may do what, an entry a line. */
#include "values.h"

#include <string.h>

/* All elements of the name, with commas between them. */
static void list(FILE *out, const wsc_value *entry, const char *name, const char *before,
                 const char *behind)
{
    const wsc_value *v;
    const char *text;
    size_t i;

    for (i = 0; (v = wsc_value_find(entry, name, i)); i++) {
        text = wsc_value_text(v, NULL);
        fputs(i ? ", " : before, out);
        clean_text(out, text ? text : "", "");
    }
    fputs(i ? behind : "", out);
}

static void entry_line(FILE *out, const wsc_value *entry)
{
    list(out, entry, "Type", "", " ");
    list(out, entry, "Account", "", "");
    list(out, entry, "Rights", ": ", "");
    list(out, entry, "Flags", " (", ")");
    fputc('\n', out);
}

static void lines(FILE *out, const char *text, int indent)
{
    wsc_value *sddl = NULL;
    const wsc_value *v;
    size_t i;

    if (!text || wsc_value_parse_sddl(&sddl, text, NULL, NULL) != WSC_OK)
        return;
    for (i = 0; (v = wsc_value_at(sddl, i)); i++) {
        if (!wsc_value_count(v)) /* Owner, Group, and flags of the lists */
            continue;
        fprintf(out, "%*s", indent, "");
        entry_line(out, v);
    }
    wsc_value_unref(sddl);
}

void value_sddl(FILE *out, const wsc_value *value, int indent)
{
    const char *name = wsc_value_name(value);

    if (same_name(name, "RootSDDL") || same_name(name, "Sddl"))
        lines(out, wsc_value_text(value, NULL), indent);
    lines(out, wsc_value_attr(value, NULL, "Sddl"), indent);
}
