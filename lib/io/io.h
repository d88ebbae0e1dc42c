/* libuv does what the core asks: sockets, one timer, name look-ups on worker threads. */
#ifndef WSC_IO_IO_H
#define WSC_IO_IO_H

#include "proto/core.h"

#include <stdbool.h>

struct wsc__io;

/* loop: a uv_loop_t of the caller, or NULL for a loop of our own. turn(ud) is called on a borrowed
 * loop whenever something may have become ready to tell. */
int wsc__io_new(struct wsc__io **out, struct wsc__core *core, void *loop, void (*turn)(void *ud),
                void *ud);
uint64_t wsc__io_now(void);
int64_t wsc__io_wall(void); /* ms since 1970 */
int wsc__io_fill_random(void *buf, size_t len, void *ud);
int wsc__io_fd(const struct wsc__io *io);
int wsc__io_timeout(struct wsc__io *io);
bool wsc__io_borrowed(const struct wsc__io *io);
/* Does what the core wants done now. After every call that may have given it work; at the end of a
 * turn's callbacks go_on, which has but what is left of that turn. Nobody's time is up by these:
 * what has come meanwhile is read first. */
void wsc__io_flush(struct wsc__io *io);
void wsc__io_go_on(struct wsc__io *io);
/* Own loop: one turn without waiting; or after waiting at most timeout_ms (-1 = for ever). A signal
 * ends wait, but not run, which asks the kernel once where wait asks twice. */
void wsc__io_step(struct wsc__io *io);
void wsc__io_wait(struct wsc__io *io, int timeout_ms);
void wsc__io_run(struct wsc__io *io, int timeout_ms);
void wsc__io_wakeup(struct wsc__io *io);
/* A stream of a program's transport may go on; from any thread, done in a later turn. */
struct wsc_stream;
void wsc__io_stream_ready(struct wsc_stream *s);
/* Closes all handles and frees io; on a borrowed loop that is done while the loop goes on.
 * closed(ud) (may be NULL) is called when the loop holds nothing of ours. */
void wsc__io_close(struct wsc__io *io, void (*closed)(void *ud), void *ud);
/* In the child of a fork: descriptors are closed, nothing else is touched. */
void wsc__io_abandon(struct wsc__io *io);

#endif
