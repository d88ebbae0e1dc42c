/* A shell on a host (MS-WSMV 3.1.4.5, 3.1.4.15-17, 3.2.4): opened or connected to, used by
 * commands, left and taken up again, closed. */
#ifndef WSC_PROTO_SHELL_H
#define WSC_PROTO_SHELL_H

#include "proto/op.h"

enum wsc__shell_state {
    WSC__SHELL_IS_NEW, /* not told */
#define WSC__SHELL_STATE(id, name) WSC__SHELL_IS_##id = WSC_SHELL_##id,
#include "proto/states.def"
#undef WSC__SHELL_STATE
};

/* What is asked of an open or a disconnected shell, until the server has answered. */
enum wsc__shell_move { WSC__SHELL_STAYS, WSC__SHELL_LEAVES, WSC__SHELL_RETURNS };

struct wsc_shell {
    struct wsc__object o;
    struct wsc__callback on_state;
    enum wsc__shell_state state;
    unsigned untold; /* states not told yet, as bits */
    struct wsc__client *client;
    struct wsc__optset *params;
    const char *resource_uri; /* of params */
    char *id, *owner, *client_ip, *name;
    char *streams;   /* OutputStreams of ConnectResponse; NULL = as the option says */
    int64_t idle_ms; /* as the server said; 0 = unknown */
    char idle_text[24];
    struct wsc_error *err;
    struct wsc__req *create; /* Create, or Connect */
    struct wsc__req *remove, *keep_alive;
    struct wsc__list commands;   /* not yet done */
    struct wsc__list senders;    /* commands with input, waiting for their turn */
    struct wsc_command *sending; /* one Send at a time per shell */
    struct wsc__list waiters;    /* ops of wsc_shell_close */
    struct wsc__timer timer;     /* cancel-timeout of the closing, keep-alive, deadline of a move */
    uint64_t last_request;
    unsigned signals;      /* of the user, that must be answered before Disconnect */
    unsigned clean_up;     /* Signals that must be answered before Delete or Disconnect */
    bool close_after_last; /* nobody holds it: closes after its last command */
    bool left;             /* nobody holds it, and it stays on the server */
    bool close_wanted;     /* once it is open */
    bool connects;         /* it was there before */

    enum wsc__shell_move moves;
    struct wsc__list movers;         /* ops that wait for the move */
    struct wsc__optset *move_params; /* of the call that asked for it */
    uint64_t move_until;             /* its deadline; 0 = none */
    struct wsc__req *move;           /* Disconnect or Reconnect, under way */
    struct wsc_error *move_err;      /* a fault of Disconnect, which yet has happened */
    unsigned epoch; /* how often it was left: what was asked before knows nothing of it now */
    bool away;      /* from Disconnect going out until Reconnect is answered */
    struct wsc__list owed; /* commands to be terminated once it is back */
};

int wsc__shell_open(struct wsc_shell **out, struct wsc__client *c, struct wsc__optset *params,
                    struct wsc_error **err);
/* Connects to one that another client has left. */
int wsc__shell_connect(struct wsc_shell **out, struct wsc__client *c, struct wsc__optset *params,
                       const char *id, struct wsc_error **err);
/* Goes towards closed; op (may be NULL) is finished when it is. */
void wsc__shell_close(struct wsc_shell *s, struct wsc_op *op);
/* The caller lets go of it: closed in the background, or left, and nobody is told. */
void wsc__shell_let_go(struct wsc_shell *s);
/* Forgets it, whatever the server has of it. err: why; borrowed, NULL when there is none. */
void wsc__shell_lost(struct wsc_shell *s, struct wsc_error *err);
bool wsc__shell_is_gone(const struct wsc_error *err);
const char *wsc__shell_state_name(enum wsc__shell_state s);
bool wsc__shell_alive(const struct wsc_shell *s);

/* --- for its commands ------------------------------------------------------------------------- */

/* A request on the shell: resource URI and ShellId selector filled in. */
int wsc__shell_req(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                   const struct wsc__req_spec *spec, const struct wsc__req_ops *ops, void *owner,
                   struct wsc_error **err);
/* The same with the body that w has written, if it could be; that is freed. */
int wsc__shell_send(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                    struct wsc__req_spec *spec, const struct wsc__xml_writer *w,
                    const struct wsc__req_ops *ops, void *owner, struct wsc_error **err);
/* Signal terminate in the background, bounded by cancel-timeout; owed while the shell is away. */
void wsc__shell_terminate(struct wsc_shell *s, struct wsc_command *c);
/* Requests of commands may go out: it is open, and nobody has asked to leave it. */
bool wsc__shell_serves(const struct wsc_shell *s);
/* It is disconnected, and nobody reconnects it: its commands do not move. */
bool wsc__shell_is_parked(const struct wsc_shell *s);
void wsc__shell_cleaned(struct wsc_shell *s); /* one clean_up less */
void wsc__shell_pump_senders(struct wsc_shell *s);
void wsc__shell_rest(struct wsc_shell *s);  /* forgets it, if it is left and nothing is under way */
void wsc__shell_watch(struct wsc_shell *s); /* a command rests: keep the shell alive meanwhile */

/* --- shell_leave.c ---------------------------------------------------------------------------- */

/* Goes towards disconnected, or open again; op (may be NULL) is finished when it is, or is not. */
void wsc__shell_leave(struct wsc_shell *s, struct wsc__optset *params, struct wsc_op *op);
void wsc__shell_return(struct wsc_shell *s, struct wsc__optset *params, struct wsc_op *op);
void wsc__shell_set_out(struct wsc_shell *s); /* it is open: goes if it was asked to leave */
/* Something that the leaving waits for may have ended. */
void wsc__shell_leave_on(struct wsc_shell *s);
/* True: the answer to r says that the shell is disconnected. If it was not so for us, it is now. */
bool wsc__shell_parted(struct wsc_shell *s, const struct wsc__req *r, const struct wsc_error *err);
struct wsc_error *wsc__shell_away_error(const struct wsc_shell *s);
void wsc__shell_move_late(struct wsc_shell *s); /* past its deadline */
/* The shell closes or ends: whoever waits for a move is told why. */
void wsc__shell_stop_moving(struct wsc_shell *s, struct wsc_error *err);

const char *wsc__buffer_mode(const struct wsc__optset *params); /* "Block", "Drop" or NULL */

/* --- between the files of the shell ----------------------------------------------------------- */

/* Codes on which they act. */
#define WSC__SHELL_DISCONNECTED    0x803381C4u /* whatever was asked */
#define WSC__SHELL_NOT_GRACEFUL    0x803381CEu /* Disconnect: done, output may be lost */
#define WSC__SHELL_WAS_AWAY        0x803381CFu /* Disconnect: it is disconnected already */
#define WSC__SHELL_WAS_CONNECTED   0x803381D0u /* Reconnect: it is connected already */
#define WSC__COMMAND_WAS_CONNECTED 0x803381D3u /* the same of a command */
#define WSC__STREAM_DISCONNECTED   0x803381DEu

int wsc__shell_field(void *owner, enum wsc__field f, const char *value); /* of a reply */
void wsc__shell_get(struct wsc_shell *s);
void wsc__shell_count(struct wsc_shell *s); /* whether something is under way */
void wsc__shell_to(struct wsc_shell *s, enum wsc__shell_state state);
void wsc__shell_end(struct wsc_shell *s, enum wsc__shell_state state, struct wsc_error *err);
void wsc__shell_close_now(struct wsc_shell *s); /* the server has it */
void wsc__shell_end_ops(struct wsc__list *ops, struct wsc_error *err);
/* Calls fn for every command, which may end it; false = the shell has ended meanwhile. */
bool wsc__shell_each(struct wsc_shell *s, void (*fn)(struct wsc_command *c));
void wsc__shell_on_timer(struct wsc__timer *t, uint64_t now);
void wsc__shell_cancel(struct wsc__object *o);
void wsc__shell_destroy(struct wsc__object *o);
void wsc__shell_opened(struct wsc_shell *s); /* open, the first time or again: commands go on */

#endif
