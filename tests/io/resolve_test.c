/* Name look-ups with a getaddrinfo of our own in place of libc's: how many there are, on how many
 * threads, and that nobody waits for one that hangs. */
#include "test.h"

#include "base/codes.h"
#include "io/resolve.h"
#include "lookups.h"

/* --- the resolver's surroundings -------------------------------------------------------------- */

struct asker {
    struct wsc__waiter waiter;
    int answers;
    size_t naddrs;
    enum wsc__net net;
};

static int woken, answered;

static void wake(void *ud)
{
    (void)ud;
    pthread_mutex_lock(&lock);
    woken++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void answer(struct wsc__waiter *w, struct wsc__event *ev, void *ud)
{
    struct asker *a = WSC__OF(w, struct asker, waiter);

    (void)ud;
    answered++;
    a->answers++;
    a->naddrs = ev->naddrs;
    a->net = ev->net;
}

static struct wsc__resolver *new_resolver(const struct wsc__mem *mem)
{
    struct wsc__resolver_config c = { mem, wake, answer, NULL };
    struct wsc__resolver *r = NULL;

    pthread_mutex_lock(&lock);
    asked = most_running = woken = answered = 0;
    pthread_mutex_unlock(&lock);
    CHECK_EQ(wsc__resolver_new(&r, &c), WSC_OK);
    return r;
}

static void ask(struct wsc__resolver *r, struct asker *a, const char *host, unsigned workers,
                uint64_t now)
{
    wsc__resolver_ask(r, &a->waiter, host, 5985, workers, now, 1000);
}

/* A result is taken, or told to one who waits: now, or when a worker says so. */
static void step(struct wsc__resolver *r, uint64_t now)
{
    int seen = value_of(&woken);

    while (!wsc__resolver_collect(r, now)) {
        wait_for(&woken, seen + 1);
        seen = value_of(&woken);
    }
}

/* Until so many answers were told in all. */
static void collect(struct wsc__resolver *r, uint64_t now, int answers)
{
    while (answered < answers)
        step(r, now);
}

/* --- tests ------------------------------------------------------------------------------------ */

static void literals_at_once(void)
{
    struct wsc__resolver *r = new_resolver(&wsc__mem_libc);
    struct asker a = { .answers = 0 };

    ask(r, &a, "10.0.0.1", 4, 0);
    CHECK_EQ(a.answers, 1);
    CHECK_EQ(a.naddrs, 1);
    CHECK_EQ(asked, 0);
    wsc__resolver_close(r);
}

static void equal_names_once(void)
{
    struct wsc__resolver *r = new_resolver(&wsc__mem_libc);
    struct asker a[100], late = { .answers = 0 };
    int i;

    memset(a, 0, sizeof a);
    set_held(true);
    for (i = 0; i < 100; i++)
        ask(r, &a[i], "srv", 4, 0);
    wsc__resolver_cancel(&a[50].waiter);
    set_held(false);
    collect(r, 10, 99);
    for (i = 0; i < 100; i++)
        CHECK_EQ(a[i].answers, i != 50);
    ask(r, &late, "srv", 4, 1009); /* still good */
    CHECK_EQ(late.answers, 1);
    CHECK_EQ(asked, 1);
    ask(r, &late, "srv", 4, 1010); /* no longer */
    collect(r, 1010, 101);
    CHECK_EQ(late.answers, 2);
    CHECK_EQ(asked, 2);
    wsc__resolver_close(r);
}

static void one_told_at_a_time(void)
{
    struct wsc__resolver *r = new_resolver(&wsc__mem_libc);
    struct asker a[4];
    int i;

    memset(a, 0, sizeof a);
    set_held(true);
    for (i = 0; i < 3; i++)
        ask(r, &a[i], "srv", 4, 0);
    set_held(false);
    step(r, 0); /* takes it */
    step(r, 0);
    CHECK_EQ(a[0].answers, 1);
    CHECK_EQ(a[1].answers + a[2].answers, 0);
    ask(r, &a[3], "srv", 4, 0); /* kept, while others wait still */
    CHECK_EQ(a[3].answers, 1);
    wsc__resolver_cancel(&a[1].waiter);
    step(r, 0);
    CHECK_EQ(a[1].answers, 0);
    CHECK_EQ(a[2].answers, 1);
    CHECK_EQ(a[2].naddrs, 1);
    CHECK(!wsc__resolver_collect(r, 0));
    memset(a, 0, sizeof a);
    ask(r, &a[0], "other", 4, 0);
    step(r, 0);
    wsc__resolver_close(r); /* with somebody still to be told */
    CHECK_EQ(a[0].answers, 0);
}

static void workers_are_bounded(void)
{
    struct wsc__resolver *r = new_resolver(&wsc__mem_libc);
    struct asker a[40];
    char name[16];
    int i;

    memset(a, 0, sizeof a);
    set_held(true);
    for (i = 0; i < 40; i++) {
        snprintf(name, sizeof name, "srv%d", i);
        ask(r, &a[i], name, 3, 0);
    }
    wait_for(&asked, 3);
    set_held(false);
    collect(r, 0, 40);
    for (i = 0; i < 40; i++)
        CHECK_EQ(a[i].answers, 1);
    CHECK_EQ(most_running, 3);
    wsc__resolver_close(r);
}

static void failures_are_not_kept(void)
{
    struct wsc__resolver *r = new_resolver(&wsc__mem_libc);
    struct asker a = { .answers = 0 };
    int i;

    for (i = 1; i <= 2; i++) {
        ask(r, &a, "bad", 4, 0);
        collect(r, 0, i);
        CHECK_EQ(a.answers, i);
        CHECK_EQ(a.naddrs, 0);
        CHECK_EQ(a.net, WSC__NET_NO_NAME);
    }
    CHECK_EQ(asked, 2);
    wsc__resolver_close(r);
}

/* Closing while look-ups hang: it returns, the workers go on alone and nobody is told. */
static void teardown_waits_for_nobody(void)
{
    struct wsc__resolver *r = new_resolver(&wsc__mem_libc);
    struct asker a[10];
    char name[16];
    int i;

    memset(a, 0, sizeof a);
    set_held(true);
    for (i = 0; i < 10; i++) {
        snprintf(name, sizeof name, "slow%d", i);
        ask(r, &a[i], name, 2, 0);
    }
    wait_for(&asked, 2);
    wsc__resolver_close(r);
    set_held(false);
    wait_until_none_runs();
    for (i = 0; i < 10; i++)
        CHECK_EQ(a[i].answers, 0);
}

static const struct test tests[] = {
    { "literals_at_once", literals_at_once },
    { "equal_names_once", equal_names_once },
    { "one_told_at_a_time", one_told_at_a_time },
    { "workers_are_bounded", workers_are_bounded },
    { "failures_are_not_kept", failures_are_not_kept },
    { "teardown_waits_for_nobody", teardown_waits_for_nobody },
};

TEST_MAIN(tests)
