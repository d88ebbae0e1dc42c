/* The options: one table (params.def), layered sets of values.
 *
 * A set is built once and then never changed, so that any number of clients and operations share
 * it. A value that a set does not hold is looked up in its parent: operation, client, context, and
 * last the table's default. */
#ifndef WSC_BASE_OPTS_H
#define WSC_BASE_OPTS_H

#include "base/err.h"

enum wsc__opt_type {
    WSC__OPT_STRING,
    WSC__OPT_INT,      /* plain number */
    WSC__OPT_SIZE,     /* bytes; text takes k, m, g (powers of 1024) */
    WSC__OPT_DURATION, /* milliseconds; text takes ms, s, m, h, d */
    WSC__OPT_BOOL,     /* true/false, yes/no, on/off, 1/0 */
    WSC__OPT_ENUM,     /* one of the words of `range`, separated by '|' */
    WSC__OPT_BYTES,    /* any octets (password, certificate) */
    WSC__OPT_MAP       /* repeated: key and value (wsc_params_add) */
};

/* Where an option may be given; the layers in which it takes effect. */
enum { WSC__SCOPE_CTX = 1, WSC__SCOPE_CLIENT = 2, WSC__SCOPE_OP = 4, WSC__SCOPE_IDENTITY = 8 };

struct wsc__opt_info {
    const char *name;
    enum wsc__opt_type type;
    int scope;
    int secret;
    const char *range; /* "0..2147483647" (numbers, durations in ms), "a|b|c" (enum), or "" */
    int64_t min, max;  /* parsed from it: numbers and durations */
    const char *def;   /* default as text, NULL = unset */
    const char *doc;   /* a sentence or two; ends with a full stop */
};

#define WSC__S_CTX    WSC__SCOPE_CTX
#define WSC__S_CLIENT (WSC__SCOPE_CTX | WSC__SCOPE_CLIENT)
#define WSC__S_IDENT  (WSC__SCOPE_CTX | WSC__SCOPE_CLIENT | WSC__SCOPE_IDENTITY)
#define WSC__S_ALL    (WSC__SCOPE_CTX | WSC__SCOPE_CLIENT | WSC__SCOPE_OP)

enum wsc__opt {
#define WSC__PARAM(id, name, type, scope, secret, range, def, doc) WSC__O_##id,
#include "params.def"
#undef WSC__PARAM
    WSC__O_COUNT
};

const struct wsc__opt_info *wsc__opt_info(size_t index); /* NULL past the end */
/* Index of the name, or -1. */
int wsc__opt_find(const char *name);
/* The same; when there is none *err names it and the nearest one. */
int wsc__opt_need(const struct wsc__mem *mem, const char *name, struct wsc_error **err);
/* The table's name that is most likely meant: the same letters, the only one of which this is a
 * beginning or whole words, or the nearest to a misspelt one; NULL when none or several are. */
const char *wsc__opt_nearest(const char *name);

enum wsc__layer { WSC__LAYER_DEFAULT, WSC__LAYER_CTX, WSC__LAYER_CLIENT, WSC__LAYER_OP };
const char *
wsc__layer_name(enum wsc__layer layer); /* "default", "context", "client", "operation" */

struct wsc__optset;

/* --- building (what wsc_params is made of) ---------------------------------------------------- */
int wsc__optset_new(struct wsc__optset **out, const struct wsc__mem *mem);
/* Each checks the name and the value; on failure *err is a new error that names the option, the
 * value (unless secret), the range and the nearest name, and the set is unchanged. */
int wsc__optset_set_text(struct wsc__optset *s, const char *name, const char *value,
                         struct wsc_error **err);
int wsc__optset_set_int(struct wsc__optset *s, const char *name, int64_t value,
                        struct wsc_error **err);
int wsc__optset_set_bytes(struct wsc__optset *s, const char *name, const void *data, size_t len,
                          struct wsc_error **err);
int wsc__optset_add(struct wsc__optset *s, const char *name, const char *key, const char *value,
                    struct wsc_error **err);

/* --- use: immutable from here on, shared by count --------------------------------------------- */
/* A frozen copy of `from` (may be NULL) in this memory, above `parent` (may be NULL; a reference is
 * taken). Options that may not be given at that layer are refused by *err. */
int wsc__optset_freeze(struct wsc__optset **out, const struct wsc__mem *mem,
                       const struct wsc__optset *from, struct wsc__optset *parent,
                       enum wsc__layer layer, int scope, struct wsc_error **err);
struct wsc__optset *wsc__optset_ref(struct wsc__optset *s);
void wsc__optset_unref(struct wsc__optset *s); /* secrets are wiped; NULL is fine */

/* Effective values. `s` may be NULL: defaults. int: numbers, sizes, durations and bools, of an enum
 * the index of the word; str: strings and words of enums, NULL = unset; bytes: strings and bytes,
 * false = unset; is_set: in any layer above the default. */
int64_t wsc__opt_int(const struct wsc__optset *s, enum wsc__opt id);
const char *wsc__opt_str(const struct wsc__optset *s, enum wsc__opt id);
bool wsc__opt_bytes(const struct wsc__optset *s, enum wsc__opt id, const void **data, size_t *len);
bool wsc__opt_is_set(const struct wsc__optset *s, enum wsc__opt id);
enum wsc__layer wsc__opt_layer(const struct wsc__optset *s, enum wsc__opt id);
/* The i-th pair of a repeated option, layers merged (the nearer layer wins per key), in the order
 * of the farthest layer first; false past the end. */
bool wsc__opt_pair(const struct wsc__optset *s, enum wsc__opt id, size_t i, const char **key,
                   const char **value);
/* Value as text for people, of the set itself or in buf ("***" for a set secret); durations and
 * sizes as plain numbers. */
const char *wsc__opt_text(const struct wsc__optset *s, enum wsc__opt id, char *buf, size_t cap);

#endif
