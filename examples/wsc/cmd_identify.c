#include "wsc.h"

#include <stdlib.h>

static const char *const results[] = { "protocol-version", "product-vendor", "product-version",
                                       "security-profiles" };
#define NRESULTS (sizeof results / sizeof results[0])

static void print_text(const wsc_op *op)
{
    const char *value = NULL;
    size_t i;

    for (i = 0; i < NRESULTS; i++) {
        if (wsc_op_get_str(op, results[i], &value) != WSC_OK)
            continue;
        printf("%-18s ", results[i]);
        clean_text(stdout, value, "                   ");
        putchar('\n');
    }
}

static void print_json(const struct session *s, const wsc_op *op, const wsc_error *e)
{
    size_t i;

    json_begin(stdout, s->o->host);
    for (i = 0; i < NRESULTS; i++) {
        const char *value = NULL;

        if (op)
            wsc_op_get_str(op, results[i], &value);
        printf(", \"%s\": ", results[i]);
        json_text(stdout, value);
    }
    if (s->o->stats)
        json_stats(stdout, s->client);
    json_end(stdout, e);
}

static int show(const struct session *s, const wsc_op *op, const wsc_error *e)
{
    const struct options *o = s->o;
    int rc;

    if (o->json)
        print_json(s, op, e);
    else if (!e)
        print_text(op);
    rc = finish_stdout();
    return e ? fail_with(o, o->host, e) : rc;
}

int cmd_identify(const struct options *o)
{
    struct session s;
    wsc_params *p = NULL;
    wsc_op *op = NULL;
    int rc = session_open(&s, o);

    if (rc)
        return rc;
    rc = wsc_params_new(&p);
    if (rc == WSC_OK && o->anonymous)
        rc = wsc_params_set_str(p, "identify-unauthenticated", "true");
    if (rc == WSC_OK)
        rc = wsc_identify(&op, s.client, p);
    if (rc == WSC_OK)
        rc = session_op(&s, op);
    if (s.ended_by)
        rc = EXIT_SIGNAL + s.ended_by;
    else
        rc = show(&s, op, rc == WSC_OK ? NULL : op ? wsc_op_error(op) : wsc_ctx_error(s.ctx));
    if (o->stats && !o->json)
        report_stats(o->host, s.client);
    wsc_op_unref(op);
    wsc_params_unref(p);
    session_close(&s);
    return rc;
}
