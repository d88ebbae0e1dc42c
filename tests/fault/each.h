/* A scenario is run again and again, and every time a later allocation fails. */
#ifndef WSC_TEST_EACH_H
#define WSC_TEST_EACH_H

#include "../proto/life.h"

static inline bool fits(int status, int also)
{
    return status == WSC_OK || status == WSC_E_NOMEM || status == also;
}

static inline void quiet(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)level;
    (void)component;

    *(size_t *)ud += msg[len - 1] != 0;
}

static size_t logged;

/* A world whose k-th allocation fails; NULL when there is no context. */
static inline bool begin(long k)
{
    int rc;

    memset(&l, 0, sizeof l);
    peer_init(&l.p, k);
    rc = wsc_ctx_new_with_alloc(&l.ctx, test_mem_fn, &l.p.d.mem);
    if (rc != WSC_OK) {
        CHECK_EQ(rc, WSC_E_NOMEM);
        CHECK(l.ctx == NULL);
        return false;
    }
    CHECK_EQ(wsc_ctx_set_log(l.ctx, WSC_LOG_TRACE, quiet, &logged, NULL), WSC_OK);
    return true;
}

static inline bool client(const char *const *list)
{
    wsc_params *p = client_options(list);
    int rc = wsc_client_new(&l.client, l.ctx, "server", NULL, p);

    wsc_params_unref(p);
    CHECK(rc == WSC_OK || rc == WSC_E_NOMEM);
    CHECK((rc == WSC_OK) == (l.client != NULL));
    return rc == WSC_OK;
}

/* true: the scenario is over, no allocation failed any more. */
static inline bool finish(void)
{
    bool over;

    if (l.ctx) {
        int i;

        for (i = 0; i < 2000 && wsc_ctx_pending(l.ctx); i++)
            wsc_ctx_wait(l.ctx, 1000);
        CHECK_EQ(wsc_ctx_pending(l.ctx), 0);
    }
    wsc_client_unref(l.client);
    wsc_ctx_unref(l.ctx);
    over = l.p.d.mem.calls <= l.p.d.mem.fail_at;
    CHECK(peer_free(&l.p));
    return over;
}

static inline void each(const char *name, bool (*scenario)(long k))
{
    long k;

    for (k = 0; k < 20000; k++) {
        int before = test_failures;
        bool over = scenario(k);

        if (test_failures > before)
            printf("# %s: allocation %ld\n", name, k);
        if (over) {
            printf("# %s: %ld allocations\n", name, k);
            return;
        }
        if (test_failures > 60)
            return;
    }
    FAIL("ends");
}

#define EACH(fn)                                                                                   \
    static void test_##fn(void)                                                                    \
    {                                                                                              \
        each(#fn, fn);                                                                             \
    }

#endif
