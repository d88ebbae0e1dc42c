/* A scheme that a program brings, <wsman-client/sys/auth.h>, behind the table of all schemes. */
#ifndef WSC_AUTH_OWN_H
#define WSC_AUTH_OWN_H

#include "auth/auth.h"

#include <wsman-client/sys/auth.h>

struct wsc__auth_own {
    struct wsc__auth_ops ops; /* what the machines see */
    const struct wsc_auth *table;
    void *user_data;
    bool *in_program; /* set while a function of the program runs */
    char *name, *protocol;
};

/* table: checked; stays where it is, with strings that count only during this call. On failure free
 * it, too. */
int wsc__auth_own_init(struct wsc__auth_own *own, const struct wsc__mem *mem,
                       const struct wsc_auth *table, void *user_data, bool *in_program);
void wsc__auth_own_free(struct wsc__auth_own *own, const struct wsc__mem *mem);

/* A final 401 behind what it has said. */
struct wsc_error *wsc__auth_own_refused(const struct wsc__mem *mem,
                                        const struct wsc__auth_ops *ops);

/* What wsc_login_* do. */
int wsc__login_str(const wsc_login *login, const char *name, const char **out);
int wsc__login_int(const wsc_login *login, const char *name, int64_t *out);
int wsc__login_bytes(const wsc_login *login, const char *name, const void **data, size_t *len);
int wsc__login_put(wsc_login *login, const void *data, size_t len);
int wsc__login_fail(wsc_login *login, int status, const char *text, const char *remedy);

#endif
