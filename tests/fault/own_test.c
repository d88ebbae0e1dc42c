/* The same on the real loop and over a transport of the program's own, which is a piece of memory:
 * every allocation failing in turn, and a cut after every byte that the transport takes or gives.
 */
#include "scenarios.h"

#include <wsman-client/sys/transport.h>

#define MOST 256

static struct link {
    struct drv_conn *c;
    wsc_stream *handle;
    bool asked; /* to connect */
} links[MOST];

static struct {
    size_t piece; /* at most so many bytes at a time, 0 = all */
    unsigned nlinks;
    int sets, frees, opens, closes;
} w;

/* --- the transport ---------------------------------------------------------------------------- */

static int link_connect(void **stream, const char *host, int port, wsc_stream *handle, void *ud)
{
    struct link *k = *stream;
    struct drv *d = &l.p.d;

    (void)ud;
    if (!k) {
        CHECK(host != NULL && port > 0 && w.nlinks < MOST && d->nconns < DRV_CONNS);
        k = &links[w.nlinks++];
        memset(k, 0, sizeof *k);
        k->c = calloc(1, sizeof *k->c);
        if (!k->c)
            abort();
        k->c->d = d;
        k->c->id = (unsigned)(k - links);
        k->c->conn = (struct wsc__conn *)(void *)k; /* somebody is there */
        d->conns[d->nconns++] = k->c;
        k->handle = handle;
        *stream = k;
        w.opens++;
    }
    CHECK(k->handle == handle);
    if (w.piece && !k->asked) {
        k->asked = true;
        wsc_transport_ready(handle);
        return WSC_E_AGAIN;
    }
    return WSC_OK;
}

static size_t at_once(size_t n)
{
    return w.piece && w.piece < n ? w.piece : n;
}

static int link_read(void *stream, void *buf, size_t cap, size_t *n)
{
    struct link *k = stream;
    bool some = k->c->in.at < k->c->in.len;

    *n = drv_give(k->c, buf, at_once(cap));
    if (*n || (!some && k->c->end == DRV_GOES_ON))
        return *n ? WSC_OK : WSC_E_AGAIN;
    return k->c->end == DRV_EOF ? WSC_OK : WSC_E_CONNECTION_LOST;
}

static int link_write(void *stream, const void *buf, size_t len, size_t *n)
{
    struct link *k = stream;
    bool good = drv_take(k->c, buf, at_once(len), n);

    if (good && k->c->torn)
        *n = at_once(len); /* it is thrown away */
    if (k->c->torn)
        wsc_transport_ready(k->handle);
    return good || *n ? WSC_OK : WSC_E_CONNECTION_LOST;
}

static void link_close(void *stream)
{
    struct link *k = stream;

    k->c->conn = NULL;
    k->handle = NULL;
    w.closes++;
}

static const char *link_error(void *stream, int *code)
{
    (void)stream;
    *code = 104;
    return "the rope is torn";
}

static void told(struct drv_conn *c)
{
    if (links[c->id].handle)
        wsc_transport_ready(links[c->id].handle);
}

static void freed(void *ud)
{
    (void)ud;
    w.frees++;
}

static int use_memory(wsc_client *c)
{
    static const wsc_transport t = { sizeof t,   link_connect, link_read, link_write,
                                     link_close, NULL,         link_error };
    int rc = wsc_client_set_transport(c, &t, &w, freed);

    l.p.d.told = told;
    w.sets += rc == WSC_OK;
    return rc;
}

/* --- lives ------------------------------------------------------------------------------------ */

static const struct feature features[] = {
    { "run", quick, go_run, false, 29 },
    { "commands", quick, go_commands, false, 211 },
    { "redirect", follow_one, go_redirect, false, 101 },
    { "login", basic, go_login, false, 211 },
    { "encoder", quick, go_encoder, false, 101 },
    { "events", quick, go_events, false, 101 },
    { "leave", quick, go_leave, false, 101 },
    { "hosts", quick, go_hosts, false, 997 },
    { "identify", quick, go_identify, false, 1 },
    { "tls", quick, go_identify, true, 29 },
};

#define FEATURES (sizeof features / sizeof *features)

struct trouble {
    long allocation, up, down; /* -1: not */
    enum drv_end how;
    size_t piece;
};

static const struct trouble no_trouble = { -1, -1, -1, DRV_EOF, 0 };

static void life(const struct feature *f, const struct trouble *t, size_t *up, size_t *down,
                 long *allocations)
{
    int before = test_failures;

    memset(&w, 0, sizeof w);
    w.piece = t->piece;
    out_of_memory = t->allocation >= 0;
    cut = t->up >= 0 || t->down >= 0;
    also = WSC_OK;
    prepare_client = use_memory;
    if (feature_begin(f, t->allocation)) {
        l.p.d.cut_up = t->up;
        l.p.d.cut_down = t->down;
        l.p.d.cut_how = t->how;
        l.client = feature_client(f, "server");
        if (l.client)
            f->go();
        UNTIL(!wsc_ctx_pending(l.ctx));
    }
    if (up) {
        *up = l.p.d.up;
        *down = l.p.d.down;
        *allocations = l.p.d.mem.calls;
    }
    feature_end();
    CHECK_EQ(w.opens, w.closes);
    CHECK_EQ(w.sets, w.frees);
    if (test_failures > before)
        printf("# %s: allocation %ld, up %ld, down %ld, %s, pieces of %zu\n", f->name,
               t->allocation, t->up, t->down, t->how == DRV_EOF ? "eof" : "reset", t->piece);
}

static void in_pieces(void)
{
    static const size_t pieces[] = { 0, 1, 7, 1000 };
    struct trouble t = no_trouble;
    size_t i, k;

    for (i = 0; i < FEATURES; i++) {
        for (k = 0; k < sizeof pieces / sizeof *pieces; k++) {
            t.piece = pieces[k];
            life(&features[i], &t, NULL, NULL, NULL);
        }
    }
}

static void every_allocation(void)
{
    size_t i, up, down;
    long n;

    for (i = 0; i < FEATURES; i++) {
        struct trouble t = no_trouble;

        life(&features[i], &t, &up, &down, &n);
        troubles = 0;
        for (t.allocation = 0; t.allocation <= n && test_failures < 40; t.allocation++) {
            t.piece = t.allocation % 2 ? 700 : 0;
            life(&features[i], &t, NULL, NULL, NULL);
        }
        CHECK(troubles > 5);
        printf("# %s: %ld allocations\n", features[i].name, n);
    }
}

/* At every byte of all it takes minutes. */
static long stride(const struct feature *f)
{
    return getenv("WSC_TEST_EVERY_BYTE") ? 1 : f->step;
}

static void cuts(bool is_down)
{
    size_t i, up, down;
    long n, k, bytes;

    for (i = 0; i < FEATURES; i++) {
        const struct feature *f = &features[i];
        struct trouble t = no_trouble;

        life(f, &t, &up, &down, &n);
        troubles = 0;
        bytes = (long)(is_down ? down : up);
        for (k = 0; k < bytes && test_failures < 40; k += stride(f)) {
            *(is_down ? &t.down : &t.up) = k;
            t.piece = k % 3 ? 0 : 300;
            for (t.how = DRV_EOF; t.how <= DRV_RESET; t.how++)
                life(f, &t, NULL, NULL, NULL);
        }
        CHECK(troubles > 5);
        printf("# %s: %ld bytes\n", f->name, bytes);
    }
}

static void cut_down(void)
{
    cuts(true);
}

static void cut_up(void)
{
    cuts(false);
}

static const struct test tests[] = {
    { "in_pieces", in_pieces },
    { "every_allocation", every_allocation },
    { "cut_down", cut_down },
    { "cut_up", cut_up },
};

int main(int argc, char **argv)
{
    int rc;

    script_tls_make();
    rc = test_main(tests, sizeof tests / sizeof *tests, argc, argv);
    script_tls_drop();
    return rc;
}
