/* Finding things in a request, without a parser. */
#ifndef CANNED_FIND_H
#define CANNED_FIND_H

#include <stdbool.h>
#include <string.h>

struct span {
    const char *at; /* NULL: not found */
    size_t len;
};

/* what stands behind it */
static inline struct span find(struct span in, const char *what)
{
    const char *at = memmem(in.at, in.len, what, strlen(what));
    struct span rest = { NULL, 0 };

    if (at) {
        rest.at = at + strlen(what);
        rest.len = (size_t)(in.at + in.len - rest.at);
    }
    return rest;
}

static inline struct span upto(struct span s, char end)
{
    const char *at = s.at ? memchr(s.at, end, s.len) : NULL;

    s.len = at ? (size_t)(at - s.at) : 0;
    return s;
}

/* the text that the next tag ends with, without white space around it */
static inline struct span content(struct span s)
{
    if (s.at)
        s = find(s, ">");
    s = upto(s, '<');
    while (s.len && (unsigned char)*s.at <= ' ') {
        s.at++;
        s.len--;
    }
    while (s.len && (unsigned char)s.at[s.len - 1] <= ' ')
        s.len--;
    return s;
}

/* the text of the first element of that name */
static inline struct span element(struct span in, const char *name)
{
    return content(find(in, name));
}

static inline bool ends(struct span s, const char *with)
{
    size_t n = strlen(with);

    return s.len >= n && !memcmp(s.at + s.len - n, with, n);
}

#endif
