#include "api/api.h"

#include <stdio.h>
#include <string.h>

/* id NULL: a new one */
static int make(wsc_shell **out, wsc_client *client, const char *id, const wsc_params *params)
{
    struct wsc__client *c = &client->c;
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_shell *s = NULL;
    wsc_ctx *ctx = NULL;
    int rc = wsc__enter(c->core, WSC__NEW_WORK, &ctx);

    if (rc != WSC_OK)
        return rc;
    rc = wsc__op_layer(&set, ctx->core, params, c->params, &err);
    if (rc == WSC_OK)
        rc = id ? wsc__shell_connect(&s, c, set, id, &err) : wsc__shell_open(&s, c, set, &err);
    wsc__optset_unref(set);
    if (rc != WSC_OK)
        return wsc__fail(ctx, rc, err);
    *out = s;
    return wsc__leave(ctx, WSC_OK);
}

int wsc_shell_open(wsc_shell **out, wsc_client *client, const wsc_params *params)
{
    return out && client ? make(out, client, NULL, params) : WSC_E_USAGE;
}

int wsc_shell_connect(wsc_shell **out, wsc_client *client, const char *shell_id,
                      const wsc_params *params)
{
    return out && client && shell_id && *shell_id ? make(out, client, shell_id, params)
                                                  : WSC_E_USAGE;
}

int wsc_shell_close(wsc_op **out, wsc_shell *shell)
{
    wsc_op *op = NULL;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!shell)
        return WSC_E_USAGE;
    rc = wsc__enter(shell->o.core, 0, &ctx);
    if (rc == WSC_OK && out)
        rc = wsc__op_new(&op, shell->o.core, &shell->o);
    if (rc != WSC_OK)
        return ctx ? wsc__fail(ctx, rc, NULL) : rc;
    if (out)
        *out = op;
    wsc__shell_close(shell, op);
    return wsc__leave(ctx, WSC_OK);
}

int wsc__shell_usable(wsc_ctx *ctx, const wsc_shell *s)
{
    if (wsc__shell_alive(s) && s->state != WSC__SHELL_IS_CLOSING && !s->close_wanted)
        return WSC_OK;
    return s->err ? wsc__record_as(ctx, s->err)
                  : wsc__record_text(ctx, WSC_E_USAGE, "the shell is closed");
}

/* Disconnect, or Reconnect, which do not go while the other one does. */
static int move(wsc_op **out, wsc_shell *s, const wsc_params *params, enum wsc__shell_move against,
                void (*go)(wsc_shell *s, struct wsc__optset *set, struct wsc_op *op))
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    wsc_op *op = NULL;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!s)
        return WSC_E_USAGE;
    rc = wsc__enter(s->o.core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    rc = wsc__shell_usable(ctx, s);
    if (rc != WSC_OK)
        return wsc__leave(ctx, rc);
    if (s->moves == against)
        return wsc__refuse(ctx, WSC_E_USAGE,
                           against == WSC__SHELL_LEAVES ? "the shell is being disconnected"
                                                        : "the shell is being reconnected");
    if (against == WSC__SHELL_LEAVES && s->state == WSC__SHELL_IS_OPENING)
        return wsc__refuse(ctx, WSC_E_USAGE, "the shell is being opened");
    rc = wsc__op_layer(&set, ctx->core, params, s->params, &err);
    if (rc == WSC_OK && out)
        rc = wsc__op_new(&op, s->o.core, &s->o);
    if (rc == WSC_OK) {
        go(s, set, op);
        if (out)
            *out = op;
    }
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__leave(ctx, rc) : wsc__fail(ctx, rc, err);
}

int wsc_shell_disconnect(wsc_op **out, wsc_shell *shell, const wsc_params *params)
{
    return move(out, shell, params, WSC__SHELL_RETURNS, wsc__shell_leave);
}

int wsc_shell_reconnect(wsc_op **out, wsc_shell *shell, const wsc_params *params)
{
    return move(out, shell, params, WSC__SHELL_LEAVES, wsc__shell_return);
}

static bool settled(void *ud)
{
    const wsc_shell *s = ud;

    return (s->state != WSC__SHELL_IS_OPENING && s->moves == WSC__SHELL_STAYS) || s->close_wanted;
}

int wsc_shell_wait(wsc_shell *shell, int timeout_ms)
{
    wsc_ctx *ctx = NULL;
    int rc;

    if (!shell)
        return WSC_E_USAGE;
    rc = wsc__enter(shell->o.core, timeout_ms ? WSC__MAY_WAIT : 0, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__object_ref(&shell->o);
    rc = wsc__wait_until(ctx, timeout_ms, settled, shell);
    if (rc == WSC_OK && shell->state == WSC__SHELL_IS_DISCONNECTED)
        rc = wsc__record_away(ctx, shell);
    else if (rc == WSC_OK && shell->state != WSC__SHELL_IS_OPEN)
        rc = shell->err ? wsc__record_as(ctx, shell->err)
                        : wsc__record_text(ctx, WSC_E_CANCELED, "the shell was closed");
    wsc__object_unref(&shell->o);
    return wsc__leave(ctx, rc);
}

int wsc_shell_on_state(wsc_shell *shell, wsc_shell_fn fn, void *user_data, wsc_free_fn free_fn)
{
    return shell ? wsc__set_callback(&shell->o, WSC_EVENT_SHELL, &shell->on_state,
                                     (void (*)(void))fn, user_data, free_fn)
                 : WSC_E_USAGE;
}

int wsc_shell_state(const wsc_shell *shell)
{
    return shell ? (int)shell->state : 0;
}

int wsc_shell_get_str(const wsc_shell *shell, const char *name, const char **out)
{
    const char *value = NULL;

    if (!shell || !name || !out)
        return WSC_E_USAGE;
    if (strcmp(name, "id") == 0) {
        value = shell->id;
    } else if (strcmp(name, "state") == 0) {
        value = wsc__shell_state_name(shell->state);
    } else if (strcmp(name, "owner") == 0) {
        value = shell->owner;
    } else if (strcmp(name, "client-ip") == 0) {
        value = shell->client_ip;
    } else if (strcmp(name, "resource-uri") == 0) {
        value = shell->resource_uri;
    } else if (strcmp(name, "name") == 0) {
        value = shell->name ? shell->name : wsc__opt_str(shell->params, WSC__O_SHELL_NAME);
    } else if (strcmp(name, "idle-timeout") == 0) {
        wsc_shell *s =
            (wsc_shell *)(uintptr_t)shell; /* a text made on demand, of a handle that is ours */

        snprintf(s->idle_text, sizeof s->idle_text, "%lld", (long long)s->idle_ms);
        value = s->idle_ms ? s->idle_text : NULL;
    } else {
        return WSC_E_USAGE;
    }
    if (!value)
        return WSC_E_AGAIN;
    *out = value;
    return WSC_OK;
}

const wsc_error *wsc_shell_error(const wsc_shell *shell)
{
    return shell ? shell->err : NULL;
}

void wsc_shell_set_user_data(wsc_shell *shell, void *user_data)
{
    if (shell)
        shell->o.user_data = user_data;
}

void *wsc_shell_user_data(const wsc_shell *shell)
{
    return shell ? shell->o.user_data : NULL;
}

void wsc_shell_unref(wsc_shell *shell)
{
    if (shell)
        wsc__give_back(&shell->o);
}
