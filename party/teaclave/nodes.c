/* Protected files: the bytes of node 0, where each node lies, and how one is sealed. */
#include "party/teaclave/teaclave_private.h"

#include <string.h>

#define FILE_ID UINT64_C(0x5347585F46494C45)
#define MAJOR 1
#define FLAGS_USER_KEY 1
#define LABEL "SGX-PROTECTED-FS-METADATA-KEY"
#define LABEL_SIZE 64
#define ZERO_PLAIN_SIZE 96 /* node 0 before what is sealed */

/* ---- node 0 ---- */

enum mt_err node_zero_decode(const uint8_t wire[NODE_SIZE], struct node_zero *out)
{
	struct cursor c = cursor_over(mt_bytes(wire, NODE_SIZE));
	uint64_t id = __builtin_bswap64(cursor_u64(&c));
	uint8_t major = cursor_u8(&c);

	(void)cursor_u8(&c); /* minor version: no reader looks at it */
	uint8_t flags = cursor_u8(&c), update = cursor_u8(&c);
	(void)cursor_take(&c, 2 + 2); /* what an enclave's own key depends on, as the next but one */
	cursor_copy(&c, out->key_id, sizeof(out->key_id));
	(void)cursor_take(&c, 16 + 16);
	cursor_copy(&c, out->gmac, sizeof(out->gmac));
	cursor_copy(&c, out->sealed, sizeof(out->sealed));
	if (!cursor_ok(&c) || id != FILE_ID || major != MAJOR) {
		return MT_MALFORMED;
	}
	if (update != 0) {
		return MT_STATE;
	}
	return flags == FLAGS_USER_KEY ? MT_OK : MT_DENIED;
}

void node_zero_encode(const struct node_zero *z, uint8_t wire[NODE_SIZE])
{
	static const uint8_t zeros[32];
	struct builder b = builder_over(wire, NODE_SIZE);

	memset(wire, 0, NODE_SIZE);
	builder_u64(&b, __builtin_bswap64(FILE_ID));
	builder_u8(&b, MAJOR);
	builder_u8(&b, 0);
	builder_u8(&b, FLAGS_USER_KEY);
	builder_bytes(&b, mt_bytes(zeros, 1 + 2 + 2));
	builder_bytes(&b, mt_bytes(z->key_id, sizeof(z->key_id)));
	builder_bytes(&b, mt_bytes(zeros, 16 + 16));
	builder_bytes(&b, mt_bytes(z->gmac, sizeof(z->gmac)));
	mt_assert(b.size == ZERO_PLAIN_SIZE);
	builder_bytes(&b, mt_bytes(z->sealed, sizeof(z->sealed)));
}

void node_zero_text_decode(const uint8_t plain[ZERO_SEALED_SIZE], struct node_zero_text *out)
{
	struct cursor c = cursor_over(mt_bytes(plain, ZERO_SEALED_SIZE));

	cursor_copy(&c, out->name, sizeof(out->name));
	out->size = __builtin_bswap64(cursor_u64(&c));
	cursor_copy(&c, &out->root, sizeof(out->root));
	cursor_copy(&c, out->head, sizeof(out->head));
	mt_assert(cursor_done(&c));
}

void node_zero_text_encode(const struct node_zero_text *t, uint8_t plain[ZERO_SEALED_SIZE])
{
	struct builder b = builder_over(plain, ZERO_SEALED_SIZE);
	struct bytes whole;

	builder_bytes(&b, mt_bytes(t->name, sizeof(t->name)));
	builder_u64(&b, __builtin_bswap64(t->size));
	builder_bytes(&b, mt_bytes(&t->root, sizeof(t->root)));
	builder_bytes(&b, mt_bytes(t->head, sizeof(t->head)));
	mt_assert(builder_done(&b, &whole) == MT_OK && whole.size == ZERO_SEALED_SIZE);
}

/* SP 800-108 in counter mode over CMAC, one block; integers little endian. */
enum mt_err node_zero_key(const struct secret *user, const uint8_t key_id[32], uint8_t out[CRYPTO_KEY_128_SIZE])
{
	static const char label[LABEL_SIZE] = LABEL;
	uint8_t space[4 + LABEL_SIZE + 4 + 8 + 32 + 4 + 4];
	struct builder b = builder_over(space, sizeof(space));
	struct bytes input;

	builder_u32(&b, __builtin_bswap32(1));
	builder_bytes(&b, mt_bytes(label, sizeof(label)));
	builder_u32(&b, 0);
	builder_u64(&b, 0);
	builder_bytes(&b, mt_bytes(key_id, 32));
	builder_u32(&b, __builtin_bswap32(128));
	builder_u32(&b, 0);
	mt_assert(builder_done(&b, &input) == MT_OK && input.size == sizeof(space));
	return crypto_cmac(user->at, input, out);
}

/* ---- a node ---- */

static const uint8_t nonce[CRYPTO_NONCE_SIZE];

enum mt_err node_unseal(const struct entry *e, struct bytes sealed, uint8_t *plain)
{
	struct crypto_gcm *gcm = NULL;
	enum mt_err err =
		crypto_gcm_open(CRYPTO_UNSEAL, mt_bytes(e->key, sizeof(e->key)), nonce, mt_bytes(NULL, 0), &gcm);

	if (!err) {
		crypto_gcm_add(gcm, sealed, plain);
		err = crypto_gcm_check(gcm, e->mac);
	}
	if (err) {
		mt_wipe(plain, sealed.size);
	}
	crypto_gcm_close(gcm);
	return err;
}

enum mt_err node_seal(const uint8_t key[CRYPTO_KEY_128_SIZE], struct bytes plain, uint8_t *sealed,
		      uint8_t mac[CRYPTO_TAG_SIZE])
{
	struct crypto_gcm *gcm = NULL;
	enum mt_err err =
		crypto_gcm_open(CRYPTO_SEAL, mt_bytes(key, CRYPTO_KEY_128_SIZE), nonce, mt_bytes(NULL, 0), &gcm);

	if (!err) {
		crypto_gcm_add(gcm, plain, sealed);
		crypto_gcm_tag(gcm, mac);
	}
	crypto_gcm_close(gcm);
	return err;
}

/* ---- where nodes lie ---- */

uint64_t nodes_data(uint64_t size)
{
	return size <= HEAD_SIZE ? 0 : (size - HEAD_SIZE + NODE_SIZE - 1) / NODE_SIZE;
}

uint64_t nodes_merkle(uint64_t size)
{
	return (nodes_data(size) + MERKLE_DATA - 1) / MERKLE_DATA;
}

uint64_t nodes_all(uint64_t size)
{
	return 1 + nodes_data(size) + nodes_merkle(size);
}

uint64_t node_of_data(uint64_t d)
{
	return d + 2 + d / MERKLE_DATA;
}

uint64_t node_of_merkle(uint64_t l)
{
	return 1 + l * (MERKLE_DATA + 1);
}
