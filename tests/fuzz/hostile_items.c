/* The resources of the hostile service: what is read, written and called, enumerations and
 * subscriptions. It checks that nothing is done twice, and that what was begun is given up once. */
#include "hostile.h"

#include <string.h>

#define GONE    0x8033801Bu /* ERROR_WSMAN_INVALID_CONTEXT */
#define NS_N    "xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\""
#define NS_E    "xmlns:e=\"http://schemas.xmlsoap.org/ws/2004/08/eventing\""
#define THING   "http://x/thing"
#define CONFIG  "http://schemas.microsoft.com/wbem/wsman/1/config<"
#define FOREIGN "<t:Item xmlns:t=\"urn:t\"><t:Id>" OTHERS_WORD "</t:Id></t:Item>"

static bool is(const struct peer_request *q, const char *action)
{
    return strcmp(q->action, action) == 0;
}

bool hostile_is_thing(const struct peer_request *q)
{
    return strstr(q->r->body, THING) || strstr(q->r->body, CONFIG);
}

/* --- whose it is ------------------------------------------------------------------------------ */

static struct hostile_list *list_of(struct hostile *h, const struct peer_request *q, unsigned *turn)
{
    const char *at = strstr(q->r->body, "uuid:L");
    unsigned n = HOSTILE_LISTS;

    *turn = 0;
    if (at)
        sscanf(at, "uuid:L%u-%u", &n, turn);
    else if ((at = strstr(q->r->body, "SUB-L")))
        sscanf(at, "SUB-L%u", &n);
    return n < HOSTILE_LISTS && h->lists[n].there ? &h->lists[n] : NULL;
}

static bool of_list(const struct peer_request *q)
{
    return is(q, "Pull") || is(q, "Release") || is(q, "Unsubscribe") || is(q, "Renew");
}

void hostile_check_thing(struct hostile *h, const struct peer_request *q)
{
    struct hostile_list *l;
    unsigned turn;

    must(!strstr(q->r->body, OTHERS_ID) && !strstr(q->r->body, OTHERS_WORD),
         "what others were answered is not asked of");
    if (!of_list(q) || (is(q, "Release") && strstr(q->r->body, "uuid:old")))
        return;
    l = list_of(h, q, &turn);
    must(l != NULL, "what is pulled, or given up, is there");
    if (is(q, "Renew"))
        return;
    must(!l->released, "nothing is given up twice, or pulled behind that");
    must(!l->known_over || !h->strict, "what has ended is neither pulled nor given up");
    must(!is(q, "Unsubscribe") || l->sub, "only a subscription is unsubscribed");
    must(!is(q, "Release") || !l->sub || l->unnamed, "and that is not released, if it has a name");
    must(!is(q, "Pull") || turn == l->turn, "the newest context is pulled");
}

unsigned hostile_refuses_thing(struct hostile *h, const struct peer_request *q)
{
    unsigned turn;
    const struct hostile_list *l = of_list(q) ? list_of(h, q, &turn) : NULL;

    if (is(q, "Enumerate") || is(q, "Subscribe"))
        return h->nlists == HOSTILE_LISTS ? 5 : 0;
    return l && (l->over || l->released) ? GONE : 0;
}

/* --- what is told ----------------------------------------------------------------------------- */

/* Some items, or all that are left where the script is over. */
static char *items(struct hostile *h, struct hostile_list *l, char *out, uint8_t how)
{
    static const char pad[] = "a rather long text to fill an item so that limits are reached; ";
    unsigned n = h->in->left ? how & 3 : l->all - l->told, i, k;
    char text[200];

    for (i = 0; i < n && l->told < l->all; i++, l->told++) {
        snprintf(text, sizeof text,
                 "<t:Item xmlns:t=\"urn:t\"><t:Of>%u</t:Of><t:Id>%u</t:Id><t:Pad>",
                 (unsigned)(l - h->lists), l->told);
        out = hostile_join(out, text);
        for (k = 0; k < (how & 4 ? 40u : 0u); k++)
            out = hostile_join(out, pad);
        out = hostile_join(out, "</t:Pad></t:Item>");
    }
    return out;
}

/* how: what is wrong with it, in bits. */
static char *list_body(struct hostile *h, struct hostile_list *l, bool pull)
{
    uint8_t how = next(h->in);
    const char *name = pull == !(how & 64) ? "Pull" : "Enumerate";
    char text[300], *out;

    l->spoiled = (how & 192) != 0;
    snprintf(text, sizeof text, "<n:%sResponse " NS_N ">", name);
    out = hostile_join(NULL, text);
    if (how & 8)
        out = hostile_join(out, FOREIGN); /* where no item may be */
    if (how & 16)
        out = hostile_join(out, "<n:EnumerationContext>uuid:old</n:EnumerationContext>");
    out = hostile_join(items(h, l, hostile_join(out, "<n:Items>"), how), "</n:Items>");
    l->over = l->told == l->all;
    l->turn++;
    snprintf(text, sizeof text, "<n:EnumerationContext>uuid:L%02u-%u</n:EnumerationContext>",
             (unsigned)(l - h->lists), l->turn);
    if (!l->over || how & 32)
        out = hostile_join(out, text);
    if (l->over)
        out = hostile_join(out, "<n:EndOfSequence/>");
    snprintf(text, sizeof text, "</n:%sResponse>", name);
    out = hostile_join(out, text);
    if (how & 128)
        out =
            hostile_join(out, "<s:Fault><s:Code><s:Value>s:Receiver</s:Value></s:Code></s:Fault>");
    if (l->sub)
        snprintf(h->bookmark, sizeof h->bookmark, "<w:Bookmark><m>L%02u-%u</m></w:Bookmark>",
                 (unsigned)(l - h->lists), l->told);
    return out;
}

static char *begin_list(struct hostile *h, bool sub)
{
    struct hostile_list *l = &h->lists[h->nlists++];
    char text[100], *out;
    uint8_t how = next(h->in);

    l->there = true;
    l->sub = sub;
    l->all = how & (sub ? 63 : 15);
    if (!sub)
        return list_body(h, l, false);
    l->all++;
    l->unnamed = how > 0xfd; /* rarely, so that most are read */
    out = hostile_join(NULL, "<e:SubscribeResponse " NS_E " " NS_N
                             "><e:SubscriptionManager><a:Address>x</a:Address>"
                             "<a:ReferenceParameters>");
    snprintf(text, sizeof text, "<e:Identifier>SUB-L%02u</e:Identifier>", h->nlists - 1);
    if (!l->unnamed)
        out = hostile_join(out, text);
    out = hostile_join(out, "</a:ReferenceParameters></e:SubscriptionManager>");
    snprintf(text, sizeof text, "<n:EnumerationContext>uuid:L%02u-0</n:EnumerationContext>",
             h->nlists - 1);
    if (how < 0xfc || how == 0xfe)
        out = hostile_join(out, text);
    return hostile_join(out, "</e:SubscribeResponse>");
}

/* Some resource; each has an A. */
static char *resource(struct hostile *h)
{
    uint8_t kind = next(h->in) & 7;
    char *out = hostile_join(NULL, "<c:Config xmlns:c=\"urn:c\" xmlns:i=\"http://www.w3.org/2001/"
                                   "XMLSchema-instance\" c:x:y=\"1\"><c:A Other=\"a\">1</c:A>");
    char text[100];
    unsigned i;

    for (i = 0; kind == 1 && i < 50; i++)
        out = hostile_join(out, "<c:D>");
    for (i = 0; kind == 1 && i < 50; i++)
        out = hostile_join(out, "</c:D>");
    for (i = 0; kind == 2 && i < 300; i++)
        out = hostile_join(out, i % 3 ? "<c:E/>" : "<c:a i:nil=\"true\"/>");
    for (i = 0; kind == 3 && i < 40; i++) {
        snprintf(text, sizeof text, "<d:n%u xmlns:d=\"urn:%u\" d:q=\"\" c:q=\"\">", i, i);
        out = hostile_join(out, text);
    }
    while (kind == 3 && i--) {
        snprintf(text, sizeof text, "</d:n%u>", i);
        out = hostile_join(out, text);
    }
    if (kind == 4)
        out = hostile_join(out, "<c:MaxEnvelopeSizekb>150</c:MaxEnvelopeSizekb>");
    if (kind == 5)
        out = hostile_join(out, "text <c:B Source=\"GPO\">2</c:B> and text");
    if (kind == 6)
        out = hostile_join(out, "</c:Config><c:Config xmlns:c=\"urn:d\">");
    return hostile_join(out, "</c:Config>");
}

/* Each call brings a number of its own. */
static void once(struct hostile *h, const struct peer_request *q)
{
    const char *at = strstr(q->r->body, "number ");
    unsigned n;

    if (!at || sscanf(at, "number %u", &n) != 1)
        return;
    must(n < HOSTILE_WRITES && !h->written[n], "nothing is written or called twice");
    h->written[n] = true;
}

char *hostile_thing(struct hostile *h, const struct peer_request *q)
{
    unsigned turn;
    struct hostile_list *l = of_list(q) ? list_of(h, q, &turn) : NULL;

    if (is(q, "Enumerate") || is(q, "Subscribe"))
        return begin_list(h, is(q, "Subscribe"));
    if (is(q, "Pull"))
        return list_body(h, l, true);
    if (l && (is(q, "Release") || is(q, "Unsubscribe")))
        l->released = true;
    if (of_list(q) || is(q, "Delete"))
        return hostile_join(NULL, "");
    if (!is(q, "Get"))
        once(h, q);
    if (is(q, "Create"))
        return hostile_join(NULL, "<x:ResourceCreated><a:Address>x</a:Address>"
                                  "<a:ReferenceParameters><w:ResourceURI>" THING "</w:ResourceURI>"
                                  "<w:SelectorSet><w:Selector Name=\"Id\">1</w:Selector>"
                                  "</w:SelectorSet></a:ReferenceParameters></x:ResourceCreated>");
    if (is(q, "Do"))
        return hostile_join(NULL, "<p:Do_OUTPUT xmlns:p=\"" THING "\"><p:ReturnValue>0"
                                  "</p:ReturnValue></p:Do_OUTPUT>");
    return resource(h);
}

void hostile_thing_heard(struct hostile *h, const struct peer_request *q, bool good)
{
    unsigned turn;
    struct hostile_list *l = is(q, "Enumerate") ? &h->lists[h->nlists - 1] : list_of(h, q, &turn);

    if (!is(q, "Enumerate") && !is(q, "Pull"))
        return;
    l->known_over = l->over && good && !l->spoiled && !l->sub;
}

/* What somebody else was told. */
char *hostile_others_thing(struct hostile *h, const struct peer_request *q)
{
    const char *name = is(q, "Pull") ? "Pull" : "Enumerate";
    char text[800];

    snprintf(h->bookmark, sizeof h->bookmark, "<w:Bookmark>" OTHERS_WORD "</w:Bookmark>");
    if (is(q, "Subscribe"))
        snprintf(text, sizeof text,
                 "<e:SubscribeResponse " NS_E " " NS_N "><e:SubscriptionManager><a:Address>x"
                 "</a:Address><a:ReferenceParameters><e:Identifier>" OTHERS_ID
                 "</e:Identifier></a:ReferenceParameters></e:SubscriptionManager>"
                 "<n:EnumerationContext>" OTHERS_ID "</n:EnumerationContext>"
                 "</e:SubscribeResponse>");
    else if (is(q, "Enumerate") || is(q, "Pull"))
        snprintf(text, sizeof text,
                 "<n:%sResponse " NS_N "><n:EnumerationContext>" OTHERS_ID
                 "</n:EnumerationContext><n:Items>" FOREIGN "</n:Items></n:%sResponse>",
                 name, name);
    else
        snprintf(text, sizeof text,
                 "<c:Config xmlns:c=\"urn:c\"><c:A>" OTHERS_WORD "</c:A>"
                 "</c:Config>");
    return hostile_join(NULL, text);
}
