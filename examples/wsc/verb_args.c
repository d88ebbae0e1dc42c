/* From words to a resource and to values. */
#include "verbs.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define CONTENT_LIMIT 67108864
#define NAME_LETTERS  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"

/* --- resources -------------------------------------------------------------------------------- */

static bool is_resource(const char *text)
{
    wsc_epr *epr = NULL;
    bool is = wsc_epr_parse(&epr, text, NULL, NULL) == WSC_OK;

    wsc_epr_unref(epr);
    return is;
}

/* As URLs have it: Address=*&Transport=HTTP is one selector here. */
static bool ampersand(const wsc_epr *epr)
{
    const char *value = NULL, *p;
    size_t i;

    for (i = 0; wsc_epr_selector_at(epr, i, NULL, &value, NULL) == WSC_OK; i++)
        for (p = value ? strchr(value, '&') : NULL; p; p = strchr(p + 1, '&'))
            if (isalpha((unsigned char)p[1]) && p[1 + strspn(p + 1, NAME_LETTERS)] == '=')
                return true;
    return false;
}

int args_epr(wsc_epr **out, const struct options *o, const char *text)
{
    const char *why = "out of memory";
    wsc_epr *epr = NULL;
    size_t at = 0, i;
    int rc = o->command == CMD_GET ? wsc_epr_parse_path(&epr, text, &at, &why)
                                   : wsc_epr_parse(&epr, text, &at, &why);

    if (rc != WSC_OK) {
        say("RESOURCE: %s", why);
        if (rc == WSC_E_USAGE)
            show_caret(stderr, text, at);
        if (rc == WSC_E_USAGE && o->host && is_resource(o->host))
            fputs("  try: HOST first, then RESOURCE\n", stderr);
        return rc == WSC_E_USAGE ? EXIT_USAGE : EXIT_LIMIT;
    }
    if (!o->quiet && ampersand(epr))
        say("RESOURCE: it is a + that stands between selectors, not a &");
    for (i = 0; i < o->selectors.n; i++) {
        const char *name = o->selectors.at[i];

        if (wsc_epr_add_selector(epr, name, name + strlen(name) + 1) == WSC_OK)
            continue;
        say("--selector %s: it is there already, or no text that can be sent", in_short(name));
        wsc_epr_unref(epr);
        return EXIT_USAGE;
    }
    *out = epr;
    return 0;
}

/* --- values ----------------------------------------------------------------------------------- */

static bool is_name(const char *word)
{
    wsc_value *v = NULL;
    bool good =
        utf8_bad_at(word, strlen(word)) == strlen(word) && wsc_value_new(&v, NULL, word) == WSC_OK;

    wsc_value_unref(v);
    return good;
}

static int bad_pair(int rc, const char *name)
{
    if (rc == WSC_E_NOMEM) {
        say("out of memory");
        return EXIT_LIMIT;
    }
    if (!is_name(name))
        say("NAME=VALUE: \"%s\" cannot be the name of a property", in_short(name));
    else
        say("%s: its value is no text that can be sent: no UTF-8, or a control character",
            in_short(name));
    return EXIT_USAGE;
}

/* Others can read the command line. */
static int secret(const char *name)
{
    say("%s is refused: other users can read the command line", in_short(name));
    fputs("  try: the values on stdin, as @{Name=\"value\"} or XML, and - in their place\n",
          stderr);
    return EXIT_USAGE;
}

bool is_secret(const char *name)
{
    size_t len = strlen(name);

    return len >= 8 && strcasecmp(name + len - 8, "password") == 0;
}

int add_pair(wsc_value *value, char *word)
{
    char *text = strchr(word, '='), *name = word, *slash;
    int rc = WSC_OK;

    if (!text || text == word) {
        say("NAME=VALUE is wanted, not \"%s\"", in_short(word));
        return EXIT_USAGE;
    }
    *text++ = '\0';
    while ((slash = strchr(name, '/')) != NULL && rc == WSC_OK) {
        wsc_value *within;

        *slash = '\0';
        within = *name ? value_own(wsc_value_find(value, name, 0)) : NULL;
        if (!within)
            rc = is_name(name) ? wsc_value_add(value, NULL, name, NULL, &within) : WSC_E_USAGE;
        if (rc != WSC_OK)
            return bad_pair(rc, name);
        value = within;
        name = slash + 1;
    }
    if (is_secret(name) && *text) {
        wipe(text, strlen(text));
        return secret(name);
    }
    rc = is_name(name) ? wsc_value_add(value, NULL, name, text, NULL) : WSC_E_USAGE;
    return rc == WSC_OK ? 0 : bad_pair(rc, name);
}

static int add_hash(wsc_value *value, char *text, bool own)
{
    size_t before = wsc_value_count(value), at = 0, i;
    const char *why = "out of memory";
    int rc = wsc_value_add_text(value, text, &at, &why);

    if (rc != WSC_OK) {
        say("@{Name=\"value\";...}: %s", why);
        if (rc == WSC_E_USAGE)
            show_caret(stderr, text, at);
        return rc == WSC_E_USAGE ? EXIT_USAGE : EXIT_LIMIT;
    }
    for (i = before; own && i < wsc_value_count(value); i++) {
        const wsc_value *v = wsc_value_at(value, i);
        const char *content = wsc_value_text(v, NULL);

        if (!is_secret(wsc_value_name(v)) || !content || !*content)
            continue;
        wipe(text, strlen(text));
        return secret(wsc_value_name(v));
    }
    return 0;
}

/* --- a file ----------------------------------------------------------------------------------- */

static int unread(const char *name, const char *why)
{
    say("--file: %s cannot be read: %s", strcmp(name, "-") ? in_short(name) : "stdin", why);
    return EXIT_USAGE;
}

static int read_all(const char *name, struct bytes *b)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *f = standard ? stdin : fopen(name, "rb");
    char buf[16384];
    int error = 0;
    size_t n;

    if (!f)
        return unread(name, strerror(errno));
    while (!error && (n = fread(buf, 1, sizeof buf, f)) > 0) {
        if (b->len + n > CONTENT_LIMIT)
            error = EFBIG;
        else if (!bytes_add(b, buf, n))
            error = ENOMEM;
    }
    if (!error && ferror(f))
        error = errno;
    if (!standard)
        fclose(f);
    wipe(buf, sizeof buf);
    if (!error && !bytes_add(b, "", 1))
        error = ENOMEM;
    return error ? unread(name, strerror(error)) : 0;
}

static int from_xml(wsc_value **out, const char *name, const struct bytes *b)
{
    size_t at = 0, line = 1, i;
    int rc = wsc_value_parse(out, b->data, b->len - 1, &at);

    if (rc == WSC_OK)
        return 0;
    if (rc != WSC_E_USAGE) {
        say("--file: %s", wsc_code_name(rc));
        return EXIT_LIMIT;
    }
    for (i = 0; i < at && i < b->len; i++)
        line += b->data[i] == '\n';
    say("%s, line %zu: the XML is not well-formed", strcmp(name, "-") ? in_short(name) : "stdin",
        line);
    show_caret(stderr, b->data, at);
    return EXIT_USAGE;
}

/* XML, or what begins with @{ or {. It may hold passwords. */
static int from_file(wsc_value **out, const char *name)
{
    struct bytes b = { NULL, 0, 0 };
    int rc = read_all(name, &b);
    size_t at;

    if (rc == 0) {
        at = strncmp(b.data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
        at += strspn(b.data + at, " \t\r\n");
        if (strlen(b.data) + 1 < b.len || !b.data[at]) {
            say("%s holds %s", strcmp(name, "-") ? in_short(name) : "stdin",
                b.data[at] ? "a NUL, and is neither XML nor @{...}" : "nothing");
            rc = EXIT_USAGE;
        } else if (b.data[at] == '@' || b.data[at] == '{') {
            rc = wsc_value_new(out, NULL, NULL) == WSC_OK ? add_hash(*out, b.data + at, false)
                                                          : EXIT_LIMIT;
        } else {
            rc = from_xml(out, name, &b);
        }
    }
    if (b.data)
        wipe(b.data, b.len);
    bytes_free(&b);
    return rc;
}

int args_value(wsc_value **out, const struct options *o)
{
    wsc_value *value = NULL;
    int rc = o->file ? from_file(&value, o->file) : 0;
    size_t i;

    if (rc == 0 && !value && o->argc && wsc_value_new(&value, NULL, NULL) != WSC_OK) {
        say("out of memory");
        rc = EXIT_LIMIT;
    }
    for (i = 0; i < o->argc && rc == 0; i++) {
        char *word = o->argv[i];

        rc = word[0] == '{' || (word[0] == '@' && word[1] == '{') ? add_hash(value, word, true)
                                                                  : add_pair(value, word);
    }
    if (rc == 0)
        *out = value;
    else
        wsc_value_unref(value);
    return rc;
}
