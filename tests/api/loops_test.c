/* A hundred commands at once, in every kind of loop. */
#include "api.h"

#include <poll.h>
#include <pthread.h>
#include <wsman-client/uv.h>
#ifdef HAVE_GLIB
#include <glib.h>
#endif

#define MANY 100

static struct {
    int done, bad, outside;
    size_t bytes;
    bool in_loop; /* a callback may run now */
} seen;

static size_t on_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    (void)c;
    (void)stream;
    (void)data;
    (void)ud;
    seen.bytes += len;
    seen.outside += !seen.in_loop;
    return len;
}

static void on_exit_(wsc_command *c, int status, void *ud)
{
    int64_t code = -1;

    (void)ud;
    seen.done++;
    seen.outside += !seen.in_loop;
    seen.bad += status != WSC_OK || wsc_command_exit_code(c, &code) != WSC_OK || code != 3;
    wsc_command_unref(c);
}

static void start(wsc_client *c)
{
    wsc_command *cmd = NULL;

    CHECK_EQ(wsc_client_run(&cmd, c, "echo some words; exit 3", NULL, 0, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_output(cmd, on_output, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(cmd, on_exit_, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_command_write_eof(cmd), WSC_OK);
}

static void start_all(wsc_client *c)
{
    int i;

    memset(&seen, 0, sizeof seen);
    for (i = 0; i < MANY; i++)
        start(c);
    CHECK_EQ(seen.done, 0);
    seen.in_loop = true;
}

static void all_done(void)
{
    CHECK_EQ(seen.done, MANY);
    CHECK_EQ(seen.bad, 0);
    CHECK_EQ(seen.outside, 0);
    CHECK_EQ(seen.bytes, 11 * MANY);
}

/* --- loops ------------------------------------------------------------------------------------ */

static void blocking(void)
{
    wsc_command *c[MANY];
    const void *data;
    int64_t code;
    size_t len;
    int i;

    setup(NULL);
    for (i = 0; i < MANY; i++)
        c[i] = sh("echo some words; exit 3");
    for (i = 0; i < MANY; i++) {
        CHECK_EQ(wsc_command_wait(c[i], FOR_EVER), WSC_OK);
        CHECK_EQ(wsc_command_exit_code(c[i], &code), WSC_OK);
        CHECK_EQ(code, 3);
        CHECK_EQ(wsc_command_output(c[i], WSC_STDOUT, &data, &len), WSC_OK);
        CHECK_EQ(len, 11);
        wsc_command_unref(c[i]);
    }
    teardown();
    service_is_clean();
}

static void by_poll(void)
{
    setup(NULL);
    start_all(client);
    while (wsc_ctx_pending(ctx)) {
        struct pollfd p = { wsc_ctx_fd(ctx), POLLIN, 0 };

        poll(&p, 1, wsc_ctx_timeout(ctx));
        CHECK_EQ(wsc_ctx_step(ctx), WSC_OK);
    }
    all_done();
    teardown();
    service_is_clean();
}

static void by_events(void)
{
    static const char *const list[] = { "want-events", "true", NULL };
    wsc_command *c[MANY];
    const wsc_event *e;
    char buf[64];
    size_t n;
    int i, ended = 0;

    setup(list);
    memset(&seen, 0, sizeof seen);
    for (i = 0; i < MANY; i++)
        c[i] = sh("echo some words; exit 3");
    while (ended < MANY && wsc_ctx_wait(ctx, FOR_EVER) == WSC_OK) {
        while ((e = wsc_ctx_next_event(ctx))) {
            wsc_command *cmd = wsc_event_command(e);

            ended += wsc_event_kind(e) == WSC_EVENT_EXIT;
            while (cmd && wsc_command_read(cmd, NULL, buf, sizeof buf, &n, 0) == WSC_OK && n)
                seen.bytes += n;
        }
    }
    CHECK_EQ(ended, MANY);
    CHECK_EQ(seen.bytes, 11 * MANY);
    for (i = 0; i < MANY; i++)
        wsc_command_unref(c[i]);
    teardown();
    service_is_clean();
}

static void count_closed(void *ud)
{
    ++*(int *)ud;
}

static void borrowed_uv(void)
{
    wsc_client *c;
    uv_loop_t loop;
    int closed = 0;

    CHECK_EQ(uv_loop_init(&loop), 0);
    CHECK_EQ(wsc_ctx_new_on_uv(&ctx, &loop), WSC_OK);
    CHECK_EQ(wsc_ctx_on_closed(ctx, count_closed, &closed), WSC_OK);
    c = client_of(ctx, NULL);
    start_all(c);
    uv_run(&loop, UV_RUN_DEFAULT); /* returns when nothing is pending */
    all_done();
    CHECK_EQ(wsc_ctx_pending(ctx), 0);
    wsc_client_unref(c);
    wsc_ctx_unref(ctx);
    uv_run(&loop, UV_RUN_DEFAULT);
    CHECK_EQ(closed, 1);
    CHECK_EQ(uv_loop_close(&loop), 0);
    service_is_clean();
}

/* --- a thread of its own ---------------------------------------------------------------------- */

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int wanted, done;
    bool stop, up;
} work = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0, 0, false, false };

/* Everything of the library happens here; others leave a wish and wake it. */
static void *owner(void *arg)
{
    (void)arg;
    setup(NULL);
    memset(&seen, 0, sizeof seen);
    pthread_mutex_lock(&work.lock);
    work.up = true;
    pthread_cond_broadcast(&work.changed);
    while (!work.stop || wsc_ctx_pending(ctx)) {
        int n = work.wanted;

        work.wanted = 0;
        pthread_mutex_unlock(&work.lock);
        seen.in_loop = false;
        while (n-- > 0)
            start(client);
        seen.in_loop = true;
        wsc_ctx_wait(ctx, FOR_EVER);
        pthread_mutex_lock(&work.lock);
        work.done = seen.done;
        pthread_cond_broadcast(&work.changed);
    }
    pthread_mutex_unlock(&work.lock);
    teardown();
    return NULL;
}

static void own_thread(void)
{
    pthread_t t;
    int i;

    CHECK_EQ(pthread_create(&t, NULL, owner, NULL), 0);
    pthread_mutex_lock(&work.lock);
    while (!work.up)
        pthread_cond_wait(&work.changed, &work.lock);
    for (i = 0; i < MANY; i++) {
        work.wanted++;
        CHECK_EQ(wsc_ctx_wakeup(ctx), WSC_OK);
        if (i % 10 == 0) { /* some come while others are under way */
            pthread_mutex_unlock(&work.lock);
            pthread_mutex_lock(&work.lock);
        }
    }
    while (work.done < MANY)
        pthread_cond_wait(&work.changed, &work.lock);
    work.stop = true;
    CHECK_EQ(wsc_ctx_wakeup(ctx), WSC_OK);
    pthread_mutex_unlock(&work.lock);
    pthread_join(t, NULL);
    all_done();
    service_is_clean();
}

/* --- GLib ------------------------------------------------------------------------------------- */

#ifdef HAVE_GLIB
struct source {
    GSource base;
    wsc_ctx *ctx;
    gpointer tag;
};

static gboolean prepare(GSource *s, gint *timeout)
{
    *timeout = wsc_ctx_timeout(((struct source *)(void *)s)->ctx);
    return *timeout == 0;
}

static gboolean check(GSource *s)
{
    struct source *ours = (struct source *)(void *)s;

    return g_source_query_unix_fd(s, ours->tag) != 0 || wsc_ctx_timeout(ours->ctx) == 0;
}

static gboolean dispatch(GSource *s, GSourceFunc fn, gpointer ud)
{
    (void)fn;
    (void)ud;
    CHECK_EQ(wsc_ctx_step(((struct source *)(void *)s)->ctx), WSC_OK);
    return G_SOURCE_CONTINUE;
}

static GSourceFuncs funcs = { prepare, check, dispatch, NULL, NULL, NULL };

static void glib(void)
{
    GMainContext *main = g_main_context_new();
    struct source *s = (struct source *)(void *)g_source_new(&funcs, sizeof *s);

    setup(NULL);
    s->ctx = ctx;
    s->tag = g_source_add_unix_fd(&s->base, wsc_ctx_fd(ctx), G_IO_IN);
    g_source_attach(&s->base, main);
    start_all(client);
    while (wsc_ctx_pending(ctx))
        g_main_context_iteration(main, TRUE);
    all_done();
    g_source_destroy(&s->base);
    g_source_unref(&s->base);
    g_main_context_unref(main);
    teardown();
    service_is_clean();
}
#endif

static const struct test tests[] = {
    { "blocking", blocking },
    { "by_poll", by_poll },
    { "by_events", by_events },
    { "borrowed_uv", borrowed_uv },
    { "own_thread", own_thread },
#ifdef HAVE_GLIB
    { "glib", glib },
#endif
};

TEST_MAIN(tests)
