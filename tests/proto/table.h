/* Scripts for connections and pools: rows of {time, event, what the core does}.
 *
 * Events, blank-separated words, "N:" in front names another connection than 0:
 *   submit X        an exchange called X (a capital letter) is put in the pool's queue
 *   cancel X, resume X
 *   resolved 464    the addresses of the name by family ("-": no such name)
 *   connected S, refused S, unreachable S     of slot S
 *   written, eof, error, break (a write that fails)
 *   reply NAME      bytes of a canned reply; eof and error come after them
 *   wait            nothing but time
 * The third column holds the actions and ends since the row before: 0:resolve, 0:connect1=2 (slot
 * 1, second address), 0:drop0, 0:write, 0:read, 0:stop, 0:close, A=200:body, A!CODE, A+ (head). */
#ifndef WSC_TEST_TABLE_H
#define WSC_TEST_TABLE_H

#include "script.h"

struct row {
    uint64_t at;
    const char *event;
    const char *actions;
};

struct canned {
    const char *name, *text;
};

struct table {
    const char *name;
    const struct row *rows;
    size_t nrows;
    const char *const *options; /* name, value, ... NULL; of the pool; or NULL */
};

#define TABLE(rows, options)                                                                       \
    {                                                                                              \
#rows, rows, sizeof rows / sizeof *rows, options                                           \
    }

/* One exchange of a script. */
struct tx {
    struct wsc__xchg x;
    struct drv *d;
    char name;
    const char *path;
    char *cookie;
    struct wsc__buf body;
    char got[512];
    size_t len, pause_at; /* pause once that many bytes of the body came; 0 = never */
    int status, ends;
    bool used;
};

struct pool_world {
    struct drv d;
    struct wsc__pool *pool;
    struct wsc__identity *identity;
    struct wsc__optset *params;
    struct tx tx[26];
    struct wsc__stats stats; /* of all of them */
    const struct canned *replies;
};

int world_open(struct pool_world *w, const char *const *options, const struct canned *replies);
/* False when a rule was broken, an exchange ended twice or memory leaked (told on stdout). */
bool world_close(struct pool_world *w);
/* Another pool of the same core, or NULL. */
struct wsc__pool *world_pool(struct pool_world *w, const char *url, struct wsc__optset *params);
/* What a row does, without its actions; false: that is no event. */
bool world_row(struct pool_world *w, uint64_t at, const char *event);
/* What an exchange is, by its letter: P pauses after 3 bytes, Q at every byte, U-X are anonymous;
 * in a row R goes in the Receive lane, S in the Signal lane. */
void world_submit(struct pool_world *w, struct wsc__pool *p, char name, enum wsc__lane lane);

#endif
