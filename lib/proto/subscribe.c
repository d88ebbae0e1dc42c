/* Subscriptions in pull mode (WS-Eventing, MS-WSMV 3.1.4.6-8): Subscribe, then Pull after Pull as
 * of an enumeration, and Unsubscribe. Where the reader is in the stream of events is a bookmark,
 * with which another subscription goes on. */
#include "proto/items.h"
#include "proto/op.h"

#include "base/str.h"

#include <string.h>

#define HEARTBEAT "/Heartbeat"

bool wsc__subscription_beats(const struct wsc_value *v)
{
    const char *action = wsc__value_attr(v, NULL, "Action");
    size_t len = action ? strlen(action) : 0, tail = sizeof HEARTBEAT - 1;

    return wsc__ieq(v->name, "Event") && len > tail && wsc__ieq(action + len - tail, HEARTBEAT);
}

/* --- bookmarks -------------------------------------------------------------------------------- */

/* The content of w:Bookmark: elements, or a URI. */
static int keep_bookmark(struct wsc_items *it, const struct wsc_value *v)
{
    const struct wsc__mem *mem = &it->o.core->mem;
    const struct wsc_value *n;
    struct wsc__xml_writer w;
    struct wsc__buf out;
    char *text = NULL;

    wsc__buf_init(&out, mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &out);
    for (n = v->first; n; n = n->next)
        wsc__value_write(n, &w, "", "");
    if (v->text)
        wsc__xml_text_n(&w, v->text, v->text_len);
    if (!w.err)
        text = wsc__strndup(mem, (const char *)wsc__buf_data(&out), out.len);
    wsc__buf_free(&out);
    if (!text)
        return w.err ? w.err : WSC_E_NOMEM;
    wsc__free(mem, it->sub->behind);
    it->sub->behind = text;
    return WSC_OK;
}

/* It stands behind the last event of its answer. */
void wsc__subscription_answered(struct wsc_items *it, bool good)
{
    char *text = it->sub->behind;

    it->sub->behind = NULL;
    if (!text)
        return;
    if (!good) {
        wsc__free(&it->o.core->mem, text);
    } else if (it->last) {
        wsc__free(&it->o.core->mem, it->last->bookmark);
        it->last->bookmark = text;
    } else {
        wsc__free(&it->o.core->mem, it->sub->bookmark);
        it->sub->bookmark = text;
    }
}

void wsc__subscription_passed(struct wsc_items *it, struct wsc__item *i, bool read)
{
    char *old = i->bookmark;

    if (!old)
        return;
    if (read) {
        old = it->sub->bookmark;
        it->sub->bookmark = i->bookmark;
    }
    i->bookmark = NULL;
    wsc__free(&it->o.core->mem, old);
}

/* --- answers ---------------------------------------------------------------------------------- */

static int keep_text(struct wsc_items *it, char **slot, const struct wsc_value *v)
{
    const char *s = v && v->text ? v->text : "";
    size_t len = v && v->text ? v->text_len : 0;

    wsc__trim(&s, &len);
    wsc__free(&it->o.core->mem, *slot);
    *slot = len ? wsc__strndup(&it->o.core->mem, s, len) : NULL;
    return len && !*slot ? WSC_E_NOMEM : WSC_OK;
}

int wsc__subscription_told(struct wsc_items *it, struct wsc_value *v, enum wsc__told what)
{
    const struct wsc_value *bookmark;
    int rc;

    if (what == WSC__TOLD_BOOKMARK)
        return keep_bookmark(it, v);
    if (what != WSC__TOLD_BODY)
        return WSC_OK;
    rc = keep_text(it, &it->sub->identifier,
                   wsc__value_find(v, "SubscriptionManager/*/Identifier", 0));
    if (rc == WSC_OK)
        rc = keep_text(it, &it->next_context, wsc__value_child(v, "EnumerationContext", 0));
    bookmark = wsc__value_child(v, "Bookmark", 0);
    return rc == WSC_OK && bookmark ? keep_bookmark(it, bookmark) : rc;
}

struct wsc_error *wsc__subscription_lost(const struct wsc_items *it)
{
    struct wsc_error *e =
        wsc__error_new(&it->o.core->mem, WSC_E_ABORTED, "the server has ended the subscription");

    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Subscribe again with the option bookmark: events since then are not lost.");
    return e;
}

/* --- requests --------------------------------------------------------------------------------- */

/* Writes header and body of a request to the manager of the subscription. */
static void to_manager(struct wsc_items *it, struct wsc__req_spec *spec, struct wsc__buf *headers,
                       struct wsc__buf *body)
{
    struct wsc__xml_writer w;

    memset(spec, 0, sizeof *spec);
    wsc__buf_init(headers, &it->o.core->mem, SIZE_MAX / 2);
    wsc__buf_init(body, &it->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, headers);
    if (it->sub->identifier)
        wsc__header_identifier(&w, it->sub->identifier);
    spec->headers = headers;
    spec->body = body;
}

void wsc__subscription_end(struct wsc_items *it)
{
    struct wsc__buf headers, body;
    struct wsc__xml_writer w;
    struct wsc__req_spec spec;

    to_manager(it, &spec, &headers, &body);
    wsc__xml_init(&w, &body);
    wsc__body_unsubscribe(&w);
    spec.action = WSC__ACTION_UNSUBSCRIBE;
    if (!w.err)
        wsc__items_clean_up(it, &spec);
    wsc__buf_free(&headers);
    wsc__buf_free(&body);
}

void wsc__subscription_forget(struct wsc_items *it)
{
    wsc__free(&it->o.core->mem, it->sub->identifier);
    it->sub->identifier = NULL;
}

void wsc__subscription_free(struct wsc_items *it)
{
    const struct wsc__mem *mem = &it->o.core->mem;

    if (!it->sub)
        return;
    wsc__free(mem, it->sub->identifier);
    wsc__free(mem, it->sub->behind);
    wsc__free(mem, it->sub->bookmark);
    wsc__free(mem, it->sub);
    it->sub = NULL;
}

static struct wsc_error *refuse_push(const struct wsc__mem *mem, const char *mode)
{
    struct wsc_error *e = wsc__error_new(
        mem, WSC_E_UNSUPPORTED,
        "delivery-mode %s needs a listener that the server connects to, which is not offered",
        mode);

    wsc__error_set_str(e, WSC__ES_OPTION, "delivery-mode");
    wsc__error_set_str(e, WSC__ES_REMEDY, "Use delivery-mode pull.");
    return e;
}

static int check(const struct wsc__mem *mem, const struct wsc__optset *params,
                 struct wsc_error **err)
{
    const char *mode = wsc__opt_str(params, WSC__O_DELIVERY_MODE);
    const char *bookmark = wsc__opt_str(params, WSC__O_BOOKMARK);

    if (!wsc__ieq(mode, "pull")) {
        *err = refuse_push(mem, mode);
        return wsc__error_code(*err);
    }
    return bookmark ? wsc__bookmark_check(mem, bookmark, err) : WSC_OK;
}

static size_t event_options(const struct wsc__optset *params, struct wsc__pair out[2])
{
    const char *format = wsc__opt_str(params, WSC__O_CONTENT_FORMAT);
    size_t n = 0;

    memset(out, 0, 2 * sizeof *out);
    if (!wsc__ieq(format, "default")) {
        out[n].name = "ContentFormat";
        out[n++].value = wsc__ieq(format, "raw") ? "Raw" : "RenderedText";
    }
    if (wsc__opt_int(params, WSC__O_READ_EXISTING)) {
        out[n].name = "ReadExistingEvents";
        out[n++].value = "true";
    }
    return n;
}

static int subscribe(struct wsc_items *it, struct wsc_error **err)
{
    const struct wsc__mem *mem = &it->o.core->mem;
    struct wsc__subscribe_spec s;
    struct wsc__pair options[2];
    struct wsc__xml_writer w;
    struct wsc__req_spec spec;
    struct wsc__buf body, filter;
    int rc = check(mem, it->params, err);

    if (rc != WSC_OK)
        return rc;
    it->sub = wsc__zalloc(mem, sizeof *it->sub);
    if (!it->sub)
        return WSC_E_NOMEM;
    memset(&spec, 0, sizeof spec);
    memset(&s, 0, sizeof s);
    wsc__buf_init(&body, mem, SIZE_MAX / 2);
    wsc__buf_init(&filter, mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    s.heartbeats_ms = wsc__opt_int(it->params, WSC__O_HEARTBEATS);
    s.expires_ms = wsc__opt_int(it->params, WSC__O_EXPIRES);
    s.locale = wsc__opt_str(it->params, WSC__O_LOCALE);
    s.bookmark = wsc__opt_str(it->params, WSC__O_BOOKMARK);
    rc = wsc__items_filter(it, &filter, err);
    s.filter = filter.len ? &filter : NULL;
    if (rc == WSC_OK)
        wsc__body_subscribe(&w, &s);
    spec.action = WSC__ACTION_SUBSCRIBE;
    spec.lane = WSC__LANE_NORMAL;
    spec.response = &wsc__subscribe_response;
    spec.options = options;
    spec.noptions = event_options(it->params, options);
    spec.value = true;
    spec.body = &body;
    if (rc == WSC_OK)
        rc = w.err ? w.err : wsc__items_ask(it, &spec, err);
    wsc__buf_free(&filter);
    wsc__buf_free(&body);
    return rc;
}

int wsc__items_subscribe(struct wsc_items **out, struct wsc__client *c, struct wsc__optset *params,
                         const struct wsc_epr *epr, struct wsc_error **err)
{
    struct wsc_items *it = wsc__items_new(c, params, epr);

    return wsc__items_made(out, it, it ? subscribe(it, err) : WSC_E_NOMEM, err);
}

/* --- renewal ---------------------------------------------------------------------------------- */

static int ask_to_renew(struct wsc_op *op, struct wsc_items *it, struct wsc__optset *params,
                        struct wsc_error **err)
{
    struct wsc__buf headers, body;
    struct wsc__xml_writer w;
    struct wsc__req_spec spec;
    int rc;

    to_manager(it, &spec, &headers, &body);
    wsc__xml_init(&w, &body);
    wsc__body_renew(&w, wsc__opt_int(params, WSC__O_EXPIRES));
    spec.action = WSC__ACTION_RENEW;
    spec.resource_uri = it->epr->uri;
    spec.value = true;
    rc = w.err ? w.err : wsc__op_ask(op, it->client, params, &spec, &wsc__op_reply, err);
    wsc__buf_free(&headers);
    wsc__buf_free(&body);
    return rc;
}

int wsc__items_renew(struct wsc_op **out, struct wsc_items *it, struct wsc__optset *params,
                     struct wsc_error **err)
{
    struct wsc_op *op = NULL;
    int rc = wsc__op_new(&op, it->o.core, &it->o);

    if (rc == WSC_OK)
        rc = ask_to_renew(op, it, params, err);
    return wsc__op_made(out, op, rc, err);
}
