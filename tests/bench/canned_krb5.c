#include "canned_krb5.h"

#include <gssapi/gssapi.h>
#include <nettle/base64.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN 65536

struct canned_krb5 {
    gss_ctx_id_t context;
};

bool canned_krb5_step(struct canned_krb5 **k, const char *token, size_t len, char *reply,
                      size_t cap)
{
    struct base64_decode_ctx d;
    gss_buffer_desc in = { TOKEN, NULL }, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor, major = GSS_S_FAILURE;
    uint8_t *raw = len < TOKEN ? malloc(TOKEN) : NULL;

    canned_krb5_free(*k);
    *k = calloc(1, sizeof **k);
    if (!*k || !raw)
        abort();
    base64_decode_init(&d);
    in.value = raw;
    if (base64_decode_update(&d, &in.length, raw, len, token))
        major =
            gss_accept_sec_context(&minor, &(*k)->context, GSS_C_NO_CREDENTIAL, &in,
                                   GSS_C_NO_CHANNEL_BINDINGS, NULL, NULL, &out, NULL, NULL, NULL);
    free(raw);
    if (major == GSS_S_COMPLETE && BASE64_ENCODE_RAW_LENGTH(out.length) < cap) {
        base64_encode_raw(reply, out.length, out.value);
        reply[BASE64_ENCODE_RAW_LENGTH(out.length)] = '\0';
    } else {
        major = GSS_S_FAILURE;
    }
    (void)gss_release_buffer(&minor, &out);
    return major == GSS_S_COMPLETE;
}

bool canned_krb5_unseal(struct canned_krb5 *k, unsigned char *message, size_t len)
{
    gss_buffer_desc in = { CANNED_KRB5_HEADER + len, message }, out = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    bool good = gss_unwrap(&minor, k->context, &in, &out, NULL, NULL) == GSS_S_COMPLETE &&
                out.length == len;

    if (good)
        memcpy(message + CANNED_KRB5_HEADER, out.value, len);
    (void)gss_release_buffer(&minor, &out);
    return good;
}

/* What Heimdal makes of a message is in the order that it has on the wire. */
bool canned_krb5_seal(struct canned_krb5 *k, unsigned char *out, const void *plain, size_t len)
{
    gss_buffer_desc in = { len, (void *)(uintptr_t)plain }, sealed = GSS_C_EMPTY_BUFFER;
    OM_uint32 minor;
    bool good = gss_wrap(&minor, k->context, 1, 0, &in, NULL, &sealed) == GSS_S_COMPLETE &&
                sealed.length == CANNED_KRB5_HEADER + len;

    if (good)
        memcpy(out, sealed.value, sealed.length);
    (void)gss_release_buffer(&minor, &sealed);
    return good;
}

void canned_krb5_free(struct canned_krb5 *k)
{
    OM_uint32 minor;

    if (k && k->context)
        (void)gss_delete_sec_context(&minor, &k->context, GSS_C_NO_BUFFER);
    free(k);
}
