#include "io/resolve.h"

#include "base/codes.h"
#include "io/workers.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define MAX_ADDRS    16
#define WORKER_STACK (256 * 1024) /* getaddrinfo with its modules; the default of 8 MiB adds up */

struct job {
    struct wsc__task task;
    struct wsc__lookup *lookup; /* a key for the resolver; never followed by the worker */
    int status;                 /* of getaddrinfo */
    int sys;
    size_t naddrs;
    struct wsc__addr addrs[MAX_ADDRS];
    char port[8];
    char host[];
};

struct wsc__lookup {
    struct wsc__link link;
    struct wsc__list waiters;
    uint64_t keep_ms, stale_at; /* stale_at != 0: answered, good until then */
    uint16_t port;
    size_t naddrs;
    struct wsc__addr addrs[MAX_ADDRS];
    char host[];
};

struct wsc__resolver {
    struct wsc__resolver_config config;
    struct wsc__mem mem;
    struct wsc__workers *workers;
    struct wsc__list lookups;
    struct job *result;      /* that is being told, */
    struct wsc__list asking; /* to these */
};

/* --- worker side ------------------------------------------------------------------------------ */

static void copy_addrs(struct job *j, const struct addrinfo *ai)
{
    for (; ai && j->naddrs < MAX_ADDRS; ai = ai->ai_next) {
        struct wsc__addr *a = &j->addrs[j->naddrs];

        if ((ai->ai_family != AF_INET && ai->ai_family != AF_INET6) ||
            ai->ai_addrlen > sizeof a->bytes)
            continue;
        memcpy(a->bytes, ai->ai_addr, ai->ai_addrlen);
        a->len = (uint8_t)ai->ai_addrlen;
        a->v6 = ai->ai_family == AF_INET6;
        j->naddrs++;
    }
}

static void look_up(struct job *j, int flags)
{
    struct addrinfo hints, *ai = NULL;

    memset(&hints, 0, sizeof hints);
    hints.ai_family = AF_UNSPEC;
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICSERV | flags;
    errno = 0;
    j->status = getaddrinfo(j->host, j->port, &hints, &ai);
    j->sys = errno;
    if (j->status)
        return;
    copy_addrs(j, ai);
    freeaddrinfo(ai);
    if (!j->naddrs)
        j->status = EAI_NONAME;
}

static void run(struct wsc__task *t)
{
    look_up(WSC__OF(t, struct job, task), 0);
}

static void free_job(struct wsc__task *t)
{
    free(WSC__OF(t, struct job, task));
}

/* --- resolver side ---------------------------------------------------------------------------- */

int wsc__resolver_new(struct wsc__resolver **out, const struct wsc__resolver_config *config)
{
    struct wsc__resolver *r = wsc__zalloc(config->mem, sizeof *r);

    if (!r ||
        wsc__workers_new(&r->workers, config->wake, config->ud, WORKER_STACK, false) != WSC_OK) {
        wsc__free(config->mem, r);
        return WSC_E_NOMEM;
    }
    r->config = *config;
    r->mem = *config->mem;
    wsc__list_init(&r->lookups);
    wsc__list_init(&r->asking);
    *out = r;
    return WSC_OK;
}

static void forget(struct wsc__resolver *r, struct wsc__lookup *l)
{
    wsc__list_remove(&l->link);
    wsc__free(&r->mem, l);
}

static void tell(struct wsc__resolver *r, struct wsc__waiter *w, const struct wsc__addr *addrs,
                 size_t n, int status, int sys)
{
    struct wsc__event ev;

    memset(&ev, 0, sizeof ev);
    ev.kind = WSC__EV_RESOLVED;
    ev.addrs = addrs;
    ev.naddrs = n;
    if (status) {
        ev.text = status == EAI_SYSTEM ? strerror(sys) : gai_strerror(status);
        ev.sys = status == EAI_SYSTEM ? sys : status;
        ev.net = status == EAI_NONAME ? WSC__NET_NO_NAME : WSC__NET_TRY_AGAIN;
        if (status == EAI_MEMORY ||
            (status == EAI_SYSTEM && (sys == EMFILE || sys == ENFILE || sys == ENOMEM)))
            ev.net = WSC__NET_DESCRIPTORS;
    }
    r->config.answer(w, &ev, r->config.ud);
}

static struct job *new_job(const char *host, uint16_t port)
{
    size_t n = strlen(host) + 1;
    struct job *j = calloc(1, sizeof *j + n);

    if (!j)
        return NULL;
    j->task.run = run;
    j->task.free = free_job;
    memcpy(j->host, host, n);
    snprintf(j->port, sizeof j->port, "%u", (unsigned)port);
    return j;
}

static struct wsc__lookup *find(struct wsc__resolver *r, const char *host, uint16_t port,
                                uint64_t now)
{
    struct wsc__link *n, *next;
    struct wsc__lookup *found = NULL;

    for (n = r->lookups.head.next; n != &r->lookups.head; n = next) {
        struct wsc__lookup *l = WSC__OF(n, struct wsc__lookup, link);

        next = n->next;
        if (l->stale_at && l->stale_at <= now)
            forget(r, l);
        else if (l->port == port && strcmp(l->host, host) == 0)
            found = l;
    }
    return found;
}

void wsc__resolver_ask(struct wsc__resolver *r, struct wsc__waiter *w, const char *host,
                       uint16_t port, unsigned max_workers, uint64_t now, uint64_t keep_ms)
{
    struct wsc__lookup *l = find(r, host, port, now);
    struct job *j;
    size_t n = strlen(host) + 1;

    if (l && l->stale_at) {
        tell(r, w, l->addrs, l->naddrs, 0, 0);
        return;
    }
    if (l) {
        wsc__list_push(&l->waiters, &w->link);
        return;
    }
    j = new_job(host, port);
    if (!j) {
        tell(r, w, NULL, 0, EAI_MEMORY, ENOMEM);
        return;
    }
    look_up(j, AI_NUMERICHOST); /* never asks anybody */
    if (j->status != EAI_NONAME) {
        tell(r, w, j->addrs, j->naddrs, j->status, j->sys);
        free(j);
        return;
    }
    l = wsc__zalloc(&r->mem, sizeof *l + n);
    if (!l) {
        free(j);
        tell(r, w, NULL, 0, EAI_MEMORY, ENOMEM);
        return;
    }
    memcpy(l->host, host, n);
    l->port = port;
    l->keep_ms = keep_ms;
    wsc__list_init(&l->waiters);
    j->lookup = l;
    j->naddrs = 0;
    wsc__list_push(&r->lookups, &l->link);
    wsc__list_push(&l->waiters, &w->link);
    wsc__workers_give(r->workers, &j->task, max_workers);
}

void wsc__resolver_cancel(struct wsc__waiter *w)
{
    wsc__list_remove(&w->link);
}

static void take_result(struct wsc__resolver *r, uint64_t now)
{
    struct job *j = r->result;
    struct wsc__lookup *l = j->lookup;

    if (j->task.never_ran) {
        j->status = EAI_SYSTEM;
        j->sys = EMFILE;
    }
    wsc__list_move(&r->asking, &l->waiters);
    if (j->status || !l->keep_ms) {
        forget(r, l);
        return;
    }
    memcpy(l->addrs, j->addrs, sizeof l->addrs);
    l->naddrs = j->naddrs;
    l->stale_at = now + l->keep_ms;
}

bool wsc__resolver_collect(struct wsc__resolver *r, uint64_t now)
{
    struct wsc__link *n = wsc__list_pop(&r->asking);
    const struct job *j = r->result;
    struct wsc__task *t;

    if (n) {
        tell(r, WSC__OF(n, struct wsc__waiter, link), j->addrs, j->naddrs, j->status, j->sys);
        return true;
    }
    free(r->result);
    t = wsc__workers_take(r->workers);
    r->result = t ? WSC__OF(t, struct job, task) : NULL;
    if (t)
        take_result(r, now);
    return t != NULL;
}

void wsc__resolver_close(struct wsc__resolver *r)
{
    struct wsc__link *n;

    while (wsc__list_pop(&r->asking))
        continue; /* nobody is told any more */
    free(r->result);
    while ((n = wsc__list_first(&r->lookups))) {
        struct wsc__lookup *l = WSC__OF(n, struct wsc__lookup, link);

        while (wsc__list_pop(&l->waiters))
            continue;
        forget(r, l);
    }
    wsc__workers_leave(r->workers);
    wsc__free(&r->mem, r);
}
