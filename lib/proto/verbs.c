/* Get, Put, Create, Delete, methods: one request each; an update is a Get and a Put. */
#include "proto/verbs.h"

#include "base/str.h"
#include "wsman/merge.h"
#include "wsman/settings.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* What an update keeps between its two requests. */
struct wsc__op_update {
    struct wsc__client *client;
    struct wsc__optset *params;
    struct wsc_epr *epr;
    struct wsc_value *changes;
    uint64_t end; /* the deadline of both, or 0 */
};

/* --- requests --------------------------------------------------------------------------------- */

static struct wsc_error *unnamed(const struct wsc__mem *mem, const char *uri)
{
    return wsc__error_new(mem, WSC_E_USAGE,
                          "the value needs a name: %.200s does not say what it is", uri);
}

static struct wsc_error *wrong_use(const struct wsc__mem *mem, enum wsc__verb verb,
                                   const struct wsc_value *value, const char *fragment)
{
    struct wsc_error *e = NULL;

    if (verb == WSC__UPDATE && fragment) {
        e = wsc__error_new(mem, WSC_E_USAGE,
                           "an update has no fragment: it changes what it is given anyway");
        wsc__error_set_str(e, WSC__ES_OPTION, "fragment");
    } else if (verb == WSC__PUT && !value && !fragment) {
        e = wsc__error_new(
            mem, WSC_E_USAGE,
            "a value is needed: only a part of a resource (fragment) can be emptied");
    }
    return e;
}

static int write_body(struct wsc__xml_writer *w, const struct wsc__mem *mem, enum wsc__verb verb,
                      const struct wsc_epr *epr, const char *method, const struct wsc_value *value,
                      bool fragment, struct wsc_error **err)
{
    const char *ns, *name;
    bool named = wsc__resource_element(epr->uri, &ns, &name);

    switch (verb) {
    case WSC__GET:
    case WSC__DELETE:
        break;
    case WSC__INVOKE:
        wsc__body_invoke(w, epr->uri, method, value);
        break;
    default:
        if (fragment) {
            wsc__body_fragment(w, value, ns);
            break;
        }
        if (value && !value->name && !named) {
            *err = unnamed(mem, epr->uri);
            return WSC_E_USAGE;
        }
        wsc__body_resource(w, value, ns, name);
    }
    return w->err;
}

static const char *action_of(enum wsc__verb verb)
{
    switch (verb) {
    case WSC__GET:
    case WSC__UPDATE:
        return WSC__ACTION_GET;
    case WSC__PUT:
        return WSC__ACTION_PUT;
    case WSC__CREATE:
        return WSC__ACTION_CREATE;
    case WSC__DELETE:
        return WSC__ACTION_DELETE;
    default:
        return NULL; /* a method's is its own */
    }
}

/* The resource URI, a slash, the method; NULL: no memory. */
static const char *method_action(struct wsc__buf *out, const char *uri, const char *method)
{
    int rc = wsc__buf_puts(out, uri);

    if (rc == WSC_OK)
        rc = wsc__buf_putc(out, '/');
    if (rc == WSC_OK)
        rc = wsc__buf_puts(out, method);
    return rc == WSC_OK ? wsc__buf_cstr(out) : NULL;
}

/* Both requests of an update have one deadline; 0: there is none to share. */
static int64_t time_left(const struct wsc_op *op)
{
    uint64_t now = op->o.core->now;

    if (!op->update || !op->update->end)
        return 0;
    return now < op->update->end ? (int64_t)(op->update->end - now) : 1;
}

/* Sends it as the request of the op. */
static int send(struct wsc_op *op, struct wsc__client *c, struct wsc__optset *params,
                enum wsc__verb verb, const struct wsc_epr *epr, const char *method,
                const struct wsc_value *value, const struct wsc__req_ops *how,
                struct wsc_error **err)
{
    const struct wsc__mem *mem = &c->core->mem;
    const char *fragment =
        verb == WSC__GET || verb == WSC__PUT ? wsc__opt_str(params, WSC__O_FRAGMENT) : NULL;
    struct wsc__buf body, headers, action;
    struct wsc__xml_writer w, hw;
    struct wsc__req_spec spec;
    int rc;

    memset(&spec, 0, sizeof spec);
    wsc__buf_init(&body, mem, SIZE_MAX / 2);
    wsc__buf_init(&headers, mem, SIZE_MAX / 2);
    wsc__buf_init(&action, mem, SIZE_MAX / 2);
    wsc__xml_init(&w, &body);
    wsc__xml_init(&hw, &headers);
    rc = write_body(&w, mem, verb, epr, method, value, fragment != NULL, err);
    if (rc == WSC_OK && fragment)
        wsc__header_fragment(&hw, fragment, wsc__opt_str(params, WSC__O_FRAGMENT_DIALECT));
    if (rc == WSC_OK && wsc__opt_int(params, WSC__O_REQUEST_EPR))
        wsc__header_request_epr(&hw);
    if (rc == WSC_OK)
        rc = hw.err;
    spec.action = verb == WSC__INVOKE ? method_action(&action, epr->uri, method) : action_of(verb);
    if (rc == WSC_OK && !spec.action)
        rc = WSC_E_NOMEM;
    spec.resource_uri = epr->uri;
    spec.selectors = epr->selectors;
    spec.nselectors = epr->n;
    spec.body = &body;
    spec.headers = &headers;
    spec.value = true;
    spec.total_ms = time_left(op);
    if (rc == WSC_OK)
        rc = wsc__op_ask(op, c, params, &spec, how, err);
    else if (!*err)
        *err = rc == WSC_E_NOMEM ? wsc__error_nomem()
                                 : wsc__error_new(mem, rc, "the request cannot be written as XML");
    wsc__buf_free(&action);
    wsc__buf_free(&headers);
    wsc__buf_free(&body);
    return rc;
}

/* --- updates ---------------------------------------------------------------------------------- */

static void free_update(struct wsc_op *op)
{
    struct wsc__op_update *u = op->update;

    op->update = NULL;
    if (!u)
        return;
    wsc__client_unref(u->client);
    wsc__optset_unref(u->params);
    wsc__epr_free(u->epr);
    wsc__value_unref(u->changes);
    wsc__free(&op->o.core->mem, u);
}

/* The element that was probably meant, or NULL. */
struct nearest {
    const char *word, *best;
    unsigned least; /* what is as far away is no more like it */
};

static void consider(struct nearest *n, const char *name)
{
    unsigned d = name ? wsc__distance(n->word, name, 3) : UINT_MAX;

    if (d < n->least) {
        n->least = d;
        n->best = name;
    }
}

/* Elements, parameters by their Names, attributes. */
static const char *nearest(const struct wsc__misfit *at)
{
    size_t third = strlen(at->change->name) / 3;
    struct nearest n = { at->change->name, NULL, third < 3 ? (unsigned)third + 1 : 4 };
    const struct wsc__value_attr *a;
    const struct wsc_value *v;

    for (v = at->among->first; v; v = v->next) {
        const char *own = wsc__value_attr(v, NULL, "Name");

        consider(&n, own ? own : v->name);
    }
    for (a = at->among->attrs; a; a = a->next)
        consider(&n, a->name);
    return n.best;
}

static struct wsc_error *unknown(const struct wsc__mem *mem, const struct wsc__misfit *at,
                                 const char *shown)
{
    const char *near = nearest(at), *where = at->among->name ? at->among->name : "the resource";
    char in[WSC__SHOWN], word[WSC__SHOWN], remedy[3 * WSC__SHOWN];
    struct wsc_error *e;

    wsc__show_text(in, sizeof in, where, strlen(where));
    e = wsc__error_new(mem, WSC_E_NOT_FOUND, "%s has no %s; the resource was not changed", in,
                       shown);
    wsc__error_set_str(e, WSC__ES_CAUSE, "An update changes what the resource has.");
    if (near) {
        snprintf(remedy, sizeof remedy, "Look at what the resource has; did you mean %s?",
                 wsc__show_text(word, sizeof word, near, strlen(near)));
        wsc__error_set_str(e, WSC__ES_NEAREST, word);
        wsc__error_set_str(e, WSC__ES_REMEDY, remedy);
    } else {
        wsc__error_set_str(e, WSC__ES_REMEDY, "Look at what the resource has.");
    }
    return e;
}

/* Where the policy is that sets it (Source="GPO"). */
static struct wsc_error *by_policy(const struct wsc_op *op, const struct wsc__misfit *at,
                                   const char *shown)
{
    const struct wsc__setting *s = wsc__setting_find(op->update->epr->uri, at->path);
    struct wsc_error *e = wsc__error_fault(&op->o.core->mem, 0x8033808A,
                                           "%s is set by a policy, and was not changed", shown);
    char cause[256];

    if (s && *s->policy) {
        snprintf(cause, sizeof cause,
                 "A group policy sets it: Computer Configuration, Administrative Templates, "
                 "Windows Components, %s.",
                 s->policy);
        wsc__error_set_str(e, WSC__ES_CAUSE, cause);
    }
    return e;
}

static struct wsc_error *cannot_merge(const struct wsc_op *op, int rc, const struct wsc__misfit *at)
{
    const struct wsc__mem *mem = &op->o.core->mem;
    char shown[WSC__SHOWN];

    if (rc == WSC_E_NOMEM)
        return wsc__error_nomem();
    if (rc == WSC_E_LIMIT || !at->change)
        return wsc__error_new(mem, rc, "the changed resource is too large or too deep");
    wsc__show_text(shown, sizeof shown, at->change->name, strlen(at->change->name));
    if (rc == WSC_E_ACCESS_DENIED)
        return by_policy(op, at, shown);
    if (rc == WSC_E_USAGE)
        return wsc__error_new(
            mem, rc, "%s is there once, and is given twice; the resource was not changed", shown);
    return unknown(mem, at, shown);
}

/* The resource has been read: the changes go in, and it goes out. */
static int put_changed(struct wsc_op *op, struct wsc_error **err)
{
    struct wsc__op_update *u = op->update;
    const struct wsc__mem *mem = &op->o.core->mem;
    struct wsc__misfit at = { .change = NULL };
    struct wsc_value *whole = NULL;
    int rc;

    if (!op->value) {
        *err = wsc__error_new(mem, WSC_E_PROTOCOL, "the answer to Get holds no resource");
        return WSC_E_PROTOCOL;
    }
    rc = wsc__value_copy(&whole, mem, SIZE_MAX / 4, op->value);
    if (rc == WSC_OK)
        rc = wsc__merge(whole, u->changes, &at);
    if (rc != WSC_OK) {
        *err = cannot_merge(op, rc, &at);
        wsc__error_set_str(*err, WSC__ES_TARGET, u->client->to);
        rc = wsc__error_code(*err);
    }
    wsc__value_unref(op->value);
    op->value = NULL;
    if (rc == WSC_OK)
        rc = send(op, u->client, u->params, WSC__PUT, u->epr, NULL, whole, &wsc__op_reply, err);
    wsc__value_unref(whole);
    return rc;
}

static void on_read(void *owner, struct wsc__req *r, struct wsc_error *err)
{
    struct wsc_op *op = owner;
    struct wsc_error *why = NULL;
    bool bad = err != NULL;

    (void)r;
    op->req = NULL;
    if (!bad && put_changed(op, &why) != WSC_OK) {
        err = why;
        bad = true;
    }
    free_update(op);
    if (bad)
        wsc__op_finish(op, err);
    wsc__error_unref(why);
}

static const struct wsc__req_ops read_ops = { .value = wsc__op_keep_value, .done = on_read };

static int keep_update(struct wsc_op *op, struct wsc__client *c, struct wsc__optset *params,
                       const struct wsc_epr *epr, const struct wsc_value *changes)
{
    const struct wsc__mem *mem = &c->core->mem;
    struct wsc__op_update *u = wsc__zalloc(mem, sizeof *u);
    int rc;

    if (!u)
        return WSC_E_NOMEM;
    op->update = u;
    op->dropped = free_update;
    u->client = c;
    wsc__client_ref(c);
    u->params = wsc__optset_ref(params);
    if (wsc__opt_int(params, WSC__O_DEADLINE))
        u->end = c->core->now + (uint64_t)wsc__opt_int(params, WSC__O_DEADLINE);
    rc = wsc__epr_copy(&u->epr, mem, epr);
    return rc == WSC_OK ? wsc__value_copy(&u->changes, mem, SIZE_MAX / 4, changes) : rc;
}

/* --- start ------------------------------------------------------------------------------------ */

int wsc__op_verb(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                 enum wsc__verb verb, const struct wsc_epr *epr, const char *method,
                 const struct wsc_value *value, struct wsc_error **err)
{
    struct wsc_op *op = NULL;
    int rc = wsc__op_new(&op, c->core, NULL);

    if (rc != WSC_OK)
        return wsc__op_made(out, NULL, rc, err);
    *err = wrong_use(&c->core->mem, verb, value, wsc__opt_str(params, WSC__O_FRAGMENT));
    if (*err)
        rc = wsc__error_code(*err);
    else if (verb == WSC__UPDATE)
        rc = keep_update(op, c, params, epr, value);
    if (rc == WSC_OK)
        rc = send(op, c, params, verb, epr, method, value,
                  verb == WSC__UPDATE ? &read_ops : &wsc__op_reply, err);
    if (rc != WSC_OK)
        free_update(op);
    return wsc__op_made(out, op, rc, err);
}
