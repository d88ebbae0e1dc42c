#include "auth/user.h"

#include "base/str.h"

#include <string.h>

static int refuse(struct wsc_error **err, struct wsc_error *e)
{
    wsc__error_set_str(e, WSC__ES_OPTION, "username");
    *err = e;
    return wsc__error_code(e);
}

static int refuse_form(struct wsc_error **err, const struct wsc__mem *mem, const char *given,
                       const char *what)
{
    /* SEC_E_UNKNOWN_CREDENTIALS */
    struct wsc_error *e = wsc__error_fault(mem, 0x8009030D, "the user name \"%s\" %s", given, what);

    wsc__error_set_str(e, WSC__ES_CAUSE, NULL);
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Give it as DOMAIN\\user, user@domain, COMPUTER\\user or .\\user.");
    wsc__error_set_str(e, WSC__ES_IDENTITY, given);
    return refuse(err, e);
}

/* Can it be taken for text at all? */
static int check_text(const struct wsc__mem *mem, const char *given, size_t len,
                      struct wsc_error **err)
{
    size_t bad;

    if (len > WSC__USER_MAX)
        return refuse(err, wsc__error_new(mem, WSC_E_AUTH, "the user name is too long"));
    bad = wsc__utf8_bad_at(given, len, false);
    if (bad < len) {
        struct wsc_error *e =
            wsc__error_new(mem, WSC_E_AUTH, "the user name is not UTF-8 at offset %zu", bad);

        wsc__error_set_int(e, WSC__EI_OFFSET, (int64_t)bad);
        return refuse(err, e);
    }
    return WSC_OK;
}

static const char *last_of(const char *s, size_t len, char c)
{
    while (len--) {
        if (s[len] == c)
            return s + len;
    }
    return NULL;
}

static void down_level(struct wsc__user *u, const char *slash)
{
    u->domain_len = (size_t)(slash - u->whole);
    u->name = slash + 1;
    u->name_len = u->whole_len - u->domain_len - 1;
    u->domain = u->whole;
    u->form = WSC__USER_DOMAIN;
    if (u->domain_len == 1 && *u->domain == '.') {
        u->form = WSC__USER_LOCAL;
        u->domain = "";
        u->domain_len = 0;
    } else if (!u->domain_len) {
        u->form = WSC__USER_ALONE;
    }
}

int wsc__user_split(struct wsc__user *out, const struct wsc__mem *mem, const char *given,
                    struct wsc_error **err)
{
    size_t len = strlen(given);
    const char *slash = strchr(given, '\\'), *at;
    struct wsc__user u;
    int rc = check_text(mem, given, len, err);

    if (rc)
        return rc;
    memset(&u, 0, sizeof u);
    u.form = WSC__USER_ALONE;
    u.whole = u.name = given;
    u.whole_len = u.name_len = len;
    u.domain = "";
    at = slash ? NULL : last_of(given, len, '@'); /* name@suffix@REALM is one, too */
    if (slash && strchr(slash + 1, '\\'))
        return refuse_form(err, mem, given, "has more than one backslash");
    if (slash) {
        down_level(&u, slash);
    } else if (at) {
        u.form = WSC__USER_UPN;
        u.name_len = (size_t)(at - given);
        u.domain = at + 1;
        u.domain_len = len - u.name_len - 1;
        if (!u.domain_len)
            return refuse_form(err, mem, given, "has no domain behind the @");
    }
    if (!u.name_len)
        return refuse_form(err, mem, given, "has a domain, but no user");
    *out = u;
    return WSC_OK;
}

/* As wsc__user_split; what cannot be taken apart is nobody. */
static int look_at(struct wsc__user *out, const struct wsc__mem *mem, const char *given)
{
    struct wsc_error *err = NULL;
    int form;

    *out = (struct wsc__user){ .form = WSC__USER_ALONE, .domain = "" };
    form = given && wsc__user_split(out, mem, given, &err) == WSC_OK ? (int)out->form : -1;
    wsc__error_unref(err);
    return form;
}

int wsc__user_form(const struct wsc__mem *mem, const char *given)
{
    struct wsc__user u;

    return look_at(&u, mem, given);
}

bool wsc__user_names_realm(const struct wsc__mem *mem, const char *given)
{
    struct wsc__user u;
    int form = look_at(&u, mem, given);

    return form == WSC__USER_UPN ||
           (form == WSC__USER_DOMAIN && memchr(u.domain, '.', u.domain_len));
}

void wsc__user_domain(char *out, size_t cap, const struct wsc__mem *mem, const char *given)
{
    struct wsc__user u;
    size_t i;

    (void)look_at(&u, mem, given);
    for (i = 0; i < u.domain_len && i < cap - 1; i++)
        out[i] = (char)(u.domain[i] >= 'a' && u.domain[i] <= 'z' ? u.domain[i] - 32 : u.domain[i]);
    out[i] = '\0';
}
