/* Windows' codes for what goes wrong in a login (winerror.h); what they mean stands in
 * base/faults.def. */
#ifndef WSC_AUTH_SEC_E_H
#define WSC_AUTH_SEC_E_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEC_E_UNSUPPORTED_FUNCTION  0x80090302u
#define SEC_E_TARGET_UNKNOWN        0x80090303u
#define SEC_E_SECPKG_NOT_FOUND      0x80090305u
#define SEC_E_INVALID_TOKEN         0x80090308u
#define SEC_E_QOP_NOT_SUPPORTED     0x8009030au
#define SEC_E_LOGON_DENIED          0x8009030cu
#define SEC_E_NO_CREDENTIALS        0x8009030eu
#define SEC_E_MESSAGE_ALTERED       0x8009030fu
#define SEC_E_CONTEXT_EXPIRED       0x80090317u
#define SEC_E_WRONG_PRINCIPAL       0x80090322u
#define SEC_E_DOWNGRADE_DETECTED    0x80090350u
#define STATUS_NO_SUCH_USER         0xc0000064u
#define STATUS_LOGON_FAILURE        0xc000006du
#define STATUS_ACCOUNT_RESTRICTION  0xc000006eu
#define STATUS_PASSWORD_EXPIRED     0xc0000071u
#define STATUS_ACCOUNT_DISABLED     0xc0000072u
#define STATUS_ACCOUNT_EXPIRED      0xc0000193u
#define STATUS_PASSWORD_MUST_CHANGE 0xc0000224u
#define STATUS_ACCOUNT_LOCKED_OUT   0xc0000234u

/* The account or its password is refused by whoever keeps it: no other mechanism or server tries
 * them, for each try counts towards a lock-out. */
static inline bool wsc__login_is_final(uint32_t code)
{
    static const uint32_t codes[] = {
        SEC_E_LOGON_DENIED,
        1326, /* ERROR_LOGON_FAILURE */
        1327, /* ERROR_ACCOUNT_RESTRICTION */
        1330, /* ERROR_PASSWORD_EXPIRED */
        1331, /* ERROR_ACCOUNT_DISABLED */
        1793, /* ERROR_ACCOUNT_EXPIRED */
        1907, /* ERROR_PASSWORD_MUST_CHANGE */
        1909, /* ERROR_ACCOUNT_LOCKED_OUT */
        STATUS_LOGON_FAILURE,
        STATUS_ACCOUNT_RESTRICTION,
        STATUS_PASSWORD_EXPIRED,
        STATUS_ACCOUNT_DISABLED,
        STATUS_ACCOUNT_EXPIRED,
        STATUS_PASSWORD_MUST_CHANGE,
        STATUS_ACCOUNT_LOCKED_OUT,
    };

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        if (code == codes[i])
            return true;
    }
    return false;
}

#endif
