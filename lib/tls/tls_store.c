/* What connections share: the system's CAs, the options of TLS, and the last session of one origin.
 */
#include "tls/tls_internal.h"

#include "base/b64.h"
#include "base/list.h"
#include "base/str.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- the system's CAs ------------------------------------------------------------------------- */

struct wsc__tls_store {
    const struct wsc__mem *mem;
    unsigned refs;
    bool tried;
    int count;
    gnutls_x509_trust_list_t list;
    struct wsc__table rules;
};

struct wsc__tls_store *wsc__tls_store_new(const struct wsc__mem *mem)
{
    struct wsc__tls_store *s = wsc__zalloc(mem, sizeof *s);

    if (!s)
        return NULL;
    s->mem = mem;
    s->refs = 1;
    wsc__table_init(&s->rules, mem);
    return s;
}

void wsc__tls_store_unref(struct wsc__tls_store *s)
{
    if (!s || --s->refs)
        return;
    if (s->list)
        gnutls_x509_trust_list_deinit(s->list, 1);
    wsc__table_free(&s->rules);
    wsc__free(s->mem, s);
}

gnutls_x509_trust_list_t wsc__tls_store_list(struct wsc__tls_store *s, int *count)
{
    if (!s->tried) {
        s->tried = true; /* once: it costs some 10 ms */
        if (gnutls_x509_trust_list_init(&s->list, 0))
            s->list = NULL;
        else
            s->count = gnutls_x509_trust_list_add_system_trust(s->list, 0, 0);
    }
    *count = s->count > 0 ? s->count : 0;
    return s->list;
}

/* --- pins ------------------------------------------------------------------------------------- */

static bool hash_from_hex(const char *s, size_t len, uint8_t out[WSC__PIN_LEN])
{
    bool colons = len > 2 && s[2] == ':'; /* as openssl prints it */
    size_t step = colons ? 3 : 2;
    uint64_t v;

    if (len != step * WSC__PIN_LEN - colons)
        return false;
    for (size_t i = 0; i < WSC__PIN_LEN; i++) {
        if (!wsc__parse_hex(s + step * i, 2, &v) || (i && colons && s[step * i - 1] != ':'))
            return false;
        out[i] = (uint8_t)v;
    }
    return true;
}

static bool hash_from_b64(const char *s, size_t len, uint8_t out[WSC__PIN_LEN])
{
    struct wsc__b64_decoder d;
    uint8_t raw[WSC__PIN_LEN + 3];
    size_t used, made;

    wsc__b64_decoder_init(&d);
    if (!wsc__b64_decode(&d, s, len, &used, raw, sizeof raw, &made) || used != len ||
        made != WSC__PIN_LEN || !wsc__b64_decoder_done(&d))
        return false;
    memcpy(out, raw, WSC__PIN_LEN);
    return true;
}

static bool parse_pin(const char *s, size_t len, struct wsc__pin *pin)
{
    size_t prefix;

    if (wsc__istarts(s, len, "cert-sha256:")) {
        pin->whole_cert = true;
        prefix = 12;
    } else if (wsc__istarts(s, len, "sha256:")) {
        pin->whole_cert = false;
        prefix = 7;
    } else {
        return false;
    }
    return hash_from_hex(s + prefix, len - prefix, pin->hash) ||
           hash_from_b64(s + prefix, len - prefix, pin->hash);
}

/* Where nothing but the number of digits is wrong, that is said. */
static struct wsc_error *bad_pin(const struct wsc__mem *mem, const char *s, size_t len)
{
    const char *hash = memchr(s, ':', len);
    size_t digits = 0, other = 0;
    char shown[WSC__SHOWN];
    uint64_t v;

    wsc__show_text(shown, sizeof shown, s, len);
    for (size_t i = hash ? (size_t)(hash - s) : len; i < len; i++) {
        digits += wsc__parse_hex(s + i, 1, &v);
        other += s[i] != ':' && !wsc__parse_hex(s + i, 1, &v);
    }
    if (!digits || other || digits == 2 * WSC__PIN_LEN)
        return wsc__error_new(mem, WSC_E_OPTION, "not a pin: \"%s\"", shown);
    return wsc__error_new(mem, WSC_E_OPTION,
                          "not a pin: \"%s\": %d hexadecimal digits are wanted, %zu given", shown,
                          2 * WSC__PIN_LEN, digits);
}

static int parse_pins(struct wsc__tls_rules *c, const char *text, struct wsc_error **err)
{
    while (text) {
        const char *comma = strchr(text, ','), *item = text;
        size_t len = comma ? (size_t)(comma - text) : strlen(text);
        bool full = c->npins == WSC__PIN_MAX;

        wsc__trim(&item, &len);
        if (full || !parse_pin(item, len, &c->pins[c->npins])) {
            *err = full ? wsc__error_new(c->mem, WSC_E_OPTION, "more than %d pins", WSC__PIN_MAX)
                        : bad_pin(c->mem, item, len);
            wsc__error_set_str(*err, WSC__ES_OPTION, "tls-pin");
            wsc__error_set_str(*err, WSC__ES_REMEDY,
                               "write sha256: (public key) or cert-sha256: (certificate) and the "
                               "hash in hexadecimal, with or without colons, or base64");
            return WSC_E_OPTION;
        }
        c->npins++;
        text = comma ? comma + 1 : NULL;
    }
    return WSC_OK;
}

/* --- settings --------------------------------------------------------------------------------- */

int wsc__tls_failed(const struct wsc__mem *mem, int rc, struct wsc_error **err, const char *option,
                    const char *what)
{
    if (rc == GNUTLS_E_MEMORY_ERROR) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    *err = wsc__error_new(mem, WSC_E_TLS, "%s%s%.1000s: %s", option ? option : "",
                          option ? ": " : "", what, gnutls_strerror(rc));
    wsc__error_set_str(*err, WSC__ES_SYSTEM_TEXT, gnutls_strerror(rc));
    wsc__error_set_int(*err, WSC__EI_SYSTEM_CODE, rc);
    return wsc__error_code(*err);
}

/* GnuTLS does not tell. 0: it can be read now. */
static int why_unread(const char *path)
{
    FILE *f = fopen(path, "rb");
    int system = f ? 0 : errno;

    if (f) {
        if (getc(f) == EOF && ferror(f))
            system = errno;
        fclose(f);
    }
    return system;
}

int wsc__tls_file_failed(const struct wsc__mem *mem, int rc, struct wsc_error **err,
                         const char *option, const char *path, const char *cause,
                         const char *remedy)
{
    int code, system = rc == GNUTLS_E_FILE_ERROR ? why_unread(path) : 0;

    if (system) {
        *err = wsc__error_unread(mem, option, path, system);
        return wsc__error_code(*err);
    }
    code = wsc__tls_failed(mem, rc, err, option, path);
    if (code == WSC_E_NOMEM)
        return code;
    wsc__error_set_str(*err, WSC__ES_OPTION, option);
    wsc__error_set_str(*err, WSC__ES_CAUSE, cause);
    wsc__error_set_str(*err, WSC__ES_REMEDY, remedy);
    return code;
}

int wsc__tls_load(const char *path, gnutls_datum_t *out)
{
    out->data = NULL;
    out->size = 0;
    return gnutls_load_file(path, out);
}

void wsc__tls_unload(gnutls_datum_t *data)
{
    if (data->data)
        wsc__wipe(data->data, data->size);
    gnutls_free(data->data);
    data->data = NULL;
    data->size = 0;
}

static int load_cas(struct wsc__tls_rules *c, const char *file, struct wsc_error **err)
{
    int rc = gnutls_x509_trust_list_init(&c->own_cas, 0);

    if (rc) {
        c->own_cas = NULL;
        return wsc__tls_failed(c->mem, rc, err, NULL, "the list of CAs");
    }
    rc = gnutls_x509_trust_list_add_trust_file(c->own_cas, file, NULL, GNUTLS_X509_FMT_PEM, 0, 0);
    if (rc > 0)
        return WSC_OK;
    if (!rc)
        rc = GNUTLS_E_NO_CERTIFICATE_FOUND;
    return wsc__tls_file_failed(c->mem, rc, err, "tls-ca-file", file,
                                "The file holds no certificate in the form PEM.",
                                "Give the path of a PEM file (-----BEGIN CERTIFICATE-----); "
                                "`openssl x509 -inform der -in FILE` makes one from DER.");
}

static int verify_callback(gnutls_session_t session)
{
    return wsc__tls_verify(gnutls_session_get_ptr(session));
}

int wsc__tls_credentials(gnutls_certificate_credentials_t *out, const struct wsc__mem *mem,
                         struct wsc_error **err)
{
    int rc = gnutls_certificate_allocate_credentials(out);

    if (rc) {
        *out = NULL;
        return wsc__tls_failed(mem, rc, err, NULL, "TLS credentials");
    }
    gnutls_certificate_set_verify_function(*out, verify_callback);
    return WSC_OK;
}

static int fill(struct wsc__tls_rules *c, const struct wsc__tls_options *o, struct wsc_error **err)
{
    static const char *const older[] = { NULL, "-VERS-TLS1.0", "-VERS-TLS1.0:-VERS-TLS1.1",
                                         "-VERS-TLS1.0:-VERS-TLS1.1:-VERS-TLS1.2" };
    const char *without = older[c->min_version - 10];
    int rc;

    if (o->verify_name) {
        c->verify_name = wsc__strdup(c->mem, o->verify_name);
        if (!c->verify_name) {
            *err = wsc__error_nomem();
            return WSC_E_NOMEM;
        }
    }
    rc = parse_pins(c, o->pin && *o->pin ? o->pin : NULL, err);
    if (rc)
        return rc;
    rc = o->own ? WSC_OK : wsc__tls_credentials(&c->cred, c->mem, err);
    if (rc)
        return rc;
    /* on top of the policy of the system */
    rc = gnutls_priority_init2(&c->priority, without, NULL,
                               without ? GNUTLS_PRIORITY_INIT_DEF_APPEND : 0);
    if (rc)
        return wsc__tls_failed(c->mem, rc, err, NULL, "the TLS policy of this system");
    rc = o->ca_file ? load_cas(c, o->ca_file, err) : WSC_OK;
    if (!rc && o->crl_file)
        rc = wsc__tls_crls_load(c, o->crl_file, err);
    if (!rc && o->keylog_file)
        rc = wsc__tls_keylog_open(c, o->keylog_file, err);
    return rc;
}

static void unref_rules(struct wsc__tls_rules *c)
{
    if (!c || --c->refs)
        return;
    if (c->entry.key)
        wsc__table_remove(&c->store->rules, &c->entry);
    wsc__free(c->mem, (char *)(uintptr_t)c->entry.key);
    if (c->cred)
        gnutls_certificate_free_credentials(c->cred);
    if (c->priority)
        gnutls_priority_deinit(c->priority);
    if (c->own_cas)
        gnutls_x509_trust_list_deinit(c->own_cas, 1);
    wsc__tls_crls_free(c);
    if (c->keylog >= 0)
        close(c->keylog);
    wsc__tls_store_unref(c->store);
    wsc__tls_own_unref(c->own);
    wsc__free(c->mem, c->verify_name);
    wsc__free(c->mem, c);
}

static int new_rules(struct wsc__tls_rules **out, const struct wsc__mem *mem,
                     struct wsc__tls_store *store, const struct wsc__tls_options *o,
                     struct wsc_error **err)
{
    struct wsc__tls_rules *c = wsc__zalloc(mem, sizeof *c);
    int rc;

    if (!c) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    c->mem = mem;
    c->refs = 1;
    c->verify_chain = o->verify_chain;
    c->verify_host = o->verify_host;
    c->resume = o->resume;
    c->min_version = o->min_version;
    c->keylog = -1;
    c->own = wsc__tls_own_ref(o->own);
    if (store) {
        store->refs++;
        c->store = store;
    }
    rc = fill(c, o, err);
    if (rc)
        unref_rules(c);
    else
        *out = c;
    return rc;
}

/* --- shared settings -------------------------------------------------------------------------- */

static int key_text(struct wsc__buf *key, const char *s)
{
    int rc = wsc__buf_put_u64(key, s ? strlen(s) + 1 : 0); /* or else two could look like another */

    if (!rc)
        rc = wsc__buf_puts(key, ":");
    return rc || !s ? rc : wsc__buf_puts(key, s);
}

/* A file that has changed is another one. */
static int key_file(struct wsc__buf *key, const char *path)
{
    char text[160] = "";
    struct stat st;
    int rc = key_text(key, path);

    if (rc || !path || stat(path, &st))
        return rc;
    snprintf(text, sizeof text, "%llx.%llx.%lld.%lld.%ld.%lld.%ld", (unsigned long long)st.st_dev,
             (unsigned long long)st.st_ino, (long long)st.st_size, (long long)st.st_mtim.tv_sec,
             st.st_mtim.tv_nsec, (long long)st.st_ctim.tv_sec, st.st_ctim.tv_nsec);
    return key_text(key, text);
}

static int make_key(struct wsc__buf *key, const struct wsc__tls_options *o)
{
    char rest[80];
    int rc = key_file(key, o->ca_file);

    snprintf(rest, sizeof rest, "%p.%d.%d.%d.%d", (void *)o->own, !!o->verify_chain,
             !!o->verify_host, o->min_version, !!o->resume);
    if (!rc)
        rc = key_file(key, o->crl_file);
    if (!rc)
        rc = key_text(key, o->pin);
    if (!rc)
        rc = key_text(key, o->verify_name);
    return rc ? rc : key_text(key, rest);
}

/* Those of another origin with the same options, or new ones: ten thousand hosts load the CAs once.
 * Without a store, or with a key log, they are not shared. */
static int get_rules(struct wsc__tls_rules **out, const struct wsc__mem *mem,
                     struct wsc__tls_store *store, const struct wsc__tls_options *o,
                     struct wsc_error **err)
{
    struct wsc__entry *found;
    struct wsc__buf key;
    int rc;

    if (!store || o->keylog_file)
        return new_rules(out, mem, store, o, err);
    wsc__buf_init(&key, mem, SIZE_MAX / 2);
    rc = make_key(&key, o);
    if (!rc && !wsc__buf_cstr(&key))
        rc = WSC_E_NOMEM;
    if (rc) {
        *err = wsc__error_nomem();
        goto done;
    }
    found = wsc__table_find(&store->rules, wsc__buf_cstr(&key));
    if (found) {
        *out = WSC__OF(found, struct wsc__tls_rules, entry);
        (*out)->refs++;
        goto done;
    }
    rc = new_rules(out, mem, store, o, err);
    if (rc)
        goto done;
    /* where there is no memory for it they are not shared, that is all */
    (*out)->entry.key = wsc__strdup(mem, wsc__buf_cstr(&key));
    if ((*out)->entry.key && wsc__table_add(&store->rules, &(*out)->entry)) {
        wsc__free(mem, (char *)(uintptr_t)(*out)->entry.key);
        (*out)->entry.key = NULL;
    }
done:
    wsc__buf_free(&key);
    return rc;
}

int wsc__tls_config_new(struct wsc__tls_config **out, const struct wsc__mem *mem,
                        struct wsc__tls_store *store, const struct wsc__tls_options *o,
                        struct wsc_error **err)
{
    struct wsc__tls_config *c = wsc__zalloc(mem, sizeof *c);
    int rc;

    if (!c) {
        *err = wsc__error_nomem();
        return WSC_E_NOMEM;
    }
    c->mem = mem;
    c->refs = 1;
    rc = get_rules(&c->rules, mem, store, o, err);
    if (rc) {
        wsc__free(mem, c);
        return rc;
    }
    *out = c;
    return WSC_OK;
}

struct wsc__tls_config *wsc__tls_config_ref(struct wsc__tls_config *c)
{
    c->refs++;
    return c;
}

static void forget_session(struct wsc__tls_config *c)
{
    wsc__free(c->mem, c->saved_host);
    wsc__free_secret(c->mem, c->saved, c->saved_len);
    c->saved_host = NULL;
    c->saved = NULL;
    c->saved_len = 0;
}

void wsc__tls_config_unref(struct wsc__tls_config *c)
{
    if (!c || --c->refs)
        return;
    forget_session(c);
    unref_rules(c->rules);
    wsc__free(c->mem, c);
}

/* --- resumption ------------------------------------------------------------------------------- */

uint8_t *wsc__tls_config_take(struct wsc__tls_config *c, const char *host, size_t *len, bool *asked)
{
    uint8_t *data = NULL;

    if (!c->saved || !wsc__ieq(c->saved_host, host))
        return NULL;
    /* used once only (RFC 8446 C.4): connections can not be linked by it */
    data = c->saved;
    *len = c->saved_len;
    *asked = c->saved_asked;
    c->saved = NULL;
    forget_session(c);
    return data;
}

void wsc__tls_config_save(struct wsc__tls_config *c, const char *host, const void *data, size_t len,
                          bool asked)
{
    forget_session(c);
    c->saved_host = wsc__strdup(c->mem, host);
    c->saved = wsc__memdup(c->mem, data, len);
    c->saved_len = len;
    c->saved_asked = asked;
    if (!c->saved_host || !c->saved)
        forget_session(c); /* the next handshake is a full one, that is all */
}
