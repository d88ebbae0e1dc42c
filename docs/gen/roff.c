#include "roff.h"

#include <stdio.h>

void roff_head(const char *title, const char *section, const char *version, const char *manual)
{
    printf(".\\\" Made from the tables of the source.\n"
           ".TH %s %s \"\" \"libwsman\\-client %s\" \"%s\"\n",
           title, section, version, manual);
}

void roff_text(const char *s)
{
    int bold = 0;

    for (; *s; s++) {
        if (*s == '\\')
            fputs("\\e", stdout);
        else if (*s == '-')
            fputs("\\-", stdout);
        else if (*s == '\'')
            fputs("\\(aq", stdout);
        else if (*s == '^')
            fputs("\\(ha", stdout);
        else if (*s == '~')
            fputs("\\(ti", stdout);
        else if (*s == '`')
            fputs((bold = !bold) ? "\\fB" : "\\fR", stdout);
        else
            putchar(*s);
    }
}

void roff_line(const char *s)
{
    fputs("\\&", stdout); /* a point or quote at the beginning would be a request */
    roff_text(s);
    putchar('\n');
}
