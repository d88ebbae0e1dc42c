/* wsc config: set and reset. */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- set -------------------------------------------------------------------------------------- */

struct change {
    struct config_path at;
    const char *value;
    size_t piece;
};

/* All that one resource has of them goes at once. */
struct piece {
    wsc_epr *epr;
    wsc_value *value;
};

/* What is to be set on each host. */
struct set {
    struct change *changes;
    struct piece *pieces;
    size_t n, npieces;
};

/* What has been set on one of them, as it will be shown. */
struct done {
    FILE *f;
    char *text;
    size_t len, n;
};

/* Selectors have = of their own: the last one is ours, then. */
static char *cut_change(char *word)
{
    char *selectors = strchr(word, '?'), *last = strrchr(word, '=');

    if (!selectors || selectors > strchr(word, '=') || strchr(selectors, '=') == last)
        return cut_pair(word, "PATH=VALUE");
    *last = '\0';
    return last + 1;
}

/* Others can read the command line. */
static int check_secret(const struct config_path *p, char *value)
{
    if (!is_secret(p->name) || !*value)
        return 0;
    wipe(value, strlen(value));
    say("%s is refused: other users can read the command line", p->path);
    fputs("  try: wsc set HOST RESOURCE - with @{Password=\"...\"} on stdin\n", stderr);
    return EXIT_USAGE;
}

static int read_changes(struct change *c, const struct options *o)
{
    size_t i, k;
    int rc = 0;

    for (i = 0; i < o->argc && rc == 0; i++) {
        char *value = cut_change(o->argv[i]);

        if (!value)
            return EXIT_USAGE;
        c[i].value = value;
        rc = config_path(&c[i].at, o->argv[i]);
        if (rc == 0)
            rc = check_secret(&c[i].at, value);
        for (k = 0; k < i && rc == 0; k++) {
            if (!same_name(c[k].at.path, c[i].at.path))
                continue;
            say("%s is there twice", c[i].at.path);
            rc = EXIT_USAGE;
        }
    }
    return rc;
}

/* The path within the resource, as elements within each other. */
static int add_change(wsc_value *value, const struct change *c)
{
    char path[sizeof c->at.name + 1], *name = path, *slash;
    const wsc_value *there;
    int rc = WSC_OK;

    snprintf(path, sizeof path, "%s", c->at.name);
    while (rc == WSC_OK && (slash = strchr(name, '/'))) {
        *slash = '\0';
        there = wsc_value_find(value, name, 0);
        if (there)
            value = value_own(there);
        else
            rc = wsc_value_add(value, NULL, name, "", &value);
        name = slash + 1;
    }
    return rc == WSC_OK ? wsc_value_add(value, NULL, name, c->value, NULL) : rc;
}

/* Into the group of its resource. */
static int enter(struct set *s, struct change *c)
{
    struct piece *g;
    size_t i;
    int rc = WSC_OK;

    for (i = 0; &s->changes[i] != c; i++) {
        if (strcmp(s->changes[i].at.resource, c->at.resource) == 0)
            break;
    }
    c->piece = &s->changes[i] == c ? s->npieces : s->changes[i].piece;
    g = &s->pieces[c->piece];
    if (c->piece == s->npieces) {
        s->npieces++;
        rc = wsc_epr_parse_path(&g->epr, c->at.resource, NULL, NULL);
        if (rc == WSC_OK)
            rc = wsc_value_new(&g->value, NULL, NULL);
    }
    if (rc == WSC_OK)
        rc = add_change(g->value, c);
    if (rc == WSC_E_USAGE)
        say("%s: a character in name or value cannot be sent", c->at.path);
    else if (rc != WSC_OK)
        say("out of memory");
    return rc == WSC_OK ? 0 : rc == WSC_E_USAGE ? EXIT_USAGE : EXIT_LIMIT;
}

static int make_pieces(struct set *s, const struct options *o)
{
    size_t i;
    int code;

    s->n = o->argc;
    s->changes = calloc(s->n + 1, sizeof *s->changes);
    s->pieces = calloc(s->n + 1, sizeof *s->pieces);
    if (!s->changes || !s->pieces) {
        say("out of memory");
        return EXIT_LIMIT;
    }
    code = read_changes(s->changes, o);
    for (i = 0; i < s->n && code == 0; i++)
        code = enter(s, &s->changes[i]);
    return code;
}

static int begin_set(struct verb_job *j)
{
    struct set *s = j->v->own;
    struct piece *g = &s->pieces[j->step];
    struct done *d = j->own;

    if (!d->f)
        d->f = open_memstream(&d->text, &d->len);
    if (!d->f)
        return WSC_E_NOMEM;
    return wsc_update(&j->op, j->client, g->epr, g->value, NULL);
}

/* As the server has it now; what it does not say as it was written. */
static void note(struct done *d, const struct change *c, const wsc_value *now, bool json)
{
    const char *text = NULL;
    const wsc_value *v = setting_find(now, c->at.name, &text);

    if (v && text && text != wsc_value_text(v, NULL))
        v = NULL; /* an attribute, or a parameter */
    else
        text = c->value;
    if (json) {
        fputs(d->n ? ", {\"path\": " : "{\"path\": ", d->f);
        json_text(d->f, c->at.path);
        fputs(", \"value\": ", d->f);
        if (v)
            value_json(d->f, v, NULL);
        else
            json_text(d->f, text);
        fputc('}', d->f);
    } else {
        clean_text(d->f, c->at.path, "");
        fputs(" = ", d->f);
        if (v)
            value_line(d->f, v);
        else
            clean_text(d->f, text, "");
        fputc('\n', d->f);
    }
    d->n++;
}

static void show_done(struct verb_job *j, const struct done *d, const wsc_error *e)
{
    FILE *out = j->v->text;

    if (d->f && (fflush(d->f) != 0 || ferror(d->f)))
        j->v->out.failed = ENOMEM;
    if (j->v->o->json) {
        json_head(j);
        fprintf(out, ", \"changed\": [%s]", d->text ? d->text : "");
        json_end(out, e);
    } else if (d->text) {
        fputs(d->text, out);
    }
    put(j);
}

static void set_failed(struct verb_job *j, const struct done *d, const wsc_error *e)
{
    const struct options *o = j->v->o;
    const struct set *s = j->v->own;

    job_failed_with(j, e);
    if (o->quiet)
        return;
    if (!j->line && wsc_error_code(e) == WSC_E_NOT_FOUND)
        fprintf(stderr, "  the names of all settings: wsc config show %s\n", in_short(j->host));
    if (d->n)
        say("%s: %zu of %zu settings were written before", in_short(j->host), d->n, s->n);
}

static bool set_ended(struct verb_job *j, const wsc_error *e)
{
    const struct set *s = j->v->own;
    struct done *d = j->own;
    size_t i;

    for (i = 0; i < s->n && !e; i++)
        if (s->changes[i].piece == j->step)
            note(d, &s->changes[i], wsc_op_value(j->op), j->v->o->json);
    if (!e && j->step + 1 < s->npieces)
        return true;
    show_done(j, d, e);
    if (e)
        set_failed(j, d, e);
    return false;
}

static void clear_done(void *own)
{
    struct done *d = own;

    if (d->f)
        fclose(d->f);
    free(d->text);
}

/* For all hosts at once. */
static int guard_set(struct verbs *v)
{
    const struct set *s = v->own;
    wsc_client *client = verbs_first(v);
    int code = 0;
    size_t i;

    for (i = 0; i < s->n && client && code == 0; i++) {
        const struct change *c = &s->changes[i];
        const char *why = c->at.listed ? resource_cuts_off(s->pieces[c->piece].epr,
                                                           s->pieces[c->piece].value, false, client)
                                       : cuts_off(c->at.path, c->value, client);
        char what[400];

        snprintf(what, sizeof what, "%s=%s", c->at.path, in_short(c->value));
        if (why)
            code = cutoff_confirm(v->o, what, why);
    }
    wsc_client_unref(client);
    return code;
}

static int config_set(const struct options *o)
{
    static const struct course course = { begin_set,           NULL,      set_ended, verb_refused,
                                          sizeof(struct done), clear_done };
    static struct verbs v;
    static struct set s;
    int code = make_pieces(&s, o);
    size_t i;

    if (code == 0)
        code = verbs_prepare(&v, o, &course, NULL);
    v.own = &s;
    if (code == 0)
        code = verbs_run(&v, guard_set, NULL);
    for (i = 0; i < s.npieces; i++) {
        wsc_epr_unref(s.pieces[i].epr);
        wsc_value_unref(s.pieces[i].value);
    }
    free(s.changes);
    free(s.pieces);
    verbs_free(&v);
    return code;
}

/* --- reset ------------------------------------------------------------------------------------ */

static int begin_reset(struct verb_job *j)
{
    return wsc_invoke(&j->op, j->client, j->v->epr, "Restore", NULL, NULL);
}

static bool reset_ended(struct verb_job *j, const wsc_error *e)
{
    if (j->v->o->json) {
        json_head(j);
        json_end(j->v->text, e);
        put(j);
    }
    if (e)
        job_failed_with(j, e);
    return false;
}

static int guard_reset(struct verbs *v)
{
    return cutoff_confirm_reset(v->o);
}

static int config_reset(const struct options *o)
{
    static const struct course course = { begin_reset, NULL, reset_ended, verb_refused, 0, NULL };
    static struct verbs v;
    int code = verbs_prepare(&v, o, &course, NULL);

    if (code == 0 && wsc_epr_parse(&v.epr, "winrm/config", NULL, NULL) != WSC_OK)
        code = EXIT_LIMIT;
    if (code == 0)
        code = verbs_run(&v, guard_reset, NULL);
    verbs_free(&v);
    return code;
}

/* --- all of it -------------------------------------------------------------------------------- */

int cmd_config(const struct options *o)
{
    if (strcmp(o->action, "show") == 0)
        return config_show(o);
    if (strcmp(o->action, "set") == 0)
        return config_set(o);
    return strcmp(o->action, "diff") == 0 ? config_diff_hosts(o) : config_reset(o);
}
