/* The public API against a hostile service (hostile.h), in virtual time: the input says what is
 * called, from where, how each request is answered, when time passes and which allocation fails.
 * Behind its end the service is good, and everything has to come to an end, once. */
#include "login.h"
#include "user.h"

#include "proto/identity.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int fuzz_unreached(void);

/* --- the ends --------------------------------------------------------------------------------- */

static bool over(void)
{
    unsigned i;

    for (i = 0; i < w.ncommands; i++)
        if (w.commands[i].c && !w.commands[i].exits)
            return false;
    for (i = 0; i < w.nops; i++)
        if (w.ops[i].op && !w.ops[i].dones)
            return false;
    return user_items_over() && !wsc_ctx_pending(w.ctx);
}

/* ends: it may be in a shell that nobody may log in to any more. */
static void drain(struct user_command *u, bool ends)
{
    if (!u->c)
        return;
    if (ends && !u->exits)
        user_said(wsc_command_cancel(u->c));
    user_said(wsc_command_on_output(u->c, NULL, NULL, NULL));
    while (user_read(u, 0, 4096, 0))
        ;
    user_said(wsc_command_write_eof(u->c));
}

/* The service is good, everybody reads, what is disconnected is taken up again: all ends. */
static void natural_end(void)
{
    unsigned i, round;

    for (round = 0; round < 60 && !over(); round++) {
        uint64_t end = w.h.p.d.now + 60000;

        for (i = 0; i < w.ncommands; i++)
            drain(&w.commands[i], w.h.refuses && round > 30);
        for (i = 0; i < w.nlists; i++)
            user_read_items(&w.lists[i]);
        for (i = 0; i < w.nshells; i++)
            if (round > 3 && w.shells[i].s)
                user_said(wsc_shell_reconnect(NULL, w.shells[i].s, NULL));
        while (hostile_answer(&w.h))
            ;
        while (w.h.p.d.now < end)
            user_said(wsc_ctx_wait(w.ctx, (int)(end - w.h.p.d.now)));
        user_events();
    }
    must(over(), "everything ends");
    for (i = 0; i < w.ncommands; i++) {
        struct user_command *u = &w.commands[i];
        const struct hostile_command *c;

        drain(u, false);
        if (!u->c || u->status != WSC_OK || u->canceled)
            continue;
        c = &w.h.commands[user_number(u)];
        hostile_say(&w.h, "command %u: %u + %u of %u + %u", i, (unsigned)u->got[0],
                    (unsigned)u->got[1], (unsigned)c->made[0], (unsigned)c->made[1]);
        must(u->got[0] == c->made[0] && (u->discards || u->got[1] == c->made[1]),
             "no output is lost");
    }
}

static void close_end(void)
{
    uint64_t begun = w.h.p.d.now;
    int rc = wsc_ctx_close(w.ctx, -1);

    if (rc == WSC_E_AGAIN) /* woken */
        rc = wsc_ctx_close(w.ctx, -1);
    must(rc == WSC_OK, "a context can be closed");
    /* what is under way has cancel-timeout, from each call; the rest is answered at once */
    must(w.h.p.d.now - begun <= 2 * 10000, "that takes no longer than what it waits for");
    must(!wsc_ctx_pending(w.ctx), "nothing is pending then");
}

/* What is told when the context goes is told as ever; handles outlive it. */
static void give_back(bool handles_first)
{
    unsigned i;

    if (w.ctx && handles_first)
        user_events();
    if (handles_first)
        wsc_client_unref(w.client);
    wsc_ctx_unref(w.ctx);
    w.ctx = NULL;
    if (!handles_first)
        wsc_client_unref(w.client);
    w.client = NULL;
    for (i = 0; i < w.nshells; i++) {
        struct user_shell *u = &w.shells[i];

        must(!u->s || !u->listens || u->ends == 1, "the end of a shell is told");
        must(!u->s || wsc_shell_close(NULL, u->s) == WSC_E_USAGE, "handles know that it is gone");
        wsc_shell_unref(u->s);
    }
    for (i = 0; i < w.ncommands; i++) {
        struct user_command *u = &w.commands[i];

        must(!u->c || !u->listens || u->exits == 1, "the end of a command is told");
        wsc_command_unref(u->c);
    }
    for (i = 0; i < w.nops; i++) {
        struct user_op *o = &w.ops[i];

        must(!o->op || !o->listens || o->dones == 1, "the end of an op is told");
        wsc_op_unref(o->op);
    }
    user_free_items();
}

/* --- one script ------------------------------------------------------------------------------- */

/* Who logs in with a scheme that belongs to the connection; NULL: no memory. */
static wsc_identity *login(void)
{
    wsc_identity *id = NULL;
    wsc_params *p = NULL;
    uint8_t how = next(&w.in), more = next(&w.in);

    login_far_begin(&w.h.p.d, &w.h);
    login_far.refuse_at = how & 7;
    login_far.close_at = how >> 3 & 7;
    login_far.lies = (how & 64) != 0;
    login_far.alter_at = how & 128 ? more & 15 : 0;
    w.h.strict &= !login_far.alter_at;
    w.h.refuses = true; /* it may */
    login_far.forget_at = more & 15;
    login_far.forgets = more >> 4 & 3;
    login_far.lost_at = more >> 6;
    if (wsc_params_new(&p) != WSC_OK)
        return NULL;
    wsc_params_set_str(p, "auth", "negotiate");
    wsc_params_set_str(p, "username", "u");
    wsc_params_set_str(p, "password", "p");
    if (user_said(wsc_identity_new(&id, w.ctx, p)) == WSC_OK)
        ((struct wsc__identity *)(void *)id)->who.brought = &login_scheme;
    wsc_params_unref(p);
    return id;
}

static int make_client(uint8_t how)
{
    wsc_identity *id = NULL;
    wsc_params *p = NULL;
    int rc;

    if (wsc_params_new(&p) != WSC_OK)
        return WSC_E_NOMEM;
    wsc_params_set_int(p, "connections-per-host", how & 1 ? 10 : 3);
    wsc_params_set_int(p, "follow-redirects", how & 2 ? 2 : 0);
    if (how & 64) {
        wsc_params_set_str(p, "trusted-hosts", "server,server2");
        id = login();
    } else if (how & 4) {
        wsc_params_set_str(p, "username", "u");
        wsc_params_set_str(p, "password", "p");
        wsc_params_set_str(p, "auth", "basic");
        wsc_params_set_str(p, "trusted-hosts", "*");
        wsc_params_set_str(p, "allow-unencrypted", "true");
    } else {
        wsc_params_set_str(p, "auth", "none");
    }
    rc = user_said(wsc_client_new(&w.client, w.ctx, "server", id, p));
    wsc_identity_unref(id);
    must((rc == WSC_OK) == (w.client != NULL), "a call that fails leaves its out parameter alone");
    wsc_params_unref(p);
    return rc;
}

static void log_line(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)level;
    (void)component;
    (void)len;
    (void)ud;
    must(*msg != '\0', "a line of the log is not empty");
}

static void live(uint8_t how)
{
    if (how & 128)
        user_said(wsc_ctx_set_log(w.ctx, WSC_LOG_TRACE, log_line, NULL, NULL));
    while (w.in.left && w.ctx)
        user_act();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t how, end, chunk;
    long fails;

    if (size < 6 || size > 4096)
        return 0;
    memset(&w, 0, sizeof w);
    w.in.p = data;
    w.in.left = size;
    how = next(&w.in);
    end = next(&w.in);
    chunk = next(&w.in);
    fails = next(&w.in);
    fails = (fails << 8 | next(&w.in)) - 1;
    hostile_init(&w.h, &w.in, fails);
    w.h.p.d.chunk = chunk * 8u;
    w.h.p.d.inline_written = (how & 8) != 0;
    w.h.p.d.rude = (how & 16) != 0;
    w.h.p.idle = how & 32 ? "PT60.000S" : NULL;
    if (wsc_ctx_new_with_alloc(&w.ctx, test_mem_fn, &w.h.p.d.mem) == WSC_OK) {
        make_client(how);
        live(how);
        if (w.ctx && end % 3 == 0)
            natural_end();
        else if (w.ctx && end % 3 == 1)
            close_end();
    }
    give_back((end & 4) != 0);
    must(w.h.created <= w.opened && w.h.started <= w.ncommands, "what is asked for is done once");
    must(hostile_free(&w.h), "no rule is broken, nothing leaks");
    must(login_contexts == 0, "every login is given back");
    return 0;
}

int fuzz_unreached(void)
{
    int missing = user_uncalled();
    size_t i;

    for (i = 0; i < R_COUNT; i++) {
        if (hostile_given[i])
            continue;
        printf("not answered: %s\n", hostile_names[i]);
        missing++;
    }
    return missing;
}
