/* What opts.c needs of the option table: values from text, and the errors about them. */
#ifndef WSC_BASE_OPTS_TABLE_H
#define WSC_BASE_OPTS_TABLE_H

#include "base/opts.h"

/* Gives *err the error (or drops it where err is NULL) and returns its code. */
int wsc__opt_fail(struct wsc_error **err, struct wsc_error *e);
/* Is the text a value of the option? *num: number, switch, or index of the word. */
int wsc__opt_parse(const struct wsc__mem *mem, int id, const char *text, size_t len, int64_t *num,
                   struct wsc_error **err);
/* Is the number in range? */
int wsc__opt_range(const struct wsc__mem *mem, int id, int64_t num, struct wsc_error **err);
/* The default as a number; 0 where there is none. */
int64_t wsc__opt_default(int id);

#endif
