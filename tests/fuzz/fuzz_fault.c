/* The inside of a SOAP fault: the input stands in s:Detail, the subcode before its first NUL. */
#include "wsman/envelope.h"

#include "base/codes.h"

#include <stdlib.h>
#include <string.h>

static int on_fault(void *ud, const struct wsc__fault *f)
{
    struct wsc_error *e = wsc__fault_error(&wsc__mem_libc, f, 500);

    (void)ud;
    (void)wsc__fault_is_timeout(f);
    if (wsc__error_code(e) >= 0 || !wsc__error_text(e) || !wsc__error_str(e, WSC__ES_CAUSE))
        abort();
    wsc__error_unref(e);
    return WSC_OK;
}

static int feed(struct wsc__decoder *d, const void *data, size_t len)
{
    size_t used;

    return wsc__decoder_feed(d, data, len, &used, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char before[] =
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
        "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" "
        "xmlns:f=\"http://schemas.microsoft.com/wbem/wsman/1/wsmanfault\"><s:Body><s:Fault><s:Code>"
        "<s:Value>s:Sender</s:Value><s:Subcode><s:Value>";
    static const char between[] = "</s:Value></s:Subcode></s:Code><s:Detail>";
    static const char after[] = "</s:Detail></s:Fault></s:Body></s:Envelope>";
    static const struct wsc__sink sink = { .fault = on_fault };
    struct wsc__decoder_options o = { .max_bytes = 1u << 20 };
    struct wsc__decoder *d = NULL;
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t n = nul ? (size_t)(nul - data) : 0;
    int rc;

    if (wsc__decoder_new(&d, &wsc__mem_libc, &o, &sink, NULL))
        return 0;
    rc = feed(d, before, sizeof before - 1);
    if (!rc)
        rc = feed(d, data, n);
    if (!rc)
        rc = feed(d, between, sizeof between - 1);
    if (!rc && nul)
        rc = feed(d, nul + 1, size - n - 1);
    if (!rc)
        rc = feed(d, after, sizeof after - 1);
    if (!rc)
        (void)wsc__decoder_finish(d, NULL);
    wsc__decoder_free(d);
    return 0;
}
