/* A remote filter: our stdin to the command's, its output to ours. Pull style, no callback; holds
 * no more than two buffers, input-limit and output-limit, however much flows.
 *
 * usage: 04-stream-stdin HOST USER COMMAND [OPTION=VALUE...]     password: $WSC_PASSWORD */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wsman-client/wsman-client.h>

struct input {
    char buf[65536];
    size_t have, sent;
    int eof;
};

static int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
}

/* Until there is nothing to read now. WSC_OK: both streams have ended. */
static int pump_out(wsc_command *cmd)
{
    static char buf[65536];
    size_t n = 1;
    int rc = WSC_OK, stream;

    while (rc == WSC_OK && n > 0) {
        stream = 0; /* whichever comes next: the order is kept */
        rc = wsc_command_read(cmd, &stream, buf, sizeof buf, &n, 0);
        if (rc == WSC_OK && fwrite(buf, 1, n, stream == WSC_STDERR ? stderr : stdout) < n)
            rc = WSC_E_CANCELED; /* nobody reads it */
    }
    return rc;
}

static void read_stdin(wsc_command *cmd, struct input *in)
{
    ssize_t n = read(STDIN_FILENO, in->buf, sizeof in->buf);

    in->sent = 0;
    in->have = n > 0 ? (size_t)n : 0;
    if ((in->eof = n <= 0))
        wsc_command_write_eof(cmd);
}

static int run(wsc_ctx *ctx, wsc_command *cmd)
{
    static struct input in;
    int rc;

    while ((rc = pump_out(cmd)) == WSC_E_AGAIN) {
        struct pollfd fds[2] = { { wsc_ctx_fd(ctx), POLLIN, 0 }, { -1, POLLIN, 0 } };
        size_t taken = 0;

        while (in.sent < in.have && /* what it does not take is kept */
               wsc_command_write(cmd, in.buf + in.sent, in.have - in.sent, &taken, 0) == WSC_OK)
            in.sent += taken;
        if (!in.eof && in.sent == in.have) /* no more than goes away */
            fds[1].fd = STDIN_FILENO;
        poll(fds, 2, wsc_ctx_timeout(ctx));
        if (fds[1].revents)
            read_stdin(cmd, &in);
        wsc_ctx_step(ctx);
    }
    return rc ? rc : wsc_command_wait(cmd, -1); /* the exit code comes after the streams */
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
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    wsc_command *cmd = NULL;
    int64_t code = 255;

    if (argc < 4 || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 04-stream-stdin HOST USER COMMAND [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + 4);
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK ||
        wsc_client_run(&cmd, host, argv[3], NULL, 0, NULL) != WSC_OK ||
        (run(ctx, cmd) != WSC_OK && !ferror(stdout)))
        fail(argv[1], wsc_ctx_error(ctx));
    else if (ferror(stdout) || fflush(stdout) != 0)
        fputs("stdout cannot be written\n", stderr);
    else
        wsc_command_exit_code(cmd, &code);
    wsc_command_unref(cmd);
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_close(ctx, 2000);
    wsc_ctx_unref(ctx);
    return code >= 0 && code < 254 ? (int)code : code == 255 ? 255 : 254; /* 256 is no success */
}
