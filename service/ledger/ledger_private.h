/* Shared by the files of this room only. */
#ifndef MT_LEDGER_PRIVATE_H
#define MT_LEDGER_PRIVATE_H

#include "service/ledger/ledger.h"

#define LEDGER_NOTE_MAX 512

/* A signed tree head: one signature of each kind serves every receipt and every reader until the next batch. */
struct ledger_head {
	uint64_t size;
	uint8_t root[32];
	uint8_t root_signature[CRYPTO_SIGNATURE_SIZE];  /* ES256 over the Sig_structure of a COSE receipt with this root */
	uint8_t note[LEDGER_NOTE_MAX];
	size_t note_size;
};

struct ledger {
	struct box *cbor;
	struct log *log;
	struct crypto_signer *receipt_signer, *note_signer;
	struct secret encapsulation;
	struct channel_core_keys keys;
	uint8_t id[32];
	char origin[LEDGER_ORIGIN_MAX];

	uint8_t *genesis;                       /* entry 0 */
	size_t genesis_size;
	uint8_t (*commitment)[32];              /* public entry of each index from 1 on; index 0 is unused */
	size_t commitment_count, commitment_capacity;
	uint64_t next_index;                    /* of the next staged entry */
	bool in_flight;

	struct ledger_head head, ahead;         /* current, and of the batch in flight */
	bool head_signed, ahead_signed;

	log_fold *fold;
	void *fold_context;
};

/* Protected header of a COSE receipt: { 1: -7, 395: 1 } (RFC 9942; vds 1 = RFC9162_SHA256). */
struct bytes ledger_receipt_protected(void);
/* What ES256 signs for a root. */
MUST enum mt_err ledger_root_sign(struct crypto_signer *signer, const uint8_t root[32], uint8_t out[CRYPTO_SIGNATURE_SIZE]);

#endif
