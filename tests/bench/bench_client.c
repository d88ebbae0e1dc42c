/* The library at work against a server of prepared answers (canned.c).
 *
 * usage: bench_client URL commands N [K]   N commands, each in a shell of its own, K at a time (1)
 *        bench_client URL hosts N [M]      on N endpoints: see bench_hosts.c
 *        bench_client URL logins N         N times one request as an identity of its own
 *        bench_client URL stream MB [KB]   one command, its output taken by a callback
 *        bench_client URL pull MB [KB]     the same, taken with wsc_command_read
 *        bench_client URL enumerate N [KB]       N instances, taken by a callback
 *        bench_client URL enumerate-next N [KB]  the same, taken with wsc_items_next
 *
 * For https the environment variable CA_FILE names the server's certificate. AUTH: basic, or what
 * seals over http. */
#include "bench_client.h"

#include <stdlib.h>
#include <string.h>

int bench_fail(const char *what, const wsc_error *e)
{
    fprintf(stderr, "bench_client: %s: %s\n", what, wsc_error_text(e));
    return 1;
}

void bench_set_tls(wsc_params *p)
{
    wsc_params_set_str(p, "tls-ca-file", getenv("CA_FILE"));
    wsc_params_set_str(p, "tls-verify-name", CANNED_TLS_NAME);
}

static void set_identity(wsc_params *p)
{
    const char *auth = getenv("AUTH") ? getenv("AUTH") : "basic";

    wsc_params_set_str(p, "username", "bench");
    wsc_params_set_str(p, "password", "bench");
    wsc_params_set_str(p, "auth", auth);
}

static void set_target(wsc_params *p)
{
    wsc_params_set_str(p, "trusted-hosts", "*");
    wsc_params_set_str(p, "allow-unencrypted", "true");
    if (getenv("AUTH") && strcmp(getenv("AUTH"), "kerberos") == 0)
        wsc_params_set_str(p, "spn-host", "localhost"); /* KRB5_CONFIG says the rest */
}

static int connect_to(struct run *r, const char *url)
{
    wsc_params *p = NULL;
    int rc;

    rc = wsc_ctx_new(&r->ctx);
    if (rc != WSC_OK || wsc_params_new(&p) != WSC_OK)
        return bench_fail("context", NULL);
    set_identity(p);
    set_target(p);
    bench_set_tls(p);
    rc = wsc_client_new(&r->client, r->ctx, url, NULL, p);
    wsc_params_unref(p);
    return rc == WSC_OK ? 0 : bench_fail(url, wsc_ctx_error(r->ctx));
}

/* Signal and Delete belong to a command: its cost is known only when they are through. */
void bench_clean_up(struct run *r)
{
    while (wsc_ctx_pending(r->ctx))
        if (wsc_ctx_wait(r->ctx, 5000) != WSC_OK)
            break;
}

void bench_judge(struct run *r, wsc_command *cmd)
{
    int64_t code = -1;

    if (wsc_command_exit_code(cmd, &code) == WSC_OK && !code)
        r->good++;
    else
        r->bad++;
}

/* --- commands --------------------------------------------------------------------------------- */

static int one_command(struct run *r)
{
    wsc_command *cmd = NULL;
    const void *data = NULL;
    size_t len = 0;

    if (wsc_client_run(&cmd, r->client, "hello", NULL, 0, NULL) != WSC_OK)
        return bench_fail("run", wsc_ctx_error(r->ctx));
    if (wsc_command_wait(cmd, 30000) != WSC_OK)
        bench_fail("wait", wsc_command_error(cmd));
    if (wsc_command_output(cmd, WSC_STDOUT, &data, &len) == WSC_OK)
        r->bytes += len;
    bench_judge(r, cmd);
    wsc_command_unref(cmd);
    return 0;
}

size_t bench_count_output(wsc_command *cmd, int stream, const void *data, size_t len, void *ud)
{
    struct run *r = ud;

    (void)cmd;
    (void)data;
    if (stream == WSC_STDOUT)
        r->bytes += len;
    return len;
}

static void start_next(struct run *r);

static void on_exit_of_one(wsc_command *cmd, int status, void *ud)
{
    struct run *r = ud;

    if (status != WSC_OK)
        bench_fail("command", wsc_command_error(cmd));
    bench_judge(r, cmd);
    wsc_command_unref(cmd);
    if (r->started < r->wanted)
        start_next(r);
}

static void start_next(struct run *r)
{
    wsc_command *cmd = NULL;

    r->started++;
    if (wsc_client_run(&cmd, r->client, "hello", NULL, 0, NULL) != WSC_OK) {
        bench_fail("run", wsc_ctx_error(r->ctx));
        r->bad++;
        return;
    }
    wsc_command_on_output(cmd, bench_count_output, r, NULL);
    wsc_command_on_exit(cmd, on_exit_of_one, r, NULL);
}

static void commands(struct run *r, long n, long parallel)
{
    r->wanted = n;
    if (parallel <= 1) {
        while (r->good + r->bad < n && !one_command(r))
            ;
        return;
    }
    while (r->started < n && r->started < parallel)
        start_next(r);
    while (r->good + r->bad < n && wsc_ctx_wait(r->ctx, 30000) == WSC_OK)
        ;
}

/* --- logins ----------------------------------------------------------------------------------- */

/* A connection, the legs of its login, one request, and the end of all that. */
static int one_login(struct run *r, wsc_identity *who, const char *url)
{
    static const char action[] = "http://schemas.xmlsoap.org/ws/2004/09/transfer/Delete";
    wsc_params *p = NULL;
    wsc_client *c = NULL;
    wsc_op *op = NULL;
    int rc = wsc_params_new(&p);

    set_target(p);
    if (rc == WSC_OK)
        rc = wsc_client_new(&c, r->ctx, url, who, p);
    if (rc == WSC_OK)
        rc = wsc_request(&op, c, action, NULL, NULL, 0, NULL);
    if (rc != WSC_OK)
        bench_fail("login", wsc_ctx_error(r->ctx));
    else if ((rc = wsc_op_wait(op, 30000)) != WSC_OK)
        bench_fail("login", wsc_op_error(op));
    r->good += rc == WSC_OK;
    wsc_op_unref(op);
    wsc_client_unref(c);
    wsc_params_unref(p);
    return rc;
}

static void logins(struct run *r, const char *url, long n)
{
    wsc_identity *who = NULL;
    wsc_params *p = NULL;

    if (wsc_params_new(&p) == WSC_OK)
        set_identity(p);
    if (wsc_identity_new(&who, r->ctx, p) != WSC_OK)
        bench_fail("identity", wsc_ctx_error(r->ctx));
    while (n-- && one_login(r, who, url) == WSC_OK)
        ;
    r->bad += n >= 0;
    wsc_identity_unref(who);
    wsc_params_unref(p);
}

/* --- streams ---------------------------------------------------------------------------------- */

static wsc_command *stream_command(struct run *r, const char *megabytes, const char *kilobytes)
{
    wsc_command *cmd = NULL;
    char text[80];

    snprintf(text, sizeof text, "stream %s %s", megabytes, kilobytes);
    if (wsc_client_run(&cmd, r->client, text, NULL, 0, NULL) != WSC_OK)
        bench_fail("run", wsc_ctx_error(r->ctx));
    return cmd;
}

static void push(struct run *r, wsc_command *cmd)
{
    wsc_command_on_output(cmd, bench_count_output, r, NULL);
    if (wsc_command_wait(cmd, -1) != WSC_OK)
        bench_fail("wait", wsc_command_error(cmd));
}

static void pull(struct run *r, wsc_command *cmd)
{
    static char buf[262144];
    size_t len = 1;
    int rc;

    while ((rc = wsc_command_read(cmd, NULL, buf, sizeof buf, &len, 30000)) == WSC_OK && len)
        r->bytes += len;
    if (rc != WSC_OK)
        bench_fail("read", wsc_command_error(cmd));
    if (wsc_command_wait(cmd, 30000) != WSC_OK)
        bench_fail("wait", wsc_command_error(cmd));
}

static void stream(struct run *r, bool pulls, const char *megabytes, const char *kilobytes)
{
    wsc_command *cmd = stream_command(r, megabytes, kilobytes);

    if (!cmd)
        return;
    if (pulls)
        pull(r, cmd);
    else
        push(r, cmd);
    bench_judge(r, cmd);
    wsc_command_unref(cmd);
}

int main(int argc, char **argv)
{
    struct run r = { 0 };
    struct bench b;

    if (argc < 4) {
        fputs("usage: bench_client URL commands N [K] | hosts N [M] | logins N | stream MB [KB] | "
              "pull MB [KB] | enumerate N [KB] | enumerate-next N [KB]\n",
              stderr);
        return 2;
    }
    if (connect_to(&r, argv[1]))
        return 1;
    bench_begin(&b);
    if (!strcmp(argv[2], "commands"))
        commands(&r, atol(argv[3]), argc > 4 ? atol(argv[4]) : 1);
    else if (!strcmp(argv[2], "hosts"))
        bench_hosts(&r, argv[1], atol(argv[3]), argc > 4 ? atol(argv[4]) : 1000);
    else if (!strcmp(argv[2], "logins"))
        logins(&r, argv[1], atol(argv[3]));
    else if (!strncmp(argv[2], "enumerate", 9))
        bench_items(&r, argv[2][9] != '\0', argv[3], argc > 4 ? argv[4] : "500");
    else
        stream(&r, !strcmp(argv[2], "pull"), argv[3], argc > 4 ? argv[4] : "500");
    bench_clean_up(&r);
    bench_end(&b, r.good, r.bytes);
    wsc_client_unref(r.client);
    wsc_ctx_unref(r.ctx);
    return r.bad || !r.good;
}
