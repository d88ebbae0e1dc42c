/* A good guest: descriptors that run out, and a library unloaded while a look-up is under way. */
#include "test.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wsman-client/wsman-client.h>

struct lib {
    void *handle;
    int (*ctx_new)(wsc_ctx **);
    void (*ctx_unref)(wsc_ctx *);
    int (*client_new)(wsc_client **, wsc_ctx *, const char *, wsc_identity *, const wsc_params *);
    void (*client_unref)(wsc_client *);
    int (*identify)(wsc_op **, wsc_client *, const wsc_params *);
    int (*op_wait)(wsc_op *, int);
    void (*op_unref)(wsc_op *);
    const wsc_error *(*op_error)(const wsc_op *);
    int (*error_get_int)(const wsc_error *, const char *, int64_t *);
    int (*params_new)(wsc_params **);
    int (*params_set_str)(wsc_params *, const char *, const char *);
    void (*params_unref)(wsc_params *);
};

static const char *path;

static void *symbol(struct lib *l, const char *name)
{
    void *p = dlsym(l->handle, name);

    CHECK(p != NULL);
    return p;
}

#define LOAD(field, name) *(void **)(void *)&l.field = symbol(&l, name)

static struct lib load(void)
{
    struct lib l;

    memset(&l, 0, sizeof l);
    l.handle = dlopen(path, RTLD_NOW);
    if (!l.handle)
        printf("# %s\n", dlerror());
    LOAD(ctx_new, "wsc_ctx_new");
    LOAD(ctx_unref, "wsc_ctx_unref");
    LOAD(client_new, "wsc_client_new");
    LOAD(client_unref, "wsc_client_unref");
    LOAD(identify, "wsc_identify");
    LOAD(op_wait, "wsc_op_wait");
    LOAD(op_unref, "wsc_op_unref");
    LOAD(op_error, "wsc_op_error");
    LOAD(error_get_int, "wsc_error_get_int");
    LOAD(params_new, "wsc_params_new");
    LOAD(params_set_str, "wsc_params_set_str");
    LOAD(params_unref, "wsc_params_unref");
    return l;
}

static wsc_client *client_of(const struct lib *l, wsc_ctx *ctx, const char *host)
{
    wsc_params *p = NULL;
    wsc_client *c = NULL;

    CHECK_EQ(l->params_new(&p), WSC_OK);
    CHECK_EQ(l->params_set_str(p, "auth", "none"), WSC_OK);
    CHECK_EQ(l->client_new(&c, ctx, host, NULL, p), WSC_OK);
    l->params_unref(p);
    return c;
}

/* The worker may still be inside getaddrinfo when the library goes: its code must stay mapped. */
static void unloaded_at_work(void)
{
    struct lib l = load();
    wsc_client *c = NULL;
    wsc_ctx *ctx = NULL;
    wsc_op *op = NULL;

    CHECK_EQ(l.ctx_new(&ctx), WSC_OK);
    c = client_of(&l, ctx, "no-such-name.invalid");
    CHECK_EQ(l.identify(&op, c, NULL), WSC_OK);
    l.op_unref(op);
    l.client_unref(c);
    l.ctx_unref(ctx);
    CHECK_EQ(dlclose(l.handle), 0);
}

/* A port that accepts: descriptors run out before anything else can go wrong. */
static int listener(uint16_t *port)
{
    struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
    socklen_t len = sizeof sa;
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    CHECK(bind(fd, (struct sockaddr *)&sa, sizeof sa) == 0 && listen(fd, 10) == 0);
    getsockname(fd, (struct sockaddr *)&sa, &len);
    *port = ntohs(sa.sin_port);
    return fd;
}

static void out_of_descriptors(void)
{
    struct rlimit old, low;
    struct lib l = load();
    int taken[64], n = 0, fd, rc;
    wsc_client *c = NULL;
    wsc_ctx *ctx = NULL;
    wsc_op *op = NULL;
    char host[64];
    uint16_t port;
    int64_t retriable = 0;

    fd = listener(&port);
    snprintf(host, sizeof host, "127.0.0.1:%u", (unsigned)port);
    CHECK_EQ(l.ctx_new(&ctx), WSC_OK);
    c = client_of(&l, ctx, host);
    getrlimit(RLIMIT_NOFILE, &old);
    low = old;
    low.rlim_cur = 40;
    setrlimit(RLIMIT_NOFILE, &low);
    while (n < 64 && (taken[n] = open("/dev/null", O_RDONLY)) >= 0)
        n++;
    CHECK(errno == EMFILE);
    CHECK_EQ(l.identify(&op, c, NULL), WSC_OK);
    rc = l.op_wait(op, 10000);
    while (n > 0)
        close(taken[--n]);
    setrlimit(RLIMIT_NOFILE, &old);
    CHECK_EQ(rc, WSC_E_DESCRIPTORS);
    CHECK_EQ(l.error_get_int(l.op_error(op), "retriable", &retriable), WSC_OK);
    CHECK_EQ(retriable, 1);
    l.op_unref(op);
    l.client_unref(c);
    l.ctx_unref(ctx);
    close(fd);
}

static const struct test tests[] = {
    { "out_of_descriptors", out_of_descriptors },
    { "unloaded_at_work", unloaded_at_work },
};

int main(int argc, char **argv)
{
    path = getenv("WSC_LIBRARY");
    return test_main(tests, sizeof tests / sizeof *tests, argc, argv);
}
