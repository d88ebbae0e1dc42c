/* A byte that says how a sealed message ends, then the body. Parts lie inside of it, one behind the
 * other; written anew they are the same; nothing may be missing at the end, and nothing follow. */
#include "http/mime_encrypted.h"
#include "base/codes.h"

#include "input.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PROTOCOL "application/HTTP-SPNEGO-session-encrypted"
#define TYPE     "application/soap+xml;charset=UTF-8"
#define SEALED   "multipart/encrypted;boundary=\"Encrypted Boundary\""
#define PARTS    50

struct parts {
    int rc;
    size_t n;
    struct wsc__mime_part part[PARTS];
};

static void read_all(struct parts *p, const char *type, enum wsc__mime_rule rule,
                     const uint8_t *body, size_t len)
{
    struct wsc__mime_reader r;
    struct wsc_error *err = NULL;
    int64_t at = -1;

    p->n = 0;
    must(wsc__mime_open(&r, &wsc__mem_libc, type, rule, body, len, &err) == 0, "a good type");
    while (p->n < PARTS && (p->rc = wsc__mime_next(&r, &p->part[p->n], &err)) == 1)
        p->n++;
    must((p->rc < 0) == (err != NULL), "an error when it fails");
    if (err)
        must(p->rc == WSC_E_PROTOCOL && wsc__error_int(err, WSC__EI_OFFSET, &at) && at >= 0 &&
                 (size_t)at <= len,
             "the offset is one of the body");
    wsc__error_unref(err);
}

static void look(const struct parts *p, enum wsc__mime_rule rule, const uint8_t *body, size_t len)
{
    size_t behind = 0;

    for (size_t i = 0; i < p->n; i++) {
        const struct wsc__mime_part *part = &p->part[i];
        const uint8_t *type = (const uint8_t *)part->type;

        must(type > body + behind && part->type_len && type + part->type_len < body + part->at,
             "the type stands in front of the message");
        must(part->at >= behind + 4 && part->header_len <= len && part->data_len <= len,
             "one behind the other");
        behind = part->at + part->header_len + part->data_len;
        must(behind <= len, "inside");
        must(part->plain_len <= part->header_len + part->data_len, "no smaller than its text");
        must(rule != WSC__MIME_BY_LENGTH || part->data_len == part->plain_len, "as it says");
    }
    must(p->rc < 0 || p->n == PARTS || (p->n && behind + 4 < len), "a boundary at the end");
}

static void rewrite(const struct parts *p, enum wsc__mime_rule rule, const uint8_t *body)
{
    struct parts again;
    struct wsc__mime_mark mark;
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, SIZE_MAX);
    for (size_t i = 0; i < p->n; i++) {
        const struct wsc__mime_part *part = &p->part[i];

        must(wsc__mime_begin(&b, &mark, PROTOCOL, TYPE, part->data_len) == 0 &&
                 wsc__buf_append(&b, body + part->at, part->header_len + part->data_len) == 0 &&
                 wsc__mime_sealed(&b, &mark, part->header_len, part->plain_len) == 0,
             "what was read can be written");
    }
    must(wsc__mime_end(&b) == 0, "memory");
    read_all(&again, SEALED, rule, wsc__buf_data(&b), b.len);
    must(again.rc == 0 && again.n == p->n, "and read again");
    for (size_t i = 0; i < p->n; i++)
        must(again.part[i].header_len == p->part[i].header_len &&
                 again.part[i].data_len == p->part[i].data_len &&
                 again.part[i].plain_len == p->part[i].plain_len &&
                 memcmp(wsc__buf_data(&b) + again.part[i].at, body + p->part[i].at,
                        p->part[i].header_len + p->part[i].data_len) == 0,
             "as it was");
    read_all(&again, SEALED, rule, wsc__buf_data(&b), b.len - 3);
    must(again.rc < 0, "nothing is missing");
    must(wsc__buf_puts(&b, "\r\n") == 0, "memory");
    read_all(&again, SEALED, rule, wsc__buf_data(&b), b.len);
    must(again.rc < 0, "nothing follows");
    wsc__buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = { data, size };
    enum wsc__mime_rule rule = (enum wsc__mime_rule)(next(&in) % 3);
    struct parts p;

    if (!size || size > 20000)
        return 0;
    read_all(&p, SEALED, rule, in.p, in.left);
    look(&p, rule, in.p, in.left);
    if (p.rc == 0)
        rewrite(&p, rule, in.p);
    return 0;
}
