/* What went wrong, for people; and the exit code for scripts. */
#include "wsc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>

#define SHOWN    100         /* of what the user wrote */
#define REPEATED (SHOWN - 3) /* of it by the library at least: 100, less a character cut off */

/* Texts come from servers, too: what could drive the terminal is left out. */
void clean_bytes(FILE *out, const char *text, size_t len, const char *indent)
{
    const unsigned char *p = (const unsigned char *)text, *end = p + len;

    for (; p < end; p++) {
        if (*p == '\n' && p + 1 < end)
            fprintf(out, "\n%s", indent);
        else if (*p == 0xc2 && p + 1 < end && p[1] < 0xa0) /* C1 controls in UTF-8 */
            p++;
        else if (*p == '\t' || (*p >= ' ' && *p != 127))
            fputc(*p, out);
    }
}

void clean_text(FILE *out, const char *text, const char *indent)
{
    clean_bytes(out, text, strlen(text), indent);
}

static FILE *told_to;

FILE *told(void)
{
    return told_to ? told_to : stderr;
}

void tell_to(FILE *out)
{
    told_to = out;
}

const char *in_short(const char *text)
{
    static char bufs[2][sizeof "***@" + SHOWN + sizeof "..."];
    static unsigned turn;
    const char *host = behind_userinfo(text), *colon = strchr(text, ':');
    bool hide = host && colon && colon < host; /* or else it is user@domain */
    size_t n = SHOWN, len;

    if (hide)
        text = host;
    len = strlen(text);
    if (len <= SHOWN && !hide)
        return text;
    while (n < len && n && ((unsigned char)text[n] & 0xc0) == 0x80) /* not through a character */
        n--;
    turn = !turn;
    snprintf(bufs[turn], sizeof bufs[turn], "%s%.*s%s", hide ? "***@" : "", (int)n, text,
             n < len ? "..." : "");
    return bufs[turn];
}

void say(const char *fmt, ...)
{
    char text[1024];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    fputs("wsc: ", told());
    clean_text(told(), text, "  ");
    fputc('\n', told());
}

static void line(const wsc_error *e, const char *label, const char *name)
{
    const char *s = NULL;

    if (wsc_error_get_str(e, name, &s) != WSC_OK || !*s || strstr(wsc_error_text(e), s))
        return; /* nothing, or nothing new */
    fprintf(stderr, "  %s: ", label);
    clean_text(stderr, s, "    ");
    fputc('\n', stderr);
}

static void codes(const wsc_error *e)
{
    const char *name = NULL;
    int64_t n = 0;

    fprintf(stderr, "  code: %s", wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "fault-name", &name) == WSC_OK)
        fprintf(stderr, ", %s", name);
    if (wsc_error_get_int(e, "fault-code", &n) == WSC_OK && n > 0xffff)
        fprintf(stderr, name ? " (0x%08" PRIX64 ")" : ", 0x%08" PRIX64, (uint64_t)n);
    else if (wsc_error_get_int(e, "fault-code", &n) == WSC_OK)
        fprintf(stderr, name ? " (%" PRId64 ")" : ", code %" PRId64, n);
    if (wsc_error_get_int(e, "http-status", &n) == WSC_OK)
        fprintf(stderr, ", HTTP %" PRId64, n);
    fputc('\n', stderr);
}

const char *error_text(const wsc_error *e)
{
    static char out[2048];
    const char *text = wsc_error_text(e), *word = strchr(text, '"'), *at = word, *p;
    size_t len = word ? (size_t)(strrchr(text, '"') - word) : 0;

    for (p = word; p && p < word + len; p++)
        if (*p == '@')
            at = p;
    if (wsc_error_code(e) != WSC_E_OPTION || at == word || !memchr(word, ':', (size_t)(at - word)))
        return text;
    snprintf(out, sizeof out, "%.*s***%s", (int)(word + 1 - text), text, at);
    return out;
}

/* Many texts name the host themselves, with or without port. */
static bool names(const char *text, const char *what)
{
    const char *p = strstr(what, "://");
    size_t len;

    p = p ? p + 3 : what;
    if (*text == '"' &&
        strncmp(text + 1, what, strlen(what) < REPEATED ? strlen(what) : REPEATED) == 0)
        return true; /* quoted, and cut where it is long: what is no host */
    len = *p == '[' ? strcspn(p, "]") + 1 : strcspn(p, ":/");
    return len && strncmp(text, p, len) == 0 && text[len] == ':';
}

static bool in_word(char c)
{
    return isalnum((unsigned char)c) || c == '-';
}

static bool follows(const char *text, const char *p, const char *word)
{
    size_t len = strlen(word);

    return (size_t)(p - text) >= len && strncmp(p - len, word, len) == 0;
}

/* What stands behind the option where it is spoken of, or NULL. A word like "port" may be just that
 * word. */
static const char *behind_option(const char *text, const char *option)
{
    size_t len = strlen(option);
    const char *p;

    for (p = text; (p = strstr(p, option)); p += len)
        if ((p == text || !in_word(p[-1])) && !in_word(p[len]) &&
            (strchr(option, '-') || follows(text, p, "option ") || follows(text, p, "options ")))
            return p + len;
    return NULL;
}

void show_own(FILE *out, const struct opt_def *def)
{
    fprintf(out, "--%s%s%s\n", def->name, def->arg ? " " : "", def->arg ? def->arg : "");
}

void show_switch(FILE *out, const char *option, bool off)
{
    const char *type = "", *def = "";
    size_t k;

    for (k = 0; k < opt_table_len && !off; k++) {
        if (opt_table[k].param && strcmp(opt_table[k].param, option) == 0) {
            show_own(out, &opt_table[k]);
            return;
        }
    }
    library_option(option, "type", &type);
    library_option(option, "default", &def);
    fprintf(out, "--set %s=%s\n", option,
            strcmp(type, "bool") == 0  ? (off || !strcmp(def, "true") ? "false" : "true")
            : strcmp(type, "map") == 0 ? "KEY=VALUE"
                                       : "VALUE");
}

void report_switches(FILE *out, const char *(*text_at)(const void *texts, size_t i),
                     const void *texts, size_t at)
{
    const char *text = text_at(texts, at), *name = NULL, *secret = "", *behind;
    size_t i, k;

    for (i = 0; wsc_option_get(i, "name", &name) == WSC_OK; i++) {
        if (wsc_option_get(i, "secret", &secret) == WSC_OK && *secret)
            continue; /* never on the command line */
        behind = behind_option(text, name);
        for (k = 0; behind && k < at && !behind_option(text_at(texts, k), name); k++)
            ;
        if (!behind || k < at)
            continue;
        fprintf(out, "  %s: ", name);
        show_switch(out, name, strncmp(behind, " off", 4) == 0);
    }
    if (!strstr(text, "@{"))
        return;
    for (k = 0; k < at && !strstr(text_at(texts, k), "@{"); k++)
        ;
    if (k == at) /* commands are as cmd.exe takes them */
        fputs("  in PowerShell: put single quotes around @{...}\n", out);
}

static const char *remedy_of(const void *error, size_t i)
{
    const char *remedy = "";

    (void)i;
    wsc_error_get_str(error, "remedy", &remedy);
    return remedy;
}

/* Where it went, with the port, which HOST need not name. */
static void target(const wsc_error *e, const char *what)
{
    const char *class = "", *url = "";

    wsc_error_get_str(e, "class", &class);
    wsc_error_get_str(e, "target", &url);
    if (strcmp(url, what) != 0 &&
        (!strcmp(class, "network") || !strcmp(class, "tls") || !strcmp(class, "http")))
        line(e, "target", "target");
}

/* Does `wsc options WORD` show something? */
static bool in_options(const char *word)
{
    const char *name = NULL;
    size_t i;

    for (i = 0; wsc_option_get(i, "name", &name) == WSC_OK; i++)
        if (strstr(name, word))
            return true;
    return false;
}

void report_error(const char *what, const wsc_error *e)
{
    const char *text = error_text(e), *option = "";

    fputs("wsc: ", stderr);
    if (strncmp(what, "--", 2) == 0 && names(text, what + 2)) { /* "--auth: ...", once */
        fputs("--", stderr);
    } else if (!names(text, what)) {
        clean_text(stderr, in_short(what), "  ");
        fputs(": ", stderr);
    }
    clean_text(stderr, text, "  ");
    fputc('\n', stderr);
    target(e, what);
    line(e, "server", "server-text");
    line(e, "provider", "provider-text");
    line(e, "system", "system-text");
    line(e, "identity", "identity");
    line(e, "spn", "spn");
    if (wsc_error_code(e) == WSC_E_OPTION) {
        if (wsc_error_get_str(e, "nearest", &option) != WSC_OK &&
            wsc_error_get_str(e, "option", &option) == WSC_OK && !in_options(option))
            option = ""; /* unknown, and nothing is near */
        fprintf(stderr, "  try: wsc options%s%s\n", *option ? " " : "", option);
    } else {
        line(e, "cause", "cause");
        line(e, "try", "remedy");
        report_switches(stderr, remedy_of, e, 0);
    }
    codes(e);
}

void brief_error(FILE *out, const char *what, const wsc_error *e)
{
    if (!names(error_text(e), what))
        fprintf(out, "%s: ", in_short(what));
    fputs(error_text(e), out);
}

void show_exit_code(FILE *out, int64_t code)
{
    const char *name = "";

    fprintf(out, "exit code %" PRId64, code);
    if (code >= 0 && code <= 0xffff)
        return;
    if (code >= 0 && code <= UINT32_MAX)
        (void)wsc_code_get((int)(uint32_t)code, "name", &name);
    fprintf(out, " (0x%08" PRIX64 "%s%s)", (uint64_t)code, *name ? ", " : "", name);
}

const char *client_text(const wsc_client *client, const char *name)
{
    const char *value = NULL;

    (void)wsc_client_get_str(client, name, &value);
    return value;
}

static void report_login(const wsc_client *client)
{
    const char *who = client_text(client, "identity"), *scheme = client_text(client, "scheme");
    const char *mechanism = client_text(client, "mechanism"), *spn = client_text(client, "spn");

    if (!who) {
        fputs("; no login", told());
        return;
    }
    fprintf(told(), "; login: %s as %s", scheme, who);
    if (mechanism)
        fprintf(told(), " by %s", mechanism);
    if (spn)
        fprintf(told(), " for %s", spn);
}

void report_stats(const char *what, const wsc_client *client)
{
    const char *name = NULL;
    int64_t n = 0;
    size_t i;

    fprintf(told(), "wsc: %s: ", what);
    for (i = 0; wsc_stat_get(i, "name", &name) == WSC_OK; i++)
        if (wsc_client_get_int(client, name, &n) == WSC_OK)
            fprintf(told(), "%s%s %" PRId64, i ? ", " : "", name, n);
    report_login(client);
    fputc('\n', told());
}

static int exit_code_of(const struct options *o, const wsc_error *e)
{
    static const struct {
        const char *cls;
        int code;
    } classes[] = {
        { "usage", EXIT_USAGE },   { "network", EXIT_NETWORK }, { "timeout", EXIT_TIME },
        { "tls", EXIT_TLS },       { "auth", EXIT_AUTH },       { "access", EXIT_ACCESS },
        { "fault", EXIT_FAULT },   { "busy", EXIT_FAULT },      { "shell", EXIT_FAULT },
        { "aborted", EXIT_FAULT }, { "http", EXIT_PROTOCOL },   { "protocol", EXIT_PROTOCOL },
        { "limit", EXIT_LIMIT },   { "memory", EXIT_LIMIT },
    };
    const char *cls = "";
    size_t i;

    if (o->command == CMD_RUN || o->command == CMD_SHELL)
        return EXIT_OURS;
    wsc_error_get_str(e, "class", &cls);
    for (i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strcmp(classes[i].cls, cls) == 0)
            return classes[i].code;
    return EXIT_OTHER;
}

int fail_with(const struct options *o, const char *what, const wsc_error *e)
{
    if (!o->quiet)
        report_error(what, e);
    return exit_code_of(o, e);
}

void say_unwritten(int error)
{
    say("stdout cannot be written: %s", error == EBADF ? "it is closed" : strerror(error));
}

int finish_stdout(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_OK;
    if (errno != EPIPE)
        say_unwritten(errno);
    return EXIT_OTHER;
}
