/* wsc explain: what is known of statuses and of codes of Windows. */
#include "wsc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool known(int code)
{
    const char *name;

    return wsc_code_get(code, "name", &name) == WSC_OK;
}

static bool number(const char *text, int base, int *code)
{
    char *end = NULL;
    long long n;

    errno = 0;
    n = strtoll(text, &end, base);
    if (errno || end == text || *end || n < INT32_MIN || n > UINT32_MAX)
        return false;
    *code = (int)(uint32_t)n;
    return true;
}

/* Windows writes some codes as eight hexadecimal digits without 0x. */
static bool by_number(const char *text, int *code)
{
    int hex;

    if (number(text, 0, code) && known(*code))
        return true;
    if (strlen(text) == 8 && number(text, 16, &hex) && known(hex)) {
        *code = hex;
        return true;
    }
    return false;
}

static bool by_name(const char *text, int *code)
{
    char name[128];
    size_t i;

    for (i = 0; text[i] && i + 1 < sizeof name; i++)
        name[i] = (char)toupper((unsigned char)text[i]);
    name[i] = '\0';
    return wsc_code_find(name, code) == WSC_OK;
}

static const char *field(int code, const char *name)
{
    const char *text = "";

    (void)wsc_code_get(code, name, &text);
    return text;
}

static const char *remedy_of(const void *code, size_t i)
{
    (void)i;
    return field(*(const int *)code, "remedy");
}

static void explain(const struct options *o, int code)
{
    static const char *const texts[] = { "status", "class", "meaning", "cause", "remedy" };
    size_t i;

    if (o->json) {
        fputs("{\"name\": ", stdout);
        json_text(stdout, field(code, "name"));
        printf(", \"code\": %" PRIu32 ", \"signed\": %d, \"hex\": \"0x%08" PRIX32 "\"",
               (uint32_t)code, code, (uint32_t)code);
    } else {
        printf("%s  %" PRIu32 "  %d  0x%08" PRIX32 "\n", field(code, "name"), (uint32_t)code, code,
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
    else
        report_switches(stdout, remedy_of, &code, 1);
}

int cmd_explain(const struct options *o)
{
    int code = 0;

    if (by_number(o->host, &code) || by_name(o->host, &code)) {
        explain(o, code);
        return finish_stdout();
    }
    if (number(o->host, 0, &code)) {
        say("%" PRIu32 " (0x%08" PRIX32 ") is not known", (uint32_t)code, (uint32_t)code);
        fprintf(stderr,
                "  try: on Windows, `winrm helpmsg 0x%08" PRIX32 "` or `certutil -error "
                "0x%08" PRIX32 "`\n",
                (uint32_t)code, (uint32_t)code);
    } else {
        say("\"%s\" is neither a code of 32 bits nor a name that is known", in_short(o->host));
        fputs("  try: the code that an error shows, as WSC_E_AUTH, 0x80338012 or 2150858770\n",
              stderr);
    }
    return EXIT_OTHER;
}
