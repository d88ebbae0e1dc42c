#include "base/err.h"

#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct wsc_error {
    struct wsc__mem mem; /* a copy: an error may outlive the object that made it */
    unsigned refs;
    int code;
    bool retriable;
    uint32_t ints_set;
    char *text;
    /* texts of the tables, until a setter replaces them */
    const char *cause, *remedy, *fault_name;
    char *strs[WSC__ES_COUNT];
    int64_t ints[WSC__EI_COUNT];
};

/* When there is no memory for an error. Nothing ever writes to it, so that every context and
 * every thread may hold it. */
static const struct wsc_error nomem = {
    .refs = 1,
    .code = WSC_E_NOMEM,
    .retriable = true,
};

static const char *const str_names[] = {
#define X(id, name) name,
    WSC__ERR_STRS(X)
#undef X
};

static const char *const int_names[] = {
#define X(id, name) name,
    WSC__ERR_INTS(X)
#undef X
};

struct wsc_error *wsc__error_nomem(void)
{
    /* no function of this file writes through a pointer to it */
    return (struct wsc_error *)(uintptr_t)&nomem;
}

static bool fixed(const struct wsc_error *e)
{
    return !e || e == &nomem;
}

/* Servers, files and cuts at a length leave bytes that are no UTF-8; no text of an error has one.
 */
static char *mended(char *text)
{
    size_t at = 0, len = text ? strlen(text) : 0;

    while (text && (at += wsc__utf8_bad_at(text + at, len - at, false)) < len)
        text[at++] = '?';
    return text;
}

/* NULL when out of memory, or when the format is broken. */
static char *format(const struct wsc__mem *mem, const char *fmt, va_list ap)
{
    va_list again;
    char *out = NULL;
    int n;

    va_copy(again, ap);
    n = vsnprintf(NULL, 0, fmt, ap);
    if (n >= 0)
        out = wsc__malloc(mem, (size_t)n + 1);
    if (out)
        vsnprintf(out, (size_t)n + 1, fmt, again);
    va_end(again);
    return mended(out);
}

static struct wsc_error *make(const struct wsc__mem *mem, int code)
{
    const struct wsc__code *ci = wsc__code_find(code);
    struct wsc_error *e;

    if (code == WSC_E_NOMEM)
        return wsc__error_nomem();
    e = wsc__zalloc(mem, sizeof *e);
    if (!e)
        return wsc__error_nomem();
    e->mem = *mem;
    e->refs = 1;
    e->code = code;
    if (ci) {
        e->retriable = ci->retriable;
        e->cause = ci->text;
        e->remedy = ci->remedy;
    }
    return e;
}

struct wsc_error *wsc__error_new(const struct wsc__mem *mem, int code, const char *fmt, ...)
{
    struct wsc_error *e = make(mem, code);
    va_list ap;

    if (fixed(e) || !fmt)
        return e;
    va_start(ap, fmt);
    e->text = format(mem, fmt, ap);
    va_end(ap);
    if (e->text)
        return e;
    wsc__error_unref(e);
    return wsc__error_nomem();
}

/* What is said of a fault when the server said nothing. */
static char *fault_text(const struct wsc__mem *mem, uint32_t code,
                        const struct wsc__fault_info *info)
{
    char buf[64];

    if (info && info->meaning)
        return wsc__strdup(mem, info->meaning);
    if (info)
        snprintf(buf, sizeof buf, "The server answered with a fault (0x%08lX).",
                 (unsigned long)code);
    else
        snprintf(buf, sizeof buf, "The server answered with the unknown fault 0x%08lX.",
                 (unsigned long)code);
    return wsc__strdup(mem, buf);
}

struct wsc_error *wsc__error_fault(const struct wsc__mem *mem, uint32_t fault_code, const char *fmt,
                                   ...)
{
    const struct wsc__fault_info *info = wsc__fault_find(fault_code);
    struct wsc_error *e = make(mem, info ? info->wsc : WSC_E_FAULT);
    va_list ap;

    if (fixed(e))
        return e;
    if (info) {
        e->fault_name = info->name;
        if (info->meaning)
            e->cause = info->cause ? info->cause : info->meaning;
        if (info->remedy)
            e->remedy = info->remedy;
        /* not SHELL_GONE: the same request on the same shell would fail again */
        e->retriable = info->advice != WSC__ADVICE_NONE && info->advice != WSC__ADVICE_SHELL_GONE;
    }
    wsc__error_set_int(e, WSC__EI_FAULT_CODE, fault_code);
    if (fmt) {
        va_start(ap, fmt);
        e->text = format(mem, fmt, ap);
        va_end(ap);
    } else {
        e->text = fault_text(mem, fault_code, info);
    }
    if (e->text)
        return e;
    wsc__error_unref(e);
    return wsc__error_nomem();
}

struct wsc_error *wsc__error_unread(const struct wsc__mem *mem, const char *option,
                                    const char *path, int system)
{
    struct wsc_error *e = wsc__error_new(mem, WSC_E_IO, "%s: %.1000s cannot be read: %s", option,
                                         *path ? path : "\"\"", strerror(system));

    wsc__error_set_str(e, WSC__ES_OPTION, option);
    wsc__error_set_str(e, WSC__ES_SYSTEM_TEXT, strerror(system));
    wsc__error_set_int(e, WSC__EI_SYSTEM_CODE, system);
    return e;
}

struct wsc_error *wsc__error_ref(struct wsc_error *e)
{
    if (!fixed(e))
        e->refs++;
    return e;
}

void wsc__error_unref(struct wsc_error *e)
{
    struct wsc__mem mem;
    int i;

    if (fixed(e) || --e->refs)
        return;
    mem = e->mem;
    for (i = 0; i < WSC__ES_COUNT; i++)
        wsc__free(&mem, e->strs[i]);
    wsc__free(&mem, e->text);
    wsc__free(&mem, e);
}

struct wsc_error *wsc__error_own(struct wsc_error *e)
{
    struct wsc_error *copy;
    bool good;
    int i;

    if (fixed(e) || e->refs == 1)
        return e;
    copy = wsc__memdup(&e->mem, e, sizeof *e);
    if (!copy) {
        wsc__error_unref(e);
        return wsc__error_nomem();
    }
    copy->refs = 1;
    copy->text = wsc__strdup(&e->mem, e->text);
    good = !copy->text == !e->text;
    for (i = 0; i < WSC__ES_COUNT; i++) {
        copy->strs[i] = wsc__strdup(&e->mem, e->strs[i]);
        good &= !copy->strs[i] == !e->strs[i];
    }
    wsc__error_unref(e);
    if (good)
        return copy;
    wsc__error_unref(copy);
    return wsc__error_nomem();
}

/* Takes the value over; NULL clears, also what the tables gave. */
static void put_str(struct wsc_error *e, enum wsc__err_str what, char *value)
{
    wsc__free(&e->mem, e->strs[what]);
    e->strs[what] = value;
    if (what == WSC__ES_CAUSE)
        e->cause = NULL;
    else if (what == WSC__ES_REMEDY)
        e->remedy = NULL;
    else if (what == WSC__ES_FAULT_NAME)
        e->fault_name = NULL;
}

void wsc__error_set_str(struct wsc_error *e, enum wsc__err_str what, const char *value)
{
    if (!fixed(e))
        put_str(e, what, mended(wsc__strdup(&e->mem, value)));
}

void wsc__error_setf(struct wsc_error *e, enum wsc__err_str what, const char *fmt, ...)
{
    va_list ap;

    if (fixed(e))
        return;
    va_start(ap, fmt);
    put_str(e, what, format(&e->mem, fmt, ap));
    va_end(ap);
}

void wsc__error_set_int(struct wsc_error *e, enum wsc__err_int what, int64_t value)
{
    if (fixed(e))
        return;
    e->ints[what] = value;
    e->ints_set |= 1u << what;
}

void wsc__error_set_retriable(struct wsc_error *e, bool retriable)
{
    if (!fixed(e))
        e->retriable = retriable;
}

void wsc__error_set_text(struct wsc_error *e, const char *text)
{
    char *copy;

    if (fixed(e) || !text)
        return;
    copy = mended(wsc__strdup(&e->mem, text));
    if (!copy)
        return; /* the old text is better than none */
    wsc__free(&e->mem, e->text);
    e->text = copy;
}

int wsc__error_code(const struct wsc_error *e)
{
    return e ? e->code : WSC_OK;
}

static const struct wsc__code *code_info(const struct wsc_error *e)
{
    const struct wsc__code *ci = wsc__code_find(wsc__error_code(e));

    return ci ? ci : wsc__code_find(WSC_E_FAULT);
}

const char *wsc__error_text(const struct wsc_error *e)
{
    return e && e->text ? e->text : code_info(e)->text;
}

bool wsc__error_retriable(const struct wsc_error *e)
{
    return e && e->retriable;
}

const char *wsc__error_class(const struct wsc_error *e)
{
    return code_info(e)->cls;
}

const char *wsc__error_str(const struct wsc_error *e, enum wsc__err_str what)
{
    if (!e || (int)what < 0 || what >= WSC__ES_COUNT)
        return NULL;
    if (e->strs[what])
        return e->strs[what];
    if (what == WSC__ES_CAUSE)
        return e == &nomem ? code_info(e)->text : e->cause;
    if (what == WSC__ES_REMEDY)
        return e == &nomem ? code_info(e)->remedy : e->remedy;
    return what == WSC__ES_FAULT_NAME ? e->fault_name : NULL;
}

bool wsc__error_int(const struct wsc_error *e, enum wsc__err_int what, int64_t *out)
{
    if (!e || (int)what < 0 || what >= WSC__EI_COUNT || !(e->ints_set & (1u << what)))
        return false;
    *out = e->ints[what];
    return true;
}

uint32_t wsc__error_fault_code(const struct wsc_error *e)
{
    int64_t code = 0;

    return wsc__error_int(e, WSC__EI_FAULT_CODE, &code) ? wsc__fault_code((uint32_t)code) : 0;
}

static int index_of(const char *const *names, size_t n, const char *name)
{
    size_t i;

    for (i = 0; name && i < n; i++)
        if (!strcmp(names[i], name))
            return (int)i;
    return -1;
}

bool wsc__error_by_name(const struct wsc_error *e, const char *name, const char **out)
{
    const char *value = NULL;
    int i;

    if (!e || !name)
        return false;
    if (!strcmp(name, "class")) {
        value = wsc__error_class(e);
    } else if (!strcmp(name, "name")) {
        value = code_info(e)->name;
    } else if (!strcmp(name, "text")) {
        value = wsc__error_text(e);
    } else {
        i = index_of(str_names, WSC__ES_COUNT, name);
        if (i >= 0)
            value = wsc__error_str(e, (enum wsc__err_str)i);
    }
    if (!value)
        return false;
    *out = value;
    return true;
}

bool wsc__error_int_by_name(const struct wsc_error *e, const char *name, int64_t *out)
{
    int i;

    if (!e || !name)
        return false;
    if (!strcmp(name, "code")) {
        *out = e->code;
        return true;
    }
    if (!strcmp(name, "retriable")) {
        *out = e->retriable;
        return true;
    }
    i = index_of(int_names, WSC__EI_COUNT, name);
    return i >= 0 && wsc__error_int(e, (enum wsc__err_int)i, out);
}

bool wsc__error_has_str(const char *name)
{
    static const char *const more[] = { "class", "name", "text" };

    return index_of(more, 3, name) >= 0 || index_of(str_names, WSC__ES_COUNT, name) >= 0;
}

bool wsc__error_has_int(const char *name)
{
    static const char *const more[] = { "code", "retriable" };

    return index_of(more, 2, name) >= 0 || index_of(int_names, WSC__EI_COUNT, name) >= 0;
}
