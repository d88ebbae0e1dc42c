/* Changes put into a resource that was read (MS-WSMV 3.1.4.3: a Put writes all of it). */
#ifndef WSC_WSMAN_MERGE_H
#define WSC_WSMAN_MERGE_H

#include "xml/tree.h"

/* Puts changes into a resource that was read: elements replace those of the same name, letters'
 * case ignored. WSC_OK, WSC_E_NOMEM, WSC_E_LIMIT; WSC_E_NOT_FOUND: there is none such;
 * WSC_E_ACCESS_DENIED: a policy sets it; WSC_E_USAGE: it is there once, and is given twice. at is
 * set then. */
struct wsc__misfit {
    const struct wsc_value *change; /* that cannot be made */
    const struct wsc_value *among;  /* where it was looked for */
    char path[96];                  /* from the resource down; "" where it is longer */
};
int wsc__merge(struct wsc_value *resource, const struct wsc_value *changes, struct wsc__misfit *at);

#endif
