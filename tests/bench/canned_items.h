/* The enumerations of canned.c: as many instances as a request wants, from memory that was prepared
 * once. What is left stands in the context, which therefore changes; nothing is kept here. */
#ifndef CANNED_ITEMS_H
#define CANNED_ITEMS_H

#include "canned_find.h"

#include <stdint.h>

struct canned_items {
    char before[400], after[200]; /* what stands around them in the Body */
    struct span items;
};

void canned_items_prepare(void);
/* How long one is in XML. */
size_t canned_items_each(void);
/* What answers an Enumerate, by the selectors "count" (1000) and "kb" (150: thousand bytes of items
 * in an answer) of its resource, or a Pull. False: there is no such enumeration. */
bool canned_items_take(struct canned_items *out, struct span body, bool pull);
/* What answers a Get: numbers of any class whose name the resource ends with. */
void canned_items_one(char *out, size_t cap, struct span body);

#endif
