/* wsc config show and diff: the whole configuration of each host. */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static int begin(struct verb_job *j)
{
    return config_begin(j->own, j);
}

static void item(struct verb_job *j, const wsc_value *value)
{
    config_item(j->own, value);
}

static void clear(void *own)
{
    config_free(own);
}

/* --- show ------------------------------------------------------------------------------------- */

#define NO_CONFIG "the answer holds no configuration"

static void end_json(struct verb_job *j, const struct config_doc *d)
{
    if (d->none)
        json_end_own(j->v->text, WSC_E_PROTOCOL, NO_CONFIG);
    else
        json_end(j->v->text, d->error);
}

static void show(struct verb_job *j, const struct config_doc *d)
{
    struct verbs *v = j->v;

    if (v->format == FORMAT_JSON) {
        json_head(j);
        config_json(v->text, d);
        end_json(j, d);
    } else if (v->format == FORMAT_XML) {
        show_xml(v, d->value);
    } else {
        config_text(v->text, d);
    }
    put(j);
}

/* Tells why there is no whole one. */
static void tell(struct verb_job *j, const struct config_doc *d)
{
    if (d->error)
        job_failed_with(j, d->error);
    if (!d->none)
        return;
    j->code = EXIT_PROTOCOL;
    if (!j->v->o->quiet)
        say("%s: " NO_CONFIG, in_short(j->host));
}

static bool show_ended(struct verb_job *j, const wsc_error *e)
{
    struct config_doc *d = j->own;
    bool canceled;

    if (config_ended(d, j, e))
        return true;
    canceled = job_canceled(j, d->error);
    if (j->v->o->json || (!canceled && ((!d->error && !d->none) || j->step))) {
        show(j, d);
        if (!j->v->o->quiet && !canceled)
            config_tell_unread(d, j->host);
    }
    tell(j, d);
    return false;
}

/* --- diff ------------------------------------------------------------------------------------- */

static size_t differences(struct verb_job *j, const struct settings *a, const struct settings *b)
{
    struct verbs *v = j->v;
    size_t n;

    if (v->format == FORMAT_JSON) {
        json_head(j);
        fputs(", \"other\": ", v->text);
        json_text(v->text, v->o->argv[0]);
        fputs(", \"not_compared\": ", v->text);
        config_json_unshared(v->text, j->own, v->own);
        fputs(", \"differences\": [", v->text);
        n = config_diff(v->text, a, b, true);
        fputc(']', v->text);
        json_end(v->text, NULL);
    } else {
        if (!j->line) {
            fprintf(v->text, "--- %s\n+++ ", in_short(j->host));
            fprintf(v->text, "%s\n", in_short(v->o->argv[0]));
        }
        n = config_diff(v->text, a, b, false);
    }
    put(j);
    return n;
}

static void compare(struct verb_job *j, const struct config_doc *a, const struct config_doc *b)
{
    struct settings x = { NULL, 0, 0 }, y = { NULL, 0, 0 };

    if (!j->v->o->quiet)
        config_tell_unshared(a, b, j->host);
    if (!settings_of(&x, a, b) || !settings_of(&y, b, a)) {
        say("out of memory");
        j->code = EXIT_LIMIT;
    } else if (differences(j, &x, &y)) {
        j->v->differ++;
        j->code = EXIT_OTHER;
    }
    settings_free(&x);
    settings_free(&y);
}

static void diff_failed(struct verb_job *j, const struct config_doc *d)
{
    if (j->v->format == FORMAT_JSON && j->host != j->v->o->argv[0]) {
        json_head(j);
        fputs(", \"other\": ", j->v->text);
        json_text(j->v->text, j->v->o->argv[0]);
        fputs(", \"differences\": null", j->v->text);
        end_json(j, d);
        put(j);
    }
    tell(j, d);
}

/* What a host would not tell is no agreement. */
static bool any_unread(const struct config_doc *d)
{
    size_t i;

    for (i = 0; i < CONFIG_SECTIONS; i++)
        if (d->unread[i])
            return true;
    return false;
}

static bool diff_ended(struct verb_job *j, const wsc_error *e)
{
    struct config_doc *d = j->own, *other_doc = j->v->own;
    bool other = j->host == j->v->o->argv[0];

    if (config_ended(d, j, e))
        return true;
    if (d->error || d->none) {
        diff_failed(j, d);
    } else if (other) {
        *other_doc = *d;
        memset(d, 0, sizeof *d); /* it is kept */
    } else {
        compare(j, d, other_doc);
        if (j->code == 0 && (any_unread(d) || any_unread(other_doc)))
            j->code = EXIT_FAULT;
    }
    return false;
}

static bool is_file(const char *name)
{
    struct stat st;

    return stat(name, &st) == 0 && !S_ISDIR(st.st_mode);
}

/* The other one: a file ... */
static int load_other(struct verbs *v)
{
    char *other = v->o->argv[0];

    if (is_file(other))
        return config_load(v->own, other);
    if (!has_userinfo(other))
        return 0;
    say("OTHER: a user name goes to --user, a password never on the command line");
    return EXIT_USAGE;
}

/* ... or a host, which is read before the others are. */
static int read_other(struct verbs *v)
{
    const struct config_doc *other = v->own;
    size_t n = v->n;
    int code;

    if (other->value)
        return 0;
    v->jobs[n].host = v->o->argv[0];
    v->first = v->next = n;
    v->n = n + 1;
    verbs_loop(v);
    code = v->s.ended_by ? EXIT_SIGNAL + v->s.ended_by : v->jobs[n].code;
    if (v->out.failed)
        code = verbs_exit_code(v);
    v->n = n;
    v->first = v->next = v->failed = v->unstarted = 0;
    return code;
}

/* --- all of it -------------------------------------------------------------------------------- */

int config_show(const struct options *o)
{
    static const struct course course = {
        begin, item, show_ended, verb_refused, sizeof(struct config_doc), clear
    };
    static struct verbs v;
    int code = verbs_prepare(&v, o, &course, NULL);

    if (code == 0)
        code = verbs_run(&v, NULL, NULL);
    verbs_free(&v);
    return code;
}

int config_diff_hosts(const struct options *o)
{
    static const struct course course = {
        begin, item, diff_ended, verb_refused, sizeof(struct config_doc), clear
    };
    static struct config_doc other;
    static struct verbs v;
    int code = verbs_prepare(&v, o, &course, NULL);

    v.own = &other;
    if (code == 0)
        code = load_other(&v);
    if (code == 0)
        code = verbs_run(&v, read_other, NULL);
    config_free(&other);
    verbs_free(&v);
    return code;
}
