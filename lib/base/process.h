/* Is this the process in which something was made? Asked at every entry, so it costs no call of the
 * kernel. */
#ifndef WSC_BASE_PROCESS_H
#define WSC_BASE_PROCESS_H

#include <stdbool.h>

unsigned wsc__process_new(void); /* a mark of this process, never 0 */
bool wsc__process_is(unsigned mark);

#endif
