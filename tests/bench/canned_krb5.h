/* The server's side of Kerberos for canned.c, by Heimdal's acceptor with the keytab of
 * KRB5_KTNAME. */
#ifndef CANNED_KRB5_H
#define CANNED_KRB5_H

#include <stdbool.h>
#include <stddef.h>

#define CANNED_KRB5_HEADER 60 /* of AES with SHA-1 */

struct canned_krb5;

/* A client's token, in base64: true = it is let in, and reply (also base64, of cap bytes) is for
 * it. *k: made for the connection. */
bool canned_krb5_step(struct canned_krb5 **k, const char *token, size_t len, char *reply,
                      size_t cap);
/* message: the header, and len bytes behind it, which become the plain text. False: it is not the
 * client's next one. */
bool canned_krb5_unseal(struct canned_krb5 *k, unsigned char *message, size_t len);
/* out: the header, and behind it what was the plain text of len bytes. */
bool canned_krb5_seal(struct canned_krb5 *k, unsigned char *out, const void *plain, size_t len);
void canned_krb5_free(struct canned_krb5 *k); /* NULL is fine */

#endif
