/* Well-formedness of what a program gives as a part of a document. */
#include "base/str.h"
#include "xml/xml_reader.h"

#include <limits.h>

/* The element around a fragment; it declares what the Envelope does. */
static const char around[] = "<b xmlns:s=\"s\" xmlns:a=\"a\" xmlns:w=\"w\" xmlns:p=\"p\" "
                             "xmlns:rsp=\"rsp\" xmlns:x=\"x\" xmlns:n=\"n\" xmlns:e=\"e\">";

static int misfit(const struct wsc__mem *mem, const char *what, size_t at, const char *why,
                  size_t *bad_at, struct wsc_error **err)
{
    struct wsc_error *e =
        wsc__error_new(mem, WSC_E_USAGE, "%s is not well-formed at offset %zu: %s", what, at, why);
    int rc = wsc__error_code(e);

    wsc__error_set_int(e, WSC__EI_OFFSET, (int64_t)at);
    if (err)
        *err = e;
    else
        wsc__error_unref(e);
    *bad_at = at;
    return rc;
}

int wsc__xml_check_fragment(const struct wsc__mem *mem, const char *what, const char *xml,
                            size_t len, size_t *bad_at, struct wsc_error **err)
{
    static const struct wsc__xml_handler none = { NULL, NULL, NULL, NULL };
    struct wsc__xml_limits limits = wsc__xml_limits_default;
    const size_t before = sizeof around - 1;
    struct wsc__xml_reader *r = NULL;
    struct wsc_error *why = NULL;
    size_t used, at = wsc__utf8_bad_at(xml, len, true);
    int rc;

    if (at < len)
        return misfit(mem, what, at, "a character that XML cannot carry", bad_at, err);
    limits.bytes = len + 2 * sizeof around;
    limits.elements = UINT_MAX;
    rc = wsc__xml_reader_new(&r, NULL, mem, &limits, &none, NULL);
    if (rc)
        goto done;
    rc = wsc__xml_feed(r, around, before, &used, &why);
    if (!rc)
        rc = wsc__xml_feed(r, xml, len, &used, &why);
    if (!rc && wsc__xml_root_ended(r)) { /* "</b><b>" would close the element around it */
        rc = misfit(mem, what, 0, "it closes an element that it did not open", bad_at, err);
        goto freed;
    }
    if (!rc)
        rc = wsc__xml_feed(r, "</b>", 4, &used, &why);
    if (!rc)
        rc = wsc__xml_finish(r, &why);
done:
    if (rc == WSC_E_NOMEM) {
        if (err)
            *err = wsc__error_nomem();
    } else if (rc) {
        at = wsc__xml_bad_at(r);
        at = at > before ? at - before : 0;
        rc = misfit(mem, what, at < len ? at : len, why ? wsc__error_text(why) : "limit exceeded",
                    bad_at, err);
    }
freed:
    wsc__error_unref(why);
    wsc__xml_reader_free(r);
    return rc;
}
