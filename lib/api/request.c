/* Requests: Identify, the raw one, and the verbs on resources. */
#include "api/api.h"

#include "xml/xml_reader.h"

#include <string.h>

typedef int (*make_fn)(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                       struct wsc_error **err);

static int simple(wsc_op **out, wsc_client *client, make_fn make, const wsc_params *params)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    struct wsc_op *op = NULL;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!client)
        return WSC_E_USAGE;
    rc = wsc__enter(client->c.core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    rc = wsc__op_layer(&set, ctx->core, params, client->c.params, &err);
    if (rc == WSC_OK)
        rc = make(&op, &client->c, set, &err);
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__give_op(ctx, out, op) : wsc__fail(ctx, rc, err);
}

int wsc_identify(wsc_op **out, wsc_client *client, const wsc_params *params)
{
    return simple(out, client, wsc__op_identify, params);
}

int wsc_client_learn_limits(wsc_op **out, wsc_client *client, const wsc_params *params)
{
    return simple(out, client, wsc__op_learn, params);
}

static int check_request(wsc_ctx *ctx, const char *action, const void *xml, size_t len,
                         struct wsc_error **err)
{
    size_t at = strlen(action), bad = wsc__utf8_bad_at(action, at, true);

    if (!at || bad < at) {
        *err = wsc__error_new(&ctx->core->mem, WSC_E_USAGE, "the action is not a URI (offset %zu)",
                              bad);
        wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)bad);
        return WSC_E_USAGE;
    }
    if (!xml || !len)
        return WSC_OK;
    return wsc__xml_check_fragment(&ctx->core->mem, "the body", xml, len, &at, err);
}

int wsc_request(wsc_op **out, wsc_client *client, const char *action, const wsc_epr *epr,
                const void *body_xml, size_t len, const wsc_params *params)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    struct wsc_op *op = NULL;
    struct wsc__buf body;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!client || !action || (!body_xml && len))
        return WSC_E_USAGE;
    rc = wsc__enter(client->c.core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    wsc__buf_init(&body, &ctx->core->mem, SIZE_MAX / 2);
    rc = check_request(ctx, action, body_xml, len, &err);
    if (rc == WSC_OK)
        rc = wsc__buf_append(&body, body_xml, len);
    if (rc == WSC_OK)
        rc = wsc__op_layer(&set, ctx->core, params, client->c.params, &err);
    if (rc == WSC_OK)
        rc = wsc__op_request(&op, &client->c, set, action, epr, &body, &err);
    wsc__buf_free(&body);
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__give_op(ctx, out, op) : wsc__fail(ctx, rc, err);
}

/* --- verbs ------------------------------------------------------------------------------------ */

static int verb(wsc_op **out, wsc_client *client, enum wsc__verb what, const wsc_epr *epr,
                const char *method, const wsc_value *value, const wsc_params *params)
{
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    struct wsc_op *op = NULL;
    wsc_ctx *ctx = NULL;
    int rc;

    if (!client || !epr)
        return WSC_E_USAGE;
    rc = wsc__enter(client->c.core, WSC__NEW_WORK, &ctx);
    if (rc != WSC_OK)
        return rc;
    if (method && !wsc__xml_name_ok(method))
        return wsc__refuse(ctx, WSC_E_USAGE, "the method has a name that XML does not allow");
    rc = wsc__op_layer(&set, ctx->core, params, client->c.params, &err);
    if (rc == WSC_OK)
        rc = wsc__op_verb(&op, &client->c, set, what, epr, method, value, &err);
    wsc__optset_unref(set);
    return rc == WSC_OK ? wsc__give_op(ctx, out, op) : wsc__fail(ctx, rc, err);
}

int wsc_get(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_params *params)
{
    return verb(out, client, WSC__GET, epr, NULL, NULL, params);
}

int wsc_put(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_value *value,
            const wsc_params *params)
{
    return verb(out, client, WSC__PUT, epr, NULL, value, params);
}

int wsc_update(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_value *changes,
               const wsc_params *params)
{
    return changes ? verb(out, client, WSC__UPDATE, epr, NULL, changes, params) : WSC_E_USAGE;
}

int wsc_create(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_value *value,
               const wsc_params *params)
{
    return value ? verb(out, client, WSC__CREATE, epr, NULL, value, params) : WSC_E_USAGE;
}

int wsc_delete(wsc_op **out, wsc_client *client, const wsc_epr *epr, const wsc_params *params)
{
    return verb(out, client, WSC__DELETE, epr, NULL, NULL, params);
}

int wsc_invoke(wsc_op **out, wsc_client *client, const wsc_epr *epr, const char *method,
               const wsc_value *args, const wsc_params *params)
{
    return method ? verb(out, client, WSC__INVOKE, epr, method, args, params) : WSC_E_USAGE;
}
