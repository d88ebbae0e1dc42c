/* Log lines go to one function of the context, by level and component. Nothing secret is ever
 * formatted: headers that carry credentials are masked where they are written. */
#ifndef WSC_BASE_LOG_H
#define WSC_BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>

struct wsc__log {
    int level; /* WSC_LOG_*; 0 = off */
    void (*fn)(int level, const char *component, const char *msg, size_t len, void *user_data);
    void *user_data;
};

#if defined(__GNUC__)
#define WSC__PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define WSC__PRINTF(f, a)
#endif

bool wsc__log_on(const struct wsc__log *log, int level);
/* One line, cut at 1 KiB; control characters other than TAB are replaced. */
void wsc__logf(const struct wsc__log *log, int level, const char *component, const char *fmt, ...)
    WSC__PRINTF(4, 5);
/* Preformatted text of any length (headers, envelopes), passed on as it is. */
void wsc__log_text(const struct wsc__log *log, int level, const char *component, const char *text,
                   size_t len);

#endif
