#include "auth/ntlm_message.h"

#include "auth/utf16.h"
#include "base/codes.h"

#include <string.h>

/* 2.2.2.10; nothing depends on it, it is for those who look at a capture */
#define VERSION 0x0a, 0x00, 0x7c, 0x4f, 0x00, 0x00, 0x00, 0x0f

/* What AUTHENTICATE may repeat of the challenge's flags: what was asked for, TARGET_INFO, and the
 * kind of the target. Nothing that would mean another protocol (LM_KEY, DATAGRAM, ANONYMOUS). */
#define AGREED (WSC__NTLM_ASKED | WSC__NTLM_TARGET_INFO | 0x00030000u)

#define CHALLENGE_HEAD    48 /* up to VERSION, which old servers leave out */
#define AUTHENTICATE_HEAD 88
#define FIELD_MAX         65535u

static const char signature[8] = "NTLMSSP";
static const uint8_t version[8] = { VERSION };

/* 2.2.1.1: no domain, no workstation */
const uint8_t wsc__ntlm_negotiate[WSC__NTLM_NEGOTIATE_LEN] = {
    'N',    'T',  'L',  'M',  'S', 'S', 'P', 0, /* Signature */
    1,      0,    0,    0,                      /* MessageType */
    0x37,   0x82, 0x08, 0xe2,                   /* NegotiateFlags */
    0,      0,    0,    0,    40,  0,   0,   0, /* DomainNameFields */
    0,      0,    0,    0,    40,  0,   0,   0, /* WorkstationFields */
    VERSION
};

static uint32_t get16(const uint8_t *p)
{
    return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

/* --- CHALLENGE -------------------------------------------------------------------------------- */

/* 2.2.2.1 */
enum {
    AV_EOL = 0,
    AV_NB_COMPUTER = 1,
    AV_NB_DOMAIN = 2,
    AV_FLAGS = 6,
    AV_TIMESTAMP = 7,
    AV_TARGET = 9,
    AV_BINDINGS = 10
};
#define AV_HEAD      4
#define AV_FLAGS_MIC 2u

struct av {
    uint32_t id;
    const uint8_t *value;
    size_t len;
};

/* The pair at *at, which moves behind it. false: there is no whole one. */
static bool next_av(const uint8_t *info, size_t len, size_t *at, struct av *out)
{
    size_t left = len - *at;

    if (left < AV_HEAD)
        return false;
    out->id = get16(info + *at);
    out->len = get16(info + *at + 2);
    out->value = info + *at + AV_HEAD;
    if (out->len > left - AV_HEAD)
        return false;
    *at += AV_HEAD + out->len;
    return true;
}

/* false: its length is wrong. The first of each kind counts. */
static bool take_av(struct wsc__ntlm_challenge *c, const struct av *av, bool *flags_seen)
{
    switch (av->id) {
    case AV_NB_COMPUTER:
        if (!c->computer) {
            c->computer = av->value;
            c->computer_len = av->len;
        }
        return av->len % 2 == 0;
    case AV_NB_DOMAIN:
        if (!c->domain) {
            c->domain = av->value;
            c->domain_len = av->len;
        }
        return av->len % 2 == 0;
    case AV_TIMESTAMP:
        if (!c->time)
            c->time = av->value;
        return av->len == 8;
    case AV_FLAGS:
        if (av->len != 4)
            return false;
        if (!*flags_seen)
            c->av_flags = get32(av->value);
        *flags_seen = true;
        return true;
    default:
        return true;
    }
}

static const char *read_info(struct wsc__ntlm_challenge *c, const uint8_t *info, size_t len)
{
    size_t at = 0;
    bool flags_seen = false;
    struct av av;

    c->info = info;
    do {
        c->info_len = at;
        if (!next_av(info, len, &at, &av))
            return "its target information is cut off";
        if (!take_av(c, &av, &flags_seen))
            return "a length in its target information is wrong";
    } while (av.id != AV_EOL);
    return av.len ? "its target information does not end as it should" : NULL;
}

/* Len, MaxLen, Offset (2.2.1); MaxLen is to be ignored. *len 0: *out is of no use. */
static bool payload(const uint8_t *msg, size_t msg_len, size_t field, const uint8_t **out,
                    size_t *len)
{
    size_t offset = get32(msg + field + 4);

    *len = get16(msg + field);
    *out = msg;
    if (!*len)
        return true;
    if (offset < CHALLENGE_HEAD || offset > msg_len || *len > msg_len - offset)
        return false;
    *out = msg + offset;
    return true;
}

const char *wsc__ntlm_challenge_read(struct wsc__ntlm_challenge *out, const uint8_t *msg,
                                     size_t len)
{
    struct wsc__ntlm_challenge c = { 0 };
    const uint8_t *name, *info;
    size_t name_len, info_len;
    const char *wrong;

    if (len > WSC__NTLM_CHALLENGE_MAX)
        return "it is too long";
    if (len < CHALLENGE_HEAD)
        return "it is too short";
    if (memcmp(msg, signature, sizeof signature) != 0)
        return "it does not begin with NTLMSSP";
    if (get32(msg + 8) != 2)
        return "it is another message";
    if (!payload(msg, len, 12, &name, &name_len) || !payload(msg, len, 40, &info, &info_len))
        return "an offset in it points outside";
    if (!info_len)
        return "it has no target information, so NTLMv2 can not be used";
    c.flags = get32(msg + 20);
    c.nonce = msg + 24;
    wrong = read_info(&c, info, info_len);
    if (!wrong && (!c.computer || !c.domain)) /* 3.1.5.1.2 */
        wrong = "it does not name the computer and its domain";
    if (!wrong)
        *out = c;
    return wrong;
}

/* --- AUTHENTICATE ----------------------------------------------------------------------------- */

static int put16(struct wsc__buf *b, size_t v)
{
    uint8_t le[2] = { (uint8_t)v, (uint8_t)(v >> 8) };

    return wsc__buf_append(b, le, sizeof le);
}

static int put32(struct wsc__buf *b, size_t v)
{
    int rc = put16(b, v & 0xffff);

    return rc ? rc : put16(b, v >> 16 & 0xffff);
}

static int put_av(struct wsc__buf *b, uint32_t id, const void *value, size_t len)
{
    int rc = len > FIELD_MAX ? WSC_E_LIMIT : put16(b, id);

    if (!rc)
        rc = put16(b, len);
    return rc ? rc : wsc__buf_append(b, value, len);
}

static int put_spn(struct wsc__buf *b, const char *spn)
{
    struct wsc__buf text;
    int rc;

    wsc__buf_init(&text, b->mem, FIELD_MAX);
    rc = wsc__utf16_append(&text, spn, strlen(spn), false);
    if (!rc)
        rc = put_av(b, AV_TARGET, wsc__buf_data(&text), text.len);
    wsc__buf_free(&text);
    return rc;
}

static bool is_ours(uint32_t id)
{
    return id == AV_FLAGS || id == AV_TARGET || id == AV_BINDINGS;
}

int wsc__ntlm_write_info(struct wsc__buf *b, const struct wsc__ntlm_challenge *c,
                         const struct wsc__ntlm_target *t)
{
    uint32_t flags = (c->av_flags & ~AV_FLAGS_MIC) | (t->mic ? AV_FLAGS_MIC : 0);
    uint8_t flags_le[4] = { (uint8_t)flags, (uint8_t)(flags >> 8), (uint8_t)(flags >> 16),
                            (uint8_t)(flags >> 24) };
    size_t at = 0;
    struct av av;
    int rc = WSC_OK;

    while (!rc && at < c->info_len && next_av(c->info, c->info_len, &at, &av)) {
        if (!is_ours(av.id))
            rc = put_av(b, av.id, av.value, av.len);
    }
    /* no pair without a binding: some take zeros for a wrong one */
    if (!rc && t->binding)
        rc = put_av(b, AV_BINDINGS, t->binding, WSC__NTLM_KEY_LEN);
    if (!rc)
        rc = put_spn(b, t->spn ? t->spn : "");
    if (!rc && flags)
        rc = put_av(b, AV_FLAGS, flags_le, sizeof flags_le);
    return rc ? rc : put_av(b, AV_EOL, "", 0);
}

int wsc__ntlm_write_authenticate(struct wsc__buf *b, uint32_t challenge_flags,
                                 const struct wsc__ntlm_part fields[WSC__NTLM_FIELDS])
{
    static const uint8_t zeros[16];
    uint32_t flags = challenge_flags & AGREED;
    size_t at = AUTHENTICATE_HEAD;
    int rc = wsc__buf_append(b, signature, sizeof signature);

    if (!rc)
        rc = put32(b, 3);
    for (int i = 0; !rc && i < WSC__NTLM_FIELDS; i++) {
        size_t len = fields[i].len;

        if (len > FIELD_MAX)
            return WSC_E_LIMIT;
        rc = put32(b, len | len << 16); /* Len, MaxLen */
        if (!rc)
            rc = put32(b, at);
        at += len;
    }
    if (!rc)
        rc = put32(b, flags);
    if (!rc)
        rc = wsc__buf_append(b, flags & WSC__NTLM_VERSION ? version : zeros, sizeof version);
    if (!rc)
        rc = wsc__buf_append(b, zeros, sizeof zeros);
    for (int i = 0; !rc && i < WSC__NTLM_FIELDS; i++)
        rc = wsc__buf_append(b, fields[i].data, fields[i].len);
    return rc;
}
