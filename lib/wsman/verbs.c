#include "wsman/verbs.h"

#include "base/codes.h"
#include "base/str.h"
#include "wsman/shell.h"

#include <stdio.h>
#include <string.h>

const struct wsc__response wsc__enumerate_response = { WSC__NS_ENUMERATION, "EnumerateResponse",
                                                       0x8033818F };
const struct wsc__response wsc__pull_response = { WSC__NS_ENUMERATION, "PullResponse", 0x8033818F };

/* --- resources -------------------------------------------------------------------------------- */

bool wsc__resource_element(const char *uri, const char **ns, const char **name)
{
    static const struct {
        const char *tail, *name, *ns; /* NULL: the resource URI */
    } config[] = {
        { "", "Config", NULL },
        { "/client", "Client", NULL },
        { "/service", "Service", NULL },
        { "/winrs", "Winrs", NULL },
        { "/client/auth", "Auth", NULL },
        { "/service/auth", "Auth", NULL },
        { "/client/defaultports", "DefaultPorts", NULL },
        { "/service/defaultports", "DefaultPorts", NULL },
        { "/listener", "Listener", NULL },
        { "/service/certmapping", "certmapping", NULL },
        { "/plugin", "PlugInConfiguration", WSC__NS_CONFIG "/PluginConfiguration" },
    };
    const char *slash = strrchr(uri, '/');
    size_t i;

    *ns = uri;
    for (i = 0;
         wsc__istarts(uri, strlen(uri), WSC__NS_CONFIG) && i < sizeof config / sizeof *config;
         i++) {
        if (!wsc__ieq(uri + sizeof WSC__NS_CONFIG - 1, config[i].tail))
            continue;
        *name = config[i].name;
        if (config[i].ns)
            *ns = config[i].ns;
        return true;
    }
    *name = slash ? slash + 1 : uri;
    return wsc__xml_name_ok(*name);
}

void wsc__body_resource(struct wsc__xml_writer *w, const struct wsc_value *v, const char *ns,
                        const char *name)
{
    if (v)
        wsc__value_write(v, w, ns, name);
}

void wsc__body_fragment(struct wsc__xml_writer *w, const struct wsc_value *v, const char *ns)
{
    const struct wsc_value *n;

    wsc__xml_start(w, "w:XmlFragment");
    if (v && v->name)
        wsc__value_write(v, w, ns, "");
    for (n = v && !v->name ? v->first : NULL; n; n = n->next)
        wsc__value_write(n, w, ns, "");
    if (v && !v->name && v->text)
        wsc__xml_text_n(w, v->text, v->text_len);
    wsc__xml_end(w, "w:XmlFragment");
}

void wsc__body_invoke(struct wsc__xml_writer *w, const char *uri, const char *method,
                      const struct wsc_value *args)
{
    const struct wsc_value *n;
    char name[WSC__NAME_MAX + 16];

    snprintf(name, sizeof name, "p:%s_INPUT", method);
    wsc__xml_start(w, name);
    wsc__xml_attr(w, "xmlns:p", uri);
    for (n = args ? args->first : NULL; n; n = n->next)
        wsc__value_write(n, w, uri, "");
    wsc__xml_end(w, name);
}

void wsc__header_fragment(struct wsc__xml_writer *w, const char *path, const char *dialect)
{
    wsc__xml_start(w, "w:FragmentTransfer");
    wsc__xml_attr(w, "s:mustUnderstand", "true");
    if (dialect)
        wsc__xml_attr(w, "Dialect", dialect);
    wsc__xml_text(w, path);
    wsc__xml_end(w, "w:FragmentTransfer");
}

void wsc__header_request_epr(struct wsc__xml_writer *w)
{
    wsc__xml_elem(w, "w:RequestEPR", "");
}

/* --- enumerations ----------------------------------------------------------------------------- */

static void put_number(struct wsc__xml_writer *w, const char *qname, int64_t v)
{
    wsc__xml_start(w, qname);
    wsc__xml_int(w, v);
    wsc__xml_end(w, qname);
}

void wsc__body_enumerate(struct wsc__xml_writer *w, const struct wsc__enumerate_spec *s)
{
    wsc__xml_start(w, "n:Enumerate");
    if (s->optimize) {
        wsc__xml_elem(w, "w:OptimizeEnumeration", "");
        if (s->max_elements)
            put_number(w, "w:MaxElements", s->max_elements);
    }
    wsc__xml_elem(w, "w:EnumerationMode", s->mode);
    if (s->polymorphism) {
        wsc__xml_start(w, "b:PolymorphismMode");
        wsc__xml_attr(w, "xmlns:b", WSC__NS_BINDING);
        wsc__xml_text(w, s->polymorphism);
        wsc__xml_end(w, "b:PolymorphismMode");
    }
    if (s->filter)
        wsc__xml_raw(w, wsc__buf_data(s->filter), s->filter->len);
    wsc__xml_end(w, "n:Enumerate");
}

static void put_context(struct wsc__xml_writer *w, const char *context)
{
    wsc__xml_elem(w, "n:EnumerationContext", context);
}

void wsc__body_pull(struct wsc__xml_writer *w, const char *context, int64_t max_elements,
                    int64_t max_time_ms)
{
    wsc__xml_start(w, "n:Pull");
    put_context(w, context);
    if (max_time_ms)
        wsc__put_duration(w, "n:MaxTime", max_time_ms);
    if (max_elements)
        put_number(w, "n:MaxElements", max_elements);
    wsc__xml_end(w, "n:Pull");
}

void wsc__body_release(struct wsc__xml_writer *w, const char *context)
{
    wsc__xml_start(w, "n:Release");
    put_context(w, context);
    wsc__xml_end(w, "n:Release");
}

/* --- subscriptions ---------------------------------------------------------------------------- */

#define NS_WSMAN "http://schemas.dmtf.org/wbem/wsman/1/wsman"

const struct wsc__response wsc__subscribe_response = { WSC__NS_EVENTING, "SubscribeResponse",
                                                       0x8033818F };

int wsc__bookmark_check(const struct wsc__mem *mem, const char *bookmark, struct wsc_error **err)
{
    size_t at = 0;
    int rc;

    if (wsc__ieq(bookmark, "earliest"))
        return WSC_OK;
    rc = wsc__xml_check_fragment(mem, "the bookmark", bookmark, strlen(bookmark), &at, err);
    if (*err)
        wsc__error_set_str(*err, WSC__ES_OPTION, "bookmark");
    return rc;
}

void wsc__body_subscribe(struct wsc__xml_writer *w, const struct wsc__subscribe_spec *s)
{
    wsc__xml_start(w, "e:Subscribe");
    wsc__xml_start(w, "e:Delivery");
    wsc__xml_attr(w, "Mode", NS_WSMAN "/Pull");
    if (s->heartbeats_ms)
        wsc__put_duration(w, "w:Heartbeats", s->heartbeats_ms);
    if (s->locale) {
        wsc__xml_start(w, "w:Locale");
        wsc__xml_attr(w, "xml:lang", s->locale);
        wsc__xml_end(w, "w:Locale");
    }
    wsc__xml_elem(w, "w:ContentEncoding", "UTF-8");
    wsc__xml_end(w, "e:Delivery");
    if (s->expires_ms)
        wsc__put_duration(w, "e:Expires", s->expires_ms);
    if (s->filter)
        wsc__xml_raw(w, wsc__buf_data(s->filter), s->filter->len);
    if (s->bookmark && wsc__ieq(s->bookmark, "earliest")) {
        wsc__xml_elem(w, "w:Bookmark", NS_WSMAN "/bookmark/earliest");
    } else if (s->bookmark) {
        wsc__xml_start(w, "w:Bookmark");
        wsc__xml_raw(w, s->bookmark, strlen(s->bookmark));
        wsc__xml_end(w, "w:Bookmark");
    }
    wsc__xml_elem(w, "w:SendBookmarks", "");
    wsc__xml_end(w, "e:Subscribe");
}

void wsc__body_unsubscribe(struct wsc__xml_writer *w)
{
    wsc__xml_elem(w, "e:Unsubscribe", "");
}

void wsc__body_renew(struct wsc__xml_writer *w, int64_t expires_ms)
{
    wsc__xml_start(w, "e:Renew");
    if (expires_ms)
        wsc__put_duration(w, "e:Expires", expires_ms);
    wsc__xml_end(w, "e:Renew");
}

void wsc__header_identifier(struct wsc__xml_writer *w, const char *identifier)
{
    wsc__xml_elem(w, "e:Identifier", identifier);
}
