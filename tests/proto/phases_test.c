/* What is counted of an exchange, and how long each of its phases takes. */
#include "table.h"

#include "../unit/test.h"

static const struct canned replies[] = {
    { "ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
    { "half", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe" },
    { "rest", "llo" },
    { "six", "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabc" },
    { NULL, NULL }
};

static struct pool_world w;

struct expected {
    const char *name;
    uint64_t n;
};

static void open_world(const char *const *options)
{
    CHECK_EQ(world_open(&w, options, replies), WSC_OK);
}

static uint64_t value(const char *name)
{
    return w.stats.n[wsc__stat_find(name)];
}

/* All numbers but bytes; those that are not named are 0. */
static void check(const struct expected *list)
{
    uint64_t all = 0;
    size_t i;

    for (; list->name; list++) {
        if (!CHECK_EQ(value(list->name), list->n))
            printf("# %s\n", list->name);
        all += list->n;
    }
    for (i = 0; i < WSC__STATS; i++)
        all -= strcmp(wsc__stat_info(i)->unit, "bytes") ? w.stats.n[i] : 0;
    CHECK_EQ(all, 0);
}

#define CHECK_ALL(...) check((const struct expected[]){ __VA_ARGS__, { NULL, 0 } })

static void each_phase(void)
{
    open_world(NULL);
    CHECK(world_row(&w, 0, "submit A"));
    CHECK(world_row(&w, 7, "resolved 4"));
    CHECK(world_row(&w, 20, "connected 0"));
    CHECK_ALL({ "connections", 1 }, { "requests", 1 }, { "resolve-ms", 7 }, { "connect-ms", 13 });
    CHECK_EQ(value("bytes-sent"), w.d.conns[0]->sent.len);
    CHECK(world_row(&w, 21, "written"));
    CHECK(world_row(&w, 120, "reply half"));
    CHECK(world_row(&w, 125, "reply rest"));
    CHECK_ALL({ "connections", 1 }, { "requests", 1 }, { "resolve-ms", 7 }, { "connect-ms", 13 },
              { "wait-ms", 100 }, { "receive-ms", 5 });
    CHECK_EQ(value("bytes-received"), strlen(replies[1].text) + 3);
    /* the kept connection costs nothing more */
    CHECK(world_row(&w, 140, "submit B written"));
    CHECK(world_row(&w, 143, "reply ok"));
    CHECK_ALL({ "connections", 1 }, { "requests", 2 }, { "resolve-ms", 7 }, { "connect-ms", 13 },
              { "wait-ms", 103 }, { "receive-ms", 5 });
    CHECK_EQ(value("bytes-sent"), w.d.conns[0]->sent.len);
    CHECK(world_close(&w));
}

static void who_waits_in_the_queue(void)
{
    static const char *const three[] = { "connections-per-host", "3", NULL };

    open_world(three);
    CHECK(world_row(&w, 0, "submit AB resolved 4 connected 0 written"));
    CHECK(world_row(&w, 0, "1:resolved 4 1:connected 0 1:written"));
    CHECK(world_row(&w, 1, "submit C")); /* both are taken; C waits for 9 ms */
    CHECK(world_row(&w, 10, "reply ok"));
    CHECK(world_row(&w, 11, "written cancel C"));
    CHECK_ALL({ "connections", 2 }, { "requests", 3 }, { "queue-ms", 9 }, { "wait-ms", 11 });
    CHECK(world_close(&w));
}

/* What ends in the queue has waited, too. */
static void canceled_in_the_queue(void)
{
    static const char *const three[] = { "connections-per-host", "3", NULL };

    open_world(three);
    CHECK(world_row(&w, 0, "submit ABC"));
    CHECK(world_row(&w, 30, "cancel C cancel A"));
    CHECK_ALL({ "queue-ms", 30 }, { "resolve-ms", 30 });
    CHECK(world_close(&w));
}

static void pauses(void)
{
    open_world(NULL);
    CHECK(world_row(&w, 0, "submit P resolved 4 connected 0 written"));
    CHECK(world_row(&w, 10, "reply six"));
    CHECK(world_row(&w, 60, "resume P"));
    CHECK(world_row(&w, 64, "reply rest"));
    CHECK_ALL({ "connections", 1 }, { "requests", 1 }, { "wait-ms", 10 }, { "pause-ms", 50 },
              { "receive-ms", 4 });
    CHECK(world_close(&w));
}

/* A kept connection has ended before a byte of the request went: that one is sent once. */
static void reconnects(void)
{
    open_world(NULL);
    CHECK(world_row(&w, 0, "submit A resolved 4 connected 0 written reply ok"));
    world_submit(&w, w.pool, 'B', WSC__LANE_NORMAL);
    wsc__pool_pump(w.pool);
    drv_broken(w.d.conns[0]);
    drv_settle(&w.d);
    CHECK(world_row(&w, 5, "1:resolved 4 1:connected 0 1:written 1:reply ok"));
    CHECK_EQ(w.tx['B' - 'A'].ends, 1);
    CHECK_ALL({ "connections", 2 }, { "reconnects", 1 }, { "requests", 2 }, { "resolve-ms", 5 });
    CHECK_EQ(value("bytes-sent"), w.d.conns[0]->sent.len + w.d.conns[1]->sent.len);
    CHECK(world_close(&w));
}

static void refused(void)
{
    open_world(NULL);
    CHECK(world_row(&w, 0, "submit A"));
    CHECK(world_row(&w, 3, "resolved 4"));
    CHECK(world_row(&w, 8, "refused 0"));
    CHECK_ALL({ "resolve-ms", 3 }, { "connect-ms", 5 });
    CHECK_EQ(value("bytes-sent"), 0);
    CHECK(world_close(&w));
}

static void table_of_names(void)
{
    size_t i, k;

    for (i = 0; i < WSC__STATS; i++) {
        const struct wsc__stat_info *s = wsc__stat_info(i);
        bool ms = strlen(s->name) > 3 && !strcmp(s->name + strlen(s->name) - 3, "-ms");

        CHECK_EQ(wsc__stat_find(s->name), i);
        CHECK_EQ(strcmp(s->unit, "ms") == 0, ms);
        CHECK(*s->doc);
        for (k = 0; k < i; k++)
            CHECK(strcmp(s->name, wsc__stat_info(k)->name) != 0);
    }
    CHECK(!wsc__stat_info(WSC__STATS));
    CHECK_EQ(wsc__stat_find("nonsense"), WSC__STATS);
}

static const struct test tests[] = {
    { "each_phase", each_phase },
    { "who_waits_in_the_queue", who_waits_in_the_queue },
    { "canceled_in_the_queue", canceled_in_the_queue },
    { "pauses", pauses },
    { "reconnects", reconnects },
    { "refused", refused },
    { "table_of_names", table_of_names },
};

TEST_MAIN(tests)
