/* What a command has said, read in turn or by stream, against plain arrays. */
#include "proto/output.h"

#include "base/codes.h"

#include "../unit/test.h"

enum { MOST = 20000 };

static uint8_t said[MOST], streams[MOST]; /* each byte in the order of production, 0 = taken */
static size_t nsaid;

static size_t left(int stream)
{
    size_t n = 0;

    for (size_t i = 0; i < nsaid; i++)
        n += streams[i] == stream;
    return n;
}

/* The first `len` bytes of the stream are these, and nobody gets them again. */
static void taken(int stream, const uint8_t *data, size_t len)
{
    size_t at = 0, i;

    for (i = 0; i < nsaid && at < len; i++) {
        if (streams[i] != stream)
            continue;
        CHECK_EQ(said[i], data[at]);
        streams[i] = 0;
        at++;
    }
    CHECK_EQ(at, len);
}

static int next_stream(void)
{
    for (size_t i = 0; i < nsaid; i++)
        if (streams[i])
            return streams[i];
    return 0;
}

static void read_some(struct wsc__output *o, uint64_t *seed)
{
    int of = (int)(test_random(seed) % 3), stream;
    const uint8_t *data = NULL;
    size_t len = 0;

    stream = wsc__output_next(o, of, &data, &len);
    CHECK_EQ(stream, of ? (left(of) ? of : 0) : next_stream());
    if (!stream || !CHECK(len > 0 && len <= left(stream)))
        return;
    len = 1 + test_random(seed) % len;
    taken(stream, data, len);
    wsc__output_take(o, stream, len);
}

static void any_order(void)
{
    struct wsc__output o;
    uint64_t seed = 11;
    uint8_t piece[40];

    wsc__output_init(&o, &wsc__mem_libc);
    nsaid = 0;
    while (nsaid < MOST - sizeof piece) {
        size_t n = test_random(&seed) % sizeof piece;
        int stream = 1 + (int)(test_random(&seed) % 2);

        for (size_t i = 0; i < n; i++)
            piece[i] = (uint8_t)test_random(&seed);
        CHECK_EQ(wsc__output_add(&o, stream, piece, n), WSC_OK);
        memcpy(said + nsaid, piece, n);
        memset(streams + nsaid, stream, n);
        nsaid += n;
        for (uint32_t reads = test_random(&seed) % 4; reads; reads--)
            read_some(&o, &seed);
    }
    while (next_stream())
        read_some(&o, &seed);
    CHECK_EQ(wsc__output_size(&o), 0);
    wsc__output_free(&o);
}

/* One stream alone is read, the other one piles up: its pieces become one. */
static void one_stream_only(void)
{
    struct wsc__output o;
    const uint8_t *data = NULL;
    size_t len = 0;

    wsc__output_init(&o, &wsc__mem_libc);
    for (int i = 0; i < 1000; i++) {
        CHECK_EQ(wsc__output_add(&o, 1, "out", 3), WSC_OK);
        CHECK_EQ(wsc__output_add(&o, 2, "err", 3), WSC_OK);
        CHECK_EQ(wsc__output_next(&o, 2, &data, &len), 2);
        CHECK_EQ(len, 3);
        wsc__output_take(&o, 2, len);
        CHECK_EQ(wsc__output_size(&o), 3 * (size_t)(i + 1)); /* no order to remember */
    }
    CHECK_EQ(wsc__output_next(&o, 0, &data, &len), 1);
    CHECK_EQ(len, 3000);
    wsc__output_take(&o, 1, len);
    CHECK_EQ(wsc__output_next(&o, 0, &data, &len), 0);
    wsc__output_free(&o);
}

static const struct test tests[] = {
    { "any_order", any_order },
    { "one_stream_only", one_stream_only },
};

TEST_MAIN(tests)
