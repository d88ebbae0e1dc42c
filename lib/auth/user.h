/* A user name as it was given, taken apart. */
#ifndef WSC_AUTH_USER_H
#define WSC_AUTH_USER_H

#include "base/err.h"

#include <stdbool.h>

enum wsc__user_form {
    WSC__USER_ALONE,  /* user: the server looks in its own default domain */
    WSC__USER_DOMAIN, /* DOMAIN\user: NetBIOS name of a domain or of a computer */
    WSC__USER_LOCAL,  /* .\user: an account of the server itself */
    WSC__USER_UPN     /* user@domain: DNS name of a domain, or a suffix that stands for it */
};

/* Points into what was given. */
struct wsc__user {
    enum wsc__user_form form;
    const char *whole;
    size_t whole_len;
    const char *name; /* without its domain */
    size_t name_len;
    const char *domain; /* "" for ALONE and LOCAL */
    size_t domain_len;
};

#define WSC__USER_MAX 4096

/* WSC_E_AUTH: not UTF-8 (with its offset), too long, or a part is empty. given: not NULL. */
int wsc__user_split(struct wsc__user *out, const struct wsc__mem *mem, const char *given,
                    struct wsc_error **err);
/* Its form alone; -1: NULL, or not to be taken apart, which whoever logs in with it says. */
int wsc__user_form(const struct wsc__mem *mem, const char *given);
/* Does its domain name a realm of Kerberos: user@example.com, example.com\user? */
bool wsc__user_names_realm(const struct wsc__mem *mem, const char *given);
/* Its domain, copied without its case; shorter if need be; "" where it has none. */
void wsc__user_domain(char *out, size_t cap, const struct wsc__mem *mem, const char *given);

#endif
