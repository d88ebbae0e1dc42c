/* The machine of an enumeration and a subscription: every transition that states.def has, by what
 * leads to it; what a state means for request, context and busy holds after each event; and what is
 * not in the table is noticed. */
#include "commands.h"

#include "proto/items.h"

#define SLOW 10000 /* more than cancel-timeout's half */

enum way { READ, CANCEL, WAIT, WAIT_READ };

static wsc_items *it; /* the one at hand */
static char path[512];
static bool seen[8][8];

static unsigned number(const char *name, size_t len)
{
    unsigned i;

    for (i = 0; i < wsc__items_machine.nstates; i++) {
        if (strlen(wsc__items_machine.states[i]) == len &&
            !memcmp(wsc__items_machine.states[i], name, len))
            return i;
    }
    CHECK(!"a state that there is");
    return 0;
}

/* "http://...: opening -> resting" */
static void hear(int level, const char *component, const char *msg, size_t len, void *ud)
{
    char line[256], *from, *arrow;
    size_t n = strlen(path);

    (void)level;
    (void)ud;
    if (strcmp(component, "items") || len >= sizeof line)
        return;
    memcpy(line, msg, len);
    line[len] = '\0';
    arrow = strstr(line, " -> ");
    from = strrchr(line, ':');
    if (!CHECK(arrow && from && from + 2 < arrow))
        return;
    seen[number(from + 2, (size_t)(arrow - from - 2))][number(arrow + 4, strlen(arrow + 4))] = true;
    if (n + strlen(arrow) < sizeof path)
        snprintf(path + n, sizeof path - n, "%s%s", n ? " " : "", arrow + 4);
}

/* What is so between events. */
static void holds(struct drv *d, void *ud)
{
    enum wsc__items_state s;

    (void)d;
    (void)ud;
    if (!it || !*path)
        return;
    s = it->state;
    CHECK(!it->req == (s == WSC__ITEMS_RESTING || s == WSC__ITEMS_ENDED));
    CHECK(!it->context || s != WSC__ITEMS_ENDED);
    CHECK(it->context || s != WSC__ITEMS_RESTING);
    CHECK_EQ(it->o.busy, s != WSC__ITEMS_LEAVING && s != WSC__ITEMS_ENDED);
    CHECK(s != WSC__ITEMS_RESTING || it->bytes > it->limit / 2); /* or else it would pull */
    CHECK(s != WSC__ITEMS_PAUSED || it->bytes > it->limit / 2);
}

/* --- what the server does --------------------------------------------------------------------- */

static unsigned quiet;

static void hold_first(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    a->hold |= !strcmp(q->action, "Enumerate") || !strcmp(q->action, "Subscribe");
}

static void hold_pull(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    a->hold |= !strcmp(q->action, "Pull");
}

static void late(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)q;
    a->after_ms = 100;
}

static void refuse(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)q;
    free(a->body);
    a->status = 500;
    a->body = peer_fault(5);
}

static void refuse_pull(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Pull"))
        return;
    refuse(p, q, a);
    p->contexts--;
    p->enumerating = true;
}

static void nothing_yet(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Pull") || !quiet)
        return;
    quiet = 0;
    p->told -= p->batch;
    p->contexts--;
    p->enumerating = true;
    free(a->body);
    a->status = 500;
    a->body = peer_fault(PEER_TIMEOUT);
}

/* Its end is lost. */
static void cut(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, "Enumerate"))
        return;
    *strstr(a->body, "</n:EnumerateResponse>") = '\0';
    a->close = true;
}

static void erase(char *body, const char *from, const char *end)
{
    char *at = strstr(body, from), *behind = at ? strstr(at, end) : NULL;

    if (behind)
        memmove(at, behind + strlen(end), strlen(behind + strlen(end)) + 1);
}

static void no_context(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)q;
    erase(a->body, "<n:EnumerationContext", "</n:EnumerationContext>");
}

/* "uuid:1" becomes an element, which is no text. */
static void no_text(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    char *at = strstr(a->body, "uuid:");

    (void)p;
    (void)q;
    if (at)
        memcpy(at, "<w:A/>", 6);
}

static void no_identifier(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    (void)q;
    erase(a->body, "<e:Identifier", "</e:Identifier>");
}

static void no_name(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    no_context(p, q, a);
    no_identifier(p, q, a);
}

static void no_context_late(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    no_context(p, q, a);
    late(p, q, a);
}

/* And what follows is lost. */
static void no_context_cut(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    no_context(p, q, a);
    if (strcmp(q->action, "Subscribe") != 0)
        return;
    a->body = realloc(a->body, strlen(a->body) + 8);
    strcat(a->body, "</junk>");
}

/* --- the table -------------------------------------------------------------------------------- */

#define FILLS "items-limit", "20000" /* eight items with their padding reach it, four its half */

struct row {
    bool sub;
    const char *const options[5];
    unsigned items, batch; /* of the server; in one answer */
    void (*server)(struct peer *p, const struct peer_request *q, struct peer_reply *a);
    enum way way;
    const char *at; /* the state in which it is given up */
    const char *path;
    int status;
    const char *given_up; /* what is sent once, or NULL */
};

/* clang-format off */
static const struct row rows[] = {
    /* read to the end */
    { 0, { NULL }, 3, 0, NULL, READ, NULL, "ended", WSC_OK, NULL },
    { 0, { NULL }, 7, 3, NULL, READ, NULL, "resting reading resting reading ended", WSC_OK, NULL },
    { 1, { NULL }, 3, 0, NULL, READ, NULL, "resting reading ended", WSC_E_ABORTED, NULL },
    { 0, { NULL }, 9, 3, nothing_yet, READ, NULL,
      "resting reading resting reading resting reading ended", WSC_OK, NULL },
    /* the reader is behind */
    { 0, { FILLS }, 10, 5, NULL, WAIT_READ, NULL, "resting | reading ended", WSC_OK, NULL },
    { 0, { FILLS }, 8, 0, NULL, WAIT_READ, NULL, "paused | reading ended", WSC_OK, NULL },
    { 0, { FILLS }, 6, 2, NULL, WAIT_READ, NULL, "resting reading resting | reading ended", WSC_OK,
      NULL },
    { 1, { FILLS }, 8, 0, NULL, WAIT_READ, NULL, "resting reading paused | reading ended",
      WSC_E_ABORTED, NULL },
    /* failed */
    { 0, { NULL }, 6, 3, refuse, READ, NULL, "ended", WSC_E_ACCESS_DENIED, NULL },
    { 0, { NULL }, 9, 3, refuse_pull, READ, NULL, "resting reading ended", WSC_E_ACCESS_DENIED,
      "Release" },
    { 0, { FILLS }, 9, 8, cut, WAIT_READ, NULL, "paused | reading ended", WSC_E_PROTOCOL,
      "Release" },
    /* an answer that names nothing, or not all: what is known is given up */
    { 0, { NULL }, 9, 3, no_context, READ, NULL, "ended", WSC_OK, NULL },
    { 0, { NULL }, 9, 3, no_text, READ, NULL, "ended", WSC_OK, NULL },
    { 1, { NULL }, 9, 3, no_context, READ, NULL, "ended", WSC_E_PROTOCOL, "Unsubscribe" },
    { 1, { NULL }, 9, 3, no_text, READ, NULL, "ended", WSC_E_PROTOCOL, "Unsubscribe" },
    { 1, { NULL }, 9, 3, no_context_cut, READ, NULL, "ended", WSC_E_PROTOCOL, "Unsubscribe" },
    { 1, { NULL }, 9, 3, no_context_late, CANCEL, "opening", "leaving ended", WSC_E_CANCELED,
      "Unsubscribe" },
    { 1, { NULL }, 9, 3, no_name, READ, NULL, "ended", WSC_E_PROTOCOL, NULL },
    { 1, { FILLS }, 9, 5, no_identifier, CANCEL, "resting", "resting reading resting ended",
      WSC_E_CANCELED, "Release" },
    /* given up: before it is sent, unanswered, between answers, in the middle of one */
    { 0, { NULL }, 6, 3, NULL, CANCEL, NULL, "ended", WSC_E_CANCELED, NULL },
    { 0, { NULL }, 6, 3, late, CANCEL, "opening", "leaving ended", WSC_E_CANCELED, "Release" },
    { 1, { NULL }, 6, 3, late, CANCEL, "opening", "leaving ended", WSC_E_CANCELED, "Unsubscribe" },
    { 0, { NULL }, 6, 3, hold_first, CANCEL, "opening", "leaving ended", WSC_E_CANCELED, NULL },
    { 0, { "cancel-timeout", "0" }, 6, 3, hold_first, CANCEL, "opening", "ended", WSC_E_CANCELED,
      NULL },
    { 0, { NULL }, 9, 3, late, CANCEL, "reading", "resting reading leaving ended", WSC_E_CANCELED,
      "Release" },
    { 1, { NULL }, 9, 3, late, CANCEL, "reading", "resting reading ended", WSC_E_CANCELED,
      "Unsubscribe" },
    { 0, { FILLS }, 10, 5, NULL, CANCEL, "resting", "resting ended", WSC_E_CANCELED, "Release" },
    { 0, { FILLS }, 9, 8, NULL, CANCEL, "paused", "paused leaving ended", WSC_E_CANCELED,
      "Release" },
    { 1, { FILLS }, 9, 8, NULL, CANCEL, "paused", "resting reading paused ended", WSC_E_CANCELED,
      "Unsubscribe" },
    { 0, { "deadline", "5s" }, 6, 3, hold_first, WAIT, NULL, "leaving ended", WSC_E_DEADLINE, NULL },
    { 1, { "deadline", "5s" }, 6, 3, hold_pull, WAIT, NULL, "resting reading ended", WSC_E_DEADLINE,
      "Unsubscribe" },
};
/* clang-format on */

static bool sent(void)
{
    return it->req && !wsc__req_unsent(it->req);
}

static void give_up_at(const char *state)
{
    int i;

    for (i = 0; i < 10000 && state &&
                (strcmp(state, wsc__items_machine.states[it->state]) != 0 ||
                 (strcmp(state, "resting") != 0 && !sent()));
         i++)
        wsc_ctx_wait(l.ctx, 1);
    CHECK(i < 10000);
    CHECK_EQ(wsc_items_cancel(it), WSC_OK);
    CHECK_EQ(wsc_items_cancel(it), WSC_OK); /* which it is once */
}

static void go(size_t row)
{
    static char padding[2001];
    wsc_params *p = options(rows[row].options);
    wsc_epr *e = NULL;

    memset(padding, 'x', sizeof padding - 1);
    l.p.padding = padding;
    l.p.items = rows[row].items;
    l.p.batch = rows[row].batch;
    l.p.change = rows[row].server;
    l.p.d.after = holds;
    quiet = 1;
    *path = '\0';
    CHECK_EQ(wsc_epr_parse(&e, "wmicimv2/Test_Item", NULL, NULL), WSC_OK);
    CHECK_EQ((rows[row].sub ? wsc_subscribe : wsc_enumerate)(&it, l.client, e, p), WSC_OK);
    it->o.core->log = (struct wsc__log){ WSC_LOG_DEBUG, hear, NULL };
    if (rows[row].way == CANCEL)
        give_up_at(rows[row].at);
    if (rows[row].way == WAIT_READ || rows[row].way == WAIT)
        run_for(&l, SLOW);
    if (rows[row].way == WAIT_READ)
        strcat(path, " |");
    wsc_epr_unref(e);
    wsc_params_unref(p);
}

static unsigned given_up(void)
{
    return peer_asked(&l.p, "Release") + peer_asked(&l.p, "Unsubscribe");
}

/* Every row, and then each transition has been seen. */
static void every_way(void)
{
    const struct wsc__machine *m = &wsc__items_machine;
    size_t row, i;

    for (row = 0; row < sizeof rows / sizeof *rows; row++) {
        const wsc_value *v = NULL;
        wsc_items *given_back;
        int rc;

        life_open(&l, NULL);
        go(row);
        while ((rc = wsc_items_next(it, &v, -1)) == WSC_OK && v)
            ;
        CHECK_EQ(rc, rows[row].status);
        if (rc == WSC_E_PROTOCOL && rows[row].way == READ &&
            rows[row].server != no_context_cut)
            CHECK(strstr(wsc_error_text(wsc_items_error(it)), "EnumerationContext"));
        l.p.change = NULL;
        run_out(&l);
        if (!CHECK_STR(path, rows[row].path) || !CHECK_EQ(given_up(), rows[row].given_up != NULL))
            printf("# in row %zu\n", row);
        if (rows[row].given_up)
            CHECK_EQ(peer_asked(&l.p, rows[row].given_up), 1);
        given_back = it;
        it = NULL; /* nothing more to be looked at */
        wsc_items_unref(given_back);
        run_out(&l);
        CHECK_EQ(given_up(), rows[row].given_up != NULL);
        *l.p.wrong = '\0'; /* a Pull that was not answered had moved the context on */
        life_close(&l);
    }
    for (i = 0; i < m->nedges; i++) {
        if (!CHECK(seen[m->edges[i].from][m->edges[i].to]))
            printf("# %s -> %s\n", m->states[m->edges[i].from], m->states[m->edges[i].to]);
    }
}

/* What the table does not have is noticed. */
static void none_else(void)
{
    const struct wsc__machine *m = &wsc__items_machine;
    unsigned from, to, allowed = 0;
    size_t i;

    life_open(&l, NULL);
    for (from = 0; from < m->nstates; from++) {
        for (to = 0; to < m->nstates; to++) {
            struct wsc__core *core = l.p.d.core;
            bool there = false;

            for (i = 0; i < m->nedges; i++)
                there |= m->edges[i].from == from && m->edges[i].to == to;
            wsc__machine_moves(core, m, "x", from, to);
            CHECK_EQ(core->strange.machine == NULL, there);
            CHECK(!there || (from != to && from != WSC__ITEMS_ENDED));
            core->strange.machine = NULL;
            allowed += there;
        }
    }
    CHECK_EQ(allowed, m->nedges); /* none is there twice */
    life_close(&l);
}

static const struct test tests[] = {
    { "every_way", every_way },
    { "none_else", none_else },
};

TEST_MAIN(tests)
