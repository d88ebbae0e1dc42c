/* From the command line to struct options and the library's options. */
#include "wsc.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MAX_PARALLEL 10000

/* --- options of the library ------------------------------------------------------------------- */

static const char *opt_name_at(size_t i)
{
    return i < opt_table_len ? opt_table[i].name : NULL;
}

bool library_option(const char *name, const char *field, const char **out)
{
    const char *found = NULL;
    size_t i;

    for (i = 0; wsc_option_get(i, "name", &found) == WSC_OK; i++)
        if (strcmp(found, name) == 0)
            return wsc_option_get(i, field, out) == WSC_OK;
    return false;
}

/* The library's option of that name, or the one that it takes to be meant; NULL = none. */
static const char *nearest_of_library(const char *name)
{
    const char *near = NULL, *found = NULL;
    wsc_params *p = NULL;

    if (library_option(name, "name", &found))
        return found;
    if (wsc_params_new(&p) == WSC_OK && wsc_params_set_str(p, name, "") != WSC_OK &&
        wsc_error_get_str(wsc_params_error(p), "nearest", &near) == WSC_OK)
        library_option(near, "name", &found);
    wsc_params_unref(p);
    return found;
}

/* Equal but for '-' and '_'? */
static bool same_letters(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "-_");
        b += strspn(b, "-_");
        if (*a != *b || !*a)
            return *a == *b;
    }
}

/* In either case. */
static bool contains(const char *name, const char *word)
{
    for (; *name; name++)
        if (strncasecmp(name, word, strlen(word)) == 0)
            return true;
    return false;
}

static bool ends_in(const char *name, const char *word)
{
    size_t n = strlen(name), len = strlen(word);

    return n >= len && strcasecmp(name + n - len, word) == 0;
}

/* Is it a secret, or, where no option has that name, was one meant? *key: not the user's password.
 */
static bool is_secret(const char *name, bool *key)
{
    const char *option = nearest_of_library(name), *secret = "";
    bool known = option && same_letters(option, name);

    if (option)
        library_option(option, "secret", &secret);
    if (!known && !ends_in(name, "file") && !ends_in(name, "fd") &&
        (contains(name, "pass") || contains(name, "pwd") ||
         (contains(name, "pin") && !contains(name, "tls-pin")) ||
         3 * word_distance(name, "key-password") <= strlen(name))) /* without an s */
        secret = "true";
    *key = *secret && (contains(name, "key") || contains(name, "pin") ||
                       (option && strcmp(option, "tls-key-password") == 0));
    return *secret;
}

void advise_secret(bool key)
{
    fputs(key ? "  try: --key-password-file FILE\n"
              : "  try: --password-file FILE, --password-fd N, the environment variable "
                "WSC_PASSWORD, or type it "
                "when asked\n",
          stderr);
}

static int bad_param(const wsc_params *p, const char *shown)
{
    report_error(shown, wsc_params_error(p));
    return EXIT_USAGE;
}

/* The library repeats the value: without what may be a password before an '@'. */
static int bad_value(const wsc_params *p, const char *name, char *value, const char *shown)
{
    const char *hidden = in_short(value);
    wsc_params *again = NULL;
    int rc;

    if (hidden == value || wsc_params_new(&again) != WSC_OK)
        return bad_param(p, shown);
    if (wsc_params_set_str(again, name, hidden) != WSC_OK)
        p = again;
    wipe(value, strlen(value));
    rc = bad_param(p, shown);
    wsc_params_unref(again);
    return rc;
}

/* What the tool itself has to know. */
static void note_param(struct options *o, const char *name, const char *value, const char *shown)
{
    if (strcmp(name, "username") == 0)
        o->user = value;
    o->has_auth |= strcmp(name, "auth") == 0;
    o->has_cert |= strcmp(name, "tls-cert-file") == 0;
    o->has_key |= strcmp(name, "tls-key-file") == 0;
    o->has_tickets |= strcmp(name, "keytab") == 0 || strcmp(name, "ccache") == 0;
    o->https |= strcmp(shown, "--https") == 0;
    if (strcmp(name, "filter") == 0)
        o->filter = value;
    if (strcmp(name, "fragment") == 0)
        o->fragment = value;
}

static int set_password_file(struct options *o, const char *name, const char *shown)
{
    o->password_file = name;
    if (strcmp(name, "-") != 0)
        return 0;
    say("%s: - is no file; a password on stdin is given by --password-fd", shown);
    fputs("  try: --password-fd 0\n", stderr);
    return EXIT_USAGE;
}

static int set_param(struct options *o, const char *name, char *value, const char *shown)
{
    const char *scope = "", *number = in_short(value);
    wsc_params *p;

    if (strcmp(shown, "--timeout") == 0 && *value && strspn(value, "0123456789") == strlen(value)) {
        say("--timeout %s: of what? Give a unit: %ss, %sm", number, number, number);
        return EXIT_USAGE;
    }
    if (strcmp(name, "password-file") == 0) /* password.c reads it */
        return set_password_file(o, value, shown);
    library_option(name, "scope", &scope);
    p = strcmp(scope, "context") == 0    ? o->context
        : strcmp(scope, "identity") == 0 ? o->identity
                                         : o->client;
    if (wsc_params_set_str(p, name, value) != WSC_OK)
        return bad_value(p, name, value, shown);
    note_param(o, name, value, shown);
    return 0;
}

/* USER:PASSWORD, as other programs take it. No user name of Windows has a colon, and Basic cannot
 * send one. */
static int set_user(struct options *o, char *name, const char *shown)
{
    if (!*name) {
        say("%s: the user name is empty", shown);
        return EXIT_USAGE;
    }
    if (!strchr(name, ':'))
        return set_param(o, "username", name, shown);
    wipe(name, strlen(name));
    say("%s: a user name has no colon, and other users can read the command line", shown);
    advise_secret(false);
    return EXIT_USAGE;
}

char *cut_pair(char *pair, const char *shown)
{
    char *value = strchr(pair, '=');

    if (value == pair) { /* all of it may be a secret */
        wipe(pair, strlen(pair));
        say("%s: NAME=VALUE is wanted, and there is no NAME", shown);
        return NULL;
    }
    if (!value) {
        size_t name = strcspn(pair, ": "); /* what follows may be a secret, of a header */

        wipe(pair + name, strlen(pair + name));
        say("%s: NAME=VALUE is wanted, not \"%s\"", shown, in_short(pair));
        return NULL;
    }
    *value++ = '\0';
    return value;
}

static int set_pair(struct options *o, const char *name, char *pair, const char *shown)
{
    const char *value = cut_pair(pair, shown);

    if (!value)
        return EXIT_USAGE;
    if (wsc_params_add(o->client, name, pair, value) != WSC_OK)
        return bad_param(o->client, shown);
    return 0;
}

static int set_any(struct options *o, char *arg)
{
    char *value = cut_pair(arg, "--set");
    const char *type = "";
    bool key;

    if (!value)
        return EXIT_USAGE;
    library_option(arg, "type", &type);
    if (is_secret(arg, &key)) { /* a misspelt one, too */
        wipe(value, strlen(value));
        say("--set %s: other users can read the command line; see \"Passwords\" in `wsc help`",
            in_short(arg));
        return EXIT_USAGE;
    }
    if (strcmp(arg, "username") == 0)
        return set_user(o, value, "--set username");
    return strcmp(type, "map") == 0 ? set_pair(o, arg, value, arg)
                                    : set_param(o, arg, value, "--set");
}

/* --- our options ------------------------------------------------------------------------------ */

static bool read_number(int *out, const char *arg)
{
    char *end = NULL;
    long n;

    errno = 0;
    n = strtol(arg, &end, 10);
    if (errno || end == arg || *end || n < 0 || n > INT_MAX)
        return false;
    *out = (int)n;
    return true;
}

/* What is no number may be the password itself. */
static int set_password_fd(struct options *o, char *arg)
{
    if (read_number(&o->password_fd, arg))
        return 0;
    wipe(arg, strlen(arg));
    say("--password-fd: a number is wanted, of an open file descriptor");
    return EXIT_USAGE;
}

static int set_parallel(struct options *o, const char *arg)
{
    if (!read_number(&o->parallel, arg)) {
        say("--parallel: a number is wanted, not \"%s\"", in_short(arg));
        return EXIT_USAGE;
    }
    if (o->parallel >= 1 && o->parallel <= MAX_PARALLEL)
        return 0;
    say("--parallel: 1 to %d, not %s", MAX_PARALLEL, in_short(arg));
    return EXIT_USAGE;
}

static int set_selector(struct options *o, char *pair)
{
    char **more = realloc(o->selectors.at, (o->selectors.n + 1) * sizeof *more);

    if (!more) {
        say("out of memory");
        return EXIT_LIMIT;
    }
    o->selectors.at = more;
    if (!cut_pair(pair, "--selector"))
        return EXIT_USAGE;
    more[o->selectors.n++] = pair;
    return 0;
}

static int set_format(struct options *o, const char *word)
{
    static const char *const names[] = { "text", "table", "xml", "json" };
    size_t i;

    o->pretty = strcasecmp(word, "pretty") == 0;
    if (o->pretty)
        word = "xml";
    for (i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcasecmp(word, names[i]) != 0)
            continue;
        o->format = (enum format)(FORMAT_TEXT + i);
        o->json |= o->format == FORMAT_JSON;
        return 0;
    }
    say("--format: text, table, xml, pretty or json, not \"%s\"", in_short(word));
    return EXIT_USAGE;
}

static int set_content(struct options *o, const char *word)
{
    char format[16];

    if (strcasecmp(word, "rendered") != 0 && strcasecmp(word, "raw") != 0) {
        say("--content: rendered or raw, not \"%s\"", in_short(word));
        return EXIT_USAGE;
    }
    snprintf(format, sizeof format, "%s",
             tolower((unsigned char)word[1]) == 'e' ? "rendered-text" : "raw");
    return set_param(o, "content-format", format, "--content");
}

static int set_count(struct options *o, const char *arg)
{
    int n = 0;

    if (read_number(&n, arg) && n > 0) {
        o->count = (unsigned)n;
        return 0;
    }
    say("--count: a number from 1 is wanted, not \"%s\"", in_short(arg));
    return EXIT_USAGE;
}

static int apply_switch(struct options *o, const struct opt_def *def)
{
    char yes[] = "true";

    switch (def->id) {
    case OPT_INTERACTIVE:
        o->interactive = true;
        break;
    case OPT_NO_STDIN:
        o->no_stdin = true;
        break;
    case OPT_STATS:
        o->stats = true;
        break;
    case OPT_ANONYMOUS:
        o->anonymous = true;
        break;
    case OPT_JSON:
        o->json = true;
        break;
    case OPT_REPLACE:
        o->replace = true;
        break;
    case OPT_FORCE:
        o->force = true;
        break;
    case OPT_DRY_RUN:
        o->dry_run = true;
        break;
    case OPT_RETRY:
        o->retry = true;
        break;
    case OPT_QUIET:
        o->quiet = true;
        break;
    case OPT_VERBOSE:
        o->verbose++;
        break;
    case OPT_HELP:
        o->help = true;
        break;
    case OPT_VERSION:
        o->version = true;
        break;
    default: /* OPT_TRACE */
        o->trace = true;
        return set_param(o, "trace-bodies", yes, "--trace");
    }
    return 0;
}

static int apply(struct options *o, const struct opt_def *def, char *arg)
{
    char shown[32], own[16];

    snprintf(shown, sizeof shown, "--%s", def->name);
    snprintf(own, sizeof own, "%s", def->value ? def->value : "");
    if (!arg && def->id != OPT_PARAM) /* a switch: those that take a value have one */
        return apply_switch(o, def);
    switch (def->id) {
    case OPT_PARAM:
        return set_param(o, def->param, arg ? arg : own, shown);
    case OPT_USER:
        return set_user(o, arg, shown);
    case OPT_PASSWORD_FD:
        return set_password_fd(o, arg);
    case OPT_ENV:
        return set_pair(o, "env", arg, shown);
    case OPT_SET:
        return set_any(o, arg);
    case OPT_PROGRAM:
        o->program = arg;
        return 0;
    case OPT_HOSTS:
        o->hosts_file = arg;
        return 0;
    case OPT_PARALLEL:
        return set_parallel(o, arg);
    case OPT_SELECTOR:
        return set_selector(o, arg);
    case OPT_OPTION:
        return set_pair(o, "option", arg, shown);
    case OPT_FORMAT:
        return set_format(o, arg);
    case OPT_FILE:
        o->file = arg;
        return 0;
    case OPT_PROPERTIES:
        o->properties = arg;
        return 0;
    case OPT_BOOKMARK:
        o->bookmark = arg;
        return 0;
    case OPT_CONTENT:
        return set_content(o, arg);
    case OPT_COUNT:
        return set_count(o, arg);
    case OPT_OWNER:
        o->owner = arg;
        return 0;
    case OPT_COMMANDS:
        o->commands = arg;
        return 0;
    case OPT_REMOVE:
        o->remove = arg;
        return 0;
    default:
        return apply_switch(o, def);
    }
}

/* The switch that begins so, if it is the only one. */
static const struct opt_def *completed(const char *name)
{
    const struct opt_def *found = NULL;
    size_t i;

    for (i = 0; i < opt_table_len && strlen(name) >= 3; i++) {
        if (strncmp(opt_table[i].name, name, strlen(name)) != 0)
            continue;
        if (found)
            return NULL;
        found = &opt_table[i];
    }
    return found;
}

/* The switch that was cut short, or misspelt by one letter in three at most. */
static const struct opt_def *misspelt(const char *name)
{
    const char *near = nearest(name, opt_name_at);
    size_t i;

    if (completed(name))
        return completed(name);
    if (!near || 3 * word_distance(name, near) > strlen(name))
        return NULL;
    for (i = 0; opt_table[i].name != near; i++)
        ;
    return &opt_table[i];
}

/* What may have been meant. That nothing is checked is nobody's advice. */
static void advise(const char *name)
{
    const struct opt_def *own = misspelt(name);
    const char *option = nearest_of_library(name);
    bool same = option && same_letters(option, name), key;

    if (option && (is_secret(option, &key) || (!same && strncmp(option, "insecure-", 9) == 0)))
        option = NULL;
    if (option && (same || !own)) {
        fputs("  try: ", stderr);
        show_switch(stderr, option, false);
    } else if (own) {
        fputs("  try: ", stderr);
        show_own(stderr, own);
    }
}

static int unknown(const char *name, char *value)
{
    const struct opt_def *own = misspelt(name);
    bool key, secret = is_secret(name, &key);

    if (secret && value)
        wipe(value, strlen(value));
    if (secret && !(own && word_distance(name, own->name) <
                               word_distance(name, key ? "key-password" : "password"))) {
        say("--%s is refused: other users can read the command line", in_short(name));
        advise_secret(key);
        return EXIT_USAGE;
    }
    say("unknown option --%s; see --help", in_short(name));
    advise(name);
    return EXIT_USAGE;
}

static bool usable(const struct options *o, const struct opt_def *def)
{
    if (def->commands & (unsigned)o->command)
        return true;
    say("--%s is not an option of this command; see --help", def->name);
    return false;
}

/* --name, --name=value, --name value; *at moves on when the next word was the value */
static int parse_long(struct options *o, char **argv, size_t *at)
{
    char *name = argv[*at] + 2, *value = strchr(name, '=');
    size_t i;

    if (value)
        *value++ = '\0';
    for (i = 0; i < opt_table_len && strcmp(opt_table[i].name, name) != 0; i++)
        ;
    if (i == opt_table_len)
        return unknown(name, value ? value : argv[*at + 1]);
    if (!usable(o, &opt_table[i]))
        return EXIT_USAGE;
    if (!opt_table[i].arg && value) {
        say("--%s takes no value", name);
        return EXIT_USAGE;
    }
    if (opt_table[i].arg && !value)
        value = argv[++*at];
    if (opt_table[i].arg && !value) {
        say("--%s: %s is missing", name, opt_table[i].arg);
        return EXIT_USAGE;
    }
    return apply(o, &opt_table[i], value);
}

/* A letter that there is not; other programs take a password, or tell their version by it. */
static int unknown_letter(char letter, char *value)
{
    if (letter == 'p') {
        if (value)
            wipe(value, strlen(value));
        say("-p is refused: other users can read the command line");
        advise_secret(false);
        return EXIT_USAGE;
    }
    say("unknown option -%c; see --help", letter);
    if (letter == 'V')
        fputs("  try: --version\n", stderr);
    return EXIT_USAGE;
}

/* -abc, -x value, -xvalue */
static int parse_short(struct options *o, char **argv, size_t *at)
{
    char *p;
    int rc = 0;

    for (p = argv[*at] + 1; *p && !rc; p++) {
        const struct opt_def *def = opt_table;
        char *value = NULL;

        while (def < opt_table + opt_table_len && def->letter != *p)
            def++;
        if (def == opt_table + opt_table_len)
            return unknown_letter(*p, p[1] ? p + 1 : argv[*at + 1]);
        if (!usable(o, def))
            return EXIT_USAGE;
        if (!def->arg) {
            rc = apply(o, def, NULL);
            continue;
        }
        value = p[1] ? p + 1 : argv[++*at];
        if (value)
            return apply(o, def, value);
        say("-%c: %s is missing", *p, def->arg);
        return EXIT_USAGE;
    }
    return rc;
}

/* --- all of it -------------------------------------------------------------------------------- */

/* Behind scheme and slashes, also where one of them, or the colon, is missing or comes twice. */
static const char *authority(const char *host)
{
    const char *mark = strstr(host, "://"), *begin = mark ? mark + 3 : host;
    size_t n, slashes;

    do {
        n = strncasecmp(begin, "https", 5) == 0 ? 5 : strncasecmp(begin, "http", 4) == 0 ? 4 : 0;
        n += n && begin[n] == ':';
        slashes = strspn(begin + n, "/\\");
        begin += slashes ? n + slashes : 0;
    } while (slashes);
    return begin;
}

const char *behind_userinfo(const char *host)
{
    const char *begin = authority(host), *at = strrchr(begin, '@');
    size_t len = strcspn(begin, "/?"), digits;

    if (!at)
        return NULL;
    if (at > begin + len) { /* in the path, unless that is part of a password */
        for (digits = len; digits && begin[digits - 1] >= '0' && begin[digits - 1] <= '9'; digits--)
            ;
        /* an empty port is none */
        if (*begin == '[' || !memchr(begin, ':', len) ||
            (digits && digits < len && begin[digits - 1] == ':'))
            return NULL;
    }
    return at + 1;
}

/* It would be told again in every message. */
bool has_userinfo(char *host)
{
    const char *begin = authority(host), *behind = behind_userinfo(host);

    if (behind)
        wipe(host + (begin - host), (size_t)(behind - 1 - begin));
    return behind != NULL;
}

static int check_hosts(const struct options *o)
{
    if (o->host && o->command == CMD_RUN) {
        say("--hosts stands in the place of HOST, before the command: \"%s\" is one too many",
            in_short(o->host));
        return EXIT_USAGE;
    }
    if (o->command == CMD_RUN && strstr(o->argv[0], "://")) {
        say("--hosts stands in the place of HOST: \"%s\" would be the command",
            in_short(o->argv[0]));
        return EXIT_USAGE;
    }
    if (o->interactive) {
        say("--interactive and --hosts exclude each other");
        return EXIT_USAGE;
    }
    return 0;
}

int of_no_use(const char *what, const char *without)
{
    say("%s is of no use without %s", what, without);
    return EXIT_USAGE;
}

/* Who we are. */
static int check_login(const struct options *o)
{
    const char *password = o->password_file      ? "--password-file"
                           : o->password_fd >= 0 ? "--password-fd"
                                                 : NULL;

    if (o->anonymous && (o->user || password || o->has_auth || o->has_tickets)) {
        say("--anonymous and %s exclude each other", o->user       ? "--user"
                                                     : password    ? password
                                                     : o->has_auth ? "--auth"
                                                                   : "--keytab or --ccache");
        return EXIT_USAGE;
    }
    if (o->password_file && o->password_fd >= 0) {
        say("--password-file and --password-fd exclude each other");
        return EXIT_USAGE;
    }
    if (password && o->has_tickets) {
        say("%s and --keytab or --ccache exclude each other", password);
        return EXIT_USAGE;
    }
    if (password && !o->user)
        return of_no_use(password, "--user NAME");
    if (o->has_key && !o->has_cert)
        return of_no_use("--key", "--cert FILE");
    return 0;
}

static int check_command(const struct options *o)
{
    if (o->command == CMD_RUN && (!o->argc || !o->argv[0][strspn(o->argv[0], " \t")])) {
        say("COMMAND is %s; see --help", o->argc ? "empty" : "missing");
        return EXIT_USAGE;
    }
    if (o->program && !o->program[strspn(o->program, " \t")]) {
        say("--program: PROGRAM is empty");
        return EXIT_USAGE;
    }
    return 0;
}

static int check(struct options *o, size_t npos)
{
    int rc;

    if (o->help || o->version)
        return 0;
    if ((o->command & CMD_SHOWS) && (rc = words_take(o)) != 0)
        return rc;
    if (!o->host && !o->hosts_file && o->command != CMD_OPTIONS) {
        say("%s is missing; see --help", o->command == CMD_EXPLAIN ? "CODE or NAME" : "HOST");
        return EXIT_USAGE;
    }
    if (o->host && (o->command & CMD_NET) && has_userinfo(o->host)) {
        say("HOST: a user name goes to --user, a password never on the command line; see "
            "\"Passwords\" in `wsc help`");
        return EXIT_USAGE;
    }
    if (o->https && o->host && strncmp(o->host, "http://", 7) == 0) {
        say("--https, but the URL says http");
        return EXIT_USAGE;
    }
    if ((rc = check_command(o)) != 0)
        return rc;
    if (o->command != CMD_RUN && !(o->command & CMD_SHOWS) && npos > 1) {
        say("there is one word too many; see --help");
        return EXIT_USAGE;
    }
    if (o->hosts_file && (rc = check_hosts(o)) != 0)
        return rc;
    if (o->parallel && !o->hosts_file)
        return of_no_use("--parallel", "--hosts FILE");
    if (o->interactive && o->no_stdin) {
        say("--interactive and --no-stdin exclude each other");
        return EXIT_USAGE;
    }
    return check_login(o);
}

static bool is_option(const struct options *o, const char *word)
{
    if (word[0] != '-' || !word[1])
        return false;
    return o->command != CMD_EXPLAIN || word[1] < '0' || word[1] > '9'; /* a negative code */
}

int options_parse(struct options *o, char **argv)
{
    bool ended = false;
    size_t i, npos = 0;
    int rc = 0;

    o->password_fd = -1;
    if (wsc_params_new(&o->client) != WSC_OK || wsc_params_new(&o->identity) != WSC_OK ||
        wsc_params_new(&o->context) != WSC_OK) {
        say("out of memory");
        return EXIT_LIMIT;
    }
    for (i = 0; argv[i] && !rc; i++) {
        if (!ended && strcmp(argv[i], "--") == 0) {
            ended = true;
        } else if (!ended && is_option(o, argv[i])) {
            rc = argv[i][1] == '-' ? parse_long(o, argv, &i) : parse_short(o, argv, &i);
        } else if (o->command & CMD_SHOWS) { /* options may stand between them */
            o->argv = argv;
            argv[o->argc++] = argv[i];
        } else if (npos++ == 0 && !o->hosts_file) {
            o->host = argv[i];
        } else if (o->command == CMD_EXPLAIN && npos == 2 && strcasecmp(o->host, "HTTP") == 0) {
            o->host = argv[i]; /* as errors say it: HTTP 401 */
            o->http_status = true;
            npos--;
        } else if (o->command == CMD_RUN) { /* all that follows belongs to the remote command */
            o->argv = argv + i;
            while (o->argv[o->argc])
                o->argc++;
            break;
        }
    }
    return rc ? rc : check(o, npos);
}

void options_free(struct options *o)
{
    hosts_free(&o->hosts);
    free(o->selectors.at);
    wsc_params_unref(o->client);
    wsc_params_unref(o->identity);
    wsc_params_unref(o->context);
}
