/* A WinRM server of prepared answers, for measuring clients: it understands nothing, costs little,
 * and shares no code with the library. One thread, any credentials.
 *
 * usage: canned [--port N] [--tls FILE] [--any] [--until-eof]
 * Prints "port N" when it listens, with --tls "port N M": HTTPS on M, with the certificate that it
 * has put into the file. --until-eof ends it when stdin does, so that it does not outlive whoever
 * measures. GET /stats tells how many requests of each kind it has seen.
 *
 * A command whose text has "stream MB [KB]" gives MB million bytes of stdout in pieces of KB
 * thousand characters of base64 (500 without KB); every other one answers its first Receive with
 * "hello\r\n", Done and exit code 0. That answer waits with "hold" until a command "release" is
 * started, and with "gate N" until N others wait. Enumerate and Get: see canned_items.h.
 *
 * Who logs in with NTLM as bench, password bench, may seal what it says, and gets sealed answers.
 */
#define _GNU_SOURCE
#include "bench.h"
#include "canned_find.h"
#include "canned_items.h"
#include "canned_krb5.h"
#include "canned_ntlm.h"
#include "canned_soap.h"
#include "canned_tls.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECE_MAX 1000000 /* characters of base64 in an answer */
#define STREAMS   256     /* under way at a time */
#define IDENT     48
#define CONNS     65536 /* highest descriptor */
#define MARK      19 /* where the id of a command that waits has a letter that no UUID has there */
#define HOLD      'G'
#define GATE      'H'

enum kind { CREATE, COMMAND, RECEIVE, SIGNAL, DELETE, ENUMERATE, PULL, RELEASE, GET, KINDS };

static const struct {
    const char *name, *action; /* its end */
} kinds[KINDS] = {
    { "create", "/transfer/Create" }, { "command", "/shell/Command" },
    { "receive", "/shell/Receive" },  { "signal", "/shell/Signal" },
    { "delete", "/transfer/Delete" }, { "enumerate", "/enumeration/Enumerate" },
    { "pull", "/enumeration/Pull" },  { "release", "/enumeration/Release" },
    { "get", "/transfer/Get" },
};

struct stream {
    char id[IDENT]; /* empty: free */
    uint64_t left;
    size_t piece; /* bytes of stdout in one answer */
};

struct conn {
    int fd;
    struct canned_tls *tls;
    struct canned_ntlm *ntlm; /* once logged in */
    struct canned_krb5 *krb5; /* or by this one */
    bool sealed;              /* the request at hand, and so its answer */
    uint8_t *sealed_out;
    bool waits;     /* for room in the socket */
    char held_back; /* HOLD or GATE: the answer to what `in` begins with */
    size_t have;
    int iov_at;
    struct iovec iov[3]; /* head and envelope, base64 that is never copied, the rest */
    char front[4096], back[2048];
    char in[65536];
};

static struct stream streams[STREAMS];
static uint64_t counts[KINDS], errors, logins, next_id;
static uint8_t raw[PIECE_MAX / 4 * 3];
static char text[PIECE_MAX];
static int poller;
static struct conn *conns[CONNS]; /* by descriptor */
static long held, gates, awaited; /* Receives that wait for each; how many open the gate */
static bool holding;

/* --- the bytes of a stream: prepared once, the same in every answer --------------------------- */

static void base64(char *out, const uint8_t *in, size_t len)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t i;

    for (i = 0; i < len; i += 3, out += 4) {
        uint32_t v = (uint32_t)in[i] << 16;

        if (i + 1 < len)
            v |= (uint32_t)in[i + 1] << 8;
        if (i + 2 < len)
            v |= in[i + 2];
        out[0] = letters[v >> 18];
        out[1] = letters[v >> 12 & 63];
        out[2] = i + 1 < len ? letters[v >> 6 & 63] : '=';
        out[3] = i + 2 < len ? letters[v & 63] : '=';
    }
}

static void prepare(void)
{
    uint64_t x = 88172645463325252u; /* noise, so that no table is warmer than it would be with real
                                        output */
    size_t i;

    for (i = 0; i < sizeof raw; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        raw[i] = (uint8_t)(x >> 32);
    }
    base64(text, raw, sizeof raw);
}

/* --- finding things in a request -------------------------------------------------------------- */

static int kind_of(struct span body)
{
    struct span action = element(body, "Action");
    int i = 0;

    while (i < KINDS && !ends(action, kinds[i].action))
        i++;
    return i < KINDS ? i : -1;
}

static void new_id(char out[IDENT])
{
    uint64_t n = ++next_id;

    snprintf(out, IDENT, "%08X-0000-4000-8000-%012llX", (unsigned)(n * 2654435761u),
             (unsigned long long)n);
}

/* the id that the request carries in an attribute, else a new one */
static void id_of(struct span body, const char *attribute, char out[IDENT])
{
    struct span s = upto(find(body, attribute), '"');

    if (s.len && s.len < IDENT) {
        memcpy(out, s.at, s.len);
        out[s.len] = '\0';
    } else {
        new_id(out);
    }
}

static struct stream *stream_of(const char *id)
{
    int i;

    for (i = 0; i < STREAMS; i++)
        if (!strcmp(streams[i].id, id))
            return &streams[i];
    return NULL;
}

static void start_stream(struct span s, const char *id)
{
    struct stream *slot = stream_of("");
    unsigned long megabytes, kilo;
    char *end;

    if (!slot) {
        errors++;
        return;
    }
    megabytes = strtoul(s.at, &end, 10); /* the request ends in '>', and a NUL stands behind it */
    kilo = *end == ' ' ? strtoul(end, NULL, 10) : 500;
    if (!kilo || kilo * 1000 > PIECE_MAX)
        kilo = 500;
    snprintf(slot->id, IDENT, "%s", id);
    slot->left = megabytes * UINT64_C(1000000);
    slot->piece = kilo * 750;
}

static void release(void);

/* what the text of the command asks for */
static void start_command(struct span body, char id[IDENT])
{
    struct span line = find(body, "CommandLine"), s;

    if (!line.at)
        return;
    if ((s = find(line, "stream ")).at) {
        start_stream(s, id);
    } else if ((s = find(line, "gate ")).at) {
        awaited = strtol(s.at, NULL, 10);
        new_id(id);
        id[MARK] = GATE;
    } else if (find(line, "hold").at) {
        holding = true;
        new_id(id);
        id[MARK] = HOLD;
    } else if (find(line, "release").at) {
        release();
    }
}

/* --- answering -------------------------------------------------------------------------------- */

#define FRAME                                                                                      \
    "--Encrypted Boundary\r\n\tContent-Type: application/HTTP-%s-session-encrypted\r\n"            \
    "\tOriginalContent: type=application/soap+xml;charset=UTF-8;Length=%zu\r\n"                    \
    "--Encrypted Boundary\r\n\tContent-Type: application/octet-stream\r\n"
#define FRAME_END "--Encrypted Boundary--\r\n"
#define SEALED_TYPE                                                                                \
    "multipart/encrypted;protocol=\"application/HTTP-%s-session-encrypted\";boundary="             \
    "\"Encrypted Boundary\""

static size_t header_of(const struct conn *c)
{
    return c->krb5 ? CANNED_KRB5_HEADER : CANNED_NTLM_SIGNATURE;
}

/* p: header and data of a message that is in three pieces. */
static void seal(struct conn *c, uint8_t *p, size_t front, struct span middle, size_t back)
{
    static uint8_t whole[PIECE_MAX + 16384];
    uint8_t *signature = p;

    if (c->krb5) {
        memcpy(whole, c->front + 512, front);
        memcpy(whole + front, middle.at, middle.len);
        memcpy(whole + front + middle.len, c->back, back);
        errors += !canned_krb5_seal(c->krb5, p, whole, front + middle.len + back);
        return;
    }
    p += CANNED_NTLM_SIGNATURE;
    canned_ntlm_seal_begin(c->ntlm);
    canned_ntlm_seal(c->ntlm, p, c->front + 512, front);
    canned_ntlm_seal(c->ntlm, p + front, middle.at, middle.len);
    canned_ntlm_seal(c->ntlm, p + front + middle.len, c->back, back);
    canned_ntlm_seal_end(c->ntlm, signature);
}

/* MS-WSMV 2.2.9.1: head, frame, length and signature, the data, the end of the frame. */
static void finish_sealed(struct conn *c, const char *status, size_t front, struct span middle,
                          size_t back)
{
    char frame[512], type[128];
    const char *protocol = c->krb5 ? "Kerberos" : "SPNEGO";
    size_t len = front + middle.len + back, header = header_of(c);
    size_t n = (size_t)snprintf(frame, sizeof frame, FRAME, protocol, len), whole;
    uint8_t *p;

    if (!c->sealed_out && !(c->sealed_out = malloc(PIECE_MAX + 16384)))
        abort();
    snprintf(type, sizeof type, SEALED_TYPE, protocol);
    whole = n + 4 + header + len + strlen(FRAME_END);
    p = c->sealed_out + snprintf((char *)c->sealed_out, 1024, HEAD, status, type, whole);
    memcpy(p, frame, n);
    p += n;
    memcpy(p, "\0\0\0", 4);
    *p = (uint8_t)header;
    p += 4;
    seal(c, p, front, middle, back);
    p += header + len;
    memcpy(p, FRAME_END, strlen(FRAME_END));
    p += strlen(FRAME_END);
    c->iov[0] = (struct iovec){ c->sealed_out, (size_t)(p - c->sealed_out) };
    c->iov[1] = c->iov[2] = (struct iovec){ c->back, 0 };
    c->iov_at = 0;
}

/* Puts the HTTP head in front of what stands in front + 512, and all of it into the vector. */
static void finish(struct conn *c, const char *status, const char *type, size_t front,
                   struct span middle, size_t back)
{
    char head[512];
    int n = snprintf(head, sizeof head, HEAD, status, type, front + middle.len + back);

    if (c->sealed) {
        finish_sealed(c, status, front, middle, back);
        return;
    }
    memcpy(c->front + 512 - n, head, (size_t)n);
    c->iov[0] = (struct iovec){ c->front + 512 - n, (size_t)n + front };
    c->iov[1] = (struct iovec){ (void *)(uintptr_t)middle.at, middle.len };
    c->iov[2] = (struct iovec){ c->back, back };
    c->iov_at = 0;
}

#define TYPE "application/soap+xml;charset=UTF-8"

static const struct span nothing = { "", 0 };

#define SAY(c, ...) ((size_t)snprintf((c)->front + 512, sizeof(c)->front - 512, __VA_ARGS__))
#define ADD(c, at, ...)                                                                            \
    ((at) + (size_t)snprintf((c)->back + (at), sizeof(c)->back - (at), __VA_ARGS__))

static void output(struct conn *c, struct span body, struct span to, const char *message)
{
    char id[IDENT], last[8] = "";
    struct span middle = { text, 0 };
    struct stream *s;
    size_t front, back = 0, n;
    bool done = true;

    id_of(body, "CommandId=\"", id);
    s = stream_of(id);
    front = SAY(c, BEGIN(NS_SHELL "/ReceiveResponse") OUTPUT, message, (int)to.len, to.at, id);
    if (s) {
        n = s->left < s->piece ? (size_t)s->left : s->piece;
        middle.len = n / 3 * 4;
        if (n % 3)
            base64(last, raw + n / 3 * 3, n % 3);
        s->left -= n;
        done = !s->left;
        if (done)
            s->id[0] = '\0';
    }
    back = ADD(c, back, "%.4s", last);
    if (!s)
        back = ADD(c, back, "aGVsbG8NCg==");
    back = done ? ADD(c, back, DONE END, id, id, id) : ADD(c, back, RUNNING END, id);
    finish(c, "200 OK", TYPE, front, middle, back);
}

/* whether this Receive is not to be answered now */
static bool hold_back(struct conn *c, struct span body)
{
    char id[IDENT];

    id_of(body, "CommandId=\"", id);
    if (id[MARK] == HOLD ? !holding : id[MARK] != GATE || held >= awaited)
        return false;
    c->held_back = id[MARK];
    ++*(id[MARK] == HOLD ? &held : &gates);
    return true;
}

/* an Enumerate or a Pull; false: there is nothing to say */
static bool list(struct conn *c, struct span body, struct span to, const char *message, bool pull)
{
    struct canned_items it;
    size_t front;

    if (!canned_items_take(&it, body, pull))
        return false;
    front = SAY(c, BEGIN(NS_ENUMERATION "/%sResponse") "%s", pull ? "Pull" : "Enumerate", message,
                (int)to.len, to.at, it.before);
    finish(c, "200 OK", TYPE, front, it.items, ADD(c, 0, "%s" END, it.after));
    return true;
}

/* what needs no more than some text */
static size_t say_little(struct conn *c, int kind, struct span body, struct span to,
                         const char *message)
{
    char id[IDENT], instance[2000];
    struct stream *s;

    switch (kind) {
    case CREATE:
        id_of(body, "ShellId=\"", id);
        return SAY(c, BEGIN(NS_TRANSFER "/CreateResponse") CREATED END, message, (int)to.len, to.at,
                   id, id);
    case COMMAND:
        id_of(body, "CommandId=\"", id);
        start_command(body, id);
        return SAY(c, BEGIN(NS_SHELL "/CommandResponse") STARTED END, message, (int)to.len, to.at,
                   id);
    case SIGNAL:
        id_of(body, "CommandId=\"", id);
        s = stream_of(id);
        if (s)
            s->id[0] = '\0';
        return SAY(c, BEGIN(NS_SHELL "/SignalResponse") SIGNALLED END, message, (int)to.len, to.at);
    case GET:
        canned_items_one(instance, sizeof instance, body);
        return SAY(c, BEGIN(NS_TRANSFER "/GetResponse") "%s" END, message, (int)to.len, to.at,
                   instance);
    case RELEASE:
        return SAY(c, BEGIN(NS_ENUMERATION "/ReleaseResponse") DELETED END, message, (int)to.len,
                   to.at);
    default:
        return SAY(c, BEGIN(NS_TRANSFER "/DeleteResponse") DELETED END, message, (int)to.len,
                   to.at);
    }
}

/* false: not yet */
static bool answer(struct conn *c, struct span body)
{
    struct span to = element(body, "MessageID");
    int kind = kind_of(body);
    char message[IDENT];
    bool lists = kind == ENUMERATE || kind == PULL;

    new_id(message);
    if (kind == RECEIVE && !c->sealed && hold_back(c, body)) /* it would be unsealed again */
        return false;
    if (kind < 0 || !to.len || to.len > 200 ||
        (lists && !list(c, body, to, message, kind == PULL))) {
        errors++;
        finish(c, "500 Internal Server Error", TYPE, 0, nothing, 0);
        return true;
    }
    counts[kind]++;
    if (kind == RECEIVE)
        output(c, body, to, message);
    else if (!lists)
        finish(c, "200 OK", TYPE, say_little(c, kind, body, to, message), nothing, 0);
    return true;
}

static void tell_stats(struct conn *c)
{
    struct rusage ru;
    size_t n = 0;
    int i;

    getrusage(RUSAGE_SELF, &ru);
    for (i = 0; i < KINDS; i++)
        n = ADD(c, n, "%s %llu\n", kinds[i].name, (unsigned long long)counts[i]);
    n = ADD(c, n, "logins %llu\nerrors %llu\nitem_bytes %zu\ncpu_ms %lld\n",
            (unsigned long long)logins, (unsigned long long)errors, canned_items_each(),
            (long long)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) * 1000 +
                (ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1000);
    finish(c, "200 OK", "text/plain", 0, nothing, n);
}

/* --- NTLM ------------------------------------------------------------------------------------- */

static void say(struct conn *c, const char *status, const char *challenge)
{
    int n = snprintf(c->front, sizeof c->front, "HTTP/1.1 %s\r\n%s%s%sContent-Length: 0\r\n\r\n",
                     status, challenge ? "WWW-Authenticate: " : "", challenge ? challenge : "",
                     challenge ? "\r\n" : "");

    c->iov[0] = (struct iovec){ c->front, (size_t)n };
    c->iov[1] = c->iov[2] = (struct iovec){ c->back, 0 };
    c->iov_at = 0;
}

static void log_in_by_kerberos(struct conn *c, struct span token)
{
    char reply[3000] = "Kerberos ";
    bool good = canned_krb5_step(&c->krb5, token.at, token.len, reply + 9, sizeof reply - 9);

    logins += good;
    errors += !good;
    say(c, good ? "200 OK" : "401 Unauthorized", good ? reply : "Kerberos");
}

/* True: the request was a leg of a login, or asks for one. */
static bool log_in(struct conn *c, struct span head, size_t body)
{
    struct span token = upto(find(head, "Authorization: Negotiate "), '\r');
    struct span ticket = upto(find(head, "Authorization: Kerberos "), '\r');
    int rc;

    if (ticket.at) {
        log_in_by_kerberos(c, ticket);
        return true;
    }
    if (!token.at) {
        if (body || find(head, "Authorization:").at)
            return false;
        say(c, "401 Unauthorized", "Negotiate");
        return true;
    }
    rc = canned_ntlm_step(&c->ntlm, token.at, token.len);
    logins += rc > 0;
    errors += rc < 0;
    say(c, rc > 0 ? "200 OK" : "401 Unauthorized",
        rc > 0    ? NULL
        : rc == 0 ? "Negotiate " CANNED_NTLM_CHALLENGE
                  : "Negotiate");
    return true;
}

/* What is inside of a sealed request. */
static struct span unseal(struct conn *c, struct span body)
{
    struct span in = find(body, "octet-stream\r\n");
    size_t around = 4 + header_of(c) + strlen(FRAME_END);
    unsigned char *message = (unsigned char *)(uintptr_t)in.at + 4;

    if ((!c->ntlm && !c->krb5) || !in.at || in.len < around ||
        !(c->krb5 ? canned_krb5_unseal(c->krb5, message, in.len - around)
                  : canned_ntlm_unseal(c->ntlm, message, in.len - around))) {
        errors++;
        c->sealed = false;
        return (struct span){ "", 0 };
    }
    return (struct span){ in.at + 4 + header_of(c), in.len - around };
}

/* --- connections ------------------------------------------------------------------------------ */

static void add(int fd, void *what)
{
    struct epoll_event e = { .events = EPOLLIN, .data.ptr = what };

    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e))
        perror("epoll_ctl");
}

static void watch(struct conn *c, uint32_t events)
{
    struct epoll_event e = { .events = events, .data.ptr = c };

    if (epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e))
        perror("epoll_ctl");
}

static ssize_t read_some(struct conn *c, char *at, size_t room)
{
    return c->tls ? canned_tls_read(c->tls, at, room) : read(c->fd, at, room);
}

static ssize_t write_some(struct conn *c)
{
    const struct iovec *v = c->iov + c->iov_at;

    if (!c->tls)
        return writev(c->fd, v, 3 - c->iov_at);
    return v->iov_len ? canned_tls_write(c->tls, v->iov_base, v->iov_len) : 0;
}

/* false: the connection is gone */
static bool send_on(struct conn *c)
{
    while (c->iov_at < 3) {
        ssize_t n = write_some(c);

        if (n < 0 && errno == EAGAIN) {
            if (!c->waits)
                watch(c, EPOLLOUT);
            c->waits = true;
            return true;
        }
        if (n < 0)
            return errno == EINTR;
        while (c->iov_at < 3 && (size_t)n >= c->iov[c->iov_at].iov_len)
            n -= (ssize_t)c->iov[c->iov_at++].iov_len;
        if (c->iov_at < 3) {
            c->iov[c->iov_at].iov_base = (char *)c->iov[c->iov_at].iov_base + n;
            c->iov[c->iov_at].iov_len -= (size_t)n;
        }
    }
    if (c->waits)
        watch(c, EPOLLIN);
    c->waits = false;
    return true;
}

/* Answers the request that the buffer begins with. 0: it is not whole yet, or has to wait;
 * otherwise its length. */
static size_t take_request(struct conn *c)
{
    struct span all = { c->in, c->have }, rest = find(all, "\r\n\r\n"), length;
    size_t head, body = 0;
    char *at;

    if (!rest.at)
        return 0;
    head = (size_t)(rest.at - c->in);
    c->in[head - 1] = '\0';
    at = strcasestr(c->in, "\r\nContent-Length:");
    if (at)
        body = strtoul(at + 17, NULL, 10);
    c->in[head - 1] = '\n';
    if (rest.len < body)
        return 0;
    length = (struct span){ rest.at, body };
    all.len = head;
    c->sealed = find(all, "multipart/encrypted").at != NULL;
    if (c->sealed)
        length = unseal(c, length);
    if (!memcmp(c->in, "GET /stats", 10))
        tell_stats(c);
    else if (!c->sealed && log_in(c, all, body))
        return head + body;
    else if (!answer(c, length))
        return 0;
    return head + body;
}

/* false: the connection is gone, here and below */
static bool answer_all(struct conn *c)
{
    while (!c->waits && !c->held_back && c->have) {
        size_t used;

        c->in[c->have] = '\0';
        used = take_request(c);
        if (!used)
            return c->have < sizeof c->in - 1;
        memmove(c->in, c->in + used, c->have - used);
        c->have -= used;
        if (!send_on(c))
            return false;
    }
    return true;
}

static bool serve(struct conn *c)
{
    ssize_t n;

    if (c->waits)
        return send_on(c) && answer_all(c);
    do { /* what TLS has decoded shows on no descriptor */
        n = read_some(c, c->in + c->have, sizeof c->in - 1 - c->have);
        if (n <= 0)
            return n < 0 && (errno == EAGAIN || errno == EINTR);
        c->have += (size_t)n;
        if (!answer_all(c))
            return false;
    } while (c->tls && !c->waits);
    return true;
}

static void drop(struct conn *c)
{
    held -= c->held_back == HOLD;
    gates -= c->held_back == GATE;
    conns[c->fd] = NULL;
    canned_tls_free(c->tls);
    canned_ntlm_free(c->ntlm);
    canned_krb5_free(c->krb5);
    free(c->sealed_out);
    close(c->fd);
    free(c);
}

/* Answers what waits for this. */
static void wake(char which)
{
    int i;

    for (i = 0; i < CONNS; i++) {
        struct conn *c = conns[i];

        if (!c || c->held_back != which)
            continue;
        c->held_back = 0;
        --*(which == HOLD ? &held : &gates);
        if (!answer_all(c))
            shutdown(c->fd, SHUT_RDWR); /* it may be among the events that are being handled */
    }
}

static void release(void)
{
    holding = false;
    wake(HOLD);
}

static void take_connection(int listener, bool tls)
{
    int one = 1, fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct conn *c;

    if (fd < 0)
        return;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c = fd < CONNS ? calloc(1, sizeof *c) : NULL;
    if (c && tls)
        c->tls = canned_tls_new(fd);
    if (!c || (tls && !c->tls)) {
        free(c);
        close(fd);
        return;
    }
    c->fd = fd;
    c->iov_at = 3;
    conns[fd] = c;
    add(fd, c);
}

static int listen_on(int port, bool any)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    socklen_t len = sizeof a;
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    a.sin_addr.s_addr = any ? htonl(INADDR_ANY) : htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) || listen(fd, 1024) ||
        getsockname(fd, (struct sockaddr *)&a, &len)) {
        perror("canned");
        exit(1);
    }
    printf(" %d", ntohs(a.sin_port));
    return fd;
}

static int listener, tls_listener = -1; /* in data.ptr these and the end stand for themselves */
static char the_end;

/* false: there is nobody left to serve */
static bool handle(void *what)
{
    struct conn *c = what;

    if (what == &the_end)
        return false;
    if (what == &listener)
        take_connection(listener, false);
    else if (what == &tls_listener)
        take_connection(tls_listener, true);
    else if (!serve(c))
        drop(c);
    if (gates && held >= awaited)
        wake(GATE);
    return true;
}

int main(int argc, char **argv)
{
    struct epoll_event events[64];
    const char *certificate = NULL;
    bool until_eof = false, any = false;
    int i, n, port = 0;

    for (i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--port") && i + 1 < argc)
            port = atoi(argv[++i]);
        else if (!strcmp(argv[i], "--tls") && i + 1 < argc)
            certificate = argv[++i];
        else if (!strcmp(argv[i], "--until-eof"))
            until_eof = true;
        else if (!strcmp(argv[i], "--any")) /* all of 127.0.0.0/8: many endpoints */
            any = true;
        else
            return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    prepare();
    canned_items_prepare();
    bench_many_descriptors();
    poller = epoll_create1(EPOLL_CLOEXEC);
    printf("port");
    listener = listen_on(port, any);
    add(listener, &listener);
    if (certificate) {
        canned_tls_init(certificate);
        tls_listener = listen_on(0, any);
        add(tls_listener, &tls_listener);
    }
    puts("");
    fflush(stdout);
    if (until_eof)
        add(STDIN_FILENO, &the_end);
    for (;;) {
        n = epoll_wait(poller, events, 64, -1);
        for (i = 0; i < n; i++)
            if (!handle(events[i].data.ptr))
                return 0;
    }
}
