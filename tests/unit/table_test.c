/* The hash table by text, against a list that says what has to be in it. */
#include "base/table.h"

#include "test.h"

#include "base/codes.h"
#include "base/list.h"

enum { ENTRIES = 300 };

struct thing {
    struct wsc__entry entry;
    char key[8];
    bool in;
};

static int fill(const struct wsc__mem *mem)
{
    static struct thing things[ENTRIES];
    struct wsc__table t;
    uint64_t seed = 3;
    size_t in = 0;
    int rc = WSC_OK;

    memset(things, 0, sizeof things);
    wsc__table_init(&t, mem);
    for (int turn = 0; turn < 3000 && rc == WSC_OK; turn++) {
        struct thing *a = &things[test_random(&seed) % ENTRIES];

        snprintf(a->key, sizeof a->key, "k%d", (int)(a - things));
        a->entry.key = a->key;
        if (a->in)
            wsc__table_remove(&t, &a->entry);
        else
            rc = wsc__table_add(&t, &a->entry);
        if (rc == WSC_OK) {
            a->in = !a->in;
            in += a->in ? 1u : (size_t)-1;
        }
        if (turn % 50)
            continue;
        CHECK_EQ(t.count, in);
        for (int i = 0; i < ENTRIES; i++)
            CHECK(!*things[i].key ||
                  wsc__table_find(&t, things[i].key) == (things[i].in ? &things[i].entry : NULL));
    }
    CHECK(wsc__table_find(&t, "none") == NULL);
    CHECK(rc != WSC_OK || t.nbuckets >= in / 2); /* it has grown */
    wsc__table_free(&t);
    return rc;
}

static void grows_and_shrinks(void)
{
    CHECK_EQ(fill(&wsc__mem_libc), WSC_OK);
}

/* Without memory for more buckets its chains are longer, that is all; only the first ones it needs.
 */
static void no_memory_to_grow(void)
{
    for (long k = 0; k < 4; k++) {
        struct test_mem m;

        test_mem_init(&m, k);
        CHECK_EQ(fill(&m.mem), k ? WSC_OK : WSC_E_NOMEM);
        CHECK_EQ(m.live, 0);
        CHECK(m.calls > k);
    }
}

/* Whatever is in comes once, and every second one may go on the way. */
static void walked(void)
{
    static struct thing things[ENTRIES];
    struct wsc__table t;
    struct wsc__entry *e, *next;
    size_t met = 0;

    wsc__table_init(&t, &wsc__mem_libc);
    CHECK(wsc__table_next(&t, NULL) == NULL);
    for (int i = 0; i < ENTRIES; i++) {
        snprintf(things[i].key, sizeof things[i].key, "k%d", i);
        things[i].entry.key = things[i].key;
        CHECK_EQ(wsc__table_add(&t, &things[i].entry), WSC_OK);
    }
    for (e = wsc__table_next(&t, NULL); e; e = next) {
        struct thing *a = WSC__OF(e, struct thing, entry);

        next = wsc__table_next(&t, e);
        CHECK(!a->in); /* not met yet */
        a->in = true;
        if (met++ % 2)
            wsc__table_remove(&t, e);
    }
    CHECK_EQ(met, ENTRIES);
    for (met = 0, e = wsc__table_next(&t, NULL); e; e = wsc__table_next(&t, e))
        met++;
    CHECK_EQ(met, ENTRIES / 2);
    wsc__table_free(&t);
}

static const struct test tests[] = {
    { "grows_and_shrinks", grows_and_shrinks },
    { "no_memory_to_grow", no_memory_to_grow },
    { "walked", walked },
};

TEST_MAIN(tests)
