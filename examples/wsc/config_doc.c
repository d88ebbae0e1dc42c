/* The whole configuration of a host: read part by part, and shown. */
#include "config.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

const char *const config_sections[CONFIG_SECTIONS] = { "Config", "Listeners", "CertMappings",
                                                       "Plugins" };
static const char *const resources[CONFIG_SECTIONS] = { "winrm/config", "winrm/config/listener",
                                                        "winrm/config/service/certmapping",
                                                        "winrm/config/plugin" };

const wsc_value *config_section(const struct config_doc *d, size_t i)
{
    const wsc_value *section = wsc_value_find(d->value, config_sections[i], 0);

    return section && wsc_value_text(section, NULL) ? section : NULL;
}

/* --- reading ---------------------------------------------------------------------------------- */

static int add_item(void *section, const wsc_value *item)
{
    return wsc_value_add_value(section, item, NULL);
}

static bool of_this_part(const wsc_error *e)
{
    int code = wsc_error_code(e);

    return code == WSC_E_FAULT || code == WSC_E_NOT_FOUND || code == WSC_E_ACCESS_DENIED ||
           code == WSC_E_UNSUPPORTED;
}

static char *why_unread(const wsc_error *e)
{
    return strdup(e ? error_text(e) : "out of memory");
}

static int read_config(struct config_doc *d, struct session *s, wsc_client *client,
                       const wsc_epr *epr)
{
    int rc = wsc_get(&d->op, client, epr, NULL);

    if (rc == WSC_OK)
        rc = session_op(s, d->op);
    if (rc == WSC_OK && !wsc_op_value(d->op)) /* an answer without a resource */
        return WSC_OK;
    if (rc == WSC_OK)
        return wsc_value_add_value(d->value, wsc_op_value(d->op), NULL);
    d->error = d->op ? wsc_op_error(d->op) : wsc_ctx_error(s->ctx);
    d->unread[0] = why_unread(d->error);
    return of_this_part(d->error) ? WSC_OK : rc;
}

static int read_list(struct config_doc *d, size_t i, struct session *s, wsc_client *client,
                     const wsc_epr *epr)
{
    wsc_value *section = NULL;
    wsc_items *items = NULL;
    int rc = wsc_value_new(&section, "", config_sections[i]);

    if (rc == WSC_OK)
        rc = wsc_enumerate(&items, client, epr, NULL);
    if (rc == WSC_OK)
        rc = session_items(s, items, add_item, section);
    if (rc == WSC_OK) {
        rc = wsc_value_add_value(d->value, section, NULL);
    } else if (!s->ended_by) {
        d->unread[i] = why_unread(items ? wsc_items_error(items) : wsc_ctx_error(s->ctx));
        rc = WSC_OK;
    }
    wsc_items_unref(items);
    wsc_value_unref(section);
    return rc;
}

int config_read(struct config_doc *d, struct session *s, wsc_client *client)
{
    int rc = wsc_value_new(&d->value, "", "Configuration");
    size_t i;

    for (i = 0; i < CONFIG_SECTIONS && rc == WSC_OK && !s->ended_by; i++) {
        wsc_epr *epr = NULL;

        rc = wsc_epr_parse(&epr, resources[i], NULL, NULL);
        if (rc == WSC_OK)
            rc = i ? read_list(d, i, s, client, epr) : read_config(d, s, client, epr);
        wsc_epr_unref(epr);
    }
    return rc;
}

void config_free(struct config_doc *d)
{
    size_t i;

    for (i = 0; i < CONFIG_SECTIONS; i++)
        free(d->unread[i]);
    wsc_value_unref(d->value);
    wsc_op_unref(d->op);
    memset(d, 0, sizeof *d);
}

/* --- showing ---------------------------------------------------------------------------------- */

void config_tell_unread(const struct config_doc *d, const char *host)
{
    size_t i;

    for (i = 1; i < CONFIG_SECTIONS; i++)
        if (d->unread[i])
            say("%s: %s cannot be read: %s", in_short(host), config_sections[i], d->unread[i]);
}

void config_text(FILE *out, const struct config_doc *d)
{
    size_t i;

    value_text_sddl(true);
    for (i = 0; i < CONFIG_SECTIONS; i++) {
        const wsc_value *section = config_section(d, i);

        if (section && (i == 0 || wsc_value_count(section)))
            value_text(out, section, NULL, 0);
    }
    value_text_sddl(false);
}

static void json_list(FILE *out, const wsc_value *section)
{
    size_t n = wsc_value_count(section), i;

    fputc('[', out);
    for (i = 0; i < n; i++) {
        fputs(i ? ", " : "", out);
        value_json(out, wsc_value_at(section, i), NULL);
    }
    fputc(']', out);
}

void config_json(FILE *out, const struct config_doc *d)
{
    const char *comma = "";
    size_t i;

    for (i = 0; i < CONFIG_SECTIONS; i++) {
        const wsc_value *section = config_section(d, i);

        fprintf(out, ", \"%s\": ", config_sections[i]);
        if (!section)
            fputs("null", out);
        else if (i)
            json_list(out, section);
        else
            value_json(out, section, NULL);
    }
    fputs(", \"unread\": {", out);
    for (i = 0; i < CONFIG_SECTIONS; i++) {
        if (!d->unread[i])
            continue;
        fprintf(out, "%s\"%s\": ", comma, config_sections[i]);
        json_text(out, d->unread[i]);
        comma = ", ";
    }
    fputc('}', out);
}
