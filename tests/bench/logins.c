/* Many logins at once, each by an identity of its own: how many a CPU-second has, and the longest
 * time for which the loop stood still.
 *
 *   logins URL N USER OPTION=VALUE...   the password comes from WSC_PASSWORD */
#include "bench.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <wsman-client/wsman-client.h>

struct logins {
    wsc_ctx *ctx;
    long good, bad;
    double longest, busiest; /* of one step: seconds, and those of CPU */
};

static void say(const char *what, const wsc_error *e)
{
    const char *cause = NULL;

    (void)wsc_error_get_str(e, "cause", &cause);
    fprintf(stderr, "logins: %s: %s (%s)\n", what, wsc_error_text(e), cause ? cause : "-");
}

static void on_done(wsc_op *op, int status, void *ud)
{
    struct logins *l = ud;

    if (status == WSC_OK)
        l->good++;
    else if (!l->bad++) /* the others say the same */
        say("login", wsc_op_error(op));
    wsc_op_unref(op);
}

static int begin(struct logins *l, const char *url, const wsc_params *who, wsc_client **client)
{
    wsc_identity *id = NULL;
    wsc_op *op = NULL;
    int rc = wsc_identity_new(&id, l->ctx, who);

    if (rc == WSC_OK)
        rc = wsc_client_new(client, l->ctx, url, id, NULL);
    if (rc == WSC_OK)
        rc = wsc_identify(&op, *client, NULL);
    if (rc == WSC_OK)
        rc = wsc_op_on_done(op, on_done, l, NULL);
    wsc_identity_unref(id);
    return rc;
}

static double thread_cpu(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* As a program with a loop of its own does it. */
static void step(struct logins *l)
{
    struct pollfd p = { wsc_ctx_fd(l->ctx), POLLIN, 0 };
    double at, took, cpu;

    poll(&p, 1, wsc_ctx_timeout(l->ctx));
    at = bench_wall();
    cpu = thread_cpu();
    (void)wsc_ctx_step(l->ctx);
    took = bench_wall() - at;
    cpu = thread_cpu() - cpu;
    if (took > l->longest)
        l->longest = took;
    if (cpu > l->busiest)
        l->busiest = cpu;
}

static int options(wsc_params *who, int argc, char **argv)
{
    const char *password = getenv("WSC_PASSWORD");
    int i, rc = WSC_OK;

    if (argc > 3)
        rc = wsc_params_set_str(who, "username", argv[3]);
    if (rc == WSC_OK && password)
        rc = wsc_params_set_bytes(who, "password", password, strlen(password));
    for (i = 4; rc == WSC_OK && i < argc; i++) {
        char *value = strchr(argv[i], '=');

        if (!value)
            return WSC_E_USAGE;
        *value++ = '\0';
        rc = wsc_params_set_str(who, argv[i], value);
    }
    return rc;
}

/* All start at once, so that the last one waits for all the others. */
static int be_patient(wsc_ctx *ctx)
{
    wsc_params *p = NULL;
    int rc = wsc_params_new(&p);

    (void)wsc_params_set_str(p, "open-timeout", "600s");
    (void)wsc_params_set_str(p, "operation-timeout", "600s");
    if (rc == WSC_OK)
        rc = wsc_ctx_set_params(ctx, p);
    wsc_params_unref(p);
    return rc;
}

int main(int argc, char **argv)
{
    struct logins l = { NULL, 0, 0, 0, 0 };
    wsc_params *who = NULL;
    long n = argc > 2 ? atol(argv[2]) : 0, i;
    wsc_client **clients = calloc((size_t)n + 1, sizeof(wsc_client *));
    struct bench b;

    if (n < 1 || !clients || wsc_ctx_new(&l.ctx) != WSC_OK || wsc_params_new(&who) != WSC_OK ||
        options(who, argc, argv) != WSC_OK || be_patient(l.ctx) != WSC_OK) {
        fprintf(stderr, "logins URL N USER OPTION=VALUE...\n");
        return 2;
    }
    bench_many_descriptors();
    bench_begin(&b);
    for (i = 0; i < n; i++) {
        if (begin(&l, argv[1], who, &clients[i]) != WSC_OK) {
            say("client", wsc_ctx_error(l.ctx));
            return 1;
        }
    }
    while (l.good + l.bad < n)
        step(&l);
    printf("result count=%ld bad=%ld wall=%.6f cpu=%.6f longest_ms=%.3f busiest_ms=%.3f\n", l.good,
           l.bad, bench_wall() - b.wall, bench_cpu() - b.cpu, l.longest * 1e3, l.busiest * 1e3);
    for (i = 0; i < n; i++)
        wsc_client_unref(clients[i]);
    free(clients);
    wsc_params_unref(who);
    wsc_ctx_unref(l.ctx);
    return l.bad ? 1 : 0;
}
