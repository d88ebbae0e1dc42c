/* The text format of Prometheus, over just enough HTTP. It listens on this machine only, and tells
 * nobody's secrets; what is to be reached from elsewhere belongs behind a real server. */
#include "monitor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct visitor {
    uv_tcp_t tcp;
    uv_write_t write;
    struct monitor *monitor;
    struct visitor *next;
    char request[4096];
    size_t have;
    char *reply;
};

/* --- the page --------------------------------------------------------------------------------- */

static void put_name(FILE *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '"' || *s == '\\')
            fputc('\\', out);
        fputc(*s, out);
    }
}

static void put_family(FILE *out, const struct metric *of, const struct monitor *m)
{
    const struct host *h;

    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", of->name, of->help, of->name, of->type);
    for (h = m->hosts; h < m->hosts + m->nhosts; h++) {
        double value = h->values[of - metrics];

        if (isnan(value))
            continue;
        fprintf(out, "%s{host=\"", of->name);
        put_name(out, h->name);
        fprintf(out, "\"} %.15g\n", value);
    }
}

static void put_own(FILE *out)
{
    size_t bytes = 0;
    uv_rusage_t used;

    if (uv_resident_set_memory(&bytes) == 0)
        fprintf(out,
                "# TYPE process_resident_memory_bytes gauge\n"
                "process_resident_memory_bytes %zu\n",
                bytes);
    if (uv_getrusage(&used) == 0)
        fprintf(out, "# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total %.6f\n",
                (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                    1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec));
}

static char *make_page(const struct monitor *m)
{
    char *page = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&page, &len);
    int i;

    if (!out)
        return NULL;
    for (i = 0; i < METRICS; i++)
        put_family(out, &metrics[i], m);
    put_own(out);
    if (fclose(out) == 0)
        return page;
    free(page);
    return NULL;
}

static char *make_reply(const char *status, const char *body)
{
    static const char head[] = "HTTP/1.1 %s\r\nContent-Type: text/plain; version=0.0.4\r\n"
                               "Content-Length: %zu\r\nConnection: close\r\n\r\n%s";
    int n = snprintf(NULL, 0, head, status, strlen(body), body);
    char *reply = malloc((size_t)n + 1);

    if (reply)
        snprintf(reply, (size_t)n + 1, head, status, strlen(body), body);
    return reply;
}

/* --- visitors --------------------------------------------------------------------------------- */

static void on_closed(uv_handle_t *handle)
{
    struct visitor *v = handle->data;

    free(v->reply);
    free(v);
}

static void send_away(struct visitor *v)
{
    struct visitor **p = &v->monitor->visitors;

    while (*p != v)
        p = &(*p)->next;
    *p = v->next;
    uv_close((uv_handle_t *)&v->tcp, on_closed);
}

static void on_written(uv_write_t *write, int status)
{
    if (status != UV_ECANCELED) /* then it is being closed already */
        send_away(write->data);
}

static void answer(struct visitor *v)
{
    char *page;
    uv_buf_t buf;

    if (strncmp(v->request, "GET /metrics ", 13) == 0) {
        page = make_page(v->monitor);
        v->reply = make_reply("200 OK", page ? page : "");
        free(page);
    } else {
        v->reply = make_reply("404 Not Found", "There is only /metrics.\n");
    }
    buf = uv_buf_init(v->reply, v->reply ? (unsigned)strlen(v->reply) : 0);
    v->write.data = v;
    if (!v->reply || uv_write(&v->write, (uv_stream_t *)&v->tcp, &buf, 1, on_written) != 0)
        send_away(v);
}

static void on_room(uv_handle_t *handle, size_t size, uv_buf_t *buf)
{
    struct visitor *v = handle->data;

    (void)size;
    *buf = uv_buf_init(v->request + v->have, (unsigned)(sizeof v->request - 1 - v->have));
}

/* Without room left n is UV_ENOBUFS. */
static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf)
{
    struct visitor *v = stream->data;

    (void)buf;
    if (n < 0) {
        send_away(v);
        return;
    }
    v->have += (size_t)n;
    v->request[v->have] = '\0';
    if (!strstr(v->request, "\r\n\r\n"))
        return;
    uv_read_stop(stream);
    answer(v);
}

static void on_visitor(uv_stream_t *server, int status)
{
    struct monitor *m = server->data;
    struct visitor *v = status == 0 ? calloc(1, sizeof *v) : NULL;

    if (!v)
        return;
    v->monitor = m;
    v->next = m->visitors;
    m->visitors = v;
    uv_tcp_init(&m->loop, &v->tcp);
    v->tcp.data = v;
    if (uv_accept(server, (uv_stream_t *)&v->tcp) != 0 ||
        uv_read_start((uv_stream_t *)&v->tcp, on_room, on_read) != 0)
        send_away(v);
}

int metrics_serve(struct monitor *m, int port)
{
    struct sockaddr_storage bound;
    struct sockaddr_in a;
    int len = sizeof bound, rc;

    uv_tcp_init(&m->loop, &m->server);
    m->server.data = m;
    uv_ip4_addr("127.0.0.1", port, &a);
    rc = uv_tcp_bind(&m->server, (const struct sockaddr *)&a, 0);
    if (rc == 0)
        rc = uv_listen((uv_stream_t *)&m->server, 16, on_visitor);
    if (rc == 0)
        rc = uv_tcp_getsockname(&m->server, (struct sockaddr *)&bound, &len);
    if (rc == 0)
        memcpy(&a, &bound, sizeof a);
    return rc == 0 ? ntohs(a.sin_port) : rc;
}

void metrics_stop(struct monitor *m)
{
    while (m->visitors)
        send_away(m->visitors);
    uv_close((uv_handle_t *)&m->server, NULL);
}
