/* What a user writes for a host: name, name:port, address, [v6%zone]:port, or a URL. */
#ifndef WSC_BASE_URL_H
#define WSC_BASE_URL_H

#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>

struct wsc__url {
    bool tls;     /* https */
    bool literal; /* host is an IPv4 or IPv6 address */
    bool v6;
    uint16_t port;
    bool port_given; /* and not the default */
    char *host;      /* no brackets, no zone; lower case not forced: the SPN needs it as typed */
    char *zone;      /* of a link-local IPv6 address, or NULL: never sent to the server */
    char *path;      /* begins with '/', query included; "/wsman" when none was given */
};

/* Without a scheme: http, or https when tls_default is set or the port is 5986. Without a port:
 * 5985 / 5986, for URLs too (as `winrm -r:` does). User information in a URL is refused (it would
 * end up in logs). A path "/" counts as none. Returns 0, WSC_E_NOMEM, or WSC_E_USAGE with *bad_at
 * (offset in text) and *why (static text) set. Names: letters, digits, '-', '.', '_' and UTF-8 as
 * is not accepted (IDN must come as xn--); at most 255 bytes. */
int wsc__url_parse(struct wsc__url *out, const struct wsc__mem *mem, const char *text,
                   bool tls_default, size_t *bad_at, const char **why);
void wsc__url_free(struct wsc__url *u, const struct wsc__mem *mem);
/* "http://host:5985/wsman" with brackets and without zone: for a:To and for messages */
char *wsc__url_text(const struct wsc__url *u, const struct wsc__mem *mem);
/* "host:port" with brackets and without zone: for the Host header */
char *wsc__url_authority(const struct wsc__url *u, const struct wsc__mem *mem);

/* What stands behind the last '@' of a text that was given for a URL: what stands before it may be
 * a password, and is not for texts and logs. */
const char *wsc__url_without_user(const char *text);
/* Takes user information out of the URLs in a server's text, in place and in linear time. A URL is
 * what follows a scheme's colon and any slashes, also wrong ones or too few, up to white space. All
 * up to its last '@' goes, unless that stands in a path: behind a slash and what may be a host, as
 * in "http://a:1/b@c". So a password is missed that holds white space, or a slash behind what may
 * be a host: "http://u/pw@h". */
void wsc__url_hide_users(char *text);

/* Where a server sends its client, as RFC 9110 10.2.2 and RFC 3986 mean it: absolute, beginning
 * with "http://" or "https://", and good for wsc__url_parse; without a port it is HTTP's own, 80 or
 * 443; user information, also that of a URL in its path, and fragment are dropped; *why is NULL.
 * base: what was asked, whose zone stays, also on the way to another link-local address; or NULL
 * where only an absolute URL can come. What is no URL of HTTP (as "http://::1", which a user may
 * write) comes back as it is, only to be shown, or empty when there may be a password in it, and
 * *why (static text) tells what is wrong; so does a path that does not begin with '/', which no
 * server of this protocol sends. NULL when out of memory. */
char *wsc__url_location(const struct wsc__mem *mem, const struct wsc__url *base, const char *text,
                        const char **why);

/* An IPv4 (four decimal octets) or IPv6 address without brackets and zone, as 4 or 16 bytes. */
bool wsc__ip_parse(const char *s, size_t len, uint8_t out[16], size_t *out_len);

#endif
