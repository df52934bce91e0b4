/*
 * MACs that a block cipher makes: CMAC and CBC-MAC. The last block waits until it is known to be the last.
 */
#include "lib/crypto/agile.h"

#include <string.h>

struct agile_mac {
	struct agile_block *cipher;     /* ECB */
	enum agile_mac_kind kind;
	size_t block;
	uint8_t chain[AGILE_BLOCK_MAX], held[AGILE_BLOCK_MAX];
	size_t held_size;
};

enum mt_err agile_mac_open(enum agile_mac_kind kind, enum agile_cipher cipher, struct bytes key, const uint8_t *iv, struct agile_mac **out)
{
	struct agile_mac *m = mt_alloc(sizeof(*m));

	*out = NULL;
	if (!m) {
		return MT_NO_MEMORY;
	}
	m->kind = kind;
	m->block = agile_block_size(cipher);
	if (iv) {
		memcpy(m->chain, iv, m->block);
	}
	enum mt_err err = agile_block_open(cipher, AGILE_ECB, CRYPTO_SEAL, key, NULL, &m->cipher);
	if (err) {
		agile_mac_close(m);
		return err;
	}
	*out = m;
	return MT_OK;
}

enum mt_err agile_mac_copy(const struct agile_mac *from, struct agile_mac **out)
{
	struct agile_mac *m = mt_alloc(sizeof(*m));

	*out = NULL;
	if (!m) {
		return MT_NO_MEMORY;
	}
	*m = *from;
	enum mt_err err = agile_block_copy(from->cipher, &m->cipher);
	if (err) {
		agile_mac_close(m);
		return err;
	}
	*out = m;
	return MT_OK;
}

static void mac_block(struct agile_mac *m)
{
	for (size_t i = 0; i < m->block; i++) {
		m->chain[i] ^= m->held[i];
	}
	agile_block_add(m->cipher, mt_bytes(m->chain, m->block), m->chain);
	m->held_size = 0;
}

void agile_mac_add(struct agile_mac *m, struct bytes data)
{
	for (size_t at = 0; at < data.size;) {
		if (m->held_size == m->block) {
			mac_block(m);
		}
		size_t room = m->block - m->held_size, step = data.size - at < room ? data.size - at : room;
		memcpy(m->held + m->held_size, data.at + at, step);
		m->held_size += step;
		at += step;
	}
}

/* SP 800-38B, 6.1: times x in the field of this block. */
static void subkey_next(uint8_t *key, size_t block)
{
	unsigned carry = 0;

	for (size_t i = block; i-- > 0;) {
		unsigned wide = (unsigned)key[i] << 1 | carry;
		key[i] = (uint8_t)wide;
		carry = wide >> 8;
	}
	key[block - 1] ^= (uint8_t)(carry * (block == AGILE_BLOCK_MAX ? 0x87U : 0x1bU));
}

/* 6.2: the last block is completed, and changed by the first subkey if it was whole, by the second if not. */
static void cmac_last(struct agile_mac *m)
{
	uint8_t key[AGILE_BLOCK_MAX] = { 0 };

	agile_block_add(m->cipher, mt_bytes(key, m->block), key);
	subkey_next(key, m->block);
	if (m->held_size < m->block) {
		subkey_next(key, m->block);
		memset(m->held + m->held_size, 0, m->block - m->held_size);
		m->held[m->held_size] = 0x80;
	}
	for (size_t i = 0; i < m->block; i++) {
		m->held[i] ^= key[i];
	}
	mac_block(m);
	mt_wipe(key, sizeof(key));
}

enum mt_err agile_mac_finish(struct agile_mac *m, struct bytes data, uint8_t *out)
{
	if (m->kind == AGILE_CBC_MAC && (m->held_size + data.size) % m->block != 0) {
		return MT_MALFORMED;
	}
	agile_mac_add(m, data);
	if (m->kind == AGILE_CMAC) {
		cmac_last(m);
	} else if (m->kind == AGILE_CBC_MAC_PADDED) {
		if (m->held_size == m->block) {
			mac_block(m);
		}
		size_t pad = m->block - m->held_size;
		memset(m->held + m->held_size, (int)pad, pad);
		mac_block(m);
	} else if (m->held_size > 0) {
		mac_block(m);
	}
	memcpy(out, m->chain, m->block);
	return MT_OK;
}

void agile_mac_close(struct agile_mac *m)
{
	if (m) {
		agile_block_close(m->cipher);
		mt_wipe(m, sizeof(*m));
		mt_free(m);
	}
}
