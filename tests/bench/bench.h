/* What the programs of the benchmark share: clocks, and the line that run.py reads. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>

struct bench {
    double wall, cpu;
};

static inline double bench_cpu(void)
{
    struct rusage u;

    getrusage(RUSAGE_SELF, &u);
    return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static inline double bench_wall(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static inline void bench_begin(struct bench *b)
{
    b->wall = bench_wall();
    b->cpu = bench_cpu();
}

/* The most memory this program has had; ru_maxrss may be that of the process that started it. */
static inline long bench_rss_kb(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char line[200];
    long kb = 0;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmHWM: %ld", &kb) == 1)
            break;
    if (f)
        fclose(f);
    return kb;
}

/* What it has now, in KiB. */
static inline long bench_rss_now_kb(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long pages = 0, all = 0;

    if (f) {
        if (fscanf(f, "%ld %ld", &all, &pages) != 2)
            pages = 0;
        fclose(f);
    }
    return pages * 4;
}

/* Ten thousand endpoints are as many descriptors. */
static inline void bench_many_descriptors(void)
{
    struct rlimit l;

    if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
        l.rlim_cur = l.rlim_max;
        setrlimit(RLIMIT_NOFILE, &l);
    }
}

/* count: commands that ended well; bytes: of their stdout */
static inline void bench_end(const struct bench *b, long count, uint64_t bytes)
{
    double cpu = bench_cpu() - b->cpu, wall = bench_wall() - b->wall;

    printf("result count=%ld bytes=%llu wall=%.6f cpu=%.6f rss_kb=%ld\n", count,
           (unsigned long long)bytes, wall, cpu, bench_rss_kb());
    fprintf(stderr, "%.3f ms CPU per command, %.1f decoded MB per CPU-second\n",
            count ? cpu * 1e3 / (double)count : 0.0, cpu > 0 ? (double)bytes * 1e-6 / cpu : 0.0);
}

#endif
