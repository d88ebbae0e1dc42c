/* wsc get, set, create, delete, invoke and enumerate: on one host, or on those of a list. */
#include "config.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CODE_MOST 100 /* exit codes above mean something else */

/* --- the end of a host ------------------------------------------------------------------------ */

static void release(struct verb_job *j)
{
    struct verbs *v = j->v;

    if (v->o->stats && !v->o->json && j->client)
        report_stats(j->host, j->client);
    table_free(&j->table);
    wsc_op_unref(j->op);
    wsc_items_unref(j->items);
    wsc_client_unref(j->client);
    j->op = NULL;
    j->items = NULL;
    j->client = NULL;
    v->running -= j->running;
    j->running = false;
    v->failed += j->code != 0;
}

/* Of one host all that is known, of many a line, and the same advice once. */
static void tell(struct verb_job *j, const wsc_error *e)
{
    const struct options *o = j->v->o;
    const char *remedy = "";

    j->code = EXIT_OTHER;
    if (!j->line) {
        j->code = fail_at(o, j->host, e, o->filter);
        return;
    }
    if (o->quiet)
        return;
    fputs("wsc: ", stderr);
    brief_error(stderr, j->host, e);
    fputc('\n', stderr);
    wsc_error_get_str(e, "remedy", &remedy);
    if (*remedy && strncmp(remedy, j->v->remedy, sizeof j->v->remedy - 1) != 0)
        fprintf(stderr, "  try: %s\n", remedy);
    snprintf(j->v->remedy, sizeof j->v->remedy, "%s", remedy);
}

static void failed(struct verb_job *j, const wsc_error *e)
{
    bool canceled;

    e = e ? e : wsc_ctx_error(j->v->s.ctx);
    canceled = j->v->stopping && wsc_error_code(e) == WSC_E_CANCELED;
    if (j->items)
        show_items_end(j, canceled && !j->v->o->json ? NULL : e);
    else
        show_result(j, NULL, e);
    if (canceled)
        j->code = EXIT_OTHER;
    else
        tell(j, e);
    release(j);
}

static void refused(struct verb_job *j, const char *why)
{
    show_refused(j, WSC_E_USAGE, why);
    if (!j->v->o->quiet)
        say("line %zu: %s%s%s", j->line, in_short(j->host), *j->host ? ": " : "", why);
    j->code = EXIT_USAGE;
    release(j);
}

static void tell_return_value(struct verb_job *j, int64_t n)
{
    const struct options *o = j->v->o;
    const char *name = "";

    j->code = EXIT_OTHER;
    if (o->quiet)
        return;
    if (n > 0xffff && n <= UINT32_MAX)
        (void)wsc_code_get((int)(uint32_t)n, "name", &name);
    say("%s: %s gave ReturnValue %" PRId64 "%s%s%s, which is no success", in_short(j->host),
        in_short(o->method), n, *name ? " (" : "", name, *name ? ")" : "");
}

/* One setting of a configuration that was read. */
static void part(struct verb_job *j, const wsc_value *value)
{
    const struct options *o = j->v->o;
    const char *path = wsc_epr_inside(j->v->epr), *near;
    size_t at = 0;

    if (show_part(j, value, path))
        return;
    show_refused(j, WSC_E_NOT_FOUND, "the resource has no such setting");
    j->code = EXIT_FAULT;
    if (o->quiet)
        return;
    say("%s: the resource has no %s", in_short(j->host), in_short(path));
    near = setting_nearest(value, path, &at);
    if (!near)
        return;
    fputs("  try: ", stderr);
    clean_bytes(stderr, path, at, "");
    clean_text(stderr, near, "");
    fputc('\n', stderr);
}

static void done(struct verb_job *j)
{
    const wsc_value *value = wsc_op_value(j->op);
    int64_t n = 0;

    if (wsc_epr_inside(j->v->epr)) {
        part(j, value);
        release(j);
        return;
    }
    show_result(j, value, NULL);
    if (j->v->o->command == CMD_INVOKE && return_value(value, &n))
        tell_return_value(j, n);
    release(j);
}

/* --- the course of a host --------------------------------------------------------------------- */

static int begin(struct verb_job *j)
{
    struct verbs *v = j->v;
    const struct options *o = v->o;
    bool whole = o->replace || o->fragment;

    switch (o->command) {
    case CMD_GET:
        return wsc_get(&j->op, j->client, v->epr, NULL);
    case CMD_SET:
        return whole ? wsc_put(&j->op, j->client, v->epr, v->value, NULL)
                     : wsc_update(&j->op, j->client, v->epr, v->value, NULL);
    case CMD_CREATE:
        return wsc_create(&j->op, j->client, v->epr, v->value, NULL);
    case CMD_DELETE:
        return wsc_delete(&j->op, j->client, v->epr, NULL);
    case CMD_INVOKE:
        return wsc_invoke(&j->op, j->client, v->epr, o->method, v->value, NULL);
    default:
        return wsc_enumerate(&j->items, j->client, v->epr, NULL);
    }
}

static void start(struct verb_job *j)
{
    struct verbs *v = j->v;

    if (j->bad) {
        refused(j, j->bad);
    } else if (wsc_client_new(&j->client, v->s.ctx, j->host, v->s.identity, v->o->client) !=
                   WSC_OK ||
               begin(j) != WSC_OK) {
        failed(j, wsc_ctx_error(v->s.ctx));
    } else {
        j->running = true;
        v->running++;
    }
}

/* What still cleans up behind those that have ended counts, too. */
static void start_some(struct verbs *v)
{
    while (v->next < v->n && !v->stopping && v->running < v->parallel &&
           wsc_ctx_pending(v->s.ctx) < 4 * v->parallel && !sink_full(&v->out))
        start(&v->jobs[v->next++]);
}

/* As many as there is room for. */
static void take_items(struct verb_job *j)
{
    const wsc_value *item = NULL;
    int rc;

    while (!sink_full(&j->v->out)) {
        rc = wsc_items_next(j->items, &item, 0);
        if (rc == WSC_E_AGAIN)
            return;
        if (rc != WSC_OK) {
            failed(j, wsc_items_error(j->items));
            return;
        }
        if (!item) {
            show_items_end(j, NULL);
            release(j);
            return;
        }
        show_item(j, item);
    }
    j->v->held = true;
}

static void take(struct verbs *v)
{
    size_t i;
    int rc;

    v->held = false;
    while (v->first < v->next && !v->jobs[v->first].running)
        v->first++;
    for (i = v->first; i < v->next && v->running; i++) {
        struct verb_job *j = &v->jobs[i];

        if (!j->running)
            continue;
        if (j->items) {
            take_items(j);
            continue;
        }
        rc = wsc_op_wait(j->op, 0);
        if (rc == WSC_OK)
            done(j);
        else if (rc != WSC_E_AGAIN)
            failed(j, wsc_op_error(j->op));
    }
}

static void stop(struct verbs *v)
{
    size_t i;

    if (v->stopping)
        return;
    v->stopping = true;
    for (i = v->first; i < v->next; i++) {
        if (v->jobs[i].items)
            wsc_items_cancel(v->jobs[i].items);
        else if (v->jobs[i].op)
            wsc_op_cancel(v->jobs[i].op);
    }
    v->unstarted = v->n - v->next;
    v->next = v->n;
}

static void act(struct verbs *v)
{
    if (!v->s.ended_by)
        v->s.ended_by = signals_interrupts() ? SIGINT : signals_end();
    if (v->s.ended_by || v->out.failed)
        stop(v);
}

/* Who reads our stdout may go while nothing is written, too. */
static void wait_for_something(struct verbs *v)
{
    struct pollfd fds[2];

    memset(fds, 0, sizeof fds);
    fds[0].fd = wsc_ctx_fd(v->s.ctx);
    fds[0].events = POLLIN;
    fds[1].fd = v->out.failed ? -1 : v->out.fd;
    fds[1].events = sink_pending(&v->out) ? POLLOUT : 0;
    if (poll(fds, 2, wsc_ctx_timeout(v->s.ctx)) > 0 && (fds[1].revents & POLLERR) &&
        !sink_pending(&v->out))
        v->out.failed = EPIPE;
    wsc_ctx_step(v->s.ctx);
}

static void loop(struct verbs *v)
{
    struct progress none = { .on = false };

    for (;;) {
        take(v);
        sink_flush(&v->out, &none);
        start_some(v);
        act(v);
        if (!v->running && v->next == v->n && (v->s.ended_by || !sink_pending(&v->out)))
            break;
        if (!v->held || sink_full(&v->out))
            wait_for_something(v);
    }
}

/* --- all of it -------------------------------------------------------------------------------- */

static int prepare(struct verbs *v, const struct options *o)
{
    bool many = o->hosts_file != NULL;
    size_t i;
    int rc;

    v->o = o;
    v->n = many ? o->hosts.n : 1;
    v->parallel = many ? hosts_parallel(o) : 1;
    v->out.fd = STDOUT_FILENO;
    v->tty = isatty(STDOUT_FILENO) != 0;
    v->jobs = calloc(v->n, sizeof *v->jobs);
    v->text = open_memstream(&v->buf, &v->len);
    if (!v->jobs || !v->text || !names_read(&v->properties, o->properties)) {
        say("out of memory");
        return EXIT_LIMIT;
    }
    for (i = 0; i < v->n; i++) {
        v->jobs[i].v = v;
        v->jobs[i].host = many ? o->hosts.hosts[i].name : o->host;
        v->jobs[i].bad = many ? o->hosts.hosts[i].bad : NULL;
        v->jobs[i].line = many ? o->hosts.hosts[i].line : 0;
    }
    rc = args_epr(&v->epr, o, o->resource);
    if (rc == 0 && wsc_epr_inside(v->epr) && (o->fragment || o->format == FORMAT_XML)) {
        say("%s is of no use for one setting", o->fragment ? "--fragment" : "--format xml");
        rc = EXIT_USAGE;
    }
    return rc ? rc : args_value(&v->value, o);
}

/* As `wsc config reset` does. */
static bool restores(const struct verbs *v)
{
    static const char config[] = "http://schemas.microsoft.com/wbem/wsman/1/config";

    return strcasecmp(v->o->method, "Restore") == 0 &&
           strncasecmp(wsc_epr_uri(v->epr), config, sizeof config - 1) == 0;
}

/* Before anything is sent, for all hosts by the first one that may be one. */
static int guard(struct verbs *v)
{
    const struct options *o = v->o;
    wsc_client *client = NULL;
    const char *why = NULL;
    size_t i;

    if (o->command == CMD_INVOKE)
        return restores(v) ? cutoff_confirm_reset(o) : 0;
    if ((o->command != CMD_SET && o->command != CMD_DELETE) || o->fragment)
        return 0;
    for (i = 0; i < v->n && !client; i++)
        if (!v->jobs[i].bad)
            (void)wsc_client_new(&client, v->s.ctx, v->jobs[i].host, v->s.identity, o->client);
    if (client)
        why = resource_cuts_off(v->epr, v->value, o->command == CMD_DELETE, client);
    wsc_client_unref(client);
    return why ? cutoff_confirm(o, o->resource, why) : 0;
}

static int exit_code(const struct verbs *v)
{
    size_t bad = v->failed + v->unstarted;

    if (v->out.failed == EPIPE)
        return EXIT_SIGNAL + SIGPIPE; /* who read our output wants no more */
    if (v->out.failed) {
        say_unwritten(v->out.failed);
        return EXIT_OTHER;
    }
    if (v->s.ended_by)
        return EXIT_SIGNAL + v->s.ended_by;
    if (!v->o->hosts_file)
        return v->jobs[0].code;
    if (!v->o->quiet) {
        fprintf(stderr, "wsc: %zu host%s: %zu ok, %zu failed", v->n, v->n == 1 ? "" : "s",
                v->n - bad, v->failed);
        if (v->unstarted)
            fprintf(stderr, ", %zu not begun", v->unstarted);
        fputc('\n', stderr);
    }
    return bad < CODE_MOST ? (int)bad : CODE_MOST;
}

static void free_all(struct verbs *v)
{
    free(v->jobs);
    names_free(&v->properties);
    wsc_epr_unref(v->epr);
    wsc_value_unref(v->value);
    bytes_free(&v->out.wait);
    if (v->text)
        fclose(v->text);
    free(v->buf);
}

int cmd_verbs(const struct options *o)
{
    static struct verbs v;
    int code = prepare(&v, o);

    if (code == 0)
        code = session_start(&v.s, o);
    if (code == 0) {
        code = guard(&v);
        if (code == 0) {
            show_begin(&v);
            loop(&v);
            code = exit_code(&v);
        }
        session_close(&v.s);
    }
    free_all(&v);
    return code;
}
