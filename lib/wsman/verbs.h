/* Bodies and header blocks of the WS-Management operations on resources: transfer (WS-Transfer,
 * MS-WSMV 3.1.4.2-5), enumeration (WS-Enumeration, 3.1.4.8), methods (3.1.4.1.32). */
#ifndef WSC_WSMAN_VERBS_H
#define WSC_WSMAN_VERBS_H

#include "wsman/envelope.h"
#include "wsman/epr.h"
#include "xml/tree.h"

#define WSC__ACTION_ENUMERATE WSC__NS_ENUMERATION "/Enumerate"
#define WSC__ACTION_PULL      WSC__NS_ENUMERATION "/Pull"
#define WSC__ACTION_RELEASE   WSC__NS_ENUMERATION "/Release"

/* The resource's element, where a value has no name of its own. False: the URI ends with no name
 * ("*"), so that the value needs one. */
bool wsc__resource_element(const char *uri, const char **ns, const char **name);
/* The whole element; v NULL: nothing. */
void wsc__body_resource(struct wsc__xml_writer *w, const struct wsc_value *v, const char *ns,
                        const char *name);
/* w:XmlFragment around it. */
void wsc__body_fragment(struct wsc__xml_writer *w, const struct wsc_value *v, const char *ns);
/* METHOD_INPUT around the elements of args. */
void wsc__body_invoke(struct wsc__xml_writer *w, const char *uri, const char *method,
                      const struct wsc_value *args);
/* w:FragmentTransfer; dialect NULL = XPath 1.0. */
void wsc__header_fragment(struct wsc__xml_writer *w, const char *path, const char *dialect);

void wsc__header_request_epr(struct wsc__xml_writer *w);

struct wsc__enumerate_spec {
    bool optimize;
    int64_t max_elements; /* 0 = absent */
    const char *mode;     /* "EnumerateEPR", "EnumerateObjectAndEPR", or NULL */
    const char *polymorphism;
    const struct wsc__buf *filter; /* w:Filter, or NULL */
};
void wsc__body_enumerate(struct wsc__xml_writer *w, const struct wsc__enumerate_spec *s);
void wsc__body_pull(struct wsc__xml_writer *w, const char *context, int64_t max_elements,
                    int64_t max_time_ms);
void wsc__body_release(struct wsc__xml_writer *w, const char *context);
extern const struct wsc__response wsc__enumerate_response, wsc__pull_response;

#define WSC__ACTION_SUBSCRIBE   WSC__NS_EVENTING "/Subscribe"
#define WSC__ACTION_UNSUBSCRIBE WSC__NS_EVENTING "/Unsubscribe"
#define WSC__ACTION_RENEW       WSC__NS_EVENTING "/Renew"
struct wsc__subscribe_spec {
    int64_t heartbeats_ms, expires_ms; /* 0 = absent */
    const char *locale;
    const char *bookmark; /* XML, or "earliest"; NULL = absent */
    const struct wsc__buf *filter;
};
/* That it is well-formed; WSC_E_USAGE with the offset. */
int wsc__bookmark_check(const struct wsc__mem *mem, const char *bookmark, struct wsc_error **err);
/* In pull mode, with bookmarks (MS-WSMV 3.1.4.6). */
void wsc__body_subscribe(struct wsc__xml_writer *w, const struct wsc__subscribe_spec *s);
void wsc__body_unsubscribe(struct wsc__xml_writer *w);
void wsc__body_renew(struct wsc__xml_writer *w, int64_t expires_ms);
void wsc__header_identifier(struct wsc__xml_writer *w, const char *identifier);
extern const struct wsc__response wsc__subscribe_response;

#endif
