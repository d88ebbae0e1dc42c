/* Our own certificate: every form of file, and every moment at which a server may ask for it. */
#include "tls/tls.h"

#include "test.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <gnutls/pkcs12.h>
#include <gnutls/x509.h>

#include <errno.h>
#include <time.h>
#include <unistd.h>

#define HOST "srv.example"
#include "tls_peer.h"

#define PASSWORD "geheim"

/* openssl ec -aes128: the form that PKCS#8 replaced; it holds nothing of worth */
static const char old_key[] = "-----BEGIN EC PRIVATE KEY-----\n"
                              "Proc-Type: 4,ENCRYPTED\n"
                              "DEK-Info: AES-128-CBC,06DDEFDCF09E5287038016D84B36A1E2\n"
                              "\n"
                              "hIVOaf5/XyVSfoqSyOTHd2RM0UT6IFpjvprwS2IJkaoylRuiwCYxH+hhROa0rVlx\n"
                              "G7VQCtHvG/57xNIumelQpw4mqAocraze/GvHQF9qKq3ZVNpCl7NYESWiCXQounnA\n"
                              "hlGFMqDPrEQ1XhiltlhgfIH/ariw4t2Z+lSUAGfp7ss=\n"
                              "-----END EC PRIVATE KEY-----\n";

static struct ident me;
static char dir[] = "/tmp/wsc-own-test-XXXXXX";
static char made[32][80];
static int nmade;

/* --- files ------------------------------------------------------------------------------------ */

static const char *file(const char *name, const void *data, size_t len, const char *how)
{
    char *path = made[nmade];
    FILE *f;

    snprintf(path, sizeof made[0], "%s/%s", dir, name);
    f = fopen(path, how);
    if (CHECK(f != NULL)) {
        fwrite(data, 1, len, f);
        fclose(f);
    }
    if (*how == 'w')
        nmade++;
    return path;
}

static void add_cert(const char *name, const struct ident *id, const char *how)
{
    gnutls_datum_t pem;

    gnutls_x509_crt_export2(id->crt, GNUTLS_X509_FMT_PEM, &pem);
    file(name, pem.data, pem.size, how);
    gnutls_free(pem.data);
}

static void add_key(const char *name, const struct ident *id, const char *password, const char *how)
{
    gnutls_datum_t pem;

    gnutls_x509_privkey_export2_pkcs8(id->key, GNUTLS_X509_FMT_PEM, password,
                                      password ? GNUTLS_PKCS_PBES2_AES_256 : GNUTLS_PKCS_PLAIN,
                                      &pem);
    file(name, pem.data, pem.size, how);
    gnutls_free(pem.data);
}

static void add_p12(const char *name, const char *password, gnutls_x509_crt_fmt_t format)
{
    gnutls_datum_t key, out;
    gnutls_pkcs12_bag_t bag;
    gnutls_pkcs12_t p12;
    int index;

    gnutls_pkcs12_init(&p12);
    for (int i = 0; i < 3; i++) { /* the CA's certificate comes before ours */
        gnutls_pkcs12_bag_init(&bag);
        if (i < 2) {
            index = gnutls_pkcs12_bag_set_crt(bag, i ? me.crt : ca.crt);
        } else {
            gnutls_x509_privkey_export2_pkcs8(me.key, GNUTLS_X509_FMT_DER, password,
                                              GNUTLS_PKCS_PBES2_AES_256, &key);
            index = gnutls_pkcs12_bag_set_data(bag, GNUTLS_BAG_PKCS8_ENCRYPTED_KEY, &key);
            gnutls_free(key.data);
        }
        if (i)
            gnutls_pkcs12_bag_set_key_id(bag, (unsigned)index,
                                         &(gnutls_datum_t){ (unsigned char *)"me", 2 });
        if (i < 2)
            gnutls_pkcs12_bag_encrypt(bag, password, GNUTLS_PKCS_PBES2_AES_256);
        gnutls_pkcs12_set_bag(p12, bag);
        gnutls_pkcs12_bag_deinit(bag);
    }
    gnutls_pkcs12_generate_mac2(p12, GNUTLS_MAC_SHA256, password);
    gnutls_pkcs12_export2(p12, format, &out);
    file(name, out.data, out.size, "w");
    gnutls_free(out.data);
    gnutls_pkcs12_deinit(p12);
}

static void make_files(void)
{
    struct ident old;
    gnutls_datum_t pem = { (unsigned char *)(uintptr_t)old_key, sizeof old_key - 1 };

    CHECK(mkdtemp(dir) != NULL);
    me = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "me", NO_PURPOSE, &ca);
    add_cert("cert.pem", &me, "w");
    add_key("key.pem", &me, NULL, "w");
    add_key("locked.pem", &me, PASSWORD, "w");
    add_key("both.pem", &me, NULL, "w");
    add_cert("both.pem", &me, "a");
    add_cert("chain.pem", &ca, "w"); /* in the wrong order */
    add_cert("chain.pem", &me, "a");
    add_p12("me.p12", PASSWORD, GNUTLS_X509_FMT_DER);
    add_p12("p12.pem", PASSWORD, GNUTLS_X509_FMT_PEM);
    add_p12("open.p12", "", GNUTLS_X509_FMT_DER);
    file("old.pem", old_key, sizeof old_key - 1, "w");
    old = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "old", NO_PURPOSE | EXPIRED, &ca);
    gnutls_x509_privkey_deinit(old.key);
    gnutls_x509_privkey_init(&old.key);
    CHECK_EQ(gnutls_x509_privkey_import2(old.key, &pem, GNUTLS_X509_FMT_PEM, PASSWORD, 0), 0);
    gnutls_x509_crt_set_key(old.crt, old.key);
    gnutls_x509_crt_sign2(old.crt, ca.crt, ca.key, GNUTLS_DIG_SHA256, 0);
    add_cert("old-cert.pem", &old, "w");
    drop(&old);
}

static struct wsc__tls_own_options with(const char *cert, const char *key, const char *password)
{
    static char paths[2][120];
    struct wsc__tls_own_options o = { .cert_file = paths[0] };

    snprintf(paths[0], sizeof paths[0], "%s/%s", dir, cert);
    snprintf(paths[1], sizeof paths[1], "%s/%s", dir, key ? key : "");
    o.key_file = key ? paths[1] : NULL;
    o.key_password = password;
    o.key_password_len = password ? strlen(password) : 0;
    return o;
}

/* --- a server that asks ----------------------------------------------------------------------- */

static void ask(struct server *s, gnutls_certificate_request_t how)
{
    gnutls_certificate_set_x509_trust(s->cred, &ca.crt, 1);
    gnutls_certificate_server_set_request(s->s, how);
}

/* What the server was shown: the name in it; "" if nothing was, "bad" if it does not verify. */
static const char *shown(struct server *s)
{
    static char name[64];
    const gnutls_datum_t *der;
    size_t len = sizeof name;
    unsigned n = 0, status = 0;
    gnutls_x509_crt_t crt;

    name[0] = '\0';
    der = gnutls_certificate_get_peers(s->s, &n);
    if (!der || !n)
        return name;
    if (gnutls_certificate_verify_peers2(s->s, &status) || status)
        return "bad";
    gnutls_x509_crt_init(&crt);
    gnutls_x509_crt_import(crt, &der[0], GNUTLS_X509_FMT_DER);
    gnutls_x509_crt_get_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &len);
    gnutls_x509_crt_deinit(crt);
    return name;
}

struct link {
    struct wsc__tls_config *c;
    struct wsc__filter *f;
    struct server s;
    struct wsc_error *err;
};

/* own: NULL = none */
static bool begin(struct link *l, const struct wsc__tls_own_options *own, const char *priority)
{
    struct wsc__tls_options o = options();

    memset(l, 0, sizeof *l);
    if (own && !CHECK_EQ(wsc__tls_own_new(&o.own, &wsc__mem_libc, own, &l->err), WSC_OK))
        printf("# %s\n", wsc__error_text(l->err));
    l->c = config(&o);
    wsc__tls_own_unref(o.own); /* the settings hold it */
    server_init(&l->s, &leaf, true, priority);
    return l->c &&
           CHECK_EQ(wsc__tls_client_new(&l->f, &wsc__mem_libc, l->c, HOST, NULL, &l->err), WSC_OK);
}

static void finish(struct link *l)
{
    wsc__error_unref(l->err);
    if (l->f)
        l->f->ops->free(l->f);
    server_free(&l->s);
    wsc__tls_config_unref(l->c);
}

/* --- loading ---------------------------------------------------------------------------------- */

static void forms(void)
{
    static const char *const list[][3] = {
        { "cert.pem", "key.pem", NULL },
        { "cert.pem", "key.pem", "not needed" },
        { "both.pem", NULL, NULL },
        { "both.pem", "both.pem", NULL },
        { "cert.pem", "locked.pem", PASSWORD },
        { "me.p12", NULL, PASSWORD },
        { "p12.pem", NULL, PASSWORD },
        { "open.p12", NULL, NULL },
        { "open.p12", NULL, "" },
        { "chain.pem", "key.pem", NULL },
    };

    for (size_t i = 0; i < 2 * (sizeof list / sizeof *list); i++) {
        const char *const *k = list[i / 2];
        struct wsc__tls_own_options o = with(k[0], k[1], k[2]);
        struct link l;

        if (i % 2 && strstr(k[0], "p12")) /* its 600000 rounds of PBKDF2 once are enough */
            continue;
        if (begin(&l, &o, i % 2 ? TLS12 : TLS13)) {
            ask(&l.s, GNUTLS_CERT_REQUIRE);
            CHECK_EQ(shake(l.f, &l.s, 100000, &l.err), 0);
            if (!CHECK_STR(shown(&l.s), "me"))
                printf("# %s\n", k[0]);
            CHECK(l.f->ops->asked(l.f));
            echo(l.f, &l.s, 100);
        }
        finish(&l);
    }
}

static char logged[2000];

static void note(int level, const char *component, const char *msg, size_t len, void *ud)
{
    (void)ud;
    CHECK_STR(component, "tls");
    if (level == WSC_LOG_WARN)
        strncat(logged, msg, len < 500 ? len : 500);
}

static void old_form(void)
{
    struct wsc__tls_own_options o = with("old-cert.pem", "old.pem", PASSWORD);
    struct wsc__log log = { WSC_LOG_WARN, note, NULL };
    struct link l;

    logged[0] = '\0';
    o.log = &log;
    if (begin(&l, &o, TLS13)) {
        CHECK(strstr(logged, "old-cert.pem: the certificate expired on ") != NULL);
        ask(&l.s, GNUTLS_CERT_REQUEST);
        CHECK_EQ(shake(l.f, &l.s, 100000, &l.err), 0);
        CHECK_STR(shown(&l.s), "bad"); /* it goes out: whether it will do is the server's affair */
    }
    finish(&l);
}

static void refused(const struct wsc__tls_own_options *o, int code, const char *option,
                    const char *words)
{
    struct wsc__tls_own *own = NULL;
    struct wsc_error *err = NULL;
    const char *remedy;

    CHECK_EQ(wsc__tls_own_new(&own, &wsc__mem_libc, o, &err), code);
    CHECK(own == NULL);
    if (!CHECK_EQ(wsc__error_code(err), code) || !CHECK(strstr(wsc__error_text(err), words)))
        printf("# %s\n", wsc__error_text(err));
    CHECK_STR(wsc__error_str(err, WSC__ES_OPTION), option);
    remedy = wsc__error_str(err, WSC__ES_REMEDY);
    CHECK(remedy != NULL);
    CHECK(!strstr(wsc__error_text(err), PASSWORD));
    wsc__error_unref(err);
    wsc__tls_own_unref(own);
}

static void bad_files(void)
{
    static const struct {
        const char *cert, *key, *password;
        int code;
        const char *option, *words;
    } list[] = {
        { "none.pem", "key.pem", NULL, WSC_E_IO, "tls-cert-file",
          "none.pem cannot be read: No such file or directory" },
        { "cert.pem", "none.pem", NULL, WSC_E_IO, "tls-key-file", "tls-key-file: /tmp/" },
        { "cert.pem", "", NULL, WSC_E_IO, "tls-key-file", "cannot be read: Is a directory" },
        { "key.pem", NULL, NULL, WSC_E_TLS, "tls-cert-file", "key.pem: " },
        { "cert.pem", NULL, NULL, WSC_E_TLS, "tls-cert-file",
          "cert.pem: the file holds no private key, and no tls-key-file is given" },
        { "cert.pem", "cert.pem", NULL, WSC_E_TLS, "tls-key-file",
          "cert.pem: the file holds no private key in the form PEM" },
        { "cert.pem", "locked.pem", NULL, WSC_E_TLS, "tls-key-password", "there is no password" },
        { "cert.pem", "locked.pem", "no", WSC_E_TLS, "tls-key-password", "the password is wrong" },
        { "cert.pem", "old.pem", "no", WSC_E_TLS, "tls-key-password", "the password is wrong" },
        { "cert.pem", "old.pem", PASSWORD, WSC_E_TLS, "tls-key-file", "does not belong" },
        { "me.p12", NULL, "no", WSC_E_TLS, "tls-key-password", "the password is wrong" },
        { "me.p12", NULL, NULL, WSC_E_TLS, "tls-key-password", "there is no password" },
        { "cert.pem", "me.p12", PASSWORD, WSC_E_TLS, "tls-key-file", "belongs into" },
    };
    struct wsc__tls_own_options o;

    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        o = with(list[i].cert, list[i].key, list[i].password);
        refused(&o, list[i].code, list[i].option, list[i].words);
    }
}

static void tokens(void)
{
    struct wsc__tls_own_options o = with("cert.pem", NULL, NULL);

    o.cert_file = "pkcs11:token=nowhere;object=nothing";
    refused(&o, WSC_E_TLS, "tls-cert-file", "tls-cert-file: pkcs11:token=nowhere");
    o.cert_file = "pkcs11:token=nowhere?pin-value=" PASSWORD;
    refused(&o, WSC_E_OPTION, "tls-cert-file", "may not hold the PIN");
    o = with("cert.pem", NULL, NULL);
    o.key_file = "pkcs11:token=nowhere;type=private";
    o.key_password = PASSWORD;
    o.key_password_len = strlen(PASSWORD);
    refused(&o, WSC_E_TLS, "tls-key-file", "tls-key-file: pkcs11:token=nowhere");
}

static void size(void)
{
    for (int more = 0; more < 2; more++) {
        struct ident big = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, "big", NO_PURPOSE, &ca);
        struct wsc__tls_own_options o = with("big.pem", NULL, NULL);
        gnutls_datum_t der;
        uint8_t *filler = calloc(1, 20000);
        size_t len = 16000;

        for (int turn = 0; turn < 3; turn++) { /* to exactly 16384 bytes, or one more */
            gnutls_x509_crt_set_extension_by_oid(big.crt, "1.3.6.1.4.1.99999.1", filler, len, 0);
            gnutls_x509_crt_sign2(big.crt, ca.crt, ca.key, GNUTLS_DIG_SHA256, 0);
            gnutls_x509_crt_export2(big.crt, GNUTLS_X509_FMT_DER, &der);
            if (turn < 2)
                len = len + 16384 + (size_t)more * 8 - der.size; /* ECDSA varies by a byte or two */
            gnutls_free(der.data);
        }
        free(filler);
        if (!more) { /* the signature may have grown by chance */
            filler = calloc(1, 20000);
            gnutls_x509_crt_set_extension_by_oid(big.crt, "1.3.6.1.4.1.99999.1", filler, len - 8,
                                                 0);
            gnutls_x509_crt_sign2(big.crt, ca.crt, ca.key, GNUTLS_DIG_SHA256, 0);
            free(filler);
        }
        add_cert("big.pem", &big, "w");
        nmade -= more; /* the same file */
        add_key("big.pem", &big, NULL, "a");
        if (more) {
            refused(&o, WSC_E_LIMIT, "tls-cert-file", "(16 KB) at most");
        } else {
            struct wsc__tls_own *own = NULL;
            struct wsc_error *err = NULL;

            CHECK_EQ(wsc__tls_own_new(&own, &wsc__mem_libc, &o, &err), WSC_OK);
            wsc__error_unref(err);
            wsc__tls_own_unref(own);
        }
        drop(&big);
    }
}

/* --- the moments ------------------------------------------------------------------------------ */

static void at_the_handshake(void)
{
    struct wsc__tls_own_options o = with("cert.pem", "key.pem", NULL);
    struct link l;

    for (int i = 0; i < 4; i++) { /* byte by byte; the second ones are resumed */
        static struct wsc__tls_config *kept;

        if (begin(&l, &o, i < 2 ? TLS13 : TLS12)) {
            if (i % 2) { /* the settings of the connection before, with its session */
                l.f->ops->free(l.f);
                CHECK_EQ(wsc__tls_client_new(&l.f, &wsc__mem_libc, kept, HOST, NULL, &l.err), 0);
                wsc__tls_config_unref(kept);
            } else {
                kept = wsc__tls_config_ref(l.c);
            }
            ask(&l.s, GNUTLS_CERT_REQUIRE);
            CHECK_EQ(shake(l.f, &l.s, 1, &l.err), 0);
            echo(l.f, &l.s, 1);
            CHECK_EQ(gnutls_session_is_resumed(l.s.s) != 0, i % 2);
            CHECK_STR(shown(&l.s), "me");
            CHECK(l.f->ops->asked(l.f));
        }
        finish(&l);
    }
    if (begin(&l, &o, TLS13)) { /* a server that does not want one */
        CHECK_EQ(shake(l.f, &l.s, 1000, &l.err), 0);
        CHECK_STR(shown(&l.s), "");
        CHECK(!l.f->ops->asked(l.f));
    }
    finish(&l);
    if (begin(&l, NULL, TLS12)) { /* and one that can not have it */
        ask(&l.s, GNUTLS_CERT_REQUIRE);
        CHECK_EQ(shake(l.f, &l.s, 1000, &l.err), WSC_E_AGAIN);
        gnutls_alert_send(l.s.s, GNUTLS_AL_FATAL, GNUTLS_A_CERTIFICATE_REQUIRED);
        CHECK_EQ(to_client(l.f, &l.s, 1000, &l.err), WSC_E_TLS);
        CHECK_STR(wsc__error_str(l.err, WSC__ES_CAUSE), "the server wants a client certificate");
        CHECK_STR(wsc__error_str(l.err, WSC__ES_OPTION), "tls-cert-file");
    }
    finish(&l);
}

/* The server's part of a later handshake, with the plain text that arrives meanwhile. */
static int serve(struct server *s, char *got, size_t cap, int (*step)(gnutls_session_t))
{
    int rc, turns = 0;

    do {
        rc = step(s->s);
        if (rc == GNUTLS_E_GOT_APPLICATION_DATA) {
            ssize_t n = gnutls_record_recv(s->s, got + strlen(got), cap - strlen(got) - 1);

            CHECK(n > 0);
        }
    } while (rc == GNUTLS_E_GOT_APPLICATION_DATA && turns++ < 100);
    return rc;
}

static int reauth(gnutls_session_t s)
{
    return gnutls_reauth(s, 0);
}

static void receive_all(struct server *s, char *got, size_t cap)
{
    ssize_t n;

    while (s->in.len && (n = gnutls_record_recv(s->s, got + strlen(got), cap - strlen(got) - 1))) {
        if (n < 0 && n != GNUTLS_E_AGAIN)
            break;
    }
}

/* Asked in the middle of an exchange, with data on the way in both directions. */
static void in_the_middle(const char *priority, size_t stride)
{
    bool tls12 = strcmp(priority, TLS12) == 0;
    struct wsc__tls_own_options o = with("cert.pem", "key.pem", NULL);
    char up[200] = "", down[200] = "", piece[51];
    struct link l;
    int rc = GNUTLS_E_AGAIN, turns = 0;

    if (!begin(&l, &o, priority)) {
        finish(&l);
        return;
    }
    CHECK_EQ(shake(l.f, &l.s, 100000, &l.err), 0);
    echo(l.f, &l.s, 1000);
    ask(&l.s, GNUTLS_CERT_REQUIRE);
    CHECK_EQ(l.f->ops->write(l.f, (const uint8_t *)"one ", 4, &l.err), 0); /* on its way */
    CHECK_EQ(gnutls_record_send(l.s.s, "ein ", 4), 4);
    if (tls12)
        CHECK_EQ(gnutls_rehandshake(l.s.s), 0);
    else
        serve(&l.s, up, sizeof up, reauth);
    CHECK_EQ(gnutls_record_send(l.s.s, "zwei ", 5), 5);
    for (; rc && turns < 20; turns++) {
        CHECK_EQ(client_reads(l.f, &l.s, stride, piece, sizeof piece, &l.err), WSC_E_AGAIN);
        strncat(down, piece, sizeof down - strlen(down) - 1);
        if (turns < 2)
            CHECK_EQ(l.f->ops->write(l.f, (const uint8_t *)(turns ? "three " : "two "),
                                     turns ? 6 : 4, &l.err),
                     0);
        to_server(l.f, &l.s);
        rc = serve(&l.s, up, sizeof up, tls12 ? gnutls_handshake : reauth);
        if (rc && !CHECK(!gnutls_error_is_fatal(rc)))
            break;
    }
    if (!CHECK_EQ(rc, 0))
        printf("# %s, by %zu: %s | %s\n", priority, stride, gnutls_strerror(rc),
               l.err ? wsc__error_text(l.err) : "");
    CHECK_EQ(gnutls_record_send(l.s.s, "drei", 4), 4);
    CHECK_EQ(client_reads(l.f, &l.s, stride, piece, sizeof piece, &l.err), WSC_E_AGAIN);
    strncat(down, piece, sizeof down - strlen(down) - 1);
    if (turns < 2)
        CHECK_EQ(l.f->ops->write(l.f, (const uint8_t *)"three ", 6, &l.err), 0);
    to_server(l.f, &l.s);
    receive_all(&l.s, up, sizeof up);
    CHECK_STR(up, "one two three ");
    CHECK_STR(down, "ein zwei drei");
    CHECK_STR(shown(&l.s), "me");
    CHECK(l.f->ops->asked(l.f));
    echo(l.f, &l.s, stride);
    finish(&l);
}

static void later(void)
{
    static const size_t strides[] = { 1, 2, 3, 7, 100, 100000 };

    for (size_t i = 0; i < sizeof strides / sizeof *strides; i++) {
        in_the_middle(TLS12, strides[i]);
        in_the_middle(TLS13, strides[i]);
    }
}

static void another_server(void)
{
    struct wsc__tls_own_options o = with("cert.pem", "key.pem", NULL);
    struct ident other = make(GNUTLS_PK_ECDSA, GNUTLS_DIG_SHA256, HOST, 0, &ca);
    gnutls_certificate_credentials_t cred;
    char buf[100];
    struct link l;
    int rc = WSC_E_AGAIN;

    gnutls_certificate_allocate_credentials(&cred);
    gnutls_certificate_set_x509_key(cred, &other.crt, 1, other.key);
    if (begin(&l, &o, TLS12)) {
        CHECK_EQ(shake(l.f, &l.s, 100000, &l.err), 0);
        echo(l.f, &l.s, 1000);
        gnutls_credentials_set(l.s.s, GNUTLS_CRD_CERTIFICATE, cred);
        CHECK_EQ(gnutls_rehandshake(l.s.s), 0);
        for (int i = 0; i < 10 && rc == WSC_E_AGAIN; i++) {
            rc = client_reads(l.f, &l.s, 1000, buf, sizeof buf, &l.err);
            to_server(l.f, &l.s);
            gnutls_handshake(l.s.s);
        }
        CHECK_EQ(rc, WSC_E_TLS);
        if (!CHECK(l.err && strstr(wsc__error_text(l.err), "the second TLS handshake")))
            printf("# %s\n", l.err ? wsc__error_text(l.err) : "");
    }
    finish(&l);
    gnutls_certificate_free_credentials(cred);
    drop(&other);
}

/* --- memory ----------------------------------------------------------------------------------- */

/* The right password, then a wrong one. */
static int load_once(const struct wsc__mem *mem)
{
    int rc = 0;

    for (int i = 0; i < 2 && !rc; i++) {
        struct wsc__tls_own_options o = with("old-cert.pem", "old.pem", i ? "wrong" : PASSWORD);
        struct wsc__tls_options settings = options();
        struct wsc__tls_config *c = NULL;
        struct wsc_error *err = NULL;

        rc = wsc__tls_own_new(&settings.own, mem, &o, &err);
        if (!rc)
            rc = wsc__tls_config_new(&c, mem, NULL, &settings, &err);
        wsc__tls_own_unref(settings.own);
        CHECK((rc == WSC_OK) == (c != NULL) && wsc__error_code(err) == rc);
        CHECK(rc == WSC_E_NOMEM || rc == (i ? WSC_E_TLS : WSC_OK));
        if (rc == WSC_E_TLS)
            rc = 0;
        wsc__error_unref(err);
        wsc__tls_config_unref(c);
    }
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(load_once);
}

static const struct test tests[] = {
    { "forms", forms },
    { "old_form", old_form },
    { "bad_files", bad_files },
    { "tokens", tokens },
    { "size", size },
    { "at_the_handshake", at_the_handshake },
    { "later", later },
    { "another_server", another_server },
    { "out_of_memory", out_of_memory },
};

int main(int argc, char **argv)
{
    int rc;

    peers_make();
    make_files();
    rc = test_main(tests, sizeof tests / sizeof *tests, argc, argv);
    while (nmade)
        unlink(made[--nmade]);
    rmdir(dir);
    drop(&me);
    peers_drop();
    return rc;
}
