/* How a command starts: Command (MS-WSMV 3.1.4.11), or Connect and Reconnect to one that the server
 * has (3.1.4.16-17). */
#include "proto/command.h"

#include "wsman/shell.h"

#include <stdio.h>
#include <string.h>

/* --- start ------------------------------------------------------------------------------------ */

static int start_field(void *owner, enum wsc__field f, const char *value)
{
    struct wsc_command *c = owner;

    if (f != WSC__F_COMMAND_ID || c->id || !*value)
        return WSC_OK;
    c->id = wsc__strdup(&c->o.core->mem, value);
    return c->id ? WSC_OK : WSC_E_NOMEM;
}

/* It runs: asks for what it may ask for. */
static void go_on(struct wsc_command *c)
{
    wsc__command_send_more(c);
    wsc__command_receive(c);
    if (wsc__command_rests(c))
        wsc__shell_watch(c->shell);
}

static void start_failed(struct wsc_command *c, struct wsc_error *err)
{
    if (wsc__shell_is_gone(err))
        wsc__shell_lost(c->shell, err);
    else
        wsc__command_fail(c, err, false);
}

static void start_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_command *c = owner;
    struct wsc_shell *s = c->shell;
    struct wsc_error *e = NULL;

    c->start = NULL;
    if (c->connects && wsc__error_fault_code(err) == WSC__COMMAND_WAS_CONNECTED)
        err = NULL;
    if (!err && !c->id)
        err = e =
            wsc__error_fault(&c->o.core->mem, 0x80338185, "the answer to Command names no command");
    if (c->state == WSC__COMMAND_DONE) { /* canceled meanwhile: the server is told now */
        if (!err)
            wsc__shell_terminate(s, c);
        wsc__command_late(c);
    } else if (err) {
        wsc__shell_parted(s, r, err); /* the command is refused all the same */
        start_failed(c, err);
    } else {
        wsc__command_to(c, WSC__COMMAND_RUNNING);
        c->away = s->away; /* the server may have disconnected it meanwhile */
        go_on(c);
    }
    wsc__shell_leave_on(s);
    wsc__error_unref(e);
    wsc__object_unref(&c->o); /* the request's */
}

static const struct wsc__req_ops start_ops = { .field = start_field, .done = start_done };

/* The first request of a command: rc tells how it went out. */
static void started(struct wsc_command *c, int rc, struct wsc_error *err)
{
    if (rc == WSC_OK) {
        wsc__object_ref(&c->o); /* the request's */
        return;
    }
    wsc__command_fail(c, err ? err : wsc__error_nomem(), false);
    wsc__error_unref(err);
}

static void run(struct wsc_command *c)
{
    struct wsc__pair options[2];
    struct wsc__req_spec spec;
    struct wsc_error *err = NULL;

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
    wsc__command_to(c, WSC__COMMAND_STARTING);
    started(c, wsc__shell_req(&c->start, c->shell, c->params, &spec, &start_ops, c, &err), err);
    wsc__buf_free(&c->body);
}

/* Connect, or Reconnect, of a command that the server has. */
static int take_up(struct wsc_command *c, bool same_session, const struct wsc__req_ops *ops,
                   struct wsc_error **err)
{
    struct wsc__req_spec spec;
    struct wsc__xml_writer w;
    struct wsc__buf body;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &c->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    spec.action = wsc__body_connect(&w, same_session, c->id, NULL);
    spec.response = same_session ? NULL : &wsc__connect_response;
    spec.lane = WSC__LANE_NORMAL;
    spec.no_user_options = true;
    return wsc__shell_send(&c->start, c->shell, c->params, &spec, &w, ops, c, err);
}

static void connect_to(struct wsc_command *c)
{
    bool same = wsc__opt_int(c->shell->params, WSC__O_SAME_SESSION) != 0;
    struct wsc_error *err = NULL;

    wsc__command_to(c, WSC__COMMAND_STARTING);
    started(c, take_up(c, same, &start_ops, &err), err);
}

/* Its shell is back, and now it is. */
static void return_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_command *c = owner;
    bool back = !err || wsc__error_fault_code(err) == WSC__COMMAND_WAS_CONNECTED;

    c->start = NULL;
    if (c->state == WSC__COMMAND_DONE) { /* meanwhile: the server is told now */
        if (back)
            wsc__shell_terminate(c->shell, c);
        wsc__command_late(c);
        wsc__object_unref(&c->o);
        return;
    }
    if (back) {
        c->away = c->shell->away;
        go_on(c);
    } else if (!wsc__shell_parted(c->shell, r, err)) {
        start_failed(c, err);
    } else if (wsc__shell_serves(c->shell)) {
        wsc__command_shell_open(c); /* it was away once more, and is back */
    }
    wsc__shell_leave_on(c->shell);
    wsc__object_unref(&c->o); /* the request's */
}

static const struct wsc__req_ops return_ops = { .done = return_done };

void wsc__command_shell_open(struct wsc_command *c)
{
    struct wsc_error *err = NULL;

    wsc__object_busy(&c->o, true);
    if (c->start)
        return; /* its answer tells how it goes on */
    if (c->state == WSC__COMMAND_WAITING) {
        if (c->behind && !wsc__shell_serves(c->shell))
            return;
        if (c->connects)
            connect_to(c);
        else
            run(c);
    } else if (c->state == WSC__COMMAND_RUNNING && c->away) {
        started(c, take_up(c, true, &return_ops, &err), err);
    } else if (c->state == WSC__COMMAND_RUNNING) {
        go_on(c);
    }
}

/* --- making ----------------------------------------------------------------------------------- */

static int check_text(struct wsc_command *c, const char *program, const char *const *args,
                      size_t nargs, struct wsc_error **err)
{
    char what[40] = "the program";
    size_t i;
    int rc = wsc__core_check_text(c->o.core, what, program, err);

    if (rc == WSC_OK && !*program) {
        *err = wsc__error_new(&c->o.core->mem, WSC_E_USAGE, "the program is empty");
        return WSC_E_USAGE;
    }
    for (i = 0; rc == WSC_OK && i < nargs; i++) {
        if (!args[i]) {
            *err = wsc__error_new(&c->o.core->mem, WSC_E_USAGE, "argument %zu is NULL", i + 1);
            return WSC_E_USAGE;
        }
        snprintf(what, sizeof what, "argument %zu", i + 1);
        rc = wsc__core_check_text(c->o.core, what, args[i], err);
    }
    return rc;
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
    c->o.cancel = wsc__command_cancel_object;
    c->o.destroy = wsc__command_destroy;
    c->shell = s;
    wsc__object_ref(&s->o);
    c->params = wsc__optset_ref(params);
    c->timer.fire = wsc__command_on_deadline;
    c->output_limit = (size_t)wsc__opt_int(params, WSC__O_OUTPUT_LIMIT);
    c->input_limit = (size_t)wsc__opt_int(params, WSC__O_INPUT_LIMIT);
    c->armed_output = c->armed_writable = true;
    c->wanted = wsc__opt_int(params, WSC__O_RECEIVE_START) != 0 ||
                wsc__opt_int(params, WSC__O_WANT_EVENTS) != 0;
    wsc__output_init(&c->out, &core->mem);
    wsc__buf_init(&c->in, &core->mem, SIZE_MAX / 2);
    wsc__buf_init(&c->body, &core->mem, SIZE_MAX / 2);
}

/* rc: how it was made. It starts at once where the shell is open. */
static int begin(struct wsc_command **out, struct wsc_command *c, int rc)
{
    struct wsc__core *core = c->o.core;
    int64_t deadline = wsc__opt_int(c->params, WSC__O_DEADLINE);
    struct wsc_shell *s = c->shell;

    if (rc != WSC_OK) {
        c->o.user = false;
        wsc__object_unref(&c->o);
        return rc;
    }
    wsc__object_busy(&c->o, !s->away);
    wsc__object_ref(&c->o); /* the work's, until finish() */
    wsc__list_push(&s->commands, &c->in_shell);
    c->behind = s->moves != WSC__SHELL_STAYS;
    if (deadline)
        wsc__timer_set(&core->timers, &c->timer, core->now + (uint64_t)deadline);
    if (wsc__shell_serves(s))
        wsc__command_shell_open(c);
    *out = c;
    return WSC_OK;
}

int wsc__command_run(struct wsc_command **out, struct wsc_shell *s, struct wsc__optset *params,
                     const char *program, const char *const *args, size_t nargs,
                     struct wsc_error **err)
{
    struct wsc_command *c = wsc__zalloc(&s->o.core->mem, sizeof *c);

    if (!c)
        return WSC_E_NOMEM;
    init(c, s, params);
    return begin(out, c, make_body(c, program, args, nargs, err));
}

int wsc__command_connect(struct wsc_command **out, struct wsc_shell *s, struct wsc__optset *params,
                         const char *id, struct wsc_error **err)
{
    struct wsc_command *c = wsc__zalloc(&s->o.core->mem, sizeof *c);
    int rc;

    if (!c)
        return WSC_E_NOMEM;
    init(c, s, params);
    c->connects = true;
    rc = wsc__core_check_text(s->o.core, "command_id", id, err);
    if (rc == WSC_OK && !(c->id = wsc__strdup(&s->o.core->mem, id)))
        rc = WSC_E_NOMEM;
    return begin(out, c, rc);
}
