#include "proto/command.h"

#include "wsman/shell.h"

#include <string.h>

static void to(struct wsc_command *c, enum wsc__command_state s)
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
    to(c, WSC__COMMAND_DONE);
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
    wsc__shell_rest(s);
    wsc__object_unref(&c->o); /* the work's */
}

void wsc__command_fail(struct wsc_command *c, struct wsc_error *err, bool tell)
{
    struct wsc_shell *s = c->shell;

    if (c->state == WSC__COMMAND_DONE)
        return;
    wsc__object_ref(&s->o);
    if (tell && c->state == WSC__COMMAND_RUNNING) {
        wsc__shell_terminate(s, c->id);
    } else if (tell) { /* its id comes with the answer */
        let_go(c, &c->start, wsc__opt_int(c->params, WSC__O_CANCEL_TIMEOUT) / 2 + 1);
    } else {
        drop_request(c, &c->start);
    }
    finish(c, err);
    wsc__object_unref(&s->o);
}

/* The server ended it: what is owed is the Signal that lets it free the command. */
void wsc__command_complete(struct wsc_command *c)
{
    struct wsc_shell *s = c->shell;

    wsc__object_ref(&s->o);
    wsc__shell_terminate(s, c->id);
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

static void cancel_object(struct wsc__object *o)
{
    wsc__command_cancel(WSC__OF(o, struct wsc_command, o));
}

static void on_deadline(struct wsc__timer *t, uint64_t now)
{
    struct wsc_command *c = WSC__OF(t, struct wsc_command, timer);
    int64_t ms = wsc__opt_int(c->params, WSC__O_DEADLINE);
    struct wsc_error *e = wsc__error_new(&c->o.core->mem, WSC_E_DEADLINE,
                                         "not done within the deadline of %lld ms", (long long)ms);

    (void)now;
    wsc__error_set_str(e, WSC__ES_OPTION, "deadline");
    wsc__error_set_int(e, WSC__EI_LIMIT, ms);
    wsc__error_set_str(e, WSC__ES_TARGET, c->shell->client->to);
    wsc__command_fail(c, e, true);
    wsc__error_unref(e);
}

static void destroy(struct wsc__object *o)
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

/* --- start ------------------------------------------------------------------------------------ */

static int start_field(void *owner, enum wsc__field f, const char *value)
{
    struct wsc_command *c = owner;

    if (f != WSC__F_COMMAND_ID || c->id || !*value)
        return WSC_OK;
    c->id = wsc__strdup(&c->o.core->mem, value);
    return c->id ? WSC_OK : WSC_E_NOMEM;
}

static void start_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_command *c = owner;
    struct wsc_shell *s = c->shell;
    struct wsc_error *e = NULL;

    (void)r;
    c->start = NULL;
    if (!err && !c->id)
        err = e =
            wsc__error_fault(&c->o.core->mem, 0x80338185, "the answer to Command names no command");
    if (c->state == WSC__COMMAND_DONE) { /* canceled meanwhile: the server is told now */
        if (!err)
            wsc__shell_terminate(s, c->id);
        wsc__command_late(c);
    } else if (err) {
        if (wsc__shell_is_gone(err))
            wsc__shell_lost(s, err);
        else
            wsc__command_fail(c, err, false);
    } else {
        to(c, WSC__COMMAND_RUNNING);
        wsc__command_send_more(c);
        wsc__command_receive(c);
        if (c->state == WSC__COMMAND_RUNNING && !c->receive)
            wsc__shell_watch(s);
    }
    wsc__error_unref(e);
    wsc__object_unref(&c->o); /* the request's */
}

static const struct wsc__req_ops start_ops = { .field = start_field, .done = start_done };

void wsc__command_shell_open(struct wsc_command *c)
{
    struct wsc__pair options[2];
    struct wsc__req_spec spec;
    struct wsc_error *err = NULL;

    if (c->state != WSC__COMMAND_WAITING)
        return;
    memset(&spec, 0, sizeof spec);
    memset(options, 0, sizeof options);
    if (wsc__opt_is_set(c->params, WSC__O_CONSOLE_MODE)) {
        options[spec.noptions].name = "WINRS_CONSOLEMODE_STDIN";
        options[spec.noptions++].value =
            wsc__opt_int(c->params, WSC__O_CONSOLE_MODE) ? "TRUE" : "FALSE";
    }
    options[spec.noptions].name = "WINRS_SKIP_CMD_SHELL";
    options[spec.noptions++].value = wsc__opt_int(c->params, WSC__O_SKIP_CMD) ? "TRUE" : "FALSE";
    spec.action = WSC__ACTION_COMMAND;
    spec.options = options;
    spec.body = &c->body;
    spec.lane = WSC__LANE_NORMAL;
    spec.no_user_options = c->params == c->shell->params; /* they went with Create */
    to(c, WSC__COMMAND_STARTING);
    if (wsc__shell_req(&c->start, c->shell, c->params, &spec, &start_ops, c, &err) != WSC_OK) {
        wsc__command_fail(c, err, false);
        wsc__error_unref(err);
        return;
    }
    wsc__object_ref(&c->o);
    wsc__buf_free(&c->body);
}

/* --- making ----------------------------------------------------------------------------------- */

static int bad_text(struct wsc_command *c, const char *what, size_t n, size_t at,
                    struct wsc_error **err)
{
    *err = n ? wsc__error_new(&c->o.core->mem, WSC_E_USAGE,
                              "%s %zu holds text that XML cannot carry, at offset %zu", what, n, at)
             : wsc__error_new(&c->o.core->mem, WSC_E_USAGE,
                              "%s holds text that XML cannot carry, at offset %zu", what, at);
    wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)at);
    return WSC_E_USAGE;
}

static int check_text(struct wsc_command *c, const char *program, const char *const *args,
                      size_t nargs, struct wsc_error **err)
{
    size_t len = strlen(program), at = wsc__utf8_bad_at(program, len, true), i;

    if (!len) {
        *err = wsc__error_new(&c->o.core->mem, WSC_E_USAGE, "the program is empty");
        return WSC_E_USAGE;
    }
    if (at < len)
        return bad_text(c, "the program", 0, at, err);
    for (i = 0; i < nargs; i++) {
        if (!args[i]) {
            *err = wsc__error_new(&c->o.core->mem, WSC_E_USAGE, "argument %zu is NULL", i + 1);
            return WSC_E_USAGE;
        }
        len = strlen(args[i]);
        at = wsc__utf8_bad_at(args[i], len, true);
        if (at < len)
            return bad_text(c, "argument", i + 1, at, err);
    }
    return WSC_OK;
}

/* One string of all quoted arguments, each ended by NUL, and the pointers to them. */
static int quote(struct wsc_command *c, const char *const *args, size_t nargs,
                 struct wsc__buf *text, const char ***out, struct wsc_error **err)
{
    enum wsc__quoting how = (enum wsc__quoting)wsc__opt_int(c->params, WSC__O_QUOTING);
    const struct wsc__mem *mem = &c->o.core->mem;
    const char *why = NULL, **list, *p;
    size_t i;
    int rc = WSC_OK;

    for (i = 0; rc == WSC_OK && i < nargs; i++) {
        rc = wsc__quote_argument(text, args[i], how, &why);
        if (rc == WSC_OK)
            rc = wsc__buf_putc(text, '\0');
        else if (rc == WSC_E_USAGE)
            *err = wsc__error_new(mem, rc, "argument %zu cannot be quoted: %s", i + 1, why);
    }
    if (rc != WSC_OK)
        return rc;
    list = wsc__zalloc_array(mem, nargs + 1, sizeof *list);
    if (!list)
        return WSC_E_NOMEM;
    p = (const char *)wsc__buf_data(text);
    for (i = 0; i < nargs; i++) {
        list[i] = p;
        p += strlen(p) + 1;
    }
    *out = list;
    return WSC_OK;
}

static int make_body(struct wsc_command *c, const char *program, const char *const *args,
                     size_t nargs, struct wsc_error **err)
{
    struct wsc__xml_writer w;
    const char **list = NULL;
    char id[WSC__UUID_LEN + 1];
    struct wsc__buf text;
    int rc = check_text(c, program, args, nargs, err);

    if (rc == WSC_OK)
        rc = wsc__chosen_id(c->o.core, c->params, WSC__O_COMMAND_ID, id, err);
    if (rc != WSC_OK)
        return rc;
    wsc__buf_init(&text, &c->o.core->mem, SIZE_MAX / 2);
    rc = quote(c, args, nargs, &text, &list, err);
    if (rc == WSC_OK) {
        wsc__xml_init(&w, &c->body);
        wsc__body_command(&w, id[0] ? id : NULL, program, list, nargs);
        rc = w.err;
    }
    wsc__free(&c->o.core->mem, list);
    wsc__buf_free(&text);
    return rc;
}

static void init(struct wsc_command *c, struct wsc_shell *s, struct wsc__optset *params)
{
    struct wsc__core *core = s->o.core;

    wsc__object_init(&c->o, core, WSC__OBJ_COMMAND);
    c->o.cancel = cancel_object;
    c->o.destroy = destroy;
    c->shell = s;
    wsc__object_ref(&s->o);
    c->params = wsc__optset_ref(params);
    c->timer.fire = on_deadline;
    c->output_limit = (size_t)wsc__opt_int(params, WSC__O_OUTPUT_LIMIT);
    c->input_limit = (size_t)wsc__opt_int(params, WSC__O_INPUT_LIMIT);
    c->armed_output = c->armed_writable = true;
    c->wanted = wsc__opt_int(params, WSC__O_RECEIVE_START) != 0 ||
                wsc__opt_int(params, WSC__O_WANT_EVENTS) != 0;
    wsc__output_init(&c->out, &core->mem);
    wsc__buf_init(&c->in, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->body, &core->mem, SIZE_MAX / 2);
}

int wsc__command_run(struct wsc_command **out, struct wsc_shell *s, struct wsc__optset *params,
                     const char *program, const char *const *args, size_t nargs,
                     struct wsc_error **err)
{
    struct wsc__core *core = s->o.core;
    struct wsc_command *c = wsc__zalloc(&core->mem, sizeof *c);
    int64_t deadline = wsc__opt_int(params, WSC__O_DEADLINE);
    int rc;

    if (!c)
        return WSC_E_NOMEM;
    init(c, s, params);
    rc = make_body(c, program, args, nargs, err);
    if (rc != WSC_OK) {
        c->o.user = false;
        wsc__object_unref(&c->o);
        return rc;
    }
    wsc__object_busy(&c->o, true);
    wsc__object_ref(&c->o); /* the work's, until finish() */
    wsc__list_push(&s->commands, &c->in_shell);
    if (deadline)
        wsc__timer_set(&core->timers, &c->timer, core->now + (uint64_t)deadline);
    if (s->state == WSC__SHELL_IS_OPEN)
        wsc__command_shell_open(c);
    *out = c;
    return WSC_OK;
}
