/* One host: from the options to a client, waiting, and an orderly end. */
#include "wsc.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define CLOSING_MS 1000 /* so long nothing is said of the clean-up */

static void on_log(int level, const char *component, const char *msg, size_t len, void *user_data)
{
    static const char *const names[] = { "", "error", "warning", "info", "debug", "trace" };

    (void)user_data;
    fprintf(told(), "wsc: %s: %s: ", names[level], component);
    clean_bytes(told(), msg, len, "    ");
    fputc('\n', told());
}

static int log_level(const struct options *o)
{
    if (o->trace)
        return WSC_LOG_TRACE;
    if (o->verbose == 0)
        return o->quiet ? WSC_LOG_NONE : WSC_LOG_ERROR;
    return o->verbose == 1 ? WSC_LOG_INFO : WSC_LOG_DEBUG;
}

static int refused(struct session *s)
{
    const struct options *o = s->o;
    int rc;

    if (o->json && o->host) {
        json_begin(stdout, o->host);
        json_end(stdout, wsc_ctx_error(s->ctx));
        finish_stdout();
    }
    rc = fail_with(o, o->host ? o->host : o->hosts_file, wsc_ctx_error(s->ctx));
    session_close(s);
    return rc;
}

int session_start(struct session *s, const struct options *o)
{
    int rc;

    memset(s, 0, sizeof *s);
    s->o = o;
    rc = wsc_ctx_new(&s->ctx);
    if (rc != WSC_OK) {
        say("%s", wsc_code_name(rc));
        return o->command == CMD_RUN || o->command == CMD_SHELL ? EXIT_OURS : EXIT_LIMIT;
    }
    signals_wake(s->ctx);
    wsc_ctx_set_log(s->ctx, log_level(o), on_log, NULL, NULL);
    if (wsc_ctx_set_params(s->ctx, o->context) == WSC_OK &&
        wsc_identity_new(&s->identity, s->ctx, o->identity) == WSC_OK)
        return 0;
    return refused(s);
}

int session_open(struct session *s, const struct options *o)
{
    int rc = session_start(s, o);

    if (rc || wsc_client_new(&s->client, s->ctx, o->host, s->identity, o->client) == WSC_OK)
        return rc;
    return refused(s);
}

/* ms: at most; -1 = as the library wants it. */
static void session_wait_for(struct session *s, int ms, int in_fd, int out_fd, bool *in_ready)
{
    int wanted = wsc_ctx_timeout(s->ctx);
    struct pollfd fds[3];

    memset(fds, 0, sizeof fds);
    fds[0].fd = wsc_ctx_fd(s->ctx);
    fds[0].events = POLLIN;
    fds[1].fd = in_fd;
    fds[1].events = POLLIN;
    fds[2].fd = out_fd;
    fds[2].events = POLLOUT;
    if (poll(fds, 3, ms >= 0 && (wanted < 0 || ms < wanted) ? ms : wanted) < 0)
        fds[1].revents = 0; /* a signal */
    if (in_ready)
        *in_ready = fds[1].revents != 0;
    wsc_ctx_step(s->ctx);
}

void session_wait(struct session *s, int in_fd, int out_fd, bool *in_ready)
{
    session_wait_for(s, -1, in_fd, out_fd, in_ready);
}

int session_op(struct session *s, wsc_op *op)
{
    int rc;

    while ((rc = wsc_op_wait(op, 0)) == WSC_E_AGAIN) {
        session_wait(s, -1, -1, NULL);
        s->ended_by = signals_ended_by();
        if (s->ended_by)
            wsc_op_cancel(op);
    }
    return rc;
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Who has ended us would else look at a program that does nothing. */
static void tell_closing(const struct session *s, int64_t *since)
{
    if (!s->ended_by || s->o->quiet || *since < 0 || now_ms() - *since < CLOSING_MS)
        return;
    say("waiting for the server to clean up; Ctrl+C once more ends at once");
    *since = -1;
}

/* The library bounds the clean-up by its option cancel-timeout; one more signal gives it up. */
void session_close(struct session *s)
{
    int interrupts = signals_interrupts(), end = signals_end();
    int64_t since = now_ms();

    if (!s->ctx)
        return;
    wsc_client_unref(s->client);
    wsc_identity_unref(s->identity);
    wsc_ctx_close(s->ctx, 0);
    while (wsc_ctx_pending(s->ctx) > 0 && signals_interrupts() == interrupts &&
           signals_end() == end) {
        session_wait_for(s, since < 0 ? -1 : CLOSING_MS, -1, -1, NULL);
        tell_closing(s, &since);
    }
    signals_wake(NULL);
    wsc_ctx_unref(s->ctx);
    s->ctx = NULL;
}
