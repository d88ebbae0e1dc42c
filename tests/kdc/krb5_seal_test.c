/* The mechanism: tokens and sealed messages, whole and altered. */
#include "kerberos.h"

#include <pthread.h>

static void one_message(struct ends *e, size_t len, size_t header, size_t padding)
{
    uint8_t *plain = calloc(1, len + 1);
    struct wsc__sealed sealed;
    struct wsc_error *err = NULL;
    struct wsc__buf b;
    gss_buffer_desc in, out = GSS_C_EMPTY_BUFFER;
    const uint8_t *back = NULL;
    size_t back_len = 0;
    OM_uint32 minor;
    int conf = 0;

    memset(plain, 'p', len);
    wsc__buf_init(&b, &wsc__mem_libc, 1 << 24);
    CHECK_EQ(e->m->ops->wrap(e->m, plain, len, &b, &sealed, &err), WSC_OK);
    CHECK_EQ(sealed.data_len, len + padding);
    CHECK_EQ(sealed.plain_len, len + padding);
    CHECK(sealed.header_len >= header && sealed.header_len <= header + (padding ? 3 : 0));
    in = (gss_buffer_desc){ b.len, (void *)(uintptr_t)wsc__buf_data(&b) };
    CHECK_EQ(gss_unwrap(&minor, e->far, &in, &out, &conf, NULL), GSS_S_COMPLETE);
    CHECK(conf && out.length == len && !memcmp(out.value, plain, len));
    (void)gss_release_buffer(&minor, &out);
    wsc__buf_free(&b);

    in = (gss_buffer_desc){ len, plain };
    CHECK_EQ(gss_wrap(&minor, e->far, 1, 0, &in, &conf, &out), GSS_S_COMPLETE);
    sealed = (struct wsc__sealed){ header, out.length - header, len };
    CHECK_EQ(e->m->ops->unwrap(e->m, out.value, &sealed, &back, &back_len, &err), WSC_OK);
    CHECK(back_len == len && !memcmp(back, plain, len));
    (void)gss_release_buffer(&minor, &out);
    free(plain);
}

static const struct kind {
    const char *config;
    size_t header, padding;
} kinds[] = {
    { "KDC_CONFIG_AES256", 60, 0 },      { "KDC_CONFIG_AES128", 60, 0 },
    { "KDC_CONFIG_AES256_SHA2", 72, 0 }, { "KDC_CONFIG_AES128_SHA2", 64, 0 },
    { "KDC_CONFIG_RC4", 45, 1 },
};

struct errand {
    void (*fn)(const struct kind *kind, struct wsc__krb5 *k);
    const struct kind *kind;
};

static void *run_errand(void *arg)
{
    const struct errand *r = arg;
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k;

    c.config = env(r->kind->config);
    k = tickets_of(&c);
    r->fn(r->kind, k);
    wsc__krb5_free(k);
    return NULL;
}

/* GSSAPI takes the types of keys from the configuration that it has read for this thread. */
static void with_every_key(void (*fn)(const struct kind *kind, struct wsc__krb5 *k))
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct errand r = { fn, &kinds[i] };
        pthread_t t;

        setenv("KRB5_CONFIG", env(kinds[i].config), 1);
        CHECK_EQ(pthread_create(&t, NULL, run_errand, &r), 0);
        pthread_join(t, NULL);
    }
    setenv("KRB5_CONFIG", "/dev/null", 1);
}

static void seal(const struct kind *kind, struct wsc__krb5 *k)
{
    static const size_t lengths[] = { 0, 1, 15, 16, 17, 50, 1000, 70000 };
    struct ends e;

    if (meet(&e, k)) {
        for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++)
            one_message(&e, lengths[n], kind->header, kind->padding);
    }
    part(&e);
}

static void sealed_with_every_key(void)
{
    with_every_key(seal);
}

static gss_buffer_desc sealed_by_far(struct ends *e, const char *text)
{
    gss_buffer_desc in = { strlen(text), (void *)(uintptr_t)text }, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;

    CHECK_EQ(gss_wrap(&minor, e->far, 1, 0, &in, NULL, &out), GSS_S_COMPLETE);
    return out;
}

static int unseal(struct ends *e, const void *p, size_t len)
{
    uint8_t *copy = malloc(len + 1);
    const struct wsc__sealed sealed = { len < 60 ? len : 60, len < 60 ? 0 : len - 60, 0 };
    struct wsc_error *err = NULL;
    const uint8_t *plain;
    size_t n;
    int rc;

    memcpy(copy, p, len);
    rc = e->m->ops->unwrap(e->m, copy, &sealed, &plain, &n, &err);
    wsc__error_unref(err);
    free(copy);
    return rc;
}

/* Each byte changed, each end cut off, twice, out of order: refused, and that is the end of it. */
static void alter(const struct kind *kind, struct wsc__krb5 *k)
{
    struct ends e;
    OM_uint32 minor;
    size_t len = 1;

    (void)kind;
    for (size_t at = 0; at < 2 * len; at++) {
        gss_buffer_desc b;

        if (!meet(&e, k))
            break;
        b = sealed_by_far(&e, "a text");
        len = b.length;
        if (at < len)
            ((uint8_t *)b.value)[at] ^= (uint8_t)(1 << at % 8);
        CHECK(unseal(&e, b.value, at < len ? len : at - len) != WSC_OK);
        if (at < len)
            ((uint8_t *)b.value)[at] ^= (uint8_t)(1 << at % 8);
        CHECK(unseal(&e, b.value, len) != WSC_OK);
        (void)gss_release_buffer(&minor, &b);
        part(&e);
    }
    for (int order = 0; order < 2; order++) {
        gss_buffer_desc a, b;

        CHECK(meet(&e, k));
        a = sealed_by_far(&e, "one");
        b = sealed_by_far(&e, "two");
        CHECK_EQ(unseal(&e, order ? b.value : a.value, order ? b.length : a.length) == WSC_OK,
                 !order);
        CHECK(unseal(&e, a.value, a.length) != WSC_OK);
        (void)gss_release_buffer(&minor, &a);
        (void)gss_release_buffer(&minor, &b);
        part(&e);
    }
}

static void altered_messages(void)
{
    with_every_key(alter);
}

/* Of the acceptor's proof, each bit is one, and so is its end. */
static void altered_reply(void)
{
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    size_t len = 1, taken = 0;

    for (size_t at = 0; at < 9 * len; at++) {
        struct wsc_error *err = NULL;
        struct ends e;
        uint8_t *p;

        if (!CHECK(half_way(&e, k, &wsc__mem_libc)))
            break;
        len = e.reply.len;
        p = malloc(len);
        memcpy(p, wsc__buf_data(&e.reply), len);
        if (at < 8 * len)
            p[at / 8] ^= (uint8_t)(1 << at % 8);
        if (take_reply(&e, p, at < 8 * len ? len : at - 8 * len, &err) == WSC__AUTH_DONE) {
            gss_buffer_desc b = sealed_by_far(&e, "a text");
            OM_uint32 minor;

            taken++; /* what nothing depends on: the keys are the same */
            CHECK_EQ(unseal(&e, b.value, b.length), WSC_OK);
            (void)gss_release_buffer(&minor, &b);
        }
        wsc__error_unref(err);
        free(p);
        part(&e);
    }
    CHECK(taken < 40); /* of some 1,300: the version of the key in the clear part, say */
    printf("# of %zu changes of the proof, %zu change nothing\n", 9 * len, taken);
    wsc__krb5_free(k);
}

static void list_of_mechanisms(void)
{
    static const uint8_t list[] = "list of mechanisms";
    struct wsc__krb5_config c = settings(&wsc__mem_libc);
    struct wsc__krb5 *k = tickets_of(&c);
    size_t len = 1;

    for (size_t at = 0; at <= len; at++) {
        gss_buffer_desc text = { sizeof list, (void *)(uintptr_t)list }, mic = GSS_C_EMPTY_BUFFER;
        struct wsc_error *err = NULL;
        struct wsc__buf ours;
        struct ends e;
        OM_uint32 minor;

        if (!meet(&e, k))
            break;
        wsc__buf_init(&ours, &wsc__mem_libc, 1 << 20);
        CHECK_EQ(e.m->ops->mic(e.m, list, sizeof list, &ours, &err), WSC_OK);
        mic = (gss_buffer_desc){ ours.len, (void *)(uintptr_t)wsc__buf_data(&ours) };
        CHECK_EQ(gss_verify_mic(&minor, e.far, &text, &mic, NULL), GSS_S_COMPLETE);
        wsc__buf_free(&ours);
        CHECK_EQ(gss_get_mic(&minor, e.far, 0, &text, &mic), GSS_S_COMPLETE);
        len = mic.length;
        if (at < len)
            ((uint8_t *)mic.value)[at] ^= 1;
        CHECK_EQ(e.m->ops->verify_mic(e.m, list, sizeof list, mic.value, mic.length, &err) ==
                     WSC_OK,
                 at == len);
        wsc__error_unref(err);
        (void)gss_release_buffer(&minor, &mic);
        part(&e);
    }
    wsc__krb5_free(k);
}

static const struct test tests[] = {
    { "sealed_with_every_key", sealed_with_every_key },
    { "altered_messages", altered_messages },
    { "altered_reply", altered_reply },
    { "list_of_mechanisms", list_of_mechanisms },
};

int main(int argc, char **argv)
{
    return krb5_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
