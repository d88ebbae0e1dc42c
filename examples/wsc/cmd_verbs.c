/* wsc get, set, create, delete, invoke and enumerate: one request, or one list. */
#include "config.h"
#include "verbs.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static int begin_verb(struct verb_job *j)
{
    struct verbs *v = j->v;
    const struct options *o = v->o;
    bool whole = o->replace || o->fragment;

    switch (o->command) {
    case CMD_GET:
        return wsc_get(&j->op, j->client, v->epr, NULL);
    case CMD_SET:
        return whole ? wsc_put(&j->op, j->client, v->epr, v->value, NULL)
                     : wsc_update(&j->op, j->client, v->epr, v->value, NULL);
    case CMD_CREATE:
        return wsc_create(&j->op, j->client, v->epr, v->value, NULL);
    case CMD_DELETE:
        return wsc_delete(&j->op, j->client, v->epr, NULL);
    case CMD_INVOKE:
        return wsc_invoke(&j->op, j->client, v->epr, o->method, v->value, NULL);
    default:
        return wsc_enumerate(&j->items, j->client, v->epr, v->params);
    }
}

static void tell_return_value(struct verb_job *j, int64_t n)
{
    const struct options *o = j->v->o;
    const char *name = "";

    j->code = EXIT_OTHER;
    if (o->quiet)
        return;
    if (n > 0xffff && n <= UINT32_MAX)
        (void)wsc_code_get((int)(uint32_t)n, "name", &name);
    say("%s: %s gave ReturnValue %" PRId64 "%s%s%s, which is no success", in_short(j->host),
        in_short(o->method), n, *name ? " (" : "", name, *name ? ")" : "");
}

/* One setting of a configuration that was read. */
static void show_setting(struct verb_job *j, const wsc_value *value)
{
    const struct options *o = j->v->o;
    const char *path = wsc_epr_inside(j->v->epr), *near;
    size_t at = 0;

    if (show_part(j, value, path))
        return;
    show_refused(j, WSC_E_NOT_FOUND, "the resource has no such setting");
    j->code = EXIT_FAULT;
    if (o->quiet)
        return;
    say("%s: the resource has no %s", in_short(j->host), in_short(path));
    near = setting_nearest(value, path, &at);
    if (!near)
        return;
    fputs("  try: ", stderr);
    clean_bytes(stderr, path, at, "");
    clean_text(stderr, near, "");
    fputc('\n', stderr);
}

static bool verb_ended(struct verb_job *j, const wsc_error *e)
{
    const wsc_value *value = j->op ? wsc_op_value(j->op) : NULL;
    int64_t n = 0;

    if (j->v->o->command & (CMD_ENUMERATE | CMD_SHELLS))
        show_items_end(j, e);
    else if (!e && wsc_epr_inside(j->v->epr))
        show_setting(j, value);
    else
        show_result(j, value, e);
    if (!e && j->v->o->command == CMD_INVOKE && return_value(value, &n))
        tell_return_value(j, n);
    if (e)
        job_failed_with(j, e);
    return false;
}

void verb_refused(struct verb_job *j, const char *why)
{
    show_refused(j, WSC_E_USAGE, why);
    job_refuse(j, why);
}

/* --- all of it -------------------------------------------------------------------------------- */

/* As `wsc config reset` does. */
static bool restores(const struct verbs *v)
{
    return same_name(v->o->method, "Restore") && config_below(v->epr);
}

/* Before anything is sent, for all hosts by the first one that may be one. */
int verb_guard(struct verbs *v)
{
    const struct options *o = v->o;
    wsc_client *client;
    const char *why = NULL;

    if (o->command == CMD_INVOKE)
        return restores(v) ? cutoff_confirm_reset(o) : 0;
    if ((o->command != CMD_SET && o->command != CMD_DELETE) ||
        o->fragment) /* the configuration has none (MS-WSMV 3.1.4.1.27) */
        return 0;
    client = verbs_first(v);
    if (client)
        why = resource_cuts_off(v->epr, v->value, o->command == CMD_DELETE, client);
    wsc_client_unref(client);
    return why ? cutoff_confirm(o, o->resource, why) : 0;
}

const struct course verb_course = { begin_verb, show_item, verb_ended, verb_refused, 0, NULL };

static int prepare(struct verbs *v, const struct options *o)
{
    int rc = verbs_prepare(v, o, &verb_course, NULL);

    if (rc == 0)
        rc = args_epr(&v->epr, o, o->resource);
    if (rc == 0 && wsc_epr_inside(v->epr) && (o->fragment || o->format == FORMAT_XML)) {
        say("%s is of no use for one setting", o->fragment ? "--fragment" : "--format xml");
        rc = EXIT_USAGE;
    }
    return rc ? rc : args_value(&v->value, o);
}

int cmd_verbs(const struct options *o)
{
    static struct verbs v;
    int code = prepare(&v, o);

    if (code == 0)
        code = verbs_run(&v, verb_guard, o->command == CMD_ENUMERATE ? show_begin : NULL);
    verbs_free(&v);
    return code;
}
