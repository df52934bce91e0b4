/*
 * Writing a protected file from front to back. A data node is sealed when it is full. A Merkle node has the macs of its children, which come
 * later, so it is parked in its place, sealed under a key that lives as long as the writer; at the end they are taken up from the last to the
 * first, completed and sealed for good. So only a key and a mac for each Merkle node are in memory.
 */
#include "party/teaclave/teaclave_private.h"

#include <string.h>

static enum mt_err node_write(struct teaclave_writer *w, uint64_t node, const uint8_t sealed[NODE_SIZE])
{
	return w->store.write(w->store.context, node * NODE_SIZE, mt_bytes(sealed, NODE_SIZE));
}

enum mt_err file_writer_open(struct teaclave_writer *w)
{
	struct secret key;

	mt_assert(w->name.size >= 1 && w->name.size <= TEACLAVE_NAME_MAX);
	crypto_random(key.at, sizeof(key.at));
	w->parent = mt_alloc((size_t)nodes_merkle(w->size) * sizeof(*w->parent));
	enum mt_err err = w->parent ? crypto_aead_open(&key, &w->parking) : MT_NO_MEMORY;
	mt_wipe(&key, sizeof(key));
	return err;
}

/* Under a key of its own, to its place; the parent will have both. */
static enum mt_err node_finish(struct teaclave_writer *w, uint64_t node, const uint8_t plain[NODE_SIZE],
			       struct entry *out)
{
	uint8_t sealed[NODE_SIZE];

	crypto_random(out->key, sizeof(out->key));
	enum mt_err err = node_seal(out->key, mt_bytes(plain, NODE_SIZE), sealed, out->mac);
	return err ? err : node_write(w, node, sealed);
}

/* ---- Merkle nodes, parked and taken up again ---- */

static void parking_nonce(uint64_t l, uint8_t out[CRYPTO_NONCE_SIZE])
{
	struct builder b = builder_over(out, CRYPTO_NONCE_SIZE);

	builder_u32(&b, 0);
	builder_u64(&b, l);
}

static enum mt_err merkle_park(struct teaclave_writer *w, uint64_t l)
{
	uint8_t sealed[NODE_SIZE + CRYPTO_TAG_SIZE], nonce[CRYPTO_NONCE_SIZE];

	parking_nonce(l, nonce);
	crypto_aead_seal(w->parking, nonce, mt_bytes(NULL, 0), mt_bytes(w->merkle, NODE_SIZE), sealed);
	memcpy(w->parent[l].mac, sealed + NODE_SIZE, CRYPTO_TAG_SIZE);
	mt_wipe(w->merkle, sizeof(w->merkle));
	return node_write(w, node_of_merkle(l), sealed);
}

static enum mt_err merkle_take_up(struct teaclave_writer *w, uint64_t l, uint8_t plain[NODE_SIZE])
{
	uint8_t sealed[NODE_SIZE + CRYPTO_TAG_SIZE], nonce[CRYPTO_NONCE_SIZE];
	enum mt_err err = w->store.read(w->store.context, node_of_merkle(l) * NODE_SIZE, sealed, NODE_SIZE);

	if (err) {
		return err;
	}
	parking_nonce(l, nonce);
	memcpy(sealed + NODE_SIZE, w->parent[l].mac, CRYPTO_TAG_SIZE);
	return crypto_aead_unseal(w->parking, nonce, mt_bytes(NULL, 0), mt_bytes(sealed, sizeof(sealed)), plain);
}

static enum mt_err merkle_finish(struct teaclave_writer *w, uint64_t l)
{
	uint64_t child = l * MERKLE_CHILDREN + 1, count = nodes_merkle(w->size);
	uint8_t plain[NODE_SIZE];
	enum mt_err err = merkle_take_up(w, l, plain);

	if (!err && child < count) {
		uint64_t n = count - child < MERKLE_CHILDREN ? count - child : MERKLE_CHILDREN;
		memcpy(plain + MERKLE_DATA * ENTRY_SIZE, &w->parent[child], (size_t)n * ENTRY_SIZE);
	}
	if (!err) {
		err = node_finish(w, node_of_merkle(l), plain, &w->parent[l]);
	}
	mt_wipe(plain, sizeof(plain));
	return err;
}

/* ---- the file's bytes ---- */

static enum mt_err data_finish(struct teaclave_writer *w)
{
	uint64_t d = w->data_count++;
	struct entry e;
	enum mt_err err = node_finish(w, node_of_data(d), w->data, &e);

	memcpy(w->merkle + d % MERKLE_DATA * ENTRY_SIZE, &e, ENTRY_SIZE);
	mt_wipe(&e, sizeof(e));
	mt_wipe(w->data, sizeof(w->data));
	if (!err && w->data_count % MERKLE_DATA == 0) {
		err = merkle_park(w, d / MERKLE_DATA);
	}
	return err;
}

enum mt_err file_writer_add(struct teaclave_writer *w, struct bytes plain)
{
	enum mt_err err = MT_OK;

	while (!err && plain.size > 0) {
		bool in_head = w->written < HEAD_SIZE;
		size_t at = in_head ? (size_t)w->written : (size_t)((w->written - HEAD_SIZE) % NODE_SIZE);
		size_t room = (in_head ? HEAD_SIZE : NODE_SIZE) - at, n = plain.size < room ? plain.size : room;
		memcpy((in_head ? w->head : w->data) + at, plain.at, n);
		plain = mt_bytes(plain.at + n, plain.size - n);
		w->written += n;
		if (!in_head && n == room) {
			err = data_finish(w);
		}
	}
	return err;
}

static enum mt_err zero_finish(struct teaclave_writer *w, uint8_t cmac[TEACLAVE_CMAC_SIZE])
{
	uint8_t wire[NODE_SIZE], key[CRYPTO_KEY_128_SIZE], plain[ZERO_SEALED_SIZE];
	struct node_zero z = { 0 };
	struct node_zero_text t = { .size = w->size };

	memcpy(t.name, w->name.at, w->name.size);
	memcpy(t.head, w->head, sizeof(t.head));
	if (nodes_merkle(w->size) > 0) {
		t.root = w->parent[0];
	}
	node_zero_text_encode(&t, plain);
	crypto_random(z.key_id, sizeof(z.key_id));
	enum mt_err err = node_zero_key(&w->key, z.key_id, key);
	if (!err) {
		err = node_seal(key, mt_bytes(plain, sizeof(plain)), z.sealed, z.gmac);
	}
	if (!err) {
		node_zero_encode(&z, wire);
		err = node_write(w, 0, wire);
	}
	if (!err) {
		memcpy(cmac, z.gmac, TEACLAVE_CMAC_SIZE);
	}
	mt_wipe(&t, sizeof(t));
	mt_wipe(plain, sizeof(plain));
	mt_wipe(key, sizeof(key));
	return err;
}

enum mt_err file_writer_finish(struct teaclave_writer *w, uint8_t cmac[TEACLAVE_CMAC_SIZE])
{
	enum mt_err err = w->data_count < nodes_data(w->size) ? data_finish(w) : MT_OK;

	if (!err && w->data_count % MERKLE_DATA != 0) {
		err = merkle_park(w, w->data_count / MERKLE_DATA);
	}
	for (uint64_t l = nodes_merkle(w->size); !err && l > 0; l--) {
		err = merkle_finish(w, l - 1);
	}
	return err ? err : zero_finish(w, cmac);
}
