/* 6.7 to 6.9: asymmetric operations, derivation, random data. */
#include "test/gp/cases.h"

#include <tee_syscall.h>

static const uint8_t digest[32] = { 1, 2, 3 };

static TEE_OperationHandle rsa(uint32_t algorithm, uint32_t mode, TEE_ObjectHandle key)
{
	return gp_operation(algorithm, mode, 1024, key);
}

static void encrypt_good(unsigned which)
{
	TEE_ObjectHandle key = gp_rsa_pair();
	TEE_OperationHandle seal = rsa(TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256, TEE_MODE_ENCRYPT, key);
	TEE_OperationHandle open = rsa(TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA256, TEE_MODE_DECRYPT, key);
	uint8_t out[128], back[128];
	gp_size size = 128, back_size = 128;
	TEE_Attribute label;

	(void)which;
	TEE_InitRefAttribute(&label, TEE_ATTR_RSA_OAEP_LABEL, "label", 5);
	GP(TEE_AsymmetricEncrypt(seal, &label, 1, "text", 4, out, &size) == TEE_SUCCESS && size == 128);
	GP(TEE_AsymmetricDecrypt(open, &label, 1, out, size, back, &back_size) == TEE_SUCCESS && back_size == 4 && gp_same(back, "text", 4));
	back_size = 128;
	GP(TEE_AsymmetricDecrypt(open, NULL, 0, out, size, back, &back_size) == TEE_ERROR_CIPHERTEXT_INVALID); /* another label */
}

/* Tens: 0 encrypt, 1 decrypt. */
static void encrypt_error(unsigned which)
{
	TEE_ObjectHandle key = gp_rsa_pair();
	uint32_t algorithm = TEE_ALG_RSAES_PKCS1_OAEP_MGF1_SHA1;
	TEE_OperationHandle seal = rsa(algorithm, TEE_MODE_ENCRYPT, key), open = rsa(algorithm, TEE_MODE_DECRYPT, key);
	uint8_t out[128], back[128] = { 0 };
	uint32_t hash = TEE_ALG_SHAKE128;
	gp_size size = 128, back_size = 3;
	TEE_Attribute mgf;

	TEE_InitRefAttribute(&mgf, TEE_ATTR_RSA_OAEP_MGF_HASH, &hash, sizeof(hash));
	GP(TEE_AsymmetricEncrypt(seal, NULL, 0, "text", 4, out, &size) == TEE_SUCCESS);
	switch (which) {
	case 0:
		size = 127;
		GP(TEE_AsymmetricEncrypt(seal, NULL, 0, "text", 4, out, &size) == TEE_ERROR_SHORT_BUFFER && size == 128);
		break;
	case 1:
		GP(TEE_AsymmetricEncrypt(seal, NULL, 0, back, 100, out, &size) == TEE_ERROR_BAD_PARAMETERS);
		break;
	case 2:
		GP(TEE_AsymmetricEncrypt(seal, &mgf, 1, "text", 4, out, &size) == TEE_ERROR_NOT_SUPPORTED);
		break;
	case 10:
		GP(TEE_AsymmetricDecrypt(open, NULL, 0, out, 128, back, &back_size) == TEE_ERROR_SHORT_BUFFER && back_size == 4);
		break;
	case 11:
		back_size = 128;
		GP(TEE_AsymmetricDecrypt(open, NULL, 0, out, 127, back, &back_size) == TEE_ERROR_BAD_PARAMETERS);
		break;
	case 12:
		back_size = 128;
		GP(TEE_AsymmetricDecrypt(open, &mgf, 1, out, 128, back, &back_size) == TEE_ERROR_NOT_SUPPORTED);
		break;
	default:
		back_size = 128;
		out[127] ^= 1;
		GP(TEE_AsymmetricDecrypt(open, NULL, 0, out, 128, back, &back_size) == TEE_ERROR_CIPHERTEXT_INVALID);
	}
}

static void sign_good(unsigned which)
{
	static const uint32_t rsa_algorithm[] = { TEE_ALG_RSASSA_PKCS1_V1_5_SHA256, TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256 };
	TEE_ObjectHandle key = gp_rsa_pair(), curve = gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR), ed = gp_empty(TEE_TYPE_ED25519_KEYPAIR, 256);
	uint8_t out[128];
	gp_size size = 128;
	TEE_Attribute salt;

	(void)which;
	TEE_InitValueAttribute(&salt, TEE_ATTR_RSA_PSS_SALT_LENGTH, 20, 0);
	for (uint32_t i = 0; i < 2; i++) {
		size = 128;
		GP(TEE_AsymmetricSignDigest(rsa(rsa_algorithm[i], TEE_MODE_SIGN, key), &salt, i, digest, 32, out, &size) == TEE_SUCCESS && size == 128);
		GP(TEE_AsymmetricVerifyDigest(rsa(rsa_algorithm[i], TEE_MODE_VERIFY, key), &salt, i, digest, 32, out, size) == TEE_SUCCESS);
	}
	size = 128;
	GP(TEE_AsymmetricSignDigest(gp_operation(TEE_ALG_ECDSA_SHA256, TEE_MODE_SIGN, 256, curve), NULL, 0, digest, 32, out, &size) == TEE_SUCCESS);
	GP(size == 64);
	GP(TEE_AsymmetricVerifyDigest(gp_operation(TEE_ALG_ECDSA_SHA256, TEE_MODE_VERIFY, 256, curve), NULL, 0, digest, 32, out, 64) == TEE_SUCCESS);
	GP(TEE_GenerateKey(ed, 256, NULL, 0) == TEE_SUCCESS);
	size = 128;
	GP(TEE_AsymmetricSignDigest(gp_operation(TEE_ALG_ED25519, TEE_MODE_SIGN, 256, ed), NULL, 0, "a message", 9, out, &size) == TEE_SUCCESS && size == 64);
	GP(TEE_AsymmetricVerifyDigest(gp_operation(TEE_ALG_ED25519, TEE_MODE_VERIFY, 256, ed), NULL, 0, "a message", 9, out, 64) == TEE_SUCCESS);
}

static void sign_error(unsigned which)
{
	TEE_ObjectHandle curve = gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR), key = gp_rsa_pair();
	TEE_OperationHandle sign = gp_operation(TEE_ALG_ECDSA_SHA256, TEE_MODE_SIGN, 256, curve);
	TEE_OperationHandle verify = gp_operation(TEE_ALG_ECDSA_SHA256, TEE_MODE_VERIFY, 256, curve);
	uint8_t out[128] = { 0 };
	gp_size size = which == 0 ? 63 : 64;
	TEE_Attribute salt;

	TEE_InitValueAttribute(&salt, TEE_ATTR_RSA_PSS_SALT_LENGTH, 100000, 0);
	if (which == 0) {
		GP(TEE_AsymmetricSignDigest(sign, NULL, 0, digest, 32, out, &size) == TEE_ERROR_SHORT_BUFFER && size == 64);
		return;
	}
	GP(TEE_AsymmetricSignDigest(sign, NULL, 0, digest, 32, out, &size) == TEE_SUCCESS);
	if (which == 1) {
		GP(TEE_AsymmetricVerifyDigest(verify, NULL, 0, digest, 32, out, 63) == TEE_ERROR_SIGNATURE_INVALID);
		GP(TEE_AsymmetricVerifyDigest(verify, NULL, 0, digest, 32, NULL, 0) == TEE_ERROR_SIGNATURE_INVALID);
		out[10] ^= 1;
		GP(TEE_AsymmetricVerifyDigest(verify, NULL, 0, digest, 32, out, 64) == TEE_ERROR_SIGNATURE_INVALID);
		return;
	}
	size = 128;
	TEE_OperationHandle pss = rsa(TEE_ALG_RSASSA_PKCS1_PSS_MGF1_SHA256, which == 2 ? TEE_MODE_SIGN : TEE_MODE_VERIFY, key);
	GP((which == 2 ? TEE_AsymmetricSignDigest(pss, &salt, 1, digest, 32, out, &size) :
			 TEE_AsymmetricVerifyDigest(pss, &salt, 1, digest, 32, out, 128)) == TEE_ERROR_NOT_SUPPORTED);
}

/* Tens: encrypt, decrypt, sign, verify. Ones: what is wrong. */
static void asymmetric_panic(unsigned which)
{
	static const uint32_t modes[] = { TEE_MODE_ENCRYPT, TEE_MODE_DECRYPT, TEE_MODE_SIGN, TEE_MODE_VERIFY };
	unsigned function = which / 10, how = which % 10;
	bool crypt = function < 2;
	TEE_ObjectHandle key = crypt ? gp_rsa_pair() : gp_curve_pair(TEE_TYPE_ECDSA_KEYPAIR);
	uint32_t algorithm = crypt ? TEE_ALG_RSAES_PKCS1_V1_5 : TEE_ALG_ECDSA_SHA256, bits = crypt ? 1024 : 256;
	TEE_OperationHandle o = gp_operation(algorithm, modes[function], bits, key), keyless = gp_operation(algorithm, modes[function], bits, NULL);
	TEE_OperationHandle other = gp_operation(algorithm, modes[function ^ 1], bits, key), hash = gp_operation(TEE_ALG_SHA1, TEE_MODE_DIGEST, 0, NULL);
	TEE_OperationHandle bad[] = { GP_NOBODY, hash, keyless, other, o, o, o, o, o };
	TEE_Attribute parameter;
	const TEE_Attribute *params = how == 5 ? gp_foreign() : &parameter;
	const void *in = how == 6 ? gp_foreign() : (const void *)digest;
	uint32_t count = how == 4 || how == 5;
	uint8_t out[128] = { 0 };
	gp_size size = 128, in_size = how == 8 ? 31 : 32;

	TEE_InitRefAttribute(&parameter, TEE_ATTR_RSA_OAEP_LABEL, "x", 1);
	gp_now();
	switch (function) {
	case 0:
		(void)TEE_AsymmetricEncrypt(bad[how], params, count, in, in_size, out, &size);
		break;
	case 1:
		(void)TEE_AsymmetricDecrypt(bad[how], params, count, in, in_size, out, &size);
		break;
	case 2:
		(void)TEE_AsymmetricSignDigest(bad[how], params, count, in, in_size, out, &size);
		break;
	default:
		(void)TEE_AsymmetricVerifyDigest(bad[how], params, count, in, in_size, how == 7 ? gp_foreign() : out, 64);
	}
}

#define ASYMMETRIC_ROWS(function, base, class, mode, input)                                                  \
	{ function, "panics: operation is not open", asymmetric_panic, (base) + 0 },                         \
	{ function, "panics: operation is not asymmetric " class, asymmetric_panic, (base) + 1 },            \
	{ function, "panics: operation is without a key", asymmetric_panic, (base) + 2 },                    \
	{ function, "panics: its mode is not " mode, asymmetric_panic, (base) + 3 },                         \
	{ function, "panics: a parameter is there that the algorithm has not", asymmetric_panic, (base) + 4 }, \
	{ function, "panics: params cannot be read", asymmetric_panic, (base) + 5 },                         \
	{ function, "panics: " input " cannot be read", asymmetric_panic, (base) + 6 }

/* ---- 6.8 ---- */

static gp_size coordinate(TEE_ObjectHandle pair, uint32_t id, uint8_t out[32])
{
	gp_size size = 32;

	GP(TEE_GetObjectBufferAttribute(pair, id, out, &size) == TEE_SUCCESS);
	return size;
}

static void agree(TEE_ObjectHandle mine, TEE_ObjectHandle theirs, TEE_ObjectHandle out)
{
	uint8_t x[32], y[32];
	TEE_Attribute public[2];

	TEE_InitRefAttribute(&public[0], TEE_ATTR_ECC_PUBLIC_VALUE_X, x, coordinate(theirs, TEE_ATTR_ECC_PUBLIC_VALUE_X, x));
	TEE_InitRefAttribute(&public[1], TEE_ATTR_ECC_PUBLIC_VALUE_Y, y, coordinate(theirs, TEE_ATTR_ECC_PUBLIC_VALUE_Y, y));
	TEE_DeriveKey(gp_operation(TEE_ALG_ECDH_DERIVE_SHARED_SECRET, TEE_MODE_DERIVE, 256, mine), public, 2, out);
}

static void derive_good(unsigned which)
{
	/* RFC 5869, A.1. */
	static const uint8_t ikm[22] = { 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b, 0x0b,
					 0x0b, 0x0b, 0x0b };
	static const uint8_t salt[13] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
	static const uint8_t info[10] = { 0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9 };
	static const uint8_t okm[16] = { 0x3c, 0xb2, 0x5f, 0x25, 0xfa, 0xac, 0xd5, 0x7a, 0x90, 0x43, 0x4f, 0x64, 0xd0, 0x36, 0x2f, 0x2a };
	TEE_ObjectHandle a = gp_curve_pair(TEE_TYPE_ECDH_KEYPAIR), b = gp_curve_pair(TEE_TYPE_ECDH_KEYPAIR);
	TEE_ObjectHandle one = gp_empty(TEE_TYPE_GENERIC_SECRET, 256), two = gp_empty(TEE_TYPE_GENERIC_SECRET, 256);
	uint8_t x[64], y[64];
	gp_size x_size = 64, y_size = 64;
	TEE_Attribute p[4];

	(void)which;
	agree(a, b, one);
	agree(b, a, two);
	GP(TEE_GetObjectBufferAttribute(one, TEE_ATTR_SECRET_VALUE, x, &x_size) == TEE_SUCCESS);
	GP(TEE_GetObjectBufferAttribute(two, TEE_ATTR_SECRET_VALUE, y, &y_size) == TEE_SUCCESS && x_size == y_size && gp_same(x, y, x_size));
	TEE_ResetTransientObject(one);
	TEE_InitRefAttribute(&p[0], TEE_ATTR_HKDF_SALT, salt, sizeof(salt));
	TEE_InitRefAttribute(&p[1], TEE_ATTR_HKDF_INFO, info, sizeof(info));
	TEE_InitValueAttribute(&p[2], TEE_ATTR_HKDF_HASH_ALGORITHM, TEE_ALG_SHA256, 0);
	TEE_InitValueAttribute(&p[3], TEE_ATTR_KDF_KEY_SIZE, 16, 0);
	TEE_DeriveKey(gp_operation(TEE_ALG_HKDF, TEE_MODE_DERIVE, 176, gp_secret(TEE_TYPE_HKDF, ikm, sizeof(ikm))), p, 4, one);
	x_size = 64;
	GP(TEE_GetObjectBufferAttribute(one, TEE_ATTR_SECRET_VALUE, x, &x_size) == TEE_SUCCESS && x_size == 16 && gp_same(x, okm, 16));
}

static void derive_panic(unsigned which)
{
	TEE_ObjectHandle pair = gp_curve_pair(TEE_TYPE_ECDH_KEYPAIR), out = gp_empty(TEE_TYPE_GENERIC_SECRET, 256), full = gp_aes();
	uint32_t algorithm = TEE_ALG_ECDH_DERIVE_SHARED_SECRET;
	TEE_OperationHandle o = gp_operation(algorithm, TEE_MODE_DERIVE, 256, pair), keyless = gp_operation(algorithm, TEE_MODE_DERIVE, 256, NULL);
	TEE_OperationHandle hash = gp_operation(TEE_ALG_SHA1, TEE_MODE_DIGEST, 0, NULL);
	uint8_t x[32], y[32];
	TEE_Attribute p[2];

	TEE_InitRefAttribute(&p[0], TEE_ATTR_ECC_PUBLIC_VALUE_X, x, coordinate(pair, TEE_ATTR_ECC_PUBLIC_VALUE_X, x));
	TEE_InitRefAttribute(&p[1], TEE_ATTR_ECC_PUBLIC_VALUE_Y, y, coordinate(pair, TEE_ATTR_ECC_PUBLIC_VALUE_Y, y));
	TEE_ObjectHandle small = gp_empty(TEE_TYPE_GENERIC_SECRET, 128), aes = gp_empty(TEE_TYPE_AES, 256);
	gp_now();
	switch (which) {
	case 0:
		TEE_DeriveKey(GP_NOBODY, p, 2, out);
		break;
	case 1:
		TEE_DeriveKey(hash, p, 2, out);
		break;
	case 2:
		TEE_DeriveKey(keyless, p, 2, out);
		break;
	case 3:
		TEE_DeriveKey(o, p, 2, GP_NOBODY);
		break;
	case 4:
		TEE_DeriveKey(o, p, 2, full);
		break;
	case 5:
		TEE_DeriveKey(o, p, 2, aes);
		break;
	case 6:
		TEE_DeriveKey(o, p, 2, small);
		break;
	case 7:
		TEE_DeriveKey(o, p, 1, out);
		break;
	case 8:
		y[0] ^= 1;
		TEE_DeriveKey(o, p, 2, out);
		break;
	default:
		TEE_DeriveKey(o, gp_foreign(), 2, out);
	}
}

/* ---- 6.9 ---- */

static void random_good(unsigned which)
{
	uint8_t a[32] = { 0 }, b[32] = { 0 };

	(void)which;
	TEE_GenerateRandom(a, 31);
	TEE_GenerateRandom(b, 31);
	GP(!gp_same(a, b, 31) && a[31] == 0);
	TEE_GenerateRandom(NULL, 0);
}

static void random_panic(unsigned which)
{
	uint8_t a[8];

	if (which == 1) {
		gp_fault(TA_CALL_RANDOM, 0, TEE_ERROR_GENERIC);
	}
	gp_now();
	TEE_GenerateRandom(which == 0 ? gp_read_only() : a, 8);
}

const struct gp_row gp_rows_asymmetric[] = {
	{ "TEE_AsymmetricEncrypt", "success", encrypt_good, 0 },
	{ "TEE_AsymmetricEncrypt", "TEE_ERROR_SHORT_BUFFER", encrypt_error, 0 },
	{ "TEE_AsymmetricEncrypt", "TEE_ERROR_BAD_PARAMETERS", encrypt_error, 1 },
	{ "TEE_AsymmetricEncrypt", "TEE_ERROR_NOT_SUPPORTED", encrypt_error, 2 },
	ASYMMETRIC_ROWS("TEE_AsymmetricEncrypt", 0, "encryption", "TEE_MODE_ENCRYPT", "srcData"),
	{ "TEE_AsymmetricDecrypt", "success", encrypt_good, 0 },
	{ "TEE_AsymmetricDecrypt", "TEE_ERROR_SHORT_BUFFER", encrypt_error, 10 },
	{ "TEE_AsymmetricDecrypt", "TEE_ERROR_BAD_PARAMETERS", encrypt_error, 11 },
	{ "TEE_AsymmetricDecrypt", "TEE_ERROR_CIPHERTEXT_INVALID", encrypt_error, 13 },
	{ "TEE_AsymmetricDecrypt", "TEE_ERROR_NOT_SUPPORTED", encrypt_error, 12 },
	ASYMMETRIC_ROWS("TEE_AsymmetricDecrypt", 10, "encryption", "TEE_MODE_DECRYPT", "srcData"),
	{ "TEE_AsymmetricSignDigest", "success", sign_good, 0 },
	{ "TEE_AsymmetricSignDigest", "TEE_ERROR_SHORT_BUFFER", sign_error, 0 },
	{ "TEE_AsymmetricSignDigest", "TEE_ERROR_NOT_SUPPORTED", sign_error, 2 },
	ASYMMETRIC_ROWS("TEE_AsymmetricSignDigest", 20, "signature", "TEE_MODE_SIGN", "digest"),
	{ "TEE_AsymmetricSignDigest", "panics: digestLen is not the algorithm's", asymmetric_panic, 28 },
	{ "TEE_AsymmetricVerifyDigest", "success", sign_good, 0 },
	{ "TEE_AsymmetricVerifyDigest", "TEE_ERROR_SIGNATURE_INVALID", sign_error, 1 },
	{ "TEE_AsymmetricVerifyDigest", "TEE_ERROR_NOT_SUPPORTED", sign_error, 3 },
	ASYMMETRIC_ROWS("TEE_AsymmetricVerifyDigest", 30, "signature", "TEE_MODE_VERIFY", "digest"),
	{ "TEE_AsymmetricVerifyDigest", "panics: digestLen is not the algorithm's", asymmetric_panic, 38 },
	{ "TEE_AsymmetricVerifyDigest", "panics: signature cannot be read", asymmetric_panic, 37 },
	{ "TEE_DeriveKey", "success", derive_good, 0 },
	{ "TEE_DeriveKey", "panics: operation is not open", derive_panic, 0 },
	{ "TEE_DeriveKey", "panics: operation is no derivation", derive_panic, 1 },
	{ "TEE_DeriveKey", "panics: operation is without a key", derive_panic, 2 },
	{ "TEE_DeriveKey", "panics: its mode is not TEE_MODE_DERIVE (no algorithm has another)", NULL, 0 },
	{ "TEE_DeriveKey", "panics: derivedKey is not open", derive_panic, 3 },
	{ "TEE_DeriveKey", "panics: derivedKey is initialised", derive_panic, 4 },
	{ "TEE_DeriveKey", "panics: derivedKey is of another type", derive_panic, 5 },
	{ "TEE_DeriveKey", "panics: derivedKey is too small", derive_panic, 6 },
	{ "TEE_DeriveKey", "panics: a demanded parameter is missing", derive_panic, 7 },
	{ "TEE_DeriveKey", "panics: a parameter's content is wrong", derive_panic, 8 },
	{ "TEE_DeriveKey", "panics: params cannot be read", derive_panic, 9 },
	{ "TEE_GenerateRandom", "success", random_good, 0 },
	{ "TEE_GenerateRandom", "panics: randomBuffer cannot be written", random_panic, 0 },
	{ "TEE_GenerateRandom", "panics: there is no randomness", random_panic, 1 },
};
GP_COUNT(asymmetric)
