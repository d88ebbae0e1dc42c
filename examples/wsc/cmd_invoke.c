/* wsc invoke --filter: a method of each instance that a filter selects. All are known before the
 * first one is called, for what is called may change what the filter selects. */
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST 10000 /* instances of one host */

/* Of one host. */
struct each {
    wsc_epr **eprs;
    size_t n, cap, failed, canceled;
    bool too_many, lost;
};

static void clear_each(void *own)
{
    struct each *e = own;
    size_t i;

    for (i = 0; i < e->n; i++)
        wsc_epr_unref(e->eprs[i]);
    free(e->eprs);
}

static int begin(struct verb_job *j)
{
    struct verbs *v = j->v;
    struct each *e = j->own;

    if (!j->step)
        return wsc_enumerate(&j->items, j->client, v->epr, v->params);
    j->epr = e->eprs[j->step - 1];
    return wsc_invoke(&j->op, j->client, j->epr, v->o->method, v->value, NULL);
}

/* --- which ones ------------------------------------------------------------------------------- */

static bool add(struct each *e, wsc_epr *epr)
{
    if (e->n == e->cap) {
        size_t cap = e->cap ? e->cap * 2 : 16;
        wsc_epr **at = realloc(e->eprs, cap * sizeof *at);

        if (!at)
            return false;
        e->eprs = at;
        e->cap = cap;
    }
    e->eprs[e->n++] = epr;
    return true;
}

static void select_one(struct verb_job *j, const wsc_value *item)
{
    struct each *e = j->own;
    wsc_epr *epr = e->n < MOST ? value_reference(item) : NULL;

    if (e->n == MOST) {
        e->too_many = true;
        wsc_items_cancel(j->items);
    } else if (!epr) {
        e->lost = true;
        wsc_items_cancel(j->items);
    } else if (!add(e, epr)) {
        wsc_epr_unref(epr);
        j->v->out.failed = ENOMEM;
    }
}

static void list(struct verb_job *j)
{
    struct verbs *v = j->v;
    struct each *e = j->own;
    size_t i;

    for (i = 0; i < e->n; i++) {
        if (v->format == FORMAT_JSON) {
            json_head(j);
            fputs(", \"epr\": ", v->text);
            epr_json(v->text, e->eprs[i]);
            json_end(v->text, NULL);
        } else {
            epr_text(v->text, e->eprs[i]);
            fputc('\n', v->text);
        }
        put(j);
    }
}

static void cannot(struct verb_job *j, int status, int code, const char *why)
{
    show_refused(j, status, why);
    if (!j->v->o->quiet)
        say("%s: %s", in_short(j->host), why);
    j->code = code;
}

/* True: there are some to be called. */
static bool selected(struct verb_job *j, const wsc_error *error)
{
    struct each *e = j->own;

    if (e->too_many) {
        cannot(j, WSC_E_LIMIT, EXIT_LIMIT,
               "the filter selects more than 10,000 instances; none was called");
    } else if (e->lost) {
        cannot(j, WSC_E_PROTOCOL, EXIT_PROTOCOL,
               "the filter gives a reference that cannot be used; nothing was called");
    } else if (error) {
        show_items_end(j, error);
        job_failed_with(j, error);
    } else if (j->v->o->dry_run) {
        list(j);
    } else if (e->n) {
        j->count = 1;
        return true;
    } else {
        show_items_end(j, NULL);
        if (!j->v->o->quiet)
            say("%s: the filter selects no instance", in_short(j->host));
    }
    return false;
}

/* --- each ------------------------------------------------------------------------------------- */

static void show_instance(struct verb_job *j, const wsc_value *value, const wsc_error *e)
{
    struct verbs *v = j->v;

    if (value && (v->format == FORMAT_TEXT || v->format == FORMAT_TABLE)) {
        if (j->step > 1)
            fputc('\n', v->text);
        epr_text(v->text, j->epr);
        fputs(":\n", v->text);
    }
    show_result(j, value, e);
}

static void tell(struct verb_job *j, const wsc_error *e, int64_t returned)
{
    if (j->v->o->quiet || job_canceled(j, e))
        return;
    fprintf(stderr, "wsc: %s: ", in_short(j->host));
    epr_text(stderr, j->epr);
    fputs(": ", stderr);
    if (e)
        clean_text(stderr, error_text(e), "  ");
    else
        fprintf(stderr, "ReturnValue %lld", (long long)returned);
    fputc('\n', stderr);
}

static void summary(struct verb_job *j)
{
    const struct each *e = j->own;
    size_t left = e->n - j->step;

    if (e->failed || e->canceled || left)
        j->code = EXIT_OTHER;
    if (j->v->o->quiet)
        return;
    fprintf(stderr, "wsc: %s: %zu instance%s: %zu ok, %zu failed", in_short(j->host), e->n,
            e->n == 1 ? "" : "s", j->step - e->failed - e->canceled, e->failed);
    if (e->canceled)
        fputs(", 1 canceled", stderr);
    if (left)
        fprintf(stderr, ", %zu not called", left);
    fputc('\n', stderr);
}

static bool ended(struct verb_job *j, const wsc_error *error)
{
    const wsc_value *value = j->op ? wsc_op_value(j->op) : NULL;
    struct each *e = j->own;
    bool more = !error || refused_alone(error);
    int64_t returned = 0;
    bool bad;

    if (!j->step)
        return selected(j, error);
    bad = error || return_value(value, &returned);
    show_instance(j, value, error);
    e->canceled += job_canceled(j, error);
    e->failed += bad && !job_canceled(j, error);
    if (bad)
        tell(j, error, returned);
    if (more && j->step < e->n)
        return true;
    summary(j);
    return false;
}

int cmd_invoke_each(const struct options *o)
{
    static const struct course course = { begin,        select_one,          ended,
                                          verb_refused, sizeof(struct each), clear_each };
    static struct verbs v;
    int code = verbs_prepare(&v, o, &course, NULL);

    if (code == 0 && o->format == FORMAT_XML) {
        say("--format xml is of no use with --filter: text, table or json");
        code = EXIT_USAGE;
    }
    if (code == 0)
        code = args_epr(&v.epr, o, o->resource);
    if (code == 0)
        code = args_value(&v.value, o);
    if (code == 0 && (wsc_params_new(&v.params) != WSC_OK ||
                      wsc_params_set_str(v.params, "enumeration-mode", "epr") != WSC_OK)) {
        say("out of memory");
        code = EXIT_LIMIT;
    }
    if (code == 0)
        code = verbs_run(&v, verb_guard, NULL);
    verbs_free(&v);
    return code;
}
