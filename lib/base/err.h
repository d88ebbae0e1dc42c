/* Error values: made where the failure is known, owned by the object that failed, shared by count,
 * never changed after they were handed to the user. */
#ifndef WSC_BASE_ERR_H
#define WSC_BASE_ERR_H

#include "base/codes.h"
#include "base/log.h" /* WSC__PRINTF */
#include "base/mem.h"

#include <stdbool.h>
#include <stdint.h>

/* Text details, by the name under which wsc_error_get_str gives them. */
#define WSC__ERR_STRS(X)                                                                           \
    X(CAUSE, "cause")               /* why this usually happens */                                 \
    X(REMEDY, "remedy")             /* what to do */                                               \
    X(MACHINE, "machine")           /* WSManFault@Machine */                                       \
    X(SOAP_CODE, "soap-code")       /* s:Sender, s:Receiver, ... */                                \
    X(SOAP_SUBCODE, "soap-subcode") /* with its usual prefix: w:TimedOut */                        \
    X(FAULT_DETAIL, "fault-detail") /* last part of the faultDetail URI */                         \
    X(FAULT_NAME, "fault-name")     /* ERROR_WSMAN_..., SEC_E_... */                               \
    X(SERVER_TEXT, "server-text")   /* what the server said, in its language */                    \
    X(PROVIDER, "provider")                                                                        \
    X(PROVIDER_PATH, "provider-path")                                                              \
    X(PROVIDER_TEXT, "provider-text")                                                              \
    X(TARGET, "target")           /* the URL that was asked */                                     \
    X(OPTION, "option")           /* name of the option that sets the limit, or is wrong */        \
    X(NEAREST, "nearest")         /* option that was probably meant */                             \
    X(LOCATION, "location")       /* of a redirect */                                              \
    X(OFFERED, "offered")         /* authentication schemes the server offers */                   \
    X(SCHEME, "scheme")           /* authentication scheme used */                                 \
    X(MECHANISM, "mechanism")     /* what proved it inside Negotiate: NTLM, Kerberos */            \
    X(SPN, "spn")                 /* service principal name that was asked for */                  \
    X(IDENTITY, "identity")       /* user name, never a secret */                                  \
    X(SYSTEM_TEXT, "system-text") /* of errno, the resolver, TLS */

/* Numbers, by the name under which wsc_error_get_int gives them. */
#define WSC__ERR_INTS(X)                                                                           \
    X(HTTP_STATUS, "http-status")                                                                  \
    X(FAULT_CODE, "fault-code")             /* WSManFault@Code, unsigned 32 bit */                 \
    X(OUTER_FAULT_CODE, "outer-fault-code") /* where a provider fault holds the inner one */       \
    X(CIM_STATUS, "cim-status")                                                                    \
    X(SYSTEM_CODE, "system-code") /* errno, resolver or TLS code */                                \
    X(OFFSET, "offset")           /* of the wrong character in the input */                        \
    X(LIMIT, "limit")             /* the value that was exceeded */

enum wsc__err_str {
#define X(id, name) WSC__ES_##id,
    WSC__ERR_STRS(X)
#undef X
        WSC__ES_COUNT
};

enum wsc__err_int {
#define X(id, name) WSC__EI_##id,
    WSC__ERR_INTS(X)
#undef X
        WSC__EI_COUNT
};

/* Never NULL: when memory runs out it is the static out-of-memory error, on which every setter and
 * unref does nothing. Cause and remedy of the code itself are filled in from errors.def. */
struct wsc_error *wsc__error_new(const struct wsc__mem *mem, int code, const char *fmt, ...)
    WSC__PRINTF(3, 4);
/* From a Windows code (faults.def): picks our code, class, name, cause, remedy and retry advice. */
struct wsc_error *wsc__error_fault(const struct wsc__mem *mem, uint32_t fault_code, const char *fmt,
                                   ...) WSC__PRINTF(3, 4);
/* A file that an option names cannot be read; system: errno. */
struct wsc_error *wsc__error_unread(const struct wsc__mem *mem, const char *option,
                                    const char *path, int system);
struct wsc_error *wsc__error_nomem(void);
struct wsc_error *wsc__error_ref(struct wsc_error *e);
void wsc__error_unref(struct wsc_error *e);
/* For who changes one that others may have seen: takes e over, gives it back, or a copy of it. */
struct wsc_error *wsc__error_own(struct wsc_error *e);

/* All texts are UTF-8: what is none becomes '?', so that any text may be given, also cut.
 * Setters: the value is copied; NULL clears; failure to copy drops the detail. */
void wsc__error_set_str(struct wsc_error *e, enum wsc__err_str what, const char *value);
void wsc__error_setf(struct wsc_error *e, enum wsc__err_str what, const char *fmt, ...)
    WSC__PRINTF(3, 4);
void wsc__error_set_int(struct wsc_error *e, enum wsc__err_int what, int64_t value);
void wsc__error_set_retriable(struct wsc_error *e, bool retriable);
void wsc__error_set_text(struct wsc_error *e, const char *text);

int wsc__error_code(const struct wsc_error *e); /* WSC_OK for NULL */
const char *wsc__error_text(const struct wsc_error *e);
bool wsc__error_retriable(const struct wsc_error *e);
const char *wsc__error_class(const struct wsc_error *e);
/* NULL when there is none */
const char *wsc__error_str(const struct wsc_error *e, enum wsc__err_str what);
bool wsc__error_int(const struct wsc_error *e, enum wsc__err_int what, int64_t *out);
/* As the table has it, where the server wrote another form of it (0x814F, HRESULT); 0 = none. */
uint32_t wsc__error_fault_code(const struct wsc_error *e);
/* by the names above, plus "class", "name", "text"; ints also "code", "retriable".
 * false = unknown name or no value */
bool wsc__error_by_name(const struct wsc_error *e, const char *name, const char **out);
bool wsc__error_int_by_name(const struct wsc_error *e, const char *name, int64_t *out);
/* Is there a detail of that name at all? */
bool wsc__error_has_str(const char *name);
bool wsc__error_has_int(const char *name);

/* --- the tables ------------------------------------------------------------------------------- */

struct wsc__code {
    int code;         /* WSC_E_* */
    const char *name; /* "WSC_E_TIMEOUT" */
    const char *cls;  /* "timeout" */
    bool retriable;
    const char *text;   /* what it means: reference page, and default cause */
    const char *remedy; /* general remedy, or NULL */
};
const struct wsc__code *wsc__code_find(int code);
const struct wsc__code *wsc__code_find_name(const char *name);
const struct wsc__code *wsc__code_at(size_t index); /* NULL past the end */

/* What a fault asks of the machines that send requests. */
enum wsc__advice {
    WSC__ADVICE_NONE,       /* never repeat */
    WSC__ADVICE_REPEAT,     /* not an error: ask again (Receive, Pull) */
    WSC__ADVICE_BACKOFF,    /* busy or temporarily away */
    WSC__ADVICE_SHELL_GONE, /* make a new shell */
    WSC__ADVICE_RELEASE     /* close shells or commands, then again */
};

struct wsc__fault_info {
    uint32_t code;       /* 0x80338029 */
    const char *name;    /* "ERROR_WSMAN_OPERATION_TIMEDOUT" */
    const char *subcode; /* "w:TimedOut", or NULL */
    int wsc;             /* WSC_E_*: the library's code for it */
    enum wsc__advice advice;
    const char *meaning; /* NULL for the names-only ones */
    const char *cause;   /* or NULL */
    const char *remedy;  /* or NULL */
    const char *detail;  /* faultDetail name that belongs to the subcode, or NULL */
};
/* Wrapped codes (0x8007xxxx, 0xD000xxxx) and the short ones of WinRM 1.1 (0x8000..0x81FF) are
 * found under the code they stand for. NULL when unknown. */
const struct wsc__fault_info *wsc__fault_find(uint32_t code);
uint32_t wsc__fault_code(uint32_t code); /* as the table has it; one that is not there as it is */
/* For servers that send only SOAP subcodes (OMI, openwsman): "w:TimedOut" and detail "..." */
const struct wsc__fault_info *wsc__fault_find_subcode(const char *subcode, const char *detail);
const struct wsc__fault_info *wsc__fault_find_name(const char *name);
const struct wsc__fault_info *wsc__fault_at(size_t index);

#endif
