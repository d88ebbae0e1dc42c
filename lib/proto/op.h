/* Ops: what completes once. */
#ifndef WSC_PROTO_OP_H
#define WSC_PROTO_OP_H

#include "proto/req.h"

struct wsc__result {
    const char *name; /* static */
    char *value;
};

struct wsc_op {
    struct wsc__object o;
    struct wsc__callback on_done;
    struct wsc_error *err;
    struct wsc__result *results;
    size_t nresults;
    struct wsc_value *value; /* of the reply, or NULL */
    struct wsc_value *epr;   /* w:RequestedEPR of its headers, or NULL */
    struct wsc__op_update *update;
    struct wsc__req *req;      /* under way for this op alone, or NULL */
    struct wsc__object *holds; /* shell or command it belongs to, or NULL */
    struct wsc__link link;     /* in a shell's list of ops that wait for its end */
    bool done;
    void (*dropped)(struct wsc_op *op); /* req was canceled and tells nothing more; or NULL */
};

int wsc__op_new(struct wsc_op **out, struct wsc__core *core, struct wsc__object *holds);
int wsc__op_result(struct wsc_op *op, const char *name, const char *value, size_t len);
int wsc__op_keep_value(void *owner, struct wsc_value *v,
                       enum wsc__told what); /* of its request's ops */
/* Action, MessageID and RelatesTo of a reply as results. */
int wsc__op_keep_head(struct wsc_op *op, const struct wsc__req *r);
const char *wsc__op_get(const struct wsc_op *op, const char *name);
void wsc__op_finish(struct wsc_op *op, struct wsc_error *err); /* err is borrowed; NULL = well */
/* Sends spec as its request under way, in the lane of all ops, and for the params' deadline where
 * spec has none. */
int wsc__op_ask(struct wsc_op *op, struct wsc__client *c, struct wsc__optset *params,
                struct wsc__req_spec *spec, const struct wsc__req_ops *ops, struct wsc_error **err);
/* What a request needs that the op stands for: value and head of the reply are the results. */
extern const struct wsc__req_ops wsc__op_reply;
/* The end of its maker: rc tells whether its work has begun. If not, nothing is told, and op, which
 * may be NULL then, is gone. */
int wsc__op_made(struct wsc_op **out, struct wsc_op *op, int rc, struct wsc_error **err);
void wsc__op_cancel(struct wsc_op *op);

/* op_request.c */
int wsc__op_identify(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                     struct wsc_error **err);
int wsc__op_request(struct wsc_op **out, struct wsc__client *c, struct wsc__optset *params,
                    const char *action, const struct wsc_epr *epr, const struct wsc__buf *body,
                    struct wsc_error **err);

#endif
