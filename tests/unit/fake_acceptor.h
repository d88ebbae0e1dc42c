/* The other side of SPNEGO for the tests, with tokens put together and taken apart by its own
 * means. Speaks for one fake mechanism (fake_mech.h). */
#ifndef WSC_FAKE_ACCEPTOR_H
#define WSC_FAKE_ACCEPTOR_H

#include "fake_mech.h"

struct token {
    uint8_t p[3000];
    size_t len;
};

static inline void add(struct token *t, const void *p, size_t len)
{
    if (len)
        memcpy(t->p + t->len, p, len);
    t->len += len;
}

static inline void element(struct token *t, uint8_t tag, const void *content, size_t len)
{
    uint8_t head[4] = { tag, 0x82, (uint8_t)(len >> 8), (uint8_t)len };
    uint8_t small[3] = { tag, 0x81, (uint8_t)len }, tiny[2] = { tag, (uint8_t)len };

    if (len < 128)
        add(t, tiny, 2);
    else if (len < 256)
        add(t, small, 3);
    else
        add(t, head, 4);
    add(t, content, len);
}

static inline void wrap_in(struct token *t, uint8_t tag)
{
    struct token inner = *t;

    t->len = 0;
    element(t, tag, inner.p, inner.len);
}

/* NegTokenResp; what has no length is left out, a negative state too. */
static inline void make_answer(struct token *out, int state, const char *oid, const uint8_t *token,
                               size_t len, const uint8_t *mic, size_t mic_len)
{
    struct token field;
    uint8_t octet = (uint8_t)state;

    out->len = 0;
    if (state >= 0) {
        field.len = 0;
        element(&field, 0x0a, &octet, 1);
        element(out, 0xa0, field.p, field.len);
    }
    if (oid) {
        field.len = 0;
        element(&field, 0x06, oid, strlen(oid));
        element(out, 0xa1, field.p, field.len);
    }
    if (len) {
        field.len = 0;
        element(&field, 0x04, token, len);
        element(out, 0xa2, field.p, field.len);
    }
    if (mic_len) {
        field.len = 0;
        element(&field, 0x04, mic, mic_len);
        element(out, 0xa3, field.p, field.len);
    }
    wrap_in(out, 0x30);
    wrap_in(out, 0xa1);
}

/* Content of an element with this tag at *p, which moves behind it; NULL when it is another. */
static inline const uint8_t *enter(const uint8_t **p, const uint8_t *end, int tag, size_t *len)
{
    const uint8_t *at = *p;
    size_t octets;

    if (!at || end - at < 2 || *at != tag)
        return NULL;
    *len = at[1];
    at += 2;
    if (*len >= 0x80) {
        octets = *len & 0x7f;
        for (*len = 0; octets; octets--)
            *len = *len << 8 | *at++;
    }
    *p = at + *len;
    return at;
}

struct acceptor {
    struct fake_script *mech; /* what it speaks */
    const char *oid;          /* supportedMech, or NULL: does not say */
    bool switches;            /* the token of the first message is not for it */
    bool requests_mic, wants_mic;
    bool says_mech_again, repeats_token_as_mic, no_state;
    const char *later_oid; /* supportedMech of later answers */
    bool bare;             /* answers without SPNEGO */
    bool plain;            /* and gets what is none */
    bool hides_mic;        /* what an attacker would do */
    bool wrong_mic, no_last_token;
    bool hurries;      /* ends without our check value */
    bool late_request; /* in the second answer */
    /* so far */
    struct token list; /* DER of MechTypeList */
    struct token got, got_mic;
    int messages, leg;
    unsigned char made, checked;
    bool mic_good, broken;
};

static inline bool take_octets(const uint8_t **p, const uint8_t *end, int tag, struct token *out)
{
    size_t len, inner;
    const uint8_t *field = enter(p, end, tag, &len), *octets;

    out->len = 0;
    if (!field)
        return false;
    octets = enter(&field, field + len, 0x04, &inner);
    if (octets)
        add(out, octets, inner);
    return octets != NULL;
}

static inline bool take_offer(struct acceptor *a, const uint8_t *p, size_t len)
{
    const uint8_t *end = p + len, *types, *list;
    size_t n;

    p = enter(&p, end, 0x60, &len);
    if (!p || !enter(&p, end, 0x06, &n) || n != 6)
        return false;
    if (!(p = enter(&p, end, 0xa0, &n)) || !(p = enter(&p, end, 0x30, &n)) ||
        !(types = enter(&p, end, 0xa0, &n)))
        return false;
    a->list.len = 0;
    list = types;
    if (!enter(&types, end, 0x30, &n))
        return false;
    add(&a->list, list, (size_t)(types - list));
    take_octets(&p, end, 0xa2, &a->got);
    return p == end;
}

static inline bool take_answer(struct acceptor *a, const uint8_t *p, size_t len)
{
    const uint8_t *end = p + len;
    size_t n;

    if (!(p = enter(&p, end, 0xa1, &n)) || !(p = enter(&p, end, 0x30, &n)))
        return false;
    if (!enter(&p, end, 0xa0, &n) || n != 3)
        return false;
    take_octets(&p, end, 0xa2, &a->got);
    take_octets(&p, end, 0xa3, &a->got_mic);
    return p == end;
}

/* The mechanism's own token, and whether all of them came. */
static inline bool take_token(struct acceptor *a)
{
    uint8_t text[600];
    size_t n;

    if (a->leg >= a->mech->legs) {
        a->broken |= a->got.len != 0;
        return true;
    }
    n = fake_token(a->mech, 'c', a->leg, text, sizeof text);
    a->broken |= a->got.len != n || memcmp(a->got.p, text, n) != 0;
    return ++a->leg == a->mech->legs;
}

static inline void answer(struct acceptor *a, struct token *out, int state, bool complete,
                          const char *oid)
{
    uint8_t text[600], mic[8];
    bool mine =
        a->leg < a->mech->legs || (a->mech->last_is_theirs && a->messages <= 2 && !a->mic_good);
    size_t n = mine && a->leg ? fake_token(a->mech, 's', a->leg - 1, text, sizeof text) : 0;
    bool with_mic = complete && a->wants_mic && !a->made && !a->hides_mic;

    if (a->bare) {
        out->len = 0;
        add(out, text, n);
        return;
    }
    if (with_mic) {
        fake_mic_of(a->mech->name, 's', a->made++, a->list.p, a->list.len, mic);
        mic[2] ^= a->wrong_mic;
    }
    if (a->repeats_token_as_mic && n)
        make_answer(out, state, oid, text, n, text, n);
    else
        make_answer(out, a->no_state ? -1 : state, oid, text, n, mic, with_mic ? 8 : 0);
}

/* Takes a token, makes the answer: the status of HTTP. */
static inline int acceptor_step(struct acceptor *a, const uint8_t *p, size_t len, struct token *out)
{
    bool complete, first = !a->messages++;
    uint8_t mic[8];

    out->len = a->got.len = a->got_mic.len = 0;
    if (a->plain || (a->bare && !first))
        add(&a->got, p, len);
    else if (!(first ? take_offer(a, p, len) : take_answer(a, p, len)))
        a->broken = true;
    if (a->broken)
        return 401;
    if (first && a->switches) {
        make_answer(out, a->requests_mic ? 3 : 1, a->oid, NULL, 0, NULL, 0);
        return 401;
    }
    complete = take_token(a);
    if (a->got_mic.len) {
        fake_mic_of(a->mech->name, 'c', a->checked++, a->list.p, a->list.len, mic);
        a->mic_good = a->got_mic.len == 8 && memcmp(a->got_mic.p, mic, 8) == 0;
        a->broken |= !a->mic_good;
    }
    if (a->broken)
        return 401;
    if (!a->bare && complete && a->wants_mic && !a->mic_good && !a->hurries) { /* waits for ours */
        answer(a, out, first && a->requests_mic ? 3 : 1, a->mech->last_is_theirs,
               first ? a->oid : NULL);
        return 401;
    }
    answer(a, out,
           complete                   ? 0
           : first && a->requests_mic ? 3
           : a->late_request          ? 3
                                      : 1,
           complete, first || a->says_mech_again ? a->oid : a->later_oid);
    if (a->no_last_token && complete)
        out->len = 0;
    return complete ? 200 : 401;
}

#endif
