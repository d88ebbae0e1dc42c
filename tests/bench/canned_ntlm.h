/* The server's side of NTLM for canned.c: one challenge for all, keys of their own, messages sealed
 * and unsealed with nettle. */
#ifndef CANNED_NTLM_H
#define CANNED_NTLM_H

#include <stdbool.h>
#include <stddef.h>

#define CANNED_NTLM_CHALLENGE                                                                      \
    "TlRMTVNTUAACAAAADAAMADgAAAA3goriASNFZ4mrze8AAAAAAAAAADAAMABEAAAACgB8TwAAAA9TAGUAcgB2AGUAcgAC" \
    "AAwARABvAG0AYQBpAG4AAQAMAFMAZQByAHYAZQByAAcACAAAAADu/8DZAQAAAAA="
#define CANNED_NTLM_SIGNATURE 16

struct canned_ntlm;

/* A client's token, in base64: 0 = it asks for the challenge, 1 = it has proved that it is the user
 * bench with the password bench, -1 = neither. *n: made for the connection. */
int canned_ntlm_step(struct canned_ntlm **n, const char *token, size_t len);
/* message: the signature, and len bytes behind it. False: it is not the client's next one. */
bool canned_ntlm_unseal(struct canned_ntlm *n, unsigned char *message, size_t len);
/* In pieces: the data first, then the signature over all of it. */
void canned_ntlm_seal_begin(struct canned_ntlm *n);
void canned_ntlm_seal(struct canned_ntlm *n, unsigned char *out, const void *plain, size_t len);
void canned_ntlm_seal_end(struct canned_ntlm *n, unsigned char signature[CANNED_NTLM_SIGNATURE]);
void canned_ntlm_free(struct canned_ntlm *n); /* NULL is fine */

#endif
