/*
 * Software evidence: a COSE_Sign1 by the platform's root key over what the launcher measured, in a CMW record.
 *
 * Claims, deterministic CBOR: { 1: report data bstr[64], 2: [ [name tstr, hash bstr[32]] ], 3: confined bool, 4: isolated bool,
 * 5: rollback uint, 6: time_ms uint }. CMW record (RFC 9999): [ type tstr, value bstr, 4 ] (indicator bit 2: evidence).
 */
#include "lib/attest/attest_private.h"

#include <string.h>

#define SOFTWARE_CLAIMS_MAX (4096)
#define SOFTWARE_INDICATOR_EVIDENCE 4

void attest_development_root(struct secret *private_scalar)
{
	/* Anyone can compute it: evidence under it proves nothing, which is what level 1 says. */
	crypto_sha256(mt_text("mesatee well-known development root"), private_scalar->at);
}

/* A constant, so that every appraisal has it without arithmetic or memory; test_attest proves that it is the id of the key above. */
void attest_development_root_id(uint8_t out[COSE_ID_SIZE])
{
	static const uint8_t id[COSE_ID_SIZE] = {
		0x84, 0x00, 0xcd, 0x4e, 0x44, 0x14, 0x28, 0x5d, 0x71, 0x6e, 0x4d, 0xa5, 0x1c, 0xce, 0x09, 0x7a,
		0x74, 0x3b, 0x02, 0x6a, 0xa5, 0x19, 0xbf, 0x0b, 0x82, 0x53, 0x34, 0x7a, 0x1f, 0x3b, 0xf8, 0xb6,
	};

	memcpy(out, id, sizeof(id));
}

static void claims_encode(const struct attest_claims *c, struct builder *out)
{
	cbor_map(out, 6);
	cbor_uint(out, 1);
	cbor_bstr(out, mt_bytes(c->report_data, sizeof(c->report_data)));
	cbor_uint(out, 2);
	cbor_array(out, c->measurements.count);
	for (size_t i = 0; i < c->measurements.count; i++) {
		cbor_array(out, 2);
		cbor_tstr(out, mt_text(c->measurements.item[i].name));
		cbor_bstr(out, mt_bytes(c->measurements.item[i].hash, ATTEST_HASH_SIZE));
	}
	cbor_uint(out, 3);
	cbor_bool(out, c->confined);
	cbor_uint(out, 4);
	cbor_bool(out, c->isolated);
	cbor_uint(out, 5);
	cbor_uint(out, c->rollback);
	cbor_uint(out, 6);
	cbor_uint(out, c->time_ms);
}

MUST enum mt_err attest_software_evidence(struct crypto_signer *root, const struct attest_claims *claims, struct builder *out)
{
	uint8_t plain[SOFTWARE_CLAIMS_MAX], signed_space[SOFTWARE_CLAIMS_MAX + COSE_OVERHEAD];
	struct builder p = builder_over(plain, sizeof(plain));
	struct builder s = builder_over(signed_space, sizeof(signed_space));
	struct bytes payload, message;

	claims_encode(claims, &p);
	enum mt_err err = builder_done(&p, &payload);
	if (!err) {
		err = cose_sign(root, ATTEST_TYPE_SOFTWARE, payload, &s);
	}
	if (!err) {
		err = builder_done(&s, &message);
	}
	if (err) {
		return err;
	}
	cbor_array(out, 3);
	cbor_tstr(out, mt_text(ATTEST_CMW_TYPE));
	cbor_bstr(out, message);
	cbor_uint(out, SOFTWARE_INDICATOR_EVIDENCE);
	return out->failed ? MT_LIMIT : MT_OK;
}

static void claims_read(struct reader *r, struct attest_claims *c)
{
	reader_map_of(r, 6);
	reader_key(r, 1);
	reader_copy(r, c->report_data, sizeof(c->report_data));
	reader_key(r, 2);
	uint64_t count = reader_array(r);
	if (count > ATTEST_MEASUREMENTS_MAX) {
		r->failed = true;
		return;
	}
	c->measurements.count = (size_t)count;
	for (size_t i = 0; i < c->measurements.count; i++) {
		struct attest_measurement *m = &c->measurements.item[i];
		reader_array_of(r, 2);
		struct bytes name = reader_tstr(r);
		reader_copy(r, m->hash, sizeof(m->hash));
		if (name.size == 0 || name.size > ATTEST_NAME_MAX || memchr(name.at, 0, name.size)) {
			r->failed = true;
			return;
		}
		memcpy(m->name, name.at, name.size);
		if (i && strcmp(m[-1].name, m->name) >= 0) {
			r->failed = true;
			return;
		}
	}
	reader_key(r, 3);
	c->confined = reader_bool(r);
	reader_key(r, 4);
	c->isolated = reader_bool(r);
	reader_key(r, 5);
	uint64_t rollback = reader_uint(r);
	c->rollback = rollback == ATTEST_ROLLBACK_COUNTER ? ATTEST_ROLLBACK_COUNTER : ATTEST_ROLLBACK_CLIENTS;
	reader_key(r, 6);
	c->time_ms = reader_uint(r);
	if (rollback != ATTEST_ROLLBACK_CLIENTS && rollback != ATTEST_ROLLBACK_COUNTER) {
		r->failed = true;
	}
}

static enum mt_err software_claims_decode(struct box *cbor, struct bytes payload, struct attest_claims *out)
{
	struct cose_document d = { 0 };
	struct attest_claims c = { 0 };
	enum mt_err err = cose_document_open(cbor, payload, &d);

	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	claims_read(&r, &c);
	if (!reader_done(&r)) {
		err = MT_MALFORMED;
	} else {
		*out = c;
	}
	cose_document_close(&d);
	return err;
}

MUST enum mt_err attest_software_open(struct box *cbor, struct bytes evidence, struct attest_claims *claims,
				      uint8_t root[COSE_ID_SIZE])
{
	struct cose_document d = { 0 };
	struct cose message = { 0 };

	if (evidence.size > ATTEST_EVIDENCE_MAX) {
		return MT_LIMIT;
	}
	enum mt_err err = cose_document_open(cbor, evidence, &d);
	if (err) {
		return err;
	}
	struct reader r = reader_over(&d.items);
	reader_array_of(&r, 3);
	struct bytes type = reader_tstr(&r), value = reader_bstr(&r);
	uint64_t indicator = reader_uint(&r);
	if (!reader_done(&r) || indicator != SOFTWARE_INDICATOR_EVIDENCE || !mt_equal(type, mt_text(ATTEST_CMW_TYPE))) {
		err = MT_MALFORMED;
		goto out;
	}
	err = cose_open(cbor, ATTEST_TYPE_SOFTWARE, value, &message);
	if (err) {
		goto out;
	}
	err = software_claims_decode(cbor, message.payload, claims);
	if (!err) {
		memcpy(root, message.signer, COSE_ID_SIZE);
	}
out:
	cose_close(&message);
	cose_document_close(&d);
	return err;
}
