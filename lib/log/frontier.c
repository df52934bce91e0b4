/*
 * The streaming root: only the right edge of the tree is kept, one hash for each one bit of the size.
 */
#include "lib/log/log_private.h"

#include <string.h>

void log_frontier_append(struct log_frontier *f, const uint8_t leaf[LOG_HASH_SIZE])
{
	uint8_t hash[LOG_HASH_SIZE];
	size_t k = 0;

	mt_assert(f->size < UINT64_MAX);
	memcpy(hash, leaf, sizeof(hash));
	for (; f->size >> k & 1; k++) {
		log_node_hash(f->node[k], hash, hash);
	}
	memcpy(f->node[k], hash, sizeof(hash));
	f->size++;
}

void log_frontier_root(const struct log_frontier *f, uint8_t out[LOG_HASH_SIZE])
{
	bool first = true;

	if (f->size == 0) {
		crypto_sha256(mt_bytes(NULL, 0), out);
		return;
	}
	for (size_t k = 0; k < MT_COUNT(f->node); k++) {
		if (!(f->size >> k & 1)) {
			continue;
		}
		if (first) {
			memcpy(out, f->node[k], LOG_HASH_SIZE);
			first = false;
		} else {
			log_node_hash(f->node[k], out, out);
		}
	}
}
