/* Reads performance numbers of many hosts from one thread, every few seconds, and serves the latest
 * as http://127.0.0.1:PORT/metrics for Prometheus.
 *
 * Of all hosts at most so many are read at a time. One that fails is left alone for twice as long
 * each time, up to five minutes, and never for exactly as long as another.
 *
 * build: cc main.c hosts.c metrics.c $(pkg-config --cflags --libs wsman-client libuv)
 * usage: 11-monitor [-p PORT] [-i SECONDS] [-n AT-A-TIME] [-s SECONDS] [-f FILE] USER [HOST...]
 *                   [-- OPTION=VALUE...]     password: $WSC_PASSWORD
 *   -p  where to listen (9182; 0: any)   -i  how often a host is read (15)
 *   -n  how many at a time (50)          -s  how often to tell its own memory and CPU on stderr
 *   -f  hosts, one in a line             each request has 10 seconds, or deadline=... */
#include "monitor.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

/* --- the loop --------------------------------------------------------------------------------- */

static void on_report(uv_timer_t *timer)
{
    const struct monitor *m = timer->data;
    size_t bytes = 0;
    uv_rusage_t used;
    int i, up = 0;

    for (i = 0; i < m->nhosts; i++)
        up += m->hosts[i].values[UP] == 1;
    if (uv_resident_set_memory(&bytes) == 0 && uv_getrusage(&used) == 0)
        fprintf(stderr, "%d of %d hosts are up; %.1f MiB, %.1f s of CPU since the start\n", up,
                m->nhosts, (double)bytes / 1048576,
                (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                    1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec));
}

/* Nothing keeps the loop alive after this, once what is under way has been canceled. */
static void stop(struct monitor *m)
{
    if (m->ended)
        return;
    m->ended = 1;
    wsc_ctx_close(m->ctx, 0);
    hosts_stop(m);
    metrics_stop(m);
    uv_close((uv_handle_t *)&m->term, NULL);
    uv_close((uv_handle_t *)&m->interrupt, NULL);
    uv_close((uv_handle_t *)&m->report, NULL);
}

static void on_signal(uv_signal_t *handle, int number)
{
    (void)number;
    stop(handle->data);
}

static int run(struct monitor *m, wsc_identity *who, int port, uint64_t report)
{
    int bound, rc;

    uv_signal_init(&m->loop, &m->term);
    uv_signal_init(&m->loop, &m->interrupt);
    uv_timer_init(&m->loop, &m->report);
    m->term.data = m->interrupt.data = m->report.data = m;
    uv_signal_start(&m->term, on_signal, SIGTERM);
    uv_signal_start(&m->interrupt, on_signal, SIGINT);
    if (report)
        uv_timer_start(&m->report, on_report, report, report);
    bound = metrics_serve(m, port);
    rc = hosts_start(m, who);
    if (bound < 0)
        fprintf(stderr, "port %d: %s\n", port, uv_strerror(bound));
    if (bound < 0 || rc != WSC_OK) {
        stop(m);
    } else {
        printf("http://127.0.0.1:%d/metrics\n", bound);
        fflush(stdout);
    }
    uv_run(&m->loop, UV_RUN_DEFAULT); /* returns after stop() */
    return bound < 0 || rc != WSC_OK ? 255 : 0;
}

/* --- the command line ------------------------------------------------------------------------- */

static void add_host(struct monitor *m, const char *name)
{
    struct host *more = realloc(m->hosts, (size_t)(m->nhosts + 1) * sizeof *more);

    if (!more)
        abort();
    m->hosts = more;
    memset(&more[m->nhosts], 0, sizeof *more);
    more[m->nhosts].name = strdup(name);
    if (!more[m->nhosts++].name)
        abort();
}

/* Blank lines and # comments are no hosts. */
static void add_file(struct monitor *m, const char *path)
{
    FILE *f = fopen(path, "r");
    char *line = NULL;
    size_t room = 0;

    if (!f) {
        perror(path);
        exit(255);
    }
    while (getline(&line, &room, f) >= 0) {
        char *name = line + strspn(line, " \t\r\n");

        name[strcspn(name, " \t\r\n#")] = '\0';
        if (*name)
            add_host(m, name);
    }
    free(line);
    fclose(f);
}

static void set_options(wsc_params *p, char **list)
{
    for (; *list; list++) {
        char *value = strchr(*list, '=');

        if (value)
            *value++ = '\0';
        wsc_params_set_str(p, *list, value ? value : "true");
    }
}

/* Each host is a connection. */
static void allow_many_connections(void)
{
    struct rlimit l;

    if (getrlimit(RLIMIT_NOFILE, &l) == 0) {
        l.rlim_cur = l.rlim_max;
        setrlimit(RLIMIT_NOFILE, &l);
    }
}

static int read_arguments(struct monitor *m, int argc, char **argv, int *port, uint64_t *report)
{
    int c;

    while ((c = getopt(argc, argv, "+p:i:n:s:f:")) != -1) {
        if (c == 'p')
            *port = atoi(optarg);
        else if (c == 'i')
            m->interval = (uint64_t)(strtod(optarg, NULL) * 1000);
        else if (c == 'n')
            m->at_a_time = atoi(optarg);
        else if (c == 's')
            *report = (uint64_t)(strtod(optarg, NULL) * 1000);
        else if (c == 'f')
            add_file(m, optarg);
        else
            return 0;
    }
    for (c = optind + 1; c < argc && strcmp(argv[c], "--") != 0; c++)
        add_host(m, argv[c]);
    return m->nhosts && m->interval && m->at_a_time > 0 && optind < argc ? c : 0;
}

static void free_hosts(struct monitor *m)
{
    while (m->nhosts)
        free(m->hosts[--m->nhosts].name);
    free(m->hosts);
}

int main(int argc, char **argv)
{
    struct monitor m;
    wsc_params *login = NULL, *p = NULL;
    wsc_identity *who = NULL;
    uint64_t report = 0;
    int port = 9182, end, rc = 255;

    memset(&m, 0, sizeof m);
    m.interval = 15000;
    m.at_a_time = 50;
    end = read_arguments(&m, argc, argv, &port, &report);
    if (!end || uv_loop_init(&m.loop) != 0 || wsc_ctx_new_on_uv(&m.ctx, &m.loop) != WSC_OK ||
        wsc_params_new(&login) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 11-monitor [-p PORT] [-i SECONDS] [-n AT-A-TIME] [-s SECONDS] [-f FILE] USER "
              "[HOST...] [-- OPTION=VALUE...]\n",
              stderr);
        free_hosts(&m);
        return 255;
    }
    signal(SIGPIPE, SIG_IGN); /* libuv writes to sockets without MSG_NOSIGNAL */
    srand((unsigned)getpid());
    allow_many_connections();
    wsc_params_set_str(login, "username", argv[optind]);
    wsc_params_set_str(login, "password", getenv("WSC_PASSWORD"));
    wsc_params_set_str(p, "deadline", "10s");
    if (end < argc)
        set_options(p, argv + end + 1); /* of all that is made from here on, identities, too */
    if (wsc_ctx_set_params(m.ctx, p) == WSC_OK && wsc_identity_new(&who, m.ctx, login) == WSC_OK)
        rc = run(&m, who, port, report);
    else
        fail(argv[optind], wsc_ctx_error(m.ctx));
    wsc_identity_unref(who);
    wsc_params_unref(login);
    wsc_params_unref(p);
    wsc_ctx_unref(m.ctx);
    uv_run(&m.loop, UV_RUN_DEFAULT); /* lets the handles of the context close */
    uv_loop_close(&m.loop);
    free_hosts(&m);
    return rc;
}
