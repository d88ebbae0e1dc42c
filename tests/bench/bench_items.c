/* Enumerations: of each instance two properties are read as text and one as a number. */
#include "bench_client.h"

#include <stdlib.h>
#include <string.h>

struct list {
    struct run *r;
    int64_t sum; /* so that the number is needed */
    bool over;
};

static void touch(struct list *l, const wsc_value *item)
{
    static const char *const names[] = { "Handle", "Name" };
    const wsc_value *time = wsc_value_find(item, "KernelModeTime", 0);
    int64_t number;
    size_t i, len;

    for (i = 0; i < 2; i++)
        if (wsc_value_text(wsc_value_find(item, names[i], 0), &len))
            l->r->bytes += len;
    if (time && wsc_value_get_int(time, &number) == WSC_OK) {
        l->sum += number;
        l->r->good++;
    }
}

static int on_item(wsc_items *items, const wsc_value *item, int status, void *ud)
{
    struct list *l = ud;

    if (item) {
        touch(l, item);
        return WSC_OK;
    }
    if (status != WSC_OK) {
        bench_fail("enumerate", wsc_items_error(items));
        l->r->bad++;
    }
    l->over = true;
    return WSC_OK;
}

static void by_callback(struct list *l, wsc_items *items)
{
    wsc_items_on_item(items, on_item, l, NULL);
    while (!l->over && wsc_ctx_wait(l->r->ctx, 30000) == WSC_OK)
        ;
}

static void one_by_one(struct list *l, wsc_items *items)
{
    const wsc_value *item = NULL;
    int rc;

    while ((rc = wsc_items_next(items, &item, 30000)) == WSC_OK && item)
        touch(l, item);
    l->over = rc == WSC_OK;
    if (rc != WSC_OK)
        bench_fail("enumerate", wsc_items_error(items));
}

void bench_items(struct run *r, bool next, const char *count, const char *kilobytes)
{
    struct list l = { .r = r };
    wsc_items *items = NULL;
    wsc_epr *epr = NULL;
    char text[100];

    snprintf(text, sizeof text, "wmicimv2/Win32_Thread?count=%s+kb=%s", count, kilobytes);
    if (wsc_epr_parse(&epr, text, NULL, NULL) != WSC_OK)
        bench_fail(text, NULL);
    else if (wsc_enumerate(&items, r->client, epr, NULL) != WSC_OK)
        bench_fail(text, wsc_ctx_error(r->ctx));
    else if (next)
        one_by_one(&l, items);
    else
        by_callback(&l, items);
    r->bad += !l.over;
    wsc_items_unref(items);
    wsc_epr_unref(epr);
}
