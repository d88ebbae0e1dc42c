/* What is told of many hosts: how each one ended, how far we are, and a summary. */
#include "many.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define CODE_MOST 100 /* exit codes above mean something else */

/* --- one host --------------------------------------------------------------------------------- */

/* What f was given, as one string; NULL when memory ran out. */
static char *closed(FILE *f, char **text)
{
    bool good = f && !ferror(f);

    if (f && fclose(f) == 0 && good)
        return *text;
    free(*text);
    return NULL;
}

static void print_json(struct job *j, const wsc_error *e, int code, const char *why)
{
    bool done = j->outcome == JOB_OK || j->outcome == JOB_CODE;
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    if (f) {
        json_begin(f, j->host->name);
        fprintf(f, ", \"line\": %zu", j->host->line);
        if (done)
            fprintf(f, ", \"exit_code\": %" PRId64 ", ", j->code);
        else
            fputs(", \"exit_code\": null, ", f);
        json_bytes(f, "stdout", j->out[0].data, j->out[0].len);
        fputs(", ", f);
        json_bytes(f, "stderr", j->out[1].data, j->out[1].len);
        if (j->m->o->stats)
            json_stats(f, j->client);
        if (why)
            json_end_own(f, code, why);
        else
            json_end(f, e);
    }
    text = closed(f, &text);
    if (text)
        sink_add(&j->m->out, text, len);
    else
        j->m->out.failed = ENOMEM;
    free(text);
}

static void count(struct job *j, enum outcome outcome)
{
    struct many *m = j->m;

    if (j->outcome == JOB_RUNS)
        m->running--;
    j->outcome = outcome;
    m->ok += outcome == JOB_OK;
    m->coded += outcome == JOB_CODE;
    m->failed += outcome == JOB_FAILED;
    m->unstarted += outcome == JOB_UNSTARTED;
}

/* The last lines, what it cost, and its handles back. */
static void finish(struct job *j, const wsc_error *e, int code, const char *why)
{
    struct many *m = j->m;

    if (m->o->json) {
        print_json(j, e, code, why);
    } else if (!m->drop) {
        lines_end(&j->out[0], j->host->name, &m->out);
        lines_end(&j->out[1], j->host->name, &m->err);
    }
    if (m->o->stats && !m->o->json && j->client)
        report_stats(j->host->name, j->client);
    bytes_free(&j->out[0]);
    bytes_free(&j->out[1]);
    wsc_command_unref(j->cmd);
    wsc_client_unref(j->client);
    j->cmd = NULL;
    j->client = NULL;
}

void job_began(struct job *j)
{
    j->outcome = JOB_RUNS;
    j->m->running++;
}

void job_refused(struct job *j, enum outcome outcome, int code, const char *why)
{
    const char *name = j->host->name;
    size_t len = 0;
    FILE *f = open_memstream(&j->reason, &len);

    wsc_code_get(code, "class", &j->cls);
    if (f)
        fprintf(f, "%s%s%s", in_short(name), *name ? ": " : "", why);
    j->reason = closed(f, &j->reason);
    count(j, outcome);
    finish(j, NULL, code, why);
}

static void keep_reason(struct job *j, const wsc_error *e)
{
    const char *remedy = "";
    size_t len = 0;
    FILE *f = open_memstream(&j->reason, &len);

    if (f)
        brief_error(f, j->host->name, e);
    j->reason = closed(f, &j->reason);
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK && *remedy)
        j->remedy = strdup(remedy);
    wsc_code_get(wsc_error_code(e), "class", &j->cls);
}

void job_failed(struct job *j, const wsc_error *e)
{
    keep_reason(j, e);
    count(j, JOB_FAILED);
    finish(j, e, 0, NULL);
}

void job_ended(struct job *j)
{
    const wsc_error *e = wsc_command_error(j->cmd);

    if (e) {
        job_failed(j, e);
    } else if (wsc_command_exit_code(j->cmd, &j->code) != WSC_OK) {
        job_refused(j, JOB_FAILED, WSC_E_PROTOCOL, "the command ended without an exit code");
    } else {
        count(j, j->code ? JOB_CODE : JOB_OK);
        finish(j, NULL, 0, NULL);
    }
}

/* --- all of them ------------------------------------------------------------------------------ */

/* Our own lines take their place between those of the hosts. */
void many_notes(struct many *m)
{
    if (!m->notes || fflush(m->notes) != 0 || ftello(m->notes) <= 0)
        return;
    sink_add(&m->err, m->note, m->note_len);
    fseeko(m->notes, 0, SEEK_SET);
}

void many_progress(struct many *m)
{
    size_t done = m->ok + m->coded + m->failed + m->unstarted, n = 0;
    char text[sizeof m->progress.shown];

    if (!m->progress.on || sink_pending(&m->err) || (m->progress.beside && sink_pending(&m->out)))
        return;
    n = (size_t)snprintf(text, sizeof text, "%zu/%zu done", done, m->n);
    if (m->coded)
        n += (size_t)snprintf(text + n, sizeof text - n, ", %zu exit code != 0", m->coded);
    n += (size_t)snprintf(text + n, sizeof text - n, ", %zu failed", m->failed);
    if (m->unstarted)
        n += (size_t)snprintf(text + n, sizeof text - n, ", %zu not begun", m->unstarted);
    snprintf(text + n, sizeof text - n, ", %zu running", m->running);
    progress_draw(&m->progress, text);
}

static void tell_failed(const struct job *j)
{
    fputs("wsc: ", told());
    if (j->outcome == JOB_CODE) {
        fprintf(told(), "%s: ", j->host->name);
        show_exit_code(told(), j->code);
    } else {
        if (strcmp(j->cls, "usage") == 0)
            fprintf(told(), "line %zu: ", j->host->line);
        clean_text(told(), j->reason ? j->reason : in_short(j->host->name), "  ");
    }
    fputc('\n', told());
}

static const char *remedy_at(const void *many, size_t i)
{
    const struct many *m = many;

    return m->jobs[i].remedy ? m->jobs[i].remedy : "";
}

/* The same advice helps many: once. */
static void tell_remedy(const struct many *m, size_t at)
{
    size_t i;

    for (i = 0; i < at; i++)
        if (m->jobs[i].remedy && strcmp(m->jobs[i].remedy, m->jobs[at].remedy) == 0)
            return;
    fputs("  try: ", told());
    clean_text(told(), m->jobs[at].remedy, "    ");
    fputc('\n', told());
    report_switches(told(), remedy_at, m, at);
}

/* "2 network, 1 auth" */
static void tell_classes(const struct many *m)
{
    const char *seen[32], *comma = "";
    size_t n[32], known = 0, i, k;

    for (i = 0; i < m->n; i++) {
        if (m->jobs[i].outcome != JOB_FAILED)
            continue;
        for (k = 0; k < known && strcmp(seen[k], m->jobs[i].cls) != 0; k++)
            ;
        if (k == known && known < sizeof n / sizeof n[0]) {
            seen[known] = m->jobs[i].cls;
            n[known++] = 0;
        }
        if (k < known)
            n[k]++;
    }
    for (k = 0; k < known; k++, comma = ", ")
        fprintf(told(), "%s%zu %s", comma, n[k], seen[k]);
}

void many_summary(struct many *m)
{
    size_t i;

    if (m->o->quiet || m->out.failed == EPIPE) /* who read our output wants no more */
        return;
    for (i = 0; i < m->n; i++) {
        const struct job *j = &m->jobs[i];

        if (j->outcome == JOB_CODE || j->outcome == JOB_FAILED)
            tell_failed(j);
        if (j->remedy)
            tell_remedy(m, i);
    }
    fprintf(told(), "wsc: %zu host%s: %zu ok", m->n, m->n == 1 ? "" : "s", m->ok);
    if (m->coded)
        fprintf(told(), ", %zu exit code != 0", m->coded);
    if (m->failed) {
        fprintf(told(), ", %zu failed (", m->failed);
        tell_classes(m);
        fputc(')', told());
    }
    if (m->unstarted)
        fprintf(told(), ", %zu not begun", m->unstarted);
    fputc('\n', told());
}

int many_exit_code(const struct many *m)
{
    size_t bad = m->coded + m->failed + m->unstarted;

    if (m->out.failed == EPIPE)
        return EXIT_SIGNAL + SIGPIPE;
    if (m->out.failed || m->in.too_much)
        return EXIT_OURS;
    if (m->s.ended_by)
        return EXIT_SIGNAL + m->s.ended_by;
    return bad < CODE_MOST ? (int)bad : CODE_MOST;
}
