/* Identities and clients. */
#include "api/api.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct wsc_identity {
    struct wsc__identity id; /* the handle is the machine */
};

/* --- identity --------------------------------------------------------------------------------- */

/* First line of a file, without its end; nothing where the option names none, or where there is the
 * secret itself. The buffer is secret. */
static int read_secret(struct wsc__core *core, const struct wsc__optset *set, enum wsc__opt itself,
                       enum wsc__opt file, const char *name, struct wsc__buf *out, bool *given,
                       struct wsc_error **err)
{
    const char *path = wsc__opt_str(set, file);
    int c = EOF, rc = WSC_OK;
    FILE *f;

    if (!path || wsc__opt_is_set(set, itself))
        return WSC_OK;
    f = fopen(path, "rb");
    if (f) {
        setvbuf(f, NULL, _IONBF, 0); /* no copy in a buffer of stdio */
        while (rc == WSC_OK && (c = getc(f)) != EOF && c != '\n')
            rc = wsc__buf_putc(out, (char)c);
    }
    if (!f || (c == EOF && ferror(f))) {
        *err = wsc__error_unread(&core->mem, name, path, errno);
        rc = wsc__error_code(*err);
    }
    if (f)
        fclose(f);
    if (out->len && wsc__buf_data(out)[out->len - 1] == '\r')
        out->len--;
    *given = true;
    return rc;
}

static int make_identity(struct wsc__identity **out, struct wsc__core *core,
                         const struct wsc__optset *set, struct wsc__plugin *scheme,
                         struct wsc_error **err)
{
    struct wsc__buf password, key;
    struct wsc__secrets s;
    bool has_password = false, has_key = false;
    int rc;

    memset(&s, 0, sizeof s);
    wsc__buf_init(&password, &core->mem, 65536);
    wsc__buf_init(&key, &core->mem, 65536);
    password.secret = key.secret = 1;
    rc = read_secret(core, set, WSC__O_PASSWORD, WSC__O_PASSWORD_FILE, "password-file", &password,
                     &has_password, err);
    if (rc == WSC_OK)
        rc = read_secret(core, set, WSC__O_TLS_KEY_PASSWORD, WSC__O_TLS_KEY_PASSWORD_FILE,
                         "tls-key-password-file", &key, &has_key, err);
    if (has_password) {
        s.password = password.len ? wsc__buf_data(&password) : (const uint8_t *)"";
        s.password_len = password.len;
    }
    if (has_key) {
        s.key_password = key.len ? wsc__buf_data(&key) : (const uint8_t *)"";
        s.key_password_len = key.len;
    }
    if (rc == WSC_OK)
        rc = wsc__identity_new(out, core, set, &s, scheme, err);
    wsc__buf_free(&password);
    wsc__buf_free(&key);
    return rc;
}

int wsc__identity_with(wsc_identity **out, wsc_ctx *ctx, const wsc_params *params,
                       struct wsc__plugin *scheme)
{
    struct wsc__identity *id = NULL;
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    int rc;

    rc = wsc__layer_of(&set, ctx->core, params, ctx->core->params, WSC__LAYER_CLIENT,
                       WSC__SCOPE_IDENTITY, &err);
    if (rc == WSC_OK)
        rc = make_identity(&id, ctx->core, set, scheme, &err);
    wsc__optset_unref(set);
    if (rc != WSC_OK)
        return wsc__fail(ctx, rc, err);
    *out = (wsc_identity *)(void *)id;
    return WSC_OK;
}

int wsc_identity_new(wsc_identity **out, wsc_ctx *ctx, const wsc_params *params)
{
    wsc_ctx *same = NULL;
    int rc = out && ctx ? wsc__enter(ctx->core, WSC__NEW_WORK, &same) : WSC_E_USAGE;

    return rc == WSC_OK ? wsc__identity_with(out, ctx, params, NULL) : rc;
}

void wsc_identity_unref(wsc_identity *identity)
{
    wsc_ctx *ctx;

    if (!identity || wsc__forked(identity->id.core))
        return;
    ctx = identity->id.core->host;
    wsc__identity_unref(&identity->id);
    if (ctx && !ctx->core->in_program)
        wsc__leave(ctx, WSC_OK); /* the free_fn of a scheme may be due */
}

/* --- client ----------------------------------------------------------------------------------- */

int wsc_client_new(wsc_client **out, wsc_ctx *ctx, const char *host, wsc_identity *identity,
                   const wsc_params *params)
{
    struct wsc__identity *id = identity ? &identity->id : NULL;
    struct wsc__client *c = NULL;
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_ctx *same = NULL;
    int rc;

    if (!out || !ctx || !host)
        return WSC_E_USAGE;
    rc = wsc__enter(ctx->core, WSC__NEW_WORK, &same);
    if (rc != WSC_OK)
        return rc;
    if (id && id->core != ctx->core)
        return wsc__refuse(ctx, WSC_E_USAGE, "the identity belongs to another context");
    rc = wsc__layer_of(&set, ctx->core, params, ctx->core->params, WSC__LAYER_CLIENT,
                       WSC__SCOPE_CLIENT | WSC__SCOPE_OP | WSC__SCOPE_IDENTITY, &err);
    if (rc == WSC_OK && id)
        wsc__identity_ref(id);
    else if (rc == WSC_OK)
        rc = make_identity(&id, ctx->core, set, NULL, &err);
    if (rc == WSC_OK) {
        rc = wsc__client_new(&c, ctx->core, host, id, set, &err);
        wsc__identity_unref(id);
    }
    wsc__optset_unref(set);
    if (rc != WSC_OK)
        return wsc__fail(ctx, rc, err);
    *out = (wsc_client *)(void *)c;
    return WSC_OK;
}

void wsc_client_unref(wsc_client *client)
{
    wsc_ctx *ctx;

    if (!client || wsc__forked(client->c.core))
        return;
    ctx = client->c.core->host;
    if (ctx && ctx->core->in_program) {
        wsc__list_push(&ctx->clients, &client->c.in_released);
        return;
    }
    wsc__client_unref(&client->c);
    if (ctx)
        wsc__leave(ctx, WSC_OK); /* idle connections close with the last client */
}

void wsc_client_set_user_data(wsc_client *client, void *user_data)
{
    if (client)
        client->c.user_data = user_data;
}

void *wsc_client_user_data(const wsc_client *client)
{
    return client ? client->c.user_data : NULL;
}

int wsc_client_get_str(const wsc_client *client, const char *name, const char **out)
{
    const struct wsc__pool *pool = client ? client->c.pool : NULL;
    const char *value;

    if (!client || !name || !out)
        return WSC_E_USAGE;
    if (strcmp(name, "url") == 0)
        value = client->c.to;
    else if (strcmp(name, "session-id") == 0)
        value = client->c.session_id;
    else if (strcmp(name, "scheme") == 0)
        value = pool->auth ? pool->auth->name : "none";
    else if (strcmp(name, "mechanism") == 0)
        value = pool->mechanism;
    else if (strcmp(name, "identity") == 0)
        value = pool->let_in ? wsc__identity_known_as(pool->identity, pool->mechanism) : NULL;
    else if (strcmp(name, "spn") == 0)
        value = pool->spn;
    else
        return WSC_E_USAGE;
    if (!value)
        return WSC_E_AGAIN;
    *out = value;
    return WSC_OK;
}

int wsc_client_get_int(const wsc_client *client, const char *name, int64_t *out)
{
    enum wsc__stat s;

    if (!client || !name || !out)
        return WSC_E_USAGE;
    s = wsc__stat_find(name);
    if (s == WSC__STATS)
        return WSC_E_USAGE;
    *out = (int64_t)client->c.stats.n[s];
    return WSC_OK;
}

#define OPTION_TEXT 1024 /* the pairs of a repeated option are cut there */

int wsc_client_option(wsc_client *client, const wsc_params *params, const char *name,
                      const char **value, const char **layer)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_ctx *ctx = NULL;
    int rc, id;

    if (!client || !name)
        return WSC_E_USAGE;
    rc = wsc__enter(client->c.core, 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    id = wsc__opt_need(&ctx->core->mem, name, &err);
    if (id < 0)
        return wsc__fail(ctx, wsc__error_code(err), err);
    rc = wsc__op_layer(&set, ctx->core, params, client->c.params, &err);
    if (rc != WSC_OK)
        return wsc__fail(ctx, rc, err);
    if (!client->c.text)
        client->c.text = wsc__malloc(&ctx->core->mem, OPTION_TEXT);
    if (!client->c.text) {
        wsc__optset_unref(set);
        return wsc__fail(ctx, WSC_E_NOMEM, NULL);
    }
    wsc__optset_unref(client->c.shown);
    client->c.shown = set; /* the text may point into it */
    if (value)
        *value = wsc__opt_text(set, (enum wsc__opt)id, client->c.text, OPTION_TEXT);
    if (layer)
        *layer = wsc__layer_name(wsc__opt_layer(set, (enum wsc__opt)id));
    return WSC_OK;
}
