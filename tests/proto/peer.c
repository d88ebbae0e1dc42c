#include "peer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *format(const char *fmt, ...)
{
    va_list ap, again;
    char most[4096], *s;
    int n;

    va_start(ap, fmt);
    va_copy(again, ap);
    n = vsnprintf(most, sizeof most, fmt, ap);
    va_end(ap);
    s = malloc((size_t)n + 1);
    if (!s)
        abort();
    if ((size_t)n < sizeof most)
        memcpy(s, most, (size_t)n + 1);
    else
        vsnprintf(s, (size_t)n + 1, fmt, again);
    va_end(again);
    return s;
}

static void wrong(struct peer *p, const char *what, const char *about)
{
    if (!*p->wrong)
        snprintf(p->wrong, sizeof p->wrong, "%s (%s)", what, about);
}

/* --- reading requests ------------------------------------------------------------------------- */

/* The text before `stop`, as much as fits. */
static void text_before(const char *text, char stop, char *out, size_t cap)
{
    const char *end = strchr(text, stop);
    size_t n = end ? (size_t)(end - text) : 0;

    if (n >= cap)
        n = cap - 1;
    memcpy(out, text, n);
    out[n] = '\0';
}

/* The text between the end of the tag that begins with `tag` and the next '<'. */
static bool element(const char *xml, const char *tag, char *out, size_t cap)
{
    const char *p = strstr(xml, tag);

    if (!p || !(p = strchr(p, '>')))
        return false;
    text_before(p + 1, '<', out, cap);
    return *out != '\0';
}

static bool attribute(const char *xml, const char *name, char *out, size_t cap)
{
    const char *p = strstr(xml, name);

    if (!p)
        return false;
    text_before(p + strlen(name) + 2, '"', out, cap);
    return true;
}

static void note(struct peer *p, const char *action)
{
    size_t n = strlen(action);

    if (p->log_len + n + 2 >= sizeof p->log)
        return;
    if (p->log_len)
        p->log[p->log_len++] = ' ';
    memcpy(p->log + p->log_len, action, n + 1);
    p->log_len += n;
}

const char *peer_log(struct peer *p)
{
    p->log[p->log_len] = '\0';
    p->log_len = 0;
    return p->log;
}

static void check_once(struct peer *p, const struct peer_request *q)
{
    bool receive = strcmp(q->action, "Receive") == 0;
    size_t i;

    for (i = 0; i < p->nseen; i++) {
        if (strcmp(p->seen[i], q->id))
            continue;
        p->repeats++;
        if (!receive)
            wrong(p, "sent twice", q->action);
    }
    if (p->nseen < 512)
        snprintf(p->seen[p->nseen++], sizeof p->seen[0], "%s", q->id);
}

/* --- bodies ----------------------------------------------------------------------------------- */

#define CREATED                                                                                    \
    "<x:ResourceCreated><a:Address>http://server:5985/wsman</a:Address><a:ReferenceParameters>"    \
    "<w:ResourceURI>http://schemas.microsoft.com/wbem/wsman/1/windows/shell/cmd</w:ResourceURI>"   \
    "<w:SelectorSet><w:Selector Name=\"ShellId\">" PEER_SHELL "</w:Selector></w:SelectorSet>"      \
    "</a:ReferenceParameters></x:ResourceCreated><rsp:Shell><rsp:ShellId>" PEER_SHELL              \
    "</rsp:ShellId><rsp:Owner>u</rsp:Owner><rsp:IdleTimeOut>%s</rsp:IdleTimeOut></rsp:Shell>"

#define IDENTITY                                                                                   \
    "<wsmid:IdentifyResponse xmlns:wsmid=\"http://schemas.dmtf.org/wbem/wsman/identity/1/"         \
    "wsmanidentity.xsd\"><wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd"    \
    "</wsmid:ProtocolVersion><wsmid:ProductVendor>V</wsmid:ProductVendor><wsmid:ProductVersion>"   \
    "1</wsmid:ProductVersion><wsmid:SecurityProfiles><wsmid:SecurityProfileName>a"                 \
    "</wsmid:SecurityProfileName><wsmid:SecurityProfileName>b</wsmid:SecurityProfileName>"         \
    "</wsmid:SecurityProfiles></wsmid:IdentifyResponse>"

char *peer_fault(unsigned code)
{
    return format(
        "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode><s:Value>w:%s</s:Value></"
        "s:Subcode>"
        "</s:Code><s:Reason><s:Text xml:lang=\"\">It did not work.</s:Text></s:Reason><s:Detail>"
        "<f:WSManFault Code=\"%u\" "
        "Machine=\"server\"><f:Message>No.</f:Message></f:WSManFault></s:Detail></s:Fault>",
        code == PEER_TIMEOUT ? "TimedOut" : "InternalError", code);
}

char *peer_base64(const void *data, size_t n)
{
    char *out = malloc(n * 4 / 3 + 16);
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *p = data;
    size_t i, o = 0;

    if (!out)
        abort();
    for (i = 0; i < n; i += 3) {
        unsigned v = (unsigned)p[i] << 16 | (i + 1 < n ? (unsigned)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? p[i + 2] : 0u);

        out[o++] = digits[v >> 18];
        out[o++] = digits[v >> 12 & 63];
        out[o++] = i + 1 < n ? digits[v >> 6 & 63] : '=';
        out[o++] = i + 2 < n ? digits[v & 63] : '=';
    }
    out[o] = '\0';
    return out;
}

static char *stream(const char *name, const char *command, const char *text)
{
    char *b64, *out;

    if (!text)
        return format("%s", "");
    b64 = peer_base64(text, strlen(text));
    out = format("<rsp:Stream Name=\"%s\" CommandId=\"%s\">%s</rsp:Stream>", name, command, b64);
    free(b64);
    return out;
}

static char *receive_body(const struct peer_step *s, const char *command)
{
    char *out = stream("stdout", command, s->out), *err = stream("stderr", command, s->err), *body;
    char *exit = s->done && s->exit >= 0 ? format("<rsp:ExitCode>%ld</rsp:ExitCode>", s->exit)
                                         : format("%s", "");

    body = format(
        "<rsp:ReceiveResponse>%s%s<rsp:CommandState CommandId=\"%s\" "
        "State=\"http://schemas.microsoft.com/"
        "wbem/wsman/1/windows/shell/CommandState/%s\">%s</rsp:CommandState></rsp:ReceiveResponse>",
        out, err, command, s->done ? "Done" : "Running", exit);
    free(out);
    free(err);
    free(exit);
    return body;
}

/* --- answering -------------------------------------------------------------------------------- */

static const struct peer_reply plain_reply = { .status = 200,
                                               .type = "application/soap+xml;charset=UTF-8" };

static char *envelope(const struct peer_request *q, const struct peer_reply *a)
{
    const char *id = a->relates ? a->relates : q->id;
    char *relates = *id ? format("<a:RelatesTo>%s</a:RelatesTo>", id) : format("%s", "");
    char *out = format(
        "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\" "
        "xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\" "
        "xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\" "
        "xmlns:rsp=\"http://schemas.microsoft.com/wbem/wsman/1/windows/shell\" "
        "xmlns:f=\"http://schemas.microsoft.com/wbem/wsman/1/wsmanfault\" "
        "xmlns:x=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\">"
        "<s:Header><a:Action>http://x/%sResponse</a:Action><a:MessageID>uuid:0</a:MessageID>%s%s%s"
        "</s:Header><s:Body>%s</s:Body></s:Envelope>",
        q->action, relates, a->bookmark, a->headers ? a->headers : "", a->body ? a->body : "");

    free(relates);
    return out;
}

static char *in_chunks(const char *body)
{
    size_t n = strlen(body), i, o = 0, size = 50;
    char *out = malloc(n + (n / size + 2) * 12 + 16);

    if (!out)
        abort();
    for (i = 0; i < n; i += size) {
        size_t m = n - i < size ? n - i : size;

        o += (size_t)sprintf(out + o, "%zx\r\n", m);
        memcpy(out + o, body + i, m);
        o += m;
        o += (size_t)sprintf(out + o, "\r\n");
    }
    sprintf(out + o, "0\r\n\r\n");
    return out;
}

static char *whole_reply(const struct peer_request *q, const struct peer_reply *a)
{
    bool soap = strstr(a->type, "soap") != NULL;
    char *body, *whole, *length;

    if (a->raw)
        return format("%s%s", a->raw, a->behind ? a->behind : "");
    body = soap ? envelope(q, a) : format("%s", a->body ? a->body : "");
    if (a->chunked) {
        char *b = in_chunks(body);

        free(body);
        body = b;
        length = format("Transfer-Encoding: chunked");
    } else {
        length = format("Content-Length: %zu", strlen(body));
    }
    whole = format("HTTP/1.1 %d X\r\nContent-Type: %s\r\n%s%s%s\r\n\r\n%s%s", a->status, a->type,
                   a->close ? "Connection: close\r\n" : "", a->header ? a->header : "", length,
                   body, a->behind ? a->behind : "");
    free(length);
    free(body);
    return whole;
}

void peer_send(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    char *whole = whole_reply(q, a);
    size_t n = strlen(whole);

    p->uncut |= a->cut_at_all && a->cut >= n;
    if (a->cut_at_all && a->cut < n)
        n = a->cut;
    drv_reply(q->c, whole, n);
    drv_reply_slow(q->c, a->after_ms, a->drip_ms);
    if (a->endless)
        drv_reply_endless(q->c, a->endless);
    if (a->cut_at_all)
        drv_reply_end(q->c, a->how);
    else if (a->close)
        drv_reply_end(q->c, DRV_EOF);
    free(whole);
}

static void step_reply(const struct peer_request *q, const struct peer_step *s,
                       struct peer_reply *a)
{
    free(a->body);
    if (s->fault) {
        a->status = 500;
        a->body = peer_fault(s->fault);
    } else {
        a->body = receive_body(s, q->command);
    }
    if (s->cut) {
        a->cut_at_all = true;
        a->cut = s->cut;
        a->how = s->how;
    }
}

static unsigned command_number(const char *id)
{
    return strlen(id) > 2 ? (unsigned)atoi(id + strlen(id) - 2) % 64 : 0;
}

static void receive(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    unsigned n = command_number(q->command);
    const struct peer_step *s;
    struct peer_step again;

    if (!p->nsteps) {
        static const struct peer_step done = { .done = 1 };

        step_reply(q, &done, a);
        return;
    }
    if (p->replays && p->at[n] && strcmp(p->last_receive[n], q->id) == 0) {
        again = p->steps[p->at[n] - 1 < p->nsteps ? p->at[n] - 1 : p->nsteps - 1];
        again.cut = 0;
        step_reply(q, &again, a);
        return;
    }
    strcpy(p->last_receive[n], q->id);
    s = &p->steps[p->at[n] < p->nsteps ? p->at[n] : p->nsteps - 1];
    p->at[n]++;
    if (!s->hold) {
        step_reply(q, s, a);
        return;
    }
    a->hold = true;
    p->held_at = p->d.now;
    if (p->held_count < 64) {
        p->held[p->held_count].c = q->c;
        strcpy(p->held[p->held_count].id, q->id);
        strcpy(p->held[p->held_count++].command, q->command);
    }
}

static void drop_oldest(struct peer *p)
{
    p->held_count--;
    memmove(p->held, p->held + 1, p->held_count * sizeof p->held[0]);
}

bool peer_answer(struct peer *p, const struct peer_step *s)
{
    struct peer_request q = { .action = "Receive" };
    struct peer_reply a = plain_reply;

    while (p->held_count && !p->held[0].c->conn) /* canceled meanwhile */
        drop_oldest(p);
    if (!p->held_count)
        return false;
    q.c = p->held[0].c;
    strcpy(q.id, p->held[0].id);
    strcpy(q.command, p->held[0].command);
    drop_oldest(p);
    step_reply(&q, s, &a);
    peer_send(p, &q, &a);
    free(a.body);
    return true;
}

static void take_input(struct peer *p, const struct peer_request *q)
{
    const char *stream_tag = strstr(q->r->body, "<rsp:Stream");
    char *b64 = malloc(q->r->body_len + 1);
    uint8_t *plain = malloc(q->r->body_len + 4);
    char end[8] = "";
    size_t n = 0;

    if (!b64 || !plain)
        abort();
    if (p->input_eof)
        wrong(p, "Send after the end", q->id);
    if (stream_tag && element(stream_tag, "<rsp:Stream", b64, q->r->body_len + 1)) {
        unsigned v = 0, bits = 0;
        const char *s;

        for (s = b64; *s && *s != '='; s++) {
            int d = *s >= 'A' && *s <= 'Z'   ? *s - 'A'
                    : *s >= 'a' && *s <= 'z' ? *s - 'a' + 26
                    : *s >= '0' && *s <= '9' ? *s - '0' + 52
                    : *s == '+'              ? 62
                                             : 63;

            v = v << 6 | (unsigned)d;
            bits += 6;
            if (bits >= 8) {
                bits -= 8;
                plain[n++] = (uint8_t)(v >> bits);
            }
        }
    }
    drv_bytes_add(&p->input, plain, n);
    if (stream_tag && attribute(stream_tag, " End", end, sizeof end))
        p->input_eof = strcmp(end, "true") == 0 || strcmp(end, "TRUE") == 0;
    free(b64);
    free(plain);
}

/* --- enumerations ----------------------------------------------------------------------------- */

#define NS_N "xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\""

/* The next items, and a context or the end. ns: that of Items and EndOfSequence. */
static char *some_items(struct peer *p, const char *what, const char *ns)
{
    unsigned left = p->items - p->told, n = p->batch && p->batch < left ? p->batch : left, i;
    char *items = format("%s", ""), *out, *more;

    for (i = 0; i < n; i++, p->told++) {
        more = format("%s<t:Item xmlns:t=\"urn:t\"><t:Id>%u</t:Id><t:Pad>%s</t:Pad></t:Item>",
                      items, p->told, p->padding ? p->padding : "");
        free(items);
        items = more;
    }
    p->enumerating = p->told < p->items;
    more = p->enumerating
               ? format("<n:EnumerationContext>uuid:%u</n:EnumerationContext>", ++p->contexts)
               : format("%s", "");
    out = format("<n:%sResponse " NS_N ">%s<%s:Items>%s</%s:Items>%s%s%s</n:%sResponse>", what,
                 more, ns, items, ns, p->enumerating ? "" : "<", p->enumerating ? "" : ns,
                 p->enumerating ? "" : ":EndOfSequence/>", what);
    free(items);
    free(more);
    return out;
}

/* Pull and Release have to name the context that came last. */
static bool is_newest(struct peer *p, const struct peer_request *q)
{
    char have[64] = "", want[64];

    (void)element(q->r->body, "<n:EnumerationContext", have, sizeof have);
    snprintf(want, sizeof want, "uuid:%u", p->contexts);
    if (p->enumerating && strcmp(have, want) == 0)
        return true;
    wrong(p, "of no enumeration", q->action);
    return false;
}

/* Events are items; each answer has a bookmark that says how many have been told. */
static void subscribed(struct peer *p, struct peer_reply *a)
{
    p->told = 0;
    p->enumerating = p->subscribed = true;
    a->body = format(
        "<e:SubscribeResponse xmlns:e=\"http://schemas.xmlsoap.org/ws/2004/08/eventing\" " NS_N
        "><e:SubscriptionManager><a:Address>x</a:Address><a:ReferenceParameters>"
        "<w:ResourceURI>urn:r</w:ResourceURI><e:Identifier>SUB</e:Identifier>"
        "</a:ReferenceParameters></e:SubscriptionManager><e:Expires>PT1H</e:Expires>"
        "<n:EnumerationContext>uuid:%u</n:EnumerationContext></e:SubscribeResponse>",
        ++p->contexts);
}

static char *enumeration(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, "Enumerate") == 0) {
        p->told = 0;
        return some_items(p, "Enumerate", "w");
    }
    if (!is_newest(p, q))
        return format("%s", "");
    if (strcmp(q->action, "Pull") == 0) {
        char *body = some_items(p, "Pull", "n");

        if (p->subscribed)
            snprintf(a->bookmark, sizeof a->bookmark, "<w:Bookmark><m>%u</m></w:Bookmark>",
                     p->told);
        return body;
    }
    p->enumerating = false;
    return format("%s", "");
}

void peer_good(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    *a = plain_reply;
    if (strcmp(q->action, "Identify") == 0) {
        a->relates = "";
        a->body = format(IDENTITY);
    } else if (strcmp(q->action, "Create") == 0) {
        unsigned n = ++p->shells;

        a->body = format(CREATED, n % 10, n % 10, p->idle ? p->idle : "PT7200.000S");
    } else if (strcmp(q->action, "Command") == 0) {
        a->body = format("<rsp:CommandResponse><rsp:CommandId>" PEER_COMMAND
                         "</rsp:CommandId></rsp:CommandResponse>",
                         ++p->commands % 100);
    } else if (strcmp(q->action, "Receive") == 0) {
        receive(p, q, a);
    } else if (strcmp(q->action, "Send") == 0) {
        take_input(p, q);
        a->body = format("<rsp:SendResponse/>");
    } else if (strcmp(q->action, "Signal") == 0) {
        a->body = format("<rsp:SignalResponse/>");
    } else if (strcmp(q->action, "Subscribe") == 0) {
        subscribed(p, a);
    } else if (strcmp(q->action, "Unsubscribe") == 0) {
        if (!p->subscribed || !strstr(q->r->body, "<e:Identifier>SUB</e:Identifier>"))
            wrong(p, "of no subscription", q->action);
        p->enumerating = p->subscribed = false;
        a->body = format("%s", "");
    } else if (strcmp(q->action, "Enumerate") == 0 || strcmp(q->action, "Pull") == 0 ||
               strcmp(q->action, "Release") == 0) {
        a->body = enumeration(p, q, a);
    } else if (strcmp(q->action, "Get") == 0 && !*q->shell) {
        a->body = format("<c:Config xmlns:c=\"urn:c\"><c:A>1</c:A><c:B Source=\"GPO\">2</c:B>"
                         "</c:Config>");
    } else if (strcmp(q->action, "Put") == 0) {
        a->body = format("<c:Config xmlns:c=\"urn:c\"><c:A>3</c:A></c:Config>");
    } else if (strcmp(q->action, "Get") == 0) {
        a->body = format("<rsp:Shell><rsp:ShellId>x</rsp:ShellId></rsp:Shell>");
    } else if (strcmp(q->action, "Connect") == 0) {
        a->body = format("<rsp:ConnectResponse><rsp:InputStreams>stdin</rsp:InputStreams>"
                         "<rsp:OutputStreams>stdout</rsp:OutputStreams></rsp:ConnectResponse>");
    } else {
        a->body = format("%s", "");
    }
}

/* What a disconnected shell does not take. */
static bool refuses(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    static const char *const taken = "Disconnect Reconnect Connect Delete Get Create Identify";

    if (!p->away || strstr(taken, q->action))
        return false;
    if (!p->unheard)
        wrong(p, "sent to a disconnected shell", q->action);
    a->status = 500;
    a->body = peer_fault(0x803381C4);
    return true;
}

static void move_away(struct peer *p, const struct peer_request *q, const struct peer_reply *a)
{
    static const struct peer_step nothing = { .out = "" };

    if (a->status != 200 || a->hold || *q->command)
        return;
    if (strcmp(q->action, "Reconnect") == 0 || strcmp(q->action, "Connect") == 0)
        p->away = false;
    if (strcmp(q->action, "Disconnect") != 0)
        return;
    p->away = true;
    while (peer_answer(p, p->parting ? p->parting : &nothing))
        ;
}

static unsigned count_action(struct peer *p, const char *action)
{
    size_t i;

    for (i = 0; i < sizeof p->counts / sizeof *p->counts; i++) {
        if (!p->counts[i].n)
            snprintf(p->counts[i].action, sizeof p->counts[i].action, "%s", action);
        if (strcmp(p->counts[i].action, action) == 0)
            return ++p->counts[i].n;
    }
    return 0;
}

unsigned peer_asked(const struct peer *p, const char *action)
{
    size_t i;

    for (i = 0; i < sizeof p->counts / sizeof *p->counts && p->counts[i].n; i++) {
        if (strcmp(p->counts[i].action, action) == 0)
            return p->counts[i].n;
    }
    return 0;
}

void peer_read(struct peer *p, struct drv_conn *c, const struct drv_request *r,
               struct peer_request *q)
{
    char uri[256] = "";
    const char *last;

    memset(q, 0, sizeof *q);
    q->c = c;
    q->r = r;
    q->all = ++p->requests;
    if (strstr(r->body, "Identify"))
        strcpy(uri, "Identify");
    else
        element(r->body, "<a:Action", uri, sizeof uri);
    last = strrchr(uri, '/');
    snprintf(q->action, sizeof q->action, "%.31s", last ? last + 1 : uri);
    if (element(r->body, "<a:MessageID", q->id, sizeof q->id))
        check_once(p, q);
    element(r->body, "<w:Selector Name=\"ShellId\"", q->shell, sizeof q->shell);
    attribute(r->body, " CommandId", q->command, sizeof q->command);
    note(p, q->action);
    q->nth = count_action(p, q->action);
}

static void serve(struct drv_conn *c, const struct drv_request *r, void *ud)
{
    struct peer *p = ud;
    struct peer_reply a = plain_reply;
    struct peer_request q;

    peer_read(p, c, r, &q);
    if (!refuses(p, &q, &a))
        peer_good(p, &q, &a);
    if (p->change)
        p->change(p, &q, &a);
    if (!a.hold)
        peer_send(p, &q, &a);
    move_away(p, &q, &a);
    free(a.body);
}

void peer_init(struct peer *p, long mem_fail)
{
    memset(p, 0, sizeof *p);
    drv_init(&p->d, mem_fail);
    p->d.auto_net = true;
    p->d.serve = serve;
    p->d.ud = p;
}

bool peer_free(struct peer *p)
{
    bool good = drv_free(&p->d);

    free(p->input.p);
    if (*p->wrong) {
        printf("# the client did wrong: %s\n", p->wrong);
        good = false;
    }
    return good;
}
