/* 6.3, 6.5: digests and MACs. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

/* FIPS 180-4, "abc"; FIPS 202 examples: SHAKE128 of nothing. */
static const uint8_t sha256_abc[32] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
					0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad };
static const uint8_t shake128_empty[32] = { 0x7f, 0x9c, 0x2b, 0xa4, 0xe8, 0x8f, 0x82, 0x7d, 0x61, 0x60, 0x45, 0x50, 0x76, 0x05, 0x85, 0x3e,
					    0xd7, 0x3b, 0x80, 0x93, 0xf6, 0xef, 0xbc, 0x88, 0xeb, 0x1a, 0x6e, 0xac, 0xfa, 0x66, 0xef, 0x26 };
/* RFC 4493, example 2: 16 bytes under 2b7e1516 28aed2a6 abf71588 09cf4f3c. */
static const uint8_t cmac_key[16] = { 0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 0xab, 0xf7, 0x15, 0x88, 0x09, 0xcf, 0x4f, 0x3c };
static const uint8_t cmac_message[16] = { 0x6b, 0xc1, 0xbe, 0xe2, 0x2e, 0x40, 0x9f, 0x96, 0xe9, 0x3d, 0x7e, 0x11, 0x73, 0x93, 0x17, 0x2a };
static const uint8_t cmac_tag[16] = { 0x07, 0x0a, 0x16, 0xb4, 0x6b, 0x4d, 0x41, 0x44, 0xf7, 0x9b, 0xdd, 0x9d, 0xd0, 0x4a, 0x28, 0x7c };

static TEE_OperationHandle sha256(void)
{
	return gp_operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, TEE_HANDLE_NULL);
}

static void digest_good(unsigned which)
{
	TEE_OperationHandle o = sha256(), shake = gp_operation(TEE_ALG_SHAKE128, TEE_MODE_DIGEST, 0, TEE_HANDLE_NULL);
	uint8_t hash[64];

	(void)which;
	for (gp_size round = 0; round < 2; round++) {
		gp_size size = sizeof(hash);
		TEE_DigestUpdate(o, "a", 1);
		TEE_DigestUpdate(o, NULL, 0);
		TEE_DigestUpdate(o, "b", 1);
		GP(TEE_DigestDoFinal(o, "c", 1, hash, &size) == TEE_SUCCESS && size == 32 && gp_same(hash, sha256_abc, 32));
		size = 32;
		GP(TEE_DigestDoFinal(shake, NULL, 0, hash, &size) == TEE_SUCCESS && size == 32 && gp_same(hash, shake128_empty, 32));
	}
}

static void digest_short(unsigned which)
{
	TEE_OperationHandle o = sha256();
	uint8_t hash[32] = { 1 };
	gp_size size = 31;

	(void)which;
	TEE_DigestUpdate(o, "ab", 2);
	GP(TEE_DigestDoFinal(o, "c", 1, hash, &size) == TEE_ERROR_SHORT_BUFFER && size == 32 && hash[0] == 1);
	GP(TEE_DigestDoFinal(o, "c", 1, hash, &size) == TEE_SUCCESS && gp_same(hash, sha256_abc, 32)); /* the chunk was not hashed */
	TEE_DigestUpdate(o, "abc", 3);
	size = 30;
	GP(gp_extract(o, hash, &size) == TEE_SUCCESS && size == 30);
	size = 1;
	GP(TEE_DigestDoFinal(o, NULL, 0, hash, &size) == TEE_ERROR_SHORT_BUFFER && size == 2);
	GP(TEE_DigestDoFinal(o, NULL, 0, hash, &size) == TEE_SUCCESS && gp_same(hash, sha256_abc + 30, 2));
}

/* In pieces; and then a new message. */
static void extract_good(unsigned which)
{
	TEE_OperationHandle o = sha256(), shake = gp_operation(TEE_ALG_SHAKE128, TEE_MODE_DIGEST, 0, TEE_HANDLE_NULL);
	uint8_t hash[64];
	gp_size size = 0;

	(void)which;
	TEE_DigestUpdate(o, "abc", 3);
	for (gp_size at = 0; at < 32; at += size) {
		size = 7;
		GP(gp_extract(o, hash + at, &size) == TEE_SUCCESS && size == (at == 28 ? 4 : 7));
		if (size == 0) {
			break;
		}
	}
	GP(gp_same(hash, sha256_abc, 32));
	size = 7;
	GP(gp_extract(o, hash, &size) == TEE_SUCCESS && size == 0);
	GP(TEE_DigestDoFinal(o, NULL, 0, hash, &size) == TEE_SUCCESS && size == 0);
	size = 32;
	GP(TEE_DigestDoFinal(o, "abc", 3, hash, &size) == TEE_SUCCESS && gp_same(hash, sha256_abc, 32));
	for (gp_size at = 0; at < 64; at += size) {
		size = 16;
		GP(gp_extract(shake, hash + at, &size) == TEE_SUCCESS && size == 16);
	}
	GP(gp_same(hash, shake128_empty, 32) && !gp_same(hash, hash + 32, 32));
}

static void digest_panic(unsigned which)
{
	TEE_OperationHandle o = sha256(), mac = gp_operation(TEE_ALG_AES_CMAC, TEE_MODE_MAC, 128, gp_aes());
	TEE_OperationHandle bad[] = { GP_NOBODY, mac };
	uint8_t hash[32];
	gp_size size = 4;

	if (which == 2 || which == 5) {
		GP(gp_extract(o, hash, &size) == TEE_SUCCESS);
	}
	size = 32;
	gp_now();
	switch (which) {
	case 0:
	case 1:
		TEE_DigestUpdate(bad[which], "x", 1);
		break;
	case 2:
		TEE_DigestUpdate(o, "x", 1);
		break;
	case 3:
		TEE_DigestUpdate(o, gp_foreign(), 1);
		break;
	case 4:
		(void)TEE_DigestDoFinal(mac, NULL, 0, hash, &size);
		break;
	case 5:
		(void)TEE_DigestDoFinal(o, "x", 1, hash, &size);
		break;
	case 6:
		(void)TEE_DigestDoFinal(o, gp_foreign(), 1, hash, &size);
		break;
	case 7:
		(void)gp_extract(mac, hash, &size);
		break;
	case 8:
		(void)TEE_DigestDoFinal(GP_NOBODY, NULL, 0, hash, &size);
		break;
	case 9:
		(void)gp_extract(GP_NOBODY, hash, &size);
		break;
	default:
		(void)gp_extract(o, gp_read_only(), &size);
	}
}

/* ---- 6.5 ---- */

static TEE_OperationHandle cmac(void)
{
	return gp_operation(TEE_ALG_AES_CMAC, TEE_MODE_MAC, 128, gp_secret(TEE_TYPE_AES, cmac_key, 16));
}

static void mac_good(unsigned which)
{
	TEE_OperationHandle o = cmac(), hmac = gp_operation(TEE_ALG_HMAC_SHA256, TEE_MODE_MAC, 256, gp_secret(TEE_TYPE_HMAC_SHA256, sha256_abc, 32));
	uint8_t mac[32];
	gp_size size = 32;

	(void)which;
	TEE_MACInit(o, NULL, 0);
	TEE_MACUpdate(o, "dropped", 7);
	TEE_MACInit(o, NULL, 0);
	TEE_MACUpdate(o, cmac_message, 5);
	GP(TEE_MACComputeFinal(o, cmac_message + 5, 11, mac, &size) == TEE_SUCCESS && size == 16 && gp_same(mac, cmac_tag, 16));
	TEE_MACInit(o, NULL, 0);
	GP(TEE_MACCompareFinal(o, cmac_message, 16, cmac_tag, 16) == TEE_SUCCESS);
	TEE_MACInit(hmac, NULL, 0);
	size = 32;
	GP(TEE_MACComputeFinal(hmac, "abc", 3, mac, &size) == TEE_SUCCESS && size == 32);
	TEE_MACInit(hmac, NULL, 0);
	TEE_MACUpdate(hmac, "ab", 2);
	GP(TEE_MACCompareFinal(hmac, "c", 1, mac, 32) == TEE_SUCCESS);
}

static void mac_error(unsigned which)
{
	TEE_OperationHandle o = cmac();
	uint8_t mac[16];
	gp_size size = 15;

	TEE_MACInit(o, NULL, 0);
	if (which == 0) {
		GP(TEE_MACComputeFinal(o, cmac_message, 16, mac, &size) == TEE_ERROR_SHORT_BUFFER && size == 16);
		GP(TEE_MACComputeFinal(o, cmac_message, 16, mac, &size) == TEE_SUCCESS && gp_same(mac, cmac_tag, 16));
		return;
	}
	for (unsigned i = 0; i < 16; i++) { /* wherever the difference is */
		TEE_MACInit(o, NULL, 0);
		TEE_MemMove(mac, cmac_tag, 16);
		mac[i] ^= 0x80;
		GP(TEE_MACCompareFinal(o, cmac_message, 16, mac, 16) == TEE_ERROR_MAC_INVALID);
	}
	TEE_MACInit(o, NULL, 0);
	GP(TEE_MACCompareFinal(o, cmac_message, 16, cmac_tag, 15) == TEE_ERROR_MAC_INVALID);
	TEE_MACInit(o, NULL, 0);
	GP(TEE_MACCompareFinal(o, cmac_message, 16, NULL, 0) == TEE_ERROR_MAC_INVALID);
}

/* The end of a message, by which function. */
static void mac_end(bool compare, TEE_OperationHandle o, const void *message, gp_size size)
{
	uint8_t mac[32];
	gp_size mac_size = 32;

	if (compare) {
		(void)TEE_MACCompareFinal(o, message, size, cmac_tag, 16);
	} else {
		(void)TEE_MACComputeFinal(o, message, size, mac, &mac_size);
	}
}

/* Tens: the function. */
static void mac_panic(unsigned which)
{
	TEE_OperationHandle o = cmac(), digest = sha256(), keyless = gp_operation(TEE_ALG_AES_CMAC, TEE_MODE_MAC, 128, NULL), begun = cmac();
	TEE_OperationHandle blocks = gp_operation(TEE_ALG_AES_CBC_MAC_NOPAD, TEE_MODE_MAC, 128, gp_aes());
	TEE_OperationHandle bad[] = { GP_NOBODY, digest, which < 10 ? keyless : o, blocks };

	TEE_MACInit(begun, NULL, 0);
	TEE_MACInit(blocks, NULL, 0);
	gp_now();
	if (which < 10) {
		TEE_MACInit(bad[which], NULL, 0);
	} else if (which < 20) {
		TEE_MACUpdate(which == 13 ? begun : bad[which - 10], which == 13 ? gp_foreign() : "x", 1);
	} else if (which % 10 == 4) {
		mac_end(which >= 30, begun, gp_foreign(), 1);
	} else if (which == 35) {
		(void)TEE_MACCompareFinal(begun, "x", 1, gp_foreign(), 16);
	} else {
		mac_end(which >= 30, bad[which % 10], "x", 1);
	}
}

const struct gp_row gp_rows_digest[] = {
	{ "TEE_DigestUpdate", "success", digest_good, 0 },
	{ "TEE_DigestUpdate", "panics: operation is not open", digest_panic, 0 },
	{ "TEE_DigestUpdate", "panics: operation is no digest", digest_panic, 1 },
	{ "TEE_DigestUpdate", "panics: operation is being extracted", digest_panic, 2 },
	{ "TEE_DigestUpdate", "panics: chunk cannot be read", digest_panic, 3 },
	{ "TEE_DigestDoFinal", "success", digest_good, 0 },
	{ "TEE_DigestDoFinal", "TEE_ERROR_SHORT_BUFFER", digest_short, 0 },
	{ "TEE_DigestDoFinal", "panics: operation is not open", digest_panic, 8 },
	{ "TEE_DigestDoFinal", "panics: operation is no digest", digest_panic, 4 },
	{ "TEE_DigestDoFinal", "panics: after TEE_DigestExtract chunkLen is not 0", digest_panic, 5 },
	{ "TEE_DigestDoFinal", "panics: chunk cannot be read", digest_panic, 6 },
	{ "TEE_DigestExtract", "success", extract_good, 0 },
	{ "TEE_DigestExtract", "panics: operation is not open", digest_panic, 9 },
	{ "TEE_DigestExtract", "panics: operation is no digest", digest_panic, 7 },
	{ "TEE_DigestExtract", "panics: hash cannot be written", digest_panic, 10 },
	{ "TEE_MACInit", "success", mac_good, 0 },
	{ "TEE_MACInit", "panics: operation is not open", mac_panic, 0 },
	{ "TEE_MACInit", "panics: operation is no MAC", mac_panic, 1 },
	{ "TEE_MACInit", "panics: operation is without a key", mac_panic, 2 },
	{ "TEE_MACInit", "panics: IV is needed and cannot be read (no algorithm needs one)", NULL, 0 },
	{ "TEE_MACUpdate", "success", mac_good, 0 },
	{ "TEE_MACUpdate", "panics: operation is not open", mac_panic, 10 },
	{ "TEE_MACUpdate", "panics: operation is no MAC", mac_panic, 11 },
	{ "TEE_MACUpdate", "panics: operation is not begun", mac_panic, 12 },
	{ "TEE_MACUpdate", "panics: chunk cannot be read", mac_panic, 13 },
	{ "TEE_MACComputeFinal", "success", mac_good, 0 },
	{ "TEE_MACComputeFinal", "TEE_ERROR_SHORT_BUFFER", mac_error, 0 },
	{ "TEE_MACComputeFinal", "panics: operation is not open", mac_panic, 20 },
	{ "TEE_MACComputeFinal", "panics: operation is no MAC", mac_panic, 21 },
	{ "TEE_MACComputeFinal", "panics: operation is not begun", mac_panic, 22 },
	{ "TEE_MACComputeFinal", "panics: the message is no multiple of a block", mac_panic, 23 },
	{ "TEE_MACComputeFinal", "panics: message cannot be read", mac_panic, 24 },
	{ "TEE_MACCompareFinal", "success", mac_good, 0 },
	{ "TEE_MACCompareFinal", "TEE_ERROR_MAC_INVALID", mac_error, 1 },
	{ "TEE_MACCompareFinal", "panics: operation is not open", mac_panic, 30 },
	{ "TEE_MACCompareFinal", "panics: operation is no MAC", mac_panic, 31 },
	{ "TEE_MACCompareFinal", "panics: operation is not begun", mac_panic, 32 },
	{ "TEE_MACCompareFinal", "panics: the message is no multiple of a block", mac_panic, 33 },
	{ "TEE_MACCompareFinal", "panics: message cannot be read", mac_panic, 34 },
	{ "TEE_MACCompareFinal", "panics: mac cannot be read", mac_panic, 35 },
};
GP_COUNT(digest)
