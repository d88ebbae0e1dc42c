/* Kerberos: one set of credentials and tickets per identity, and the mechanism that logs in with
 * them (RFC 4120, 4121, 4757; MS-KILE), on Heimdal.
 *
 * Whatever asks a KDC, or reads a file, is a job on a worker; what is fetched lies in caches in
 * memory, so that the mechanism itself runs on the context's thread without a system call. */
#ifndef WSC_AUTH_KRB5_H
#define WSC_AUTH_KRB5_H

#include "auth/mech.h"

struct wsc__krb5;

/* Any string may be NULL; they outlive the tickets. The first of password, keytab, ccache that is
 * there is what is used; without all three the default cache. */
struct wsc__krb5_config {
    const struct wsc__mem *mem;
    const char *user; /* name, DOMAIN\name, name@domain */
    const void *password;
    size_t password_len;
    const char *realm;  /* in place of what user and krb5.conf say */
    const char *keytab; /* a file, or TYPE:rest */
    const char *ccache; /* likewise */
    const char *config; /* in place of the system's krb5.conf */
    uint64_t timeout_ms;
};

int wsc__krb5_new(struct wsc__krb5 **out, const struct wsc__krb5_config *config);
void wsc__krb5_free(struct wsc__krb5 *k); /* jobs under way end by themselves; NULL is fine */

/* Whom the tickets name ("alice@EXAMPLE.COM"); NULL until there are some, and for k NULL. */
const char *wsc__krb5_name(const struct wsc__krb5 *k);

/* Takes its tickets from in->krb5, for in->spn. */
extern const struct wsc__mech_ops wsc__mech_krb5;

#endif
