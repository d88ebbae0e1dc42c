#include "wsman/settings.h"

#include "base/str.h"
#include "wsman/ns.h"

#include <string.h>

static const struct wsc__setting table[] = {
#define WSC__SETTING(path, type, unit, range, def, access, policy, doc)                            \
    { path, type, unit, range, def, access, policy, doc },
#include "wsman/settings.def"
#undef WSC__SETTING
};

#define SETTINGS (sizeof table / sizeof *table)

const struct wsc__setting *wsc__setting_at(size_t i)
{
    return i < SETTINGS ? &table[i] : NULL;
}

const struct wsc__setting *wsc__setting_find(const char *uri, const char *path)
{
    const char *section; /* "", "/service/auth" */
    size_t len, i;

    if (!wsc__istarts(uri, strlen(uri), WSC__NS_CONFIG))
        return NULL;
    section = uri + sizeof WSC__NS_CONFIG - 1;
    if (*section && *section != '/')
        return NULL;
    section += *section == '/';
    len = strlen(section);
    for (i = 0; i < SETTINGS; i++) {
        const char *p = table[i].path;

        if (wsc__istarts(p, strlen(p), section) && (!len || p[len] == '/') &&
            wsc__ieq(p + len + (len > 0), path))
            return &table[i];
    }
    return NULL;
}
