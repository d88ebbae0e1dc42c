#include "base/buf.h"
#include "base/codes.h"
#include "base/log.h"
#include "base/mem.h"

#include "test.h"

static void append_and_consume(void)
{
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 1000);
    CHECK_STR(wsc__buf_cstr(&b), "");
    CHECK_EQ(wsc__buf_puts(&b, "hello"), 0);
    CHECK_EQ(wsc__buf_putc(&b, ' '), 0);
    CHECK_EQ(wsc__buf_put_u64(&b, UINT64_MAX), 0);
    CHECK_EQ(wsc__buf_put_u64(&b, 0), 0);
    CHECK_STR(wsc__buf_cstr(&b), "hello 184467440737095516150");
    wsc__buf_consume(&b, 6);
    CHECK_STR(wsc__buf_cstr(&b), "184467440737095516150");
    wsc__buf_consume(&b, 1000);
    CHECK_EQ(b.len, 0);
    CHECK(b.base != NULL);
    wsc__buf_free(&b);
    CHECK(b.base == NULL);
    CHECK(wsc__buf_data(&b) != NULL);
    wsc__buf_free(&b);
}

static void ceiling(void)
{
    struct wsc__buf b;
    uint8_t *p, big[200];

    memset(big, 'x', sizeof big);
    wsc__buf_init(&b, &wsc__mem_libc, 100);
    CHECK_EQ(wsc__buf_append(&b, big, 100), 0);
    CHECK_EQ(wsc__buf_putc(&b, 'y'), WSC_E_LIMIT);
    CHECK_EQ(wsc__buf_reserve(&b, SIZE_MAX, &p), WSC_E_LIMIT);
    CHECK_EQ(b.len, 100);
    CHECK(wsc__buf_cstr(&b) != NULL); /* the NUL has room even then */
    wsc__buf_consume(&b, 60);
    CHECK_EQ(wsc__buf_append(&b, big, 60), 0);
    CHECK_EQ(b.len, 100);
    CHECK(b.cap <= 101);
    wsc__buf_free(&b);
}

static void queue_stays_small(void)
{
    struct wsc__buf b;
    uint8_t expect = 0, next = 0;

    wsc__buf_init(&b, &wsc__mem_libc, 1 << 20);
    for (int i = 0; i < 100000; i++) {
        for (int j = 0; j < 7; j++)
            CHECK_EQ(wsc__buf_putc(&b, (char)next++), 0);
        while (b.len > 50) {
            if (*wsc__buf_data(&b) != expect++)
                FAIL("order");
            wsc__buf_consume(&b, 1);
        }
    }
    CHECK(b.cap <= 512);
    wsc__buf_free(&b);
}

static uint8_t seen[4096];
static size_t seen_len;

/* Remembers what is in a block when it is given back. */
static void *spying(void *ptr, size_t size, void *user_data)
{
    static size_t last;

    (void)user_data;
    if (ptr) {
        for (size_t i = 0; i < last && seen_len < sizeof seen; i++)
            seen[seen_len++] = ((uint8_t *)ptr)[i];
    }
    if (!size) {
        free(ptr);
        return NULL;
    }
    last = size;
    return realloc(ptr, size);
}

static void secrets_are_wiped(void)
{
    struct wsc__mem mem = { spying, NULL };
    struct wsc__buf b;
    char word[16];

    seen_len = 0;
    wsc__buf_init(&b, &mem, 2000);
    b.secret = 1;
    wsc__buf_puts(&b, "SSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSSS");
    wsc__buf_free(&b);
    CHECK(seen_len > 0);
    for (size_t i = 0; i < seen_len; i++)
        CHECK_EQ(seen[i], 0);
    memset(word, 'S', sizeof word);
    wsc__wipe(word, sizeof word);
    CHECK_EQ(word[0] | word[15], 0);
}

static void secret_growth_leaves_nothing(void)
{
    struct test_mem m;
    struct wsc__buf b;

    test_mem_init(&m, -1);
    wsc__buf_init(&b, &m.mem, 100000);
    b.secret = 1;
    for (int i = 0; i < 50000; i++)
        CHECK_EQ(wsc__buf_putc(&b, (char)('a' + i % 26)), 0);
    for (int i = 0; i < 50000; i += 997)
        CHECK_EQ(wsc__buf_data(&b)[i], 'a' + i % 26);
    wsc__buf_free(&b);
    CHECK_EQ(m.live, 0);
}

static int some_work(const struct wsc__mem *mem)
{
    struct wsc__buf b;
    int rc = 0;

    wsc__buf_init(&b, mem, 100000);
    for (int i = 0; i < 20 && !rc; i++) {
        size_t before = b.len;

        rc = wsc__buf_append(&b, "0123456789012345678901234567890123456789", 40);
        if (rc) {
            CHECK_EQ(rc, WSC_E_NOMEM);
            CHECK_EQ(b.len, before);
        }
    }
    if (!rc && !wsc__buf_cstr(&b))
        rc = WSC_E_NOMEM;
    wsc__buf_free(&b);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(some_work);
}

static void arrays_do_not_overflow(void)
{
    char *s;

    CHECK(wsc__zalloc_array(&wsc__mem_libc, SIZE_MAX / 2, 3) == NULL);
    CHECK(wsc__realloc_array(&wsc__mem_libc, NULL, SIZE_MAX / 2, 3) == NULL);
    CHECK(wsc__strdup(&wsc__mem_libc, NULL) == NULL);
    s = wsc__strndup(&wsc__mem_libc, "abc", 2);
    CHECK_STR(s, "ab");
    wsc__free(&wsc__mem_libc, s);
    wsc__free(&wsc__mem_libc, NULL);
    s = wsc__malloc(&wsc__mem_libc, 0);
    CHECK(s != NULL);
    wsc__free_secret(&wsc__mem_libc, s, 0);
}

static char logged[2000];
static size_t logged_len;

static void take_log(int level, const char *component, const char *msg, size_t len, void *user_data)
{
    (void)level;
    (void)component;
    (void)user_data;
    memcpy(logged, msg, len);
    logged[len] = '\0';
    logged_len = len;
}

static void log_lines(void)
{
    struct wsc__log log = { WSC_LOG_INFO, take_log, NULL };
    char big[3000];

    memset(big, 'x', sizeof big);
    big[2999] = '\0';
    CHECK(!wsc__log_on(NULL, 1));
    CHECK(!wsc__log_on(&log, WSC_LOG_DEBUG));
    CHECK(wsc__log_on(&log, WSC_LOG_WARN));
    wsc__logf(&log, WSC_LOG_INFO, "t", "a\r\nb\t%d", 7);
    CHECK_STR(logged, "a??b\t7");
    wsc__logf(&log, WSC_LOG_INFO, "t", "%s", big);
    CHECK_EQ(logged_len, 1024);
    big[1023] = (char)0xc3;
    big[1024] = (char)0xa4;
    wsc__logf(&log, WSC_LOG_INFO, "t", "%s", big);
    CHECK_EQ(logged_len, 1023);
    wsc__log_text(&log, WSC_LOG_INFO, "t", "x\ny", 3);
    CHECK_STR(logged, "x\ny");
}

static const struct test tests[] = {
    { "append_and_consume", append_and_consume },
    { "ceiling", ceiling },
    { "queue_stays_small", queue_stays_small },
    { "secrets_are_wiped", secrets_are_wiped },
    { "secret_growth_leaves_nothing", secret_growth_leaves_nothing },
    { "out_of_memory", out_of_memory },
    { "arrays_do_not_overflow", arrays_do_not_overflow },
    { "log_lines", log_lines },
};

TEST_MAIN(tests)
