/* Whoever is inside counts, and stays until let out. Include it once per program. */
#ifndef WSC_TEST_HELD_H
#define WSC_TEST_HELD_H

#include <pthread.h>
#include <stdbool.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int running, most_running;
static bool held;

static inline void set_held(bool on)
{
    pthread_mutex_lock(&lock);
    held = on;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static inline void wait_for(const int *value, int at_least)
{
    pthread_mutex_lock(&lock);
    while (*value < at_least)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static inline int value_of(const int *value)
{
    int v;

    pthread_mutex_lock(&lock);
    v = *value;
    pthread_mutex_unlock(&lock);
    return v;
}

#endif
