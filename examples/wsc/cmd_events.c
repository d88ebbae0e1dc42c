/* wsc subscribe --hosts: the events of many hosts, as they come, in one stream. */
#include "subscribe.h"
#include "verbs.h"

#include <stdlib.h>

/* Each host is asked until the end: those that wait for their turn would have none. */
#define ALL 1000000

static int begin(struct verb_job *j)
{
    return wsc_subscribe(&j->items, j->client, j->v->epr, NULL);
}

/* A sign of life has nothing within. */
static void show(struct verb_job *j, const wsc_value *item)
{
    struct verbs *v = j->v;
    uint64_t *shown = v->own;
    wsc_value *own = NULL;
    const wsc_value *event = event_of(item, &own);

    if (!event || (v->o->count && *shown >= v->o->count)) {
        wsc_value_unref(own);
        return;
    }
    if (v->format == FORMAT_JSON) {
        json_head(j);
        value_json_named(v->text, event, NULL);
        json_end(v->text, NULL);
    } else {
        event_line(v->text, event);
    }
    put(j);
    wsc_value_unref(own);
    if (v->o->count && ++*shown == v->o->count)
        verbs_stop(v);
}

static bool ended(struct verb_job *j, const wsc_error *e)
{
    bool wanted = job_canceled(j, e);

    show_items_end(j, wanted ? NULL : e);
    if (e && !wanted)
        job_failed_with(j, e);
    return false;
}

int cmd_events(const struct options *o)
{
    static const struct course course = { begin, show, ended, verb_refused, 0, NULL };
    static struct verbs v;
    static uint64_t shown;
    struct options all = *o;
    int code;

    all.parallel = ALL;
    code = verbs_prepare(&v, &all, &course, NULL);
    v.own = &shown;
    if (code == 0 && v.parallel < v.n) {
        say("subscribe asks all hosts at once, and descriptors suffice for %zu", v.parallel);
        code = EXIT_LIMIT;
    }
    if (code == 0)
        code = subscribe_epr(&v.epr, o);
    if (code == 0)
        code = verbs_run(&v, NULL, NULL);
    verbs_free(&v);
    return code;
}
