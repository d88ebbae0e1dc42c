/* Properties as the winrm tool takes them ("winrm help input"), and as PowerShell writes a hash. */
#include "wsman/epr.h"

#include "base/buf.h"
#include "base/codes.h"
#include "base/str.h"

#include <string.h>

struct hash {
    const struct wsc__mem *mem;
    const char *text, *s;
    struct wsc__buf name, value;
    int (*pair)(void *ud, const char *name, const char *value);
    void *ud;
    bool telling; /* the first time all of it is only checked */
    size_t name_at;
    size_t *bad_at;
    const char **why;
};

static int refuse(struct hash *h, const char *at, const char *why)
{
    *h->bad_at = (size_t)(at - h->text);
    *h->why = why;
    return WSC_E_USAGE;
}

/* Was a line break among the blanks? */
static bool skip(struct hash *h)
{
    bool line = false;

    for (; wsc__is_space(*h->s); h->s++)
        line |= *h->s == '\n';
    return line;
}

static int keep(struct hash *h, struct wsc__buf *b, const char *s, size_t len)
{
    return h->telling ? wsc__buf_append(b, s, len) : WSC_OK;
}

static int tell(struct hash *h, bool null)
{
    const char *name, *value;

    if (!h->telling)
        return WSC_OK;
    name = wsc__buf_cstr(&h->name);
    value = wsc__buf_cstr(&h->value);
    if (!name || !value)
        return WSC_E_NOMEM;
    *h->bad_at = h->name_at;
    *h->why = "this cannot be used here";
    return h->pair(h->ud, name, null ? NULL : value);
}

static bool at_quote(const struct hash *h)
{
    return *h->s == '"' || *h->s == '\'';
}

/* Two quotes within stand for one. */
static int quoted(struct hash *h, struct wsc__buf *out)
{
    const char *open = h->s++;
    int rc = WSC_OK;

    for (; !rc && *h->s; h->s++) {
        if (*h->s == *open && *++h->s != *open)
            return WSC_OK;
        rc = keep(h, out, h->s, 1);
    }
    return rc ? rc : refuse(h, open, "this quote is never closed");
}

static int read_name(struct hash *h)
{
    const char *from = h->s;
    int rc;

    h->name_at = (size_t)(from - h->text);
    wsc__buf_reset(&h->name);
    if (at_quote(h)) {
        rc = quoted(h, &h->name);
        if (!rc && h->s - from == 2)
            return refuse(h, from, "the name is empty");
    } else {
        h->s += strcspn(h->s, "=;{}()\"', \t\r\n");
        if (h->s == from)
            return refuse(h, from,
                          *from ? "a name is missing: Name=\"value\"" : "the } is missing");
        rc = keep(h, &h->name, from, (size_t)(h->s - from));
    }
    if (rc)
        return rc;
    skip(h);
    if (*h->s != '=')
        return refuse(h, h->s, "a = is missing behind the name");
    h->s++;
    return WSC_OK;
}

/* What is bare ends at one of these, or a line. */
static int bare(struct hash *h, const char *ends, bool *null)
{
    const char *from = h->s;
    size_t len = strcspn(from, ends);

    h->s += len;
    wsc__trim(&from, &len);
    if (wsc__ieqn(from, len, "$null")) {
        *null = true;
        return WSC_OK;
    }
    if (wsc__ieqn(from, len, "$true") || wsc__ieqn(from, len, "$false")) {
        from++; /* PowerShell's way of writing them */
        len--;
    }
    return keep(h, &h->value, from, len);
}

static int scalar(struct hash *h, const char *ends)
{
    bool null = false;
    int rc;

    wsc__buf_reset(&h->value);
    if (*h->s == '{' || (*h->s == '@' && h->s[1] == '{'))
        return refuse(h, h->s, "a hash within another one: put text with braces into quotes");
    rc = at_quote(h) ? quoted(h, &h->value) : bare(h, ends, &null);
    return rc ? rc : tell(h, null);
}

static int array(struct hash *h)
{
    const char *open = h->s;
    int rc;

    h->s += *h->s == '@' ? 2 : 1;
    do {
        skip(h);
        if (*h->s == ')' || *h->s == ',')
            return refuse(h, h->s, "a value is missing; nothing at all is $null");
        rc = scalar(h, ",)\n");
        if (rc)
            return rc;
        skip(h);
    } while (*h->s == ',' && h->s++);
    if (!*h->s)
        return refuse(h, open, "this array is never closed");
    if (*h->s != ')')
        return refuse(h, h->s, "a , is missing between two values");
    h->s++;
    return WSC_OK;
}

static int one_pair(struct hash *h)
{
    int rc = read_name(h);

    if (rc)
        return rc;
    while (*h->s == ' ' || *h->s == '\t') /* an empty value ends with its line */
        h->s++;
    return *h->s == '(' || (*h->s == '@' && h->s[1] == '(') ? array(h) : scalar(h, ";}\n");
}

static int all(struct hash *h)
{
    int rc;

    h->s = h->text;
    skip(h);
    h->s += *h->s == '@';
    if (*h->s != '{')
        return refuse(h, h->s, "it begins with a brace: {Name=\"value\";Other=\"value\"}");
    h->s++;
    for (;;) {
        bool line;

        skip(h);
        while (*h->s == ';') {
            h->s++;
            skip(h);
        }
        if (*h->s == '}')
            break;
        rc = one_pair(h);
        if (rc)
            return rc;
        line = skip(h);
        if (*h->s && *h->s != '}' && *h->s != ';' && !line)
            return refuse(h, h->s, "a ; is missing between two values");
    }
    h->s++;
    skip(h);
    return *h->s ? refuse(h, h->s, "nothing may follow the closing brace") : WSC_OK;
}

int wsc__hash_parse(const struct wsc__mem *mem, const char *text,
                    int (*pair)(void *ud, const char *name, const char *value), void *ud,
                    size_t *bad_at, const char **why)
{
    size_t len = strlen(text), bad = wsc__utf8_bad_at(text, len, true), at = 0;
    const char *reason = NULL;
    struct hash h = { .mem = mem, .text = text, .pair = pair, .ud = ud };
    int rc;

    h.bad_at = bad_at ? bad_at : &at;
    h.why = why ? why : &reason;
    if (bad < len)
        return refuse(&h, text + bad, "a character that XML cannot carry, or no UTF-8");
    wsc__buf_init(&h.name, mem, SIZE_MAX / 2);
    wsc__buf_init(&h.value, mem, SIZE_MAX / 2);
    h.value.secret = 1;
    rc = all(&h);
    if (!rc) {
        h.telling = true;
        rc = all(&h);
    }
    wsc__buf_free(&h.name);
    wsc__buf_free(&h.value);
    return rc;
}
