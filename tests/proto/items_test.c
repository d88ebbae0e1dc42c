/* Enumerations: by waiting, by callback, by events; pauses, faults, and who gives up. */
#include "commands.h"

#include "proto/items.h"

#define TIMED_OUT       2150858793u
#define INVALID_CONTEXT 2150858779u /* ERROR_WSMAN_INVALID_CONTEXT... 0x8033801B */
#define ACCESS_DENIED   5u

static wsc_epr *resource(void)
{
    wsc_epr *e = NULL;

    CHECK_EQ(wsc_epr_parse(&e, "wmicimv2/Test_Item", NULL, NULL), WSC_OK);
    return e;
}

static wsc_items *start(int (*how)(wsc_items **, wsc_client *, const wsc_epr *, const wsc_params *),
                        const char *const *list)
{
    wsc_params *p = options(list);
    wsc_epr *e = resource();
    wsc_items *it = NULL;

    CHECK_EQ(how(&it, l.client, e, p), WSC_OK);
    wsc_epr_unref(e);
    wsc_params_unref(p);
    return it;
}

static wsc_items *enumerate(const char *const *list)
{
    return start(wsc_enumerate, list);
}

static void begin(unsigned items, unsigned batch)
{
    life_open(&l, NULL);
    l.p.items = items;
    l.p.batch = batch;
}

static int64_t id_of(const wsc_value *v)
{
    int64_t id = -1;

    CHECK_STR(wsc_value_name(v), "Item");
    CHECK_EQ(wsc_value_get_int(wsc_value_find(v, "Id", 0), &id), WSC_OK);
    return id;
}

/* All that are left are there, in order; gives how many. */
static unsigned read_all(wsc_items *it, unsigned from, int status)
{
    const wsc_value *v = NULL;
    int rc;

    for (; (rc = wsc_items_next(it, &v, -1)) == WSC_OK && v; from++)
        CHECK_EQ(id_of(v), from);
    CHECK_EQ(rc, status);
    CHECK_EQ(wsc_items_next(it, &v, -1), status); /* and again */
    CHECK_EQ(wsc_error_code(wsc_items_error(it)), status);
    return from;
}

static void by_waiting(void)
{
    static const char *const four[] = { "max-elements", "4", NULL };
    static const unsigned batches[] = { 0, 1, 3, 10, 100 };
    const wsc_value *v = NULL;
    wsc_value *kept;
    wsc_items *it;
    size_t i;

    for (i = 0; i < sizeof batches / sizeof *batches; i++) {
        begin(10, batches[i]);
        it = enumerate(NULL);
        CHECK_EQ(wsc_items_next(it, &v, 0), WSC_E_AGAIN);
        CHECK_EQ(read_all(it, 0, WSC_OK), 10);
        CHECK_EQ(peer_asked(&l.p, "Enumerate"), 1);
        CHECK_EQ(peer_asked(&l.p, "Release"), 0);
        wsc_items_unref(it);
        run_out(&l);
        CHECK_EQ(peer_asked(&l.p, "Release"), 0);
        life_close(&l);
    }
    begin(0, 0);
    it = enumerate(four);
    CHECK_EQ(read_all(it, 0, WSC_OK), 0);
    wsc_items_unref(it);
    life_close(&l);
    /* a value outlives all it came from */
    begin(2, 1);
    it = enumerate(NULL);
    CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
    kept = wsc_value_ref(v);
    CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
    CHECK_EQ(id_of(kept), 0);
    CHECK_EQ(wsc_value_set_text(kept, "no"), WSC_E_USAGE);
    CHECK_EQ(wsc_value_add(kept, NULL, "no", "", NULL), WSC_E_USAGE);
    wsc_items_unref(it);
    run_out(&l);
    CHECK_EQ(id_of(kept), 0);
    wsc_value_unref(kept);
    life_close(&l);
}

struct seen {
    unsigned items, ends, frees, pause_at;
    int status;
    bool drop_at_end, drop_now, cancel_now;
    wsc_value *kept;
};

static int on_item(wsc_items *it, const wsc_value *v, int status, void *ud)
{
    struct seen *s = ud;

    CHECK_EQ(s->ends, 0);
    if (!v) {
        s->ends++;
        s->status = status;
        if (s->drop_at_end)
            wsc_items_unref(it);
        return WSC_OK;
    }
    CHECK_EQ(id_of(v), s->items++);
    if (s->drop_now) {
        wsc_items_unref(it);
        CHECK_EQ(id_of(v), s->items - 1); /* it is there until this returns */
    }
    if (s->cancel_now)
        CHECK_EQ(wsc_items_cancel(it), WSC_OK);
    return s->pause_at && s->items % s->pause_at == 0 ? WSC_E_AGAIN : WSC_OK;
}

static void seen_free(void *ud)
{
    ((struct seen *)ud)->frees++;
}

static void by_callback(void)
{
    struct seen s = { .pause_at = 4 };
    const wsc_value *v = NULL;
    wsc_items *it;
    int i;

    begin(10, 3);
    it = enumerate(NULL);
    CHECK_EQ(wsc_items_on_item(it, on_item, &s, seen_free), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(s.items, 4);
    for (i = 2; i < 4; i++) {
        CHECK_EQ(wsc_items_resume(it), WSC_OK);
        run_for(&l, 1000);
        CHECK_EQ(s.items, i * 4 < 10 ? i * 4 : 10);
    }
    CHECK_EQ(s.ends, 1);
    CHECK_EQ(s.status, WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(wsc_items_resume(it), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(wsc_items_next(it, &v, 0), WSC_OK);
    CHECK(!v);
    CHECK_EQ(s.frees, 0);
    wsc_items_unref(it);
    CHECK_EQ(s.frees, 1);
    life_close(&l);
    /* given back in the last callback, and in the middle */
    for (i = 0; i < 2; i++) {
        s = (struct seen){ .drop_at_end = i == 0, .drop_now = i == 1 };
        begin(10, 3);
        it = enumerate(NULL);
        CHECK_EQ(wsc_items_on_item(it, on_item, &s, seen_free), WSC_OK);
        run_out(&l);
        CHECK_EQ(s.items, i ? 1 : 10);
        CHECK_EQ(s.ends, i ? 0 : 1);
        CHECK_EQ(s.frees, 1);
        CHECK_EQ(peer_asked(&l.p, "Release"), (unsigned)i);
        life_close(&l);
    }
}

static void by_events(void)
{
    const wsc_value *v = NULL;
    const wsc_event *ev;
    unsigned items = 0, events = 0;
    wsc_items *it;
    int rc = WSC_OK, i;

    begin(10, 3);
    it = enumerate(NULL);
    wsc_items_set_user_data(it, &events);
    CHECK(wsc_items_user_data(it) == &events);
    for (i = 0; i < 1000 && (v || rc == WSC_E_AGAIN || !items); i++) {
        wsc_ctx_wait(l.ctx, 100);
        while ((ev = wsc_ctx_next_event(l.ctx))) {
            events++;
            CHECK_EQ(wsc_event_kind(ev), WSC_EVENT_ITEM);
            CHECK(wsc_event_items(ev) == it && !wsc_event_op(ev));
            CHECK(wsc_event_user_data(ev) == &events);
            while ((rc = wsc_items_next(it, &v, 0)) == WSC_OK && v)
                CHECK_EQ(id_of(v), items++);
        }
    }
    CHECK_EQ(items, 10);
    CHECK_EQ(rc, WSC_OK);
    CHECK(events >= 1 && events <= 8);
    wsc_items_unref(it);
    life_close(&l);
}

/* Who gives up sends Release once, whenever it is. */
static void given_up(void)
{
    static const char *const no_clean_up[] = { "cancel-timeout", "0", NULL };
    const wsc_value *v = NULL;
    unsigned when;
    wsc_items *it;

    for (when = 0; when < 8; when++) {
        bool cancel = when % 2;

        begin(100, 3);
        it = enumerate(when >= 6 ? no_clean_up : NULL);
        if (when >= 2)
            CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK); /* Enumerate was answered */
        if (when >= 4)
            CHECK_EQ(read_all(it, 1, WSC_OK), 100);
        if (cancel) {
            CHECK_EQ(wsc_items_cancel(it), WSC_OK);
            CHECK_EQ(wsc_items_cancel(it), WSC_OK);
            if (when < 4) {
                CHECK_EQ(wsc_items_next(it, &v, -1), WSC_E_CANCELED);
                CHECK_EQ(wsc_error_code(wsc_items_error(it)), WSC_E_CANCELED);
            }
        }
        wsc_items_unref(it);
        run_out(&l);
        CHECK_EQ(peer_asked(&l.p, "Enumerate"), when < 2 && !peer_asked(&l.p, "Enumerate") ? 0 : 1);
        CHECK_EQ(peer_asked(&l.p, "Release"), when < 2 ? peer_asked(&l.p, "Enumerate") : when < 4);
        CHECK(!l.p.enumerating || when >= 4);
        life_close(&l);
    }
}

static unsigned quiet, pull_fault;

/* So many Pulls tell nothing: the next is as they were. */
static void quiet_pulls(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Pull") || !quiet)
        return;
    quiet--;
    free(a->body);
    a->status = 500;
    a->body = peer_fault(pull_fault);
    p->told -= p->batch;
    p->contexts--;
    p->enumerating = true;
}

static void faults(void)
{
    static const struct {
        const char *action;
        unsigned fault;
        int status;
        unsigned items, releases;
    } cases[] = {
        { "Enumerate", 2150858811u, WSC_E_NOT_FOUND, 0, 0 },
        { "Pull", INVALID_CONTEXT, WSC_E_FAULT, 3, 0 },
        { "Pull", ACCESS_DENIED, WSC_E_ACCESS_DENIED, 3, 1 },
    };
    wsc_items *it;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(10, 3);
        if (strcmp(cases[i].action, "Pull"))
            spoil(cases[i].action, NULL, cases[i].fault);
        else
            l.p.change = quiet_pulls;
        pull_fault = cases[i].fault;
        quiet = 1;
        it = enumerate(NULL);
        CHECK_EQ(read_all(it, 0, cases[i].status), cases[i].items);
        run_out(&l);
        CHECK_EQ(peer_asked(&l.p, "Release"), cases[i].releases);
        wsc_items_unref(it);
        run_out(&l);
        CHECK_EQ(peer_asked(&l.p, "Release"), cases[i].releases);
        l.p.enumerating = false;
        life_close(&l);
    }
}

static void timed_out(void)
{
    wsc_items *it;

    begin(10, 3);
    quiet = 5;
    pull_fault = TIMED_OUT;
    l.p.change = quiet_pulls;
    it = enumerate(NULL);
    CHECK_EQ(read_all(it, 0, WSC_OK), 10);
    CHECK_EQ(peer_asked(&l.p, "Pull"), 3 + 5);
    wsc_items_unref(it);
    life_close(&l);
}

static void spoiled(void)
{
    static const char *const how[] = {
        "relates", "unrelated", "type", "500", "empty", "xml", "lost"
    };
    static const char *const actions[] = { "Enumerate", "Pull" };
    size_t i, k;

    for (i = 0; i < sizeof how / sizeof *how; i++) {
        for (k = 0; k < 2; k++) {
            const wsc_value *v = NULL;
            unsigned n = 0;
            wsc_items *it;
            int rc;

            begin(10, 3);
            spoil(actions[k], how[i], 0);
            it = enumerate(NULL);
            while ((rc = wsc_items_next(it, &v, -1)) == WSC_OK && v)
                n++;
            CHECK(rc != WSC_OK && rc != WSC_E_AGAIN);
            CHECK(n == (k ? 3 : 0) || !strcmp(how[i], "500"));
            CHECK_EQ(peer_asked(&l.p, actions[k]), 1); /* nothing is sent twice */
            wsc_items_unref(it);
            l.p.change = NULL;
            run_out(&l);
            CHECK(peer_asked(&l.p, "Release") <= 1);
            *l.p.wrong = '\0'; /* the context that was released may have been the last but one */
            life_close(&l);
        }
    }
}

/* Nobody reads: no more is asked for than the limit allows. */
static void back_pressure(void)
{
    static const char *const small[] = { "items-limit", "20000", NULL };
    static char padding[2001];
    const wsc_value *v = NULL;
    wsc_items *it;
    unsigned asked, i;

    memset(padding, 'x', sizeof padding - 1);
    begin(200, 2);
    l.p.padding = padding;
    it = enumerate(small);
    run_for(&l, 10000);
    asked = peer_asked(&l.p, "Pull");
    CHECK(asked > 0 && asked < 10);
    CHECK(it->bytes <= 20000);
    for (i = 0; i < 20; i++)
        CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
    run_for(&l, 10000);
    CHECK(peer_asked(&l.p, "Pull") > asked && peer_asked(&l.p, "Pull") < asked + 20);
    CHECK_EQ(read_all(it, 20, WSC_OK), 200);
    wsc_items_unref(it);
    life_close(&l);
    /* one answer that is far too large waits in the middle */
    begin(200, 0);
    l.p.padding = padding;
    it = enumerate(small);
    run_for(&l, 10000);
    CHECK_EQ(it->state, WSC__ITEMS_PAUSED);
    CHECK(it->bytes < 20000 + 70000 * 2);
    CHECK_EQ(read_all(it, 0, WSC_OK), 200);
    wsc_items_unref(it);
    life_close(&l);
    /* what is small takes more memory than it had in the answer: little is read behind the pause */
    begin(5000, 0);
    it = enumerate(small);
    run_for(&l, 10000);
    CHECK_EQ(it->state, WSC__ITEMS_PAUSED);
    CHECK(it->bytes < 20000 + 250000);
    CHECK_EQ(read_all(it, 0, WSC_OK), 5000);
    wsc_items_unref(it);
    life_close(&l);
    /* and is given up there */
    begin(200, 0);
    l.p.padding = padding;
    it = enumerate(small);
    run_for(&l, 10000);
    CHECK_EQ(it->state, WSC__ITEMS_PAUSED);
    wsc_items_unref(it);
    run_out(&l);
    CHECK_EQ(peer_asked(&l.p, "Release"), 0);
    life_close(&l);
}

static void hold_pulls(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    a->hold |= !strcmp(q->action, "Pull");
}

static void deadlines(void)
{
    static const char *const soon[] = { "deadline", "5s", NULL };
    wsc_items *it;

    begin(10, 3);
    l.p.change = hold_pulls;
    it = enumerate(soon);
    CHECK_EQ(read_all(it, 0, WSC_E_DEADLINE), 3); /* what has come is handed out before */
    l.p.change = NULL;
    l.p.contexts = 1;
    run_out(&l);
    CHECK_EQ(peer_asked(&l.p, "Release"), 1);
    wsc_items_unref(it);
    *l.p.wrong = '\0'; /* a Pull that was not answered had moved the context on */
    life_close(&l);
}

/* The context goes, by closing and at once. */
static void context_goes(void)
{
    wsc_items *it;
    int i;

    for (i = 0; i < 2; i++) {
        const wsc_value *v = NULL;

        begin(10, 3);
        it = enumerate(NULL);
        CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
        if (i)
            CHECK_EQ(wsc_ctx_close(l.ctx, 5000), WSC_OK);
        wsc_ctx_unref(l.ctx);
        l.ctx = NULL;
        CHECK_EQ(wsc_error_code(wsc_items_error(it)), WSC_E_CANCELED);
        CHECK_EQ(wsc_items_next(it, &v, 0), WSC_E_USAGE);
        CHECK_EQ(peer_asked(&l.p, "Release"), (unsigned)i);
        wsc_items_unref(it);
        life_close(&l);
    }
}

/* A callback that wants no more for now is told the end all the same when it is canceled, and when
 * the context goes; also where the server has told all before. */
static void held(void)
{
    int i;

    for (i = 0; i < 7; i++) {
        static const char *const small[] = { "items-limit", "20000", NULL };
        struct seen s = { .pause_at = 1, .cancel_now = i == 6 };
        wsc_items *it;

        begin(i == 4 || i == 5 ? 1 : i % 2 ? 10 : 1000, i % 2 ? 0 : 3);
        it = enumerate(small);
        CHECK_EQ(wsc_items_on_item(it, on_item, &s, seen_free), WSC_OK);
        run_for(&l, 1000);
        CHECK_EQ(s.items, 1);
        CHECK_EQ(s.ends, i == 6);
        if (i < 2 || i == 4) {
            CHECK_EQ(wsc_items_cancel(it), WSC_OK);
            run_for(&l, 1000);
        } else {
            wsc_ctx_unref(l.ctx);
            l.ctx = NULL;
        }
        CHECK_EQ(s.items, 1);
        CHECK_EQ(s.ends, 1);
        CHECK_EQ(s.status, i % 2 || i == 4 ? WSC_OK : WSC_E_CANCELED);
        wsc_items_unref(it);
        if (l.ctx)
            run_out(&l);
        CHECK_EQ(peer_asked(&l.p, "Release"), i == 0 || i == 6);
        life_close(&l);
    }
}

static unsigned cut_at;

static void cut_first(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    char *at = strstr(a->body, cut_at ? "</n:EnumerateResponse>" : "<w:Items>");

    (void)p;
    if (!strcmp(q->action, "Enumerate") && at)
        *at = '\0';
}

/* An answer that breaks off behind its context has named what is to be released. */
static void cut_off(void)
{
    wsc_items *it;

    for (cut_at = 0; cut_at < 2; cut_at++) {
        begin(10, 3);
        l.p.change = cut_first;
        it = enumerate(NULL);
        (void)read_all(it, 0, WSC_E_PROTOCOL);
        l.p.change = NULL;
        run_out(&l);
        CHECK_EQ(peer_asked(&l.p, "Release"), 1);
        CHECK(!l.p.enumerating);
        wsc_items_unref(it);
        life_close(&l);
    }
}

/* What has all come can be read when the context is closed. */
static void read_after_close(void)
{
    wsc_items *it;

    begin(10, 3);
    it = enumerate(NULL);
    run_for(&l, 1000);
    CHECK_EQ(wsc_ctx_close(l.ctx, 1000), WSC_OK);
    CHECK_EQ(read_all(it, 0, WSC_OK), 10);
    wsc_items_unref(it);
    life_close(&l);
}

/* --- subscriptions ---------------------------------------------------------------------------- */

static wsc_items *subscribe(const char *const *list)
{
    return start(wsc_subscribe, list);
}

/* The bookmark is where the reader is, not where the network is. */
static void bookmarks(void)
{
    const wsc_value *v = NULL;
    const char *mark = NULL;
    wsc_items *it;
    unsigned i;

    begin(10, 4);
    it = subscribe(NULL);
    CHECK_EQ(wsc_items_get_str(it, "bookmark", &mark), WSC_E_AGAIN);
    CHECK_EQ(wsc_items_get_str(it, "nonsense", &mark), WSC_E_USAGE);
    for (i = 0; i < 9; i++) {
        CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
        CHECK_EQ(id_of(v), i);
        if (i < 3)
            CHECK_EQ(wsc_items_get_str(it, "bookmark", &mark), WSC_E_AGAIN);
        else if (CHECK_EQ(wsc_items_get_str(it, "bookmark", &mark), WSC_OK))
            CHECK_STR(mark, i < 7 ? "<m>4</m>" : "<m>8</m>");
    }
    /* the server has no more, which for events is a loss */
    CHECK_EQ(read_all(it, 9, WSC_E_ABORTED), 10);
    CHECK(wsc_items_get_str(it, "bookmark", &mark) == WSC_OK && !strcmp(mark, "<m>10</m>"));
    CHECK(strstr(wsc_error_text(wsc_items_error(it)), "subscription"));
    wsc_items_unref(it);
    run_out(&l);
    CHECK_EQ(peer_asked(&l.p, "Unsubscribe"), 0);
    life_close(&l);
}

/* What was dropped unread is not behind the reader. */
static void unread(void)
{
    const wsc_value *v = NULL;
    const char *mark = NULL;
    wsc_items *it;
    unsigned i;

    begin(1000000, 4);
    it = subscribe(NULL);
    for (i = 0; i < 5; i++)
        CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(wsc_items_cancel(it), WSC_OK);
    CHECK_EQ(wsc_items_next(it, &v, -1), WSC_E_CANCELED);
    CHECK(wsc_items_get_str(it, "bookmark", &mark) == WSC_OK && !strcmp(mark, "<m>4</m>"));
    wsc_items_unref(it);
    run_out(&l);
    life_close(&l);
}

static void marked_fault(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Pull"))
        return;
    *a->bookmark = '\0';
    if (!quiet)
        return;
    snprintf(a->bookmark, sizeof a->bookmark, "<w:Bookmark><m>999</m></w:Bookmark>");
    a->relates = "";
    quiet_pulls(p, q, a);
}

/* A fault need not say whose it is: what else it says is not told. */
static void foreign_mark(void)
{
    const wsc_value *v = NULL;
    const char *mark = NULL;
    wsc_items *it;

    begin(1000000, 4);
    quiet = 1;
    pull_fault = TIMED_OUT;
    l.p.change = marked_fault;
    it = subscribe(NULL);
    CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
    run_for(&l, 1000);
    CHECK_EQ(quiet, 0);
    CHECK_EQ(wsc_items_get_str(it, "bookmark", &mark), WSC_E_AGAIN);
    while (wsc_items_next(it, &v, 0) == WSC_OK)
        CHECK_EQ(wsc_items_get_str(it, "bookmark", &mark), WSC_E_AGAIN);
    l.p.change = NULL;
    wsc_items_unref(it);
    run_out(&l);
    life_close(&l);
}

static void subscription_ends(void)
{
    static const unsigned after[] = { 0, 1, 2, 3, 5, 8, 13 };
    size_t i;

    for (i = 0; i < 2 * sizeof after / sizeof *after; i++) {
        const wsc_value *v = NULL;
        unsigned steps = after[i / 2];
        wsc_items *it;

        begin(1000000, 1);
        it = subscribe(NULL);
        while (steps--)
            wsc_ctx_step(l.ctx);
        if (i % 2) {
            CHECK_EQ(wsc_items_cancel(it), WSC_OK);
            CHECK_EQ(wsc_items_next(it, &v, -1), WSC_E_CANCELED);
        }
        wsc_items_unref(it);
        run_out(&l);
        CHECK_EQ(peer_asked(&l.p, "Unsubscribe"), peer_asked(&l.p, "Subscribe"));
        CHECK_EQ(peer_asked(&l.p, "Release"), 0);
        CHECK(!l.p.subscribed);
        life_close(&l);
    }
}

static void renewals(void)
{
    static const char *const push[] = { "delivery-mode", "push-with-ack", NULL };
    static const char *const bad[] = { "bookmark", "<a><b></a>", NULL };
    wsc_params *p = options(push), *q = options(bad);
    wsc_epr *e = resource();
    const char *text = NULL;
    const wsc_value *v = NULL;
    wsc_items *it, *none = NULL;
    wsc_op *op = NULL;

    begin(1000000, 1);
    CHECK_EQ(wsc_subscribe(&none, l.client, e, p), WSC_E_UNSUPPORTED);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "push-with-ack"));
    CHECK_EQ(wsc_subscribe(&none, l.client, e, q), WSC_E_USAGE);
    CHECK(wsc_error_get_str(wsc_ctx_error(l.ctx), "option", &text) == WSC_OK);
    CHECK_STR(text, "bookmark");
    CHECK(!none);
    it = enumerate(NULL);
    CHECK_EQ(wsc_items_renew(&op, it, NULL), WSC_E_USAGE);
    wsc_items_unref(it);
    run_out(&l);
    it = subscribe(NULL);
    CHECK_EQ(wsc_items_renew(&op, it, NULL), WSC_E_USAGE); /* not subscribed yet */
    CHECK_EQ(wsc_items_next(it, &v, -1), WSC_OK);
    CHECK_EQ(wsc_items_renew(&op, it, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_OK);
    CHECK_EQ(peer_asked(&l.p, "Renew"), 1);
    wsc_op_unref(op);
    CHECK_EQ(wsc_items_renew(&op, it, NULL), WSC_OK); /* whoever goes first */
    wsc_items_unref(it);
    CHECK_EQ(wsc_op_cancel(op), WSC_OK);
    wsc_op_unref(op);
    run_out(&l);
    CHECK_EQ(wsc_items_renew(&op, NULL, NULL), WSC_E_USAGE);
    wsc_params_unref(p);
    wsc_params_unref(q);
    wsc_epr_unref(e);
    life_close(&l);
}

/* Many subscriptions leave room for what is answered at once. */
static void lanes(void)
{
    static const char *const three[] = { "connections-per-host", "3", NULL };
    wsc_items *it[4];
    wsc_op *op = NULL;
    wsc_epr *e;
    size_t i;

    life_open(&l, three);
    l.p.items = 1000;
    l.p.batch = 1;
    l.p.change = hold_pulls;
    for (i = 0; i < 4; i++)
        it[i] = subscribe(NULL);
    run_for(&l, 1000);
    e = resource();
    CHECK_EQ(wsc_get(&op, l.client, e, NULL), WSC_OK);
    CHECK_EQ(wsc_op_wait(op, 1000), WSC_OK);
    wsc_op_unref(op);
    wsc_epr_unref(e);
    l.p.change = NULL;
    for (i = 0; i < 4; i++)
        wsc_items_unref(it[i]);
    run_out(&l);
    *l.p.wrong = '\0'; /* the peer knows one subscription at a time */
    life_close(&l);
}

static void wrong_use(void)
{
    static const char *const bad[] = { "filter", "{State=", "dialect", "selector", NULL };
    wsc_params *p = options(bad);
    wsc_epr *e = resource();
    wsc_items *it = NULL;
    const wsc_value *v = NULL;
    int64_t at = -1;

    begin(1, 0);
    CHECK_EQ(wsc_enumerate(NULL, l.client, e, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_enumerate(&it, NULL, e, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_enumerate(&it, l.client, NULL, NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_enumerate(&it, l.client, e, p), WSC_E_USAGE);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(l.ctx)), "filter"));
    CHECK(wsc_error_get_int(wsc_ctx_error(l.ctx), "offset", &at) == WSC_OK && at >= 6);
    CHECK(!it);
    CHECK_EQ(wsc_items_next(NULL, &v, 0), WSC_E_USAGE);
    CHECK_EQ(wsc_items_cancel(NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_items_resume(NULL), WSC_E_USAGE);
    CHECK_EQ(wsc_items_on_item(NULL, on_item, NULL, NULL), WSC_E_USAGE);
    CHECK(!wsc_items_error(NULL) && !wsc_items_user_data(NULL));
    wsc_items_unref(NULL);
    wsc_epr_unref(e);
    wsc_params_unref(p);
    life_close(&l);
}

static const struct test tests[] = {
    { "by_waiting", by_waiting },
    { "by_callback", by_callback },
    { "by_events", by_events },
    { "given_up", given_up },
    { "faults", faults },
    { "timed_out", timed_out },
    { "spoiled", spoiled },
    { "back_pressure", back_pressure },
    { "deadlines", deadlines },
    { "context_goes", context_goes },
    { "bookmarks", bookmarks },
    { "subscription_ends", subscription_ends },
    { "renewals", renewals },
    { "lanes", lanes },
    { "wrong_use", wrong_use },
    { "held", held },
    { "read_after_close", read_after_close },
    { "cut_off", cut_off },
    { "unread", unread },
    { "foreign_mark", foreign_mark },
};

TEST_MAIN(tests)
