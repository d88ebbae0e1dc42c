#include "proto/choice.h"

#include "auth/krb5.h"
#include "auth/spn.h"
#include "auth/trusted.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

static const struct wsc__mech_ops *const mech_table[WSC__MECHS] = {
    [WSC__MECH_KERBEROS] = &wsc__mech_krb5,
    [WSC__MECH_NTLM] = &wsc__mech_ntlm,
};

size_t wsc__choice_mechs(const struct wsc__mech_ops **out, const struct wsc__policy *policy)
{
    for (size_t i = 0; i < policy->nmechs; i++)
        out[i] = mech_table[policy->mechs[i]];
    return policy->nmechs;
}

int wsc__choice_spn(struct wsc__buf *out, const struct wsc__url *url,
                    const struct wsc__optset *params, struct wsc_error **err)
{
    struct wsc__spn spn = { wsc__opt_str(params, WSC__O_SPN_PREFIX), url->host,
                            wsc__opt_str(params, WSC__O_SPN_HOST), 0 };

    if (wsc__opt_int(params, WSC__O_SPN_PORT))
        spn.port = url->port;
    return wsc__spn_put(out, &spn, err);
}

static bool has_own_header(const struct wsc__optset *params)
{
    const char *name, *value;
    size_t i;

    for (i = 0; wsc__opt_pair(params, WSC__O_HEADER, i, &name, &value); i++) {
        if (wsc__ieq(name, "Authorization"))
            return true;
    }
    return false;
}

static int check_list(const struct wsc__mem *mem, const char *list, struct wsc_error **err)
{
    const char *why = NULL;
    size_t bad = 0;

    if (wsc__trusted_valid(list, &bad, &why))
        return WSC_OK;
    *err = wsc__error_new(mem, WSC_E_OPTION, "trusted-hosts: %s (at offset %zu)", why, bad);
    wsc__error_set_str(*err, WSC__ES_OPTION, "trusted-hosts");
    wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)bad);
    return WSC_E_OPTION;
}

/* Every error of a login tells it. */
static void add_spn(struct wsc_error *e, const struct wsc__mem *mem, const struct wsc__url *url,
                    const struct wsc__optset *params)
{
    const char *scheme = wsc__error_str(e, WSC__ES_SCHEME);
    struct wsc_error *none = NULL;
    struct wsc__buf spn;

    if (!scheme || strcmp(scheme, "Basic") == 0 || strcmp(scheme, "Certificate") == 0)
        return;
    wsc__buf_init(&spn, mem, 1024);
    if (wsc__choice_spn(&spn, url, params, &none) == WSC_OK)
        wsc__error_set_str(e, WSC__ES_SPN, wsc__buf_cstr(&spn));
    wsc__error_unref(none);
    wsc__buf_free(&spn);
}

int wsc__choose(struct wsc__policy *out, const struct wsc__identity *id, const struct wsc__url *url,
                const struct wsc__optset *params, struct wsc_error **err)
{
    enum { NEVER = 2 };
    const struct wsc__mem *mem = &id->core->mem;
    const char *list = wsc__opt_str(params, WSC__O_TRUSTED_HOSTS);
    char host[400];
    struct wsc__policy_where where;
    int rc = check_list(mem, list, err);

    memset(out, 0, sizeof *out);
    if (rc != WSC_OK)
        return rc;
    snprintf(host, sizeof host, "%.255s%s%.100s", url->host, url->zone ? "%" : "",
             url->zone ? url->zone : "");
    memset(&where, 0, sizeof where);
    where.host = host;
    where.literal = url->literal;
    where.tls = url->tls;
    where.trusted = wsc__trusted_host(list, host);
    where.spn_host =
        wsc__opt_str(params, WSC__O_SPN_HOST) && *wsc__opt_str(params, WSC__O_SPN_HOST);
    where.clear = wsc__opt_int(params, WSC__O_ALLOW_UNENCRYPTED) != 0;
    where.never_sealed = wsc__opt_int(params, WSC__O_ENCRYPTION) == NEVER;
    where.implicit = wsc__opt_int(params, WSC__O_IMPLICIT_NEGOTIATE) != 0;
    where.own_header = has_own_header(params);
    where.mechanisms = wsc__opt_str(params, WSC__O_MECHANISMS);
    rc = wsc__policy_choose(out, mem, &id->who, &where, err);
    if (rc != WSC_OK)
        add_spn(*err, mem, url, params);
    return rc;
}
