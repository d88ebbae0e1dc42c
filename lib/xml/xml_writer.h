/* XML written without a tree: escaped text appended to a buffer. The first failure is kept, so that
 * a message is written without a check per call and asked once at the end. */
#ifndef WSC_XML_WRITER_H
#define WSC_XML_WRITER_H

#include "base/buf.h"

#include <stdbool.h>

struct wsc__xml_writer {
    struct wsc__buf *out;
    int err;       /* WSC_OK, WSC_E_NOMEM, WSC_E_LIMIT, or WSC_E_USAGE for text XML cannot carry */
    size_t bad_at; /* with WSC_E_USAGE: offset in the text given last */
    bool open;     /* a start tag still lacks its '>' */
};

void wsc__xml_init(struct wsc__xml_writer *w, struct wsc__buf *out);
void wsc__xml_start(struct wsc__xml_writer *w,
                    const char *qname); /* "s:Envelope"; names are ours */
/* A start tag, or more of one, that is XML already; without its '>'. */
void wsc__xml_start_raw(struct wsc__xml_writer *w, const char *xml, size_t len);
void wsc__xml_attr(struct wsc__xml_writer *w, const char *qname, const char *value);
void wsc__xml_text(struct wsc__xml_writer *w, const char *text);
void wsc__xml_text_n(struct wsc__xml_writer *w, const char *text, size_t len);
void wsc__xml_int(struct wsc__xml_writer *w, int64_t v);
void wsc__xml_base64(struct wsc__xml_writer *w, const void *data, size_t len);
void wsc__xml_raw(struct wsc__xml_writer *w, const void *xml, size_t len); /* already XML */
void wsc__xml_end(struct wsc__xml_writer *w,
                  const char *qname); /* <a/> when nothing was written inside */
/* <qname>text</qname>; text NULL: nothing at all */
void wsc__xml_elem(struct wsc__xml_writer *w, const char *qname, const char *text);

#endif
