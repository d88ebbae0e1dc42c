#include "wsman/sddl.h"

#include "base/codes.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>

struct word {
    const char *code, *text;
};

/* MS-DTYP 2.4.2.4 and 2.5.1.1 */
static const struct word accounts[] = {
    { "AA", "Access Control Assistance Operators" },
    { "AC", "All Application Packages" },
    { "AN", "Anonymous Logon" },
    { "AO", "Account Operators" },
    { "AU", "Authenticated Users" },
    { "BA", "Administrators" },
    { "BG", "Guests" },
    { "BO", "Backup Operators" },
    { "BU", "Users" },
    { "CA", "Certificate Publishers" },
    { "CD", "Certificate Service DCOM Access" },
    { "CG", "Creator Group" },
    { "CO", "Creator Owner" },
    { "CY", "Cryptographic Operators" },
    { "DA", "Domain Admins" },
    { "DC", "Domain Computers" },
    { "DD", "Domain Controllers" },
    { "DG", "Domain Guests" },
    { "DU", "Domain Users" },
    { "EA", "Enterprise Admins" },
    { "ED", "Enterprise Domain Controllers" },
    { "ER", "Event Log Readers" },
    { "HA", "Hyper-V Administrators" },
    { "IU", "Interactive Users" },
    { "LA", "the local Administrator" },
    { "LG", "the local Guest" },
    { "LS", "Local Service" },
    { "LU", "Performance Log Users" },
    { "MU", "Performance Monitor Users" },
    { "NO", "Network Configuration Operators" },
    { "NS", "Network Service" },
    { "NU", "Network Logon Users" },
    { "OW", "Owner Rights" },
    { "PA", "Group Policy Creator Owners" },
    { "PO", "Print Operators" },
    { "PS", "Principal Self" },
    { "PU", "Power Users" },
    { "RA", "RDS Remote Access Servers" },
    { "RC", "Restricted Code" },
    { "RD", "Remote Desktop Users" },
    { "RE", "Replicator" },
    { "RM", "Remote Management Users" },
    { "RO", "Enterprise Read-only Domain Controllers" },
    { "RU", "Pre-Windows 2000 Compatible Access" },
    { "SA", "Schema Admins" },
    { "SI", "System Integrity Level" },
    { "SO", "Server Operators" },
    { "SU", "Service Logon Users" },
    { "SY", "Local System" },
    { "WD", "Everyone" },
    { "WR", "Write Restricted Code" },
    { "S-1-1-0", "Everyone" },
    { "S-1-5-2", "Network Logon Users" },
    { "S-1-5-4", "Interactive Users" },
    { "S-1-5-7", "Anonymous Logon" },
    { "S-1-5-11", "Authenticated Users" },
    { "S-1-5-18", "Local System" },
    { "S-1-5-19", "Local Service" },
    { "S-1-5-20", "Network Service" },
    { "S-1-5-32-544", "Administrators" },
    { "S-1-5-32-545", "Users" },
    { "S-1-5-32-546", "Guests" },
    { "S-1-5-32-573", "Event Log Readers" },
    { "S-1-5-32-580", "Remote Management Users" },
};

static const struct word types[] = {
    { "A", "allow" },
    { "D", "deny" },
    { "AU", "audit" },
    { "OA", "object-allow" },
    { "OD", "object-deny" },
    { "OU", "object-audit" },
    { "AL", "alarm" },
    { "XA", "callback-allow" },
    { "XD", "callback-deny" },
    { "XU", "callback-audit" },
    { "ML", "mandatory-label" },
};

/* The generic ones are what WinRM asks for. */
static const struct word rights[] = {
    { "GA", "full control" },
    { "GR", "read (get, enumerate, subscribe)" },
    { "GW", "write (put, create, delete)" },
    { "GX", "execute (invoke, shells)" },
    { "RC", "read the security descriptor" },
    { "SD", "delete the object" },
    { "WD", "change permissions" },
    { "WO", "take ownership" },
    { "RP", "read properties" },
    { "WP", "write properties" },
    { "CC", "create children" },
    { "DC", "delete children" },
    { "LC", "list children" },
    { "SW", "self write" },
    { "LO", "list object" },
    { "DT", "delete tree" },
    { "CR", "control access" },
    { "FA", "full control of a file" },
    { "FR", "read a file" },
    { "FW", "write a file" },
    { "FX", "execute a file" },
    { "KA", "full control of a key" },
    { "KR", "read a key" },
    { "KW", "write a key" },
    { "KX", "execute a key" },
};

static const struct word flags[] = {
    { "CI", "container-inherit" }, { "OI", "object-inherit" }, { "NP", "no-propagate" },
    { "IO", "inherit-only" },      { "ID", "inherited" },      { "SA", "successes" },
    { "FA", "failures" },
};

/* The generic and standard bits of a mask in hexadecimal. */
static const struct {
    uint32_t bit;
    const char *text;
} bits[] = {
    { 0x10000000u, "full control" },
    { 0x80000000u, "read (get, enumerate, subscribe)" },
    { 0x40000000u, "write (put, create, delete)" },
    { 0x20000000u, "execute (invoke, shells)" },
    { 0x00020000u, "read the security descriptor" },
    { 0x00010000u, "delete the object" },
    { 0x00040000u, "change permissions" },
    { 0x00080000u, "take ownership" },
};

struct reader {
    const char *text, *at;
    const char *why;
    int rc; /* WSC_OK until something failed */
};

#define FIND(table, s, len) find(table, sizeof(table) / sizeof *(table), s, len)

static const char *find(const struct word *table, size_t n, const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < n; i++) {
        if (wsc__ieqn(s, len, table[i].code))
            return table[i].text;
    }
    return NULL;
}

static void fail(struct reader *r, const char *why)
{
    if (r->rc == WSC_OK) {
        r->rc = WSC_E_USAGE;
        r->why = why;
    }
}

static void add(struct reader *r, struct wsc_value *v, const char *name, const char *text,
                size_t len, struct wsc_value **child)
{
    char copy[256];

    if (r->rc != WSC_OK)
        return;
    if (len >= sizeof copy) {
        fail(r, "this is too long");
        return;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    r->rc = wsc__value_add(v, NULL, name, copy, child);
}

static void add_word(struct reader *r, struct wsc_value *v, const char *name, const char *text)
{
    add(r, v, name, text, strlen(text), NULL);
}

/* As many characters as belong to a SID or an account's two letters. */
static size_t sid_length(const char *s)
{
    return (s[0] == 'S' || s[0] == 's') && s[1] == '-' ? 2 + strspn(s + 2, "0123456789-")
                                                       : strnlen(s, 2);
}

static void add_account(struct reader *r, struct wsc_value *v, const char *name, size_t len)
{
    const char *known = FIND(accounts, r->at, len);
    struct wsc_value *made = NULL;

    if (!known && (len < 3 || sid_length(r->at) != len)) {
        fail(r, "no such account");
        return;
    }
    add(r, v, name, known ? known : r->at, known ? strlen(known) : len, &made);
    if (r->rc == WSC_OK) {
        char sid[256];

        snprintf(sid, sizeof sid, "%.*s", (int)len, r->at);
        r->rc = wsc__value_set_attr(made, NULL, "Sid", sid);
    }
    r->at += len;
}

/* Two letters each, all known. */
static void add_words(struct reader *r, struct wsc_value *v, const char *name,
                      const struct word *table, size_t n, size_t len, const char *why)
{
    const char *end = r->at + len;

    for (; r->at < end && r->rc == WSC_OK; r->at += 2) {
        const char *text = end - r->at >= 2 ? find(table, n, r->at, 2) : NULL;

        if (text)
            add_word(r, v, name, text);
        else
            fail(r, why);
        if (r->rc != WSC_OK)
            return;
    }
}

static void add_mask(struct reader *r, struct wsc_value *v, size_t len)
{
    uint64_t mask = 0;
    char rest[32];
    size_t i;

    if (!wsc__parse_hex(r->at + 2, len - 2, &mask) || mask > UINT32_MAX) {
        fail(r, "this is no mask of rights");
        return;
    }
    for (i = 0; i < sizeof bits / sizeof *bits; i++) {
        if (mask & bits[i].bit)
            add_word(r, v, "Rights", bits[i].text);
        mask &= ~(uint64_t)bits[i].bit;
    }
    if (mask) {
        snprintf(rest, sizeof rest, "0x%llx", (unsigned long long)mask);
        add_word(r, v, "Rights", rest);
    }
    r->at += len;
}

/* The text up to the next ';' or ')'. */
static size_t field(const struct reader *r)
{
    return strcspn(r->at, ";)");
}

static void skip(struct reader *r, char what)
{
    if (r->rc != WSC_OK)
        return;
    if (*r->at == what)
        r->at++;
    else
        fail(r, what == ')' ? "a ')' is missing here" : "a ';' is missing here");
}

/* type;flags;rights;object;inherited object;account[;condition] */
static void entry(struct reader *r, struct wsc_value *sddl, const char *name)
{
    struct wsc_value *v = NULL;
    const char *type;

    r->at++;
    add(r, sddl, name, "", 0, &v);
    if (r->rc != WSC_OK)
        return;
    type = FIND(types, r->at, field(r));
    if (!type) {
        fail(r, "no such type of an entry");
        return;
    }
    add_word(r, v, "Type", type);
    r->at += field(r);
    skip(r, ';');
    if (r->rc == WSC_OK)
        add_words(r, v, "Flags", flags, sizeof flags / sizeof *flags, field(r), "no such flag");
    skip(r, ';');
    if (r->rc == WSC_OK && (r->at[0] == '0' && (r->at[1] == 'x' || r->at[1] == 'X')))
        add_mask(r, v, field(r));
    else if (r->rc == WSC_OK)
        add_words(r, v, "Rights", rights, sizeof rights / sizeof *rights, field(r),
                  "no such right");
    skip(r, ';');
    if (r->rc == WSC_OK && field(r))
        add(r, v, "Object", r->at, field(r), NULL);
    r->at += r->rc == WSC_OK ? field(r) : 0;
    skip(r, ';');
    if (r->rc == WSC_OK && field(r))
        add(r, v, "InheritedObject", r->at, field(r), NULL);
    r->at += r->rc == WSC_OK ? field(r) : 0;
    skip(r, ';');
    if (r->rc == WSC_OK)
        add_account(r, v, "Account", field(r));
    if (r->rc == WSC_OK && *r->at == ';') {
        fail(r, "conditions are not read");
        return;
    }
    skip(r, ')');
}

/* D:flags(entry)(entry)...; the S of a list that follows is none of its flags. */
static void list(struct reader *r, struct wsc_value *sddl, const char *name)
{
    static const char *const known[] = { "NO_ACCESS_CONTROL", "AR", "AI", "P" };
    const char *from = r->at;
    size_t i = 0;

    while (i < sizeof known / sizeof *known) {
        size_t len = strlen(known[i]);

        if (wsc__istarts(r->at, strlen(r->at), known[i])) {
            r->at += len;
            i = 0;
        } else {
            i++;
        }
    }
    if (r->at > from)
        add(r, sddl, strcmp(name, "Access") ? "AuditFlags" : "AccessFlags", from,
            (size_t)(r->at - from), NULL);
    while (r->rc == WSC_OK && *r->at == '(')
        entry(r, sddl, name);
}

static void part(struct reader *r, struct wsc_value *sddl)
{
    char letter = *r->at;

    if (r->at[0] == '\0' || r->at[1] != ':') {
        fail(r, "O:, G:, D: or S: is expected here");
        return;
    }
    switch (letter) {
    case 'O':
    case 'G':
        r->at += 2;
        add_account(r, sddl, letter == 'O' ? "Owner" : "Group", sid_length(r->at));
        break;
    case 'D':
    case 'S':
        r->at += 2;
        list(r, sddl, letter == 'D' ? "Access" : "Audit");
        break;
    default:
        fail(r, "O:, G:, D: or S: is expected here");
    }
}

int wsc__sddl_parse(struct wsc_value **out, const struct wsc__mem *mem, const char *sddl,
                    size_t *bad_at, const char **why)
{
    struct reader r = { .text = sddl, .at = sddl };
    struct wsc_value *v = NULL;

    r.rc = wsc__value_new(&v, mem, 1u << 20, NULL, "Sddl");
    if (r.rc == WSC_OK && !*sddl)
        fail(&r, "it is empty");
    while (r.rc == WSC_OK && *r.at)
        part(&r, v);
    if (r.rc == WSC_OK) {
        *out = v;
        return WSC_OK;
    }
    wsc__value_unref(v);
    if (r.rc == WSC_E_USAGE) {
        if (bad_at)
            *bad_at = (size_t)(r.at - sddl);
        if (why)
            *why = r.why ? r.why : "a character here is not allowed";
    }
    return r.rc;
}
