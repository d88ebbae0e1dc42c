/* Identify, and the raw request on which the verbs stand. */
#include "proto/op.h"

#include "wsman/shell.h"

#include <string.h>

static int on_field(void *owner, enum wsc__field f, const char *value)
{
    struct wsc_op *op = owner;
    const char *name, *before;
    struct wsc__buf b;
    int rc;

    switch (f) {
    case WSC__F_PROTOCOL_VERSION:
        name = "protocol-version";
        break;
    case WSC__F_PRODUCT_VENDOR:
        name = "product-vendor";
        break;
    case WSC__F_PRODUCT_VERSION:
        name = "product-version";
        break;
    case WSC__F_SECURITY_PROFILE:
        name = "security-profiles";
        break;
    default:
        return WSC_OK;
    }
    before = wsc__op_get(op, name);
    if (!before)
        return wsc__op_result(op, name, value, strlen(value));
    if (f != WSC__F_SECURITY_PROFILE)
        return WSC_OK;
    wsc__buf_init(&b, &op->o.core->mem, 65536);
    rc = wsc__buf_puts(&b, before);
    if (rc == WSC_OK)
        rc = wsc__buf_putc(&b, ' ');
    if (rc == WSC_OK)
        rc = wsc__buf_puts(&b, value);
    if (rc == WSC_OK) {
        struct wsc__result *r = &op->results[0];
        char *text = wsc__strndup(&op->o.core->mem, (const char *)wsc__buf_data(&b), b.len);

        while (strcmp(r->name, name) != 0)
            r++;
        if (text) {
            wsc__free(&op->o.core->mem, r->value);
            r->value = text;
        } else {
            rc = WSC_E_NOMEM;
        }
    }
    wsc__buf_free(&b);
    return rc;
}

static void on_done(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_op *op = owner;

    if (!err) {
        int rc = wsc__op_keep_head(op, r);

        if (rc == WSC_OK) {
            const char *body = wsc__decoder_body(r->decoder);

            rc = body ? wsc__op_result(op, "body", body, strlen(body)) : WSC_E_NOMEM;
        }
        if (rc != WSC_OK)
            err = wsc__error_nomem();
    }
    wsc__op_finish(op, err);
}

static const struct wsc__req_ops ops = { .field = on_field,
                                         .value = wsc__op_keep_value,
                                         .done = on_done };

static int start(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                 struct wsc__req_spec *spec, struct wsc_error **err)
{
    struct wsc_op *op = NULL;
    int rc = wsc__op_new(&op, c->core, NULL);

    spec->capture = true;
    if (rc == WSC_OK)
        rc = wsc__op_ask(op, c, params, spec, &ops, err);
    return wsc__op_made(out, op, rc, err);
}

int wsc__op_identify(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                     struct wsc_error **err)
{
    struct wsc__xml_writer w;
    struct wsc__req_spec spec;
    struct wsc__buf body;
    int rc;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, &c->core->mem, 4096);
    wsc__xml_init(&w, &body);
    wsc__body_identify(&w);
    spec.body = &body;
    spec.identify = true;
    spec.anonymous = wsc__opt_int(params, WSC__O_IDENTIFY_ANON) != 0;
    if (w.err != WSC_OK)
        *err = wsc__error_nomem();
    rc = w.err != WSC_OK ? w.err : start(out, c, params, &spec, err);
    wsc__buf_free(&body);
    return rc;
}

int wsc__op_request(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                    const char *action, const struct wsc_epr *epr, const struct wsc__buf *body,
                    struct wsc_error **err)
{
    struct wsc__req_spec spec;

    memset(&spec, 0, sizeof spec);
    spec.action = action;
    spec.body = body;
    spec.value = true;
    if (epr) {
        spec.resource_uri = epr->uri;
        spec.selectors = epr->selectors;
        spec.nselectors = epr->n;
    }
    return start(out, c, params, &spec, err);
}
