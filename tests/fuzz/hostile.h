/* A service that answers as a script says: as it should, or in any way that it should not. It has
 * shells and commands, and checks that nothing is asked of them twice, late or out of order. */
#ifndef WSC_FUZZ_HOSTILE_H
#define WSC_FUZZ_HOSTILE_H

#include "../proto/peer.h"
#include "input.h"

/* One that another client has left, with commands of these numbers. */
#define HOSTILE_LEFT     9
#define HOSTILE_SHELLS   10
#define HOSTILE_OTHERS   60
#define HOSTILE_COMMANDS 100
#define HOSTILE_HELD     32
#define HOSTILE_LISTS    40
#define HOSTILE_WRITES   256

/* What only an answer to somebody else holds, and nobody may ever be told: of ids the beginning, an
 * output, an exit code, the code of a fault, and a word. */
#define OTHERS_ID     "0DD00000"
#define OTHERS_OUTPUT "somebody else's output"
#define OTHERS_EXIT   77
#define OTHERS_FAULT  0x8033AAAAu
#define OTHERS_WORD   "somebody-else"

/* How a request is answered. */
enum hostile_reply {
    R_GOOD,
    R_CHUNKED,
    R_CLOSE,
    R_LATE,
    R_DRIP,
    R_BEHIND,
    R_COOKIE,
    R_UNRELATED,
    R_OTHERS,
    R_HELD,
    R_HELD_UNDONE,
    R_FAULT,
    R_CUT,
    R_EMPTY,
    R_WRONG,
    R_BUSY,
    R_LOGIN,
    R_REDIRECT,
    R_PAGE,
    R_RAW,
    R_ENDLESS,
    R_COUNT
};

struct hostile_command {
    bool there, done, terminated, eof;
    bool loose;       /* a Send of it went wrong: its end may never come */
    uint64_t made[2]; /* bytes of output, of each stream */
    uint64_t taken;   /* of input */
    char last[64];    /* the Receive that was answered last, */
    char *answer;     /* and how: for its repetition */
};

/* An enumeration or a subscription. */
struct hostile_list {
    bool there, sub;
    bool unnamed;          /* a subscription without an Identifier */
    bool over, known_over; /* the client must know, too */
    bool spoiled;          /* its last answer was one that nobody can use */
    bool released;
    unsigned all, told, turn;
};

struct hostile {
    struct peer p;
    struct input *in;
    bool refuses; /* a login was refused: none is tried again */
    bool strict;  /* nothing that was told is lost: by memory that runs out, by a broken seal */
    struct {
        bool there, away;
        bool known; /* the client has been told that it is away */
        bool deleted;
    } shells[HOSTILE_SHELLS];
    struct hostile_command commands[HOSTILE_COMMANDS];
    unsigned created, started; /* shells and commands */
    uint64_t since;            /* when time moved last, */
    unsigned asked;            /* and how much was asked since */
    struct hostile_list lists[HOSTILE_LISTS];
    unsigned nlists;
    bool written[HOSTILE_WRITES]; /* by their numbers */
    char bookmark[64];            /* of the answer that is made */
    unsigned nheld;
    struct {
        struct peer_request q;
        char *body;     /* NULL: nothing was done yet */
        bool of_no_use; /* to a shell that goes */
    } held[HOSTILE_HELD];
};

/* How often each kind of reply was given, by all scripts. */
extern unsigned hostile_given[R_COUNT];
extern const char *const hostile_names[R_COUNT];

void hostile_init(struct hostile *h, struct input *in, long mem_fail);
bool hostile_free(struct hostile *h); /* as peer_free */
/* Answers one that was held; false: there is none. */
bool hostile_answer(struct hostile *h);

/* The service disconnects a shell by itself; false: there is none. */
bool hostile_part(struct hostile *h);

/* The number of a command by its id, and the bytes that it says and wants to be told. */
unsigned hostile_number(const char *id);
uint8_t hostile_output(unsigned number, int stream, uint64_t pos);
uint8_t hostile_input(uint64_t pos);

/* Of resources (hostile_items.c): as what hostile.c does for shells. */
bool hostile_is_thing(const struct peer_request *q);
void hostile_check_thing(struct hostile *h, const struct peer_request *q);
unsigned hostile_refuses_thing(struct hostile *h, const struct peer_request *q);
char *hostile_thing(struct hostile *h, const struct peer_request *q);
char *hostile_others_thing(struct hostile *h, const struct peer_request *q);
/* good: the answer arrives as it is. */
void hostile_thing_heard(struct hostile *h, const struct peer_request *q, bool good);
char *hostile_join(char *text, const char *more); /* text: malloc'ed, or NULL */

/* With WSC_FUZZ_SAY in the environment: what happens, and when. */
void hostile_say(const struct hostile *h, const char *fmt, ...) WSC__PRINTF(2, 3);

#endif
