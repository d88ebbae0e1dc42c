/* The operations on resources: what is asked, on one host or on many, from one thread. */
#ifndef WSC_TOOL_VERBS_H
#define WSC_TOOL_VERBS_H

#include "values.h"

struct verbs;
struct verb_job;

/* What is done on each host: steps, of which each is one op, or one enumeration. */
struct course {
    int (*begin)(struct verb_job *j); /* the step's j->op or j->items; a status */
    void (*item)(struct verb_job *j, const wsc_value *item);
    /* It is over; e NULL: all went well. It shows what came, and sets j->code. True: begin the
     * next step, j->step is counted. */
    bool (*ended)(struct verb_job *j, const wsc_error *e);
    void (*refused)(struct verb_job *j, const char *why); /* a host that can be none */
    size_t own_size;              /* of what a job has for itself, zeroed at its beginning */
    void (*clear_own)(void *own); /* at its end; or NULL */
};

/* One host. */
struct verb_job {
    struct verbs *v;
    const struct course *course;
    const char *host, *bad; /* bad: why it can be none, or NULL */
    size_t line;            /* in the list of hosts, 0 = there is none */
    wsc_client *client;
    const wsc_epr *epr; /* what it is about; the course's */
    wsc_op *op;
    wsc_items *items;
    struct table table;
    void *own; /* the course's */
    size_t step;
    uint64_t count; /* of instances */
    int code;       /* how it ended; an exit code */
    bool running;
};

struct verbs {
    struct session s;
    const struct options *o;
    enum format format;
    wsc_epr *epr;       /* NULL = none */
    wsc_value *value;   /* NULL = none */
    wsc_params *params; /* of what is enumerated; NULL = none */
    struct names properties;
    bool *seen;     /* of them */
    char near[64];  /* like the first one that was not in what came first */
    uint64_t shown; /* values, of which properties were wanted */
    void *own;      /* what the courses of all share */
    struct verb_job *jobs;
    size_t n, first, next, parallel, running, failed, unstarted,
        differ; /* first: before it all have ended; differ: of failed */
    struct sink out;
    FILE *text; /* what is written next, before it goes to out */
    char *buf;
    size_t len;
    char remedy[512]; /* the last one that was told, cut */
    bool held;        /* items wait for room in out */
    bool stopping;
    bool tty; /* stdout is a terminal */
};

/* verb_run.c */
/* Room for the hosts of o, and for one more that is no line of them; names: of --properties, or
 * those of a table. 0, or an exit code after it has complained. */
int verbs_prepare(struct verbs *v, const struct options *o, const struct course *course,
                  const char *names);
/* A client of the first host that can be one, before anything is sent to any; the caller's. */
wsc_client *verbs_first(struct verbs *v);
/* Begins the jobs from v->next to v->n, and goes on until all have ended. */
void verbs_loop(struct verbs *v);
void verbs_stop(struct verbs *v); /* cancels all that runs, and begins no more */
int verbs_exit_code(const struct verbs *v);
void verbs_free(struct verbs *v);
/* All of it: guard is asked before anything is sent, and gives 0 or an exit code; NULL = none. */
int verbs_run(struct verbs *v, int (*guard)(struct verbs *v), void (*before)(struct verbs *v));
/* Tells of a failure, on stderr, and sets j->code; not what Ctrl+C ended. */
void job_failed_with(struct verb_job *j, const wsc_error *e);
void job_refuse(struct verb_job *j, const char *why); /* a line that names no host */
bool refused_alone(
    const wsc_error *e); /* the host works: its answer to another request may differ */
bool job_canceled(const struct verb_job *j, const wsc_error *e); /* by us, who were to end */

/* caret.c: the line of text, and below it a ^ under the offset */
void show_caret(FILE *out, const char *text, size_t at);
/* As fail_with; shows where the text is wrong that an option had, or NULL. */
int fail_at(const struct options *o, const char *host, const wsc_error *e, const char *text);

/* verb_args.c: 0, or an exit code after it has complained */
int args_epr(wsc_epr **out, const struct options *o, const char *text);
/* From NAME=VALUE, NAME/NAME=VALUE, @{...}, and the file; NULL where there are none. */
int args_value(wsc_value **out, const struct options *o);
int add_pair(wsc_value *value, char *word);
bool is_secret(const char *name); /* of a property that holds a password */

/* cmd_verbs.c */
extern const struct course verb_course;
int verb_guard(struct verbs *v);                        /* what may cut off our own access */
void verb_refused(struct verb_job *j, const char *why); /* shown as a value that there is not */

/* verb_show.c */
void put(struct verb_job *j);                           /* what is in v->text */
void show_xml(struct verbs *v, const wsc_value *value); /* there */
void json_head(struct verb_job *j);                     /* of a job's object */
void show_begin(struct verbs *v);                       /* before the first instance */
void show_item(struct verb_job *j, const wsc_value *item);
void show_items_end(struct verb_job *j, const wsc_error *e);
void show_result(struct verb_job *j, const wsc_value *value, const wsc_error *e);
/* Only what the path names within it; false: there is none. */
bool show_part(struct verb_job *j, const wsc_value *value, const char *path);
void tell_unseen(const struct verbs *v); /* of --properties those that nothing had */
void show_refused(struct verb_job *j, int code, const char *why); /* not by the library */
/* Of a method: true and the number where it is not 0. */
bool return_value(const wsc_value *output, int64_t *out);

#endif
