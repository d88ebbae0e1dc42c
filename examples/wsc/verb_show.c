/* What an operation gave, in the format that is wanted, on its way to stdout. */
#include "config.h"
#include "verbs.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- to stdout -------------------------------------------------------------------------------- */

/* Of many hosts each line begins with its own. */
static void put_lines(struct verb_job *j)
{
    struct sink *out = &j->v->out;
    const char *p = j->v->buf, *end = p + j->v->len;

    while (p < end) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t len = (size_t)((stop ? stop + 1 : end) - p);

        sink_add(out, j->host, strlen(j->host));
        sink_add(out, ": ", 2);
        sink_add(out, p, len);
        if (!stop)
            sink_add(out, "\n", 1);
        p += len;
    }
}

void put(struct verb_job *j)
{
    struct verbs *v = j->v;

    if (fflush(v->text) != 0 || ferror(v->text)) {
        v->out.failed = v->out.failed ? v->out.failed : ENOMEM;
        return;
    }
    if (j->line && !v->o->json)
        put_lines(j);
    else
        sink_add(&v->out, v->buf, v->len);
    rewind(v->text);
}

/* --- one value -------------------------------------------------------------------------------- */

void show_xml(struct verbs *v, const wsc_value *value)
{
    if (!value_xml(v->text, value, v->o->pretty, v->tty))
        v->out.failed = ENOMEM;
}

/* Which of --properties it has. */
static void note(struct verbs *v, const wsc_value *object)
{
    bool first = v->shown++ == 0;
    const char *near;
    size_t i;

    for (i = 0; i < v->properties.n; i++) {
        const char *name = v->properties.at[i];

        if (v->seen[i])
            continue;
        v->seen[i] = wsc_value_find(object, name, 0) || value_attribute(object, name);
        if (v->seen[i] || !first || *v->near)
            continue;
        near = value_nearest(object, name);
        snprintf(v->near, sizeof v->near, "%s", near ? near : "");
    }
}

void tell_unseen(const struct verbs *v)
{
    const char *near = v->near;
    size_t i;

    if (!v->o->properties || !v->shown || v->o->quiet)
        return;
    for (i = 0; i < v->properties.n; i++) {
        if (v->seen[i])
            continue;
        say("--properties: nothing that came has \"%s\"", in_short(v->properties.at[i]));
        if (*near)
            fprintf(stderr, "  try: %s\n", in_short(near));
        near = "";
    }
}

static void json_value(FILE *f, struct verbs *v, const wsc_value *item)
{
    const wsc_value *object, *epr;

    value_parts(item, &object, &epr);
    note(v, object);
    value_json_named(f, object, &v->properties);
    if (epr) {
        fputs(", \"epr\": ", f);
        value_json(f, epr, NULL);
    }
}

void json_head(struct verb_job *j)
{
    json_begin(j->v->text, j->host);
    if (j->line)
        fprintf(j->v->text, ", \"line\": %zu", j->line);
}

/* A reference is a line that can be given back as RESOURCE. */
static bool reference_line(FILE *f, const wsc_value *value)
{
    wsc_epr *epr = value_reference(value);

    if (!epr)
        return false;
    epr_text(f, epr);
    fputc('\n', f);
    wsc_epr_unref(epr);
    return true;
}

static void text_or_table(struct verb_job *j, const wsc_value *value)
{
    struct verbs *v = j->v;
    const wsc_value *object, *epr;

    value_parts(value, &object, &epr);
    note(v, object);
    if (v->format == FORMAT_TEXT) {
        if (reference_line(v->text, value))
            return;
        if (j->count > 1)
            fputc('\n', v->text);
        value_text(v->text, value, &v->properties, 0);
        return;
    }
    if (!reference_line(v->text, object) && !table_add(&j->table, v->text, object, &v->properties))
        v->out.failed = ENOMEM;
}

/* --- enumerations ----------------------------------------------------------------------------- */

void show_begin(struct verbs *v)
{
    if (v->format == FORMAT_XML)
        sink_add(&v->out, RESULTS_BEGIN, strlen(RESULTS_BEGIN));
}

void show_item(struct verb_job *j, const wsc_value *item)
{
    struct verbs *v = j->v;

    switch (v->format) {
    case FORMAT_JSON:
        json_head(j);
        json_value(v->text, v, item);
        json_end(v->text, NULL);
        break;
    case FORMAT_XML:
        show_xml(v, item);
        break;
    default:
        text_or_table(j, item);
    }
    put(j);
}

/* The last line of JSON tells of a failure, or what was asked for; that all went well is told by
 * the exit code. */
void show_items_end(struct verb_job *j, const wsc_error *e)
{
    struct verbs *v = j->v;

    if (job_canceled(j, e) && v->format != FORMAT_JSON)
        e = NULL;
    switch (v->format) {
    case FORMAT_JSON:
        if (!e && !v->o->stats && !j->line)
            return;
        json_head(j);
        fprintf(v->text, ", \"value\": null, \"items\": %" PRIu64, j->count);
        if (v->o->stats)
            json_stats(v->text, j->client);
        json_end(v->text, e);
        break;
    case FORMAT_XML:
        if (!e)
            fputs(RESULTS_END, v->text);
        break;
    case FORMAT_TABLE:
        table_end(&j->table, v->text);
        break;
    default:
        return;
    }
    put(j);
}

/* --- one result ------------------------------------------------------------------------------- */

bool return_value(const wsc_value *output, int64_t *out)
{
    const wsc_value *v = wsc_value_find(output, "ReturnValue", 0);
    uint64_t large = 0;

    if (!v)
        return false;
    if (wsc_value_get_int(v, out) == WSC_OK)
        return *out != 0;
    if (wsc_value_get_uint(v, &large) != WSC_OK)
        return false;
    *out = INT64_MAX;
    return true;
}

static void json_result(struct verb_job *j, const wsc_value *value)
{
    struct verbs *v = j->v;
    const wsc_value *code = wsc_value_find(value, "ReturnValue", 0);
    const wsc_epr *epr = j->epr ? j->epr : v->epr;
    int64_t n = 0;

    json_head(j);
    if (epr) {
        fputs(", \"epr\": ", v->text);
        epr_json(v->text, epr);
    }
    if (v->o->method) {
        fputs(", \"method\": ", v->text);
        json_text(v->text, v->o->method);
        if (code && wsc_value_get_int(code, &n) == WSC_OK)
            fprintf(v->text, ", \"return_value\": %" PRId64, n);
        else
            fputs(", \"return_value\": null", v->text);
    }
    if (value)
        json_value(v->text, v, value);
    else
        fputs(", \"name\": null, \"value\": null", v->text);
    if (v->o->stats)
        json_stats(v->text, j->client);
}

void show_result(struct verb_job *j, const wsc_value *value, const wsc_error *e)
{
    struct verbs *v = j->v;

    switch (v->format) {
    case FORMAT_JSON:
        json_result(j, value);
        json_end(v->text, e);
        break;
    case FORMAT_XML:
        if (value)
            show_xml(v, value);
        break;
    default:
        if (value)
            text_or_table(j, value);
        table_end(&j->table, v->text);
    }
    put(j);
}

bool show_part(struct verb_job *j, const wsc_value *value, const char *path)
{
    struct verbs *v = j->v;
    const char *text = NULL;
    const wsc_value *within = setting_find(value, path, &text);
    bool more;

    if (!within)
        return false;
    more = !text && (wsc_value_count(within) || value_in_attributes(within));
    if (v->format == FORMAT_JSON) {
        json_head(j);
        fputs(", \"epr\": ", v->text);
        epr_json(v->text, v->epr);
        fputs(", \"path\": ", v->text);
        json_text(v->text, path);
        fputs(", \"value\": ", v->text);
        if (text || !more)
            json_text(v->text, text);
        else
            value_json(v->text, within, NULL);
        if (v->o->stats)
            json_stats(v->text, j->client);
        json_end(v->text, NULL);
    } else if (more) {
        value_text(v->text, within, &v->properties, 0);
    } else {
        clean_text(v->text, text ? text : NULL_TEXT, "");
        fputc('\n', v->text);
    }
    put(j);
    return true;
}

void show_refused(struct verb_job *j, int code, const char *why)
{
    if (!j->v->o->json)
        return;
    json_head(j);
    fputs(", \"value\": null", j->v->text);
    if (j->v->o->stats)
        json_stats(j->v->text, NULL);
    json_end_own(j->v->text, code, why);
    put(j);
}
