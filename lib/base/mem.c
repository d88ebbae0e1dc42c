#include "base/mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void *libc_fn(void *ptr, size_t size, void *user_data)
{
    (void)user_data;
    if (!size) {
        free(ptr);
        return NULL;
    }
    return realloc(ptr, size);
}

const struct wsc__mem wsc__mem_libc = { libc_fn, NULL };

void *wsc__malloc(const struct wsc__mem *mem, size_t size)
{
    return mem->fn(NULL, size ? size : 1, mem->user_data);
}

void *wsc__zalloc(const struct wsc__mem *mem, size_t size)
{
    void *p = wsc__malloc(mem, size);

    if (p)
        memset(p, 0, size);
    return p;
}

void *wsc__zalloc_array(const struct wsc__mem *mem, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return wsc__zalloc(mem, n * size);
}

void *wsc__realloc(const struct wsc__mem *mem, void *ptr, size_t size)
{
    return mem->fn(ptr, size ? size : 1, mem->user_data);
}

void *wsc__realloc_array(const struct wsc__mem *mem, void *ptr, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / size)
        return NULL;
    return wsc__realloc(mem, ptr, n * size);
}

void wsc__free(const struct wsc__mem *mem, void *ptr)
{
    if (ptr)
        mem->fn(ptr, 0, mem->user_data);
}

char *wsc__strdup(const struct wsc__mem *mem, const char *s)
{
    return s ? wsc__strndup(mem, s, strlen(s)) : NULL;
}

char *wsc__strndup(const struct wsc__mem *mem, const char *s, size_t len)
{
    char *p;

    if (len == SIZE_MAX)
        return NULL;
    p = wsc__malloc(mem, len + 1);
    if (!p)
        return NULL;
    if (len)
        memcpy(p, s, len);
    p[len] = '\0';
    return p;
}

void *wsc__memdup(const struct wsc__mem *mem, const void *p, size_t len)
{
    void *copy = wsc__malloc(mem, len);

    if (copy && len)
        memcpy(copy, p, len);
    return copy;
}

void wsc__wipe(void *p, size_t len)
{
#if defined(__GNUC__)
    if (!len)
        return;
    memset(p, 0, len);
    __asm__ __volatile__("" : : "r"(p) : "memory"); /* as if somebody read it: not to be dropped */
#else
    volatile unsigned char *v = p;

    while (len--)
        *v++ = 0;
#endif
}

void wsc__free_secret(const struct wsc__mem *mem, void *p, size_t len)
{
    if (!p)
        return;
    wsc__wipe(p, len);
    wsc__free(mem, p);
}
