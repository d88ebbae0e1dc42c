/* A command in a shell (MS-WSMV 3.1.4.11-14): start, output, input, signals, end. */
#ifndef WSC_PROTO_COMMAND_H
#define WSC_PROTO_COMMAND_H

#include "base/b64.h"
#include "base/hash.h"
#include "proto/haste.h"
#include "proto/output.h"
#include "proto/shell.h"

enum wsc__command_state {
#define WSC__COMMAND_STATE(id, name) WSC__COMMAND_##id,
#include "proto/states.def"
#undef WSC__COMMAND_STATE
};

/* What a Receive has delivered of one stream, so that its repetition is not delivered twice. */
struct wsc__seen {
    struct wsc__hash hash; /* of this reply so far */
    uint64_t want_hash;    /* of the reply that broke off */
    uint64_t skip;         /* bytes of it still to come again */
    uint64_t total;        /* what skip began with */
};

struct wsc_command {
    struct wsc__object o;
    struct wsc__callback on_output, on_writable, on_exit;
    enum wsc__command_state state;
    struct wsc_shell *shell;
    struct wsc__link in_shell, in_senders, in_owed;
    struct wsc__optset *params;
    char *id;
    struct wsc__buf body; /* of the Command request, until it is sent */
    bool connects;        /* the server has it already */
    bool behind;          /* asked for once its shell was to leave: it waits for the return */
    bool away; /* it rests on the server: its shell does, or its Reconnect is under way */
    struct wsc__req *start; /* Command, Connect or Reconnect */
    struct wsc__req *receive, *send;
    struct wsc_error *err;
    struct wsc__timer timer; /* deadline */

    struct wsc__output out;
    uint64_t received;
    size_t output_limit;
    struct wsc__seen seen[2];
    struct wsc__haste haste;        /* of Receives */
    uint64_t asked_with;            /* received when the last one was made */
    struct wsc_error *stream_error; /* found while reading a reply */
    int stream;        /* of the rsp:Stream being read: 0, 1, or -1 for one to ignore */
    bool stream_ends;  /* with this rsp:Stream */
    bool wanted;       /* a consumer has shown */
    bool held;         /* on_output took less than it got */
    bool armed_output; /* tell WSC_EVENT_OUTPUT */
    bool net_paused;   /* the reply is stopped in the middle */
    bool finished;     /* state Done was read */
    bool has_exit;
    bool eof[2];
    int64_t exit_code;

    struct wsc__buf in; /* stdin that the server has not taken yet */
    size_t in_flight;   /* so much of it is in the Send under way */
    size_t input_limit;
    struct wsc_error *in_error; /* the server takes no more input */
    bool in_eof, in_eof_sent;
    bool armed_writable;
    bool canceled; /* nobody waits for its output any more */
    bool exit_told;
    bool over;     /* on_exit has run: nothing comes after it */
    char text[24]; /* of wsc_command_get_str */
};

int wsc__command_run(struct wsc_command **out, struct wsc_shell *s, struct wsc__optset *params,
                     const char *program, const char *const *args, size_t nargs,
                     struct wsc_error **err);
/* One that the server has, of a shell that was connected to. */
int wsc__command_connect(struct wsc_command **out, struct wsc_shell *s, struct wsc__optset *params,
                         const char *id, struct wsc_error **err);
/* Ends it with err (borrowed); tell: the server still has it and is told to terminate it. */
void wsc__command_fail(struct wsc_command *c, struct wsc_error *err, bool tell);
void wsc__command_let_go(
    struct wsc_command *c); /* the caller does: it is canceled, or left to itself */
void wsc__command_cancel(struct wsc_command *c);
void wsc__command_want(struct wsc_command *c);       /* a consumer shows: Receive may start */
void wsc__command_drained(struct wsc_command *c);    /* output was taken: the network may go on */
void wsc__command_shell_open(struct wsc_command *c); /* it is, the first time or again */
/* Its shell is to leave: asks for nothing more, and reads on what is on its way. */
void wsc__command_leaves(struct wsc_command *c);
void wsc__command_goes_away(struct wsc_command *c); /* Disconnect goes out */
void wsc__command_hurries(struct wsc_command *c);
void wsc__command_stays(struct wsc_command *c);        /* and was refused */
bool wsc__command_starts(const struct wsc_command *c); /* a request of that kind is under way */
bool wsc__command_receives(const struct wsc_command *c);
void wsc__command_complete(struct wsc_command *c); /* state Done */
void wsc__command_check_exit(struct wsc_command *c);
/* An answer to a request that the command had let go when it ended: false = it has not ended. */
bool wsc__command_late(struct wsc_command *c);
bool wsc__command_rests(const struct wsc_command *c);
bool wsc__command_blocked(const struct wsc_command *c); /* unread output fills output-limit */
const char *wsc__command_state_name(enum wsc__command_state s);

/* command_input.c */
int wsc__command_write(struct wsc_command *c, const void *data, size_t len, size_t *taken);
void wsc__command_write_eof(struct wsc_command *c);
void wsc__command_send_more(struct wsc_command *c);
bool wsc__command_send(struct wsc_command *c); /* its turn: false = nothing to send */
int wsc__command_signal(struct wsc_op **out, struct wsc_command *c, const char *uri,
                        struct wsc_error **err);

/* command_receive.c */
void wsc__command_receive(struct wsc_command *c);

/* between the files of the command */
void wsc__command_to(struct wsc_command *c, enum wsc__command_state s);
void wsc__command_cancel_object(struct wsc__object *o);
void wsc__command_destroy(struct wsc__object *o);
void wsc__command_on_deadline(struct wsc__timer *t, uint64_t now);

/* shell_open.c, shell.c */
int wsc__chosen_id(struct wsc__core *core, const struct wsc__optset *params, enum wsc__opt which,
                   char out[WSC__UUID_LEN + 1], struct wsc_error **err);
int wsc__signal_req(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                    const char *command_id, const char *uri, const struct wsc__req_ops *ops,
                    void *owner, int64_t total_ms, const char *total_option,
                    struct wsc_error **err);

#endif
