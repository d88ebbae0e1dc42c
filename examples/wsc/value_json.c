/* Values as JSON: elements become members, those of one name an array. */
#include "values.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* Text stays text: in the replies of WMI numbers have no type, and "007" is none. What says by its
 * xsi:type that it is a number or a boolean becomes one. */
static bool typed(FILE *out, const wsc_value *value)
{
    const char *type = wsc_value_type(value);
    int64_t whole = 0;
    uint64_t large = 0;
    double real = 0;
    int flag = 0;

    if (!type)
        return false;
    type += strncmp(type, "cim", 3) == 0 ? 3 : 0;
    if (same_name(type, "boolean") && wsc_value_get_bool(value, &flag) == WSC_OK) {
        fputs(flag ? "true" : "false", out);
        return true;
    }
    if ((same_name(type, "float") || same_name(type, "double") || same_name(type, "decimal")) &&
        wsc_value_get_double(value, &real) == WSC_OK && isfinite(real)) {
        fprintf(out, same_name(type, "float") ? "%.9g" : "%.17g", real);
        return true;
    }
    if (!same_name(type, "int") && !same_name(type, "integer") && !same_name(type, "long") &&
        !same_name(type, "short") && !same_name(type, "byte") &&
        strncmp(type, "unsigned", 8) != 0 && strncmp(type, "Unsigned", 8) != 0)
        return false;
    if (wsc_value_get_int(value, &whole) == WSC_OK)
        fprintf(out, "%" PRId64, whole);
    else if (wsc_value_get_uint(value, &large) == WSC_OK)
        fprintf(out, "%" PRIu64, large);
    else
        return false;
    return true;
}

void epr_json(FILE *out, const wsc_epr *epr)
{
    const char *name = NULL, *value = NULL;
    const wsc_epr *reference = NULL;
    size_t i;

    fputs("{\"resource\": ", out);
    json_text(out, wsc_epr_uri(epr));
    fputs(", \"selectors\": {", out);
    for (i = 0; wsc_epr_selector_at(epr, i, &name, &value, &reference) == WSC_OK; i++) {
        fputs(i ? ", " : "", out);
        json_text(out, name);
        fputs(": ", out);
        if (value)
            json_text(out, value);
        else
            epr_json(out, reference);
    }
    fputs("}}", out);
}

/* "NAME@ATTRIBUTE" beside a text, "@ATTRIBUTE" within an object */
static void attributes(FILE *out, const wsc_value *value, const struct names *names,
                       const char *before, const char **comma)
{
    const char *name = NULL, *text = NULL;
    char key[2112]; /* no name has more than 1023 bytes */
    size_t i;

    for (i = 0; wsc_value_attr_at(value, i, NULL, &name, &text) == WSC_OK; i++) {
        if (!names_have(names, name))
            continue;
        snprintf(key, sizeof key, "%s@%s", before, name);
        fputs(*comma, out);
        json_text(out, key);
        fputs(": ", out);
        json_text(out, text);
        *comma = ", ";
    }
}

static bool is_object(const wsc_value *value)
{
    bool null;

    return value_in_attributes(value) || (!value_leaf(value, &null) && !null);
}

static void object(FILE *out, const wsc_value *value, const struct names *names)
{
    struct groups g = { NULL, 0 };
    const char *comma = "";
    size_t i, k, n;

    fputc('{', out);
    attributes(out, value, names, "", &comma);
    if (!groups_make(&g, value))
        fputs("\"@error\": \"out of memory\"", out);
    groups_select(&g, names);
    for (i = 0; i < g.n; i += n) {
        n = groups_count(&g, i);
        fputs(comma, out);
        comma = ", ";
        json_text(out, wsc_value_name(g.at[i].value));
        fputs(n > 1 ? ": [" : ": ", out);
        for (k = 0; k < n; k++) {
            fputs(k ? ", " : "", out);
            value_json(out, g.at[i + k].value, NULL);
        }
        fputs(n > 1 ? "]" : "", out);
        if (n == 1 && !is_object(g.at[i].value))
            attributes(out, g.at[i].value, NULL, wsc_value_name(g.at[i].value), &comma);
    }
    groups_free(&g);
    fputc('}', out);
}

void value_json(FILE *out, const wsc_value *value, const struct names *names)
{
    wsc_epr *epr = value_reference(value);
    bool null;
    const char *text = epr ? NULL : value_leaf(value, &null);

    if (epr)
        epr_json(out, epr);
    else if (is_object(value))
        object(out, value, names);
    else if (!text || !typed(out, value))
        json_text(out, text);
    wsc_epr_unref(epr);
}

void value_json_named(FILE *out, const wsc_value *value, const struct names *names)
{
    fputs(", \"name\": ", out);
    json_text(out, wsc_value_name(value));
    fputs(", \"value\": ", out);
    value_json(out, value, names);
}
