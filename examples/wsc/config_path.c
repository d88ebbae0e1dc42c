/* Where a setting is: from the path that administrators write to resource and name. */
#include "config.h"
#include "verbs.h"

#include <string.h>
#include <strings.h>

/* The resources within each other; others are settings. */
static const struct place {
    const char *name, *other; /* other: what PowerShell's drive calls it */
    int parent;               /* -1 = the top */
} places[] = {
    { "Client", NULL, -1 },      { "Service", NULL, -1 },     { "Winrs", "Shell", -1 },
    { "Auth", NULL, 0 },         { "DefaultPorts", NULL, 0 }, { "Auth", NULL, 1 },
    { "DefaultPorts", NULL, 1 },
};
#define NPLACES ((int)(sizeof places / sizeof *places))

/* Those of which there are several. */
static const struct {
    const char *name, *alias, *selectors;
} lists[] = {
    { "Listener", "winrm/config/listener", "?Address=*+Transport=HTTP" },
    { "Plugin", "winrm/config/plugin", "?Name=..." },
    { "CertMapping", "winrm/config/service/certmapping", "?URI=...+Subject=...+Issuer=..." },
    { "ClientCertificate", "winrm/config/service/certmapping", "?URI=...+Subject=...+Issuer=..." },
};
#define NLISTS (sizeof lists / sizeof *lists)

static bool is(const char *word, size_t len, const char *name)
{
    return name && strlen(name) == len && strncasecmp(word, name, len) == 0;
}

static int find(int parent, const char *word, size_t len)
{
    int i;

    for (i = 0; i < NPLACES; i++)
        if (places[i].parent == parent &&
            (is(word, len, places[i].name) || is(word, len, places[i].other)))
            return i;
    return -1;
}

static int wrong(const char *text, const char *at, const char *why)
{
    say("PATH: %s", why);
    show_caret(stderr, text, (size_t)(at - text));
    return EXIT_USAGE;
}

/* Behind winrm/config/, config/ and WSMan:\HOST\. */
static const char *behind_prefix(const char *text)
{
    static const char *const prefixes[] = { "winrm/config/", "wsman/config/", "config/" };
    size_t i;

    if (strncasecmp(text, "wsman:", 6) == 0) {
        text += 6 + strspn(text + 6, "/\\");
        text += strcspn(text, "/\\");
        return text + strspn(text, "/\\");
    }
    text += strspn(text, "/\\");
    for (i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncasecmp(text, prefixes[i], strlen(prefixes[i])) == 0)
            return text + strlen(prefixes[i]);
    return text;
}

/* Which list it is; NLISTS: none. */
static size_t find_list(const char *word, size_t len)
{
    size_t i;

    for (i = 0; i < NLISTS && !is(word, len, lists[i].name); i++)
        ;
    return i;
}

/* One of a list, with its selectors; of a plug-in its name may stand in the path. */
static int in_list(struct config_path *p, const char *text, const char *word, size_t list)
{
    size_t len = strlen(lists[list].name), at = 0;
    bool by_name = strcmp(lists[list].name, "Plugin") == 0 && !strchr(word, '?') && word[len];
    const char *why = "out of memory", *rest = word + len + (word[len] == '/' || word[len] == '\\');
    wsc_epr *epr = NULL;
    int rc;

    if (!by_name && !strchr(word, '?')) {
        wrong(text, word, "there are several of these, and each is a resource of its own");
        fprintf(stderr, "  try: wsc set HOST '%s%s' NAME=VALUE\n", lists[list].alias,
                lists[list].selectors);
        return EXIT_USAGE;
    }
    if (strlen(word) >= sizeof p->path)
        return wrong(text, word, "no setting has so long a path");
    snprintf(p->resource, sizeof p->resource, "%s%s%s",
             by_name ? "WSMan:\\localhost\\Plugin" : lists[list].alias,
             *rest == '?' ? ""
             : by_name    ? "\\"
                          : "/",
             rest);
    rc = wsc_epr_parse_path(&epr, p->resource, &at, &why);
    if (rc == WSC_OK && !wsc_epr_inside(epr))
        rc = wrong(text, text + strlen(text),
                   "the name of a setting is missing behind the resource");
    else if (rc == WSC_OK && strlen(wsc_epr_inside(epr)) >= sizeof p->name)
        rc = wrong(text, word, "no setting has so long a name");
    else if (rc != WSC_OK)
        rc = wrong(p->resource, p->resource + at, why);
    else
        snprintf(p->name, sizeof p->name, "%s", wsc_epr_inside(epr));
    snprintf(p->path, sizeof p->path, "%s", word);
    p->listed = true;
    wsc_epr_unref(epr);
    return rc;
}

static void enter(struct config_path *p, int place)
{
    size_t n = strlen(p->resource), k = strlen(p->path);
    const char *name = places[place].name;

    snprintf(p->resource + n, sizeof p->resource - n, "/%s", name);
    for (n++; p->resource[n]; n++) /* as in URIs of Windows */
        p->resource[n] = (char)(p->resource[n] | 0x20);
    snprintf(p->path + k, sizeof p->path - k, "%s/", name);
}

int config_path(struct config_path *p, const char *text)
{
    const char *word = behind_prefix(text), *seps = strpbrk(word, "/\\?") ? "/\\?" : ".";
    int place = -1, below;
    size_t len, n, list;

    memset(p, 0, sizeof *p);
    snprintf(p->resource, sizeof p->resource, "winrm/config");
    for (;;) {
        len = strcspn(word, seps);
        list =
            place < 0 || strcmp(places[place].name, "Service") == 0 ? find_list(word, len) : NLISTS;
        if (list < NLISTS)
            return in_list(p, text, word, list);
        below = find(place, word, len);
        if (below < 0)
            break;
        enter(p, below);
        place = below;
        word += len;
        word += strspn(word, seps);
    }
    if (!len)
        return wrong(text, word, "the name of a setting is missing: Service/MaxConnections");
    if (word[len])
        return wrong(text, word, "there is no such part of the configuration");
    if (len >= sizeof p->name)
        return wrong(text, word, "no setting has so long a name");
    memcpy(p->name, word, len);
    n = strlen(p->path);
    snprintf(p->path + n, sizeof p->path - n, "%s", p->name);
    return 0;
}
