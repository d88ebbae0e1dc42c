/* What a program brings itself: <wsman-client/sys/...>. */
#include "api/api.h"

#include "xml/xml_writer.h"

#include <stddef.h>
#include <string.h>
#include <wsman-client/sys/auth.h>
#include <wsman-client/sys/encoder.h>
#include <wsman-client/sys/transport.h>

/* Of a table, up to and with its last member of version 0.1: shorter ones are none. Those of a
 * later version are longer, and what a program does not have of them is NULL. */
#define LEAST(type, last) (offsetof(type, last) + sizeof((type *)NULL)->last)

/* The way into a call that sets a table; have: its struct_size, 0 = none is given. */
static int begin(wsc_client *client, size_t have, size_t wanted, wsc_ctx **ctx)
{
    int rc = client ? wsc__enter(client->c.core, 0, ctx) : WSC_E_USAGE;

    if (rc == WSC_OK && have && have < wanted)
        return wsc__refuse(*ctx, WSC_E_USAGE, "struct_size is too small");
    return rc;
}

/* --- transport -------------------------------------------------------------------------------- */

int wsc_client_set_transport(wsc_client *client, const wsc_transport *ops, void *user_data,
                             wsc_free_fn free_fn)
{
    struct wsc__plugin *p = NULL;
    struct wsc_error *err = NULL;
    wsc_ctx *ctx = NULL;
    int rc = begin(client, ops ? ops->struct_size | 1 : 0, LEAST(wsc_transport, error_text), &ctx);

    if (rc != WSC_OK)
        return rc;
    if (ops && (!ops->connect || !ops->read || !ops->write || !ops->close))
        return wsc__refuse(ctx, WSC_E_USAGE, "a transport needs connect, read, write and close");
    if (ops &&
        !(p = wsc__plugin_new(ctx->core, ops, ops->struct_size, sizeof *ops, user_data, free_fn)))
        return wsc__fail(ctx, WSC_E_NOMEM, NULL);
    rc = wsc__client_transport(&client->c, p, &err);
    if (rc != WSC_OK && p)
        p->free_fn = NULL; /* still the caller's */
    wsc__plugin_unref(p);
    return rc == WSC_OK ? wsc__leave(ctx, rc) : wsc__fail(ctx, rc, err);
}

void wsc_transport_ready(wsc_stream *handle)
{
    if (handle)
        wsc__io_stream_ready(handle);
}

/* --- encoder ---------------------------------------------------------------------------------- */

int wsc_client_set_encoder(wsc_client *client, const wsc_encoder *ops, void *user_data,
                           wsc_free_fn free_fn)
{
    struct wsc__plugin *p = NULL;
    wsc_ctx *ctx = NULL;
    int rc = begin(client, ops ? ops->struct_size | 1 : 0, LEAST(wsc_encoder, encode), &ctx);

    if (rc != WSC_OK)
        return rc;
    if (ops && !ops->encode)
        return wsc__refuse(ctx, WSC_E_USAGE, "an encoder needs encode");
    if (ops &&
        !(p = wsc__plugin_new(ctx->core, ops, ops->struct_size, sizeof *ops, user_data, free_fn)))
        return wsc__fail(ctx, WSC_E_NOMEM, NULL);
    wsc__plugin_unref(client->c.encoder);
    client->c.encoder = p;
    return wsc__leave(ctx, WSC_OK);
}

static const struct wsc__message *inside(const wsc_message *m)
{
    return (const struct wsc__message *)(const void *)m;
}

static struct wsc__xml_writer *writer(wsc_writer *w)
{
    return (struct wsc__xml_writer *)(void *)w;
}

int wsc_write_envelope(const wsc_message *message, wsc_writer *out, wsc_header_fn header,
                       void *user_data)
{
    if (!message || !out)
        return WSC_E_USAGE;
    return wsc__envelope_write(inside(message), writer(out), header, user_data);
}

int wsc_message_get_str(const wsc_message *message, const char *name, const char **out)
{
    const struct wsc__message *m = inside(message);
    size_t i;

    if (!m || !name || !out)
        return WSC_E_USAGE;
    const struct {
        const char *name, *value;
    } parts[] = {
        { "action", m->action },         { "to", m->to },
        { "message-id", m->message_id }, { "resource-uri", m->resource_uri },
        { "session-id", m->session_id }, { "operation-id", m->operation_id },
        { "locale", m->locale },         { "data-locale", m->data_locale },
    };

    for (i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (strcmp(parts[i].name, name))
            continue;
        if (!parts[i].value || !*parts[i].value)
            return WSC_E_AGAIN;
        *out = parts[i].value;
        return WSC_OK;
    }
    return WSC_E_USAGE;
}

int wsc_message_get_int(const wsc_message *message, const char *name, int64_t *out)
{
    const struct wsc__message *m = inside(message);

    if (!m || !name || !out)
        return WSC_E_USAGE;
    if (strcmp(name, "max-envelope-size") == 0)
        *out = m->max_envelope;
    else if (strcmp(name, "operation-timeout") == 0)
        *out = m->operation_timeout_ms;
    else if (strcmp(name, "identify") == 0)
        *out = m->identify;
    else
        return WSC_E_USAGE;
    return WSC_OK;
}

int wsc_message_body(const wsc_message *message, const void **xml, size_t *len)
{
    const struct wsc__message *m = inside(message);

    if (!m || !xml || !len)
        return WSC_E_USAGE;
    *xml = m->body_len ? m->body : "";
    *len = m->body_len;
    return WSC_OK;
}

int wsc_message_get_pair(const wsc_message *message, const char *list, size_t index,
                         const char **key, const char **value)
{
    const struct wsc__message *m = inside(message);
    bool selectors;

    if (!m || !list || !key || !value)
        return WSC_E_USAGE;
    selectors = strcmp(list, "selector") == 0;
    if (!selectors && strcmp(list, "option") != 0)
        return WSC_E_USAGE;
    if (index >= (selectors ? m->nselectors : m->noptions))
        return WSC_E_AGAIN;
    *key = selectors ? m->selectors[index].name : m->options[index].name;
    *value = selectors ? m->selectors[index].value : m->options[index].value;
    return WSC_OK;
}

/* A name goes out as it is: what would end it is refused; the rest is found at the end. */
static bool usable(wsc_writer *out, const char *name)
{
    struct wsc__xml_writer *w = writer(out);

    if (!w)
        return false;
    if (!w->err && (!name || !*name || strpbrk(name, " \t\r\n<>&\"'/=")))
        w->err = WSC_E_USAGE;
    return !w->err;
}

static int state(wsc_writer *out)
{
    return out ? writer(out)->err : WSC_E_USAGE;
}

int wsc_writer_start(wsc_writer *out, const char *name)
{
    if (usable(out, name))
        wsc__xml_start(writer(out), name);
    return state(out);
}

int wsc_writer_attr(wsc_writer *out, const char *name, const char *value)
{
    if (out && !value)
        return WSC_E_USAGE;
    if (usable(out, name))
        wsc__xml_attr(writer(out), name, value);
    return state(out);
}

int wsc_writer_text(wsc_writer *out, const char *text)
{
    if (out && text)
        wsc__xml_text(writer(out), text);
    return text ? state(out) : WSC_E_USAGE;
}

int wsc_writer_xml(wsc_writer *out, const void *xml, size_t len)
{
    if (out && (xml || !len))
        wsc__xml_raw(writer(out), xml, len);
    return xml || !len ? state(out) : WSC_E_USAGE;
}

int wsc_writer_end(wsc_writer *out, const char *name)
{
    if (usable(out, name))
        wsc__xml_end(writer(out), name);
    return state(out);
}

/* --- scheme ----------------------------------------------------------------------------------- */

static bool is_token(const char *s)
{
    return *s && !s[wsc__h1_name_len(s)];
}

/* What is wrong with a table, or NULL. */
static const char *wrong_scheme(const wsc_auth *t)
{
    if (t->struct_size < LEAST(wsc_auth, close))
        return "struct_size is too small";
    if (!t->name || !t->step)
        return "a scheme needs a name and step";
    if (!is_token(t->name))
        return "the name of the scheme is no token of HTTP";
    if (t->flags & ~(WSC_AUTH_CONNECTION | WSC_AUTH_NEEDS_TLS | WSC_AUTH_MUTUAL | WSC_AUTH_RENEWS))
        return "a flag that this version does not know";
    if (!t->seal != !t->wrap || !t->seal != !t->unwrap)
        return "a scheme that seals needs seal, wrap and unwrap";
    if (t->seal && !is_token(t->seal))
        return "seal is no part of a media type";
    if (t->seal && !(t->flags & WSC_AUTH_CONNECTION))
        return "a scheme that seals is bound to the connection";
    return NULL;
}

int wsc_identity_new_with_auth(wsc_identity **out, wsc_ctx *ctx, const wsc_params *params,
                               const wsc_auth *ops, void *user_data, wsc_free_fn free_fn)
{
    struct wsc__plugin *p;
    wsc_ctx *same = NULL;
    const char *wrong;
    int rc = out && ctx && ops ? wsc__enter(ctx->core, WSC__NEW_WORK, &same) : WSC_E_USAGE;

    if (rc != WSC_OK)
        return rc;
    wrong = wrong_scheme(ops);
    if (wrong)
        return wsc__refuse(ctx, WSC_E_USAGE, wrong);
    p = wsc__plugin_new(ctx->core, ops, ops->struct_size, sizeof *ops, user_data, free_fn);
    if (!p)
        return wsc__fail(ctx, WSC_E_NOMEM, NULL);
    rc = wsc__identity_with(out, ctx, params, p);
    if (rc != WSC_OK)
        p->free_fn = NULL; /* still the caller's */
    wsc__plugin_unref(p);
    return rc;
}

int wsc_login_get_str(const wsc_login *login, const char *name, const char **out)
{
    return login && name && out ? wsc__login_str(login, name, out) : WSC_E_USAGE;
}

int wsc_login_get_int(const wsc_login *login, const char *name, int64_t *out)
{
    return login && name && out ? wsc__login_int(login, name, out) : WSC_E_USAGE;
}

int wsc_login_get_bytes(const wsc_login *login, const char *name, const void **data, size_t *len)
{
    return login && name && data && len ? wsc__login_bytes(login, name, data, len) : WSC_E_USAGE;
}

int wsc_login_put(wsc_login *login, const void *data, size_t len)
{
    return login ? wsc__login_put(login, data, len) : WSC_E_USAGE;
}

int wsc_login_fail(wsc_login *login, int status, const char *text, const char *remedy)
{
    return login ? wsc__login_fail(login, status, text, remedy) : WSC_E_USAGE;
}
