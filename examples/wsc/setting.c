/* One setting within a resource of the configuration, by its path: an element, an attribute, or the
 * Value of a parameter by its Name. */
#include "config.h"

#include <string.h>
#include <strings.h>

#define STEP_MOST 128

static bool is(const char *name, const char *step, size_t len)
{
    return name && strlen(name) == len && strncasecmp(name, step, len) == 0;
}

static const wsc_value *step_down(const wsc_value *value, const char *step, size_t len)
{
    const wsc_value *v;
    size_t i;

    for (i = 0; (v = wsc_value_at(value, i)); i++)
        if (is(wsc_value_name(v), step, len))
            return v;
    for (i = 0; (v = wsc_value_at(value, i)); i++)
        if (is(wsc_value_attr(v, NULL, "Name"), step, len))
            return v;
    return NULL;
}

/* As far down as there is something; *path moves on to the rest. */
static const wsc_value *deepest(const wsc_value *value, const char **path)
{
    const wsc_value *v;
    size_t len;

    while (**path && (v = step_down(value, *path, len = strcspn(*path, "/")))) {
        value = v;
        *path += len + ((*path)[len] == '/');
    }
    return value;
}

const wsc_value *setting_find(const wsc_value *value, const char *path, const char **text)
{
    const wsc_value *at = deepest(value, &path);

    *text = NULL;
    if (*path) {
        *text = value_attribute(at, path); /* no name holds a / */
        return *text ? at : NULL;
    }
    if (!wsc_value_count(at)) {
        *text = wsc_value_attr(at, NULL, "Value");
        if (!*text && !value_in_attributes(at))
            *text = wsc_value_text(at, NULL);
    }
    return at;
}

const char *setting_nearest(const wsc_value *value, const char *path, size_t *at)
{
    const char *rest = path, *found;
    const wsc_value *among = deepest(value, &rest);
    char step[STEP_MOST];

    snprintf(step, sizeof step, "%.*s", (int)strcspn(rest, "/"), rest);
    found = *step ? value_nearest(among, step) : NULL;
    *at = (size_t)(rest - path);
    return found;
}
