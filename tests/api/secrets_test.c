/* Passwords and keys: no block that the library frees still holds one, none is left in the process
 * when all is closed, and none stands in a log. They are looked for in every form they take on the
 * way: UTF-8, UTF-16LE, base64 of both, the hashes and keys that NTLM makes of them.
 *
 * Whatever belongs to the context comes from its allocator, which is the test's: it looks into
 * every block that is given back, or moved. The rest (GnuTLS, libxml2, libuv, the stack) is found
 * by looking through all memory that can be written. */
#include "api.h"

#include "api/api.h"

#include <fcntl.h>
#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>
#include <wsman-client/sys/auth.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* what is freed is kept, and may not be read; or there are terabytes of shadows */
#define SCANS 0
#else
#define SCANS 1
#endif

/* --- what is looked for ----------------------------------------------------------------------- */

#define MASK 0x5a /* over our own copies, so that we do not find them */
#define MOST 600

static struct needle {
    const char *what;
    uint8_t masked[120];
    size_t len;
    unsigned found;
} needles[MOST];
static size_t nneedles;

static void look_for(const char *what, const void *secret, size_t len)
{
    struct needle *n = &needles[nneedles];

    if (!CHECK(nneedles < MOST && len >= 8 && len <= sizeof n->masked))
        return;
    n->what = what;
    n->len = len;
    n->found = 0;
    for (size_t i = 0; i < len; i++)
        n->masked[i] = ((const uint8_t *)secret)[i] ^ MASK;
    nneedles++;
}

/* The one that begins in p; NULL: none. Nothing is copied out of the mask. */
static struct needle *one_at(const uint8_t *p, size_t left)
{
    for (size_t k = 0; k < nneedles; k++) {
        struct needle *n = &needles[k];
        size_t i = 0;

        while (i < n->len && i < left && (p[i] ^ MASK) == n->masked[i])
            i++;
        if (i == n->len)
            return n;
    }
    return NULL;
}

static bool begins[256]; /* masked first bytes */

static struct needle *find(const uint8_t *p, size_t len, size_t *at)
{
    for (size_t i = 0; i < len; i++) {
        struct needle *n = begins[p[i] ^ MASK] ? one_at(p + i, len - i) : NULL;

        if (n) {
            *at = i;
            return n;
        }
    }
    return NULL;
}

static void ready(void)
{
    memset(begins, 0, sizeof begins);
    for (size_t k = 0; k < nneedles; k++)
        begins[needles[k].masked[0]] = true;
}

static size_t utf16(uint8_t *out, const char *text, size_t len, bool upper)
{
    for (size_t i = 0; i < len; i++) { /* ASCII */
        out[2 * i] = (uint8_t)(upper && text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i]);
        out[2 * i + 1] = 0;
    }
    return 2 * len;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* What stands of it in base64, wherever it begins. */
static void look_for_base64(const char *what, const uint8_t *p, size_t len)
{
    for (size_t before = 0; before < 3; before++) {
        char text[200];
        size_t n = 0, bits = 8 * (before + len);

        for (size_t b = (8 * before + 5) / 6; 6 * b + 6 <= bits; b++) {
            unsigned v = 0;

            for (size_t k = 6 * b - 8 * before; k < 6 * b - 8 * before + 6; k++)
                v = v << 1 | (p[k / 8] >> (7 - k % 8) & 1);
            text[n++] = digits[v];
        }
        look_for(what, text, n);
        wsc__wipe(text, sizeof text);
    }
}

static void look_for_text(const char *what, const char *text)
{
    size_t len = strlen(text);
    uint8_t wide[200];

    look_for(what, text, len);
    look_for_base64(what, (const uint8_t *)text, len);
    look_for(what, wide, utf16(wide, text, len, false));
    look_for_base64(what, wide, 2 * len);
    wsc__wipe(wide, sizeof wide);
}

/* NTOWFv1 and NTOWFv2 (MS-NLMP 3.3.2), without a domain. */
static void look_for_hashes(const char *user, const char *password)
{
    uint8_t wide[200], hash[16], key[16];
    size_t n = utf16(wide, password, strlen(password), false);
    struct hmac_md5_ctx hmac;
    struct md4_ctx md4;

    md4_init(&md4);
    md4_update(&md4, n, wide);
    md4_digest(&md4, sizeof hash, hash);
    look_for("NT hash", hash, sizeof hash);
    n = utf16(wide, user, strlen(user), true);
    hmac_md5_set_key(&hmac, sizeof hash, hash);
    hmac_md5_update(&hmac, n, wide);
    hmac_md5_digest(&hmac, sizeof key, key);
    look_for("NTOWFv2", key, sizeof key);
    wsc__wipe(&md4, sizeof md4);
    wsc__wipe(&hmac, sizeof hmac);
    wsc__wipe(wide, sizeof wide);
    wsc__wipe(hash, sizeof hash);
    wsc__wipe(key, sizeof key);
}

/* --- random numbers: NTLM's session key is one ------------------------------------------------ */

static struct wsc__rng real;

static void derived(const uint8_t *key, const char *text)
{
    struct md5_ctx md5;
    uint8_t out[16];

    md5_init(&md5);
    md5_update(&md5, 16, key);
    md5_update(&md5, strlen(text) + 1, (const uint8_t *)text);
    md5_digest(&md5, sizeof out, out);
    look_for("session security", out, sizeof out);
    wsc__wipe(&md5, sizeof md5);
    wsc__wipe(out, sizeof out);
}

static unsigned session_keys;

static int told_random(void *buf, size_t len, void *ud)
{
    int rc = real.fill(buf, len, real.user_data);

    (void)ud;
    if (rc || len != 16)
        return rc;
    session_keys++;
    look_for("session key", buf, len);
    derived(buf, "session key to client-to-server signing key magic constant");
    derived(buf, "session key to server-to-client signing key magic constant");
    derived(buf, "session key to client-to-server sealing key magic constant");
    derived(buf, "session key to server-to-client sealing key magic constant");
    ready();
    return rc;
}

/* --- memory of the context -------------------------------------------------------------------- */

struct block {
    size_t size;
    size_t unused;
};

static size_t blocks, looked;

static void inspect(const struct block *b, const char *how)
{
    size_t at = 0;
    struct needle *n = find((const uint8_t *)(b + 1), b->size, &at);

    looked += b->size;
    if (!n || n->found++ > 3)
        return;
    printf("# a block of %zu bytes, %s, holds %s at %zu\n", b->size, how, n->what, at);
    test_check(false, __FILE__, __LINE__, n->what);
    if (getenv("WSC_TEST_ABORT")) /* where was it? */
        abort();
}

/* Names of what is listed in docs/authentication.md as left behind by other libraries; or NULL. */
static const char *listed;

/* What the functions that have just returned have left on the stack. */
static void look_below(void)
{
    const uint8_t *here = __builtin_frame_address(0);
    size_t at = 0;
    struct needle *n = SCANS ? find(here - 16384, 16384 - 64, &at) : NULL;

    if (!n || (listed && strstr(listed, n->what)) || n->found++ > 3)
        return;
    printf("# the stack holds %s, %zu bytes below the allocator\n", n->what, 16384 - at);
    test_check(false, __FILE__, __LINE__, n->what);
    if (getenv("WSC_TEST_ABORT"))
        abort();
}

static void *watched(void *ptr, size_t size, void *ud)
{
    struct block *old = ptr ? (struct block *)ptr - 1 : NULL, *b = NULL;

    (void)ud;
    look_below();
    if (size && !(b = malloc(sizeof *b + size)))
        return NULL;
    if (b)
        b->size = size;
    if (b && old)
        memcpy(b + 1, old + 1, old->size < size ? old->size : size);
    if (old) {
        inspect(old, size ? "moved" : "freed");
        wsc__wipe(old, sizeof *old + old->size); /* said once is enough */
        free(old);
    }
    blocks += b && !old;
    return b ? b + 1 : NULL;
}

/* --- all memory ------------------------------------------------------------------------------- */

static char maps[262144];

static size_t read_maps(void)
{
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    size_t n = 0;
    ssize_t got;

    while (fd >= 0 && n < sizeof maps - 1 && (got = read(fd, maps + n, sizeof maps - 1 - n)) > 0)
        n += (size_t)got;
    close(fd);
    maps[n] = '\0';
    return n;
}

static unsigned look_through(const char *name, const uint8_t *p, const uint8_t *end)
{
    unsigned hits = 0;
    struct needle *n;
    size_t at;

    while (p < end && (n = find(p, (size_t)(end - p), &at))) {
        bool may = listed && strstr(listed, n->what);

        if (n->found++ < 3)
            printf("# %s holds %s%s\n", name, n->what, may ? ": listed" : "");
        hits += !may;
        p += at + n->len;
    }
    return hits;
}

static void nothing_left(void)
{
    const char *line;

    if (!SCANS)
        return;
    CHECK(read_maps() > 0);
    for (line = maps; *line; line = strchr(line, '\n') + 1) {
        unsigned long from, to;
        char rights[8] = "", name[256] = "", *after;

        from = strtoul(line, &after, 16);
        to = strtoul(after + 1, &after, 16);
        sscanf(after, "%7s %*s %*s %*s %255[^\n]", rights, name);
        if (rights[0] == 'r' && rights[1] == 'w' && !strstr(name, "[v"))
            CHECK_EQ(
                look_through(*name ? name : "memory", (const uint8_t *)from, (const uint8_t *)to),
                0);
    }
}

/* --- the log ---------------------------------------------------------------------------------- */

static size_t lines;

static void log_line(int level, const char *component, const char *msg, size_t len, void *ud)
{
    size_t at;
    struct needle *n = find((const uint8_t *)msg, len, &at);

    (void)level;
    (void)ud;
    lines++;
    if (n && n->found++ < 3)
        printf("# a line of \"%s\" holds %s\n", component, n->what);
    CHECK(n == NULL);
}

/* --- a life ----------------------------------------------------------------------------------- */

static struct {
    char user[64], url[100], https[100], ca[300], cert[300], key[300], clear_key[300], p12[300];
    char realm[64], config[300]; /* empty: there is no KDC */
    /* masked */
    uint8_t password[64], key_password[64], krb5_key[65]; /* the last one in hexadecimal */
} me;

static wsc_params *params;

static void option(const char *name, const char *value)
{
    CHECK_EQ(wsc_params_set_str(params, name, value), WSC_OK);
}

static void secret_option(const char *name, const uint8_t *masked)
{
    char text[64];
    size_t i = 0;

    do
        text[i] = (char)(masked[i] ^ MASK);
    while (text[i++]);
    CHECK_EQ(wsc_params_set_str(params, name, text), WSC_OK);
    wsc__wipe(text, sizeof text);
}

static void forget(void)
{
    nneedles = 0;
    session_keys = 0;
    memset(needles, 0, sizeof needles);
}

static void unmask(char *out, const uint8_t *masked)
{
    while ((*out++ = (char)(*masked++ ^ MASK)))
        ;
}

static void life_begins(void)
{
    char text[64];

    forget();
    unmask(text, me.password);
    look_for_text("password", text);
    look_for_hashes(me.user, text);
    unmask(text, me.key_password);
    look_for_text("password of the key", text);
    wsc__wipe(text, sizeof text);
    ready();
    blocks = looked = lines = 0;
    params = NULL;
    CHECK_EQ(wsc_params_new(&params), WSC_OK);
    ctx = NULL;
    CHECK_EQ(wsc_ctx_new_with_alloc(&ctx, watched, NULL), WSC_OK);
    real = ctx->core->rng;
    ctx->core->rng.fill = told_random;
    CHECK_EQ(wsc_ctx_set_log(ctx, WSC_LOG_TRACE, log_line, NULL, NULL), WSC_OK);
    option("trusted-hosts", "*");
    option("tls-ca-file", me.ca);
}

/* A command with input and output, as this identity (NULL: of the params); status: how it ends. */
static void one_command(const char *url, wsc_identity *id, int status)
{
    wsc_command *c = NULL;
    size_t n = 0;
    int rc;

    client = NULL;
    rc = wsc_client_new(&client, ctx, url, id, params);
    wsc_params_unref(params);
    params = NULL;
    CHECK_EQ(rc, WSC_OK);
    if (rc != WSC_OK) {
        printf("# %s\n", wsc_error_text(wsc_ctx_error(ctx)));
        return;
    }
    CHECK_EQ(wsc_client_run(&c, client, "cat; head -c 300000 /dev/zero", NULL, 0, NULL), WSC_OK);
    wsc_command_write(c, "some input", 10, &n, FOR_EVER);
    wsc_command_write_eof(c);
    CHECK_EQ(wsc_command_wait(c, FOR_EVER), status);
    if (wsc_command_error(c) && status == WSC_OK)
        printf("# %s\n", wsc_error_text(wsc_command_error(c)));
    wsc_command_unref(c);
}

static void life_ends(void)
{
    wsc_client_unref(client);
    CHECK_EQ(wsc_ctx_close(ctx, FOR_EVER), WSC_OK);
    wsc_ctx_unref(ctx);
    CHECK(blocks > 50 && looked > 10000 && lines > 5);
    nothing_left();
}

static void log_in(const char *url, const char *auth, int status)
{
    life_begins();
    option("username", me.user);
    secret_option("password", me.password);
    option("auth", auth);
    option("allow-unencrypted", "true");
    one_command(url, NULL, status);
    CHECK((session_keys > 0) == (strcmp(auth, "basic") != 0));
    life_ends();
}

/* By its name, which Kerberos wants. */
static const char *by_name(const char *url)
{
    static char text[120];
    const char *port = strrchr(url, ':');

    snprintf(text, sizeof text, "%.*s//localhost%s", (int)strcspn(url, "/"), url, port);
    return text;
}

static void look_for_krb5_key(void)
{
    char text[65];
    uint8_t key[32];

    unmask(text, me.krb5_key);
    for (size_t i = 0; i < sizeof key; i++) {
        char byte[3] = { text[2 * i], text[2 * i + 1], 0 };

        key[i] = (uint8_t)strtoul(byte, NULL, 16);
    }
    look_for("Kerberos key", key, sizeof key);
    wsc__wipe(text, sizeof text);
    wsc__wipe(key, sizeof key);
    ready();
}

static void kerberos(void)
{
    const char *const urls[] = { me.url, me.https };

    if (!*me.realm) {
        printf("# skipped: heimdal-kdc, python3-gssapi or gss-ntlmssp is not there\n");
        return;
    }
    for (int i = 0; i < 4; i++) {
        life_begins();
        look_for_krb5_key();
        option("username", me.user);
        secret_option("password", me.password);
        option("auth", i / 2 ? "kerberos" : "negotiate");
        option("mechanisms", "kerberos");
        option("realm", me.realm);
        option("krb5-config", me.config);
        one_command(by_name(urls[i % 2]), NULL, WSC_OK);
        life_ends();
    }
}

static bool far_end_has_ntlm(void)
{
    return getenv("WSC_ENDPOINT_NEGOTIATE") != NULL;
}

static void basic_http(void)
{
    log_in(me.url, "basic", WSC_OK);
}

static void basic_https(void)
{
    log_in(me.https, "basic", WSC_OK);
}

static void ntlm(void)
{
    if (!far_end_has_ntlm()) {
        printf("# skipped: python3-gssapi and gss-ntlmssp are not there\n");
        return;
    }
    log_in(me.url, "negotiate", WSC_OK);
    log_in(me.url, "ntlm", WSC_OK);
    log_in(me.https, "negotiate", WSC_OK);
}

static void refused(void)
{
    uint8_t good[sizeof me.password];
    static const char wrong[] = "Wallaby-crossing-0815";

    memcpy(good, me.password, sizeof good);
    for (size_t i = 0; i < sizeof wrong; i++)
        me.password[i] = (uint8_t)wrong[i] ^ MASK;
    log_in(me.url, "basic", WSC_E_AUTH);
    if (far_end_has_ntlm())
        log_in(me.url, "negotiate", WSC_E_AUTH);
    memcpy(me.password, good, sizeof good);
}

static void of_a_file(void)
{
    char path[] = "/tmp/wsc-secret-XXXXXX", text[64];
    int fd = mkstemp(path);

    unmask(text, me.password);
    CHECK_EQ(write(fd, text, strlen(text)), strlen(text));
    wsc__wipe(text, sizeof text);
    CHECK_EQ(write(fd, "\r\n", 2), 2);
    close(fd);
    life_begins();
    option("username", me.user);
    option("password-file", path);
    option("allow-unencrypted", "true");
    one_command(me.url, NULL, WSC_OK);
    life_ends();
    unlink(path);
}

/* A line out of the middle of a private key, as it stands in the file and as the bytes it means. */
static void look_for_key(const char *path)
{
    char text[66] = "";
    uint8_t bytes[48];
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    CHECK_EQ(pread(fd, text, 64, 28 + 9 * 65), 64); /* a head of 28, lines of 65 */
    close(fd);
    memset(bytes, 0, sizeof bytes);
    for (size_t i = 0; i < 6 * 64; i++) {
        const char *d = strchr(digits, text[i / 6]);

        if (CHECK(d && *d) && ((d - digits) >> (5 - i % 6) & 1))
            bytes[i / 8] |= (uint8_t)(0x80 >> i % 8);
    }
    look_for("private key", text, 64);
    look_for("private key", bytes, sizeof bytes);
    wsc__wipe(text, sizeof text);
    wsc__wipe(bytes, sizeof bytes);
    ready();
}

static void clean_stack(void)
{
    char room[200000];

    wsc__wipe(room, sizeof room);
}

static void certificate(void)
{
    const char *kinds[][2] = { { me.cert, me.key }, { me.cert, me.clear_key }, { me.p12, NULL } };

    for (int i = 0; i < 3; i++) {
        listed = kinds[i][1] ? NULL : "password of the key";
        life_begins();
        look_for_key(me.clear_key);
        option("tls-cert-file", kinds[i][0]);
        if (kinds[i][1])
            option("tls-key-file", kinds[i][1]);
        if (kinds[i][1] != me.clear_key)
            secret_option("tls-key-password", me.key_password);
        one_command(me.https, NULL, WSC_OK);
        life_ends();
        clean_stack(); /* of what is listed */
        listed = NULL;
    }
}

/* --- a scheme of the program ------------------------------------------------------------------ */

/* What Basic says. */
static int by_hand(void *state, wsc_login *login, const char *challenge, size_t len)
{
    uint8_t pair[200] = { 0 };
    char text[300];
    const void *password = NULL;
    size_t n = strlen(me.user) + 1, i;
    int64_t tls = -1;
    int rc;

    (void)state;
    (void)challenge;
    CHECK_EQ(wsc_login_get_int(login, "tls", &tls), WSC_OK);
    if (tls)
        CHECK_EQ(wsc_login_get_bytes(login, "channel-binding", &password, &len), WSC_OK);
    CHECK(!tls || len == 32); /* SHA-256 */
    CHECK_EQ(wsc_login_get_bytes(login, "password", &password, &len), WSC_OK);
    memcpy(pair, me.user, n - 1);
    pair[n - 1] = ':';
    memcpy(pair + n, password, len);
    n += len;
    for (i = 0; 6 * i < 8 * n; i++) {
        unsigned v = 0;

        for (size_t k = 6 * i; k < 6 * i + 6; k++)
            v = v << 1 | (pair[k / 8] >> (7 - k % 8) & 1);
        text[i] = digits[v];
    }
    while (i % 4)
        text[i++] = '=';
    rc = wsc_login_put(login, text, i);
    wsc__wipe(pair, sizeof pair);
    wsc__wipe(text, sizeof text);
    return rc;
}

static void own_scheme_at(const char *url)
{
    wsc_auth a = { sizeof a, WSC_AUTH_NEEDS_TLS, "Basic", NULL, NULL, by_hand, NULL, NULL, NULL,
                   NULL };
    wsc_identity *id = NULL;
    wsc_params *client_params;

    life_begins();
    client_params = params;
    params = NULL;
    CHECK_EQ(wsc_params_new(&params), WSC_OK);
    option("username", me.user);
    secret_option("password", me.password);
    CHECK_EQ(wsc_identity_new_with_auth(&id, ctx, params, &a, NULL, NULL), WSC_OK);
    wsc_params_unref(params);
    params = client_params;
    option("allow-unencrypted", "true");
    one_command(url, id, WSC_OK);
    wsc_identity_unref(id);
    life_ends();
}

static void own_scheme(void)
{
    own_scheme_at(me.url);
    own_scheme_at(me.https);
}

/* The test would find something: what it looks for in a block, in memory, in a line. */
static void would_be_found(void)
{
    static char kept[64];
    char text[64];
    void *p;
    int before;

    life_begins();
    unmask(text, me.password);
    p = watched(NULL, 100, NULL);
    memcpy((char *)p + 7, text, strlen(text));
    before = test_failures;
    p = watched(p, 200, NULL);
    watched(p, 0, NULL);
    log_line(0, "test", text, strlen(text), NULL);
    if (SCANS) {
        memcpy(kept, text, sizeof kept);
        nothing_left();
        wsc__wipe(kept, sizeof kept);
    }
    wsc__wipe(text, sizeof text);
    printf("# the failures above are what was to be shown\n");
    {
        int more = test_failures - before;

        test_failures = before;
        CHECK(more >= 3 + SCANS);
    }
    wsc_params_unref(params);
    wsc_ctx_unref(ctx);
    nothing_left();
}

static const struct test tests[] = {
    { "would_be_found", would_be_found },
    { "basic_http", basic_http },
    { "basic_https", basic_https },
    { "ntlm", ntlm },
    { "kerberos", kerberos },
    { "refused", refused },
    { "of_a_file", of_a_file },
    { "certificate", certificate },
    { "own_scheme", own_scheme },
};

/* Takes a value out of the environment, which is memory, too. */
static void take(void *out, size_t cap, const char *name, uint8_t mask)
{
    char *value = (char *)(uintptr_t)env(name);
    size_t n = strlen(value);

    CHECK(n < cap);
    for (size_t i = 0; i <= n && i < cap; i++)
        ((uint8_t *)out)[i] = (uint8_t)value[i] ^ mask;
    if (mask)
        wsc__wipe(value, n);
}

int main(int argc, char **argv)
{
    if (getenv("WSC_TEST_UNDER")) { /* valgrind lets nobody look at what was never written */
        printf("1..0 # skipped: memory cannot be looked through here\n");
        return 77;
    }
    take(me.user, sizeof me.user, "WSC_ENDPOINT_USER", 0);
    take(me.url, sizeof me.url, "WSC_ENDPOINT_URL", 0);
    take(me.https, sizeof me.https, "WSC_ENDPOINT_HTTPS_URL", 0);
    take(me.ca, sizeof me.ca, "WSC_ENDPOINT_CA", 0);
    take(me.cert, sizeof me.cert, "WSC_ENDPOINT_CLIENT_CERT", 0);
    take(me.key, sizeof me.key, "WSC_ENDPOINT_CLIENT_KEY", 0);
    take(me.clear_key, sizeof me.clear_key, "WSC_ENDPOINT_CLIENT_CLEAR_KEY", 0);
    take(me.p12, sizeof me.p12, "WSC_ENDPOINT_CLIENT_P12", 0);
    if (getenv("WSC_ENDPOINT_REALM")) {
        take(me.realm, sizeof me.realm, "WSC_ENDPOINT_REALM", 0);
        take(me.config, sizeof me.config, "WSC_ENDPOINT_KRB5_CONFIG", 0);
        take(me.krb5_key, sizeof me.krb5_key, "WSC_ENDPOINT_KRB5_KEY", MASK);
    }
    take(me.password, sizeof me.password, "WSC_ENDPOINT_PASSWORD", MASK);
    take(me.key_password, sizeof me.key_password, "WSC_ENDPOINT_KEY_PASSWORD", MASK);
    return test_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
