/* The tickets of one identity, on the context's thread: what there is, what is being fetched, and
 * what failed. One AS exchange for the identity and one TGS exchange for each SPN, whoever waits.
 */
#include "auth/krb5_private.h"

#include "auth/user.h"
#include "base/hash.h"

#include <string.h>

#define DOUBT_S                                                                                    \
    60 /* a ticket with which somebody did not get in is kept that long, for it may not be         \
        * the ticket's fault */
#define EARLY_S 300 /* a new one is fetched that long before the old one ends, or */
#define PART    5   /* when less than a fifth of its life is left, whichever is later */
/* so many services are looked through for those that nobody asks for any more */
#define SWEEP    64
#define CONTEXTS 8 /* as many as there are workers */

/* One per SPN. */
struct place {
    struct wsc__entry entry;
    struct wsc__krb5 *owner;
    struct wsc__krb5_job *job; /* that fetches it */
    struct wsc__krb5_ticket *ticket;
    int64_t renew_at;
    unsigned failures;
    struct wsc_error *error; /* of the last one */
};

struct wsc__krb5 {
    struct wsc__krb5_config config;
    struct wsc__krb5_job *job; /* the AS exchange */
    krb5_ccache cache;
    char *client;                 /* Heimdal's */
    int64_t left, ends, renew_at; /* seconds; by our clock, since they were first looked at */
    unsigned failures;
    struct wsc_error *error;
    bool refused; /* by a KDC: it is not asked again */
    struct wsc__table places;
    size_t sweep_at; /* that many */
    struct wsc__krb5_kdc kdc;
    krb5_context own;            /* for what is closed here */
    krb5_context idle[CONTEXTS]; /* for the next jobs */
    size_t nidle;
};

/* --- making and freeing ----------------------------------------------------------------------- */

int wsc__krb5_new(struct wsc__krb5 **out, const struct wsc__krb5_config *config)
{
    struct wsc__krb5 *k = wsc__zalloc(config->mem, sizeof *k);

    if (!k)
        return WSC_E_NOMEM;
    k->config = *config;
    wsc__table_init(&k->places, config->mem);
    k->sweep_at = SWEEP;
    *out = k;
    return WSC_OK;
}

void wsc__krb5_ticket_unref(struct wsc__krb5_ticket *t)
{
    OM_uint32 minor;

    if (!t || --t->refs)
        return;
    (void)gss_release_cred(&minor, &t->cred);
    (void)gss_release_name(&minor, &t->target);
    (void)krb5_cc_destroy(t->owner->own, t->cache);
    krb5_xfree(t->service);
    wsc__free(t->owner->config.mem, t);
}

/* A job that somebody runs ends by itself. */
static void let_go(struct wsc__krb5_job *job)
{
    if (!job)
        return;
    job->owner = NULL;
    wsc__job_let_go(&job->base);
}

static void free_place(struct place *p)
{
    const struct wsc__mem *mem = p->owner->config.mem;

    let_go(p->job);
    wsc__krb5_ticket_unref(p->ticket);
    wsc__error_unref(p->error);
    wsc__free(mem, (char *)(uintptr_t)p->entry.key);
    wsc__free(mem, p);
}

void wsc__krb5_free(struct wsc__krb5 *k)
{
    struct wsc__entry *e, *next;

    if (!k)
        return;
    for (e = wsc__table_next(&k->places, NULL); e; e = next) {
        next = wsc__table_next(&k->places, e);
        free_place(WSC__OF(e, struct place, entry));
    }
    wsc__table_free(&k->places);
    let_go(k->job);
    wsc__error_unref(k->error);
    if (k->cache)
        (void)krb5_cc_destroy(k->own, k->cache);
    krb5_xfree(k->client);
    while (k->nidle)
        krb5_free_context(k->idle[--k->nidle]);
    if (k->own)
        krb5_free_context(k->own);
    wsc__free(k->config.mem, k);
}

/* --- jobs ------------------------------------------------------------------------------------- */

void wsc__krb5_give_back(struct wsc__krb5 *k, struct wsc__krb5_job *job)
{
    k->kdc = job->kdc;
    if (!job->context)
        return;
    wsc__krb5_job_drop(job);
    if (!k->own)
        k->own = job->context;
    else if (k->nidle < CONTEXTS)
        k->idle[k->nidle++] = job->context;
    else
        krb5_free_context(job->context);
    job->context = NULL;
}

static bool copy_user(struct wsc__krb5_job *job, const struct wsc__krb5_config *c)
{
    struct wsc_error *err = NULL;
    struct wsc__user u;

    if (!c->user)
        return true;
    if (wsc__user_split(&u, c->mem, c->user, &err) != WSC_OK) { /* it was looked at before */
        wsc__error_unref(err);
        return false;
    }
    job->upn = u.form == WSC__USER_UPN;
    return wsc__krb5_copy(&job->name, u.name, u.name_len) &&
           (!u.domain_len || wsc__krb5_copy(&job->domain, u.domain, u.domain_len));
}

static bool copy(char **out, const char *s)
{
    return !s || wsc__krb5_copy(out, s, strlen(s));
}

/* Who asks the same KDCs: those that are silent must not hold up the others. As far as one is told;
 * the same before and after a login. */
static const void *whose(const struct wsc__krb5 *k)
{
    char domain[256];
    const char *realm = k->config.realm ? k->config.realm : domain;
    struct wsc__hash h;

    wsc__user_domain(domain, sizeof domain, k->config.mem, k->config.user);
    wsc__hash_init(&h);
    wsc__hash_add(&h, realm, strlen(realm) + 1);
    if (k->config.config)
        wsc__hash_add(&h, k->config.config, strlen(k->config.config));
    return (const void *)(uintptr_t)(wsc__hash_value(&h) | 1);
}

/* spn: what for, where it is no login; ticket: which there is for it already, or NULL. */
static struct wsc__krb5_job *new_job(struct wsc__krb5 *k, enum wsc__krb5_kind kind, const char *spn,
                                     krb5_ccache ticket)
{
    const struct wsc__krb5_config *c = &k->config;
    struct wsc__krb5_job *job = wsc__krb5_job_new(kind);
    bool good = job != NULL;

    if (!good)
        return NULL;
    job->base.task.whose = whose(k);
    job->timeout_ms = c->timeout_ms;
    good = copy(&job->config, c->config) && copy(&job->realm, c->realm);
    if (kind == WSC__KRB5_LOGIN) {
        good = good && copy_user(job, c) && copy(&job->keytab, c->keytab) &&
               copy(&job->ccache, c->ccache);
        if (c->password)
            good = good && wsc__krb5_copy(&job->password, c->password, c->password_len);
    } else {
        good = good && copy(&job->spn, spn) && wsc__krb5_job_take(job, k->own, k->cache, ticket);
    }
    if (!good) {
        wsc__krb5_job_free(job);
        return NULL;
    }
    job->kdc = k->kdc;
    if (k->nidle)
        job->context = k->idle[--k->nidle];
    return job;
}

/* Stopped because nobody waited: no failure of somebody who comes now. */
static bool nothing_came(const struct wsc__krb5_job *job, bool ran)
{
    return ran ? job->code && job->stopped : atomic_load(&job->stop);
}

static void keep_failure(struct wsc_error **error, unsigned *failures, struct wsc_error *e)
{
    wsc__error_unref(*error);
    *error = e;
    ++*failures;
}

/* Gives when to renew it. Its life counts from now on our clock, whatever that says. */
static int64_t begin_life(int64_t *ends, int64_t left, int64_t now)
{
    int64_t early = left / PART;

    *ends = now + left;
    return *ends - (early < EARLY_S ? early : EARLY_S);
}

/* --- the ticket for tickets ------------------------------------------------------------------- */

static void login_done(struct wsc__krb5_job *job, bool ran)
{
    struct wsc__krb5 *k = job->owner;

    k->job = NULL;
    if (nothing_came(job, ran)) {
        if (ran)
            wsc__krb5_give_back(k, job);
        return;
    }
    if (!ran || job->code) {
        keep_failure(&k->error, &k->failures, wsc__krb5_failure(k->config.mem, job, ran));
        k->refused = ran && wsc__krb5_refuses(job->code);
        if (ran)
            wsc__krb5_give_back(k, job);
        return;
    }
    if (k->cache)
        (void)krb5_cc_destroy(job->context, k->cache);
    krb5_xfree(k->client);
    k->cache = job->cache;
    k->client = job->client;
    k->left = job->left;
    k->renew_at = 0; /* known when the time is */
    job->cache = NULL;
    job->client = NULL;
    wsc__krb5_give_back(k, job);
}

const char *wsc__krb5_name(const struct wsc__krb5 *k)
{
    return k ? k->client : NULL;
}

static enum wsc__auth_step need(struct wsc__krb5_job **place, struct wsc__krb5_job *made,
                                struct wsc__job **job, struct wsc_error **err)
{
    if (!*place)
        *place = made;
    if (!*place) {
        *err = wsc__error_nomem();
        return WSC__AUTH_FAILED;
    }
    *job = &(*place)->base;
    return WSC__AUTH_NEED_JOB;
}

static int check_credentials(const struct wsc__krb5_config *c, struct wsc_error **err)
{
    struct wsc__user u;
    int rc = c->user ? wsc__user_split(&u, c->mem, c->user, err) : WSC_OK;

    if (rc != WSC_OK || !c->password || !memchr(c->password, 0, c->password_len))
        return rc;
    *err = wsc__error_new(c->mem, WSC_E_AUTH, "Kerberos: the password has a NUL in it");
    wsc__error_set_str(*err, WSC__ES_OPTION, "password");
    return WSC_E_AUTH;
}

/* DONE: there is one. */
static enum wsc__auth_step get_login(struct wsc__krb5 *k, int64_t now, struct wsc__krb5_seen *seen,
                                     struct wsc__job **job, struct wsc_error **err)
{
    struct wsc__krb5_job *made = NULL;

    if (k->cache && !k->renew_at)
        k->renew_at = begin_life(&k->ends, k->left, now);
    if (k->cache && now < k->renew_at)
        return WSC__AUTH_DONE;
    if (k->refused || k->failures != seen->login) {
        if (k->cache && now < k->ends)
            return WSC__AUTH_DONE; /* the old one still does */
        *err = wsc__error_own(wsc__error_ref(k->error));
        return WSC__AUTH_FAILED;
    }
    if (check_credentials(&k->config, err) != WSC_OK)
        return WSC__AUTH_FAILED;
    if (!k->job && (made = new_job(k, WSC__KRB5_LOGIN, NULL, NULL))) {
        made->owner = k;
        made->tell = login_done;
    }
    return need(&k->job, made, job, err);
}

/* --- a ticket for a service ------------------------------------------------------------------- */

/* Those whose ticket has ended go: who asks many hosts, each for a while, does not keep them all.
 */
static void sweep(struct wsc__krb5 *k, int64_t now)
{
    struct wsc__entry *e, *next;

    if (k->places.count < k->sweep_at)
        return;
    for (e = wsc__table_next(&k->places, NULL); e; e = next) {
        struct place *p = WSC__OF(e, struct place, entry);

        next = wsc__table_next(&k->places, e);
        if (p->job || (p->ticket && now < p->ticket->ends))
            continue;
        wsc__table_remove(&k->places, e);
        free_place(p);
    }
    k->sweep_at = 2 * k->places.count > SWEEP ? 2 * k->places.count : SWEEP;
}

static struct place *place_of(struct wsc__krb5 *k, const char *spn, int64_t now)
{
    struct wsc__entry *e = wsc__table_find(&k->places, spn);
    struct place *p;

    if (e)
        return WSC__OF(e, struct place, entry);
    sweep(k, now);
    p = wsc__zalloc(k->config.mem, sizeof *p);
    if (!p)
        return NULL;
    p->owner = k;
    p->entry.key = wsc__strdup(k->config.mem, spn);
    if (!p->entry.key || wsc__table_add(&k->places, &p->entry) != WSC_OK) {
        free_place(p);
        return NULL;
    }
    return p;
}

static struct wsc__krb5_ticket *take_ticket(struct wsc__krb5 *k, struct wsc__krb5_job *job)
{
    struct wsc__krb5_ticket *t = wsc__zalloc(k->config.mem, sizeof *t);

    if (!t)
        return NULL;
    t->owner = k;
    t->refs = 1;
    t->cache = job->cache;
    t->service = job->service;
    t->cred = job->cred;
    t->target = job->target;
    t->left = job->left;
    job->cache = NULL;
    job->service = NULL;
    job->cred = GSS_C_NO_CREDENTIAL;
    job->target = GSS_C_NO_NAME;
    return t;
}

static void service_done(struct wsc__krb5_job *job, bool ran)
{
    struct place *p = job->owner;
    struct wsc__krb5_ticket *t = NULL;

    p->job = NULL;
    if (ran && !job->code && !(t = take_ticket(p->owner, job)))
        keep_failure(&p->error, &p->failures, wsc__error_nomem());
    else if (!t && !nothing_came(job, ran))
        keep_failure(&p->error, &p->failures, wsc__krb5_failure(p->owner->config.mem, job, ran));
    if (ran)
        wsc__krb5_give_back(p->owner, job);
    if (!t)
        return;
    wsc__krb5_ticket_unref(p->ticket);
    p->ticket = t;
    p->renew_at = 0;
}

static enum wsc__auth_step get_service(struct place *p, struct wsc__job **job,
                                       struct wsc_error **err)
{
    struct wsc__krb5_job *made = NULL;

    if (!p->job && (made = new_job(p->owner, WSC__KRB5_SERVICE, p->entry.key, NULL))) {
        made->owner = p;
        made->tell = service_done;
    }
    return need(&p->job, made, job, err);
}

enum wsc__auth_step wsc__krb5_get(struct wsc__krb5 *k, const char *spn, int64_t unix_ms,
                                  struct wsc__krb5_seen *seen, struct wsc__krb5_ticket **out,
                                  struct wsc__job **job, struct wsc_error **err)
{
    int64_t now = unix_ms / 1000;
    struct place *p = place_of(k, spn, now);
    enum wsc__auth_step step = WSC__AUTH_DONE;

    if (!p) {
        *err = wsc__error_nomem();
        return WSC__AUTH_FAILED;
    }
    if (!seen->set) {
        seen->set = true;
        seen->login = k->failures;
        seen->service = p->failures;
    }
    if (p->ticket && !p->renew_at) {
        p->ticket->since = now;
        p->renew_at = begin_life(&p->ticket->ends, p->ticket->left, now);
    }
    if (!p->ticket || now >= p->renew_at ||
        (p->ticket->doubted && now >= p->ticket->since + DOUBT_S)) {
        if (p->error && p->failures != seen->service) {
            *err = wsc__error_own(wsc__error_ref(p->error));
            step = WSC__AUTH_FAILED;
        } else if ((step = get_login(k, now, seen, job, err)) == WSC__AUTH_DONE) {
            step = get_service(p, job, err);
        }
        if (step != WSC__AUTH_FAILED || !p->ticket || now >= p->ticket->ends)
            return step;
        wsc__error_unref(*err); /* the old one still does */
        *err = NULL;
    }
    *out = p->ticket;
    p->ticket->refs++;
    return WSC__AUTH_DONE;
}

struct wsc__krb5_job *wsc__krb5_forward(struct wsc__krb5_ticket *t, const uint8_t *binding,
                                        size_t binding_len)
{
    struct wsc__krb5_job *job = new_job(t->owner, WSC__KRB5_FORWARD, t->service, t->cache);

    if (!job)
        return NULL;
    if (binding_len)
        memcpy(job->binding, binding, binding_len);
    job->binding_len = binding_len;
    return job;
}
