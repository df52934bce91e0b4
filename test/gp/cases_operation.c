/* 6.2: operations of any kind. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

static const uint8_t key_bytes[32] = { 9, 8, 7, 6, 5, 4, 3, 2, 1 };
static const TEE_Result errors[] = { TEE_ERROR_CORRUPT_OBJECT, TEE_ERROR_CORRUPT_OBJECT_2, TEE_ERROR_STORAGE_NOT_AVAILABLE,
				     TEE_ERROR_STORAGE_NOT_AVAILABLE_2 };

#define STORAGE_ROWS(function, run)                                                \
	{ function, "TEE_ERROR_CORRUPT_OBJECT", run, 0 },                          \
	{ function, "TEE_ERROR_CORRUPT_OBJECT_2", run, 1 },                        \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE", run, 2 },                   \
	{ function, "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", run, 3 }

static TEE_OperationInfo info_of(TEE_OperationHandle operation)
{
	TEE_OperationInfo info;

	TEE_GetOperationInfo(operation, &info);
	return info;
}

/* Each class once, with what info tells of it. */
static void allocate_good(unsigned which)
{
	static const struct {
		uint32_t algorithm, mode, bits, class, digest, usage, flags;
	} row[] = {
		{ TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, TEE_OPERATION_DIGEST, 32, 0, TEE_HANDLE_FLAG_KEY_SET | TEE_HANDLE_FLAG_INITIALIZED },
		{ TEE_ALG_SHA3_512, TEE_MODE_DIGEST, 0, TEE_OPERATION_DIGEST, 64, 0, TEE_HANDLE_FLAG_KEY_SET | TEE_HANDLE_FLAG_INITIALIZED },
		{ TEE_ALG_HMAC_SHA1, TEE_MODE_MAC, 160, TEE_OPERATION_MAC, 20, TEE_USAGE_MAC, 0 },
		{ TEE_ALG_AES_CMAC, TEE_MODE_MAC, 128, TEE_OPERATION_MAC, 16, TEE_USAGE_MAC, 0 },
		{ TEE_ALG_DES3_CBC_MAC_NOPAD, TEE_MODE_MAC, 192, TEE_OPERATION_MAC, 8, TEE_USAGE_MAC, 0 },
		{ TEE_ALG_AES_CTR, TEE_MODE_ENCRYPT, 256, TEE_OPERATION_CIPHER, 0, TEE_USAGE_ENCRYPT, 0 },
		{ TEE_ALG_AES_XTS, TEE_MODE_DECRYPT, 256, TEE_OPERATION_CIPHER, 0, 0, TEE_HANDLE_FLAG_EXPECT_TWO_KEYS },
		{ TEE_ALG_AES_GCM, TEE_MODE_DECRYPT, 128, TEE_OPERATION_AE, 0, TEE_USAGE_DECRYPT, 0 },
		{ TEE_ALG_RSAES_PKCS1_V1_5, TEE_MODE_ENCRYPT, 1024, TEE_OPERATION_ASYMMETRIC_CIPHER, 0, TEE_USAGE_ENCRYPT, 0 },
		{ TEE_ALG_RSA_NOPAD, TEE_MODE_DECRYPT, 1024, TEE_OPERATION_ASYMMETRIC_CIPHER, 0, TEE_USAGE_DECRYPT | TEE_USAGE_SIGN, 0 },
		{ TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, TEE_MODE_SIGN, 2048, TEE_OPERATION_ASYMMETRIC_SIGNATURE, 0, TEE_USAGE_SIGN, 0 },
		{ TEE_ALG_ECDSA_SHA256, TEE_MODE_VERIFY, 256, TEE_OPERATION_ASYMMETRIC_SIGNATURE, 0, TEE_USAGE_VERIFY, 0 },
		{ TEE_ALG_ED25519, TEE_MODE_SIGN, 256, TEE_OPERATION_ASYMMETRIC_SIGNATURE, 0, TEE_USAGE_SIGN, 0 },
		{ TEE_ALG_ECDH_DERIVE_SHARED_SECRET, TEE_MODE_DERIVE, 256, TEE_OPERATION_KEY_DERIVATION, 0, TEE_USAGE_DERIVE, 0 },
		{ TEE_ALG_DH_DERIVE_SHARED_SECRET, TEE_MODE_DERIVE, 1024, TEE_OPERATION_KEY_DERIVATION, 0, TEE_USAGE_DERIVE, 0 },
		{ TEE_ALG_HKDF, TEE_MODE_DERIVE, 256, TEE_OPERATION_KEY_DERIVATION, 0, TEE_USAGE_DERIVE, 0 },
	};

	(void)which;
	for (gp_size i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		TEE_OperationHandle o = gp_operation(row[i].algorithm, row[i].mode, row[i].bits, TEE_HANDLE_NULL);
		TEE_OperationInfo info = info_of(o);
		GP(info.algorithm == row[i].algorithm && info.mode == row[i].mode && info.operationClass == row[i].class);
		GP(info.maxKeySize == row[i].bits && info.keySize == 0 && info.digestLength == row[i].digest);
		GP(info.requiredKeyUsage == row[i].usage && info.handleState == row[i].flags);
		TEE_FreeOperation(o);
	}
	if (!GP_11) {
		TEE_FreeOperation(TEE_HANDLE_NULL); /* 1.1 panics */
	}
}

static void allocate_error(unsigned which)
{
	TEE_OperationHandle o = GP_NOBODY;
	TEE_Result result = TEE_SUCCESS;

	if (which == 0) {
		GP(TEE_AllocateOperation(&o, TEE_ALG_ILLEGAL_VALUE, TEE_MODE_ENCRYPT, 128) == TEE_ERROR_NOT_SUPPORTED && o == TEE_HANDLE_NULL);
		GP(TEE_AllocateOperation(&o, TEE_ALG_AES_CTR, TEE_MODE_SIGN, 128) == TEE_ERROR_NOT_SUPPORTED);
		GP(TEE_AllocateOperation(&o, TEE_ALG_AES_CTR, TEE_MODE_ILLEGAL_VALUE, 128) == TEE_ERROR_NOT_SUPPORTED);
		GP(TEE_AllocateOperation(&o, TEE_ALG_AES_CTR, TEE_MODE_ENCRYPT, 100) == TEE_ERROR_NOT_SUPPORTED);
		GP(TEE_AllocateOperation(&o, TEE_ALG_RSA_NOPAD, TEE_MODE_ENCRYPT, 1 << 20) == TEE_ERROR_NOT_SUPPORTED);
		GP(TEE_AllocateOperation(&o, 0x20000001, TEE_MODE_ENCRYPT, 128) == TEE_ERROR_NOT_SUPPORTED);
		return;
	}
	for (unsigned i = 0; i < 100000 && result == TEE_SUCCESS; i++) {
		result = TEE_AllocateOperation(&o, TEE_ALG_SHA1, TEE_MODE_DIGEST, 0);
	}
	GP(result == TEE_ERROR_OUT_OF_MEMORY && o == TEE_HANDLE_NULL);
	while (TEE_Malloc(16, 0)) {
	}
	GP(TEE_AllocateOperation(&o, TEE_ALG_SHA1, TEE_MODE_DIGEST, 0) == TEE_ERROR_OUT_OF_MEMORY && o == TEE_HANDLE_NULL);
}

static void info_good(unsigned which)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_CBC_NOPAD, TEE_MODE_ENCRYPT, 256, gp_aes());
	uint8_t iv[16] = { 0 };

	(void)which;
	GP(info_of(o).keySize == 128 && info_of(o).handleState == TEE_HANDLE_FLAG_KEY_SET);
	TEE_CipherInit(o, iv, 16);
	GP(info_of(o).handleState == (TEE_HANDLE_FLAG_KEY_SET | TEE_HANDLE_FLAG_INITIALIZED));
	TEE_ResetOperation(o);
	GP(info_of(o).handleState == TEE_HANDLE_FLAG_KEY_SET);
	GP(TEE_SetOperationKey(o, TEE_HANDLE_NULL) == TEE_SUCCESS && info_of(o).handleState == 0 && info_of(o).keySize == 0);
}

static TEE_OperationInfoMultiple *multiple(TEE_OperationHandle o, uint32_t keys)
{
	static uint64_t place[16];
	TEE_OperationInfoMultiple *info = (TEE_OperationInfoMultiple *)(void *)place;
	gp_size size = sizeof(place);

	GP(TEE_GetOperationInfoMultiple(o, info, &size) == TEE_SUCCESS);
	GP(size == sizeof(*info) + keys * sizeof(TEE_OperationInfoKey) && info->numberOfKeys == keys);
	return info;
}

static void multiple_good(unsigned which)
{
	TEE_OperationHandle xts = gp_operation(TEE_ALG_AES_XTS, TEE_MODE_ENCRYPT, 128, TEE_HANDLE_NULL);
	TEE_OperationHandle digest = gp_operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, TEE_HANDLE_NULL);
	TEE_OperationHandle cipher = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 256, gp_aes());
	uint8_t out[5];
	gp_size size = sizeof(out);

	(void)which;
	GP(multiple(xts, 2)->keyInformation[1].keySize == 0);
	GP(TEE_SetOperationKey2(xts, gp_aes(), gp_secret(TEE_TYPE_AES, key_bytes, 16)) == TEE_SUCCESS);
	GP(multiple(xts, 2)->keyInformation[0].keySize == 128 && multiple(xts, 2)->keyInformation[1].keySize == 128);
	GP(multiple(xts, 2)->keyInformation[1].requiredKeyUsage == TEE_USAGE_ENCRYPT && info_of(xts).keySize == 0);
	GP(multiple(cipher, 1)->keyInformation[0].keySize == 128 && multiple(cipher, 1)->operationState == TEE_OPERATION_STATE_INITIAL);
	TEE_CipherInit(cipher, NULL, 0);
	GP(multiple(cipher, 1)->operationState == TEE_OPERATION_STATE_ACTIVE);
	GP(multiple(digest, 0)->operationState == TEE_OPERATION_STATE_INITIAL && multiple(digest, 0)->digestLength == 32);
	TEE_DigestUpdate(digest, "x", 1);
	GP(multiple(digest, 0)->operationState == TEE_OPERATION_STATE_ACTIVE);
	GP(gp_extract(digest, out, &size) == TEE_SUCCESS);
	GP(multiple(digest, 0)->operationState == TEE_OPERATION_STATE_EXTRACTING);
	GP(multiple(digest, 0)->handleState & TEE_HANDLE_FLAG_EXTRACTING);
}

static void multiple_short(unsigned which)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 128, gp_aes());
	uint64_t place[16];
	gp_size size = sizeof(TEE_OperationInfoMultiple) + sizeof(TEE_OperationInfoKey) - 1;

	(void)which;
	GP(TEE_GetOperationInfoMultiple(o, (TEE_OperationInfoMultiple *)(void *)place, &size) == TEE_ERROR_SHORT_BUFFER);
	GP(size == sizeof(TEE_OperationInfoMultiple) + sizeof(TEE_OperationInfoKey));
}

static void reset_good(unsigned which)
{
	TEE_OperationHandle digest = gp_operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, TEE_HANDLE_NULL);
	uint8_t hash[32], want[32];
	gp_size size = 32;

	(void)which;
	GP(TEE_DigestDoFinal(digest, "abc", 3, want, &size) == TEE_SUCCESS);
	TEE_DigestUpdate(digest, "forgotten", 9);
	TEE_ResetOperation(digest);
	GP(TEE_DigestDoFinal(digest, "abc", 3, hash, &size) == TEE_SUCCESS && gp_same(hash, want, 32));
}

/* ---- keys ---- */

static bool encrypts(TEE_OperationHandle o, uint8_t out[16])
{
	static const uint8_t in[16] = { 1 };
	gp_size size = 16;

	TEE_CipherInit(o, NULL, 0);
	return TEE_CipherDoFinal(o, in, 16, out, &size) == TEE_SUCCESS && size == 16;
}

static void key_good(unsigned which)
{
	TEE_ObjectHandle key = gp_aes();
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 256, key);
	uint8_t before[16], after[16];

	(void)which;
	GP(encrypts(o, before));
	TEE_ResetTransientObject(key); /* it was copied */
	GP(encrypts(o, after) && gp_same(before, after, 16));
	GP(TEE_SetOperationKey(o, gp_secret(TEE_TYPE_AES, key_bytes, 32)) == TEE_SUCCESS && encrypts(o, after) && !gp_same(before, after, 16));
	TEE_ObjectHandle stored = gp_stored("a", gp_aes());
	GP(TEE_SetOperationKey(o, stored) == TEE_SUCCESS);
	TEE_CloseObject(stored);
	GP(encrypts(o, after) && gp_same(before, after, 16));
	/* DES keys are counted with their parity or without. */
	TEE_ObjectHandle des = gp_secret(TEE_TYPE_DES3, key_bytes, 24);
	TEE_OperationHandle short_count = gp_operation(TEE_ALG_DES3_ECB_NOPAD, TEE_MODE_ENCRYPT, 168, des);
	TEE_CopyOperation(short_count, gp_operation(TEE_ALG_DES3_ECB_NOPAD, TEE_MODE_ENCRYPT, 192, des));
	/* Of a pair the public half. */
	TEE_FreeOperation(gp_operation(TEE_ALG_ECDSA_SHA256, TEE_MODE_VERIFY, 256, gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR)));
}

static void key_error(unsigned which)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 256, TEE_HANDLE_NULL);
	TEE_OperationHandle xts = gp_operation(TEE_ALG_AES_XTS, TEE_MODE_ENCRYPT, 128, TEE_HANDLE_NULL);
	TEE_ObjectHandle stored = gp_stored("a", gp_aes()), other = gp_secret(TEE_TYPE_AES, key_bytes, 16);

	if (which == 8) {
		GP(TEE_SetOperationKey2(xts, other, other) == TEE_ERROR_SECURITY && !(info_of(xts).handleState & TEE_HANDLE_FLAG_KEY_SET));
		return;
	}
	gp_fault(TA_CALL_OBJECT_INFO, 0, errors[which % 4]);
	GP((which < 4 ? TEE_SetOperationKey(o, stored) : TEE_SetOperationKey2(xts, stored, other)) == errors[which % 4]);
	GP(!(info_of(which < 4 ? o : xts).handleState & TEE_HANDLE_FLAG_KEY_SET));
}

static void key_panic(unsigned which)
{
	TEE_ObjectHandle key = gp_aes(), empty = gp_empty(TEE_TYPE_AES, 128), hmac = gp_secret(TEE_TYPE_HMAC_SHA256, key_bytes, 32);
	TEE_ObjectHandle large = gp_secret(TEE_TYPE_AES, key_bytes, 32), weak = gp_aes();
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 128, key), started = gp_operation(TEE_ALG_AES_ECB_NOPAD, 0, 128, key);
	TEE_OperationHandle digest = gp_operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, NULL), xts = gp_operation(TEE_ALG_AES_XTS, 0, 128, NULL);
	TEE_OperationHandle bad[] = { GP_NOBODY, started, digest, xts, o, o, o, o, o };
	TEE_ObjectHandle keys[] = { key, key, key, key, GP_NOBODY, empty, hmac, large, weak };

	TEE_CipherInit(started, NULL, 0);
	TEE_RestrictObjectUsage(weak, TEE_USAGE_DECRYPT);
	gp_now();
	(void)TEE_SetOperationKey(bad[which], keys[which]);
}

static void key2_good(unsigned which)
{
	TEE_OperationHandle xts = gp_operation(TEE_ALG_AES_XTS, TEE_MODE_ENCRYPT, 256, TEE_HANDLE_NULL);
	TEE_ObjectHandle one = gp_aes(), two = gp_secret(TEE_TYPE_AES, key_bytes, 16);

	(void)which;
	GP(TEE_SetOperationKey2(xts, one, two) == TEE_SUCCESS && (info_of(xts).handleState & TEE_HANDLE_FLAG_KEY_SET));
	GP(TEE_SetOperationKey2(xts, TEE_HANDLE_NULL, TEE_HANDLE_NULL) == TEE_SUCCESS && !(info_of(xts).handleState & TEE_HANDLE_FLAG_KEY_SET));
}

static void key2_panic(unsigned which)
{
	TEE_ObjectHandle one = gp_aes(), two = gp_secret(TEE_TYPE_AES, key_bytes, 16), large = gp_secret(TEE_TYPE_AES, key_bytes, 32);
	TEE_ObjectHandle empty = gp_empty(TEE_TYPE_AES, 128), hmac = gp_secret(TEE_TYPE_HMAC_SHA256, key_bytes, 32), weak = gp_aes();
	TEE_OperationHandle xts = gp_operation(TEE_ALG_AES_XTS, 0, 256, NULL), single = gp_operation(TEE_ALG_AES_ECB_NOPAD, 0, 128, NULL);
	TEE_OperationHandle started = gp_operation(TEE_ALG_AES_XTS, 0, 128, NULL);
	TEE_OperationHandle bad[] = { GP_NOBODY, started, single, xts, xts, xts, xts, xts, xts };
	TEE_ObjectHandle keys[] = { one, one, one, GP_NOBODY, empty, TEE_HANDLE_NULL, hmac, large, weak };
	uint8_t tweak[16] = { 0 };

	GP(TEE_SetOperationKey2(started, one, two) == TEE_SUCCESS);
	TEE_CipherInit(started, tweak, 16);
	TEE_RestrictObjectUsage(weak, TEE_USAGE_DECRYPT);
	gp_now();
	(void)TEE_SetOperationKey2(bad[which], keys[which], two);
}

/* ---- copies ---- */

static void copy_good(unsigned which)
{
	TEE_OperationHandle from = gp_operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, NULL), to = gp_operation(TEE_ALG_SHA256, TEE_MODE_DIGEST, 0, NULL);
	TEE_OperationHandle mac = gp_operation(TEE_ALG_AES_CMAC, TEE_MODE_MAC, 128, gp_aes()), mac2 = gp_operation(TEE_ALG_AES_CMAC, TEE_MODE_MAC, 256, NULL);
	uint8_t a[32], b[32];
	gp_size a_size = 20, b_size = 32;

	(void)which;
	TEE_DigestUpdate(from, "abc", 3);
	TEE_CopyOperation(to, from);
	TEE_DigestUpdate(from, "def", 3);
	GP(TEE_DigestDoFinal(to, "def", 3, b, &b_size) == TEE_SUCCESS);
	GP(gp_extract(from, a, &a_size) == TEE_SUCCESS && a_size == 20);
	TEE_CopyOperation(to, from);
	a_size = 12;
	GP(gp_extract(to, a + 20, &a_size) == TEE_SUCCESS && a_size == 12 && gp_same(a, b, 32));
	TEE_MACInit(mac, NULL, 0);
	TEE_MACUpdate(mac, "abc", 3);
	TEE_CopyOperation(mac2, mac);
	a_size = b_size = 16;
	GP(TEE_MACComputeFinal(mac, NULL, 0, a, &a_size) == TEE_SUCCESS && TEE_MACComputeFinal(mac2, NULL, 0, b, &b_size) == TEE_SUCCESS);
	GP(gp_same(a, b, 16) && info_of(mac2).keySize == 128 && info_of(mac2).maxKeySize == 256);
}

static void copy_panic(unsigned which)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 256, gp_secret(TEE_TYPE_AES, key_bytes, 32));
	TEE_OperationHandle mode = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_DECRYPT, 256, NULL);
	TEE_OperationHandle algorithm = gp_operation(TEE_ALG_AES_CTR, TEE_MODE_ENCRYPT, 256, NULL);
	TEE_OperationHandle small = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 128, NULL);
	TEE_OperationHandle to[] = { GP_NOBODY, o, algorithm, mode, small };

	gp_now();
	TEE_CopyOperation(to[which], which == 1 ? GP_NOBODY : o);
}

static void supported_good(unsigned which)
{
	static const struct {
		uint32_t algorithm, element;
		TEE_Result result;
	} row[] = {
		{ TEE_ALG_SHA256, TEE_CRYPTO_ELEMENT_NONE, TEE_SUCCESS },
		{ TEE_ALG_AES_GCM, TEE_CRYPTO_ELEMENT_NONE, TEE_SUCCESS },
		{ TEE_ALG_ECDSA_SHA256, TEE_ECC_CURVE_NIST_P256, TEE_SUCCESS },
		{ TEE_ALG_ECDH_DERIVE_SHARED_SECRET, TEE_ECC_CURVE_NIST_P521, TEE_SUCCESS },
		{ TEE_ALG_ED25519, TEE_ECC_CURVE_25519, TEE_SUCCESS },
		{ TEE_ALG_SHA256, TEE_ECC_CURVE_NIST_P256, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_ALG_ECDSA_SHA256, TEE_ECC_CURVE_25519, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_ALG_ECDSA_SHA256, 0x200, TEE_ERROR_NOT_SUPPORTED },
		{ TEE_ALG_ILLEGAL_VALUE, TEE_CRYPTO_ELEMENT_NONE, TEE_ERROR_NOT_SUPPORTED },
		{ 0, 0, TEE_ERROR_NOT_SUPPORTED },
	};

	(void)which;
	for (gp_size i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		GP(TEE_IsAlgorithmSupported(row[i].algorithm, row[i].element) == row[i].result);
	}
}

static void operation_panic(unsigned which)
{
	TEE_OperationHandle o = gp_operation(TEE_ALG_AES_ECB_NOPAD, TEE_MODE_ENCRYPT, 128, NULL);
	TEE_OperationInfo info;
	gp_size size = 100;

	gp_now();
	switch (which) {
	case 0:
		(void)TEE_AllocateOperation(gp_foreign(), TEE_ALG_SHA1, TEE_MODE_DIGEST, 0);
		break;
	case 1:
		TEE_FreeOperation(GP_NOBODY);
		break;
	case 2:
		TEE_FreeOperation(o);
		TEE_FreeOperation(o);
		break;
	case 3:
		TEE_GetOperationInfo(TEE_HANDLE_NULL, &info);
		break;
	case 4:
		(void)TEE_GetOperationInfoMultiple(GP_NOBODY, gp_shared(), &size);
		break;
	case 5:
		(void)TEE_GetOperationInfoMultiple(o, gp_read_only(), &size);
		break;
	case 6:
		TEE_ResetOperation(GP_NOBODY);
		break;
	default:
		TEE_ResetOperation(o);
	}
}

#define KEY_ROWS(function, run, bad)                                         \
	{ function, "panics: operation is not open", run, 0 },               \
	{ function, "panics: operation is not in its initial state", run, 1 }, \
	{ function, "panics: a key is not open", run, (bad) + 0 },           \
	{ function, "panics: a key is not initialised", run, (bad) + 1 }

const struct gp_row gp_rows_operation[] = {
	{ "TEE_AllocateOperation", "success", allocate_good, 0 },
	{ "TEE_AllocateOperation", "TEE_ERROR_OUT_OF_MEMORY", allocate_error, 1 },
	{ "TEE_AllocateOperation", "TEE_ERROR_NOT_SUPPORTED", allocate_error, 0 },
	{ "TEE_AllocateOperation", "panics: operation cannot be written", operation_panic, 0 },
	{ "TEE_FreeOperation", "success", allocate_good, 0 },
	{ "TEE_FreeOperation", "panics: operation is not open", operation_panic, 1 },
	{ "TEE_FreeOperation", "panics: operation was freed", operation_panic, 2 },
	{ "TEE_GetOperationInfo", "success", info_good, 0 },
	{ "TEE_GetOperationInfo", "success: each class", allocate_good, 0 },
	{ "TEE_GetOperationInfo", "panics: operation is not open", operation_panic, 3 },
	{ "TEE_GetOperationInfoMultiple", "success", multiple_good, 0 },
	{ "TEE_GetOperationInfoMultiple", "TEE_ERROR_SHORT_BUFFER", multiple_short, 0 },
	{ "TEE_GetOperationInfoMultiple", "panics: operation is not open", operation_panic, 4 },
	{ "TEE_GetOperationInfoMultiple", "panics: operationInfoMultiple cannot be written", operation_panic, 5 },
	{ "TEE_ResetOperation", "success", reset_good, 0 },
	{ "TEE_ResetOperation", "panics: operation is not open", operation_panic, 6 },
	{ "TEE_ResetOperation", "panics: operation needs a key and has none", operation_panic, 7 },
	{ "TEE_SetOperationKey", "success", key_good, 0 },
	STORAGE_ROWS("TEE_SetOperationKey", key_error),
	KEY_ROWS("TEE_SetOperationKey", key_panic, 4),
	{ "TEE_SetOperationKey", "panics: operation is a digest", key_panic, 2 },
	{ "TEE_SetOperationKey", "panics: operation is one with two keys", key_panic, 3 },
	{ "TEE_SetOperationKey", "panics: key's type does not fit", key_panic, 6 },
	{ "TEE_SetOperationKey", "panics: key's size does not fit", key_panic, 7 },
	{ "TEE_SetOperationKey", "panics: key's usage does not fit", key_panic, 8 },
	{ "TEE_SetOperationKey2", "success", key2_good, 0 },
	{ "TEE_SetOperationKey2", "TEE_ERROR_CORRUPT_OBJECT", key_error, 4 },
	{ "TEE_SetOperationKey2", "TEE_ERROR_CORRUPT_OBJECT_2", key_error, 5 },
	{ "TEE_SetOperationKey2", "TEE_ERROR_STORAGE_NOT_AVAILABLE", key_error, 6 },
	{ "TEE_SetOperationKey2", "TEE_ERROR_STORAGE_NOT_AVAILABLE_2", key_error, 7 },
	{ "TEE_SetOperationKey2", "TEE_ERROR_SECURITY", key_error, 8 },
	KEY_ROWS("TEE_SetOperationKey2", key2_panic, 3),
	{ "TEE_SetOperationKey2", "panics: operation is without two keys", key2_panic, 2 },
	{ "TEE_SetOperationKey2", "panics: only one is TEE_HANDLE_NULL", key2_panic, 5 },
	{ "TEE_SetOperationKey2", "panics: a type does not fit", key2_panic, 6 },
	{ "TEE_SetOperationKey2", "panics: the sizes differ", key2_panic, 7 },
	{ "TEE_SetOperationKey2", "panics: a usage does not fit", key2_panic, 8 },
	{ "TEE_CopyOperation", "success", copy_good, 0 },
	{ "TEE_CopyOperation", "panics: dstOperation is not open", copy_panic, 0 },
	{ "TEE_CopyOperation", "panics: srcOperation is not open", copy_panic, 1 },
	{ "TEE_CopyOperation", "panics: algorithms differ", copy_panic, 2 },
	{ "TEE_CopyOperation", "panics: modes differ", copy_panic, 3 },
	{ "TEE_CopyOperation", "panics: srcOperation's key is above dstOperation's maximum", copy_panic, 4 },
	{ "TEE_IsAlgorithmSupported", "success", supported_good, 0 },
	{ "TEE_IsAlgorithmSupported", "TEE_ERROR_NOT_SUPPORTED", supported_good, 0 },
};
GP_COUNT(operation)
