/* Runs the files given, and those in the directories given, through a fuzz target: for compilers
 * without libFuzzer, and for the corpus as a test. */
#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
/* Of a target that counts what its inputs reach: how much no input did, told on stdout. */
__attribute__((weak)) int fuzz_unreached(void);

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t size = 0, cap = 0, n;

    if (!f) {
        perror(path);
        return -1;
    }
    do {
        uint8_t *more = size == cap ? realloc(data, cap = 2 * cap + 4096) : data;

        if (!more)
            abort();
        data = more;
        n = fread(data + size, 1, cap - size, f);
        size += n;
    } while (n);
    fclose(f);
    /* a block of exactly this size, so that the sanitizer sees one byte too far */
    if (size) {
        uint8_t *exact = malloc(size);

        if (!exact)
            abort();
        memcpy(exact, data, size);
        free(data);
        data = exact;
    }
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return 1;
}

static int run_dir(DIR *dir, const char *path)
{
    struct dirent *e;
    int count = 0;

    while ((e = readdir(dir))) {
        char name[4096];
        int n;

        if (e->d_name[0] == '.')
            continue;
        snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        n = run_file(name);
        if (n < 0)
            return -1;
        count += n;
    }
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    bool whole = false; /* a corpus, not single inputs */

    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        int n = dir ? run_dir(dir, argv[i]) : run_file(argv[i]);

        whole |= dir != NULL;
        if (dir)
            closedir(dir);
        if (n < 0)
            return 1;
        count += n;
    }
    printf("%d inputs\n", count);
    if (whole && fuzz_unreached && fuzz_unreached())
        return 1;
    return count ? 0 : 1;
}
