#include "wsman/ns.h"
#include "wsman/settings.h"

#include "test.h"

static void finding(void)
{
    static const struct {
        const char *uri, *path, *found; /* NULL: none */
    } cases[] = {
        { WSC__NS_CONFIG, "MaxTimeoutms", "MaxTimeoutms" },
        { WSC__NS_CONFIG, "service/auth/BASIC", "Service/Auth/Basic" },
        { WSC__NS_CONFIG "/Service", "Auth/Basic", "Service/Auth/Basic" },
        { WSC__NS_CONFIG "/client/auth", "Basic", "Client/Auth/Basic" },
        { WSC__NS_CONFIG "/winrs", "IdleTimeout", "Winrs/IdleTimeout" },
        { WSC__NS_CONFIG, "Basic", NULL },
        { WSC__NS_CONFIG "/serv", "ice/Auth/Basic", NULL },
        { WSC__NS_CONFIG "/service/", "MaxConnections", NULL },
        { WSC__NS_CONFIG "/listener", "Port", NULL },
        { WSC__NS_CONFIG "x", "MaxTimeoutms", NULL },
        { "urn:other", "MaxTimeoutms", NULL },
        { "", "MaxTimeoutms", NULL },
        { WSC__NS_CONFIG, "", NULL },
        { WSC__NS_CONFIG "/service", "", NULL },
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct wsc__setting *s = wsc__setting_find(cases[i].uri, cases[i].path);

        if (!CHECK((s != NULL) == (cases[i].found != NULL)))
            printf("%s %s\n", cases[i].uri, cases[i].path);
        if (s && cases[i].found)
            CHECK_STR(s->path, cases[i].found);
    }
}

/* Whole sentences, known words, and each path once. */
static void rows(void)
{
    static const char types[] = " int bool word text list sddl ";
    const struct wsc__setting *s, *o;
    size_t i, k;
    char word[16];

    for (i = 0; (s = wsc__setting_at(i)) != NULL; i++) {
        snprintf(word, sizeof word, " %s ", s->type);
        if (!CHECK(strstr(types, word) && s->doc[strlen(s->doc) - 1] == '.'))
            printf("%s\n", s->path);
        CHECK(!*s->access || !strcmp(s->access, "read-only"));
        CHECK(!strcmp(s->type, "int") || !*s->unit);
        CHECK(!*s->policy || strchr(s->policy, ':'));
        for (k = 0; k < i && (o = wsc__setting_at(k)) != NULL; k++)
            CHECK(strcmp(o->path, s->path) != 0);
    }
    CHECK(i > 40 && !wsc__setting_at(i));
}

static const struct test tests[] = { { "finding", finding }, { "rows", rows } };

TEST_MAIN(tests)
