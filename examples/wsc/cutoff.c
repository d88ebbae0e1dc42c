/* What may cut off our own access, and whether it is done all the same. */
#include "config.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static bool is_off(const char *value)
{
    return strcasecmp(value, "false") == 0 || strcasecmp(value, "$false") == 0 ||
           strcmp(value, "0") == 0;
}

/* The scheme is how we log in; by Negotiate that is NTLM or Kerberos. */
static bool is_our_scheme(const wsc_client *client, const char *name)
{
    const char *scheme = client_text(client, "scheme"),
               *mechanism = client_text(client, "mechanism");

    if (scheme && strcasecmp(scheme, "NTLM") == 0)
        scheme = "Negotiate";
    return (scheme && strcasecmp(scheme, name) == 0) ||
           (mechanism && strcasecmp(mechanism, name) == 0);
}

/* Behind the prefix, in either case; NULL: it does not begin so. */
static const char *behind(const char *path, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncasecmp(path, prefix, len) == 0 ? path + len : NULL;
}

static bool by_https(const wsc_client *client)
{
    const char *url = client_text(client, "url");

    return url && strncmp(url, "https:", 6) == 0;
}

const char *cuts_off(const char *path, const char *value, const wsc_client *client)
{
    const char *scheme = client_text(client, "scheme");
    const char *name = behind(path, "Service/Auth/");

    if (name)
        return is_off(value) && is_our_scheme(client, name)
                   ? "it is how this program logs in to that host"
                   : NULL;
    name = behind(path, "Service/");
    if (!name)
        return NULL;
    if (same_name(name, "AllowRemoteAccess") && is_off(value))
        return "the service then takes no requests from other hosts";
    if (same_name(name, "AllowUnencrypted") && is_off(value) && !by_https(client) && scheme &&
        strcasecmp(scheme, "Basic") == 0)
        return "this program calls that host by plain http and Basic";
    if ((same_name(name, "IPv4Filter") || same_name(name, "IPv6Filter")) && strcmp(value, "*") != 0)
        return "our own address may not be among those";
    if (same_name(name, "RootSDDL"))
        return "it says who may come in";
    return NULL;
}

/* All that is to be written below a path. */
static const char *any_cuts_off(const char *path, const wsc_value *value, const wsc_client *client)
{
    size_t n = wsc_value_count(value), i;
    const char *text = wsc_value_text(value, NULL), *why = NULL;
    char below[200];

    if (!n)
        return cuts_off(path, text ? text : "", client);
    for (i = 0; i < n && !why; i++) {
        const wsc_value *child = wsc_value_at(value, i);

        snprintf(below, sizeof below, "%s%s%s", path, *path ? "/" : "", wsc_value_name(child));
        why = any_cuts_off(below, child, client);
    }
    return why;
}

/* It is gone, or elsewhere, afterwards, and it is of our transport. */
static const char *listener_cuts_off(const wsc_epr *epr, const wsc_value *value, bool removed,
                                     const wsc_client *client)
{
    const wsc_value *enabled = wsc_value_find(value, "Enabled", 0);
    const char *name = NULL, *text = NULL, *off = wsc_value_text(enabled, NULL);
    size_t i;

    if (!removed && !(off && is_off(off)) && !wsc_value_find(value, "Port", 0))
        return NULL;
    for (i = 0; wsc_epr_selector_at(epr, i, &name, &text, NULL) == WSC_OK; i++)
        if (same_name(name, "Transport") && text &&
            strcasecmp(text, by_https(client) ? "HTTPS" : "HTTP") != 0)
            return NULL;
    return "it may be the listener that this program calls";
}

const char *config_below(const wsc_epr *epr)
{
    const char *path = behind(wsc_epr_uri(epr), "http://schemas.microsoft.com/wbem/wsman/1/config");

    if (!path || (*path && *path != '/'))
        return NULL;
    return path + (*path == '/');
}

const char *resource_cuts_off(const wsc_epr *epr, const wsc_value *value, bool removed,
                              const wsc_client *client)
{
    const char *path = config_below(epr);

    if (!path)
        return NULL;
    if (same_name(path, "listener"))
        return listener_cuts_off(epr, value, removed, client);
    return removed || !value ? NULL : any_cuts_off(path, value, client);
}

/* 1: yes, 0: no, -1: there is nobody to ask. */
static int ask(const char *question)
{
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), answer = 0;
    char line[64];
    ssize_t n;

    if (tty < 0)
        return -1;
    if (write(tty, question, strlen(question)) > 0) {
        n = read(tty, line, sizeof line);
        answer = n > 0 && (line[0] == 'y' || line[0] == 'Y');
    }
    close(tty);
    return answer;
}

static int refused(const struct options *o, const char *why)
{
    if (o->json && o->host) {
        json_begin(stdout, o->host);
        json_end_own(stdout, WSC_E_USAGE, why);
        finish_stdout();
    }
    return EXIT_USAGE;
}

/* 0: go on; or an exit code. */
int cutoff_confirm(const struct options *o, const char *what, const char *why)
{
    int answer;

    if (o->force)
        return 0;
    say("%s: %s may cut off our own access: %s", in_short(o->host ? o->host : o->hosts_file), what,
        why);
    answer = ask("Do it all the same? (y/N) ");
    if (answer > 0)
        return 0;
    if (signals_ended_by())
        return EXIT_SIGNAL + signals_ended_by();
    if (answer < 0) {
        fputs("  try: --force, for there is no terminal to ask on\n", stderr);
        return refused(o, "it may cut off our own access, and needs --force");
    }
    say("nothing was written");
    (void)refused(o, "it was not confirmed");
    return EXIT_OTHER;
}

int cutoff_confirm_reset(const struct options *o)
{
    return cutoff_confirm(o, "a reset",
                          "it sets back how one logs in, and whether plain http is taken");
}
