/*
 * Verifying proofs, without a tree: RFC 9162, 2.1.3.2 and 2.1.4.2, with the RFC's names fn, sn, fr, sr.
 */
#include "lib/log/log_private.h"

#include <string.h>

static bool hash_is(const uint8_t a[LOG_HASH_SIZE], const uint8_t b[LOG_HASH_SIZE])
{
	return memcmp(a, b, LOG_HASH_SIZE) == 0;        /* hashes of a public tree */
}

/* A proof of whole hashes, few enough that the loops below end. */
static bool proof_is_sized(struct bytes proof)
{
	return proof.size % LOG_HASH_SIZE == 0 && proof.size / LOG_HASH_SIZE <= LOG_PROOF_MAX;
}

enum mt_err log_verify_inclusion(const uint8_t leaf[LOG_HASH_SIZE], uint64_t index, uint64_t size,
				 struct bytes proof, const uint8_t root[LOG_HASH_SIZE])
{
	uint64_t fn = index, sn = size - 1;
	uint8_t r[LOG_HASH_SIZE];

	if (index >= size || !proof_is_sized(proof)) {
		return MT_MALFORMED;
	}
	memcpy(r, leaf, sizeof(r));
	for (size_t at = 0; at < proof.size; at += LOG_HASH_SIZE) {
		const uint8_t *p = proof.at + at;

		if (sn == 0) {
			return MT_TAMPERED;     /* more hashes than levels */
		}
		if ((fn & 1) || fn == sn) {
			log_node_hash(p, r, r);
			while (!(fn & 1) && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			log_node_hash(r, p, r);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_is(r, root) ? MT_OK : MT_TAMPERED;
}

/* The walk of 2.1.4.2 from a shared subtree hash upwards, to both roots. */
static enum mt_err consistency_walk(uint64_t fn, uint64_t sn, const uint8_t start[LOG_HASH_SIZE],
				    struct bytes proof, const uint8_t first_root[LOG_HASH_SIZE],
				    const uint8_t second_root[LOG_HASH_SIZE])
{
	uint8_t fr[LOG_HASH_SIZE], sr[LOG_HASH_SIZE];

	memcpy(fr, start, sizeof(fr));
	memcpy(sr, start, sizeof(sr));
	for (size_t at = 0; at < proof.size; at += LOG_HASH_SIZE) {
		const uint8_t *c = proof.at + at;

		if (sn == 0) {
			return MT_TAMPERED;
		}
		if ((fn & 1) || fn == sn) {
			log_node_hash(c, fr, fr);
			log_node_hash(c, sr, sr);
			while (!(fn & 1) && fn != 0) {
				fn >>= 1;
				sn >>= 1;
			}
		} else {
			log_node_hash(sr, c, sr);
		}
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hash_is(fr, first_root) && hash_is(sr, second_root) ? MT_OK : MT_TAMPERED;
}

enum mt_err log_verify_consistency(uint64_t first, uint64_t second, struct bytes proof,
				   const uint8_t first_root[LOG_HASH_SIZE],
				   const uint8_t second_root[LOG_HASH_SIZE])
{
	if (first == 0 || first > second || !proof_is_sized(proof)) {
		return MT_MALFORMED;
	}
	if (first == second) {
		return proof.size == 0 && hash_is(first_root, second_root) ? MT_OK : MT_TAMPERED;
	}
	if (proof.size == 0) {
		return MT_TAMPERED;
	}
	uint64_t fn = first - 1, sn = second - 1;
	while (fn & 1) {
		fn >>= 1;
		sn >>= 1;
	}
	if ((first & (first - 1)) == 0) {
		/* A power of two: the first tree is itself a subtree of the second, and the walk starts at it. */
		return consistency_walk(fn, sn, first_root, proof, first_root, second_root);
	}
	struct bytes rest = mt_bytes(proof.at + LOG_HASH_SIZE, proof.size - LOG_HASH_SIZE);
	return consistency_walk(fn, sn, proof.at, rest, first_root, second_root);
}
