/* The TLS filter on GnuTLS: the transport is two buffers, so that nothing here ever waits. */
#include "tls/tls_internal.h"

#include "base/str.h"
#include "base/url.h"

#include <errno.h>
#include <string.h>

#define COMPONENT "tls"
/* conn reads until AGAIN after each feed, so that little more than one record stays here */
#define IN_MAX ((size_t)8 << 20)
/* a server may ask for a client certificate late (http.sys does); more often is mischief */
#define REHANDSHAKES_MAX 3
/* RFC 5246 6.2: header, and the most that one record may carry */
#define RECORD_HEAD ((size_t)5)
#define RECORD_MAX  ((size_t)16384 + 2048)
#define TYPE_DATA   23

static struct wsc__tls *self(struct wsc__filter *f)
{
    return (struct wsc__tls *)f; /* base is the first member */
}

/* --- transport -------------------------------------------------------------------------------- */

static ssize_t push(gnutls_transport_ptr_t p, const void *data, size_t len)
{
    struct wsc__tls *t = p;

    if (wsc__buf_append(&t->out, data, len)) {
        t->nomem = true;
        gnutls_transport_set_errno(t->session, EIO);
        return -1;
    }
    return (ssize_t)len;
}

/* What lies in front: what was kept, or else what was fed just now. A record is in one of them. */
static const uint8_t *front(const struct wsc__tls *t, size_t *len)
{
    *len = t->in.len ? t->in.len : t->fed_len;
    return t->in.len ? wsc__buf_data(&t->in) : t->fed;
}

/* The length of the record with this head, its own included; 0 = TLS has no such record. */
static size_t record_size(const uint8_t *head)
{
    size_t len = (size_t)head[3] << 8 | head[4];

    return head[0] < 20 || head[0] > 24 || len > RECORD_MAX ? 0 : RECORD_HEAD + len;
}

/* The length of the record in front, once it is whole, and its type; 0 = not yet. What is no TLS
 * (or no record that TLS allows) counts as whole, for GnuTLS to say so. */
static size_t whole_record(const struct wsc__tls *t, uint8_t *type)
{
    size_t len, size;
    const uint8_t *head = front(t, &len);

    if (len < RECORD_HEAD)
        return 0;
    *type = head[0];
    size = record_size(head);
    if (!size)
        return len;
    return len >= size ? size : 0;
}

/* How many bytes the last record lacks of those kept; 0 = none, or it is no record. */
static size_t lacking(const struct wsc__tls *t)
{
    size_t at = t->left, size;

    while (at < t->in.len) {
        if (t->in.len - at < RECORD_HEAD)
            return RECORD_HEAD - (t->in.len - at);
        size = record_size(wsc__buf_data(&t->in) + at);
        if (!size)
            return 0;
        if (size > t->in.len - at)
            return size - (t->in.len - at);
        at += size;
    }
    return 0;
}

static int take_fed(struct wsc__tls *t, size_t n)
{
    int rc = wsc__buf_append(&t->in, t->fed, n);

    if (!rc) {
        t->fed += n;
        t->fed_len -= n;
    }
    return rc;
}

/* In the middle of a second handshake data may arrive that the server sent before it read our hello
 * (RFC 5246 7.4.1.1). It is no business of gnutls_handshake, which would start all over again. */
static bool data_waits(const struct wsc__tls *t)
{
    uint8_t type = 0;

    return !t->left && whole_record(t, &type) && type == TYPE_DATA;
}

static ssize_t pull_bytes(gnutls_transport_ptr_t p, void *data, size_t cap)
{
    struct wsc__tls *t = p;
    uint8_t type = 0;
    const uint8_t *from;
    size_t n;

    if (!t->left && !(t->driving && t->shaking && data_waits(t)))
        t->left = whole_record(t, &type);
    n = t->left < cap ? t->left : cap;
    if (!n) {
        gnutls_transport_set_errno(t->session, EAGAIN);
        return -1;
    }
    from = front(t, &(size_t){ 0 });
    memcpy(data, from, n);
    if (t->in.len) {
        wsc__buf_consume(&t->in, n);
    } else {
        t->fed += n;
        t->fed_len -= n;
    }
    t->left -= n;
    return (ssize_t)n;
}

static int pull_timeout(gnutls_transport_ptr_t p, unsigned ms)
{
    struct wsc__tls *t = p;
    uint8_t type;

    (void)ms;
    return t->left || whole_record(t, &type);
}

/* An idle connection keeps no buffers. */
static void give_back(struct wsc__tls *t)
{
    if (!t->in.len)
        wsc__buf_free(&t->in);
}

/* --- failures --------------------------------------------------------------------------------- */

static void hint_plain(struct wsc__tls *t, struct wsc_error *e)
{
    if (t->nfirst < 4 || (memcmp(t->first, "HTTP", 4) && memcmp(t->first, "SSH-", 4)))
        return;
    if (t->first[0] == 'H') {
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "the port does not speak TLS: it answered in plain HTTP");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "use http (port 5985 by default), or the port of the https listener "
                           "(5986)");
    } else {
        wsc__error_set_str(e, WSC__ES_CAUSE, "the port does not speak TLS: it is an SSH server");
    }
}

/* About certificates: ours, in all likelihood. */
static void hint_own(struct wsc__tls *t, struct wsc_error *e)
{
    wsc__error_set_str(e, WSC__ES_OPTION, "tls-cert-file");
    if (t->config->rules->own) {
        wsc__error_set_str(e, WSC__ES_CAUSE,
                           "the server did not accept our client certificate: it does not know "
                           "the CA, or the certificate expired, was revoked, or is not meant for "
                           "client authentication");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "put the certificate of the CA into the server's trusted roots "
                           "(certlm.msc), or give another certificate with tls-cert-file");
    } else {
        wsc__error_set_str(e, WSC__ES_CAUSE, "the server wants a client certificate");
        wsc__error_set_str(e, WSC__ES_REMEDY,
                           "give one with tls-cert-file, and its key with tls-key-file");
    }
}

static void hint_alert(struct wsc__tls *t, struct wsc_error *e, gnutls_alert_description_t alert)
{
    switch (alert) {
    case GNUTLS_A_PROTOCOL_VERSION:
    case GNUTLS_A_HANDSHAKE_FAILURE:
    case GNUTLS_A_INSUFFICIENT_SECURITY:
        wsc__error_setf(e, WSC__ES_CAUSE,
                        "the server has no TLS version or cipher suite in common with us (TLS "
                        "1.%d is the least), or it has no usable certificate",
                        t->config->rules->min_version - 10);
        wsc__error_set_str(e, WSC__ES_REMEDY, "turn on TLS 1.2 or 1.3 on the server");
        break;
    case GNUTLS_A_UNRECOGNIZED_NAME:
        wsc__error_set_str(e, WSC__ES_CAUSE, "the server has no certificate for this host name");
        break;
    case GNUTLS_A_BAD_CERTIFICATE:
    case GNUTLS_A_UNSUPPORTED_CERTIFICATE:
    case GNUTLS_A_CERTIFICATE_REVOKED:
    case GNUTLS_A_CERTIFICATE_EXPIRED:
    case GNUTLS_A_CERTIFICATE_UNKNOWN:
    case GNUTLS_A_UNKNOWN_CA:
    case GNUTLS_A_CERTIFICATE_REQUIRED:
    case GNUTLS_A_ACCESS_DENIED:
        hint_own(t, e);
        break;
    default:
        break;
    }
}

/* The session is over: says why, tells the peer, and refuses everything from here on. */
static int fatal(struct wsc__tls *t, int rc, const char *doing, struct wsc_error **err)
{
    struct wsc_error *e;

    t->failed = true;
    if (t->nomem || rc == GNUTLS_E_MEMORY_ERROR) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    if (rc != GNUTLS_E_FATAL_ALERT_RECEIVED)
        (void)gnutls_alert_send_appropriate(t->session, rc);
    if (t->verdict) {
        *err = t->verdict;
        t->verdict = NULL;
        return wsc__error_code(*err);
    }
    if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED) {
        gnutls_alert_description_t alert = gnutls_alert_get(t->session);
        const char *name = gnutls_alert_get_name(alert);

        e = wsc__error_new(t->mem, WSC_E_TLS,
                           "%s with %s: the server refused with the alert \"%s\"", doing, t->host,
                           name ? name : "unknown");
        hint_alert(t, e, alert);
        wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, name);
        wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, (int64_t)alert);
    } else {
        e = wsc__error_new(t->mem, WSC_E_TLS, "%s with %s failed: %s", doing, t->host,
                           gnutls_strerror(rc));
        wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, gnutls_strerror(rc));
        wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, rc);
        if (!t->done)
            hint_plain(t, e);
    }
    /* GnuTLS can not go on when a server that spoke TLS 1.2 last time speaks only 1.3 now; the
     * saved session is used up, so that the next attempt starts afresh */
    wsc__error_set_retriable(e, t->offered && !t->done);
    *err = e;
    return WSC_E_TLS;
}

static int refuse_state(struct wsc__tls *t, struct wsc_error **err)
{
    *err = wsc__error_new(t->mem, t->failed ? WSC_E_TLS : WSC_E_USAGE,
                          t->failed ? "the TLS session with %s has failed before"
                                    : "the TLS session with %s is not ready for this",
                          t->host);
    return t->failed ? WSC_E_TLS : WSC_E_USAGE;
}

/* GnuTLS takes a push that failed after others of the same flight for a short write, and says
 * AGAIN. */
static bool want_more(const struct wsc__tls *t, int rc)
{
    return !t->nomem && (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED);
}

/* --- resumption ------------------------------------------------------------------------------- */

/* With TLS 1.3 tickets come after the handshake, so this is asked again after each read. */
static void save_session(struct wsc__tls *t)
{
    gnutls_datum_t data = { NULL, 0 };

    if (!t->config->rules->resume || t->saved)
        return;
    if (gnutls_protocol_get_version(t->session) >= GNUTLS_TLS1_3 &&
        !(gnutls_session_get_flags(t->session) & GNUTLS_SFLAGS_SESSION_TICKET))
        return;
    t->saved = true;
    if (gnutls_session_get_data2(t->session, &data))
        return;
    wsc__tls_config_save(t->config, t->host, data.data, data.size, t->asked);
    wsc__wipe(data.data, data.size);
    gnutls_free(data.data);
}

/* --- handshake -------------------------------------------------------------------------------- */

static void log_session(struct wsc__tls *t)
{
    char *text;

    if (!wsc__log_on(t->log, WSC_LOG_DEBUG))
        return;
    text = gnutls_session_get_desc(t->session);
    wsc__logf(t->log, WSC_LOG_DEBUG, COMPONENT, "%s: %s%s", t->host, text ? text : "session",
              gnutls_session_is_resumed(t->session) ? ", resumed" : "");
    gnutls_free(text);
}

/* GnuTLS's handshake until it is done, fails, or wants more; warnings are passed over. */
static int drive(struct wsc__tls *t)
{
    int rc;

    t->driving = true;
    do {
        rc = gnutls_handshake(t->session);
    } while (rc < 0 && !t->nomem && !want_more(t, rc) && rc != GNUTLS_E_GOT_APPLICATION_DATA &&
             !gnutls_error_is_fatal(rc));
    t->driving = false;
    if (gnutls_certificate_client_get_request_status(t->session))
        t->asked = true;
    return rc;
}

static int op_handshake(struct wsc__filter *f, struct wsc_error **err)
{
    struct wsc__tls *t = self(f);
    int rc;

    if (t->failed)
        return refuse_state(t, err);
    if (t->done)
        return WSC_OK;
    rc = drive(t);
    /* A resumed session brings its certificate along, and GnuTLS does not ask about it again; but
     * it may have expired meanwhile. */
    if (!rc && gnutls_session_is_resumed(t->session) && wsc__tls_verify(t))
        rc = GNUTLS_E_CERTIFICATE_ERROR;
    give_back(t);
    if (want_more(t, rc))
        return WSC_E_AGAIN;
    if (rc || t->nomem)
        return fatal(t, rc, "the TLS handshake", err);
    t->done = true;
    if (gnutls_session_is_resumed(t->session))
        t->asked = t->offered_asked;
    if (gnutls_protocol_get_version(t->session) < GNUTLS_TLS1_3)
        save_session(t);
    log_session(t);
    return WSC_OK;
}

/* The server asked for a new handshake (TLS 1.2). Only with RFC 5746, and GnuTLS refuses another
 * certificate than before. WSC_OK: go on reading. */
static int begin_rehandshake(struct wsc__tls *t, struct wsc_error **err)
{
    if (++t->rehandshakes > REHANDSHAKES_MAX ||
        !(gnutls_session_get_flags(t->session) & GNUTLS_SFLAGS_SAFE_RENEGOTIATION)) {
        int rc = gnutls_alert_send(t->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);

        return rc < 0 && gnutls_error_is_fatal(rc) ? fatal(t, rc, "TLS", err) : WSC_OK;
    }
    wsc__logf(t->log, WSC_LOG_DEBUG, COMPONENT, "%s: the server asks for a new handshake", t->host);
    t->shaking = true;
    return WSC_OK;
}

static int send_plain(struct wsc__tls *t, const uint8_t *data, size_t len, struct wsc_error **err)
{
    while (len) {
        ssize_t n = gnutls_record_send(t->session, data, len);

        if (n <= 0 ||
            t->nomem) /* the transport takes everything, so that AGAIN is a failure, too */
            return fatal(t, n ? (int)n : GNUTLS_E_PUSH_ERROR, "sending over TLS", err);
        data += n;
        len -= (size_t)n;
    }
    return WSC_OK;
}

/* One more step of a rehandshake: WSC_OK = look for data, WSC_E_AGAIN = wait. */
static int rehandshake(struct wsc__tls *t, struct wsc_error **err)
{
    int rc;

    if (gnutls_record_check_pending(t->session) || data_waits(t))
        return WSC_OK;
    rc = drive(t);
    if (want_more(t, rc))
        return data_waits(t) ? WSC_OK : WSC_E_AGAIN;
    if (rc || t->nomem)
        return fatal(t, rc, "the second TLS handshake", err);
    t->shaking = false;
    rc = send_plain(t, wsc__buf_data(&t->held), t->held.len, err);
    wsc__buf_free(&t->held);
    return rc;
}

/* --- data ------------------------------------------------------------------------------------- */

static int kept(struct wsc__tls *t, int rc, struct wsc_error **err)
{
    if (rc == WSC_E_NOMEM)
        *err = wsc__error_nomem();
    else if (rc)
        *err = wsc__error_new(t->mem, rc, "more TLS data from %s than is being read", t->host);
    return rc;
}

static int op_keep(struct wsc__filter *f, struct wsc_error **err)
{
    struct wsc__tls *t = self(f);

    return t->fed_len ? kept(t, take_fed(t, t->fed_len), err) : WSC_OK;
}

static int op_feed(struct wsc__filter *f, const uint8_t *data, size_t len, struct wsc_error **err)
{
    struct wsc__tls *t = self(f);
    size_t n;
    int rc;

    if (t->failed)
        return refuse_state(t, err);
    if (!t->done && t->nfirst < sizeof t->first) {
        n = sizeof t->first - t->nfirst;
        if (n > len)
            n = len;
        memcpy(t->first + t->nfirst, data, n);
        t->nfirst += n;
    }
    rc = op_keep(f, err);
    t->fed = data;
    t->fed_len = len;
    /* only the record that is in two pieces is put together */
    while (!rc && t->fed_len && (n = lacking(t)))
        rc = kept(t, take_fed(t, n < t->fed_len ? n : t->fed_len), err);
    return rc;
}

/* What GnuTLS asks for in place of data. WSC_OK: read again. */
static int special(struct wsc__tls *t, int rc, struct wsc_error **err)
{
    if (rc == GNUTLS_E_REHANDSHAKE)
        return begin_rehandshake(t, err);
    if (rc == GNUTLS_E_REAUTH_REQUEST) { /* RFC 8446 4.6.2 */
        t->asked = true;
        rc = gnutls_reauth(t->session, 0);
        return rc < 0 && gnutls_error_is_fatal(rc) ? fatal(t, rc, "TLS authentication", err)
                                                   : WSC_OK;
    }
    if (want_more(t, rc))
        return WSC_E_AGAIN;
    return gnutls_error_is_fatal(rc) ? fatal(t, rc, "reading from TLS", err) : WSC_OK;
}

/* The record as GnuTLS has decrypted it, without a copy. */
static int read_plain(struct wsc__tls *t, struct wsc__plain *out, struct wsc_error **err)
{
    gnutls_packet_t packet;
    gnutls_datum_t d;
    int rc;

    for (;;) {
        size_t before = t->in.len + t->fed_len;
        ssize_t got;

        rc = t->shaking ? rehandshake(t, err) : WSC_OK;
        if (rc)
            return rc;
        packet = NULL;
        got = gnutls_record_recv_packet(t->session, &packet);
        if (packet && (got <= 0 || t->nomem))
            gnutls_packet_deinit(packet);
        if (t->nomem) /* an answer of its own could not be kept: to a key update, say */
            return fatal(t, GNUTLS_E_MEMORY_ERROR, "TLS", err);
        if (got > 0) {
            gnutls_packet_get(packet, &d, NULL);
            *out = (struct wsc__plain){ d.data, d.size, packet };
            return WSC_OK;
        }
        if (!got) {
            t->closed = true;
            return WSC_OK;
        }
        rc = special(t, (int)got, err);
        /* GnuTLS says AGAIN also when all it found was a ticket or a key update, and leaves what
         * follows in our buffer: only a turn that used nothing has come to the end of it */
        if (rc && (rc != WSC_E_AGAIN || t->in.len + t->fed_len == before))
            return rc;
    }
}

static void op_let_go(struct wsc__plain *p)
{
    if (p->keep)
        gnutls_packet_deinit(p->keep);
    memset(p, 0, sizeof *p);
}

static int op_read(struct wsc__filter *f, struct wsc__plain *out, struct wsc_error **err)
{
    struct wsc__tls *t = self(f);
    int rc;

    memset(out, 0, sizeof *out);
    if (t->failed)
        return refuse_state(t, err);
    if (t->closed)
        return WSC_OK;
    if (!t->done)
        return WSC_E_AGAIN;
    rc = read_plain(t, out, err);
    if (rc == WSC_OK || rc == WSC_E_AGAIN)
        save_session(t);
    give_back(t);
    return rc;
}

static int op_write(struct wsc__filter *f, const uint8_t *data, size_t len, struct wsc_error **err)
{
    struct wsc__tls *t = self(f);

    if (t->failed || !t->done)
        return refuse_state(t, err);
    if (!t->shaking)
        return send_plain(t, data, len, err);
    if (wsc__buf_append(&t->held, data, len)) {
        t->nomem = true;
        return fatal(t, GNUTLS_E_MEMORY_ERROR, "TLS", err);
    }
    return WSC_OK;
}

static int op_pull(struct wsc__filter *f, struct wsc__buf *out)
{
    struct wsc__tls *t = self(f);
    int rc;

    if (!t->out.len)
        return WSC_OK;
    /* an unused buffer of the same memory takes the bytes over as they are */
    if (!out->base && out->mem == t->mem && t->out.len <= out->max && !out->secret) {
        out->base = t->out.base;
        out->cap = t->out.cap;
        out->start = t->out.start;
        out->len = t->out.len;
        t->out.base = NULL;
        t->out.cap = t->out.start = t->out.len = 0;
        return WSC_OK;
    }
    rc = wsc__buf_append(out, wsc__buf_data(&t->out), t->out.len);
    if (!rc)
        wsc__buf_free(&t->out);
    return rc;
}

static int op_eof(struct wsc__filter *f, struct wsc_error **err)
{
    struct wsc__tls *t = self(f);
    struct wsc_error *e;

    if (t->closed)
        return WSC_OK;
    if (t->failed)
        return refuse_state(t, err);
    t->failed = true;
    e = wsc__error_new(t->mem, WSC_E_CONNECTION_LOST,
                       t->done ? "%s closed the connection without ending TLS: data may be missing"
                               : "%s closed the connection during the TLS handshake",
                       t->host);
    if (!t->done) {
        if (!t->nfirst)
            wsc__error_set_str(e, WSC__ES_CAUSE,
                               "the port may not speak TLS, or the listener has no certificate");
        hint_plain(t, e);
    }
    *err = e;
    return WSC_E_CONNECTION_LOST;
}

static void op_bye(struct wsc__filter *f)
{
    struct wsc__tls *t = self(f);

    if (t->done && !t->failed)
        (void)gnutls_bye(t->session, GNUTLS_SHUT_WR);
}

static size_t op_binding(struct wsc__filter *f, uint8_t *buf, size_t cap)
{
    struct wsc__tls *t = self(f);

    return t->done ? wsc__tls_binding(t->session, buf, cap) : 0;
}

static bool op_asked(struct wsc__filter *f)
{
    return self(f)->asked;
}

static void op_free(struct wsc__filter *f)
{
    struct wsc__tls *t = self(f);

    if (!t)
        return;
    if (t->session)
        gnutls_deinit(t->session);
    wsc__buf_free(&t->in);
    wsc__buf_free(&t->out);
    wsc__buf_free(&t->held);
    wsc__error_unref(t->verdict);
    wsc__free(t->mem, t->host);
    wsc__tls_config_unref(t->config);
    wsc__free(t->mem, t);
}

static const struct wsc__filter_ops ops = { op_feed,      op_read, op_let_go, op_write,
                                            op_handshake, op_pull, op_eof,    op_bye,
                                            op_binding,   op_free, op_asked,  op_keep };

/* --- making one ------------------------------------------------------------------------------- */

static int set_up(struct wsc__tls *t)
{
    unsigned flags = GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
    uint8_t *saved, ip[16];
    bool asked = false;
    size_t len;
    int rc;

    if (!t->config->rules->resume)
        flags |= GNUTLS_NO_TICKETS;
    /* the user named this certificate for this server, whatever issuers the server lists */
    if (t->config->rules->own)
        flags |= GNUTLS_POST_HANDSHAKE_AUTH | GNUTLS_FORCE_CLIENT_CERT;
    rc = gnutls_init(&t->session, flags);
    if (rc) {
        t->session = NULL;
        return rc;
    }
    gnutls_session_set_ptr(t->session, t);
    wsc__tls_keylog_set(t);
    gnutls_transport_set_ptr(t->session, t);
    gnutls_transport_set_push_function(t->session, push);
    gnutls_transport_set_pull_function(t->session, pull_bytes);
    gnutls_transport_set_pull_timeout_function(t->session, pull_timeout);
    rc = gnutls_priority_set(t->session, t->config->rules->priority);
    if (!rc)
        rc = gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE,
                                    t->config->rules->own ? t->config->rules->own->cred
                                                          : t->config->rules->cred);
    /* RFC 6066 3: no addresses in SNI */
    if (!rc && !wsc__ip_parse(t->host, strlen(t->host), ip, &len))
        rc = gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, t->host, strlen(t->host));
    saved = rc ? NULL : wsc__tls_config_take(t->config, t->host, &len, &asked);
    if (saved) {
        /* without it there is a full handshake */
        t->offered = !gnutls_session_set_data(t->session, saved, len);
        t->offered_asked = asked;
        wsc__free_secret(t->mem, saved, len);
    }
    return rc;
}

int wsc__tls_client_new(struct wsc__filter **out, const struct wsc__mem *mem,
                        struct wsc__tls_config *config, const char *host,
                        const struct wsc__log *log, struct wsc_error **err)
{
    struct wsc__tls *t = wsc__zalloc(mem, sizeof *t);
    size_t len = strlen(host);
    int rc;

    if (!t) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    t->base.ops = &ops;
    t->mem = mem;
    t->log = log;
    t->config = wsc__tls_config_ref(config);
    wsc__buf_init(&t->in, mem, IN_MAX);
    wsc__buf_init(&t->out, mem, SIZE_MAX / 2);
    wsc__buf_init(&t->held, mem, SIZE_MAX / 2);
    t->held.secret = 1;
    if (len > 1 && host[len - 1] == '.') /* neither SNI nor certificates have the root's dot */
        len--;
    t->host = wsc__strndup(mem, host, len);
    rc = t->host ? set_up(t) : GNUTLS_E_MEMORY_ERROR;
    if (rc) {
        *err = rc == GNUTLS_E_MEMORY_ERROR
                   ? wsc__error_nomem()
                   : wsc__error_new(mem, WSC_E_TLS, "a TLS session can not be made: %s",
                                    gnutls_strerror(rc));
        rc = rc == GNUTLS_E_MEMORY_ERROR ? WSC_E_NOMEM : WSC_E_TLS;
        op_free(&t->base);
        return rc;
    }
    *out = &t->base;
    return WSC_OK;
}
