/* libwsman-client: a client for WinRM and WS-Management (MS-WSMV, MS-WSMAN, DSP0226).
 *
 * Rules that hold for every function
 *  1. WSC_OK is 0, every other status is negative. Out parameters are untouched on failure.
 *     unref(NULL) does nothing. Handles may be given back in any order.
 *  2. No call completes inline: callbacks run only inside wsc_ctx_step, wsc_ctx_wait,
 *     wsc_ctx_close, wsc_ctx_unref and calls with timeout_ms != 0, and on a borrowed loop while
 *     that runs. A call never both returns an error and calls back. The log function and a replaced
 *     callback's free_fn may run in any call.
 *  3. Setting an on_* callback again replaces the first. When the setter succeeds,
 *     free_fn(user_data) runs exactly once, after the last callback; when it fails, the caller
 *     still owns user_data.
 *  4. What ends an object (done, exit, closed, the end of items) is told exactly once, also after a
 *     cancel and when the context goes.
 *  5. In a callback, and in a free_fn, every call is legal but step, wait, close and timeout_ms
 *     != 0 (WSC_E_REENTRANT). unref there frees after the callback has returned. In the log
 *     function every call but unref is WSC_E_REENTRANT.
 *  6. An object with a callback for an event does not get that event in the queue of
 *     wsc_ctx_next_event.
 *  7. Cancel: the object ends at the next step with WSC_E_CANCELED, whatever the network does (what
 *     is done and waits for a reader only, with its own status). What is owed to the server (Signal
 *     terminate, Delete, Release, Unsubscribe) goes on in the background, bounded by the
 *     option cancel-timeout; wsc_ctx_pending counts it, wsc_ctx_close waits for it, wsc_ctx_unref
 *     drops it.
 *  8. Bytes that have arrived are handed out before an error is.
 *  9. On a borrowed uv_loop_t (<wsman-client/uv.h>) calls that would block are WSC_E_USAGE.
 * 10. timeout_ms is relative and monotonic: 0 never blocks, -1 waits for ever. After any call ask
 *     wsc_ctx_timeout again; it is the last thing before poll().
 * 11. After fork every call in the child but unref is WSC_E_USAGE (getters still answer); unref
 *     there closes descriptors and sends nothing. On a borrowed loop they stay open, for they are
 *     in its poll set; the child may run that loop (uv_loop_fork): what comes is the parent's.
 * 12. Signal dispositions, locale, environment, working directory and umask are never changed;
 *     nothing is written to stdout or stderr; SIGPIPE is never raised.
 *
 * Threads: a context and all that was made from it belong to one thread at a time; only
 * wsc_ctx_wakeup and wsc_transport_ready may be called from anywhere. wsc_params, wsc_epr
 * and wsc_value belong to no context.
 * A garbage collector that runs finalizers elsewhere keeps a list of handles, wakes the owner, and
 * lets that give them back.
 * Text is UTF-8 in and out, and ends at its NUL. Invalid UTF-8, and characters that XML 1.0 cannot
 * carry, are refused with their offset.
 * Errors: every function that returns int can return WSC_E_NOMEM, WSC_E_USAGE (a NULL or stale
 * argument) and, where it may block, WSC_E_REENTRANT; only what comes on top is listed below.
 * wsc_ctx_error tells why; not of a NULL argument, nor of wsc_params,
 * wsc_epr and wsc_value.
 */
#ifndef WSC_WSMAN_CLIENT_H
#define WSC_WSMAN_CLIENT_H

#include <stddef.h>
#include <stdint.h>
#include <wsman-client/value.h>

#ifdef __cplusplus
extern "C" {
#endif

/* --- handles: all opaque; wsc_epr and wsc_value are in value.h -------------------------------- */

typedef struct wsc_ctx wsc_ctx;           /* an event loop; one thread at a time */
typedef struct wsc_params wsc_params;     /* a bag of named options */
typedef struct wsc_identity wsc_identity; /* who we are: user name, secrets, lock-out gate */
typedef struct wsc_client wsc_client;     /* one host as one identity */
typedef struct wsc_shell wsc_shell;       /* a shell on the host */
typedef struct wsc_command wsc_command;   /* a command in a shell */
typedef struct wsc_op wsc_op;             /* something that completes once */
typedef struct wsc_items wsc_items;       /* an enumeration or a subscription */
typedef struct wsc_error wsc_error;       /* why something failed; immutable */
typedef struct wsc_event wsc_event;       /* what the callback-free path pulls */

/* --- callbacks: user_data last ---------------------------------------------------------------- */

typedef void (*wsc_free_fn)(void *user_data);
/* (NULL, n) allocates, (ptr, n) resizes, (ptr, 0) frees and returns NULL */
typedef void *(*wsc_alloc_fn)(void *ptr, size_t size, void *user_data);
typedef void (*wsc_log_fn)(int level, const char *component, const char *msg, size_t len,
                           void *user_data);
typedef void (*wsc_op_fn)(wsc_op *op, int status, void *user_data);
typedef void (*wsc_shell_fn)(wsc_shell *shell, int state, void *user_data);
typedef void (*wsc_exit_fn)(wsc_command *command, int status, void *user_data);
/* returns how many of the bytes it took; fewer than len pauses the output until wsc_command_resume
 */
typedef size_t (*wsc_output_fn)(wsc_command *command, int stream, const void *data, size_t len,
                                void *user_data);
typedef void (*wsc_ready_fn)(wsc_command *command, void *user_data);
/* item: borrowed for the call (wsc_value_ref keeps it); NULL = the end, told once, with status.
 * returns: WSC_OK = go on, WSC_E_AGAIN = no more until wsc_items_resume (this item was taken;
 * a resume within the callback counts) */
typedef int (*wsc_item_fn)(wsc_items *items, const wsc_value *item, int status, void *user_data);

/* --- status codes: stable, never reused; names by wsc_code_name, meanings in docs/errors.md --- */

#define WSC_OK                0
#define WSC_E_AGAIN           (-1)  /* nothing now, or the time is up: not a failure */
#define WSC_E_NOMEM           (-2)  /* out of memory */
#define WSC_E_USAGE           (-3)  /* the call is wrong: argument, state, thread or fork */
#define WSC_E_REENTRANT       (-4)  /* not from a callback */
#define WSC_E_CANCELED        (-5)  /* the caller canceled it, or closed what it belonged to */
#define WSC_E_LIMIT           (-6)  /* a limit of ours; the error names the option */
#define WSC_E_OTHER_STREAM    (-7)  /* the stream nobody reads is full: read, merge or discard it */
#define WSC_E_OPTION          (-8)  /* unknown option or bad value; the error names the nearest */
#define WSC_E_RESOLVE         (-9)  /* the name has no address, or the resolver failed */
#define WSC_E_CONNECT         (-10) /* refused or unreachable */
#define WSC_E_CONNECTION_LOST (-11) /* the connection ended in mid-exchange */
#define WSC_E_TIMEOUT         (-12) /* time ran out; the error names the option */
#define WSC_E_DEADLINE        (-13) /* the overall deadline of the operation */
#define WSC_E_TLS             (-14) /* TLS handshake or record failure */
#define WSC_E_TLS_VERIFY      (-15) /* the server's certificate was not accepted */
#define WSC_E_UNENCRYPTED     (-16) /* would send credentials in clear, and that was not allowed */
#define WSC_E_AUTH            (-17) /* credentials missing or refused */
#define WSC_E_ACCESS_DENIED   (-18) /* authenticated but not allowed */
#define WSC_E_HTTP            (-19) /* an HTTP answer that is not WS-Management */
#define WSC_E_PROTOCOL        (-20) /* the answer breaks the protocol */
#define WSC_E_FAULT           (-21) /* the server answered with a fault; details carry its code */
#define WSC_E_NOT_FOUND       (-22) /* resource, endpoint or selector unknown to the server */
#define WSC_E_BUSY            (-23) /* a quota or load limit of the server */
#define WSC_E_SHELL_GONE      (-24) /* the shell or command no longer exists on the server */
#define WSC_E_OUTPUT_LOST     (-25) /* a repeated Receive was not a repetition */
#define WSC_E_ABORTED         (-26) /* the server aborted it (service stopped, say) */
#define WSC_E_REDIRECT        (-27) /* the server wants another URL; see follow-redirects */
#define WSC_E_DESCRIPTORS     (-28) /* out of file descriptors or socket memory */
#define WSC_E_UNSUPPORTED     (-29) /* not offered by the server, or not by this version */
#define WSC_E_IO              (-30) /* a local file could not be read */

/* streams of a command */
#define WSC_STDOUT 1
#define WSC_STDERR 2

/* what wsc_event_kind gives */
#define WSC_EVENT_DONE     1 /* an op is done */
#define WSC_EVENT_SHELL    2 /* a shell changed its state */
#define WSC_EVENT_OUTPUT   3 /* output can be read; comes once, armed again by WSC_E_AGAIN */
#define WSC_EVENT_WRITABLE 4 /* stdin takes bytes again; comes once, armed again by WSC_E_AGAIN */
#define WSC_EVENT_EXIT     5 /* a command is done */
#define WSC_EVENT_ITEM     6 /* items, or their end, can be read; armed again by WSC_E_AGAIN */

/* what wsc_value_get_time gives as the offset where none was written */
#define WSC_NO_OFFSET 2147483647

/* states of a shell */
#define WSC_SHELL_OPENING      1
#define WSC_SHELL_OPEN         2
#define WSC_SHELL_DISCONNECTED 3
#define WSC_SHELL_CLOSING      4
#define WSC_SHELL_CLOSED       5 /* closed by us */
#define WSC_SHELL_LOST         6 /* not opened, or gone; wsc_shell_error says why */

/* levels of the log */
#define WSC_LOG_NONE  0
#define WSC_LOG_ERROR 1
#define WSC_LOG_WARN  2
#define WSC_LOG_INFO  3
#define WSC_LOG_DEBUG 4
#define WSC_LOG_TRACE 5 /* HTTP heads and envelopes, secrets masked */

/* --- context ---------------------------------------------------------------------------------- */

/* Makes a context with a loop of its own.
 * out: the new context, owned by the caller; give it back with wsc_ctx_unref.
 * errors: WSC_E_DESCRIPTORS. since: 0.1 */
WSC_API int wsc_ctx_new(wsc_ctx **out);

/* The same with an allocator, used for all that belongs to the context; libxml2, GnuTLS and libuv
 * keep their own. fn, user_data: must stay valid until the context and all that was made from it
 * are gone, values of replies too; called on the context's thread only, which is then that of
 * those values. errors: WSC_E_DESCRIPTORS. since: 0.1 */
WSC_API int wsc_ctx_new_with_alloc(wsc_ctx **out, wsc_alloc_fn fn, void *user_data);

/* Gives the context back. Never waits for the network: what is in flight is dropped, every object
 * that has not ended ends with WSC_E_CANCELED (its callback runs here once; not from inside another
 * callback). Handles made from it stay valid until their own unref. since: 0.1 */
WSC_API void wsc_ctx_unref(wsc_ctx *ctx);

/* Orderly end: no new work is taken, running work is canceled, and Signal and Delete get timeout_ms
 * to reach the servers. timeout_ms: milliseconds, 0 = do not wait, -1 = as long as cancel-timeout
 * allows.
 * returns: WSC_OK when nothing is left, WSC_E_AGAIN when the time was up first. errors:
 * WSC_E_REENTRANT.
 * since: 0.1 */
WSC_API int wsc_ctx_close(wsc_ctx *ctx, int timeout_ms);

/* Descriptor to poll for input in a foreign loop, or -1 where the platform has none (use
 * wsc_ctx_wait on a thread of its own and wsc_ctx_wakeup) and on a borrowed loop. since: 0.1 */
WSC_API int wsc_ctx_fd(const wsc_ctx *ctx);

/* Milliseconds until wsc_ctx_step has something to do even if the descriptor stays silent: 0 = now,
 * -1 = never. Valid until the next call into the library. since: 0.1 */
WSC_API int wsc_ctx_timeout(wsc_ctx *ctx);

/* Does what can be done without waiting and runs callbacks. Cheap when there is nothing to do. When
 * there is much, it stops after about a millisecond (callbacks not counted): the descriptor is
 * readable still, and the next call goes on. (On a borrowed loop a turn of that is as short.)
 * errors: WSC_E_REENTRANT, WSC_E_USAGE on a borrowed loop. since: 0.1 */
WSC_API int wsc_ctx_step(wsc_ctx *ctx);

/* Waits up to timeout_ms for something to happen, then steps once.
 * returns: WSC_OK after a step, WSC_E_AGAIN when the time was up. errors: WSC_E_REENTRANT,
 * WSC_E_USAGE on a borrowed loop. since: 0.1 */
WSC_API int wsc_ctx_wait(wsc_ctx *ctx, int timeout_ms);

/* Ends the wait of the context's thread early, or its next one: wsc_ctx_wait returns WSC_OK, every
 * other call that waits WSC_E_AGAIN. May be called from any thread and from a signal handler, as
 * long as the context exists; a signal alone ends only wsc_ctx_wait. since: 0.1 */
WSC_API int wsc_ctx_wakeup(wsc_ctx *ctx);

/* The next event of an object without a callback for it, or NULL. Borrowed: valid until the next
 * call on this context that can run callbacks, or the next wsc_ctx_next_event. since: 0.1 */
WSC_API const wsc_event *wsc_ctx_next_event(wsc_ctx *ctx);

/* Sets the options of the context layer, for clients made from now on. params: copied; NULL = none.
 * errors: WSC_E_OPTION. since: 0.1 */
WSC_API int wsc_ctx_set_params(wsc_ctx *ctx, const wsc_params *params);

/* Sets the log function. level: WSC_LOG_*, lines above it are not formatted. fn: NULL = no log. It
 * runs on the context's thread in the middle of other work: calls on the context or its objects are
 * WSC_E_REENTRANT there, and unref takes effect after it. msg: len bytes and a NUL, one line (at
 * WSC_LOG_TRACE possibly several), without secrets. since: 0.1 */
WSC_API int wsc_ctx_set_log(wsc_ctx *ctx, int level, wsc_log_fn fn, void *user_data,
                            wsc_free_fn free_fn);

/* Why the last call on this context, or on an object of it, returned a failure. Borrowed until the
 * next call on either; NULL when there was none. since: 0.1 */
WSC_API const wsc_error *wsc_ctx_error(const wsc_ctx *ctx);

/* How many ops, commands, shells and items are under way, clean-up in the background included.
 * since: 0.1 */
WSC_API size_t wsc_ctx_pending(const wsc_ctx *ctx);

/* --- events ----------------------------------------------------------------------------------- */

/* WSC_EVENT_*. since: 0.1 */
WSC_API int wsc_event_kind(const wsc_event *event);
/* The op of WSC_EVENT_DONE, else NULL. Borrowed. since: 0.1 */
WSC_API wsc_op *wsc_event_op(const wsc_event *event);
/* The shell of WSC_EVENT_SHELL, else NULL. Borrowed. since: 0.1 */
WSC_API wsc_shell *wsc_event_shell(const wsc_event *event);
/* The command of WSC_EVENT_OUTPUT, _WRITABLE and _EXIT, else NULL. Borrowed. since: 0.1 */
WSC_API wsc_command *wsc_event_command(const wsc_event *event);
/* The enumeration of WSC_EVENT_ITEM, else NULL. Borrowed. since: 0.1 */
WSC_API wsc_items *wsc_event_items(const wsc_event *event);
/* The user data of the event's object. since: 0.1 */
WSC_API void *wsc_event_user_data(const wsc_event *event);

/* --- options ---------------------------------------------------------------------------------- */

/* Makes an empty bag of options, owned by the caller. It belongs to no context. since: 0.1 */
WSC_API int wsc_params_new(wsc_params **out);
/* Gives it back; secrets in it are wiped. What was made with it keeps its own copies. since: 0.1 */
WSC_API void wsc_params_unref(wsc_params *params);
/* Sets an option from text: numbers, true/false, durations ("240000", "4m"), sizes ("64k"), words,
 * strings.
 * value: copied; NULL takes the option out again. errors: WSC_E_OPTION; the first failure is kept,
 * so that one wsc_params_error at the end is enough. since: 0.1 */
WSC_API int wsc_params_set_str(wsc_params *params, const char *name, const char *value);
/* Sets a number, a size in bytes, a duration in milliseconds, or a switch (0 or 1). errors: as
 * above. since: 0.1 */
WSC_API int wsc_params_set_int(wsc_params *params, const char *name, int64_t value);
/* Sets a string or secret from len octets, NUL allowed where the option allows it. errors: as
 * above. since: 0.1 */
WSC_API int wsc_params_set_bytes(wsc_params *params, const char *name, const void *data,
                                 size_t len);
/* Adds a pair to an option that repeats ("env", "header", "option", "option-must-comply"). key,
 * value: copied. A key given again replaces its value. errors: as above. since: 0.1 */
WSC_API int wsc_params_add(wsc_params *params, const char *name, const char *key,
                           const char *value);
/* The first failure of a setter, or NULL. Borrowed until unref. since: 0.1 */
WSC_API const wsc_error *wsc_params_error(const wsc_params *params);
/* The table of options. index: from 0; field: "name", "type", "range", "default", "doc", "secret"
 * ("yes" or ""), "scope" (the nearest layer it may be given for: "context", "client", "identity",
 * which is a client or wsc_identity_new, or "operation"). out: static text (empty where there is
 * none). errors: WSC_E_AGAIN past the last option. since: 0.1 */
WSC_API int wsc_option_get(size_t index, const char *field, const char **out);
/* The value of an option as an operation of this client with these params (NULL = none) would see
 * it.
 * value: as text, secrets as "***", NULL when unset; borrowed until the next call on this client.
 * layer: "default", "context", "client" or "operation"; static. Either may be NULL. errors:
 * WSC_E_OPTION.
 * since: 0.1 */
WSC_API int wsc_client_option(wsc_client *client, const wsc_params *params, const char *name,
                              const char **value, const char **layer);

/* --- identity and client ---------------------------------------------------------------------- */

/* Makes an identity that any number of clients share: one copy of the secret, one first login at a
 * time per host. A password that a host has refused is not sent to it again, and with NTLM, where
 * the account may be a domain's, to no other host before one has accepted it; make a new identity
 * for another try.
 * params: auth, username, password, password-file, ...; copied. errors: WSC_E_OPTION, WSC_E_IO.
 * since: 0.1 */
WSC_API int wsc_identity_new(wsc_identity **out, wsc_ctx *ctx, const wsc_params *params);
/* Gives it back; with the last use the secrets are wiped. since: 0.1 */
WSC_API void wsc_identity_unref(wsc_identity *identity);

/* Makes a client for one host. Nothing is sent.
 * host: name, name:port, address, [v6%zone]:port, or http(s)://...; without a port 5985 (http) or
 * 5986 (https), for URLs too; without a path /wsman. (PowerShell's -ConnectionUri means 80 and 443
 * there: give the port.)
 * identity: NULL = made from params. params: options of the client layer, copied; NULL = none.
 * errors: WSC_E_OPTION, WSC_E_UNENCRYPTED, WSC_E_AUTH (a login that cannot be: credentials are
 * missing, or the host is not trusted), WSC_E_IO, WSC_E_TLS (certificate files). since: 0.1 */
WSC_API int wsc_client_new(wsc_client **out, wsc_ctx *ctx, const char *host, wsc_identity *identity,
                           const wsc_params *params);
/* Gives it back; shells and commands of it keep it alive until they end. since: 0.1 */
WSC_API void wsc_client_unref(wsc_client *client);
/* A pointer of the caller's, never touched by the library. since: 0.1 */
WSC_API void wsc_client_set_user_data(wsc_client *client, void *user_data);
/* That pointer; NULL before it is set. since: 0.1 */
WSC_API void *wsc_client_user_data(const wsc_client *client);
/* A property of the client: "url", "session-id", and how it logs in, by the names that errors
 * have: "scheme" ("Negotiate", "Kerberos", "NTLM", "Basic", "Certificate", "none", or a program's
 * own), "spn" (the service that it asks for), and once a server has let it in "identity" (the
 * principal where the newest login was by Kerberos, else the user name or the file that was
 * given) and the "mechanism" of that login ("Kerberos", "NTLM"). Clients that share connections
 * share the login. out: borrowed until the next call that steps (a redirect moves it). errors:
 * WSC_E_AGAIN = there is none, or not yet, WSC_E_USAGE for an unknown name. since: 0.1 */
WSC_API int wsc_client_get_str(const wsc_client *client, const char *name, const char **out);
/* What the client's requests have cost so far, by name: "requests", "repeats", "redirects",
 * "connections", "reconnects", "logins", "bytes-sent", "bytes-received", and in milliseconds
 * "queue-ms", "resolve-ms", "connect-ms", "tls-ms", "login-ms", "wait-ms", "receive-ms",
 * "pause-ms"; what each one is stands in docs/statistics.md and wsc_stat_get. Nothing is ever set
 * back. out: bytes are those of a connection, TLS included, TCP and IP not, while it carries a
 * request of this client: what passes over an idle one (the end of TLS, say) is nobody's, and
 * where clients share a kept connection the first one pays for opening it. A phase is added when
 * it ends; those of requests side by side all count. errors: WSC_E_USAGE = no such name. since:
 * 0.1 */
WSC_API int wsc_client_get_int(const wsc_client *client, const char *name, int64_t *out);
/* The table of those numbers. index: from 0; field: "name", "unit" ("bytes", "ms" or empty), "doc".
 * out: static text. errors: WSC_E_AGAIN past the last one, WSC_E_USAGE = no such field. since: 0.1
 */
WSC_API int wsc_stat_get(size_t index, const char *field, const char **out);

/* --- shells (MS-WSMV 3.1.4.5, 3.2.4) ---------------------------------------------------------- */

/* Opens a text shell (windows/shell/cmd, or the option resource-uri). Commands may be run in it at
 * once: they wait.
 * params: environment (wsc_params_add "env"), working-directory, codepage, profile, idle-timeout,
 * lifetime, shell-name, shell-id, ...; NULL = none. errors: WSC_E_OPTION. since: 0.1 */
WSC_API int wsc_shell_open(wsc_shell **out, wsc_client *client, const wsc_params *params);
/* Closes it: running commands are terminated, then the shell is deleted on the server (MS-WSMV
 * 3.1.4.4).
 * out: an op that is done when the server has answered; NULL = in the background. since: 0.1 */
WSC_API int wsc_shell_close(wsc_op **out, wsc_shell *shell);
/* Waits until the shell is open (again). returns: WSC_OK when open, WSC_E_AGAIN when the time was
 * up, WSC_E_FAULT when it is disconnected, else the code of wsc_shell_error. since: 0.1 */
WSC_API int wsc_shell_wait(wsc_shell *shell, int timeout_ms);
/* Tells every change of state. since: 0.1 */
WSC_API int wsc_shell_on_state(wsc_shell *shell, wsc_shell_fn fn, void *user_data,
                               wsc_free_fn free_fn);
/* WSC_SHELL_*. since: 0.1 */
WSC_API int wsc_shell_state(const wsc_shell *shell);
/* A property: "id", "state", "owner", "client-ip", "resource-uri", "name", "idle-timeout" (ms);
 * those that come from the server once it is open. out: borrowed from the shell. errors:
 * WSC_E_AGAIN = not known (yet), WSC_E_USAGE = no such name. since: 0.1 */
WSC_API int wsc_shell_get_str(const wsc_shell *shell, const char *name, const char **out);
/* Why it is lost, or NULL. Borrowed from the shell. since: 0.1 */
WSC_API const wsc_error *wsc_shell_error(const wsc_shell *shell);
/* A pointer of the caller's, never touched by the library. since: 0.1 */
WSC_API void wsc_shell_set_user_data(wsc_shell *shell, void *user_data);
/* That pointer; NULL before it is set. since: 0.1 */
WSC_API void *wsc_shell_user_data(const wsc_shell *shell);
/* Gives it back; an open shell is closed in the background (the option keep-on-unref leaves it on
 * the server). One that is disconnected, or about to be, stays there, and what is held of its
 * commands ends with WSC_E_CANCELED. since: 0.1 */
WSC_API void wsc_shell_unref(wsc_shell *shell);

/* --- shells that outlive a connection (MS-WSMV 3.1.4.15-17) ----------------------------------- */

/* Leaves a shell and its commands on the server until wsc_shell_reconnect, until a client of the
 * same user connects to it, or until its idle time is over (property "idle-timeout"; the server's
 * default is two hours). What was asked for before is done first: an opening shell is opened, its
 * commands are started, input that was given to a Send and output that the server has ready arrive.
 * From then on commands rest: they keep what they have buffered, take input up to input-limit, and
 * new ones wait; reading, writing and waiting that would block is WSC_E_FAULT, and so are signals
 * (fault-code 0x803381C4). A command that is canceled meanwhile is terminated after the reconnect;
 * deadlines go on.
 * The server wants a shell whose id the client has chosen (the option shell-id, which is "auto" for
 * every resource-uri but that of cmd), and of a kind that can be disconnected. That of cmd cannot:
 * WSC_E_UNSUPPORTED, fault-code 0x803381C5. Windows brings PowerShell's, which needs remoting on
 * top (not in this version); others are those of plug-ins of one's own.
 * out: an op that is done when the shell is WSC_SHELL_DISCONNECTED, at once if it is; a second call
 * joins the first and its params count for nothing; NULL = in the background. When it fails the
 * shell goes on as before, but for 0x803381CE (disconnected, and output may be lost) and a deadline
 * that passes after the server has said yes. params: idle-timeout, buffer-mode, deadline; NULL =
 * none. errors: WSC_E_OPTION, WSC_E_USAGE while it is being reconnected or once it is closed, and
 * the shell's error when it is lost. since: 0.1 */
WSC_API int wsc_shell_disconnect(wsc_op **out, wsc_shell *shell, const wsc_params *params);
/* Takes a disconnected shell up again, and its commands with it: output goes on where it rested.
 * out: an op that is done when the shell is WSC_SHELL_OPEN, at once if it is; NULL = in the
 * background. When it fails, the shell stays disconnected, or is lost if the server has it no more.
 * params: buffer-mode, deadline; NULL = none. errors: WSC_E_OPTION, WSC_E_USAGE while it is being
 * opened or disconnected or once it is closed, and the shell's error when it is lost. since: 0.1 */
WSC_API int wsc_shell_reconnect(wsc_op **out, wsc_shell *shell, const wsc_params *params);
/* Takes up a disconnected shell that another process, or another client, has left: Connect, or with
 * the option same-session Reconnect (the client then needs the session-id of the one that left it).
 * It is WSC_SHELL_OPENING until the server has answered; refused, it is WSC_SHELL_LOST, and
 * wsc_shell_error says why. From then on it is like one that was opened: to unref closes it, with
 * its commands; disconnect it first to leave it. Of a client that dies without that it stays
 * connected, out of reach for others (0x803381CD), until its idle time ends it.
 * shell_id: property "id" of the shell that was left; copied. params: resource-uri as it was opened
 * with, buffer-mode, same-session, deadline, keep-on-unref, ...; NULL = none. errors: WSC_E_OPTION,
 * WSC_E_USAGE for an id that is empty or that XML cannot carry. since: 0.1 */
WSC_API int wsc_shell_connect(wsc_shell **out, wsc_client *client, const char *shell_id,
                              const wsc_params *params);
/* Takes up a command of such a shell: its output, from where the last client has left it, its input
 * and its exit code. The shell may still be connecting.
 * command_id: property "id" of the command; copied. params: options of a command; NULL = none.
 * errors: WSC_E_OPTION, WSC_E_USAGE as above, and the shell's error when it is lost. since: 0.1 */
WSC_API int wsc_shell_connect_command(wsc_command **out, wsc_shell *shell, const char *command_id,
                                      const wsc_params *params);

/* --- commands (MS-WSMV 3.1.4.11-14) ----------------------------------------------------------- */

/* Runs one command in a shell of its own: open, run, terminate, delete. Its stdin stays open until
 * wsc_command_write_eof: a program that reads stdin waits for that.
 * program, args (nargs of them): copied; the server joins them with blanks and adds no quotes, the
 * option quoting (none, argv, cmd) does. params: options of shell and command; NULL = none.
 * errors: WSC_E_OPTION, WSC_E_USAGE with the offset of a character that cannot be sent.
 * since: 0.1 */
WSC_API int wsc_client_run(wsc_command **out, wsc_client *client, const char *program,
                           const char *const *args, size_t nargs, const wsc_params *params);
/* Runs a command in a shell, several at once if wanted. The shell may still be opening, or be
 * disconnected: the command waits. errors: as above, and the shell's error when it is lost.
 * since: 0.1 */
WSC_API int wsc_shell_run(wsc_command **out, wsc_shell *shell, const char *program,
                          const char *const *args, size_t nargs, const wsc_params *params);
/* Called with output as it comes, in the order of production. since: 0.1 */
WSC_API int wsc_command_on_output(wsc_command *command, wsc_output_fn fn, void *user_data,
                                  wsc_free_fn free_fn);
/* Called when stdin takes bytes again after WSC_E_AGAIN. since: 0.1 */
WSC_API int wsc_command_on_writable(wsc_command *command, wsc_ready_fn fn, void *user_data,
                                    wsc_free_fn free_fn);
/* Called once when the command is done, after all output. status: WSC_OK or the code of
 * wsc_command_error.
 * since: 0.1 */
WSC_API int wsc_command_on_exit(wsc_command *command, wsc_exit_fn fn, void *user_data,
                                wsc_free_fn free_fn);
/* Output goes on after on_output took less than it got. since: 0.1 */
WSC_API int wsc_command_resume(wsc_command *command);
/* Reads output.
 * stream: in 0 = whichever comes next, WSC_STDOUT or WSC_STDERR = only that; out = which it was
 * (may be NULL: 0).
 * buf, cap: where it goes. out_len: bytes read; 0 with WSC_OK = the end of that stream (0: of
 * both).
 * returns: WSC_OK; WSC_E_AGAIN = nothing within timeout_ms; WSC_E_OTHER_STREAM = the stream not
 * asked for has filled output-limit, nothing moves until it is read; WSC_E_FAULT = the shell is
 * disconnected; or the command's error once all that arrived was read. since: 0.1 */
WSC_API int wsc_command_read(wsc_command *command, int *stream, void *buf, size_t cap,
                             size_t *out_len, int timeout_ms);
/* Gives bytes to the command's stdin. out_taken: how many were taken, up to the option input-limit.
 * returns: WSC_OK when some were; WSC_E_AGAIN = none within timeout_ms; WSC_E_FAULT = input-limit
 * is reached and the shell disconnected; WSC_E_USAGE after write_eof; the server's error when it
 * takes no more input (the command goes on); the command's error. since: 0.1 */
WSC_API int wsc_command_write(wsc_command *command, const void *data, size_t len, size_t *out_taken,
                              int timeout_ms);
/* Ends stdin after what was written (Stream End="true"). since: 0.1 */
WSC_API int wsc_command_write_eof(wsc_command *command);
/* Sends a signal (MS-WSMV 2.2.4.38): "ctrl-c", "ctrl-break", "terminate", or a URI. out: done when
 * the server has answered; NULL = in the background. errors: WSC_E_USAGE for an unknown name or a
 * command that does not run, WSC_E_FAULT while its shell is disconnected. since: 0.1 */
WSC_API int wsc_command_signal(wsc_op **out, wsc_command *command, const char *signal);
/* Ends it with WSC_E_CANCELED at the next step; the server is told to terminate in the background.
 * since: 0.1 */
WSC_API int wsc_command_cancel(wsc_command *command);
/* Waits until it is done, collecting output up to output-limit.
 * returns: WSC_OK, WSC_E_AGAIN = not within timeout_ms, WSC_E_LIMIT = unread output fills
 * output-limit and nobody reads it, WSC_E_FAULT = its shell is disconnected, or the code of
 * wsc_command_error. since: 0.1 */
WSC_API int wsc_command_wait(wsc_command *command, int timeout_ms);
/* What is buffered of a stream and not yet read. data: borrowed until the next call on the command
 * that reads or steps. since: 0.1 */
WSC_API int wsc_command_output(const wsc_command *command, int stream, const void **data,
                               size_t *len);
/* The exit code, 0 to 4294967295, from state Done only. errors: WSC_E_AGAIN while it runs,
 * WSC_E_PROTOCOL when the server ended it without one, the command's error. since: 0.1 */
WSC_API int wsc_command_exit_code(const wsc_command *command, int64_t *out);
/* A property: "id", "state" (waiting, starting, running, done), "input-pending" (bytes of stdin
 * that the server has not confirmed). out: borrowed until the next call on the command. errors: as
 * wsc_shell_get_str. since: 0.1 */
WSC_API int wsc_command_get_str(const wsc_command *command, const char *name, const char **out);
/* A pointer of the caller's, never touched by the library. since: 0.1 */
WSC_API void wsc_command_set_user_data(wsc_command *command, void *user_data);
/* That pointer; NULL before it is set. since: 0.1 */
WSC_API void *wsc_command_user_data(const wsc_command *command);
/* Why it failed, or NULL. Borrowed from the command. since: 0.1 */
WSC_API const wsc_error *wsc_command_error(const wsc_command *command);
/* Gives it back; a running command is canceled and cleaned up in the background. since: 0.1 */
WSC_API void wsc_command_unref(wsc_command *command);

/* --- WS-Management ---------------------------------------------------------------------------- */

/* Asks who the server is (DSP0226 11, MS-WSMV 3.1.4.1.23). The option identify-unauthenticated asks
 * without credentials. Results: "protocol-version", "product-vendor", "product-version",
 * "security-profiles" (blank separated), "body". since: 0.1 */
WSC_API int wsc_identify(wsc_op **out, wsc_client *client, const wsc_params *params);
/* One request and its reply, on which every verb stands.
 * action: full URI. epr: resource and selectors; NULL = none. body_xml, len: content of s:Body,
 * well-formed XML that declares its own prefixes; NULL = empty. params: option (wsc_params_add
 * "option"), operation-timeout, max-request-size, locale, operation-id, ...
 * Results: "action", "message-id", "relates-to", "body" (content of the reply's s:Body, prefixes
 * declared).
 * errors: WSC_E_USAGE with the offset of what is not well-formed. since: 0.1 */
WSC_API int wsc_request(wsc_op **out, wsc_client *client, const char *action, const wsc_epr *epr,
                        const void *body_xml, size_t len, const wsc_params *params);
/* Reads MaxEnvelopeSizekb from the server's configuration, and uses it from then on: what is
 * asked of the client later may be as large (max-request-size, max-envelope-size), but for
 * options that the program has set itself. Results: wsc_op_value = winrm/config. since: 0.1 */
WSC_API int wsc_client_learn_limits(wsc_op **out, wsc_client *client, const wsc_params *params);
/* Reads a resource (transfer/Get, MS-WSMV 3.1.4.2). The option fragment reads a part of it.
 * Results: wsc_op_value, and those of wsc_request but "body". since: 0.1 */
WSC_API int wsc_get(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_params *params);
/* Writes a resource whole (transfer/Put); config takes single elements too. value: copied; one
 * without a name gets that of the resource. With the option fragment: the new content of that part,
 * NULL = empty it. Never sent twice. Results: wsc_op_value = the resource as it is now, or NULL.
 * since: 0.1 */
WSC_API int wsc_put(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_value *value,
                    const wsc_params *params);
/* Changes some properties: Get, the changes put in, Put. changes: its elements replace those of the
 * same name (letters' case ignored), several of one name all of them; nested ones are entered; one
 * that is an attribute there sets that, and one that is the Name of a parameter its Value
 * ("InitializationParameters" of a plug-in takes new ones).
 * Not with the option fragment. Results: as wsc_put.
 * errors: WSC_E_NOT_FOUND = the resource has no such element, WSC_E_ACCESS_DENIED with fault code
 * 0x8033808A = a policy sets it (Source="GPO"), WSC_E_USAGE = it is there once, and given twice;
 * nothing is written then. since: 0.1 */
WSC_API int wsc_update(wsc_op **out, wsc_client *client, const wsc_epr *epr,
                       const wsc_value *changes, const wsc_params *params);
/* Makes a resource (transfer/Create). value: as wsc_put. Never sent twice. Results: wsc_op_value =
 * ResourceCreated; wsc_value_get_epr of it is the new resource. since: 0.1 */
WSC_API int wsc_create(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_value *value,
                       const wsc_params *params);
/* Removes a resource (transfer/Delete). Never sent twice. since: 0.1 */
WSC_API int wsc_delete(wsc_op **out, wsc_client *client, const wsc_epr *epr,
                       const wsc_params *params);
/* Calls a method (MS-WSMV 3.1.4.1.32). epr: with selectors an instance, without the class. method:
 * its name. args: its elements are the parameters; NULL = none. Never sent twice. Results:
 * wsc_op_value = what the method gave (ReturnValue and the like); that ReturnValue is not 0 is no
 * error here. since: 0.1 */
WSC_API int wsc_invoke(wsc_op **out, wsc_client *client, const wsc_epr *epr, const char *method,
                       const wsc_value *args, const wsc_params *params);

/* The table of the settings that winrm/config holds (MS-WSMV 2.2.4). index: from 0; field: "path"
 * ("Service/MaxConnections", for wsc_value_find of winrm/config), "type" ("int", "bool", "word",
 * "text", "list" = commas between its parts, "sddl" for wsc_value_parse_sddl), "unit" ("ms", "s",
 * "KiB", "MiB"), "range" ("500..", "a|b"), "default" (of a current Windows), "access"
 * ("read-only"), "policy" (what in Group Policy sets it), "doc". out: static text (empty where
 * there is none). errors: WSC_E_AGAIN past the last one, WSC_E_USAGE = no such field. since: 0.1 */
WSC_API int wsc_setting_get(size_t index, const char *field, const char **out);

/* --- enumerations ----------------------------------------------------------------------------- */

/* Lists instances (enumeration/Enumerate and Pull, MS-WSMV 3.1.4.8). Options: filter, dialect,
 * enumeration-mode, polymorphism-mode, max-elements, items-limit, ... Items are handed out as
 * they arrive; no more than items-limit bytes of them wait. errors: WSC_E_USAGE with the offset
 * of what is wrong in filter. since: 0.1 */
WSC_API int wsc_enumerate(wsc_items **out, wsc_client *client, const wsc_epr *epr,
                          const wsc_params *params);
/* The next item. out: borrowed until the next wsc_items_next or
 * unref (wsc_value_ref keeps it); NULL with
 * WSC_OK = the end. returns: WSC_OK, WSC_E_AGAIN = nothing in that time, or the code of
 * wsc_items_error after the items before it. since: 0.1 */
WSC_API int wsc_items_next(wsc_items *items, const wsc_value **out, int timeout_ms);
/* Called for each item and once at the end. since: 0.1 */
WSC_API int wsc_items_on_item(wsc_items *items, wsc_item_fn fn, void *user_data,
                              wsc_free_fn free_fn);
/* Lets the callback have items again. since: 0.1 */
WSC_API int wsc_items_resume(wsc_items *items);
/* Subscribes to events, which come as items (eventing/Subscribe in pull mode, MS-WSMV 3.1.4.6):
 * an Event with the attribute Action, the event within ("Event/System/EventID").
 * epr: "wsman/windows/EventLog" is
 * http://schemas.microsoft.com/wbem/wsman/1/windows/EventLog. Options: filter, bookmark,
 * read-existing-events, content-format, heartbeats, expires, items-limit, ... It goes on until it
 * is given up (Unsubscribe is sent once), or lost: WSC_E_ABORTED, or the fault that says why;
 * WSC_E_PROTOCOL = the answer to Subscribe names nothing to pull from.
 * errors: WSC_E_UNSUPPORTED for another delivery-mode than pull, WSC_E_USAGE with the offset of
 * what is wrong in filter or bookmark. since: 0.1 */
WSC_API int wsc_subscribe(wsc_items **out, wsc_client *client, const wsc_epr *epr,
                          const wsc_params *params);
/* Asks for more time for a subscription; params: expires. Windows refuses it, and ends none that is
 * pulled. since: 0.1 */
WSC_API int wsc_items_renew(wsc_op **out, wsc_items *items, const wsc_params *params);
/* "bookmark": of a subscription, for the option bookmark of another one; it stands behind the last
 * answer of which all events have been read (with max-elements 1: behind each event).
 * "context": the server's name for it. out: borrowed until the next call.
 * errors: WSC_E_AGAIN = there is none, WSC_E_USAGE = no such name. since: 0.1 */
WSC_API int wsc_items_get_str(const wsc_items *items, const char *name, const char **out);
/* Ends it with WSC_E_CANCELED at the next step; what has come is dropped. Release, or
 * Unsubscribe, is sent once, in the background. since: 0.1 */
WSC_API int wsc_items_cancel(wsc_items *items);
/* Why it failed, or NULL. Borrowed from the items. since: 0.1 */
WSC_API const wsc_error *wsc_items_error(const wsc_items *items);
/* A pointer of the caller's, never touched by the library. since: 0.1 */
WSC_API void wsc_items_set_user_data(wsc_items *items, void *user_data);
/* That pointer; NULL before it is set. since: 0.1 */
WSC_API void *wsc_items_user_data(const wsc_items *items);
/* Gives it back; one that has not ended is released on the server. since: 0.1 */
WSC_API void wsc_items_unref(wsc_items *items);

/* --- ops -------------------------------------------------------------------------------------- */

/* Called once when it is done. status: WSC_OK or the code of wsc_op_error. since: 0.1 */
WSC_API int wsc_op_on_done(wsc_op *op, wsc_op_fn fn, void *user_data, wsc_free_fn free_fn);
/* Waits until it is done. returns: WSC_OK, WSC_E_AGAIN when the time was up, or the code of
 * wsc_op_error.
 * since: 0.1 */
WSC_API int wsc_op_wait(wsc_op *op, int timeout_ms);
/* Ends it with WSC_E_CANCELED at the next step. since: 0.1 */
WSC_API int wsc_op_cancel(wsc_op *op);
/* A result by name, as the function that made the op lists them. out: borrowed from the op. errors:
 * WSC_E_AGAIN = not done yet or no such result. since: 0.1 */
WSC_API int wsc_op_get_str(const wsc_op *op, const char *name, const char **out);
/* The body of the reply as a value, where the function that made the op says so. Borrowed from
 * the op (wsc_value_ref keeps it); NULL = not done, failed, or empty. since: 0.1 */
WSC_API const wsc_value *wsc_op_value(const wsc_op *op);
/* The resource that was made (wsc_create), or that the answer names (request-epr). out: the
 * caller's. errors: WSC_E_AGAIN = not done, failed, or it names none; WSC_E_PROTOCOL = it is no
 * reference. since: 0.1 */
WSC_API int wsc_op_get_epr(const wsc_op *op, wsc_epr **out);
/* Why it failed, or NULL. Borrowed from the op. since: 0.1 */
WSC_API const wsc_error *wsc_op_error(const wsc_op *op);
/* A pointer of the caller's, never touched by the library. since: 0.1 */
WSC_API void wsc_op_set_user_data(wsc_op *op, void *user_data);
/* That pointer; NULL before it is set. since: 0.1 */
WSC_API void *wsc_op_user_data(const wsc_op *op);
/* Gives it back; a running op goes on and its result is dropped. since: 0.1 */
WSC_API void wsc_op_unref(wsc_op *op);

/* --- errors ----------------------------------------------------------------------------------- */

/* WSC_E_*; WSC_OK for NULL. since: 0.1 */
WSC_API int wsc_error_code(const wsc_error *error);
/* One sentence, never NULL. since: 0.1 */
WSC_API const char *wsc_error_text(const wsc_error *error);
/* A detail: "class", "name", "cause", "remedy", "machine", "fault-name", "soap-code",
 * "soap-subcode", "fault-detail", "server-text", "provider", "provider-path", "provider-text",
 * "target", "option", "nearest", "location", "offered", "scheme", "mechanism", "spn", "identity",
 * "system-text". out: borrowed from the error. errors: WSC_E_AGAIN = this error has none,
 * WSC_E_USAGE = no such name. since: 0.1 */
WSC_API int wsc_error_get_str(const wsc_error *error, const char *name, const char **out);
/* A number: "code", "retriable" (0, 1), "http-status", "fault-code" (WSManFault@Code, unsigned),
 * "outer-fault-code", "cim-status", "system-code", "offset", "limit". errors: as above.
 * since: 0.1 */
WSC_API int wsc_error_get_int(const wsc_error *error, const char *name, int64_t *out);

/* --- library ---------------------------------------------------------------------------------- */

/* "WSC_E_TIMEOUT" for a status, "ERROR_WSMAN_OPERATION_TIMEDOUT" and the like for a Windows code
 * given as int; never NULL. Static. since: 0.1 */
WSC_API const char *wsc_code_name(int code);
/* What is known of such a code. field: "name", "status" (the name of the WSC_E_* that an error
 * with it has), "class", "retriable" ("yes" or ""), "meaning", "cause", "remedy". out: static
 * text (empty where there is none). errors: WSC_E_AGAIN = the code is not known, WSC_E_USAGE = no
 * such field. since: 0.1 */
WSC_API int wsc_code_get(int code, const char *field, const char **out);
/* The code of a name as above. errors: WSC_E_AGAIN = the name is not known. since: 0.1 */
WSC_API int wsc_code_find(const char *name, int *code);
/* "0.1.0". Static. since: 0.1 */
WSC_API const char *wsc_version_string(void);
/* major * 10000 + minor * 100 + patch of the library that is loaded. since: 0.1 */
WSC_API int wsc_version_number(void);
/* 1 when this build has it, else 0: "basic", "certificate", "kerberos", "negotiate", "ntlm", "tls",
 * "transfer" (Get, Put, Create, Delete, Invoke), "enumeration", "eventing", "uv"
 * (<wsman-client/uv.h>). since: 0.1 */
WSC_API int wsc_has_feature(const char *name);

#ifdef __cplusplus
}
#endif
#endif
