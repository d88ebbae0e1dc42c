/* Files of subscribe: the bookmark, which is there whole or not at all, and a filter. */
#include "subscribe.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_LIMIT 1048576

static int unread(const char *what, const char *file, const char *why)
{
    say("%s: %s cannot be read: %s", what, in_short(file), why);
    return EXIT_USAGE;
}

/* NULL with 0: there is no such file. */
static int read_text(char **out, const char *what, const char *file)
{
    FILE *f = fopen(file, "rb");
    struct bytes b = { NULL, 0, 0 };
    char buf[4096];
    int error = 0;
    size_t n;

    *out = NULL;
    if (!f)
        return errno == ENOENT ? 0 : unread(what, file, strerror(errno));
    while (!error && (n = fread(buf, 1, sizeof buf, f)) > 0)
        error = b.len + n > FILE_LIMIT ? EFBIG : bytes_add(&b, buf, n) ? 0 : ENOMEM;
    if (!error && ferror(f))
        error = errno;
    fclose(f);
    if (!error && !bytes_add(&b, "", 1))
        error = ENOMEM;
    if (error || strlen(b.data) + 1 < b.len) {
        bytes_free(&b);
        return unread(what, file, error ? strerror(error) : "it is no text");
    }
    while (b.len > 1 && strchr(" \t\r\n", b.data[b.len - 2]))
        b.data[--b.len - 1] = '\0';
    *out = b.data;
    return 0;
}

/* A word, or XML that may be put into a request. */
static bool is_bookmark(const char *text)
{
    size_t len = strlen(text) + sizeof "<b></b>";
    char *whole = malloc(len);
    wsc_value *value = NULL;
    bool is = strcmp(text, "earliest") == 0;

    if (!whole)
        return true; /* who reads it next has no memory, either */
    snprintf(whole, len, "<b>%s</b>", text);
    is = is || wsc_value_parse(&value, whole, len - 1, NULL) == WSC_OK;
    wsc_value_unref(value);
    free(whole);
    return is;
}

int bookmark_read(char **out, const char *file)
{
    char *text = NULL;
    int rc = read_text(&text, "--bookmark", file);

    if (text && !*text) { /* made empty, to be filled */
        free(text);
        text = NULL;
    }
    if (text && !is_bookmark(text)) {
        say("--bookmark: %s holds no bookmark", in_short(file));
        free(text);
        return EXIT_USAGE;
    }
    if (rc == 0)
        *out = text;
    return rc;
}

static int unwritten(const char *file, int error)
{
    say("--bookmark: %s cannot be written: %s", in_short(file), strerror(error));
    return EXIT_OTHER;
}

/* NULL: see errno. *name: the caller's. */
static FILE *beside(char **name, const char *file)
{
    size_t len = strlen(file) + sizeof ".XXXXXX";
    int fd, error;
    FILE *f;

    *name = malloc(len);
    if (!*name)
        return NULL;
    snprintf(*name, len, "%s.XXXXXX", file);
    fd = mkstemp(*name);
    f = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (fd >= 0 && !f) {
        error = errno;
        close(fd);
        unlink(*name);
        errno = error;
    }
    return f;
}

int bookmark_check(const char *file)
{
    char *name = NULL;
    FILE *f = beside(&name, file);
    int rc = f ? 0 : unwritten(file, errno);

    if (f) {
        fclose(f);
        unlink(name);
    }
    free(name);
    return rc;
}

int bookmark_write(const char *file, const char *text)
{
    char *name = NULL;
    FILE *f = beside(&name, file);
    int error = f ? 0 : errno;

    if (!f) {
        free(name);
        return unwritten(file, error);
    }
    if (fprintf(f, "%s\n", text) < 0 || fflush(f) != 0)
        error = errno;
    if (fclose(f) != 0 && !error)
        error = errno;
    if (!error && rename(name, file) != 0)
        error = errno;
    if (error)
        unlink(name);
    free(name);
    return error ? unwritten(file, error) : 0;
}

int filter_read(const struct options *o)
{
    char *text = NULL;
    int rc = read_text(&text, "--filter", o->filter + 1);

    if (rc == 0 && !text)
        rc = unread("--filter", o->filter + 1, strerror(ENOENT));
    if (rc == 0 && wsc_params_set_str(o->client, "filter", text) != WSC_OK) {
        report_error("--filter", wsc_params_error(o->client));
        rc = EXIT_USAGE;
    }
    free(text);
    return rc;
}
