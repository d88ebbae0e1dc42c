#include "auth/spnego.h"

#include "base/codes.h"

#include <string.h>

#define OID_SPNEGO "\x2b\x06\x01\x05\x05\x02"
#define SIGNATURE  "NTLMSSP" /* with its NUL */

/* --- reading ---------------------------------------------------------------------------------- */

static bool wrong(const char **why, const char *text)
{
    *why = text;
    return false;
}

static bool is_oid(struct wsc__der a, const char *oid)
{
    return wsc__der_equal(a, oid, strlen(oid)); /* none of ours has a zero in it */
}

/* The fields [0], [1], ... of a sequence, each at most once and in this order. Those behind the
 * known ones are passed over: both types are extensible. */
static bool take_fields(struct wsc__der in, struct wsc__der *fields, size_t n, const char **why)
{
    struct wsc__der content;
    uint8_t tag, least = WSC__DER_CONTEXT;

    while (in.len) {
        if (!wsc__der_next(&in, &tag, &content))
            return wrong(why, "a field is cut off or has no DER form");
        if (tag < least || tag > WSC__DER_CONTEXT + 30)
            return wrong(why, "a field is not where it belongs");
        if ((size_t)(tag - WSC__DER_CONTEXT) < n)
            fields[tag - WSC__DER_CONTEXT] = content;
        least = (uint8_t)(tag + 1);
    }
    return true;
}

/* The octet string in a field, which may be absent. */
static bool take_octets(struct wsc__der field, struct wsc__der *out, const char **why)
{
    if (field.p && !wsc__der_only(field, WSC__DER_OCTETS, out))
        return wrong(why, "a token or check value is no octet string");
    if (!out->len)
        out->p = NULL;
    return true;
}

static void drop_repeated_mic(struct wsc__spnego_token *out)
{
    if (out->mic.p && out->token.p && wsc__der_equal(out->mic, out->token.p, out->token.len)) {
        out->mic.p = NULL;
        out->mic.len = 0;
    }
}

static bool read_answer(struct wsc__der in, struct wsc__spnego_token *out, const char **why)
{
    enum { STATE, MECH, TOKEN, MIC, FIELDS };
    struct wsc__der fields[FIELDS] = { { NULL, 0 } }, content;
    uint32_t state;

    if (!wsc__der_only(in, WSC__DER_SEQUENCE, &content))
        return wrong(why, "no sequence in the answer");
    if (!take_fields(content, fields, FIELDS, why))
        return false;
    if (fields[STATE].p) {
        if (!wsc__der_only(fields[STATE], WSC__DER_ENUM, &content) ||
            !wsc__der_u32(content, &state) || state > WSC__SPNEGO_REQUEST_MIC)
            return wrong(why, "an unknown state");
        out->state = (enum wsc__spnego_state)state;
    }
    if (fields[MECH].p && !wsc__der_only(fields[MECH], WSC__DER_OID, &out->mech))
        return wrong(why, "the chosen mechanism is no object identifier");
    if (!take_octets(fields[TOKEN], &out->token, why) || !take_octets(fields[MIC], &out->mic, why))
        return false;
    drop_repeated_mic(out);
    out->kind = WSC__SPNEGO_ANSWER;
    return true;
}

/* NegTokenInit has a mechListMIC in [3]; NegTokenInit2 has hints there, and it in [4]. */
static bool read_offer(struct wsc__der in, struct wsc__spnego_token *out, const char **why)
{
    enum { TYPES, FLAGS, TOKEN, HINTS, MIC, FIELDS };
    struct wsc__der fields[FIELDS] = { { NULL, 0 } }, content, hints;
    size_t mic = MIC;

    if (!wsc__der_only(in, WSC__DER_SEQUENCE, &content))
        return wrong(why, "no sequence in the offer");
    if (!take_fields(content, fields, FIELDS, why))
        return false;
    if (!fields[TYPES].p || !wsc__der_only(fields[TYPES], WSC__DER_SEQUENCE, &out->mech_types))
        return wrong(why, "no list of mechanisms in the offer");
    for (struct wsc__der list = out->mech_types; list.len;)
        if (!wsc__der_take(&list, WSC__DER_OID, &content))
            return wrong(why, "something in the list of mechanisms is no object identifier");
    if (fields[HINTS].p && !wsc__der_only(fields[HINTS], WSC__DER_SEQUENCE, &hints))
        mic = HINTS;
    if (!take_octets(fields[TOKEN], &out->token, why) || !take_octets(fields[mic], &out->mic, why))
        return false;
    drop_repeated_mic(out);
    out->kind = WSC__SPNEGO_OFFER;
    return true;
}

static bool read_gss(struct wsc__der all, struct wsc__der in, struct wsc__spnego_token *out,
                     const char **why)
{
    struct wsc__der oid, content;

    if (!wsc__der_take(&in, WSC__DER_OID, &oid))
        return wrong(why, "a GSS token without a mechanism");
    if (is_oid(oid, OID_SPNEGO)) {
        if (wsc__der_only(in, WSC__DER_CONTEXT, &content))
            return read_offer(content, out, why);
        return wrong(why, "no offer in the SPNEGO token");
    }
    if (!is_oid(oid, WSC__OID_KERBEROS) && !is_oid(oid, WSC__OID_KERBEROS_MS))
        return wrong(why, "a token of an unknown mechanism");
    out->kind = WSC__SPNEGO_BARE_KERBEROS;
    out->token = all;
    return true;
}

bool wsc__spnego_read(const uint8_t *in, size_t len, struct wsc__spnego_token *out,
                      const char **why)
{
    struct wsc__der all = { in, len }, content;

    memset(out, 0, sizeof *out);
    out->state = WSC__SPNEGO_NO_STATE;
    if (len >= sizeof SIGNATURE && memcmp(in, SIGNATURE, sizeof SIGNATURE) == 0) {
        out->kind = WSC__SPNEGO_BARE_NTLM;
        out->token = all;
        return true;
    }
    if (wsc__der_only(all, WSC__DER_CONTEXT + 1, &content))
        return read_answer(content, out, why);
    if (wsc__der_only(all, WSC__DER_CONTEXT, &content))
        return read_offer(content, out, why);
    if (wsc__der_only(all, WSC__DER_APPLICATION, &content))
        return read_gss(all, content, out, why);
    return wrong(why, "no token of SPNEGO, Kerberos or NTLM, or it is cut off");
}

/* --- writing ---------------------------------------------------------------------------------- */

/* [n] { OCTET STRING }; nothing when it is absent. */
static int put_octets(struct wsc__buf *out, uint8_t n, struct wsc__der bytes)
{
    size_t from = out->len;
    int rc;

    if (!bytes.p)
        return WSC_OK;
    rc = wsc__der_put(out, WSC__DER_OCTETS, bytes.p, bytes.len);
    return rc ? rc : wsc__der_wrap(out, from, (uint8_t)(WSC__DER_CONTEXT + n));
}

int wsc__spnego_put_offer(struct wsc__buf *out, struct wsc__der list, struct wsc__der token)
{
    size_t from = out->len, inner;
    int rc = wsc__der_put(out, WSC__DER_OID, OID_SPNEGO, sizeof OID_SPNEGO - 1);

    inner = out->len;
    if (!rc && !(rc = wsc__buf_append(out, list.p, list.len)) &&
        !(rc = wsc__der_wrap(out, inner, WSC__DER_CONTEXT)) && !(rc = put_octets(out, 2, token)) &&
        !(rc = wsc__der_wrap(out, inner, WSC__DER_SEQUENCE)) &&
        !(rc = wsc__der_wrap(out, inner, WSC__DER_CONTEXT)))
        rc = wsc__der_wrap(out, from, WSC__DER_APPLICATION);
    return rc;
}

int wsc__spnego_put_answer(struct wsc__buf *out, struct wsc__der token, struct wsc__der mic)
{
    static const uint8_t state = WSC__SPNEGO_INCOMPLETE;
    size_t from = out->len;
    int rc;

    if (!(rc = wsc__der_put(out, WSC__DER_ENUM, &state, 1)) &&
        !(rc = wsc__der_wrap(out, from, WSC__DER_CONTEXT)) && !(rc = put_octets(out, 2, token)) &&
        !(rc = put_octets(out, 3, mic)) && !(rc = wsc__der_wrap(out, from, WSC__DER_SEQUENCE)))
        rc = wsc__der_wrap(out, from, WSC__DER_CONTEXT + 1);
    return rc;
}
