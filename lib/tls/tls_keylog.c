/* The key log (SSLKEYLOGFILE format): whoever has the file reads every session, so that it is only
 * written where the option asks for it, and never because of the environment. */
#include "tls/tls_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define LABEL_MAX  64
#define SECRET_MAX 64 /* SHA-512 */
#define RANDOM_LEN 32

int wsc__tls_keylog_open(struct wsc__tls_rules *c, const char *path, struct wsc_error **err)
{
    c->keylog = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, 0600);
    if (c->keylog >= 0)
        return WSC_OK;
    *err = wsc__error_new(c->mem, WSC_E_IO, "tls-keylog-file: %.1000s: %s", path, strerror(errno));
    wsc__error_set_str(*err, WSC__ES_OPTION, "tls-keylog-file");
    wsc__error_set_str(*err, WSC__ES_CAUSE,
                       "The file cannot be made or written, or it is a symbolic link.");
    wsc__error_set_str(*err, WSC__ES_REMEDY, "Give a path in a folder of your own.");
    wsc__error_set_int(*err, WSC__EI_SYSTEM_CODE, errno);
    return wsc__error_code(*err);
}

static char *put_hex(char *at, const gnutls_datum_t *d)
{
    static const char hex[] = "0123456789abcdef";

    for (unsigned i = 0; i < d->size; i++) {
        *at++ = hex[d->data[i] >> 4];
        *at++ = hex[d->data[i] & 15];
    }
    return at;
}

/* One write per line: other processes may append to the same file. */
static int on_secret(gnutls_session_t session, const char *label, const gnutls_datum_t *secret)
{
    struct wsc__tls *t = gnutls_session_get_ptr(session);
    char line[LABEL_MAX + 2 * RANDOM_LEN + 2 * SECRET_MAX + 3], *at = line;
    gnutls_datum_t ours, theirs;
    size_t len = strlen(label);

    gnutls_session_get_random(session, &ours, &theirs);
    if (len > LABEL_MAX || ours.size > RANDOM_LEN || secret->size > SECRET_MAX)
        return 0;
    memcpy(at, label, len);
    at += len;
    *at++ = ' ';
    at = put_hex(at, &ours);
    *at++ = ' ';
    at = put_hex(at, secret);
    *at++ = '\n';
    if (write(t->config->rules->keylog, line, (size_t)(at - line)) < 0)
        wsc__logf(t->log, WSC_LOG_WARN, "tls", "the key log cannot be written: %s",
                  strerror(errno));
    wsc__wipe(line, sizeof line);
    return 0;
}

void wsc__tls_keylog_set(struct wsc__tls *t)
{
    gnutls_session_set_keylog_function(t->session,
                                       t->config->rules->keylog >= 0 ? on_secret : NULL);
}
