/* Prints what a shell needs to complete wsc, from the program's own tables:
 *   gen_completion bash | zsh | fish */
#include "../wsc/winrm.h"

#include <string.h>

static const char *field(size_t i, const char *name)
{
    const char *value = "";

    return wsc_option_get(i, name, &value) == WSC_OK ? value : "";
}

/* --set refuses what other users may not read. */
static bool settable(size_t i)
{
    return !*field(i, "secret");
}

/* The words that an option of the library takes, separated by blanks; false = none, or too many. */
static bool words_at(size_t i, char *out, size_t cap)
{
    const char *type = field(i, "type");
    char *p;

    if (strcmp(type, "bool") == 0)
        snprintf(out, cap, "true false");
    else if (strcmp(type, "enum") == 0)
        snprintf(out, cap, "%s", field(i, "range"));
    else
        return false;
    while ((p = strchr(out, '|')))
        *p = ' ';
    return true;
}

/* The same of one of ours. */
static bool words_of(const struct opt_def *def, char *out, size_t cap)
{
    const char *param = def->param;
    size_t i;

    if (def->id == OPT_FORMAT) {
        snprintf(out, cap, "text table xml pretty json");
        return true;
    }
    if (def->id == OPT_CONTENT) {
        snprintf(out, cap, "rendered raw");
        return true;
    }
    if (param && strcmp(param, "dialect") == 0) {
        snprintf(out, cap, "wql selector association xpath cql");
        return true;
    }
    for (i = 0; param && *field(i, "name"); i++)
        if (strcmp(field(i, "name"), param) == 0)
            return words_at(i, out, cap);
    return false;
}

/* Inside single quotes; each of `special` gets a backslash. */
static void quoted(const char *s, const char *special)
{
    for (; *s; s++) {
        if (*s == '\'')
            fputs("'\\''", stdout);
        else if (strchr(special, *s))
            printf("\\%c", *s);
        else
            putchar(*s);
    }
}

/* The first sentence will do. */
static void summary(size_t i, const char *special)
{
    char text[200];
    char *end;

    snprintf(text, sizeof text, "%s", field(i, "doc"));
    end = strstr(text, ". ");
    if (end)
        *end = '\0';
    quoted(text, special);
}

/* --- bash ------------------------------------------------------------------------------------- */

static void bash_flags(const struct opt_def *def, const char *between)
{
    if (def->letter)
        printf("-%c%s", def->letter, between);
    printf("--%s", def->name);
}

/* after $1: sets words, or files=1, or set=1; false = takes no argument */
static void bash_arguments(void)
{
    const struct opt_def *def;
    char words[200];

    puts("_wsc_argument()\n{\n    case $1 in");
    for (def = opt_table; def < opt_table + opt_table_len; def++) {
        if (!def->arg)
            continue;
        fputs("    ", stdout);
        bash_flags(def, " | ");
        if (def->id == OPT_SET)
            puts(") set=1 ;;");
        else if (strcmp(def->arg, "FILE") == 0)
            puts(") files=1 ;;");
        else if (words_of(def, words, sizeof words))
            printf(") words=\"%s\" ;;\n", words);
        else
            puts(") ;;");
    }
    puts("    *) return 1 ;;\n    esac\n}\n");
}

static void bash_winrm(void)
{
    const struct winrm_switch *w;
    const struct winrm_verb *v;

    fputs("_wsc_winrm=\"", stdout);
    for (v = winrm_verbs; v->names[0]; v++)
        if (v->command)
            printf("%s ", v->names[0]);
    fputs("help\"\n_wsc_switches=\"", stdout);
    for (w = winrm_switches; w->name; w++)
        if (strcmp(w->name, "?") != 0)
            printf("-%s%s ", w->name, w->arg ? ":" : "");
    puts("\"\n");
}

static void bash_tables(void)
{
    const struct command_def *c;
    const struct opt_def *def;
    char words[200];
    size_t i;

    puts("_wsc_options()\n{\n    case $1 in");
    for (c = command_table; c->name; c++) {
        printf("    %s%s) words=\"", c->name, c->command == CMD_ENUMERATE ? " | enum" : "");
        for (def = opt_table; def < opt_table + opt_table_len; def++) {
            if (!(def->commands & (unsigned)c->command))
                continue;
            bash_flags(def, " ");
            putchar(' ');
        }
        puts("\" ;;");
    }
    puts("    esac\n}\n");
    bash_arguments();
    puts("_wsc_value()\n{\n    case $1 in");
    for (i = 0; *field(i, "name"); i++)
        if (words_at(i, words, sizeof words))
            printf("    %s) words=\"%s\" ;;\n", field(i, "name"), words);
    puts("    *-file) files=1 ;;\n    esac\n}\n");
    puts("_wsc_names=\"");
    for (i = 0; *field(i, "name"); i++)
        puts(field(i, "name"));
    puts("\"\n_wsc_settable=\"");
    for (i = 0; *field(i, "name"); i++)
        if (settable(i))
            puts(field(i, "name"));
    fputs("\"\n_wsc_commands=\"", stdout);
    for (c = command_table; c->name; c++)
        printf("%s ", c->name);
    puts("help\"\n\n_wsc_actions=\"show set diff reset\"\n");
    bash_winrm();
}

/* Bash splits words at = and :, as COMP_WORDBREAKS says. */
static const char bash_rest[] =
    "# how many words stand before the cursor that are no options: hosts and commands\n"
    "_wsc_count()\n"
    "{\n"
    "    local i word words set files\n"
    "    count=0\n"
    "    for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "        word=${COMP_WORDS[i]}\n"
    "        case $word in\n"
    "        --hosts) ((count++)) ;;& # in the place of HOST\n"
    "        = | :) ((i++)) ;;\n"
    "        -*) [ \"${COMP_WORDS[i + 1]}\" = = ] || ! _wsc_argument \"$word\" || ((i++)) ;;\n"
    "        *) ((count++)) ;;\n"
    "        esac\n"
    "    done\n"
    "}\n"
    "\n"
    "_wsc()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) command=${COMP_WORDS[1]}\n"
    "    local words='' set='' files='' suffix='' count prev\n"
    "    COMPREPLY=()\n"
    "    if [ \"$cur\" = = ]; then\n"
    "        cur='' at=$COMP_CWORD\n"
    "    fi\n"
    "    prev=${COMP_WORDS[at]}\n"
    "    if [ \"$COMP_CWORD\" -le 1 ]; then\n"
    "        words=\"$_wsc_commands --help --version\"\n"
    "    elif [ \"$command\" = config ] && [ \"$COMP_CWORD\" = 2 ]; then\n"
    "        words=$_wsc_actions\n"
    "    elif [ \"$command\" = winrm ] && [ \"$COMP_CWORD\" = 2 ]; then\n"
    "        words=$_wsc_winrm\n"
    "    elif [ \"$command\" = help ]; then\n"
    "        [ \"$COMP_CWORD\" != 2 ] || words=$_wsc_commands\n"
    "    elif [ \"$prev\" = = ] && [ \"${COMP_WORDS[at - 2]}\" = --set ]; then\n"
    "        _wsc_value \"${COMP_WORDS[at - 1]}\"\n"
    "    elif [ \"$prev\" = = ]; then\n"
    "        _wsc_argument \"${COMP_WORDS[at - 1]}\" || return 0\n"
    "    elif _wsc_argument \"$prev\"; then\n"
    "        :\n"
    "    else\n"
    "        _wsc_count\n"
    "        if [ \"$command\" = run ] && [ \"$count\" -ge 2 ]; then\n"
    "            return 0\n"
    "        fi\n"
    "        case $cur in\n"
    "        --*) _wsc_options \"$command\" ;;\n"
    "        -*)\n"
    "            _wsc_options \"$command\"\n"
    "            if [ \"$command\" = winrm ]; then\n"
    "                words=$_wsc_switches\n"
    "                compopt -o nospace 2> /dev/null\n"
    "            fi\n"
    "            ;;\n"
    "        *) [ \"$command\" != config ] || [ \"$count\" -lt 2 ] || files=1 ;;&\n"
    "        *) [ \"$command\" != options ] || words=$_wsc_names ;;\n"
    "        esac\n"
    "    fi\n"
    "    if [ -n \"$set\" ]; then\n"
    "        words=$_wsc_settable suffix='='\n"
    "        compopt -o nospace 2> /dev/null\n"
    "    fi\n"
    "    if [ -n \"$files\" ]; then\n"
    "        compopt -o filenames 2> /dev/null\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "    elif [ -n \"$words\" ]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -S \"$suffix\" -- \"$cur\")\n"
    "    fi\n"
    "}\n"
    "\n"
    "complete -F _wsc wsc";

static void print_bash(void)
{
    puts("# Completion of wsc for bash, made from the program's own tables.\n");
    bash_tables();
    puts(bash_rest);
}

/* --- zsh -------------------------------------------------------------------------------------- */

static void zsh_option(const struct opt_def *def)
{
    char words[200];

    fputs("    ", stdout);
    if (def->id == OPT_SET || def->id == OPT_ENV || def->id == OPT_VERBOSE ||
        def->id == OPT_SELECTOR || def->id == OPT_OPTION)
        fputs("'*'", stdout); /* more than once */
    else if (def->letter)
        printf("'(-%c --%s)'", def->letter, def->name);
    if (def->letter)
        printf("{-%c%s,--%s%s}'[", def->letter, def->arg ? "+" : "", def->name,
               def->arg ? "=" : "");
    else
        printf("'--%s%s[", def->name, def->arg ? "=" : "");
    quoted(def->help, "[]:\\");
    putchar(']');
    if (def->arg) {
        printf(":%s:", def->arg);
        if (def->id == OPT_SET)
            fputs("_wsc_set", stdout);
        else if (strcmp(def->arg, "FILE") == 0)
            fputs("_files", stdout);
        else if (words_of(def, words, sizeof words))
            printf("(%s)", words);
        else
            putchar(' ');
    }
    puts("' \\");
}

static void zsh_names(const char *array, bool all)
{
    size_t i;

    printf("%s=(\n", array);
    for (i = 0; *field(i, "name"); i++) {
        if (!all && !settable(i))
            continue;
        printf("  '%s:", field(i, "name"));
        summary(i, ":\\");
        puts("'");
    }
    puts(")\n");
}

static void zsh_set(void)
{
    char words[200];
    size_t i;

    zsh_names("_wsc_names", true);
    zsh_names("_wsc_settable", false);
    puts("_wsc_set() {\n"
         "  if [[ $PREFIX != *=* ]]; then\n"
         "    _describe option _wsc_settable -S =\n    return\n  fi\n"
         "  local name=${PREFIX%%=*}\n  compset -P '*='\n  case $name in");
    for (i = 0; *field(i, "name"); i++)
        if (words_at(i, words, sizeof words))
            printf("  %s) compadd -- %s ;;\n", field(i, "name"), words);
    puts("  *-file) _files ;;\n  esac\n}\n");
}

static void print_zsh(void)
{
    const struct command_def *c;
    const struct opt_def *def;

    puts("#compdef wsc\n# Made from the program's own tables.\n\n"
         "local -a _wsc_names _wsc_settable _wsc_commands\nlocal _wsc_winrm");
    zsh_set();
    puts("_wsc_host() { (( ${words[(I)--hosts*]} )) || _hosts }\n"); /* with it there is no HOST */
    fputs("_wsc_winrm=\"", stdout);
    for (size_t i = 0; winrm_verb_at(i); i++)
        if (winrm_verbs[i].command)
            printf("%s ", winrm_verb_at(i));
    puts("help\"");
    puts("_wsc_commands=(");
    for (c = command_table; c->name; c++) {
        printf("  '%s:", c->name);
        quoted(c->what, ":\\");
        puts("'");
    }
    puts("  'help:show help'\n)\n\n"
         "if (( CURRENT == 2 )); then\n"
         "  _describe -t commands command _wsc_commands\n  return\nfi\n"
         "shift words\n(( CURRENT-- ))\ncase $words[1] in");
    for (c = command_table; c->name; c++) {
        printf("%s%s)\n  _arguments -s \\\n", c->name, c->command == CMD_ENUMERATE ? "|enum" : "");
        for (def = opt_table; def < opt_table + opt_table_len; def++)
            if (def->commands & (unsigned)c->command)
                zsh_option(def);
        puts(c->command == CMD_RUN ? "    '1:HOST:_wsc_host' '*:: : '\n  ;;"
             : c->command == CMD_CONFIG
                 ? "    '1:ACTION:(show set diff reset)' '2:HOST:_hosts' '*:FILE:_files'\n  ;;"
             : (CMD_VERBS & (int)c->command) ? "    '1:HOST:_wsc_host' '*:RESOURCE: '\n  ;;"
             : c->command == CMD_WINRM     ? "    '1:COMMAND:(${=_wsc_winrm})' '*:RESOURCE: '\n  ;;"
             : c->command == CMD_OPTIONS   ? "    '1:NAME:{_describe option _wsc_names}'\n  ;;"
             : c->command == CMD_SUBSCRIBE ? "    '1:HOST:_hosts' '2:RESOURCE: '\\n  ;;"
             : (CMD_NET & (int)c->command) ? "    '1:HOST:_hosts'\n  ;;"
                                           : "    '1:CODE: '\n  ;;");
    }
    puts("help) (( CURRENT == 2 )) && _describe -t commands command _wsc_commands ;;\nesac");
}

/* --- fish ------------------------------------------------------------------------------------- */

static void fish_option(const struct opt_def *def)
{
    const struct command_def *c;
    char words[200];

    fputs("complete -c wsc -n '__fish_seen_subcommand_from", stdout);
    for (c = command_table; c->name; c++)
        if (def->commands & (unsigned)c->command)
            printf(" %s%s", c->name, c->command == CMD_ENUMERATE ? " enum" : "");
    putchar('\'');
    if (def->letter)
        printf(" -s %c", def->letter);
    printf(" -l %s", def->name);
    if (def->arg && strcmp(def->arg, "FILE") == 0)
        fputs(" -rF", stdout);
    else if (def->arg)
        fputs(" -x", stdout);
    if (def->id == OPT_SET)
        fputs(" -a '(__wsc_set)'", stdout);
    else if (def->arg && words_of(def, words, sizeof words))
        printf(" -a '%s'", words);
    fputs(" -d '", stdout);
    for (const char *s = def->help; *s; s++)
        printf(*s == '\'' || *s == '\\' ? "\\%c" : "%c", *s);
    puts("'");
}

static void print_fish(void)
{
    const struct command_def *c;
    const struct opt_def *def;
    char words[200];
    size_t i;

    puts("# Completion of wsc for fish, made from the program's own tables.\n\n"
         "function __wsc_set");
    for (i = 0; *field(i, "name"); i++) {
        char *word;

        if (settable(i))
            printf("    echo %s=\n", field(i, "name"));
        if (!words_at(i, words, sizeof words))
            continue;
        for (word = strtok(words, " "); word; word = strtok(NULL, " "))
            printf("    echo %s=%s\n", field(i, "name"), word);
    }
    puts("end\n\ncomplete -c wsc -f");
    for (c = command_table; c->name; c++)
        printf("complete -c wsc -n __fish_use_subcommand -a %s -d \"%s\"\n", c->name, c->what);
    puts("complete -c wsc -n __fish_use_subcommand -a help -d \"show help\"\n"
         "complete -c wsc -n '__fish_seen_subcommand_from config' -a 'show set diff reset'");
    fputs("complete -c wsc -n '__fish_seen_subcommand_from winrm' -a '", stdout);
    for (i = 0; winrm_verb_at(i); i++)
        if (winrm_verbs[i].command)
            printf("%s ", winrm_verb_at(i));
    puts("help'");
    for (def = opt_table; def < opt_table + opt_table_len; def++)
        fish_option(def);
    fputs("complete -c wsc -n '__fish_seen_subcommand_from options' -a '", stdout);
    for (i = 0; *field(i, "name"); i++)
        printf("%s%s", i ? " " : "", field(i, "name"));
    puts("'");
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "bash")) {
        print_bash();
    } else if (argc == 2 && !strcmp(argv[1], "zsh")) {
        print_zsh();
    } else if (argc == 2 && !strcmp(argv[1], "fish")) {
        print_fish();
    } else {
        fputs("usage: gen_completion bash|zsh|fish\n", stderr);
        return EXIT_USAGE;
    }
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
