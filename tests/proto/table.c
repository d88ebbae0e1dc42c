#include "table.h"

#include "base/err.h"
#include "xml/xml_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- exchanges -------------------------------------------------------------------------------- */

static int tx_head(struct wsc__xchg *x, const struct wsc__h1_reply *reply, const char *type,
                   struct wsc_error **err)
{
    struct tx *t = WSC__OF(x, struct tx, x);

    (void)type;
    (void)err;
    t->status = reply->status;
    return WSC_OK;
}

static int tx_body(struct wsc__xchg *x, const uint8_t *data, size_t len, size_t *used,
                   struct wsc_error **err)
{
    struct tx *t = WSC__OF(x, struct tx, x);
    size_t n = len;

    (void)err;
    if (t->pause_at && t->len < t->pause_at && n >= t->pause_at - t->len)
        n = t->pause_at - t->len;
    if (t->len + n < sizeof t->got)
        memcpy(t->got + t->len, data, n);
    t->len += n;
    *used = n;
    if (t->pause_at && t->len >= t->pause_at) {
        t->pause_at = t->name == 'Q' ? t->pause_at + 1 : 0; /* Q pauses at every byte */
        drv_tell(t->d, "%c~", t->name);
        return WSC__PAUSE;
    }
    return WSC_OK;
}

static void tx_done(struct wsc__xchg *x, struct wsc_error *err)
{
    struct tx *t = WSC__OF(x, struct tx, x);

    t->ends++;
    t->got[t->len < sizeof t->got ? t->len : sizeof t->got - 1] = '\0';
    if (err)
        drv_tell(t->d, "%c!%s", t->name, wsc__code_find(wsc__error_code(err))->name + 6);
    else
        drv_tell(t->d, "%c=%d:%s", t->name, t->status, t->got);
    wsc__error_unref(err);
}

static const struct wsc__xchg_ops tx_ops = { tx_head, tx_body, tx_done };

void world_submit(struct pool_world *w, struct wsc__pool *p, char name, enum wsc__lane lane)
{
    struct tx *t = &w->tx[name - 'A'];

    if (t->used)
        wsc__buf_free(&t->body);
    memset(t, 0, sizeof *t);
    t->used = true;
    t->d = &w->d;
    t->name = name;
    t->path = "/wsman";
    wsc__buf_init(&t->body, &wsc__mem_libc, 100000);
    wsc__buf_puts(&t->body, "<request/>");
    t->x.ops = &tx_ops;
    t->x.lane = lane;
    t->x.stats = &w->stats;
    t->x.path = t->path;
    t->x.cookie = &t->cookie;
    t->x.home = &w->pool;
    t->x.content_type = "application/soap+xml";
    t->x.user_agent = "test";
    t->x.body = &t->body;
    t->x.anonymous = name >= 'U' && name <= 'X';
    t->x.trace_bodies = true;
    t->x.open_ms = 3000;
    t->x.reply_ms = 5000;
    t->pause_at = name == 'P' ? 3 : name == 'Q' ? 1 : 0;
    if (wsc__xchg_submit(&t->x, p) != WSC_OK)
        drv_tell(&w->d, "%c refused", name);
}

/* --- the world -------------------------------------------------------------------------------- */

struct wsc__pool *world_pool(struct pool_world *w, const char *text, struct wsc__optset *params)
{
    struct wsc__pool *p = NULL;
    struct wsc_error *err = NULL;
    struct wsc__policy policy;
    struct wsc__url url;
    const char *why;
    size_t bad;

    if (wsc__url_parse(&url, &w->d.mem.mem, text, false, &bad, &why) != WSC_OK)
        return NULL;
    if (wsc__choose(&policy, w->identity, &url, params, &err) != WSC_OK ||
        wsc__pool_get(&p, w->d.core, &url, params, w->identity, &policy, NULL, &err) != WSC_OK)
        p = NULL;
    wsc__error_unref(err);
    wsc__url_free(&url, &w->d.mem.mem);
    return p;
}

/* Basic where there is somebody to log in, over plain HTTP. */
static int set_login(struct wsc__optset *set, const char *const *options, struct wsc_error **err)
{
    const char *auth = "none";
    int rc;

    for (; options && *options; options += 2)
        auth = strcmp(options[0], "username") == 0 ? "basic" : auth;
    rc = wsc__optset_set_text(set, "auth", auth, err);
    if (rc == WSC_OK)
        rc = wsc__optset_set_text(set, "trusted-hosts", "*", err);
    return rc == WSC_OK ? wsc__optset_set_text(set, "allow-unencrypted", "true", err) : rc;
}

int world_open(struct pool_world *w, const char *const *options, const struct canned *replies)
{
    static const struct wsc__secrets none;
    struct wsc__optset *set = NULL;
    struct wsc_error *err = NULL;
    int rc;

    memset(w, 0, sizeof *w);
    drv_init(&w->d, -1);
    w->replies = replies;
    rc = drv_core(&w->d);
    if (rc == WSC_OK)
        rc = wsc__optset_new(&set, &w->d.mem.mem);
    if (rc == WSC_OK)
        rc = set_login(set, options, &err);
    for (; rc == WSC_OK && options && *options; options += 2)
        rc = wsc__optset_set_text(set, options[0], options[1], &err);
    if (rc == WSC_OK)
        rc = wsc__optset_freeze(&w->params, &w->d.mem.mem, set, NULL, WSC__LAYER_CLIENT,
                                WSC__SCOPE_CLIENT | WSC__SCOPE_OP | WSC__SCOPE_IDENTITY, &err);
    wsc__optset_unref(set);
    if (rc == WSC_OK)
        rc = wsc__identity_new(&w->identity, w->d.core, w->params, &none, NULL, &err);
    if (rc == WSC_OK) {
        w->pool = world_pool(w, "server", w->params);
        rc = w->pool ? WSC_OK : WSC_E_NOMEM;
    }
    if (rc == WSC_OK)
        wsc__pool_users(w->pool, 1);
    if (err)
        printf("# %s\n", wsc__error_text(err));
    wsc__error_unref(err);
    return rc;
}

bool world_close(struct pool_world *w)
{
    bool good;
    int i;

    if (w->d.core) {
        wsc__core_shut(w->d.core);
        drv_flush(&w->d);
    }
    if (w->pool) {
        wsc__pool_users(w->pool, -1);
        wsc__pool_unref(w->pool);
    }
    wsc__identity_unref(w->identity);
    wsc__optset_unref(w->params);
    good = drv_free(&w->d);
    for (i = 0; i < 26; i++) {
        if (w->tx[i].used)
            wsc__buf_free(&w->tx[i].body);
        if (w->tx[i].ends > 1) {
            printf("# %c ended %d times\n", 'A' + i, w->tx[i].ends);
            good = false;
        }
    }
    return good;
}

/* --- rows ------------------------------------------------------------------------------------- */

static enum wsc__lane lane_of(char name)
{
    return name == 'R' ? WSC__LANE_WAIT : name == 'S' ? WSC__LANE_URGENT : WSC__LANE_NORMAL;
}

static const char *canned(const struct pool_world *w, const char *name)
{
    const struct canned *c;

    for (c = w->replies; c && c->name; c++) {
        if (strcmp(c->name, name) == 0)
            return c->text;
    }
    return NULL;
}

static bool conn_event(struct pool_world *w, struct drv_conn *c, const char *what, const char *arg)
{
    const char *text;

    if (strcmp(what, "resolved") == 0) {
        drv_resolved(c, strcmp(arg, "-") ? arg : "");
    } else if (strcmp(what, "connected") == 0) {
        drv_connected(c, atoi(arg));
    } else if (strcmp(what, "refused") == 0) {
        drv_refused(c, atoi(arg), WSC__NET_REFUSED);
    } else if (strcmp(what, "unreachable") == 0) {
        drv_refused(c, atoi(arg), WSC__NET_UNREACHABLE);
    } else if (strcmp(what, "written") == 0) {
        drv_written(c);
    } else if (strcmp(what, "error") == 0) {
        drv_reply_end(c, DRV_RESET);
    } else if (strcmp(what, "break") == 0) {
        drv_broken(c); /* a failed write: no matter whether we read */
    } else if (strcmp(what, "eof") == 0) {
        drv_reply_end(c, DRV_EOF);
    } else if (strcmp(what, "reply") == 0 && (text = canned(w, arg))) {
        drv_reply(c, text, strlen(text));
    } else {
        return false;
    }
    return true;
}

bool world_row(struct pool_world *w, uint64_t at, const char *event)
{
    char text[256], *word, *save = NULL;
    size_t n = strlen(event);

    drv_until(&w->d, 1000 + at);
    if (n >= sizeof text)
        return false;
    memcpy(text, event, n + 1);
    for (word = strtok_r(text, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
        unsigned id = 0;
        char *arg;

        if (word[0] >= '0' && word[0] <= '9' && strchr(word, ':')) {
            id = (unsigned)atoi(word);
            word = strchr(word, ':') + 1;
        }
        if (strcmp(word, "wait") == 0)
            continue;
        if (strcmp(word, "written") == 0 || strcmp(word, "eof") == 0 ||
            strcmp(word, "error") == 0 || strcmp(word, "break") == 0)
            arg = NULL;
        else if (!(arg = strtok_r(NULL, " ", &save)))
            return false;
        if (strcmp(word, "submit") == 0) {
            for (; *arg; arg++)
                world_submit(w, w->pool, *arg, lane_of(*arg));
        } else if (strcmp(word, "cancel") == 0) {
            wsc__xchg_cancel(&w->tx[*arg - 'A'].x);
        } else if (strcmp(word, "resume") == 0) {
            wsc__xchg_resume(&w->tx[*arg - 'A'].x);
        } else if (id >= w->d.nconns || !conn_event(w, w->d.conns[id], word, arg)) {
            return false;
        }
        drv_settle(&w->d);
    }
    return true;
}
