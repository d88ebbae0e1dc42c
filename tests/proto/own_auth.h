/* An authentication scheme of a program's own, by <wsman-client/sys/auth.h>, in front of the
 * service that login.c plays, and a world to use it in. */
#ifndef WSC_TEST_OWN_AUTH_H
#define WSC_TEST_OWN_AUTH_H

#include "commands.h"
#include "login.h"

#include <wsman-client/sys/auth.h>

/* --- "Fake": one, two, three, four; what follows is sealed by exclusive or ----------------------
 */

#define MASK 0x55
#define SEAL 4

struct fake {
    int said;
    bool done;
    unsigned char up, down;
};

static struct {
    int begins, closes, frees;
    int fail_begin, fail_step, fail_accepted, fail_wrap, fail_unwrap; /* with this status */
    int at_step;                                                      /* of each login, from 1 */
    bool mute;                                                        /* without a text */
    bool misuse; /* puts where nothing may be put, and more than it should */
    void (*amid)(void);
    char seen[400]; /* what it was told */
} w;

static void *mine = &w;

static inline int no(wsc_login *login, int status)
{
    return w.mute ? status : wsc_login_fail(login, status, "the fake says no", "Ask it nicely.");
}

static inline void look(wsc_login *login)
{
    const char *host = "-", *spn = "-", *user = "-";
    const void *password = "-", *binding = NULL;
    int64_t port = -1, tls = -1;
    size_t len = 1, binding_len = 0;

    CHECK_EQ(wsc_login_get_str(login, "host", &host), WSC_OK);
    CHECK_EQ(wsc_login_get_str(login, "spn", &spn), WSC_OK);
    wsc_login_get_str(login, "username", &user);
    CHECK_EQ(wsc_login_get_int(login, "port", &port), WSC_OK);
    CHECK_EQ(wsc_login_get_int(login, "tls", &tls), WSC_OK);
    wsc_login_get_bytes(login, "password", &password, &len);
    CHECK_EQ(wsc_login_get_bytes(login, "channel-binding", &binding, &binding_len), WSC_E_AGAIN);
    snprintf(w.seen, sizeof w.seen, "%s %d %d %s %s %.*s", host, (int)port, (int)tls, spn, user,
             (int)len, (const char *)password);
    CHECK_EQ(wsc_login_get_str(login, "password", &host), WSC_E_USAGE);
    CHECK_EQ(wsc_login_get_int(login, "host", &port), WSC_E_USAGE);
    CHECK_EQ(wsc_login_get_bytes(login, "username", &password, &len), WSC_E_USAGE);
}

static inline int fake_begin(void **state, wsc_login *login, void *user_data)
{
    struct fake *f;

    CHECK(user_data == mine && !*state);
    look(login);
    if (w.fail_begin)
        return no(login, w.fail_begin);
    f = calloc(1, sizeof *f);
    *state = f;
    w.begins++;
    if (w.misuse)
        CHECK_EQ(wsc_login_put(login, "x", 1), WSC_E_USAGE);
    return f ? WSC_OK : WSC_E_NOMEM;
}

static inline int fake_step(void *state, wsc_login *login, const char *challenge, size_t len)
{
    struct fake *f = state;

    if (w.amid)
        w.amid();
    if (w.fail_step && f->said + 1 == w.at_step)
        return no(login, w.fail_step);
    if (f->said && len == 2 && !memcmp(challenge, "no", 2))
        return no(login, WSC_E_AUTH);
    if (f->said == 2) {
        f->done = len == 4 && !memcmp(challenge, "four", 4);
        return f->done ? WSC_OK : no(login, WSC_E_PROTOCOL);
    }
    if (f->said ? len != 3 || memcmp(challenge, "two", 3) : challenge != NULL)
        return no(login, WSC_E_PROTOCOL);
    f->said++;
    if (f->said == 1)
        return wsc_login_put(login, "one", 3);
    wsc_login_put(login, "th", 2);
    return wsc_login_put(login, "ree", 3);
}

static inline int fake_accepted(void *state, wsc_login *login)
{
    if (w.fail_accepted)
        return no(login, w.fail_accepted);
    return ((struct fake *)state)->done
               ? WSC_OK
               : wsc_login_fail(login, WSC_E_AUTH, "the server has not proved itself", NULL);
}

static inline unsigned char sum(const unsigned char *p, size_t n)
{
    unsigned s = 0;

    while (n--)
        s += *p++;
    return (unsigned char)s;
}

static inline void masked(wsc_login *login, const unsigned char *p, size_t n)
{
    while (n--) {
        unsigned char c = *p++ ^ MASK;

        wsc_login_put(login, &c, 1);
    }
}

static inline int fake_wrap(void *state, wsc_login *login, const void *plain, size_t len,
                            size_t *header_len)
{
    struct fake *f = state;
    unsigned char head[SEAL] = { f->up++, sum(plain, len), 0, 0 };

    if (w.fail_wrap)
        return no(login, w.fail_wrap);
    wsc_login_put(login, head, SEAL);
    masked(login, plain, len);
    *header_len = w.misuse ? SEAL + 1 : SEAL;
    return WSC_OK;
}

static inline int fake_unwrap(void *state, wsc_login *login, const void *header, size_t header_len,
                              const void *data, size_t len)
{
    struct fake *f = state;
    const unsigned char *head = header, *p = data;
    unsigned s = 0;
    size_t i;

    if (w.fail_unwrap)
        return no(login, w.fail_unwrap);
    for (i = 0; i < len; i++)
        s += p[i] ^ MASK;
    if (header_len != SEAL || head[0] != f->down++ || head[1] != (s & 0xff))
        return no(login, WSC_E_AUTH);
    masked(login, data, len - (w.misuse && len));
    return WSC_OK;
}

static inline void fake_close(void *state)
{
    w.closes++;
    free(state);
}

static inline wsc_auth fake(void)
{
    wsc_auth a = { sizeof a,      WSC_AUTH_CONNECTION | WSC_AUTH_MUTUAL,
                   "Fake",        "SPNEGO",
                   fake_begin,    fake_step,
                   fake_accepted, fake_wrap,
                   fake_unwrap,   fake_close };

    return a;
}

static inline void freed(void *ud)
{
    CHECK(ud == mine);
    CHECK_EQ(w.begins, w.closes);
    w.frees++;
}

/* --- a world ---------------------------------------------------------------------------------- */

static const char *const who[] = { "username", "u", "password", "p", NULL };
static wsc_identity *identity;
static wsc_client *other;

static inline int make(const wsc_auth *a, const char *const *me, const char *const *list)
{
    wsc_params *params = options(me), *p = options(list);
    int rc = wsc_identity_new_with_auth(&identity, l.ctx, params, a, mine, freed);

    if (rc == WSC_OK) {
        rc = wsc_client_new(&l.client, l.ctx, "server", identity, p);
        if (rc == WSC_OK)
            rc = wsc_client_new(&other, l.ctx, "other", identity, p);
    } else {
        CHECK_EQ(w.frees, 0); /* still ours */
        w.frees = 1;
    }
    wsc_params_unref(params);
    wsc_params_unref(p);
    return rc;
}

static inline bool world(long fail_at)
{
    int rc;

    memset(&l, 0, sizeof l);
    memset(&w, 0, sizeof w);
    identity = NULL;
    other = NULL;
    peer_init(&l.p, fail_at);
    rc = wsc_ctx_new_with_alloc(&l.ctx, test_mem_fn, &l.p.d.mem);
    CHECK(rc == WSC_OK || (fail_at >= 0 && rc == WSC_E_NOMEM));
    return rc == WSC_OK;
}

static int more_flags;

static inline bool begin(long fail_at)
{
    wsc_auth a = fake();
    int rc;

    a.flags |= more_flags;
    if (!world(fail_at)) {
        w.frees = 1;
        return false;
    }
    login_far_begin(&l.p.d, &l.p);
    rc = make(&a, who, NULL);
    CHECK(rc == WSC_OK || (fail_at >= 0 && rc == WSC_E_NOMEM));
    return rc == WSC_OK;
}

static inline void end(void)
{
    wsc_client_unref(other);
    wsc_identity_unref(identity);
    life_close(&l);
    CHECK_EQ(w.begins, w.closes);
    CHECK_EQ(w.frees, 1);
}

static inline const char *detail(const char *name)
{
    const char *text = NULL;

    return wsc_error_get_str(wsc_ctx_error(l.ctx), name, &text) == WSC_OK ? text : "";
}

static inline const char *text_of_error(void)
{
    return wsc_error_text(wsc_ctx_error(l.ctx));
}

#endif
