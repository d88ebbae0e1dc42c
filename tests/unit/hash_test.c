#include "base/hash.h"

#include "test.h"

static uint64_t whole(const void *data, size_t len)
{
    struct wsc__hash h;

    wsc__hash_init(&h);
    wsc__hash_add(&h, data, len);
    return wsc__hash_value(&h);
}

static void same_for_every_cut(void)
{
    uint8_t data[300];
    uint64_t seed = 5;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)test_random(&seed);
    for (size_t len = 0; len < 100; len++) {
        for (size_t a = 0; a <= len; a++) {
            struct wsc__hash h;

            wsc__hash_init(&h);
            wsc__hash_add(&h, data, a);
            CHECK(wsc__hash_value(&h) == whole(data, a)); /* asking changes nothing */
            wsc__hash_add(&h, data + a, len - a);
            CHECK(wsc__hash_value(&h) == whole(data, len));
        }
    }
    for (int turn = 0; turn < 2000; turn++) {
        struct wsc__hash h;
        size_t at = 0;

        wsc__hash_init(&h);
        while (at < sizeof data) {
            size_t n = test_random(&seed) % 40;

            if (n > sizeof data - at)
                n = sizeof data - at;
            wsc__hash_add(&h, data + at, n);
            at += n;
        }
        CHECK(wsc__hash_value(&h) == whole(data, sizeof data));
    }
}

static void differs(void)
{
    uint8_t data[64] = { 0 };
    uint64_t value[65 + 512];
    size_t n = 0;

    for (size_t len = 0; len <= 64; len++) /* zeros count */
        value[n++] = whole(data, len);
    for (size_t bit = 0; bit < 512; bit++) {
        data[bit / 8] = (uint8_t)(1 << bit % 8);
        value[n++] = whole(data, 64);
        data[bit / 8] = 0;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            CHECK(value[i] != value[j]);
    }
    CHECK(whole("ab", 2) != whole("ba", 2));
}

/* A change in one place never cancels one in another, whatever stands around them. */
static void no_two_cancel(void)
{
    uint8_t a[192], b[sizeof a];
    uint64_t seed = 9;
    int same = 0;

    for (size_t i = 0; i < sizeof a; i++)
        a[i] = (uint8_t)test_random(&seed);
    for (size_t place = 8; place < 144; place += 8) { /* of the second change, from the first */
        for (unsigned i = 0; i < 64; i++) {
            for (unsigned j = 0; j < 64; j++) {
                memcpy(b, a, sizeof a);
                b[8 + i / 8] ^= (uint8_t)(1u << i % 8);
                b[8 + place + j / 8] ^= (uint8_t)(1u << j % 8);
                same += whole(a, sizeof a) == whole(b, sizeof b);
            }
        }
    }
    CHECK_EQ(same, 0);
}

/* The constant with which the second word of each pair is mixed: it must not make the first one
 * count for nothing. */
static void constant_in_the_input(void)
{
    static const uint64_t constant = UINT64_C(0x9E3779B97F4A7C15);
    uint8_t a[128] = { 1 }, b[128] = { 2 };

    for (size_t i = 72; i < 128; i += 16) {
        memcpy(a + i, &constant, 8);
        memcpy(b + i, &constant, 8);
    }
    CHECK(whole(a, sizeof a) != whole(b, sizeof b));
}

static void halves(void)
{
    CHECK(wsc__hash_fold(UINT64_MAX, UINT64_MAX) == UINT64_MAX); /* 1 and 2^64 - 2 */
    CHECK(wsc__hash_fold(UINT64_MAX, 1) == UINT64_MAX);
    CHECK(wsc__hash_fold(UINT64_C(1) << 32, UINT64_C(1) << 32) == 1);
    CHECK(wsc__hash_fold(UINT64_C(0x123456789abcdef0), UINT64_C(0xfedcba9876543211)) ==
          (UINT64_C(0x35a1df76f0d5adf0) ^ UINT64_C(0x121fa00ad77d7422)));
}

static void spreads(void)
{
    uint64_t changed = 0;
    uint32_t a[8] = { 0 };

    for (uint32_t i = 0; i < 1000; i++) {
        uint64_t x;

        a[3] = i;
        x = whole(a, sizeof a);
        a[3] = i ^ 1;
        x ^= whole(a, sizeof a);
        for (; x; x &= x - 1)
            changed++;
    }
    CHECK(changed > 28 * 1000 && changed < 36 * 1000); /* about half of the bits */
}

static const struct test tests[] = {
    { "same_for_every_cut", same_for_every_cut },
    { "differs", differs },
    { "no_two_cancel", no_two_cancel },
    { "constant_in_the_input", constant_in_the_input },
    { "halves", halves },
    { "spreads", spreads },
};

TEST_MAIN(tests)
