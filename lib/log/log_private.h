/*
 * Private to lib/log: what its files share.
 */
#ifndef MT_LOG_PRIVATE_H
#define MT_LOG_PRIVATE_H

#include "lib/log/log.h"

/* RFC 9162, 2.1.1: SHA-256(0x01 || left || right). `out` may be either of them. */
void log_node_hash(const uint8_t left[LOG_HASH_SIZE], const uint8_t right[LOG_HASH_SIZE],
		   uint8_t out[LOG_HASH_SIZE]);

/*
 * Room for `count` more leaves, so that this many appends cannot fail. MT_LIMIT, MT_NO_MEMORY; then
 * nothing changed.
 */
MUST enum mt_err log_tree_reserve(struct log_tree *t, size_t count);
/* The tree's right edge: what further leaves and the root need. */
void log_tree_frontier(const struct log_tree *t, struct log_frontier *out);

#endif
