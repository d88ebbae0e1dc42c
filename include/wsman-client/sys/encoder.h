/* An encoder of one's own: writes the envelope of a request, or lets the library write it and adds,
 * changes or leaves out blocks of its header. For servers that want more than Windows does, for
 * tracing headers, for signatures.
 *
 * Its function runs on the context's thread in the middle of other work: it may call nothing of this
 * library but what is declared here. */
#ifndef WSC_SYS_ENCODER_H
#define WSC_SYS_ENCODER_H

#include <wsman-client/wsman-client.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wsc_message wsc_message; /* a request to be written; valid during the call */
typedef struct wsc_writer wsc_writer;   /* takes XML; keeps the first failure */

typedef struct wsc_encoder {
    size_t struct_size; /* sizeof(wsc_encoder): later versions append members */

    /* Writes the whole envelope: with wsc_write_envelope, or element by element. Its a:MessageID has
     * to be that of the message, for the reply is recognised by it. returns: WSC_OK, or a negative
     * status, with which the request fails before anything is sent. user_data: of
     * wsc_client_set_encoder. */
    int (*encode)(const wsc_message *message, wsc_writer *out, void *user_data);
} wsc_encoder;

/* Called before every block of the header, named as in "a:To", in the order of the envelope, and
 * with name NULL after the last. returns: WSC_E_AGAIN = the library writes the block as usual,
 * WSC_OK = it was written here, or is left out; another status as encode. */
typedef int (*wsc_header_fn)(const wsc_message *message, const char *name, wsc_writer *out,
                             void *user_data);

/* Lets an encoder write the client's requests from now on. ops: copied; NULL = the library's own
 * again. user_data: handed to encode; free_fn(user_data) runs when the client is gone. errors:
 * WSC_E_USAGE (encode is missing, or struct_size is smaller than that of version 0.1). since: 0.1 */
WSC_API int wsc_client_set_encoder(wsc_client *client, const wsc_encoder *ops, void *user_data,
                                   wsc_free_fn free_fn);

/* Writes the envelope as the library does (MS-WSMV 3.2.4.1). The prefixes s, a, w, p, rsp, x, n and
 * e are declared on it. header: NULL = every block as usual. since: 0.1 */
WSC_API int wsc_write_envelope(const wsc_message *message, wsc_writer *out, wsc_header_fn header,
                               void *user_data);

/* A part of the message: "action", "to", "message-id", "resource-uri", "session-id",
 * "operation-id", "locale", "data-locale". out: borrowed for the call. errors: WSC_E_AGAIN = it has
 * none, WSC_E_USAGE = no such part. since: 0.1 */
WSC_API int wsc_message_get_str(const wsc_message *message, const char *name, const char **out);
/* "max-envelope-size" (bytes), "operation-timeout" (ms), "identify" (0 or 1). errors: as above.
 * since: 0.1 */
WSC_API int wsc_message_get_int(const wsc_message *message, const char *name, int64_t *out);
/* The content of s:Body: len bytes of XML with the prefixes of wsc_write_envelope, borrowed for the
 * call; len 0 = it is empty. since: 0.1 */
WSC_API int wsc_message_body(const wsc_message *message, const void **xml, size_t *len);
/* The selectors ("selector") or options ("option") one by one. index: from 0. key, value: borrowed
 * for the call. errors: WSC_E_AGAIN past the last, WSC_E_USAGE = no such list. since: 0.1 */
WSC_API int wsc_message_get_pair(const wsc_message *message, const char *list, size_t index,
                                 const char **key, const char **value);

/* Begins an element. name: with its prefix, as "a:To". errors: WSC_E_USAGE for a name that is none;
 * this and all that follow: what failed before. since: 0.1 */
WSC_API int wsc_writer_start(wsc_writer *out, const char *name);
/* Adds an attribute to the element just begun. value: escaped. since: 0.1 */
WSC_API int wsc_writer_attr(wsc_writer *out, const char *name, const char *value);
/* Adds text, escaped. errors: WSC_E_USAGE for a character that XML cannot carry. since: 0.1 */
WSC_API int wsc_writer_text(wsc_writer *out, const char *text);
/* Adds XML as it is: len bytes. That the whole is well-formed is checked at the end. since: 0.1 */
WSC_API int wsc_writer_xml(wsc_writer *out, const void *xml, size_t len);
/* Ends an element. since: 0.1 */
WSC_API int wsc_writer_end(wsc_writer *out, const char *name);

#ifdef __cplusplus
}
#endif
#endif
