/* What stands in for memory and for chance: an allocator that counts and can fail, random numbers
 * that repeat. */
#ifndef WSC_TEST_FAKES_H
#define WSC_TEST_FAKES_H

#include "base/mem.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

/* --- an allocator that counts, and fails once ------------------------------------------------- */

struct test_mem {
    struct wsc__mem mem;
    long calls;   /* allocations asked for */
    long fail_at; /* this one fails, counted from 0; -1: none */
    long live;    /* blocks not freed */
};

static inline void *test_mem_fn(void *ptr, size_t size, void *user_data)
{
    struct test_mem *m = user_data;
    void *p;

    if (!size) {
        m->live -= ptr != NULL;
        free(ptr);
        return NULL;
    }
    if (m->calls++ == m->fail_at)
        return NULL;
    p = realloc(ptr, size);
    m->live += p && !ptr;
    return p;
}

static inline void test_mem_init(struct test_mem *m, long fail_at)
{
    m->mem.fn = test_mem_fn;
    m->mem.user_data = m;
    m->calls = m->live = 0;
    m->fail_at = fail_at;
}

/* --- repeatable random numbers ---------------------------------------------------------------- */

static inline uint32_t test_random(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(*state >> 33);
}

#endif
