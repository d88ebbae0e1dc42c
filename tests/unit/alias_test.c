#include "wsman/epr.h"

#include "base/codes.h"

#include "test.h"

#define W "http://schemas.microsoft.com/wbem/wsman/1"
#define C W "/config"
#define M W "/wmi/root/cimv2"
#define D "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2"

/* text, URI, then [name=value] for each selector, what is inside the resource */
static const struct {
    const char *text, *uri, *selectors, *inside;
} good[] = {
    /* aliases */
    { "winrm", W, "", NULL },
    { "wsman", W, "", NULL },
    { "wmi", W "/wmi", "", NULL },
    { "wmicimv2", M, "", NULL },
    { "cimv2", D, "", NULL },
    { "shell", W "/windows/shell", "", NULL },
    { "WINRM", W, "", NULL },
    { "WinRM/config", C, "", NULL },
    { "WSMAN/config", C, "", NULL },
    { "WmiCimV2/Win32_Service", M "/Win32_Service", "", NULL },
    { "WMI/root/cimv2/Win32_Service", M "/Win32_Service", "", NULL },
    { "wmi/root/microsoft/windows/dns/X", W "/wmi/root/microsoft/windows/dns/X", "", NULL },
    { "wmi/root/standardcimv2/*", W "/wmi/root/standardcimv2/*", "", NULL },
    { "wmicimv2/*", M "/*", "", NULL },
    { "wmicimv2/win32_SERVICE", M "/win32_SERVICE", "", NULL },
    { "cimv2/CIM_Processor", D "/CIM_Processor", "", NULL },
    { "CIMV2/*", D "/*", "", NULL },
    { "shell/cmd", W "/windows/shell/cmd", "", NULL },
    { "shell/Command", W "/windows/shell/Command", "", NULL },
    { "winrm/windows/EventLog", W "/windows/EventLog", "", NULL },
    { "wsman/SubscriptionManager/Subscription", W "/SubscriptionManager/Subscription", "", NULL },
    { "winrm/configuration/client/x", W "/configuration/client/x", "", NULL },
    { "wmi/config/client/TrustedHosts", W "/wmi/config/client/TrustedHosts", "", NULL },
    { "wmicimv2/Win32_Stra\xc3\x9f"
      "e",
      M "/Win32_Stra\xc3\x9f"
        "e",
      "", NULL },
    { "wmicimv2/a%20b:c", M "/a%20b:c", "", NULL },
    /* slashes and blanks at the ends */
    { "winrm/", W, "", NULL },
    { "winrm///", W, "", NULL },
    { "winrm/config/", C, "", NULL },
    { "winrm/config/listener/", C "/listener", "", NULL },
    { "wmicimv2/Win32_Service/?Name=x", M "/Win32_Service", "[Name=x]", NULL },
    { "  winrm/config\t", C, "", NULL },
    { "\r\nwinrm/config\r\n", C, "", NULL },
    { "winrm/config/listener ?Address=*", C "/listener", "[Address=*]", NULL },
    /* resources of the configuration, as they were typed */
    { "winrm/config/client", C "/client", "", NULL },
    { "winrm/config/Client", C "/Client", "", NULL },
    { "winrm/Config/Client", W "/Config/Client", "", NULL },
    { "winrm/config/client/auth", C "/client/auth", "", NULL },
    { "winrm/config/client/Auth", C "/client/Auth", "", NULL },
    { "winrm/config/client/DefaultPorts", C "/client/DefaultPorts", "", NULL },
    { "winrm/config/service", C "/service", "", NULL },
    { "winrm/config/service/auth", C "/service/auth", "", NULL },
    { "winrm/config/service/defaultports", C "/service/defaultports", "", NULL },
    { "winrm/config/service/certmapping", C "/service/certmapping", "", NULL },
    { "winrm/config/service/security", C "/service/security", "", NULL },
    { "winrm/config/winrs", C "/winrs", "", NULL },
    { "winrm/config/Winrs", C "/Winrs", "", NULL },
    { "winrm/config/winrs/customremoteshell", C "/winrs/customremoteshell", "", NULL },
    { "winrm/config/Listener", C "/Listener", "", NULL },
    { "winrm/config/plugin", C "/plugin", "", NULL },
    /* inside of them */
    { "winrm/config/client/TrustedHosts", C "/client", "", "TrustedHosts" },
    { "WINRM/Config/CLIENT/trustedhosts", W "/Config/CLIENT", "", "trustedhosts" },
    { "winrm/config/client/auth/Basic", C "/client/auth", "", "Basic" },
    { "winrm/config/Service/Auth/Basic/", C "/Service/Auth", "", "Basic" },
    { "winrm/config/service/RootSDDL", C "/service", "", "RootSDDL" },
    { "winrm/config/service/defaultports/HTTP", C "/service/defaultports", "", "HTTP" },
    { "winrm/config/winrs/MaxShellsPerUser", C "/winrs", "", "MaxShellsPerUser" },
    { "winrm/config/MaxTimeoutms", C, "", "MaxTimeoutms" },
    { "winrm/config/shell/x", C, "", "shell/x" }, /* that is the drive's word */
    { "winrm/config/*", C, "", "*" },
    { "winrm/config/client/*", C "/client", "", "*" },
    { "winrm/config/listener/Port?Address=*+Transport=HTTP", C "/listener",
      "[Address=*][Transport=HTTP]", "Port" },
    { "winrm/config/plugin/Quotas/MaxShells?Name=microsoft.powershell", C "/plugin",
      "[Name=microsoft.powershell]", "Quotas/MaxShells" },
    /* full URIs */
    { "http://x", "http://x", "", NULL },
    { "https://x/y/", "https://x/y/", "", NULL },
    { "HTTP://X/Y", "HTTP://X/Y", "", NULL },
    { C "/client/TrustedHosts", C "/client/TrustedHosts", "", NULL },
    { C "/client/", C "/client/", "", NULL },
    { M "/Win32_Service?Name=WinRM", M "/Win32_Service", "[Name=WinRM]", NULL },
    { " http://x/y ? a = b ", "http://x/y", "[a=b]", NULL },
    { "http://schemas.microsoft.com/powershell/Microsoft.PowerShell",
      "http://schemas.microsoft.com/powershell/Microsoft.PowerShell", "", NULL },
    { "a+b-c.1://x", "a+b-c.1://x", "", NULL },
    { "x://y://z", "x://y://z", "", NULL },
    { "http://x/a\\b", "http://x/a\\b", "", NULL },
    { "winrm://x", "winrm://x", "", NULL },
    /* selectors */
    { "wmicimv2/Win32_Service?Name=WinRM", M "/Win32_Service", "[Name=WinRM]", NULL },
    { "winrm/config/listener?Address=*+Transport=HTTPS", C "/listener",
      "[Address=*][Transport=HTTPS]", NULL },
    { "winrm/config/Listener?Address=IP:1.2.3.4+Transport=HTTP", C "/Listener",
      "[Address=IP:1.2.3.4][Transport=HTTP]", NULL },
    { "winrm/config/service/certmapping?Issuer=1f+Subject=*@lab.example+URI=*",
      C "/service/certmapping", "[Issuer=1f][Subject=*@lab.example][URI=*]", NULL },
    { "x://y?URI=http://x/y?z=1", "x://y", "[URI=http://x/y?z=1]", NULL },
    { "x://y?a=b=c", "x://y", "[a=b=c]", NULL },
    { "x://y?a==", "x://y", "[a==]", NULL },
    { "x://y?a=", "x://y", "[a=]", NULL },
    { "x://y?a=+b=", "x://y", "[a=][b=]", NULL },
    { "x://y?a=\"\"", "x://y", "[a=]", NULL },
    { "x://y?a=\"b+c\"", "x://y", "[a=b+c]", NULL },
    { "x://y?a=\"b+c=d?e\"+f=g", "x://y", "[a=b+c=d?e][f=g]", NULL },
    { "x://y?a=\" b \"", "x://y", "[a= b ]", NULL },
    { "x://y?a=\"b\"\"c\"", "x://y", "[a=b\"c]", NULL },
    { "x://y?a=\"\"\"\"", "x://y", "[a=\"]", NULL },
    { "x://y?a=b\"c\"", "x://y", "[a=b\"c\"]", NULL },
    { "x://y?a='b'", "x://y", "[a='b']", NULL },
    { "x://y? a = b + c = \"d\" ", "x://y", "[a=b][c=d]", NULL },
    { "x://y?\ta\t=\r\n b\t+\r\nc = d\n", "x://y", "[a=b][c=d]", NULL },
    { "x://y?a=b c", "x://y", "[a=b c]", NULL },
    { "x://y?a b=c", "x://y", "[a b=c]", NULL },
    { "x://y?a=%2B%3D%zz", "x://y", "[a=%2B%3D%zz]", NULL },
    { "x://y?a=b&c=d", "x://y", "[a=b&c=d]", NULL },
    { "x://y?a=b#c", "x://y", "[a=b#c]", NULL },
    { "wmicimv2/Win32_Directory?Name=C:\\Windows\\Temp", M "/Win32_Directory",
      "[Name=C:\\Windows\\Temp]", NULL },
    { "wmicimv2/Win32_Share?Name=\"C$\"", M "/Win32_Share", "[Name=C$]", NULL },
    { "cimv2/X?__cimnamespace=root/hardware+Id=1", D "/X", "[__cimnamespace=root/hardware][Id=1]",
      NULL },
    { "shell?ShellId=ABC", W "/windows/shell", "[ShellId=ABC]", NULL },
    { "x://y?a=\xc3\xa4", "x://y", "[a=\xc3\xa4]", NULL },
    { "x://y?a?=b", "x://y", "[a?=b]", NULL },
    /* PowerShell's drive */
    { "WSMan:\\localhost", C, "", NULL },
    { "WSMan:\\localhost\\", C, "", NULL },
    { "wsman:/localhost/", C, "", NULL },
    { "WSMan:\\srv01.corp.example\\Client", C "/client", "", NULL },
    { "WSMan:\\::1\\Client", C "/client", "", NULL },
    { "WSMan:\\*\\Client", C "/client", "", NULL },
    { "WSMan:\\localhost\\Client", C "/client", "", NULL },
    { "WSMan:\\localhost\\Client\\TrustedHosts", C "/client", "", "TrustedHosts" },
    { "wsman:\\localhost\\client\\trustedhosts", C "/client", "", "trustedhosts" },
    { "WSMAN:/LOCALHOST/CLIENT/TRUSTEDHOSTS", C "/client", "", "TRUSTEDHOSTS" },
    { "WSMan:\\localhost/Client\\TrustedHosts", C "/client", "", "TrustedHosts" },
    { "WSMan:\\\\localhost\\\\Client\\\\TrustedHosts\\\\", C "/client", "", "TrustedHosts" },
    { "WSMan://localhost/Client", C "/client", "", NULL },
    { " WSMan:\\localhost\\Client ", C "/client", "", NULL },
    { "WSMan:\\localhost\\Client\\Auth", C "/client/auth", "", NULL },
    { "WSMan:\\localhost\\Client\\Auth\\CredSSP", C "/client/auth", "", "CredSSP" },
    { "WSMan:\\localhost\\Client\\DefaultPorts\\HTTPS", C "/client/defaultports", "", "HTTPS" },
    { "wsman:\\localhost\\Service\\Auth\\Basic", C "/service/auth", "", "Basic" },
    { "wsman:\\localhost\\Service\\RootSDDL", C "/service", "", "RootSDDL" },
    { "WSMan:\\localhost\\Service\\CertMapping", C "/service/certmapping", "", NULL },
    { "WSMan:\\localhost\\ClientCertificate", C "/service/certmapping", "", NULL },
    { "WSMan:\\localhost\\Shell", C "/winrs", "", NULL },
    { "WSMan:\\localhost\\Shell\\MaxMemoryPerShellMB", C "/winrs", "", "MaxMemoryPerShellMB" },
    { "WSMan:\\localhost\\MaxEnvelopeSizekb", C, "", "MaxEnvelopeSizekb" },
    { "WSMan:\\localhost\\Client\\*", C "/client", "", "*" },
    { "WSMan:\\localhost\\*", C, "", "*" },
    { "WSMan:\\localhost\\Listener", C "/listener", "", NULL },
    { "WSMan:\\localhost\\Listener\\", C "/listener", "", NULL },
    { "WSMan:\\localhost\\Listener?Address=*+Transport=HTTP", C "/listener",
      "[Address=*][Transport=HTTP]", NULL },
    { "WSMan:\\localhost\\Plugin", C "/plugin", "", NULL },
    { "WSMan:\\localhost\\Plugin\\microsoft.powershell", C "/plugin", "[Name=microsoft.powershell]",
      NULL },
    { "WSMan:\\localhost\\Plugin\\microsoft.powershell\\Quotas\\MaxShells", C "/plugin",
      "[Name=microsoft.powershell]", "Quotas/MaxShells" },
    { "WSMan:\\localhost\\Plugin\\Event Forwarding Plugin\\Enabled", C "/plugin",
      "[Name=Event Forwarding Plugin]", "Enabled" },
    { "WSMan:\\localhost\\Plugin\\x\\\\Resources\\*\\", C "/plugin", "[Name=x]", "Resources/*" },
};

/* text, offset, a part of the reason */
static const struct {
    const char *text;
    size_t at;
    const char *why;
} bad[] = {
    { "", 0, "missing" },
    { "  ", 2, "missing" },
    { "?a=b", 0, "missing" },
    { " ?a=b", 1, "missing" },
    /* neither alias nor URI */
    { "foo", 0, "neither" },
    { "foo/bar", 0, "neither" },
    { " foo", 1, "neither" },
    { "/", 0, "neither" },
    { "/winrm", 0, "neither" },
    { "a_very_long_word_indeed/x", 0, "neither" },
    { "urn:x", 0, "neither" },
    { "http:/x", 0, "neither" },
    { "://x", 0, "neither" },
    { "1http://x", 0, "neither" },
    { "winr/config", 0, "\"winrm\"" },
    { "wirnm/config", 0, "\"winrm\"" },
    { "WINRN", 0, "\"winrm\"" },
    { "wsmn/config", 0, "\"wsman\"" },
    { "wmic", 0, "\"wmi\"" },
    { "wmicim2/Win32_Service", 0, "\"wmicimv2\"" },
    { "wmicmv2/Win32_Service", 0, "\"wmicimv2\"" },
    { "cimv22/x", 0, "\"cimv2\"" },
    { "shel?a=b", 0, "\"shell\"" },
    { "xyz", 0, "neither" },
    { "Win32_Service?Name=x", 0, "wmicimv2/" },
    { "CIM_Processor", 0, "cimv2/" },
    { "MSFT_NetAdapter", 0, "wmi/root" },
    { "config/client", 0, "winrm/config" },
    { "root/cimv2/Win32_Service", 0, "wmi/root" },
    { "\\\\root\\cimv2\\Win32_Service", 0, "wmi/root" },
    /* paths behind an alias */
    { "winrm\\config", 5, "separated by /" },
    { "winrm/config\\client", 12, "separated by /" },
    { "wmi/root\\cimv2/X", 8, "separated by /" },
    { "winrm:config", 5, "slash" },
    { "wmi:root", 3, "slash" },
    { "winrm//config", 6, "empty name" },
    { "winrm/config//client", 13, "empty name" },
    { "winrm/con fig", 9, "blanks" },
    { "winrm/config\tx", 12, "blanks" },
    { "winrm/config\x7f", 12, "blanks" },
    { "http://", 7, "nothing follows" },
    { " http:// ?a=b", 8, "nothing follows" },
    { "http://x y", 8, "blanks" },
    { "http://x\ny", 8, "blanks" },
    /* characters */
    { "winrm/\x01", 6, "XML" },
    { "winrm/\xff", 6, "XML" },
    { "winrm/config?a=\xed\xa0\x80", 15, "XML" },
    { "winrm/config?a=\x1b", 15, "XML" },
    { "x://y?a=b\tc", 9, "control" },
    { "x://y?a=b\nc", 9, "control" },
    { "x://y?a=\"b\nc\"", 10, "control" },
    { "x://y?a\tb=c", 7, "control" },
    { "x://y?a=b\x7f", 9, "control" },
    { "x://y?a=b+c\x7f=d", 11, "control" },
    /* selectors */
    { "x://y?", 6, "is missing" },
    { "x://y? ", 6, "is missing" },
    { "x://y?a", 6, "Name=value" },
    { "x://y? a ", 7, "Name=value" },
    { "x://y?=b", 6, "name of the selector" },
    { "x://y? =b", 7, "name of the selector" },
    { "x://y?a=b+", 10, "is missing" },
    { "x://y?+a=b", 6, "is missing" },
    { "x://y?a=b++c=d", 10, "is missing" },
    { "x://y?a=b+c", 10, "needs quotes" },
    { "x://y?a=b+c+d=e", 10, "needs quotes" },
    { "x://y?a=b+a=c", 10, "already" },
    { "x://y?a=b+ A =c", 11, "already" },
    { "x://y?Name=1+x=2+NAME=3", 17, "already" },
    { "x://y?a=\"b", 8, "never closed" },
    { "x://y?a=\"", 8, "never closed" },
    { "x://y?a=\"b\"\"", 8, "never closed" },
    { "x://y?c=d+a= \"b+c=d", 13, "never closed" },
    { "x://y?a=\"b\"c", 11, "closing quote" },
    { "x://y?a=\"b\" c=d", 12, "closing quote" },
    { "x://y?\"a\"=b", 6, "only values" },
    /* the drive */
    { "wsman:", 6, "host" },
    { "WSMan:\\", 7, "host" },
    { "WSMan:\\\\", 8, "host" },
    { "wsman:config/client", 6, "slash and a host" },
    { "WSMan:localhost\\Client", 6, "slash and a host" },
    { "WSMan:\\localhost\\a\tb", 18, "control" },
    { "WSMan:\\localhost\\Listener\\Listener_1234\\Port", 26, "Address=...+Transport=..." },
    { "WSMan:\\localhost\\Listener\\Listener_1234", 26, "Address=...+Transport=..." },
    { "wsman:\\localhost\\listener\\listener*\\port", 26, "enumerate winrm/config/listener" },
    { "WSMan:/localhost/Listener/*", 26, "enumerate winrm/config/listener" },
    { "WSMan:\\localhost\\ClientCertificate\\ClientCertificate_1", 35, "Issuer=" },
    { "WSMan:\\localhost\\ClientCertificate\\*", 35, "enumerate" },
    { "WSMan:\\localhost\\Plugin\\*\\Quotas", 24, "enumerate winrm/config/plugin" },
    { "WSMan:\\localhost\\Plugin\\microsoft*", 24, "enumerate winrm/config/plugin" },
    { "WSMan:\\localhost\\Plugin\\x?Name=y", 26, "already" },
};

static const char *shown(char *out, size_t cap, const struct wsc_epr *e)
{
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < e->n && at < cap; i++)
        at += (size_t)snprintf(out + at, cap - at, "[%s=%s]", e->selectors[i].name,
                               e->selectors[i].value);
    return out;
}

static void understood(void)
{
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        struct wsc_epr *e = NULL;
        char *inside = NULL, text[400];
        const char *why = NULL;
        size_t at = 99;

        if (!CHECK_EQ(wsc__epr_parse_path(&e, &wsc__mem_libc, good[i].text, &inside, &at, &why),
                      0)) {
            printf("# \"%s\": at %zu, %s\n", good[i].text, at, why ? why : "");
            continue;
        }
        if (!CHECK_STR(e->uri, good[i].uri) ||
            !CHECK_STR(shown(text, sizeof text, e), good[i].selectors) ||
            !CHECK_STR(inside, good[i].inside))
            printf("# of \"%s\"\n", good[i].text);
        CHECK(at == 99 && !why);
        wsc__free(&wsc__mem_libc, inside);
        wsc__epr_free(e);
        e = NULL;
        if (wsc__epr_parse(&e, &wsc__mem_libc, good[i].text, &at, &why))
            CHECK(good[i].inside && strstr(why, "inside") &&
                  !strncmp(good[i].text + at, good[i].inside, strcspn(good[i].inside, "/")));
        else
            CHECK(!good[i].inside && !strcmp(e->uri, good[i].uri));
        wsc__epr_free(e);
    }
}

static void refused(void)
{
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct wsc_epr *e = NULL;
        char *inside = NULL;
        const char *why = "", *why_too = "";
        size_t at = 999, at_too = 999;

        if (!CHECK_EQ(wsc__epr_parse_path(&e, &wsc__mem_libc, bad[i].text, &inside, &at, &why),
                      WSC_E_USAGE) ||
            !CHECK_EQ(at, bad[i].at) || !CHECK(strstr(why, bad[i].why)))
            printf("# of \"%s\": %s\n", bad[i].text, why);
        CHECK(!e && !inside);
        CHECK_EQ(wsc__epr_parse(&e, &wsc__mem_libc, bad[i].text, &at_too, &why_too), WSC_E_USAGE);
        CHECK(!e && at == at_too && why == why_too);
        CHECK_EQ(wsc__epr_parse(&e, &wsc__mem_libc, bad[i].text, NULL, NULL), WSC_E_USAGE);
    }
}

/* A name goes where it stood, whichever slashes are around. */
static void rest_alone_is_refused(void)
{
    struct wsc_epr *e = NULL;
    const char *why = NULL;
    size_t at = 0;

    CHECK_EQ(wsc__epr_parse(&e, &wsc__mem_libc, "WSMan:\\x\\\\Plugin\\y\\\\Quotas\\MaxShells", &at,
                            &why),
             WSC_E_USAGE);
    CHECK_EQ(at, 20);
    CHECK(strstr(why, "name only the resource"));
    CHECK(!e);
}

static void aliases(void)
{
    CHECK_STR(wsc__alias("winrm", 5), W);
    CHECK_STR(wsc__alias("WSMAN/x", 7), W);
    CHECK_STR(wsc__alias("wmicimv2/Win32_Service", 22), M);
    CHECK_STR(wsc__alias("wmicimv2?a=b", 12), M);
    CHECK_STR(wsc__alias("wmicimv2", 3), W "/wmi");
    CHECK_STR(wsc__alias("cimv2", 5), D);
    CHECK_STR(wsc__alias("shell", 5), W "/windows/shell");
    CHECK(!wsc__alias("wmicimv2", 4));
    CHECK(!wsc__alias("winrm:", 6));
    CHECK(!wsc__alias("", 0));
    CHECK(!wsc__alias("/winrm", 6));
    CHECK(!wsc__alias("Win32_Service", 13));
}

static int whole(const struct wsc__mem *mem)
{
    struct wsc_epr *e = NULL;
    char *inside = NULL;
    int rc = wsc__epr_parse_path(&e, mem,
                                 "WSMan:\\localhost\\Plugin\\x\\Quotas\\MaxShells?a=\"b\"\"c\"+d=e",
                                 &inside, NULL, NULL);

    CHECK(!rc || (rc == WSC_E_NOMEM && !e && !inside));
    wsc__free(mem, inside);
    wsc__epr_free(e);
    return rc;
}

static void out_of_memory(void)
{
    test_each_failure(whole);
}

static const struct test tests[] = {
    { "understood", understood },
    { "refused", refused },
    { "rest_alone_is_refused", rest_alone_is_refused },
    { "aliases", aliases },
    { "out_of_memory", out_of_memory },
};
TEST_MAIN(tests)
