/* What a client's requests have cost. Their phases are timed one by one: requests that run beside
 * each other add up to more than the time that has passed. */
#ifndef WSC_PROTO_STATS_H
#define WSC_PROTO_STATS_H

#include <stddef.h>
#include <stdint.h>

enum wsc__stat {
#define WSC__STAT(id, name, unit, doc) WSC__STAT_##id,
#include "proto/stats.def"
#undef WSC__STAT
    WSC__STATS
};

struct wsc__stat_info {
    const char *name, *unit, *doc;
};

struct wsc__stats {
    uint64_t n[WSC__STATS];
};

/* NULL past the last. */
const struct wsc__stat_info *wsc__stat_info(size_t i);
/* WSC__STATS: no such name. */
enum wsc__stat wsc__stat_find(const char *name);

#endif
