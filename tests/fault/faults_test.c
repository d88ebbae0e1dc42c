/* The reply to each request of a run replaced by every fault that faults.def knows, as Windows and
 * as others write it: one end for everything, with the code of the table; nothing is asked again
 * but a Receive that timed out. */
#include "expect.h"

#define SHELL_LIVES(code) ((code) == 0x8033814F || (code) == 0x803381CC || (code) == 0x80540BBD)
#define IS_AWAY(code)     ((code) == 0x803381C4 || (code) == 0x803381DE)
#define TIMED_OUT         0x80338029u

/* --- the table, read once more ---------------------------------------------------------------- */

enum { NONE, REPEAT, BACKOFF, SHELL_GONE, RELEASE };

struct known {
    uint32_t code;
    const char *name, *subcode, *detail;
    int status, advice;
};

static const struct known table[] = {
#define WSC__FAULT(code, name, subcode, detail, status, advice, meaning, cause, remedy)            \
    { code, name, subcode, detail, WSC_E_##status, advice },
#define WSC__FAULT_NAME(code, name, status) { code, name, NULL, NULL, WSC_E_##status, NONE },
#include "base/faults.def"
#undef WSC__FAULT
#undef WSC__FAULT_NAME
};

#define KNOWN (sizeof table / sizeof *table)

/* Who stands for a subcode that comes without a number. */
static const struct known *by_subcode(const char *subcode, const char *detail)
{
    size_t i;

    for (i = 0; detail && i < KNOWN; i++) {
        if (table[i].subcode && table[i].detail && !strcmp(table[i].subcode, subcode) &&
            !strcmp(table[i].detail, detail))
            return &table[i];
    }
    for (i = 0; i < KNOWN; i++) {
        if (table[i].subcode && !table[i].detail && !strcmp(table[i].subcode, subcode))
            return &table[i];
    }
    return NULL;
}

/* --- how a fault is written ------------------------------------------------------------------- */

enum form {
    SENDER,      /* s:Sender and f:WSManFault */
    RECEIVER,    /* s:Receiver and f:WSManFault */
    PROVIDER,    /* in f:ProviderFault, under another code */
    BARE,        /* no f:WSManFault, w:FaultDetail if the table has one */
    BARE_SENDER, /* the same, s:Sender */
    FORMS
};

#define DETAIL_URI "http://schemas.dmtf.org/wbem/wsman/1/wsman/faultDetail/"

static struct {
    const struct target *target; /* whose reply */
    enum form form;
    const struct known *fault;
    uint32_t code; /* as it is written */
    int times;
} now;

static void write_detail(char *to, size_t cap)
{
    const struct known *f = now.fault;
    size_t n = 0;

    *to = '\0';
    if (f->detail)
        n = (size_t)snprintf(to, cap, "<w:FaultDetail>%s%s</w:FaultDetail>", DETAIL_URI, f->detail);
    if (now.form == PROVIDER)
        snprintf(to + n, cap - n,
                 "<f:WSManFault Code=\"2150858755\" Machine=\"server\"><f:Message>"
                 "<f:ProviderFault provider=\"Shell\" path=\"%%systemroot%%\\a.dll\"><f:WSManFault "
                 "Code=\"%u\" Machine=\"server\"><f:Message>No.</f:Message></f:WSManFault>"
                 "</f:ProviderFault></f:Message></f:WSManFault>",
                 now.code);
    else if (now.form < BARE)
        snprintf(to + n, cap - n,
                 "<f:WSManFault Code=\"%u\" Machine=\"server\"><f:Message>No.</f:Message>"
                 "</f:WSManFault>",
                 now.code);
}

static char *write_fault(void)
{
    const char *subcode = now.fault->subcode ? now.fault->subcode : "w:InternalError";
    const char *value = now.form == SENDER || now.form == BARE_SENDER ? "s:Sender" : "s:Receiver";
    char detail[1024], sub[256] = "", *out = malloc(4096);

    if (!out)
        abort();
    if (subcode[0] == 's' && subcode[1] == ':') /* a code, and no subcode */
        value = subcode;
    else
        snprintf(sub, sizeof sub, "<s:Subcode><s:Value>%s</s:Value></s:Subcode>", subcode);
    write_detail(detail, sizeof detail);
    snprintf(out, 4096,
             "<s:Fault xmlns:n=\"http://schemas.xmlsoap.org/ws/2004/09/enumeration\" "
             "xmlns:t=\"http://schemas.xmlsoap.org/ws/2004/09/transfer\" "
             "xmlns:e=\"http://schemas.xmlsoap.org/ws/2004/08/eventing\" "
             "xmlns:wsse=\"http://docs.oasis-open.org/wss/2004/01/"
             "oasis-200401-wss-wssecurity-secext-1.0.xsd\">"
             "<s:Code><s:Value>%s</s:Value>%s</s:Code><s:Reason><s:Text xml:lang=\"en-US\">It did "
             "not work.</s:Text></s:Reason><s:Detail>%s</s:Detail></s:Fault>",
             value, sub, detail);
    return out;
}

static void replace(struct peer *p, const struct peer_request *q, struct peer_reply *a)
{
    if (strcmp(q->action, now.target->action) || q->nth != now.target->nth)
        return;
    now.times++;
    if (!strcmp(q->action, "Receive"))
        p->at[1]--; /* what it would have said comes with the next one */
    p->input_eof &= strcmp(q->action, "Send") != 0;
    free(a->body);
    a->body = write_fault();
    a->status = 500;
    a->hold = false;
}

/* --- what has to come of it ------------------------------------------------------------------- */

/* The error says what the server said, and what the table knows of it. */
static void check_error(const wsc_error *err, const struct known *k)
{
    const char *s = NULL;
    int64_t n = -1;

    CHECK_EQ(wsc_error_get_int(err, "http-status", &n), WSC_OK);
    CHECK_EQ(n, 500);
    CHECK_EQ(wsc_error_get_str(err, "soap-code", &s), WSC_OK);
    CHECK_EQ(wsc_error_get_str(err, "target", &s), WSC_OK);
    CHECK_EQ(wsc_error_get_str(err, "server-text", &s), WSC_OK);
    CHECK_STR(s, now.form < BARE ? "No." : "It did not work.");
    if (now.form < BARE) {
        CHECK_EQ(wsc_error_get_int(err, "fault-code", &n), WSC_OK);
        CHECK_EQ(n, now.code);
    }
    if (now.form == PROVIDER && now.code != 0x80338003) {
        CHECK_EQ(wsc_error_get_int(err, "outer-fault-code", &n), WSC_OK);
        CHECK_EQ(n, 0x80338003);
    }
    if (!k)
        return;
    CHECK_EQ(wsc_error_get_str(err, "fault-name", &s), WSC_OK);
    CHECK_STR(s, k->name);
    CHECK_EQ(wsc_error_get_int(err, "retriable", &n), WSC_OK);
    CHECK_EQ(n, k->advice == BACKOFF || k->advice == RELEASE || k->advice == REPEAT);
}

static bool one(const struct target *t, enum form form, const struct known *f, uint32_t code)
{
    const char *subcode = f->subcode ? f->subcode : "w:InternalError";
    const struct known *k = form < BARE ? f : by_subcode(subcode, f->detail);
    int before = test_failures, status = k ? k->status : WSC_E_FAULT;
    bool gone = status == WSC_E_SHELL_GONE && !(form < BARE && SHELL_LIVES(f->code));
    bool again = form < BARE ? f->code == TIMED_OUT
                             : !strcmp(subcode, "w:TimedOut") || !strcmp(subcode, "n:TimedOut");
    bool away = form < BARE && IS_AWAY(f->code);
    const wsc_error *err;
    struct expected e;
    static struct run r;
    uint64_t begun;

    now.target = t;
    now.form = form;
    now.fault = f;
    now.code = code;
    now.times = 0;
    expect(&e, t, gone ? GONE : away ? AWAY : again ? AGAIN : REFUSED, status);
    life_open(&l, NULL);
    l.p.change = replace;
    begun = l.p.d.now;
    run_all(&r);
    err = check_expected(&r, &e);
    if (err)
        check_error(err, k);
    CHECK_EQ(l.p.repeats, 0);
    CHECK_EQ(now.times, 1);
    run_drop(&r);
    CHECK_EQ(l.p.d.now, begun); /* nobody waited for anything */
    life_close(&l);
    if (test_failures == before)
        return true;
    printf("# %s %u replaced by %s (0x%08lX), form %d\n", t->action, t->nth, f->name,
           (unsigned long)code, (int)form);
    return test_failures < 60;
}

/* The number as it is; at one of the requests also as the systems wrap it. */
static bool numbers(const struct target *t, const struct known *f)
{
    uint32_t wrapped = f->code < 0x10000                        ? 0x80070000u | f->code
                       : (f->code & 0xf0000000u) == 0xc0000000u ? f->code | 0x10000000u
                       : (f->code & 0xfffffe00u) == 0x80338000u ? f->code - 0x80330000u
                                                                : 0;

    if (!one(t, SENDER, f, f->code) || !one(t, RECEIVER, f, f->code))
        return false;
    if (strcmp(t->action, "Command"))
        return f->code != TIMED_OUT || one(t, SENDER, f, wrapped);
    return one(t, PROVIDER, f, f->code) &&
           (!wrapped || one(t, SENDER, f, wrapped));
}

static void every_fault(const struct target *t)
{
    size_t i;

    for (i = 0; i < KNOWN; i++) {
        const struct known *f = &table[i];

        if (!numbers(t, f))
            return;
        /* without a number, those with a subcode differ, and one of the others stands for them */
        if ((f->subcode || !i) && (!one(t, BARE, f, 0) || !one(t, BARE_SENDER, f, 0)))
            return;
    }
    CHECK(i > 600);
}

static void every_reply(void)
{
    size_t i;

    for (i = 0; i < TARGETS; i++)
        every_fault(&targets[i]);
}

static const struct test tests[] = {
    { "every_reply", every_reply },
};

TEST_MAIN(tests)
