/* Hosts that are trusted without a proof of who they are: a list as WinRM's TrustedHosts (MS-WSMV
 * 2.2.4.6). Empty: none. "*": every one. Else entries with commas between them: a name or address,
 * "*suffix", "prefix*", or "<local>" for every name without a dot. */
#ifndef WSC_AUTH_TRUSTED_H
#define WSC_AUTH_TRUSTED_H

#include <stdbool.h>
#include <stddef.h>

/* host: as the user typed it, without port; an IPv6 address with or without brackets. Texts are
 * compared, in any case of ASCII letters: no name is resolved, "srv" and "srv.corp" are two hosts,
 * and so are two ways to write one address. A zone belongs to the host: the same link-local address
 * is another machine on another link, so "fe80::1" does not stand for "fe80::1%eth0". An entry that
 * is wrong stands for none. NULL is an empty list. */
bool wsc__trusted_host(const char *list, const char *host);

/* false: *bad_at is the offset of what is wrong, *why says it (static text). */
bool wsc__trusted_valid(const char *list, size_t *bad_at, const char **why);

#endif
