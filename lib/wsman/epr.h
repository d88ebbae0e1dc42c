/* References to resources (EndpointReference of WS-Addressing, DSP0226 5.1): resource URI and
 * selectors; how administrators write them, and how they stand in XML. */
#ifndef WSC_WSMAN_EPR_H
#define WSC_WSMAN_EPR_H

#include "base/mem.h"

#include <stdbool.h>
#include <stddef.h>

struct wsc__xml_writer;

struct wsc__selector {
    char *name;
    char *value; /* NULL: it is a reference */
    struct wsc_epr *nested;
};

struct wsc_epr {
    const struct wsc__mem *mem; /* outlives it */
    char *uri;
    char *inside; /* what a path named within it (wsc_epr_parse_path), or NULL */
    struct wsc__selector *selectors;
    size_t n;
};

/* WSC_OK, WSC_E_NOMEM, or WSC_E_USAGE: an empty URI or name, text that XML cannot carry, a doubled
 * selector (letters' case ignored), more than WSC__EPR_DEPTH references within each other.
 * Everything is copied; what fails changes nothing. */
#define WSC__EPR_DEPTH 8 /* bounds recursion, and stays below a reader's limit of depth */
int wsc__epr_new(struct wsc_epr **out, const struct wsc__mem *mem, const char *uri);
int wsc__epr_add(struct wsc_epr *e, const char *name, const char *value);
int wsc__epr_add_nested(struct wsc_epr *e, const char *name, const struct wsc_epr *value);
int wsc__epr_copy(struct wsc_epr **out, const struct wsc__mem *mem, const struct wsc_epr *e);
void wsc__epr_free(struct wsc_epr *e); /* NULL is fine */
/* As Windows compares: letters' case (of ASCII) ignored, selectors in any order. */
bool wsc__epr_equal(const struct wsc_epr *a, const struct wsc_epr *b);

/* w:SelectorSet, or nothing where there is none. Here and below the prefixes w and a are declared.
 */
void wsc__selectors_write(const struct wsc__selector *s, size_t n, struct wsc__xml_writer *w);
/* a:Address (anonymous) and a:ReferenceParameters: the content of an EndpointReference. */
void wsc__epr_write(const struct wsc_epr *e, struct wsc__xml_writer *w);

/* Here and below bad_at and why are set with WSC_E_USAGE only, may be NULL, and tell the offset in
 * text and a static text. */

/* alias.c: from text (wsc_epr_parse), as the winrm tool and PowerShell's drive take it:
 *   ALIAS/path, scheme://full/URI     each with ?Name=value+Name="a+b" behind it, or without
 *   WSMan:\host\path                  either slash; the host is not used
 * Full URIs stay as they are, and so does the case of what follows an alias. Below winrm/config a
 * path may go on inside the resource (winrm/config/client/TrustedHosts): *inside is the rest, names
 * separated by '/', from mem, or NULL where there is none. */
int wsc__epr_parse_path(struct wsc_epr **out, const struct wsc__mem *mem, const char *text,
                        char **inside, size_t *bad_at, const char **why);
/* The same, for where only a resource makes sense: a rest is refused. */
int wsc__epr_parse(struct wsc_epr **out, const struct wsc__mem *mem, const char *text,
                   size_t *bad_at, const char **why);
/* The full URI of an alias's prefix ("wmicimv2" of "wmicimv2/Win32_Service"), or NULL. */
const char *wsc__alias(const char *text, size_t len);

/* hash.c: {Name="text";Other=text}, with or without @ in front, as the winrm tool takes it; a line
 * break separates as ';' does. Bare $null is value NULL, bare $true and $false are true and false.
 * Name=("a","b") tells Name twice. Tells the pairs one by one, and none when the text is wrong
 * anywhere; another status than WSC_OK from it ends the reading and is returned. While it runs
 * *bad_at is the offset of the name, and what it may overwrite, as *why. What was copied is wiped:
 * a value may be a password. */
int wsc__hash_parse(const struct wsc__mem *mem, const char *text,
                    int (*pair)(void *ud, const char *name, const char *value), void *ud,
                    size_t *bad_at, const char **why);

/* filter.c: <w:Filter Dialect="..">..</w:Filter>, whole, from the text that administrators write.
 * dialect: a full URI, which is taken as it is, or one of wql, selector, association(s), xpath,
 * cql, event(s), eventquery in any case; NULL or "" = wql, as winrm has it. selector
 * {State="Running"} association
 * {Object=wmicimv2/Win32_Service?Name=WinRM;ResultClassName=..;Role=..}, and
 *                  AssociationInstances=true for the links themselves (winrm's -associations)
 *   event          the name of a channel, or a QueryList in XML
 *   others         text, escaped
 * Text of the first three that begins with '<' is XML, and only has to be well-formed. resource:
 * the full URI that is enumerated, or NULL; a class alone (Object=Win32_Service?Name=..) then
 * stands beside it. *uri: the full URI of the dialect, static or given; may be NULL. With
 * WSC_E_USAGE nothing is written, nor with WSC_E_OPTION, which is a wrong dialect. Other errors are
 * the writer's. */
int wsc__filter_write(struct wsc__xml_writer *w, const struct wsc__mem *mem, const char *dialect,
                      const char *text, const char *resource, const char **uri, size_t *bad_at,
                      const char **why);

#endif
