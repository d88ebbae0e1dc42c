/* The options of TLS that change what a session accepts or leaves behind. */
#include "tls/tls_internal.h"

#include "test.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>

#include <gnutls/x509.h>

#include <errno.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define HOST "srv.example"
#include "tls_peer.h"

static char path[80], environment_log[100];

/* --- lists of revoked certificates ------------------------------------------------------------ */

enum { REVOKES = 1, STALE = 2, DER = 4 };

static void write_crl(const struct ident *issuer, unsigned what, const char *how)
{
    gnutls_x509_crl_t crl;
    gnutls_datum_t out;
    time_t now = time(NULL);
    FILE *f;

    gnutls_x509_crl_init(&crl);
    gnutls_x509_crl_set_version(crl, 2);
    gnutls_x509_crl_set_this_update(crl, now - 5000);
    gnutls_x509_crl_set_next_update(crl, now + (what & STALE ? -1000 : 1000));
    gnutls_x509_crl_set_number(crl, "\x01", 1);
    gnutls_x509_crl_set_crt_serial(crl, "\x77", 1, now - 6000);
    if (what & REVOKES)
        gnutls_x509_crl_set_crt(crl, leaf.crt, now - 6000);
    CHECK_EQ(gnutls_x509_crl_sign2(crl, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0), 0);
    gnutls_x509_crl_export2(crl, what & DER ? GNUTLS_X509_FMT_DER : GNUTLS_X509_FMT_PEM, &out);
    f = fopen(path, how);
    if (CHECK(f != NULL)) {
        fwrite(out.data, 1, out.size, f);
        fclose(f);
    }
    gnutls_free(out.data);
    gnutls_x509_crl_deinit(crl);
}

static void revoked(void)
{
    struct wsc__tls_options o = options();
    char pin[80] = "sha256:";
    uint8_t key[32];
    size_t len = sizeof key;

    o.crl_file = path;
    write_crl(&ca, REVOKES, "w");
    refuses(&o, HOST, &leaf, WSC_E_TLS_VERIFY, "the certificate of srv.example was revoked");
    write_crl(&ca, REVOKES | DER, "w");
    refuses(&o, HOST, &leaf, WSC_E_TLS_VERIFY, "was revoked");
    write_crl(&other_ca, REVOKES, "w"); /* not its issuer's business */
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS13, text, sizeof text), 0);
    write_crl(&ca, STALE, "w");
    refuses(&o, HOST, &leaf, WSC_E_TLS_VERIFY, "of CN=Test CA is out of date since 20");
    write_crl(&ca, 0, "a"); /* the newest counts */
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS12, text, sizeof text), 0);
    write_crl(&ca, REVOKES | STALE, "a");
    refuses(&o, HOST, &leaf, WSC_E_TLS_VERIFY, "was revoked");
    /* neither a pin nor doing without a CA lifts it */
    gnutls_x509_crt_get_key_id(leaf.crt, GNUTLS_KEYID_USE_SHA256, key, &len);
    for (int i = 0; i < 32; i++)
        sprintf(pin + 7 + 2 * i, "%02x", key[i]);
    o.ca_file = NULL;
    o.pin = pin;
    refuses(&o, HOST, &leaf, WSC_E_TLS_VERIFY, "was revoked");
    o.pin = NULL;
    o.verify_chain = 0;
    refuses(&o, HOST, &leaf, WSC_E_TLS_VERIFY, "was revoked");
}

static void bad_lists(void)
{
    static const char *const wrong[] = { "/nonexistent/crl.pem", "/dev/null", ca_path };
    struct wsc__tls_options o = options();

    for (size_t i = 0; i < 3; i++) {
        struct wsc__tls_config *c = NULL;
        struct wsc_error *err = NULL;

        o.crl_file = wrong[i];
        CHECK_EQ(wsc__tls_config_new(&c, &wsc__mem_libc, NULL, &o, &err), i ? WSC_E_TLS : WSC_E_IO);
        CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), "tls-crl-file");
        CHECK(strstr(wsc__error_text(err), wrong[i]) != NULL);
        wsc__error_unref(err);
    }
}

/* --- versions --------------------------------------------------------------------------------- */

static bool policy_has(gnutls_protocol_t version)
{
    const unsigned *list;
    gnutls_priority_t p;
    bool found = false;
    int n;

    CHECK_EQ(gnutls_priority_init2(&p, NULL, NULL, 0), 0);
    n = gnutls_priority_protocol_list(p, &list);
    for (int i = 0; i < n; i++)
        found |= list[i] == (unsigned)version;
    gnutls_priority_deinit(p);
    return found;
}

static void versions(void)
{
    static const char *const spoken[] = { "NORMAL:-VERS-ALL:+VERS-TLS1.0",
                                          "NORMAL:-VERS-ALL:+VERS-TLS1.1", TLS12, TLS13 };
    struct wsc__tls_options o = options();

    for (int least = 10; least <= 13; least++) {
        for (int v = 10; v <= 13; v++) {
            bool good = v >= least && policy_has((gnutls_protocol_t)(GNUTLS_TLS1_0 + v - 10));

            o.min_version = least;
            if (!CHECK_EQ(attempt(&o, HOST, &leaf, spoken[v - 10], text, sizeof text),
                          good ? WSC_OK : WSC_E_TLS))
                printf("# at least 1.%d, server 1.%d: %s\n", least - 10, v - 10, text);
        }
    }
}

/* --- what is said in the hello ---------------------------------------------------------------- */

static bool said_alpn, said_ticket, said_auth;

static int on_extension(void *ctx, unsigned type, const unsigned char *data, unsigned len)
{
    (void)ctx;
    (void)data;
    (void)len;
    said_alpn |= type == 16;
    said_ticket |= type == 35;
    said_auth |= type == 49;
    return 0;
}

static int on_hello(gnutls_session_t s, unsigned type, unsigned when, unsigned incoming,
                    const gnutls_datum_t *msg)
{
    (void)s;
    (void)type;
    (void)when;
    if (incoming)
        CHECK(gnutls_ext_raw_parse(NULL, on_extension, msg, GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO) >=
              0);
    return 0;
}

static void hello(void)
{
    for (int i = 0; i < 2; i++) {
        struct wsc__tls_options o = options();
        struct wsc__tls_config *c;
        struct wsc__filter *f = NULL;
        struct wsc_error *err = NULL;
        struct server s;

        o.resume = i;
        c = config(&o);
        said_alpn = said_ticket = said_auth = false;
        server_init(&s, &leaf, true, TLS12);
        gnutls_handshake_set_hook_function(s.s, GNUTLS_HANDSHAKE_CLIENT_HELLO, GNUTLS_HOOK_PRE,
                                           on_hello);
        CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
        CHECK_EQ(shake(f, &s, 1000, &err), 0);
        CHECK(!said_alpn && !said_auth);
        CHECK_EQ(said_ticket, i);
        f->ops->free(f);
        server_free(&s);
        wsc__tls_config_unref(c);
    }
}

static void no_resumption(void)
{
    static const char *const spoken[] = { TLS12, TLS13 };

    for (int v = 0; v < 2; v++) {
        struct wsc__tls_options o = options();
        struct wsc__tls_config *c;

        o.resume = 0;
        c = config(&o);
        for (int turn = 0; turn < 2; turn++) {
            struct wsc__filter *f = NULL;
            struct wsc_error *err = NULL;
            struct server s;

            server_init(&s, &leaf, true, spoken[v]);
            CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
            CHECK_EQ(shake(f, &s, 1000, &err), 0);
            echo(f, &s, 1000);
            CHECK(!gnutls_session_is_resumed(s.s));
            f->ops->free(f);
            server_free(&s);
        }
        wsc__tls_config_unref(c);
    }
}

/* --- the key log ------------------------------------------------------------------------------ */

static size_t read_log(char *out, size_t cap)
{
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(out, 1, cap - 1, f) : 0;

    if (f)
        fclose(f);
    out[n] = '\0';
    return n;
}

static void key_log(void)
{
    struct wsc__tls_options o = options();
    char log[4000], name[40], hello_random[70], secret[140];
    size_t before;
    struct stat st;

    unlink(path);
    o.keylog_file = path;
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS12, text, sizeof text), 0);
    CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600);
    before = read_log(log, sizeof log);
    CHECK_EQ(sscanf(log, "%39s %69[0-9a-f] %139[0-9a-f]", name, hello_random, secret), 3);
    CHECK_STR(name, "CLIENT_RANDOM");
    CHECK(strlen(hello_random) == 64 && strlen(secret) == 96);
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS13, text, sizeof text), 0);
    CHECK(read_log(log, sizeof log) > before); /* appended */
    CHECK(!strncmp(log, "CLIENT_RANDOM ", 14) && strstr(log, "\nCLIENT_TRAFFIC_SECRET_0 "));
    CHECK(strstr(log, "\nSERVER_HANDSHAKE_TRAFFIC_SECRET ") && log[strlen(log) - 1] == '\n');
}

static void bad_log(void)
{
    struct wsc__tls_options o = options();

    for (int i = 0; i < 2; i++) {
        struct wsc__tls_config *c = NULL;
        struct wsc_error *err = NULL;

        unlink(path);
        if (i)
            CHECK_EQ(symlink("/dev/null", path), 0);
        o.keylog_file = i ? path : "/nonexistent/log";
        CHECK_EQ(wsc__tls_config_new(&c, &wsc__mem_libc, NULL, &o, &err), WSC_E_IO);
        CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), "tls-keylog-file");
        CHECK(wsc__error_str(err, WSC__ES_CAUSE) && wsc__error_str(err, WSC__ES_REMEDY));
        wsc__error_unref(err);
    }
    unlink(path);
}

/* GnuTLS heeds SSLKEYLOGFILE by itself; main has set it. Our sessions must not. */
static void environment(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;
    struct stat st;

    CHECK_STR(getenv("SSLKEYLOGFILE"), environment_log);
    server_init(&s, &leaf, true, TLS13);
    gnutls_session_set_keylog_function(s.s, NULL);
    CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
    CHECK_EQ(shake(f, &s, 1000, &err), 0);
    CHECK(stat(environment_log, &st) != 0 || st.st_size == 0);
    f->ops->free(f);
    server_free(&s);
    wsc__tls_config_unref(c);
}

/* --- sharing ---------------------------------------------------------------------------------- */

static struct wsc__tls_config *config_in(struct wsc__tls_store *store,
                                         const struct wsc__tls_options *o,
                                         const struct wsc__mem *mem)
{
    struct wsc__tls_config *c = NULL;
    struct wsc_error *err = NULL;

    if (wsc__tls_config_new(&c, mem, store, o, &err))
        wsc__error_unref(err);
    return c;
}

/* Origins with the same options share what was loaded for the first; any other option, or a file
 * that has changed, is loaded anew. */
static void shared(void)
{
    struct wsc__tls_store *store = wsc__tls_store_new(&wsc__mem_libc);
    struct wsc__tls_options same = options(), other[8];
    struct wsc__tls_config *first, *again, *c;

    write_crl(&ca, 0, "w");
    same.crl_file = path;
    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        other[i] = same;
    other[0].crl_file = NULL;
    other[1].pin = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    other[2].verify_name = HOST;
    other[3].verify_chain = 0;
    other[4].verify_host = 0;
    other[5].min_version = 13;
    other[6].resume = 0;
    other[7].keylog_file = "/dev/null";
    first = config_in(store, &same, &wsc__mem_libc);
    again = config_in(store, &same, &wsc__mem_libc);
    CHECK(first && again && first != again && first->rules == again->rules);
    for (size_t i = 0; i < sizeof other / sizeof *other; i++) {
        c = config_in(store, &other[i], &wsc__mem_libc);
        CHECK(c && c->rules != first->rules);
        wsc__tls_config_unref(c);
    }
    write_crl(&ca, REVOKES, "a");
    c = config_in(store, &same, &wsc__mem_libc);
    CHECK(c && c->rules != first->rules && c->rules->ncrls == 2);
    wsc__tls_config_unref(first);
    CHECK_EQ(again->rules->ncrls, 1);
    wsc__tls_config_unref(again);
    wsc__tls_store_unref(store); /* the last of its settings keeps it */
    wsc__tls_config_unref(c);
}

/* --- memory ----------------------------------------------------------------------------------- */

static int shared_once(const struct wsc__mem *mem)
{
    struct wsc__tls_store *store = wsc__tls_store_new(mem);
    struct wsc__tls_options o = options();
    struct wsc__tls_config *a = store ? config_in(store, &o, mem) : NULL;
    struct wsc__tls_config *b = a ? config_in(store, &o, mem) : NULL;
    int rc = b && a->rules == b->rules ? WSC_OK : WSC_E_NOMEM;

    wsc__tls_config_unref(b);
    wsc__tls_config_unref(a);
    wsc__tls_store_unref(store);
    return rc;
}

static int everything(const struct wsc__mem *mem)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = NULL;
    struct wsc_error *err = NULL;
    int rc;

    write_crl(&ca, 0, "w");
    o.crl_file = path;
    o.keylog_file = "/dev/null";
    o.verify_name = HOST;
    o.pin = "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    rc = wsc__tls_config_new(&c, mem, NULL, &o, &err);
    CHECK((rc == WSC_OK) == (c != NULL) && wsc__error_code(err) == rc);
    CHECK(rc == WSC_OK || rc == WSC_E_NOMEM);
    wsc__error_unref(err);
    wsc__tls_config_unref(c);
    return rc;
}

static int revoked_once(const struct wsc__mem *mem)
{
    struct wsc__tls_options o = options();

    write_crl(&ca, REVOKES, "w");
    o.crl_file = path;
    return refused_once(mem, &o, HOST);
}

static void out_of_memory(void)
{
    test_each_failure(everything);
    test_each_failure(revoked_once);
    test_each_failure(shared_once);
}

static const struct test tests[] = {
    { "environment", environment }, /* first: GnuTLS opens that file once */
    { "revoked", revoked },         { "bad_lists", bad_lists }, { "versions", versions },
    { "shared", shared },           { "hello", hello },         { "no_resumption", no_resumption },
    { "key_log", key_log },         { "bad_log", bad_log },     { "out_of_memory", out_of_memory },
};

int main(int argc, char **argv)
{
    int rc;

    snprintf(path, sizeof path, "/tmp/wsc-tls-options-%ld", (long)getpid());
    snprintf(environment_log, sizeof environment_log, "%s.env", path);
    setenv("SSLKEYLOGFILE", environment_log, 1);
    peers_make();
    rc = test_main(tests, sizeof tests / sizeof *tests, argc, argv);
    unlink(path);
    unlink(environment_log);
    peers_drop();
    return rc;
}
