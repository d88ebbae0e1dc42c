/* wsc explain: what is known of a status or of a Windows code. */
#include "wsc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

static bool by_number(const char *text, int *code)
{
    char *end = NULL;
    long long n;

    errno = 0;
    n = strtoll(text, &end, 0);
    if (errno || end == text || *end || n < INT32_MIN || n > UINT32_MAX)
        return false;
    *code = (int)(uint32_t)n;
    return true;
}

static const char *field(int code, const char *name)
{
    const char *text = "";

    (void)wsc_code_get(code, name, &text);
    return text;
}

int cmd_explain(const struct options *o)
{
    static const char *const texts[] = { "status", "class", "meaning", "cause", "remedy" };
    const char *name;
    int code = 0;
    size_t i;

    if (!by_number(o->host, &code) && wsc_code_find(o->host, &code) != WSC_OK) {
        say("\"%s\" is neither a code of 32 bits nor a name that is known", o->host);
        return EXIT_OTHER;
    }
    if (wsc_code_get(code, "name", &name) != WSC_OK) {
        say("%" PRIu32 " (0x%08" PRIX32 ") is not known", (uint32_t)code, (uint32_t)code);
        return EXIT_OTHER;
    }
    if (o->json) {
        fputs("{\"name\": ", stdout);
        json_text(stdout, name);
        printf(", \"code\": %" PRIu32 ", \"signed\": %d, \"hex\": \"0x%08" PRIX32 "\"",
               (uint32_t)code, code, (uint32_t)code);
    } else {
        printf("%s  %" PRIu32 "  %d  0x%08" PRIX32 "\n", name, (uint32_t)code, code,
               (uint32_t)code);
    }
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const char *text = field(code, texts[i]);

        if (o->json) {
            printf(", \"%s\": ", texts[i]);
            json_text(stdout, *text ? text : NULL);
        } else if (*text) {
            printf("  %s: %s\n", texts[i], text);
        }
    }
    if (o->json)
        fputs("}\n", stdout);
    return finish_stdout();
}
