#include "auth/ntlm_crypto.h"

#include "auth/utf16.h"

#include <nettle/hmac.h>
#include <nettle/md4.h>
#include <nettle/md5.h>

#include <string.h>

static void put32(uint8_t *out, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(v >> (8 * i));
}

void wsc__ntlm_owf(uint8_t out[WSC__NTLM_KEY_LEN], const char *password, size_t len)
{
    struct md4_ctx md4;
    uint8_t unit[4];

    md4_init(&md4);
    while (len) {
        size_t n, used = wsc__utf16_char(password, len, false, unit, &n);

        md4_update(&md4, n, unit);
        password += used;
        len -= used;
    }
    md4_digest(&md4, WSC__NTLM_KEY_LEN, out);
    wsc__wipe(&md4, sizeof md4);
    wsc__wipe(unit, sizeof unit);
}

void wsc__ntlm_hmac(uint8_t out[WSC__NTLM_KEY_LEN], const uint8_t key[WSC__NTLM_KEY_LEN],
                    const struct wsc__ntlm_part *parts, size_t n)
{
    struct hmac_md5_ctx hmac;

    hmac_md5_set_key(&hmac, WSC__NTLM_KEY_LEN, key);
    for (size_t i = 0; i < n; i++) {
        if (parts[i].len)
            hmac_md5_update(&hmac, parts[i].len, parts[i].data);
    }
    hmac_md5_digest(&hmac, WSC__NTLM_KEY_LEN, out);
    wsc__wipe(&hmac, sizeof hmac);
}

void wsc__ntlm_rc4(uint8_t *out, const uint8_t key[WSC__NTLM_KEY_LEN], const uint8_t *data,
                   size_t len)
{
    struct arcfour_ctx rc4;

    arcfour_set_key(&rc4, WSC__NTLM_KEY_LEN, key);
    arcfour_crypt(&rc4, len, out, data);
    wsc__wipe(&rc4, sizeof rc4);
}

void wsc__ntlm_binding(uint8_t out[WSC__NTLM_KEY_LEN], const uint8_t *hash, size_t len)
{
    static const char prefix[] = "tls-server-end-point:";
    static const size_t prefix_len = sizeof prefix - 1;
    uint8_t head[20] = { 0 }; /* two addresses without type and length, the application data's */
    struct md5_ctx md5;

    put32(head + 16, (uint32_t)(prefix_len + len));
    md5_init(&md5);
    md5_update(&md5, sizeof head, head);
    md5_update(&md5, prefix_len, (const uint8_t *)prefix);
    md5_update(&md5, len, hash);
    md5_digest(&md5, WSC__NTLM_KEY_LEN, out);
}

/* --- session security ------------------------------------------------------------------------- */

/* SIGNKEY, SEALKEY (3.4.5.2, 3.4.5.3): the text goes in with its NUL. */
static void derive(uint8_t out[WSC__NTLM_KEY_LEN], const uint8_t key[WSC__NTLM_KEY_LEN],
                   const char *text)
{
    struct md5_ctx md5;

    md5_init(&md5);
    md5_update(&md5, WSC__NTLM_KEY_LEN, key);
    md5_update(&md5, strlen(text) + 1, (const uint8_t *)text);
    md5_digest(&md5, WSC__NTLM_KEY_LEN, out);
    wsc__wipe(&md5, sizeof md5);
}

void wsc__ntlm_side_init(struct wsc__ntlm_side *side, const uint8_t key[WSC__NTLM_KEY_LEN],
                         bool to_server)
{
    uint8_t seal_key[WSC__NTLM_KEY_LEN];

    derive(side->sign_key, key,
           to_server ? "session key to client-to-server signing key magic constant"
                     : "session key to server-to-client signing key magic constant");
    derive(seal_key, key,
           to_server ? "session key to client-to-server sealing key magic constant"
                     : "session key to server-to-client sealing key magic constant");
    arcfour_set_key(&side->stream, sizeof seal_key, seal_key);
    side->sequence = 0;
    wsc__wipe(seal_key, sizeof seal_key);
}

void wsc__ntlm_crypt(struct wsc__ntlm_side *side, uint8_t *out, const uint8_t *data, size_t len)
{
    arcfour_crypt(&side->stream, len, out, data);
}

void wsc__ntlm_sign(struct wsc__ntlm_side *side, const uint8_t *plain, size_t len, bool keep_stream,
                    uint8_t out[WSC__NTLM_SIGN_LEN])
{
    struct arcfour_ctx before = side->stream;
    uint8_t sequence[4], mac[WSC__NTLM_KEY_LEN];
    struct wsc__ntlm_part text[] = { { sequence, sizeof sequence }, { plain, len } };

    put32(sequence, side->sequence++);
    wsc__ntlm_hmac(mac, side->sign_key, text, 2);
    put32(out, 1); /* 2.2.2.9.2: version, checksum, sequence number */
    arcfour_crypt(&side->stream, 8, out + 4, mac);
    memcpy(out + 12, sequence, sizeof sequence);
    if (keep_stream)
        side->stream = before;
    wsc__wipe(&before, sizeof before);
    wsc__wipe(mac, sizeof mac);
}
