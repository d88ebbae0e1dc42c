/* How a shell comes to be: Create (MS-WSMV 3.1.4.5), or Connect to one that is there (3.1.4.17). */
#include "proto/command.h"

#include "base/datetime.h"
#include "wsman/shell.h"

#include <stdio.h>
#include <string.h>

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

static bool creates(const struct wsc_shell *s)
{
    return s->state == WSC__SHELL_IS_OPENING && !s->connects;
}

/* A property is known once: its text may have been lent out when a later reply tells it. */
static int keep_first(struct wsc_shell *s, char **field, const char *value)
{
    return *field && !creates(s) ? WSC_OK : keep_text(s, field, value);
}

int wsc__shell_field(void *owner, enum wsc__field f, const char *value)
{
    struct wsc_shell *s = owner;

    switch (f) {
    case WSC__F_SELECTOR_SHELL_ID:
        return *value && creates(s) ? keep_text(s, &s->id, value) : WSC_OK;
    case WSC__F_SHELL_ID: /* the selector is what requests must carry */
        return s->id || !*value ? WSC_OK : keep_text(s, &s->id, value);
    case WSC__F_OWNER:
        return keep_first(s, &s->owner, value);
    case WSC__F_CLIENT_IP:
        return keep_first(s, &s->client_ip, value);
    case WSC__F_SHELL_NAME:
        return keep_first(s, &s->name, value);
    case WSC__F_OUTPUT_STREAMS: /* as the client declared them that opened it */
        return s->connects && *value ? keep_first(s, &s->streams, value) : WSC_OK;
    case WSC__F_IDLE_TIMEOUT:
        if (!wsc__parse_xs_duration_ms(value, strlen(value), &s->idle_ms))
            s->idle_ms = 0;
        return WSC_OK;
    default:
        return WSC_OK;
    }
}

void wsc__shell_opened(struct wsc_shell *s)
{
    wsc__shell_to(s, WSC__SHELL_IS_OPEN);
    wsc__object_ref(&s->o);
    if (wsc__shell_each(s, wsc__command_shell_open))
        wsc__shell_set_out(s);
    wsc__shell_rest(s);
    wsc__object_unref(&s->o);
}

static void create_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_shell *s = owner;
    struct wsc_error *e = NULL;
    int64_t status = 0;

    (void)r;
    s->create = NULL;
    if (s->connects && wsc__opt_int(s->params, WSC__O_SAME_SESSION) &&
        wsc__error_fault_code(err) == WSC__SHELL_WAS_CONNECTED)
        err = NULL; /* the answer to an earlier Reconnect was lost */
    if (!err && !s->id)
        err = e =
            wsc__error_fault(&s->o.core->mem, 0x803380F0, "the answer to Create names no shell");
    if (err) {
        if (!wsc__error_int(err, WSC__EI_HTTP_STATUS, &status) ||
            (s->connects && !wsc__shell_is_gone(err)))
            wsc__shell_end_ops(&s->waiters, err); /* there may be one that nobody closes */
        wsc__shell_end(s, s->close_wanted ? WSC__SHELL_IS_CLOSED : WSC__SHELL_IS_LOST, err);
    } else if (s->close_wanted) {
        s->close_wanted = false;
        wsc__shell_close_now(s);
    } else {
        wsc__logf(&s->o.core->log, WSC_LOG_INFO, "shell", "%s: open on %s", s->id, s->client->to);
        if (s->connects)
            wsc__shell_get(s); /* the answer to Connect does not tell the idle time */
        wsc__shell_opened(s);
    }
    wsc__error_unref(e);
}

static const struct wsc__req_ops create_ops = { .field = wsc__shell_field, .done = create_done };

/* An id the client chooses: a GUID, or "auto". */
int wsc__chosen_id(struct wsc__core *core, const struct wsc__optset *params, enum wsc__opt which,
                   char out[WSC__UUID_LEN + 1], struct wsc_error **err)
{
    const char *given = wsc__opt_str(params, which);
    char shown[WSC__SHOWN];

    out[0] = '\0';
    if (!given)
        return WSC_OK;
    if (strcmp(given, "auto") == 0)
        return wsc__core_guid(core, out);
    if (!wsc__uuid_valid(given)) {
        *err = wsc__error_new(&core->mem, WSC_E_OPTION, "%s: \"%s\" is neither a GUID nor auto",
                              wsc__opt_info(which)->name,
                              wsc__show_text(shown, sizeof shown, given, strlen(given)));
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

    if (rc == WSC_OK && !id[0] && !wsc__ieq(s->resource_uri, WSC__NS_SHELL "/cmd"))
        rc = wsc__core_guid(s->o.core, id); /* else it could not be disconnected */
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

/* --- connecting ------------------------------------------------------------------------------- */

static int send_connect(struct wsc_shell *s, struct wsc_error **err)
{
    bool same = wsc__opt_int(s->params, WSC__O_SAME_SESSION) != 0;
    struct wsc__req_spec spec;
    struct wsc__xml_writer w;
    struct wsc__buf body;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &s->o.core->mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    spec.action = wsc__body_connect(&w, same, NULL, wsc__buffer_mode(s->params));
    spec.response = same ? NULL : &wsc__connect_response;
    spec.lane = WSC__LANE_NORMAL;
    spec.total_ms = wsc__opt_int(s->params, WSC__O_DEADLINE);
    spec.total_option = "deadline";
    return wsc__shell_send(&s->create, s, s->params, &spec, &w, &create_ops, s, err);
}

/* --- making ----------------------------------------------------------------------------------- */

static struct wsc_shell *new_shell(struct wsc__client *c, struct wsc__optset *params)
{
    struct wsc_shell *s = wsc__zalloc(&c->core->mem, sizeof *s);

    if (!s)
        return NULL;
    wsc__object_init(&s->o, c->core, WSC__OBJ_SHELL);
    s->o.cancel = wsc__shell_cancel;
    s->o.destroy = wsc__shell_destroy;
    s->client = c;
    wsc__client_ref(c);
    s->params = wsc__optset_ref(params);
    s->resource_uri = wsc__opt_str(params, WSC__O_RESOURCE_URI);
    s->idle_ms = wsc__opt_int(params, WSC__O_IDLE_TIMEOUT);
    s->timer.fire = wsc__shell_on_timer;
    wsc__list_init(&s->commands);
    wsc__list_init(&s->senders);
    wsc__list_init(&s->waiters);
    wsc__list_init(&s->movers);
    wsc__list_init(&s->owed);
    return s;
}

/* rc: how the first request went out */
static int begin(struct wsc_shell **out, struct wsc_shell *s, int rc)
{
    if (rc != WSC_OK) {
        s->o.user = false;
        wsc__object_unref(&s->o);
        return rc;
    }
    wsc__object_ref(&s->o); /* the work's, until wsc__shell_end */
    wsc__shell_to(s, WSC__SHELL_IS_OPENING);
    s->untold = 0;
    s->o.tell = 0;
    *out = s;
    return WSC_OK;
}

int wsc__shell_open(struct wsc_shell **out, struct wsc__client *c, struct wsc__optset *params,
                    struct wsc_error **err)
{
    struct wsc_shell *s = new_shell(c, params);

    return s ? begin(out, s, send_create(s, err)) : WSC_E_NOMEM;
}

int wsc__shell_connect(struct wsc_shell **out, struct wsc__client *c, struct wsc__optset *params,
                       const char *id, struct wsc_error **err)
{
    struct wsc_shell *s = new_shell(c, params);
    int rc;

    if (!s)
        return WSC_E_NOMEM;
    s->connects = true;
    rc = wsc__core_check_text(c->core, "shell_id", id, err);
    if (rc == WSC_OK)
        rc = keep_text(s, &s->id, id);
    if (rc == WSC_OK)
        rc = send_connect(s, err);
    return begin(out, s, rc);
}
