/* An event as one line: those of the event log, and any other. */
#include "subscribe.h"

#include <stdlib.h>
#include <string.h>

const wsc_value *event_of(const wsc_value *item, wsc_value **own)
{
    size_t len = 0;
    const char *text = wsc_value_text(item, &len);

    if (wsc_value_count(item))
        return wsc_value_at(item, 0);
    if (text && len && wsc_value_parse(own, text, len, NULL) == WSC_OK) /* with the option CDATA */
        return *own;
    return NULL;
}

static const char *text_at(const wsc_value *event, const char *path)
{
    const char *text = NULL;

    return wsc_value_get_str(event, path, &text) == WSC_OK && *text ? text : NULL;
}

static const char *level(const wsc_value *event)
{
    static const char *const names[] = { "Information", "Critical",    "Error",
                                         "Warning",     "Information", "Verbose" };
    const char *text = text_at(event, "RenderingInfo/Level"), *n = text_at(event, "System/Level");

    if (text || !n)
        return text ? text : "-";
    return n[0] >= '0' && n[0] <= '5' && !n[1] ? names[n[0] - '0'] : n;
}

static void first_line(FILE *out, const char *text)
{
    text += strspn(text, " \t\r\n");
    clean_bytes(out, text, strcspn(text, "\r\n"), "");
}

/* Where no text was rendered: what it is made of. */
static void data(FILE *out, const wsc_value *event)
{
    const wsc_value *from = wsc_value_find(event, "EventData", 0), *v;
    const char *name, *text;
    size_t i;

    from = from ? from : wsc_value_at(wsc_value_find(event, "UserData", 0), 0);
    for (i = 0; (v = wsc_value_at(from, i)); i++) {
        name = wsc_value_attr(v, NULL, "Name");
        name = name || strcmp(wsc_value_name(v), "Data") == 0 ? name : wsc_value_name(v);
        text = wsc_value_text(v, NULL);
        fputs(i ? ", " : "", out);
        clean_text(out, name ? name : "", "");
        fputs(name ? "=" : "", out);
        first_line(out, text ? text : NULL_TEXT);
    }
}

void event_line(FILE *out, const wsc_value *event)
{
    static const char *const paths[] = { "System/TimeCreated/SystemTime", NULL,
                                         "System/Provider/Name", "System/EventID" };
    const char *message = text_at(event, "RenderingInfo/Message"), *text;
    size_t i;

    if (!wsc_value_find(event, "System", 0)) { /* of WMI, perhaps */
        clean_text(out, wsc_value_name(event), "");
        fputc(' ', out);
        value_line(out, event);
        fputc('\n', out);
        return;
    }
    for (i = 0; i < sizeof paths / sizeof *paths; i++) {
        text = paths[i] ? text_at(event, paths[i]) : level(event);
        first_line(out, text ? text : "-");
        fputs("  ", out);
    }
    if (message)
        first_line(out, message);
    else
        data(out, event);
    fputc('\n', out);
}
