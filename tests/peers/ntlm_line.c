/* The NTLM mechanism for a peer that sits at stdin and stdout.
 * usage: ntlm_line USER PASSWORD SPN BINDING     (BINDING: hexadecimal, or -)
 * A line is a word and its arguments in hexadecimal (- is an empty one); each gets one line back:
 *   step TOKEN              token OUT | done OUT     (the first one: start)
 *   mic TEXT                mic MIC
 *   verify TEXT MIC         good
 *   wrap TEXT               sealed HEADER DATA
 *   unwrap HEADER DATA      plain TEXT
 * or: error CODE TEXT, CODE being Windows' code in hexadecimal. */
#include "auth/mech.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LINE_MAX_LEN (8u << 20)

struct line {
    struct wsc__mech *mech;
    struct wsc__buf out;
    struct wsc_error *err;
};

static int fill(void *buf, size_t len, void *user_data)
{
    FILE *f = fopen("/dev/urandom", "rb");
    size_t n = f ? fread(buf, 1, len, f) : 0;

    (void)user_data;
    if (f)
        fclose(f);
    return n == len ? 0 : -1;
}

static void say(const char *word, const uint8_t *data, size_t len)
{
    fputs(word, stdout);
    putchar(' ');
    for (size_t i = 0; i < len; i++)
        printf("%02x", data[i]);
    if (!len)
        putchar('-');
}

static unsigned digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c) : NULL;

    return at ? (unsigned)(at - digits) : 16;
}

/* In place of its text; how long it is. */
static size_t unhex(char *text)
{
    uint8_t *out = (uint8_t *)text;
    size_t n = 0;

    for (; text && digit(text[2 * n]) < 16 && digit(text[2 * n + 1]) < 16; n++)
        out[n] = (uint8_t)(digit(text[2 * n]) << 4 | digit(text[2 * n + 1]));
    return n;
}

static void step(struct line *l, char *token)
{
    struct wsc__job *job = NULL;
    size_t len = unhex(token);

    switch (
        l->mech->ops->step(l->mech, token ? (uint8_t *)token : NULL, len, &l->out, &job, &l->err)) {
    case WSC__AUTH_TOKEN:
        say("token", wsc__buf_data(&l->out), l->out.len);
        break;
    case WSC__AUTH_DONE:
        say("done", wsc__buf_data(&l->out), l->out.len);
        break;
    default:
        break;
    }
}

static void wrap(struct line *l, char *text)
{
    struct wsc__sealed s;
    size_t len = unhex(text);

    if (l->mech->ops->wrap(l->mech, (uint8_t *)text, len, &l->out, &s, &l->err))
        return;
    say("sealed", wsc__buf_data(&l->out), s.header_len);
    say("", wsc__buf_data(&l->out) + s.header_len, s.data_len);
}

static void unwrap(struct line *l, char *header, char *data)
{
    struct wsc__sealed s = { unhex(header), unhex(data), 0 };
    const uint8_t *plain;
    uint8_t *message;
    size_t len;

    if (wsc__buf_append(&l->out, header, s.header_len) ||
        wsc__buf_append(&l->out, data, s.data_len) || wsc__buf_reserve(&l->out, 0, &message))
        exit(1);
    s.plain_len = s.data_len;
    message = l->out.base + l->out.start;
    if (!l->mech->ops->unwrap(l->mech, message, &s, &plain, &len, &l->err))
        say("plain", plain, len);
}

static void obey(struct line *l, char *text)
{
    char *save = NULL, *word = strtok_r(text, " \n", &save), *a = strtok_r(NULL, " \n", &save),
         *b = strtok_r(NULL, " \n", &save);

    wsc__buf_reset(&l->out);
    if (!word || !strcmp(word, "start") || !strcmp(word, "step")) {
        step(l, a);
    } else if (a && !strcmp(word, "mic")) {
        if (!l->mech->ops->mic(l->mech, (uint8_t *)a, unhex(a), &l->out, &l->err))
            say("mic", wsc__buf_data(&l->out), l->out.len);
    } else if (a && b && !strcmp(word, "verify")) {
        size_t len = unhex(a), mic_len = unhex(b);

        if (!l->mech->ops->verify_mic(l->mech, (uint8_t *)a, len, (uint8_t *)b, mic_len, &l->err))
            fputs("good", stdout);
    } else if (a && !strcmp(word, "wrap")) {
        wrap(l, a);
    } else if (a && b && !strcmp(word, "unwrap")) {
        unwrap(l, a, b);
    }
    if (l->err)
        printf("error %x %s", wsc__error_fault_code(l->err), wsc__error_text(l->err));
    putchar('\n');
    fflush(stdout);
    wsc__error_unref(l->err);
    l->err = NULL;
}

int main(int argc, char **argv)
{
    struct wsc__credentials credentials = { 0 };
    struct wsc__auth_input in = { .mem = &wsc__mem_libc, .credentials = &credentials };
    struct line l = { 0 };
    char *text = malloc(LINE_MAX_LEN);

    if (argc != 5 || !text)
        return 2;
    credentials.user = argv[1];
    credentials.password = argv[2];
    credentials.password_len = strlen(argv[2]);
    in.spn = argv[3];
    in.workstation = "PEER";
    in.binding_len = unhex(argv[4]);
    in.binding = in.binding_len ? (uint8_t *)argv[4] : NULL;
    in.unix_ms = (int64_t)time(NULL) * 1000;
    in.rng.fill = fill;
    wsc__buf_init(&l.out, &wsc__mem_libc, LINE_MAX_LEN);
    if (wsc__mech_ntlm.begin(&l.mech, &in, &l.err))
        printf("error %x %s\n", wsc__error_fault_code(l.err), wsc__error_text(l.err));
    while (l.mech && fgets(text, LINE_MAX_LEN, stdin))
        obey(&l, text);
    wsc__mech_ntlm.free(l.mech);
    wsc__buf_free(&l.out);
    wsc__error_unref(l.err);
    free(text);
    return 0;
}
