/* TLS at the far end of script.h: certificates made on the spot, GnuTLS as the server. */
#ifndef WSC_TEST_SCRIPT_TLS_H
#define WSC_TEST_SCRIPT_TLS_H

#include "script.h"

/* Once, before and after all tests. */
void script_tls_make(void);
void script_tls_drop(void);
const char *script_tls_ca(void);  /* a file: who has issued the server's certificate */
const char *script_tls_own(void); /* a file: a client's certificate and its key */
/* From now on the far end speaks TLS. certificate: the client has to show one. */
void script_tls_use(struct drv *d, bool certificate);

#endif
