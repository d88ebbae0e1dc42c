/* A context on a loop that the program runs itself (rule 9). */
#include "api.h"

#include <sys/wait.h>
#include <uv.h>
#include <wsman-client/uv.h>

static uv_loop_t loop;
static int closed;

static void on_closed(void *ud)
{
    (void)ud;
    closed++;
}

static void open_loop(void)
{
    signal(SIGPIPE, SIG_DFL); /* rule 12: nothing here raises it */
    closed = 0;
    CHECK_EQ(uv_loop_init(&loop), 0);
    CHECK_EQ(wsc_ctx_new_on_uv(&ctx, &loop), WSC_OK);
    CHECK_EQ(wsc_ctx_on_closed(ctx, on_closed, NULL), WSC_OK);
    client = client_of(ctx, NULL);
}

static void close_loop(void)
{
    wsc_client_unref(client);
    wsc_ctx_unref(ctx);
    CHECK_EQ(closed, 0); /* from the loop, not from here */
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    CHECK_EQ(closed, 1);
    CHECK_EQ(uv_loop_close(&loop), 0);
}

static int exits, dones, last;

static void on_exit_(wsc_command *c, int status, void *ud)
{
    (void)c;
    (void)ud;
    exits++;
    last = status;
}

static size_t on_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    (void)c;
    (void)stream;
    (void)data;
    *(size_t *)ud += len;
    return len;
}

static void on_done(wsc_op *op, int status, void *ud)
{
    (void)op;
    (void)ud;
    dones++;
    last = status;
}

static void returns_when_nothing_is_pending(void)
{
    open_loop();
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    close_loop();
}

static void a_command(void)
{
    wsc_command *c;
    size_t got = 0;

    exits = 0;
    open_loop();
    c = sh("printf '%100000s' x");
    CHECK_EQ(wsc_command_on_output(c, on_output, &got, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, on_exit_, NULL, NULL), WSC_OK);
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT),
             0); /* until Delete is answered; a kept connection does not hold it */
    CHECK_EQ(exits, 1);
    CHECK_EQ(last, WSC_OK);
    CHECK_EQ(got, 100000);
    CHECK_EQ(wsc_ctx_pending(ctx), 0);
    wsc_command_unref(c);
    close_loop();
    service_is_clean();
}

static void blocking_calls_are_refused(void)
{
    wsc_command *c;
    wsc_shell *s = NULL;
    wsc_op *op = NULL;
    char buf[4];
    size_t n;

    open_loop();
    CHECK_EQ(wsc_shell_open(&s, client, NULL), WSC_OK);
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    c = sh("cat");
    CHECK_EQ(wsc_ctx_step(ctx), WSC_E_USAGE);
    CHECK_EQ(wsc_ctx_wait(ctx, 10), WSC_E_USAGE);
    CHECK_EQ(wsc_ctx_close(ctx, 10), WSC_E_USAGE);
    CHECK_EQ(wsc_shell_wait(s, 10), WSC_E_USAGE);
    CHECK_EQ(wsc_op_wait(op, -1), WSC_E_USAGE);
    CHECK_EQ(wsc_command_wait(c, 10), WSC_E_USAGE);
    CHECK_EQ(wsc_command_read(c, NULL, buf, 4, &n, 10), WSC_E_USAGE);
    CHECK_EQ(wsc_command_write(c, "x", 1, &n, 10), WSC_E_USAGE);
    CHECK_EQ(wsc_ctx_fd(ctx), -1);
    CHECK_EQ(wsc_op_wait(op, 0), WSC_E_AGAIN); /* what does not block is fine */
    CHECK_EQ(wsc_command_write(c, "x", 1, &n, 0), WSC_OK);
    wsc_op_unref(op);
    wsc_command_unref(c);
    wsc_shell_unref(s);
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    close_loop();
    service_is_clean();
}

static void close_in_the_background(void)
{
    wsc_command *c;

    exits = 0;
    open_loop();
    c = sh("sleep 100");
    CHECK_EQ(wsc_command_on_exit(c, on_exit_, NULL, NULL), WSC_OK);
    uv_run(&loop, UV_RUN_ONCE);
    CHECK_EQ(wsc_ctx_close(ctx, 0), WSC_E_AGAIN);
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    CHECK_EQ(exits, 1);
    CHECK_EQ(last, WSC_E_CANCELED);
    wsc_command_unref(c);
    close_loop();
    service_is_clean();
}

static void unref_with_work(void)
{
    wsc_command *c;
    wsc_op *op = NULL;
    int turns;

    for (turns = 0; turns < 20; turns++) {
        int i;

        exits = dones = 0;
        open_loop();
        c = sh("sleep 100");
        CHECK_EQ(wsc_command_on_exit(c, on_exit_, NULL, NULL), WSC_OK);
        CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
        CHECK_EQ(wsc_op_on_done(op, on_done, NULL, NULL), WSC_OK);
        for (i = 0; i < turns; i++)
            uv_run(&loop, UV_RUN_NOWAIT);
        wsc_client_unref(client);
        client = NULL;
        close_loop();
        CHECK_EQ(exits, 1);
        CHECK_EQ(dones, 1);
        wsc_op_unref(op);
        wsc_command_unref(c);
    }
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

static void drop_everything(wsc_op *op, int status, void *ud)
{
    (void)status;
    (void)ud;
    dones++;
    wsc_op_unref(op);
    wsc_client_unref(client);
    wsc_ctx_unref(ctx);
}

static void unref_in_a_callback(void)
{
    wsc_op *op = NULL;

    dones = 0;
    open_loop();
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, drop_everything, NULL, NULL), WSC_OK);
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    CHECK_EQ(dones, 1);
    CHECK_EQ(closed, 1);
    CHECK_EQ(uv_loop_close(&loop), 0);
}

static void nothing_inline(void)
{
    wsc_op *op = NULL;

    dones = 0;
    open_loop();
    CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(op, on_done, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_op_cancel(op), WSC_OK);
    CHECK_EQ(dones, 0);
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    CHECK_EQ(dones, 1);
    CHECK_EQ(last, WSC_E_CANCELED);
    wsc_op_unref(op);
    close_loop();
}

static void two_contexts_on_one_loop(void)
{
    wsc_ctx *second = NULL;
    wsc_client *other;
    wsc_op *a = NULL, *b = NULL;

    dones = 0;
    open_loop();
    CHECK_EQ(wsc_ctx_new_on_uv(&second, &loop), WSC_OK);
    other = client_of(second, NULL);
    CHECK_EQ(wsc_identify(&a, client, NULL), WSC_OK);
    CHECK_EQ(wsc_identify(&b, other, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(a, on_done, NULL, NULL), WSC_OK);
    CHECK_EQ(wsc_op_on_done(b, on_done, NULL, NULL), WSC_OK);
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    CHECK_EQ(dones, 2);
    wsc_op_unref(a);
    wsc_op_unref(b);
    wsc_client_unref(other);
    wsc_ctx_unref(second);
    close_loop();
}

static void tick(uv_timer_t *t)
{
    (void)t;
}

/* A child that runs the loop, as uv_loop_fork lets it: what comes is the parent's all the same. */
static void rule11_a_child_with_the_loop(void)
{
    static const char *const list[] = { "dns-cache", "0", NULL };
    wsc_params *p = login(NULL), *of_ctx = params_of(list);
    char url[100];
    uv_timer_t timer;
    pid_t child;

    snprintf(url, sizeof url, "http://localhost%s", strrchr(env("WSC_ENDPOINT_URL"), ':'));
    CHECK_EQ(uv_loop_init(&loop), 0);
    CHECK_EQ(wsc_ctx_new_on_uv(&ctx, &loop), WSC_OK);
    CHECK_EQ(wsc_ctx_set_params(ctx, of_ctx), WSC_OK);
    CHECK_EQ(wsc_client_new(&client, ctx, url, NULL, p), WSC_OK); /* a name: told by a worker */
    wsc_params_unref(p);
    wsc_params_unref(of_ctx);
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, tick, 1, 1);
    child = fork();
    if (!child) {
        uv_loop_fork(&loop);
        for (;;)
            uv_run(&loop, UV_RUN_ONCE);
    }
    dones = 0;
    for (int i = 1; i <= 20; i++) {
        wsc_op *op = NULL;

        CHECK_EQ(wsc_identify(&op, client, NULL), WSC_OK);
        CHECK_EQ(wsc_op_on_done(op, on_done, NULL, NULL), WSC_OK);
        while (dones < i)
            uv_run(&loop, UV_RUN_ONCE);
        CHECK_EQ(last, WSC_OK);
        wsc_op_unref(op);
    }
    CHECK_EQ(kill(child, SIGKILL), 0);
    CHECK_EQ(waitpid(child, NULL, 0), child);
    uv_close((uv_handle_t *)&timer, NULL);
    wsc_client_unref(client);
    wsc_ctx_unref(ctx);
    CHECK_EQ(uv_run(&loop, UV_RUN_DEFAULT), 0);
    CHECK_EQ(uv_loop_close(&loop), 0);
}

static const struct test tests[] = {
    { "returns_when_nothing_is_pending", returns_when_nothing_is_pending },
    { "a_command", a_command },
    { "blocking_calls_are_refused", blocking_calls_are_refused },
    { "close_in_the_background", close_in_the_background },
    { "unref_with_work", unref_with_work },
    { "unref_in_a_callback", unref_in_a_callback },
    { "nothing_inline", nothing_inline },
    { "two_contexts_on_one_loop", two_contexts_on_one_loop },
    { "rule11_a_child_with_the_loop", rule11_a_child_with_the_loop },
};

TEST_MAIN(tests)
