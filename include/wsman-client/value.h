/* What requests are about and what they carry: references to resources, and values. Both belong to
 * no context, and to one thread at a time. wsman-client.h includes this; its rules and status codes
 * hold here, too. */
#ifndef WSC_VALUE_H
#define WSC_VALUE_H

#include <stddef.h>
#include <stdint.h>

#ifndef WSC_API
#define WSC_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct wsc_epr wsc_epr;     /* resource URI and selectors */
typedef struct wsc_value wsc_value; /* an element: name, and text or elements within */

/* --- EPRs: references to resources ------------------------------------------------------------ */

/* resource_uri: full URI, copied. since: 0.1 */
WSC_API int wsc_epr_new(wsc_epr **out, const char *resource_uri);
/* From text as administrators write it: an alias or a full URI, then selectors
 * ("winrm/config/listener?Address=*+Transport=HTTPS", "wmicimv2/Win32_Service?Name=WinRM",
 * "WSMan:\localhost\Client"). bad_at, why: offset and static text of what is wrong; may
 * be NULL. errors: WSC_E_USAGE. since: 0.1 */
WSC_API int wsc_epr_parse(wsc_epr **out, const char *text, size_t *bad_at, const char **why);
/* The same of text that may also name something within a configuration
 * ("WSMan:\localhost\Client\TrustedHosts", "winrm/config/service/MaxConnections"): wsc_epr_inside
 * is what is within, for wsc_value_get_str. since: 0.1 */
WSC_API int wsc_epr_parse_path(wsc_epr **out, const char *text, size_t *bad_at, const char **why);
/* What the text named within the resource ("TrustedHosts", "Quotas/MaxShells"), or NULL. Borrowed
 * from the EPR. since: 0.1 */
WSC_API const char *wsc_epr_inside(const wsc_epr *epr);
/* Adds a selector; names are compared without case. errors: WSC_E_USAGE for a doubled name.
 * since: 0.1 */
WSC_API int wsc_epr_add_selector(wsc_epr *epr, const char *name, const char *value);
/* Adds a selector whose value is a reference itself (a key of an association). value: copied.
 * since: 0.1 */
WSC_API int wsc_epr_add_selector_epr(wsc_epr *epr, const char *name, const wsc_epr *value);
/* The full URI of the resource. Borrowed from the EPR. since: 0.1 */
WSC_API const char *wsc_epr_uri(const wsc_epr *epr);
/* The selectors one by one. index: from 0. name, value, reference: borrowed from the EPR; value
 * is NULL where it is a reference, reference NULL where it is text; each may be NULL. errors:
 * WSC_E_AGAIN past the last. since: 0.1 */
WSC_API int wsc_epr_selector_at(const wsc_epr *epr, size_t index, const char **name,
                                const char **value, const wsc_epr **reference);
/* Gives it back; requests made with it keep their own copy. NULL is fine. since: 0.1 */
WSC_API void wsc_epr_unref(wsc_epr *epr);

/* --- values ----------------------------------------------------------------------------------- */

/* What a reply holds is a tree of values that never changes. Those made by wsc_value_new,
 * wsc_value_parse, wsc_value_parse_sddl and wsc_value_copy are the caller's to change. A reference
 * to any value keeps its whole tree. */

/* A value of the caller's, empty. ns, name: NULL = those of the resource it will be sent to.
 * since: 0.1 */
WSC_API int wsc_value_new(wsc_value **out, const char *ns, const char *name);
/* From XML: len bytes with one element. bad_at: offset of what is not well-formed; may be NULL.
 * errors: WSC_E_USAGE. since: 0.1 */
WSC_API int wsc_value_parse(wsc_value **out, const void *xml, size_t len, size_t *bad_at);
/* From a security descriptor (SDDL, as RootSDDL has it), told for people: Owner, Group, and for
 * each entry Access or Audit with Type, Flags, Rights and Account (attribute Sid). bad_at, why:
 * as wsc_epr_parse. errors: WSC_E_USAGE. since: 0.1 */
WSC_API int wsc_value_parse_sddl(wsc_value **out, const char *sddl, size_t *bad_at,
                                 const char **why);
/* A copy with all that is within, to be changed. since: 0.1 */
WSC_API int wsc_value_copy(wsc_value **out, const wsc_value *value);
/* Adds an element. ns: NULL = that of value. text: NULL = null (xsi:nil) until it gets content.
 * child: the new one, borrowed from the tree; may be NULL. errors: WSC_E_USAGE for a name that XML
 * does not allow, for text that it cannot carry, and for a value of a reply. since: 0.1 */
WSC_API int wsc_value_add(wsc_value *value, const char *ns, const char *name, const char *text,
                          wsc_value **child);
/* Adds a copy of another one (an embedded instance), under its own name. since: 0.1 */
WSC_API int wsc_value_add_value(wsc_value *value, const wsc_value *other, wsc_value **child);
/* Adds a reference (DSP0230: cim:cimReference). since: 0.1 */
WSC_API int wsc_value_add_epr(wsc_value *value, const char *ns, const char *name,
                              const wsc_epr *epr);
/* Adds elements from text as `winrm` takes it: {Name="text";Other="text"}, with or without @ in
 * front. bad_at, why: as wsc_epr_parse. errors: WSC_E_USAGE; nothing is added then. since: 0.1 */
WSC_API int wsc_value_add_text(wsc_value *value, const char *text, size_t *bad_at,
                               const char **why);
/* Replaces text and elements within. text: NULL = null. since: 0.1 */
WSC_API int wsc_value_set_text(wsc_value *value, const char *text);
/* Sets an attribute. ns: NULL or "" = none. text: NULL takes it away. since: 0.1 */
WSC_API int wsc_value_set_attr(wsc_value *value, const char *ns, const char *name,
                               const char *text);
/* Sets xsi:type. ns, type: as "http://schemas.dmtf.org/wbem/wscim/1/common", "cimReference"; type
 * NULL takes it away. since: 0.1 */
WSC_API int wsc_value_set_type(wsc_value *value, const char *ns, const char *type);
/* Takes an element within away. index: from 0. errors: WSC_E_AGAIN past the last. since: 0.1 */
WSC_API int wsc_value_remove(wsc_value *value, size_t index);
/* One reference more; gives its argument. since: 0.1 */
WSC_API wsc_value *wsc_value_ref(const wsc_value *value);
/* Gives it back. NULL is fine. since: 0.1 */
WSC_API void wsc_value_unref(wsc_value *value);
/* How many elements are within; 0 for NULL. since: 0.1 */
WSC_API size_t wsc_value_count(const wsc_value *value);
/* One of them, or NULL past the last. Borrowed from the tree. index: from 0. since: 0.1 */
WSC_API const wsc_value *wsc_value_at(const wsc_value *value, size_t index);
/* An element by path: names separated by '/', namespaces and letters' case ignored, '*' = any.
 * nth: from 0, of those that fit (the elements of an array). Borrowed from the tree; NULL = none.
 * since: 0.1 */
WSC_API const wsc_value *wsc_value_find(const wsc_value *value, const char *path, size_t nth);
/* A text by path, as PowerShell's drive has a configuration: elements, attributes
 * ("Quotas/MaxShells"), parameters by their Name
 * ("InitializationParameters/PSMaximumReceivedObjectSizeMB"); letters' case ignored. out: borrowed
 * from the tree; "" where there are elements within. errors: WSC_E_AGAIN = there is none, or it is
 * null. since: 0.1 */
WSC_API int wsc_value_get_str(const wsc_value *value, const char *path, const char **out);
/* Its name without prefix; "" where it has none yet. Borrowed from the tree. since: 0.1 */
WSC_API const char *wsc_value_name(const wsc_value *value);
/* Its namespace, "" = none. Borrowed from the tree. since: 0.1 */
WSC_API const char *wsc_value_ns(const wsc_value *value);
/* xsi:type without prefix ("Win32_Service_Type"), or NULL. Borrowed from the tree. since: 0.1 */
WSC_API const char *wsc_value_type(const wsc_value *value);
/* The namespace of that type, or NULL. Borrowed from the tree. since: 0.1 */
WSC_API const char *wsc_value_type_ns(const wsc_value *value);
/* Its text, exactly; "" where there are elements. len: bytes, may be NULL. NULL = null (xsi:nil).
 * Borrowed from the tree. since: 0.1 */
WSC_API const char *wsc_value_text(const wsc_value *value, size_t *len);
/* An attribute by name. ns: NULL = any. Borrowed from the tree; NULL = none. since: 0.1 */
WSC_API const char *wsc_value_attr(const wsc_value *value, const char *ns, const char *name);
/* The attributes one by one, without xsi:type and xsi:nil. index: from 0. Borrowed from the tree;
 * each may be NULL. errors: WSC_E_AGAIN past the last. since: 0.1 */
WSC_API int wsc_value_attr_at(const wsc_value *value, size_t index, const char **ns,
                              const char **name, const char **text);
/* As a whole number, white space around it ignored. errors of all that follow: WSC_E_AGAIN = it is
 * null, WSC_E_PROTOCOL = it is no such thing, WSC_E_LIMIT = it does not fit. since: 0.1 */
WSC_API int wsc_value_get_int(const wsc_value *value, int64_t *out);
/* As a whole number that is not negative (uint64). since: 0.1 */
WSC_API int wsc_value_get_uint(const wsc_value *value, uint64_t *out);
/* As a floating-point number (real32, real64; INF, -INF and NaN too). since: 0.1 */
WSC_API int wsc_value_get_double(const wsc_value *value, double *out);
/* true, false, 1, 0. out: 0 or 1. since: 0.1 */
WSC_API int wsc_value_get_bool(const wsc_value *value, int *out);
/* As a point in time: xs:dateTime, xs:date, or CIM's yyyymmddHHMMSS.mmmmmmsutc; also when it is
 * within (cim:Datetime). out: 100 ns since 1970-01-01 UTC. offset: minutes from UTC that were
 * written, WSC_NO_OFFSET = none were, and UTC is assumed; may be NULL. since: 0.1 */
WSC_API int wsc_value_get_time(const wsc_value *value, int64_t *out, int *offset);
/* As a duration: xs:duration without years and months, or CIM's ddddddddHHMMSS.mmmmmm:000. out: 100
 * ns. since: 0.1 */
WSC_API int wsc_value_get_duration(const wsc_value *value, int64_t *out);
/* As octets, from base64. buf: untouched on failure; cap bytes, may be NULL with cap 0. len: how
 * many there are; WSC_E_LIMIT when they are more than cap. since: 0.1 */
WSC_API int wsc_value_get_bytes(const wsc_value *value, void *buf, size_t cap, size_t *len);
/* As a reference: an EndpointReference, what holds one, or its parts (a ref property,
 * ResourceCreated, an item of enumeration-mode epr or object-and-epr). out: the caller's.
 * since: 0.1 */
WSC_API int wsc_value_get_epr(const wsc_value *value, wsc_epr **out);
/* As XML that can stand alone. out: NUL-terminated, borrowed from the tree until it changes; len:
 * bytes, may be NULL. errors: WSC_E_LIMIT = more than 64 namespaces are needed at once.
 * since: 0.1 */
WSC_API int wsc_value_get_xml(const wsc_value *value, const char **out, size_t *len);

#ifdef __cplusplus
}
#endif

#endif
