#include "proto/states.h"

#include "proto/command.h"
#include "proto/conn.h"
#include "proto/items.h"
#include "proto/shell.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MACHINE(name, states, edges)                                                               \
    {                                                                                              \
        name, states, COUNT(states), edges, COUNT(edges)                                           \
    }

/* --- connection ------------------------------------------------------------------------------- */

static const char *const conn_states[] = {
#define WSC__CONN_STATE(id, name) [WSC__CONN_##id] = name,
#include "proto/states.def"
#undef WSC__CONN_STATE
};

static const struct wsc__edge conn_edges[] = {
#define WSC__CONN_EDGE(from, to, why) { WSC__CONN_##from, WSC__CONN_##to, why },
#include "proto/states.def"
#undef WSC__CONN_EDGE
};

const struct wsc__machine wsc__conn_machine = MACHINE("conn", conn_states, conn_edges);

const char *wsc__conn_state_name(enum wsc__conn_state s)
{
    return conn_states[s];
}

/* --- shell ------------------------------------------------------------------------------------ */

static const char *const shell_states[] = {
    [WSC__SHELL_IS_NEW] = "new",
#define WSC__SHELL_STATE(id, name) [WSC__SHELL_IS_##id] = name,
#include "proto/states.def"
#undef WSC__SHELL_STATE
};

static const struct wsc__edge shell_edges[] = {
#define WSC__SHELL_EDGE(from, to, why) { WSC__SHELL_IS_##from, WSC__SHELL_IS_##to, why },
#include "proto/states.def"
#undef WSC__SHELL_EDGE
};

const struct wsc__machine wsc__shell_machine = MACHINE("shell", shell_states, shell_edges);

const char *wsc__shell_state_name(enum wsc__shell_state s)
{
    return shell_states[s];
}

/* --- command ---------------------------------------------------------------------------------- */

static const char *const command_states[] = {
#define WSC__COMMAND_STATE(id, name) [WSC__COMMAND_##id] = name,
#include "proto/states.def"
#undef WSC__COMMAND_STATE
};

static const struct wsc__edge command_edges[] = {
#define WSC__COMMAND_EDGE(from, to, why) { WSC__COMMAND_##from, WSC__COMMAND_##to, why },
#include "proto/states.def"
#undef WSC__COMMAND_EDGE
};

const struct wsc__machine wsc__command_machine = MACHINE("command", command_states, command_edges);

const char *wsc__command_state_name(enum wsc__command_state s)
{
    return command_states[s];
}

/* --- items ------------------------------------------------------------------------------------ */

static const char *const items_states[] = {
#define WSC__ITEMS_STATE(id, name) [WSC__ITEMS_##id] = name,
#include "proto/states.def"
#undef WSC__ITEMS_STATE
};

static const struct wsc__edge items_edges[] = {
#define WSC__ITEMS_EDGE(from, to, why) { WSC__ITEMS_##from, WSC__ITEMS_##to, why },
#include "proto/states.def"
#undef WSC__ITEMS_EDGE
};

const struct wsc__machine wsc__items_machine = MACHINE("items", items_states, items_edges);

/* --- what happens ----------------------------------------------------------------------------- */

void wsc__machine_moves(struct wsc__core *core, const struct wsc__machine *m, const char *who,
                        unsigned from, unsigned to)
{
    size_t i;

    wsc__logf(&core->log, WSC_LOG_DEBUG, m->name, "%s: %s -> %s", who, m->states[from],
              m->states[to]);
    for (i = 0; i < m->nedges; i++)
        if (m->edges[i].from == from && m->edges[i].to == to)
            return;
    core->strange.machine = m;
    core->strange.from = from;
    core->strange.to = to;
    wsc__logf(&core->log, WSC_LOG_ERROR, m->name, "%s: states.def does not have that", who);
}
