#include "wsman/shell.h"

#include "base/str.h"

#include <string.h>

void wsc__put_duration(struct wsc__xml_writer *w, const char *qname, int64_t ms)
{
    unsigned rest = (unsigned)(ms % 1000);
    char text[] = ".000S";

    text[1] = (char)('0' + rest / 100);
    text[2] = (char)('0' + rest / 10 % 10);
    text[3] = (char)('0' + rest % 10);
    wsc__xml_start(w, qname);
    wsc__xml_text(w, "PT");
    wsc__xml_int(w, ms / 1000);
    wsc__xml_text(w, text);
    wsc__xml_end(w, qname);
}

static void attr(struct wsc__xml_writer *w, const char *qname, const char *value)
{
    if (value)
        wsc__xml_attr(w, qname, value);
}

/* The children stand in the order of the schema (MS-WSMV 2.2.4.37). The id is an attribute, as
 * Windows clients send it. */
void wsc__body_create(struct wsc__xml_writer *w, const struct wsc__shell_spec *s)
{
    size_t i;

    wsc__xml_start(w, "rsp:Shell");
    attr(w, "ShellId", s->shell_id);
    wsc__xml_elem(w, "rsp:Name", s->name);
    if (s->nenv) {
        wsc__xml_start(w, "rsp:Environment");
        for (i = 0; i < s->nenv; i++) {
            wsc__xml_start(w, "rsp:Variable");
            wsc__xml_attr(w, "Name", s->env[i].name);
            wsc__xml_text(w, s->env[i].value);
            wsc__xml_end(w, "rsp:Variable");
        }
        wsc__xml_end(w, "rsp:Environment");
    }
    wsc__xml_elem(w, "rsp:WorkingDirectory", s->working_directory);
    if (s->lifetime_ms > 0)
        wsc__put_duration(w, "rsp:Lifetime", s->lifetime_ms);
    if (s->idle_timeout_ms > 0)
        wsc__put_duration(w, "rsp:IdleTimeOut", s->idle_timeout_ms);
    wsc__xml_elem(w, "rsp:InputStreams", s->input_streams);
    wsc__xml_elem(w, "rsp:OutputStreams", s->output_streams);
    wsc__xml_end(w, "rsp:Shell");
}

void wsc__body_command(struct wsc__xml_writer *w, const char *command_id, const char *program,
                       const char *const *args, size_t nargs)
{
    size_t i;

    wsc__xml_start(w, "rsp:CommandLine");
    attr(w, "CommandId", command_id);
    wsc__xml_elem(w, "rsp:Command", program);
    for (i = 0; i < nargs; i++)
        wsc__xml_elem(w, "rsp:Arguments", args[i]);
    wsc__xml_end(w, "rsp:CommandLine");
}

void wsc__body_receive(struct wsc__xml_writer *w, const char *command_id, const char *streams)
{
    wsc__xml_start(w, "rsp:Receive");
    wsc__xml_start(w, "rsp:DesiredStream");
    attr(w, "CommandId", command_id);
    wsc__xml_text(w, streams);
    wsc__xml_end(w, "rsp:DesiredStream");
    wsc__xml_end(w, "rsp:Receive");
}

void wsc__body_send(struct wsc__xml_writer *w, const char *command_id, const char *stream,
                    const void *data, size_t len, bool end)
{
    wsc__xml_start(w, "rsp:Send");
    wsc__xml_start(w, "rsp:Stream");
    wsc__xml_attr(w, "Name", stream);
    attr(w, "CommandId", command_id);
    attr(w, "End", end ? "true" : NULL);
    wsc__xml_base64(w, data, len);
    wsc__xml_end(w, "rsp:Stream");
    wsc__xml_end(w, "rsp:Send");
}

void wsc__body_signal(struct wsc__xml_writer *w, const char *command_id, const char *code_uri)
{
    wsc__xml_start(w, "rsp:Signal");
    attr(w, "CommandId", command_id);
    wsc__xml_elem(w, "rsp:Code", code_uri);
    wsc__xml_end(w, "rsp:Signal");
}

void wsc__body_disconnect(struct wsc__xml_writer *w, int64_t idle_ms, const char *buffer_mode)
{
    wsc__xml_start(w, "rsp:Disconnect");
    if (idle_ms > 0)
        wsc__put_duration(w, "rsp:IdleTimeOut", idle_ms);
    wsc__xml_elem(w, "rsp:BufferMode", buffer_mode);
    wsc__xml_end(w, "rsp:Disconnect");
}

const char *wsc__body_connect(struct wsc__xml_writer *w, bool same_session, const char *command_id,
                              const char *buffer_mode)
{
    const char *name = same_session ? "rsp:Reconnect" : "rsp:Connect";

    wsc__xml_start(w, name);
    attr(w, "CommandId", command_id);
    wsc__xml_elem(w, "rsp:BufferMode", buffer_mode);
    wsc__xml_end(w, name);
    return same_session ? WSC__ACTION_RECONNECT : WSC__ACTION_CONNECT;
}

const struct wsc__response wsc__receive_response = { WSC__NS_SHELL, "ReceiveResponse", 0x8033818F };
const struct wsc__response wsc__connect_response = { WSC__NS_SHELL, "ConnectResponse", 0x803381CB };

void wsc__body_identify(struct wsc__xml_writer *w)
{
    wsc__xml_start(w, "wsmid:Identify");
    wsc__xml_attr(w, "xmlns:wsmid",
                  "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd");
    wsc__xml_end(w, "wsmid:Identify");
}

const char *wsc__signal_uri(const char *signal)
{
    if (wsc__ieq(signal, "ctrl-c"))
        return WSC__NS_SHELL "/signal/ctrl_c";
    if (wsc__ieq(signal, "ctrl-break"))
        return WSC__NS_SHELL "/signal/ctrl_break";
    if (wsc__ieq(signal, "terminate"))
        return WSC__NS_SHELL "/signal/terminate";
    return signal && strchr(signal, ':') ? signal : NULL;
}
