/* What a worker thread does, so that nobody waits for it. */
#ifndef WSC_BASE_JOB_H
#define WSC_BASE_JOB_H

#include "base/list.h"

/* For a thread. Lives in libc's memory, for it may outlive the context. */
struct wsc__task {
    struct wsc__task *next;
    const void *whose; /* a key: who has few running comes before who has many; or NULL */
    /* the workers': who is first of whose they are has the others behind it */
    struct wsc__task *behind, *last;
    unsigned waiting;                  /* so many, itself included */
    bool never_ran;                    /* for want of a thread */
    void (*run)(struct wsc__task *t);  /* on a worker */
    void (*stop)(struct wsc__task *t); /* run is to end soon; from any thread, or NULL */
    void (*free)(struct wsc__task *t); /* on a worker, when its owner has left */
};

/* For several who wait for the same: asks a KDC, say. In libc's memory, too. Whoever made it owns
 * it until somebody runs it. */
struct wsc__job;
struct wsc__job_ops {
    void (*run)(struct wsc__job *job);  /* on a worker; touches the job alone */
    void (*stop)(struct wsc__job *job); /* run is to come back soon; from any thread */
    /* On the context's thread, once: takes over what was found. ran: run has come back; false: it
     * never ran, or may be running still: what is the job's own is not touched. */
    void (*finish)(struct wsc__job *job, bool ran);
    void (*free)(struct wsc__job *job); /* on any thread, after run and finish */
};
struct wsc__job {
    const struct wsc__job_ops *ops;
    bool given;            /* to somebody who runs it, whose are: */
    bool finished;         /* nobody waits for it any more, though it may be running still */
    struct wsc__task task; /* whose: by whoever made it */
    struct wsc__link in_jobs;
    struct wsc__list waiters;
};

/* By whoever made it: one that somebody runs ends by itself. */
static inline void wsc__job_let_go(struct wsc__job *job)
{
    if (!job->given)
        job->ops->free(job);
}

#endif
