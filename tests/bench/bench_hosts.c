/* Many endpoints at once, each with a client and a connection of its own: 127.0.0.1, 127.0.0.2, ...
 *
 * 1. one command on each makes the connections; what an idle one takes
 * 2. more commands on them in turn, a few at a time; what one costs
 * 3. one that does not end on each, all at once; what an endpoint takes whose Receive waits */
#include "bench_client.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define AT_FIRST  100 /* commands at a time while connections are made */
#define AT_A_TIME 8

struct hosts {
    struct run *r;
    wsc_client **clients;
    long n;
    const char *text;
    bool open; /* the gate: all that wait do so */
};

static void start(struct hosts *h);

static void on_end(wsc_command *cmd, int status, void *ud)
{
    struct hosts *h = ud;

    if (status != WSC_OK && !h->r->bad) /* once: the others say the same */
        bench_fail("command", wsc_command_error(cmd));
    bench_judge(h->r, cmd);
    wsc_command_unref(cmd);
    if (h->r->started < h->r->wanted)
        start(h);
}

static wsc_command *run(struct hosts *h, wsc_client *client, const char *text)
{
    wsc_command *cmd = NULL;

    if (wsc_client_run(&cmd, client, text, NULL, 0, NULL) != WSC_OK) {
        bench_fail(text, wsc_ctx_error(h->r->ctx));
        h->r->bad++;
        return NULL;
    }
    wsc_command_on_output(cmd, bench_count_output, h->r, NULL);
    return cmd;
}

static void start(struct hosts *h)
{
    wsc_command *cmd = run(h, h->clients[h->r->started++ % h->n], h->text);

    if (cmd)
        wsc_command_on_exit(cmd, on_end, h, NULL);
}

/* `count` commands, so many at a time */
static void go(struct hosts *h, const char *text, long count, long at_a_time)
{
    struct run *r = h->r;
    long end = r->good + r->bad + count;

    h->text = text;
    r->started = 0;
    r->wanted = count;
    while (r->started < count && r->started < at_a_time)
        start(h);
    while (r->good + r->bad < end && wsc_ctx_wait(r->ctx, 30000) == WSC_OK)
        ;
    bench_clean_up(r);
}

static void on_gate(wsc_command *cmd, int status, void *ud)
{
    struct hosts *h = ud;

    h->open = true;
    on_end(cmd, status, ud);
}

/* All wait at once; the gate is a command that ends when they do. What each takes then. */
static double hold(struct hosts *h, long before)
{
    struct run *r = h->r;
    long end = r->good + r->bad + h->n + 2;
    wsc_command *cmd;
    char gate[32];
    double each;

    h->text = "hold";
    h->open = false;
    r->started = 0;
    r->wanted = h->n;
    while (r->started < h->n)
        start(h);
    snprintf(gate, sizeof gate, "gate %ld", h->n);
    cmd = run(h, r->client, gate);
    if (cmd)
        wsc_command_on_exit(cmd, on_gate, h, NULL);
    while (!h->open && wsc_ctx_wait(r->ctx, 30000) == WSC_OK)
        ;
    each = (double)(bench_rss_now_kb() - before) / (double)h->n;
    cmd = run(h, r->client, "release");
    if (cmd)
        wsc_command_on_exit(cmd, on_end, h, NULL);
    while (r->good + r->bad < end && wsc_ctx_wait(r->ctx, 30000) == WSC_OK)
        ;
    bench_clean_up(r);
    return each;
}

static int make_clients(struct hosts *h, const char *url, wsc_identity *who, wsc_params *p)
{
    int port = atoi(strrchr(url, ':') + 1), scheme = (int)(strstr(url, "://") - url);
    char address[80];
    long i;

    for (i = 0; i < h->n; i++) {
        snprintf(address, sizeof address, "%.*s://127.%ld.%ld.%ld:%d/wsman", scheme, url,
                 i >> 15 & 127, i >> 7 & 127, (i & 127) + 1, port);
        if (wsc_client_new(&h->clients[i], h->r->ctx, address, who, p) != WSC_OK)
            return bench_fail(address, wsc_ctx_error(h->r->ctx));
    }
    return 0;
}

void bench_hosts(struct run *r, const char *url, long n, long more)
{
    struct hosts h = { .r = r, .clients = calloc((size_t)n, sizeof *h.clients), .n = n };
    wsc_params *login = NULL, *p = NULL;
    wsc_identity *who = NULL;
    double idle, waiting, cpu;
    long before, i;

    bench_many_descriptors();
    wsc_params_new(&login);
    wsc_params_set_str(login, "username", "bench");
    wsc_params_set_str(login, "password", "bench");
    wsc_params_set_str(login, "auth", "basic");
    wsc_params_new(&p);
    wsc_params_set_str(p, "allow-unencrypted", "true");
    wsc_params_set_str(p, "trusted-hosts", "*");
    wsc_params_set_str(p, "connection-idle-timeout", "60m");
    bench_set_tls(p);
    before = bench_rss_now_kb();
    if (h.clients && wsc_identity_new(&who, r->ctx, login) == WSC_OK &&
        !make_clients(&h, url, who, p)) {
        go(&h, "hello", n, AT_FIRST);
        idle = (double)(bench_rss_now_kb() - before) / (double)n;
        cpu = bench_cpu();
        go(&h, "hello", more, AT_A_TIME);
        cpu = (bench_cpu() - cpu) / (double)more;
        waiting = hold(&h, before);
        printf("hosts idle_kib=%.3f waiting_kib=%.3f each_ms=%.6f\n", idle, waiting, cpu * 1e3);
    }
    for (i = 0; h.clients && i < n; i++)
        wsc_client_unref(h.clients[i]);
    wsc_identity_unref(who);
    wsc_params_unref(login);
    wsc_params_unref(p);
    free(h.clients);
}
