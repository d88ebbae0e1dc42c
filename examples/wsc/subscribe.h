/* wsc subscribe: what an event says, and the files that go with it. */
#ifndef WSC_TOOL_SUBSCRIBE_H
#define WSC_TOOL_SUBSCRIBE_H

#include "values.h"

/* event.c: what is within an item: the event itself; NULL: nothing. *own: NULL, or what is to be
 * given back behind it. */
const wsc_value *event_of(const wsc_value *item, wsc_value **own);
/* Time, level, source, number and the first line of what it says. */
void event_line(FILE *out, const wsc_value *event);

/* bookmark.c: 0, or an exit code after it has complained */
int bookmark_read(char **out, const char *file); /* NULL where there is no such file yet */
int bookmark_check(const char *file);            /* whether it can be written later */
int bookmark_write(const char *file, const char *text);
int filter_read(const struct options *o); /* of @FILE, into the options of the library */

/* cmd_subscribe.c: what is subscribed to, and the filter from its file. 0, or an exit code after it
 * has complained */
int subscribe_epr(wsc_epr **out, const struct options *o);

#endif
