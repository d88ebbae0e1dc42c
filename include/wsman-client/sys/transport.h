/* A transport of one's own: how a client gets the byte stream to its host. It knows no HTTP: TLS,
 * requests and all else run over what it gives. For an SSH channel, a Unix socket, a child's pipes,
 * a tunnel.
 *
 * Its functions run on the context's thread, in the middle of other work: they may call nothing of
 * this library but wsc_transport_ready, and never block. What cannot be done at once is
 * WSC_E_AGAIN; the library calls again after wsc_transport_ready. A failure is another negative
 * status: WSC_E_RESOLVE, WSC_E_CONNECT, WSC_E_DESCRIPTORS, WSC_E_CONNECTION_LOST, ...
 * After fork nothing of it is called in the child. */
#ifndef WSC_SYS_TRANSPORT_H
#define WSC_SYS_TRANSPORT_H

#include <wsman-client/wsman-client.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wsc_stream wsc_stream; /* the library's end of a stream */

#define WSC_WANT_READ  1
#define WSC_WANT_WRITE 2

typedef struct wsc_transport {
    size_t struct_size; /* sizeof(wsc_transport): later versions append members */

    /* Begins a stream. host, port: what the client was made with; a name is not resolved, an IPv6
     * address has no brackets. stream: NULL at the first call; what is put there is handed to all
     * functions below. After WSC_E_AGAIN it is called again with it. handle: for
     * wsc_transport_ready, valid until close. user_data: of wsc_client_set_transport. */
    int (*connect)(void **stream, const char *host, int port, wsc_stream *handle, void *user_data);

    /* Takes and gives bytes: n is how many. For read WSC_OK with *n == 0 is the end. */
    int (*read)(void *stream, void *buf, size_t cap, size_t *n);
    int (*write)(void *stream, const void *buf, size_t len, size_t *n);

    /* The end, also of a stream that is not connected yet: frees it. Not called when connect failed
     * and *stream is still NULL. */
    void (*close)(void *stream);

    /* What the library waits for has changed; what: WSC_WANT_*, or-ed. NULL: not told. With it the
     * library reads only after wsc_transport_ready, and may leave bytes unread: it has to be told
     * again as long as what is wanted is possible, as poll and epoll do. Without it the library
     * reads until WSC_E_AGAIN. */
    void (*want)(void *stream, int what);

    /* Why the last call failed: static text, or valid until the next call; system_code: an errno, or
     * 0. NULL: not told. stream: NULL when connect failed without one. */
    const char *(*error_text)(void *stream, int *system_code);
} wsc_transport;

/* Lets the client's next connections be made by a transport; those that stand go on until their
 * requests are over. Clients share connections only when they were given the same transport by the
 * same call. ops: copied; NULL = TCP again. user_data: handed to connect; free_fn(user_data) runs
 * when the last stream and the client are gone. errors: WSC_E_USAGE (a function is missing, or
 * struct_size is smaller than that of version 0.1). since: 0.1 */
WSC_API int wsc_client_set_transport(wsc_client *client, const wsc_transport *ops, void *user_data,
                                     wsc_free_fn free_fn);

/* What was WSC_E_AGAIN may be possible now. From any thread, as long as close has not been called;
 * also inside the transport's own functions. What it leads to happens in a later step. since: 0.1 */
WSC_API void wsc_transport_ready(wsc_stream *handle);

#ifdef __cplusplus
}
#endif
#endif
