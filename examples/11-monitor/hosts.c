/* Reading the hosts: of one its classes in turn, and so many hosts at a time. */
#include "monitor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define LONGEST_PAUSE 300000 /* ms */

enum { PROCESSOR_CLASS, MEMORY_CLASS, RESOURCES };

static const char *const resources[RESOURCES] = {
    "wmicimv2/Win32_PerfFormattedData_PerfOS_Processor?Name=_Total",
    "wmicimv2/Win32_PerfFormattedData_PerfOS_Memory",
};

const struct metric metrics[METRICS] = {
    [UP] = { "wsc_up", "gauge", "Whether the host could be read.", 0, NULL },
    [SECONDS] = { "wsc_read_seconds", "gauge", "How long that took.", 0, NULL },
    [READS] = { "wsc_reads_total", "counter", "How often it was read.", 0, NULL },
    [FAILURES] = { "wsc_failures_total", "counter", "How often that failed.", 0, NULL },
    [PAUSE] = { "wsc_pause_seconds", "gauge", "How long it is left alone then.", 0, NULL },
    [CPU] = { "windows_cpu_percent", "gauge", "Of all processors.", PROCESSOR_CLASS,
              "PercentProcessorTime" },
    [CPU_KERNEL] = { "windows_cpu_kernel_percent", "gauge", "In privileged mode.", PROCESSOR_CLASS,
                     "PercentPrivilegedTime" },
    [INTERRUPTS] = { "windows_interrupts_per_second", "gauge", "Hardware interrupts.",
                     PROCESSOR_CLASS, "InterruptsPersec" },
    [MEMORY] = { "windows_memory_available_bytes", "gauge", "Memory that is free or can be.",
                 MEMORY_CLASS, "AvailableBytes" },
};

static wsc_epr *eprs[RESOURCES];

int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
}

/* --- reading one host ------------------------------------------------------------------------- */

static void ask(struct host *h);
static void on_turn(uv_timer_t *timer);

/* As long again as it should take from turn to turn; longer after failures, and then by chance. */
static uint64_t pause_of(const struct host *h)
{
    uint64_t now = uv_now(&h->monitor->loop), pause = h->monitor->interval;
    int i;

    if (!h->failed)
        return h->began + pause > now ? h->began + pause - now : 0;
    for (i = 0; i < h->failed && pause < LONGEST_PAUSE; i++)
        pause *= 2;
    if (pause > LONGEST_PAUSE)
        pause = LONGEST_PAUSE;
    pause /= 2;
    return pause + (uint64_t)((double)rand() / RAND_MAX * (double)pause);
}

/* e: NULL, or why it could not be read */
static void finish(struct host *h, const wsc_error *e)
{
    uint64_t pause;
    int i;

    if (e && !h->failed)
        fail(h->name, e); /* once: /metrics tells the rest */
    else if (!e && h->failed)
        fprintf(stderr, "%s: can be read again\n", h->name);
    h->failed = e ? h->failed + 1 : 0;
    for (i = 0; e && i < METRICS; i++)
        if (metrics[i].property)
            h->values[i] = NAN; /* rather none than old ones */
    pause = pause_of(h);
    h->values[UP] = !e;
    h->values[SECONDS] = (double)(uv_now(&h->monitor->loop) - h->began) * 1e-3;
    h->values[READS]++;
    h->values[FAILURES] += e != NULL;
    h->values[PAUSE] = (double)pause * 1e-3;
    h->monitor->running--;
    uv_timer_start(&h->timer, on_turn, pause, 0);
}

static void take(struct host *h, const wsc_value *instance)
{
    int i;

    for (i = 0; i < METRICS; i++) {
        const struct metric *m = &metrics[i];

        if (!m->property || m->resource != h->resource)
            continue;
        h->values[i] = NAN;
        if (instance)
            wsc_value_get_double(wsc_value_find(instance, m->property, 0), &h->values[i]);
    }
}

/* Whoever waits, while not too many are being read. */
static void start_next(struct monitor *m)
{
    while (m->first && m->running < m->at_a_time) {
        struct host *h = m->first;

        m->first = h->next;
        m->running++;
        h->resource = 0;
        h->began = uv_now(&m->loop);
        ask(h);
    }
}

static void on_done(wsc_op *op, int status, void *user_data)
{
    struct host *h = user_data;

    if (h->monitor->ended) {
        wsc_op_unref(op);
        return;
    }
    if (status == WSC_OK)
        take(h, wsc_op_value(op));
    if (status != WSC_OK)
        finish(h, wsc_op_error(op));
    else if (++h->resource < RESOURCES)
        ask(h);
    else
        finish(h, NULL);
    wsc_op_unref(op);
    start_next(h->monitor);
}

static void ask(struct host *h)
{
    wsc_op *op = NULL;

    if (wsc_get(&op, h->client, eprs[h->resource], NULL) == WSC_OK)
        wsc_op_on_done(op, on_done, h, NULL); /* nothing can have happened yet */
    else
        finish(h, wsc_ctx_error(h->monitor->ctx));
}

static void on_turn(uv_timer_t *timer)
{
    struct host *h = timer->data;
    struct monitor *m = h->monitor;

    h->next = NULL;
    if (m->first)
        m->last->next = h;
    else
        m->first = h;
    m->last = h;
    start_next(m);
}

/* --- the beginning and the end ---------------------------------------------------------------- */

int hosts_start(struct monitor *m, wsc_identity *who)
{
    int i, j, rc = WSC_OK;

    for (i = 0; i < RESOURCES && rc == WSC_OK; i++)
        rc = wsc_epr_parse(&eprs[i], resources[i], NULL, NULL);
    for (i = 0; i < m->nhosts; i++) {
        struct host *h = &m->hosts[i];

        h->monitor = m;
        for (j = 0; j < METRICS; j++)
            h->values[j] = j == READS || j == FAILURES ? 0 : NAN;
        uv_timer_init(&m->loop, &h->timer);
        h->timer.data = h;
        /* not all at once, now and later */
        uv_timer_start(&h->timer, on_turn, m->interval * (uint64_t)i / (uint64_t)m->nhosts, 0);
        if (rc == WSC_OK && (rc = wsc_client_new(&h->client, m->ctx, h->name, who, NULL)) != WSC_OK)
            fail(h->name, wsc_ctx_error(m->ctx));
    }
    return rc;
}

void hosts_stop(struct monitor *m)
{
    int i;

    for (i = 0; i < m->nhosts; i++) {
        uv_close((uv_handle_t *)&m->hosts[i].timer, NULL);
        wsc_client_unref(m->hosts[i].client); /* what is under way keeps what it needs */
    }
    for (i = 0; i < RESOURCES; i++)
        wsc_epr_unref(eprs[i]);
}
