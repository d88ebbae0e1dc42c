#include "proto/req.h"

#include "proto/conn.h"

#include <string.h>

#define REPEAT_PAUSE_MS  250 /* doubled with every repetition */
#define REPEAT_PAUSE_MAX 8000

static void free_reply(struct wsc__req *r)
{
    const struct wsc__mem *mem = &r->core->mem;

    if (r->decoder)
        wsc__decoder_free(r->decoder);
    r->decoder = NULL;
    wsc__error_unref(r->err);
    r->err = NULL;
    wsc__free(mem, r->reply_action);
    wsc__free(mem, r->reply_id);
    wsc__free(mem, r->relates_to);
    r->reply_action = r->reply_id = r->relates_to = NULL;
    r->related = r->timed_out = r->soap = r->told = false;
    r->media[0] = '\0';
}

static void free_req(struct wsc__req *r)
{
    struct wsc__core *core = r->core;

    wsc__timer_clear(&core->timers, &r->timer);
    wsc__timer_clear(&core->timers, &r->total);
    free_reply(r);
    wsc__buf_free(&r->envelope);
    wsc__free(&core->mem, r->path);
    wsc__optset_unref(r->params);
    wsc__client_unref(r->client);
    wsc__free(&core->mem, r);
    wsc__core_unref(core);
}

/* --- what the decoder tells ------------------------------------------------------------------- */

static const char *bare_id(const char *id)
{
    if (wsc__istarts(id, strlen(id), "urn:"))
        id += 4;
    if (wsc__istarts(id, strlen(id), "uuid:"))
        id += 5;
    return id;
}

static int on_head(void *ud, const struct wsc__reply_head *h)
{
    struct wsc__req *r = ud;
    const struct wsc__mem *mem = &r->core->mem;

    r->reply_action = wsc__strdup(mem, h->action);
    r->reply_id = wsc__strdup(mem, h->message_id);
    r->relates_to = wsc__strdup(mem, h->relates_to);
    if (!r->reply_action || !r->reply_id || !r->relates_to)
        return WSC_E_NOMEM;
    if (r->identify || !*h->relates_to) {
        r->related = r->identify;
        return WSC_OK;
    }
    r->related = wsc__ieq(bare_id(h->relates_to), bare_id(r->message_id));
    if (r->related)
        return WSC_OK;
    r->err = wsc__error_fault(
        mem, 0x803380F3, "the answer belongs to another request (RelatesTo %.60s, MessageID %s)",
        h->relates_to, r->message_id);
    return WSC_E_PROTOCOL;
}

/* Something of the answer is about to be told, so it must be ours: a fault may come without
 * RelatesTo, for the server may not have got that far; nothing else may. */
static int related(struct wsc__req *r)
{
    r->told = true;
    if (r->related)
        return WSC_OK;
    r->err = wsc__error_fault(&r->core->mem, 0x803380F3, "the answer has no RelatesTo header");
    return WSC_E_PROTOCOL;
}

static int on_field(void *ud, enum wsc__field f, const char *value)
{
    struct wsc__req *r = ud;
    int rc = related(r);

    return rc == WSC_OK && r->ops->field ? r->ops->field(r->owner, f, value) : rc;
}

static int on_stream_start(void *ud, const char *name, const char *command_id, bool end)
{
    struct wsc__req *r = ud;
    int rc = related(r);

    return rc == WSC_OK && r->ops->stream_start
               ? r->ops->stream_start(r->owner, name, command_id, end)
               : rc;
}

static int on_stream(void *ud, const uint8_t *data, size_t len)
{
    struct wsc__req *r = ud;

    return r->ops->stream ? r->ops->stream(r->owner, data, len) : WSC_OK;
}

static int on_stream_end(void *ud)
{
    struct wsc__req *r = ud;

    return r->ops->stream_end ? r->ops->stream_end(r->owner) : WSC_OK;
}

static int on_command_state(void *ud, const char *command_id, enum wsc__state state,
                            const char *uri, bool has_exit, int64_t exit_code)
{
    struct wsc__req *r = ud;
    int rc = related(r);

    (void)uri;
    return rc == WSC_OK && r->ops->command_state
               ? r->ops->command_state(r->owner, command_id, state, has_exit, exit_code)
               : rc;
}

/* Some stand in the headers, perhaps before RelatesTo: they count when the answer is whole. */
static int on_value(void *ud, struct wsc_value *v, enum wsc__told what)
{
    struct wsc__req *r = ud;
    int rc = what == WSC__TOLD_BOOKMARK || what == WSC__TOLD_EPR ? WSC_OK : related(r);

    return rc == WSC_OK && r->ops->value ? r->ops->value(r->owner, v, what) : rc;
}

static int on_fault(void *ud, const struct wsc__fault *f)
{
    struct wsc__req *r = ud;

    r->timed_out = wsc__fault_is_timeout(f);
    wsc__error_unref(r->err);
    r->err = wsc__fault_error(&r->core->mem, f, r->status);
    return WSC_OK; /* read on: the reply has to be complete */
}

static const struct wsc__sink sink = { on_head,       on_field,         on_stream_start, on_stream,
                                       on_stream_end, on_command_state, on_value,        on_fault };

/* --- what the connection tells ---------------------------------------------------------------- */

static struct wsc_error *redirected(const struct wsc__xchg *x, const struct wsc__h1_reply *reply)
{
    const struct wsc__mem *mem = &x->pool->core->mem;
    const char *given = wsc__h1_header(reply, "Location", 0);
    const char *why = NULL, *where = "nowhere", *behind = "";
    char *location = NULL;
    char shown[504];
    struct wsc_error *err;

    if (given) {
        location = wsc__url_location(mem, &x->pool->url, given, &why);
        if (!location)
            return wsc__error_nomem();         /* nowhere to follow it to */
        where = *location ? location : "what"; /* a password may be in it */
        behind = !why ? "" : *location ? ", which is no URL" : " is no URL";
    }
    err = wsc__error_new(mem, WSC_E_REDIRECT, "the server redirects to %s%s (HTTP %d)",
                         wsc__show_text(shown, sizeof shown, where, strlen(where)), behind,
                         reply->status);
    if (why)
        wsc__fault_astray(err, why);
    else
        wsc__error_set_str(err, WSC__ES_LOCATION, location);
    wsc__error_set_str(err, WSC__ES_OPTION, "follow-redirects");
    wsc__error_set_int(err, WSC__EI_HTTP_STATUS, reply->status);
    if (location && !why && !wsc__error_str(err, WSC__ES_LOCATION)) {
        wsc__error_unref(err);
        err = wsc__error_nomem();
    }
    wsc__free(mem, location);
    return err;
}

static int x_head(struct wsc__xchg *x, const struct wsc__h1_reply *reply, const char *type,
                  struct wsc_error **err)
{
    struct wsc__req *r = WSC__OF(x, struct wsc__req, x);
    const char *encoding = wsc__h1_header(reply, "Content-Encoding", 0);
    struct wsc__decoder_options o;
    unsigned i;
    const char *cookie;
    int rc;

    r->status = reply->status;
    if (x->pool == r->client->pool) /* or else it is of a server that the client has left */
        for (i = 0; (cookie = wsc__h1_header(reply, "Set-Cookie", i)); i++)
            wsc__client_cookie(r->client, cookie);
    if (reply->status >= 300 && reply->status < 400) {
        r->err = redirected(x, reply);
        return WSC_OK;
    }
    if (encoding && !wsc__ieq(encoding, "identity")) {
        r->err = wsc__error_new(&r->core->mem, WSC_E_PROTOCOL,
                                "the answer is compressed (Content-Encoding: %.40s), which nobody "
                                "asked for",
                                encoding);
        wsc__error_set_str(r->err, WSC__ES_CAUSE, "A proxy changes what it should pass on.");
        wsc__error_set_int(r->err, WSC__EI_HTTP_STATUS, reply->status);
        return WSC_OK;
    }
    if (type)
        wsc__copy_text(r->media, sizeof r->media, type);
    if (!type || !wsc__h1_media_is(type, "application/soap+xml")) {
        if (reply->status == 403)
            r->err = wsc__conn_refusal(x->conn, reply->status);
        return WSC_OK; /* judged when it is complete: the status says more than the type */
    }
    r->soap = true;
    memset(&o, 0, sizeof o);
    o.max_bytes = (size_t)wsc__opt_int(r->params, WSC__O_ENVELOPE_LIMIT);
    o.spare = &r->core->spare;
    o.capture = r->capture;
    o.value = r->value;
    o.identify = r->identify;
    o.response = r->response;
    rc = wsc__decoder_new(&r->decoder, &r->core->mem, &o, &sink, r);
    if (rc == WSC_E_NOMEM)
        *err = wsc__error_nomem();
    return rc;
}

/* The decoder knows a number; the user has to know the option. */
static void name_limit(struct wsc__req *r, struct wsc_error *e)
{
    int64_t limit = wsc__opt_int(r->params, WSC__O_ENVELOPE_LIMIT), have = 0;

    if (wsc__error_code(e) != WSC_E_LIMIT || wsc__error_str(e, WSC__ES_OPTION))
        return;
    if (!wsc__error_int(e, WSC__EI_LIMIT, &have) || have != limit)
        return;
    wsc__error_set_str(e, WSC__ES_OPTION, "envelope-limit");
    wsc__error_set_text(e, "the reply is larger than envelope-limit allows");
}

static int x_body(struct wsc__xchg *x, const uint8_t *data, size_t len, size_t *used,
                  struct wsc_error **err)
{
    struct wsc__req *r = WSC__OF(x, struct wsc__req, x);
    int rc;

    *used = len;
    if (!r->decoder) { /* of no interest, but bounded */
        r->dropped += len;
        if (r->dropped <= 1048576)
            return WSC_OK;
        *err = r->err ? r->err : wsc__http_error(&r->core->mem, r->status, r->media);
        r->err = NULL;
        return wsc__error_code(*err);
    }
    rc = wsc__decoder_feed(r->decoder, data, len, used, err);
    if (rc == WSC_OK || rc == WSC__PAUSE)
        return rc;
    if (r->err) { /* what the sink found is the true reason */
        wsc__error_unref(*err);
        *err = r->err;
        r->err = NULL;
    } else if (!*err) {
        *err = rc == WSC_E_NOMEM ? wsc__error_nomem()
                                 : wsc__error_new(&r->core->mem, rc, "the answer cannot be used");
    }
    name_limit(r, *err);
    return wsc__error_code(*err);
}

/* The verdict over a complete reply: NULL = it is good. */
static struct wsc_error *judge(struct wsc__req *r)
{
    const struct wsc__mem *mem = &r->core->mem;
    struct wsc_error *err = NULL;

    if (!r->soap) {
        err = r->err ? wsc__error_ref(r->err) : wsc__http_error(mem, r->status, r->media);
    } else if (wsc__decoder_finish(r->decoder, &err) != WSC_OK) {
        if (r->err) {
            wsc__error_unref(err);
            err = wsc__error_ref(r->err);
        } else if (!err) {
            err = wsc__error_nomem();
        }
        wsc__error_set_int(err, WSC__EI_HTTP_STATUS, r->status);
    } else if (r->err) {
        err = wsc__error_ref(r->err);
    } else if (r->status < 200 || r->status > 299) {
        err = wsc__error_new(mem, WSC_E_HTTP, "HTTP status %d with an envelope that is no fault",
                             r->status);
        wsc__error_set_int(err, WSC__EI_HTTP_STATUS, r->status);
    } else if ((r->capture || r->value || r->response) &&
               related(r) != WSC_OK) { /* its body tells something */
        err = wsc__error_ref(r->err);
    } else if (r->response && !wsc__decoder_answered(r->decoder)) {
        err = wsc__error_fault(mem, r->response->missing, "the answer holds no %s",
                               r->response->name);
    }
    return err;
}

static void finish(struct wsc__req *r, struct wsc_error *err)
{
    if (r->ended)
        return;
    r->ended = true;
    if (err) {
        err = wsc__error_own(err);
        wsc__error_set_str(err, WSC__ES_TARGET, r->client->to);
    }
    r->ops->done(r->owner, r, err);
    wsc__error_unref(err);
    free_req(r);
}

static void on_total(struct wsc__timer *t, uint64_t now)
{
    struct wsc__req *r = WSC__OF(t, struct wsc__req, total);
    bool deadline = strcmp(r->total_option, "deadline") == 0;
    struct wsc_error *e = wsc__error_new(&r->core->mem, deadline ? WSC_E_DEADLINE : WSC_E_TIMEOUT,
                                         deadline ? "no answer within the %s of %lld ms"
                                                  : "no answer within %s (%lld ms)",
                                         r->total_option, (long long)r->total_ms);

    (void)now;
    wsc__error_set_str(e, WSC__ES_OPTION, r->total_option);
    wsc__error_set_int(e, WSC__EI_LIMIT, r->total_ms);
    wsc__xchg_cancel(&r->x);
    finish(r, e);
}

int64_t wsc__req_limit(const struct wsc__optset *params)
{
    int64_t both = wsc__opt_int(params, WSC__O_MAX_ENVELOPE);
    int64_t ours = wsc__opt_int(params, WSC__O_MAX_REQUEST);

    return ours < both ? ours : both;
}

static bool too_large(const struct wsc__req *r)
{
    return !r->identify && (int64_t)r->envelope.len > wsc__req_limit(r->params);
}

static struct wsc_error *size_error(const struct wsc__req *r)
{
    int64_t limit = wsc__req_limit(r->params);
    const char *option = limit < wsc__opt_int(r->params, WSC__O_MAX_REQUEST) ? "max-envelope-size"
                                                                             : "max-request-size";
    struct wsc_error *err =
        wsc__error_new(&r->core->mem, WSC_E_LIMIT, "the request takes %zu bytes, more than %s",
                       r->envelope.len, option);

    wsc__error_set_str(err, WSC__ES_OPTION, option);
    wsc__error_set_int(err, WSC__EI_LIMIT, limit);
    return err;
}

/* To where the client is now, and a:To says so, unless a program's own encoder wrote it. The path
 * is the request's own: the client may move on while it waits. */
static int submit(struct wsc__req *r)
{
    char *path = wsc__strdup(&r->core->mem, r->client->path);
    int rc = path ? WSC_OK : WSC_E_NOMEM;

    if (rc == WSC_OK && r->moves != r->client->moves && !r->client->encoder) {
        rc = wsc__envelope_set_to(&r->envelope, r->client->to);
        if (rc == WSC_OK && too_large(r))
            rc = WSC_E_LIMIT;
    }
    if (rc != WSC_OK) {
        wsc__free(&r->core->mem, path);
        return rc;
    }
    r->moves = r->client->moves;
    wsc__free(&r->core->mem, r->path);
    r->x.path = r->path = path;
    r->asked = r->client->pool;
    return wsc__xchg_submit(&r->x, r->client->pool);
}

static struct wsc_error *not_sent(const struct wsc__req *r, int rc)
{
    if (rc == WSC_E_NOMEM)
        return wsc__error_nomem();
    if (rc == WSC_E_LIMIT)
        return size_error(r);
    return wsc__error_new(&r->core->mem, rc,
                          rc == WSC_E_CANCELED ? "the context was closed"
                                               : "no random numbers for an identifier");
}

static void submit_again(struct wsc__req *r)
{
    int rc = submit(r);

    if (rc != WSC_OK)
        finish(r, not_sent(r, rc));
}

static void on_pause_over(struct wsc__timer *t, uint64_t now)
{
    (void)now;
    submit_again(WSC__OF(t, struct wsc__req, timer));
}

/* A Receive whose connection was lost goes out again as it was: the server repeats what it had
 * (MS-WSMV 3.1.4.14). Nothing else is ever sent twice. */
static bool repeat(struct wsc__req *r, const struct wsc_error *err)
{
    int64_t pause = REPEAT_PAUSE_MS;
    unsigned i;

    if (!r->repeatable || (int64_t)r->repeats >= wsc__opt_int(r->params, WSC__O_RECEIVE_RETRIES))
        return false;
    if (wsc__error_code(err) != WSC_E_CONNECTION_LOST && wsc__error_code(err) != WSC_E_CONNECT &&
        wsc__error_code(err) != WSC_E_DESCRIPTORS)
        return false;
    if (!r->x.sent && !r->repeats)
        return false;
    for (i = 0; i < r->repeats && pause < REPEAT_PAUSE_MAX; i++)
        pause *= 2;
    r->repeats++;
    r->x.reconnects = true;
    r->client->stats.n[WSC__STAT_REPEATS]++;
    wsc__logf(&r->core->log, WSC_LOG_WARN, "request", "%s: %s; the Receive is repeated (%u)",
              r->client->to, wsc__error_text(err), r->repeats);
    free_reply(r);
    r->dropped = 0;
    if (r->ops->again)
        r->ops->again(r->owner);
    wsc__timer_set(&r->core->timers, &r->timer,
                   r->core->now + (r->repeats > 1 ? (uint64_t)pause : 0));
    return true;
}

static bool follow(struct wsc__req *r, const struct wsc_error *err)
{
    const char *location = wsc__error_str(err, WSC__ES_LOCATION);
    struct wsc_error *why = NULL;
    int rc;

    if (wsc__error_code(err) != WSC_E_REDIRECT || !location || r->told)
        return false;
    if ((int64_t)r->hops >= wsc__opt_int(r->client->params, WSC__O_FOLLOW_REDIRECTS))
        return false;
    /* a server from which the client has moved on meanwhile does not say where it goes */
    rc = r->asked == r->client->pool ? wsc__client_move(r->client, location, &why) : WSC_OK;
    if (rc == WSC_E_NOMEM) { /* it may be followed: that is no reason to say that it is not */
        wsc__error_unref(why);
        finish(r, wsc__error_nomem());
        return true;
    }
    if (rc != WSC_OK) {
        wsc__logf(&r->core->log, WSC_LOG_WARN, "request", "redirect not followed: %s",
                  wsc__error_text(why));
        wsc__error_unref(why);
        return false;
    }
    r->hops++;
    r->client->stats.n[WSC__STAT_REDIRECTS]++;
    free_reply(r);
    r->dropped = 0;
    submit_again(r);
    return true;
}

static void x_done(struct wsc__xchg *x, struct wsc_error *err)
{
    struct wsc__req *r = WSC__OF(x, struct wsc__req, x);
    bool answered = !err; /* a fault may speak of a lost connection, too: of another one */

    if (answered)
        err = judge(r);
    if (err && ((!answered && repeat(r, err)) || follow(r, err))) {
        wsc__error_unref(err);
        return;
    }
    finish(r, err);
}

static const struct wsc__xchg_ops xchg_ops = { x_head, x_body, x_done };

/* --- making ----------------------------------------------------------------------------------- */

static size_t user_options(const struct wsc__optset *params, enum wsc__opt id, bool must,
                           struct wsc__pair *out)
{
    const char *key, *value;
    size_t i;

    for (i = 0; wsc__opt_pair(params, id, i, &key, &value); i++) {
        if (out) {
            out[i].name = key;
            out[i].value = value;
            out[i].must_comply = must;
        }
    }
    return i;
}

static int check_operation_id(struct wsc__req *r, struct wsc_error **err)
{
    const char *id = wsc__opt_str(r->params, WSC__O_OPERATION_ID);

    if (!id || wsc__uuid_valid(id))
        return WSC_OK;
    *err = wsc__error_new(&r->core->mem, WSC_E_OPTION, "operation-id: \"%.60s\" is not a GUID", id);
    wsc__error_set_str(*err, WSC__ES_OPTION, "operation-id");
    return WSC_E_OPTION;
}

static int encode(struct wsc__req *r, const struct wsc__req_spec *spec, struct wsc_error **err)
{
    const struct wsc__plugin *own = r->client->encoder;
    const wsc_encoder *enc =
        own ? (const wsc_encoder *)(const void *)own->ops : &wsc__encoder_wsman;
    size_t n1 = 0, n2 = 0, n = spec->noptions;
    struct wsc__pair *options = NULL;
    struct wsc__message m;
    int rc = check_operation_id(r, err);

    if (rc != WSC_OK)
        return rc;
    if (!spec->no_user_options) {
        n1 = user_options(r->params, WSC__O_OPTION, false, NULL);
        n2 = user_options(r->params, WSC__O_OPTION_MUST, true, NULL);
    }
    if (n1 + n2) {
        options = wsc__zalloc_array(&r->core->mem, n + n1 + n2, sizeof *options);
        if (!options)
            return WSC_E_NOMEM;
        if (n)
            memcpy(options, spec->options, n * sizeof *options);
        user_options(r->params, WSC__O_OPTION, false, options + n);
        user_options(r->params, WSC__O_OPTION_MUST, true, options + n + n1);
    }
    memset(&m, 0, sizeof m);
    m.action = spec->action;
    m.to = r->client->to;
    m.message_id = r->message_id;
    m.resource_uri = spec->resource_uri;
    m.session_id = r->client->session_id;
    m.operation_id = wsc__opt_str(r->params, WSC__O_OPERATION_ID);
    m.locale = wsc__opt_str(r->params, WSC__O_LOCALE);
    m.data_locale = wsc__opt_str(r->params, WSC__O_DATA_LOCALE);
    m.max_envelope = wsc__opt_int(r->params, WSC__O_MAX_ENVELOPE);
    m.operation_timeout_ms = wsc__opt_int(r->params, WSC__O_OPERATION_TIMEOUT);
    m.selectors = spec->selectors;
    m.nselectors = spec->nselectors;
    m.options = options ? options : spec->options;
    m.noptions = n + n1 + n2;
    m.identify = spec->identify;
    m.headers = spec->headers ? wsc__buf_data(spec->headers) : NULL;
    m.headers_len = spec->headers ? spec->headers->len : 0;
    m.body = spec->body ? wsc__buf_data(spec->body) : NULL;
    m.body_len = spec->body ? spec->body->len : 0;
    r->x.reply_ms = m.operation_timeout_ms + wsc__opt_int(r->params, WSC__O_NETWORK_DELAY);
    rc = wsc__encode(enc, own ? own->user_data : NULL, &m, &r->envelope, err);
    wsc__free(&r->core->mem, options);
    return rc;
}

static void init_xchg(struct wsc__req *r, const struct wsc__req_spec *spec)
{
    struct wsc__client *client = r->client;
    struct wsc__xchg *x = &r->x;

    x->ops = &xchg_ops;
    x->lane = spec->lane;
    x->stats = &client->stats;
    x->content_type = "application/soap+xml;charset=UTF-8";
    x->body = &r->envelope;
    x->cookie = &client->cookie;
    x->home = &client->pool;
    x->user_agent = wsc__opt_str(client->params, WSC__O_USER_AGENT);
    x->extra_headers =
        spec->identify && spec->anonymous ? client->anonymous_headers : client->extra_headers;
    x->anonymous = spec->anonymous;
    x->trace_bodies = wsc__opt_int(client->params, WSC__O_TRACE_BODIES) != 0;
    x->open_ms = wsc__opt_int(r->params, WSC__O_OPEN_TIMEOUT);
    x->reply_limit = (size_t)wsc__opt_int(r->params, WSC__O_ENVELOPE_LIMIT);
}

int wsc__req_start(struct wsc__req **out, struct wsc__client *client, struct wsc__optset *params,
                   const struct wsc__req_spec *spec, const struct wsc__req_ops *ops, void *owner,
                   struct wsc_error **err)
{
    struct wsc__core *core = client->core;
    struct wsc__req *r = wsc__zalloc(&core->mem, sizeof *r);
    int rc;

    if (!r) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    r->core = wsc__core_ref(core);
    r->client = client;
    wsc__client_ref(client);
    r->params = wsc__optset_ref(params);
    r->ops = ops;
    r->owner = owner;
    memcpy(r->message_id, "uuid:", 5);
    r->response = spec->response;
    r->identify = spec->identify;
    r->capture = spec->capture;
    r->value = spec->value;
    r->repeatable = spec->repeatable;
    r->moves = client->moves;
    r->timer.fire = on_pause_over;
    r->total.fire = on_total;
    wsc__buf_init(&r->envelope, &core->mem, SIZE_MAX / 2);
    init_xchg(r, spec);
    rc = core->dead ? WSC_E_CANCELED : wsc__core_guid(core, r->message_id + 5);
    if (rc == WSC_OK && client->unable && !spec->anonymous) {
        *err = wsc__error_ref(client->unable);
        rc = wsc__error_code(*err);
    }
    if (rc == WSC_OK)
        rc = encode(r, spec, err);
    if (rc == WSC_OK && too_large(r))
        rc = WSC_E_LIMIT;
    if (rc == WSC_OK && spec->pause_ms)
        wsc__timer_set(&core->timers, &r->timer, core->now + (uint64_t)spec->pause_ms);
    else if (rc == WSC_OK)
        rc = submit(r);
    if (rc != WSC_OK) {
        if (!*err)
            *err = not_sent(r, rc);
        free_req(r);
        return rc;
    }
    if (spec->total_ms)
        wsc__req_bound(r, spec->total_ms, spec->total_option);
    *out = r;
    return WSC_OK;
}

void wsc__req_bound(struct wsc__req *r, int64_t total_ms, const char *option)
{
    r->repeatable = false;
    r->total_ms = total_ms;
    r->total_option = option;
    wsc__timer_set(&r->core->timers, &r->total, r->core->now + (uint64_t)total_ms);
}

void wsc__req_resume(struct wsc__req *r)
{
    wsc__xchg_resume(&r->x);
}

bool wsc__req_unsent(const struct wsc__req *r)
{
    return !r->x.sent && !r->repeats && !r->hops;
}

void wsc__req_cancel(struct wsc__req *r)
{
    if (!r || r->ended)
        return;
    r->ended = true;
    wsc__xchg_cancel(&r->x);
    free_req(r);
}
