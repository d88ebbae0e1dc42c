/* Which scheme and which mechanisms are used for what was given and where it goes, and why none may
 * be. Pure: it knows no connection, asks nobody and reads no file. */
#ifndef WSC_AUTH_POLICY_H
#define WSC_AUTH_POLICY_H

#include "auth/auth.h"

#include <stdbool.h>

/* The words of the option auth, in its order. */
enum wsc__asked {
    WSC__ASKED_AUTO,
    WSC__ASKED_NONE,
    WSC__ASKED_BASIC,
    WSC__ASKED_CERTIFICATE,
    WSC__ASKED_NEGOTIATE,
    WSC__ASKED_KERBEROS,
    WSC__ASKED_NTLM
};

enum wsc__mech_kind { WSC__MECH_KERBEROS, WSC__MECH_NTLM, WSC__MECHS };

/* Of the identity. */
struct wsc__policy_who {
    enum wsc__asked asked;
    const struct wsc__auth_ops *brought; /* a scheme of the program's own, in place of asked */
    const char *user;                    /* or NULL */
    bool password, certificate, keytab, ccache, realm; /* given */
};

/* Of the client and its URL. */
struct wsc__policy_where {
    const char *host;       /* as typed, without brackets; for texts, and to know localhost */
    bool literal;           /* it is an address */
    bool tls;               /* https */
    bool trusted;           /* trusted-hosts has it */
    bool spn_host;          /* given: the SPN has another host */
    bool clear;             /* allow-unencrypted */
    bool never_sealed;      /* encryption=never */
    bool implicit;          /* implicit-negotiate */
    bool own_header;        /* the program writes Authorization */
    const char *mechanisms; /* the option; NULL: both */
};

struct wsc__policy {
    const struct wsc__auth_ops *auth; /* NULL: none */
    enum wsc__mech_kind mechs[WSC__MECHS];
    size_t nmechs;                    /* most wanted first */
    const char *left_out[WSC__MECHS]; /* why (static text); NULL: it is in, or no question */
    bool implicit;                    /* nobody is named: who has run kinit */
    bool unproven;                    /* nothing proves who the server is, but it is trusted */
    /* NTLM would be offered, too, if the host were trusted: wsc__policy_untrusted */
    bool kerberos_alone;
};

const char *wsc__mech_name(enum wsc__mech_kind kind); /* "Kerberos" */
/* One of the names that mean this machine to everybody: localhost, 127.0.0.1, ::1. */
bool wsc__policy_is_local(const char *host);

/* Nothing is to be proved here, so that the program may write Authorization itself. */
bool wsc__policy_is_open(const struct wsc__policy_who *who);
/* What can be judged without a target. */
int wsc__policy_check(const struct wsc__mem *mem, const struct wsc__policy_who *who,
                      struct wsc_error **err);
/* who has passed wsc__policy_check. On failure the error has scheme, identity and option; *out is
 * without a scheme then. */
int wsc__policy_choose(struct wsc__policy *out, const struct wsc__mem *mem,
                       const struct wsc__policy_who *who, const struct wsc__policy_where *where,
                       struct wsc_error **err);

/* Adds to the cause of a failed login what was not tried, and why. */
void wsc__policy_tell_left_out(const struct wsc__policy *policy, struct wsc_error *e);

/* For a policy of kerberos_alone: what a failed login ends with. Takes e over. The error says that
 * the host is not trusted (0x803380E4), and has e as its cause; where no other mechanism would help
 * (the password is wrong, the account locked, a token damaged), it is e itself. */
struct wsc_error *wsc__policy_untrusted(const struct wsc__mem *mem, const char *host,
                                        struct wsc_error *e);

#endif
