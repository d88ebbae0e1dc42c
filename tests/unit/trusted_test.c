#include "auth/trusted.h"

#include "test.h"

/* list, host, trusted */
static const struct {
    const char *list, *host;
    bool trusted;
} matching[] = {
    /* nobody */
    { NULL, "srv", false },
    { "", "srv", false },
    { " ", "srv", false },
    { " \t ", "srv", false },
    /* everybody */
    { "*", "srv", true },
    { "*", "srv.corp.example", true },
    { "*", "10.0.0.1", true },
    { "*", "::1", true },
    { "*", "[fe80::1%eth0]", true },
    { " * ", "srv", true },
    { "*", "", false },
    { "*", NULL, false },
    { "*", "[]", false },
    /* a star for everybody is the whole list or nothing */
    { "*,srv", "other", false },
    { "*,srv", "srv", true },
    { "srv,*", "other", false },
    { "srv, *", "srv", true },
    { "**", "srv", false },
    /* one host */
    { "srv", "srv", true },
    { "srv", "SRV", true },
    { "SRV", "srv", true },
    { "Srv.Corp.Example", "sRV.cORP.eXAMPLE", true },
    { "srv", "srv2", false },
    { "srv2", "srv", false },
    { "srv", "sr", false },
    { "srv", "srv.corp.example", false },
    { "srv.corp.example", "srv", false },
    { "srv.", "srv", false },
    { "srv", "srv.", false },
    { "srv", "xsrv", false },
    { "my_srv-1", "my_srv-1", true },
    { "my_srv-1", "my-srv-1", false },
    { "[", "[", false },
    { "@", "`", false }, /* no letters: case does not make them one */
    { "a[b", "a{b", false },
    { "localhost", "localhost", true },
    { "localhost", "127.0.0.1", false },
    { "srv", "", false },
    { "srv", NULL, false },
    /* several */
    { "a,b,c", "a", true },
    { "a,b,c", "b", true },
    { "a,b,c", "c", true },
    { "a,b,c", "d", false },
    { "a,b,c", "a,b", false },
    { "a,b,c", "a,b,c", false },
    { "a, b , c", "b", true },
    { "  a\t,\tb ", "a", true },
    { "  a\t,\tb ", "b", true },
    { "a b", "a", false },
    { "a b", "b", false },
    { "a b", "a b", false },
    { "a;b", "a", false },
    { "a;b", "b", false },
    { "a,,b", "b", true },
    { "a,,b", "", false },
    { ",", "a", false },
    { ",a", "a", true },
    { "a,", "a", true },
    /* suffixes */
    { "*.corp.example", "srv.corp.example", true },
    { "*.corp.example", "a.b.corp.example", true },
    { "*.corp.example", "SRV.CORP.EXAMPLE", true },
    { "*.CORP.example", "srv.corp.EXAMPLE", true },
    { "*.corp.example", "corp.example", false },
    { "*.corp.example", ".corp.example", true },
    { "*.corp.example", "srv.corp.example.evil", false },
    { "*.corp.example", "srv-corp.example", false },
    { "*corp.example", "evilcorp.example", true },
    { "*corp.example", "corp.example", true },
    { "*.1", "10.0.0.1", true },
    { "*.1", "10.0.0.11", false },
    { "*e", "e", true },
    { "*e", "ef", false },
    { "a,*.b", "c.b", true },
    { "a,*.b", "a", true },
    { "a,*.b", "b", false },
    /* prefixes */
    { "srv*", "srv", true },
    { "srv*", "srv1", true },
    { "srv*", "SRV.corp.example", true },
    { "srv*", "sr", false },
    { "srv*", "xsrv", false },
    { "10.0.*", "10.0.0.1", true },
    { "10.0.*", "10.1.0.1", false },
    { "10.0.*", "10.0.evil.example", true }, /* it is a text, not a network */
    { "192.168.1.*, 10.*", "10.9.8.7", true },
    { "192.168.1.*, 10.*", "192.168.2.1", false },
    { "e*", "e", true },
    /* a star elsewhere is wrong, and stands for nothing */
    { "a*b", "a*b", false },
    { "a*b", "axb", false },
    { "*a*", "a", false },
    { "*a*", "bab", false },
    { "*.*", "a.b", false },
    { "srv.*.example", "srv.corp.example", false },
    { "a*b,c", "c", true },
    /* names without a dot */
    { "<local>", "srv", true },
    { "<local>", "SRV-1", true },
    { "<LOCAL>", "srv", true },
    { "<local>", "srv.corp.example", false },
    { "<local>", "srv.", false },
    { "<local>", "10.0.0.1", false },
    { "<local>", "::1", false }, /* no name */
    { "<local>", "[::1]", false },
    { "<local>", "<local>", true },
    { "<local>, *.corp.example", "srv", true },
    { "<local>, *.corp.example", "srv.corp.example", true },
    { "<local>, *.corp.example", "srv.evil.example", false },
    { "local", "srv", false },
    { "<local", "srv", false },
    { "<local>*", "srv", false },
    { "< local >", "srv", false },
    /* addresses */
    { "10.0.0.1", "10.0.0.1", true },
    { "10.0.0.1", "10.0.0.10", false },
    { "10.0.0.1", "010.0.0.1", false },
    { "::1", "::1", true },
    { "::1", "[::1]", true },
    { "[::1]", "::1", true },
    { "[::1]", "[::1]", true },
    { "::1", "0:0:0:0:0:0:0:1", false },
    { "FE80::A", "fe80::a", true },
    { "2001:db8::1", "[2001:DB8::1]", true },
    { "2001:db8:*", "2001:db8::1", true },
    { "2001:db8:*", "[2001:db8::1]", true },
    { "*::1", "2001:db8::1", true },
    { "[2001:db8:*]", "2001:db8::1", false },
    { "[::1", "::1", false },
    { "::1]", "::1", false },
    { "[::1]:5985", "::1", false },
    { "[[::1]]", "[::1]", false },
    /* a zone is part of the host */
    { "fe80::1", "fe80::1%eth0", false },
    { "fe80::1%eth0", "fe80::1", false },
    { "fe80::1%eth0", "fe80::1%eth0", true },
    { "fe80::1%eth0", "[fe80::1%eth0]", true },
    { "fe80::1%eth0", "fe80::1%eth1", false },
    { "fe80::1%*", "fe80::1%eth0", true },
    { "fe80:*", "fe80::1%eth0", true },
    { "*%eth0", "fe80::1%eth0", true },
    /* no port */
    { "srv:5985", "srv", false },
    { "srv:5985", "srv:5985", false },
    { "http://srv", "srv", false },
};

static void hosts(void)
{
    size_t n = sizeof matching / sizeof *matching;

    CHECK(n >= 100);
    for (size_t i = 0; i < n; i++) {
        if (!CHECK_EQ(wsc__trusted_host(matching[i].list, matching[i].host), matching[i].trusted))
            printf("# \"%s\" with \"%s\"\n", matching[i].list, matching[i].host);
    }
}

static void syntax(void)
{
    static const struct {
        const char *list;
        int bad_at; /* -1: good */
        const char *why;
    } cases[] = {
        { NULL, -1, NULL },
        { "", -1, NULL },
        { "  ", -1, NULL },
        { "*", -1, NULL },
        { " * ", -1, NULL },
        { "srv", -1, NULL },
        { "a, b,c ", -1, NULL },
        { "*.corp.example,10.0.*,<local>,[::1],fe80::1%eth0,::1", -1, NULL },
        { "2001:db8:*", -1, NULL },
        { "a:b::c", -1, NULL },
        { ",", 0, "empty" },
        { "a,", 2, "empty" },
        { "a,,b", 2, "empty" },
        { "a, ,b", 3, "empty" },
        { "a,*", 2, "whole list" },
        { "*, a", 0, "whole list" },
        { "a*b", 1, "one end" },
        { "*a*", 2, "one end" },
        { "**", 1, "one end" },
        { "ok, srv.*.example", 8, "one end" },
        { "a b", 1, "comma" },
        { "a;b", 1, "no host name" },
        { "http://srv", 5, "no host name" },
        { "<localhost>", 0, "no host name" },
        { "\xc3\xa4", 0, "no host name" },
        { "a,b\x01", 3, "no host name" },
        { "srv:5985", 3, "without port" },
        { "srv:", 3, "without port" },
        { "10.0.0.1:5985", 8, "without port" },
        { "[::1]:5985", 0, "brackets" },
        { "[::1", 0, "brackets" },
        { "[]", 0, "brackets" },
        { "[2001:db8:*]", 10, "one end" },
    };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t at = 99;
        const char *why = NULL;
        bool good = wsc__trusted_valid(cases[i].list, &at, &why);

        if (!CHECK_EQ(good ? -1 : (int)at, cases[i].bad_at) ||
            !CHECK(good ? !why : why && strstr(why, cases[i].why)))
            printf("# \"%s\": %s\n", cases[i].list, why ? why : "good");
    }
}

static const struct test tests[] = {
    { "hosts", hosts },
    { "syntax", syntax },
};

TEST_MAIN(tests)
