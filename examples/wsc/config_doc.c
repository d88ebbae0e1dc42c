/* The whole configuration of a host: read part by part, and shown. */
#include "config.h"

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

int config_begin(struct config_doc *d, struct verb_job *j)
{
    wsc_epr *epr = NULL;
    int rc = wsc_epr_parse(&epr, resources[j->step], NULL, NULL);

    if (rc == WSC_OK && !d->value)
        rc = wsc_value_new(&d->value, "", "Configuration");
    if (rc == WSC_OK && j->step)
        rc = wsc_value_new(&d->list, "", config_sections[j->step]);
    if (rc == WSC_OK)
        rc = j->step ? wsc_enumerate(&j->items, j->client, epr, NULL)
                     : wsc_get(&j->op, j->client, epr, NULL);
    wsc_epr_unref(epr);
    return rc;
}

void config_item(struct config_doc *d, const wsc_value *item)
{
    d->lost |= wsc_value_add_value(d->list, item, NULL) != WSC_OK;
}

static void unread(struct config_doc *d, size_t i, const wsc_error *e)
{
    d->unread[i] = strdup(e ? error_text(e) : "out of memory");
}

/* What ends it keeps its error, and that what it is from. False. */
static bool failed(struct config_doc *d, struct verb_job *j, const wsc_error *e)
{
    d->error = e;
    d->op = j->op;
    d->items = j->items;
    j->op = NULL;
    j->items = NULL;
    return false;
}

static bool config_came(struct config_doc *d, struct verb_job *j, const wsc_error *e)
{
    const wsc_value *value = j->op ? wsc_op_value(j->op) : NULL;

    if (e) {
        unread(d, 0, e);
        (void)failed(d, j, e);
        return refused_alone(e);
    }
    if (value && wsc_value_add_value(d->value, value, NULL) != WSC_OK)
        unread(d, 0, NULL);
    d->none = !config_section(d, 0);
    return !d->none;
}

bool config_ended(struct config_doc *d, struct verb_job *j, const wsc_error *e)
{
    bool more = true;

    if (!j->client) {
        d->error = e;
        return false;
    }
    if (!j->step)
        more = config_came(d, j, e);
    else if (e)
        unread(d, j->step, e);
    else if (d->lost || wsc_value_add_value(d->value, d->list, NULL) != WSC_OK)
        unread(d, j->step, NULL);
    if (j->step && e && !refused_alone(e))
        more = d->error ? false : failed(d, j, e);
    wsc_value_unref(d->list);
    d->list = NULL;
    d->lost = false;
    return more && j->step + 1 < CONFIG_SECTIONS;
}

void config_free(struct config_doc *d)
{
    size_t i;

    for (i = 0; i < CONFIG_SECTIONS; i++)
        free(d->unread[i]);
    wsc_value_unref(d->value);
    wsc_value_unref(d->list);
    wsc_op_unref(d->op);
    wsc_items_unref(d->items);
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
