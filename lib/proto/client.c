#include "proto/client.h"

#include <string.h>

static int parse_url(struct wsc__client *c, const char *text, struct wsc__url *url,
                     struct wsc_error **err)
{
    const struct wsc__mem *mem = &c->core->mem;
    const char *why = NULL;
    char shown[WSC__SHOWN];
    size_t bad = 0;
    int rc = wsc__url_parse(url, mem, text, wsc__opt_int(c->params, WSC__O_TLS) != 0, &bad, &why);

    if (rc == WSC_E_USAGE) {
        text = wsc__url_without_user(text);
        wsc__show_text(shown, sizeof shown, text, strlen(text));
        *err = wsc__error_new(mem, rc, "\"%s\" is not a host or URL: %s (at offset %zu)", shown,
                              why, bad);
        wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)bad);
        wsc__error_set_str(
            *err, WSC__ES_CAUSE,
            "A host is a name, name:port, an address, [v6%zone]:port, or an http(s) URL.");
        wsc__error_set_str(*err, WSC__ES_REMEDY, "Correct the host.");
    }
    return rc;
}

/* Without credentials, and without a word on how to log in, that there is no way to is no error
 * before somebody wants to: an unauthenticated Identify does not. */
static int choose(struct wsc__client *c, const struct wsc__url *url, struct wsc__policy *policy,
                  struct wsc_error **unable, struct wsc_error **err)
{
    int rc = wsc__choose(policy, c->identity, url, c->params, err);

    if (rc == WSC_OK || rc == WSC_E_OPTION || rc == WSC_E_NOMEM || (c->pool && !c->unable) ||
        !wsc__policy_is_open(&c->identity->who))
        return rc;
    *unable = *err;
    *err = NULL;
    return WSC_OK;
}

/* url may be the client's own */
static int aim(struct wsc__client *c, const struct wsc__url *url, const struct wsc__policy *policy,
               struct wsc_error **err)
{
    const struct wsc__mem *mem = &c->core->mem;
    struct wsc__pool *pool = NULL;
    char *to = NULL, *path = NULL;
    int rc = wsc__pool_get(&pool, c->core, url, c->params, c->identity, policy, c->transport, err);

    if (rc == WSC_OK) {
        to = wsc__url_text(url, mem);
        path = wsc__strdup(mem, url->path);
        if (!to || !path)
            rc = WSC_E_NOMEM;
    }
    if (rc == WSC_OK) {
        wsc__pool_users(pool, 1);
        if (c->pool) {
            wsc__pool_users(c->pool, -1);
            wsc__pool_unref(c->pool);
        }
        wsc__free(mem, c->to);
        wsc__free(mem, c->path);
        c->pool = pool;
        c->policy = *policy;
        c->to = to;
        c->path = path;
    } else {
        wsc__pool_unref(pool);
        wsc__free(mem, to);
        wsc__free(mem, path);
    }
    return rc;
}

static int set_target(struct wsc__client *c, const char *host, struct wsc_error **err)
{
    struct wsc__policy policy;
    struct wsc_error *unable = NULL;
    struct wsc__url url;
    int rc = parse_url(c, host, &url, err);

    if (rc != WSC_OK)
        return rc;
    if (!url.port_given && wsc__opt_is_set(c->params, WSC__O_PORT))
        url.port = (uint16_t)wsc__opt_int(c->params, WSC__O_PORT);
    if (c->pool && c->pool->url.tls && !url.tls) { /* a redirect: never from TLS to plain text */
        *err = wsc__error_new(&c->core->mem, WSC_E_REDIRECT,
                              "a redirect from https to http is not followed");
        rc = WSC_E_REDIRECT;
    }
    if (rc == WSC_OK)
        rc = choose(c, &url, &policy, &unable, err);
    if (rc == WSC_OK)
        rc = aim(c, &url, &policy, err);
    if (rc == WSC_OK) {
        wsc__error_unref(c->unable);
        c->unable = unable;
        wsc__error_set_str(unable, WSC__ES_TARGET, c->to);
    } else {
        wsc__error_unref(unable);
    }
    wsc__url_free(&url, &c->core->mem);
    return rc;
}

static int set_session(struct wsc__client *c, struct wsc_error **err)
{
    const char *given = wsc__opt_str(c->params, WSC__O_SESSION_ID);
    char shown[WSC__SHOWN];

    if (given && wsc__istarts(given, strlen(given), "uuid:"))
        given += 5;
    if (given) {
        if (!wsc__uuid_valid(given)) {
            *err = wsc__error_new(&c->core->mem, WSC_E_OPTION, "session-id: \"%s\" is not a GUID",
                                  wsc__show_text(shown, sizeof shown, given, strlen(given)));
            wsc__error_set_str(*err, WSC__ES_OPTION, "session-id");
            return WSC_E_OPTION;
        }
        memcpy(c->session_id, given, WSC__UUID_LEN + 1);
        return WSC_OK;
    }
    return wsc__core_guid(c->core, c->session_id);
}

static int bad_header(struct wsc__client *c, struct wsc_error **err, const char *what,
                      const char *name, size_t len, const char *remedy)
{
    char shown[WSC__SHOWN];

    *err = wsc__error_new(&c->core->mem, WSC_E_OPTION, "header: %s \"%s\"", what,
                          wsc__show_text(shown, sizeof shown, name, len));
    wsc__error_set_str(*err, WSC__ES_OPTION, "header");
    wsc__error_set_str(*err, WSC__ES_REMEDY, remedy);
    return WSC_E_OPTION;
}

/* Shows nothing behind the fault: a value that ended up in the name may be a secret. No option
 * holds a control character. */
static int check_header(struct wsc__client *c, const char *name, struct wsc_error **err)
{
    size_t len = wsc__h1_name_len(name);

    if (name[len])
        return bad_header(c, err,
                          name[len] == ' '   ? "a blank in the name, behind"
                          : name[len] == ':' ? "a colon in the name, behind"
                                             : "a character that no name has, behind",
                          name, len, "Give the name alone, without a colon, and then the value.");
    if (wsc__ieq(name, "User-Agent"))
        return bad_header(c, err, "an option of its own stands for", name, len,
                          "Use the option user-agent.");
    if (wsc__h1_owns(name))
        return bad_header(c, err, "the library itself decides on", name, len, "Leave it out.");
    if (!wsc__policy_is_open(&c->identity->who) && wsc__ieq(name, "Authorization"))
        return bad_header(c, err, "the credentials given write", name, len,
                          "Leave it out, or give neither a user name nor a certificate.");
    return WSC_OK;
}

/* Whole lines; *out stays NULL where there are none. */
static int write_headers(struct wsc__client *c, bool anonymous, char **out, struct wsc_error **err)
{
    const char *name, *value;
    struct wsc__buf b;
    int rc = WSC_OK;
    size_t i;

    wsc__buf_init(&b, &c->core->mem, 32768);
    for (i = 0; rc == WSC_OK && wsc__opt_pair(c->params, WSC__O_HEADER, i, &name, &value); i++) {
        rc = check_header(c, name, err);
        if (rc != WSC_OK || (anonymous && wsc__ieq(name, "Authorization")))
            continue;
        if ((rc = wsc__buf_puts(&b, name)) == WSC_OK && (rc = wsc__buf_puts(&b, ": ")) == WSC_OK &&
            (rc = wsc__buf_puts(&b, value)) == WSC_OK)
            rc = wsc__buf_puts(&b, "\r\n");
    }
    if (rc == WSC_OK && anonymous)
        rc = wsc__buf_puts(&b, "WSMANIDENTIFY: unauthenticated\r\n");
    if (rc == WSC_OK && b.len &&
        !(*out = wsc__strndup(&c->core->mem, (const char *)wsc__buf_data(&b), b.len)))
        rc = WSC_E_NOMEM;
    wsc__buf_free(&b);
    return rc;
}

static int set_headers(struct wsc__client *c, struct wsc_error **err)
{
    int rc = write_headers(c, false, &c->extra_headers, err);

    return rc == WSC_OK ? write_headers(c, true, &c->anonymous_headers, err) : rc;
}

int wsc__client_new(struct wsc__client **out, struct wsc__core *core, const char *host,
                    struct wsc__identity *identity, struct wsc__optset *params,
                    struct wsc_error **err)
{
    struct wsc__client *c = wsc__zalloc(&core->mem, sizeof *c);
    int rc;

    if (!c)
        return WSC_E_NOMEM;
    c->core = wsc__core_ref(core);
    c->refs = 1;
    c->identity = identity;
    c->params = wsc__optset_ref(params);
    wsc__identity_ref(identity);
    rc = set_session(c, err);
    if (rc == WSC_OK)
        rc = set_headers(c, err);
    if (rc == WSC_OK)
        rc = set_target(c, host, err);
    if (rc != WSC_OK) {
        wsc__error_set_str(*err, WSC__ES_TARGET, wsc__url_without_user(host));
        wsc__client_unref(c);
        return rc;
    }
    *out = c;
    return WSC_OK;
}

void wsc__client_ref(struct wsc__client *c)
{
    c->refs++;
}

void wsc__client_unref(struct wsc__client *c)
{
    struct wsc__core *core;

    if (!c || --c->refs)
        return;
    core = c->core;
    if (c->pool) {
        wsc__pool_users(c->pool, -1);
        wsc__pool_unref(c->pool);
    }
    wsc__error_unref(c->unable);
    wsc__plugin_unref(c->encoder);
    wsc__plugin_unref(c->transport);
    wsc__identity_unref(c->identity);
    wsc__optset_unref(c->params);
    wsc__optset_unref(c->given);
    wsc__optset_unref(c->shown);
    wsc__free(&core->mem, c->to);
    wsc__free(&core->mem, c->path);
    wsc__free(&core->mem, c->text);
    wsc__free(&core->mem, c->extra_headers);
    wsc__free(&core->mem, c->anonymous_headers);
    wsc__free(&core->mem, c->cookie);
    wsc__free(&core->mem, c);
    wsc__core_unref(core);
}

int wsc__client_move(struct wsc__client *c, const char *url, struct wsc_error **err)
{
    const struct wsc__pool *before = c->pool;
    int rc = set_target(c, url, err);

    if (rc == WSC_OK)
        c->moves++;
    if (rc == WSC_OK && c->pool != before) { /* it was the other server's */
        wsc__free(&c->core->mem, c->cookie);
        c->cookie = NULL;
    }
    return rc;
}

int wsc__client_transport(struct wsc__client *c, struct wsc__plugin *transport,
                          struct wsc_error **err)
{
    struct wsc__plugin *before = c->transport;
    struct wsc__url url = c->pool->url; /* a:To has no zone */
    struct wsc__policy policy = c->policy;
    int rc;

    url.path = c->path;
    c->transport = transport;
    rc = aim(c, &url, &policy, err);
    if (rc == WSC_OK) {
        wsc__plugin_ref(transport);
        wsc__plugin_unref(before);
    } else {
        c->transport = before;
    }
    return rc;
}

/* MS-WSMV 3.1.4.1.31.4: the cookie MS-WSMAN goes back with later requests; no other is kept. */
void wsc__client_cookie(struct wsc__client *c, const char *set_cookie)
{
    const char *end;
    char *copy;

    if (!set_cookie || !wsc__istarts(set_cookie, strlen(set_cookie), "MS-WSMAN="))
        return;
    end = strchr(set_cookie, ';');
    copy = wsc__strndup(&c->core->mem, set_cookie,
                        end ? (size_t)(end - set_cookie) : strlen(set_cookie));
    if (!copy)
        return;
    wsc__free(&c->core->mem, c->cookie);
    c->cookie = copy;
}

struct wsc_error *wsc__client_deadline(const struct wsc__client *c,
                                       const struct wsc__optset *params)
{
    int64_t ms = wsc__opt_int(params, WSC__O_DEADLINE);
    struct wsc_error *e = wsc__error_new(&c->core->mem, WSC_E_DEADLINE,
                                         "not done within the deadline of %lld ms", (long long)ms);

    wsc__error_set_str(e, WSC__ES_OPTION, "deadline");
    wsc__error_set_int(e, WSC__EI_LIMIT, ms);
    wsc__error_set_str(e, WSC__ES_TARGET, c->to);
    return e;
}
