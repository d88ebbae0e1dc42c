/* Servers that never answer or refuse, and callbacks that count. */
#ifndef WSC_TEST_EARS_H
#define WSC_TEST_EARS_H

#include "api.h"

/* --- a server that never answers, or refuses -------------------------------------------------- */

static int silent = -1;
static char silent_url[64], refused_url[64];

/* Listens and accepts nothing: connections stand in its backlog. */
static inline void silent_server(void)
{
    struct sockaddr_in a;
    socklen_t n = sizeof a;
    int other = socket(AF_INET, SOCK_STREAM, 0);

    if (silent >= 0) {
        close(other);
        return;
    }
    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    silent = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(bind(silent, (struct sockaddr *)&a, sizeof a), 0);
    CHECK_EQ(listen(silent, 100), 0);
    CHECK_EQ(getsockname(silent, (struct sockaddr *)&a, &n), 0);
    snprintf(silent_url, sizeof silent_url, "http://127.0.0.1:%d/wsman", ntohs(a.sin_port));
    a.sin_port = 0;
    CHECK_EQ(bind(other, (struct sockaddr *)&a, sizeof a),
             0); /* bound, not listening, and kept: nobody takes the port */
    CHECK_EQ(getsockname(other, (struct sockaddr *)&a, &n), 0);
    snprintf(refused_url, sizeof refused_url, "http://127.0.0.1:%d/wsman", ntohs(a.sin_port));
}

static inline void setup_at(const char *url, const char *const *list)
{
    wsc_params *p = params_of(list);

    CHECK_EQ(wsc_params_set_str(p, "auth", "none"), WSC_OK);
    CHECK_EQ(wsc_ctx_new(&ctx), WSC_OK);
    CHECK_EQ(wsc_client_new(&client, ctx, url, NULL, p), WSC_OK);
    wsc_params_unref(p);
}

/* --- what callbacks hear ---------------------------------------------------------------------- */

struct ear {
    int done, exit, output, writable, state[8], frees;
    int status;
    bool inside; /* a call is under way that must not call back */
    bool inline_seen;
};

static inline void hear(struct ear *e)
{
    e->inline_seen |= e->inside;
}

static inline void on_done(wsc_op *op, int status, void *ud)
{
    struct ear *e = ud;

    (void)op;
    hear(e);
    e->done++;
    e->status = status;
}

static inline void on_exit_(wsc_command *c, int status, void *ud)
{
    struct ear *e = ud;

    (void)c;
    hear(e);
    e->exit++;
    e->status = status;
}

static inline size_t on_output(wsc_command *c, int stream, const void *data, size_t len, void *ud)
{
    struct ear *e = ud;

    (void)c;
    (void)stream;
    (void)data;
    hear(e);
    e->output++;
    return len;
}

static inline void on_writable(wsc_command *c, void *ud)
{
    struct ear *e = ud;

    (void)c;
    hear(e);
    e->writable++;
}

static inline void on_state(wsc_shell *s, int state, void *ud)
{
    struct ear *e = ud;

    (void)s;
    hear(e);
    e->state[state]++;
}

static inline void on_free(void *ud)
{
    ((struct ear *)ud)->frees++;
}

static inline void listen_to(wsc_command *c, struct ear *e)
{
    CHECK_EQ(wsc_command_on_output(c, on_output, e, on_free), WSC_OK);
    CHECK_EQ(wsc_command_on_writable(c, on_writable, e, on_free), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, on_exit_, e, on_free), WSC_OK);
}

#endif
