/* Output of a command: Receive after Receive, until state Done. */
#include "proto/command.h"

#include "wsman/shell.h"

#include <string.h>

bool wsc__command_blocked(const struct wsc_command *c)
{
    return wsc__output_size(&c->out) >= c->output_limit;
}

/* An answer that did not fit would rest in its connection, and keep it from others: where the limit
 * allows, there is room for all of it before it is asked for. */
static bool room_for_answer(const struct wsc_command *c)
{
    size_t most = (size_t)wsc__opt_int(c->params, WSC__O_MAX_ENVELOPE) / 4 * 3; /* base64 */
    size_t used = wsc__output_size(&c->out);

    return used < c->output_limit &&
           (!used || c->output_limit < most || c->output_limit - used >= most);
}

/* Nothing of it is on its way: neither asked for nor read. */
bool wsc__command_rests(const struct wsc_command *c)
{
    return c->state == WSC__COMMAND_RUNNING && (!c->receive || c->net_paused);
}

/* --- what a reply tells ----------------------------------------------------------------------- */

static bool ours(const struct wsc_command *c, const char *command_id)
{
    return !*command_id || wsc__ieq(command_id, c->id);
}

static int on_stream_start(void *owner, const char *name, const char *command_id, bool end)
{
    struct wsc_command *c = owner;

    c->stream = -1;
    if (!ours(c, command_id))
        return WSC_OK;
    if (wsc__ieq(name, "stdout"))
        c->stream = 0;
    else if (wsc__ieq(name, "stderr"))
        c->stream = 1;
    c->stream_ends = end;
    return WSC_OK;
}

static int on_stream_end(void *owner)
{
    struct wsc_command *c = owner;

    if (c->stream >= 0 && c->stream_ends)
        c->eof[c->stream] = true;
    return WSC_OK;
}

static struct wsc_error *lost(struct wsc_command *c, const char *how)
{
    return wsc__error_new(
        &c->o.core->mem, WSC_E_OUTPUT_LOST,
        "the connection was lost, and the repeated Receive %s what was delivered before", how);
}

/* Drops what the reply that broke off had delivered, and proves that it is the same. */
static int skip_repeated(struct wsc_command *c, struct wsc__seen *seen, const uint8_t **data,
                         size_t *len)
{
    size_t n = *len < seen->skip ? *len : (size_t)seen->skip;

    wsc__hash_add(&seen->hash, *data, n);
    seen->skip -= n;
    *data += n;
    *len -= n;
    if (seen->skip || wsc__hash_value(&seen->hash) == seen->want_hash)
        return WSC_OK;
    c->stream_error = lost(c, "differs from");
    return WSC_E_OUTPUT_LOST;
}

static int on_stream(void *owner, const uint8_t *data, size_t len)
{
    struct wsc_command *c = owner;
    int64_t max = wsc__opt_int(c->params, WSC__O_RECEIVED_LIMIT);
    const char *mode = wsc__opt_str(c->params, WSC__O_STDERR);
    struct wsc__seen *seen;
    int stream = c->stream, rc;

    if (stream < 0 || c->state == WSC__COMMAND_DONE)
        return WSC_OK;
    seen = &c->seen[stream];
    if (seen->skip) {
        rc = skip_repeated(c, seen, &data, &len);
        if (rc != WSC_OK || !len)
            return rc;
    }
    wsc__hash_add(&seen->hash, data, len);
    c->received += len;
    if (max && c->received > (uint64_t)max) {
        c->stream_error = wsc__error_new(
            &c->o.core->mem, WSC_E_LIMIT,
            "the command said more than received-limit allows (%lld bytes)", (long long)max);
        wsc__error_set_str(c->stream_error, WSC__ES_OPTION, "received-limit");
        wsc__error_set_int(c->stream_error, WSC__EI_LIMIT, max);
        return WSC_E_LIMIT;
    }
    if (stream == 1 && mode[0] == 'd')
        return WSC_OK;
    rc = wsc__output_add(&c->out, stream == 1 && mode[0] == 'k' ? WSC_STDERR : WSC_STDOUT, data,
                         len);
    if (rc != WSC_OK)
        return rc;
    if (c->on_output.fn || c->armed_output)
        wsc__object_tell(&c->o, WSC_EVENT_OUTPUT);
    if (!wsc__command_blocked(c) || !wsc__shell_serves(c->shell))
        return WSC_OK; /* a shell that leaves waits for the end of this reply */
    c->net_paused = true;
    c->armed_output = true; /* nothing moves until somebody reads: told even to who only waits */
    wsc__object_tell(&c->o, WSC_EVENT_OUTPUT);
    wsc__shell_watch(c->shell);
    return WSC__PAUSE;
}

static int on_state(void *owner, const char *command_id, enum wsc__state state, bool has_exit,
                    int64_t exit_code)
{
    struct wsc_command *c = owner;

    if (!ours(c, command_id) || state != WSC__STATE_DONE)
        return WSC_OK;
    c->finished = true;
    c->has_exit = has_exit;
    c->exit_code = exit_code;
    return WSC_OK;
}

static void on_again(void *owner)
{
    struct wsc_command *c = owner;
    int i;

    c->finished = false;
    c->net_paused = false;
    for (i = 0; i < 2; i++) {
        struct wsc__seen *s = &c->seen[i];

        if (!s->skip) { /* else: it broke off while repeating, the first count still holds */
            s->skip = s->hash.count;
            s->want_hash = wsc__hash_value(&s->hash);
        } else {
            s->skip = s->total;
        }
        s->total = s->skip;
        wsc__hash_init(&s->hash);
        c->eof[i] = false;
    }
}

static void on_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_command *c = owner;
    bool away, again;
    struct wsc_error *e = NULL;

    c->receive = NULL;
    c->net_paused = false;
    wsc__haste_judge(&c->haste, c->o.core->now, c->received != c->asked_with);
    if (wsc__command_late(c)) {
        wsc__object_unref(&c->o);
        return;
    }
    away = wsc__shell_parted(c->shell, r, err) ||
           (c->shell->away && wsc__error_code(err) == WSC_E_ABORTED);
    again = r->timed_out || away; /* at once, or when the shell is back */
    if (c->stream_error) {        /* found by us in the middle: more exact than the decoder's */
        err = e = c->stream_error;
        c->stream_error = NULL;
        again = false;
    } else if (away && r->repeats) { /* the server takes the next one for a new one */
        err = e = wsc__error_new(&c->o.core->mem, WSC_E_OUTPUT_LOST,
                                 "the connection was lost, and the shell disconnected before the "
                                 "Receive could be repeated");
        again = false;
    } else if ((!err || again) && (c->seen[0].skip || c->seen[1].skip)) {
        err = e = lost(c, "is shorter than");
        again = false;
    }
    if (err && !again) {
        if (wsc__shell_is_gone(err))
            wsc__shell_lost(c->shell, err);
        else
            wsc__command_fail(c, err, true);
    } else if (c->finished) {
        wsc__command_complete(c);
    } else {
        wsc__command_receive(c);
    }
    wsc__shell_leave_on(c->shell);
    wsc__error_unref(e);
    wsc__object_unref(&c->o); /* the request's */
}

static const struct wsc__req_ops receive_ops = {
    .stream_start = on_stream_start,
    .stream = on_stream,
    .stream_end = on_stream_end,
    .command_state = on_state,
    .again = on_again,
    .done = on_done,
};

/* --- asking ----------------------------------------------------------------------------------- */

static int start(struct wsc_command *c, struct wsc_error **err)
{
    static const struct wsc__pair keep_alive = { .name = "WSMAN_CMDSHELL_OPTION_KEEPALIVE",
                                                 .value = "TRUE" };
    struct wsc_shell *s = c->shell;
    struct wsc__req_spec spec;
    struct wsc__xml_writer w;
    struct wsc__buf body;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &c->o.core->mem, 65536);
    wsc__xml_init(&w, &body);
    wsc__body_receive(&w, c->id,
                      s->streams ? s->streams : wsc__opt_str(s->params, WSC__O_OUTPUT_STREAMS));
    spec.action = WSC__ACTION_RECEIVE;
    spec.response = &wsc__receive_response;
    spec.options = &keep_alive;
    spec.noptions = 1;
    spec.lane = WSC__LANE_WAIT;
    spec.repeatable = true;
    spec.no_user_options = true;
    spec.pause_ms = wsc__haste_asks(&c->haste, s->o.core->now);
    c->asked_with = c->received;
    return wsc__shell_send(&c->receive, s, c->params, &spec, &w, &receive_ops, c, err);
}

void wsc__command_receive(struct wsc_command *c)
{
    struct wsc_error *err = NULL;
    int i;

    if (c->state != WSC__COMMAND_RUNNING || c->receive || !c->wanted || c->away ||
        !wsc__shell_serves(c->shell))
        return;
    if (!room_for_answer(c)) {
        wsc__shell_watch(c->shell);
        return;
    }
    for (i = 0; i < 2; i++) {
        memset(&c->seen[i], 0, sizeof c->seen[i]);
        wsc__hash_init(&c->seen[i].hash);
    }
    wsc__object_ref(&c->o);
    if (start(c, &err) != WSC_OK) {
        wsc__command_fail(c, err ? err : wsc__error_nomem(), true);
        wsc__error_unref(err);
        wsc__object_unref(&c->o);
    }
}

void wsc__command_want(struct wsc_command *c)
{
    if (c->wanted)
        return;
    c->wanted = true;
    wsc__command_receive(c);
}

void wsc__command_drained(struct wsc_command *c)
{
    if (wsc__output_size(&c->out) > c->output_limit / 2)
        return; /* not for every byte */
    if (c->net_paused) {
        c->net_paused = false;
        wsc__req_resume(c->receive);
    } else {
        wsc__command_receive(c);
    }
}
