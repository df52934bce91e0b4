/* 6.4: symmetric ciphers. */
#include "test/gp/cases.h"

/* FIPS 197, C.1: 00112233... under 000102... */
static const uint8_t plain[16] = { 0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xaa, 0xbb, 0xcc, 0xdd, 0xee, 0xff };
static const uint8_t cipher[16] = { 0x69, 0xc4, 0xe0, 0xd8, 0x6a, 0x7b, 0x04, 0x30, 0xd8, 0xcd, 0xb7, 0x80, 0x70, 0xb4, 0xc5, 0x5a };
static const uint8_t zero[16];

static TEE_OperationHandle ecb(uint32_t mode)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_ECB_NOPAD, mode, 128, gp_aes());

	TEE_CipherInit(o, NULL, 0);
	return o;
}

static void vector(unsigned which)
{
	TEE_OperationHandle seal = ecb(TEE_MODE_ENCRYPT), open = ecb(TEE_MODE_DECRYPT);
	uint8_t out[32];
	gp_size size = 32;

	(void)which;
	GP(TEE_CipherUpdate(seal, plain, 10, out, &size) == TEE_SUCCESS && size == 0);
	size = 32;
	GP(TEE_CipherUpdate(seal, plain + 10, 6, out, &size) == TEE_SUCCESS && size == 16 && gp_same(out, cipher, 16));
	size = 0;
	GP(TEE_CipherDoFinal(seal, NULL, 0, NULL, &size) == TEE_SUCCESS && size == 0);
	size = 16;
	GP(TEE_CipherDoFinal(open, cipher, 16, out, &size) == TEE_SUCCESS && size == 16 && gp_same(out, plain, 16));
	TEE_CipherInit(open, NULL, 0);
	size = 16;
	TEE_MemMove(out, cipher, 16);
	GP(TEE_CipherDoFinal(open, out, 16, out, &size) == TEE_SUCCESS && gp_same(out, plain, 16)); /* in its own place */
}

/* Each mode: pieces there, whole back. */
static void modes(unsigned which)
{
	static const struct {
		uint32_t algorithm, type;
		gp_size key, iv, size;
	} row[] = {
		{ TEE_ALG_AES_CBC_NOPAD, TEE_TYPE_AES, 16, 16, 48 }, { TEE_ALG_AES_CTR, TEE_TYPE_AES, 32, 16, 45 }, { TEE_ALG_AES_CTS, TEE_TYPE_AES, 24, 16, 45 },
		{ TEE_ALG_AES_XTS, TEE_TYPE_AES, 16, 16, 45 },       { TEE_ALG_DES3_CBC_NOPAD, TEE_TYPE_DES3, 24, 8, 40 }, { TEE_ALG_DES_ECB_NOPAD, TEE_TYPE_DES, 8, 0, 40 },
		{ TEE_ALG_SM4_CTR, TEE_TYPE_SM4, 16, 16, 45 },       { TEE_ALG_SM4_CBC_PKCS5, TEE_TYPE_SM4, 16, 16, 45 },
	};
	static const uint8_t key[32] = { 3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3 }, other[16] = { 7 };
	uint8_t text[48], out[64], back[64];

	(void)which;
	for (gp_size i = 0; i < sizeof(text); i++) {
		text[i] = (uint8_t)i;
	}
	for (gp_size i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TEE_OperationHandle o[2];
		for (uint32_t mode = 0; mode < 2; mode++) {
			TEE_ObjectHandle one = gp_secret(row[i].type, key, row[i].key);
			bool two = row[i].algorithm == TEE_ALG_AES_XTS;
			o[mode] = gp_operation(row[i].algorithm, mode, (uint32_t)row[i].key * 8, two ? TEE_HANDLE_NULL : one);
			if (two) {
				GP(TEE_SetOperationKey2(o[mode], one, gp_secret(row[i].type, other, 16)) == TEE_SUCCESS);
			}
			TEE_CipherInit(o[mode], row[i].iv ? zero : NULL, row[i].iv);
		}
		gp_size first = 64, rest = 64, all = 64;
		GP(TEE_CipherUpdate(o[0], text, 17, out, &first) == TEE_SUCCESS && first <= 32);
		rest -= first;
		GP(TEE_CipherDoFinal(o[0], text + 17, row[i].size - 17, out + first, &rest) == TEE_SUCCESS && first + rest >= row[i].size);
		GP(!gp_same(out, text, row[i].size));
		GP(TEE_CipherDoFinal(o[1], out, first + rest, back, &all) == TEE_SUCCESS && all == row[i].size && gp_same(back, text, all));
	}
}

static void too_short(unsigned which)
{
	TEE_OperationHandle o = ecb(TEE_MODE_ENCRYPT);
	uint8_t out[16] = { 1 };
	gp_size size = 15;

	if (which == 0) {
		GP(TEE_CipherUpdate(o, plain, 16, out, &size) == TEE_ERROR_SHORT_BUFFER && size == 16 && out[0] == 1);
	} else {
		GP(TEE_CipherDoFinal(o, plain, 16, out, &size) == TEE_ERROR_SHORT_BUFFER && size == 16 && out[0] == 1);
	}
	GP(TEE_CipherDoFinal(o, plain, 16, out, &size) == TEE_SUCCESS && gp_same(out, cipher, 16)); /* nothing was done */
}

static TEE_OperationHandle padded(uint32_t mode)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_SM4_CBC_PKCS5, mode, 128, gp_secret(TEE_TYPE_SM4, plain, 16));

	TEE_CipherInit(o, zero, 16);
	return o;
}

static void padding(unsigned which)
{
	TEE_OperationHandle o = padded(TEE_MODE_DECRYPT);
	uint8_t out[32], sealed[32] = { 0 };
	gp_size size = 32;

	(void)which;
	GP(TEE_CipherUpdate(o, sealed, 5, out, &size) == TEE_SUCCESS);
	size = 32;
	GP(TEE_CipherDoFinal(o, sealed + 5, 27, out, &size) == TEE_ERROR_CIPHERTEXT_INVALID);
	TEE_CipherInit(o, zero, 16); /* it is over: the next message begins */
	size = 32;
	GP(TEE_CipherDoFinal(padded(TEE_MODE_ENCRYPT), plain, 16, sealed, &size) == TEE_SUCCESS && size == 32);
	GP(TEE_CipherDoFinal(o, sealed, 32, out, &size) == TEE_SUCCESS && size == 16 && gp_same(out, plain, 16));
}

static void cipher_panic(unsigned which)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_CBC_NOPAD, TEE_MODE_ENCRYPT, 128, gp_aes()), begun = ecb(TEE_MODE_ENCRYPT);
	TEE_OperationHandle keyless = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 128, NULL), digest = gp_operation(TEE_ALG_SHA1, TEE_MODE_DIGEST, 0, NULL);
	TEE_OperationHandle ended = ecb(TEE_MODE_ENCRYPT), xts = gp_operation(TEE_ALG_AES_XTS, TEE_MODE_ENCRYPT, 128, NULL);
	uint8_t out[64] = { 0 };
	gp_size size = 64;

	GP(TEE_CipherDoFinal(ended, plain, 16, out, &size) == TEE_SUCCESS);
	size = 48;
	gp_now();
	switch (which) {
	case 0:
		TEE_CipherInit(GP_NOBODY, zero, 16);
		break;
	case 1:
		TEE_CipherInit(digest, zero, 16);
		break;
	case 2:
		TEE_CipherInit(keyless, NULL, 0);
		break;
	case 3:
		TEE_CipherInit(o, zero, 15);
		break;
	case 4:
		TEE_CipherInit(o, gp_foreign(), 16);
		break;
	case 5:
		TEE_CipherInit(xts, zero, 16);
		break;
	case 6:
		(void)TEE_CipherUpdate(GP_NOBODY, plain, 16, out, &size);
		break;
	case 7:
		(void)TEE_CipherUpdate(digest, plain, 16, out, &size);
		break;
	case 8:
		(void)TEE_CipherUpdate(o, plain, 16, out, &size);
		break;
	case 9:
		(void)TEE_CipherUpdate(begun, gp_foreign(), 16, out, &size);
		break;
	case 10:
		(void)TEE_CipherUpdate(begun, out + 8, 16, out, &size);
		break;
	case 11:
		(void)TEE_CipherUpdate(begun, plain, 16, gp_read_only(), &size);
		break;
	case 12:
		(void)TEE_CipherUpdate(ended, plain, 16, out, &size);
		break;
	case 13:
		(void)TEE_CipherUpdate(begun, plain, 16, NULL, &size);
		break;
	default:
		(void)TEE_CipherUpdate(begun, plain, 16, out, NULL);
	}
}

static void final_panic(unsigned which)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_CBC_NOPAD, TEE_MODE_ENCRYPT, 128, gp_aes()), begun = ecb(TEE_MODE_ENCRYPT);
	TEE_OperationHandle digest = gp_operation(TEE_ALG_SHA1, TEE_MODE_DIGEST, 0, NULL), open = padded(TEE_MODE_DECRYPT);
	TEE_OperationHandle cts = gp_operation(TEE_ALG_AES_CTS, TEE_MODE_ENCRYPT, 128, gp_aes());
	uint8_t out[64] = { 0 };
	gp_size size = 48;

	TEE_CipherInit(cts, zero, 16);
	gp_now();
	switch (which) {
	case 0:
		(void)TEE_CipherDoFinal(GP_NOBODY, plain, 16, out, &size);
		break;
	case 1:
		(void)TEE_CipherDoFinal(digest, plain, 16, out, &size);
		break;
	case 2:
		(void)TEE_CipherDoFinal(o, plain, 16, out, &size);
		break;
	case 3:
		(void)TEE_CipherDoFinal(begun, plain, 15, out, &size);
		break;
	case 4:
		(void)TEE_CipherDoFinal(cts, plain, 15, out, &size);
		break;
	case 5:
		(void)TEE_CipherDoFinal(begun, gp_foreign(), 16, out, &size);
		break;
	case 6:
		(void)TEE_CipherDoFinal(begun, out + 1, 16, out, &size);
		break;
	case 7:
		(void)TEE_CipherDoFinal(open, cipher, 15, out, &size);
		break;
	default:
		(void)TEE_CipherDoFinal(open, NULL, 0, out, &size);
	}
}

const struct gp_row gp_rows_cipher[] = {
	{ "TEE_CipherInit", "success", modes, 0 },
	{ "TEE_CipherInit", "panics: operation is not open", cipher_panic, 0 },
	{ "TEE_CipherInit", "panics: operation is no cipher", cipher_panic, 1 },
	{ "TEE_CipherInit", "panics: operation is without its key", cipher_panic, 2 },
	{ "TEE_CipherInit", "panics: operation is without its two keys", cipher_panic, 5 },
	{ "TEE_CipherInit", "panics: IVLen is not the algorithm's", cipher_panic, 3 },
	{ "TEE_CipherInit", "panics: IV cannot be read", cipher_panic, 4 },
	{ "TEE_CipherUpdate", "success", vector, 0 },
	{ "TEE_CipherUpdate", "TEE_ERROR_SHORT_BUFFER", too_short, 0 },
	{ "TEE_CipherUpdate", "panics: operation is not open", cipher_panic, 6 },
	{ "TEE_CipherUpdate", "panics: operation is no cipher", cipher_panic, 7 },
	{ "TEE_CipherUpdate", "panics: operation is not begun", cipher_panic, 8 },
	{ "TEE_CipherUpdate", "panics: operation has ended", cipher_panic, 12 },
	{ "TEE_CipherUpdate", "panics: srcData cannot be read", cipher_panic, 9 },
	{ "TEE_CipherUpdate", "panics: the buffers overlap", cipher_panic, 10 },
	{ "TEE_CipherUpdate", "panics: destData cannot be written", cipher_panic, 11 },
	{ "TEE_CipherUpdate", "panics: destData is NULL and its length is not 0", cipher_panic, 13 },
	{ "TEE_CipherUpdate", "panics: destLen is NULL", cipher_panic, 14 },
	{ "TEE_CipherDoFinal", "success", vector, 0 },
	{ "TEE_CipherDoFinal", "success: each mode", modes, 0 },
	{ "TEE_CipherDoFinal", "TEE_ERROR_SHORT_BUFFER", too_short, 1 },
	{ "TEE_CipherDoFinal", "TEE_ERROR_CIPHERTEXT_INVALID", padding, 0 },
	{ "TEE_CipherDoFinal", "panics: operation is not open", final_panic, 0 },
	{ "TEE_CipherDoFinal", "panics: operation is no cipher", final_panic, 1 },
	{ "TEE_CipherDoFinal", "panics: operation is not begun", final_panic, 2 },
	{ "TEE_CipherDoFinal", "panics: the message is no multiple of a block", final_panic, 3 },
	{ "TEE_CipherDoFinal", "panics: the message is too short", final_panic, 4 },
	{ "TEE_CipherDoFinal", "panics: srcData cannot be read", final_panic, 5 },
	{ "TEE_CipherDoFinal", "panics: the buffers overlap", final_panic, 6 },
	{ "TEE_CipherDoFinal", "panics: a padded message is no multiple of a block", final_panic, 7 },
	{ "TEE_CipherDoFinal", "panics: a padded message is empty", final_panic, 8 },
};
GP_COUNT(cipher)
