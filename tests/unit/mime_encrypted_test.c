#include "http/mime_encrypted.h"
#include "base/codes.h"

#include "hex.h"
#include "test.h"

#include <gnutls/crypto.h>

#define SPNEGO   "application/HTTP-SPNEGO-session-encrypted"
#define KERBEROS "application/HTTP-Kerberos-session-encrypted"
#define TYPE     "application/soap+xml;charset=UTF-8"
#define SEALED   "multipart/encrypted;protocol=\"" SPNEGO "\";boundary=\"Encrypted Boundary\""

/* "<s:Envelope/>" sealed by NTLM with sequence number 0, header and data */
static const char message[] = "01000000b41d13116965b03d0000000038965720b06f3ab0981031eeda";
static const char digest[] = "b1170e2c379ebb6ee3d7131fab93e4d6cf268fe4353bbcead02e724afa7b362f";

/* --- writing ---------------------------------------------------------------------------------- */

static int written(const struct wsc__mem *mem)
{
    uint8_t raw[HEX_MAX], sum[32], good[HEX_MAX];
    struct wsc__mime_mark mark;
    struct wsc__buf b;
    size_t len = from_hex(message, raw);
    int rc;

    wsc__buf_init(&b, mem, 1000);
    if ((rc = wsc__mime_begin(&b, &mark, SPNEGO, TYPE, 13)))
        goto done;
    CHECK_EQ(b.len, 212 + 4);
    if ((rc = wsc__buf_append(&b, raw, len)) || (rc = wsc__mime_sealed(&b, &mark, 16, 13)) ||
        (rc = wsc__mime_end(&b)))
        goto done;
    CHECK_EQ(b.len, 269);
    CHECK_EQ(gnutls_hash_fast(GNUTLS_DIG_SHA256, wsc__buf_data(&b), b.len, sum), 0);
    from_hex(digest, good);
    CHECK(memcmp(sum, good, sizeof sum) == 0);
    wsc__buf_reset(&b);
    if (!(rc = wsc__mime_content_type(&b, SPNEGO, false)))
        CHECK(b.len == strlen(SEALED) && memcmp(wsc__buf_data(&b), SEALED, b.len) == 0);
done:
    wsc__buf_free(&b);
    return rc;
}

static void vector(void)
{
    CHECK_EQ(written(&wsc__mem_libc), 0);
    test_each_failure(written);
}

/* The number of digits of Length= changes behind the sealed bytes. */
static void corrected(void)
{
    static const size_t numbers[] = { 0, 9, 10, 99, 100, 65535, 1000000 };

    for (size_t i = 0; i < 49; i++) {
        size_t before = numbers[i / 7], behind = numbers[i % 7];
        struct wsc__mime_mark m[2];
        struct wsc__buf once, twice;

        wsc__buf_init(&once, &wsc__mem_libc, 10000);
        wsc__buf_init(&twice, &wsc__mem_libc, 10000);
        CHECK_EQ(wsc__buf_puts(&twice, "xx"), 0);
        wsc__buf_consume(&twice, 1); /* offsets count from the first byte in use */
        CHECK_EQ(wsc__buf_puts(&once, "x"), 0);
        CHECK_EQ(wsc__mime_begin(&once, &m[0], KERBEROS, TYPE, behind), 0);
        CHECK_EQ(wsc__mime_begin(&twice, &m[1], KERBEROS, TYPE, before), 0);
        CHECK_EQ(wsc__buf_puts(&once, "HEADERdata"), 0);
        CHECK_EQ(wsc__buf_puts(&twice, "HEADERdata"), 0);
        CHECK_EQ(wsc__mime_sealed(&once, &m[0], 6, behind), 0);
        CHECK_EQ(wsc__mime_sealed(&twice, &m[1], 6, behind), 0);
        CHECK(once.len == twice.len &&
              memcmp(wsc__buf_data(&once), wsc__buf_data(&twice), once.len) == 0);
        CHECK(memcmp(wsc__buf_data(&once) + once.len - 14, "\6\0\0\0HEADERdata", 14) == 0);
        wsc__buf_free(&once);
        wsc__buf_free(&twice);
    }
}

static void full(void)
{
    struct wsc__mime_mark m;
    struct wsc__buf b;

    for (size_t max = 0; max < 235; max++) {
        wsc__buf_init(&b, &wsc__mem_libc, max);
        if (wsc__mime_begin(&b, &m, SPNEGO, TYPE, 9)) {
            CHECK_EQ(b.len, 0);
        } else if (!wsc__buf_puts(&b, "Hd")) {
            size_t len = b.len;

            CHECK_EQ(wsc__mime_sealed(&b, &m, 3, 9), WSC_E_USAGE); /* longer than all of it */
            CHECK_EQ(b.len, len);
            CHECK_EQ(wsc__mime_sealed(&b, &m, 1, 10), len < max ? 0 : WSC_E_LIMIT);
            CHECK_EQ(b.len, len + (len < max));
        }
        wsc__buf_free(&b);
    }
}

/* --- reading ---------------------------------------------------------------------------------- */

#define HEAD(protocol, length)                                                                     \
    "--Encrypted Boundary\r\n\tContent-Type: " protocol "\r\n\tOriginalContent: type=" TYPE        \
    ";Length=" length "\r\n--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
#define END "--Encrypted Boundary--\r\n"

struct parts {
    int n, rc;
    int64_t offset;
    char text[200];
    struct wsc__mime_part part[4];
};

static struct parts read_all(const char *type, enum wsc__mime_rule rule, const void *body,
                             size_t len)
{
    struct wsc__mime_reader r;
    struct wsc_error *err = NULL;
    struct parts p = { .offset = -1 };
    uint8_t *exact = malloc(len ? len : 1); /* so that a sanitizer sees one byte too far */

    memcpy(exact, body, len);
    p.rc = wsc__mime_open(&r, &wsc__mem_libc, type, rule, exact, len, &err);
    if (p.rc == 0) {
        while (p.n < 4 && (p.rc = wsc__mime_next(&r, &p.part[p.n], &err)) == 1)
            p.n++;
        if (p.rc == 0)
            CHECK_EQ(wsc__mime_next(&r, &p.part[3], &err), 0); /* stays at the end */
    }
    CHECK((p.rc < 0) == (err != NULL));
    if (err) {
        snprintf(p.text, sizeof p.text, "%s", wsc__error_text(err));
        wsc__error_int(err, WSC__EI_OFFSET, &p.offset);
    }
    wsc__error_unref(err);
    free(exact);
    return p;
}

#define READ(rule, text) read_all(SEALED, rule, text, sizeof(text) - 1)

static void tolerant(void)
{
    static const char *const types[] = {
        SEALED,
        "multipart/encrypted; protocol=x; boundary=Encrypted Boundary",
        "Multipart/X-Multi-Encrypted ;BOUNDARY = \"encrypted boundary\" ;x",
        "multipart/encrypted;x=\";boundary=no;\";boundary=Encrypted Boundary ;y=1",
    };
    static const char *const bodies[] = {
        HEAD(SPNEGO, "3") "\2\0\0\0HHabc" END,
        HEAD(SPNEGO, "3") "\2\0\0\0HHabc--Encrypted Boundary--",
        "-- Encrypted Boundary\r\nOriginalContent:type=" TYPE ";Length=3\r\n"
        "content-type:" KERBEROS "\r\n-- \tencrypted boundary\r\n"
        "  Content-Type:  application/octet-stream \r\n\2\0\0\0HHabc-- Encrypted Boundary--\r\n",
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        CHECK(wsc__mime_is_sealed(types[i]));
        for (size_t k = 0; k < sizeof bodies / sizeof *bodies; k++) {
            /* the four octets have zeros in them */
            const char *at = bodies[k];
            size_t len = strlen(at) + 3;
            struct parts p;

            len += strlen(at + len);
            p = read_all(types[i], WSC__MIME_BY_LENGTH, at, len);
            if (!CHECK(p.rc == 0 && p.n == 1))
                printf("# type %zu, body %zu: %s\n", i, k, p.text);
            CHECK(p.part[0].header_len == 2 && p.part[0].data_len == 3);
            CHECK(memcmp(at + p.part[0].at, "HHabc", 5) == 0);
            p = read_all(types[i], WSC__MIME_TO_END, at, len);
            CHECK(p.rc == 0 && p.n == 1 && p.part[0].data_len == 3 && p.part[0].plain_len == 3);
        }
    }
    CHECK(!wsc__mime_is_sealed(NULL));
    CHECK(!wsc__mime_is_sealed("application/soap+xml"));
    CHECK(!wsc__mime_is_sealed("multipart/encryptedx;boundary=a"));
}

static void described(void)
{
    static const char body[] = HEAD(KERBEROS, "0") "\0\0\0\0" END;
    static const char bare[] = "--Encrypted Boundary\r\nContent-Type: " SPNEGO
                               "\r\nOriginalContent: type= text/xml ; Charset=\"UTF-16\" ; length=0"
                               "\r\n--Encrypted Boundary\r\nContent-Type: application/octet-stream"
                               "\r\n\0\0\0\0" END;
    struct wsc__mime_reader r;
    struct wsc__mime_part p;
    struct wsc_error *err = NULL;

    for (int i = 0; i < 2; i++) {
        const char *text = i ? bare : body;

        CHECK_EQ(wsc__mime_open(&r, &wsc__mem_libc, SEALED, WSC__MIME_BY_LENGTH,
                                (const uint8_t *)text, i ? sizeof bare - 1 : sizeof body - 1, &err),
                 0);
        CHECK_EQ(wsc__mime_next(&r, &p, &err), 1);
        CHECK(i ? p.type_len == 8 && memcmp(p.type, "text/xml", 8) == 0
                : p.type_len == 20 && memcmp(p.type, "application/soap+xml", 20) == 0);
        CHECK(i ? p.charset_len == 6 && memcmp(p.charset, "UTF-16", 6) == 0
                : p.charset_len == 5 && memcmp(p.charset, "UTF-8", 5) == 0);
        CHECK(p.plain_len == 0 && p.data_len == 0 && p.header_len == 0);
        CHECK_EQ(wsc__mime_next(&r, &p, &err), 0);
    }
}

/* Whatever is sealed may look like a boundary. */
static void boundary_inside(void)
{
    static const char body[] = HEAD(SPNEGO, "24") "\2\0\0\0--" END END;
    static const char ends[] = HEAD(SPNEGO, "5") "\2\0\0\0HH--\r\n-" END;
    static const char dashes[] = HEAD(SPNEGO, "2") "\0\0\0\0---- Encrypted Boundary--";
    struct parts p = READ(WSC__MIME_BY_LENGTH, body);

    CHECK(p.rc == 0 && p.n == 1 && p.part[0].data_len == 24);
    p = READ(WSC__MIME_TO_END, body);
    CHECK(p.rc == 0 && p.n == 1 && p.part[0].data_len == 24);
    p = READ(WSC__MIME_TO_END, ends);
    CHECK(p.rc == 0 && p.n == 1 && p.part[0].data_len == 5);
    p = READ(WSC__MIME_TO_END, dashes);
    CHECK(p.rc == 0 && p.n == 1 && p.part[0].data_len == 2);
}

static void several(void)
{
    static const char two[] = HEAD(SPNEGO, "1") "\1\0\0\0Ha" HEAD(SPNEGO, "2") "\1\0\0\0Hbc" END;
    static const char tls[] =
        HEAD("application/HTTP-CredSSP-session-encrypted",
             "1") "\2\0\0\0\x17\3\3\0\2--\x17\3\1\0\0" HEAD(SPNEGO, "0") "\0\0\0\0" END;
    static const char cut[] = HEAD(SPNEGO, "1") "\1\0\0\0\x17\3\3\0\x7fxx" END;
    static const char header[] = HEAD(SPNEGO, "1") "\x10\0\0\0\x17\3\3\0\2--" END;
    static const char text[] = HEAD(SPNEGO, "9") "\1\0\0\0\x17\3\3\0\2--" END;
    static const char padded[] = HEAD(KERBEROS, "3") "\2\0\0\0HHabc\1" END;
    struct parts p = READ(WSC__MIME_BY_LENGTH, two);

    CHECK(p.rc == 0 && p.n == 2);
    CHECK(memcmp(two + p.part[0].at, "Ha", 2) == 0 && memcmp(two + p.part[1].at, "Hbc", 3) == 0);
    p = READ(WSC__MIME_TLS_RECORDS, tls);
    CHECK(p.rc == 0 && p.n == 2 && p.part[0].header_len == 2 && p.part[0].data_len == 10);
    CHECK_EQ(p.part[1].data_len, 0);
    p = READ(WSC__MIME_TLS_RECORDS, cut);
    CHECK_EQ(p.rc, WSC_E_PROTOCOL);
    p = READ(WSC__MIME_TLS_RECORDS, header); /* longer than the records, though not than the rest */
    CHECK(p.rc == WSC_E_PROTOCOL && strstr(p.text, "shorter than it says"));
    p = READ(WSC__MIME_TO_END, text); /* no mechanism makes a text shorter */
    CHECK(p.rc == WSC_E_PROTOCOL && strstr(p.text, "shorter than it says"));
    p = READ(WSC__MIME_TO_END, padded); /* RC4: one byte of padding that Length= leaves out */
    CHECK(p.rc == 0 && p.n == 1 && p.part[0].data_len == 4 && p.part[0].plain_len == 3);
    p = READ(WSC__MIME_BY_LENGTH, padded);
    CHECK_EQ(p.rc, WSC_E_PROTOCOL);
}

#define LINES(a, b) "--Encrypted Boundary\r\n" a "\r\n" b "\r\n--Encrypted Boundary\r\n"
#define PROTOCOL    "\tContent-Type: " SPNEGO
#define ORIGINAL    "\tOriginalContent: type=" TYPE ";Length=1"
#define STREAM      "\tContent-Type: application/octet-stream\r\n\0\0\0\0a"

static void strict(void)
{
    static const struct {
        const char *body;
        size_t len;
        int64_t at;
        const char *text;
    } cases[] = {
#define CASE(body, at, text) { body, sizeof(body) - 1, at, text }
        CASE("", 0, "begin"),
        CASE("\r\n" HEAD(SPNEGO, "1") "\0\0\0\0a" END, 0, "begin"),
        CASE(END, 0, "begin"),
        CASE("--Encrypted Boundary\n", 0, "begin"),
        CASE("--Encrypted Boundary x\r\n", 0, "begin"),
        CASE("--Encrypted Boundary", 0, "begin"),
        CASE("--Encrypted Boundary\r\n", 22, "ends in the headers"),
        CASE("--Encrypted Boundary\r\n" END, 22, "boundary of the end"),
        CASE("--Encrypted Boundary\r\n\r\n", 22, "neither"),
        CASE("--Encrypted Boundary\r\nContent-Type: x", 22, "neither"),
        CASE("--Encrypted Boundary\r\n" PROTOCOL "\n", 22, "neither"),
        CASE(LINES("\tContent-Type: text/xml", ORIGINAL) STREAM END, 22, "type of a part"),
        CASE(LINES(PROTOCOL, PROTOCOL) STREAM END, 22 + 58, "second time"),
        CASE(LINES(PROTOCOL, "X: y") STREAM END, 22 + 58, "does not belong"),
        CASE(LINES(PROTOCOL, "OriginalContent: type=" TYPE) STREAM END, 22 + 58, "without"),
        CASE(LINES(PROTOCOL, "OriginalContent: type=;Length=1") STREAM END, 22 + 58, "without"),
        CASE(LINES(PROTOCOL, "OriginalContent: Length=1") STREAM END, 22 + 58, "without"),
        CASE(LINES(PROTOCOL, "OriginalContent: type=a/b;Length=") STREAM END, 22 + 58, "without"),
        CASE(LINES(PROTOCOL, "OriginalContent: type=a/b;Length=-1") STREAM END, 22 + 58, "without"),
        CASE(LINES(PROTOCOL, "OriginalContent: type=a/b;Length=1;Length=1") STREAM END, 22 + 58,
             "without"),
        CASE(LINES(PROTOCOL, "OriginalContent: type=a/b;Length=99999999999999999999") STREAM END,
             22 + 58, "without"),
        CASE("--Encrypted Boundary\r\n" PROTOCOL "\r\n--Encrypted Boundary\r\n" STREAM END, 22 + 58,
             "no Content-Type or no OriginalContent"),
        CASE(LINES(PROTOCOL, ORIGINAL) "\tContent-Type: text/xml\r\n\0\0\0\0a" END, 170,
             "octet-stream"),
        CASE(LINES(PROTOCOL, ORIGINAL) "\0\0\0\0a" END, 170, "octet-stream"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0", 211, "length of the security header"),
        CASE(HEAD(SPNEGO, "1") "\x1b\0\0\0a" END, 211, "longer than what is left"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0\xff"
                               "a" END,
             211, "longer than what is left"),
        CASE(HEAD(SPNEGO, "1") "\r\n\0\0\0\0a" END, 211, "longer than what is left"),
        CASE(HEAD(SPNEGO, "9") "\1\0\0\0Habc", 215, "ends in the sealed message"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0\0ab" END, 216, "no boundary behind"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0\0a\r\n" END, 216, "no boundary behind"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0\0a", 216, "no boundary behind"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0\0a" END "x", 240, "follows"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0\0a" END "\r\n", 240, "follows"),
        CASE(HEAD(SPNEGO, "1") "\0\0\0\0a--Encrypted Boundary\r\n", 238, "ends in the headers"),
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parts p = read_all(SEALED, WSC__MIME_BY_LENGTH, cases[i].body, cases[i].len);
        bool good = CHECK_EQ(p.rc, WSC_E_PROTOCOL);

        good &= CHECK_EQ(p.offset, cases[i].at);
        good &= CHECK(strstr(p.text, cases[i].text));
        if (!good)
            printf("# case %zu: %s\n", i, p.text);
    }
}

#define TOO_LONG                                                                                   \
    "multipart/encrypted;boundary="                                                                \
    "aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggggggggghh"

static void no_boundary(void)
{
    static const char *const types[] = {
        "multipart/encrypted",
        "multipart/encrypted;boundary=",
        "multipart/encrypted;boundary=\"\"",
        TOO_LONG,
        "multipart/encrypted;bound=x",
    };

    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        struct parts p = read_all(types[i], WSC__MIME_BY_LENGTH, "--x", 3);

        CHECK(p.rc == WSC_E_PROTOCOL && strstr(p.text, "no boundary"));
    }
}

/* A body cut anywhere, or with any bit turned around, is never read past its end and never whole
 * when it is cut. */
static void damaged(void)
{
    static const char whole[] = HEAD(SPNEGO, "1") "\1\0\0\0Ha" HEAD(SPNEGO, "2") "\1\0\0\0Hbc" END;
    char copy[sizeof whole];

    for (int rule = WSC__MIME_BY_LENGTH; rule <= WSC__MIME_TLS_RECORDS; rule++) {
        for (size_t i = 0; i < sizeof whole - 3; i++)
            CHECK(read_all(SEALED, (enum wsc__mime_rule)rule, whole, i).rc < 0);
        for (size_t i = 0; i < 8 * (sizeof whole - 1); i++) {
            struct parts p;

            memcpy(copy, whole, sizeof copy);
            copy[i / 8] ^= (char)(1 << i % 8);
            p = read_all(SEALED, (enum wsc__mime_rule)rule, copy, sizeof copy - 1);
            for (int k = 0; k < p.n; k++)
                CHECK(p.part[k].at + p.part[k].header_len + p.part[k].data_len <= sizeof copy - 1);
        }
    }
}

static const struct test tests[] = {
    { "vector", vector },     { "corrected", corrected }, { "full", full },
    { "tolerant", tolerant }, { "described", described }, { "boundary_inside", boundary_inside },
    { "several", several },   { "strict", strict },       { "no_boundary", no_boundary },
    { "damaged", damaged },
};

TEST_MAIN(tests)
