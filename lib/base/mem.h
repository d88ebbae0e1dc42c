/* Memory: one allocator per context, handed in by the caller.
 *
 * A single function does it all, as in Lua: (NULL, n) allocates, (p, n) resizes, (p, 0) frees.
 * Sizes never overflow silently: the array forms check. */
#ifndef WSC_BASE_MEM_H
#define WSC_BASE_MEM_H

#include <stddef.h>

struct wsc__mem {
    void *(*fn)(void *ptr, size_t size, void *user_data);
    void *user_data;
};

/* libc's malloc, for what belongs to no context (wsc_params) */
extern const struct wsc__mem wsc__mem_libc;

void *wsc__malloc(const struct wsc__mem *mem, size_t size);
void *wsc__zalloc(const struct wsc__mem *mem, size_t size); /* zeroed */
void *wsc__zalloc_array(const struct wsc__mem *mem, size_t n, size_t size);
void *wsc__realloc(const struct wsc__mem *mem, void *ptr, size_t size);
void *wsc__realloc_array(const struct wsc__mem *mem, void *ptr, size_t n, size_t size);
void wsc__free(const struct wsc__mem *mem, void *ptr);        /* NULL is fine */
char *wsc__strdup(const struct wsc__mem *mem, const char *s); /* NULL in, NULL out */
char *wsc__strndup(const struct wsc__mem *mem, const char *s, size_t len);
void *wsc__memdup(const struct wsc__mem *mem, const void *p, size_t len);

/* For passwords and keys: overwritten before it is freed, in a way the compiler keeps. */
void wsc__wipe(void *p, size_t len);
void wsc__free_secret(const struct wsc__mem *mem, void *p, size_t len);

#endif
