#include "wsman/merge.h"

#include "base/codes.h"
#include "base/str.h"
#include "wsman/ns.h"

#include <string.h>

#define PARAMS "InitializationParameters" /* of a plug-in */
#define PARAM  "Param"

static struct wsc_value *first_of(const struct wsc_value *v, const char *name)
{
    return (struct wsc_value *)(uintptr_t)wsc__value_child(v, name, 0);
}

/* Those of no namespace alone; letters' case is ignored, as in elements. */
static const struct wsc__value_attr *attr_of(const struct wsc_value *v, const char *name)
{
    const struct wsc__value_attr *a = v->attrs;

    while (a && (*a->ns || !wsc__ieq(a->name, name)))
        a = a->next;
    return a;
}

/* v, or what follows it, with this Name. */
static struct wsc_value *named(struct wsc_value *v, const char *name)
{
    const struct wsc__value_attr *a;

    while (v && (!(a = attr_of(v, "Name")) || !wsc__ieq(a->text, name)))
        v = v->next;
    return v;
}

static bool by_policy(const struct wsc_value *v)
{
    const struct wsc__value_attr *source = attr_of(v, "Source");

    return source && wsc__ieq(source->text, "GPO");
}

/* It, or another one behind it that has its name. */
static bool any_by_policy(const struct wsc_value *v)
{
    const struct wsc_value *n;

    for (n = v; n; n = n->next) {
        if (wsc__ieq(n->name, v->name) && by_policy(n))
            return true;
    }
    return false;
}

/* All of that name go but the first; those of the changes come in its place, under its name. */
static int replace(struct wsc_value *resource, struct wsc_value *first, const struct wsc_value *c)
{
    const char *name = c->name;
    int rc = wsc__value_become(first, c);

    if (rc == WSC_OK)
        wsc__value_remove_same(resource, first);
    for (c = c->next; c && rc == WSC_OK; c = c->next) {
        if (!wsc__ieq(c->name, name))
            continue;
        rc = wsc__value_insert(resource, first, c);
        first = first->next;
    }
    return rc;
}

/* What has parts that can be changed alone, as the Auth of a configuration; an embedded instance, a
 * reference or a point in time is replaced whole. */
static bool is_entered(const struct wsc_value *old, const struct wsc_value *change)
{
    return (old->first || old->attrs) && change->first && !old->type && !change->type &&
           !wsc__value_child(change, "ReferenceParameters", 0) &&
           !wsc__value_child(old, "ReferenceParameters", 0) &&
           !(old->first && strcmp(old->first->ns, WSC__NS_CIM) == 0);
}

/* What is an attribute there may be given as an element, as PowerShell's drive has it. */
static bool is_attribute(const struct wsc_value *resource, const struct wsc_value *c,
                         const struct wsc__value_attr **a)
{
    *a = attr_of(resource, c->name);
    return *a && !c->first && c->text;
}

/* The way to what is at fault is known from its end. */
static void within(struct wsc__misfit *at, const char *name)
{
    size_t n = strlen(name), len = strlen(at->path);

    if (n + 1 + len >= sizeof at->path) {
        at->path[0] = '\0';
        return;
    }
    memmove(at->path + n + 1, at->path, len + 1);
    memcpy(at->path, name, n);
    at->path[n] = '/';
}

/* An empty one, written as what it is in. */
static int add_like(struct wsc_value *v, const char *name, struct wsc_value **child)
{
    int rc = wsc__value_add(v, v->ns, name, "", child);

    if (rc == WSC_OK)
        (*child)->prefix = v->prefix;
    return rc;
}

/* What a plug-in understands is known to it alone: a parameter may be new. */
static int add_param(struct wsc_value *params, const struct wsc_value *c)
{
    struct wsc_value *p = NULL;
    int rc = add_like(params, PARAM, &p);

    if (rc == WSC_OK)
        rc = wsc__value_set_attr(p, NULL, "Name", c->name);
    return rc == WSC_OK ? wsc__value_set_attr(p, NULL, "Value", c->text) : rc;
}

/* Its Value; that may stand as text, too, or be missing. */
static int set_param(struct wsc_value *v, const char *text)
{
    const struct wsc__value_attr *value = attr_of(v, "Value");

    if (value)
        return wsc__value_set_attr(v, NULL, value->name, text);
    if (v->first || !wsc__ieq(v->name, PARAM))
        return WSC_E_NOT_FOUND;
    return v->text && *v->text ? wsc__value_set_text(v, text)
                               : wsc__value_set_attr(v, NULL, "Value", text);
}

/* All of one Name, as all elements of one name are replaced. */
static int change_named(struct wsc_value *first, const struct wsc_value *c, struct wsc__misfit *at)
{
    struct wsc_value *v;
    int rc = WSC_OK;

    v = first;
    do {
        if (by_policy(v))
            return WSC_E_ACCESS_DENIED;
        v = named(v->next, c->name);
    } while (v);
    if (c->first)
        return wsc__merge(first, c, at);
    for (v = first; v && rc == WSC_OK; v = named(v->next, c->name))
        rc = c->text ? set_param(v, c->text) : WSC_E_NOT_FOUND;
    return rc;
}

/* Where no element has the name of the change it may be that of an attribute, or the Name of a
 * parameter, as PowerShell's drive has them. */
static int change_other(struct wsc_value *resource, const struct wsc_value *c,
                        struct wsc__misfit *at)
{
    const struct wsc__value_attr *a;
    struct wsc_value *old = named(resource->first, c->name);

    if (is_attribute(resource, c, &a))
        return wsc__value_set_attr(resource, a->ns, a->name, c->text);
    if (old)
        return change_named(old, c, at);
    if (!c->first && c->text && wsc__ieq(resource->name, PARAMS))
        return add_param(resource, c);
    if (c->first && wsc__ieq(c->name, PARAMS) && wsc__ieq(resource->name, "PlugInConfiguration")) {
        int rc = add_like(resource, PARAMS, &old);

        return rc == WSC_OK && old ? wsc__merge(old, c, at) : rc;
    }
    return WSC_E_NOT_FOUND;
}

/* The element of that name; what is called Param is the Name of one, unless it says so itself. */
static struct wsc_value *old_of(const struct wsc_value *resource, const struct wsc_value *c)
{
    bool by_name =
        wsc__ieq(resource->name, PARAMS) && wsc__ieq(c->name, PARAM) && !c->first && !c->attrs;

    return by_name ? NULL : first_of(resource, c->name);
}

int wsc__merge(struct wsc_value *resource, const struct wsc_value *changes, struct wsc__misfit *at)
{
    const struct wsc_value *c;
    int rc = wsc__value_take_attrs(resource, changes);

    for (c = changes->first; c && rc == WSC_OK; c = c->next) {
        struct wsc_value *old;

        if (wsc__value_child(changes, c->name, 0) != c)
            continue; /* with the first of its name */
        old = old_of(resource, c);
        *at = (struct wsc__misfit){ c, resource, "" };
        if (strlen(c->name) < sizeof at->path)
            memcpy(at->path, c->name, strlen(c->name) + 1);
        if (!old) /* an attribute, or a parameter, is there once */
            rc =
                wsc__value_child(changes, c->name, 1) ? WSC_E_USAGE : change_other(resource, c, at);
        else if (any_by_policy(old))
            rc = WSC_E_ACCESS_DENIED;
        else if (is_entered(old, c) && !wsc__value_child(changes, c->name, 1))
            rc = wsc__merge(old, c, at); /* as deep as a value can be */
        else
            rc = replace(resource, old, c);
        if (rc != WSC_OK && at->among != resource)
            within(at, c->name);
    }
    return rc;
}
