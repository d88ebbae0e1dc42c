/* HTTP/1.1 client codec (RFC 9110, 9112): a request head writer, and a resumable reader of replies
 * that is fed any cut of the bytes. No I/O, no TLS. */
#ifndef WSC_HTTP_H1_H
#define WSC_HTTP_H1_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* --- request head ----------------------------------------------------------------------------- */
struct wsc__h1_request {
    const char *method; /* "POST" */
    const char *target; /* "/wsman" */
    const char *host;   /* value of Host */
    const char *user_agent;
    const char *content_type; /* NULL: none */
    size_t content_length;    /* always sent: never a chunked request */
    const char *auth_scheme;  /* Authorization: <scheme> <token>; NULL: none */
    const char *auth_token;   /* NULL: the scheme word alone */
    const char *cookie;       /* NULL: none */
    const char *extra;        /* complete further header lines with CRLF, or NULL */
};
/* Appends request line and headers (Connection: Keep-Alive, Accept-Encoding: identity) with the
 * empty line. Refuses CR, LF and NUL in any value with WSC_E_USAGE. */
int wsc__h1_write(struct wsc__buf *out, const struct wsc__h1_request *r);
/* The same head as text for the log, credentials and cookies masked. */
int wsc__h1_write_masked(struct wsc__buf *out, const struct wsc__h1_request *r);

/* How much of a text is a header's name: RFC 9110 5.6.2, token. */
size_t wsc__h1_name_len(const char *name);
/* Lines that are the library's own to write, or that say how the message is framed: given once more
 * they let a proxy and the server see different requests. In any case of letters. */
bool wsc__h1_owns(const char *name);

/* --- reply ------------------------------------------------------------------------------------ */
struct wsc__h1_limits {
    size_t head;      /* bytes of status line and headers, also of trailers */
    unsigned headers; /* how many */
    unsigned interim; /* 1xx replies before the final one */
    uint64_t body;    /* bytes of the body */
};

enum wsc__h1_event {
    WSC__H1_MORE, /* all input used, give more */
    WSC__H1_HEAD, /* status and headers are known */
    WSC__H1_BODY, /* a piece of the body: *data, *data_len, inside the input */
    WSC__H1_DONE, /* reply complete; what is left of the input belongs to nobody */
    WSC__H1_ERROR /* err says what; the connection is of no more use */
};

struct wsc__h1_reply {
    const struct wsc__mem *mem;
    struct wsc__h1_limits limits;
    int status;
    bool http10;
    bool keep_alive; /* the connection may be used again after DONE */
    bool has_length;
    uint64_t length; /* Content-Length, when has_length */
    /* private */
    int state;
    bool connect, chunked, until_close, no_body;
    unsigned interim, nheaders;
    uint64_t left, body_seen;
    size_t head_seen;
    struct wsc__buf head; /* header lines so far: "name\0value\0" pairs */
    struct wsc__buf line; /* the unfinished line */
};

void wsc__h1_reply_init(struct wsc__h1_reply *r, const struct wsc__mem *mem,
                        const struct wsc__h1_limits *limits,
                        bool connect_method /* a 2xx reply has no body */);
void wsc__h1_reply_free(struct wsc__h1_reply *r);
/* One event at a time. *used counts the input taken, also when BODY points into it. */
enum wsc__h1_event wsc__h1_read(struct wsc__h1_reply *r, const uint8_t *in, size_t len,
                                size_t *used, const uint8_t **data, size_t *data_len,
                                struct wsc_error **err);
/* So many bytes at least are still to come before the reply can be complete. */
uint64_t wsc__h1_awaits(const struct wsc__h1_reply *r);
/* The peer closed: WSC__H1_DONE where a body ran until the end of the connection, else
 * WSC__H1_ERROR (WSC_E_CONNECTION_LOST). */
enum wsc__h1_event wsc__h1_eof(struct wsc__h1_reply *r, struct wsc_error **err);
/* n-th header of that name (any case), or NULL. Valid until free. */
const char *wsc__h1_header(const struct wsc__h1_reply *r, const char *name, unsigned n);
/* All header lines as text for the log: WWW-Authenticate tokens and Set-Cookie values masked. */
int wsc__h1_reply_masked(const struct wsc__h1_reply *r, struct wsc__buf *out);

/* --- WWW-Authenticate / Proxy-Authenticate ---------------------------------------------------- */
struct wsc__challenge {
    const char *scheme; /* into the header value, not terminated */
    size_t scheme_len;
    const char *rest; /* token68 or parameters, trimmed; len 0 = bare */
    size_t rest_len;
};
/* The i-th challenge over all such headers of the reply; false past the end. Splits a header that
 * carries several challenges: at commas outside quotes that are followed by a new scheme word. */
bool wsc__h1_challenge(const struct wsc__h1_reply *r, const char *header, unsigned i,
                       struct wsc__challenge *out);

/* Media type check: type/subtype equal (any case), parameters ignored. */
bool wsc__h1_media_is(const char *content_type, const char *media);
/* Parameter of a media type ("charset"), unquoted, into buf; false when absent. */
bool wsc__h1_media_param(const char *content_type, const char *name, char *buf, size_t cap);

#endif
