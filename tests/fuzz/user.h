/* A program that uses the public API as a script says, and checks what it is told. */
#ifndef WSC_FUZZ_USER_H
#define WSC_FUZZ_USER_H

#include "hostile.h"

#define SHELLS   8
#define COMMANDS 12
#define OPS      24

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

struct world {
    struct hostile h;
    struct input in;
    wsc_ctx *ctx;
    wsc_client *client;
    struct user_shell shells[SHELLS];
    struct user_command commands[COMMANDS];
    struct user_op ops[OPS];
    unsigned nshells, ncommands, nops;
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

#endif
