/* wsc options: the library's table of options, as it is. */
#include "wsc.h"

#include <string.h>

static const char *field(size_t i, const char *name)
{
    const char *value = "";

    wsc_option_get(i, name, &value);
    return value;
}

static const char *name_at(size_t i)
{
    const char *name = NULL;

    return wsc_option_get(i, "name", &name) == WSC_OK ? name : NULL;
}

static void print_json(size_t i)
{
    static const char *const fields[] = { "name", "type", "range", "default", "scope", "doc" };
    size_t k;

    for (k = 0; k < sizeof fields / sizeof fields[0]; k++) {
        printf("%s\"%s\": ", k ? ", " : "{", fields[k]);
        json_text(stdout, field(i, fields[k]));
    }
    printf(", \"secret\": %s}", *field(i, "secret") ? "true" : "false");
}

static void print_text(size_t i, int width)
{
    const char *range = field(i, "range"), *def = field(i, "default");
    const char *type = field(i, "type");

    printf("%s (%s%s", field(i, "name"), type,
           !strcmp(type, "duration") ? " in ms"
           : !strcmp(type, "size")   ? " in bytes"
                                     : "");
    if (*range)
        printf(" %s", range);
    if (*def)
        printf(", default %s", def);
    fputs(")\n    ", stdout);
    wrap_text(stdout, field(i, "doc"), 4, width);
}

static int not_there(const char *name)
{
    const char *near = nearest(name, name_at);

    say("there is no option \"%s\"", in_short(name));
    fprintf(stderr, "  try: wsc options%s%s\n", near ? " " : "", near ? near : "");
    return EXIT_USAGE;
}

int cmd_options(const struct options *o)
{
    int width = screen_width();
    const char *name = NULL, *at;
    size_t i, shown = 0;
    bool exact;

    if (o->json && !o->host)
        fputs("{\"options\": [\n", stdout);
    exact = o->host && library_option(o->host, "name", &name);
    for (i = 0; (at = name_at(i)); i++) {
        if (o->host && (exact || o->json ? strcmp(at, o->host) != 0 : !strstr(at, o->host)))
            continue;
        if (o->json && shown)
            fputs(",\n", stdout);
        if (o->json)
            print_json(i);
        else
            print_text(i, width);
        shown++;
    }
    if (!shown)
        return not_there(o->host);
    if (o->json)
        fputs(o->host ? "\n" : "\n]}\n", stdout);
    return finish_stdout();
}
