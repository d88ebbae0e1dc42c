#include "hostile.h"

#include <stdarg.h>
#include <string.h>

unsigned hostile_given[R_COUNT];

const char *const hostile_names[R_COUNT] = {
    "good",      "chunked", "close", "late",         "drip",  "behind", "cookie",
    "unrelated", "others",  "held",  "held, undone", "fault", "cut",    "empty",
    "wrong",     "busy",    "login", "redirect",     "page",  "raw",    "endless",
};

void hostile_say(const struct hostile *h, const char *fmt, ...)
{
    static int says = -1;
    va_list ap;

    if (says < 0)
        says = getenv("WSC_FUZZ_SAY") != NULL;
    if (!says)
        return;
    fprintf(stderr, "%8llu ", (unsigned long long)h->p.d.now);
    va_start(ap, fmt);
    vfprintf(stderr, fmt, ap);
    va_end(ap);
    fputc('\n', stderr);
}

unsigned hostile_number(const char *id)
{
    size_t n = strlen(id);

    return n > 2 ? (unsigned)atoi(id + n - 2) % HOSTILE_COMMANDS : 0;
}

uint8_t hostile_output(unsigned number, int stream, uint64_t pos)
{
    return (uint8_t)((pos * 131 ^ pos >> 8) + number * 17 + (unsigned)stream);
}

uint8_t hostile_input(uint64_t pos)
{
    return (uint8_t)(pos * 37 ^ pos >> 8);
}

static unsigned shell_number(const struct peer_request *q)
{
    size_t n = strlen(q->shell);

    return n ? (unsigned)(q->shell[n - 1] - '0') % HOSTILE_SHELLS : 0;
}

static struct hostile_command *command_of(struct hostile *h, const struct peer_request *q)
{
    return &h->commands[hostile_number(q->command)];
}

static bool is(const struct peer_request *q, const char *action)
{
    return strcmp(q->action, action) == 0;
}

/* --- what a service does ---------------------------------------------------------------------- */

char *hostile_join(char *text, const char *more)
{
    size_t a = text ? strlen(text) : 0, b = strlen(more);

    text = realloc(text, a + b + 1);
    if (!text)
        abort();
    memcpy(text + a, more, b + 1);
    return text;
}

/* Some output, and perhaps the end. Where the script is over, it is the end of a command whose
 * input has ended. */
static char *produce(struct hostile *h, const struct peer_request *q)
{
    struct hostile_command *c = command_of(h, q);
    uint8_t how = next(h->in), size = next(h->in);
    size_t i, n = how & 8 ? (size_t)size * 40 : size & 31;
    int stream = how & 4 ? 1 : 0;
    char *b64, *out, tag[600];
    uint8_t *data = malloc(n + 1);

    if (!data)
        abort();
    n = c->done ? 0 : n;
    for (i = 0; i < n; i++)
        data[i] = hostile_output(hostile_number(q->command), stream, c->made[stream]++);
    c->done |= !(how & 3) && (c->eof || c->loose || how & 64);
    b64 = peer_base64(data, n);
    free(data);
    snprintf(tag, sizeof tag, "<rsp:ReceiveResponse><rsp:Stream Name=\"%s\" CommandId=\"%s\">",
             stream ? "stderr" : "stdout", q->command);
    out = hostile_join(hostile_join(hostile_join(NULL, tag), b64), "</rsp:Stream>");
    free(b64);
    snprintf(tag, sizeof tag,
             "<rsp:CommandState CommandId=\"%s\" State=\"http://schemas.microsoft.com/wbem/wsman/1/"
             "windows/shell/CommandState/%s\">%s</rsp:CommandState>",
             q->command, c->done ? "Done" : "Running",
             c->done && how & 16 ? "" : "<rsp:ExitCode>0</rsp:ExitCode>");
    return hostile_join(how & 32 && !c->done ? out : hostile_join(out, tag),
                        "</rsp:ReceiveResponse>");
}

/* A Receive that was answered before. */
static bool again(struct hostile *h, const struct peer_request *q)
{
    return is(q, "Receive") && !strcmp(command_of(h, q)->last, q->id);
}

/* The same one gets the same answer. */
static char *receive(struct hostile *h, const struct peer_request *q)
{
    struct hostile_command *c = command_of(h, q);

    if (!again(h, q)) {
        free(c->answer);
        c->answer = produce(h, q);
        strcpy(c->last, q->id);
    }
    return hostile_join(NULL, c->answer);
}

static void take_input(struct hostile *h, const struct peer_request *q)
{
    struct hostile_command *c = command_of(h, q);
    struct drv_bytes *b = &h->p.input;
    size_t i;

    must(!c->eof, "nothing is sent behind the end of the input");
    for (i = b->at; i < b->len; i++)
        must(b->p[i] == hostile_input(c->taken++), "input arrives once, and in its order");
    c->eof = h->p.input_eof;
    b->len = b->at = 0;
    h->p.input_eof = false;
}

static void answer_held(struct hostile *h, unsigned i);

/* To a shell that is deleted: Delete does not wait for it, and it may come behind that. */
static bool harmless(const struct peer_request *q)
{
    return is(q, "Get") || (is(q, "Signal") && !strstr(q->r->body, "signal/terminate"));
}

/* Something that has to be answered before a shell is left, or deleted. */
static bool under_way(const struct hostile *h, unsigned shell, bool deleted)
{
    unsigned i;

    for (i = 0; i < h->nheld; i++) {
        const struct peer_request *q = &h->held[i].q;

        if (q->c->conn && shell_number(q) == shell &&
            (deleted ? !h->held[i].of_no_use : !is(q, "Receive")))
            return true;
    }
    return false;
}

/* Receives that wait there are answered first. */
static void disconnect(struct hostile *h, unsigned shell)
{
    unsigned i;

    for (i = h->nheld; i-- > 0;) {
        const struct peer_request *q = &h->held[i].q;

        if (is(q, "Receive") && !h->held[i].body && shell_number(q) == shell)
            answer_held(h, i);
    }
    h->shells[shell].away = true;
}

/* It is done; the content of s:Body. */
static char *process(struct hostile *h, const struct peer_request *q)
{
    struct hostile_command *c = command_of(h, q);
    unsigned s = shell_number(q);
    struct peer_reply good;

    if (hostile_is_thing(q))
        return hostile_thing(h, q);
    if (is(q, "Receive"))
        return receive(h, q);
    peer_good(&h->p, q, &good);
    if (is(q, "Create")) {
        h->created++;
        h->shells[h->p.shells % HOSTILE_SHELLS].there = true;
    } else if (is(q, "Command")) {
        h->started++;
        h->commands[h->p.commands % HOSTILE_COMMANDS].there = true;
    } else if (is(q, "Send")) {
        take_input(h, q);
    } else if (is(q, "Signal") && strstr(q->r->body, "signal/terminate")) {
        must(!c->terminated, "a command is terminated once");
        c->terminated = true;
    } else if (is(q, "Delete")) {
        h->shells[s].deleted = true;
    } else if (is(q, "Disconnect")) {
        disconnect(h, s);
    } else if ((is(q, "Reconnect") || is(q, "Connect")) && !*q->command) {
        h->shells[s].away = false;
    }
    return good.body;
}

/* Why a service refuses it; 0: it does not. */
static unsigned refusal(struct hostile *h, const struct peer_request *q)
{
    bool shell = !*q->command, away;
    unsigned s = shell_number(q);

    if (hostile_is_thing(q))
        return hostile_refuses_thing(h, q);
    if (!*q->shell)
        return 0;
    if (!h->shells[s].there || h->shells[s].deleted)
        return PEER_GONE;
    away = h->shells[s].away;
    if (is(q, "Disconnect"))
        return away ? 0x803381CF : 0;
    if (is(q, "Reconnect") && shell)
        return away ? 0 : 0x803381D0;
    if (is(q, "Connect") && shell)
        return away ? 0 : 0x803381CD;
    if (is(q, "Delete") || is(q, "Get"))
        return 0;
    if (away)
        return 0x803381C4;
    return shell || is(q, "Command") || command_of(h, q)->there ? 0 : 0x8033814F;
}

/* --- how it answers --------------------------------------------------------------------------- */

static const struct peer_reply soap = { .status = 200,
                                        .type = "application/soap+xml;charset=UTF-8" };

static unsigned fault_code(struct hostile *h)
{
    static const unsigned codes[] = {
        5,          PEER_TIMEOUT, 0x803381C4, 0x803381C4, PEER_GONE,  0x803381CE,   0x803381CF,
        0x803381D0, 0x803381D3,   0x803381C5, 0x803381C6, 0x803381DE, 995,          0x8033814F,
        0x803381CD, 0x80338000,   0x803381CC, 0x803381A5, 0x8033801B, PEER_TIMEOUT,
    };

    return codes[next(h->in) % (sizeof codes / sizeof *codes)];
}

static void fault(struct peer_reply *a, unsigned code)
{
    free(a->body);
    a->body = peer_fault(code);
    a->status = 500;
}

static void another_body(struct peer_reply *a, const char *body)
{
    free(a->body);
    a->body = hostile_join(NULL, body);
}

/* What somebody else was told of the like. Whether an answer is the client's own cannot be told of
 * Identify's; a fault may come from a server that has not read whose it is. */
static void of_others(struct hostile *h, enum hostile_reply how, const struct peer_request *q,
                      struct peer_reply *a)
{
    char text[1024] = "<rsp:Shell><rsp:ShellId>" OTHERS_ID "</rsp:ShellId><rsp:Owner>" OTHERS_WORD
                      "</rsp:Owner></rsp:Shell>";
    char *b64;

    if (hostile_is_thing(q)) {
        char **body = a->status == 200 ? &a->body : &b64;

        b64 = NULL;
        free(*body);
        *body = hostile_others_thing(h, q);
        free(b64);
    }
    if (is(q, "Identify") || (how == R_UNRELATED && a->status != 200))
        return;
    if (a->status != 200) {
        fault(a, OTHERS_FAULT);
    } else if (hostile_is_thing(q)) {
        return;
    } else if (is(q, "Create") || is(q, "Get")) {
        another_body(a, text);
    } else if (is(q, "Command")) {
        another_body(a, "<rsp:CommandResponse><rsp:CommandId>" OTHERS_ID
                        "</rsp:CommandId></rsp:CommandResponse>");
    } else if (is(q, "Receive")) {
        b64 = peer_base64(OTHERS_OUTPUT, strlen(OTHERS_OUTPUT));
        snprintf(text, sizeof text,
                 "<rsp:ReceiveResponse><rsp:Stream Name=\"stdout\" CommandId=\"%s\">%s</rsp:Stream>"
                 "<rsp:CommandState CommandId=\"%s\" State=\"http://schemas.microsoft.com/wbem/"
                 "wsman/1/windows/shell/CommandState/Done\"><rsp:ExitCode>%d</rsp:ExitCode>"
                 "</rsp:CommandState></rsp:ReceiveResponse>",
                 q->command, b64, q->command, OTHERS_EXIT);
        free(b64);
        another_body(a, text);
    } else if (is(q, "Ask")) {
        another_body(a, "<" OTHERS_WORD "/>");
    }
}

/* It was not taken: the same may come once more. */
static void forget(struct hostile *h, const struct peer_request *q)
{
    struct peer *p = &h->p;

    if (p->nseen && !strcmp(p->seen[p->nseen - 1], q->id))
        p->nseen--;
}

/* Bytes of the script in the place of a reply. */
static void send_raw(struct hostile *h, const struct peer_request *q)
{
    uint8_t raw[65] = { 0 }; /* some of those that look at it take it for text */
    size_t i, n = next(h->in) % 64;
    bool head = next(h->in) & 1;

    for (i = 0; i < n; i++)
        raw[i] = next(h->in);
    if (head)
        drv_reply(q->c, "HTTP/1.1 200 OK\r\n", 17);
    drv_reply(q->c, raw, n);
    drv_reply_end(q->c, next(h->in) & 1 ? DRV_RESET : DRV_EOF);
}

static void spoil(struct hostile *h, enum hostile_reply how, const struct peer_request *q,
                  struct peer_reply *a)
{
    switch (how) {
    case R_LATE:
        a->after_ms = (uint64_t)next(h->in) * 300;
        break;
    case R_DRIP:
        a->drip_ms = next(h->in);
        break;
    case R_CUT:
        a->cut_at_all = true;
        a->cut = (size_t)next(h->in) * 8;
        a->how = next(h->in) & 1 ? DRV_RESET : DRV_EOF;
        break;
    case R_EMPTY:
        another_body(a, "");
        break;
    case R_WRONG:
        another_body(a, is(q, "Send") ? "<rsp:SignalResponse/>" : "<rsp:SendResponse/>");
        break;
    case R_BUSY:
        a->status = 503;
        a->type = "text/plain";
        break;
    case R_PAGE:
        a->type = "text/html";
        break;
    case R_LOGIN:
        a->status = 401;
        a->type = "text/html";
        a->header = "WWW-Authenticate: Basic realm=\"x\"\r\n";
        break;
    case R_REDIRECT:
        a->status = 307;
        a->type = "text/html";
        a->header = next(h->in) & 1 ? "Set-Cookie: a=b\r\nLocation: http://server2:5985/wsman\r\n"
                                    : "Location: http://server3:5985/else\r\n";
        break;
    default:
        break;
    }
}

static void dress(enum hostile_reply how, struct peer_reply *a)
{
    a->chunked = how == R_CHUNKED;
    a->close = how == R_CLOSE;
    if (how == R_COOKIE)
        a->header = "Set-Cookie: MS-WSMAN=1; Path=/wsman\r\n";
    else if (how == R_BEHIND)
        a->behind = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno";
    else if (how == R_UNRELATED)
        a->relates = "";
    else if (how == R_OTHERS)
        a->relates = "uuid:00000000-0000-4000-8000-000000000000";
    else if (how == R_ENDLESS)
        a->endless = "<p>more</p>";
}

static void hold(struct hostile *h, const struct peer_request *q, char *body)
{
    h->held[h->nheld].q = *q;
    h->held[h->nheld].of_no_use = harmless(q);
    h->held[h->nheld].q.r = NULL;
    h->held[h->nheld++].body = body;
}

static void answer_held(struct hostile *h, unsigned i)
{
    struct peer_request q = h->held[i].q;
    struct peer_reply a = soap;
    uint8_t how = next(h->in);

    a.body = h->held[i].body;
    h->held[i] = h->held[--h->nheld];
    if (!q.c->conn) { /* nobody waits for it any more */
        free(a.body);
        return;
    }
    if (!a.body && is(&q, "Receive") && how < 128)
        a.body = receive(h, &q);
    else if (!a.body)
        fault(&a, fault_code(h));
    hostile_say(h, "  late answer to %s %s: %d", q.action, q.command, a.status);
    peer_send(&h->p, &q, &a);
    free(a.body);
}

bool hostile_part(struct hostile *h)
{
    unsigned i, from = next(h->in);

    for (i = 0; i < HOSTILE_SHELLS; i++) {
        unsigned s = (from + i) % HOSTILE_SHELLS;

        if (!h->shells[s].there || h->shells[s].deleted || h->shells[s].away)
            continue;
        disconnect(h, s);
        return true;
    }
    return false;
}

bool hostile_answer(struct hostile *h)
{
    if (!h->nheld)
        return false;
    answer_held(h, next(h->in) % h->nheld);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static enum hostile_reply choose(struct hostile *h)
{
    enum hostile_reply how;
    uint8_t b;

    if (h->p.d.nconns > DRV_CONNS - 200)
        h->in->left = 0; /* room for the end */
    b = next(h->in);
    if (b < 128 || h->nheld == HOSTILE_HELD)
        return R_GOOD;
    how = (enum hostile_reply)((b - 128) % R_COUNT);
    return how == R_ENDLESS && h->p.d.rude ? R_BEHIND : how; /* nobody would stop it */
}

/* Of a command that waits for its input there is nothing new for a while. */
static bool waits(struct hostile *h, const struct peer_request *q, struct peer_reply *a)
{
    struct hostile_command *c = command_of(h, q);

    if (h->in->left || c->done || c->eof || c->loose || again(h, q))
        return false;
    fault(a, PEER_TIMEOUT);
    return true;
}

/* What it says of where it goes is where it went, after a redirect, too. */
static void check_to(const struct peer_request *q)
{
    const char *to = strstr(q->r->body, "<a:To"), *host = strstr(q->r->head, "\r\nHost: ");
    char path[128] = "", name[128] = "", whole[300];

    if (!to && (is(q, "Identify") || !q->r->body_len))
        return;
    must(to && (to = strchr(to, '>')) && host, "a request says where it goes");
    sscanf(q->r->head, "POST %127s", path);
    sscanf(host + 8, "%127[^\r]", name);
    snprintf(whole, sizeof whole, ">http://%s%s</a:To>", name, path);
    must(!strncmp(to, whole, strlen(whole)), "a:To is where a request goes");
}

/* What a client must not do. One that was told that a shell is away leaves it alone, but a Receive
 * that was on its way may come again. */
static void check(struct hostile *h, const struct peer_request *q)
{
    static const char *const fine = "Disconnect Reconnect Connect Delete Get Receive";
    unsigned s = shell_number(q);

    if (h->since != h->p.d.now)
        h->asked = 0;
    h->since = h->p.d.now;
    must(h->asked++ < 4096, "nobody asks without an end");
    check_to(q);
    if (hostile_is_thing(q)) {
        hostile_check_thing(h, q);
        return;
    }
    must(!strstr(q->shell, OTHERS_ID) && !strstr(q->command, OTHERS_ID),
         "what others were answered is not asked of");
    if (!*q->shell || s == HOSTILE_LEFT)
        return;
    must(!h->shells[s].deleted || harmless(q), "nothing is asked of a shell that was deleted");
    if (is(q, "Disconnect") || is(q, "Delete"))
        must(!under_way(h, s, is(q, "Delete")),
             "what a shell waits for is answered before it goes");
    must(!h->strict || !h->shells[s].known || strstr(fine, q->action),
         "a shell that is away is left alone");
    if (is(q, "Reconnect") || is(q, "Connect"))
        h->shells[s].known = false;
}

static void answer(struct hostile *h, const struct peer_request *q, enum hostile_reply how,
                   unsigned code)
{
    struct peer_reply a = soap;

    *h->bookmark = '\0';
    if (how == R_FAULT || code)
        fault(&a, code ? code : fault_code(h));
    else if (is(q, "Receive") && how == R_GOOD && waits(h, q, &a))
        a.after_ms = 20000;
    else if (how == R_LOGIN || how == R_REDIRECT)
        forget(h, q);
    else
        a.body = process(h, q);
    if (hostile_is_thing(q) && a.status == 200 && how != R_LOGIN && how != R_REDIRECT)
        hostile_thing_heard(h, q, how <= R_CLOSE || how == R_BEHIND || how == R_COOKIE);
    if (how == R_HELD && a.status == 200) {
        hold(h, q, a.body);
        return;
    }
    if (is(q, "Disconnect") && how == R_GOOD && a.status == 200) /* 9 may be somebody's besides */
        h->shells[shell_number(q)].known = shell_number(q) != HOSTILE_LEFT;
    if (is(q, "Identify"))
        a.relates = "";
    if (how == R_OTHERS || how == R_UNRELATED)
        of_others(h, how, q, &a);
    memcpy(a.bookmark, h->bookmark, sizeof a.bookmark);
    dress(how, &a);
    spoil(h, how, q, &a);
    if (how == R_RAW)
        send_raw(h, q);
    else
        peer_send(&h->p, q, &a);
    free(a.body);
}

static void serve(struct drv_conn *c, const struct drv_request *r, void *ud)
{
    struct hostile *h = ud;
    struct peer_request q;
    enum hostile_reply how = choose(h);
    unsigned code;

    peer_read(&h->p, c, r, &q);
    if (again(h, &q) && (how == R_FAULT || how == R_HELD_UNDONE))
        how = R_GOOD; /* nobody could tell that there was output before */
    hostile_given[how]++;
    h->refuses |= how == R_LOGIN;
    if (is(&q, "Send"))
        command_of(h, &q)->loose |= how != R_GOOD;
    code = how == R_LOGIN || how == R_REDIRECT ? 0 : refusal(h, &q);
    hostile_say(h, "  asked %s %s %s: %s, %x", q.action, q.shell, q.command, hostile_names[how],
                code);
    check(h, &q);
    if (how == R_HELD_UNDONE)
        hold(h, &q, NULL);
    else
        answer(h, &q, how, code);
}

void hostile_init(struct hostile *h, struct input *in, long mem_fail)
{
    unsigned i;

    memset(h, 0, sizeof *h);
    peer_init(&h->p, mem_fail);
    h->p.d.serve = serve;
    h->p.d.ud = h;
    h->in = in;
    h->strict = mem_fail < 0;
    h->shells[HOSTILE_LEFT].there = h->shells[HOSTILE_LEFT].away = true;
    for (i = HOSTILE_OTHERS; i < HOSTILE_OTHERS + 20; i++)
        h->commands[i].there = true;
}

bool hostile_free(struct hostile *h)
{
    unsigned i;

    for (i = 0; i < h->nheld; i++)
        free(h->held[i].body);
    for (i = 0; i < HOSTILE_COMMANDS; i++)
        free(h->commands[i].answer);
    return peer_free(&h->p);
}
