/* Values as text, as a table and as JSON. */
#ifndef WSC_TOOL_VALUES_H
#define WSC_TOOL_VALUES_H

#include "wsc.h"

#define NULL_TEXT "$null" /* as it is written in @{Name=$null} */

/* Names with commas between them, or those of a table's columns. */
struct names {
    char **at;
    size_t n;
};

/* value_group.c: what is within a value, elements of one name together, in the order of the first
 * ones. */
struct group {
    const wsc_value *value;
    size_t index, first; /* first: the index of the first one of this name */
};
struct groups {
    struct group *at;
    size_t n;
};
bool groups_make(struct groups *g, const wsc_value *value); /* false: out of memory */
/* Only these, in their order. */
void groups_select(struct groups *g, const struct names *names);
size_t groups_count(const struct groups *g, size_t at); /* how many of one name stand from here */
void groups_free(struct groups *g);

bool names_read(struct names *n, const char *list); /* NULL = none; false: out of memory */
bool names_add(struct names *n, const char *name);
bool same_name(const char *a, const char *b); /* letters' case ignored */
/* Whether it is among them, or they are all: none are given. */
bool names_have(const struct names *n, const char *name);
/* An attribute by its name, letters' case ignored; NULL: there is none. */
const char *value_nearest(const wsc_value *value,
                          const char *word); /* of what is within; NULL: none */
const char *value_attribute(const wsc_value *value, const char *name);
/* The same, to be changed: its tree is ours, and stays. NULL: NULL. */
wsc_value *value_own(const wsc_value *value);
void names_free(struct names *n);

/* What stands in the place of an element: its text, of a point in time that is within, too. NULL:
 * there are elements, or it is null. */
const char *value_leaf(const wsc_value *value, bool *null);
/* Nothing is within, and attributes say it all; Source alone tells who has set the text. */
bool value_in_attributes(const wsc_value *value);
/* The reference that it is, or that is all there is within it; the caller's. NULL: it is none. */
wsc_epr *value_reference(const wsc_value *value);
/* The URI, and selectors as wsc_epr_parse takes them. */
void epr_text(FILE *out, const wsc_epr *epr);
/* Of an Item of object-and-epr: the one and the other; else the value and NULL. */
void value_parts(const wsc_value *item, const wsc_value **object, const wsc_value **epr);

/* value_text.c: an element and all that is within; names NULL = all of it. */
void value_text(FILE *out, const wsc_value *value, const struct names *names, int indent);
/* Whether security descriptors are told in words, too, below them. */
void value_text_sddl(bool on);
/* On one line. */
void value_line(FILE *out, const wsc_value *value);

/* value_sddl.c: lines for the entries of the one that it is, or has; nothing where it has none. */
void value_sddl(FILE *out, const wsc_value *value, int indent);

#define RESULTS_BEGIN "<w:Results xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman/results\">\n"
#define RESULTS_END   "</w:Results>\n" /* around values that came one by one */

/* value_xml.c: with the end of a line. pretty: indented; clean: without what could drive a
 * terminal. False: out of memory. */
bool value_xml(FILE *out, const wsc_value *value, bool pretty, bool clean);

/* value_json.c */
void value_json(FILE *out, const wsc_value *value, const struct names *names);
void epr_json(FILE *out, const wsc_epr *epr);
/* The members name and value. */
void value_json_named(FILE *out, const wsc_value *value, const struct names *names);

/* value_table.c: a line for each value; the widths are those of the first ones. */
struct table {
    struct names columns;
    size_t *width;
    wsc_value **rows; /* that wait until the widths are known */
    size_t n;
    bool begun; /* the head is written */
    FILE *cell; /* into text */
    char *text;
    size_t len;
};
bool table_add(struct table *t, FILE *out, const wsc_value *value, const struct names *names);
void table_end(struct table *t, FILE *out);
void table_free(struct table *t);

#endif
