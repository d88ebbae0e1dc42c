/* The connection machine, one row after the other; every script runs with its replies in one piece,
 * byte by byte, and cut in two at every byte. */
#include "table.h"

#include "../unit/test.h"

static const struct canned replies[] = {
    { "ok", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
    { "empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" },
    { "chunked",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n" },
    { "close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello" },
    { "http10", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello" },
    { "until", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello" },
    { "part", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello" },
    { "rest", "woah" },
    { "halfhead", "HTTP/1.1 200 OK\r\nContent-Le" },
    { "interim",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\nHTTP/1.1 200 OK\r\n"
      "Content-Length: 5\r\n\r\nhello" },
    { "bad", "SSH-2.0-OpenSSH_9.2\r\n\r\n" },
    { "401", "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: "
             "0\r\n\r\n" },
    { "401n",
      "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nContent-Length: 0\r\n\r\n" },
    { "500", "HTTP/1.1 500 Error\r\nContent-Length: 3\r\n\r\nbad" },
    { "more", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloX" },
    { NULL, NULL }
};

/* clang-format off: one row, one line */

/* A first exchange with one address, up to the request that is out. */
#define OPEN(name)                                                                                 \
    { 0, "submit " name, "0:resolve" }, { 1, "resolved 4", "0:connect0=0" },                       \
        { 2, "connected 0", "0:write 0:read" },                                                    \
    {                                                                                              \
        3, "written", ""                                                                           \
    }

static const struct row reuse[] = {
    OPEN("A"),
    { 4, "reply ok", "A=200:hello" },
    { 5, "submit B", "0:write" },
    { 6, "written", "" },
    { 7, "reply chunked", "B=200:hello" },
    { 8, "submit C written reply empty", "0:write C=200:" },
    { 9, "submit D written reply 500", "0:write D=500:bad" },
};
static const struct row no_name[] = {
    { 0, "submit A", "0:resolve" },
    { 9, "resolved -", "A!RESOLVE 0:close" },
};
static const struct row addresses_in_turn[] = {
    { 0, "submit A", "0:resolve" },         { 1, "resolved 446", "0:connect0=0" },
    { 2, "refused 0", "0:connect0=2" },     { 3, "unreachable 0", "0:connect0=1" },
    { 4, "connected 0", "0:write 0:read" }, { 5, "written reply ok", "A=200:hello" },
};
static const struct row refused_everywhere[] = {
    { 0, "submit A", "0:resolve" },
    { 1, "resolved 46", "0:connect0=0" },
    { 2, "refused 0", "0:connect0=1" },
    { 3, "refused 0", "A!CONNECT 0:close" },
};
static const struct row families_in_turn[] = {
    { 0, "submit A", "0:resolve" },     { 1, "resolved 666446", "0:connect0=0" },
    { 2, "refused 0", "0:connect0=3" }, { 3, "refused 0", "0:connect0=1" },
    { 4, "refused 0", "0:connect0=4" }, { 5, "refused 0", "0:connect0=2" },
    { 6, "refused 0", "0:connect0=5" }, { 7, "refused 0", "A!CONNECT 0:close" },
};
static const struct row eyeballs[] = {
    /* the second wins */
    { 0, "submit A", "0:resolve" },
    { 10, "resolved 64", "0:connect0=0" },
    { 259, "wait", "" },
    { 260, "wait", "0:connect1=1" },
    { 300, "connected 1", "0:drop0 0:write 0:read" },
    { 301, "written reply ok", "A=200:hello" },
    { 9000, "wait", "" },
};
static const struct row eyeballs_first[] = {
    /* the first wins after all */
    { 0, "submit A", "0:resolve" },
    { 0, "resolved 64", "0:connect0=0" },
    { 260, "wait", "0:connect1=1" },
    { 300, "connected 0", "0:drop1 0:write 0:read" },
    { 301, "written reply ok", "A=200:hello" },
};
static const struct row eyeballs_loser_refused[] = {
    { 0, "submit A", "0:resolve" },           { 0, "resolved 64", "0:connect0=0" },
    { 260, "wait", "0:connect1=1" },          { 270, "refused 0", "" },
    { 300, "connected 1", "0:write 0:read" }, { 301, "written reply ok", "A=200:hello" },
};
static const struct row rotation[] = {
    /* two slots: the oldest attempt makes room */
    { 0, "submit A", "0:resolve" },
    { 0, "resolved 4444", "0:connect0=0" },
    { 250, "wait", "0:connect1=1" },
    { 500, "wait", "0:drop0 0:connect0=2" },
    { 750, "wait", "0:drop1 0:connect1=3" },
    { 2000, "wait", "" },
    { 2001, "refused 0", "" },
    { 2002, "refused 1", "A!CONNECT 0:close" },
};
static const struct row rotation_after_refusal[] = {
    /* the older one goes, also when a slot was filled again */
    { 0, "submit A", "0:resolve" },          { 0, "resolved 4444", "0:connect0=0" },
    { 250, "wait", "0:connect1=1" },         { 300, "refused 0", "0:connect0=2" },
    { 550, "wait", "0:drop1 0:connect1=3" }, { 600, "connected 1", "0:drop0 0:write 0:read" },
};
static const struct row open_timeout_resolving[] = {
    { 0, "submit A", "0:resolve" },
    { 2999, "wait", "" },
    { 3000, "wait", "A!TIMEOUT 0:unresolve 0:close" },
};
static const struct row open_timeout_connecting[] = {
    { 0, "submit A", "0:resolve" },
    { 100, "resolved 4", "0:connect0=0" },
    { 2999, "wait", "" },
    { 3000, "wait", "A!TIMEOUT 0:close" },
};
static const struct row reply_timeout[] = {
    OPEN("A"),
    { 5001, "wait", "" },
    { 5002, "wait", "A!TIMEOUT 0:close" },
};
static const struct row reply_timeout_in_body[] = {
    /* the body gets as much time again */
    OPEN("A"),
    { 5000, "reply part", "" },
    { 9999, "wait", "" },
    { 10000, "wait", "A!TIMEOUT 0:close" },
};
static const struct row idle_timeout[] = {
    OPEN("A"),
    { 4, "reply ok", "A=200:hello" },
    { 30003, "wait", "" },
    { 30004, "wait", "0:close" },
    { 30005, "submit B", "1:resolve" },
};
static const struct row eof_while_idle[] = {
    OPEN("A"),
    { 4, "reply ok", "A=200:hello" },
    { 5, "eof", "0:close" },
    { 6, "submit B", "1:resolve" },
};
static const struct row error_while_idle[] = {
    OPEN("A"),
    { 4, "reply ok", "A=200:hello" },
    { 5, "error", "0:close" },
};
static const struct row eof_before_head[] = {
    OPEN("A"),
    { 4, "eof", "A!CONNECTION_LOST 0:close" },
};
static const struct row eof_in_head[] = {
    OPEN("A"),
    { 4, "reply halfhead eof", "A!CONNECTION_LOST 0:close" },
};
static const struct row eof_in_body[] = {
    OPEN("A"),
    { 4, "reply part eof", "A!CONNECTION_LOST 0:close" },
};
static const struct row error_in_body[] = {
    OPEN("A"),
    { 4, "reply part error", "A!CONNECTION_LOST 0:close" },
};
static const struct row until_close[] = {
    OPEN("A"),
    { 4, "reply until", "" },
    { 5, "eof", "A=200:hello 0:close" },
};
static const struct row unasked_bytes[] = {
    OPEN("A"),
    { 4, "reply ok", "A=200:hello" },
    { 5, "reply rest", "0:close" },
};
static const struct row keep_alive_off[] = {
    OPEN("A"),
    { 4, "reply close", "A=200:hello 0:close" },
    { 5, "submit B", "1:resolve" },
};
static const struct row http10[] = {
    OPEN("A"),
    { 4, "reply http10", "A=200:hello 0:close" },
};
static const struct row kept_ends_before_write[] = {
    /* the server closed while the request waited to be written */
    OPEN("A"),
    { 4, "reply ok", "A=200:hello" },
    { 5, "eof", "0:close" },
    { 5, "submit B", "1:resolve" },
    { 6, "1:resolved 4", "1:connect0=0" },
    { 7, "1:connected 0", "1:write 1:read" },
    { 8, "1:written 1:reply ok", "B=200:hello" },
};
static const struct row kept_ends_after_write[] = {
    OPEN("A"),
    { 4, "reply ok", "A=200:hello" },
    { 5, "submit B", "0:write" },
    { 6, "eof", "B!CONNECTION_LOST 0:close" },
    { 9000, "wait", "" },
};
static const struct row write_fails[] = {
    { 0, "submit A", "0:resolve" },
    { 1, "resolved 4", "0:connect0=0" },
    { 2, "connected 0", "0:write 0:read" },
    { 3, "break", "A!CONNECTION_LOST 0:close" },
    { 9000, "wait", "" },
};
static const struct row unauthorized_without[] = {
    OPEN("A"),
    { 4, "reply 401", "A!AUTH 0:close" },
};
static const struct row unauthorized[] = {
    OPEN("A"),
    { 4, "reply 401", "A!AUTH 0:close" },
    { 5, "submit B", "B!AUTH" },
    { 6, "submit U", "1:resolve" },
};
static const struct row not_offered[] = {
    OPEN("A"),
    { 4, "reply 401n", "A!AUTH 0:close" },
};
static const struct row interim[] = {
    OPEN("A"),
    { 4, "reply interim", "A=200:hello" },
};
static const struct row not_http[] = {
    OPEN("A"),
    { 4, "reply bad", "A!PROTOCOL 0:close" },
};
static const struct row early_reply[] = {
    /* it comes before the request is out: the connection is not kept */
    { 0, "submit A", "0:resolve" },
    { 1, "resolved 4", "0:connect0=0" },
    { 2, "connected 0", "0:write 0:read" },
    { 3, "reply ok", "A=200:hello 0:close" },
};
static const struct row cancel_queued[] = {
    { 0, "submit A", "0:resolve" },
    { 1, "cancel A", "0:unresolve 0:close" },
    { 9000, "wait", "" },
};
static const struct row cancel_connecting[] = {
    { 0, "submit A", "0:resolve" },
    { 1, "resolved 4", "0:connect0=0" },
    { 2, "cancel A", "0:close" },
    { 9000, "wait", "" },
};
static const struct row cancel_on_the_wire[] = {
    OPEN("A"),
    { 4, "reply part", "" },
    { 5, "cancel A", "0:close" },
    { 9000, "wait", "" },
};

/* clang-format on */

static const char *const with_password[] = { "username", "u", "password", "p", NULL };

static const struct table tables[] = {
    TABLE(reuse, NULL),
    TABLE(no_name, NULL),
    TABLE(addresses_in_turn, NULL),
    TABLE(refused_everywhere, NULL),
    TABLE(families_in_turn, NULL),
    TABLE(eyeballs, NULL),
    TABLE(eyeballs_first, NULL),
    TABLE(eyeballs_loser_refused, NULL),
    TABLE(rotation, NULL),
    TABLE(rotation_after_refusal, NULL),
    TABLE(open_timeout_resolving, NULL),
    TABLE(open_timeout_connecting, NULL),
    TABLE(reply_timeout, NULL),
    TABLE(reply_timeout_in_body, NULL),
    TABLE(idle_timeout, NULL),
    TABLE(eof_while_idle, NULL),
    TABLE(error_while_idle, NULL),
    TABLE(eof_before_head, NULL),
    TABLE(eof_in_head, NULL),
    TABLE(eof_in_body, NULL),
    TABLE(error_in_body, NULL),
    TABLE(until_close, NULL),
    TABLE(unasked_bytes, NULL),
    TABLE(keep_alive_off, NULL),
    TABLE(http10, NULL),
    TABLE(kept_ends_before_write, NULL),
    TABLE(kept_ends_after_write, NULL),
    TABLE(write_fails, NULL),
    TABLE(unauthorized_without, NULL),
    TABLE(unauthorized, with_password),
    TABLE(not_offered, with_password),
    TABLE(interim, NULL),
    TABLE(not_http, NULL),
    TABLE(early_reply, NULL),
    TABLE(cancel_queued, NULL),
    TABLE(cancel_connecting, NULL),
    TABLE(cancel_on_the_wire, NULL),
};

/* --- running them ----------------------------------------------------------------------------- */

static bool run_cut(const struct table *t, size_t chunk, size_t split, bool inline_written)
{
    static struct pool_world w;
    bool good;
    size_t i;

    if (!CHECK_EQ(world_open(&w, t->options, replies), WSC_OK)) {
        world_close(&w);
        return false;
    }
    w.d.chunk = chunk;
    w.d.split = split;
    w.d.inline_written = inline_written;
    good = true;
    for (i = 0; good && i < t->nrows; i++) {
        good = CHECK(world_row(&w, t->rows[i].at, t->rows[i].event));
        good = good && CHECK_STR(drv_take_trace(&w.d), t->rows[i].actions);
        if (!good)
            printf("# %s, row %zu (%s), chunk %zu, split %zu\n", t->name, i + 1, t->rows[i].event,
                   chunk, split);
    }
    return CHECK(world_close(&w)) && good;
}

static void every_cut(void)
{
    size_t i, split;

    for (i = 0; i < sizeof tables / sizeof *tables; i++) {
        bool good = run_cut(&tables[i], 0, 0, false) && run_cut(&tables[i], 1, 0, false);

        for (split = 1; good && split < 130; split++)
            good = run_cut(&tables[i], 0, split, false);
    }
}

static void kept_connection_dies_unwritten(void)
{
    static struct pool_world w;

    /* The connection is given B, and breaks before io takes the WRITE: nothing was sent, so B goes
     * out once on a new connection. */
    CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
    CHECK(world_row(&w, 0, "submit A"));
    CHECK(world_row(&w, 1, "resolved 4 connected 0 written reply ok"));
    drv_take_trace(&w.d);
    world_submit(&w, w.pool, 'B', WSC__LANE_NORMAL);
    wsc__pool_pump(w.pool);
    CHECK(w.tx['B' - 'A'].x.conn != NULL);
    drv_broken(w.d.conns[0]);
    drv_settle(&w.d);
    CHECK_STR(drv_take_trace(&w.d), "0:close 1:resolve");
    CHECK(world_row(&w, 2, "1:resolved 4 1:connected 0 1:written 1:reply ok"));
    CHECK_STR(drv_take_trace(&w.d), "1:connect0=0 1:write 1:read B=200:hello");
    CHECK(world_close(&w));
}

/* The server has closed a kept connection, or said something on it, and nobody stepped since: that
 * is seen before the request goes out. */
static void kept_connection_is_looked_at(void)
{
    static struct pool_world w;
    int end;

    for (end = 0; end < 3; end++) {
        CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
        CHECK(world_row(&w, 0, "submit A"));
        CHECK(world_row(&w, 1, "resolved 4 connected 0 written reply ok"));
        drv_take_trace(&w.d);
        if (end == 2)
            drv_reply(w.d.conns[0], "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil", 42);
        else
            drv_reply_end(w.d.conns[0], end ? DRV_RESET : DRV_EOF);
        w.d.now += 100;
        wsc__core_tick(w.d.core, w.d.now);
        world_submit(&w, w.pool, 'B', WSC__LANE_NORMAL);
        drv_flush(&w.d);
        CHECK_STR(drv_take_trace(&w.d), "0:look 0:close 1:resolve");
        CHECK(world_row(&w, 200, "1:resolved 4 1:connected 0 1:written 1:reply ok"));
        CHECK_STR(drv_take_trace(&w.d), "1:connect0=0 1:write 1:read B=200:hello");
        CHECK(world_close(&w));
    }
}

/* --- back-pressure ---------------------------------------------------------------------------- */

/* The exchange pauses; while it rests no timer runs and bytes are kept; after resume it gets
 * everything once. rude: io hands out bytes although it was told to stop. */
static void paused_once(const char *reply, size_t chunk, size_t split, bool rude, bool eof)
{
    static struct pool_world w;

    CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
    w.d.chunk = chunk;
    w.d.split = split;
    w.d.rude = rude;
    CHECK(world_row(&w, 0, "submit P"));
    CHECK(world_row(&w, 1, "resolved 4 connected 0 written"));
    drv_take_trace(&w.d);
    drv_reply(w.d.conns[0], reply, strlen(reply));
    if (eof)
        drv_reply_end(w.d.conns[0], DRV_EOF);
    drv_settle(&w.d);
    drv_until(&w.d, 1000 + 3600000); /* nobody asks for an hour */
    CHECK_EQ(w.tx['P' - 'A'].ends, 0);
    CHECK_EQ(w.tx['P' - 'A'].len, 3);
    CHECK(wsc__core_timeout(w.d.core) < 0);
    CHECK(w.d.conns[0]->conn && !w.d.conns[0]->reading);
    wsc__xchg_resume(&w.tx['P' - 'A'].x);
    drv_settle(&w.d);
    drv_take_trace(&w.d);
    CHECK_EQ(w.tx['P' - 'A'].ends, 1);
    CHECK_STR(w.tx['P' - 'A'].got, "hello");
    if (eof)
        CHECK(w.d.conns[0]->conn == NULL);
    CHECK(world_close(&w));
}

static void pause_and_resume(void)
{
    static const char *const texts[] = {
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nh\r\n4\r\nello\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
    };
    size_t i, split;
    int rude, eof;

    for (i = 0; i < 4; i++) {
        for (rude = 0; rude < 2; rude++) {
            for (eof = i == 3; eof < 2; eof++) {
                paused_once(texts[i], 0, 0, rude != 0, eof != 0);
                paused_once(texts[i], 1, 0, rude != 0, eof != 0);
                for (split = 1; split < strlen(texts[i]); split++)
                    paused_once(texts[i], 0, split, rude != 0, eof != 0);
            }
        }
    }
}

static void pause_at_every_byte(void)
{
    static struct pool_world w;
    size_t chunk;

    for (chunk = 0; chunk < 60; chunk++) {
        const char *text =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
        int i;

        CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
        w.d.chunk = chunk;
        w.d.rude = chunk & 1;
        CHECK(world_row(&w, 0, "submit Q"));
        CHECK(world_row(&w, 1, "resolved 4 connected 0 written"));
        drv_take_trace(&w.d);
        drv_reply(w.d.conns[0], text, strlen(text));
        drv_settle(&w.d);
        for (i = 0; i < 5; i++) {
            CHECK_EQ(w.tx['Q' - 'A'].len, i + 1);
            CHECK_EQ(w.tx['Q' - 'A'].ends, 0);
            wsc__xchg_resume(&w.tx['Q' - 'A'].x);
            drv_settle(&w.d);
        }
        CHECK_EQ(w.tx['Q' - 'A'].ends, 1);
        CHECK_STR(w.tx['Q' - 'A'].got, "hello");
        CHECK(w.d.conns[0]->conn && w.d.conns[0]->conn->state == WSC__CONN_IDLE);
        CHECK(world_close(&w));
    }
}

static void paused_time_is_not_counted(void)
{
    static struct pool_world w;

    CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
    CHECK(world_row(&w, 0, "submit P"));
    CHECK(world_row(&w, 0, "resolved 4 connected 0 written"));
    CHECK(world_row(&w, 1000, "reply part"));
    CHECK_STR(drv_take_trace(&w.d), "0:resolve 0:connect0=0 0:write 0:read P~");
    CHECK(world_row(&w, 100000, "resume P"));
    CHECK_STR(drv_take_trace(&w.d), "0:read");
    CHECK(world_row(&w, 104999, "wait"));
    CHECK_STR(drv_take_trace(&w.d), "");
    CHECK(world_row(&w, 105000, "wait"));
    CHECK_STR(drv_take_trace(&w.d), "P!TIMEOUT 0:close");
    CHECK(world_close(&w));
}

static void reset_while_paused(void)
{
    static struct pool_world w;

    CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
    w.d.rude = true;
    CHECK(world_row(&w, 0, "submit P"));
    CHECK(world_row(&w, 0, "resolved 4 connected 0 written reply part break"));
    CHECK_STR(drv_take_trace(&w.d),
              "0:resolve 0:connect0=0 0:write 0:read P~ P!CONNECTION_LOST 0:close");
    CHECK(world_close(&w));
}

static void cancel_while_paused(void)
{
    static struct pool_world w;

    CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
    CHECK(world_row(&w, 0, "submit P"));
    CHECK(world_row(&w, 0, "resolved 4 connected 0 written reply ok cancel P"));
    CHECK(w.d.conns[0]->conn == NULL);
    CHECK_EQ(w.tx['P' - 'A'].ends, 0);
    CHECK(world_close(&w));
}

/* Memory runs out while bytes are kept for an exchange that pauses. */
static void no_memory_while_paused(void)
{
    static struct pool_world w;
    const char *text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                       "3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n";
    long k;

    for (k = 0; k < 60; k++) {
        int i;

        CHECK_EQ(world_open(&w, NULL, replies), WSC_OK);
        w.d.rude = k & 1;
        w.d.chunk = k % 3 ? 0 : 55;
        CHECK(world_row(&w, 0, "submit Q"));
        CHECK(world_row(&w, 1, "resolved 4 connected 0 written"));
        drv_take_trace(&w.d);
        w.d.mem.fail_at = w.d.mem.calls + k / 2;
        drv_reply(w.d.conns[0], text, strlen(text));
        drv_settle(&w.d);
        for (i = 0; i < 6; i++) {
            wsc__xchg_resume(&w.tx['Q' - 'A'].x);
            drv_settle(&w.d);
        }
        CHECK_EQ(w.tx['Q' - 'A'].ends, 1);
        CHECK_EQ(w.d.core->nconns, w.pool->nconns);
        if (!CHECK(world_close(&w)))
            printf("# allocation %ld\n", k / 2);
    }
}

static const struct test tests[] = {
    { "every_cut", every_cut },
    { "kept_connection_dies_unwritten", kept_connection_dies_unwritten },
    { "kept_connection_is_looked_at", kept_connection_is_looked_at },
    { "pause_and_resume", pause_and_resume },
    { "pause_at_every_byte", pause_at_every_byte },
    { "paused_time_is_not_counted", paused_time_is_not_counted },
    { "reset_while_paused", reset_while_paused },
    { "cancel_while_paused", cancel_while_paused },
    { "no_memory_while_paused", no_memory_while_paused },
};

TEST_MAIN(tests)
