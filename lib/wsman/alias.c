/* Resources as administrators write them: the aliases of the winrm tool ("winrm help alias", "winrm
 * help uris") and the paths of PowerShell's drive WSMan: (about_WSMan_Provider). */
#include "wsman/epr.h"

#include "base/buf.h"
#include "base/codes.h"
#include "base/str.h"

#include <string.h>

#define WSMAN "http://schemas.microsoft.com/wbem/wsman/1"
#define NO_SUCH(nearest)                                                                           \
    "it begins with neither an alias nor a URI; the nearest alias is \"" nearest "\""

static const struct alias {
    const char *name, *uri, *nearest;
} aliases[] = {
    { "winrm", WSMAN, NO_SUCH("winrm") },
    { "wsman", WSMAN, NO_SUCH("wsman") },
    { "wmicimv2", WSMAN "/wmi/root/cimv2", NO_SUCH("wmicimv2") },
    { "wmi", WSMAN "/wmi", NO_SUCH("wmi") },
    { "cimv2", "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2", NO_SUCH("cimv2") },
    { "shell", WSMAN "/windows/shell", NO_SUCH("shell") },
};
#define NALIASES (sizeof aliases / sizeof *aliases)

/* What is often written without its alias. */
static const struct {
    const char *prefix, *why;
} bare[] = {
    { "win32_", "a class needs its namespace in front: wmicimv2/Win32_..." },
    { "cim_", "a class needs its namespace in front: wmicimv2/CIM_... or cimv2/CIM_..." },
    { "msft_", "a class needs its namespace in front: wmi/root/.../MSFT_..." },
    { "config", "the configuration is at winrm/config" },
    { "root", "a path of WMI needs its alias in front: wmi/root/..." },
    { "\\", "a path of WMI is written wmi/root/NAMESPACE/CLASS" },
};

/* --- the configuration ------------------------------------------------------------------------ */

enum place { CONFIG, CLIENT, SERVICE, WINRS, LISTENER, PLUGIN, CERTMAPPING, OTHER };
enum { BY_ALIAS = 1, BY_DRIVE = 2, BOTH = 3 };

/* Which names in it are resources: all others are inside of one. */
static const struct step {
    enum place from, to;
    const char *name, *uri; /* what was typed, and what it is called for the drive */
    unsigned forms;
} steps[] = {
    { CONFIG, CLIENT, "client", "client", BOTH },
    { CONFIG, SERVICE, "service", "service", BOTH },
    { CONFIG, WINRS, "winrs", "winrs", BOTH },
    { CONFIG, WINRS, "shell", "winrs", BY_DRIVE },
    { CONFIG, LISTENER, "listener", "listener", BOTH },
    { CONFIG, PLUGIN, "plugin", "plugin", BOTH },
    { CONFIG, CERTMAPPING, "clientcertificate", "service/certmapping", BY_DRIVE },
    { CLIENT, OTHER, "auth", "auth", BOTH },
    { CLIENT, OTHER, "defaultports", "defaultports", BOTH },
    { SERVICE, OTHER, "auth", "auth", BOTH },
    { SERVICE, OTHER, "defaultports", "defaultports", BOTH },
    { SERVICE, CERTMAPPING, "certmapping", "certmapping", BOTH },
    { SERVICE, OTHER, "security", "security", BY_ALIAS },
    { WINRS, OTHER, "customremoteshell", "customremoteshell", BY_ALIAS },
};

/* --- reading ---------------------------------------------------------------------------------- */

/* The first failure is kept, as a writer does. */
struct reading {
    const struct wsc__mem *mem;
    const char *text;
    int rc;
    size_t bad_at;
    const char *why;
    struct wsc__buf uri;
    const char *name; /* of a plugin, or NULL */
    size_t name_len;
    const char *rest, *rest_end; /* inside the resource; NULL: nothing is */
    const char *seps;            /* of rest */
};

static void refuse(struct reading *r, const char *at, const char *why)
{
    if (r->rc)
        return;
    r->rc = WSC_E_USAGE;
    r->bad_at = (size_t)(at - r->text);
    r->why = why;
}

static void put(struct reading *r, const char *s, size_t len)
{
    if (!r->rc)
        r->rc = wsc__buf_append(&r->uri, s, len);
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static void no_controls(struct reading *r, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (is_control(s[i]))
            refuse(r, s + i, "a control character");
    }
}

/* The next name of a path; empty ones are passed over. */
static bool next_name(const char **s, const char *end, const char *seps, const char **name,
                      size_t *len)
{
    while (*s < end && strchr(seps, **s))
        ++*s;
    *name = *s;
    while (*s < end && !strchr(seps, **s))
        ++*s;
    *len = (size_t)(*s - *name);
    return *len > 0;
}

static const struct step *find_step(enum place from, unsigned form, const char *name, size_t len)
{
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (steps[i].from == from && steps[i].forms & form && wsc__ieqn(name, len, steps[i].name))
            return &steps[i];
    }
    return NULL;
}

/* Goes as far down as there are resources; *s stays in front of the first name that is none. */
static enum place descend(struct reading *r, unsigned form, const char **s, const char *end)
{
    enum place at = CONFIG;
    const char *ahead = *s, *name;
    size_t len;

    while (next_name(&ahead, end, r->seps, &name, &len)) {
        const struct step *step = find_step(at, form, name, len);

        if (!step)
            break;
        put(r, "/", 1);
        if (form == BY_DRIVE)
            put(r, step->uri, strlen(step->uri));
        else
            put(r, name, len);
        at = step->to;
        *s = ahead;
    }
    return at;
}

static void keep_rest(struct reading *r, const char *s, const char *end)
{
    const char *from = s, *name;
    size_t len;

    if (!next_name(&from, end, r->seps, &name, &len))
        return;
    r->rest = name;
    r->rest_end = end;
}

/* --- an alias --------------------------------------------------------------------------------- */

static const struct alias *find_alias(const char *name, size_t len)
{
    for (size_t i = 0; i < NALIASES; i++) {
        if (wsc__ieqn(name, len, aliases[i].name))
            return &aliases[i];
    }
    return NULL;
}

const char *wsc__alias(const char *text, size_t len)
{
    const struct alias *a;
    size_t n = 0;

    while (n < len && text[n] != '/' && text[n] != '?')
        n++;
    a = find_alias(text, n);
    return a ? a->uri : NULL;
}

static const char *why_no_alias(const char *s, size_t path_len, size_t len)
{
    const char *why = "it begins with neither an alias (winrm, wsman, wmi, wmicimv2, cimv2, shell) "
                      "nor a URI";
    unsigned least = 3;
    char word[16];

    for (size_t i = 0; i < sizeof bare / sizeof *bare; i++) {
        if (wsc__istarts(s, path_len, bare[i].prefix))
            return bare[i].why;
    }
    if (len >= sizeof word)
        return why;
    memcpy(word, s, len);
    word[len] = '\0';
    for (size_t i = 0; i < NALIASES; i++) {
        /* two letters of three are no likeness */
        unsigned max = strlen(aliases[i].name) > 4 ? 2 : 1;
        unsigned d = wsc__distance(word, aliases[i].name, max);

        if (d <= max && d < least) {
            least = d;
            why = aliases[i].nearest;
        }
    }
    return why;
}

static void check_path(struct reading *r, const char *s, const char *end)
{
    for (const char *p = s; p < end; p++) {
        if (*p == '\\')
            refuse(r, p, "names are separated by / behind an alias");
        else if (*p == ' ' || is_control(*p))
            refuse(r, p, "a URI has no blanks and no control characters");
        else if (*p == '/' && p > s && p[-1] == '/')
            refuse(r, p, "an empty name between two slashes");
    }
}

static void by_alias(struct reading *r, const char *s, const char *end)
{
    const char *p = s, *name;
    const struct alias *a;
    size_t len;

    while (p < end && !strchr("/\\:", *p))
        p++;
    a = find_alias(s, (size_t)(p - s));
    if (!a) {
        refuse(r, s, why_no_alias(s, (size_t)(end - s), (size_t)(p - s)));
        return;
    }
    if (p < end && *p == ':')
        refuse(r, p, "an alias is followed by a slash: winrm/config");
    while (end > p && end[-1] == '/')
        end--;
    check_path(r, p, end);
    put(r, a->uri, strlen(a->uri));
    r->seps = "/";
    s = p;
    if (strcmp(a->uri, WSMAN) || !next_name(&p, end, r->seps, &name, &len) ||
        !wsc__ieqn(name, len, "config")) {
        put(r, s, (size_t)(end - s));
        return;
    }
    put(r, s, (size_t)(p - s));
    descend(r, BY_ALIAS, &p, end);
    keep_rest(r, p, end);
}

/* --- the drive -------------------------------------------------------------------------------- */

#define DRIVE "wsman:"

static bool has_star(const char *s, size_t len)
{
    return memchr(s, '*', len) != NULL;
}

/* The name below Listener, ClientCertificate or Plugin, if there is one. */
static void take_name(struct reading *r, enum place at, const char **s, const char *end)
{
    const char *name;
    size_t len;

    if (!next_name(s, end, r->seps, &name, &len))
        return;
    if (at == LISTENER)
        refuse(r, name,
               has_star(name, len)
                   ? "this is not for several at once: enumerate winrm/config/listener"
                   : "only PowerShell knows this name: write "
                     "winrm/config/listener?Address=...+Transport=...");
    else if (at == CERTMAPPING)
        refuse(r, name,
               has_star(name, len)
                   ? "this is not for several at once: enumerate winrm/config/service/certmapping"
                   : "only PowerShell knows this name: write "
                     "winrm/config/service/certmapping?Issuer=...+Subject=...+URI=...");
    else if (has_star(name, len))
        refuse(r, name, "this is not for several at once: enumerate winrm/config/plugin");
    r->name = name;
    r->name_len = len;
}

static void by_drive(struct reading *r, const char *s, const char *end)
{
    static const char config[] = WSMAN "/config";
    const char *name;
    enum place at;
    size_t len;

    no_controls(r, s, (size_t)(end - s));
    r->seps = "/\\";
    s += sizeof DRIVE - 1;
    if (s < end && !strchr(r->seps, *s))
        refuse(r, s, "a path of the drive begins with a slash and a host: WSMan:\\localhost\\...");
    if (!next_name(&s, end, r->seps, &name, &len))
        refuse(r, name, "the host is missing: WSMan:\\localhost\\...");
    put(r, config, sizeof config - 1);
    at = descend(r, BY_DRIVE, &s, end);
    if (at == LISTENER || at == PLUGIN || at == CERTMAPPING)
        take_name(r, at, &s, end);
    keep_rest(r, s, end);
}

/* --- a URI ------------------------------------------------------------------------------------ */

/* Behind "scheme://" (RFC 3986 3.1), or NULL. */
static const char *behind_scheme(const char *s, const char *end)
{
    const char *p = s;

    while (p < end && ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                       (p > s && ((*p >= '0' && *p <= '9') || strchr("+-.", *p)))))
        p++;
    return p > s && end - p >= 3 && !memcmp(p, "://", 3) ? p + 3 : NULL;
}

static void by_uri(struct reading *r, const char *s, const char *behind, const char *end)
{
    if (behind == end)
        refuse(r, end, "nothing follows the scheme of the URI");
    for (const char *p = s; p < end; p++) {
        if (*p == ' ' || is_control(*p))
            refuse(r, p, "a URI has no blanks and no control characters");
    }
    put(r, s, (size_t)(end - s));
}

/* --- selectors -------------------------------------------------------------------------------- */

static const char *skip_blanks(const char *s, const char *end)
{
    while (s < end && wsc__is_space(*s))
        s++;
    return s;
}

/* What is between the quotes; *s moves from the opening one behind the closing one. */
static void quoted(struct reading *r, struct wsc__buf *value, const char **s, const char *end)
{
    const char *open = *s, *p = open + 1;

    for (; p < end; p++) {
        no_controls(r, p, 1);
        if (*p == '"' && (p + 1 == end || p[1] != '"'))
            break;
        p += *p == '"'; /* two stand for one */
        if (!r->rc)
            r->rc = wsc__buf_putc(value, *p);
    }
    if (p == end)
        refuse(r, open, "this quote is never closed");
    else
        p++;
    *s = skip_blanks(p, end);
    if (*s < end && **s != '+')
        refuse(r, *s, "a + is expected behind the closing quote");
}

static void add_selector(struct reading *r, struct wsc_epr *e, const char *name, size_t len,
                         struct wsc__buf *value)
{
    const char *text = wsc__buf_cstr(value);
    char *copy = wsc__strndup(r->mem, name, len);

    if (r->rc == WSC_OK)
        r->rc = text && copy ? wsc__epr_add(e, copy, text) : WSC_E_NOMEM;
    if (r->rc == WSC_E_USAGE && !r->why) {
        r->rc = WSC_OK;
        refuse(r, name, "this selector is there already"); /* all else was looked at before */
    }
    wsc__free(r->mem, copy);
}

/* One of them; gives where it ends, at a + or the end of all. */
static const char *selector(struct reading *r, struct wsc_epr *e, const char *s, const char *end)
{
    const char *name = skip_blanks(s, end), *p = name, *from;
    struct wsc__buf value;
    size_t len;

    while (p < end && *p != '=' && *p != '+')
        p++;
    len = (size_t)(p - name);
    wsc__trim(&name, &len);
    if (p == end || *p != '=') {
        refuse(r, name,
               len ? "a selector is written Name=value; a value that holds a + needs quotes"
                   : "a selector is missing: Name=value");
        return end;
    }
    if (!len)
        refuse(r, p, "the name of the selector is missing");
    if (memchr(name, '"', len))
        refuse(r, memchr(name, '"', len), "only values have quotes");
    no_controls(r, name, len);
    wsc__buf_init(&value, r->mem, SIZE_MAX / 2);
    from = p = skip_blanks(p + 1, end);
    if (p < end && *p == '"') {
        quoted(r, &value, &p, end);
    } else {
        size_t n;

        while (p < end && *p != '+')
            p++;
        n = (size_t)(p - from);
        wsc__trim(&from, &n);
        no_controls(r, from, n);
        if (!r->rc)
            r->rc = wsc__buf_append(&value, from, n);
    }
    add_selector(r, e, name, len, &value);
    wsc__buf_free(&value);
    return p;
}

/* s: behind the question mark */
static void selectors(struct reading *r, struct wsc_epr *e, const char *s, const char *end)
{
    do {
        s = selector(r, e, s, end);
    } while (!r->rc && s++ < end);
}

/* --- all of it -------------------------------------------------------------------------------- */

static char *join_rest(const struct reading *r)
{
    size_t max = (size_t)(r->rest_end - r->rest), at = 0, len;
    char *out = wsc__malloc(r->mem, max + 1);
    const char *s = r->rest, *name;

    if (!out)
        return NULL;
    while (next_name(&s, r->rest_end, r->seps, &name, &len)) {
        if (at)
            out[at++] = '/';
        memcpy(out + at, name, len);
        at += len;
    }
    out[at] = '\0';
    return out;
}

static void resource(struct reading *r, const char *s, const char *end)
{
    const char *behind = behind_scheme(s, end);

    if (s == end)
        refuse(r, s, "the resource is missing");
    else if (wsc__istarts(s, (size_t)(end - s), DRIVE)) /* WSMan://localhost/ too */
        by_drive(r, s, end);
    else if (behind)
        by_uri(r, s, behind, end);
    else
        by_alias(r, s, end);
}

static struct wsc_epr *make(struct reading *r)
{
    const char *uri = wsc__buf_cstr(&r->uri);
    struct wsc_epr *e = NULL;
    char *name;

    r->rc = uri ? wsc__epr_new(&e, r->mem, uri) : WSC_E_NOMEM;
    if (!r->rc && r->name) {
        name = wsc__strndup(r->mem, r->name, r->name_len);
        r->rc = name ? wsc__epr_add(e, "Name", name) : WSC_E_NOMEM;
        wsc__free(r->mem, name);
    }
    return e;
}

/* inside: NULL = a rest is refused */
static int parse(struct wsc_epr **out, struct reading *r, char **inside)
{
    size_t len = strlen(r->text), bad = wsc__utf8_bad_at(r->text, len, true);
    const char *s = r->text, *end, *mark;
    struct wsc_epr *e = NULL;
    char *rest = NULL;

    wsc__buf_init(&r->uri, r->mem, SIZE_MAX / 2);
    if (bad < len)
        refuse(r, r->text + bad, "a character that XML cannot carry, or no UTF-8");
    wsc__trim(&s, &len);
    end = s + len;
    mark = memchr(s, '?', len);
    if (mark)
        len = (size_t)(mark - s);
    wsc__trim(&s, &len);
    if (!r->rc)
        resource(r, s, s + len);
    if (!r->rc && r->rest && !inside)
        refuse(r, r->rest, "this is inside a resource: name only the resource");
    if (!r->rc)
        e = make(r);
    if (!r->rc && mark)
        selectors(r, e, mark + 1, end);
    if (!r->rc && r->rest) {
        rest = join_rest(r);
        r->rc = rest ? WSC_OK : WSC_E_NOMEM;
    }
    wsc__buf_free(&r->uri);
    if (r->rc) {
        wsc__epr_free(e);
        return r->rc;
    }
    if (inside)
        *inside = rest;
    *out = e;
    return WSC_OK;
}

static int told(const struct reading *r, int rc, size_t *bad_at, const char **why)
{
    if (rc == WSC_E_USAGE && bad_at)
        *bad_at = r->bad_at;
    if (rc == WSC_E_USAGE && why)
        *why = r->why;
    return rc;
}

int wsc__epr_parse_path(struct wsc_epr **out, const struct wsc__mem *mem, const char *text,
                        char **inside, size_t *bad_at, const char **why)
{
    struct reading r = { .mem = mem, .text = text };

    return told(&r, parse(out, &r, inside), bad_at, why);
}

int wsc__epr_parse(struct wsc_epr **out, const struct wsc__mem *mem, const char *text,
                   size_t *bad_at, const char **why)
{
    struct reading r = { .mem = mem, .text = text };

    return told(&r, parse(out, &r, NULL), bad_at, why);
}
