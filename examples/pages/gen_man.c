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

/* Of which commands, where it is not of all. */
static void print_where(unsigned commands)
{
    const char *between = " (";
    const struct command_def *c;

    if (commands == CMD_ALL)
        return;
    for (c = command_table; c->name; c++) {
        if (!(commands & (unsigned)c->command))
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
         ".TP\n.B COLUMNS\nHow wide help is printed.");
    print_examples();
    puts(".SH SEE ALSO\n.BR wsman\\-client\\-options (7),\n.BR wsman\\-client (3)");
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
