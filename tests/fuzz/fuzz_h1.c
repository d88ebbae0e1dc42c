/* First byte: how the rest is cut. The rest is a reply; whole and cut it must come to the same. */
#include "http/h1.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct outcome {
    int code, status;
    bool keep_alive;
    size_t body;
    uint64_t sum;
};

static void look(struct wsc__h1_reply *r)
{
    struct wsc__challenge c;
    struct wsc__buf b;
    char text[32];
    const char *type = wsc__h1_header(r, "Content-Type", 0);

    for (unsigned i = 0; wsc__h1_challenge(r, "WWW-Authenticate", i, &c); i++) {
        if (c.rest_len > 100000)
            abort();
    }
    (void)wsc__h1_media_is(type, "application/soap+xml");
    (void)wsc__h1_media_param(type, "charset", text, sizeof text);
    wsc__buf_init(&b, r->mem, 100000);
    (void)wsc__h1_reply_masked(r, &b);
    wsc__buf_free(&b);
}

static void run(const uint8_t *in, size_t len, size_t step, bool connect, struct outcome *o)
{
    static const struct wsc__h1_limits limits = { 1000, 30, 3, 20000 };
    struct wsc__h1_reply r;
    enum wsc__h1_event ev = WSC__H1_MORE;
    struct wsc_error *err = NULL;
    size_t at = 0;

    memset(o, 0, sizeof *o);
    wsc__h1_reply_init(&r, &wsc__mem_libc, &limits, connect);
    while (ev != WSC__H1_DONE && ev != WSC__H1_ERROR) {
        size_t n = len - at < step ? len - at : step, used, got;
        const uint8_t *body;

        ev = n ? wsc__h1_read(&r, in + at, n, &used, &body, &got, &err) : wsc__h1_eof(&r, &err);
        if (!n)
            break;
        at += used;
        if (ev == WSC__H1_HEAD)
            look(&r);
        for (size_t i = 0; ev == WSC__H1_BODY && i < got; i++)
            o->sum = o->sum * 31 + body[i];
        o->body += ev == WSC__H1_BODY ? got : 0;
    }
    o->code = wsc__error_code(err);
    o->status = r.status;
    o->keep_alive = r.keep_alive;
    wsc__error_unref(err);
    wsc__h1_reply_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct outcome whole, cut;
    bool connect;

    if (!size)
        return 0;
    connect = (data[0] & 0x80) != 0;
    run(data + 1, size - 1, SIZE_MAX, connect, &whole);
    run(data + 1, size - 1, 1 + (data[0] & 0x1f), connect, &cut);
    if (whole.code != cut.code || whole.body != cut.body || whole.sum != cut.sum ||
        (!whole.code && (whole.status != cut.status || whole.keep_alive != cut.keep_alive)))
        abort();
    return 0;
}
