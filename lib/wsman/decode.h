/* Between envelope_read.c, which knows where in the document we are, and fault_read.c, which knows
 * what the parts of a fault mean. */
#ifndef WSC_WSMAN_DECODE_H
#define WSC_WSMAN_DECODE_H

#include "wsman/envelope.h"
#include "xml/xml_reader.h"
#include "xml/tree.h"

/* Nesting that a reply may have; names, prefixes and namespaces in it. */
#define WSC__REPLY_DEPTH 64
#define WSC__REPLY_NAME  1024

enum wsc__kind {
    WSC__K_OTHER, /* of no interest, and all below it */
    WSC__K_DOCUMENT,
    WSC__K_ENVELOPE,
    WSC__K_HEADER,
    WSC__K_BODY,
    WSC__K_ACTION,
    WSC__K_MESSAGE_ID,
    WSC__K_RELATES_TO,
    WSC__K_CREATED,
    WSC__K_SHELL,
    WSC__K_COMMAND_RESPONSE,
    WSC__K_RECEIVE_RESPONSE,
    WSC__K_STREAM,
    WSC__K_COMMAND_STATE,
    WSC__K_EXIT_CODE,
    WSC__K_ENUMERATION, /* EnumerateResponse, PullResponse */
    WSC__K_ITEMS,
    WSC__K_BOOKMARK,
    WSC__K_REQUESTED_EPR,
    WSC__K_IDENTIFY,
    WSC__K_FIELD,
    /* faults: all that follow */
    WSC__K_FAULT,
    WSC__K_F_CODE,
    WSC__K_F_CODE_VALUE,
    WSC__K_F_SUBCODE,
    WSC__K_F_SUBCODE_VALUE,
    WSC__K_F_REASON,
    WSC__K_F_REASON_TEXT,
    WSC__K_F_DETAIL,
    WSC__K_F_FAULT_DETAIL,
    WSC__K_F_LOCATION,
    WSC__K_F_WSMAN, /* WSManFault */
    WSC__K_F_MESSAGE,
    WSC__K_F_PROVIDER, /* ProviderFault */
    WSC__K_F_INNER,    /* WSManFault inside a ProviderFault */
    WSC__K_F_PROVIDER_MESSAGE,
    WSC__K_F_WMI, /* MSFT_WmiError, CIM_Error */
    WSC__K_F_WMI_STATUS,
    WSC__K_F_WMI_MESSAGE,
    WSC__K_F_WMI_MESSAGE_ID,
    WSC__K_F_WMI_CODE
};

/* An element of the fault opened: what its attributes say. */
int wsc__fault_open(struct wsc__fault *f, const struct wsc__mem *mem, enum wsc__kind kind,
                    const struct wsc__xml_elem *e);
/* Text of such an element, white space trimmed and not empty. */
int wsc__fault_text(struct wsc__fault *f, const struct wsc__mem *mem, enum wsc__kind kind,
                    const struct wsc__xml_reader *r, const char *text, size_t len);
/* The end of s:Fault: what can only be told from all of it. */
int wsc__fault_close(struct wsc__fault *f, const struct wsc__mem *mem);
void wsc__fault_clear(struct wsc__fault *f, const struct wsc__mem *mem);
/* --- capture.c: elements written down again, so that they can stand alone --------------------- */

struct wsc__capture {
    const struct wsc__mem *mem;
    struct wsc__buf out;
    struct wsc__xml_writer writer;
    struct wsc__buf names; /* of the open elements, each terminated */
    size_t name_at[WSC__REPLY_DEPTH];
    unsigned open;
    struct wsc__capture_ns *ns; /* prefixes that the written text declares */
    size_t nns;
};

void wsc__capture_init(struct wsc__capture *c, const struct wsc__mem *mem, size_t max);
void wsc__capture_free(struct wsc__capture *c);
/* WSC_OK, WSC_E_NOMEM, WSC_E_LIMIT, or WSC_E_PROTOCOL for a name that is too long */
int wsc__capture_start(struct wsc__capture *c, const struct wsc__xml_reader *r,
                       const struct wsc__xml_elem *e);
int wsc__capture_text(struct wsc__capture *c, const char *text, size_t len);
int wsc__capture_end(struct wsc__capture *c);

/* Value of an attribute in no namespace, or NULL. */
const char *wsc__attr(const struct wsc__xml_elem *e, const char *name);

#endif
