/* The status codes of the library, as every layer returns them. They are the numbers of
 * <wsman-client/wsman-client.h>; errors.def is the one place where they are listed. */
#ifndef WSC_BASE_CODES_H
#define WSC_BASE_CODES_H

#include "wsman-client/wsman-client.h"

/* Of a consumer of bytes, up the whole way of a reply: took them, wants no more until it says so.
 */
#define WSC__PAUSE 2

#endif
