#include "lib/cose/cose.h"

#include <string.h>

#define COSE_TAG_SIGN1 18
#define COSE_ALGORITHM_ES256 (-7)
#define COSE_LABEL_ALGORITHM 1
#define COSE_LABEL_TYPE 3
#define COSE_LABEL_KID 4
#define COSE_LABEL_PUBLIC_KEY (-65537)
#define COSE_PROTECTED_MAX 256

MUST enum mt_err cose_document_open(struct box *box, struct bytes document, struct cose_document *out)
{
	struct cose_document d = { 0 };

	if (document.size > COSE_MESSAGE_MAX) {
		return MT_LIMIT;
	}
	size_t scratch_size = ITEMS_SCRATCH(document.size);
	d.scratch = mt_alloc(scratch_size);
	if (!d.scratch) {
		return MT_NO_MEMORY;
	}
	enum mt_err err = items_from_cbor(box, document, d.scratch, scratch_size, &d.items);
	if (err) {
		mt_free(d.scratch);
		return err;
	}
	*out = d;
	return MT_OK;
}

void cose_document_close(struct cose_document *d)
{
	mt_free(d->scratch);
	*d = (struct cose_document){ 0 };
}

static void cose_protected(struct builder *b, struct bytes type, const uint8_t kid[COSE_ID_SIZE], struct bytes public_key)
{
	cbor_map(b, 4);
	cbor_uint(b, COSE_LABEL_ALGORITHM);
	cbor_int(b, COSE_ALGORITHM_ES256);
	cbor_uint(b, COSE_LABEL_TYPE);
	cbor_tstr(b, type);
	cbor_uint(b, COSE_LABEL_KID);
	cbor_bstr(b, mt_bytes(kid, COSE_ID_SIZE));
	cbor_int(b, COSE_LABEL_PUBLIC_KEY);
	cbor_bstr(b, public_key);
}

/* Sig_structure of RFC 9052, 4.4: what is signed. Owned by the caller; NULL without memory. */
static uint8_t *cose_to_be_signed(struct bytes protected_header, struct bytes payload, struct bytes *out)
{
	size_t capacity = protected_header.size + payload.size + 64;
	uint8_t *at = mt_alloc(capacity);

	if (!at) {
		return NULL;
	}
	struct builder b = builder_over(at, capacity);
	cbor_array(&b, 4);
	cbor_tstr(&b, mt_text("Signature1"));
	cbor_bstr(&b, protected_header);
	cbor_bstr(&b, mt_bytes(NULL, 0));
	cbor_bstr(&b, payload);
	if (builder_done(&b, out)) {
		mt_free(at);
		return NULL;
	}
	return at;
}

MUST enum mt_err cose_sign(struct crypto_signer *p256, const char *type, struct bytes payload, struct builder *out)
{
	uint8_t space[COSE_PROTECTED_MAX], kid[COSE_ID_SIZE], signature[CRYPTO_SIGNATURE_SIZE];
	struct bytes public_key = crypto_signer_public(p256), header, signed_bytes;
	struct builder h = builder_over(space, sizeof(space));

	mt_assert(public_key.size == CRYPTO_P256_PUBLIC_SIZE && strlen(type) <= COSE_TYPE_MAX);
	crypto_p256_id(public_key.at, kid);
	cose_protected(&h, mt_text(type), kid, public_key);
	enum mt_err err = builder_done(&h, &header);
	if (err) {
		return err;
	}
	uint8_t *owned = cose_to_be_signed(header, payload, &signed_bytes);
	if (!owned) {
		return MT_NO_MEMORY;
	}
	err = crypto_sign(p256, signed_bytes, signature);
	mt_free(owned);
	if (err) {
		return err;
	}
	cbor_tag(out, COSE_TAG_SIGN1);
	cbor_array(out, 4);
	cbor_bstr(out, header);
	cbor_map(out, 0);
	cbor_bstr(out, payload);
	cbor_bstr(out, mt_bytes(signature, sizeof(signature)));
	return out->failed ? MT_LIMIT : MT_OK;
}

/* The fields of the protected header; the box is asked a second time, for the header is a document inside a byte string. */
static enum mt_err cose_protected_decode(struct box *box, const char *type, struct bytes header, struct cose *out)
{
	struct cose_document d = { 0 };
	enum mt_err err = cose_document_open(box, header, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_map_of(&r, 4);
	reader_key(&r, COSE_LABEL_ALGORITHM);
	int64_t algorithm = reader_int(&r);
	reader_key(&r, COSE_LABEL_TYPE);
	struct bytes got_type = reader_tstr(&r);
	reader_key(&r, COSE_LABEL_KID);
	reader_copy(&r, out->signer, sizeof(out->signer));
	int64_t label = reader_int(&r);
	reader_copy(&r, out->public_key, sizeof(out->public_key));
	if (!reader_done(&r) || algorithm != COSE_ALGORITHM_ES256 || label != COSE_LABEL_PUBLIC_KEY) {
		err = MT_MALFORMED;
	} else if (!mt_equal(got_type, mt_text(type))) {
		err = MT_DENIED;
	}
	cose_document_close(&d);
	return err;
}

static enum mt_err cose_signature_check(const struct cose *c, struct bytes header, struct bytes signature)
{
	uint8_t kid[COSE_ID_SIZE];
	struct bytes signed_bytes;

	crypto_p256_id(c->public_key, kid);
	if (!mt_equal(mt_bytes(kid, sizeof(kid)), mt_bytes(c->signer, sizeof(c->signer)))) {
		return MT_TAMPERED;
	}
	uint8_t *owned = cose_to_be_signed(header, c->payload, &signed_bytes);
	if (!owned) {
		return MT_NO_MEMORY;
	}
	enum mt_err err = crypto_verify_once(mt_bytes(c->public_key, sizeof(c->public_key)), signed_bytes, signature);
	mt_free(owned);
	return err == MT_MALFORMED ? MT_TAMPERED : err;
}

static enum mt_err cose_decode(struct box *box, const char *type, struct bytes message, bool check, struct cose *out)
{
	struct cose_document d = { 0 };
	struct cose c = { 0 };
	enum mt_err err = cose_document_open(box, message, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	uint64_t tag = reader_tag(&r);
	reader_array_of(&r, 4);
	struct bytes header = reader_bstr(&r);
	reader_map_of(&r, 0);
	c.payload = reader_bstr(&r);
	struct bytes signature = reader_bstr_of(&r, CRYPTO_SIGNATURE_SIZE);
	if (!reader_done(&r) || tag != COSE_TAG_SIGN1) {
		err = MT_MALFORMED;
		goto out;
	}
	err = cose_protected_decode(box, type, header, &c);
	if (!err && check) {
		err = cose_signature_check(&c, header, signature);
	}
out:
	if (err) {
		cose_document_close(&d);
		return err;
	}
	c.scratch = d.scratch;
	*out = c;
	return MT_OK;
}

MUST enum mt_err cose_open(struct box *box, const char *type, struct bytes message, struct cose *out)
{
	return cose_decode(box, type, message, true, out);
}

MUST enum mt_err cose_open_trusted(struct box *box, const char *type, struct bytes message, struct cose *out)
{
	return cose_decode(box, type, message, false, out);
}

void cose_close(struct cose *c)
{
	mt_free(c->scratch);
	*c = (struct cose){ 0 };
}
