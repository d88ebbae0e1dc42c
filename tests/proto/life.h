/* What tests of commands share: a context on a peer, and callbacks that count. */
#ifndef WSC_TEST_LIFE_H
#define WSC_TEST_LIFE_H

#include "peer.h"
#include "proto/command.h"

#include "../unit/test.h"

struct heard {
    int exits, status, states[8], dones, done_status, frees;
    size_t out_len, err_len;
    char out[65536], err[65536];
    size_t take; /* how many bytes on_output takes at most; 0 = all */
    int stop;    /* it takes nothing */
    bool late;   /* something came after the end */
};

struct life {
    struct peer p;
    wsc_ctx *ctx;
    wsc_client *client;
    struct heard h, h2;
};

static inline size_t heard_output(wsc_command *c, int stream, const void *data, size_t len,
                                  void *ud)
{
    struct heard *h = ud;
    size_t n = h->stop ? 0 : h->take && len > h->take ? h->take : len;
    char *to = stream == WSC_STDOUT ? h->out : h->err;
    size_t *at = stream == WSC_STDOUT ? &h->out_len : &h->err_len;

    (void)c;
    h->late |= h->exits != 0;
    if (*at + n < sizeof h->out)
        memcpy(to + *at, data, n);
    *at += n;
    return n;
}

static inline void heard_exit(wsc_command *c, int status, void *ud)
{
    struct heard *h = ud;

    (void)c;
    h->exits++;
    h->status = status;
}

static inline void heard_state(wsc_shell *s, int state, void *ud)
{
    struct heard *h = ud;

    (void)s;
    h->late |= h->states[WSC_SHELL_CLOSED] || h->states[WSC_SHELL_LOST];
    h->states[state]++;
}

static inline void heard_done(wsc_op *op, int status, void *ud)
{
    struct heard *h = ud;

    (void)op;
    h->dones++;
    h->done_status = status;
}

static inline void heard_free(void *ud)
{
    ((struct heard *)ud)->frees++;
}

/* options: name, value, ..., NULL */
static inline wsc_params *options(const char *const *list)
{
    wsc_params *p = NULL;

    if (!list || wsc_params_new(&p) != WSC_OK)
        return NULL;
    for (; *list; list += 2)
        CHECK_EQ(wsc_params_set_str(p, list[0], list[1]), WSC_OK);
    return p;
}

/* The same, of a client that is nobody, or with a user name logs in by Basic, over plain HTTP, too;
 * the list may say otherwise. */
static inline wsc_params *client_options(const char *const *list)
{
    const char *auth = "none";
    wsc_params *p = NULL;

    for (size_t i = 0; list && list[i]; i += 2)
        auth = strcmp(list[i], "username") ? auth : "basic";
    if (wsc_params_new(&p) != WSC_OK)
        return NULL;
    CHECK_EQ(wsc_params_set_str(p, "auth", auth), WSC_OK);
    CHECK_EQ(wsc_params_set_str(p, "trusted-hosts", "*"), WSC_OK);
    for (; list && *list; list += 2)
        CHECK_EQ(wsc_params_set_str(p, list[0], list[1]), WSC_OK);
    return p;
}

static inline bool life_open(struct life *l, const char *const *list)
{
    wsc_params *p = client_options(list);
    bool good;

    memset(&l->h, 0, sizeof l->h);
    memset(&l->h2, 0, sizeof l->h2);
    l->ctx = NULL;
    l->client = NULL;
    peer_init(&l->p, -1);
    good = CHECK_EQ(wsc_ctx_new_with_alloc(&l->ctx, test_mem_fn, &l->p.d.mem), WSC_OK) &&
           CHECK_EQ(wsc_client_new(&l->client, l->ctx, "server", NULL, p), WSC_OK);
    wsc_params_unref(p);
    return good;
}

/* Everything else was given back. */
static inline bool life_close(struct life *l)
{
    wsc_client_unref(l->client);
    wsc_ctx_unref(l->ctx);
    return CHECK(peer_free(&l->p));
}

static inline void on_all(wsc_command *c, struct heard *h)
{
    CHECK_EQ(wsc_command_on_output(c, heard_output, h, heard_free), WSC_OK);
    CHECK_EQ(wsc_command_on_exit(c, heard_exit, h, heard_free), WSC_OK);
}

/* Steps until nothing is pending or so much (virtual) time has gone by. */
static inline void run_for(struct life *l, uint64_t ms)
{
    uint64_t end = l->p.d.now + ms;

    while (l->p.d.now < end)
        wsc_ctx_wait(l->ctx, (int)(end - l->p.d.now));
}

static inline void run_out(struct life *l)
{
    int i;

    for (i = 0; i < 100000 && wsc_ctx_pending(l->ctx); i++)
        wsc_ctx_wait(l->ctx, 1000);
    CHECK_EQ(wsc_ctx_pending(l->ctx), 0);
}

static inline int64_t stat_of(const wsc_client *client, const char *name)
{
    int64_t n = -1;

    CHECK_EQ(wsc_client_get_int(client, name, &n), WSC_OK);
    return n;
}

/* Steps until so many requests have gone out. */
static inline void until_asked(struct life *l, int64_t requests)
{
    while (stat_of(l->client, "requests") < requests)
        wsc_ctx_step(l->ctx);
}

static struct life l; /* of the test that runs */

#define STEPS(list) (l.p.steps = (list), l.p.nsteps = sizeof(list) / sizeof *(list))

#endif
