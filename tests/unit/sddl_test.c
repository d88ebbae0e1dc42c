#include "wsman/sddl.h"

#include "base/codes.h"
#include "wsman/typed.h"

#include "test.h"

static const struct wsc__mem *const mem = &wsc__mem_libc;

static const char *at(const struct wsc_value *v, const char *path, size_t nth)
{
    const struct wsc_value *n = wsc__value_find(v, path, nth);

    return n && n->text ? n->text : "(none)";
}

static void root(void)
{
    static const char text[] =
        "O:NSG:BAD:P(A;;GA;;;BA)(A;;GR;;;IU)S:P(AU;FA;GA;;;WD)(AU;SA;GXGW;;;WD)";
    struct wsc_value *v = NULL;

    CHECK_EQ(wsc__sddl_parse(&v, mem, text, NULL, NULL), WSC_OK);
    CHECK_STR(at(v, "Owner", 0), "Network Service");
    CHECK_STR(at(v, "Group", 0), "Administrators");
    CHECK_STR(at(v, "AccessFlags", 0), "P");
    CHECK_STR(at(v, "Access/Type", 1), "allow");
    CHECK_STR(at(v, "Access/Account", 0), "Administrators");
    CHECK_STR(at(v, "Access/Rights", 0), "full control");
    CHECK_STR(at(v, "Access/Account", 1), "Interactive Users");
    CHECK_STR(at(v, "Access/Rights", 1), "read (get, enumerate, subscribe)");
    CHECK(!wsc__value_find(v, "Access", 2));
    CHECK_STR(at(v, "Audit/Flags", 0), "failures");
    CHECK_STR(at(v, "Audit/Rights", 1), "execute (invoke, shells)");
    CHECK_STR(at(v, "Audit/Rights", 2), "write (put, create, delete)");
    CHECK_STR(wsc__value_attr(wsc__value_find(v, "Audit/Account", 1), NULL, "Sid"), "WD");
    wsc__value_unref(v);
}

static void more(void)
{
    struct wsc_value *v = NULL;

    CHECK_EQ(wsc__sddl_parse(
                 &v, mem, "O:S-1-5-21-1-2-3-500D:PAI(D;CIOI;0xa0000001;;;S-1-5-32-580)(A;;;;;RM)",
                 NULL, NULL),
             WSC_OK);
    CHECK_STR(at(v, "Owner", 0), "S-1-5-21-1-2-3-500");
    CHECK_STR(at(v, "Access/Type", 0), "deny");
    CHECK_STR(at(v, "Access/Rights", 0), "read (get, enumerate, subscribe)");
    CHECK_STR(at(v, "Access/Rights", 1), "execute (invoke, shells)");
    CHECK_STR(at(v, "Access/Rights", 2), "0x1");
    CHECK_STR(at(v, "Access/Flags", 1), "object-inherit");
    CHECK_STR(at(v, "Access/Account", 0), "Remote Management Users");
    CHECK_STR(at(v, "Access/Account", 1), "Remote Management Users");
    wsc__value_unref(v);
    v = NULL;
    CHECK_EQ(
        wsc__sddl_parse(&v, mem, "O:BAG:SYD:PARAIS:NO_ACCESS_CONTROL(AU;FA;GA;;;WD)", NULL, NULL),
        WSC_OK);
    CHECK_STR(at(v, "AccessFlags", 0), "PARAI");
    CHECK_STR(at(v, "AuditFlags", 0), "NO_ACCESS_CONTROL");
    CHECK_STR(at(v, "Audit/Account", 0), "Everyone");
    wsc__value_unref(v);
    v = NULL;
    CHECK_EQ(wsc__sddl_parse(&v, mem, "D:S:", NULL, NULL), WSC_OK);
    wsc__value_unref(v);
    v = NULL;
    CHECK_EQ(wsc__sddl_parse(&v, mem, "D:", NULL, NULL), WSC_OK);
    CHECK_EQ(v->count, 0);
    wsc__value_unref(v);
}

static void refused(void)
{
    static const struct {
        const char *text;
        size_t at;
        const char *why;
    } bad[] = {
        { "", 0, "empty" },
        { "X:BA", 0, "O:, G:" },
        { "O", 0, "O:, G:" },
        { "O:QQ", 2, "no such account" },
        { "O:", 2, "no such account" },
        { "D:(Q;;GA;;;BA)", 3, "type" },
        { "D:(A;QQ;GA;;;BA)", 5, "flag" },
        { "D:(A;C;GA;;;BA)", 5, "flag" },
        { "D:(A;;GQ;;;BA)", 6, "right" },
        { "D:(A;;0xq;;;BA)", 6, "mask" },
        { "D:(A;;0x100000000;;;BA)", 6, "mask" },
        { "D:(A;;GA;;;foo bar)", 11, "account" },
        { "D:(A;;GA;;BA)", 12, "';'" },
        { "D:(A;;GA;;;BA", 13, "')'" },
        { "D:(A;;GA;;;BA;(x))", 13, "conditions" },
        { "D:(A;;GA;;;BA)x", 14, "O:, G:" },
    };
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wsc_value *v = NULL;
        const char *why = "";
        size_t where = 99;

        CHECK_EQ(wsc__sddl_parse(&v, mem, bad[i].text, &where, &why), WSC_E_USAGE);
        if (!CHECK_EQ(where, bad[i].at) || !CHECK(strstr(why, bad[i].why)))
            printf("%s: %zu %s\n", bad[i].text, where, why);
        CHECK(!v);
    }
}

static int whole(const struct wsc__mem *m)
{
    struct wsc_value *v = NULL;
    int rc = wsc__sddl_parse(&v, m, "O:NSG:BAD:P(A;CI;GAGR;a;b;BA)S:(AU;FA;0x10000000;;;WD)", NULL,
                             NULL);

    wsc__value_unref(v);
    return rc;
}

static void no_memory(void)
{
    test_each_failure(whole);
}

static const struct test tests[] = {
    { "root", root },
    { "more", more },
    { "refused", refused },
    { "no_memory", no_memory },
};

TEST_MAIN(tests)
