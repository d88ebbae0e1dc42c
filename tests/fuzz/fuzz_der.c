/* Elements lie inside what they are read from, one behind the other and none twice; written anew
 * they say the same in no more bytes. */
#include "auth/der.h"

#include "input.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rewrite(uint8_t tag, struct wsc__der content, size_t was)
{
    struct wsc__buf b;
    struct wsc__der again, whole;

    wsc__buf_init(&b, &wsc__mem_libc, SIZE_MAX);
    must(wsc__der_put(&b, tag, content.p, content.len) == 0, "what was read can be written");
    must(b.len <= was, "no more octets than it had");
    whole.p = wsc__buf_data(&b);
    whole.len = b.len;
    must(wsc__der_only(whole, tag, &again) && wsc__der_equal(again, content.p, content.len),
         "it says the same");
    wsc__buf_free(&b);
}

static void walk(struct wsc__der in, unsigned depth)
{
    struct wsc__der content;
    uint32_t number;
    char text[40];
    uint8_t tag = 0;

    while (in.len) {
        struct wsc__der before = in;
        const uint8_t *start = in.p;

        if (!wsc__der_next(&in, &tag, &content)) {
            must(in.p == before.p && in.len == before.len, "nothing is taken of what is wrong");
            must(!wsc__der_take(&in, in.p[0], &content), "nor by its tag");
            return;
        }
        must(content.p >= before.p + 2 && content.p + content.len == in.p, "inside");
        must((size_t)(in.p - before.p) + in.len == before.len, "all is counted");
        must(before.p[0] == tag && !wsc__der_take(&before, tag ^ 1, &content), "its own tag");
        must(wsc__der_take(&before, tag, &content) && before.p == in.p, "the same by its tag");
        rewrite(tag, content, (size_t)(in.p - start));
        if (wsc__der_u32(content, &number))
            must(content.len && !(content.p[0] & 0x80), "a number that is not negative");
        wsc__der_oid_text(content, text, sizeof text);
        must(strlen(text) < sizeof text && strspn(text, "0123456789.") == strlen(text), "an OID");
        if (depth < 8)
            walk(content, depth + 1);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsc__der in = { data, size };

    if (size <= 10000)
        walk(in, 0);
    return 0;
}
