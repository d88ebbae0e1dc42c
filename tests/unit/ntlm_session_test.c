/* NTLM: what follows a login, memory that runs out, and what is left in memory. */
#include "ntlm.h"

#include "test.h"

static const uint8_t info[] = { 2, 0, 2, 0, 'D', 0,                   /* NbDomainName */
                                1, 0, 2, 0, 'S', 0,                   /* NbComputerName */
                                7, 0, 8, 0, 1,   2, 3, 4, 5, 6, 7, 8, /* Timestamp */
                                0, 0, 0, 0 };

static int login(struct ntlm_login *l, const struct wsc__mem *mem)
{
    static const uint8_t hash[32] = { 1, 2, 3 };
    uint8_t challenge[200];
    size_t len = ntlm_challenge(challenge, NTLM_FLAGS, info, sizeof info);

    ntlm_login_init(l, mem, ".\\User", "Password");
    l->in.binding = hash;
    l->in.binding_len = sizeof hash;
    return ntlm_login_run(l, challenge, len);
}

static void logged_in(struct ntlm_login *l)
{
    CHECK_EQ(login(l, &wsc__mem_libc), WSC_OK);
}

/* --- the server's end ------------------------------------------------------------------------- */

/* Writes header and data of a message to us. */
static void server_wrap(struct ntlm_login *l, const uint8_t *plain, size_t len, uint8_t *out,
                        struct wsc__sealed *s)
{
    wsc__ntlm_crypt(&l->to_us, out + 16, plain, len);
    wsc__ntlm_sign(&l->to_us, plain, len, false, out);
    s->header_len = 16;
    s->data_len = s->plain_len = len;
}

static bool server_unwrap(struct ntlm_login *l, const uint8_t *message, const uint8_t *plain,
                          size_t len)
{
    uint8_t *data = malloc(len + 1), sign[16];
    bool good;

    if (!data)
        return false;
    wsc__ntlm_crypt(&l->from_us, data, message + 16, len);
    wsc__ntlm_sign(&l->from_us, data, len, false, sign);
    good = !memcmp(sign, message, 16) && !memcmp(data, plain, len);
    free(data);
    return good;
}

static int unwrap(struct ntlm_login *l, uint8_t *message, const struct wsc__sealed *s,
                  const uint8_t **plain, size_t *len)
{
    return l->mech->ops->unwrap(l->mech, message, s, plain, len, &l->err);
}

/* --- both ways -------------------------------------------------------------------------------- */

static void both_ways(void)
{
    static const size_t sizes[] = { 0, 1, 15, 16, 17, 0, 1000, 65536, 1u << 20, 3 };
    uint8_t *text = malloc(1u << 20), *message = malloc((1u << 20) + 16);
    struct ntlm_login l;
    uint64_t state = 1;

    if (!CHECK(text && message))
        return;
    for (size_t i = 0; i < 1u << 20; i++)
        text[i] = (uint8_t)test_random(&state);
    logged_in(&l);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct wsc__sealed s;
        const uint8_t *plain = NULL;
        size_t len = 77;

        wsc__buf_reset(&l.out);
        CHECK_EQ(l.mech->ops->wrap(l.mech, sizes[i] ? text : NULL, sizes[i], &l.out, &s, &l.err),
                 0);
        CHECK_EQ(s.header_len, 16);
        CHECK_EQ(s.data_len, sizes[i]);
        CHECK_EQ(l.out.len, sizes[i] + 16);
        CHECK(server_unwrap(&l, wsc__buf_data(&l.out), text, sizes[i]));
        server_wrap(&l, text, sizes[i], message, &s);
        CHECK_EQ(unwrap(&l, message, &s, &plain, &len), WSC_OK);
        CHECK(len == sizes[i] && plain == message + 16 && !memcmp(plain, text, len));
    }
    ntlm_login_free(&l);
    free(text);
    free(message);
}

static void mics(void)
{
    struct ntlm_login l;
    struct wsc__sealed s;
    const uint8_t *plain;
    uint8_t mic[16], message[32];
    size_t len;

    logged_in(&l);
    /* the server's, between its messages */
    server_wrap(&l, (const uint8_t *)"one", 3, message, &s);
    CHECK_EQ(unwrap(&l, message, &s, &plain, &len), WSC_OK);
    wsc__ntlm_sign(&l.to_us, (const uint8_t *)"list", 4, true, mic);
    CHECK_EQ(l.mech->ops->verify_mic(l.mech, (const uint8_t *)"list", 4, mic, 16, &l.err), WSC_OK);
    server_wrap(&l, (const uint8_t *)"two", 3, message, &s);
    CHECK_EQ(unwrap(&l, message, &s, &plain, &len), WSC_OK);
    CHECK(len == 3 && !memcmp(plain, "two", 3));
    /* ours */
    wsc__buf_reset(&l.out);
    CHECK_EQ(l.mech->ops->mic(l.mech, (const uint8_t *)"list", 4, &l.out, &l.err), WSC_OK);
    wsc__ntlm_sign(&l.from_us, (const uint8_t *)"list", 4, true, mic);
    CHECK(l.out.len == 16 && !memcmp(wsc__buf_data(&l.out), mic, 16));
    wsc__buf_reset(&l.out);
    CHECK_EQ(l.mech->ops->wrap(l.mech, (const uint8_t *)"three", 5, &l.out, &s, &l.err), WSC_OK);
    CHECK(server_unwrap(&l, wsc__buf_data(&l.out), (const uint8_t *)"three", 5));
    ntlm_login_free(&l);
}

static void wrong_mics(void)
{
    for (size_t i = 0; i < 18; i++) {
        struct ntlm_login l;
        uint8_t mic[17] = { 0 };

        logged_in(&l);
        wsc__ntlm_sign(&l.to_us, (const uint8_t *)"list", 4, true, mic);
        if (i < 16)
            mic[i] ^= 0x10;
        CHECK_EQ(l.mech->ops->verify_mic(l.mech, (const uint8_t *)"list", 4, mic,
                                         i < 16    ? 16
                                         : i == 16 ? 15
                                                   : 17,
                                         &l.err),
                 WSC_E_AUTH);
        CHECK_EQ(wsc__error_fault_code(l.err), 0x8009030F);
        ntlm_login_free(&l);
    }
}

/* --- what is not the server's message --------------------------------------------------------- */

static const char secret[] = "what nobody may see";

/* message: 16 + sizeof secret bytes. Nothing is handed out, and the context is dead. */
static void refuse(struct ntlm_login *l, uint8_t *message, const struct wsc__sealed *s)
{
    const uint8_t *plain = NULL;
    size_t len = 0;

    CHECK_EQ(unwrap(l, message, s, &plain, &len), WSC_E_AUTH);
    CHECK_EQ(wsc__error_fault_code(l->err), 0x8009030F);
    CHECK_STR(wsc__error_str(l->err, WSC__ES_FAULT_NAME), "SEC_E_MESSAGE_ALTERED");
    CHECK_STR(wsc__error_str(l->err, WSC__ES_SCHEME), "NTLM");
    CHECK_STR(wsc__error_str(l->err, WSC__ES_IDENTITY), ".\\User");
    CHECK(plain == NULL && len == 0);
    for (size_t i = 0; i + 4 < 16 + sizeof secret; i++)
        CHECK(memcmp(message + i, secret + 5, 4) != 0);
    wsc__error_unref(l->err);
    l->err = NULL;
    wsc__buf_reset(&l->out);
    CHECK_EQ(l->mech->ops->mic(l->mech, message, 4, &l->out, &l->err), WSC_E_AUTH);
    CHECK_EQ(l->out.len, 0);
    ntlm_login_free(l);
}

static void altered(void)
{
    uint8_t message[16 + sizeof secret];

    for (size_t bit = 0; bit < 8 * sizeof message; bit++) {
        struct ntlm_login l;
        struct wsc__sealed s;

        logged_in(&l);
        server_wrap(&l, (const uint8_t *)secret, sizeof secret, message, &s);
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
        refuse(&l, message, &s);
    }
}

static void out_of_order(void)
{
    uint8_t first[16 + sizeof secret], second[16 + sizeof secret], again[16 + sizeof secret];
    struct ntlm_login l;
    struct wsc__sealed s;
    const uint8_t *plain;
    size_t len;

    logged_in(&l); /* the second one first */
    server_wrap(&l, (const uint8_t *)secret, sizeof secret, first, &s);
    server_wrap(&l, (const uint8_t *)secret, sizeof secret, second, &s);
    refuse(&l, second, &s);
    logged_in(&l); /* the first one twice */
    memcpy(again, first, sizeof first);
    CHECK_EQ(unwrap(&l, first, &s, &plain, &len), WSC_OK);
    refuse(&l, again, &s);
    logged_in(&l); /* the right key stream, another number */
    l.to_us.sequence = 1;
    server_wrap(&l, (const uint8_t *)secret, sizeof secret, first, &s);
    refuse(&l, first, &s);
    logged_in(&l); /* our own one, sent back */
    wsc__buf_reset(&l.out);
    CHECK_EQ(l.mech->ops->wrap(l.mech, (const uint8_t *)secret, sizeof secret, &l.out, &s, &l.err),
             WSC_OK);
    memcpy(first, wsc__buf_data(&l.out), sizeof first);
    refuse(&l, first, &s);
}

static void cut(void)
{
    uint8_t message[16 + sizeof secret];
    struct ntlm_login l;
    struct wsc__sealed s;

    for (size_t n = 0; n < sizeof secret; n++) {
        logged_in(&l);
        server_wrap(&l, (const uint8_t *)secret, sizeof secret, message, &s);
        s.data_len = n;
        memset(message + 16 + n, 0, sizeof secret - n);
        refuse(&l, message, &s);
    }
    for (size_t n = 0; n < 20; n++) {
        if (n == 16)
            continue;
        logged_in(&l);
        server_wrap(&l, (const uint8_t *)secret, sizeof secret, message, &s);
        s.header_len = n;
        s.data_len = n < 16 ? sizeof message - n : sizeof secret;
        refuse(&l, message, &s);
    }
}

static void without_room(void)
{
    struct wsc__sealed s = { 1, 2, 3 };

    for (int i = 0; i < 3; i++) {
        struct ntlm_login l;

        logged_in(&l);
        wsc__buf_free(&l.out);
        l.out.max = i ? 18 : 15;
        CHECK_EQ(i == 0   ? l.mech->ops->mic(l.mech, (const uint8_t *)"abc", 3, &l.out, &l.err)
                 : i == 1 ? l.mech->ops->wrap(l.mech, (const uint8_t *)"abc", 3, &l.out, &s, &l.err)
                          : l.mech->ops->wrap(l.mech, (const uint8_t *)"abc", SIZE_MAX - 3, &l.out,
                                              &s, &l.err),
                 WSC_E_LIMIT);
        CHECK(l.out.len == 0 && s.header_len == 1 && s.data_len == 2);
        wsc__error_unref(l.err);
        l.err = NULL;
        CHECK_EQ(l.mech->ops->wrap(l.mech, (const uint8_t *)"a", 1, &l.out, &s, &l.err),
                 WSC_E_AUTH);
        ntlm_login_free(&l);
    }
}

/* --- memory ----------------------------------------------------------------------------------- */

static int all_of_it(const struct wsc__mem *mem)
{
    struct ntlm_login l;
    struct wsc__sealed s;
    const uint8_t *plain;
    uint8_t message[16 + sizeof secret];
    size_t len;
    int rc = login(&l, mem);

    if (!rc)
        rc = l.mech->ops->mic(l.mech, (const uint8_t *)"list", 4, &l.out, &l.err);
    if (!rc) {
        wsc__buf_free(&l.out); /* so that there is something to allocate */
        rc = l.mech->ops->wrap(l.mech, (const uint8_t *)secret, sizeof secret, &l.out, &s, &l.err);
    }
    if (!rc) {
        server_wrap(&l, (const uint8_t *)secret, sizeof secret, message, &s);
        rc = unwrap(&l, message, &s, &plain, &len);
    }
    CHECK(rc == WSC_OK || (rc == WSC_E_NOMEM && l.err != NULL));
    CHECK_EQ(rc, wsc__error_code(l.err));
    ntlm_login_free(&l);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(all_of_it);
}

/* An allocator that looks into every block that it gets back. */
struct look {
    struct test_mem under;
    uint8_t needles[24][16];
    size_t lens[24];
    size_t count;
    long seen, blocks;
};

static void needle(struct look *k, const void *data, size_t len)
{
    if (!CHECK(k->count < 24 && len <= 16))
        return;
    memcpy(k->needles[k->count], data, len);
    k->lens[k->count++] = len;
}

static void look_into(struct look *k, const uint8_t *p, size_t size)
{
    k->blocks++;
    for (size_t i = 0; i < k->count; i++) {
        for (size_t at = 0; at + k->lens[i] <= size; at++) {
            if (!memcmp(p + at, k->needles[i], k->lens[i])) {
                k->seen++;
                printf("# needle %zu in a block of %zu\n", i, size);
                break;
            }
        }
    }
}

/* In front of each block stands its size. */
static void *look_fn(void *ptr, size_t size, void *user_data)
{
    struct look *k = user_data;
    size_t *old = ptr ? (size_t *)ptr - 2 : NULL, had = old ? *old : 0, *block;

    if (old)
        look_into(k, ptr, had); /* a block that grows may leave its content behind, too */
    block = test_mem_fn(old, size ? size + 2 * sizeof(size_t) : 0, &k->under);
    if (!block)
        return NULL;
    if (size > had)
        memset((uint8_t *)(block + 2) + had, 0xcc, size - had);
    *block = size;
    return block + 2;
}

static void needles_of_login(struct look *k)
{
    static const uint8_t user[] = { 'U', 0, 'S', 0, 'E', 0, 'R', 0, 'S', 0 }; /* of S\USER */
    struct wsc__ntlm_part who = { user, sizeof user };
    struct wsc__ntlm_side sides[2];
    uint8_t key[16];

    needle(k, "Password", 8);
    needle(k, "P\0a\0s\0s\0w\0o\0r\0d", 15);
    wsc__ntlm_owf(key, "Password", 8);
    needle(k, key, 16);
    wsc__ntlm_hmac(key, key, &who, 1);
    needle(k, key, 16);
    memset(key, 0x55, sizeof key);
    needle(k, key, 16);
    for (int i = 0; i < 2; i++) {
        wsc__ntlm_side_init(&sides[i], key, i);
        needle(k, sides[i].sign_key, 16);
        needle(k, sides[i].stream.S, 16);
        needle(k, sides[i].stream.S + 240, 16);
    }
}

/* The key that is the session's, from the answer itself. */
static void needle_of_answer(struct look *k, const struct ntlm_login *l)
{
    size_t len;
    const uint8_t *nt = ntlm_field(&l->out, WSC__NTLM_NT, &len);
    struct wsc__ntlm_part proof = { nt, 16 };
    uint8_t key[16];

    if (!CHECK(nt != NULL))
        return;
    wsc__ntlm_hmac(key, k->needles[3], &proof, 1);
    needle(k, key, 16);
}

static void look_at(long fail_at, bool spoil, struct look *k)
{
    struct wsc__mem mem = { look_fn, k };
    struct ntlm_login l;
    struct wsc__sealed s = { 16, 3, 3 };
    const uint8_t *plain;
    uint8_t message[19] = { 0 };
    size_t len;
    int rc;

    test_mem_init(&k->under, fail_at);
    rc = login(&l, &mem);
    if (!rc && !k->blocks)
        FAIL("blocks are looked into");
    if (!rc) { /* what the password was good for is done */
        struct look hash = { .count = 1, .lens = { 16 } };

        memcpy(hash.needles[0], k->needles[2], 16);
        look_into(&hash, (const uint8_t *)l.mech, ((const size_t *)l.mech)[-2]);
        CHECK_EQ(hash.seen, 0);
    }
    if (!rc && spoil) {
        CHECK_EQ(unwrap(&l, message, &s, &plain, &len), WSC_E_AUTH);
        look_into(k, (const uint8_t *)l.mech, ((const size_t *)l.mech)[-2]); /* gone already */
        rc = WSC_E_AUTH;
    }
    if (!rc)
        (void)l.mech->ops->wrap(l.mech, (const uint8_t *)"abc", 3, &l.out, &s, &l.err);
    ntlm_login_free(&l);
    CHECK_EQ(k->under.live, 0);
    CHECK_EQ(k->seen, 0);
}

static void nothing_is_left(void)
{
    struct look k;
    struct ntlm_login l;

    memset(&k, 0, sizeof k);
    needles_of_login(&k);
    logged_in(&l);
    needle_of_answer(&k, &l);
    ntlm_login_free(&l);
    look_at(-1, false, &k);
    look_at(-1, true, &k);
    for (long i = 0; i < 40; i++)
        look_at(i, false, &k);
    /* the looking itself works: a copy of the password that is not wiped is seen */
    {
        struct wsc__mem mem = { look_fn, &k };

        k.under.fail_at = -1;
        wsc__free(&mem, wsc__strdup(&mem, "my Password"));
        CHECK_EQ(k.seen, 1);
    }
}

static const struct test tests[] = {
    { "both_ways", both_ways },
    { "mics", mics },
    { "wrong_mics", wrong_mics },
    { "altered", altered },
    { "out_of_order", out_of_order },
    { "cut", cut },
    { "without_room", without_room },
    { "out_of_memory", out_of_memory },
    { "nothing_is_left", nothing_is_left },
};

TEST_MAIN(tests)
