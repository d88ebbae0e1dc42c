#include "api/api.h"

#include "wsman/shell.h"

#include <stdio.h>
#include <string.h>

/* --- run -------------------------------------------------------------------------------------- */

/* program NULL: the one that the server has by this id */
static int in_shell(wsc_command **out, wsc_shell *shell, const char *program,
                    const char *const *args, size_t nargs, const char *id, const wsc_params *params)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_ctx *ctx = NULL;
    int rc = wsc__enter(shell->o.core, WSC__NEW_WORK, &ctx);

    if (rc != WSC_OK)
        return rc;
    rc = wsc__shell_usable(ctx, shell);
    if (rc != WSC_OK)
        return wsc__leave(ctx, rc);
    rc = wsc__op_layer(&set, ctx->core, params, shell->params, &err);
    if (rc == WSC_OK)
        rc = program ? wsc__command_run(out, shell, set, program, args, nargs, &err)
                     : wsc__command_connect(out, shell, set, id, &err);
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__leave(ctx, rc) : wsc__fail(ctx, rc, err);
}

int wsc_shell_run(wsc_command **out, wsc_shell *shell, const char *program, const char *const *args,
                  size_t nargs, const wsc_params *params)
{
    if (!out || !shell || !program || (nargs && !args))
        return WSC_E_USAGE;
    return in_shell(out, shell, program, args, nargs, NULL, params);
}

int wsc_shell_connect_command(wsc_command **out, wsc_shell *shell, const char *command_id,
                              const wsc_params *params)
{
    if (!out || !shell || !command_id || !*command_id)
        return WSC_E_USAGE;
    return in_shell(out, shell, NULL, NULL, 0, command_id, params);
}

int wsc_client_run(wsc_command **out, wsc_client *client, const char *program,
                   const char *const *args, size_t nargs, const wsc_params *params)
{
    struct wsc__client *c = client ? &client->c : NULL;
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_shell *shell = NULL;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!out || !client || !program || (nargs && !args))
        return WSC_E_USAGE;
    rc = wsc__enter(c->core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    rc = wsc__op_layer(&set, ctx->core, params, c->params, &err);
    if (rc == WSC_OK)
        rc = wsc__shell_open(&shell, c, set, &err);
    if (rc == WSC_OK) {
        shell->close_after_last = true;
        shell->o.user = false;
        rc = wsc__command_run(out, shell, set, program, args, nargs, &err);
        if (rc != WSC_OK)
            wsc__shell_lost(shell, err); /* Create is not on its way yet */
        wsc__object_unref(&shell->o);
    }
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__leave(ctx, rc) : wsc__fail(ctx, rc, err);
}

/* --- callbacks -------------------------------------------------------------------------------- */

int wsc_command_on_output(wsc_command *command, wsc_output_fn fn, void *user_data,
                          wsc_free_fn free_fn)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!command)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__replace_callback(ctx, &command->on_output, (void (*)(void))fn, user_data, free_fn);
    wsc__command_check_exit(command); /* without a reader it is not waited for */
    if (fn) {
        wsc__retell(&command->o, WSC_EVENT_OUTPUT);
        wsc__command_want(command);
        if (wsc__output_size(&command->out))
            wsc__object_tell(&command->o, WSC_EVENT_OUTPUT);
    }
    return wsc__leave(ctx, WSC_OK);
}

int wsc_command_on_writable(wsc_command *command, wsc_ready_fn fn, void *user_data,
                            wsc_free_fn free_fn)
{
    return command ? wsc__set_callback(&command->o, WSC_EVENT_WRITABLE, &command->on_writable,
                                       (void (*)(void))fn, user_data, free_fn)
                   : WSC_E_USAGE;
}

int wsc_command_on_exit(wsc_command *command, wsc_exit_fn fn, void *user_data, wsc_free_fn free_fn)
{
    return command ? wsc__set_callback(&command->o, WSC_EVENT_EXIT, &command->on_exit,
                                       (void (*)(void))fn, user_data, free_fn)
                   : WSC_E_USAGE;
}

int wsc_command_resume(wsc_command *command)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!command)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    command->held = false;
    if (wsc__output_size(&command->out))
        wsc__object_tell(&command->o, WSC_EVENT_OUTPUT);
    return wsc__leave(ctx, WSC_OK);
}

/* --- output ----------------------------------------------------------------------------------- */

struct reading {
    wsc_command *c;
    int stream;
};

/* The stream that is not read is all that fills output-limit. */
static bool other_is_full(const struct reading *r)
{
    return r->stream && wsc__command_blocked(r->c) && !r->c->out.data[r->stream - 1].len;
}

static bool readable(void *ud)
{
    struct reading *r = ud;
    const uint8_t *data;
    size_t len;

    return wsc__output_next(&r->c->out, r->stream, &data, &len) ||
           r->c->state == WSC__COMMAND_DONE ||
           (r->stream && r->c->eof[r->stream - 1] && !r->c->net_paused) || other_is_full(r) ||
           wsc__shell_is_parked(r->c->shell);
}

static size_t take(wsc_command *c, int *stream, int want, void *buf, size_t cap)
{
    const uint8_t *data = NULL;
    size_t len = 0;
    int got = wsc__output_next(&c->out, want, &data, &len);

    if (!got)
        return 0;
    if (len > cap)
        len = cap;
    memcpy(buf, data, len);
    wsc__output_take(&c->out, got, len);
    if (stream)
        *stream = got;
    if (c->state != WSC__COMMAND_DONE)
        wsc__command_drained(c);
    return len;
}

int wsc_command_read(wsc_command *command, int *stream, void *buf, size_t cap, size_t *out_len,
                     int timeout_ms)
{
    struct reading r = { command, stream ? *stream : 0 };
    wsc_ctx *ctx = NULL;
    size_t n;
    int rc;

    if (!command || !buf || !cap || !out_len || r.stream < 0 || r.stream > WSC_STDERR)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, timeout_ms ? WSC__MAY_WAIT : 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    if (command->on_output.fn)
        return wsc__refuse(ctx, WSC_E_USAGE,
                           "the command has an on_output callback: it gets the output");
    wsc__command_want(command);
    wsc__object_ref(&command->o);
    rc = wsc__wait_until(ctx, timeout_ms, readable, &r);
    n = rc == WSC_OK ? take(command, stream, r.stream, buf, cap) : 0;
    if (n) {
        *out_len = n;
    } else if (rc == WSC_E_AGAIN) {
        command->armed_output = true;
    } else if (rc == WSC_OK && other_is_full(&r)) {
        rc = wsc__record_text(ctx, WSC_E_OTHER_STREAM,
                              "the other stream fills output-limit and is not read");
    } else if (rc == WSC_OK && command->err) {
        rc = wsc__record_as(ctx, command->err);
    } else if (rc == WSC_OK && command->state != WSC__COMMAND_DONE &&
               wsc__shell_is_parked(command->shell) && !(r.stream && command->eof[r.stream - 1])) {
        command->armed_output = true;
        rc = wsc__record_away(ctx, command->shell);
    } else if (rc == WSC_OK) {
        *out_len = 0; /* the end */
    }
    wsc__object_unref(&command->o);
    return wsc__leave(ctx, rc);
}

int wsc_command_output(const wsc_command *command, int stream, const void **data, size_t *len)
{
    const uint8_t *p = NULL;
    size_t n = 0;

    if (!command || !data || !len || (stream != WSC_STDOUT && stream != WSC_STDERR))
        return WSC_E_USAGE;
    if (!wsc__output_next(&command->out, stream, &p, &n)) {
        p = (const uint8_t *)"";
        n = 0;
    }
    *data = p;
    *len = n;
    return WSC_OK;
}

/* --- input ------------------------------------------------------------------------------------ */

struct writing {
    wsc_command *c;
    const void *data;
    size_t len, taken;
    int rc;
};

static bool written(void *ud)
{
    struct writing *w = ud;

    if (w->c->state == WSC__COMMAND_DONE)
        return true;
    w->rc = wsc__command_write(w->c, w->data, w->len, &w->taken);
    return w->rc != WSC_E_AGAIN || wsc__shell_is_parked(w->c->shell);
}

int wsc_command_write(wsc_command *command, const void *data, size_t len, size_t *out_taken,
                      int timeout_ms)
{
    struct writing w = { command, data, len, 0, WSC_E_AGAIN };
    wsc_ctx *ctx = NULL;
    int rc;

    if (!command || (!data && len) || !out_taken)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, timeout_ms ? WSC__MAY_WAIT : 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    if (command->in_eof)
        return wsc__refuse(ctx, WSC_E_USAGE, "stdin was ended before");
    wsc__object_ref(&command->o);
    rc = wsc__wait_until(ctx, timeout_ms, written, &w);
    if (rc == WSC_OK && command->state == WSC__COMMAND_DONE) {
        rc = command->err
                 ? wsc__record_as(ctx, command->err)
                 : wsc__record_text(ctx, WSC_E_USAGE, "the command is done: nobody reads stdin");
    } else if (rc == WSC_OK) {
        rc = w.rc;
        if (rc == WSC_OK)
            *out_taken = w.taken;
        else if (rc == WSC_E_AGAIN)
            rc = wsc__record_away(ctx, command->shell);
        else
            wsc__record(ctx, rc, command->in_error ? wsc__error_ref(command->in_error) : NULL);
    }
    wsc__object_unref(&command->o);
    return wsc__leave(ctx, rc);
}

int wsc_command_write_eof(wsc_command *command)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!command)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    if (!command->in_eof && command->state != WSC__COMMAND_DONE)
        wsc__command_write_eof(command);
    return wsc__leave(ctx, WSC_OK);
}

int wsc_command_signal(wsc_op **out, wsc_command *command, const char *signal)
{
    struct wsc_error *err = NULL;
    wsc_op *op = NULL;
    wsc_ctx *ctx = NULL;
    const char *uri;
    int rc;

    if (!command || !signal)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    uri = wsc__signal_uri(signal);
    if (!uri)
        return wsc__fail(
            ctx, WSC_E_USAGE,
            wsc__error_new(&ctx->core->mem, WSC_E_USAGE,
                           "unknown signal \"%.60s\": ctrl-c, ctrl-break, terminate or a URI",
                           signal));
    if (command->state != WSC__COMMAND_RUNNING)
        return wsc__fail(ctx, WSC_E_USAGE,
                         wsc__error_new(&ctx->core->mem, WSC_E_USAGE,
                                        "a signal needs a running command, and it is %s",
                                        wsc__command_state_name(command->state)));
    if (command->shell->away)
        return wsc__leave(ctx, wsc__record_away(ctx, command->shell));
    rc = wsc__command_signal(&op, command, uri, &err);
    return rc == WSC_OK ? wsc__give_op(ctx, out, op) : wsc__fail(ctx, rc, err);
}

/* --- the end ---------------------------------------------------------------------------------- */

int wsc_command_cancel(wsc_command *command)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!command)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__command_cancel(command);
    return wsc__leave(ctx, WSC_OK);
}

static bool stuck(const wsc_command *c)
{
    return wsc__command_blocked(c) && !c->on_output.fn;
}

static bool over(void *ud)
{
    const wsc_command *c = ud;

    return c->state == WSC__COMMAND_DONE || stuck(c) || wsc__shell_is_parked(c->shell);
}

int wsc_command_wait(wsc_command *command, int timeout_ms)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!command)
        return WSC_E_USAGE;
    rc = wsc__enter(command->o.core, timeout_ms ? WSC__MAY_WAIT : 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__command_want(command);
    wsc__object_ref(&command->o);
    rc = wsc__wait_until(ctx, timeout_ms, over, command);
    if (rc == WSC_OK && command->state == WSC__COMMAND_DONE && command->err) {
        rc = wsc__record_as(ctx, command->err);
    } else if (rc == WSC_OK && command->state != WSC__COMMAND_DONE && !stuck(command)) {
        rc = wsc__record_away(ctx, command->shell);
    } else if (rc == WSC_OK && command->state != WSC__COMMAND_DONE) {
        struct wsc_error *e = wsc__error_new(
            &ctx->core->mem, WSC_E_LIMIT,
            "unread output fills output-limit (%zu bytes): read it, or raise the limit",
            command->output_limit);

        wsc__error_set_str(e, WSC__ES_OPTION, "output-limit");
        wsc__error_set_int(e, WSC__EI_LIMIT, (int64_t)command->output_limit);
        rc = wsc__record(ctx, WSC_E_LIMIT, e);
    }
    wsc__object_unref(&command->o);
    return wsc__leave(ctx, rc);
}

int wsc_command_exit_code(const wsc_command *command, int64_t *out)
{
    if (!command || !out)
        return WSC_E_USAGE;
    if (command->state != WSC__COMMAND_DONE)
        return WSC_E_AGAIN;
    if (command->err)
        return wsc__error_code(command->err);
    if (!command->has_exit)
        return WSC_E_PROTOCOL; /* ended without one: abnormal (MS-WSMV 2.2.4.8) */
    *out = command->exit_code;
    return WSC_OK;
}

/* A text made on demand, in a handle that is ours. */
static const char *input_pending(wsc_command *c)
{
    snprintf(c->text, sizeof c->text, "%zu", c->in.len);
    return c->text;
}

int wsc_command_get_str(const wsc_command *command, const char *name, const char **out)
{
    const char *value;

    if (!command || !name || !out)
        return WSC_E_USAGE;
    if (strcmp(name, "id") == 0)
        value = command->id;
    else if (strcmp(name, "state") == 0)
        value = wsc__command_state_name(command->state);
    else if (strcmp(name, "input-pending") == 0)
        value = input_pending((wsc_command *)(uintptr_t)command);
    else
        return WSC_E_USAGE;
    if (!value)
        return WSC_E_AGAIN;
    *out = value;
    return WSC_OK;
}

void wsc_command_set_user_data(wsc_command *command, void *user_data)
{
    if (command)
        command->o.user_data = user_data;
}

void *wsc_command_user_data(const wsc_command *command)
{
    return command ? command->o.user_data : NULL;
}

const wsc_error *wsc_command_error(const wsc_command *command)
{
    return command ? command->err : NULL;
}

void wsc_command_unref(wsc_command *command)
{
    if (command)
        wsc__give_back(&command->o);
}
