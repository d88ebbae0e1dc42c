/* A WinRM service as the far end of script.h: it answers what it is told to, keeps a list of what
 * was asked, and notices what a client must not do. */
#ifndef WSC_TEST_PEER_H
#define WSC_TEST_PEER_H

#include "script.h"

#include <wsman-client/wsman-client.h>

#define PEER_SHELL   "5E000000-0000-4000-8000-00000000000%u"
#define PEER_COMMAND "C0000000-0000-4000-8000-0000000000%02u"
#define PEER_TIMEOUT 2150858793u /* ERROR_WSMAN_OPERATION_TIMEDOUT */
#define PEER_GONE    2150858843u /* ERROR_WSMAN_UNEXPECTED_SELECTORS */
#define PEER_MAX     4096

/* What one Receive says. */
struct peer_step {
    const char *out, *err; /* NULL = no such element */
    int done;              /* state Done */
    long exit;             /* -1: no ExitCode */
    unsigned fault;        /* instead of all that */
    int hold;              /* no answer until peer_answer */
    size_t cut;            /* break off after that many bytes; 0 = not */
    enum drv_end how;
};

struct peer_request {
    struct drv_conn *c;
    const struct drv_request *r;
    char action[32];
    char id[64];      /* MessageID */
    char shell[64];   /* ShellId in the header, or "" */
    char command[64]; /* CommandId in the body, or "" */
    unsigned nth;     /* of this action, from 1 */
    unsigned all;     /* of all requests, from 1 */
};

struct peer_reply {
    int status;
    const char *type;    /* Content-Type */
    const char *header;  /* further lines, or NULL */
    char *body;          /* malloc'ed */
    char bookmark[64];   /* a header block, or "" */
    const char *headers; /* more of them, or NULL */
    const char *relates; /* NULL: the request's id; "": no header at all */
    bool hold;
    bool chunked;
    bool close; /* Connection: close, and EOF after it */
    bool cut_at_all;
    size_t cut; /* then: so many bytes of it, and the end */
    enum drv_end how;
    const char *raw;            /* these bytes in the place of a reply */
    const char *behind;         /* after it */
    const char *endless;        /* after that, again and again */
    uint64_t after_ms, drip_ms; /* it comes so late, and a byte every so many ms */
};

struct peer {
    struct drv d;
    const struct peer_step *steps; /* of every command, in turn; the last one again and again */
    size_t nsteps;
    size_t at[64]; /* per command: the step it is at */
    bool replays;  /* a Receive that comes again is answered as before, uncut */
    char last_receive[64][64];
    unsigned shells, commands;
    char log[PEER_MAX]; /* "Create Command Receive Signal Delete" */
    size_t log_len;
    char seen[512][64]; /* message ids */
    size_t nseen;
    unsigned repeats;       /* Receives that came again */
    struct drv_bytes input; /* what Send brought */
    bool input_eof;
    char wrong[256]; /* the first thing a client must not do */
    /* changes a reply before it goes out */
    void (*change)(struct peer *p, const struct peer_request *q, struct peer_reply *a);
    unsigned requests;
    unsigned held_count;
    uint64_t held_at; /* the time of the last one */
    struct {
        struct drv_conn *c;
        char id[64], command[64];
    } held[64];
    bool uncut;            /* a reply was to be cut and is shorter */
    unsigned items, batch; /* of every enumeration; so many in one answer, 0 = all */
    unsigned told;         /* of the one under way */
    unsigned contexts;     /* so many have been given out; the newest counts */
    bool enumerating;      /* it is to be pulled or released */
    bool subscribed;
    const char *padding;             /* in every item, or NULL */
    const char *idle;                /* IdleTimeOut in Create's answer */
    bool away;                       /* Disconnect was answered well */
    bool unheard;                    /* the client may not have learnt of that */
    const struct peer_step *parting; /* what held Receives say then; NULL: nothing new */
    struct {
        char action[32];
        unsigned n;
    } counts[16];
};

void peer_init(struct peer *p, long mem_fail);
/* Frees the world; false when a rule was broken or memory leaked (told on stdout). */
bool peer_free(struct peer *p);
const char *peer_log(struct peer *p); /* what was asked since */
/* Answers the oldest held Receive. */
bool peer_answer(struct peer *p, const struct peer_step *s);
char *peer_fault(unsigned code);                               /* content of s:Body */
unsigned peer_asked(const struct peer *p, const char *action); /* how often */

/* For a drv.serve of the test's own: */

/* What was asked, noted and counted; r stays borrowed. */
void peer_read(struct peer *p, struct drv_conn *c, const struct drv_request *r,
               struct peer_request *q);
/* The reply that is usual. */
void peer_good(struct peer *p, const struct peer_request *q, struct peer_reply *a);
void peer_send(struct peer *p, const struct peer_request *q, struct peer_reply *a);
char *peer_base64(const void *data, size_t len); /* malloc'ed text */

#endif
