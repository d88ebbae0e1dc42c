/* The harness of the unit tests: checks that count, a table of named functions. Include it once per
 * program. */
#ifndef WSC_TEST_H
#define WSC_TEST_H

#include "fakes.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_failures; /* checks failed in the running test */

#define CHECK(cond)     test_check((cond) ? 1 : 0, __FILE__, __LINE__, #cond)
#define FAIL(text)      test_check(0, __FILE__, __LINE__, text)
#define CHECK_EQ(a, b)  test_eq((int64_t)(a), (int64_t)(b), __FILE__, __LINE__, #a " == " #b)
#define CHECK_STR(a, b) test_str((a), (b), __FILE__, __LINE__, #a)

static inline bool test_check(int good, const char *file, int line, const char *text)
{
    if (!good) {
        test_failures++;
        if (test_failures <= 20)
            printf("# %s:%d: failed: %s\n", file, line, text);
    }
    return good != 0;
}

static inline bool test_eq(int64_t a, int64_t b, const char *file, int line, const char *text)
{
    if (a != b && test_failures < 20)
        printf("# %s:%d: %" PRId64 " is not %" PRId64 "\n", file, line, a, b);
    return test_check(a == b, file, line, text);
}

static inline bool test_str(const char *a, const char *b, const char *file, int line,
                            const char *text)
{
    bool same = a && b ? !strcmp(a, b) : a == b;

    if (!same && test_failures < 20)
        printf("# %s:%d: \"%s\" is not \"%s\"\n", file, line, a ? a : "(null)", b ? b : "(null)");
    return test_check(same, file, line, text);
}

struct test {
    const char *name;
    void (*fn)(void);
};

/* Runs all, or those whose names are given as arguments. */
static inline int test_main(const struct test *tests, size_t n, int argc, char **argv)
{
    int passed = 0, failed = 0;

    setvbuf(stdout, NULL, _IOLBF, 0);
    for (size_t i = 0; i < n; i++) {
        bool wanted = argc < 2;

        for (int a = 1; a < argc; a++)
            wanted |= !strcmp(argv[a], tests[i].name);
        if (!wanted)
            continue;
        test_failures = 0;
        tests[i].fn();
        printf("%s %zu - %s\n", test_failures ? "not ok" : "ok", i + 1, tests[i].name);
        if (test_failures)
            failed++;
        else
            passed++;
    }
    for (size_t i = 0; !passed && !failed && i < n; i++)
        printf("# there is %s\n", tests[i].name);
    printf("%d passed, %d failed\n", passed, failed);
    return failed || !passed ? 1 : 0;
}

#define TEST_MAIN(tests)                                                                           \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        return test_main(tests, sizeof(tests) / sizeof *(tests), argc, argv);                      \
    }

/* --- memory that runs out --------------------------------------------------------------------- */

/* Runs fn with the k-th allocation failing, k = 0, 1, ... until none failed. fn returns 0 when it
 * succeeded; it must free what it made in any case. */
static inline void test_each_failure(int (*fn)(const struct wsc__mem *mem))
{
    for (long k = 0; k < 10000; k++) {
        struct test_mem m;
        int rc;

        test_mem_init(&m, k);
        rc = fn(&m.mem);
        CHECK_EQ(m.live, 0);
        if (m.calls <= k) { /* nothing failed */
            CHECK_EQ(rc, 0);
            return;
        }
    }
    FAIL("ends");
}

#endif
