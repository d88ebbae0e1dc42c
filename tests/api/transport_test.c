/* Transports of a program's own: waited for by its loop or told by a thread, in pieces of any size,
 * that fail anywhere. */
#include "api.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <wsman-client/sys/transport.h>

#define MOST 16

static struct link {
    wsc_stream *handle; /* NULL: free */
    int fd, want, error, wake[2];
    bool by_thread;
    pthread_t thread;
    pthread_mutex_t lock;
    int need; /* what a call found not possible: the thread waits for it */
} links[MOST];

static struct {
    size_t piece;               /* at most so many bytes per call, 0 = all */
    long read_left, write_left; /* then it fails, or ends; -1 = never */
    bool ends;
    int connect_status, connect_error; /* refuse with this */
    int again;                         /* AGAIN so often before it connects; -1 = for ever */
    bool slow;                         /* a connect takes longer than a turn may */
    int connects, most_in_turn;
    int writes;
    int opens, closes, frees;
    char host[64];
    int port;
} w;

/* --- the thread that waits for a descriptor --------------------------------------------------- */

static void *watch(void *arg)
{
    struct link *l = arg;

    for (;;) {
        struct pollfd p[2] = { { l->fd, 0, 0 }, { l->wake[0], POLLIN, 0 } };
        char c[16];
        ssize_t got;

        pthread_mutex_lock(&l->lock);
        p[0].events = (short)((l->need & WSC_WANT_READ ? POLLIN : 0) |
                              (l->need & WSC_WANT_WRITE ? POLLOUT : 0));
        if (!p[0].events)
            p[0].fd = -1;
        pthread_mutex_unlock(&l->lock);
        poll(p, 2, -1);
        got = p[1].revents ? read(l->wake[0], c, sizeof c) : 0;
        if (got > 0 && memchr(c, 'q', (size_t)got))
            return NULL;
        if (!p[0].revents)
            continue;
        pthread_mutex_lock(&l->lock);
        l->need = 0;
        pthread_mutex_unlock(&l->lock);
        wsc_transport_ready(l->handle);
    }
}

static void needs(struct link *l, int what)
{
    if (!l->by_thread)
        return;
    pthread_mutex_lock(&l->lock);
    l->need |= what;
    pthread_mutex_unlock(&l->lock);
    CHECK_EQ(write(l->wake[1], "w", 1), 1);
}

static void idle_away(int ms)
{
    int64_t begun = now_ms();

    while (now_ms() - begun <= ms)
        continue;
}

/* --- the transport ---------------------------------------------------------------------------- */

static int link_connect(void **stream, const char *host, int port, wsc_stream *handle, void *ud)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    struct link *l = *stream;

    if (!l) {
        CHECK(host != NULL);
        snprintf(w.host, sizeof w.host, "%s", host);
        w.port = port;
        for (l = links; l->handle; l++)
            ;
        memset(l, 0, sizeof *l);
        l->handle = handle;
        l->by_thread = ud != NULL;
        l->fd = -1;
        l->error = w.connect_error;
        *stream = l;
        w.opens++;
        if (w.connect_status)
            return w.connect_status;
        pthread_mutex_init(&l->lock, NULL);
    }
    CHECK(l->handle == handle);
    if (w.again) {
        if (w.again > 0) {
            w.again--;
            wsc_transport_ready(handle);
        }
        return WSC_E_AGAIN;
    }
    w.connects++;
    if (w.slow)
        idle_away(2);
    a.sin_port = htons((uint16_t)atoi(strrchr(env("WSC_ENDPOINT_URL"), ':') + 1));
    if (w.port != 5985)
        a.sin_port = htons((uint16_t)w.port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK_EQ(connect(l->fd, (struct sockaddr *)&a, sizeof a), 0);
    CHECK_EQ(fcntl(l->fd, F_SETFL, O_NONBLOCK), 0);
    if (l->by_thread) {
        CHECK_EQ(pipe(l->wake), 0);
        CHECK_EQ(pthread_create(&l->thread, NULL, watch, l), 0);
    }
    return WSC_OK;
}

static size_t piece(size_t len, long *left, bool *over)
{
    size_t n = w.piece && w.piece < len ? w.piece : len;

    *over = *left == 0;
    if (*left > 0 && n > (size_t)*left)
        n = (size_t)*left;
    return n;
}

static int outcome(struct link *l, ssize_t got, int need, long *left, size_t *n)
{
    if (got < 0 && errno == EAGAIN) {
        needs(l, need);
        return WSC_E_AGAIN;
    }
    l->error = got < 0 ? errno : 0;
    if (got < 0)
        return WSC_E_CONNECTION_LOST;
    if (*left > 0)
        *left -= got;
    *n = (size_t)got;
    return WSC_OK;
}

static int broken_now(struct link *l, size_t *n)
{
    l->error = ECONNRESET;
    *n = 0;
    return w.ends ? WSC_OK : WSC_E_CONNECTION_LOST;
}

static int link_read(void *stream, void *buf, size_t cap, size_t *n)
{
    struct link *l = stream;
    bool over;
    size_t most = piece(cap, &w.read_left, &over);

    return over ? broken_now(l, n)
                : outcome(l, recv(l->fd, buf, most, 0), WSC_WANT_READ, &w.read_left, n);
}

static int link_write(void *stream, const void *buf, size_t len, size_t *n)
{
    struct link *l = stream;
    bool over;
    size_t most = piece(len, &w.write_left, &over);

    w.writes++;
    return over
               ? broken_now(l, n)
               : outcome(l, send(l->fd, buf, most, MSG_NOSIGNAL), WSC_WANT_WRITE, &w.write_left, n);
}

static void link_close(void *stream)
{
    struct link *l = stream;

    if (l->fd >= 0 && l->by_thread) {
        CHECK_EQ(write(l->wake[1], "q", 1), 1);
        pthread_join(l->thread, NULL);
        close(l->wake[0]);
        close(l->wake[1]);
    }
    if (l->fd >= 0)
        close(l->fd);
    l->handle = NULL;
    w.closes++;
}

static void link_want(void *stream, int what)
{
    struct link *l = stream;

    CHECK(l->want != what);
    l->want = what;
}

static const char *link_error(void *stream, int *code)
{
    struct link *l = stream;

    *code = l->error;
    return "the rope is torn";
}

static void freed(void *ud)
{
    (void)ud;
    w.frees++;
}

static const wsc_transport by_poll = { sizeof by_poll, link_connect, link_read, link_write,
                                       link_close,     link_want,    link_error };
static const wsc_transport by_thread = { sizeof by_thread, link_connect, link_read, link_write,
                                         link_close,       NULL,         link_error };

static void begin(bool thread, const char *const *list)
{
    memset(&w, 0, sizeof w);
    w.read_left = w.write_left = -1;
    setup(list);
    CHECK_EQ(
        wsc_client_set_transport(client, thread ? &by_thread : &by_poll, thread ? &w : NULL, freed),
        WSC_OK);
}

static void end(void)
{
    wsc_client_unref(client);
    wsc_ctx_close(ctx, 0);
    wsc_ctx_unref(ctx);
    CHECK_EQ(w.closes, w.opens);
    CHECK_EQ(w.frees, 1);
}

/* One turn of a loop of one's own. */
static void turn(void)
{
    struct pollfd fds[MOST + 1];
    int i, before = w.connects;

    for (i = 0; i < MOST; i++) {
        struct link *l = &links[i];

        fds[i].fd = l->handle && l->want && l->fd >= 0 ? l->fd : -1;
        fds[i].events = (short)((l->want & WSC_WANT_READ ? POLLIN : 0) |
                                (l->want & WSC_WANT_WRITE ? POLLOUT : 0));
        fds[i].revents = 0;
    }
    fds[MOST].fd = wsc_ctx_fd(ctx);
    fds[MOST].events = POLLIN;
    fds[MOST].revents = 0;
    poll(fds, MOST + 1, wsc_ctx_timeout(ctx));
    for (i = 0; i < MOST; i++)
        if (fds[i].revents)
            wsc_transport_ready(links[i].handle);
    wsc_ctx_step(ctx);
    if (w.connects - before > w.most_in_turn)
        w.most_in_turn = w.connects - before;
}

static void run_out(void)
{
    while (wsc_ctx_pending(ctx))
        turn();
}

struct ear {
    size_t bytes;
    int exits, status;
};

static size_t hear_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    (void)c;
    (void)stream;
    (void)data;
    ((struct ear *)ud)->bytes += len;
    return len;
}

static void hear_exit(wsc_command *c, int status, void *ud)
{
    struct ear *e = ud;

    (void)c;
    e->exits++;
    e->status = status;
}

static wsc_command *listen_to(const char *line, struct ear *e, const char *const *list)
{
    wsc_command *c = sh_opts(line, list);

    memset(e, 0, sizeof *e);
    CHECK_EQ(wsc_command_on_output(c, hear_output, e, NULL), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, hear_exit, e, NULL), WSC_OK);
    CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    return c;
}

/* --- it works --------------------------------------------------------------------------------- */

static void in_pieces(void)
{
    static const size_t pieces[] = { 0, 1, 7, 4096 };
    struct ear e;
    size_t i;
    int thread;

    for (thread = 0; thread < 2; thread++) {
        for (i = 0; i < 4; i++) {
            wsc_command *c;

            begin(thread != 0, NULL);
            w.piece = pieces[i];
            w.again = (int)i;
            c = listen_to(i == 1 ? "echo hello" : "head -c 300000 /dev/zero", &e, NULL);
            if (thread)
                CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
            run_out();
            CHECK_EQ(e.exits, 1);
            CHECK_EQ(e.status, WSC_OK);
            CHECK_EQ(e.bytes, i == 1 ? 6 : 300000);
            wsc_command_unref(c);
            if (thread)
                CHECK_EQ(wsc_ctx_close(ctx, FOR_EVER), WSC_OK);
            else
                run_out();
            end();
            service_is_clean();
        }
    }
}

static void the_host_is_handed_over(void)
{
    wsc_params *p = login(NULL);
    struct ear e;
    wsc_command *c;

    memset(&w, 0, sizeof w);
    w.read_left = w.write_left = -1;
    CHECK_EQ(wsc_ctx_new(&ctx), WSC_OK);
    CHECK_EQ(wsc_client_new(&client, ctx, "no.such.name.invalid", NULL, p), WSC_OK);
    CHECK_EQ(wsc_client_set_transport(client, &by_thread, &w, freed), WSC_OK);
    c = listen_to("exit 3", &e, NULL);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    CHECK_STR(w.host, "no.such.name.invalid");
    CHECK_EQ(w.port, 5985);
    wsc_command_unref(c);
    CHECK_EQ(wsc_ctx_close(ctx, FOR_EVER), WSC_OK);
    wsc_params_unref(p);
    end();
}

static void under_tls(void)
{
    const char *url = getenv("WSC_ENDPOINT_HTTPS_URL");
    const char *list[] = { "tls-ca-file", getenv("WSC_ENDPOINT_CA"), NULL };
    wsc_params *p;
    struct ear e;
    wsc_command *c;

    if (!url)
        return;
    p = login(list);
    memset(&w, 0, sizeof w);
    w.read_left = w.write_left = -1;
    w.piece = 100;
    CHECK_EQ(wsc_ctx_new(&ctx), WSC_OK);
    CHECK_EQ(wsc_client_new(&client, ctx, url, NULL, p), WSC_OK);
    CHECK_EQ(wsc_client_set_transport(client, &by_poll, NULL, freed), WSC_OK);
    c = listen_to("head -c 50000 /dev/zero", &e, NULL);
    run_out();
    CHECK_EQ(e.status, WSC_OK);
    CHECK_EQ(e.bytes, 50000);
    wsc_command_unref(c);
    run_out();
    wsc_params_unref(p);
    end();
}

static void back_to_tcp(void)
{
    struct ear e;
    wsc_command *c;

    begin(true, NULL);
    w.connect_status = WSC_E_CONNECT;
    CHECK_EQ(wsc_client_set_transport(client, NULL, NULL, NULL), WSC_OK);
    c = listen_to("exit 0", &e, NULL);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_OK);
    CHECK_EQ(w.opens, 0);
    CHECK_EQ(w.frees, 1);
    wsc_command_unref(c);
    CHECK_EQ(wsc_ctx_close(ctx, FOR_EVER), WSC_OK);
    end();
}

static void hear_done(wsc_op *op, int status, void *ud)
{
    (void)op;
    CHECK_EQ(status, WSC_OK);
    ++*(int *)ud;
}

/* Many are ready at once, and each takes longer than a turn: each has a turn, none is forgotten. */
static void a_turn_is_short(void)
{
    wsc_op *op[8];
    int i, done = 0;

    begin(false, NULL);
    for (i = 0; i < 8; i++) {
        CHECK_EQ(wsc_identify(&op[i], client, NULL), WSC_OK);
        CHECK_EQ(wsc_op_on_done(op[i], hear_done, &done, NULL), WSC_OK);
        if (i > 0)
            continue;
        run_out(); /* the password is good: the others need not wait for that */
        memset(&w, 0, sizeof w);
        w.read_left = w.write_left = -1;
        w.opens = 1;
        w.again = 6;
        w.slow = true;
    }
    CHECK_EQ(w.opens, 7); /* of seven more one has the first one's connection */
    CHECK_EQ(w.again, 0);
    run_out();
    CHECK_EQ(w.connects, 6);
    CHECK_EQ(w.most_in_turn, 1);
    CHECK_EQ(done, 8);
    for (i = 0; i < 8; i++)
        wsc_op_unref(op[i]);
    end();
}

/* A request goes out with its call, whatever the program did since the last one. */
static void a_call_has_its_own_time(void)
{
    wsc_op *op[2];
    int turn, i;

    begin(false, NULL);
    CHECK_EQ(wsc_identify(&op[0], client, NULL), WSC_OK);
    run_out(); /* the password is good */
    wsc_op_unref(op[0]);
    for (turn = 0; turn < 2; turn++) { /* the first makes a second connection */
        idle_away(60);                 /* so long unused they are looked at first */
        for (i = 0; i < 2; i++) {
            int before = w.writes;

            CHECK_EQ(wsc_identify(&op[i], client, NULL), WSC_OK);
            CHECK(turn == 0 || w.writes == before + 1);
            idle_away(2);
        }
        run_out();
        wsc_op_unref(op[0]);
        wsc_op_unref(op[1]);
    }
    end();
}

/* --- it does not ------------------------------------------------------------------------------ */

static void wrong_tables(void)
{
    wsc_transport t = by_poll;

    begin(false, NULL);
    t.struct_size = sizeof t - 1;
    CHECK_EQ(wsc_client_set_transport(client, &t, &w, freed), WSC_E_USAGE);
    CHECK(strstr(wsc_error_text(wsc_ctx_error(ctx)), "struct_size") != NULL);
    t = by_poll;
    t.write = NULL;
    CHECK_EQ(wsc_client_set_transport(client, &t, &w, freed), WSC_E_USAGE);
    CHECK_EQ(wsc_client_set_transport(NULL, &by_poll, &w, freed), WSC_E_USAGE);
    wsc_transport_ready(NULL);
    CHECK_EQ(w.frees, 0);
    end();
}

static void refused(void)
{
    static const struct {
        int status, error, told;
    } cases[] = {
        { WSC_E_CONNECT, ECONNREFUSED, WSC_E_CONNECT },
        { WSC_E_CONNECT, 0, WSC_E_CONNECT },
        { WSC_E_RESOLVE, 0, WSC_E_RESOLVE },
        { WSC_E_DESCRIPTORS, 0, WSC_E_DESCRIPTORS },
        { WSC_E_NOMEM, 0, WSC_E_DESCRIPTORS },
        { 1, 0, WSC_E_CONNECT },
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ear e;
        wsc_command *c;

        begin(i & 1, NULL);
        w.connect_status = cases[i].status;
        w.connect_error = cases[i].error;
        c = listen_to("exit 0", &e, NULL);
        CHECK_EQ(wsc_command_wait(c, FOR_EVER), cases[i].told);
        run_out();
        CHECK_EQ(e.exits, 1);
        CHECK(strstr(wsc_error_text(wsc_command_error(c)), "the rope is torn") != NULL);
        wsc_command_unref(c);
        end();
    }
}

static void never_connects(void)
{
    static const char *const list[] = { "open-timeout", "100", NULL };
    struct ear e;
    wsc_command *c;

    begin(true, list);
    w.again = -1;
    c = listen_to("exit 0", &e, NULL);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), WSC_E_TIMEOUT);
    wsc_command_unref(c);
    end();
}

/* The stream breaks or ends after k bytes, of either direction. */
static void breaks(void)
{
    static const char *const list[] = {
        "receive-retries", "0", "cancel-timeout", "100", "open-timeout", "500", NULL
    };
    long k;
    int how;

    for (k = 0; k < 6000; k += k < 600 ? 37 : 601) {
        for (how = 0; how < 3; how++) { /* read breaks, read ends, write breaks */
            struct ear e;
            wsc_command *c;

            begin(k & 1, list);
            w.ends = how == 1;
            if (how == 2)
                w.write_left = k;
            else
                w.read_left = k;
            c = listen_to("echo hello", &e, NULL);
            if (k & 1)
                wsc_command_wait(c, FOR_EVER);
            run_out();
            CHECK_EQ(e.exits, 1);
            CHECK(e.status == WSC_OK || e.status == WSC_E_CONNECTION_LOST ||
                  e.status == WSC_E_TIMEOUT);
            wsc_command_unref(c);
            end();
        }
    }
    CHECK(control("POST", "/_control/expire", "", NULL, 0));
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

static const struct test tests[] = {
    { "in_pieces", in_pieces },
    { "the_host_is_handed_over", the_host_is_handed_over },
    { "a_turn_is_short", a_turn_is_short },
    { "a_call_has_its_own_time", a_call_has_its_own_time },
    { "under_tls", under_tls },
    { "back_to_tcp", back_to_tcp },
    { "wrong_tables", wrong_tables },
    { "refused", refused },
    { "never_connects", never_connects },
    { "breaks", breaks },
};

TEST_MAIN(tests)
