/* A shell is left on the server and taken up again: Disconnect and Reconnect (MS-WSMV 3.1.4.15-16).
 *
 * Disconnect goes out once nothing of ours is on its way that the server would refuse behind it:
 * the start of a command, a Send, a Signal. A Receive may wait there: the server answers it with
 * what it has, and only then the shell is disconnected for us, so that no output is lost. */
#include "proto/command.h"
#include "wsman/shell.h"

#include <string.h>

static bool says_away(const struct wsc_error *err)
{
    uint32_t code = wsc__error_fault_code(err);

    return code == WSC__SHELL_DISCONNECTED || code == WSC__STREAM_DISCONNECTED;
}

struct wsc_error *wsc__shell_away_error(const struct wsc_shell *s)
{
    return wsc__error_fault(&s->o.core->mem, WSC__SHELL_DISCONNECTED, "the shell is disconnected");
}

const char *wsc__buffer_mode(const struct wsc__optset *params)
{
    static const char *const words[] = { NULL, "Block", "Drop" };

    return words[wsc__opt_int(params, WSC__O_BUFFER_MODE)];
}

/* --- moving ----------------------------------------------------------------------------------- */

static void begin_move(struct wsc_shell *s, enum wsc__shell_move moves, struct wsc__optset *params)
{
    int64_t deadline = wsc__opt_int(params, WSC__O_DEADLINE);

    s->moves = moves;
    s->move_params = wsc__optset_ref(params);
    s->move_until = deadline ? s->o.core->now + (uint64_t)deadline : 0;
    if (s->move_until && s->state == WSC__SHELL_IS_OPENING)
        wsc__timer_set(&s->o.core->timers, &s->timer, s->move_until);
    wsc__shell_count(s);
}

static void end_move(struct wsc_shell *s, struct wsc_error *err)
{
    if (s->state == WSC__SHELL_IS_OPEN || s->state == WSC__SHELL_IS_DISCONNECTED) /* it is ours */
        wsc__timer_clear(&s->o.core->timers, &s->timer);
    s->moves = WSC__SHELL_STAYS;
    wsc__optset_unref(s->move_params);
    s->move_params = NULL;
    wsc__shell_count(s);
    wsc__shell_end_ops(&s->movers, err);
}

/* pay: the server is told now; else it need not be any more */
static void drop_owed(struct wsc_shell *s, bool pay)
{
    struct wsc__link *n;

    while ((n = wsc__list_pop(&s->owed))) {
        struct wsc_command *c = WSC__OF(n, struct wsc_command, in_owed);

        if (pay)
            wsc__shell_terminate(s, c);
        wsc__object_unref(&c->o);
    }
}

void wsc__shell_stop_moving(struct wsc_shell *s, struct wsc_error *err)
{
    wsc__req_cancel(s->move);
    s->move = NULL;
    wsc__error_unref(s->move_err);
    s->move_err = NULL;
    drop_owed(s, false);
    end_move(s, err);
}

/* w: the body. What did not go out ends the move. */
static int send_move(struct wsc_shell *s, const char *action, const struct wsc__xml_writer *w,
                     const struct wsc__req_ops *ops)
{
    struct wsc__req_spec spec;
    struct wsc_error *err = NULL;
    int rc;

    memset(&spec, 0, sizeof spec);
    spec.action = action;
    spec.lane = WSC__LANE_URGENT;
    spec.no_user_options = true; /* they went with Create */
    if (s->move_until)           /* what is left of it */
        spec.total_ms =
            s->move_until > s->o.core->now ? (int64_t)(s->move_until - s->o.core->now) : 1;
    spec.total_option = "deadline";
    rc = wsc__shell_send(&s->move, s, s->move_params, &spec, w, ops, s, &err);
    if (rc != WSC_OK)
        end_move(s, err ? err : wsc__error_nomem());
    wsc__error_unref(err);
    return rc;
}

/* --- Disconnect ------------------------------------------------------------------------------- */

static void goes_away(struct wsc_shell *s)
{
    s->away = true;
    s->epoch++;
    wsc__shell_each(s, wsc__command_goes_away);
}

/* It was asked to leave and stays after all. */
static void stay(struct wsc_shell *s, struct wsc_error *err)
{
    wsc__object_ref(&s->o);
    s->away = false;
    end_move(s, err);
    drop_owed(s, true);
    wsc__shell_each(s, wsc__command_stays);
    if (s->o.core->closing)
        wsc__shell_cancel(&s->o); /* which has waited for this */
    else if (s->left)
        wsc__shell_let_go(s); /* it was to be left: now as one that nobody disconnects */
    if (s->state == WSC__SHELL_IS_OPEN)
        wsc__shell_opened(s);
    wsc__object_unref(&s->o);
}

static void disconnect_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_shell *s = owner;
    uint32_t code = wsc__error_fault_code(err);

    (void)r;
    s->move = NULL;
    if (wsc__shell_is_gone(err)) {
        wsc__shell_lost(s, err);
    } else if (err && !says_away(err) && code != WSC__SHELL_WAS_AWAY &&
               code != WSC__SHELL_NOT_GRACEFUL) {
        stay(s, err);
    } else {
        if (wsc__opt_int(s->move_params, WSC__O_IDLE_TIMEOUT))
            s->idle_ms = wsc__opt_int(s->move_params, WSC__O_IDLE_TIMEOUT);
        s->move_err = code == WSC__SHELL_NOT_GRACEFUL ? wsc__error_ref(err) : NULL;
        wsc__shell_leave_on(s);
    }
}

static const struct wsc__req_ops disconnect_ops = { .done = disconnect_done };

static void send_disconnect(struct wsc_shell *s)
{
    struct wsc__xml_writer w;
    struct wsc__buf body;

    wsc__buf_init(&body, &s->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    wsc__body_disconnect(&w, wsc__opt_int(s->move_params, WSC__O_IDLE_TIMEOUT),
                         wsc__buffer_mode(s->move_params));
    if (send_move(s, WSC__ACTION_DISCONNECT, &w, &disconnect_ops) == WSC_OK)
        goes_away(s);
    else
        stay(s, NULL); /* who asked for it has been told */
}

static bool any(const struct wsc_shell *s, bool (*is)(const struct wsc_command *c))
{
    struct wsc__link *n;

    for (n = s->commands.head.next; n != &s->commands.head; n = n->next)
        if (is(WSC__OF(n, struct wsc_command, in_shell)))
            return true;
    return false;
}

void wsc__shell_leave_on(struct wsc_shell *s)
{
    struct wsc_error *err = s->move_err;

    if (s->moves != WSC__SHELL_LEAVES || s->state != WSC__SHELL_IS_OPEN || s->move)
        return;
    if (!s->away) {
        if (!s->clean_up && !s->signals && !s->keep_alive && !s->sending &&
            !any(s, wsc__command_starts))
            send_disconnect(s);
        return;
    }
    if (any(s, wsc__command_receives))
        return;
    wsc__object_ref(&s->o);
    s->move_err = NULL;
    wsc__shell_to(s, WSC__SHELL_IS_DISCONNECTED);
    end_move(s, err);
    wsc__error_unref(err);
    wsc__shell_rest(s);
    wsc__object_unref(&s->o);
}

void wsc__shell_leave(struct wsc_shell *s, struct wsc__optset *params, struct wsc_op *op)
{
    if (op)
        wsc__list_push(&s->movers, &op->link);
    if (s->state == WSC__SHELL_IS_DISCONNECTED) {
        wsc__shell_end_ops(&s->movers, NULL);
    } else if (s->moves == WSC__SHELL_STAYS) {
        begin_move(s, WSC__SHELL_LEAVES, params);
        wsc__shell_set_out(s);
    }
}

/* Once it is open. */
void wsc__shell_set_out(struct wsc_shell *s)
{
    if (s->moves != WSC__SHELL_LEAVES || s->state != WSC__SHELL_IS_OPEN)
        return;
    wsc__timer_clear(&s->o.core->timers, &s->timer);
    if (s->move_until)
        wsc__timer_set(&s->o.core->timers, &s->timer, s->move_until);
    if (wsc__shell_each(s, wsc__command_leaves))
        wsc__shell_leave_on(s);
}

/* What must be answered before Disconnect has not been: it stays. After it only the last Receives
 * are waited for: that goes on, and those who asked are told. (Disconnect has a bound of its own.)
 */
void wsc__shell_move_late(struct wsc_shell *s)
{
    struct wsc_error *e;

    if (s->move)
        return;
    e = wsc__client_deadline(s->client, s->move_params);
    if (s->away)
        wsc__shell_end_ops(&s->movers, e);
    else
        stay(s, e);
    wsc__error_unref(e);
}

bool wsc__shell_parted(struct wsc_shell *s, const struct wsc__req *r, const struct wsc_error *err)
{
    if (!says_away(err))
        return false;
    if (s->close_after_last)
        return false; /* nobody holds it who could reconnect it: an error as any other */
    if (wsc__shell_serves(s) && r->epoch == s->epoch) {
        wsc__logf(&s->o.core->log, WSC_LOG_WARN, "shell", "%s: the server has disconnected it",
                  s->id);
        wsc__timer_clear(&s->o.core->timers, &s->timer);
        goes_away(s);
        wsc__shell_to(s, WSC__SHELL_IS_DISCONNECTED);
        wsc__shell_rest(s);
    }
    return true;
}

/* --- Reconnect -------------------------------------------------------------------------------- */

static void reconnect_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_shell *s = owner;

    (void)r;
    s->move = NULL;
    if (wsc__shell_is_gone(err)) {
        wsc__shell_lost(s, err);
    } else if (err && wsc__error_fault_code(err) != WSC__SHELL_WAS_CONNECTED) {
        end_move(s, err);
        if (s->close_after_last)
            wsc__shell_lost(s, err); /* nobody can reconnect it any more */
        else
            wsc__shell_rest(s);
    } else {
        s->away = false;
        end_move(s, NULL);
        drop_owed(s, true);
        wsc__shell_opened(s);
    }
}

static const struct wsc__req_ops reconnect_ops = { .done = reconnect_done };

void wsc__shell_return(struct wsc_shell *s, struct wsc__optset *params, struct wsc_op *op)
{
    struct wsc__xml_writer w;
    struct wsc__buf body;
    const char *action;

    if (op)
        wsc__list_push(&s->movers, &op->link);
    if (s->state != WSC__SHELL_IS_DISCONNECTED) {
        wsc__shell_end_ops(&s->movers, NULL);
        return;
    }
    if (s->moves != WSC__SHELL_STAYS)
        return;
    begin_move(s, WSC__SHELL_RETURNS, params);
    wsc__buf_init(&body, &s->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    action = wsc__body_connect(&w, true, NULL, wsc__buffer_mode(params));
    send_move(s, action, &w, &reconnect_ops);
}
