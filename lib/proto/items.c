/* Enumerations (WS-Enumeration, MS-WSMV 3.1.4.8-10): Enumerate, then Pull after Pull while the
 * reader keeps up, and Release where the server still has something that nobody wants. */
#include "proto/items.h"

#include "base/str.h"

#include <string.h>

#define FAULT_INVALID_CONTEXT 0x8033801B

static void pull(struct wsc_items *it);

static void to(struct wsc_items *it, enum wsc__items_state s)
{
    wsc__machine_moves(it->o.core, &wsc__items_machine, it->epr->uri, it->state, s);
    it->state = s;
}

/* --- items that wait -------------------------------------------------------------------------- */

static int push(struct wsc_items *it, struct wsc_value *v)
{
    struct wsc__item *i = wsc__malloc(&it->o.core->mem, sizeof *i);

    if (!i)
        return WSC_E_NOMEM;
    wsc__value_ref(v);
    i->next = NULL;
    i->bookmark = NULL;
    i->value = v;
    if (it->last)
        it->last->next = i;
    else
        it->first = i;
    it->last = i;
    it->bytes += sizeof *i + wsc__value_bytes(v);
    return WSC_OK;
}

void wsc__items_check_over(struct wsc_items *it)
{
    if (wsc__items_over(it) && (it->over || !it->on_item.fn))
        wsc__object_end(&it->o);
}

/* read: it is handed out, not dropped. */
static struct wsc_value *pop(struct wsc_items *it, bool read)
{
    struct wsc__item *i = it->first;
    struct wsc_value *v;

    if (!i)
        return NULL;
    it->first = i->next;
    if (!it->first)
        it->last = NULL;
    v = i->value;
    if (it->sub)
        wsc__subscription_passed(it, i, read);
    it->bytes -= sizeof *i + wsc__value_bytes(v);
    wsc__free(&it->o.core->mem, i);
    wsc__items_check_over(it);
    return v;
}

static void drop_all(struct wsc_items *it)
{
    struct wsc_value *v;

    while ((v = pop(it, false)))
        wsc__value_unref(v);
}

struct wsc_value *wsc__items_take(struct wsc_items *it)
{
    struct wsc_value *v = pop(it, true);

    if (!v || wsc__items_ended(it))
        return v;
    if (it->state == WSC__ITEMS_PAUSED && it->bytes <= it->limit / 2) {
        to(it, WSC__ITEMS_READING);
        wsc__req_resume(it->req);
    }
    pull(it);
    return v;
}

bool wsc__items_ended(const struct wsc_items *it)
{
    return it->state == WSC__ITEMS_LEAVING || it->state == WSC__ITEMS_ENDED;
}

bool wsc__items_over(const struct wsc_items *it)
{
    return wsc__items_ended(it) && !it->first;
}

/* --- the end ---------------------------------------------------------------------------------- */

static void released(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_items *it = owner;

    (void)r;
    (void)err; /* nobody is there any more to be told */
    it->o.core->pending--;
    wsc__object_unref(&it->o);
}

/* Fills what every request of the enumeration has. */
static void name_resource(const struct wsc_items *it, struct wsc__req_spec *spec)
{
    spec->resource_uri = it->epr->uri;
    spec->selectors = it->epr->selectors;
    spec->nselectors = it->epr->n;
}

void wsc__items_clean_up(struct wsc_items *it, struct wsc__req_spec *spec)
{
    static const struct wsc__req_ops ops = { .done = released };
    struct wsc_error *err = NULL;
    struct wsc__req *r = NULL;

    name_resource(it, spec);
    spec->lane = WSC__LANE_URGENT;
    spec->total_ms = wsc__opt_int(it->params, WSC__O_CANCEL_TIMEOUT) / 2;
    spec->total_option = "cancel-timeout";
    if (!it->o.core->dead && spec->total_ms &&
        wsc__req_start(&r, it->client, it->params, spec, &ops, it, &err) == WSC_OK) {
        it->o.core->pending++;
        wsc__object_ref(&it->o);
    }
    wsc__error_unref(err);
}

/* The server has nothing of it that could be named. */
static void forget(struct wsc_items *it)
{
    wsc__free(&it->o.core->mem, it->context);
    it->context = NULL;
    if (it->sub)
        wsc__subscription_forget(it);
}

static void release_context(struct wsc_items *it)
{
    struct wsc__xml_writer w;
    struct wsc__req_spec spec;
    struct wsc__buf body;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &it->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    wsc__body_release(&w, it->context);
    spec.action = WSC__ACTION_RELEASE;
    spec.body = &body;
    if (!w.err)
        wsc__items_clean_up(it, &spec);
    wsc__buf_free(&body);
}

/* Once, by whatever name is known. */
static void release(struct wsc_items *it)
{
    if (it->sub && it->sub->identifier)
        wsc__subscription_end(it);
    else if (it->context)
        release_context(it);
    forget(it);
}

/* The reader's end. err: borrowed; NULL = the server has told all. */
static void end(struct wsc_items *it, enum wsc__items_state s, struct wsc_error *err)
{
    to(it, s);
    it->err = err ? wsc__error_ref(err) : NULL;
    wsc__timer_clear(&it->o.core->timers, &it->deadline);
    wsc__object_tell(&it->o, WSC_EVENT_ITEM);
    wsc__object_busy(&it->o, false);
    wsc__items_check_over(it);
}

static void fail(struct wsc_items *it, struct wsc_error *err)
{
    if (wsc__error_fault_code(err) == FAULT_INVALID_CONTEXT)
        forget(it);
    end(it, WSC__ITEMS_ENDED, err);
    release(it);
}

/* What the server may have seen is waited for, for the context that it answers with is the one to
 * release. A subscription is named by something else, and its Pull may take long. */
static bool awaits_answer(const struct wsc_items *it)
{
    return it->req && !it->o.core->dead && wsc__opt_int(it->params, WSC__O_CANCEL_TIMEOUT) &&
           !wsc__req_unsent(it->req) && !(it->sub && it->context);
}

/* Half of the time is for that. What the answer tells goes nowhere. */
static void leave(struct wsc_items *it, struct wsc_error *err)
{
    int64_t ms = wsc__opt_int(it->params, WSC__O_CANCEL_TIMEOUT);
    bool paused = it->state == WSC__ITEMS_PAUSED;

    it->o.core->pending++;
    wsc__req_bound(it->req, ms / 2 + 1, "cancel-timeout");
    end(it, WSC__ITEMS_LEAVING, err);
    if (paused)
        wsc__req_resume(it->req);
}

static void drop_request(struct wsc_items *it)
{
    struct wsc__req *r = it->req;

    if (!r)
        return;
    it->req = NULL;
    wsc__req_cancel(r);
    wsc__object_unref(&it->o); /* the request's */
}

/* Takes the error. */
static void stop(struct wsc_items *it, struct wsc_error *err)
{
    wsc__object_ref(&it->o);
    if (awaits_answer(it)) {
        leave(it, err);
    } else {
        end(it, WSC__ITEMS_ENDED, err);
        drop_request(it);
        release(it);
    }
    wsc__error_unref(err);
    wsc__object_unref(&it->o);
}

void wsc__items_cancel(struct wsc_items *it)
{
    drop_all(it); /* also what waits before an end that has come already */
    it->held = false;
    wsc__object_tell(&it->o, WSC_EVENT_ITEM);
    if (!wsc__items_ended(it))
        stop(it, wsc__error_new(&it->o.core->mem, WSC_E_CANCELED, "the %s was canceled",
                                it->sub ? "subscription" : "enumeration"));
}

/* What has all come can still be read. */
static void cancel_object(struct wsc__object *o)
{
    struct wsc_items *it = WSC__OF(o, struct wsc_items, o);

    if (!wsc__items_ended(it) || it->on_item.fn)
        wsc__items_cancel(it);
}

static void on_deadline(struct wsc__timer *t, uint64_t now)
{
    struct wsc_items *it = WSC__OF(t, struct wsc_items, deadline);

    (void)now;
    stop(it, wsc__client_deadline(it->client, it->params));
}

/* --- replies ---------------------------------------------------------------------------------- */

static int on_field(void *owner, enum wsc__field f, const char *value)
{
    struct wsc_items *it = owner;
    const struct wsc__mem *mem = &it->o.core->mem;

    if (f == WSC__F_END_OF_SEQUENCE)
        it->all_told = true;
    if (f != WSC__F_ENUMERATION_CONTEXT || !*value)
        return WSC_OK;
    wsc__free(mem, it->next_context);
    it->next_context = wsc__strdup(mem, value);
    return it->next_context ? WSC_OK : WSC_E_NOMEM;
}

static int on_value(void *owner, struct wsc_value *v, enum wsc__told what)
{
    struct wsc_items *it = owner;
    int rc;

    if (it->sub && what != WSC__TOLD_ITEM)
        return wsc__subscription_told(it, v, what);
    if (what != WSC__TOLD_ITEM || wsc__items_ended(it) || (it->sub && wsc__subscription_beats(v)))
        return WSC_OK;
    rc = push(it, v);
    if (rc != WSC_OK)
        return rc;
    it->told_any = true;
    wsc__object_tell(&it->o, WSC_EVENT_ITEM);
    if (it->bytes < it->limit)
        return WSC_OK;
    if (it->state != WSC__ITEMS_PAUSED) /* what the parser has in hand is told yet */
        to(it, WSC__ITEMS_PAUSED);
    return WSC__PAUSE;
}

/* The newest context counts; an answer without one leaves it as it is. EndOfSequence is the end. */
static void take_context(struct wsc_items *it)
{
    if (it->next_context) {
        wsc__free(&it->o.core->mem, it->context);
        it->context = it->next_context;
        it->next_context = NULL;
    }
    if (it->all_told)
        forget(it);
}

/* What the answer means for us, who have nothing under way now. */
static void go_on(struct wsc_items *it, const struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_error *e = NULL;
    /* a fault in front of items at which it was cut off says nothing */
    bool again = r->timed_out && it->context && it->state != WSC__ITEMS_PAUSED;

    if (err && !again) {
        fail(it, err);
    } else if (it->context) {
        to(it, WSC__ITEMS_RESTING);
        pull(it);
    } else if (it->sub && !it->all_told) {
        fail(it, e = wsc__error_new(&it->o.core->mem, WSC_E_PROTOCOL,
                                    "the answer to Subscribe has no EnumerationContext that can be "
                                    "read: there is nothing to pull from"));
    } else { /* that there is no context is the end of an enumeration, too */
        e = it->sub ? wsc__subscription_lost(it) : NULL;
        end(it, WSC__ITEMS_ENDED, e);
    }
    wsc__error_unref(e);
}

static void on_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_items *it = owner;

    it->req = NULL;
    take_context(it); /* also of an answer that was cut off behind it */
    if (it->sub)
        wsc__subscription_answered(it, !err);
    wsc__haste_judge(&it->haste, it->o.core->now, it->told_any);
    if (it->state == WSC__ITEMS_LEAVING) { /* nobody wants it */
        it->o.core->pending--;
        to(it, WSC__ITEMS_ENDED);
        release(it);
    } else {
        go_on(it, r, err);
    }
    wsc__object_unref(&it->o); /* the request's */
}

static const struct wsc__req_ops item_ops = { .field = on_field,
                                              .value = on_value,
                                              .done = on_done };

/* --- requests --------------------------------------------------------------------------------- */

int wsc__items_ask(struct wsc_items *it, struct wsc__req_spec *spec, struct wsc_error **err)
{
    int rc;

    name_resource(it, spec);
    it->told_any = it->all_told = false;
    rc = wsc__req_start(&it->req, it->client, it->params, spec, &item_ops, it, err);
    if (rc == WSC_OK)
        wsc__object_ref(&it->o); /* the request's */
    return rc;
}

/* Asks for more, while the reader keeps up. */
static void pull(struct wsc_items *it)
{
    struct wsc_error *err = NULL;
    struct wsc__xml_writer w;
    struct wsc__req_spec spec;
    struct wsc__buf body;
    int rc;

    if (it->state != WSC__ITEMS_RESTING || it->bytes > it->limit / 2)
        return;
    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &it->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    wsc__body_pull(&w, it->context, wsc__opt_int(it->params, WSC__O_MAX_ELEMENTS),
                   wsc__opt_int(it->params, WSC__O_MAX_TIME));
    spec.action = WSC__ACTION_PULL;
    spec.lane = it->sub ? WSC__LANE_WAIT : WSC__LANE_NORMAL; /* until there are events */
    spec.response = &wsc__pull_response;
    spec.body = &body;
    spec.pause_ms = wsc__haste_asks(&it->haste, it->o.core->now);
    rc = w.err ? w.err : wsc__items_ask(it, &spec, &err);
    wsc__buf_free(&body);
    if (rc == WSC_OK)
        to(it, WSC__ITEMS_READING);
    else
        fail(it, err ? err : wsc__error_nomem());
    wsc__error_unref(err);
}

static const char *mode_of(const struct wsc__optset *params)
{
    const char *mode = wsc__opt_str(params, WSC__O_ENUMERATION_MODE);

    return wsc__ieq(mode, "epr")              ? "EnumerateEPR"
           : wsc__ieq(mode, "object-and-epr") ? "EnumerateObjectAndEPR"
                                              : NULL;
}

static const char *polymorphism_of(const struct wsc__optset *params)
{
    const char *mode = wsc__opt_str(params, WSC__O_POLYMORPHISM_MODE);

    return wsc__ieq(mode, "include-sub-class-properties")   ? "IncludeSubClassProperties"
           : wsc__ieq(mode, "exclude-sub-class-properties") ? "ExcludeSubClassProperties"
           : wsc__ieq(mode, "none")                         ? "None"
                                                            : NULL;
}

int wsc__items_filter(struct wsc_items *it, struct wsc__buf *out, struct wsc_error **err)
{
    const struct wsc__mem *mem = &it->o.core->mem;
    const char *text = wsc__opt_str(it->params, WSC__O_FILTER), *why = "it is wrong";
    const char *dialect = wsc__opt_str(it->params, WSC__O_DIALECT);
    struct wsc__xml_writer w;
    size_t bad_at = 0;
    int rc;

    if (!text)
        return WSC_OK;
    if (!dialect)
        dialect = it->sub ? "event" : "wql";
    wsc__xml_init(&w, out);
    rc = wsc__filter_write(&w, mem, dialect, text, it->epr->uri, NULL, &bad_at, &why);
    if (rc == WSC_OK)
        rc = w.err;
    if (rc == WSC_E_OPTION) {
        *err = wsc__error_new(mem, rc, "dialect: %s", why);
        wsc__error_set_str(*err, WSC__ES_OPTION, "dialect");
    }
    if (rc != WSC_E_USAGE)
        return rc;
    *err = wsc__error_new(mem, WSC_E_USAGE, "filter: %s (offset %zu)", why, bad_at);
    wsc__error_set_str(*err, WSC__ES_OPTION, "filter");
    wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)bad_at);
    return rc;
}

static int enumerate(struct wsc_items *it, struct wsc_error **err)
{
    const struct wsc__mem *mem = &it->o.core->mem;
    struct wsc__enumerate_spec e;
    struct wsc__xml_writer w;
    struct wsc__req_spec spec;
    struct wsc__buf body, filter;
    int rc;

    memset(&spec, 0, sizeof spec);
    memset(&e, 0, sizeof e);
    wsc__buf_init(&body, mem, SIZE_MAX / 2);
    wsc__buf_init(&filter, mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    e.optimize = wsc__opt_int(it->params, WSC__O_OPTIMIZE) != 0;
    e.max_elements = wsc__opt_int(it->params, WSC__O_MAX_ELEMENTS);
    e.mode = mode_of(it->params);
    e.polymorphism = polymorphism_of(it->params);
    rc = wsc__items_filter(it, &filter, err);
    e.filter = filter.len ? &filter : NULL;
    if (rc == WSC_OK)
        wsc__body_enumerate(&w, &e);
    spec.action = WSC__ACTION_ENUMERATE;
    spec.lane = WSC__LANE_NORMAL;
    spec.response = &wsc__enumerate_response;
    spec.body = &body;
    if (rc == WSC_OK)
        rc = w.err ? w.err : wsc__items_ask(it, &spec, err);
    wsc__buf_free(&filter);
    wsc__buf_free(&body);
    return rc;
}

/* --- life ------------------------------------------------------------------------------------- */

const char *wsc__items_get(const struct wsc_items *it, const char *name)
{
    if (strcmp(name, "context") == 0)
        return it->context;
    return it->sub && strcmp(name, "bookmark") == 0 ? it->sub->bookmark : NULL;
}

static void destroy(struct wsc__object *o)
{
    struct wsc_items *it = WSC__OF(o, struct wsc_items, o);
    const struct wsc__mem *mem = &o->core->mem;

    wsc__timer_clear(&o->core->timers, &it->deadline);
    wsc__callback_drop(&it->on_item);
    drop_all(it);
    wsc__subscription_free(it);
    wsc__value_unref(it->shown);
    wsc__error_unref(it->err);
    wsc__epr_free(it->epr);
    wsc__free(mem, it->context);
    wsc__free(mem, it->next_context);
    wsc__optset_unref(it->params);
    wsc__client_unref(it->client);
    wsc__free(mem, it);
}

struct wsc_items *wsc__items_new(struct wsc__client *c, struct wsc__optset *params,
                                 const struct wsc_epr *epr)
{
    struct wsc_items *it = wsc__zalloc(&c->core->mem, sizeof *it);

    if (!it)
        return NULL;
    wsc__object_init(&it->o, c->core, WSC__OBJ_ITEMS);
    it->o.cancel = cancel_object;
    it->o.destroy = destroy;
    it->armed = true;
    it->client = c;
    wsc__client_ref(c);
    it->params = wsc__optset_ref(params);
    it->limit = (size_t)wsc__opt_int(params, WSC__O_ITEMS_LIMIT);
    it->deadline.fire = on_deadline;
    wsc__object_busy(&it->o, true);
    if (wsc__epr_copy(&it->epr, &c->core->mem, epr) == WSC_OK)
        return it;
    it->o.user = false;
    wsc__object_unref(&it->o);
    return NULL;
}

int wsc__items_made(struct wsc_items **out, struct wsc_items *it, int rc, struct wsc_error **err)
{
    int64_t deadline = it ? wsc__opt_int(it->params, WSC__O_DEADLINE) : 0;

    if (rc != WSC_OK) {
        if (!*err)
            *err = wsc__error_nomem();
        if (it) {
            it->o.user = false;
            wsc__object_unref(&it->o);
        }
        return rc;
    }
    if (deadline)
        wsc__timer_set(&it->o.core->timers, &it->deadline, it->o.core->now + (uint64_t)deadline);
    *out = it;
    return WSC_OK;
}

int wsc__items_enumerate(struct wsc_items **out, struct wsc__client *c, struct wsc__optset *params,
                         const struct wsc_epr *epr, struct wsc_error **err)
{
    struct wsc_items *it = wsc__items_new(c, params, epr);

    return wsc__items_made(out, it, it ? enumerate(it, err) : WSC_E_NOMEM, err);
}
