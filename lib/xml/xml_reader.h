/* XML read by libxml2's push parser: any cut of the bytes in, few events out, limits on everything.
 * No DTD (refused at its start), no entities but the five of XML, no network, no globals changed.
 * UTF-8 and UTF-16 (by byte order mark or declaration). One reader per document. */
#ifndef WSC_XML_READER_H
#define WSC_XML_READER_H

#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>

struct wsc__xml_limits {
    size_t bytes;        /* of the document */
    unsigned depth;      /* of nesting */
    unsigned attributes; /* per element */
    unsigned elements;   /* in all */
    size_t name;         /* length of names, prefixes and namespace URIs */
    size_t attribute;    /* length of one attribute value */
};
extern const struct wsc__xml_limits wsc__xml_limits_default; /* bytes 16 MiB, depth 64, ... */

struct wsc__xml_attr {
    const char *ns; /* "" when in no namespace */
    const char *name;
    const char *value; /* terminated */
    size_t value_len;
};

struct wsc__xml_elem {
    const char *ns;
    const char *name;
    const char *prefix; /* as written, "" when none */
    const struct wsc__xml_attr *attrs;
    unsigned nattrs;
    unsigned depth; /* the root is 0 */
};

#define WSC__XML_RAW 1

/* Return WSC_OK to go on; any other value stops the reader, which gives it back from feed.
 * start may return WSC__XML_RAW: text directly inside this element is then offered to raw first, as
 * it stands in the document and in pieces of any size, by the shortest way (for base64; documents
 * in UTF-8 bypass libxml2). raw takes what it knows, *used bytes (0 at the call), and is offered
 * the rest again until it takes none: from there on it is all libxml2's, markup and checks
 * included. text, raw and end may return WSC__PAUSE after taking what they got: feed then stops as
 * soon as it can and says how much of the input it used; the rest is fed again later. */
struct wsc__xml_handler {
    int (*start)(void *ud, const struct wsc__xml_elem *e);
    int (*text)(void *ud, const char *text, size_t len);
    int (*raw)(void *ud, const char *text, size_t len, size_t *used);
    int (*end)(void *ud, const char *ns, const char *name);
};

/* Once per process, before anything here: libxml2 prepares itself at its first use, and two threads
 * that come at the same time would do it twice. */
void wsc__xml_prepare(void);

struct wsc__xml_reader;
/* spare: where one that has read a document waits for the next, which saves making the parser; or
 * NULL. It outlives the reader, and so does what mem points to. */
int wsc__xml_reader_new(struct wsc__xml_reader **out, struct wsc__xml_reader **spare,
                        const struct wsc__mem *mem, const struct wsc__xml_limits *limits,
                        const struct wsc__xml_handler *handler, void *ud);
/* *used < len only with WSC__PAUSE as result. Errors: WSC_E_PROTOCOL (not well-formed, DTD; *err
 * has line and what), WSC_E_LIMIT (which one), WSC_E_NOMEM, or what the handler returned. */
int wsc__xml_feed(struct wsc__xml_reader *r, const void *data, size_t len, size_t *used,
                  struct wsc_error **err);
/* None of the elements to come will ask for WSC__XML_RAW: text need not be looked for. */
void wsc__xml_no_raw(struct wsc__xml_reader *r);
/* The document is over. */
int wsc__xml_finish(struct wsc__xml_reader *r, struct wsc_error **err);
void wsc__xml_reader_free(struct wsc__xml_reader *r);
void wsc__xml_spare_free(struct wsc__xml_reader *spare);

/* Value of a QName in element content or attributes ("w:TimedOut"): namespace of its prefix in the
 * current scope. NULL when the prefix is not declared. Valid until the scope ends. */
const char *wsc__xml_resolve(const struct wsc__xml_reader *r, const char *prefix, size_t len);
/* The prefix declarations in scope, for text that is cut out of the document: the i-th, nearest
 * first, hidden ones too; false past the end. */
bool wsc__xml_scope(const struct wsc__xml_reader *r, unsigned i, const char **prefix,
                    const char **ns);
/* True when a nearer declaration than the i-th has the same prefix. */
bool wsc__xml_hidden(const struct wsc__xml_reader *r, unsigned i);

bool wsc__xml_root_ended(const struct wsc__xml_reader *r);
/* Where it is not well-formed, when it failed for that: bytes from the beginning. */
size_t wsc__xml_bad_at(const struct wsc__xml_reader *r);

/* Well-formedness of a fragment a user gives (what: "the body"): WSC_OK, or WSC_E_USAGE with the
 * offset. */
int wsc__xml_check_fragment(const struct wsc__mem *mem, const char *what, const char *xml,
                            size_t len, size_t *bad_at, struct wsc_error **err);

#endif
