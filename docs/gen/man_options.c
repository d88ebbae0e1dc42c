/* Prints wsman-client-options(7) from the library's table of options. */
#include "roff.h"

#include <stdio.h>
#include <string.h>
#include <wsman-client/wsman-client.h>

static const char *field(size_t i, const char *name)
{
    const char *value = "";

    return wsc_option_get(i, name, &value) == WSC_OK ? value : "";
}

static void print_option(size_t i)
{
    const char *type = field(i, "type"), *range = field(i, "range"), *def = field(i, "default");

    fputs(".TP\n.B ", stdout);
    roff_line(field(i, "name"));
    roff_line(field(i, "doc"));
    printf(".br\n\\fIType:\\fR %s%s", type,
           !strcmp(type, "duration") ? " in ms"
           : !strcmp(type, "size")   ? " in bytes"
                                     : "");
    if (*range) {
        putchar(' ');
        roff_text(range);
    }
    if (*def) {
        fputs(". \\fIDefault:\\fR ", stdout);
        roff_text(def);
    }
    printf(". \\fIFor:\\fR %s.%s\n", field(i, "scope"), *field(i, "secret") ? " Secret." : "");
}

int main(void)
{
    size_t i;

    roff_head("WSMAN\\-CLIENT\\-OPTIONS", "7", wsc_version_string(), "libwsman\\-client");
    puts(".SH NAME\nwsman\\-client\\-options \\- the options of libwsman\\-client and of wsc\n"
         ".SH DESCRIPTION\n"
         "In a program they are set with \\fBwsc_params_set_str\\fR, \\fB_set_int\\fR, "
         "\\fB_set_bytes\\fR and,\nwhere the type is map, \\fBwsc_params_add\\fR; with the tool by "
         "\\fB\\-\\-set\\fR \\fINAME\\fR=\\fIVALUE\\fR.\n"
         "The nearest layer wins: operation, client, context, default. \\fIFor\\fR names the "
         "nearest "
         "one it may be given for.\n.PP\n"
         "A size takes k, m and g for powers of 1024. A duration is in milliseconds, or takes ms, "
         "s, m, h and d.\nA switch is true, false, yes, no, on, off, 1 or 0.\n"
         ".SH OPTIONS");
    for (i = 0; *field(i, "name"); i++)
        print_option(i);
    puts(".SH SEE ALSO\n.BR wsc (1),\n.BR wsman\\-client (3)");
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
