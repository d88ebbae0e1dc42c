/* Operations on resources: Get, Put, Create, Delete, methods. */
#ifndef WSC_PROTO_VERBS_H
#define WSC_PROTO_VERBS_H

#include "proto/op.h"
#include "wsman/typed.h"
#include "wsman/verbs.h"

enum wsc__verb { WSC__GET, WSC__PUT, WSC__UPDATE, WSC__CREATE, WSC__DELETE, WSC__INVOKE };

/* value: what is written, the changes, or the arguments; or NULL. Everything is copied. */
int wsc__op_verb(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                 enum wsc__verb verb, const struct wsc_epr *epr, const char *method,
                 const struct wsc_value *value, struct wsc_error **err);

/* limits.c */
int wsc__op_learn(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                  struct wsc_error **err);

#endif
