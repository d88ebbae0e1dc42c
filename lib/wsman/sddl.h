/* Security descriptors as text (SDDL, MS-DTYP 2.5.1), told for people: who may do what. */
#ifndef WSC_WSMAN_SDDL_H
#define WSC_WSMAN_SDDL_H

#include "xml/tree.h"

/* Sddl with Owner, Group, and an Access or Audit for each entry: Type, Account, Sid, Rights
 * (repeated), Flags (repeated). Rights are those of WinRM (MS-WSMV 3.1.4.1.28). WSC_E_USAGE with
 * the offset and a static reason, WSC_E_NOMEM. */
int wsc__sddl_parse(struct wsc_value **out, const struct wsc__mem *mem, const char *sddl,
                    size_t *bad_at, const char **why);

#endif
