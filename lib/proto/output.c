#include "proto/output.h"

#include "base/codes.h"

#include <string.h>

void wsc__output_init(struct wsc__output *o, const struct wsc__mem *mem)
{
    memset(o, 0, sizeof *o);
    o->mem = mem;
    wsc__buf_init(&o->data[0], mem, SIZE_MAX / 2);
    wsc__buf_init(&o->data[1], mem, SIZE_MAX / 2);
}

void wsc__output_free(struct wsc__output *o)
{
    wsc__buf_free(&o->data[0]);
    wsc__buf_free(&o->data[1]);
    wsc__free(o->mem, o->runs);
    wsc__output_init(o, o->mem);
}

static struct wsc__run *last_run(struct wsc__output *o)
{
    return o->nruns ? &o->runs[o->first + o->nruns - 1] : NULL;
}

/* NULL: no memory */
static struct wsc__run *new_run(struct wsc__output *o, int stream)
{
    struct wsc__run *r;

    if (o->first + o->nruns == o->cap) {
        if (o->first > o->cap / 2) {
            memmove(o->runs, o->runs + o->first, o->nruns * sizeof *o->runs);
        } else {
            size_t cap = o->cap ? o->cap * 2 : 4;

            r = wsc__realloc_array(o->mem, o->runs, cap, sizeof *r);
            if (!r)
                return NULL;
            memmove(r, r + o->first, o->nruns * sizeof *r);
            o->runs = r;
            o->cap = cap;
        }
        o->first = 0;
    }
    r = &o->runs[o->first + o->nruns++];
    r->stream = stream;
    r->len = 0;
    return r;
}

int wsc__output_add(struct wsc__output *o, int stream, const void *data, size_t len)
{
    struct wsc__run *r = last_run(o);
    int rc;

    if (!len)
        return WSC_OK;
    rc = wsc__buf_append(&o->data[stream - 1], data, len);
    if (rc != WSC_OK)
        return rc;
    if (!r || r->stream != stream || r->len > UINT32_MAX - len) {
        r = new_run(o, stream);
        if (!r) {
            o->data[stream - 1].len -= len; /* as if it had never come */
            return WSC_E_NOMEM;
        }
    }
    r->len += (uint32_t)len;
    return WSC_OK;
}

size_t wsc__output_size(const struct wsc__output *o)
{
    size_t order = o->nruns > 1 ? (o->nruns - 1) * sizeof *o->runs : 0;

    return o->data[0].len + o->data[1].len + order;
}

int wsc__output_next(const struct wsc__output *o, int stream, const uint8_t **data, size_t *len)
{
    const struct wsc__run *r = o->nruns ? &o->runs[o->first] : NULL;

    if (!stream) {
        if (!r)
            return 0;
        *data = wsc__buf_data(&o->data[r->stream - 1]);
        *len = r->len;
        return r->stream;
    }
    *data = wsc__buf_data(&o->data[stream - 1]);
    *len = o->data[stream - 1].len;
    return *len ? stream : 0;
}

/* Runs of one stream may be taken out of turn, when only that stream is read: those of the other
 * that then touch become one. */
static void shorten(struct wsc__output *o, int stream, size_t len)
{
    struct wsc__run *runs = o->runs + o->first;
    size_t i, kept = 0;

    for (i = 0; i < o->nruns; i++) {
        struct wsc__run r = runs[i];

        if (r.stream == stream && len) {
            uint32_t n = len < r.len ? (uint32_t)len : r.len;

            r.len -= n;
            len -= n;
        }
        if (!r.len)
            continue;
        if (kept && runs[kept - 1].stream == r.stream && runs[kept - 1].len <= UINT32_MAX - r.len)
            runs[kept - 1].len += r.len;
        else
            runs[kept++] = r;
    }
    o->nruns = kept;
}

void wsc__output_take(struct wsc__output *o, int stream, size_t len)
{
    struct wsc__run *r = &o->runs[o->first];

    o->taken += len;
    wsc__buf_consume(&o->data[stream - 1], len);
    if (r->stream == stream && r->len > len) {
        r->len -= (uint32_t)len;
    } else if (r->stream == stream && r->len == len && o->nruns > 1) {
        o->first++;
        o->nruns--;
    } else {
        shorten(o, stream, len);
    }
    if (!o->nruns)
        o->first = 0;
    if (!o->data[stream - 1].len && o->data[stream - 1].cap > 65536)
        wsc__buf_free(&o->data[stream - 1]); /* a burst is over: its memory goes back */
}
