/* Report data and signed messages: composed from typed fields only, the same at both ends. */
#include "lib/channel/channel.h"

#include <string.h>

#include "lib/statement/statement.h"

void channel_core_keys_hash(const struct channel_core_keys *k, uint8_t out[32])
{
	struct bytes part[] = {
		mt_bytes(k->encapsulation, sizeof(k->encapsulation)),
		mt_bytes(k->receipt, sizeof(k->receipt)),
		mt_bytes(k->fast, sizeof(k->fast)),
		mt_bytes(k->note, sizeof(k->note)),
	};
	crypto_label_sha256(ATTEST_LABEL_CORE_KEYS, part, MT_COUNT(part), out);
}

void channel_report_data(enum channel_role role, const struct channel_binding *b, const struct channel_core_keys *keys,
			 uint8_t out[ATTEST_REPORT_DATA_SIZE])
{
	uint8_t role_byte = (uint8_t)role, keys_hash[32];

	channel_core_keys_hash(keys, keys_hash);
	struct bytes part[] = {
		mt_bytes(&role_byte, 1),
		mt_bytes(b->spki, sizeof(b->spki)),
		mt_bytes(b->exporter, sizeof(b->exporter)),
		mt_bytes(keys_hash, sizeof(keys_hash)),
	};
	crypto_label_sha512(ATTEST_LABEL_ATLS, part, MT_COUNT(part), out);
}

/* The keys' hash is in it too: a fast key that vouched for another encapsulation key would carry secrets elsewhere. */
void channel_fast_report_data(enum channel_role role, const uint8_t nonce[32], const struct channel_core_keys *keys,
			      uint8_t out[ATTEST_REPORT_DATA_SIZE])
{
	uint8_t role_byte = (uint8_t)role, keys_hash[32], fast_hash[32];

	channel_core_keys_hash(keys, keys_hash);
	crypto_sha256(mt_bytes(keys->fast, sizeof(keys->fast)), fast_hash);
	struct bytes part[] = {
		mt_bytes(&role_byte, 1),
		mt_bytes(nonce, 32),
		mt_bytes(fast_hash, sizeof(fast_hash)),
		mt_bytes(keys_hash, sizeof(keys_hash)),
	};
	crypto_label_sha512(ATTEST_LABEL_ATLS_KEY, part, MT_COUNT(part), out);
}

void channel_fast_message(enum channel_role role, const struct channel_binding *b, uint8_t out[64])
{
	uint8_t role_byte = (uint8_t)role;
	struct bytes part[] = {
		mt_bytes(&role_byte, 1),
		mt_bytes(b->spki, sizeof(b->spki)),
		mt_bytes(b->exporter, sizeof(b->exporter)),
	};
	crypto_label_sha512(ATTEST_LABEL_ATLS_FAST, part, MT_COUNT(part), out);
}

void channel_receipt_report_data(const uint8_t log_id[32], const struct channel_core_keys *keys, uint8_t out[ATTEST_REPORT_DATA_SIZE])
{
	struct bytes part[] = {
		mt_bytes(log_id, 32),
		mt_bytes(keys->receipt, sizeof(keys->receipt)),
		mt_bytes(keys->note, sizeof(keys->note)),
	};
	crypto_label_sha512(ATTEST_LABEL_RECEIPT, part, MT_COUNT(part), out);
}

/* ---- party proof ---- */

void channel_party_payload(const uint8_t log_id[32], const struct channel_binding *b, struct builder *out)
{
	cbor_array(out, 3);
	cbor_bstr(out, mt_bytes(log_id, 32));
	cbor_bstr(out, mt_bytes(b->spki, sizeof(b->spki)));
	cbor_bstr(out, mt_bytes(b->party_exporter, sizeof(b->party_exporter)));
}

MUST enum mt_err channel_party_open(struct box *cbor, struct bytes proof, const uint8_t log_id[32], const struct channel_binding *b,
				    uint8_t party[COSE_ID_SIZE])
{
	uint8_t space[160];
	struct builder want = builder_over(space, sizeof(space));
	struct bytes want_payload;
	struct cose message = { 0 };

	channel_party_payload(log_id, b, &want);
	enum mt_err err = builder_done(&want, &want_payload);
	if (err) {
		return err;
	}
	err = cose_open(cbor, STATEMENT_TYPE_PARTY, proof, &message);
	if (err) {
		return err;
	}
	if (mt_equal_ct(message.payload, want_payload)) {
		memcpy(party, message.signer, COSE_ID_SIZE);
	} else {
		err = MT_TAMPERED;
	}
	cose_close(&message);
	return err;
}
