/* The body of a request or reply whose messages are sealed (MS-WSMV 2.2.9.1): multipart/encrypted,
 * or multipart/x-multi-encrypted when one message is cut into several. It looks like MIME, but is
 * not: the sealed bytes begin right behind a header line, and end without a line end. Nothing is
 * sealed here. */
#ifndef WSC_HTTP_MIME_ENCRYPTED_H
#define WSC_HTTP_MIME_ENCRYPTED_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

/* --- writing: begin, the caller appends what is sealed, sealed; for each part; then end ------- */

/* Where a part has numbers that are known only later; offsets from the first byte of the buffer. */
struct wsc__mime_mark {
    size_t plain_at, plain_digits, header_at;
};

/* protocol: "application/HTTP-SPNEGO-session-encrypted"; type: of the plain text, with its charset.
 * plain_len is corrected by what comes behind. A call that fails leaves what was there before. */
int wsc__mime_begin(struct wsc__buf *out, struct wsc__mime_mark *mark, const char *protocol,
                    const char *type, size_t plain_len);
/* Header and data stand behind the mark now, written into the same buffer: nothing is copied, but
 * where Length= gets another number of digits. */
int wsc__mime_sealed(struct wsc__buf *out, const struct wsc__mime_mark *mark, size_t header_len,
                     size_t plain_len);
int wsc__mime_end(struct wsc__buf *out);
/* Appends the value of Content-Type; many: more than one part. */
int wsc__mime_content_type(struct wsc__buf *out, const char *protocol, bool many);

/* --- reading ---------------------------------------------------------------------------------- */

/* Is this Content-Type one of the two? NULL is not. */
bool wsc__mime_is_sealed(const char *content_type);

/* Where a sealed message ends. Never found by looking for the boundary in what is sealed, which may
 * have any bytes in it. */
enum wsc__mime_rule {
    WSC__MIME_BY_LENGTH, /* as many bytes of data as of plain text: NTLM, Kerberos with AES */
    WSC__MIME_TO_END, /* before the boundary at the end of the body: Kerberos with RC4; one part */
    WSC__MIME_TLS_RECORDS /* whole records of TLS: CredSSP */
};

struct wsc__mime_part {
    size_t at; /* of the sealed message in the body: header, and data right behind it */
    size_t header_len, data_len;
    size_t plain_len; /* Length= */
    const char *type; /* of the plain text, without parameters; inside the body, not terminated */
    size_t type_len;
    const char *charset; /* NULL when there is none */
    size_t charset_len;
};

struct wsc__mime_reader {
    const struct wsc__mem *mem;
    enum wsc__mime_rule rule;
    const uint8_t *body; /* all of it */
    size_t len, at;
    char boundary[71]; /* RFC 2046 5.1.1: at most 70 */
    bool ended;
};

/* WSC_E_PROTOCOL when content_type has no boundary. */
int wsc__mime_open(struct wsc__mime_reader *r, const struct wsc__mem *mem, const char *content_type,
                   enum wsc__mime_rule rule, const uint8_t *body, size_t len,
                   struct wsc_error **err);
/* 1: a part. 0: that was the last, and all of the body is used. WSC_E_PROTOCOL: what is wrong, and
 * its offset. */
int wsc__mime_next(struct wsc__mime_reader *r, struct wsc__mime_part *part, struct wsc_error **err);

#endif
