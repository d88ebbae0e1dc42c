/* Prints reference pages in Markdown from the tables of the library:
 *   gen_docs options | errors | settings | statistics | states */
#include "base/opts.h"
#include "proto/states.h"
#include "proto/stats.h"
#include "wsman/settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Text inside a table cell. */
static void cell(const char *s)
{
    for (; s && *s; s++) {
        if (*s == '|')
            putchar('\\');
        putchar(*s);
    }
}

static const char *type_name(enum wsc__opt_type t)
{
    static const char *const names[] = { "string", "int",  "size (bytes)", "duration (ms)",
                                         "bool",   "enum", "bytes",        "map" };

    return names[t];
}

static void print_scope(int scope)
{
    printf("context");
    if (scope & WSC__SCOPE_CLIENT)
        printf(", client");
    if (scope & WSC__SCOPE_IDENTITY)
        printf(", identity");
    if (scope & WSC__SCOPE_OP)
        printf(", operation");
}

static void print_options(void)
{
    const struct wsc__opt_info *o;
    size_t i;

    printf(
        "# Options\n\n"
        "Set with `wsc_params_set_str`, `_set_int`, `_set_bytes` and, where the type is map, "
        "`wsc_params_add`.\nThe nearest layer wins: operation, client, context, default.\n\n"
        "A size takes k, m and g for powers of 1024. A duration is in milliseconds, or takes ms, "
        "s, m, h and d.\nA switch is true, false, yes, no, on, off, 1 or 0.\n");
    for (i = 0; (o = wsc__opt_info(i)) != NULL; i++) {
        printf("\n## `%s`\n\n%s\n\n| type | range | default | may be given for | secret |\n"
               "|---|---|---|---|---|\n| %s | ",
               o->name, o->doc, type_name(o->type));
        cell(o->range);
        printf(" | ");
        if (o->def)
            printf("`%s`", o->def);
        printf(" | ");
        print_scope(o->scope);
        printf(" | %s |\n", o->secret ? "yes" : "no");
    }
}

static const char *advice_text(enum wsc__advice a)
{
    static const char *const texts[] = { "", "ask again", "later", "new shell", "close something" };

    return texts[a];
}

static void print_codes(void)
{
    const struct wsc__code *c;
    size_t i;

    printf("## Status codes\n\n"
           "Retriable: the same call may succeed later though nothing was changed. It does not say "
           "whether the failed one took effect.\n\n"
           "| number | name | class | retriable | meaning | remedy |\n|---|---|---|---|---|---|\n");
    for (i = 0; (c = wsc__code_at(i)) != NULL; i++) {
        printf("| %d | `%s` | %s | %s | ", c->code, c->name, c->cls, c->retriable ? "yes" : "no");
        cell(c->text);
        printf(" | ");
        cell(c->remedy);
        printf(" |\n");
    }
}

static void print_faults(void)
{
    const struct wsc__fault_info *f;
    size_t i;

    printf(
        "\n## Faults of Windows\n\n"
        "`fault-code` of an error is the number, `fault-name` the name. 0x8007xxxx stands for the "
        "Win32 code in its\nlast four digits, 0xD000xxxx for the NTSTATUS 0xC000xxxx. subcode: the "
        "SOAP "
        "subcode that comes with it,\nafter a slash its faultDetail. advice: what the library "
        "does, or a "
        "program may do. Commands are as cmd.exe\ntakes them; in PowerShell `@{...}` goes in "
        "single "
        "quotes.\n\n"
        "| code | name | subcode | status | advice | meaning | cause | remedy |\n"
        "|---|---|---|---|---|---|---|---|\n");
    for (i = 0; (f = wsc__fault_at(i)) != NULL; i++) {
        printf("| 0x%08lX | `%s` | %s%s%s | `%s` | %s | ", (unsigned long)f->code, f->name,
               f->subcode ? f->subcode : "", f->detail ? " / " : "", f->detail ? f->detail : "",
               wsc__code_find(f->wsc)->name, advice_text(f->advice));
        cell(f->meaning);
        printf(" | ");
        cell(f->cause);
        printf(" | ");
        cell(f->remedy);
        printf(" |\n");
    }
}

static void print_stats(void)
{
    const struct wsc__stat_info *s;
    size_t i;

    printf("# Statistics\n\n"
           "What the requests of a client have cost: `wsc_client_get_int`, `wsc_stat_get`, and "
           "`wsc run --stats`.\n\n"
           "Bytes are those of a connection, TLS included, TCP and IP not, while it carries a "
           "request of the client: what\npasses over an idle one is nobody's, and where clients "
           "share a kept connection the first one pays for opening\nit. A phase is added when it "
           "ends, and those of requests that run side by side all count: the sum may be more than\n"
           "the time that has passed.\n\n| name | unit | meaning |\n|---|---|---|\n");
    for (i = 0; (s = wsc__stat_info(i)) != NULL; i++) {
        printf("| `%s` | %s | ", s->name, s->unit);
        cell(s->doc);
        printf(" |\n");
    }
}

static void print_settings(void)
{
    const struct wsc__setting *s;
    size_t i;

    printf("# Settings of WinRM\n\n"
           "What `winrm/config` of a host holds (MS-WSMV 2.2.4), by path: for `wsc_value_find`, "
           "`wsc config set HOST PATH=VALUE`,\nand from `wsc_setting_get`. Defaults are those of "
           "a current Windows. policy: what in Group Policy sets it (Computer\nConfiguration, "
           "Administrative Templates, Windows Components); it shows as `Source=\"GPO\"` then, and "
           "cannot be\nchanged by a request (0x8033808A).\n\n"
           "| path | type | unit | range | default | | meaning | policy |\n"
           "|---|---|---|---|---|---|---|---|\n");
    for (i = 0; (s = wsc__setting_at(i)) != NULL; i++) {
        printf("| `%s` | %s | %s | ", s->path, s->type, s->unit);
        cell(s->range);
        printf(" | %s%s%s | %s | %s | %s |\n", *s->def ? "`" : "", s->def, *s->def ? "`" : "",
               s->access, s->doc, s->policy);
    }
}

static void print_machine(const struct wsc__machine *m)
{
    size_t i, k;

    printf("\n## %s\n\n```mermaid\nstateDiagram-v2\n    [*] --> %s\n", m->name, m->states[0]);
    for (i = 0; i < m->nedges; i++)
        printf("    %s --> %s: %s\n", m->states[m->edges[i].from], m->states[m->edges[i].to],
               m->edges[i].why);
    for (i = 0; i < m->nstates; i++) { /* the ends: come to, and never left */
        bool reached = false, left = false;

        for (k = 0; k < m->nedges; k++) {
            reached |= m->edges[k].to == i;
            left |= m->edges[k].from == i;
        }
        if (reached && !left)
            printf("    %s --> [*]\n", m->states[i]);
    }
    printf("```\n");
}

static void print_states(void)
{
    printf("# States\n\n"
           "From `lib/proto/states.def`. The library checks every transition against it, and the "
           "tests "
           "fail on one that is\nnot there. The log shows them at level debug.\n");
    print_machine(&wsc__conn_machine);
    print_machine(&wsc__shell_machine);
    print_machine(&wsc__command_machine);
    print_machine(&wsc__items_machine);
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "options")) {
        print_options();
    } else if (argc == 2 && !strcmp(argv[1], "errors")) {
        printf("# Errors\n\n");
        print_codes();
        print_faults();
    } else if (argc == 2 && !strcmp(argv[1], "settings")) {
        print_settings();
    } else if (argc == 2 && !strcmp(argv[1], "statistics")) {
        print_stats();
    } else if (argc == 2 && !strcmp(argv[1], "states")) {
        print_states();
    } else {
        fprintf(stderr, "usage: gen_docs options|errors|settings|statistics|states\n");
        return 2;
    }
    return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
