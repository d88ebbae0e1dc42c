/* Bodies of the shell operations (MS-WSMV 3.1.4.5, 3.1.4.10-17), as content of s:Body. */
#ifndef WSC_WSMAN_SHELL_H
#define WSC_WSMAN_SHELL_H

#include "base/err.h"
#include "wsman/envelope.h"
#include "xml/xml_writer.h"

#define WSC__ACTION_COMMAND    WSC__NS_SHELL "/Command"
#define WSC__ACTION_SEND       WSC__NS_SHELL "/Send"
#define WSC__ACTION_RECEIVE    WSC__NS_SHELL "/Receive"
#define WSC__ACTION_SIGNAL     WSC__NS_SHELL "/Signal"
#define WSC__ACTION_DISCONNECT WSC__NS_SHELL "/Disconnect"
#define WSC__ACTION_RECONNECT  WSC__NS_SHELL "/Reconnect"
#define WSC__ACTION_CONNECT    WSC__NS_SHELL "/Connect"

struct wsc__shell_spec {
    const char *shell_id; /* chosen by the client, or NULL */
    const char *name, *working_directory, *input_streams, *output_streams;
    int64_t lifetime_ms, idle_timeout_ms; /* 0 = absent */
    const struct wsc__pair *env;
    size_t nenv;
};
void wsc__body_create(struct wsc__xml_writer *w, const struct wsc__shell_spec *s);
/* args are written one rsp:Arguments each */
void wsc__body_command(struct wsc__xml_writer *w, const char *command_id, const char *program,
                       const char *const *args, size_t nargs);
void wsc__body_receive(struct wsc__xml_writer *w, const char *command_id, const char *streams);
void wsc__body_send(struct wsc__xml_writer *w, const char *command_id, const char *stream,
                    const void *data, size_t len, bool end);
void wsc__body_signal(struct wsc__xml_writer *w, const char *command_id, const char *code_uri);
/* idle_ms: 0 = absent; buffer_mode: "Block", "Drop", or NULL = absent */
void wsc__body_disconnect(struct wsc__xml_writer *w, int64_t idle_ms, const char *buffer_mode);
/* Reconnect, for the client session that left the shell, or Connect; of the shell where command_id
 * is NULL. Gives the action. */
const char *wsc__body_connect(struct wsc__xml_writer *w, bool same_session, const char *command_id,
                              const char *buffer_mode);
/* What says that there is nothing new, or that a shell or command is ours now: an answer that lacks
 * it says neither. Create and Command need what theirs tell; the others (Send, Signal, Disconnect,
 * Reconnect, Delete) tell nothing, and Windows itself leaves s:Body empty in some. */
extern const struct wsc__response wsc__receive_response, wsc__connect_response;
void wsc__body_identify(struct wsc__xml_writer *w);

/* <qname>PT60.000S</qname> */
void wsc__put_duration(struct wsc__xml_writer *w, const char *qname, int64_t ms);

/* "ctrl-c", "ctrl-break", "terminate" -> URI; a text with ':' is taken as a URI; NULL = unknown */
const char *wsc__signal_uri(const char *signal);

enum wsc__quoting { WSC__QUOTE_NONE, WSC__QUOTE_ARGV, WSC__QUOTE_CMD };
/* One argument quoted, appended to out. WSC_E_USAGE where it cannot be (CR or LF with cmd), reason
 * in *why. */
int wsc__quote_argument(struct wsc__buf *out, const char *arg, enum wsc__quoting how,
                        const char **why);

#endif
