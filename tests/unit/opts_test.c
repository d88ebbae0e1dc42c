#include "base/opts.h"

#include "test.h"

static struct wsc__optset *fresh(void)
{
    struct wsc__optset *s = NULL;

    CHECK_EQ(wsc__optset_new(&s, &wsc__mem_libc), 0);
    return s;
}

static void table(void)
{
    const struct wsc__opt_info *o;
    size_t i;

    for (i = 0; (o = wsc__opt_info(i)) != NULL; i++) {
        size_t n = strlen(o->doc);
        struct wsc__optset *s = fresh();

        CHECK_EQ(wsc__opt_find(o->name), i);
        CHECK(n && o->doc[n - 1] == '.');
        CHECK(strlen(o->name) == strspn(o->name, "abcdefghijklmnopqrstuvwxyz0123456789-"));
        CHECK(o->scope && o->min <= o->max);
        if (o->def) /* every default is a value the option takes */
            CHECK_EQ(wsc__optset_set_text(s, o->name, o->def, NULL), 0);
        wsc__optset_unref(s);
    }
    CHECK_EQ(i, WSC__O_COUNT);
    CHECK_EQ(wsc__opt_info(WSC__O_OPERATION_TIMEOUT)->min, 500);
    CHECK_EQ(wsc__opt_info(WSC__O_OPERATION_TIMEOUT)->max, 2147483647);
    CHECK_EQ(wsc__opt_find("nonsense"), -1);
    CHECK_EQ(wsc__opt_find(NULL), -1);
}

static void defaults(void)
{
    const void *data;
    char buf[64];
    size_t len;

    CHECK_EQ(wsc__opt_int(NULL, WSC__O_OPERATION_TIMEOUT), 60000);
    CHECK_EQ(wsc__opt_int(NULL, WSC__O_TLS_RESUME), 1);
    CHECK_EQ(wsc__opt_int(NULL, WSC__O_PORT), 0);
    CHECK_EQ(wsc__opt_int(NULL, WSC__O_MAX_ENVELOPE), 512000);
    CHECK_EQ(wsc__opt_int(NULL, WSC__O_MAX_REQUEST), 153600);
    CHECK_STR(wsc__opt_str(NULL, WSC__O_AUTH), "auto");
    CHECK(!wsc__opt_str(NULL, WSC__O_USERNAME));
    CHECK(!wsc__opt_bytes(NULL, WSC__O_PASSWORD, &data, &len));
    CHECK(wsc__opt_bytes(NULL, WSC__O_LOCALE, &data, &len) && len == 5);
    CHECK(!wsc__opt_is_set(NULL, WSC__O_LOCALE));
    CHECK_EQ(wsc__opt_layer(NULL, WSC__O_LOCALE), WSC__LAYER_DEFAULT);
    CHECK_STR(wsc__opt_text(NULL, WSC__O_TLS, buf, sizeof buf), "false");
    CHECK_STR(wsc__opt_text(NULL, WSC__O_OPERATION_TIMEOUT, buf, sizeof buf), "60000");
    CHECK(!wsc__opt_text(NULL, WSC__O_PORT, buf, sizeof buf));
    CHECK(!wsc__opt_text(NULL, WSC__O_PASSWORD, buf, sizeof buf));
    CHECK_STR(wsc__layer_name(WSC__LAYER_OP), "operation");
}

static void values(void)
{
    static const struct {
        const char *name, *text;
        int64_t num; /* -1: refused */
    } cases[] = {
        { "operation-timeout", "4m", 240000 },
        { "operation-timeout", "500ms", 500 },
        { "operation-timeout", "30s", 30000 },
        { "operation-timeout", "2h", 7200000 },
        { "operation-timeout", "499", -1 },
        { "operation-timeout", "4x", -1 },
        { "operation-timeout", "", -1 },
        { "operation-timeout", "-5s", -1 },
        { "operation-timeout", "99999999999999999999", -1 },
        { "port", "5985", 5985 },
        { "port", "0", -1 },
        { "port", "70000", -1 },
        { "port", "5 ", -1 },
        { "port", "0x10", -1 },
        { "max-envelope-size", "64k", 65536 },
        { "max-envelope-size", "2M", 2097152 },
        { "max-envelope-size", "1kb", -1 },
        { "max-envelope-size", "k", -1 },
        { "received-limit", "9223372036854775807", INT64_MAX },
        { "received-limit", "9223372036854775807k", -1 },
        { "tls", "Yes", 1 },
        { "tls", "off", 0 },
        { "tls", "maybe", -1 },
        { "tls", "", -1 },
        { "auth", "basic", 2 },
        { "auth", "auto", 0 },
        { "auth", "Basic", -1 },
        { "auth", "bas", -1 },
        { "auth", "none|basic", -1 },
        { "locale", "de-DE", 0 },
        { "locale", "a\x01", -1 },
        { "locale", "\xff", -1 },
        { "user-agent", "a\r\nX: y", -1 },
        { "working-directory", "C:\\\n", 0 },
        { "env", "A=B", -1 },
        { "nonsense", "1", -1 },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__optset *s = fresh();
        struct wsc_error *err = NULL;
        int rc = wsc__optset_set_text(s, cases[i].name, cases[i].text, &err);

        CHECK_EQ(rc, cases[i].num < 0 ? WSC_E_OPTION : 0);
        CHECK_EQ(wsc__error_code(err), rc);
        if (!rc)
            CHECK_EQ(wsc__opt_int(s, (enum wsc__opt)wsc__opt_find(cases[i].name)), cases[i].num);
        else if (!CHECK(wsc__error_str(err, WSC__ES_OPTION) != NULL))
            printf("# %s\n", cases[i].text);
        wsc__error_unref(err);
        wsc__optset_unref(s);
    }
}

static void error_texts(void)
{
    static const struct {
        const char *name, *value, *text;
    } cases[] = {
        { "pasword", "x", "unknown option \"pasword\"; did you mean \"password\"?" },
        { "operationtimeout", "x",
          "unknown option \"operationtimeout\"; did you mean \"operation-timeout\"?" },
        { "Operation_Timeout", "x",
          "unknown option \"Operation_Timeout\"; did you mean \"operation-timeout\"?" },
        { "working-dir", "x",
          "unknown option \"working-dir\"; did you mean \"working-directory\"?" },
        { "qqq", "x", "unknown option \"qqq\"" },
        { "a\nb", "x", "unknown option \"a?b\"" },
        { "operation-timeout", "4x",
          "operation-timeout: \"4x\" is not a duration (240000, 500ms, 30s, 4m, 2h); allowed "
          "500..2147483647" },
        { "operation-timeout", "1ms",
          "operation-timeout: 1 is out of range; allowed 500..2147483647" },
        { "auth", "kerberoz",
          "auth: \"kerberoz\" is not one of auto|none|basic|certificate|negotiate|kerberos|ntlm" },
        { "tls", "si", "tls: \"si\" is not a switch (true, false, yes, no, on, off, 1, 0)" },
        { "max-envelope-size", "big",
          "max-envelope-size: \"big\" is not a size (65536, 64k, 4m, 1g); allowed "
          "8192..104857600" },
        { "port", "x", "port: \"x\" is not a number; allowed 1..65535" },
        { "env", "x", "env takes pairs of name and value, one at a time" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__optset *s = fresh();
        struct wsc_error *err = NULL;

        CHECK_EQ(wsc__optset_set_text(s, cases[i].name, cases[i].value, &err), WSC_E_OPTION);
        CHECK_STR(wsc__error_text(err), cases[i].text);
        wsc__error_unref(err);
        wsc__optset_unref(s);
    }
}

static void setters(void)
{
    struct wsc__optset *s = fresh();
    const void *data = NULL;
    char buf[40];
    size_t len = 0;

    CHECK_EQ(wsc__optset_set_int(s, "port", 81, NULL), 0);
    CHECK_EQ(wsc__optset_set_int(s, "port", 0, NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_set_int(s, "tls", 1, NULL), 0);
    CHECK_EQ(wsc__optset_set_int(s, "tls", 2, NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_set_int(s, "auth", 1, NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_set_int(s, "env", 1, NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_set_bytes(s, "password", "a\0b", 3, NULL), 0);
    CHECK(wsc__opt_bytes(s, WSC__O_PASSWORD, &data, &len) && len == 3 && !memcmp(data, "a\0b", 4));
    CHECK_STR(wsc__opt_text(s, WSC__O_PASSWORD, buf, sizeof buf), "***");
    CHECK_EQ(wsc__optset_set_bytes(s, "username", "a\0b", 3, NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_set_bytes(s, "port", "5", 1, NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_set_bytes(s, "username", NULL, 0, NULL), 0);
    CHECK_STR(wsc__opt_str(s, WSC__O_USERNAME), "");
    CHECK_EQ(wsc__optset_set_text(s, "port", NULL, NULL), 0);
    CHECK(!wsc__opt_is_set(s, WSC__O_PORT));
    CHECK_EQ(wsc__opt_int(s, WSC__O_TLS), 1);
    CHECK_EQ(wsc__optset_set_text(s, NULL, "x", NULL), WSC_E_USAGE);
    CHECK_EQ(wsc__optset_add(s, "env", "A", "1", NULL), 0);
    CHECK_EQ(wsc__optset_add(s, "env", "a", "2", NULL), 0);
    CHECK_EQ(wsc__optset_add(s, "env", "B", "x\x02", NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_add(s, "env", "", "x", NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_add(s, "header", "X", "a\nb", NULL), WSC_E_OPTION);
    CHECK_EQ(wsc__optset_add(s, "port", "X", "1", NULL), WSC_E_OPTION);
    CHECK_STR(wsc__opt_text(s, WSC__O_ENV, buf, sizeof buf), "a=2");
    CHECK_EQ(wsc__optset_set_text(s, "env", NULL, NULL), 0);
    CHECK(!wsc__opt_is_set(s, WSC__O_ENV));
    wsc__optset_unref(s);
}

static void layers(void)
{
    struct wsc__optset *p = fresh(), *q = fresh(), *ctx = NULL, *client = NULL, *op = NULL;
    const char *k = NULL, *v = NULL;
    struct wsc_error *err = NULL;

    wsc__optset_set_text(p, "port", "81", NULL);
    wsc__optset_set_text(p, "locale", "de-DE", NULL);
    wsc__optset_add(p, "env", "A", "1", NULL);
    wsc__optset_add(p, "env", "B", "2", NULL);
    CHECK_EQ(
        wsc__optset_freeze(&ctx, &wsc__mem_libc, p, NULL, WSC__LAYER_CTX, WSC__SCOPE_CTX, NULL), 0);
    CHECK_EQ(wsc__optset_freeze(&client, &wsc__mem_libc, NULL, ctx, WSC__LAYER_CLIENT,
                                WSC__SCOPE_CLIENT, NULL),
             0);
    wsc__optset_set_text(q, "locale", "fr-FR", NULL);
    wsc__optset_add(q, "env", "C", "3", NULL);
    wsc__optset_add(q, "env", "b", "9", NULL);
    CHECK_EQ(wsc__optset_freeze(&op, &wsc__mem_libc, q, client, WSC__LAYER_OP, WSC__SCOPE_OP, NULL),
             0);
    wsc__optset_unref(ctx);
    wsc__optset_unref(client); /* op keeps them */
    CHECK_EQ(wsc__opt_int(op, WSC__O_PORT), 81);
    CHECK_STR(wsc__opt_str(op, WSC__O_LOCALE), "fr-FR");
    CHECK_EQ(wsc__opt_layer(op, WSC__O_PORT), WSC__LAYER_CTX);
    CHECK_EQ(wsc__opt_layer(op, WSC__O_LOCALE), WSC__LAYER_OP);
    CHECK_EQ(wsc__opt_layer(op, WSC__O_ENV), WSC__LAYER_OP);
    CHECK_EQ(wsc__opt_layer(op, WSC__O_TLS), WSC__LAYER_DEFAULT);
    CHECK(wsc__opt_pair(op, WSC__O_ENV, 0, &k, &v) && !strcmp(k, "A") && !strcmp(v, "1"));
    CHECK(wsc__opt_pair(op, WSC__O_ENV, 1, &k, &v) && !strcmp(k, "B") && !strcmp(v, "9"));
    CHECK(wsc__opt_pair(op, WSC__O_ENV, 2, &k, &v) && !strcmp(k, "C") && !strcmp(v, "3"));
    CHECK(!wsc__opt_pair(op, WSC__O_ENV, 3, &k, &v));
    CHECK(!wsc__opt_pair(NULL, WSC__O_ENV, 0, &k, &v));
    /* options of another layer are refused */
    wsc__optset_set_text(q, "tls", "true", NULL);
    wsc__optset_unref(op);
    op = NULL;
    CHECK_EQ(wsc__optset_freeze(&op, &wsc__mem_libc, q, NULL, WSC__LAYER_OP, WSC__SCOPE_OP, &err),
             WSC_E_OPTION);
    CHECK(!op);
    CHECK_STR(wsc__error_text(err),
              "tls is an option of the client and cannot be given for an operation");
    CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), "tls");
    wsc__error_unref(err);
    wsc__optset_unref(p);
    wsc__optset_unref(q);
}

static void nearest(void)
{
    CHECK_STR(wsc__opt_nearest("pasword"), "password");
    CHECK_STR(wsc__opt_nearest("tlscafile"), "tls-ca-file");
    CHECK_STR(wsc__opt_nearest("user"), "username");
    CHECK_STR(wsc__opt_nearest("ca-file"), "tls-ca-file");
    CHECK_STR(wsc__opt_nearest("cert"), "tls-cert-file");
    CHECK_STR(wsc__opt_nearest("verify"), "tls-verify-name");
    CHECK_STR(wsc__opt_nearest("tls-verify"), "tls-verify-name");
    CHECK_STR(wsc__opt_nearest("pass"), "password");
    CHECK_STR(wsc__opt_nearest("skip-ca"), "insecure-skip-ca-check");
    CHECK_STR(wsc__opt_nearest("SKIP_CA"), "insecure-skip-ca-check");
    CHECK_STR(wsc__opt_nearest("skip-cnd"), "skip-cmd");
    CHECK_STR(wsc__opt_nearest("tls-verify-host"), "tls-verify-name");
    CHECK(!wsc__opt_nearest("timeout")); /* of several */
    CHECK(!wsc__opt_nearest("insecure"));
    CHECK(!wsc__opt_nearest("insecure-tls"));
    CHECK(!wsc__opt_nearest("idle"));
    CHECK(!wsc__opt_nearest("shell"));
    CHECK(!wsc__opt_nearest("connection"));
    CHECK(!wsc__opt_nearest("connect-timeout"));
    CHECK(!wsc__opt_nearest("x"));
    CHECK(!wsc__opt_nearest(""));
    CHECK(!wsc__opt_nearest(NULL));
}

static int one_set(const struct wsc__mem *mem)
{
    struct wsc__optset *s = NULL, *f = NULL;
    struct wsc_error *err = NULL;
    int rc = wsc__optset_new(&s, mem);

    if (!rc)
        rc = wsc__optset_set_text(s, "password", "secret", &err);
    if (!rc)
        rc = wsc__optset_set_text(s, "password", "secret2", &err);
    if (!rc)
        rc = wsc__optset_set_text(s, "port", "81", &err);
    if (!rc)
        rc = wsc__optset_add(s, "env", "A", "1", &err);
    if (!rc)
        rc = wsc__optset_add(s, "env", "A", "2", &err);
    if (!rc)
        rc = wsc__optset_add(s, "env", "B", "2", &err);
    if (!rc)
        rc = wsc__optset_freeze(&f, mem, s, NULL, WSC__LAYER_CTX, WSC__SCOPE_CTX, &err);
    if (rc && s)
        CHECK_EQ(wsc__error_code(err), rc);
    if (rc)
        CHECK_EQ(rc, WSC_E_NOMEM);
    wsc__error_unref(err);
    wsc__optset_unref(f);
    wsc__optset_unref(s);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(one_set);
}

static const struct test tests[] = {
    { "table", table },     { "defaults", defaults },
    { "values", values },   { "error_texts", error_texts },
    { "setters", setters }, { "layers", layers },
    { "nearest", nearest }, { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
