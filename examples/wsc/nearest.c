/* The word that was meant. */
#include "wsc.h"

#include <ctype.h>
#include <string.h>

static bool same_char(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

size_t word_distance(const char *a, const char *b)
{
    size_t row[64] = { 0 }, la = strlen(a), lb = strlen(b), i, j;

    if (lb >= sizeof row / sizeof row[0])
        return SIZE_MAX;
    for (j = 0; j <= lb; j++)
        row[j] = j;
    for (i = 1; i <= la; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (j = 1; j <= lb; j++) {
            size_t swap = corner + !same_char(a[i - 1], b[j - 1]);

            corner = row[j];
            row[j] = row[j - 1] < row[j] ? row[j - 1] + 1 : row[j] + 1;
            if (swap < row[j])
                row[j] = swap;
        }
    }
    return row[lb];
}

const char *nearest(const char *word, const char *(*name_at)(size_t i))
{
    size_t best = strlen(word) / 3 + 1, i;
    const char *found = NULL, *name;

    for (i = 0; (name = name_at(i)) != NULL; i++) {
        size_t d = word_distance(word, name);

        if (d <= best && d < strlen(name)) {
            best = d;
            found = name;
        }
    }
    return found;
}
