/* A context on a libuv loop that the program runs itself. The only public header that includes
 * <uv.h>; such a program links libuv too: pkg-config --libs wsman-client libuv. */
#ifndef WSC_UV_H
#define WSC_UV_H

#include <uv.h>
#include <wsman-client/wsman-client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Makes a context on a borrowed loop, which must outlive it until wsc_ctx_on_closed has been
 * called. Callbacks run while the loop runs; calls with timeout_ms != 0, step and wait are
 * WSC_E_USAGE. The context keeps the loop alive only while something is pending.
 * loop: borrowed. errors: WSC_E_USAGE when the libuv in use has another major version than ours.
 * since: 0.1 */
WSC_API int wsc_ctx_new_on_uv(wsc_ctx **out, uv_loop_t *loop);

/* fn(user_data) is called once, from the loop, when the last handle of the context is closed after
 * wsc_ctx_unref: only then may the loop be closed. On an own loop it is called inside
 * wsc_ctx_unref. since: 0.1 */
WSC_API int wsc_ctx_on_closed(wsc_ctx *ctx, wsc_free_fn fn, void *user_data);

#ifdef __cplusplus
}
#endif
#endif
