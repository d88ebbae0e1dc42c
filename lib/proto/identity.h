/* Who we are: user name and secret, shared by any number of clients. */
#ifndef WSC_PROTO_IDENTITY_H
#define WSC_PROTO_IDENTITY_H

#include "auth/auth.h"
#include "proto/core.h"

struct wsc__identity {
    struct wsc__core *core;
    unsigned refs;
    uint64_t serial;                    /* part of the pools' key */
    struct wsc__credentials credentials;
    char *user;
    uint8_t *password;
    size_t password_len;
    const struct wsc__auth_ops *auth;   /* NULL = none */
};

/* password: read from password-file by the caller, or NULL to take the option's. */
int wsc__identity_new(struct wsc__identity **out, struct wsc__core *core, const struct wsc__optset *params,
                      const void *password, size_t password_len, struct wsc_error **err);
void wsc__identity_ref(struct wsc__identity *id);
void wsc__identity_unref(struct wsc__identity *id);

#endif
