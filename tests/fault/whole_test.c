/* Everything that a client can do, with every allocation failing in turn, and with the connection
 * cut at every byte in both directions. */
#include "scenarios.h"

static char cert_path[64]; /* with the key */
static const char *const own_cert[] = { "tls-cert-file", cert_path, NULL };

static const struct feature features[] = {
    { "run", NULL, go_run, false, 1 },
    { "commands", NULL, go_commands, false, 23 },
    { "redirect", follow_one, go_redirect, false, 23 },
    { "login", basic, go_login, false, 23 },
    { "refused", basic, go_refused, false, 3 },
    { "encoder", NULL, go_encoder, false, 23 },
    { "events", NULL, go_events, false, 23 },
    { "leave", NULL, go_leave, false, 23 },
    { "verbs", NULL, go_verbs, false, 5 },
    { "enumerate", NULL, go_enumerate, false, 7 },
    { "subscribe", NULL, go_subscribe, false, 7 },
    { "hosts", quick, go_hosts, false, 101 },
    { "identify", NULL, go_identify, false, 1 },
    { "tls", NULL, go_identify, true, 17 },
    { "certificate", own_cert, go_identify, true, 17 },
    { "tls run", NULL, go_run, true, 501 },
};

#define FEATURES (sizeof features / sizeof *features)

static bool tell(int before, const struct feature *f, const char *what, long k)
{
    if (test_failures > before)
        printf("# %s: %s %ld\n", f->name, what, k);
    return test_failures < 40;
}

/* Once without any trouble; the bytes that went. */
static void good(const struct feature *f, size_t *up, size_t *down, long *allocations)
{
    int before = test_failures;

    out_of_memory = cut = false;
    if (feature_begin(f, -1)) {
        also = WSC_OK;
        l.client = feature_client(f, "server");
        if (l.client)
            f->go();
        UNTIL(!wsc_ctx_pending(l.ctx));
    }
    *up = l.p.d.up;
    *down = l.p.d.down;
    *allocations = l.p.d.mem.calls;
    feature_end();
    tell(before, f, "good", 0);
}

static void every_allocation(void)
{
    size_t i, up, down;

    for (i = 0; i < FEATURES; i++) {
        const struct feature *f = &features[i];
        long k, n;

        good(f, &up, &down, &n);
        out_of_memory = true;
        troubles = 0;
        for (k = 0; k <= n; k++) {
            int before = test_failures;

            feature_life(f, k);
            if (!tell(before, f, "allocation", k))
                return;
        }
        CHECK(troubles > 5);
        printf("# %s: %ld allocations\n", f->name, n);
    }
}

static void life_cut(const struct feature *f, long up, long down, enum drv_end how)
{
    int before = test_failures;

    out_of_memory = false;
    cut = true;
    also = WSC_OK;
    if (feature_begin(f, -1)) {
        l.p.d.cut_up = up;
        l.p.d.cut_down = down;
        l.p.d.cut_how = how;
        l.client = feature_client(f, "server");
        if (l.client)
            f->go();
    }
    feature_end();
    if (up >= 0)
        tell(before, f, how == DRV_EOF ? "eof, up" : "reset, up", up);
    else
        tell(before, f, how == DRV_EOF ? "eof, down" : "reset, down", down);
}

/* "1" or "yes", or the one feature that is to be cut. */
static const char *every_byte(void)
{
    return getenv("WSC_TEST_EVERY_BYTE");
}

static bool left_out(const struct feature *f)
{
    const char *one = every_byte();

    return one && strcmp(one, "1") && strcmp(one, "yes") && strcmp(one, f->name);
}

/* At every byte of all, by EOF and by reset, it takes an hour. What is sent is one action for the
 * core, however much of it goes: there the steps are wider. */
static long stride(const struct feature *f, bool down)
{
    return every_byte() ? 1 : down ? f->step : f->step * 7;
}

static void cuts(bool down)
{
    size_t i, up_bytes, down_bytes;
    bool any = false;

    for (i = 0; i < FEATURES; i++) {
        const struct feature *f = &features[i];
        long k, n, bytes;

        if (left_out(f))
            continue;
        any = true;
        good(f, &up_bytes, &down_bytes, &n);
        bytes = (long)(down ? down_bytes : up_bytes);
        troubles = 0;
        for (k = 0; k < bytes && test_failures < 40; k += stride(f, down)) {
            if (stride(f, down) > 1 || k % 2 || every_byte())
                life_cut(f, down ? -1 : k, down ? k : -1, DRV_EOF);
            if (stride(f, down) > 1 || !(k % 2) || every_byte())
                life_cut(f, down ? -1 : k, down ? k : -1, DRV_RESET);
        }
        CHECK(bytes > 400 && troubles > 5);
        printf("# %s: %ld bytes\n", f->name, bytes);
    }
    if (!CHECK(any))
        printf("# no feature is called \"%s\"\n", every_byte());
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
    { "every_allocation", every_allocation },
    { "cut_down", cut_down },
    { "cut_up", cut_up },
};

int main(int argc, char **argv)
{
    int rc;

    script_tls_make();
    snprintf(cert_path, sizeof cert_path, "%s", script_tls_own());
    rc = test_main(tests, sizeof tests / sizeof *tests, argc, argv);
    script_tls_drop();
    return rc;
}
