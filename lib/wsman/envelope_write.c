/* Requests: the header block of MS-WSMV 3.2.4.1 around a body that is XML already. */
#include "wsman/envelope.h"

#include "wsman/shell.h"
#include "xml/xml_writer.h"

#include <string.h>

#define ANONYMOUS "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"

/* one string: most of what an envelope has is the same in all */
static const char opening[] = "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"";
static const char namespaces[] = " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
                                 " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""
                                 " xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\""
                                 " xmlns:rsp=\"" WSC__NS_SHELL "\""
                                 " xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\""
                                 " xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\""
                                 " xmlns:e=\"http://schemas.xmlsoap.org/ws/2004/08/eventing\"";
static const char reply_to[] =
    "<a:ReplyTo><a:Address s:mustUnderstand=\"true\">" ANONYMOUS "</a:Address></a:ReplyTo>";

/* A header with s:mustUnderstand; NULL text: none. */
static void header(struct wsc__xml_writer *w, const char *qname, const char *must,
                   const char *prefix, const char *text)
{
    if (!text)
        return;
    wsc__xml_start(w, qname);
    if (must)
        wsc__xml_attr(w, "s:mustUnderstand", must);
    wsc__xml_text(w, prefix);
    wsc__xml_text(w, text);
    wsc__xml_end(w, qname);
}

static void put_pairs(struct wsc__xml_writer *w, const struct wsc__message *m)
{
    size_t i;

    if (m->nselectors) {
        wsc__xml_start(w, "w:SelectorSet");
        for (i = 0; i < m->nselectors; i++) {
            wsc__xml_start(w, "w:Selector");
            wsc__xml_attr(w, "Name", m->selectors[i].name);
            wsc__xml_text(w, m->selectors[i].value);
            wsc__xml_end(w, "w:Selector");
        }
        wsc__xml_end(w, "w:SelectorSet");
    }
    if (!m->noptions)
        return;
    wsc__xml_start(w, "w:OptionSet");
    wsc__xml_attr(w, "s:mustUnderstand", "true");
    for (i = 0; i < m->noptions; i++) {
        wsc__xml_start(w, "w:Option");
        wsc__xml_attr(w, "Name", m->options[i].name);
        if (m->options[i].must_comply)
            wsc__xml_attr(w, "MustComply", "true");
        wsc__xml_text(w, m->options[i].value);
        wsc__xml_end(w, "w:Option");
    }
    wsc__xml_end(w, "w:OptionSet");
}

static void put_locale(struct wsc__xml_writer *w, const char *qname, const char *lang)
{
    if (!lang || !*lang)
        return;
    wsc__xml_start(w, qname);
    wsc__xml_attr(w, "xml:lang", lang);
    wsc__xml_attr(w, "s:mustUnderstand", "false"); /* "true" is refused (MS-WSMV 3.1.4.1.9) */
    wsc__xml_end(w, qname);
}

static void put_headers(struct wsc__xml_writer *w, const struct wsc__message *m)
{
    header(w, "a:To", NULL, "", m->to);
    wsc__xml_raw(w, reply_to, sizeof reply_to - 1);
    header(w, "a:Action", "true", "", m->action);
    header(w, "a:MessageID", NULL, "", m->message_id);
    header(w, "w:ResourceURI", "true", "", m->resource_uri);
    put_pairs(w, m);
    if (m->max_envelope > 0) {
        wsc__xml_start(w, "w:MaxEnvelopeSize");
        wsc__xml_attr(w, "s:mustUnderstand", "true");
        wsc__xml_int(w, m->max_envelope);
        wsc__xml_end(w, "w:MaxEnvelopeSize");
    }
    if (m->operation_timeout_ms > 0)
        wsc__put_duration(w, "w:OperationTimeout", m->operation_timeout_ms);
    put_locale(w, "w:Locale", m->locale);
    put_locale(w, "p:DataLocale", m->data_locale);
    header(w, "p:SessionId", "false", "uuid:", m->session_id);
    header(w, "p:OperationID", "false", "uuid:", m->operation_id);
    header(w, "p:SequenceId", "false", "", m->operation_id ? "1" : NULL);
}

static int failed(const struct wsc__buf *out, const struct wsc__xml_writer *w,
                  struct wsc_error **err)
{
    struct wsc_error *e;
    int rc;

    if (w->err == WSC_E_LIMIT) {
        e = wsc__error_new(out->mem, WSC_E_LIMIT, "the request is larger than %zu bytes", out->max);
        wsc__error_set_str(e, WSC__ES_OPTION, "max-envelope-size");
        wsc__error_set_int(e, WSC__EI_LIMIT, (int64_t)out->max);
    } else if (w->err == WSC_E_USAGE) {
        e = wsc__error_new(out->mem, WSC_E_USAGE,
                           "the request holds a character that XML cannot carry (at offset %zu)",
                           w->bad_at);
        wsc__error_set_int(e, WSC__EI_OFFSET, (int64_t)w->bad_at);
    } else {
        e = wsc__error_nomem();
    }
    rc = wsc__error_code(e);
    if (err)
        *err = e;
    else
        wsc__error_unref(e);
    return rc;
}

#define AROUND 2300 /* what an envelope has besides its body, about */

static int encode(void *self, const struct wsc__message *m, struct wsc__buf *out,
                  struct wsc_error **err)
{
    struct wsc__xml_writer w;
    size_t before = out->len;
    uint8_t *room;
    int rc;

    (void)self;
    /* saves growing in steps; where it fails the writer will find out */
    (void)wsc__buf_reserve(out, m->body_len + (m->identify ? 256 : AROUND), &room);
    wsc__xml_init(&w, out);
    wsc__xml_start_raw(&w, opening, sizeof opening - 1);
    if (!m->identify)
        wsc__xml_start_raw(&w, namespaces, sizeof namespaces - 1);
    if (!m->identify && m->locale && *m->locale)
        wsc__xml_attr(&w, "xml:lang", m->locale);
    wsc__xml_start(&w, "s:Header");
    if (!m->identify) /* Identify has no addressing headers (DSP0226 11) */
        put_headers(&w, m);
    wsc__xml_end(&w, "s:Header");
    wsc__xml_start(&w, "s:Body");
    if (m->body)
        wsc__xml_raw(&w, m->body, m->body_len);
    wsc__xml_end(&w, "s:Body");
    wsc__xml_end(&w, "s:Envelope");
    if (!w.err)
        return WSC_OK;
    rc = failed(out, &w, err);
    out->len = before;
    return rc;
}

const struct wsc__encoder wsc__encoder_wsman = { encode, NULL };
