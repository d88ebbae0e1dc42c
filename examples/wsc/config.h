/* wsc config: the configuration of WinRM as one tree, and as settings by path. */
#ifndef WSC_TOOL_CONFIG_H
#define WSC_TOOL_CONFIG_H

#include "verbs.h"

/* Configuration
 *     Config ..., Listeners { Listener ... }, CertMappings { ... }, Plugins { ... }
 * A section that could not be read is not there. */
#define CONFIG_SECTIONS 4
extern const char *const config_sections[CONFIG_SECTIONS];

struct config_doc {
    wsc_value *value;              /* the tree, or NULL */
    char *unread[CONFIG_SECTIONS]; /* why, or NULL */
    const wsc_error *error;        /* of Config itself, or what ended it */
    wsc_op *op;                    /* these keep the error */
    wsc_items *items;
    wsc_value *list; /* what is being read */
    bool lost;       /* there was no memory for an item of it */
    bool none;       /* the answer held no Config */
};

/* config_doc.c */
/* NULL: there is none, or null in the place of it. */
const wsc_value *config_section(const struct config_doc *d, size_t i);
/* From a host, a section with each step of a course. */
int config_begin(struct config_doc *d, struct verb_job *j);
void config_item(struct config_doc *d, const wsc_value *item);
bool config_ended(struct config_doc *d, struct verb_job *j, const wsc_error *e); /* true: go on */
void config_tell_unread(const struct config_doc *d, const char *host);
void config_text(FILE *out, const struct config_doc *d);
void config_json(FILE *out, const struct config_doc *d); /* without begin and end */
void config_free(struct config_doc *d);

/* config_file.c: from a file of value_xml or config_json. 0, or an exit code after it has
 * complained */
int config_load(struct config_doc *d, const char *name);
/* False: it is none, or no text of a configuration; *at tells where. */
bool config_from_json(wsc_value **out, const char *text, size_t *at);

/* config_diff.c */
struct setting {
    char *path, *text;
};
struct settings {
    struct setting *at;
    size_t n, cap;
};
/* Of the sections that the other one has, too; sorted. False: no memory. */
bool settings_of(struct settings *s, const struct config_doc *d, const struct config_doc *other);
void settings_free(struct settings *s);
/* What differs; gives how many settings that are. */
size_t config_diff(FILE *out, const struct settings *a, const struct settings *b, bool json);
/* In JSON: the names of the sections that one has alone. */
void config_json_unshared(FILE *out, const struct config_doc *a, const struct config_doc *b);
void config_tell_unshared(const struct config_doc *a, const struct config_doc *b, const char *host);

/* config_show.c */
int config_show(const struct options *o);
int config_diff_hosts(const struct options *o); /* each one against OTHER */

/* cutoff.c: why a write may cut off our own access; NULL: it does not. */
const char *cuts_off(const char *path, const char *value, const wsc_client *client);
const char *config_below(const wsc_epr *epr); /* "service/auth"; NULL: no configuration */
const char *resource_cuts_off(const wsc_epr *epr, const wsc_value *value, bool removed,
                              const wsc_client *client);
/* 0: go on; or an exit code after it has complained. Asks where there is a terminal. */
int cutoff_confirm(const struct options *o, const char *what, const char *why);
int cutoff_confirm_reset(const struct options *o);

/* setting.c: one setting by its path. NULL: there is none. *text: NULL where there is more within
 */
const wsc_value *setting_find(const wsc_value *value, const char *path, const char **text);
/* What is like the step of the path that there is not, and where in the path that is; NULL:
 * nothing. */
const char *setting_nearest(const wsc_value *value, const char *path, size_t *at);

/* config_path.c */
struct config_path {
    char resource[512]; /* "winrm/config/service/auth"; listed: with what is within */
    char path[256];     /* "Service/Auth/Basic", for people */
    char name[128];     /* "Basic"; listed: "Quotas/MaxShells" */
    bool listed;        /* one of several: a listener, a plug-in, a certificate mapping */
};
/* 0, or an exit code after it has complained */
int config_path(struct config_path *p, const char *text);

#endif
