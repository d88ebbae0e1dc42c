/* What the text of a value means. */
#ifndef WSC_WSMAN_TYPED_H
#define WSC_WSMAN_TYPED_H

#include "base/datetime.h"
#include "xml/tree.h"

struct wsc_epr;

const struct wsc_value *wsc__value_find(const struct wsc_value *v, const char *path, size_t nth);
/* As PowerShell's drive names what is in a configuration; NULL: there is none, or it is null. */
const char *wsc__value_text_at(const struct wsc_value *v, const char *path);
/* WSC_OK, WSC_E_AGAIN = null, WSC_E_PROTOCOL = no such thing, WSC_E_LIMIT = does not fit */
int wsc__value_int(const struct wsc_value *v, int64_t *out);
int wsc__value_uint(const struct wsc_value *v, uint64_t *out);
int wsc__value_double(const struct wsc_value *v, double *out);
int wsc__value_bool(const struct wsc_value *v, bool *out);
int wsc__value_time(const struct wsc_value *v, int64_t *ticks, int32_t *offset);
int wsc__value_duration(const struct wsc_value *v, int64_t *ticks);
int wsc__value_bytes_of(const struct wsc_value *v, void *buf, size_t cap, size_t *len);
/* also WSC_E_NOMEM */
int wsc__value_add_epr(struct wsc_value *v, const char *ns, const char *name,
                       const struct wsc_epr *epr);
/* Adds what hash.c reads; nothing when it is wrong. */
int wsc__value_add_hash(struct wsc_value *v, const char *text, size_t *bad_at, const char **why);
int wsc__value_epr(const struct wsc_value *v, const struct wsc__mem *mem, struct wsc_epr **out);

#endif
