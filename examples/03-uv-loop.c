/* A command on a libuv loop that the program runs itself, next to a timer of its own.
 *
 * build: cc 03-uv-loop.c $(pkg-config --cflags --libs wsman-client libuv)
 * usage: 03-uv-loop HOST USER COMMAND [OPTION=VALUE...]     password: $WSC_PASSWORD */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsman-client/uv.h>

struct run {
    uv_timer_t tick;
    unsigned ticks;
    int64_t code;
    const char *host;
};

static int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
}

static void on_tick(uv_timer_t *timer)
{
    struct run *run = timer->data;

    fprintf(stderr, "%us ...\n", ++run->ticks);
}

static size_t on_output(wsc_command *cmd, int stream, const void *data, size_t len, void *user_data)
{
    (void)cmd;
    (void)user_data;
    fwrite(data, 1, len, stream == WSC_STDERR ? stderr : stdout);
    return len;
}

static void on_done(wsc_command *cmd, int status, void *user_data)
{
    struct run *run = user_data;

    if (status != WSC_OK)
        fail(run->host, wsc_command_error(cmd));
    else
        wsc_command_exit_code(cmd, &run->code);
    wsc_command_unref(cmd);
    uv_close((uv_handle_t *)&run->tick, NULL); /* the last handle of ours: uv_run may return */
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

static int start(wsc_ctx *ctx, uv_loop_t *loop, struct run *run, char **argv)
{
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    wsc_command *cmd = NULL;

    if (wsc_params_new(&p) != WSC_OK)
        return WSC_E_NOMEM;
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + 4);
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) == WSC_OK &&
        wsc_client_run(&cmd, host, argv[3], NULL, 0, NULL) == WSC_OK) {
        wsc_command_on_output(cmd, on_output, run, NULL);
        wsc_command_on_exit(cmd, on_done, run, NULL);
        wsc_command_write_eof(cmd); /* it gets no input */
        uv_timer_init(loop, &run->tick);
        run->tick.data = run;
        uv_timer_start(&run->tick, on_tick, 1000, 1000);
    } else {
        fail(argv[1], wsc_ctx_error(ctx));
    }
    wsc_client_unref(host); /* the command keeps what it needs */
    wsc_params_unref(p);
    return cmd ? WSC_OK : WSC_E_USAGE;
}

int main(int argc, char **argv)
{
    struct run run;
    uv_loop_t loop;
    wsc_ctx *ctx = NULL;

    if (argc < 4) {
        fputs("usage: 03-uv-loop HOST USER COMMAND [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    memset(&run, 0, sizeof run);
    run.code = 255;
    run.host = argv[1];
    signal(SIGPIPE, SIG_IGN); /* libuv writes to sockets without MSG_NOSIGNAL */
    if (uv_loop_init(&loop) != 0)
        return 255;
    if (wsc_ctx_new_on_uv(&ctx, &loop) == WSC_OK) {
        if (start(ctx, &loop, &run, argv) == WSC_OK)
            uv_run(&loop, UV_RUN_DEFAULT); /* returns after the clean-up on the server, too */
        wsc_ctx_unref(ctx);
        uv_run(&loop, UV_RUN_DEFAULT); /* lets the handles of the context close */
    }
    uv_loop_close(&loop);
    return run.code >= 0 && run.code < 254 ? (int)run.code : run.code == 255 ? 255 : 254;
}
