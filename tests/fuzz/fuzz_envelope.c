/* The reply decoder, captured and not, cut as the first byte says. */
#include "wsman/envelope.h"

#include "base/codes.h"
#include "base/hash.h"
#include "wsman/typed.h"
#include "xml/xml_reader.h"

#include <stdlib.h>
#include <string.h>

static int on_head(void *ud, const struct wsc__reply_head *h)
{
    wsc__hash_add(ud, h->relates_to, strlen(h->relates_to));
    return WSC_OK;
}

static int on_field(void *ud, enum wsc__field f, const char *value)
{
    (void)f;
    wsc__hash_add(ud, value, strlen(value));
    return WSC_OK;
}

static int on_stream_start(void *ud, const char *name, const char *id, bool end)
{
    wsc__hash_add(ud, name, strlen(name));
    wsc__hash_add(ud, id, strlen(id));
    wsc__hash_add(ud, end ? "e" : "-", 1);
    return WSC_OK;
}

static int on_stream(void *ud, const uint8_t *data, size_t len)
{
    wsc__hash_add(ud, data, len);
    return WSC__PAUSE;
}

static int on_stream_end(void *ud)
{
    wsc__hash_add(ud, ".", 1);
    return WSC_OK;
}

static int on_state(void *ud, const char *id, enum wsc__state state, const char *uri, bool has_exit,
                    int64_t code)
{
    if (has_exit && (code < 0 || code > UINT32_MAX || state != WSC__STATE_DONE))
        abort();
    wsc__hash_add(ud, id, strlen(id));
    wsc__hash_add(ud, uri, strlen(uri));
    return WSC_OK;
}

/* Told the same however the bytes come, and what is written of it is read as the same again. */
static int on_value(void *ud, struct wsc_value *v, enum wsc__told what)
{
    struct wsc_value *again = NULL;
    const char *xml = NULL, *twice = NULL;
    size_t len = 0, at = 0;
    int rc = wsc__value_xml(v, &xml, &len);

    if (rc == WSC_OK) { /* else: more prefixes than it declares */
        rc = wsc__value_parse(&again, &wsc__mem_libc, xml, len, &at);
        if (rc == WSC_E_USAGE)
            abort();
        if (rc == WSC_OK && (wsc__value_xml(again, &twice, NULL) || strcmp(xml, twice)))
            abort();
        wsc__hash_add(ud, xml, len);
        wsc__value_unref(again);
    }
    wsc__hash_add(ud, &"bike"[what], 1);
    return what == WSC__TOLD_ITEM ? WSC__PAUSE : WSC_OK;
}

static int on_fault(void *ud, const struct wsc__fault *f)
{
    struct wsc_error *e = wsc__fault_error(&wsc__mem_libc, f, 500);
    const char *text = wsc__error_text(e);

    wsc__hash_add(ud, text, strlen(text));
    wsc__error_unref(e);
    return WSC_OK;
}

static int decode(const uint8_t *data, size_t size, size_t step, bool capture, uint64_t *hash)
{
    static const struct wsc__sink sink = { on_head,       on_field, on_stream_start, on_stream,
                                           on_stream_end, on_state, on_value,        on_fault };
    struct wsc__decoder_options o = { .max_bytes = 1u << 20, .capture = capture, .value = true };
    struct wsc__decoder *d = NULL;
    struct wsc_error *err = NULL;
    struct wsc__hash h;
    int rc;

    wsc__hash_init(&h);
    if (wsc__decoder_new(&d, &wsc__mem_libc, &o, &sink, &h))
        return WSC_E_NOMEM;
    for (rc = WSC_OK; !rc && size;) {
        size_t used = 0;

        rc = wsc__decoder_feed(d, data, size < step ? size : step, &used, &err);
        if (rc == WSC__PAUSE)
            rc = WSC_OK;
        data += used;
        size -= used;
    }
    if (!rc)
        rc = wsc__decoder_finish(d, &err);
    if ((rc != WSC_OK) != (err != NULL))
        abort();
    if (!rc && capture) { /* what is told as a body must stand alone */
        const char *body = wsc__decoder_body(d);
        size_t at = 0;

        if (!body ||
            wsc__xml_check_fragment(&wsc__mem_libc, "the body", body, strlen(body), &at, NULL))
            abort();
    }
    wsc__error_unref(err);
    wsc__decoder_free(d);
    *hash = wsc__hash_value(&h);
    return rc;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint64_t one = 0, two = 0;
    int a, b;

    if (!size)
        return 0;
    a = decode(data + 1, size - 1, size, false, &one);
    b = decode(data + 1, size - 1, data[0] % 64u + 1, true, &two);
    if (!a != !b || (!a && one != two))
        abort();
    return 0;
}
