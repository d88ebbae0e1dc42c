/* What the tests of the API on real sockets share: a client of the test service, its control port,
 * callbacks that count. The program is run by with_endpoint.py. */
#ifndef WSC_TEST_API_H
#define WSC_TEST_API_H

#include "../unit/test.h"

#include <wsman-client/wsman-client.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FOR_EVER 60000 /* ms: longer than anything here may take */

static wsc_ctx *ctx;
static wsc_client *client;

static inline const char *env(const char *name)
{
    const char *value = getenv(name);

    if (!value) {
        printf("1..0 # skipped: %s is not set; run by with_endpoint.py\n", name);
        exit(77);
    }
    return value;
}

static inline wsc_params *params_of(const char *const *list)
{
    wsc_params *p = NULL;

    CHECK_EQ(wsc_params_new(&p), WSC_OK);
    for (; list && *list; list += 2)
        CHECK_EQ(wsc_params_set_str(p, list[0], list[1]), WSC_OK);
    return p;
}

/* Params of a client of the service, with further ones. */
static inline wsc_params *login(const char *const *list)
{
    wsc_params *p = params_of(list);

    wsc_params_set_str(p, "username", env("WSC_ENDPOINT_USER"));
    wsc_params_set_str(p, "password", env("WSC_ENDPOINT_PASSWORD"));
    wsc_params_set_str(p, "auth", "basic");
    wsc_params_set_str(p, "trusted-hosts", "*");
    wsc_params_set_str(p, "allow-unencrypted", "true");
    CHECK(wsc_params_error(p) == NULL);
    return p;
}

static inline wsc_client *client_of(wsc_ctx *c, const char *const *list)
{
    wsc_params *p = login(list);
    wsc_client *out = NULL;

    CHECK_EQ(wsc_client_new(&out, c, env("WSC_ENDPOINT_URL"), NULL, p), WSC_OK);
    wsc_params_unref(p);
    return out;
}

static inline void setup(const char *const *list)
{
    ctx = NULL;
    CHECK_EQ(wsc_ctx_new(&ctx), WSC_OK);
    client = client_of(ctx, list);
}

static inline void teardown(void)
{
    wsc_client_unref(client);
    CHECK_EQ(wsc_ctx_close(ctx, FOR_EVER), WSC_OK);
    wsc_ctx_unref(ctx);
}

/* A request to the service's control port; true: 200. The answer's text goes to out. */
static inline bool control(const char *method, const char *path, const char *body, char *out,
                           size_t cap)
{
    struct sockaddr_in a;
    static char reply[4194304], request[4096];
    size_t n = 0;
    ssize_t got;
    int s = socket(AF_INET, SOCK_STREAM, 0), len;
    const char *end;

    memset(&a, 0, sizeof a);
    a.sin_family = AF_INET;
    a.sin_port = htons((uint16_t)atoi(strrchr(env("WSC_ENDPOINT_URL"), ':') + 1));
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (!CHECK(s >= 0 && connect(s, (struct sockaddr *)&a, sizeof a) == 0)) {
        close(s);
        return false;
    }
    len =
        snprintf(request, sizeof request,
                 "%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %zu\r\n\r\n%s",
                 method, path, body ? strlen(body) : 0, body ? body : "");
    CHECK_EQ(send(s, request, (size_t)len, MSG_NOSIGNAL), len);
    while (n < sizeof reply - 1 && (got = recv(s, reply + n, sizeof reply - 1 - n, 0)) > 0)
        n += (size_t)got;
    reply[n] = '\0';
    close(s);
    end = strstr(reply, "\r\n\r\n");
    if (out)
        snprintf(out, cap, "%s", end ? end + 4 : "");
    return strncmp(reply, "HTTP/1.1 200", 12) == 0;
}

static inline void inject(const char *rules)
{
    CHECK(control("POST", "/_control/inject", rules, NULL, 0));
}

/* Nothing of ours is left on the service, and it saw no breach of the rules. */
static inline void service_is_clean(void)
{
    static char text[4194304];
    const char *v;

    CHECK(control("GET", "/_control/wait?shells=0&timeout_ms=20000", NULL, NULL, 0));
    CHECK(control("GET", "/_control/state", NULL, text, sizeof text));
    v = strstr(text, "\"violations\"");
    if (v && (v = strchr(v, ':')))
        v += 1 + strspn(v + 1, " \n");
    if (!CHECK(v && (!strncmp(v, "[]", 2) || !strncmp(v, "{}", 2))))
        printf("# %.300s\n", v ? v : text);
    CHECK(control("POST", "/_control/reset", NULL, NULL, 0));
}

static inline wsc_command *sh_opts(const char *line, const char *const *list)
{
    wsc_params *p = params_of(list);
    wsc_command *c = NULL;

    CHECK_EQ(wsc_client_run(&c, client, line, NULL, 0, p), WSC_OK);
    wsc_params_unref(p);
    return c;
}

static inline wsc_command *sh(const char *line)
{
    return sh_opts(line, NULL);
}

static inline int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif
