#include "io/workers.h"

#include "base/codes.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#define NICE 19 /* eight that compute have less together than the loop's thread */

/* Shared by owner and threads; the last one to let go frees it. */
struct wsc__workers {
    pthread_mutex_t lock;
    atomic_bool missed;   /* the owner found it taken: whoever leaves it wakes the owner again */
    pthread_cond_t quiet; /* nobody is in wake */
    atomic_uint refs;
    unsigned threads, waking;
    unsigned most_of_one; /* tasks of one owner at a time: what blocks leaves some to the others */
    size_t stack;
    bool humble;
    struct wsc__task *todo; /* the first one of each owner */
    struct wsc__task *running, *done;
    void (*wake)(void *ud); /* NULL once the owner has left */
    void *ud;
    /* the owner's, without the lock */
    unsigned max_threads;
    struct wsc__task *given, *taken;
};

/* Out of todo; the next of its owner is the first then. */
static struct wsc__task *take_out(struct wsc__task **p)
{
    struct wsc__task *t = *p, *next = t->behind;

    if (next) {
        next->next = t->next;
        next->last = t->last;
        next->waiting = t->waiting - 1;
    }
    *p = next ? next : t->next;
    return t;
}

/* The same; its owner comes last then, so that the others have their turn. */
static struct wsc__task *take_turn(struct wsc__task **p)
{
    struct wsc__task *t = take_out(p), *rest = t->behind;

    if (!rest)
        return t;
    *p = rest->next;
    while (*p)
        p = &(*p)->next;
    rest->next = NULL;
    *p = rest;
    return t;
}

static void put_in(struct wsc__task **p, struct wsc__task *t)
{
    while (*p && (*p)->whose != t->whose)
        p = &(*p)->next;
    t->next = t->behind = NULL;
    t->last = t;
    t->waiting = 1;
    if (!*p) {
        *p = t;
        return;
    }
    (*p)->last->behind = t;
    (*p)->last = t;
    (*p)->waiting++;
}

static void free_lines(struct wsc__task **lines)
{
    while (*lines) {
        struct wsc__task *t = take_out(lines);

        t->free(t);
    }
}

static void free_list(struct wsc__task *t)
{
    while (t) {
        struct wsc__task *next = t->next;

        t->free(t);
        t = next;
    }
}

static void unref(struct wsc__workers *w)
{
    if (atomic_fetch_sub(&w->refs, 1) > 1)
        return;
    free_lines(&w->todo);
    free_lines(&w->given);
    free_list(w->done);
    free_list(w->taken);
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->quiet);
    free(w);
}

static void runs_no_more(struct wsc__workers *w, const struct wsc__task *t)
{
    struct wsc__task **p = &w->running;

    while (*p != t)
        p = &(*p)->next;
    *p = t->next;
}

static unsigned running_of(const struct wsc__workers *w, const void *whose)
{
    const struct wsc__task *t;
    unsigned n = 0;

    for (t = whose ? w->running : NULL; t; t = t->next)
        n += t->whose == whose;
    return n;
}

/* The first of who has the fewest running; NULL: all have as many as they may. */
static struct wsc__task *next_task(struct wsc__workers *w)
{
    struct wsc__task **p, **best = NULL;
    unsigned fewest = w->most_of_one;

    for (p = &w->todo; *p && fewest; p = &(*p)->next) {
        unsigned n = running_of(w, (*p)->whose);

        if (n < fewest) {
            best = p;
            fewest = n;
        }
    }
    return best ? take_turn(best) : NULL;
}

/* Else a thread would find nothing to do: as many of that owner run already, or will, and each of
 * their threads asks for the next task, under the lock, before it ends. */
static bool wants_thread(const struct wsc__workers *w, const struct wsc__task *t)
{
    const struct wsc__task *first = w->todo;

    if (!t->whose)
        return true;
    while (first && first->whose != t->whose)
        first = first->next;
    return running_of(w, t->whose) + (first ? first->waiting : 0) < w->most_of_one;
}

/* Linux has it for a thread, as POSIX does not: elsewhere all are equal. */
static void go_last(void)
{
#ifdef __linux__
    (void)setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + NICE);
#endif
}

/* Lets go of the lock meanwhile: the owner goes on at once, and wants it. */
static void wake_owner(struct wsc__workers *w)
{
    void (*wake)(void *ud) = w->wake;

    if (!wake)
        return;
    w->waking++;
    pthread_mutex_unlock(&w->lock);
    wake(w->ud);
    pthread_mutex_lock(&w->lock);
    if (!--w->waking)
        pthread_cond_signal(&w->quiet);
}

/* A worker lets go of the lock. The owner does not wait for it: it may have been taken by somebody
 * whom the system does not let run. */
static void leave_lock(struct wsc__workers *w)
{
    pthread_mutex_unlock(&w->lock);
    while (atomic_exchange(&w->missed, false)) {
        pthread_mutex_lock(&w->lock);
        wake_owner(w);
        pthread_mutex_unlock(&w->lock);
    }
}

static void *work(void *arg)
{
    struct wsc__workers *w = arg;
    struct wsc__task *t;

    if (w->humble)
        go_last();
    pthread_mutex_lock(&w->lock);
    while (w->wake && (t = next_task(w))) {
        t->next = w->running;
        w->running = t;
        leave_lock(w);
        t->run(t);
        pthread_mutex_lock(&w->lock);
        runs_no_more(w, t);
        t->next = w->done;
        w->done = t;
        wake_owner(w);
    }
    w->threads--;
    leave_lock(w);
    unref(w);
    return NULL;
}

/* With the lock held. A worker takes no signals: they are the program's. */
static int start_thread(struct wsc__workers *w)
{
    pthread_attr_t attr;
    sigset_t all, old;
    pthread_t id;
    int rc;

    if (pthread_attr_init(&attr))
        return WSC_E_NOMEM;
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, w->stack);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    atomic_fetch_add(&w->refs, 1);
    w->threads++;
    rc = pthread_create(&id, &attr, work, w);
    if (rc) {
        atomic_fetch_sub(&w->refs, 1); /* the owner has one */
        w->threads--;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    pthread_attr_destroy(&attr);
    return rc ? WSC_E_DESCRIPTORS : WSC_OK;
}

int wsc__workers_new(struct wsc__workers **out, void (*wake)(void *ud), void *ud, size_t stack,
                     bool humble)
{
    struct wsc__workers *w = calloc(1, sizeof *w);

    if (!w || pthread_mutex_init(&w->lock, NULL)) {
        free(w);
        return WSC_E_NOMEM;
    }
    pthread_cond_init(&w->quiet, NULL);
    atomic_init(&w->refs, 1);
    w->stack = stack;
    w->humble = humble;
    w->wake = wake;
    w->ud = ud;
    *out = w;
    return WSC_OK;
}

/* False: there is no thread for it, and it has been given back. */
static bool hand_in(struct wsc__workers *w, struct wsc__task *t)
{
    if (w->threads < w->max_threads && wants_thread(w, t))
        (void)start_thread(w);
    t->never_ran = !w->threads;
    if (w->threads) { /* those that are there do it */
        put_in(&w->todo, t);
        return true;
    }
    t->next = w->done;
    w->done = t;
    return false;
}

static bool owner_gets_lock(struct wsc__workers *w)
{
    if (pthread_mutex_trylock(&w->lock) == 0)
        return true;
    atomic_store(&w->missed, true);
    return pthread_mutex_trylock(&w->lock) == 0; /* who had it may have left just before */
}

/* What was given goes in, what is done comes out; or later, when the lock is free. */
static void exchange(struct wsc__workers *w)
{
    bool none = false;

    if (!owner_gets_lock(w))
        return;
    w->most_of_one = w->max_threads - w->max_threads / 4;
    while (w->given)
        none |= !hand_in(w, take_out(&w->given));
    if (!w->taken) {
        w->taken = w->done;
        w->done = NULL;
    }
    pthread_mutex_unlock(&w->lock);
    if (none)
        w->wake(w->ud);
}

void wsc__workers_give(struct wsc__workers *w, struct wsc__task *t, unsigned max_threads)
{
    w->max_threads = max_threads;
    put_in(&w->given, t);
    exchange(w);
}

struct wsc__task *wsc__workers_take(struct wsc__workers *w)
{
    struct wsc__task *t;

    if (!w->taken)
        exchange(w);
    t = w->taken;
    if (t)
        w->taken = t->next;
    return t;
}

void wsc__workers_leave(struct wsc__workers *w)
{
    struct wsc__task *t;

    pthread_mutex_lock(&w->lock);
    w->wake = NULL;
    for (t = w->running; t; t = t->next) {
        if (t->stop)
            t->stop(t);
    }
    while (w->waking)
        pthread_cond_wait(&w->quiet, &w->lock);
    pthread_mutex_unlock(&w->lock);
    unref(w);
}
