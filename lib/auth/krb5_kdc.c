/* Requests to a KDC, in the place of Heimdal's own sending: with one deadline over all KDCs of the
 * realm, at an end as soon as the job is stopped, and never twice with a password that the KDC has
 * refused, or more often than PROOFS with one of which nothing is heard. Runs on workers; blocks
 * there. */
#include "auth/der.h"
#include "auth/krb5_private.h"

#include <errno.h>
#include <krb5/send_to_kdc_plugin.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define CONNECT_MS 1500
#define UDP_MS     1000
#define LOOK_MS    50 /* whether the job is to stop */
#define PASSES     8  /* over all KDCs, TCP and UDP in turn */
#define REPLY_MAX  (256u << 10)
#define AS_REQ     0x6a /* the first byte of one */
#define AS_REP     0x6b
/* A password may be proved so often by one job: one proof may get lost, or come at a wrong time. */
#define PROOFS 2
/* Rounds of the hash from a password to a key: 4096 or 32768 is usual (RFC 3962, 8009). Anybody on
 * the way may ask for more, and nothing ends them: this is a second. */
#define ROUNDS_MAX (1u << 17)

enum outcome { GOT, NOTHING, REFUSED, STOPPED, SPENT };

static bool ends(enum outcome o)
{
    return o == GOT || o == STOPPED || o == SPENT;
}

uint64_t wsc__krb5_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* --- one socket ------------------------------------------------------------------------------- */

/* Waits for it until `until`. Looks whether the job is to stop: of jobs there may be thousands, too
 * many for a descriptor each. */
static enum outcome wait_for(const struct wsc__krb5_job *job, int fd, short events, uint64_t until)
{
    for (;;) {
        struct pollfd p = { fd, events, 0 };
        uint64_t now = wsc__krb5_now_ms();
        int n;

        if (atomic_load(&job->stop))
            return STOPPED;
        if (now >= until)
            return NOTHING;
        n = poll(&p, 1, until - now < LOOK_MS ? (int)(until - now) : LOOK_MS);
        if (n > 0)
            return GOT;
        if (n < 0 && errno != EINTR)
            return REFUSED;
    }
}

static enum outcome connect_to(const struct wsc__krb5_job *job, int fd,
                               const struct sockaddr *address, socklen_t address_len,
                               uint64_t until)
{
    int error = 0;
    socklen_t len = sizeof error;
    enum outcome o;

    if (connect(fd, address, address_len) == 0)
        return GOT;
    if (errno != EINPROGRESS)
        return REFUSED;
    o = wait_for(job, fd, POLLOUT, until);
    if (o == GOT && (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) || error))
        return REFUSED;
    return o;
}

static enum outcome send_all(const struct wsc__krb5_job *job, int fd, const uint8_t *p, size_t n,
                             uint64_t until)
{
    while (n) {
        ssize_t done = send(fd, p, n, MSG_NOSIGNAL);
        enum outcome o;

        if (done > 0) {
            p += done;
            n -= (size_t)done;
            continue;
        }
        if (done < 0 && errno != EAGAIN && errno != EINTR)
            return REFUSED;
        o = wait_for(job, fd, POLLOUT, until);
        if (o != GOT)
            return o;
    }
    return GOT;
}

static enum outcome receive_all(const struct wsc__krb5_job *job, int fd, uint8_t *p, size_t n,
                                uint64_t until)
{
    while (n) {
        enum outcome o = wait_for(job, fd, POLLIN, until);
        ssize_t done = o == GOT ? recv(fd, p, n, 0) : 0;

        if (o != GOT)
            return o;
        if (done == 0 || (done < 0 && errno != EAGAIN && errno != EINTR))
            return REFUSED;
        if (done > 0) {
            p += done;
            n -= (size_t)done;
        }
    }
    return GOT;
}

/* Four bytes of length in front, both ways (RFC 4120 7.2.2). */
static enum outcome over_tcp(const struct wsc__krb5_job *job, int fd, const krb5_data *in,
                             krb5_data *out, uint64_t until)
{
    uint8_t head[4] = { (uint8_t)(in->length >> 24), (uint8_t)(in->length >> 16),
                        (uint8_t)(in->length >> 8), (uint8_t)in->length };
    size_t len;
    enum outcome o = send_all(job, fd, head, sizeof head, until);

    if (o == GOT)
        o = send_all(job, fd, in->data, in->length, until);
    if (o == GOT)
        o = receive_all(job, fd, head, sizeof head, until);
    if (o != GOT)
        return o;
    len = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    if (!len || len > REPLY_MAX || krb5_data_alloc(out, (int)len))
        return REFUSED;
    o = receive_all(job, fd, out->data, len, until);
    if (o != GOT)
        krb5_data_free(out);
    return o;
}

static enum outcome over_udp(const struct wsc__krb5_job *job, int fd, const krb5_data *in,
                             krb5_data *out, uint64_t until)
{
    uint8_t packet[65536 - 8];
    ssize_t n;
    enum outcome o = send_all(job, fd, in->data, in->length, until);

    if (o == GOT)
        o = wait_for(job, fd, POLLIN, until);
    if (o != GOT)
        return o;
    n = recv(fd, packet, sizeof packet, 0);
    return n <= 0 || krb5_data_copy(out, packet, (size_t)n) ? REFUSED : GOT;
}

static enum outcome at_address(struct wsc__krb5_job *job, const struct sockaddr *address,
                               socklen_t len, bool udp, const krb5_data *in, krb5_data *out)
{
    uint64_t now = wsc__krb5_now_ms(), left = job->deadline > now ? job->deadline - now : 0;
    /* one that has taken the request gets its time, but not that of all the others */
    uint64_t connect_until = now + (left < CONNECT_MS ? left : CONNECT_MS);
    uint64_t until = now + (udp ? (left < UDP_MS ? left : UDP_MS) : left / 2 + 1);
    int fd = socket(address->sa_family,
                    (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    enum outcome o;

    if (fd < 0)
        return REFUSED;
    o = connect_to(job, fd, address, len, connect_until);
    if (o == GOT && job->proves && job->proofs++ >= PROOFS)
        o = SPENT;
    if (o == GOT)
        o = udp ? over_udp(job, fd, in, out, until) : over_tcp(job, fd, in, out, until);
    close(fd);
    return o;
}

static void remember(struct wsc__krb5_job *job, krb5_const_realm realm, const struct addrinfo *a,
                     bool udp)
{
    if (strlen(realm) >= sizeof job->kdc.realm || a->ai_addrlen > sizeof job->kdc.address)
        return;
    memcpy(job->kdc.realm, realm, strlen(realm) + 1);
    memcpy(job->kdc.address, a->ai_addr, a->ai_addrlen);
    job->kdc.len = (unsigned)a->ai_addrlen;
    job->kdc.udp = udp;
}

static enum outcome at_the_last(struct wsc__krb5_job *job, krb5_const_realm realm,
                                const krb5_data *in, krb5_data *out)
{
    struct sockaddr_storage address;
    enum outcome o;

    if (strcmp(job->kdc.realm, realm) != 0)
        return REFUSED;
    memcpy(&address, job->kdc.address, job->kdc.len);
    o = at_address(job, (const struct sockaddr *)(const void *)&address, job->kdc.len, job->kdc.udp,
                   in, out);
    if (o != GOT)
        job->kdc.realm[0] = '\0';
    return o;
}

/* --- the realm's KDCs ------------------------------------------------------------------------- */

/* One thread at a time, and none while the process forks: a child may not find it held. */
static pthread_mutex_t finding = PTHREAD_MUTEX_INITIALIZER, hooking = PTHREAD_MUTEX_INITIALIZER;

static void before_fork(void)
{
    pthread_mutex_lock(&finding);
}

static void after_fork(void)
{
    pthread_mutex_unlock(&finding);
}

/* A file is read under the other one, for which no fork waits. */
static void in_child(void)
{
    pthread_mutex_unlock(&finding);
    (void)pthread_mutex_init(&hooking, NULL);
}

/* Finding the first asks for the number of a port, which libc does not do for two threads. */
static krb5_error_code begin_hosts(struct wsc__krb5_job *job, krb5_const_realm realm, int flags,
                                   krb5_krbhst_handle *out)
{
    krb5_error_code rc;

    pthread_mutex_lock(&finding);
    rc = krb5_krbhst_init_flags(job->context, realm, KRB5_KRBHST_KDC, flags, out);
    pthread_mutex_unlock(&finding);
    return rc;
}

static enum outcome at_host(struct wsc__krb5_job *job, krb5_const_realm realm,
                            krb5_krbhst_info *host, bool udp, const krb5_data *in, krb5_data *out)
{
    struct addrinfo *a = NULL;
    enum outcome o = REFUSED;

    if (host->proto == KRB5_KRBHST_HTTP || (udp && host->proto != KRB5_KRBHST_UDP) ||
        krb5_krbhst_get_addrinfo(job->context, host, &a))
        return REFUSED;
    for (; a && !ends(o) && wsc__krb5_now_ms() < job->deadline; a = a->ai_next) {
        enum outcome this = at_address(job, a->ai_addr, a->ai_addrlen, udp, in, out);

        if (this == GOT)
            remember(job, realm, a, udp);
        if (this != REFUSED)
            o = this; /* somebody may be there who is slow */
    }
    return o; /* the addresses are the host's */
}

static enum outcome at_all(struct wsc__krb5_job *job, krb5_const_realm realm, bool udp,
                           const krb5_data *in, krb5_data *out, bool *found)
{
    krb5_krbhst_handle hosts = NULL;
    krb5_krbhst_info *host;
    enum outcome o = REFUSED;

    if (begin_hosts(job, realm, udp ? 0 : KRB5_KRBHST_FLAGS_LARGE_MSG, &hosts))
        return REFUSED;
    while (!ends(o) && wsc__krb5_now_ms() < job->deadline &&
           krb5_krbhst_next(job->context, hosts, &host) == 0) {
        enum outcome this = at_host(job, realm, host, udp, in, out);

        *found = true;
        if (this != REFUSED)
            o = this;
    }
    krb5_krbhst_free(job->context, hosts);
    return o;
}

/* --- answers ---------------------------------------------------------------------------------- */

static krb5_error_code code_in(struct wsc__krb5_job *job, const krb5_data *reply)
{
    KRB_ERROR e;
    krb5_error_code code;

    if (krb5_rd_error(job->context, reply, &e))
        return 0;
    code = krb5_error_from_rd_error(job->context, &e, NULL);
    krb5_free_error_contents(job->context, &e);
    return code;
}

static bool is_message(const krb5_data *d, uint8_t tag)
{
    return d->length && *(const uint8_t *)d->data == tag;
}

/* Heimdal tries a refused password once more, which counts towards a lock-out. */
static void remember_refusal(struct wsc__krb5_job *job, const krb5_data *in, const krb5_data *out)
{
    if (is_message(in, AS_REQ) && !job->refused.length &&
        code_in(job, out) == (krb5_error_code)KRB5KDC_ERR_PREAUTH_FAILED)
        (void)krb5_data_copy(&job->refused, out->data, out->length);
}

static bool was_refused(const struct wsc__krb5_job *job, const krb5_data *in, krb5_data *out)
{
    return job->refused.length && is_message(in, AS_REQ) &&
           krb5_data_copy(out, job->refused.data, job->refused.length) == 0;
}

/* PA-DATA of the sequence in p: the next one (RFC 4120 5.2.7). */
static bool next_padata(struct wsc__der *in, uint32_t *type, struct wsc__der *value)
{
    struct wsc__der pa, a, number;

    return wsc__der_take(in, WSC__DER_SEQUENCE, &pa) &&
           wsc__der_take(&pa, WSC__DER_CONTEXT + 1, &a) &&
           wsc__der_only(a, WSC__DER_INTEGER, &number) &&
           (wsc__der_u32(number, type) || (*type = 0, true)) && /* negative ones are others' */
           wsc__der_take(&pa, WSC__DER_CONTEXT + 2, &a) && wsc__der_only(a, WSC__DER_OCTETS, value);
}

/* What a message of the application has in the context's n-th place. */
static bool part_of(struct wsc__der message, uint8_t tag, int n, struct wsc__der *out)
{
    struct wsc__der body, content;
    uint8_t is;

    if (!wsc__der_only(message, tag, &body) || !wsc__der_only(body, WSC__DER_SEQUENCE, &message))
        return false;
    while (wsc__der_next(&message, &is, &content)) {
        if (is == WSC__DER_CONTEXT + n)
            return wsc__der_only(content, WSC__DER_SEQUENCE, out);
    }
    return false;
}

static struct wsc__der bytes_of(const krb5_data *d)
{
    struct wsc__der all = { d->data, d->length };

    return all;
}

/* Does a KDC see by the request whether we know the password (PA-ENC-TIMESTAMP)? */
static bool is_proof(const krb5_data *request)
{
    struct wsc__der all, value;
    uint32_t type;

    if (!part_of(bytes_of(request), AS_REQ, 3, &all))
        return false;
    while (all.len && next_padata(&all, &type, &value)) {
        if (type == KRB5_PADATA_ENC_TIMESTAMP)
            return true;
    }
    return false;
}

/* ETYPE-INFO2 (RFC 4120 5.2.7.5). False: it is not in the form that it must have, or too much. */
static bool is_quick(struct wsc__der value)
{
    struct wsc__der list, entry, a, params;
    uint32_t rounds;
    uint8_t tag;

    if (!wsc__der_only(value, WSC__DER_SEQUENCE, &list))
        return false;
    while (list.len) {
        if (!wsc__der_take(&list, WSC__DER_SEQUENCE, &entry))
            return false;
        while (entry.len) {
            if (!wsc__der_next(&entry, &tag, &a))
                return false;
            if (tag != WSC__DER_CONTEXT + 2)
                continue;
            if (!wsc__der_only(a, WSC__DER_OCTETS, &params))
                return false;
            rounds = params.len == 4 ? (uint32_t)params.p[0] << 24 | (uint32_t)params.p[1] << 16 |
                                           (uint32_t)params.p[2] << 8 | params.p[3]
                                     : 1;       /* of another kind, or none */
            if (!rounds || rounds > ROUNDS_MAX) /* 0: 2^32 (RFC 3962 4) */
                return false;
        }
    }
    return true;
}

static bool all_quick(struct wsc__der padata)
{
    struct wsc__der value;
    uint32_t type;

    while (padata.len) {
        if (!next_padata(&padata, &type, &value) ||
            (type == KRB5_PADATA_ETYPE_INFO2 && !is_quick(value)))
            return false;
    }
    return true;
}

/* Can the key be made of the password in the way that a reply asks for, and in time? */
static bool is_payable(struct wsc__krb5_job *job, const krb5_data *reply)
{
    struct wsc__der padata;
    KRB_ERROR e;
    bool good = true;

    if (!job->password || !reply->length)
        return true;
    if (is_message(reply, AS_REP))
        return !part_of(bytes_of(reply), AS_REP, 2, &padata) || all_quick(padata);
    if (krb5_rd_error(job->context, reply, &e))
        return true;
    if (e.e_data && krb5_error_from_rd_error(job->context, &e, NULL) ==
                        (krb5_error_code)KRB5KDC_ERR_PREAUTH_REQUIRED)
        good = wsc__der_only(bytes_of(e.e_data), WSC__DER_SEQUENCE, &padata) && all_quick(padata);
    krb5_free_error_contents(job->context, &e);
    return good;
}

/* TCP first: most tickets of a domain are too large for UDP. Silence is tried again. */
static enum outcome at_any(struct wsc__krb5_job *job, krb5_const_realm realm, const krb5_data *in,
                           krb5_data *out, bool *found, bool *silent)
{
    enum outcome o = at_the_last(job, realm, in, out);

    for (int pass = 0; pass < PASSES && !ends(o); pass++) {
        bool udp = pass % 2;

        if (wsc__krb5_now_ms() >= job->deadline || (pass == 2 && !*silent))
            break;
        o = at_all(job, realm, udp, in, out, found);
        if (o == GOT && udp && code_in(job, out) == (krb5_error_code)KRB5KRB_ERR_RESPONSE_TOO_BIG) {
            krb5_data_free(out);
            o = NOTHING;
        }
        *silent |= o == NOTHING;
    }
    return o;
}

krb5_error_code wsc__krb5_send(struct wsc__krb5_job *job, krb5_const_realm realm,
                               const krb5_data *in, krb5_data *out)
{
    bool found = false, silent = false;
    enum outcome o;

    krb5_data_zero(out);
    if (was_refused(job, in, out))
        return 0;
    if (*job->unreached && wsc__krb5_now_ms() >= job->deadline)
        return KRB5_KDC_UNREACH; /* Heimdal asks in other ways: why it failed is known */
    job->proves = is_proof(in);
    o = at_any(job, realm, in, out, &found, &silent);
    if (o == GOT && !is_payable(job, out)) {
        krb5_data_free(out);
        snprintf(job->unreached, sizeof job->unreached,
                 "what answers for a KDC of realm %.60s wants more work on the password than any "
                 "KDC does; refused",
                 realm);
        return KRB5_KDC_UNREACH;
    }
    if (o == GOT) {
        remember_refusal(job, in, out);
        return 0;
    }
    job->stopped = o == STOPPED;
    snprintf(job->unreached, sizeof job->unreached,
             o == STOPPED ? "stopped while asking a KDC of realm %.100s"
             : o == SPENT ? "no KDC of realm %.100s says anything about the password"
             : !found     ? "no KDC is known for realm %.100s, from krb5.conf or DNS"
             : silent     ? "no KDC of realm %.100s answers in time (kdc-timeout)"
                          : "no KDC of realm %.100s can be reached",
             realm);
    return KRB5_KDC_UNREACH;
}

/* --- in the place of Heimdal's own sending ---------------------------------------------------- */

static __thread struct {
    bool ours; /* or the program's own use of Heimdal */
    struct wsc__krb5_job *job;
} sender;

void wsc__krb5_sends_for(struct wsc__krb5_job *job)
{
    sender.ours = true;
    sender.job = job;
}

void wsc__krb5_sends_no_more(void)
{
    sender.ours = false;
    sender.job = NULL;
}

static krb5_error_code init(krb5_context context, void **out)
{
    (void)context;
    *out = NULL;
    return 0;
}

static void fini(void *ctx)
{
    (void)ctx;
}

static krb5_error_code send_to_host(krb5_context context, void *ctx, krb5_krbhst_info *host,
                                    time_t timeout, const krb5_data *in, krb5_data *out)
{
    (void)context;
    (void)ctx;
    (void)host;
    (void)timeout;
    (void)in;
    (void)out;
    return KRB5_PLUGIN_NO_HANDLE;
}

static krb5_error_code send_to_realm(krb5_context context, void *ctx, krb5_const_realm realm,
                                     time_t timeout, const krb5_data *in, krb5_data *out)
{
    (void)context;
    (void)ctx;
    (void)timeout;
    if (!sender.ours)
        return KRB5_PLUGIN_NO_HANDLE;
    return sender.job ? wsc__krb5_send(sender.job, realm, in, out) : KRB5_KDC_UNREACH;
}

static krb5plugin_send_to_kdc_ftable table = { KRB5_PLUGIN_SEND_TO_KDC_VERSION_2, init, fini,
                                               send_to_host, send_to_realm };

static bool watches_forks, hooked;

/* What fails for want of memory or descriptors is tried again. */
bool wsc__krb5_hook(void)
{
    krb5_context context;
    bool good;

    pthread_mutex_lock(&hooking);
    if (!watches_forks)
        watches_forks = pthread_atfork(before_fork, after_fork, in_child) == 0;
    if (watches_forks && !hooked && krb5_init_context(&context) == 0) {
        hooked =
            krb5_plugin_register(context, PLUGIN_TYPE_DATA, KRB5_PLUGIN_SEND_TO_KDC, &table) == 0;
        krb5_free_context(context);
    }
    good = hooked;
    pthread_mutex_unlock(&hooking);
    return good;
}
