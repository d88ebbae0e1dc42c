/* The program's resources: verbs, values, enumerations and subscriptions. */
#include "user.h"

#include "proto/items.h"

#include <string.h>

#define ONE_READ 200000 /* what is read in one piece holds no more */

static struct user_items *pick(void)
{
    unsigned i, from = next(&w.in);

    for (i = 0; i < w.nlists; i++)
        if (w.lists[(from + i) % w.nlists].it)
            return &w.lists[(from + i) % w.nlists];
    return NULL;
}

/* --- values ----------------------------------------------------------------------------------- */

static void look(const wsc_value *v)
{
    const char *xml = NULL;
    wsc_epr *e = NULL;
    size_t len = 0, i;
    int64_t n;

    if (wsc_value_get_xml(v, &xml, &len) == WSC_OK) {
        must(strlen(xml) == len, "XML is text");
        user_check_text(xml);
    }
    for (i = 0; i < 8 && i < wsc_value_count(v); i++)
        must(*wsc_value_name(wsc_value_at(v, i)), "what is within has a name");
    (void)wsc_value_get_int(wsc_value_find(v, "*/*", 1), &n);
    if (wsc_value_get_epr(v, &e) == WSC_OK)
        must(*wsc_epr_uri(e), "a reference says to what");
    wsc_epr_unref(e);
}

static void keep(const wsc_value *v)
{
    wsc_value **slot = &w.values[next(&w.in) % VALUES];

    wsc_value_unref(*slot);
    *slot = wsc_value_ref(v);
}

void user_take_value(wsc_op *op)
{
    const wsc_value *v = wsc_op_value(op);

    must(!v || !wsc_op_error(op), "what failed has no value");
    if (!v)
        return;
    look(v);
    must(wsc_value_set_text(wsc_value_ref(v), "x") == WSC_E_USAGE, "a reply never changes");
    wsc_value_unref((wsc_value *)(uintptr_t)v);
    if (next(&w.in) & 1)
        keep(v);
}

/* One that brings a number of its own; NULL: no memory. */
static wsc_value *numbered(const char *name)
{
    wsc_value *v = NULL;
    char text[32];

    snprintf(text, sizeof text, "number %u", w.nwrites++);
    if (wsc_value_new(&v, NULL, name) == WSC_OK)
        must(wsc_value_add(v, NULL, "A", text, NULL) == WSC_OK, "a value takes an element");
    return v;
}

void user_value(void)
{
    wsc_value **slot = &w.values[next(&w.in) % VALUES], *v = *slot, *made = NULL;
    const wsc_value *other = w.values[next(&w.in) % VALUES];
    static const char *const paths[] = { "*", "A", "*/*", "Id", "", "/", "a/b/c/d", "*/D/D/D/D" };

    switch (next(&w.in) % 8) {
    case 0:
        if (v && wsc_value_copy(&made, v) == WSC_OK) {
            wsc_value_unref(v);
            *slot = made;
        }
        break;
    case 1:
        if (v && other && wsc_value_count(v) < 1000 && wsc_value_count(other) < 1000)
            (void)wsc_value_add_value(v, other, &made);
        break;
    case 2:
        (void)wsc_value_find(v, paths[next(&w.in) % 8], next(&w.in) & 3);
        break;
    case 3:
        (void)wsc_value_remove(v, next(&w.in) & 7);
        break;
    case 4:
        (void)wsc_value_set_attr(v, next(&w.in) & 1 ? "urn:1" : "urn:2", "x", "1");
        (void)wsc_value_set_type(v, "urn:3", "T");
        break;
    case 5:
        (void)wsc_value_add_text(v, "{A=1;B=(2,3)}", NULL, NULL);
        break;
    case 6:
        wsc_value_unref(v);
        *slot = numbered(NULL);
        break;
    default:
        break;
    }
    if (*slot && wsc_value_count(*slot) < 1000)
        look(*slot);
}

/* --- verbs ------------------------------------------------------------------------------------ */

static wsc_epr *thing(void)
{
    wsc_epr *e = NULL;

    return wsc_epr_new(&e, "http://x/thing") == WSC_OK ? e : NULL;
}

static int call(wsc_op **place, unsigned which, const wsc_epr *e, wsc_value *v, const wsc_params *p)
{
    switch (which) {
    case 0:
        return wsc_get(place, w.client, e, p);
    case 1:
        return wsc_put(place, w.client, e, v, p);
    case 2:
        return wsc_create(place, w.client, e, v, p);
    case 3:
        return wsc_delete(place, w.client, e, p);
    case 4:
        return wsc_invoke(place, w.client, e, "Do", v, p);
    case 5:
        return wsc_client_learn_limits(place, w.client, p);
    default:
        return wsc_update(place, w.client, e, v, p);
    }
}

void user_verb(void)
{
    static const char *const options[][2] = {
        { "deadline", "700" },
        { "operation-timeout", "30s" },
        { "fragment", "A" },
        { "want-events", "true" },
    };
    uint8_t which = next(&w.in), how = next(&w.in);
    wsc_op *op, **place = user_op_place(&op);
    wsc_value *v;
    wsc_params *p = NULL;
    wsc_epr *e;

    if (!w.client || w.nwrites == HOSTILE_WRITES)
        return;
    v = numbered(which & 8 ? "Thing" : NULL);
    if (v && which & 16 && w.values[how % VALUES] && wsc_value_count(w.values[how % VALUES]) < 100)
        (void)wsc_value_add_value(v, w.values[how % VALUES], NULL);
    e = thing();
    if (how & 1 && wsc_params_new(&p) == WSC_OK)
        wsc_params_set_str(p, options[how >> 1 & 3][0], options[how >> 1 & 3][1]);
    if (e && v)
        user_add_op(call(place, which & 7, e, v, p), place);
    wsc_params_unref(p);
    wsc_epr_unref(e);
    wsc_value_unref(v);
}

/* --- enumerations ----------------------------------------------------------------------------- */

/* In order, each once, and all from one. */
static void take(struct user_items *u, const wsc_value *v)
{
    int64_t of = -1, id = -1;

    look(v);
    must(wsc_value_get_int(wsc_value_find(v, "Of", 0), &of) == WSC_OK &&
             wsc_value_get_int(wsc_value_find(v, "Id", 0), &id) == WSC_OK,
         "an item is one of the service's");
    must(u->of < 0 || u->of == of, "and of this enumeration");
    must(id == u->got, "items come once, and in their order");
    u->of = (int)of;
    u->got++;
}

static int on_item(wsc_items *it, const wsc_value *v, int status, void *ud)
{
    struct user_items *u = ud;
    uint8_t how = next(&w.in);

    must(u->it == it, "no items are told of that were given back");
    must(!u->ends, "nothing is told behind the end");
    if (v) {
        must(!u->canceled, "what is canceled tells no more items");
        take(u, v);
    } else {
        hostile_say(&w.h, "items %d: end %d %s", (int)(u - w.lists), status,
                    wsc_error_text(wsc_items_error(it)));
        u->ends++;
        must(wsc_error_code(wsc_items_error(it)) == status, "a status is that of its error");
        user_check_error(wsc_items_error(it));
    }
    user_in_callback();
    if (v)
        look(v); /* it is there until this returns */
    if (v && how & 64)
        keep(v);
    return how >= 224 ? WSC_E_AGAIN : WSC_OK;
}

static wsc_params *some_options(void)
{
    static const char *const options[][2] = {
        { "items-limit", "4096" },
        { "items-limit", "16k" },
        { "max-elements", "2" },
        { "optimize-enumeration", "false" },
        { "want-events", "true" },
        { "deadline", "700" },
        { "deadline", "30000" },
        { "cancel-timeout", "100" },
        { "operation-timeout", "30s" },
        { "max-envelope-size", "4096" },
        { "filter", "x" },
        { "bookmark", "<m>1</m>" },
    };
    unsigned n = next(&w.in) % 4;
    wsc_params *p = NULL;

    if (wsc_params_new(&p) != WSC_OK)
        return NULL;
    for (; n; n--) {
        size_t i = next(&w.in) % (sizeof options / sizeof *options);

        wsc_params_set_str(p, options[i][0], options[i][1]);
    }
    return p;
}

static void begin(bool sub)
{
    wsc_params *p = some_options();
    wsc_epr *e = thing();
    wsc_items *it = NULL;
    struct user_items *u = &w.lists[w.nlists];
    int rc;

    if (w.client && e && w.nlists < LISTS) {
        rc = user_said(sub ? wsc_subscribe(&it, w.client, e, p)
                           : wsc_enumerate(&it, w.client, e, p));
        must((rc == WSC_OK) == (it != NULL), "a call that fails leaves its out parameter alone");
    }
    if (it) {
        w.nlists++;
        memset(u, 0, sizeof *u);
        u->it = it;
        u->sub = sub;
        u->of = -1;
        wsc_items_set_user_data(it, u);
        if (next(&w.in) & 1)
            u->listens = user_said(wsc_items_on_item(it, on_item, u, NULL)) == WSC_OK;
    }
    wsc_params_unref(p);
    wsc_epr_unref(e);
}

void user_enumerate(void)
{
    begin(false);
}

void user_subscribe(void)
{
    begin(true);
}

/* False: there was none. */
static bool take_next(struct user_items *u, int timeout_ms)
{
    const wsc_value *v = NULL;
    wsc_items *it = u->it;
    int rc = user_said(wsc_items_next(it, &v, timeout_ms));

    must(rc == WSC_OK || !v, "a call that fails leaves its out parameter alone");
    if (u->it != it) /* it was given back meanwhile */
        return false;
    must(!v || !u->canceled, "what is canceled tells no more items");
    must(!v || !u->ends, "nothing is told behind the end");
    if (v)
        take(u, v);
    else if (rc == WSC_OK)
        must(!wsc_items_error(it), "a good end has no error");
    return v != NULL;
}

void user_next_item(void)
{
    struct user_items *u = pick();

    if (u)
        (void)take_next(u, user_waits());
}

void user_resume_items(void)
{
    struct user_items *u = pick();

    if (u)
        user_said(wsc_items_resume(u->it));
}

void user_listen_items(void)
{
    struct user_items *u = pick();

    if (!u)
        return;
    u->listens = false;
    user_said(wsc_items_on_item(u->it, next(&w.in) & 1 ? on_item : NULL, u, NULL));
}

void user_cancel_items(void)
{
    struct user_items *u = pick();

    if (u && user_said(wsc_items_cancel(u->it)) == WSC_OK)
        u->canceled = true;
}

void user_unref_items(void)
{
    struct user_items *u = pick();
    wsc_items *it = u ? u->it : NULL;

    if (u)
        u->it = NULL;
    wsc_items_unref(it);
}

void user_items_getters(void)
{
    struct user_items *u = pick();
    const char *text = NULL;
    unsigned of = 0, told = 0;

    if (!u)
        return;
    user_check_error(wsc_items_error(u->it));
    if (wsc_items_get_str(u->it, "context", &text) == WSC_OK)
        user_check_text(text);
    if (wsc_items_get_str(u->it, "bookmark", &text) != WSC_OK)
        return;
    user_check_text(text);
    must(u->sub && sscanf(text, "<m>L%u-%u", &of, &told) == 2,
         "a bookmark is one of the service's");
    must(u->of < 0 ? !told : of == (unsigned)u->of && told <= u->got,
         "a bookmark stands behind nothing unread");
}

void user_renew(void)
{
    struct user_items *u = pick();
    wsc_op *op, **place = user_op_place(&op);

    if (u)
        user_add_op(wsc_items_renew(place, u->it, NULL), place);
}

/* --- all the time, and the end ---------------------------------------------------------------- */

void user_check_items(void)
{
    unsigned i;

    for (i = 0; i < w.nlists; i++) {
        const struct wsc_items *it = w.lists[i].it;

        must(!it || it->bytes <= it->limit + ONE_READ, "no more waits than the limit allows");
    }
}

void user_read_items(struct user_items *u)
{
    if (!u->it)
        return;
    user_said(wsc_items_on_item(u->it, NULL, NULL, NULL));
    u->listens = false;
    while (take_next(u, 0))
        ;
}

bool user_items_over(void)
{
    unsigned i;

    for (i = 0; i < w.nlists; i++)
        if (w.lists[i].it && !wsc__items_over(w.lists[i].it))
            return false;
    return true;
}

void user_free_items(void)
{
    unsigned i;

    for (i = 0; i < w.nlists; i++) {
        const struct user_items *u = &w.lists[i];

        must(!u->it || !u->listens || u->ends == 1, "the end of items is told");
        wsc_items_unref(u->it);
    }
    for (i = 0; i < VALUES; i++)
        wsc_value_unref(w.values[i]);
}
