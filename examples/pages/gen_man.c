/* Prints wsc(1) from the program's own tables. */
#include "../../docs/gen/roff.h"
#include "../wsc/wsc.h"

static void print_synopsis(void)
{
    const struct command_def *c;

    puts(".SH SYNOPSIS");
    for (c = command_table; c->name; c++) {
        printf("%s.B wsc %s\n", c == command_table ? "" : ".br\n", c->name);
        roff_line(c->usage);
    }
    puts(".br\n.B wsc help\n[COMMAND]\n.br\n.B wsc \\-\\-version");
}

static void print_commands(void)
{
    const struct command_def *c;

    puts(".SH COMMANDS");
    for (c = command_table; c->name; c++) {
        printf(".TP\n.B %s\n", c->name);
        roff_text(c->what);
        puts(".");
        roff_line(c->more);
    }
}

/* Of which commands, where it is not of all; or those few of which it is not. */
static void print_where(unsigned commands)
{
    bool most = (commands & CMD_NET) == CMD_NET || (commands | CMD_SHELL) == CMD_ALL;
    const char *between = most ? " (not " : " (";
    const struct command_def *c;

    if (commands == CMD_ALL)
        return;
    for (c = command_table; c->name; c++) {
        if (((commands & (unsigned)c->command) != 0) == most)
            continue;
        printf("%s%s", between, c->name);
        between = ", ";
    }
    putchar(')');
}

static void print_options(void)
{
    const struct opt_def *def;

    puts(".SH OPTIONS");
    for (def = opt_table; def < opt_table + opt_table_len; def++) {
        puts(".TP");
        if (def->letter)
            printf("\\fB\\-%c\\fR, ", def->letter);
        fputs("\\fB\\-\\-", stdout);
        roff_text(def->name);
        fputs("\\fR", stdout);
        if (def->arg) {
            fputs(" \\fI", stdout);
            roff_text(def->arg);
            fputs("\\fR", stdout);
        }
        print_where(def->commands);
        putchar('\n');
        roff_line(def->help);
    }
}

static void print_examples(void)
{
    size_t i;

    puts(".SH EXAMPLES\n.nf");
    for (i = 0; help_examples[i]; i++)
        roff_line(help_examples[i]);
    puts(".fi");
}

/* Where the pages are to which errors point. */
static void print_files(void)
{
    static const char *const pages[][2] = {
        { DOC_DIR "/README.md", "the project" },
        { DOC_DIR "/docs/windows.md",
          "how a Windows host is prepared, and what to look at when it fails" },
        { DOC_DIR "/docs/authentication.md",
          "schemes, credentials, trusted hosts; a recipe for each kind of account and host" },
        { DOC_DIR "/docs/options.md", "every option of the library" },
        { DOC_DIR "/docs/errors.md", "every error, with its cause and what helps" },
    };
    size_t i;

    puts(".SH FILES");
    for (i = 0; i < sizeof pages / sizeof pages[0]; i++) {
        fputs(".TP\n.I ", stdout);
        roff_text(pages[i][0]);
        putchar('\n');
        roff_line(pages[i][1]);
    }
}

int main(void)
{
    const struct help_note *note;

    roff_head("WSC", "1", wsc_version_string(), "User Commands");
    fputs(".SH NAME\nwsc \\- ", stdout);
    roff_line(help_title);
    print_synopsis();
    print_commands();
    print_options();
    for (note = help_notes; note->title; note++) {
        printf(".SH %s\n", note->title);
        roff_line(note->text);
    }
    puts(".SH ENVIRONMENT\n.TP\n.B WSC_PASSWORD\nThe password; empty is the same as unset.\n"
         ".TP\n.B KRB5CCNAME\nThe Kerberos tickets to log in with, as kinit has it.\n"
         ".TP\n.B KRB5_CONFIG\nThe configuration of Kerberos, in place of /etc/krb5.conf.\n"
         ".TP\n.B COLUMNS\nHow wide help is printed.");
    print_examples();
    print_files();
    puts(".SH SEE ALSO\n.BR wsman\\-client\\-options (7),\n.BR wsman\\-client (3)");
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
