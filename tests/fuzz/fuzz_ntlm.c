/* First byte: what is tried.
 *
 * 0, 1: the rest is the server's CHALLENGE (1: with a channel binding). Whatever is accepted was
 * covered by all that was asked for; AUTHENTICATE is whole, its proof, its MIC and its AV pairs are
 * what MS-NLMP says, and the context stands. Whatever is refused leaves nothing.
 * 2: the rest is a message to a context that stands: length of its header, then header and data.
 * Nobody knows the key, so it is refused, and nothing of it is handed out.
 * 3: the rest is plain text that comes from the server, changed by one bit as its first two bytes
 * say (or not): it arrives when it was not. */
#include "input.h"
#include "ntlm.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NEEDED                                                                                     \
    (WSC__NTLM_UNICODE | WSC__NTLM_ESS | WSC__NTLM_128 | WSC__NTLM_KEY_EXCH | WSC__NTLM_SIGN |     \
     WSC__NTLM_SEAL)

static const uint8_t hash[32] = { 1, 2, 3, 4 };

static void init(struct ntlm_login *l, bool bound)
{
    ntlm_login_init(l, &wsc__mem_libc, ".\\User", "Password");
    if (bound) {
        l->in.binding = hash;
        l->in.binding_len = sizeof hash;
    }
}

static void check_refused(struct ntlm_login *l, int rc)
{
    const uint8_t text[16] = { 0 };

    must(l->err != NULL && rc == wsc__error_code(l->err), "a failure has its error");
    must(rc == WSC_E_AUTH || rc == WSC_E_LIMIT, "a failure of the login");
    must(l->out.len == 0, "nothing is sent behind a failure");
    wsc__error_unref(l->err);
    l->err = NULL;
    must(l->mech->ops->verify_mic(l->mech, text, 16, text, 16, &l->err) == WSC_E_AUTH,
         "it is dead");
}

/* The first pair of that kind; NULL: none. Its value's length. */
static const uint8_t *find(const uint8_t *pairs, size_t size, uint32_t id, size_t *len)
{
    size_t at = 0;

    while (size - at >= 4) {
        *len = ntlm_get(pairs + at + 2, 2);
        must(*len <= size - at - 4, "pairs are whole");
        if (ntlm_get(pairs + at, 2) == id)
            return pairs + at + 4;
        at += 4 + *len;
    }
    must(at == size, "pairs end where they should");
    return NULL;
}

static void check_pairs(const uint8_t *ours, size_t len, const struct wsc__ntlm_challenge *c,
                        bool bound)
{
    uint8_t digest[16];
    size_t n, at = 0;
    const uint8_t *p = find(ours, len, 10, &n);

    wsc__ntlm_binding(digest, hash, sizeof hash);
    must(bound ? p && n == 16 && !memcmp(p, digest, 16) : !p,
         "the binding is ours, or there is none");
    p = find(ours, len, 9, &n);
    must(p && n == 22 && !memcmp(p, "H\0T\0T\0P\0/\0", 10), "the service is the one asked for");
    p = find(ours, len, 6, &n);
    must(((p && n == 4 ? ntlm_get(p, 4) : 0) & 2) == (c->time ? 2 : 0), "the flag of the MIC");
    p = find(ours, len, 0, &n);
    must(p && n == 0 && p == ours + len, "the end is at the end");
    /* in the same order, all that is not ours */
    for (size_t from = 0; from < c->info_len; from += 4 + ntlm_get(c->info + from + 2, 2)) {
        uint32_t id = ntlm_get(c->info + from, 2);
        size_t whole = 4 + ntlm_get(c->info + from + 2, 2);

        if (id == 6 || id == 9 || id == 10)
            continue;
        must(whole <= len - at && !memcmp(ours + at, c->info + from, whole), "pairs are kept");
        at += whole;
    }
}

static void check_response(const struct ntlm_login *l, const struct wsc__ntlm_challenge *c,
                           bool bound)
{
    size_t len, lm_len, key_len, domain_len;
    const uint8_t *nt = ntlm_field(&l->out, WSC__NTLM_NT, &len);
    const uint8_t *lm = ntlm_field(&l->out, WSC__NTLM_LM, &lm_len);
    const uint8_t *sent = ntlm_field(&l->out, WSC__NTLM_SESSION_KEY, &key_len);
    const uint8_t *domain = ntlm_field(&l->out, WSC__NTLM_DOMAIN, &domain_len);
    uint8_t key[16], proof[16];

    must(nt && len > 48 && lm && lm_len == 24 && sent && key_len == 16 && domain,
         "fields are whole");
    must(domain_len == c->computer_len && !memcmp(domain, c->computer, domain_len),
         "the account is the server's own");
    must(!c->time || !memcmp(nt + 24, c->time, 8), "the time is the server's");
    {
        struct wsc__ntlm_part who[] = { { "U\0S\0E\0R\0", 8 }, { domain, domain_len } };
        struct wsc__ntlm_part text[] = { { c->nonce, 8 }, { nt + 16, len - 16 } };
        struct wsc__ntlm_part proved = { nt, 16 };

        wsc__ntlm_owf(key, "Password", 8);
        wsc__ntlm_hmac(key, key, who, 2);
        wsc__ntlm_hmac(proof, key, text, 2);
        must(!memcmp(proof, nt, 16), "the proof is right");
        wsc__ntlm_hmac(key, key, &proved, 1);
        wsc__ntlm_rc4(key, key, sent, 16);
        must(key[0] == 0x55 && !memcmp(key, key + 1, 15), "the session key arrives");
    }
    check_pairs(nt + 44, len - 48, c, bound);
}

static void check_mic(struct ntlm_login *l, const uint8_t *challenge, size_t size, bool timed)
{
    uint8_t *out = l->out.base + l->out.start, key[16], sent[16], mic[16];
    struct wsc__ntlm_part all[] = { { wsc__ntlm_negotiate, WSC__NTLM_NEGOTIATE_LEN },
                                    { challenge, size },
                                    { out, l->out.len } };

    memset(key, 0x55, sizeof key);
    memcpy(sent, out + WSC__NTLM_MIC_AT, 16);
    memset(out + WSC__NTLM_MIC_AT, 0, 16);
    wsc__ntlm_hmac(mic, key, all, 3);
    if (!timed)
        memset(mic, 0, 16);
    must(!memcmp(mic, sent, 16), "the MIC covers all three messages");
    must(l->mech->ops->wants_mic(l->mech) == timed, "SPNEGO knows of it");
}

static void challenge(const uint8_t *data, size_t size, bool bound)
{
    struct ntlm_login l;
    struct wsc__ntlm_challenge c;
    int rc;

    init(&l, bound);
    rc = ntlm_login_run(&l, data, size);
    if (rc) {
        check_refused(&l, rc);
    } else {
        must(wsc__ntlm_challenge_read(&c, data, size) == NULL, "what is accepted can be read");
        must((c.flags & NEEDED) == NEEDED, "no less than what was asked for");
        must((ntlm_get(wsc__buf_data(&l.out) + 60, 4) & ~c.flags) == 0, "only what was offered");
        check_response(&l, &c, bound);
        check_mic(&l, data, size, c.time != NULL);
    }
    ntlm_login_free(&l);
}

static void stand(struct ntlm_login *l)
{
    static const uint8_t info[] = { 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 };
    uint8_t msg[100];

    init(l, false);
    must(ntlm_login_run(l, msg, ntlm_challenge(msg, NTLM_FLAGS, info, sizeof info)) == 0,
         "it stands");
}

static void unwrap(struct ntlm_login *l, uint8_t *msg, const struct wsc__sealed *s, bool good,
                   const uint8_t *want)
{
    const uint8_t *plain = NULL;
    size_t len = 0;
    int rc = l->mech->ops->unwrap(l->mech, msg, s, &plain, &len, &l->err);

    must((rc == WSC_OK) == good, "what is right is taken, and nothing else");
    if (good) {
        must(len == s->data_len && !memcmp(plain, want, len), "the text arrives");
        return;
    }
    must(!plain && !len, "nothing is handed out");
    wsc__buf_reset(&l->out);
    check_refused(l, rc);
}

static void foreign(const uint8_t *data, size_t size)
{
    size_t header = size && data[0] < 40 ? data[0] : 16;
    struct wsc__sealed s = { header, 0, 0 };
    struct ntlm_login l;
    uint8_t *msg;

    if (size < 1 + header)
        return;
    msg = malloc(size);
    must(msg != NULL, "memory");
    memcpy(msg, data + 1, size - 1);
    s.data_len = s.plain_len = size - 1 - header;
    stand(&l);
    unwrap(&l, msg, &s, false, NULL);
    ntlm_login_free(&l);
    free(msg);
}

static void changed(const uint8_t *data, size_t size)
{
    struct wsc__sealed s = { 16, 0, 0 };
    struct ntlm_login l;
    uint8_t *msg;
    size_t bit;

    if (size < 2)
        return;
    bit = ntlm_get(data, 2);
    data += 2;
    size -= 2;
    msg = malloc(size + 16);
    must(msg != NULL, "memory");
    stand(&l);
    for (int turn = 0; turn < 2; turn++) { /* as it is, then changed */
        wsc__ntlm_crypt(&l.to_us, msg + 16, data, size);
        wsc__ntlm_sign(&l.to_us, data, size, false, msg);
        s.data_len = s.plain_len = size;
        if (turn && bit < 8 * (size + 16))
            msg[bit / 8] ^= (uint8_t)(1u << bit % 8);
        unwrap(&l, msg, &s, !turn || bit >= 8 * (size + 16), data);
    }
    ntlm_login_free(&l);
    free(msg);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!size)
        return 0;
    switch (*data % 4) {
    case 0:
    case 1:
        challenge(data + 1, size - 1, *data % 4 == 1);
        break;
    case 2:
        foreign(data + 1, size - 1);
        break;
    case 3:
        changed(data + 1, size - 1);
        break;
    }
    return 0;
}
