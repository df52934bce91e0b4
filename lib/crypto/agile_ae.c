/*
 * AES-GCM over libcrypto, and AES-CCM (SP 800-38C) over its block cipher: libcrypto's CCM takes a message at once.
 */
#include "lib/crypto/agile.h"

#include <openssl/evp.h>
#include <string.h>

/* ---- GCM ---- */

struct agile_gcm {
	EVP_CIPHER_CTX *context;
};

static struct agile_gcm *gcm_new(void)
{
	struct agile_gcm *g = mt_alloc(sizeof(*g));

	if (!g) {
		return NULL;
	}
	g->context = EVP_CIPHER_CTX_new();
	if (!g->context) {
		agile_gcm_close(g);
		return NULL;
	}
	return g;
}

enum mt_err agile_gcm_open(enum crypto_direction direction, struct bytes key, struct bytes nonce, struct agile_gcm **out)
{
	const EVP_CIPHER *kind = key.size == 16 ? EVP_aes_128_gcm() : key.size == 24 ? EVP_aes_192_gcm() : EVP_aes_256_gcm();
	struct agile_gcm *g = gcm_new();
	int seal = direction == CRYPTO_SEAL;

	*out = NULL;
	mt_assert(key.size == 16 || key.size == 24 || key.size == 32);
	mt_assert(nonce.size > 0 && nonce.size <= AGILE_GCM_NONCE_MAX);
	if (!g || EVP_CipherInit_ex(g->context, kind, NULL, NULL, NULL, seal) != 1 ||
	    EVP_CIPHER_CTX_ctrl(g->context, EVP_CTRL_AEAD_SET_IVLEN, (int)nonce.size, NULL) != 1 ||
	    EVP_CipherInit_ex(g->context, NULL, NULL, key.at, nonce.at, seal) != 1) {
		agile_gcm_close(g);
		return MT_NO_MEMORY;
	}
	*out = g;
	return MT_OK;
}

enum mt_err agile_gcm_copy(const struct agile_gcm *from, struct agile_gcm **out)
{
	struct agile_gcm *g = gcm_new();

	*out = NULL;
	if (!g || EVP_CIPHER_CTX_copy(g->context, from->context) != 1) {
		agile_gcm_close(g);
		return MT_NO_MEMORY;
	}
	*out = g;
	return MT_OK;
}

void agile_gcm_aad(struct agile_gcm *g, struct bytes aad)
{
	agile_gcm_add(g, aad, NULL);
}

void agile_gcm_add(struct agile_gcm *g, struct bytes in, uint8_t *out)
{
	int written = 0;

	if (in.size > 0) {
		mt_assert(in.size <= CRYPTO_PIECE_MAX);
		mt_assert(EVP_CipherUpdate(g->context, out, &written, in.at, (int)in.size) == 1);
	}
}

void agile_gcm_tag(struct agile_gcm *g, uint8_t *tag, size_t tag_size)
{
	uint8_t none[AGILE_BLOCK_MAX];
	int written = 0;

	mt_assert(EVP_CipherFinal_ex(g->context, none, &written) == 1);
	mt_assert(EVP_CIPHER_CTX_ctrl(g->context, EVP_CTRL_AEAD_GET_TAG, (int)tag_size, tag) == 1);
}

enum mt_err agile_gcm_check(struct agile_gcm *g, struct bytes tag)
{
	uint8_t copy[AGILE_BLOCK_MAX], none[AGILE_BLOCK_MAX];
	int written = 0;

	mt_assert(tag.size > 0 && tag.size <= sizeof(copy));
	memcpy(copy, tag.at, tag.size);         /* libcrypto wants the tag writable */
	mt_assert(EVP_CIPHER_CTX_ctrl(g->context, EVP_CTRL_AEAD_SET_TAG, (int)tag.size, copy) == 1);
	return EVP_CipherFinal_ex(g->context, none, &written) == 1 ? MT_OK : MT_TAMPERED;
}

void agile_gcm_close(struct agile_gcm *g)
{
	if (g) {
		EVP_CIPHER_CTX_free(g->context);
		mt_free(g);
	}
}

/* ---- CCM ---- */

struct agile_ccm {
	struct agile_block *cipher;             /* ECB */
	enum crypto_direction direction;
	size_t tag_size, counter_size;          /* q of appendix A */
	uint8_t mac[AGILE_BLOCK_MAX], counter[AGILE_BLOCK_MAX], first[AGILE_BLOCK_MAX], stream[AGILE_BLOCK_MAX];
	size_t mac_at, stream_at;               /* into their blocks */
	bool payload;                           /* has begun */
};

static void ccm_mac_end(struct agile_ccm *c)
{
	if (c->mac_at > 0) {
		agile_block_add(c->cipher, mt_bytes(c->mac, sizeof(c->mac)), c->mac);
		c->mac_at = 0;
	}
}

static void ccm_mac(struct agile_ccm *c, uint8_t byte)
{
	c->mac[c->mac_at++] ^= byte;
	if (c->mac_at == sizeof(c->mac)) {
		ccm_mac_end(c);
	}
}

/* The next block of key stream (A.3). */
static void ccm_stream(struct agile_ccm *c, uint8_t out[AGILE_BLOCK_MAX])
{
	agile_block_add(c->cipher, mt_bytes(c->counter, sizeof(c->counter)), out);
	for (size_t i = AGILE_BLOCK_MAX; i-- > AGILE_BLOCK_MAX - c->counter_size;) {
		if (++c->counter[i] != 0) {
			break;
		}
	}
}

/* B0 and the head of the additional data (A.2.1, A.2.2). */
static void ccm_begin(struct agile_ccm *c, struct bytes nonce, uint64_t aad_size, uint64_t payload_size)
{
	uint8_t head[10];
	struct builder b = builder_over(head, sizeof(head));

	ccm_mac(c, (uint8_t)((aad_size > 0 ? 0x40 : 0) | (c->tag_size - 2) / 2 << 3 | (c->counter_size - 1)));
	c->counter[0] = (uint8_t)(c->counter_size - 1);
	memcpy(c->counter + 1, nonce.at, nonce.size);
	for (size_t i = 0; i < nonce.size; i++) {
		ccm_mac(c, nonce.at[i]);
	}
	for (size_t i = c->counter_size; i-- > 0;) {
		ccm_mac(c, (uint8_t)(payload_size >> 8 * i));
	}
	if (aad_size > UINT32_MAX) {
		builder_u16(&b, 0xffff);
		builder_u64(&b, aad_size);
	} else if (aad_size >= 0xff00) {
		builder_u16(&b, 0xfffe);
		builder_u32(&b, (uint32_t)aad_size);
	} else if (aad_size > 0) {
		builder_u16(&b, (uint16_t)aad_size);
	}
	agile_ccm_aad(c, mt_bytes(head, b.size));
	ccm_stream(c, c->first);
	c->stream_at = sizeof(c->stream);
}

enum mt_err agile_ccm_open(enum crypto_direction direction, struct bytes key, struct bytes nonce, size_t tag_size, uint64_t aad_size,
			   uint64_t payload_size, struct agile_ccm **out)
{
	struct agile_ccm *c = mt_alloc(sizeof(*c));

	*out = NULL;
	mt_assert(nonce.size >= 7 && nonce.size <= 13);
	mt_assert(tag_size >= 4 && tag_size <= AGILE_BLOCK_MAX && tag_size % 2 == 0);
	if (!c) {
		return MT_NO_MEMORY;
	}
	c->direction = direction;
	c->tag_size = tag_size;
	c->counter_size = 15 - nonce.size;
	enum mt_err err = c->counter_size < sizeof(payload_size) && payload_size >> 8 * c->counter_size ? MT_MALFORMED : MT_OK;
	if (!err) {
		err = agile_block_open(AGILE_AES, AGILE_ECB, CRYPTO_SEAL, key, NULL, &c->cipher);
	}
	if (err) {
		agile_ccm_close(c);
		return err;
	}
	ccm_begin(c, nonce, aad_size, payload_size);
	*out = c;
	return MT_OK;
}

enum mt_err agile_ccm_copy(const struct agile_ccm *from, struct agile_ccm **out)
{
	struct agile_ccm *c = mt_alloc(sizeof(*c));

	*out = NULL;
	if (!c) {
		return MT_NO_MEMORY;
	}
	*c = *from;
	enum mt_err err = agile_block_copy(from->cipher, &c->cipher);
	if (err) {
		agile_ccm_close(c);
		return err;
	}
	*out = c;
	return MT_OK;
}

void agile_ccm_aad(struct agile_ccm *c, struct bytes aad)
{
	for (size_t i = 0; i < aad.size; i++) {
		ccm_mac(c, aad.at[i]);
	}
}

void agile_ccm_add(struct agile_ccm *c, struct bytes in, uint8_t *out)
{
	/* The additional data fill up their block with zeros; after that the payload's first byte begins one. */
	if (in.size > 0 && !c->payload) {
		ccm_mac_end(c);
		c->payload = true;
	}
	for (size_t i = 0; i < in.size; i++) {
		if (c->stream_at == sizeof(c->stream)) {
			ccm_stream(c, c->stream);
			c->stream_at = 0;
		}
		uint8_t byte = in.at[i], other = byte ^ c->stream[c->stream_at++];
		ccm_mac(c, c->direction == CRYPTO_SEAL ? byte : other);
		out[i] = other;
	}
}

void agile_ccm_tag(struct agile_ccm *c, uint8_t *tag)
{
	ccm_mac_end(c);
	for (size_t i = 0; i < c->tag_size; i++) {
		tag[i] = c->mac[i] ^ c->first[i];
	}
}

void agile_ccm_close(struct agile_ccm *c)
{
	if (c) {
		agile_block_close(c->cipher);
		mt_wipe(c, sizeof(*c));
		mt_free(c);
	}
}
