/* Options from text: lines "name=value" are set, "name+key=value" are added, then frozen. */
#include "base/opts.h"

#include "base/codes.h"

#include <stdlib.h>
#include <string.h>

static void one_line(struct wsc__optset *s, char *line)
{
    char *eq = strchr(line, '='), *plus = strchr(line, '+');
    struct wsc_error *err = NULL;
    int rc;

    if (eq)
        *eq++ = '\0';
    if (plus && (!eq || plus < eq)) {
        *plus++ = '\0';
        rc = wsc__optset_add(s, line, plus, eq, &err);
    } else {
        rc = wsc__optset_set_text(s, line, eq, &err);
    }
    if (rc != wsc__error_code(err) || (rc && !wsc__error_text(err)))
        abort();
    wsc__error_unref(err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wsc__optset *s = NULL, *frozen = NULL;
    char *text = wsc__strndup(&wsc__mem_libc, (const char *)data, size), *line, *next;
    char buf[100];

    if (!text || wsc__optset_new(&s, &wsc__mem_libc))
        abort();
    for (line = text; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        one_line(s, line);
    }
    if (wsc__optset_freeze(&frozen, &wsc__mem_libc, s, NULL, WSC__LAYER_CTX, WSC__SCOPE_CTX, NULL))
        abort(); /* every option may be given for a context */
    for (size_t i = 0; wsc__opt_info(i); i++) {
        const struct wsc__opt_info *o = wsc__opt_info(i);

        (void)wsc__opt_text(frozen, (enum wsc__opt)i, buf, sizeof buf);
        if ((o->type == WSC__OPT_INT || o->type == WSC__OPT_SIZE || o->type == WSC__OPT_DURATION) &&
            wsc__opt_is_set(frozen, (enum wsc__opt)i) &&
            (wsc__opt_int(frozen, (enum wsc__opt)i) < o->min ||
             wsc__opt_int(frozen, (enum wsc__opt)i) > o->max))
            abort();
    }
    wsc__optset_unref(frozen);
    wsc__optset_unref(s);
    wsc__free(&wsc__mem_libc, text);
    return 0;
}
