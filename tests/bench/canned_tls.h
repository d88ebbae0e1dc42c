/* TLS for canned.c: GnuTLS on its sockets, with a key that is made at the start. */
#ifndef CANNED_TLS_H
#define CANNED_TLS_H

#include <sys/types.h>

#define CANNED_TLS_NAME "bench" /* the name in the certificate */

struct canned_tls;

/* Makes the key, and writes its certificate to that file. Ends the program when it cannot. */
void canned_tls_init(const char *pem_file);
/* A server's session on a descriptor that does not wait, or NULL. */
struct canned_tls *canned_tls_new(int fd);
void canned_tls_free(struct canned_tls *t);
/* As read and write do; the handshake is part of the first reads. */
ssize_t canned_tls_read(struct canned_tls *t, void *buf, size_t cap);
ssize_t canned_tls_write(struct canned_tls *t, const void *buf, size_t len);

#endif
