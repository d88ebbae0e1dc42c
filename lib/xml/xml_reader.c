/* The reader on libxml2's push parser.
 *
 * libxml2 always sees UTF-8: UTF-16 is turned into it here, and no converter of the system is used.
 *
 * Long text of an element that asked for WSC__XML_RAW does not go through libxml2: the input is cut
 * behind a '>' that a long run of text follows, and when libxml2 has taken all up to the cut and
 * says that such an element was just opened, the handler takes of the run what it knows. */
#include "xml/xml_reader.h"

#include "base/str.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>

#include <string.h>

#define RUN_MIN    512   /* shorter runs of text are not worth a cut */
#define MARKUP_MAX 65536 /* that libxml2 holds back for its end, besides one attribute value */
/* libxml2 searches long lists for a name: nothing but new ones would take it minutes. */
#define NAMES_MAX (2u << 20)
#define PIECE_MAX 8192 /* read at once, also when the handler has asked to pause within */
/* What a parser may keep for the next document, in bytes: names, and room for attributes. */
#define KEPT_NAMES  32768
#define KEPT_VALUES 8192

const struct wsc__xml_limits wsc__xml_limits_default = {
    .bytes = 16u << 20,
    .depth = 64,
    .attributes = 64,
    .elements = 200000,
    .name = 4096,
    .attribute = 65536,
};

enum encoding { ENC_UNKNOWN, ENC_UTF8, ENC_UTF16LE, ENC_UTF16BE };

struct ns {
    const char *prefix, *uri; /* libxml2's dictionary keeps them until the reader goes */
    unsigned depth;
};

struct wsc__xml_reader {
    const struct wsc__mem *mem;
    struct wsc__xml_reader **spare;
    struct wsc__xml_limits limits;
    const struct wsc__xml_handler *handler;
    void *ud;
    xmlParserCtxtPtr ctx;
    int rc; /* what stopped the reader, for good */
    struct wsc_error *err;
    size_t bytes;
    unsigned depth, elements;
    bool fresh;  /* the last event opened a raw element */
    bool direct; /* the next byte belongs to its text, and libxml2 holds nothing back */
    bool paused, no_raw;
    bool root_ended;
    bool begun;    /* libxml2 has got something */
    bool finished; /* and all of it was good */
    enum encoding enc;
    uint8_t head[4]; /* first bytes, or the rest of a UTF-16 character */
    size_t head_len;
    /* of the element under way */
    struct wsc__xml_attr *attrs;
    size_t attrs_cap;
    char *values;
    size_t values_cap;
    struct ns *ns;
    size_t nns, ns_cap;
    size_t error_at; /* offset of what is not well-formed */
};

/* --- failing ---------------------------------------------------------------------------------- */

static void stop(struct wsc__xml_reader *r, int rc)
{
    if (r->rc)
        return;
    r->rc = rc;
    xmlStopParser(r->ctx);
}

static void fail(struct wsc__xml_reader *r, struct wsc_error *e)
{
    if (r->rc) {
        wsc__error_unref(e);
        return;
    }
    r->err = e;
    stop(r, wsc__error_code(e));
}

static void over(struct wsc__xml_reader *r, const char *what, uint64_t limit)
{
    struct wsc_error *e =
        wsc__error_new(r->mem, WSC_E_LIMIT, "the XML of the reply exceeds a limit: %s (%llu)", what,
                       (unsigned long long)limit);

    wsc__error_set_int(e, WSC__EI_LIMIT, (int64_t)limit);
    fail(r, e);
}

static bool within(struct wsc__xml_reader *r, uint64_t n, uint64_t limit, const char *what)
{
    if (n > limit)
        over(r, what, limit);
    return n <= limit;
}

static void broken(struct wsc__xml_reader *r, const char *what)
{
    fail(r, wsc__error_new(r->mem, WSC_E_PROTOCOL, "the reply cannot be read: %s", what));
}

static size_t offset(const struct wsc__xml_reader *r)
{
    long n = r->ctx && r->ctx->input ? xmlByteConsumed(r->ctx) : 0;

    return n > 0 ? (size_t)n : 0;
}

#if LIBXML_VERSION >= 21200
static void on_error(void *ud, const xmlError *e)
#else
static void on_error(void *ud, xmlErrorPtr e)
#endif
{
    struct wsc__xml_reader *r = ud;
    const char *text = e->message ? e->message : "unknown error";
    size_t len = strlen(text);

    if (r->rc || e->level != XML_ERR_FATAL)
        return;
    r->error_at = offset(r);
    while (len && wsc__is_space(text[len - 1]))
        len--;
    /* not stop(): libxml2 ends by itself after this, and may still look at its input */
    if (e->code == XML_ERR_NO_MEMORY)
        r->err = wsc__error_nomem();
    else
        r->err = wsc__error_new(r->mem, WSC_E_PROTOCOL, "the XML is not well-formed: line %d: %.*s",
                                e->line, (int)(len > 500 ? 500 : len), text);
    r->rc = wsc__error_code(r->err);
}

/* --- events ----------------------------------------------------------------------------------- */

static const char *text_of(const xmlChar *s)
{
    return s ? (const char *)s : "";
}

static bool grow(struct wsc__xml_reader *r, void **p, size_t *cap, size_t need, size_t size)
{
    size_t n = *cap ? *cap : 8;
    void *more;

    if (need <= *cap)
        return true;
    while (n < need)
        n *= 2;
    more = wsc__realloc_array(r->mem, *p, n, size);
    if (!more) {
        fail(r, wsc__error_nomem());
        return false;
    }
    *p = more;
    *cap = n;
    return true;
}

static bool name_ok(struct wsc__xml_reader *r, const xmlChar *s)
{
    if (!s || strlen((const char *)s) <= r->limits.name)
        return true;
    over(r, "length of a name", r->limits.name);
    return false;
}

/* Real envelopes declare a dozen; each costs at every element that is captured. */
#define MAX_SCOPE 64

static bool push_ns(struct wsc__xml_reader *r, int count, const xmlChar **list)
{
    int i;

    if (r->nns + (size_t)count > MAX_SCOPE) {
        over(r, "namespaces in scope", MAX_SCOPE);
        return false;
    }
    if (!grow(r, (void **)&r->ns, &r->ns_cap, r->nns + (size_t)count, sizeof *r->ns))
        return false;
    for (i = 0; i < count; i++) {
        if (!name_ok(r, list[2 * i]) || !name_ok(r, list[2 * i + 1]))
            return false;
        r->ns[r->nns++] = (struct ns){ text_of(list[2 * i]), text_of(list[2 * i + 1]), r->depth };
    }
    return true;
}

/* libxml2 writes '&' as "&#38;" in attributes unless it is told to replace entities, for a tree
 * that reads the value once more. No other reference is ever left in one. Returns the length. */
static size_t copy_value(char *out, const xmlChar *in, size_t len)
{
    size_t i = 0, n = 0;

    while (i < len) {
        bool amp = in[i] == '&' && len - i >= 5 && !memcmp(in + i, "&#38;", 5);

        out[n++] = (char)in[i];
        i += amp ? 5 : 1;
    }
    out[n] = '\0';
    return n;
}

/* libxml2 gives each attribute as name, prefix, URI, begin and end of the value. */
static bool take_attrs(struct wsc__xml_reader *r, size_t count, const xmlChar **list)
{
    size_t i, total = 0, at = 0;

    for (i = 0; i < count; i++) {
        const xmlChar **a = list + 5 * i;
        size_t len = (size_t)(a[4] - a[3]);

        if (!name_ok(r, a[0]) || !name_ok(r, a[1]))
            return false;
        if (a[1] && !a[2]) {
            broken(r, "an attribute has a prefix that is not declared");
            return false;
        }
        if (len > r->limits.attribute) {
            over(r, "length of an attribute", r->limits.attribute);
            return false;
        }
        total += len + 1;
    }
    if (!grow(r, (void **)&r->attrs, &r->attrs_cap, count, sizeof *r->attrs) ||
        !grow(r, (void **)&r->values, &r->values_cap, total, 1))
        return false;
    for (i = 0; i < count; i++) {
        const xmlChar **a = list + 5 * i;
        size_t len = copy_value(r->values + at, a[3], (size_t)(a[4] - a[3]));

        r->attrs[i] = (struct wsc__xml_attr){ text_of(a[2]), text_of(a[0]), r->values + at, len };
        at += len + 1;
    }
    return true;
}

static void on_start(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                     int nns, const xmlChar **ns, int nattrs, int ndefaulted, const xmlChar **attrs)
{
    struct wsc__xml_reader *r = ud;
    struct wsc__xml_elem e;
    int rc;

    (void)ndefaulted; /* there is no DTD */
    if (r->rc)
        return;
    r->fresh = false;
    if (!within(r, r->depth + 1, r->limits.depth, "depth") ||
        !within(r, ++r->elements, r->limits.elements, "number of elements") ||
        !within(r, (uint64_t)nattrs + (uint64_t)nns, r->limits.attributes,
                "number of attributes") ||
        (!(r->elements % 64) &&
         !within(r, xmlDictGetUsage(r->ctx->dict), NAMES_MAX, "bytes of different names")))
        return;
    if (prefix && !uri) {
        broken(r, "an element has a prefix that is not declared");
        return;
    }
    if (!name_ok(r, name) || !push_ns(r, nns, ns) || !take_attrs(r, (size_t)nattrs, attrs))
        return;
    e = (struct wsc__xml_elem){ text_of(uri), text_of(name),    text_of(prefix),
                                r->attrs,     (unsigned)nattrs, r->depth };
    r->depth++;
    rc = r->handler->start ? r->handler->start(r->ud, &e) : WSC_OK;
    if (rc == WSC__XML_RAW)
        r->fresh = true;
    else if (rc)
        stop(r, rc);
}

static void heed(struct wsc__xml_reader *r, int rc)
{
    if (rc == WSC__PAUSE)
        r->paused = true;
    else if (rc)
        stop(r, rc);
}

static void on_end(void *ud, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
    struct wsc__xml_reader *r = ud;
    int rc;

    (void)prefix;
    if (r->rc)
        return;
    r->fresh = false;
    r->depth--;
    rc = r->handler->end ? r->handler->end(r->ud, text_of(uri), text_of(name)) : WSC_OK;
    while (r->nns && r->ns[r->nns - 1].depth >= r->depth)
        r->nns--;
    if (!r->depth)
        r->root_ended = true;
    heed(r, rc);
}

static void on_text(void *ud, const xmlChar *text, int len)
{
    struct wsc__xml_reader *r = ud;

    if (r->rc)
        return;
    r->fresh = false;
    if (r->handler->text && len)
        heed(r, r->handler->text(r->ud, (const char *)text, (size_t)len));
}

static void on_doctype(void *ud, const xmlChar *name, const xmlChar *id, const xmlChar *system)
{
    struct wsc__xml_reader *r = ud;

    (void)name;
    (void)id;
    (void)system;
    r->error_at = offset(r);
    broken(r, "it has a document type declaration");
}

/* --- life ------------------------------------------------------------------------------------- */

void wsc__xml_prepare(void)
{
    xmlInitParser();
}

static xmlParserCtxtPtr new_parser(struct wsc__xml_reader *r)
{
    xmlParserCtxtPtr ctx;
    xmlSAXHandler sax;

    memset(&sax, 0, sizeof sax);
    sax.initialized = XML_SAX2_MAGIC;
    sax.startElementNs = on_start;
    sax.endElementNs = on_end;
    sax.characters = on_text;
    sax.ignorableWhitespace = on_text;
    sax.cdataBlock = on_text;
    sax.internalSubset = on_doctype;
    /* so that nothing reaches libxml2's handlers of the whole process, but for one thing: functions
     * that know no parser (xmlBufAdd, xmlStrdup) tell there, on stderr, that memory is short */
    sax.serror = on_error;
    ctx = xmlCreatePushParserCtxt(&sax, r, NULL, 0, NULL);
    if (ctx)
        xmlCtxtUseOptions(ctx, XML_PARSE_NONET | XML_PARSE_IGNORE_ENC);
    return ctx;
}

static void destroy(struct wsc__xml_reader *r)
{
    xmlFreeParserCtxt(r->ctx);
    wsc__free(r->mem, r->attrs);
    wsc__free(r->mem, r->values);
    wsc__free(r->mem, r->ns);
    wsc__free(r->mem, r);
}

int wsc__xml_reader_new(struct wsc__xml_reader **out, struct wsc__xml_reader **spare,
                        const struct wsc__mem *mem, const struct wsc__xml_limits *limits,
                        const struct wsc__xml_handler *handler, void *ud)
{
    struct wsc__xml_reader *r = spare ? *spare : NULL;

    if (r) {
        *spare = NULL;
    } else {
        r = wsc__zalloc(mem, sizeof *r);
        if (!r)
            return WSC_E_NOMEM;
        r->mem = mem;
        r->ctx = new_parser(r);
    }
    /* a new one, too: it would guess at encodings, a reset one takes all for UTF-8 */
    if (!r->ctx || xmlCtxtResetPush(r->ctx, NULL, 0, NULL, NULL)) {
        destroy(r);
        return WSC_E_NOMEM;
    }
    r->spare = spare;
    r->limits = limits ? *limits : wsc__xml_limits_default;
    r->handler = handler;
    r->ud = ud;
    *out = r;
    return WSC_OK;
}

/* A parser that came to the end of a good document is as new, but for what it keeps. */
static bool as_new(const struct wsc__xml_reader *r)
{
    return r->finished && r->values_cap <= KEPT_VALUES &&
           xmlDictGetUsage(r->ctx->dict) <= KEPT_NAMES;
}

void wsc__xml_reader_free(struct wsc__xml_reader *r)
{
    struct wsc__xml_reader kept;

    if (!r)
        return;
    wsc__error_unref(r->err);
    if (!r->spare || *r->spare || !as_new(r)) {
        destroy(r);
        return;
    }
    xmlCtxtReset(r->ctx); /* its input goes */
    kept = (struct wsc__xml_reader){ .mem = r->mem,
                                     .ctx = r->ctx,
                                     .attrs = r->attrs,
                                     .attrs_cap = r->attrs_cap,
                                     .values = r->values,
                                     .values_cap = r->values_cap,
                                     .ns = r->ns,
                                     .ns_cap = r->ns_cap };
    *r->spare = r;
    *r = kept;
}

void wsc__xml_spare_free(struct wsc__xml_reader *spare)
{
    if (spare)
        destroy(spare);
}

/* --- feeding UTF-8 ---------------------------------------------------------------------------- */

static size_t held_back(const struct wsc__xml_reader *r)
{
    const xmlParserInput *in = r->ctx->input;

    return in ? (size_t)(in->end - in->cur) : 0;
}

static void parse(struct wsc__xml_reader *r, const char *data, size_t len)
{
    while (len && !r->rc) {
        size_t n = len < (1u << 20) ? len : 1u << 20;
        int code = xmlParseChunk(r->ctx, data, (int)n, 0);

        if (code == XML_ERR_NO_MEMORY)
            fail(r, wsc__error_nomem());
        else if (!r->rc && !r->ctx->wellFormed)
            broken(r, "the XML is not well-formed");
        data += n;
        len -= n;
    }
    if (r->rc)
        return;
    if (held_back(r) > r->limits.attribute + MARKUP_MAX)
        over(r, "length of a tag or comment", r->limits.attribute + MARKUP_MAX);
    r->direct = r->fresh && !held_back(r);
}

/* How much of the input to give to libxml2 in one piece. */
static size_t piece(const char *data, size_t len)
{
    size_t at = 0;

    while (at < len) {
        const char *gt = memchr(data + at, '>', len - at), *lt;
        size_t after;

        if (!gt)
            break;
        after = (size_t)(gt - data) + 1;
        if (after == len)
            break;
        lt = memchr(gt + 1, '<', len - after < RUN_MIN ? len - after : RUN_MIN);
        if (!lt)
            return after;
        at = (size_t)(lt - data);
    }
    return len;
}

static size_t take_raw(struct wsc__xml_reader *r, const char *data, size_t len)
{
    size_t used = 0;

    if (r->handler->raw)
        heed(r, r->handler->raw(r->ud, data, len, &used));
    return used;
}

static size_t feed_utf8(struct wsc__xml_reader *r, const char *data, size_t len)
{
    size_t at = 0;

    /* anything else would be a second mark, or an encoding that nobody speaks here */
    if (len && !r->begun && *data != '<' && !wsc__is_space(*data))
        broken(r, "it does not begin like XML in UTF-8 or UTF-16");
    r->begun |= len > 0;
    while (at < len && !r->rc && !r->paused) {
        size_t n;

        if (r->direct) {
            n = take_raw(r, data + at, len - at);
            if (!n)
                r->direct = r->fresh = false;
        } else {
            n = len - at < PIECE_MAX ? len - at : PIECE_MAX;
            n = r->no_raw ? n : piece(data + at, n);
            parse(r, data + at, n);
        }
        at += n;
    }
    return at;
}

/* --- encodings -------------------------------------------------------------------------------- */

/* Decides by the first bytes; `head` holds them, or too few of them. */
static enum encoding detect(struct wsc__xml_reader *r, size_t *bom)
{
    const uint8_t *h = r->head;

    *bom = 0;
    if (r->head_len < 2)
        return ENC_UNKNOWN;
    if ((h[0] == 0xff && h[1] == 0xfe) || (h[0] == '<' && !h[1])) {
        *bom = h[0] == '<' ? 0 : 2;
        return ENC_UTF16LE;
    }
    if ((h[0] == 0xfe && h[1] == 0xff) || (!h[0] && h[1] == '<')) {
        *bom = h[0] ? 2 : 0;
        return ENC_UTF16BE;
    }
    if (h[0] == 0xef && h[1] == 0xbb) {
        if (r->head_len < 3)
            return ENC_UNKNOWN;
        *bom = h[2] == 0xbf ? 3 : 0;
    }
    return ENC_UTF8;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

static uint32_t unit(const struct wsc__xml_reader *r, const uint8_t *p)
{
    return r->enc == ENC_UTF16LE ? (uint32_t)(p[0] | p[1] << 8) : (uint32_t)(p[0] << 8 | p[1]);
}

/* Takes one byte; returns how many bytes of UTF-8 became of it. */
static size_t utf16_byte(struct wsc__xml_reader *r, uint8_t byte, char out[4])
{
    uint32_t hi, lo;

    r->head[r->head_len++] = byte;
    if (r->head_len == 2) {
        hi = unit(r, r->head);
        if (hi >= 0xd800 && hi < 0xdc00)
            return 0; /* the other half follows */
        r->head_len = 0;
        if (hi < 0xe000 && hi >= 0xdc00)
            broken(r, "a UTF-16 character is torn");
        return r->rc ? 0 : put_utf8(out, hi);
    }
    if (r->head_len < 4)
        return 0;
    r->head_len = 0;
    hi = unit(r, r->head);
    lo = unit(r, r->head + 2);
    if (lo < 0xdc00 || lo > 0xdfff) {
        broken(r, "a UTF-16 character is torn");
        return 0;
    }
    return put_utf8(out, 0x10000 + ((hi - 0xd800) << 10) + (lo - 0xdc00));
}

static size_t feed_utf16(struct wsc__xml_reader *r, const uint8_t *data, size_t len)
{
    char out[1024];
    size_t at = 0, have, done;

    while (at < len && !r->rc && !r->paused) {
        for (have = 0; at < len && have + 4 <= sizeof out && !r->rc; at++)
            have += utf16_byte(r, data[at], out + have);
        for (done = 0; done < have && !r->rc;) {
            bool paused = r->paused;

            /* the input is taken already, so a pause waits for the end of the piece */
            r->paused = false;
            done += feed_utf8(r, out + done, have - done);
            r->paused |= paused;
        }
    }
    return at;
}

static size_t feed_known(struct wsc__xml_reader *r, const void *data, size_t len)
{
    return r->enc == ENC_UTF8 ? feed_utf8(r, data, len) : feed_utf16(r, data, len);
}

/* The first bytes wait until they tell the encoding. Returns how many bytes were taken. */
static size_t feed_head(struct wsc__xml_reader *r, const uint8_t *data, size_t len, bool last)
{
    size_t at = 0, bom = 0, n;
    uint8_t head[4];

    while (at < len && r->enc == ENC_UNKNOWN) {
        r->head[r->head_len++] = data[at++];
        r->enc = detect(r, &bom);
    }
    if (r->enc == ENC_UNKNOWN && last)
        r->enc = ENC_UTF8;
    if (r->enc == ENC_UNKNOWN)
        return at;
    n = r->head_len - bom;
    memcpy(head, r->head + bom, n);
    r->head_len = 0;
    feed_known(r, head, n);
    return at;
}

/* --- the ends --------------------------------------------------------------------------------- */

static int result(struct wsc__xml_reader *r, struct wsc_error **err)
{
    if (r->rc && r->err && err)
        *err = wsc__error_ref(r->err);
    return r->rc;
}

int wsc__xml_feed(struct wsc__xml_reader *r, const void *data, size_t len, size_t *used,
                  struct wsc_error **err)
{
    size_t at = 0;

    r->paused = false;
    if (!r->rc && r->enc == ENC_UNKNOWN)
        at = feed_head(r, data, len, false);
    if (!r->rc && !r->paused && at < len)
        at += feed_known(r, (const uint8_t *)data + at, len - at);
    r->bytes += at;
    if (!r->rc && r->bytes > r->limits.bytes)
        over(r, "size", r->limits.bytes);
    if (r->rc)
        return result(r, err);
    *used = at;
    return r->paused ? WSC__PAUSE : WSC_OK;
}

int wsc__xml_finish(struct wsc__xml_reader *r, struct wsc_error **err)
{
    if (!r->rc && r->enc == ENC_UNKNOWN)
        feed_head(r, NULL, 0, true);
    if (!r->rc && r->enc != ENC_UTF8 && r->head_len)
        broken(r, "a UTF-16 character is torn");
    if (!r->rc) {
        xmlParseChunk(r->ctx, "", 0, 1);
        if ((!r->rc && !r->ctx->wellFormed) ||
            (!r->root_ended && (!r->rc || r->rc == WSC_E_PROTOCOL))) {
            wsc__error_unref(r->err); /* what libxml2 says of the end is only where it stood */
            r->err = NULL;
            r->rc = WSC_OK;
            broken(r, "the XML ends too early");
        }
    }
    r->finished = !r->rc;
    return result(r, err);
}

void wsc__xml_no_raw(struct wsc__xml_reader *r)
{
    r->no_raw = true;
}

bool wsc__xml_root_ended(const struct wsc__xml_reader *r)
{
    return r->root_ended;
}

size_t wsc__xml_bad_at(const struct wsc__xml_reader *r)
{
    return r->error_at;
}

/* --- scope ------------------------------------------------------------------------------------ */

const char *wsc__xml_resolve(const struct wsc__xml_reader *r, const char *prefix, size_t len)
{
    size_t i;

    if (len == 3 && !memcmp(prefix, "xml", 3))
        return (const char *)XML_XML_NAMESPACE;
    for (i = r->nns; i-- > 0;)
        if (strlen(r->ns[i].prefix) == len && !memcmp(r->ns[i].prefix, prefix, len))
            return r->ns[i].uri;
    return len ? NULL : "";
}

bool wsc__xml_scope(const struct wsc__xml_reader *r, unsigned i, const char **prefix,
                    const char **ns)
{
    if (i >= r->nns)
        return false;
    *prefix = r->ns[r->nns - 1 - i].prefix;
    *ns = r->ns[r->nns - 1 - i].uri;
    return true;
}

bool wsc__xml_hidden(const struct wsc__xml_reader *r, unsigned i)
{
    const char *prefix = r->ns[r->nns - 1 - i].prefix;
    size_t j;

    for (j = r->nns - i; j < r->nns; j++)
        if (!strcmp(r->ns[j].prefix, prefix))
            return true;
    return false;
}
