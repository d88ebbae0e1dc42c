/* wsc winrm help: from our tables, and what the library makes of an alias. */
#include "winrm.h"

#include <string.h>
#include <strings.h>

/* --- tables ----------------------------------------------------------------------------------- */

#define DEF_MOST 40 /* a descriptor would go beyond the line */

/* "" past the last one. */
static const char *setting(size_t i, const char *field)
{
    const char *text = "";

    return wsc_setting_get(i, field, &text) == WSC_OK ? text : "";
}

static void help_config(FILE *out, int width)
{
    const char *path;
    size_t i;

    wrap_text(
        out,
        "Paths for `wsc config set HOST PATH=VALUE`, and what they begin with (Windows differs "
        "by version; `wsc config show HOST` has what is true):",
        0, width);
    fputc('\n', out);
    for (i = 0; *(path = setting(i, "path")); i++) {
        const char *def = setting(i, "default"), *unit = setting(i, "unit"),
                   *range = setting(i, "range"), *access = setting(i, "access");
        size_t n = strlen(range);
        bool least = n > 2 && strcmp(range + n - 2, "..") == 0;
        char text[512];

        if (!*def || strlen(def) > DEF_MOST)
            fprintf(out, "  %s\n      ", path);
        else
            fprintf(out, "  %s (%s%s%s)\n      ", path, def, *unit ? " " : "", unit);
        snprintf(text, sizeof text, "%s%s%.*s%s%s", setting(i, "doc"),
                 least                ? " At least "
                 : strchr(range, '|') ? " One of "
                 : *range             ? " Within "
                                      : "",
                 (int)(least ? n - 2 : n), range, *range ? "." : "", *access ? " Read only." : "");
        wrap_text(out, text, 6, width);
    }
}

static void help_aliases(FILE *out, int width)
{
    static const char *const aliases[] = { "winrm", "wsman", "wmi", "wmicimv2", "cimv2", "shell" };
    wsc_epr *epr = NULL;
    size_t i;

    wrap_text(out,
              "What a resource may begin with, in place of the URI that goes to the server:", 0,
              width);
    fputc('\n', out);
    for (i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (wsc_epr_parse(&epr, aliases[i], NULL, NULL) != WSC_OK)
            continue;
        fprintf(out, "  %-9s %s\n", aliases[i], wsc_epr_uri(epr));
        wsc_epr_unref(epr);
    }
}

static void help_switches(FILE *out, int width)
{
    const struct winrm_switch *s;

    for (s = winrm_switches; s->name; s++) {
        char head[64];
        int n = snprintf(head, sizeof head, "  -%.*s%s%s%s%s%s", (int)s->least, s->name,
                         s->name[s->least] ? "[" : "", s->name + s->least,
                         s->name[s->least] ? "]" : "", s->arg ? ":" : "", s->arg ? s->arg : "");

        fprintf(out, "%-30s", head);
        if (n >= 30)
            fprintf(out, "\n%30s", "");
        wrap_text(out, s->help, 30, width);
    }
    fputc('\n', out);
    wrap_text(out,
              "Upper and lower case are the same, and a slash may stand for the dash. Options of "
              "wsc that begin with two dashes are taken, too: --ca FILE, --trusted-hosts LIST, "
              "--json; see `wsc help get`.",
              0, width);
}

static void help_remoting(FILE *out, int width)
{
    const struct winrm_switch *s;

    wrap_text(
        out,
        "-remote:HOST names the host: a name, name:port, an address, [IPv6] or a URL. Without "
        "-usessl or https:// it is http at port 5985, with it https at 5986. There is no "
        "service of WinRM on this machine, so that -remote is always needed.",
        0, width);
    fputc('\n', out);
    for (s = winrm_switches; s->commands & CMD_IDENTIFY && s->name; s++) {
        fprintf(out, "  -%s%s%s\n      ", s->name, s->arg ? ":" : "", s->arg ? s->arg : "");
        wrap_text(out, s->help, 6, width);
    }
}

/* --- texts ------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *what;
    void (*table)(FILE *out, int width); /* or NULL */
    const char *text;                    /* lines, each of them wrapped */
} topics[] = {
    { "uris", "how resources are written", NULL,
      "A resource is an alias (`wsc winrm help aliases`) or a full URI, with selectors behind a "
      "question mark, and a plus between them. Quote it for the shell:\n"
      "\n"
      "  'winrm/config', 'winrm/config/client', 'winrm/config/service'\n"
      "  'winrm/config/winrs', 'winrm/config/service/auth'\n"
      "  'winrm/config/listener?Address=*+Transport=HTTPS'\n"
      "  'winrm/config/service/certmapping?URI=...+Subject=...+Issuer=...'\n"
      "  'winrm/config/plugin?Name=microsoft.powershell'\n"
      "  'wmicimv2/Win32_Service?Name=WinRM', 'wmi/root/standardcimv2/MSFT_NetAdapter'\n"
      "  'wmicimv2/*' with -filter:\"select ...\"\n"
      "  'shell/cmd', 'wsman/windows/EventLog' (see `wsc help subscribe`)\n"
      "\n"
      "Without selectors a list is enumerated: winrm enumerate winrm/config/listener." },
    { "aliases", "what resources begin with", help_aliases, NULL },
    { "config", "the settings of a host", help_config, NULL },
    { "certmapping", "logging in by certificates", NULL,
      "An entry of winrm/config/service/certmapping says which certificates log in as which local "
      "account. Its selectors are URI (a resource, or *), Subject (the name of the user in the "
      "certificate, as *@example.com or user@example.com) and Issuer (the thumbprint of the "
      "authority that has signed it). UserName and Password are those of the account; the password "
      "goes on stdin, for other users can read the command line:\n"
      "\n"
      "  winrm c 'winrm/config/service/certmapping?URI=*+Subject=me@host+Issuer=HEX' "
      "\\\n"
      "      -remote:HOST -file:- < values\n"
      "\n"
      "where values has @{UserName=\"me\";Password=\"...\";Enabled=\"true\"}. It needs "
      "Service/Auth/Certificate=true and https; the client then takes --cert FILE." },
    { "filters", "which instances are listed", NULL,
      "-dialect tells the language of -filter; without it that is wql.\n"
      "\n"
      "  wql          winrm enum 'wmicimv2/*' -filter:\"select * from Win32_Service\"\n"
      "  selector     -dialect:selector -filter:'{State=\"Running\"}'\n"
      "  association  -dialect:association -filter:'{Object=Win32_Service?Name=WinRM}'\n"
      "\n"
      "An association takes AssociationClassName, Role, ResultClassName, ResultRole and "
      "IncludeResultProperty, too; -associations asks for the links themselves." },
    { "switches", "what may follow a command", help_switches, NULL },
    { "input", "how values are given", NULL,
      "As @{NAME=\"value\";OTHER=\"value\"}: quotes within a value are doubled, $null is null, "
      "(\"a\",\"b\") an array. The shell wants single quotes around all of it:\n"
      "\n"
      "  winrm set winrm/config/winrs '@{MaxShellsPerUser=\"40\"}' -remote:HOST\n"
      "\n"
      "NAME=VALUE is taken, too. -file:FILE reads them from a file, which may also be XML; -file:- "
      "reads stdin, and that is how a password is given." },
    { "remoting", "which host, and how it is called", help_remoting, NULL },
    { "auth", "how to log in", NULL,
      "-username:NAME with the password from WSC_PASSWORD, --password-file, --password-fd or the "
      "terminal; -password is refused, for other users can read the command line. Without a user "
      "name the Kerberos tickets of kinit log in.\n"
      "-authentication:Negotiate is what a user name means: Kerberos where it can be, else NTLM. "
      "Kerberos, Basic and Certificate (with --cert FILE, over https) are themselves; None asks "
      "without logging in. Digest and CredSSP are not there.\n"
      "Over plain http NTLM and Basic go only to hosts of --trusted-hosts; Basic needs "
      "-unencrypted "
      "there, too. Better use -usessl." },
    { "customremoteshell", "shells other than cmd", NULL,
      "winrm/config/winrs/customremoteshell has its entries on Windows Vista and Server 2008 "
      "alone: "
      "shells by a URI of their own, with the selector URI. Later ones have plug-ins in their "
      "place:\n"
      "\n"
      "  winrm enumerate winrm/config/plugin -remote:HOST\n"
      "\n"
      "`wsc run --set resource-uri=URI` runs commands in such a shell." },
};
#define NTOPICS (sizeof topics / sizeof *topics)

static const char *topic_at(size_t i)
{
    return i < NTOPICS ? topics[i].name : NULL;
}

/* What is indented stays as it is. */
static void paragraphs(FILE *out, const char *text, int width)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        char line[1200];

        snprintf(line, sizeof line, "%.*s", (int)len, text);
        if (!len || *line == ' ')
            fprintf(out, "%s\n", line);
        else
            wrap_text(out, line, 0, width);
        text += len + (text[len] == '\n');
    }
}

static void overview(FILE *out, int width)
{
    const struct winrm_verb *v;
    size_t i;

    fputs("usage:\n", out);
    for (v = winrm_verbs; v->names[0]; v++)
        if (v->command)
            fprintf(out, "  winrm %-9s %s\n                  %s%s%s%s%s\n", v->names[0], v->usage,
                    v->what, v->names[1] ? "; also " : "", v->names[1] ? v->names[1] : "",
                    v->names[1] && v->names[2] ? ", " : "",
                    v->names[1] && v->names[2] ? v->names[2] : "");
    fputs("  winrm help [TOPIC]\n\ntopics, beside the commands:\n", out);
    for (i = 0; i < NTOPICS; i++)
        fprintf(out, "  %-18s %s\n", topics[i].name, topics[i].what);
    fputc('\n', out);
    wrap_text(out,
              "All of them are typed behind wsc: wsc winrm get winrm/config -remote:HOST. What is "
              "shown, and the exit codes, are those of wsc's own commands; see `wsc help`.",
              0, width);
}

static void of_verb(FILE *out, const struct winrm_verb *v, int width)
{
    const struct command_def *c;
    const struct winrm_switch *s;
    size_t column = 7;

    for (c = command_table; c->name && c->command != v->command; c++)
        ;
    fprintf(out,
            "usage: winrm %s %s\n       %s\n\nswitches (see `wsc winrm help switches`):\n      ",
            v->names[0], v->usage, v->what);
    for (s = winrm_switches; s->name; s++) {
        size_t len = strlen(s->name) + (s->arg ? strlen(s->arg) + 1 : 0) + 2;

        if (!(s->commands & (unsigned)v->command))
            continue;
        if (column + len > (size_t)width) {
            fputs("\n      ", out);
            column = 7;
        }
        fprintf(out, " -%s%s%s", s->name, s->arg ? ":" : "", s->arg ? s->arg : "");
        column += len;
    }
    fputs("\n\n", out);
    if (c->name)
        wrap_text(out, c->more, 0, width);
}

int winrm_help(FILE *out, const char *topic)
{
    const struct winrm_verb *v = topic ? winrm_verb(topic) : NULL;
    int width = screen_width();
    const char *near;
    size_t i;

    if (topic && (strcasecmp(topic, "uri") == 0 || strcasecmp(topic, "alias") == 0))
        topic = strcasecmp(topic, "uri") == 0 ? "uris" : "aliases";
    for (i = 0; topic && i < NTOPICS && strcasecmp(topic, topics[i].name) != 0; i++)
        ;
    if (!topic || strcasecmp(topic, "help") == 0 || strcmp(topic, "-?") == 0) {
        overview(out, width);
    } else if (i < NTOPICS) {
        if (topics[i].table)
            topics[i].table(out, width);
        else
            paragraphs(out, topics[i].text, width);
    } else if (v && v->command) {
        of_verb(out, v, width);
    } else {
        near = nearest(topic, topic_at);
        say("winrm help has no topic \"%s\"", in_short(topic));
        fprintf(stderr, "  try: wsc winrm help%s%s\n", near ? " " : "", near ? near : "");
        return EXIT_USAGE;
    }
    return finish_stdout();
}
