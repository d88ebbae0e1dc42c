/* wsc explain: what is known of statuses and of codes of Windows. */
#include "wsc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

/* The name that this one differs from by one letter; false: there is none. */
static bool by_near_name(const char *text, int *code)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strlen(text), i, k;
    char name[128];

    for (i = 0; i <= len && len + 2 < sizeof name; i++) {
        memcpy(name, text, len + 1);
        memmove(name + i, text + i + (i < len), len + 1 - i - (i < len)); /* one too many */
        if (by_name(name, code))
            return true;
        for (k = 0; letters[k]; k++) {
            memcpy(name, text, len + 1);
            name[i] = letters[k]; /* a wrong one */
            if (i < len && by_name(name, code))
                return true;
            memcpy(name + i + 1, text + i, len + 1 - i); /* one is missing */
            if (by_name(name, code))
                return true;
        }
    }
    for (i = 0; i + 1 < len && len < sizeof name; i++) {
        memcpy(name, text, len + 1);
        name[i] = text[i + 1]; /* two in the wrong order */
        name[i + 1] = text[i];
        if (by_name(name, code))
            return true;
    }
    return false;
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
        report_switches(stdout, remedy_of, &code, 0);
}

/* --- statuses of HTTP ------------------------------------------------------------------------- */

/* Those that a server sends in the place of an answer. */
static const struct status {
    int number, code;
    const char *name, *meaning, *cause, *remedy;
} statuses[] = {
    { 401, WSC_E_AUTH, "Unauthorized",
      "The server takes no request without a login, or refused it.",
      "User name or password are wrong, or the server does not offer the scheme.",
      "Check both; on the server run `winrm get winrm/config/service/auth`." },
    { 403, WSC_E_ACCESS_DENIED, "Forbidden", "The web server refuses access.",
      "An address filter or a URL reservation, or it wants a client certificate.",
      "On the server look at IPv4Filter and IPv6Filter in `winrm get winrm/config/service`." },
    { 404, WSC_E_HTTP, "Not Found", "There is no WinRM service under that path.",
      "The path is not /wsman, or another web server has the port.",
      "Check URL and port; on the server run `winrm enumerate winrm/config/listener`." },
    { 405, WSC_E_HTTP, "Method Not Allowed", "The server takes no POST there.",
      "Another web server has the port.", "Check URL and port (5985 for http, 5986 for https)." },
    { 413, WSC_E_HTTP, "Content Too Large", "The request is larger than the server takes.",
      "It exceeds MaxEnvelopeSizekb of the server.", "Lower the option max-request-size." },
    { 415, WSC_E_HTTP, "Unsupported Media Type", "The server does not take SOAP 1.2 there.",
      "It is not WinRM.", "Check URL and port." },
    { 500, WSC_E_HTTP, "Internal Server Error",
      "The request failed on the server; mostly a fault comes with it and says why.",
      "Where none comes: the command line was too long, or the service is out of order.",
      "On the server look at the event log Microsoft-Windows-WinRM/Operational." },
    { 503, WSC_E_BUSY, "Service Unavailable", "The service is not available.",
      "WinRM is not running, or its queue is full.",
      "On the server run `Get-Service WinRM` and `Start-Service WinRM`; try again later." },
};

/* 401, HTTP 401, HTTP/401, HTTP401 */
static const struct status *by_status(const struct options *o)
{
    const char *text = o->host;
    int wanted = 0;
    size_t i;

    if (strncasecmp(text, "HTTP", 4) == 0)
        text += 4 + strspn(text + 4, " /");
    for (i = 0; number(text, 10, &wanted) && i < sizeof statuses / sizeof statuses[0]; i++)
        if (statuses[i].number == wanted)
            return &statuses[i];
    return NULL;
}

static const char *status_remedy(const void *status, size_t i)
{
    (void)i;
    return ((const struct status *)status)->remedy;
}

static void explain_status(const struct options *o, const struct status *s)
{
    const char *const texts[][2] = { { "status", wsc_code_name(s->code) },
                                     { "class", field(s->code, "class") },
                                     { "meaning", s->meaning },
                                     { "cause", s->cause },
                                     { "remedy", s->remedy } };
    size_t i;

    if (o->json)
        printf("{\"name\": \"HTTP %d %s\", \"code\": %d, \"signed\": %d, \"hex\": \"0x%08X\"",
               s->number, s->name, s->number, s->number, (unsigned)s->number);
    else
        printf("HTTP %d %s\n", s->number, s->name);
    for (i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (o->json) {
            printf(", \"%s\": ", texts[i][0]);
            json_text(stdout, texts[i][1]);
        } else {
            printf("  %s: %s\n", texts[i][0], texts[i][1]);
        }
    }
    if (o->json)
        fputs("}\n", stdout);
    else
        report_switches(stdout, status_remedy, s, 0);
}

/* --- all of it -------------------------------------------------------------------------------- */

int cmd_explain(const struct options *o)
{
    const struct status *status = by_status(o);
    int code = 0;

    if (!o->http_status && (by_number(o->host, &code) || by_name(o->host, &code))) {
        explain(o, code);
        return finish_stdout();
    }
    if (status) {
        explain_status(o, status);
        return finish_stdout();
    }
    if (o->http_status) {
        say("HTTP %s is not known", in_short(o->host));
    } else if (number(o->host, 0, &code)) {
        say("%" PRIu32 " (0x%08" PRIX32 ") is not known", (uint32_t)code, (uint32_t)code);
        fprintf(stderr,
                "  try: on Windows, `winrm helpmsg 0x%08" PRIX32 "` or `certutil -error "
                "0x%08" PRIX32 "`\n",
                (uint32_t)code, (uint32_t)code);
    } else {
        say("\"%s\" is neither a code of 32 bits nor a name that is known", in_short(o->host));
        if (by_near_name(o->host, &code))
            fprintf(stderr, "  try: wsc explain %s\n", field(code, "name"));
        else
            fputs("  try: the code that an error shows, as WSC_E_AUTH, 0x80338012 or 2150858770\n",
                  stderr);
    }
    return EXIT_OTHER;
}
