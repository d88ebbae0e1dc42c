#include "http/h1.h"

#include "test.h"

static const struct wsc__h1_limits limits = { 4000, 20, 3, 10000 };

/* Reads a 401 with these headers; lists the challenges as "scheme(rest) ...". */
static void list(const char *headers, char *out)
{
    struct wsc__h1_reply r;
    struct wsc__challenge c;
    char text[2000];
    const uint8_t *data;
    size_t used, n, at = 0;
    struct wsc_error *err = NULL;

    snprintf(text, sizeof text, "HTTP/1.1 401 x\r\n%s\r\n", headers);
    wsc__h1_reply_init(&r, &wsc__mem_libc, &limits, false);
    CHECK_EQ(wsc__h1_read(&r, (uint8_t *)text, strlen(text), &used, &data, &n, &err), WSC__H1_HEAD);
    out[0] = '\0';
    for (unsigned i = 0; i < 20 && wsc__h1_challenge(&r, "WWW-Authenticate", i, &c); i++)
        at += (size_t)sprintf(out + at, "%s%.*s(%.*s)", i ? " " : "", (int)c.scheme_len, c.scheme,
                              (int)c.rest_len, c.rest);
    wsc__h1_reply_free(&r);
}

#define W "WWW-Authenticate: "

static void challenges(void)
{
    static const char *const cases[][2] = {
        { "", "" },
        { W "Negotiate\r\n", "Negotiate()" },
        { W "Negotiate\r\n" W "Kerberos\r\n" W "Basic realm=\"WSMAN\"\r\n",
          "Negotiate() Kerberos() Basic(realm=\"WSMAN\")" },
        { W "Negotiate, Kerberos,Basic realm=\"a, NTLM b\", NTLM\r\n",
          "Negotiate() Kerberos() Basic(realm=\"a, NTLM b\") NTLM()" },
        { W "Negotiate TlRMTVNTUAACAAAA==\r\n", "Negotiate(TlRMTVNTUAACAAAA==)" },
        { W "Negotiate abc==, Basic realm=\"x\"\r\n", "Negotiate(abc==) Basic(realm=\"x\")" },
        { W "Digest realm=\"r\", nonce=\"n\\\",q\" , qop=\"auth,auth-int\",algorithm=MD5-sess, "
            "Basic realm=\"r\"\r\n",
          "Digest(realm=\"r\", nonce=\"n\\\",q\" , qop=\"auth,auth-int\",algorithm=MD5-sess) "
          "Basic(realm=\"r\")" },
        { W "Digest realm = \"r\", nonce = n, Foo\r\n", "Digest(realm = \"r\", nonce = n) Foo()" },
        { W ", ,Basic ,, realm=x,,\r\n", "Basic(,, realm=x)" },
        { W "realm=\"lost\", Basic\r\n", "Basic()" },
        { W "\r\n" W "CredSSP\r\n", "CredSSP()" },
        { W "Basic realm=\"never closed, NTLM\r\n", "Basic(realm=\"never closed, NTLM)" },
        { W "Bearer\tx=y\r\n", "Bearer(x=y)" },
        { W "=abc, /x, NTLM\r\n", "NTLM()" },
        { "Other: Basic\r\n", "" },
    };
    char out[2000];

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        list(cases[i][0], out);
        CHECK_STR(out, cases[i][1]);
    }
}

static void mutated(void)
{
    static const char base[] =
        W "Digest realm=\"r\", nonce=\"n\\\",q\", qop=auth, Basic realm=x, Negotiate ab==\r\n";
    uint64_t seed = 4;
    char text[200], out[4000];

    for (int turn = 0; turn < 20000; turn++) {
        static const char spice[] = "\"\\,= \tax/";

        memcpy(text, base, sizeof base);
        for (int n = 0; n < 4; n++)
            text[18 + test_random(&seed) % (sizeof base - 21)] = spice[test_random(&seed) % 9];
        list(text, out);
    }
}

static void media(void)
{
    char buf[40];
    const char *type =
        "Multipart/Encrypted; protocol=\"application/HTTP-SPNEGO-session-encrypted\" ;"
        "boundary=\"Encrypted \\\"Boundary\"; charset=UTF-8;empty=; last";

    CHECK(wsc__h1_media_is("application/soap+xml;charset=UTF-8", "Application/soap+XML"));
    CHECK(wsc__h1_media_is(" text/xml ", "text/xml"));
    CHECK(!wsc__h1_media_is("text/xmlx", "text/xml") && !wsc__h1_media_is(NULL, "text/xml"));
    CHECK(wsc__h1_media_is(type, "multipart/encrypted"));
    CHECK(wsc__h1_media_param(type, "CHARSET", buf, sizeof buf));
    CHECK_STR(buf, "UTF-8");
    CHECK(wsc__h1_media_param(type, "boundary", buf, sizeof buf));
    CHECK_STR(buf, "Encrypted \"Boundary");
    CHECK(!wsc__h1_media_param(type, "protocol", buf, sizeof buf)); /* does not fit */
    CHECK(wsc__h1_media_param(type, "empty", buf, sizeof buf) && !*buf);
    CHECK(!wsc__h1_media_param(type, "last", buf, sizeof buf));
    CHECK(!wsc__h1_media_param("text/xml", "charset", buf, sizeof buf));
    CHECK(!wsc__h1_media_param("text/xml; charset=\"open", "charset", buf, sizeof buf));
    CHECK(!wsc__h1_media_param("text/xml;;; =x; charset", "charset", buf, sizeof buf));
    CHECK(!wsc__h1_media_param(NULL, "charset", buf, sizeof buf));
}

static const struct test tests[] = {
    { "challenges", challenges },
    { "mutated", mutated },
    { "media", media },
};

TEST_MAIN(tests)
