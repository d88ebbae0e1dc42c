#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

#define LINE_MAX_BYTES 1024

bool wsc__log_on(const struct wsc__log *log, int level)
{
    return log && log->fn && level > 0 && level <= log->level;
}

void wsc__logf(const struct wsc__log *log, int level, const char *component, const char *fmt, ...)
{
    char line[LINE_MAX_BYTES + 1];
    va_list ap;
    size_t len;
    int n;

    if (!wsc__log_on(log, level))
        return;
    va_start(ap, fmt);
    n = vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    if (n < 0)
        return;
    len = (size_t)n < sizeof line ? (size_t)n : sizeof line - 1;
    /* a cut must not leave half a UTF-8 character behind */
    if (len < (size_t)n) {
        while (len && ((unsigned char)line[len - 1] & 0xc0) == 0x80)
            len--;
        if (len && (unsigned char)line[len - 1] >= 0xc0)
            len--;
        line[len] = '\0';
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)line[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            line[i] = '?';
    }
    log->fn(level, component, line, len, log->user_data);
}

void wsc__log_text(const struct wsc__log *log, int level, const char *component, const char *text,
                   size_t len)
{
    if (wsc__log_on(log, level))
        log->fn(level, component, text, len, log->user_data);
}
