/* Input of a command, in pieces that fit an envelope; signals. */
#include "proto/command.h"

#include "wsman/shell.h"

#include <string.h>

/* What an envelope of Send needs besides the data; measured generously, for a piece that is too
 * large would only be refused. */
static size_t piece_size(const struct wsc_command *c)
{
    static const enum wsc__opt texts[] = { WSC__O_LOCALE, WSC__O_LOCALE, WSC__O_DATA_LOCALE,
                                           WSC__O_OPERATION_ID };
    size_t max = (size_t)wsc__req_limit(c->params);
    size_t around = 3072 + strlen(c->shell->client->to) + 2 * strlen(c->shell->resource_uri) +
                    6 * strlen(c->shell->id) + 6 * strlen(c->id);
    size_t i;

    for (i = 0; i < sizeof texts / sizeof *texts; i++) {
        const char *s = wsc__opt_str(c->params, texts[i]);

        around += s ? 6 * strlen(s) : 0; /* all of it may have to be escaped */
    }

    return around + 1024 < max ? (max - around) / 4 * 3 : 768;
}

/* The server's no to input (the program may have closed its stdin) is not the end of the command:
 * its output and exit code still come. Where no answer came at all, nobody knows what was taken. */
static void input_failed(struct wsc_command *c, struct wsc_error *err)
{
    int64_t status = 0;

    if (wsc__shell_is_gone(err)) {
        wsc__shell_lost(c->shell, err);
    } else if (wsc__error_int(err, WSC__EI_HTTP_STATUS, &status) &&
               wsc__error_str(err, WSC__ES_SOAP_CODE)) {
        c->in_error = wsc__error_ref(err);
        c->in_eof_sent = true;
        wsc__buf_free(&c->in);
        wsc__command_want(c);
    } else {
        wsc__command_fail(c, err, true);
    }
}

static void send_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_command *c = owner;
    struct wsc_shell *s = c->shell;

    c->send = NULL;
    s->sending = NULL;
    if (wsc__command_late(c)) {
        wsc__shell_pump_senders(s);
        wsc__object_unref(&c->o);
        return;
    }
    if (wsc__shell_parted(s, r, err)) { /* it was not taken: goes again later */
        c->in_eof_sent = false;
        err = NULL;
    } else {
        wsc__buf_consume(&c->in, c->in_flight);
    }
    c->in_flight = 0;
    if (err && !c->finished)
        input_failed(c, err);
    wsc__command_send_more(c);
    wsc__shell_pump_senders(s);
    wsc__shell_leave_on(s);
    if (c->state == WSC__COMMAND_RUNNING && (!c->in_eof || c->in_error) && c->armed_writable &&
        c->in.len < c->input_limit) {
        c->armed_writable = false;
        wsc__object_tell(&c->o, WSC_EVENT_WRITABLE);
    }
    wsc__object_unref(&c->o); /* the request's */
}

static const struct wsc__req_ops send_ops = { .done = send_done };

bool wsc__command_send(struct wsc_command *c)
{
    size_t piece = piece_size(c), n = c->in.len < piece ? c->in.len : piece;
    bool end = c->in_eof && n == c->in.len;
    struct wsc__req_spec spec;
    struct wsc__xml_writer w;
    struct wsc_error *err = NULL;
    struct wsc__buf body;
    int rc;

    if (c->state != WSC__COMMAND_RUNNING || (!n && !end) || c->in_eof_sent || c->away ||
        !wsc__shell_serves(c->shell))
        return false;
    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &c->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    wsc__body_send(&w, c->id, "stdin", wsc__buf_data(&c->in), n, end);
    spec.action = WSC__ACTION_SEND;
    spec.lane = WSC__LANE_NORMAL;
    spec.no_user_options = true;
    wsc__object_ref(&c->o);
    rc = wsc__shell_send(&c->send, c->shell, c->params, &spec, &w, &send_ops, c, &err);
    if (rc != WSC_OK) {
        wsc__command_fail(c, err ? err : wsc__error_nomem(), true);
        wsc__error_unref(err);
        wsc__object_unref(&c->o);
        return false;
    }
    c->in_flight = n;
    c->in_eof_sent = end;
    return true;
}

/* Gets in line for the shell's one Send. */
void wsc__command_send_more(struct wsc_command *c)
{
    if (c->state != WSC__COMMAND_RUNNING || c->send || c->in_eof_sent || c->away ||
        !wsc__shell_serves(c->shell) || wsc__linked(&c->in_senders))
        return;
    if (!c->in.len && !c->in_eof)
        return;
    wsc__list_push(&c->shell->senders, &c->in_senders);
    wsc__shell_pump_senders(c->shell);
}

int wsc__command_write(struct wsc_command *c, const void *data, size_t len, size_t *taken)
{
    size_t room = c->in.len < c->input_limit ? c->input_limit - c->in.len : 0;
    size_t n = len < room ? len : room;
    int rc;

    if (c->in_error)
        return wsc__error_code(c->in_error);
    if (len && !n) {
        c->armed_writable = true;
        return WSC_E_AGAIN;
    }
    rc = wsc__buf_append(&c->in, data, n);
    if (rc != WSC_OK)
        return rc;
    *taken = n;
    wsc__command_send_more(c);
    return WSC_OK;
}

void wsc__command_write_eof(struct wsc_command *c)
{
    c->in_eof = true;
    wsc__command_send_more(c);
    wsc__command_want(c);
}

/* --- signals ---------------------------------------------------------------------------------- */

static void signal_over(struct wsc_op *op)
{
    struct wsc_shell *s = WSC__OF(op->holds, struct wsc_command, o)->shell;

    s->signals--;
    wsc__shell_leave_on(s);
}

static void signal_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_op *op = owner;

    wsc__object_ref(&op->o);
    wsc__shell_parted(WSC__OF(op->holds, struct wsc_command, o)->shell, r, err);
    wsc__op_finish(op, err);
    signal_over(op);
    wsc__object_unref(&op->o);
}

static const struct wsc__req_ops signal_ops = { .done = signal_done };

int wsc__command_signal(struct wsc_op **out, struct wsc_command *c, const char *uri,
                        struct wsc_error **err)
{
    struct wsc_op *op = NULL;
    int rc = wsc__op_new(&op, c->o.core, &c->o);

    if (rc == WSC_OK)
        rc = wsc__signal_req(&op->req, c->shell, c->params, c->id, uri, &signal_ops, op,
                             wsc__opt_int(c->params, WSC__O_DEADLINE), "deadline", err);
    if (rc == WSC_OK) {
        op->dropped = signal_over;
        c->shell->signals++;
    }
    return wsc__op_made(out, op, rc, err);
}
