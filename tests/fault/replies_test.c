/* What else can come in the place of a reply, at each request of a run: one end for everything,
 * with the right error, in bounded time, and nothing is sent twice but a Receive whose connection
 * was lost. */
#include "expect.h"

#define SOAP  "HTTP/1.1 200 OK\r\nContent-Type: application/soap+xml\r\n"
#define WHOLE ((size_t)-1)

enum { FINE = 1, SLOW = 2, LOST = 4, IDENTIFY_FINE = 8, TOLD_ONLY = 16, HOLLOW = 32 };

struct trouble {
    const char *name;
    struct peer_reply like; /* what differs from the good reply */
    int status;
    int how;
};

/* SLOW: time goes by. LOST: a Receive is repeated. TOLD_ONLY: only where the answer tells
 * something. HOLLOW: only where it has to tell something. */
static const struct trouble troubles[] = {
    /* of somebody else */
    { "a proxy's page", { .status = 502, .type = "text/html" }, WSC_E_HTTP, 0 },
    { "a page with 200", { .type = "text/html" }, WSC_E_HTTP, 0 },
    { "a page without an end",
      { .raw = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", .endless = "<p>more</p>" },
      WSC_E_HTTP,
      0 },
    { "wrong type", { .type = "text/xml" }, WSC_E_HTTP, 0 },
    { "no content", { .raw = "HTTP/1.1 204 No Content\r\n\r\n" }, WSC_E_HTTP, 0 },
    { "empty", { .raw = SOAP "Content-Length: 0\r\n\r\n" }, WSC_E_PROTOCOL, 0 },
    { "busy", { .status = 503, .type = "text/plain" }, WSC_E_BUSY, 0 },
    { "not found", { .status = 404, .type = "text/html" }, WSC_E_HTTP, 0 },
    { "forbidden", { .status = 403, .type = "text/html" }, WSC_E_ACCESS_DENIED, 0 },
    { "login of a proxy", { .status = 407, .type = "text/html" }, WSC_E_AUTH, 0 },
    { "login",
      { .status = 401, .type = "text/html", .header = "WWW-Authenticate: Negotiate\r\n" },
      WSC_E_AUTH,
      0 },
    { "500 without a fault", { .status = 500 }, WSC_E_HTTP, 0 },
    { "compressed", { .header = "Content-Encoding: gzip\r\n" }, WSC_E_PROTOCOL, 0 },
    { "another protocol", { .raw = "SSH-2.0-OpenSSH_9.2\r\n" }, WSC_E_PROTOCOL, 0 },
    { "TLS", { .raw = "\x15\x03\x03" }, WSC_E_PROTOCOL, 0 },
    { "an upgrade", { .raw = "HTTP/1.1 101 Switching\r\n\r\n" }, WSC_E_PROTOCOL, 0 },
    { "a redirect", { .status = 302, .header = "Location: http://o/\r\n" }, WSC_E_REDIRECT, 0 },
    { "a redirect to nowhere", { .status = 307 }, WSC_E_REDIRECT, 0 },
    /* of another request */
    { "wrong RelatesTo", { .relates = "uuid:1" }, WSC_E_PROTOCOL, IDENTIFY_FINE },
    { "no RelatesTo", { .relates = "" }, WSC_E_PROTOCOL, IDENTIFY_FINE | TOLD_ONLY },
    /* an answer that answers nothing */
    { "an empty Body", { .body = "" }, WSC_E_PROTOCOL, HOLLOW },
    { "the response to another request",
      { .body = "<rsp:SendResponse/>" },
      WSC_E_PROTOCOL,
      HOLLOW },
    { "responses in another namespace",
      { .body = "<x:CommandResponse><x:CommandId>1</x:CommandId></x:CommandResponse>"
                "<x:ReceiveResponse/><x:Shell><x:ShellId>1</x:ShellId></x:Shell>" },
      WSC_E_PROTOCOL,
      HOLLOW },
    /* broken off */
    { "nothing, EOF", { .cut_at_all = true, .how = DRV_EOF }, WSC_E_CONNECTION_LOST, LOST },
    { "nothing, reset", { .cut_at_all = true, .how = DRV_RESET }, WSC_E_CONNECTION_LOST, LOST },
    { "half, EOF",
      { .cut_at_all = true, .cut = 400, .how = DRV_EOF },
      WSC_E_CONNECTION_LOST,
      LOST },
    { "half, reset",
      { .cut_at_all = true, .cut = 400, .how = DRV_RESET },
      WSC_E_CONNECTION_LOST,
      LOST },
    /* without end */
    { "headers", { .raw = "HTTP/1.1 200 OK\r\n", .endless = "X: y\r\n" }, WSC_E_LIMIT, 0 },
    { "one header", { .raw = "HTTP/1.1 200 OK\r\nX: ", .endless = "y y " }, WSC_E_LIMIT, 0 },
    { "status line", { .raw = "HTTP/1.1 200 ", .endless = "OK " }, WSC_E_LIMIT, 0 },
    { "100 Continue", { .raw = "", .endless = "HTTP/1.1 100 Continue\r\n\r\n" }, WSC_E_LIMIT, 0 },
    { "envelope",
      { .raw =
            SOAP "\r\n<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\"><s:Header>",
        .endless = "<x y=\"z\">text</x>" },
      WSC_E_LIMIT,
      0 },
    { "chunk size",
      { .raw = SOAP "Transfer-Encoding: chunked\r\n\r\n", .endless = "00000000" },
      WSC_E_LIMIT,
      0 },
    { "chunk extension",
      { .raw = SOAP "Transfer-Encoding: chunked\r\n\r\n5", .endless = ";a=b" },
      WSC_E_LIMIT,
      0 },
    { "trailer",
      { .raw = SOAP "Transfer-Encoding: chunked\r\n\r\n0\r\n", .endless = "X: y\r\n" },
      WSC_E_LIMIT,
      0 },
    /* late */
    { "silence", { .hold = true }, WSC_E_TIMEOUT, SLOW },
    { "too late", { .after_ms = 66000 }, WSC_E_TIMEOUT, SLOW },
    { "a drop a second", { .drip_ms = 1000 }, WSC_E_TIMEOUT, SLOW },
    { "headers, a drop a second",
      { .raw = "HTTP/1.1 200 OK\r\n", .endless = "X: y\r\n", .drip_ms = 1000 },
      WSC_E_TIMEOUT,
      SLOW },
    { "100 Continue, a drop in two seconds",
      { .raw = "", .endless = "HTTP/1.1 100 Continue\r\n\r\n", .drip_ms = 2000 },
      WSC_E_TIMEOUT,
      SLOW },
    /* unusual, and good */
    { "late, in time", { .after_ms = 3000 }, WSC_OK, FINE | SLOW },
    { "drops, in time", { .drip_ms = 3 }, WSC_OK, FINE | SLOW },
    { "in chunks", { .chunked = true }, WSC_OK, FINE },
    { "closed", { .close = true }, WSC_OK, FINE },
    { "closed unannounced", { .cut_at_all = true, .cut = WHOLE, .how = DRV_EOF }, WSC_OK, FINE },
    { "broken after it", { .cut_at_all = true, .cut = WHOLE, .how = DRV_RESET }, WSC_OK, FINE },
    { "another reply behind it",
      { .behind = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno" },
      WSC_OK,
      FINE },
};

#define TROUBLES (sizeof troubles / sizeof *troubles)

static const struct target *target;
static const struct trouble *trouble;
static int times_;

static void make_trouble(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    const struct peer_reply *like = &trouble->like;
    struct peer_reply good = *a;

    (void)p;

    if (strcmp(q->action, target->action) || q->nth != target->nth)
        return;
    times_++;
    *a = *like;
    a->status = like->status ? like->status : good.status;
    a->type = like->type ? like->type : good.type;
    a->body = like->body ? strdup(like->body) : good.body;
    if (like->body)
        free(good.body);
    a->relates = like->relates ? like->relates : good.relates;
    if (!strcmp(q->action, "Receive") && trouble->how & LOST)
        a->hold = false;
}

static bool tells(const struct target *t)
{
    return strcmp(t->action, "Send") && strcmp(t->action, "Signal") && strcmp(t->action, "Delete");
}

/* Without what the answer says it does not go on. */
static bool must_tell(const struct target *t)
{
    return !strcmp(t->action, "Create") || !strcmp(t->action, "Command") ||
           !strcmp(t->action, "Receive");
}

static enum answer answer_of(const struct trouble *w, const struct target *t)
{
    if (w->how & SLOW && !strcmp(t->action, "Send") && t->nth == 3)
        return GOOD; /* the command has ended by then */
    if (w->how & FINE || (w->how & IDENTIFY_FINE && !strcmp(t->action, "Identify")) ||
        (w->how & TOLD_ONLY && !tells(t)) || (w->how & HOLLOW && !must_tell(t)))
        return GOOD;
    return w->how & LOST && !strcmp(t->action, "Receive") ? AGAIN : BROKEN;
}

static void one(const struct trouble *w, const struct target *t)
{
    static const char *const list[] = { "envelope-limit", "65536", NULL };
    int before = test_failures;
    enum answer how = answer_of(w, t);
    struct expected e;
    static struct run r;
    uint64_t begun;

    trouble = w;
    target = t;
    times_ = 0;
    expect(&e, t, how, w->status);
    e.slow = w->how & SLOW;
    if ((e.slow || (w->like.endless && *w->like.raw)) && !strcmp(t->action, "Receive"))
        e.asked[N_SEND] = 3; /* input goes on meanwhile */
    life_open(&l, list);
    l.p.change = make_trouble;
    begun = l.p.d.now;
    run_all(&r);
    check_expected(&r, &e);
    CHECK_EQ(l.p.repeats, how == AGAIN);
    CHECK_EQ(times_, 1);
    run_drop(&r);
    /* head and body have the time of an answer each */
    CHECK(l.p.d.now - begun <= (e.slow ? 2 * 65000 + 2 * 10000 : 0));
    CHECK(e.slow == (l.p.d.now != begun));
    life_close(&l);
    if (test_failures > before)
        printf("# %s %u: %s\n", t->action, t->nth, w->name);
}

static void every_trouble(void)
{
    size_t i, k;

    for (i = 0; i < TROUBLES; i++) {
        for (k = 0; k < TARGETS; k++)
            one(&troubles[i], &targets[k]);
    }
}

/* --- redirects -------------------------------------------------------------------------------- */

static struct {
    unsigned most, hops; /* redirects sent at most */
    char id[64], location[64];
} loop;

/* The same request, wherever it comes: on to the next server. It was not processed, so it may come
 * again. */
static void redirect(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    bool first = q->nth == target->nth && !loop.hops;

    if (strcmp(q->action, target->action) || (!first && strcmp(q->id, loop.id)))
        return;
    if (!first)
        p->repeats--;
    if (loop.hops == loop.most)
        return;
    p->nseen -= *q->id != 0;
    snprintf(loop.id, sizeof loop.id, "%s", q->id);
    snprintf(loop.location, sizeof loop.location, "Location: http://s%u:5985/%u\r\n", loop.hops % 2,
             loop.hops % 3);
    loop.hops++;
    if (!strcmp(q->action, "Receive")) {
        p->at[1]--;
        p->last_receive[1][0] = '\0';
    }
    p->shells -= !strcmp(q->action, "Create");
    p->commands -= !strcmp(q->action, "Command");
    p->input_eof &= strcmp(q->action, "Send") != 0;
    a->status = 307;
    a->type = "text/html";
    a->header = loop.location;
    a->hold = false;
}

static int action_index(const char *action)
{
    int i = 0;

    while (strcmp(actions[i], action))
        i++;
    return i;
}

/* Redirected so often, with that many allowed. */
static void follow(const struct target *t, unsigned often, unsigned allowed)
{
    char number[8];
    const char *const list[] = { "follow-redirects", number, NULL };
    int before = test_failures;
    struct expected e;
    static struct run r;
    bool last_send;

    snprintf(number, sizeof number, "%u", allowed);
    memset(&loop, 0, sizeof loop);
    loop.most = often;
    target = t;
    last_send = !strcmp(t->action, "Send") && t->nth == 3; /* the command ends before its answer */
    expect(&e, t, often > allowed && !last_send ? BROKEN : GOOD, WSC_E_REDIRECT);
    e.slow = true; /* the rest of the run goes on meanwhile */
    if (!strcmp(t->action, "Receive"))
        e.asked[N_SEND] = 3;
    e.asked[action_index(t->action)] += often < allowed ? often : allowed;
    life_open(&l, list);
    l.p.change = redirect;
    run_all(&r);
    check_expected(&r, &e);
    run_drop(&r);
    CHECK_EQ(loop.hops, often <= allowed ? often : allowed + 1);
    CHECK_EQ(stat_of(l.client, "redirects"), often < allowed ? often : allowed);
    life_close(&l);
    if (test_failures > before)
        printf("# %s %u redirected %u times, %u allowed\n", t->action, t->nth, often, allowed);
}

static void redirect_loops(void)
{
    size_t i;

    for (i = 0; i < TARGETS; i++) {
        follow(&targets[i], 1, 5);
        follow(&targets[i], 5, 5);
        follow(&targets[i], 1000, 5);
        follow(&targets[i], 1000, 1);
    }
}

static const struct test tests[] = {
    { "every_trouble", every_trouble },
    { "redirect_loops", redirect_loops },
};

TEST_MAIN(tests)
