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

static void to(struct wsc_shell *s, enum wsc__shell_state state)
{
    if (s->state == state)
        return;
    wsc__machine_moves(s->o.core, &wsc__shell_machine, s->id ? s->id : s->client->to, s->state,
                       state);
    s->state = state;
    s->untold |= 1u << state;
    wsc__object_busy(&s->o, state == WSC__SHELL_IS_OPENING || state == WSC__SHELL_IS_CLOSING);
    wsc__object_tell(&s->o, WSC_EVENT_SHELL);
}

/* --- the end ---------------------------------------------------------------------------------- */

static void finish_waiters(struct wsc_shell *s, struct wsc_error *err)
{
    struct wsc__link *n;

    while ((n = wsc__list_pop(&s->waiters)))
        wsc__op_finish(WSC__OF(n, struct wsc_op, link), err);
}

static void end(struct wsc_shell *s, enum wsc__shell_state state, struct wsc_error *err)
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
    to(s, state);
    while ((n = wsc__list_first(&s->commands)))
        wsc__command_fail(WSC__OF(n, struct wsc_command, in_shell), err, false);
    finish_waiters(s, state == WSC__SHELL_IS_LOST ? err : NULL);
    wsc__object_end(&s->o);
    wsc__object_unref(&s->o); /* the work's */
}

/* Some of these codes are about one command: the shell and its others live on. */
bool wsc__shell_is_gone(const struct wsc_error *err)
{
    int64_t code = 0;

    if (wsc__error_code(err) != WSC_E_SHELL_GONE)
        return false;
    wsc__error_int(err, WSC__EI_FAULT_CODE, &code);
    return code != 0x8033814F && code != 0x803381CC && code != 0x80540BBD;
}

void wsc__shell_lost(struct wsc_shell *s, struct wsc_error *err)
{
    end(s, WSC__SHELL_IS_LOST, err);
}

static void cancel_object(struct wsc__object *o)
{
    struct wsc_shell *s = WSC__OF(o, struct wsc_shell, o);
    bool keep = wsc__opt_int(s->params, WSC__O_KEEP_ON_UNREF) != 0;
    struct wsc_error *e;

    if (!o->core->dead && !keep) {
        wsc__shell_close(s, NULL);
        return;
    }
    e = wsc__error_new(&o->core->mem, WSC_E_CANCELED, "the context was closed");
    end(s, WSC__SHELL_IS_LOST, e);
    wsc__error_unref(e);
}

static void destroy(struct wsc__object *o)
{
    struct wsc_shell *s = WSC__OF(o, struct wsc_shell, o);
    const struct wsc__mem *mem = &o->core->mem;

    wsc__callback_drop(&s->on_state);
    wsc__error_unref(s->err);
    wsc__free(mem, s->id);
    wsc__free(mem, s->owner);
    wsc__free(mem, s->client_ip);
    wsc__free(mem, s->name);
    wsc__free(mem, s->server_state);
    wsc__optset_unref(s->params);
    wsc__client_unref(s->client);
    wsc__free(mem, s);
}

/* --- requests --------------------------------------------------------------------------------- */

int wsc__shell_req(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                   const struct wsc__req_spec *spec, const struct wsc__req_ops *ops, void *owner,
                   struct wsc_error **err)
{
    const struct wsc__pair selector = { "ShellId", s->id, false };
    struct wsc__req_spec full = *spec;

    if (!full.resource_uri)
        full.resource_uri = s->resource_uri;
    full.selectors = &selector;
    full.nselectors = 1;
    s->last_request = s->o.core->now;
    return wsc__req_start(out, s->client, params, &full, ops, owner, err);
}

/* --- opening ---------------------------------------------------------------------------------- */

static int keep_text(struct wsc_shell *s, char **field, const char *value)
{
    const struct wsc__mem *mem = &s->o.core->mem;
    char *copy = wsc__strdup(mem, value);

    if (!copy)
        return WSC_E_NOMEM;
    wsc__free(mem, *field);
    *field = copy;
    return WSC_OK;
}

static int create_field(void *owner, enum wsc__field f, const char *value)
{
    struct wsc_shell *s = owner;

    switch (f) {
    case WSC__F_SELECTOR_SHELL_ID:
        return *value ? keep_text(s, &s->id, value) : WSC_OK;
    case WSC__F_SHELL_ID: /* the selector is what requests must carry */
        return s->id || !*value ? WSC_OK : keep_text(s, &s->id, value);
    case WSC__F_OWNER:
        return keep_text(s, &s->owner, value);
    case WSC__F_CLIENT_IP:
        return keep_text(s, &s->client_ip, value);
    case WSC__F_SHELL_NAME:
        return keep_text(s, &s->name, value);
    case WSC__F_SHELL_STATE:
        return keep_text(s, &s->server_state, value);
    case WSC__F_IDLE_TIMEOUT:
        if (!wsc__parse_xs_duration_ms(value, strlen(value), &s->idle_ms))
            s->idle_ms = 0;
        return WSC_OK;
    default:
        return WSC_OK;
    }
}

static void opened(struct wsc_shell *s)
{
    struct wsc__link *n, *next;

    to(s, WSC__SHELL_IS_OPEN);
    wsc__logf(&s->o.core->log, WSC_LOG_INFO, "shell", "%s: open on %s", s->id, s->client->to);
    wsc__object_ref(&s->o);
    for (n = s->commands.head.next; n != &s->commands.head && !ended(s); n = next) {
        next = n->next;
        wsc__command_shell_open(WSC__OF(n, struct wsc_command, in_shell));
    }
    wsc__shell_rest(s);
    wsc__object_unref(&s->o);
}

static void close_now(struct wsc_shell *s);

static void create_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_shell *s = owner;
    struct wsc_error *e = NULL;
    int64_t status = 0;

    (void)r;
    s->create = NULL;
    if (!err && !s->id)
        err = e =
            wsc__error_fault(&s->o.core->mem, 0x803380F0, "the answer to Create names no shell");
    if (err) {
        if (!wsc__error_int(err, WSC__EI_HTTP_STATUS, &status))
            finish_waiters(s, err); /* no answer: there may be a shell that nobody closes */
        end(s, s->close_wanted ? WSC__SHELL_IS_CLOSED : WSC__SHELL_IS_LOST, err);
    } else if (s->close_wanted) {
        s->close_wanted = false;
        close_now(s);
    } else {
        opened(s);
    }
    wsc__error_unref(e);
}

static const struct wsc__req_ops create_ops = { .field = create_field, .done = create_done };

/* An id the client chooses: a GUID, or "auto". */
int wsc__chosen_id(struct wsc__core *core, const struct wsc__optset *params, enum wsc__opt which,
                   char out[WSC__UUID_LEN + 1], struct wsc_error **err)
{
    const char *given = wsc__opt_str(params, which);

    out[0] = '\0';
    if (!given)
        return WSC_OK;
    if (strcmp(given, "auto") == 0)
        return wsc__core_guid(core, out);
    if (!wsc__uuid_valid(given)) {
        *err = wsc__error_new(&core->mem, WSC_E_OPTION, "%s: \"%s\" is neither a GUID nor auto",
                              wsc__opt_info(which)->name, given);
        wsc__error_set_str(*err, WSC__ES_OPTION, wsc__opt_info(which)->name);
        return WSC_E_OPTION;
    }
    memcpy(out, given, WSC__UUID_LEN + 1);
    return WSC_OK;
}

static int create_body(struct wsc_shell *s, struct wsc__buf *body, struct wsc_error **err)
{
    const struct wsc__mem *mem = &s->o.core->mem;
    char id[WSC__UUID_LEN + 1];
    struct wsc__shell_spec spec;
    struct wsc__pair *env = NULL;
    struct wsc__xml_writer w;
    const char *key, *value;
    size_t i, n = 0;
    int rc = wsc__chosen_id(s->o.core, s->params, WSC__O_SHELL_ID, id, err);

    if (rc != WSC_OK)
        return rc;
    while (wsc__opt_pair(s->params, WSC__O_ENV, n, &key, &value))
        n++;
    if (n && !(env = wsc__zalloc_array(mem, n, sizeof *env)))
        return WSC_E_NOMEM;
    for (i = 0; i < n; i++)
        wsc__opt_pair(s->params, WSC__O_ENV, i, &env[i].name, &env[i].value);
    memset(&spec, 0, sizeof spec);
    spec.shell_id = id[0] ? id : NULL;
    spec.name = wsc__opt_str(s->params, WSC__O_SHELL_NAME);
    spec.working_directory = wsc__opt_str(s->params, WSC__O_WORKING_DIRECTORY);
    spec.input_streams = wsc__opt_str(s->params, WSC__O_INPUT_STREAMS);
    spec.output_streams = wsc__opt_str(s->params, WSC__O_OUTPUT_STREAMS);
    spec.lifetime_ms = wsc__opt_int(s->params, WSC__O_LIFETIME);
    spec.idle_timeout_ms = wsc__opt_int(s->params, WSC__O_IDLE_TIMEOUT);
    spec.env = env;
    spec.nenv = n;
    wsc__xml_init(&w, body);
    wsc__body_create(&w, &spec);
    wsc__free(mem, env);
    if (w.err == WSC_E_USAGE) {
        *err = wsc__error_new(
            mem, WSC_E_USAGE,
            "an option of the shell holds text that XML cannot carry, at offset %zu", w.bad_at);
        wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)w.bad_at);
    }
    return w.err;
}

static int send_create(struct wsc_shell *s, struct wsc_error **err)
{
    int64_t codepage = wsc__opt_int(s->params, WSC__O_CODEPAGE);
    struct wsc__pair options[2];
    char number[24];
    struct wsc__req_spec spec;
    struct wsc__buf body;
    int rc;

    memset(&spec, 0, sizeof spec);
    memset(options, 0, sizeof options);
    if (wsc__opt_is_set(s->params, WSC__O_PROFILE)) {
        options[spec.noptions].name = "WINRS_NOPROFILE";
        options[spec.noptions++].value = wsc__opt_int(s->params, WSC__O_PROFILE) ? "FALSE" : "TRUE";
    }
    if (codepage) {
        snprintf(number, sizeof number, "%lld", (long long)codepage);
        options[spec.noptions].name = "WINRS_CODEPAGE";
        options[spec.noptions++].value = number;
    }
    wsc__buf_init(&body, &s->o.core->mem, SIZE_MAX / 2);
    rc = create_body(s, &body, err);
    if (rc == WSC_OK) {
        spec.action = WSC__ACTION_CREATE;
        spec.resource_uri = s->resource_uri;
        spec.options = options;
        spec.body = &body;
        spec.lane = WSC__LANE_NORMAL;
        spec.total_ms = wsc__opt_int(s->params, WSC__O_DEADLINE);
        spec.total_option = "deadline";
        rc = wsc__req_start(&s->create, s->client, s->params, &spec, &create_ops, s, err);
    }
    wsc__buf_free(&body);
    return rc;
}

static void on_timer(struct wsc__timer *t, uint64_t now);

int wsc__shell_open(struct wsc_shell **out, struct wsc__client *c, struct wsc__optset *params,
                    struct wsc_error **err)
{
    struct wsc_shell *s = wsc__zalloc(&c->core->mem, sizeof *s);
    int rc;

    if (!s)
        return WSC_E_NOMEM;
    wsc__object_init(&s->o, c->core, WSC__OBJ_SHELL);
    s->o.cancel = cancel_object;
    s->o.destroy = destroy;
    s->client = c;
    wsc__client_ref(c);
    s->params = wsc__optset_ref(params);
    s->resource_uri = wsc__opt_str(params, WSC__O_RESOURCE_URI);
    s->idle_ms = wsc__opt_int(params, WSC__O_IDLE_TIMEOUT);
    s->timer.fire = on_timer;
    wsc__list_init(&s->commands);
    wsc__list_init(&s->senders);
    wsc__list_init(&s->waiters);
    rc = send_create(s, err);
    if (rc != WSC_OK) {
        s->o.user = false;
        wsc__object_unref(&s->o);
        return rc;
    }
    wsc__object_ref(&s->o); /* the work's, until end() */
    to(s, WSC__SHELL_IS_OPENING);
    s->untold = 0;
    s->o.tell = 0;
    *out = s;
    return WSC_OK;
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
        finish_waiters(s, err);
    }
    end(s, WSC__SHELL_IS_CLOSED, NULL);
}

static const struct wsc__req_ops remove_ops = { .done = remove_done };

static void send_delete(struct wsc_shell *s)
{
    struct wsc__req_spec spec;
    struct wsc_error *err = NULL;

    if (s->state != WSC__SHELL_IS_CLOSING || s->clean_up || s->remove)
        return;
    memset(&spec, 0, sizeof spec);
    spec.action = WSC__ACTION_DELETE;
    spec.lane = WSC__LANE_URGENT;
    spec.no_user_options = true;
    if (wsc__shell_req(&s->remove, s, s->params, &spec, &remove_ops, s, &err) != WSC_OK) {
        finish_waiters(s, err);
        end(s, WSC__SHELL_IS_CLOSED, NULL);
        wsc__error_unref(err);
    }
}

static void set_closing_timer(struct wsc_shell *s)
{
    struct wsc__core *core = s->o.core;

    wsc__timer_set(&core->timers, &s->timer,
                   core->now + (uint64_t)wsc__opt_int(s->params, WSC__O_CANCEL_TIMEOUT));
}

static void fail_commands(struct wsc_shell *s, bool tell)
{
    struct wsc_error *e = wsc__error_new(&s->o.core->mem, WSC_E_CANCELED, "the shell was closed");
    struct wsc__link *n;

    while ((n = wsc__list_first(&s->commands)))
        wsc__command_fail(WSC__OF(n, struct wsc_command, in_shell), e, tell);
    wsc__error_unref(e);
}

/* The server has the shell, and Create is answered. */
static void close_now(struct wsc_shell *s)
{
    wsc__object_ref(&s->o);
    set_closing_timer(s);
    to(s, WSC__SHELL_IS_CLOSING);
    s->clean_up++; /* until every command is told */
    fail_commands(s, true);
    wsc__shell_cleaned(s);
    wsc__object_unref(&s->o);
}

void wsc__shell_close(struct wsc_shell *s, struct wsc_op *op)
{
    if (op)
        wsc__list_push(&s->waiters, &op->link);
    if (ended(s)) {
        finish_waiters(s, NULL);
        return;
    }
    if (s->state == WSC__SHELL_IS_CLOSING || s->close_wanted)
        return;
    if (s->state == WSC__SHELL_IS_OPEN) {
        close_now(s);
        return;
    }
    wsc__object_ref(&s->o);
    set_closing_timer(s);
    s->close_wanted = true; /* Create is under way: what it makes is deleted */
    fail_commands(s, false);
    wsc__object_unref(&s->o);
}

/* Commands whose handles are still held go on: the shell closes after the last of them. */
void wsc__shell_let_go(struct wsc_shell *s)
{
    s->left = wsc__opt_int(s->params, WSC__O_KEEP_ON_UNREF) != 0;
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
    if (s->left && s->state == WSC__SHELL_IS_OPEN && wsc__list_empty(&s->commands) &&
        !s->clean_up && !s->keep_alive)
        wsc__shell_lost(s, NULL);
}

void wsc__shell_cleaned(struct wsc_shell *s)
{
    if (--s->clean_up)
        return;
    send_delete(s);
    wsc__shell_rest(s);
}

/* --- signals in the background ---------------------------------------------------------------- */

static void terminate_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_shell *s = owner;

    (void)r;
    if (err)
        wsc__logf(&s->o.core->log, WSC_LOG_INFO, "shell", "terminate: %s", wsc__error_text(err));
    s->o.core->pending--;
    wsc__shell_cleaned(s);
    wsc__object_unref(&s->o);
}

static const struct wsc__req_ops terminate_ops = { .done = terminate_done };

int wsc__signal_req(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                    const char *command_id, const char *uri, const struct wsc__req_ops *ops,
                    void *owner, int64_t total_ms, const char *total_option, struct wsc_error **err)
{
    struct wsc__req_spec spec;
    struct wsc__xml_writer w;
    struct wsc__buf body;
    int rc;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &s->o.core->mem, 65536);
    wsc__xml_init(&w, &body);
    wsc__body_signal(&w, command_id, uri);
    spec.action = WSC__ACTION_SIGNAL;
    spec.body = &body;
    spec.lane = WSC__LANE_URGENT;
    spec.no_user_options = true;
    spec.total_ms = total_ms;
    spec.total_option = total_option;
    rc = w.err;
    if (rc == WSC_OK)
        rc = wsc__shell_req(out, s, params, &spec, ops, owner, err);
    else
        *err = wsc__error_new(&s->o.core->mem, rc, "the signal cannot be written");
    wsc__buf_free(&body);
    return rc;
}

void wsc__shell_terminate(struct wsc_shell *s, const char *command_id)
{
    struct wsc_error *err = NULL;
    struct wsc__req *r = NULL;

    if (ended(s) || s->o.core->dead)
        return;
    /* half of the time: Delete, which may wait for this, needs the rest */
    if (wsc__signal_req(&r, s, s->params, command_id, wsc__signal_uri("terminate"), &terminate_ops,
                        s, wsc__opt_int(s->params, WSC__O_CANCEL_TIMEOUT) / 2 + 1, "cancel-timeout",
                        &err) != WSC_OK) {
        wsc__error_unref(err);
        return;
    }
    s->clean_up++;
    s->o.core->pending++;
    wsc__object_ref(&s->o);
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

    (void)r;
    s->keep_alive = NULL;
    if (wsc__shell_is_gone(err))
        wsc__shell_lost(s, err);
    else
        wsc__shell_watch(s);
}

static const struct wsc__req_ops keep_alive_ops = { .done = keep_alive_done };

/* A server that claims an idle time of milliseconds is not asked as often as that. */
static uint64_t keep_alive_after(const struct wsc_shell *s)
{
    return s->idle_ms > 2000 ? (uint64_t)s->idle_ms / 2 : 1000;
}

void wsc__shell_watch(struct wsc_shell *s)
{
    if (s->state == WSC__SHELL_IS_OPEN && s->idle_ms > 1 && !s->keep_alive && !s->timer.armed)
        wsc__timer_set(&s->o.core->timers, &s->timer, s->last_request + keep_alive_after(s));
}

static void on_timer(struct wsc__timer *t, uint64_t now)
{
    struct wsc_shell *s = WSC__OF(t, struct wsc_shell, timer);
    struct wsc__req_spec spec;
    struct wsc_error *err = NULL;

    if (s->state != WSC__SHELL_IS_OPEN) { /* cancel-timeout */
        err = wsc__error_new(&s->o.core->mem, WSC_E_TIMEOUT,
                             "the shell could not be deleted within cancel-timeout");
        wsc__error_set_str(err, WSC__ES_OPTION, "cancel-timeout");
        finish_waiters(s, err);
        end(s, WSC__SHELL_IS_CLOSED, NULL);
        wsc__error_unref(err);
        return;
    }
    if (!somebody_rests(s))
        return;
    if (now < s->last_request + keep_alive_after(s)) {
        wsc__shell_watch(s);
        return;
    }
    memset(&spec, 0, sizeof spec);
    spec.action = WSC__ACTION_GET;
    spec.resource_uri = WSC__NS_SHELL;
    spec.lane = WSC__LANE_URGENT;
    spec.no_user_options = true;
    if (wsc__shell_req(&s->keep_alive, s, s->params, &spec, &keep_alive_ops, s, &err) != WSC_OK)
        wsc__error_unref(err);
}
