#include "base/timer.h"

#include "test.h"

#define N 500

static struct wsc__timers heap;
static struct wsc__timer timer[N];
static bool armed[N];
static uint64_t at[N], last_fired, clock_now;
static int fired, again;

static void fire(struct wsc__timer *t, uint64_t now)
{
    int i = (int)(t - timer);

    CHECK(armed[i] && !t->armed && at[i] == t->at);
    CHECK(at[i] <= now && at[i] >= last_fired);
    last_fired = at[i];
    armed[i] = false;
    fired++;
}

static int64_t model_next(uint64_t now)
{
    uint64_t best = UINT64_MAX;
    bool any = false;

    for (int i = 0; i < N; i++) {
        if (armed[i] && (!any || at[i] < best))
            best = at[i];
        any |= armed[i];
    }
    return !any ? -1 : best <= now ? 0 : (int64_t)(best - now);
}

static void against_model(void)
{
    uint64_t seed = 42;

    memset(&heap, 0, sizeof heap);
    memset(timer, 0, sizeof timer);
    memset(armed, 0, sizeof armed);
    clock_now = 1000;
    for (int turn = 0; turn < 60000; turn++) {
        int i = (int)(test_random(&seed) % N);

        switch (test_random(&seed) % 8) {
        case 0:
            wsc__timer_clear(&heap, &timer[i]);
            armed[i] = false;
            break;
        case 1:
            clock_now += test_random(&seed) % 50;
            last_fired = 0;
            wsc__timers_run(&heap, clock_now);
            for (int j = 0; j < N; j++)
                CHECK(!armed[j] || at[j] > clock_now);
            break;
        default:
            at[i] = clock_now + test_random(&seed) % 400;
            timer[i].fire = fire;
            wsc__timer_set(&heap, &timer[i], at[i]);
            armed[i] = true;
        }
        CHECK_EQ(wsc__timers_next(&heap, clock_now), model_next(clock_now));
        CHECK_EQ(timer[i].armed, armed[i]);
    }
    CHECK(fired > 1000);
}

static void rearm(struct wsc__timer *t, uint64_t now)
{
    again++;
    wsc__timer_set(&heap, t, now); /* due at once: waits for the next run */
}

static void clear_others(struct wsc__timer *t, uint64_t now)
{
    (void)t;
    (void)now;
    again++;
    for (int i = 0; i < N; i++)
        wsc__timer_clear(&heap, &timer[i]);
}

static void never(struct wsc__timer *t, uint64_t now)
{
    (void)t;
    (void)now;
    FAIL("fires");
}

static void changes_while_firing(void)
{
    memset(&heap, 0, sizeof heap);
    memset(timer, 0, sizeof timer);
    again = 0;
    for (int i = 0; i < 10; i++) {
        timer[i].fire = rearm;
        wsc__timer_set(&heap, &timer[i], 5);
    }
    wsc__timers_run(&heap, 10);
    CHECK_EQ(again, 10);
    CHECK_EQ(wsc__timers_next(&heap, 10), 0);
    wsc__timers_run(&heap, 10);
    CHECK_EQ(again, 20);
    for (int i = 0; i < N; i++) {
        timer[i].fire = i == 7 ? clear_others : never;
        wsc__timer_set(&heap, &timer[i], i == 7 ? 11 : i % 2 ? 12 : 5000);
    }
    again = 0;
    wsc__timers_run(&heap, 20);
    CHECK_EQ(again, 1);
    CHECK_EQ(wsc__timers_next(&heap, 20), -1);
    wsc__timer_clear(&heap, &timer[0]);
}

static void far_away(void)
{
    memset(&heap, 0, sizeof heap);
    memset(timer, 0, sizeof timer);
    wsc__timer_set(&heap, &timer[0], UINT64_MAX);
    CHECK_EQ(wsc__timers_next(&heap, 0), INT64_MAX);
    wsc__timer_clear(&heap, &timer[0]);
    CHECK_EQ(wsc__timers_next(&heap, 0), -1);
}

static void a_hundred_thousand(void)
{
    static struct wsc__timer many[100000];
    uint64_t seed = 3;

    memset(&heap, 0, sizeof heap);
    for (int i = 0; i < 100000; i++) {
        many[i].fire = never;
        wsc__timer_set(&heap, &many[i], 1000 + (uint64_t)i);
    }
    for (int i = 0; i < 300000; i++)
        wsc__timer_set(&heap, &many[test_random(&seed) % 100000],
                       1000 + test_random(&seed) % 99999);
    for (int i = 0; i < 100000; i++)
        wsc__timer_clear(&heap, &many[i]);
    CHECK(heap.root == NULL);
}

static const struct test tests[] = {
    { "against_model", against_model },
    { "changes_while_firing", changes_while_firing },
    { "far_away", far_away },
    { "a_hundred_thousand", a_hundred_thousand },
};

TEST_MAIN(tests)
