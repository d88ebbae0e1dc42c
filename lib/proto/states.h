/* The states of the machines and what may follow what: states.def as tables. */
#ifndef WSC_PROTO_STATES_H
#define WSC_PROTO_STATES_H

#include <stddef.h>

struct wsc__core;

struct wsc__edge {
    unsigned char from, to;
    const char *why;
};

struct wsc__machine {
    const char *name;          /* also its component of the log */
    const char *const *states; /* names, by number; a machine begins with the first */
    size_t nstates;
    const struct wsc__edge *edges;
    size_t nedges;
};

extern const struct wsc__machine wsc__conn_machine, wsc__shell_machine, wsc__command_machine,
    wsc__items_machine;

/* A machine of `who` goes from one state to another: logged. What states.def does not have is a
 * mistake of ours, and kept in core->strange for the tests. */
void wsc__machine_moves(struct wsc__core *core, const struct wsc__machine *m, const char *who,
                        unsigned from, unsigned to);

#endif
