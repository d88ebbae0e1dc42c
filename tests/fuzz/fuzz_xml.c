/* The XML reader: any bytes, cut as the first byte says. The events must not depend on the cut. */
#include "xml/xml_reader.h"

#include "base/codes.h"
#include "base/hash.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdlib.h>

struct run {
    struct wsc__hash hash;
    unsigned depth, raw_depth; /* raw_depth: of the raw element we are in, 0 = none */
    unsigned pauses;
};

static void add(struct run *c, const char *s, size_t len)
{
    wsc__hash_add(&c->hash, s, len);
}

static int on_start(void *ud, const struct wsc__xml_elem *e)
{
    struct run *c = ud;

    add(c, "(", 1);
    for (unsigned i = 0; i < e->nattrs; i++)
        add(c, e->attrs[i].value, e->attrs[i].value_len);
    c->depth++;
    if (e->name[0] != 'S' || c->raw_depth)
        return WSC_OK;
    c->raw_depth = c->depth;
    return WSC__XML_RAW;
}

/* As for base64, white space does not count. */
static bool is_raw(char ch)
{
    return wsc__is_space(ch) || (ch >= '0' && ch <= '9') || (ch >= 'A' && ch <= 'Z') ||
           (ch >= 'a' && ch <= 'z') || ch == '+' || ch == '/' || ch == '=';
}

static int pause_now(struct run *c)
{
    return c->pauses && c->pauses-- % 2 ? WSC__PAUSE : WSC_OK;
}

static int on_raw(void *ud, const char *text, size_t len, size_t *used)
{
    struct run *c = ud;

    while (*used < len && is_raw(text[*used])) {
        if (!wsc__is_space(text[*used]))
            add(c, text + *used, 1);
        ++*used;
    }
    return *used ? pause_now(c) : WSC_OK;
}

/* How much of a raw element came by which way must not matter. */
static int on_text(void *ud, const char *text, size_t len)
{
    struct run *c = ud;

    if (!c->raw_depth) {
        add(c, text, len);
        return pause_now(c);
    }
    for (size_t i = 0; i < len; i++) {
        if (!wsc__is_space(text[i]))
            add(c, text + i, 1);
    }
    return pause_now(c);
}

static int on_end(void *ud, const char *ns, const char *name)
{
    struct run *c = ud;

    (void)ns;
    (void)name;
    if (c->raw_depth == c->depth--)
        c->raw_depth = 0;
    add(c, ")", 1);
    return WSC_OK;
}

static int parse(struct wsc__xml_reader **spare, const uint8_t *data, size_t size, size_t step,
                 unsigned pauses, uint64_t *hash)
{
    static const struct wsc__xml_handler handler = { on_start, on_text, on_raw, on_end };
    struct wsc__xml_limits limits = wsc__xml_limits_default;
    struct wsc__xml_reader *r = NULL;
    struct wsc_error *err = NULL;
    struct run c = { .pauses = pauses };
    int rc;

    wsc__hash_init(&c.hash);
    limits.bytes = 1u << 20;
    if (wsc__xml_reader_new(&r, spare, &wsc__mem_libc, &limits, &handler, &c))
        return WSC_E_NOMEM;
    for (rc = WSC_OK; !rc && size;) {
        size_t used = 0;

        rc = wsc__xml_feed(r, data, size < step ? size : step, &used, &err);
        if (rc == WSC__PAUSE)
            rc = WSC_OK;
        data += used;
        size -= used;
    }
    if (!rc)
        rc = wsc__xml_finish(r, &err);
    if (!rc && err)
        abort();
    wsc__error_unref(err);
    wsc__xml_reader_free(r);
    *hash = wsc__hash_value(&c.hash);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wsc__xml_reader *spare; /* has read what came before: it must not matter */
    uint64_t one = 0, two = 0;
    int a, b;

    if (!size)
        return 0;
    a = parse(NULL, data + 1, size - 1, size, 0, &one);
    b = parse(&spare, data + 1, size - 1, data[0] % 64u + 1, data[0], &two);
    if (!a != !b || (!a && one != two))
        abort();
    (void)wsc__xml_check_fragment(&wsc__mem_libc, "the body", (const char *)data + 1, size - 1,
                                  &(size_t){ 0 }, NULL);
    return 0;
}
