/* Replies, read as they arrive. A table says which element matters below which; what the sink is
 * told follows the order of the document. */
#include "wsman/decode.h"

#include "base/b64.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

#define NS_S   WSC__NS_SOAP
#define NS_A   WSC__NS_ADDRESSING
#define NS_W   WSC__NS_WSMAN
#define NS_X   WSC__NS_TRANSFER
#define NS_N   WSC__NS_ENUMERATION
#define NS_RSP WSC__NS_SHELL
#define NS_F   WSC__NS_FAULT

/* Text that is kept until its element ends. */
#define TEXT_MAX (1u << 20)
/* A value may take so many times what its document may: small elements take more memory than they
 * had on the wire. params.def says so. */
#define VALUE_FACTOR 8
/* Decoded bytes handed over at once. */
#define SLICE 16384

static const struct rule {
    enum wsc__kind parent;
    const char *ns; /* NULL: any */
    const char *name;
    enum wsc__kind kind;
    int field;
} rules[] = {
    { WSC__K_DOCUMENT, NS_S, "Envelope", WSC__K_ENVELOPE, 0 },
    { WSC__K_ENVELOPE, NS_S, "Header", WSC__K_HEADER, 0 },
    { WSC__K_ENVELOPE, NS_S, "Body", WSC__K_BODY, 0 },
    { WSC__K_HEADER, NS_A, "Action", WSC__K_ACTION, 0 },
    { WSC__K_HEADER, NS_A, "MessageID", WSC__K_MESSAGE_ID, 0 },
    { WSC__K_HEADER, NS_A, "RelatesTo", WSC__K_RELATES_TO, 0 },
    { WSC__K_HEADER, NS_W, "Bookmark", WSC__K_BOOKMARK, 0 },
    { WSC__K_HEADER, NS_W, "RequestedEPR", WSC__K_REQUESTED_EPR, 0 },
    { WSC__K_BODY, NS_RSP, "ReceiveResponse", WSC__K_RECEIVE_RESPONSE, 0 },
    { WSC__K_RECEIVE_RESPONSE, NS_RSP, "Stream", WSC__K_STREAM, 0 },
    { WSC__K_RECEIVE_RESPONSE, NS_RSP, "CommandState", WSC__K_COMMAND_STATE, 0 },
    { WSC__K_COMMAND_STATE, NS_RSP, "ExitCode", WSC__K_EXIT_CODE, 0 },
    { WSC__K_BODY, NS_RSP, "CommandResponse", WSC__K_COMMAND_RESPONSE, 0 },
    { WSC__K_COMMAND_RESPONSE, NS_RSP, "CommandId", WSC__K_FIELD, WSC__F_COMMAND_ID },
    { WSC__K_BODY, NS_X, "ResourceCreated", WSC__K_CREATED, 0 },
    { WSC__K_CREATED, NS_A, "EndpointReference", WSC__K_CREATED, 0 },
    { WSC__K_CREATED, NS_A, "ReferenceParameters", WSC__K_CREATED, 0 },
    { WSC__K_CREATED, NS_W, "SelectorSet", WSC__K_CREATED, 0 },
    { WSC__K_CREATED, NS_W, "Selector", WSC__K_FIELD, WSC__F_SELECTOR_SHELL_ID },
    { WSC__K_BODY, NS_RSP, "Shell", WSC__K_SHELL, 0 },
    { WSC__K_SHELL, NS_RSP, "ShellId", WSC__K_FIELD, WSC__F_SHELL_ID },
    { WSC__K_SHELL, NS_RSP, "Name", WSC__K_FIELD, WSC__F_SHELL_NAME },
    { WSC__K_SHELL, NS_RSP, "State", WSC__K_FIELD, WSC__F_SHELL_STATE },
    { WSC__K_SHELL, NS_RSP, "Owner", WSC__K_FIELD, WSC__F_OWNER },
    { WSC__K_SHELL, NS_RSP, "ClientIP", WSC__K_FIELD, WSC__F_CLIENT_IP },
    { WSC__K_SHELL, NS_RSP, "ResourceUri", WSC__K_FIELD, WSC__F_RESOURCE_URI },
    { WSC__K_SHELL, NS_RSP, "IdleTimeOut", WSC__K_FIELD, WSC__F_IDLE_TIMEOUT },
    { WSC__K_SHELL, NS_RSP, "MaxIdleTimeOut", WSC__K_FIELD, WSC__F_MAX_IDLE_TIMEOUT },
    { WSC__K_SHELL, NS_RSP, "InputStreams", WSC__K_FIELD, WSC__F_INPUT_STREAMS },
    { WSC__K_SHELL, NS_RSP, "OutputStreams", WSC__K_FIELD, WSC__F_OUTPUT_STREAMS },
    { WSC__K_BODY, NS_RSP, "ConnectResponse", WSC__K_SHELL, 0 },
    { WSC__K_BODY, NS_N, "EnumerateResponse", WSC__K_ENUMERATION, 0 },
    { WSC__K_BODY, NS_N, "PullResponse", WSC__K_ENUMERATION, 0 },
    /* of one or the other namespace (DSP0226 8.3 and 8.4) */
    { WSC__K_ENUMERATION, NULL, "Items", WSC__K_ITEMS, 0 },
    { WSC__K_ENUMERATION, NULL, "EnumerationContext", WSC__K_FIELD, WSC__F_ENUMERATION_CONTEXT },
    { WSC__K_ENUMERATION, NULL, "EndOfSequence", WSC__K_FIELD, WSC__F_END_OF_SEQUENCE },
    /* MS-WSMV 2.2.1 prints another namespace than DSP0226, and OMI takes SOAP's */
    { WSC__K_BODY, NULL, "IdentifyResponse", WSC__K_IDENTIFY, 0 },
    { WSC__K_IDENTIFY, NULL, "ProtocolVersion", WSC__K_FIELD, WSC__F_PROTOCOL_VERSION },
    { WSC__K_IDENTIFY, NULL, "ProductVendor", WSC__K_FIELD, WSC__F_PRODUCT_VENDOR },
    { WSC__K_IDENTIFY, NULL, "ProductVersion", WSC__K_FIELD, WSC__F_PRODUCT_VERSION },
    { WSC__K_IDENTIFY, NULL, "SecurityProfiles", WSC__K_IDENTIFY, 0 },
    { WSC__K_IDENTIFY, NULL, "SecurityProfileName", WSC__K_FIELD, WSC__F_SECURITY_PROFILE },
    { WSC__K_BODY, NS_S, "Fault", WSC__K_FAULT, 0 },
    { WSC__K_FAULT, NS_S, "Code", WSC__K_F_CODE, 0 },
    { WSC__K_F_CODE, NS_S, "Value", WSC__K_F_CODE_VALUE, 0 },
    { WSC__K_F_CODE, NS_S, "Subcode", WSC__K_F_SUBCODE, 0 },
    { WSC__K_F_SUBCODE, NS_S, "Value", WSC__K_F_SUBCODE_VALUE, 0 },
    { WSC__K_FAULT, NS_S, "Reason", WSC__K_F_REASON, 0 },
    { WSC__K_F_REASON, NS_S, "Text", WSC__K_F_REASON_TEXT, 0 },
    { WSC__K_FAULT, NS_S, "Detail", WSC__K_F_DETAIL, 0 },
    { WSC__K_F_DETAIL, NS_W, "FaultDetail", WSC__K_F_FAULT_DETAIL, 0 },
    { WSC__K_F_DETAIL, NS_F, "WSManFault", WSC__K_F_WSMAN, 0 },
    { WSC__K_F_DETAIL, NULL, "MSFT_WmiError", WSC__K_F_WMI, 0 },
    { WSC__K_F_DETAIL, NULL, "MSFT_WmiError_Extended", WSC__K_F_WMI, 0 },
    { WSC__K_F_DETAIL, NULL, "CIM_Error", WSC__K_F_WMI, 0 },
    { WSC__K_F_DETAIL, NULL, "OMI_Error", WSC__K_F_WMI, 0 },
    { WSC__K_F_DETAIL, NULL, "Location", WSC__K_F_LOCATION, 0 },
    { WSC__K_F_DETAIL, NULL, "RedirectLocation", WSC__K_F_LOCATION, 0 },
    { WSC__K_F_WSMAN, NULL, "RedirectLocation", WSC__K_F_LOCATION, 0 },
    { WSC__K_F_WSMAN, NS_F, "Message", WSC__K_F_MESSAGE, 0 },
    { WSC__K_F_MESSAGE, NS_F, "ProviderFault", WSC__K_F_PROVIDER, 0 },
    { WSC__K_F_PROVIDER, NS_F, "WSManFault", WSC__K_F_INNER, 0 },
    { WSC__K_F_PROVIDER, NULL, "MSFT_WmiError", WSC__K_F_WMI, 0 },
    { WSC__K_F_PROVIDER, NULL, "CIM_Error", WSC__K_F_WMI, 0 },
    { WSC__K_F_INNER, NS_F, "Message", WSC__K_F_PROVIDER_MESSAGE, 0 },
    { WSC__K_F_PROVIDER_MESSAGE, NS_F, "ProviderFault", WSC__K_F_PROVIDER, 0 },
    { WSC__K_F_WMI, NULL, "CIMStatusCode", WSC__K_F_WMI_STATUS, 0 },
    { WSC__K_F_WMI, NULL, "Message", WSC__K_F_WMI_MESSAGE, 0 },
    { WSC__K_F_WMI, NULL, "MessageID", WSC__K_F_WMI_MESSAGE_ID, 0 },
    { WSC__K_F_WMI, NULL, "error_Code", WSC__K_F_WMI_CODE, 0 },
};

struct place {
    enum wsc__kind kind;
    int field;
};

struct wsc__decoder {
    const struct wsc__mem *mem;
    struct wsc__decoder_options opt;
    const struct wsc__sink *sink;
    void *ud;
    struct wsc__xml_reader *xml;
    struct wsc_error *err;
    struct place places[WSC__REPLY_DEPTH + 1]; /* [0] is the document */
    unsigned depth;
    bool complete, has_body, headed, answered;
    struct wsc__buf text;
    char *action, *message_id, *relates_to;
    /* of the CommandState under way */
    char *command_id, *state_uri;
    enum wsc__state state;
    bool has_exit;
    int64_t exit_code;
    struct wsc__b64_decoder b64;
    struct wsc__fault fault;
    struct wsc__capture capture;
    struct wsc__tree_builder tree; /* the value under way */
    enum wsc__told telling;        /* what it is */
    bool valued;                   /* the body's has been told */
};

static int protocol(struct wsc__decoder *d, const char *text)
{
    if (!d->err)
        d->err = wsc__error_new(d->mem, WSC_E_PROTOCOL, "%s", text);
    return wsc__error_code(d->err);
}

/* Limits of ours get an error of ours; what the sink returned is left alone. */
static int own(struct wsc__decoder *d, int rc)
{
    if (rc == WSC_E_LIMIT && !d->err)
        d->err = wsc__error_new(d->mem, WSC_E_LIMIT, "a text in the reply is too long");
    else if (rc == WSC_E_PROTOCOL && !d->err)
        d->err = wsc__error_new(d->mem, WSC_E_PROTOCOL, "a name in the reply is too long");
    return rc ? wsc__error_code(d->err ? d->err : wsc__error_nomem()) : WSC_OK;
}

/* The same of a value. */
static int own_value(struct wsc__decoder *d, int rc)
{
    if (rc == WSC_E_LIMIT && !d->err) {
        d->err = wsc__error_new(d->mem, WSC_E_LIMIT,
                                "a value in the reply takes more memory than %d times "
                                "envelope-limit",
                                VALUE_FACTOR);
        wsc__error_set_str(d->err, WSC__ES_OPTION, "envelope-limit");
        wsc__error_set_int(d->err, WSC__EI_LIMIT, (int64_t)d->opt.max_bytes);
    }
    return own(d, rc);
}

static bool captures(const struct wsc__decoder *d)
{
    return d->opt.capture && d->depth >= 2 && d->places[2].kind == WSC__K_BODY;
}

static bool collects(enum wsc__kind kind)
{
    switch (kind) {
    case WSC__K_ACTION:
    case WSC__K_MESSAGE_ID:
    case WSC__K_RELATES_TO:
    case WSC__K_FIELD:
    case WSC__K_EXIT_CODE:
        return true;
    default:
        return kind > WSC__K_FAULT;
    }
}

static int keep(struct wsc__decoder *d, char **slot, const char *text, size_t len)
{
    char *copy = wsc__strndup(d->mem, text, len);

    if (!copy)
        return WSC_E_NOMEM;
    wsc__free(d->mem, *slot);
    *slot = copy;
    return WSC_OK;
}

/* --- elements that open ----------------------------------------------------------------------- */

static const struct rule *find_rule(enum wsc__kind parent, const struct wsc__xml_elem *e)
{
    size_t i;

    for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
        /* the letters first: most names end the comparison there */
        if (rules[i].parent == parent && !((rules[i].name[0] ^ e->name[0]) & ~0x20) &&
            wsc__ieq(rules[i].name, e->name) && (!rules[i].ns || !strcmp(rules[i].ns, e->ns)))
            return &rules[i];
    return NULL;
}

static int tell_head(struct wsc__decoder *d)
{
    struct wsc__reply_head h = { d->action ? d->action : "", d->message_id ? d->message_id : "",
                                 d->relates_to ? d->relates_to : "" };

    d->has_body = true;
    if (d->headed)
        return protocol(d, "the reply has two bodies");
    d->headed = true;
    return d->sink->head ? d->sink->head(d->ud, &h) : WSC_OK;
}

static bool is_true(const char *s)
{
    return wsc__ieq(s, "true") || wsc__ieq(s, "1");
}

static int open_stream(struct wsc__decoder *d, const struct wsc__xml_elem *e)
{
    const char *name = wsc__attr(e, "Name"), *id = wsc__attr(e, "CommandId");
    int rc = WSC_OK;

    wsc__b64_decoder_init(&d->b64);
    if (d->sink->stream_start)
        rc = d->sink->stream_start(d->ud, name ? name : "", id ? id : "",
                                   is_true(wsc__attr(e, "End")));
    return rc ? rc : WSC__XML_RAW;
}

static enum wsc__state state_of(const char *uri)
{
    const char *slash = strrchr(uri, '/');
    const char *last = slash ? slash + 1 : uri;
    size_t len = strlen(last);

    wsc__trim(&last, &len);
    if (wsc__ieqn(last, len, "Done"))
        return WSC__STATE_DONE;
    if (wsc__ieqn(last, len, "Running"))
        return WSC__STATE_RUNNING;
    return wsc__ieqn(last, len, "Pending") ? WSC__STATE_PENDING : WSC__STATE_NONE;
}

static int open_state(struct wsc__decoder *d, const struct wsc__xml_elem *e)
{
    const char *id = wsc__attr(e, "CommandId"), *uri = wsc__attr(e, "State");
    int rc;

    if (!id)
        id = "";
    if (!uri)
        uri = "";
    d->state = state_of(uri);
    d->has_exit = false;
    d->exit_code = 0;
    rc = keep(d, &d->command_id, id, strlen(id));
    return rc ? rc : keep(d, &d->state_uri, uri, strlen(uri));
}

static int open_known(struct wsc__decoder *d, const struct rule *rule, struct place *p,
                      const struct wsc__xml_elem *e)
{
    const char *name;

    switch (rule->kind) {
    case WSC__K_BODY:
        return tell_head(d);
    case WSC__K_STREAM:
        return open_stream(d, e);
    case WSC__K_ITEMS:
        wsc__xml_no_raw(d->xml);
        return WSC_OK;
    case WSC__K_COMMAND_STATE:
        return open_state(d, e);
    case WSC__K_FIELD:
        name = wsc__attr(e, "Name");
        if (rule->field == WSC__F_SELECTOR_SHELL_ID && !(name && wsc__ieq(name, "ShellId")))
            p->kind = WSC__K_OTHER; /* another selector */
        return WSC_OK;
    default:
        return rule->kind >= WSC__K_FAULT ? wsc__fault_open(&d->fault, d->mem, rule->kind, e)
                                          : WSC_OK;
    }
}

/* Text that stands before or between the children of a fault's element. */
static int flush_fault_text(struct wsc__decoder *d, enum wsc__kind kind)
{
    const char *s = (const char *)wsc__buf_data(&d->text);
    size_t len = d->text.len;
    int rc = WSC_OK;

    wsc__trim(&s, &len);
    if (len && kind > WSC__K_FAULT)
        rc = wsc__fault_text(&d->fault, d->mem, kind, d->xml, s, len);
    wsc__buf_reset(&d->text);
    return rc;
}

/* An element that is handed over as a value; what is within follows it. */
static bool is_value(struct wsc__decoder *d, enum wsc__kind parent, const struct rule *rule)
{
    enum wsc__kind kind = rule ? rule->kind : WSC__K_OTHER;

    if (d->tree.depth)
        return true;
    if (parent == WSC__K_ITEMS)
        d->telling = WSC__TOLD_ITEM;
    else if (kind == WSC__K_BOOKMARK)
        d->telling = WSC__TOLD_BOOKMARK;
    else if (kind == WSC__K_REQUESTED_EPR)
        d->telling = WSC__TOLD_EPR;
    else if (d->opt.value && !d->valued && parent == WSC__K_BODY && kind != WSC__K_FAULT)
        d->telling = WSC__TOLD_BODY;
    else
        return false;
    return true;
}

static int on_start(void *ud, const struct wsc__xml_elem *e)
{
    struct wsc__decoder *d = ud;
    enum wsc__kind parent = d->places[d->depth].kind;
    bool ruled = parent != WSC__K_OTHER && parent != WSC__K_ITEMS && !d->tree.depth;
    const struct rule *rule = ruled ? find_rule(parent, e) : NULL;
    struct place *p;
    int rc = WSC_OK;

    if (parent == WSC__K_DOCUMENT && !rule)
        return protocol(d, wsc__ieq(e->name, "Envelope")
                               ? "the reply is not an envelope of SOAP 1.2"
                               : "the reply is XML, but not a SOAP envelope");
    if (parent == WSC__K_BODY && !d->answered)
        d->answered =
            !strcmp(e->ns, d->opt.response->ns) && wsc__ieq(e->name, d->opt.response->name);
    if (captures(d))
        rc = own(d, wsc__capture_start(&d->capture, d->xml, e));
    if (!rc)
        rc = flush_fault_text(d, parent);
    if (rc)
        return rc;
    if (is_value(d, parent, rule)) {
        rule = NULL;
        rc = own_value(d, wsc__tree_start(&d->tree, d->xml, e));
    }
    p = &d->places[++d->depth]; /* the reader bounds the depth */
    p->kind = rule ? rule->kind : WSC__K_OTHER;
    p->field = rule ? rule->field : 0;
    if (rule)
        rc = open_known(d, rule, p, e);
    /* what is captured goes through libxml2, which hands out whole characters */
    return rc == WSC__XML_RAW && d->opt.capture ? WSC_OK : rc;
}

/* --- text ------------------------------------------------------------------------------------- */

/* Takes what is base64: *used bytes. */
static int on_raw(void *ud, const char *text, size_t len, size_t *used)
{
    struct wsc__decoder *d = ud;
    uint8_t out[SLICE];
    bool good = true;
    int result = WSC_OK;

    while (good && *used < len) {
        size_t n = 0, made = 0;
        int rc;

        good = wsc__b64_decode(&d->b64, text + *used, len - *used, &n, out, sizeof out, &made);
        *used += n;
        rc = made && d->sink->stream ? d->sink->stream(d->ud, out, made) : WSC_OK;
        if (rc == WSC__PAUSE)
            result = rc; /* the rest of this text was taken already */
        else if (rc)
            return rc;
    }
    return result;
}

static int stream_text(struct wsc__decoder *d, const char *text, size_t len)
{
    size_t used = 0;
    int rc = on_raw(d, text, len, &used);

    if (used < len && (rc == WSC_OK || rc == WSC__PAUSE))
        return protocol(d, "a Stream of the reply is not base64");
    return rc;
}

static int on_text(void *ud, const char *text, size_t len)
{
    struct wsc__decoder *d = ud;
    enum wsc__kind kind = d->places[d->depth].kind;
    int rc = WSC_OK;

    if (captures(d))
        rc = own(d, wsc__capture_text(&d->capture, text, len));
    if (!rc && d->tree.depth)
        rc = own_value(d, wsc__tree_text(&d->tree, text, len));
    if (rc)
        return rc;
    if (kind == WSC__K_STREAM)
        return stream_text(d, text, len);
    return collects(kind) ? own(d, wsc__buf_append(&d->text, text, len)) : WSC_OK;
}

/* --- elements that end ------------------------------------------------------------------------ */

static int tell_field(struct wsc__decoder *d, int field, const char *s, size_t len)
{
    char *value = NULL;
    int rc;

    if (!d->sink->field)
        return WSC_OK;
    rc = keep(d, &value, s, len);
    if (!rc)
        rc = d->sink->field(d->ud, (enum wsc__field)field, value);
    wsc__free(d->mem, value);
    return rc;
}

/* Signed or unsigned, 32 bits of it (MS-WSMV 2.2.4.12). */
static void take_exit(struct wsc__decoder *d, const char *s, size_t len)
{
    int64_t v;

    /* 32 bits, written with or without a sign; what does not fit them is no exit code (0 least of
     * all) */
    if (!wsc__parse_i64(s, len, &v) || v < INT32_MIN || v > UINT32_MAX)
        return;
    d->exit_code = (int64_t)(uint32_t)v;
    d->has_exit = true;
}

static int tell_state(struct wsc__decoder *d)
{
    /* some servers send an ExitCode of 0 with Running and Pending */
    bool has_exit = d->has_exit && d->state == WSC__STATE_DONE;

    if (!d->sink->command_state)
        return WSC_OK;
    return d->sink->command_state(d->ud, d->command_id, d->state, d->state_uri, has_exit,
                                  has_exit ? d->exit_code : 0);
}

static int close_stream(struct wsc__decoder *d)
{
    if (!wsc__b64_decoder_done(&d->b64))
        return protocol(d, "a Stream of the reply ends in the middle of its base64");
    return d->sink->stream_end ? d->sink->stream_end(d->ud) : WSC_OK;
}

static int close_fault(struct wsc__decoder *d)
{
    int rc = wsc__fault_close(&d->fault, d->mem);

    if (!rc && d->sink->fault)
        rc = d->sink->fault(d->ud, &d->fault);
    return rc;
}

static int close_known(struct wsc__decoder *d, const struct place *p, const char *s, size_t len)
{
    switch (p->kind) {
    case WSC__K_ACTION:
        return keep(d, &d->action, s, len);
    case WSC__K_MESSAGE_ID:
        return keep(d, &d->message_id, s, len);
    case WSC__K_RELATES_TO:
        return keep(d, &d->relates_to, s, len);
    case WSC__K_FIELD:
        return tell_field(d, p->field, s, len);
    case WSC__K_EXIT_CODE:
        take_exit(d, s, len);
        break;
    case WSC__K_COMMAND_STATE:
        return tell_state(d);
    case WSC__K_STREAM:
        return close_stream(d);
    case WSC__K_FAULT:
        return close_fault(d);
    case WSC__K_ENVELOPE:
        d->complete = true;
        break;
    default:
        break;
    }
    return WSC_OK;
}

static int end_value(struct wsc__decoder *d)
{
    enum wsc__told what = d->telling;
    struct wsc_value *v = NULL;
    int rc = own_value(d, wsc__tree_end(&d->tree, &v));

    if (!v)
        return rc;
    d->valued |= what == WSC__TOLD_BODY;
    rc = d->sink->value ? d->sink->value(d->ud, v, what) : WSC_OK;
    wsc__value_unref(v);
    return rc;
}

static int on_end(void *ud, const char *ns, const char *name)
{
    struct wsc__decoder *d = ud;
    struct place p = d->places[d->depth--];
    const char *s = (const char *)wsc__buf_data(&d->text);
    size_t len = d->text.len;
    int rc = WSC_OK;

    (void)ns;
    (void)name;
    if (p.kind > WSC__K_FAULT) {
        rc = flush_fault_text(d, p.kind);
    } else {
        wsc__trim(&s, &len);
        rc = close_known(d, &p, s, len);
        wsc__buf_reset(&d->text);
    }
    if (!rc && captures(d))
        rc = own(d, wsc__capture_end(&d->capture));
    if (!rc && d->tree.depth)
        rc = end_value(d);
    return rc;
}

/* --- life ------------------------------------------------------------------------------------- */

int wsc__decoder_new(struct wsc__decoder **out, const struct wsc__mem *mem,
                     const struct wsc__decoder_options *o, const struct wsc__sink *sink, void *ud)
{
    static const struct wsc__xml_handler handler = { on_start, on_text, on_raw, on_end };
    struct wsc__xml_limits limits = wsc__xml_limits_default;
    struct wsc__decoder *d = wsc__zalloc(mem, sizeof *d);
    int rc;

    if (!d)
        return WSC_E_NOMEM;
    d->mem = mem;
    d->opt = *o;
    d->sink = sink;
    d->ud = ud;
    d->answered = !o->response;
    d->places[0].kind = WSC__K_DOCUMENT;
    if (o->max_bytes)
        limits.bytes = o->max_bytes;
    limits.depth = WSC__REPLY_DEPTH;
    limits.name = WSC__REPLY_NAME;
    if (limits.elements < limits.bytes / 16) /* large enumerations are many small elements */
        limits.elements =
            limits.bytes / 16 < UINT32_MAX ? (unsigned)(limits.bytes / 16) : UINT32_MAX;
    wsc__buf_init(&d->text, mem, TEXT_MAX);
    if (o->capture) /* escaping and declarations make it longer than it was */
        wsc__capture_init(&d->capture, mem, limits.bytes * 2 + 65536);
    wsc__tree_builder_init(&d->tree, mem,
                           limits.bytes < SIZE_MAX / VALUE_FACTOR ? limits.bytes * VALUE_FACTOR
                                                                  : limits.bytes);
    rc = wsc__xml_reader_new(&d->xml, o->spare, mem, &limits, &handler, d);
    if (rc) {
        wsc__decoder_free(d);
        return rc;
    }
    *out = d;
    return WSC_OK;
}

void wsc__decoder_free(struct wsc__decoder *d)
{
    if (!d)
        return;
    wsc__xml_reader_free(d->xml);
    wsc__error_unref(d->err);
    wsc__fault_clear(&d->fault, d->mem);
    wsc__capture_free(&d->capture);
    wsc__tree_builder_free(&d->tree);
    wsc__buf_free(&d->text);
    wsc__free(d->mem, d->action);
    wsc__free(d->mem, d->message_id);
    wsc__free(d->mem, d->relates_to);
    wsc__free(d->mem, d->command_id);
    wsc__free(d->mem, d->state_uri);
    wsc__free(d->mem, d);
}

void wsc__decoder_spare_free(struct wsc__xml_reader *spare)
{
    wsc__xml_spare_free(spare);
}

/* Gives the error where there is one of ours or of the reader; what a sink returned has none. */
static int finish_call(struct wsc__decoder *d, int rc, struct wsc_error *e, struct wsc_error **err)
{
    if (rc < 0 && !e && d->err)
        e = wsc__error_ref(d->err);
    if (rc == WSC_E_NOMEM && !e)
        e = wsc__error_nomem();
    if (e && err)
        *err = e;
    else
        wsc__error_unref(e);
    return rc;
}

int wsc__decoder_feed(struct wsc__decoder *d, const void *data, size_t len, size_t *used,
                      struct wsc_error **err)
{
    struct wsc_error *e = NULL;
    int rc = wsc__xml_feed(d->xml, data, len, used, &e);

    return finish_call(d, rc, e, err);
}

int wsc__decoder_finish(struct wsc__decoder *d, struct wsc_error **err)
{
    struct wsc_error *e = NULL;
    int rc = wsc__xml_finish(d->xml, &e);

    if (!rc && !d->has_body)
        rc = protocol(d, "the reply has no Body");
    return finish_call(d, rc, e, err);
}

bool wsc__decoder_complete(const struct wsc__decoder *d)
{
    return d->complete;
}

bool wsc__decoder_answered(const struct wsc__decoder *d)
{
    return d->answered;
}

const char *wsc__decoder_body(struct wsc__decoder *d)
{
    return d->opt.capture && d->has_body ? wsc__buf_cstr(&d->capture.out) : NULL;
}
