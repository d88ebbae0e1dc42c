/* First byte: how the text is cut. Whole and cut decode alike; bytes survive there and back. */
#include "base/b64.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    bool good, done;
    size_t used, made;
};

static void decode(const char *in, size_t len, size_t step, size_t room, uint8_t *out,
                   struct outcome *o)
{
    struct wsc__b64_decoder d;

    memset(o, 0, sizeof *o);
    o->good = true;
    wsc__b64_decoder_init(&d);
    while (o->good && o->used < len) {
        size_t n = len - o->used < step ? len - o->used : step, used, made;

        o->good = wsc__b64_decode(&d, in + o->used, n, &used, out + o->made, room, &made);
        if (o->good && !used && !made)
            abort();
        o->used += used;
        o->made += made;
    }
    o->done = wsc__b64_decoder_done(&d);
}

static void round_trip(const uint8_t *data, size_t size)
{
    struct wsc__buf b;
    struct outcome o;
    uint8_t *out = malloc(size + 16);

    wsc__buf_init(&b, &wsc__mem_libc, 4 * size + 16);
    if (!out || wsc__b64_encode(&b, data, size))
        abort();
    decode((const char *)wsc__buf_data(&b), b.len, b.len + 1, size + 16, out, &o);
    if (!o.good || !o.done || o.made != size || (size && memcmp(out, data, size)))
        abort();
    wsc__buf_free(&b);
    free(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, cut;
    uint8_t *a, *b;

    if (!size)
        return 0;
    a = malloc(2 * size + 64);
    b = malloc(2 * size + 64);
    if (!a || !b)
        abort();
    decode((const char *)data + 1, size - 1, size, size + 32, a, &whole);
    decode((const char *)data + 1, size - 1, 1 + (data[0] & 15), 3 + (data[0] >> 4), b, &cut);
    if (whole.good != cut.good || whole.done != cut.done || whole.used != cut.used ||
        whole.made != cut.made || memcmp(a, b, whole.made))
        abort();
    free(a);
    free(b);
    round_trip(data, size);
    return 0;
}
