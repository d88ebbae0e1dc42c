/* Who may go, in which order, and the first login. */
#include "table.h"

#include "../unit/test.h"

static const struct canned replies[] = {
    { "ok", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok" },
    { "close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok" },
    { "401", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: "
             "0\r\n\r\n" },
    { "500", "HTTP/1.1 500 Error\r\nContent-Length: 2\r\n\r\nno" },
    { "503", "HTTP/1.1 503 Busy\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\nno" },
    { "302", "HTTP/1.1 302 Found\r\nLocation: http://x/\r\nContent-Length: 2\r\n\r\nno" },
    { "400", "HTTP/1.1 400 Bad\r\nContent-Length: 2\r\n\r\nno" },
    { "fault", "HTTP/1.1 500 Error\r\nContent-Type: application/soap+xml\r\nContent-Length: 2"
               "\r\n\r\nno" },
    { "part", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\no" },
    { "five", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
    { NULL, NULL }
};

static struct pool_world w;

static void open_world(const char *const *options)
{
    CHECK_EQ(world_open(&w, options, replies), WSC_OK);
    w.d.auto_net = true;
}

static void close_world(void)
{
    CHECK(world_close(&w));
}

static void step(const char *event)
{
    CHECK(world_row(&w, w.d.now - 1000, event));
}

/* Which exchanges have ended since, in order. */
static const char *ends(void)
{
    static char out[256];
    char *p, *word, *save = NULL;
    static char text[32768];

    snprintf(text, sizeof text, "%s", drv_take_trace(&w.d));
    out[0] = '\0';
    p = out;
    for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        if (word[0] >= 'A' && word[0] <= 'Z' && (size_t)(p - out) + strlen(word) + 2 < sizeof out)
            p += sprintf(p, "%s%s", p == out ? "" : " ", word);
    }
    return out;
}

static const char *const four[] = { "connections-per-host", "4", NULL };
static const char *const three[] = { "connections-per-host", "3", NULL };

/* --- lanes ------------------------------------------------------------------------------------ */

static void submit_lane(const char *names, enum wsc__lane lane)
{
    for (; *names; names++)
        world_submit(&w, w.pool, *names, lane);
    drv_settle(&w.d);
}

static void lanes(void)
{
    open_world(four);
    submit_lane("ABC", WSC__LANE_WAIT);
    CHECK_EQ(w.pool->busy, 2); /* N - 2 */
    CHECK_EQ(w.pool->waiting, 2);
    submit_lane("DE", WSC__LANE_NORMAL);
    CHECK_EQ(w.pool->busy, 3); /* N - 1 */
    submit_lane("FG", WSC__LANE_URGENT);
    CHECK_EQ(w.pool->busy, 4); /* N */
    CHECK_EQ(w.d.nconns, 4);
    ends();
    step("0:reply ok"); /* A is done: G goes first, on its connection */
    CHECK_STR(ends(), "A=200:ok");
    CHECK(w.tx['G' - 'A'].x.running && !w.tx['C' - 'A'].x.running && !w.tx['E' - 'A'].x.running);
    step("3:reply ok");
    CHECK_STR(ends(), "F=200:ok");
    CHECK_EQ(w.pool->busy, 3); /* G, B, D: nobody else may */
    step("0:reply ok");
    CHECK_STR(ends(), "G=200:ok");
    CHECK(w.tx['E' - 'A'].x.running &&
          !w.tx['C' - 'A'].x.running); /* E before C: a Send before a Receive */
    step("2:reply ok");
    CHECK_STR(ends(), "D=200:ok");
    CHECK(w.tx['C' - 'A'].x.running);
    CHECK_EQ(w.pool->waiting, 2);
    CHECK_EQ(w.d.nconns, 4); /* kept ones were used */
    close_world();
}

/* Its reader may never come: the next Receive goes beside it. */
static void who_pauses_keeps_nobody(void)
{
    open_world(three);
    submit_lane("PA", WSC__LANE_WAIT);
    CHECK(!w.tx['A' - 'A'].x.running);
    step("0:reply five");
    CHECK_EQ(w.tx['P' - 'A'].len, 3);
    CHECK(w.tx['A' - 'A'].x.running);
    CHECK_EQ(w.pool->waiting, 1);
    ends();
    step("1:reply ok");
    CHECK_STR(ends(), "A=200:ok");
    step("resume P");
    CHECK_STR(ends(), "P=200:hello");
    CHECK_EQ(w.pool->busy, 0);
    CHECK_EQ(w.pool->waiting, 0);
    close_world();
}

/* The smallest limit: one for Receive, one for the rest, one for Signal and Delete. */
static void lanes_of_three(void)
{
    open_world(three);
    submit_lane("ABC", WSC__LANE_WAIT);
    CHECK_EQ(w.pool->busy, 1);
    submit_lane("DG", WSC__LANE_NORMAL);
    CHECK_EQ(w.pool->busy, 2);
    submit_lane("EF", WSC__LANE_URGENT);
    CHECK_EQ(w.pool->busy, 3);
    CHECK_EQ(w.d.nconns, 3);
    close_world();
}

/* One ordinary exchange at a time: less than the option allows, for the order's sake. */
static void open_single(void)
{
    open_world(three);
    w.pool->limit = 2;
}

static void order_in_a_lane(void)
{
    int i;

    open_single();
    submit_lane("ABCDEF", WSC__LANE_NORMAL);
    for (i = 0; i < 6; i++)
        step("0:reply ok");
    CHECK_STR(ends(), "A=200:ok B=200:ok C=200:ok D=200:ok E=200:ok F=200:ok");
    CHECK_EQ(w.d.nconns, 1);
    close_world();
}

static void last_used_first(void)
{
    open_world(four);
    submit_lane("ABC", WSC__LANE_NORMAL);
    step("1:reply ok 0:reply ok 2:reply ok");
    submit_lane("D", WSC__LANE_NORMAL);
    CHECK(w.d.conns[2]->conn->state == WSC__CONN_BUSY);
    step("2:reply ok");
    drv_until(&w.d, w.d.now + 29000);
    CHECK_EQ(w.pool->nconns, 3);
    drv_until(&w.d, w.d.now + 2000);
    CHECK_EQ(w.pool->nconns, 0);
    close_world();
}

/* --- connections-limit of the context --------------------------------------------------------- */

static struct wsc__optset *limit(const char *n)
{
    struct wsc__optset *set = NULL, *frozen = NULL;
    struct wsc_error *err = NULL;

    CHECK_EQ(wsc__optset_new(&set, &w.d.mem.mem), WSC_OK);
    CHECK_EQ(wsc__optset_set_text(set, "connections-limit", n, &err), WSC_OK);
    CHECK_EQ(
        wsc__optset_freeze(&frozen, &w.d.mem.mem, set, NULL, WSC__LAYER_CTX, WSC__SCOPE_CTX, &err),
        WSC_OK);
    wsc__optset_unref(set);
    return frozen;
}

static void connections_limit(void)
{
    struct wsc__pool *other;

    open_world(four);
    w.d.core->params = limit("1");
    other = world_pool(&w, "elsewhere", w.params);
    CHECK(other && other != w.pool);
    submit_lane("A", WSC__LANE_NORMAL);
    world_submit(&w, other, 'B', WSC__LANE_NORMAL); /* starves: the only connection is in use */
    drv_settle(&w.d);
    CHECK_EQ(w.d.core->nconns, 1);
    CHECK(!w.tx['B' - 'A'].x.running);
    step("0:reply ok"); /* idle now: closed for the other host */
    drv_settle(&w.d);
    CHECK(w.tx['B' - 'A'].x.running);
    CHECK_EQ(w.d.core->nconns, 1);
    submit_lane("C", WSC__LANE_NORMAL); /* and back */
    CHECK(!w.tx['C' - 'A'].x.running);
    step("1:reply ok");
    drv_settle(&w.d);
    CHECK(w.tx['C' - 'A'].x.running);
    step("2:reply ok");
    CHECK_STR(ends(), "A=200:ok B=200:ok C=200:ok");
    wsc__pool_unref(other);
    close_world();
}

static void starved_one_after_the_other(void)
{
    struct wsc__pool *p[3];
    const char *hosts[3] = { "h1", "h2", "h3" };
    int i;

    open_world(four);
    w.d.core->params = limit("1");
    submit_lane("A", WSC__LANE_NORMAL);
    for (i = 0; i < 3; i++) {
        p[i] = world_pool(&w, hosts[i], w.params);
        world_submit(&w, p[i], (char)('B' + i), WSC__LANE_NORMAL);
    }
    drv_settle(&w.d);
    step("0:reply close");
    drv_settle(&w.d);
    for (i = 0; i < 3; i++) {
        CHECK(w.tx[1 + i].x.running);
        if (w.d.nconns > (size_t)i + 1)
            drv_reply(w.d.conns[i + 1], replies[i == 1].text, strlen(replies[i == 1].text));
        drv_settle(&w.d);
    }
    CHECK_STR(ends(), "A=200:ok B=200:ok C=200:ok D=200:ok");
    for (i = 0; i < 3; i++)
        wsc__pool_unref(p[i]);
    close_world();
}

static void starved_canceled(void)
{
    struct wsc__pool *other;

    open_world(four);
    w.d.core->params = limit("1");
    other = world_pool(&w, "elsewhere", w.params);
    submit_lane("A", WSC__LANE_NORMAL);
    world_submit(&w, other, 'B', WSC__LANE_NORMAL);
    drv_settle(&w.d);
    wsc__xchg_cancel(&w.tx['B' - 'A'].x);
    wsc__pool_unref(other); /* freed while it starves */
    step("0:reply ok");
    drv_settle(&w.d);
    submit_lane("C", WSC__LANE_NORMAL);
    CHECK(w.tx['C' - 'A'].x.running);
    close_world();
}

/* Room comes up for one that no longer wants it: the next in line gets it. */
static void starved_passes_it_on(void)
{
    struct wsc__pool *b, *c;

    open_world(four);
    w.d.core->params = limit("1");
    submit_lane("A", WSC__LANE_NORMAL);
    b = world_pool(&w, "h1", w.params);
    c = world_pool(&w, "h2", w.params);
    world_submit(&w, b, 'B', WSC__LANE_NORMAL);
    world_submit(&w, c, 'C', WSC__LANE_NORMAL);
    drv_settle(&w.d);
    wsc__xchg_cancel(&w.tx['B' - 'A'].x); /* its pool lives on */
    drv_settle(&w.d);
    step("0:reply close");
    drv_settle(&w.d);
    CHECK(w.tx['C' - 'A'].x.running);
    wsc__xchg_cancel(&w.tx['C' - 'A'].x);
    wsc__pool_unref(b);
    wsc__pool_unref(c);
    close_world();
}

/* --- the first login -------------------------------------------------------------------------- */

static const char *const login[] = { "username", "u", "password", "p", "connections-per-host",
                                     "8",        NULL };

static void one_login_at_a_time(void)
{
    open_world(login);
    submit_lane("ABCD", WSC__LANE_NORMAL);
    CHECK_EQ(w.d.nconns, 1);
    step("0:reply ok");
    CHECK_EQ(w.pool->busy, 3);
    CHECK_STR(ends(), "A=200:ok");
    close_world();
}

static void a_fault_opens(void)
{
    open_world(login);
    submit_lane("ABC", WSC__LANE_NORMAL);
    step("0:reply fault"); /* who gets as far as that has logged in */
    CHECK(w.tx['B' - 'A'].x.running && w.tx['C' - 'A'].x.running);
    CHECK_STR(ends(), "A=500:no");
    close_world();
}

/* A proxy or front end that answers has not looked at the password: the next one tries, alone. */
static void an_answer_of_others_proves_nothing(void)
{
    open_world(login);
    submit_lane("ABCDEF", WSC__LANE_NORMAL);
    step("0:reply 503");
    CHECK(w.tx['B' - 'A'].x.running && !w.tx['C' - 'A'].x.running);
    step("0:reply 302");
    CHECK(w.tx['C' - 'A'].x.running && !w.tx['D' - 'A'].x.running);
    step("0:reply 400");
    CHECK(w.tx['D' - 'A'].x.running && !w.tx['E' - 'A'].x.running);
    step("0:reply 500");
    CHECK(w.tx['E' - 'A'].x.running && !w.tx['F' - 'A'].x.running);
    step("0:reply 401");
    CHECK_STR(ends(), "A=503:no B=302:no C=400:no D=500:no E!AUTH F!AUTH");
    CHECK_EQ(w.d.nconns, 1);
    close_world();
}

/* A pool to the same origin as the same identity, with another idle time. */
static struct wsc__pool *other_idle(const char *ms)
{
    struct wsc__optset *set = NULL, *frozen = NULL;
    struct wsc_error *err = NULL;
    struct wsc__pool *p;

    CHECK_EQ(wsc__optset_new(&set, &w.d.mem.mem), WSC_OK);
    CHECK_EQ(wsc__optset_set_text(set, "connection-idle-timeout", ms, &err), WSC_OK);
    CHECK_EQ(wsc__optset_freeze(&frozen, &w.d.mem.mem, set, w.params, WSC__LAYER_CLIENT,
                                WSC__SCOPE_CLIENT | WSC__SCOPE_OP | WSC__SCOPE_IDENTITY, &err),
             WSC_OK);
    wsc__optset_unref(set);
    p = world_pool(&w, "server", frozen);
    CHECK(p && p != w.pool);
    wsc__optset_unref(frozen);
    return p;
}

static void one_gate_per_identity_and_origin(void)
{
    struct wsc__pool *p, *elsewhere;

    open_world(login);
    p = other_idle("1234");
    elsewhere = world_pool(&w, "elsewhere", w.params);
    submit_lane("AB", WSC__LANE_NORMAL);
    world_submit(&w, p, 'C', WSC__LANE_NORMAL);
    world_submit(&w, elsewhere, 'D', WSC__LANE_NORMAL); /* another server: a login of its own */
    drv_settle(&w.d);
    CHECK(w.tx[0].x.running && !w.tx['C' - 'A'].x.running && w.tx['D' - 'A'].x.running);
    CHECK_EQ(w.d.nconns, 2);
    ends();
    step("0:reply 401");
    CHECK_EQ(w.tx['B' - 'A'].ends, 1);
    CHECK_EQ(w.tx['C' - 'A'].ends, 1);
    CHECK_EQ(w.tx['D' - 'A'].ends, 0);
    step("1:reply ok");
    CHECK_EQ(w.tx['D' - 'A'].ends, 1);
    CHECK_EQ(w.d.nconns, 2);
    wsc__pool_unref(p);
    wsc__pool_unref(elsewhere);
    close_world();
}

static void the_other_pools_go_when_it_opens(void)
{
    struct wsc__pool *p;

    open_world(login);
    p = other_idle("1234");
    submit_lane("A", WSC__LANE_NORMAL);
    world_submit(&w, p, 'B', WSC__LANE_NORMAL);
    drv_settle(&w.d);
    CHECK(!w.tx['B' - 'A'].x.running);
    step("0:reply ok");
    CHECK(w.tx['B' - 'A'].x.running);
    step("1:reply ok");
    CHECK_STR(ends(), "A=200:ok B=200:ok");
    wsc__pool_unref(p);
    close_world();
}

/* Clients one after the other: the verdict outlives the pool in which it was found. */
static void refused_outlives_its_pool(void)
{
    static const char *const ms[] = { "1001", "1002", "1003" };
    int i;

    open_world(login);
    for (i = 0; i < 3; i++) {
        struct wsc__pool *p = other_idle(ms[i]);

        wsc__pool_users(p, 1);
        world_submit(&w, p, (char)('A' + i), WSC__LANE_NORMAL);
        drv_settle(&w.d);
        if (!i)
            step("0:reply 401");
        CHECK_EQ(w.tx[i].ends, 1);
        wsc__pool_users(p, -1);
        wsc__pool_unref(p);
        drv_settle(&w.d);
    }
    CHECK_STR(ends(), "A!AUTH B!AUTH C!AUTH");
    CHECK_EQ(w.d.nconns, 1);
    close_world();
}

static void refused_for_all(void)
{
    open_world(login);
    submit_lane("ABCD", WSC__LANE_NORMAL);
    submit_lane("S", WSC__LANE_URGENT);
    submit_lane("R", WSC__LANE_WAIT);
    submit_lane("U", WSC__LANE_NORMAL); /* anonymous: needs no login */
    CHECK_EQ(w.d.nconns, 2);
    ends();
    step("0:reply 401");
    CHECK_STR(ends(), "A!AUTH S!AUTH B!AUTH C!AUTH D!AUTH R!AUTH");
    submit_lane("E", WSC__LANE_NORMAL); /* and for those that come later */
    CHECK_STR(ends(), "E!AUTH");
    step("1:reply ok");
    CHECK_STR(ends(), "U=200:ok");
    CHECK_EQ(w.d.nconns, 2);
    close_world();
}

static void lost_login_lets_the_next_try(void)
{
    open_world(login);
    submit_lane("ABC", WSC__LANE_NORMAL);
    ends();
    step("0:eof");
    CHECK_STR(ends(), "A!CONNECTION_LOST");
    CHECK(w.tx['B' - 'A'].x.running && !w.tx['C' - 'A'].x.running);
    step("1:reply 401");
    CHECK_STR(ends(), "B!AUTH C!AUTH");
    CHECK_EQ(w.d.nconns, 2);
    close_world();
}

/* The silence of a server counts once, not once for each who waits behind the first login. */
static void silent_login(void)
{
    open_world(login);
    submit_lane("ABC", WSC__LANE_NORMAL);
    drv_until(&w.d, w.d.now + 2000);
    submit_lane("D", WSC__LANE_NORMAL);
    drv_until(&w.d, 1000 + 5000);
    CHECK_STR(ends(), "A!TIMEOUT B!TIMEOUT C!TIMEOUT");
    CHECK(w.tx['D' - 'A'].x.running); /* it came later, and tries now */
    close_world();
}

static void canceled_login_lets_the_next_try(void)
{
    open_world(login);
    submit_lane("ABC", WSC__LANE_NORMAL);
    step("cancel A");
    CHECK(w.tx['B' - 'A'].x.running && !w.tx['C' - 'A'].x.running);
    step("cancel C");
    step("1:reply ok");
    CHECK_STR(ends(), "B=200:ok");
    CHECK_EQ(w.tx['A' - 'A'].ends + w.tx['C' - 'A'].ends, 0);
    close_world();
}

static void refused_later(void)
{
    open_world(login);
    submit_lane("A", WSC__LANE_NORMAL);
    step("0:reply ok");
    submit_lane("BC", WSC__LANE_NORMAL);
    ends();
    step("0:reply 401"); /* the password was changed meanwhile */
    CHECK_EQ(w.tx['B' - 'A'].ends, 1);
    submit_lane("D", WSC__LANE_NORMAL);
    CHECK_EQ(w.tx['D' - 'A'].ends, 1);
    step("1:reply ok"); /* C was under way before: the server took it */
    CHECK_EQ(w.tx['C' - 'A'].ends, 1);
    submit_lane("E", WSC__LANE_NORMAL); /* but that does not open the gate again */
    CHECK_EQ(w.tx['E' - 'A'].ends, 1);
    CHECK_EQ(w.d.nconns, 2);
    close_world();
}

/* --- cancel ----------------------------------------------------------------------------------- */

static void cancel_everywhere(void)
{
    open_single();
    submit_lane("ABCD", WSC__LANE_NORMAL);
    step("cancel B");
    CHECK_EQ(w.d.nconns, 1);
    step("0:reply part");
    step("cancel A"); /* on the wire: its connection is of no more use */
    CHECK(w.d.conns[0]->conn == NULL);
    CHECK(w.tx['C' - 'A'].x.running);
    step("1:reply ok 1:reply ok");
    CHECK_STR(ends(), "C=200:ok D=200:ok");
    CHECK_EQ(w.tx[0].ends + w.tx[1].ends, 0);
    close_world();
}

static void the_end_with_work(void)
{
    open_single();
    submit_lane("ABC", WSC__LANE_NORMAL);
    ends();
    wsc__core_shut(w.d.core);
    drv_flush(&w.d);
    CHECK_STR(ends(), "B!CANCELED C!CANCELED A!CANCELED");
    CHECK_EQ(wsc__xchg_submit(&w.tx[3].x, w.pool), WSC_E_CANCELED);
    close_world();
}

static void reused_is_idle_while_it_reads(void)
{
    open_world(three);
    submit_lane("A", WSC__LANE_NORMAL);
    step("0:reply ok");
    CHECK(w.d.conns[0]->reading);
    wsc__pool_users(w.pool, -1); /* the last client goes */
    drv_settle(&w.d);
    CHECK(w.d.conns[0]->conn == NULL);
    wsc__pool_users(w.pool, 1);
    close_world();
}

static const struct test tests[] = {
    { "lanes", lanes },
    { "lanes_of_three", lanes_of_three },
    { "who_pauses_keeps_nobody", who_pauses_keeps_nobody },
    { "silent_login", silent_login },
    { "order_in_a_lane", order_in_a_lane },
    { "last_used_first", last_used_first },
    { "connections_limit", connections_limit },
    { "starved_one_after_the_other", starved_one_after_the_other },
    { "starved_canceled", starved_canceled },
    { "starved_passes_it_on", starved_passes_it_on },
    { "one_login_at_a_time", one_login_at_a_time },
    { "a_fault_opens", a_fault_opens },
    { "an_answer_of_others_proves_nothing", an_answer_of_others_proves_nothing },
    { "one_gate_per_identity_and_origin", one_gate_per_identity_and_origin },
    { "the_other_pools_go_when_it_opens", the_other_pools_go_when_it_opens },
    { "refused_outlives_its_pool", refused_outlives_its_pool },
    { "refused_for_all", refused_for_all },
    { "lost_login_lets_the_next_try", lost_login_lets_the_next_try },
    { "canceled_login_lets_the_next_try", canceled_login_lets_the_next_try },
    { "refused_later", refused_later },
    { "cancel_everywhere", cancel_everywhere },
    { "the_end_with_work", the_end_with_work },
    { "reused_is_idle_while_it_reads", reused_is_idle_while_it_reads },
};

TEST_MAIN(tests)
