/*
 * Reading a protected file: from the key down. Node 0 vouches for the root, each Merkle node for its children, each Merkle node for its data
 * nodes; so nothing need be kept for a node that was read before, and a changed file is noticed wherever it is read.
 */
#include "party/teaclave/teaclave_private.h"

#include <string.h>

#define DEPTH_MAX 8 /* Merkle nodes below the root on the way down: 4 at TEACLAVE_SIZE_MAX */

static enum mt_err node_open(const struct teaclave_reader *r, uint64_t node, const struct entry *e,
			     uint8_t plain[NODE_SIZE])
{
	enum mt_err err = r->store.read(r->store.context, node * NODE_SIZE, plain, NODE_SIZE);

	return err ? err : node_unseal(e, mt_bytes(plain, NODE_SIZE), plain);
}

static void entry_take(const uint8_t merkle[NODE_SIZE], uint64_t index, struct entry *out)
{
	memcpy(out, merkle + index * ENTRY_SIZE, ENTRY_SIZE);
}

static enum mt_err merkle_open(const struct teaclave_reader *r, uint64_t wanted, uint8_t plain[NODE_SIZE])
{
	uint64_t way[DEPTH_MAX];
	size_t depth = 0;
	struct entry e;

	for (uint64_t l = wanted; l > 0; l = (l - 1) / MERKLE_CHILDREN) {
		mt_assert(depth < DEPTH_MAX);
		way[depth++] = l;
	}
	enum mt_err err = node_open(r, node_of_merkle(0), &r->root, plain);
	while (!err && depth > 0) {
		uint64_t l = way[--depth];
		entry_take(plain, MERKLE_DATA + (l - 1) % MERKLE_CHILDREN, &e);
		err = node_open(r, node_of_merkle(l), &e, plain);
	}
	mt_wipe(&e, sizeof(e));
	return err;
}

/* ---- node 0 ---- */

static bool name_fits(const uint8_t stored[ZERO_NAME_SIZE], struct bytes name)
{
	const uint8_t *end = memchr(stored, 0, ZERO_NAME_SIZE);

	return end && mt_equal(mt_bytes(stored, (size_t)(end - stored)), name);
}

static enum mt_err zero_open(struct teaclave_reader *r, const struct node_zero *z, struct node_zero_text *out)
{
	uint8_t plain[sizeof(z->sealed)];
	struct entry e;

	memcpy(e.mac, z->gmac, sizeof(e.mac));
	enum mt_err err = node_zero_key(&r->key, z->key_id, e.key);
	if (!err) {
		err = node_unseal(&e, mt_bytes(z->sealed, sizeof(z->sealed)), plain);
	}
	if (!err) {
		node_zero_text_decode(plain, out);
	}
	mt_wipe(plain, sizeof(plain));
	mt_wipe(&e, sizeof(e));
	return err;
}

/* What node 0 vouches for, against the file that is there. */
static enum mt_err zero_judge(const struct node_zero_text *t, struct bytes name, uint64_t file_size)
{
	if (!name_fits(t->name, name)) {
		return MT_NOT_FOUND;
	}
	if (t->size > TEACLAVE_SIZE_MAX) {
		return MT_LIMIT;
	}
	return file_size == nodes_all(t->size) * NODE_SIZE ? MT_OK : MT_TAMPERED;
}

enum mt_err file_reader_open(struct teaclave_reader *r, struct bytes name, uint64_t file_size, const uint8_t *cmac)
{
	uint8_t wire[NODE_SIZE];
	struct node_zero z;
	struct node_zero_text t = { 0 };

	if (file_size < NODE_SIZE) {
		return MT_MALFORMED;
	}
	enum mt_err err = r->store.read(r->store.context, 0, wire, sizeof(wire));
	if (!err) {
		err = node_zero_decode(wire, &z);
	}
	if (!err && cmac && !mt_equal_ct(mt_bytes(z.gmac, sizeof(z.gmac)), mt_bytes(cmac, TEACLAVE_CMAC_SIZE))) {
		err = MT_TAMPERED;
	}
	if (!err) {
		err = zero_open(r, &z, &t);
	}
	if (!err) {
		err = zero_judge(&t, name, file_size);
	}
	if (!err) {
		r->size = t.size;
		r->root = t.root;
		memcpy(r->head, t.head, sizeof(r->head));
	}
	mt_wipe(&t, sizeof(t));
	return err;
}

/* ---- parts ---- */

/* From data node d on; `from` is where its bytes begin that are wanted. */
static enum mt_err data_read(const struct teaclave_reader *r, uint64_t d, size_t from, uint8_t *out, size_t size)
{
	uint8_t merkle[NODE_SIZE], plain[NODE_SIZE];
	struct entry e;
	enum mt_err err = merkle_open(r, d / MERKLE_DATA, merkle);

	while (!err && size > 0) {
		size_t n = NODE_SIZE - from < size ? NODE_SIZE - from : size;
		entry_take(merkle, d % MERKLE_DATA, &e);
		err = node_open(r, node_of_data(d), &e, plain);
		if (!err) {
			memcpy(out, plain + from, n);
			out += n;
			size -= n;
			from = 0;
			d++;
		}
		if (!err && size > 0 && d % MERKLE_DATA == 0) {
			err = merkle_open(r, d / MERKLE_DATA, merkle);
		}
	}
	mt_wipe(merkle, sizeof(merkle));
	mt_wipe(plain, sizeof(plain));
	mt_wipe(&e, sizeof(e));
	return err;
}

enum mt_err file_reader_part(const struct teaclave_reader *r, uint64_t index, uint8_t *out, size_t size)
{
	uint64_t at = index * TEACLAVE_PART_SIZE;

	if (at == 0) {
		size_t n = size < HEAD_SIZE ? size : HEAD_SIZE;
		memcpy(out, r->head, n);
		out += n;
		size -= n;
		at += n;
	}
	return size == 0 ? MT_OK : data_read(r, (at - HEAD_SIZE) / NODE_SIZE, (at - HEAD_SIZE) % NODE_SIZE, out, size);
}
