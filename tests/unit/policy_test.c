/* Who logs in how and where: every form of credentials, to every kind of target. */
#include "auth/policy.h"

#include "auth/negotiate.h"

#include "test.h"

#include <stdio.h>

/* --- targets ---------------------------------------------------------------------------------- */

static const struct wsc__policy_where targets[] = {
    { .host = "srv.example" },
    { .host = "srv.example", .trusted = true },
    { .host = "srv.example", .tls = true },
    { .host = "10.0.0.1", .literal = true },
    { .host = "10.0.0.1", .literal = true, .trusted = true },
    { .host = "10.0.0.1", .literal = true, .tls = true },
    { .host = "LocalHost" },
    { .host = "localhost", .tls = true },
    { .host = "127.0.0.1", .literal = true },
    { .host = "::1", .literal = true, .trusted = true },
};

#define TARGETS (sizeof targets / sizeof *targets)

/* --- what comes out --------------------------------------------------------------------------- */

/* "KN": Negotiate with both; "K!": with Kerberos alone, because the host is not trusted; "K", "N":
 * with one; "k", "n": without Negotiate; "b", "c", "-": Basic, certificate, none; else the end of
 * the code of the error. */
static const char *short_of(const struct wsc__policy *p, const struct wsc_error *err)
{
    static char code[16];

    if (err) {
        snprintf(code, sizeof code, "%02X", wsc__error_fault_code(err) & 0xff);
        return wsc__error_fault_code(err) ? code : "?";
    }
    if (!p->auth)
        return "-";
    if (p->auth == &wsc__auth_basic)
        return "b";
    if (p->auth == &wsc__auth_certificate)
        return "c";
    if (p->auth == &wsc__auth_kerberos)
        return p->nmechs == 1 && p->mechs[0] == WSC__MECH_KERBEROS ? "k" : "?";
    if (p->auth == &wsc__auth_ntlm)
        return p->nmechs == 1 && p->mechs[0] == WSC__MECH_NTLM ? "n" : "?";
    if (p->nmechs == 2)
        return p->mechs[0] == WSC__MECH_KERBEROS ? "KN" : "NK";
    if (p->nmechs != 1)
        return "?";
    if (p->mechs[0] == WSC__MECH_NTLM)
        return p->kerberos_alone ? "?" : "N";
    return p->kerberos_alone ? "K!" : "K";
}

/* Both judgements; what every error and every policy must have is checked here. */
static const char *judge(const struct wsc__policy_who *who, const struct wsc__policy_where *where,
                         struct wsc_error **err)
{
    struct wsc__policy p;
    int rc = wsc__policy_check(&wsc__mem_libc, who, err);

    memset(&p, 0, sizeof p);
    if (rc == WSC_OK)
        rc = wsc__policy_choose(&p, &wsc__mem_libc, who, where, err);
    CHECK(!rc == !*err);
    if (rc) {
        CHECK(!p.auth && !p.nmechs);
        CHECK(wsc__error_str(*err, WSC__ES_OPTION) != NULL);
        CHECK(wsc__error_str(*err, WSC__ES_REMEDY) != NULL);
        CHECK(wsc__error_str(*err, WSC__ES_CAUSE) != NULL);
    }
    CHECK(!p.unproven || (where->trusted && !where->tls));
    if (p.auth == &wsc__auth_negotiate) {
        CHECK(!p.left_out[WSC__MECH_KERBEROS] + !p.left_out[WSC__MECH_NTLM] == (int)p.nmechs);
        /* the point of it all: nothing else goes to who may be anybody */
        for (size_t i = 0; i < p.nmechs; i++)
            CHECK(p.mechs[i] == WSC__MECH_KERBEROS || where->tls || where->trusted);
        CHECK_EQ(p.unproven, !where->tls && !p.left_out[WSC__MECH_NTLM]);
    } else if (p.auth && p.auth != &wsc__auth_kerberos) {
        CHECK_EQ(p.unproven, !where->tls);
        CHECK(where->tls || where->trusted);
    }
    return short_of(&p, *err);
}

/* --- the grid --------------------------------------------------------------------------------- */

#define WHO(...)                                                                                   \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define UPN   .user = "u@example.com", .password = true
#define DOWN  .user = "CORP\\u", .password = true
#define ALONE .user = "u", .password = true
#define LOCAL .user = ".\\u", .password = true

/* all: the same everywhere */
static const struct {
    struct wsc__policy_who who;
    const char *all;
    const char *cells[TARGETS];
} grid[] = {
    /* http: a name, a trusted one; https; an address: http, trusted, https; localhost: http, https;
     * 127.0.0.1 over http, ::1 trusted */
    { WHO(.asked = WSC__ASKED_AUTO),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "K", "K", "E5", "E5" } },
    { WHO(.asked = WSC__ASKED_AUTO, .realm = true),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_AUTO, UPN),
      NULL,
      { "K!", "KN", "KN", "E4", "N", "N", "K!", "KN", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_AUTO, DOWN),
      NULL,
      { "K!", "KN", "KN", "E4", "N", "N", "E4", "N", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_AUTO, ALONE),
      NULL,
      { "K!", "KN", "KN", "E4", "N", "N", "E4", "N", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_AUTO, ALONE, .realm = true),
      NULL,
      { "K!", "KN", "KN", "E4", "N", "N", "K!", "KN", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_AUTO, LOCAL),
      NULL,
      { "E4", "N", "N", "E4", "N", "N", "E4", "N", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_AUTO, UPN, .certificate = true),
      NULL,
      { "K!", "KN", "KN", "E4", "N", "N", "K!", "KN", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_AUTO, .user = "u"), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_AUTO, .password = true), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_AUTO, .keytab = true),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_AUTO, .user = "u@example.com", .keytab = true),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_AUTO, .ccache = true),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_AUTO, .user = ".\\u", .keytab = true), "0E", { 0 } },
    { WHO(.asked = WSC__ASKED_AUTO, .certificate = true),
      NULL,
      { "D8", "D8", "c", "D8", "D8", "c", "D8", "c", "D8", "D8" } },
    { WHO(.asked = WSC__ASKED_AUTO, .certificate = true, .password = true),
      NULL,
      { "D8", "D8", "c", "D8", "D8", "c", "D8", "c", "D8", "D8" } },

    { WHO(.asked = WSC__ASKED_NONE), "-", { 0 } },
    { WHO(.asked = WSC__ASKED_NONE, .password = true), "-", { 0 } },
    { WHO(.asked = WSC__ASKED_NONE, .user = "u"), "AB", { 0 } },
    { WHO(.asked = WSC__ASKED_NONE, .keytab = true), "AB", { 0 } },
    { WHO(.asked = WSC__ASKED_NONE, .ccache = true), "AB", { 0 } },

    { WHO(.asked = WSC__ASKED_BASIC), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_BASIC, .user = "u"), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_BASIC, .password = true), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_BASIC, .user = "u", .keytab = true), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_BASIC, ALONE),
      NULL,
      { "DE", "DE", "b", "DE", "DE", "b", "DE", "b", "DE", "DE" } },

    { WHO(.asked = WSC__ASKED_CERTIFICATE), "B4", { 0 } },
    { WHO(.asked = WSC__ASKED_CERTIFICATE, ALONE, .certificate = true), "AF", { 0 } },
    { WHO(.asked = WSC__ASKED_CERTIFICATE, .certificate = true),
      NULL,
      { "D8", "D8", "c", "D8", "D8", "c", "D8", "c", "D8", "D8" } },

    { WHO(.asked = WSC__ASKED_NEGOTIATE),
      NULL,
      { "E5", "K", "E5", "E5", "E5", "E5", "K", "K", "E5", "E5" } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, UPN),
      NULL,
      { "K!", "KN", "KN", "E4", "N", "N", "K!", "KN", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, DOWN),
      NULL,
      { "K!", "KN", "KN", "E4", "N", "N", "E4", "N", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, LOCAL),
      NULL,
      { "E4", "N", "N", "E4", "N", "N", "E4", "N", "E4", "N" } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, .user = "u"), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, .password = true), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, .keytab = true),
      NULL,
      { "K", "K", "K", "0B", "0B", "0B", "K", "K", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, .user = "u", .ccache = true),
      NULL,
      { "K", "K", "K", "0B", "0B", "0B", "K", "K", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_NEGOTIATE, .user = ".\\u", .ccache = true), "0E", { 0 } },

    { WHO(.asked = WSC__ASKED_KERBEROS),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_KERBEROS, UPN),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_KERBEROS, DOWN),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_KERBEROS, LOCAL), "0E", { 0 } },
    { WHO(.asked = WSC__ASKED_KERBEROS, .user = "u"), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_KERBEROS, .password = true), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_KERBEROS, .keytab = true),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },
    { WHO(.asked = WSC__ASKED_KERBEROS, .ccache = true),
      NULL,
      { "k", "k", "k", "0B", "0B", "0B", "k", "k", "0B", "0B" } },

    { WHO(.asked = WSC__ASKED_NTLM), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_NTLM, .user = "u"), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_NTLM, .ccache = true), "B0", { 0 } },
    { WHO(.asked = WSC__ASKED_NTLM, UPN),
      NULL,
      { "E4", "n", "n", "E4", "n", "n", "E4", "n", "E4", "n" } },
    { WHO(.asked = WSC__ASKED_NTLM, LOCAL),
      NULL,
      { "E4", "n", "n", "E4", "n", "n", "E4", "n", "E4", "n" } },
};

static void every_cell(void)
{
    for (size_t i = 0; i < sizeof grid / sizeof *grid; i++) {
        for (size_t j = 0; j < TARGETS; j++) {
            const char *want = grid[i].all ? grid[i].all : grid[i].cells[j];
            struct wsc_error *err = NULL;
            const char *is = judge(&grid[i].who, &targets[j], &err);

            if (strcmp(is, want) != 0)
                printf("# row %zu, target %zu: %s, not %s (%s)\n", i, j, is, want,
                       err ? wsc__error_text(err) : "");
            CHECK_STR(is, want);
            wsc__error_unref(err);
        }
    }
}

/* --- options ---------------------------------------------------------------------------------- */

static const struct {
    struct wsc__policy_who who;
    struct wsc__policy_where where;
    const char *want;
    const char *option, *remedy; /* of the error */
} cases[] = {
    /* an address by another name */
    { { .asked = WSC__ASKED_AUTO },
      { .host = "10.0.0.1", .literal = true, .spn_host = true },
      "k",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "10.0.0.1", .literal = true, .spn_host = true },
      "K!",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_KERBEROS, UPN },
      { .host = "::1", .literal = true, .spn_host = true, .tls = true },
      "k",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, DOWN },
      { .host = "localhost", .spn_host = true, .tls = true },
      "KN",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_KERBEROS },
      { .host = "10.0.0.1", .literal = true },
      "0B",
      "spn-host",
      "user name and a password" },
    { { .asked = WSC__ASKED_KERBEROS, UPN },
      { .host = "10.0.0.1", .literal = true },
      "0B",
      "spn-host",
      "option auth to negotiate" },
    /* mechanisms */
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .tls = true, .mechanisms = " NTLM , kerberos" },
      "NK",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .tls = true, .mechanisms = "ntlm" },
      "N",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .tls = true, .mechanisms = "kerberos" },
      "K",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .mechanisms = "kerberos" },
      "K", /* NTLM would not be offered to a trusted one, either */
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .mechanisms = "ntlm" },
      "E4",
      "trusted-hosts",
      "trusted-hosts to s" },
    { { .asked = WSC__ASKED_AUTO, LOCAL },
      { .host = "s", .tls = true, .mechanisms = "kerberos" },
      "05",
      "mechanisms",
      NULL },
    { { .asked = WSC__ASKED_NEGOTIATE, .ccache = true },
      { .host = "s", .tls = true, .mechanisms = "ntlm" },
      "05",
      "mechanisms",
      NULL },
    { { .asked = WSC__ASKED_NTLM, UPN },
      { .host = "s", .tls = true, .mechanisms = "kerberos" },
      "n", /* it is asked for by name */
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .mechanisms = "" },
      "?",
      "mechanisms",
      "with a comma" },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .mechanisms = "kerberos,ntlm,kerberos" },
      "?",
      "mechanisms",
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .mechanisms = "kerberos,credssp" },
      "?",
      "mechanisms",
      NULL },
    { { .asked = WSC__ASKED_NONE }, { .host = "s", .mechanisms = "x" }, "?", "mechanisms", NULL },
    { { .asked = WSC__ASKED_KERBEROS },
      { .host = "s", .mechanisms = "kerberos," },
      "?",
      "mechanisms",
      NULL },
    /* without credentials */
    { { .asked = WSC__ASKED_NEGOTIATE },
      { .host = "s", .tls = true, .implicit = true },
      "K",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_NEGOTIATE },
      { .host = "s", .implicit = true },
      "E5",
      "trusted-hosts",
      "option auth to kerberos" },
    { { .asked = WSC__ASKED_NEGOTIATE },
      { .host = "s", .tls = true },
      "E5",
      "implicit-negotiate",
      "Entra" },
    { { .asked = WSC__ASKED_NEGOTIATE },
      { .host = "s", .tls = true, .trusted = true },
      "K",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO },
      { .host = "[::1]", .literal = true },
      "E5",
      "username",
      "user name and a password" },
    { { .asked = WSC__ASKED_AUTO }, { .host = "s", .own_header = true }, "-", NULL, NULL },
    { { .asked = WSC__ASKED_AUTO },
      { .host = "1.2.3.4", .literal = true, .own_header = true },
      "-",
      NULL,
      NULL },
    /* in clear */
    { { .asked = WSC__ASKED_BASIC, ALONE },
      { .host = "s" },
      "DE",
      "allow-unencrypted",
      "host in trusted-hosts" },
    { { .asked = WSC__ASKED_BASIC, ALONE },
      { .host = "s", .trusted = true },
      "DE",
      "allow-unencrypted",
      "set the option allow-unencrypted if" },
    { { .asked = WSC__ASKED_BASIC, ALONE },
      { .host = "s", .clear = true },
      "E4",
      "trusted-hosts",
      "gets the password" },
    { { .asked = WSC__ASKED_BASIC, ALONE },
      { .host = "s", .clear = true, .trusted = true },
      "b",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_AUTO, UPN },
      { .host = "s", .trusted = true, .never_sealed = true },
      "DE",
      "allow-unencrypted",
      "option encryption alone" },
    { { .asked = WSC__ASKED_KERBEROS },
      { .host = "s", .never_sealed = true },
      "DE",
      "allow-unencrypted",
      NULL },
    { { .asked = WSC__ASKED_KERBEROS },
      { .host = "s", .never_sealed = true, .clear = true },
      "k",
      NULL,
      NULL },
    { { .asked = WSC__ASKED_KERBEROS },
      { .host = "s", .never_sealed = true, .tls = true },
      "k",
      NULL,
      NULL },
    /* what was given */
    { { .asked = WSC__ASKED_NTLM, .password = true }, { .host = "s" }, "B0", "username", NULL },
    { { .asked = WSC__ASKED_NTLM, .user = "u" }, { .host = "s" }, "B0", "password", NULL },
    { { .asked = WSC__ASKED_AUTO, .user = "u" },
      { .host = "s" },
      "B0",
      "password",
      "option keytab" },
    { { .asked = WSC__ASKED_KERBEROS, UPN, .keytab = true }, { .host = "s" }, "?", "keytab", NULL },
    { { .asked = WSC__ASKED_AUTO, UPN, .ccache = true }, { .host = "s" }, "?", "ccache", NULL },
    { { .asked = WSC__ASKED_NEGOTIATE, .keytab = true, .ccache = true },
      { .host = "s" },
      "?",
      "ccache",
      NULL },
    { { .asked = WSC__ASKED_KERBEROS, LOCAL },
      { .host = "s" },
      "0E",
      "username",
      "option auth to negotiate" },
    { { .asked = WSC__ASKED_NONE, .user = "u" }, { .host = "s" }, "AB", "auth", NULL },
};

static void options(void)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc_error *err = NULL;
        const char *is = judge(&cases[i].who, &cases[i].where, &err);
        const char *remedy = err ? wsc__error_str(err, WSC__ES_REMEDY) : NULL;

        if (strcmp(is, cases[i].want) != 0)
            printf("# case %zu: %s, not %s (%s)\n", i, is, cases[i].want,
                   err ? wsc__error_text(err) : "");
        CHECK_STR(is, cases[i].want);
        if (cases[i].option)
            CHECK_STR(err ? wsc__error_str(err, WSC__ES_OPTION) : "", cases[i].option);
        CHECK(!cases[i].remedy || (remedy && strstr(remedy, cases[i].remedy)));
        wsc__error_unref(err);
    }
}

/* Errors tell who, and by which scheme; and what was left out for which reason. */
static void errors(void)
{
    struct wsc__policy_who who = { .asked = WSC__ASKED_AUTO, LOCAL };
    struct wsc_error *err = NULL;
    const char *cause;

    CHECK_STR(judge(&who, &targets[0], &err), "E4");
    CHECK_STR(wsc__error_str(err, WSC__ES_SCHEME), "Negotiate");
    CHECK_STR(wsc__error_str(err, WSC__ES_IDENTITY), ".\\u");
    cause = wsc__error_str(err, WSC__ES_CAUSE);
    CHECK(strstr(cause, "Kerberos is left out: the account is the server's own") != NULL);
    CHECK(strstr(cause, "NTLM is left out: over plain HTTP it does not prove") != NULL);
    wsc__error_unref(err);
}

/* --- a scheme of the program's own ------------------------------------------------------------ */

static const struct wsc__auth_ops brought = { .name = "Own",
                                              .flags =
                                                  WSC__AUTH_CONN_BOUND | WSC__AUTH_WRAPS_BODY };
static const struct wsc__auth_ops bare = { .name = "Own", .flags = WSC__AUTH_MUTUAL };

static void own_scheme(void)
{
    struct wsc__policy_who who = { .asked = WSC__ASKED_AUTO, .brought = &brought };
    struct wsc_error *err = NULL;
    struct wsc__policy p;

    CHECK(!wsc__policy_is_open(&who));
    CHECK_EQ(wsc__policy_check(&wsc__mem_libc, &who, &err), WSC_OK);
    CHECK_EQ(wsc__policy_choose(&p, &wsc__mem_libc, &who, &targets[1], &err), WSC_OK);
    CHECK(p.auth == &brought && p.nmechs == 2 && !p.implicit);
    CHECK_EQ(wsc__policy_choose(&p, &wsc__mem_libc, &who, &targets[0], &err), WSC_E_AUTH);
    CHECK_EQ(wsc__error_fault_code(err), 0x803380E4);
    CHECK_STR(wsc__error_str(err, WSC__ES_SCHEME), "Own");
    wsc__error_unref(err);
    who.brought = &bare; /* what does not seal says all in clear */
    CHECK_EQ(wsc__policy_choose(&p, &wsc__mem_libc, &who, &targets[0], &err), WSC_E_UNENCRYPTED);
    CHECK_EQ(wsc__error_fault_code(err), 0x803380DE);
    wsc__error_unref(err);
}

/* --- Kerberos alone, and it fails ------------------------------------------------------------- */

static struct wsc_error *untrusted(uint32_t code)
{
    struct wsc_error *e = wsc__error_fault(&wsc__mem_libc, code, "no ticket for HTTP/s");

    wsc__error_set_str(e, WSC__ES_CAUSE, "Nobody has it.");
    wsc__error_set_str(e, WSC__ES_REMEDY, "Register it.");
    wsc__error_set_str(e, WSC__ES_SPN, "HTTP/s");
    wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, 7);
    return wsc__policy_untrusted(&wsc__mem_libc, "s", e);
}

static void alone(void)
{
    static const uint32_t final[] = { 0x8009030c, 1326,       1327,       1331,       1330,
                                      1907,       0x80090308, 1909,       0x80090350, 1793,
                                      0xc000006d, 0xc0000071, 0xc0000072, 0xc0000193, 0xc0000234 };
    struct wsc_error *e = untrusted(0x80090303);
    int64_t n = 0;

    CHECK_EQ(wsc__error_code(e), WSC_E_AUTH);
    CHECK_EQ(wsc__error_fault_code(e), 0x803380E4);
    CHECK(strstr(wsc__error_text(e), "to s, which is not in trusted-hosts") != NULL);
    CHECK(strstr(wsc__error_text(e), "no ticket for HTTP/s (over plain HTTP") != NULL);
    CHECK_STR(wsc__error_str(e, WSC__ES_CAUSE), "SEC_E_TARGET_UNKNOWN: Nobody has it.");
    CHECK(strstr(wsc__error_str(e, WSC__ES_REMEDY), "trusted-hosts to s:") != NULL);
    CHECK(strstr(wsc__error_str(e, WSC__ES_REMEDY), "Register it. Where Kerberos cannot be:") !=
          NULL);
    CHECK_STR(wsc__error_str(e, WSC__ES_SPN), "HTTP/s");
    CHECK(wsc__error_int(e, WSC__EI_SYSTEM_CODE, &n) && n == 7);
    wsc__error_unref(e);
    for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
        e = untrusted(final[i]);
        CHECK_EQ(wsc__error_fault_code(e), final[i]);
        wsc__error_unref(e);
    }
    CHECK_EQ(wsc__error_code(wsc__policy_untrusted(&wsc__mem_libc, "s", wsc__error_nomem())),
             WSC_E_NOMEM);
    e = wsc__policy_untrusted(&wsc__mem_libc, "s",
                              wsc__error_new(&wsc__mem_libc, WSC_E_DESCRIPTORS, "x"));
    CHECK_EQ(wsc__error_code(e), WSC_E_DESCRIPTORS);
    wsc__error_unref(e);
    e = wsc__policy_untrusted(&wsc__mem_libc, "s", wsc__error_new(&wsc__mem_libc, WSC_E_AUTH, "x"));
    CHECK_EQ(wsc__error_fault_code(e), 0x803380E4);
    wsc__error_unref(e);
}

/* What was not tried belongs to why it failed. */
static void left_out(void)
{
    struct wsc__policy_who who = { .asked = WSC__ASKED_AUTO, UPN };
    struct wsc_error *e = wsc__error_new(&wsc__mem_libc, WSC_E_AUTH, "x"), *err = NULL;
    struct wsc__policy p;

    wsc__error_set_str(e, WSC__ES_CAUSE, "It is so.");
    CHECK_EQ(wsc__policy_choose(&p, &wsc__mem_libc, &who, &targets[2], &err), WSC_OK);
    wsc__policy_tell_left_out(&p, e);
    CHECK_STR(wsc__error_str(e, WSC__ES_CAUSE), "It is so.");
    CHECK_EQ(wsc__policy_choose(&p, &wsc__mem_libc, &who, &targets[4], &err), WSC_OK);
    wsc__policy_tell_left_out(&p, e);
    CHECK_STR(wsc__error_str(e, WSC__ES_CAUSE),
              "It is so. Kerberos was left out: it knows names, no addresses, and spn-host names "
              "none.");
    wsc__error_unref(e);
}

/* Every error is made out of memory, too. */
static int once(const struct wsc__mem *mem)
{
    int rc = WSC_OK;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct wsc_error *err = NULL;
        struct wsc__policy p;
        int now = wsc__policy_check(mem, &cases[i].who, &err);

        if (now == WSC_OK)
            now = wsc__policy_choose(&p, mem, &cases[i].who, &cases[i].where, &err);
        CHECK(!now == !err);
        if (err)
            err = wsc__policy_untrusted(mem, "s", err);
        rc = now == WSC_E_NOMEM ? now : rc;
        wsc__error_unref(err);
    }
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(once);
}

static void names(void)
{
    static const char *const here[] = { "localhost", "LOCALHOST", "127.0.0.1", "::1", "[::1]" };
    static const char *const there[] = { "localhost.", "localhost.localdomain",
                                         "127.0.0.2",  "::2",
                                         "",           "127.1" };

    for (size_t i = 0; i < sizeof here / sizeof *here; i++)
        CHECK(wsc__policy_is_local(here[i]));
    for (size_t i = 0; i < sizeof there / sizeof *there; i++)
        CHECK(!wsc__policy_is_local(there[i]));
    CHECK_STR(wsc__mech_name(WSC__MECH_KERBEROS), "Kerberos");
    CHECK_STR(wsc__mech_name(WSC__MECH_NTLM), "NTLM");
}

static const struct test tests[] = {
    { "every_cell", every_cell }, { "options", options },
    { "errors", errors },         { "own_scheme", own_scheme },
    { "alone", alone },           { "left_out", left_out },
    { "names", names },           { "out_of_memory", out_of_memory },
};

TEST_MAIN(tests)
