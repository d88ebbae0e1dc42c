/* wsc subscribe: events of a host, as they come; and where we are in them, for the next time. */
#include "subscribe.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVENT_LOG   "http://schemas.microsoft.com/wbem/wsman/1/windows/EventLog"
#define PAUSE_FIRST 500
#define PAUSE_MOST  60000

struct subscription {
    struct session s;
    const struct options *o;
    wsc_epr *epr;
    wsc_items *items;
    char *bookmark; /* behind what was shown, or NULL */
    uint64_t shown;
    int code;  /* ours, where it was not the library that failed */
    bool gone; /* nobody reads our stdout any more */
    int pause; /* ms, before the next try */
};

/* --- one event -------------------------------------------------------------------------------- */

static void show(struct subscription *l, const wsc_value *event)
{
    const struct options *o = l->o;

    if (o->json) {
        json_begin(stdout, o->host);
        value_json_named(stdout, event, NULL);
        json_end(stdout, NULL);
    } else if (o->format == FORMAT_XML) {
        if (!value_xml(stdout, event, o->pretty, isatty(STDOUT_FILENO) != 0))
            l->code = EXIT_LIMIT;
    } else {
        event_line(stdout, event);
    }
    l->shown++;
}

/* What was printed is not to come again: the file is written when it is in the pipe. */
static void keep_place(struct subscription *l)
{
    const char *now = NULL;
    char *copy;

    if (fflush(stdout) != 0) {
        l->gone = true;
        return;
    }
    if (wsc_items_get_str(l->items, "bookmark", &now) != WSC_OK || !*now ||
        (l->bookmark && strcmp(l->bookmark, now) == 0))
        return;
    copy = strdup(now);
    if (!copy) {
        say("out of memory");
        l->code = EXIT_LIMIT;
        return;
    }
    free(l->bookmark);
    l->bookmark = copy;
    if (l->o->bookmark)
        l->code = bookmark_write(l->o->bookmark, copy);
}

/* A sign of life has nothing within. */
static void take(struct subscription *l, const wsc_value *item)
{
    wsc_value *own = NULL;
    const wsc_value *event = event_of(item, &own);

    l->pause = PAUSE_FIRST;
    if (event)
        show(l, event);
    wsc_value_unref(own);
    if (l->code == 0)
        keep_place(l);
}

/* --- one subscription ------------------------------------------------------------------------- */

/* Who reads our stdout may go while no events come, too. most: ms, -1 = any time */
static void wait_for_more(struct subscription *l, int most)
{
    struct pollfd fds[2];
    int timeout = wsc_ctx_timeout(l->s.ctx);

    if (most >= 0 && (timeout < 0 || timeout > most))
        timeout = most;
    memset(fds, 0, sizeof fds);
    fds[0].fd = wsc_ctx_fd(l->s.ctx);
    fds[0].events = POLLIN;
    fds[1].fd = STDOUT_FILENO;
    if (poll(fds, 2, timeout) > 0 && (fds[1].revents & (POLLERR | POLLHUP))) {
        errno = EPIPE;
        l->gone = true;
    }
    wsc_ctx_step(l->s.ctx);
}

static bool stopped(struct subscription *l)
{
    l->s.ended_by = signals_ended_by();
    return l->s.ended_by || l->code || l->gone || (l->o->count && l->shown >= l->o->count);
}

/* WSC_OK: it is to end. Else why it has ended. */
static int follow(struct subscription *l)
{
    const wsc_value *item = NULL;
    int rc;

    for (;;) {
        if (stopped(l))
            return WSC_OK;
        rc = wsc_items_next(l->items, &item, 0);
        if (rc == WSC_OK && !item)
            return WSC_E_ABORTED; /* it has no end of its own */
        if (rc == WSC_OK)
            take(l, item);
        else if (rc == WSC_E_AGAIN)
            wait_for_more(l, -1);
        else
            return rc;
    }
}

static int begin(struct subscription *l)
{
    wsc_params *p = NULL;
    int rc = wsc_params_new(&p);

    if (rc == WSC_OK && l->bookmark)
        rc = wsc_params_set_str(p, "bookmark", l->bookmark);
    /* the place is told behind an answer, not within it */
    if (rc == WSC_OK && l->o->count && l->o->bookmark)
        rc = wsc_params_set_int(p, "max-elements", 1);
    if (rc == WSC_OK)
        rc = wsc_subscribe(&l->items, l->s.client, l->epr, p);
    wsc_params_unref(p);
    return rc;
}

/* --- again ------------------------------------------------------------------------------------ */

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The server has ended it, or forgotten it. */
static bool is_lost(const wsc_error *e)
{
    static const char *const names[] = {
        "ERROR_WSMAN_SUBSCRIPTION_CLOSED",
        "ERROR_WSMAN_SUBSCRIPTION_CLIENT_DID_NOT_CALL_WITHIN_HEARTBEAT",
        "ERROR_WSMAN_SUBSCRIPTION_NO_HEARTBEAT", "ERROR_WSMAN_ENUMERATE_INVALID_ENUMERATION_CONTEXT"
    };
    int64_t fault = 0;
    size_t i;
    int code;

    if (wsc_error_code(e) == WSC_E_ABORTED)
        return true;
    wsc_error_get_int(e, "fault-code", &fault);
    for (i = 0; fault && i < sizeof names / sizeof *names; i++) {
        if (wsc_code_find(names[i], &code) == WSC_OK && (uint32_t)code == (uint32_t)fault)
            return true;
    }
    return false;
}

/* One that was there and is lost; or what the library takes to be worth another try. */
static bool worth_another(const struct subscription *l, const wsc_error *e)
{
    const char *context = NULL, *class = "";
    bool was_there = l->items && wsc_items_get_str(l->items, "context", &context) == WSC_OK;
    int code = wsc_error_code(e);
    int64_t retriable = 0;

    wsc_error_get_int(e, "retriable", &retriable);
    wsc_error_get_str(e, "class", &class);
    if (code == WSC_E_NOMEM || code == WSC_E_USAGE || code == WSC_E_OPTION || code == WSC_E_AUTH ||
        code == WSC_E_ACCESS_DENIED || code == WSC_E_TLS_VERIFY)
        return false;
    return was_there || l->shown || retriable || is_lost(e) || strcmp(class, "network") == 0;
}

/* False: a signal came. */
static bool rest(struct subscription *l, const wsc_error *e)
{
    int64_t until = now_ms() + l->pause, left;

    if (!l->o->quiet) {
        fputs("wsc: ", stderr);
        brief_error(stderr, l->o->host, e);
        fprintf(stderr, "\n  again in %d.%d s\n", l->pause / 1000, l->pause % 1000 / 100);
    }
    l->pause = l->pause < PAUSE_MOST / 2 ? l->pause * 2 : PAUSE_MOST;
    wsc_items_unref(l->items);
    l->items = NULL;
    while (!stopped(l) && (left = until - now_ms()) > 0)
        wait_for_more(l, (int)left);
    return !stopped(l);
}

/* --- all of it -------------------------------------------------------------------------------- */

int subscribe_epr(wsc_epr **out, const struct options *o)
{
    int rc = o->filter && *o->filter == '@' ? filter_read(o) : 0;

    if (rc == 0)
        rc = args_epr(out, o, o->resource ? o->resource : EVENT_LOG);
    if (rc == 0 && !o->filter && strcmp(wsc_epr_uri(*out), EVENT_LOG) == 0) {
        say("--filter is missing: which events?");
        fputs("  try: --filter System, another channel, or a QueryList in XML\n", stderr);
        rc = EXIT_USAGE;
    }
    return rc;
}

static int prepare(struct subscription *l)
{
    const struct options *o = l->o;
    int rc = o->bookmark ? bookmark_read(&l->bookmark, o->bookmark) : 0;

    if (rc == 0 && o->bookmark)
        rc = bookmark_check(o->bookmark);
    return rc ? rc : subscribe_epr(&l->epr, o);
}

static int ended(struct subscription *l, const wsc_error *e)
{
    const struct options *o = l->o;
    int code;

    if (o->json && (e || o->stats)) {
        json_begin(stdout, o->host);
        fprintf(stdout, ", \"value\": null, \"items\": %" PRIu64, l->shown);
        if (o->stats)
            json_stats(stdout, l->s.client);
        json_end(stdout, e);
    }
    if (o->format == FORMAT_XML && !e)
        fputs(RESULTS_END, stdout);
    if (l->gone && errno == EPIPE)
        return EXIT_SIGNAL + SIGPIPE; /* who read our output wants no more */
    if (l->s.ended_by) {
        (void)finish_stdout();
        return EXIT_SIGNAL + l->s.ended_by;
    }
    if (l->code || !e) {
        code = finish_stdout();
        return l->code ? l->code : code;
    }
    return fail_at(o, o->host, e, o->filter && *o->filter != '@' ? o->filter : NULL);
}

static int run(struct subscription *l)
{
    const wsc_error *e = NULL;
    bool again;
    int rc;

    if (l->o->format == FORMAT_XML)
        fputs(RESULTS_BEGIN, stdout);
    for (;;) {
        rc = begin(l);
        if (rc == WSC_OK)
            rc = follow(l);
        if (rc == WSC_OK || stopped(l))
            break;
        e = l->items ? wsc_items_error(l->items) : NULL;
        e = e ? e : wsc_ctx_error(l->s.ctx);
        if (!l->o->retry || !worth_another(l, e))
            break;
        again = rest(l, e);
        e = NULL; /* it went with the items */
        if (!again)
            break;
    }
    return ended(l, l->s.ended_by || rc == WSC_OK ? NULL : e);
}

int cmd_subscribe(const struct options *o)
{
    struct subscription l = { .o = o, .pause = PAUSE_FIRST };
    int code = prepare(&l);

    if (code == 0)
        code = session_open(&l.s, o);
    if (code == 0) {
        code = run(&l);
        if (o->stats && !o->json)
            report_stats(o->host, l.s.client);
        wsc_items_unref(l.items); /* Unsubscribe, in the background */
        session_close(&l.s);
    }
    wsc_epr_unref(l.epr);
    free(l.bookmark);
    return code;
}
