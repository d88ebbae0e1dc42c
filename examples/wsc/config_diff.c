/* Two configurations, setting by setting. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PATH_MOST 1024

/* What tells the elements of a list apart. */
static const char *const keys[CONFIG_SECTIONS][3] = {
    { NULL, NULL, NULL },
    { "Address", "Transport", NULL },
    { "URI", "Subject", "Issuer" },
    { "Name", NULL, NULL },
};

static bool add(struct settings *s, const char *path, const char *text)
{
    struct setting *at;

    if (s->n == s->cap) {
        size_t cap = s->cap ? s->cap * 2 : 64;

        at = realloc(s->at, cap * sizeof *at);
        if (!at)
            return false;
        s->at = at;
        s->cap = cap;
    }
    at = &s->at[s->n];
    at->path = strdup(path);
    at->text = strdup(text ? text : NULL_TEXT);
    s->n++;
    return at->path && at->text;
}

/* Source tells who has set it, and is nothing that it says. */
static bool attributes(struct settings *s, const wsc_value *value, const char *path)
{
    const char *name = NULL, *text = NULL;
    char at[PATH_MOST];
    bool good = true;
    size_t i;

    for (i = 0; good && wsc_value_attr_at(value, i, NULL, &name, &text) == WSC_OK; i++) {
        if (strcmp(name, "Source") == 0 || strcmp(name, "lang") == 0)
            continue;
        snprintf(at, sizeof at, "%s@%s", path, name);
        good = add(s, at, text);
    }
    return good;
}

/* path: a buffer of PATH_MOST that is used on the way */
static bool walk(struct settings *s, const wsc_value *value, char *path)
{
    struct groups g = { NULL, 0 };
    size_t len = strlen(path), nth = 0, i;
    bool good = attributes(s, value, path), null;

    if (!wsc_value_count(value)) {
        const char *text = value_leaf(value, &null);

        if (text && !*text && wsc_value_attr_at(value, 0, NULL, NULL, NULL) == WSC_OK)
            return good; /* its attributes are all of it */
        return good && add(s, path, text);
    }
    good = good && groups_make(&g, value);
    for (i = 0; good && i < g.n; i++) {
        bool follows = g.at[i].first != g.at[i].index;

        nth = follows ? nth + 1 : 1;
        snprintf(path + len, PATH_MOST - len, "/%s", wsc_value_name(g.at[i].value));
        if (follows || (i + 1 < g.n && g.at[i + 1].first == g.at[i].first))
            snprintf(path + strlen(path), PATH_MOST - strlen(path), "[%zu]", nth);
        good = walk(s, g.at[i].value, path);
    }
    path[len] = '\0';
    groups_free(&g);
    return good;
}

/* An attribute in plug-ins, an element elsewhere. */
static const char *key_of(const wsc_value *value, const char *name)
{
    const wsc_value *inside = wsc_value_find(value, name, 0);
    const char *text = inside ? wsc_value_text(inside, NULL) : wsc_value_attr(value, NULL, name);

    return text ? text : "";
}

static bool add_list(struct settings *s, const wsc_value *section, size_t which)
{
    char path[PATH_MOST], *p;
    size_t n = wsc_value_count(section), i, k;
    bool good = true;

    for (i = 0; i < n && good; i++) {
        const wsc_value *item = wsc_value_at(section, i);

        snprintf(path, sizeof path, "%s[", config_sections[which]);
        for (k = 0; k < 3 && keys[which][k]; k++) {
            p = path + strlen(path);
            snprintf(p, (size_t)(path + sizeof path - p), "%s%s", k ? "," : "",
                     key_of(item, keys[which][k]));
        }
        p = path + strlen(path);
        snprintf(p, (size_t)(path + sizeof path - p), "]");
        good = walk(s, item, path);
    }
    return good;
}

static int by_path(const void *a, const void *b)
{
    const struct setting *x = a, *y = b;

    return strcasecmp(x->path, y->path);
}

static bool has(const struct config_doc *d, size_t i)
{
    return config_section(d, i) != NULL;
}

bool settings_of(struct settings *s, const struct config_doc *d, const struct config_doc *other)
{
    char path[PATH_MOST];
    bool good = true;
    size_t i, k;

    for (i = 0; i < CONFIG_SECTIONS && good; i++) {
        const wsc_value *section = has(other, i) ? config_section(d, i) : NULL;

        if (section && i)
            good = add_list(s, section, i);
        for (k = 0; section && !i && k < wsc_value_count(section) && good; k++) {
            snprintf(path, sizeof path, "%s", wsc_value_name(wsc_value_at(section, k)));
            good = walk(s, wsc_value_at(section, k), path);
        }
    }
    if (good && s->n > 1)
        qsort(s->at, s->n, sizeof *s->at, by_path);
    return good;
}

void settings_free(struct settings *s)
{
    size_t i;

    for (i = 0; i < s->n; i++) {
        free(s->at[i].path);
        free(s->at[i].text);
    }
    free(s->at);
    memset(s, 0, sizeof *s);
}

void config_json_unshared(FILE *out, const struct config_doc *a, const struct config_doc *b)
{
    const char *comma = "";
    size_t i;

    fputc('[', out);
    for (i = 0; i < CONFIG_SECTIONS; i++) {
        if (has(a, i) == has(b, i))
            continue;
        fprintf(out, "%s\"%s\"", comma, config_sections[i]);
        comma = ", ";
    }
    fputc(']', out);
}

void config_tell_unshared(const struct config_doc *a, const struct config_doc *b, const char *host)
{
    size_t i;

    for (i = 0; i < CONFIG_SECTIONS; i++)
        if (has(a, i) != has(b, i))
            say("%s: %s is not compared: one of both has none", in_short(host), config_sections[i]);
}

/* --- what differs ----------------------------------------------------------------------------- */

static void line(FILE *out, char sign, const struct setting *s)
{
    if (!s)
        return;
    fputc(sign, out);
    clean_text(out, s->path, " ");
    fputs(" = ", out);
    clean_text(out, s->text, "    ");
    fputc('\n', out);
}

static void tell(FILE *out, const struct setting *a, const struct setting *b, bool json,
                 size_t before)
{
    const char *path = a ? a->path : b ? b->path : "";

    if (!json) {
        line(out, '-', a);
        line(out, '+', b);
        return;
    }
    fputs(before ? ", {\"path\": " : "{\"path\": ", out);
    json_text(out, path);
    fputs(", \"value\": ", out);
    json_text(out, a ? a->text : NULL);
    fputs(", \"other_value\": ", out);
    json_text(out, b ? b->text : NULL);
    fputc('}', out);
}

size_t config_diff(FILE *out, const struct settings *a, const struct settings *b, bool json)
{
    size_t i = 0, k = 0, n = 0;

    while (i < a->n || k < b->n) {
        int order = i == a->n ? 1 : k == b->n ? -1 : strcasecmp(a->at[i].path, b->at[k].path);

        if (order != 0 || strcmp(a->at[i].text, b->at[k].text) != 0)
            tell(out, order <= 0 ? &a->at[i] : NULL, order >= 0 ? &b->at[k] : NULL, json, n++);
        i += order <= 0;
        k += order >= 0;
    }
    return n;
}
