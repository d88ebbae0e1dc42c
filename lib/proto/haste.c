#include "proto/haste.h"

#define AT_ONCE_MS 100 /* within this time an answer came "at once" */
#define FREE       8   /* so many are let pass; then 1 ms, 2 ms, ... */
#define MOST       15  /* ... 128 ms */

int64_t wsc__haste_asks(struct wsc__haste *h, uint64_t now)
{
    int64_t pause = h->n < FREE ? 0 : INT64_C(1) << (h->n - FREE);

    h->asked_at = now + (uint64_t)pause;
    return pause;
}

void wsc__haste_judge(struct wsc__haste *h, uint64_t now, bool told_something)
{
    if (told_something || now - h->asked_at >= AT_ONCE_MS)
        h->n = 0;
    else if (h->n < MOST)
        h->n++;
}
