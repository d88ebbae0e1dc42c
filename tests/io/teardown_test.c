/* A context that goes while threads are at work for it: look-ups that hang or that end at the same
 * moment, wake-ups that come all the time. For the thread sanitizer, too. */
#include "test.h"

#include "lookups.h"

#include <stdatomic.h>
#include <wsman-client/wsman-client.h>

enum { CLIENTS = 6 };

static struct {
    struct test_mem mem;
    wsc_ctx *ctx;
    wsc_client *clients[CLIENTS];
    wsc_op *ops[CLIENTS];
    int ended[CLIENTS], status[CLIENTS];
} w;

static void on_done(wsc_op *op, int status, void *ud)
{
    long i = (int *)ud - w.ended;

    CHECK(op == w.ops[i]);
    w.ended[i]++;
    w.status[i] = status;
}

/* A context with two resolver threads at most, and n look-ups under way. */
static void begin(int n)
{
    wsc_params *p = NULL;
    char name[16];

    memset(&w, 0, sizeof w);
    test_mem_init(&w.mem, -1);
    CHECK_EQ(wsc_ctx_new_with_alloc(&w.ctx, test_mem_fn, &w.mem), WSC_OK);
    CHECK_EQ(wsc_params_new(&p), WSC_OK);
    CHECK_EQ(wsc_params_set_int(p, "resolver-workers", 2), WSC_OK);
    CHECK_EQ(wsc_params_set_str(p, "auth", "none"), WSC_OK);
    CHECK_EQ(wsc_ctx_set_params(w.ctx, p), WSC_OK);
    wsc_params_unref(p);
    pthread_mutex_lock(&lock);
    asked = 0;
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < n; i++) {
        snprintf(name, sizeof name, "bad%d", i);
        CHECK_EQ(wsc_client_new(&w.clients[i], w.ctx, name, NULL, NULL), WSC_OK);
        CHECK_EQ(wsc_identify(&w.ops[i], w.clients[i], NULL), WSC_OK);
        CHECK_EQ(wsc_op_on_done(w.ops[i], on_done, &w.ended[i], NULL), WSC_OK);
    }
}

/* The context first: what was made from it stays valid. */
static void end(void)
{
    wsc_ctx_unref(w.ctx);
    for (int i = 0; i < CLIENTS; i++) {
        CHECK_EQ(w.ended[i], w.ops[i] != NULL);
        wsc_op_unref(w.ops[i]);
        wsc_client_unref(w.clients[i]);
    }
    CHECK_EQ(w.mem.live, 0);
}

/* Threads that are inside getaddrinfo hold nothing that is the context's. */
static void look_ups_hang(void)
{
    set_held(true);
    begin(CLIENTS);
    wait_for(&asked, 2);
    end();
    for (int i = 0; i < CLIENTS; i++)
        CHECK_EQ(w.status[i], WSC_E_CANCELED);
    CHECK_EQ(running, 2);
    set_held(false);
    wait_until_none_runs();
    CHECK_EQ(asked, 2); /* for nobody: those that waited are not looked up */
}

static void close_does_not_wait_for_them(void)
{
    set_held(true);
    begin(3);
    wait_for(&asked, 2);
    CHECK_EQ(wsc_ctx_close(w.ctx, -1), WSC_OK);
    end();
    set_held(false);
    wait_until_none_runs();
}

/* The answers come before, during and after the end. */
static void answers_at_the_same_moment(void)
{
    for (int round = 0; round < 200; round++) {
        begin(CLIENTS);
        for (int i = 0; i < round % 5; i++)
            CHECK_EQ(wsc_ctx_step(w.ctx), WSC_OK);
        if (round % 3 == 0)
            wait_for(&asked, 1 + round % 4);
        end();
        for (int i = 0; i < CLIENTS; i++)
            CHECK(w.status[i] == WSC_E_CANCELED || w.status[i] == WSC_E_RESOLVE);
    }
    wait_until_none_runs();
}

/* Who asks again while the look-up of one that was canceled hangs gets its answer. */
static void canceled_and_asked_again(void)
{
    wsc_op *again = NULL;

    set_held(true);
    begin(1);
    wait_for(&asked, 1);
    CHECK_EQ(wsc_op_cancel(w.ops[0]), WSC_OK);
    CHECK_EQ(wsc_op_wait(w.ops[0], -1), WSC_E_CANCELED);
    CHECK_EQ(wsc_identify(&again, w.clients[0], NULL), WSC_OK);
    CHECK_EQ(wsc_ctx_step(w.ctx), WSC_OK);
    set_held(false);
    CHECK_EQ(wsc_op_wait(again, -1), WSC_E_RESOLVE);
    CHECK_EQ(asked, 1);
    wsc_op_unref(again);
    end();
    wait_until_none_runs();
}

/* --- wake-ups --------------------------------------------------------------------------------- */

static atomic_bool enough;

static void *keep_waking(void *arg)
{
    long n = 0;

    do {
        if (wsc_ctx_wakeup(arg) != WSC_OK)
            return NULL;
        n++;
    } while (!atomic_load(&enough));
    return (void *)(intptr_t)n;
}

/* They may come until unref, also while the context closes. */
static void woken_until_the_end(void)
{
    for (int round = 0; round < 50; round++) {
        pthread_t threads[2];
        void *n;

        begin(CLIENTS);
        atomic_store(&enough, false);
        for (int i = 0; i < 2; i++)
            CHECK_EQ(pthread_create(&threads[i], NULL, keep_waking, w.ctx), 0);
        CHECK_EQ(wsc_ctx_wait(w.ctx, -1), WSC_OK);
        CHECK_EQ(wsc_ctx_close(w.ctx, -1), WSC_OK);
        atomic_store(&enough, true);
        for (int i = 0; i < 2; i++) {
            CHECK_EQ(pthread_join(threads[i], &n), 0);
            CHECK(n != NULL);
        }
        end();
    }
    wait_until_none_runs();
}

static const struct test tests[] = {
    { "look_ups_hang", look_ups_hang },
    { "close_does_not_wait_for_them", close_does_not_wait_for_them },
    { "answers_at_the_same_moment", answers_at_the_same_moment },
    { "canceled_and_asked_again", canceled_and_asked_again },
    { "woken_until_the_end", woken_until_the_end },
};

TEST_MAIN(tests)
