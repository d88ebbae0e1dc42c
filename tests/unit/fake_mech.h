/* A security mechanism that says what its script tells it to, and counts. Its tokens are "K-c0",
 * "K-s0", "K-c1"..., its check values depend on text, side and number. */
#ifndef WSC_FAKE_MECH_H
#define WSC_FAKE_MECH_H

#include "auth/mech.h"

#include <stdio.h>
#include <string.h>

struct fake_script {
    const char *name;
    /* tokens of ours; the peer's come between them, and one more at the end when last_is_theirs */
    int legs;
    bool last_is_theirs;
    bool wants_mic;
    bool fails_to_begin, out_of_memory;
    int fails_at; /* our token that is not made, counted from 0; -1: none */
    bool jobs;    /* every step wants one first */
    const struct fake_bytes {
        const uint8_t *p;
        size_t len;
    } * ours, *theirs; /* instead of the texts */
    /* what happened */
    int live, jobs_run, mics_made, mics_good, mics_bad, wrapped;
    bool stands;
};

struct fake_mech {
    struct wsc__mech base;
    const struct wsc__mem *mem;
    struct fake_script *script;
    int leg;
    bool job_done, stands;
    unsigned char made, checked; /* check values: their numbers */
};

static inline int fake_error(const struct wsc__mem *mem, int code, struct wsc_error **err,
                             const char *text)
{
    *err = code == WSC_E_NOMEM ? wsc__error_nomem() : wsc__error_new(mem, code, "%s", text);
    return code;
}

static inline int fake_begin(struct wsc__mech **out, const struct wsc__mech_ops *ops,
                             struct fake_script *script, const struct wsc__auth_input *in,
                             struct wsc_error **err)
{
    struct fake_mech *m;

    if (script->out_of_memory)
        return fake_error(in->mem, WSC_E_NOMEM, err, NULL);
    if (script->fails_to_begin)
        return fake_error(in->mem, WSC_E_AUTH, err, "it can not begin");
    m = wsc__zalloc(in->mem, sizeof *m);
    if (!m)
        return fake_error(in->mem, WSC_E_NOMEM, err, NULL);
    m->base.ops = ops;
    m->mem = in->mem;
    m->script = script;
    script->live++;
    *out = &m->base;
    return WSC_OK;
}

static inline size_t fake_token(const struct fake_script *s, char side, int leg, uint8_t *out,
                                size_t cap)
{
    const struct fake_bytes *given = side == 'c' ? s->ours : s->theirs;

    if (given && given[leg].len <= cap) {
        memcpy(out, given[leg].p, given[leg].len);
        return given[leg].len;
    }
    return (size_t)snprintf((char *)out, cap, "%s-%c%d", s->name, side, leg);
}

static inline void fake_work(struct wsc__job *job)
{
    (void)job;
}

static inline void fake_finish(struct wsc__job *job, bool ran)
{
    (void)job;
    (void)ran;
}

static inline enum wsc__auth_step fake_step(struct wsc__mech *base, const uint8_t *token,
                                            size_t len, struct wsc__buf *out, struct wsc__job **job,
                                            struct wsc_error **err)
{
    static const struct wsc__job_ops ops = { fake_work, fake_work, fake_finish, fake_work };
    static struct wsc__job work = { .ops = &ops };
    struct fake_mech *m = (struct fake_mech *)base;
    struct fake_script *s = m->script;
    uint8_t text[600];
    size_t n;

    if (s->jobs && !m->job_done) {
        m->job_done = true;
        s->jobs_run++;
        *job = &work;
        return WSC__AUTH_NEED_JOB;
    }
    m->job_done = false;
    if (m->stands || !token != !m->leg) {
        fake_error(m->mem, WSC_E_USAGE, err, "a step that does not belong here");
        return WSC__AUTH_FAILED;
    }
    if (token) {
        n = fake_token(s, 's', m->leg - 1, text, sizeof text);
        if (len != n || memcmp(token, text, n) != 0) {
            fake_error(m->mem, WSC_E_AUTH, err, "a wrong token");
            return WSC__AUTH_FAILED;
        }
    }
    if (m->leg == s->fails_at) {
        fake_error(m->mem, WSC_E_AUTH, err, "no ticket");
        return WSC__AUTH_FAILED;
    }
    if (m->leg < s->legs) {
        n = fake_token(s, 'c', m->leg, text, sizeof text);
        if (wsc__buf_append(out, text, n)) {
            fake_error(m->mem, WSC_E_NOMEM, err, NULL);
            return WSC__AUTH_FAILED;
        }
    }
    m->leg++;
    m->stands = s->stands = m->leg == s->legs + s->last_is_theirs;
    return m->stands ? WSC__AUTH_DONE : WSC__AUTH_TOKEN;
}

static inline bool fake_wants_mic(const struct wsc__mech *base)
{
    return ((const struct fake_mech *)base)->script->wants_mic;
}

/* 8 bytes. */
static inline void fake_mic_of(const char *name, char side, unsigned char number, const void *text,
                               size_t len, uint8_t out[8])
{
    const uint8_t *p = text;
    uint32_t sum = 2166136261u;

    for (size_t i = 0; i < len; i++)
        sum = (sum ^ p[i]) * 16777619u;
    out[0] = (uint8_t)name[0];
    out[1] = (uint8_t)side;
    out[2] = number;
    out[3] = '!';
    for (int i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(sum >> (8 * i));
}

static inline int fake_mic(struct wsc__mech *base, const uint8_t *text, size_t len,
                           struct wsc__buf *out, struct wsc_error **err)
{
    struct fake_mech *m = (struct fake_mech *)base;
    uint8_t mic[8];

    if (!m->stands)
        return fake_error(m->mem, WSC_E_USAGE, err, "no context stands");
    fake_mic_of(m->script->name, 'c', m->made++, text, len, mic);
    m->script->mics_made++;
    return wsc__buf_append(out, mic, sizeof mic) ? fake_error(m->mem, WSC_E_NOMEM, err, NULL) : 0;
}

static inline int fake_verify_mic(struct wsc__mech *base, const uint8_t *text, size_t len,
                                  const uint8_t *mic, size_t mic_len, struct wsc_error **err)
{
    struct fake_mech *m = (struct fake_mech *)base;
    uint8_t good[8];

    if (!m->stands)
        return fake_error(m->mem, WSC_E_USAGE, err, "no context stands");
    fake_mic_of(m->script->name, 's', m->checked++, text, len, good);
    if (mic_len == sizeof good && memcmp(mic, good, sizeof good) == 0) {
        m->script->mics_good++;
        return WSC_OK;
    }
    m->script->mics_bad++;
    return fake_error(m->mem, WSC_E_AUTH, err, "a wrong check value");
}

/* One byte of header; the text turned around bit by bit. */
static inline int fake_wrap(struct wsc__mech *base, const uint8_t *plain, size_t len,
                            struct wsc__buf *out, struct wsc__sealed *sealed,
                            struct wsc_error **err)
{
    struct fake_mech *m = (struct fake_mech *)base;
    uint8_t *room;

    if (wsc__buf_reserve(out, len + 1, &room))
        return fake_error(m->mem, WSC_E_NOMEM, err, NULL);
    room[0] = 'H';
    for (size_t i = 0; i < len; i++)
        room[1 + i] = (uint8_t)~plain[i];
    wsc__buf_added(out, len + 1);
    sealed->header_len = 1;
    sealed->data_len = sealed->plain_len = len;
    m->script->wrapped++;
    return WSC_OK;
}

static inline int fake_unwrap(struct wsc__mech *base, uint8_t *message,
                              const struct wsc__sealed *sealed, const uint8_t **plain,
                              size_t *plain_len, struct wsc_error **err)
{
    struct fake_mech *m = (struct fake_mech *)base;

    if (message[0] != 'H')
        return fake_error(m->mem, WSC_E_AUTH, err, "a wrong header");
    for (size_t i = 0; i < sealed->data_len; i++)
        message[1 + i] = (uint8_t)~message[1 + i];
    *plain = message + 1;
    *plain_len = sealed->data_len;
    return WSC_OK;
}

static inline void fake_free(struct wsc__mech *base)
{
    struct fake_mech *m = (struct fake_mech *)base;

    m->script->live--;
    wsc__free(m->mem, m);
}

/* Defines fake_ID, its script, and wsc__mech_ops mech_ID. */
#define FAKE_MECH(id, name_, oid_)                                                                 \
    static struct fake_script fake_##id;                                                           \
    static const struct wsc__mech_ops mech_##id;                                                   \
    static int begin_##id(struct wsc__mech **out, const struct wsc__auth_input *in,                \
                          struct wsc_error **err)                                                  \
    {                                                                                              \
        return fake_begin(out, &mech_##id, &fake_##id, in, err);                                   \
    }                                                                                              \
    static const struct wsc__mech_ops mech_##id = {                                                \
        .name = name_,                                                                             \
        .oid = (const uint8_t *)(oid_),                                                            \
        .oid_len = sizeof(oid_) - 1,                                                               \
        .begin = begin_##id,                                                                       \
        .step = fake_step,                                                                         \
        .wants_mic = fake_wants_mic,                                                               \
        .mic = fake_mic,                                                                           \
        .verify_mic = fake_verify_mic,                                                             \
        .wrap = fake_wrap,                                                                         \
        .unwrap = fake_unwrap,                                                                     \
        .free = fake_free,                                                                         \
    };

/* Kerberos: one token each; NTLM: two of ours around one of theirs. */
static inline struct fake_script fake_kerberos(void)
{
    return (struct fake_script){ .name = "K", .legs = 1, .last_is_theirs = true, .fails_at = -1 };
}

static inline struct fake_script fake_ntlm(void)
{
    return (struct fake_script){ .name = "N", .legs = 2, .fails_at = -1, .wants_mic = true };
}

#endif
