#include "proto/identity.h"

#include <string.h>

static const struct wsc__auth_ops *scheme_of(const struct wsc__optset *params, bool has_user)
{
    const char *auth = wsc__opt_str(params, WSC__O_AUTH);

    if (strcmp(auth, "none") == 0)
        return NULL;
    if (strcmp(auth, "basic") == 0)
        return &wsc__auth_basic;
    return has_user ? &wsc__auth_basic : NULL; /* auto */
}

static int check(const struct wsc__identity *id, const struct wsc__optset *params,
                 const struct wsc__mem *mem, struct wsc_error **err)
{
    const char *auth = wsc__opt_str(params, WSC__O_AUTH);

    if (!id->auth && id->user && strcmp(auth, "none") == 0) {
        *err = wsc__error_fault(mem, 0x803380AB, "auth is none, but a user name was given");
        wsc__error_set_str(*err, WSC__ES_OPTION, "auth");
        return WSC_E_OPTION;
    }
    if (id->auth && (!id->user || !id->password)) {
        *err = wsc__error_fault(
            mem, 0x803380B0,
            "%s authentication needs a user name and a password; the %s is missing", id->auth->name,
            id->user ? "password" : "user name");
        wsc__error_set_str(*err, WSC__ES_OPTION, id->user ? "password" : "username");
        return WSC_E_AUTH;
    }
    return WSC_OK;
}

int wsc__identity_new(struct wsc__identity **out, struct wsc__core *core,
                      const struct wsc__optset *params, const void *password, size_t password_len,
                      struct wsc_error **err)
{
    static const char empty[1];
    const struct wsc__mem *mem = &core->mem;
    struct wsc__identity *id = wsc__zalloc(mem, sizeof *id);
    const char *user = wsc__opt_str(params, WSC__O_USERNAME);
    const void *data = NULL;
    size_t len = 0;
    int rc = WSC_E_NOMEM;

    if (!id)
        goto fail;
    id->core = wsc__core_ref(core);
    id->refs = 1;
    wsc__table_init(&id->gates, &core->mem);
    id->serial = ++core->serial;
    if (user && !(id->user = wsc__strdup(mem, user)))
        goto fail;
    if (password) {
        data = password;
        len = password_len;
    }
    if (wsc__opt_bytes(params, WSC__O_PASSWORD, &data, &len) || password) {
        id->password = wsc__memdup(mem, len ? data : empty, len ? len : 1);
        id->password_len = len;
        if (!id->password)
            goto fail;
    }
    id->auth = scheme_of(params, user != NULL);
    id->credentials.user = id->user;
    id->credentials.password = id->password;
    id->credentials.password_len = id->password_len;
    rc = check(id, params, mem, err);
    if (rc != WSC_OK)
        goto fail;
    *out = id;
    return WSC_OK;
fail:
    if (rc == WSC_E_NOMEM)
        *err = wsc__error_nomem();
    wsc__identity_unref(id);
    return rc;
}

int wsc__identity_gate(struct wsc__gate **out, struct wsc__identity *id, const char *origin)
{
    const struct wsc__mem *mem = &id->core->mem;
    struct wsc__entry *e = wsc__table_find(&id->gates, origin);
    struct wsc__gate *g;

    if (e) {
        *out = WSC__OF(e, struct wsc__gate, entry);
        return WSC_OK;
    }
    g = wsc__zalloc(mem, sizeof *g);
    if (!g)
        return WSC_E_NOMEM;
    g->state = id->auth ? WSC__GATE_UNTRIED : WSC__GATE_OPEN;
    g->key = wsc__strdup(mem, origin);
    g->entry.key = g->key;
    wsc__list_init(&g->pools);
    if (!g->key || wsc__table_add(&id->gates, &g->entry) != WSC_OK) {
        wsc__free(mem, g->key);
        wsc__free(mem, g);
        return WSC_E_NOMEM;
    }
    *out = g;
    return WSC_OK;
}

static void free_gates(struct wsc__identity *id)
{
    const struct wsc__mem *mem = &id->core->mem;
    size_t i;

    for (i = 0; i < id->gates.nbuckets; i++) {
        struct wsc__entry *e, *next;

        for (e = id->gates.buckets[i]; e; e = next) {
            struct wsc__gate *g = WSC__OF(e, struct wsc__gate, entry);

            next = e->next;
            wsc__error_unref(g->refused);
            wsc__free(mem, g->key);
            wsc__free(mem, g);
        }
    }
    wsc__table_free(&id->gates);
}

void wsc__identity_ref(struct wsc__identity *id)
{
    id->refs++;
}

void wsc__identity_unref(struct wsc__identity *id)
{
    struct wsc__core *core;

    if (!id || --id->refs)
        return;
    core = id->core;
    free_gates(id);
    wsc__free(&core->mem, id->user);
    if (id->password)
        wsc__free_secret(&core->mem, id->password, id->password_len);
    wsc__free(&core->mem, id);
    wsc__core_unref(core);
}
