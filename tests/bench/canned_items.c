#define _GNU_SOURCE
#include "canned_items.h"

#include <stdio.h>
#include <stdlib.h>

#define ITEMS_MAX 1000000 /* bytes of them in an answer */
#define CLASS     "Win32_Thread"
#define WMI       "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
#define NS_N      "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define NS_XSI    "http://www.w3.org/2001/XMLSchema-instance"
#define NS_CIM    "http://schemas.dmtf.org/wbem/wscim/1/common"

/* As Windows writes one, but that all are of one length: any number of them is one piece. */
static const char item[] =
    "<p:" CLASS " xmlns:xsi=\"" NS_XSI "\" xmlns:p=\"" WMI CLASS "\" xmlns:cim=\"" NS_CIM "\""
    " xsi:type=\"p:" CLASS "_Type\" xml:lang=\"en-US\"><p:ElapsedTime>%08u</p:ElapsedTime>"
    "<p:ExecutionState xsi:nil=\"true\"/><p:Handle>%05u</p:Handle>"
    "<p:KernelModeTime>%08u</p:KernelModeTime><p:Name>%05u/%u</p:Name><p:Priority>%02u</p:Priority>"
    "<p:ThreadState>%u</p:ThreadState><p:UserModeTime>%08u</p:UserModeTime></p:" CLASS ">";

static char items[ITEMS_MAX + 1];
static size_t each;

static unsigned below(unsigned n)
{
    static uint64_t x = 88172645463325252u;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return (unsigned)((x >> 32) % n);
}

void canned_items_prepare(void)
{
    size_t at = 0;

    do {
        unsigned handle = below(100000);

        each = (size_t)snprintf(items + at, sizeof items - at, item, below(100000000), handle,
                                below(100000000), handle, below(10), below(32), below(8),
                                below(100000000));
        at += each;
    } while (at + each <= ITEMS_MAX);
}

size_t canned_items_each(void)
{
    return each;
}

/* --- enumerations ----------------------------------------------------------------------------- */

static uint64_t number(struct span s, int base, uint64_t otherwise)
{
    char text[24];

    if (!s.len || s.len >= sizeof text)
        return otherwise;
    memcpy(text, s.at, s.len);
    text[s.len] = '\0';
    return strtoull(text, NULL, base);
}

static bool begin(struct span body, uint64_t *left, uint64_t *kilo)
{
    *left = number(content(find(body, "Name=\"count\"")), 10, 1000);
    *kilo = number(content(find(body, "Name=\"kb\"")), 10, 150);
    return *left < UINT64_C(1) << 48 && *kilo * 1000 >= each && *kilo * 1000 <= ITEMS_MAX;
}

/* "uuid:RRRRRRRR-KKKK-4000-8000-LLLLLLLLLLLL": something that changes, kb, how many are left */
static bool go_on(struct span body, uint64_t *left, uint64_t *kilo)
{
    struct span s = element(body, "EnumerationContext");

    if (s.len != 41)
        return false;
    *kilo = number((struct span){ s.at + 14, 4 }, 16, 0);
    *left = number((struct span){ s.at + 29, 12 }, 16, 0);
    return *left && *kilo * 1000 >= each && *kilo * 1000 <= ITEMS_MAX;
}

bool canned_items_take(struct canned_items *out, struct span body, bool pull)
{
    static uint32_t changes;
    const char *p = pull ? "n:" : "w:", *verb = pull ? "Pull" : "Enumerate";
    bool none = !pull && !find(body, "OptimizeEnumeration").at;
    uint64_t left = 0, kilo = 0, n, most = number(element(body, "MaxElements"), 10, 1);
    char context[60] = "";

    if (!(pull ? go_on(body, &left, &kilo) : begin(body, &left, &kilo)))
        return false;
    n = none ? 0 : kilo * 1000 / each;
    n = n < most ? n : most;
    n = n < left ? n : left;
    left -= n;
    if (left)
        snprintf(context, sizeof context, "uuid:%08X-%04X-4000-8000-%012llX",
                 ++changes * 2654435761u, (unsigned)kilo, (unsigned long long)left);
    snprintf(out->before, sizeof out->before,
             "<s:Body><n:%sResponse xmlns:n=\"" NS_N "\"><n:EnumerationContext>%s</"
             "n:EnumerationContext><%sItems>",
             verb, context, p);
    snprintf(out->after, sizeof out->after, "</%sItems>%s%s%s</n:%sResponse></s:Body>", p,
             left ? "" : "<", left ? "" : p, left ? "" : "EndOfSequence/>", verb);
    out->items = (struct span){ items, n * each };
    return true;
}

/* --- one instance ----------------------------------------------------------------------------- */

void canned_items_one(char *out, size_t cap, struct span body)
{
    struct span uri = element(body, "ResourceURI"), name = uri;
    const char *slash = uri.at ? memrchr(uri.at, '/', uri.len) : NULL;

    if (slash) {
        name.at = slash + 1;
        name.len = (size_t)(uri.at + uri.len - name.at);
    }
    snprintf(out, cap,
             "<s:Body><p:%.*s xmlns:xsi=\"" NS_XSI "\" xmlns:p=\"%.*s\" xmlns:cim=\"" NS_CIM
             "\" xsi:type=\"p:%.*s_Type\" xml:lang=\"en-US\"><p:Caption xsi:nil=\"true\"/>"
             "<p:AvailableBytes>%u</p:AvailableBytes><p:Frequency_Object xsi:nil=\"true\"/>"
             "<p:InterruptsPersec>%u</p:InterruptsPersec><p:Name>_Total</p:Name>"
             "<p:PercentIdleTime>%u</p:PercentIdleTime>"
             "<p:PercentPrivilegedTime>%u</p:PercentPrivilegedTime>"
             "<p:PercentProcessorTime>%u</p:PercentProcessorTime>"
             "<p:PercentUserTime>%u</p:PercentUserTime></p:%.*s></s:Body>",
             (int)name.len, name.at, (int)uri.len, uri.at, (int)name.len, name.at,
             below(2000000000), below(10000), below(101), below(101), below(101), below(101),
             (int)name.len, name.at);
}
