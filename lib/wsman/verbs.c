#include "wsman/verbs.h"

#include "base/codes.h"
#include "base/str.h"
#include "wsman/shell.h"

#include <stdio.h>
#include <string.h>

#define PARAMS "InitializationParameters" /* of a plug-in */
#define PARAM  "Param"

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

/* --- changes ---------------------------------------------------------------------------------- */

static struct wsc_value *first_of(const struct wsc_value *v, const char *name)
{
    return (struct wsc_value *)(uintptr_t)wsc__value_child(v, name, 0);
}

/* Those of no namespace alone; letters' case is ignored, as in elements. */
static const struct wsc__value_attr *attr_of(const struct wsc_value *v, const char *name)
{
    const struct wsc__value_attr *a = v->attrs;

    while (a && (*a->ns || !wsc__ieq(a->name, name)))
        a = a->next;
    return a;
}

/* v, or what follows it, with this Name. */
static struct wsc_value *named(struct wsc_value *v, const char *name)
{
    const struct wsc__value_attr *a;

    while (v && (!(a = attr_of(v, "Name")) || !wsc__ieq(a->text, name)))
        v = v->next;
    return v;
}

static bool by_policy(const struct wsc_value *v)
{
    const struct wsc__value_attr *source = attr_of(v, "Source");

    return source && wsc__ieq(source->text, "GPO");
}

/* It, or another one behind it that has its name. */
static bool any_by_policy(const struct wsc_value *v)
{
    const struct wsc_value *n;

    for (n = v; n; n = n->next) {
        if (wsc__ieq(n->name, v->name) && by_policy(n))
            return true;
    }
    return false;
}

/* All of that name go but the first; those of the changes come in its place, under its name. */
static int replace(struct wsc_value *resource, struct wsc_value *first, const struct wsc_value *c)
{
    const char *name = c->name;
    int rc = wsc__value_become(first, c);

    if (rc == WSC_OK)
        wsc__value_remove_same(resource, first);
    for (c = c->next; c && rc == WSC_OK; c = c->next) {
        if (!wsc__ieq(c->name, name))
            continue;
        rc = wsc__value_insert(resource, first, c);
        first = first->next;
    }
    return rc;
}

/* What has parts that can be changed alone, as the Auth of a configuration; an embedded instance, a
 * reference or a point in time is replaced whole. */
static bool is_entered(const struct wsc_value *old, const struct wsc_value *change)
{
    return (old->first || old->attrs) && change->first && !old->type && !change->type &&
           !wsc__value_child(change, "ReferenceParameters", 0) &&
           !wsc__value_child(old, "ReferenceParameters", 0) &&
           !(old->first && strcmp(old->first->ns, WSC__NS_CIM) == 0);
}

/* What is an attribute there may be given as an element, as PowerShell's drive has it. */
static bool is_attribute(const struct wsc_value *resource, const struct wsc_value *c,
                         const struct wsc__value_attr **a)
{
    for (*a = resource->attrs; *a && !wsc__ieq((*a)->name, c->name);)
        *a = (*a)->next;
    return *a && !c->first && c->text;
}

/* The way to what is at fault is known from its end. */
static void within(struct wsc__misfit *at, const char *name)
{
    size_t n = strlen(name), len = strlen(at->path);

    if (n + 1 + len >= sizeof at->path) {
        at->path[0] = '\0';
        return;
    }
    memmove(at->path + n + 1, at->path, len + 1);
    memcpy(at->path, name, n);
    at->path[n] = '/';
}

/* An empty one, written as what it is in. */
static int add_like(struct wsc_value *v, const char *name, struct wsc_value **child)
{
    int rc = wsc__value_add(v, v->ns, name, "", child);

    if (rc == WSC_OK)
        (*child)->prefix = v->prefix;
    return rc;
}

/* What a plug-in understands is known to it alone: a parameter may be new. */
static int add_param(struct wsc_value *params, const struct wsc_value *c)
{
    struct wsc_value *p = NULL;
    int rc = add_like(params, PARAM, &p);

    if (rc == WSC_OK)
        rc = wsc__value_set_attr(p, NULL, "Name", c->name);
    return rc == WSC_OK ? wsc__value_set_attr(p, NULL, "Value", c->text) : rc;
}

/* Its Value; that may stand as text, too, or be missing. */
static int set_param(struct wsc_value *v, const char *text)
{
    const struct wsc__value_attr *value = attr_of(v, "Value");

    if (value)
        return wsc__value_set_attr(v, NULL, value->name, text);
    if (v->first || !wsc__ieq(v->name, PARAM))
        return WSC_E_NOT_FOUND;
    return v->text && *v->text ? wsc__value_set_text(v, text)
                               : wsc__value_set_attr(v, NULL, "Value", text);
}

/* All of one Name, as all elements of one name are replaced. */
static int change_named(struct wsc_value *first, const struct wsc_value *c, struct wsc__misfit *at)
{
    struct wsc_value *v;
    int rc = WSC_OK;

    for (v = first; v; v = named(v->next, c->name)) {
        if (by_policy(v))
            return WSC_E_ACCESS_DENIED;
    }
    if (c->first)
        return wsc__merge(first, c, at);
    for (v = first; v && rc == WSC_OK; v = named(v->next, c->name))
        rc = c->text ? set_param(v, c->text) : WSC_E_NOT_FOUND;
    return rc;
}

/* Where no element has the name of the change it may be that of an attribute, or the Name of a
 * parameter, as PowerShell's drive has them. */
static int change_other(struct wsc_value *resource, const struct wsc_value *c,
                        struct wsc__misfit *at)
{
    const struct wsc__value_attr *a;
    struct wsc_value *old = named(resource->first, c->name);

    if (is_attribute(resource, c, &a))
        return wsc__value_set_attr(resource, a->ns, a->name, c->text);
    if (old)
        return change_named(old, c, at);
    if (!c->first && c->text && wsc__ieq(resource->name, PARAMS))
        return add_param(resource, c);
    if (c->first && wsc__ieq(c->name, PARAMS) && wsc__ieq(resource->name, "PlugInConfiguration")) {
        int rc = add_like(resource, PARAMS, &old);

        return rc == WSC_OK ? wsc__merge(old, c, at) : rc;
    }
    return WSC_E_NOT_FOUND;
}

/* The element of that name; what is called Param is the Name of one, unless it says so itself. */
static struct wsc_value *old_of(const struct wsc_value *resource, const struct wsc_value *c)
{
    bool by_name =
        wsc__ieq(resource->name, PARAMS) && wsc__ieq(c->name, PARAM) && !c->first && !c->attrs;

    return by_name ? NULL : first_of(resource, c->name);
}

int wsc__merge(struct wsc_value *resource, const struct wsc_value *changes, struct wsc__misfit *at)
{
    const struct wsc_value *c;
    int rc = wsc__value_take_attrs(resource, changes);

    for (c = changes->first; c && rc == WSC_OK; c = c->next) {
        struct wsc_value *old;

        if (wsc__value_child(changes, c->name, 0) != c)
            continue; /* with the first of its name */
        old = old_of(resource, c);
        *at = (struct wsc__misfit){ c, resource, "" };
        snprintf(at->path, sizeof at->path, "%s", c->name);
        if (!old)
            rc = change_other(resource, c, at);
        else if (any_by_policy(old))
            rc = WSC_E_ACCESS_DENIED;
        else if (is_entered(old, c) && !wsc__value_child(changes, c->name, 1))
            rc = wsc__merge(old, c, at); /* as deep as a value can be */
        else
            rc = replace(resource, old, c);
        if (rc != WSC_OK && at->among != resource)
            within(at, c->name);
    }
    return rc;
}
