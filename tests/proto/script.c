#include "script.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct drv *drv_world;

int drv_fill_random(void *buf, size_t len, void *ud)
{
    struct drv *d = ud;
    uint8_t *p = buf;

    while (len--)
        *p++ = (uint8_t)(test_random(&d->random) >> 23);
    return WSC_OK;
}

void drv_bytes_add(struct drv_bytes *b, const void *data, size_t len)
{
    if (b->at == b->len)
        b->at = b->len = 0;
    if (b->len + len > b->cap) {
        b->cap = 2 * (b->len + len) + 256;
        b->p = realloc(b->p, b->cap);
        if (!b->p)
            abort();
    }
    if (len)
        memcpy(b->p + b->len, data, len);
    b->len += len;
}

/* --- the world -------------------------------------------------------------------------------- */

void drv_init(struct drv *d, long mem_fail)
{
    memset(d, 0, sizeof *d);
    test_mem_init(&d->mem, mem_fail);
    d->now = 1000;
    d->random = 1;
    d->break_at = d->cut_up = d->cut_down = -1;
    drv_world = d;
}

static void ignore_log(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)level;
    (void)component;
    (void)msg;
    (void)len;
    (void)ud;
}

int drv_core(struct drv *d)
{
    const struct wsc__rng rng = { drv_fill_random, d };
    int rc = wsc__core_new(&d->core, &d->mem.mem, &rng);

    if (rc != WSC_OK)
        return rc;
    d->core->now = d->now;
    d->core->log.level = WSC_LOG_TRACE; /* what is formatted is exercised, too */
    d->core->log.fn = ignore_log;
    return WSC_OK;
}

/* Every state followed another as states.def has it. */
void drv_check_states(struct drv *d, const struct wsc__core *core)
{
    const struct wsc__machine *m = core->strange.machine;

    if (m && !*d->broken)
        snprintf(d->broken, sizeof d->broken, "%s: %s -> %s is not in states.def", m->name,
                 m->states[core->strange.from], m->states[core->strange.to]);
}

bool drv_free(struct drv *d)
{
    size_t i;

    if (d->core) {
        wsc__core_shut(d->core);
        drv_flush(d);
        drv_check_states(d, d->core);
        wsc__core_unref(d->core);
        d->core = NULL;
    }
    for (i = 0; i < d->nconns; i++) {
        if (d->conns[i]->conn && !*d->broken)
            snprintf(d->broken, sizeof d->broken, "connection %zu was never closed", i);
        if (d->conns[i]->tls)
            d->tls->drop(d->conns[i]);
        free(d->conns[i]->sent.p);
        free(d->conns[i]->in.p);
        free(d->conns[i]);
    }
    d->nconns = 0;
    if (drv_world == d)
        drv_world = NULL;
    if (*d->broken)
        printf("# the core did wrong: %s\n", d->broken);
    if (d->mem.live)
        printf("# %ld blocks leaked\n", d->mem.live);
    return !*d->broken && !d->mem.live;
}

void drv_tell(struct drv *d, const char *fmt, ...)
{
    size_t room = sizeof d->trace - d->trace_len;
    va_list ap;
    int n;

    if (room < 2)
        return;
    if (d->trace_len)
        d->trace[d->trace_len++] = ' ';
    va_start(ap, fmt);
    n = vsnprintf(d->trace + d->trace_len, room - 1, fmt, ap);
    va_end(ap);
    d->trace_len += n < 0 ? 0 : (size_t)n >= room - 1 ? room - 2 : (size_t)n;
}

const char *drv_take_trace(struct drv *d)
{
    d->trace[d->trace_len] = '\0';
    d->trace_len = 0;
    return d->trace;
}

static void breach(struct drv_conn *c, const char *what)
{
    if (!*c->d->broken)
        snprintf(c->d->broken, sizeof c->d->broken, "connection %u: %s", c->id, what);
}

/* --- requests --------------------------------------------------------------------------------- */

static size_t content_length(const char *head)
{
    const char *p = strstr(head, "Content-Length: ");

    return p ? strtoul(p + 16, NULL, 10) : 0;
}

static void read_requests(struct drv_conn *c)
{
    while (c->d->serve && c->conn) {
        size_t n = c->sent.len - c->sent.at, body = 0, head;
        const char *end, *p = (const char *)c->sent.p + c->sent.at;
        struct drv_request r;
        char *copy;

        if (!n)
            return;
        copy = malloc(n + 2);
        if (!copy)
            abort();
        memcpy(copy, p, n);
        copy[n] = '\0';
        end = strstr(copy, "\r\n\r\n");
        head = end ? (size_t)(end - copy) + 4 : 0;
        if (head)
            body = content_length(copy);
        if (!head || n < head + body) {
            free(copy);
            return;
        }
        c->sent.at += head + body;
        memmove(copy + head + 1, copy + head, n - head + 1);
        copy[head] = '\0';
        copy[head + 1 + body] = '\0';
        r.head = copy;
        r.body = copy + head + 1;
        r.body_len = body;
        c->d->serve(c, &r, c->d->ud);
        free(copy);
    }
}

/* --- actions ---------------------------------------------------------------------------------- */

static struct drv_conn *conn_of(struct drv *d, struct wsc__conn *conn)
{
    struct drv_conn *c = conn->io;

    if (c)
        return c;
    if (d->nconns == DRV_CONNS)
        abort();
    c = calloc(1, sizeof *c);
    if (!c)
        abort();
    c->d = d;
    c->conn = conn;
    c->id = (unsigned)d->nconns;
    d->conns[d->nconns++] = c;
    conn->io = c;
    return c;
}

static void tear(struct drv_conn *c)
{
    c->torn = true;
    c->in.at = c->in.len;
    c->endless = NULL;
    c->due = 0;
    c->end = c->d->cut_how;
}

bool drv_take(struct drv_conn *c, const void *data, size_t len, size_t *n)
{
    struct drv *d = c->d;

    *n = len;
    if (c->torn)
        return d->cut_how == DRV_EOF; /* nobody reads it, and nobody says so */
    if (d->cut_up >= 0 && len > (size_t)d->cut_up - d->up) {
        *n = (size_t)d->cut_up - d->up;
        d->cut_up = -1;
        tear(c);
    }
    d->up += *n;
    if (d->tls)
        d->tls->take(c, data, *n);
    else
        drv_bytes_add(&c->sent, data, *n);
    read_requests(c);
    return !c->torn || d->cut_how == DRV_EOF;
}

/* So many of n bytes may still be read before the cut; it comes after them. */
static size_t uncut(struct drv_conn *c, size_t n)
{
    struct drv *d = c->d;

    if (d->cut_down < 0 || n <= (size_t)d->cut_down - d->down) {
        d->down += n;
        return n;
    }
    n = (size_t)d->cut_down - d->down;
    d->down += n;
    d->cut_down = -1;
    return n;
}

size_t drv_give(struct drv_conn *c, void *buf, size_t cap)
{
    size_t n = c->in.len - c->in.at, m = n < cap ? n : cap;

    n = uncut(c, m);
    if (n)
        memcpy(buf, c->in.p + c->in.at, n);
    c->in.at += n;
    if (n < m)
        tear(c);
    return n;
}

static void on_write(struct drv_conn *c, struct wsc__action *a)
{
    size_t n;
    bool good;

    if (!c->open)
        breach(c, "WRITE without a connection");
    if (c->writing)
        breach(c, "WRITE before the last one was WRITTEN");
    if (!a->buf.len)
        breach(c, "WRITE of nothing");
    c->writing = true;
    good = drv_take(c, wsc__buf_data(&a->buf), a->buf.len, &n);
    wsc__buf_free(&a->buf);
    if (good && c->d->inline_written)
        drv_written(c);
}

static void on_close(struct drv_conn *c)
{
    if (c->resolving)
        breach(c, "CLOSE with a look-up under way");
    if (c->job)
        breach(c, "CLOSE with a job under way");
    c->conn->io = NULL;
    c->conn = NULL;
}

static void feed_bytes(struct drv_conn *c);
static void feed_end(struct drv_conn *c);

static void act(struct drv *d, struct wsc__action *a)
{
    struct drv_conn *c = conn_of(d, a->conn);

    switch (a->kind) {
    case WSC__ACT_RESOLVE:
        drv_tell(d, "%u:resolve", c->id);
        if (c->resolving)
            breach(c, "RESOLVE twice");
        c->resolving = true;
        break;
    case WSC__ACT_CANCEL_RESOLVE:
        drv_tell(d, "%u:unresolve", c->id);
        c->resolving = false; /* the answer may have come while the action waited */
        break;
    case WSC__ACT_CONNECT:
        drv_tell(d, "%u:connect%d=%u", c->id, a->slot, a->addr.bytes[0]);
        if (c->slot[a->slot] != DRV_FREE)
            breach(c, "CONNECT on a slot in use");
        c->slot[a->slot] = DRV_TRYING;
        c->connecting[a->slot] = true;
        break;
    case WSC__ACT_CLOSE_SLOT:
        drv_tell(d, "%u:drop%d", c->id, a->slot);
        if (c->slot[a->slot] == DRV_FREE)
            breach(c, "CLOSE_SLOT of a free slot");
        if (c->open && c->winner == a->slot)
            breach(c, "CLOSE_SLOT of the winner");
        c->slot[a->slot] = DRV_FREE;
        c->connecting[a->slot] = false;
        break;
    case WSC__ACT_READ_START:
        drv_tell(d, "%u:read", c->id);
        if (!c->open || c->reading)
            breach(c, "READ_START when reading or not open");
        c->reading = true;
        break;
    case WSC__ACT_READ_STOP:
        drv_tell(d, "%u:stop", c->id);
        if (!c->reading)
            breach(c, "READ_STOP when not reading");
        c->reading = false;
        break;
    case WSC__ACT_LOOK:
        drv_tell(d, "%u:look", c->id);
        if (!c->reading)
            breach(c, "LOOK when not reading");
        if (c->in.at < c->in.len)
            feed_bytes(c);
        else if (c->end != DRV_GOES_ON && !c->ended)
            feed_end(c);
        break;
    case WSC__ACT_WRITE:
        drv_tell(d, "%u:write", c->id);
        on_write(c, a);
        break;
    case WSC__ACT_RUN_JOB:
        drv_tell(d, "%u:job", c->id);
        if (c->job)
            breach(c, "RUN_JOB twice");
        c->job = a->job;
        break;
    case WSC__ACT_CANCEL_JOB:
        drv_tell(d, "%u:unjob", c->id);
        c->job = NULL; /* it may have ended while the action waited */
        break;
    case WSC__ACT_CLOSE:
        drv_tell(d, "%u:close", c->id);
        on_close(c);
        break;
    }
}

/* The action is taken, and goes wrong at once. */
static void break_action(struct drv *d, struct wsc__action *a)
{
    struct drv_conn *c = conn_of(d, a->conn);

    if (a->kind == WSC__ACT_RESOLVE) {
        c->resolving = true;
        drv_resolved(c, "");
    } else if (a->kind == WSC__ACT_CONNECT) {
        c->slot[a->slot] = DRV_TRYING;
        drv_refused(c, a->slot, WSC__NET_REFUSED);
    } else if (a->kind == WSC__ACT_WRITE || a->kind == WSC__ACT_READ_START) {
        act(d, a);
        if (!c->conn)
            return;
        c->in.at = c->in.len;
        c->end = d->break_how;
        if (d->break_how == DRV_RESET)
            drv_broken(c);
    } else {
        act(d, a);
    }
}

void drv_flush(struct drv *d)
{
    struct wsc__action a;

    wsc__core_tick(d->core, d->now);
    memset(&a, 0, sizeof a);
    while (wsc__core_next_action(d->core, &a)) {
        if (d->actions++ == d->break_at)
            break_action(d, &a);
        else
            act(d, &a);
    }
    if (d->after)
        d->after(d, d->ud);
}

/* --- events ----------------------------------------------------------------------------------- */

static void feed(struct drv_conn *c, struct wsc__event *ev)
{
    if (!c->conn)
        return;
    c->d->core->now = c->d->now;
    wsc__conn_feed(c->conn, ev);
}

void drv_resolved(struct drv_conn *c, const char *families)
{
    struct wsc__addr addrs[16];
    struct wsc__event ev;
    size_t i;

    memset(&ev, 0, sizeof ev);
    memset(addrs, 0, sizeof addrs);
    for (i = 0; i < 16 && families[i]; i++) {
        addrs[i].bytes[0] = (uint8_t)i;
        addrs[i].len = 16;
        addrs[i].v6 = families[i] == '6';
    }
    ev.kind = WSC__EV_RESOLVED;
    ev.addrs = addrs;
    ev.naddrs = i;
    ev.net = WSC__NET_NO_NAME;
    ev.text = "no such name";
    c->resolving = false;
    feed(c, &ev);
}

void drv_connected(struct drv_conn *c, int slot)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_CONNECTED;
    ev.slot = slot;
    c->slot[slot] = DRV_OPEN;
    c->connecting[slot] = false;
    c->open = true;
    c->winner = slot;
    feed(c, &ev);
}

void drv_refused(struct drv_conn *c, int slot, enum wsc__net net)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_REFUSED;
    ev.slot = slot;
    ev.net = net;
    ev.sys = -111;
    ev.text = "connection refused";
    c->slot[slot] = DRV_FREE; /* io has closed the socket */
    c->connecting[slot] = false;
    feed(c, &ev);
}

void drv_written(struct drv_conn *c)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_WRITTEN;
    c->writing = false;
    feed(c, &ev);
}

void drv_broken(struct drv_conn *c)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_ERROR;
    ev.net = WSC__NET_RESET;
    ev.sys = -104;
    ev.text = "connection reset by peer";
    c->ended = true;
    c->reading = false;
    feed(c, &ev);
}

void drv_reply(struct drv_conn *c, const void *data, size_t len)
{
    c->in_fed = 0;
    c->due = c->drip_ms = 0;
    if (c->torn)
        return;
    if (c->d->tls)
        c->d->tls->give(c, data, len);
    else
        drv_bytes_add(&c->in, data, len);
    if (c->d->told)
        c->d->told(c);
}

void drv_reply_slow(struct drv_conn *c, uint64_t after_ms, uint64_t drip_ms)
{
    c->due = c->d->now + after_ms;
    c->drip_ms = drip_ms;
}

void drv_reply_endless(struct drv_conn *c, const char *again)
{
    c->endless = again;
}

void drv_reply_end(struct drv_conn *c, enum drv_end how)
{
    c->end = how;
}

static void feed_bytes(struct drv_conn *c)
{
    struct drv *d = c->d;
    size_t n = c->in.len - c->in.at, all;
    struct wsc__event ev;
    uint8_t *copy;

    if (d->chunk && n > d->chunk)
        n = d->chunk;
    if (c->drip_ms) {
        n = 1;
        c->due = d->now + c->drip_ms;
    }
    if (c->in_fed < d->split && n > d->split - c->in_fed)
        n = d->split - c->in_fed;
    all = n;
    n = uncut(c, n);
    if (n < all && !n) {
        tear(c);
        feed_end(c);
        return;
    }
    copy = malloc(n); /* of its own, so that a byte too far is seen */
    if (!copy)
        abort();
    memcpy(copy, c->in.p + c->in.at, n);
    c->in.at += n;
    c->in_fed += n;
    if (n < all)
        tear(c);
    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_BYTES;
    ev.data = copy;
    ev.len = n;
    feed(c, &ev);
    free(copy);
    if (c->conn && !wsc__conn_reads_on(c->conn))
        c->reading = false;
}

static void feed_end(struct drv_conn *c)
{
    struct wsc__event ev;

    if (c->end == DRV_RESET) {
        drv_broken(c);
        return;
    }
    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_EOF;
    c->ended = true;
    c->reading = false;
    feed(c, &ev);
    if (c->conn) /* io has stopped reading by itself */
        (void)wsc__conn_reads_on(c->conn);
}

#define ENDLESS_PIECE 1200000 /* more than anybody reads in vain */

static bool listens(const struct drv_conn *c)
{
    return c->conn && c->open && !c->ended && (c->reading || c->d->rude);
}

static void job_over(struct drv *d, struct wsc__job *job)
{
    struct wsc__event ev;
    size_t i;

    job->given = true;
    job->ops->run(job);
    job->ops->finish(job, true);
    job->ops->free(job);
    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_JOB_DONE;
    for (i = 0; i < d->nconns; i++) {
        struct drv_conn *c = d->conns[i];

        if (c->job == job && c->conn) {
            c->job = NULL;
            feed(c, &ev);
        }
    }
}

bool drv_job(struct drv *d)
{
    size_t i;

    for (i = 0; i < d->nconns; i++) {
        if (d->conns[i]->job) {
            job_over(d, d->conns[i]->job);
            return true;
        }
    }
    return false;
}

static bool one_event(struct drv_conn *c)
{
    struct drv *d = c->d;
    int i;

    if (!c->conn)
        return false;
    if (d->auto_net && c->job && !d->hold_jobs) {
        job_over(d, c->job);
        return true;
    }
    if (d->auto_net && c->resolving) {
        drv_resolved(c, "4");
        return true;
    }
    for (i = 0; d->auto_net && i < 2; i++) {
        if (c->connecting[i]) {
            drv_connected(c, i);
            return true;
        }
    }
    if (d->auto_net && c->writing) {
        if (c->torn && c->end == DRV_RESET && !c->ended)
            drv_broken(c);
        else
            drv_written(c);
        return true;
    }
    if (!listens(c) || d->now < c->due)
        return false;
    if (c->in.at == c->in.len && c->endless) {
        while (c->in.len - c->in.at < ENDLESS_PIECE)
            drv_bytes_add(&c->in, c->endless, strlen(c->endless));
    }
    if (c->in.at < c->in.len) {
        feed_bytes(c);
        return true;
    }
    if (c->end != DRV_GOES_ON) {
        feed_end(c);
        return true;
    }
    return false;
}

bool drv_event(struct drv *d)
{
    size_t i;

    for (i = 0; i < d->nconns; i++) {
        struct drv_conn *c = d->conns[(d->turn + i) % d->nconns];

        if (one_event(c)) {
            d->turn = (size_t)c->id + 1;
            return true;
        }
    }
    return false;
}

int64_t drv_timeout(struct drv *d)
{
    int64_t wait = wsc__core_timeout(d->core);
    size_t i;

    for (i = 0; i < d->nconns; i++) {
        const struct drv_conn *c = d->conns[i];

        if (c->due <= d->now || !listens(c) ||
            (c->in.at == c->in.len && !c->endless && c->end == DRV_GOES_ON))
            continue;
        if (wait < 0 || (uint64_t)wait > c->due - d->now)
            wait = (int64_t)(c->due - d->now);
    }
    return wait;
}

void drv_settle(struct drv *d)
{
    do
        drv_flush(d);
    while (drv_event(d));
}

void drv_until(struct drv *d, uint64_t at)
{
    for (;;) {
        int64_t wait;

        drv_settle(d);
        wait = drv_timeout(d);
        if (wait < 0 || d->now + (uint64_t)wait > at)
            break;
        d->now += (uint64_t)wait;
    }
    if (at > d->now)
        d->now = at;
    drv_settle(d);
}
