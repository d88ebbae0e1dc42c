/* wsc run and wsc shell: a command with our stdin, stdout and stderr. */
#include "wsc.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#define KEEP_LIMIT 67108864 /* --json holds all output in memory */

struct run {
    struct session s;
    wsc_command *cmd;
    struct input in;
    struct output out;
};

/* Ctrl+C goes to the command. It ends the command where that cannot be, and in run the second time.
 */
static void act_on_signals(struct run *r)
{
    const struct options *o = r->s.o;

    if (signals_end())
        r->s.ended_by = signals_end();
    while (r->s.interrupts < signals_interrupts() && !r->s.ended_by) {
        r->s.interrupts++;
        if ((o->command == CMD_RUN && r->s.interrupts > 1) ||
            wsc_command_signal(NULL, r->cmd, "ctrl-c") != WSC_OK)
            r->s.ended_by = SIGINT;
        else if (o->command == CMD_RUN && !o->quiet)
            say("%s: Ctrl+C is sent to the command; once more ends it", o->host);
    }
}

static int loop(struct run *r)
{
    int rc = WSC_E_AGAIN;

    while (!r->s.ended_by) {
        bool ready = false;

        input_pump(&r->in, r->cmd);
        rc = output_pump(&r->out, r->cmd);
        if (rc != WSC_E_AGAIN)
            break;
        session_wait(&r->s, input_fd(&r->in), output_fd(&r->out), &ready);
        if (ready)
            input_read(&r->in, r->cmd);
        act_on_signals(r);
    }
    /* the exit code may come after the end of the streams */
    while (rc == WSC_OK && !r->s.ended_by && (rc = wsc_command_wait(r->cmd, 0)) == WSC_E_AGAIN) {
        session_wait(&r->s, -1, -1, NULL);
        act_on_signals(r);
        rc = WSC_OK;
    }
    return rc;
}

static void print_json(const struct run *r, const int64_t *code, const wsc_error *error)
{
    const struct bytes *kept = r->out.kept;

    json_begin(stdout, r->s.o->host);
    if (code)
        printf(", \"exit_code\": %" PRId64 ", ", *code);
    else
        fputs(", \"exit_code\": null, ", stdout);
    json_bytes(stdout, "stdout", kept[0].data, kept[0].len);
    fputs(", ", stdout);
    json_bytes(stdout, "stderr", kept[1].data, kept[1].len);
    if (r->s.o->stats)
        json_stats(stdout, r->s.client);
    json_end(stdout, error);
}

static int ended(const struct run *r)
{
    const struct options *o = r->s.o;
    int64_t code = 0;

    if (wsc_command_exit_code(r->cmd, &code) != WSC_OK) {
        if (o->json)
            print_json(r, NULL, NULL);
        if (!o->quiet)
            say("%s: the command ended without an exit code", o->host);
        return EXIT_OURS;
    }
    if (o->json)
        print_json(r, &code, NULL);
    if (code >= 0 && code < EXIT_REMOTE)
        return (int)code;
    if (!o->quiet) {
        fputs("wsc: ", stderr);
        clean_text(stderr, o->host, "  ");
        fputs(": remote ", stderr);
        show_exit_code(stderr, code);
        fputc('\n', stderr);
    }
    return EXIT_REMOTE;
}

static int failed(const struct run *r)
{
    const struct options *o = r->s.o;
    const wsc_error *e = wsc_command_error(r->cmd);

    if (r->out.failed == EPIPE)
        return EXIT_SIGNAL + SIGPIPE; /* who read our output wants no more */
    if (r->out.failed) {
        if (!o->quiet)
            say_unwritten(r->out.failed);
        return EXIT_OURS;
    }
    if (!e)
        e = wsc_ctx_error(r->s.ctx);
    if (o->json)
        print_json(r, NULL, e);
    return fail_with(o, o->host, e);
}

/* --json may not fill the memory; who sets a limit knows how much is wanted. */
static int start(struct run *r, const char *program, const char *const *args, size_t nargs)
{
    const char *layer = "";
    wsc_params *p = NULL;
    int rc = WSC_OK;

    if (r->out.keep &&
        wsc_client_option(r->s.client, NULL, "received-limit", NULL, &layer) == WSC_OK &&
        strcmp(layer, "default") == 0) {
        rc = wsc_params_new(&p);
        if (rc == WSC_OK)
            rc = wsc_params_set_int(p, "received-limit", KEEP_LIMIT);
    }
    if (rc == WSC_OK)
        rc = wsc_client_run(&r->cmd, r->s.client, program, args, nargs, p);
    wsc_params_unref(p);
    return rc;
}

static int run_program(const struct options *o, const char *program, const char *const *args,
                       size_t nargs)
{
    static struct run r;
    bool pass =
        !o->no_stdin && (o->interactive || o->command == CMD_SHELL || !isatty(STDIN_FILENO));
    int rc = session_open(&r.s, o), code;

    if (rc)
        return rc;
    r.out.keep = o->json;
    rc = start(&r, program, args, nargs);
    if (rc == WSC_OK) {
        input_init(&r.in, r.cmd, pass);
        rc = loop(&r);
    }
    if (r.s.ended_by)
        code = EXIT_SIGNAL + r.s.ended_by;
    else
        code = rc == WSC_OK ? ended(&r) : failed(&r);
    if (o->json && finish_stdout() != EXIT_OK && code < EXIT_SIGNAL)
        code = EXIT_OURS;
    if (o->stats && !o->json)
        report_stats(o->host, r.s.client);
    wsc_command_unref(r.cmd);
    session_close(&r.s);
    output_free(&r.out);
    return code;
}

int cmd_run(const struct options *o)
{
    return run_program(o, o->argv[0], (const char *const *)(o->argv + 1), o->argc - 1);
}

/* Lines to a program that goes on, its output back. */
int cmd_shell(const struct options *o)
{
    return run_program(o, o->program ? o->program : "cmd.exe", NULL, 0);
}
