/* wsc config: show, set, diff and reset. */
#include "config.h"
#include "verbs.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

/* --- set -------------------------------------------------------------------------------------- */

struct change {
    struct config_path at;
    const char *value;
    bool done;
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

static void print_changed(const struct options *o, const struct change *c, const wsc_value *now,
                          bool first)
{
    const char *text = NULL;
    const wsc_value *v = setting_find(now, c->at.name, &text);

    if (c->at.whole) { /* an attribute, or a parameter */
        v = NULL;
        text = text ? text : c->value;
    } else {
        text = c->value;
    }
    if (o->json) {
        fputs(first ? "{\"path\": " : ", {\"path\": ", stdout);
        json_text(stdout, c->at.path);
        fputs(", \"value\": ", stdout);
        if (v)
            value_json(stdout, v, NULL);
        else
            json_text(stdout, text);
        fputc('}', stdout);
        return;
    }
    clean_text(stdout, c->at.path, "");
    fputs(" = ", stdout);
    if (v)
        value_line(stdout, v);
    else
        clean_text(stdout, text, "");
    fputc('\n', stdout);
}

static int get(struct session *s, const char *resource, wsc_epr **epr, wsc_op **op)
{
    int rc = wsc_epr_parse_path(epr, resource, NULL, NULL);

    if (rc == WSC_OK)
        rc = wsc_get(op, s->client, *epr, NULL);
    return rc == WSC_OK ? session_op(s, *op) : rc;
}

/* A plug-in has its settings in attributes, and in parameters that tell their names so: it is read,
 * changed and written. WSC_E_NOT_FOUND without an error: it has no such setting. */
static int write_whole(struct session *s, const struct change *c, wsc_op **op)
{
    wsc_value *value = NULL;
    wsc_epr *epr = NULL;
    int rc = get(s, c->at.resource, &epr, op);

    if (rc == WSC_OK)
        rc = wsc_value_copy(&value, wsc_op_value(*op));
    if (rc == WSC_OK) {
        wsc_op_unref(*op);
        *op = NULL;
        rc = setting_set(value, c->at.name, c->value);
        if (rc == WSC_E_USAGE)
            say("%s: a character in name or value cannot be sent", c->at.path);
    }
    if (rc == WSC_OK)
        rc = wsc_put(op, s->client, epr, value, NULL);
    if (rc == WSC_OK)
        rc = session_op(s, *op);
    wsc_epr_unref(epr);
    wsc_value_unref(value);
    return rc;
}

/* The name that was meant, among those that the resource has. */
static void suggest(struct session *s, const struct change *c)
{
    const char *near = NULL;
    wsc_epr *epr = NULL;
    wsc_op *op = NULL;
    size_t at = 0, before = strlen(c->at.path) - strlen(c->at.name);

    if (get(s, c->at.resource, &epr, &op) == WSC_OK)
        near = setting_nearest(wsc_op_value(op), c->at.name, &at);
    if (near) {
        fputs("  try: ", stderr);
        clean_bytes(stderr, c->at.path, c->at.listed ? 0 : before, "");
        clean_bytes(stderr, c->at.name, at, "");
        clean_text(stderr, near, "");
        fputs("=VALUE\n", stderr);
    }
    wsc_op_unref(op);
    wsc_epr_unref(epr);
}

/* All that one resource has of them goes at once. */
static int write_one(struct session *s, struct change *c, size_t n, size_t at, wsc_op **op)
{
    wsc_value *value = NULL;
    wsc_epr *epr = NULL;
    size_t i;
    int rc;

    if (c[at].at.whole)
        return write_whole(s, &c[at], op);
    rc = wsc_value_new(&value, NULL, NULL);
    if (rc == WSC_OK)
        rc = wsc_epr_parse_path(&epr, c[at].at.resource, NULL, NULL);
    for (i = at; i < n && rc == WSC_OK; i++) {
        if (strcmp(c[i].at.resource, c[at].at.resource) != 0)
            continue;
        rc = wsc_value_add(value, NULL, c[i].at.name, c[i].value, NULL);
        if (rc == WSC_E_USAGE)
            say("%s: a character in name or value cannot be sent", c[i].at.path);
    }
    if (rc == WSC_OK)
        rc = wsc_update(op, s->client, epr, value, NULL);
    if (rc == WSC_OK)
        rc = session_op(s, *op);
    wsc_epr_unref(epr);
    wsc_value_unref(value);
    return rc;
}

static int no_such(struct session *s, const struct change *c)
{
    if (!s->o->quiet)
        say("%s: the resource has no %s", in_short(s->o->host), c->at.name);
    return EXIT_FAULT;
}

static int set_failed(struct session *s, const struct change *c, const wsc_op *op, int rc,
                      size_t written)
{
    bool ours = c->at.whole && rc == WSC_E_NOT_FOUND && !op; /* not the server's answer */
    const wsc_error *e = ours ? NULL : op ? wsc_op_error(op) : wsc_ctx_error(s->ctx);
    int code;

    if (s->ended_by)
        return EXIT_SIGNAL + s->ended_by;
    code = ours                ? no_such(s, c)
           : e                 ? fail_with(s->o, s->o->host, e)
           : rc == WSC_E_USAGE ? EXIT_USAGE
                               : EXIT_LIMIT;
    if ((ours || (e && wsc_error_code(e) == WSC_E_NOT_FOUND)) && !s->o->quiet) {
        suggest(s, c);
        if (ours || !c->at.listed)
            fprintf(stderr, "  the names of all settings: wsc config show %s\n",
                    in_short(s->o->host));
    }
    if (written && !s->o->quiet)
        say("%s: %zu of %zu settings were written before", in_short(s->o->host), written,
            s->o->argc);
    return code;
}

static int write_all(struct session *s, struct change *c)
{
    const struct options *o = s->o;
    size_t i, k, n = o->argc, written = 0;
    wsc_op *op = NULL;
    int code = 0, rc = WSC_OK;

    if (o->json) {
        json_begin(stdout, o->host);
        fputs(", \"changed\": [", stdout);
    }
    for (i = 0; i < n && code == 0; i++) {
        if (c[i].done)
            continue;
        wsc_op_unref(op);
        op = NULL;
        rc = write_one(s, c, n, i, &op);
        if (rc != WSC_OK)
            code = set_failed(s, &c[i], op, rc, written);
        for (k = i; k < n && code == 0; k++) {
            if (strcmp(c[k].at.resource, c[i].at.resource) != 0)
                continue;
            print_changed(o, &c[k], wsc_op_value(op), written++ == 0);
            c[k].done = true;
        }
    }
    if (o->json) {
        fputc(']', stdout);
        if (code && !op && rc == WSC_E_NOT_FOUND)
            json_end_own(stdout, WSC_E_NOT_FOUND, "the resource has no such setting");
        else
            json_end(stdout, code == 0 ? NULL : op ? wsc_op_error(op) : wsc_ctx_error(s->ctx));
    }
    wsc_op_unref(op);
    return code;
}

/* A listener's own Port or Enabled. */
static const char *listed_cuts_off(const struct change *c, const wsc_client *client)
{
    const char *why = NULL;
    wsc_value *value = NULL;
    wsc_epr *epr = NULL;

    if (!c->at.whole && wsc_epr_parse_path(&epr, c->at.resource, NULL, NULL) == WSC_OK &&
        wsc_value_new(&value, NULL, NULL) == WSC_OK &&
        wsc_value_add(value, NULL, c->at.name, c->value, NULL) == WSC_OK)
        why = resource_cuts_off(epr, value, false, client);
    wsc_value_unref(value);
    wsc_epr_unref(epr);
    return why;
}

static int set(struct session *s)
{
    const struct options *o = s->o;
    struct change *c = calloc(o->argc + 1, sizeof *c);
    int code = c ? read_changes(c, o) : EXIT_LIMIT;
    size_t i;

    if (code == 0)
        code = session_open(s, o);
    for (i = 0; i < o->argc && code == 0; i++) {
        const char *why = c[i].at.listed ? listed_cuts_off(&c[i], s->client)
                                         : cuts_off(c[i].at.path, c[i].value, s->client);
        char what[400];

        snprintf(what, sizeof what, "%s=%s", c[i].at.path, in_short(c[i].value));
        if (why)
            code = cutoff_confirm(o, what, why);
    }
    if (code == 0)
        code = write_all(s, c);
    free(c);
    return code;
}

/* --- reset ------------------------------------------------------------------------------------ */

static int reset(struct session *s)
{
    const struct options *o = s->o;
    const wsc_error *e = NULL;
    wsc_epr *epr = NULL;
    wsc_op *op = NULL;
    int code = session_open(s, o), rc;

    if (code == 0)
        code = cutoff_confirm_reset(o);
    if (code)
        return code;
    rc = wsc_epr_parse(&epr, "winrm/config", NULL, NULL);
    if (rc == WSC_OK)
        rc = wsc_invoke(&op, s->client, epr, "Restore", NULL, NULL);
    if (rc == WSC_OK)
        rc = session_op(s, op);
    if (rc != WSC_OK)
        e = op ? wsc_op_error(op) : wsc_ctx_error(s->ctx);
    if (o->json) {
        json_begin(stdout, o->host);
        json_end(stdout, e);
    }
    if (s->ended_by)
        code = EXIT_SIGNAL + s->ended_by;
    else if (rc != WSC_OK)
        code = fail_with(o, o->host, e);
    wsc_op_unref(op);
    wsc_epr_unref(epr);
    return code;
}

/* --- show and diff ---------------------------------------------------------------------------- */

/* Tells why Config itself could not be read; 0: it was. */
static int told_unread(struct session *s, const struct config_doc *d, int rc, const char *host)
{
    if (s->ended_by)
        return EXIT_SIGNAL + s->ended_by;
    if (d->error)
        return fail_with(s->o, host, d->error);
    return rc == WSC_OK ? 0 : EXIT_LIMIT;
}

static int show(struct session *s)
{
    const struct options *o = s->o;
    struct config_doc d = { .value = NULL };
    int code = session_open(s, o), rc;

    if (code)
        return code;
    rc = config_read(&d, s, s->client);
    if (s->ended_by) {
        code = EXIT_SIGNAL + s->ended_by;
    } else if (rc == WSC_OK || o->json) {
        if (o->json) {
            json_begin(stdout, o->host);
            config_json(stdout, &d);
            json_end(stdout, d.error);
        } else if (o->format == FORMAT_XML) {
            value_xml(stdout, d.value, o->pretty, false);
        } else {
            config_text(stdout, &d);
        }
        if (fflush(stdout) != 0 && errno == EPIPE)
            code = EXIT_SIGNAL + SIGPIPE;
        if (!o->quiet && rc == WSC_OK)
            config_tell_unread(&d, o->host);
    }
    if (code == 0)
        code = told_unread(s, &d, rc, o->host);
    config_free(&d);
    return code;
}

static bool is_file(const char *name)
{
    struct stat st;

    return stat(name, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* The other one: a file, or a host. */
static int read_other(struct session *s, struct config_doc *d, char *other)
{
    wsc_client *client = NULL;
    int rc;

    if (is_file(other))
        return config_load(d, other);
    if (has_userinfo(other)) {
        say("OTHER: a user name goes to --user, a password never on the command line");
        return EXIT_USAGE;
    }
    if (wsc_client_new(&client, s->ctx, other, s->identity, s->o->client) != WSC_OK)
        return fail_with(s->o, other, wsc_ctx_error(s->ctx));
    rc = config_read(d, s, client);
    wsc_client_unref(client);
    return told_unread(s, d, rc, other);
}

static int compare(struct session *s, struct config_doc *a, struct config_doc *b)
{
    const struct options *o = s->o;
    struct settings x = { NULL, 0, 0 }, y = { NULL, 0, 0 };
    size_t n = 0;
    bool good;

    config_drop_unshared(a, b);
    good = settings_of(&x, a) && settings_of(&y, b);
    if (good && o->json) {
        json_begin(stdout, o->host);
        fputs(", \"other\": ", stdout);
        json_text(stdout, o->argv[0]);
        fputs(", \"differences\": [", stdout);
        n = config_diff(stdout, &x, &y, true);
        fputc(']', stdout);
        json_end(stdout, NULL);
    } else if (good) {
        printf("--- %s\n+++ ", in_short(o->host));
        puts(in_short(o->argv[0]));
        n = config_diff(stdout, &x, &y, false);
    } else {
        say("out of memory");
    }
    settings_free(&x);
    settings_free(&y);
    return !good ? EXIT_LIMIT : n ? EXIT_OTHER : EXIT_OK;
}

static int diff(struct session *s)
{
    struct config_doc a = { .value = NULL }, b = { .value = NULL };
    int code = session_open(s, s->o), rc;

    if (code == 0)
        code = read_other(s, &b, s->o->argv[0]);
    if (code == 0) {
        rc = config_read(&a, s, s->client);
        code = told_unread(s, &a, rc, s->o->host);
    }
    if (code == 0)
        code = compare(s, &a, &b);
    config_free(&a);
    config_free(&b);
    return code;
}

/* --- all of it -------------------------------------------------------------------------------- */

int cmd_config(const struct options *o)
{
    struct session s = { .o = o };
    int code, end;

    if (strcmp(o->action, "show") == 0)
        code = show(&s);
    else if (strcmp(o->action, "set") == 0)
        code = set(&s);
    else if (strcmp(o->action, "diff") == 0)
        code = diff(&s);
    else
        code = reset(&s);
    end = finish_stdout();
    session_close(&s);
    return code ? code : end;
}
