#include "proto/command.h"

void wsc__command_to(struct wsc_command *c, enum wsc__command_state s)
{
    wsc__machine_moves(c->o.core, &wsc__command_machine, c->id ? c->id : "(no id yet)", c->state,
                       s);
    c->state = s;
}

/* --- the end ---------------------------------------------------------------------------------- */

/* Exit is told after all output; what a canceled command had said is not waited for. */
void wsc__command_check_exit(struct wsc_command *c)
{
    if (c->state != WSC__COMMAND_DONE || c->exit_told)
        return;
    if (c->o.user && c->on_output.fn && wsc__output_size(&c->out) && !c->canceled)
        return;
    c->exit_told = true;
    wsc__object_end(&c->o);
    wsc__object_tell(&c->o, WSC_EVENT_EXIT);
}

/* A canceled request calls back no more: its reference to the command goes with it. */
static void drop_request(struct wsc_command *c, struct wsc__req **r)
{
    if (!*r)
        return;
    wsc__req_cancel(*r);
    *r = NULL;
    wsc__object_unref(&c->o);
}

/* What is on its way is waited for, a while, before Delete: the server would else meet it behind
 * that, and a second Send beside the first. The command is done for the user meanwhile. */
static void let_go(struct wsc_command *c, struct wsc__req **r, int64_t ms)
{
    if (!*r)
        return;
    /* in no pool: it rests before a repetition, nothing of it is on its way */
    if (c->o.core->dead || !wsc__shell_alive(c->shell) || (r == &c->receive && c->net_paused) ||
        !(*r)->x.pool) {
        drop_request(c, r);
        return;
    }
    c->shell->clean_up++;
    c->o.core->pending++;
    wsc__req_bound(*r, ms, "cancel-timeout");
}

static void drop_requests(struct wsc_command *c)
{
    int64_t ms = wsc__opt_int(c->params, WSC__O_CANCEL_TIMEOUT);
    struct wsc_shell *s = c->shell;

    let_go(c, &c->receive, ms / 8 + 1);
    wsc__list_remove(&c->in_senders);
    let_go(c, &c->send, ms / 2 + 1);
    if (s->sending == c && !c->send) {
        s->sending = NULL;
        wsc__shell_pump_senders(s);
    }
    wsc__buf_free(&c->in);
}

bool wsc__command_late(struct wsc_command *c)
{
    if (c->state != WSC__COMMAND_DONE)
        return false;
    c->o.core->pending--;
    wsc__shell_cleaned(c->shell);
    return true;
}

static void finish(struct wsc_command *c, struct wsc_error *err)
{
    struct wsc__core *core = c->o.core;
    struct wsc_shell *s = c->shell;

    if (c->state == WSC__COMMAND_DONE)
        return;
    wsc__command_to(c, WSC__COMMAND_DONE);
    wsc__timer_clear(&core->timers, &c->timer);
    c->err = err ? wsc__error_ref(err) : NULL;
    c->canceled |= wsc__error_code(err) == WSC_E_CANCELED;
    wsc__buf_free(&c->body);
    drop_requests(c);
    c->net_paused = false;
    wsc__list_remove(&c->in_shell);
    wsc__object_busy(&c->o, false);
    if (wsc__output_size(&c->out))
        wsc__object_tell(&c->o, WSC_EVENT_OUTPUT);
    wsc__command_check_exit(c);
    if (s->close_after_last && wsc__list_empty(&s->commands) && !core->dead)
        wsc__shell_close(s, NULL);
    wsc__shell_leave_on(s);
    wsc__shell_rest(s);
    wsc__object_unref(&c->o); /* the work's */
}

/* The server is to let go of it: now, or once it has answered what it is asked. */
static void terminate(struct wsc_command *c)
{
    if (!c->start && c->state == WSC__COMMAND_RUNNING)
        wsc__shell_terminate(c->shell, c);
    let_go(c, &c->start, wsc__opt_int(c->params, WSC__O_CANCEL_TIMEOUT) / 2 + 1);
}

void wsc__command_fail(struct wsc_command *c, struct wsc_error *err, bool tell)
{
    struct wsc_shell *s = c->shell;

    if (c->state == WSC__COMMAND_DONE)
        return;
    wsc__object_ref(&s->o);
    if (tell)
        terminate(c);
    else
        drop_request(c, &c->start);
    finish(c, err);
    wsc__object_unref(&s->o);
}

/* The server ended it: what is owed is the Signal that lets it free the command. */
void wsc__command_complete(struct wsc_command *c)
{
    struct wsc_shell *s = c->shell;

    wsc__object_ref(&s->o);
    terminate(c);
    finish(c, NULL);
    wsc__object_unref(&s->o);
}

void wsc__command_cancel(struct wsc_command *c)
{
    struct wsc_error *e;

    c->canceled = true;
    if (c->state == WSC__COMMAND_DONE) {
        wsc__command_check_exit(c); /* it waited for a reader only */
        return;
    }
    e = wsc__error_new(&c->o.core->mem, WSC_E_CANCELED, "the command was canceled");
    wsc__command_fail(c, e, true);
    wsc__error_unref(e);
}

/* The caller wants it to go on without anybody. */
static void detach(struct wsc_command *c)
{
    struct wsc_shell *s = c->shell;
    struct wsc_error *e;

    if (c->state == WSC__COMMAND_DONE)
        return;
    wsc__object_ref(&s->o);
    e = wsc__error_new(&c->o.core->mem, WSC_E_CANCELED, "the command was left to itself");
    if (s->close_after_last && c->state != WSC__COMMAND_WAITING)
        wsc__shell_lost(s, e); /* with the command in it */
    else
        wsc__command_fail(c, e, false);
    wsc__error_unref(e);
    wsc__object_unref(&s->o);
}

void wsc__command_let_go(struct wsc_command *c)
{
    if (wsc__opt_int(c->params, WSC__O_DETACH_ON_UNREF))
        detach(c);
    else
        wsc__command_cancel(c);
}

void wsc__command_cancel_object(struct wsc__object *o)
{
    struct wsc_command *c = WSC__OF(o, struct wsc_command, o);
    struct wsc_error *e;

    if (!o->core->dead && c->shell->moves == WSC__SHELL_LEAVES && c->state != WSC__COMMAND_DONE)
        return; /* it ends when the shell has left, which loses no output */
    if (!o->core->dead && c->shell->away && c->state != WSC__COMMAND_DONE) { /* it stays there */
        e = wsc__error_new(&o->core->mem, WSC_E_CANCELED, "the context was closed");
        wsc__command_fail(c, e, false);
        wsc__error_unref(e);
    } else {
        wsc__command_cancel(c);
    }
}

void wsc__command_on_deadline(struct wsc__timer *t, uint64_t now)
{
    struct wsc_command *c = WSC__OF(t, struct wsc_command, timer);
    struct wsc_error *e = wsc__client_deadline(c->shell->client, c->params);

    (void)now;
    wsc__command_fail(c, e, true);
    wsc__error_unref(e);
}

void wsc__command_destroy(struct wsc__object *o)
{
    struct wsc_command *c = WSC__OF(o, struct wsc_command, o);
    const struct wsc__mem *mem = &o->core->mem;

    wsc__timer_clear(&o->core->timers, &c->timer);
    wsc__callback_drop(&c->on_output);
    wsc__callback_drop(&c->on_writable);
    wsc__callback_drop(&c->on_exit);
    wsc__list_remove(&c->in_shell);
    wsc__error_unref(c->err);
    wsc__error_unref(c->stream_error);
    wsc__error_unref(c->in_error);
    wsc__buf_free(&c->body);
    wsc__buf_free(&c->in);
    wsc__output_free(&c->out);
    wsc__free(mem, c->id);
    wsc__optset_unref(c->params);
    wsc__object_unref(&c->shell->o);
    wsc__free(mem, c);
}

/* --- the shell leaves ------------------------------------------------------------------------- */

void wsc__command_leaves(struct wsc_command *c)
{
    const struct wsc__req *r = c->receive;

    if (!r)
        return;
    if (r->x.pool && !r->x.running && !r->repeats) {
        drop_request(c, &c->receive); /* it waits for a connection: the server has not seen it */
    } else if (c->net_paused) {
        c->net_paused = false;
        wsc__req_resume(c->receive);
    }
}

void wsc__command_goes_away(struct wsc_command *c)
{
    wsc__object_busy(&c->o, false);
    c->away = c->state == WSC__COMMAND_RUNNING;
}

void wsc__command_stays(struct wsc_command *c)
{
    c->away = false;
}

bool wsc__command_starts(const struct wsc_command *c)
{
    return c->start != NULL;
}

bool wsc__command_receives(const struct wsc_command *c)
{
    return c->receive != NULL;
}

/* The context closes: what the leaving waits for has so much time. */
void wsc__command_hurries(struct wsc_command *c)
{
    int64_t ms = wsc__opt_int(c->params, WSC__O_CANCEL_TIMEOUT);
    struct wsc__req *const all[] = { c->start, c->send, c->receive };
    size_t i;

    for (i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i])
            wsc__req_bound(all[i], ms, "cancel-timeout");
}
