/* The tables of the library, a row by its number and what it says by the name of the field. */
#include "api/api.h"

#include "proto/stats.h"
#include "wsman/settings.h"

#include <string.h>

struct field {
    const char *name, *text;
};

/* WSC_E_AGAIN: there is no such row. */
static int pick(bool row, const struct field *fields, size_t n, const char *name, const char **out)
{
    size_t i;

    for (i = 0; name && out && i < n; i++) {
        if (strcmp(fields[i].name, name) != 0)
            continue;
        if (row)
            *out = fields[i].text ? fields[i].text : "";
        return row ? WSC_OK : WSC_E_AGAIN;
    }
    return WSC_E_USAGE;
}

#define PICK(row, fields, name, out) pick(row, fields, sizeof fields / sizeof *fields, name, out)

/* --- options ---------------------------------------------------------------------------------- */

static const char *type_name(enum wsc__opt_type t)
{
    static const char *const names[] = { "string", "int",  "size",  "duration",
                                         "bool",   "enum", "bytes", "map" };

    return names[t];
}

static const char *scope_name(int scope)
{
    if (scope & WSC__SCOPE_OP)
        return "operation";
    if (scope & WSC__SCOPE_IDENTITY)
        return "identity";
    return scope & WSC__SCOPE_CLIENT ? "client" : "context";
}

int wsc_option_get(size_t index, const char *field, const char **out)
{
    static const struct wsc__opt_info none = { .name = NULL };
    const struct wsc__opt_info *row = wsc__opt_info(index), *o = row ? row : &none;
    const struct field fields[] = {
        { "name", o->name },
        { "type", type_name(o->type) },
        { "range", o->range },
        { "default", o->def },
        { "doc", o->doc },
        { "scope", scope_name(o->scope) },
        { "secret", o->secret ? "yes" : NULL },
    };

    return PICK(row != NULL, fields, field, out);
}

/* --- statistics ------------------------------------------------------------------------------- */

int wsc_stat_get(size_t index, const char *field, const char **out)
{
    static const struct wsc__stat_info none = { NULL, NULL, NULL };
    const struct wsc__stat_info *row = wsc__stat_info(index), *s = row ? row : &none;
    const struct field fields[] = { { "name", s->name }, { "unit", s->unit }, { "doc", s->doc } };

    return PICK(row != NULL, fields, field, out);
}

/* --- settings of a host ----------------------------------------------------------------------- */

int wsc_setting_get(size_t index, const char *field, const char **out)
{
    static const struct wsc__setting none = { .path = NULL };
    const struct wsc__setting *row = wsc__setting_at(index), *s = row ? row : &none;
    const struct field fields[] = {
        { "path", s->path },     { "type", s->type },   { "unit", s->unit },
        { "range", s->range },   { "default", s->def }, { "access", s->access },
        { "policy", s->policy }, { "doc", s->doc },
    };

    return PICK(row != NULL, fields, field, out);
}

/* --- codes ------------------------------------------------------------------------------------ */

struct known {
    const char *name, *meaning, *cause, *remedy;
    const struct wsc__code *status; /* NULL: the code is not known */
};

static struct known about(int code)
{
    struct known k = { .status = wsc__code_find(code) };
    const struct wsc__fault_info *f = k.status ? NULL : wsc__fault_find((uint32_t)code);

    if (f)
        k.status = wsc__code_find(f->wsc);
    if (!k.status)
        return k;
    k.name = f ? f->name : k.status->name;
    k.meaning = f && f->meaning ? f->meaning : k.status->text;
    k.cause = f ? f->cause : NULL;
    k.remedy = f && f->remedy ? f->remedy : k.status->remedy;
    return k;
}

int wsc_code_get(int code, const char *field, const char **out)
{
    const struct known k = about(code);
    const struct field fields[] = {
        { "name", k.name },
        { "status", k.status ? k.status->name : NULL },
        { "meaning", k.meaning },
        { "class", k.status ? k.status->cls : NULL },
        { "retriable", k.status && k.status->retriable ? "yes" : NULL },
        { "cause", k.cause },
        { "remedy", k.remedy },
    };

    return PICK(k.status != NULL, fields, field, out);
}
