#include "proto/shell.h"

#include "proto/command.h"
#include "wsman/shell.h"

#include <stdio.h>
#include <string.h>

static bool ended(const struct wsc_shell *s)
{
    return s->state == WSC__SHELL_IS_CLOSED || s->state == WSC__SHELL_IS_LOST;
}

bool wsc__shell_alive(const struct wsc_shell *s)
{
    return !ended(s);
}

bool wsc__shell_serves(const struct wsc_shell *s)
{
    return s->state == WSC__SHELL_IS_OPEN && s->moves == WSC__SHELL_STAYS;
}

bool wsc__shell_is_parked(const struct wsc_shell *s)
{
    return s->state == WSC__SHELL_IS_DISCONNECTED && s->moves == WSC__SHELL_STAYS;
}

void wsc__shell_count(struct wsc_shell *s)
{
    bool moving = !ended(s) && s->moves != WSC__SHELL_STAYS;

    wsc__object_busy(&s->o, moving || s->state == WSC__SHELL_IS_OPENING ||
                                s->state == WSC__SHELL_IS_CLOSING);
}

void wsc__shell_to(struct wsc_shell *s, enum wsc__shell_state state)
{
    if (s->state == state)
        return;
    wsc__machine_moves(s->o.core, &wsc__shell_machine, s->id ? s->id : s->client->to, s->state,
                       state);
    s->state = state;
    s->untold |= 1u << state;
    wsc__shell_count(s);
    wsc__object_tell(&s->o, WSC_EVENT_SHELL);
}

/* --- the end ---------------------------------------------------------------------------------- */

void wsc__shell_end_ops(struct wsc__list *ops, struct wsc_error *err)
{
    struct wsc__link *n;

    while ((n = wsc__list_pop(ops)))
        wsc__op_finish(WSC__OF(n, struct wsc_op, link), err);
}

void wsc__shell_end(struct wsc_shell *s, enum wsc__shell_state state, struct wsc_error *err)
{
    struct wsc__link *n;

    if (ended(s))
        return;
    wsc__timer_clear(&s->o.core->timers, &s->timer);
    wsc__req_cancel(s->create);
    wsc__req_cancel(s->remove);
    wsc__req_cancel(s->keep_alive);
    s->create = s->remove = s->keep_alive = NULL;
    if (err && !s->err)
        s->err = wsc__error_ref(err);
    wsc__shell_to(s, state);
    wsc__shell_stop_moving(s, err);
    while ((n = wsc__list_first(&s->commands)))
        wsc__command_fail(WSC__OF(n, struct wsc_command, in_shell), err, false);
    wsc__shell_end_ops(&s->waiters, state == WSC__SHELL_IS_LOST ? err : NULL);
    wsc__object_end(&s->o);
    wsc__object_unref(&s->o); /* the work's */
}

/* Some of these codes are about one command: the shell and its others live on. */
bool wsc__shell_is_gone(const struct wsc_error *err)
{
    uint32_t code = wsc__error_fault_code(err);

    if (wsc__error_code(err) != WSC_E_SHELL_GONE)
        return false;
    return code != 0x8033814F && code != 0x80540BBD;
}

void wsc__shell_lost(struct wsc_shell *s, struct wsc_error *err)
{
    wsc__shell_end(s, WSC__SHELL_IS_LOST, err);
}

void wsc__shell_cancel(struct wsc__object *o)
{
    struct wsc_shell *s = WSC__OF(o, struct wsc_shell, o);
    bool keep = wsc__opt_int(s->params, WSC__O_KEEP_ON_UNREF) != 0 ||
                s->state == WSC__SHELL_IS_DISCONNECTED ||
                (s->state == WSC__SHELL_IS_OPENING && s->connects); /* it was somebody's before */
    int64_t ms = wsc__opt_int(s->params, WSC__O_CANCEL_TIMEOUT);
    struct wsc_error *e;

    if (!o->core->dead && s->moves == WSC__SHELL_LEAVES) {
        s->left = true; /* what was asked for is done first */
        if (s->create)
            wsc__req_bound(s->create, ms, "cancel-timeout");
        if (s->move)
            wsc__req_bound(s->move, ms, "cancel-timeout");
        if (s->keep_alive)
            wsc__req_bound(s->keep_alive, ms, "cancel-timeout");
        wsc__shell_each(s, wsc__command_hurries);
        return;
    }
    if (!o->core->dead && !keep) {
        wsc__shell_close(s, NULL);
        return;
    }
    e = wsc__error_new(&o->core->mem, WSC_E_CANCELED, "the context was closed");
    wsc__shell_end(s, WSC__SHELL_IS_LOST, e);
    wsc__error_unref(e);
}

void wsc__shell_destroy(struct wsc__object *o)
{
    struct wsc_shell *s = WSC__OF(o, struct wsc_shell, o);
    const struct wsc__mem *mem = &o->core->mem;

    wsc__callback_drop(&s->on_state);
    wsc__error_unref(s->err);
    wsc__free(mem, s->id);
    wsc__free(mem, s->owner);
    wsc__free(mem, s->client_ip);
    wsc__free(mem, s->name);
    wsc__free(mem, s->streams);
    wsc__optset_unref(s->params);
    wsc__client_unref(s->client);
    wsc__free(mem, s);
}

bool wsc__shell_each(struct wsc_shell *s, void (*fn)(struct wsc_command *c))
{
    struct wsc__link *n, *next;
    bool alive;

    wsc__object_ref(&s->o);
    for (n = s->commands.head.next; n != &s->commands.head && wsc__shell_alive(s); n = next) {
        next = n->next;
        fn(WSC__OF(n, struct wsc_command, in_shell));
    }
    alive = wsc__shell_alive(s);
    wsc__object_unref(&s->o);
    return alive;
}

/* --- requests --------------------------------------------------------------------------------- */

int wsc__shell_req(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                   const struct wsc__req_spec *spec, const struct wsc__req_ops *ops, void *owner,
                   struct wsc_error **err)
{
    const struct wsc__selector selector = { .name = "ShellId", .value = s->id };
    struct wsc__req_spec full = *spec;
    int rc;

    if (!full.resource_uri)
        full.resource_uri = s->resource_uri;
    full.selectors = &selector;
    full.nselectors = 1;
    s->last_request = s->o.core->now;
    rc = wsc__req_start(out, s->client, params, &full, ops, owner, err);
    if (rc == WSC_OK)
        (*out)->epoch = s->epoch;
    return rc;
}

int wsc__shell_send(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                    struct wsc__req_spec *spec, const struct wsc__xml_writer *w,
                    const struct wsc__req_ops *ops, void *owner, struct wsc_error **err)
{
    int rc = w->err;

    spec->body = w->out;
    if (rc == WSC_OK)
        rc = wsc__shell_req(out, s, params, spec, ops, owner, err);
    else
        *err =
            wsc__error_new(&s->o.core->mem, rc, "the request cannot be written%s",
                           rc == WSC_E_LIMIT ? ": an identifier or a name in it is too long" : "");
    wsc__buf_free(w->out);
    return rc;
}

/* --- closing ---------------------------------------------------------------------------------- */

static void remove_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_shell *s = owner;
    int code = wsc__error_code(err);

    (void)r;
    s->remove = NULL;
    if (err && code != WSC_E_SHELL_GONE && code != WSC_E_ABORTED) {
        wsc__logf(&s->o.core->log, WSC_LOG_WARN, "shell", "%s: not deleted: %s", s->id,
                  wsc__error_text(err));
        wsc__shell_end_ops(&s->waiters, err);
    }
    wsc__shell_end(s, WSC__SHELL_IS_CLOSED, NULL);
}

static const struct wsc__req_ops remove_ops = { .done = remove_done };

static void send_delete(struct wsc_shell *s)
{
    struct wsc__req_spec spec;
    struct wsc_error *err = NULL;

    if (s->state != WSC__SHELL_IS_CLOSING || s->clean_up || s->keep_alive || s->remove)
        return; /* a Get on another connection might come in behind it */
    memset(&spec, 0, sizeof spec);
    spec.action = WSC__ACTION_DELETE;
    spec.lane = WSC__LANE_URGENT;
    spec.no_user_options = true;
    if (wsc__shell_req(&s->remove, s, s->params, &spec, &remove_ops, s, &err) != WSC_OK) {
        wsc__shell_end_ops(&s->waiters, err);
        wsc__shell_end(s, WSC__SHELL_IS_CLOSED, NULL);
        wsc__error_unref(err);
    }
}

static void set_closing_timer(struct wsc_shell *s)
{
    struct wsc__core *core = s->o.core;

    wsc__timer_set(&core->timers, &s->timer,
                   core->now + (uint64_t)wsc__opt_int(s->params, WSC__O_CANCEL_TIMEOUT));
}

static void fail_all(struct wsc_shell *s, bool tell)
{
    struct wsc_error *e = wsc__error_new(&s->o.core->mem, WSC_E_CANCELED, "the shell was closed");
    struct wsc__link *n;

    wsc__shell_stop_moving(s, e);
    while ((n = wsc__list_first(&s->commands)))
        wsc__command_fail(WSC__OF(n, struct wsc_command, in_shell), e, tell);
    wsc__error_unref(e);
}

void wsc__shell_close_now(struct wsc_shell *s)
{
    wsc__object_ref(&s->o);
    set_closing_timer(s);
    wsc__shell_to(s, WSC__SHELL_IS_CLOSING);
    s->clean_up++;         /* until every command is told */
    fail_all(s, !s->away); /* a server from which it is away takes nothing but Delete */
    wsc__shell_cleaned(s);
    wsc__object_unref(&s->o);
}

void wsc__shell_close(struct wsc_shell *s, struct wsc_op *op)
{
    if (op)
        wsc__list_push(&s->waiters, &op->link);
    if (ended(s)) {
        wsc__shell_end_ops(&s->waiters, NULL);
        return;
    }
    if (s->state == WSC__SHELL_IS_CLOSING || s->close_wanted)
        return;
    if (s->state != WSC__SHELL_IS_OPENING) {
        wsc__shell_close_now(s);
        return;
    }
    wsc__object_ref(&s->o);
    set_closing_timer(s);
    s->close_wanted = true; /* Create is under way: what it makes is deleted */
    fail_all(s, false);
    if (s->create && wsc__req_unsent(s->create))
        wsc__shell_end(s, WSC__SHELL_IS_CLOSED, NULL); /* nothing will be made */
    wsc__object_unref(&s->o);
}

/* A shell that stays on the server is forgotten here; another one closes after the last of its
 * commands whose handles are still held. */
void wsc__shell_let_go(struct wsc_shell *s)
{
    s->left = wsc__opt_int(s->params, WSC__O_KEEP_ON_UNREF) != 0 || wsc__shell_is_parked(s) ||
              s->moves == WSC__SHELL_LEAVES;
    if (s->left)
        wsc__shell_rest(s);
    else if (wsc__list_empty(&s->commands))
        wsc__shell_close(s, NULL);
    else
        s->close_after_last = true;
}

/* Once nothing is under way in a shell that stays on the server, it is forgotten here. */
void wsc__shell_rest(struct wsc_shell *s)
{
    struct wsc_error *e;

    if (!s->left || s->moves != WSC__SHELL_STAYS)
        return;
    if (s->state == WSC__SHELL_IS_DISCONNECTED) { /* nobody can take its commands up again */
        e = wsc__error_new(&s->o.core->mem, WSC_E_CANCELED, "the shell was left on the server");
        wsc__shell_lost(s, e);
        wsc__error_unref(e);
    } else if (s->state == WSC__SHELL_IS_OPEN && wsc__list_empty(&s->commands) && !s->clean_up &&
               !s->keep_alive) {
        wsc__shell_lost(s, NULL);
    }
}

void wsc__shell_cleaned(struct wsc_shell *s)
{
    if (--s->clean_up)
        return;
    send_delete(s);
    wsc__shell_leave_on(s);
    wsc__shell_rest(s);
}

/* --- signals in the background ---------------------------------------------------------------- */

static void owe(struct wsc_shell *s, struct wsc_command *c)
{
    if (ended(s) || s->state == WSC__SHELL_IS_CLOSING || wsc__linked(&c->in_owed))
        return; /* Delete ends it as well */
    wsc__object_ref(&c->o);
    wsc__list_push(&s->owed, &c->in_owed);
}

static void terminate_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_command *c = owner;
    struct wsc_shell *s = c->shell;
    bool away = wsc__shell_parted(s, r, err);

    if (err)
        wsc__logf(&s->o.core->log, WSC_LOG_INFO, "shell", "terminate: %s", wsc__error_text(err));
    if (away && wsc__shell_serves(s)) /* it is back meanwhile */
        wsc__shell_terminate(s, c);
    else if (away)
        owe(s, c);
    s->o.core->pending--;
    wsc__shell_cleaned(s);
    wsc__object_unref(&c->o);
}

static const struct wsc__req_ops terminate_ops = { .done = terminate_done };

int wsc__signal_req(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                    const char *command_id, const char *uri, const struct wsc__req_ops *ops,
                    void *owner, int64_t total_ms, const char *total_option, struct wsc_error **err)
{
    struct wsc__req_spec spec;
    struct wsc__xml_writer w;
    struct wsc__buf body;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &s->o.core->mem, 65536);
    wsc__xml_init(&w, &body);
    wsc__body_signal(&w, command_id, uri);
    spec.action = WSC__ACTION_SIGNAL;
    spec.lane = WSC__LANE_URGENT;
    spec.no_user_options = true;
    spec.total_ms = total_ms;
    spec.total_option = total_option;
    return wsc__shell_send(out, s, params, &spec, &w, ops, owner, err);
}

void wsc__shell_terminate(struct wsc_shell *s, struct wsc_command *c)
{
    struct wsc_error *err = NULL;
    struct wsc__req *r = NULL;

    if (ended(s) || s->o.core->dead)
        return;
    if (s->away) {
        owe(s, c);
        return;
    }
    /* half of the time: Delete, which may wait for this, needs the rest */
    if (wsc__signal_req(&r, s, s->params, c->id, wsc__signal_uri("terminate"), &terminate_ops, c,
                        wsc__opt_int(s->params, WSC__O_CANCEL_TIMEOUT) / 2 + 1, "cancel-timeout",
                        &err) != WSC_OK) {
        wsc__error_unref(err);
        return;
    }
    s->clean_up++;
    s->o.core->pending++;
    wsc__object_ref(&c->o);
}

/* --- input: one Send at a time ---------------------------------------------------------------- */

void wsc__shell_pump_senders(struct wsc_shell *s)
{
    struct wsc__link *n;

    while (!s->sending && (n = wsc__list_pop(&s->senders))) {
        struct wsc_command *c = WSC__OF(n, struct wsc_command, in_senders);

        s->sending = c;
        if (!wsc__command_send(c) && s->sending == c) /* its end may have let the next one go */
            s->sending = NULL;
    }
}

/* --- keep-alive and cancel-timeout ------------------------------------------------------------ */

static bool somebody_rests(const struct wsc_shell *s)
{
    struct wsc__link *n;

    for (n = s->commands.head.next; n != &s->commands.head; n = n->next) {
        if (wsc__command_rests(WSC__OF(n, struct wsc_command, in_shell)))
            return true;
    }
    return false;
}

static void keep_alive_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_shell *s = owner;

    s->keep_alive = NULL;
    if (wsc__shell_is_gone(err)) {
        wsc__shell_lost(s, err);
        return;
    }
    wsc__object_ref(&s->o);
    if (!wsc__shell_parted(s, r, err))
        wsc__shell_watch(s);
    send_delete(s);
    wsc__shell_leave_on(s);
    wsc__shell_rest(s);
    wsc__object_unref(&s->o);
}

static const struct wsc__req_ops keep_alive_ops = { .field = wsc__shell_field,
                                                    .done = keep_alive_done };

/* Get on the shell: keeps it alive, and tells its properties. */
void wsc__shell_get(struct wsc_shell *s)
{
    struct wsc__req_spec spec;
    struct wsc_error *err = NULL;

    memset(&spec, 0, sizeof spec);
    spec.action = WSC__ACTION_GET;
    spec.resource_uri = WSC__NS_SHELL;
    spec.lane = WSC__LANE_URGENT;
    spec.no_user_options = true;
    if (wsc__shell_req(&s->keep_alive, s, s->params, &spec, &keep_alive_ops, s, &err) != WSC_OK)
        wsc__error_unref(err);
}

/* A server that claims an idle time of milliseconds is not asked as often as that. */
static uint64_t keep_alive_after(const struct wsc_shell *s)
{
    return s->idle_ms > 2000 ? (uint64_t)s->idle_ms / 2 : 1000;
}

void wsc__shell_watch(struct wsc_shell *s)
{
    if (wsc__shell_serves(s) && s->idle_ms > 1 && !s->keep_alive && !s->timer.armed)
        wsc__timer_set(&s->o.core->timers, &s->timer, s->last_request + keep_alive_after(s));
}

void wsc__shell_on_timer(struct wsc__timer *t, uint64_t now)
{
    struct wsc_shell *s = WSC__OF(t, struct wsc_shell, timer);
    struct wsc_error *err;

    if (s->moves != WSC__SHELL_STAYS) {
        wsc__shell_move_late(s);
        return;
    }
    if (s->state != WSC__SHELL_IS_OPEN) { /* cancel-timeout */
        err = wsc__error_new(&s->o.core->mem, WSC_E_TIMEOUT,
                             "the shell could not be deleted within cancel-timeout");
        wsc__error_set_str(err, WSC__ES_OPTION, "cancel-timeout");
        wsc__shell_end_ops(&s->waiters, err);
        wsc__shell_end(s, WSC__SHELL_IS_CLOSED, NULL);
        wsc__error_unref(err);
        return;
    }
    if (!somebody_rests(s))
        return;
    if (now < s->last_request + keep_alive_after(s)) {
        wsc__shell_watch(s);
        return;
    }
    wsc__shell_get(s);
}
