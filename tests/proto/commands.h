/* A command and a shell for the tests of commands, and a hand that spoils answers. */
#ifndef WSC_TEST_COMMANDS_H
#define WSC_TEST_COMMANDS_H

#include "life.h"

static inline wsc_command *run(const char *const *list)
{
    static const char *const args[] = { "a", "b" };
    wsc_params *p = options(list);
    wsc_command *c = NULL;

    CHECK_EQ(wsc_client_run(&c, l.client, "prog", args, 2, p), WSC_OK);
    wsc_params_unref(p);
    return c;
}

static inline wsc_shell *open_shell(const char *const *list)
{
    wsc_params *p = options(list);
    wsc_shell *s = NULL;

    CHECK_EQ(wsc_shell_open(&s, l.client, p), WSC_OK);
    wsc_params_unref(p);
    CHECK_EQ(wsc_shell_wait(s, -1), WSC_OK);
    return s;
}

static const struct peer_step hello[] = {
    { .out = "hello ", .err = "oh" },
    { .fault = PEER_TIMEOUT },
    { .out = "" },
    { .out = "world", .done = 1, .exit = 7 },
};

/* A shell, and in it a command that says hello. */
static inline int run_hello(wsc_client *client)
{
    wsc_command *c = NULL;
    int64_t code = -1;
    const void *out = NULL;
    size_t len = 0;
    int rc;

    STEPS(hello);
    rc = wsc_client_run(&c, client, "prog", NULL, 0, NULL);
    if (rc == WSC_OK)
        rc = wsc_command_wait(c, -1);
    if (rc == WSC_OK) {
        CHECK_EQ(wsc_command_exit_code(c, &code), WSC_OK);
        CHECK_EQ(code, 7);
        CHECK_EQ(wsc_command_output(c, WSC_STDOUT, &out, &len), WSC_OK);
        CHECK(len == 11 && !memcmp(out, "hello world", 11));
    }
    wsc_command_unref(c);
    return rc;
}

/* How often the word stands in the log. */
static inline int times(const char *log, const char *word)
{
    int n = 0;

    for (; (log = strstr(log, word)); log += strlen(word))
        n++;
    return n;
}

static const char *spoil_action, *spoil_how;
static unsigned spoil_fault;

static inline void spoil_reply(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    (void)p;
    if (strcmp(q->action, spoil_action))
        return;
    if (spoil_fault) {
        free(a->body);
        a->body = peer_fault(spoil_fault);
        a->status = 500;
    } else if (strcmp(spoil_how, "relates") == 0) {
        a->relates = "uuid:00000000-0000-4000-8000-000000000000";
    } else if (strcmp(spoil_how, "unrelated") == 0) {
        a->relates = "";
    } else if (strcmp(spoil_how, "type") == 0) {
        a->type = "text/html";
    } else if (strcmp(spoil_how, "status") == 0) {
        a->status = 503;
        a->type = "text/plain";
    } else if (strcmp(spoil_how, "500") == 0) {
        a->status = 500;
    } else if (strcmp(spoil_how, "empty") == 0) {
        free(a->body);
        a->body = calloc(1, 1);
    } else if (strcmp(spoil_how, "xml") == 0) {
        free(a->body);
        a->body = calloc(1, 16);
        strcpy(a->body, "</s:Body>");
    } else if (strcmp(spoil_how, "hold") == 0) {
        a->hold = true;
    } else if (strcmp(spoil_how, "lost") == 0) {
        a->cut_at_all = true;
        a->how = DRV_EOF;
    } else if (strcmp(spoil_how, "close") == 0) {
        a->close = true;
    } else if (strcmp(spoil_how, "chunked") == 0) {
        a->chunked = true;
    }
}

/* From now on the answer to `action` is a fault of that code, or with 0 spoiled as `how` says. */
static inline void spoil(const char *action, const char *how, unsigned fault)
{
    spoil_action = action;
    spoil_how = how;
    spoil_fault = fault;
    l.p.change = spoil_reply;
}

#endif
