/* The client filter against a GnuTLS server in memory, with certificates made here. */
#include "tls/tls.h"

#include "test.h"

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define HOST "srv.example"
#include "tls_peer.h"

/* --- tests ------------------------------------------------------------------------------------ */

static void good(void)
{
    struct wsc__tls_options o = options();

    CHECK_EQ(attempt(&o, HOST, &leaf, TLS13, text, sizeof text), 0);
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS12, text, sizeof text), 0);
    CHECK_EQ(attempt(&o, HOST ".", &leaf, TLS13, text, sizeof text), 0);
    CHECK_EQ(attempt(&o, "192.0.2.7", &leaf, TLS13, text, sizeof text), 0);
    o.min_version = 13;
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS13, text, sizeof text), 0);
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS12, text, sizeof text), WSC_E_TLS);
    o = options();
    CHECK_EQ(attempt(&o, HOST, &leaf, "NORMAL:-VERS-ALL:+VERS-TLS1.1:%COMPAT", text, sizeof text),
             WSC_E_TLS);
    o.resume = 0;
    CHECK_EQ(attempt(&o, HOST, &leaf, TLS13, text, sizeof text), 0);
}

static void names(void)
{
    struct ident misnamed = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "192.0.2.9", 0, &ca);
    struct wsc__tls_options o = options();

    refuses(&o, "alias.example", &leaf, WSC_E_TLS_VERIFY,
            "does not carry the name alias.example, but: srv.example, 192.0.2.7");
    refuses(&o, "192.0.2.8", &leaf, WSC_E_TLS_VERIFY, "192.0.2.7");
    refuses(&o, "2001:db8::1", &leaf, WSC_E_TLS_VERIFY, "2001:db8::1");
    refuses(&o, "192.0.2.9", &misnamed, WSC_E_TLS_VERIFY,
            "does not carry the name 192.0.2.9, but: 192.0.2.9 (as a DNS name, not as an address)");
    drop(&misnamed);
    o.verify_name = HOST;
    CHECK_EQ(attempt(&o, "alias.example", &leaf, TLS13, text, sizeof text), 0);
    o = options();
    o.verify_host = 0;
    CHECK_EQ(attempt(&o, "alias.example", &leaf, TLS13, text, sizeof text), 0);
}

static void chains(void)
{
    struct wsc__tls_options o = options();
    struct ident id = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, HOST, EXPIRED, &ca);

    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "expired on 20");
    drop(&id);
    id = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, HOST, FUTURE, &ca);
    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "not valid before 20");
    drop(&id);
    id = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, HOST, 0, &other_ca);
    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "authority that is not trusted: CN=Other CA");
    o.verify_chain = 0;
    CHECK_EQ(attempt(&o, HOST, &id, TLS13, text, sizeof text), 0);
    refuses(&o, "alias.example", &id, WSC_E_TLS_VERIFY, "name");
    o.verify_chain = 1;
    drop(&id);
    id = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, HOST, 0, NULL);
    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "self-signed");
    CHECK(strstr(text, "tls-pin=sha256:") != NULL);
    drop(&id);
    id = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, HOST, NO_PURPOSE, &ca);
    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "not meant for");
    drop(&id);
    id = make(GNUTLS_PK_RSA, GNUTLS_DIG_SHA1, HOST, 0, &ca);
    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "weak");
    drop(&id);
}

static void system_store(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_store *store = wsc__tls_store_new(&wsc__mem_libc);
    struct wsc__tls_config *c = NULL;
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;

    o.ca_file = NULL;
    CHECK_EQ(wsc__tls_config_new(&c, &wsc__mem_libc, store, &o, &err), 0);
    wsc__tls_store_unref(store); /* the config holds it */
    server_init(&s, &leaf, true, TLS13);
    CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
    wsc__tls_config_unref(c); /* the session holds it */
    CHECK_EQ(shake(f, &s, 100000, &err), WSC_E_TLS_VERIFY);
    CHECK(err && strstr(wsc__error_text(err), "not trusted") != NULL);
    wsc__error_unref(err);
    f->ops->free(f);
    server_free(&s);
}

static void hex(const uint8_t *h, char *out)
{
    for (int i = 0; i < 32; i++)
        sprintf(out + 2 * i, "%02X", h[i]);
}

static void pins(void)
{
    struct wsc__tls_options o = options();
    struct ident id = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "whatever", EXPIRED, NULL);
    uint8_t key[32], cert[32];
    size_t len = 32;
    gnutls_datum_t der;
    char pin[300], h[65];

    gnutls_x509_crt_get_key_id(id.crt, GNUTLS_KEYID_USE_SHA256, key, &len);
    gnutls_x509_crt_export2(id.crt, GNUTLS_X509_FMT_DER, &der);
    gnutls_hash_fast(GNUTLS_DIG_SHA256, der.data, der.size, cert);
    gnutls_free(der.data);
    o.ca_file = NULL;
    o.pin = pin;
    hex(key, h);
    snprintf(pin, sizeof pin, "sha256:%s", h);
    CHECK_EQ(attempt(&o, HOST, &id, TLS13, text, sizeof text), 0);
    refuses(&o, HOST, &leaf, WSC_E_TLS_VERIFY, "not the pinned one");
    hex(cert, h);
    snprintf(pin, sizeof pin,
             "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= , CERT-SHA256:%s", h);
    CHECK_EQ(attempt(&o, HOST, &id, TLS12, text, sizeof text), 0);
    snprintf(pin, sizeof pin, "sha256:%s", h); /* the right hash of the wrong thing */
    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "not the pinned one");
    strcpy(pin, "cert-sha256:"); /* as openssl prints it */
    for (int i = 0; i < 32; i++)
        sprintf(pin + strlen(pin), "%s%02X", i ? ":" : "", cert[i]);
    CHECK_EQ(attempt(&o, HOST, &id, TLS13, text, sizeof text), 0);
    hex(key, h);
    snprintf(pin, sizeof pin, "sha256:%s", h);
    o.ca_file = ca_path; /* both */
    refuses(&o, HOST, &id, WSC_E_TLS_VERIFY, "expired");
    drop(&id);
}

#define DIGITS62 "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789abcd"
#define PAIRS30                                                                                    \
    "00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD"

static void bad_pins(void)
{
    static const struct {
        const char *pin, *words;
    } wrong[] = {
        { "md5:00", "not a pin: \"md5:00\"" },
        { "sha256:", "not a pin: \"sha256:\"" },
        { "sha256:abc", "64 hexadecimal digits are wanted, 3 given" },
        { "sha256:zz", "not a pin: \"sha256:zz\"" },
        { ",", "not a pin: \"\"" },
        { "sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "48 given" },
        { "sha256:" DIGITS62 "0", "64 hexadecimal digits are wanted, 63 given" },
        { "sha256:" DIGITS62 "012", "64 hexadecimal digits are wanted, 65 given" },
        { "cert-sha256:" PAIRS30 ":0", "wanted, 61 given" },
        { "cert-sha256:" PAIRS30 ":EE", "wanted, 62 given" },
        { "cert-sha256:" PAIRS30 "EE:FF:", "not a pin: " },
        { "cert-sha256:" PAIRS30 ":EEF:F", "not a pin: " },
        { "cert-sha256:" PAIRS30 ":EE:FF:", "not a pin: " },
    };
    struct wsc__tls_config *c = NULL;
    struct wsc_error *err = NULL;
    struct wsc__tls_options o = options();

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        o.pin = wrong[i].pin;
        CHECK_EQ(wsc__tls_config_new(&c, &wsc__mem_libc, NULL, &o, &err), WSC_E_OPTION);
        CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), "tls-pin");
        if (!CHECK(strstr(wsc__error_text(err), wrong[i].words)))
            printf("# %s\n", wsc__error_text(err));
        wsc__error_unref(err);
    }
    CHECK(c == NULL);
}

static void bad_ca_files(void)
{
    static const struct {
        const char *path;
        int code;
        const char *words;
    } wrong[] = {
        { "/nonexistent/ca.pem", WSC_E_IO,
          "tls-ca-file: /nonexistent/ca.pem cannot be read: No such file or directory" },
        { "/", WSC_E_IO, "tls-ca-file: / cannot be read: Is a directory" },
        { "", WSC_E_IO, "tls-ca-file: \"\" cannot be read: No such file or directory" },
        { "/dev/null", WSC_E_TLS, "tls-ca-file: /dev/null: " },
    };
    struct wsc__tls_config *c = NULL;
    struct wsc__tls_options o = options();

    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct wsc_error *err = NULL;
        const char *remedy;

        o.ca_file = wrong[i].path;
        CHECK_EQ(wsc__tls_config_new(&c, &wsc__mem_libc, NULL, &o, &err), wrong[i].code);
        CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), "tls-ca-file");
        remedy = wsc__error_str(err, WSC__ES_REMEDY);
        CHECK(remedy && !strstr(remedy, "DER") == (wrong[i].code == WSC_E_IO));
        if (!CHECK(strstr(wsc__error_text(err), wrong[i].words)))
            printf("# %s\n", wsc__error_text(err));
        wsc__error_unref(err);
    }
    CHECK(c == NULL);
}

static void every_split(void)
{
    static const char *const versions[] = { TLS13, TLS12 };
    struct wsc__tls_options o = options();

    for (size_t v = 0; v < 2; v++) {
        for (size_t step = 1; step < 40; step = step * 2 + 1) {
            struct wsc__tls_config *c = config(&o);
            struct wsc__filter *f = NULL;
            struct wsc_error *err = NULL;
            struct server s;

            server_init(&s, &leaf, true, versions[v]);
            CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
            CHECK_EQ(shake(f, &s, step, &err), 0);
            echo(f, &s, step);
            f->ops->free(f);
            server_free(&s);
            wsc__tls_config_unref(c);
        }
    }
}

static void big_data(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;
    size_t size = 300000, got = 0, sent = 0;
    char *data = malloc(size), *back = malloc(size + 2);

    for (size_t i = 0; i < size; i++)
        data[i] = (char)(i * 7 + i / 251);
    server_init(&s, &leaf, true, TLS13);
    CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
    CHECK_EQ(shake(f, &s, 100000, &err), 0);
    CHECK_EQ(f->ops->write(f, (uint8_t *)data, size, &err), 0);
    to_server(f, &s);
    while (got < size) {
        ssize_t n = gnutls_record_recv(s.s, back + got, size - got);

        if (!CHECK(n > 0))
            break;
        got += (size_t)n;
    }
    CHECK(got == size && !memcmp(data, back, size));
    while (sent < size)
        sent += (size_t)gnutls_record_send(s.s, data + sent, size - sent);
    CHECK_EQ(client_reads(f, &s, 5000, back, size + 2, &err), WSC_E_AGAIN);
    CHECK(!memcmp(data, back, size));
    f->ops->free(f);
    server_free(&s);
    wsc__tls_config_unref(c);
    free(data);
    free(back);
}

static void resumption(void)
{
    static const char *const versions[] = { TLS13, TLS12 };

    for (int v = 0; v < 2; v++) {
        struct wsc__tls_options o = options();
        struct wsc__tls_config *c = config(&o);
        /* the third goes to another host, and must not use the ticket; and puts its own in the
         * place */
        static const char *const hosts[] = { HOST, HOST, "192.0.2.7", HOST };
        static const bool expected[] = { false, true, false, false };

        for (int turn = 0; turn < 4; turn++) {
            struct wsc__filter *f = NULL;
            struct wsc_error *err = NULL;
            uint8_t bind[64];
            struct server s;

            server_init(&s, &leaf, true, versions[v]);
            CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, hosts[turn], NULL, &err), 0);
            CHECK_EQ(shake(f, &s, 100000, &err), 0);
            CHECK_EQ(gnutls_session_is_resumed(s.s) != 0, expected[turn]);
            CHECK_EQ(f->ops->binding(f, bind, sizeof bind), 32);
            echo(f, &s, 100000);
            f->ops->free(f);
            server_free(&s);
        }
        wsc__tls_config_unref(c);
    }
}

/* The server was upgraded between two connections: at worst one attempt fails, and says "again". */
static void stale_session(void)
{
    static const char *const versions[] = { TLS12, TLS13, TLS13, TLS12, TLS12 };
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);
    bool failed = false;

    for (int turn = 0; turn < 5; turn++) {
        struct wsc__filter *f = NULL;
        struct wsc_error *err = NULL;
        struct server s;
        int rc;

        server_init(&s, &leaf, true, versions[turn]);
        CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
        rc = shake(f, &s, 100000, &err);
        if (rc) {
            CHECK(!failed && rc == WSC_E_TLS && wsc__error_retriable(err));
            wsc__error_unref(err);
        } else {
            echo(f, &s, 1000);
        }
        failed = rc != 0;
        f->ops->free(f);
        server_free(&s);
    }
    CHECK(!failed);
    wsc__tls_config_unref(c);
}

static void ending(void)
{
    for (int how = 0; how < 3; how++) {
        struct wsc__tls_options o = options();
        struct wsc__tls_config *c = config(&o);
        struct wsc__filter *f = NULL;
        struct wsc_error *err = NULL;
        struct server s;
        char buf[100];

        server_init(&s, &leaf, true, how == 2 ? TLS12 : TLS13);
        CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
        CHECK_EQ(shake(f, &s, 100000, &err), 0);
        gnutls_record_send(s.s, "last", 4);
        if (how)
            gnutls_bye(s.s, GNUTLS_SHUT_WR);
        CHECK_EQ(client_reads(f, &s, 3, buf, sizeof buf, &err), how ? WSC_OK : WSC_E_AGAIN);
        CHECK_STR(buf, "last");
        CHECK_EQ(f->ops->eof(f, &err), how ? WSC_OK : WSC_E_CONNECTION_LOST);
        if (err)
            CHECK(strstr(wsc__error_text(err), "without ending TLS") != NULL);
        if (how) {
            f->ops->bye(f);
            to_server(f, &s);
            CHECK_EQ(gnutls_record_recv(s.s, buf, sizeof buf), 0); /* our close_notify */
        }
        wsc__error_unref(err);
        f->ops->free(f);
        server_free(&s);
        wsc__tls_config_unref(c);
    }
}

static void truncated_handshake(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);

    for (int some = 0; some < 2; some++) {
        struct wsc__filter *f = NULL;
        struct wsc_error *err = NULL;
        struct server s;
        struct wsc__plain p;
        uint8_t byte;

        server_init(&s, &leaf, true, TLS13);
        CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
        CHECK_EQ(f->ops->read(f, &p, &err), WSC_E_AGAIN);
        CHECK_EQ(f->ops->write(f, &byte, 1, &err), WSC_E_USAGE);
        wsc__error_unref(err);
        err = NULL;
        CHECK_EQ(f->ops->binding(f, &byte, 1), 0);
        CHECK_EQ(f->ops->handshake(f, &err), WSC_E_AGAIN);
        to_server(f, &s);
        gnutls_handshake(s.s);
        s.out.len = some ? s.out.len / 2 : 0;
        to_client(f, &s, 100, &err);
        CHECK_EQ(f->ops->eof(f, &err), WSC_E_CONNECTION_LOST);
        CHECK(strstr(wsc__error_text(err), "during the TLS handshake") != NULL);
        wsc__error_unref(err);
        f->ops->free(f);
        server_free(&s);
    }
    wsc__tls_config_unref(c);
}

static void not_tls(void)
{
    static const struct {
        const char *bytes, *cause;
    } cases[] = { { "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n", "plain HTTP" },
                  { "SSH-2.0-OpenSSH_9.2\r\n", "SSH" },
                  { "\x15\x03\x03\x00\x02\x02\x28", "in common" },
                  { "\x15\x03\x03\x00\x02\x02\x74", "client certificate" },
                  { "\x16\x03\x03\xff\xff", "" } };
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc__filter *f = NULL;
        struct wsc_error *err = NULL;
        const char *cause;
        size_t len = i == 2 || i == 3 ? 7 : strlen(cases[i].bytes);

        CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
        CHECK_EQ(f->ops->handshake(f, &err), WSC_E_AGAIN);
        CHECK_EQ(f->ops->feed(f, (const uint8_t *)cases[i].bytes, len, &err), 0);
        CHECK_EQ(f->ops->handshake(f, &err), WSC_E_TLS);
        CHECK_EQ(wsc__error_code(err), WSC_E_TLS);
        cause = wsc__error_str(err, WSC__ES_CAUSE);
        if (!CHECK(strstr(cause ? cause : "", cases[i].cause) != NULL))
            printf("# %s | %s\n", wsc__error_text(err), cause ? cause : "");
        wsc__error_unref(err);
        f->ops->free(f);
    }
    wsc__tls_config_unref(c);
}

/* The server sends rubbish or tampered records. */
static void tampered(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c;
    uint64_t seed = 8;

    o.resume = 0;
    c = config(&o);
    for (int turn = 0; turn < 60; turn++) {
        struct wsc__filter *f = NULL;
        struct wsc_error *err = NULL;
        struct server s;
        char buf[100];
        int rc;

        server_init(&s, &leaf, true, turn % 2 ? TLS13 : TLS12);
        CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
        if (turn < 40) { /* in the handshake */
            f->ops->handshake(f, &err);
            to_server(f, &s);
            gnutls_handshake(s.s);
            s.out.base[s.out.start + test_random(&seed) % s.out.len] ^= (uint8_t)(1 + turn);
            rc = shake(f, &s, 50, &err);
            CHECK(rc == WSC_E_TLS || rc == WSC_E_TLS_VERIFY || rc == WSC_E_AGAIN || rc == WSC_OK);
        } else { /* in the data */
            if (!CHECK_EQ(shake(f, &s, 100000, &err), 0))
                printf("# turn %d: %s\n", turn, err ? wsc__error_text(err) : "");
            wsc__buf_reset(&s.out);
            CHECK_EQ(client_reads(f, &s, 100, buf, sizeof buf, &err), WSC_E_AGAIN);
            gnutls_record_send(s.s, "data", 4);
            if (s.out.len)
                s.out.base[s.out.start + s.out.len - 1] ^= 1;
            CHECK_EQ(client_reads(f, &s, 100, buf, sizeof buf, &err), WSC_E_TLS);
        }
        wsc__error_unref(err);
        f->ops->free(f);
        server_free(&s);
    }
    wsc__tls_config_unref(c);
}

static void rehandshakes(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;
    char buf[100];
    bool again = true;

    server_init(&s, &leaf, true, TLS12);
    CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
    CHECK_EQ(shake(f, &s, 100000, &err), 0);
    echo(f, &s, 1000);
    CHECK_EQ(gnutls_rehandshake(s.s), 0); /* HelloRequest */
    CHECK_EQ(client_reads(f, &s, 1000, buf, sizeof buf, &err), WSC_E_AGAIN);
    CHECK_EQ(f->ops->write(f, (const uint8_t *)"held back", 9, &err), 0);
    for (int i = 0; i < 10 && again; i++) {
        to_server(f, &s);
        again = gnutls_handshake(s.s) != 0;
        CHECK_EQ(client_reads(f, &s, 3, buf, sizeof buf, &err), WSC_E_AGAIN);
    }
    CHECK(!again);
    to_server(f, &s);
    CHECK_EQ(gnutls_record_recv(s.s, buf, sizeof buf), 9);
    echo(f, &s, 5);
    wsc__error_unref(err);
    f->ops->free(f);
    server_free(&s);
    wsc__tls_config_unref(c);
}

static void key_updates(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;

    server_init(&s, &leaf, true, TLS13);
    CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
    CHECK_EQ(shake(f, &s, 100000, &err), 0);
    echo(f, &s, 1000);
    CHECK_EQ(gnutls_session_key_update(s.s, GNUTLS_KU_PEER), 0);
    echo(f, &s, 1000);
    echo(f, &s, 1);
    f->ops->free(f);
    server_free(&s);
    wsc__tls_config_unref(c);
}

static void binding_is(const struct ident *id, gnutls_digest_algorithm_t expected,
                       const char *priority)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c;
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;
    gnutls_datum_t der;
    uint8_t got[64], want[64];
    size_t len = gnutls_hash_get_len(expected);

    o.verify_chain = 0;
    c = config(&o);
    server_init(&s, id, false, priority);
    CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
    if (!CHECK_EQ(shake(f, &s, 100000, &err), 0))
        printf("# %s\n", err ? wsc__error_text(err) : "");
    gnutls_x509_crt_export2(id->crt, GNUTLS_X509_FMT_DER, &der);
    gnutls_hash_fast(expected, der.data, der.size, want);
    gnutls_free(der.data);
    CHECK_EQ(f->ops->binding(f, got, sizeof got), len);
    CHECK(!memcmp(got, want, len));
    CHECK_EQ(f->ops->binding(f, got, len - 1), 0);
    wsc__error_unref(err);
    f->ops->free(f);
    server_free(&s);
    wsc__tls_config_unref(c);
}

/* The hash of the certificate's signature; SHA-256 in the place of what is weak, or names none. */
static void bindings(void)
{
    enum {
        RSA = GNUTLS_PK_RSA,
        RSA_PSS = GNUTLS_PK_RSA_PSS,
        EC = GNUTLS_PK_ECDSA,
        ED25519 = GNUTLS_PK_EDDSA_ED25519,
        ED448 = GNUTLS_PK_EDDSA_ED448,
        MD5 = GNUTLS_DIG_MD5,
        SHA1 = GNUTLS_DIG_SHA1,
        SHA224 = GNUTLS_DIG_SHA224,
        SHA256 = GNUTLS_DIG_SHA256,
        SHA384 = GNUTLS_DIG_SHA384,
        SHA512 = GNUTLS_DIG_SHA512
    };
    static const struct {
        int pk;
        unsigned what;
        int made, expected;
    } rows[] = {
        { RSA, 0, MD5, SHA256 },
        { RSA, 0, SHA1, SHA256 },
        { RSA, 0, SHA224, SHA224 },
        { RSA, 0, SHA256, SHA256 },
        { RSA, 0, SHA384, SHA384 },
        { RSA, 0, SHA512, SHA512 },
        { RSA, PSS, SHA256, SHA256 },
        { RSA, PSS, SHA384, SHA384 },
        { RSA, PSS, SHA512, SHA512 },
        { RSA_PSS, 0, SHA256, SHA256 },
        { RSA_PSS, 0, SHA384, SHA384 },
        { RSA_PSS, 0, SHA512, SHA512 },
        { EC, 0, SHA1, SHA256 },
        { EC, 0, SHA224, SHA224 },
        { EC, 0, SHA256, SHA256 },
        { EC, 0, SHA384, SHA384 },
        { EC, 0, SHA512, SHA512 },
        { ED25519, 0, SHA512, SHA256 },
        { ED448, 0, GNUTLS_DIG_SHAKE_256, SHA256 },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct ident id = make((gnutls_pk_algorithm_t)rows[i].pk,
                               (gnutls_digest_algorithm_t)rows[i].made, HOST, rows[i].what, NULL);
        int before = test_failures;

        binding_is(&id, (gnutls_digest_algorithm_t)rows[i].expected, TLS13);
        if (rows[i].pk == RSA || rows[i].pk == EC)
            binding_is(&id, (gnutls_digest_algorithm_t)rows[i].expected, TLS12);
        if (test_failures > before)
            printf("# row %zu\n", i);
        drop(&id);
    }
}

/* The signature's, and not that of the key under it. */
static void binding_of_an_issued_one(void)
{
    struct ident by = make(GNUTLS_PK_RSA, GNUTLS_DIG_SHA256, "by", CA, NULL);
    struct ident id = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA512, HOST, 0, &by);

    binding_is(&id, GNUTLS_DIG_SHA512, TLS13);
    drop(&id);
    id = make(GNUTLS_PK_EDDSA_ED25519, GNUTLS_DIG_SHA384, HOST, 0, &by);
    binding_is(&id, GNUTLS_DIG_SHA384, TLS13);
    drop(&id);
    drop(&by);
    by = make(GNUTLS_PK_EDDSA_ED25519, GNUTLS_DIG_SHA512, "by", CA, NULL);
    id = make(GNUTLS_PK_RSA, GNUTLS_DIG_SHA512, HOST, 0, &by);
    binding_is(&id, GNUTLS_DIG_SHA256, TLS13);
    drop(&id);
    drop(&by);
}

static int connect_once(const struct wsc__mem *mem)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_store *store = wsc__tls_store_new(mem);
    struct wsc__tls_config *c = NULL;
    struct wsc__filter *f = NULL;
    struct wsc_error *err = NULL;
    struct server s;
    int rc = store ? wsc__tls_config_new(&c, mem, store, &o, &err) : WSC_E_NOMEM;

    wsc__tls_store_unref(store);
    server_init(&s, &leaf, true, TLS13);
    if (!rc)
        rc = wsc__tls_client_new(&f, mem, c, HOST, NULL, &err);
    if (!rc)
        rc = shake(f, &s, 100000, &err);
    if (!rc)
        rc = f->ops->write(f, (const uint8_t *)"x", 1, &err);
    CHECK(!rc || rc == WSC_E_NOMEM);
    if (f)
        f->ops->free(f);
    wsc__error_unref(err);
    wsc__tls_config_unref(c);
    server_free(&s);
    return rc;
}

static int refuse_once(const struct wsc__mem *mem)
{
    struct wsc__tls_options o = options();

    return refused_once(mem, &o, "alias.example");
}

static size_t one_record(struct wsc__filter *f, char *buf, size_t room)
{
    struct wsc_error *err = NULL;
    struct wsc__plain p;
    size_t n;

    (void)f->ops->read(f, &p, &err);
    n = p.len;
    CHECK(n <= room);
    if (n && n <= room)
        memcpy(buf, p.data, n);
    f->ops->let_go(&p);
    wsc__error_unref(err);
    return n;
}

/* A reader that stops in the middle: what was fed is the caller's again after keep. */
static void kept_for_later(void)
{
    struct wsc__tls_options o = options();
    struct wsc__tls_config *c = config(&o);

    for (size_t cut = 1; cut < 120; cut++) {
        struct wsc__filter *f = NULL;
        struct wsc_error *err = NULL;
        struct server s;
        char got[33] = "";
        size_t have = 0, piece = 0;
        uint8_t lent[400];

        server_init(&s, &leaf, true, TLS12);
        CHECK_EQ(wsc__tls_client_new(&f, &wsc__mem_libc, c, HOST, NULL, &err), 0);
        CHECK_EQ(shake(f, &s, 100000, &err), 0);
        CHECK_EQ(gnutls_record_send(s.s, "0123456789", 10), 10);
        CHECK_EQ(gnutls_record_send(s.s, "abcdefghij", 10), 10);
        CHECK_EQ(gnutls_record_send(s.s, "ABCDEFGHIJ", 10), 10);
        for (; s.out.len; wsc__buf_consume(&s.out, piece)) {
            piece = s.out.len < cut ? s.out.len : cut;
            memcpy(lent, wsc__buf_data(&s.out), piece);
            CHECK_EQ(f->ops->feed(f, lent, piece, &err), 0);
            have += one_record(f, got + have, 30 - have); /* there may be more */
            CHECK_EQ(f->ops->keep(f, &err), 0);
            memset(lent, 0xee, sizeof lent);
        }
        while (have < 30 && (piece = one_record(f, got + have, 30 - have)))
            have += piece;
        CHECK_STR(got, "0123456789abcdefghijABCDEFGHIJ");
        f->ops->free(f);
        server_free(&s);
    }
    wsc__tls_config_unref(c);
}

static void out_of_memory(void)
{
    test_each_failure(connect_once);
    test_each_failure(refuse_once);
}

static const struct test tests[] = {
    { "good", good },
    { "names", names },
    { "chains", chains },
    { "system_store", system_store },
    { "pins", pins },
    { "bad_pins", bad_pins },
    { "bad_ca_files", bad_ca_files },
    { "every_split", every_split },
    { "big_data", big_data },
    { "resumption", resumption },
    { "stale_session", stale_session },
    { "ending", ending },
    { "truncated_handshake", truncated_handshake },
    { "not_tls", not_tls },
    { "tampered", tampered },
    { "rehandshakes", rehandshakes },
    { "key_updates", key_updates },
    { "bindings", bindings },
    { "binding_of_an_issued_one", binding_of_an_issued_one },
    { "kept_for_later", kept_for_later },
    { "out_of_memory", out_of_memory },
};

int main(int argc, char **argv)
{
    int rc;

    peers_make();
    rc = test_main(tests, sizeof tests / sizeof *tests, argc, argv);
    peers_drop();
    return rc;
}
