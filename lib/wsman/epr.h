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
    struct wsc__selector *selectors;
    size_t n;
};

/* WSC_OK, WSC_E_NOMEM, or WSC_E_USAGE: an empty URI or name, text that XML cannot carry, a doubled
 * selector. Everything is copied. */
int wsc__epr_new(struct wsc_epr **out, const struct wsc__mem *mem, const char *uri);
int wsc__epr_add(struct wsc_epr *e, const char *name, const char *value);
int wsc__epr_add_nested(struct wsc_epr *e, const char *name, const struct wsc_epr *value);
int wsc__epr_copy(struct wsc_epr **out, const struct wsc__mem *mem, const struct wsc_epr *e);
void wsc__epr_free(struct wsc_epr *e);                                 /* NULL is fine */
bool wsc__epr_equal(const struct wsc_epr *a, const struct wsc_epr *b); /* as Windows compares */

/* w:SelectorSet, or nothing where there is none; prefixes w and a are declared. */
void wsc__epr_write_selectors(const struct wsc_epr *e, struct wsc__xml_writer *w);
/* a:Address (anonymous) and a:ReferenceParameters: the content of an EndpointReference. */
void wsc__epr_write(const struct wsc_epr *e, struct wsc__xml_writer *w);

/* alias.c: from text (wsc_epr_parse). *bad_at and *why (static) are set with WSC_E_USAGE. */
int wsc__epr_parse(struct wsc_epr **out, const struct wsc__mem *mem, const char *text,
                   size_t *bad_at, const char **why);
/* The full URI of an alias's prefix ("wmicimv2" of "wmicimv2/Win32_Service"), or NULL. */
const char *wsc__alias(const char *text, size_t len);

/* hash.c: {Name="text";Other=text}, with or without @ in front, as the winrm tool takes it. Tells
 * the pairs one by one; another status than WSC_OK from it ends the reading and is returned. */
int wsc__hash_parse(const struct wsc__mem *mem, const char *text,
                    int (*pair)(void *ud, const char *name, const char *value), void *ud,
                    size_t *bad_at, const char **why);

/* filter.c: the content of w:Filter for a dialect (full URI, or the alias wql, selector,
 * association, xpath, cql, event), from the text that administrators write for it. *dialect: static
 * or given. WSC_E_USAGE as above. */
int wsc__filter_write(struct wsc__xml_writer *w, const struct wsc__mem *mem, const char *dialect,
                      const char *text, const char **uri, size_t *bad_at, const char **why);

#endif
