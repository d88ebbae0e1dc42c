/* The status codes of the library, as every layer returns them. They are the numbers of
 * <wsman-client/wsman-client.h>; errors.def is the one place where they are listed. */
#ifndef WSC_BASE_CODES_H
#define WSC_BASE_CODES_H

#include "wsman-client/wsman-client.h"

#endif
