/* The list of hosts: a line each, blank lines and # comments apart. */
#include "wsc.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>

#define PARALLEL   32
#define FILES_EACH 6 /* descriptors: its connections, and those that clean up behind others */
#define FILES_OURS 64

static bool blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Without comment, and without blanks around it; a # inside a word is none. */
static char *trim(char *line)
{
    char *p, *end;

    while (blank(*line))
        line++;
    for (p = line; *p && !(*p == '#' && (p == line || blank(p[-1]))); p++)
        ;
    for (end = p; end > line && blank(end[-1]); end--)
        ;
    *end = '\0';
    return line;
}

/* Why the line cannot be a host; NULL: the library may have a look at it. */
static const char *judge(const struct options *o, char **name, bool nul)
{
    const char *p;

    if (nul)
        return "there is a NUL in the line";
    if (has_userinfo(*name)) { /* what stood before the @ is wiped */
        *name += strlen(*name);
        return "a user name goes to --user, a password never into a list of hosts";
    }
    for (p = *name; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 127)
            return "there is a control character in the line";
    if (o->https && strncmp(*name, "http://", 7) == 0)
        return "--https, but the URL says http";
    return NULL;
}

static bool add(struct host_list *l, const char *name, size_t line, const char *bad)
{
    struct host_line *h;

    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 64;

        h = realloc(l->hosts, cap * sizeof *h);
        if (!h)
            return false;
        l->hosts = h;
        l->cap = cap;
    }
    h = &l->hosts[l->n];
    h->name = strdup(name);
    h->line = line;
    h->bad = bad;
    if (!h->name)
        return false;
    l->n++;
    return true;
}

bool hosts_read(struct host_list *l, const struct options *o, FILE *f)
{
    char *text = NULL, *name;
    size_t cap = 0, line = 0;
    bool good = true;
    ssize_t n;

    while (good && (n = getline(&text, &cap, f)) >= 0) {
        bool nul = strlen(text) < (size_t)n;
        const char *bad;

        name = text;
        if (line++ == 0 && strncmp(name, "\xef\xbb\xbf", 3) == 0) /* as editors on Windows write */
            name += 3;
        name = trim(name);
        if (!*name && !nul)
            continue;
        bad = judge(o, &name, nul);
        good = add(l, name, line, bad);
    }
    if (good && ferror(f))
        good = false;
    else if (!good)
        errno = ENOMEM;
    free(text);
    return good;
}

int hosts_load(struct options *o)
{
    bool standard = strcmp(o->hosts_file, "-") == 0;
    FILE *f = standard ? stdin : fopen(o->hosts_file, "r");
    const char *shown = standard ? "stdin" : o->hosts_file;
    bool good = f && hosts_read(&o->hosts, o, f);
    int error = errno;

    if (f && !standard)
        fclose(f);
    if (!good && signals_interrupts())
        return EXIT_SIGNAL + SIGINT;
    if (!good && signals_end())
        return EXIT_SIGNAL + signals_end();
    if (!good) {
        say("--hosts: %s cannot be read: %s", in_short(shown), strerror(error));
        return EXIT_USAGE;
    }
    if (!o->hosts.n) {
        say("--hosts: there is no host in %s", in_short(shown));
        return EXIT_USAGE;
    }
    return 0;
}

void hosts_free(struct host_list *l)
{
    size_t i;

    for (i = 0; i < l->n; i++)
        free(l->hosts[i].name);
    free(l->hosts);
}

/* The soft limit is for programs that use select(); this one does not. */
size_t hosts_parallel(const struct options *o)
{
    size_t n = o->parallel ? (size_t)o->parallel : PARALLEL;
    struct rlimit r;
    rlim_t want;

    n = n < o->hosts.n ? n : o->hosts.n;
    want = (rlim_t)n * FILES_EACH + FILES_OURS;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur == RLIM_INFINITY || r.rlim_cur >= want)
        return n;
    r.rlim_cur = r.rlim_max == RLIM_INFINITY || r.rlim_max > want ? want : r.rlim_max;
    setrlimit(RLIMIT_NOFILE, &r);
    if (r.rlim_cur < want && r.rlim_cur > FILES_OURS) {
        n = (size_t)((r.rlim_cur - FILES_OURS) / FILES_EACH);
        n = n ? n : 1;
        if (!o->quiet)
            say("descriptors suffice for %zu hosts at once (ulimit -n)", n);
    }
    return n;
}
