/* Lists what a WQL query selects, as it arrives: here services and what they run as.
 *
 * usage: 12-enumerate HOST USER [WQL [OPTION=VALUE...]]     password: $WSC_PASSWORD */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wsman-client/wsman-client.h>

static int fail(const char *what, const wsc_error *e)
{
    const char *remedy = NULL;

    fprintf(stderr, "%s: %s (%s)\n", what, wsc_error_text(e), wsc_code_name(wsc_error_code(e)));
    if (wsc_error_get_str(e, "remedy", &remedy) == WSC_OK)
        fprintf(stderr, "  try: %s\n", remedy);
    return 255;
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

/* A property that is null, or not there, has no text. */
static const char *text_of(const wsc_value *item, const char *name)
{
    const char *text = wsc_value_text(wsc_value_find(item, name, 0), NULL);

    return text ? text : "-";
}

static int list(wsc_items *items)
{
    const wsc_value *item = NULL; /* each is ours until the next one */
    int rc, n = 0;

    while ((rc = wsc_items_next(items, &item, -1)) == WSC_OK && item) {
        int64_t pid = 0;

        wsc_value_get_int(wsc_value_find(item, "ProcessId", 0), &pid);
        printf("%-24s %-12s %6lld  %s\n", text_of(item, "Name"), text_of(item, "State"),
               (long long)pid, text_of(item, "StartName"));
        n++;
    }
    if (rc == WSC_OK)
        printf("%d of them\n", n);
    return rc;
}

int main(int argc, char **argv)
{
    const char *query = argc > 3 ? argv[3] : "SELECT * FROM Win32_Service WHERE State = 'Running'";
    wsc_ctx *ctx = NULL;
    wsc_params *p = NULL, *filter = NULL;
    wsc_client *host = NULL;
    wsc_epr *classes = NULL;
    wsc_items *items = NULL;
    int rc = 255;

    if (argc < 3 || wsc_ctx_new(&ctx) != WSC_OK || wsc_params_new(&p) != WSC_OK ||
        wsc_params_new(&filter) != WSC_OK ||
        wsc_epr_parse(&classes, "wmicimv2/*", NULL, NULL) != WSC_OK) {
        fputs("usage: 12-enumerate HOST USER [WQL [OPTION=VALUE...]]\n", stderr);
        goto done;
    }
    wsc_params_set_str(p, "username", argv[2]);
    wsc_params_set_str(p, "password", getenv("WSC_PASSWORD"));
    if (argc > 4)
        set_options(p, argv + 4);
    wsc_params_set_str(filter, "filter", query);
    if (wsc_client_new(&host, ctx, argv[1], NULL, p) != WSC_OK ||
        wsc_enumerate(&items, host, classes, filter) != WSC_OK || list(items) != WSC_OK)
        rc = fail(argv[1], wsc_ctx_error(ctx));
    else
        rc = 0;
done:
    wsc_items_unref(items);
    wsc_epr_unref(classes);
    wsc_client_unref(host);
    wsc_params_unref(filter);
    wsc_params_unref(p);
    wsc_ctx_unref(ctx);
    return rc;
}
