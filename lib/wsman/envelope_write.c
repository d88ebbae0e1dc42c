/* Requests: the header block of MS-WSMV 3.2.4.1 around a body that is XML already. */
#include "wsman/envelope.h"

#include "wsman/epr.h"
#include "wsman/shell.h"
#include "xml/xml_reader.h"
#include "xml/xml_writer.h"

#include <stdio.h>
#include <string.h>

/* one string: most of what an envelope has is the same in all */
static const char opening[] = "<s:Envelope xmlns:s=\"" WSC__NS_SOAP "\"";
static const char namespaces[] = " xmlns:a=\"" WSC__NS_ADDRESSING "\""
                                 " xmlns:w=\"" WSC__NS_WSMAN "\""
                                 " xmlns:p=\"" WSC__NS_WSMV "\""
                                 " xmlns:rsp=\"" WSC__NS_SHELL "\""
                                 " xmlns:x=\"" WSC__NS_TRANSFER "\""
                                 " xmlns:n=\"" WSC__NS_ENUMERATION "\""
                                 " xmlns:e=\"" WSC__NS_EVENTING "\"";
static const char reply_to[] =
    "<a:ReplyTo><a:Address s:mustUnderstand=\"true\">" WSC__ANONYMOUS "</a:Address></a:ReplyTo>";

static void put_options(struct wsc__xml_writer *w, const struct wsc__message *m)
{
    size_t i;

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
    wsc__xml_start(w, qname);
    wsc__xml_attr(w, "xml:lang", lang);
    /* "true" is refused (MS-WSMV 3.1.4.1.9) */
    wsc__xml_start_raw(w, " s:mustUnderstand=\"false\"", 25);
    wsc__xml_end(w, qname);
}

/* What is asked before every block. */
struct hook {
    const struct wsc__message *m;
    struct wsc__xml_writer *w;
    wsc_header_fn fn;
    void *ud;
};

/* Shall the block be written as usual? */
static bool usual(struct hook *h, const char *name)
{
    int rc;

    if (h->w->err)
        return false;
    if (!h->fn)
        return true;
    rc = h->fn((const wsc_message *)(const void *)h->m, name, (wsc_writer *)(void *)h->w, h->ud);
    if (rc < 0 && rc != WSC_E_AGAIN && !h->w->err)
        h->w->err = rc;
    return rc == WSC_E_AGAIN;
}

/* A block around a text: its name, its tags, what stands before the text. */
struct block {
    const char *name, *open, *close, *prefix;
};

#define BLOCK(name, attrs, prefix)                                                                 \
    (&(const struct block){ name, "<" name attrs ">", "</" name ">", prefix })
#define MUST " s:mustUnderstand=\"true\""
#define MAY  " s:mustUnderstand=\"false\""

static void put(struct hook *h, const struct block *b, const char *text)
{
    if (!text || !usual(h, b->name))
        return;
    wsc__xml_raw(h->w, b->open, strlen(b->open));
    wsc__xml_raw(h->w, b->prefix, strlen(b->prefix));
    wsc__xml_text(h->w, text);
    wsc__xml_raw(h->w, b->close, strlen(b->close));
}

static void put_limits(struct hook *h)
{
    const struct wsc__message *m = h->m;
    char size[24];

    if (m->max_envelope > 0) {
        snprintf(size, sizeof size, "%lld", (long long)m->max_envelope);
        put(h, BLOCK("w:MaxEnvelopeSize", MUST, ""), size);
    }
    if (m->operation_timeout_ms > 0 && usual(h, "w:OperationTimeout"))
        wsc__put_duration(h->w, "w:OperationTimeout", m->operation_timeout_ms);
}

static void put_headers(struct hook *h)
{
    const struct wsc__message *m = h->m;

    put(h, BLOCK("a:To", "", ""), m->to);
    if (usual(h, "a:ReplyTo"))
        wsc__xml_raw(h->w, reply_to, sizeof reply_to - 1);
    put(h, BLOCK("a:Action", MUST, ""), m->action);
    put(h, BLOCK("a:MessageID", "", ""), m->message_id);
    put(h, BLOCK("w:ResourceURI", MUST, ""), m->resource_uri);
    if (m->nselectors && usual(h, "w:SelectorSet"))
        wsc__selectors_write(m->selectors, m->nselectors, h->w);
    if (m->noptions && usual(h, "w:OptionSet"))
        put_options(h->w, m);
    put_limits(h);
    if (m->locale && *m->locale && usual(h, "w:Locale"))
        put_locale(h->w, "w:Locale", m->locale);
    if (m->data_locale && *m->data_locale && usual(h, "p:DataLocale"))
        put_locale(h->w, "p:DataLocale", m->data_locale);
    wsc__xml_raw(h->w, m->headers, m->headers_len);
    put(h, BLOCK("p:SessionId", MAY, "uuid:"), m->session_id);
    put(h, BLOCK("p:OperationID", MAY, "uuid:"), m->operation_id);
    put(h, BLOCK("p:SequenceId", MAY, ""), m->operation_id ? "1" : NULL);
}

static int failed(const struct wsc__buf *out, const struct wsc__xml_writer *w,
                  struct wsc_error **err)
{
    struct wsc_error *e;

    if (w->err == WSC_E_LIMIT) {
        e = wsc__error_new(out->mem, WSC_E_LIMIT, "the request is larger than %zu bytes", out->max);
        wsc__error_set_str(e, WSC__ES_OPTION, "max-request-size");
        wsc__error_set_int(e, WSC__EI_LIMIT, (int64_t)out->max);
    } else if (w->err == WSC_E_USAGE) {
        e = wsc__error_new(out->mem, WSC_E_USAGE,
                           "the request holds a character that XML cannot carry (at offset %zu)",
                           w->bad_at);
        wsc__error_set_int(e, WSC__EI_OFFSET, (int64_t)w->bad_at);
    } else if (w->err == WSC_E_NOMEM) {
        e = wsc__error_nomem();
    } else {
        e = wsc__error_new(out->mem, w->err, "the encoder refused the request");
    }
    *err = e;
    return wsc__error_code(e);
}

int wsc__envelope_write(const struct wsc__message *m, struct wsc__xml_writer *w,
                        wsc_header_fn header_fn, void *user_data)
{
    struct hook h = { m, w, header_fn, user_data };

    wsc__xml_start_raw(w, opening, sizeof opening - 1);
    if (!m->identify || header_fn)
        wsc__xml_start_raw(w, namespaces, sizeof namespaces - 1);
    if (!m->identify && m->locale && *m->locale)
        wsc__xml_attr(w, "xml:lang", m->locale);
    wsc__xml_start(w, "s:Header");
    if (!m->identify) /* Identify has no addressing headers (DSP0226 11) */
        put_headers(&h);
    if (header_fn)
        (void)usual(&h, NULL);
    wsc__xml_end(w, "s:Header");
    wsc__xml_start(w, "s:Body");
    if (m->body)
        wsc__xml_raw(w, m->body, m->body_len);
    wsc__xml_end(w, "s:Body");
    wsc__xml_end(w, "s:Envelope");
    return w->err;
}

static int encode(const wsc_message *m, wsc_writer *out, void *user_data)
{
    (void)user_data;
    return wsc__envelope_write((const struct wsc__message *)(const void *)m,
                               (struct wsc__xml_writer *)(void *)out, NULL, NULL);
}

const wsc_encoder wsc__encoder_wsman = { sizeof wsc__encoder_wsman, encode };

/* --- any encoder ------------------------------------------------------------------------------ */

static int judge(const wsc_encoder *enc, struct wsc__buf *out, size_t before,
                 struct wsc_error **err)
{
    const char *xml = (const char *)wsc__buf_data(out) + before;
    size_t at = 0;
    int rc;

    if (enc == &wsc__encoder_wsman)
        return WSC_OK; /* it writes nothing else */
    rc = out->len == before
             ? WSC_E_USAGE
             : wsc__xml_check_fragment(out->mem, "the envelope", xml, out->len - before, &at, NULL);
    if (rc == WSC_OK)
        return WSC_OK;
    *err = rc == WSC_E_NOMEM
               ? wsc__error_nomem()
               : wsc__error_new(out->mem, WSC_E_USAGE,
                                "what the encoder wrote is not well-formed (at offset %zu)", at);
    wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)at);
    return wsc__error_code(*err);
}

#define AROUND 2300 /* what an envelope has besides its body, about */

int wsc__encode(const wsc_encoder *enc, void *user_data, const struct wsc__message *m,
                struct wsc__buf *out, struct wsc_error **err)
{
    struct wsc_error *why = NULL;
    struct wsc__xml_writer w;
    size_t before = out->len;
    uint8_t *room;
    int rc;

    /* saves growing in steps; where it fails the writer will find out */
    (void)wsc__buf_reserve(out, m->body_len + (m->identify ? 256 : AROUND), &room);
    wsc__xml_init(&w, out);
    rc = enc->encode((const wsc_message *)(const void *)m, (wsc_writer *)(void *)&w, user_data);
    if (w.err)
        rc = failed(out, &w, &why);
    else if (rc != WSC_OK)
        why =
            wsc__error_new(out->mem, rc < 0 ? rc : WSC_E_USAGE, "the encoder refused the request");
    else
        rc = judge(enc, out, before, &why);
    if (rc == WSC_OK)
        return WSC_OK;
    rc = wsc__error_code(why);
    out->len = before;
    if (err)
        *err = why;
    else
        wsc__error_unref(why);
    return rc;
}

/* --- afterwards ------------------------------------------------------------------------------- */

int wsc__envelope_set_to(struct wsc__buf *envelope, const char *to)
{
    static const char before[] = "<s:Header><a:To>", behind[] = "</a:To>";
    const char *xml = wsc__buf_cstr(envelope), *from, *end;
    struct wsc__xml_writer w;
    struct wsc__buf out;

    if (!xml)
        return WSC_E_NOMEM;
    from = strstr(xml, "<s:Header>");
    if (!from || strncmp(from, before, sizeof before - 1))
        return WSC_OK;
    from += sizeof before - 1;
    end = strstr(from, behind);
    if (!end)
        return WSC_OK;
    wsc__buf_init(&out, envelope->mem, SIZE_MAX / 2); /* what it holds was within its limits */
    wsc__xml_init(&w, &out);
    wsc__xml_raw(&w, xml, (size_t)(from - xml));
    wsc__xml_text(&w, to);
    wsc__xml_raw(&w, end, envelope->len - (size_t)(end - xml));
    if (w.err) {
        wsc__buf_free(&out);
        return w.err;
    }
    wsc__buf_free(envelope);
    *envelope = out;
    return WSC_OK;
}
