/* The operations on resources: what is asked, on one host or on many, from one thread. */
#ifndef WSC_TOOL_VERBS_H
#define WSC_TOOL_VERBS_H

#include "values.h"

struct verbs;

/* One host. */
struct verb_job {
    struct verbs *v;
    const char *host, *bad; /* bad: why it can be none, or NULL */
    size_t line;            /* in the list of hosts, 0 = there is none */
    wsc_client *client;
    wsc_op *op;
    wsc_items *items;
    struct table table;
    uint64_t count; /* of instances */
    int code;       /* how it ended; an exit code */
    bool running;
};

struct verbs {
    struct session s;
    const struct options *o;
    wsc_epr *epr;
    wsc_value *value; /* NULL = none */
    struct names properties;
    struct verb_job *jobs;
    size_t n, first, next, parallel, running, failed,
        unstarted; /* first: before it all have ended */
    struct sink out;
    FILE *text; /* what is written next, before it goes to out */
    char *buf;
    size_t len;
    char remedy[512]; /* the last one that was told, cut */
    bool held;        /* items wait for room in out */
    bool stopping;
    bool tty; /* stdout is a terminal */
};

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

/* verb_show.c */
void show_begin(struct verbs *v); /* before the first instance */
void show_item(struct verb_job *j, const wsc_value *item);
void show_items_end(struct verb_job *j, const wsc_error *e);
void show_result(struct verb_job *j, const wsc_value *value, const wsc_error *e);
/* Only what the path names within it; false: there is none. */
bool show_part(struct verb_job *j, const wsc_value *value, const char *path);
void show_refused(struct verb_job *j, int code, const char *why); /* not by the library */
/* Of a method: true and the number where it is not 0. */
bool return_value(const wsc_value *output, int64_t *out);

#endif
