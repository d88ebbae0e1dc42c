/* Real sockets with an allocator whose k-th call fails: one end each, no leak, no crash. */
#include "ears.h"

static struct test_mem mem;

static bool fits(int rc)
{
    return rc == WSC_OK || rc == WSC_E_NOMEM || rc == WSC_E_DESCRIPTORS;
}

static struct ear ear;

/* true: nothing failed any more */
static bool life(long k, const char *url)
{
    static const char *const list[] = { "open-timeout", "5s", "cancel-timeout", "2s", NULL };
    wsc_params *p;
    wsc_command *c = NULL;
    wsc_op *op = NULL;
    size_t n;
    int rc;

    memset(&ear, 0, sizeof ear);
    ctx = NULL;
    client = NULL;
    test_mem_init(&mem, k);
    rc = wsc_ctx_new_with_alloc(&ctx, test_mem_fn, &mem);
    CHECK(fits(rc));
    if (rc != WSC_OK) {
        CHECK_EQ(mem.live, 0);
        return false;
    }
    p = login(list);
    rc = wsc_client_new(&client, ctx, url, NULL, p);
    CHECK(fits(rc));
    wsc_params_unref(p);
    if (rc == WSC_OK && CHECK(fits(wsc_identify(&op, client, NULL))) && op) {
        CHECK(fits(wsc_op_wait(op, FOR_EVER)));
        wsc_op_unref(op);
    }
    if (rc == WSC_OK && CHECK(fits(wsc_client_run(&c, client, "cat", NULL, 0, NULL))) && c) {
        CHECK_EQ(wsc_command_on_exit(c, on_exit_, &ear, NULL), WSC_OK);
        rc = wsc_command_write(c, "hello", 5, &n, FOR_EVER);
        CHECK(fits(rc));
        wsc_command_write_eof(c);
        rc = wsc_command_wait(c, FOR_EVER);
        CHECK(fits(rc));
        wsc_ctx_step(ctx);
        CHECK_EQ(ear.exit, 1);
        CHECK_EQ(ear.status, rc);
        wsc_command_unref(c);
    }
    wsc_client_unref(client);
    CHECK_EQ(wsc_ctx_close(ctx, FOR_EVER), WSC_OK);
    wsc_ctx_unref(ctx);
    CHECK_EQ(mem.live, 0);
    return mem.calls <= k;
}

static void every_allocation(void)
{
    long k;

    for (k = 0; k < 5000; k++) {
        int before = test_failures;
        bool over = life(k, env("WSC_ENDPOINT_URL"));

        if (test_failures > before)
            printf("# allocation %ld\n", k);
        if (over || test_failures > 40) {
            printf("# %ld allocations\n", k);
            break;
        }
    }
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

static const struct test tests[] = {
    { "every_allocation", every_allocation },
};

TEST_MAIN(tests)
