/* An encoder of a program's own: the library's, and one header block more. */
#ifndef WSC_TEST_ENCODER_H
#define WSC_TEST_ENCODER_H

#include <wsman-client/sys/encoder.h>

static inline int one_more(const wsc_message *m, const char *name, wsc_writer *w, void *ud)
{
    (void)m;
    (void)ud;
    if (name)
        return WSC_E_AGAIN;
    wsc_writer_start(w, "More");
    wsc_writer_text(w, "text");
    return wsc_writer_end(w, "More");
}

static inline int encode_more(const wsc_message *m, wsc_writer *w, void *ud)
{
    return wsc_write_envelope(m, w, one_more, ud);
}

#endif
