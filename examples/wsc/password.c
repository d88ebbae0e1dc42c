/* Where the password comes from. It is wiped here as soon as the library has it. */
#include "wsc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <termios.h>
#include <unistd.h>

#define MAX_PASSWORD 4096

void wipe(void *data, size_t len)
{
    volatile unsigned char *p = data;

    while (len--)
        *p++ = 0;
}

static int give(struct options *o, char *secret, size_t len)
{
    int rc = wsc_params_set_bytes(o->identity, "password", secret, len);

    wipe(secret, len);
    if (rc == WSC_OK)
        return 0;
    report_error("password", wsc_params_error(o->identity));
    return EXIT_USAGE;
}

/* Where signals are blocked, they come only here: none is lost between a look and the waiting. */
static bool wait_for(int fd, const sigset_t *allowed)
{
    fd_set fds;

    if (!allowed || fd >= FD_SETSIZE)
        return true;
    FD_ZERO(&fds);
    FD_SET(fd, &fds);
    return pselect(fd + 1, &fds, NULL, NULL, NULL, allowed) >= 0;
}

/* Up to the end of a line, without it; what follows is left for others. -1: see errno. */
static ssize_t read_line(int fd, const sigset_t *allowed, char *buf, size_t cap)
{
    size_t len = 0;

    while (len < cap) {
        ssize_t n = wait_for(fd, allowed) ? read(fd, buf + len, 1) : -1;

        if (n < 0)
            return -1;
        if (n == 0 || buf[len] == '\n')
            return (ssize_t)(len && buf[len - 1] == '\r' ? len - 1 : len);
        len++;
    }
    errno = EFBIG;
    return -1;
}

/* An empty one would only count as a failed logon, at every host. */
static int empty(const char *what)
{
    say("%s holds no password: its first line is empty", what);
    return EXIT_USAGE;
}

static int from_fd(struct options *o)
{
    char secret[MAX_PASSWORD], what[64];
    ssize_t n = read_line(o->password_fd, NULL, secret, sizeof secret);
    int rc = EXIT_OTHER;

    snprintf(what, sizeof what, "--password-fd: file descriptor %d", o->password_fd);
    if (n < 0)
        say("--password-fd %d: %s", o->password_fd, strerror(errno));
    else
        rc = n ? give(o, secret, (size_t)n) : empty(what);
    wipe(secret, sizeof secret);
    return rc;
}

/* What cannot be read the library tells of. */
static int from_file(struct options *o)
{
    char secret[MAX_PASSWORD], what[256];
    int fd = open(o->password_file, O_RDONLY | O_NOCTTY | O_CLOEXEC), rc = 0;
    ssize_t n = fd < 0 ? -1 : read_line(fd, NULL, secret, sizeof secret);

    if (fd >= 0)
        close(fd);
    snprintf(what, sizeof what, "--password-file: the file %s", in_short(o->password_file));
    if (n >= 0)
        rc = n ? give(o, secret, (size_t)n) : empty(what);
    else if (signals_interrupts())
        rc = EXIT_SIGNAL + SIGINT;
    else if (signals_end())
        rc = EXIT_SIGNAL + signals_end();
    else
        wsc_params_set_str(o->identity, "password-file", o->password_file);
    wipe(secret, sizeof secret);
    return rc;
}

static void ask(int tty, const struct options *o)
{
    char text[512];
    int n = snprintf(text, sizeof text, "Password of %s for %s: ", o->user,
                     o->host ? o->host : "all hosts"),
        i;

    if (n >= (int)sizeof text)
        n = (int)sizeof text - 1;
    for (i = 0; i < n; i++)
        if ((unsigned char)text[i] < ' ' || text[i] == 127)
            text[i] = '?';
    if (write(tty, text, (size_t)n) < 0)
        return; /* the reading shows what is wrong */
}

/* The echo comes back on every way out, also when a signal ends or stops us meanwhile. */
static ssize_t read_quietly(int tty, const struct options *o, char *secret, size_t cap)
{
    struct termios old, quiet;
    sigset_t all, before;
    ssize_t n = -1;
    int error = 0;

    if (tcgetattr(tty, &old) != 0)
        return -1;
    quiet = old;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    signals_catch_stop(true);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    while (n < 0 && !signals_interrupts() && !signals_end() &&
           tcsetattr(tty, TCSAFLUSH, &quiet) == 0) {
        ask(tty, o);
        n = read_line(tty, &before, secret, cap);
        error = errno;
        tcsetattr(tty, TCSAFLUSH, &old);
        if (write(tty, "\n", 1) < 0)
            break;
        if (!signals_stopped())
            break;
        raise(SIGSTOP);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    signals_catch_stop(false);
    errno = error;
    return n;
}

static int no_password(const struct options *o)
{
    const char *env = getenv("WSC_PASSWORD");

    say("no password for user %s%s", in_short(o->user), env ? ": WSC_PASSWORD is empty" : "");
    fputs(
        "  try: --password-file FILE, --password-fd N, the environment variable WSC_PASSWORD, or "
        "a terminal to ask on; with tickets of kinit leave out --user, or name them by --ccache\n",
        stderr);
    return EXIT_USAGE;
}

static int from_terminal(struct options *o)
{
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC), rc;
    char secret[MAX_PASSWORD];
    ssize_t n;

    if (tty < 0)
        return no_password(o);
    n = read_quietly(tty, o, secret, sizeof secret);
    close(tty);
    if (n > 0)
        rc = give(o, secret, (size_t)n);
    else if (n == 0) /* an empty one would only count as a failed logon */
        rc = no_password(o);
    else if (signals_interrupts())
        rc = EXIT_SIGNAL + SIGINT;
    else if (signals_end())
        rc = EXIT_SIGNAL + signals_end();
    else
        rc = no_password(o);
    wipe(secret, sizeof secret);
    return rc;
}

int password_get(struct options *o)
{
    char *env;

    if (o->password_fd >= 0)
        return from_fd(o);
    if (o->password_file)
        return from_file(o);
    if (!o->user || o->has_tickets)
        return 0;
    env = getenv("WSC_PASSWORD");
    /* empty: the same as none, as with other programs; a logon with it would only fail */
    return env && *env ? give(o, env, strlen(env)) : from_terminal(o);
}
