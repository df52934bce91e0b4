/*
 * Block ciphers by name over libcrypto; ciphertext stealing, XTS in pieces and the MACs that a block cipher makes are composed here.
 */
#include "lib/crypto/agile.h"

#include <openssl/evp.h>
#include <string.h>

#define DES_KEY 8

/* Single DES is triple DES under one key three times: libcrypto 3 keeps the single one among what is off unless asked for. */
static const EVP_CIPHER *cipher_kind(enum agile_cipher cipher, enum agile_mode mode, size_t key_size)
{
	static const EVP_CIPHER *(*const aes[3][AGILE_MODES])(void) = {
		{ EVP_aes_128_ecb, EVP_aes_128_cbc, EVP_aes_128_ctr },
		{ EVP_aes_192_ecb, EVP_aes_192_cbc, EVP_aes_192_ctr },
		{ EVP_aes_256_ecb, EVP_aes_256_cbc, EVP_aes_256_ctr },
	};
	static const EVP_CIPHER *(*const sm4[AGILE_MODES])(void) = { EVP_sm4_ecb, EVP_sm4_cbc, EVP_sm4_ctr };

	if (cipher == AGILE_AES) {
		return key_size == 16 || key_size == 24 || key_size == 32 ? aes[key_size / 8 - 2][mode]() : NULL;
	}
	if (cipher == AGILE_SM4) {
		return key_size == 16 ? sm4[mode]() : NULL;
	}
	if (mode == AGILE_CTR || (cipher == AGILE_DES ? key_size != DES_KEY : key_size != 2 * DES_KEY && key_size != 3 * DES_KEY)) {
		return NULL;
	}
	return mode == AGILE_ECB ? EVP_des_ede3_ecb() : EVP_des_ede3_cbc();
}

size_t agile_block_size(enum agile_cipher cipher)
{
	return cipher == AGILE_DES || cipher == AGILE_DES3 ? 8 : 16;
}

bool agile_block_has(enum agile_cipher cipher, enum agile_mode mode, size_t key_size)
{
	return cipher_kind(cipher, mode, key_size) != NULL;
}

/* ---- modes that libcrypto has ---- */

struct agile_block {
	EVP_CIPHER_CTX *context;
	size_t block;
	bool chains;                            /* decrypting CBC: then `chain` is what the next block is added to */
	uint8_t chain[AGILE_BLOCK_MAX];
};

static struct agile_block *block_new(size_t block)
{
	struct agile_block *b = mt_alloc(sizeof(*b));

	if (!b) {
		return NULL;
	}
	b->block = block;
	b->context = EVP_CIPHER_CTX_new();
	if (!b->context) {
		agile_block_close(b);
		return NULL;
	}
	return b;
}

enum mt_err agile_block_open(enum agile_cipher cipher, enum agile_mode mode, enum crypto_direction direction, struct bytes key,
			     const uint8_t *iv, struct agile_block **out)
{
	const EVP_CIPHER *kind = cipher_kind(cipher, mode, key.size);
	struct agile_block *b = block_new(agile_block_size(cipher));
	uint8_t whole[3 * DES_KEY + DES_KEY] = { 0 };
	bool good = b != NULL;

	*out = NULL;
	mt_assert(kind && (mode == AGILE_ECB) == (iv == NULL));
	memcpy(whole, key.at, key.size);
	if (cipher == AGILE_DES || cipher == AGILE_DES3) {
		/* K1 K1 K1 of one key, K1 K2 K1 of two (SP 800-67, 3.1). */
		for (size_t at = key.size; at < sizeof(whole); at++) {
			whole[at] = whole[at - key.size];
		}
	}
	good = good && EVP_CipherInit_ex(b->context, kind, NULL, whole, iv, direction == CRYPTO_SEAL) == 1 &&
	       EVP_CIPHER_CTX_set_padding(b->context, 0) == 1;
	mt_wipe(whole, sizeof(whole));
	if (!good) {
		agile_block_close(b);
		return MT_NO_MEMORY;
	}
	b->chains = mode == AGILE_CBC && direction == CRYPTO_UNSEAL;
	if (b->chains) {
		memcpy(b->chain, iv, b->block);
	}
	*out = b;
	return MT_OK;
}

enum mt_err agile_block_copy(const struct agile_block *from, struct agile_block **out)
{
	struct agile_block *b = block_new(from->block);

	*out = NULL;
	if (!b || EVP_CIPHER_CTX_copy(b->context, from->context) != 1) {
		agile_block_close(b);
		return MT_NO_MEMORY;
	}
	b->chains = from->chains;
	memcpy(b->chain, from->chain, sizeof(b->chain));
	*out = b;
	return MT_OK;
}

void agile_block_add(struct agile_block *b, struct bytes in, uint8_t *out)
{
	int written = 0;

	if (in.size > 0) {
		mt_assert(in.size <= CRYPTO_PIECE_MAX);
		if (b->chains) {
			memcpy(b->chain, in.at + in.size - b->block, b->block); /* before out is written: it may be in */
		}
		mt_assert(EVP_CipherUpdate(b->context, out, &written, in.at, (int)in.size) == 1 && (size_t)written == in.size);
	}
}

void agile_block_close(struct agile_block *b)
{
	if (b) {
		EVP_CIPHER_CTX_free(b->context);        /* wipes the schedule */
		mt_free(b);
	}
}

static void xor_into(uint8_t *to, const uint8_t *with, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		to[i] ^= with[i];
	}
}

/*
 * Encrypting: P1 and P2 padded with zeros give C1 and C2 by CBC; out go C2, then the head of C1. Decrypting needs the block function alone: the
 * first block under chaining with zeros is D(C2) = P2 padded ^ C1, whose tail is C1's, which completes C1; CBC then goes on as if C1 had come.
 */
void agile_cts_last(struct agile_block *cbc, enum crypto_direction direction, struct bytes in, uint8_t *out)
{
	size_t block = cbc->block, tail = in.size - block;
	uint8_t first[AGILE_BLOCK_MAX], second[AGILE_BLOCK_MAX] = { 0 }, chain[AGILE_BLOCK_MAX], mixed[AGILE_BLOCK_MAX];

	if (in.size == block) {
		agile_block_add(cbc, in, out);
		return;
	}
	mt_assert(in.size > block && in.size <= 2 * block);
	memcpy(first, in.at, block);
	memcpy(second, in.at + block, tail);
	if (direction == CRYPTO_SEAL) {
		agile_block_add(cbc, mt_bytes(first, block), first);
		agile_block_add(cbc, mt_bytes(second, block), second);
		memcpy(out, second, block);
		memcpy(out + block, first, tail);
	} else {
		/* `first` is C2, `second` the head of C1. Chaining adds what was before: the same blocks once more take that away. */
		memcpy(chain, cbc->chain, block);
		agile_block_add(cbc, mt_bytes(first, block), mixed);
		xor_into(mixed, chain, block);
		memcpy(second + tail, mixed + tail, block - tail);
		xor_into(mixed, second, tail);
		memcpy(out + block, mixed, tail);
		agile_block_add(cbc, mt_bytes(second, block), mixed);
		xor_into(mixed, first, block);
		xor_into(mixed, chain, block);
		memcpy(out, mixed, block);
	}
	mt_wipe(first, sizeof(first));
	mt_wipe(second, sizeof(second));
	mt_wipe(mixed, sizeof(mixed));
}

/* ---- XTS ---- */

struct agile_xts {
	struct agile_block *data;
	enum crypto_direction direction;
	uint8_t tweak[AGILE_BLOCK_MAX];
};

enum mt_err agile_xts_open(enum crypto_direction direction, struct bytes key, struct bytes key2, const uint8_t tweak[AGILE_BLOCK_MAX],
			   struct agile_xts **out)
{
	struct agile_xts *x = mt_alloc(sizeof(*x));
	struct agile_block *first = NULL;
	enum mt_err err = x ? MT_OK : MT_NO_MEMORY;

	*out = NULL;
	if (!err) {
		x->direction = direction;
		err = agile_block_open(AGILE_AES, AGILE_ECB, direction, key, NULL, &x->data);
	}
	if (!err) {
		err = agile_block_open(AGILE_AES, AGILE_ECB, CRYPTO_SEAL, key2, NULL, &first);
	}
	if (err) {
		agile_xts_close(x);
		return err;
	}
	agile_block_add(first, mt_bytes(tweak, AGILE_BLOCK_MAX), x->tweak);
	agile_block_close(first);
	*out = x;
	return MT_OK;
}

enum mt_err agile_xts_copy(const struct agile_xts *from, struct agile_xts **out)
{
	struct agile_xts *x = mt_alloc(sizeof(*x));

	*out = NULL;
	if (!x) {
		return MT_NO_MEMORY;
	}
	*x = *from;
	enum mt_err err = agile_block_copy(from->data, &x->data);
	if (err) {
		agile_xts_close(x);
		return err;
	}
	*out = x;
	return MT_OK;
}

/* IEEE 1619, 5.2: times alpha, without a branch. */
static void tweak_next(uint8_t tweak[AGILE_BLOCK_MAX])
{
	unsigned carry = 0;

	for (size_t i = 0; i < AGILE_BLOCK_MAX; i++) {
		unsigned wide = (unsigned)tweak[i] << 1 | carry;
		tweak[i] = (uint8_t)wide;
		carry = wide >> 8;
	}
	tweak[0] ^= (uint8_t)(carry * 0x87);
}

static void xts_block(struct agile_xts *x, const uint8_t tweak[AGILE_BLOCK_MAX], const uint8_t *in, uint8_t *out)
{
	uint8_t block[AGILE_BLOCK_MAX];

	memcpy(block, in, sizeof(block));
	xor_into(block, tweak, sizeof(block));
	agile_block_add(x->data, mt_bytes(block, sizeof(block)), block);
	xor_into(block, tweak, sizeof(block));
	memcpy(out, block, sizeof(block));
	mt_wipe(block, sizeof(block));
}

void agile_xts_add(struct agile_xts *x, struct bytes in, uint8_t *out)
{
	mt_assert(in.size % AGILE_BLOCK_MAX == 0);
	for (size_t at = 0; at < in.size; at += AGILE_BLOCK_MAX) {
		xts_block(x, x->tweak, in.at + at, out + at);
		tweak_next(x->tweak);
	}
}

/* IEEE 1619, 5.3.2 and 5.4.2. Decrypting, the last whole block was encrypted under the later tweak. */
void agile_xts_last(struct agile_xts *x, struct bytes in, uint8_t *out)
{
	size_t tail = in.size - AGILE_BLOCK_MAX;
	uint8_t first[AGILE_BLOCK_MAX], second[AGILE_BLOCK_MAX], later[AGILE_BLOCK_MAX];

	mt_assert(in.size >= AGILE_BLOCK_MAX && in.size <= 2 * (size_t)AGILE_BLOCK_MAX);
	if (tail % AGILE_BLOCK_MAX == 0) {
		agile_xts_add(x, in, out);
		return;
	}
	bool seal = x->direction == CRYPTO_SEAL;
	memcpy(later, x->tweak, sizeof(later));
	tweak_next(later);
	xts_block(x, seal ? x->tweak : later, in.at, first);
	memcpy(second, in.at + AGILE_BLOCK_MAX, tail);
	memcpy(second + tail, first + tail, AGILE_BLOCK_MAX - tail);
	memcpy(out + AGILE_BLOCK_MAX, first, tail);
	xts_block(x, seal ? later : x->tweak, second, out);
	mt_wipe(first, sizeof(first));
	mt_wipe(second, sizeof(second));
}

void agile_xts_close(struct agile_xts *x)
{
	if (x) {
		agile_block_close(x->data);
		mt_wipe(x, sizeof(*x));
		mt_free(x);
	}
}
