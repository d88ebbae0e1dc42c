/* The floor of sealed messages: cipher and check value alone, by the libraries that do them, over
 * as many bytes as the answers of canned.c have.
 *
 * usage: cipher KIND MB KB     KIND: ntlm (RC4 and HMAC-MD5 of nettle), kerberos (AES-256 and
 *                              HMAC-SHA-1 of Heimdal) */
#include "bench.h"

#include <krb5.h>
#include <nettle/arcfour.h>
#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>

#define AROUND 1500 /* of an answer, about: what is no output */

static uint8_t *message;

/* --- NTLM (MS-NLMP 3.4.4.2) ------------------------------------------------------------------- */

static struct arcfour_ctx rc4;
static struct hmac_md5_ctx hmac;

static void ntlm_begin(void)
{
    static const uint8_t key[16] = "a key of 16 byte";

    arcfour_set_key(&rc4, sizeof key, key);
    hmac_md5_set_key(&hmac, sizeof key, key);
}

static void ntlm_one(size_t len)
{
    uint8_t mac[16];

    arcfour_crypt(&rc4, len, message, message);
    hmac_md5_update(&hmac, len, message);
    hmac_md5_digest(&hmac, sizeof mac, mac);
    arcfour_crypt(&rc4, 8, mac, mac);
}

/* --- Kerberos (RFC 3962): as far as Heimdal's own function goes --------------------------------
 */

#define USAGE 24 /* RFC 4121 2: sealed by the initiator */

static krb5_context context;
static krb5_crypto crypto;

static void krb5_begin(void)
{
    krb5_keyblock key;

    if (krb5_init_context(&context) ||
        krb5_generate_random_keyblock(context, ETYPE_AES256_CTS_HMAC_SHA1_96, &key) ||
        krb5_crypto_init(context, &key, ETYPE_NULL, &crypto))
        abort();
    krb5_free_keyblock_contents(context, &key);
}

/* Each length is sealed once; unsealing it again and again is what is measured. */
static void krb5_one(size_t len)
{
    static krb5_data sealed;
    static size_t sealed_len;
    krb5_data plain;

    if (sealed_len != len) {
        krb5_data_free(&sealed);
        if (krb5_encrypt(context, crypto, USAGE, message, len, &sealed))
            abort();
        sealed_len = len;
    }
    if (krb5_decrypt(context, crypto, USAGE, sealed.data, sealed.length, &plain))
        abort();
    krb5_data_free(&plain);
}

/* --- all of them ------------------------------------------------------------------------------ */

static const struct kind {
    const char *name;
    void (*begin)(void);
    void (*one)(size_t len); /* unseals a message of so many bytes */
} kinds[] = {
    { "ntlm", ntlm_begin, ntlm_one },
    { "kerberos", krb5_begin, krb5_one },
};

int main(int argc, char **argv)
{
    size_t mega = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    size_t kilo = argc > 3 ? strtoul(argv[3], NULL, 10) : 0, left;
    const struct kind *k = kinds, *end = kinds + sizeof kinds / sizeof *kinds;
    struct bench b;

    while (k < end && argc > 1 && strcmp(k->name, argv[1]))
        k++;
    if (k == end || !mega || !kilo || !(message = malloc(kilo * 1000 + AROUND))) {
        fputs("usage: cipher ntlm|kerberos MB KB\n", stderr);
        return 2;
    }
    memset(message, 'A', kilo * 1000 + AROUND);
    k->begin();
    bench_begin(&b);
    for (left = mega * 1000000; left;) {
        size_t n = left < kilo * 750 ? left : kilo * 750;

        k->one(n / 3 * 4 + AROUND);
        left -= n;
    }
    bench_end(&b, 1, mega * 1000000);
    return 0;
}
