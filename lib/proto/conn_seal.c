/* Messages that only the two ends can read (MS-WSMV 2.2.9.1), once a login stands that can do it. A
 * sealed reply is only known good when it is whole, so it is kept until then. */
#include "proto/conn.h"

#include "auth/sec_e.h"
#include "http/mime_encrypted.h"
#include "proto/pool.h"

#include <string.h>

/* What sealing may add to the plain text: headers, boundaries. */
#define FRAME   65536
#define PADDING 1 /* of Kerberos with RC4 */
/* A reply of Windows' default size, in a buffer that has doubled. */
#define SPARE_MAX (2u << 20)

bool wsc__conn_seals(const struct wsc__conn *c)
{
    return c->pool->seals && c->logged_in && !c->x->anonymous;
}

/* --- requests --------------------------------------------------------------------------------- */

static int seal_part(struct wsc__conn *c, const uint8_t *plain, size_t len, struct wsc__buf *body,
                     struct wsc_error **err)
{
    struct wsc__mime_mark mark;
    struct wsc__sealed sealed;
    int rc = wsc__mime_begin(body, &mark, c->pool->auth->protocol, c->x->content_type, len);

    if (rc == WSC_OK)
        rc = c->auth->ops->wrap(c->auth, plain, len, body, &sealed, err);
    if (rc == WSC_OK)
        rc = wsc__mime_sealed(body, &mark, sealed.header_len, sealed.plain_len);
    return rc;
}

int wsc__conn_seal(struct wsc__conn *c, struct wsc__buf *type, struct wsc__buf *body,
                   struct wsc_error **err)
{
    const uint8_t *plain = wsc__buf_data(c->x->body);
    size_t len = c->x->body->len, most = c->pool->auth->max_plain ? c->pool->auth->max_plain : len;
    size_t at = 0;
    int rc = wsc__mime_content_type(type, c->pool->auth->protocol, most < len);

    while (rc == WSC_OK && at < len) {
        size_t n = len - at < most ? len - at : most;

        rc = seal_part(c, plain + at, n, body, err);
        at += n;
    }
    return rc == WSC_OK ? wsc__mime_end(body) : rc;
}

/* --- replies ---------------------------------------------------------------------------------- */

static struct wsc_error *clear_text(struct wsc__conn *c)
{
    struct wsc_error *e = wsc__error_fault(&c->core->mem, SEC_E_MESSAGE_ALTERED,
                                           "the server answers in clear what has to be sealed");

    wsc__error_set_str(e, WSC__ES_CAUSE,
                       "Something on the way answers in the place of the server, or takes the seal "
                       "away.");
    wsc__error_set_int(e, WSC__EI_HTTP_STATUS, c->reply->status);
    return e;
}

/* In clear over plain HTTP only a status counts, and only one that says that nothing was done. */
int wsc__conn_seal_head(struct wsc__conn *c, struct wsc_error **err)
{
    const char *type = wsc__h1_header(c->reply, "Content-Type", 0);
    int status = c->reply->status;

    if (!wsc__conn_seals(c))
        return WSC_OK;
    c->is_sealed = wsc__mime_is_sealed(type);
    if (c->is_sealed) {
        struct wsc__buf *spare = &c->core->spare_sealed;

        wsc__buf_init(&c->sealed, &c->core->mem, c->x->reply_limit + FRAME);
        c->sealed.base = spare->base;
        c->sealed.cap = spare->cap;
        memset(spare, 0, sizeof *spare);
        return WSC_OK;
    }
    if (c->tls || (status >= 400 && !wsc__h1_media_is(type, "application/soap+xml")))
        return WSC_OK;
    *err = clear_text(c);
    return wsc__error_code(*err);
}

/* The context keeps the room of one: fresh pages for every reply cost a fifth of unsealing it. */
void wsc__conn_seal_over(struct wsc__conn *c)
{
    struct wsc__buf *spare = &c->core->spare_sealed;

    wsc__buf_reset(&c->sealed);
    if (c->sealed.cap > spare->cap && c->sealed.cap <= SPARE_MAX) {
        wsc__buf_free(spare);
        *spare = c->sealed;
        memset(&c->sealed, 0, sizeof c->sealed);
    }
    wsc__buf_free(&c->sealed);
}

static struct wsc_error *too_long(struct wsc__conn *c)
{
    struct wsc_error *e = wsc__error_new(&c->core->mem, WSC_E_LIMIT,
                                         "the reply is larger than envelope-limit allows");

    wsc__error_set_str(e, WSC__ES_OPTION, "envelope-limit");
    wsc__error_set_int(e, WSC__EI_LIMIT, (int64_t)c->x->reply_limit);
    return e;
}

void wsc__conn_seal_body(struct wsc__conn *c, const uint8_t *data, size_t len)
{
    int rc = wsc__buf_append(&c->sealed, data, len);

    if (rc != WSC_OK)
        wsc__conn_fail(c, rc == WSC_E_LIMIT ? too_long(c) : wsc__error_nomem());
}

/* "application/soap+xml;charset=UTF-16" */
static void type_of(const struct wsc__mime_part *part, char *out, size_t cap)
{
    size_t n = part->type_len;

    if (n + part->charset_len + sizeof ";charset=" > cap) {
        *out = '\0';
        return;
    }
    memcpy(out, part->type, n);
    if (part->charset) {
        memcpy(out + n, ";charset=", 9);
        memcpy(out + n + 9, part->charset, part->charset_len);
        n += 9 + part->charset_len;
    }
    out[n] = '\0';
}

static int unseal_part(struct wsc__conn *c, uint8_t *body, const struct wsc__mime_part *part,
                       const uint8_t **plain, size_t *len, struct wsc_error **err)
{
    const struct wsc__sealed sealed = { part->header_len, part->data_len, part->plain_len };
    /* some count the padding in Length= (MS-WSMV 2.2.9.1 says not to) */
    size_t padding = c->auth->ops->flags & WSC__AUTH_PADS ? PADDING : 0;
    int rc = c->auth->ops->unwrap(c->auth, body + part->at, &sealed, plain, len, err);

    if (rc == WSC_OK && *len != part->plain_len && *len + padding != part->plain_len) {
        *err = wsc__error_fault(&c->core->mem, SEC_E_MESSAGE_ALTERED,
                                "a sealed message has %zu bytes and not the %zu that it announces",
                                *len, part->plain_len);
        rc = wsc__error_code(*err);
    }
    return rc;
}

int wsc__conn_unseal(struct wsc__conn *c, char *type, size_t cap, const uint8_t **plain,
                     size_t *len, struct wsc_error **err)
{
    uint8_t *body = (uint8_t *)(uintptr_t)wsc__buf_data(&c->sealed);
    struct wsc__mime_reader r;
    struct wsc__mime_part part;
    int rc = wsc__mime_open(&r, &c->core->mem, wsc__h1_header(c->reply, "Content-Type", 0),
                            c->auth->ops->flags & WSC__AUTH_PADS ? WSC__MIME_TO_END
                                                                 : WSC__MIME_BY_LENGTH,
                            body, c->sealed.len, err);

    *len = 0;
    *plain = body;
    while (rc == WSC_OK && (rc = wsc__mime_next(&r, &part, err)) > 0) {
        const uint8_t *piece = NULL;
        size_t n = 0;

        rc = unseal_part(c, body, &part, &piece, &n, err);
        if (rc != WSC_OK)
            break;
        if (!*len) {
            type_of(&part, type, cap);
            *plain = piece;
        } else { /* what was unsealed grows over what it was unsealed from */
            if (*plain != body)
                memmove(body, *plain, *len);
            memmove(body + *len, piece, n);
            *plain = body;
        }
        *len += n;
    }
    if (rc == WSC_OK && !*len) {
        *err = wsc__error_new(&c->core->mem, WSC_E_PROTOCOL, "a sealed reply has no message in it");
        rc = WSC_E_PROTOCOL;
    }
    return rc;
}
