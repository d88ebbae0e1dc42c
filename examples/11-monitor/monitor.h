/* What the parts of the example share: hosts.c reads the hosts, metrics.c tells what they say. */
#ifndef MONITOR_H
#define MONITOR_H

#include <wsman-client/uv.h>

enum { UP, SECONDS, READS, FAILURES, PAUSE, CPU, CPU_KERNEL, INTERRUPTS, MEMORY, METRICS };

extern const struct metric {
    const char *name, *type, *help; /* for Prometheus */
    int resource;                   /* where it comes from: one of the classes that are read ... */
    const char *property;           /* ... and a property of it; NULL: we count it ourselves */
} metrics[METRICS];

struct monitor;

struct host {
    struct monitor *monitor;
    char *name;
    wsc_client *client;
    int resource;           /* which class is being read */
    uint64_t began;         /* and since when, in ms */
    int failed;             /* so many times in a row */
    uv_timer_t timer;       /* its next turn */
    struct host *next;      /* who waits behind it */
    double values[METRICS]; /* NaN: not known */
};

struct monitor {
    uv_loop_t loop;
    wsc_ctx *ctx;
    struct host *hosts;
    int nhosts;
    struct host *first, *last; /* those whose turn has come while too many others are read */
    int running, at_a_time;
    uint64_t interval; /* ms */
    int ended;
    uv_signal_t term, interrupt;
    uv_timer_t report;
    uv_tcp_t server;
    struct visitor *visitors;
};

/* Says it on stderr; 255. */
int fail(const char *what, const wsc_error *e);

/* From here on each is read again and again. Not WSC_OK: that was said. */
int hosts_start(struct monitor *m, wsc_identity *who);
void hosts_stop(struct monitor *m);

/* Serves http://127.0.0.1:PORT/metrics; 0 takes a free port. Returns the port, or an error of
 * libuv. */
int metrics_serve(struct monitor *m, int port);
void metrics_stop(struct monitor *m);

#endif
