/* Jobs on worker threads: that each runs once however many wait for it, and that nobody waits for
 * one that hangs. For the thread sanitizer, too. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include "held.h"
#include "test.h"

#include "base/codes.h"
#include "io/job.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>

/* --- threads that can be had or not ----------------------------------------------------------- */

static bool no_threads;

int pthread_create(pthread_t *id, const pthread_attr_t *attr, void *(*start)(void *), void *arg)
{
    int (*real)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

    *(void **)(void *)&real = dlsym(RTLD_NEXT, "pthread_create");
    return no_threads ? EAGAIN : real(id, attr, start, arg);
}

/* --- a job that stays inside until it is let out or stopped ----------------------------------- */

static int woken, freed;
static char begun[64]; /* whose jobs, in that order; ends with NUL */
static int nbegun;

struct work {
    struct wsc__job base;
    bool stopped; /* under the lock, as is ran */
    int ran;
    int *finished, *done_well; /* of the test, on its own thread */
};

static void run(struct wsc__job *job)
{
    struct work *k = (struct work *)job;

    pthread_mutex_lock(&lock);
    k->ran++;
    if (job->task.whose && nbegun < (int)sizeof begun - 1)
        begun[nbegun++] = *(const char *)job->task.whose;
    running++;
    if (running > most_running)
        most_running = running;
    pthread_cond_broadcast(&changed);
    while (held && !k->stopped)
        pthread_cond_wait(&changed, &lock);
    running--;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void stop(struct wsc__job *job)
{
    pthread_mutex_lock(&lock);
    ((struct work *)job)->stopped = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void finish(struct wsc__job *job, bool ran)
{
    struct work *k = (struct work *)job;

    ++*k->finished;
    if (ran) {
        CHECK_EQ(k->ran, 1);
        ++*k->done_well;
    }
}

static void free_work(struct wsc__job *job)
{
    pthread_mutex_lock(&lock);
    freed++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    free(job);
}

static int finished, done_well;

static struct wsc__job *new_work(void)
{
    static const struct wsc__job_ops ops = { run, stop, finish, free_work };
    struct work *k = calloc(1, sizeof *k);

    k->base.ops = &ops;
    k->finished = &finished;
    k->done_well = &done_well;
    return &k->base;
}

static struct wsc__job *work_of(const char *whose)
{
    struct wsc__job *job = new_work();

    job->task.whose = whose;
    return job;
}

/* --- who waits -------------------------------------------------------------------------------- */

struct asker {
    struct wsc__job_waiter waiter;
    int told;
    struct wsc__jobs *again; /* asks for another one when it is told */
};

static void wake(void *ud)
{
    (void)ud;
    pthread_mutex_lock(&lock);
    woken++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void told(struct wsc__job_waiter *w, void *ud)
{
    struct asker *a = WSC__OF(w, struct asker, waiter);
    struct wsc__jobs *j = a->again;

    (void)ud;
    a->told++;
    a->again = NULL;
    if (j)
        wsc__jobs_run(j, w, new_work());
}

static struct wsc__jobs *begin(void)
{
    const struct wsc__jobs_config c = { wake, told, NULL };
    struct wsc__jobs *j = NULL;

    pthread_mutex_lock(&lock);
    most_running = woken = freed = nbegun = 0;
    memset(begun, 0, sizeof begun);
    pthread_mutex_unlock(&lock);
    finished = done_well = 0;
    CHECK_EQ(wsc__jobs_new(&j, &wsc__mem_libc, &c), WSC_OK);
    return j;
}

static void collect(struct wsc__jobs *j)
{
    while (wsc__jobs_collect(j))
        continue;
}

/* Until so many have begun; what was given may wait for a worker to say so. */
static void begun_by_now(struct wsc__jobs *j, const int *what, int n)
{
    for (;;) {
        int seen = value_of(&woken);

        collect(j);
        pthread_mutex_lock(&lock);
        while (*what < n && woken == seen)
            pthread_cond_wait(&changed, &lock);
        pthread_mutex_unlock(&lock);
        if (value_of(what) >= n)
            return;
    }
}

/* One is ended, or one who waits told: now, or when a worker says so. */
static void step(struct wsc__jobs *j)
{
    int seen = value_of(&woken);

    while (!wsc__jobs_collect(j)) {
        wait_for(&woken, seen + 1);
        seen = value_of(&woken);
    }
}

/* --- tests ------------------------------------------------------------------------------------ */

static void one_job_for_all(void)
{
    struct wsc__jobs *j = begin();
    struct asker a = { .told = 0 }, b = { .told = 0 }, late = { .told = 0 };
    struct wsc__job *job = new_work();

    set_held(true);
    wsc__jobs_run(j, &a.waiter, job);
    wsc__jobs_run(j, &b.waiter, job);
    wait_for(&running, 1);
    collect(j);
    CHECK_EQ(a.told + b.told, 0);
    wsc__jobs_cancel(&b.waiter); /* somebody waits still: it goes on */
    set_held(false);
    wait_for(&woken, 1);
    wsc__jobs_run(j, &late.waiter, job); /* it has ended, but nobody was told yet */
    while (!late.told)
        step(j);
    CHECK_EQ(a.told, 1);
    CHECK_EQ(b.told, 0);
    CHECK_EQ(late.told, 1);
    CHECK_EQ(finished, 1);
    CHECK_EQ(done_well, 1);
    CHECK_EQ(freed, 1);
    wsc__jobs_close(j);
}

/* Who is told first may close the connection of who would be next. */
static void one_told_at_a_time(void)
{
    struct wsc__jobs *j = begin();
    struct asker a[3];
    struct wsc__job *job = new_work();
    int i;

    memset(a, 0, sizeof a);
    for (i = 0; i < 3; i++)
        wsc__jobs_run(j, &a[i].waiter, job);
    step(j);
    CHECK_EQ(freed, 1);
    step(j);
    CHECK_EQ(a[0].told, 1);
    CHECK_EQ(a[1].told + a[2].told, 0);
    wsc__jobs_cancel(&a[1].waiter);
    step(j);
    CHECK_EQ(a[1].told, 0);
    CHECK_EQ(a[2].told, 1);
    CHECK(!wsc__jobs_collect(j));
    CHECK_EQ(finished, 1);
    wsc__jobs_run(j, &a[0].waiter, new_work());
    wsc__jobs_run(j, &a[1].waiter, a[0].waiter.job);
    step(j);
    wsc__jobs_close(j); /* with both still to be told */
    CHECK_EQ(a[0].told, 1);
}

static void the_next_when_told(void)
{
    struct wsc__jobs *j = begin();
    struct asker a = { .told = 0, .again = j };

    wsc__jobs_run(j, &a.waiter, new_work());
    for (int i = 1; i <= 2; i++) {
        step(j); /* ends it */
        CHECK_EQ(finished, i);
        CHECK_EQ(a.told, i - 1);
        step(j); /* tells it */
        CHECK_EQ(a.told, i);
    }
    CHECK_EQ(done_well, 2);
    wsc__jobs_close(j);
}

static void stopped_when_nobody_waits(void)
{
    struct wsc__jobs *j = begin();
    struct asker a = { .told = 0 };

    set_held(true);
    wsc__jobs_run(j, &a.waiter, new_work());
    wait_for(&running, 1);
    wsc__jobs_cancel(&a.waiter);
    CHECK_EQ(finished, 1); /* at once: whose it is may begin anew */
    wait_for(&woken, 1);   /* though it is held */
    set_held(false);
    CHECK_EQ(freed, 0);
    step(j);
    CHECK_EQ(a.told, 0);
    CHECK_EQ(finished, 1);
    CHECK_EQ(done_well, 0);
    CHECK_EQ(freed, 1);
    wsc__jobs_close(j);
}

/* Held, as many as there are threads for. */
static void twenty_jobs(struct wsc__jobs *j, struct asker *a)
{
    memset(a, 0, 20 * sizeof *a);
    set_held(true);
    for (int i = 0; i < 20; i++)
        wsc__jobs_run(j, &a[i].waiter, new_work());
    begun_by_now(j, &running, 8);
}

static void eight_at_a_time(void)
{
    struct wsc__jobs *j = begin();
    struct asker a[20];

    twenty_jobs(j, a);
    set_held(false);
    while (done_well < 20)
        step(j);
    CHECK_EQ(most_running, 8);
    wsc__jobs_close(j);
}

/* Whose jobs hang has some threads, not all; and who has the fewest is next. */
static void nobody_takes_all(void)
{
    static const char *const who = "ABC";
    struct wsc__jobs *j = begin();
    struct asker a[20], b[2], c;
    int i;

    memset(a, 0, sizeof a);
    memset(b, 0, sizeof b);
    memset(&c, 0, sizeof c);
    set_held(true);
    for (i = 0; i < 20; i++)
        wsc__jobs_run(j, &a[i].waiter, work_of(who));
    for (i = 0; i < 2; i++)
        wsc__jobs_run(j, &b[i].waiter, work_of(who + 1));
    begun_by_now(j, &nbegun, 8);
    wsc__jobs_run(j, &c.waiter, work_of(who + 2));
    wsc__jobs_cancel(&a[0].waiter); /* one of the threads is free */
    wait_for(&nbegun, 9);
    CHECK_EQ(begun[8], 'C'); /* though so many of A stand before it */
    for (i = 0; i < 8; i++)
        CHECK(begun[i] == 'A' || begun[i] == 'B');
    set_held(false);
    while (done_well < 22)
        step(j);
    CHECK_EQ(most_running, 8);
    wsc__jobs_close(j);
}

/* Where only one thread is to be had, all have their turns on it. */
static void turns(void)
{
    static const char *const who = "AB";
    struct wsc__jobs *j = begin();
    struct asker a[5];
    int i;

    memset(a, 0, sizeof a);
    set_held(true);
    wsc__jobs_run(j, &a[0].waiter, work_of(who));
    begun_by_now(j, &nbegun, 1);
    no_threads = true;
    for (i = 1; i < 5; i++)
        wsc__jobs_run(j, &a[i].waiter, work_of(i < 4 ? who : who + 1));
    collect(j);
    set_held(false);
    while (done_well < 5)
        step(j);
    CHECK_STR(begun, "AABAA");
    wsc__jobs_close(j);
    no_threads = false;
}

static void closing_waits_for_nobody(void)
{
    struct wsc__jobs *j = begin();
    struct asker a[20];

    twenty_jobs(j, a);
    wsc__jobs_close(j);
    CHECK_EQ(finished, 20); /* each has let go of what it was for */
    CHECK_EQ(done_well, 0);
    wait_for(&freed, 20); /* by the workers, which were stopped */
    set_held(false);
    for (int i = 0; i < 20; i++)
        CHECK_EQ(a[i].told, 0);
}

static void without_a_thread(void)
{
    struct wsc__jobs *j = begin();
    struct asker a = { .told = 0 }, b = { .told = 0 };
    struct wsc__job *job = new_work();

    no_threads = true;
    wsc__jobs_run(j, &a.waiter, job);
    wsc__jobs_run(j, &b.waiter, job);
    CHECK_EQ(a.told + b.told, 0); /* later: never inside the call */
    CHECK_EQ(woken, 1);
    collect(j);
    CHECK_EQ(a.told, 1);
    CHECK_EQ(b.told, 1);
    CHECK_EQ(finished, 1);
    CHECK_EQ(done_well, 0);
    CHECK_EQ(freed, 1);
    wsc__jobs_run(j, &a.waiter, new_work());
    wsc__jobs_close(j);
    CHECK_EQ(finished, 2);
    CHECK_EQ(freed, 2);
    no_threads = false;
}

static const struct test tests[] = {
    { "one_job_for_all", one_job_for_all },
    { "one_told_at_a_time", one_told_at_a_time },
    { "the_next_when_told", the_next_when_told },
    { "stopped_when_nobody_waits", stopped_when_nobody_waits },
    { "eight_at_a_time", eight_at_a_time },
    { "nobody_takes_all", nobody_takes_all },
    { "turns", turns },
    { "closing_waits_for_nobody", closing_waits_for_nobody },
    { "without_a_thread", without_a_thread },
};

TEST_MAIN(tests)
