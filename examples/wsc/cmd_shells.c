/* wsc shells: those that are open on a host. */
#include "values.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define SHELLS "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"

static const char columns[] = "ShellId,Name,Owner,ClientIP,State,ShellInactivity,ChildProcesses";

struct shells {
    const struct options *o;
    struct table table;
    struct names properties;
    enum format format;
    size_t n;
};

static int show(void *user_data, const wsc_value *item)
{
    struct shells *l = user_data;

    l->n++;
    switch (l->format) {
    case FORMAT_JSON:
        json_begin(stdout, l->o->host);
        value_json_named(stdout, item, &l->properties);
        json_end(stdout, NULL);
        break;
    case FORMAT_XML:
        if (!value_xml(stdout, item, l->o->pretty, false))
            return WSC_E_NOMEM;
        break;
    case FORMAT_TEXT:
        if (l->n > 1)
            putchar('\n');
        value_text(stdout, item, &l->properties, 0);
        break;
    default:
        if (!table_add(&l->table, stdout, item, &l->properties))
            return WSC_E_NOMEM;
    }
    return ferror(stdout) ? WSC_E_IO : WSC_OK;
}

/* USER in a selector filter, whose values are quoted: two quotes stand for one. */
static char *owner_filter(const char *user)
{
    char *text = NULL;
    size_t len = 0;
    FILE *f = open_memstream(&text, &len);

    if (!f)
        return NULL;
    fputs("{Owner=\"", f);
    for (; *user; user++)
        fprintf(f, *user == '"' ? "\"\"" : "%c", *user);
    fputs("\"}", f);
    return fclose(f) == 0 ? text : NULL;
}

static int start(wsc_items **items, struct session *s)
{
    const struct options *o = s->o;
    wsc_params *p = NULL;
    wsc_epr *epr = NULL;
    char *filter = NULL;
    int rc = wsc_epr_new(&epr, SHELLS);

    if (rc == WSC_OK && o->owner) {
        filter = owner_filter(o->owner);
        rc = filter ? wsc_params_new(&p) : WSC_E_NOMEM;
        if (rc == WSC_OK)
            rc = wsc_params_set_str(p, "dialect", "selector");
        if (rc == WSC_OK)
            rc = wsc_params_set_str(p, "filter", filter);
    }
    if (rc == WSC_OK)
        rc = wsc_enumerate(items, s->client, epr, p);
    wsc_epr_unref(epr);
    wsc_params_unref(p);
    free(filter);
    return rc;
}

static int ended(struct session *s, const struct shells *l, const wsc_error *e)
{
    const struct options *o = s->o;

    if (l->format == FORMAT_JSON && e) {
        json_begin(stdout, o->host);
        fputs(", \"value\": null", stdout);
        json_end(stdout, e);
    }
    if (s->ended_by)
        return EXIT_SIGNAL + s->ended_by;
    if (ferror(stdout) || fflush(stdout) != 0)
        return errno == EPIPE ? EXIT_SIGNAL + SIGPIPE : finish_stdout();
    return e ? fail_with(o, o->host, e) : EXIT_OK;
}

static int list(struct session *s)
{
    struct shells l = { .o = s->o };
    const char *names = s->o->properties;
    wsc_items *items = NULL;
    const wsc_error *e = NULL;
    int rc = WSC_E_NOMEM, code;

    l.format = s->o->json ? FORMAT_JSON : s->o->format ? s->o->format : FORMAT_TABLE;
    if (!names && l.format == FORMAT_TABLE)
        names = columns;
    if (names_read(&l.properties, names))
        rc = start(&items, s);
    if (rc == WSC_OK)
        rc = session_items(s, items, show, &l);
    if (rc != WSC_OK)
        e = items ? wsc_items_error(items) : wsc_ctx_error(s->ctx);
    table_end(&l.table, stdout);
    code = rc != WSC_OK && !e && !s->ended_by ? session_failed(s, rc) : ended(s, &l, e);
    wsc_items_unref(items);
    table_free(&l.table);
    names_free(&l.properties);
    return code;
}

static int remove_one(struct session *s)
{
    const struct options *o = s->o;
    const wsc_error *e = NULL;
    wsc_epr *epr = NULL;
    wsc_op *op = NULL;
    int rc = wsc_epr_new(&epr, SHELLS);

    if (rc == WSC_OK && wsc_epr_add_selector(epr, "ShellId", o->remove) != WSC_OK) {
        say("--remove: \"%s\" can be no ID of a shell", in_short(o->remove));
        wsc_epr_unref(epr);
        return EXIT_USAGE;
    }
    if (rc == WSC_OK)
        rc = wsc_delete(&op, s->client, epr, NULL);
    if (rc == WSC_OK)
        rc = session_op(s, op);
    if (rc != WSC_OK)
        e = op ? wsc_op_error(op) : wsc_ctx_error(s->ctx);
    if (rc != WSC_OK && !e && !s->ended_by) {
        wsc_epr_unref(epr);
        return session_failed(s, rc);
    }
    if (o->json) {
        json_begin(stdout, o->host);
        fputs(", \"removed\": ", stdout);
        json_text(stdout, e ? NULL : o->remove);
        json_end(stdout, e);
    }
    rc = s->ended_by ? EXIT_SIGNAL + s->ended_by : e ? fail_with(o, o->host, e) : finish_stdout();
    wsc_op_unref(op);
    wsc_epr_unref(epr);
    return rc;
}

/* On many hosts it is one more enumeration. */
static int list_many(const struct options *o)
{
    struct options many = *o;
    char *filter = o->owner ? owner_filter(o->owner) : NULL;
    int rc = WSC_OK;

    many.command = CMD_ENUMERATE;
    many.resource = SHELLS;
    many.format = o->json ? FORMAT_JSON : o->format ? o->format : FORMAT_TABLE;
    if (!o->properties && many.format == FORMAT_TABLE)
        many.properties = columns;
    if (filter)
        rc = wsc_params_set_str(o->client, "dialect", "selector");
    if (filter && rc == WSC_OK)
        rc = wsc_params_set_str(o->client, "filter", filter);
    if (o->owner && !filter)
        rc = WSC_E_NOMEM;
    free(filter);
    if (rc == WSC_OK)
        return cmd_verbs(&many);
    say("--owner: %s", rc == WSC_E_NOMEM ? "out of memory" : "this can be no name of a user");
    return rc == WSC_E_NOMEM ? EXIT_LIMIT : EXIT_USAGE;
}

int cmd_shells(const struct options *o)
{
    struct session s;
    int code = o->hosts_file ? list_many(o) : session_open(&s, o);

    if (code || o->hosts_file)
        return code;
    code = o->remove ? remove_one(&s) : list(&s);
    session_close(&s);
    return code;
}
