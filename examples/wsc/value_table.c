/* Values as a table, in bounded memory: the first ones wait until the widths are known. */
#include "values.h"

#include <stdlib.h>
#include <string.h>

#define FIRST 50 /* rows that say how wide the columns are */
#define MOST  48 /* no column but the last is wider */

static size_t width_of(const char *text)
{
    size_t n = 0;

    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

/* One line of it, good until the next one. */
static const char *cell(struct table *t, const wsc_value *row, const char *column)
{
    const char *text = value_attribute(row, column);
    const wsc_value *v;
    FILE *f = t->cell;
    size_t i;
    char *p;

    rewind(f);
    for (i = 0; (v = wsc_value_find(row, column, i)) != NULL; i++) {
        fputs(i ? ", " : "", f);
        value_line(f, v);
    }
    if (!i && text)
        clean_text(f, text, "");
    fputc('\0', f);
    if (fflush(f) != 0 || ferror(f))
        return "?"; /* out of memory */
    for (p = t->text; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    return t->text;
}

/* At most so many characters, the last ones dots where there are more. */
static void fitted(FILE *out, const char *text, size_t width, bool last)
{
    size_t all = width_of(text), n = 0, at = 0;

    if (last || all <= MOST) {
        fputs(text, out);
        if (!last)
            fprintf(out, "%*s  ", all < width ? (int)(width - all) : 0, "");
        return;
    }
    for (; text[at] && n < MOST - 3; n++)
        for (at++; ((unsigned char)text[at] & 0xc0) == 0x80; at++)
            ;
    fprintf(out, "%.*s...  ", (int)at, text);
}

static void put_row(struct table *t, FILE *out, const wsc_value *row)
{
    size_t i;

    for (i = 0; i < t->columns.n; i++) {
        const char *text = row ? cell(t, row, t->columns.at[i]) : t->columns.at[i];

        fitted(out, text, t->width[i], i + 1 == t->columns.n);
    }
    fputc('\n', out);
}

/* Source and lang tell about what stands there. */
static bool attribute_columns(struct table *t, const wsc_value *first)
{
    const char *name = NULL;
    bool good = true;
    size_t i;

    for (i = 0; good && wsc_value_attr_at(first, i, NULL, &name, NULL) == WSC_OK; i++)
        if (!same_name(name, "Source") && !same_name(name, "lang"))
            good = names_add(&t->columns, name);
    return good;
}

/* Those of the first one, in its order. */
static bool take_columns(struct table *t, const wsc_value *first, const struct names *names)
{
    struct groups g = { NULL, 0 };
    bool good = true;
    size_t i;

    if (names && names->n) {
        for (i = 0; i < names->n && good; i++)
            good = names_add(&t->columns, names->at[i]);
    } else {
        good = attribute_columns(t, first) && groups_make(&g, first);
        for (i = 0; i < g.n && good; i += groups_count(&g, i))
            good = names_add(&t->columns, wsc_value_name(g.at[i].value));
        groups_free(&g);
    }
    t->width = calloc(t->columns.n + 1, sizeof *t->width);
    t->rows = calloc(FIRST, sizeof *t->rows);
    for (i = 0; t->width && i < t->columns.n; i++)
        t->width[i] = width_of(t->columns.at[i]);
    t->cell = open_memstream(&t->text, &t->len);
    return good && t->width && t->rows && t->cell;
}

static void measure(struct table *t, const wsc_value *row)
{
    size_t i, n;

    for (i = 0; i < t->columns.n; i++) {
        n = width_of(cell(t, row, t->columns.at[i]));
        if (n > MOST)
            n = MOST;
        if (n > t->width[i])
            t->width[i] = n;
    }
}

static void write_waiting(struct table *t, FILE *out)
{
    size_t i;

    if (!t->begun && t->columns.n)
        put_row(t, out, NULL);
    t->begun = true;
    for (i = 0; i < t->n; i++) {
        put_row(t, out, t->rows[i]);
        wsc_value_unref(t->rows[i]);
    }
    t->n = 0;
}

bool table_add(struct table *t, FILE *out, const wsc_value *value, const struct names *names)
{
    if (!t->rows && !take_columns(t, value, names))
        return false;
    if (t->begun) {
        put_row(t, out, value);
        return true;
    }
    measure(t, value);
    t->rows[t->n++] = wsc_value_ref(value);
    if (t->n == FIRST)
        write_waiting(t, out);
    return true;
}

void table_end(struct table *t, FILE *out)
{
    if (t->rows && !t->begun)
        write_waiting(t, out);
}

void table_free(struct table *t)
{
    size_t i;

    for (i = 0; i < t->n; i++)
        wsc_value_unref(t->rows[i]);
    if (t->cell)
        fclose(t->cell);
    free(t->text);
    free(t->rows);
    free(t->width);
    names_free(&t->columns);
    memset(t, 0, sizeof *t);
}
