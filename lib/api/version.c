#include "api/api.h"

#include "wsman-client/version.h"

#include <string.h>

const char *wsc_version_string(void)
{
    return WSC_VERSION_STRING;
}

int wsc_version_number(void)
{
    return WSC_VERSION_NUMBER;
}

int wsc_has_feature(const char *name)
{
    static const char *const have[] = { "basic", "certificate", "kerberos",    "negotiate", "ntlm",
                                        "tls",   "transfer",    "enumeration", "eventing",  "uv" };
    size_t i;

    for (i = 0; name && i < sizeof have / sizeof *have; i++) {
        if (strcmp(name, have[i]) == 0)
            return 1;
    }
    return 0;
}
