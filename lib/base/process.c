/* The kernel wipes a page of ours in every child, however that was forked and before any of its
 * code runs. */
#include "base/process.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

static atomic_uint *page; /* 0 in a child that has made no context yet; NULL: no such page */
static atomic_uint processes;

static void prepare(void)
{
#ifdef MADV_WIPEONFORK
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (p == MAP_FAILED)
        return;
    /* an emulator that takes any advice heeds none */
    if (madvise(p, size, -1) && madvise(p, size, MADV_WIPEONFORK) == 0)
        page = p;
    else
        munmap(p, size); /* or Linux before 4.14 */
#endif
}

unsigned wsc__process_new(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    unsigned none = 0, mine;

    pthread_once(&once, prepare);
    if (!page)
        return (unsigned)getpid();
    if ((mine = atomic_load(page)))
        return mine;
    mine = atomic_fetch_add(&processes, 1) + 1; /* goes on in a child: none has an ancestor's */
    return atomic_compare_exchange_strong(page, &none, mine) ? mine : none;
}

bool wsc__process_is(unsigned mark)
{
    return mark == (page ? atomic_load_explicit(page, memory_order_relaxed) : (unsigned)getpid());
}
