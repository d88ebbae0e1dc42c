#include "wsc.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const char *command_name_at(size_t i)
{
    return command_table[i].name;
}

enum command command_by_name(const char *name)
{
    size_t i;

    for (i = 0; command_table[i].name; i++)
        if (strcmp(command_table[i].name, name) == 0)
            return command_table[i].command;
    return strcmp(name, "enum") == 0 ? CMD_ENUMERATE : (enum command)0;
}

int screen_width(void)
{
    const char *columns = getenv("COLUMNS");
    int width = columns ? atoi(columns) : 0;
#ifdef TIOCGWINSZ
    struct winsize size;

    if (width <= 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
#endif
    if (width <= 0)
        width = 80;
    return width < 40 ? 40 : width > 120 ? 120 : width;
}

/* From the current line on; later lines are indented. */
void wrap_text(FILE *out, const char *text, int indent, int width)
{
    int at = indent;

    while (*text) {
        int len = (int)strcspn(text, " ");

        if (at > indent && at + 1 + len > width) {
            fprintf(out, "\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            fputc(' ', out);
            at++;
        }
        fprintf(out, "%.*s", len, text);
        at += len;
        text += len;
        while (*text == ' ')
            text++;
    }
    fputc('\n', out);
}

void help_main(FILE *out)
{
    size_t i;

    fprintf(out, "wsc - %s\n\nusage:\n", help_title);
    for (i = 0; command_table[i].name; i++)
        fprintf(out, "  wsc %-9s %s\n                %s\n", command_table[i].name,
                command_table[i].usage, command_table[i].what);
    fputs("  wsc help [COMMAND]    wsc --version\n", out);
    for (i = 0; help_notes[i].title; i++) {
        fputc('\n', out);
        wrap_text(out, help_notes[i].text, 0, 80);
    }
    fputs("\nexamples:\n", out);
    for (i = 0; help_examples[i]; i++)
        fprintf(out, "  %s\n", help_examples[i]);
}

static void help_option(FILE *out, const struct opt_def *def, int width)
{
    char head[64];
    int n;

    n = snprintf(head, sizeof head, "  %c%c%s --%s%s%s", def->letter ? '-' : ' ',
                 def->letter ? def->letter : ' ', def->letter ? "," : " ", def->name,
                 def->arg ? " " : "", def->arg ? def->arg : "");
    fprintf(out, "%-30s", head);
    if (n >= 30)
        fprintf(out, "\n%30s", "");
    wrap_text(out, def->help, 30, width);
}

void help_command(FILE *out, enum command command)
{
    const struct command_def *c;
    int width = screen_width();
    size_t i;

    for (c = command_table; c->command != command; c++)
        ;
    fprintf(out, "usage: wsc %s %s\n       %s\n\n", c->name, c->usage, c->what);
    for (i = 0; i < opt_table_len; i++)
        if (opt_table[i].commands & (unsigned)command)
            help_option(out, &opt_table[i], width);
    fputc('\n', out);
    wrap_text(out, c->more, 0, width);
    fputs("See `wsc help` for hosts, passwords and exit codes.\n", out);
}
