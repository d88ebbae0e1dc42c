/* A transport of one's own: the byte stream goes through a Unix socket, such as
 * `ssh -L /tmp/winrm:srv1:5985 jump` makes. The poll() loop waits for it beside the context.
 *
 * usage: 07-own-transport SOCKET HOST USER COMMAND [OPTION=VALUE...]     password: $WSC_PASSWORD */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wsman-client/sys/transport.h>

#define MOST 8

static struct link {    /* one stream; the library opens several */
    wsc_stream *handle; /* NULL: free */
    int fd, want, error;
} links[MOST];

static const char *path;

static int failed(struct link *l, int status)
{
    l->error = errno;
    return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? WSC_E_AGAIN : status;
}

static int link_connect(void **stream, const char *host, int port, wsc_stream *handle, void *ud)
{
    struct sockaddr_un addr = { 0 };
    struct link *l = links;

    (void)host; /* it is the other end's business where the bytes go */
    (void)port;
    (void)ud;
    while (l < links + MOST && l->handle)
        l++;
    if (l == links + MOST)
        return WSC_E_DESCRIPTORS;
    addr.sun_family = AF_UNIX;
    strncpy(addr.sun_path, path, sizeof addr.sun_path - 1);
    l->handle = handle;
    l->want = 0;
    *stream = l; /* from here on it is closed with link_close */
    l->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd >= 0 && connect(l->fd, (struct sockaddr *)&addr, sizeof addr) == 0)
        return WSC_OK; /* a Unix socket is connected at once, or not at all */
    l->error = errno;
    return WSC_E_CONNECT;
}

static int link_read(void *stream, void *buf, size_t cap, size_t *n)
{
    struct link *l = stream;
    ssize_t got = recv(l->fd, buf, cap, 0);

    *n = got > 0 ? (size_t)got : 0;
    return got < 0 ? failed(l, WSC_E_CONNECTION_LOST) : WSC_OK;
}

static int link_write(void *stream, const void *buf, size_t len, size_t *n)
{
    struct link *l = stream;
    ssize_t sent = send(l->fd, buf, len, MSG_NOSIGNAL);

    *n = sent > 0 ? (size_t)sent : 0;
    return sent < 0 ? failed(l, WSC_E_CONNECTION_LOST) : WSC_OK;
}

static void link_close(void *stream)
{
    struct link *l = stream;

    if (l->fd >= 0)
        close(l->fd);
    l->handle = NULL;
}

static void link_want(void *stream, int what)
{
    ((struct link *)stream)->want = what;
}

static const char *link_error(void *stream, int *code)
{
    static char text[200];

    *code = stream ? ((struct link *)stream)->error : 0;
    snprintf(text, sizeof text, "%s: %s", path, stream ? strerror(*code) : "too many streams");
    return text;
}

static void wait_once(wsc_ctx *ctx)
{
    struct pollfd fds[MOST + 1];
    int i;

    fds[MOST].fd = wsc_ctx_fd(ctx);
    fds[MOST].events = POLLIN;
    for (i = 0; i < MOST; i++) {
        fds[i].fd = links[i].handle && links[i].want ? links[i].fd : -1;
        fds[i].events = (short)((links[i].want & WSC_WANT_READ ? POLLIN : 0) |
                                (links[i].want & WSC_WANT_WRITE ? POLLOUT : 0));
        fds[i].revents = 0;
    }
    poll(fds, MOST + 1, wsc_ctx_timeout(ctx));
    for (i = 0; i < MOST; i++)
        if (fds[i].revents)
            wsc_transport_ready(links[i].handle);
    wsc_ctx_step(ctx);
}

static size_t on_output(wsc_command *cmd, int stream, const void *data, size_t len, void *ud)
{
    (void)cmd;
    (void)ud;
    return fwrite(data, 1, len, stream == WSC_STDERR ? stderr : stdout);
}

static int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
}

static int run(wsc_ctx *ctx, wsc_client *host, const char *name, const char *text)
{
    wsc_command *cmd = NULL;
    int64_t code = 255;

    if (wsc_client_run(&cmd, host, text, NULL, 0, NULL) != WSC_OK)
        return fail(name, wsc_ctx_error(ctx));
    wsc_command_on_output(cmd, on_output, NULL, NULL);
    wsc_command_write_eof(cmd);
    while (wsc_ctx_pending(ctx))
        wait_once(ctx);
    if (wsc_command_error(cmd))
        fail(name, wsc_command_error(cmd));
    else
        wsc_command_exit_code(cmd, &code);
    wsc_command_unref(cmd);
    return code >= 0 && code < 254 ? (int)code : code == 255 ? 255 : 254; /* 256 is no success */
}

static void set_options(wsc_params *p, char **list)
{
    for (; *list; list++) {
        char *value = strchr(*list, '=');

        if (value)
            *value++ = '\0';
        wsc_params_set_str(p, *list, value ? value : "true");
    }
}

int main(int argc, char **argv)
{
    static const wsc_transport unix_socket = { sizeof unix_socket, link_connect, link_read,
                                               link_write,         link_close,   link_want,
                                               link_error };
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL;
    wsc_client *host = NULL;
    int code;

    if (argc < 5 || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK) {
        fputs("usage: 07-own-transport SOCKET HOST USER COMMAND [OPTION=VALUE...]\n", stderr);
        return 255;
    }
    path = argv[1];
    wsc_params_set_str(p, "username", argv[3]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    set_options(p, argv + 5);
    if (wsc_client_new(&host, ctx, argv[2], NULL, p) != WSC_OK ||
        wsc_client_set_transport(host, &unix_socket, NULL, NULL) != WSC_OK)
        code = fail(argv[2], wsc_ctx_error(ctx));
    else
        code = run(ctx, host, argv[2], argv[4]);
    wsc_client_unref(host);
    wsc_params_unref(p);
    wsc_ctx_unref(ctx);
    return code;
}
