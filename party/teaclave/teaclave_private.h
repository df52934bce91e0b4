/*
 * Private to party/teaclave: a reader and a writer are of one format, and each format has a file for itself.
 */
#ifndef PARTY_TEACLAVE_PRIVATE_H
#define PARTY_TEACLAVE_PRIVATE_H

#include "lib/crypto/crypto.h"
#include "party/teaclave/teaclave.h"

#define NODE_SIZE 4096
#define HEAD_SIZE 3072 /* of the file, in node 0 */
#define MERKLE_DATA 96 /* entries of a Merkle node: data nodes, */
#define MERKLE_CHILDREN 32 /* then Merkle nodes */
#define ENTRY_SIZE 32
_Static_assert((MERKLE_DATA + MERKLE_CHILDREN) * ENTRY_SIZE == NODE_SIZE, "wire form in teaclave.h");

/* Key and mac of a node, as its parent has them. */
struct entry {
	uint8_t key[CRYPTO_KEY_128_SIZE], mac[CRYPTO_TAG_SIZE];
};
_Static_assert(sizeof(struct entry) == ENTRY_SIZE, "wire form in teaclave.h");

struct teaclave_reader {
	enum teaclave_format format;
	struct secret key;
	uint8_t iv[TEACLAVE_IV_SIZE];
	struct teaclave_store store;
	uint64_t size;
	/* aes-gcm: how each part is known again */
	uint8_t (*digest)[CRYPTO_SHA256_SIZE];
	/* teaclave-file-128 */
	struct entry root;
	uint8_t head[HEAD_SIZE];
};

struct teaclave_writer {
	enum teaclave_format format;
	struct secret key;
	struct bytes name;
	struct teaclave_store store;
	uint64_t size, written;
	/* aes-gcm */
	struct crypto_gcm *gcm;
	uint8_t *space; /* TEACLAVE_PART_SIZE: ciphertext on its way */
	/* teaclave-file-128 */
	uint8_t head[HEAD_SIZE], data[NODE_SIZE], merkle[NODE_SIZE]; /* being filled */
	uint64_t data_count; /* data nodes that are written */
	struct entry *parent; /* of each Merkle node; until it is written, its mac is that of how it is parked */
	struct crypto_aead *parking;
};

/* The key, at its size. */
struct bytes teaclave_key(enum teaclave_format format, const struct secret *key);

/* ---- gcm.c ---- */

MUST enum mt_err gcm_reader_open(struct teaclave_reader *r, uint64_t file_size, const uint8_t *cmac);
MUST enum mt_err gcm_reader_part(const struct teaclave_reader *r, uint64_t index, uint8_t *out, size_t size);
MUST enum mt_err gcm_writer_open(struct teaclave_writer *w, const uint8_t iv[TEACLAVE_IV_SIZE]);
MUST enum mt_err gcm_writer_add(struct teaclave_writer *w, struct bytes plain);
MUST enum mt_err gcm_writer_finish(struct teaclave_writer *w, uint8_t cmac[TEACLAVE_CMAC_SIZE]);

/* ---- nodes.c: what a protected file is made of ---- */

#define ZERO_NAME_SIZE 260
#define ZERO_SEALED_SIZE (ZERO_NAME_SIZE + 8 + ENTRY_SIZE + HEAD_SIZE)

/* Node 0, and what is sealed in it. */
struct node_zero {
	uint8_t key_id[32], gmac[CRYPTO_TAG_SIZE];
	uint8_t sealed[ZERO_SEALED_SIZE];
};
struct node_zero_text {
	uint8_t name[ZERO_NAME_SIZE];
	uint64_t size;
	struct entry root;
	uint8_t head[HEAD_SIZE];
};
MUST enum mt_err node_zero_decode(const uint8_t wire[NODE_SIZE], struct node_zero *out);
void node_zero_encode(const struct node_zero *z, uint8_t wire[NODE_SIZE]);
void node_zero_text_decode(const uint8_t plain[ZERO_SEALED_SIZE], struct node_zero_text *out);
void node_zero_text_encode(const struct node_zero_text *t, uint8_t plain[ZERO_SEALED_SIZE]);
MUST enum mt_err node_zero_key(const struct secret *user, const uint8_t key_id[32], uint8_t out[CRYPTO_KEY_128_SIZE]);

/* AES-128-GCM with a nonce of zeros. MT_TAMPERED: out is zeroed. In place is fine. */
MUST enum mt_err node_unseal(const struct entry *e, struct bytes sealed, uint8_t *plain);
MUST enum mt_err node_seal(const uint8_t key[CRYPTO_KEY_128_SIZE], struct bytes plain, uint8_t *sealed,
			   uint8_t mac[CRYPTO_TAG_SIZE]);

uint64_t nodes_data(uint64_t size); /* data nodes of a file of that size */
uint64_t nodes_merkle(uint64_t size);
uint64_t nodes_all(uint64_t size);
uint64_t node_of_data(uint64_t d);
uint64_t node_of_merkle(uint64_t l);

/* ---- file_read.c, file_write.c ---- */

MUST enum mt_err file_reader_open(struct teaclave_reader *r, struct bytes name, uint64_t file_size,
				  const uint8_t *cmac);
MUST enum mt_err file_reader_part(const struct teaclave_reader *r, uint64_t index, uint8_t *out, size_t size);
MUST enum mt_err file_writer_open(struct teaclave_writer *w);
MUST enum mt_err file_writer_add(struct teaclave_writer *w, struct bytes plain);
MUST enum mt_err file_writer_finish(struct teaclave_writer *w, uint8_t cmac[TEACLAVE_CMAC_SIZE]);

#endif
