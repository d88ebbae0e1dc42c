/* What a service or a proxy may do to a reply, on real sockets: one end each, with the right error,
 * and the service sees nothing twice. */
#include "ears.h"

struct effect {
    const char *rule; /* without its action */
    int status;
    int receive; /* of a command whose Receive is answered so */
};

static const struct effect effects[] = {
    { "\"effect\":\"close-before-reply\"", WSC_E_CONNECTION_LOST, WSC_OK },
    { "\"effect\":\"close-before-reply\",\"how\":\"rst\"", WSC_E_CONNECTION_LOST, WSC_OK },
    { "\"effect\":\"drop-after-processing\"", WSC_E_CONNECTION_LOST, WSC_OK },
    { "\"effect\":\"cut\",\"after\":40", WSC_E_CONNECTION_LOST, WSC_OK },
    { "\"effect\":\"cut\",\"after\":200,\"of\":\"body\"", WSC_E_CONNECTION_LOST, WSC_OK },
    { "\"effect\":\"cut\",\"after\":200,\"of\":\"body\",\"how\":\"rst\"", WSC_E_CONNECTION_LOST,
      WSC_OK },
    { "\"effect\":\"bad-xml\"", WSC_E_PROTOCOL, WSC_E_PROTOCOL },
    { "\"effect\":\"wrong-relates-to\"", WSC_E_PROTOCOL, WSC_E_PROTOCOL },
    { "\"effect\":\"wrong-content-type\"", WSC_E_HTTP, WSC_E_HTTP },
    { "\"effect\":\"html\"", WSC_E_HTTP, WSC_E_HTTP },
    { "\"effect\":\"status\",\"status\":503", WSC_E_BUSY, WSC_E_BUSY },
    { "\"effect\":\"oversized\",\"bytes\":200000", WSC_E_LIMIT, WSC_E_LIMIT },
    { "\"effect\":\"endless-headers\"", WSC_E_LIMIT, WSC_E_LIMIT },
    { "\"effect\":\"endless-100\"", WSC_E_LIMIT, WSC_E_LIMIT },
    { "\"effect\":\"garbage\"", WSC_E_PROTOCOL, WSC_E_PROTOCOL },
    { "\"effect\":\"redirect\",\"location\":\"/elsewhere\"", WSC_E_REDIRECT, WSC_E_REDIRECT },
    { "\"effect\":\"fault\",\"code\":5", WSC_E_ACCESS_DENIED, WSC_E_ACCESS_DENIED },
    { "\"effect\":\"drip\",\"bytes\":50,\"ms\":1", WSC_OK, WSC_OK },
    { "\"effect\":\"chunked-reply\",\"size\":3", WSC_OK, WSC_OK },
    { "\"effect\":\"close-after-reply\"", WSC_OK, WSC_OK },
    { "\"effect\":\"utf16\"", WSC_OK, WSC_OK },
};

static struct ear ear;

/* The next request of that kind is answered so; a command is run. */
static void one(const struct effect *e, const char *action, int status)
{
    static const char *const list[] = { "envelope-limit", "65536", "cancel-timeout", "2000", NULL };
    static char text[4194304];
    int before = test_failures;
    char rule[256];
    wsc_command *c;

    snprintf(rule, sizeof rule, "[{\"action\":\"%s\",%s}]", action, e->rule);
    inject(rule);
    setup(list);
    memset(&ear, 0, sizeof ear);
    c = sh("echo hello; exit 3");
    CHECK_EQ(wsc_command_on_exit(c, on_exit_, &ear, NULL), WSC_OK);
    CHECK_EQ(wsc_command_write_eof(c), WSC_OK);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), status);
    wsc_ctx_step(ctx);
    CHECK_EQ(ear.exit, 1);
    CHECK_EQ(ear.status, status);
    wsc_command_unref(c);
    teardown();
    CHECK(control("GET", "/_control/state", NULL, text, sizeof text));
    /* a Signal that never reached the service is missed there */
    CHECK(!strcmp(action, "Signal") || strstr(text, "\"violations\": []") != NULL);
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
    if (test_failures > before)
        printf("# %s: %s\n", action, e->rule);
}

static void every_effect(void)
{
    static const char *const late[] = { "Signal", "Delete" };
    size_t i, k;

    for (i = 0; i < sizeof effects / sizeof *effects; i++) {
        const struct effect *e = &effects[i];

        one(e, "Create", e->status);
        one(e, "Command", e->status);
        one(e, "Receive", e->receive);
        for (k = 0; k < 2; k++) /* the command has ended by then */
            one(e, late[k], WSC_OK);
    }
}

static const struct test tests[] = {
    { "every_effect", every_effect },
};

TEST_MAIN(tests)
