/* What answers for a KDC says anything: first byte 0: to a login by password, 1: to who asks for a
 * ticket of a service; then its answers, each two bytes of length and so many bytes (0: it hangs
 * up). Nobody knows the keys: whatever comes, it ends, with an error that says why, and with the
 * password proved no more often than is allowed.
 *
 * The sockets of the library are this file's, by the linker (--wrap); Heimdal's are nobody's. */
#define _GNU_SOURCE /* memmem */
#include "auth/krb5_private.h"
#include "input.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len);
int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags);
int __wrap_close(int fd);
int __real_close(int fd);

#define REALM      "A.TEST"
#define PASSWORD   "Zebra-47" /* no word of any error */
#define SOCKET     100000     /* no descriptor that the system gives */
#define PROOFS_MAX 2

static krb5_context own, idle;

/* --- the KDC ---------------------------------------------------------------------------------- */

static struct {
    struct input in;
    bool stream; /* else datagrams */
    uint8_t answer[4 + 65535];
    size_t len, at;
    bool answers, refused; /* it said that the password is wrong */
    unsigned sockets, open, requests, proofs;
} kdc;

int __wrap_socket(int domain, int type, int protocol)
{
    (void)domain;
    (void)protocol;
    must(!kdc.open, "one exchange at a time");
    kdc.open = 1;
    kdc.sockets++;
    kdc.stream = (type & 0xf) == SOCK_STREAM;
    kdc.answers = false;
    return SOCKET;
}

int __wrap_connect(int fd, const struct sockaddr *address, socklen_t len)
{
    (void)address;
    (void)len;
    must(fd == SOCKET, "the socket");
    return 0;
}

int __wrap_poll(struct pollfd *fds, nfds_t n, int timeout)
{
    (void)timeout;
    must(n == 1 && fds->fd == SOCKET, "the socket");
    fds->revents = fds->events;
    return 1;
}

static bool contains(const void *all, size_t len, const void *part, size_t n)
{
    return all && memmem(all, len, part, n) != NULL;
}

static bool refuses(const uint8_t *message, size_t len)
{
    krb5_data d = { len, (void *)(uintptr_t)message };
    KRB_ERROR e;
    bool yes;

    if (krb5_rd_error(own, &d, &e))
        return false;
    yes = e.error_code == 24; /* KDC_ERR_PREAUTH_FAILED */
    krb5_free_error_contents(own, &e);
    return yes;
}

static void answer(void)
{
    size_t n = (size_t)next(&kdc.in) << 8, frame = kdc.stream ? 4 : 0;

    n |= next(&kdc.in);
    n = n < kdc.in.left ? n : kdc.in.left;
    memset(kdc.answer, 0, 2);
    kdc.answer[2] = (uint8_t)(n >> 8);
    kdc.answer[3] = (uint8_t)n;
    memcpy(kdc.answer + frame, kdc.in.p, n);
    kdc.in.p += n;
    kdc.in.left -= n;
    kdc.len = n ? frame + n : 0;
    kdc.at = 0;
    kdc.answers = true;
    kdc.refused |= n && refuses(kdc.answer + frame, n);
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
    static const uint8_t proof[] = { 0xa1, 3, 2, 1, 2, 0xa2 }; /* PA-ENC-TIMESTAMP */

    (void)flags;
    must(fd == SOCKET && len > 0, "the socket");
    if (len == 4 && kdc.stream)
        return 4;
    kdc.requests++;
    if (contains(buf, len, proof, sizeof proof)) {
        must(!kdc.refused, "a refused password is not shown again");
        kdc.proofs++;
    }
    must(!contains(buf, len, PASSWORD, 8), "the password is not sent");
    answer();
    return (ssize_t)len;
}

ssize_t __wrap_recv(int fd, void *buf, size_t len, int flags)
{
    size_t n = kdc.len - kdc.at;

    (void)flags;
    must(fd == SOCKET && kdc.answers, "behind a request");
    n = n < len ? n : len;
    memcpy(buf, kdc.answer + kdc.at, n);
    kdc.at = kdc.stream ? kdc.at + n : kdc.len;
    return (ssize_t)n;
}

int __wrap_close(int fd)
{
    if (fd != SOCKET)
        return __real_close(fd);
    must(kdc.open == 1, "closed once");
    kdc.open = 0;
    return 0;
}

/* --- who asks --------------------------------------------------------------------------------- */

static krb5_ccache login;
static char config[] = "/tmp/fuzz-kdc-XXXXXX";

static void remove_config(void)
{
    unlink(config);
}

/* A ticket for tickets, with a key of zeros. */
static void store_ticket(void)
{
    static uint8_t key[32],
        ticket[] = { 0x61, 0x41, 0x30, 0x3f, 0xa0, 0x03, 0x02, 0x01, 0x05, 0xa1, 0x08, 0x1b,
                     0x06, 0x41, 0x2e, 0x54, 0x45, 0x53, 0x54, 0xa2, 0x1b, 0x30, 0x19, 0xa0,
                     0x03, 0x02, 0x01, 0x02, 0xa1, 0x12, 0x30, 0x10, 0x1b, 0x06, 0x6b, 0x72,
                     0x62, 0x74, 0x67, 0x74, 0x1b, 0x06, 0x41, 0x2e, 0x54, 0x45, 0x53, 0x54,
                     0xa3, 0x11, 0x30, 0x0f, 0xa0, 0x03, 0x02, 0x01, 0x12, 0xa2, 0x08, 0x04,
                     0x06, 0x73, 0x65, 0x61, 0x6c, 0x65, 0x64 };
    krb5_creds creds;

    memset(&creds, 0, sizeof creds);
    must(!krb5_make_principal(own, &creds.client, REALM, "alice", NULL) &&
             !krb5_make_principal(own, &creds.server, REALM, "krbtgt", REALM, NULL) &&
             !krb5_cc_new_unique(own, "MEMORY", NULL, &login) &&
             !krb5_cc_initialize(own, login, creds.client),
         "a cache");
    creds.session.keytype = KRB5_ENCTYPE_AES256_CTS_HMAC_SHA1_96;
    creds.session.keyvalue.data = key;
    creds.session.keyvalue.length = sizeof key;
    creds.ticket.data = ticket;
    creds.ticket.length = sizeof ticket;
    creds.times.starttime = 1;
    creds.times.endtime = 0x7fffffff;
    must(!krb5_cc_store_cred(own, login, &creds), "a ticket");
    krb5_free_principal(own, creds.client);
    krb5_free_principal(own, creds.server);
}

static void begin(void)
{
    static const char text[] = "[libdefaults]\n dns_lookup_kdc = no\n dns_lookup_realm = no\n"
                               "[realms]\n " REALM " = {\n  kdc = 127.0.0.1\n }\n"
                               " B.TEST = {\n  kdc = 127.0.0.1\n }\n";
    int fd = mkstemp(config);

    must(fd >= 0 && write(fd, text, sizeof text - 1) == sizeof text - 1, "a file");
    __real_close(fd);
    atexit(remove_config);
    must(!krb5_init_context(&own), "a context");
    store_ticket();
}

static struct wsc__krb5_job *new_job(bool service)
{
    struct wsc__krb5_job *job = wsc__krb5_job_new(service ? WSC__KRB5_SERVICE : WSC__KRB5_LOGIN);
    bool good = job && wsc__krb5_copy(&job->config, config, strlen(config)) &&
                wsc__krb5_copy(&job->realm, REALM, strlen(REALM));

    if (good && service)
        good =
            wsc__krb5_copy(&job->spn, "HTTP/srv", 8) && wsc__krb5_job_take(job, own, login, NULL);
    else if (good)
        good =
            wsc__krb5_copy(&job->name, "alice", 5) && wsc__krb5_copy(&job->password, PASSWORD, 8);
    must(good, "a job");
    job->timeout_ms = 60000;
    job->context = idle;
    idle = NULL;
    return job;
}

static void check(const struct wsc__krb5_job *job)
{
    struct wsc_error *e;

    must(job->code != 0, "nobody gets a ticket from who does not know the key");
    must(*job->text && !strstr(job->text, PASSWORD), "the error says why, and no secret");
    must(!job->client && !job->service && !job->cred, "nothing is left behind");
    e = wsc__krb5_failure(&wsc__mem_libc, job, true);
    must(e && wsc__error_code(e) != WSC_OK, "an error");
    wsc__error_unref(e);
    must(!kdc.open, "no socket is left");
    must(kdc.requests <= 100 && kdc.sockets <= 200, "it ends");
    must(kdc.proofs <= PROOFS_MAX, "the password is proved no more often");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsc__krb5_job *job;

    if (!size || contains(data, size, PASSWORD, 8))
        return 0; /* an error may say what the KDC says */
    if (!own)
        begin();
    memset(&kdc, 0, sizeof kdc);
    kdc.in.p = data + 1;
    kdc.in.left = size - 1;
    job = new_job(*data % 2);
    job->base.ops->run(&job->base);
    check(job);
    wsc__krb5_job_drop(job);
    idle = job->context; /* as the tickets of an identity keep it */
    job->context = NULL;
    wsc__krb5_job_free(job);
    return 0;
}
