/* Two hosts at once in a poll() loop of one's own: callbacks, and one identity for both.
 *
 * usage: 02-poll-loop HOST1 HOST2 USER COMMAND [OPTION=VALUE...]     password: $WSC_PASSWORD */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsman-client/wsman-client.h>

struct job {
    const char *name;
    wsc_client *host;
    wsc_command *cmd;
    int failed;
};

static int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
}

static size_t on_output(wsc_command *cmd, int stream, const void *data, size_t len, void *user_data)
{
    struct job *job = user_data;
    FILE *out = stream == WSC_STDERR ? stderr : stdout;

    (void)cmd;
    fprintf(out, "%s| ", job->name);
    fwrite(data, 1, len, out);
    return len; /* fewer: no more comes until wsc_command_resume */
}

static void on_done(wsc_command *cmd, int status, void *user_data)
{
    struct job *job = user_data;
    int64_t code = -1;

    if (status != WSC_OK)
        fail(job->name, wsc_command_error(cmd));
    else if (wsc_command_exit_code(cmd, &code) == WSC_OK)
        printf("%s: exit code %lld\n", job->name, (long long)code);
    job->failed = code != 0;
    job->cmd = NULL;
    wsc_command_unref(cmd); /* allowed here: it goes when we have returned */
}

static void start(struct job *job, wsc_ctx *ctx, wsc_identity *who, const char *command)
{
    if (wsc_client_new(&job->host, ctx, job->name, who, NULL) != WSC_OK ||
        wsc_client_run(&job->cmd, job->host, command, NULL, 0, NULL) != WSC_OK) {
        job->failed = fail(job->name, wsc_ctx_error(ctx));
        return;
    }
    wsc_command_on_output(job->cmd, on_output, job, NULL); /* nothing can have happened yet */
    wsc_command_on_exit(job->cmd, on_done, job, NULL);
    wsc_command_write_eof(job->cmd); /* it gets no input */
}

static void loop(wsc_ctx *ctx)
{
    while (wsc_ctx_pending(ctx) > 0) { /* clean-up on the servers counts too */
        struct pollfd fds[1] = { { wsc_ctx_fd(ctx), POLLIN, 0 } }; /* ... and one's own */

        poll(fds, 1, wsc_ctx_timeout(ctx)); /* ask for the time-out last */
        wsc_ctx_step(ctx);                  /* cheap when there is nothing to do */
    }
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

int main(int argc, char **argv)
{
    struct job jobs[2] = { { NULL, NULL, NULL, 0 }, { NULL, NULL, NULL, 0 } };
    wsc_ctx *ctx = NULL;
    wsc_params *login = NULL, *p = NULL;
    wsc_identity *who = NULL;
    int i;

    if (argc < 5 || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&login) != WSC_OK ||
        wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 02-poll-loop HOST1 HOST2 USER COMMAND [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    wsc_params_set_str(login, "username", argv[3]);
    wsc_params_set_str(login, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + 5); /* of all that is made from here on, identities, too */
    if (wsc_ctx_set_params(ctx, p) != WSC_OK || wsc_identity_new(&who, ctx, login) != WSC_OK) {
        jobs[0].failed = fail(argv[3], wsc_ctx_error(ctx));
    } else {
        for (i = 0; i < 2; i++) {
            jobs[i].name = argv[1 + i];
            start(&jobs[i], ctx, who, argv[4]);
        }
    }
    loop(ctx);
    for (i = 0; i < 2; i++)
        wsc_client_unref(jobs[i].host);
    wsc_identity_unref(who);
    wsc_params_unref(login);
    wsc_params_unref(p);
    wsc_ctx_unref(ctx);
    return jobs[0].failed || jobs[1].failed;
}
