/* wsc explain: between the numbers and the names of Windows error codes. */
#include "wsc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* where the codes lie that the library can name */
static const struct {
    uint32_t from, to;
} ranges[] = {
    { 0xffffffc0u, 0xffffffffu }, /* WSC_E_* */
    { 0x00000000u, 0x00003fffu }, /* Win32 */
    { 0x80330000u, 0x8033ffffu }, /* WS-Management */
    { 0x80040000u, 0x8004ffffu }, { 0x80090000u, 0x8009ffffu },
    { 0x80190000u, 0x8019ffffu }, { 0xc0000000u, 0xc000ffffu }, /* NTSTATUS */
};

static int as_int(uint32_t code)
{
    return code <= INT32_MAX ? (int)code : (int)((int64_t)code - 4294967296);
}

static bool by_number(const char *text, uint32_t *code)
{
    char *end = NULL;
    long long n;

    errno = 0;
    n = strtoll(text, &end, 0);
    if (errno || end == text || *end || n < INT32_MIN || n > UINT32_MAX)
        return false;
    *code = (uint32_t)n;
    return true;
}

static bool by_name(const char *text, uint32_t *code)
{
    size_t r;
    uint64_t n;

    for (r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
        for (n = ranges[r].from; n <= ranges[r].to; n++) {
            if (strcmp(wsc_code_name(as_int((uint32_t)n)), text) == 0) {
                *code = (uint32_t)n;
                return true;
            }
        }
    }
    return false;
}

int cmd_explain(const struct options *o)
{
    uint32_t code = 0;
    const char *name;

    if (!by_number(o->host, &code) &&
        (strcmp(o->host, "unknown") == 0 || !by_name(o->host, &code))) {
        say("\"%s\" is neither a code of 32 bits nor a name that is known", o->host);
        return EXIT_OTHER;
    }
    name = wsc_code_name(as_int(code));
    if (o->json) {
        fputs("{\"name\": ", stdout);
        json_text(stdout, name);
        printf(", \"code\": %" PRIu32 ", \"signed\": %d, \"hex\": \"0x%08" PRIX32 "\"}\n", code,
               as_int(code), code);
    } else {
        printf("%s  %" PRIu32 "  %d  0x%08" PRIX32 "\n", name, code, as_int(code), code);
    }
    return finish_stdout();
}
