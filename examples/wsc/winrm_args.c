/* From winrm.cmd's command line to one of ours, which is then read as any other. */
#include "verbs.h"
#include "winrm.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reading {
    struct winrm_line *l;
    const struct winrm_verb *verb;
    const char *word; /* of a switch, as it was written up to the colon */
    char *remote, *filter;
    const char *user;
    bool credentials, links, help;
};

static int no_memory(void)
{
    say("out of memory");
    return EXIT_LIMIT;
}

static int add(struct words *w, char *word)
{
    char **more = word ? realloc(w->at, (w->n + 1) * sizeof *more) : NULL;

    if (!more)
        return no_memory();
    w->at = more;
    more[w->n++] = word;
    return 0;
}

/* A copy, which lives as long as the line. */
static int add_copy(struct winrm_line *l, struct words *to, const char *word)
{
    char *copy = strdup(word);
    int rc = add(&l->kept, copy);

    if (rc) {
        free(copy);
        return rc;
    }
    return add(to, copy);
}

static int add_joined(struct reading *r, const char *option, const char *name, const char *value)
{
    size_t len = strlen(option) + strlen(name) + strlen(value) + 3;
    char *text = malloc(len);
    int rc;

    if (!text)
        return no_memory();
    snprintf(text, len, "%s=%s%s%s", option, name, *name ? "=" : "", value);
    rc = add_copy(r->l, &r->l->options, text);
    free(text);
    return rc;
}

static int wrong_value(const struct reading *r, const char *wanted, const char *value)
{
    say("-%s: %s, not \"%s\"", r->word, wanted, in_short(value));
    return EXIT_USAGE;
}

/* --- switches --------------------------------------------------------------------------------- */

static int set_auth(struct reading *r, const char *value)
{
    static const char *const taken[] = { "basic", "negotiate", "kerberos", "certificate" };
    size_t i;

    for (i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcasecmp(value, taken[i]) == 0)
            return add_joined(r, "--auth", "", taken[i]);
    if (strcasecmp(value, "none") == 0)
        return r->verb->command == CMD_IDENTIFY ? add_copy(r->l, &r->l->options, "--anonymous")
                                                : add_joined(r, "--auth", "", "none");
    if (strcasecmp(value, "credssp") != 0 && strcasecmp(value, "digest") != 0)
        return wrong_value(r, "None, Basic, Negotiate, Kerberos or Certificate", value);
    say("-%s:%s: this program has no %s", r->word, value,
        strcasecmp(value, "digest") ? "CredSSP" : "Digest, and the service of WinRM takes none");
    fputs(strcasecmp(value, "digest")
              ? "  try: -authentication:Kerberos, with --delegate where the "
                "server shall go on to another one\n"
              : "  try: -authentication:Negotiate\n",
          stderr);
    return EXIT_USAGE;
}

static int set_format(struct reading *r, const char *value)
{
    static const char *const taken[] = { "xml", "pretty", "text" };
    const char *word = value + (*value == '#');
    size_t i;

    for (i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcasecmp(word, taken[i]) == 0)
            return add_joined(r, "--format", "", taken[i]);
    return wrong_value(r, "text, xml or pretty", value);
}

static int set_returntype(struct reading *r, const char *value)
{
    static const char *const taken[][2] = { { "object", "object" },
                                            { "epr", "epr" },
                                            { "objectandepr", "object-and-epr" } };
    size_t i;

    for (i = 0; i < sizeof taken / sizeof *taken; i++)
        if (strcasecmp(value, taken[i][0]) == 0)
            return add_joined(r, "--returntype", "", taken[i][1]);
    return wrong_value(r, "object, epr or objectandepr", value);
}

static int set_encoding(struct reading *r, const char *value)
{
    if (strcasecmp(value, "utf-8") == 0 || strcasecmp(value, "utf-16") == 0)
        return 0;
    return wrong_value(r, "utf-8 or utf-16", value);
}

static int set_timeout(struct reading *r, const char *value)
{
    if (!*value || strspn(value, "0123456789") != strlen(value))
        return wrong_value(r, "a number of milliseconds", value);
    return add_joined(r, "--set", "operation-timeout", value);
}

/* It may be asked for; a star says so. */
static int set_password(struct reading *r, char *value)
{
    if (!value || strcmp(value, "*") == 0)
        return 0;
    wipe(value, strlen(value));
    say("-%s is refused: other users can read the command line", r->word);
    advise_secret(false);
    return EXIT_USAGE;
}

static int set_options(struct reading *r, const char *value)
{
    const char *why = "out of memory";
    wsc_value *v = NULL;
    size_t at = 0, i;
    int rc = wsc_value_new(&v, NULL, NULL);

    if (rc == WSC_OK)
        rc = wsc_value_add_text(v, value, &at, &why);
    if (rc != WSC_OK) {
        say("-%s: %s", r->word, why);
        if (rc == WSC_E_USAGE)
            show_caret(stderr, value, at);
        wsc_value_unref(v);
        return rc == WSC_E_USAGE ? EXIT_USAGE : EXIT_LIMIT;
    }
    for (i = 0, rc = 0; i < wsc_value_count(v) && rc == 0; i++) {
        const char *text = wsc_value_text(wsc_value_at(v, i), NULL);

        rc = add_joined(r, "--option", wsc_value_name(wsc_value_at(v, i)), text ? text : "");
    }
    wsc_value_unref(v);
    return rc;
}

static int set_certificate(const struct reading *r)
{
    say("-%s: a thumbprint names a certificate in a store of Windows, which is not here", r->word);
    fputs("  try: --cert FILE, and --key FILE where the key is in another one\n", stderr);
    return EXIT_USAGE;
}

static int set_unencrypted(struct reading *r)
{
    int rc = add_joined(r, "--set", "encryption", "never");

    return rc ? rc : add_joined(r, "--set", "allow-unencrypted", "true");
}

static int apply_option(struct reading *r, const struct winrm_switch *s, char *value)
{
    if (strcmp(s->to, "--user") == 0)
        r->user = value;
    if (strcmp(s->to, "--filter") == 0) { /* -associations puts something in */
        r->filter = value;
        return 0;
    }
    return add(&r->l->options, (char *)(uintptr_t)s->to) || add(&r->l->options, value) ? EXIT_LIMIT
                                                                                       : 0;
}

static int apply(struct reading *r, const struct winrm_switch *s, char *value)
{
    switch (s->id) {
    case WINRM_OPTION:
        return apply_option(r, s, value);
    case WINRM_SETTING:
        return add_joined(r, "--set", s->to, value);
    case WINRM_REMOTE:
        if (r->remote) {
            say("-%s: there is a host already: %s", r->word, in_short(r->remote));
            return EXIT_USAGE;
        }
        r->remote = value;
        return 0;
    case WINRM_PASSWORD:
        return set_password(r, value);
    case WINRM_AUTH:
        return set_auth(r, value);
    case WINRM_UNENCRYPTED:
        return set_unencrypted(r);
    case WINRM_RETURNTYPE:
        return set_returntype(r, value);
    case WINRM_ASSOCIATIONS:
        r->links = true;
        return 0;
    case WINRM_OPTIONS:
        return set_options(r, value);
    case WINRM_TIMEOUT:
        return set_timeout(r, value);
    case WINRM_ENCODING:
        return set_encoding(r, value);
    case WINRM_FORMAT:
        return set_format(r, value);
    case WINRM_CERTIFICATE:
        return set_certificate(r);
    case WINRM_HELP:
        r->help = true;
        return 0;
    default: /* WINRM_FIXED */
        r->credentials |= strcasecmp(s->name, "defaultCreds") == 0;
        return s->to ? add_copy(r->l, &r->l->options, s->to) : 0;
    }
}

/* What follows the colon may be a secret. */
static int unknown(const char *name, char *value)
{
    const char *near = nearest(name, winrm_switch_at);
    const struct winrm_switch *s = near ? winrm_switch_of(near, strlen(near)) : NULL;

    if (value)
        wipe(value, strlen(value));
    say("unknown switch -%s; see `wsc winrm help switches`", in_short(name));
    if (s && s->id == WINRM_PASSWORD)
        advise_secret(false);
    else if (s)
        fprintf(stderr, "  try: -%s%s%s\n", s->name, s->arg ? ":" : "", s->arg ? s->arg : "");
    return EXIT_USAGE;
}

/* -name, -name:value, also with a slash in front; next: the word behind it */
static int one_switch(struct reading *r, char *word, const char *next)
{
    char *value = strpbrk(word, ":=");
    size_t len = value ? (size_t)(value - word) - 1 : strlen(word + 1);
    const struct winrm_switch *s = winrm_switch_of(word + 1, len);
    bool equals = value && *value == '=';

    if (value)
        *value++ = '\0';
    r->word = word + 1;
    if (!s)
        return unknown(word + 1, value);
    if (!(s->commands & (unsigned)r->verb->command)) {
        say("-%s is not a switch of winrm %s", s->name, r->verb->names[0]);
        return EXIT_USAGE;
    }
    if (s->id == WINRM_PASSWORD)
        return apply(r, s, value ? value : "");
    if (equals || (s->arg && (!value || !*value))) {
        say("-%s: %s %s", r->word, s->arg ? s->arg : "it takes no value",
            !s->arg  ? "and no ="
            : equals ? "follows a colon"
            : next   ? "is missing: it follows the colon, without a blank"
                     : "is missing");
        if (s->arg)
            fprintf(stderr, "  try: -%s:%s\n", r->word, s->arg);
        return EXIT_USAGE;
    }
    if (!s->arg && value) {
        say("-%s takes no value", r->word);
        return EXIT_USAGE;
    }
    return apply(r, s, value ? value : "");
}

/* One of our own, with its argument; *at moves on where that is the next word. */
static int own_option(struct reading *r, char **argv, size_t *at)
{
    const char *name = argv[*at] + 2;
    size_t i;
    int rc = add(&r->l->options, argv[*at]);

    for (i = 0; rc == 0 && i < opt_table_len; i++)
        if (strcmp(opt_table[i].name, name) == 0 && opt_table[i].arg && argv[*at + 1])
            return add(&r->l->options, argv[++*at]);
    return rc;
}

/* --- words ------------------------------------------------------------------------------------ */

/* A slash may begin a switch, but a name of a file, too. */
static bool is_switch(const char *word)
{
    size_t len = strcspn(word + (*word != '\0'), ":=");

    return *word == '-' ? word[1] != '\0'
                        : *word == '/' && len && winrm_switch_of(word + 1, len) != NULL;
}

/* Bash takes quotes away, and what follows a semicolon as the next command. */
static int cut_hash(const char *word)
{
    const char *brace = strchr(word, '{');

    if ((strncmp(word, "@{", 2) != 0 && *word != '{') || (brace && strchr(brace, '}')))
        return 0;
    say("%s: the } is missing", in_short(word));
    fputs("  try: single quotes around all of it, for the shell: '@{Name=\"value\";...}'\n",
          stderr);
    return EXIT_USAGE;
}

static int read_words(struct reading *r, char **argv)
{
    size_t i;
    int rc = 0;

    for (i = 0; argv[i] && rc == 0; i++) {
        if (strncmp(argv[i], "--", 2) == 0 && argv[i][2])
            rc = own_option(r, argv, &i);
        else if (is_switch(argv[i]) && (r->verb->command != CMD_EXPLAIN || argv[i][1] > '9'))
            rc = one_switch(r, argv[i], argv[i + 1]);
        else if ((rc = cut_hash(argv[i])) == 0)
            rc = add(&r->l->words, argv[i]);
    }
    return rc;
}

/* Into the braces of the filter. */
static int add_filter(struct reading *r)
{
    const char *end = r->filter ? strrchr(r->filter, '}') : NULL;
    char *text;
    size_t len;
    int rc;

    if (r->links && !end) {
        say("-associations is for -dialect:association with -filter:{Object=...}");
        return EXIT_USAGE;
    }
    if (!r->filter)
        return 0;
    if (!r->links)
        return add_joined(r, "--filter", "", r->filter);
    len = strlen(r->filter) + sizeof ";AssociationInstances=true";
    text = malloc(len);
    if (!text)
        return no_memory();
    snprintf(text, len, "%.*s;AssociationInstances=true%s", (int)(end - r->filter), r->filter, end);
    rc = add_joined(r, "--filter", "", text);
    free(text);
    return rc;
}

/* --- the local machine ------------------------------------------------------------------------ */

static bool is_client(const char *resource)
{
    static const char client[] = "http://schemas.microsoft.com/wbem/wsman/1/config/client";
    wsc_epr *epr = NULL;
    bool is;

    if (!resource || wsc_epr_parse_path(&epr, resource, NULL, NULL) != WSC_OK)
        return false;
    is = strncasecmp(wsc_epr_uri(epr), client, sizeof client - 1) == 0;
    wsc_epr_unref(epr);
    return is;
}

static int no_remote(const struct reading *r)
{
    const struct words *w = &r->l->words;
    size_t at = r->verb->command == CMD_INVOKE;
    const char *resource = w->n > at ? w->at[at] : NULL;

    if (is_client(resource)) {
        say("%s without -remote would be the policy of this machine as a client, which this "
            "program "
            "does not have: its settings are options of each call",
            in_short(resource));
        fputs(
            "  try: --trusted-hosts LIST, --auth SCHEME, --set allow-unencrypted=true; of another "
            "machine: -remote:HOST\n",
            stderr);
        return EXIT_USAGE;
    }
    say("winrm %s: of which host? There is no service of WinRM on this machine", r->verb->names[0]);
    fputs("  try: -remote:HOST\n", stderr);
    return EXIT_USAGE;
}

static int only_windows(const struct winrm_verb *v)
{
    say("winrm %s sets up the Windows machine that it runs on: it is for Windows itself",
        v->names[0]);
    fputs(v->names[1]
              ? "  try: winrm quickconfig on that machine, as administrator\n"
              : "  try: wsc config set HOST Service/RootSDDL=..., for a service that answers "
                "already\n",
          stderr);
    return EXIT_USAGE;
}

/* --- all of it -------------------------------------------------------------------------------- */

static int unknown_verb(const char *word)
{
    const char *near = nearest(word, winrm_verb_at);

    say("winrm has no command \"%s\"", in_short(word));
    fprintf(stderr, "  try: wsc winrm %s\n", near ? near : "help");
    return EXIT_USAGE;
}

/* Options, --, and the words. */
static int join(struct reading *r)
{
    struct winrm_line *l = r->l;
    char **argv = calloc(l->options.n + l->words.n + 3, sizeof *argv);
    size_t n = 0, i;
    int rc;

    if (!argv)
        return no_memory();
    l->argv = argv;
    for (i = 0; i < l->options.n; i++)
        argv[n++] = l->options.at[i];
    if ((rc = add_copy(l, &l->options, "--")) != 0)
        return rc;
    argv[n++] = l->options.at[l->options.n - 1];
    if (r->remote)
        argv[n++] = r->remote;
    for (i = 0; i < l->words.n; i++)
        argv[n++] = l->words.at[i];
    return 0;
}

int winrm_read(struct winrm_line *l, char **argv, bool *done)
{
    struct reading r = { .l = l };
    const char *first = argv[0] ? argv[0] : "help";
    int rc;

    *done = true;
    if ((*first == '-' || *first == '/') && first[1]) /* -? */
        first += 1 + (first[1] == '-');
    if (strcasecmp(first, "help") == 0 || strcmp(first, "?") == 0 || strcmp(first, "h") == 0)
        return winrm_help(stdout, argv[0] ? argv[1] : NULL);
    r.verb = winrm_verb(argv[0]);
    if (!r.verb)
        return unknown_verb(argv[0]);
    if (!r.verb->command)
        return only_windows(r.verb);
    if ((rc = read_words(&r, argv + 1)) != 0)
        return rc;
    if (r.help)
        return winrm_help(stdout, r.verb->names[0]);
    if (r.credentials && r.user) {
        say("-defaultCreds and -username exclude each other");
        return EXIT_USAGE;
    }
    if (!r.remote && r.verb->command != CMD_EXPLAIN)
        return no_remote(&r);
    if ((rc = add_filter(&r)) != 0 || (rc = join(&r)) != 0)
        return rc;
    l->command = r.verb->command;
    *done = false;
    return 0;
}

void winrm_free(struct winrm_line *l)
{
    size_t i;

    for (i = 0; i < l->kept.n; i++)
        free(l->kept.at[i]);
    free(l->kept.at);
    free(l->options.at);
    free(l->words.at);
    free(l->argv);
}
