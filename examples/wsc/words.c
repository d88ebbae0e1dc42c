/* What the words mean that are no options: HOST, RESOURCE, METHOD, and what goes with them. */
#include "wsc.h"

#include <string.h>

static const char *const actions[] = { "show", "set", "diff", "reset" };

static const char *action_at(size_t i)
{
    return i < sizeof actions / sizeof *actions ? actions[i] : NULL;
}

static int missing(const char *what)
{
    say("%s is missing; see --help", what);
    return EXIT_USAGE;
}

static int exclude(const char *one, const char *other)
{
    say("%s and %s exclude each other", one, other);
    return EXIT_USAGE;
}

static char *next(struct options *o)
{
    if (!o->argc)
        return NULL;
    o->argc--;
    return *o->argv++;
}

static int take_action(struct options *o)
{
    const char *word = next(o), *near;
    size_t i;

    if (!word)
        return missing("show, set, diff or reset");
    for (i = 0; action_at(i); i++) {
        if (strcmp(word, action_at(i)) == 0) {
            o->action = action_at(i);
            return 0;
        }
    }
    near = nearest(word, action_at);
    say("config: show, set, diff or reset is wanted first, not \"%s\"", in_short(word));
    if (near)
        fprintf(stderr, "  try: wsc config %s\n", near);
    return EXIT_USAGE;
}

static int take_resource(struct options *o)
{
    if (o->command == CMD_INVOKE && !(o->method = next(o)))
        return missing("METHOD");
    o->resource = next(o);
    if (!o->resource)
        return missing("RESOURCE");
    if (o->method && (!*o->method || strpbrk(o->method, "/\\?: "))) {
        say("METHOD stands before RESOURCE, and is a name: not \"%s\"", in_short(o->method));
        return EXIT_USAGE;
    }
    return 0;
}

/* How many words are left for this command. */
static int check_number(const struct options *o)
{
    bool values = (o->command & CMD_CHANGES) || (o->action && !strcmp(o->action, "set"));
    bool other = o->action && strcmp(o->action, "diff") == 0;

    if (values && o->command != CMD_INVOKE && !o->argc && !o->file && !o->fragment)
        return missing(o->action ? "PATH=VALUE" : "NAME=VALUE");
    if (other && !o->argc)
        return missing("OTHER (a host, or a file)");
    if (!values && o->argc > (other ? 1 : 0)) {
        say("there is one word too many: \"%s\"; see --help", in_short(o->argv[other ? 1 : 0]));
        return EXIT_USAGE;
    }
    return 0;
}

/* What is read from stdin, and cannot be twice. */
static int check_stdin(const struct options *o)
{
    bool content = o->file && strcmp(o->file, "-") == 0;
    bool hosts = o->hosts_file && strcmp(o->hosts_file, "-") == 0;

    if (content && hosts)
        return exclude("--hosts -", "content from stdin");
    if (content && o->password_fd == 0)
        return exclude("--password-fd 0", "content from stdin");
    return 0;
}

static int check_format(const struct options *o)
{
    if (o->json && o->format != FORMAT_DEFAULT && o->format != FORMAT_JSON)
        return exclude("--json", "another --format");
    if (o->format == FORMAT_XML && o->hosts_file)
        return exclude("--format xml", "--hosts");
    if (o->format == FORMAT_XML && o->properties)
        return exclude("--format xml", "--properties");
    if (o->format == FORMAT_TABLE && o->command == CMD_CONFIG) {
        say("config has no table: --format text, xml or json");
        return EXIT_USAGE;
    }
    if (o->format == FORMAT_TABLE && o->command == CMD_SUBSCRIBE) {
        say("subscribe has no table: --format text (a line for each event), xml or json");
        return EXIT_USAGE;
    }
    if (o->format == FORMAT_XML && o->action && strcmp(o->action, "show") != 0) {
        say("config %s has no XML: --format text or json", o->action);
        return EXIT_USAGE;
    }
    return 0;
}

static int check_options(const struct options *o)
{
    if (o->dry_run && !o->filter)
        return of_no_use("--dry-run", "--filter TEXT");
    if (o->fragment && o->replace)
        return exclude("--fragment", "--replace");
    if (o->remove && (o->owner || o->properties))
        return exclude("--remove", o->owner ? "--owner" : "--properties");
    if (o->remove && o->hosts_file)
        return exclude("--remove", "--hosts");
    if (o->command == CMD_SUBSCRIBE && o->hosts_file && (o->bookmark || o->retry))
        return exclude("--hosts", o->bookmark ? "--bookmark" : "--retry");
    if (o->commands && (o->owner || o->remove))
        return exclude("--commands", o->owner ? "--owner" : "--remove");
    if (o->commands && o->hosts_file)
        return exclude("--commands", "--hosts");
    if (o->commands && !*o->commands)
        return missing("--commands: ID");
    if (o->remove && !*o->remove)
        return missing("--remove: ID");
    if (o->force && o->action && strcmp(o->action, "set") != 0 && strcmp(o->action, "reset") != 0)
        return of_no_use("--force", "config set or config reset");
    return 0;
}

int words_take(struct options *o)
{
    int rc = o->command == CMD_CONFIG ? take_action(o) : 0;

    if (rc == 0 && !o->hosts_file && !(o->host = next(o)))
        rc = missing("HOST");
    if (rc == 0 && (o->command & CMD_VERBS))
        rc = take_resource(o);
    if (rc == 0 && o->command == CMD_SUBSCRIBE)
        o->resource = next(o); /* there is one that it has else */
    if (rc == 0 && o->argc && (o->command & CMD_CHANGES) &&
        strcmp(o->argv[o->argc - 1], "-") == 0 && !o->file) { /* as --file - */
        o->file = "-";
        o->argc--;
    }
    if (rc == 0)
        rc = check_number(o);
    if (rc == 0)
        rc = check_stdin(o);
    if (rc == 0)
        rc = check_format(o);
    return rc ? rc : check_options(o);
}
