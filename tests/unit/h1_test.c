#include "http/h1.h"

#include "test.h"

static const struct wsc__h1_limits limits = { 2000, 20, 3, 10000 };

/* What one reply came to. */
struct outcome {
    int code; /* WSC_OK: complete */
    int status;
    bool keep_alive;
    size_t used; /* input taken */
    char body[12000];
    size_t body_len;
    char text[400]; /* of the error */
    char cause[200];
    int heads;
};

static void note_error(struct outcome *o, struct wsc_error *e)
{
    const char *cause = wsc__error_str(e, WSC__ES_CAUSE);

    o->code = wsc__error_code(e);
    snprintf(o->text, sizeof o->text, "%s", wsc__error_text(e));
    snprintf(o->cause, sizeof o->cause, "%s", cause ? cause : "");
    wsc__error_unref(e);
}

/* Feeds one piece; false when the reply is over. */
static bool feed(struct wsc__h1_reply *r, const uint8_t *in, size_t len, struct outcome *o)
{
    for (;;) {
        struct wsc_error *err = NULL;
        const uint8_t *data = NULL;
        size_t used = 0, n = 0;

        switch (wsc__h1_read(r, in, len, &used, &data, &n, &err)) {
        case WSC__H1_MORE:
            CHECK_EQ(used, len);
            o->used += used;
            return true;
        case WSC__H1_HEAD:
            o->heads++;
            break;
        case WSC__H1_BODY:
            CHECK(n && data >= in && data + n <= in + len); /* not copied */
            memcpy(o->body + o->body_len, data, n);
            o->body_len += n;
            break;
        case WSC__H1_DONE:
            o->used += used;
            return false;
        case WSC__H1_ERROR:
            o->used += used;
            note_error(o, err);
            return false;
        }
        o->used += used;
        in += used;
        len -= used;
    }
}

static void end(struct wsc__h1_reply *r, bool more, struct outcome *o)
{
    struct wsc_error *err = NULL;

    if (more && wsc__h1_eof(r, &err) == WSC__H1_ERROR)
        note_error(o, err);
    o->status = r->status;
    o->keep_alive = r->keep_alive;
}

/* cut: position of one cut; step: pieces of this size (0 = one cut only) */
static void run(const char *text, size_t len, size_t cut, size_t step, bool connect,
                struct outcome *o)
{
    struct wsc__h1_reply r;
    bool more = true;
    size_t at = 0;

    memset(o, 0, offsetof(struct outcome, body));
    o->body_len = 0;
    o->heads = 0;
    o->text[0] = o->cause[0] = '\0';
    wsc__h1_reply_init(&r, &wsc__mem_libc, &limits, connect);
    while (more && at < len) {
        size_t n = step ? step : at < cut ? cut - at : len - at;
        uint8_t *copy; /* a block of its own, so that the sanitizer sees every byte too far */

        if (n > len - at)
            n = len - at;
        copy = malloc(n);
        memcpy(copy, text + at, n);
        more = feed(&r, copy, n, o);
        free(copy);
        at += n;
    }
    end(&r, more, o);
    wsc__h1_reply_free(&r);
}

static void same(const struct outcome *a, const struct outcome *b, const char *text)
{
    bool good = a->code == b->code && a->body_len == b->body_len &&
                !memcmp(a->body, b->body, a->body_len) && a->heads == b->heads;

    if (!a->code)
        good =
            good && a->status == b->status && a->keep_alive == b->keep_alive && a->used == b->used;
    if (!CHECK(good))
        printf("# differs: code %d/%d (%s / %s) in: %.60s\n", a->code, b->code, a->text, b->text,
               text);
}

/* Whole, at every cut, byte by byte. */
static void all_cuts(const char *text, size_t len, bool connect, struct outcome *o)
{
    static struct outcome other;

    run(text, len, len, 0, connect, o);
    for (size_t cut = 1; cut < len; cut++) {
        run(text, len, cut, 0, connect, &other);
        same(o, &other, text);
    }
    for (size_t step = 1; step < 4; step++) {
        run(text, len, 0, step, connect, &other);
        same(o, &other, text);
    }
}

static struct outcome got;

static void good(const char *text, int status, bool keep_alive, const char *body, size_t rest)
{
    all_cuts(text, strlen(text), false, &got);
    if (!CHECK_EQ(got.code, WSC_OK))
        printf("# %s: %.70s\n", got.text, text);
    CHECK_EQ(got.status, status);
    CHECK_EQ(got.keep_alive, keep_alive);
    CHECK_EQ(got.body_len, strlen(body));
    CHECK(!memcmp(got.body, body, strlen(body)));
    CHECK_EQ(got.used, strlen(text) - rest);
    CHECK_EQ(got.heads, 1);
}

static void bad_n(const char *text, size_t len, int code, const char *word)
{
    all_cuts(text, len, false, &got);
    if (!CHECK_EQ(got.code, code) || !CHECK(strstr(got.text, word) || strstr(got.cause, word)))
        printf("# got %d \"%s\" (%s) for: %.70s\n", got.code, got.text, got.cause, text);
}

static void bad(const char *text, int code, const char *word)
{
    bad_n(text, strlen(text), code, word);
}

#define OK "HTTP/1.1 200 OK\r\n"
#define CL "Content-Length: "
#define TE "Transfer-Encoding: chunked\r\n"

static void lengths(void)
{
    good(OK CL "5\r\n\r\nhello", 200, true, "hello", 0);
    good(OK CL "5\r\n\r\nhelloHTTP", 200, true, "hello", 4);
    good(OK CL "0\r\n\r\n", 200, true, "", 0);
    good(OK CL "0\r\n\r\nx", 200, true, "", 1);
    good(OK CL "5\r\n" CL "5\r\n\r\nhello", 200, true, "hello", 0);
    good(OK CL "5, 5\r\n\r\nhello", 200, true, "hello", 0);
    good(OK CL " 5 \t\r\n\r\nhello", 200, true, "hello", 0);
    good("HTTP/1.1 500 \r\n" CL "2\r\n\r\nab", 500, true, "ab", 0);
    good("HTTP/1.1 401\r\n" CL "0\r\n\r\n", 401, true, "", 0);
    good("HTTP/1.1 204 No Content\r\n\r\n", 204, true, "", 0);
    good("HTTP/1.1 304 x\r\n" CL "77\r\n\r\n", 304, true, "", 0);
    good(OK "\r\nuntil the end", 200, false, "until the end", 0);
    good("HTTP/1.1 200 gr\xc3\xbc\xc3\x9f\tx\r\n" CL "0\r\n\r\n", 200, true, "", 0);
    good("HTTP/1.1 200 OK\n" CL "3\nX: y\n\nabc", 200, true, "abc", 0);
}

static void keeping_alive(void)
{
    good(OK CL "1\r\nConnection: close\r\n\r\na", 200, false, "a", 0);
    good(OK CL "1\r\nConnection: foo, CLOSE\r\n\r\na", 200, false, "a", 0);
    good(OK CL "1\r\nConnection: keep-alive\r\nConnection: close\r\n\r\na", 200, false, "a", 0);
    good(OK CL "1\r\nPersistent-Auth: false\r\n\r\na", 200, true, "a", 0);
    good("HTTP/1.0 200 OK\r\n" CL "1\r\n\r\na", 200, false, "a", 0);
    good("HTTP/1.0 200 OK\r\n" CL "1\r\nConnection: Keep-Alive\r\n\r\na", 200, true, "a", 0);
    good("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\nabc", 200, false, "abc", 0);
    good("HTTP/1.2 200 OK\r\n" CL "1\r\n\r\na", 200, true, "a", 0);
}

static void chunks(void)
{
    good(OK TE "\r\n5\r\nhello\r\n0\r\n\r\n", 200, true, "hello", 0);
    good(OK TE "\r\n5\r\nhello\r\n6;a=b;c=\"d\"\r\n world\r\n000\r\n\r\nrest", 200, true,
         "hello world", 4);
    good(OK TE "\r\n0A \t\r\n0123456789\r\n0;x\r\nTrailer: y\r\nother: z\r\n fold\r\n\r\n", 200,
         true, "0123456789", 0);
    good(OK TE "\r\na\n0123456789\n0\n\n", 200, true, "0123456789", 0);
    good(OK "Transfer-Encoding: Chunked\r\n\r\n0\r\n\r\n", 200, true, "", 0);
    good("HTTP/1.1 204 x\r\n" TE "\r\n", 204, true, "", 0);
    bad(OK TE "\r\n5\r\nhelloX\r\n0\r\n\r\n", WSC_E_PROTOCOL, "chunk");
    bad(OK TE "\r\n5\r\nhello\rX0\r\n\r\n", WSC_E_PROTOCOL, "chunk");
    bad(OK TE "\r\nx\r\n", WSC_E_PROTOCOL, "size of a chunk");
    bad(OK TE "\r\n\r\n", WSC_E_PROTOCOL, "size of a chunk");
    bad(OK TE "\r\n-1\r\n", WSC_E_PROTOCOL, "size of a chunk");
    bad(OK TE "\r\n0x5\r\nhello", WSC_E_PROTOCOL, "size of a chunk");
    bad(OK TE "\r\n5 5\r\nhello", WSC_E_PROTOCOL, "size of a chunk");
    bad(OK TE "\r\n5;\x01\r\nhello", WSC_E_PROTOCOL, "control");
    bad(OK TE "\r\n10000000000000000\r\n", WSC_E_PROTOCOL, "size of a chunk");
    bad(OK TE "\r\nffffffffffffffff\r\n", WSC_E_LIMIT, "body");
    bad(OK TE "\r\n0\r\nbad trailer\r\n\r\n", WSC_E_PROTOCOL, "header");
}

static void framing_attacks(void)
{
    bad(OK CL "5\r\n" CL "6\r\n\r\nhello", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "5, 6\r\n\r\nhello", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "5,\r\n\r\nhello!", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "+5\r\n\r\nhello", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "-5\r\n\r\nhello", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "5 5\r\n\r\nhello", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "\r\n\r\n", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "18446744073709551616\r\n\r\n", WSC_E_PROTOCOL, "Content-Length");
    bad(OK CL "5\r\n" TE "\r\n0\r\n\r\n", WSC_E_PROTOCOL, "both");
    bad(OK "Transfer-Encoding: gzip, chunked\r\n\r\n", WSC_E_PROTOCOL, "Transfer-Encoding");
    bad(OK "Transfer-Encoding: identity\r\n\r\n", WSC_E_PROTOCOL, "Transfer-Encoding");
    bad(OK TE TE "\r\n0\r\n\r\n", WSC_E_PROTOCOL, "Transfer-Encoding");
    bad(OK "Transfer-Encoding:\r\n\r\n", WSC_E_PROTOCOL, "Transfer-Encoding");
    bad("HTTP/1.0 200 OK\r\n" TE "\r\n0\r\n\r\n", WSC_E_PROTOCOL, "1.0");
    bad(OK "Content-Length : 5\r\n\r\nhello", WSC_E_PROTOCOL, "header");
}

static void header_lines(void)
{
    bad(OK "no colon\r\n\r\n", WSC_E_PROTOCOL, "header");
    bad(OK ": empty\r\n\r\n", WSC_E_PROTOCOL, "header");
    bad(OK "a b: c\r\n\r\n", WSC_E_PROTOCOL, "header");
    bad(OK " folded: first\r\n\r\n", WSC_E_PROTOCOL, "folded");
    bad(OK "a: b\rc\r\n\r\n", WSC_E_PROTOCOL, "control");
    bad(OK "a: b\x7f\r\n\r\n", WSC_E_PROTOCOL, "control");
    bad_n(OK "a: b\0c\r\n\r\n", sizeof(OK "a: b\0c\r\n\r\n") - 1, WSC_E_PROTOCOL, "control");
    bad_n(OK "a\0b: c\r\n\r\n", sizeof(OK "a\0b: c\r\n\r\n") - 1, WSC_E_PROTOCOL, "header");
    bad(OK "a: b\r\n c\x02\r\n\r\n", WSC_E_PROTOCOL, "control");
    good(OK "a:b\r\nEmpty:\r\nx!#$%&'*+-.^_`|~9: \xff\xfe\r\n" CL "0\r\n\r\n", 200, true, "", 0);
}

static void not_http(void)
{
    bad("\x15\x03\x01\x00\x02\x02\x46", WSC_E_PROTOCOL, "TLS");
    bad("\x16\x03\x03", WSC_E_PROTOCOL, "TLS");
    bad("SSH-2.0-OpenSSH_9.2\r\n", WSC_E_PROTOCOL, "not HTTP");
    bad("<html>", WSC_E_PROTOCOL, "not HTTP");
    bad("\r\n" OK, WSC_E_PROTOCOL, "not HTTP");
    bad("http/1.1 200 OK\r\n\r\n", WSC_E_PROTOCOL, "not HTTP");
    bad("HTTP/2.0 200 OK\r\n\r\n", WSC_E_PROTOCOL, "status line");
    bad("HTTP/1.1  200 OK\r\n\r\n", WSC_E_PROTOCOL, "status line");
    bad("HTTP/1.1 20 OK\r\n\r\n", WSC_E_PROTOCOL, "status line");
    bad("HTTP/1.1 2000\r\n\r\n", WSC_E_PROTOCOL, "status line");
    bad("HTTP/1.1 099 x\r\n\r\n", WSC_E_PROTOCOL, "status");
    bad("HTTP/1.1 600 x\r\n\r\n", WSC_E_PROTOCOL, "status");
    bad("HTTP/1.1 200 \x01\r\n\r\n", WSC_E_PROTOCOL, "control");
    run("SSH-2.0-OpenSSH_9.2\r\n", 21, 0, 0, false, &got);
    CHECK_STR(got.text, "the answer is not HTTP: it begins with \"SSH-2.0-OpenSSH_9.2\\x0d\\x0a\"");
}

static void interim(void)
{
#define I "HTTP/1.1 100 Continue\r\nX: y\r\n\r\n"
    good(I OK CL "1\r\n\r\na", 200, true, "a", 0);
    good(I "HTTP/1.1 103 Hints\r\n" CL "5\r\n\r\n" I OK CL "1\r\n\r\na", 200, true, "a", 0);
    bad(I I I I OK CL "1\r\n\r\na", WSC_E_LIMIT, "interim");
    bad("HTTP/1.1 101 Switching\r\n\r\n", WSC_E_PROTOCOL, "101");
    bad(I, WSC_E_CONNECTION_LOST, "interim");
}

static void connecting(void)
{
    const char *ok = "HTTP/1.1 200 Connection established\r\n" CL "5\r\n" TE "\r\n\x16\x03";
    const char *no = "HTTP/1.1 407 x\r\nProxy-Authenticate: Basic\r\n" CL "3\r\n\r\nabc";

    all_cuts(ok, strlen(ok), true, &got);
    CHECK(got.code == WSC_OK && got.body_len == 0 && got.used == strlen(ok) - 2 && got.keep_alive);
    all_cuts(no, strlen(no), true, &got);
    CHECK(got.code == WSC_OK && got.body_len == 3 && got.status == 407);
}

static uint64_t awaited_behind(const char *text)
{
    static struct outcome o;
    struct wsc__h1_reply r;
    uint64_t n;

    memset(&o, 0, sizeof o);
    wsc__h1_reply_init(&r, &wsc__mem_libc, &limits, false);
    feed(&r, (const uint8_t *)text, strlen(text), &o);
    CHECK_EQ(o.code, WSC_OK);
    n = wsc__h1_awaits(&r);
    wsc__h1_reply_free(&r);
    return n;
}

/* What is sure to come still: more would be waited for in vain. */
static void awaited(void)
{
    CHECK_EQ(awaited_behind(OK), 0);
    CHECK_EQ(awaited_behind(OK CL "1000\r\n\r"), 0);
    CHECK_EQ(awaited_behind(OK CL "1000\r\n\r\n"), 1000);
    CHECK_EQ(awaited_behind(OK CL "1000\r\n\r\nabc"), 997);
    CHECK_EQ(awaited_behind(OK CL "3\r\n\r\nabc"), 0);
    CHECK_EQ(awaited_behind(OK "Transfer-Encoding: chunked\r\n\r\n3E8\r\nab"), 998);
    CHECK_EQ(awaited_behind(OK "Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n3"), 0);
    CHECK_EQ(awaited_behind(OK "\r\nuntil the end"), 0);
}

static void over_limits(void)
{
    static char text[20000];
    size_t n;

    memset(text, 'a', sizeof text);
    memcpy(text, OK "X: ", strlen(OK "X: "));
    bad_n(text, 3000, WSC_E_LIMIT, "head");
    memcpy(text, "HTTP/1.1 200 ", 13);
    memset(text + 13, 'a', 3000);
    bad_n(text, 3000, WSC_E_LIMIT, "head");
    n = (size_t)sprintf(text, OK);
    for (int i = 0; i < 21; i++)
        n += (size_t)sprintf(text + n, "h%d: v\r\n", i);
    sprintf(text + n, "\r\n");
    bad(text, WSC_E_LIMIT, "headers");
    bad(OK CL "10001\r\n\r\n", WSC_E_LIMIT, "10001");
    n = (size_t)sprintf(text, OK "\r\n");
    memset(text + n, 'b', 10001);
    run(text, n + 10001, 0, 1000, false, &got);
    CHECK_EQ(got.code, WSC_E_LIMIT);
    n = (size_t)sprintf(text, OK TE "\r\n");
    memset(text + n, '0', 1100);
    bad_n(text, n + 1100, WSC_E_LIMIT, "size line");
    for (int i = 0; i < 50; i++) /* extensions of all chunks together */
        n += (size_t)sprintf(text + n, "1;%060d\r\na\r\n", i);
    run(text, n, 0, 100, false, &got);
    CHECK_EQ(got.code, WSC_E_LIMIT);
    n = (size_t)sprintf(text, OK TE "\r\n0\r\n");
    for (int i = 0; i < 21; i++)
        n += (size_t)sprintf(text + n, "t%d: v\r\n", i);
    bad(text, WSC_E_LIMIT, "headers");
}

static void truncated(void)
{
    static const char *const texts[] = { OK CL "5\r\n\r\nhello",
                                         OK TE "\r\n5\r\nhello\r\n0\r\nA: b\r\n\r\n",
                                         I OK "A: b\r\n c\r\n" CL "5\r\n\r\nhello" };

    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        for (size_t len = 0; len < strlen(texts[i]); len++) {
            run(texts[i], len, 0, 1, false, &got);
            CHECK_EQ(got.code, WSC_E_CONNECTION_LOST);
            CHECK(!got.keep_alive);
        }
    }
    run(texts[0], strlen(texts[0]) - 2, 0, 0, false, &got);
    CHECK(strstr(got.text, "3 of 5") != NULL);
}

static void mutated(void)
{
    static const char *const texts[] = {
        OK CL "5\r\n\r\nhello", OK TE "\r\n5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nA: b\r\n\r\n",
        I OK "A: b\r\n c\r\nConnection: close\r\n" CL "5, 5\r\n\r\nhello"
    };
    static struct outcome other;
    uint64_t seed = 9;
    char text[300];

    for (int turn = 0; turn < 30000; turn++) {
        const char *from = texts[test_random(&seed) % 3];
        size_t len = strlen(from);

        memcpy(text, from, len);
        for (uint32_t n = 1 + test_random(&seed) % 4; n; n--) {
            static const char spice[] = "\r\n\0 :;,\t0159afHTP/.\"\xff\x7f-";

            text[test_random(&seed) % len] = test_random(&seed) % 2
                                                 ? spice[test_random(&seed) % (sizeof spice - 1)]
                                                 : (char)test_random(&seed);
        }
        run(text, len, 0, 0, false, &got);
        run(text, len, 0, 1 + test_random(&seed) % 9, false, &other);
        same(&got, &other, text);
    }
}

static void headers_by_name(void)
{
    static const char text[] =
        OK "Set-Cookie: MS-WSMAN=secret; path=/\r\n"
           "WWW-Authenticate: Negotiate TlRMTVNTUAAC==, Basic realm=\"WSMAN\"\r\n"
           "www-authenticate:  Kerberos \r\nFold: a\r\n\t b \r\n"
           "Authentication-Info: x\r\n" CL "0\r\n\r\n";
    struct wsc__h1_reply r;
    struct outcome o = { 0 };
    struct wsc__buf b;

    for (size_t cut = 0; cut < sizeof text - 1; cut++) {
        wsc__h1_reply_init(&r, &wsc__mem_libc, &limits, false);
        if (feed(&r, (const uint8_t *)text, cut, &o))
            feed(&r, (const uint8_t *)text + cut, sizeof text - 1 - cut, &o);
        CHECK_STR(wsc__h1_header(&r, "WWW-Authenticate", 1), "Kerberos");
        CHECK_STR(wsc__h1_header(&r, "fold", 0), "a b");
        CHECK(!wsc__h1_header(&r, "fold", 1) && !wsc__h1_header(&r, "none", 0));
        CHECK_STR(wsc__h1_header(&r, "content-length", 0), "0");
        if (cut == 30) {
            wsc__buf_init(&b, &wsc__mem_libc, 5000);
            CHECK_EQ(wsc__h1_reply_masked(&r, &b), 0);
            CHECK_STR(wsc__buf_cstr(&b),
                      "HTTP/1.1 200\r\nSet-Cookie: MS-WSMAN=***\r\n"
                      "WWW-Authenticate: Negotiate ***, Basic realm=\"WSMAN\"\r\n"
                      "www-authenticate: Kerberos\r\nFold: a b\r\nAuthentication-Info: ***\r\n"
                      "Content-Length: 0\r\n");
            wsc__buf_free(&b);
        }
        wsc__h1_reply_free(&r);
    }
}

static struct wsc__h1_request request(void)
{
    struct wsc__h1_request q = { .method = "POST",
                                 .target = "/wsman",
                                 .host = "srv:5985",
                                 .user_agent = "ua",
                                 .content_type = "application/soap+xml",
                                 .content_length = 12,
                                 .auth_scheme = "Negotiate",
                                 .auth_token = "SECRET",
                                 .cookie = "c=SECRET",
                                 .extra = "X: y\r\nProxy-Authorization: Basic SECRET\r\n" };

    return q;
}

static void writing(void)
{
    struct wsc__h1_request q = request();
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 5000);
    CHECK_EQ(wsc__h1_write(&b, &q), 0);
    CHECK_STR(
        wsc__buf_cstr(&b),
        "POST /wsman HTTP/1.1\r\nHost: srv:5985\r\nConnection: Keep-Alive\r\nUser-Agent: ua\r\n"
        "Accept-Encoding: identity\r\nContent-Type: application/soap+xml\r\nContent-Length: 12\r\n"
        "Authorization: Negotiate SECRET\r\nCookie: c=SECRET\r\nX: y\r\n"
        "Proxy-Authorization: Basic SECRET\r\n\r\n");
    wsc__buf_reset(&b);
    CHECK_EQ(wsc__h1_write_masked(&b, &q), 0);
    CHECK(!strstr(wsc__buf_cstr(&b), "SECRET"));
    CHECK(strstr(wsc__buf_cstr(&b), "Authorization: Negotiate ***\r\n") != NULL);
    CHECK(strstr(wsc__buf_cstr(&b), "Proxy-Authorization: ***\r\n\r\n") != NULL);
    wsc__buf_reset(&b);
    q.auth_token = q.cookie = q.extra = q.content_type = q.user_agent = NULL;
    CHECK_EQ(wsc__h1_write(&b, &q), 0);
    CHECK(strstr(wsc__buf_cstr(&b), "Authorization: Negotiate\r\n\r\n") != NULL);
    wsc__buf_free(&b);
}

static void writing_refused(void)
{
    static const char *const wrong[] = { "a\r\nX: y", "a\nb", "a\rb" };
    struct wsc__buf b;

    wsc__buf_init(&b, &wsc__mem_libc, 5000);
    for (int i = 0; i < 3; i++) {
        for (int field = 0; field < 8; field++) {
            struct wsc__h1_request q = request();
            const char **p[] = { &q.method,       &q.target,      &q.host,       &q.user_agent,
                                 &q.content_type, &q.auth_scheme, &q.auth_token, &q.cookie };

            *p[field] = wrong[i];
            CHECK_EQ(wsc__h1_write(&b, &q), WSC_E_USAGE);
            CHECK_EQ(b.len, 0);
        }
    }
    for (int i = 0; i < 4; i++) {
        static const char *const extra[] = { "a: b", "a: b\n", "\r\n", "a: b\r\n\r\nPOST" };
        struct wsc__h1_request q = request();

        q.extra = extra[i];
        CHECK_EQ(wsc__h1_write(&b, &q), WSC_E_USAGE);
    }
    wsc__buf_free(&b);
}

static int write_once(const struct wsc__mem *mem)
{
    struct wsc__h1_request q = request();
    struct wsc__buf b;
    int rc;

    wsc__buf_init(&b, mem, 5000);
    rc = wsc__h1_write(&b, &q);
    CHECK(!rc || (rc == WSC_E_NOMEM && !b.len));
    wsc__buf_free(&b);
    return rc;
}

static int read_text(const struct wsc__mem *mem, const char *text)
{
    struct wsc__h1_reply r;
    size_t at = 0, len = strlen(text);
    int rc = WSC_OK;

    wsc__h1_reply_init(&r, mem, &limits, false);
    for (;;) {
        struct wsc_error *err = NULL;
        const uint8_t *data;
        size_t used, n;
        enum wsc__h1_event ev =
            wsc__h1_read(&r, (const uint8_t *)text + at, at < len ? 1 : 0, &used, &data, &n, &err);

        at += used;
        if (ev == WSC__H1_DONE)
            break;
        if (ev == WSC__H1_ERROR) {
            rc = wsc__error_code(err);
            wsc__error_unref(err);
            break;
        }
    }
    wsc__h1_reply_free(&r);
    return rc;
}

static int read_once(const struct wsc__mem *mem)
{
    int rc = read_text(mem, I OK "A: b\r\n c\r\n" TE "\r\n5;x\r\nhello\r\n0\r\nT: x\r\n\r\n");

    CHECK(rc == WSC_OK || rc == WSC_E_NOMEM);
    return rc;
}

static int fail_once(const struct wsc__mem *mem)
{
    int rc = read_text(mem, "\x15\x03\x01");

    CHECK(rc == WSC_E_PROTOCOL || rc == WSC_E_NOMEM);
    return rc == WSC_E_PROTOCOL ? 0 : rc;
}

static void out_of_memory(void)
{
    test_each_failure(write_once);
    test_each_failure(read_once);
    for (long k = 0; k < 12; k++) {
        struct test_mem m;

        test_mem_init(&m, k);
        fail_once(&m.mem);
        CHECK_EQ(m.live, 0);
    }
}

static const struct test tests[] = {
    { "lengths", lengths },
    { "keeping_alive", keeping_alive },
    { "chunks", chunks },
    { "framing_attacks", framing_attacks },
    { "header_lines", header_lines },
    { "not_http", not_http },
    { "interim", interim },
    { "connecting", connecting },
    { "awaited", awaited },
    { "over_limits", over_limits },
    { "truncated", truncated },
    { "mutated", mutated },
    { "headers_by_name", headers_by_name },
    { "writing", writing },
    { "writing_refused", writing_refused },
    { "out_of_memory", out_of_memory },
};

TEST_MAIN(tests)
