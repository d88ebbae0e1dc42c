#include "auth/own.h"

#include <string.h>

struct wsc_login {
    struct wsc__auth base;
    const struct wsc__auth_own *own;
    struct wsc__auth_input in; /* a copy: what it points to outlives us */
    void *state;
    struct wsc__buf plain; /* secret: what was unsealed last */
    /* of the function that runs */
    struct wsc__buf *out; /* what it may put into, or NULL */
    int bad;              /* the first failure of put */
    struct wsc_error *err;
};

static struct wsc_login *self(struct wsc__auth *a)
{
    return (struct wsc_login *)a;
}

/* --- into the program and back ---------------------------------------------------------------- */

static bool enter(struct wsc_login *l, struct wsc__buf *out)
{
    bool was = *l->own->in_program;

    *l->own->in_program = true;
    l->out = out;
    l->bad = WSC_OK;
    return was;
}

/* Gives the status of the function as it counts; *err is set with every failure. */
static int leave(struct wsc_login *l, bool was, const char *what, int rc, struct wsc_error **err)
{
    struct wsc_error *said = l->err;

    *l->own->in_program = was;
    l->out = NULL;
    l->err = NULL;
    if (rc == WSC_OK && l->bad == WSC_OK) {
        wsc__error_unref(said);
        return WSC_OK;
    }
    if (l->bad == WSC_E_NOMEM || rc == WSC_E_NOMEM) {
        wsc__error_unref(said);
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    if (rc == WSC_OK)
        rc = l->bad;
    else if (rc > 0 || rc == WSC_E_AGAIN)
        rc = WSC_E_USAGE;
    if (said && wsc__error_code(said) != rc && wsc__error_code(said) != WSC_E_NOMEM) {
        wsc__error_unref(said);
        said = NULL;
    }
    if (!said) {
        said = wsc__error_new(l->in.mem, rc, "the scheme %s has failed in %s", l->own->name, what);
        wsc__error_set_str(said, WSC__ES_REMEDY, NULL);
    }
    *err = said;
    wsc__error_set_str(*err, WSC__ES_SCHEME, l->own->name);
    return wsc__error_code(*err);
}

static int usage(const struct wsc_login *l, struct wsc_error **err, const char *text)
{
    *err = wsc__error_new(l->in.mem, WSC_E_USAGE, "the scheme %s %s", l->own->name, text);
    wsc__error_set_str(*err, WSC__ES_SCHEME, l->own->name);
    return wsc__error_code(*err);
}

/* --- the table -------------------------------------------------------------------------------- */

static void own_free(struct wsc__auth *a)
{
    struct wsc_login *l = self(a);
    const struct wsc_auth *t = l->own->table;
    bool was = *l->own->in_program;

    *l->own->in_program = true;
    if (t->begin && t->close)
        t->close(l->state);
    *l->own->in_program = was;
    wsc__buf_free(&l->plain);
    wsc__free(l->in.mem, l);
}

static int own_begin(struct wsc__auth **out, const struct wsc__auth_input *in,
                     struct wsc_error **err)
{
    const struct wsc__auth_own *own = (const struct wsc__auth_own *)(const void *)in->ops;
    struct wsc_login *l = wsc__zalloc(in->mem, sizeof *l);
    int rc = WSC_OK, said = WSC_OK;

    if (!l) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    l->base.ops = in->ops;
    l->own = own;
    l->in = *in;
    wsc__buf_init(&l->plain, in->mem, SIZE_MAX / 2);
    l->plain.secret = 1;
    if (own->table->begin) {
        bool was = enter(l, NULL);

        said = own->table->begin(&l->state, l, own->user_data);
        rc = leave(l, was, "begin", said, err);
    } else {
        l->state = own->user_data;
    }
    if (rc != WSC_OK && said == WSC_OK) {
        own_free(&l->base);
        return rc;
    }
    if (rc != WSC_OK) {
        wsc__free(in->mem, l); /* it has no state: nothing to close */
        return rc;
    }
    *out = &l->base;
    return WSC_OK;
}

static enum wsc__auth_step own_step(struct wsc__auth *a, const char *challenge, size_t len,
                                    struct wsc__buf *out, struct wsc__job **job,
                                    struct wsc_error **err)
{
    struct wsc_login *l = self(a);
    bool was;
    int rc;

    (void)job;
    if (challenge && !len) { /* behind a token of ours: never twice, for accounts get locked */
        *err = wsc__auth_own_refused(l->in.mem, &l->own->ops);
        return WSC__AUTH_FAILED;
    }
    was = enter(l, out);
    rc = l->own->table->step(l->state, l, challenge, len);
    if (leave(l, was, "step", rc, err) != WSC_OK)
        return WSC__AUTH_FAILED;
    return out->len ? WSC__AUTH_TOKEN : WSC__AUTH_DONE;
}

static int own_accepted(struct wsc__auth *a, struct wsc_error **err)
{
    struct wsc_login *l = self(a);
    bool was;

    if (!l->own->table->accepted)
        return WSC_OK;
    was = enter(l, NULL);
    return leave(l, was, "accepted", l->own->table->accepted(l->state, l), err);
}

static int own_wrap(struct wsc__auth *a, const uint8_t *plain, size_t len, struct wsc__buf *out,
                    struct wsc__sealed *sealed, struct wsc_error **err)
{
    struct wsc_login *l = self(a);
    size_t before = out->len, header = 0;
    bool was = enter(l, out);
    int rc = leave(l, was, "wrap", l->own->table->wrap(l->state, l, plain, len, &header), err);

    if (rc != WSC_OK)
        return rc;
    if (out->len - before < len || out->len - before - len != header)
        return usage(l, err, "has sealed a message into data of another length");
    *sealed = (struct wsc__sealed){ header, len, len };
    return WSC_OK;
}

static int own_unwrap(struct wsc__auth *a, uint8_t *message, const struct wsc__sealed *sealed,
                      const uint8_t **plain, size_t *plain_len, struct wsc_error **err)
{
    struct wsc_login *l = self(a);
    bool was;
    int rc;

    wsc__buf_reset(&l->plain);
    was = enter(l, &l->plain);
    rc = l->own->table->unwrap(l->state, l, message, sealed->header_len,
                               message + sealed->header_len, sealed->data_len);
    rc = leave(l, was, "unwrap", rc, err);
    if (rc != WSC_OK)
        return rc;
    if (l->plain.len > sealed->data_len)
        return usage(l, err, "has unsealed a message into data of another length");
    /* into the message's place: several are put together there */
    memcpy(message, wsc__buf_data(&l->plain), l->plain.len);
    *plain = message;
    *plain_len = l->plain.len;
    wsc__buf_reset(&l->plain);
    return WSC_OK;
}

/* --- what a program gives --------------------------------------------------------------------- */

struct wsc_error *wsc__auth_own_refused(const struct wsc__mem *mem, const struct wsc__auth_ops *ops)
{
    struct wsc_error *e =
        wsc__error_new(mem, WSC_E_AUTH, "the server refused the login by %s", ops->name);

    wsc__error_set_str(e, WSC__ES_SCHEME, ops->name);
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Make a new identity with what the server accepts; this one does not try "
                       "there again.");
    return e;
}

static char *protocol_of(const struct wsc__mem *mem, const char *seal)
{
    static const char head[] = "application/HTTP-", tail[] = "-session-encrypted";
    size_t n = strlen(seal);
    char *s = wsc__malloc(mem, sizeof head - 1 + n + sizeof tail);

    if (!s)
        return NULL;
    memcpy(s, head, sizeof head - 1);
    memcpy(s + sizeof head - 1, seal, n);
    memcpy(s + sizeof head - 1 + n, tail, sizeof tail);
    return s;
}

int wsc__auth_own_init(struct wsc__auth_own *own, const struct wsc__mem *mem,
                       const struct wsc_auth *table, void *user_data, bool *in_program)
{
    static const struct wsc__auth_ops ops = {
        .flags = WSC__AUTH_OWN,
        .begin = own_begin,
        .step = own_step,
        .accepted = own_accepted,
        .free = own_free,
    };

    own->ops = ops;
    own->table = table;
    own->user_data = user_data;
    own->in_program = in_program;
    own->name = wsc__strdup(mem, table->name);
    if (!own->name)
        return WSC_E_NOMEM;
    own->ops.name = own->name;
    if (table->seal) {
        own->protocol = protocol_of(mem, table->seal);
        if (!own->protocol)
            return WSC_E_NOMEM;
        own->ops.protocol = own->protocol;
        own->ops.flags |= WSC__AUTH_WRAPS_BODY;
        own->ops.wrap = own_wrap;
        own->ops.unwrap = own_unwrap;
    }
    own->ops.flags |=
        table->flags & WSC_AUTH_CONNECTION ? WSC__AUTH_CONN_BOUND : WSC__AUTH_PREEMPTIVE;
    own->ops.flags |= table->flags & WSC_AUTH_NEEDS_TLS ? WSC__AUTH_NEEDS_TLS : 0;
    own->ops.flags |= table->flags & WSC_AUTH_MUTUAL ? WSC__AUTH_MUTUAL : 0;
    own->ops.flags |= table->flags & WSC_AUTH_RENEWS ? WSC__AUTH_RENEWS : 0;
    return WSC_OK;
}

void wsc__auth_own_free(struct wsc__auth_own *own, const struct wsc__mem *mem)
{
    wsc__free(mem, own->name);
    wsc__free(mem, own->protocol);
}

/* --- what it may ask and say ------------------------------------------------------------------ */

int wsc__login_str(const wsc_login *l, const char *name, const char **out)
{
    const char *text;

    if (strcmp(name, "host") == 0)
        text = l->in.host;
    else if (strcmp(name, "spn") == 0)
        text = l->in.spn;
    else if (strcmp(name, "username") == 0)
        text = l->in.credentials ? l->in.credentials->user : NULL;
    else
        return WSC_E_USAGE;
    if (!text)
        return WSC_E_AGAIN;
    *out = text;
    return WSC_OK;
}

int wsc__login_int(const wsc_login *l, const char *name, int64_t *out)
{
    if (strcmp(name, "port") == 0)
        *out = l->in.port;
    else if (strcmp(name, "tls") == 0)
        *out = l->in.tls != 0;
    else
        return WSC_E_USAGE;
    return WSC_OK;
}

int wsc__login_bytes(const wsc_login *l, const char *name, const void **data, size_t *len)
{
    const struct wsc__credentials *c = l->in.credentials;
    const void *bytes;
    size_t n;

    if (strcmp(name, "password") == 0) {
        bytes = c ? c->password : NULL;
        n = c ? c->password_len : 0;
    } else if (strcmp(name, "channel-binding") == 0) {
        bytes = l->in.binding;
        n = l->in.binding_len;
    } else {
        return WSC_E_USAGE;
    }
    if (!bytes)
        return WSC_E_AGAIN;
    *data = bytes;
    *len = n;
    return WSC_OK;
}

int wsc__login_put(wsc_login *l, const void *data, size_t len)
{
    if (l->bad == WSC_OK)
        l->bad = !l->out || (!data && len) ? WSC_E_USAGE : wsc__buf_append(l->out, data, len);
    return l->bad;
}

int wsc__login_fail(wsc_login *l, int status, const char *text, const char *remedy)
{
    if (status >= 0 || status == WSC_E_AGAIN || !text)
        return WSC_E_USAGE;
    wsc__error_unref(l->err);
    l->err = wsc__error_new(l->in.mem, status, "%s", text);
    wsc__error_set_str(l->err, WSC__ES_REMEDY, remedy); /* without one: not Windows' either */
    return status;
}
