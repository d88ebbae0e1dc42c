/* wsc run --hosts: begins them, as many at once as wanted, and goes on until all have ended. */
#include "many.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEEP_LIMIT 8388608 /* --json holds all output of a host in memory */

/* --- what the library tells ------------------------------------------------------------------- */

static size_t on_output(wsc_command *cmd, int stream, const void *data, size_t len, void *user_data)
{
    struct job *j = user_data;
    struct many *m = j->m;
    struct bytes *own = &j->out[stream == WSC_STDERR];
    struct sink *to = stream == WSC_STDERR ? &m->err : &m->out;
    size_t taken;

    (void)cmd;
    if (m->drop)
        return len;
    if (m->o->json) {
        if (!bytes_add(own, data, len))
            m->out.failed = ENOMEM;
        return len;
    }
    taken = lines_take(own, j->host->name, to, data, len);
    j->paused = taken < len;
    m->paused |= j->paused;
    return taken;
}

static void on_writable(wsc_command *cmd, void *user_data)
{
    (void)cmd;
    job_input(user_data);
}

static void on_exit_code(wsc_command *cmd, int status, void *user_data)
{
    struct job *j = user_data;

    (void)cmd;
    (void)status;
    *j->m->last_ended = j;
    j->m->last_ended = &j->next_ended;
}

static void take_ended(struct many *m)
{
    struct job *j = m->ended, *next;

    m->ended = NULL;
    m->last_ended = &m->ended;
    for (; j; j = next) {
        next = j->next_ended;
        job_ended(j);
    }
}

/* --- beginning -------------------------------------------------------------------------------- */

static int start_command(struct job *j)
{
    const struct options *o = j->m->o;
    wsc_params *p = NULL;
    const char *layer = "";
    int rc = WSC_OK;

    if (o->json && wsc_client_option(j->client, NULL, "received-limit", NULL, &layer) == WSC_OK &&
        strcmp(layer, "default") == 0) {
        rc = wsc_params_new(&p);
        if (rc == WSC_OK)
            rc = wsc_params_set_int(p, "received-limit", KEEP_LIMIT);
    }
    if (rc == WSC_OK)
        rc = wsc_client_run(&j->cmd, j->client, o->argv[0], (const char *const *)(o->argv + 1),
                            o->argc - 1, p);
    wsc_params_unref(p);
    if (rc == WSC_OK)
        rc = wsc_command_on_output(j->cmd, on_output, j, NULL);
    if (rc == WSC_OK)
        rc = wsc_command_on_writable(j->cmd, on_writable, j, NULL);
    if (rc == WSC_OK)
        rc = wsc_command_on_exit(j->cmd, on_exit_code, j, NULL);
    return rc;
}

static void start(struct job *j)
{
    struct many *m = j->m;

    if (j->host->bad) {
        job_refused(j, JOB_FAILED, WSC_E_USAGE, j->host->bad);
    } else if (wsc_client_new(&j->client, m->s.ctx, j->host->name, m->s.identity, m->o->client) !=
                   WSC_OK ||
               start_command(j) != WSC_OK) {
        job_failed(j, wsc_ctx_error(m->s.ctx));
    } else {
        job_began(j);
        job_input(j);
    }
}

/* What still cleans up behind those that have ended counts, too. */
static void start_some(struct many *m)
{
    while (m->next < m->n && !m->stopping && m->running < m->parallel &&
           wsc_ctx_pending(m->s.ctx) < 4 * m->parallel && !sink_full(&m->out))
        start(&m->jobs[m->next++]);
}

static void stop_starting(struct many *m)
{
    m->stopping = true;
    for (; m->next < m->n; m->next++)
        job_refused(&m->jobs[m->next], JOB_UNSTARTED, WSC_E_CANCELED, "not begun");
}

/* --- ending ----------------------------------------------------------------------------------- */

static void end_all(struct many *m)
{
    size_t i, n = m->next;

    m->drop = true;
    stop_starting(m);
    for (i = 0; i < n; i++)
        if (m->jobs[i].outcome == JOB_RUNS)
            wsc_command_cancel(m->jobs[i].cmd);
}

/* The first Ctrl+C goes to the commands; those that cannot get it end. */
static void interrupt_all(struct many *m)
{
    size_t i, n = m->next, running = m->running;

    stop_starting(m);
    for (i = 0; i < n; i++)
        if (m->jobs[i].outcome == JOB_RUNS &&
            wsc_command_signal(NULL, m->jobs[i].cmd, "ctrl-c") != WSC_OK)
            wsc_command_cancel(m->jobs[i].cmd);
    if (!m->o->quiet)
        say("Ctrl+C is sent to %zu command%s, no further host begins; once more ends them", running,
            running == 1 ? "" : "s");
}

static void act_on_signals(struct many *m)
{
    if (m->s.ended_by)
        return;
    if (signals_end())
        m->s.ended_by = signals_end();
    while (m->s.interrupts < signals_interrupts() && !m->s.ended_by) {
        if (m->s.interrupts++ > 0 || (!m->running && m->next == m->n))
            m->s.ended_by = SIGINT;
        else
            interrupt_all(m);
    }
    if (m->s.ended_by)
        end_all(m);
}

/* Our stdout is gone, or our stdin is more than we keep. */
static void act_on_failures(struct many *m)
{
    if (m->drop || (!m->out.failed && !m->in.too_much))
        return;
    if (m->in.too_much && !m->o->quiet)
        say("stdin: more than 64 MiB cannot be given to many hosts");
    else if (m->out.failed && m->out.failed != EPIPE && !m->o->quiet)
        say_unwritten(m->out.failed);
    end_all(m);
}

/* --- the loop --------------------------------------------------------------------------------- */

static void flush(struct many *m)
{
    size_t i;

    many_notes(m);
    sink_flush(&m->out, &m->progress);
    sink_flush(&m->err, &m->progress);
    if (!m->paused || sink_full(&m->out) || sink_full(&m->err))
        return;
    m->paused = false;
    for (i = 0; i < m->next; i++) {
        struct job *j = &m->jobs[i];

        if (j->paused && j->outcome == JOB_RUNS) {
            j->paused = false;
            wsc_command_resume(j->cmd);
        }
    }
}

static void wait_for_something(struct many *m)
{
    struct pollfd fds[4];

    memset(fds, 0, sizeof fds);
    fds[0].fd = wsc_ctx_fd(m->s.ctx);
    fds[1].fd = many_input_fd(m);
    fds[2].fd = sink_pending(&m->out) ? STDOUT_FILENO : -1;
    fds[3].fd = sink_pending(&m->err) ? STDERR_FILENO : -1;
    fds[0].events = fds[1].events = POLLIN;
    fds[2].events = fds[3].events = POLLOUT;
    if (poll(fds, 4, wsc_ctx_timeout(m->s.ctx)) < 0)
        fds[1].revents = 0; /* a signal */
    if (fds[1].revents)
        many_input_read(m);
    wsc_ctx_step(m->s.ctx);
}

static void loop(struct many *m)
{
    for (;;) {
        flush(m);
        start_some(m);
        act_on_failures(m);
        many_progress(m);
        if (!m->running && m->next == m->n &&
            (m->s.ended_by || (!sink_pending(&m->out) && !sink_pending(&m->err))))
            break;
        wait_for_something(m);
        act_on_signals(m);
        take_ended(m);
    }
}

/* Who ends us by a signal gets what of it goes at once. */
static void tell_summary(struct many *m)
{
    many_summary(m);
    for (;;) {
        flush(m);
        if (!sink_pending(&m->err) || m->s.ended_by)
            break;
        wait_for_something(m);
        act_on_signals(m);
    }
    progress_erase(&m->progress, STDERR_FILENO);
}

static bool prepare(struct many *m, const struct options *o)
{
    size_t i;

    m->o = o;
    m->n = o->hosts.n;
    m->parallel = hosts_parallel(o);
    m->last_ended = &m->ended;
    m->out.fd = STDOUT_FILENO;
    m->err.fd = STDERR_FILENO;
    m->in.open = !o->no_stdin && strcmp(o->hosts_file, "-") != 0 && !isatty(STDIN_FILENO);
    m->jobs = calloc(m->n, sizeof *m->jobs);
    m->notes = open_memstream(&m->note, &m->note_len);
    if (!m->jobs || !m->notes)
        return false;
    for (i = 0; i < m->n; i++) {
        m->jobs[i].m = m;
        m->jobs[i].host = &o->hosts.hosts[i];
    }
    progress_init(&m->progress, !o->quiet);
    return true;
}

static void free_all(struct many *m)
{
    size_t i;

    for (i = 0; m->jobs && i < m->n; i++) {
        free(m->jobs[i].reason);
        free(m->jobs[i].remedy);
    }
    free(m->jobs);
    bytes_free(&m->out.wait);
    bytes_free(&m->err.wait);
    bytes_free(&m->in.data);
    if (m->notes)
        fclose(m->notes);
    free(m->note);
}

int cmd_hosts(const struct options *o)
{
    static struct many m;
    int code = EXIT_OURS;

    if (!prepare(&m, o))
        say("out of memory");
    else
        code = session_start(&m.s, o);
    if (code) {
        free_all(&m);
        return code;
    }
    tell_to(m.notes);
    loop(&m);
    tell_summary(&m);
    tell_to(NULL);
    code = many_exit_code(&m);
    session_close(&m.s);
    free_all(&m);
    return code;
}
