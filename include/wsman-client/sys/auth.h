/* An authentication scheme of one's own: what goes behind its name into the Authorization header,
 * what is made of the server's challenges, and, if it can, the sealing of messages. For tokens of a
 * gateway in front of a host, for challenges that Windows does not know.
 *
 * Its functions run on the context's thread, in the middle of other work, and never block: what has
 * to be fetched from elsewhere is fetched before. Of this library they may call what is declared
 * here, getters, and unref, which takes effect later; everything else is WSC_E_REENTRANT there.
 * They return WSC_OK, or a negative status, with which the request fails; wsc_login_fail says why.
 * After fork nothing of it is called in the child. */
#ifndef WSC_SYS_AUTH_H
#define WSC_SYS_AUTH_H

#include <wsman-client/wsman-client.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wsc_login wsc_login; /* one login; valid during the call */

/* The proof belongs to the connection: it is made by requests without a body, before the first one
 * with a body. Without this flag every request carries what one step gives. */
#define WSC_AUTH_CONNECTION 1
/* What it sends must not be seen: over plain HTTP it needs the option allow-unencrypted. (So does
 * every scheme that does not seal what comes after it.) */
#define WSC_AUTH_NEEDS_TLS 2
/* It proves who the server is, too. One that does not goes over plain HTTP to trusted-hosts only.
 */
#define WSC_AUTH_MUTUAL 4
/* What it says is made anew each time (a token that is fetched or signed), so that a refusal is
 * that of one request and the next one is tried again. Not for passwords: each try counts. */
#define WSC_AUTH_RENEWS 8

typedef struct wsc_auth {
    size_t struct_size; /* sizeof(wsc_auth): later versions append members */
    int flags;          /* WSC_AUTH_*, or-ed */
    const char *name;   /* the scheme's word in Authorization and WWW-Authenticate; copied */
    /* Of one that seals (WSC_AUTH_CONNECTION): NAME of application/HTTP-NAME-session-encrypted
     * (MS-WSMV 2.2.9.1), else NULL; copied. */
    const char *seal;

    /* Begins a login: of a connection, else of one request. state: NULL; what is put there is
     * handed to the functions below, also to close, unless this fails. user_data: of
     * wsc_identity_new_with_auth. NULL: the state is user_data itself. */
    int (*begin)(void **state, wsc_login *login, void *user_data);

    /* Puts what goes behind the name, text of a header; nothing: nothing is to be said now.
     * challenge: NULL at the first call; from then on len bytes of what the server has put behind
     * the name, and no NUL. A challenge without anything behind the name ends the login by itself.
     * WSC_E_AUTH after the first call: the server has refused who we are; it is not tried again. */
    int (*step)(void *state, wsc_login *login, const char *challenge, size_t len);

    /* The server has accepted; a last challenge went through step. Here one that does not believe
     * it can fail. Never called without WSC_AUTH_CONNECTION. NULL: fine. */
    int (*accepted)(void *state, wsc_login *login);

    /* Seals a message: puts header_len bytes of header and then the data, which is as long as the
     * plain text. */
    int (*wrap)(void *state, wsc_login *login, const void *plain, size_t len, size_t *header_len);
    /* Puts the plain text of a sealed message. header, data: may not be changed. */
    int (*unwrap)(void *state, wsc_login *login, const void *header, size_t header_len,
                  const void *data, size_t len);

    /* The end: frees the state. NULL: there is nothing to free. */
    void (*close)(void *state);
} wsc_auth;

/* An identity as wsc_identity_new makes it, whose clients log in by this scheme. The option auth
 * has no say; username and password are there for the scheme, if they are given. An answer 401
 * behind what it has said counts as a refused password does: the identity does not try there again,
 * unless the scheme is one of WSC_AUTH_RENEWS.
 * ops: copied. user_data: handed to begin; free_fn(user_data) runs when the last login and the
 * identity are gone. errors: WSC_E_OPTION, WSC_E_IO, WSC_E_USAGE (name or step is missing, a name
 * that is none, an unknown flag, sealing without WSC_AUTH_CONNECTION, or struct_size is smaller
 * than that of version 0.1). since: 0.1 */
WSC_API int wsc_identity_new_with_auth(wsc_identity **out, wsc_ctx *ctx, const wsc_params *params,
                                       const wsc_auth *ops, void *user_data, wsc_free_fn free_fn);

/* "host" (as the client was made with), "spn" ("HTTP/host", by the options spn-*), "username". out:
 * borrowed until close. errors: WSC_E_AGAIN = it has none, WSC_E_USAGE = no such part. since: 0.1
 */
WSC_API int wsc_login_get_str(const wsc_login *login, const char *name, const char **out);
/* "port", "tls" (0 or 1). errors: as above. since: 0.1 */
WSC_API int wsc_login_get_int(const wsc_login *login, const char *name, int64_t *out);
/* "password", "channel-binding" (tls-server-end-point of RFC 5929: the hash of the server's
 * certificate; none with channel-binding=never). data: len bytes, borrowed until close. errors: as
 * above. since: 0.1 */
WSC_API int wsc_login_get_bytes(const wsc_login *login, const char *name, const void **data,
                                size_t *len);

/* Adds to what step, wrap or unwrap puts; wiped after use. errors: WSC_E_USAGE elsewhere; the first
 * failure is kept and becomes that of the function. since: 0.1 */
WSC_API int wsc_login_put(wsc_login *login, const void *data, size_t len);
/* Says why a function fails, and returns status, which is negative and not WSC_E_AGAIN. text: one
 * sentence, for wsc_error_text; remedy: what to do, or NULL; both copied. since: 0.1 */
WSC_API int wsc_login_fail(wsc_login *login, int status, const char *text, const char *remedy);

#ifdef __cplusplus
}
#endif
#endif
