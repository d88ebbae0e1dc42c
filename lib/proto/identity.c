#include "proto/identity.h"

#include "auth/user.h"
#include "proto/plugin.h"

#include <string.h>

static int check(const struct wsc__identity *id, const struct wsc__mem *mem, struct wsc_error **err)
{
    if (!id->cert_file && id->key_file) {
        *err = wsc__error_new(mem, WSC_E_OPTION, "tls-key-file needs tls-cert-file");
        wsc__error_set_str(*err, WSC__ES_OPTION, "tls-cert-file");
        return WSC_E_OPTION;
    }
    return wsc__policy_check(mem, &id->who, err);
}

/* A domain counts what its servers refuse, a server what is refused of its own accounts. What only
 * NTLM and Kerberos take apart (a name in Basic is a local account's) is not judged here. */
static bool may_be_a_domains(const struct wsc__identity *id)
{
    enum wsc__asked asked = id->who.asked;
    int form;

    if (asked != WSC__ASKED_AUTO && asked != WSC__ASKED_NEGOTIATE && asked != WSC__ASKED_KERBEROS &&
        asked != WSC__ASKED_NTLM)
        return false;
    if (id->who.brought && (id->who.brought->flags & WSC__AUTH_RENEWS))
        return false;
    form = wsc__user_form(&id->core->mem, id->user);
    return form >= 0 && form != WSC__USER_LOCAL;
}

static int copy_text(char **out, const struct wsc__mem *mem, const char *text)
{
    return text && !(*out = wsc__strdup(mem, text)) ? WSC_E_NOMEM : WSC_OK;
}

/* What was read from a file, or else the option itself. */
static int copy_secret(uint8_t **out, size_t *out_len, const struct wsc__mem *mem,
                       const struct wsc__optset *params, enum wsc__opt option, const void *read,
                       size_t read_len)
{
    static const char empty[1];
    const void *data = read;
    size_t len = read_len;

    if (!wsc__opt_bytes(params, option, &data, &len) && !read)
        return WSC_OK;
    *out = wsc__memdup(mem, len ? data : empty, len ? len : 1);
    *out_len = len;
    return *out ? WSC_OK : WSC_E_NOMEM;
}

static int copy_all(struct wsc__identity *id, const struct wsc__optset *params,
                    const struct wsc__secrets *s)
{
    const struct {
        char **out;
        enum wsc__opt option;
    } texts[] = {
        { &id->user, WSC__O_USERNAME },           { &id->cert_file, WSC__O_TLS_CERT_FILE },
        { &id->key_file, WSC__O_TLS_KEY_FILE },   { &id->realm, WSC__O_REALM },
        { &id->keytab, WSC__O_KEYTAB },           { &id->ccache, WSC__O_CCACHE },
        { &id->krb5_config, WSC__O_KRB5_CONFIG },
    };
    const struct wsc__mem *mem = &id->core->mem;
    int rc = WSC_OK;

    for (size_t i = 0; rc == WSC_OK && i < sizeof texts / sizeof *texts; i++)
        rc = copy_text(texts[i].out, mem, wsc__opt_str(params, texts[i].option));
    if (rc == WSC_OK)
        rc = copy_secret(&id->password, &id->password_len, mem, params, WSC__O_PASSWORD,
                         s->password, s->password_len);
    if (rc == WSC_OK)
        rc = copy_secret(&id->key_password, &id->key_password_len, mem, params,
                         WSC__O_TLS_KEY_PASSWORD, s->key_password, s->key_password_len);
    return rc;
}

static int make_tickets(struct wsc__identity *id, const struct wsc__optset *params)
{
    const struct wsc__krb5_config c = {
        .mem = &id->core->mem,
        .user = id->user,
        .password = id->password,
        .password_len = id->password_len,
        .realm = id->realm,
        .keytab = id->keytab,
        .ccache = id->ccache,
        .config = id->krb5_config,
        .timeout_ms = (uint64_t)wsc__opt_int(params, WSC__O_KDC_TIMEOUT),
    };

    if (id->who.asked != WSC__ASKED_AUTO && id->who.asked != WSC__ASKED_NEGOTIATE &&
        id->who.asked != WSC__ASKED_KERBEROS)
        return WSC_OK;
    return wsc__krb5_new(&id->krb5, &c);
}

static void note_given(struct wsc__identity *id, const struct wsc__optset *params)
{
    id->who.asked = (enum wsc__asked)wsc__opt_int(params, WSC__O_AUTH);
    id->who.user = id->user;
    id->who.password = id->password != NULL;
    id->who.certificate = id->cert_file != NULL;
    id->who.keytab = id->keytab != NULL;
    id->who.ccache = id->ccache != NULL;
    id->who.realm = id->realm != NULL;
}

static int plug(struct wsc__identity *id, struct wsc__plugin *scheme)
{
    id->scheme = wsc__plugin_ref(scheme);
    id->who.brought = &id->plugged.ops;
    return wsc__auth_own_init(&id->plugged, &id->core->mem, (const wsc_auth *)(void *)scheme->ops,
                              scheme->user_data, &id->core->in_program);
}

int wsc__identity_new(struct wsc__identity **out, struct wsc__core *core,
                      const struct wsc__optset *params, const struct wsc__secrets *secrets,
                      struct wsc__plugin *scheme, struct wsc_error **err)
{
    const struct wsc__mem *mem = &core->mem;
    struct wsc__identity *id = wsc__zalloc(mem, sizeof *id);
    int rc;

    if (!id) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    id->core = wsc__core_ref(core);
    id->refs = 1;
    wsc__table_init(&id->gates, &core->mem);
    wsc__list_init(&id->waiting);
    id->first = WSC__GATE_UNTRIED;
    id->serial = ++core->serial;
    rc = copy_all(id, params, secrets);
    note_given(id, params);
    if (rc == WSC_OK)
        rc = scheme ? plug(id, scheme) : make_tickets(id, params);
    id->one_try = rc == WSC_OK && may_be_a_domains(id);
    id->credentials.user = id->user;
    id->credentials.password = id->password;
    id->credentials.password_len = id->password_len;
    if (rc == WSC_E_NOMEM)
        *err = wsc__error_nomem();
    else
        rc = check(id, mem, err);
    if (rc != WSC_OK) {
        wsc__identity_unref(id);
        return rc;
    }
    *out = id;
    return WSC_OK;
}

static void forget_key_password(struct wsc__identity *id)
{
    if (id->key_password)
        wsc__free_secret(&id->core->mem, id->key_password, id->key_password_len);
    id->key_password = NULL;
}

int wsc__identity_own(struct wsc__tls_own **out, struct wsc__identity *id, struct wsc_error **err)
{
    struct wsc__tls_own_options o = { id->cert_file, id->key_file, id->key_password,
                                      id->key_password_len, &id->core->log };
    int rc = WSC_OK;

    if (id->cert_file && !id->own)
        rc = wsc__tls_own_new(&id->own, &id->core->mem, &o, err);
    if (rc != WSC_OK)
        return rc;
    forget_key_password(id);
    *out = id->own;
    return WSC_OK;
}

int wsc__identity_gate(struct wsc__gate **out, struct wsc__identity *id, const char *origin,
                       bool proves)
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
    g->state = proves ? WSC__GATE_UNTRIED : WSC__GATE_OPEN;
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
    struct wsc__entry *e, *next;

    for (e = wsc__table_next(&id->gates, NULL); e; e = next) {
        struct wsc__gate *g = WSC__OF(e, struct wsc__gate, entry);

        next = wsc__table_next(&id->gates, e);
        wsc__error_unref(g->refused);
        wsc__free(mem, g->key);
        wsc__free(mem, g);
    }
    wsc__table_free(&id->gates);
}

const char *wsc__identity_name(const struct wsc__identity *id)
{
    const char *known = id->user ? id->user : wsc__krb5_name(id->krb5);

    return known ? known : id->keytab ? id->keytab : id->ccache ? id->ccache : id->cert_file;
}

const char *wsc__identity_known_as(const struct wsc__identity *id, const char *mechanism)
{
    const char *principal = wsc__krb5_name(id->krb5);
    bool kerberos = mechanism && strcmp(mechanism, wsc__mech_krb5.name) == 0;

    return kerberos && principal ? principal : wsc__identity_name(id);
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
    wsc__error_unref(id->refused);
    wsc__krb5_free(id->krb5);
    wsc__free(&core->mem, id->realm);
    wsc__free(&core->mem, id->keytab);
    wsc__free(&core->mem, id->ccache);
    wsc__free(&core->mem, id->krb5_config);
    wsc__free(&core->mem, id->user);
    if (id->password)
        wsc__free_secret(&core->mem, id->password, id->password_len);
    forget_key_password(id);
    wsc__tls_own_unref(id->own);
    wsc__auth_own_free(&id->plugged, &core->mem);
    wsc__plugin_unref(id->scheme);
    wsc__free(&core->mem, id->cert_file);
    wsc__free(&core->mem, id->key_file);
    wsc__free(&core->mem, id);
    wsc__core_unref(core);
}
