/* DER (X.690) as SPNEGO and CredSSP need it: tags of one octet, definite lengths. */
#ifndef WSC_AUTH_DER_H
#define WSC_AUTH_DER_H

#include "base/buf.h"

#include <stdbool.h>

enum {
    WSC__DER_INTEGER = 0x02,
    WSC__DER_OCTETS = 0x04,
    WSC__DER_OID = 0x06,
    WSC__DER_ENUM = 0x0a,
    WSC__DER_SEQUENCE = 0x30,
    WSC__DER_APPLICATION = 0x60, /* [APPLICATION 0], around the first token of a GSS mechanism */
    WSC__DER_CONTEXT = 0xa0      /* [0], constructed; + n for [n] */
};

/* Bytes inside the input: what is left to read, or the content of an element. */
struct wsc__der {
    const uint8_t *p; /* NULL: absent */
    size_t len;
};

/* The next element, whatever it is. false, and nothing is taken: no element begins here, it is cut
 * off, or its tag or length has a form that is not DER. A length with more octets than it needs is
 * good: some write it so, and nothing depends on it. */
bool wsc__der_next(struct wsc__der *in, uint8_t *tag, struct wsc__der *content);
/* The next element, which must have this tag. */
bool wsc__der_take(struct wsc__der *in, uint8_t tag, struct wsc__der *content);
/* The same, and nothing may stand behind it. */
bool wsc__der_only(struct wsc__der in, uint8_t tag, struct wsc__der *content);
/* Content of an INTEGER or ENUMERATED that is not negative and fits. */
bool wsc__der_u32(struct wsc__der content, uint32_t *out);
bool wsc__der_equal(struct wsc__der a, const void *bytes, size_t len);
/* Content of an OBJECT IDENTIFIER as "1.3.6.1.5.5.2", for messages; cut off where cap ends. */
void wsc__der_oid_text(struct wsc__der oid, char *out, size_t cap);

/* Appends an element. */
int wsc__der_put(struct wsc__buf *b, uint8_t tag, const void *content, size_t len);
/* Makes all that stands behind the first `from` bytes the content of an element: what is nested is
 * written from the inside out. Changes nothing when it fails. */
int wsc__der_wrap(struct wsc__buf *b, size_t from, uint8_t tag);

#endif
