/* wsc winrm: command lines as winrm.cmd of Windows takes them. */
#ifndef WSC_TOOL_WINRM_H
#define WSC_TOOL_WINRM_H

#include "wsc.h"

enum winrm_switch_id {
    WINRM_OPTION,  /* one of ours with its argument: to */
    WINRM_SETTING, /* --set to=argument */
    WINRM_FIXED,   /* one of ours as it stands in to, or nothing to do: NULL */
    WINRM_REMOTE,
    WINRM_PASSWORD,
    WINRM_AUTH,
    WINRM_UNENCRYPTED,
    WINRM_RETURNTYPE,
    WINRM_ASSOCIATIONS,
    WINRM_OPTIONS,
    WINRM_TIMEOUT,
    WINRM_ENCODING,
    WINRM_FORMAT,
    WINRM_CERTIFICATE,
    WINRM_HELP
};

struct winrm_switch {
    const char *name;
    size_t least;    /* as many letters of it are enough */
    const char *arg; /* NULL = takes none */
    enum winrm_switch_id id;
    const char *to;
    unsigned commands;
    const char *help;
};
extern const struct winrm_switch winrm_switches[]; /* ends with a name of NULL */

struct winrm_verb {
    const char *names[3];
    enum command command; /* 0 = for the Windows machine itself */
    const char *usage, *what;
};
extern const struct winrm_verb winrm_verbs[]; /* ends with a name of NULL */

const char *winrm_verb_at(size_t i);                                      /* NULL past the end */
const struct winrm_verb *winrm_verb(const char *word);                    /* NULL = there is none */
const char *winrm_switch_at(size_t i);                                    /* NULL past the end */
const struct winrm_switch *winrm_switch_of(const char *name, size_t len); /* NULL = there is none */

/* winrm_args.c: what it is in our own words */
struct winrm_line {
    enum command command;
    char **argv;                       /* of options_parse, ends with NULL */
    struct words options, words, kept; /* kept: what was made for them */
};
/* 0, or an exit code after it has complained; *done: it was all (help) */
int winrm_read(struct winrm_line *l, char **argv, bool *done);
void winrm_free(struct winrm_line *l);

/* winrm_help.c: 0, or an exit code after it has complained */
int winrm_help(FILE *out, const char *topic);

#endif
