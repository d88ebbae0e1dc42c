/* The floor: what the same bytes cost a client that understands none of them. One connection, write
 * and read, and Content-Length is all that is looked at. With "tls" behind it GnuTLS moves them,
 * which is not told to verify anything. What an enumeration answers goes through libxml2's push
 * parser besides, whose handlers do nothing.
 *
 * usage: floor PORT commands N
 *        floor PORT stream MB KB [tls]
 *        floor PORT enumerate N KB [tls] */
#include "bench.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <libxml/parser.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NS_SHELL    "http://schemas.microsoft.com/wbem/wsman/1/windows/shell"
#define NS_TRANSFER "http://schemas.xmlsoap.org/ws/2004/09/transfer"
#define NS_N        "http://schemas.xmlsoap.org/ws/2004/09/enumeration"
#define WMI         "http://schemas.microsoft.com/wbem/wsman/1/wmi/root/cimv2/"
#define COMMAND_ID  "D5B3A1F0-0000-4000-8000-0000000000F1"

static const char head[] = "POST /wsman HTTP/1.1\r\nHost: 127.0.0.1:5985\r\nUser-Agent: floor\r\n"
                           "Authorization: Basic YmVuY2g6YmVuY2g=\r\n"
                           "Content-Type: application/soap+xml;charset=UTF-8\r\n"
                           "Accept-Encoding: identity\r\nContent-Length: %zu\r\n\r\n";

static const char envelope[] =
    "<s:Envelope xmlns:s=\"http://www.w3.org/2003/05/soap-envelope\""
    " xmlns:a=\"http://schemas.xmlsoap.org/ws/2004/08/addressing\""
    " xmlns:w=\"http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd\""
    " xmlns:p=\"http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd\" xmlns:rsp=\"" NS_SHELL "\">"
    "<s:Header><a:To>http://127.0.0.1:5985/wsman</a:To>"
    "<w:ResourceURI s:mustUnderstand=\"true\">%s</w:ResourceURI>"
    "<a:ReplyTo><a:Address s:mustUnderstand=\"true\">"
    "http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous</a:Address></a:ReplyTo>"
    "<a:Action s:mustUnderstand=\"true\">%s</a:Action>"
    "<w:MaxEnvelopeSize s:mustUnderstand=\"true\">512000</w:MaxEnvelopeSize>"
    "<a:MessageID>uuid:6B1F7B1E-5C0A-4E0B-9C55-0F2E4D3C2B1A</a:MessageID>"
    "<w:Locale xml:lang=\"en-US\" s:mustUnderstand=\"false\"/>"
    "<p:DataLocale xml:lang=\"en-US\" s:mustUnderstand=\"false\"/>"
    "<p:SessionId "
    "s:mustUnderstand=\"false\">uuid:0A4C7C9D-2B57-4F0E-8F7B-4E1F6A1B2C3D</p:SessionId>"
    "<w:OperationTimeout>PT60.000S</w:OperationTimeout>"
    "<w:SelectorSet>%s</w:SelectorSet></s:Header><s:Body>%s</s:Body></s:Envelope>";

static const char in_shell[] =
    "<w:Selector Name=\"ShellId\">D5B3A1F0-0000-4000-8000-0000000000F0</w:Selector>";

struct request {
    char bytes[4096];
    size_t len;
};

static int fd;
static gnutls_session_t tls; /* or NULL */
static char buf[65536];
static xmlParserCtxtPtr parser; /* or NULL: nobody reads what comes */

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static void prepare_for(struct request *r, const char *resource, const char *selectors,
                        const char *action, const char *body)
{
    char xml[3000];
    size_t len = (size_t)snprintf(xml, sizeof xml, envelope, resource, action, selectors, body);

    r->len = (size_t)snprintf(r->bytes, sizeof r->bytes, head, len);
    memcpy(r->bytes + r->len, xml, len);
    r->len += len;
}

static void prepare(struct request *r, const char *action, const char *body)
{
    prepare_for(r, NS_SHELL "/cmd", in_shell, action, body);
}

static void go_to(int port)
{
    struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
    int one = 1;

    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a))
        die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
}

static void shake_hands(void)
{
    gnutls_certificate_credentials_t trust;
    int rc;

    if (gnutls_certificate_allocate_credentials(&trust) || gnutls_init(&tls, GNUTLS_CLIENT) ||
        gnutls_set_default_priority(tls) ||
        gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, trust))
        die("tls");
    gnutls_transport_set_int(tls, fd);
    do {
        rc = gnutls_handshake(tls);
    } while (rc < 0 && !gnutls_error_is_fatal(rc));
    if (rc)
        die("handshake");
}

static void send_all(const char *data, size_t len)
{
    if ((tls ? gnutls_record_send(tls, data, len) : write(fd, data, len)) != (ssize_t)len)
        die("write");
}

static size_t receive(size_t at, size_t room)
{
    ssize_t n;

    do { /* a ticket is no data */
        n = tls ? gnutls_record_recv(tls, buf + at, room) : read(fd, buf + at, room);
    } while (tls && n == GNUTLS_E_AGAIN);
    if (n <= 0)
        die("read");
    return (size_t)n;
}

static void parse(const char *data, size_t len)
{
    if (parser && xmlParseChunk(parser, data, (int)len, 0))
        die("parser");
}

/* What the enumeration goes on with stands near the beginning of an answer. */
static void take_context(const char *body, char *context, size_t room)
{
    const char *at = strstr(body, "EnumerationContext>"), *end;

    end = at ? strchr(at + 19, '<') : NULL;
    if (!end)
        die("context");
    snprintf(context, room, "%.*s", (int)(end - at - 19), at + 19);
}

/* One request and its answer. context: NULL, or what room is for that of an enumeration. */
static void exchange(const struct request *r, char *context, size_t room)
{
    size_t have = 0, whole;
    char *end, *length;

    send_all(r->bytes, r->len);
    do {
        have += receive(have, sizeof buf - 1 - have);
        buf[have] = '\0';
        end = strstr(buf, "\r\n\r\n");
    } while (!end);
    length = strstr(buf, "Content-Length: ");
    if (!length || strncmp(buf, "HTTP/1.1 200", 12))
        die("answer");
    whole = (size_t)(end + 4 - buf) + strtoul(length + 16, NULL, 10);
    parse(end + 4, (size_t)(buf + have - end - 4));
    if (context)
        take_context(end + 4, context, room);
    while (have < whole) {
        size_t left = whole - have, n = receive(0, left < sizeof buf ? left : sizeof buf);

        parse(buf, n);
        have += n;
    }
}

static void commands(bool streams, long n, long kilo)
{
    struct request create, command, read_on, terminate, delete;
    char body[300];
    long i;

    prepare(&create, NS_TRANSFER "/Create",
            "<rsp:Shell><rsp:InputStreams>stdin</rsp:InputStreams>"
            "<rsp:OutputStreams>stdout stderr</rsp:OutputStreams></rsp:Shell>");
    snprintf(body, sizeof body,
             "<rsp:CommandLine CommandId=\"" COMMAND_ID "\"><rsp:Command>%s %ld %ld</rsp:Command>"
             "</rsp:CommandLine>",
             streams ? "stream" : "hello", n, kilo);
    prepare(&command, NS_SHELL "/Command", body);
    prepare(&read_on, NS_SHELL "/Receive",
            "<rsp:Receive><rsp:DesiredStream CommandId=\"" COMMAND_ID "\">stdout stderr"
            "</rsp:DesiredStream></rsp:Receive>");
    prepare(&terminate, NS_SHELL "/Signal",
            "<rsp:Signal CommandId=\"" COMMAND_ID "\"><rsp:Code>" NS_SHELL "/signal/terminate"
            "</rsp:Code></rsp:Signal>");
    prepare(&delete, NS_TRANSFER "/Delete", "");
    for (i = streams ? n - 1 : 0; i < n; i++) {
        long receives = streams ? (n * 1000000 + kilo * 750 - 1) / (kilo * 750) : 1;

        exchange(&create, NULL, 0);
        exchange(&command, NULL, 0);
        while (receives--)
            exchange(&read_on, NULL, 0);
        exchange(&terminate, NULL, 0);
        exchange(&delete, NULL, 0);
    }
}

/* --- enumerations ----------------------------------------------------------------------------- */

static long elements;

static void on_start(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int nns, const xmlChar **ns, int nattrs, int ndefaulted, const xmlChar **attrs)
{
    (void)ud;
    (void)name;
    (void)prefix;
    (void)uri;
    (void)nns;
    (void)ns;
    (void)nattrs;
    (void)ndefaulted;
    (void)attrs;
    elements++;
}

static void on_end(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    (void)ud;
    (void)name;
    (void)prefix;
    (void)uri;
}

static void on_text(void *ud, const xmlChar *text, int len)
{
    (void)ud;
    (void)text;
    (void)len;
}

static void exchange_xml(const struct request *r, char *context, size_t room)
{
    if (xmlCtxtResetPush(parser, NULL, 0, NULL, NULL))
        die("parser");
    exchange(r, context, room);
    if (xmlParseChunk(parser, "", 0, 1) || !parser->wellFormed)
        die("XML");
}

static void enumerate(long n, long kilo)
{
    xmlSAXHandler sax = { .initialized = XML_SAX2_MAGIC,
                          .startElementNs = on_start,
                          .endElementNs = on_end,
                          .characters = on_text };
    char selectors[200], body[300], context[100] = "";
    struct request r;

    parser = xmlCreatePushParserCtxt(&sax, NULL, NULL, 0, NULL);
    if (!parser)
        die("parser");
    snprintf(selectors, sizeof selectors,
             "<w:Selector Name=\"count\">%ld</w:Selector><w:Selector Name=\"kb\">%ld</w:Selector>",
             n, kilo);
    prepare_for(&r, WMI "Win32_Thread", selectors, NS_N "/Enumerate",
                "<n:Enumerate xmlns:n=\"" NS_N "\"><w:OptimizeEnumeration/>"
                "<w:MaxElements>32000</w:MaxElements></n:Enumerate>");
    exchange_xml(&r, context, sizeof context);
    while (*context) {
        snprintf(body, sizeof body,
                 "<n:Pull xmlns:n=\"" NS_N "\"><n:EnumerationContext>%s</n:EnumerationContext>"
                 "<n:MaxElements>32000</n:MaxElements></n:Pull>",
                 context);
        prepare_for(&r, WMI "Win32_Thread", selectors, NS_N "/Pull", body);
        exchange_xml(&r, context, sizeof context);
    }
    xmlFreeParserCtxt(parser);
    if (elements / 9 < n) /* an instance, and eight properties of it */
        die("elements");
}

int main(int argc, char **argv)
{
    long n = argc > 3 ? atol(argv[3]) : 0, kilo = argc > 4 ? atol(argv[4]) : 500;
    bool streams = argc > 2 && !strcmp(argv[2], "stream");
    bool lists = argc > 2 && !strcmp(argv[2], "enumerate");
    struct bench b;

    if (n <= 0 || kilo <= 0)
        return 2;
    go_to(atoi(argv[1]));
    bench_begin(&b);
    if (argc > 5)
        shake_hands();
    if (lists)
        enumerate(n, kilo);
    else
        commands(streams, n, kilo);
    bench_end(&b, streams ? 1 : n, (uint64_t)n * (lists ? 12 : streams ? 1000000 : 7));
    return 0;
}
