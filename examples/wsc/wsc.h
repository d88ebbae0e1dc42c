/* wsc: run commands on Windows machines, and manage them, from the shell. What its source files
 * share. */
#ifndef WSC_TOOL_H
#define WSC_TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include <wsman-client/wsman-client.h>

/* exit codes; run and shell end with EXIT_OURS instead of 1 to 10 */
enum {
    EXIT_OK = 0,
    EXIT_OTHER = 1,
    EXIT_USAGE = 2,
    EXIT_NETWORK = 3,
    EXIT_TIME = 4,
    EXIT_TLS = 5,
    EXIT_AUTH = 6,
    EXIT_ACCESS = 7,
    EXIT_FAULT = 8,
    EXIT_PROTOCOL = 9,
    EXIT_LIMIT = 10,
    EXIT_REMOTE = 254, /* the remote code does not fit */
    EXIT_OURS = 255,
    EXIT_SIGNAL = 128 /* + number of the signal that ended us */
};

enum command {
    CMD_RUN = 1,
    CMD_SHELL = 2,
    CMD_IDENTIFY = 4,
    CMD_OPTIONS = 8,
    CMD_EXPLAIN = 16,
    CMD_GET = 32,
    CMD_ENUMERATE = 64,
    CMD_SET = 128,
    CMD_INVOKE = 256,
    CMD_CREATE = 512,
    CMD_DELETE = 1024,
    CMD_CONFIG = 2048,
    CMD_SHELLS = 4096,
    CMD_WINRM = 8192, /* one of the others, by other words */
    CMD_SUBSCRIBE = 16384
};
#define CMD_CHANGES (CMD_SET | CMD_INVOKE | CMD_CREATE) /* take values */
#define CMD_VERBS   (CMD_GET | CMD_ENUMERATE | CMD_DELETE | CMD_CHANGES)
#define CMD_SHOWS                                                                                  \
    (CMD_VERBS | CMD_CONFIG | CMD_SHELLS | CMD_SUBSCRIBE) /* show what came as values */
#define CMD_NET (CMD_RUN | CMD_SHELL | CMD_IDENTIFY | CMD_SHOWS | CMD_WINRM)
#define CMD_ALL (CMD_NET | CMD_OPTIONS | CMD_EXPLAIN)

enum opt_id {
    OPT_PARAM, /* an option of the library by another name */
    OPT_USER,
    OPT_PASSWORD_FD,
    OPT_ENV,
    OPT_SET,
    OPT_INTERACTIVE,
    OPT_NO_STDIN,
    OPT_PROGRAM,
    OPT_HOSTS,
    OPT_PARALLEL,
    OPT_STATS,
    OPT_SELECTOR,
    OPT_OPTION,
    OPT_FILE,
    OPT_REPLACE,
    OPT_FORMAT,
    OPT_PROPERTIES,
    OPT_FORCE,
    OPT_OWNER,
    OPT_REMOVE,
    OPT_DRY_RUN,
    OPT_COMMANDS,
    OPT_BOOKMARK,
    OPT_CONTENT,
    OPT_COUNT,
    OPT_RETRY,
    OPT_ANONYMOUS,
    OPT_JSON,
    OPT_QUIET,
    OPT_VERBOSE,
    OPT_TRACE,
    OPT_HELP,
    OPT_VERSION
};

struct opt_def {
    enum opt_id id;
    char letter; /* 0 = none */
    const char *name;
    const char *arg;           /* what its argument is called, NULL = takes none */
    unsigned commands;         /* enum command, or-ed */
    const char *param, *value; /* the library's name; OPT_PARAM without an argument: the value */
    const char *help;
};

enum format { FORMAT_DEFAULT, FORMAT_TEXT, FORMAT_TABLE, FORMAT_XML, FORMAT_JSON };

struct words {
    char **at;
    size_t n;
};

struct host_list {
    struct host_line {
        char *name;
        size_t line;     /* in the file, from 1 */
        const char *bad; /* why it cannot be a host, or NULL */
    } * hosts;
    size_t n, cap;
};

struct options {
    enum command command;
    char *host;  /* also the NAME of options and the CODE of explain */
    char **argv; /* run: the command and its arguments; others: the words that are no options */
    size_t argc;
    wsc_params *client;   /* what the library shall know, of the client ... */
    wsc_params *identity; /* ... who we are ... */
    wsc_params *context;  /* ... and of the context */
    const char *user, *program, *password_file;
    const char *hosts_file; /* in the place of host, NULL = none */
    const char *action;     /* config: its first word */
    const char *method, *resource;
    const char *file;       /* with the content; - is stdin */
    const char *properties; /* which ones, with commas between them; NULL = all */
    const char *filter, *fragment, *owner, *remove, *commands, *bookmark;
    unsigned count;         /* of events, 0 = without an end */
    struct words selectors; /* NAME=VALUE, cut */
    enum format format;
    struct host_list hosts;
    int password_fd, verbose, parallel;
    bool https, has_auth, has_cert, has_key, has_tickets;
    bool interactive, no_stdin, anonymous, json, quiet, stats, help, version, http_status;
    bool replace, force, retry, dry_run, trace, pretty; /* pretty: XML, indented */
};

/* options.c, opt_table.c */
extern const struct opt_def opt_table[];
extern const size_t opt_table_len;
int options_parse(struct options *o, char **argv); /* 0, or an exit code after it has complained */
void options_free(struct options *o);
bool has_userinfo(char *host); /* user:password@: it is wiped */
/* Behind the '@' of user information; NULL: there is none. */
const char *behind_userinfo(const char *host);
int of_no_use(const char *what, const char *without);
/* Cuts NAME=VALUE in place and gives the value; NULL after it has complained. */
char *cut_pair(char *pair, const char *shown);
void advise_secret(bool key);
bool library_option(const char *name, const char *field, const char **out);

/* nearest.c */
size_t word_distance(const char *a, const char *b); /* in either case; SIZE_MAX for long words */
const char *nearest(const char *word, const char *(*name_at)(size_t i)); /* NULL = none is near */

/* words.c: from the words that are no options. 0, or an exit code after it has complained */
int words_take(struct options *o);

/* texts.c: what help and the manual page say; each ends with an entry of NULLs */
struct command_def {
    const char *name;
    enum command command;
    const char *usage, *what, *more;
};
struct help_note {
    const char *title, *text; /* the title is for the manual page */
};
extern const char help_title[];
extern const struct command_def command_table[];
extern const struct help_note help_notes[];
extern const char *const help_examples[]; /* ends with NULL */

/* help.c */
const char *command_name_at(size_t i);          /* NULL past the end */
enum command command_by_name(const char *name); /* 0 = none */
void help_main(FILE *out);
void help_command(FILE *out, enum command command);
void wrap_text(FILE *out, const char *text, int indent, int width);
int screen_width(void);

/* password.c: gives the password to o->identity. 0, or an exit code after it has complained */
int password_get(struct options *o);
void wipe(void *data, size_t len);

/* report.c */
void say(const char *fmt, ...); /* "wsc: ...", a line on stderr */
/* What the user wrote, to be repeated: cut where it is long, and without what may be a password
 * before an '@'. Good until the next call but one. */
const char *in_short(const char *text);
FILE *told(void);        /* where our own lines go ... */
void tell_to(FILE *out); /* ... NULL = to stderr */
/* without control characters; lines after the first are indented */
void clean_text(FILE *out, const char *text, const char *indent);
void clean_bytes(FILE *out, const char *text, size_t len, const char *indent);
/* Its text, without user information in a value of an option that it repeats. Good until the next
 * call. */
const char *error_text(const wsc_error *e);
void report_error(const char *what, const wsc_error *e);
/* "HOST: text", once where the text names the host itself */
void brief_error(FILE *out, const char *what, const wsc_error *e);
void show_own(FILE *out, const struct opt_def *def); /* a switch with its argument */
/* How one of the library's is given here; off: it is to be switched off. */
void show_switch(FILE *out, const char *option, bool off);
/* The library's texts name its options: how those of this text are given here, but for those of the
 * texts before it; and what PowerShell wants otherwise in the commands that it names. */
void report_switches(FILE *out, const char *(*text_at)(const void *texts, size_t i),
                     const void *texts, size_t at);
void show_exit_code(FILE *out, int64_t code); /* a large one by its name, too */
void report_stats(const char *what, const wsc_client *client);
const char *client_text(const wsc_client *client, const char *name); /* NULL where there is none */
/* Tells of the failure as the options want it and gives the exit code. */
int fail_with(const struct options *o, const char *what, const wsc_error *e);
void say_unwritten(int error);
int finish_stdout(void); /* flushes; EXIT_OTHER when that fails */

/* json.c */
size_t utf8_bad_at(const void *data, size_t len); /* len = nowhere */
void json_text(FILE *out, const char *s);         /* NULL = null */
void json_bytes(FILE *out, const char *name, const void *data, size_t len);
/* What is said of a host is an object that begins with it and ends with the error, NULL = none. */
void json_begin(FILE *out, const char *host);
void json_end(FILE *out, const wsc_error *e);
void json_end_own(FILE *out, int code, const char *text); /* an error that is not the library's */
void json_stats(FILE *out, const wsc_client *client);     /* NULL = of none */

/* signals.c */
void signals_install(void);
void signals_wake(wsc_ctx *ctx); /* signals end the waiting of ctx; NULL = of none */
int signals_interrupts(void);    /* how many SIGINT came */
int signals_end(void);           /* the first of SIGTERM, SIGHUP, SIGQUIT; 0 = none */
int signals_ended_by(void);      /* SIGINT, or one of those; 0 = none */
bool signals_stopped(void);      /* SIGTSTP came while it was caught; forgets it */
void signals_catch_stop(bool on);

/* input.c: our stdin to the command's */
struct input {
    char buf[65536];
    size_t have, sent;
    bool closed; /* no more comes, or it may not go */
};
void input_init(struct input *in, wsc_command *cmd, bool pass);
int input_fd(const struct input *in); /* to poll for input, or -1 */
void input_read(struct input *in, wsc_command *cmd);
void input_pump(struct input *in, wsc_command *cmd);

/* lines.c: whole lines from many hosts to our stdout and stderr */
struct bytes {
    char *data;
    size_t len, cap;
};
struct progress {
    bool on, beside; /* stdout is a terminal, too */
    char shown[128]; /* empty = nothing is */
};
struct sink {
    int fd;
    struct bytes wait;
    size_t sent;
    int failed; /* errno of stdout */
};
bool bytes_add(struct bytes *b, const void *data, size_t len);
void bytes_free(struct bytes *b);
void sink_add(struct sink *s, const void *data, size_t len);
size_t sink_pending(const struct sink *s);
bool sink_full(const struct sink *s);
void sink_flush(struct sink *s, struct progress *p); /* as much as goes without waiting */
/* Lines of one stream of a host; begun: the last one, which has not ended. How many bytes it took:
 * fewer than len when to is full. */
size_t lines_take(struct bytes *begun, const char *host, struct sink *to, const char *data,
                  size_t len);
void lines_end(struct bytes *begun, const char *host, struct sink *to);
void progress_init(struct progress *p, bool wanted);
void progress_erase(struct progress *p, int fd); /* before something is written there */
void progress_draw(struct progress *p, const char *text);

/* output.c: the command's output to ours */
struct output {
    char buf[65536];
    size_t have, sent;
    int stream;
    bool keep; /* collect it all for the end */
    struct bytes kept[2];
    int failed; /* errno of stdout */
};
/* WSC_OK: all is written. WSC_E_AGAIN: nothing to do now. Else: the command's error, or
 * WSC_E_IO with failed set. */
int output_pump(struct output *out, wsc_command *cmd);
int output_fd(const struct output *out); /* to poll until it can be written, or -1 */
void output_free(struct output *out);
/* What goes without being blocked: 0 = nothing now, -1 = see errno. */
ssize_t write_some(int fd, const void *data, size_t len);

/* session.c */
struct session {
    const struct options *o;
    wsc_ctx *ctx;
    wsc_identity *identity;
    wsc_client *client; /* of session_open */
    int interrupts;     /* SIGINT that were acted on */
    int ended_by;       /* the signal that ended us, 0 = none */
};
int session_start(struct session *s, const struct options *o); /* 0, or an exit code */
int session_open(struct session *s, const struct options *o);  /* the same, and a client */
/* Waits until it is done; a signal cancels it and is kept in ended_by. */
int session_op(struct session *s, wsc_op *op);
void session_wait(struct session *s, int in_fd, int out_fd, bool *in_ready);
void session_close(struct session *s); /* lets the clean-up reach the server */

/* hosts.c: 0, or an exit code after it has complained */
int hosts_load(struct options *o);
bool hosts_read(struct host_list *l, const struct options *o, FILE *f); /* false: see errno */
void hosts_free(struct host_list *l);
/* How many at once: as many as wanted, and as there are descriptors for. */
size_t hosts_parallel(const struct options *o);

/* cmd_*.c: exit codes */
int cmd_run(const struct options *o);
int cmd_hosts(const struct options *o); /* run on many hosts */
int cmd_shell(const struct options *o);
int cmd_identify(const struct options *o);
int cmd_options(const struct options *o);
int cmd_explain(const struct options *o);
int cmd_verbs(const struct options *o);       /* of CMD_VERBS, on one host or on many */
int cmd_invoke_each(const struct options *o); /* of what a filter selects */
int cmd_config(const struct options *o);
int cmd_shells(const struct options *o);
int cmd_subscribe(const struct options *o);
int cmd_events(const struct options *o); /* subscribe on many hosts */

#endif
