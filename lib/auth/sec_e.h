/* Windows' codes for what goes wrong in a login (winerror.h); what they mean stands in
 * base/faults.def. */
#ifndef WSC_AUTH_SEC_E_H
#define WSC_AUTH_SEC_E_H

#define SEC_E_UNSUPPORTED_FUNCTION 0x80090302u
#define SEC_E_TARGET_UNKNOWN       0x80090303u
#define SEC_E_SECPKG_NOT_FOUND     0x80090305u
#define SEC_E_INVALID_TOKEN        0x80090308u
#define SEC_E_QOP_NOT_SUPPORTED    0x8009030au
#define SEC_E_LOGON_DENIED         0x8009030cu
#define SEC_E_NO_CREDENTIALS       0x8009030eu
#define SEC_E_MESSAGE_ALTERED      0x8009030fu
#define SEC_E_WRONG_PRINCIPAL      0x80090322u
#define SEC_E_DOWNGRADE_DETECTED   0x80090350u

#endif
