#include "proto/stats.h"

#include <string.h>

static const struct wsc__stat_info table[] = {
#define WSC__STAT(id, name, unit, doc) { name, unit, doc },
#include "proto/stats.def"
#undef WSC__STAT
};

const struct wsc__stat_info *wsc__stat_info(size_t i)
{
    return i < WSC__STATS ? &table[i] : NULL;
}

enum wsc__stat wsc__stat_find(const char *name)
{
    size_t i;

    for (i = 0; i < WSC__STATS && strcmp(table[i].name, name) != 0; i++)
        ;
    return (enum wsc__stat)i;
}
