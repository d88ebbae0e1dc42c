/* The name under which the service is asked for, of the domain or in NTLM's own fields. */
#ifndef WSC_AUTH_SPN_H
#define WSC_AUTH_SPN_H

#include "base/buf.h"
#include "base/err.h"

struct wsc__spn {
    const char *prefix;  /* NULL or empty: "HTTP"; some services have "WSMAN" or "HOST" */
    const char *host;    /* as typed, with or without brackets; a zone is left out */
    const char *instead; /* another host name for the SPN alone, or NULL or empty */
    uint16_t port;       /* 0: none in the SPN */
};

/* Appends "HTTP/srv" or "HTTP/srv:5985". No name is changed into its canonical form: the domain
 * knows the server by the name that its SPNs have, not by what DNS makes of it. WSC_E_OPTION when a
 * character would make another SPN or principal of it; out is then as it was. */
int wsc__spn_put(struct wsc__buf *out, const struct wsc__spn *spn, struct wsc_error **err);

/* Where e says that nobody, or somebody else, has the name that was asked for (0x80090303,
 * 0x80090322), its remedy becomes: which names the server may have, and the commands and options
 * for it. Does nothing to other errors. */
void wsc__spn_explain(struct wsc_error *e, const char *spn, uint16_t port);
/* That remedy alone, whatever e says. */
void wsc__spn_remedy(struct wsc_error *e, const char *spn, uint16_t port);

#endif
