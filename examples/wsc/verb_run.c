/* Operations on hosts: as many at once as wanted, step by step, until all have ended. */
#include "verbs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CODE_MOST 100 /* exit codes above mean something else */

/* --- the end of a host ------------------------------------------------------------------------ */

static void end_step(struct verb_job *j)
{
    wsc_op_unref(j->op);
    wsc_items_unref(j->items);
    j->op = NULL;
    j->items = NULL;
}

static void release(struct verb_job *j)
{
    struct verbs *v = j->v;

    if (v->o->stats && !v->o->json && j->client)
        report_stats(j->host, j->client);
    end_step(j);
    table_free(&j->table);
    if (j->own && j->course->clear_own)
        j->course->clear_own(j->own);
    free(j->own);
    wsc_client_unref(j->client);
    j->own = NULL;
    j->client = NULL;
    v->running -= j->running;
    j->running = false;
    v->failed += j->code != 0;
}

bool job_canceled(const struct verb_job *j, const wsc_error *e)
{
    return j->v->stopping && e && wsc_error_code(e) == WSC_E_CANCELED;
}

/* Of one host all that is known, of many a line, and the same advice once. */
void job_failed_with(struct verb_job *j, const wsc_error *e)
{
    const struct options *o = j->v->o;
    const char *remedy = "";

    j->code = EXIT_OTHER;
    if (job_canceled(j, e))
        return;
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

bool refused_alone(const wsc_error *e)
{
    int code = wsc_error_code(e);

    return code == WSC_E_FAULT || code == WSC_E_NOT_FOUND || code == WSC_E_ACCESS_DENIED ||
           code == WSC_E_UNSUPPORTED;
}

void job_refuse(struct verb_job *j, const char *why)
{
    if (!j->v->o->quiet)
        say("line %zu: %s%s%s", j->line, in_short(j->host), *j->host ? ": " : "", why);
    j->code = EXIT_USAGE;
}

/* --- the course of a host --------------------------------------------------------------------- */

static void cancel(struct verb_job *j)
{
    if (j->items)
        wsc_items_cancel(j->items);
    else if (j->op)
        wsc_op_cancel(j->op);
}

static void no_memory(struct verb_job *j)
{
    j->v->out.failed = ENOMEM;
    j->code = EXIT_LIMIT;
}

/* Behind a step that has ended. */
static int begin_next(struct verb_job *j)
{
    end_step(j);
    j->step++;
    return j->course->begin(j);
}

/* rc: that of the step's beginning. What is to end begins, too, and is canceled before anything of
 * it is sent: so that it is told as the others are. */
static void begun(struct verb_job *j, int rc)
{
    while (rc != WSC_OK) {
        if (rc == WSC_E_NOMEM) /* of our own: no error tells of it */
            no_memory(j);
        if (rc == WSC_E_NOMEM || !j->course->ended(j, wsc_ctx_error(j->v->s.ctx))) {
            release(j);
            return;
        }
        rc = begin_next(j);
    }
    if (j->v->stopping)
        cancel(j);
}

/* e: NULL = all went well. */
static void ended(struct verb_job *j, const wsc_error *e)
{
    if (j->course->ended(j, e))
        begun(j, begin_next(j));
    else
        release(j);
}

static void start(struct verb_job *j)
{
    struct verbs *v = j->v;
    int rc = WSC_E_NOMEM;

    if (j->bad) {
        j->course->refused(j, j->bad);
        release(j);
        return;
    }
    j->running = true;
    v->running++;
    j->own = calloc(1, j->course->own_size + 1);
    if (j->own)
        rc = wsc_client_new(&j->client, v->s.ctx, j->host, v->s.identity, v->o->client);
    if (rc == WSC_OK)
        rc = j->course->begin(j);
    begun(j, rc);
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

    while (j->v->stopping || !sink_full(&j->v->out)) {
        rc = wsc_items_next(j->items, &item, 0);
        if (rc == WSC_E_AGAIN)
            return;
        if (rc != WSC_OK || !item) {
            ended(j, rc == WSC_OK ? NULL : wsc_items_error(j->items));
            return;
        }
        j->count++;
        j->course->item(j, item);
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
        if (rc != WSC_E_AGAIN)
            ended(j, rc == WSC_OK ? NULL : wsc_op_error(j->op));
    }
}

void verbs_stop(struct verbs *v)
{
    size_t i;

    if (v->stopping)
        return;
    v->stopping = true;
    for (i = v->first; i < v->next; i++)
        cancel(&v->jobs[i]);
    v->unstarted = v->n - v->next;
    v->next = v->n;
}

static void act(struct verbs *v)
{
    if (!v->s.ended_by)
        v->s.ended_by = signals_ended_by();
    if (v->s.ended_by || v->out.failed)
        verbs_stop(v);
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
    if (poll(fds, 2, wsc_ctx_timeout(v->s.ctx)) > 0 && (fds[1].revents & (POLLERR | POLLHUP)) &&
        !sink_pending(&v->out))
        v->out.failed = EPIPE;
    wsc_ctx_step(v->s.ctx);
}

void verbs_loop(struct verbs *v)
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

int verbs_prepare(struct verbs *v, const struct options *o, const struct course *course,
                  const char *names)
{
    bool many = o->hosts_file != NULL;
    size_t i;

    v->o = o;
    v->n = many ? o->hosts.n : 1;
    v->parallel = many ? hosts_parallel(o) : 1;
    v->out.fd = STDOUT_FILENO;
    v->tty = isatty(STDOUT_FILENO) != 0;
    v->format = o->json ? FORMAT_JSON : o->format != FORMAT_DEFAULT ? o->format : FORMAT_TEXT;
    v->jobs = calloc(v->n + 1, sizeof *v->jobs);
    v->text = open_memstream(&v->buf, &v->len);
    if (names_read(&v->properties, o->properties ? o->properties : names))
        v->seen = calloc(v->properties.n + 1, sizeof *v->seen);
    if (!v->jobs || !v->text || !v->seen) {
        say("out of memory");
        return EXIT_LIMIT;
    }
    for (i = 0; i <= v->n; i++) {
        v->jobs[i].v = v;
        v->jobs[i].course = course;
    }
    for (i = 0; i < v->n; i++) {
        v->jobs[i].host = many ? o->hosts.hosts[i].name : o->host;
        v->jobs[i].bad = many ? o->hosts.hosts[i].bad : NULL;
        v->jobs[i].line = many ? o->hosts.hosts[i].line : 0;
    }
    return 0;
}

wsc_client *verbs_first(struct verbs *v)
{
    wsc_client *client = NULL;
    size_t i;

    for (i = 0; i < v->n && !client; i++)
        if (!v->jobs[i].bad)
            (void)wsc_client_new(&client, v->s.ctx, v->jobs[i].host, v->s.identity, v->o->client);
    return client;
}

int verbs_exit_code(const struct verbs *v)
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
                v->n - bad, v->failed - v->differ);
        if (v->differ)
            fprintf(stderr, ", %zu differ%s", v->differ, v->differ == 1 ? "s" : "");
        if (v->unstarted)
            fprintf(stderr, ", %zu not begun", v->unstarted);
        fputc('\n', stderr);
    }
    return bad < CODE_MOST ? (int)bad : CODE_MOST;
}

int verbs_run(struct verbs *v, int (*guard)(struct verbs *v), void (*before)(struct verbs *v))
{
    int code = session_start(&v->s, v->o);

    if (code)
        return code;
    code = guard ? guard(v) : 0;
    if (code == 0) {
        if (before)
            before(v);
        verbs_loop(v);
        tell_unseen(v);
        code = verbs_exit_code(v);
    }
    session_close(&v->s);
    return code;
}

void verbs_free(struct verbs *v)
{
    free(v->jobs);
    names_free(&v->properties);
    free(v->seen);
    wsc_epr_unref(v->epr);
    wsc_value_unref(v->value);
    wsc_params_unref(v->params);
    bytes_free(&v->out.wait);
    if (v->text)
        fclose(v->text);
    free(v->buf);
}
