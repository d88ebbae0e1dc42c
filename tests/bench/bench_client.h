/* What the parts of bench_client share. */
#ifndef BENCH_CLIENT_H
#define BENCH_CLIENT_H

#include "bench.h"
#include "canned_tls.h"

#include <stdbool.h>
#include <wsman-client/wsman-client.h>

struct run {
    wsc_ctx *ctx;
    wsc_client *client;
    long wanted, started, good, bad;
    uint64_t bytes;
};

/* Says it; 1. */
int bench_fail(const char *what, const wsc_error *e);
void bench_set_tls(wsc_params *p);
/* Counts the command as good or bad. */
void bench_judge(struct run *r, wsc_command *cmd);
/* An output callback, ud being the run. */
size_t bench_count_output(wsc_command *cmd, int stream, const void *data, size_t len, void *ud);
void bench_clean_up(struct run *r);
/* n endpoints, and `more` commands on them in turn */
void bench_hosts(struct run *r, const char *url, long n, long more);
/* `count` instances, in answers of so many thousand bytes; next: by wsc_items_next, not by callback
 */
void bench_items(struct run *r, bool next, const char *count, const char *kilobytes);

#endif
