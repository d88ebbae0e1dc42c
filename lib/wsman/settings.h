/* What the settings of winrm/config are (MS-WSMV 2.2.4). */
#ifndef WSC_WSMAN_SETTINGS_H
#define WSC_WSMAN_SETTINGS_H

#include <stddef.h>

struct wsc__setting {
    const char *path; /* "Service/MaxConnections": from Config down */
    const char *type, *unit, *range, *def, *access, *policy, *doc;
};

/* NULL past the last. */
const struct wsc__setting *wsc__setting_at(size_t i);
/* uri: of the resource; path: within it, letters' case ignored. NULL: not in the table. */
const struct wsc__setting *wsc__setting_find(const char *uri, const char *path);

#endif
