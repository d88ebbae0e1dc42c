#include "io/job.h"

#include "base/codes.h"
#include "io/workers.h"

#define MAX_WORKERS  8
#define WORKER_STACK (512 * 1024) /* Kerberos, and getaddrinfo with its modules */

struct wsc__jobs {
    struct wsc__jobs_config config;
    struct wsc__mem mem;
    struct wsc__workers *workers;
    struct wsc__list running; /* or waiting for a worker */
    struct wsc__list told;    /* waiters whose job is over */
};

/* --- any thread ------------------------------------------------------------------------------- */

static struct wsc__job *job_of(struct wsc__task *t)
{
    return WSC__OF(t, struct wsc__job, task);
}

static void run_task(struct wsc__task *t)
{
    job_of(t)->ops->run(job_of(t));
}

static void stop_task(struct wsc__task *t)
{
    job_of(t)->ops->stop(job_of(t));
}

static void free_task(struct wsc__task *t)
{
    job_of(t)->ops->free(job_of(t));
}

/* --- the loop's thread ------------------------------------------------------------------------ */

int wsc__jobs_new(struct wsc__jobs **out, const struct wsc__mem *mem,
                  const struct wsc__jobs_config *config)
{
    struct wsc__jobs *j = wsc__zalloc(mem, sizeof *j);

    if (!j ||
        wsc__workers_new(&j->workers, config->wake, config->ud, WORKER_STACK, true) != WSC_OK) {
        wsc__free(mem, j);
        return WSC_E_NOMEM;
    }
    j->config = *config;
    j->mem = *mem;
    wsc__list_init(&j->running);
    wsc__list_init(&j->told);
    *out = j;
    return WSC_OK;
}

static void start(struct wsc__jobs *j, struct wsc__job *job)
{
    job->given = true;
    job->task.run = run_task;
    job->task.stop = stop_task;
    job->task.free = free_task;
    wsc__list_init(&job->waiters);
    wsc__list_push(&j->running, &job->in_jobs);
    wsc__workers_give(j->workers, &job->task, MAX_WORKERS);
}

void wsc__jobs_run(struct wsc__jobs *j, struct wsc__job_waiter *w, struct wsc__job *job)
{
    if (!job->given)
        start(j, job);
    w->job = job;
    wsc__list_push(&job->waiters, &w->link);
}

/* What hangs in something that cannot be stopped must not keep others: they begin anew. */
void wsc__jobs_cancel(struct wsc__job_waiter *w)
{
    struct wsc__job *job = w->job;

    wsc__list_remove(&w->link);
    w->job = NULL;
    if (!job || job->finished || !wsc__list_empty(&job->waiters))
        return;
    job->ops->stop(job);
    job->finished = true;
    job->ops->finish(job, false);
}

static void end(struct wsc__jobs *j, struct wsc__job *job)
{
    struct wsc__link *n;

    for (n = job->waiters.head.next; n != &job->waiters.head; n = n->next)
        WSC__OF(n, struct wsc__job_waiter, link)->job = NULL;
    wsc__list_move(&j->told, &job->waiters);
    wsc__list_remove(&job->in_jobs);
    if (!job->finished)
        job->ops->finish(job, !job->task.never_ran);
    job->ops->free(job);
}

bool wsc__jobs_collect(struct wsc__jobs *j)
{
    struct wsc__link *n = wsc__list_pop(&j->told);
    struct wsc__task *t;

    if (!n) {
        t = wsc__workers_take(j->workers);
        if (t)
            end(j, job_of(t));
        return t != NULL;
    }
    j->config.done(WSC__OF(n, struct wsc__job_waiter, link), j->config.ud);
    return true;
}

static void let_go(struct wsc__job *job)
{
    while (wsc__list_pop(&job->waiters))
        continue;
    if (!job->finished)
        job->ops->finish(job, false);
}

void wsc__jobs_close(struct wsc__jobs *j)
{
    struct wsc__link *n;

    while (wsc__list_pop(&j->told))
        continue; /* nobody is told any more */
    while ((n = wsc__list_pop(&j->running)))
        let_go(WSC__OF(n, struct wsc__job, in_jobs)); /* the workers free it */
    wsc__workers_leave(j->workers);
    wsc__free(&j->mem, j);
}
