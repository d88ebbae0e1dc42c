/* Jobs of authentication on worker threads of their own, so that a KDC that does not answer holds
 * up no name look-up. A job that several wait for runs once. */
#ifndef WSC_IO_JOB_H
#define WSC_IO_JOB_H

#include "base/job.h"
#include "base/mem.h"

struct wsc__jobs;

struct wsc__job_waiter {
    struct wsc__link link;
    struct wsc__job *job; /* NULL once it is over */
};

struct wsc__jobs_config {
    void (*wake)(void *ud); /* as for workers */
    void (*done)(struct wsc__job_waiter *w, void *ud);
    void *ud;
};

int wsc__jobs_new(struct wsc__jobs **out, const struct wsc__mem *mem,
                  const struct wsc__jobs_config *config);
/* Starts the job, or joins it; nothing is told before this returns. */
void wsc__jobs_run(struct wsc__jobs *j, struct wsc__job_waiter *w, struct wsc__job *job);
/* Nobody waits for it any more: it is stopped. */
void wsc__jobs_cancel(struct wsc__job_waiter *w);
/* Ends one that is done, or tells one who waited for it; false: there is none. Whoever was sent to
 * wait for a job must have run it by then. */
bool wsc__jobs_collect(struct wsc__jobs *j);
void wsc__jobs_close(struct wsc__jobs *j); /* never waits for what a worker does */

#endif
