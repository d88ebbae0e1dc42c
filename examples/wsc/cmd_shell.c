/* wsc shell: lines to a program that goes on, its output back. */
#include "wsc.h"

int cmd_shell(const struct options *o)
{
    struct options with_input = *o;

    with_input.interactive = true;
    return run_program(&with_input, o->program ? o->program : "cmd.exe", NULL, 0);
}
