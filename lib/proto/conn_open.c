/* From the first exchange of a connection to its first byte: name, addresses, TCP, TLS. */
#include "proto/conn.h"

#include "proto/pool.h"

#include <string.h>

#define ATTEMPT_DELAY_MS 250 /* RFC 8305 5: when the next address joins the race */

static int code_of(enum wsc__net net, bool connecting)
{
    switch (net) {
    case WSC__NET_DESCRIPTORS:
        return WSC_E_DESCRIPTORS;
    case WSC__NET_NO_NAME:
    case WSC__NET_TRY_AGAIN:
        return WSC_E_RESOLVE;
    case WSC__NET_REFUSED:
    case WSC__NET_UNREACHABLE:
    case WSC__NET_TIMEDOUT:
    case WSC__NET_RESET:
    case WSC__NET_OTHER:
        break;
    }
    return connecting ? WSC_E_CONNECT : WSC_E_CONNECTION_LOST;
}

/* Windows' own code for the case: its cause and remedy are what helps. */
static uint32_t hint_of(enum wsc__net net)
{
    switch (net) {
    case WSC__NET_REFUSED:
        return 0x80338112; /* ERROR_WSMAN_HTTP_SERVICE_UNAVAILABLE_STATUS */
    case WSC__NET_UNREACHABLE:
    case WSC__NET_TIMEDOUT:
        return 0x80338012; /* ERROR_WSMAN_DESTINATION_UNREACHABLE */
    case WSC__NET_NO_NAME:
        return 0x803381B9; /* ERROR_WSMAN_NAME_NOT_RESOLVED */
    default:
        return 0;
    }
}

struct wsc_error *wsc__net_error(struct wsc__conn *c, const struct wsc__event *ev,
                                 const char *doing)
{
    bool connecting = c->state < WSC__CONN_BUSY;
    const struct wsc__fault_info *hint = wsc__fault_find(hint_of(ev->net));
    struct wsc_error *e = wsc__error_new(&c->core->mem, code_of(ev->net, connecting), "%s: %s",
                                         doing, ev->text ? ev->text : "unknown error");

    if (hint && connecting) {
        wsc__error_set_str(e, WSC__ES_FAULT_NAME, hint->name);
        wsc__error_set_str(e, WSC__ES_CAUSE, hint->cause);
        wsc__error_set_str(e, WSC__ES_REMEDY, hint->remedy);
    }
    if (connecting && ev->net == WSC__NET_REFUSED && c->pool->url.tls)
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "On the server run `winrm quickconfig -transport:https` (it wants a "
                           "certificate of an authority for the server's name; docs/windows.md has "
                           "the way with one of its own), then `winrm enumerate "
                           "winrm/config/listener`, and open TCP 5986 in the firewall. Plain HTTP "
                           "listens on 5985.");
    wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, ev->text);
    wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, ev->sys);
    if (ev->net == WSC__NET_NO_NAME)
        wsc__error_set_retriable(e, false);
    return e;
}

void wsc__conn_open(struct wsc__conn *c)
{
    if (c->pool->transport) { /* it takes the name as it is */
        wsc__conn_to(c, WSC__CONN_CONNECTING);
        c->ask_connect[0] = 0;
        c->attempting[0] = true;
    } else {
        wsc__conn_to(c, WSC__CONN_RESOLVING);
        c->ask_resolve = true;
    }
    wsc__conn_dirty(c);
}

/* The families take turns, beginning with the one the resolver prefers (RFC 8305 4). */
static int take_addresses(struct wsc__conn *c, const struct wsc__addr *a, size_t n)
{
    size_t i, at[2] = { 0, 0 };
    uint8_t family = a[0].v6;

    c->addrs = wsc__zalloc_array(&c->core->mem, n, sizeof *a);
    if (!c->addrs)
        return WSC_E_NOMEM;
    for (i = 0; i < n; i++) {
        size_t *p = &at[family];

        while (*p < n && a[*p].v6 != family)
            ++*p;
        if (*p == n) { /* that family is used up */
            family = (uint8_t)!family;
            p = &at[family];
            while (*p < n && a[*p].v6 != family)
                ++*p;
        }
        c->addrs[i] = a[(*p)++];
        family = (uint8_t)!family;
    }
    c->naddrs = n;
    return WSC_OK;
}

static void try_next(struct wsc__conn *c, int slot)
{
    c->ask_connect[slot] = (int)c->next_addr++;
    c->attempting[slot] = true;
    if (c->next_addr < c->naddrs)
        wsc__timer_set(&c->core->timers, &c->attempt, c->core->now + ATTEMPT_DELAY_MS);
}

static void on_resolved(struct wsc__conn *c, const struct wsc__event *ev)
{
    c->resolving = false;
    if (!ev->naddrs) {
        wsc__conn_fail(c, wsc__net_error(c, ev, "the name cannot be resolved"));
    } else if (take_addresses(c, ev->addrs, ev->naddrs) != WSC_OK) {
        wsc__conn_fail(c, wsc__error_nomem());
    } else {
        wsc__conn_to(c, WSC__CONN_CONNECTING);
        try_next(c, 0);
    }
}

static void on_refused(struct wsc__conn *c, const struct wsc__event *ev)
{
    int other = !ev->slot;
    struct wsc_error *e;

    c->attempting[ev->slot] = false;
    wsc__error_unref(c->connect_error);
    c->connect_error = wsc__net_error(c, ev, "no connection");
    if (c->next_addr < c->naddrs) {
        c->racing_older = (uint8_t)other;
        try_next(c, ev->slot);
    } else if (!c->attempting[other]) {
        e = c->connect_error;
        c->connect_error = NULL;
        wsc__conn_fail(c, e);
    }
}

/* The racing time of the newest attempt is over: one more address; with both slots taken the older
 * attempt makes room. */
static void on_race(struct wsc__conn *c)
{
    int slot = c->attempting[0] ? 1 : 0;

    if (c->next_addr >= c->naddrs)
        return;
    if (c->attempting[slot]) {
        slot = c->racing_older;
        c->drop_slot[slot] = true;
        c->ask_connect[slot] = -1;
    }
    c->racing_older = (uint8_t)!slot;
    try_next(c, slot);
    wsc__conn_dirty(c);
}

static void on_connected(struct wsc__conn *c, int slot)
{
    int other = !slot;

    wsc__timer_clear(&c->core->timers, &c->attempt);
    c->winner = (uint8_t)slot;
    if (c->attempting[other] && c->ask_connect[other] < 0)
        c->drop_slot[other] = true;
    c->ask_connect[other] = -1;
    c->attempting[0] = c->attempting[1] = false;
    wsc__free(&c->core->mem, c->addrs);
    c->addrs = NULL;
    wsc__error_unref(c->connect_error);
    c->connect_error = NULL;
    wsc__conn_opened(c);
}

void wsc__conn_open_event(struct wsc__conn *c, const struct wsc__event *ev)
{
    if (ev->kind == WSC__EV_RESOLVED && c->state == WSC__CONN_RESOLVING)
        on_resolved(c, ev);
    else if (c->state != WSC__CONN_CONNECTING)
        return; /* the loser of the race */
    else if (ev->kind == WSC__EV_CONNECTED)
        on_connected(c, ev->slot);
    else if (ev->slot < 0)
        on_race(c);
    else
        on_refused(c, ev);
}

int wsc__conn_handshake(struct wsc__conn *c)
{
    struct wsc_error *err = NULL;
    int rc = c->tls->ops->handshake(c->tls, &err);

    if (rc != WSC_OK && rc != WSC_E_AGAIN) {
        wsc__error_set_str(err, WSC__ES_TARGET, c->pool->authority);
        wsc__conn_fail(c, err);
        return rc;
    }
    wsc__conn_flush_tls(c);
    if (c->state == WSC__CONN_CLOSED)
        return WSC_E_NOMEM;
    if (rc == WSC_OK)
        wsc__conn_send(c);
    return rc;
}

void wsc__conn_opened(struct wsc__conn *c)
{
    struct wsc__core *core = c->core;
    struct wsc_error *err = NULL;

    c->want_read = true;
    wsc__xchg_count(c->x, WSC__STAT_CONNECTIONS, 1);
    if (c->x->reconnects)
        wsc__xchg_count(c->x, WSC__STAT_RECONNECTS, 1);
    c->x->reconnects = false;
    wsc__logf(&core->log, WSC_LOG_INFO, "conn", "%s: connected%s", c->pool->authority,
              c->pool->tls ? ", TLS follows" : "");
    if (!c->pool->tls) {
        wsc__conn_send(c);
        return;
    }
    wsc__conn_to(c, WSC__CONN_HANDSHAKE);
    if (wsc__tls_client_new(&c->tls, &core->mem, c->pool->tls, c->pool->url.host, &core->log,
                            &err) != WSC_OK)
        wsc__conn_fail(c, err);
    else
        wsc__conn_handshake(c);
}
