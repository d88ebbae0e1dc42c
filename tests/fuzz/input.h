/* For targets whose input is a script: its bytes, and what has to hold. */
#ifndef WSC_FUZZ_INPUT_H
#define WSC_FUZZ_INPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

struct input {
    const uint8_t *p;
    size_t left;
};

/* 0 behind the end: whatever that stands for must let the script end. */
static inline uint8_t next(struct input *in)
{
    if (!in->left)
        return 0;
    in->left--;
    return *in->p++;
}

static inline void must(bool cond, const char *what)
{
    if (cond)
        return;
    fflush(stdout);
    fprintf(stderr, "does not hold: %s\n", what);
    abort();
}

#endif
