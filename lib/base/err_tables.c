/* The tables of status codes and Windows codes, and how they are searched. */
#include "base/err.h"

#include "base/str.h"

#include <string.h>

static const struct wsc__code codes[] = {
#define WSC__CODE(id, cls, retriable, text, remedy)                                                \
    { WSC_E_##id, "WSC_E_" #id, cls, retriable, text, remedy },
#include "base/errors.def"
#undef WSC__CODE
};

static const struct wsc__code ok = { WSC_OK, "WSC_OK", "ok", false, "Success.", NULL };

static const struct wsc__fault_info faults[] = {
#define WSC__FAULT(code, name, subcode, detail, wsc, advice, meaning, cause, remedy)               \
    { code, name, subcode, WSC_E_##wsc, WSC__ADVICE_##advice, meaning, cause, remedy, detail },
#define WSC__FAULT_NAME(code, name, wsc)                                                           \
    { code, name, NULL, WSC_E_##wsc, WSC__ADVICE_NONE, NULL, NULL, NULL, NULL },
#include "base/faults.def"
#undef WSC__FAULT
#undef WSC__FAULT_NAME
};

#define NCODES  (sizeof codes / sizeof codes[0])
#define NFAULTS (sizeof faults / sizeof faults[0])

const struct wsc__code *wsc__code_find(int code)
{
    size_t i;

    if (code == WSC_OK)
        return &ok;
    /* the table runs from -1 downwards without a gap; a test holds it to that */
    i = code < 0 && code >= -(int)NCODES ? (size_t)(-code - 1) : NCODES;
    return i < NCODES ? &codes[i] : NULL;
}

const struct wsc__code *wsc__code_find_name(const char *name)
{
    size_t i;

    if (name && !strcmp(ok.name, name))
        return &ok;
    for (i = 0; name && i < NCODES; i++)
        if (!strcmp(codes[i].name, name))
            return &codes[i];
    return NULL;
}

const struct wsc__code *wsc__code_at(size_t index)
{
    return index < NCODES ? &codes[index] : NULL;
}

const struct wsc__fault_info *wsc__fault_at(size_t index)
{
    return index < NFAULTS ? &faults[index] : NULL;
}

static const struct wsc__fault_info *find_exact(uint32_t code)
{
    size_t lo = 0, hi = NFAULTS;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (faults[mid].code == code)
            return &faults[mid];
        if (faults[mid].code < code)
            lo = mid + 1;
        else
            hi = mid;
    }
    return NULL;
}

const struct wsc__fault_info *wsc__fault_find(uint32_t code)
{
    const struct wsc__fault_info *f = find_exact(code);

    if (f)
        return f;
    if ((code & 0xffff0000u) == 0x80070000u) /* HRESULT of a Win32 code (MS-ERREF 2.1) */
        return find_exact(code & 0xffffu);
    if ((code & 0xf0000000u) == 0xd0000000u) /* HRESULT of an NTSTATUS: the N bit */
        return find_exact(code & ~0x10000000u);
    if (code >= 0x8000u && code <= 0x81ffu) /* WinRM 1.1 (MS-WSMV 4.10) */
        return find_exact(0x80338000u + (code - 0x8000u));
    return NULL;
}

uint32_t wsc__fault_code(uint32_t code)
{
    const struct wsc__fault_info *known = wsc__fault_find(code);

    return known ? known->code : code;
}

/* Subcodes that DSP0226 (14.6) lists and Windows answers with a Win32 code. */
static const struct {
    const char *subcode;
    uint32_t code;
} other_subcodes[] = {
    { "w:AccessDenied", 5 },
    { "w:NoAck", 0x80338030u },
    { "w:RenameFailure", 0x80338040u },
    { "w:DeliveryRefused", 0x80338034u },
};

const struct wsc__fault_info *wsc__fault_find_subcode(const char *subcode, const char *detail)
{
    const struct wsc__fault_info *plain = NULL, *any = NULL;
    size_t i;

    if (!subcode || !*subcode)
        return NULL;
    for (i = 0; i < NFAULTS; i++) {
        const struct wsc__fault_info *f = &faults[i];

        if (!f->subcode || !wsc__ieq(f->subcode, subcode))
            continue;
        if (detail && *detail && f->detail && wsc__ieq(f->detail, detail))
            return f;
        if (!plain && !f->detail)
            plain = f;
        if (!any)
            any = f;
    }
    for (i = 0; !any && i < sizeof other_subcodes / sizeof other_subcodes[0]; i++)
        if (wsc__ieq(other_subcodes[i].subcode, subcode))
            return find_exact(other_subcodes[i].code);
    return plain ? plain : any;
}

const struct wsc__fault_info *wsc__fault_find_name(const char *name)
{
    size_t i;

    for (i = 0; name && i < NFAULTS; i++)
        if (!strcmp(faults[i].name, name))
            return &faults[i];
    return NULL;
}
