/* WS-Management envelopes: written for requests, read from replies as they arrive. */
#ifndef WSC_WSMAN_ENVELOPE_H
#define WSC_WSMAN_ENVELOPE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "wsman/epr.h"
#include "wsman/ns.h"

#include <stdbool.h>
#include <wsman-client/sys/encoder.h>

struct wsc__xml_writer;
struct wsc_value;

/* --- encoding --------------------------------------------------------------------------------- */

#define WSC__ACTION_GET    WSC__NS_TRANSFER "/Get"
#define WSC__ACTION_PUT    WSC__NS_TRANSFER "/Put"
#define WSC__ACTION_CREATE WSC__NS_TRANSFER "/Create"
#define WSC__ACTION_DELETE WSC__NS_TRANSFER "/Delete"

struct wsc__pair { /* an option */
    const char *name, *value;
    bool must_comply;
};

/* A request. All strings are borrowed for the call. */
struct wsc__message {
    const char *action;
    const char *to;           /* URL without zone */
    const char *message_id;   /* "uuid:..." */
    const char *resource_uri; /* NULL: no ResourceURI header */
    const char *session_id;   /* GUID or NULL; written with "uuid:" in front */
    const char *operation_id; /* GUID or NULL: with SequenceId 1 */
    const char *locale, *data_locale;
    int64_t max_envelope;
    int64_t operation_timeout_ms;
    const struct wsc__selector *selectors;
    size_t nselectors;
    const struct wsc__pair *options;
    size_t noptions;
    const void *headers; /* XML of more header blocks, with the prefixes below, or NULL */
    size_t headers_len;
    bool identify;    /* no addressing headers at all */
    const void *body; /* XML of the content of s:Body, with the prefixes s a w p rsp x n e declared
                         on the Envelope; NULL = empty */
    size_t body_len;
};

/* The table that a program fills, too (sys/encoder.h); there message and writer are opaque. */
extern const wsc_encoder wsc__encoder_wsman;
/* Lets an encoder write the request; what it wrote is taken back when it fails. A program's output
 * is checked. */
int wsc__encode(const wsc_encoder *enc, void *user_data, const struct wsc__message *m,
                struct wsc__buf *out, struct wsc_error **err);
/* Writes another a:To into a request that wsc__encoder_wsman wrote. WSC_OK or WSC_E_NOMEM. */
int wsc__envelope_set_to(struct wsc__buf *envelope, const char *to);
int wsc__envelope_write(const struct wsc__message *m, struct wsc__xml_writer *w,
                        wsc_header_fn header, void *user_data);

/* --- decoding --------------------------------------------------------------------------------- */

/* What a SOAP fault said; strings belong to the decoder. */
struct wsc__fault {
    char *code;    /* "s:Receiver" (usual prefix, whatever the document's) */
    char *subcode; /* "w:TimedOut" */
    char *reason;
    char *detail; /* last part of the FaultDetail URI */
    char *machine;
    char *message; /* text of f:Message, provider's text left out */
    char *provider, *provider_path, *provider_text;
    char *wmi_message;   /* MSFT_WmiError / CIM_Error */
    char *location;      /* redirect */
    const char *astray;  /* why what it gave for one is none; static text */
    uint32_t fault_code; /* innermost non-zero code */
    uint32_t outer_code;
    uint32_t cim_status;
    bool has_code, has_cim;
};

enum wsc__state { WSC__STATE_NONE, WSC__STATE_RUNNING, WSC__STATE_PENDING, WSC__STATE_DONE };

/* Small things of a reply by name; strings are valid during the call. */
enum wsc__field {
    WSC__F_SELECTOR_SHELL_ID, /* ResourceCreated / ReferenceParameters selector ShellId */
    WSC__F_SHELL_ID,
    WSC__F_SHELL_NAME,
    WSC__F_SHELL_STATE,
    WSC__F_OWNER,
    WSC__F_CLIENT_IP,
    WSC__F_RESOURCE_URI,
    WSC__F_IDLE_TIMEOUT,
    WSC__F_MAX_IDLE_TIMEOUT,
    WSC__F_INPUT_STREAMS,
    WSC__F_OUTPUT_STREAMS,
    WSC__F_COMMAND_ID,
    WSC__F_PROTOCOL_VERSION,
    WSC__F_PRODUCT_VENDOR,
    WSC__F_PRODUCT_VERSION,
    WSC__F_SECURITY_PROFILE,
    WSC__F_ENUMERATION_CONTEXT,
    WSC__F_END_OF_SEQUENCE
};

/* What is told as a value. */
enum wsc__told {
    WSC__TOLD_BODY, /* the first element of s:Body */
    WSC__TOLD_ITEM, /* of an enumeration */
    WSC__TOLD_BOOKMARK,
    WSC__TOLD_EPR /* w:RequestedEPR */
};

struct wsc__reply_head {
    const char *action, *message_id, *relates_to; /* "" when missing */
};

/* What a decoder tells, in the order of the document. Results as of the xml handlers: WSC_OK goes
 * on, another status stops. stream() may return WSC__PAUSE after taking the bytes. */
struct wsc__sink {
    /* the headers are read; before anything of the body is told */
    int (*head)(void *ud, const struct wsc__reply_head *h);
    int (*field)(void *ud, enum wsc__field f, const char *value);
    int (*stream_start)(void *ud, const char *name, const char *command_id,
                        bool end);                            /* one rsp:Stream */
    int (*stream)(void *ud, const uint8_t *data, size_t len); /* decoded bytes */
    int (*stream_end)(void *ud);
    int (*command_state)(void *ud, const char *command_id, enum wsc__state state, const char *uri,
                         bool has_exit, int64_t exit_code);
    /* kept with wsc__value_ref. May return WSC__PAUSE after taking it. */
    int (*value)(void *ud, struct wsc_value *v, enum wsc__told what);
    int (*fault)(void *ud, const struct wsc__fault *f);
};

struct wsc__decoder; /* one per reply */

/* The element that an answer has to hold. */
struct wsc__response {
    const char *ns, *name;
    uint32_t missing; /* Windows' code for an answer without it */
};

struct wsc__decoder_options {
    size_t max_bytes;
    bool capture;  /* keep the content of s:Body as XML with its prefixes declared */
    bool value;    /* tell the first element of s:Body as a value */
    bool identify; /* no addressing headers are expected: head() may tell empty strings */
    const struct wsc__response *response; /* NULL: what s:Body holds does not matter */
    struct wsc__xml_reader **spare;       /* where a parser waits for the next decoder, or NULL */
};
int wsc__decoder_new(struct wsc__decoder **out, const struct wsc__mem *mem,
                     const struct wsc__decoder_options *o, const struct wsc__sink *sink, void *ud);
/* As wsc__xml_feed; *used < len only with WSC__PAUSE. Bad base64 in a Stream: WSC_E_PROTOCOL. */
int wsc__decoder_feed(struct wsc__decoder *d, const void *data, size_t len, size_t *used,
                      struct wsc_error **err);
int wsc__decoder_finish(struct wsc__decoder *d, struct wsc_error **err);
bool wsc__decoder_complete(const struct wsc__decoder *d); /* the Envelope's end tag was read */
bool wsc__decoder_answered(const struct wsc__decoder *d); /* s:Body holds what it has to */
/* The captured body, NUL-terminated; NULL when not captured. Belongs to the decoder. */
const char *wsc__decoder_body(struct wsc__decoder *d);
void wsc__decoder_free(struct wsc__decoder *d);
void wsc__decoder_spare_free(struct wsc__xml_reader *spare);

/* --- faults (fault.c) ------------------------------------------------------------------------- */
/* The error value of a fault: code and texts from the tables, details from the fault. */
struct wsc_error *wsc__fault_error(const struct wsc__mem *mem, const struct wsc__fault *f,
                                   int http_status);
/* What the server gives as the place of a redirect is no URL; why: wsc__url_location's. */
void wsc__fault_astray(struct wsc_error *e, const char *why);
/* OperationTimeout of a Receive or Pull: by code 2150858793, or subcode w:TimedOut / n:TimedOut
 * where no code was sent. */
bool wsc__fault_is_timeout(const struct wsc__fault *f);
/* An HTTP answer without a SOAP body: 401, 403, 404, 413, 503, HTML pages ... */
struct wsc_error *wsc__http_error(const struct wsc__mem *mem, int status, const char *content_type);

#endif
