/* Points in time and durations as XML Schema and CIM write them; no locale, no time zone of ours.
 */
#ifndef WSC_BASE_DATETIME_H
#define WSC_BASE_DATETIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WSC__NO_OFFSET INT32_MAX

/* xs:dateTime, xs:date, or CIM's yyyymmddHHMMSS.mmmmmmsutc. *ticks: 100 ns since 1970 UTC; *offset:
 * minutes, or WSC__NO_OFFSET. Whole text or nothing. Years 1 to 9999. */
bool wsc__parse_datetime(const char *s, size_t len, int64_t *ticks, int32_t *offset);
/* xs:duration without years and months, or CIM's ddddddddHHMMSS.mmmmmm:000. *ticks: 100 ns.
 * WSC_E_PROTOCOL: it is none, WSC_E_LIMIT: ticks do not go that far. */
int wsc__parse_duration_ticks(const char *s, size_t len, int64_t *ticks);
/* xs:duration as WS-Management writes it (PT60S, PT7200.000S, P0DT0H0M0S) -> milliseconds. Years
 * and months have no fixed length: 365 and 30 days here, near enough for a time-out. */
bool wsc__parse_xs_duration_ms(const char *s, size_t len, int64_t *out);

#endif
