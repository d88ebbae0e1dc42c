#include "login.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- the scheme: "one", "two", "three", "four"; sealed is exclusive or --------------------------
 */

#define MASK 0x55
#define SEAL 4 /* header: number of the message, and the sum of its plain text */

struct fake_job {
    struct wsc__job base;
    struct fake *owner; /* NULL: it has gone */
};

struct fake {
    struct wsc__auth base;
    const struct wsc__mem *mem;
    int said;
    bool done;
    uint8_t up, down;
    struct fake_job *job;
    int worked; /* the steps that have had theirs */
};

int login_contexts, login_jobs, login_jobs_done;

/* --- its jobs: libc's memory, for they may outlive everything --------------------------------- */

static void job_run(struct wsc__job *job)
{
    (void)job;
    login_jobs_done++;
}

static void job_stop(struct wsc__job *job)
{
    (void)job;
}

static void job_finish(struct wsc__job *job, bool ran)
{
    struct fake *f = ((struct fake_job *)job)->owner;

    if (!f)
        return;
    f->job = NULL;
    if (ran)
        f->worked |= 1 << f->said;
}

static void job_free(struct wsc__job *job)
{
    free(job);
}

static struct wsc__job *fake_job(struct fake *f)
{
    static const struct wsc__job_ops ops = { job_run, job_stop, job_finish, job_free };

    if (f->job)
        return &f->job->base;
    f->job = calloc(1, sizeof *f->job);
    f->job->base.ops = &ops;
    f->job->owner = f;
    return &f->job->base;
}

static int fake_begin(struct wsc__auth **out, const struct wsc__auth_input *in,
                      struct wsc_error **err);

static enum wsc__auth_step fake_fail(struct fake *f, uint32_t code, struct wsc_error **err)
{
    *err = wsc__error_fault(f->mem, code, "the fake says no");
    return WSC__AUTH_FAILED;
}

static enum wsc__auth_step fake_step(struct wsc__auth *a, const char *challenge, size_t len,
                                     struct wsc__buf *out, struct wsc__job **job,
                                     struct wsc_error **err)
{
    struct fake *f = (struct fake *)a;
    const char *token = f->said ? "three" : "one";

    if (login_jobs & 1 << f->said & ~f->worked) {
        *job = fake_job(f);
        return WSC__AUTH_NEED_JOB;
    }
    if (f->said && (!len || (len == 2 && !memcmp(challenge, "no", 2))))
        return fake_fail(f, 0x8009030c, err);
    if (f->said == 2) {
        if (len != 4 || memcmp(challenge, "four", 4))
            return fake_fail(f, 0x80090308, err);
        f->done = true;
        return WSC__AUTH_DONE;
    }
    if (f->said && (len != 3 || memcmp(challenge, "two", 3)))
        return fake_fail(f, 0x80090308, err);
    f->said++;
    if (wsc__buf_puts(out, token)) {
        *err = wsc__error_nomem();
        return WSC__AUTH_FAILED;
    }
    return WSC__AUTH_TOKEN;
}

static int fake_accepted(struct wsc__auth *a, struct wsc_error **err)
{
    struct fake *f = (struct fake *)a;

    if (f->done)
        return WSC_OK;
    *err = wsc__error_fault(f->mem, 0x80090308, "the server has not proved itself");
    return WSC_E_AUTH;
}

static uint8_t sum(const uint8_t *p, size_t n)
{
    unsigned s = 0;

    while (n--)
        s += *p++;
    return (uint8_t)s;
}

static int fake_wrap(struct wsc__auth *a, const uint8_t *plain, size_t len, struct wsc__buf *out,
                     struct wsc__sealed *sealed, struct wsc_error **err)
{
    struct fake *f = (struct fake *)a;
    uint8_t *room;

    if (wsc__buf_reserve(out, SEAL + len, &room)) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    room[0] = f->up++;
    room[1] = sum(plain, len);
    room[2] = room[3] = 0;
    for (size_t i = 0; i < len; i++)
        room[SEAL + i] = plain[i] ^ MASK;
    wsc__buf_added(out, SEAL + len);
    *sealed = (struct wsc__sealed){ SEAL, len, len };
    return WSC_OK;
}

static int fake_unwrap(struct wsc__auth *a, uint8_t *m, const struct wsc__sealed *sealed,
                       const uint8_t **plain, size_t *len, struct wsc_error **err)
{
    struct fake *f = (struct fake *)a;

    *plain = m + SEAL;
    *len = sealed->data_len;
    for (size_t i = 0; i < *len && sealed->header_len == SEAL; i++)
        m[SEAL + i] ^= MASK;
    if (sealed->header_len == SEAL && m[0] == f->down++ && m[1] == sum(*plain, *len))
        return WSC_OK;
    *err = wsc__error_fault(f->mem, 0x8009030f, "the seal is broken");
    return WSC_E_AUTH;
}

static void fake_free(struct wsc__auth *a)
{
    struct fake *f = (struct fake *)a;

    if (f->job)
        f->job->owner = NULL;
    if (f->job && !f->job->base.given)
        job_free(&f->job->base);
    login_contexts--;
    wsc__free(f->mem, f);
}

static bool fake_proves(const struct wsc__auth *a)
{
    return ((const struct fake *)a)->said == 2;
}

const struct wsc__auth_ops login_scheme = {
    .name = "Fake",
    .protocol = "application/HTTP-SPNEGO-session-encrypted",
    .flags = WSC__AUTH_CONN_BOUND | WSC__AUTH_WRAPS_BODY,
    .begin = fake_begin,
    .step = fake_step,
    .accepted = fake_accepted,
    .wrap = fake_wrap,
    .unwrap = fake_unwrap,
    .free = fake_free,
    .proves = fake_proves,
};

static int fake_begin(struct wsc__auth **out, const struct wsc__auth_input *in,
                      struct wsc_error **err)
{
    struct fake *f = wsc__zalloc(in->mem, sizeof *f);

    if (!f) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    f->base.ops = &login_scheme;
    f->mem = in->mem;
    *out = &f->base;
    login_contexts++;
    return WSC_OK;
}

/* --- the far end ------------------------------------------------------------------------------ */

struct login_far login_far;

#define FRAME_HEAD                                                                                 \
    "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-SPNEGO-session-encrypted\r\n"        \
    "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%zu\r\n"                    \
    "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
#define FRAME_END "--Encrypted Boundary--\r\n"

static void wrong(struct drv_conn *c, bool is, const char *what)
{
    if (is && !*c->d->broken)
        snprintf(c->d->broken, sizeof c->d->broken, "login: %s", what);
}

static const struct drv_tls *under; /* TLS, or NULL */

static void take(struct drv_conn *c, const void *data, size_t len)
{
    if (under)
        under->take(c, data, len);
    else
        drv_bytes_add(&c->sent, data, len);
}

static void put(struct drv_conn *c, const void *data, size_t len)
{
    if (under)
        under->give(c, data, len);
    else
        drv_bytes_add(&c->in, data, len);
}

/* What the chunks hold: sealed is the message, not how it travels. NULL: there are none. */
static char *out_of_chunks(const char *reply, const char *body, size_t *n)
{
    const char *coding = strstr(reply, "Transfer-Encoding: chunked"), *end = body + *n;
    char *out, *next;
    size_t len;

    if (!coding || coding > body)
        return NULL;
    out = malloc(*n + 1);
    for (*n = 0; out && body < end && (len = strtoul(body, &next, 16)) > 0; *n += len) {
        if (next + 2 + len > end)
            abort();
        memcpy(out + *n, next + 2, len);
        body = next + 2 + len + 2;
    }
    return out;
}

/* Replies of the peer: sealed once the connection is somebody's. */
static void give(struct drv_conn *c, const void *data, size_t len)
{
    const char *body = strstr(data, "\r\n\r\n");
    char head[400], frame[400], *plain;
    bool altered;
    size_t n, i;

    if (!login_far.in[c->id] || (login_far.in_clear && login_far.sealed == 3) || !body ||
        body + 4 > (const char *)data + len /* cut before it begins */ ||
        ++login_far.replies == login_far.clear_at) {
        put(c, data, len);
        return;
    }
    altered = login_far.replies == login_far.alter_at;
    body += 4;
    n = len - (size_t)(body - (const char *)data);
    plain = out_of_chunks(data, body, &n);
    body = plain ? plain : body;
    snprintf(frame, sizeof frame, FRAME_HEAD, n);
    snprintf(head, sizeof head,
             "%.12s X\r\nContent-Type: multipart/encrypted;"
             "protocol=\"application/HTTP-SPNEGO-session-encrypted\";boundary=\"Encrypted "
             "Boundary\"\r\nContent-Length: %zu\r\n\r\n",
             (const char *)data, strlen(frame) + 4 + SEAL + n + strlen(FRAME_END));
    put(c, head, strlen(head));
    put(c, frame, strlen(frame));
    put(c, "\4\0\0", 4);
    {
        uint8_t seal[SEAL] = { login_far.down[c->id]++, sum((const uint8_t *)body, n) };

        put(c, seal, SEAL);
    }
    for (i = 0; i < n; i++) {
        uint8_t b = (uint8_t)body[i] ^ MASK;

        if (altered && i == n / 2)
            b ^= 1;
        put(c, &b, 1);
    }
    put(c, FRAME_END, strlen(FRAME_END));
    free(plain);
}

static void drop(struct drv_conn *c)
{
    if (under)
        under->drop(c);
}

static const struct drv_tls wire = { take, give, drop };

static void say(struct drv_conn *c, const char *status, const char *challenge, bool close)
{
    char text[300];

    snprintf(text, sizeof text, "HTTP/1.1 %s X\r\n%s%s\r\n%sContent-Length: 3\r\n\r\nxyz", status,
             challenge ? "WWW-Authenticate: Fake " : "",
             challenge               ? challenge
             : login_far.refuse_with ? login_far.refuse_with
                                     : "WWW-Authenticate: Fake",
             close ? "Connection: close\r\n" : "");
    drv_reply(c, text, strlen(text));
    if (close)
        drv_reply_end(c, DRV_EOF);
}

static struct drv_conn *met[DRV_CONNS + 1];

void login_far_push(const char *text)
{
    for (size_t i = 0; i < sizeof met / sizeof *met; i++) {
        if (met[i])
            drv_reply(met[i], text, strlen(text));
    }
}

#define MORE "HTTP/1.1 401 X\r\nWWW-Authenticate: Fake two\r\nContent-Length: 0\r\n\r\n"

static void leg(struct drv_conn *c, const struct drv_request *r)
{
    bool last = strstr(r->head, "Fake three") != NULL;

    login_far.legs++;
    login_far.proofs += last;
    met[c->id] = c;
    wrong(c, r->body_len != 0, "a leg has a body");
    wrong(c, !last && !strstr(r->head, "Fake one"), "a leg without a token");
    if (login_far.legs == login_far.silent_at)
        return;
    if (login_far.legs == login_far.lost_at) {
        drv_reply_end(c, DRV_EOF);
    } else if (login_far.legs == login_far.refuse_at || (last && login_far.refuse_proofs)) {
        say(c, "401", NULL, login_far.legs == login_far.close_at || login_far.close_at < 0);
    } else if (!last) {
        say(c, login_far.legs == login_far.status_at ? login_far.status : "401", "two",
            login_far.legs == login_far.close_at);
    } else {
        say(c, login_far.legs == login_far.status_at ? login_far.status : "200",
            login_far.lies ? NULL : "four", login_far.legs == login_far.close_at);
        login_far.in[c->id] = true;
        login_far.up[c->id] = login_far.down[c->id] = 0;
    }
    if (login_far.legs == login_far.more_at)
        drv_reply(c, MORE, strlen(MORE));
}

static void sealed(struct drv_conn *c, const struct drv_request *r)
{
    static const char mark[] = "octet-stream\r\n";
    struct drv_request plain = { r->head, NULL, 0 };
    const char *p = strstr(r->body, mark);
    size_t end = r->body_len - strlen(FRAME_END);
    char *text;

    if (!p || r->body_len < strlen(FRAME_END) ||
        memcmp(r->body + end, FRAME_END, strlen(FRAME_END))) {
        wrong(c, true, "a sealed body without its frame");
        return;
    }
    p += sizeof mark - 1;
    wrong(c, memcmp(p, "\4\0\0\0", 4) != 0, "another length of the header");
    wrong(c, (uint8_t)p[4] != login_far.up[c->id]++, "a sealed message out of turn");
    p += 4 + SEAL;
    plain.body_len = (size_t)(r->body + end - p);
    text = calloc(1, plain.body_len + 1);
    for (size_t i = 0; text && i < plain.body_len; i++)
        text[i] = (char)((uint8_t)p[i] ^ MASK);
    plain.body = text;
    if (text)
        login_far.serve(c, &plain, login_far.ud);
    free(text);
}

static void serve(struct drv_conn *c, const struct drv_request *r, void *ud)
{
    (void)ud;
    if (strstr(r->head, "Authorization: Fake")) {
        leg(c, r);
    } else if (strstr(r->head, "multipart/encrypted") && login_far.in[c->id]) {
        login_far.sealed++;
        if (login_far.sealed >= login_far.forget_at &&
            login_far.sealed < login_far.forget_at + login_far.forgets) {
            login_far.in[c->id] = false;
            say(c, "401", NULL, false);
        } else if (login_far.in_clear && login_far.sealed == 3) {
            login_far.up[c->id]++;
            drv_reply(c, login_far.in_clear, strlen(login_far.in_clear));
        } else {
            sealed(c, r);
        }
    } else {
        login_far.clear++;
        wrong(c, login_far.in[c->id], "a clear request on a connection that is somebody's");
        login_far.serve(c, r, login_far.ud);
    }
}

void login_far_begin(struct drv *d, void *ud)
{
    memset(met, 0, sizeof met);
    memset(&login_far, 0, sizeof login_far);
    login_contexts = login_jobs_done = 0;
    login_far.serve = d->serve;
    login_far.ud = ud;
    d->serve = serve;
    under = d->tls;
    d->tls = &wire;
}
