#include "base/opts_table.h"

#include "base/str.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* so many equal letters at the beginning are no likeness yet */
#define ALIKE 3

static struct wsc__opt_info table[] = {
#define WSC__PARAM(id, name, type, scope, secret, range, def, doc)                                 \
    { name, WSC__OPT_##type, WSC__##scope, secret, range, 0, 0, def, doc },
#include "params.def"
#undef WSC__PARAM
};

static int64_t defaults[WSC__O_COUNT];

/* Parts of the table that no initialiser can compute. They are written once, since wsc_params
 * belongs to no context and may be used on any thread. */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool word_index(const char *words, const char *text, size_t len, int64_t *out)
{
    int64_t i = 0;

    for (;;) {
        size_t n = strcspn(words, "|");
        size_t j = 0;

        while (j < n && j < len && words[j] == text[j])
            j++;
        if (n == len && j == n) {
            *out = i;
            return true;
        }
        if (!words[n])
            return false;
        words += n + 1;
        i++;
    }
}

static bool parse_bool(const char *s, size_t len, int64_t *out)
{
    static const char *const yes[] = { "true", "yes", "on", "1" };
    static const char *const no[] = { "false", "no", "off", "0" };
    size_t i;

    for (i = 0; i < 4; i++) {
        if (wsc__ieqn(s, len, yes[i])) {
            *out = 1;
            return true;
        }
        if (wsc__ieqn(s, len, no[i])) {
            *out = 0;
            return true;
        }
    }
    return false;
}

static bool parse_size(const char *s, size_t len, int64_t *out)
{
    int shift = 0;
    int64_t v;

    if (len) {
        char c = s[len - 1];

        if (c == 'k' || c == 'K')
            shift = 10;
        else if (c == 'm' || c == 'M')
            shift = 20;
        else if (c == 'g' || c == 'G')
            shift = 30;
    }
    if (shift)
        len--;
    if (!wsc__parse_i64(s, len, &v) || v < 0 || v > (INT64_MAX >> shift))
        return false;
    *out = v << shift;
    return true;
}

static bool parse_value(const struct wsc__opt_info *o, const char *s, size_t len, int64_t *out)
{
    switch (o->type) {
    case WSC__OPT_INT:
        return wsc__parse_i64(s, len, out);
    case WSC__OPT_SIZE:
        return parse_size(s, len, out);
    case WSC__OPT_DURATION:
        return wsc__parse_duration_ms(s, len, out);
    case WSC__OPT_BOOL:
        return parse_bool(s, len, out);
    case WSC__OPT_ENUM:
        return word_index(o->range, s, len, out);
    case WSC__OPT_STRING:
    case WSC__OPT_BYTES:
    case WSC__OPT_MAP:
        break;
    }
    *out = 0;
    return true;
}

static bool is_number(const struct wsc__opt_info *o)
{
    return o->type == WSC__OPT_INT || o->type == WSC__OPT_SIZE || o->type == WSC__OPT_DURATION;
}

static void complete_table(void)
{
    size_t i;

    for (i = 0; i < WSC__O_COUNT; i++) {
        struct wsc__opt_info *o = &table[i];
        const char *dots = strstr(o->range, "..");

        o->max = o->type == WSC__OPT_BOOL ? 1 : INT64_MAX;
        if (is_number(o) && dots) {
            (void)wsc__parse_i64(o->range, (size_t)(dots - o->range), &o->min);
            (void)wsc__parse_i64(dots + 2, strlen(dots + 2), &o->max);
        }
        if (o->def)
            (void)parse_value(o, o->def, strlen(o->def), &defaults[i]);
    }
}

/* of an option that is known to be one */
static const struct wsc__opt_info *entry(int id)
{
    pthread_once(&once, complete_table);
    return &table[id];
}

const struct wsc__opt_info *wsc__opt_info(size_t index)
{
    return index < WSC__O_COUNT ? entry((int)index) : NULL;
}

int64_t wsc__opt_default(int id)
{
    pthread_once(&once, complete_table);
    return defaults[id];
}

int wsc__opt_find(const char *name)
{
    int i;

    for (i = 0; name && i < WSC__O_COUNT; i++)
        if (!strcmp(table[i].name, name))
            return i;
    return -1;
}

/* Equal but for case, '-' and '_'? */
static bool same_letters(const char *a, const char *b)
{
    for (;;) {
        char x, y;

        while (*a == '-' || *a == '_')
            a++;
        while (*b == '-' || *b == '_')
            b++;
        if (!*a || !*b)
            return !*a && !*b;
        x = *a++;
        y = *b++;
        if (!wsc__ieqn(&x, 1, (char[]){ y, '\0' }))
            return false;
    }
}

static size_t common_prefix(const char *a, const char *b)
{
    size_t n = 0;

    while (a[n] && wsc__ieqn(a[n] == '_' ? "-" : a + n, 1, (char[]){ b[n], '\0' }))
        n++;
    return n;
}

/* Whole words of the name, as "pin" of "tls-pin", or what it begins with? */
static bool part_of(const char *name, const char *text, size_t len)
{
    const char *at = name;

    if (len > ALIKE && common_prefix(text, name) == len)
        return true;
    for (;;) {
        if (common_prefix(text, at) == len && (!at[len] || at[len] == '-'))
            return true;
        at = strchr(at, '-');
        if (!at)
            return false;
        at++;
    }
}

/* The one option of which this is a part; *many: it is of several. "user" is username and not
 * user-agent: an option of one word goes before those of more. */
static const char *by_part(const char *text, size_t len, bool *many)
{
    const char *found = NULL;
    int i;

    *many = false;
    for (i = 0; i < WSC__O_COUNT; i++) {
        const char *name = table[i].name;

        if (!part_of(name, text, len))
            continue;
        if (!strchr(name, '-')) {
            *many = false;
            return name;
        }
        *many = found != NULL;
        found = name;
    }
    return *many ? NULL : found;
}

static const char *by_letters(const char *name, size_t len)
{
    const char *best = NULL;
    unsigned least = 3;
    int i;

    for (i = 0; i < WSC__O_COUNT; i++) {
        unsigned d = wsc__distance(name, table[i].name, 2);

        if (d < least && 2 * d < len) { /* "cert" is not near to "port" */
            least = d;
            best = table[i].name;
        }
    }
    return best;
}

/* The one option that begins most like it, and for more than half of it. */
static const char *by_beginning(const char *text, size_t len)
{
    const char *best = NULL;
    size_t most = ALIKE;
    int i;

    for (i = 0; i < WSC__O_COUNT; i++) {
        size_t n = common_prefix(text, table[i].name);

        if (n < most || n == ALIKE || 2 * n <= len)
            continue;
        best = n > most ? table[i].name : NULL;
        most = n;
    }
    return best;
}

const char *wsc__opt_nearest(const char *name)
{
    const char *found;
    size_t len;
    bool many;
    int i;

    if (!name || !*name)
        return NULL;
    len = strlen(name);
    if (len > 100)
        return NULL;
    for (i = 0; i < WSC__O_COUNT; i++)
        if (same_letters(name, table[i].name))
            return table[i].name;
    found = by_part(name, len, &many);
    if (found || many)
        return found;
    found = by_letters(name, len);
    return found ? found : by_beginning(name, len);
}

int wsc__opt_fail(struct wsc_error **err, struct wsc_error *e)
{
    int rc = wsc__error_code(e);

    if (err)
        *err = e;
    else
        wsc__error_unref(e);
    return rc;
}

int wsc__opt_need(const struct wsc__mem *mem, const char *name, struct wsc_error **err)
{
    int id = wsc__opt_find(name);
    const char *near;
    struct wsc_error *e;
    char buf[WSC__SHOWN];

    if (id >= 0)
        return id;
    if (!name) {
        e = wsc__error_new(mem, WSC_E_USAGE, "the name of the option is NULL");
        (void)wsc__opt_fail(err, e);
        return -1;
    }
    near = wsc__opt_nearest(name);
    wsc__show_text(buf, sizeof buf, name, strlen(name));
    if (near)
        e = wsc__error_new(mem, WSC_E_OPTION, "unknown option \"%s\"; did you mean \"%s\"?", buf,
                           near);
    else
        e = wsc__error_new(mem, WSC_E_OPTION, "unknown option \"%s\"", buf);
    wsc__error_set_str(e, WSC__ES_OPTION, buf);
    wsc__error_set_str(e, WSC__ES_NEAREST, near);
    (void)wsc__opt_fail(err, e);
    return -1;
}

static int bad_value(const struct wsc__mem *mem, const struct wsc__opt_info *o, const char *text,
                     size_t len, struct wsc_error **err)
{
    char buf[WSC__SHOWN];
    struct wsc_error *e;

    if (o->secret)
        memcpy(buf, "***", 4);
    else
        wsc__show_text(buf, sizeof buf, text, len);
    if (o->type == WSC__OPT_ENUM)
        e = wsc__error_new(mem, WSC_E_OPTION, "%s: \"%s\" is not one of %s", o->name, buf,
                           o->range);
    else if (o->type == WSC__OPT_BOOL)
        e = wsc__error_new(mem, WSC_E_OPTION,
                           "%s: \"%s\" is not a switch (true, false, yes, no, on, off, 1, 0)",
                           o->name, buf);
    else
        e = wsc__error_new(mem, WSC_E_OPTION, "%s: \"%s\" is not a %s; allowed %s", o->name, buf,
                           o->type == WSC__OPT_DURATION ? "duration (240000, 500ms, 30s, 4m, 2h)"
                           : o->type == WSC__OPT_SIZE   ? "size (65536, 64k, 4m, 1g)"
                                                        : "number",
                           o->range);
    wsc__error_set_str(e, WSC__ES_OPTION, o->name);
    return wsc__opt_fail(err, e);
}

int wsc__opt_range(const struct wsc__mem *mem, int id, int64_t num, struct wsc_error **err)
{
    const struct wsc__opt_info *o = entry(id);
    struct wsc_error *e;

    if (num >= o->min && num <= o->max)
        return WSC_OK;
    e = wsc__error_new(mem, WSC_E_OPTION, "%s: %lld is out of range; allowed %s", o->name,
                       (long long)num, o->type == WSC__OPT_BOOL ? "0 and 1" : o->range);
    wsc__error_set_str(e, WSC__ES_OPTION, o->name);
    wsc__error_set_int(e, WSC__EI_LIMIT, num < o->min ? o->min : o->max);
    return wsc__opt_fail(err, e);
}

/* Text goes into XML or into an HTTP header; either has characters it cannot carry. */
static int check_text(const struct wsc__mem *mem, int id, const char *text, size_t len,
                      struct wsc_error **err)
{
    const struct wsc__opt_info *o = entry(id);
    bool header = id == WSC__O_USER_AGENT || id == WSC__O_HEADER;
    size_t bad = wsc__utf8_bad_at(text, len, true), i;
    struct wsc_error *e;

    for (i = 0; header && i < bad; i++)
        if (text[i] == '\r' || text[i] == '\n')
            bad = i;
    if (bad >= len)
        return WSC_OK;
    e = wsc__error_new(mem, WSC_E_OPTION,
                       "%s: the character at offset %zu cannot be sent (invalid UTF-8 or a control "
                       "character)",
                       o->name, bad);
    wsc__error_set_str(e, WSC__ES_OPTION, o->name);
    wsc__error_set_int(e, WSC__EI_OFFSET, (int64_t)bad);
    return wsc__opt_fail(err, e);
}

int wsc__opt_parse(const struct wsc__mem *mem, int id, const char *text, size_t len, int64_t *num,
                   struct wsc_error **err)
{
    const struct wsc__opt_info *o = entry(id);
    int64_t v = 0;
    int rc;

    if (o->type == WSC__OPT_BYTES) {
        *num = 0;
        return WSC_OK;
    }
    if (o->type == WSC__OPT_STRING || o->type == WSC__OPT_MAP) {
        rc = check_text(mem, id, text, len, err);
    } else if (!parse_value(o, text, len, &v)) {
        rc = bad_value(mem, o, text, len, err);
    } else if (is_number(o)) {
        rc = wsc__opt_range(mem, id, v, err);
    } else {
        rc = WSC_OK;
    }
    if (!rc)
        *num = v;
    return rc;
}
