/* Basic (RFC 7617): user and password in base64, nothing more. It must stay inside TLS; the option
 * that lifts this is judged by those who know the connection. */
#include "auth/auth.h"

#include "base/b64.h"
#include "base/str.h"

#include <string.h>

#define FIELD_MAX 4096

struct basic {
    struct wsc__auth base;
    const struct wsc__mem *mem;
    struct wsc__buf token; /* secret */
    bool sent;
};

static int refuse(const struct wsc__auth_input *in, struct wsc_error **err, const char *text,
                  const char *cause, const char *remedy)
{
    *err = wsc__error_new(in->mem, WSC_E_AUTH, "%s", text);
    wsc__error_set_str(*err, WSC__ES_SCHEME, "Basic");
    if (cause)
        wsc__error_set_str(*err, WSC__ES_CAUSE, cause);
    if (remedy)
        wsc__error_set_str(*err, WSC__ES_REMEDY, remedy);
    return WSC_E_AUTH;
}

/* RFC 7617 2: no control characters anywhere. */
static bool has_control(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)s[i] < 0x20 || s[i] == 0x7f)
            return true;
    }
    return false;
}

static int check(const struct wsc__auth_input *in, struct wsc_error **err)
{
    const struct wsc__credentials *c = in->credentials;
    const char *password;
    size_t user_len;

    if (!c || !c->user || !*c->user)
        return refuse(in, err, "Basic authentication needs a user name and a password", NULL,
                      "set username and password");
    if (!c->password)
        return refuse(in, err, "Basic authentication needs a password", NULL, "set password");
    password = c->password;
    user_len = strlen(c->user);
    if (user_len > FIELD_MAX || c->password_len > FIELD_MAX)
        return refuse(in, err, "the user name or the password is too long", NULL, NULL);
    if (strchr(c->user, ':'))
        return refuse(
            in, err, "Basic authentication can not send a user name with a colon",
            "Basic joins the user name and the password with a colon (RFC 7617 2), so that "
            "the name would end at its first one.",
            "Give the user name alone, and the password with the option password; no "
            "account of Windows has a colon in its name.");
    if (has_control(c->user, user_len) || has_control(password, c->password_len))
        return refuse(in, err, "a control character in the user name or the password", NULL,
                      "look for a line end at the end of the password");
    if (wsc__utf8_bad_at(c->user, user_len, false) < user_len ||
        wsc__utf8_bad_at(password, c->password_len, false) < c->password_len)
        return refuse(in, err, "the user name or the password is not UTF-8", NULL, NULL);
    return WSC_OK;
}

static void basic_free(struct wsc__auth *a)
{
    struct basic *b = (struct basic *)a;

    if (!b)
        return;
    wsc__buf_free(&b->token);
    wsc__free(b->mem, b);
}

static int make_token(struct basic *b, const struct wsc__credentials *c)
{
    struct wsc__buf pair;
    int rc;

    wsc__buf_init(&pair, b->mem, 2 * FIELD_MAX + 1);
    pair.secret = 1;
    if (!(rc = wsc__buf_puts(&pair, c->user)) && !(rc = wsc__buf_putc(&pair, ':')) &&
        !(rc = wsc__buf_append(&pair, c->password, c->password_len)))
        rc = wsc__b64_encode(&b->token, wsc__buf_data(&pair), pair.len);
    wsc__buf_free(&pair);
    return rc;
}

static int basic_begin(struct wsc__auth **out, const struct wsc__auth_input *in,
                       struct wsc_error **err)
{
    struct basic *b;
    int rc = check(in, err);

    if (rc)
        return rc;
    b = wsc__zalloc(in->mem, sizeof *b);
    if (!b) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    b->base.ops = &wsc__auth_basic;
    b->mem = in->mem;
    wsc__buf_init(&b->token, in->mem, 4 * FIELD_MAX);
    b->token.secret = 1;
    rc = make_token(b, in->credentials);
    if (rc) {
        basic_free(&b->base);
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    *out = &b->base;
    return WSC_OK;
}

static enum wsc__auth_step basic_step(struct wsc__auth *a, const char *challenge, size_t len,
                                      struct wsc__buf *out, struct wsc__job **job,
                                      struct wsc_error **err)
{
    struct basic *b = (struct basic *)a;

    (void)len;
    (void)job;
    /* a challenge behind our token is a refusal: never twice, for accounts get locked */
    if (b->sent && challenge) {
        *err =
            wsc__error_new(b->mem, WSC_E_AUTH, "the server refused the user name or the password");
        wsc__error_set_str(*err, WSC__ES_SCHEME, "Basic");
        return WSC__AUTH_FAILED;
    }
    if (wsc__buf_append(out, wsc__buf_data(&b->token), b->token.len)) {
        *err = wsc__error_nomem();
        return WSC__AUTH_FAILED;
    }
    b->sent = true;
    return WSC__AUTH_TOKEN;
}

static int basic_accepted(struct wsc__auth *a, struct wsc_error **err)
{
    (void)a;
    (void)err;
    return WSC_OK;
}

const struct wsc__auth_ops wsc__auth_basic = {
    .name = "Basic",
    .flags = WSC__AUTH_NEEDS_TLS | WSC__AUTH_PREEMPTIVE,
    .begin = basic_begin,
    .step = basic_step,
    .accepted = basic_accepted,
    .free = basic_free,
};
