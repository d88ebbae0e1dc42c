/* Connections and a pool under any order of events that io may give: bytes are decoded into
 * exchanges, cancels, events, time, and an allocation that fails. What must hold is checked after
 * every step. */
#include "../proto/table.h"
#include "input.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const replies[] = {
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
    "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno",
    "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel",
    "lo",
    "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
};

enum { UNUSED, SUBMITTED, CANCELED };

static void check(struct pool_world *w, const int *state)
{
    const struct wsc__pool *p = w->pool;
    unsigned running = 0, waiting = 0, parked = 0, conns = 0, carried = 0;
    bool pauses = w->tx['P' - 'A'].used || w->tx['Q' - 'A'].used; /* these come on top */
    const struct wsc__link *n;
    int i;

    must(!*w->d.broken, w->d.broken);
    for (i = 0; i < 26; i++) {
        const struct tx *t = &w->tx[i];

        if (state[i] == UNUSED)
            continue;
        must(t->ends <= (state[i] == SUBMITTED), "an exchange ends once, and not after a cancel");
        if (state[i] == CANCELED || t->ends)
            continue;
        must(t->x.pool == p, "an exchange belongs to its pool until it ends");
        running += t->x.running && !t->x.parked;
        waiting += t->x.running && !t->x.parked && t->x.lane == WSC__LANE_WAIT;
        parked += t->x.parked;
        must(!t->x.parked || t->x.running, "only who runs can be parked");
        must(t->x.running == (t->x.conn != NULL), "it runs on a connection, or waits in the queue");
        must(t->x.running != wsc__linked(&t->x.link), "one of both");
        carried += t->x.conn && t->x.conn->x == &t->x;
    }
    must(running == p->busy && waiting == p->waiting && carried == running + parked,
         "the pool's counts");
    for (n = p->conns.head.next; n != &p->conns.head; n = n->next)
        conns++;
    must(conns == p->nconns && conns == w->d.core->nconns, "the number of connections");
    must(pauses || (conns <= p->limit && p->busy <= p->limit), "connections-per-host");
}

static void connect_event(struct drv_conn *c, uint8_t what)
{
    int slot = what & 1;

    if (c->slot[slot] != DRV_TRYING || c->open)
        return;
    if (what & 2)
        drv_refused(c, slot, what & 4 ? WSC__NET_UNREACHABLE : WSC__NET_REFUSED);
    else
        drv_connected(c, slot);
}

static void peer_event(struct drv_conn *c, struct input *in, uint8_t op)
{
    uint8_t raw[32];
    size_t i, n;

    switch (op) {
    case 0:
        if (c->resolving)
            drv_resolved(c, (const char *[]){ "4", "", "46", "664", "4444" }[next(in) % 5]);
        break;
    case 1:
        connect_event(c, next(in));
        break;
    case 2:
        if (c->writing)
            drv_written(c);
        break;
    case 3:
        i = next(in) % (sizeof replies / sizeof *replies);
        drv_reply(c, replies[i], strlen(replies[i]));
        break;
    case 4:
        n = next(in) % sizeof raw;
        for (i = 0; i < n; i++)
            raw[i] = next(in);
        drv_reply(c, raw, n);
        break;
    case 5:
        drv_reply_end(c, next(in) & 1 ? DRV_EOF : DRV_RESET);
        break;
    default:
        if (c->open)
            drv_broken(c);
        break;
    }
}

static void user_event(struct pool_world *w, int *state, struct input *in, uint8_t op)
{
    int i = next(in) % 26;
    struct tx *t = &w->tx[i];
    bool live = state[i] == SUBMITTED && !t->ends;

    if (op == 0 && !live) {
        world_submit(w, w->pool, (char)('A' + i), (enum wsc__lane)(next(in) % WSC__LANES));
        state[i] = SUBMITTED;
    } else if (op == 1 && live) {
        wsc__xchg_cancel(&t->x);
        state[i] = CANCELED;
    } else if (op == 2 && live) {
        wsc__xchg_resume(&t->x);
    }
}

static void step(struct pool_world *w, int *state, struct input *in)
{
    uint8_t op = next(in);

    if (op < 96) {
        user_event(w, state, in, op % 3);
    } else if (op < 112) {
        w->d.now += (uint64_t)next(in) * 40;
    } else if (op < 144) {
        drv_settle(&w->d);
    } else if (w->d.nconns) {
        struct drv_conn *c = w->d.conns[next(in) % w->d.nconns];

        if (c->conn)
            peer_event(c, in, op % 7);
    }
    if (op & 1) {
        drv_flush(&w->d);
        drv_event(&w->d);
        drv_flush(&w->d);
    }
    (void)drv_take_trace(&w->d);
    check(w, state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const plain[] = { "connections-per-host", "3", NULL };
    static const char *const login[] = {
        "connections-per-host", "4", "username", "u", "password", "p", NULL
    };
    static struct pool_world w;
    struct input in = { data, size };
    int state[26] = { UNUSED }, i;
    uint8_t how;
    unsigned steps;

    if (size < 3 || size > 4096)
        return 0;
    how = next(&in);
    must(world_open(&w, how & 1 ? login : plain, NULL) == WSC_OK, "the world opens");
    w.d.auto_net = (how & 2) != 0;
    w.d.inline_written = (how & 4) != 0;
    w.d.rude = (how & 8) != 0;
    w.d.chunk = how >> 4;
    i = next(&in);
    if (i)
        w.d.mem.fail_at = w.d.mem.calls + i;
    for (steps = 0; in.left && steps < 600 && w.d.nconns < DRV_CONNS - 64; steps++)
        step(&w, state, &in);
    wsc__core_shut(w.d.core);
    drv_flush(&w.d);
    for (i = 0; i < 26; i++)
        must(state[i] != SUBMITTED || w.tx[i].ends == 1, "everything ends");
    must(world_close(&w), "no rule is broken, nothing ends twice, nothing leaks");
    return 0;
}
