/* Arguments for Windows command lines. The server joins Command and Arguments with blanks and adds
 * no quotes (MS-WSMV 3.1.4.11), so whoever wants an argument kept whole quotes it here. */
#include "wsman/shell.h"

#include <string.h>

/* The rules of CommandLineToArgvW: a quote is escaped by a backslash, and backslashes count double
 * where a quote follows them, the closing one included. */
static int quote_argv(struct wsc__buf *out, const char *arg)
{
    size_t slashes = 0, i;
    int rc;

    if (*arg && !strpbrk(arg, " \t\n\v\""))
        return wsc__buf_puts(out, arg);
    rc = wsc__buf_putc(out, '"');
    for (; !rc && *arg; arg++) {
        if (*arg == '\\') {
            slashes++;
        } else {
            for (i = 0; !rc && *arg == '"' && i <= slashes; i++)
                rc = wsc__buf_putc(out, '\\');
            slashes = 0;
        }
        if (!rc)
            rc = wsc__buf_putc(out, *arg);
    }
    for (i = 0; !rc && i < slashes; i++)
        rc = wsc__buf_putc(out, '\\');
    return rc ? rc : wsc__buf_putc(out, '"');
}

/* The quotes are escaped too: then cmd.exe sees none, and ^ has its meaning everywhere. */
static int quote_cmd(struct wsc__buf *out, const char *arg)
{
    struct wsc__buf plain;
    const uint8_t *p;
    size_t i;
    int rc;

    wsc__buf_init(&plain, out->mem, out->max);
    rc = quote_argv(&plain, arg);
    p = wsc__buf_data(&plain);
    for (i = 0; !rc && i < plain.len; i++) {
        if (strchr("^&|<>()%!\"", p[i]))
            rc = wsc__buf_putc(out, '^');
        if (!rc)
            rc = wsc__buf_putc(out, (char)p[i]);
    }
    wsc__buf_free(&plain);
    return rc;
}

int wsc__quote_argument(struct wsc__buf *out, const char *arg, enum wsc__quoting how,
                        const char **why)
{
    size_t before = out->len;
    int rc = WSC_OK;

    switch (how) {
    case WSC__QUOTE_NONE:
        rc = wsc__buf_puts(out, arg);
        break;
    case WSC__QUOTE_ARGV:
        rc = quote_argv(out, arg);
        break;
    case WSC__QUOTE_CMD:
        if (strpbrk(arg, "\r\n")) { /* cmd.exe ends the line there, whatever stands before */
            *why = "cmd.exe takes no line break in an argument";
            return WSC_E_USAGE;
        }
        rc = quote_cmd(out, arg);
        break;
    }
    if (rc)
        out->len = before;
    return rc;
}
