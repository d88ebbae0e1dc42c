/* A program that uses the public API as a script says, and checks what it is told. */
#ifndef WSC_FUZZ_USER_H
#define WSC_FUZZ_USER_H

#include "hostile.h"

#define SHELLS   8
#define COMMANDS 12
#define OPS      24
#define LISTS    12
#define VALUES   4

struct user_shell {
    wsc_shell *s;
    bool listens;  /* its callback was never taken back */
    bool discards; /* so do its commands */
    int ends;
};

struct user_command {
    wsc_command *c;
    bool listens;
    int exits, status;
    bool canceled, discards, relistened;
    uint64_t got[2], given; /* bytes of output, of input */
};

struct user_op {
    wsc_op *op;
    bool listens;
    int dones;
};

struct user_items {
    wsc_items *it;
    bool listens, relistened, canceled, sub;
    int ends, of; /* the service's number of it, or -1 */
    unsigned got;
};

struct world {
    struct hostile h;
    struct input in;
    wsc_ctx *ctx;
    wsc_client *client;
    struct user_shell shells[SHELLS];
    struct user_command commands[COMMANDS];
    struct user_op ops[OPS];
    struct user_items lists[LISTS];
    wsc_value *values[VALUES]; /* some that were kept, or made */
    unsigned nshells, ncommands, nops, nlists, nwrites;
    unsigned opened; /* shells asked for */
    unsigned depth;  /* of callbacks */
    bool closes;
};

extern struct world w;

void user_act(void); /* the next call of the script */
/* A call that fails says why: gives rc. */
int user_said(int rc);
void user_events(void); /* takes all that wait */
/* Reads what there is; false: nothing. */
bool user_read(struct user_command *u, int stream, size_t cap, int timeout_ms);
/* The command's in the service, by its id. */
unsigned user_number(const struct user_command *u);
/* How many of the calls were never made, or never in a callback; told on stdout. */
int user_uncalled(void);

/* For both files of it: */

void user_in_callback(void); /* perhaps calls something */
void user_check_error(const wsc_error *e);
void user_check_text(const char *text);
int user_waits(void);                /* a time to wait, in ms */
wsc_op **user_op_place(wsc_op **op); /* where the op goes; NULL: nobody wants it */
void user_add_op(int rc, wsc_op **place);

/* user_items.c */
void user_enumerate(void);
void user_subscribe(void);
void user_next_item(void);
void user_resume_items(void);
void user_listen_items(void);
void user_cancel_items(void);
void user_unref_items(void);
void user_items_getters(void);
void user_renew(void);
void user_verb(void);
void user_value(void);
void user_take_value(wsc_op *op);           /* looks at it, and may keep it */
void user_check_items(void);                /* what holds all the time */
void user_read_items(struct user_items *u); /* all that there are */
bool user_items_over(void);
void user_free_items(void); /* the context has gone */

#endif
