/* What a worker does for Kerberos: credentials and tickets into caches in memory. It touches
 * nothing but its job; Heimdal's own memory is libc's. */
#include "auth/krb5_private.h"

#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* may outlive the context and its allocator */
static const struct wsc__mem *const mem = &wsc__mem_libc;

/* --- failures --------------------------------------------------------------------------------- */

/* "Client (bob\\@A.TEST@A.TEST) unknown": of an enterprise name only what was asked for. */
static void unescape(char *text)
{
    char *at = strstr(text, "\\@"), *end, *last;

    if (!at)
        return;
    memmove(at, at + 1, strlen(at));
    end = at + strcspn(at, ") ");
    for (last = end; last > at + 1 && *last != '@'; last--)
        continue;
    if (last > at)
        memmove(last, end, strlen(end) + 1);
}

/* "Server (HTTP/x) unknown (HTTP/x)", "Failed to find bob in keytab x (unknown enctype)": what
 * stands behind says nothing more, or the wrong thing. */
static void trim_end(char *text)
{
    size_t len = strlen(text);
    char *open = strrchr(text, '('), *end = text + len - 1, *first;

    if (!open || open < text + 2 || *end != ')')
        return;
    *end = '\0';
    first = strstr(text, open + 1);
    if (first < open + 1 || strcmp(open + 1, "unknown enctype") == 0)
        open[-1] = '\0';
    else
        *end = ')';
}

static krb5_error_code fail(struct wsc__krb5_job *job, krb5_error_code code)
{
    const char *text = krb5_get_error_message(job->context, code);

    if (text && !*text) { /* a KDC's own, which has none */
        krb5_free_error_message(job->context, text);
        krb5_clear_error_message(job->context);
        text = krb5_get_error_message(job->context, code);
    }
    job->code = code;
    snprintf(job->text, sizeof job->text, "%s",
             code == (krb5_error_code)KRB5_KDC_UNREACH && *job->unreached ? job->unreached
             : text                                                       ? text
                                                                          : "unknown error");
    unescape(job->text);
    trim_end(job->text);
    krb5_free_error_message(job->context, text);
    return code;
}

static krb5_error_code fail_with(struct wsc__krb5_job *job, krb5_error_code code, const char *fmt,
                                 ...) WSC__PRINTF(3, 4);
static krb5_error_code fail_with(struct wsc__krb5_job *job, krb5_error_code code, const char *fmt,
                                 ...)
{
    va_list ap;

    job->code = code;
    va_start(ap, fmt);
    vsnprintf(job->text, sizeof job->text, fmt, ap);
    va_end(ap);
    return code;
}

static krb5_error_code fail_gss(struct wsc__krb5_job *job, OM_uint32 minor, const char *doing)
{
    krb5_error_code code = minor ? (krb5_error_code)minor : (krb5_error_code)KRB5_CC_NOTFOUND;
    const char *text = krb5_get_error_message(job->context, code);

    fail_with(job, code, "%s: %s", doing, text ? text : "unknown error");
    krb5_free_error_message(job->context, text);
    return code;
}

/* What was looked at, for the error that says that there was nothing. */
static void tried(struct wsc__krb5_job *job, const char *fmt, ...) WSC__PRINTF(2, 3);
static void tried(struct wsc__krb5_job *job, const char *fmt, ...)
{
    size_t at = strlen(job->tried);
    va_list ap;

    if (at && at + 3 < sizeof job->tried) {
        memcpy(job->tried + at, ", ", 3);
        at += 2;
    }
    va_start(ap, fmt);
    vsnprintf(job->tried + at, sizeof job->tried - at, fmt, ap);
    va_end(ap);
}

/* --- settings --------------------------------------------------------------------------------- */

static krb5_error_code use_config(struct wsc__krb5_job *job)
{
    char **files = NULL;
    krb5_error_code rc;

    job->option = "krb5-config";
    if (access(job->config, R_OK))
        return fail_with(job, errno, "%s", strerror(errno));
    rc = krb5_prepend_config_files(job->config, NULL, &files);
    if (!rc)
        rc = krb5_set_config_files(job->context, files);
    krb5_free_config_files(files);
    if (rc)
        return fail(job, rc);
    job->option = NULL; /* what is not found from now on is something else */
    return 0;
}

/* Its warnings would go to stderr, which is the program's. */
static void be_quiet(struct wsc__krb5_job *job)
{
    krb5_log_facility *nowhere = NULL;

    if (krb5_initlog(job->context, "wsman-client", &nowhere) == 0)
        (void)krb5_set_warn_dest(job->context, nowhere); /* the context's now */
}

static krb5_error_code configure(struct wsc__krb5_job *job)
{
    krb5_error_code rc;

    be_quiet(job);
    if (job->config && (rc = use_config(job)))
        return rc;
    if (job->realm && (rc = krb5_set_default_realm(job->context, job->realm)))
        return fail(job, rc);
    return 0;
}

/* One that has not all settings goes: the next job would take it for complete. */
static krb5_error_code open_context(struct wsc__krb5_job *job)
{
    krb5_error_code rc;

    if (job->context)
        return 0;
    rc = krb5_init_context(&job->context);
    if (rc) {
        job->context = NULL;
        return fail_with(job, rc, "the configuration cannot be read: %s", strerror(rc));
    }
    rc = configure(job);
    if (rc) {
        krb5_free_context(job->context);
        job->context = NULL;
    }
    return rc;
}

/* What krb5.conf says; never a guess from this host's name, as Heimdal's own function makes. */
static char *configured_realm(struct wsc__krb5_job *job)
{
    const char *realm =
        krb5_config_get_string(job->context, NULL, "libdefaults", "default_realm", NULL);

    return realm ? wsc__strdup(mem, realm) : NULL;
}

/* The realm that the user name does not say. */
static krb5_error_code default_realm(struct wsc__krb5_job *job, char **out)
{
    *out = job->realm ? wsc__strdup(mem, job->realm) : configured_realm(job);
    if (!*out)
        return fail_with(job, KRB5_CONFIG_NODEFREALM,
                         "no realm: the user name has none, the option realm is not set and "
                         "krb5.conf has no default_realm");
    return 0;
}

/* --- who -------------------------------------------------------------------------------------- */

static char *upper(const char *s)
{
    char *copy = wsc__strdup(mem, s);

    for (char *p = copy; p && *p; p++) {
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 32);
    }
    return copy;
}

/* Is DOMAIN the first label of the realm, as is usual for the short names of domains? */
static bool short_name_of(const char *domain, const char *realm)
{
    return wsc__ieqn(realm, strcspn(realm, "."), domain);
}

/* name@suffix as an enterprise name of the realm: the KDC knows whose it is (MS-KILE 3.3.5.6.1). */
static krb5_error_code enterprise(struct wsc__krb5_job *job, const char *realm, krb5_principal *out)
{
    char name[1024];
    krb5_error_code rc;

    if (snprintf(name, sizeof name, "%s@%s", job->name, job->domain) >= (int)sizeof name)
        return fail_with(job, KRB5_PARSE_MALFORMED, "the user name is too long");
    rc = krb5_make_principal(job->context, out, realm, name, NULL);
    if (rc)
        return fail(job, rc);
    krb5_principal_set_type(job->context, *out, KRB5_NT_ENTERPRISE_PRINCIPAL);
    return 0;
}

/* Also that of a service: "backup/host". */
static krb5_error_code plain_name(struct wsc__krb5_job *job, const char *realm, krb5_principal *out)
{
    krb5_error_code rc =
        krb5_parse_name_flags(job->context, job->name, KRB5_PRINCIPAL_PARSE_NO_REALM, out);

    if (!rc)
        rc = krb5_principal_set_realm(job->context, *out, realm);
    return rc ? fail(job, rc) : 0;
}

/* *second: what to try when the first is unknown, or NULL. */
static krb5_error_code principals(struct wsc__krb5_job *job, krb5_principal *first,
                                  krb5_principal *second)
{
    char *realm = NULL;
    krb5_error_code rc = 0;

    *first = *second = NULL;
    if (job->domain && (job->upn || strchr(job->domain, '.')) && !job->realm) {
        realm = upper(job->domain);
        if (!realm)
            return fail_with(job, ENOMEM, "out of memory");
        rc = krb5_set_default_realm(job->context, realm);
        if (rc) {
            wsc__free(mem, realm);
            return fail(job, rc);
        }
    } else if ((rc = default_realm(job, &realm))) {
        return rc;
    }
    tried(job, "realm %s", realm);
    if (!job->domain || (!job->upn && short_name_of(job->domain, realm)))
        rc = plain_name(job, realm, first);
    else if (!(rc = enterprise(job, realm, first)) && wsc__ieq(job->domain, realm))
        rc = plain_name(job, realm, second);
    wsc__free(mem, realm);
    return rc;
}

/* --- credentials ------------------------------------------------------------------------------ */

/* By the KDC's clock, which is not ours. */
static krb5_error_code note_life(struct wsc__krb5_job *job, const krb5_creds *creds)
{
    krb5_timestamp now = 0;

    (void)krb5_timeofday(job->context, &now);
    job->left = (int64_t)creds->times.endtime - now;
    if (job->left > 0)
        return 0;
    return fail_with(job, KRB5KRB_AP_ERR_TKT_EXPIRED, "the KDC gives a ticket that has ended");
}

static krb5_error_code empty_cache(krb5_context context, krb5_principal who, krb5_ccache *out)
{
    krb5_error_code rc = krb5_cc_new_unique(context, "MEMORY", NULL, out);

    return rc ? rc : krb5_cc_initialize(context, *out, who);
}

/* By how much the KDC's clock differs from this host's. */
static void copy_offset(krb5_context context, krb5_ccache from, krb5_ccache to)
{
    krb5_deltat offset = 0;

    if (krb5_cc_get_kdc_offset(context, from, &offset) == 0 && offset)
        (void)krb5_cc_set_kdc_offset(context, to, offset);
}

static krb5_error_code new_cache(struct wsc__krb5_job *job, krb5_principal who)
{
    krb5_error_code rc = empty_cache(job->context, who, &job->cache);

    if (!rc)
        rc = krb5_unparse_name(job->context, who, &job->client);
    return rc ? fail(job, rc) : 0;
}

static krb5_error_code keep(struct wsc__krb5_job *job, krb5_creds *creds)
{
    int32_t seconds = 0, useconds = 0;
    krb5_error_code rc = new_cache(job, creds->client);

    if (rc)
        return rc;
    rc = krb5_cc_store_cred(job->context, job->cache, creds);
    if (rc)
        return fail(job, rc);
    /* a wrong clock here is made good by what the KDC's says */
    if (krb5_get_kdc_sec_offset(job->context, &seconds, &useconds) == 0 && seconds)
        (void)krb5_cc_set_kdc_offset(job->context, job->cache, seconds);
    return note_life(job, creds);
}

static krb5_error_code ask_as(struct wsc__krb5_job *job, krb5_principal who, krb5_keytab keytab)
{
    krb5_get_init_creds_opt *opt = NULL;
    krb5_creds creds;
    krb5_error_code rc = krb5_get_init_creds_opt_alloc(job->context, &opt);

    memset(&creds, 0, sizeof creds);
    if (rc)
        return fail(job, rc);
    krb5_get_init_creds_opt_set_forwardable(opt, 1);
    (void)krb5_get_init_creds_opt_set_canonicalize(job->context, opt, TRUE);
    if (keytab)
        rc = krb5_get_init_creds_keytab(job->context, &creds, who, keytab, 0, NULL, opt);
    else
        rc = krb5_get_init_creds_password(job->context, &creds, who, job->password, NULL, NULL, 0,
                                          NULL, opt);
    krb5_get_init_creds_opt_free(job->context, opt);
    if (rc == (krb5_error_code)KRB5KRB_AP_ERR_BAD_INTEGRITY) /* without pre-authentication */
        return fail_with(job, KRB5KDC_ERR_PREAUTH_FAILED, "the %s does not open the KDC's answer",
                         keytab ? "key" : "password");
    if (rc)
        return fail(job, rc);
    rc = keep(job, &creds);
    krb5_free_cred_contents(job->context, &creds);
    return rc;
}

static krb5_error_code first_of(struct wsc__krb5_job *job, krb5_keytab keytab, krb5_principal *out)
{
    krb5_keytab_entry entry;
    krb5_kt_cursor cursor;
    krb5_error_code rc = krb5_kt_start_seq_get(job->context, keytab, &cursor);

    if (rc == (krb5_error_code)KRB5_KEYTAB_BADVNO)
        return fail_with(job, rc, "%s is no keytab", job->keytab);
    if (rc)
        return fail(job, rc);
    rc = krb5_kt_next_entry(job->context, keytab, &entry, &cursor);
    if (!rc) {
        rc = krb5_copy_principal(job->context, entry.principal, out);
        krb5_kt_free_entry(job->context, &entry);
    }
    (void)krb5_kt_end_seq_get(job->context, keytab, &cursor);
    return rc ? fail(job, rc) : 0;
}

static krb5_error_code ask_for_both(struct wsc__krb5_job *job, krb5_keytab keytab)
{
    krb5_principal first = NULL, second = NULL;
    krb5_error_code rc;

    if (job->name)
        rc = principals(job, &first, &second);
    else
        rc = first_of(job, keytab, &first);
    if (!rc && (rc = ask_as(job, first, keytab)) && second &&
        (rc == (krb5_error_code)KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN ||
         rc == (krb5_error_code)KRB5_KT_NOTFOUND)) {
        job->code = 0;
        rc = ask_as(job, second, keytab);
    }
    if (first)
        krb5_free_principal(job->context, first);
    if (second)
        krb5_free_principal(job->context, second);
    return rc;
}

static krb5_error_code from_keytab(struct wsc__krb5_job *job)
{
    krb5_keytab keytab;
    krb5_error_code rc = krb5_kt_resolve(job->context, job->keytab, &keytab);

    tried(job, "keytab %s", job->keytab);
    job->option = "keytab";
    if (rc)
        return fail(job, rc);
    rc = ask_for_both(job, keytab);
    (void)krb5_kt_close(job->context, keytab);
    return rc;
}

/* Tickets of somebody else than who was asked for are not used. */
static krb5_error_code same_user(struct wsc__krb5_job *job, krb5_const_principal who)
{
    char *name = NULL, *full = NULL; /* "backup/host" */
    bool same = !job->name;

    if (!same &&
        krb5_unparse_name_flags(job->context, who, KRB5_PRINCIPAL_UNPARSE_NO_REALM, &name) == 0)
        same = wsc__ieq(name, job->name);
    krb5_xfree(name);
    if (same)
        return 0;
    if (krb5_unparse_name(job->context, who, &full))
        full = NULL;
    fail_with(job, KRB5_CC_NOTFOUND, "the tickets there are those of %s, not of %s",
              full ? full : "somebody else", job->name);
    krb5_xfree(full);
    return job->code;
}

static krb5_error_code copy_cache(struct wsc__krb5_job *job, krb5_ccache from, const char *name)
{
    krb5_principal who = NULL;
    time_t left = 0;
    krb5_error_code rc = krb5_cc_get_principal(job->context, from, &who);

    if (rc) { /* a plain errno, for a file */
        if (rc > 0 && rc < 200)
            fail_with(job, KRB5_FCC_NOFILE, "there are no tickets in %s: %s", name,
                      rc == EPERM ? "it is not a file of its owner's alone (mode 600)"
                                  : strerror(rc));
        else
            fail(job, rc);
        if (rc != (krb5_error_code)KRB5_CC_NOSUPP)
            job->code = KRB5_FCC_NOFILE;
        return job->code;
    }
    rc = same_user(job, who);
    if (!rc && krb5_cc_get_lifetime(job->context, from, &left) == 0 && left <= 0)
        rc = fail_with(job, KRB5_CC_END, "the tickets there have expired");
    if (!rc)
        rc = new_cache(job, who);
    if (!rc && (rc = krb5_cc_copy_cache(job->context, from, job->cache)))
        fail(job, rc);
    if (!rc)
        copy_offset(job->context, from, job->cache);
    krb5_free_principal(job->context, who);
    job->left = left;
    return rc;
}

static krb5_error_code from_cache(struct wsc__krb5_job *job)
{
    krb5_ccache from = NULL;
    char *name = NULL;
    krb5_error_code rc = job->ccache ? krb5_cc_resolve(job->context, job->ccache, &from)
                                     : krb5_cc_default(job->context, &from);

    if (!rc)
        rc = krb5_cc_get_full_name(job->context, from, &name);
    if (rc)
        fail(job, rc);
    else
        rc = copy_cache(job, from, name);
    if (rc) { /* there are so many things that there might have been */
        char *realm = job->realm ? wsc__strdup(mem, job->realm) : configured_realm(job);

        tried(job, "ccache %s",
              name          ? name
              : job->ccache ? job->ccache
                            : krb5_cc_default_name(job->context));
        tried(job, "no keytab");
        tried(job, realm ? "realm %s" : "no realm", realm);
        wsc__free(mem, realm);
    }
    krb5_xfree(name);
    if (from)
        (void)krb5_cc_close(job->context, from);
    return rc;
}

static void log_in(struct wsc__krb5_job *job)
{
    if (job->password)
        (void)ask_for_both(job, NULL);
    else if (job->keytab)
        (void)from_keytab(job);
    else
        (void)from_cache(job);
}

/* --- a ticket for a service ------------------------------------------------------------------- */

/* The way to other tickets, or the one that is wanted. */
static krb5_boolean is_needed(krb5_context context, void *spn, const krb5_creds *creds)
{
    const char *first = krb5_principal_get_comp_string(context, creds->server, 0);
    char *name = NULL;
    bool same;

    if (first && strcmp(first, KRB5_TGS_NAME) == 0)
        return TRUE;
    same = krb5_unparse_name_flags(context, creds->server, KRB5_PRINCIPAL_UNPARSE_NO_REALM,
                                   &name) == 0 &&
           strcmp(name, spn) == 0;
    krb5_xfree(name);
    return same;
}

/* krb5_cc_copy_cache would empty the other one first. */
static krb5_error_code add_all(krb5_context context, krb5_ccache from, krb5_ccache to)
{
    krb5_cc_cursor cursor;
    krb5_creds creds;
    krb5_error_code rc = krb5_cc_start_seq_get(context, from, &cursor);

    if (rc)
        return rc;
    while (!rc && krb5_cc_next_cred(context, from, &cursor, &creds) == 0) {
        rc = krb5_cc_store_cred(context, to, &creds);
        krb5_free_cred_contents(context, &creds);
    }
    (void)krb5_cc_end_seq_get(context, from, &cursor);
    return rc;
}

bool wsc__krb5_job_take(struct wsc__krb5_job *job, krb5_context context, krb5_ccache login,
                        krb5_ccache ticket)
{
    krb5_principal who = NULL;
    krb5_error_code rc = krb5_cc_get_principal(context, login, &who);

    if (!rc)
        rc = empty_cache(context, who, &job->cache);
    if (!rc)
        rc = krb5_cc_copy_match_f(context, login, job->cache, is_needed, job->spn, NULL);
    if (!rc && ticket)
        rc = add_all(context, ticket, job->cache);
    if (!rc)
        copy_offset(context, login, job->cache);
    if (who)
        krb5_free_principal(context, who);
    return !rc;
}

/* Of a cache only the ticket stays: there may be thousands of them. */
static krb5_error_code keep_only(struct wsc__krb5_job *job, krb5_creds *creds)
{
    krb5_ccache small = NULL;
    krb5_error_code rc = empty_cache(job->context, creds->client, &small);

    if (!rc)
        rc = krb5_cc_store_cred(job->context, small, creds);
    if (rc) {
        if (small)
            (void)krb5_cc_destroy(job->context, small);
        return fail(job, rc);
    }
    copy_offset(job->context, job->cache, small);
    (void)krb5_cc_destroy(job->context, job->cache);
    job->cache = small;
    return 0;
}

static void use_clock(struct wsc__krb5_job *job)
{
    krb5_deltat offset = 0;

    if (krb5_cc_get_kdc_offset(job->context, job->cache, &offset) == 0 && offset)
        (void)krb5_set_kdc_sec_offset(job->context, (int32_t)offset, 0);
}

static krb5_error_code ask_tgs(struct wsc__krb5_job *job, krb5_principal client, const char *realm,
                               krb5_creds **out)
{
    krb5_creds in;
    krb5_error_code rc;

    memset(&in, 0, sizeof in);
    in.client = client;
    rc = krb5_parse_name_flags(job->context, job->spn, KRB5_PRINCIPAL_PARSE_NO_REALM, &in.server);
    if (!rc)
        rc = krb5_principal_set_realm(job->context, in.server, realm);
    if (!rc)
        rc = krb5_get_credentials(job->context, 0, job->cache, &in, out);
    if (in.server)
        krb5_free_principal(job->context, in.server);
    return rc ? fail(job, rc) : 0;
}

/* The realm in which krb5.conf has the host, or a domain around it; never a guess. */
static char *realm_of_host(struct wsc__krb5_job *job)
{
    const char *slash = strchr(job->spn, '/'), *realm = NULL, *part;
    char *host = slash ? wsc__strdup(mem, slash + 1) : NULL;

    if (host && strchr(host, ':'))
        *strchr(host, ':') = '\0';
    for (part = host; part && !realm; part = strchr(part + 1, '.'))
        realm = krb5_config_get_string(job->context, NULL, "domain_realm", part, NULL);
    wsc__free(mem, host);
    return realm ? wsc__strdup(mem, realm) : NULL;
}

/* The client's own realm first, whose KDC knows the way to others (RFC 6806). */
static krb5_error_code find_service(struct wsc__krb5_job *job, krb5_creds **out)
{
    krb5_principal client = NULL;
    char *other = NULL;
    const char *own;
    krb5_error_code rc = krb5_cc_get_principal(job->context, job->cache, &client);

    if (rc)
        return fail(job, rc);
    own = krb5_principal_get_realm(job->context, client);
    rc = ask_tgs(job, client, own, out);
    if (rc == (krb5_error_code)KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN && (other = realm_of_host(job)) &&
        strcmp(other, own) != 0) {
        char text[sizeof job->text];

        memcpy(text, job->text, sizeof text);
        job->code = 0;
        if (ask_tgs(job, client, other, out)) /* the first one says more */
            fail_with(job, rc, "%s", text);
        else
            rc = 0;
    }
    wsc__free(mem, other);
    krb5_free_principal(job->context, client);
    return rc;
}

static krb5_error_code import_all(struct wsc__krb5_job *job, krb5_const_principal service)
{
    gss_buffer_desc b;
    char *name = NULL;
    OM_uint32 minor = 0;
    krb5_error_code rc = krb5_unparse_name(job->context, service, &name);

    if (rc)
        return fail(job, rc);
    job->service = name;
    b.value = name;
    b.length = strlen(name);
    /* a principal: of a service's name alone Heimdal makes another one by DNS */
    if (gss_import_name(&minor, &b, GSS_KRB5_NT_PRINCIPAL_NAME, &job->target))
        rc = fail_gss(job, minor, name);
    else if (gss_krb5_import_cred(&minor, job->cache, NULL, NULL, &job->cred))
        rc = fail_gss(job, minor, "the ticket cannot be used");
    return rc;
}

static void get_service(struct wsc__krb5_job *job)
{
    krb5_creds *creds = NULL;

    use_clock(job);
    if (find_service(job, &creds))
        return;
    if (!note_life(job, creds) && !keep_only(job, creds))
        (void)import_all(job, creds->server);
    krb5_free_creds(job->context, creds);
}

/* Of what makes a token, this alone asks the KDC. */
static void forward(struct wsc__krb5_job *job)
{
    krb5_principal service = NULL;
    OM_uint32 minor = 0, major;
    krb5_error_code rc;

    use_clock(job);
    rc = krb5_parse_name(job->context, job->spn, &service);
    if (rc)
        fail(job, rc);
    else if (import_all(job, service) == 0) {
        major = wsc__krb5_token(&minor, job->cred, &job->security, job->target, GSS_C_DELEG_FLAG,
                                job->binding, job->binding_len, GSS_C_NO_BUFFER, &job->token,
                                &job->flags);
        if (GSS_ERROR(major))
            fail_gss(job, minor, "no token");
    }
    if (service)
        krb5_free_principal(job->context, service);
}

/* --- the job ---------------------------------------------------------------------------------- */

static void run(struct wsc__job *base)
{
    struct wsc__krb5_job *job = (struct wsc__krb5_job *)base;

    job->deadline = wsc__krb5_now_ms() + job->timeout_ms;
    if (!wsc__krb5_hook()) {
        fail_with(job, errno == EMFILE || errno == ENFILE ? errno : ENOMEM,
                  "there is no memory, or no descriptor, for the library of Kerberos");
        return;
    }
    wsc__krb5_sends_for(job);
    if (open_context(job) == 0 && job->kind == WSC__KRB5_LOGIN)
        log_in(job);
    else if (!job->code && job->kind == WSC__KRB5_SERVICE)
        get_service(job);
    else if (!job->code)
        forward(job);
    wsc__krb5_sends_no_more();
    if (job->password)
        wsc__wipe(job->password, strlen(job->password));
}

static void stop(struct wsc__job *base)
{
    atomic_store(&((struct wsc__krb5_job *)base)->stop, true);
}

static void finish(struct wsc__job *base, bool ran)
{
    struct wsc__krb5_job *job = (struct wsc__krb5_job *)base;

    if (job->owner)
        job->tell(job, ran);
    job->owner = NULL;
}

static void free_base(struct wsc__job *base)
{
    wsc__krb5_job_free((struct wsc__krb5_job *)base);
}

static const struct wsc__job_ops job_ops = { run, stop, finish, free_base };

bool wsc__krb5_copy(char **out, const char *s, size_t len)
{
    if (!s)
        return true;
    *out = wsc__strndup(mem, s, len);
    return *out != NULL;
}

struct wsc__krb5_job *wsc__krb5_job_new(enum wsc__krb5_kind kind)
{
    struct wsc__krb5_job *job = wsc__zalloc(mem, sizeof *job);

    if (!job)
        return NULL;
    job->base.ops = &job_ops;
    job->kind = kind;
    return job;
}

void wsc__krb5_job_drop(struct wsc__krb5_job *job)
{
    OM_uint32 minor;

    if (job->security)
        (void)gss_delete_sec_context(&minor, &job->security, GSS_C_NO_BUFFER);
    if (job->token.value)
        (void)gss_release_buffer(&minor, &job->token);
    if (job->cred)
        (void)gss_release_cred(&minor, &job->cred);
    if (job->target)
        (void)gss_release_name(&minor, &job->target);
    if (job->cache)
        (void)krb5_cc_destroy(job->context, job->cache);
    job->cache = NULL;
    krb5_xfree(job->client);
    krb5_xfree(job->service);
    job->client = job->service = NULL;
    krb5_data_free(&job->refused);
}

void wsc__krb5_job_free(struct wsc__krb5_job *job)
{
    if (!job)
        return;
    wsc__krb5_job_drop(job);
    if (job->context)
        krb5_free_context(job->context);
    if (job->password)
        wsc__wipe(job->password, strlen(job->password));
    wsc__free(mem, job->password);
    wsc__free(mem, job->name);
    wsc__free(mem, job->domain);
    wsc__free(mem, job->realm);
    wsc__free(mem, job->keytab);
    wsc__free(mem, job->ccache);
    wsc__free(mem, job->config);
    wsc__free(mem, job->spn);
    wsc__free(mem, job);
}
