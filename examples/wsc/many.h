/* wsc run --hosts: one command on many hosts, from one thread. */
#ifndef WSC_TOOL_MANY_H
#define WSC_TOOL_MANY_H

#include "wsc.h"

enum outcome { JOB_WAITS, JOB_RUNS, JOB_OK, JOB_CODE, JOB_FAILED, JOB_UNSTARTED };

struct many;

/* One line of the list. */
struct job {
    struct many *m;
    const struct host_line *host;
    wsc_client *client;
    wsc_command *cmd;
    struct bytes out[2]; /* stdout and stderr: a line that has not ended; --json: all of it */
    size_t input_at;     /* of the common input, what it has */
    bool input_over;
    bool paused; /* its output waits for ours */
    enum outcome outcome;
    int64_t code;
    char *reason, *remedy; /* of a failure, one line each */
    const char *cls;
    struct job *next_ended;
};

/* Our stdin, for all of them: kept whole, since later ones get it from the beginning. */
struct common_input {
    struct bytes data;
    bool open, too_much;
};

struct many {
    struct session s;
    const struct options *o;
    struct job *jobs;
    size_t n, next, parallel;
    size_t running, ok, coded, failed, unstarted;
    struct job *ended; /* to be told of, the first one first */
    struct job **last_ended;
    struct sink out, err;
    struct progress progress;
    struct common_input in;
    FILE *notes; /* our own lines on the way to err */
    char *note;
    size_t note_len;
    bool paused;   /* some are */
    bool stopping; /* no further ones begin */
    bool drop;     /* their output is of no more use */
};

/* many_input.c */
int many_input_fd(const struct many *m); /* to poll, or -1 */
void many_input_read(struct many *m);
void job_input(struct job *j); /* as much as it takes */

/* many_report.c */
void job_began(struct job *j);
void job_failed(struct job *j, const wsc_error *e);             /* before it began */
void job_refused(struct job *j, enum outcome outcome, int code, /* not by the library */
                 const char *why);
void job_ended(struct job *j); /* its command is done */
void many_notes(struct many *m);
void many_progress(struct many *m);
void many_summary(struct many *m);
int many_exit_code(const struct many *m);

#endif
