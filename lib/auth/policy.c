#include "auth/policy.h"

#include "auth/negotiate.h"
#include "auth/sec_e.h"
#include "auth/user.h"
#include "base/str.h"

#include <string.h>

/* ERROR_WSMAN_ */
#define CREDS_PASSED_WITH_NO_AUTH_FLAG 0x803380abu
#define CLIENT_CERT_UNNEEDED_CREDS     0x803380afu
#define USERNAME_PASSWORD_NEEDED       0x803380b0u
#define CLIENT_CERT_NEEDED             0x803380b4u
#define CERTIFICATE_NEEDS_HTTPS        0x803380d8u
#define UNENCRYPTED_DISABLED           0x803380deu
#define SERVER_NOT_TRUSTED             0x803380e4u
#define EXPLICIT_CREDENTIALS_REQUIRED  0x803380e5u
#define KERBEROS_IPADDRESS             0x8033810bu

#define ENTRA                                                                                      \
    "An account of Entra ID does not log on this way at all: a machine that is joined to nothing " \
    "else is reached as a local account."

static const char not_named[] = "the option mechanisms does not name it";
static const char is_address[] = "it knows names, no addresses, and spn-host names none";
static const char is_servers[] = "the account is the server's own, not a domain's";
static const char is_here[] =
    "no domain knows the name localhost, and neither realm nor spn-host says otherwise";
static const char no_password[] = "it needs a user name and a password";
static const char no_trust[] =
    "over plain HTTP it does not prove who the server is, and the host is not in trusted-hosts";

const char *wsc__mech_name(enum wsc__mech_kind kind)
{
    return kind == WSC__MECH_KERBEROS ? "Kerberos" : "NTLM";
}

bool wsc__policy_is_local(const char *host)
{
    return wsc__ieq(host, "localhost") || strcmp(host, "127.0.0.1") == 0 ||
           strcmp(host, "::1") == 0 || strcmp(host, "[::1]") == 0;
}

/* --- errors ----------------------------------------------------------------------------------- */

static int give(struct wsc_error **err, struct wsc_error *e, const struct wsc__policy_who *who,
                const char *scheme, const char *option)
{
    if (scheme)
        wsc__error_set_str(e, WSC__ES_SCHEME, scheme);
    wsc__error_set_str(e, WSC__ES_IDENTITY, who->user);
    wsc__error_set_str(e, WSC__ES_OPTION, option);
    *err = e;
    return wsc__error_code(e);
}

/* --- what can be judged without a target ------------------------------------------------------ */

static const char *name_of(enum wsc__asked asked)
{
    static const char *const names[] = { NULL,        NULL,       "Basic", "Certificate",
                                         "Negotiate", "Kerberos", "NTLM" };

    return names[asked];
}

static int check_certificate(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                             struct wsc_error **err)
{
    if (who->user)
        return give(err,
                    wsc__error_fault(mem, CLIENT_CERT_UNNEEDED_CREDS,
                                     "auth is certificate, but a user name was given, too"),
                    who, "Certificate", "username");
    if (who->certificate)
        return WSC_OK;
    return give(err,
                wsc__error_fault(mem, CLIENT_CERT_NEEDED, "auth is certificate, but there is none"),
                who, "Certificate", "tls-cert-file");
}

/* A user name and a password go together; kerberos: a keytab or a ccache may stand for both. */
static int check_pair(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                      const char *scheme, bool kerberos, struct wsc_error **err)
{
    const char *missing = who->user && !who->password ? "password" : "user name";
    struct wsc_error *e;

    if (who->user && who->password)
        return WSC_OK;
    e = wsc__error_fault(mem, USERNAME_PASSWORD_NEEDED,
                         "%s authentication needs a user name and a password; the %s is missing",
                         scheme, missing);
    if (kerberos && who->user)
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Give the password, or the option keytab or the option ccache in its "
                           "place; or leave the user name out, to log in with the tickets of "
                           "kinit.");
    return give(err, e, who, scheme, who->user ? "password" : "username");
}

/* One thing says who we are. */
static int check_one(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                     struct wsc_error **err)
{
    const char *one = who->password ? "password" : "keytab";
    const char *other = who->password && who->keytab ? "keytab" : "ccache";
    struct wsc_error *e;

    if (who->password + who->keytab + who->ccache < 2)
        return WSC_OK;
    e = wsc__error_new(mem, WSC_E_OPTION, "the options %s and %s exclude each other", one, other);
    wsc__error_set_str(e, WSC__ES_CAUSE, "Each of them alone says who we are.");
    wsc__error_set_str(e, WSC__ES_REMEDY, "Leave one of them out.");
    return give(err, e, who, NULL, other);
}

static int check_kerberos(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                          struct wsc_error **err)
{
    bool tickets = who->keytab || who->ccache;
    const char *scheme =
        who->asked == WSC__ASKED_AUTO ? tickets ? "Kerberos" : "Negotiate" : name_of(who->asked);
    struct wsc_error *e;
    int rc = check_one(mem, who, err);

    if (rc == WSC_OK && !tickets && (who->user || who->password))
        rc = check_pair(mem, who, scheme, true, err);
    if (rc != WSC_OK || wsc__user_form(mem, who->user) != WSC__USER_LOCAL ||
        (who->asked != WSC__ASKED_KERBEROS && !tickets))
        return rc;
    e = wsc__error_fault(mem, SEC_E_NO_CREDENTIALS,
                         "%s is an account of the server itself, which Kerberos does not know",
                         who->user);
    wsc__error_set_str(e, WSC__ES_CAUSE, "Kerberos knows the accounts of a domain alone.");
    wsc__error_set_str(e, WSC__ES_REMEDY,
                       "Set the option auth to negotiate or ntlm and give a password, or give the "
                       "account of a domain as user@example.com.");
    return give(err, e, who, scheme, "username");
}

int wsc__policy_check(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                      struct wsc_error **err)
{
    if (who->brought)
        return WSC_OK;
    switch (who->asked) {
    case WSC__ASKED_NONE:
        if (!who->user && !who->keytab && !who->ccache)
            return WSC_OK;
        return give(err,
                    wsc__error_fault(mem, CREDS_PASSED_WITH_NO_AUTH_FLAG,
                                     "auth is none, but a %s was given",
                                     who->user     ? "user name"
                                     : who->keytab ? "keytab"
                                                   : "ccache"),
                    who, NULL, "auth");
    case WSC__ASKED_CERTIFICATE:
        return check_certificate(mem, who, err);
    case WSC__ASKED_BASIC:
    case WSC__ASKED_NTLM:
        return check_pair(mem, who, name_of(who->asked), false, err);
    case WSC__ASKED_AUTO:
        if (who->certificate && !who->user)
            return WSC_OK;
        break;
    default:
        break;
    }
    return check_kerberos(mem, who, err);
}

bool wsc__policy_is_open(const struct wsc__policy_who *who)
{
    return !who->brought && (who->asked == WSC__ASKED_NONE ||
                             (who->asked == WSC__ASKED_AUTO && !who->user && !who->password &&
                              !who->certificate && !who->keytab && !who->ccache));
}

/* --- the scheme ------------------------------------------------------------------------------- */

static const struct wsc__auth_ops *by_default(const struct wsc__policy_who *who,
                                              const struct wsc__policy_where *where)
{
    if (who->user && who->password)
        return &wsc__auth_negotiate;
    if (who->certificate && !who->user)
        return &wsc__auth_certificate;
    if (who->keytab || who->ccache)
        return &wsc__auth_kerberos;
    if (where->own_header)
        return NULL;
    return wsc__policy_is_local(where->host) && !who->realm ? &wsc__auth_negotiate
                                                            : &wsc__auth_kerberos;
}

static const struct wsc__auth_ops *scheme_of(const struct wsc__policy_who *who,
                                             const struct wsc__policy_where *where)
{
    if (who->brought)
        return who->brought;
    switch (who->asked) {
    case WSC__ASKED_NONE:
        return NULL;
    case WSC__ASKED_BASIC:
        return &wsc__auth_basic;
    case WSC__ASKED_CERTIFICATE:
        return &wsc__auth_certificate;
    case WSC__ASKED_NEGOTIATE:
        return &wsc__auth_negotiate;
    case WSC__ASKED_KERBEROS:
        return &wsc__auth_kerberos;
    case WSC__ASKED_NTLM:
        return &wsc__auth_ntlm;
    default:
        return by_default(who, where);
    }
}

/* --- what may not go over plain HTTP ---------------------------------------------------------- */

static int not_in_clear(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                        const struct wsc__policy_where *where, const struct wsc__auth_ops *auth,
                        struct wsc_error **err)
{
    bool password = (auth->flags & WSC__AUTH_NEEDS_TLS) != 0;
    struct wsc_error *e = wsc__error_fault(
        mem, UNENCRYPTED_DISABLED,
        password ? "%s over plain HTTP would send the password and all data in clear; refused"
                 : "%s without encryption would send all data in clear over plain HTTP; refused",
        auth->name);

    if (!password)
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           where->never_sealed && !(auth->flags & WSC__AUTH_OWN)
                               ? "Leave the option encryption alone or use https, or set the "
                                 "option allow-unencrypted if everybody on the way may read "
                                 "commands and output."
                               : "Use https, or set the option allow-unencrypted if everybody on "
                                 "the way may read commands and output.");
    else if (where->trusted)
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Use https (in the URL, or the option tls), or set the option "
                           "allow-unencrypted if everybody on the way may read the password, "
                           "commands and output.");
    else
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Use https (in the URL, or the option tls). Where everybody on the way "
                           "may read the password, commands and output, set the option "
                           "allow-unencrypted, and name the host in trusted-hosts.");
    return give(err, e, who, auth->name, "allow-unencrypted");
}

static int not_trusted(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                       const struct wsc__policy_where *where, const struct wsc__auth_ops *auth,
                       struct wsc_error **err)
{
    bool password = (auth->flags & WSC__AUTH_NEEDS_TLS) != 0;
    struct wsc_error *e =
        wsc__error_fault(mem, SERVER_NOT_TRUSTED,
                         "%s over plain HTTP does not prove who the server is, and %.300s is not "
                         "in trusted-hosts; refused",
                         auth->name, where->host);

    wsc__error_setf(e, WSC__ES_REMEDY,
                    "Use https (option tls), or set the option trusted-hosts to %.300s. Whoever "
                    "takes the place "
                    "of a trusted host gets %s.",
                    where->host,
                    auth->flags & WSC__AUTH_OWN ? "what the scheme says"
                    : password                  ? "the password"
                                                : "an NTLM response to try passwords on");
    return give(err, e, who, auth->name, "trusted-hosts");
}

static int check_clear(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                       const struct wsc__policy_where *where, const struct wsc__auth_ops *auth,
                       struct wsc_error **err)
{
    if (where->tls)
        return WSC_OK;
    if (auth->flags & WSC__AUTH_IN_TLS)
        return give(err,
                    wsc__error_fault(mem, CERTIFICATE_NEEDS_HTTPS,
                                     "authentication by client certificate needs https"),
                    who, auth->name, "tls");
    if (!where->clear && ((auth->flags & WSC__AUTH_NEEDS_TLS) ||
                          !(auth->flags & WSC__AUTH_WRAPS_BODY) || where->never_sealed))
        return not_in_clear(mem, who, where, auth, err);
    if (!where->trusted && !(auth->flags & WSC__AUTH_MUTUAL) && auth != &wsc__auth_negotiate &&
        auth != &wsc__auth_kerberos)
        return not_trusted(mem, who, where, auth, err);
    return WSC_OK;
}

/* --- the mechanisms --------------------------------------------------------------------------- */

static int bad_list(const struct wsc__mem *mem, const char *text, size_t at, const char *why,
                    struct wsc_error **err)
{
    char shown[WSC__SHOWN];

    *err = wsc__error_new(mem, WSC_E_OPTION, "mechanisms: \"%s\": %s (at offset %zu)",
                          wsc__show_text(shown, sizeof shown, text, strlen(text)), why, at);
    wsc__error_set_str(*err, WSC__ES_OPTION, "mechanisms");
    wsc__error_set_int(*err, WSC__EI_OFFSET, (int64_t)at);
    wsc__error_set_str(*err, WSC__ES_REMEDY, "Give kerberos, ntlm, or both with a comma between.");
    return WSC_E_OPTION;
}

static int read_list(struct wsc__policy *out, const struct wsc__mem *mem, const char *text,
                     struct wsc_error **err)
{
    const char *s = text ? text : "kerberos,ntlm", *begin = s;
    bool more = true;

    while (more) {
        size_t len = strcspn(s, ",");
        const char *word = s;
        enum wsc__mech_kind kind = WSC__MECH_KERBEROS;

        more = s[len] != '\0';
        s += len + more;
        wsc__trim(&word, &len);
        while (kind < WSC__MECHS && !wsc__ieqn(word, len, wsc__mech_name(kind)))
            kind++;
        if (kind == WSC__MECHS)
            return bad_list(mem, begin, (size_t)(word - begin),
                            "that is no mechanism: there are kerberos and ntlm", err);
        for (size_t i = 0; i < out->nmechs; i++) {
            if (out->mechs[i] == kind)
                return bad_list(mem, begin, (size_t)(word - begin), "that was there before", err);
        }
        out->mechs[out->nmechs++] = kind;
    }
    return WSC_OK;
}

/* A name without a domain that could be asked for a ticket to this very machine. */
static bool is_only_here(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                         const struct wsc__policy_where *where)
{
    return wsc__policy_is_local(where->host) && !where->spn_host && !who->realm && who->user &&
           who->password && !wsc__user_names_realm(mem, who->user);
}

static const char *why_not(const struct wsc__mem *mem, enum wsc__mech_kind kind,
                           const struct wsc__policy_who *who, const struct wsc__policy_where *where)
{
    if (kind == WSC__MECH_NTLM) {
        if (!who->user || !who->password)
            return no_password;
        return where->tls || where->trusted ? NULL : no_trust;
    }
    if (where->literal && !where->spn_host)
        return is_address;
    if (wsc__user_form(mem, who->user) == WSC__USER_LOCAL)
        return is_servers;
    return is_only_here(mem, who, where) ? is_here : NULL;
}

static void leave_out(struct wsc__policy *out, const struct wsc__mem *mem,
                      const struct wsc__policy_who *who, const struct wsc__policy_where *where)
{
    size_t n = 0;

    for (int i = 0; i < WSC__MECHS; i++)
        out->left_out[i] = not_named;
    for (size_t i = 0; i < out->nmechs; i++) {
        enum wsc__mech_kind kind = out->mechs[i];

        out->left_out[kind] = why_not(mem, kind, who, where);
        if (!out->left_out[kind])
            out->mechs[n++] = kind;
    }
    out->nmechs = n;
}

static int refuse_address(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                          const struct wsc__policy_where *where, const char *scheme,
                          struct wsc_error **err)
{
    struct wsc_error *e = wsc__error_fault(mem, KERBEROS_IPADDRESS,
                                           "Kerberos cannot log in to %.300s: it knows names, no "
                                           "addresses",
                                           where->host);

    wsc__error_setf(e, WSC__ES_REMEDY,
                    "Give the host by the name that it has in its domain, or that name by the "
                    "option spn-host%s",
                    who->user && who->password
                        ? "; or set the option auth to negotiate."
                        : "; or give a user name and a password (options username and password), "
                          "for Negotiate over https or to a host in trusted-hosts.");
    return give(err, e, who, scheme, "spn-host");
}

static int refuse_implicit(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                           const struct wsc__policy_where *where, bool allowed,
                           struct wsc_error **err)
{
    struct wsc_error *e;

    if (allowed)
        e = wsc__error_fault(mem, EXPLICIT_CREDENTIALS_REQUIRED,
                             "Negotiate has nothing to log in to %.300s with: no user name and "
                             "password were given",
                             where->host);
    else
        e = wsc__error_fault(mem, EXPLICIT_CREDENTIALS_REQUIRED,
                             "Negotiate without a user name and a password is not done to %.300s",
                             where->host);
    if (allowed)
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "Give a user name and a password (options username and password). For "
                           "Kerberos, give the host by the name that it has in its domain. " ENTRA);
    else
        wsc__error_setf(e, WSC__ES_REMEDY,
                        "Give a user name and a password (options username and password), or name "
                        "a keytab or ccache. To log in with the tickets of kinit set the option "
                        "auth to kerberos; by Negotiate that is done %s. " ENTRA,
                        where->tls ? "only with the option implicit-negotiate, or to a host in "
                                     "trusted-hosts"
                                   : "over plain HTTP only to a host in trusted-hosts");
    return give(err, e, who, "Negotiate",
                allowed      ? "username"
                : where->tls ? "implicit-negotiate"
                             : "trusted-hosts");
}

/* Negotiate, and every mechanism is out. */
static int refuse_all(const struct wsc__policy *p, const struct wsc__mem *mem,
                      const struct wsc__policy_who *who, const struct wsc__policy_where *where,
                      struct wsc_error **err)
{
    const char *kerberos = p->left_out[WSC__MECH_KERBEROS], *ntlm = p->left_out[WSC__MECH_NTLM];
    struct wsc_error *e;
    int rc;

    if (ntlm == no_trust)
        rc = not_trusted(mem, who, where, &wsc__auth_ntlm, &e);
    else if (p->implicit)
        rc = refuse_implicit(mem, who, where, true, &e);
    else if (kerberos == is_address)
        rc = refuse_address(mem, who, where, wsc__auth_negotiate.name, &e);
    else
        rc = give(&e,
                  wsc__error_fault(mem, SEC_E_SECPKG_NOT_FOUND,
                                   "Negotiate has no mechanism for this account and host"),
                  who, NULL, "mechanisms");
    wsc__error_set_str(e, WSC__ES_SCHEME, "Negotiate");
    wsc__error_setf(e, WSC__ES_CAUSE, "Kerberos is left out: %s. NTLM is left out: %s.", kerberos,
                    ntlm);
    if (kerberos == is_here)
        wsc__error_setf(e, WSC__ES_REMEDY,
                        "%s For Kerberos say whose account it is (user@example.com, or the option "
                        "realm), or who is behind localhost (option spn-host).",
                        wsc__error_str(e, WSC__ES_REMEDY));
    if (kerberos == not_named || ntlm == not_named)
        wsc__error_set_str(e, WSC__ES_OPTION, ntlm == no_trust ? "trusted-hosts" : "mechanisms");
    *err = e;
    return rc;
}

static int choose_mechs(struct wsc__policy *out, const struct wsc__mem *mem,
                        const struct wsc__policy_who *who, const struct wsc__policy_where *where,
                        struct wsc_error **err)
{
    if (out->implicit && !wsc__policy_is_local(where->host) && !where->trusted &&
        !(where->tls && where->implicit))
        return refuse_implicit(mem, who, where, false, err);
    leave_out(out, mem, who, where);
    if (!out->nmechs)
        return refuse_all(out, mem, who, where, err);
    out->kerberos_alone = out->left_out[WSC__MECH_NTLM] == no_trust;
    return WSC_OK;
}

/* A scheme that is one mechanism. */
static int set_mech(struct wsc__policy *out, enum wsc__mech_kind kind, const struct wsc__mem *mem,
                    const struct wsc__policy_who *who, const struct wsc__policy_where *where,
                    struct wsc_error **err)
{
    out->mechs[0] = kind;
    out->nmechs = 1;
    if (kind == WSC__MECH_KERBEROS && where->literal && !where->spn_host)
        return refuse_address(mem, who, where, wsc__auth_kerberos.name, err);
    return WSC_OK;
}

static bool needs_trust(const struct wsc__policy *p)
{
    if (p->auth->flags & WSC__AUTH_MUTUAL)
        return false;
    for (size_t i = 0; i < p->nmechs; i++) {
        if (p->mechs[i] != WSC__MECH_KERBEROS)
            return true;
    }
    return p->auth != &wsc__auth_negotiate && p->auth != &wsc__auth_kerberos;
}

int wsc__policy_choose(struct wsc__policy *out, const struct wsc__mem *mem,
                       const struct wsc__policy_who *who, const struct wsc__policy_where *where,
                       struct wsc_error **err)
{
    struct wsc__policy p = { .auth = scheme_of(who, where) };
    int rc = read_list(&p, mem, where->mechanisms, err); /* wrong is wrong, also where unused */

    memset(out, 0, sizeof *out);
    if (rc == WSC_OK && p.auth)
        rc = check_clear(mem, who, where, p.auth, err);
    if (rc != WSC_OK)
        return rc;
    p.implicit = (p.auth == &wsc__auth_negotiate || p.auth == &wsc__auth_kerberos) && !who->user &&
                 !who->password && !who->keytab && !who->ccache;
    if (p.auth == &wsc__auth_negotiate)
        rc = choose_mechs(&p, mem, who, where, err);
    else if (p.auth == &wsc__auth_kerberos)
        rc = set_mech(&p, WSC__MECH_KERBEROS, mem, who, where, err);
    else if (p.auth == &wsc__auth_ntlm)
        rc = set_mech(&p, WSC__MECH_NTLM, mem, who, where, err);
    else if (!p.auth || p.auth != who->brought)
        p.nmechs = 0;
    p.unproven = p.auth && !where->tls && needs_trust(&p);
    if (rc == WSC_OK)
        *out = p;
    return rc;
}

/* --- afterwards ------------------------------------------------------------------------------- */

void wsc__policy_tell_left_out(const struct wsc__policy *policy, struct wsc_error *e)
{
    for (int i = 0; i < WSC__MECHS; i++) {
        const char *cause = wsc__error_str(e, WSC__ES_CAUSE), *why = policy->left_out[i];

        if (policy->auth == &wsc__auth_negotiate && why && why != not_named)
            wsc__error_setf(e, WSC__ES_CAUSE, "%s%s%s was left out: %s.", cause ? cause : "",
                            cause ? " " : "", wsc__mech_name((enum wsc__mech_kind)i), why);
    }
}

/* No other mechanism helps: it is the account, or somebody on the way. */
static bool is_final(uint32_t code)
{
    return wsc__login_is_final(code) || code == SEC_E_INVALID_TOKEN ||
           code == SEC_E_DOWNGRADE_DETECTED;
}

struct wsc_error *wsc__policy_untrusted(const struct wsc__mem *mem, const char *host,
                                        struct wsc_error *e)
{
    static const enum wsc__err_str kept[] = { WSC__ES_OFFERED,    WSC__ES_SCHEME,
                                              WSC__ES_MECHANISM,  WSC__ES_SPN,
                                              WSC__ES_IDENTITY,   WSC__ES_TARGET,
                                              WSC__ES_SYSTEM_TEXT };
    const char *cause = wsc__error_str(e, WSC__ES_CAUSE);
    const char *remedy = wsc__error_str(e, WSC__ES_REMEDY);
    const char *name = wsc__error_str(e, WSC__ES_FAULT_NAME);
    struct wsc_error *out;
    int64_t n;

    /* without a code of Windows it is neither Kerberos' nor the server's: no memory, no time */
    if ((wsc__error_code(e) != WSC_E_AUTH && !wsc__error_fault_code(e)) ||
        is_final(wsc__error_fault_code(e)))
        return e;
    out = wsc__error_fault(mem, SERVER_NOT_TRUSTED,
                           "%s (over plain HTTP Negotiate offers nothing else to %.300s, which is "
                           "not in trusted-hosts)",
                           wsc__error_text(e), host);
    wsc__error_setf(out, WSC__ES_CAUSE, "%s%s%s", name ? name : "", name && cause ? ": " : "",
                    cause ? cause : "");
    wsc__error_setf(
        out, WSC__ES_REMEDY,
        "%s%sWhere Kerberos cannot be: use https (option tls), or set the option trusted-hosts to "
        "%.300s: NTLM is offered then, too. Whoever takes the place of a trusted host gets an NTLM "
        "response to try passwords on.",
        remedy ? remedy : "", remedy ? " " : "", host);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        wsc__error_set_str(out, kept[i], wsc__error_str(e, kept[i]));
    wsc__error_set_str(out, WSC__ES_OPTION, "trusted-hosts");
    if (wsc__error_int(e, WSC__EI_HTTP_STATUS, &n))
        wsc__error_set_int(out, WSC__EI_HTTP_STATUS, n);
    if (wsc__error_int(e, WSC__EI_SYSTEM_CODE, &n))
        wsc__error_set_int(out, WSC__EI_SYSTEM_CODE, n);
    wsc__error_unref(e);
    return out;
}
