/* wsc shells: those that are open on hosts, and the commands in one. */
#include "verbs.h"

#include <stdlib.h>
#include <string.h>

#define SHELLS "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"

static const char columns[] = "ShellId,Name,Owner,ClientIP,State,ShellInactivity,ChildProcesses";

/* --- lists ------------------------------------------------------------------------------------ */

/* A selector filter, whose values are quoted: two quotes stand for one. */
static char *filter_of(const char *name, const char *value)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return NULL;
    fprintf(f, "{%s=\"", name);
    for (; *value; value++) {
        if (*value == '"')
            fputc('"', f);
        fputc(*value, f);
    }
    fputs("\"}", f);
    return fclose(f) == 0 ? text : NULL;
}

static int filter(struct verbs *v, const char *name, const char *value, const char *what)
{
    char *text = filter_of(name, value);
    int rc = text ? wsc_params_new(&v->params) : WSC_E_NOMEM;

    if (rc == WSC_OK)
        rc = wsc_params_set_str(v->params, "dialect", "selector");
    if (rc == WSC_OK)
        rc = wsc_params_set_str(v->params, "filter", text);
    free(text);
    if (rc == WSC_OK)
        return 0;
    say("%s", rc == WSC_E_NOMEM ? "out of memory" : what);
    return rc == WSC_E_NOMEM ? EXIT_LIMIT : EXIT_USAGE;
}

static int list(const struct options *o)
{
    static struct verbs v;
    bool table = !o->json && (o->format == FORMAT_DEFAULT || o->format == FORMAT_TABLE);
    int code = verbs_prepare(&v, o, &verb_course, table && !o->commands ? columns : NULL);

    if (table)
        v.format = FORMAT_TABLE;
    if (code == 0 && wsc_epr_new(&v.epr, o->commands ? SHELLS "/Command" : SHELLS) != WSC_OK)
        code = EXIT_LIMIT;
    if (code == 0 && o->commands)
        code = filter(&v, "ShellId", o->commands, "--commands: this can be no ID of a shell");
    if (code == 0 && o->owner)
        code = filter(&v, "Owner", o->owner, "--owner: this can be no name of a user");
    if (code == 0)
        code = verbs_run(&v, NULL, show_begin);
    verbs_free(&v);
    return code;
}

/* --- removing one ----------------------------------------------------------------------------- */

static int begin_removal(struct verb_job *j)
{
    return wsc_delete(&j->op, j->client, j->v->epr, NULL);
}

static bool removed(struct verb_job *j, const wsc_error *e)
{
    if (j->v->o->json) {
        json_head(j);
        fputs(", \"removed\": ", j->v->text);
        json_text(j->v->text, e ? NULL : j->v->o->remove);
        json_end(j->v->text, e);
        put(j);
    }
    if (e)
        job_failed_with(j, e);
    return false;
}

static int remove_one(const struct options *o)
{
    static const struct course course = { begin_removal, NULL, removed, verb_refused, 0, NULL };
    static struct verbs v;
    int code = verbs_prepare(&v, o, &course, NULL);

    if (code == 0 && wsc_epr_new(&v.epr, SHELLS) != WSC_OK)
        code = EXIT_LIMIT;
    if (code == 0 && wsc_epr_add_selector(v.epr, "ShellId", o->remove) != WSC_OK) {
        say("--remove: \"%s\" can be no ID of a shell", in_short(o->remove));
        code = EXIT_USAGE;
    }
    if (code == 0)
        code = verbs_run(&v, NULL, NULL);
    verbs_free(&v);
    return code;
}

int cmd_shells(const struct options *o)
{
    return o->remove ? remove_one(o) : list(o);
}
