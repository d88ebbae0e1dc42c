/* A shell on a host (MS-WSMV 3.1.4.5, 3.2.4): opened, used by commands, closed. */
#ifndef WSC_PROTO_SHELL_H
#define WSC_PROTO_SHELL_H

#include "proto/op.h"

enum wsc__shell_state {
    WSC__SHELL_IS_NEW, /* not told */
#define WSC__SHELL_STATE(id, name) WSC__SHELL_IS_##id = WSC_SHELL_##id,
#include "proto/states.def"
#undef WSC__SHELL_STATE
};

struct wsc_shell {
    struct wsc__object o;
    struct wsc__callback on_state;
    enum wsc__shell_state state;
    unsigned untold; /* states not told yet, as bits */
    struct wsc__client *client;
    struct wsc__optset *params;
    const char *resource_uri; /* of params */
    char *id, *owner, *client_ip, *name, *server_state;
    int64_t idle_ms; /* as the server said; 0 = unknown */
    char idle_text[24];
    struct wsc_error *err;
    struct wsc__req *create, *remove, *keep_alive;
    struct wsc__list commands;   /* not yet done */
    struct wsc__list senders;    /* commands with input, waiting for their turn */
    struct wsc_command *sending; /* one Send at a time per shell */
    struct wsc__list waiters;    /* ops of wsc_shell_close */
    struct wsc__timer timer;     /* cancel-timeout of the closing, else keep-alive */
    uint64_t last_request;
    unsigned clean_up;     /* Signals that must be answered before Delete */
    bool close_after_last; /* nobody holds it: closes after its last command */
    bool left;             /* nobody holds it, and it stays on the server */
    bool close_wanted;     /* once it is open */
};

int wsc__shell_open(struct wsc_shell **out, struct wsc__client *c, struct wsc__optset *params,
                    struct wsc_error **err);
/* Goes towards closed; op (may be NULL) is finished when it is. */
void wsc__shell_close(struct wsc_shell *s, struct wsc_op *op);
/* The caller lets go of it: closed in the background, and nobody is told. */
void wsc__shell_let_go(struct wsc_shell *s);
/* Forgets it, whatever the server has of it. err: why; borrowed, NULL when there is none. */
void wsc__shell_lost(struct wsc_shell *s, struct wsc_error *err);
bool wsc__shell_is_gone(const struct wsc_error *err);
const char *wsc__shell_state_name(enum wsc__shell_state s);

/* --- for its commands ------------------------------------------------------------------------- */

/* A request on the shell: resource URI and ShellId selector filled in. */
int wsc__shell_req(struct wsc__req **out, struct wsc_shell *s, struct wsc__optset *params,
                   const struct wsc__req_spec *spec, const struct wsc__req_ops *ops, void *owner,
                   struct wsc_error **err);
/* Signal terminate in the background, bounded by cancel-timeout; command_id is copied. */
void wsc__shell_terminate(struct wsc_shell *s, const char *command_id);
bool wsc__shell_alive(const struct wsc_shell *s);
void wsc__shell_cleaned(struct wsc_shell *s); /* one clean_up less */
void wsc__shell_pump_senders(struct wsc_shell *s);
void wsc__shell_rest(struct wsc_shell *s);
void wsc__shell_watch(struct wsc_shell *s); /* a command rests: keep the shell alive meanwhile */

#endif
