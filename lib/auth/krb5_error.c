/* Heimdal's codes as Windows has them. */
#include "auth/krb5_private.h"
#include "auth/sec_e.h"

#include <errno.h>
#include <string.h>

static const struct row {
    krb5_error_code krb5;
    uint32_t windows;
} rows[] = {
    { KRB5KDC_ERR_PREAUTH_FAILED, SEC_E_LOGON_DENIED },
    { KRB5KRB_AP_ERR_BAD_INTEGRITY, SEC_E_WRONG_PRINCIPAL },
    { KRB5KDC_ERR_CLIENT_REVOKED, STATUS_ACCOUNT_DISABLED },
    { KRB5KDC_ERR_KEY_EXPIRED, STATUS_PASSWORD_EXPIRED },
    { KRB5KDC_ERR_NAME_EXP, STATUS_ACCOUNT_EXPIRED },
    { KRB5KDC_ERR_POLICY, STATUS_ACCOUNT_RESTRICTION },
    { KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN, STATUS_NO_SUCH_USER },
    { KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN, SEC_E_TARGET_UNKNOWN },
    { KRB5KDC_ERR_SERVICE_EXP, SEC_E_TARGET_UNKNOWN },
    { KRB5KDC_ERR_ETYPE_NOSUPP, 0x80090342 }, /* SEC_E_KDC_UNKNOWN_ETYPE */
    { KRB5_PROG_ETYPE_NOSUPP, 0x80090342 },
    { KRB5KRB_AP_ERR_MODIFIED, SEC_E_WRONG_PRINCIPAL },
    { KRB5KRB_AP_ERR_NOT_US, SEC_E_WRONG_PRINCIPAL },
    { KRB5KRB_AP_ERR_SKEW, 0x80090324 }, /* SEC_E_TIME_SKEW */
    { KRB5KDC_ERR_NEVER_VALID, 0x80090324 },
    { KRB5_KDC_UNREACH, 0x80090311 }, /* SEC_E_NO_AUTHENTICATING_AUTHORITY */
    { KRB5_REALM_UNKNOWN, 0x80090311 },
    { KRB5_REALM_CANT_RESOLVE, 0x80090311 },
    { KRB5_KDC_ERR_WRONG_REALM, 0x80090311 },
    { KRB5_CONFIG_NODEFREALM, 0x8033810c }, /* ..._WORKGROUP_NO_KERBEROS */
    { KRB5_FCC_NOFILE, 0x8033810c },
    { KRB5_CC_NOTFOUND, 0x8033810c },
    { KRB5_CC_END, 0x8033810c },
    { KRB5_CC_FORMAT, 0x8033810c },
    { KRB5_CC_BADNAME, 0x8033810c },
    { KRB5_CC_UNKNOWN_TYPE, 0x8033810c },
    { KRB5_CC_NOSUPP, 0x8033810c },
    { KRB5KRB_AP_ERR_TKT_EXPIRED, SEC_E_CONTEXT_EXPIRED },
    { KRB5_KT_NOTFOUND, SEC_E_NO_CREDENTIALS },
    { KRB5_KT_END, SEC_E_NO_CREDENTIALS },
    { KRB5_KT_BADNAME, SEC_E_NO_CREDENTIALS },
    { KRB5_KEYTAB_BADVNO, SEC_E_NO_CREDENTIALS },
    { ENOENT, SEC_E_NO_CREDENTIALS },
    { EACCES, SEC_E_NO_CREDENTIALS },
    { KRB5_GET_IN_TKT_LOOP, 0x80090304 },
};

static const struct row *find(krb5_error_code code)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].krb5 == code)
            return &rows[i];
    }
    return NULL;
}

/* What helps where it is a KDC that refuses, and not the server. */
static const char *remedy_of(krb5_error_code code)
{
    switch (code) {
    case KRB5KDC_ERR_PREAUTH_FAILED:
        return "Check the password, by `kinit` with the same name; event 4771 in the Security log "
               "of the domain controller has the reason.";
    case KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN:
        return "Check the user name and its realm (user@REALM, or the option realm), by `kinit` "
               "with the same name; event 4768 in the Security log of the domain controller has "
               "what was asked for.";
    case KRB5KDC_ERR_POLICY: /* has many reasons, none of which it tells */
        return "Look at the account in its domain: it may be disabled, or restricted to other "
               "hours, computers or ways to log on.";
    case KRB5KDC_ERR_CLIENT_REVOKED:
        return "Enable or unlock the account in its domain: `net user NAME /active:yes /domain`.";
    case KRB5KDC_ERR_KEY_EXPIRED:
        return "Give the account a new password: `kpasswd` here, or `net user NAME * /domain` on "
               "Windows.";
    case KRB5KDC_ERR_NAME_EXP:
        return "Extend the account in its domain: `net user NAME /expires:never /domain`.";
    case KRB5_KDC_UNREACH:
    case KRB5_REALM_UNKNOWN:
    case KRB5_REALM_CANT_RESOLVE:
        return "Check the name of the realm (user@REALM, or the option realm: capitals count), its "
               "KDC with `kinit user@REALM`, and the realms in krb5.conf (option krb5-config). For "
               "a machine outside the domain: NTLM, or https with Basic.";
    case KRB5_CC_UNKNOWN_TYPE:
    case KRB5_CC_NOSUPP:
        return "Heimdal, which reads the tickets, has no cache of this kind. Keep them in a file: "
               "`export KRB5CCNAME=FILE:/tmp/krb5cc_$(id -u)`, then `kinit`; or name one by the "
               "option ccache.";
    case KRB5_KEYTAB_BADVNO:
    case KRB5_KT_NOTFOUND:
    case KRB5_KT_END:
        return "Look whose keys the keytab has: `klist -k FILE` (MIT) or `ktutil -k FILE list` "
               "(Heimdal).";
    default:
        return NULL;
    }
}

bool wsc__krb5_refuses(krb5_error_code code)
{
    const struct row *row = find(code);

    return row && wsc__login_is_final(row->windows);
}

struct wsc_error *wsc__krb5_error(const struct wsc__mem *mem, krb5_error_code code,
                                  const char *text)
{
    const struct row *row = find(code);
    struct wsc_error *e;

    if (code == ENOMEM)
        return wsc__error_nomem();
    if (code == EMFILE || code == ENFILE || code == EAGAIN)
        e = wsc__error_new(mem, WSC_E_DESCRIPTORS, "Kerberos: %s", text);
    else /* what has no row: SEC_E_INTERNAL_ERROR */
        e = wsc__error_fault(mem, row ? row->windows : 0x80090304u, "Kerberos: %s%s",
                             code == (krb5_error_code)KRB5KDC_ERR_PREAUTH_FAILED
                                 ? "the KDC refuses the password: "
                                 : "",
                             text);
    if (remedy_of(code))
        wsc__error_set_str(e, WSC__ES_REMEDY, remedy_of(code));
    wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, text);
    wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, code);
    return e;
}

struct wsc_error *wsc__krb5_failure(const struct wsc__mem *mem, const struct wsc__krb5_job *job,
                                    bool ran)
{
    struct wsc_error *e;

    if (!ran)
        return wsc__error_new(mem, WSC_E_DESCRIPTORS,
                              "Kerberos: there is no thread to ask a KDC from");
    if (job->option && (job->code == ENOENT || job->code == EACCES || job->code == EISDIR)) {
        e = wsc__error_new(mem, WSC_E_IO, "Kerberos: %s \"%s\": %s", job->option,
                           strcmp(job->option, "keytab") ? job->config : job->keytab,
                           strerror(job->code));
        wsc__error_set_str(e, WSC__ES_OPTION, job->option);
        wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, job->code);
        return e;
    }
    e = wsc__krb5_error(mem, job->code, job->text);
    if (*job->tried) {
        bool keytab = wsc__error_fault_code(e) == SEC_E_NO_CREDENTIALS; /* has other causes */
        const char *cause = keytab ? NULL : wsc__error_str(e, WSC__ES_CAUSE);

        wsc__error_setf(e, WSC__ES_CAUSE, "%s%sTried: %s.", cause ? cause : "", cause ? " " : "",
                        job->tried);
    }
    return e;
}
